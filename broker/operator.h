/*  SPDX-License-Identifier: MPL-2.0

    zt_operator - whoever runs the broker: what it is told, and what it types

    Answers and addresses go to stdout, what happens to the log (stderr), a line each; commands
    come from stdin. None of them is ever waited for. */

#ifndef ZT_OPERATOR_H
#define ZT_OPERATOR_H

#include "broker/commands.h"
#include "broker/logger.h"

#include <poll.h>

typedef struct zt_operator zt_operator_t;

typedef struct {
    bool reads_stdin; /* commands are typed there */
    bool is_terminal; /* a person reads stdout, not a program */
    zt_logger_t *log; /* where what happens is told */
    zt_bans_t *bans;
    const zt_key_t *key;   /* the broker's; NULL: it does not encrypt */
    const char *home;      /* its directory; NULL: it has none */
    const char *directory; /* of the log; NULL: it is in memory */
    uint64_t now;          /* ms since the epoch */
} zt_operator_config_t;

/*  The core and the peers are asked and told; they, and what config points to, must live as long.
   The caller destroys it. */
zt_operator_t *zt_operator_new (const zt_operator_config_t *config, zt_core_t *core,
                                const zt_peers_t *peers);

/*  Writes what is left, waiting at most wait_ms for each piece, and frees it all. */
void zt_operator_destroy (zt_operator_t **self_p, int wait_ms);

/*  Tells what has happened. now is in ms since the epoch, here and below. */
void zt_operator_log (zt_operator_t *self, zt_level_t level, uint64_t now, const char *format, ...)
    __attribute__ ((format (printf, 4, 5)));

/*  Would that be written down? */
bool zt_operator_logs (const zt_operator_t *self, zt_level_t level);

/*  Tells what the core has to say. */
void zt_operator_log_lines (zt_operator_t *self, uint64_t now);

/*  Tells how the broker begins: a person on stdout, else on stderr as an event. */
void zt_operator_tell (zt_operator_t *self, uint64_t now, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));

/*  Tells a person, and no program. */
void zt_operator_greet (zt_operator_t *self, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/*  Tells that the broker listens on this endpoint, and how others get there. */
void zt_operator_tell_endpoint (zt_operator_t *self, const char *bound, uint64_t now);

/*  Tells that the broker is ready, and what can be typed. */
void zt_operator_tell_ready (zt_operator_t *self);

/*  What to poll; those of -1 are to be left out. */
enum { ZT_OPERATOR_FDS = 3 };
void zt_operator_poll (const zt_operator_t *self, struct pollfd fds[ZT_OPERATOR_FDS]);

/*  True if there is more to answer, without waiting for anything. */
bool zt_operator_is_busy (const zt_operator_t *self);

/*  True if a command waits for something that wakes nobody. */
bool zt_operator_is_waiting (const zt_operator_t *self);

/*  What commands need, for others who give some. Borrowed. */
zt_commands_t *zt_operator_commands (zt_operator_t *self);

/*  Reads what was typed, if what was polled says so (NULL: nothing was), and answers a bounded
   piece of it. Returns true if the broker is to end. */
bool zt_operator_read (zt_operator_t *self, const struct pollfd *fds, uint64_t now);

/*  Writes what can be written now. */
void zt_operator_flush (zt_operator_t *self);

#endif
