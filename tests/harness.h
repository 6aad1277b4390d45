/*  SPDX-License-Identifier: MPL-2.0

    zt_harness - real programs under test

    A harness starts programs, reads all that they print, and leaves nothing
    behind: what still runs when it is destroyed is killed, and its temporary
    directory is removed. Make it in a test's setup and destroy it in its
    teardown, which cmocka calls even when the test has failed.

    Nothing here sleeps and nothing waits without a deadline. While one program
    is waited for, the output of all of them is read, so none ever blocks on a
    full pipe. A wait that fails ends the test, and prints what every program of
    the harness had printed by then. */

#ifndef ZT_HARNESS_H
#define ZT_HARNESS_H

#include "common/buffer.h"

#include <sys/types.h>

typedef struct zt_harness zt_harness_t;
typedef struct zt_program zt_program_t;

typedef enum { ZT_STDOUT, ZT_STDERR, ZT_STREAMS } zt_stream_t;

/*  What zt_program_wait_exit returns for a program that a signal has ended:
    this and the signal's number, as a shell has it. */
enum { ZT_SIGNALLED = 128 };

zt_harness_t *zt_harness_new (void);

/*  Kills what runs, and its children; removes the directory. NULL is fine. */
void zt_harness_destroy (zt_harness_t **self_p);

/*  How long a wait may take from now on, in milliseconds. At the start it is
    20 s, and five times that when programs run under $ZTALK_WRAPPER. */
void zt_harness_set_deadline (zt_harness_t *self, int ms);
int zt_harness_deadline (const zt_harness_t *self);

/*  The path of an empty directory that is made by the first call and removed,
    with all that is in it, by zt_harness_destroy. It lives as long as the harness. */
const char *zt_harness_directory (zt_harness_t *self);

/*  Starts a program, with pipes for its stdin, stdout and stderr. argv ends with
    NULL; argv[0] is a name in $ZTALK_BIN, started under $ZTALK_WRAPPER, or a path
    (it has a slash), started as it is. environment is NULL, or ends with NULL and
    holds "NAME=value" to set and "NAME" to unset, on top of ours. The harness owns
    the program. */
zt_program_t *zt_harness_start (zt_harness_t *self, const char *const *argv,
                                const char *const *environment);

/*  The same with a terminal for its stdin and stderr; stdout stays a pipe. What is written to
    its stdin is typed there (without an echo), "\004" at the beginning of a line is the end. */
zt_program_t *zt_harness_start_on_terminal (zt_harness_t *self, const char *const *argv,
                                            const char *const *environment);

/*  Waits for the next line that contains text, or that matches an extended
    regular expression, and returns it without its LF. "Next" is behind the line
    that the last successful wait on that stream has returned; what a program
    prints last counts as a line, with an LF or not. The line lives until the next
    call for this program. The test fails at the deadline, or when the stream ends. */
const char *zt_program_expect (zt_program_t *self, const char *text);
const char *zt_program_expect_match (zt_program_t *self, const char *regex);
const char *zt_program_expect_error (zt_program_t *self, const char *text);

/*  The same as zt_program_expect, on either stream and with a deadline of its
    own, but returns NULL where that fails. */
const char *zt_program_find (zt_program_t *self, zt_stream_t stream, const char *text, int ms);

/*  All that the program has printed to that stream and the harness has read, from
    its start: read without waiting for more. Complete after zt_program_wait_exit.
    It lives until the next call for this program. */
const char *zt_program_output (zt_program_t *self, zt_stream_t stream);

/*  Writes to stdin, all of it, or fails the test at the deadline or when the
    program has closed it. */
void zt_program_write (zt_program_t *self, const char *text);
void zt_program_write_bytes (zt_program_t *self, zt_bytes_t bytes);

/*  Writes as much of it as the program takes without waiting; returns how many bytes. */
size_t zt_program_write_some (zt_program_t *self, zt_bytes_t bytes);

/*  Closes stdin, so that the program reads the end of its input. */
void zt_program_close_stdin (zt_program_t *self);

/*  Waits for the end of the program. Returns its exit status, or ZT_SIGNALLED + n. */
int zt_program_wait_exit (zt_program_t *self);

/*  True if the program has not ended yet. */
bool zt_program_running (zt_program_t *self);

/*  Sends a signal to the program, alone; it must not have been waited for. */
void zt_program_kill (zt_program_t *self, int signal);

pid_t zt_program_pid (const zt_program_t *self);

#endif
