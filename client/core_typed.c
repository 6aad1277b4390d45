/*  SPDX-License-Identifier: MPL-2.0 */

/*  What is typed: text for the open conversation, or a command. */

#include "client/core_state.h"

#include "client/command.h"
#include "common/json.h"
#include "common/limits.h"
#include "common/utf8.h"

#include <stdio.h>

enum {
    S_HISTORY_COUNT = 20,
    S_NAMES_SHOWN = 20 /* completions of a name */
};

static bool s_is_space (char c)
{
    return c == ' ' || c == '\t';
}

static void s_skip (zt_bytes_t *text, size_t size)
{
    text->data += size;
    text->size -= size;
}

/*  Cuts the next word, which may be empty, off the front, and the space behind it. */
static zt_bytes_t s_cut_word (zt_bytes_t *rest)
{
    zt_bytes_t word = {rest->data, 0};
    while (word.size < rest->size && !s_is_space (rest->data[word.size]))
        word.size++;
    s_skip (rest, word.size);
    while (rest->size && s_is_space (rest->data[0]))
        s_skip (rest, 1);
    return word;
}

/*  Without the spaces at its end. */
static zt_bytes_t s_trim (zt_bytes_t text)
{
    while (text.size && s_is_space (text.data[text.size - 1]))
        text.size--;
    return text;
}

const char *zt_client_target (zt_bytes_t word, char *target)
{
    char sign = word.size && word.data[0] == '#' ? '#' : '@';
    if (word.size && (word.data[0] == '#' || word.data[0] == '@')) {
        word.data++;
        word.size--;
    }
    zt_folded_t folded;
    const char *wrong = zt_name_fold (word, &folded);
    if (wrong)
        return zt_translate (wrong);
    target[0] = sign;
    memcpy (target + 1, word.data, word.size);
    target[word.size + 1] = '\0';
    return NULL;
}

/*  A line is not done. A person sees that; whoever has piped it in learns it from the status. */
static void s_refuse (zt_client_t *self)
{
    self->failed = self->failed || !self->interactive;
}

/*  Reads a target that was typed; tells what is wrong with it and returns false. */
static bool s_target (zt_client_t *self, zt_bytes_t word, char *target)
{
    const char *wrong = zt_client_target (word, target);
    if (wrong) {
        zt_client_say (self, NULL, "'%.*s' is nobody's name: %s", ZT_ARGS (word), wrong);
        s_refuse (self);
    } else
        zt_client_settle (self, target);
    return !wrong;
}

/*  The same for a room, whose '#' may be left out. */
static bool s_room (zt_client_t *self, zt_bytes_t word, char *target)
{
    const char *wrong = word.size && word.data[0] == '@' ? _ ("a room's name begins with #")
                                                         : zt_client_target (word, target);
    if (wrong) {
        zt_client_say (self, NULL, "'%.*s' is no room: %s", ZT_ARGS (word), wrong);
        s_refuse (self);
    } else {
        target[0] = '#';
        zt_client_settle (self, target);
    }
    return !wrong;
}

static void s_usage (zt_client_t *self, zt_command_id_t id)
{
    const zt_command_row_t *row = zt_command_row (id);
    zt_client_say (self, NULL, "usage: /%s%s%s", row->name, *row->arguments ? " " : "",
                   row->arguments);
    s_refuse (self);
}

void zt_client_show_pending (zt_client_t *self, zt_entry_t *entry)
{
    zt_item_t item = {.kind = ZT_ITEM_PENDING,
                      .ref_before = entry->shown,
                      .to = zt_bytes (entry->target),
                      .text = entry->text};
    if (!entry->pending)
        zt_client_show (self, &item);
    entry->pending = true;
}

bool zt_client_fits (const zt_client_t *self, zt_bytes_t text)
{
    zt_buffer_t body = {NULL, 0, 0};
    zt_outbox_body (&body, ZT_VERB_SEND, text);
    size_t size = body.size;
    zt_buffer_free (&body);
    return size <= self->max_body;
}

static void s_send (zt_client_t *self, const char *target, zt_bytes_t text)
{
    if (!zt_client_fits (self, text)) {
        zt_buffer_t sentence = {NULL, 0, 0};
        zt_buffer_put_format (
            &sentence,
            _ ("a message this long cannot be sent; as JSON it may have %zu bytes, "
               "and its text a few less"),
            self->max_body);
        zt_client_say_error (self, zt_error_code (ZT_ERROR_TOO_LARGE), target, text,
                             zt_buffer_bytes (&sentence));
        zt_buffer_free (&sentence);
        self->failed = true;
        return;
    }
    zt_entry_t *entry = zt_outbox_add (&self->outbox, ZT_VERB_SEND, target, text, 0);
    if (self->phase != ZT_PHASE_OPEN || self->probing || self->timers[ZT_TIMER_HOLD] != ZT_NEVER)
        zt_client_show_pending (self, entry);
}

