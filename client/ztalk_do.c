/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/ztalk_state.h"

#include "common/json.h"
#include "common/limits.h"
#include "common/text.h"
#include "common/utf8.h"

/*  ---------------------------------------------------------------------------
    What is done */

/*  True if it can be done now; or false, and it is remembered why not. */
static bool s_may (ztalk_t *self)
{
    int status;
    if (!self->session || zt_client_over (self->core, &status)) {
        zt_ztalk_fail (self, ZTALK_FAILED, "over", _ ("it is not connected, or it is over"));
        return false;
    }
    if (!zt_client_takes_lines (self->core)) {
        zt_ztalk_fail (self, ZTALK_FAILED, "full", _ ("too much is waiting to be sent"));
        return false;
    }
    return true;
}

static bool s_target (ztalk_t *self, const char *to, char target[ZT_TARGET_SIZE])
{
    const char *wrong = zt_client_target (zt_bytes (to), target);
    if (wrong)
        zt_ztalk_fail (self, ZTALK_USAGE, "bad-name", wrong);
    return !wrong;
}

/*  It is kept, and goes out, before the program knows that it was taken. */
static uint64_t s_taken (ztalk_t *self, uint64_t ref)
{
    if (!ref) {
        zt_ztalk_fail (self, ZTALK_FAILED, "over", _ ("it is ending"));
        return 0;
    }
    zt_session_keep (self->session);
    zt_session_send (self->session);
    return ref;
}

static uint64_t s_post (ztalk_t *self, const char *to, zt_bytes_t body)
{
    char target[ZT_TARGET_SIZE];
    if (!s_may (self) || !s_target (self, to, target))
        return 0;
    if (body.size > zt_client_body_most (self->core)) {
        zt_ztalk_fail (self, ZTALK_USAGE, "too-large",
                       _ ("a body of so many bytes cannot be sent"));
        return 0;
    }
    return s_taken (self, zt_client_post (self->core, target, body));
}

uint64_t ztalk_send_body (ztalk_t *self, const char *to, const char *body)
{
    if (zt_json_valid (zt_bytes (body)))
        return s_post (self, to, zt_bytes (body));
    zt_ztalk_fail (self, ZTALK_USAGE, "not-json", _ ("the body is not a JSON object"));
    return 0;
}

uint64_t ztalk_reply (ztalk_t *self, uint64_t id, const char *to, const char *text)
{
    if (!zt_utf8_valid (zt_bytes (text))) {
        zt_ztalk_fail (self, ZTALK_USAGE, "not-text", _ ("the text is not UTF-8"));
        return 0;
    }
    zt_buffer_t body = {NULL, 0, 0};
    zt_buffer_put_string (&body, "{\"text\":");
    zt_json_put_string (&body, zt_bytes (text));
    if (id)
        zt_buffer_put_format (&body, ",\"re\":%llu", (unsigned long long) id);
    zt_buffer_put_char (&body, '}');
    uint64_t ref = s_post (self, to, zt_buffer_bytes (&body));
    zt_buffer_free (&body);
    return ref;
}

uint64_t ztalk_send (ztalk_t *self, const char *to, const char *text)
{
    return ztalk_reply (self, 0, to, text);
}

void ztalk_ack (ztalk_t *self, uint64_t id)
{
    if (!self->session)
        return;
    zt_client_acknowledge (self->core, id);
    zt_session_keep (self->session);
    self->is_due = true;
}

static uint64_t s_ask (ztalk_t *self, zt_verb_t verb, const char *target, const char *words,
                       uint64_t before, unsigned count)
{
    char place[ZT_TARGET_SIZE];
    bool is_about_one = verb != ZT_VERB_WHO && verb != ZT_VERB_SEARCH;
    if (!s_may (self) || ((target || is_about_one) && !s_target (self, target, place)))
        return 0;
    bool is_room = verb == ZT_VERB_JOIN || verb == ZT_VERB_LEAVE;
    if (target && is_room && place[0] != '#') {
        zt_ztalk_fail (self, ZTALK_USAGE, "bad-name", _ ("a room's name begins with #"));
        return 0;
    }
    const char *where = target ? place : verb == ZT_VERB_SEARCH ? "*" : NULL;
    if (count == 0 || count > ZT_HISTORY_MAX)
        count = ZT_HISTORY_MAX;
    return s_taken (self,
                    zt_client_request (self->core, verb, where, zt_bytes (words), before, count));
}

uint64_t ztalk_who (ztalk_t *self)
{
    return s_ask (self, ZT_VERB_WHO, NULL, "", 0, 0);
}

uint64_t ztalk_join (ztalk_t *self, const char *room)
{
    return s_ask (self, ZT_VERB_JOIN, room, "", 0, 0);
}

uint64_t ztalk_leave (ztalk_t *self, const char *room)
{
    return s_ask (self, ZT_VERB_LEAVE, room, "", 0, 0);
}

uint64_t ztalk_history (ztalk_t *self, const char *target, uint64_t before, unsigned count)
{
    return s_ask (self, ZT_VERB_HISTORY, target, "", before, count);
}

uint64_t ztalk_search (ztalk_t *self, const char *words, const char *target, unsigned count)
{
    bool is_query = words && *words && zt_utf8_valid (zt_bytes (words)) &&
                    strlen (words) <= ZT_CLIENT_QUERY_MOST;
    if (is_query)
        return s_ask (self, ZT_VERB_SEARCH, target, words, 0, count);
    zt_ztalk_fail (self, ZTALK_USAGE, "bad-query", _ ("a query is UTF-8 of 1 to 256 bytes"));
    return 0;
}

void ztalk_finish (ztalk_t *self)
{
    if (!self->session)
        return;
    zt_client_finish (self->core, zt_session_now ());
    self->is_due = true;
}

size_t ztalk_clean (char *buffer, size_t size, const char *text, size_t text_size)
{
    zt_buffer_t clean = {NULL, 0, 0};
    zt_text_clean (&clean, (zt_bytes_t){text, text_size}, ZT_TEXT_LINE);
    size_t all = clean.size, most = size ? size - 1 : 0;
    size_t part = all < most ? all : most;
    while (part && part < all && ((unsigned char) clean.data[part] & 0xC0) == 0x80)
        part--;
    if (part)
        memcpy (buffer, clean.data, part);
    if (size)
        buffer[part] = '\0';
    zt_buffer_free (&clean);
    return all;
}
