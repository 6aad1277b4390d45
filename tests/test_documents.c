/*  SPDX-License-Identifier: MPL-2.0

    PROTOCOL.md says what the tables say: a section for every verb, with its
    fields, and a row for every error code, reason and limit; and nothing that
    the tables do not have. */

#include "common/alloc.h"
#include "common/buffer.h"
#include "common/error.h"
#include "common/limits.h"
#include "common/verb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/*  A line of the document, without its LF, in line. Returns where the next one
    begins, or NULL after the last. */
static const char *s_next_line (const char *at, zt_buffer_t *line)
{
    if (!*at)
        return NULL;
    size_t size = strcspn (at, "\n");
    zt_buffer_clear (line);
    zt_buffer_put (line, at, size);
    zt_buffer_string (line);
    return at + size + (at[size] == '\n');
}

/*  Complains, unless the rows of the table under that header begin with the rows
    that are expected, in their order, and there are no others. */
static void s_check_table (const char *document, const char *header, const zt_buffer_t *expected,
                           size_t count, zt_buffer_t *wrong)
{
    zt_buffer_t line = {NULL, 0, 0};
    const char *at = document;
    while ((at = s_next_line (at, &line)) && strcmp (line.data, header) != 0)
        ;
    if (!at)
        zt_buffer_put_format (wrong, "there is no table '%s'\n", header);
    at = at ? s_next_line (at, &line) : NULL; /* the rule below the header */
    size_t row = 0;
    while (at && (at = s_next_line (at, &line)) && line.data[0] == '|') {
        zt_bytes_t is = zt_buffer_bytes (&line);
        bool same = row < count && is.size >= expected[row].size &&
                    memcmp (is.data, expected[row].data, expected[row].size) == 0;
        if (!same)
            zt_buffer_put_format (wrong, "row %zu is\n    %s\nand should be\n    %.*s\n", row + 1,
                                  line.data, row < count ? (int) expected[row].size : 0,
                                  row < count ? expected[row].data : "");
        row++;
    }
    if (row != count)
        zt_buffer_put_format (wrong, "the table '%s' has %zu rows, and should have %zu\n", header,
                              row, count);
    zt_buffer_free (&line);
}

static void s_free_rows (zt_buffer_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        zt_buffer_free (&rows[i]);
}

static void s_check_errors (const char *document, zt_buffer_t *wrong)
{
    zt_buffer_t rows[ZT_ERROR_COUNT] = {{NULL, 0, 0}};
    for (unsigned i = 0; i < ZT_ERROR_COUNT; i++)
        zt_buffer_put_format (&rows[i], "| `%s` | %s |", zt_error_code ((zt_error_t) i),
                              zt_error_what ((zt_error_t) i));
    s_check_table (document, "| code | meaning |", rows, ZT_ERROR_COUNT, wrong);
    s_free_rows (rows, ZT_ERROR_COUNT);
}

static void s_check_reasons (const char *document, zt_buffer_t *wrong)
{
    zt_buffer_t rows[ZT_REASON_COUNT] = {{NULL, 0, 0}};
    for (unsigned i = 0; i < ZT_REASON_COUNT; i++)
        zt_buffer_put_format (&rows[i], "| `%s` | %s |", zt_reason_word ((zt_reason_t) i),
                              zt_reason_what ((zt_reason_t) i));
    s_check_table (document, "| reason | meaning | the client |", rows, ZT_REASON_COUNT, wrong);
    s_free_rows (rows, ZT_REASON_COUNT);
}

static void s_check_limits (const char *document, zt_buffer_t *wrong)
{
    enum { MOST = 100 };
    zt_buffer_t rows[MOST] = {{NULL, 0, 0}};
    size_t count = 0;
    for (const zt_limit_t *limit = zt_limits (); limit->name; limit++) {
        assert_true (count < MOST);
        zt_buffer_put_format (&rows[count++], "| `%s` | %lu | %s |", limit->name, limit->value,
                              limit->what);
    }
    s_check_table (document, "| limit | value | what it bounds |", rows, count, wrong);
    s_free_rows (rows, count);
}

