/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/keyboard.h"

#include "client/sequence.h"
#include "common/utf8.h"

/*  Each s_... that reads the front of what has come returns how many bytes it has
    used, 0 if more must come first; *has_input tells whether there is an event. */

enum {
    S_NORMAL,
    S_PASTE,
    S_STRING,   /* amid ESC ] or ESC P */
    S_SEQUENCE, /* amid ESC [, and it is too long to be one that we know */
    S_SEQUENCE_MOST = 128,
    S_STRING_MOST = 64 /* bytes of one that means something */
};

static const char s_esc = 0x1B;
static const zt_bytes_t s_replacement = ZT_LITERAL ("\uFFFD");
static const zt_bytes_t s_paste_end = ZT_LITERAL ("\x1B[201~");

static bool s_is_control (char c)
{
    return (unsigned char) c < 0x20 || c == 0x7F;
}

/*  True if bytes are the beginning of a character that is not all here. */
static bool s_is_split (zt_bytes_t bytes)
{
    unsigned char lead = (unsigned char) bytes.data[0];
    size_t size = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1;
    if (bytes.size >= size)
        return false;
    for (size_t i = 1; i < bytes.size; i++)
        if (((unsigned char) bytes.data[i] & 0xC0) != 0x80)
            return false;
    return true;
}

/*  Text: as much as there is. */
static size_t s_text (zt_keyboard_t *self, zt_bytes_t rest, zt_input_t *input, bool *has_input)
{
    zt_buffer_clear (&self->text);
    size_t at = 0;
    while (at < rest.size && !s_is_control (rest.data[at])) {
        zt_bytes_t left = {rest.data + at, rest.size - at};
        uint32_t c;
        size_t used = zt_utf8_read (left.data, left.size, &c);
        if (used == 0 && s_is_split (left))
            break;
        if (used == 0)
            zt_buffer_put_bytes (&self->text, s_replacement);
        else
            zt_buffer_put (&self->text, left.data, used);
        at += used ? used : 1;
    }
    *input = (zt_input_t){.kind = ZT_INPUT_TEXT, .text = zt_buffer_bytes (&self->text)};
    *has_input = at > 0;
    return at;
}

/*  ESC and a character: the key with Alt. */
static size_t s_alt (zt_bytes_t rest, zt_input_t *input, bool *has_input)
{
    char c = rest.data[1];
    if (s_is_control (c)) {
        *has_input = zt_sequence_control (c, input);
        input->modifiers |= ZT_ALT;
        return 2;
    }
    zt_bytes_t left = {rest.data + 1, rest.size - 1};
    uint32_t letter;
    size_t used = zt_utf8_read (left.data, left.size, &letter);
    if (used == 0 && s_is_split (left))
        return 0;
    *has_input = used > 0;
    *input = (zt_input_t){
        .kind = ZT_INPUT_PRESS, .press = ZT_PRESS_LETTER, .letter = letter, .modifiers = ZT_ALT};
    return 1 + (used ? used : 1);
}

/*  ESC [ and ESC O, and what follows. */
static size_t s_sequence (zt_keyboard_t *self, zt_bytes_t rest, zt_input_t *input, bool *has_input)
{
    if (rest.size == 2 && self->is_flushed)
        return s_alt (rest, input, has_input);
    zt_sequence_t sequence;
    size_t used = zt_sequence_read (rest, &sequence);
    if (used == 2) /* what follows has nothing to do with it */
        return s_alt (rest, input, has_input);
    if (used == 0) {
        if (rest.size < S_SEQUENCE_MOST)
            return 0;
        self->state = S_SEQUENCE;
        return rest.size;
    }
    if (sequence.kind == '[' && sequence.final == '~' && sequence.numbers[0] == 200) {
        self->state = S_PASTE;
        self->is_cut = false;
        zt_buffer_clear (&self->paste);
        return used;
    }
    *has_input = sequence.final && zt_sequence_input (&sequence, input);
    if (*has_input && input->kind == ZT_INPUT_DEVICE) {
        zt_buffer_clear (&self->text);
        zt_buffer_put_bytes (&self->text, input->text);
        input->text = zt_buffer_bytes (&self->text);
    }
    return used;
}

