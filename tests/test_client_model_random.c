/*  SPDX-License-Identifier: MPL-2.0

    What a person has before their eyes, after random items: it is what a naive model of the
    same says, and what is promised of places and ids holds after each of them. */

#include "client/model.h"
#include "common/buffer.h"
#include "tests/sim_dice.h"
#include "tests/wrapped.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

enum { S_ROOMS = 3, S_IDS = 400, S_UNSENT = 16, S_STEPS = 1500, S_RUNS = 60 };

static const char *const s_targets[S_ROOMS] = {"#general", "#dev", "@ivan"};

/*  The naive one: what is known of each id, and the texts that wait. */
typedef struct {
    int room[S_IDS]; /* of the message with that id, or -1 */
    bool live[S_IDS];
    char unsent[S_ROOMS][S_UNSENT]; /* a letter each, in their order */
    uint64_t ref[S_ROOMS][S_UNSENT];
    size_t unsent_count[S_ROOMS];
    size_t notices[S_ROOMS];
    size_t unread[S_ROOMS];
    uint64_t line[S_ROOMS]; /* the id below the line, or 0 */
    int opened;
    bool is_watched;
    uint64_t last_ref, last_id;
} s_naive_t;

typedef struct {
    zt_model_t *model;
    s_naive_t naive;
    zt_dice_t dice;
    uint64_t now;
} s_run_t;

static zt_conversation_t *s_room (s_run_t *self, int room)
{
    zt_conversation_t *found = zt_model_enter (self->model, zt_bytes (s_targets[room]));
    assert_non_null (found);
    return found;
}

static void s_show (s_run_t *self, zt_item_t item, int room, char letter)
{
    item.has_text = true;
    item.text = (zt_bytes_t){&letter, 1};
    item.time = self->now;
    item.to = zt_bytes (s_targets[room]);
    /*  What is said to us is told so by the one who says it. */
    if ((item.kind == ZT_ITEM_MESSAGE || item.kind == ZT_ITEM_FOUND) && !item.own) {
        item.from = zt_bytes ("@ivan");
        item.to = zt_bytes (room == 2 ? "@olena" : s_targets[room]);
    }
    zt_model_show (self->model, &item, self->now);
}

static char s_letter (uint64_t number)
{
    return (char) ('a' + number % 3); /* many are the same */
}

/*  Somebody says something; most ids come in order, as the core has it. */
static void s_others (s_run_t *self, int room)
{
    s_naive_t *naive = &self->naive;
    uint64_t id = naive->last_id + zt_dice_from (&self->dice, 1, 3);
    if (id >= S_IDS)
        return;
    if (zt_dice_one_in (&self->dice, 8) && id > 1 && naive->room[id - 1] < 0)
        id--;
    if (naive->room[id] >= 0)
        room = naive->room[id];
    naive->last_id = id > naive->last_id ? id : naive->last_id;
    s_show (self, (zt_item_t){.kind = ZT_ITEM_MESSAGE, .id = id}, room, s_letter (id));
    bool is_seen = naive->is_watched && naive->opened == room;
    if (!naive->live[id] && !is_seen && naive->unread[room]++ == 0)
        naive->line[room] = id;
    naive->room[id] = room;
    naive->live[id] = true;
}

static void s_found (s_run_t *self, int room, bool is_older)
{
    if (is_older)
        zt_model_older_begin (self->model, s_room (self, room));
    for (uint32_t i = zt_dice_below (&self->dice, 6); i > 0; i--) {
        uint32_t id = zt_dice_from (&self->dice, 1, S_IDS - 1);
        if (self->naive.room[id] >= 0 && self->naive.room[id] != room)
            continue;
        s_show (self, (zt_item_t){.kind = ZT_ITEM_FOUND, .id = id}, room, s_letter (id));
        self->naive.room[id] = room;
    }
    if (is_older)
        zt_model_older_end (self->model, true);
}

