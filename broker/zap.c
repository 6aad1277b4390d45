/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/zap.h"

#include "common/alloc.h"

#include <czmq.h>
#include <stdio.h>
#include <stdlib.h>

/*  A request has these parts, and then the credentials: none, or the client's key. */
typedef enum {
    S_VERSION,
    S_REQUEST_ID,
    S_DOMAIN,
    S_ADDRESS,
    S_ROUTING_ID,
    S_MECHANISM,
    S_CREDENTIALS,
    S_PARTS
} s_part_t;

enum { S_PART_MOST = 256, S_KEY_BYTES = 32 };

typedef struct {
    char data[S_PARTS][S_PART_MOST];
    size_t size[S_PARTS];
    unsigned n; /* parts; more than S_PARTS if there are too many, or too large ones */
} s_request_t;

struct zt_zap {
    zsock_t *sock;
    void *socket; /* the same, as libzmq has it */
    zt_zap_judge_fn *judge;
    void *judge_self;
    uint64_t n_admitted;
};

zt_zap_t *zt_zap_new (zt_zap_judge_fn *judge, void *judge_self)
{
    zt_zap_t *self = zt_alloc (sizeof *self);
    self->judge = judge;
    self->judge_self = judge_self;
    self->sock = zsock_new (ZMQ_REP);
    if (self->sock) {
        zsock_set_linger (self->sock, 0);
        self->socket = zsock_resolve (self->sock);
    }
    if (!self->sock || zmq_bind (self->socket, "inproc://zeromq.zap.01") != 0) {
        int error = errno;
        zt_zap_destroy (&self);
        errno = error;
    }
    return self;
}

void zt_zap_destroy (zt_zap_t **self_p)
{
    zt_zap_t *self = *self_p;
    if (!self)
        return;
    zsock_destroy (&self->sock);
    free (self);
    *self_p = NULL;
}

int zt_zap_fd (const zt_zap_t *self)
{
    return zsock_fd (self->sock);
}

/*  Takes a request, without waiting. False if there is none. */
static bool s_receive (zt_zap_t *self, s_request_t *request)
{
    zmq_msg_t part;
    zmq_msg_init (&part);
    request->n = 0;
    bool more = zmq_msg_recv (&part, self->socket, ZMQ_DONTWAIT) >= 0;
    bool is_there = more;
    while (more) {
        size_t size = zmq_msg_size (&part);
        if (request->n < S_PARTS && size < S_PART_MOST) {
            memcpy (request->data[request->n], zmq_msg_data (&part), size);
            request->data[request->n][size] = '\0';
            request->size[request->n++] = size;
        } else
            request->n = S_PARTS + 1;
        more = zmq_msg_more (&part) && zmq_msg_recv (&part, self->socket, ZMQ_DONTWAIT) >= 0;
    }
    zmq_msg_close (&part);
    return is_there;
}

static bool s_is (const s_request_t *request, s_part_t part, const char *text)
{
    return strcmp (request->data[part], text) == 0;
}

/*  May the peer connect? Fills in whose key it has proved to have. */
static bool s_judge (zt_zap_t *self, const s_request_t *request, zt_key_t *key)
{
    if (request->n < S_CREDENTIALS || request->n > S_PARTS || !s_is (request, S_VERSION, "1.0"))
        return false;
    const char *address = request->data[S_ADDRESS];
    if (s_is (request, S_DOMAIN, ZT_ZAP_PLAIN))
        return s_is (request, S_MECHANISM, "NULL") && self->judge (self->judge_self, address, NULL);
    if (!s_is (request, S_DOMAIN, ZT_ZAP_CURVE) || !s_is (request, S_MECHANISM, "CURVE") ||
        request->n != S_PARTS || request->size[S_CREDENTIALS] != S_KEY_BYTES)
        return false;
    *key = zt_key_of_bytes ((const unsigned char *) request->data[S_CREDENTIALS]);
    return self->judge (self->judge_self, address, key);
}

static void s_answer (zt_zap_t *self, const s_request_t *request, bool may, const zt_key_t *key)
{
    char user[ZT_KEY_SIZE + 32];
    self->n_admitted += may;
    snprintf (user, sizeof user, "%llu %s", (unsigned long long) self->n_admitted,
              *key->text ? key->text : ZT_ZAP_NOBODY);
    const zt_bytes_t parts[] = {ZT_LITERAL ("1.0"),
                                {request->data[S_REQUEST_ID], request->size[S_REQUEST_ID]},
                                zt_bytes (may ? "200" : "400"),
                                zt_bytes (may ? "OK" : "not you"),
                                zt_bytes (user),
                                ZT_LITERAL ("")};
    enum { PARTS = sizeof parts / sizeof parts[0] };
    for (unsigned i = 0; i < PARTS; i++)
        zmq_send (self->socket, parts[i].data, parts[i].size,
                  ZMQ_DONTWAIT | (i + 1 < PARTS ? ZMQ_SNDMORE : 0));
}

void zt_zap_serve (zt_zap_t *self)
{
    s_request_t request;
    while (s_receive (self, &request)) {
        zt_key_t key = {""};
        bool may = s_judge (self, &request, &key);
        if (request.n <= S_REQUEST_ID) /* libzmq makes no such request */
            request.size[S_REQUEST_ID] = 0;
        s_answer (self, &request, may, &key);
    }
}
