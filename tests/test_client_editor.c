/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/binding.h"
#include "client/emoji.h"
#include "client/keyboard.h"
#include "client/wrap.h"
#include "tests/editor_rules.h"
#include "tests/exact.h"
#include "tests/sim_dice.h"
#include "tests/wrapped.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { S_MOST = 400 };

static const char *const s_people[] = {"olena", "Олег", "oleh-2", "ivan"};
static const char *const s_rooms[] = {"#general", "#кіно"};
static const zt_completion_lists_t s_lists = {s_people, 4, s_rooms, 2};

/*  Keys, as the tests below write them, and what a terminal sends for them. */
static const struct {
    const char *name, *bytes;
} s_keys[] = {
    {"<enter>", "\r"},
    {"<tab>", "\t"},
    {"<s-tab>", "\x1B[Z"},
    {"<back>", "\x7F"},
    {"<del>", "\x1B[3~"},
    {"<left>", "\x1B[D"},
    {"<right>", "\x1B[C"},
    {"<up>", "\x1B[A"},
    {"<down>", "\x1B[B"},
    {"<home>", "\x1B[H"},
    {"<end>", "\x1B[F"},
    {"<c-left>", "\x1B[1;5D"},
    {"<m-b>", "\x1B"
              "b"},
    {"<m-f>", "\x1B"
              "f"},
    {"<m-d>", "\x1B"
              "d"},
    {"<m-back>", "\x1B\x7F"},
    {"<c-d>", "\x04"},
    {"<c-w>", "\x17"},
    {"<c-k>", "\x0B"},
    {"<c-u>", "\x15"},
    {"<c-y>", "\x19"},
    {"<c-t>", "\x14"},
    {"<undo>", "\x1F"},
    {"<redo>", "\x1B_\x1B[I"},
    {"<nl>", "\x1B\r"},
    {"<c-r>", "\x12"},
    {"<c-g>", "\x07"},
    {"<c-home>", "\x1B[1;5H"},
    {"<c-end>", "\x1B[1;5F"},
    {"<esc>", "\x1B\x1B[I"},
    {"<f1>", "\x1BOP"},
    {"<paste>", "\x1B[200~"},
    {"</paste>", "\x1B[201~"},
};

static void s_put_bytes (zt_buffer_t *bytes, const char *keys)
{
    while (*keys) {
        size_t size = 0;
        for (size_t i = 0; i < sizeof s_keys / sizeof s_keys[0] && !size; i++) {
            size_t length = strlen (s_keys[i].name);
            if (strncmp (keys, s_keys[i].name, length) == 0) {
                zt_buffer_put_string (bytes, s_keys[i].bytes);
                size = length;
            }
        }
        if (size == 0)
            zt_buffer_put_char (bytes, *keys);
        keys += size ? size : 1;
    }
}

/*  Gives the editor the keys. What it submits, asks and refuses is added to said. */
static void s_type (zt_editor_t *editor, const char *keys, zt_buffer_t *said)
{
    static const char *const words[] = {[ZT_EDITOR_UNUSED] = "unused",
                                        [ZT_EDITOR_SUBMIT] = "submit",
                                        [ZT_EDITOR_QUESTION] = "question",
                                        [ZT_EDITOR_FULL] = "full"};
    zt_buffer_t bytes = {NULL, 0, 0};
    s_put_bytes (&bytes, keys);
    zt_keyboard_t keyboard;
    zt_keyboard_init (&keyboard, 1000);
    zt_keyboard_feed (&keyboard, zt_buffer_bytes (&bytes));
    zt_input_t input;
    while (zt_keyboard_next (&keyboard, &input)) {
        zt_bytes_t text = {"", 0};
        zt_editor_result_t result = zt_editor_input (editor, &input, &s_lists, &text);
        if (result != ZT_EDITOR_CHANGED && input.kind != ZT_INPUT_FOCUS)
            zt_buffer_put_format (said, "%s(%.*s)", words[result], (int) text.size, text.data);
        const char *wrong = zt_editor_rules_broken (editor, S_MOST);
        if (wrong)
            fail_msg ("%s: %s", keys, wrong);
    }
    zt_keyboard_free (&keyboard);
    zt_buffer_free (&bytes);
}

