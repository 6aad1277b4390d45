/*  SPDX-License-Identifier: MPL-2.0

    What a person has before their eyes, as transcripts: tests/model_trace.h tells how to read
    them. */

#include "client/core.h"
#include "client/mention.h"
#include "client/model.h"
#include "tests/model_trace.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

/* clang-format off */

static void s_messages_go_to_their_conversations (void **state)
{
    (void) state;
    zt_model_trace (
        "msg 1 @ivan #general hello\n"
        "msg 2 @ivan @olena psst\n"
        "msg 3 @Olena @maria from my other device\n"
        "msg 4 @taras #Dev a\\n\tb\n"
        "msg 5 @taras #dev again\n"
        "msg 6 @lvan #general is it me?\n"
        "blob 7 @lvan @olena\n"
        "msg 8 @olena @olena a note\n"
        "?\n"
        "| #general*\n"
        "|   0 [1] ivan: hello\n"
        "|   1 [6] lvan (looks like ivan): is it me?\n"
        "| #dev 2!0\n"
        "|   --- new\n"
        "|   0 [4] taras: a/        b\n"
        "|   1 [5] taras: again\n"
        "| @ivan 1!1\n"
        "|   --- new\n"
        "|   0 [2] ivan: psst\n"
        "| @lvan (looks like ivan) 1!1\n"
        "|   --- new\n"
        "|   0 [7] lvan (looks like ivan): sent something that this client cannot show (no text)\n"
        "| @maria\n"
        "|   0 [3] Olena (own): from my other device\n"
        "| @olena\n"
        "|   0 [8] olena (own): a note\n");
}

static void s_own_messages_come_to_be_stored (void **state)
{
    (void) state;
    zt_model_trace (
        "pending 0 #general one\n"
        "pending 0 #general one\n"        /* typed twice, and meant */
        "pending 0 @ivan two\n"
        "sending 11 0 #general one\n"
        "?\n"
        "| #general*\n"
        "|   0 olena (own): one (sending)\n"
        "|   1 olena (own): one (pending)\n"
        "| @ivan\n"
        "|   0 olena (own): two (pending)\n"
        "sending 12 0 #general one\n"
        "sending 13 0 @ivan two\n"
        "own 101 11 #general one\n"
        "sending 14 0 #general at once\n" /* the connection is fast */
        "own 104 15 @ivan never seen before\n"
        "own 105 13 @ivan two\n"
        "delivered 104 @IVAN\n"
        "?\n"
        "| #general*\n"
        "|   0 [101] Olena (own): one\n"
        "|   1 olena (own): one (sending)\n"
        "|   2 Olena (own): at once (sending)\n"
        "| @ivan\n"
        "|   0 [104] Olena (own): never seen before (delivered)\n"
        "|   1 [105] Olena (own): two\n");
}

static void s_what_is_sent_again_is_one_message (void **state)
{
    (void) state;
    zt_model_trace (
        "sending 11 0 #general a\n"
        "sending 12 0 #general a\n"
        "pending 11 #general a\n"
        "state busy the broker cannot store messages now\n"
        "pending 12 #general a\n"
        "?\n"
        "| #general*\n"
        "|   0 * the broker cannot store messages now\n"
        "|   1 olena (own): a (pending)\n"
        "|   2 olena (own): a (pending)\n"
        "sending 13 11 #general a\n"
        "sending 14 12 #general a\n"
        "state lost connection lost\n"
        "?\n"
        "| #general*\n"
        "|   0 * the broker cannot store messages now\n"
        "|   1 * connection lost\n"
        "|   2 olena (own): a (pending)\n"
        "|   3 olena (own): a (pending)\n"
        "sending 13 13 #general a\n"      /* after the connection was lost: the same ref */
        "sending 15 14 #general a\n"
        "own 201 13 #general a\n"
        "own 202 15 #general a\n"
        "?\n"
        "| #general*\n"
        "|   0 * the broker cannot store messages now\n"
        "|   1 * connection lost\n"
        "|   2 [201] Olena (own): a\n"
        "|   3 [202] Olena (own): a\n");
}

