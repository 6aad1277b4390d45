/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/key_query.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#define S_PREFIX "ZTALK/1 KEY "

bool zt_key_query_read (zt_bytes_t answer, zt_key_t *key)
{
    const size_t prefix = sizeof S_PREFIX - 1;
    return answer.size == ZT_KEY_ANSWER_SIZE && memcmp (answer.data, S_PREFIX, prefix) == 0 &&
           answer.data[answer.size - 1] == '\n' &&
           zt_key_read ((zt_bytes_t){answer.data + prefix, ZT_KEY_CHARS}, key);
}

void zt_key_query_begin (zt_key_query_t *self, const struct addrinfo *addresses, int64_t now,
                         int64_t ms)
{
    *self = (zt_key_query_t){.is_connected = false};
    zt_dial_begin (&self->dial, addresses, now, ms);
}

int zt_key_query_fd (const zt_key_query_t *self)
{
    return self->dial.fd;
}

short zt_key_query_events (const zt_key_query_t *self)
{
    return self->is_connected ? POLLIN : POLLOUT;
}

int64_t zt_key_query_deadline (const zt_key_query_t *self)
{
    return self->dial.address_end;
}

/*  Reads what has come. True when there is nothing more to wait for from this address. */
static bool s_receive (zt_key_query_t *self, int64_t now)
{
    for (;;) {
        ssize_t size = recv (self->dial.fd, self->answer + self->size,
                             sizeof self->answer - self->size, MSG_DONTWAIT);
        if (size > 0)
            self->size += (size_t) size;
        else if (size < 0 && errno == EAGAIN)
            return now >= self->dial.address_end;
        else if (size == 0 || errno != EINTR)
            return true;
        if (self->size == sizeof self->answer)
            return true;
    }
}

zt_key_query_result_t zt_key_query_step (zt_key_query_t *self, int64_t now, zt_key_t *key)
{
    for (;;) {
        if (!self->is_connected) {
            zt_dial_result_t result = zt_dial_step (&self->dial, now);
            if (result == ZT_DIAL_TRIES)
                return ZT_KEY_QUERY_RUNS;
            if (result == ZT_DIAL_FAILED)
                return self->is_strange ? ZT_KEY_QUERY_STRANGE : ZT_KEY_QUERY_NOBODY;
            self->is_connected = true;
            self->size = 0;
        }
        if (!s_receive (self, now))
            return ZT_KEY_QUERY_RUNS;
        if (zt_key_query_read ((zt_bytes_t){self->answer, self->size}, key))
            return ZT_KEY_QUERY_ANSWERED;
        self->is_strange = true;
        self->is_connected = false;
        zt_dial_next (&self->dial, now);
    }
}

void zt_key_query_close (zt_key_query_t *self)
{
    zt_dial_close (&self->dial);
}
