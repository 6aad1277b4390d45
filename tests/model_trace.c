/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/model_trace.h"

#include "client/model.h"
#include "common/buffer.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

enum { S_NAMES_MOST = 64 };

typedef struct {
    zt_model_t *model;
    uint64_t now;
    bool are_hits;
    zt_buffer_t out;
} s_trace_t;

/*  Cuts the next word off. */
static char *s_word (char **rest)
{
    char *word = *rest;
    size_t size = strcspn (word, " ");
    *rest = word + size + (word[size] == ' ');
    word[size] = '\0';
    return word;
}

static uint64_t s_number (char **rest)
{
    return strtoull (s_word (rest), NULL, 10);
}

static zt_flag_t s_flag (const char *name)
{
    bool is_alike = strcmp (name + (name[0] == '@'), "lvan") == 0;
    return (zt_flag_t){.like = zt_bytes (is_alike ? "ivan" : NULL)};
}

/*  "\n" in a transcript's text is a line end. */
static zt_bytes_t s_text (char *text)
{
    for (char *at; (at = strstr (text, "\\n"));) {
        *at = '\n';
        memmove (at + 1, at + 2, strlen (at + 2) + 1);
    }
    return zt_bytes (text);
}

static void s_from (zt_item_t *item, char **rest)
{
    item->id = s_number (rest);
    const char *from = s_word (rest);
    item->from = zt_bytes (from);
    item->from_flag = s_flag (from);
}

static void s_to (zt_item_t *item, char **rest)
{
    const char *to = s_word (rest);
    item->to = zt_bytes (strcmp (to, "-") == 0 ? NULL : to);
    item->to_flag = s_flag (to);
}

typedef struct {
    const char *word;
    zt_item_kind_t kind;
    const char *members; /* f: id and from; i: id; r: ref; b: ref_before; t: to; c: code;
                            n: names; k: count; x: text; m: message */
} s_row_t;

static const s_row_t s_rows[] = {
    {"msg", ZT_ITEM_MESSAGE, "ftx"},
    {"found", ZT_ITEM_FOUND, "ftx"},
    {"blob", ZT_ITEM_MESSAGE, "ft"},
    {"own", ZT_ITEM_MESSAGE, "irtx"},
    {"pending", ZT_ITEM_PENDING, "btx"},
    {"sending", ZT_ITEM_SENDING, "rbtx"},
    {"refused", ZT_ITEM_ERROR, "rtx"},
    {"delivered", ZT_ITEM_DELIVERED, "it"},
    {"online", ZT_ITEM_ONLINE, "n"},
    {"more", ZT_ITEM_ONLINE, "n"},
    {"here", ZT_ITEM_HERE, "n"},
    {"left", ZT_ITEM_LEFT, "n"},
    {"joined", ZT_ITEM_JOINED, "tn"},
    {"parted", ZT_ITEM_PARTED, "t"},
    {"gap", ZT_ITEM_GAP, "k"},
    {"missed", ZT_ITEM_MISSED, ""},
    {"caught-up", ZT_ITEM_CAUGHT_UP, ""},
    {"state", ZT_ITEM_STATE, "cx"},
    {"error", ZT_ITEM_ERROR, "tm"},
    {"notice", ZT_ITEM_NOTICE, "x"},
};

static void s_member (zt_item_t *item, char member, char **rest, const char **names,
                      zt_flag_t *flags)
{
    switch (member) {
    case 'f':
        s_from (item, rest);
        break;
    case 'i':
        item->id = s_number (rest);
        break;
    case 'r':
        item->ref = s_number (rest);
        break;
    case 'b':
        item->ref_before = s_number (rest);
        break;
    case 'k':
        item->count = s_number (rest);
        break;
    case 't':
        s_to (item, rest);
        break;
    case 'c':
        item->code = s_word (rest);
        break;
    case 'x':
        item->text = s_text (*rest);
        item->has_text = true;
        break;
    case 'm':
        item->message = zt_bytes (*rest);
        break;
    default:
        for (; **rest; item->names_count++) {
            names[item->names_count] = s_word (rest);
            flags[item->names_count] = s_flag (names[item->names_count]);
        }
        item->names = names;
        item->flags = flags;
    }
}

