/*  SPDX-License-Identifier: MPL-2.0

    Who has no key, or the wrong one, gets not a byte of a message; and nobody can speak for
    another, by no route: tried against the running broker. test_broker_access.c has what the
    core says to it. */

#include "tests/harness.h"
#include "tests/relay.h"
#include "tests/zmtp.h"

#include "broker/router.h"
#include "broker/zap.h"
#include "common/alloc.h"
#include "common/limits.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <unistd.h>
#include <zmq.h>

enum { S_GREETING = 64 }; /* bytes that ZMTP begins with, either way */

static const zt_bytes_t s_nobody = {"", 0};
static const char s_secret[] = "Цього не читає ніхто";

typedef struct {
    zt_harness_t *harness;
    zt_program_t *broker;
    char *endpoint; /* tcp */
    char *ipc;
    zt_key_t key; /* empty: it is not encrypted */
    void *context;
    unsigned n_open; /* sockets in it */
} s_scene_t;

/*  Who connects: keys, and a socket with what its monitor tells. */
typedef struct {
    s_scene_t *scene;
    char public[ZT_KEY_SIZE];
    char secret[ZT_KEY_SIZE];
    void *socket;
    void *monitor;
    zt_bytes_t claimed; /* a routing id; empty: none */
} s_client_t;

/*  ---------------------------------------------------------------------------
    The scene */

static void s_open (s_scene_t *self, const char *plain)
{
    zt_buffer_t ipc = {NULL, 0, 0}, state = {NULL, 0, 0};
    self->harness = zt_harness_new ();
    const char *directory = zt_harness_directory (self->harness);
    zt_buffer_put_format (&ipc, "ipc://%s/broker", directory);
    zt_buffer_put_format (&state, "XDG_STATE_HOME=%s", directory);
    self->ipc = zt_strndup (ipc.data, ipc.size);
    const char *argv[] = {"ztalk-broker", "--ephemeral",       "--console", "-e", self->ipc,
                          "-e",           "tcp://127.0.0.1:*", plain,       NULL};
    const char *environment[] = {zt_buffer_string (&state), NULL};
    self->broker = zt_harness_start (self->harness, argv, environment);
    const char *ready = zt_program_expect_match (self->broker, "^ready tcp://[^ ]*:[0-9]+ .+$");
    const char *endpoint = ready + strlen ("ready ");
    size_t size = strcspn (endpoint, " ");
    self->endpoint = zt_strndup (endpoint, size);
    zt_key_read (zt_bytes (endpoint + size + 1), &self->key);
    self->context = zmq_ctx_new ();
    zt_buffer_free (&ipc);
    zt_buffer_free (&state);
}

static int s_setup (void **state)
{
    s_scene_t *self = *state = zt_alloc (sizeof *self);
    s_open (self, NULL);
    return 0;
}

static int s_setup_plain (void **state)
{
    s_scene_t *self = *state = zt_alloc (sizeof *self);
    s_open (self, "--plain");
    return 0;
}

static int s_teardown (void **state)
{
    s_scene_t *self = *state;
    zt_harness_destroy (&self->harness);
    if (self->n_open == 0) /* a test that has failed leaves some, which would be waited for */
        zmq_ctx_term (self->context);
    free (self->endpoint);
    free (self->ipc);
    free (self);
    return 0;
}

/*  A client with new keys. */
static s_client_t s_client (s_scene_t *scene)
{
    s_client_t self = {.scene = scene};
    assert_int_equal (zmq_curve_keypair (self.public, self.secret), 0);
    return self;
}

