/*  SPDX-License-Identifier: MPL-2.0

    What is pasted. One line goes where it would be typed; several may have been pasted by mistake,
    and are asked about. What does not fit is refused whole, and nothing is cut off without a
    word. */

#include "client/ui_state.h"

#include "client/glyph.h"
#include "common/text.h"

enum {
    S_EACH_MOST = 10000, /* messages that are made of one paste */
    S_KB = 1000
};

/*  ---------------------------------------------------------------------------
    What it is */

static size_t s_lines (zt_bytes_t text)
{
    size_t lines = 1;
    for (const char *at = text.data, *end = at + text.size;
         text.size && (at = memchr (at, '\n', (size_t) (end - at))) != NULL; at++)
        lines++;
    return lines;
}

/*  How much it is, in words: "5000 lines, 240 KB". */
static void s_put_amount (zt_bytes_t text, zt_buffer_t *words)
{
    size_t lines = s_lines (text);
    zt_buffer_put_format (words, zt_translate_many ("%zu line", "%zu lines", lines), lines);
    if (text.size >= S_KB)
        zt_buffer_put_format (words, _ (", %zu KB"), (text.size + S_KB - 1) / S_KB);
}

/*  Cuts the first line off the text. */
static zt_bytes_t s_cut_line (zt_bytes_t *text)
{
    const char *end = memchr (text->data, '\n', text->size);
    size_t size = end ? (size_t) (end - text->data) : text->size;
    size_t used = size + (end ? 1 : 0);
    zt_bytes_t line = zt_bytes_part (*text, 0, size);
    *text = zt_bytes_part (*text, used, text->size - used);
    return line;
}

/*  Does it fit into one message, with what is typed already? */
static bool s_fits_one (zt_ui_t *self, zt_bytes_t text)
{
    zt_buffer_t all = {NULL, 0, 0};
    zt_buffer_put_bytes (&all, zt_ui_draft (self));
    zt_buffer_put_bytes (&all, text);
    bool fits = all.size <= ZT_UI_TYPED_MOST && zt_client_fits (self->core, zt_buffer_bytes (&all));
    zt_buffer_free (&all);
    return fits;
}

/*  Does each line fit into a message of its own? What fits into one has few enough of them. */
static bool s_fits_each (zt_ui_t *self, zt_bytes_t text)
{
    bool fits = true;
    for (size_t messages = 0; fits && text.size;) {
        zt_bytes_t line = s_cut_line (&text);
        messages += line.size > 0;
        fits = messages <= S_EACH_MOST && zt_client_fits (self->core, line);
    }
    return fits;
}

/*  ---------------------------------------------------------------------------
    The question */

const char *zt_ui_question (zt_ui_t *self)
{
    /*  TRANSLATORS: what stands in brackets are the keys, of "oOeEcC". */
    static const char *const choices[][3] = {
        {N_ ("(o)ne message, a message for (e)ach, or (c)ancel?"), N_ ("(o)ne, (e)ach, (c)ancel?"),
         N_ ("o, e, c?")},
        {N_ ("a message for (e)ach, or (c)ancel?"), N_ ("(e)ach, (c)ancel?"), N_ ("e, c?")}};
    static const struct {
        bool has_amount;
        int length;
    } forms[] = {{true, 0}, {true, 1}, {false, 1}, {true, 2}, {false, 2}};
    const char *const *row = choices[self->takes_one ? 0 : 1];
    size_t columns = SIZE_MAX;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0] && columns > (size_t) self->columns;
         i++) {
        zt_buffer_clear (&self->question);
        if (forms[i].has_amount) {
            s_put_amount (zt_buffer_bytes (&self->pasted), &self->question);
            zt_buffer_put_string (&self->question, ": ");
        }
        zt_buffer_put_string (&self->question, zt_translate (row[forms[i].length]));
        columns = zt_glyph_columns (zt_buffer_bytes (&self->question), &self->widths);
    }
    return zt_buffer_string (&self->question);
}