/*  The text, with '|' where the cursor is; of a search "(query) " is before it, and
    "(query?) " if nothing has it. */
static void s_put_view (zt_buffer_t *buffer, const zt_editor_t *editor)
{
    zt_editor_view_t view;
    zt_editor_view (editor, &view);
    if (view.is_search)
        zt_buffer_put_format (buffer, "(%.*s%s) ", (int) view.query.size, view.query.data,
                              view.is_found ? "" : "?");
    zt_buffer_put_bytes (buffer, zt_bytes_part (view.text, 0, view.cursor));
    zt_buffer_put_char (buffer, '|');
    zt_buffer_put_bytes (buffer,
                         zt_bytes_part (view.text, view.cursor, view.text.size - view.cursor));
}

typedef struct {
    const char *keys;
    const char *line;
    const char *said; /* NULL: nothing */
} s_row_t;

/*  Each row begins with an empty editor, that has sent "first", "second one" and "Третій". */
static void s_expect (const s_row_t *rows, size_t count, size_t width)
{
    zt_widths_t widths = zt_widths_safe ();
    for (size_t i = 0; i < count; i++) {
        zt_editor_t *editor = zt_editor_new (S_MOST);
        zt_editor_shape (editor, width, &widths);
        zt_editor_remember (editor, zt_bytes ("first"));
        zt_editor_remember (editor, zt_bytes ("second one"));
        zt_editor_remember (editor, zt_bytes ("Третій"));
        zt_buffer_t said = {NULL, 0, 0}, line = {NULL, 0, 0};
        s_type (editor, rows[i].keys, &said);
        s_put_view (&line, editor);
        if (strcmp (zt_buffer_string (&line), rows[i].line) != 0)
            fail_msg ("%s\n gives  %s\n but is %s", rows[i].keys, rows[i].line,
                      zt_buffer_string (&line));
        const char *wanted = rows[i].said ? rows[i].said : "";
        if (strcmp (zt_buffer_string (&said), wanted) != 0)
            fail_msg ("%s\n says   %s\n but is %s", rows[i].keys, wanted, zt_buffer_string (&said));
        const char *wrong = zt_editor_rules_undo (editor, S_MOST);
        if (wrong)
            fail_msg ("%s: %s", rows[i].keys, wrong);
        zt_buffer_free (&said);
        zt_buffer_free (&line);
        zt_editor_destroy (&editor);
    }
}

#define EXPECT_WIDTH(width, ...)                                                                   \
    do {                                                                                           \
        static const s_row_t rows[] = {__VA_ARGS__};                                               \
        s_expect (rows, sizeof rows / sizeof rows[0], width);                                      \
    } while (0)
#define EXPECT(...) EXPECT_WIDTH (80, __VA_ARGS__)

static void s_typing (void **state)
{
    (void) state;
    EXPECT ({"", "|", NULL}, {"hello", "hello|", NULL}, {"Привіт 世界", "Привіт 世界|", NULL},
            {"ac<left>b", "ab|c", NULL}, {"one<nl>two", "one\ntwo|", NULL},
            {"e<end>\u0301", "é|", NULL}, /* a mark that comes alone finds its letter */
            {"❤<end>\uFE0F<left>x", "x|❤\uFE0F", NULL}, {"\u0301", "|", NULL},
            {"a\u202E\u200Bb", "ab|", NULL}, {"<f1>x", "x|", "unused()"});
}

