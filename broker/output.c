/*  SPDX-License-Identifier: MPL-2.0

    What a turn puts out. All that a peer is sent is gathered as ranges of bytes,
    and leaves at the end of the turn in as few frames as it fits into. */

#include "broker/core_state.h"
#include "common/alloc.h"
#include "common/json.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/*  How large a frame is made of several pieces. Only a whole frame is a sign of
    life: over a slow line (20 KB/s) one of 256 KiB would take longer than the
    silence that ends a session. */
enum { S_FRAME_MOST = 64 * 1024 };

void zt_vector_add (zt_vector_t *self, void *item)
{
    if (self->n == self->capacity) {
        self->capacity = self->capacity ? self->capacity * 2 : 8;
        self->items = zt_realloc (self->items, self->capacity, sizeof *self->items);
    }
    self->items[self->n++] = item;
}

zt_peer_t *zt_peer (zt_core_t *core, uint32_t peer)
{
    assert (peer < ZT_PEERS_MAX);
    if (peer >= core->n_peers) {
        uint32_t n = core->n_peers ? core->n_peers : 16;
        while (n <= peer)
            n *= 2;
        core->peers = zt_realloc (core->peers, n, sizeof *core->peers);
        memset (core->peers + core->n_peers, 0, (n - core->n_peers) * sizeof *core->peers);
        core->n_peers = n;
    }
    return &core->peers[peer];
}

/*  ---------------------------------------------------------------------------
    Gathering */

static void s_mark_dirty (zt_core_t *core, zt_peer_t *place, uint32_t peer)
{
    if (place->dirty)
        return;
    place->dirty = true;
    if (core->n_dirty == core->dirty_capacity) {
        core->dirty_capacity = core->dirty_capacity ? core->dirty_capacity * 2 : 64;
        core->dirty = zt_realloc (core->dirty, core->dirty_capacity, sizeof *core->dirty);
    }
    core->dirty[core->n_dirty++] = peer;
}

static void s_add_piece (zt_core_t *core, uint32_t peer, zt_slice_t *slice, uint32_t offset,
                         uint32_t size)
{
    assert (size > 0 && size <= ZT_FRAME_MAX); /* a larger one would never leave */
    zt_peer_t *place = zt_peer (core, peer);
    if (place->last_piece) {
        zt_piece_t *last = &core->pieces[place->last_piece];
        if (last->slice == slice && last->offset + last->size == offset &&
            last->size + size <= S_FRAME_MOST) {
            last->size += size;
            return;
        }
    }
    if (core->n_pieces >= core->pieces_capacity) {
        core->pieces_capacity = core->pieces_capacity ? core->pieces_capacity * 2 : 64;
        core->pieces = zt_realloc (core->pieces, core->pieces_capacity, sizeof *core->pieces);
        if (core->n_pieces == 0)
            core->pieces[core->n_pieces++] = (zt_piece_t){NULL, 0, 0, 0};
    }
    uint32_t piece = core->n_pieces++;
    core->pieces[piece] = (zt_piece_t){slice ? zt_slice_ref (slice) : NULL, offset, size, 0};
    if (place->last_piece)
        core->pieces[place->last_piece].next = piece;
    else
        place->first_piece = piece;
    place->last_piece = piece;
    s_mark_dirty (core, place, peer);
}

void zt_output_slice (zt_core_t *core, uint32_t peer, zt_slice_t *slice, uint32_t offset,
                      uint32_t size)
{
    s_add_piece (core, peer, slice, offset, size);
}

/*  How many of these bytes are whole messages that fit into a frame. */
static size_t s_fitting (const char *data, size_t size)
{
    if (size <= ZT_FRAME_MAX)
        return size;
    zt_reader_t reader = zt_reader (data, size, ZT_FROM_BROKER);
    zt_message_t message;
    size_t fitting = 0;
    while (zt_reader_next (&reader, &message) == ZT_WIRE_MESSAGE &&
           reader.at - data <= ZT_FRAME_MAX)
        fitting = (size_t) (reader.at - data);
    return fitting;
}