static void s_what_is_refused_stays_and_says_why (void **state)
{
    (void) state;
    zt_model_trace (
        "pending 0 #dev a\n"
        "sending 11 0 #dev a\n"
        "sending 12 0 #dev b\n"
        "wait 1\n"
        "refused 12 #dev b\n"
        "refused 0 #dev a\n"              /* too long, and never on its way: not the first one */
        "refused 0 #general c\n"
        "error #x nobody has joined it\n"
        "error - what was that?\n"
        "?\n"
        "| #general*\n"
        "|   0 olena (own): c (refused): no\n"
        "|   1 ! #x: nobody has joined it\n"
        "|   2 ! what was that?\n"
        "| #dev\n"
        "|   0 olena (own): b (refused): no\n"
        "|   1 olena (own): a (refused): no\n"
        "|   2 olena (own): a (sending)\n");
}

static void s_ids_are_in_order_whatever_comes_between (void **state)
{
    (void) state;
    zt_model_trace (
        "sending 11 0 #general mine\n"
        "msg 5 @ivan #general five\n"
        "notice something else\n"
        "?\n"
        "| #general*\n"
        "|   0 [5] ivan: five\n"
        "|   1 * something else\n"
        "|   2 olena (own): mine (sending)\n"
        "own 6 11 #general mine\n"
        "msg 7 @ivan #general seven\n"
        "sending 12 0 #general lost\n"    /* 8 is it, and the answer is lost */
        "msg 9 @ivan #general nine\n"
        "msg 7 @ivan #general seven\n"
        "own 8 12 #general lost\n"
        "?\n"
        "| #general*\n"
        "|   0 [5] ivan: five\n"
        "|   1 * something else\n"
        "|   2 [6] Olena (own): mine\n"
        "|   3 [7] ivan: seven\n"
        "|   4 [8] Olena (own): lost\n"
        "|   5 [9] ivan: nine\n");
}

static void s_unread_is_what_others_say_out_of_sight (void **state)
{
    (void) state;
    zt_model_trace (
        "msg 1 @ivan #dev a\n"
        "msg 2 @ivan #dev hi Olena!\n"
        "msg 3 @ivan #general seen\n"
        "away\n"
        "msg 4 @ivan #general not seen\n"
        "notice a notice is never new\n"
        "mute #dev\n"
        "msg 5 @ivan #dev olena?\n"
        "msg 6 @ivan @olena psst\n"
        "?calls\n"
        "| ivan in #dev: hi Olena!\n"
        "| ivan in @ivan: psst\n"
        "?\n"
        "| #general* 1!0\n"
        "|   0 [3] ivan: seen\n"
        "|   --- new\n"
        "|   1 [4] ivan: not seen\n"
        "|   2 * a notice is never new\n"
        "| #dev 3!2\n"
        "|   --- new\n"
        "|   0 [1] ivan: a\n"
        "|   1 [2] ivan: hi Olena! (mention)\n"
        "|   2 [5] ivan: olena? (mention)\n"
        "| @ivan 1!1\n"
        "|   --- new\n"
        "|   0 [6] ivan: psst\n"
        "back\n"
        "open @ivan\n"
        "msg 7 @ivan @olena and\n"
        "msg 8 @ivan #general b\n"
        "?calls\n"
        "?\n"
        "| #general 1!0\n"
        "|   0 [3] ivan: seen\n"
        "|   1 [4] ivan: not seen\n"
        "|   2 * a notice is never new\n"
        "|   --- new\n"
        "|   3 [8] ivan: b\n"
        "| #dev 3!2\n"
        "|   --- new\n"
        "|   0 [1] ivan: a\n"
        "|   1 [2] ivan: hi Olena! (mention)\n"
        "|   2 [5] ivan: olena? (mention)\n"
        "| @ivan*\n"
        "|   --- new\n"
        "|   0 [6] ivan: psst\n"
        "|   1 [7] ivan: and\n"
        "sending 1 0 @ivan what?\n"       /* who answers has read */
        "close #dev\n"
        "open #general\n"
        "open #general\n"
        "?\n"
        "| #general*\n"
        "|   0 [3] ivan: seen\n"
        "|   1 [4] ivan: not seen\n"
        "|   2 * a notice is never new\n"
        "|   3 [8] ivan: b\n"
        "| @ivan\n"
        "|   0 [6] ivan: psst\n"
        "|   1 [7] ivan: and\n"
        "|   2 olena (own): what? (sending)\n");
}

