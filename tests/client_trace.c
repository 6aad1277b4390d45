/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/client_trace.h"

#include "client/core.h"
#include "client/lines.h"
#include "common/wire.h"
#include "tests/exact.h"

#include <stdarg.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

typedef struct {
    zt_client_t *core;
    int64_t now;
    bool blocked;
    bool over;
    bool tells; /* what is written into the journal is told */
    zt_client_config_t config;
    zt_buffer_t kept;     /* the journal */
    zt_buffer_t frame;    /* what broker+ has gathered */
    zt_buffer_t happened; /* what has followed and was not expected yet: lines */
    uint64_t posted;      /* lines */
} s_trace_t;

static void s_show (void *self_, const zt_item_t *item)
{
    s_trace_t *self = self_;
    zt_buffer_t lines = {NULL, 0, 0};
    zt_lines_put (&lines, item);
    for (char *at = lines.data; at < lines.data + lines.size;) {
        char *end = memchr (at, '\n', (size_t) (lines.data + lines.size - at));
        assert_non_null (end);
        zt_buffer_put_string (&self->happened, "shown: ");
        zt_buffer_put (&self->happened, at, (size_t) (end + 1 - at));
        at = end + 1;
    }
    zt_buffer_free (&lines);
}

/*  A message as a line of the transcript. */
static void s_tell (s_trace_t *self, const char *prefix, const zt_message_t *message)
{
    const zt_verb_row_t *row = zt_verb_row (message->verb);
    zt_buffer_put_format (&self->happened, "%s %s", prefix, row->name);
    for (size_t i = 0; row->fields[i]; i++) {
        zt_buffer_put_char (&self->happened, ' ');
        if (row->fields[i] == 'u')
            zt_buffer_put_u64 (&self->happened, message->number[i]);
        else
            zt_buffer_put_bytes (&self->happened, message->word[i]);
    }
    if (row->has_body)
        zt_buffer_put_char (&self->happened, ' ');
    zt_buffer_put_bytes (&self->happened, message->body);
    zt_buffer_put_char (&self->happened, '\n');
}

/*  Takes the core's frame apart: what the broker would read. */
static void s_take_frame (s_trace_t *self, zt_bytes_t frame)
{
    zt_reader_t reader = zt_reader (frame.data, frame.size, ZT_FROM_CLIENT);
    zt_message_t message;
    zt_wire_result_t result;
    while ((result = zt_reader_next (&reader, &message)) == ZT_WIRE_MESSAGE)
        s_tell (self, "client>", &message);
    assert_int_equal (result, ZT_WIRE_END);
}

/*  Tells the records, which are messages of either side. */
static void s_tell_records (s_trace_t *self, zt_bytes_t records)
{
    while (self->tells && records.size) {
        zt_message_t message;
        zt_reader_t reader = zt_reader (records.data, records.size, ZT_FROM_CLIENT);
        if (zt_reader_next (&reader, &message) != ZT_WIRE_MESSAGE) {
            reader = zt_reader (records.data, records.size, ZT_FROM_BROKER);
            assert_int_equal (zt_reader_next (&reader, &message), ZT_WIRE_MESSAGE);
        }
        s_tell (self, "keeps:", &message);
        size_t used = (size_t) (reader.at - records.data);
        records = (zt_bytes_t){records.data + used, records.size - used};
    }
}

static void s_write_journal (s_trace_t *self)
{
    zt_bytes_t records = zt_client_journal (self->core);
    zt_buffer_put_bytes (&self->kept, records);
    s_tell_records (self, records);
    zt_client_journal_written (self->core);
}

static void s_begin (s_trace_t *self)
{
    self->core = zt_client_new (&self->config, self->now);
    if (self->config.job)
        return;
    zt_bytes_t kept = zt_exact (zt_buffer_bytes (&self->kept));
    self->kept.size = zt_client_recall (self->core, kept);
    zt_exact_free (kept);
}

/*  The client is killed, and started again with what is in the journal. */
static void s_kill (s_trace_t *self)
{
    zt_client_destroy (&self->core);
    self->over = false;
    s_begin (self);
}

static void s_replace_journal (s_trace_t *self)
{
    assert_true (zt_client_is_settled (self->core));
    zt_buffer_clear (&self->kept);
    zt_client_snapshot (self->core, &self->kept);
    s_tell_records (self, zt_buffer_bytes (&self->kept));
}

