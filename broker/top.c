/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/top.h"

#include "common/json.h"
#include "common/text.h"

#include <stdio.h>
#include <utf8proc.h>

/*  ---------------------------------------------------------------------------
    Reading */

static void s_take_string (char to[], size_t size, zt_bytes_t text)
{
    zt_buffer_t clean = {NULL, 0, 0};
    zt_text_clean (&clean, text, ZT_TEXT_LINE);
    snprintf (to, size, "%s", zt_buffer_string (&clean));
    zt_buffer_free (&clean);
}

static void s_take_behind (zt_top_t *self, const cJSON *object)
{
    const cJSON *behind = cJSON_GetObjectItemCaseSensitive (object, "behind");
    zt_top_behind_t *row = &self->behind[self->n_behind++];
    s_take_string (row->name, sizeof row->name, zt_json_string (object, "name"));
    s_take_string (row->device, sizeof row->device, zt_json_string (object, "device"));
    if (cJSON_IsNumber (behind) && behind->valuedouble > 0 && behind->valuedouble < 1e15)
        row->behind = (uint64_t) behind->valuedouble;
}

bool zt_top_read (zt_top_t *self, zt_bytes_t json, uint64_t at)
{
    *self = (zt_top_t){.at = at};
    cJSON *object = zt_json_parse (json);
    if (!object || !zt_stats_read_json (&self->stats, json)) {
        cJSON_Delete (object);
        return false;
    }
    s_take_string (self->version, sizeof self->version, zt_json_string (object, "version"));
    const cJSON *item, *behind = cJSON_GetObjectItemCaseSensitive (object, "most_behind");
    cJSON_ArrayForEach (item, behind) if (self->n_behind < ZT_TOP_BEHIND)
        s_take_behind (self, item);
    cJSON_Delete (object);
    return true;
}

/*  ---------------------------------------------------------------------------
    What has changed */

/*  How often in a second; 0 if a broker has begun anew meanwhile. */
static double s_rate (const zt_top_t *self, const zt_top_t *before, zt_stat_t stat)
{
    if (!before || self->at <= before->at || self->stats.value[stat] < before->stats.value[stat])
        return 0;
    double seconds = (double) (self->at - before->at) / 1e6;
    return (double) (self->stats.value[stat] - before->stats.value[stat]) / seconds;
}

static uint64_t s_refused (const zt_stats_t *stats)
{
    uint64_t refused = 0;
    for (unsigned i = 0; i < ZT_ERROR_COUNT; i++)
        refused += stats->refused[i];
    return refused;
}

/*  The commits since then; all of them, if there is no before. */
static zt_histogram_t s_commits (const zt_top_t *self, const zt_top_t *before)
{
    zt_histogram_t since = self->stats.commit;
    for (size_t i = 0; before && i <= ZT_HISTOGRAM_BOUNDS; i++) {
        uint64_t was = before->stats.commit.count[i];
        since.count[i] = since.count[i] > was ? since.count[i] - was : 0;
    }
    return since;
}

static void s_put_uptime (zt_buffer_t *row, uint64_t seconds)
{
    enum { S_DAY = 86400, S_HOUR = 3600, S_MINUTE = 60 };
    if (seconds >= S_DAY)
        zt_buffer_put_format (row, "%llu d ", (unsigned long long) (seconds / S_DAY));
    zt_buffer_put_format (row, "%02u:%02u:%02u", (unsigned) (seconds % S_DAY / S_HOUR),
                          (unsigned) (seconds % S_HOUR / S_MINUTE),
                          (unsigned) (seconds % S_MINUTE));
}

static void s_put_commits (zt_buffer_t *row, const zt_histogram_t *commits)
{
    if (zt_histogram_total (commits) == 0) {
        zt_buffer_put_string (row, "no commits");
        return;
    }
    zt_buffer_put_string (row, "commit p50 ");
    zt_stats_put_us (row, zt_histogram_quantile (commits, 0.5));
    zt_buffer_put_string (row, "  p99 ");
    zt_stats_put_us (row, zt_histogram_quantile (commits, 0.99));
}

/*  ---------------------------------------------------------------------------
    The screen */

typedef struct {
    zt_buffer_t *out;
    unsigned rows, columns;
    unsigned n; /* rows that are there */
    zt_buffer_t row;
} s_screen_t;

/*  As much of the row as has room. */
static size_t s_fitting (zt_bytes_t row, unsigned columns)
{
    size_t size = 0;
    unsigned width = 0;
    while (size < row.size) {
        utf8proc_int32_t letter;
        utf8proc_ssize_t n = utf8proc_iterate ((const utf8proc_uint8_t *) row.data + size,
                                               (utf8proc_ssize_t) (row.size - size), &letter);
        if (n <= 0)
            break;
        width += (unsigned) utf8proc_charwidth (letter);
        if (width > columns)
            break;
        size += (size_t) n;
    }
    return size;
}

/*  Ends the row. */
static void s_end_row (s_screen_t *self)
{
    if (self->n < self->rows) {
        if (self->n++)
            zt_buffer_put_string (self->out, "\r\n");
        /*  First: behind a letter in the last column it would take that away. */
        zt_buffer_put_string (self->out, "\x1b[K");
        zt_buffer_put (self->out, self->row.data,
                       s_fitting (zt_buffer_bytes (&self->row), self->columns));
    }
    zt_buffer_clear (&self->row);
}

