/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/sequence.h"

enum { S_NUMBER_MOST = 99999 };

/*  What keys send: ESC [ number final, ESC O final, and ESC [ [ final. Modifiers
    that a sequence carries as a number are added. */
typedef struct {
    char kind;
    char final;
    unsigned number; /* 0: any, or none */
    zt_press_t press;
    unsigned modifiers;
} s_row_t;

#define S_F(n) ((zt_press_t) (ZT_PRESS_F1 + (n) -1))

/*  A key that rxvt tells by a final of its own when it has modifiers. */
#define S_NUMBERED(number, press)                                                                  \
    {'[', '~', number, press, 0}, {'[', '$', number, press, ZT_SHIFT},                             \
        {'[', '^', number, press, ZT_CTRL},                                                        \
    {                                                                                              \
        '[', '@', number, press, ZT_CTRL | ZT_SHIFT                                                \
    }

static const s_row_t s_rows[] = {
    /*  all of them; with ESC O in the application mode of the cursor keys */
    {'[', 'A', 0, ZT_PRESS_UP, 0},
    {'[', 'B', 0, ZT_PRESS_DOWN, 0},
    {'[', 'C', 0, ZT_PRESS_RIGHT, 0},
    {'[', 'D', 0, ZT_PRESS_LEFT, 0},
    {'[', 'H', 0, ZT_PRESS_HOME, 0},
    {'[', 'F', 0, ZT_PRESS_END, 0},
    {'[', 'Z', 0, ZT_PRESS_TAB, ZT_SHIFT},
    {'O', 'A', 0, ZT_PRESS_UP, 0},
    {'O', 'B', 0, ZT_PRESS_DOWN, 0},
    {'O', 'C', 0, ZT_PRESS_RIGHT, 0},
    {'O', 'D', 0, ZT_PRESS_LEFT, 0},
    {'O', 'H', 0, ZT_PRESS_HOME, 0},
    {'O', 'F', 0, ZT_PRESS_END, 0},
    {'O', 'M', 0, ZT_PRESS_ENTER, 0}, /* of the keypad */
    /*  rxvt */
    {'[', 'a', 0, ZT_PRESS_UP, ZT_SHIFT},
    {'[', 'b', 0, ZT_PRESS_DOWN, ZT_SHIFT},
    {'[', 'c', 0, ZT_PRESS_RIGHT, ZT_SHIFT},
    {'[', 'd', 0, ZT_PRESS_LEFT, ZT_SHIFT},
    {'O', 'a', 0, ZT_PRESS_UP, ZT_CTRL},
    {'O', 'b', 0, ZT_PRESS_DOWN, ZT_CTRL},
    {'O', 'c', 0, ZT_PRESS_RIGHT, ZT_CTRL},
    {'O', 'd', 0, ZT_PRESS_LEFT, ZT_CTRL},
    /*  1 and 4 in tmux, screen and the Linux console, 7 and 8 in rxvt */
    S_NUMBERED (1, ZT_PRESS_HOME),
    S_NUMBERED (2, ZT_PRESS_INSERT),
    S_NUMBERED (3, ZT_PRESS_DELETE),
    S_NUMBERED (4, ZT_PRESS_END),
    S_NUMBERED (5, ZT_PRESS_PAGE_UP),
    S_NUMBERED (6, ZT_PRESS_PAGE_DOWN),
    S_NUMBERED (7, ZT_PRESS_HOME),
    S_NUMBERED (8, ZT_PRESS_END),
    /*  The first four: xterm and the like with ESC O, and with ESC [ when there are
        modifiers; rxvt with numbers; the Linux console with ESC [ [. */
    {'O', 'P', 0, S_F (1), 0},
    {'O', 'Q', 0, S_F (2), 0},
    {'O', 'R', 0, S_F (3), 0},
    {'O', 'S', 0, S_F (4), 0},
    {'[', 'P', 0, S_F (1), 0},
    {'[', 'Q', 0, S_F (2), 0},
    {'[', 'R', 0, S_F (3), 0},
    {'[', 'S', 0, S_F (4), 0},
    {'L', 'A', 0, S_F (1), 0},
    {'L', 'B', 0, S_F (2), 0},
    {'L', 'C', 0, S_F (3), 0},
    {'L', 'D', 0, S_F (4), 0},
    {'L', 'E', 0, S_F (5), 0},
    S_NUMBERED (11, S_F (1)),
    S_NUMBERED (12, S_F (2)),
    S_NUMBERED (13, S_F (3)),
    S_NUMBERED (14, S_F (4)),
    S_NUMBERED (15, S_F (5)),
    S_NUMBERED (17, S_F (6)),
    S_NUMBERED (18, S_F (7)),
    S_NUMBERED (19, S_F (8)),
    S_NUMBERED (20, S_F (9)),
    S_NUMBERED (21, S_F (10)),
    S_NUMBERED (23, S_F (11)),
    S_NUMBERED (24, S_F (12)),
};

