/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/limits.h"
#include "common/wire.h"
#include "tests/exact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/*  Reads a frame that one side has sent, from memory that ends where it ends.
    Tells what the first message was; *more is what the walk gives after it. */
static zt_wire_result_t s_read (zt_bytes_t frame, zt_side_t from, zt_wire_result_t *more)
{
    zt_bytes_t copy = zt_exact (frame);
    zt_reader_t reader = zt_reader (copy.data, copy.size, from);
    zt_message_t message;
    zt_wire_result_t result = zt_reader_next (&reader, &message);
    *more = zt_reader_next (&reader, &message);
    if (result == ZT_WIRE_MALFORMED)
        assert_int_equal (*more, ZT_WIRE_END);
    zt_exact_free (copy);
    return result;
}

static void s_expect (zt_bytes_t frame, zt_side_t from, zt_wire_result_t expected)
{
    zt_wire_result_t more;
    zt_wire_result_t result = s_read (frame, from, &more);
    if (result != expected)
        fail_msg ("'%.*s' gives %d and not %d", (int) (frame.size < 80 ? frame.size : 80),
                  frame.data, result, expected);
}

#define GOOD(text)             s_expect (ZT_TEXT (text), ZT_FROM_CLIENT, ZT_WIRE_MESSAGE)
#define BAD(text)              s_expect (ZT_TEXT (text), ZT_FROM_CLIENT, ZT_WIRE_MALFORMED)
#define GOOD_FROM_BROKER(text) s_expect (ZT_TEXT (text), ZT_FROM_BROKER, ZT_WIRE_MESSAGE)
#define BAD_FROM_BROKER(text)  s_expect (ZT_TEXT (text), ZT_FROM_BROKER, ZT_WIRE_MALFORMED)

static void s_the_examples_of_the_protocol (void **state)
{
    (void) state;
    zt_bytes_t frame = zt_exact (ZT_TEXT ("SEND 17 @olena 14\n{\"text\":\"hi!\"}\nACK 9\nBYE\n"));
    zt_reader_t reader = zt_reader (frame.data, frame.size, ZT_FROM_CLIENT);
    zt_message_t message;
    assert_int_equal (zt_reader_next (&reader, &message), ZT_WIRE_MESSAGE);
    assert_int_equal (message.verb, ZT_VERB_SEND);
    assert_int_equal (message.number[0], 17);
    assert_true (zt_bytes_equal (message.word[1], ZT_TEXT ("@olena")));
    assert_true (zt_bytes_equal (message.body, ZT_TEXT ("{\"text\":\"hi!\"}")));
    assert_ptr_equal (message.word[1].data, frame.data + 8); /* a view, no copy */
    assert_int_equal (zt_reader_next (&reader, &message), ZT_WIRE_MESSAGE);
    assert_int_equal (message.verb, ZT_VERB_ACK);
    assert_int_equal (message.number[0], 9);
    assert_int_equal (message.body.size, 0);
    assert_int_equal (zt_reader_next (&reader, &message), ZT_WIRE_MESSAGE);
    assert_int_equal (message.verb, ZT_VERB_BYE);
    assert_int_equal (zt_reader_next (&reader, &message), ZT_WIRE_END);
    assert_int_equal (zt_reader_next (&reader, &message), ZT_WIRE_END);
    zt_exact_free (frame);
    BAD ("SEND 17 @olena 15\n{\"text\":\"hi!\"}\n");
}

static void s_an_empty_frame_is_at_its_end (void **state)
{
    (void) state;
    s_expect ((zt_bytes_t){"", 0}, ZT_FROM_CLIENT, ZT_WIRE_END);
    zt_reader_t reader = zt_reader (NULL, 0, ZT_FROM_BROKER);
    zt_message_t message;
    assert_int_equal (zt_reader_next (&reader, &message), ZT_WIRE_END);
}

