/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/announcer.h"

#include "common/alloc.h"
#include "common/beacon.h"
#include "common/budget.h"
#include "common/endpoint.h"
#include "common/system.h"
#include "common/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { S_A_TURN = 64 };

/*  Where the broker can be reached. Addresses are in the order of the network. */
typedef struct {
    in_addr_t address; /* INADDR_ANY: at all of them */
    uint16_t port, key_port;
} s_place_t;

struct zt_announcer {
    char name[ZT_BEACON_NAME + 1];
    const char *interfaces;
    bool is_encrypted;
    int fd;
    s_place_t *places;
    size_t n_places;
    zt_budget_t budget; /* ms */
    char missing[IF_NAMESIZE];
};

/*  Who has asked, and over what. */
typedef struct {
    struct sockaddr_in from;
    unsigned interface;
    char token[ZT_BEACON_TOKEN_SIZE];
} s_question_t;

/*  ---------------------------------------------------------------------------
    Interfaces */

const char *zt_announcer_list_wrong (const char *interfaces)
{
    for (const char *at = interfaces;; at++) {
        size_t size = strcspn (at, ",");
        if (size == 0 || size >= IF_NAMESIZE || strcspn (at, " /:") < size)
            return "these are names of network interfaces, such as eth0,wlan0";
        at += size;
        if (!*at)
            return NULL;
    }
}

static bool s_is_listed (const char *interfaces, const char *name)
{
    size_t size = strlen (name);
    for (const char *at = interfaces; at; at = strchr (at, ',')) {
        at += *at == ',';
        if (strcspn (at, ",") == size && memcmp (at, name, size) == 0)
            return true;
    }
    return interfaces == NULL;
}

const char *zt_announcer_missing (zt_announcer_t *self)
{
    for (const char *at = self->interfaces; at; at = strchr (at, ',')) {
        at += *at == ',';
        snprintf (self->missing, sizeof self->missing, "%.*s", (int) strcspn (at, ","), at);
        if (if_nametoindex (self->missing) == 0)
            return self->missing;
    }
    return NULL;
}

/*  ---------------------------------------------------------------------------
    Beginning and end */

zt_announcer_t *zt_announcer_new (const char *interfaces, zt_bytes_t name, bool is_encrypted)
{
    zt_announcer_t *self = zt_alloc (sizeof *self);
    self->fd = -1;
    self->interfaces = interfaces;
    self->is_encrypted = is_encrypted;
    if (zt_beacon_name_valid (name))
        memcpy (self->name, name.data, name.size);
    else if (gethostname (self->name, sizeof self->name - 1) != 0 ||
             !zt_beacon_name_valid (zt_bytes (self->name)))
        snprintf (self->name, sizeof self->name, "ztalk");
    return self;
}

void zt_announcer_destroy (zt_announcer_t **self_p)
{
    zt_announcer_t *self = *self_p;
    if (!self)
        return;
    if (self->fd >= 0)
        close (self->fd);
    free (self->places);
    free (self);
    *self_p = NULL;
}

bool zt_announcer_add (zt_announcer_t *self, const char *bound, unsigned key_port)
{
    zt_bytes_t host, port;
    uint64_t number;
    struct in_addr address = {INADDR_ANY};
    char text[INET6_ADDRSTRLEN];
    if (!zt_endpoint_split (bound, &host, &port) || !zt_u64_read (port, &number) ||
        number > UINT16_MAX || zt_endpoint_is_local (bound) || host.size >= sizeof text)
        return false;
    snprintf (text, sizeof text, "%.*s", (int) host.size, host.data);
    /*  What listens on all addresses of IPv6 takes those of IPv4, too. */
    if (strcmp (text, "::") != 0 && inet_pton (AF_INET, text, &address) != 1)
        return false;
    self->places = zt_realloc (self->places, self->n_places + 1, sizeof *self->places);
    self->places[self->n_places++] =
        (s_place_t){address.s_addr, (uint16_t) number, (uint16_t) key_port};
    return true;
}

bool zt_announcer_open (zt_announcer_t *self)
{
    static const int on = 1;
    const struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons (ZT_BEACON_PORT)};
    int fd = zt_system_socket (AF_INET, SOCK_DGRAM, false);
    /*  Linux gives a broadcast to all sockets that share a port so, and this machine may have
        several brokers. */
    if (fd >= 0 && setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        setsockopt (fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) == 0 &&
        bind (fd, (const struct sockaddr *) &any, sizeof any) == 0) {
        self->fd = fd;
        return true;
    }
    int error = errno;
    if (fd >= 0)
        close (fd);
    errno = error;
    return false;
}

int zt_announcer_fd (const zt_announcer_t *self)
{
    return self->fd;
}

