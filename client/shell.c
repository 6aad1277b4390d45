/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/shell.h"

#include "client/lines.h"
#include "client/output.h"
#include "client/stage.h"
#include "client/typing.h"
#include "client/waiter.h"
#include "common/options.h"
#include "common/signals.h"
#include "common/translate.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zmq.h>

enum {
    S_READ_SIZE = 65536,
    S_OUTPUT_MOST = 1048576 /* with so much unread output all stands still */
};

/*  What is waited for. */
enum { S_SIGNALS, S_INPUT, S_OUTPUT, S_STAGE, S_SESSION, S_SOURCES };
_Static_assert(S_SOURCES == (int) ZT_WAITER_FDS &&
                   (int) ZT_SESSION_SOCKETS == (int) ZT_WAITER_SOCKETS,
               "room-for-all");

typedef struct {
    bool json;
    bool interactive;
    const zt_job_t *job; /* does this alone, and shows nothing else on stdout; or NULL */
    int ended_by;        /* a signal that has ended it, or 0 */
    bool ignores_pipe;   /* SIGPIPE was ignored when we came */
    bool input_failed;   /* stdin could not be read */
    zt_session_t *session;
    zt_client_t *core; /* of the session */
    int signals;       /* descriptor */
    struct pollfd sources[S_SOURCES];
    zt_waiter_t *waiter;
    zt_output_t output;
    zt_output_result_t written;
    zt_typing_t typing;
    zt_stage_t *stage; /* the full screen; NULL: lines */
    zt_buffer_t last;  /* why it ends, for when the screen is gone */
    bool input_over;   /* stdin is at its end */
    bool quit;         /* a signal has asked for the end */
} s_shell_t;

static int64_t s_now (void)
{
    return zt_session_now ();
}

static void s_complain_of (void *self, const char *sentence)
{
    (void) self;
    fprintf (stderr, "ztalk: %s\n", sentence);
}

/*  What a job is for. */
static bool s_is_result (const s_shell_t *self, zt_item_kind_t kind)
{
    bool is_receipt = kind == ZT_ITEM_MESSAGE || kind == ZT_ITEM_DELIVERED;
    if (self->job->kind == ZT_JOB_SEND)
        return is_receipt && self->json;
    return kind == ZT_ITEM_MESSAGE || kind == ZT_ITEM_FOUND || kind == ZT_ITEM_USER ||
           kind == ZT_ITEM_ROOM;
}

/*  What it has to say beside that. */
static void s_complain (const zt_item_t *item)
{
    static const char *const usual[] = {"connecting", "connected", "waiting"};
    bool quiet = item->kind != ZT_ITEM_STATE && item->kind != ZT_ITEM_ERROR;
    for (size_t i = 0; i < sizeof usual / sizeof usual[0] && item->code; i++)
        quiet = quiet || strcmp (item->code, usual[i]) == 0;
    if (quiet)
        return;
    zt_buffer_t line = {NULL, 0, 0};
    zt_lines_put (&line, item);
    fputs (zt_buffer_string (&line), stderr);
    zt_buffer_free (&line);
}

/*  What a person has to know when the screen is gone again: why it ended. */
static void s_remember (s_shell_t *self, const zt_item_t *item)
{
    static const char *const last[] = {"refused",     "kicked",       "replaced",  "key-changed",
                                       "unknown-key", "key-not-kept", "mechanism", "unreachable",
                                       "unanswered",  "name-taken"};
    for (size_t i = 0; item->kind == ZT_ITEM_STATE && item->code && i < sizeof last / sizeof *last;
         i++)
        if (strcmp (item->code, last[i]) == 0) {
            zt_buffer_clear (&self->last);
            zt_lines_put (&self->last, item);
        }
}

static void s_show (void *self_, const zt_item_t *item)
{
    s_shell_t *self = self_;
    if (self->stage) {
        s_remember (self, item);
        zt_stage_show (self->stage, item);
        return;
    }
    if (self->job && !s_is_result (self, item->kind))
        s_complain (item);
    else
        (self->json ? zt_lines_put_json : zt_lines_put) (&self->output.buffer, item);
    if (self->core) /* what the core shows while it is made, it does not count on */
        zt_output_mark (&self->output, zt_client_shown (self->core));
}

