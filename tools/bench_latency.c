/*  SPDX-License-Identifier: MPL-2.0

    latency: one sends, the other answers, and only then the next one is sent. */

#include "tools/bench_body.h"
#include "tools/bench_round.h"
#include "tools/bench_stats.h"

typedef struct {
    zt_bench_round_t *round;
    zt_bench_body_t body;
    zt_bench_sequence_t sequence[2]; /* what each of the two has got */
    uint64_t sent_ns;
    zt_bench_samples_t *samples; /* ns; NULL: not measuring */
    bool stop;                   /* no further round trip */
    bool over;                   /* the last one is back */
} s_run_t;

/*  Sends the number from one of the two to the other. */
static bool s_send (s_run_t *run, size_t from, uint64_t number)
{
    zt_bench_link_t **links = run->round->load->links;
    zt_bench_link_t *link = links[from];
    zt_bytes_t body = zt_bench_body_number (&run->body, number);
    return link->dialect->put (link, links[1 - from], body) && link->dialect->flush (link);
}

static bool s_sink (void *self, zt_bench_link_t *link, zt_bytes_t body)
{
    s_run_t *run = self;
    uint64_t number;
    const char *wrong = "not what was sent";
    if (zt_bench_body_read (&run->body, body, &number))
        wrong = zt_bench_sequence_take (&run->sequence[link->index], number);
    if (wrong)
        return zt_bench_fail (link->error, ZT_EXIT_FAILED, "%s got a message that is %s",
                              link->target, wrong);
    if (link->index == 1)
        return s_send (run, 1, number);
    uint64_t now_ns = zt_bench_now_ns ();
    if (run->samples)
        zt_bench_samples_add (run->samples, now_ns - run->sent_ns);
    run->sent_ns = now_ns;
    run->over = run->stop;
    return run->over || s_send (run, 0, number + 1);
}

static bool s_go (s_run_t *run, zt_bench_samples_t *samples)
{
    zt_bench_round_t *round = run->round;
    const zt_bench_config_t *config = round->config;
    zt_bench_meter_t meter =
        config->messages ? zt_bench_meter_by_count (config->messages / 5, config->messages * 2)
                         : zt_bench_meter_by_time (config->seconds * 1000, round->load->now_ns);
    run->sent_ns = zt_bench_now_ns ();
    if (!s_send (run, 0, 0))
        return false;
    uint64_t sent, back, before = 0;
    do {
        if (!zt_bench_load_turn (round->load, s_sink, run))
            return false;
        sent = zt_bench_sequence_count (&run->sequence[1]);
        back = zt_bench_sequence_count (&run->sequence[0]);
        if (!zt_bench_round_step (round, &meter, sent + back))
            return false;
        if (sent + back != before)
            zt_bench_load_progress (round->load);
        before = sent + back;
        run->samples = meter.phase == ZT_BENCH_MEASURE ? samples : NULL;
        run->stop = meter.phase == ZT_BENCH_DRAIN;
    } while (!run->over);
    zt_bench_round_read (round, &meter);
    return true;
}

bool zt_bench_run_latency (zt_bench_round_t *round)
{
    if (!zt_bench_load_add (round->load, 2, true))
        return false;
    s_run_t run = {.round = round};
    zt_bench_samples_t samples = {NULL, 0, 0};
    zt_bench_body_init (&run.body, round->config->size);
    bool ok = s_go (&run, &samples);
    if (ok) {
        for (int i = 0; i < ZT_BENCH_PERCENTILES; i++)
            round->figures.value[ZT_BENCH_P50 + i] =
                (double) zt_bench_samples_percentile (&samples, zt_bench_percentiles[i]) / 1000;
    }
    zt_bench_samples_free (&samples);
    zt_bench_body_free (&run.body);
    return ok;
}
