/*  SPDX-License-Identifier: MPL-2.0

    Keys and the mouse. What a question or a list wants goes first, then the keys of the
    screen, and the editor gets the rest. */

#include "client/ui_state.h"

#include "common/alloc.h"

#include <stdlib.h>

enum { S_WHEEL = 3, S_UTF8_BACKSPACE = 0xC0 };

/*  ---------------------------------------------------------------------------
    The keys of the screen, in one table */

typedef void (s_key_t) (zt_ui_t *self, const zt_input_t *input);

static void s_scroll (zt_ui_t *self, int rows)
{
    zt_scene_t scene = zt_ui_scene (self);
    zt_layout_t layout = zt_view_layout (&scene, self->rows, self->columns);
    zt_page_scroll (&self->style, zt_model_opened (self->model), &zt_ui_desk (self)->scroll,
                    layout.page.columns, layout.page.rows, rows);
    if (rows < 0)
        zt_ui_ask_again (self);
    self->sought = 0;
    self->version++;
}

static int s_page_rows (zt_ui_t *self)
{
    zt_scene_t scene = zt_ui_scene (self);
    int rows = zt_view_layout (&scene, self->rows, self->columns).page.rows;
    return rows > 2 ? rows - 1 : 1;
}

static void s_page_up (zt_ui_t *self, const zt_input_t *input)
{
    (void) input;
    s_scroll (self, -s_page_rows (self));
}

static void s_page_down (zt_ui_t *self, const zt_input_t *input)
{
    (void) input;
    s_scroll (self, s_page_rows (self));
}

static void s_end (zt_ui_t *self, const zt_input_t *input)
{
    (void) input;
    zt_ui_desk (self)->scroll = (zt_scroll_t){.is_away = false};
    self->sought = 0;
    self->version++;
}

static void s_step (zt_ui_t *self, size_t steps)
{
    size_t count = zt_model_count (self->model);
    zt_ui_open_index (self, (zt_model_opened_index (self->model) + steps) % count);
}

static void s_previous (zt_ui_t *self, const zt_input_t *input)
{
    (void) input;
    s_step (self, zt_model_count (self->model) - 1);
}

static void s_next (zt_ui_t *self, const zt_input_t *input)
{
    (void) input;
    s_step (self, 1);
}

/*  The next conversation that has something new. */
static void s_next_unread (zt_ui_t *self, const zt_input_t *input)
{
    (void) input;
    size_t count = zt_model_count (self->model), open = zt_model_opened_index (self->model);
    for (size_t i = 1; i < count; i++) {
        size_t index = (open + i) % count;
        if (zt_conversation_unread (zt_model_get (self->model, index))) {
            zt_ui_open_index (self, index);
            return;
        }
    }
}

static void s_number (zt_ui_t *self, const zt_input_t *input)
{
    zt_ui_open_index (self, input->letter == '0' ? 9 : input->letter - '1');
}

static void s_help (zt_ui_t *self, const zt_input_t *input)
{
    (void) input;
    zt_ui_list_open (self, ZT_LIST_HELP);
}

static void s_switcher (zt_ui_t *self, const zt_input_t *input)
{
    (void) input;
    zt_ui_list_open (self, ZT_LIST_SWITCHER);
}

static void s_older_hit (zt_ui_t *self, const zt_input_t *input)
{
    (void) input;
    zt_ui_search_step (self, true);
}

static void s_newer_hit (zt_ui_t *self, const zt_input_t *input)
{
    (void) input;
    zt_ui_search_step (self, false);
}

static void s_end_search (zt_ui_t *self, const zt_input_t *input)
{
    (void) input;
    zt_ui_search_end (self);
}

static void s_redraw (zt_ui_t *self, const zt_input_t *input)
{
    (void) input;
    self->wish = ZT_WISH_REDRAW;
}

static void s_stop (zt_ui_t *self, const zt_input_t *input)
{
    (void) input;
    self->wish = ZT_WISH_STOP;
}

static void s_mouse (zt_ui_t *self, const zt_input_t *input)
{
    (void) input;
    self->wish = ZT_WISH_MOUSE;
}

static void s_external (zt_ui_t *self, const zt_input_t *input)
{
    (void) input;
    self->wish = ZT_WISH_EDITOR;
}