static zt_entry_t *s_ask (zt_client_t *self, zt_verb_t verb, const char *target, zt_bytes_t text,
                          uint64_t count)
{
    zt_entry_t *entry = zt_outbox_add (&self->outbox, verb, target, text, count);
    if (self->phase != ZT_PHASE_OPEN && (self->interactive || self->welcomed))
        zt_client_say (self, NULL, "there is no connection; the answer comes when there is one");
    return entry;
}

static const zt_bytes_t s_nothing = {"", 0};

/*  ---------------------------------------------------------------------------
    What a screen does without typing */

static const char *s_wrong_with (zt_bytes_t line);

void zt_client_set_open (zt_client_t *self, const char *target)
{
    snprintf (self->open, sizeof self->open, "%s", target);
    zt_client_settle (self, self->open);
}

void zt_client_send_to (zt_client_t *self, const char *target, zt_bytes_t text, int64_t now)
{
    (void) now;
    if (self->phase == ZT_PHASE_OVER || self->finishing || self->quitting)
        return;
    zt_client_set_open (self, target);
    const char *wrong = s_wrong_with (text);
    if (wrong)
        zt_client_say_error (self, "not-text", target, text, zt_bytes (wrong));
    else
        s_send (self, target, text);
}

void zt_client_fetch (zt_client_t *self, const char *target, uint64_t before, uint64_t count)
{
    zt_entry_t *entry = zt_outbox_add (&self->outbox, ZT_VERB_HISTORY, target, s_nothing, count);
    entry->before = before;
    entry->quiet = true;
}

void zt_client_find (zt_client_t *self, zt_bytes_t words, uint64_t count)
{
    if (words.size > ZT_CLIENT_QUERY_MOST)
        zt_client_say_text (self, NULL, zt_bytes (_ (ZT_CLIENT_QUERY_TOO_LONG)));
    else
        s_ask (self, ZT_VERB_SEARCH, "*", words, count)->quiet = true;
}

/*  ---------------------------------------------------------------------------
    Commands */

/*  The commands' functions; args is what stands behind the name. */

static void s_on_MSG (zt_client_t *self, zt_bytes_t args, int64_t now)
{
    (void) now;
    char target[ZT_TARGET_SIZE];
    zt_bytes_t name = s_cut_word (&args);
    if (name.size == 0 || args.size == 0)
        s_usage (self, ZT_COMMAND_MSG);
    else if (s_target (self, name, target))
        s_send (self, target, args);
}

void zt_client_open (zt_client_t *self, const char *target)
{
    if (target != self->open)
        snprintf (self->open, sizeof self->open, "%s", target);
    zt_buffer_t name = {NULL, 0, 0};
    zt_buffer_put_string (&name, _ (ZT_CLIENT_OPENED));
    zt_client_put_address (self, &name, self->open);
    zt_client_say_text (self, NULL, zt_buffer_bytes (&name));
    zt_buffer_free (&name);
}

static void s_on_TO (zt_client_t *self, zt_bytes_t args, int64_t now)
{
    (void) now;
    char target[ZT_TARGET_SIZE];
    zt_bytes_t word = s_cut_word (&args);
    if (args.size) {
        s_usage (self, ZT_COMMAND_TO);
        return;
    }
    if (word.size) {
        if (!s_target (self, word, target))
            return;
        memcpy (self->open, target, sizeof target);
    }
    zt_client_open (self, self->open);
}

static void s_on_WHO (zt_client_t *self, zt_bytes_t args, int64_t now)
{
    (void) args;
    (void) now;
    s_ask (self, ZT_VERB_WHO, NULL, s_nothing, 0);
}

static void s_on_HISTORY (zt_client_t *self, zt_bytes_t args, int64_t now)
{
    (void) now;
    char target[ZT_TARGET_SIZE];
    memcpy (target, self->open, sizeof target);
    uint64_t count = S_HISTORY_COUNT;
    zt_bytes_t first = s_cut_word (&args);
    zt_bytes_t second = s_cut_word (&args);
    /*  A word that is a number is the count; a person called 42 is @42. */
    bool first_is_count = first.size && second.size == 0 && zt_u64_read (first, &count);
    if (args.size || (second.size && !zt_u64_read (second, &count)) || count == 0) {
        s_usage (self, ZT_COMMAND_HISTORY);
        return;
    }
    if (first.size && !first_is_count && !s_target (self, first, target))
        return;
    zt_entry_t *entry = s_ask (self, ZT_VERB_HISTORY, target, s_nothing,
                               count < ZT_HISTORY_MAX ? count : ZT_HISTORY_MAX);
    /*  Typed again, it goes on where it was. */
    if (strcmp (target, self->last_page.target) == 0)
        entry->before = self->last_page.before;
}