static void s_moving (void **state)
{
    (void) state;
    EXPECT ({"abc<left><left>", "a|bc", NULL}, {"abc<home><right>", "a|bc", NULL},
            {"<left><right>", "|", NULL}, {"abc<home>x<end>y", "xabcy|", NULL},
            {"x👩\u200D👩\u200D👧👍🏽🇺🇦<left><left>",
             "x👩\u200D👩\u200D👧|👍🏽🇺🇦", NULL},
            {"x👩\u200D👩\u200D👧<left><left>", "|x👩\u200D👩\u200D👧", NULL},
            {"one, two-три 4<m-b>", "one, two-три |4", NULL},
            {"one, two-три 4<m-b><m-b>", "one, two-|три 4", NULL},
            {"one, two<c-left><c-left><c-left>", "|one, two", NULL},
            {"one, two<home><m-f>", "one|, two", NULL},
            {"one, two<home><m-f><m-f>", "one, two|", NULL},
            {"one<nl>two<home>", "one\n|two", NULL}, {"one<nl>two<home><left>", "one|\ntwo", NULL},
            {"one<nl>two<c-home>", "|one\ntwo", NULL}, {"a<nl>b<c-home><c-end>", "a\nb|", NULL});
}

static void s_rows_up_and_down (void **state)
{
    (void) state;
    EXPECT ({"one<nl>two<up>", "one|\ntwo", NULL},
            {"one<nl>2<nl>three<up><up>", "one|\n2\nthree", NULL},
            {"three<nl>2<nl>three<up><up>", "three|\n2\nthree", NULL},
            {"three<nl>2<nl>three<up><up><down><down>", "three\n2\nthree|", NULL},
            {"漢字<nl>abcd<left><up>", "漢|字\nabcd", NULL});
    EXPECT_WIDTH (4, {"abcdefghij<up>", "abcdef|ghij", NULL}, {"abcd<up>", "|abcd", NULL},
                  {"abcd<up><down>", "abcd|", NULL}, {"ab漢漢cd<up>", "ab漢|漢cd", NULL},
                  {"abcdefghij<home><down><down><down>", "abcdefgh|ij", "unused()"});
    EXPECT_WIDTH (1, {"漢字<up><up>", "|漢字", NULL});
    EXPECT_WIDTH (0, {"ab<up><up>", "|ab", NULL});
    /*  What is drawn is not what stands there: 👍🏽 is two columns without its colour. */
    EXPECT_WIDTH (80, {"👍🏽👍🏽x<nl>abcde<left><up>", "👍🏽👍🏽|x\nabcde", NULL});
}

static void s_deleting (void **state)
{
    (void) state;
    EXPECT ({"abc<back>", "ab|", NULL}, {"abc<home><del>", "|bc", NULL}, {"<back>", "|", NULL},
            {"a👩\u200D👩\u200D👧<back>", "a|", NULL}, {"e\u0301\u0323<back>", "|", NULL},
            {"one<nl>two<home><back>", "one|two", NULL}, {"abc<left><c-d>", "ab|", NULL},
            {"<c-d>", "|", "unused()"}, {"one two<c-w>", "one |", NULL},
            {"one two, <c-w>", "one |", NULL}, {"one два<m-back>", "one |", NULL},
            {"one two<home><m-d>", "| two", NULL}, {"one two<home><m-d><m-d>", "|", NULL},
            {"one two<m-b><c-k>", "one |", NULL}, {"one two<m-b><c-u>", "|two", NULL},
            {"a<nl>b<c-u>", "a\n|", NULL}, {"a<nl>b<c-home><c-k><c-k>", "|b", NULL},
            {"one two<c-w><c-y><c-y>", "one twotwo|", NULL},
            {"one two<c-w><c-w><c-y>", "one two|", NULL},
            {"one two<home><m-d><m-d><c-y>", "one two|", NULL},
            {"one two<c-w><home><c-k><c-y>", "one |", NULL}, {"x<c-y>", "x|", NULL},
            /*  Letters that become one as what was between them goes. */
            {"\u1112x\u1161<left><back>", "하|", NULL});
}

static void s_transposing (void **state)
{
    (void) state;
    EXPECT ({"ab<c-t>", "ba|", NULL}, {"abc<left><c-t>", "acb|", NULL},
            {"abc<left><left><c-t>", "ba|c", NULL}, {"a<c-t>", "a|", NULL}, {"<c-t>", "|", NULL},
            {"ab<home><c-t>", "|ab", NULL}, {"a👍🏽<c-t>", "👍🏽a|", NULL});
}

