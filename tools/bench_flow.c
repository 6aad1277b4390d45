/*  SPDX-License-Identifier: MPL-2.0

    relay, durable and fanout: one sender, one receiver or many, and a window of messages
    that are sent and not yet received by all. Both live in this process, so the
    sender knows what has arrived without being told. */

#include "tools/bench_body.h"
#include "tools/bench_pace.h"
#include "tools/bench_round.h"

#include "common/alloc.h"

#include <stdlib.h>

/*  Numbers of a flow begin at its index times this: what goes astray shows. */
#define S_FLOW_NUMBERS UINT64_C (1000000000000)

enum {
    S_RELAY_WINDOW = 256,
    S_STEP_MS = 1 /* with a rate: so often what is due by then is sent */
};

typedef struct {
    zt_bench_link_t *sender;
    const zt_bench_link_t *to; /* NULL: everybody */
    size_t receivers;
    uint64_t first; /* the number of the first message */
    uint64_t sent;
    uint64_t cap;  /* how many are to be sent */
    uint64_t done; /* those before this one were received by all */
    size_t window;
    uint32_t *got; /* by index modulo window: how many have received it */
} s_flow_t;

typedef struct {
    s_flow_t *flow;
    zt_bench_sequence_t sequence;
} s_receiver_t;

typedef struct {
    zt_bench_round_t *round;
    zt_bench_body_t body;
    s_flow_t *flows;
    size_t flow_count;
    s_receiver_t *receivers;
    size_t receiver_count;
    uint64_t deliveries;
    uint64_t messages; /* that each flow is to send, when the length is a count */
    uint64_t warm_up;  /* likewise, before those */
    zt_bench_pace_t pace;
    size_t turn;           /* the flow that sends first, if not all are to send */
    zt_bench_acks_t *acks; /* NULL: not measured */
} s_run_t;

static bool s_sink (void *self, zt_bench_link_t *link, zt_bytes_t body)
{
    s_run_t *run = self;
    s_receiver_t *receiver = link->owner;
    uint64_t number;
    if (!receiver || !zt_bench_body_read (&run->body, body, &number))
        return zt_bench_fail (link->error, ZT_EXIT_FAILED, "%s got a message that nobody has sent",
                              link->target);
    const char *wrong = zt_bench_sequence_take (&receiver->sequence, number);
    s_flow_t *flow = receiver->flow;
    uint64_t index = zt_bench_sequence_count (&receiver->sequence) - 1;
    if (!wrong && index >= flow->sent)
        wrong = "one that was not sent yet";
    if (wrong)
        return zt_bench_fail (link->error, ZT_EXIT_FAILED, "%s got message %llu, which is %s",
                              link->target, (unsigned long long) number, wrong);
    run->deliveries++;
    flow->got[index % flow->window]++;
    while (flow->got[flow->done % flow->window] == flow->receivers)
        flow->got[flow->done++ % flow->window] = 0;
    return true;
}

/*  Sends what the windows allow, and no more than so many. */
static bool s_fill (s_run_t *run, s_flow_t *flow, uint64_t most)
{
    size_t room = flow->window - (size_t) (flow->sent - flow->done);
    size_t said = flow->sender->dialect->room (flow->sender);
    if (room > said)
        room = said;
    if (room > flow->cap - flow->sent)
        room = (size_t) (flow->cap - flow->sent);
    if (room > most)
        room = (size_t) most;
    if (room == 0)
        return true;
    for (size_t i = 0; i < room; i++) {
        zt_bytes_t body = zt_bench_body_number (&run->body, flow->first + flow->sent++);
        if (!flow->sender->dialect->put (flow->sender, flow->to, body))
            return false;
    }
    return flow->sender->dialect->flush (flow->sender);
}

/*  Sends what is due, a fair share from each flow. */
static bool s_fill_all (s_run_t *run)
{
    uint64_t due = zt_bench_pace_due (&run->pace, run->round->load->now_ns);
    uint64_t total = 0;
    for (size_t i = 0; i < run->flow_count && due; i++) {
        s_flow_t *flow = &run->flows[(run->turn + i) % run->flow_count];
        uint64_t before = flow->sent;
        if (!s_fill (run, flow, zt_bench_pace_share (due, run->flow_count - i)))
            return false;
        due -= flow->sent - before;
        total += flow->sent - before;
    }
    zt_bench_pace_take (&run->pace, total);
    run->turn = (size_t) ((run->turn + total) % run->flow_count);
    return true;
}

/*  Waits a little for what must not come: a message too many. */
static bool s_linger (s_run_t *run)
{
    enum { TURNS = 5 };
    for (int i = 0; i < TURNS; i++)
        if (!zt_bench_load_turn (run->round->load, s_sink, run))
            return false;
    return true;
}

/*  Everything that was to be sent has arrived. */
static bool s_over (const s_run_t *run)
{
    for (size_t i = 0; i < run->flow_count; i++)
        if (run->flows[i].done < run->flows[i].cap)
            return false;
    return true;
}

/*  How many messages each flow may send in this phase: by time, what it likes,
    until the measured part is over; by count, first those to warm up. */