static void s_each_side_has_its_verbs (void **state)
{
    (void) state;
    GOOD ("ACK 1\n");
    BAD_FROM_BROKER ("ACK 1\n");
    GOOD_FROM_BROKER ("SENT 1 2 3\n");
    BAD ("SENT 1 2 3\n");
    GOOD ("BYE\n");
    BAD ("BYE idle\n");
    GOOD_FROM_BROKER ("BYE idle\n");
    BAD_FROM_BROKER ("BYE\n");
}

static void s_headers (void **state)
{
    (void) state;
    BAD ("\n");
    BAD (" \n");
    BAD ("BYE");
    BAD ("BYE \n");
    BAD (" BYE\n");
    BAD ("BYE\r\n");
    BAD ("bye\n");
    BAD ("BY\n");
    BAD ("BYES\n");
    BAD ("BYE x\n");
    BAD ("BYE\0\n");
    BAD ("ACK\n");
    BAD ("ACK \n");
    BAD ("ACK 1");
    BAD ("ACK 1 \n");
    BAD ("ACK  1\n");
    BAD ("ACK 1 2\n");
    BAD ("ACK\t1\n");
    BAD ("ACK 1\r\n");
    BAD ("JOIN 1\n");
    BAD ("JOIN 1 \n");
    BAD ("JOIN 1  #dev\n");
    BAD ("JOIN  #dev\n");
    BAD ("JOIN 1 #dev \n");
    BAD ("JOIN 1 #dev 2\n");
    BAD ("HISTORY 1 @a 0\n");
    GOOD ("HISTORY 1 @a 0 5\n");
    BAD ("HISTORY 1 @a 0 5 0\n\n");
    BAD ("HISTORY x @a 0 5\n");
    BAD ("THISISAVERYLONGVERB 1\n");
}

static void s_numbers (void **state)
{
    (void) state;
    GOOD ("ACK 0\n");
    GOOD ("ACK 18446744073709551615\n");
    BAD ("ACK 18446744073709551616\n");
    BAD ("ACK 18446744073709551620\n");
    BAD ("ACK 99999999999999999999\n");
    BAD ("ACK 28446744073709551615\n");
    BAD ("ACK 184467440737095516150\n");
    BAD ("ACK 00\n");
    BAD ("ACK 01\n");
    BAD ("ACK +1\n");
    BAD ("ACK -1\n");
    BAD ("ACK 1.0\n");
    BAD ("ACK 1e3\n");
    BAD ("ACK 0x1\n");
    BAD ("ACK 1\0\n");
    BAD ("ACK :\n"); /* the neighbours of the digits */
    BAD ("ACK /\n");
    BAD ("ACK \xD9\xA1\n"); /* a digit, but not of ASCII */

    uint64_t number = 7;
    assert_true (zt_u64_read (ZT_TEXT ("9999999999999999999"), &number));
    assert_true (number == 9999999999999999999U);
    assert_true (zt_u64_read (ZT_TEXT ("18446744073709551614"), &number));
    assert_true (number == UINT64_MAX - 1);
    assert_false (zt_u64_read (ZT_TEXT (""), &number));
    assert_false (zt_u64_read ((zt_bytes_t){NULL, 0}, &number));
    assert_false (zt_u64_read (ZT_TEXT ("18446744073709551616"), &number));
    assert_false (zt_u64_read (ZT_TEXT (" 1"), &number));
    assert_true (number == UINT64_MAX - 1); /* untouched by what is none */
}

