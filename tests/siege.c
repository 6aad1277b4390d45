/*  SPDX-License-Identifier: MPL-2.0

    The broker as it is by default, under every attack of attack_rows.h, while 20 honest
    clients talk: they miss nothing, its memory stays within its bound, and when the
    attackers have gone it is as it was before. How long answers took is told, not judged.

        siege                       each attack for a second or two
        siege --seconds N [CASE...] each, or those, for N seconds; tools/siege calls this

    The attackers are a process of their own, with the lowest priority: in life the CPU that
    they take is another machine's. To tell what is left of that, the long form burns as much
    CPU as they took, in a process that does nothing else, and measures once more. */

#include "tests/attack.h"
#include "tests/victim.h"

#include "common/alloc.h"
#include "common/limits.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { S_KIB = 1024, S_CASES_MOST = 32, S_LOWEST_PRIORITY = 19 };

/*  What the broker may take more at its worst: PEERS_MB, and the log of this suite. */
enum { S_BOUND_MIB = ZT_PEERS_MB + 8 };

/*  What it may keep: free memory that malloc cannot give back, and the log. */
enum { S_KEPT_MIB = 32 };

static double s_seconds = 1.5; /* of each attack */
static bool s_is_long;

/*  ---------------------------------------------------------------------------
    The attackers' process */

