/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/zmtp.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { S_DEADLINE_MS = 60000, S_CHUNK = 65536 };

static int64_t s_now (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool s_wait (int fd, short events, int64_t deadline)
{
    struct pollfd poll_fd = {fd, events, 0};
    int64_t left = deadline - s_now ();
    return poll (&poll_fd, 1, left > 0 ? (int) left : 0) == 1;
}

static int s_connect (const char *endpoint, int family, const void *address, size_t size)
{
    int fd = socket (family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true (fd >= 0);
    if (connect (fd, address, (socklen_t) size) != 0)
        fail_msg ("cannot connect to %s: %s", endpoint, strerror (errno));
    fcntl (fd, F_SETFL, O_NONBLOCK);
    return fd;
}

int zt_zmtp_connect (const char *endpoint)
{
    if (strncmp (endpoint, "ipc://", 6) == 0) {
        struct sockaddr_un path = {.sun_family = AF_UNIX};
        assert_true (strlen (endpoint + 6) < sizeof path.sun_path);
        memcpy (path.sun_path, endpoint + 6, strlen (endpoint + 6));
        return s_connect (endpoint, AF_UNIX, &path, sizeof path);
    }
    const char *port = strrchr (endpoint, ':');
    assert_non_null (port);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons ((uint16_t) strtoul (port + 1, NULL, 10)),
                                  .sin_addr = {htonl (INADDR_LOOPBACK)}};
    return s_connect (endpoint, AF_INET, &address, sizeof address);
}

int zt_zmtp_open (const char *endpoint, zt_bytes_t identity)
{
    return zt_zmtp_open_claiming (endpoint, identity, NULL, NULL);
}

int zt_zmtp_open_claiming (const char *endpoint, zt_bytes_t identity, const char *property,
                           const char *value)
{
    zt_buffer_t buffer = {NULL, 0, 0};
    zt_zmtp_put_greeting (&buffer);
    zt_zmtp_put_ready_claiming (&buffer, identity, property, value);
    int fd = zt_zmtp_connect (endpoint);
    zt_zmtp_try (fd, zt_buffer_bytes (&buffer)); /* the first bytes always have room */
    zt_buffer_free (&buffer);
    zt_zmtp_expect (fd, "READY"); /* libzmq takes no message before it has said it */
    return fd;
}

/*  Signature, version, mechanism (20 bytes), not a server, filler: 64 bytes. */
void zt_zmtp_put_greeting_of (zt_buffer_t *buffer, const char *mechanism)
{
    char greeting[64] = "\xFF\0\0\0\0\0\0\0\0\x7F\3\0";
    assert_true (strlen (mechanism) <= 20);
    memcpy (greeting + 12, mechanism, strlen (mechanism));
    zt_buffer_put (buffer, greeting, sizeof greeting);
}

void zt_zmtp_put_greeting (zt_buffer_t *buffer)
{
    zt_zmtp_put_greeting_of (buffer, "NULL");
}

static void s_put_property (zt_buffer_t *buffer, const char *name, zt_bytes_t value)
{
    uint32_t size = htonl ((uint32_t) value.size);
    zt_buffer_put_char (buffer, (char) strlen (name));
    zt_buffer_put_string (buffer, name);
    zt_buffer_put (buffer, &size, sizeof size);
    zt_buffer_put_bytes (buffer, value);
}

void zt_zmtp_put_ready (zt_buffer_t *buffer, zt_bytes_t identity)
{
    zt_zmtp_put_ready_claiming (buffer, identity, NULL, NULL);
}

void zt_zmtp_put_ready_claiming (zt_buffer_t *buffer, zt_bytes_t identity, const char *property,
                                 const char *value)
{
    zt_buffer_t ready = {NULL, 0, 0};
    zt_buffer_put_string (&ready, "\5READY");
    s_put_property (&ready, "Socket-Type", zt_bytes ("DEALER"));
    s_put_property (&ready, "Identity", identity);
    if (property)
        s_put_property (&ready, property, zt_bytes (value));
    zt_zmtp_put_frame (buffer, ZT_ZMTP_COMMAND, zt_buffer_bytes (&ready));
    zt_buffer_free (&ready);
}

void zt_zmtp_put_head (zt_buffer_t *buffer, int flags, uint64_t size)
{
    if (size > UINT8_MAX || (flags & ZT_ZMTP_LARGE)) {
        zt_buffer_put_char (buffer, (char) (flags | ZT_ZMTP_LARGE));
        for (int shift = 56; shift >= 0; shift -= 8)
            zt_buffer_put_char (buffer, (char) (size >> shift));
    } else {
        zt_buffer_put_char (buffer, (char) flags);
        zt_buffer_put_char (buffer, (char) size);
    }
}

void zt_zmtp_put_frame (zt_buffer_t *buffer, int flags, zt_bytes_t frame)
{
    zt_zmtp_put_head (buffer, flags, frame.size);
    zt_buffer_put_bytes (buffer, frame);
}

/*  Reads what is there. False when the other end has closed. */
static bool s_drain (int fd)
{
    char chunk[S_CHUNK];
    for (;;) {
        ssize_t size = read (fd, chunk, sizeof chunk);
        if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR))
            return false;
        if (size < 0)
            return true;
    }
}

