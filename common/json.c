/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/json.h"

#include "common/utf8.h"

/*  A recursive descent over RFC 8259 that builds nothing. Each function eats
    what it is named after, or returns false. */
typedef struct {
    const char *at;
    const char *end;
    int depth;
} s_text_t;

static bool s_value (s_text_t *text);

static void s_space (s_text_t *text)
{
    while (text->at < text->end && memchr (" \t\n\r", *text->at, 4))
        text->at++;
}

static bool s_char (s_text_t *text, char c)
{
    if (text->at == text->end || *text->at != c)
        return false;
    text->at++;
    return true;
}

static bool s_word (s_text_t *text, const char *word)
{
    size_t size = strlen (word);
    if ((size_t) (text->end - text->at) < size || memcmp (text->at, word, size) != 0)
        return false;
    text->at += size;
    return true;
}

static bool s_digits (s_text_t *text)
{
    const char *start = text->at;
    while (text->at < text->end && *text->at >= '0' && *text->at <= '9')
        text->at++;
    return text->at > start;
}

static bool s_number_parts (s_text_t *text)
{
    s_char (text, '-');
    if (!s_char (text, '0') && !s_digits (text))
        return false;
    if (s_char (text, '.') && !s_digits (text))
        return false;
    if (s_char (text, 'e') || s_char (text, 'E')) {
        if (!s_char (text, '+'))
            s_char (text, '-');
        return s_digits (text);
    }
    return true;
}

static bool s_number (s_text_t *text)
{
    const char *start = text->at;
    return s_number_parts (text) && text->at - start <= ZT_JSON_NUMBER;
}

/*  The four digits after \u, as a number; -1 if they are none. */
static long s_hex (s_text_t *text)
{
    if (text->end - text->at < 4)
        return -1;
    long value = 0;
    for (int i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdef";
        char c = *text->at++;
        const char *digit = c ? strchr (digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;
        if (!digit)
            return -1;
        value = value * 16 + (digit - digits);
    }
    return value;
}

static bool s_escape (s_text_t *text)
{
    if (text->at == text->end)
        return false;
    char c = *text->at++;
    if (c != 'u')
        return c && strchr ("\"\\/bfnrt", c);
    long unit = s_hex (text);
    if (unit >= 0xD800 && unit <= 0xDBFF) { /* half a pair: the other half must follow */
        if (!s_word (text, "\\u"))
            return false;
        long other = s_hex (text);
        return other >= 0xDC00 && other <= 0xDFFF;
    }
    return unit >= 0 && (unit < 0xDC00 || unit > 0xDFFF);
}

static bool s_string (s_text_t *text)
{
    if (!s_char (text, '"'))
        return false;
    while (text->at < text->end) {
        unsigned char c = (unsigned char) *text->at;
        if (c == '"') {
            text->at++;
            return true;
        }
        if (c == '\\') {
            text->at++;
            if (!s_escape (text))
                return false;
        } else if (c < ' ')
            return false;
        else {
            uint32_t ignored;
            size_t used = zt_utf8_read (text->at, (size_t) (text->end - text->at), &ignored);
            if (used == 0)
                return false;
            text->at += used;
        }
    }
    return false;
}

/*  An array, or an object: the same but for the names. */
static bool s_list (s_text_t *text, char open, char close)
{
    if (!s_char (text, open) || ++text->depth > ZT_JSON_DEPTH)
        return false;
    s_space (text);
    if (!s_char (text, close)) {
        do {
            s_space (text);
            if (open == '{') {
                if (!s_string (text))
                    return false;
                s_space (text);
                if (!s_char (text, ':'))
                    return false;
            }
            if (!s_value (text))
                return false;
            s_space (text);
        } while (s_char (text, ','));
        if (!s_char (text, close))
            return false;
    }
    text->depth--;
    return true;
}

static bool s_value (s_text_t *text)
{
    s_space (text);
    if (text->at == text->end)
        return false;
    switch (*text->at) {
    case '{':
        return s_list (text, '{', '}');
    case '[':
        return s_list (text, '[', ']');
    case '"':
        return s_string (text);
    case 't':
        return s_word (text, "true");
    case 'f':
        return s_word (text, "false");
    case 'n':
        return s_word (text, "null");
    default:
        return s_number (text);
    }
}

bool zt_json_valid (zt_bytes_t bytes)
{
    return zt_json_valid_inside (bytes, 0);
}

bool zt_json_valid_inside (zt_bytes_t bytes, int levels)
{
    if (bytes.size == 0)
        return false;
    s_text_t text = {bytes.data, bytes.data + bytes.size, levels};
    s_space (&text);
    if (!s_list (&text, '{', '}'))
        return false;
    s_space (&text);
    return text.at == text.end;
}

cJSON *zt_json_parse (zt_bytes_t text)
{
    return zt_json_valid (text) ? cJSON_ParseWithLength (text.data, text.size) : NULL;
}

bool zt_json_has_nul (zt_bytes_t text)
{
    static const char nul[] = "u0000";
    for (size_t at = 0; at < text.size; at++)
        if (text.data[at] == '\\') { /* what is escaped is looked at with its backslash */
            at++;
            if (text.size - at >= sizeof nul - 1 &&
                memcmp (text.data + at, nul, sizeof nul - 1) == 0)
                return true;
        }
    return false;
}

zt_bytes_t zt_json_string (const cJSON *object, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive (object, name);
    return zt_bytes (cJSON_IsString (member) ? member->valuestring : NULL);
}

bool zt_json_number (const cJSON *object, const char *name, uint64_t *number)
{
    static const double end = (double) (UINT64_C (1) << 53);
    const cJSON *member = cJSON_GetObjectItemCaseSensitive (object, name);
    if (!cJSON_IsNumber (member) || !(member->valuedouble >= 0 && member->valuedouble < end))
        return false;
    *number = (uint64_t) member->valuedouble;
    return true;
}

bool zt_json_bool (const cJSON *object, const char *name, bool fallback)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive (object, name);
    return cJSON_IsBool (member) ? cJSON_IsTrue (member) : fallback;
}

