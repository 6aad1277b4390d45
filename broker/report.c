/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/report.h"

#include "broker/clock.h"
#include "common/json.h"
#include "common/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

static zt_field_t *s_add (zt_report_t *self, const char *key, const char *label,
                          zt_field_kind_t kind, uint64_t number)
{
    assert (self->n < ZT_REPORT_FIELDS);
    zt_field_t *field = &self->fields[self->n++];
    *field = (zt_field_t){
        .key = key, .label = label, .kind = kind, .number = number, .at = self->bytes.size};
    return field;
}

void zt_report_string (zt_report_t *self, const char *key, const char *label, zt_bytes_t value)
{
    s_add (self, key, label, ZT_FIELD_STRING, 0)->size = value.size;
    zt_buffer_put_bytes (&self->bytes, value);
}

void zt_report_number (zt_report_t *self, const char *key, const char *label, uint64_t value)
{
    s_add (self, key, label, ZT_FIELD_NUMBER, value);
}

void zt_report_bool (zt_report_t *self, const char *key, const char *label, bool value)
{
    s_add (self, key, label, ZT_FIELD_BOOL, value);
}

void zt_report_time (zt_report_t *self, const char *key, const char *label, uint64_t ms)
{
    s_add (self, key, label, ZT_FIELD_TIME, ms);
}

void zt_report_members (zt_report_t *self, zt_bytes_t json)
{
    s_add (self, "", NULL, ZT_FIELD_MEMBERS, 0)->size = json.size;
    zt_buffer_put_bytes (&self->bytes, json);
}

void zt_report_text (zt_report_t *self, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start (args, format);
    int size = vsnprintf (text, sizeof text, format, args);
    va_end (args);
    if (size >= 0)
        zt_report_string (self, NULL, "", zt_bytes (text));
}

/*  ---------------------------------------------------------------------------
    Its two forms */

static zt_bytes_t s_string (const zt_report_t *self, const zt_field_t *field)
{
    return zt_bytes_part (zt_buffer_bytes (&self->bytes), field->at, field->size);
}

static void s_put_value (const zt_report_t *self, const zt_field_t *field, zt_buffer_t *out)
{
    char when[ZT_CLOCK_TEXT];
    switch (field->kind) {
    case ZT_FIELD_MEMBERS: /* has no label */
        break;
    case ZT_FIELD_STRING:
        zt_text_clean (out, s_string (self, field), ZT_TEXT_LINE);
        break;
    case ZT_FIELD_NUMBER:
        zt_buffer_put_u64 (out, field->number);
        break;
    case ZT_FIELD_TIME:
        zt_buffer_put_string (out, zt_clock_text (when, field->number));
        break;
    case ZT_FIELD_BOOL:
        zt_buffer_put_string (out, field->number ? "yes" : "no");
        break;
    }
}

void zt_report_put_line (const zt_report_t *self, zt_buffer_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < self->n; i++) {
        const zt_field_t *field = &self->fields[i];
        if (!field->label)
            continue;
        zt_buffer_put_string (out, n++ ? "  " : "");
        if (*field->label)
            zt_buffer_put_format (out, "%s ", field->label);
        s_put_value (self, field, out);
    }
    if (n)
        zt_buffer_put_char (out, '\n');
}

void zt_report_put_json (const zt_report_t *self, zt_buffer_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < self->n; i++) {
        const zt_field_t *field = &self->fields[i];
        if (!field->key)
            continue;
        zt_buffer_put_char (out, n++ ? ',' : '{');
        if (field->kind == ZT_FIELD_MEMBERS) {
            zt_buffer_put_bytes (out, s_string (self, field));
            continue;
        }
        zt_json_put_string (out, zt_bytes (field->key));
        zt_buffer_put_char (out, ':');
        if (field->kind == ZT_FIELD_STRING)
            zt_json_put_string (out, s_string (self, field));
        else if (field->kind == ZT_FIELD_BOOL)
            zt_buffer_put_string (out, field->number ? "true" : "false");
        else
            zt_buffer_put_u64 (out, field->number);
    }
    if (n)
        zt_buffer_put_string (out, "}\n");
}

void zt_report_clear (zt_report_t *self)
{
    self->n = 0;
    zt_buffer_clear (&self->bytes);
}

void zt_report_free (zt_report_t *self)
{
    self->n = 0;
    zt_buffer_free (&self->bytes);
}