static void s_undoing (void **state)
{
    (void) state;
    EXPECT ({"one two<undo>", "|", NULL}, {"one two <left><right>three<undo>", "one two |", NULL},
            {"abc<back><undo>", "abc|", NULL}, {"abc<back><undo><redo>", "ab|", NULL},
            {"abc<undo><redo>", "abc|", NULL}, {"abc<undo><undo><redo><redo>", "abc|", NULL},
            {"abc<undo>x<redo>", "x|", NULL}, {"one two<c-w><undo>", "one two|", NULL},
            {"one two<home><m-d><undo>", "|one two", NULL});
    /*  Typed letter by letter, a word is taken back at once. */
    zt_editor_t *editor = zt_editor_new (S_MOST);
    zt_buffer_t said = {NULL, 0, 0}, line = {NULL, 0, 0};
    for (const char *c = "one two  three"; *c; c++)
        s_type (editor, (const char[]){*c, '\0'}, &said);
    s_type (editor, "<undo>", &said);
    s_put_view (&line, editor);
    assert_string_equal (zt_buffer_string (&line), "one two  |");
    zt_buffer_free (&line);
    zt_buffer_free (&said);
    zt_editor_destroy (&editor);
}

static void s_sending (void **state)
{
    (void) state;
    EXPECT ({"hi<enter>", "|", "submit(hi)"}, {"<enter>", "|", "unused()"},
            {"  <enter>", "  |", "unused()"}, {"a<nl>b<enter>", "|", "submit(a\nb)"},
            {"hi<enter><up>", "hi|", "submit(hi)"}, {"hi<enter><undo>", "|", "submit(hi)"});
}

static void s_what_was_sent (void **state)
{
    (void) state;
    EXPECT ({"<up>", "Третій|", NULL}, {"<up><up>", "second one|", NULL},
            {"<up><up><up><up>", "first|", "unused()"}, {"<down>", "|", "unused()"},
            {"draft<up><up><down>", "Третій|", NULL}, {"draft<up><up><down><down>", "draft|", NULL},
            {"draft<up><down><down>", "draft|", "unused()"}, {"draft<up><undo>", "draft|", NULL},
            {"<up>!<enter><up><up>", "Третій|", "submit(Третій!)"},
            {"<up><enter><up><up>", "second one|", "submit(Третій)"}, /* twice the same is once */
            {"a<nl>b<up><up>", "Третій|", NULL});
}

static void s_searching (void **state)
{
    (void) state;
    EXPECT ({"<c-r>", "(?) |", NULL}, {"<c-r>s", "(s) second one|", NULL},
            {"<c-r>S", "(S) second one|", NULL}, {"<c-r>s<c-r>", "(s) first|", NULL},
            {"<c-r>s<c-r><c-r>", "(s?) first|", NULL}, {"<c-r>т", "(т) Третій|", NULL},
            {"<c-r>sx", "(sx?) |", NULL}, {"<c-r>s<end>x", "second onex|", NULL},
            {"<c-r>fx<back>", "(f) first|", NULL}, {"<c-r>s<enter>", "second one|", NULL},
            {"<c-r>s<enter><enter>", "|", "submit(second one)"},
            {"draft<left><c-r>s<c-g>", "draf|t", NULL}, {"draft<c-r>s<esc>", "draft|", NULL},
            {"draft<c-r>zz<enter>", "draft|", NULL}, {"<c-g>", "|", "unused()"},
            {"<esc>", "|", "unused()"}, {"draft<c-r>s<enter><undo>", "draft|", NULL},
            {"<c-r>s<back>", "(?) |", NULL}, {"<c-r>s<f1>", "(s) second one|", "unused()"});
}

