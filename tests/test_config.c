/*  SPDX-License-Identifier: MPL-2.0

    The broker's configuration: what is taken, what is refused and where; and that the
    example and the man page say what the table says. */

#include "broker/config.h"
#include "tests/exact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <unistd.h>

static void s_is_default (const zt_config_t *config)
{
    zt_config_t otherwise = zt_config_default ();
    for (unsigned key = 0; key < ZT_CONFIG_COUNT; key++)
        assert_true (zt_config_is_same (config, &otherwise, (zt_config_key_t) key));
}

static zt_config_t s_read (const char *text)
{
    zt_config_t config = zt_config_default ();
    zt_buffer_t wrong = {NULL, 0, 0};
    if (!zt_config_read (&config, zt_bytes (text), "file", &wrong))
        fail_msg ("'%s' is refused: %s", text, zt_buffer_string (&wrong));
    assert_int_equal (wrong.size, 0);
    return config;
}

static void s_values_are_taken (void **state)
{
    (void) state;
    zt_config_t config = s_read ("");
    s_is_default (&config);
    config = s_read ("# nothing\n\n      # but comments\nstore\n");
    s_is_default (&config);
    config = s_read ("store\n    sync = process\n    keep_days = 30\n    keep_mb = 1024\n"
                     "    replay = 500\n");
    assert_int_equal (config.value[ZT_CONFIG_SYNC], ZT_SYNC_PROCESS);
    assert_int_equal (config.value[ZT_CONFIG_KEEP_DAYS], 30);
    assert_int_equal (config.value[ZT_CONFIG_KEEP_MB], 1024);
    assert_int_equal (config.value[ZT_CONFIG_REPLAY], 500);
    /*  As ZPL has it: quotes, comments behind, line ends of either kind, no LF at the end. */
    config = s_read ("store # here\r\n    sync = \"process\"  # as fast\r\n    keep_mb=5#\r\n"
                     "\r\n    replay='7'");
    assert_int_equal (config.value[ZT_CONFIG_SYNC], ZT_SYNC_PROCESS);
    assert_int_equal (config.value[ZT_CONFIG_KEEP_MB], 5);
    assert_int_equal (config.value[ZT_CONFIG_REPLAY], 7);
    /*  A section may be there again. */
    config = s_read ("store\n    sync = process\nstore\n    keep_days = 1\n");
    assert_int_equal (config.value[ZT_CONFIG_SYNC], ZT_SYNC_PROCESS);
    assert_int_equal (config.value[ZT_CONFIG_KEEP_DAYS], 1);
}

/*  The ends of each range are taken, and what is beyond them is not. */
static void s_ranges_are_kept (void **state)
{
    (void) state;
    for (unsigned i = 0; i < ZT_CONFIG_COUNT; i++) {
        zt_config_key_t key = (zt_config_key_t) i;
        const zt_config_row_t *row = zt_config_row (key);
        zt_config_t config = zt_config_default ();
        zt_buffer_t text = {NULL, 0, 0}, wrong = {NULL, 0, 0};
        const uint64_t good[] = {row->least, row->most, row->otherwise};
        if (row->otherwise_text)
            continue;
        for (size_t j = 0; j < 3; j++) {
            zt_config_t written = config;
            written.value[key] = good[j];
            zt_buffer_clear (&text);
            zt_config_put (&written, key, &text);
            assert_true (zt_config_set (&config, key, zt_buffer_bytes (&text), &wrong));
            assert_int_equal (config.value[key], good[j]);
        }
        char above[32];
        snprintf (above, sizeof above, "%llu", (unsigned long long) row->most + 1);
        const char *const bad[] = {above,           "",      "-1",  "+1",   "01",
                                   "1 000",         "0x1",   "1.5", "ever", "18446744073709551616",
                                   "power process", "Power", "pow"};
        for (size_t j = 0; j < sizeof bad / sizeof bad[0]; j++) {
            zt_buffer_clear (&wrong);
            assert_false (zt_config_set (&config, key, zt_bytes (bad[j]), &wrong));
            assert_true (wrong.size > 0);
            assert_int_equal (config.value[key], row->otherwise);
        }
        zt_buffer_free (&text);
        zt_buffer_free (&wrong);
    }
}