void zt_output_control (zt_core_t *core, uint32_t peer, size_t offset, size_t size)
{
    assert (offset + size <= core->control.size && core->control.size <= UINT32_MAX);
    while (size) {
        size_t fitting = s_fitting (core->control.data + offset, size);
        s_add_piece (core, peer, NULL, (uint32_t) offset, (uint32_t) fitting);
        offset += fitting;
        size -= fitting;
    }
}

void zt_output_message (zt_core_t *core, uint32_t peer, const zt_message_t *message)
{
    size_t offset = core->control.size;
    zt_wire_put (&core->control, message);
    zt_output_control (core, peer, offset, core->control.size - offset);
}

void zt_output_error (zt_core_t *core, uint32_t peer, uint64_t ref, zt_error_t error,
                      uint64_t retry_ms, const char *sentence)
{
    /*  An ERROR costs a peer next to nothing, and the broker a line: who asks on and on what is
        refused would take all of its time. */
    enum { S_STEP_US = 1000000 / ZT_ERRORS_PER_S, S_MOST_US = S_STEP_US * ZT_ERRORS_BURST };
    zt_peer_t *place = zt_peer (core, peer);
    core->stats.refused[error]++;
    if (!zt_budget_take (&place->errors, core->seen_at * 1000, S_STEP_US, S_MOST_US))
        place->is_deaf = true;

    zt_buffer_t json = {NULL, 0, 0};
    zt_buffer_put_string (&json, "{\"message\":");
    zt_json_put_string (&json, zt_bytes (sentence ? sentence : zt_error_what (error)));
    if (retry_ms) {
        zt_buffer_put_string (&json, ",\"retry_ms\":");
        zt_buffer_put_u64 (&json, retry_ms);
    }
    zt_buffer_put_char (&json, '}');

    char digits[ZT_U64_DIGITS];
    zt_bytes_t field = {"-", 1};
    if (ref)
        field = (zt_bytes_t){digits, (size_t) (zt_u64_write (digits, ref) - digits)};
    zt_output_message (core, peer,
                       &(zt_message_t){.verb = ZT_VERB_ERROR,
                                       .word = {field, zt_bytes (zt_error_code (error))},
                                       .body = zt_buffer_bytes (&json)});
    zt_buffer_free (&json);
}

void zt_output_result (zt_core_t *core, uint32_t peer, uint64_t ref, const zt_buffer_t *json)
{
    zt_output_message (
        core, peer,
        &(zt_message_t){.verb = ZT_VERB_RESULT, .number = {ref}, .body = zt_buffer_bytes (json)});
}

void zt_output_sent (zt_core_t *core, uint32_t peer, uint64_t ref, uint64_t id, uint64_t time)
{
    zt_output_message (core, peer,
                       &(zt_message_t){.verb = ZT_VERB_SENT, .number = {ref, id, time}});
}

void zt_output_forget (zt_core_t *core, uint32_t peer)
{
    zt_peer_t *place = zt_peer (core, peer);
    place->first_piece = 0;
    place->last_piece = 0;
}

void zt_output_drop (zt_core_t *core, uint32_t peer)
{
    zt_peer_t *place = zt_peer (core, peer);
    if (place->dropped)
        return;
    place->dropped = true;
    zt_vector_add (&core->drops, (void *) (uintptr_t) peer);
}

void zt_output_request (zt_core_t *core, const zt_request_t *request)
{
    if (core->n_requests == core->requests_capacity) {
        core->requests_capacity = core->requests_capacity ? core->requests_capacity * 2 : 16;
        core->requests =
            zt_realloc (core->requests, core->requests_capacity, sizeof *core->requests);
    }
    core->requests[core->n_requests++] = *request;
}

/*  A line in core->lines: these, and the text. */
typedef struct {
    zt_level_t level;
    uint32_t peer;
    uint32_t size;
} s_line_t;