static void s_type (s_run_t *self, int room)
{
    s_naive_t *naive = &self->naive;
    size_t at = naive->unsent_count[room];
    if (at == S_UNSENT)
        return;
    naive->unsent_count[room]++;
    naive->line[room] = naive->unread[room] ? naive->line[room] : 0;
    naive->ref[room][at] = 0;
    naive->unsent[room][at] = s_letter (zt_dice (&self->dice));
    s_show (self, (zt_item_t){.kind = ZT_ITEM_PENDING}, room, naive->unsent[room][at]);
}

/*  The first one without a ref gets one, or any one that has one gets another one. */
static void s_send (s_run_t *self, int room)
{
    s_naive_t *naive = &self->naive;
    size_t at = 0;
    while (at < naive->unsent_count[room] && naive->ref[room][at] &&
           !zt_dice_one_in (&self->dice, 4))
        at++;
    if (at == naive->unsent_count[room])
        return;
    zt_item_t item = {
        .kind = ZT_ITEM_SENDING, .ref = ++naive->last_ref, .ref_before = naive->ref[room][at]};
    naive->ref[room][at] = item.ref;
    s_show (self, item, room, naive->unsent[room][at]);
}

/*  One that is on its way is stored, or refused. */
static void s_answer (s_run_t *self, int room)
{
    s_naive_t *naive = &self->naive;
    size_t count = naive->unsent_count[room];
    size_t at = count ? zt_dice_below (&self->dice, (uint32_t) count) : 0;
    if (count == 0 || naive->ref[room][at] == 0)
        return;
    bool is_refused = zt_dice_one_in (&self->dice, 4);
    uint64_t id = naive->last_id + 1 - (zt_dice_one_in (&self->dice, 4) ? 2 : 0);
    if (!is_refused && (id == 0 || id >= S_IDS || naive->room[id] >= 0))
        return;
    zt_item_t item = {.kind = is_refused ? ZT_ITEM_ERROR : ZT_ITEM_MESSAGE,
                      .ref = naive->ref[room][at],
                      .id = is_refused ? 0 : id,
                      .from = zt_bytes ("@olena"),
                      .own = !is_refused};
    s_show (self, item, room, naive->unsent[room][at]);
    if (is_refused)
        naive->notices[room]++;
    else {
        naive->room[id] = room;
        naive->last_id = id > naive->last_id ? id : naive->last_id;
    }
    naive->unsent_count[room]--;
    memmove (&naive->unsent[room][at], &naive->unsent[room][at + 1], count - at - 1);
    memmove (&naive->ref[room][at], &naive->ref[room][at + 1],
             (count - at - 1) * sizeof (uint64_t));
}

static void s_look (s_run_t *self, int room)
{
    s_naive_t *naive = &self->naive;
    if (zt_dice_one_in (&self->dice, 2)) {
        naive->opened = room;
        naive->line[room] = naive->unread[room] ? naive->line[room] : 0;
        zt_model_open (self->model, s_room (self, room));
    } else {
        naive->is_watched = !naive->is_watched;
        zt_model_set_attention (self->model, naive->is_watched);
    }
    if (naive->is_watched)
        naive->unread[naive->opened] = 0;
}

static void s_step (s_run_t *self)
{
    int room = (int) zt_dice_below (&self->dice, S_ROOMS);
    self->now += zt_dice_below (&self->dice, 60000);
    switch (zt_dice_below (&self->dice, 16)) {
    case 0:
        s_look (self, room);
        break;
    case 1:
        s_found (self, room, zt_dice_one_in (&self->dice, 2));
        break;
    case 2:
        zt_model_notice (self->model, zt_bytes ("*"), self->now);
        self->naive.notices[self->naive.opened]++;
        break;
    case 3:
    case 4:
    case 5:
        s_type (self, room);
        break;
    case 6:
    case 7:
    case 8:
        s_send (self, room);
        break;
    case 9:
    case 10:
    case 11:
        s_answer (self, room);
        break;
    default:
        s_others (self, room);
    }
}