static void s_texts_have_their_forms (void **state)
{
    (void) state;
    static const struct {
        const char *key, *good, *other_good, *bad;
    } rows[] = {{"listen/endpoint=", "tcp://127.0.0.1:1", "ipc:///tmp/x", "udp://x"},
                {"store/directory=", "", "/a b/c", "a\nb"},
                {"access/motd=", "", "Привіт, \"x\" # y", "\xC3"},
                {"access/say_as=", "broker", "Оголошення", "a b"},
                {"announce/interfaces=", "", "eth0,wlan0", "eth0,,"},
                {"announce/name=", "", "the office", "a\nb"},
                {"http/address=", "0.0.0.0", "[::1]", "here:and:there"},
                {"operators/control=", "", "no", "a\nb"}};
    static char long_text[1100];
    memset (long_text, 'x', sizeof long_text - 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *const values[] = {rows[i].good, rows[i].other_good, rows[i].bad, long_text};
        for (size_t j = 0; j < 4; j++) {
            zt_config_t config = zt_config_default ();
            zt_buffer_t text = {NULL, 0, 0}, wrong = {NULL, 0, 0};
            if (!values[j])
                continue;
            zt_buffer_put_format (&text, "%s%s", rows[i].key, values[j]);
            bool taken = zt_config_set_named (&config, zt_buffer_bytes (&text), &wrong);
            if (taken != (j < 2))
                fail_msg ("%s is %s: %s", text.data, taken ? "taken" : "refused",
                          zt_buffer_string (&wrong));
            if (!taken)
                s_is_default (&config);
            zt_buffer_free (&text);
            zt_buffer_free (&wrong);
        }
    }
    zt_config_t config = s_read ("\xEF\xBB\xBF" /* as some editors begin */
                                 "access\n    motd = \"a # b\"\n    say_as = x\n");
    assert_int_equal (config.line[ZT_CONFIG_MOTD], 2);
    assert_int_equal (config.line[ZT_CONFIG_SYNC], 0);
    assert_string_equal (zt_config_text (&config, ZT_CONFIG_MOTD), "a # b");
    assert_string_equal (zt_config_text (&config, ZT_CONFIG_SAY_AS), "x");
    zt_buffer_t text = {NULL, 0, 0};
    zt_config_put (&config, ZT_CONFIG_MOTD, &text);
    assert_string_equal (zt_buffer_string (&text), "\"a # b\"");
    zt_buffer_free (&text);
}

/*  The first takes the place of the default, and what the command line says that of all. */
static void s_endpoints_may_be_several (void **state)
{
    (void) state;
    static const char file[] = "listen\n    endpoint = tcp://*:1\n    endpoint = tcp://*:2\n"
                               "access\n    motd = of the file\n";
    static const char line[] = "listen/endpoint=tcp://*:3\0listen/endpoint=ipc://x\0"
                               "access/motd=one\0access/motd=two";
    char path[] = "/tmp/ztalk-config-XXXXXX";
    int fd = mkstemp (path);
    assert_true (fd >= 0);
    assert_int_equal (write (fd, file, sizeof file - 1), sizeof file - 1);
    close (fd);
    zt_buffer_t wrong = {NULL, 0, 0};
    zt_config_t config = zt_config_default ();
    assert_true (zt_config_gather (&config, &(zt_config_source_t){path, {NULL, 0}}, &wrong));
    assert_string_equal (zt_config_text (&config, ZT_CONFIG_ENDPOINT), "tcp://*:1\ntcp://*:2");
    assert_string_equal (zt_config_text (&config, ZT_CONFIG_MOTD), "of the file");
    assert_true (config.is_set[ZT_CONFIG_ENDPOINT] && !config.is_set[ZT_CONFIG_SYNC]);
    zt_bytes_t given = {line, sizeof line};
    assert_true (zt_config_gather (&config, &(zt_config_source_t){path, given}, &wrong));
    assert_string_equal (zt_config_text (&config, ZT_CONFIG_ENDPOINT), "tcp://*:3\nipc://x");
    assert_string_equal (zt_config_text (&config, ZT_CONFIG_MOTD), "two");
    assert_true (config.overrides[ZT_CONFIG_MOTD] && !config.overrides[ZT_CONFIG_SYNC]);
    unlink (path);
    /*  A file that is gone changes nothing. */
    assert_false (zt_config_gather (&config, &(zt_config_source_t){path, given}, &wrong));
    assert_string_equal (zt_config_text (&config, ZT_CONFIG_MOTD), "two");
    zt_buffer_free (&wrong);
}

