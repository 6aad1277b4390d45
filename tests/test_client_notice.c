/*  SPDX-License-Identifier: MPL-2.0

    Whom a person is called for, what the title says, and that nothing is told by a colour alone. */

#include "client/gate.h"
#include "client/terminal.h"
#include "client/ui.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { S_ROWS = 16, S_COLUMNS = 60, S_WALL = 60000 };

typedef struct {
    zt_ui_t *ui;
    zt_client_t *core;
    uint64_t id;
} s_fixture_t;

static void s_clock (uint64_t ms, zt_buffer_t *clock, zt_buffer_t *day)
{
    zt_buffer_put_format (clock, "%02u:%02u", (unsigned) (ms / 3600000), (unsigned) (ms / 60000));
    zt_buffer_put_string (day, "1970-01-01");
}

static void s_show (void *self_, const zt_item_t *item)
{
    zt_ui_show (((s_fixture_t *) self_)->ui, item, S_WALL);
}

static int s_setup (void **state)
{
    s_fixture_t *self = calloc (1, sizeof *self);
    assert_non_null (self);
    *state = self;
    const zt_client_config_t config = {.endpoint = "tcp://x",
                                       .name = "olena",
                                       .device = "d",
                                       .token = "t",
                                       .interactive = true,
                                       .show = s_show,
                                       .show_self = self};
    self->ui = zt_ui_new (&(zt_ui_config_t){"olena", zt_theme_find (zt_bytes ("none")), s_clock});
    self->core = zt_client_new (&config, 0);
    zt_ui_attach (self->ui, self->core);
    zt_ui_set_size (self->ui, S_ROWS, S_COLUMNS);
    zt_client_up (self->core, 0);
    zt_client_receive (self->core, zt_bytes ("WELCOME olena 0 2\n{}\n"), 0);
    return 0;
}

static int s_teardown (void **state)
{
    s_fixture_t *self = *state;
    zt_client_destroy (&self->core);
    zt_ui_destroy (&self->ui);
    free (self);
    return 0;
}

static void s_say (s_fixture_t *self, const char *from, const char *to, const char *text)
{
    const zt_item_t item = {.kind = ZT_ITEM_MESSAGE,
                            .id = ++self->id,
                            .time = S_WALL,
                            .from = zt_bytes (from),
                            .to = zt_bytes (to),
                            .text = zt_bytes (text),
                            .own = strcmp (from, "@olena") == 0,
                            .has_text = true};
    zt_ui_show (self->ui, &item, S_WALL);
}

static void s_focus (s_fixture_t *self, bool has_focus)
{
    const zt_input_t input = {.kind = ZT_INPUT_FOCUS, .has_focus = has_focus};
    zt_ui_input (self->ui, &input, 0, S_WALL);
}

static void s_type (s_fixture_t *self, const char *text)
{
    zt_ui_input (self->ui, &(zt_input_t){.kind = ZT_INPUT_TEXT, .text = zt_bytes (text)}, 0,
                 S_WALL);
    zt_ui_input (self->ui, &(zt_input_t){.kind = ZT_INPUT_PRESS, .press = ZT_PRESS_ENTER}, 0,
                 S_WALL);
}

/*  The next notification is exactly this, or there is none: NULL. */
static void s_expect_call (s_fixture_t *self, const char *expected)
{
    const zt_terminal_t terminal = {.is_tmux = true, .notify = ZT_NOTIFY_OSC_777};
    zt_call_t call;
    zt_buffer_t bytes = {NULL, 0, 0};
    bool is_called = zt_ui_next_call (self->ui, &call);
    assert_true (is_called == (expected != NULL));
    if (is_called) {
        zt_terminal_put_notice (&bytes, &terminal, call.from, call.text);
        assert_string_equal (zt_buffer_string (&bytes), expected);
    }
    zt_buffer_free (&bytes);
}

static void s_expect_title (s_fixture_t *self, const char *expected)
{
    zt_buffer_t title = {NULL, 0, 0};
    zt_ui_title (self->ui, &title);
    assert_string_equal (zt_buffer_string (&title), expected);
    zt_buffer_free (&title);
}

