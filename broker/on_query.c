/*  SPDX-License-Identifier: MPL-2.0

    WHO, HISTORY, SEARCH: questions about the log and who is there. */

#include "broker/core_state.h"
#include "common/alloc.h"
#include "common/json.h"

#include <stdlib.h>

bool zt_may_query (zt_core_t *core, zt_session_t *session, uint64_t ref, uint64_t now)
{
    enum { S_STEP_MS = 1000 / ZT_QUERIES_PER_S, S_MOST_MS = S_STEP_MS * ZT_QUERIES_BURST };
    zt_budget_t *budget = &zt_peer (core, session->peer)->queries;
    uint64_t wait = zt_budget_wait (budget, now, S_STEP_MS, S_MOST_MS);
    if (wait)
        zt_output_error (core, session->peer, ref, ZT_ERROR_RATE_LIMITED, wait, NULL);
    else
        zt_budget_take (budget, now, S_STEP_MS, S_MOST_MS);
    return wait == 0;
}

void zt_on_who (zt_core_t *core, zt_session_t *session, const zt_message_t *message, uint64_t now)
{
    if (!zt_may_query (core, session, message->number[0], now))
        return;
    zt_buffer_t json = {NULL, 0, 0};
    zt_buffer_put_string (&json, "{\"users\":[");
    bool all = zt_presence_names (core, NULL, &json, ZT_BODY_MAX - 64);
    zt_buffer_put_string (&json, all ? "]}" : "],\"more\":true}");
    zt_output_result (core, session->peer, message->number[0], &json);
    zt_buffer_free (&json);
}

/*  The number of the conversation, or 0; the client has been told then. */
static uint64_t s_conversation (zt_core_t *core, const zt_session_t *session, uint64_t ref,
                                zt_bytes_t target)
{
    zt_folded_t folded;
    zt_bytes_t name = {target.data + 1, target.size - 1};
    char sigil = target.data[0];
    if (sigil != '@' && sigil != '#') {
        zt_output_error (core, session->peer, ref, ZT_ERROR_BAD_REQUEST, 0,
                         "a target begins with @ or #");
        return 0;
    }
    const char *wrong = zt_name_fold (name, &folded);
    if (sigil == '@') {
        const zt_user_t *user = wrong ? NULL : zt_user_find (core, &folded);
        if (!user)
            zt_output_error (core, session->peer, ref, ZT_ERROR_NO_SUCH_USER, 0, NULL);
        return user ? user->entity.number : 0;
    }
    const zt_room_t *room = wrong ? NULL : zt_room_find (core, &folded);
    if (!room) {
        zt_output_error (core, session->peer, ref, ZT_ERROR_NO_SUCH_ROOM, 0, NULL);
        return 0;
    }
    if (!zt_room_is_general (core, room) &&
        !zt_user_membership (session->user, room->entity.number)) {
        zt_output_error (core, session->peer, ref, ZT_ERROR_FORBIDDEN, 0,
                         "join the room before you read it");
        return 0;
    }
    return room->entity.number;
}

void zt_query_rooms (const zt_core_t *core, const zt_user_t *user, zt_query_t *query)
{
    query->rooms[query->n_rooms++] = core->general->entity.number;
    for (uint32_t i = 0; i < user->n_rooms; i++)
        query->rooms[query->n_rooms++] = user->rooms[i].room->entity.number;
}

static zt_query_t *s_query_new (const zt_session_t *session, uint64_t target, uint64_t before,
                                uint64_t count)
{
    zt_query_t *query = zt_alloc (sizeof *query);
    query->user = session->user->entity.number;
    query->target = target;
    query->before = before;
    query->count = count < ZT_HISTORY_MAX ? (uint32_t) count : ZT_HISTORY_MAX;
    return query;
}

static void s_ask (zt_core_t *core, const zt_session_t *session, uint64_t ref, zt_query_t *query)
{
    if (core->n_queries == ZT_QUERIES_MAX) {
        free (query);
        zt_output_error (core, session->peer, ref, ZT_ERROR_BUSY, 1000, NULL);
        return;
    }
    core->n_queries++;
    zt_output_request (core, &(zt_request_t){.kind = ZT_STORE_QUERY,
                                             .asker = {session->number, ref, session->peer},
                                             .query = query});
}

static bool s_check_count (zt_core_t *core, const zt_session_t *session, uint64_t ref,
                           uint64_t count)
{
    if (count == 0)
        zt_output_error (core, session->peer, ref, ZT_ERROR_BAD_REQUEST, 0,
                         "the count is 1 at least");
    return count > 0;
}

void zt_on_history (zt_core_t *core, zt_session_t *session, const zt_message_t *message,
                    uint64_t now)
{
    uint64_t ref = message->number[0], count = message->number[3];
    if (!zt_may_query (core, session, ref, now) || !s_check_count (core, session, ref, count))
        return;
    uint64_t target = s_conversation (core, session, ref, message->word[1]);
    if (target)
        s_ask (core, session, ref, s_query_new (session, target, message->number[2], count));
}