/*  Connects, once, to an endpoint of a broker with that key; monitors what becomes of it. */
static void s_connect_to (s_client_t *self, const char *endpoint, const char *key)
{
    static const int linger = 0, never = -1;
    static unsigned number; /* an inproc name is not free at once */
    char monitor[64];
    snprintf (monitor, sizeof monitor, "inproc://monitor-%u", number++);
    self->socket = zmq_socket (self->scene->context, ZMQ_DEALER);
    self->monitor = zmq_socket (self->scene->context, ZMQ_PAIR);
    self->scene->n_open++;
    zmq_setsockopt (self->socket, ZMQ_LINGER, &linger, sizeof linger);
    zmq_setsockopt (self->socket, ZMQ_RECONNECT_IVL, &never, sizeof never);
    if (*key) {
        zmq_setsockopt (self->socket, ZMQ_CURVE_SERVERKEY, key, ZT_KEY_CHARS);
        zmq_setsockopt (self->socket, ZMQ_CURVE_PUBLICKEY, self->public, ZT_KEY_CHARS);
        zmq_setsockopt (self->socket, ZMQ_CURVE_SECRETKEY, self->secret, ZT_KEY_CHARS);
    }
    if (self->claimed.size)
        zmq_setsockopt (self->socket, ZMQ_ROUTING_ID, self->claimed.data, self->claimed.size);
    assert_int_equal (zmq_socket_monitor (self->socket, monitor, ZMQ_EVENT_ALL), 0);
    assert_int_equal (zmq_connect (self->monitor, monitor), 0);
    assert_int_equal (zmq_connect (self->socket, endpoint), 0);
}

static void s_connect (s_client_t *self)
{
    s_connect_to (self, self->scene->endpoint, self->scene->key.text);
}

static void s_disconnect (s_client_t *self)
{
    zmq_socket_monitor (self->socket, NULL, 0);
    zmq_close (self->monitor);
    zmq_close (self->socket);
    self->scene->n_open--;
}

static void s_say (s_client_t *self, const char *frame)
{
    assert_true (zmq_send (self->socket, frame, strlen (frame), 0) >= 0);
}

/*  Waits for a frame that has the text in it; borrowed until the next call. */
static const char *s_expect (s_client_t *self, const char *text)
{
    static char frame[ZT_FRAME_MAX + 1];
    int deadline = zt_harness_deadline (self->scene->harness);
    for (;;) {
        if (zmq_poll (&(zmq_pollitem_t){self->socket, 0, ZMQ_POLLIN, 0}, 1, deadline) != 1)
            fail_msg ("no '%s' from the broker", text);
        int size = zmq_recv (self->socket, frame, sizeof frame - 1, 0);
        assert_true (size >= 0);
        frame[size] = '\0';
        if (strstr (frame, text))
            return frame;
    }
}

/*  Waits for an event of the connection; returns its value. */
static int32_t s_expect_event (s_client_t *self, uint16_t wanted)
{
    int deadline = zt_harness_deadline (self->scene->harness);
    for (;;) {
        char data[256];
        uint16_t event;
        int32_t value;
        if (zmq_poll (&(zmq_pollitem_t){self->monitor, 0, ZMQ_POLLIN, 0}, 1, deadline) != 1)
            fail_msg ("no event %u of the connection", wanted);
        assert_true (zmq_recv (self->monitor, data, sizeof data, 0) >= 6);
        memcpy (&event, data, sizeof event);
        memcpy (&value, data + sizeof event, sizeof value);
        zmq_recv (self->monitor, data, sizeof data, 0);
        if (event == wanted)
            return value;
    }
}

/*  Somebody who talks to all: there is something to hear. */
static s_client_t s_olena (s_scene_t *scene)
{
    s_client_t self = s_client (scene);
    s_connect (&self);
    s_say (&self, "HELLO ZTALK/1 olena 14\n{\"device\":\"d\"}\n");
    s_expect (&self, "WELCOME olena");
    s_say (&self, "SEND 1 #general 14\n{\"text\":\"hi!\"}\n");
    s_expect (&self, "SENT 1");
    return self;
}

/*  ---------------------------------------------------------------------------
    Who has not the right key */

