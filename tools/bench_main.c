/*  SPDX-License-Identifier: MPL-2.0

    ztalk-bench - what the broker can do, beside what ZeroMQ can do

    For each workload the broker and the raw forwarder run in turns, in the same
    minutes on the same machine, so that every figure is also a ratio, which means
    something on any machine. */

#include "tools/bench_body.h"
#include "tools/bench_forward.h"
#include "tools/bench_pace.h"
#include "tools/bench_report.h"
#include "tools/bench_series.h"

#include "common/endpoint.h"

#include <stdio.h>
#include <sys/resource.h>

enum {
    S_SIZE,
    S_PAIRS,
    S_RECEIVERS,
    S_WINDOW,
    S_MESSAGES,
    S_SECONDS,
    S_CONNECTIONS,
    S_ROUNDS,
    S_RATE,
    S_JSON,
    S_CURVE,
    S_ENDPOINT,
    S_BROKER_KEY,
    S_BROKER_PID
};

static const zt_option_t s_options[] = {
    {'s', "size", "BYTES", "size of a message's body (128)", S_SIZE},
    {'p', "pairs", "COUNT", "relay, durable: pairs of sender and receiver (8)", S_PAIRS},
    {'r', "receivers", "COUNT", "fanout: receivers (200)", S_RECEIVERS},
    {'w', "window", "COUNT", "messages in flight a sender (relay 256, fanout 32)", S_WINDOW},
    {'m', "messages", "COUNT", "measure so many messages (default: by time)", S_MESSAGES},
    {'t', "seconds", "COUNT", "measure for so long (3)", S_SECONDS},
    {'c', "connections", "COUNT", "idle: connections (1000)", S_CONNECTIONS},
    {'n', "rounds", "COUNT", "rounds for each peer; the median is shown (3)", S_ROUNDS},
    {'R', "rate", "COUNT", "send at most so many messages a second, in all", S_RATE},
    {'j', "json", NULL, "print one JSON object a line", S_JSON},
    {'C', "curve", NULL, "encrypt what is said to the broker, and to the limit", S_CURVE},
    {'e', "endpoint", "ENDPOINT", "use the broker there, which may be tcp://HOST:PORT/KEY",
     S_ENDPOINT},
    {'k', "broker-key", "KEY", "its public key; without one nothing is encrypted", S_BROKER_KEY},
    {'P', "broker-pid", "PID", "its process, for CPU and memory", S_BROKER_PID},
    {0, NULL, NULL, NULL, 0}};

enum { S_WORKLOADS_MAX = 16 };

typedef struct {
    zt_bench_config_t config;
    zt_buffer_t endpoint;
    const zt_bench_workload_t *workloads[S_WORKLOADS_MAX];
    size_t count;
    bool limit;                              /* the word was said */
    zt_option_word_t words[S_WORKLOADS_MAX]; /* that can be said, for --help */
} s_bench_t;

/*  The workloads, and what is none. */
static void s_put_words (s_bench_t *self)
{
    static const zt_option_word_t limit = {
        "limit", "", "by itself: the limit of all but durable, without a broker"};
    size_t n = 0;
    for (const zt_bench_workload_t *row = zt_bench_workloads; row->name; row++)
        self->words[n++] = (zt_option_word_t){row->name, "", row->what};
    self->words[n] = limit;
}

static const char *s_take_word (s_bench_t *self, const char *word)
{
    if (strcmp (word, "limit") == 0) {
        self->limit = true;
        return NULL;
    }
    const zt_bench_workload_t *row = zt_bench_workloads;
    while (row->name && strcmp (row->name, word) != 0)
        row++;
    if (!row->name)
        return "a workload is relay, fanout, latency, idle, durable or limit";
    for (size_t i = 0; i < self->count; i++)
        if (self->workloads[i] == row)
            return NULL;
    self->workloads[self->count++] = row;
    return NULL;
}

static const char *s_take_number (const char *text, unsigned long least, unsigned long most,
                                  unsigned long *number)
{
    static char wrong[96];
    if (zt_options_number (text, least, most, number))
        return NULL;
    snprintf (wrong, sizeof wrong, "a number from %lu to %lu is needed", least, most);
    return wrong;
}

static const char *s_take_pid (const char *text, pid_t *pid)
{
    unsigned long number = 0;
    const char *wrong = s_take_number (text, 1, INT32_MAX, &number);
    *pid = (pid_t) number;
    return wrong;
}

/*  A key in the address is as good as one beside it. */
static const char *s_take_endpoint (s_bench_t *self, const char *text)
{
    zt_key_t key;
    zt_buffer_clear (&self->endpoint);
    const char *wrong = zt_endpoint_parse (zt_bytes (text), &self->endpoint, &key);
    if (!wrong && key.text[0])
        self->config.broker_key = key;
    return wrong;
}