/*  Reads the words to look for, and below which id. NULL, or a sentence about what is wrong with
    them. */
static const char *s_read_needle (zt_bytes_t body, zt_query_t *query)
{
    cJSON *json = zt_json_parse (body);
    zt_bytes_t text = zt_json_string (json, "query");
    zt_json_number (json, "before", &query->before);
    zt_buffer_t words = {NULL, 0, 0};
    const char *wrong = NULL;
    if (text.size <= ZT_QUERY_BYTES / 2)
        zt_words_query (&words, text);
    if (text.size == 0)
        wrong = "the body is {\"query\":\"words to look for\"}";
    else if (text.size > ZT_QUERY_BYTES / 2 || words.size > sizeof query->needle)
        wrong = "the query is too long";
    else if (words.size == 0)
        wrong = "there is no word in the query: no letter, digit or symbol";
    else {
        memcpy (query->needle, words.data, words.size);
        query->needle_size = words.size;
    }
    zt_buffer_free (&words);
    cJSON_Delete (json);
    return wrong;
}

void zt_on_search (zt_core_t *core, zt_session_t *session, const zt_message_t *message,
                   uint64_t now)
{
    uint64_t ref = message->number[0], count = message->number[2];
    zt_bytes_t where = message->word[1];
    if (!zt_may_query (core, session, ref, now) || !s_check_count (core, session, ref, count))
        return;
    bool everywhere = zt_bytes_equal (where, zt_bytes ("*"));
    uint64_t target = everywhere ? 0 : s_conversation (core, session, ref, where);
    if (!everywhere && !target)
        return;
    zt_query_t *query = s_query_new (session, target, 0, count);
    zt_query_rooms (core, session->user, query);
    const char *wrong = s_read_needle (message->body, query);
    if (!wrong) {
        s_ask (core, session, ref, query);
        return;
    }
    free (query);
    zt_output_error (core, session->peer, ref, ZT_ERROR_BAD_REQUEST, 0, wrong);
}

/*  ---------------------------------------------------------------------------
    The answer */

/*  Writes a message as an object. A body that would break the JSON around it is
    left out, one that makes it too deep, too: whoever sent it shall not write into
    other people's answers. */
static void s_put_message (zt_buffer_t *json, const zt_hit_t *hit, bool with_body)
{
    enum { S_LEVELS = 3 }; /* {"messages":[{"body": */
    zt_message_t message;
    zt_reader_t reader = zt_reader (hit->slice->data + hit->offset, hit->size, ZT_FROM_BROKER);
    if (zt_reader_next (&reader, &message) != ZT_WIRE_MESSAGE)
        return;
    zt_buffer_put_format (
        json, "{\"id\":%llu,\"time\":%llu,\"from\":", (unsigned long long) message.number[0],
        (unsigned long long) message.number[1]);
    zt_json_put_string (json, message.word[2]);
    zt_buffer_put_string (json, ",\"to\":");
    zt_json_put_string (json, message.word[3]);
    zt_buffer_put_string (json, ",\"body\":");
    if (with_body && zt_json_valid_inside (message.body, S_LEVELS))
        zt_buffer_put_bytes (json, message.body);
    else
        zt_buffer_put_string (json, "{},\"omitted\":true");
    zt_buffer_put_char (json, '}');
}

/*  The hits are the newest first, and so many of them are taken as fit; the
    answer has them the oldest first. */
void zt_on_queried (zt_core_t *core, const zt_completion_t *completion)
{
    enum { S_AROUND = 64 };
    const zt_session_t *session = zt_session_of (core, completion->asker.peer);
    core->n_queries--;
    if (!session || session->number != completion->asker.session)
        return;
    zt_buffer_t *texts = zt_alloc ((completion->n + 1) * sizeof *texts);
    size_t size = S_AROUND;
    uint32_t n = 0;
    for (; n < completion->n; n++) {
        s_put_message (&texts[n], &completion->hits[n], true);
        if (n == 0 && size + texts[n].size > ZT_BODY_MAX) { /* it alone is too large */
            zt_buffer_clear (&texts[n]);
            s_put_message (&texts[n], &completion->hits[n], false);
        }
        size += texts[n].size + 1;
        if (size > ZT_BODY_MAX)
            break;
    }
    bool more = completion->more || n < completion->n;
    zt_buffer_t json = {NULL, 0, 0};
    zt_buffer_put_string (&json, "{\"messages\":[");
    for (uint32_t i = n; i-- > 0;) {
        zt_buffer_put_bytes (&json, zt_buffer_bytes (&texts[i]));
        if (i > 0)
            zt_buffer_put_char (&json, ',');
    }
    zt_buffer_put_string (&json, more ? "],\"more\":true}" : "],\"more\":false}");
    zt_output_result (core, session->peer, completion->asker.ref, &json);
    zt_buffer_free (&json);
    for (uint32_t i = 0; i <= completion->n; i++)
        zt_buffer_free (&texts[i]);
    free (texts);
}