static void s_no_key_no_byte (void **state)
{
    static const char *const mechanisms[] = {"NULL", "PLAIN", "GSSAPI", "CURVE", "X"};
    s_scene_t *scene = *state;
    s_client_t olena = s_olena (scene);
    for (size_t i = 0; i < sizeof mechanisms / sizeof mechanisms[0]; i++) {
        zt_buffer_t bytes = {NULL, 0, 0}, got = {NULL, 0, 0};
        zt_zmtp_put_greeting_of (&bytes, mechanisms[i]);
        zt_zmtp_put_ready_claiming (&bytes, s_nobody, "User-Id", olena.public);
        zt_zmtp_put_frame (&bytes, 0, zt_bytes ("HELLO ZTALK/1 eve 14\n{\"device\":\"d\"}\n"));
        int fd = zt_zmtp_connect (scene->endpoint);
        zt_zmtp_send_deaf (fd, zt_buffer_bytes (&bytes));
        zt_zmtp_read (fd, &got);
        assert_true (got.size <= S_GREETING);
        close (fd);
        zt_buffer_free (&bytes);
        zt_buffer_free (&got);
    }
    s_disconnect (&olena);
}

/*  libzmq tells a client no reason; and the broker says nothing but its greeting. */
static void s_wrong_broker_key_no_byte (void **state)
{
    s_scene_t *scene = *state;
    s_client_t olena = s_olena (scene), eve = s_client (scene);
    zt_relay_t *relay = zt_relay_new (scene->endpoint);
    zt_buffer_t to, from;
    s_connect_to (&eve, zt_relay_endpoint (relay), olena.public); /* a key, not the broker's */
    s_say (&eve, "HELLO ZTALK/1 eve 14\n{\"device\":\"d\"}\n");
    s_expect_event (&eve, ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL);
    char byte;
    assert_int_equal (zmq_recv (eve.socket, &byte, 1, ZMQ_DONTWAIT), -1);
    s_disconnect (&eve);
    zt_relay_end (&relay, &to, &from);
    assert_int_equal (from.size, S_GREETING);
    zt_buffer_free (&to);
    zt_buffer_free (&from);
    s_disconnect (&olena);
}

static bool s_has (const zt_buffer_t *bytes, const char *text)
{
    return memmem (bytes->data, bytes->size, text, strlen (text)) != NULL;
}

/*  A whole session, as somebody on the way sees it. Returns whether that shows
    what it is about. */
static bool s_is_overheard (s_scene_t *scene)
{
    static const char *const words[] = {"taras", "#rendezvous", s_secret, "SEND", "#general"};
    zt_relay_t *relay = zt_relay_new (scene->endpoint);
    zt_buffer_t to, from, send = {NULL, 0, 0};
    s_client_t taras = s_client (scene), petro = s_client (scene);
    s_connect_to (&taras, zt_relay_endpoint (relay), scene->key.text);
    s_connect (&petro);
    s_say (&petro, "HELLO ZTALK/1 petro 14\n{\"device\":\"d\"}\n");
    s_expect (&petro, "WELCOME");
    s_say (&taras, "HELLO ZTALK/1 taras 14\n{\"device\":\"d\"}\n");
    s_expect (&taras, "WELCOME");
    s_say (&taras, "JOIN 1 #rendezvous\n");
    s_expect (&taras, "RESULT 1");
    zt_buffer_put_format (&send, "SEND 2 @petro %zu\n{\"text\":\"%s\"}\n", strlen (s_secret) + 11,
                          s_secret);
    s_say (&taras, zt_buffer_string (&send));
    s_expect (&petro, s_secret);
    zt_buffer_clear (&send);
    zt_buffer_put_format (&send, "SEND 1 @taras %zu\n{\"text\":\"%s\"}\n", strlen (s_secret) + 11,
                          s_secret);
    s_say (&petro, zt_buffer_string (&send));
    s_expect (&taras, s_secret);
    s_disconnect (&taras);
    s_disconnect (&petro);
    zt_relay_end (&relay, &to, &from);
    assert_true (s_has (&to, "NULL") || s_has (&to, "CURVE")); /* it has heard something */
    unsigned n = 0;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        n += s_has (&to, words[i]) + s_has (&from, words[i]);
    zt_buffer_free (&to);
    zt_buffer_free (&from);
    zt_buffer_free (&send);
    return n > 0;
}