static size_t s_escape (zt_keyboard_t *self, zt_bytes_t rest, zt_input_t *input, bool *has_input);

/*  ESC and ESC: rxvt has it for Alt and a key that has a sequence. With anything but
    such a key behind it the first is Esc itself. */
static size_t s_twice (zt_keyboard_t *self, zt_bytes_t rest, zt_input_t *input, bool *has_input)
{
    zt_bytes_t inner = {rest.data + 1, rest.size - 1};
    bool is_third = inner.size > 1 && inner.data[1] == s_esc;
    int state = self->state;
    size_t used = is_third ? 0 : s_escape (self, inner, input, has_input);
    if (used == 0 && !is_third)
        return 0;
    if (*has_input && input->kind == ZT_INPUT_PRESS) {
        input->modifiers |= ZT_ALT;
        return used + 1;
    }
    self->state = state;
    *input = (zt_input_t){.kind = ZT_INPUT_PRESS, .press = ZT_PRESS_ESCAPE};
    *has_input = true;
    return 1;
}

static size_t s_escape (zt_keyboard_t *self, zt_bytes_t rest, zt_input_t *input, bool *has_input)
{
    if (rest.size == 1) {
        *input = (zt_input_t){.kind = ZT_INPUT_PRESS, .press = ZT_PRESS_ESCAPE};
        *has_input = self->is_flushed;
        return self->is_flushed;
    }
    switch (rest.data[1]) {
    case '[':
    case 'O':
        return s_sequence (self, rest, input, has_input);
    case ']':
    case 'P':
        if (rest.size == 2)
            return self->is_flushed ? s_alt (rest, input, has_input) : 0;
        self->state = S_STRING;
        zt_buffer_clear (&self->text);
        zt_buffer_put_char (&self->text, rest.data[1]);
        return 2;
    case 0x1B:
        return s_twice (self, rest, input, has_input);
    default:
        return s_alt (rest, input, has_input);
    }
}

/*  Adds bytes to the paste, as far as they go. */
static void s_paste_more (zt_keyboard_t *self, const char *data, size_t size)
{
    size_t room = self->paste_most - self->paste.size;
    if (size > room) {
        self->is_cut = true;
        size = room;
    }
    zt_buffer_put (&self->paste, data, size);
}

static size_t s_paste (zt_keyboard_t *self, zt_bytes_t rest, zt_input_t *input, bool *has_input)
{
    const char *end = zt_bytes_find (rest, s_paste_end);
    size_t size = end ? (size_t) (end - rest.data) : rest.size;
    /*  The end of it may be the beginning of the mark. */
    size_t kept = !end && !self->is_flushed ? s_paste_end.size - 1 : 0;
    kept = kept < size ? kept : size;
    while (kept && memcmp (rest.data + size - kept, s_paste_end.data, kept) != 0)
        kept--;
    if (end)
        kept = 0;
    s_paste_more (self, rest.data, size - kept);
    if (end || self->is_flushed) {
        self->state = S_NORMAL;
        *input = (zt_input_t){
            .kind = ZT_INPUT_PASTE, .text = zt_buffer_bytes (&self->paste), .is_cut = self->is_cut};
        *has_input = true;
    }
    return end ? size + s_paste_end.size : size - kept;
}

/*  Keeps the beginning of a string, and a byte more than of any that means something. */
static void s_keep (zt_keyboard_t *self, const char *data, size_t size)
{
    size_t room = self->text.size > S_STRING_MOST ? 0 : S_STRING_MOST + 1 - self->text.size;
    if (self->state == S_STRING)
        zt_buffer_put (&self->text, data, size < room ? size : room);
}

