/*  SPDX-License-Identifier: MPL-2.0

    Strings that have harmed somebody, from a peer, at every width. fuzz_remote has any others.

        test_client_remote             those that are written here
        test_client_remote FILE        those of a JSON array: the Big List of Naughty Strings */

#include "common/text.h"
#include "tests/remote.h"
#include "tests/vterm.h"
#include "tests/wrapped.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <utf8proc.h>

#include <cmocka.h>

enum { S_WIDTHS = 200, S_ROWS = 40, S_SKIPPED = 77 };

/*  What terminals disagree about, and what they obey. */
static const char *const s_strings[] = {
    "Привіт",
    "и\u0306 e\u0301",
    "漢字",
    "🇺🇦",
    "a\tb",
    "👩‍👩‍👧",
    "❤️ 1️⃣",
    "👍🏽",
    "☔︎",
    "🇺",
    "क्षि",
    "\U0001FAE8",
    "\033[2J\033[31mred\033[m",
    "\033]0;title\a",
    "\033]52;c;cm0gLXJm\a",
    "\033Ptmux;\033\033[2J\033\\",
    "\033[6n\033[c\033[5i",
    "\x9B"
    "2J\x90q\x9C",
    "\xC2\x9B"
    "2J",
    "\rover\r\nit",
    "a\vb\fc\xC2\x85"
    "d\u2028e\u2029f",
    "\a\b\b\b\x7F\x01",
    "abc\u202Edef\u202C",
    "\u2066a\u2069\u200E\u200F\u061C",
    "שלום عربي",
    "\u00AD\u200B\u2060\uFEFF\u180E",
    "\u115F\u3164\uFFA0",
    "\u200D\uFE0F\U0001F3FD",
    "👨‍👩‍👧‍👦‍👨‍👩‍👧‍👦",
    "e\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308",
    "\u0301\u0301",
    "ก็็็็็็็็",
    "﷽ ꧅ 𒐫 ⸻",
    "\xC0\xAF\xED\xA0\x80\xF4\x90\x80\x80\xE2\x82",
    "\xF0\x9F\x91",
    "\U000E0041\U000E007F",
    "\uE000\U0010FFFF\uFFFE",
    "\u00A0\u3000\u2003\u1680",
    "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
    "",
};

static void s_require (bool holds, zt_buffer_t *wrong, const char *said, int columns)
{
    if (!holds)
        fail_msg ("%s (among '%s' and those before it, %d columns)", zt_buffer_string (wrong), said,
                  columns);
}

/*  Under a wrapper, which is slow, some of the widths do. */
static int s_step (void)
{
    return zt_wrapped () ? 23 : 1;
}

/*  What is said one after another is seen at all widths: on the page, in a conversation whose
    name a peer has made up, and in lists. */
static void s_look (zt_remote_t *remote, const char *said, int step)
{
    zt_buffer_t wrong = {NULL, 0, 0};
    for (int columns = 1; columns <= S_WIDTHS; columns += step) {
        zt_remote_view_t view = (zt_remote_view_t) (columns % ZT_REMOTE_VIEWS);
        s_require (zt_remote_look (remote, 1 + columns % S_ROWS, columns, view, &wrong), &wrong,
                   said, columns);
        if (columns % 5 == 0)
            zt_remote_turn (remote);
    }
    for (int i = 0; i < 8; i++) {
        zt_remote_turn (remote);
        s_require (zt_remote_look (remote, S_ROWS, 100, ZT_REMOTE_PAGE, &wrong), &wrong, said, 100);
    }
    zt_buffer_free (&wrong);
}

static void s_say (zt_remote_t *remote, const char *said)
{
    zt_buffer_t wrong = {NULL, 0, 0};
    s_require (zt_remote_say (remote, zt_bytes (said), &wrong), &wrong, said, 0);
    zt_buffer_free (&wrong);
}

