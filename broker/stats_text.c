/*  SPDX-License-Identifier: MPL-2.0

    The numbers of stats.h as others read them. */

#include "broker/stats.h"

#include "common/json.h"

#include <assert.h>
#include <stdio.h>

/*  Microseconds as seconds, without the zeros that say nothing: "0.0025", "1". No floating point,
    whose point may be a comma. */
static void s_put_seconds (zt_buffer_t *text, uint64_t us)
{
    enum { S_SECOND = 1000000 };
    char digits[8];
    zt_buffer_put_u64 (text, us / S_SECOND);
    int size = snprintf (digits, sizeof digits, ".%06u", (unsigned) (us % S_SECOND));
    assert (size == 7);
    while (digits[size - 1] == '0')
        size--;
    if (size > 1)
        zt_buffer_put (text, digits, (size_t) size);
}

/*  The bound of a bucket, in seconds. */
static void s_put_bound (zt_buffer_t *text, size_t bucket)
{
    if (bucket < ZT_HISTOGRAM_BOUNDS)
        s_put_seconds (text, zt_histogram_bound (bucket));
    else
        zt_buffer_put_string (text, "+Inf");
}

/*  ---------------------------------------------------------------------------
    What is counted by something: a code of ERROR, a reason of BYE */

typedef struct {
    const char *label;
    size_t n;
    const uint64_t *counts;
} s_family_t;

static s_family_t s_family (const zt_stats_t *self, zt_stat_t stat)
{
    if (zt_stat_row (stat)->type == ZT_STAT_BY_ERROR)
        return (s_family_t){"code", ZT_ERROR_COUNT, self->refused};
    return (s_family_t){"reason", ZT_REASON_COUNT, self->ended};
}

static const char *s_member (zt_stat_t stat, size_t i)
{
    return zt_stat_row (stat)->type == ZT_STAT_BY_ERROR ? zt_error_code ((zt_error_t) i)
                                                        : zt_reason_word ((zt_reason_t) i);
}

/*  ---------------------------------------------------------------------------
    Prometheus */

static const char *const s_types[] = {[ZT_STAT_COUNTER] = "counter",
                                      [ZT_STAT_GAUGE] = "gauge",
                                      [ZT_STAT_BY_ERROR] = "counter",
                                      [ZT_STAT_BY_REASON] = "counter",
                                      [ZT_STAT_HISTOGRAM] = "histogram"};

static void s_put_metric (zt_buffer_t *text, zt_stat_t stat)
{
    zt_buffer_put_string (text, "ztalk_");
    zt_stat_put_name (stat, text);
    if (strcmp (s_types[zt_stat_row (stat)->type], "counter") == 0)
        zt_buffer_put_string (text, "_total");
}

static void s_put_sample (zt_buffer_t *text, zt_stat_t stat, uint64_t value)
{
    s_put_metric (text, stat);
    zt_buffer_put_char (text, ' ');
    zt_buffer_put_u64 (text, value);
    zt_buffer_put_char (text, '\n');
}

static void s_put_family (zt_buffer_t *text, const zt_stats_t *self, zt_stat_t stat)
{
    s_family_t family = s_family (self, stat);
    for (size_t i = 0; i < family.n; i++) {
        s_put_metric (text, stat);
        zt_buffer_put_format (text, "{%s=\"%s\"} %llu\n", family.label, s_member (stat, i),
                              (unsigned long long) family.counts[i]);
    }
}

static void s_put_histogram (zt_buffer_t *text, const zt_histogram_t *histogram, zt_stat_t stat)
{
    uint64_t up_to = 0;
    for (size_t i = 0; i <= ZT_HISTOGRAM_BOUNDS; i++) {
        up_to += histogram->count[i];
        s_put_metric (text, stat);
        zt_buffer_put_string (text, "_bucket{le=\"");
        s_put_bound (text, i);
        zt_buffer_put_format (text, "\"} %llu\n", (unsigned long long) up_to);
    }
    s_put_metric (text, stat);
    zt_buffer_put_string (text, "_sum ");
    s_put_seconds (text, histogram->sum_us);
    zt_buffer_put_char (text, '\n');
    s_put_metric (text, stat);
    zt_buffer_put_format (text, "_count %llu\n", (unsigned long long) up_to);
}

static void s_put_values (zt_buffer_t *text, const zt_stats_t *self, zt_stat_t stat)
{
    switch (zt_stat_row (stat)->type) {
    case ZT_STAT_COUNTER:
    case ZT_STAT_GAUGE:
        s_put_sample (text, stat, self->value[stat]);
        break;
    case ZT_STAT_BY_ERROR:
    case ZT_STAT_BY_REASON:
        s_put_family (text, self, stat);
        break;
    case ZT_STAT_HISTOGRAM:
        s_put_histogram (text, &self->commit, stat);
        break;
    }
}

