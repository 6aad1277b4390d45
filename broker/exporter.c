/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/exporter.h"

#include "broker/clock.h"
#include "common/alloc.h"
#include "common/endpoint.h"
#include "common/system.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    S_LINKS = ZT_EXPORTER_FDS - 1, /* connections, */
    S_KEPT = 32,                   /* of which so many stay */
    S_LINK_MS = 5000,              /* for a request and its answer */
    S_MEMORY = 8192,               /* bytes, of a request that is not answered yet */
    S_BACKLOG = 64,                /* connections that wait */
    S_FRESH_MS = 250               /* the numbers are so old at most */
};

typedef struct {
    int fd; /* -1: none */
    bool is_ending;
    uint64_t since; /* ms */
} s_link_t;

struct zt_exporter {
    const zt_meter_t *meter;
    struct MHD_Daemon *daemon;
    int listener; /* the daemon's, once there is one */
    char *url;
    bool is_open;
    uint64_t now; /* ms, of the call */
    s_link_t links[S_LINKS];
    size_t n_links; /* that are not ending */
    zt_buffer_t page;
    uint64_t page_at; /* ms; 0: there is none */
};

/*  ---------------------------------------------------------------------------
    Connections */

static s_link_t *s_oldest (zt_exporter_t *self)
{
    s_link_t *oldest = NULL;
    for (size_t i = 0; i < S_LINKS; i++) {
        s_link_t *link = &self->links[i];
        if (link->fd >= 0 && !link->is_ending && (!oldest || link->since < oldest->since))
            oldest = link;
    }
    return oldest;
}

/*  libmicrohttpd sees the end of it, and closes the descriptor. */
static void s_end_link (zt_exporter_t *self, s_link_t *link)
{
    link->is_ending = true;
    self->n_links--;
    shutdown (link->fd, SHUT_RDWR);
}

static void s_begin_link (zt_exporter_t *self, struct MHD_Connection *connection, void **context)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info (connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    size_t place = 0;
    while (place < S_LINKS && self->links[place].fd >= 0)
        place++;
    if (!info || place == S_LINKS)
        return; /* the daemon lets no more in than there are places */
    self->links[place] = (s_link_t){.fd = info->connect_fd, .since = self->now};
    *context = &self->links[place];
    if (++self->n_links > S_KEPT)
        s_end_link (self, s_oldest (self));
}

static void s_notify (void *self_, struct MHD_Connection *connection, void **context,
                      enum MHD_ConnectionNotificationCode code)
{
    zt_exporter_t *self = self_;
    s_link_t *link = *context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        s_begin_link (self, connection, context);
    else if (link) {
        self->n_links -= !link->is_ending;
        link->fd = -1;
        *context = NULL;
    }
}

/*  ---------------------------------------------------------------------------
    Requests */