static void s_words (void **state)
{
    (void) state;
    GOOD ("PING -\n");
    GOOD ("PING \xD0\x96\xE2\x82\xAC\xF0\x9F\x98\x80\n");
    GOOD ("PING \xC2\xA0\n");     /* the first that is no control */
    GOOD ("PING \xE2\x80\xAE\n"); /* not nice, but the grammar's controls are C0, DEL, C1 */
    BAD ("PING \x01\n");
    BAD ("PING a\x1F\n");
    BAD ("PING a\x7F\n");
    BAD ("PING a\tb\n");
    BAD ("PING a\0b\n");
    BAD ("PING \x80\n");
    BAD ("PING \xC2\x80\n");
    BAD ("PING \xC2\x85\n");
    BAD ("PING \xC2\x9F\n");
    BAD ("PING \xC0\xAF\n");
    BAD ("PING \xC1\xA1\n");
    BAD ("PING \xE0\x80\xAF\n");
    BAD ("PING \xED\xA0\x80\n");
    BAD ("PING \xED\xBF\xBF\n");
    BAD ("PING \xF4\x90\x80\x80\n");
    BAD ("PING \xD0\n");
    BAD ("PING \xE2\x82\n");
    BAD ("PING \xF0\x9F\x98\n");
    BAD ("PING a\xFF\n");
    BAD ("JOIN 1 \xE2\x82\n");
    assert_false (zt_word_valid (ZT_TEXT ("")));
    assert_false (zt_word_valid ((zt_bytes_t){NULL, 0}));
    assert_false (zt_word_valid (ZT_TEXT ("a b")));
    assert_false (zt_word_valid (ZT_TEXT ("a\n")));
    assert_true (zt_word_valid (ZT_TEXT ("~!")));
}

static void s_bodies (void **state)
{
    (void) state;
    GOOD ("SEND 1 @a 0\n\n");
    GOOD ("SEND 1 @a 1\n\n\n");
    GOOD ("SEND 1 @a 2\n{}\n");
    GOOD ("SEND 1 @a 3\n\0\xFF\n\n"); /* what it is, is not the decoder's business */
    BAD ("SEND 1 @a 0\n");
    BAD ("SEND 1 @a 0");
    BAD ("SEND 1 @a\n{}\n");
    BAD ("SEND 1 @a \n{}\n");
    BAD ("SEND 1 @a 02\n{}\n");
    BAD ("SEND 1 @a 2 \n{}\n");
    BAD ("SEND 1 @a 2 2\n{}\n");
    BAD ("SEND 1 @a 1\n{}\n");
    BAD ("SEND 1 @a 3\n{}\n");
    BAD ("SEND 1 @a 2\n{}");
    BAD ("SEND 1 @a 2\n{} ");
    BAD ("SEND 1 @a 18446744073709551615\n{}\n");
    BAD ("SEND 1 @a 18446744073709551614\n{}\n");
    BAD ("SEND 1 @a 9223372036854775807\n{}\n");
    BAD ("SEND 1 @a -1\n{}\n");
    /*  A body that looks like a message is none, and the walk goes on behind it. */
    zt_wire_result_t more;
    assert_int_equal (s_read (ZT_TEXT ("SEND 1 @a 6\nBYE\n\n\n\nBYE\n"), ZT_FROM_CLIENT, &more),
                      ZT_WIRE_MESSAGE);
    assert_int_equal (more, ZT_WIRE_MESSAGE);
    assert_int_equal (s_read (ZT_TEXT ("SEND 1 @a 4\nBYE\n\nBYE"), ZT_FROM_CLIENT, &more),
                      ZT_WIRE_MESSAGE);
    assert_int_equal (more, ZT_WIRE_MALFORMED);
}

/*  A header of exactly size bytes. */
static zt_buffer_t s_long_header (size_t size)
{
    zt_buffer_t frame = {NULL, 0, 0};
    zt_buffer_put_string (&frame, "PING ");
    while (frame.size < size)
        zt_buffer_put_char (&frame, 'x');
    zt_buffer_put_char (&frame, '\n');
    return frame;
}

