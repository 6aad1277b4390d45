/*  SPDX-License-Identifier: MPL-2.0

    What harness.c and program.c share. */

#ifndef ZT_HARNESS_STATE_H
#define ZT_HARNESS_STATE_H

#include "tests/harness.h"

#include <signal.h>
#include <stdint.h>

typedef struct {
    int fd; /* -1 after its end */
    zt_buffer_t text;
    size_t seen; /* bytes up to the end of the last line that was returned */
} zt_output_t;

struct zt_program {
    zt_harness_t *harness;
    zt_program_t *next;
    char *name;
    pid_t pid;
    bool ended;
    int status; /* what zt_program_wait_exit returns, once it has ended */
    int input;  /* -1 when closed */
    zt_output_t output[ZT_STREAMS];
    zt_buffer_t line; /* what the last call has returned */
};

struct zt_harness {
    zt_program_t *programs;
    char *directory;
    int deadline_ms;
    sigset_t old_mask;
    struct sigaction old_child;
    struct sigaction old_pipe;
};

/*  A clock in milliseconds that only goes forward; deadlines are times of it. */
int64_t zt_harness_now (void);

/*  Reads all that all programs have printed, and looks who has ended. A program
    is looked at before its output is read: what an ended one has printed is
    complete then, even while a child of its own still holds the pipe. */
void zt_harness_look (zt_harness_t *self);

/*  Waits until something has happened, and looks at it; writer is a program whose
    stdin is waited for too, or NULL. False when the deadline has passed. */
bool zt_harness_turn (zt_harness_t *self, const zt_program_t *writer, int64_t deadline);

/*  Prints what all programs have printed, and ends the test. */
void zt_program_fail (const zt_program_t *self, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

#endif
