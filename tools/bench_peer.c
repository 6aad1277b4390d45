/*  SPDX-License-Identifier: MPL-2.0 */

#include "tools/bench_peer.h"

#include "common/alloc.h"
#include "common/system.h"
#include "tools/bench_system.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    S_READY_MS = 10000, /* how long a peer may take to start */
    S_STOP_MS = 5000,   /* and to stop, before it is killed */
    S_WORDS_MAX = 16,
    S_LOG_SHOWN = 2000 /* bytes */
};

static long s_now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static const char *s_argv0;

void zt_bench_peer_begin (const char *argv0)
{
    s_argv0 = argv0;
}

/*  The path of a program beside ours. */
static bool s_find_program (const char *program, zt_buffer_t *path, zt_bench_error_t *error)
{
    char own[PATH_MAX];
    if (!zt_system_program (s_argv0, own, sizeof own))
        return zt_bench_fail (error, ZT_EXIT_FAILED,
                              "where %s is, beside which the broker should "
                              "be, cannot be told",
                              s_argv0);
    const char *slash = strrchr (own, '/');
    zt_buffer_put (path, own, slash ? (size_t) (slash - own) + 1 : 0);
    zt_buffer_put_string (path, program);
    if (access (zt_buffer_string (path), X_OK) != 0)
        return zt_bench_fail_errno (error, zt_buffer_string (path));
    return true;
}

/*  The child: from here to exec only what is allowed after a fork. */
static void s_become (const char *path, char *const words[], int output, int log, pid_t parent)
{
    sigset_t none;
    sigemptyset (&none);
    /*  It must not outlive us, whatever ends us: not even if that was just now. */
    if (sigprocmask (SIG_SETMASK, &none, NULL) == 0 && zt_bench_system_follow_parent () &&
        getppid () == parent) {
        int null = open ("/dev/null", O_RDONLY);
        if (null >= 0 && dup2 (null, STDIN_FILENO) >= 0 && dup2 (output, STDOUT_FILENO) >= 0 &&
            dup2 (log, STDERR_FILENO) >= 0)
            execv (path, words);
    }
    _exit (127);
}

/*  Starts path and returns the reading end of its stdout in *output. */
static bool s_spawn (zt_bench_peer_t *self, const char *path, char *const words[], int *output,
                     zt_bench_error_t *error)
{
    int ends[2];
    if (!zt_system_pipe (ends))
        return zt_bench_fail_errno (error, "pipe");
    fcntl (ends[1], F_SETFL, 0); /* the peer's stdout blocks, as others do */
    self->log = zt_bench_system_file ();
    pid_t parent = getpid ();
    self->pid = fork ();
    if (self->pid == 0)
        s_become (path, words, ends[1], self->log, parent);
    bool forked = self->pid > 0;
    if (!forked) {
        zt_bench_fail_errno (error, "fork");
        self->pid = 0;
        close (ends[0]);
    }
    close (ends[1]);
    self->ours = forked;
    *output = ends[0];
    return forked;
}

/*  Reads what the peer prints up to the end of its first line. */
static bool s_read_line (int output, zt_buffer_t *line, zt_bench_error_t *error)
{
    long deadline = s_now_ms () + S_READY_MS;
    for (;;) {
        struct pollfd item = {output, POLLIN, 0};
        long left = deadline - s_now_ms ();
        int rc = left > 0 ? poll (&item, 1, (int) left) : 0;
        if (rc == 0)
            return zt_bench_fail (error, ZT_EXIT_UNREACHABLE, "the peer did not get ready");
        char *to = zt_buffer_reserve (line, PIPE_BUF);
        ssize_t size = rc < 0 ? -1 : read (output, to, PIPE_BUF);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return zt_bench_fail_errno (error, "the peer's output");
        if (size == 0)
            return zt_bench_fail (error, ZT_EXIT_UNREACHABLE, "the peer ended at its start");
        line->size += (size_t) size;
        if (memchr (to, '\n', (size_t) size))
            return true;
    }
}

/*  Takes what is in `ready ENDPOINT KEY`, where KEY is - for a peer that does not encrypt.
    False if the line is none. */
static bool s_take_ready (zt_bench_peer_t *self, const char *line)
{
    char word[8], endpoint[256], key[2 * ZT_KEY_SIZE];
    if (sscanf (line, "%7s %255s %81s", word, endpoint, key) != 3 || strcmp (word, "ready") != 0 ||
        (strcmp (key, "-") != 0 && !zt_key_read (zt_bytes (key), &self->key)))
        return false;
    self->endpoint = zt_strndup (endpoint, strlen (endpoint));
    return true;
}

