/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/mutes.h"

#include "common/alloc.h"

#include <stdlib.h>

typedef struct {
    zt_folded_t folded;
    char *name; /* as it was given */
    uint64_t until;
} s_mute_t;

struct zt_mutes {
    s_mute_t *mutes;
    size_t n;
};

zt_mutes_t *zt_mutes_new (void)
{
    return zt_alloc (sizeof (zt_mutes_t));
}

void zt_mutes_destroy (zt_mutes_t **self_p)
{
    zt_mutes_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->n; i++)
        free (self->mutes[i].name);
    free (self->mutes);
    free (self);
    *self_p = NULL;
}

/*  The place of the mute; n if there is none. */
static size_t s_find (const zt_mutes_t *self, zt_bytes_t folded)
{
    size_t i = 0;
    while (i < self->n && !zt_bytes_equal (folded, (zt_bytes_t){self->mutes[i].folded.data,
                                                                self->mutes[i].folded.size}))
        i++;
    return i;
}

static const char *s_fold (zt_bytes_t *name, zt_folded_t *folded)
{
    if (name->size && name->data[0] == '@')
        *name = zt_bytes_part (*name, 1, name->size - 1);
    return zt_name_fold (*name, folded);
}

static void s_remove (zt_mutes_t *self, size_t i)
{
    free (self->mutes[i].name);
    self->mutes[i] = self->mutes[--self->n];
}

static void s_forget_over (zt_mutes_t *self, uint64_t now)
{
    for (size_t i = self->n; i > 0; i--)
        if (self->mutes[i - 1].until <= now)
            s_remove (self, i - 1);
}

const char *zt_mutes_add (zt_mutes_t *self, zt_bytes_t name, uint64_t until, uint64_t now)
{
    zt_folded_t folded;
    const char *wrong = s_fold (&name, &folded);
    if (wrong)
        return wrong;
    if (self->n == ZT_MUTES_MAX)
        s_forget_over (self, now);
    size_t i = s_find (self, (zt_bytes_t){folded.data, folded.size});
    if (i == ZT_MUTES_MAX)
        return "too many are muted: there can be no more before another may write again";
    if (i == self->n) {
        self->mutes = zt_realloc (self->mutes, self->n + 1, sizeof *self->mutes);
        self->mutes[self->n++] =
            (s_mute_t){.folded = folded, .name = zt_strndup (name.data, name.size)};
    }
    self->mutes[i].until = until;
    return NULL;
}

bool zt_mutes_remove (zt_mutes_t *self, zt_bytes_t name)
{
    zt_folded_t folded;
    if (s_fold (&name, &folded))
        return false;
    size_t i = s_find (self, (zt_bytes_t){folded.data, folded.size});
    if (i == self->n)
        return false;
    s_remove (self, i);
    return true;
}

uint64_t zt_mutes_until (const zt_mutes_t *self, zt_bytes_t folded)
{
    size_t i = s_find (self, folded);
    return i < self->n ? self->mutes[i].until : 0;
}

bool zt_mutes_get (const zt_mutes_t *self, size_t i, zt_bytes_t *name, uint64_t *until)
{
    if (i >= self->n)
        return false;
    *name = zt_bytes (self->mutes[i].name);
    *until = self->mutes[i].until;
    return true;
}

/*  The core asks no library for the time, nor for the day that it falls on. Days are counted from
    the 1st of March, so that what is irregular is the end of a year. */
void zt_mutes_put_time (zt_buffer_t *text, uint64_t ms)
{
    enum { S_DAY_MIN = 1440, S_ERA_DAYS = 146097, S_TO_EPOCH = 719468 };
    uint64_t minutes = ms / 60000, days = minutes / S_DAY_MIN + S_TO_EPOCH;
    uint64_t era = days / S_ERA_DAYS, day = days % S_ERA_DAYS;
    uint64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    uint64_t of_year = day - (365 * year + year / 4 - year / 100);
    uint64_t month = (5 * of_year + 2) / 153;
    zt_buffer_put_format (text, "%04llu-%02llu-%02llu %02llu:%02llu UTC",
                          (unsigned long long) (year + era * 400 + (month >= 10)),
                          (unsigned long long) (month < 10 ? month + 3 : month - 9),
                          (unsigned long long) (of_year - (153 * month + 2) / 5 + 1),
                          (unsigned long long) (minutes % S_DAY_MIN / 60),
                          (unsigned long long) (minutes % 60));
}