static void s_nobody_on_the_way_reads_along (void **state)
{
    assert_false (s_is_overheard (*state));
}

/*  And it is not that the test hears nothing. */
static void s_without_encryption_everybody_does (void **state)
{
    assert_true (s_is_overheard (*state));
}

/*  ---------------------------------------------------------------------------
    Who speaks for another */

/*  Through the unix socket, where nothing is proved, a peer claims to have proved it. */
static void s_a_claimed_user_id_is_none (void **state)
{
    s_scene_t *scene = *state;
    s_client_t olena = s_olena (scene);
    zt_buffer_t hello = {NULL, 0, 0};
    zt_buffer_put_format (&hello, "HELLO ZTALK/1 olena %d\n{\"device\":\"d\",\"token\":\"%s\"}\n",
                          25 + ZT_KEY_CHARS, olena.public);
    const char *const hellos[] = {"HELLO ZTALK/1 olena 14\n{\"device\":\"d\"}\n",
                                  "HELLO ZTALK/1 OLENA 2\n{}\n", zt_buffer_string (&hello)};
    for (size_t i = 0; i < sizeof hellos / sizeof hellos[0]; i++) {
        zt_buffer_t bytes = {NULL, 0, 0};
        zt_zmtp_put_frame (&bytes, 0, zt_bytes (hellos[i]));
        int fd = zt_zmtp_open_claiming (scene->ipc, s_nobody, "User-Id", olena.public);
        assert_true (zt_zmtp_send_deaf (fd, zt_buffer_bytes (&bytes)));
        assert_true (zt_zmtp_expect (fd, "name-taken"));
        close (fd);
        zt_buffer_free (&bytes);
    }
    zt_buffer_free (&hello);
    s_disconnect (&olena);
}

static void s_a_session_has_one_name (void **state)
{
    s_scene_t *scene = *state;
    s_client_t olena = s_olena (scene), mallory = s_client (scene);
    s_connect (&mallory);
    /*  With another key the name is another's; with the same key there are other names,
        but one at a time. */
    s_say (&mallory, "HELLO ZTALK/1 olena 14\n{\"device\":\"d\"}\n");
    s_expect (&mallory, "ERROR - name-taken");
    s_say (&mallory, "HELLO ZTALK/1 molly 14\n{\"device\":\"d\"}\n");
    s_expect (&mallory, "WELCOME molly");
    s_say (&mallory, "HELLO ZTALK/1 olena 14\n{\"device\":\"d\"}\n");
    s_expect (&mallory, "ERROR - bad-request");
    s_say (&mallory, "BYE\n");
    s_say (&mallory, "HELLO ZTALK/1 mallory 14\n{\"device\":\"d\"}\n");
    s_expect (&mallory, "WELCOME mallory");
    s_say (&mallory, "HELLO ZTALK/1 molly 14\n{\"device\":\"d\"}\n");
    s_say (&mallory, "SEND 1 @olena 35\n{\"from\":\"@olena\",\"text\":\"I am you\"}\n");
    const char *frame = s_expect (&olena, "I am you");
    assert_non_null (strstr (frame, " @mallory @olena 35\n"));
    /*  Nor does it help to say what only the broker says. */
    s_say (&mallory, "MSG 1 1 @olena @olena 2\n{}\n");
    s_say (&mallory, "SEND 2 @olena 16\n{\"text\":\"again\"}\n");
    frame = s_expect (&olena, "again");
    assert_non_null (strstr (frame, " @mallory @olena 16\n"));
    s_disconnect (&mallory);
    s_disconnect (&olena);
}

/*  ---------------------------------------------------------------------------
    Whose connection it is */

static bool s_admit_all (void *self, const char *address, const zt_key_t *key)
{
    (void) self;
    (void) address;
    (void) key;
    return true;
}

