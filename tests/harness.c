/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/harness_state.h"

#include "common/alloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum {
    S_DEADLINE_MS = 20000,
    S_WRAPPED = 5, /* a wrapper is at most so many times slower */
    S_READ = 65536,
    S_WORDS_MAX = 64 /* words of the wrapper */
};

/*  The end of a child must wake ppoll, for which a handler has to exist. */
static void s_on_child (int signal)
{
    (void) signal;
}

static const char *s_environment (const char *name)
{
    const char *value = getenv (name);
    return value ? value : "";
}

zt_harness_t *zt_harness_new (void)
{
    zt_harness_t *self = zt_alloc (sizeof *self);
    self->deadline_ms = S_DEADLINE_MS * (*s_environment ("ZTALK_WRAPPER") ? S_WRAPPED : 1);

    /*  SIGCHLD is blocked but for the time that ppoll takes: so it cannot come
        between a look at the children and the waiting for them. */
    sigset_t child;
    sigemptyset (&child);
    sigaddset (&child, SIGCHLD);
    sigprocmask (SIG_BLOCK, &child, &self->old_mask);
    struct sigaction action;
    memset (&action, 0, sizeof action);
    action.sa_handler = s_on_child;
    sigaction (SIGCHLD, &action, &self->old_child);
    action.sa_handler = SIG_IGN;
    sigaction (SIGPIPE, &action, &self->old_pipe);
    return self;
}

static void s_close (int *fd)
{
    if (*fd >= 0)
        close (*fd);
    *fd = -1;
}

