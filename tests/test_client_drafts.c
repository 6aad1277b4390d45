/*  SPDX-License-Identifier: MPL-2.0

    What is typed and not sent: its file, and how it comes back into conversations. */

#include "client/drafts.h"
#include "client/ui.h"
#include "common/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void s_clock (uint64_t ms, zt_buffer_t *clock, zt_buffer_t *day)
{
    (void) ms;
    zt_buffer_put_string (clock, "00:00");
    zt_buffer_put_string (day, "1970-01-01");
}

static void s_show (void *ui_, const zt_item_t *item)
{
    zt_ui_t **ui = ui_;
    zt_ui_show (*ui, item, 0);
}

typedef struct {
    zt_ui_t *ui;
    zt_client_t *core;
} s_fixture_t;

static void s_begin (s_fixture_t *self)
{
    const zt_client_config_t config = {.endpoint = "tcp://x",
                                       .name = "olena",
                                       .device = "d",
                                       .token = "t",
                                       .interactive = true,
                                       .show = s_show,
                                       .show_self = &self->ui};
    self->ui = zt_ui_new (&(zt_ui_config_t){"olena", zt_theme_find (zt_bytes ("none")), s_clock});
    self->core = zt_client_new (&config, 0);
    zt_ui_attach (self->ui, self->core);
}

static void s_end (s_fixture_t *self)
{
    zt_client_destroy (&self->core);
    zt_ui_destroy (&self->ui);
}

static void s_type (s_fixture_t *self, const char *text)
{
    zt_ui_input (self->ui, &(zt_input_t){.kind = ZT_INPUT_TEXT, .text = zt_bytes (text)}, 0, 0);
}

static void s_press (s_fixture_t *self, zt_press_t press, unsigned modifiers)
{
    zt_ui_input (self->ui,
                 &(zt_input_t){.kind = ZT_INPUT_PRESS, .press = press, .modifiers = modifiers}, 0,
                 0);
}

static void s_enter (s_fixture_t *self, const char *text)
{
    s_type (self, text);
    s_press (self, ZT_PRESS_ENTER, 0);
}

static void s_expect (s_fixture_t *self, const char *drafts)
{
    zt_buffer_t text = {NULL, 0, 0};
    zt_ui_put_drafts (self->ui, &text);
    assert_string_equal (zt_buffer_string (&text), drafts);
    zt_buffer_free (&text);
}

static void s_expect_typed (s_fixture_t *self, const char *text)
{
    assert_true (zt_bytes_equal (zt_ui_draft (self->ui), zt_bytes (text)));
}

#define GENERAL "{\"to\":\"#general\",\"text\":\"один\\u000aдва \\\"2\\\"\"}\n"
#define TARAS   "{\"to\":\"@taras\",\"text\":\"ще не\"}\n"

#define LISTED "{\"to\":\"@taras\"}\n"

static void s_drafts_are_kept_for_each_conversation (void **state)
{
    (void) state;
    s_fixture_t self;
    s_begin (&self);
    s_expect (&self, "");
    s_enter (&self, "/msg taras");
    s_type (&self, "ще не");
    s_expect (&self, TARAS);
    s_press (&self, ZT_PRESS_UP, ZT_ALT);
    s_expect_typed (&self, "");
    assert_true (zt_ui_edited (self.ui, zt_bytes ("один\nдва \"2\"\n")));
    s_expect (&self, GENERAL TARAS);
    s_end (&self);

    /*  The next time. */
    s_begin (&self);
    assert_true (zt_ui_take_drafts (self.ui, zt_bytes (GENERAL TARAS)));
    s_expect (&self, GENERAL TARAS);
    s_expect_typed (&self, "один\nдва \"2\"");
    s_press (&self, ZT_PRESS_DOWN, ZT_ALT);
    s_expect_typed (&self, "ще не");
    /*  What is sent is none any more, and stays none while it is looked at again. */
    s_press (&self, ZT_PRESS_ENTER, 0);
    s_expect (&self, GENERAL LISTED);
    s_press (&self, ZT_PRESS_UP, 0);
    s_expect_typed (&self, "ще не");
    s_expect (&self, GENERAL LISTED);
    s_type (&self, "!");
    s_expect (&self, GENERAL "{\"to\":\"@taras\",\"text\":\"ще не!\"}\n");
    s_end (&self);
}

static void s_what_is_damaged_costs_nothing_else (void **state)
{
    (void) state;
    static const char *const damaged[] = {
        "\n",
        "x\n",
        "{\"to\":\"#general\"}\n",
        "{\"to\":\"#general\",\"text\":\"\"}\n",
        "{\"to\":\"#general\",\"text\":7}\n",
        "{\"text\":\"to nobody\"}\n",
        "{\"to\":\"#no name\",\"text\":\"x\"}\n",
        "{\"to\":\"@\",\"text\":\"x\"}\n",
        "{\"to\":\"#general\",\"text\":\"half",
    };
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        s_fixture_t self;
        zt_buffer_t text = {NULL, 0, 0};
        s_begin (&self);
        zt_buffer_put_format (&text, "%s%s", TARAS, damaged[i]);
        assert_false (zt_ui_take_drafts (self.ui, zt_buffer_bytes (&text)));
        s_expect (&self, TARAS);
        zt_buffer_free (&text);
        s_end (&self);
    }
}

/*  Zeros are what a power cut may leave; and there is more than a message has room for. */
static void s_any_bytes_are_taken (void **state)
{
    (void) state;
    static char zeros[4096];
    s_fixture_t self;
    zt_buffer_t text = {NULL, 0, 0};
    s_begin (&self);
    assert_true (zt_ui_take_drafts (self.ui, (zt_bytes_t){NULL, 0}));
    assert_false (zt_ui_take_drafts (self.ui, (zt_bytes_t){zeros, sizeof zeros}));
    char *large = malloc (ZT_BODY_MAX + 1);
    assert_non_null (large);
    memset (large, 'a', ZT_BODY_MAX + 1);
    zt_drafts_put (&text, zt_bytes ("#dev"), (zt_bytes_t){large, ZT_BODY_MAX + 1});
    assert_false (zt_ui_take_drafts (self.ui, zt_buffer_bytes (&text)));
    s_expect (&self, "");
    /*  A control is text, as it is when it is pasted. */
    assert_true (
        zt_ui_take_drafts (self.ui, zt_bytes ("{\"to\":\"general\",\"text\":\"a\\u001bb\"}\n")));
    zt_buffer_clear (&text);
    zt_ui_put_drafts (self.ui, &text);
    assert_null (strchr (zt_buffer_string (&text), '\033'));
    zt_buffer_free (&text);
    free (large);
    s_end (&self);
}

/*  What an editor made stays out if there is no room for it, and what is typed stays. */
static void s_what_is_too_long_changes_nothing (void **state)
{
    (void) state;
    s_fixture_t self;
    s_begin (&self);
    s_type (&self, "short");
    char *large = malloc (ZT_BODY_MAX + 1);
    assert_non_null (large);
    memset (large, 'a', ZT_BODY_MAX + 1);
    assert_false (zt_ui_edited (self.ui, (zt_bytes_t){large, ZT_BODY_MAX + 1}));
    s_expect_typed (&self, "short");
    assert_true (zt_ui_edited (self.ui, zt_bytes ("\n\n")));
    s_expect_typed (&self, "");
    free (large);
    s_end (&self);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_drafts_are_kept_for_each_conversation),
        cmocka_unit_test (s_what_is_damaged_costs_nothing_else),
        cmocka_unit_test (s_any_bytes_are_taken),
        cmocka_unit_test (s_what_is_too_long_changes_nothing),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
