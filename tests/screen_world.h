/*  SPDX-License-Identifier: MPL-2.0

    zt_world - the client on its full screen, for tests from end to end

    The real client on a terminal that libvterm shows, with a real broker and other people in
    pipes. Nothing sleeps, and nothing waits without a deadline: a wait that fails ends the test,
    and prints the screen. Programs and directories are those of the harness. */

#ifndef ZT_SCREEN_WORLD_H
#define ZT_SCREEN_WORLD_H

#include "tests/harness.h"
#include "tests/terminal_child.h"

#include <stdint.h>

enum { ZT_WORLD_ROWS = 24, ZT_WORLD_COLUMNS = 100, ZT_WORLD_DEADLINE_MS = 20000 };

#define ZT_WORLD_GENERAL "#general> "

typedef struct {
    zt_harness_t *harness;
    zt_program_t *broker;
    zt_program_t *taras; /* somebody else, in a pipe */
    char endpoint[256];
    char directory[256]; /* of the broker; empty: it keeps nothing */
    char home[256];
    const char *environment; /* of the screen, a piece of a shell script; NULL: only the usual */
    const char *arguments;   /* of the screen, the same; NULL: "--plain" */
    bool is_shown;           /* the screen is there */
    zt_terminal_child_t child;
    int rows, columns;
    zt_buffer_t written; /* all that the client has written to the terminal */
    zt_buffer_t screen;  /* what it shows, a line for each row */
} zt_world_t;

/*  For cmocka: *state is a zt_world_t. */
int zt_world_setup (void **state);
int zt_world_teardown (void **state);

/*  ---------------------------------------------------------------------------
    Programs */

void zt_world_start_broker (zt_world_t *self, const char *endpoint);

/*  Somebody in a pipe, who knows who is online. */
zt_program_t *zt_world_start (zt_world_t *self, const char *name);

/*  They type a line. */
void zt_world_say (zt_program_t *program, const char *text);

/*  Starts the client with the full screen; there is one at a time. */
void zt_world_show (zt_world_t *self, const char *name);

/*  A broker, taras in a pipe, and olena before her screen, connected. */
void zt_world_meet (zt_world_t *self);

/*  Olena's next screen, connected; who is still there of the one before is killed. */
void zt_world_show_again (zt_world_t *self);

/*  ---------------------------------------------------------------------------
    Before the screen */

void zt_world_type (zt_world_t *self, const char *text);
void zt_world_ctrl (zt_world_t *self, char letter);

/*  Clicks on a text that is on the screen. */
void zt_world_click (zt_world_t *self, const char *text);

void zt_world_resize (zt_world_t *self, int rows, int columns);

/*  Reads what has been written, for a moment, and answers what is asked. */
void zt_world_look (zt_world_t *self);

/*  The screen, a line for each row, until the next call. */
const char *zt_world_screen (zt_world_t *self);

/*  Where a text begins on the screen; it is there. */
void zt_world_find (zt_world_t *self, const char *text, int *row, int *column);

/*  True if a row matches the extended regular expression now. */
bool zt_world_matches (zt_world_t *self, const char *regex);

/*  Waits until a row matches, or none does any more. */
void zt_world_see (zt_world_t *self, const char *regex);
void zt_world_see_no (zt_world_t *self, const char *regex);

/*  Waits until the last row is the prompt and the text, and the cursor stands at a column
    behind the prompt; in #general, the second one. */
void zt_world_see_typed (zt_world_t *self, const char *prompt, const char *text, int column);
void zt_world_see_line (zt_world_t *self, const char *text, int column);

/*  Fails, and prints the screen. */
void zt_world_fail (zt_world_t *self, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/*  Waits for the end, or a stop, of the program; the terminal is restored then. Returns what
    waitpid has told; the second one wants that exit status. */
int zt_world_expect_restored (zt_world_t *self);
void zt_world_expect_exit (zt_world_t *self, int wanted);

/*  Milliseconds of a clock that only goes forward. */
int64_t zt_world_now (void);

/*  How often a text is in another. */
int zt_world_count (const char *all, const char *text);

#endif
