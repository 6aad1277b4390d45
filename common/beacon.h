/*  SPDX-License-Identifier: MPL-2.0

    zt_beacon - how a client finds the brokers of its network: a question, and the answers

    Both are single datagrams of UDP. A client broadcasts the question, and each broker answers
    whoever has asked; nobody says anything without being asked. A question has a fixed size, and
    no answer is longer, so that nobody makes a broker send more than they have sent. All that an
    answer says is a claim, which proves nothing: no key is in it. PROTOCOL.md has the grammar. */

#ifndef ZT_BEACON_H
#define ZT_BEACON_H

#include "common/buffer.h"
#include "common/limits.h"

#include <stdint.h>

/*  The port at which brokers are asked, whichever ports they are at. */
enum { ZT_BEACON_PORT = 5555 };

/*  What tells the answers to a question from others: hexadecimal digits, and a NUL. */
enum { ZT_BEACON_TOKEN = 16, ZT_BEACON_TOKEN_SIZE = ZT_BEACON_TOKEN + 1 };

/*  What an answer says; where it comes from is the broker's address. */
typedef struct {
    uint16_t port;     /* of the broker's endpoint */
    bool is_encrypted; /* with CURVE */
    uint16_t key_port; /* where it tells its key; 0: nowhere */
    zt_bytes_t name;   /* valid, see below; not to be shown without zt_text_clean */
} zt_beacon_t;

/*  True if a broker may call itself so: 1 to ZT_BEACON_NAME bytes of UTF-8 without controls. */
bool zt_beacon_name_valid (zt_bytes_t name);

/*  Appends the question, ZT_BEACON_BYTES bytes. The token consists of lower hexadecimal digits. */
void zt_beacon_put_question (zt_buffer_t *datagram, const char token[ZT_BEACON_TOKEN_SIZE]);

/*  Reads a question; false if it is none. */
bool zt_beacon_read_question (zt_bytes_t datagram, char token[ZT_BEACON_TOKEN_SIZE]);

/*  Appends the answer to the question with that token: at most ZT_BEACON_BYTES bytes. The name is
    valid, and port is not 0. */
void zt_beacon_put_answer (zt_buffer_t *datagram, const char token[ZT_BEACON_TOKEN_SIZE],
                           const zt_beacon_t *beacon);

/*  Reads the answer to the question with that token; false if it is none. The name is a view of
    the datagram. */
bool zt_beacon_read_answer (zt_bytes_t datagram, const char token[ZT_BEACON_TOKEN_SIZE],
                            zt_beacon_t *beacon);

#endif