static void s_what_was_missed_has_a_line_above_it (void **state)
{
    (void) state;
    zt_model_trace (
        "msg 1 @ivan #general before\n"
        "missed\n"
        "msg 2 @ivan #general a\n"
        "msg 3 @ivan #general b\n"
        "msg 4 @ivan #dev c\n"
        "caught-up\n"
        "msg 5 @ivan #general now\n"
        "gap 1\n"
        "gap 1234\n"
        "?\n"
        "| #general*\n"
        "|   0 [1] ivan: before\n"
        "|   --- new\n"
        "|   1 [2] ivan: a\n"
        "|   2 [3] ivan: b\n"
        "|   3 [5] ivan: now\n"
        "|   4 * 1 message was not sent again\n"
        "|   5 * 1234 messages were not sent again\n"
        "| #dev 1!0\n"
        "|   --- new\n"
        "|   0 [4] ivan: c\n");
}

static void s_presence_is_told_where_it_matters (void **state)
{
    (void) state;
    zt_model_trace (
        "online Яна Єва жук ivan Ivanko lvan olena Érik\n"
        "?online\n"
        "| Érik\n"
        "| ivan\n"
        "| Ivanko\n"
        "| lvan (looks like ivan)\n"
        "| olena\n"
        "| Єва\n"
        "| жук\n"
        "| Яна\n"
        "msg 1 @ivan #general a\n"
        "msg 2 @lvan #general a\n"
        "msg 3 @maria #dev a\n"
        "pending 0 @petro are you there?\n"
        "left IVAN lvan olena жук\n"
        "wait 1\n"
        "here petro maria\n"
        "?online\n"
        "| Érik\n"
        "| Ivanko\n"
        "| maria\n"
        "| petro\n"
        "| Єва\n"
        "| Яна\n"
        "wait 16\n"
        "here ivan\n"                     /* it is long ago that they talked */
        "more taras ivan\n"
        "left ivan\n"
        "?\n"
        "| #general*\n"
        "|   0 [1] ivan: a\n"
        "|   1 [2] lvan (looks like ivan): a\n"
        "|   2 * IVAN, lvan (looks like ivan) left\n"
        "| #dev 1!0\n"
        "|   --- new\n"
        "|   0 [3] maria: a\n"
        "|   1 * maria is here\n"
        "| @petro\n"
        "|   0 * petro is here\n"
        "|   1 olena (own): are you there? (pending)\n"
        "online maria\n"
        "?online\n"
        "| maria\n");
}

/*  The broker tells of who comes a while later, of several at once: who has spoken meanwhile is
    here, and need not be announced any more. */
static void s_presence_does_not_come_late (void **state)
{
    (void) state;
    zt_model_trace ("online ivan olena\n"
                    "msg 1 @taras #general hi\n"
                    "msg 2 @maria @olena psst\n"
                    "here taras maria\n"
                    "left taras\n"
                    "here taras\n" /* now that is news */
                    "msg 3 @ivan #general hi\n"
                    "left ivan\n"
                    "here ivan\n"
                    "?\n"
                    "| #general*\n"
                    "|   0 [1] taras: hi\n"
                    "|   1 * taras left\n"
                    "|   2 * taras is here\n"
                    "|   3 [3] ivan: hi\n"
                    "|   4 * ivan left\n"
                    "|   5 * ivan is here\n"
                    "| @maria 1!1\n"
                    "|   --- new\n"
                    "|   0 [2] maria: psst\n");
}

