/*  SPDX-License-Identifier: MPL-2.0

    The full screen without a terminal: what keys, and the core's items, make of the grid. */

#include "client/ui.h"
#include "common/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { S_WALL = 1000000, S_ROWS = 12, S_COLUMNS = 60 };

typedef struct {
    zt_client_t *core;
    zt_ui_t *ui;
    zt_screen_t *screen;
    const zt_theme_t *theme;
    zt_buffer_t text; /* of the screen */
} s_world_t;

static void s_clock (uint64_t ms, zt_buffer_t *clock, zt_buffer_t *day)
{
    zt_buffer_put_format (clock, "%02u:%02u", (unsigned) (ms / 3600000 % 24),
                          (unsigned) (ms / 60000 % 60));
    zt_buffer_put_string (day, "1970-01-01");
}

static void s_show (void *self_, const zt_item_t *item)
{
    const s_world_t *self = self_;
    zt_ui_show (self->ui, item, S_WALL);
}

static void s_receive (s_world_t *self, const char *header, const char *body)
{
    zt_buffer_t frame = {NULL, 0, 0};
    zt_buffer_put_format (&frame, "%s %zu\n%s\n", header, strlen (body), body);
    zt_client_receive (self->core, zt_buffer_bytes (&frame), 0);
    zt_buffer_free (&frame);
}

static void s_connect (s_world_t *self)
{
    zt_client_up (self->core, 0);
    zt_client_tick (self->core, 0);
    assert_true (zt_client_frame (self->core).size > 0); /* HELLO */
    zt_client_frame_sent (self->core, 0);
    s_receive (self, "WELCOME olena 0", "{}");
}

static int s_setup (void **state)
{
    s_world_t *self = zt_alloc (sizeof *self);
    const zt_client_config_t config = {.endpoint = "tcp://x",
                                       .name = "olena",
                                       .device = "d",
                                       .token = "t",
                                       .interactive = true,
                                       .show = s_show,
                                       .show_self = self};
    self->theme = zt_theme_find (zt_bytes ("none"));
    self->ui = zt_ui_new (&(zt_ui_config_t){"olena", self->theme, s_clock});
    self->core = zt_client_new (&config, 0);
    self->screen = zt_screen_new (S_ROWS, S_COLUMNS);
    zt_ui_attach (self->ui, self->core);
    zt_ui_set_size (self->ui, S_ROWS, S_COLUMNS);
    *state = self;
    return 0;
}

static int s_teardown (void **state)
{
    s_world_t *self = *state;
    zt_client_destroy (&self->core);
    zt_ui_destroy (&self->ui);
    zt_screen_destroy (&self->screen);
    zt_buffer_free (&self->text);
    free (self);
    return 0;
}

/*  ---------------------------------------------------------------------------
    Hands and eyes */

static void s_press (s_world_t *self, zt_press_t press, uint32_t letter, unsigned modifiers)
{
    const zt_input_t input = {
        .kind = ZT_INPUT_PRESS, .press = press, .letter = letter, .modifiers = modifiers};
    zt_ui_input (self->ui, &input, 0, S_WALL);
}

static void s_type (s_world_t *self, const char *text)
{
    const zt_input_t input = {.kind = ZT_INPUT_TEXT, .text = zt_bytes (text)};
    zt_ui_input (self->ui, &input, 0, S_WALL);
}

static void s_enter (s_world_t *self, const char *line)
{
    s_type (self, line);
    s_press (self, ZT_PRESS_ENTER, 0, 0);
}

static void s_resize (s_world_t *self, int rows, int columns)
{
    zt_screen_resize (self->screen, rows, columns);
    zt_ui_set_size (self->ui, rows, columns);
}

static void s_put_row (const s_world_t *self, int row, zt_buffer_t *text)
{
    const zt_cell_t *cells = zt_screen_row (self->screen, row);
    for (int column = 0; column < zt_screen_columns (self->screen); column++)
        zt_buffer_put (text, cells[column].text, cells[column].size);
    while (text->size && text->data[text->size - 1] == ' ')
        text->size--;
}