/*  Ctrl-C deletes what is typed, and where there is nothing, it ends. Ctrl-D ends there, too. */
static void s_leave (zt_ui_t *self, const zt_input_t *input)
{
    (void) input;
    if (!zt_editor_clear (self->editor))
        zt_client_typed (self->core, zt_bytes ("/exit"), self->now);
    self->version++;
}

static void s_leave_empty (zt_ui_t *self, const zt_input_t *input)
{
    s_leave (self, input);
}

typedef struct {
    zt_press_t press;
    unsigned modifiers;
    char letter; /* of ZT_PRESS_LETTER; '1' stands for all digits */
    const char *name;
    const char *help; /* NULL: another key for what stands above */
    s_key_t *does;
} s_row_t;

static const s_row_t s_rows[] = {
    {ZT_PRESS_F1, 0, 0, "F1", N_ ("this list"), s_help},
    {ZT_PRESS_PAGE_UP, 0, 0, N_ ("PgUp, wheel"), N_ ("scroll up; older messages are fetched"),
     s_page_up},
    {ZT_PRESS_PAGE_DOWN, 0, 0, N_ ("PgDn, wheel"), N_ ("scroll down"), s_page_down},
    {ZT_PRESS_END, ZT_ALT, 0, "Alt-End", N_ ("to the newest message"), s_end},
    {ZT_PRESS_LETTER, ZT_CTRL, 'k', "Ctrl-K",
     N_ ("go to a conversation by a part of its name; in a line: delete to its end"), s_switcher},
    {ZT_PRESS_LETTER, ZT_ALT, '1', "Alt-1 ... Alt-0", N_ ("go to a conversation by its place"),
     s_number},
    {ZT_PRESS_UP, ZT_ALT, 0, "Alt-Up", N_ ("the conversation above"), s_previous},
    {ZT_PRESS_DOWN, ZT_ALT, 0, "Alt-Down", N_ ("the conversation below"), s_next},
    {ZT_PRESS_LETTER, ZT_ALT, 'a', "Alt-A", N_ ("the next conversation with something new"),
     s_next_unread},
    {ZT_PRESS_LETTER, ZT_ALT, 'n', "Alt-N", N_ ("of a search: to the next hit, an older one"),
     s_older_hit},
    {ZT_PRESS_LETTER, ZT_ALT, 'p', "Alt-P", N_ ("of a search: to the hit before, a newer one"),
     s_newer_hit},
    {ZT_PRESS_ESCAPE, 0, 0, "Esc", N_ ("end a search: its words are marked no more"), s_end_search},
    {ZT_PRESS_LETTER, ZT_ALT, 'e', "Alt-E", N_ ("edit what is typed with $EDITOR"), s_external},
    {ZT_PRESS_LETTER, ZT_ALT, 'm', "Alt-M", N_ ("let the mouse select text, or no more"), s_mouse},
    {ZT_PRESS_LETTER, ZT_CTRL, 'l', "Ctrl-L", N_ ("draw everything anew"), s_redraw},
    {ZT_PRESS_LETTER, ZT_CTRL, 'z', "Ctrl-Z", N_ ("stop; fg goes on"), s_stop},
    {ZT_PRESS_LETTER, ZT_CTRL, 'c', "Ctrl-C",
     N_ ("delete all that is typed, Ctrl-Y puts it back; in an empty line: end"), s_leave},
    {ZT_PRESS_LETTER, ZT_CTRL, 'd', "Ctrl-D", N_ ("in an empty line: end"), s_leave_empty},
};
enum { S_ROWS = sizeof s_rows / sizeof s_rows[0], S_HELP_COLUMN = 24 };

size_t zt_ui_keys_count (void)
{
    return S_ROWS;
}

void zt_ui_keys_help (size_t i, zt_buffer_t *text)
{
    const char *name = zt_translate (s_rows[i].name);
    int letters = 0; /* of a translation, too: columns, not bytes */
    for (const char *at = name; *at; at++)
        letters += ((unsigned char) *at & 0xC0) != 0x80;
    zt_buffer_put_format (text, "%s%*s%s", name,
                          letters < S_HELP_COLUMN - 1 ? S_HELP_COLUMN - letters : 2, "",
                          zt_translate (s_rows[i].help));
}

static bool s_is_row (const s_row_t *row, const zt_input_t *input)
{
    if (input->press != row->press || input->modifiers != row->modifiers)
        return false;
    if (row->press != ZT_PRESS_LETTER || input->letter == (uint32_t) row->letter)
        return true;
    return row->letter == '1' && input->letter >= '0' && input->letter <= '9';
}