void zt_output_line (zt_core_t *core, zt_level_t level, uint32_t peer, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start (args, format);
    int size = vsnprintf (text, sizeof text, format, args);
    va_end (args);
    if (size < 0)
        return;
    if ((size_t) size >= sizeof text)
        size = sizeof text - 1;
    s_line_t line = {level, peer, (uint32_t) size};
    zt_buffer_put (&core->lines, &line, sizeof line);
    zt_buffer_put (&core->lines, text, (size_t) size);
}

/*  ---------------------------------------------------------------------------
    Handing out */

bool zt_core_next_request (zt_core_t *core, zt_request_t *request)
{
    if (core->next_request == core->n_requests) {
        core->next_request = core->n_requests = 0;
        return false;
    }
    *request = core->requests[core->next_request++];
    return true;
}

static zt_bytes_t s_piece_bytes (const zt_core_t *core, const zt_piece_t *piece)
{
    const char *data = piece->slice ? piece->slice->data : core->control.data;
    return (zt_bytes_t){data + piece->offset, piece->size};
}

/*  Everything has been handed out: begin anew. */
static void s_reset (zt_core_t *core)
{
    for (uint32_t i = 1; i < core->n_pieces; i++)
        if (core->pieces[i].slice)
            zt_slice_unref (&core->pieces[i].slice);
    core->n_pieces = core->n_pieces ? 1 : 0;
    core->n_dirty = core->next_dirty = 0;
    zt_buffer_clear (&core->control);
}

bool zt_core_next_frame (zt_core_t *core, zt_frame_t *frame)
{
    for (; core->next_dirty < core->n_dirty; core->next_dirty++) {
        uint32_t peer = core->dirty[core->next_dirty];
        zt_peer_t *place = &core->peers[peer];
        *frame = (zt_frame_t){.peer = peer};
        while (place->first_piece) {
            const zt_piece_t *piece = &core->pieces[place->first_piece];
            if (frame->n_parts && frame->size + piece->size > S_FRAME_MOST)
                break;
            if (frame->n_parts == core->parts_capacity) {
                core->parts_capacity = core->parts_capacity ? core->parts_capacity * 2 : 64;
                core->parts = zt_realloc (core->parts, core->parts_capacity, sizeof *core->parts);
            }
            core->parts[frame->n_parts++] = s_piece_bytes (core, piece);
            frame->size += piece->size;
            place->first_piece = piece->next;
        }
        if (frame->n_parts) {
            core->stats.value[ZT_STAT_FRAMES_OUT]++;
            core->stats.value[ZT_STAT_BYTES_OUT] += frame->size;
            frame->parts = core->parts;
            return true;
        }
        place->last_piece = 0;
        place->dirty = false;
    }
    s_reset (core);
    return false;
}

bool zt_core_next_drop (zt_core_t *core, uint32_t *peer)
{
    if (core->next_drop == core->drops.n) {
        core->next_drop = core->drops.n = 0;
        return false;
    }
    *peer = (uint32_t) (uintptr_t) core->drops.items[core->next_drop++];
    return true;
}

bool zt_core_next_line (zt_core_t *core, zt_line_t *line)
{
    if (core->next_line == core->lines.size) {
        core->next_line = 0;
        zt_buffer_clear (&core->lines);
        return false;
    }
    s_line_t head;
    memcpy (&head, core->lines.data + core->next_line, sizeof head);
    const char *text = core->lines.data + core->next_line + sizeof head;
    *line = (zt_line_t){head.level, head.peer, {text, head.size}};
    core->next_line += sizeof head + head.size;
    return true;
}

void zt_output_destroy (zt_core_t *core)
{
    s_reset (core);
    for (uint32_t i = core->next_request; i < core->n_requests; i++) {
        if (core->requests[i].slice)
            zt_slice_unref (&core->requests[i].slice);
        zt_records_clear (&core->requests[i].records);
        free (core->requests[i].query);
    }
    zt_buffer_free (&core->control);
    zt_buffer_free (&core->lines);
    free (core->pieces);
    free (core->dirty);
    free (core->parts);
    free (core->requests);
    free (core->drops.items);
}
