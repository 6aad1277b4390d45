/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/binding.h"

#include <assert.h>

#define S_HELP(id, help) help,
static const char *const s_helps[ZT_ACTION_COUNT] = {ZT_ACTIONS (S_HELP)};
#undef S_HELP

#define S_PRESS(press, modifiers, action)                                                          \
    {                                                                                              \
        ZT_PRESS_##press, modifiers, 0, ZT_ACTION_##action                                         \
    }
#define S_LETTER(letter, modifiers, action)                                                        \
    {                                                                                              \
        ZT_PRESS_LETTER, modifiers, letter, ZT_ACTION_##action                                     \
    }

/*  The first keys of an action are those that its help names. */
static const struct {
    zt_press_t press;
    unsigned modifiers;
    uint32_t letter;
    zt_action_t action;
} s_rows[] = {
    S_PRESS (ENTER, 0, SUBMIT),
    S_PRESS (ENTER, ZT_ALT, NEWLINE),
    S_LETTER ('j', ZT_CTRL, NEWLINE),
    S_PRESS (ENTER, ZT_SHIFT, NEWLINE),
    S_PRESS (ENTER, ZT_CTRL, NEWLINE),
    S_PRESS (TAB, 0, COMPLETE),
    S_PRESS (TAB, ZT_SHIFT, COMPLETE_BACK),
    S_PRESS (LEFT, 0, LEFT),
    S_LETTER ('b', ZT_CTRL, LEFT),
    S_PRESS (RIGHT, 0, RIGHT),
    S_LETTER ('f', ZT_CTRL, RIGHT),
    S_PRESS (LEFT, ZT_CTRL, WORD_LEFT),
    S_LETTER ('b', ZT_ALT, WORD_LEFT),
    S_PRESS (LEFT, ZT_ALT, WORD_LEFT),
    S_PRESS (RIGHT, ZT_CTRL, WORD_RIGHT),
    S_LETTER ('f', ZT_ALT, WORD_RIGHT),
    S_PRESS (RIGHT, ZT_ALT, WORD_RIGHT),
    S_PRESS (HOME, 0, HOME),
    S_LETTER ('a', ZT_CTRL, HOME),
    S_PRESS (END, 0, END),
    S_LETTER ('e', ZT_CTRL, END),
    S_PRESS (HOME, ZT_CTRL, TOP),
    S_LETTER ('<', ZT_ALT, TOP),
    S_PRESS (END, ZT_CTRL, BOTTOM),
    S_LETTER ('>', ZT_ALT, BOTTOM),
    S_PRESS (UP, 0, UP),
    S_LETTER ('p', ZT_CTRL, UP),
    S_PRESS (DOWN, 0, DOWN),
    S_LETTER ('n', ZT_CTRL, DOWN),
    S_PRESS (BACKSPACE, 0, BACKSPACE),
    S_PRESS (BACKSPACE, ZT_SHIFT, BACKSPACE),
    S_PRESS (DELETE, 0, DELETE),
    S_LETTER ('d', ZT_CTRL, DELETE),
    S_LETTER ('w', ZT_CTRL, WORD_BACKSPACE),
    S_PRESS (BACKSPACE, ZT_ALT, WORD_BACKSPACE),
    S_PRESS (BACKSPACE, ZT_CTRL, WORD_BACKSPACE),
    S_LETTER ('d', ZT_ALT, WORD_DELETE),
    S_PRESS (DELETE, ZT_CTRL, WORD_DELETE),
    S_PRESS (DELETE, ZT_ALT, WORD_DELETE),
    S_LETTER ('u', ZT_CTRL, KILL_START),
    S_LETTER ('k', ZT_CTRL, KILL_END),
    S_LETTER ('k', ZT_ALT, KILL_END),
    S_LETTER ('y', ZT_CTRL, YANK),
    S_LETTER ('t', ZT_CTRL, TRANSPOSE),
    S_LETTER ('_', ZT_CTRL, UNDO),
    S_LETTER ('_', ZT_ALT, REDO),
    S_LETTER ('r', ZT_CTRL, SEARCH),
    S_PRESS (ESCAPE, 0, CANCEL),
    S_LETTER ('g', ZT_CTRL, CANCEL),
    S_PRESS (ESCAPE, ZT_ALT, CANCEL),
};

enum { S_ROWS = sizeof s_rows / sizeof s_rows[0], S_HELP_KEYS = 2, S_HELP_COLUMN = 24 };

bool zt_binding_action (const zt_input_t *input, zt_action_t *action)
{
    for (size_t i = 0; i < S_ROWS; i++) {
        if (input->kind == ZT_INPUT_PRESS && s_rows[i].press == input->press &&
            s_rows[i].modifiers == input->modifiers && s_rows[i].letter == input->letter) {
            *action = s_rows[i].action;
            return true;
        }
    }
    return false;
}

/*  Appends the name of the key in a row. */
static void s_put_key (zt_buffer_t *buffer, size_t row)
{
    static const char *const names[] = {
        [ZT_PRESS_ENTER] = "Enter", [ZT_PRESS_TAB] = "Tab",
        [ZT_PRESS_UP] = "Up",       [ZT_PRESS_BACKSPACE] = "Backspace",
        [ZT_PRESS_DOWN] = "Down",   [ZT_PRESS_ESCAPE] = "Esc",
        [ZT_PRESS_LEFT] = "Left",   [ZT_PRESS_INSERT] = "Insert",
        [ZT_PRESS_RIGHT] = "Right", [ZT_PRESS_DELETE] = "Delete",
        [ZT_PRESS_HOME] = "Home",   [ZT_PRESS_PAGE_UP] = "Page-Up",
        [ZT_PRESS_END] = "End",     [ZT_PRESS_PAGE_DOWN] = "Page-Down",
    };
    unsigned modifiers = s_rows[row].modifiers;
    char letter = (char) s_rows[row].letter;
    zt_buffer_put_string (buffer, modifiers & ZT_CTRL ? "Ctrl-" : "");
    zt_buffer_put_string (buffer, modifiers & ZT_ALT ? "Alt-" : "");
    zt_buffer_put_string (buffer, modifiers & ZT_SHIFT ? "Shift-" : "");
    if (s_rows[row].press == ZT_PRESS_LETTER)
        zt_buffer_put_char (buffer,
                            letter >= 'a' && letter <= 'z' ? (char) (letter - 'a' + 'A') : letter);
    else
        zt_buffer_put_string (buffer, names[s_rows[row].press]);
}

void zt_binding_help (zt_action_t action, zt_buffer_t *buffer)
{
    assert (action < ZT_ACTION_COUNT);
    size_t start = buffer->size, keys = 0;
    for (size_t i = 0; i < S_ROWS && keys < S_HELP_KEYS; i++) {
        if (s_rows[i].action != action)
            continue;
        zt_buffer_put_string (buffer, keys++ ? ", " : "");
        s_put_key (buffer, i);
    }
    int width = (int) (buffer->size - start);
    zt_buffer_put_format (buffer, "%*s%s", width < S_HELP_COLUMN - 1 ? S_HELP_COLUMN - width : 2,
                          "", zt_translate (s_helps[action]));
}
