/*  SPDX-License-Identifier: MPL-2.0

    ztalk-bench as a whole: against its own forwarder, against the broker, and
    against one that makes mistakes. No figure is compared: what a machine does in
    a test tells nothing. */

#include "tests/harness.h"

#include "common/alloc.h"
#include "common/json.h"
#include "common/key.h"
#include "common/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#define WORDS(...) ((const char *const[]){"ztalk-bench", __VA_ARGS__, NULL})

static int s_setup (void **state)
{
    *state = zt_harness_new ();
    return 0;
}

static int s_teardown (void **state)
{
    zt_harness_t *harness = *state;
    zt_harness_destroy (&harness);
    return 0;
}

static void s_expect (zt_program_t *bench, const char *workload, const char *peer,
                      const char *figure, bool curve)
{
    cJSON *object = zt_json_parse (zt_bytes (zt_program_expect (bench, "{")));
    assert_non_null (object);
    assert_string_equal (zt_json_string (object, "workload").data, workload);
    assert_string_equal (zt_json_string (object, "peer").data, peer);
    assert_true (cJSON_IsNumber (cJSON_GetObjectItemCaseSensitive (object, figure)));
    assert_int_equal (cJSON_IsTrue (cJSON_GetObjectItemCaseSensitive (object, "curve")), curve);
    assert_int_equal (cJSON_GetObjectItemCaseSensitive (object, "lost")->valueint, 0);
    cJSON_Delete (object);
}

/*  The next line has to be an object with these members. */
static void s_expect_figures (zt_program_t *bench, const char *workload, const char *peer,
                              const char *figure)
{
    s_expect (bench, workload, peer, figure, false);
}

/*  The same of a run under CURVE. */
static void s_expect_curve (zt_program_t *bench, const char *workload, const char *peer,
                            const char *figure)
{
    s_expect (bench, workload, peer, figure, true);
}

static void s_limit_runs_all (void **state)
{
    zt_program_t *bench =
        zt_harness_start (*state,
                          WORDS ("limit", "--json", "--messages", "500", "--rounds", "1",
                                 "--receivers", "5", "--connections", "5", "--size", "300"),
                          NULL);
    s_expect_figures (bench, "relay", "limit", "rate");
    s_expect_figures (bench, "fanout", "limit", "cpu_per_million");
    s_expect_figures (bench, "latency", "limit", "p999_us");
    s_expect_figures (bench, "idle", "limit", "kib_per_connection");
    assert_int_equal (zt_program_wait_exit (bench), 0);
}

static void s_limit_encrypts (void **state)
{
    zt_program_t *bench =
        zt_harness_start (*state,
                          WORDS ("limit", "--curve", "--json", "--messages", "500", "--rounds", "1",
                                 "--receivers", "5", "--connections", "5", "--size", "300"),
                          NULL);
    s_expect_curve (bench, "relay", "limit", "rate");
    s_expect_curve (bench, "fanout", "limit", "cpu_per_million");
    s_expect_curve (bench, "latency", "limit", "p999_us");
    s_expect_curve (bench, "idle", "limit", "kib_per_connection");
    assert_int_equal (zt_program_wait_exit (bench), 0);
}

#define KEY "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"

static void s_wrong_usage (void **state)
{
    assert_int_equal (zt_program_wait_exit (zt_harness_start (*state, WORDS ("tea"), NULL)), 2);
    assert_int_equal (zt_program_wait_exit (zt_harness_start (*state, WORDS ("--json"), NULL)), 2);
    zt_program_t *bench = zt_harness_start (*state, WORDS ("relay", "--size", "39"), NULL);
    zt_program_expect_error (bench, "from 40 to 65536");
    assert_int_equal (zt_program_wait_exit (bench), 2);
    bench = zt_harness_start (*state, WORDS ("durable", "-e", "tcp://127.0.0.1:1"), NULL);
    zt_program_expect_error (bench, "takes no --endpoint");
    assert_int_equal (zt_program_wait_exit (bench), 2);
    bench = zt_harness_start (*state, WORDS ("relay", "--rate", "0"), NULL);
    zt_program_expect_error (bench, "from 1 to");
    assert_int_equal (zt_program_wait_exit (bench), 2);
    bench = zt_harness_start (*state, WORDS ("relay", "--curve", "-e", "tcp://127.0.0.1:1"), NULL);
    zt_program_expect_error (bench, "needs the broker's key");
    assert_int_equal (zt_program_wait_exit (bench), 2);
    bench = zt_harness_start (*state, WORDS ("relay", "-k", KEY), NULL);
    zt_program_expect_error (bench, "a broker at --endpoint");
    assert_int_equal (zt_program_wait_exit (bench), 2);
    bench = zt_harness_start (*state, WORDS ("relay", "-k", "rq:rM"), NULL);
    zt_program_expect_error (bench, "a key has 40 characters");
    assert_int_equal (zt_program_wait_exit (bench), 2);
}