static bool s_read_ready (zt_bench_peer_t *self, int output, zt_bench_error_t *error)
{
    zt_buffer_t line = {NULL, 0, 0};
    bool ok = s_read_line (output, &line, error);
    if (ok && !s_take_ready (self, zt_buffer_string (&line)))
        ok = zt_bench_fail (error, ZT_EXIT_FAILED, "the peer did not say that it is ready");
    zt_buffer_free (&line);
    return ok;
}

bool zt_bench_peer_start (zt_bench_peer_t *self, const char *program, const char *const words[],
                          zt_bench_error_t *error)
{
    *self = (zt_bench_peer_t){.log = -1};
    zt_buffer_t path = {NULL, 0, 0};
    int output = -1;
    bool ok = s_find_program (program, &path, error);
    if (ok) {
        char *argv[S_WORDS_MAX + 2];
        size_t count = 0;
        argv[count++] = path.data;
        for (size_t i = 0; words[i] && i < S_WORDS_MAX; i++)
            argv[count++] = (char *) (uintptr_t) words[i]; /* exec does not write to them */
        argv[count] = NULL;
        ok = s_spawn (self, path.data, argv, &output, error) && s_read_ready (self, output, error);
    }
    if (output >= 0)
        close (output);
    zt_buffer_free (&path);
    if (!ok)
        zt_bench_peer_stop (self, error);
    return ok;
}

void zt_bench_peer_attach (zt_bench_peer_t *self, const char *endpoint, const zt_key_t *key,
                           pid_t pid)
{
    *self = (zt_bench_peer_t){
        .pid = pid, .endpoint = zt_strndup (endpoint, strlen (endpoint)), .key = *key, .log = -1};
}

bool zt_bench_peer_encrypts (const zt_bench_peer_t *self)
{
    return self->key.text[0] != '\0';
}

/*  Waits for the process until the deadline; true when it is gone. */
static bool s_wait (pid_t pid, long deadline, int *status)
{
    for (;;) {
        pid_t rc = waitpid (pid, status, WNOHANG);
        if (rc == pid || (rc < 0 && errno != EINTR))
            return true;
        if (s_now_ms () >= deadline)
            return false;
        struct timespec pause = {0, 2000000};
        nanosleep (&pause, NULL);
    }
}

static void s_show_log (int log)
{
    char text[S_LOG_SHOWN];
    off_t end = lseek (log, 0, SEEK_END);
    ssize_t size = pread (log, text, sizeof text, end > S_LOG_SHOWN ? end - S_LOG_SHOWN : 0);
    if (size > 0)
        fwrite (text, 1, (size_t) size, stderr);
}

bool zt_bench_peer_stop (zt_bench_peer_t *self, zt_bench_error_t *error)
{
    bool ok = true;
    if (self->ours) {
        int status = 0;
        if (kill (self->pid, SIGTERM) != 0)
            ok = zt_bench_fail_errno (error, "the peer's process");
        else if (!s_wait (self->pid, s_now_ms () + S_STOP_MS, &status)) {
            kill (self->pid, SIGKILL);
            s_wait (self->pid, s_now_ms () + S_STOP_MS, &status);
            ok = zt_bench_fail (error, ZT_EXIT_FAILED, "the peer did not stop when told to");
        } else if (WIFSIGNALED (status) ? WTERMSIG (status) != SIGTERM : WEXITSTATUS (status) != 0)
            ok = zt_bench_fail (error, ZT_EXIT_FAILED, "the peer did not end in order (status %d)",
                                status);
    }
    if (self->log >= 0) {
        if (error->status != ZT_EXIT_OK)
            s_show_log (self->log);
        close (self->log);
    }
    free (self->endpoint);
    *self = (zt_bench_peer_t){.log = -1};
    return ok;
}

bool zt_bench_peer_cpu (const zt_bench_peer_t *self, double *seconds, zt_bench_error_t *error)
{
    *seconds = NAN;
    if (self->pid == 0)
        return true;
    /*  /proc/PID/stat counts in ticks of 10 ms; the process's clock in nanoseconds. */
    clockid_t clock;
    struct timespec used;
    int rc = clock_getcpuclockid (self->pid, &clock);
    if (rc != 0)
        errno = rc;
    if (rc != 0 || clock_gettime (clock, &used) != 0)
        return zt_bench_fail_errno (error, "the CPU time of the peer's process");
    *seconds = (double) used.tv_sec + (double) used.tv_nsec / 1e9;
    return true;
}

bool zt_bench_peer_memory (const zt_bench_peer_t *self, unsigned long *kib, zt_bench_error_t *error)
{
    return zt_bench_system_memory (self->pid, kib) ||
           zt_bench_fail (error, ZT_EXIT_FAILED, "the memory of the peer's process cannot be told");
}
