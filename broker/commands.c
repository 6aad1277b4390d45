/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/commands.h"

#include "broker/clock.h"
#include "broker/console.h"
#include "common/text.h"

#include <stdio.h>

typedef void (s_command_t) (zt_commands_t *self, const zt_bytes_t *arguments, uint64_t now);

/*  Appends a name, which a peer has chosen. */
static void s_put_name (zt_buffer_t *text, zt_bytes_t name)
{
    zt_text_clean (text, name, ZT_TEXT_LINE);
}

static void s_users (zt_commands_t *self, const zt_bytes_t *arguments, uint64_t now)
{
    (void) arguments;
    (void) now;
    zt_session_info_t info;
    size_t n = 0;
    for (; zt_core_session (self->core, n, &info); n++) {
        const zt_peer_link_t *peer = zt_peers_get (self->peers, info.peer);
        char when[ZT_CLOCK_TEXT];
        zt_buffer_t text = {NULL, 0, 0};
        s_put_name (&text, info.name);
        zt_flag_put (&text, &info.flag);
        zt_buffer_put_string (&text, "  ");
        s_put_name (&text, info.device.size ? info.device : zt_bytes ("(sends only)"));
        zt_printer_line (self->out, "%s  %s  since %s  behind %llu", zt_buffer_string (&text),
                         peer && peer->address ? peer->address : "?",
                         zt_clock_text (when, info.since), (unsigned long long) info.behind);
        zt_buffer_free (&text);
    }
    zt_printer_line (self->out, n == 1 ? "1 session" : "%zu sessions", n);
}

static void s_help (zt_commands_t *self, const zt_bytes_t *arguments, uint64_t now)
{
    (void) arguments;
    (void) now;
    for (unsigned verb = 0; verb < ZT_CONSOLE_COUNT; verb++) {
        const zt_console_row_t *row = zt_console_row ((zt_console_verb_t) verb);
        char typed[32];
        snprintf (typed, sizeof typed, "%s %s", row->typed, row->arguments);
        zt_printer_line (self->out, "  %-15s %s", typed, row->what);
    }
}

static void s_exit (zt_commands_t *self, const zt_bytes_t *arguments, uint64_t now)
{
    (void) arguments;
    (void) now;
    self->ends = true;
}

static void s_say_ended (zt_commands_t *self, int n)
{
    zt_printer_line (self->out, n == 1 ? "1 session ended" : "%d sessions ended", n);
}

static void s_kick (zt_commands_t *self, const zt_bytes_t *arguments, uint64_t now)
{
    int n = zt_core_kick (self->core, arguments[0], now);
    if (n > 0)
        s_say_ended (self, n);
    else
        zt_printer_line (self->out, "%.*s %s", (int) arguments[0].size, arguments[0].data,
                         n < 0 ? "is nobody's name" : "is not online");
}

/*  ---------------------------------------------------------------------------
    Keys and who is let in */

static void s_print_key (zt_commands_t *self, const zt_key_t *key)
{
    char fingerprint[ZT_FINGERPRINT_SIZE];
    zt_key_fingerprint (key, fingerprint);
    zt_printer_line (self->out, "%s  fingerprint %s", key->text, fingerprint);
}

static void s_key (zt_commands_t *self, const zt_bytes_t *arguments, uint64_t now)
{
    (void) arguments;
    (void) now;
    if (self->key)
        s_print_key (self, self->key);
    else
        zt_printer_line (self->out, "this broker does not encrypt, and has no key");
}

static void s_keys (zt_commands_t *self, const zt_bytes_t *arguments, uint64_t now)
{
    (void) now;
    zt_key_t key;
    size_t n = 0;
    for (; zt_core_user_key (self->core, arguments[0], n, &key); n++)
        s_print_key (self, &key);
    if (n == 0)
        zt_printer_line (self->out, "%.*s belongs to no key", (int) arguments[0].size,
                         arguments[0].data);
}

static void s_invite (zt_commands_t *self, const zt_bytes_t *arguments, uint64_t now)
{
    (void) now;
    char code[ZT_INVITE_SIZE];
    const char *wrong = zt_core_invite (self->core, arguments[0], code);
    if (wrong)
        zt_printer_line (self->out, "%s", wrong);
    else
        zt_printer_line (self->out,
                         "Good for once. Who is to have the name types:\n    ztalk %s -n %.*s "
                         "--invite %s",
                         self->join, (int) arguments[0].size, arguments[0].data, code);
}

static void s_admit (zt_commands_t *self, const zt_bytes_t *arguments, uint64_t now)
{
    (void) now;
    zt_key_t key;
    const char *wrong = zt_key_read (arguments[1], &key)
                            ? zt_core_admit (self->core, arguments[0], &key)
                            : "a key has 40 characters; 'ztalk key' tells what it is";
    if (wrong)
        zt_printer_line (self->out, "%s", wrong);
    else
        zt_printer_line (self->out, "%.*s belongs to this key now", (int) arguments[0].size,
                         arguments[0].data);
}

