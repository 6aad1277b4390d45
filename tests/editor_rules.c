/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/editor_rules.h"

#include "common/text.h"
#include "common/utf8.h"

const char *zt_editor_rules_broken (const zt_editor_t *editor, size_t most)
{
    zt_editor_view_t view;
    zt_editor_view (editor, &view);
    if (!zt_utf8_valid (view.text))
        return "the text is not UTF-8";
    if (view.text.size > most)
        return "the text is too long";
    if (view.cursor > view.text.size)
        return "the cursor is behind the end";
    zt_widths_t widths = zt_widths_safe ();
    zt_bytes_t rest = view.text;
    zt_glyph_t glyph;
    while (view.text.size - rest.size < view.cursor && zt_glyph_next (&rest, &widths, &glyph))
        ;
    if (view.text.size - rest.size != view.cursor)
        return "the cursor is within a cluster";
    zt_buffer_t clean = {NULL, 0, 0};
    zt_text_clean (&clean, view.text, ZT_TEXT_LINES);
    bool is_clean = zt_bytes_equal (zt_buffer_bytes (&clean), view.text);
    zt_buffer_free (&clean);
    return is_clean ? NULL : "the text is not clean";
}

const char *zt_editor_rules_undo (zt_editor_t *editor, size_t most)
{
    static const zt_input_t cancel = {
        .kind = ZT_INPUT_PRESS, .press = ZT_PRESS_LETTER, .modifiers = ZT_CTRL, .letter = 'g'};
    static const zt_input_t undo = {
        .kind = ZT_INPUT_PRESS, .press = ZT_PRESS_LETTER, .modifiers = ZT_CTRL, .letter = '_'};
    zt_bytes_t text;
    zt_editor_view_t view;
    zt_editor_input (editor, &cancel, NULL, &text); /* a search, if there is one */
    zt_buffer_t before = {NULL, 0, 0};
    const char *wrong = NULL;
    bool has_changed = true;
    while (has_changed && !wrong) {
        zt_editor_view (editor, &view);
        zt_buffer_clear (&before);
        zt_buffer_put_bytes (&before, view.text);
        zt_editor_input (editor, &undo, NULL, &text);
        wrong = zt_editor_rules_broken (editor, most);
        zt_editor_view (editor, &view);
        has_changed = !zt_bytes_equal (zt_buffer_bytes (&before), view.text);
    }
    zt_buffer_free (&before);
    return wrong ? wrong : view.text.size ? "undoing all leaves something" : NULL;
}