/*  Nothing is wrong with the last of them, so that is not what is said. */
static void s_endpoints_may_be_too_many (void **state)
{
    (void) state;
    zt_buffer_t file = {NULL, 0, 0}, wrong = {NULL, 0, 0};
    zt_config_t config = zt_config_default ();
    zt_buffer_put_string (&file, "listen\n");
    for (int i = 0; i < 95; i++)
        zt_buffer_put_format (&file, "    endpoint = tcp://127.0.0.1:%d\n", 10000 + i);
    assert_false (zt_config_read (&config, zt_buffer_bytes (&file), "file", &wrong));
    assert_string_equal (zt_buffer_string (&wrong),
                         "file:95: 'tcp://127.0.0.1:10093' is one endpoint too many: together they "
                         "have at most 2047 bytes");
    s_is_default (&config);
    zt_buffer_free (&file);
    zt_buffer_free (&wrong);
}

/*  A text that is too long is not shown whole. */
static void s_a_motd_has_its_limit (void **state)
{
    (void) state;
    char text[ZT_MOTD_MAX + 32] = "access/motd=";
    zt_buffer_t wrong = {NULL, 0, 0};
    zt_config_t config = zt_config_default ();
    size_t size = strlen (text);
    memset (text + size, 'x', ZT_MOTD_MAX + 1);
    assert_true (zt_config_set_named (&config, (zt_bytes_t){text, size + ZT_MOTD_MAX}, &wrong));
    assert_false (zt_config_set_named (&config, zt_bytes (text), &wrong));
    assert_non_null (
        strstr (zt_buffer_string (&wrong), "xxx...', but a text in UTF-8 of at most 1024 bytes"));
    assert_true (wrong.size < 300);
    zt_buffer_free (&wrong);
}

