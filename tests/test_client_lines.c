/*  SPDX-License-Identifier: MPL-2.0

    Items as lines for people and as JSON for programs. */

#include "client/lines.h"
#include "common/json.h"

#include <stdarg.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

static void s_assert_line (const zt_item_t *item, const char *line)
{
    zt_buffer_t buffer = {NULL, 0, 0};
    zt_lines_put (&buffer, item);
    assert_string_equal (zt_buffer_string (&buffer), line);
    zt_buffer_free (&buffer);
}

/*  The JSON, which also must be valid, one line, and without a control. */
static void s_assert_json (const zt_item_t *item, const char *line)
{
    zt_buffer_t buffer = {NULL, 0, 0};
    zt_lines_put_json (&buffer, item);
    assert_string_equal (zt_buffer_string (&buffer), line);
    assert_true (zt_json_valid (zt_buffer_bytes (&buffer)));
    for (size_t i = 0; i + 1 < buffer.size; i++)
        assert_true ((unsigned char) buffer.data[i] >= ' ');
    zt_buffer_free (&buffer);
}

static zt_item_t s_message (const char *to, const char *text)
{
    return (zt_item_t){.kind = ZT_ITEM_MESSAGE,
                       .id = 7,
                       .time = 1795356249000,
                       .from = zt_bytes ("@olena"),
                       .to = zt_bytes (to),
                       .text = zt_bytes (text),
                       .has_text = true};
}

static void s_what_the_broker_has_left_out_is_told (void **state)
{
    (void) state;
    zt_item_t item = s_message ("#general", "");
    item.kind = ZT_ITEM_FOUND;
    item.has_text = false;
    item.omitted = true;
    s_assert_line (&item, "* olena sent something that is too long to be shown here, or no JSON\n");
    s_assert_json (&item, "{\"type\":\"found\",\"id\":7,\"time\":1795356249000,"
                          "\"from\":\"@olena\",\"to\":\"#general\",\"omitted\":true}\n");
}

static void s_messages_have_the_form_of_the_contract (void **state)
{
    (void) state;
    zt_item_t item = s_message ("#general", "text");
    s_assert_line (&item, "[2026-11-22 14:04:09] olena: text\n");
    item = s_message ("@ivan", "text");
    s_assert_line (&item, "[2026-11-22 14:04:09] olena -> ivan: text\n");
    item = s_message ("#dev", "text");
    s_assert_line (&item, "[2026-11-22 14:04:09] olena #dev: text\n");
    item.to = zt_bytes ("#general");
    item.where = true; /* among hits of several conversations */
    s_assert_line (&item, "[2026-11-22 14:04:09] olena #general: text\n");
    item = s_message ("#general", "");
    s_assert_line (&item, "[2026-11-22 14:04:09] olena: \n");
    item.has_text = false;
    s_assert_line (&item, "* olena sent something that this client cannot show\n");
}

static void s_the_second_line_of_a_text_cannot_look_like_a_first_one (void **state)
{
    (void) state;
    zt_item_t item = s_message ("#general", "a\n* ivan left\r\n[2026-11-22 14:04:10] ivan: b\n");
    s_assert_line (&item, "[2026-11-22 14:04:09] olena: a\n    * ivan left\n"
                          "    [2026-11-22 14:04:10] ivan: b\n    \n");
}

static void s_no_control_reaches_the_terminal (void **state)
{
    (void) state;
    zt_item_t item = s_message ("#x\x1b", "\x1b[2J\x07\xc2\x9b\xe2\x80\xae\xff");
    item.from = zt_bytes ("@o\x1bl\n");
    zt_buffer_t buffer = {NULL, 0, 0};
    zt_lines_put (&buffer, &item);
    for (size_t i = 0; i + 1 < buffer.size; i++)
        assert_true ((unsigned char) buffer.data[i] >= ' ');
    assert_null (strstr (zt_buffer_string (&buffer), "\xc2\x9b"));
    assert_null (strstr (zt_buffer_string (&buffer), "\xe2\x80\xae"));
    zt_buffer_free (&buffer);
}

