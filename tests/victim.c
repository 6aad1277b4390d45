/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/victim.h"
#include "tests/wrapped.h"

#include "common/alloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

/*  Sanitizers keep what is freed for a while and put a rim around everything; valgrind
    is a process of its own kind. */
#if defined(__SANITIZE_ADDRESS__)
enum { S_TAKES_MORE = 6 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { S_TAKES_MORE = 6 };
#else
enum { S_TAKES_MORE = 1 };
#endif
#else
enum { S_TAKES_MORE = 1 };
#endif

unsigned zt_victim_rounds (unsigned n)
{
    enum { WRAPPED = 20 };
    return zt_wrapped () ? n / WRAPPED + 1 : n;
}

unsigned zt_victim_takes_more (void)
{
    return S_TAKES_MORE;
}

/*  Starts the broker, with those options beside its own. */
static void s_start (zt_victim_t *self, unsigned fds, const char *const *options)
{
    enum { OWN = 7, OPTIONS_MOST = 16 };
    const char *argv[OWN + OPTIONS_MOST] = {
        "ztalk-broker", "--keep-mb", "8", "-e", self->ipc, "-e", "tcp://127.0.0.1:*"};
    zt_buffer_t script = {NULL, 0, 0}, state = {NULL, 0, 0};
    for (size_t i = 0; options[i]; i++) {
        assert_true (i < OPTIONS_MOST - 1);
        argv[OWN + i] = options[i];
    }
    zt_buffer_put_format (&state, "XDG_STATE_HOME=%s", zt_harness_directory (self->harness));
    const char *environment[] = {"ASAN_OPTIONS=quarantine_size_mb=8:malloc_context_size=4",
                                 zt_buffer_string (&state), NULL};
    if (fds) {
        zt_buffer_put_format (&script, "ulimit -n %u; exec %s/", fds, getenv ("ZTALK_BIN"));
        for (size_t i = 0; argv[i]; i++)
            zt_buffer_put_format (&script, "%s ", argv[i]);
        argv[0] = "/bin/sh";
        argv[1] = "-fc";
        argv[2] = zt_buffer_string (&script);
        argv[3] = NULL;
    }
    self->broker = zt_harness_start (self->harness, argv, environment);
    zt_buffer_free (&script);
    zt_buffer_free (&state);
}

/*  Learns the endpoint, and the key. */
static void s_meet (zt_victim_t *self)
{
    const char *ready = zt_program_expect_match (self->broker, "^ready tcp://[^ ]*:[0-9]+ .+$");
    const char *endpoint = ready + strlen ("ready ");
    size_t size = strcspn (endpoint, " ");
    self->endpoint = zt_strndup (endpoint, size);
    zt_key_read (zt_bytes (endpoint + size + 1), &self->key);
}

/*  A broker with those options, and those who talk through it. */
static zt_victim_t *s_new (unsigned fds, const char *const *options, zt_honest_options_t honest)
{
    zt_victim_t *self = zt_alloc (sizeof *self);
    zt_buffer_t ipc = {NULL, 0, 0};
    self->harness = zt_harness_new ();
    zt_buffer_put_format (&ipc, "ipc://%s/broker", zt_harness_directory (self->harness));
    self->ipc = zt_strndup (ipc.data, ipc.size);
    zt_buffer_free (&ipc);
    s_start (self, fds, options);
    s_meet (self);
    honest.endpoint = self->endpoint;
    honest.broker_key = *self->key.text ? &self->key : NULL;
    honest.deadline_ms = zt_harness_deadline (self->harness);
    self->honest = zt_honest_new (&honest);
    zt_honest_expect (self->honest, 4 * honest.ahead);
    self->start_fds = zt_victim_fds (self);
    self->start_kib = zt_victim_memory (self);
    zt_honest_times (self->honest);
    return self;
}

zt_victim_t *zt_victim_new (unsigned fds)
{
    return s_new (fds,
                  (const char *const[]){"--ephemeral", "--plain", "--set",
                                        "limits/messages_per_s=0", "--set",
                                        "limits/connections_per_s=0", NULL},
                  (zt_honest_options_t){.pairs = 1, .ahead = 16, .pace_ms = 4});
}

/*  Each writes 100 messages a second, a tenth of what it may. */
zt_victim_t *zt_victim_new_guarded (unsigned fds, bool is_durable)
{
    return s_new (fds, (const char *const[]){is_durable ? NULL : "--ephemeral", NULL},
                  (zt_honest_options_t){.pairs = 10, .ahead = 1, .pace_ms = 10});
}

void zt_victim_destroy (zt_victim_t **self_p)
{
    zt_victim_t *self = *self_p;
    if (!self)
        return;
    zt_honest_destroy (&self->honest);
    zt_harness_destroy (&self->harness);
    free (self->endpoint);
    free (self->ipc);
    free (self);
    *self_p = NULL;
}

/*  A number of /proc/PID/status, or -1. */
static long s_status (const zt_victim_t *self, const char *name)
{
    char path[64], line[256];
    snprintf (path, sizeof path, "/proc/%d/status", (int) zt_program_pid (self->broker));
    FILE *file = fopen (path, "r");
    long value = -1;
    while (file && fgets (line, sizeof line, file))
        if (strncmp (line, name, strlen (name)) == 0)
            value = strtol (line + strlen (name), NULL, 10);
    if (file)
        fclose (file);
    return value;
}

long zt_victim_memory (const zt_victim_t *self)
{
    return s_status (self, "VmRSS:");
}

long zt_victim_peak (const zt_victim_t *self)
{
    return s_status (self, "VmHWM:");
}

double zt_victim_cpu (const zt_victim_t *self)
{
    clockid_t clock;
    struct timespec time = {0, 0};
    if (clock_getcpuclockid (zt_program_pid (self->broker), &clock) == 0)
        clock_gettime (clock, &time);
    return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

unsigned zt_victim_fds (const zt_victim_t *self)
{
    char path[64];
    snprintf (path, sizeof path, "/proc/%d/fd", (int) zt_program_pid (self->broker));
    DIR *directory = opendir (path);
    unsigned n = 0;
    while (directory && readdir (directory))
        n++;
    if (directory)
        closedir (directory);
    return n;
}

void zt_victim_expect_fds (zt_victim_t *self, unsigned most)
{
    struct timespec start, now;
    clock_gettime (CLOCK_MONOTONIC, &start);
    while (zt_victim_fds (self) > most) {
        zt_honest_expect (self->honest, 1);
        clock_gettime (CLOCK_MONOTONIC, &now);
        if ((now.tv_sec - start.tv_sec) * 1000 > zt_harness_deadline (self->harness))
            fail_msg ("the broker has %u descriptors, and had %u", zt_victim_fds (self), most);
    }
}

void zt_victim_survives (zt_victim_t *self, const char *what, long most_mib)
{
    if (!zt_program_running (self->broker))
        fail_msg ("%s: the broker has ended:\n%s", what,
                  zt_program_output (self->broker, ZT_STDERR));
    zt_times_t times = zt_honest_times (self->honest);
    zt_honest_expect (self->honest, 256);
    zt_victim_expect_fds (self, self->start_fds);
    long peak = zt_victim_peak (self) - self->start_kib;
    printf ("%-24s memory +%ld MiB at its worst, +%ld MiB now; answers took %.0f ms at most; "
            "%.2f s of CPU\n",
            what, peak / 1024, (zt_victim_memory (self) - self->start_kib) / 1024,
            (double) times.worst / 1e6, zt_victim_cpu (self));
    fflush (stdout);
    if (!zt_wrapped () && peak > most_mib * 1024 * S_TAKES_MORE)
        fail_msg ("%s: the broker took %ld MiB more than at the start", what, peak / 1024);
    zt_honest_destroy (&self->honest);
    zt_program_kill (self->broker, SIGTERM);
    assert_int_equal (zt_program_wait_exit (self->broker), 0);
}