/*  What is on the screen, a line for each row. */
static const char *s_look (s_world_t *self)
{
    zt_ui_tick (self->ui, 0, S_WALL);
    zt_ui_draw (self->ui, self->screen, 0);
    zt_buffer_clear (&self->text);
    for (int row = 0; row < zt_screen_rows (self->screen); row++) {
        zt_buffer_put_char (&self->text, '\n');
        s_put_row (self, row, &self->text);
    }
    return zt_buffer_string (&self->text);
}

static void s_see (s_world_t *self, const char *text)
{
    if (!strstr (s_look (self), text))
        fail_msg ("there is no '%s' in:%s", text, s_look (self));
}

static void s_see_no (s_world_t *self, const char *text)
{
    if (strstr (s_look (self), text))
        fail_msg ("there is '%s' in:%s", text, s_look (self));
}

/*  The row that has the text, or -1. */
static int s_row (s_world_t *self, const char *text)
{
    s_look (self);
    for (int row = 0; row < zt_screen_rows (self->screen); row++) {
        zt_buffer_t line = {NULL, 0, 0};
        s_put_row (self, row, &line);
        bool is_there = strstr (zt_buffer_string (&line), text) != NULL;
        zt_buffer_free (&line);
        if (is_there)
            return row;
    }
    return -1;
}

/*  All that is marked, each run of it in brackets. */
static void s_expect_marked (s_world_t *self, const char *expected)
{
    zt_buffer_t marked = {NULL, 0, 0};
    zt_style_t look = zt_theme_style (self->theme, ZT_ROLE_FOUND);
    s_look (self);
    zt_area_t all = zt_screen_area (self->screen);
    for (int row = 0; row < all.rows - 2; row++) { /* below are the bar and what is typed */
        const zt_cell_t *cells = zt_screen_row (self->screen, row);
        bool is_open = false;
        for (int column = 0; column < all.columns; column++) {
            bool is_found = zt_style_equal (cells[column].style, look);
            if (is_found != is_open)
                zt_buffer_put_char (&marked, is_found ? '[' : ']');
            is_open = is_found;
            if (is_found)
                zt_buffer_put (&marked, cells[column].text, cells[column].size);
        }
        if (is_open)
            zt_buffer_put_char (&marked, ']');
    }
    assert_string_equal (zt_buffer_string (&marked), expected);
    zt_buffer_free (&marked);
}

static void s_expect_cursor (s_world_t *self, int row, int column)
{
    int at_row = -1, at_column = -1;
    s_look (self);
    assert_true (zt_screen_cursor (self->screen, &at_row, &at_column));
    assert_int_equal (at_row, row);
    assert_int_equal (at_column, column);
}

/*  A message of ivan's, live. */
static void s_say (s_world_t *self, unsigned id, const char *text)
{
    char header[64];
    zt_buffer_t body = {NULL, 0, 0};
    snprintf (header, sizeof header, "MSG %u 1000 @ivan #general", id);
    zt_buffer_put_format (&body, "{\"text\":\"%s\"}", text);
    s_receive (self, header, zt_buffer_string (&body));
    zt_buffer_free (&body);
}

/*  What the core asks goes out, and is answered with these messages. The ref of the last request is
    wanted. */
static void s_answer (s_world_t *self, const char *verb, const char *body)
{
    char header[64];
    uint64_t ref = 0;
    zt_client_tick (self->core, 0);
    for (zt_bytes_t frame; (frame = zt_client_frame (self->core)).size;) {
        const char *at = memmem (frame.data, frame.size, verb, strlen (verb));
        if (at)
            ref = strtoull (at + strlen (verb), NULL, 10);
        zt_client_frame_sent (self->core, 0);
    }
    assert_true (ref > 0);
    snprintf (header, sizeof header, "RESULT %llu", (unsigned long long) ref);
    s_receive (self, header, body);
}

/*  ---------------------------------------------------------------------------
    A search */

#define S_HIT(id, text)                                                                            \
    "{\"id\":" #id ",\"time\":1000,\"from\":\"@ivan\",\"to\":\"#general\",\"body\":{\"text\":"     \
    "\"" text "\"}}"
#define S_HITS(hits) "{\"messages\":[" hits "],\"more\":false}"