static void s_the_limit_of_a_header (void **state)
{
    (void) state;
    for (int over = -1; over <= 1; over++) {
        zt_buffer_t frame = s_long_header ((size_t) (ZT_HEADER_MAX + over));
        zt_wire_result_t expected = over > 0 ? ZT_WIRE_MALFORMED : ZT_WIRE_MESSAGE;
        s_expect (zt_buffer_bytes (&frame), ZT_FROM_CLIENT, expected);
        s_expect (zt_buffer_bytes (&frame), ZT_FROM_BROKER, ZT_WIRE_MALFORMED);
        zt_buffer_put_string (&frame, "BYE\n");
        s_expect (zt_buffer_bytes (&frame), ZT_FROM_CLIENT, expected);
        zt_buffer_free (&frame);
    }
}

static void s_the_limit_of_a_body (void **state)
{
    (void) state;
    for (int over = -1; over <= 1; over++) {
        zt_buffer_t frame = {NULL, 0, 0};
        size_t size = (size_t) (ZT_BODY_MAX + over);
        zt_buffer_put_format (&frame, "SEND 5 @olena %zu\n", size);
        memset (zt_buffer_reserve (&frame, size), 'x', size);
        frame.size += size;
        zt_buffer_put_string (&frame, "\nACK 6\n");
        zt_bytes_t copy = zt_exact (zt_buffer_bytes (&frame));
        zt_reader_t reader = zt_reader (copy.data, copy.size, ZT_FROM_CLIENT);
        zt_message_t message;
        zt_wire_result_t result = zt_reader_next (&reader, &message);
        assert_int_equal (result, over > 0 ? ZT_WIRE_TOO_LARGE : ZT_WIRE_MESSAGE);
        /*  It can be answered: the ref is there. */
        assert_int_equal (message.verb, ZT_VERB_SEND);
        assert_int_equal (message.number[0], 5);
        assert_true (zt_bytes_equal (message.word[1], ZT_TEXT ("@olena")));
        assert_int_equal (message.body.size, over > 0 ? 0 : size);
        /*  And the walk goes on. */
        assert_int_equal (zt_reader_next (&reader, &message), ZT_WIRE_MESSAGE);
        assert_int_equal (message.verb, ZT_VERB_ACK);
        assert_int_equal (message.number[0], 6);
        assert_int_equal (zt_reader_next (&reader, &message), ZT_WIRE_END);
        zt_exact_free (copy);
        /*  Too large, and not all there, is not too large but malformed. */
        zt_bytes_t cut = {frame.data, frame.size - strlen ("\nACK 6\n")};
        s_expect (cut, ZT_FROM_CLIENT, ZT_WIRE_MALFORMED);
        zt_buffer_free (&frame);
    }
}

/*  Fills a message of that verb; the numbers and words come from a round. */
static void s_fill (zt_message_t *message, zt_verb_t verb, size_t round)
{
    static const uint64_t numbers[] = {0, 1, 9, 10, 99, 100, 4294967296, UINT64_MAX};
    static const zt_bytes_t words[] = {ZT_LITERAL ("-"), ZT_LITERAL ("@olena"),
                                       ZT_LITERAL ("\xD0\x96\xF0\x9F\x98\x80"), ZT_LITERAL ("0")};
    static const zt_bytes_t bodies[] = {ZT_LITERAL (""), ZT_LITERAL ("{}"), ZT_LITERAL ("\n"),
                                        ZT_LITERAL ("\0\n\xFF"), ZT_LITERAL ("SEND 1 @a 0\n\n")};
    memset (message, 0, sizeof *message);
    message->verb = verb;
    const zt_verb_row_t *row = zt_verb_row (verb);
    for (size_t i = 0; row->fields[i]; i++)
        if (row->fields[i] == 'u')
            message->number[i] = numbers[(round + i) % (sizeof numbers / sizeof numbers[0])];
        else
            message->word[i] = words[(round + i) % (sizeof words / sizeof words[0])];
    if (row->has_body)
        message->body = bodies[round % (sizeof bodies / sizeof bodies[0])];
}

