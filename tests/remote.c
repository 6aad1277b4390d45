/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/remote.h"

#include "client/lines.h"
#include "client/paint.h"
#include "client/terminal.h"
#include "client/ui.h"
#include "common/alloc.h"
#include "common/json.h"
#include "common/utf8.h"
#include "tests/vterm.h"

#include <stdlib.h>

struct zt_remote_t {
    zt_ui_t *ui;
    zt_client_t *core;
    zt_screen_t *screen;
    zt_painter_t *painter;
    zt_vterm_t *vterm;
    zt_buffer_t bytes;
    zt_buffer_t said; /* last */
    uint64_t id;
};

enum { S_WALL = 1000000 };

zt_widths_t zt_remote_widths (void)
{
    return (zt_widths_t){
        .zwj = 0, .vs16 = 1, .skin = 4, .vs15 = 2, .regional = 1, .indic = 3, .newest = 1};
}

static void s_clock (uint64_t ms, zt_buffer_t *clock, zt_buffer_t *day)
{
    zt_buffer_put_format (clock, "%02u:%02u", (unsigned) (ms / 3600000 % 24),
                          (unsigned) (ms / 60000 % 60));
    zt_buffer_put_string (day, "1970-01-01");
}

static void s_show (void *self_, const zt_item_t *item)
{
    const zt_remote_t *self = self_;
    zt_ui_show (self->ui, item, S_WALL);
}

zt_remote_t *zt_remote_new (bool is_safe)
{
    zt_remote_t *self = zt_alloc (sizeof *self);
    zt_widths_t widths = is_safe ? zt_widths_safe () : zt_remote_widths ();
    const zt_theme_t *theme = zt_theme_find (zt_bytes ("dark"));
    const zt_client_config_t config = {.endpoint = "tcp://x",
                                       .name = "olena",
                                       .device = "d",
                                       .token = "t",
                                       .interactive = true,
                                       .show = s_show,
                                       .show_self = self};
    self->ui = zt_ui_new (&(zt_ui_config_t){"olena", theme, s_clock});
    self->screen = zt_screen_new (24, 80);
    self->painter = zt_painter_new ();
    self->vterm = zt_vterm_new (24, 80);
    self->core = zt_client_new (&config, 0);
    zt_ui_attach (self->ui, self->core);
    zt_ui_set_widths (self->ui, &widths);
    zt_screen_set_widths (self->screen, &widths);
    zt_painter_set_colours (self->painter, ZT_DEPTH_TRUE, zt_theme_palette (theme));
    zt_client_up (self->core, 0);
    zt_client_receive (self->core, zt_bytes ("WELCOME olena 0 2\n{}\n"), 0);
    zt_ui_input (self->ui, &(zt_input_t){.kind = ZT_INPUT_FOCUS}, 0, S_WALL); /* it is lost */
    return self;
}

void zt_remote_destroy (zt_remote_t **self_p)
{
    zt_remote_t *self = *self_p;
    if (self) {
        zt_client_destroy (&self->core);
        zt_ui_destroy (&self->ui);
        zt_screen_destroy (&self->screen);
        zt_painter_destroy (&self->painter);
        zt_vterm_destroy (&self->vterm);
        zt_buffer_free (&self->bytes);
        zt_buffer_free (&self->said);
        free (self);
    }
    *self_p = NULL;
}

/*  ---------------------------------------------------------------------------
    What may go out */