/*  What the broker that makes mistakes does to the tenth message. */
typedef enum { S_NONE, S_LOSE, S_REPEAT, S_CHANGE, S_SWAP } s_fault_t;

typedef struct {
    void *context;
    void *router;
    char endpoint[128];
    s_fault_t fault;
    zmq_msg_t receiver; /* whoever said HELLO last */
    uint64_t id;
    zt_buffer_t kept; /* the ninth body, with S_SWAP */
} s_fake_t;

static void s_answer (s_fake_t *fake, zmq_msg_t *to, const zt_message_t *message)
{
    zt_buffer_t frame = {NULL, 0, 0};
    zt_wire_put (&frame, message);
    zmq_msg_t id;
    zmq_msg_init (&id);
    assert_int_equal (zmq_msg_copy (&id, to), 0);
    assert_true (zmq_msg_send (&id, fake->router, ZMQ_SNDMORE) >= 0);
    assert_true (zmq_send (fake->router, frame.data, frame.size, 0) >= 0);
    zt_buffer_free (&frame);
}

static void s_welcome (s_fake_t *fake, zmq_msg_t *to, const zt_message_t *hello)
{
    zt_message_t welcome = {.verb = ZT_VERB_WELCOME, .number = {0, 1}, .body = ZT_LITERAL ("{}")};
    welcome.word[0] = hello->word[1];
    s_answer (fake, to, &welcome);
    assert_int_equal (zmq_msg_copy (&fake->receiver, to), 0);
}

static void s_deliver (s_fake_t *fake, zt_bytes_t body)
{
    zt_message_t msg = {.verb = ZT_VERB_MSG, .number = {++fake->id, 1}, .body = body};
    msg.word[2] = zt_bytes ("@u0");
    msg.word[3] = zt_bytes ("@u1");
    s_answer (fake, &fake->receiver, &msg);
}

static void s_pass_on (s_fake_t *fake, zmq_msg_t *from, const zt_message_t *send)
{
    zt_message_t sent = {.verb = ZT_VERB_SENT, .number = {send->number[0], 1, 1}};
    s_answer (fake, from, &sent);
    uint64_t ref = send->number[0];
    bool tenth = ref == 10;
    if (fake->fault == S_SWAP && ref == 9) {
        zt_buffer_put_bytes (&fake->kept, send->body);
        return;
    }
    if (tenth && fake->fault == S_CHANGE) {
        zt_buffer_t other = {NULL, 0, 0};
        zt_buffer_put_bytes (&other, send->body);
        other.data[send->body.size - 5] ^= 1;
        s_deliver (fake, zt_buffer_bytes (&other));
        zt_buffer_free (&other);
    } else if (!tenth || fake->fault != S_LOSE)
        s_deliver (fake, send->body);
    if (tenth && fake->fault == S_REPEAT)
        s_deliver (fake, send->body);
    if (tenth && fake->fault == S_SWAP)
        s_deliver (fake, zt_buffer_bytes (&fake->kept));
}

