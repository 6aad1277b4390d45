/*  SPDX-License-Identifier: MPL-2.0

    zt_credentials - who is at the other end of a unix socket */

#ifndef ZT_CREDENTIALS_H
#define ZT_CREDENTIALS_H

#include <stdbool.h>
#include <sys/types.h>

typedef enum {
    ZT_CREDENTIALS_KNOWN,
    ZT_CREDENTIALS_GONE,   /* the descriptor is no unix socket's, or not any more */
    ZT_CREDENTIALS_UNKNOWN /* this system cannot tell: only the permissions of the socket's
                              directory say who may connect */
} zt_credentials_t;

/*  Who had connected, with the socket fd. *pid is 0 where only the user is known. */
zt_credentials_t zt_credentials (int fd, uid_t *uid, pid_t *pid);

#endif