/*  Signals, or false with errno. */
static bool s_open_signals (s_shell_t *self, bool has_screen)
{
    /*  The first three end it; the others are the screen's. */
    static const int numbers[] = {SIGINT,   SIGTERM, SIGHUP,  SIGQUIT,
                                  SIGWINCH, SIGTSTP, SIGCONT, SIGCHLD};
    enum { S_ENDS = 3, S_ALL = sizeof numbers / sizeof numbers[0] };
    struct sigaction old;
    self->ignores_pipe = sigaction (SIGPIPE, NULL, &old) == 0 && old.sa_handler == SIG_IGN;
    if (signal (SIGPIPE, SIG_IGN) == SIG_ERR ||
        signal (SIGXFSZ, SIG_IGN) == SIG_ERR) /* the journal may be over a limit */
        return false;
    self->signals = zt_signals_open (numbers, has_screen ? S_ALL : S_ENDS);
    return self->signals >= 0;
}

static void s_seed (void)
{
    /*  libzmq takes the jitter of its reconnects from here: without a seed a fleet
        of clients would come back in step. */
    srandom (randombytes_random ());
}

static void s_serve_signals (s_shell_t *self)
{
    zt_signal_t signal;
    while (zt_signals_take (self->signals, &signal)) {
        int64_t now = s_now ();
        bool is_for_stage = signal.number == SIGWINCH || signal.number == SIGTSTP ||
                            signal.number == SIGCONT || signal.number == SIGCHLD;
        if (is_for_stage && self->stage)
            zt_stage_signal (self->stage, signal.number, now);
        else if (signal.number == SIGINT && self->interactive)
            zt_client_typed (self->core, zt_bytes ("/exit"), now); /* twice: at once */
        else {
            if (self->job && !self->ended_by)
                self->ended_by = signal.number;
            self->quit = true;
            zt_client_quit (self->core, now);
        }
    }
}

static void s_serve_input (s_shell_t *self)
{
    static char data[S_READ_SIZE];
    ssize_t size = read (STDIN_FILENO, data, sizeof data);
    if (size > 0) {
        zt_typing_feed (&self->typing, (zt_bytes_t){data, (size_t) size}, s_now ());
        return;
    }
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (size < 0 && self->job) {
        fprintf (stderr, _ ("ztalk: stdin cannot be read: %s"), strerror (errno));
        fputc ('\n', stderr);
        self->input_failed = true;
    }
    /*  The end, or a terminal that is gone. */
    zt_typing_end (&self->typing, s_now ());
    self->input_over = true;
    zt_client_finish (self->core, s_now ());
}

static bool s_wants_input (const s_shell_t *self)
{
    return !self->stage && !self->input_over && zt_client_takes_lines (self->core) &&
           self->written == ZT_OUTPUT_DONE;
}

/*  What the screen does in a turn. A terminal that is gone ends the client. */
static void s_serve_stage (s_shell_t *self)
{
    if (!zt_stage_turn (self->stage, s_now ()) && !self->quit) {
        self->quit = true;
        zt_client_quit (self->core, s_now ());
    }
}

/*  Acts on what was waited for. */
static void s_serve_sources (s_shell_t *self)
{
    if (self->sources[S_SIGNALS].revents)
        s_serve_signals (self);
    if (self->sources[S_STAGE].revents && !zt_stage_read (self->stage, s_now ())) {
        self->quit = true;
        zt_client_quit (self->core, s_now ());
    }
    if (self->sources[S_INPUT].revents && s_wants_input (self))
        s_serve_input (self);
    if (self->job && (self->sources[S_OUTPUT].revents & POLLERR))
        self->output.error = EPIPE; /* nobody reads, and nothing need be said to find out */
}