/*  Serves until the bench has ended. */
static void s_serve (s_fake_t *fake, zt_program_t *bench)
{
    zmq_msg_t from, frame;
    zmq_msg_init (&from);
    zmq_msg_init (&frame);
    while (zt_program_running (bench)) {
        if (zmq_msg_recv (&from, fake->router, 0) < 0)
            continue; /* the socket's RCVTIMEO */
        assert_true (zmq_msg_recv (&frame, fake->router, 0) >= 0);
        zt_reader_t reader =
            zt_reader (zmq_msg_data (&frame), zmq_msg_size (&frame), ZT_FROM_CLIENT);
        zt_message_t message;
        while (zt_reader_next (&reader, &message) == ZT_WIRE_MESSAGE)
            if (message.verb == ZT_VERB_HELLO)
                s_welcome (fake, &from, &message);
            else if (message.verb == ZT_VERB_SEND)
                s_pass_on (fake, &from, &message);
    }
    zmq_msg_close (&from);
    zmq_msg_close (&frame);
}

/*  Opens a broker, which encrypts if it gets a secret key. */
static void s_open (s_fake_t *fake, const char *secret)
{
    size_t size = sizeof fake->endpoint;
    int patience = 50, linger = 0, server = secret != NULL;
    fake->context = zmq_ctx_new ();
    fake->router = zmq_socket (fake->context, ZMQ_ROUTER);
    zmq_msg_init (&fake->receiver);
    zmq_setsockopt (fake->router, ZMQ_RCVTIMEO, &patience, sizeof patience);
    zmq_setsockopt (fake->router, ZMQ_LINGER, &linger, sizeof linger);
    zmq_setsockopt (fake->router, ZMQ_CURVE_SERVER, &server, sizeof server);
    if (secret)
        zmq_setsockopt (fake->router, ZMQ_CURVE_SECRETKEY, secret, ZT_KEY_SIZE);
    assert_int_equal (zmq_bind (fake->router, "tcp://127.0.0.1:*"), 0);
    assert_int_equal (zmq_getsockopt (fake->router, ZMQ_LAST_ENDPOINT, fake->endpoint, &size), 0);
}

static void s_close (s_fake_t *fake)
{
    zmq_msg_close (&fake->receiver);
    zt_buffer_free (&fake->kept);
    zmq_close (fake->router);
    zmq_ctx_term (fake->context);
}

static void s_fault_is_found (void **state, s_fault_t fault)
{
    s_fake_t fake = {.fault = fault};
    s_open (&fake, NULL);
    zt_program_t *bench = zt_harness_start (*state,
                                            WORDS ("relay", "--pairs", "1", "--messages", "50",
                                                   "--rounds", "1", "--endpoint", fake.endpoint),
                                            NULL);
    s_serve (&fake, bench);
    assert_int_equal (zt_program_wait_exit (bench), 1);
    zt_program_expect_error (bench, "ztalk-bench: @u1");
    assert_null (strstr (zt_program_output (bench, ZT_STDOUT), "ztalk"));
    s_close (&fake);
}

static void s_lost_message_is_found (void **state)
{
    s_fault_is_found (state, S_LOSE);
}

static void s_repeated_message_is_found (void **state)
{
    s_fault_is_found (state, S_REPEAT);
}

static void s_changed_message_is_found (void **state)
{
    s_fault_is_found (state, S_CHANGE);
}

static void s_disorder_is_found (void **state)
{
    s_fault_is_found (state, S_SWAP);
}

/*  A key in the address, or beside it, and the limit encrypts, too. */
static void s_broker_with_key_is_measured (void **state)
{
    char key[ZT_KEY_SIZE], secret[ZT_KEY_SIZE];
    s_fake_t fake = {.fault = S_NONE};
    assert_int_equal (zmq_curve_keypair (key, secret), 0);
    s_open (&fake, secret);
    zt_buffer_t address = {NULL, 0, 0};
    zt_buffer_put_format (&address, "%s/%s", fake.endpoint, key);
    const char *const *const rows[] = {
        WORDS ("relay", "-p1", "-m50", "-n1", "--json", "-e", zt_buffer_string (&address)),
        WORDS ("relay", "-p1", "-m50", "-n1", "--json", "-e", fake.endpoint, "--curve", "-k", key)};
    for (size_t i = 0; i < 2; i++) {
        zt_program_t *bench = zt_harness_start (*state, rows[i], NULL);
        s_serve (&fake, bench);
        s_expect_curve (bench, "relay", "ztalk", "rate");
        s_expect_curve (bench, "relay", "limit", "rate");
        assert_int_equal (zt_program_wait_exit (bench), 0);
    }
    zt_buffer_free (&address);
    s_close (&fake);
}