static bool s_show (s_trace_t *self, const char *word, char *rest)
{
    const char *names[S_NAMES_MOST];
    zt_flag_t flags[S_NAMES_MOST];
    for (size_t i = 0; i < sizeof s_rows / sizeof s_rows[0]; i++) {
        const s_row_t *row = &s_rows[i];
        if (strcmp (row->word, word) != 0)
            continue;
        zt_item_t item = {.kind = row->kind, .time = self->now};
        for (const char *member = row->members; *member; member++)
            s_member (&item, *member, &rest, names, flags);
        item.more = strcmp (word, "more") == 0;
        if (strcmp (word, "own") == 0) {
            item.own = true;
            item.from = zt_bytes ("@Olena");
        }
        if (strcmp (word, "refused") == 0)
            item.message = zt_bytes ("no");
        zt_model_show (self->model, &item, self->now);
        return true;
    }
    return false;
}

/*  ---------------------------------------------------------------------------
    Dumps */

#define S_ARGS(bytes) (int) (bytes).size, (bytes).data

static void s_put_post (zt_buffer_t *out, const zt_post_t *post)
{
    static const char *const states[] = {" (pending)", " (sending)", "", " (delivered)",
                                         " (refused)"};
    if (post->kind != ZT_POST_MESSAGE)
        zt_buffer_put_format (out, "%c ", post->kind == ZT_POST_NOTICE ? '*' : '!');
    if (post->id)
        zt_buffer_put_format (out, "[%u] ", (unsigned) post->id);
    if (post->from.size)
        zt_buffer_put_format (out, "%.*s%.*s%s: ", S_ARGS (post->from), S_ARGS (post->flag),
                              post->is_own ? " (own)" : "");
    for (size_t i = 0; i < post->text.size; i++)
        zt_buffer_put_char (out, post->text.data[i] == '\n' ? '/' : post->text.data[i]);
    zt_buffer_put_string (out, post->is_mention ? " (mention)" : "");
    zt_buffer_put_string (out, post->has_text ? "" : " (no text)");
    if (post->kind == ZT_POST_MESSAGE)
        zt_buffer_put_string (out, states[post->state]);
    if (post->note.size)
        zt_buffer_put_format (out, ": %.*s", S_ARGS (post->note));
    zt_buffer_put_char (out, '\n');
}

static void s_put_conversation (s_trace_t *self, const zt_conversation_t *conversation)
{
    zt_bytes_t target = zt_conversation_target (conversation);
    zt_bytes_t flag = zt_conversation_flag (conversation);
    size_t unread = zt_conversation_unread (conversation);
    zt_buffer_put_format (&self->out, "| %.*s%.*s%s", S_ARGS (target), S_ARGS (flag),
                          conversation == zt_model_opened (self->model) ? "*" : "");
    if (unread)
        zt_buffer_put_format (&self->out, " %zu!%zu", unread,
                              zt_conversation_mentions (conversation));
    zt_buffer_put_char (&self->out, '\n');
    int64_t first, last, line;
    bool has_line = zt_conversation_first_new (conversation, &line);
    if (!zt_conversation_range (conversation, &first, &last))
        return;
    zt_post_t post;
    for (int64_t place = first; zt_conversation_post (conversation, place, &post); place++) {
        zt_buffer_put_string (&self->out, has_line && line == place ? "|   --- new\n" : "");
        zt_buffer_put_format (&self->out, "|   %d ", (int) place);
        s_put_post (&self->out, &post);
    }
}

static void s_put_hits (s_trace_t *self)
{
    zt_bytes_t query, target;
    bool more;
    zt_post_t post;
    size_t count = zt_model_hits (self->model, &query, &more);
    zt_buffer_put_format (&self->out, "| %zu of %.*s%s\n", count, S_ARGS (query),
                          more ? ", more" : "");
    for (size_t i = 0; zt_model_hit (self->model, i, &target, &post); i++) {
        zt_buffer_put_format (&self->out, "|   %.*s ", S_ARGS (target));
        s_put_post (&self->out, &post);
    }
}

