/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/wire.h"

#include "common/limits.h"
#include "common/utf8.h"

#include <assert.h>

zt_reader_t zt_reader (const char *data, size_t size, zt_side_t from)
{
    return (zt_reader_t){data, size ? data + size : data, from}; /* no data: NULL may be */
}

bool zt_u64_read (zt_bytes_t text, uint64_t *number)
{
    if (text.size == 0 || text.size > ZT_U64_DIGITS || (text.size > 1 && text.data[0] == '0'))
        return false;
    uint64_t value = 0;
    for (size_t i = 0; i < text.size; i++) {
        unsigned digit = (unsigned) (unsigned char) text.data[i] - '0';
        if (digit > 9)
            return false;
        /*  Only the 20th digit can overflow, so only there it is looked for. */
        if (i == ZT_U64_DIGITS - 1 && value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *number = value;
    return true;
}

/*  Controls are C0, DEL and C1; ASCII is the case that must be quick. */
bool zt_word_valid (zt_bytes_t word)
{
    if (word.size == 0)
        return false;
    for (size_t at = 0; at < word.size;) {
        unsigned char c = (unsigned char) word.data[at];
        if (c < 0x80) {
            if (c <= ' ' || c == 0x7F)
                return false;
            at++;
            continue;
        }
        uint32_t code_point;
        size_t used = zt_utf8_read (word.data + at, word.size - at, &code_point);
        if (used == 0 || code_point < 0xA0)
            return false;
        at += used;
    }
    return true;
}

/*  Cuts the next field off the header: up to a space, or all of it. */
static zt_bytes_t s_cut_field (zt_bytes_t *header)
{
    const char *space = header->size ? memchr (header->data, ' ', header->size) : NULL;
    size_t size = space ? (size_t) (space - header->data) : header->size;
    zt_bytes_t field = {header->data, size};
    size_t eaten = space ? size + 1 : size;
    header->data += eaten;
    header->size -= eaten;
    /*  A header that ends with a space has one more field, an empty one. */
    if (space && header->size == 0)
        header->data = NULL;
    return field;
}

/*  Reads the fields that the row asks for. *length gets the body's length. */
static bool s_read_fields (zt_bytes_t header, const zt_verb_row_t *row, zt_message_t *message,
                           uint64_t *length)
{
    for (size_t i = 0; row->fields[i]; i++) {
        if (header.size == 0)
            return false;
        zt_bytes_t field = s_cut_field (&header);
        if (row->fields[i] == 'u') {
            if (!zt_u64_read (field, &message->number[i]))
                return false;
        } else {
            if (!zt_word_valid (field))
                return false;
            message->word[i] = field;
        }
    }
    if (row->has_body && (header.size == 0 || !zt_u64_read (s_cut_field (&header), length)))
        return false;
    return header.size == 0 && header.data != NULL;
}

/*  Reads one message; on success self->at is behind it. */
static zt_wire_result_t s_read_message (zt_reader_t *self, zt_message_t *message)
{
    size_t left = (size_t) (self->end - self->at);
    size_t most = left < ZT_HEADER_MAX + 1 ? left : ZT_HEADER_MAX + 1;
    const char *line_end = memchr (self->at, '\n', most);
    if (!line_end)
        return ZT_WIRE_MALFORMED;

    zt_bytes_t header = {self->at, (size_t) (line_end - self->at)};
    if (header.size == 0)
        return ZT_WIRE_MALFORMED;
    bool bare = memchr (header.data, ' ', header.size) == NULL;
    message->verb = zt_verb_find (s_cut_field (&header), self->from);
    if (message->verb == ZT_VERB_COUNT)
        return ZT_WIRE_MALFORMED;

    const zt_verb_row_t *row = zt_verb_row (message->verb);
    uint64_t length = 0;
    if (bare ? row->fields[0] != '\0' || row->has_body
             : !s_read_fields (header, row, message, &length))
        return ZT_WIRE_MALFORMED;

    const char *body = line_end + 1;
    message->body = (zt_bytes_t){body, 0};
    if (row->has_body) {
        left = (size_t) (self->end - body);
        if (length >= left || body[length] != '\n')
            return ZT_WIRE_MALFORMED;
        self->at = body + length + 1;
        if (length > ZT_BODY_MAX)
            return ZT_WIRE_TOO_LARGE;
        message->body.size = (size_t) length;
        return ZT_WIRE_MESSAGE;
    }
    self->at = body;
    return ZT_WIRE_MESSAGE;
}

zt_wire_result_t zt_reader_next (zt_reader_t *self, zt_message_t *message)
{
    if (self->at == self->end)
        return ZT_WIRE_END;
    zt_wire_result_t result = s_read_message (self, message);
    if (result == ZT_WIRE_MALFORMED)
        self->at = self->end;
    return result;
}

void zt_wire_put (zt_buffer_t *buffer, const zt_message_t *message)
{
    const zt_verb_row_t *row = zt_verb_row (message->verb);
    assert (message->body.size <= ZT_BODY_MAX);

    /*  One reservation for all: verb, fields, length and the separators between them. */
    size_t most = ZT_VERB_MAX + ZT_U64_DIGITS + message->body.size + 4;
    for (size_t i = 0; row->fields[i]; i++)
        most += 1 + (row->fields[i] == 'u' ? ZT_U64_DIGITS : message->word[i].size);
    char *start = zt_buffer_reserve (buffer, most);

    char *at = start;
    for (const char *name = row->name; *name; name++)
        *at++ = *name;
    for (size_t i = 0; row->fields[i]; i++) {
        *at++ = ' ';
        if (row->fields[i] == 'u')
            at = zt_u64_write (at, message->number[i]);
        else {
            assert (message->word[i].size); /* an empty field breaks the frame for ever */
            memcpy (at, message->word[i].data, message->word[i].size);
            at += message->word[i].size;
        }
    }
    if (row->has_body) {
        *at++ = ' ';
        at = zt_u64_write (at, message->body.size);
        *at++ = '\n';
        if (message->body.size)
            memcpy (at, message->body.data, message->body.size);
        at += message->body.size;
    }
    *at++ = '\n';
    assert ((size_t) (at - start) <= most);
    buffer->size += (size_t) (at - start);
}