static void s_set_caps (s_run_t *run, const zt_bench_meter_t *meter)
{
    bool warming = meter->phase == ZT_BENCH_WARM_UP;
    for (size_t i = 0; i < run->flow_count; i++) {
        s_flow_t *flow = &run->flows[i];
        if (!meter->by_time)
            flow->cap = run->warm_up + (warming ? 0 : run->messages);
        else if (meter->phase == ZT_BENCH_DRAIN)
            flow->cap = flow->sent;
        else
            flow->cap = UINT64_MAX;
    }
}

static zt_bench_meter_t s_meter (s_run_t *run)
{
    const zt_bench_config_t *config = run->round->config;
    if (!config->messages)
        return zt_bench_meter_by_time (config->seconds * 1000, run->round->load->now_ns);
    run->messages = (config->messages + run->flow_count - 1) / run->flow_count;
    run->warm_up = run->messages / 10 + 1;
    return zt_bench_meter_by_count (run->warm_up * run->receiver_count,
                                    run->messages * run->receiver_count);
}

static bool s_go (s_run_t *run)
{
    zt_bench_round_t *round = run->round;
    zt_bench_meter_t meter = s_meter (run);
    uint64_t before = 0;
    run->pace = zt_bench_pace (round->config->rate, round->load->now_ns);
    do {
        s_set_caps (run, &meter);
        if (run->acks)
            run->acks->measures = meter.phase == ZT_BENCH_MEASURE;
        if (!s_fill_all (run))
            return false;
        if (!zt_bench_load_turn (round->load, s_sink, run) ||
            !zt_bench_round_step (round, &meter, run->deliveries))
            return false;
        if (run->deliveries != before)
            zt_bench_load_progress (round->load);
        before = run->deliveries;
    } while (meter.phase != ZT_BENCH_DRAIN || !s_over (run));
    zt_bench_round_read (round, &meter);
    return s_linger (run);
}

/*  Makes flows of senders, and of the receivers that follow them among the links. */
static void s_make (s_run_t *run, size_t flows, size_t receivers, size_t window)
{
    zt_bench_link_t **links = run->round->load->links;
    run->flow_count = flows;
    run->flows = zt_alloc (flows * sizeof *run->flows);
    run->receiver_count = receivers;
    run->receivers = zt_alloc (receivers * sizeof *run->receivers);
    for (size_t i = 0; i < flows; i++) {
        s_flow_t *flow = &run->flows[i];
        flow->sender = links[i];
        flow->to = flows == receivers ? links[flows + i] : NULL;
        flow->receivers = receivers / flows;
        flow->first = i * S_FLOW_NUMBERS;
        flow->window = window;
        flow->got = zt_alloc (window * sizeof *flow->got);
    }
    for (size_t i = 0; i < receivers; i++) {
        s_flow_t *flow = &run->flows[i % flows];
        run->receivers[i] = (s_receiver_t){flow, zt_bench_sequence (flow->first)};
        links[flows + i]->owner = &run->receivers[i];
    }
}

static void s_read_acks (const s_run_t *run)
{
    const zt_bench_acks_t *acks = run->acks;
    double *value = run->round->figures.value;
    if (!acks || !acks->answers)
        return;
    value[ZT_BENCH_COMMIT] = (double) acks->messages / (double) acks->answers;
    for (int i = 0; i < ZT_BENCH_PERCENTILES; i++)
        value[ZT_BENCH_ACK_P50 + i] =
            (double) zt_bench_histogram_percentile (&acks->latencies, zt_bench_percentiles[i]) /
            1000;
}

static bool s_run (zt_bench_round_t *round, size_t flows, size_t receivers, size_t window,
                   zt_bench_acks_t *acks)
{
    if (!zt_bench_load_add (round->load, flows, false) ||
        !zt_bench_load_add (round->load, receivers, true))
        return false;
    s_run_t run = {.round = round, .acks = acks};
    for (size_t i = 0; i < flows && acks; i++)
        zt_bench_link_measure (round->load->links[i], acks);
    if (round->config->rate)
        round->load->wait_ms = S_STEP_MS;
    zt_bench_body_init (&run.body, round->config->size);
    s_make (&run, flows, receivers, round->config->window ? round->config->window : window);
    bool ok = s_go (&run);
    s_read_acks (&run);
    for (size_t i = 0; i < flows; i++)
        free (run.flows[i].got);
    free (run.flows);
    free (run.receivers);
    zt_bench_body_free (&run.body);
    return ok;
}

bool zt_bench_run_relay (zt_bench_round_t *round)
{
    return s_run (round, round->config->pairs, round->config->pairs, S_RELAY_WINDOW, NULL);
}

bool zt_bench_run_durable (zt_bench_round_t *round)
{
    zt_bench_acks_t *acks = zt_alloc (sizeof *acks);
    bool ok = s_run (round, round->config->pairs, round->config->pairs, S_RELAY_WINDOW, acks);
    free (acks);
    return ok;
}

bool zt_bench_run_fanout (zt_bench_round_t *round)
{
    enum { WINDOW = 32 };
    return s_run (round, 1, round->config->receivers, WINDOW, NULL);
}