/*  600 messages after 63 that warm up: at 2000 a second they take 0.3 s at least. */
static void s_rate_is_kept (void **state)
{
    struct timespec begin, end;
    clock_gettime (CLOCK_MONOTONIC, &begin);
    zt_program_t *bench = zt_harness_start (*state,
                                            WORDS ("relay", "--json", "--messages", "600", "-p",
                                                   "3", "--rounds", "1", "--rate", "2000"),
                                            NULL);
    s_expect_figures (bench, "relay", "ztalk", "rate");
    clock_gettime (CLOCK_MONOTONIC, &end);
    assert_true ((end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000 >=
                 300);
    s_expect_figures (bench, "relay", "limit", "rate");
    assert_int_equal (zt_program_wait_exit (bench), 0);
}

static void s_broker_runs_all (void **state)
{
    zt_harness_set_deadline (*state, 3 * zt_harness_deadline (*state));
    zt_program_t *bench = zt_harness_start (*state,
                                            WORDS ("relay", "fanout", "latency", "idle", "--json",
                                                   "--messages", "2000", "--rounds", "1",
                                                   "--receivers", "20", "--connections", "20"),
                                            NULL);
    s_expect_figures (bench, "relay", "ztalk", "rate");
    s_expect_figures (bench, "relay", "limit", "cpu_per_million");
    s_expect_figures (bench, "fanout", "ztalk", "rate");
    s_expect_figures (bench, "fanout", "limit", "cpu_per_million");
    s_expect_figures (bench, "latency", "ztalk", "p50_us");
    s_expect_figures (bench, "latency", "limit", "p99_us");
    s_expect_figures (bench, "idle", "ztalk", "kib_per_connection");
    s_expect_figures (bench, "idle", "limit", "kib_per_connection");
    assert_int_equal (zt_program_wait_exit (bench), 0);
}

static void s_broker_encrypts (void **state)
{
    zt_harness_set_deadline (*state, 3 * zt_harness_deadline (*state));
    zt_program_t *bench =
        zt_harness_start (*state,
                          WORDS ("relay", "fanout", "--curve", "--json", "--messages", "2000",
                                 "--rounds", "1", "--receivers", "20"),
                          NULL);
    s_expect_curve (bench, "relay", "ztalk", "rate");
    s_expect_curve (bench, "relay", "limit", "cpu_per_million");
    s_expect_curve (bench, "fanout", "ztalk", "rate");
    s_expect_curve (bench, "fanout", "limit", "cpu_per_million");
    assert_int_equal (zt_program_wait_exit (bench), 0);
}

/*  All peers of durable run, and the directories of the stores are gone afterwards. */
static void s_durable_runs_all (void **state)
{
    zt_harness_set_deadline (*state, 3 * zt_harness_deadline (*state));
    zt_buffer_t place = {NULL, 0, 0};
    zt_buffer_put_format (&place, "TMPDIR=%s", zt_harness_directory (*state));
    const char *const environment[] = {zt_buffer_string (&place), NULL};
    zt_program_t *bench = zt_harness_start (
        *state, WORDS ("durable", "--json", "--messages", "2000", "-n", "1", "--rate", "20000"),
        environment);
    static const char *const peers[] = {"power", "process", "ephemeral"};
    static const char *const figures[] = {"messages_per_commit", "ack_p50_us", "ack_p999_us"};
    for (int i = 0; i < 3; i++)
        s_expect_figures (bench, "durable", peers[i], figures[i]);
    s_expect_figures (bench, "durable", "limit", "rate");
    assert_int_equal (zt_program_wait_exit (bench), 0);
    zt_buffer_free (&place);
    assert_int_equal (rmdir (zt_harness_directory (*state)), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (s_limit_runs_all),
        TEST (s_limit_encrypts),
        TEST (s_wrong_usage),
        TEST (s_lost_message_is_found),
        TEST (s_repeated_message_is_found),
        TEST (s_changed_message_is_found),
        TEST (s_disorder_is_found),
        TEST (s_broker_with_key_is_measured),
        TEST (s_rate_is_kept),
        TEST (s_broker_runs_all),
        TEST (s_broker_encrypts),
        TEST (s_durable_runs_all),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
