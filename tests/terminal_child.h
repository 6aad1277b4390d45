/*  SPDX-License-Identifier: MPL-2.0

    zt_terminal_child - a program on a terminal of its own, as a shell runs it

    The terminal is a pty. A shell leads its session and starts the program in the
    foreground, in a process group of its own; it stays until the end, because what its
    death does to the terminal would hide what the program has left. */

#ifndef ZT_TERMINAL_CHILD_H
#define ZT_TERMINAL_CHILD_H

#include "tests/vterm.h"

#include <sys/types.h>
#include <termios.h>

typedef struct {
    int terminal; /* our end of the pty, which does not block */
    int slave;    /* the program's end; modes are read here */
    int reports;  /* from the shell and the program */
    int leash;    /* the shell ends when it is closed */
    pid_t shell;
    pid_t program;
    zt_vterm_t *vterm;    /* shows what was read from the terminal */
    struct termios modes; /* that the terminal had at the start: no usual ones */
} zt_terminal_child_t;

/*  Starts run, which is given where to send reports; its result is the exit status. */
void zt_terminal_child_start (zt_terminal_child_t *self, int rows, int columns,
                              int (*run) (int reports));
void zt_terminal_child_end (zt_terminal_child_t *self);

/*  What waitpid tells of the program. */
void zt_terminal_child_report (int reports, char kind, int value);

/*  Waits for a report of the kind and returns its value: 's' is a status of waitpid, and
    the others are the program's. Reads what is drawn meanwhile, if is_read. */
int zt_terminal_child_wait (zt_terminal_child_t *self, char kind, bool is_read);

/*  Reads until the terminal shows the text. */
void zt_terminal_child_see (zt_terminal_child_t *self, const char *text);

/*  Reads until the terminal is back from the alternate screen, and has a cursor. */
void zt_terminal_child_see_left (zt_terminal_child_t *self);

/*  Reads all that is there. */
void zt_terminal_child_drain (zt_terminal_child_t *self);

void zt_terminal_child_type (zt_terminal_child_t *self, const char *text);

/*  True if the modes are those of the start. */
bool zt_terminal_child_is_restored (const zt_terminal_child_t *self);

#endif