static void s_what_was_searched_for_is_marked (void **state)
{
    s_world_t *self = *state;
    s_connect (self);
    s_say (self, 1, "a needle, and NEEDLES");
    s_say (self, 2, "no pinneedle");
    s_say (self, 3, "x");
    s_enter (self, "/search needle");
    s_expect_marked (self, "");
    s_answer (self, "SEARCH ", S_HITS (S_HIT (1, "a needle, and NEEDLES")));
    s_see (self, "Found, the newest first");
    s_press (self, ZT_PRESS_ENTER, 0, 0);
    s_expect_marked (self, "[needle][NEEDLES]");
    s_see (self, "hit 1 of 1");
    /*  What comes is marked, too; a search for what is in no message ends the one before. */
    s_say (self, 4, "another needle");
    s_press (self, ZT_PRESS_END, 0, ZT_ALT);
    s_expect_marked (self, "[needle][NEEDLES][needle]");
    s_press (self, ZT_PRESS_ESCAPE, 0, 0);
    s_expect_marked (self, "");
    s_see_no (self, "hit ");
    s_press (self, ZT_PRESS_LETTER, 'n', ZT_ALT); /* there is none */
    s_see_no (self, "hit ");

    /*  A word that is cut by the end of a row, and in a narrow window. */
    s_enter (self, "/search needle a");
    s_answer (self, "SEARCH ", S_HITS (S_HIT (1, "a needle, and NEEDLES")));
    s_press (self, ZT_PRESS_ESCAPE, 0, 0); /* closes the list */
    s_expect_marked (self, "[a][needle][and][NEEDLES][another][needle]");
    s_resize (self, S_ROWS, 4);
    s_look (self);
    s_resize (self, S_ROWS, S_COLUMNS);
    s_enter (self, "/search nowhere");
    s_answer (self, "SEARCH ", S_HITS (""));
    s_see (self, "nothing was found");
    s_expect_marked (self, "");
}

/*  With colours it is more than a colour that marks. */
static void s_a_mark_needs_no_colour (void **state)
{
    (void) state;
    static const char *const names[] = {"dark", "light", "none"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const zt_theme_t *theme = zt_theme_find (zt_bytes (names[i]));
        assert_int_not_equal (zt_theme_style (theme, ZT_ROLE_FOUND).flags,
                              zt_theme_style (theme, ZT_ROLE_TEXT).flags);
    }
}

static void s_hits_are_gone_through (void **state)
{
    s_world_t *self = *state;
    char text[64];
    s_connect (self);
    for (unsigned i = 1; i <= 100; i++) {
        snprintf (text, sizeof text, i % 30 ? "line %u" : "line %u has a needle", i);
        s_say (self, i, text);
    }
    s_enter (self, "/search needle");
    s_answer (self, "SEARCH ",
              S_HITS (S_HIT (30, "line 30 has a needle") "," S_HIT (
                  60, "line 60 has a needle") "," S_HIT (90, "line 90 has a needle")));
    s_press (self, ZT_PRESS_ESCAPE, 0, 0);
    s_see (self, "hit 0 of 3");
    static const struct {
        char key;
        const char *hit, *line;
    } steps[] = {{'n', "hit 1 of 3", "line 90 "}, {'n', "hit 2 of 3", "line 60 "},
                 {'p', "hit 1 of 3", "line 90 "}, {'p', "hit 1 of 3", "line 90 "},
                 {'n', "hit 2 of 3", "line 60 "}, {'n', "hit 3 of 3", "line 30 "},
                 {'n', "hit 3 of 3", "line 30 "}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        s_press (self, ZT_PRESS_LETTER, (uint32_t) steps[i].key, ZT_ALT);
        s_see (self, steps[i].hit);
        s_see (self, steps[i].line);
        s_expect_marked (self, "[needle]");
    }
}