long zt_zmtp_try (int fd, zt_bytes_t bytes)
{
    /*  A closed connection that was full tells so only when the kernel tries again. */
    struct pollfd poll_fd = {fd, POLLRDHUP, 0};
    if (poll (&poll_fd, 1, 0) != 0)
        return -1;
    ssize_t size = send (fd, bytes.data, bytes.size, MSG_NOSIGNAL);
    if (size < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    return size;
}

static bool s_send (int fd, zt_bytes_t bytes, bool deaf)
{
    int64_t deadline = s_now () + S_DEADLINE_MS;
    while (bytes.size) {
        long size = zt_zmtp_try (fd, bytes);
        if (size < 0 || (!deaf && !s_drain (fd)))
            return false;
        bytes.data += size;
        bytes.size -= (size_t) size;
        if (bytes.size && !s_wait (fd, (short) (deaf ? POLLOUT : POLLIN | POLLOUT), deadline))
            fail_msg ("the broker does not read");
    }
    return true;
}

bool zt_zmtp_send (int fd, zt_bytes_t bytes)
{
    return s_send (fd, bytes, false);
}

bool zt_zmtp_send_deaf (int fd, zt_bytes_t bytes)
{
    return s_send (fd, bytes, true);
}

bool zt_zmtp_expect (int fd, const char *text)
{
    int64_t deadline = s_now () + S_DEADLINE_MS;
    size_t length = strlen (text);
    zt_buffer_t got = {NULL, 0, 0};
    bool found = false;
    for (ssize_t size = 1; !found && size;) {
        size = read (fd, zt_buffer_reserve (&got, S_CHUNK), S_CHUNK);
        if (size > 0) {
            got.size += (size_t) size;
            found = memmem (got.data, got.size, text, length) != NULL;
            if (got.size > length) /* the text may lie across two chunks */
                zt_buffer_consume (&got, got.size - length);
        } else if (size < 0 && errno != EAGAIN && errno != EINTR)
            break;
        else if (size < 0 && !s_wait (fd, POLLIN, deadline)) {
            zt_buffer_free (&got);
            fail_msg ("no '%s' from the broker", text);
        }
    }
    zt_buffer_free (&got);
    return found;
}

void zt_zmtp_read (int fd, zt_buffer_t *buffer)
{
    int64_t deadline = s_now () + S_DEADLINE_MS;
    for (;;) {
        ssize_t size = read (fd, zt_buffer_reserve (buffer, S_CHUNK), S_CHUNK);
        if (size > 0)
            buffer->size += (size_t) size;
        else if (size == 0 || (errno != EAGAIN && errno != EINTR))
            return;
        else if (!s_wait (fd, POLLIN, deadline))
            fail_msg ("the broker does not close");
    }
}

bool zt_zmtp_ends (int fd, int ms)
{
    int64_t deadline = s_now () + ms;
    while (s_drain (fd))
        if (!s_wait (fd, POLLIN, deadline))
            return false;
    return true;
}

void zt_zmtp_finish (int fd)
{
    shutdown (fd, SHUT_WR);
    if (!zt_zmtp_ends (fd, S_DEADLINE_MS))
        fail_msg ("the broker does not close what the peer has closed");
}
