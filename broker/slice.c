/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/slice.h"

#include "common/alloc.h"
#include "common/wire.h"

#include <assert.h>
#include <stdlib.h>

/*  One block: the slice, its runs, its bytes. */
zt_slice_t *zt_slice_new_empty (const zt_run_t *runs, size_t n_runs, size_t size, char **data)
{
    assert (n_runs > 0 && size <= UINT32_MAX);
    zt_slice_t *self = zt_realloc (NULL, sizeof *self + n_runs * sizeof (zt_run_t) + size, 1);
    zt_run_t *own_runs = (zt_run_t *) (void *) (self + 1);
    char *own_data = (char *) (own_runs + n_runs);
    memcpy (own_runs, runs, n_runs * sizeof (zt_run_t));

    const zt_run_t *last = &runs[n_runs - 1];
    *self = (zt_slice_t){.first_id = runs[0].first_id,
                         .last_id = last->first_id + last->count - 1,
                         .refs = 1,
                         .n_runs = (uint32_t) n_runs,
                         .size = (uint32_t) size,
                         .runs = own_runs,
                         .data = own_data};
    *data = own_data;
    return self;
}

zt_slice_t *zt_slice_new (const zt_run_t *runs, size_t n_runs, zt_bytes_t messages)
{
    char *data;
    zt_slice_t *self = zt_slice_new_empty (runs, n_runs, messages.size, &data);
    memcpy (data, messages.data, messages.size);
    return self;
}

zt_slice_t *zt_slice_ref (zt_slice_t *self)
{
    self->refs++;
    return self;
}

void zt_slice_unref (zt_slice_t **self_p)
{
    assert ((*self_p)->refs > 0);
    if (--(*self_p)->refs == 0)
        free (*self_p);
    *self_p = NULL;
}

size_t zt_slice_memory (const zt_slice_t *self)
{
    enum { S_MALLOC_OVERHEAD = 16 };
    return sizeof *self + self->n_runs * sizeof (zt_run_t) + self->size + S_MALLOC_OVERHEAD;
}

zt_part_t zt_slice_part (const zt_slice_t *self, const zt_run_t *run, uint64_t after,
                         uint32_t count, uint32_t bytes)
{
    zt_part_t part = {run->first_id, run->count, run->offset, run->size};
    if (run->first_id > after && run->count <= count && run->size <= bytes)
        return part;

    /*  Where messages begin only their headers tell, so this walks them. It
        happens at the edge of a window, not for each run. */
    part.count = 0;
    part.size = 0;
    const char *start = self->data + run->offset;
    zt_reader_t reader = zt_reader (start, run->size, ZT_FROM_BROKER);
    zt_message_t message;
    for (const char *at = start; zt_reader_next (&reader, &message) == ZT_WIRE_MESSAGE;
         at = reader.at) {
        uint32_t size = (uint32_t) (reader.at - at);
        if (message.number[0] <= after)
            continue;
        if (part.count > 0 && (part.count + 1 > count || part.size + size > bytes))
            break;
        if (part.count == 0) {
            part.first_id = message.number[0];
            part.offset = (uint32_t) (at - self->data);
        }
        part.count++;
        part.size += size;
    }
    return part;
}
