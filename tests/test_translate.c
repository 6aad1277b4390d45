/*  SPDX-License-Identifier: MPL-2.0

    What is said to a person is looked up where the program has told, and is English else. */

#include "client/core.h"
#include "common/translate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*  A language that needs another order, and has two sentences. */
static const char *s_translate (const char *text)
{
    assert_true (*text); /* what gettext takes for a question about its header */
    if (strcmp (text, "the name %s is taken; still trying") == 0)
        return "taken, and still trying: %s";
    if (strcmp (text, "connecting to %s") == 0)
        return "%1$s! to %1$s!";
    return text;
}

static const char *s_translate_many (const char *one, const char *many, unsigned long n)
{
    return n == 2 ? "a pair" : n == 1 ? one : many;
}

static void s_end (void)
{
    zt_translate_with (NULL, NULL);
}

static void test_english_unless_told (void **state)
{
    (void) state;
    assert_string_equal (_ ("connecting to %s"), "connecting to %s");
    assert_string_equal (zt_translate_many ("one", "many", 1), "one");
    assert_string_equal (zt_translate_many ("one", "many", 0), "many");
    zt_translate_with (s_translate, s_translate_many);
    assert_string_equal (_ ("the name %s is taken; still trying"), "taken, and still trying: %s");
    assert_string_equal (zt_translate_many ("one", "many", 2), "a pair");
    s_end ();
    assert_string_equal (_ ("the name %s is taken; still trying"),
                         "the name %s is taken; still trying");
}

/*  "" and NULL say that there is nothing to say. */
static void test_nothing_stays_nothing (void **state)
{
    (void) state;
    zt_translate_with (s_translate, s_translate_many);
    const char *nothing = NULL;
    assert_null (zt_translate (nothing));
    assert_string_equal (zt_translate (""), "");
    s_end ();
}

static void s_show (void *self, const zt_item_t *item)
{
    snprintf (self, 64, "%.*s", (int) item->text.size, item->text.data);
}

/*  The format is translated before it is filled in; an order of its own holds. */
static void test_core_translates (void **state)
{
    (void) state;
    char shown[64] = "";
    const zt_client_config_t config = {.endpoint = "ipc://x",
                                       .name = "olena",
                                       .device = "laptop",
                                       .token = "token",
                                       .interactive = true,
                                       .show = s_show,
                                       .show_self = shown};
    zt_translate_with (s_translate, s_translate_many);
    zt_client_t *core = zt_client_new (&config, 0);
    s_end ();
    assert_string_equal (shown, "ipc://x! to ipc://x!");
    zt_client_destroy (&core);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_english_unless_told),
        cmocka_unit_test (test_nothing_stays_nothing),
        cmocka_unit_test (test_core_translates),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