static enum MHD_Result s_answer (struct MHD_Connection *connection, unsigned status,
                                 const char *type, zt_bytes_t body)
{
    struct MHD_Response *response = MHD_create_response_from_buffer (
        body.size, (void *) (uintptr_t) body.data, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    enum MHD_Result result = MHD_NO;
    /*  Who asks again connects again: so no connection is older than it may be. */
    if (MHD_add_response_header (response, MHD_HTTP_HEADER_CONTENT_TYPE, type) == MHD_YES &&
        MHD_add_response_header (response, MHD_HTTP_HEADER_CONNECTION, "close") == MHD_YES &&
        (status != MHD_HTTP_METHOD_NOT_ALLOWED ||
         MHD_add_response_header (response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD") == MHD_YES))
        result = MHD_queue_response (connection, status, response);
    MHD_destroy_response (response);
    return result;
}

static zt_bytes_t s_page (zt_exporter_t *self)
{
    if (!self->page_at || self->now >= self->page_at + S_FRESH_MS) {
        zt_buffer_clear (&self->page);
        zt_stats_put_prometheus (zt_meter_read (self->meter), ZT_VERSION, &self->page);
        self->page_at = self->now;
    }
    return zt_buffer_bytes (&self->page);
}

static enum MHD_Result s_request (void *self_, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_size, void **context)
{
    static const char text[] = "text/plain; charset=utf-8";
    (void) version;
    (void) data;
    (void) data_size;
    (void) context;
    zt_exporter_t *self = self_;
    if (strcmp (method, MHD_HTTP_METHOD_GET) != 0 && strcmp (method, MHD_HTTP_METHOD_HEAD) != 0)
        return s_answer (connection, MHD_HTTP_METHOD_NOT_ALLOWED, text,
                         zt_bytes ("only GET and HEAD\n"));
    if (strcmp (url, "/metrics") == 0)
        return s_answer (connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8",
                         s_page (self));
    if (strcmp (url, "/healthz") != 0)
        return s_answer (connection, MHD_HTTP_NOT_FOUND, text,
                         zt_bytes ("there are /metrics and /healthz\n"));
    /*  That it is answered at all says that the loop lives. */
    bool is_well = zt_courier_can_store (self->meter->courier);
    return s_answer (connection, is_well ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE, text,
                     zt_bytes (is_well ? "ok\n" : "nothing can be stored\n"));
}

/*  ---------------------------------------------------------------------------
    Beginning and end */

/*  Finds where to listen. Returns 0, or what gai_strerror tells. */
static int s_resolve (const char *endpoint, struct addrinfo **found)
{
    static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                          .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    zt_bytes_t host_view, port_view;
    char host[ZT_HOST_MAX], port[8];
    if (!zt_endpoint_split (endpoint, &host_view, &port_view))
        return EAI_NONAME;
    snprintf (host, sizeof host, "%.*s", (int) host_view.size, host_view.data);
    snprintf (port, sizeof port, "%.*s", (int) port_view.size, port_view.data);
    bool is_any = strcmp (host, "*") == 0, is_localhost = strcmp (host, "localhost") == 0;
    return getaddrinfo (is_any         ? NULL
                        : is_localhost ? "127.0.0.1"
                                       : host,
                        strcmp (port, "*") == 0 ? "0" : port, &hints, found);
}

bool zt_exporter_is_address (const char *endpoint)
{
    struct addrinfo *found = NULL;
    int rc = s_resolve (endpoint, &found);
    if (rc == 0)
        freeaddrinfo (found);
    return rc == 0;
}

const char *zt_exporter_parse (const char *text, zt_buffer_t *endpoint)
{
    zt_buffer_t whole = {NULL, 0, 0};
    bool has_address = strchr (text, ':') != NULL;
    zt_buffer_put_format (&whole, "tcp://%s%s", has_address ? "" : "127.0.0.1:", text);
    zt_buffer_t parsed = {NULL, 0, 0};
    const char *wrong = zt_endpoint_parse (zt_buffer_bytes (&whole), &parsed, NULL);
    if (!wrong && !zt_exporter_is_address (zt_buffer_string (&parsed)))
        wrong = "it is an address of this machine, such as 127.0.0.1, [::1] or *, and a port";
    if (!wrong)
        zt_buffer_put_bytes (endpoint, zt_buffer_bytes (&parsed));
    zt_buffer_free (&parsed);
    zt_buffer_free (&whole);
    return wrong;
}

/*  A socket that listens there; -1 with a sentence. */
static int s_listen (const char *endpoint, zt_buffer_t *wrong)
{
    static const int on = 1;
    struct addrinfo *found = NULL;
    int rc = s_resolve (endpoint, &found);
    int fd = rc == 0 ? zt_system_socket (found->ai_family, SOCK_STREAM, false) : -1;
    bool is_well = fd >= 0 && setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                   bind (fd, found->ai_addr, found->ai_addrlen) == 0 && listen (fd, S_BACKLOG) == 0;
    if (!is_well)
        zt_buffer_put_format (wrong, "cannot listen on %s for HTTP: %s",
                              endpoint + strlen ("tcp://"),
                              rc != 0 ? gai_strerror (rc) : strerror (errno));
    if (rc == 0)
        freeaddrinfo (found);
    if (!is_well && fd >= 0)
        close (fd);
    return is_well ? fd : -1;
}

/*  Where it listens, with its real port. */
static bool s_look_where (zt_exporter_t *self)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    char host[ZT_HOST_MAX], service[8];
    zt_buffer_t where = {NULL, 0, 0};
    if (getsockname (self->listener, (struct sockaddr *) &address, &size) != 0 ||
        getnameinfo ((const struct sockaddr *) &address, size, host, sizeof host, service,
                     sizeof service, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return false;
    bool is_ipv6 = address.ss_family == AF_INET6;
    zt_buffer_put_format (&where, "tcp://%s%s%s:%s", is_ipv6 ? "[" : "", host, is_ipv6 ? "]" : "",
                          service);
    self->is_open = !zt_endpoint_is_local (zt_buffer_string (&where));
    zt_buffer_t url = {NULL, 0, 0};
    zt_buffer_put_format (&url, "http://%s", zt_buffer_string (&where) + strlen ("tcp://"));
    self->url = zt_strndup (url.data, url.size);
    zt_buffer_free (&url);
    zt_buffer_free (&where);
    return true;
}

static bool s_start (zt_exporter_t *self)
{
    /*  Not MHD_USE_ERROR_LOG: what strangers send is no news for stderr. */
    self->daemon = MHD_start_daemon (
        zt_system_has_epoll () ? MHD_USE_EPOLL : MHD_NO_FLAG, 0, NULL, NULL, s_request, self,
        MHD_OPTION_LISTEN_SOCKET, self->listener, MHD_OPTION_CONNECTION_LIMIT, (unsigned) S_LINKS,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned) (S_LINK_MS / 1000),
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) S_MEMORY, MHD_OPTION_NOTIFY_CONNECTION,
        s_notify, self, MHD_OPTION_END);
    return self->daemon != NULL;
}

zt_exporter_t *zt_exporter_new (const char *endpoint, const zt_meter_t *meter, zt_buffer_t *wrong)
{
    zt_exporter_t *self = zt_alloc (sizeof *self);
    self->meter = meter;
    self->now = zt_clock_monotonic ();
    for (size_t i = 0; i < S_LINKS; i++)
        self->links[i].fd = -1;
    self->listener = s_listen (endpoint, wrong);
    bool is_well = self->listener >= 0;
    if (is_well && !(s_look_where (self) && s_start (self))) {
        zt_buffer_put_format (wrong, "cannot answer HTTP: %s", strerror (errno));
        is_well = false;
    }
    if (!is_well)
        zt_exporter_destroy (&self);
    return self;
}

void zt_exporter_destroy (zt_exporter_t **self_p)
{
    zt_exporter_t *self = *self_p;
    if (!self)
        return;
    if (self->daemon)
        MHD_stop_daemon (self->daemon); /* closes the listener */
    else if (self->listener >= 0)
        close (self->listener);
    zt_buffer_free (&self->page);
    free (self->url);
    free (self);
    *self_p = NULL;
}

const char *zt_exporter_url (const zt_exporter_t *self)
{
    return self->url;
}

bool zt_exporter_is_open (const zt_exporter_t *self)
{
    return self->is_open;
}

/*  ---------------------------------------------------------------------------
    A turn */

/*  libmicrohttpd tells it for select, and does select itself then: what has come in by a descriptor
    that is too large for that, it closes. */
static size_t s_poll_each (const zt_exporter_t *self, struct pollfd fds[ZT_EXPORTER_FDS])
{
    fd_set readers, writers, others;
    int last = -1;
    size_t n = 0;
    FD_ZERO (&readers);
    FD_ZERO (&writers);
    FD_ZERO (&others);
    if (MHD_get_fdset (self->daemon, &readers, &writers, &others, &last) != MHD_YES)
        return 0;
    for (int fd = 0; fd <= last && n < ZT_EXPORTER_FDS; fd++) {
        int events =
            (FD_ISSET (fd, &readers) ? POLLIN : 0) | (FD_ISSET (fd, &writers) ? POLLOUT : 0);
        if (events)
            fds[n++] = (struct pollfd){.fd = fd, .events = (short) events};
    }
    return n;
}

size_t zt_exporter_poll (const zt_exporter_t *self, struct pollfd fds[ZT_EXPORTER_FDS])
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info (self->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (!info || info->epoll_fd < 0)
        return s_poll_each (self, fds);
    fds[0] = (struct pollfd){.fd = info->epoll_fd, .events = POLLIN};
    return 1;
}

uint64_t zt_exporter_deadline (const zt_exporter_t *self)
{
    uint64_t deadline = UINT64_MAX;
    MHD_UNSIGNED_LONG_LONG wait = 0;
    if (MHD_get_timeout (self->daemon, &wait) == MHD_YES)
        deadline = zt_clock_monotonic () + wait;
    for (size_t i = 0; i < S_LINKS; i++) {
        const s_link_t *link = &self->links[i];
        if (link->fd >= 0 && !link->is_ending && link->since + S_LINK_MS < deadline)
            deadline = link->since + S_LINK_MS;
    }
    return deadline;
}

void zt_exporter_serve (zt_exporter_t *self, uint64_t now)
{
    self->now = now;
    for (size_t i = 0; i < S_LINKS; i++) {
        s_link_t *link = &self->links[i];
        if (link->fd >= 0 && !link->is_ending && now >= link->since + S_LINK_MS)
            s_end_link (self, link);
    }
    MHD_run (self->daemon);
}
