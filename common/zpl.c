/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/zpl.h"

#include "common/translate.h"

enum { S_INDENT = 4 };

zt_zpl_t zt_zpl (zt_bytes_t text)
{
    return (zt_zpl_t){.left = text, .is_first = true};
}

static bool s_is_space (char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool s_is_name (char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr ("$-_@.&+/", c));
}

static zt_bytes_t s_skip (zt_bytes_t text, size_t size)
{
    return (zt_bytes_t){text.data + size, text.size - size};
}

static zt_bytes_t s_skip_space (zt_bytes_t text)
{
    while (text.size && s_is_space (text.data[0]))
        text = s_skip (text, 1);
    return text;
}

static zt_bytes_t s_trim_end (zt_bytes_t text)
{
    while (text.size && s_is_space (text.data[text.size - 1]))
        text.size--;
    return text;
}

/*  Nothing, or a comment. */
static bool s_is_void (zt_bytes_t text)
{
    text = s_skip_space (text);
    return text.size == 0 || text.data[0] == '#';
}

static zt_bytes_t s_line (zt_zpl_t *self)
{
    const char *end = memchr (self->left.data, '\n', self->left.size);
    size_t size = end ? (size_t) (end - self->left.data) : self->left.size;
    zt_bytes_t line = {self->left.data, size};
    self->left = s_skip (self->left, end ? size + 1 : size);
    self->line++;
    return line;
}

/*  What stands behind the '='. Returns NULL, or what is wrong. */
static const char *s_value (zt_bytes_t text, zt_bytes_t *value)
{
    text = s_skip_space (text);
    if (text.size && (text.data[0] == '"' || text.data[0] == '\'')) {
        const char *end = memchr (text.data + 1, text.data[0], text.size - 1);
        if (!end)
            return N_ ("the quote has no end");
        *value = (zt_bytes_t){text.data + 1, (size_t) (end - text.data) - 1};
        return s_is_void (s_skip (text, value->size + 2)) ? NULL
                                                          : N_ ("something follows the quote");
    }
    const char *comment = memchr (text.data, '#', text.size);
    if (comment)
        text.size = (size_t) (comment - text.data);
    *value = s_trim_end (text);
    return NULL;
}

/*  Reads a line that is not void. Returns NULL, or what is wrong. */
static const char *s_property (zt_zpl_t *self, zt_bytes_t line, zt_property_t *property)
{
    size_t indent = 0;
    while (line.data[indent] == ' ')
        indent++;
    if (line.data[indent] == '\t')
        return N_ ("spaces indent, tabs do not");
    if (indent % S_INDENT)
        return N_ ("what is inside another is indented by 4 spaces");
    *property = (zt_property_t){.level = (unsigned) (indent / S_INDENT)};
    if (property->level > (self->is_first ? 0 : self->level + 1))
        return N_ ("this is indented too far");
    line = s_skip (line, indent);
    property->name.data = line.data;
    while (property->name.size < line.size && s_is_name (line.data[property->name.size]))
        property->name.size++;
    if (property->name.size == 0)
        return N_ ("a name is missing");
    line = s_skip_space (s_skip (line, property->name.size));
    if (s_is_void (line))
        return NULL;
    if (line.data[0] != '=')
        return N_ ("a name is followed by = and a value, or by nothing");
    property->has_value = true;
    return s_value (s_skip (line, 1), &property->value);
}

zt_zpl_result_t zt_zpl_next (zt_zpl_t *self, zt_property_t *property, const char **wrong)
{
    while (self->left.size) {
        zt_bytes_t line = s_line (self);
        if (s_is_void (line))
            continue;
        *wrong = s_property (self, line, property);
        if (*wrong)
            return ZT_ZPL_WRONG;
        self->level = property->level;
        self->is_first = false;
        return ZT_ZPL_PROPERTY;
    }
    return ZT_ZPL_END;
}