/*  The messages, and the unsent ones below them, are those of the naive model. */
static void s_check_room (s_run_t *self, int room)
{
    const s_naive_t *naive = &self->naive;
    const zt_conversation_t *conversation = s_room (self, room);
    int64_t first, last, place, found;
    zt_post_t post;
    size_t notices = 0, unsent = 0;
    uint64_t id = 0;
    zt_conversation_range (conversation, &first, &last);
    for (place = first; zt_conversation_post (conversation, place, &post); place++) {
        assert_int_equal (post.place, place);
        if (post.state == ZT_POST_PENDING || post.state == ZT_POST_SENDING) {
            if (post.kind == ZT_POST_MESSAGE) {
                assert_true (unsent < naive->unsent_count[room]);
                assert_int_equal (post.text.data[0], naive->unsent[room][unsent]);
                assert_int_equal (post.state == ZT_POST_SENDING, naive->ref[room][unsent] != 0);
                unsent++;
                continue;
            }
        }
        assert_int_equal (unsent, 0);
        if (post.id == 0) {
            notices++;
            continue;
        }
        for (id++; id < post.id; id++) /* none is left out */
            assert_int_not_equal (naive->room[id], room);
        assert_int_equal (post.id, id);
        assert_int_equal (naive->room[id], room);
        assert_true (zt_conversation_find_id (conversation, id, &found));
        assert_int_equal (found, place);
    }
    for (id++; id < S_IDS; id++) {
        assert_int_not_equal (naive->room[id], room);
        assert_false (zt_conversation_find_id (conversation, id, &found));
    }
    assert_int_equal (place, last + 1);
    assert_int_equal (unsent, naive->unsent_count[room]);
    assert_int_equal (notices, naive->notices[room]);
    assert_int_equal (zt_conversation_unread (conversation), naive->unread[room]);
    bool has_line = zt_conversation_first_new (conversation, &place);
    assert_int_equal (has_line, naive->line[room] != 0);
    if (has_line)
        assert_true (zt_conversation_post (conversation, place, &post));
    assert_int_equal (has_line ? post.id : 0, naive->line[room]);
}

static void s_random_items_make_what_a_naive_model_has (void **state)
{
    (void) state;
    for (uint64_t seed = 1; seed <= (zt_wrapped () ? S_RUNS / 10 : S_RUNS); seed++) {
        s_run_t self = {.model = zt_model_new ("olena"), .dice = {seed}, .now = 1000000};
        self.naive.is_watched = true;
        for (size_t i = 0; i < S_IDS; i++)
            self.naive.room[i] = -1;
        for (int step = 0; step < S_STEPS; step++) {
            s_step (&self);
            if (step % 10 == 0 || step > S_STEPS - 10)
                for (int room = 0; room < S_ROOMS; room++)
                    s_check_room (&self, room);
        }
        zt_model_destroy (&self.model);
    }
}

/*  ---------------------------------------------------------------------------
    Places */

/*  As long as ids come in order, and older ones are older, no post that has its place moves. */
static void s_places_stay (void **state)
{
    (void) state;
    s_run_t self = {.model = zt_model_new ("olena"), .dice = {7}, .now = 1};
    const zt_conversation_t *conversation = zt_model_opened (self.model);
    int64_t places[2001] = {0};
    uint64_t newest = 1000, oldest = 1000;
    for (int step = 0; step < 900; step++) {
        bool is_older = zt_dice_one_in (&self.dice, 3);
        if (is_older)
            zt_model_older_begin (self.model, zt_model_opened (self.model));
        zt_item_t item = {.kind = is_older ? ZT_ITEM_FOUND : ZT_ITEM_MESSAGE,
                          .id = is_older ? --oldest : newest++};
        s_show (&self, item, 0, 'x');
        if (is_older)
            zt_model_older_end (self.model, true);
        if (zt_dice_one_in (&self.dice, 4))
            zt_model_notice (self.model, zt_bytes ("*"), 1);
        if (zt_dice_one_in (&self.dice, 4))
            s_show (&self, (zt_item_t){.kind = ZT_ITEM_PENDING}, 0, 'y');
        assert_true (zt_conversation_find_id (conversation, item.id, &places[item.id]));
    }
    for (uint64_t id = oldest; id < newest; id++) {
        int64_t place;
        assert_true (zt_conversation_find_id (conversation, id, &place));
        assert_int_equal (place, places[id]);
    }
    zt_model_destroy (&self.model);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_random_items_make_what_a_naive_model_has),
        cmocka_unit_test (s_places_stay),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