static const s_row_t *s_find (const zt_input_t *input)
{
    for (size_t i = 0; i < S_ROWS; i++)
        if (s_is_row (&s_rows[i], input))
            return &s_rows[i];
    return NULL;
}

/*  Ctrl-K has two meanings: where there is something to delete, it deletes. So have Ctrl-D and Esc.
 */
static bool s_is_for_line (zt_ui_t *self, const s_row_t *row)
{
    zt_editor_view_t view;
    zt_editor_view (self->editor, &view);
    if (row->does == s_end_search)
        return view.is_search || !self->is_searching;
    if (row->does == s_leave_empty)
        return view.text.size || view.is_search;
    return row->does == s_switcher && (view.cursor < view.text.size || view.is_search);
}

/*  ---------------------------------------------------------------------------
    Lists */

static void s_move (zt_ui_t *self, int lines)
{
    zt_list_t *list = &self->list;
    bool chooses = list->selected < list->count;
    size_t *place = chooses ? &list->selected : &list->first;
    /*  What is only read ends with its last line at the bottom. */
    size_t height = chooses ? 1 : (size_t) s_page_rows (self);
    size_t most = list->count > height ? list->count - height : 0;
    if (lines < 0)
        *place -= (size_t) -lines < *place ? (size_t) -lines : *place;
    else
        *place = *place + (size_t) lines < most ? *place + (size_t) lines : most;
    self->version++;
}

static void s_list_press (zt_ui_t *self, const zt_input_t *input)
{
    int page = s_page_rows (self) - 1;
    bool is_ctrl = input->press == ZT_PRESS_LETTER && input->modifiers == ZT_CTRL;
    if (input->press == ZT_PRESS_ESCAPE || input->press == ZT_PRESS_F1 ||
        (is_ctrl && (input->letter == 'g' || input->letter == 'c' || input->letter == 'k')))
        zt_ui_list_close (self);
    else if (input->press == ZT_PRESS_ENTER)
        zt_ui_list_choose (self, self->list.selected);
    else if (input->press == ZT_PRESS_UP)
        s_move (self, -1);
    else if (input->press == ZT_PRESS_DOWN || input->press == ZT_PRESS_TAB)
        s_move (self, 1);
    else if (input->press == ZT_PRESS_PAGE_UP)
        s_move (self, -page);
    else if (input->press == ZT_PRESS_PAGE_DOWN)
        s_move (self, page);
    else if (input->press == ZT_PRESS_BACKSPACE && self->filter.size) {
        while (self->filter.size && ((unsigned char) self->filter.data[--self->filter.size] &
                                     S_UTF8_BACKSPACE) == 0x80) {}
        zt_ui_list_filter (self);
    }
}

static void s_list_input (zt_ui_t *self, const zt_input_t *input)
{
    if (input->kind == ZT_INPUT_PRESS)
        s_list_press (self, input);
    else if (input->kind == ZT_INPUT_TEXT && self->list_kind == ZT_LIST_SWITCHER) {
        zt_buffer_put_bytes (&self->filter, input->text);
        zt_ui_list_filter (self);
    } else if (input->kind == ZT_INPUT_TEXT && input->text.data[0] == 'q')
        zt_ui_list_close (self);
}

/*  ---------------------------------------------------------------------------
    The mouse */

static void s_open_person (zt_ui_t *self, zt_bytes_t name)
{
    zt_buffer_t target = {NULL, 0, 0};
    if (name.size == 0 || zt_bytes_equal (name, zt_model_name (self->model)))
        return;
    zt_buffer_put_char (&target, '@');
    zt_buffer_put_bytes (&target, name);
    zt_conversation_t *conversation = zt_model_enter (self->model, zt_buffer_bytes (&target));
    if (conversation)
        zt_ui_open (self, conversation);
    zt_buffer_free (&target);
}

static void s_click (zt_ui_t *self, const zt_input_t *input)
{
    zt_scene_t scene = zt_ui_scene (self);
    zt_place_t place = zt_view_at (&scene, self->rows, self->columns, (int) input->row - 1,
                                   (int) input->column - 1);
    zt_post_t post;
    switch (place.kind) {
    case ZT_PLACE_CONVERSATION:
        zt_ui_open_index (self, place.index);
        break;
    case ZT_PLACE_PERSON:
        s_open_person (self, zt_model_online (self->model, place.index));
        break;
    case ZT_PLACE_POST:
        if (zt_conversation_post (zt_model_opened (self->model), place.post, &post) &&
            post.kind == ZT_POST_MESSAGE)
            s_open_person (self, post.from);
        break;
    case ZT_PLACE_LINE:
        zt_ui_list_choose (self, place.index);
        break;
    case ZT_PLACE_NONE:
        break;
    }
}