static void s_on_SEARCH (zt_client_t *self, zt_bytes_t args, int64_t now)
{
    (void) now;
    args = s_trim (args);
    if (args.size == 0)
        s_usage (self, ZT_COMMAND_SEARCH);
    else if (args.size > ZT_CLIENT_QUERY_MOST) {
        zt_client_say_text (self, NULL, zt_bytes (_ (ZT_CLIENT_QUERY_TOO_LONG)));
        s_refuse (self);
    } else
        s_ask (self, ZT_VERB_SEARCH, "*", args, S_HISTORY_COUNT);
}

static void s_on_JOIN (zt_client_t *self, zt_bytes_t args, int64_t now)
{
    (void) now;
    char room[ZT_TARGET_SIZE];
    zt_bytes_t word = s_cut_word (&args);
    if (word.size == 0 || args.size)
        s_usage (self, ZT_COMMAND_JOIN);
    else if (s_room (self, word, room)) {
        s_ask (self, ZT_VERB_JOIN, room, s_nothing, 0);
        memcpy (self->open, room, sizeof room);
    }
}

static void s_on_LEAVE (zt_client_t *self, zt_bytes_t args, int64_t now)
{
    (void) now;
    char room[ZT_TARGET_SIZE];
    zt_bytes_t word = s_cut_word (&args);
    if (word.size == 0)
        word = zt_bytes (self->open);
    if (args.size) {
        s_usage (self, ZT_COMMAND_LEAVE);
        return;
    }
    if (!s_room (self, word, room))
        return;
    s_ask (self, ZT_VERB_LEAVE, room, s_nothing, 0);
    /*  What is typed from here on could not reach the room any more. */
    if (strcmp (room, self->open) == 0 && strcmp (room, "#general") != 0)
        zt_client_open (self, "#general");
}

static void s_on_PAIR (zt_client_t *self, zt_bytes_t args, int64_t now)
{
    (void) now;
    if (args.size)
        s_usage (self, ZT_COMMAND_PAIR);
    else
        s_ask (self, ZT_VERB_PAIR, NULL, s_nothing, 0);
}

/*  What only a screen has. */
static void s_on_screen (zt_client_t *self, zt_bytes_t args, int64_t now)
{
    (void) args;
    (void) now;
    zt_client_say (self, NULL, "this is for the full screen; without --lines a terminal has it");
    s_refuse (self);
}

#define s_on_QUIET s_on_screen
#define s_on_CLOSE s_on_screen
#define s_on_THEME s_on_screen

static void s_on_HELP (zt_client_t *self, zt_bytes_t args, int64_t now)
{
    (void) args;
    (void) now;
    zt_buffer_t line = {NULL, 0, 0};
    zt_client_put_address (self, &line, self->open);
    zt_client_say (self, NULL,
                   "text goes to the open conversation, now %s; /to #general opens the "
                   "one with all; //x sends /x; and there are:",
                   zt_buffer_string (&line));
    for (unsigned id = 0; id < ZT_COMMAND_COUNT; id++) {
        zt_buffer_clear (&line);
        zt_command_help ((zt_command_id_t) id, &line);
        zt_client_say_text (self, NULL, zt_buffer_bytes (&line));
    }
    zt_client_say (self, NULL, "a name's beginning is enough: /w is /who");
    zt_buffer_free (&line);
}

static void s_on_EXIT (zt_client_t *self, zt_bytes_t args, int64_t now)
{
    (void) args;
    if (self->finishing) {
        zt_client_quit (self, now);
        return;
    }
    if (self->interactive && self->outbox.count)
        zt_client_say (self, NULL,
                       "waiting for %zu to be answered; /exit again ends at once, and what is to "
                       "be sent is kept for the next time",
                       self->outbox.count);
    zt_client_finish (self, now);
}