static void s_assert_same (const zt_message_t *read, const zt_message_t *written)
{
    assert_int_equal (read->verb, written->verb);
    const zt_verb_row_t *row = zt_verb_row (written->verb);
    for (size_t i = 0; row->fields[i]; i++)
        if (row->fields[i] == 'u')
            assert_true (read->number[i] == written->number[i]);
        else
            assert_true (zt_bytes_equal (read->word[i], written->word[i]));
    assert_true (zt_bytes_equal (read->body, written->body));
}

static void s_what_is_written_is_read_back (void **state)
{
    (void) state;
    enum { ROUNDS = 40 };
    for (unsigned verb = 0; verb < ZT_VERB_COUNT; verb++) {
        /*  All rounds go into one frame, behind something that stays. */
        zt_buffer_t frame = {NULL, 0, 0};
        zt_buffer_put_string (&frame, "kept");
        zt_message_t written, read;
        for (size_t round = 0; round < ROUNDS; round++) {
            s_fill (&written, (zt_verb_t) verb, round);
            zt_wire_put (&frame, &written);
        }
        assert_memory_equal (frame.data, "kept", 4);
        zt_buffer_consume (&frame, 4);
        zt_bytes_t copy = zt_exact (zt_buffer_bytes (&frame));
        zt_reader_t reader = zt_reader (copy.data, copy.size, zt_verb_row ((zt_verb_t) verb)->from);
        for (size_t round = 0; round < ROUNDS; round++) {
            s_fill (&written, (zt_verb_t) verb, round);
            assert_int_equal (zt_reader_next (&reader, &read), ZT_WIRE_MESSAGE);
            s_assert_same (&read, &written);
        }
        assert_int_equal (zt_reader_next (&reader, &read), ZT_WIRE_END);
        zt_exact_free (copy);
        zt_buffer_free (&frame);
    }
}

/*  Every prefix of a message that is one is none, for every verb; and so is every
    message with one byte more before its end. */
static void s_nothing_may_be_missing (void **state)
{
    (void) state;
    for (unsigned verb = 0; verb < ZT_VERB_COUNT; verb++) {
        zt_side_t from = zt_verb_row ((zt_verb_t) verb)->from;
        zt_buffer_t frame = {NULL, 0, 0};
        zt_message_t message;
        s_fill (&message, (zt_verb_t) verb, 1);
        zt_wire_put (&frame, &message);
        for (size_t size = 1; size < frame.size; size++)
            s_expect ((zt_bytes_t){frame.data, size}, from, ZT_WIRE_MALFORMED);
        frame.data[frame.size - 1] = ' ';
        zt_buffer_put_char (&frame, '\n');
        s_expect (zt_buffer_bytes (&frame), from, ZT_WIRE_MALFORMED);
        zt_buffer_free (&frame);
    }
}

static void s_the_largest_message_is_written (void **state)
{
    (void) state;
    char *body = zt_alloc (ZT_BODY_MAX);
    zt_message_t message;
    s_fill (&message, ZT_VERB_MSG, 7);
    message.body = (zt_bytes_t){body, ZT_BODY_MAX};
    zt_buffer_t frame = {NULL, 0, 0};
    zt_wire_put (&frame, &message);
    s_expect (zt_buffer_bytes (&frame), ZT_FROM_BROKER, ZT_WIRE_MESSAGE);
    zt_buffer_free (&frame);
    free (body);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_the_examples_of_the_protocol),
        cmocka_unit_test (s_an_empty_frame_is_at_its_end),
        cmocka_unit_test (s_each_side_has_its_verbs),
        cmocka_unit_test (s_headers),
        cmocka_unit_test (s_numbers),
        cmocka_unit_test (s_words),
        cmocka_unit_test (s_bodies),
        cmocka_unit_test (s_the_limit_of_a_header),
        cmocka_unit_test (s_the_limit_of_a_body),
        cmocka_unit_test (s_what_is_written_is_read_back),
        cmocka_unit_test (s_nothing_may_be_missing),
        cmocka_unit_test (s_the_largest_message_is_written),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