/*  Waits for a frame, and answers those who ask to be let in. */
static zt_receipt_kind_t s_receive (zt_router_t *router, zt_zap_t *zap, zt_bytes_t *id,
                                    zt_bytes_t *frame, int ms)
{
    for (;;) {
        zt_zap_serve (zap);
        zt_receipt_kind_t kind = zt_router_receive (router, id, frame);
        struct pollfd fds[] = {{zt_router_fd (router), POLLIN, 0}, {zt_zap_fd (zap), POLLIN, 0}};
        if (kind != ZT_ROUTER_NOTHING || (poll (fds, 2, ms) == 0 && !zt_router_is_ready (router)))
            return kind;
    }
}

/*  A bare connection that claims the id, and may speak now. */
static int s_open_thief (zt_router_t *router, zt_zap_t *zap, const char *endpoint, zt_bytes_t id)
{
    enum { A_WHILE_MS = 300 };
    zt_buffer_t bytes = {NULL, 0, 0};
    zt_bytes_t from, frame;
    zt_zmtp_put_greeting (&bytes);
    zt_zmtp_put_ready (&bytes, id);
    int fd = zt_zmtp_connect (endpoint);
    assert_true (zt_zmtp_send_deaf (fd, zt_buffer_bytes (&bytes)));
    zt_buffer_free (&bytes);
    assert_int_equal (s_receive (router, zap, &from, &frame, A_WHILE_MS), ZT_ROUTER_NOTHING);
    zt_zmtp_expect (fd, "READY");
    return fd;
}

/*  An id is known to nobody but the router; so this is the router alone, which tells it us.
    Who claims the id of another is not heard, hears nothing, and takes nothing away. */
static void s_a_stolen_routing_id_is_of_no_use (void **state)
{
    enum { A_WHILE_MS = 300 };
    s_scene_t *scene = *state;
    char endpoint[600];
    zt_bytes_t id, frame;
    zt_router_seed ();
    zt_zap_t *zap = zt_zap_new (s_admit_all, NULL);
    zt_router_t *router = zt_router_new (NULL);
    snprintf (endpoint, sizeof endpoint, "ipc://%s/router", zt_harness_directory (scene->harness));
    assert_null (zt_router_bind (router, endpoint));
    s_client_t olena = s_client (scene);
    s_connect_to (&olena, endpoint, "");
    s_say (&olena, "PING olena\n");
    int deadline = zt_harness_deadline (scene->harness);
    assert_int_equal (s_receive (router, zap, &id, &frame, deadline), ZT_ROUTER_FRAME);
    zt_buffer_t stolen = {NULL, 0, 0}, bytes = {NULL, 0, 0};
    zt_buffer_put_bytes (&stolen, id);
    id = zt_buffer_bytes (&stolen);

    /*  The ready that it would wait for comes when somebody has answered for it. */
    int fd = s_open_thief (router, zap, endpoint, id);
    zt_zmtp_put_frame (&bytes, 0, zt_bytes ("PING thief\n"));
    assert_true (zt_zmtp_send_deaf (fd, zt_buffer_bytes (&bytes)));
    zt_bytes_t from;
    assert_int_equal (s_receive (router, zap, &from, &frame, A_WHILE_MS), ZT_ROUTER_NOTHING);
    static const zt_bytes_t pong = ZT_LITERAL ("PONG olena\n");
    assert_int_equal (zt_router_send (router, id, &pong, 1, pong.size), ZT_SEND_OK);
    s_expect (&olena, "PONG olena");
    s_say (&olena, "PING again\n");
    assert_int_equal (s_receive (router, zap, &from, &frame, deadline), ZT_ROUTER_FRAME);
    assert_true (zt_bytes_equal (frame, zt_bytes ("PING again\n")));
    assert_true (zt_bytes_equal (from, id));
    char byte;
    assert_int_equal (read (fd, &byte, 1), -1);
    close (fd);
    s_disconnect (&olena);
    zt_router_destroy (&router, 0);
    zt_zap_destroy (&zap);
    zsys_shutdown ();
    zt_buffer_free (&stolen);
    zt_buffer_free (&bytes);
}

