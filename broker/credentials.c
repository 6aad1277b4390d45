/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/credentials.h"

#include <sys/socket.h>

#if defined(SO_PEERCRED)

zt_credentials_t zt_credentials (int fd, uid_t *uid, pid_t *pid)
{
    struct sockaddr address;
    struct ucred peer;
    socklen_t address_size = sizeof address, size = sizeof peer;
    /*  A connection over tcp has credentials as well, of nobody. */
    if (fd < 0 || getsockname (fd, &address, &address_size) != 0 || address.sa_family != AF_UNIX ||
        getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return ZT_CREDENTIALS_GONE;
    *uid = peer.uid;
    *pid = peer.pid;
    return ZT_CREDENTIALS_KNOWN;
}

#else

zt_credentials_t zt_credentials (int fd, uid_t *uid, pid_t *pid)
{
    (void) fd;
    *uid = (uid_t) -1;
    *pid = 0;
    return ZT_CREDENTIALS_UNKNOWN;
}

#endif