/*  A terminal obeys it, or the text around it is shown in another order. */
static bool s_is_obeyed (uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x61C || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

/*  It says something that nobody sees. */
static bool s_is_hidden (uint32_t c)
{
    return c == 0x200B || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
           (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

/*  The size of a character that is text, or 0. JSON, for programs, keeps what is hidden. */
static size_t s_text (const char *data, size_t size, bool is_json)
{
    uint32_t c;
    size_t used = zt_utf8_read (data, size, &c);
    return used && !s_is_obeyed (c) && (is_json || !s_is_hidden (c)) ? used : 0;
}

/*  The size of a sequence that the painter makes, or 0. */
static size_t s_sequence (zt_bytes_t bytes)
{
    static const char *const whole[] = {"\033[?2026h", "\033[?2026l", "\033[?25l", "\033[?25h",
                                        "\033[?7l",    "\033[2J",     "\033[K"};
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
        if (bytes.size >= strlen (whole[i]) && !memcmp (bytes.data, whole[i], strlen (whole[i])))
            return strlen (whole[i]);
    size_t at = 2;
    if (bytes.size < 3 || bytes.data[0] != '\033' || bytes.data[1] != '[')
        return 0;
    while (at < bytes.size && bytes.data[at] && strchr (";0123456789", bytes.data[at]))
        at++;
    return at < bytes.size && (bytes.data[at] == 'H' || bytes.data[at] == 'm') ? at + 1 : 0;
}

static bool s_check_painted (zt_bytes_t bytes, zt_buffer_t *wrong)
{
    while (bytes.size) {
        size_t used = s_sequence (bytes);
        if (used == 0)
            used = s_text (bytes.data, bytes.size, false);
        if (used == 0) {
            zt_buffer_put_string (wrong, "what is painted is neither text nor a sequence of ours");
            return false;
        }
        bytes = zt_bytes_part (bytes, used, bytes.size - used);
    }
    return true;
}

/*  All is text, but for what it begins and ends with. */
static bool s_check_framed (zt_bytes_t bytes, const char *begin, const char *end, const char *what,
                            zt_buffer_t *wrong)
{
    size_t head = strlen (begin), tail = strlen (end);
    bool is_framed = bytes.size >= head + tail && !memcmp (bytes.data, begin, head) &&
                     !memcmp (bytes.data + bytes.size - tail, end, tail);
    size_t at = head, used = 1;
    while (is_framed && at < bytes.size - tail &&
           (used = s_text (bytes.data + at, bytes.size - tail - at, begin[0] == '{')) > 0)
        at += used;
    if (is_framed && used)
        return true;
    zt_buffer_put_format (wrong, "%s has a control", what);
    return false;
}

/*  ---------------------------------------------------------------------------
    Lines */

/*  Text and line ends; behind each of these, but for the last, four spaces, or in a list of
    who comes and goes "* ". */
static bool s_check_lines (zt_bytes_t lines, bool is_list, zt_buffer_t *wrong)
{
    const char *next = is_list ? "* " : "    ";
    for (size_t at = 0; at < lines.size;) {
        bool is_end = lines.data[at] == '\n';
        size_t used = is_end ? 1 : s_text (lines.data + at, lines.size - at, false);
        if (used == 0 || (at + used == lines.size && !is_end)) {
            zt_buffer_put_string (wrong, "a line has a control, or no end");
            return false;
        }
        at += used;
        if (is_end && at < lines.size &&
            (lines.size - at < strlen (next) ||
             memcmp (lines.data + at, next, strlen (next)) != 0)) {
            zt_buffer_put_string (wrong, "what goes on on another line is not indented");
            return false;
        }
    }
    return true;
}

static bool s_check_item (const zt_item_t *item, zt_buffer_t *wrong)
{
    zt_buffer_t text = {NULL, 0, 0};
    zt_lines_put (&text, item);
    bool is_list = item->kind == ZT_ITEM_HERE || item->kind == ZT_ITEM_LEFT;
    bool is_good = s_check_lines (zt_buffer_bytes (&text), is_list, wrong);
    zt_buffer_clear (&text);
    zt_lines_put_json (&text, item);
    if (is_good && text.size) {
        is_good = s_check_framed (zt_buffer_bytes (&text), "{", "\n", "JSON", wrong);
        if (is_good && !zt_json_valid (zt_buffer_bytes (&text))) {
            zt_buffer_put_string (wrong, "what should be JSON is none");
            is_good = false;
        }
    }
    zt_buffer_free (&text);
    return is_good;
}

/*  ---------------------------------------------------------------------------
    What is said */

static bool s_check_call (const zt_call_t *call, zt_buffer_t *wrong)
{
    static const struct {
        zt_terminal_t terminal;
        const char *begin, *end;
    } cases[] = {
        {{.notify = ZT_NOTIFY_OSC_9}, "\033]9;", "\a"},
        {{.notify = ZT_NOTIFY_OSC_777}, "\033]777;notify;", "\a"},
        {{.is_tmux = true, .notify = ZT_NOTIFY_OSC_9}, "\033Ptmux;\033\033]9;", "\a\033\\"},
        {{.is_tmux = true, .notify = ZT_NOTIFY_OSC_777},
         "\033Ptmux;\033\033]777;notify;",
         "\a\033\\"}};
    bool is_good = true;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0] && is_good; i++) {
        zt_buffer_t bytes = {NULL, 0, 0};
        zt_terminal_put_notice (&bytes, &cases[i].terminal, call->from, call->text);
        is_good = s_check_framed (zt_buffer_bytes (&bytes), cases[i].begin, cases[i].end,
                                  "a notification", wrong);
        zt_buffer_free (&bytes);
    }
    return is_good;
}

static bool s_check_aside (zt_remote_t *self, zt_buffer_t *wrong)
{
    zt_call_t call;
    bool is_good = true;
    while (zt_ui_next_call (self->ui, &call) && is_good)
        is_good = s_check_call (&call, wrong);
    zt_buffer_t title = {NULL, 0, 0}, bytes = {NULL, 0, 0};
    zt_ui_title (self->ui, &title);
    zt_terminal_put_title (&bytes, zt_buffer_bytes (&title));
    is_good =
        is_good && s_check_framed (zt_buffer_bytes (&bytes), "\033]2;", "\033\\", "a title", wrong);
    zt_buffer_free (&title);
    zt_buffer_free (&bytes);
    return is_good;
}

/*  What begins, ends: so it is with the core. */
static void s_show_found (zt_remote_t *self, zt_item_t item, zt_item_kind_t begin,
                          zt_item_kind_t end)
{
    item.kind = begin;
    item.code = NULL;
    zt_ui_show (self->ui, &item, S_WALL);
    item.kind = ZT_ITEM_FOUND;
    zt_ui_show (self->ui, &item, S_WALL);
    item.kind = end;
    zt_ui_show (self->ui, &item, S_WALL);
}

static void s_show_item (zt_remote_t *self, const zt_item_t *item)
{
    if (item->kind == ZT_ITEM_OLDER)
        s_show_found (self, *item, ZT_ITEM_OLDER, ZT_ITEM_OLDER_END);
    else if (item->kind == ZT_ITEM_HITS)
        s_show_found (self, *item, ZT_ITEM_HITS, ZT_ITEM_HITS_END);
    else if (item->kind != ZT_ITEM_OLDER_END && item->kind != ZT_ITEM_HITS_END &&
             item->kind != ZT_ITEM_PARTED) /* which takes all that was said away */
        zt_ui_show (self->ui, item, S_WALL);
}

/*  Who an item is from and to, in turn. */
typedef enum { S_ROOM, S_PRIVATE, S_ODD, S_WAYS } s_way_t;

typedef struct {
    zt_bytes_t text; /* wherever a kind has some */
    zt_bytes_t name; /* '@' and the bytes: who is odd */
    zt_bytes_t odd;  /* where they say it */
} s_said_t;

/*  The core lets less pass than this; it is not to be relied on here. */
static bool s_item (zt_remote_t *self, zt_item_kind_t kind, s_way_t way, const s_said_t *said,
                    zt_buffer_t *wrong)
{
    const char *names[] = {said->name.data + 1, "ivan"};
    const zt_flag_t flags[] = {{.like = said->text}, {.mixes = true}};
    zt_item_t item = {.kind = kind,
                      .id = ++self->id,
                      .ref = self->id,
                      .from_id = 1,
                      .count = 2,
                      .time = S_WALL,
                      .from = way == S_ODD ? said->name : zt_bytes ("@ivan"),
                      .to = way == S_ODD       ? said->odd
                            : way == S_PRIVATE ? zt_bytes ("@olena")
                                               : zt_bytes ("#general"),
                      .text = said->text,
                      .message = said->text,
                      .code = "lost",
                      .from_flag = {.like = said->text},
                      .names = names,
                      .names_count = 2,
                      .flags = flags,
                      .has_text = true};
    bool is_good = s_check_item (&item, wrong);
    s_show_item (self, &item);
    return is_good;
}

/*  True for kinds that tell of a sender or a target: only they differ by the way. What is found
    comes with the hits. */
static bool s_is_addressed (zt_item_kind_t kind)
{
#define S_WHAT(id, type, what) what,
    static const char *const whats[] = {ZT_ITEMS (S_WHAT)};
#undef S_WHAT
    const char *members = strrchr (whats[kind], ':');
    return strstr (members, " to") || strstr (members, " as message") || kind == ZT_ITEM_HITS;
}

/*  An item of every kind, in each way. */
static bool s_items (zt_remote_t *self, const s_said_t *said, zt_buffer_t *wrong)
{
    bool is_good = true;
    for (unsigned i = 0; i < ZT_ITEM_COUNT * S_WAYS && is_good; i++)
        is_good = s_item (self, (zt_item_kind_t) (i % ZT_ITEM_COUNT), (s_way_t) (i / ZT_ITEM_COUNT),
                          said, wrong);
    return is_good;
}

/*  The same text calls olena, which makes another thing of a message only; and somebody with an
    odd name says it in private. */
static bool s_calls (zt_remote_t *self, const s_said_t *said, zt_buffer_t *wrong)
{
    bool is_good = s_item (self, ZT_ITEM_MESSAGE, S_ROOM, said, wrong) &&
                   s_item (self, ZT_ITEM_MESSAGE, S_PRIVATE, said, wrong);
    for (unsigned i = 0; i < ZT_ITEM_COUNT && is_good; i++)
        is_good = !s_is_addressed ((zt_item_kind_t) i) ||
                  s_item (self, (zt_item_kind_t) i, S_ODD, said, wrong);
    return is_good;
}

bool zt_remote_say (zt_remote_t *self, zt_bytes_t bytes, zt_buffer_t *wrong)
{
    zt_buffer_t name = {NULL, 0, 0}, room = {NULL, 0, 0}, call = {NULL, 0, 0};
    zt_buffer_clear (&self->said);
    zt_buffer_put_bytes (&self->said, bytes);
    zt_buffer_put_char (&name, '@');
    zt_buffer_put_bytes (&name, bytes);
    zt_buffer_string (&name);
    zt_buffer_put_char (&room, '#');
    zt_buffer_put_bytes (&room, bytes);
    zt_buffer_put_string (&call, "olena: ");
    zt_buffer_put_bytes (&call, bytes);
    const s_said_t said = {bytes, zt_buffer_bytes (&name), zt_buffer_bytes (&room)};
    const s_said_t calls = {zt_buffer_bytes (&call), said.name, said.name};
    bool is_good = s_items (self, &said, wrong) && s_calls (self, &calls, wrong) &&
                   s_check_aside (self, wrong);
    zt_buffer_free (&name);
    zt_buffer_free (&room);
    zt_buffer_free (&call);
    return is_good;
}

/*  ---------------------------------------------------------------------------
    What is seen */

static bool s_check_cell (const zt_remote_t *self, int row, int column, const zt_cell_t *cell,
                          zt_buffer_t *wrong)
{
    zt_vterm_cell_t first = zt_vterm_cell (self->vterm, row, column);
    if (cell->columns == 1 &&
        zt_bytes_equal (zt_bytes (first.text), (zt_bytes_t){cell->text, cell->size}))
        return true; /* as nearly all are */
    zt_buffer_t seen = {NULL, 0, 0};
    for (int i = 0; i < cell->columns; i++)
        zt_buffer_put_string (&seen, zt_vterm_cell (self->vterm, row, column + i).text);
    bool is_same = zt_bytes_equal (zt_buffer_bytes (&seen), (zt_bytes_t){cell->text, cell->size});
    /*  Where terminals disagree, a part of a cluster may be missing, as U+0600 is here; but
        nothing else stands in its place, and its neighbours are where they are. */
    while (!is_same && cell->is_contentious && seen.size && seen.data[seen.size - 1] == ' ')
        seen.size--;
    is_same = is_same || (cell->is_contentious &&
                          memmem (cell->text, cell->size, zt_buffer_string (&seen), seen.size));
    if (!is_same)
        zt_buffer_put_format (wrong, "row %d, column %d: '%s' is shown instead of '%.*s'", row,
                              column, zt_buffer_string (&seen), cell->size, cell->text);
    zt_buffer_free (&seen);
    return is_same;
}

static bool s_check_grid (const zt_remote_t *self, zt_buffer_t *wrong)
{
    for (int row = 0; row < zt_screen_rows (self->screen); row++) {
        const zt_cell_t *cells = zt_screen_row (self->screen, row);
        for (int k = 0; k < zt_screen_columns (self->screen); k += cells[k].columns)
            if (!s_check_cell (self, row, k, &cells[k], wrong))
                return false;
    }
    return true;
}

/*  What libvterm takes for wider than we do, at the right edge: it goes to the next row, though it
    was told not to, or crashes where there is no room at all. */
static bool s_is_too_much_for_vterm (const zt_remote_t *self)
{
    int columns = zt_screen_columns (self->screen);
    for (int row = 0; row < zt_screen_rows (self->screen); row++) {
        const zt_cell_t *cells = zt_screen_row (self->screen, row);
        for (int k = 0; k < columns; k += cells[k].columns)
            if (cells[k].is_contentious && k + cells[k].columns == columns)
                return true;
    }
    return false;
}

static void s_press (zt_remote_t *self, zt_press_t press, uint32_t letter, unsigned modifiers)
{
    const zt_input_t input = {
        .kind = ZT_INPUT_PRESS, .press = press, .letter = letter, .modifiers = modifiers};
    zt_ui_input (self->ui, &input, 0, S_WALL);
}

void zt_remote_turn (zt_remote_t *self)
{
    s_press (self, ZT_PRESS_ESCAPE, 0, 0);
    s_press (self, ZT_PRESS_DOWN, 0, ZT_ALT);
}

bool zt_remote_look (zt_remote_t *self, int rows, int columns, zt_remote_view_t view,
                     zt_buffer_t *wrong)
{
    s_press (self, ZT_PRESS_ESCAPE, 0, 0);
    if (view == ZT_REMOTE_SWITCHER)
        s_press (self, ZT_PRESS_LETTER, 'k', ZT_CTRL);
    else if (view == ZT_REMOTE_HITS)
        s_show_found (self,
                      (zt_item_t){.id = ++self->id,
                                  .time = S_WALL,
                                  .from = zt_bytes ("@ivan"),
                                  .to = zt_bytes ("#general"),
                                  .text = zt_buffer_bytes (&self->said),
                                  .has_text = true},
                      ZT_ITEM_HITS, ZT_ITEM_HITS_END);
    if (rows != zt_screen_rows (self->screen) || columns != zt_screen_columns (self->screen)) {
        zt_screen_resize (self->screen, rows, columns);
        zt_vterm_resize (self->vterm, rows, columns);
        zt_ui_set_size (self->ui, rows, columns);
        zt_painter_forget (self->painter);
    }
    zt_ui_tick (self->ui, 0, S_WALL);
    zt_ui_draw (self->ui, self->screen, 0);
    zt_buffer_clear (&self->bytes);
    zt_painter_paint (self->painter, self->screen, &self->bytes);
    if (s_is_too_much_for_vterm (self)) {
        zt_painter_forget (self->painter);
        return s_check_painted (zt_buffer_bytes (&self->bytes), wrong);
    }
    zt_vterm_feed (self->vterm, zt_buffer_bytes (&self->bytes));
    return s_check_painted (zt_buffer_bytes (&self->bytes), wrong) && s_check_grid (self, wrong);
}
