/*  SPDX-License-Identifier: MPL-2.0

    The dialect of the raw forwarder (see bench_forward.h). */

#include "tools/bench_forward.h"
#include "tools/bench_link.h"

#include "common/limits.h"

static zt_bytes_t s_mark (const int32_t *mark)
{
    return (zt_bytes_t){(const char *) mark, sizeof *mark};
}

static bool s_hello (zt_bench_link_t *link)
{
    int32_t mark = ZT_BENCH_FORWARD_HELLO;
    zt_bytes_t index = {(const char *) &link->index, sizeof link->index};
    link->heartbeat_ms = ZT_HEARTBEAT_MS;
    return zt_bench_link_send (link, s_mark (&mark), index);
}

static size_t s_room (const zt_bench_link_t *link)
{
    (void) link;
    return SIZE_MAX;
}

static bool s_put (zt_bench_link_t *link, const zt_bench_link_t *to, zt_bytes_t body)
{
    int32_t mark = to ? (int32_t) to->index : ZT_BENCH_FORWARD_ALL;
    return zt_bench_link_send (link, s_mark (&mark), body);
}

static bool s_flush (zt_bench_link_t *link)
{
    (void) link;
    return true;
}

static bool s_take (zt_bench_link_t *link, zt_bytes_t frame, zt_bench_sink_fn *fn, void *self)
{
    int32_t mark;
    if (frame.size < sizeof mark)
        return zt_bench_fail (link->error, ZT_EXIT_FAILED, "a frame of %zu bytes", frame.size);
    memcpy (&mark, frame.data, sizeof mark);
    if (mark == ZT_BENCH_FORWARD_HELLO)
        link->open = true;
    if (mark == ZT_BENCH_FORWARD_HELLO || mark == ZT_BENCH_FORWARD_PING)
        return true;
    return fn (self, link, (zt_bytes_t){frame.data + sizeof mark, frame.size - sizeof mark});
}

static bool s_tick (zt_bench_link_t *link, uint64_t now_ms)
{
    int32_t mark = ZT_BENCH_FORWARD_PING;
    return !zt_bench_link_silent (link, now_ms) ||
           zt_bench_link_send (link, s_mark (&mark), zt_bytes (NULL));
}

static void s_bye (zt_bench_link_t *link)
{
    (void) link;
}

const zt_bench_dialect_t zt_bench_limit = {"limit", s_hello, s_room, s_put,
                                           s_flush, s_take,  s_tick, s_bye};
