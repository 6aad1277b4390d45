/*  SPDX-License-Identifier: MPL-2.0

    zt_level - how important a line of the log is

    The order is that of importance, and of the words of log/level in the configuration. */

#ifndef ZT_LEVEL_H
#define ZT_LEVEL_H

/*    enum      word       priority of syslog and journald */
#define ZT_LEVELS(X)                                                                               \
    X (ERROR, "error", 3)     /* the broker ends, or cannot do what it is there for */             \
    X (WARNING, "warning", 4) /* somebody should look */                                           \
    X (NOTICE, "notice", 5)   /* what does not happen every day: it begins, somebody is refused */ \
    X (INFO, "info", 6)       /* who comes and goes */                                             \
    X (DEBUG, "debug", 7)     /* connections and commits, each */

#define S_ENUM(name, word, priority) ZT_LEVEL_##name,
typedef enum { ZT_LEVELS (S_ENUM) ZT_LEVEL_COUNT } zt_level_t;
#undef S_ENUM

#endif