static void s_rooms_are_opened_and_closed (void **state)
{
    (void) state;
    zt_model_trace (
        "joined #dev ivan lvan\n"
        "joined #empty \n"
        "notice what you type goes to #empty\n"
        "?\n"
        "| #general\n"
        "| #dev\n"
        "|   0 * you are in #dev; online: ivan, lvan (looks like ivan)\n"
        "| #empty*\n"
        "|   0 * you are in #empty\n"
        "parted #empty\n"
        "parted #nowhere\n"
        "parted #general\n"
        "?\n"
        "| #general*\n"
        "| #dev\n"
        "|   0 * you are in #dev; online: ivan, lvan (looks like ivan)\n");
}

static void s_the_connection_has_a_state (void **state)
{
    (void) state;
    zt_model_trace (
        "?state\n"
        "| : \n"
        "state connecting connecting to tcp://x\n"
        "state plain everybody can read it\n"
        "?state\n"
        "| connecting: connecting to tcp://x\n"
        "state connected connected to ztalk\n"
        "state busy the disk is full\n"
        "?state\n"
        "| connected: connected to ztalk (connected)\n"
        "state lost connection lost\n"
        "?state\n"
        "| lost: connection lost\n"
        "state reconnected connected again\n"
        "?state\n"
        "| reconnected: connected again (connected)\n"
        "state key-changed somebody else answers\n"
        "?state\n"
        "| key-changed: somebody else answers\n"
        "say of ours\n"
        "?\n"
        "| #general*\n"
        "|   0 * everybody can read it\n"
        "|   1 * the disk is full\n"
        "|   2 * connection lost\n"
        "|   3 * connected again\n"
        "|   4 * somebody else answers\n"
        "|   5 * of ours\n");
}

static void s_older_messages_come_above (void **state)
{
    (void) state;
    zt_model_trace (
        "joined #dev ivan\n"
        "msg 50 @ivan #dev fifty\n"
        "sending 1 0 #dev mine\n"
        "older #dev\n"
        "found 48 @ivan #dev x\n"
        "found 49 @olena #dev y\n"
        "found 50 @ivan #dev fifty\n"
        "found 51 @ivan #dev it comes live, too\n"
        "found 40 @ivan #general not asked for\n"
        "end more\n"
        "?\n"
        "| #general\n"
        "| #dev*\n"
        "|   -2 [48] ivan: x\n"
        "|   -1 [49] olena (own): y\n"
        "|   0 * you are in #dev; online: ivan\n"
        "|   1 [50] ivan: fifty\n"
        "|   2 [51] ivan: it comes live, too\n"
        "|   3 olena (own): mine (sending)\n"
        "away\n"
        "msg 51 @ivan #dev it comes live, too\n"
        "msg 51 @ivan #dev it comes live, too\n"
        "older #dev\n"
        "found 46 @ivan #dev for olena\n"
        "found 47 @ivan #dev w\n"
        "end all\n"
        "?\n"
        "| #general\n"
        "| #dev* 1!0\n"
        "|   -4 [46] ivan: for olena (mention)\n"
        "|   -3 [47] ivan: w\n"
        "|   -2 [48] ivan: x\n"
        "|   -1 [49] olena (own): y\n"
        "|   0 * you are in #dev; online: ivan\n"
        "|   1 [50] ivan: fifty\n"
        "|   --- new\n"
        "|   2 [51] ivan: it comes live, too\n"
        "|   3 olena (own): mine (sending)\n"
        "?calls\n");
}

static void s_a_search_has_hits (void **state)
{
    (void) state;
    zt_model_trace (
        "hits tea\n"
        "found 3 @ivan #dev tea?\n"
        "found 9 @lvan @olena tea!\n"
        "found 4 @olena @ivan tea\n"
        "end more\n"
        "?hits\n"
        "| 3 of tea, more\n"
        "|   @lvan [9] lvan (looks like ivan): tea!\n"
        "|   @ivan [4] olena (own): tea\n"
        "|   #dev [3] ivan: tea?\n"
        "hits coffee\n"
        "end all\n"
        "?hits\n"
        "| 0 of coffee\n"
        "?\n"
        "| #general*\n"
        "found 3 @ivan #dev typed by hand\n"
        "?\n"
        "| #general*\n"
        "| #dev\n"
        "|   0 [3] ivan: typed by hand\n");
}

