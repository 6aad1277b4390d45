/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/input_text.h"

#include "common/utf8.h"

#include <utf8proc.h>

static void s_put_press (zt_buffer_t *buffer, const zt_input_t *input)
{
    static const char *const names[] = {
        [ZT_PRESS_ENTER] = "Enter", [ZT_PRESS_TAB] = "Tab",
        [ZT_PRESS_UP] = "Up",       [ZT_PRESS_BACKSPACE] = "Backspace",
        [ZT_PRESS_DOWN] = "Down",   [ZT_PRESS_ESCAPE] = "Escape",
        [ZT_PRESS_LEFT] = "Left",   [ZT_PRESS_INSERT] = "Insert",
        [ZT_PRESS_RIGHT] = "Right", [ZT_PRESS_DELETE] = "Delete",
        [ZT_PRESS_HOME] = "Home",   [ZT_PRESS_PAGE_UP] = "PageUp",
        [ZT_PRESS_END] = "End",     [ZT_PRESS_PAGE_DOWN] = "PageDown",
    };
    if (input->press == ZT_PRESS_LETTER) {
        utf8proc_uint8_t bytes[4];
        utf8proc_ssize_t size = utf8proc_encode_char ((utf8proc_int32_t) input->letter, bytes);
        zt_buffer_put (buffer, bytes, (size_t) size);
    } else if (input->press >= ZT_PRESS_F1)
        zt_buffer_put_format (buffer, "F%d", (int) (input->press - ZT_PRESS_F1) + 1);
    else
        zt_buffer_put_string (buffer, names[input->press]);
}

static void s_put_mouse (zt_buffer_t *buffer, const zt_input_t *input)
{
    static const char *const names[] = {"left", "middle",     "right",       "none", "up",
                                        "down", "wheel-left", "wheel-right", "other"};
    zt_buffer_put_format (buffer, "mouse-%s%s%s@%u,%u", names[input->button],
                          input->is_down ? "-down" : "", input->is_motion ? "-motion" : "",
                          input->row, input->column);
}

static void s_put_quoted (zt_buffer_t *buffer, zt_bytes_t text)
{
    zt_buffer_put_char (buffer, '\'');
    zt_buffer_put_bytes (buffer, text);
    zt_buffer_put_string (buffer, "' ");
}

void zt_input_text (zt_buffer_t *buffer, const zt_input_t *input)
{
    zt_buffer_put_string (buffer, input->modifiers & ZT_CTRL ? "C-" : "");
    zt_buffer_put_string (buffer, input->modifiers & ZT_ALT ? "M-" : "");
    zt_buffer_put_string (buffer, input->modifiers & ZT_SHIFT ? "S-" : "");
    switch (input->kind) {
    case ZT_INPUT_TEXT:
        /*  The last word is text if it ends with "' " and is no paste: those end with "'. ". */
        if (buffer->size >= 2 && memcmp (buffer->data + buffer->size - 2, "' ", 2) == 0) {
            buffer->size -= 2;
            zt_buffer_put_bytes (buffer, input->text);
            zt_buffer_put_string (buffer, "' ");
        } else
            s_put_quoted (buffer, input->text);
        return;
    case ZT_INPUT_PASTE:
        zt_buffer_put_string (buffer, input->is_cut ? "cut-paste" : "paste");
        s_put_quoted (buffer, input->text);
        buffer->size--;
        zt_buffer_put_char (buffer, '.');
        break;
    case ZT_INPUT_PRESS:
        s_put_press (buffer, input);
        break;
    case ZT_INPUT_MOUSE:
        s_put_mouse (buffer, input);
        break;
    case ZT_INPUT_FOCUS:
        zt_buffer_put_string (buffer, input->has_focus ? "focus" : "blur");
        break;
    case ZT_INPUT_CURSOR:
        zt_buffer_put_format (buffer, "cursor@%u,%u", input->row, input->column);
        break;
    case ZT_INPUT_DEVICE:
        zt_buffer_put_format (buffer, "device(%.*s)", (int) input->text.size, input->text.data);
        break;
    case ZT_INPUT_BACKGROUND:
        zt_buffer_put_format (buffer, "background(%.*s)", (int) input->text.size, input->text.data);
        break;
    }
    zt_buffer_put_char (buffer, ' ');
}
