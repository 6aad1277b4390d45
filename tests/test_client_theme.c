/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/theme.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/*  WCAG 2: how bright a colour is, and how far two are apart. */
static double s_channel (uint32_t value)
{
    double c = value / 255.0;
    return c <= 0.03928 ? c / 12.92 : pow ((c + 0.055) / 1.055, 2.4);
}

static double s_luminance (uint32_t rgb)
{
    return 0.2126 * s_channel (rgb >> 16 & 0xFF) + 0.7152 * s_channel (rgb >> 8 & 0xFF) +
           0.0722 * s_channel (rgb & 0xFF);
}

static double s_contrast (uint32_t a, uint32_t b)
{
    double la = s_luminance (a), lb = s_luminance (b);
    return la > lb ? (la + 0.05) / (lb + 0.05) : (lb + 0.05) / (la + 0.05);
}

/*  What xterm shows for an index from 16 on. */
static uint32_t s_indexed (uint32_t index)
{
    static const uint32_t steps[] = {0, 0x5F, 0x87, 0xAF, 0xD7, 0xFF};
    assert_in_range (index, 16, 255);
    if (index >= 232) {
        uint32_t grey = 8 + (index - 232) * 10;
        return grey << 16 | grey << 8 | grey;
    }
    index -= 16;
    return steps[index / 36] << 16 | steps[index / 6 % 6] << 8 | steps[index % 6];
}

static const zt_colour_t *s_colour (const zt_theme_t *theme, unsigned number)
{
    zt_palette_t palette = zt_theme_palette (theme);
    assert_in_range (number, 1, palette.count);
    return &palette.colours[number - 1];
}

/*  The style reads well where the terminal's background is of that colour. */
static void s_expect_readable (const zt_theme_t *theme, zt_style_t style, uint32_t background,
                               const char *what, unsigned number)
{
    if (style.foreground == 0)
        return;
    const zt_colour_t *front = s_colour (theme, style.foreground);
    const zt_colour_t *back = style.background ? s_colour (theme, style.background) : NULL;
    double exact = s_contrast (front->rgb, back ? back->rgb : background);
    double indexed =
        s_contrast (s_indexed (front->indexed), back ? s_indexed (back->indexed) : background);
    if (exact < 4.5 || indexed < 4.5)
        fail_msg ("%s %u: contrast %.2f, of 256 %.2f", what, number, exact, indexed);
}

static void s_all_reads_well (void **state)
{
    (void) state;
    static const struct {
        const char *name;
        uint32_t background;
    } cases[] = {{"dark", 0x000000}, {"dark", 0x1E1E1E}, {"light", 0xFFFFFF}, {"light", 0xFDF6E3}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const zt_theme_t *theme = zt_theme_find (zt_bytes (cases[i].name));
        for (unsigned role = 0; role < ZT_ROLE_COUNT; role++)
            s_expect_readable (theme, zt_theme_style (theme, (zt_role_t) role), cases[i].background,
                               cases[i].name, role);
        for (unsigned k = 0; k < 500; k++) {
            char name[16];
            snprintf (name, sizeof name, "user%u", k);
            s_expect_readable (theme, zt_theme_sender (theme, zt_bytes (name)), cases[i].background,
                               "sender", k);
        }
    }
}

static void s_a_sender_keeps_its_colour (void **state)
{
    (void) state;
    const zt_theme_t *theme = zt_theme_find (zt_bytes ("dark"));
    zt_style_t olena = zt_theme_sender (theme, zt_bytes ("Олена"));
    assert_true (zt_style_equal (olena, zt_theme_sender (theme, zt_bytes ("олена"))));
    assert_true (zt_style_equal (olena, zt_theme_sender (theme, zt_bytes ("ОЛЕНА"))));
    assert_true (olena.foreground > 0);
    zt_theme_sender (theme, zt_bytes ("no name at all"));
    zt_theme_sender (theme, zt_bytes (""));
}

static void s_senders_share_the_colours_evenly (void **state)
{
    (void) state;
    enum { NAMES = 1200 };
    const zt_theme_t *theme = zt_theme_find (zt_bytes ("light"));
    unsigned counts[256] = {0}, colours = 0;
    for (unsigned i = 0; i < NAMES; i++) {
        char name[16];
        snprintf (name, sizeof name, "user%u", i);
        counts[zt_theme_sender (theme, zt_bytes (name)).foreground]++;
    }
    for (size_t i = 0; i < 256; i++) {
        colours += counts[i] > 0;
        assert_true (counts[i] == 0 || (counts[i] > NAMES / 24 && counts[i] < NAMES / 6));
    }
    assert_int_equal (colours, 12);
}

static void s_without_colours_flags_tell (void **state)
{
    (void) state;
    const zt_theme_t *theme = zt_theme_find (zt_bytes ("none"));
    assert_int_equal (zt_theme_palette (theme).count, 0);
    for (unsigned role = 0; role < ZT_ROLE_COUNT; role++) {
        zt_style_t style = zt_theme_style (theme, (zt_role_t) role);
        assert_int_equal (style.foreground, 0);
        assert_int_equal (style.background, 0);
        assert_true ((style.flags == 0) == (role == ZT_ROLE_TEXT));
    }
    assert_int_equal (zt_theme_sender (theme, zt_bytes ("olena")).flags, ZT_STYLE_BOLD);
}

static void s_names_are_known (void **state)
{
    (void) state;
    assert_non_null (zt_theme_find (zt_bytes ("light")));
    assert_null (zt_theme_find (zt_bytes ("Light")));
    assert_null (zt_theme_find (zt_bytes ("")));
    assert_string_equal (zt_theme_names (), "dark, light, none");
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_all_reads_well),
        cmocka_unit_test (s_a_sender_keeps_its_colour),
        cmocka_unit_test (s_senders_share_the_colours_evenly),
        cmocka_unit_test (s_without_colours_flags_tell),
        cmocka_unit_test (s_names_are_known),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