/* clang-format on */

static void s_a_name_is_a_word (void **state)
{
    (void) state;
    static const struct {
        const char *text, *name;
        bool is_there;
    } rows[] = {
        {"@olena", "olena", true},
        {"OLENA: hi", "olena", true},
        {"hi, Olena.", "olena", true},
        {"so... olena...", "olena", true},
        {"Олена, йди сюди", "олена", true},
        {"(Олена)", "ОЛЕНА", true},
        {"olenabot", "olena", false},
        {"volena", "olena", false},
        {"olena-bot and x.olena", "olena", false},
        {"olena_2", "olena", false},
        {"olenabot olena", "olena", true},
        {"Оленах", "олена", false},
        {"", "olena", false},
        {"olen", "olena", false},
        {"- olena - yes", "olena", true},
        {"o.k, o.k", "o.k", true},
        {"Straße", "STRASSE", true},
        {"ｏｌｅｎａ", "olena", true},
        {"olena\xCC\x81 is another", "olena", false},
    };
    zt_buffer_t scratch = {NULL, 0, 0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_folded_t name;
        assert_null (zt_name_fold (zt_bytes (rows[i].name), &name));
        if (zt_mention_find (zt_bytes (rows[i].text), &name, &scratch) != rows[i].is_there)
            fail_msg ("\"%s\" and %s", rows[i].text, rows[i].name);
    }
    zt_buffer_free (&scratch);
}

static void s_older_ones_are_asked_for_once (void **state)
{
    (void) state;
    zt_model_t *model = zt_model_new ("olena");
    zt_conversation_t *room = zt_model_enter (model, zt_bytes ("#dev"));
    assert_ptr_equal (room, zt_model_find (model, zt_bytes ("#DEV")));
    assert_null (zt_model_enter (model, zt_bytes ("dev")));
    assert_null (zt_model_enter (model, zt_bytes ("#no way")));
    assert_null (zt_model_enter (model, zt_bytes ("")));
    uint64_t before = 1;
    assert_true (zt_conversation_wants_older (room, &before));
    assert_int_equal (before, 0);
    zt_conversation_asked (room);
    assert_false (zt_conversation_wants_older (room, &before));
    zt_conversation_asked_in_vain (room);
    assert_true (zt_conversation_wants_older (room, &before));
    zt_item_t item = {.kind = ZT_ITEM_FOUND,
                      .id = 7,
                      .from = zt_bytes ("@ivan"),
                      .to = zt_bytes ("#dev"),
                      .has_text = true};
    zt_model_older_begin (model, room);
    zt_model_show (model, &item, 1);
    zt_model_older_end (model, true);
    assert_true (zt_conversation_wants_older (room, &before));
    assert_int_equal (before, 7);
    /*  A broker that says the same again would be asked for ever. */
    zt_model_older_begin (model, room);
    zt_model_show (model, &item, 1);
    zt_model_older_end (model, true);
    assert_false (zt_conversation_wants_older (room, &before));
    /*  What is closed while they come is no more. */
    zt_model_older_begin (model, room);
    zt_model_show (model, &item, 1);
    zt_model_close (model, room);
    zt_model_older_end (model, true);
    zt_model_destroy (&model);
}

static void s_count (void *data)
{
    ++*(int *) data;
}

static void s_data_goes_with_its_conversation (void **state)
{
    (void) state;
    int gone[3] = {0, 0, 0};
    zt_model_t *model = zt_model_new ("olena");
    zt_conversation_t *room = zt_model_enter (model, zt_bytes ("#dev"));
    assert_null (zt_conversation_data (room));
    zt_conversation_set_data (room, &gone[0], s_count);
    zt_conversation_set_data (room, &gone[1], s_count);
    assert_ptr_equal (zt_conversation_data (room), &gone[1]);
    zt_item_t item = {.kind = ZT_ITEM_PARTED, .to = zt_bytes ("#dev")};
    zt_model_open (model, room);
    assert_int_equal (zt_model_opened_index (model), 1);
    zt_model_show (model, &item, 1);
    assert_int_equal (zt_model_opened_index (model), 0);
    zt_conversation_set_data (zt_model_opened (model), &gone[2], s_count);
    zt_model_destroy (&model);
    assert_int_equal (gone[0] * 100 + gone[1] * 10 + gone[2], 111);
}