/*  ---------------------------------------------------------------------------
    Texts in a text */

zt_json_list_t zt_json_list (zt_bytes_t value)
{
    zt_json_list_t list = {value, false, false};
    if (value.size == 0)
        return list;
    s_text_t text = {value.data, value.data + value.size, 0};
    s_space (&text);
    list.has_names = s_char (&text, '{');
    list.goes_on = list.has_names || s_char (&text, '[');
    list.rest = (zt_bytes_t){text.at, (size_t) (text.end - text.at)};
    return list;
}

/*  A name and what leads to its value. */
static bool s_name (s_text_t *text, zt_bytes_t *name)
{
    name->data = text->at;
    if (!s_string (text))
        return false;
    name->size = (size_t) (text->at - name->data);
    s_space (text);
    return s_char (text, ':');
}

bool zt_json_next (zt_json_list_t *list, zt_bytes_t *name, zt_bytes_t *value)
{
    if (!list->goes_on)
        return false;
    s_text_t text = {list->rest.data, list->rest.data + list->rest.size, 0};
    *name = *value = (zt_bytes_t){NULL, 0};
    s_space (&text);
    if (s_char (&text, ','))
        s_space (&text);
    list->goes_on = !list->has_names || s_name (&text, name);
    s_space (&text);
    value->data = text.at;
    list->goes_on = list->goes_on && s_value (&text);
    value->size = (size_t) (text.at - value->data);
    list->rest = (zt_bytes_t){text.at, (size_t) (text.end - text.at)};
    return list->goes_on;
}