/*  An id is free again when its connection has ended, and whoever claims it then gets through
    to the router. But the number of the connection is another. */
static void s_an_inherited_routing_id_is_another_connection (void **state)
{
    enum { A_WHILE_MS = 300 };
    s_scene_t *scene = *state;
    char endpoint[600];
    zt_bytes_t id, frame, key;
    zt_keys_t keys = {0};
    zt_router_seed ();
    assert_int_equal (zmq_curve_keypair (keys.public.text, keys.secret), 0);
    zt_zap_t *zap = zt_zap_new (s_admit_all, NULL);
    zt_router_t *router = zt_router_new (&keys);
    snprintf (endpoint, sizeof endpoint, "ipc://%s/router", zt_harness_directory (scene->harness));
    assert_null (zt_router_bind (router, endpoint));
    s_client_t olena = s_client (scene);
    s_connect_to (&olena, endpoint, "");
    s_say (&olena, "PING olena\n");
    int deadline = zt_harness_deadline (scene->harness);
    assert_int_equal (s_receive (router, zap, &id, &frame, deadline), ZT_ROUTER_FRAME);
    uint64_t hers = zt_router_peer_serial (router, &key);
    assert_int_not_equal (hers, 0);
    zt_buffer_t inherited = {NULL, 0, 0};
    zt_buffer_put_bytes (&inherited, id);
    s_disconnect (&olena);

    s_client_t thief = s_client (scene);
    thief.claimed = zt_buffer_bytes (&inherited);
    zt_receipt_kind_t kind = ZT_ROUTER_NOTHING;
    for (int left = deadline; left > 0 && kind == ZT_ROUTER_NOTHING; left -= A_WHILE_MS) {
        if (left < deadline) /* the router had not noticed the end */
            s_disconnect (&thief);
        s_connect_to (&thief, endpoint, "");
        s_say (&thief, "PING thief\n");
        kind = s_receive (router, zap, &id, &frame, A_WHILE_MS);
    }
    assert_int_equal (kind, ZT_ROUTER_FRAME);
    assert_true (zt_bytes_equal (id, zt_buffer_bytes (&inherited)));
    uint64_t its = zt_router_peer_serial (router, &key);
    assert_int_not_equal (its, 0);
    assert_int_not_equal (its, hers);
    s_disconnect (&thief);
    zt_router_destroy (&router, 0);
    zt_zap_destroy (&zap);
    zsys_shutdown ();
    zt_buffer_free (&inherited);
}

/*  An id that is a client's own choice is the end of its connection, whatever it is. */
static void s_a_client_chooses_no_routing_id (void **state)
{
    s_scene_t *scene = *state;
    static const zt_bytes_t ids[] = {ZT_LITERAL ("olena"), ZT_LITERAL ("\0\1\2\3\4")};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        zt_buffer_t got = {NULL, 0, 0}, bytes = {NULL, 0, 0};
        int fd = zt_zmtp_open (scene->ipc, ids[i]);
        zt_zmtp_put_frame (&bytes, 0, zt_bytes ("HELLO ZTALK/1 eve 14\n{\"device\":\"d\"}\n"));
        assert_true (zt_zmtp_send_deaf (fd, zt_buffer_bytes (&bytes)));
        zt_zmtp_read (fd, &got);
        assert_false (s_has (&got, "WELCOME eve"));
        close (fd);
        zt_buffer_free (&bytes);
        zt_buffer_free (&got);
    }
}

/*  ---------------------------------------------------------------------------
    Who is banned */

static void s_expect_ban (s_client_t *self)
{
    enum { ZAP_REFUSED = 400 };
    assert_int_equal (s_expect_event (self, ZMQ_EVENT_HANDSHAKE_FAILED_AUTH), ZAP_REFUSED);
    char byte;
    assert_int_equal (zmq_recv (self->socket, &byte, 1, ZMQ_DONTWAIT), -1);
    s_disconnect (self);
}

