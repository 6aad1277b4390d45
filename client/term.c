/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/term.h"

#include "client/rescue.h"
#include "common/alloc.h"
#include "common/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    S_READ_SIZE = 4096,
    S_PENDING_MOST = 65536, /* so much that nobody reads, and what is not a frame is lost */
    S_ROWS = 24,
    S_COLUMNS = 80
};

/*  The title is kept (22;2t), the alternate screen is taken, pastes are bracketed and the
    focus is reported. */
#define S_ENTER "\033[22;2t\033[?1049h\033[?2004h\033[?1004h"

/*  The first ESC \ ends a sequence that was written by half. The cursor and wrapping come
    last: leaving the alternate screen brings back what they were when it was entered. */
#define S_LEAVE                                                                                    \
    "\033\\\033[?2026l\033[m" S_MOUSE_OFF "\033[?1004l\033[?2004l\033[?1049l\033[?7h\033[?25h"     \
    "\033[23;2t"

#define S_MOUSE_ON  "\033[?1002h\033[?1006h"
#define S_MOUSE_OFF "\033[?1006l\033[?1002l"

struct zt_term_t {
    zt_writer_t writer;
    struct termios modes; /* as they were */
    zt_terminal_t terminal;
    bool is_taken; /* the terminal is in raw mode, on the alternate screen */
    bool has_mouse;
};

static int s_fd (const zt_term_t *self)
{
    return self->writer.fd;
}