static void s_other_items (void **state)
{
    (void) state;
    const char *names[] = {"ivan", "olena", "n", "n", "n", "n", "n", "n", "n"};
    zt_item_t item = {.kind = ZT_ITEM_ONLINE, .names = names, .names_count = 2};
    s_assert_line (&item, "* online: ivan, olena (2)\n");
    item.kind = ZT_ITEM_HERE;
    s_assert_line (&item, "* ivan is here\n* olena is here\n");
    item.kind = ZT_ITEM_LEFT;
    s_assert_line (&item, "* ivan left\n* olena left\n");
    item.names_count = 9;
    s_assert_line (&item, "* 9 left: ivan, olena, n, n, n, n, n, n, n\n");
    s_assert_json (&(zt_item_t){.kind = ZT_ITEM_ONLINE, .names = names, .names_count = 2},
                   "{\"type\":\"online\",\"users\":[\"ivan\",\"olena\"]}\n");
    s_assert_json (&(zt_item_t){.kind = ZT_ITEM_HERE, .names_count = 0},
                   "{\"type\":\"presence\",\"online\":[]}\n");

    item = (zt_item_t){.kind = ZT_ITEM_PENDING, .to = zt_bytes ("@i"), .text = zt_bytes ("a\nb")};
    s_assert_line (&item, "* pending for i: a b\n");
    s_assert_json (&item, "{\"type\":\"pending\",\"to\":\"@i\",\"text\":\"a\\u000ab\"}\n");
    item = (zt_item_t){
        .kind = ZT_ITEM_SENDING, .ref = 3, .to = zt_bytes ("@i"), .text = zt_bytes ("a")};
    s_assert_line (&item, "");
    s_assert_json (&item, "{\"type\":\"sending\",\"ref\":3,\"to\":\"@i\",\"text\":\"a\"}\n");
    item = (zt_item_t){.kind = ZT_ITEM_MISSED, .time = 1795356249000};
    s_assert_line (&item, "* you missed this, since 2026-11-22 14:04:09:\n");
    s_assert_json (&item, "{\"type\":\"missed\",\"time\":1795356249000}\n");
    item = (zt_item_t){.kind = ZT_ITEM_CAUGHT_UP, .count = 12};
    s_assert_line (&item, "* end of what you missed (12)\n");
    s_assert_json (&item, "{\"type\":\"caught-up\",\"count\":12}\n");
    item = (zt_item_t){.kind = ZT_ITEM_DELIVERED, .to = zt_bytes ("@ivan"), .id = 5};
    s_assert_line (&item, "* delivered to ivan\n");
    s_assert_json (&item, "{\"type\":\"delivered\",\"id\":5,\"to\":\"@ivan\"}\n");
    item = (zt_item_t){.kind = ZT_ITEM_GAP, .from_id = 1, .id = 9, .count = 1};
    s_assert_line (&item,
                   "* 1 message is not sent again, because the broker keeps or replays no more; "
                   "/history shows what it still has\n");
    s_assert_json (&item, "{\"type\":\"gap\",\"from\":1,\"to\":9,\"count\":1}\n");
    item.count = 0; /* the broker does not know */
    s_assert_line (
        &item, "* messages, nobody knows how many, are not sent again, because the broker keeps "
               "or replays no more; /history shows what it still has\n");
    item = (zt_item_t){.kind = ZT_ITEM_STATE, .code = "lost", .text = zt_bytes ("gone")};
    s_assert_line (&item, "* gone\n");
    s_assert_json (&item, "{\"type\":\"state\",\"state\":\"lost\",\"text\":\"gone\"}\n");
    item = (zt_item_t){
        .kind = ZT_ITEM_JOINED, .to = zt_bytes ("#dev"), .names = names, .names_count = 1};
    s_assert_line (&item, "* you are in #dev, and what you type goes there; online: ivan\n");
    s_assert_json (&item, "{\"type\":\"joined\",\"to\":\"#dev\",\"users\":[\"ivan\"]}\n");
    item = (zt_item_t){.kind = ZT_ITEM_PARTED, .to = zt_bytes ("#dev")};
    s_assert_line (&item, "* you left #dev\n");
    s_assert_json (&item, "{\"type\":\"parted\",\"to\":\"#dev\"}\n");
}

