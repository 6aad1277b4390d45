/*  SPDX-License-Identifier: MPL-2.0

    What operators are answered: rows for people and programs, the audit log, and the endpoint of
    ztalk-ctl with a crowd on the broker, and with operators who do not read. */

#include "broker/control.h"

#include "broker/clock.h"
#include "broker/control_wire.h"
#include "broker/mutes_file.h"
#include "broker/prompt.h"
#include "common/alloc.h"
#include "common/json.h"
#include "tests/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

/*  ---------------------------------------------------------------------------
    Rows */

static const char *s_line (const zt_report_t *report, zt_buffer_t *text)
{
    zt_buffer_clear (text);
    zt_report_put_line (report, text);
    return zt_buffer_string (text);
}

static const char *s_json (const zt_report_t *report, zt_buffer_t *text)
{
    zt_buffer_clear (text);
    zt_report_put_json (report, text);
    return zt_buffer_string (text);
}

static void s_a_row_is_for_people_and_for_programs (void **state)
{
    (void) state;
    zt_report_t report = {.n = 0};
    zt_buffer_t text = {NULL, 0, 0};
    assert_string_equal (s_line (&report, &text), "");
    assert_string_equal (s_json (&report, &text), "");
    zt_report_string (&report, "name", "", zt_bytes ("olena"));
    zt_report_number (&report, "behind", "behind", 7);
    zt_report_bool (&report, "here", NULL, true);
    zt_report_text (&report, "%d of them", 3);
    assert_string_equal (s_line (&report, &text), "olena  behind 7  3 of them\n");
    assert_string_equal (s_json (&report, &text),
                         "{\"name\":\"olena\",\"behind\":7,\"here\":true}\n");
    zt_report_clear (&report);
    zt_report_text (&report, "for people");
    assert_string_equal (s_json (&report, &text), "");
    zt_report_clear (&report);
    zt_report_time (&report, "since", NULL, 1234);
    assert_string_equal (s_line (&report, &text), "");
    assert_string_equal (s_json (&report, &text), "{\"since\":1234}\n");
    zt_report_clear (&report);
    zt_report_number (&report, "a", NULL, 1);
    zt_report_members (&report, zt_bytes ("\"b\":[2],\"c\":{}"));
    assert_string_equal (s_line (&report, &text), "");
    assert_string_equal (s_json (&report, &text), "{\"a\":1,\"b\":[2],\"c\":{}}\n");
    /*  Whatever stands in it: one line, no control, valid JSON. */
    static const char nasty[] = "\x1b[31m\n\"\\\xff\x00\xe2\x80\xae}{";
    zt_report_clear (&report);
    zt_report_string (&report, "name", "who", (zt_bytes_t){nasty, sizeof nasty - 1});
    s_line (&report, &text);
    assert_null (memchr (text.data, '\x1b', text.size));
    assert_ptr_equal (memchr (text.data, '\n', text.size), text.data + text.size - 1);
    s_json (&report, &text);
    assert_true (zt_json_valid ((zt_bytes_t){text.data, text.size - 1}));
    zt_report_free (&report);
    zt_buffer_free (&text);
}

