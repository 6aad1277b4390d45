/*  SPDX-License-Identifier: MPL-2.0

    zt_logger - the broker's log: lines with a level, for people or for programs

    For people a line is a time and a text; for programs (log/format = json) an object {"time",
    "level", "message"}, with "address" where it is about a peer. Where the log is the system's
    journal, which knows the time itself, each line has the priority before it that the journal
    understands, <6>, and the text no time. Whatever the text holds, it is one line, and harmless
    to a terminal. Nobody waits for who reads it (printer.h). */

#ifndef ZT_LOGGER_H
#define ZT_LOGGER_H

#include "broker/level.h"
#include "broker/printer.h"

typedef struct zt_logger zt_logger_t;

typedef enum { ZT_LOG_TEXT, ZT_LOG_JSON } zt_log_format_t;

/*  Writes to fd, which stays the caller's, what is at least so important. */
zt_logger_t *zt_logger_new (int fd, zt_level_t level, zt_log_format_t format);

/*  Writes what is left, waiting at most wait_ms for each piece of it. */
void zt_logger_destroy (zt_logger_t **self_p, int wait_ms);

void zt_logger_set_level (zt_logger_t *self, zt_level_t level);

/*  Would a line of that level be written? */
bool zt_logger_takes (const zt_logger_t *self, zt_level_t level);

/*  A line, which is written at the next flush. now is in ms since the epoch. */
void zt_logger_line (zt_logger_t *self, zt_level_t level, uint64_t now, const char *format, ...)
    __attribute__ ((format (printf, 4, 5)));

/*  The same for any bytes, about the peer at an address; NULL: it is about none, or has none. */
void zt_logger_put (zt_logger_t *self, zt_level_t level, uint64_t now, zt_bytes_t text,
                    const char *address);

/*  Writes what can be written now; and the descriptor to poll for output, -1 if nothing waits. */
void zt_logger_flush (zt_logger_t *self);
int zt_logger_fd (const zt_logger_t *self);

/*  The word of a level; static. */
const char *zt_level_word (zt_level_t level);

#endif