/*  Verbs: "### 5.N VERB", and in the section the form of the message. */

static const char s_heading[] = "### 5.";

/*  What is behind the number of the heading of a section of a verb, or NULL. */
static const char *s_verb_of_heading (const char *line)
{
    if (strncmp (line, s_heading, strlen (s_heading)) != 0)
        return NULL;
    const char *at = line + strlen (s_heading);
    at += strspn (at, "0123456789");
    return *at == ' ' ? at + 1 : NULL;
}

/*  The next field of a form: a word, or what is in <>, which may have spaces. */
static const char *s_next_field (const char *at, zt_bytes_t *field)
{
    at += strspn (at, " ");
    size_t size = *at == '<' ? strcspn (at, ">") + 1 : strcspn (at, " ");
    *field = (zt_bytes_t){at, size};
    return at + size;
}

/*  True if a line is the form of that verb: "    -> VERB <field> ... <length> body". */
static bool s_is_form (const char *line, const zt_verb_row_t *row)
{
    const char *arrow = row->from == ZT_FROM_CLIENT ? "    -> " : "    <- ";
    if (strncmp (line, arrow, strlen (arrow)) != 0)
        return false;
    zt_bytes_t field;
    const char *at = s_next_field (line + strlen (arrow), &field);
    if (!zt_bytes_equal (field, zt_bytes (row->name)))
        return false;
    for (size_t i = 0; row->fields[i]; i++) {
        at = s_next_field (at, &field);
        if (field.size == 0 || zt_bytes_equal (field, zt_bytes ("<length>")))
            return false;
    }
    if (row->has_body) {
        at = s_next_field (at, &field);
        return zt_bytes_equal (field, zt_bytes ("<length>")) && *at == ' ';
    }
    return *at == '\0';
}

/*  How many sections a verb has, and whether its form is in one of them. */
static void s_check_verb (const char *document, const zt_verb_row_t *row, zt_buffer_t *wrong)
{
    zt_buffer_t line = {NULL, 0, 0};
    size_t sections = 0, forms = 0;
    bool inside = false;
    for (const char *at = document; (at = s_next_line (at, &line));) {
        if (line.data[0] == '#') {
            const char *verb = s_verb_of_heading (line.data);
            inside = verb && strcmp (verb, row->name) == 0;
            sections += inside;
        } else if (inside)
            forms += s_is_form (line.data, row);
    }
    if (sections != 1)
        zt_buffer_put_format (wrong, "%s has %zu sections\n", row->name, sections);
    if (forms != 1)
        zt_buffer_put_format (wrong, "%s from the %s has its form %zu times\n", row->name,
                              row->from == ZT_FROM_CLIENT ? "client" : "broker", forms);
    zt_buffer_free (&line);
}

static void s_check_verbs (const char *document, zt_buffer_t *wrong)
{
    for (unsigned verb = 0; verb < ZT_VERB_COUNT; verb++)
        s_check_verb (document, zt_verb_row ((zt_verb_t) verb), wrong);
    zt_buffer_t line = {NULL, 0, 0};
    unsigned long number = 0;
    for (const char *at = document; (at = s_next_line (at, &line));) {
        if (strncmp (line.data, s_heading, strlen (s_heading)) != 0)
            continue;
        const char *name = s_verb_of_heading (line.data);
        zt_bytes_t verb = zt_bytes (name);
        if (zt_verb_find (verb, ZT_FROM_CLIENT) == ZT_VERB_COUNT &&
            zt_verb_find (verb, ZT_FROM_BROKER) == ZT_VERB_COUNT)
            zt_buffer_put_format (wrong, "'%s' is of no verb\n", line.data);
        if (strtoul (line.data + strlen (s_heading), NULL, 10) != ++number)
            zt_buffer_put_format (wrong, "'%s' should have the number %lu\n", line.data, number);
    }
    zt_buffer_free (&line);
}