zt_bytes_t zt_json_member (zt_bytes_t object, const char *name)
{
    zt_json_list_t list = zt_json_list (object);
    zt_bytes_t raw, value, found = {NULL, 0};
    zt_buffer_t plain = {NULL, 0, 0};
    while (!found.size && zt_json_next (&list, &raw, &value)) {
        zt_buffer_clear (&plain);
        if (zt_json_unescape (&plain, raw) &&
            zt_bytes_equal (zt_buffer_bytes (&plain), zt_bytes (name)))
            found = value;
    }
    zt_buffer_free (&plain);
    return found;
}

static void s_put_code_point (zt_buffer_t *buffer, unsigned long c)
{
    static const unsigned long ends[] = {0x80, 0x800, 0x10000}; /* of one byte, two and three */
    static const unsigned heads[] = {0, 0xC0, 0xE0, 0xF0};
    unsigned more = 0;
    while (more < 3 && c >= ends[more])
        more++;
    zt_buffer_put_char (buffer, (char) (heads[more] | c >> (6 * more)));
    while (more-- > 0)
        zt_buffer_put_char (buffer, (char) (0x80 | (c >> (6 * more) & 0x3F)));
}

/*  What stands behind a backslash. */
static void s_unescape (s_text_t *text, zt_buffer_t *buffer)
{
    static const char escapes[] = "\"\\/bfnrt", plain[] = "\"\\/\b\f\n\r\t";
    char c = *text->at++;
    if (c != 'u') {
        zt_buffer_put_char (buffer, plain[strchr (escapes, c) - escapes]);
        return;
    }
    unsigned long unit = (unsigned long) s_hex (text);
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        text->at += 2; /* the other half follows, behind its \u */
        unsigned long low = (unsigned long) s_hex (text);
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
    s_put_code_point (buffer, unit);
}

bool zt_json_unescape (zt_buffer_t *buffer, zt_bytes_t string)
{
    if (string.size == 0)
        return false;
    s_text_t text = {string.data, string.data + string.size, 0};
    if (!s_string (&text) || text.at != text.end)
        return false;
    text.end--; /* the quote */
    for (text.at = string.data + 1; text.at < text.end;) {
        const char *escape = memchr (text.at, '\\', (size_t) (text.end - text.at));
        const char *end = escape ? escape : text.end;
        zt_buffer_put (buffer, text.at, (size_t) (end - text.at));
        text.at = end;
        if (escape) {
            text.at++;
            s_unescape (&text, buffer);
        }
    }
    return true;
}

/*  ---------------------------------------------------------------------------
    Writing */

/*  What a terminal, or a line reader, could take for more than text. */
static bool s_must_escape (uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

void zt_json_put_string (zt_buffer_t *buffer, zt_bytes_t text)
{
    zt_buffer_put_char (buffer, '"');
    for (size_t at = 0; at < text.size;) {
        uint32_t c;
        size_t used = zt_utf8_read (text.data + at, text.size - at, &c);
        if (used == 0) {
            zt_buffer_put_string (buffer, "\xEF\xBF\xBD");
            used = 1;
        } else if (s_must_escape (c))
            zt_buffer_put_format (buffer, "\\u%04x", (unsigned) c);
        else {
            if (c == '"' || c == '\\')
                zt_buffer_put_char (buffer, '\\');
            zt_buffer_put (buffer, text.data + at, used);
        }
        at += used;
    }
    zt_buffer_put_char (buffer, '"');
}

void zt_json_put_text (zt_buffer_t *buffer, zt_bytes_t text)
{
    /*  What a terminal could take amiss can only stand in strings, and there an
        escape means the same. */
    bool in_string = false;
    for (size_t at = 0; at < text.size;) {
        uint32_t c;
        size_t used = zt_utf8_read (text.data + at, text.size - at, &c);
        if (used == 0)
            return; /* it was not approved */
        if (c == '"')
            in_string = !in_string;
        else if (c == '\\' && at + 1 < text.size)
            used++;
        if (in_string && s_must_escape (c))
            zt_buffer_put_format (buffer, "\\u%04x", (unsigned) c);
        else if (in_string || c > ' ')
            zt_buffer_put (buffer, text.data + at, used);
        at += used;
    }
}
