/*  SPDX-License-Identifier: MPL-2.0

    zt_speakers - who has said something lately

    Who comes and goes is worth a line where they have just talked, and nowhere else. People
    are known by hashes of their names: if two have the same, somebody reads one line too
    many. */

#ifndef ZT_CLIENT_SPEAKERS_H
#define ZT_CLIENT_SPEAKERS_H

#include "common/name.h"

#include <stdint.h>

/*  "Lately"; and how much later than what they say it may be told that somebody has come. */
enum { ZT_SPEAKERS_MS = 15 * 60 * 1000, ZT_SPEAKERS_AHEAD_MS = 10 * 1000 };

typedef struct {
    uint64_t hash;
    uint64_t time;
    bool is_ahead; /* they have spoken before it was told that they have come */
} zt_speaker_t;

/*  Zeroed memory is an empty list. */
typedef struct {
    zt_speaker_t *rows; /* sorted by their hashes; owned */
    size_t count;
    size_t capacity;
} zt_speakers_t;

/*  The hash of a name. */
uint64_t zt_speakers_hash (const zt_folded_t *name);

/*  Somebody has spoken, at that time (ms since the epoch), and is known to be here, or not; now is
    the time to forget others. */
void zt_speakers_note (zt_speakers_t *self, uint64_t hash, uint64_t time, bool is_here,
                       uint64_t now);

/*  Somebody has come. True if they have just spoken, which has told it; once. */
bool zt_speakers_was_ahead (zt_speakers_t *self, uint64_t hash, uint64_t now);

/*  True if they have spoken within ZT_SPEAKERS_MS before now. */
bool zt_speakers_has (const zt_speakers_t *self, uint64_t hash, uint64_t now);

/*  Frees the list. */
void zt_speakers_clear (zt_speakers_t *self);

#endif
