/*  SPDX-License-Identifier: MPL-2.0

    zt_report - a row of what a command has to say, for people and for programs

    A command fills in fields; one function makes a line for people of them, another an object of
    JSON. Values may be any bytes: neither form lets them harm a terminal. */

#ifndef ZT_REPORT_H
#define ZT_REPORT_H

#include "common/buffer.h"

enum { ZT_REPORT_FIELDS = 32 };

typedef enum {
    ZT_FIELD_STRING,
    ZT_FIELD_NUMBER,
    ZT_FIELD_TIME,
    ZT_FIELD_BOOL,
    ZT_FIELD_MEMBERS
} zt_field_kind_t;

typedef struct {
    const char *key;   /* NULL: it is for people alone */
    const char *label; /* what people read before it, or ""; NULL: it is for programs alone */
    zt_field_kind_t kind;
    uint64_t number;
    size_t at, size; /* of a string, in the report's bytes */
} zt_field_t;

/*  Zeroed memory is an empty report. Keys and labels are borrowed; values are copied. */
typedef struct {
    zt_field_t fields[ZT_REPORT_FIELDS];
    size_t n;
    zt_buffer_t bytes;
} zt_report_t;

void zt_report_string (zt_report_t *self, const char *key, const char *label, zt_bytes_t value);
void zt_report_number (zt_report_t *self, const char *key, const char *label, uint64_t value);
void zt_report_bool (zt_report_t *self, const char *key, const char *label, bool value);
/*  ms since the epoch. */
void zt_report_time (zt_report_t *self, const char *key, const char *label, uint64_t ms);
/*  Members of an object, for programs alone: JSON as it is, with commas between them. */
void zt_report_members (zt_report_t *self, zt_bytes_t json);
/*  A sentence for people. */
void zt_report_text (zt_report_t *self, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/*  Appends it as a line for people, or as one of JSON; nothing if there is nothing in it for
    them. */
void zt_report_put_line (const zt_report_t *self, zt_buffer_t *out);
void zt_report_put_json (const zt_report_t *self, zt_buffer_t *out);

/*  Empties it, and keeps its memory. */
void zt_report_clear (zt_report_t *self);
void zt_report_free (zt_report_t *self);

#endif