/*  Keys that are told by their character: as a byte, and in ESC [ c u and ESC [ 27;m;c ~. */
static const struct {
    char c;
    zt_press_t press;
} s_named[] = {
    {'\r', ZT_PRESS_ENTER},     {'\t', ZT_PRESS_TAB},    {0x7F, ZT_PRESS_BACKSPACE},
    {'\b', ZT_PRESS_BACKSPACE}, {0x1B, ZT_PRESS_ESCAPE},
};

static bool s_is_between (char c, char low, char high)
{
    return c >= low && c <= high;
}

/*  Reading */

static void s_read_number (zt_sequence_t *self, char c, bool *is_ignored)
{
    if (c == ';') {
        self->count++;
        *is_ignored = false;
    } else if (!s_is_between (c, '0', '9'))
        *is_ignored = true; /* such as what follows a ':' */
    else if (self->count < ZT_SEQUENCE_NUMBERS && !*is_ignored) {
        unsigned *number = &self->numbers[self->count];
        if (*number < S_NUMBER_MOST)
            *number = *number * 10 + (unsigned) (c - '0');
    }
}

/*  Reads all before the final byte; returns where that is to be. */
static size_t s_read_middle (zt_bytes_t bytes, zt_sequence_t *self)
{
    size_t at = 2;
    bool is_ignored = false;
    if (at < bytes.size && s_is_between (bytes.data[at], '<', '?'))
        self->prefix = bytes.data[at++];
    size_t start = at;
    for (; at < bytes.size && s_is_between (bytes.data[at], '0', '?'); at++)
        s_read_number (self, bytes.data[at], &is_ignored);
    self->text = (zt_bytes_t){bytes.data + start, at - start};
    if (at > start)
        self->count++;
    /*  rxvt ends the shifted keys with what is no final byte anywhere else. */
    if (self->kind == '[' && !self->prefix && self->count && at < bytes.size &&
        bytes.data[at] == '$')
        return at;
    for (; at < bytes.size && s_is_between (bytes.data[at], ' ', '/'); at++)
        self->has_intermediate = true;
    /*  No sequence has more numbers behind that: it means nothing, but ends where one does. */
    while (self->kind == '[' && self->has_intermediate && at < bytes.size &&
           s_is_between (bytes.data[at], ' ', '?'))
        at++;
    return at;
}

size_t zt_sequence_read (zt_bytes_t bytes, zt_sequence_t *self)
{
    enum { MOUSE_BYTES = 3 };
    *self = (zt_sequence_t){.kind = bytes.data[1]};
    size_t at = 2;
    if (self->kind == '[' && bytes.size > 2 && bytes.data[2] == '[') {
        self->kind = 'L';
        at = 3;
    } else
        at = s_read_middle (bytes, self);
    if (at >= bytes.size)
        return 0;
    char final = bytes.data[at];
    bool is_final = s_is_between (final, '@', '~') || final == '$';
    if (!is_final)
        return at;
    self->final = final;
    at++;
    /*  The mouse's old form, which was not asked for: three bytes follow. */
    if (self->kind == '[' && final == 'M' && self->text.size == 0 && !self->prefix)
        return at + MOUSE_BYTES <= bytes.size ? at + MOUSE_BYTES : 0;
    return at;
}

/*  Meaning */

static unsigned s_modifiers (unsigned number)
{
    unsigned bits = number ? number - 1 : 0; /* 1 shift, 2 alt, 4 ctrl, 8 meta */
    return (bits & 7U) | (bits & 8U ? (unsigned) ZT_ALT : 0);
}

static void s_press (zt_input_t *input, zt_press_t press, unsigned modifiers)
{
    *input = (zt_input_t){.kind = ZT_INPUT_PRESS, .press = press, .modifiers = modifiers};
}