/*  Of a message taller than the screen, the row with the hit is seen. */
static void s_a_hit_in_a_tall_message_is_seen (void **state)
{
    s_world_t *self = *state;
    zt_buffer_t tall = {NULL, 0, 0}, hit = {NULL, 0, 0};
    s_connect (self);
    for (int i = 1; i <= 60; i++)
        zt_buffer_put_format (&tall, i == 20 ? "row %d has a needle\\n" : "row %d of many\\n", i);
    s_say (self, 1, "before");
    s_say (self, 2, zt_buffer_string (&tall));
    s_say (self, 3, "after");
    zt_buffer_put_format (&hit,
                          "{\"messages\":[{\"id\":2,\"time\":1000,\"from\":\"@ivan\",\"to\":"
                          "\"#general\",\"body\":{\"text\":\"%s\"}}],\"more\":false}",
                          zt_buffer_string (&tall));
    s_see_no (self, "row 20 ");
    s_enter (self, "/search needle");
    s_answer (self, "SEARCH ", zt_buffer_string (&hit));
    s_press (self, ZT_PRESS_ENTER, 0, 0);
    s_see (self, "row 20 has a needle");
    s_expect_marked (self, "[needle]");
    assert_in_range (s_row (self, "row 20 "), 2, S_ROWS - 4);

    /*  What is in none of its rows (the broker knows better) leads to its beginning. */
    s_press (self, ZT_PRESS_END, 0, ZT_ALT);
    s_see_no (self, "row 1 of");
    s_enter (self, "/search elsewhere");
    s_answer (self, "SEARCH ", zt_buffer_string (&hit));
    s_press (self, ZT_PRESS_ENTER, 0, 0);
    s_see (self, "ivan: row 1 of many");
    zt_buffer_free (&tall);
    zt_buffer_free (&hit);
}

static void s_a_search_without_a_connection_waits_and_says_so (void **state)
{
    s_world_t *self = *state;
    s_enter (self, "/search needle");
    s_see (self, "* there is no connection; the answer comes when there\n");
    s_connect (self);
    s_answer (self, "SEARCH ", S_HITS (S_HIT (1, "a needle")));
    s_see (self, "Found, the newest first");
    s_see (self, "> 1970-01-01 00:00 #general ivan: a needle");
    s_press (self, ZT_PRESS_ESCAPE, 0, 0);
    s_enter (self, "/search needle");
    const char *said = strstr (s_look (self), "* there is no connection");
    assert_non_null (said); /* once, and not again */
    assert_null (strstr (said + 1, "* there is no connection"));
}

/*  ---------------------------------------------------------------------------
    Rooms */

static void s_a_room_has_the_name_that_it_was_made_with (void **state)
{
    s_world_t *self = *state;
    s_connect (self);
    s_enter (self, "/to #київ"); /* before it is joined */
    s_see (self, "\n#київ>");
    s_enter (self, "/join #київ");
    s_answer (self, "JOIN ", "{\"room\":\"#КИЇВ\",\"users\":[\"olena\"]}");
    s_see (self, "\n#КИЇВ>");
    s_see (self, "* you are in #КИЇВ; online: olena");
    s_enter (self, "/to #general");
    s_enter (self, "/to #Київ");
    s_see (self, "\n#КИЇВ>");
    s_enter (self, "hi");
    s_resize (self, S_ROWS, 80); /* with the list of all of them */
    s_see (self, ">#КИЇВ ");
    s_see_no (self, "#київ");
    s_see_no (self, "#Київ");
}

static void s_a_room_that_there_is_none_of_is_closed (void **state)
{
    s_world_t *self = *state;
    s_connect (self);
    s_resize (self, S_ROWS, 80); /* with the list */
    s_enter (self, "/join #dev");
    s_answer (self, "JOIN ", "{\"room\":\"#dev\",\"users\":[\"olena\"]}");
    s_enter (self, "/to #nope");
    s_see (self, "\n>#nope");
    s_enter (self, "/close");
    s_see_no (self, "#nope");
    s_see (self, "\n>#general");
    s_enter (self, "/close #dev");
    s_see (self, "* a room is left with /leave");
    s_see (self, "\n #dev");
    s_enter (self, "/close #general");
    s_see (self, "\n>#general");

    /*  What is typed is not thrown away with it. */
    s_enter (self, "/to ivan");
    s_type (self, "a thought");
    s_press (self, ZT_PRESS_LETTER, '1', ZT_ALT);
    s_enter (self, "/close ivan");
    s_see (self, "* something is typed there and not sent: send it or");
    s_see (self, "\n @ivan");
    s_enter (self, "/to ivan");
    s_see (self, "\n@ivan> a thought");
    s_press (self, ZT_PRESS_LETTER, 'u', ZT_CTRL);
    s_enter (self, "/close");
    s_see_no (self, "\n @ivan");
}