static void s_put_others (s_trace_t *self, const char *word)
{
    zt_bytes_t words;
    uint64_t since;
    zt_call_t call;
    if (strcmp (word, "?calls") == 0)
        while (zt_model_next_call (self->model, &call))
            zt_buffer_put_format (&self->out, "| %.*s in %.*s: %.*s\n", S_ARGS (call.from),
                                  S_ARGS (call.target), S_ARGS (call.text));
    else if (strcmp (word, "?online") == 0)
        for (size_t i = 0; i < zt_model_online_count (self->model); i++) {
            zt_bytes_t name = zt_model_online (self->model, i);
            zt_bytes_t flag = zt_model_online_flag (self->model, i);
            assert_true (zt_model_is_online (self->model, name));
            zt_buffer_put_format (&self->out, "| %.*s%.*s\n", S_ARGS (name), S_ARGS (flag));
        }
    else if (strcmp (word, "?hits") == 0)
        s_put_hits (self);
    else if (strcmp (word, "?state") == 0) {
        const char *code = zt_model_state (self->model, &words, &since);
        zt_buffer_put_format (&self->out, "| %s: %.*s%s\n", code, S_ARGS (words),
                              zt_model_is_connected (self->model) ? " (connected)" : "");
    } else
        for (size_t i = 0; i < zt_model_count (self->model); i++)
            s_put_conversation (self, zt_model_get (self->model, i));
}

/*  ---------------------------------------------------------------------------
    The transcript */

static void s_end (s_trace_t *self, bool more)
{
    if (self->are_hits)
        zt_model_hits_end (self->model, more);
    else
        zt_model_older_end (self->model, more);
    self->are_hits = false;
}

/*  What a person, or the owner, does. */
static void s_do (s_trace_t *self, const char *word, char *rest)
{
    zt_conversation_t *conversation = zt_model_find (self->model, zt_bytes (rest));
    if (strcmp (word, "open") == 0)
        zt_model_open (self->model, zt_model_enter (self->model, zt_bytes (rest)));
    else if (strcmp (word, "close") == 0)
        zt_model_close (self->model, conversation);
    else if (strcmp (word, "mute") == 0)
        zt_conversation_mute (self->model, conversation, true);
    else if (strcmp (word, "away") == 0 || strcmp (word, "back") == 0)
        zt_model_set_attention (self->model, word[0] == 'b');
    else if (strcmp (word, "wait") == 0)
        self->now += strtoull (rest, NULL, 10) * 60000;
    else if (strcmp (word, "say") == 0)
        zt_model_notice (self->model, zt_bytes (rest), self->now);
    else if (strcmp (word, "older") == 0)
        zt_model_older_begin (self->model, conversation);
    else if (strcmp (word, "end") == 0)
        s_end (self, strcmp (rest, "more") == 0);
    else if (strcmp (word, "hits") == 0) {
        zt_model_hits_begin (self->model, zt_bytes (rest));
        self->are_hits = true;
    } else
        fail_msg ("a transcript has no %s", word);
}

void zt_model_trace (const char *transcript)
{
    s_trace_t self = {.model = zt_model_new ("olena"), .now = 1000000000};
    for (const char *at = transcript; *at;) {
        size_t size = strcspn (at, "\n");
        char *line = strndup (at, size);
        at += size + (at[size] == '\n');
        char *rest = line;
        if (line[0] != '|')
            zt_buffer_put_format (&self.out, "%s\n", line);
        if (line[0] == '?')
            s_put_others (&self, line);
        else if (line[0] != '|') {
            const char *word = s_word (&rest);
            uint64_t version = zt_model_version (self.model);
            if (!s_show (&self, word, rest))
                s_do (&self, word, rest);
            else
                assert_true (zt_model_version (self.model) > version);
        }
        free (line);
    }
    assert_string_equal (zt_buffer_string (&self.out), transcript);
    zt_buffer_free (&self.out);
    zt_model_destroy (&self.model);
    assert_null (self.model);
}
