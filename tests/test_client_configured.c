/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/colour.h"
#include "client/configured.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const zt_theme_t *s_find (const char *name)
{
    return zt_theme_find (zt_bytes (name));
}

static const zt_theme_t *s_read (const char *text, const zt_theme_t *given, const char *wrong)
{
    zt_buffer_t complaints = {NULL, 0, 0};
    const zt_theme_t *theme = zt_configured_theme (zt_bytes (text), "f", given, &complaints);
    assert_string_equal (zt_buffer_string (&complaints), wrong);
    zt_buffer_free (&complaints);
    return theme;
}

static void s_expect_colour (const zt_theme_t *theme, unsigned number, int basic, int indexed,
                             uint32_t rgb)
{
    zt_palette_t palette = zt_theme_palette (theme);
    assert_in_range (number, 1, palette.count);
    assert_int_equal (palette.colours[number - 1].basic, basic);
    assert_int_equal (palette.colours[number - 1].indexed, indexed);
    assert_int_equal (palette.colours[number - 1].rgb, rgb);
}

static void s_colours_are_read (void **state)
{
    (void) state;
    static const struct {
        const char *text;
        zt_colour_t colour;
    } rows[] = {{"red", {1, 1, 0xCD0000}},
                {"bright-white", {15, 15, 0xFFFFFF}},
                {"0", {0, 0, 0}},
                {"240", {8, 240, 0x585858}},
                {"#5fafff", {12, 75, 0x5FAFFF}},
                {"FF0000", {9, 196, 0xFF0000}}};
    zt_colour_t colour;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true (zt_colour_read (zt_bytes (rows[i].text), &colour));
        assert_int_equal (colour.indexed, rows[i].colour.indexed);
        assert_int_equal (colour.rgb, rows[i].colour.rgb);
    }
    static const char *const none[] = {"",        "256", "-1",      "#12345",
                                       "#gggggg", "Red", "bright-", "bright-7"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_false (zt_colour_read (zt_bytes (none[i]), &colour));
}

static void s_a_file_may_say_nothing (void **state)
{
    (void) state;
    assert_null (s_read ("", NULL, ""));
    assert_null (s_read ("# nothing\n", NULL, ""));
    assert_ptr_equal (s_read ("theme = light\n", NULL, ""), s_find ("light"));
    assert_ptr_equal (s_read ("theme = light\n", s_find ("dark"), ""), s_find ("dark"));
    assert_null (s_find ("own"));
}

static void s_colours_change_a_theme (void **state)
{
    (void) state;
    const zt_theme_t *theme = s_read ("colours\n"
                                      "    mention = red\n"
                                      "    status = \"#ffffff on 24\"\n"
                                      "    link = default\n"
                                      "theme = light\n",
                                      NULL, "");
    assert_ptr_equal (theme, s_find ("own"));
    assert_true (zt_theme_is_name (zt_bytes ("own")) && zt_theme_is_name (zt_bytes ("none")));
    assert_false (zt_theme_is_name (zt_bytes ("mine")));
    zt_style_t style = zt_theme_style (theme, ZT_ROLE_MENTION);
    s_expect_colour (theme, style.foreground, 1, 1, 0xCD0000);
    assert_int_equal (style.flags, ZT_STYLE_BOLD); /* the second mark stays */
    style = zt_theme_style (theme, ZT_ROLE_STATUS);
    s_expect_colour (theme, style.foreground, 15, 231, 0xFFFFFF);
    s_expect_colour (theme, style.background, 6, 24, 0x005F87);
    assert_int_equal (zt_theme_style (theme, ZT_ROLE_LINK).foreground, 0);
    zt_style_t of_light = zt_theme_style (s_find ("light"), ZT_ROLE_ERROR);
    assert_true (zt_style_equal (zt_theme_style (theme, ZT_ROLE_ERROR), of_light));
    s_expect_colour (theme, of_light.foreground, 1, 160, 0xC62828);
    /*  Without colours there are none to change. */
    const zt_theme_t *none = s_read ("colours\n    error = red\n", s_find ("none"), "");
    assert_ptr_equal (none, s_find ("none"));
    assert_int_equal (zt_theme_style (none, ZT_ROLE_ERROR).foreground, 0);
}

static void s_mistakes_are_told_and_the_rest_counts (void **state)
{
    (void) state;
    const zt_theme_t *theme = s_read ("theme = pink\n"
                                      "sound = loud\n"
                                      "colours\n"
                                      "    mentoin = red\n"
                                      "    error = reddish\n"
                                      "    time = 240\n"
                                      "   odd = 1\n",
                                      NULL,
                                      "f:1: there is no such theme: pink\n"
                                      "f:2: nothing is known of this: sound\n"
                                      "f:4: there is no such part: mentoin\n"
                                      "f:5: this is no colour: reddish\n"
                                      "f:7: what is inside another is indented by 4 spaces\n");
    s_expect_colour (theme, zt_theme_style (theme, ZT_ROLE_TIME).foreground, 8, 240, 0x585858);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_colours_are_read),
        cmocka_unit_test (s_a_file_may_say_nothing),
        cmocka_unit_test (s_colours_change_a_theme),
        cmocka_unit_test (s_mistakes_are_told_and_the_rest_counts),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
