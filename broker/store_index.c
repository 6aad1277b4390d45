/*  SPDX-License-Identifier: MPL-2.0

    Building the index: opening, and pieces of work. */

#include "broker/store_index.h"

#include "broker/index_state.h"
#include "broker/query.h"
#include "common/alloc.h"
#include "common/wire.h"

#include <stdio.h>
#include <stdlib.h>

/*  A part of 250,000 messages of 250 bytes has 26 MB, and takes 0.2 s to drop. A query that
    finds little asks all parts: a rare word costs 2 ms in each, a conversation 20 us. */
enum { S_PART_MESSAGES = 250000 };

/*  A piece of work. A run takes 4 us of CPU, a text of 15 words 12 us: a million messages in
    10,000 conversations, each a run by itself, are indexed at 51,000 a second. Most pieces
    take 10 to 20 ms; one that commits and syncs takes as long as the disk wants. */
enum { S_RUNS_A_PIECE = 2048, S_TEXTS_A_PIECE = 1024, S_BYTES_A_PIECE = 256 * 1024 };

/*  How much of the log is read at a time. */
enum { S_READ_BYTES = 256 * 1024 };

int zt_index_walk (zt_index_walk_t *self, uint64_t after, int ahead, zt_slice_t **slice)
{
    if (zt_index_is_stopped (self))
        return 0;
    for (; self->at < self->n && after >= self->after; self->at++) {
        *slice = self->slices[self->at];
        if ((*slice)->last_id > after)
            return 1;
        self->after = (*slice)->last_id;
    }
    zt_index_walk_clear (self);
    self->n = self->source.read (self->source.self, after, self->slices, ahead, S_READ_BYTES);
    self->after = after;
    int n = self->n;
    if (n > 0)
        *slice = self->slices[0];
    else
        self->n = 0;
    return n > 0 ? 1 : n;
}

void zt_index_walk_clear (zt_index_walk_t *self)
{
    for (int i = 0; i < self->n; i++)
        zt_slice_unref (&self->slices[i]);
    self->n = 0;
    self->at = 0;
}

/*  The run of the slice that holds this id. */
static const zt_run_t *s_run_of (const zt_slice_t *slice, uint64_t id)
{
    for (uint32_t i = 0; i < slice->n_runs; i++)
        if (id >= slice->runs[i].first_id && id - slice->runs[i].first_id < slice->runs[i].count)
            return &slice->runs[i];
    return NULL;
}

/*  Is the last run that is in the index still in the log, and the same? Ids are given again
    after a backup was restored, but not at the same time. */
static bool s_is_of_this_log (zt_index_t *self)
{
    const zt_index_marks_t *marks = &self->file.marks;
    zt_slice_t *slice = NULL;
    if (marks->run == 0)
        return true;
    int n = zt_index_walk (&self->walk, marks->run - 1, 1, &slice);
    const zt_run_t *run = n > 0 ? s_run_of (slice, marks->run) : NULL;
    bool same = n < 0 || (run && run->time == marks->run_time);
    zt_index_walk_clear (&self->walk);
    return same;
}

zt_index_t *zt_index_open (const char *path, zt_slice_source_t source, char *wrong,
                           size_t wrong_size)
{
    zt_index_t *self = zt_alloc (sizeof *self);
    self->walk.source = source;
    self->file.part_messages = S_PART_MESSAGES;
    if (zt_index_file_open (&self->file, path) &&
        (s_is_of_this_log (self) || zt_index_file_anew (&self->file)))
        return self;
    snprintf (wrong, wrong_size, "%s", self->file.wrong);
    zt_index_close (&self);
    return NULL;
}

void zt_index_close (zt_index_t **self_p)
{
    zt_index_t *self = *self_p;
    zt_index_walk_clear (&self->walk);
    zt_index_file_close (&self->file);
    zt_buffer_free (&self->words);
    free (self);
    *self_p = NULL;
}

uint64_t zt_index_mark (const zt_index_t *self)
{
    return self->file.marks.text;
}

const char *zt_index_wrong (const zt_index_t *self)
{
    return self->file.wrong[0] ? self->file.wrong : NULL;
}