static void s_revoke (zt_commands_t *self, const zt_bytes_t *arguments, uint64_t now)
{
    zt_key_t key;
    const char *wrong = zt_key_read (arguments[1], &key)
                            ? zt_core_revoke (self->core, arguments[0], &key, now)
                            : "a key has 40 characters; 'keys NAME' lists them";
    if (wrong)
        zt_printer_line (self->out, "%s", wrong);
    else
        zt_printer_line (self->out, "%.*s belongs to this key no more", (int) arguments[0].size,
                         arguments[0].data);
}

/*  ---------------------------------------------------------------------------
    Bans */

/*  Ends the sessions of who may not connect any more. */
static void s_end_banned (zt_commands_t *self, uint64_t now)
{
    int n = 0;
    for (uint32_t i = 0; i < zt_peers_end (self->peers); i++) {
        const zt_peer_link_t *peer = zt_peers_get (self->peers, i);
        if (peer && peer->address && zt_bans_has (self->bans, peer->address, NULL))
            n += zt_core_kick_peer (self->core, peer->number, now);
    }
    s_say_ended (self, n);
}

static void s_ban_what (zt_commands_t *self, zt_bytes_t what, const char *note, uint64_t now)
{
    zt_key_t key;
    const char *wrong = zt_bans_add (self->bans, what, note);
    if (wrong)
        zt_printer_line (self->out, "%s", wrong);
    if (zt_key_read (what, &key))
        s_say_ended (self, zt_core_kick_key (self->core, &key, now));
    else if (zt_bans_is_address (what))
        s_end_banned (self, now);
}

/*  A key or an address is that; what is neither is a name, and so is what begins with @. */
static bool s_is_name (zt_bytes_t who)
{
    zt_key_t key;
    return !zt_key_read (who, &key) && !zt_bans_is_address (who) &&
           !memchr (who.data, '/', who.size);
}

static void s_ban (zt_commands_t *self, const zt_bytes_t *arguments, uint64_t now)
{
    zt_bytes_t who = arguments[0];
    zt_key_t key;
    size_t n = 0;
    if (!s_is_name (who)) {
        s_ban_what (self, who, "", now);
        return;
    }
    zt_buffer_t note = {NULL, 0, 0};
    s_put_name (&note, who);
    for (; zt_core_user_key (self->core, who, n, &key); n++)
        s_ban_what (self, zt_bytes (key.text), zt_buffer_string (&note), now);
    zt_buffer_free (&note);
    if (n == 0)
        zt_printer_line (self->out,
                         "%.*s belongs to no key that could be banned; an address can be",
                         (int) who.size, who.data);
}

static void s_unban_what (zt_commands_t *self, zt_bytes_t what)
{
    bool was;
    const char *wrong = zt_bans_remove (self->bans, what, &was);
    zt_printer_line (self->out, "%s", wrong ? wrong : was ? "let in again" : "was not banned");
}

static void s_unban (zt_commands_t *self, const zt_bytes_t *arguments, uint64_t now)
{
    (void) now;
    zt_bytes_t who = arguments[0];
    zt_key_t key;
    size_t n = 0;
    if (!s_is_name (who)) {
        s_unban_what (self, who);
        return;
    }
    for (; zt_core_user_key (self->core, who, n, &key); n++)
        s_unban_what (self, zt_bytes (key.text));
    if (n == 0)
        zt_printer_line (self->out, "%.*s belongs to no key", (int) who.size, who.data);
}

static void s_bans (zt_commands_t *self, const zt_bytes_t *arguments, uint64_t now)
{
    (void) arguments;
    (void) now;
    const char *line, *note;
    size_t n = 0;
    for (; zt_bans_get (self->bans, n, &line, &note); n++) {
        zt_buffer_t text = {NULL, 0, 0};
        s_put_name (&text, zt_bytes (note));
        zt_printer_line (self->out, "%s%s%s", line, *note ? "  " : "", zt_buffer_string (&text));
        zt_buffer_free (&text);
    }
    zt_printer_line (self->out, n == 1 ? "1 ban" : "%zu bans", n);
}

/*  ---------------------------------------------------------------------------
    Dispatch */

static s_command_t *const s_commands[ZT_CONSOLE_COUNT] = {
    [ZT_CONSOLE_USERS] = s_users,   [ZT_CONSOLE_KICK] = s_kick,   [ZT_CONSOLE_KEYS] = s_keys,
    [ZT_CONSOLE_INVITE] = s_invite, [ZT_CONSOLE_ADMIT] = s_admit, [ZT_CONSOLE_REVOKE] = s_revoke,
    [ZT_CONSOLE_BAN] = s_ban,       [ZT_CONSOLE_UNBAN] = s_unban, [ZT_CONSOLE_BANS] = s_bans,
    [ZT_CONSOLE_KEY] = s_key,       [ZT_CONSOLE_HELP] = s_help,   [ZT_CONSOLE_EXIT] = s_exit,
};

void zt_commands_do (zt_commands_t *self, zt_bytes_t line, uint64_t now)
{
    zt_bytes_t arguments[ZT_CONSOLE_ARGUMENTS];
    const char *wrong;
    zt_console_verb_t verb = zt_console_parse (line, arguments, &wrong);
    if (verb < ZT_CONSOLE_COUNT)
        s_commands[verb](self, arguments, now);
    else if (wrong)
        zt_printer_line (self->out, "%s", wrong);
}