/*  ---------------------------------------------------------------------------
    Questions and answers */

typedef union {
    struct cmsghdr header; /* for its alignment */
    char bytes[CMSG_SPACE (sizeof (struct in_pktinfo))];
} s_control_t;

/*  Takes what has come. False if nothing has; a datagram that is no question has no token. */
static bool s_receive (zt_announcer_t *self, s_question_t *question)
{
    char bytes[ZT_BEACON_BYTES + 1]; /* what is longer shows that it is */
    s_control_t control;
    struct iovec part = {bytes, sizeof bytes};
    struct msghdr message = {.msg_name = &question->from,
                             .msg_namelen = sizeof question->from,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t size = recvmsg (self->fd, &message, 0);
    question->interface = 0;
    question->token[0] = '\0';
    if (size < 0)
        return errno == EINTR;
    for (struct cmsghdr *each = CMSG_FIRSTHDR (&message); each; each = CMSG_NXTHDR (&message, each))
        if (each->cmsg_level == IPPROTO_IP && each->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy (&info, CMSG_DATA (each), sizeof info);
            question->interface = (unsigned) info.ipi_ifindex;
        }
    zt_beacon_read_question ((zt_bytes_t){bytes, (size_t) size}, question->token);
    return true;
}

static in_addr_t s_address (const struct sockaddr *address)
{
    struct sockaddr_in in;
    memcpy (&in, address, sizeof in);
    return in.sin_addr.s_addr;
}

/*  True if that row is of the interface with that name, and whoever asks is in its network. A
    name may be that of a further address, "eth0:1". */
static bool s_is_of (const struct ifaddrs *row, const char *name, in_addr_t from)
{
    const unsigned wanted = IFF_UP | IFF_BROADCAST;
    if (!row->ifa_addr || row->ifa_addr->sa_family != AF_INET || !row->ifa_netmask ||
        (row->ifa_flags & (wanted | IFF_LOOPBACK | IFF_POINTOPOINT)) != wanted)
        return false;
    size_t size = strcspn (row->ifa_name, ":");
    in_addr_t mask = s_address (row->ifa_netmask);
    return size == strlen (name) && memcmp (row->ifa_name, name, size) == 0 &&
           ((from ^ s_address (row->ifa_addr)) & mask) == 0;
}

/*  The endpoint at which the broker can be reached at that address; NULL if there is none. */
static const s_place_t *s_place_at (const zt_announcer_t *self, in_addr_t address)
{
    for (size_t i = 0; i < self->n_places; i++)
        if (self->places[i].address == INADDR_ANY || self->places[i].address == address)
            return &self->places[i];
    return NULL;
}

static void s_send (zt_announcer_t *self, const s_question_t *question, in_addr_t own,
                    const s_place_t *place)
{
    zt_buffer_t text = {NULL, 0, 0};
    zt_beacon_t beacon = {place->port, self->is_encrypted, place->key_port, zt_bytes (self->name)};
    zt_beacon_put_answer (&text, question->token, &beacon);
    /*  Out where it came in, from the address that is told. */
    const struct in_pktinfo info = {.ipi_ifindex = (int) question->interface,
                                    .ipi_spec_dst = {own}};
    s_control_t control = {.bytes = ""};
    struct sockaddr_in to = question->from;
    struct iovec part = {text.data, text.size};
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
    /*  What does not get out is lost, as it might be on its way: it will be asked again. */
    ssize_t sent = sendmsg (self->fd, &message, 0);
    (void) sent;
    zt_buffer_free (&text);
}

static void s_answer (zt_announcer_t *self, const s_question_t *question)
{
    char name[IF_NAMESIZE];
    struct ifaddrs *rows = NULL;
    if (!if_indextoname (question->interface, name) || !s_is_listed (self->interfaces, name) ||
        getifaddrs (&rows) != 0)
        return;
    const s_place_t *place = NULL;
    for (const struct ifaddrs *row = rows; row && !place; row = row->ifa_next)
        if (s_is_of (row, name, question->from.sin_addr.s_addr)) {
            in_addr_t own = s_address (row->ifa_addr);
            place = s_place_at (self, own);
            if (place)
                s_send (self, question, own, place);
        }
    freeifaddrs (rows);
}

void zt_announcer_serve (zt_announcer_t *self, uint64_t now)
{
    enum { S_STEP_MS = 1000 / ZT_BEACONS_PER_S, S_MOST_MS = S_STEP_MS * ZT_BEACONS_BURST };
    s_question_t question;
    for (int i = 0; i < S_A_TURN && s_receive (self, &question); i++)
        if (question.token[0] && zt_budget_take (&self->budget, now, S_STEP_MS, S_MOST_MS))
            s_answer (self, &question);
}