/*  ---------------------------------------------------------------------------
    The core shows, and the model is shown */

static void s_take (void *model, const zt_item_t *item)
{
    zt_model_show (model, item, 1000);
}

/*  Says and hears all that is due; answer is a frame of the broker, or NULL. */
static void s_turn (zt_client_t *core, const char *answer, int64_t now)
{
    if (answer)
        zt_client_receive (core, zt_bytes (answer), now);
    zt_client_tick (core, now);
    while (zt_client_frame (core).size)
        zt_client_frame_sent (core, now);
}

static zt_post_t s_post (const zt_model_t *model, int64_t place)
{
    zt_post_t post;
    assert_true (zt_conversation_post (zt_model_opened (model), place, &post));
    return post;
}

static void s_the_core_tells_what_is_sent_again (void **state)
{
    (void) state;
    zt_model_t *model = zt_model_new ("olena");
    zt_client_config_t config = {.endpoint = "tcp://x",
                                 .name = "olena",
                                 .device = "d",
                                 .token = "t",
                                 .interactive = true,
                                 .show = s_take,
                                 .show_self = model};
    zt_client_t *core = zt_client_new (&config, 0);
    zt_client_up (core, 0);
    s_turn (core, NULL, 0);
    s_turn (core, "WELCOME olena 0 2\n{}\n", 1);
    assert_true (zt_model_is_connected (model));
    for (int i = 0; i < 3; i++)
        zt_client_typed (core, zt_bytes ("the same"), 1);
    s_turn (core, NULL, 1);
    s_turn (core, "ERROR 1 rate-limited 17\n{\"retry_ms\":1000}\n", 2);
    s_turn (core, "ERROR 2 rate-limited 17\n{\"retry_ms\":1000}\n", 2);
    assert_int_equal (s_post (model, 1).state, ZT_POST_PENDING); /* below what is told of it */
    assert_int_equal (s_post (model, 3).state, ZT_POST_SENDING);
    s_turn (core, "SENT 3 7 1\n", 3);
    s_turn (core, NULL, 2000);
    s_turn (core, "SENT 4 8 1\n", 2001);
    s_turn (core, "SENT 5 9 1\n", 2002);
    int64_t first, last;
    zt_conversation_range (zt_model_opened (model), &first, &last);
    assert_int_equal (last - first, 3);
    for (int64_t place = 1; place <= 3; place++)
        assert_int_equal (s_post (model, place).id, 6 + place);
    zt_client_destroy (&core);
    zt_model_destroy (&model);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_messages_go_to_their_conversations),
        cmocka_unit_test (s_own_messages_come_to_be_stored),
        cmocka_unit_test (s_what_is_sent_again_is_one_message),
        cmocka_unit_test (s_what_is_refused_stays_and_says_why),
        cmocka_unit_test (s_ids_are_in_order_whatever_comes_between),
        cmocka_unit_test (s_unread_is_what_others_say_out_of_sight),
        cmocka_unit_test (s_what_was_missed_has_a_line_above_it),
        cmocka_unit_test (s_presence_is_told_where_it_matters),
        cmocka_unit_test (s_presence_does_not_come_late),
        cmocka_unit_test (s_rooms_are_opened_and_closed),
        cmocka_unit_test (s_the_connection_has_a_state),
        cmocka_unit_test (s_older_messages_come_above),
        cmocka_unit_test (s_a_search_has_hits),
        cmocka_unit_test (s_a_name_is_a_word),
        cmocka_unit_test (s_older_ones_are_asked_for_once),
        cmocka_unit_test (s_data_goes_with_its_conversation),
        cmocka_unit_test (s_the_core_tells_what_is_sent_again),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