static void s_flush (s_shell_t *self)
{
    /*  What is shown as pending is kept before it is shown. */
    zt_session_keep (self->session);
    if (self->stage) {
        /*  What the screen has taken is before a person's eyes, or a key away. */
        s_serve_stage (self);
        zt_session_done (self->session, zt_client_shown (self->core));
        return;
    }
    do {
        self->written = self->output.error ? ZT_OUTPUT_BROKEN : zt_output_flush (&self->output);
        /*  At once: what is written and not recorded when we are killed comes twice. */
        zt_session_done (self->session, self->output.passed);
    } while (self->written == ZT_OUTPUT_MORE);
}

/*  Is there so much output that nothing more may come? */
static bool s_is_full (void *self_)
{
    const s_shell_t *self = self_;
    return zt_output_waiting (&self->output) >= S_OUTPUT_MOST;
}

/*  True while the reader of our output leaves so much of it that we stand still:
    then nothing is read or timed, and the broker keeps what it has for us. */
static bool s_stands_still (const s_shell_t *self)
{
    return self->written == ZT_OUTPUT_PENDING && zt_output_waiting (&self->output) >= S_OUTPUT_MOST;
}

static void s_watch (s_shell_t *self, int source, int fd, int events)
{
    self->sources[source] = (struct pollfd){.fd = fd, .events = (short) events};
}

/*  Waits for what the terminal, or what is in its place, and a signal bring; and for the session,
    unless that is to stand still. A closed pipe reports itself for ever, so what nobody wants to
    read is left out. */
static void s_wait (s_shell_t *self, bool with_session)
{
    zt_stage_t *stage = self->stage;
    int wait_ms = -1;
    s_watch (self, S_SIGNALS, self->signals, POLLIN);
    s_watch (self, S_INPUT, s_wants_input (self) ? STDIN_FILENO : -1, POLLIN);
    bool is_pending = self->written == ZT_OUTPUT_PENDING;
    s_watch (self, S_OUTPUT, is_pending || self->job ? self->output.fd : -1,
             is_pending ? POLLOUT : 0);
    s_watch (self, S_STAGE, stage ? zt_stage_fd (stage) : -1,
             POLLIN | (stage && zt_stage_wants_output (stage) ? POLLOUT : 0));
    s_watch (self, S_SESSION, -1, 0);
    void *sockets[ZT_SESSION_SOCKETS] = {NULL};
    if (with_session) {
        zt_session_sockets (self->session, sockets, &self->sources[S_SESSION]);
        wait_ms = zt_session_wait_ms (self->session, stage ? zt_stage_deadline (stage) : ZT_NEVER);
    } else
        zt_session_rest (self->session);
    zt_waiter_wait (self->waiter, sockets, self->sources, wait_ms);
}

/*  One turn: wait, take what has come, do what is due. False if ZeroMQ fails. */
static bool s_turn (s_shell_t *self)
{
    bool goes_on = !s_stands_still (self) || self->quit;
    s_wait (self, goes_on);
    s_serve_sources (self);
    if (goes_on && self->interactive) /* a line has left the terminal: it is kept, and at once */
        zt_session_send (self->session);
    bool is_well = !goes_on || zt_session_serve (self->session);
    s_flush (self);
    if (goes_on)
        zt_session_send (self->session);
    return is_well;
}

/*  The core is over: what it showed last still has to go out. */
static void s_flush_last (s_shell_t *self)
{
    s_flush (self);
    while (self->written == ZT_OUTPUT_PENDING && !self->quit) {
        s_wait (self, false);
        s_serve_sources (self);
        s_flush (self);
    }
}

/*  What to exit with when stdout takes no more. */
static int s_end_of_output (const s_shell_t *self)
{
    if (self->job && self->output.error == EPIPE && !self->ignores_pipe)
        return ZT_SHELL_SIGNAL + SIGPIPE;
    if (self->job)
        zt_output_complain (self->output.error);
    return ZT_EXIT_FAILED;
}