static void s_times_are_written_and_read (void **state)
{
    (void) state;
    char when[ZT_CLOCK_TEXT];
    uint64_t ms = 1;
    assert_string_equal (zt_clock_utc (when, 1795641397352), "2026-11-25T21:16:37Z");
    assert_true (zt_clock_read_utc (zt_bytes (when), &ms));
    assert_int_equal (ms, 1795641397000);
    static const char *const wrong[] = {"",
                                        "2026-11-25",
                                        "2026-11-25T21:16:37",
                                        "2026-02-31T00:00:00Z",
                                        "2026-11-25T21:16:37Z ",
                                        "1926-11-25T21:16:37Z",
                                        "2026-11-25T21:16:37ZZZZZZZZZZZZZZZZZZZZZZZZ"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false (zt_clock_read_utc (zt_bytes (wrong[i]), &ms));
    /*  Every day of the calendar's 400 years, and the first of the next. */
    for (uint64_t day = 0; day <= 146097; day++) {
        assert_true (zt_clock_read_utc (zt_bytes (zt_clock_utc (when, day * 86400000)), &ms));
        assert_int_equal (ms, day * 86400000);
    }
}

static void s_frames_are_read_as_they_were_written (void **state)
{
    (void) state;
    zt_buffer_t frame = {NULL, 0, 0};
    zt_bytes_t rest;
    for (int i = 0; i < ZT_CONTROL_UNKNOWN; i++) {
        zt_buffer_clear (&frame);
        zt_control_put_request (&frame, (zt_control_request_t) i, zt_bytes ("say hello\nyou"));
        assert_int_equal (zt_control_request (zt_buffer_bytes (&frame), &rest), i);
        assert_true (zt_bytes_equal (rest, zt_bytes ("say hello\nyou")));
    }
    for (int i = 0; i < ZT_CONTROL_REPLIES; i++) {
        zt_buffer_clear (&frame);
        zt_control_put_reply (&frame, (zt_control_reply_t) i, zt_bytes ("a\nb\n"));
        assert_int_equal (zt_control_reply (zt_buffer_bytes (&frame), &rest), i);
        assert_true (zt_bytes_equal (rest, zt_bytes ("a\nb\n")));
    }
    static const char *const wrong[] = {"", "MORE", "more\n", "ZTALK-CTL/2 text\nusers", "\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal (zt_control_request (zt_bytes (wrong[i]), &rest), ZT_CONTROL_UNKNOWN);
    zt_buffer_free (&frame);
}

/*  ---------------------------------------------------------------------------
    A broker's commands, without the broker */

typedef struct {
    zt_harness_t *harness;
    zt_core_t *core;
    zt_peers_t *peers;
    zt_bans_t *bans;
    zt_commands_t commands;
    zt_control_t *control;
    char home[256];
    char path[300];
    char endpoint[320];
    void *context;
    uint64_t now;
    size_t n_logged;
} s_world_t;

static void s_log (void *self_, zt_level_t level, uint64_t now, const char *line)
{
    s_world_t *self = self_;
    (void) level;
    (void) now;
    assert_true (*line != '\0');
    self->n_logged++;
}

static int s_setup (void **state)
{
    s_world_t *self = zt_alloc (sizeof *self);
    zt_buffer_t wrong = {NULL, 0, 0};
    self->harness = zt_harness_new ();
    self->now = 1000;
    snprintf (self->home, sizeof self->home, "%s", zt_harness_directory (self->harness));
    snprintf (self->path, sizeof self->path, "%s/control", self->home);
    snprintf (self->endpoint, sizeof self->endpoint, "ipc://%s", self->path);
    self->core = zt_core_new (&(zt_core_config_t){.motd = "",
                                                  .own_name = "broker",
                                                  .first_id = 1,
                                                  .replay = 10,
                                                  .messages_per_s = 10,
                                                  .messages_burst = 10});
    self->peers = zt_peers_new ();
    self->bans = zt_bans_new (self->home, &wrong);
    self->commands = (zt_commands_t){.core = self->core,
                                     .peers = self->peers,
                                     .bans = self->bans,
                                     .home = self->home,
                                     .join = "ENDPOINT",
                                     .audit = zt_audit_new (self->home),
                                     .log = s_log,
                                     .log_self = self};
    self->control = zt_control_new (self->path, &self->commands, &wrong);
    if (!self->control)
        fail_msg ("%s", zt_buffer_string (&wrong));
    self->context = zmq_ctx_new ();
    *state = self;
    return 0;
}

static int s_teardown (void **state)
{
    s_world_t *self = *state;
    zt_control_destroy (&self->control, 0);
    assert_int_not_equal (access (self->path, F_OK), 0);
    zt_audit_destroy (&self->commands.audit);
    zt_buffer_free (&self->commands.bound);
    zt_core_destroy (&self->core);
    zt_peers_destroy (&self->peers);
    zt_bans_destroy (&self->bans);
    alarm ((unsigned) zt_harness_deadline (self->harness) /
           1000); /* a test that failed in between */
    zmq_ctx_term (self->context);
    alarm (0);
    zt_harness_destroy (&self->harness);
    free (self);
    return 0;
}

static void *s_connect (s_world_t *self)
{
    void *socket = zmq_socket (self->context, ZMQ_DEALER);
    int none = 0;
    zmq_setsockopt (socket, ZMQ_LINGER, &none, sizeof none);
    assert_int_equal (zmq_connect (socket, self->endpoint), 0);
    return socket;
}

static void s_ask (void *socket, const char *frame)
{
    assert_true (zmq_send (socket, frame, strlen (frame), 0) >= 0);
}

/*  Lets the broker's side turn until the socket has a frame; its kind comes back, and what it
    brings. It is read by the next call. */
static zt_control_reply_t s_reply (s_world_t *self, void *socket, zt_buffer_t *rest)
{
    char frame[2 * ZT_CONTROL_PIECE];
    zt_bytes_t bytes;
    uint64_t end = zt_clock_monotonic () + (uint64_t) zt_harness_deadline (self->harness);
    int size;
    while ((size = zmq_recv (socket, frame, sizeof frame, ZMQ_DONTWAIT)) < 0) {
        struct pollfd fd = {zt_control_fd (self->control), POLLIN, 0};
        if (zt_clock_monotonic () >= end)
            fail_msg ("no answer came");
        if (!zt_control_is_busy (self->control))
            poll (&fd, 1, 1);
        zt_control_serve (self->control, self->now += 500);
    }
    assert_true (size <= (int) sizeof frame);
    zt_control_reply_t reply = zt_control_reply ((zt_bytes_t){frame, (size_t) size}, &bytes);
    zt_buffer_clear (rest);
    zt_buffer_put_bytes (rest, bytes);
    return reply;
}

/*  The same, but for what says only that it is not done yet, which a slow machine brings. */
static zt_control_reply_t s_outcome (s_world_t *self, void *socket, zt_buffer_t *rest)
{
    zt_control_reply_t reply;
    while ((reply = s_reply (self, socket, rest)) == ZT_CONTROL_WAIT)
        continue;
    return reply;
}

/*  So many users, with a session each: u0, u1, … */
static void s_crowd (s_world_t *self, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        char hello[64];
        int size = snprintf (hello, sizeof hello, "HELLO ZTALK/1 u%u 2\n{}\n", i);
        zt_core_frame (self->core, i, hello, (size_t) size, 1000);
        zt_frame_t frame;
        zt_line_t line;
        zt_core_flush (self->core, 1000);
        while (zt_core_next_frame (self->core, &frame))
            continue;
        while (zt_core_next_line (self->core, &line))
            continue;
    }
}

static void s_a_long_answer_comes_in_pieces (void **state)
{
    s_world_t *self = *state;
    enum { S_CROWD = 20000 };
    s_crowd (self, S_CROWD);
    void *socket = s_connect (self);
    zt_buffer_t rest = {NULL, 0, 0};
    bool *seen = zt_alloc (S_CROWD * sizeof *seen);
    unsigned n = 0, pieces = 0;
    s_ask (socket, "ZTALK-CTL/1 json\nusers");
    for (zt_control_reply_t reply = ZT_CONTROL_DATA; reply == ZT_CONTROL_DATA; pieces++) {
        reply = s_reply (self, socket, &rest);
        assert_true (reply == ZT_CONTROL_DATA || reply == ZT_CONTROL_DONE);
        assert_true (rest.size < ZT_CONTROL_PIECE + 1024);
        char *at = rest.data, *end;
        for (; at < rest.data + rest.size; at = end + 1) {
            end = memchr (at, '\n', (size_t) (rest.data + rest.size - at));
            assert_non_null (end);
            cJSON *object = zt_json_parse ((zt_bytes_t){at, (size_t) (end - at)});
            assert_non_null (object);
            unsigned long number = strtoul (zt_json_string (object, "name").data + 1, NULL, 10);
            assert_true (number < S_CROWD && !seen[number]);
            seen[number] = true;
            n++;
            cJSON_Delete (object);
        }
        if (reply == ZT_CONTROL_DATA)
            s_ask (socket, "MORE\n");
    }
    assert_int_equal (n, S_CROWD);
    assert_true (pieces > 50);
    zmq_close (socket);
    free (seen);
    zt_buffer_free (&rest);
}

/*  With --json, too, it is told whose name looks like whose. */
static void s_lookalikes_are_told (void **state)
{
    s_world_t *self = *state;
    static const char *const hellos[] = {"HELLO ZTALK/1 olena 2\n{}\n",
                                         "HELLO ZTALK/1 \xd0\xbelena 2\n{}\n"};
    zt_frame_t frame;
    zt_buffer_t rest = {NULL, 0, 0};
    for (uint32_t i = 0; i < 2; i++) {
        zt_core_frame (self->core, i, hellos[i], strlen (hellos[i]), 1000);
        zt_core_flush (self->core, 1000);
        while (zt_core_next_frame (self->core, &frame))
            continue;
    }
    void *socket = s_connect (self);
    s_ask (socket, "ZTALK-CTL/1 json\nusers");
    assert_int_equal (s_reply (self, socket, &rest), ZT_CONTROL_DONE);
    assert_non_null (strstr (zt_buffer_string (&rest),
                             "{\"name\":\"\xd0\xbelena\",\"lookalike\":\"olena\","
                             "\"mixed_scripts\":true,\"device\":\"\","));
    assert_non_null (strstr (rest.data, "{\"name\":\"olena\",\"device\":\"\","));
    zmq_close (socket);
    zt_buffer_free (&rest);
}

/*  Who goes while others are listed makes nobody disappear. */
static void s_who_goes_meanwhile_hides_nobody (void **state)
{
    s_world_t *self = *state;
    enum { S_CROWD = 2000 };
    s_crowd (self, S_CROWD);
    void *socket = s_connect (self);
    zt_buffer_t rest = {NULL, 0, 0}, all = {NULL, 0, 0};
    s_ask (socket, "ZTALK-CTL/1 text\nusers");
    zt_control_reply_t reply;
    for (uint32_t gone = 0; (reply = s_reply (self, socket, &rest)) == ZT_CONTROL_DATA;) {
        zt_buffer_put_bytes (&all, zt_buffer_bytes (&rest));
        zt_core_kick_peer (self->core, gone++, 1000);
        s_ask (socket, "MORE\n");
    }
    assert_int_equal (reply, ZT_CONTROL_DONE);
    zt_buffer_put_bytes (&all, zt_buffer_bytes (&rest));
    for (unsigned i = 100; i < S_CROWD; i++) {
        char line[32];
        snprintf (line, sizeof line, "u%u  (sends only)", i);
        if (!strstr (zt_buffer_string (&all), line))
            fail_msg ("%s is not listed", line);
    }
    zmq_close (socket);
    zt_buffer_free (&rest);
    zt_buffer_free (&all);
}

/*  Forty operators who ask for a long list and read none of it take nothing from one who does. */
static void s_who_does_not_read_gives_way (void **state)
{
    s_world_t *self = *state;
    s_crowd (self, 1000);
    void *idle[40];
    zt_buffer_t rest = {NULL, 0, 0};
    for (size_t i = 0; i < 40; i++) {
        idle[i] = s_connect (self);
        s_ask (idle[i], "ZTALK-CTL/1 text\nusers");
        assert_int_equal (s_reply (self, idle[i], &rest), ZT_CONTROL_DATA);
    }
    void *socket = s_connect (self);
    s_ask (socket, "ZTALK-CTL/1 text\nkick u7");
    assert_int_equal (s_reply (self, socket, &rest), ZT_CONTROL_DONE);
    assert_string_equal (zt_buffer_string (&rest), "1 session ended\n");
    /*  Who comes back too late is told. */
    s_ask (idle[0], "MORE\n");
    assert_int_equal (s_reply (self, idle[0], &rest), ZT_CONTROL_FAILED);
    s_ask (idle[39], "MORE\n");
    assert_int_equal (s_reply (self, idle[39], &rest), ZT_CONTROL_DATA);
    for (size_t i = 0; i < 40; i++)
        zmq_close (idle[i]);
    zmq_close (socket);
    zt_buffer_free (&rest);
}

static void s_mistakes_are_told_apart (void **state)
{
    s_world_t *self = *state;
    static const struct {
        const char *frame;
        zt_control_reply_t reply;
        const char *why;
    } rows[] = {
        {"ZTALK-CTL/1 text\n", ZT_CONTROL_USAGE, "a command is missing"},
        {"ZTALK-CTL/1 text\nnonsense", ZT_CONTROL_USAGE, "there is no such command"},
        {"ZTALK-CTL/1 json\nkick", ZT_CONTROL_USAGE, "something is missing"},
        {"ZTALK-CTL/1 json\nusers now", ZT_CONTROL_USAGE, "there is too much"},
        {"ZTALK-CTL/1 json\nkick nobody", ZT_CONTROL_FAILED, "nobody is nobody's name"},
        {"ZTALK-CTL/1 json\nkey", ZT_CONTROL_FAILED, "does not encrypt"},
        {"ZTALK-CTL/1 json\nkeys \x1b[31m", ZT_CONTROL_FAILED, "belongs to no key"},
        {"ZTALK-CTL/9 json\nkey", ZT_CONTROL_FAILED, "this broker speaks ZTALK-CTL/1"},
        {"", ZT_CONTROL_FAILED, "this broker speaks ZTALK-CTL/1"},
    };
    void *socket = s_connect (self);
    zt_buffer_t rest = {NULL, 0, 0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        s_ask (socket, rows[i].frame);
        assert_int_equal (s_reply (self, socket, &rest), rows[i].reply);
        if (!strstr (zt_buffer_string (&rest), rows[i].why))
            fail_msg ("'%s' is answered with '%s'", rows[i].frame, rest.data);
        assert_null (strchr (rest.data, '\x1b'));
    }
    /*  Several frames are no request; and the next one is answered. */
    assert_true (zmq_send (socket, "ZTALK-CTL/1 text\nkick a", 23, ZMQ_SNDMORE) >= 0);
    s_ask (socket, "more");
    s_ask (socket, "ZTALK-CTL/1 text\nusers");
    assert_int_equal (s_reply (self, socket, &rest), ZT_CONTROL_DONE);
    assert_string_equal (zt_buffer_string (&rest), "0 sessions\n");
    zmq_close (socket);
    zt_buffer_free (&rest);
}

static void s_another_broker_is_noticed (void **state)
{
    s_world_t *self = *state;
    zt_buffer_t wrong = {NULL, 0, 0};
    assert_null (zt_control_new (self->path, &self->commands, &wrong));
    assert_non_null (strstr (zt_buffer_string (&wrong), "another broker listens there"));
    /*  What is no socket is left alone. */
    char path[300], too_long[300];
    snprintf (path, sizeof path, "%s/file", self->home);
    FILE *file = fopen (path, "w");
    assert_non_null (file);
    fclose (file);
    zt_buffer_clear (&wrong);
    assert_null (zt_control_new (path, &self->commands, &wrong));
    assert_non_null (strstr (zt_buffer_string (&wrong), "which is no socket"));
    assert_int_equal (access (path, F_OK), 0);
    memset (too_long, 'x', sizeof too_long - 1);
    too_long[sizeof too_long - 1] = '\0';
    zt_buffer_clear (&wrong);
    assert_null (zt_control_new (too_long, &self->commands, &wrong));
    assert_non_null (strstr (zt_buffer_string (&wrong), "has 299 bytes, and that of a socket 107"));
    zt_buffer_free (&wrong);
}

/*  So many wait to be accepted that one more is sent away. */
static void s_a_broker_that_is_busy_is_no_dead_one (void **state)
{
    s_world_t *self = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    zt_buffer_t wrong = {NULL, 0, 0};
    int waiting[64], n = 0, rc = 0;
    snprintf (address.sun_path, sizeof address.sun_path, "%.90s/busy", self->home);
    int listener = socket (AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal (bind (listener, (struct sockaddr *) &address, sizeof address), 0);
    assert_int_equal (listen (listener, 1), 0);
    while (n < 64 && rc == 0) {
        waiting[n] = socket (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        rc = connect (waiting[n++], (struct sockaddr *) &address, sizeof address);
    }
    assert_int_not_equal (rc, 0);
    zt_control_t *control = zt_control_new (address.sun_path, &self->commands, &wrong);
    assert_null (control);
    assert_non_null (strstr (zt_buffer_string (&wrong), "another broker listens there"));
    while (n > 0)
        close (waiting[--n]);
    close (listener);
    /*  Now it is one that is no more. */
    control = zt_control_new (address.sun_path, &self->commands, &wrong);
    assert_non_null (control);
    zt_control_destroy (&control, 0);
    zt_buffer_free (&wrong);
}

/*  ---------------------------------------------------------------------------
    Commands that take long */

/*  There is no store here, so what is said waits for ever, and that is told. */
static void s_what_waits_leaves_a_place (void **state)
{
    s_world_t *self = *state;
    enum { S_MANY = 40 };
    void *waiting[S_MANY];
    size_t n = 0;
    zt_buffer_t rest = {NULL, 0, 0};
    zt_control_reply_t reply = ZT_CONTROL_WAIT;
    while (n < S_MANY && reply == ZT_CONTROL_WAIT) {
        waiting[n] = s_connect (self);
        s_ask (waiting[n], "ZTALK-CTL/1 text\nsay hello");
        reply = s_reply (self, waiting[n++], &rest);
    }
    assert_int_equal (reply, ZT_CONTROL_FAILED);
    assert_string_equal (zt_buffer_string (&rest),
                         "too many commands are under way; try again in a moment");
    assert_true (n > 8);
    assert_int_equal (s_reply (self, waiting[0], &rest), ZT_CONTROL_WAIT);
    assert_true (zt_control_is_waiting (self->control));
    /*  Who changes their mind takes the place that is theirs. */
    s_ask (waiting[0], "ZTALK-CTL/1 text\nsay something else");
    for (int i = 0; i < 4; i++)
        assert_int_equal (s_reply (self, waiting[0], &rest), ZT_CONTROL_WAIT);
    void *socket = s_connect (self);
    s_ask (socket, "ZTALK-CTL/1 text\nshutdown");
    assert_int_equal (s_reply (self, socket, &rest), ZT_CONTROL_DONE);
    assert_true (self->commands.ends);
    zmq_close (socket);
    while (n > 0)
        zmq_close (waiting[--n]);
    zt_buffer_free (&rest);
}

/*  A log that somebody else has locked: its copy waits, and the loop waits for neither. */
static void s_a_backup_is_not_waited_for (void **state)
{
    s_world_t *self = *state;
    char path[300], ask[400];
    sqlite3 *log;
    zt_buffer_t rest = {NULL, 0, 0};
    snprintf (path, sizeof path, "%s/log.db", self->home);
    assert_int_equal (sqlite3_open (path, &log), SQLITE_OK);
    assert_int_equal (sqlite3_exec (log, "CREATE TABLE t (x); BEGIN EXCLUSIVE", NULL, NULL, NULL),
                      SQLITE_OK);
    self->commands.directory = self->home;
    void *socket = s_connect (self);
    s_ask (socket, "ZTALK-CTL/1 text\nbackup copy");
    assert_int_equal (s_outcome (self, socket, &rest), ZT_CONTROL_FAILED);
    assert_non_null (strstr (zt_buffer_string (&rest), "a file is given from / on"));
    snprintf (ask, sizeof ask, "ZTALK-CTL/1 text\nbackup %s/copy", self->home);
    s_ask (socket, ask);
    while (!zt_control_is_waiting (self->control)) {
        zt_control_serve (self->control, self->now);
        struct pollfd fd = {zt_control_fd (self->control), POLLIN, 0};
        poll (&fd, 1, 1);
    }
    s_ask (socket, "ZTALK-CTL/1 text\nusers");
    assert_int_equal (s_outcome (self, socket, &rest), ZT_CONTROL_FAILED);
    assert_string_equal (zt_buffer_string (&rest),
                         "the backup that was asked for before is not done yet");
    assert_true (zt_control_is_waiting (self->control));
    /*  It is no log of ours, which is told when it can be looked at. */
    assert_int_equal (sqlite3_close (log), SQLITE_OK);
    assert_int_equal (s_outcome (self, socket, &rest), ZT_CONTROL_FAILED);
    assert_non_null (strstr (zt_buffer_string (&rest), "log.db"));
    s_ask (socket, "ZTALK-CTL/1 text\nusers");
    assert_int_equal (s_outcome (self, socket, &rest), ZT_CONTROL_DONE);
    zmq_close (socket);
    zt_buffer_free (&rest);
}

/*  Takes the next frame of a peer of the socket, whose id is kept. */
static void s_take (s_world_t *self, void *socket, char id[256], size_t *id_size, const char *frame)
{
    char got[256];
    int most = zt_harness_deadline (self->harness);
    zmq_setsockopt (socket, ZMQ_RCVTIMEO, &most, sizeof most);
    int size = zmq_recv (socket, id, 256, 0);
    assert_true (size > 0 && size <= 256);
    *id_size = (size_t) size;
    size = zmq_recv (socket, got, sizeof got, 0);
    assert_true (size == (int) strlen (frame) && memcmp (got, frame, strlen (frame)) == 0);
}

/*  A broker that says that it is not done is not given up, and need not be asked. */
static void s_ztalk_ctl_waits_for_who_says_so (void **state)
{
    s_world_t *self = *state;
    static const char *const frames[] = {"WAIT\n", "WAIT\n", "DONE\nat last\n"};
    char path[300], endpoint[320], id[256];
    size_t id_size = 0;
    snprintf (path, sizeof path, "%s/slow", self->home);
    snprintf (endpoint, sizeof endpoint, "ipc://%s", path);
    void *slow = zmq_socket (self->context, ZMQ_ROUTER);
    assert_int_equal (zmq_bind (slow, endpoint), 0);
    const char *argv[] = {"ztalk-ctl", "-s", path, "say", "hello", NULL};
    zt_program_t *ctl = zt_harness_start (self->harness, argv, NULL);
    s_take (self, slow, id, &id_size, "ZTALK-CTL/1 text\nsay hello");
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        assert_true (zmq_send (slow, id, id_size, ZMQ_SNDMORE) >= 0);
        s_ask (slow, frames[i]);
    }
    assert_int_equal (zt_program_wait_exit (ctl), 0);
    assert_string_equal (zt_program_output (ctl, ZT_STDOUT), "at last\n");
    zmq_close (slow);
}

/*  ---------------------------------------------------------------------------
    The console */

typedef struct {
    int typed; /* our end */
    int stdin_was;
    zt_printer_t printer;
    zt_prompt_t *prompt;
} s_console_t;

/*  Stdin is a pipe that blocks, as it is for a broker. If it is waited for, SIGALRM ends the test.
 */
static void s_open_console (s_console_t *console, s_world_t *self)
{
    int in[2];
    assert_int_equal (pipe (in), 0);
    console->stdin_was = dup (STDIN_FILENO);
    assert_true (dup2 (in[0], STDIN_FILENO) == STDIN_FILENO);
    close (in[0]);
    console->typed = in[1];
    zt_printer_open (&console->printer, STDOUT_FILENO); /* which is not flushed */
    console->prompt = zt_prompt_new (&self->commands, &console->printer);
    alarm ((unsigned) zt_harness_deadline (self->harness) / 1000);
}

static void s_close_console (s_console_t *console)
{
    alarm (0);
    zt_prompt_destroy (&console->prompt);
    zt_printer_close (&console->printer, 0);
    close (console->typed);
    assert_true (dup2 (console->stdin_was, STDIN_FILENO) == STDIN_FILENO);
    close (console->stdin_was);
}

/*  Types it, and gives the prompt as many turns as it may need. What it has printed comes back. */
static const char *s_type (s_console_t *console, const char *text, zt_buffer_t *printed)
{
    size_t size = strlen (text);
    for (size_t at = 0; at < size;) {
        size_t part = size - at < 4096 ? size - at : 4096;
        assert_true (write (console->typed, text + at, part) == (ssize_t) part);
        at += part;
        for (int i = 0; i < 4; i++)
            zt_prompt_serve (console->prompt, true, 1000);
    }
    zt_buffer_clear (printed);
    zt_buffer_put_bytes (printed, zt_buffer_bytes (&console->printer.writer.buffer));
    zt_buffer_clear (&console->printer.writer.buffer);
    return zt_buffer_string (printed);
}

/*  Whoever serves it, and whatever they believe: a line that nobody types is not waited for. */
static void s_the_console_waits_for_nobody (void **state)
{
    s_world_t *self = *state;
    s_console_t console;
    zt_buffer_t printed = {NULL, 0, 0};
    s_open_console (&console, self);
    assert_string_equal (s_type (&console, "users\n", &printed), "0 sessions\n");
    zt_prompt_serve (console.prompt, true, 1000);
    assert_string_equal (s_type (&console, "us", &printed), "");
    assert_string_equal (s_type (&console, "ers\nusers\n", &printed), "0 sessions\n0 sessions\n");
    s_close_console (&console);
    zt_buffer_free (&printed);
}

/*  Wherever a line that is too long is cut: none of it is a command. */
static void s_a_line_that_is_too_long_is_no_command (void **state)
{
    s_world_t *self = *state;
    s_console_t console;
    zt_buffer_t printed = {NULL, 0, 0}, line = {NULL, 0, 0};
    static const size_t sizes[] = {ZT_CONSOLE_LINE_MAX + 1, ZT_CONSOLE_LINE_MAX + 4096,
                                   2 * ZT_CONSOLE_LINE_MAX, 5 * ZT_CONSOLE_LINE_MAX + 7};
    s_open_console (&console, self);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        zt_buffer_clear (&line);
        zt_buffer_put_string (&line, "say ");
        while (line.size < sizes[i] - strlen ("shutdown"))
            zt_buffer_put_char (&line, line.size % 4096 ? 'x' : ' ');
        zt_buffer_put_string (&line, "shutdown\nusers\n");
        assert_string_equal (s_type (&console, zt_buffer_string (&line), &printed),
                             "this line is too long: a command has at most 8192 bytes\n"
                             "0 sessions\n");
        assert_false (self->commands.ends);
    }
    /*  Not a byte too early. */
    zt_buffer_clear (&line);
    zt_buffer_put_string (&line, "kick ");
    while (line.size < ZT_CONSOLE_LINE_MAX)
        zt_buffer_put_char (&line, 'x');
    zt_buffer_put_char (&line, '\n');
    assert_non_null (strstr (s_type (&console, zt_buffer_string (&line), &printed), "xxxxxxxx"));
    s_close_console (&console);
    zt_buffer_free (&printed);
    zt_buffer_free (&line);
}

/*  ---------------------------------------------------------------------------
    The audit log */

static void s_read (const char *path, zt_buffer_t *text)
{
    FILE *file = fopen (path, "r");
    assert_non_null (file);
    zt_buffer_clear (text);
    for (size_t size = 1; size > 0; text->size += size)
        size = fread (zt_buffer_reserve (text, 4096), 1, 4096, file);
    fclose (file);
    zt_buffer_string (text);
}

static void s_deeds_are_written_down (void **state)
{
    s_world_t *self = *state;
    char path[300], moved[300];
    zt_buffer_t text = {NULL, 0, 0};
    snprintf (path, sizeof path, "%s/audit.log", self->home);
    snprintf (moved, sizeof moved, "%s/audit.log.1", self->home);
    zt_deed_t deed = {.who = {ZT_WHO_CONTROL, true, 7, 8},
                      .command = zt_bytes ("ban"),
                      .arguments = zt_bytes ("\x1b\n\"x"),
                      .outcome = "failed",
                      .message = zt_bytes ("why")};
    assert_null (zt_audit_write (self->commands.audit, &deed, 1795641397352));
    s_read (path, &text);
    assert_string_equal (
        text.data, "{\"time\":\"2026-11-25T21:16:37Z\",\"who\":\"control\",\"uid\":7,\"pid\":8,"
                   "\"command\":\"ban\",\"arguments\":\"\\u001b\\u000a\\\"x\",\"outcome\":"
                   "\"failed\",\"message\":\"why\"}\n");
    struct stat status;
    assert_int_equal (stat (path, &status), 0);
    assert_int_equal (status.st_mode & 07777, 0600);
    /*  As logrotate does it. */
    assert_int_equal (rename (path, moved), 0);
    zt_audit_reopen (self->commands.audit);
    deed.who = (zt_who_t){.kind = ZT_WHO_CONSOLE};
    assert_null (zt_audit_write (self->commands.audit, &deed, 0));
    s_read (path, &text);
    assert_non_null (strstr (text.data, "1970-01-01T00:00:00Z\",\"who\":\"console\",\"command\""));
    /*  What cannot be written is told, and done. */
    assert_int_equal (unlink (path), 0);
    assert_int_equal (mkdir (path, 0700), 0);
    zt_audit_reopen (self->commands.audit);
    void *socket = s_connect (self);
    s_ask (socket, "ZTALK-CTL/1 text\nshutdown");
    assert_int_equal (s_reply (self, socket, &text), ZT_CONTROL_WARNING);
    assert_non_null (strstr (zt_buffer_string (&text),
                             "audit.log cannot be written, so that this is not in it: Is a dir"));
    assert_int_equal (s_reply (self, socket, &text), ZT_CONTROL_DONE);
    assert_string_equal (zt_buffer_string (&text), "the broker ends\n");
    assert_true (self->commands.ends);
    assert_int_equal (rmdir (path), 0);
    zmq_close (socket);
    zt_buffer_free (&text);
}

/*  As a full disk does it: a part of a line is written, and then there is room again. */
static void s_a_torn_line_takes_no_other_along (void **state)
{
    s_world_t *self = *state;
    char path[300];
    zt_buffer_t text = {NULL, 0, 0};
    zt_deed_t deed = {
        .who = {.kind = ZT_WHO_CONSOLE}, .command = zt_bytes ("first"), .outcome = "done"};
    struct rlimit limit;
    snprintf (path, sizeof path, "%s/audit.log", self->home);
    assert_null (zt_audit_write (self->commands.audit, &deed, 0));
    s_read (path, &text);
    size_t size = text.size;
    signal (SIGXFSZ, SIG_IGN);
    assert_int_equal (getrlimit (RLIMIT_FSIZE, &limit), 0);
    rlim_t was = limit.rlim_cur;
    limit.rlim_cur = size + 20;
    assert_int_equal (setrlimit (RLIMIT_FSIZE, &limit), 0);
    deed.command = zt_bytes ("torn");
    const char *wrong = zt_audit_write (self->commands.audit, &deed, 0);
    limit.rlim_cur = was;
    assert_int_equal (setrlimit (RLIMIT_FSIZE, &limit), 0);
    assert_non_null (wrong);
    assert_non_null (
        strstr (wrong, "audit.log cannot be written, so that this is not in it: File too"));
    deed.command = zt_bytes ("second");
    assert_null (zt_audit_write (self->commands.audit, &deed, 0));
    deed.command = zt_bytes ("third");
    assert_null (zt_audit_write (self->commands.audit, &deed, 0));
    s_read (path, &text);
    char *line = text.data + size;
    assert_int_equal (strcspn (line, "\n"), 20);
    unsigned n = 0;
    for (line += 21; *line; line += strcspn (line, "\n") + 1, n++)
        assert_true (zt_json_valid ((zt_bytes_t){line, strcspn (line, "\n")}));
    assert_int_equal (n, 2);
    zt_buffer_free (&text);
}

/*  ---------------------------------------------------------------------------
    Bans */

/*  Who is banned by a file that is read again is ended, whatever it names; a file that is wrong
    changes nothing. */
static void s_bans_are_read_again (void **state)
{
    s_world_t *self = *state;
    static const char key[] = "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX";
    char path[300];
    zt_key_t read;
    zt_buffer_t wrong = {NULL, 0, 0};
    assert_true (zt_key_read (zt_bytes (key), &read));
    zt_core_came (self->core, 1, &read);
    s_crowd (self, 3);
    snprintf (path, sizeof path, "%s/bans", self->home);
    FILE *file = fopen (path, "w");
    assert_non_null (file);
    assert_true (fprintf (file, "# stolen\nkey %s\n", key) > 0);
    fclose (file);
    assert_int_equal (zt_commands_end_banned (&self->commands, 1000), 0);
    assert_true (zt_bans_read_again (self->bans, &wrong));
    assert_true (zt_bans_has (self->bans, "192.0.2.1", &read));
    assert_int_equal (zt_commands_end_banned (&self->commands, 1000), 1);
    assert_int_equal (zt_core_sessions (self->core), 2);
    assert_true (zt_core_has_session (self->core, 0) && !zt_core_has_session (self->core, 1));
    file = fopen (path, "a");
    assert_non_null (file);
    assert_true (fprintf (file, "nobody\n") > 0);
    fclose (file);
    assert_false (zt_bans_read_again (self->bans, &wrong));
    assert_non_null (strstr (zt_buffer_string (&wrong), "bans:3: a ban is"));
    assert_true (zt_bans_has (self->bans, "192.0.2.1", &read));
    /*  One that is gone bans nobody. */
    assert_int_equal (unlink (path), 0);
    assert_true (zt_bans_read_again (self->bans, &wrong));
    assert_false (zt_bans_has (self->bans, "192.0.2.1", &read));
    zt_buffer_free (&wrong);
}

/*  ---------------------------------------------------------------------------
    Mutes */

/*  As the C library has it, at noon and midnight, at the ends of months and of leap years. */
static void s_a_mute_ends_when_it_says (void **state)
{
    (void) state;
    for (uint64_t day = 0; day < 60000; day++)
        for (uint64_t minute = 0; minute < 1440; minute += 719) {
            char when[ZT_CLOCK_TEXT];
            zt_buffer_t text = {NULL, 0, 0};
            uint64_t ms = (day * 1440 + minute) * 60000;
            zt_mutes_put_time (&text, ms);
            zt_clock_utc (when, ms);
            assert_memory_equal (text.data, when, strlen ("2026-11-22"));
            assert_memory_equal (text.data + 11, when + 11, strlen ("14:03"));
            assert_string_equal (zt_buffer_string (&text) + 16, " UTC");
            zt_buffer_free (&text);
        }
}

static void s_mutes_are_kept (void **state)
{
    s_world_t *self = *state;
    enum { S_NOW = 2000 };
    zt_buffer_t wrong = {NULL, 0, 0};
    zt_mutes_t *mutes = zt_mutes_load (self->home, S_NOW, &wrong); /* there is no file */
    assert_non_null (mutes);
    assert_null (zt_mutes_add (mutes, zt_bytes ("Олена"), 5000, S_NOW));
    assert_null (zt_mutes_add (mutes, zt_bytes ("ivan"), ZT_MUTED_FOR_EVER, S_NOW));
    assert_null (zt_mutes_add (mutes, zt_bytes ("over"), 1000, S_NOW));
    assert_non_null (zt_mutes_add (mutes, zt_bytes ("a b"), 1000, S_NOW));
    assert_true (zt_mutes_save (mutes, self->home, S_NOW, &wrong));
    assert_false (zt_mutes_save (mutes, "/nonexistent", S_NOW, &wrong));
    assert_non_null (strstr (zt_buffer_string (&wrong), "/nonexistent/mutes cannot be written"));
    zt_mutes_destroy (&mutes);
    mutes = zt_mutes_load (self->home, S_NOW, &wrong);
    assert_non_null (mutes);
    zt_folded_t folded;
    assert_null (zt_name_fold (zt_bytes ("ОЛЕНА"), &folded));
    assert_int_equal (zt_mutes_until (mutes, (zt_bytes_t){folded.data, folded.size}), 5000);
    assert_true (zt_mutes_until (mutes, zt_bytes ("ivan")) == ZT_MUTED_FOR_EVER);
    assert_int_equal (zt_mutes_until (mutes, zt_bytes ("over")), 0);
    assert_true (zt_mutes_remove (mutes, zt_bytes ("@олена")));
    assert_false (zt_mutes_remove (mutes, zt_bytes ("@олена")));
    zt_mutes_destroy (&mutes);

    static const struct {
        const char *text, *why;
    } rows[] = {{"# nobody\n\nforever ivan\r\n2026-11-22T14:03:09Z olena", NULL},
                {"forever\n", "mutes:1: a mute is"},
                {"\nsometimes ivan\n", "mutes:2: a mute is"},
                {"2026-02-30T00:00:00Z ivan\n", "mutes:1: a mute is"},
                {"forever a,b\n", "mutes:1: a name "},
                {"1999-01-01T00:00:00Z a,b\n", "mutes:1: a name "}};
    char path[300];
    snprintf (path, sizeof path, "%s/mutes", self->home);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        FILE *file = fopen (path, "w");
        assert_non_null (file);
        assert_true (fputs (rows[i].text, file) >= 0);
        fclose (file);
        zt_buffer_clear (&wrong);
        mutes = zt_mutes_load (self->home, S_NOW, &wrong);
        assert_int_equal (mutes == NULL, rows[i].why != NULL);
        if (rows[i].why && !strstr (zt_buffer_string (&wrong), rows[i].why))
            fail_msg ("'%s': %s", rows[i].text, wrong.data);
        zt_mutes_destroy (&mutes);
    }
    zt_buffer_free (&wrong);
}