/*  What the shell does after each event. */
static void s_settle (s_trace_t *self)
{
    zt_client_tick (self->core, self->now);
    if (zt_client_relink (self->core))
        zt_buffer_put_string (&self->happened, "relink\n");
    s_write_journal (self);
    if (!self->blocked)
        zt_client_displayed (self->core, zt_client_shown (self->core));
    zt_bytes_t frame;
    for (;;) {
        frame = zt_client_frame (self->core);
        s_write_journal (self);
        if (frame.size == 0)
            break;
        s_take_frame (self, frame);
        zt_client_frame_sent (self->core, self->now);
    }
    int status;
    if (!self->over && zt_client_over (self->core, &status)) {
        self->over = true;
        zt_buffer_put_format (&self->happened, "over %d\n", status);
    }
}

/*  Time goes by, and the core is woken when it has asked for it. */
static void s_wait (s_trace_t *self, int64_t ms)
{
    int64_t end = self->now + ms;
    for (int turns = 0; self->now < end && !self->over; turns++) {
        assert_true (turns < 10000); /* the core spins */
        int64_t deadline = zt_client_deadline (self->core);
        self->now = deadline < end ? (deadline > self->now ? deadline : self->now) : end;
        s_settle (self);
    }
}

/*  A message of the broker, as in the transcript, becomes one of the wire. */
static void s_put_message (s_trace_t *self, zt_bytes_t text)
{
    const char *body = memmem (text.data, text.size, " {", 2);
    size_t header = body ? (size_t) (body - text.data) : text.size;
    zt_buffer_put (&self->frame, text.data, header);
    if (body)
        zt_buffer_put_format (&self->frame, " %zu\n%.*s", text.size - header - 1,
                              (int) (text.size - header - 1), body + 1);
    zt_buffer_put_char (&self->frame, '\n');
}

static void s_receive (s_trace_t *self)
{
    zt_bytes_t frame = zt_exact (zt_buffer_bytes (&self->frame));
    zt_client_receive (self->core, frame, self->now);
    zt_exact_free (frame);
    zt_buffer_clear (&self->frame);
}

static bool s_cut (zt_bytes_t *line, const char *prefix)
{
    size_t size = strlen (prefix);
    if (line->size < size || memcmp (line->data, prefix, size) != 0)
        return false;
    line->data += size;
    line->size -= size;
    return true;
}

/*  The next thing that has happened is taken off the list and must be the line. */
static void s_expect (s_trace_t *self, zt_bytes_t line)
{
    const char *happened = zt_buffer_string (&self->happened);
    size_t size = strcspn (happened, "\n");
    bool open = line.size > 3 && memcmp (line.data + line.size - 3, "...", 3) == 0;
    size_t compared = open ? line.size - 3 : line.size;
    if ((open ? size < compared : size != compared) || memcmp (happened, line.data, compared) != 0)
        fail_msg ("expected: %.*s\nhappened: %s", (int) line.size, line.data, happened);
    zt_buffer_consume (&self->happened, size + 1);
}

/*  A program sends: the target, and the body. */
static void s_post (s_trace_t *self, zt_bytes_t line)
{
    char target[ZT_TARGET_SIZE];
    const char *space = memchr (line.data, ' ', line.size);
    assert_non_null (space);
    size_t size = (size_t) (space - line.data);
    assert_null (zt_client_target ((zt_bytes_t){line.data, size}, target));
    zt_bytes_t body = zt_exact ((zt_bytes_t){space + 1, line.size - size - 1});
    assert_int_not_equal (zt_client_post (self->core, target, body), 0);
    zt_exact_free (body);
}