static void s_be_an_attacker (void)
{
    struct rlimit limit;
    setpriority (PRIO_PROCESS, 0, S_LOWEST_PRIORITY);
    if (getrlimit (RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit (RLIMIT_NOFILE, &limit);
    }
}

static double s_own_cpu (void)
{
    struct timespec time;
    clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

static const zt_attack_row_t *s_row (const char *name)
{
    const zt_attack_row_t *row = zt_attack_rows ();
    while (row->name && strcmp (row->name, name) != 0)
        row++;
    return row->name ? row : NULL;
}

/*  NAME SECONDS ENDPOINT IPC KEY. Does not return before all is closed. */
static int s_attack (char **argv)
{
    const zt_attack_row_t *row = s_row (argv[0]);
    zt_attack_t attack = {.seconds = strtod (argv[1], NULL), .endpoint = argv[2], .ipc = argv[3]};
    if (!row || !zt_key_read (zt_bytes (argv[4]), &attack.key))
        return 2;
    s_be_an_attacker ();
    row->run (&attack);
    printf ("cpu %.3f\nreport %s\n", s_own_cpu () / attack.seconds,
            zt_buffer_string (&attack.report));
    fflush (stdout);
    _exit (0); /* with all that is still open */
}

static void *s_burn_a_share (void *argument)
{
    enum { PERIOD_NS = 1000000 };
    const double *share = argument; /* of a CPU, and until when */
    int64_t end = zt_attack_now () + (int64_t) (share[1] * 1e9);
    for (int64_t at = zt_attack_now (); at < end; at += PERIOD_NS) {
        while (zt_attack_now () < at + (int64_t) (share[0] * PERIOD_NS)) {}
        zt_attack_wait (at + PERIOD_NS);
    }
    return NULL;
}

/*  CPUS SECONDS: takes so much CPU, and does nothing. */
static int s_burn (char **argv)
{
    double cpus = strtod (argv[0], NULL);
    double share[2] = {cpus > 1 ? cpus / 2 : cpus, strtod (argv[1], NULL)};
    pthread_t other;
    s_be_an_attacker ();
    bool has_other = cpus > 1 && pthread_create (&other, NULL, s_burn_a_share, share) == 0;
    s_burn_a_share (share);
    if (has_other)
        pthread_join (other, NULL);
    return 0;
}

/*  ---------------------------------------------------------------------------
    A case */

typedef struct {
    const zt_attack_row_t *row;
    zt_victim_t *victim;
    double before, during, after, burnt; /* p99 in ms */
    double cpu;                          /* that the attackers took */
    double broker_cpu;                   /* and the broker meanwhile */
    char report[256];
} s_case_t;

static double s_p99 (s_case_t *self)
{
    zt_times_t times = zt_honest_times (self->victim->honest);
    return zt_times_ms (&times, 0.99);
}

/*  The honest ones talk for so long. */
static void s_talk (s_case_t *self, double seconds)
{
    int64_t end = zt_attack_now () + (int64_t) (seconds * 1e9);
    zt_honest_times (self->victim->honest);
    do
        zt_honest_expect (self->victim->honest, 10);
    while (zt_attack_now () < end);
}

static zt_program_t *s_start (s_case_t *self, const char *const *arguments)
{
    enum { ARGUMENTS_MOST = 10 };
    const char *argv[ARGUMENTS_MOST] = {"/proc/self/exe"};
    static char path[4096];
    ssize_t size = readlink ("/proc/self/exe", path, sizeof path - 1);
    assert_true (size > 0);
    path[size] = '\0';
    argv[0] = path;
    for (unsigned i = 0; arguments[i]; i++)
        argv[1 + i] = arguments[i];
    return zt_harness_start (self->victim->harness, argv, NULL);
}

static void s_until_it_ends (s_case_t *self, zt_program_t *program)
{
    while (zt_program_running (program)) {
        if (!zt_program_running (self->victim->broker))
            fail_msg ("%s: the broker has ended:\n%s", self->row->name,
                      zt_program_output (self->victim->broker, ZT_STDERR));
        zt_honest_expect (self->victim->honest, 10);
    }
}

static void s_go_through_attack (s_case_t *self)
{
    char seconds[32];
    zt_victim_t *victim = self->victim;
    snprintf (seconds, sizeof seconds, "%f", s_seconds);
    zt_program_t *attack =
        s_start (self, (const char *const[]){"--attack", self->row->name, seconds, victim->endpoint,
                                             victim->ipc, victim->key.text, NULL});
    zt_program_expect (attack, "begun");
    double cpu = zt_victim_cpu (victim);
    zt_honest_times (victim->honest);
    s_until_it_ends (self, attack);
    self->during = s_p99 (self);
    self->broker_cpu = (zt_victim_cpu (victim) - cpu) / s_seconds;
    assert_int_equal (zt_program_wait_exit (attack), 0);
    const char *line = zt_program_expect (attack, "cpu ");
    self->cpu = strtod (line + strlen ("cpu "), NULL);
    line = zt_program_expect (attack, "report ");
    snprintf (self->report, sizeof self->report, "%s", line + strlen ("report "));
}

/*  As many CPUs as the attackers took, but none of the broker's time. */
static void s_go_through_burning (s_case_t *self)
{
    char cpus[32], seconds[32];
    snprintf (cpus, sizeof cpus, "%f", self->cpu);
    snprintf (seconds, sizeof seconds, "%f", s_seconds / 3);
    zt_program_t *burner = s_start (self, (const char *const[]){"--burn", cpus, seconds, NULL});
    zt_honest_times (self->victim->honest);
    s_until_it_ends (self, burner);
    self->burnt = s_p99 (self);
}

/*  Waits until the broker has given back what the attack took. */
static void s_settle (s_case_t *self)
{
    zt_victim_t *victim = self->victim;
    const long kept_kib = (long) (S_KEPT_MIB * zt_victim_takes_more ()) * S_KIB;
    int64_t end = zt_attack_now () + (int64_t) zt_harness_deadline (victim->harness) * 1000000;
    zt_victim_expect_fds (victim, victim->start_fds);
    while (zt_victim_memory (victim) > victim->start_kib + kept_kib) {
        zt_honest_expect (victim->honest, 10);
        if (zt_attack_now () > end)
            fail_msg ("%s: the broker keeps %ld MiB, and had %ld", self->row->name,
                      zt_victim_memory (victim) / S_KIB, victim->start_kib / S_KIB);
    }
}

/*  How many connections the broker has told that it did that to. */
static unsigned long s_told (const s_case_t *self, const char *what)
{
    unsigned long n = 0;
    const char *at = zt_program_output (self->victim->broker, ZT_STDERR);
    while ((at = strstr (at, what)) != NULL) {
        at += strlen (what);
        n += strtoul (at, NULL, 10);
    }
    return n;
}

static void s_tell_head (void)
{
    printf ("%-36s| p99 of an answer in ms: before, during, (x before), with that CPU burnt, after "
            "| MiB start, most (of start + %d), end | descriptors start, end | CPUs attackers, "
            "broker | what was done\n",
            "case", S_BOUND_MIB);
}

static void s_tell (const s_case_t *self, unsigned end_fds)
{
    const zt_victim_t *victim = self->victim;
    printf ("%-36s| %6.2f %6.2f (x%5.1f) %6.2f %6.2f | %3ld %3ld %3ld | %3u %3u | %.2f %.2f | %s; "
            "told: %lu turned away, %lu ended\n",
            self->row->what, self->before, self->during, self->during / self->before, self->burnt,
            self->after, victim->start_kib / S_KIB, zt_victim_peak (victim) / S_KIB,
            zt_victim_memory (victim) / S_KIB, victim->start_fds, end_fds, self->cpu,
            self->broker_cpu, self->report, s_told (self, "turned away "), s_told (self, "ended "));
    fflush (stdout);
}

static void s_withstands (void **state)
{
    s_case_t *self = *state;
    zt_victim_t *victim = self->victim =
        zt_victim_new_guarded (self->row->fds, self->row->is_durable);
    s_talk (self, s_seconds / 3);
    self->before = s_p99 (self);
    s_go_through_attack (self);
    s_settle (self);
    s_talk (self, s_seconds / 3);
    self->after = s_p99 (self);
    if (s_is_long)
        s_go_through_burning (self);
    unsigned fds = zt_victim_fds (victim);
    s_tell (self, fds);
    assert_true (fds <= victim->start_fds);
    long most = victim->start_kib + (long) (S_BOUND_MIB * zt_victim_takes_more ()) * S_KIB;
    assert_true (zt_victim_peak (victim) <= most);
    zt_honest_destroy (&victim->honest);
    zt_program_kill (victim->broker, SIGTERM);
    assert_int_equal (zt_program_wait_exit (victim->broker), 0);
}

static int s_teardown (void **state)
{
    s_case_t *self = *state;
    zt_victim_destroy (&self->victim);
    return 0;
}

/*  ---------------------------------------------------------------------------
    The program */

static bool s_is_wanted (const char *name, char **names, int n)
{
    bool is_wanted = n == 0;
    for (int i = 0; i < n; i++)
        is_wanted |= strcmp (names[i], name) == 0;
    return is_wanted;
}

int main (int argc, char **argv)
{
    if (argc == 7 && strcmp (argv[1], "--attack") == 0)
        return s_attack (argv + 2);
    if (argc == 4 && strcmp (argv[1], "--burn") == 0)
        return s_burn (argv + 2);
    s_is_long = argc > 2 && strcmp (argv[1], "--seconds") == 0;
    if (s_is_long)
        s_seconds = strtod (argv[2], NULL);
    int first = s_is_long ? 3 : 1;
    static s_case_t cases[S_CASES_MOST];
    static struct CMUnitTest tests[S_CASES_MOST];
    size_t n = 0;
    for (const zt_attack_row_t *row = zt_attack_rows (); row->name; row++) {
        if (!s_is_wanted (row->name, argv + first, argc - first))
            continue;
        cases[n].row = row;
        tests[n] = (struct CMUnitTest){row->name, s_withstands, NULL, s_teardown, &cases[n]};
        n++;
    }
    s_tell_head ();
    return _cmocka_run_group_tests ("siege", tests, n, NULL, NULL);
}