/*  A key that is told by its character. Text without modifiers is not told so. */
static bool s_character (zt_input_t *input, unsigned c, unsigned modifiers)
{
    for (size_t i = 0; i < sizeof s_named / sizeof s_named[0]; i++) {
        if (c == (unsigned char) s_named[i].c) {
            s_press (input, s_named[i].press, modifiers);
            return true;
        }
    }
    if (c < 0x20 || !(modifiers & (ZT_ALT | ZT_CTRL)))
        return false;
    s_press (input, ZT_PRESS_LETTER, modifiers);
    input->letter = modifiers & ZT_CTRL && c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    return true;
}

static bool s_mouse (const zt_sequence_t *self, zt_input_t *input)
{
    if ((self->final != 'M' && self->final != 'm') || self->count != 3)
        return false;
    unsigned code = self->numbers[0];
    static const zt_button_t wheel[] = {ZT_BUTTON_WHEEL_UP, ZT_BUTTON_WHEEL_DOWN,
                                        ZT_BUTTON_WHEEL_LEFT, ZT_BUTTON_WHEEL_RIGHT};
    *input = (zt_input_t){.kind = ZT_INPUT_MOUSE,
                          .button = code & 64U ? wheel[code & 3U] : (zt_button_t) (code & 3U),
                          .column = self->numbers[1],
                          .row = self->numbers[2],
                          .is_down = self->final == 'M' && (code & 67U) != 3,
                          .is_motion = (code & 32U) != 0};
    if (code & ~127U)
        input->button = ZT_BUTTON_OTHER;
    input->modifiers = (code & 4U ? (unsigned) ZT_SHIFT : 0) | (code & 8U ? (unsigned) ZT_ALT : 0) |
                       (code & 16U ? (unsigned) ZT_CTRL : 0);
    return input->row > 0 && input->column > 0;
}

/*  What is no key: answers and the focus. */
static bool s_report (const zt_sequence_t *self, zt_input_t *input)
{
    if (self->final == 'R' && self->count == 2)
        *input = (zt_input_t){
            .kind = ZT_INPUT_CURSOR, .row = self->numbers[0], .column = self->numbers[1]};
    else if ((self->final == 'I' || self->final == 'O') && self->count == 0)
        *input = (zt_input_t){.kind = ZT_INPUT_FOCUS, .has_focus = self->final == 'I'};
    else
        return false;
    return true;
}

static bool s_key (const zt_sequence_t *self, zt_input_t *input)
{
    /*  ESC O 5 A is what some have for ESC [ 1;5 A. */
    unsigned modifiers = s_modifiers (self->kind == 'O' ? self->numbers[0] : self->numbers[1]);
    if (self->kind == '[' && self->final == 'u')
        return s_character (input, self->numbers[0], modifiers);
    if (self->kind == '[' && self->final == '~' && self->numbers[0] == 27)
        return s_character (input, self->numbers[2], modifiers);
    for (size_t i = 0; i < sizeof s_rows / sizeof s_rows[0]; i++) {
        const s_row_t *row = &s_rows[i];
        if (row->kind == self->kind && row->final == self->final &&
            (row->number == 0 || row->number == self->numbers[0])) {
            s_press (input, row->press, row->modifiers | modifiers);
            return true;
        }
    }
    return false;
}

bool zt_sequence_input (const zt_sequence_t *self, zt_input_t *input)
{
    if (self->has_intermediate || self->count > ZT_SEQUENCE_NUMBERS)
        return false;
    if (self->prefix == '<')
        return s_mouse (self, input);
    if (self->prefix == '?' && self->final == 'c') {
        *input = (zt_input_t){.kind = ZT_INPUT_DEVICE, .text = self->text};
        return true;
    }
    if (self->prefix)
        return false;
    return (self->kind == '[' && s_report (self, input)) || s_key (self, input);
}

bool zt_sequence_control (char c, zt_input_t *input)
{
    if (c == 0x1B)
        return false;
    for (size_t i = 0; i < sizeof s_named / sizeof s_named[0]; i++) {
        if (c == s_named[i].c) {
            s_press (input, s_named[i].press, 0);
            return true;
        }
    }
    s_press (input, ZT_PRESS_LETTER, ZT_CTRL);
    input->letter = c == 0 ? ' ' : (uint32_t) c + (c <= 26 ? 'a' - 1 : 'A' - 1);
    return true;
}