/*  A string has ended as it should. */
static bool s_string_input (zt_keyboard_t *self, zt_input_t *input)
{
    static const zt_bytes_t background = ZT_LITERAL ("]11;");
    zt_bytes_t text = zt_buffer_bytes (&self->text);
    if (text.size < background.size || text.size > S_STRING_MOST ||
        memcmp (text.data, background.data, background.size) != 0)
        return false;
    text = zt_bytes_part (text, background.size, text.size - background.size);
    *input = (zt_input_t){.kind = ZT_INPUT_BACKGROUND, .text = text};
    return true;
}

/*  Swallows up to the end of a string or a long sequence. Any control ends it, so
    that no key is lost to what looked like one. */
static size_t s_swallow (zt_keyboard_t *self, zt_bytes_t rest, zt_input_t *input, bool *has_input)
{
    for (size_t at = 0; at < rest.size; at++) {
        char c = rest.data[at];
        bool is_final = self->state == S_SEQUENCE && c >= '@' && c <= '~';
        if (!is_final && !s_is_control (c))
            continue;
        bool is_split = c == s_esc && at + 1 == rest.size;
        bool is_end = c == '\a' || (c == s_esc && !is_split && rest.data[at + 1] == '\\');
        s_keep (self, rest.data, at);
        if (is_split)
            return at; /* ESC \ ends it, another ESC begins the next */
        *has_input = self->state == S_STRING && is_end && s_string_input (self, input);
        self->state = S_NORMAL;
        if (is_end && c == s_esc)
            return at + 2;
        return is_final || is_end ? at + 1 : at;
    }
    s_keep (self, rest.data, rest.size);
    return rest.size;
}

/*  Reads what is at the front. */
static size_t s_read (zt_keyboard_t *self, zt_bytes_t rest, zt_input_t *input, bool *has_input)
{
    if (self->state == S_PASTE)
        return s_paste (self, rest, input, has_input);
    if (rest.size == 0)
        return 0;
    if (self->state != S_NORMAL) {
        int state = self->state;
        size_t used = s_swallow (self, rest, input, has_input);
        if (used || self->state == state)
            return used;
    }
    if (rest.data[0] == s_esc)
        return s_escape (self, rest, input, has_input);
    if (!s_is_control (rest.data[0]))
        return s_text (self, rest, input, has_input);
    *has_input = zt_sequence_control (rest.data[0], input);
    return 1;
}

void zt_keyboard_init (zt_keyboard_t *self, size_t paste_most)
{
    *self = (zt_keyboard_t){.state = S_NORMAL, .paste_most = paste_most};
    zt_buffer_reserve (&self->bytes, 1); /* so that it has data, however empty it is */
}

void zt_keyboard_free (zt_keyboard_t *self)
{
    zt_buffer_free (&self->bytes);
    zt_buffer_free (&self->text);
    zt_buffer_free (&self->paste);
}

void zt_keyboard_feed (zt_keyboard_t *self, zt_bytes_t bytes)
{
    zt_buffer_consume (&self->bytes, self->at);
    self->at = 0;
    zt_buffer_put_bytes (&self->bytes, bytes);
    self->is_flushed = false;
}

bool zt_keyboard_next (zt_keyboard_t *self, zt_input_t *input)
{
    for (;;) {
        zt_bytes_t rest = {self->bytes.data + self->at, self->bytes.size - self->at};
        bool has_input = false;
        size_t used = s_read (self, rest, input, &has_input);
        self->at += used;
        if (has_input)
            return true;
        if (used == 0)
            break;
    }
    self->is_flushed = false;
    return false;
}

bool zt_keyboard_is_waiting (const zt_keyboard_t *self)
{
    const char *rest = self->bytes.data + self->at;
    size_t size = self->bytes.size - self->at;
    size_t escapes = 0;
    while (escapes < size && rest[escapes] == s_esc)
        escapes++;
    return self->state == S_NORMAL && escapes > 0 &&
           (size == escapes || (size == escapes + 1 && strchr ("[O]P", rest[escapes])));
}

bool zt_keyboard_is_pasting (const zt_keyboard_t *self)
{
    return self->state == S_PASTE;
}

void zt_keyboard_flush (zt_keyboard_t *self)
{
    self->is_flushed = true;
}
