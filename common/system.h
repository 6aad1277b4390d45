/*  SPDX-License-Identifier: MPL-2.0

    zt_system - what the programs need of a system, and what not every system has

    system_linux.c asks Linux for it. system_posix.c makes do with POSIX; what that costs is told
    beside each function. CMake takes one of them (ZTALK_PORTABLE). What only Linux has stands
    in files with such names alone: tests/test_portable.sh looks for it. */

#ifndef ZT_SYSTEM_H
#define ZT_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct pollfd;

/*  ---------------------------------------------------------------------------
    Descriptors, which are not kept over exec. POSIX: a fork of another thread at the wrong moment
    has them, too. */

/*  As socket (2), with the protocol that belongs to the type; -1 with errno. */
int zt_system_socket (int domain, int type, bool blocks);

/*  Who has connected to a listener, as a socket that does not block; -1 with errno. */
int zt_system_accept (int listener);

/*  A pipe, neither end of which blocks. False, with errno. */
bool zt_system_pipe (int ends[2]);

/*  The terminal of a descriptor, opened anew with flags of open (2); -1 with errno. POSIX: one that
    has no name here, as in a container, cannot be. */
int zt_system_reopen (int fd, int flags);

/*  Can many descriptors be watched as one, by epoll? POSIX: no. */
bool zt_system_has_epoll (void);

/*  A descriptor that can be read when poll would report one of those that it was given; -1 if none
   is left. The caller closes it. POSIX: -1. */
int zt_system_gather_open (void);

/*  Sets what it stands for: count descriptors (-1 is none) with their events, in place of the
    count that it was given before (none at first). What was closed since is forgotten by itself. */
void zt_system_gather_set (int gather, const struct pollfd *before, const struct pollfd *now,
                           size_t count);

/*  ---------------------------------------------------------------------------
    Who is at the other end, and what has got there */

typedef enum {
    ZT_PEER_KNOWN,
    ZT_PEER_GONE,   /* the descriptor is no unix socket's, or not any more */
    ZT_PEER_UNKNOWN /* this system cannot tell, as POSIX: only the permissions of the socket's
                       directory say who may connect */
} zt_peer_user_t;

/*  Who had connected, by a unix socket. */
zt_peer_user_t zt_system_peer (int fd, uid_t *uid, pid_t *pid);

/*  Bytes of a connection of TCP, since it began. */
typedef struct {
    uint64_t received; /* by the system, whether they are read or not */
    uint64_t taken;    /* by the other end's */
} zt_tcp_t;

/*  False if it is no connection of TCP. POSIX: always. */
bool zt_system_tcp (int fd, zt_tcp_t *tcp);

/*  ---------------------------------------------------------------------------
    The process and the machine */

/*  Bytes of memory that the process has; 0 if that cannot be told. POSIX: that it had at most,
    which never falls. From one thread. */
uint64_t zt_system_memory (void);

/*  Gives back to the system what free () keeps. POSIX: nothing. */
void zt_system_trim (void);

/*  The path of the running program, which was started as argv0. False if that cannot be told.
    POSIX: by what argv0 and PATH say. */
bool zt_system_program (const char *argv0, char *path, size_t size);

/*  Writes which boot of the machine this is: another text after each. False if that cannot be told.
    POSIX: another text for each process, since nobody can tell what was between two. */
bool zt_system_boot (char *text, size_t size);

#endif