/*  All that is wrong with a document; empty if it is good. */
static zt_buffer_t s_check (const char *document)
{
    zt_buffer_t wrong = {NULL, 0, 0};
    s_check_verbs (document, &wrong);
    s_check_errors (document, &wrong);
    s_check_reasons (document, &wrong);
    s_check_limits (document, &wrong);
    return wrong;
}

static zt_buffer_t s_read (const char *name)
{
    const char *source = getenv ("ZTALK_SOURCE");
    zt_buffer_t path = {NULL, 0, 0}, content = {NULL, 0, 0};
    zt_buffer_put_format (&path, "%s/%s", source ? source : ".", name);
    FILE *file = fopen (zt_buffer_string (&path), "rb");
    if (!file)
        fail_msg ("cannot read %s", zt_buffer_string (&path));
    size_t size;
    do {
        size = fread (zt_buffer_reserve (&content, 4096), 1, 4096, file);
        content.size += size;
    } while (size > 0);
    fclose (file);
    zt_buffer_free (&path);
    zt_buffer_string (&content);
    return content;
}

static void s_the_protocol_says_what_the_tables_say (void **state)
{
    (void) state;
    zt_buffer_t document = s_read ("common/PROTOCOL.md");
    zt_buffer_t wrong = s_check (document.data);
    if (wrong.size)
        fail_msg ("PROTOCOL.md:\n%s", zt_buffer_string (&wrong));
    zt_buffer_free (&wrong);
    zt_buffer_free (&document);
}

/*  The first cell of a row of a table, trimmed, with its backticks. */
static zt_bytes_t s_first_cell (zt_bytes_t row)
{
    if (row.size < 2 || memcmp (row.data, "| ", 2) != 0)
        return (zt_bytes_t){"", 0};
    const char *end = memmem (row.data + 2, row.size - 2, " |", 2);
    return (zt_bytes_t){row.data + 2, end ? (size_t) (end - row.data - 2) : 0};
}

static bool s_is_of_a_table (const char *line)
{
    if (s_verb_of_heading (line))
        return true;
    zt_bytes_t cell = s_first_cell (zt_bytes (line));
    zt_bytes_t name = cell.size > 2 && cell.data[0] == '`'
                          ? (zt_bytes_t){cell.data + 1, cell.size - 2}
                          : (zt_bytes_t){"", 0};
    bool found = zt_error_find (name) != ZT_ERROR_COUNT || zt_reason_find (name) != ZT_REASON_COUNT;
    for (const zt_limit_t *limit = zt_limits (); limit->name && !found; limit++)
        found = zt_bytes_equal (name, zt_bytes (limit->name));
    return found;
}

/*  Each line of the protocol that comes from a table is looked at: without it, and
    with it twice, the document is wrong. */
static void s_no_line_may_be_missing (void **state)
{
    (void) state;
    zt_buffer_t document = s_read ("common/PROTOCOL.md"), line = {NULL, 0, 0};
    size_t lines = 0;
    for (const char *at = document.data, *next; (next = s_next_line (at, &line)); at = next) {
        if (!s_is_of_a_table (line.data))
            continue;
        lines++;
        for (int times = 0; times <= 2; times += 2) {
            zt_buffer_t other = {NULL, 0, 0};
            zt_buffer_put (&other, document.data, (size_t) (at - document.data));
            for (int i = 0; i < times; i++)
                zt_buffer_put (&other, at, (size_t) (next - at));
            zt_buffer_put_string (&other, next);
            zt_buffer_t wrong = s_check (zt_buffer_string (&other));
            if (wrong.size == 0)
                fail_msg ("%d times '%s' is not noticed", times, line.data);
            zt_buffer_free (&wrong);
            zt_buffer_free (&other);
        }
    }
    size_t expected = ZT_VERB_COUNT - 1 + ZT_ERROR_COUNT + ZT_REASON_COUNT; /* BYE is shared */
    for (const zt_limit_t *limit = zt_limits (); limit->name; limit++)
        expected++;
    assert_int_equal (lines, expected);
    zt_buffer_free (&line);
    zt_buffer_free (&document);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_the_protocol_says_what_the_tables_say),
        cmocka_unit_test (s_no_line_may_be_missing),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
