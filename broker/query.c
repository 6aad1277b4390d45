/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/query.h"

#include "common/json.h"
#include "common/words.h"

bool zt_query_concerns (const zt_query_t *query, const zt_run_t *run)
{
    bool private_of_user =
        !run->is_room && (run->from == query->user || run->target == query->user);
    if (query->target == 0) {
        if (private_of_user)
            return true;
        for (size_t i = 0; i < query->n_rooms; i++)
            if (run->target == query->rooms[i])
                return true;
        return false;
    }
    if (run->is_room)
        return run->target == query->target;
    return private_of_user && (run->from == query->target || run->target == query->target) &&
           (query->target != query->user || run->from == run->target);
}

void zt_query_words (zt_buffer_t *buffer, zt_bytes_t body)
{
    cJSON *json = zt_json_parse (body);
    zt_words (buffer, zt_json_string (json, "text"));
    cJSON_Delete (json);
}

bool zt_query_matches (const zt_query_t *query, zt_bytes_t body)
{
    if (query->needle_size == 0)
        return true;
    zt_buffer_t words = {NULL, 0, 0};
    zt_query_words (&words, body);
    bool matches =
        zt_words_match (zt_buffer_bytes (&words), (zt_bytes_t){query->needle, query->needle_size});
    zt_buffer_free (&words);
    return matches;
}

uint64_t zt_query_counted (const zt_request_t *request, const zt_run_t *run)
{
    bool own = request->query->device && run->device == request->query->device;
    uint64_t end = run->first_id + run->count;
    if (own || end <= request->after + 1 || !zt_query_concerns (request->query, run))
        return 0;
    return request->after < run->first_id ? run->count : end - 1 - request->after;
}