bool zt_index_has_ended (const zt_index_t *self)
{
    return !self->file.db;
}

void zt_index_set_stop (zt_index_t *self, const atomic_bool *stop)
{
    self->walk.stop = stop;
}

void zt_index_set_part (zt_index_t *self, uint64_t messages)
{
    self->file.part_messages = messages;
}

/*  ---------------------------------------------------------------------------
    Runs */

static bool s_put_pair (zt_index_file_t *file, zt_index_part_t *part, uint64_t user,
                        uint64_t partner)
{
    sqlite3_stmt *statement = zt_index_statement (file, part, ZT_INDEX_PUT_PAIR);
    if (!statement)
        return false;
    zt_index_bind (statement, 1, user);
    zt_index_bind (statement, 2, partner);
    return zt_index_run (file, statement);
}

static bool s_put_ref (zt_index_file_t *file, zt_index_part_t *part, const zt_run_t *run)
{
    sqlite3_stmt *statement = zt_index_statement (file, part, ZT_INDEX_PUT_REF);
    if (!statement)
        return false;
    zt_index_bind (statement, 1, run->device);
    zt_index_bind (statement, 2, zt_index_ref (run->first_ref));
    zt_index_bind (statement, 3, run->first_id);
    zt_index_bind (statement, 4, run->count);
    zt_index_bind (statement, 5, run->time);
    return zt_index_run (file, statement);
}

static bool s_put_run (zt_index_file_t *file, const zt_run_t *run)
{
    zt_index_part_t *part = zt_index_file_grow (file, run->first_id, run->count);
    sqlite3_stmt *statement = part ? zt_index_statement (file, part, ZT_INDEX_PUT_RUN) : NULL;
    if (!statement)
        return false;
    zt_index_pair_t pair =
        run->is_room ? (zt_index_pair_t){0, run->target} : zt_index_pair (run->from, run->target);
    zt_index_bind (statement, 1, pair.low);
    zt_index_bind (statement, 2, pair.high);
    zt_index_bind (statement, 3, run->first_id);
    zt_index_bind (statement, 4, run->count);
    zt_index_bind (statement, 5, run->device);
    if (!zt_index_run (file, statement) || (run->device && !s_put_ref (file, part, run)))
        return false;
    return run->is_room || zt_index_file_knows (file, pair) ||
           (s_put_pair (file, part, pair.low, pair.high) &&
            s_put_pair (file, part, pair.high, pair.low));
}

/*  Puts runs of a slice behind marks->run; *budget is how many. */
static bool s_index_runs (zt_index_file_t *file, const zt_slice_t *slice, zt_index_marks_t *marks,
                          uint32_t *budget)
{
    for (uint32_t i = 0; i < slice->n_runs && *budget; i++) {
        const zt_run_t *run = &slice->runs[i];
        if (run->first_id <= marks->run)
            continue;
        if (!s_put_run (file, run))
            return false;
        marks->run = run->first_id + run->count - 1;
        marks->run_time = run->time;
        --*budget;
    }
    return true;
}

/*  ---------------------------------------------------------------------------
    Texts */

/*  Who may see a message, as words that no text has: `_p7x12 _u7 _u12` is a private one,
    `_r5` one in a room. index_answer.c asks for them. */
static void s_put_scopes (zt_buffer_t *words, const zt_run_t *run)
{
    zt_index_pair_t pair = zt_index_pair (run->from, run->target);
    unsigned long long low = pair.low, high = pair.high;
    if (run->is_room)
        zt_buffer_put_format (words, "_r%llu ", (unsigned long long) run->target);
    else
        zt_buffer_put_format (words, "_p%llux%llu _u%llu _u%llu ", low, high, low, high);
}

static bool s_put_text (zt_index_t *self, zt_index_part_t *part, uint64_t id)
{
    sqlite3_stmt *statement = zt_index_statement (&self->file, part, ZT_INDEX_PUT_TEXT);
    if (!statement)
        return false;
    zt_index_bind (statement, 1, id);
    sqlite3_bind_text (statement, 2, self->words.data, (int) self->words.size, SQLITE_STATIC);
    return zt_index_run (&self->file, statement);
}

