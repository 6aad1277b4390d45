/*  SPDX-License-Identifier: MPL-2.0

    zt_known - the keys of brokers that are known, in the file known_brokers

    A line for each broker, "tcp://host:port KEY", for people to read and to change. Lines
    that are something else, such as those that begin with '#', stay as they are. */

#ifndef ZT_CLIENT_KNOWN_H
#define ZT_CLIENT_KNOWN_H

#include "client/home.h"

#define ZT_KNOWN_FILE "known_brokers"

typedef enum {
    ZT_KNOWN_NONE,   /* nothing is known of the broker */
    ZT_KNOWN_KEY,    /* its key is */
    ZT_KNOWN_DAMAGED /* a line that is about it cannot be read */
} zt_known_t;

/*  Looks for the endpoint (of zt_endpoint_parse, tcp; case does not matter) in what the
    file holds. *line is the number of the line, from 1, unless nothing is known. */
zt_known_t zt_known_look (zt_bytes_t text, const char *endpoint, zt_key_t *key, size_t *line);

/*  Appends the endpoints of which it has a key, as zt_endpoint_parse writes them, each with a NUL.
 */
void zt_known_list (zt_bytes_t text, zt_buffer_t *endpoints);

/*  Appends what the file is to hold when the key is the endpoint's from now on. */
void zt_known_change (zt_bytes_t text, const char *endpoint, const zt_key_t *key,
                      zt_buffer_t *changed);

/*  What the file in the home says: ZT_HOME_OK, and *key is its key, or empty if nothing is
    known; or ZT_HOME_FAILED, and why says what is wrong with the file. */
zt_home_result_t zt_known_find (const zt_home_t *home, const char *endpoint, zt_key_t *key,
                                zt_buffer_t *why);

/*  Appends the endpoints that are known, as zt_known_list. ZT_HOME_FAILED: why says what is
    wrong with the file. */
zt_home_result_t zt_known_all (const zt_home_t *home, zt_buffer_t *endpoints, zt_buffer_t *why);

/*  Keeps the key. instead is the one that was known until now, or empty: if the file has
    neither that nor the new one (somebody was faster) nothing is changed, and it fails. */
zt_home_result_t zt_known_put (const zt_home_t *home, const char *endpoint, const zt_key_t *key,
                               const zt_key_t *instead, zt_buffer_t *why);

#endif
