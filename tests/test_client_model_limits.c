/*  SPDX-License-Identifier: MPL-2.0

    How much is kept of what a person has before their eyes, what that costs, and what peers
    can do to it. */

#include "client/model_state.h"
#include "common/buffer.h"
#include "tests/sim_dice.h"
#include "tests/wrapped.h"

#include <malloc.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

static void s_fill (zt_model_t *model, const char *to, uint64_t first, size_t count, size_t size)
{
    char *text = malloc (size + 1);
    memset (text, 'x', size);
    zt_item_t item = {.kind = ZT_ITEM_MESSAGE,
                      .time = 1,
                      .from = zt_bytes ("@ivan"),
                      .to = zt_bytes (to),
                      .text = {text, size},
                      .has_text = true};
    for (size_t i = 0; i < count; i++) {
        item.id = first + i;
        zt_model_show (model, &item, 1);
    }
    free (text);
}

static size_t s_posts (const zt_model_t *model, const char *target, int64_t *first)
{
    int64_t last;
    zt_conversation_range (zt_model_find (model, zt_bytes (target)), first, &last);
    return (size_t) (last - *first + 1);
}

/*  What malloc has given out, as far as it tells: under sanitizers and valgrind it does not. */
static int64_t s_memory (void)
{
#if defined __GLIBC__
    struct mallinfo2 info = mallinfo2 ();
    return (int64_t) (info.uordblks + info.hblkhd);
#else
    return 0;
#endif
}

static void s_the_oldest_of_the_largest_go (void **state)
{
    (void) state;
    enum { S_SMALL = 1000, S_MORE = 500 };
    int64_t before = s_memory ();
    zt_model_t *model = zt_model_new ("olena");
    int64_t first;
    uint64_t older;
    s_fill (model, "#dev", 1, S_SMALL, 100);
    zt_conversation_t *room = zt_model_find (model, zt_bytes ("#general"));
    zt_model_older_begin (model, room);
    zt_model_older_end (model, false);
    assert_false (zt_conversation_wants_older (room, &older));
    s_fill (model, "#general", 5001, ZT_MODEL_POSTS - S_SMALL, 100);
    assert_int_equal (s_posts (model, "#general", &first), ZT_MODEL_POSTS - S_SMALL);
    assert_int_equal (first, 0);
    int64_t memory = s_memory () - before;
    print_message ("%d posts of 100 bytes: %d KiB\n", ZT_MODEL_POSTS, (int) (memory / 1024));
    assert_true (memory < 40 * 1024 * 1024);

    s_fill (model, "#dev", 200001, S_MORE, 100);
    assert_int_equal (s_posts (model, "#dev", &first), S_SMALL + S_MORE);
    assert_int_equal (s_posts (model, "#general", &first), ZT_MODEL_POSTS - S_SMALL - S_MORE);
    assert_int_equal (first, S_MORE);
    int64_t place;
    assert_false (zt_conversation_find_id (room, 5001 + S_MORE - 1, &place));
    assert_true (zt_conversation_find_id (room, 5001 + S_MORE, &place));
    assert_int_equal (place, S_MORE);
    /*  It can be fetched again, but there is no room for it while it is the largest. */
    assert_true (zt_conversation_wants_older (room, &older));
    assert_int_equal (older, 5001 + S_MORE);
    zt_item_t item = {
        .kind = ZT_ITEM_FOUND, .id = 5000, .from = zt_bytes ("@ivan"), .to = zt_bytes ("#general")};
    zt_model_older_begin (model, room);
    zt_model_show (model, &item, 1);
    zt_model_older_end (model, true);
    assert_false (zt_conversation_wants_older (room, &older));
    assert_int_equal (s_posts (model, "#general", &first), ZT_MODEL_POSTS - S_SMALL - S_MORE);
    assert_int_equal (first, S_MORE);
    zt_model_destroy (&model);
}

static void s_long_messages_are_fewer (void **state)
{
    (void) state;
    enum { S_LONG = 10000, S_COUNT = 300, S_BYTES = 1000000 };
    zt_model_t *model = zt_model_new ("olena");
    int64_t first;
    model->most_bytes = S_BYTES;
    s_fill (model, "#dev", 1, 10, 100);
    s_fill (model, "#general", 11, S_COUNT, S_LONG);
    size_t count = s_posts (model, "#general", &first);
    assert_in_range (count, S_BYTES / S_LONG - 3, S_BYTES / S_LONG);
    assert_int_equal (first, S_COUNT - count);
    assert_int_equal (s_posts (model, "#dev", &first), 10);
    zt_model_destroy (&model);
}

/*  What is no name, too long, or not UTF-8. The core lets some of it pass. */
static void s_peers_may_say_anything (void **state)
{
    (void) state;
    zt_dice_t dice = {3};
    zt_model_t *model = zt_model_new ("olena");
    char bytes[3][400];
    for (int i = zt_wrapped () ? 7500 : 0; i < 8000; i++) {
        zt_bytes_t views[3];
        for (int j = 0; j < 3; j++) {
            size_t size =
                zt_dice_below (&dice, zt_dice_one_in (&dice, 9) ? sizeof bytes[j] - 1 : 6);
            for (size_t k = 0; k < size; k++)
                bytes[j][k] = (char) zt_dice_from (&dice, 1, zt_dice_one_in (&dice, 2) ? 255 : 70);
            bytes[j][size] = '\0';
            views[j] = (zt_bytes_t){bytes[j], size};
        }
        bytes[0][0] = '@';
        bytes[1][0] = zt_dice_one_in (&dice, 2) ? '#' : '@';
        const char *names[] = {bytes[2], "ivan", bytes[0]};
        zt_flag_t flags[] = {{.like = views[2]}, {.mixes = true}, {.mixes = false}};
        zt_item_t item = {.kind = (zt_item_kind_t) zt_dice_below (&dice, ZT_ITEM_COUNT),
                          .ref = zt_dice_below (&dice, 5),
                          .ref_before = zt_dice_below (&dice, 5),
                          .id = zt_dice_below (&dice, 500),
                          .count = zt_dice (&dice),
                          .time = zt_dice (&dice),
                          .from = views[0],
                          .to = views[1],
                          .text = views[2],
                          .message = views[2],
                          .code = zt_dice_one_in (&dice, 2) ? NULL : bytes[2],
                          .from_flag = {.like = views[2]},
                          .to_flag = {.like = views[2]},
                          .names = names,
                          .names_count = zt_dice_below (&dice, 4),
                          .flags = zt_dice_one_in (&dice, 2) ? flags : NULL,
                          .has_text = zt_dice_one_in (&dice, 2),
                          .own = zt_dice_one_in (&dice, 3),
                          .more = zt_dice_one_in (&dice, 3)};
        zt_model_show (model, &item, zt_dice (&dice) >> 20);
        zt_call_t call;
        if (zt_dice_one_in (&dice, 5))
            zt_model_next_call (model, &call);
        if (zt_dice_one_in (&dice, 50))
            zt_model_close (model, zt_model_opened (model));
        if (zt_dice_one_in (&dice, 50))
            zt_model_open (
                model,
                zt_model_get (model, zt_dice_below (&dice, (uint32_t) zt_model_count (model))));
    }
    zt_model_destroy (&model);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_the_oldest_of_the_largest_go),
        cmocka_unit_test (s_long_messages_are_fewer),
        cmocka_unit_test (s_peers_may_say_anything),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