/*  Those that are over take no place from others, neither in a file nor in memory; and who is told
    that there is none is told why. */
static void s_mutes_that_are_over_are_forgotten (void **state)
{
    s_world_t *self = *state;
    enum { S_NOW = 2000000 };
    zt_buffer_t wrong = {NULL, 0, 0}, text = {NULL, 0, 0};
    char path[300], name[32];
    snprintf (path, sizeof path, "%s/mutes", self->home);
    for (int i = 0; i <= ZT_MUTES_MAX; i++)
        zt_buffer_put_format (&text, "1970-01-01T00:00:01Z u%d\n", i);
    zt_buffer_put_string (&text, "forever ivan\n");
    FILE *file = fopen (path, "w");
    assert_non_null (file);
    assert_true (fputs (zt_buffer_string (&text), file) >= 0);
    fclose (file);
    zt_mutes_t *mutes = zt_mutes_load (self->home, S_NOW, &wrong);
    if (!mutes)
        fail_msg ("%s", zt_buffer_string (&wrong));
    zt_bytes_t first;
    uint64_t until;
    assert_true (zt_mutes_get (mutes, 0, &first, &until));
    assert_true (zt_bytes_equal (first, zt_bytes ("ivan")));
    assert_false (zt_mutes_get (mutes, 1, &first, &until));
    for (int i = 1; i < ZT_MUTES_MAX; i++) {
        snprintf (name, sizeof name, "u%d", i);
        assert_null (zt_mutes_add (mutes, zt_bytes (name), S_NOW + (uint64_t) i, S_NOW));
    }
    assert_non_null (zt_mutes_add (mutes, zt_bytes ("one"), S_NOW + 9, S_NOW));
    assert_null (zt_mutes_add (mutes, zt_bytes ("ivan"), ZT_MUTED_FOR_EVER, S_NOW));
    assert_null (zt_mutes_add (mutes, zt_bytes ("one"), ZT_MUTED_FOR_EVER, S_NOW + 1));
    assert_true (zt_mutes_until (mutes, zt_bytes ("one")) == ZT_MUTED_FOR_EVER);
    assert_true (zt_mutes_until (mutes, zt_bytes ("ivan")) == ZT_MUTED_FOR_EVER);
    assert_int_equal (zt_mutes_until (mutes, zt_bytes ("u1")), 0);
    assert_int_equal (zt_mutes_until (mutes, zt_bytes ("u2")), S_NOW + 2);
    zt_mutes_destroy (&mutes);
    /*  So many that are not over can only have been written by hand. */
    file = fopen (path, "w");
    assert_non_null (file);
    for (int i = 0; i <= ZT_MUTES_MAX; i++)
        assert_true (fprintf (file, "forever u%d\n", i) > 0);
    fclose (file);
    assert_null (zt_mutes_load (self->home, S_NOW, &wrong));
    assert_non_null (strstr (zt_buffer_string (&wrong), "mutes:4097: too many are muted"));
    zt_buffer_free (&wrong);
    zt_buffer_free (&text);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_a_row_is_for_people_and_for_programs),
        cmocka_unit_test (s_times_are_written_and_read),
        cmocka_unit_test (s_frames_are_read_as_they_were_written),
        cmocka_unit_test_setup_teardown (s_a_long_answer_comes_in_pieces, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_who_goes_meanwhile_hides_nobody, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_who_does_not_read_gives_way, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_mistakes_are_told_apart, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_another_broker_is_noticed, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_broker_that_is_busy_is_no_dead_one, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (s_lookalikes_are_told, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_what_waits_leaves_a_place, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_backup_is_not_waited_for, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_ztalk_ctl_waits_for_who_says_so, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_the_console_waits_for_nobody, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_line_that_is_too_long_is_no_command, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (s_bans_are_read_again, s_setup, s_teardown),
        cmocka_unit_test (s_a_mute_ends_when_it_says),
        cmocka_unit_test_setup_teardown (s_mutes_are_kept, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_mutes_that_are_over_are_forgotten, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_deeds_are_written_down, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (s_a_torn_line_takes_no_other_along, s_setup, s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