void zt_stats_put_prometheus (const zt_stats_t *self, const char *version, zt_buffer_t *text)
{
    zt_buffer_put_format (text,
                          "# HELP ztalk_build_info 1, with the version of the broker\n"
                          "# TYPE ztalk_build_info gauge\n"
                          "ztalk_build_info{version=\"%s\"} 1\n",
                          version);
    for (unsigned i = 0; i < ZT_STAT_COUNT; i++) {
        zt_stat_t stat = (zt_stat_t) i;
        zt_buffer_put_string (text, "# HELP ");
        s_put_metric (text, stat);
        zt_buffer_put_format (text, " %s\n# TYPE ", zt_stat_row (stat)->what);
        s_put_metric (text, stat);
        zt_buffer_put_format (text, " %s\n", s_types[zt_stat_row (stat)->type]);
        s_put_values (text, self, stat);
    }
}

/*  ---------------------------------------------------------------------------
    JSON */

static void s_json_family (zt_buffer_t *json, const zt_stats_t *self, zt_stat_t stat)
{
    s_family_t family = s_family (self, stat);
    for (size_t i = 0; i < family.n; i++)
        zt_buffer_put_format (json, "%s\"%s\":%llu", i ? "," : "{", s_member (stat, i),
                              (unsigned long long) family.counts[i]);
    zt_buffer_put_char (json, '}');
}

static void s_json_histogram (zt_buffer_t *json, const zt_histogram_t *histogram)
{
    uint64_t up_to = 0;
    zt_buffer_put_format (
        json, "{\"count\":%llu,\"sum\":", (unsigned long long) zt_histogram_total (histogram));
    s_put_seconds (json, histogram->sum_us);
    zt_buffer_put_string (json, ",\"p50\":");
    s_put_seconds (json, zt_histogram_quantile (histogram, 0.5));
    zt_buffer_put_string (json, ",\"p99\":");
    s_put_seconds (json, zt_histogram_quantile (histogram, 0.99));
    zt_buffer_put_string (json, ",\"buckets\":{");
    for (size_t i = 0; i <= ZT_HISTOGRAM_BOUNDS; i++) {
        up_to += histogram->count[i];
        zt_buffer_put_string (json, i ? ",\"" : "\"");
        s_put_bound (json, i);
        zt_buffer_put_format (json, "\":%llu", (unsigned long long) up_to);
    }
    zt_buffer_put_string (json, "}}");
}

void zt_stats_put_json (const zt_stats_t *self, const char *version, zt_buffer_t *json)
{
    zt_buffer_put_format (json, "\"version\":\"%s\"", version);
    for (unsigned i = 0; i < ZT_STAT_COUNT; i++) {
        zt_stat_t stat = (zt_stat_t) i;
        zt_buffer_put_string (json, ",\"");
        zt_stat_put_name (stat, json);
        zt_buffer_put_string (json, "\":");
        switch (zt_stat_row (stat)->type) {
        case ZT_STAT_COUNTER:
        case ZT_STAT_GAUGE:
            zt_buffer_put_u64 (json, self->value[stat]);
            break;
        case ZT_STAT_BY_ERROR:
        case ZT_STAT_BY_REASON:
            s_json_family (json, self, stat);
            break;
        case ZT_STAT_HISTOGRAM:
            s_json_histogram (json, &self->commit);
            break;
        }
    }
}

/*  ---------------------------------------------------------------------------
    For a person */

void zt_stats_put_bytes (zt_buffer_t *text, uint64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB"};
    size_t unit = 0;
    if (bytes < 1024) {
        zt_buffer_put_format (text, "%u B", (unsigned) bytes);
        return;
    }
    uint64_t tenths = bytes / 1024 * 10 + bytes % 1024 * 10 / 1024;
    for (; tenths >= 10240 && unit < 4; unit++)
        tenths /= 1024;
    zt_buffer_put_format (text, "%u.%u %s", (unsigned) (tenths / 10), (unsigned) (tenths % 10),
                          units[unit]);
}

void zt_stats_put_us (zt_buffer_t *text, uint64_t us)
{
    enum { S_MS = 1000, S_SECOND = 1000000 };
    if (us >= S_SECOND)
        zt_buffer_put_format (text, "%llu.%02u s", (unsigned long long) (us / S_SECOND),
                              (unsigned) (us % S_SECOND / 10000));
    else
        zt_buffer_put_format (text, "%u.%02u ms", (unsigned) (us / S_MS),
                              (unsigned) (us % S_MS / 10));
}

