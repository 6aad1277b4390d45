/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/shell.h"

#include "client/core.h"
#include "client/guard.h"
#include "client/keeper.h"
#include "client/lines.h"
#include "client/output.h"
#include "client/stage.h"
#include "client/typing.h"
#include "common/alloc.h"
#include "common/endpoint.h"
#include "common/limits.h"
#include "common/options.h"
#include "common/translate.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/signalfd.h>

enum {
    S_FRAMES_A_TURN = 64,
    S_READ_SIZE = 65536,
    S_OUTPUT_MOST = 1048576, /* with so much unread output all stands still */
    S_JITTER_MS = 100,
    S_RETRY_SEND_MS = 20 /* a full socket does not tell when it has room */
};

/*  zpoller reports only what can be read, and so never that a pipe was closed,
    and never that stdout has room again. It therefore polls one epoll, which
    knows the difference, for these three descriptors and for that of a question. zpoller takes the
   address of a descriptor and czmq reads past it to see whether it is a socket: hence the room. */
static union {
    int fd;
    char room[4096];
} s_epoll;

typedef struct {
    int fd;
    bool watched;     /* epoll has it */
    bool unwatchable; /* a file, or /dev/null: always ready */
} s_source_t;

typedef struct {
    bool json;
    bool interactive;
    bool asks; /* a subcommand: shows what is found, and nothing else on stdout */
    zt_keeper_t keeper;
    zt_client_t *core;
    zt_guard_t guard; /* and the link */
    zpoller_t *poller;
    s_source_t input, output_source, signals;
    zt_output_t output;
    zt_output_result_t written;
    zt_typing_t typing;
    zt_stage_t *stage; /* the full screen; NULL: lines */
    int stage_fd;      /* that epoll was told of; -1: none */
    zt_buffer_t last;  /* why it ends, for when the screen is gone */
    bool input_over;   /* stdin is at its end */
    bool frames_left;  /* the DEALER had more than a turn's worth */
    bool send_refused; /* the DEALER had no room */
    bool quit;         /* a signal has asked for the end */
} s_shell_t;

static int64_t s_now (void)
{
    return zclock_mono ();
}

/*  What a subcommand has to say beside its answer. */
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
    static const char *const last[] = {"refused",     "kicked",      "replaced",
                                       "key-changed", "unknown-key", "mechanism",
                                       "unreachable", "unanswered",  "name-taken"};
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
    if (self->asks && item->kind != ZT_ITEM_FOUND) {
        s_complain (item);
        return;
    }
    (self->json ? zt_lines_put_json : zt_lines_put) (&self->output.buffer, item);
    if (self->core) /* what the core shows while it is made, it does not count on */
        zt_output_mark (&self->output, zt_client_shown (self->core));
}

/*  Begins or ends watching a descriptor for the events. A closed pipe reports
    itself for ever, so what nobody wants to read is taken out. */
static void s_watch (s_source_t *source, uint32_t events, bool wanted)
{
    if (source->watched == wanted || source->unwatchable)
        return;
    struct epoll_event event = {.events = events, .data = {.fd = source->fd}};
    if (epoll_ctl (s_epoll.fd, wanted ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, source->fd, &event) == 0)
        source->watched = wanted;
    else
        source->unwatchable = true;
}

