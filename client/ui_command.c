/*  SPDX-License-Identifier: MPL-2.0

    What is typed to its end: text for the open conversation, a command of the screen, or one of
    the core. */

#include "client/ui_state.h"

#include "client/command.h"
#include "common/wire.h"

#include <stdlib.h>

enum { S_HITS = 50, S_HISTORY = 20 };

typedef void (s_command_t) (zt_ui_t *self, zt_bytes_t argument, uint64_t wall);

static void s_say (zt_ui_t *self, const char *sentence, uint64_t wall)
{
    zt_model_notice (self->model, zt_bytes (sentence), wall);
}

/*  What is said, and what answers it, is below. */
static void s_look_down (zt_ui_t *self)
{
    self->version++;
    zt_ui_desk (self)->scroll = (zt_scroll_t){.is_away = false};
    self->sought = 0;
}

static zt_bytes_t s_trim (zt_bytes_t text)
{
    while (text.size && (text.data[0] == ' ' || text.data[0] == '\t'))
        text = zt_bytes_part (text, 1, text.size - 1);
    while (text.size && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t'))
        text.size--;
    return text;
}

/*  The conversation that is named, or the open one; NULL if it is none, which is told. */
static zt_conversation_t *s_named (zt_ui_t *self, zt_bytes_t argument, uint64_t wall)
{
    char target[ZT_TARGET_SIZE];
    if (argument.size == 0)
        return zt_model_opened (self->model);
    const char *wrong = zt_client_target (argument, target);
    zt_conversation_t *named = wrong ? NULL : zt_model_enter (self->model, zt_bytes (target));
    if (!named)
        s_say (self, wrong ? wrong : _ ("there can be no more conversations"), wall);
    return named;
}

/*  A conversation, as sentences call it. */
static void s_put_name (zt_buffer_t *text, const zt_conversation_t *conversation)
{
    zt_buffer_put_bytes (text, zt_conversation_target (conversation));
    zt_buffer_put_bytes (text, zt_conversation_flag (conversation));
}

static void s_to (zt_ui_t *self, zt_bytes_t argument, uint64_t wall)
{
    zt_conversation_t *named = s_named (self, argument, wall);
    if (named && argument.size)
        zt_ui_open (self, named);
    if (!named || argument.size)
        return;
    zt_buffer_t sentence = {NULL, 0, 0};
    zt_buffer_put_string (&sentence, _ (ZT_CLIENT_OPENED));
    s_put_name (&sentence, named);
    s_say (self, zt_buffer_string (&sentence), wall);
    zt_buffer_free (&sentence);
}

/*  /msg: the conversation is opened, so that one sees what becomes of the text; without one it
    is all that happens. False if the core is to tell what is wrong. */
static bool s_message (zt_ui_t *self, zt_bytes_t argument, int64_t now)
{
    char target[ZT_TARGET_SIZE];
    const char *space = argument.size ? memchr (argument.data, ' ', argument.size) : NULL;
    size_t size = space ? (size_t) (space - argument.data) : argument.size;
    zt_bytes_t text = s_trim (zt_bytes_part (argument, size, argument.size - size));
    if (zt_client_target (zt_bytes_part (argument, 0, size), target))
        return false;
    zt_conversation_t *named = zt_model_enter (self->model, zt_bytes (target));
    if (!named)
        return false;
    zt_ui_open (self, named);
    if (text.size)
        zt_client_send_to (self->core, target, text, now);
    return true;
}

static void s_mute (zt_ui_t *self, zt_bytes_t argument, uint64_t wall)
{
    zt_conversation_t *named = s_named (self, argument, wall);
    if (!named)
        return;
    bool is_muted = !zt_conversation_is_muted (named);
    zt_buffer_t name = {NULL, 0, 0}, sentence = {NULL, 0, 0};
    zt_conversation_mute (self->model, named, is_muted);
    s_put_name (&name, named);
    zt_buffer_put_format (&sentence,
                          is_muted ? _ ("%s calls no more; /quiet again lets it call")
                                   : _ ("%s calls again"),
                          zt_buffer_string (&name));
    s_say (self, zt_buffer_string (&sentence), wall);
    zt_buffer_free (&name);
    zt_buffer_free (&sentence);
}

static void s_close (zt_ui_t *self, zt_bytes_t argument, uint64_t wall)
{
    zt_conversation_t *named = s_named (self, argument, wall);
    if (!named)
        return;
    char target[ZT_TARGET_SIZE];
    bool is_in = !zt_client_target (zt_conversation_target (named), target) &&
                 zt_client_is_in (self->core, target);
    if (is_in) {
        s_say (self, _ ("a room is left with /leave"), wall);
        return;
    }
    const zt_desk_t *desk = zt_conversation_data (named);
    if (desk && desk->draft && zt_editor_unsent (self->editor, desk->draft).size) {
        s_say (self, _ ("something is typed there and not sent: send it or delete it first"), wall);
        return;
    }
    if (named == zt_model_opened (self->model))
        zt_ui_open_index (self, 0);
    zt_model_close (self->model, named);
}

/*  The conversation itself is what there is to see: goes back in it, and what is older is fetched
    on the way. */
static void s_history (zt_ui_t *self, zt_bytes_t argument, uint64_t wall)
{
    const char *space = argument.size ? memchr (argument.data, ' ', argument.size) : NULL;
    size_t size = space ? (size_t) (space - argument.data) : argument.size;
    zt_bytes_t word = zt_bytes_part (argument, 0, size);
    zt_bytes_t rest = s_trim (zt_bytes_part (argument, size, argument.size - size));
    uint64_t count = S_HISTORY;
    bool is_count = word.size && rest.size == 0 && zt_u64_read (word, &count);
    if ((rest.size && !zt_u64_read (rest, &count)) || count == 0) {
        s_look_down (self);
        s_say (self, _ ("usage: /history [TARGET] [COUNT]"), wall);
        return;
    }
    zt_conversation_t *named = s_named (self, is_count ? rest : word, wall);
    if (!named)
        return;
    zt_ui_open (self, named);
    zt_ui_go_back (self, count);
}

static void s_search (zt_ui_t *self, zt_bytes_t argument, uint64_t wall)
{
    if (argument.size == 0) {
        s_say (self, _ ("usage: /search QUERY"), wall);
        return;
    }
    zt_client_find (self->core, argument, S_HITS);
}

static void s_help (zt_ui_t *self, zt_bytes_t argument, uint64_t wall)
{
    (void) argument;
    (void) wall;
    zt_ui_list_open (self, ZT_LIST_HELP);
}

static void s_theme (zt_ui_t *self, zt_bytes_t argument, uint64_t wall)
{
    const zt_theme_t *theme = zt_theme_find (argument);
    zt_buffer_t sentence = {NULL, 0, 0};
    zt_buffer_put_format (&sentence, _ ("themes are: %s"), zt_theme_names ());
    if (theme)
        zt_ui_set_theme (self, theme);
    else
        s_say (self, zt_buffer_string (&sentence), wall);
    zt_buffer_free (&sentence);
}

/*  Those that the screen does by itself; the others are the core's. */
static s_command_t *const s_commands[ZT_COMMAND_COUNT] = {
    [ZT_COMMAND_TO] = s_to,           [ZT_COMMAND_QUIET] = s_mute, [ZT_COMMAND_CLOSE] = s_close,
    [ZT_COMMAND_SEARCH] = s_search,   [ZT_COMMAND_HELP] = s_help,  [ZT_COMMAND_THEME] = s_theme,
    [ZT_COMMAND_HISTORY] = s_history,
};

static void s_command (zt_ui_t *self, zt_bytes_t text, int64_t now, uint64_t wall)
{
    zt_bytes_t word = zt_bytes_part (text, 1, text.size - 1);
    const char *space = word.size ? memchr (word.data, ' ', word.size) : NULL;
    size_t size = space ? (size_t) (space - word.data) : word.size;
    zt_command_id_t id = ZT_COMMAND_COUNT;
    size_t found = zt_command_find (zt_bytes_part (word, 0, size), &id);
    zt_bytes_t argument = s_trim (zt_bytes_part (word, size, word.size - size));
    if (found != 1 || id != ZT_COMMAND_HISTORY) /* typed again, it goes on from where one is */
        s_look_down (self);
    if (found == 1 && s_commands[id])
        s_commands[id](self, argument, wall);
    else if (found != 1 || id != ZT_COMMAND_MSG || !s_message (self, argument, now))
        zt_client_typed (self->core, text, now);
}

void zt_ui_send (zt_ui_t *self, zt_bytes_t text, int64_t now)
{
    char target[ZT_TARGET_SIZE];
    s_look_down (self);
    if (!zt_client_target (zt_conversation_target (zt_model_opened (self->model)), target))
        zt_client_send_to (self->core, target, text, now);
}

void zt_ui_submit (zt_ui_t *self, zt_bytes_t text, int64_t now, uint64_t wall)
{
    bool is_one_line = !memchr (text.data, '\n', text.size);
    if (text.data[0] == '/' && is_one_line && !(text.size > 1 && text.data[1] == '/')) {
        s_command (self, text, now, wall);
        return;
    }
    if (text.data[0] == '/' && text.size > 1 && text.data[1] == '/')
        text = zt_bytes_part (text, 1, text.size - 1);
    zt_ui_send (self, text, now);
}