/*  Of what is counted by something only what has happened. */
static void s_text_family (zt_buffer_t *text, const zt_stats_t *self, zt_stat_t stat)
{
    s_family_t family = s_family (self, stat);
    const char *between = "";
    for (size_t i = 0; i < family.n; i++)
        if (family.counts[i]) {
            zt_buffer_put_format (text, "%s%llu %s", between, (unsigned long long) family.counts[i],
                                  s_member (stat, i));
            between = ", ";
        }
    if (!*between)
        zt_buffer_put_char (text, '0');
}

static void s_text_histogram (zt_buffer_t *text, const zt_histogram_t *histogram)
{
    uint64_t total = zt_histogram_total (histogram);
    zt_buffer_put_u64 (text, total);
    if (total == 0)
        return;
    zt_buffer_put_string (text, ", half within ");
    zt_stats_put_us (text, zt_histogram_quantile (histogram, 0.5));
    zt_buffer_put_string (text, ", 99 % within ");
    zt_stats_put_us (text, zt_histogram_quantile (histogram, 0.99));
}

static void s_text_value (zt_buffer_t *text, const zt_stats_t *self, zt_stat_t stat)
{
    const zt_stat_row_t *row = zt_stat_row (stat);
    switch (row->type) {
    case ZT_STAT_COUNTER:
    case ZT_STAT_GAUGE:
        if (strcmp (row->unit, "bytes") == 0)
            zt_stats_put_bytes (text, self->value[stat]);
        else
            zt_buffer_put_u64 (text, self->value[stat]);
        break;
    case ZT_STAT_BY_ERROR:
    case ZT_STAT_BY_REASON:
        s_text_family (text, self, stat);
        break;
    case ZT_STAT_HISTOGRAM:
        s_text_histogram (text, &self->commit);
        break;
    }
}

void zt_stats_put_line (const zt_stats_t *self, zt_stat_t stat, zt_buffer_t *text)
{
    enum { S_NAME = 22 };
    size_t begin = text->size;
    zt_stat_put_name (stat, text);
    do
        zt_buffer_put_char (text, ' ');
    while (text->size - begin <= S_NAME);
    s_text_value (text, self, stat);
}

/*  ---------------------------------------------------------------------------
    And back from JSON */

static uint64_t s_number (const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive (object, name);
    static const double end = 9007199254740992.0; /* 2^53 */
    return cJSON_IsNumber (item) && item->valuedouble >= 0 && item->valuedouble < end
               ? (uint64_t) item->valuedouble
               : 0;
}

static void s_read_histogram (const cJSON *object, zt_histogram_t *histogram)
{
    const cJSON *buckets = cJSON_GetObjectItemCaseSensitive (object, "buckets");
    const cJSON *sum = cJSON_GetObjectItemCaseSensitive (object, "sum");
    uint64_t before = 0;
    for (size_t i = 0; i <= ZT_HISTOGRAM_BOUNDS; i++) {
        zt_buffer_t bound = {NULL, 0, 0};
        s_put_bound (&bound, i);
        uint64_t up_to = s_number (buckets, zt_buffer_string (&bound));
        histogram->count[i] = up_to > before ? up_to - before : 0;
        before = up_to;
        zt_buffer_free (&bound);
    }
    if (cJSON_IsNumber (sum) && sum->valuedouble > 0 && sum->valuedouble < 1e9)
        histogram->sum_us = (uint64_t) (sum->valuedouble * 1e6 + 0.5);
}

static void s_read (zt_stats_t *self, zt_stat_t stat, const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive (object, name);
    switch (zt_stat_row (stat)->type) {
    case ZT_STAT_COUNTER:
    case ZT_STAT_GAUGE:
        self->value[stat] = s_number (object, name);
        break;
    case ZT_STAT_BY_ERROR:
        for (unsigned i = 0; i < ZT_ERROR_COUNT; i++)
            self->refused[i] = s_number (item, s_member (stat, i));
        break;
    case ZT_STAT_BY_REASON:
        for (unsigned i = 0; i < ZT_REASON_COUNT; i++)
            self->ended[i] = s_number (item, s_member (stat, i));
        break;
    case ZT_STAT_HISTOGRAM:
        s_read_histogram (item, &self->commit);
        break;
    }
}

bool zt_stats_read_json (zt_stats_t *self, zt_bytes_t json)
{
    cJSON *object = zt_json_parse (json);
    memset (self, 0, sizeof *self);
    for (unsigned i = 0; object && i < ZT_STAT_COUNT; i++) {
        zt_buffer_t name = {NULL, 0, 0};
        zt_stat_put_name ((zt_stat_t) i, &name);
        s_read (self, (zt_stat_t) i, object, zt_buffer_string (&name));
        zt_buffer_free (&name);
    }
    cJSON_Delete (object);
    return object != NULL;
}