static void s_refuse (zt_ui_t *self, zt_bytes_t text, uint64_t wall)
{
    zt_buffer_t amount = {NULL, 0, 0}, sentence = {NULL, 0, 0};
    s_put_amount (text, &amount);
    zt_buffer_put_format (
        &sentence,
        memchr (text.data, '\n', text.size)
            ? _ ("what was pasted (%s) is too much for messages: nothing of it was taken")
            : _ ("what was pasted (%s) is too long for a message: nothing of it was taken"),
        zt_buffer_string (&amount));
    zt_ui_say (self, zt_buffer_string (&sentence), wall);
    zt_buffer_free (&amount);
    zt_buffer_free (&sentence);
}

bool zt_ui_paste (zt_ui_t *self, const zt_input_t *input, uint64_t wall)
{
    zt_buffer_t text = {NULL, 0, 0}, sentence = {NULL, 0, 0};
    bool is_refused = input->is_cut;
    if (input->is_cut) {
        zt_buffer_put_format (&sentence,
                              _ ("more than %d KB were pasted at once: nothing of it was taken"),
                              ZT_UI_PASTE_MOST / S_KB);
        zt_ui_say (self, zt_buffer_string (&sentence), wall);
    } else {
        zt_text_clean (&text, input->text, ZT_TEXT_LINES);
        if (text.size && text.data[text.size - 1] == '\n')
            text.size--;
        self->takes_one = s_fits_one (self, zt_buffer_bytes (&text));
        bool takes_each = self->takes_one || s_fits_each (self, zt_buffer_bytes (&text));
        bool has_lines = text.size && memchr (text.data, '\n', text.size);
        is_refused = !self->takes_one && !(has_lines && takes_each);
        if (is_refused)
            s_refuse (self, zt_buffer_bytes (&text), wall);
    }
    zt_buffer_free (&text);
    zt_buffer_free (&sentence);
    return !is_refused;
}

/*  ---------------------------------------------------------------------------
    The answer */

/*  What is pasted is text, whatever it begins with. */
static void s_send_each (zt_ui_t *self, zt_bytes_t text, int64_t now)
{
    while (text.size) {
        zt_bytes_t line = s_cut_line (&text);
        if (line.size)
            zt_ui_send (self, line, now);
    }
}

static size_t s_letter_size (const char *letter)
{
    size_t size = 1;
    while (((unsigned char) letter[size] & 0xC0) == 0x80)
        size++;
    return size;
}

/*  Which of the answers to the question a key is. The letters of the English ones count
    everywhere, and beside them those that the keyboards of the language have. */
enum { S_ONE, S_EACH, S_CANCEL, S_NO_CHOICE };
static int s_choice (zt_bytes_t text)
{
    /*  TRANSLATORS: the keys of "(o)ne, (e)ach, (c)ancel", small and capital, in this order. */
    const char *const letters[] = {"oOeEcC", _ ("oOeEcC")};
    for (size_t i = 0; i < 2; i++) {
        const char *at = letters[i];
        for (int place = 0; *at && place < 2 * S_NO_CHOICE; place++, at += s_letter_size (at))
            if (zt_bytes_equal (text, (zt_bytes_t){at, s_letter_size (at)}))
                return place / 2;
    }
    return S_NO_CHOICE;
}

void zt_ui_answer (zt_ui_t *self, const zt_input_t *input, int64_t now, uint64_t wall)
{
    int choice = input->kind == ZT_INPUT_TEXT ? s_choice (input->text) : S_NO_CHOICE;
    bool gives_up = input->kind == ZT_INPUT_PRESS && input->press == ZT_PRESS_ESCAPE;
    bool is_offered = choice != S_NO_CHOICE && (choice != S_ONE || self->takes_one);
    if (!gives_up && !is_offered)
        return;
    zt_buffer_t pasted = self->pasted;
    self->pasted = (zt_buffer_t){NULL, 0, 0};
    self->version++;
    if (choice == S_ONE && !zt_editor_insert (self->editor, zt_buffer_bytes (&pasted)))
        s_refuse (self, zt_buffer_bytes (&pasted), wall);
    if (choice == S_EACH)
        s_send_each (self, zt_buffer_bytes (&pasted), now);
    zt_buffer_free (&pasted);
}
