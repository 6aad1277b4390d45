/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/bot.h"

#include "client/child.h"
#include "client/work.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/name.h"
#include "common/options.h"
#include "common/span.h"
#include "common/text.h"
#include "common/translate.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    S_WINDOW = 64, /* messages that the command has, and has not answered */
    S_BACKOFF_MS = 250,
    S_BACKOFF_MOST_MS = 30000,
    S_SETTLED_MS = 10000, /* a command that ran so long is started again soon */
    S_STOP_MS = 5000,     /* for the command to end by itself, when its stdin has */
    S_KILL_MS = 2000,     /* after SIGTERM */
    S_FULL_MS = 10000,    /* with a full window, before that is told */
    S_CITED = 200         /* bytes of a line that is told to be wrong */
};

#define S_NEVER INT64_MAX

typedef struct {
    const zt_bot_config_t *config;
    ztalk_t *ztalk;
    zt_work_t work;
    zt_child_t child;
    int64_t started_at, start_at; /* the command, and when it is started again; or S_NEVER */
    int backoff_ms;
    int64_t stop_at;  /* what comes next when it does not end by itself, or S_NEVER */
    bool is_stopping; /* the command is not started again */
    bool is_terminated, is_finished;
    bool is_held;   /* a line has to wait until something that was sent is stored */
    bool has_ended; /* the command has, with this status; what it has said may not be read */
    int end;
    bool is_loss_told, is_full_told;
    int64_t full_at; /* when it is told that the command leaves too much alone, or S_NEVER */
    bool is_over;
    int status;
} s_bot_t;

/*  Signals come through a pipe, in which each is a byte. */
static int s_signals[2] = {-1, -1};

static void s_on_signal (int number)
{
    int error = errno;
    char byte = (char) number;
    if (write (s_signals[1], &byte, 1) < 0) /* full: there are enough */
        byte = 0;
    errno = error;
}

static bool s_take_signals (void)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
    struct sigaction action = {.sa_handler = s_on_signal, .sa_flags = SA_RESTART};
    sigemptyset (&action.sa_mask);
    if (pipe (s_signals) != 0)
        return false;
    for (int i = 0; i < 2; i++)
        if (fcntl (s_signals[i], F_SETFD, FD_CLOEXEC) != 0 ||
            fcntl (s_signals[i], F_SETFL, O_NONBLOCK) != 0)
            return false;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct sigaction old;
        if (sigaction (numbers[i], NULL, &old) != 0)
            return false;
        bool stays = old.sa_handler == SIG_IGN && numbers[i] != SIGCHLD; /* as nohup has it */
        if (!stays && sigaction (numbers[i], &action, NULL) != 0)
            return false;
    }
    return signal (SIGPIPE, SIG_IGN) != SIG_ERR;
}

static int64_t s_now (void)
{
    return (int64_t) zt_clock_monotonic ();
}

/*  Tells a sentence, and what it is about (any bytes), on stderr. */
static void s_tell (const char *sentence, zt_bytes_t about)
{
    zt_buffer_t line = {NULL, 0, 0};
    bool is_cut = about.size > S_CITED;
    zt_buffer_put_string (&line, "ztalk: ");
    zt_text_clean (&line, zt_bytes (sentence), ZT_TEXT_LINES);
    if (about.size) {
        zt_buffer_put_string (&line, ": ");
        zt_text_clean (&line, zt_bytes_part (about, 0, is_cut ? S_CITED : about.size),
                       ZT_TEXT_LINE);
    }
    zt_buffer_put_string (&line, is_cut ? "...\n" : "\n");
    fputs (zt_buffer_string (&line), stderr);
    zt_buffer_free (&line);
}

static const zt_bytes_t s_nothing = {NULL, 0};

/*  ---------------------------------------------------------------------------
    The command */

static void s_start (s_bot_t *self, int64_t now)
{
    self->start_at = S_NEVER;
    self->started_at = now;
    if (zt_child_start (&self->child, self->config->command))
        return;
    zt_buffer_t sentence = {NULL, 0, 0};
    zt_buffer_put_format (&sentence, _ ("cannot run the command: %s"), strerror (errno));
    s_tell (zt_buffer_string (&sentence), zt_bytes (self->config->command[0]));
    zt_buffer_free (&sentence);
    self->start_at = now + self->backoff_ms;
}