/*  ---------------------------------------------------------------------------
    What is told to who asks */

static void s_who_is_online_is_told (void **state)
{
    s_world_t *self = *state;
    s_connect (self);
    s_resize (self, S_ROWS, 24); /* where there is no pane */
    s_enter (self, "/who");
    s_answer (self, "WHO ",
              "{\"users\":[\"anna\",\"bohdan\",\"clara\",\"dmytro\",\"emil\",\"frida\","
              "\"g\",\"h\",\"ivan\",\"olena\"]}");
    s_see (self, "* online (10): anna,\n");
    s_see (self, "bohdan, clara, dmytro,\n");
    s_see (self, "ivan, olena\n");
    s_enter (self, "/to ivan");
    s_enter (self, "/to");
    s_see (self, "* what you type goes to\n  @ivan\n");
    s_enter (self, "/quiet #general");
    s_see (self, "* #general calls no\n  more;");
    s_enter (self, "/quiet #general");
    s_see (self, "* #general calls again\n");
}

static void s_history_goes_back_in_the_conversation (void **state)
{
    s_world_t *self = *state;
    char text[64];
    s_connect (self);
    for (unsigned i = 1; i <= 100; i++) {
        snprintf (text, sizeof text, "line %u.", i);
        s_say (self, i, text);
    }
    s_see (self, "line 100.");
    s_enter (self, "/history");
    s_see_no (self, "line 90.");
    s_see (self, "line 72.");
    s_enter (self, "/history 30");
    s_see (self, "line 40.");
    s_enter (self, "/to #other");
    s_enter (self, "/history #general 500");
    s_see (self, "\n#general>");
    s_see (self, "line 1.");
    s_enter (self, "/history #general x");
    s_see (self, "* usage: /history [TARGET] [COUNT]");
    assert_null (strstr (s_look (self), "history of"));
}

/*  ---------------------------------------------------------------------------
    The bar, the panes, and the help */