typedef struct {
    uint32_t texts;
    size_t bytes;
} s_budget_t;

/*  Puts the texts of a run behind marks->text, as the budget allows. */
static bool s_index_run_texts (zt_index_t *self, const zt_slice_t *slice, const zt_run_t *run,
                               zt_index_marks_t *marks, s_budget_t *budget)
{
    zt_index_part_t *part = zt_index_file_part (&self->file, run->first_id);
    zt_reader_t reader = zt_reader (slice->data + run->offset, run->size, ZT_FROM_BROKER);
    zt_message_t message;
    zt_buffer_clear (&self->words);
    s_put_scopes (&self->words, run);
    size_t scopes = self->words.size;
    while (budget->texts && zt_reader_next (&reader, &message) == ZT_WIRE_MESSAGE) {
        if (message.number[0] <= marks->text)
            continue;
        self->words.size = scopes;
        zt_query_words (&self->words, message.body);
        if (part && self->words.size > scopes && !s_put_text (self, part, message.number[0]))
            return false;
        marks->text = message.number[0];
        budget->texts--;
        budget->bytes -= message.body.size < budget->bytes ? message.body.size : budget->bytes;
        if (budget->bytes == 0)
            budget->texts = 0;
    }
    if (budget->texts) /* to its end, also if there was something that is no message */
        marks->text = run->first_id + run->count - 1;
    return true;
}

static bool s_index_texts (zt_index_t *self, const zt_slice_t *slice, zt_index_marks_t *marks,
                           s_budget_t *budget)
{
    for (uint32_t i = 0; i < slice->n_runs && budget->texts; i++) {
        const zt_run_t *run = &slice->runs[i];
        if (run->first_id + run->count - 1 > marks->text && run->first_id <= marks->run &&
            !s_index_run_texts (self, slice, run, marks, budget))
            return false;
    }
    return true;
}

/*  ---------------------------------------------------------------------------
    Work */

/*  One transaction of runs, up to the end of the log, or of texts, up to the runs.
    Returns true if something was done. */
static bool s_work (zt_index_t *self, uint64_t stored_id, bool runs)
{
    zt_index_marks_t marks = self->file.marks;
    uint64_t *mark = runs ? &marks.run : &marks.text, before = *mark;
    uint32_t budget = S_RUNS_A_PIECE;
    s_budget_t text_budget = {S_TEXTS_A_PIECE, S_BYTES_A_PIECE};
    zt_slice_t *slice = NULL;
    if (zt_index_walk (&self->walk, *mark, ZT_INDEX_AHEAD, &slice) <= 0 ||
        !zt_index_file_begin (&self->file))
        return false;
    while (budget && text_budget.texts && *mark < stored_id) {
        if (slice->first_id > stored_id) { /* the log has lost what was between */
            *mark = stored_id;
            break;
        }
        if (runs ? !s_index_runs (&self->file, slice, &marks, &budget)
                 : !s_index_texts (self, slice, &marks, &text_budget))
            return false;
        if (*mark >= slice->last_id &&
            zt_index_walk (&self->walk, *mark, ZT_INDEX_AHEAD, &slice) <= 0)
            break;
    }
    return zt_index_file_end (&self->file, &marks) && *mark > before;
}

bool zt_index_work (zt_index_t *self, uint64_t stored_id, uint64_t trimmed_to)
{
    self->trimmed_to = trimmed_to;
    if (!self->file.db)
        return false;
    if (self->file.marks.run > stored_id) { /* it is another log */
        zt_index_walk_clear (&self->walk);
        self->recalled.after = 0;
        if (!zt_index_file_anew (&self->file))
            return false;
    }
    const zt_index_marks_t *marks = &self->file.marks;
    if (!zt_index_is_stopped (&self->walk) && zt_index_file_is_trimmed (&self->file, trimmed_to))
        return zt_index_file_trim (&self->file);
    if (marks->run < stored_id && s_work (self, stored_id, true))
        return true;
    if (self->file.db && marks->text < marks->run && s_work (self, marks->run, false))
        return true;
    if (self->file.db)
        zt_index_file_commit (&self->file);
    zt_index_walk_clear (&self->walk);
    return false;
}