/*  It has ended, and all that it printed is read. */
static void s_ended (s_bot_t *self, int64_t now)
{
    int status = self->end;
    self->has_ended = false;
    zt_child_end (&self->child);
    zt_work_take_back (&self->work);
    self->stop_at = S_NEVER;
    if (self->is_stopping)
        return;
    self->is_terminated = false;
    if (now - self->started_at >= S_SETTLED_MS)
        self->backoff_ms = S_BACKOFF_MS;
    zt_buffer_t sentence = {NULL, 0, 0};
    zt_buffer_put_format (
        &sentence,
        WIFSIGNALED (status)
            ? _ ("a signal (%d) has ended the command; it is started again in %d ms")
            : _ ("the command has ended with %d; it is started again in %d ms"),
        WIFSIGNALED (status) ? WTERMSIG (status) : WEXITSTATUS (status), self->backoff_ms);
    s_tell (zt_buffer_string (&sentence), s_nothing);
    zt_buffer_free (&sentence);
    self->start_at = now + self->backoff_ms;
    self->backoff_ms *= 2;
    if (self->backoff_ms > S_BACKOFF_MOST_MS)
        self->backoff_ms = S_BACKOFF_MOST_MS;
}

/*  The broker sends no more when so much is not acknowledged: what would come may not be known. */
static bool s_is_heavy (const s_bot_t *self)
{
    return self->work.bytes > ZT_WINDOW_BYTES / 2;
}

/*  Gives the command what waits, as far as there is room in its window. */
static void s_give (s_bot_t *self)
{
    zt_work_item_t *item;
    while (self->child.in >= 0 && !self->is_stopping && self->work.given < S_WINDOW &&
           (item = zt_work_waiting (&self->work))) {
        zt_buffer_put_string (&self->child.to, item->line);
        zt_work_set (&self->work, item, ZT_WORK_GIVEN);
    }
    bool has_more = zt_work_waiting (&self->work) != NULL || s_is_heavy (self);
    bool is_full = (self->work.given >= S_WINDOW && has_more) || s_is_heavy (self);
    if (!is_full)
        self->full_at = S_NEVER;
    else if (!self->is_full_told && self->full_at == S_NEVER)
        self->full_at = s_now () + S_FULL_MS;
    self->is_full_told = self->is_full_told && has_more;
    zt_child_write (&self->child);
}

/*  Ends: the command reads the end of its input, when it has what it was given. */
static void s_stop (s_bot_t *self, int64_t now)
{
    if (!self->is_stopping)
        self->stop_at = now + S_STOP_MS;
    self->is_stopping = true;
    self->start_at = S_NEVER;
}

/*  It has had its time. */
static void s_insist (s_bot_t *self, int64_t now)
{
    if (self->has_ended) { /* and it is the broker that takes nothing */
        self->is_held = false;
        s_tell (_ ("too much is waiting: what the command has said last is not sent"), s_nothing);
        s_ended (self, now);
        return;
    }
    if (self->child.out < 0 && self->child.pid && !self->is_stopping && !self->is_terminated)
        s_tell (_ ("the command has closed its standard output and cannot answer; it is ended"),
                s_nothing);
    zt_child_close_input (&self->child);
    if (self->child.pid)
        kill (self->child.pid, self->is_terminated ? SIGKILL : SIGTERM);
    self->stop_at = self->is_terminated ? S_NEVER : now + S_KILL_MS;
    self->is_terminated = true;
}

/*  ---------------------------------------------------------------------------
    What the command says */

/*  The command gets on. */
static void s_get_on (s_bot_t *self)
{
    self->backoff_ms = S_BACKOFF_MS;
    self->full_at = S_NEVER;
}

/*  There is no answer to it. */
static void s_drop (s_bot_t *self, zt_work_item_t *item)
{
    ztalk_ack (self->ztalk, item->id);
    zt_work_remove (&self->work, item);
}

