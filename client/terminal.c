/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/terminal.h"

#include "common/text.h"

enum { S_TEXT_MOST = 240 }; /* bytes of a title or a notification: more is shown nowhere */

static bool s_is_set (const char *value)
{
    return value && value[0];
}

static bool s_begins (const char *value, const char *beginning)
{
    return strncmp (value, beginning, strlen (beginning)) == 0;
}

/*  The depth by the name of the terminal alone. */
static zt_depth_t s_depth_of (const char *term)
{
    static const struct {
        const char *part;
        zt_depth_t depth;
    } parts[] = {{"direct", ZT_DEPTH_TRUE},    {"kitty", ZT_DEPTH_TRUE},
                 {"alacritty", ZT_DEPTH_TRUE}, {"foot", ZT_DEPTH_TRUE},
                 {"wezterm", ZT_DEPTH_TRUE},   {"ghostty", ZT_DEPTH_TRUE},
                 {"256color", ZT_DEPTH_256},   {"mono", ZT_DEPTH_NONE},
                 {"vt1", ZT_DEPTH_NONE},       {"vt2", ZT_DEPTH_NONE}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (strstr (term, parts[i].part))
            return parts[i].depth;
    return ZT_DEPTH_16;
}

static zt_depth_t s_depth (const zt_environment_t *environment, const char *term)
{
    const char *colorterm = environment->colorterm ? environment->colorterm : "";
    if (s_is_set (environment->no_color))
        return ZT_DEPTH_NONE;
    zt_depth_t depth = s_depth_of (term);
    /*  GNU screen hands COLORTERM on from outside, and garbles what it promises. */
    bool is_screen = s_begins (term, "screen") && !s_is_set (environment->tmux);
    bool is_true = strcmp (colorterm, "truecolor") == 0 || strcmp (colorterm, "24bit") == 0;
    return is_true && !is_screen && depth != ZT_DEPTH_NONE ? ZT_DEPTH_TRUE : depth;
}

zt_terminal_t zt_terminal_guess (const zt_environment_t *environment)
{
    const char *term = environment->term ? environment->term : "";
    bool is_capable = term[0] && strcmp (term, "dumb") != 0;
    bool is_777 =
        s_is_set (environment->vte_version) || s_begins (term, "foot") || s_begins (term, "rxvt");
    return (zt_terminal_t){.is_capable = is_capable,
                           .is_tmux = s_is_set (environment->tmux),
                           .depth = is_capable ? s_depth (environment, term) : ZT_DEPTH_NONE,
                           .notify = is_777 ? ZT_NOTIFY_OSC_777 : ZT_NOTIFY_OSC_9};
}

/*  Appends the beginning of a text, clean, on one line. */
static void s_put_text (zt_buffer_t *buffer, zt_bytes_t text)
{
    if (text.size > S_TEXT_MOST * 4)
        text.size = S_TEXT_MOST * 4; /* cutting a character here is mended by cleaning */
    size_t start = buffer->size;
    zt_text_clean (buffer, text, ZT_TEXT_LINE);
    if (buffer->size - start <= S_TEXT_MOST)
        return;
    buffer->size = start + S_TEXT_MOST;
    while (buffer->size > start && ((unsigned char) buffer->data[buffer->size] & 0xC0) == 0x80)
        buffer->size--; /* not in the middle of a character */
}

void zt_terminal_put_title (zt_buffer_t *buffer, zt_bytes_t title)
{
    zt_buffer_put_string (buffer, "\033]2;");
    s_put_text (buffer, title);
    zt_buffer_put_string (buffer, "\033\\");
}

/*  The sequence without its end. What stands between semicolons is told apart by them. */
static void s_put_notice (zt_buffer_t *buffer, zt_notify_t notify, zt_bytes_t title,
                          zt_bytes_t text)
{
    if (notify == ZT_NOTIFY_OSC_777) {
        zt_buffer_put_string (buffer, "\033]777;notify;");
        size_t start = buffer->size;
        s_put_text (buffer, title);
        for (size_t i = start; i < buffer->size; i++)
            if (buffer->data[i] == ';')
                buffer->data[i] = ',';
        zt_buffer_put_char (buffer, ';');
    } else {
        /*  A number there is something else to some terminals: 9;4 is a progress bar. */
        bool is_number = title.size == 0 || (title.data[0] >= '0' && title.data[0] <= '9');
        zt_buffer_put_string (buffer, is_number ? "\033]9;: " : "\033]9;");
        s_put_text (buffer, title);
        zt_buffer_put_string (buffer, ": ");
    }
    s_put_text (buffer, text);
}

void zt_terminal_put_notice (zt_buffer_t *buffer, const zt_terminal_t *terminal, zt_bytes_t title,
                             zt_bytes_t text)
{
    if (terminal->is_tmux) /* the ESC of what is inside is doubled, and there is one */
        zt_buffer_put_string (buffer, "\033Ptmux;\033");
    s_put_notice (buffer, terminal->notify, title, text);
    zt_buffer_put_string (buffer, terminal->is_tmux ? "\a\033\\" : "\a");
}