static void s_put_number (s_screen_t *self, const zt_top_t *top, const char *what, zt_stat_t stat)
{
    zt_buffer_put_format (&self->row, "%s %llu   ", what,
                          (unsigned long long) top->stats.value[stat]);
}

static void s_put_size (s_screen_t *self, const zt_top_t *top, const char *what, zt_stat_t stat)
{
    zt_buffer_put_format (&self->row, "%s ", what);
    zt_stats_put_bytes (&self->row, top->stats.value[stat]);
    zt_buffer_put_string (&self->row, "   ");
}

static void s_put_head (s_screen_t *self, const zt_top_t *top, const char *note)
{
    zt_buffer_put_format (&self->row, "ztalk-broker %s  up ", top->version);
    s_put_uptime (&self->row, top->stats.value[ZT_STAT_UPTIME]);
    zt_buffer_put_format (&self->row, "   %s%sq: end", note, *note ? "   " : "");
    s_end_row (self);
    if (!top->stats.value[ZT_STAT_CAN_STORE]) {
        zt_buffer_put_string (&self->row, "NOTHING CAN BE STORED");
        s_end_row (self);
    }
}

static void s_put_rates (s_screen_t *self, const zt_top_t *top, const zt_top_t *before)
{
    if (!before) { /* what was counted since the start is no rate */
        zt_buffer_put_string (&self->row, "messages/s -   deliveries/s -   refused/s -");
        s_end_row (self);
        zt_buffer_put_string (&self->row, "in -   out -   commit -");
        s_end_row (self);
        return;
    }
    zt_histogram_t commits = s_commits (top, before);
    double refused = 0;
    if (top->at > before->at && s_refused (&top->stats) > s_refused (&before->stats))
        refused = (double) (s_refused (&top->stats) - s_refused (&before->stats)) * 1e6 /
                  (double) (top->at - before->at);
    zt_buffer_put_format (&self->row, "messages/s %.0f   deliveries/s %.0f   refused/s %.0f",
                          s_rate (top, before, ZT_STAT_MESSAGES),
                          s_rate (top, before, ZT_STAT_DELIVERIES), refused);
    s_end_row (self);
    zt_buffer_put_string (&self->row, "in ");
    zt_stats_put_bytes (&self->row, (uint64_t) s_rate (top, before, ZT_STAT_BYTES_IN));
    zt_buffer_put_string (&self->row, "/s   out ");
    zt_stats_put_bytes (&self->row, (uint64_t) s_rate (top, before, ZT_STAT_BYTES_OUT));
    zt_buffer_put_string (&self->row, "/s   ");
    s_put_commits (&self->row, &commits);
    s_end_row (self);
}

static void s_put_behind (s_screen_t *self, const zt_top_t *top)
{
    s_put_number (self, top, "behind", ZT_STAT_LAG);
    s_put_number (self, top, "at most", ZT_STAT_LAG_MOST);
    s_put_number (self, top, "sessions that lag", ZT_STAT_LAGGING);
    s_end_row (self);
    for (size_t i = 0; i < top->n_behind; i++) {
        const zt_top_behind_t *row = &top->behind[i];
        zt_buffer_put_format (&self->row, "%10llu  %s  %s", (unsigned long long) row->behind,
                              row->name, row->device);
        s_end_row (self);
    }
}

void zt_top_put_screen (const zt_top_t *self, const zt_top_t *before, const char *note,
                        unsigned rows, unsigned columns, zt_buffer_t *out)
{
    s_screen_t screen = {.out = out, .rows = rows, .columns = columns};
    s_put_head (&screen, self, note);
    s_put_number (&screen, self, "sessions", ZT_STAT_SESSIONS);
    s_put_number (&screen, self, "users", ZT_STAT_USERS);
    s_put_number (&screen, self, "connections", ZT_STAT_CONNECTIONS);
    s_end_row (&screen);
    s_put_rates (&screen, self, before);
    s_put_size (&screen, self, "memory", ZT_STAT_MEMORY);
    s_put_size (&screen, self, "log", ZT_STAT_MEMORY_LOG);
    s_put_size (&screen, self, "peers", ZT_STAT_MEMORY_PEERS);
    s_end_row (&screen);
    if (self->stats.value[ZT_STAT_DISK_FREE]) {
        s_put_size (&screen, self, "store", ZT_STAT_STORE);
        s_put_size (&screen, self, "free", ZT_STAT_DISK_FREE);
        s_end_row (&screen);
    }
    s_put_behind (&screen, self);
    if (screen.n < rows)
        zt_buffer_put_string (out, "\r\n\x1b[J");
    zt_buffer_free (&screen.row);
}

void zt_top_put_line (const zt_top_t *self, const zt_top_t *before, zt_buffer_t *out)
{
    zt_histogram_t commits = s_commits (self, before);
    zt_buffer_put_string (out, "up ");
    s_put_uptime (out, self->stats.value[ZT_STAT_UPTIME]);
    zt_buffer_put_format (out, "  sessions %llu  messages/s %.0f  deliveries/s %.0f  ",
                          (unsigned long long) self->stats.value[ZT_STAT_SESSIONS],
                          s_rate (self, before, ZT_STAT_MESSAGES),
                          s_rate (self, before, ZT_STAT_DELIVERIES));
    s_put_commits (out, &commits);
    zt_buffer_put_format (out, "  behind %llu  memory ",
                          (unsigned long long) self->stats.value[ZT_STAT_LAG]);
    zt_stats_put_bytes (out, self->stats.value[ZT_STAT_MEMORY]);
    zt_buffer_put_char (out, '\n');
}