/*  Sends what the command says; returns why that can never be done, or NULL. */
static const char *s_say (s_bot_t *self, zt_work_item_t *item, const char *to, const char *text,
                          bool *is_held)
{
    uint64_t ref =
        ztalk_reply (self->ztalk, item ? item->id : 0, *to || !item ? to : item->back, text);
    *is_held = !ref && strcmp (ztalk_code (self->ztalk), "full") == 0;
    if (ref && item) {
        s_get_on (self);
        item->ref = ref;
        zt_work_set (&self->work, item, ZT_WORK_ANSWERED);
    }
    return ref || *is_held ? NULL : ztalk_why (self->ztalk);
}

/*  What is wrong with a line, or NULL; *is_held if it has to be taken up again later. */
static const char *s_obey (s_bot_t *self, zt_bytes_t line, bool *is_held)
{
    const char *wrong = NULL;
    uint64_t re = 0;
    cJSON *object = zt_json_parse (line);
    bool has_re = object && zt_json_number (object, "re", &re);
    zt_bytes_t text = zt_json_string (object, "text"), to = zt_json_string (object, "to");
    bool declines = text.size == 0 || zt_json_bool (object, "decline", false);
    zt_work_item_t *item = has_re ? zt_work_find (&self->work, re) : NULL;
    if (!object)
        wrong = _ ("it is not a JSON object");
    else if (has_re && (!item || item->state == ZT_WORK_WAITING))
        wrong = _ ("no message with the id in \"re\" waits for an answer");
    else if (has_re && item->state == ZT_WORK_ANSWERED)
        wrong = _ ("the message has been answered already");
    else if (!has_re && !text.size)
        wrong = _ ("it has neither a \"text\" nor a \"re\"");
    else if (!has_re && !to.size)
        wrong = _ ("it has no \"to\", and no \"re\" with the id of what it answers");
    else {
        bool has_nul = zt_json_has_nul (line);
        if (has_nul)
            wrong = _ ("there is a NUL in it");
        else if (!declines || !item)
            wrong = s_say (self, item, to.size ? to.data : "", text.data, is_held);
        else
            s_get_on (self);
        if (item && (wrong || declines)) /* wrong: as if the broker had refused it */
            s_drop (self, item);
    }
    cJSON_Delete (object);
    return wrong;
}

static void s_read_lines (s_bot_t *self)
{
    zt_bytes_t line;
    self->is_held = false;
    if (self->is_over && self->child.from.size) {
        if (!self->is_loss_told)
            s_tell (_ ("it is over: what the command says now is not sent"), s_nothing);
        self->is_loss_told = true;
        zt_buffer_clear (&self->child.from);
    }
    while (!self->is_over && zt_child_line (&self->child, &line)) {
        const char *wrong = line.size ? s_obey (self, line, &self->is_held) : NULL;
        if (self->is_held)
            return;
        if (wrong) {
            zt_buffer_t sentence = {NULL, 0, 0};
            zt_buffer_put_format (&sentence, _ ("a line of the command is not sent (%s)"), wrong);
            s_tell (zt_buffer_string (&sentence), line);
            zt_buffer_free (&sentence);
        }
        zt_child_next_line (&self->child);
    }
}

/*  Takes what the command has printed, as far as that can be sent, and whether it has ended. */
static void s_serve_child (s_bot_t *self)
{
    /*  In this order: what it has said itself is in the pipe when it has ended. Somebody that it
        has started may have its stdout still, and is not waited for. */
    if (self->child.pid && zt_child_reap (&self->child, &self->end))
        self->has_ended = true;
    s_read_lines (self);
    bool has_read = !self->is_held && zt_child_read (&self->child);
    if (has_read)
        s_read_lines (self);
    if (has_read || self->is_held)
        return;
    if (self->child.out < 0)
        s_read_lines (self); /* the last one may have no end */
    if (self->has_ended && !self->is_held)
        s_ended (self, s_now ());
    else if (self->child.out < 0 && self->child.pid && self->stop_at == S_NEVER &&
             !self->is_terminated) {
        zt_child_close_input (&self->child); /* it can answer no more */
        self->stop_at = s_now () + S_STOP_MS;
    }
}

/*  ---------------------------------------------------------------------------
    What the broker says */

