/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/speakers.h"

#include "common/alloc.h"

#include <stdlib.h>

uint64_t zt_speakers_hash (const zt_folded_t *name)
{
    uint64_t hash = UINT64_C (14695981039346656037); /* FNV-1a */
    for (size_t i = 0; i < name->size; i++)
        hash = (hash ^ (unsigned char) name->data[i]) * UINT64_C (1099511628211);
    return hash;
}

/*  The place of the first one that is not below the hash. */
static size_t s_place (const zt_speakers_t *self, uint64_t hash)
{
    size_t low = 0;
    size_t high = self->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (self->rows[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool s_is_late (const zt_speaker_t *row, uint64_t now)
{
    return row->time + ZT_SPEAKERS_MS >= now;
}

/*  Makes room: by forgetting who has been silent, or with more memory. */
static void s_make_room (zt_speakers_t *self, uint64_t now)
{
    size_t kept = 0;
    for (size_t i = 0; i < self->count; i++)
        if (s_is_late (&self->rows[i], now))
            self->rows[kept++] = self->rows[i];
    self->count = kept;
    if (kept * 2 < self->capacity)
        return;
    self->capacity = self->capacity ? self->capacity * 2 : 8;
    self->rows = zt_realloc (self->rows, self->capacity, sizeof *self->rows);
}

void zt_speakers_note (zt_speakers_t *self, uint64_t hash, uint64_t time, bool is_here,
                       uint64_t now)
{
    size_t place = s_place (self, hash);
    if (place < self->count && self->rows[place].hash == hash) {
        self->rows[place].is_ahead = !is_here;
        if (time > self->rows[place].time)
            self->rows[place].time = time;
        return;
    }
    if (self->count == self->capacity) {
        s_make_room (self, now);
        place = s_place (self, hash);
    }
    memmove (self->rows + place + 1, self->rows + place,
             (self->count - place) * sizeof *self->rows);
    self->rows[place] = (zt_speaker_t){hash, time, !is_here};
    self->count++;
}

bool zt_speakers_has (const zt_speakers_t *self, uint64_t hash, uint64_t now)
{
    size_t place = s_place (self, hash);
    return place < self->count && self->rows[place].hash == hash &&
           s_is_late (&self->rows[place], now);
}

bool zt_speakers_was_ahead (zt_speakers_t *self, uint64_t hash, uint64_t now)
{
    size_t place = s_place (self, hash);
    if (place == self->count || self->rows[place].hash != hash)
        return false;
    zt_speaker_t *row = &self->rows[place];
    bool was_ahead = row->is_ahead && row->time + ZT_SPEAKERS_AHEAD_MS >= now;
    row->is_ahead = false;
    return was_ahead;
}

void zt_speakers_clear (zt_speakers_t *self)
{
    free (self->rows);
    *self = (zt_speakers_t){NULL, 0, 0};
}