static void s_who_is_not_there_is_called_once (void **state)
{
    s_fixture_t *self = *state;
    s_say (self, "@ivan", "#general", "olena, look"); /* it is before one's eyes */
    s_expect_call (self, NULL);
    s_expect_title (self, "#general - ztalk");
    s_focus (self, false);
    s_say (self, "@ivan", "#general", "nothing much");
    s_expect_call (self, NULL);
    s_expect_title (self, "(1) #general - ztalk");
    s_say (self, "@ivan", "#general", "Olena!\033]0;x\a\nI am here");
    s_expect_call (self, "\033Ptmux;\033\033]777;notify;ivan;"
                         "Olena!\u241B]0;x\u2407 I am here\a\033\\");
    s_expect_call (self, NULL);
    s_expect_title (self, "(2!) #general - ztalk");
    s_say (self, "@ivan", "@olena", "in private");
    s_expect_call (self, "\033Ptmux;\033\033]777;notify;ivan;in private\a\033\\");
    s_expect_call (self, NULL);
    s_say (self, "@olena", "#general", "olena says olena");
    s_expect_call (self, NULL);
    s_focus (self, true);
    s_expect_title (self, "(1!) #general - ztalk"); /* in private it is not read yet */
}

static void s_a_quiet_conversation_calls_nobody (void **state)
{
    s_fixture_t *self = *state;
    s_say (self, "@ivan", "@olena", "hello");
    s_expect_call (self, "\033Ptmux;\033\033]777;notify;ivan;hello\a\033\\");
    s_type (self, "/quiet @ivan");
    s_focus (self, false);
    s_say (self, "@ivan", "@olena", "olena! olena!");
    s_expect_call (self, NULL);
    s_expect_title (self, "#general - ztalk");
}

static void s_every_colour_has_a_second_mark (void **state)
{
    s_fixture_t *self = *state;
    s_say (self, "@olena", "#general", "mine");
    s_focus (self, false);
    s_say (self, "@ivan", "#general", "for olena");
    s_say (self, "@ivan", "#general", "for all");
    zt_ui_show (self->ui, &(zt_item_t){.kind = ZT_ITEM_ERROR, .message = zt_bytes ("broken")},
                S_WALL);
    zt_screen_t *screen = zt_screen_new (S_ROWS, S_COLUMNS);
    zt_ui_draw (self->ui, screen, 0);
    zt_buffer_t seen = {NULL, 0, 0};
    for (int row = 0; row < S_ROWS; row++) {
        const zt_cell_t *cells = zt_screen_row (screen, row);
        for (int i = 0; i < S_COLUMNS; i++) {
            assert_int_equal (cells[i].style.foreground | cells[i].style.background, 0);
            zt_buffer_put (&seen, cells[i].text, cells[i].size);
        }
        zt_buffer_put_char (&seen, '\n');
    }
    static const char *const marks[] = {"olena: mine ✓", "─ new ─", "»ivan: for olena",
                                        " ivan: for all", "! broken"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (!strstr (zt_buffer_string (&seen), marks[i]))
            fail_msg ("there is no '%s' in\n%s", marks[i], zt_buffer_string (&seen));
    zt_buffer_free (&seen);
    zt_screen_destroy (&screen);
}

/*  One bell for all that somebody says, but others are heard, and what is private; and not too
    many. */
static void s_many_calls_are_few (void **state)
{
    zt_gate_t gate = {.calls[0].key = 0};
    (void) state;
    assert_true (zt_gate_pass (&gate, zt_bytes ("ivan"), false, 1));
    assert_false (zt_gate_pass (&gate, zt_bytes ("ivan"), false, 2));
    assert_true (zt_gate_pass (&gate, zt_bytes ("ivan"), true, 2));
    assert_true (zt_gate_pass (&gate, zt_bytes ("taras"), false, 3));
    assert_false (zt_gate_pass (&gate, zt_bytes ("ivan"), true, 3));
    assert_true (zt_gate_pass (&gate, zt_bytes ("anna"), true, 3));
    assert_false (zt_gate_pass (&gate, zt_bytes ("bohdan"), true, 4)); /* there were four */
    assert_true (zt_gate_pass (&gate, zt_bytes ("bohdan"), true, 1 + ZT_GATE_MS));
    assert_false (zt_gate_pass (&gate, zt_bytes ("ivan"), false, 1 + ZT_GATE_MS));
    assert_true (zt_gate_pass (&gate, zt_bytes ("ivan"), false, 2 + ZT_GATE_MS));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (s_who_is_not_there_is_called_once),
        TEST (s_a_quiet_conversation_calls_nobody),
        TEST (s_every_colour_has_a_second_mark),
        cmocka_unit_test (s_many_calls_are_few),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