static void s_completing (void **state)
{
    (void) state;
    EXPECT ({"<tab>", "|", "unused()"}, {"zz<tab>", "zz|", "unused()"},
            {"x <tab>", "x |", "unused()"}, {"/jo<tab>", "/join |", NULL},
            {"/h<tab>", "/history |", NULL}, {"/h<tab><tab>", "/help |", NULL},
            {"/h<tab><tab><tab>", "/h|", NULL}, {"/h<tab><tab><tab><tab>", "/history |", NULL},
            {"/h<s-tab>", "/help |", NULL}, {"/h<tab><s-tab>", "/h|", NULL},
            {"/h<tab><undo>", "/h|", NULL}, {"/h<tab><tab><undo>", "/h|", NULL},
            {"/h<tab>x<tab>", "/history x|", "unused()"}, {"x /jo<tab>", "x /jo|", "unused()"},
            {"iv<tab>", "ivan: |", NULL}, {"hi IV<tab>", "hi ivan|", NULL},
            {"ol<tab><tab>", "oleh-2: |", NULL}, {"ОЛЕ<tab>", "Олег: |", NULL},
            {"a<nl>iv<tab>", "a\nivan: |", NULL}, {"/msg iv<tab>", "/msg ivan|", NULL},
            {"@iv<tab>", "@ivan|", NULL}, {"/join #к<tab>", "/join #кіно|", NULL},
            {"#g<tab>", "#general|", NULL}, {"iv there<m-b><left><tab>", "ivan: | there", NULL},
            {"iv<tab><undo>", "iv|", NULL});
}

static void s_pictures (void **state)
{
    (void) state;
    EXPECT ({":smile:", "😄|", NULL}, {":+1:", "👍|", NULL}, {":heart:", "❤\uFE0F|", NULL},
            {"a:grinning_face:b", "a😀b|", NULL}, {":GRINNING_FACE:", "😀|", NULL},
            {":nothing_such:", ":nothing_such:|", NULL}, {"10:30:15", "10:30:15|", NULL},
            {"::", "::|", NULL}, {":latin_small_letter_a:", ":latin_small_letter_a:|", NULL},
            {":smile:<undo>", ":smile:|", NULL}, {"<paste>:smile:</paste>", ":smile:|", NULL},
            {":tad<tab>", "🎉|", NULL}, {"x:tad<tab>", "x🎉|", NULL}, {":t<tab>", ":t|", "unused()"},
            {":smi<tab>", "😄|", NULL}, {":smi<tab><tab>", "😏|", NULL},
            {":smi<tab><s-tab>", ":smi|", NULL}, {":smi<tab>!", "😄!|", NULL});
    zt_emoji_t emoji[4];
    assert_int_equal (zt_emoji_begin (zt_bytes ("no_such"), emoji, 4), 0);
    assert_int_equal (zt_emoji_begin (zt_bytes ("s"), emoji, 4), 4);
    assert_false (zt_emoji_find (zt_bytes (""), emoji));
}

static void s_pasting (void **state)
{
    (void) state;
    EXPECT ({"a<paste>b c</paste>d", "ab cd|", NULL}, {"<paste>b\r</paste>", "b|", NULL},
            {"x<paste>a\rb\r</paste>", "x|", "question(a\nb)"}, {"<paste></paste>", "|", NULL},
            {"<paste>\x1B[31m</paste>", "\u241B[31m|", NULL},
            {"s<c-r>s<paste>!</paste>", "second one!|", NULL});
    zt_editor_t *editor = zt_editor_new (10);
    zt_buffer_t said = {NULL, 0, 0}, line = {NULL, 0, 0};
    s_type (editor, "12345678", &said);
    assert_false (zt_editor_insert (editor, ZT_TEXT ("a\nb")));
    assert_true (zt_editor_insert (editor, ZT_TEXT ("\nb")));
    s_type (editor, "x<back>", &said);
    s_put_view (&line, editor);
    assert_string_equal (zt_buffer_string (&line), "12345678\n|");
    assert_string_equal (zt_buffer_string (&said), "full()");
    zt_buffer_free (&said);
    zt_buffer_free (&line);
    zt_editor_destroy (&editor);
}