/*  Feeds an event; false if the line is none. */
static bool s_event (s_trace_t *self, zt_bytes_t line)
{
    int64_t now = self->now;
    if (s_cut (&line, "broker+ ")) {
        s_put_message (self, line);
        return true;
    }
    if (s_cut (&line, "broker< ")) {
        s_put_message (self, line);
        s_receive (self);
    } else if (s_cut (&line, "raw< ")) {
        zt_buffer_put_bytes (&self->frame, line);
        zt_buffer_put_char (&self->frame, '\n');
        s_receive (self);
    } else if (s_cut (&line, "> "))
        zt_client_typed (self->core, line, now);
    else if (s_cut (&line, "offer ")) { /* each is a line of the input */
        if (zt_client_offer (self->core, line, ++self->posted, now) != !s_cut (&line, "BAD"))
            fail_msg ("offer %.*s", (int) line.size, line.data);
    } else if (s_cut (&line, "wait "))
        s_wait (self, strtol (line.data, NULL, 10));
    else if (zt_bytes_equal (line, zt_bytes ("up")))
        zt_client_up (self->core, now);
    else if (zt_bytes_equal (line, zt_bytes ("down")))
        zt_client_down (self->core, now);
    else if (zt_bytes_equal (line, zt_bytes ("eof")))
        zt_client_finish (self->core, now);
    else if (zt_bytes_equal (line, zt_bytes ("quit")))
        zt_client_quit (self->core, now);
    else if (zt_bytes_equal (line, zt_bytes ("doubt")))
        zt_client_doubt (self->core, "doubt");
    else if (zt_bytes_equal (line, zt_bytes ("refuse")))
        zt_client_refuse (self->core, "key-changed", "refuse");
    else if (zt_bytes_equal (line, zt_bytes ("encrypt")))
        zt_client_encrypt (self->core, ZT_TRACE_KEY);
    else if (zt_bytes_equal (line, zt_bytes ("malformed")))
        zt_client_malformed (self->core, now);
    else if (s_cut (&line, "done "))
        zt_client_acknowledge (self->core, strtoull (line.data, NULL, 10));
    else if (s_cut (&line, "post "))
        s_post (self, line);
    else if (zt_bytes_equal (line, zt_bytes ("journal")))
        self->tells = true;
    else if (zt_bytes_equal (line, zt_bytes ("replace")))
        s_replace_journal (self);
    else if (s_cut (&line, "torn "))
        self->kept.size -= (size_t) strtol (line.data, NULL, 10);
    else if (zt_bytes_equal (line, zt_bytes ("killed"))) {
        s_kill (self);
        return true;
    } else if (zt_bytes_equal (line, zt_bytes ("blocked")))
        self->blocked = true;
    else if (zt_bytes_equal (line, zt_bytes ("unblocked")))
        self->blocked = false;
    else
        return false;
    s_settle (self);
    return true;
}

void zt_trace_with (const zt_client_config_t *config, const char *transcript)
{
    setenv ("TZ", "UTC", 1);
    s_trace_t self = {.now = 1000, .config = *config};
    if (!self.config.endpoint)
        self.config.endpoint = "tcp://127.0.0.1:5555";
    self.config.name = "olena";
    self.config.device = "laptop";
    self.config.token = "secret";
    self.config.show = s_show;
    self.config.show_self = &self;
    s_begin (&self);
    while (*transcript) {
        zt_bytes_t line = {transcript, strcspn (transcript, "\n")};
        transcript += line.size + (transcript[line.size] == '\n');
        const char *remark = memmem (line.data, line.size, "    --", 6);
        if (remark) {
            line.size = (size_t) (remark - line.data);
            while (line.size && line.data[line.size - 1] == ' ')
                line.size--;
        }
        if (line.size == 0)
            continue;
        static const char *const expected[] = {"client> ", "shown: ", "keeps: ", "relink", "over "};
        bool is_expected = false;
        for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
            is_expected |= strncmp (line.data, expected[i], strlen (expected[i])) == 0;
        if (is_expected) {
            s_expect (&self, line);
            continue;
        }
        if (self.happened.size)
            fail_msg ("before: %.*s\nnot expected: %s", (int) line.size, line.data,
                      zt_buffer_string (&self.happened));
        if (!s_event (&self, line))
            fail_msg ("no line of a transcript: %.*s", (int) line.size, line.data);
    }
    if (self.happened.size)
        fail_msg ("not expected at the end: %s", zt_buffer_string (&self.happened));
    zt_client_destroy (&self.core);
    zt_buffer_free (&self.kept);
    zt_buffer_free (&self.frame);
    zt_buffer_free (&self.happened);
}

void zt_trace (zt_trace_kind_t kind, const char *transcript)
{
    zt_client_config_t config = {.interactive = kind == ZT_TRACE_TERMINAL};
    zt_trace_with (&config, transcript);
}

void zt_trace_job (const zt_job_t *job, const char *transcript)
{
    zt_client_config_t config = {.job = job};
    zt_trace_with (&config, transcript);
}