/*  Lists what the line, whose last key was TAB, could become. */
static void s_complete (zt_client_t *self, zt_bytes_t line)
{
    zt_bytes_t rest = {line.data + 1, line.size - 1};
    bool has_arguments = memchr (rest.data, ' ', rest.size) != NULL;
    zt_buffer_t candidates = {NULL, 0, 0};
    if (!has_arguments)
        zt_command_candidates (rest, &candidates);
    else {
        while (rest.size && memchr (rest.data, ' ', rest.size))
            s_cut_word (&rest);
        size_t place = zt_roster_prefix (&self->roster, rest);
        for (size_t i = place; i < self->roster.count && i - place < S_NAMES_SHOWN; i++) {
            const char *name = self->roster.names[i];
            if (rest.size && strncmp (name, rest.data, rest.size) != 0)
                break;
            zt_flag_t flag = zt_flags_find (self->flags, zt_bytes (name));
            zt_buffer_put_format (&candidates, "%s%s", i == place ? "" : ", ", name);
            zt_flag_put (&candidates, &flag);
        }
    }
    if (candidates.size) {
        zt_buffer_t list = {NULL, 0, 0};
        zt_buffer_put_format (&list, "%.*s: %s", ZT_ARGS (line), zt_buffer_string (&candidates));
        zt_client_say_text (self, NULL, zt_buffer_bytes (&list));
        zt_buffer_free (&list);
    } else
        zt_client_say (self, NULL, "%.*s: nothing begins like this", ZT_ARGS (line));
    zt_buffer_free (&candidates);
}

static void s_command (zt_client_t *self, zt_bytes_t line, int64_t now)
{
#define S_ROW(name, word, arguments, help) [ZT_COMMAND_##name] = s_on_##name,
    static void (*const functions[]) (zt_client_t *, zt_bytes_t, int64_t) = {ZT_COMMANDS (S_ROW)};
#undef S_ROW
    zt_bytes_t rest = {line.data + 1, line.size - 1};
    zt_bytes_t word = s_cut_word (&rest);
    zt_command_id_t id = ZT_COMMAND_HELP;
    size_t found = zt_command_find (word, &id);
    if (found == 1) {
        functions[id](self, rest, now);
        return;
    }
    zt_buffer_t candidates = {NULL, 0, 0};
    zt_command_candidates (word, &candidates);
    if (found)
        zt_client_say (self, NULL, "/%.*s could be %s", ZT_ARGS (word),
                       zt_buffer_string (&candidates));
    else
        zt_client_say (self, NULL, "there is no /%.*s; /help lists what there is, // sends a /",
                       ZT_ARGS (word));
    s_refuse (self);
    zt_buffer_free (&candidates);
}

/*  Why a line cannot be sent as it is; NULL if it can. */
static const char *s_wrong_with (zt_bytes_t line)
{
    if (line.size <= ZT_BODY_MAX && !zt_utf8_valid (line))
        return _ ("this is not UTF-8, and was not sent");
    /*  It would be valid JSON, but many who read that take a NUL for the end. */
    if (memchr (line.data, '\0', line.size))
        return _ ("there is a NUL in it, so it was not sent");
    return NULL;
}

void zt_client_cut (zt_client_t *self, zt_bytes_t line)
{
    zt_client_say_error (self, "cut", self->open, line,
                         zt_bytes (_ ("a terminal cuts a typed line at 4095 bytes, so it was not "
                                      "sent; send it in pieces, or through a pipe")));
    self->failed = true;
}

void zt_client_typed (zt_client_t *self, zt_bytes_t line, int64_t now)
{
    if (self->phase == ZT_PHASE_OVER || self->quitting || line.size == 0)
        return;
    if (self->interactive && s_trim (line).size == 0) /* nobody means to say that */
        return;
    self->last_page = self->page;
    self->page = (zt_page_t){.before = 0};
    const char *wrong = s_wrong_with (line);
    if (wrong) {
        zt_client_say_error (self, "not-text", self->open, line, zt_bytes (wrong));
        self->failed = true;
        return;
    }
    bool is_text = line.data[0] != '/' || (line.size > 1 && line.data[1] == '/');
    if (self->finishing) {
        /*  After /exit only a second one counts. */
        if (zt_bytes_equal (s_trim (line), zt_bytes ("/exit")))
            zt_client_quit (self, now);
        return;
    }
    if (self->interactive && !is_text && line.size > 1 && line.data[line.size - 1] == '\t') {
        while (line.size > 1 && line.data[line.size - 1] == '\t') /* the slash stays */
            line.size--;
        s_complete (self, line);
    } else if (!is_text)
        s_command (self, line, now);
    else if (line.data[0] == '/')
        s_send (self, self->open, (zt_bytes_t){line.data + 1, line.size - 1});
    else
        s_send (self, self->open, line);
}
