/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/ctl_top.h"

#include "broker/top.h"
#include "common/alloc.h"
#include "common/clock.h"
#include "common/options.h"
#include "common/secret.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum { S_PAUSE_MS = 1000 };

typedef struct {
    zt_ctl_link_t *link;
    bool is_json;
    bool is_screen; /* stdout and stdin are a terminal */
    struct termios before;
    zt_buffer_t answer; /* what has come of it */
    bool is_asked;      /* it has not all come */
    uint64_t ask_at;    /* ms */
    uint64_t asked_at;  /* ms */
    zt_top_t tops[2];   /* the last two */
    unsigned n;         /* answers that came */
    int status;         /* -1: it goes on */
} s_top_t;

static volatile sig_atomic_t s_ends;

static void s_on_signal (int signal)
{
    (void) signal;
    s_ends = 1;
}

static void s_on_resize (int signal)
{
    (void) signal; /* poll comes back, which is all there is to it */
}

/*  ---------------------------------------------------------------------------
    The terminal */

static bool s_write (const char *text, size_t size)
{
    return zt_secret_write_all (STDOUT_FILENO, (zt_bytes_t){text, size});
}

static bool s_begin_screen (s_top_t *self)
{
    static const char begin[] = "\x1b[?1049h\x1b[?25l\x1b[2J";
    if (tcgetattr (STDIN_FILENO, &self->before) != 0)
        return false;
    struct termios raw = self->before;
    raw.c_lflag &= ~(tcflag_t) (ICANON | ECHO | ISIG);
    return tcsetattr (STDIN_FILENO, TCSADRAIN, &raw) == 0 && s_write (begin, strlen (begin));
}

static void s_end_screen (s_top_t *self)
{
    static const char end[] = "\x1b[?25h\x1b[?1049l";
    s_write (end, strlen (end));
    tcsetattr (STDIN_FILENO, TCSADRAIN, &self->before);
}

static void s_draw (s_top_t *self, const char *note)
{
    struct winsize size = {.ws_row = 0};
    if (self->n == 0)
        return;
    if (ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || !size.ws_row || !size.ws_col)
        size = (struct winsize){.ws_row = 24, .ws_col = 80};
    const zt_top_t *now = &self->tops[(self->n - 1) % 2], *before = &self->tops[self->n % 2];
    zt_buffer_t out = {NULL, 0, 0};
    zt_buffer_put_string (&out, "\x1b[H");
    zt_top_put_screen (now, self->n > 1 ? before : NULL, note, size.ws_row, size.ws_col, &out);
    if (!s_write (out.data, out.size))
        self->status = ZT_EXIT_FAILED;
    zt_buffer_free (&out);
}

/*  Without ISIG Ctrl-C is a letter. */
static void s_type (s_top_t *self)
{
    char typed[64];
    ssize_t size = read (STDIN_FILENO, typed, sizeof typed);
    if (size == 0 || (size < 0 && errno != EINTR && errno != EAGAIN))
        self->status = ZT_EXIT_OK;
    for (ssize_t i = 0; i < size; i++)
        if (typed[i] == 'q' || typed[i] == 'Q' || typed[i] == 3 || typed[i] == 4)
            self->status = ZT_EXIT_OK;
}

/*  ---------------------------------------------------------------------------
    Answers */

static void s_fail (s_top_t *self, int status, zt_bytes_t why)
{
    if (self->is_screen)
        s_end_screen (self);
    self->is_screen = false;
    fprintf (stderr, "ztalk-ctl: %.*s\n", (int) why.size, why.data);
    self->status = status;
}

static void s_print (s_top_t *self)
{
    zt_buffer_t line = {NULL, 0, 0};
    const zt_top_t *now = &self->tops[(self->n - 1) % 2], *before = &self->tops[self->n % 2];
    if (self->is_json)
        zt_buffer_put_bytes (&line, zt_buffer_bytes (&self->answer));
    else if (self->n > 1) /* what the first has counted is no rate */
        zt_top_put_line (now, before, &line);
    if (!s_write (line.data, line.size))
        self->status = ZT_EXIT_FAILED; /* nobody reads it any more */
    zt_buffer_free (&line);
}

static void s_answered (s_top_t *self)
{
    zt_top_t *top = &self->tops[self->n % 2];
    self->is_asked = false;
    if (!zt_top_read (top, zt_buffer_bytes (&self->answer), zt_clock_monotonic_us ())) {
        s_fail (self, ZT_EXIT_FAILED, zt_bytes ("the broker's answer cannot be read"));
        return;
    }
    self->n++;
    if (self->is_screen)
        s_draw (self, "");
    else
        s_print (self);
}

