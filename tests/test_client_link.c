/*  SPDX-License-Identifier: MPL-2.0

    The client's socket against brokers of ZeroMQ: what becomes of a handshake. */

#include "client/link.h"

#include <czmq.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

enum { S_DEADLINE_MS = 10000 };

/*  A ROUTER of a process that is its own authority. */
typedef struct {
    zsock_t *router, *zap;
    zt_keys_t broker, own;
    zt_link_t *link;
} s_fixture_t;

static zt_keys_t s_keys (void)
{
    zt_keys_t keys;
    assert_int_equal (zmq_curve_keypair (keys.public.text, keys.secret), 0);
    return keys;
}

/*  The authority is there for all tests: its address is not free at once when it is closed. */
static int s_setup_all (void **state)
{
    static s_fixture_t fixture;
    fixture.zap = zsock_new (ZMQ_REP);
    *state = &fixture;
    return zsock_bind (fixture.zap, "inproc://zeromq.zap.01");
}

static int s_teardown_all (void **state)
{
    s_fixture_t *self = *state;
    zsock_destroy (&self->zap);
    zsys_shutdown ();
    return 0;
}

static int s_setup (void **state)
{
    s_fixture_t *self = *state;
    self->broker = s_keys ();
    self->own = s_keys ();
    return 0;
}

static int s_teardown (void **state)
{
    s_fixture_t *self = *state;
    zt_link_destroy (&self->link);
    zsock_destroy (&self->router);
    return 0;
}

/*  Starts the broker, and a link to it that takes that for its key. */
static void s_begin (s_fixture_t *self, bool encrypts, const zt_key_t *key)
{
    self->router = zsock_new (ZMQ_ROUTER);
    zsock_set_zap_domain (self->router, "test");
    if (encrypts) {
        zsock_set_curve_server (self->router, 1);
        zsock_set_curve_secretkey (self->router, self->broker.secret);
    }
    assert_true (zsock_bind (self->router, "tcp://127.0.0.1:*") > 0);
    const char *why;
    self->link = zt_link_new (zsock_endpoint (self->router), key, &self->own, zsys_init (), &why);
    assert_non_null (self->link);
}

/*  Answers a question of the ROUTER, if there is one, with that status. */
static void s_authorise (s_fixture_t *self, const char *status)
{
    zmsg_t *request = zsock_events (self->zap) & ZMQ_POLLIN ? zmsg_recv (self->zap) : NULL;
    if (!request)
        return;
    char *version = zmsg_popstr (request), *id = zmsg_popstr (request);
    assert_int_equal (zstr_sendx (self->zap, version, id, status, "", "user", "", NULL), 0);
    zstr_free (&version);
    zstr_free (&id);
    zmsg_destroy (&request);
}

/*  The next event; what the authority says meanwhile is status. */
static zt_link_event_t s_wait (s_fixture_t *self, const char *status)
{
    int64_t end = zclock_mono () + S_DEADLINE_MS;
    zt_link_event_t event;
    while ((event = zt_link_event (self->link)) == ZT_LINK_NOTHING || event == ZT_LINK_RETRIES) {
        assert_true (zclock_mono () < end);
        s_authorise (self, status);
        zmq_pollitem_t items[] = {{zsock_resolve (self->zap), 0, ZMQ_POLLIN, 0}};
        zmq_poll (items, 1, 5);
    }
    return event;
}

static const zt_key_t s_plain = {""};

static void s_the_right_key_connects (void **state)
{
    s_fixture_t *self = *state;
    s_begin (self, true, &self->broker.public);
    assert_int_equal (s_wait (self, "200"), ZT_LINK_UP);
    assert_true (zt_link_send (self->link, zt_bytes ("hello")));
    zmsg_t *message = zmsg_recv (self->router);
    zframe_t *frame = zmsg_last (message);
    assert_true (zframe_streq (frame, "hello"));
    zmsg_destroy (&message);
}

static void s_without_a_key_it_is_plain (void **state)
{
    s_fixture_t *self = *state;
    s_begin (self, false, &s_plain);
    assert_int_equal (s_wait (self, "200"), ZT_LINK_UP);
}

static void s_another_key_does_not (void **state)
{
    s_fixture_t *self = *state;
    zt_keys_t other = s_keys ();
    s_begin (self, true, &other.public);
    assert_int_equal (s_wait (self, "200"), ZT_LINK_FAILED);
    assert_int_equal (s_wait (self, "200"), ZT_LINK_DOWN);
    assert_int_equal (s_wait (self, "200"), ZT_LINK_FAILED); /* and it goes on trying */
    assert_true (zt_link_rekey (self->link, &self->broker.public));
    zt_link_event_t event;
    while ((event = s_wait (self, "200")) == ZT_LINK_DOWN)
        continue;
    assert_int_equal (event, ZT_LINK_UP);
}

static void s_who_encrypts_alone_is_told (void **state)
{
    s_fixture_t *self = *state;
    s_begin (self, true, &s_plain);
    assert_int_equal (s_wait (self, "200"), ZT_LINK_MECHANISM);
    assert_int_equal (s_wait (self, "200"), ZT_LINK_DOWN);
}

static void s_who_encrypts_in_vain_is_told (void **state)
{
    s_fixture_t *self = *state;
    s_begin (self, false, &self->broker.public);
    assert_int_equal (s_wait (self, "200"), ZT_LINK_MECHANISM);
    assert_int_equal (s_wait (self, "200"), ZT_LINK_DOWN);
}

static void s_who_is_banned_is_told (void **state)
{
    s_fixture_t *self = *state;
    s_begin (self, true, &self->broker.public);
    assert_int_equal (s_wait (self, "400"), ZT_LINK_BANNED);
}

static void s_who_is_to_come_later_is_not_banned (void **state)
{
    s_fixture_t *self = *state;
    s_begin (self, true, &self->broker.public);
    assert_int_equal (s_wait (self, "300"), ZT_LINK_FAILED);
    zt_link_event_t event;
    while ((event = s_wait (self, "200")) != ZT_LINK_UP)
        assert_true (event == ZT_LINK_DOWN || event == ZT_LINK_FAILED);
}

/*  Nobody listens there: when the next try is, is told. */
static void s_a_retry_is_told (void **state)
{
    const char *why = NULL;
    (void) state;
    void *context = zmq_ctx_new ();
    zt_link_t *link = zt_link_new ("tcp://127.0.0.1:1", &s_plain, NULL, context, &why);
    assert_non_null (link);
    int64_t end = zclock_mono () + S_DEADLINE_MS;
    zt_link_event_t event;
    while ((event = zt_link_event (link)) == ZT_LINK_NOTHING) {
        assert_true (zclock_mono () < end);
        zmq_poll (NULL, 0, 5);
    }
    assert_int_equal (event, ZT_LINK_RETRIES);
    assert_in_range (zt_link_retry_ms (link), 1, 2200);
    zt_link_destroy (&link);
    zmq_ctx_term (context);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (s_the_right_key_connects, s_setup, s_teardown),
        cmocka_unit_test (s_a_retry_is_told),
        cmocka_unit_test_setup_teardown (s_without_a_key_it_is_plain, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_another_key_does_not, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_who_encrypts_alone_is_told, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_who_encrypts_in_vain_is_told, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_who_is_banned_is_told, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_who_is_to_come_later_is_not_banned, s_setup, s_teardown),
    };
    return cmocka_run_group_tests (tests, s_setup_all, s_teardown_all);
}
