/*  SPDX-License-Identifier: MPL-2.0

    zt_json - what cJSON leaves to us

    cJSON reads and writes JSON; it takes some texts that are none (control
    characters and broken UTF-8 in strings). Where bytes of a peer are put into
    a larger JSON text as they are, zt_json_valid says first whether that is safe. */

#ifndef ZT_JSON_H
#define ZT_JSON_H

#include "common/buffer.h"

#include <cjson/cJSON.h>

/*  How deep arrays and objects may be nested, and how many characters a number may
    have: cJSON takes no longer one for a number (some versions do). */
enum { ZT_JSON_DEPTH = 64, ZT_JSON_NUMBER = 63 };

/*  True if text is one JSON object by RFC 8259, in UTF-8, nested at most
    ZT_JSON_DEPTH deep, with numbers of at most ZT_JSON_NUMBER characters. What it
    approves cJSON parses. */
bool zt_json_valid (zt_bytes_t text);

/*  The same for a text that is put into another one, so many levels deep in it:
    what is around it stays valid. */
bool zt_json_valid_inside (zt_bytes_t text, int levels);

/*  Parses one JSON object; NULL if zt_json_valid says no. The caller frees the
    result with cJSON_Delete. */
cJSON *zt_json_parse (zt_bytes_t text);

/*  True if a name or a string in text, which zt_json_valid has approved, has a NUL in it. */
bool zt_json_has_nul (zt_bytes_t text);

/*  The string member of that name as a view, empty if it is missing or no
    string; it lives as long as object. A string with a NUL in it ends there:
    zt_json_has_nul tells. */
zt_bytes_t zt_json_string (const cJSON *object, const char *name);

/*  Fills in the member of that name, if it is a number that JSON carries exactly and that is not
    negative; what is behind its point is cut off. False if it is not: *number is as it was. */
bool zt_json_number (const cJSON *object, const char *name, uint64_t *number);

/*  The boolean member of that name, or fallback. */
bool zt_json_bool (const cJSON *object, const char *name, bool fallback);

/*  What goes through the elements of an array, or the members of an object, as they stand in
    its text: cJSON keeps of a number what a double holds, and of a string what is before a NUL. */
typedef struct {
    zt_bytes_t rest;
    bool has_names, goes_on;
} zt_json_list_t;

/*  Begins with the first one. value is the text of an array or an object; of anything else there
    is nothing to go through. It is borrowed as long as the result is used. */
zt_json_list_t zt_json_list (zt_bytes_t value);

/*  The next one: its name (a string, with its quotes and escapes; empty in an array) and its value
    as views into the text. False, with views of no use, behind the last one, or where the text
    is no JSON. */
bool zt_json_next (zt_json_list_t *list, zt_bytes_t *name, zt_bytes_t *value);

/*  The text of the first member of that name as a view into that of the object, empty if there
    is none. */
zt_bytes_t zt_json_member (zt_bytes_t object, const char *name);

/*  Appends what the text of a string, from quote to quote, stands for, in UTF-8, which may have a
    NUL in it. False if it is no string: then nothing is appended. */
bool zt_json_unescape (zt_buffer_t *buffer, zt_bytes_t string);

/*  Appends text as a JSON string with its quotes. Controls, DEL, bidi controls
    and line separators are escaped, bytes that are not UTF-8 become U+FFFD: the
    result is valid JSON and safe on a terminal, whatever text is. */
void zt_json_put_string (zt_buffer_t *buffer, zt_bytes_t text);

/*  Appends a JSON text that zt_json_valid has approved: the same value, on one
    line, and as safe on a terminal as what zt_json_put_string makes. */
void zt_json_put_text (zt_buffer_t *buffer, zt_bytes_t text);

#endif
