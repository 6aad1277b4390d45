/*  SPDX-License-Identifier: MPL-2.0

    zt_limits - every number that bounds something, in one table

    A limit that a peer can meet is part of the protocol: PROTOCOL.md lists it,
    and a test compares the two. */

#ifndef ZT_LIMITS_H
#define ZT_LIMITS_H

/*    name              value   what it bounds
      The wire: these are the protocol's, the same on every broker. */
#define ZT_WIRE_LIMITS(X)                                                                          \
    X (FRAME_MAX, 262144, "bytes in a frame")                                                      \
    X (HEADER_MAX, 512, "bytes in a header")                                                       \
    X (BODY_MAX, 65536, "bytes in a body")                                                         \
    X (VERB_MAX, 12, "letters in a verb")                                                          \
    X (NAME_MAX, 32, "code points in a name")                                                      \
    X (BEACON_BYTES, 128, "bytes in a question for brokers, and at most in its answer")            \
    X (BEACON_NAME, 64, "bytes in the name that a broker answers with")

/*    The broker's: what one peer may make it hold or do. */
#define ZT_BROKER_LIMITS(X)                                                                        \
    X (WINDOW, 1024, "unacknowledged messages in flight, either way")                              \
    X (WINDOW_BYTES, 1048576, "bytes of them in flight to a session (one message may exceed it)")  \
    X (HEARTBEAT_MS, 3000, "milliseconds of silence after which a client sends PING")              \
    X (SILENT_BEATS, 3, "heartbeats of silence that end a session")                                \
    X (USERS_MAX, 100000, "users")                                                                 \
    X (LOOKALIKES_MAX, 200, "names that look like an older one, since the start of the broker")    \
    X (NAMES_PER_KEY, 16, "names that one key or token may own")                                   \
    X (KEYS_PER_USER, 16, "keys and tokens that a user may belong to")                             \
    X (DEVICES_PER_USER, 16, "devices of a user")                                                  \
    X (PAIR_MS, 600000, "milliseconds that a code of PAIR is good for")                            \
    X (PAIR_TRIES, 5000, "times that a code may be tried")                                         \
    X (PAIR_TRIES_EACH, 5, "wrong codes that end a connection")                                    \
    X (HELLOS_BURST, 20, "HELLOs of a connection at once")                                         \
    X (HELLOS_PER_S, 2, "of them a second")                                                        \
    X (SENDERS_PER_USER, 64, "sessions without a device of a user")                                \
    X (ROOMS_MAX, 10000, "rooms")                                                                  \
    X (ROOMS_PER_USER, 32, "rooms that a user is in, beside #general")                             \
    X (BAD_REQUESTS_MAX, 100, "malformed frames that end a session; one is forgiven a second")     \
    X (ERRORS_PER_S, 2000, "ERRORs that a connection may earn a second")                           \
    X (ERRORS_BURST, 4096, "ERRORs that it may earn at once; more end the session")                \
    X (MESSAGES_PER_S, 1000, "messages that a user may send a second, unless configured")          \
    X (MESSAGES_BURST, 2000, "messages that it may send at once, unless configured")               \
    X (MESSAGES_NEW, 200, "of them, for a user who is new")                                        \
    X (QUERIES_BURST, 20, "WHO, HISTORY, SEARCH, JOIN, LEAVE, ROOMS and PAIR at once")             \
    X (QUERIES_PER_S, 5, "of them a second")                                                       \
    X (QUERIES_MAX, 256, "HISTORY and SEARCH of all sessions under way")                           \
    X (HISTORY_MAX, 500, "messages in an answer to HISTORY or SEARCH")                             \
    X (RECEIPT_PAIRS, 256, "people whose receipts are kept for a user who is away")                \
    X (TOKEN_MAX, 128, "bytes in a token")                                                         \
    X (CONNECTIONS_PER_S, 100, "connections that an address may open a second, unless configured") \
    X (CONNECTIONS_BURST, 200, "connections that it may open at once, unless configured")          \
    X (PEERS_MB, 512, "MiB that all connections may make the broker hold, unless configured")      \
    X (BEACONS_PER_S, 100, "questions for brokers that one answers a second")                      \
    X (BEACONS_BURST, 200, "of them at once")                                                      \
    X (STORE_QUEUE, 16777216, "bytes of messages that wait for the store, about; then busy")       \
    X (RETRY_MS, 1000, "milliseconds after which what was refused for that may be sent again")     \
    X (REPLAY, 10000, "messages that a device is sent of what it has missed, unless configured")   \
    X (LOG_BYTES, 268435456, "bytes of messages in the log in memory, about")

#define S_LIMIT(name, value, what) ZT_##name = value,
enum { ZT_WIRE_LIMITS (S_LIMIT) ZT_BROKER_LIMITS (S_LIMIT) };
#undef S_LIMIT

typedef struct {
    const char *name; /* without the prefix ZT_ */
    unsigned long value;
    const char *what;
} zt_limit_t;

/*  All limits, in the tables' order, ended by a row whose name is NULL. */
const zt_limit_t *zt_limits (void);

#endif
