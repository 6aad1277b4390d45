/*  SPDX-License-Identifier: MPL-2.0

    zt_stats - what the broker counts and measures, in one table

    Prometheus's text, JSON, what a person is shown and the check of the man page come from the
    table. Counting is a plain increment; who counts is the broker's loop alone. */

#ifndef ZT_STATS_H
#define ZT_STATS_H

#include "common/buffer.h"
#include "common/error.h"
#include "common/verb.h"

/*  Counters only grow; BY_ERROR and BY_REASON are a counter for each code of ERROR, and for each
    reason of BYE. Gauges are measured when somebody asks (meter.h). */
typedef enum {
    ZT_STAT_COUNTER,
    ZT_STAT_GAUGE,
    ZT_STAT_BY_ERROR,
    ZT_STAT_BY_REASON,
    ZT_STAT_HISTOGRAM
} zt_stat_type_t;

/*    enum            name                    type       unit       what it is */
#define ZT_STATS(X)                                                                                \
    X (UPTIME, "uptime", GAUGE, "seconds", "since the broker began")                               \
    X (SESSIONS, "sessions", GAUGE, "", "sessions that are live")                                  \
    X (USERS, "users_online", GAUGE, "", "users who are online")                                   \
    X (CONNECTIONS, "connections", GAUGE, "", "connections that stand, with a session or not")     \
    X (MESSAGES, "messages", COUNTER, "", "messages that were stored, and acknowledged as such")   \
    X (STORED, "messages", COUNTER, "bytes", "bytes of them, as they go over the wire")            \
    X (DELIVERIES, "deliveries", COUNTER, "",                                                      \
       "messages that were sent to a device; one to ten devices counts ten times")                 \
    X (DELIVERED, "deliveries", COUNTER, "bytes", "bytes of them, as they go over the wire")       \
    X (COMMIT, "commit", HISTOGRAM, "seconds",                                                     \
       "from when messages are given to the store to when they are acknowledged")                  \
    X (COMMITS_FAILED, "commits_failed", COUNTER, "", "commits that the store could not do")       \
    X (CAN_STORE, "store_is_available", GAUGE, "", "1, or 0 while nothing can be stored")          \
    X (LAG, "lag", GAUGE, "messages", "how far devices that are online are behind, all together")  \
    X (LAG_MOST, "lag_most", GAUGE, "messages", "how far the one is that is most behind")          \
    X (LAGGING, "sessions_lagging", GAUGE, "",                                                     \
       "sessions that do not keep up, and are fed from the store")                                 \
    X (REFUSED, "refused", BY_ERROR, "", "errors that clients were answered with")                 \
    X (SESSIONS_BEGUN, "sessions_begun", COUNTER, "", "sessions that have begun")                  \
    X (SESSIONS_ENDED, "sessions_ended", BY_REASON, "", "sessions that the broker has ended")      \
    X (ACCEPTED, "connections_accepted", COUNTER, "", "connections that were opened")              \
    X (TOO_FAST, "connections_too_fast", COUNTER, "",                                              \
       "connections that were turned away, because an address opened too many")                    \
    X (BANNED, "connections_banned", COUNTER, "",                                                  \
       "connections that were turned away, because an address or a key is banned")                 \
    X (ENDED, "connections_ended", COUNTER, "",                                                    \
       "connections that said or read nothing, or held too much, and were ended")                  \
    X (BANS, "bans", GAUGE, "", "bans that are in force")                                          \
    X (FRAMES_IN, "frames_received", COUNTER, "", "frames that have come")                         \
    X (BYTES_IN, "received", COUNTER, "bytes", "bytes of them")                                    \
    X (FRAMES_OUT, "frames_sent", COUNTER, "", "frames that have left")                            \
    X (BYTES_OUT, "sent", COUNTER, "bytes", "bytes of them")                                       \
    X (MEMORY, "memory", GAUGE, "bytes", "memory that the broker has")                             \
    X (MEMORY_LOG, "memory_log", GAUGE, "bytes", "of it, for the newest messages")                 \
    X (MEMORY_PEERS, "memory_peers", GAUGE, "bytes",                                               \
       "of it, at the last look: what peers have not read, or not sent to the end")                \
    X (STORE, "store", GAUGE, "bytes", "what is kept takes on disk")                               \
    X (DISK_FREE, "disk_free", GAUGE, "bytes", "what is free where it is kept")

#define S_ENUM(name, text, type, unit, what) ZT_STAT_##name,
typedef enum { ZT_STATS (S_ENUM) ZT_STAT_COUNT } zt_stat_t;
#undef S_ENUM

typedef struct {
    const char *name;
    zt_stat_type_t type;
    const char *unit; /* "" for a number of what the name says */
    const char *what; /* it is, without a final stop */
} zt_stat_row_t;

/*  Static. */
const zt_stat_row_t *zt_stat_row (zt_stat_t stat);

/*  Appends the name as it is everywhere but in Prometheus's text: with its unit, "sent_bytes". */
void zt_stat_put_name (zt_stat_t stat, zt_buffer_t *text);

/*  How long something took. Of a bucket there is the number of those that took no longer than
    its bound and longer than that of the one before; the last one has no bound. */
enum { ZT_HISTOGRAM_BOUNDS = 15 };

typedef struct {
    uint64_t count[ZT_HISTOGRAM_BOUNDS + 1];
    uint64_t sum_us;
} zt_histogram_t;

/*  The bound of a bucket, in us. */
uint64_t zt_histogram_bound (size_t bucket);

void zt_histogram_add (zt_histogram_t *self, uint64_t us);
uint64_t zt_histogram_total (const zt_histogram_t *self);

/*  How long, in us, this part of them (0.99, say) took at most, about: as if those of a bucket
    were spread over it evenly. 0 if there are none; those of the last bucket count as its
    lower bound. */
uint64_t zt_histogram_quantile (const zt_histogram_t *self, double part);

/*  Zeroed, nothing has happened yet. */
typedef struct {
    uint64_t value[ZT_STAT_COUNT]; /* of counters and gauges */
    uint64_t refused[ZT_ERROR_COUNT];
    uint64_t ended[ZT_REASON_COUNT];
    zt_histogram_t commit;
} zt_stats_t;

/*  Appends all of it in the text format of Prometheus, version 0.0.4: names with "ztalk_" before
    them, counters with "_total" behind. There is no name of a user in it. */
void zt_stats_put_prometheus (const zt_stats_t *self, const char *version, zt_buffer_t *text);

/*  Appends members of a JSON object, without its braces, so that others can stand beside them. */
void zt_stats_put_json (const zt_stats_t *self, const char *version, zt_buffer_t *json);

/*  Takes what zt_stats_put_json has made of it. What is missing is 0; false if it is no JSON
    object. */
bool zt_stats_read_json (zt_stats_t *self, zt_bytes_t json);

/*  Appends one of it as a person reads it: a line, without its LF. */
void zt_stats_put_line (const zt_stats_t *self, zt_stat_t stat, zt_buffer_t *text);

/*  Appends a number of bytes as a person reads it: "14.2 MiB"; and a time: "1.25 ms". */
void zt_stats_put_bytes (zt_buffer_t *text, uint64_t bytes);
void zt_stats_put_us (zt_buffer_t *text, uint64_t us);

#endif