static void s_program_destroy (zt_program_t *self)
{
    /*  The whole group: what a shell has started ends with it. Nobody else can
        have the number, because the process is reaped only now. */
    kill (-self->pid, SIGKILL);
    kill (self->pid, SIGKILL);
    while (waitpid (self->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    s_close (&self->input);
    for (int i = 0; i < ZT_STREAMS; i++) {
        s_close (&self->output[i].fd);
        zt_buffer_free (&self->output[i].text);
    }
    zt_buffer_free (&self->line);
    free (self->name);
    free (self);
}

static int s_remove (const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void) status;
    (void) type;
    (void) ftw;
    return remove (path);
}

void zt_harness_destroy (zt_harness_t **self_p)
{
    zt_harness_t *self = *self_p;
    if (!self)
        return;
    while (self->programs) {
        zt_program_t *program = self->programs;
        self->programs = program->next;
        s_program_destroy (program);
    }
    if (self->directory)
        nftw (self->directory, s_remove, 16, FTW_DEPTH | FTW_PHYS);
    free (self->directory);
    sigaction (SIGPIPE, &self->old_pipe, NULL);
    sigaction (SIGCHLD, &self->old_child, NULL);
    sigprocmask (SIG_SETMASK, &self->old_mask, NULL);
    free (self);
    *self_p = NULL;
}

void zt_harness_set_deadline (zt_harness_t *self, int ms)
{
    self->deadline_ms = ms;
}

int zt_harness_deadline (const zt_harness_t *self)
{
    return self->deadline_ms;
}

const char *zt_harness_directory (zt_harness_t *self)
{
    if (!self->directory) {
        /*  Short, because the path of an ipc socket in it has 107 bytes at most. */
        const char *parent = *s_environment ("TMPDIR") ? s_environment ("TMPDIR") : "/tmp";
        zt_buffer_t path = {NULL, 0, 0};
        zt_buffer_put_format (&path, "%s/ztalk-XXXXXX", parent);
        char *name = zt_strndup (path.data, path.size);
        zt_buffer_free (&path);
        if (!mkdtemp (name)) {
            free (name);
            fail_msg ("no temporary directory in %s: %s", parent, strerror (errno));
        }
        self->directory = name;
    }
    return self->directory;
}

/*  Starting */

/*  The words to execute: the wrapper's, the program's path, its arguments. All
    strings and the array are the caller's. */
static char **s_words (const char *const *argv)
{
    size_t count = 0;
    while (argv[count])
        count++;
    char **words = zt_alloc ((count + S_WORDS_MAX + 1) * sizeof *words);
    size_t n = 0;
    zt_buffer_t path = {NULL, 0, 0};
    if (strchr (argv[0], '/'))
        zt_buffer_put_string (&path, argv[0]);
    else {
        zt_buffer_put_format (&path, "%s/%s", s_environment ("ZTALK_BIN"), argv[0]);
        const char *at = s_environment ("ZTALK_WRAPPER");
        for (at += strspn (at, " "); *at; at += strspn (at, " ")) {
            size_t size = strcspn (at, " ");
            assert_true (n < S_WORDS_MAX);
            words[n++] = zt_strndup (at, size);
            at += size;
        }
    }
    words[n++] = zt_strndup (path.data, path.size);
    zt_buffer_free (&path);
    for (size_t i = 1; i < count; i++)
        words[n++] = zt_strndup (argv[i], strlen (argv[i]));
    return words;
}

static void s_words_destroy (char **words)
{
    for (size_t i = 0; words[i]; i++)
        free (words[i]);
    free (words);
}

/*  Runs in the child, between fork and exec. */
static void s_become (const zt_harness_t *harness, char **words, const char *const *environment,
                      int input, int output, int error, pid_t parent)
{
    setpgid (0, 0);
    /*  A test that dies without its teardown takes its programs along. */
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    if (getppid () != parent)
        _exit (127);
    dup2 (input, STDIN_FILENO);
    dup2 (output, STDOUT_FILENO);
    dup2 (error, STDERR_FILENO);
    signal (SIGPIPE, SIG_DFL);
    signal (SIGCHLD, SIG_DFL);
    sigprocmask (SIG_SETMASK, &harness->old_mask, NULL);
    for (; environment && *environment; environment++) {
        const char *equals = strchr (*environment, '=');
        if (!equals)
            unsetenv (*environment);
        else {
            char *name = zt_strndup (*environment, (size_t) (equals - *environment));
            setenv (name, equals + 1, 1);
        }
    }
    execvp (words[0], words);
    fprintf (stderr, "cannot start %s: %s\n", words[0], strerror (errno));
    fflush (stderr);
    _exit (127);
}

/*  The ends of a program's streams: the program's, and ours. */
typedef struct {
    int theirs[1 + ZT_STREAMS];
    int ours[1 + ZT_STREAMS];
} s_streams_t;

static void s_pipe (s_streams_t *streams, int number, bool is_input)
{
    int fds[2];
    if (pipe2 (fds, O_CLOEXEC) != 0)
        fail_msg ("no pipe: %s", strerror (errno));
    streams->theirs[number] = fds[!is_input];
    streams->ours[number] = fds[is_input];
}

/*  A terminal for stdin and stderr, which leaves what is written to it as it is. */
static void s_terminal (s_streams_t *streams)
{
    int master, slave;
    struct termios settings;
    if (openpty (&master, &slave, NULL, NULL, NULL) != 0 || tcgetattr (slave, &settings) != 0)
        fail_msg ("no terminal: %s", strerror (errno));
    settings.c_lflag &= ~(tcflag_t) ECHO;
    settings.c_oflag &= ~(tcflag_t) OPOST;
    tcsetattr (slave, TCSANOW, &settings);
    streams->theirs[0] = slave;
    streams->theirs[1 + ZT_STDERR] = fcntl (slave, F_DUPFD_CLOEXEC, 0);
    streams->ours[0] = master;
    streams->ours[1 + ZT_STDERR] = fcntl (master, F_DUPFD_CLOEXEC, 0);
    fcntl (slave, F_SETFD, FD_CLOEXEC);
    fcntl (master, F_SETFD, FD_CLOEXEC);
}

/*  Starts a program whose streams are there. */
static zt_program_t *s_start (zt_harness_t *self, const char *const *argv,
                              const char *const *environment, const s_streams_t *streams)
{
    char **words = s_words (argv);
    fflush (NULL); /* lest the child prints what we have not printed yet */
    pid_t parent = getpid ();
    pid_t pid = fork ();
    if (pid == 0)
        s_become (self, words, environment, streams->theirs[0], streams->theirs[1 + ZT_STDOUT],
                  streams->theirs[1 + ZT_STDERR], parent);
    s_words_destroy (words);
    for (int i = 0; i < 1 + ZT_STREAMS; i++)
        close (streams->theirs[i]);
    if (pid < 0) {
        for (int i = 0; i < 1 + ZT_STREAMS; i++)
            close (streams->ours[i]);
        fail_msg ("no process: %s", strerror (errno));
    }
    setpgid (pid, pid); /* both do it: whoever is first */

    zt_program_t *program = zt_alloc (sizeof *program);
    program->harness = self;
    program->name = zt_strndup (argv[0], strlen (argv[0]));
    program->pid = pid;
    program->input = streams->ours[0];
    for (int i = 0; i < ZT_STREAMS; i++)
        program->output[i].fd = streams->ours[1 + i];
    for (int i = 0; i < 1 + ZT_STREAMS; i++)
        fcntl (streams->ours[i], F_SETFL, O_NONBLOCK);
    program->next = self->programs;
    self->programs = program;
    return program;
}

zt_program_t *zt_harness_start (zt_harness_t *self, const char *const *argv,
                                const char *const *environment)
{
    s_streams_t streams;
    s_pipe (&streams, 0, true);
    s_pipe (&streams, 1 + ZT_STDOUT, false);
    s_pipe (&streams, 1 + ZT_STDERR, false);
    return s_start (self, argv, environment, &streams);
}

zt_program_t *zt_harness_start_on_terminal (zt_harness_t *self, const char *const *argv,
                                            const char *const *environment)
{
    s_streams_t streams;
    s_terminal (&streams);
    s_pipe (&streams, 1 + ZT_STDOUT, false);
    return s_start (self, argv, environment, &streams);
}

/*  Waiting */

int64_t zt_harness_now (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*  Reads what is there. */
static void s_read (zt_output_t *output)
{
    while (output->fd >= 0) {
        char *to = zt_buffer_reserve (&output->text, S_READ);
        ssize_t size = read (output->fd, to, S_READ);
        if (size > 0)
            output->text.size += (size_t) size;
        else if (size == 0)
            s_close (&output->fd);
        else if (errno == EAGAIN)
            return;
        else if (errno != EINTR)
            s_close (&output->fd);
    }
}

static void s_look_for_end (zt_program_t *self)
{
    siginfo_t info;
    memset (&info, 0, sizeof info);
    if (self->ended || waitid (P_PID, (id_t) self->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        info.si_pid != self->pid)
        return;
    self->ended = true;
    self->status = info.si_status + (info.si_code == CLD_EXITED ? 0 : ZT_SIGNALLED);
}

void zt_harness_look (zt_harness_t *self)
{
    for (zt_program_t *program = self->programs; program; program = program->next) {
        s_look_for_end (program);
        for (int i = 0; i < ZT_STREAMS; i++)
            s_read (&program->output[i]);
    }
}

bool zt_harness_turn (zt_harness_t *self, const zt_program_t *writer, int64_t deadline)
{
    size_t count = 1;
    for (zt_program_t *program = self->programs; program; program = program->next)
        count += ZT_STREAMS;
    struct pollfd *fds = zt_alloc (count * sizeof *fds);
    size_t n = 0;
    for (zt_program_t *program = self->programs; program; program = program->next)
        for (int i = 0; i < ZT_STREAMS; i++)
            if (program->output[i].fd >= 0)
                fds[n++] = (struct pollfd){program->output[i].fd, POLLIN, 0};
    if (writer)
        fds[n++] = (struct pollfd){writer->input, POLLOUT, 0};

    int64_t left = deadline - zt_harness_now ();
    struct timespec timeout = {left > 0 ? left / 1000 : 0, left > 0 ? left % 1000 * 1000000 : 0};
    sigset_t mask = self->old_mask;
    sigdelset (&mask, SIGCHLD);
    ppoll (fds, (nfds_t) n, &timeout, &mask);
    free (fds);
    zt_harness_look (self);
    return left > 0;
}

static void s_print_output (const zt_program_t *self, zt_stream_t stream, const char *name)
{
    const zt_output_t *output = &self->output[stream];
    fprintf (stderr, "--- %s, %s: %zu bytes\n", self->name, name, output->text.size);
    if (output->text.size == 0)
        return;
    fwrite (output->text.data, 1, output->text.size, stderr);
    if (output->text.data[output->text.size - 1] != '\n')
        fputc ('\n', stderr);
}

void zt_program_fail (const zt_program_t *self, const char *format, ...)
{
    zt_harness_look (self->harness);
    for (const zt_program_t *each = self->harness->programs; each; each = each->next) {
        if (each->ended)
            fprintf (stderr, "--- %s has ended with status %d\n", each->name, each->status);
        else
            fprintf (stderr, "--- %s runs\n", each->name);
        s_print_output (each, ZT_STDOUT, "stdout");
        s_print_output (each, ZT_STDERR, "stderr");
    }
    fprintf (stderr, "---\n");
    char why[1024];
    va_list args;
    va_start (args, format);
    vsnprintf (why, sizeof why, format, args);
    va_end (args);
    fail_msg ("%s: %s", self->name, why);
}
