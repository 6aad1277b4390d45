/*  SPDX-License-Identifier: MPL-2.0

    zt_child - a command that is run, with pipes for its stdin and stdout

    Neither blocks us. Its stderr is ours. Lines go both ways. */

#ifndef ZT_CLIENT_CHILD_H
#define ZT_CLIENT_CHILD_H

#include "common/buffer.h"

#include <sys/types.h>

/*  Bytes of a line of the command; of a longer one the beginning alone is given. */
enum { ZT_CHILD_LINE_MOST = 262144 };

typedef struct {
    pid_t pid;            /* 0: it does not run */
    int in, out;          /* ends of the pipes, or -1 */
    zt_buffer_t to, from; /* what is on its way */
    size_t line;          /* bytes of the line that was given last */
    size_t unfinished;    /* bytes of a line whose end has not come */
} zt_child_t;

/*  None. */
#define ZT_CHILD_NONE                                                                              \
    (zt_child_t)                                                                                   \
    {                                                                                              \
        .in = -1, .out = -1                                                                        \
    }

/*  Starts a command, which is looked for in the path; argv ends with NULL. False, with errno. */
bool zt_child_start (zt_child_t *self, const char *const *argv);

/*  Writes what waits in self->to, as far as it goes. If nobody reads any more it is dropped, and
    self->in is closed. */
void zt_child_write (zt_child_t *self);

/*  Reads some of what is there; at the end self->out is closed. False if there was nothing. */
bool zt_child_read (zt_child_t *self);

/*  The next line, without its end; it stays the next one until zt_child_next_line. After the end
   what is left is one, too. False if there is none. The view lives until the next call. */
bool zt_child_line (zt_child_t *self, zt_bytes_t *line);
void zt_child_next_line (zt_child_t *self);

/*  No more will be written. */
void zt_child_close_input (zt_child_t *self);

/*  True, and *status is that of waitpid, if it has ended; self->pid is 0 then. */
bool zt_child_reap (zt_child_t *self, int *status);

/*  Kills it, if it runs, and waits for that; closes and frees everything. */
void zt_child_end (zt_child_t *self);

#endif