static void s_an_error_cites_the_beginning (void **state)
{
    (void) state;
    char text[4000];
    memset (text, 'x', sizeof text);
    zt_item_t item = {.kind = ZT_ITEM_ERROR,
                      .code = "busy",
                      .to = zt_bytes ("@i"),
                      .text = {text, sizeof text},
                      .message = zt_bytes ("no")};
    s_assert_line (&item, "* not sent: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                          "...: no\n");
    item.text = zt_bytes ("xяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяя");
    s_assert_line (&item, "* not sent: xяяяяяяяяяяяяяяяяяяяяяяяяяяяяя...: no\n");
    item.text = zt_bytes (NULL);
    s_assert_line (&item, "* @i: no\n");
    s_assert_json (&item,
                   "{\"type\":\"error\",\"code\":\"busy\",\"to\":\"@i\",\"message\":\"no\"}\n");
}

static void s_json_keeps_all_and_escapes_what_a_terminal_obeys (void **state)
{
    (void) state;
    zt_item_t item = s_message ("#general", "\x1b[31m\n");
    item.own = true;
    item.body =
        zt_bytes ("{ \"text\" :\t\"\\u001b[31m\\n\", \"x\": [1.50, \"\xc2\x9b\x7f\\\\\"]\n}");
    assert_true (zt_json_valid (item.body));
    s_assert_json (&item,
                   "{\"type\":\"message\",\"id\":7,\"time\":1795356249000,\"from\":\"@olena\","
                   "\"to\":\"#general\",\"text\":\"\\u001b[31m\\u000a\",\"body\":{\"text\":"
                   "\"\\u001b[31m\\n\",\"x\":[1.50,\"\\u009b\\u007f\\\\\"]},\"own\":true}\n");
}

/*  The lines are in test_client_flags.c. */
static void s_programs_are_told_of_flags (void **state)
{
    (void) state;
    zt_item_t item = s_message ("@іvan", "x");
    item.from_flag = (zt_flag_t){.like = zt_bytes ("0lena\x1b"), .mixes = true};
    item.to_flag = (zt_flag_t){.mixes = true};
    s_assert_json (&item, "{\"type\":\"message\",\"id\":7,\"time\":1795356249000,"
                          "\"from\":\"@olena\",\"lookalike\":\"0lena\\u001b\","
                          "\"mixed_scripts\":true,\"to\":\"@іvan\",\"to_mixed_scripts\":true,"
                          "\"text\":\"x\"}\n");
    s_assert_line (&item, "[2026-11-22 14:04:09] olena (looks like 0lena␛) -> іvan (mixed "
                          "scripts): x\n");
    item = (zt_item_t){.kind = ZT_ITEM_DELIVERED,
                       .to = zt_bytes ("@ivan"),
                       .to_flag = {.like = zt_bytes ("lvan")}};
    s_assert_json (&item, "{\"type\":\"delivered\",\"id\":0,\"to\":\"@ivan\","
                          "\"to_lookalike\":\"lvan\"}\n");

    const char *names[] = {"a", "b", "c", "d"};
    const zt_flag_t flags[] = {{.like = zt_bytes ("x")},
                               {.like = zt_bytes (NULL)},
                               {.like = zt_bytes ("y"), .mixes = true},
                               {.mixes = true}};
    item = (zt_item_t){.kind = ZT_ITEM_HERE, .names = names, .names_count = 4, .flags = flags};
    s_assert_json (&item, "{\"type\":\"presence\",\"online\":[\"a\",\"b\",\"c\",\"d\"],"
                          "\"lookalikes\":{\"a\":\"x\",\"c\":\"y\"},"
                          "\"mixed_scripts\":[\"c\",\"d\"]}\n");
    item.names_count = 1;
    s_assert_json (&item, "{\"type\":\"presence\",\"online\":[\"a\"],"
                          "\"lookalikes\":{\"a\":\"x\"}}\n");
    s_assert_line (&item, "* a (looks like x) is here\n");
    /*  An error says whom it was about. */
    item = (zt_item_t){.kind = ZT_ITEM_ERROR,
                       .to = zt_bytes ("@lvan"),
                       .to_flag = {.like = zt_bytes ("ivan")},
                       .message = zt_bytes ("no")};
    s_assert_line (&item, "* @lvan (looks like ivan): no\n");
}

int main (void)
{
    setenv ("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_messages_have_the_form_of_the_contract),
        cmocka_unit_test (s_what_the_broker_has_left_out_is_told),
        cmocka_unit_test (s_the_second_line_of_a_text_cannot_look_like_a_first_one),
        cmocka_unit_test (s_no_control_reaches_the_terminal),
        cmocka_unit_test (s_other_items),
        cmocka_unit_test (s_an_error_cites_the_beginning),
        cmocka_unit_test (s_programs_are_told_of_flags),
        cmocka_unit_test (s_json_keeps_all_and_escapes_what_a_terminal_obeys),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