static void s_drafts (void **state)
{
    (void) state;
    zt_editor_t *editor = zt_editor_new (S_MOST);
    zt_buffer_t said = {NULL, 0, 0}, line = {NULL, 0, 0};
    s_type (editor, "sent<enter>to olena<left><up>", &said);
    zt_draft_t *first = zt_editor_take (editor), *none = NULL;
    assert_string_equal (zt_buffer_string (&said), "submit(sent)");
    /*  A line that was sent stands in the place of what is to be kept, until it is changed. */
    assert_true (zt_bytes_equal (zt_editor_unsent (editor, first), ZT_TEXT ("to olena")));
    s_put_view (&line, editor);
    s_type (editor, "to ivan<undo><undo>", &said);
    s_put_view (&line, editor);
    s_type (editor, "other<enter>", &said); /* what was sent is of all */
    zt_editor_put (editor, &first);
    assert_null (first);
    s_put_view (&line, editor);
    s_type (editor, "<down>", &said);
    s_put_view (&line, editor);
    s_type (editor, "<down>", &said);
    s_put_view (&line, editor);
    s_type (editor, "<undo><undo>", &said);
    s_put_view (&line, editor);
    zt_editor_put (editor, &none);
    s_put_view (&line, editor);
    assert_string_equal (zt_buffer_string (&line), "||sent|other|to olena|sent||");
    s_type (editor, "more<up>", &said);
    assert_true (zt_bytes_equal (zt_editor_unsent (editor, NULL), ZT_TEXT ("more")));
    s_type (editor, "!", &said);
    assert_true (zt_bytes_equal (zt_editor_unsent (editor, NULL), ZT_TEXT ("other!")));
    zt_buffer_free (&said);
    zt_buffer_free (&line);
    zt_editor_destroy (&editor);
}

static void s_help (void **state)
{
    (void) state;
    zt_buffer_t help = {NULL, 0, 0};
    for (unsigned i = 0; i < ZT_ACTION_COUNT; i++) {
        zt_buffer_clear (&help);
        zt_binding_help ((zt_action_t) i, &help);
        const char *line = zt_buffer_string (&help);
        assert_true (line[0] != ' ' && help.size > 26 && help.size < 110);
    }
    zt_buffer_clear (&help);
    zt_binding_help (ZT_ACTION_WORD_BACKSPACE, &help);
    assert_string_equal (zt_buffer_string (&help),
                         "Ctrl-W, Alt-Backspace   delete the word before the cursor");
    zt_buffer_free (&help);
}

/*  Rows as they are drawn, and places in them, agree. */
static void s_wrapping (void **state)
{
    (void) state;
    static const char *const texts[] = {"",
                                        "abc",
                                        "a\nb\n",
                                        "abcdef",
                                        "漢字漢字\nx",
                                        "\n\n",
                                        "a👩\u200D👩\u200D👧🇺🇦e\u0301",
                                        "one two three",
                                        "  a  bb   ",
                                        "a-b c漢字d",
                                        "long word-s\n x"};
    zt_widths_t widths = zt_widths_safe ();
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (size_t width = 0; width < 10; width++) {
            zt_wrap_t wrap = {zt_bytes (texts[i]), width, &widths};
            size_t rows = 0, at = 0, start, end;
            bool is_more;
            do {
                start = at;
                is_more = zt_wrap_row (&wrap, start, &end, &at);
                size_t row, column;
                zt_wrap_place (&wrap, start, &row, &column);
                assert_int_equal (row, rows);
                assert_int_equal (column, 0);
                assert_int_equal (zt_wrap_find (&wrap, row, 0), start);
                assert_true (!is_more || at > start);
                rows++;
            } while (is_more);
            assert_int_equal (end, wrap.text.size);
            assert_int_equal (zt_wrap_rows (&wrap), rows);
        }
    }
}