static void s_frame (s_top_t *self, zt_bytes_t frame)
{
    zt_bytes_t rest;
    zt_control_reply_t reply = zt_control_reply (frame, &rest);
    if (reply == ZT_CONTROL_WAIT || reply == ZT_CONTROL_WARNING) /* it would spoil the screen */
        return;
    if (reply != ZT_CONTROL_DATA && reply != ZT_CONTROL_DONE) {
        s_fail (self, reply == ZT_CONTROL_REFUSED ? ZT_EXIT_REFUSED : ZT_EXIT_FAILED, rest);
        return;
    }
    zt_buffer_put_bytes (&self->answer, rest);
    if (reply == ZT_CONTROL_DATA)
        zt_ctl_link_send (self->link, ZT_CONTROL_MORE, (zt_bytes_t){NULL, 0});
    else
        s_answered (self);
}

static void s_receive (s_top_t *self)
{
    zmq_msg_t message;
    zmq_msg_init (&message);
    if (zt_ctl_link_take (self->link, &message))
        s_frame (self, (zt_bytes_t){zmq_msg_data (&message), zmq_msg_size (&message)});
    else
        s_fail (self, ZT_EXIT_UNREACHABLE, zt_bytes ("the broker has ended meanwhile"));
    zmq_msg_close (&message);
}

/*  ---------------------------------------------------------------------------
    The loop */

static void s_ask (s_top_t *self, uint64_t now)
{
    self->ask_at = now + S_PAUSE_MS;
    if (self->is_asked) { /* a whole second ago */
        if (self->is_screen)
            s_draw (self, "THE BROKER DOES NOT ANSWER");
        else if (now >= self->asked_at + ZT_CTL_LINK_PATIENCE_MS)
            s_fail (self, ZT_EXIT_UNREACHABLE, zt_bytes (ZT_CTL_LINK_SILENT));
        return;
    }
    self->is_asked = true;
    self->asked_at = now;
    zt_buffer_clear (&self->answer);
    if (!zt_ctl_link_send (self->link, ZT_CONTROL_JSON, zt_bytes ("stats")))
        s_fail (self, ZT_EXIT_FAILED, zt_bytes (zmq_strerror (errno)));
}

static void s_turn (s_top_t *self)
{
    enum { S_LINK, S_STDIN = ZT_CTL_LINK_ITEMS, S_COUNT };
    zmq_pollitem_t items[S_COUNT] = {[S_STDIN] = {NULL, STDIN_FILENO, ZMQ_POLLIN, 0}};
    uint64_t now = zt_clock_monotonic ();
    if (now >= self->ask_at)
        s_ask (self, now);
    zt_ctl_link_poll (self->link, items + S_LINK);
    int n = self->is_screen ? S_COUNT : S_COUNT - 1;
    if (self->status >= 0)
        return;
    if (zmq_poll (items, n, (long) (self->ask_at - now)) < 0) {
        if (errno == EINTR && self->is_screen)
            s_draw (self, ""); /* it may have another size */
        else if (errno != EINTR)
            s_fail (self, ZT_EXIT_FAILED, zt_bytes (zmq_strerror (errno)));
        return;
    }
    if (self->is_screen && items[S_STDIN].revents)
        s_type (self);
    if (self->status < 0 && (items[S_LINK].revents || items[S_LINK + 1].revents))
        s_receive (self);
}

static void s_watch_signals (void)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct sigaction action = {.sa_handler = s_on_signal};
    sigemptyset (&action.sa_mask);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        sigaction (ends[i], &action, NULL);
    action.sa_handler = s_on_resize;
    sigaction (SIGWINCH, &action, NULL);
}

int zt_ctl_top (zt_ctl_link_t *link, bool is_json)
{
    s_top_t *self = zt_alloc (sizeof *self);
    self->link = link;
    self->is_json = is_json;
    self->status = -1;
    s_watch_signals ();
    if (!is_json && isatty (STDOUT_FILENO) == 1 && isatty (STDIN_FILENO) == 1)
        self->is_screen = s_begin_screen (self);
    while (self->status < 0 && !s_ends)
        s_turn (self);
    if (self->is_screen)
        s_end_screen (self);
    int status = self->status < 0 ? ZT_EXIT_OK : self->status;
    zt_buffer_free (&self->answer);
    free (self);
    return status;
}