static void s_put_member (zt_buffer_t *line, const char *name, const char *text, size_t size)
{
    zt_buffer_put_format (line, ",\"%s\":", name);
    zt_json_put_string (line, (zt_bytes_t){text, size});
}

static bool s_is_same (const char *target, const char *other)
{
    zt_folded_t a, b;
    return target[0] == other[0] && !zt_name_fold (zt_bytes (target + 1), &a) &&
           !zt_name_fold (zt_bytes (other + 1), &b) && a.size == b.size &&
           memcmp (a.data, b.data, a.size) == 0;
}

static void s_take_message (s_bot_t *self, const ztalk_event_t *event)
{
    const char *in = self->config->in;
    const char *back = event->to[0] == '#' ? event->to : event->from;
    bool is_ours = strcmp (event->from + 1, ztalk_name (self->ztalk)) == 0;
    if (is_ours || (in && !s_is_same (in, back))) {
        ztalk_ack (self->ztalk, event->id);
        return;
    }
    zt_buffer_t line = {NULL, 0, 0};
    zt_buffer_put_format (&line, "{\"id\":%" PRIu64 ",\"time\":%" PRIu64, event->id, event->time);
    s_put_member (&line, "from", event->from, strlen (event->from));
    s_put_member (&line, "to", event->to, strlen (event->to));
    if (event->has_text)
        s_put_member (&line, "text", event->text, event->text_size);
    if (event->body[0])
        zt_buffer_put_format (&line, ",\"body\":%s", event->body);
    zt_buffer_put_string (&line, "}\n");
    zt_work_add (&self->work, event->id, strlen (event->body), back, zt_buffer_bytes (&line));
    zt_buffer_free (&line);
}

/*  What was sent is stored, or refused. */
static void s_settle (s_bot_t *self, const ztalk_event_t *event)
{
    zt_work_item_t *item = zt_work_find_ref (&self->work, event->ref);
    if (event->type == ZTALK_REJECTED) {
        zt_buffer_t sentence = {NULL, 0, 0};
        zt_buffer_put_format (&sentence, _ ("the broker has refused a message (%s)"),
                              event->reason);
        s_tell (zt_buffer_string (&sentence), (zt_bytes_t){event->text, event->text_size});
        zt_buffer_free (&sentence);
        /*  To give it to the command again would be of no use, also if this is about what an
           earlier run has answered: that has come with this. */
        if (event->id) {
            ztalk_ack (self->ztalk, event->id);
            item = zt_work_find (&self->work, event->id);
        }
    }
    if (item)
        zt_work_remove (&self->work, item);
    if (self->is_held)
        s_read_lines (self);
}

static void s_tell_gap (const ztalk_event_t *event)
{
    zt_buffer_t sentence = {NULL, 0, 0};
    unsigned long count = (unsigned long) event->count;
    if (count)
        zt_buffer_put_format (
            &sentence,
            zt_translate_many ("%lu message is lost to the bot: the broker keeps it no more",
                               "%lu messages are lost to the bot: the broker keeps them no more",
                               count),
            count);
    else
        zt_buffer_put_string (
            &sentence, _ ("messages may be lost to the bot: the broker keeps no more of them"));
    s_tell (zt_buffer_string (&sentence), s_nothing);
    zt_buffer_free (&sentence);
}

static void s_take_event (s_bot_t *self, const ztalk_event_t *event)
{
    switch (event->type) {
    case ZTALK_MESSAGE:
        s_take_message (self, event);
        break;
    case ZTALK_SENT:
    case ZTALK_REJECTED:
        s_settle (self, event);
        break;
    case ZTALK_GAP:
        s_tell_gap (event);
        break;
    case ZTALK_OVER:
        self->is_over = true;
        self->status = (int) event->status;
        break;
    case ZTALK_CONNECTED:
    case ZTALK_LOST:
    case ZTALK_NOTICE: /* why it is over is one, too */
        s_tell (event->text, s_nothing);
        break;
    default:
        break;
    }
}

/*  ---------------------------------------------------------------------------
    The loop */

