/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/discover.h"

#include "common/secret.h"
#include "common/system.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { S_A_TURN = 256, S_TIMES = 3, S_LISTEN_MS = 1500 };

/*  When it is asked, and when no answer is waited for any more: ms from the beginning. */
static const unsigned s_times[S_TIMES + 1] = {0, 400, 900, S_LISTEN_MS};

typedef union {
    struct cmsghdr header; /* for its alignment */
    char bytes[CMSG_SPACE (sizeof (struct in_pktinfo))];
} s_control_t;

static in_addr_t s_address (const struct sockaddr *address)
{
    struct sockaddr_in in;
    memcpy (&in, address, sizeof in);
    return in.sin_addr.s_addr;
}

/*  Asks the network that the row is about: out of its interface, also where another one is in a
    network with the same addresses. */
static void s_ask_network (const zt_discover_t *self, const struct ifaddrs *row)
{
    zt_buffer_t question = {NULL, 0, 0};
    zt_beacon_put_question (&question, self->token);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons (ZT_BEACON_PORT),
                             .sin_addr = {s_address (row->ifa_broadaddr)}};
    char name[IF_NAMESIZE]; /* of a further address it is "eth0:1" */
    snprintf (name, sizeof name, "%.*s", (int) strcspn (row->ifa_name, ":"), row->ifa_name);
    const struct in_pktinfo info = {.ipi_ifindex = (int) if_nametoindex (name),
                                    .ipi_spec_dst = {s_address (row->ifa_addr)}};
    s_control_t control = {.bytes = ""};
    struct iovec part = {question.data, question.size};
    struct msghdr message = {.msg_name = &to,
                             .msg_namelen = sizeof to,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR (&message);
    header->cmsg_level = IPPROTO_IP;
    header->cmsg_type = IP_PKTINFO;
    header->cmsg_len = CMSG_LEN (sizeof info);
    memcpy (CMSG_DATA (header), &info, sizeof info);
    /*  A network that cannot be asked has no answer to give. */
    ssize_t sent = sendmsg (self->fd, &message, 0);
    (void) sent;
    zt_buffer_free (&question);
}

/*  Asks all networks, also those that have come since the last time. */
static void s_ask (zt_discover_t *self)
{
    const unsigned wanted = IFF_UP | IFF_BROADCAST;
    struct ifaddrs *rows = NULL;
    self->n_asked++;
    self->n_own = 0;
    if (getifaddrs (&rows) != 0)
        return;
    for (const struct ifaddrs *row = rows; row; row = row->ifa_next) {
        if (!row->ifa_addr || row->ifa_addr->sa_family != AF_INET)
            continue;
        if (self->n_own < ZT_DISCOVER_OWN)
            self->own[self->n_own++] = s_address (row->ifa_addr);
        if ((row->ifa_flags & (wanted | IFF_LOOPBACK | IFF_POINTOPOINT)) == wanted &&
            row->ifa_broadaddr)
            s_ask_network (self, row);
    }
    freeifaddrs (rows);
}

void zt_discover_begin (zt_discover_t *self, uint64_t now)
{
    static const int on = 1;
    zt_buffer_t token = {NULL, 0, 0};
    *self = (zt_discover_t){.fd = -1, .began = now};
    bool is_random = zt_secret_put_random (&token, ZT_BEACON_TOKEN / 2);
    if (is_random) {
        memcpy (self->token, zt_buffer_string (&token), ZT_BEACON_TOKEN_SIZE);
        self->fd = zt_system_socket (AF_INET, SOCK_DGRAM, false);
    }
    zt_buffer_free (&token);
    if (self->fd >= 0 && setsockopt (self->fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) != 0)
        zt_discover_close (self);
    if (self->fd >= 0)
        s_ask (self);
}

uint64_t zt_discover_deadline (const zt_discover_t *self)
{
    return self->began + s_times[self->n_asked];
}

static bool s_is_own (const zt_discover_t *self, in_addr_t address)
{
    for (size_t i = 0; i < self->n_own; i++)
        if (self->own[i] == address)
            return true;
    return false;
}

/*  Takes an answer. False if none has come. */
static bool s_receive (const zt_discover_t *self, zt_found_t *found)
{
    char bytes[ZT_BEACON_BYTES + 1], address[INET_ADDRSTRLEN];
    struct sockaddr_in from;
    socklen_t from_size = sizeof from;
    ssize_t size =
        recvfrom (self->fd, bytes, sizeof bytes, 0, (struct sockaddr *) &from, &from_size);
    zt_beacon_t beacon;
    if (size < 0)
        return false;
    if (zt_beacon_read_answer ((zt_bytes_t){bytes, (size_t) size}, self->token, &beacon) &&
        inet_ntop (AF_INET, &from.sin_addr, address, sizeof address))
        zt_found_hear (found, address, s_is_own (self, from.sin_addr.s_addr), &beacon);
    return true;
}

bool zt_discover_step (zt_discover_t *self, uint64_t now, zt_found_t *found)
{
    if (self->fd < 0)
        return false;
    for (int i = 0; i < S_A_TURN && s_receive (self, found); i++) {}
    if (now < zt_discover_deadline (self))
        return true;
    if (self->n_asked == S_TIMES)
        return false;
    s_ask (self);
    return true;
}

void zt_discover_close (zt_discover_t *self)
{
    if (self->fd >= 0)
        close (self->fd);
    self->fd = -1;
}
