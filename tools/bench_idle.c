/*  SPDX-License-Identifier: MPL-2.0

    idle: what a connection that does nothing costs in memory. */

#include "tools/bench_round.h"

#define S_MS         UINT64_C (1000000)
#define S_FIRST_NS   (500 * S_MS)
#define S_SAMPLE_NS  (250 * S_MS)
#define S_SETTLED_NS (20000 * S_MS)

enum {
    S_SAME_KIB = 8,    /* samples that differ by no more are the same */
    S_SAME_SAMPLES = 3 /* so many in a row: it has settled */
};

static bool s_sink (void *self, zt_bench_link_t *link, zt_bytes_t body)
{
    (void) self;
    (void) body;
    return zt_bench_fail (link->error, ZT_EXIT_FAILED, "%s got a message, which nobody has sent",
                          link->target);
}

static bool s_wait (zt_bench_round_t *round, uint64_t ns)
{
    uint64_t end = round->load->now_ns + ns;
    while (round->load->now_ns < end) {
        zt_bench_load_progress (round->load);
        if (!zt_bench_load_turn (round->load, s_sink, NULL))
            return false;
    }
    return true;
}

/*  Waits for that long, and then until the memory does not change any more. */
static bool s_settle (zt_bench_round_t *round, uint64_t ns, unsigned long *kib)
{
    if (!s_wait (round, ns) || !zt_bench_peer_memory (round->peer, kib, round->error))
        return false;
    uint64_t deadline = round->load->now_ns + S_SETTLED_NS;
    for (int same = 1; same < S_SAME_SAMPLES;) {
        if (round->load->now_ns > deadline)
            return zt_bench_fail (round->error, ZT_EXIT_FAILED, "the memory does not settle");
        unsigned long last = *kib;
        if (!s_wait (round, S_SAMPLE_NS) || !zt_bench_peer_memory (round->peer, kib, round->error))
            return false;
        unsigned long change = *kib > last ? *kib - last : last - *kib;
        same = change <= S_SAME_KIB ? same + 1 : 1;
    }
    return true;
}

bool zt_bench_run_idle (zt_bench_round_t *round)
{
    unsigned long before, after;
    unsigned long count = round->config->connections;
    if (round->peer->pid == 0)
        return zt_bench_fail (round->error, ZT_EXIT_USAGE,
                              "idle with --endpoint needs --broker-pid, to read its memory");
    /*  What is made once, with the first connection, is nobody's share. */
    if (!zt_bench_load_add (round->load, 1, true) || !s_settle (round, S_FIRST_NS, &before) ||
        !zt_bench_load_add (round->load, count, true))
        return false;
    /*  A heartbeat at least, which is all that these do. */
    uint64_t beat_ns = round->load->links[0]->heartbeat_ms * S_MS + S_FIRST_NS;
    if (!s_settle (round, beat_ns, &after))
        return false;
    round->figures.value[ZT_BENCH_MEMORY] = ((double) after - (double) before) / (double) count;
    return true;
}