static void s_mouse_input (zt_ui_t *self, const zt_input_t *input)
{
    bool is_wheel = input->button == ZT_BUTTON_WHEEL_UP || input->button == ZT_BUTTON_WHEEL_DOWN;
    int rows = input->button == ZT_BUTTON_WHEEL_UP ? -S_WHEEL : S_WHEEL;
    if (is_wheel && self->list_kind != ZT_LIST_NONE)
        s_move (self, rows);
    else if (is_wheel)
        s_scroll (self, rows);
    else if (input->button == ZT_BUTTON_LEFT && input->is_down && !input->is_motion)
        s_click (self, input);
}

/*  ---------------------------------------------------------------------------
    The editor */

/*  Who is online, and the rooms there are: what a word can be completed to. Strings end with a
    NUL in the model, as they do everywhere that cJSON has made them. */
static zt_completion_lists_t s_lists (zt_ui_t *self, zt_buffer_t *strings)
{
    size_t people = zt_model_online_count (self->model), all = zt_model_count (self->model);
    self->names = zt_realloc (self->names, people + all + 1, sizeof *self->names);
    size_t *starts = zt_alloc ((people + all + 1) * sizeof *starts);
    size_t count = 0, rooms = 0;
    for (size_t i = 0; i < people + all; i++) {
        zt_bytes_t name = i < people
                              ? zt_model_online (self->model, i)
                              : zt_conversation_target (zt_model_get (self->model, i - people));
        if (i >= people && name.data[0] != '#')
            continue;
        rooms += i >= people;
        starts[count++] = strings->size;
        zt_buffer_put_bytes (strings, name);
        zt_buffer_put_char (strings, '\0');
    }
    for (size_t i = 0; i < count; i++)
        self->names[i] = strings->data + starts[i];
    free (starts);
    return (zt_completion_lists_t){self->names, count - rooms, self->names + (count - rooms),
                                   rooms};
}

static void s_edit (zt_ui_t *self, const zt_input_t *input, int64_t now, uint64_t wall)
{
    zt_buffer_t strings = {NULL, 0, 0};
    zt_bytes_t text = {NULL, 0};
    bool completes = input->kind == ZT_INPUT_PRESS && input->press == ZT_PRESS_TAB;
    if (input->kind == ZT_INPUT_PASTE && !zt_ui_paste (self, input, wall))
        return;
    zt_completion_lists_t lists = {NULL, 0, NULL, 0};
    if (completes)
        lists = s_lists (self, &strings);
    zt_editor_result_t result = zt_editor_input (self->editor, input, &lists, &text);
    zt_buffer_free (&strings);
    self->version += result != ZT_EDITOR_UNUSED;
    switch (result) {
    case ZT_EDITOR_SUBMIT:
        zt_ui_submit (self, text, now, wall);
        break;
    case ZT_EDITOR_QUESTION:
        zt_buffer_put_bytes (&self->pasted, text);
        break;
    case ZT_EDITOR_FULL:
        zt_ui_say (self, _ ("a message has no room for more"), wall);
        break;
    case ZT_EDITOR_UNUSED:
    case ZT_EDITOR_CHANGED:
        break;
    }
}

void zt_ui_input (zt_ui_t *self, const zt_input_t *input, int64_t now, uint64_t wall)
{
    const s_row_t *row = input->kind == ZT_INPUT_PRESS ? s_find (input) : NULL;
    self->now = now;
    if (input->kind == ZT_INPUT_FOCUS)
        zt_model_set_attention (self->model, input->has_focus);
    else if (input->kind == ZT_INPUT_MOUSE)
        s_mouse_input (self, input);
    else if (input->kind == ZT_INPUT_CURSOR || input->kind == ZT_INPUT_DEVICE ||
             input->kind == ZT_INPUT_BACKGROUND)
        return;
    else if (self->pasted.size)
        zt_ui_answer (self, input, now, wall);
    else if (self->list_kind != ZT_LIST_NONE)
        s_list_input (self, input);
    else if (row && !s_is_for_line (self, row))
        row->does (self, input);
    else
        s_edit (self, input, now, wall);
}