/*  Only so many columns, from the last one on that has more than the one after it. */
static void s_the_bar_leaves_out_what_matters_least (void **state)
{
    s_world_t *self = *state;
    char text[64];
    s_connect (self);
    for (unsigned i = 1; i <= 100; i++) {
        snprintf (text, sizeof text, "line %u.", i);
        s_say (self, i, text);
    }
    s_enter (self, "/to ivan");
    s_say (self, 101, "olena: look");
    s_enter (self, "/to #general");
    s_press (self, ZT_PRESS_PAGE_UP, 0, 0);
    s_enter (self, "/msg ivan");
    s_say (self, 102, "olena: look");
    s_see (self, "\n @ivan  connected  0 online  1 unread!\n");
    static const struct {
        int columns;
        const char *bar;
    } rows[] = {{38, "\n @ivan  connected  0 online  1 unread!\n"},
                {37, "\n @ivan  connected  1 unread!\n"},
                {28, "\n @ivan  connected  1 unread!\n"},
                {27, "\n @ivan  1 unread!\n"},
                {16, "\n 1 unread!\n"},
                {6, "\n 1 un…\n"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        s_resize (self, S_ROWS, rows[i].columns);
        s_see (self, rows[i].bar);
    }
    s_resize (self, S_ROWS, 32);
    s_enter (self, "/to #general");
    s_press (self, ZT_PRESS_PAGE_UP, 0, 0);
    s_see (self, "\n #general  connected  8 below\n");
    s_resize (self, S_ROWS, 28);
    s_see (self, "\n #general  8 below\n");
    s_resize (self, S_ROWS, 17);
    s_see (self, "\n 8 below\n");
    for (int columns = 1; columns < 50; columns++) {
        s_resize (self, S_ROWS, columns);
        s_look (self);
    }
}

static void s_what_counts_of_a_connection_is_told_first (void **state)
{
    s_world_t *self = *state;
    s_see (self, "\n #general  connecting  what you type is kept\n");
    s_connect (self);
    s_enter (self, "/to ivan");
    s_say (self, 1, "olena: look");
    zt_client_down (self->core, 0);
    zt_client_retrying (self->core, 1500);
    s_resize (self, S_ROWS, 40);
    s_see (self, "\n offline, trying again in 2 s  1 unread!\n");
    assert_int_equal (zt_ui_deadline (self->ui), 500); /* when it is one */
    zt_client_retrying (self->core, 0);
    s_see (self, "\n @ivan  offline, trying again  1 unread!\n");
    s_resize (self, S_ROWS, 100);
    s_see (self, "online (?)"); /* nobody knows */
    s_see_no (self, "0 online");
    s_connect (self);
    s_see (self, "online (0)");
    assert_true (zt_client_retry_at (self->core) == ZT_NEVER);
}

static void s_who_waits_is_told_where_nobody_answers (void **state)
{
    s_world_t *self = *state;
    s_see_no (self, "still trying");
    zt_client_tick (self->core, 3000);
    s_see (self, "* no answer from tcp://x yet; still trying");
    zt_ui_tick (self->ui, 0, S_WALL + 12000); /* from the beginning */
    zt_ui_draw (self->ui, self->screen, 0);
    zt_buffer_t bar = {NULL, 0, 0};
    s_put_row (self, S_ROWS - 2, &bar);
    assert_string_equal (zt_buffer_string (&bar),
                         " #general  connecting  for 12 s now; what you type is kept");
    zt_buffer_free (&bar);
}

static void s_long_names_are_told_apart (void **state)
{
    s_world_t *self = *state;
    s_connect (self);
    s_enter (self, "/to #a-room-with-a-long-name-for-us");
    s_enter (self, "/to #a-room-with-a-long-name-for-all");
    s_resize (self, S_ROWS, 80);
    s_see (self, "\n>#a-room-with-a-lo…│");
    s_resize (self, S_ROWS, 100);
    s_see (self, "\n>#a-room-with-a-long-na…│");
    s_resize (self, S_ROWS, 200);
    s_see (self, "\n>#a-room-with-a-long-name-for-all  │");
    s_see (self, "\n #a-room-with-a-long-name-for-us   │");
}

static void s_the_help_is_whole (void **state)
{
    s_world_t *self = *state;
    s_press (self, ZT_PRESS_F1, 0, 0);
    for (int columns = 40; columns <= 130; columns++) {
        s_resize (self, 200, columns);
        s_see (self, "/exit");
        s_see_no (self, "…");
        s_see_no (self, "more: PgDn");
    }
    s_resize (self, S_ROWS, S_COLUMNS);
    s_see (self, "\nKeys and commands (Esc closes)                    more: PgDn\n");
    for (int i = 0; i < 20; i++)
        s_press (self, ZT_PRESS_PAGE_DOWN, 0, 0);
    s_see (self, "\nKeys and commands (Esc closes)\n");
    s_see (self, "/exit");
}

static void s_what_ctrl_c_deletes_comes_back (void **state)
{
    s_world_t *self = *state;
    int status;
    s_connect (self);
    s_type (self, "a long thought");
    s_press (self, ZT_PRESS_LETTER, 'c', ZT_CTRL);
    assert_int_equal (zt_ui_draft (self->ui).size, 0);
    s_press (self, ZT_PRESS_LETTER, 'y', ZT_CTRL);
    s_see (self, "\n#general> a long thought");
    s_press (self, ZT_PRESS_LETTER, 'c', ZT_CTRL);
    s_press (self, ZT_PRESS_LETTER, '_', ZT_CTRL);
    s_see (self, "\n#general> a long thought");
    s_press (self, ZT_PRESS_LETTER, 'd', ZT_CTRL); /* there is nothing behind the cursor */
    /*  A search is ended, and nothing more. */
    s_press (self, ZT_PRESS_LETTER, 'r', ZT_CTRL);
    s_type (self, "nowhere");
    s_press (self, ZT_PRESS_LETTER, 'c', ZT_CTRL);
    s_see (self, "\n#general> a long thought");
    s_press (self, ZT_PRESS_LETTER, 'c', ZT_CTRL);
    assert_false (zt_client_over (self->core, &status));
    s_answer (self, "HISTORY ", S_HITS (""));
    s_press (self, ZT_PRESS_LETTER, 'd', ZT_CTRL);
    while (zt_client_frame (self->core).size)
        zt_client_frame_sent (self->core, 0);
    assert_true (zt_client_over (self->core, &status));
    assert_int_equal (status, 0);
}

/*  ---------------------------------------------------------------------------
    What is pasted */

static void s_paste (s_world_t *self, zt_bytes_t text)
{
    const zt_input_t input = {.kind = ZT_INPUT_PASTE, .text = text};
    zt_ui_input (self->ui, &input, 0, S_WALL);
}

/*  As many lines, each with its number and so many letters. */
static void s_put_lines (zt_buffer_t *text, int lines, int letters)
{
    for (int i = 1; i <= lines; i++) {
        zt_buffer_put_format (text, "%04d ", i);
        for (int letter = 0; letter < letters; letter++)
            zt_buffer_put_char (text, 'x');
        zt_buffer_put_char (text, '\n');
    }
}

/*  How many messages go out, with the brokers answer to each. The last one is told. */
static size_t s_send_all (s_world_t *self, zt_buffer_t *last)
{
    size_t count = 0;
    zt_client_tick (self->core, 0);
    for (zt_bytes_t frame; (frame = zt_client_frame (self->core)).size;) {
        zt_buffer_t sent = {NULL, 0, 0};
        zt_buffer_put_bytes (&sent, frame);
        zt_client_frame_sent (self->core, 0);
        for (const char *at = zt_buffer_string (&sent); (at = strstr (at, "SEND ")); at++) {
            char answer[64];
            snprintf (answer, sizeof answer, "SENT %llu %zu 1000\n", strtoull (at + 5, NULL, 10),
                      ++count);
            zt_client_receive (self->core, zt_bytes (answer), 0);
            const char *body = strchr (at, '\n') + 1;
            zt_buffer_clear (last);
            zt_buffer_put (last, body, strcspn (body, "\n"));
        }
        zt_buffer_free (&sent);
    }
    return count;
}

static void s_nothing_of_a_large_paste_is_lost (void **state)
{
    s_world_t *self = *state;
    zt_buffer_t text = {NULL, 0, 0}, last = {NULL, 0, 0};
    s_connect (self);
    s_put_lines (&text, 5000, 42);
    s_paste (self, zt_buffer_bytes (&text));
    s_see (self, "\n5000 lines, 240 KB: a message for (e)ach, or (c)ancel?\n");
    s_type (self, "o"); /* is not offered */
    s_see (self, "\n5000 lines, 240 KB: ");
    s_resize (self, S_ROWS, 38);
    s_see (self, "\n5000 lines, 240 KB: (e)ach, (c)ancel?\n");
    s_resize (self, S_ROWS, 20);
    s_see (self, "\n(e)ach, (c)ancel?\n");
    s_resize (self, S_ROWS, 8);
    s_see (self, "\ne, c?\n");
    s_resize (self, S_ROWS, S_COLUMNS);
    s_type (self, "e");
    assert_int_equal (s_send_all (self, &last), 5000);
    assert_non_null (strstr (zt_buffer_string (&last), "\"5000 xxx"));
    s_see (self, "5000 xxx");

    /*  So many messages are none that anybody means. */
    zt_buffer_clear (&text);
    s_put_lines (&text, 10000, 1);
    s_paste (self, zt_buffer_bytes (&text));
    s_see (self, "\n10000 lines, 70 KB: a message for (e)ach, or (c)ancel?\n");
    s_type (self, "c");
    zt_buffer_put_string (&text, "x");
    s_paste (self, zt_buffer_bytes (&text));
    s_see (self, "* what was pasted (10001 lines, 71 KB) is too much for");
    zt_buffer_free (&text);
    zt_buffer_free (&last);
}

static void s_what_is_too_much_is_refused_whole (void **state)
{
    s_world_t *self = *state;
    zt_buffer_t text = {NULL, 0, 0};
    s_connect (self);
    /*  One line: its JSON has to fit, too. */
    for (int i = 0; i < 40000; i++)
        zt_buffer_put_char (&text, '"');
    s_paste (self, zt_buffer_bytes (&text));
    s_see (self, "* what was pasted (1 line, 40 KB) is too long for a");
    s_see (self, "message: nothing of it was taken");
    s_see (self, "\n#general>");
    assert_int_equal (zt_ui_draft (self->ui).size, 0);
    /*  It would fit alone, and not behind what is typed. */
    text.size = 20000;
    s_type (self, "typed ");
    s_paste (self, zt_buffer_bytes (&text));
    s_paste (self, zt_buffer_bytes (&text));
    assert_int_equal (zt_ui_draft (self->ui).size, 20006);
    s_press (self, ZT_PRESS_LETTER, 'u', ZT_CTRL);
    /*  Several, of which one is too long. */
    text.size = 40000;
    zt_buffer_put_string (&text, "\nshort");
    s_paste (self, zt_buffer_bytes (&text));
    s_see (self, "* what was pasted (2 lines, 41 KB) is too much for");
    /*  And more than a paste may have. */
    const zt_input_t cut = {.kind = ZT_INPUT_PASTE, .text = zt_bytes ("abc"), .is_cut = true};
    zt_ui_input (self->ui, &cut, 0, S_WALL);
    s_see (self, "* more than 1024 KB were pasted at once: nothing of it");
    assert_int_equal (zt_ui_draft (self->ui).size, 0);
    zt_buffer_free (&text);
}

/*  ---------------------------------------------------------------------------
    The switcher */

static void s_one_types_into_the_title_of_the_switcher (void **state)
{
    s_world_t *self = *state;
    s_connect (self);
    s_press (self, ZT_PRESS_LETTER, 'k', ZT_CTRL);
    s_see (self, "\nGo to (type a part of the name):");
    s_expect_cursor (self, 0, 33);
    s_type (self, "їж漢");
    s_see (self, "\nGo to (type a part of the name): їж漢\n");
    s_expect_cursor (self, 0, 37);
    s_see (self, "no conversation has this in its name");
    s_press (self, ZT_PRESS_BACKSPACE, 0, 0);
    s_expect_cursor (self, 0, 35);
    /*  Where that is too wide, its end is seen. */
    s_resize (self, S_ROWS, 10);
    s_see (self, "\nname): їж\n");
    s_expect_cursor (self, 0, 9);
    for (int columns = 1; columns < 50; columns++)
        for (int rows = 1; rows < 5; rows++) {
            int row, column;
            s_resize (self, rows, columns);
            s_look (self);
            assert_true (zt_screen_cursor (self->screen, &row, &column));
            assert_in_range (row, 0, rows - 1);
            assert_in_range (column, 0, columns - 1);
        }
    s_resize (self, S_ROWS, S_COLUMNS);
    s_press (self, ZT_PRESS_ESCAPE, 0, 0);
    s_expect_cursor (self, S_ROWS - 1, 10);
    s_see_no (self, "no conversation");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (s_what_was_searched_for_is_marked),
        TEST (s_a_mark_needs_no_colour),
        TEST (s_hits_are_gone_through),
        TEST (s_a_hit_in_a_tall_message_is_seen),
        TEST (s_a_search_without_a_connection_waits_and_says_so),
        TEST (s_a_room_has_the_name_that_it_was_made_with),
        TEST (s_a_room_that_there_is_none_of_is_closed),
        TEST (s_who_is_online_is_told),
        TEST (s_history_goes_back_in_the_conversation),
        TEST (s_the_bar_leaves_out_what_matters_least),
        TEST (s_what_counts_of_a_connection_is_told_first),
        TEST (s_who_waits_is_told_where_nobody_answers),
        TEST (s_long_names_are_told_apart),
        TEST (s_the_help_is_whole),
        TEST (s_what_ctrl_c_deletes_comes_back),
        TEST (s_nothing_of_a_large_paste_is_lost),
        TEST (s_what_is_too_much_is_refused_whole),
        TEST (s_one_types_into_the_title_of_the_switcher),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