/*  The modes for reading each byte as it is typed, Ctrl-C and Ctrl-Z too. */
static struct termios s_raw (struct termios modes)
{
    modes.c_iflag &= ~(tcflag_t) (IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    modes.c_oflag &= ~(tcflag_t) OPOST;
    modes.c_lflag &= ~(tcflag_t) (ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    modes.c_cflag &= ~(tcflag_t) (CSIZE | PARENB);
    modes.c_cflag |= CS8;
    modes.c_cc[VMIN] = 1;
    modes.c_cc[VTIME] = 0;
    return modes;
}

/*  The terminal of a program in the background is not its own: to touch it would stop it. */
static bool s_is_ours (const zt_term_t *self)
{
    pid_t foreground = tcgetpgrp (s_fd (self));
    return foreground <= 0 || foreground == getpgrp ();
}

/*  Takes the terminal; false with errno. What was pending belongs to another time. */
static bool s_take (zt_term_t *self)
{
    static const zt_bytes_t leave = ZT_LITERAL (S_LEAVE);
    struct termios raw = s_raw (self->modes);
    zt_rescue_arm (s_fd (self), &self->modes, leave);
    if (tcsetattr (s_fd (self), TCSANOW, &raw) != 0)
        return false;
    zt_buffer_clear (&self->writer.buffer);
    /*  What is entered twice, and kept twice, would be lost. */
    if (self->is_taken)
        zt_buffer_put_bytes (&self->writer.buffer, leave);
    self->is_taken = true;
    zt_buffer_put_string (&self->writer.buffer, S_ENTER);
    if (self->has_mouse)
        zt_buffer_put_string (&self->writer.buffer, S_MOUSE_ON);
    zt_term_flush (self);
    return true;
}

static void s_leave (zt_term_t *self)
{
    if (!self->is_taken)
        return;
    self->is_taken = false;
    zt_buffer_clear (&self->writer.buffer);
    /*  A report of the mouse that is under way is not for who reads next. */
    tcflush (s_fd (self), TCIFLUSH);
    zt_rescue_disarm ();
}

zt_terminal_t zt_term_guess (void)
{
    const zt_environment_t environment = {.term = getenv ("TERM"),
                                          .colorterm = getenv ("COLORTERM"),
                                          .no_color = getenv ("NO_COLOR"),
                                          .tmux = getenv ("TMUX"),
                                          .vte_version = getenv ("VTE_VERSION")};
    return zt_terminal_guess (&environment);
}

zt_term_t *zt_term_new (const char *path)
{
    int fd = open (path ? path : "/dev/tty", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    zt_term_t *self = zt_alloc (sizeof *self);
    self->writer = (zt_writer_t){.fd = fd, .own = true};
    self->terminal = zt_term_guess ();
    if (tcgetattr (fd, &self->modes) != 0 || !s_take (self)) {
        int error = errno;
        zt_term_destroy (&self);
        errno = error;
    }
    return self;
}

void zt_term_destroy (zt_term_t **self_p)
{
    zt_term_t *self = *self_p;
    if (self) {
        s_leave (self);
        zt_writer_close (&self->writer);
        free (self);
    }
    *self_p = NULL;
}

int zt_term_fd (const zt_term_t *self)
{
    return s_fd (self);
}

const zt_terminal_t *zt_term_terminal (const zt_term_t *self)
{
    return &self->terminal;
}

void zt_term_size (const zt_term_t *self, int *rows, int *columns)
{
    struct winsize size;
    bool is_known = ioctl (s_fd (self), TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col;
    *rows = is_known ? size.ws_row : S_ROWS;
    *columns = is_known ? size.ws_col : S_COLUMNS;
}

bool zt_term_read (zt_term_t *self, zt_buffer_t *buffer)
{
    if (!self->is_taken)
        return true;
    ssize_t size = read (s_fd (self), zt_buffer_reserve (buffer, S_READ_SIZE), S_READ_SIZE);
    if (size > 0)
        buffer->size += (size_t) size;
    return size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR));
}

zt_buffer_t *zt_term_frame (zt_term_t *self)
{
    if (!self->is_taken || zt_writer_flush (&self->writer) != ZT_WRITER_DONE)
        return NULL;
    return &self->writer.buffer;
}

bool zt_term_flush (zt_term_t *self)
{
    return zt_writer_flush (&self->writer) != ZT_WRITER_BROKEN;
}

bool zt_term_is_pending (const zt_term_t *self)
{
    return self->writer.buffer.size > 0;
}

/*  Where to append what is not a frame, or NULL. */
static zt_buffer_t *s_aside (zt_term_t *self)
{
    bool has_room = self->is_taken && self->writer.buffer.size < S_PENDING_MOST;
    return has_room ? &self->writer.buffer : NULL;
}

void zt_term_set_mouse (zt_term_t *self, bool is_wanted)
{
    if (self->has_mouse == is_wanted)
        return;
    self->has_mouse = is_wanted;
    if (self->is_taken)
        zt_buffer_put_string (&self->writer.buffer, is_wanted ? S_MOUSE_ON : S_MOUSE_OFF);
}

void zt_term_set_title (zt_term_t *self, zt_bytes_t title)
{
    zt_buffer_t *buffer = s_aside (self);
    if (buffer)
        zt_terminal_put_title (buffer, title);
}

void zt_term_notify (zt_term_t *self, zt_bytes_t title, zt_bytes_t text)
{
    zt_buffer_t *buffer = s_aside (self);
    if (buffer)
        zt_terminal_put_notice (buffer, &self->terminal, title, text);
}

void zt_term_ring (zt_term_t *self)
{
    zt_buffer_t *buffer = s_aside (self);
    if (buffer)
        zt_buffer_put_char (buffer, '\a');
}

/*  Stops the process as Ctrl-Z does in a terminal that is not raw. SIGSTOP would also stop
    one that nobody is there to continue; SIGTSTP does not. Returns when it is continued. */
static void s_stop (void)
{
    sigset_t set, mask;
    struct sigaction old, action = {.sa_handler = SIG_DFL};
    sigemptyset (&set);
    sigaddset (&set, SIGTSTP);
    sigaction (SIGTSTP, &action, &old);
    sigprocmask (SIG_UNBLOCK, &set, &mask);
    raise (SIGTSTP);
    sigprocmask (SIG_SETMASK, &mask, NULL);
    sigaction (SIGTSTP, &old, NULL);
}

void zt_term_stop (zt_term_t *self)
{
    s_leave (self);
    s_stop ();
    zt_term_continue (self);
}

void zt_term_continue (zt_term_t *self)
{
    if (!s_is_ours (self)) {
        self->is_taken = false;
        zt_buffer_clear (&self->writer.buffer);
        return;
    }
    /*  After a stop that was not ours the terminal is still as we had it, or has been made
        so by the shell: what it was before is known better from the beginning. */
    struct termios modes;
    if (!self->is_taken && tcgetattr (s_fd (self), &modes) == 0)
        self->modes = modes;
    s_take (self);
}

bool zt_term_is_away (const zt_term_t *self)
{
    return !self->is_taken;
}