static void s_every_string_at_every_width (void **state)
{
    (void) state;
    for (int is_safe = 0; is_safe < 2; is_safe++)
        for (size_t i = 0; i < sizeof s_strings / sizeof s_strings[0]; i++) {
            zt_remote_t *remote = zt_remote_new (is_safe);
            s_say (remote, s_strings[i]);
            s_look (remote, s_strings[i], is_safe ? 7 * s_step () : s_step ());
            zt_remote_destroy (&remote);
        }
}

/*  Behind whatever is not drawn with a move of the cursor, the cursor is where it has to be. */
static void s_no_code_point_shifts_what_follows (void **state)
{
    (void) state;
    const zt_widths_t widths = zt_remote_widths ();
    zt_vterm_t *vterm = zt_vterm_new (1, 40);
    for (int32_t c = 0x20; c < 0xE2000; c = c == 0x33FFF ? 0xE0000 : c + 1) {
        zt_buffer_t raw = {NULL, 0, 0}, clean = {NULL, 0, 0}, text = {NULL, 0, 0};
        zt_buffer_put_string (&raw, "x");
        raw.size +=
            (size_t) utf8proc_encode_char (c, (utf8proc_uint8_t *) zt_buffer_reserve (&raw, 4));
        zt_buffer_put_string (&raw, "y");
        zt_text_clean (&clean, zt_buffer_bytes (&raw), ZT_TEXT_LINE);
        zt_glyph_safe (&text, zt_buffer_bytes (&clean), &widths);
        zt_bytes_t rest = zt_buffer_bytes (&text);
        zt_glyph_t glyph;
        int columns = 0, row, column;
        bool is_contentious = false;
        for (; zt_glyph_next (&rest, &widths, &glyph); columns += (int) glyph.columns)
            is_contentious |= glyph.is_contentious;
        zt_vterm_feed (vterm, zt_bytes ("\r"));
        zt_vterm_feed (vterm, zt_buffer_bytes (&text));
        zt_vterm_cursor (vterm, &row, &column);
        if (!is_contentious && column != columns)
            fail_msg ("U+%04X: %d columns instead of %d", (unsigned) c, column, columns);
        zt_buffer_free (&raw);
        zt_buffer_free (&clean);
        zt_buffer_free (&text);
    }
    zt_vterm_destroy (&vterm);
}

static void s_read (const char *path, zt_buffer_t *content)
{
    FILE *file = fopen (path, "rb");
    assert_non_null (file);
    size_t size;
    do {
        size = fread (zt_buffer_reserve (content, 4096), 1, 4096, file);
        content->size += size;
    } while (size);
    fclose (file);
}

/*  Some of them together: each is on the screen at some width, and all are in lines. */
static void s_all_of_a_file (void **state)
{
    enum { S_TOGETHER = 16 };
    zt_buffer_t content = {NULL, 0, 0};
    s_read (*state, &content);
    cJSON *array = cJSON_Parse (zt_buffer_string (&content));
    assert_true (cJSON_GetArraySize (array) > 400);
    zt_remote_t *remote = zt_remote_new (false);
    const cJSON *string;
    size_t count = 0;
    cJSON_ArrayForEach (string, array)
    {
        s_say (remote, string->valuestring);
        if (++count % S_TOGETHER != 0)
            continue;
        s_look (remote, string->valuestring, s_step ());
        zt_remote_destroy (&remote);
        remote = zt_remote_new (count / S_TOGETHER % 2);
    }
    s_look (remote, "the last ones", s_step ());
    zt_remote_destroy (&remote);
    cJSON_Delete (array);
    zt_buffer_free (&content);
}

int main (int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_no_code_point_shifts_what_follows),
        cmocka_unit_test (s_every_string_at_every_width),
    };
    const struct CMUnitTest of_a_file[] = {
        cmocka_unit_test_prestate (s_all_of_a_file, argv[1]),
    };
    if (argc < 2)
        return cmocka_run_group_tests (tests, NULL, NULL);
    if (access (argv[1], R_OK) != 0) {
        printf ("skipped: there is no %s; \"tools/setup test\" fetches it with npm\n", argv[1]);
        return S_SKIPPED;
    }
    return cmocka_run_group_tests (of_a_file, NULL, NULL);
}
