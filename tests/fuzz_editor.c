/*  SPDX-License-Identifier: MPL-2.0

    What comes from a terminal, through the keyboard into the editor: the text stays
    clean and the cursor between clusters, and in the end all can be taken back. A byte
    of 0x00 opens the other of two conversations; 0x1C makes the rows narrow or wide. */

#include "client/keyboard.h"
#include "tests/editor_rules.h"
#include "tests/fuzz.h"

#include <stdio.h>
#include <stdlib.h>

enum { S_MOST = 2000 };

static void s_require (const char *wrong)
{
    if (wrong) {
        fprintf (stderr, "fuzz_editor: %s\n", wrong);
        abort ();
    }
}

typedef struct {
    zt_editor_t *editor;
    zt_draft_t *other;
    bool is_narrow;
} s_fuzz_t;

static void s_use_unused (s_fuzz_t *self, const zt_input_t *input)
{
    if (input->kind != ZT_INPUT_PRESS || input->press != ZT_PRESS_LETTER)
        return;
    if (input->letter == ' ') {
        zt_draft_t *draft = zt_editor_take (self->editor);
        zt_editor_put (self->editor, &self->other);
        self->other = draft;
    } else if (input->letter == '\\') {
        static const zt_widths_t widths = {false, 2, 1, 4, 2, 1, 3, 0};
        self->is_narrow = !self->is_narrow;
        zt_editor_shape (self->editor, self->is_narrow ? 3 : 80, &widths);
    }
}

static void s_input (s_fuzz_t *self, const zt_input_t *input)
{
    static const char *const names[] = {"olena", "Олена", "ivan"};
    static const char *const rooms[] = {"#general", "#кіно"};
    static const zt_completion_lists_t lists = {names, 3, rooms, 2};
    zt_bytes_t text = {NULL, 0};
    switch (zt_editor_input (self->editor, input, &lists, &text)) {
    case ZT_EDITOR_UNUSED:
        s_use_unused (self, input);
        break;
    case ZT_EDITOR_SUBMIT:
        s_require (text.size ? NULL : "nothing was submitted");
        break;
    case ZT_EDITOR_QUESTION:
        s_require (memchr (text.data, '\n', text.size) ? NULL : "a question about one row");
        zt_editor_insert (self->editor, text);
        break;
    case ZT_EDITOR_CHANGED:
    case ZT_EDITOR_FULL:
        break;
    }
    s_require (zt_editor_rules_broken (self->editor, S_MOST));
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    s_fuzz_t fuzz = {zt_editor_new (S_MOST), NULL, false};
    zt_keyboard_t keyboard;
    zt_keyboard_init (&keyboard, S_MOST);
    for (size_t at = 0; at < size; at += 5) {
        zt_keyboard_feed (&keyboard,
                          (zt_bytes_t){(const char *) data + at, size - at < 5 ? size - at : 5});
        zt_input_t input;
        while (zt_keyboard_next (&keyboard, &input))
            s_input (&fuzz, &input);
    }
    s_require (zt_editor_rules_undo (fuzz.editor, S_MOST));
    zt_draft_destroy (&fuzz.other);
    zt_editor_destroy (&fuzz.editor);
    zt_keyboard_free (&keyboard);
    return 0;
}