static int s_loop (s_shell_t *self)
{
    int status = ZT_EXIT_FAILED;
    while (!zt_client_over (self->core, &status)) {
        if (!s_turn (self)) {
            fprintf (stderr, "ztalk: ZeroMQ: %s\n", zmq_strerror (zmq_errno ()));
            return ZT_EXIT_FAILED;
        }
        if (self->written == ZT_OUTPUT_BROKEN && !self->quit) {
            self->quit = true;
            zt_client_quit (self->core, s_now ());
        }
    }
    s_flush_last (self);
    if (self->written == ZT_OUTPUT_BROKEN)
        return s_end_of_output (self);
    if (self->ended_by)
        return ZT_SHELL_SIGNAL + self->ended_by;
    return status == ZT_EXIT_OK && self->input_failed ? ZT_EXIT_FAILED : status;
}

/*  The installation's part of the session. Returns ZT_EXIT_OK, or what to exit with. */
static int s_open_session (s_shell_t *self, const zt_shell_config_t *config)
{
    zt_session_config_t session = {.core = {.name = config->name,
                                            .device = config->device,
                                            .invite = config->invite,
                                            .pair = config->pair,
                                            .interactive = config->interactive,
                                            .job = config->job,
                                            .show = s_show,
                                            .show_self = self},
                                   .trust = config->trust,
                                   .home = config->home,
                                   .keeps = !config->job,
                                   .is_full = s_is_full,
                                   .complain = s_complain_of};
    zt_buffer_t why = {NULL, 0, 0};
    zt_home_result_t result;
    self->session = zt_session_new (&session, &result, &why);
    if (result == ZT_HOME_HELD)
        fprintf (stderr,
                 _ ("ztalk: %s is already here from the device %s. Take another name with -n NAME, "
                    "or\nbe the same person in a second window with --device NAME\n"),
                 config->name, config->device);
    else if (result != ZT_HOME_OK)
        s_complain_of (self, zt_buffer_string (&why));
    zt_buffer_free (&why);
    return result == ZT_HOME_OK     ? ZT_EXIT_OK
           : result == ZT_HOME_HELD ? ZT_EXIT_REFUSED
                                    : ZT_EXIT_FAILED;
}

/*  From the first connection to the end. */
static int s_run (s_shell_t *self, const zt_shell_config_t *config)
{
    if (config->screen && !(self->stage = zt_stage_new (config->name, config->theme, s_now ())))
        perror (_ ("ztalk: no full screen, so these are lines"));
    self->core = zt_session_begin (self->session);
    zt_typing_begin (&self->typing, self->core, config->interactive);
    if (config->job && config->job->kind == ZT_JOB_SEND)
        zt_typing_posts (&self->typing, config->whole, isatty (STDIN_FILENO));
    if (config->text) {
        zt_client_offer (self->core, zt_buffer_bytes (config->text), 0, s_now ());
        zt_client_finish (self->core, s_now ());
    }
    if (self->stage) {
        zt_stage_attach (self->stage, self->core);
        zt_stage_keep (self->stage, config->home, config->trust->endpoint, config->name,
                       config->device);
    }
    const char *why;
    if (zt_session_connect (self->session, &why))
        return s_loop (self);
    fprintf (stderr, "ztalk: %s: %s\n", config->trust->endpoint, why);
    return ZT_EXIT_UNREACHABLE;
}

int zt_shell_run (const zt_shell_config_t *config)
{
    s_shell_t self = {.json = config->json,
                      .interactive = config->interactive,
                      .job = config->job,
                      .input_over =
                          config->job && (config->job->kind != ZT_JOB_SEND || config->text),
                      .signals = -1};
    int status = s_open_session (&self, config);
    if (status != ZT_EXIT_OK)
        return status;
    zt_output_open (&self.output, STDOUT_FILENO);
    self.waiter = zt_waiter_new ();
    if (s_open_signals (&self, config->screen)) {
        s_seed ();
        status = s_run (&self, config);
    } else {
        perror (_ ("ztalk: signals"));
        status = ZT_EXIT_FAILED;
    }
    zt_stage_destroy (&self.stage);
    if (self.last.size)
        fputs (zt_buffer_string (&self.last), stderr);
    zt_waiter_destroy (&self.waiter);
    zt_session_destroy (&self.session);
    zt_output_close (&self.output);
    zt_typing_free (&self.typing);
    zt_buffer_free (&self.last);
    zt_signals_close (self.signals);
    return status;
}
