/*  SPDX-License-Identifier: MPL-2.0

    zt_home - what an installation of the client keeps

    A directory (mode 0700) with the keys and the token that own its names, lock files, and
    journals (journal.h): two clients that say to a broker that they are the same device of the
    same user would throw each other out, so the second one is told so before. */

#ifndef ZT_CLIENT_HOME_H
#define ZT_CLIENT_HOME_H

#include "common/secret.h"

/*  A token: 32 random bytes in hexadecimal digits, and a NUL. */
enum { ZT_TOKEN_SIZE = 65 };

typedef struct {
    zt_buffer_t path;
    int fd;      /* of the directory, or -1 */
    int lock_fd; /* of the lock that is held, or -1 */
} zt_home_t;

typedef enum {
    ZT_HOME_OK,
    ZT_HOME_HELD,  /* somebody else holds the lock */
    ZT_HOME_FAILED /* why says what could not be done, and to which file */
} zt_home_result_t;

/*  Appends where the home is: $ZTALK_HOME, $XDG_STATE_HOME/ztalk or
    ~/.local/state/ztalk. False if none of them is known. */
bool zt_home_path (zt_buffer_t *path);

/*  Opens the directory, which is made if it is not there, and its parents too.
    Call zt_home_close in any case. */
zt_home_result_t zt_home_open (zt_home_t *self, const char *path, zt_buffer_t *why);

/*  Reads the token, or the pair of keys, which is made if it is not there (secret.h). With the
    key we are known where it is encrypted, with the token elsewhere. */
zt_home_result_t zt_home_token (zt_home_t *self, char token[ZT_TOKEN_SIZE], zt_buffer_t *why);
zt_home_result_t zt_home_keys (zt_home_t *self, zt_keys_t *keys, zt_buffer_t *why);

/*  The name of a file that belongs to these three, whatever letters they have: the word
    before (at most 10 letters), and a hash. The names are compared as zt_name_fold does. */
enum { ZT_HOME_FILE_SIZE = 32 };
void zt_home_file (char file[ZT_HOME_FILE_SIZE], const char *word, const char *endpoint,
                   const char *name, const char *device);

/*  Locks what is named by these, until zt_home_close or the end of the process. */
zt_home_result_t zt_home_lock (zt_home_t *self, const char *endpoint, const char *name,
                               const char *device, zt_buffer_t *why);

void zt_home_close (zt_home_t *self);

#endif