/*  Signals, or false with errno. */
static bool s_open_signals (s_shell_t *self, bool has_screen)
{
    sigset_t set;
    sigemptyset (&set);
    sigaddset (&set, SIGINT);
    sigaddset (&set, SIGTERM);
    sigaddset (&set, SIGHUP);
    static const int screen[] = {SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT, SIGCHLD};
    for (size_t i = 0; has_screen && i < sizeof screen / sizeof screen[0]; i++)
        sigaddset (&set, screen[i]);
    /*  Before the first socket: ZeroMQ's threads inherit the mask. */
    if (sigprocmask (SIG_BLOCK, &set, NULL) != 0 || signal (SIGPIPE, SIG_IGN) == SIG_ERR ||
        signal (SIGXFSZ, SIG_IGN) == SIG_ERR) /* the journal may be over a limit */
        return false;
    self->signals.fd = signalfd (-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    s_epoll.fd = epoll_create1 (EPOLL_CLOEXEC);
    if (self->signals.fd < 0 || s_epoll.fd < 0)
        return false;
    s_watch (&self->signals, EPOLLIN, true);
    return self->signals.watched;
}

static void s_open_zmq (void)
{
    zsys_handler_set (NULL);
    zsys_init ();
    zsys_set_logstream (stderr);
    /*  libzmq takes the jitter of its reconnects from here: without a seed a fleet
        of clients would come back in step. */
    unsigned seed = 0;
    if (getrandom (&seed, sizeof seed, GRND_NONBLOCK) == sizeof seed)
        srandom (seed);
}

static void s_serve_signals (s_shell_t *self)
{
    struct signalfd_siginfo info;
    while (read (self->signals.fd, &info, sizeof info) == sizeof info) {
        int64_t now = s_now ();
        bool is_for_stage = info.ssi_signo == SIGWINCH || info.ssi_signo == SIGTSTP ||
                            info.ssi_signo == SIGCONT || info.ssi_signo == SIGCHLD;
        if (is_for_stage && self->stage)
            zt_stage_signal (self->stage, (int) info.ssi_signo, now);
        else if (info.ssi_signo == SIGINT && self->interactive)
            zt_client_typed (self->core, zt_bytes ("/exit"), now); /* twice: at once */
        else {
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

/*  Watches the terminal, which is another descriptor when a program has had it meanwhile. */
static void s_watch_stage (s_shell_t *self)
{
    int fd = zt_stage_fd (self->stage);
    uint32_t events = EPOLLIN | (zt_stage_wants_output (self->stage) ? EPOLLOUT : 0u);
    struct epoll_event event = {.events = events, .data = {.fd = fd}};
    if (fd >= 0 && epoll_ctl (s_epoll.fd, EPOLL_CTL_MOD, fd, &event) != 0)
        epoll_ctl (s_epoll.fd, EPOLL_CTL_ADD, fd, &event);
    self->stage_fd = fd;
}

/*  What the screen does in a turn. A terminal that is gone ends the client. */
static void s_serve_stage (s_shell_t *self)
{
    if (!zt_stage_turn (self->stage, s_now ()) && !self->quit) {
        self->quit = true;
        zt_client_quit (self->core, s_now ());
    }
}

static void s_serve_descriptors (s_shell_t *self)
{
    struct epoll_event events[4];
    int count = epoll_wait (s_epoll.fd, events, 4, 0);
    bool input_ready = self->input.unwatchable;
    for (int i = 0; i < count; i++) {
        if (events[i].data.fd == self->signals.fd)
            s_serve_signals (self);
        else if (self->stage && events[i].data.fd == self->stage_fd) {
            if (!zt_stage_read (self->stage, s_now ())) {
                self->quit = true;
                zt_client_quit (self->core, s_now ());
            }
        } else if (events[i].data.fd == self->input.fd)
            input_ready = true;
    }
    if (input_ready && s_wants_input (self))
        s_serve_input (self);
}

/*  False if ZeroMQ fails. */
static bool s_serve_link (s_shell_t *self)
{
    zt_bytes_t frame;
    size_t count = 0;
    zt_link_received_t received = ZT_LINK_EMPTY;
    self->frames_left = false;
    if (!zt_guard_serve (&self->guard, s_now ()))
        return false;
    while (self->guard.link && count < S_FRAMES_A_TURN &&
           zt_output_waiting (&self->output) < S_OUTPUT_MOST &&
           (received = zt_link_receive (self->guard.link, &frame)) != ZT_LINK_EMPTY) {
        if (received == ZT_LINK_FRAME)
            zt_client_receive (self->core, frame, s_now ());
        else
            zt_client_malformed (self->core, s_now ());
        count++;
    }
    self->frames_left = received != ZT_LINK_EMPTY;
    return true;
}

static void s_flush (s_shell_t *self)
{
    if (self->stage) {
        /*  What the screen has taken is before a person's eyes, or a key away. */
        zt_keeper_write (&self->keeper, s_now ());
        s_serve_stage (self);
        zt_client_displayed (self->core, zt_client_shown (self->core));
        zt_keeper_write (&self->keeper, s_now ());
        return;
    }
    zt_keeper_write (&self->keeper,
                     s_now ()); /* what is shown as pending is kept before it is shown */
    do {
        self->written = zt_output_flush (&self->output);
        /*  At once: what is written and not recorded when we are killed comes twice. */
        zt_client_displayed (self->core, self->output.passed);
        zt_keeper_write (&self->keeper, s_now ());
    } while (self->written == ZT_OUTPUT_MORE);
    s_watch (&self->output_source, EPOLLOUT, self->written == ZT_OUTPUT_PENDING);
}

static void s_send (s_shell_t *self)
{
    self->send_refused = false;
    while (!self->send_refused) {
        zt_bytes_t frame = zt_client_frame (self->core);
        zt_keeper_write (&self->keeper, s_now ());
        if (frame.size == 0)
            break;
        if (zt_link_send (self->guard.link, frame))
            zt_client_frame_sent (self->core, s_now ());
        else
            self->send_refused = true;
    }
}

/*  True while the reader of our output leaves so much of it that we stand still:
    then nothing is read or timed, and the broker keeps what it has for us. */
static bool s_stands_still (const s_shell_t *self)
{
    return self->written == ZT_OUTPUT_PENDING && zt_output_waiting (&self->output) >= S_OUTPUT_MOST;
}

/*  How long the next wait may be, in ms; -1 is for ever. */
static int s_wait_ms (const s_shell_t *self)
{
    if (self->frames_left || (self->input.unwatchable && s_wants_input (self)))
        return 0;
    int64_t wait = ZT_NEVER;
    int64_t deadline = zt_client_deadline (self->core);
    if (zt_keeper_deadline (&self->keeper) < deadline)
        deadline = zt_keeper_deadline (&self->keeper);
    if (zt_guard_deadline (&self->guard) < deadline)
        deadline = zt_guard_deadline (&self->guard);
    if (self->stage && zt_stage_deadline (self->stage) < deadline)
        deadline = zt_stage_deadline (self->stage);
    if (deadline != ZT_NEVER) {
        wait = deadline - s_now ();
        wait = wait < 0 ? 0 : wait;
    }
    if (self->send_refused && wait > S_RETRY_SEND_MS)
        wait = S_RETRY_SEND_MS;
    return wait == ZT_NEVER ? -1 : wait > INT32_MAX ? INT32_MAX : (int) wait;
}

/*  Watches the descriptor of a question, if one is asked. It may be a new one with the number
    of one that was closed, which epoll has forgotten by itself. */
static void s_watch_guard (const s_shell_t *self)
{
    int fd = zt_guard_fd (&self->guard);
    if (fd < 0)
        return;
    uint32_t events = zt_guard_events (&self->guard) & POLLIN ? EPOLLIN : EPOLLOUT;
    struct epoll_event event = {.events = events, .data = {.fd = fd}};
    if (epoll_ctl (s_epoll.fd, EPOLL_CTL_MOD, fd, &event) != 0)
        epoll_ctl (s_epoll.fd, EPOLL_CTL_ADD, fd, &event);
}

/*  One turn: wait, take what has come, do what is due. False if ZeroMQ fails. */
static bool s_turn (s_shell_t *self)
{
    if (s_stands_still (self) && !self->quit) {
        zt_guard_rest (&self->guard);
        struct pollfd ready = {.fd = s_epoll.fd, .events = POLLIN};
        poll (&ready, 1, -1);
        s_serve_descriptors (self);
        s_flush (self);
        return true;
    }
    if (self->stage)
        s_watch_stage (self);
    else
        s_watch (&self->input, EPOLLIN, s_wants_input (self));
    s_watch_guard (self);
    zpoller_wait (self->poller, s_wait_ms (self)); /* what it returns is a hint */
    s_serve_descriptors (self);
    if (self->interactive) /* a line has left the terminal: it is ours to keep, and at once */
        s_send (self);
    bool linked = s_serve_link (self);
    zt_client_tick (self->core, s_now ());
    linked = linked && (!zt_client_relink (self->core) || zt_guard_relink (&self->guard));
    s_flush (self);
    s_send (self);
    return linked;
}

/*  The core is over: what it showed last still has to go out. */
static void s_flush_last (s_shell_t *self)
{
    s_flush (self);
    while (self->written == ZT_OUTPUT_PENDING && !self->quit) {
        struct pollfd ready = {.fd = s_epoll.fd, .events = POLLIN};
        poll (&ready, 1, -1);
        s_serve_descriptors (self);
        s_flush (self);
    }
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
    zt_guard_rest (&self->guard);
    s_flush_last (self);
    /*  What has been sent need not lie about in yet another file. */
    if (self->interactive)
        zt_keeper_shorten (&self->keeper, s_now ());
    return self->written == ZT_OUTPUT_BROKEN ? ZT_EXIT_FAILED : status;
}

int zt_shell_run (const zt_shell_config_t *config)
{
    s_shell_t self = {.json = config->json,
                      .interactive = config->interactive,
                      .asks = config->query != NULL,
                      .input_over = config->query != NULL};
    if (!s_open_signals (&self, config->screen)) {
        perror (_ ("ztalk: signals"));
        return ZT_EXIT_FAILED;
    }
    s_open_zmq ();
    zt_output_open (&self.output, STDOUT_FILENO);
    self.input.fd = STDIN_FILENO;
    self.output_source.fd = self.output.fd;
    zt_client_config_t core = {.endpoint = config->trust->endpoint,
                               .name = config->name,
                               .device = config->device,
                               .token = config->token,
                               .invite = config->invite,
                               .pair = config->pair,
                               .key = config->trust->key.text,
                               .exposed = config->trust->source == ZT_TRUST_PLAIN &&
                                          !zt_endpoint_is_local (config->trust->endpoint),
                               .interactive = config->interactive,
                               .jitter_ms = (unsigned) random () % S_JITTER_MS,
                               .ref_floor = (uint64_t) zclock_time (),
                               .query = config->query,
                               .show = s_show,
                               .show_self = &self};
    int status = ZT_EXIT_UNREACHABLE;
    const char *why = _ ("no memory");
    if (config->screen && !(self.stage = zt_stage_new (config->name, config->theme, s_now ())))
        perror (_ ("ztalk: no full screen, so these are lines"));
    self.core = zt_client_new (&core, s_now ());
    zt_typing_begin (&self.typing, self.core, config->interactive);
    if (self.stage)
        zt_stage_attach (self.stage, self.core);
    zt_keeper_begin (&self.keeper, self.core, config->journal, config->kept, s_now ());
    self.poller = zpoller_new (&s_epoll.fd, NULL);
    if (self.poller)
        zpoller_set_nonstop (self.poller, true);
    if (self.poller && zt_guard_begin (&self.guard, config->trust, config->keys, self.core,
                                       self.poller, s_now (), &why))
        status = s_loop (&self);
    else
        fprintf (stderr, "ztalk: %s: %s\n", config->trust->endpoint, why);

    zt_stage_destroy (&self.stage);
    if (self.last.size)
        fputs (zt_buffer_string (&self.last), stderr);
    zt_guard_end (&self.guard);
    zpoller_destroy (&self.poller);
    zt_client_destroy (&self.core);
    zt_output_close (&self.output);
    zt_typing_free (&self.typing);
    zt_buffer_free (&self.last);
    close (self.signals.fd);
    close (s_epoll.fd);
    zsys_shutdown (); /* waits, as long as linger says, for BYE to go out */
    return status;
}