static void s_serve_signals (s_bot_t *self, int64_t now)
{
    char numbers[64];
    ssize_t size;
    while ((size = read (s_signals[0], numbers, sizeof numbers)) > 0)
        for (ssize_t i = 0; i < size; i++) {
            if (numbers[i] == SIGCHLD)
                continue;
            if (self->is_stopping) /* for the second time: now */
                s_insist (self, now);
            if (self->is_finished && !self->is_over) {
                self->is_over = true;
                self->status = ZT_EXIT_FAILED;
            }
            s_stop (self, now);
        }
}

static int s_wait_ms (const s_bot_t *self, int64_t now)
{
    int library = self->is_over ? -1 : ztalk_timeout (self->ztalk);
    int64_t due = zt_span_earlier (self->full_at, zt_span_earlier (self->start_at, self->stop_at));
    if (self->has_ended && !self->is_held) /* what it has said is read to its end */
        return 0;
    int64_t wait = due == S_NEVER ? S_NEVER : due > now ? due - now : 0;
    if (library >= 0)
        wait = zt_span_earlier (wait, library);
    return wait == S_NEVER ? -1 : wait > INT32_MAX ? INT32_MAX : (int) wait;
}

static void s_do_what_is_due (s_bot_t *self, int64_t now)
{
    if (now >= self->start_at)
        s_start (self, now);
    if (now >= self->stop_at)
        s_insist (self, now);
    if (now >= self->full_at) {
        s_tell (self->work.given >= S_WINDOW
                    ? _ ("the command has 64 messages that it neither answers nor declines, and is "
                         "given no more until it does")
                    : _ ("the command neither answers nor declines messages of more than 512 KiB "
                         "together; until it does, the broker may send no more"),
                s_nothing);
        self->full_at = S_NEVER;
        self->is_full_told = true;
    }
    if (self->is_stopping && self->child.in >= 0 && self->child.to.size == 0)
        zt_child_close_input (&self->child);
    bool is_gone = self->child.pid == 0 && self->child.out < 0 && !self->has_ended;
    if (self->is_stopping && is_gone && !self->is_finished) {
        ztalk_finish (self->ztalk); /* when what it said last is stored */
        self->is_finished = true;
    }
}

static void s_turn (s_bot_t *self)
{
    struct pollfd fds[] = {
        {.fd = s_signals[0], .events = POLLIN},
        {.fd = self->is_over ? -1 : ztalk_fd (self->ztalk), .events = POLLIN},
        {.fd = self->is_held ? -1 : self->child.out, .events = POLLIN},
        {.fd = self->child.to.size ? self->child.in : -1, .events = POLLOUT},
    };
    poll (fds, sizeof fds / sizeof fds[0], s_wait_ms (self, s_now ()));
    s_serve_signals (self, s_now ());
    s_serve_child (self);
    const ztalk_event_t *event;
    ztalk_serve (self->ztalk);
    while ((event = ztalk_next (self->ztalk, 0)))
        s_take_event (self, event);
    if (self->is_over)
        s_stop (self, s_now ());
    s_do_what_is_due (self, s_now ());
    s_give (self);
}

int zt_bot_run (const zt_bot_config_t *config)
{
    s_bot_t self = {.config = config,
                    .ztalk = config->ztalk,
                    .child = ZT_CHILD_NONE,
                    .start_at = S_NEVER,
                    .stop_at = S_NEVER,
                    .full_at = S_NEVER,
                    .backoff_ms = S_BACKOFF_MS};
    if (!s_take_signals ()) {
        perror (_ ("ztalk: signals"));
        return ZT_EXIT_FAILED;
    }
    ztalk_status_t status = ztalk_connect (config->ztalk);
    if (status != ZTALK_OK) {
        fprintf (stderr, "ztalk: %s\n", ztalk_why (config->ztalk));
        return (int) status;
    }
    if (config->in && config->in[0] == '#')
        ztalk_join (config->ztalk, config->in);
    s_start (&self, s_now ());
    if (!self.child.pid)
        return ZT_EXIT_FAILED;
    while (!self.is_over || self.child.pid)
        s_turn (&self);
    zt_child_end (&self.child);
    zt_work_clear (&self.work);
    return self.status;
}