/*  Words are not cut where they have room; what is behind a full row has a place. */
static void s_wrapping_by_words (void **state)
{
    (void) state;
    static const struct {
        const char *text;
        size_t width;
        const char *rows; /* each with a '|' behind it */
    } cases[] = {
        {"one two three", 10, "one two |three|"},
        {"one two three", 8, "one two |three|"},
        {"one two three", 7, "one two| three|"}, /* the space has no room */
        {"one two three", 5, "one |two |three||"},
        {"one two three", 3, "one| tw|o |thr|ee|"},
        {"abcdefgh ij", 4, "abcd|efgh| ij|"},
        {"a bcdefgh", 4, "a |bcde|fgh|"},
        {"ab cd\nef gh", 5, "ab cd||ef gh||"},
        {"так漢字 ні", 6, "так漢|字 ні|"},
        {"well-known", 7, "well-|known|"},
        {"    x", 3, "   | x|"},
        {"a    b", 3, "a  |  b||"},
    };
    zt_widths_t widths = zt_widths_safe ();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        zt_wrap_t wrap = {zt_bytes (cases[i].text), cases[i].width, &widths};
        zt_buffer_t rows = {NULL, 0, 0};
        size_t at = 0, start, end;
        bool is_more;
        do {
            start = at;
            is_more = zt_wrap_row (&wrap, start, &end, &at);
            zt_buffer_put_bytes (&rows, zt_bytes_part (wrap.text, start, end - start));
            zt_buffer_put_char (&rows, '|');
        } while (is_more);
        assert_string_equal (zt_buffer_string (&rows), cases[i].rows);
        zt_buffer_free (&rows);
        for (size_t place = 0; place <= wrap.text.size; place++) {
            size_t row, column;
            zt_wrap_place (&wrap, place, &row, &column);
            assert_in_range (column, 0, cases[i].width - 1);
        }
    }
}

/*  Whatever is pressed, the text stays good, and all of it can be taken back. */
static void s_anything (void **state)
{
    (void) state;
    static const char *const texts[] = {
        "a",
        "b ",
        " ",
        "é",
        "e",
        "\u0301",
        "Привіт ",
        "漢",
        "👩\u200D👧",
        "🇺🇦",
        "🇺",
        "👍",
        "🏽",
        "❤",
        "\uFE0F",
        "\u200D",
        "\u1112",
        "\u1161",
        "\u11AB",
        ":",
        "smile",
        "/h",
        "ol",
        "#",
        "1",
        "\u20E3",
        "क\u094D",
        "ष\u093F",
        "\u200C",
        "\xFF",
        "<paste>x\ty\r</paste>",
        "<nl>",
    };
    enum { TEXTS = sizeof texts / sizeof texts[0], KEYS = sizeof s_keys / sizeof s_keys[0] };
    size_t runs = zt_wrapped () ? 4 : 150;
    for (size_t seed = 0; seed < runs; seed++) {
        zt_dice_t dice = {seed};
        zt_widths_t widths = zt_widths_safe ();
        zt_editor_t *editor = zt_editor_new (S_MOST);
        zt_buffer_t said = {NULL, 0, 0};
        for (int i = 0; i < 120; i++) {
            if (zt_dice_one_in (&dice, 20))
                zt_editor_shape (editor, zt_dice_below (&dice, 20), &widths);
            const char *keys = zt_dice_one_in (&dice, 2) ? texts[zt_dice_below (&dice, TEXTS)]
                                                         : s_keys[zt_dice_below (&dice, KEYS)].name;
            s_type (editor, keys, &said);
        }
        const char *wrong = zt_editor_rules_undo (editor, S_MOST);
        if (wrong)
            fail_msg ("seed %zu: %s", seed, wrong);
        zt_buffer_free (&said);
        zt_editor_destroy (&editor);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_typing),           cmocka_unit_test (s_moving),
        cmocka_unit_test (s_rows_up_and_down), cmocka_unit_test (s_deleting),
        cmocka_unit_test (s_transposing),      cmocka_unit_test (s_undoing),
        cmocka_unit_test (s_sending),          cmocka_unit_test (s_what_was_sent),
        cmocka_unit_test (s_searching),        cmocka_unit_test (s_completing),
        cmocka_unit_test (s_pictures),         cmocka_unit_test (s_pasting),
        cmocka_unit_test (s_drafts),           cmocka_unit_test (s_help),
        cmocka_unit_test (s_wrapping),         cmocka_unit_test (s_wrapping_by_words),
        cmocka_unit_test (s_anything),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