static const char *s_take (void *self, int id, const char *value)
{
    s_bench_t *bench = self;
    zt_bench_config_t *config = &bench->config;
    switch (id) {
    case S_SIZE:
        return s_take_number (value, ZT_BENCH_BODY_LEAST, ZT_BENCH_BODY_MOST, &config->size);
    case S_PAIRS:
        return s_take_number (value, 1, 1000, &config->pairs);
    case S_RECEIVERS:
        return s_take_number (value, 1, 30000, &config->receivers);
    case S_WINDOW:
        return s_take_number (value, 1, ZT_WINDOW, &config->window);
    case S_MESSAGES:
        return s_take_number (value, 1, 1000000000, &config->messages);
    case S_SECONDS:
        return s_take_number (value, 1, 3600, &config->seconds);
    case S_CONNECTIONS:
        return s_take_number (value, 1, 30000, &config->connections);
    case S_ROUNDS:
        return s_take_number (value, 1, 99, &config->rounds);
    case S_RATE:
        return s_take_number (value, 1, ZT_BENCH_PACE_MOST, &config->rate);
    case S_JSON:
        config->json = true;
        return NULL;
    case S_CURVE:
        config->curve = true;
        return NULL;
    case S_ENDPOINT:
        return s_take_endpoint (bench, value);
    case S_BROKER_KEY:
        return zt_key_read (zt_bytes (value), &config->broker_key)
                   ? NULL
                   : "a key has 40 characters; put it into single quotes";
    case S_BROKER_PID:
        return s_take_pid (value, &config->broker_pid);
    default:
        return s_take_word (bench, value);
    }
}

/*  Reads the command line; as zt_options_parse. */
static bool s_parse (s_bench_t *self, int argc, char **argv, int *status)
{
    s_put_words (self);
    const zt_command_t command = {
        .program = "ztalk-bench",
        .usage = "WORKLOAD... [options]",
        .summary = "measure the broker, beside a raw forwarder",
        .options = s_options,
        .epilogue =
            "A workload runs against the broker with its log in memory, and against the limit, a\n"
            "forwarder of one message a frame.\n",
        .words_title = "workloads",
        .words = self->words,
        .takes_many_words = true};
    return zt_options_parse (&command, argc, argv, s_take, self, status);
}

/*  The limit alone stands for that of all workloads; durable's is that of relay. */
static void s_take_limits (s_bench_t *self)
{
    for (const zt_bench_workload_t *row = zt_bench_workloads; row->name; row++)
        if (!row->stores)
            self->workloads[self->count++] = row;
}

/*  Two descriptors for each connection; the peer raises its own limit. */
static bool s_raise_files (zt_bench_error_t *error)
{
    struct rlimit files;
    if (getrlimit (RLIMIT_NOFILE, &files) != 0)
        return zt_bench_fail_errno (error, "the limit of open files");
    files.rlim_cur = files.rlim_max;
    return setrlimit (RLIMIT_NOFILE, &files) == 0 ||
           zt_bench_fail_errno (error, "the limit of open files");
}

static zt_exit_t s_run (const s_bench_t *self, bool limit_only)
{
    zt_bench_error_t error = {ZT_EXIT_OK, {NULL, 0, 0}};
    bool ok = s_raise_files (&error) && zt_bench_load_take_signals (&error);
    if (!self->config.json)
        zt_bench_report_head (&self->config);
    for (size_t i = 0; ok && i < self->count; i++)
        ok = zt_bench_series_run (self->workloads[i], &self->config, limit_only, &error);
    if (!ok)
        fprintf (stderr, "ztalk-bench: %s\n", zt_buffer_string (&error.text));
    zt_buffer_free (&error.text);
    return error.status;
}

/*  What is wrong with the command line as a whole, or NULL. */
static const char *s_check (const s_bench_t *self)
{
    if (self->count == 0 && !self->limit)
        return "which workload?";
    bool key = self->config.broker_key.text[0];
    if (key && self->endpoint.size == 0)
        return "--broker-key is that of a broker at --endpoint";
    if (self->config.curve && self->endpoint.size && !key)
        return "--curve with --endpoint needs the broker's key: see --broker-key";
    for (size_t i = 0; i < self->count && self->endpoint.size; i++)
        if (self->workloads[i]->stores)
            return "durable starts its own brokers: it takes no --endpoint";
    return NULL;
}

int main (int argc, char **argv)
{
    if (argc >= 2 && strcmp (argv[1], ZT_BENCH_FORWARD_WORD) == 0)
        return zt_bench_forward (argc == 3 && strcmp (argv[2], ZT_BENCH_FORWARD_CURVE) == 0);

    zt_bench_peer_begin (argv[0]);
    s_bench_t self = {.config = {.size = 128,
                                 .pairs = 8,
                                 .receivers = 200,
                                 .connections = 1000,
                                 .seconds = 3,
                                 .rounds = 3}};
    int status = ZT_EXIT_OK;
    bool go_on = s_parse (&self, argc, argv, &status);
    const char *wrong = go_on ? s_check (&self) : NULL;
    if (wrong) {
        fprintf (stderr, "ztalk-bench: %s\nTry 'ztalk-bench --help'.\n", wrong);
        status = ZT_EXIT_USAGE;
    } else if (go_on) {
        bool limit_only = self.count == 0;
        self.config.curve |= self.config.broker_key.text[0] != '\0';
        if (limit_only)
            s_take_limits (&self);
        for (size_t i = 0; i < self.count; i++)
            self.config.figures |= self.workloads[i]->figures;
        if (self.endpoint.size)
            self.config.endpoint = zt_buffer_string (&self.endpoint);
        status = (int) s_run (&self, limit_only);
    }
    zt_buffer_free (&self.endpoint);
    return status;
}