static void s_a_banned_key_is_not_let_in (void **state)
{
    s_scene_t *scene = *state;
    s_client_t olena = s_olena (scene);
    zt_program_write (scene->broker, "ban olena\n");
    zt_program_expect (scene->broker, "1 session ended");
    s_expect (&olena, "BYE kicked");
    s_disconnect (&olena);
    s_connect (&olena);
    s_say (&olena, "HELLO ZTALK/1 other 14\n{\"device\":\"d\"}\n");
    s_expect_ban (&olena);
    zt_program_write (scene->broker, "unban olena\n");
    zt_program_expect (scene->broker, "let in again");
    s_connect (&olena);
    s_say (&olena, "HELLO ZTALK/1 olena 14\n{\"device\":\"d\"}\n");
    s_expect (&olena, "WELCOME olena");
    s_disconnect (&olena);
}

static void s_a_banned_address_is_not_let_in (void **state)
{
    s_scene_t *scene = *state;
    char endpoint[128];
    s_client_t olena = s_olena (scene), eve = s_client (scene);
    snprintf (endpoint, sizeof endpoint, "tcp://127.0.0.9:0;%s", scene->endpoint + 6);
    s_connect_to (&eve, endpoint, scene->key.text);
    s_say (&eve, "HELLO ZTALK/1 eve 14\n{\"device\":\"d\"}\n");
    s_expect (&eve, "WELCOME eve");
    zt_program_write (scene->broker, "ban 127.0.0.8/30\n");
    zt_program_expect (scene->broker, "1 session ended");
    s_expect (&eve, "BYE kicked");
    s_disconnect (&eve);
    s_connect_to (&eve, endpoint, scene->key.text);
    s_expect_ban (&eve);
    /*  Others are not concerned. */
    s_say (&olena, "PING x\n");
    s_expect (&olena, "PONG x");
    s_connect (&eve);
    s_say (&eve, "HELLO ZTALK/1 eve 14\n{\"device\":\"d\"}\n");
    s_expect (&eve, "WELCOME eve");
    s_disconnect (&eve);
    s_disconnect (&olena);
}

/*  ---------------------------------------------------------------------------
    What encryption puts around a frame does not count */

static void s_the_largest_frame_goes_through (void **state)
{
    enum { PING = 256 }; /* bytes of each, with its LF */
    s_scene_t *scene = *state;
    s_client_t olena = s_olena (scene);
    static char frame[ZT_FRAME_MAX + 1];
    for (size_t at = 0; at < ZT_FRAME_MAX; at += PING) {
        memcpy (frame + at, "PING ", 5);
        memset (frame + at + 5, 'x', PING - 6);
        frame[at + PING - 1] = '\n';
    }
    memcpy (frame + ZT_FRAME_MAX - 5, "last", 4);
    assert_int_equal (zmq_send (olena.socket, frame, ZT_FRAME_MAX, 0), ZT_FRAME_MAX);
    s_expect (&olena, "last\n");
    frame[ZT_FRAME_MAX] = '\n';
    zmq_send (olena.socket, frame, ZT_FRAME_MAX + 1, 0);
    s_expect_event (&olena, ZMQ_EVENT_DISCONNECTED);
    s_disconnect (&olena);
}

int main (int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter (argv[1]);
#define FORGING(test) cmocka_unit_test_setup_teardown (test, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        FORGING (s_no_key_no_byte),
        FORGING (s_wrong_broker_key_no_byte),
        FORGING (s_nobody_on_the_way_reads_along),
        cmocka_unit_test_setup_teardown (s_without_encryption_everybody_does, s_setup_plain,
                                         s_teardown),
        FORGING (s_a_claimed_user_id_is_none),
        FORGING (s_a_session_has_one_name),
        FORGING (s_a_stolen_routing_id_is_of_no_use),
        FORGING (s_an_inherited_routing_id_is_another_connection),
        FORGING (s_a_client_chooses_no_routing_id),
        FORGING (s_a_banned_key_is_not_let_in),
        FORGING (s_a_banned_address_is_not_let_in),
        FORGING (s_the_largest_frame_goes_through),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