static void s_mistakes_are_refused_with_their_line (void **state)
{
    (void) state;
    static const struct {
        const char *text;
        const char *why;
    } rows[] = {
        {"store\n    sync = maybe\n", "file:2: sync cannot be 'maybe', but power or process"},
        {"store\n    sync\n", "file:2: sync cannot be '', but power or process"},
        {"store\n\n    # x\n    keep_days = 36501\n",
         "file:4: keep_days cannot be '36501', but 0 to 36500"},
        {"store\n    replay = 0\n", "file:2: replay cannot be '0', but 1 to 1000000"},
        {"store\n    snyc = power\n",
         "file:2: 'snyc' is no key of store: there are directory, ephemeral, sync, keep_days"},
        {"store\n    sync = power\n        deep = 1\n", "file:3: 'deep' is no key of store"},
        {"store\n    sync = power\n    sync = power\n", "file:3: sync is there twice"},
        {"sotre\n    sync = power\n",
         "file:1: 'sotre' is no section: there are listen, store, access, announce, http, log, "
         "operators, limits"},
        {"sync = power\n", "file:1: 'sync' is no section"},
        {"access\n    motd = a\n    motd = b\n", "file:3: motd is there twice"},
        {"access\n    say_as = a b\n", "file:2: say_as cannot be 'a b', but a name"},
        {"access\n    say_as = #dev\n",
         "file:2: say_as cannot be '', but a name (what is behind a # is a comment"},
        {"store = here\n", "file:1: 'store' is a section, and has no value"},
        {"    sync = power\n", "file:1: this is indented too far"},
        {"store\n        sync = power\n", "file:2: this is indented too far"},
        {"store\n  sync = power\n", "file:2: what is inside another is indented by 4 spaces"},
        {"store\n\tsync = power\n", "file:2: spaces indent, tabs do not"},
        {"store\n    sync: power\n", "file:2: a name is followed by = and a value, or by nothing"},
        {"store\n    = power\n", "file:2: a name is missing"},
        {"store\n    sync = \"power\n", "file:2: the quote has no end"},
        {"store\n    sync = \"power\" process\n", "file:2: something follows the quote"},
        {"store\n    sync = \033[31m\n", "file:2: sync cannot be '"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_config_t config = zt_config_default ();
        zt_buffer_t wrong = {NULL, 0, 0};
        if (zt_config_read (&config, zt_bytes (rows[i].text), "file", &wrong))
            fail_msg ("'%s' is taken", rows[i].text);
        if (strncmp (zt_buffer_string (&wrong), rows[i].why, strlen (rows[i].why)) != 0)
            fail_msg ("'%s': %s", rows[i].text, wrong.data);
        assert_null (strchr (wrong.data, '\033'));
        s_is_default (&config);
        zt_buffer_free (&wrong);
    }
    /*  Bytes that are no text, and a line that is longer than any should be. */
    zt_config_t config = zt_config_default ();
    zt_buffer_t wrong = {NULL, 0, 0};
    assert_false (zt_config_read (&config, (zt_bytes_t){"st\0re\n", 6}, "file", &wrong));
    char line[5000];
    memset (line, 'x', sizeof line);
    assert_false (zt_config_read (&config, (zt_bytes_t){line, sizeof line}, "file", &wrong));
    zt_buffer_free (&wrong);
}

/*  ---------------------------------------------------------------------------
    Files and documents */

static void s_files_that_cannot_be_read_are_refused (void **state)
{
    (void) state;
    char path[] = "/tmp/ztalk-config-XXXXXX";
    int fd = mkstemp (path);
    assert_true (fd >= 0);
    char page[4096];
    memset (page, '\n', sizeof page);
    for (int i = 0; i < 17; i++)
        assert_int_equal (write (fd, page, sizeof page), sizeof page);
    close (fd);
    const char *const files[] = {"/nonexistent/file", "/tmp", path};
    const char *const why[] = {"/nonexistent/file: No such file or directory",
                               "/tmp: Is a directory", "this is no configuration, it is too long"};
    for (size_t i = 0; i < 3; i++) {
        zt_config_t config = zt_config_default ();
        zt_buffer_t wrong = {NULL, 0, 0};
        assert_false (zt_config_load (&config, files[i], &wrong));
        assert_non_null (strstr (zt_buffer_string (&wrong), why[i]));
        zt_buffer_free (&wrong);
    }
    unlink (path);
}

/*  A file of the sources, with its line ends as spaces where asked. */
static zt_buffer_t s_source (const char *name, bool in_one_line)
{
    const char *source = getenv ("ZTALK_SOURCE");
    zt_buffer_t path = {NULL, 0, 0}, text = {NULL, 0, 0};
    zt_buffer_put_format (&path, "%s/%s", source ? source : ".", name);
    FILE *file = fopen (zt_buffer_string (&path), "rb");
    if (!file)
        fail_msg ("cannot read %s", path.data);
    for (size_t size = 1; size > 0; text.size += size)
        size = fread (zt_buffer_reserve (&text, 4096), 1, 4096, file);
    fclose (file);
    for (size_t i = 0; in_one_line && i < text.size; i++)
        if (text.data[i] == '\n')
            text.data[i] = ' ';
    zt_buffer_string (&text);
    zt_buffer_free (&path);
    return text;
}

/*  The example sets every key, to its default. */
static void s_the_example_is_the_default (void **state)
{
    (void) state;
    zt_buffer_t text = s_source ("broker/ztalk-broker.zpl", false);
    for (unsigned i = 0; i < ZT_CONFIG_COUNT; i++) {
        zt_config_key_t key = (zt_config_key_t) i;
        zt_buffer_t line = {NULL, 0, 0};
        zt_config_t otherwise = zt_config_default ();
        const char *value = zt_config_row (key)->otherwise_text;
        zt_buffer_put_format (&line, "\n    %s = ", zt_config_row (key)->name);
        if (value && *value)
            zt_buffer_put_string (&line, value);
        else
            zt_config_put (&otherwise, key, &line);
        zt_buffer_put_char (&line, '\n');
        if (!strstr (text.data, zt_buffer_string (&line)))
            fail_msg ("the example has no line:%s", line.data);
        zt_buffer_free (&line);
    }
    zt_config_t config = s_read (text.data);
    s_is_default (&config);
    zt_buffer_free (&text);
}

/*  Whatever a slip of the hand makes of it, it is taken or refused with a line. */
static void s_no_slip_is_too_much (void **state)
{
    (void) state;
    static const char slips[] = "\n\r\t #='\"x/\xFF"; /* and NUL */
    zt_buffer_t text = s_source ("broker/ztalk-broker.zpl", false);
    enum { S_STRIDE = 5 }; /* all places at all times take long, under valgrind above all */
    for (size_t i = 0; i < 2 * text.size; i++)
        for (size_t j = i % S_STRIDE; j < sizeof slips; j += S_STRIDE) {
            /*  At each place, with the rest behind it and without. */
            size_t size = i < text.size ? text.size : i - text.size + 1;
            char kept = text.data[i % text.size];
            text.data[i % text.size] = slips[j];
            zt_bytes_t bytes = zt_exact ((zt_bytes_t){text.data, size});
            text.data[i % text.size] = kept;
            zt_config_t config = zt_config_default ();
            zt_buffer_t wrong = {NULL, 0, 0};
            if (!zt_config_read (&config, bytes, "file", &wrong))
                assert_memory_equal (wrong.data, "file:", 5);
            zt_buffer_free (&wrong);
            zt_exact_free (bytes);
        }
    zt_buffer_free (&text);
}

/*  ".BR sync " (power or process; power)" what": with the number of them in the section,
    that is all there is. */
static void s_the_manual_tells_of_each_key (void **state)
{
    (void) state;
    zt_buffer_t text = s_source ("broker/ztalk-broker.1", true);
    char *begin = strstr (text.data, ".SH CONFIGURATION ");
    assert_non_null (begin);
    char *end = strstr (begin + 1, ".SH ");
    assert_non_null (end);
    *end = '\0';
    unsigned n = 0;
    for (const char *at = begin; (at = strstr (at, ".BR ")); at++)
        n++;
    assert_int_equal (n, ZT_CONFIG_COUNT);
    char *keys = strstr (begin, "These change at once: "), *others = strstr (begin, "The others");
    assert_true (keys && others);
    *others = '\0';
    for (unsigned i = 0; i < ZT_CONFIG_COUNT; i++) {
        const zt_config_row_t *row = zt_config_row ((zt_config_key_t) i);
        const char *said = strcmp (row->section, "limits") == 0 ? "all limits" : row->name;
        if ((strstr (keys, said) != NULL) != (row->when == ZT_CONFIG_NOW))
            fail_msg ("the manual says otherwise when %s changes", row->name);
    }
    *others = 'T';
    for (unsigned i = 0; i < ZT_CONFIG_COUNT; i++) {
        zt_config_key_t key = (zt_config_key_t) i;
        const zt_config_row_t *row = zt_config_row (key);
        zt_buffer_t entry = {NULL, 0, 0};
        zt_buffer_put_format (&entry, ".TP .BR %s \" (", row->name);
        zt_config_put_range (key, &entry);
        zt_buffer_put_string (&entry, "; ");
        zt_config_t otherwise = zt_config_default ();
        if (row->otherwise_text)
            zt_buffer_put_string (&entry, *row->otherwise_text ? row->otherwise_text : "none");
        else
            zt_config_put (&otherwise, key, &entry);
        zt_buffer_put_format (&entry, ")\" %s. ", row->what);
        if (!strstr (begin, zt_buffer_string (&entry)))
            fail_msg ("broker/ztalk-broker.1 does not say:\n%s", entry.data);
        zt_buffer_free (&entry);
    }
    zt_buffer_free (&text);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_values_are_taken),
        cmocka_unit_test (s_ranges_are_kept),
        cmocka_unit_test (s_texts_have_their_forms),
        cmocka_unit_test (s_endpoints_may_be_several),
        cmocka_unit_test (s_endpoints_may_be_too_many),
        cmocka_unit_test (s_a_motd_has_its_limit),
        cmocka_unit_test (s_mistakes_are_refused_with_their_line),
        cmocka_unit_test (s_files_that_cannot_be_read_are_refused),
        cmocka_unit_test (s_the_example_is_the_default),
        cmocka_unit_test (s_no_slip_is_too_much),
        cmocka_unit_test (s_the_manual_tells_of_each_key),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
