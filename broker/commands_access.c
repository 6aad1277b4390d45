/*  SPDX-License-Identifier: MPL-2.0

    Commands about who is let in: keys, invitations, bans. */

#include "broker/commands.h"

#include <stdio.h>

static int s_size (zt_bytes_t bytes)
{
    return (int) bytes.size;
}

/*  ---------------------------------------------------------------------------
    Keys */

static void s_put_key (zt_report_t *report, const zt_key_t *key)
{
    char fingerprint[ZT_FINGERPRINT_SIZE];
    zt_key_fingerprint (key, fingerprint);
    zt_report_string (report, "key", "", zt_bytes (key->text));
    zt_report_string (report, "fingerprint", "fingerprint", zt_bytes (fingerprint));
}

zt_task_result_t zt_command_key (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                 uint64_t now)
{
    (void) now;
    if (!self->key)
        return zt_task_fail (task, "this broker does not encrypt, and has no key");
    s_put_key (report, self->key);
    return ZT_TASK_LAST;
}

zt_task_result_t zt_command_keys (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                  uint64_t now)
{
    (void) now;
    zt_key_t key;
    zt_bytes_t name = task->arguments[0];
    if (zt_core_user_key (self->core, name, (size_t) task->place, &key)) {
        s_put_key (report, &key);
        task->place++;
        return ZT_TASK_ROW;
    }
    return task->place ? ZT_TASK_DONE
                       : zt_task_fail (task, "%.*s belongs to no key", s_size (name), name.data);
}

/*  ---------------------------------------------------------------------------
    What is done when it is stored */

/*  From now on the task waits until what it has changed is saved. */
static zt_task_result_t s_await (zt_commands_t *self, zt_task_t *task)
{
    task->place = zt_core_saving (self->core) + 1;
    return ZT_TASK_WAITS;
}

static zt_kept_t s_kept (const zt_commands_t *self, const zt_task_t *task)
{
    return zt_core_saved (self->core, task->place - 1);
}

/*  The command stands in the task's row, and the code is its last word. */
static zt_task_result_t s_tell_invitation (zt_task_t *task, zt_report_t *report)
{
    size_t size = strlen (task->row);
    if (task->n++) {
        zt_report_text (report, "%s", task->row);
        return ZT_TASK_LAST;
    }
    zt_report_text (report, "Good for once. Who is to have the name types:");
    zt_report_string (report, "name", NULL, task->arguments[0]);
    zt_report_string (report, "invitation", NULL, zt_bytes (task->row + size - ZT_INVITE_LETTERS));
    zt_report_string (report, "command", NULL, zt_bytes (task->row + strlen ("    ")));
    return ZT_TASK_ROW;
}

zt_task_result_t zt_command_invite (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                    uint64_t now)
{
    (void) now;
    zt_bytes_t name = task->arguments[0];
    if (!task->place) {
        char code[ZT_INVITE_SIZE];
        const char *wrong = zt_core_invite (self->core, name, code);
        if (wrong)
            return zt_task_fail (task, "%s", wrong);
        snprintf (task->row, sizeof task->row, "    ztalk %s -n %.*s --invite %s", self->join,
                  s_size (name), name.data, code);
        return s_await (self, task);
    }
    switch (task->n ? ZT_KEPT_STORED : s_kept (self, task)) {
    case ZT_KEPT_PENDING:
        return ZT_TASK_WAITS;
    case ZT_KEPT_LOST:
        return zt_task_fail (task, "the invitation could not be stored; make another one when the "
                                   "broker's log says that messages are stored again");
    case ZT_KEPT_STORED:
        break;
    }
    return s_tell_invitation (task, report);
}

static zt_task_result_t s_tell_belongs (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                        const char *what)
{
    zt_bytes_t name = task->arguments[0];
    switch (s_kept (self, task)) {
    case ZT_KEPT_PENDING:
        return ZT_TASK_WAITS;
    case ZT_KEPT_LOST:
        return zt_task_fail (task,
                             "%.*s %s, but it is so only until the broker ends: it could not be "
                             "stored. The broker goes on trying, and its log says when messages "
                             "are stored again",
                             s_size (name), name.data, what);
    case ZT_KEPT_STORED:
        break;
    }
    zt_report_text (report, "%.*s %s", s_size (name), name.data, what);
    zt_report_string (report, "name", NULL, name);
    zt_report_string (report, "key", NULL, task->arguments[1]);
    return ZT_TASK_LAST;
}

zt_task_result_t zt_command_admit (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                   uint64_t now)
{
    (void) now;
    zt_key_t key;
    if (task->place)
        return s_tell_belongs (self, task, report, "belongs to this key now");
    const char *wrong = zt_key_read (task->arguments[1], &key)
                            ? zt_core_admit (self->core, task->arguments[0], &key)
                            : "a key has 40 characters; 'ztalk key' tells what it is";
    return wrong ? zt_task_fail (task, "%s", wrong) : s_await (self, task);
}

zt_task_result_t zt_command_revoke (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                    uint64_t now)
{
    zt_key_t key;
    if (task->place)
        return s_tell_belongs (self, task, report, "belongs to this key no more");
    const char *wrong = zt_key_read (task->arguments[1], &key)
                            ? zt_core_revoke (self->core, task->arguments[0], &key, now)
                            : "a key has 40 characters; 'keys NAME' lists them";
    return wrong ? zt_task_fail (task, "%s", wrong) : s_await (self, task);
}

/*  ---------------------------------------------------------------------------
    Bans */

int zt_commands_end_banned (zt_commands_t *self, uint64_t now)
{
    static const zt_bytes_t of_key = ZT_LITERAL ("key ");
    const char *line, *note;
    zt_key_t key;
    int n = 0;
    for (size_t i = 0; zt_bans_get (self->bans, i, &line, &note); i++)
        if (strncmp (line, of_key.data, of_key.size) == 0 &&
            zt_key_read (zt_bytes (line + of_key.size), &key))
            n += zt_core_kick_key (self->core, &key, now);
    for (uint32_t i = 0; i < zt_peers_end (self->peers); i++) {
        const zt_peer_link_t *peer = zt_peers_get (self->peers, i);
        if (peer && peer->address && zt_bans_has (self->bans, peer->address, NULL))
            n += zt_core_kick_peer (self->core, peer->number, now);
    }
    return n;
}

/*  Bans a key or an address. Returns how many sessions that has ended; *wrong is NULL, or what went
    wrong. */
static int s_ban_what (zt_commands_t *self, zt_bytes_t what, zt_bytes_t note, uint64_t now,
                       const char **wrong)
{
    zt_key_t key;
    zt_buffer_t text = {NULL, 0, 0};
    zt_buffer_put_bytes (&text, note);
    *wrong = zt_bans_add (self->bans, what, zt_buffer_string (&text));
    zt_buffer_free (&text);
    if (zt_key_read (what, &key))
        return zt_core_kick_key (self->core, &key, now);
    return zt_bans_is_address (what) ? zt_commands_end_banned (self, now) : 0;
}

/*  A key or an address is that; what is neither is a name, and so is what begins with @. */
static bool s_is_name (zt_bytes_t who)
{
    zt_key_t key;
    return !zt_key_read (who, &key) && !zt_bans_is_address (who) &&
           !memchr (who.data, '/', who.size);
}

zt_task_result_t zt_command_ban (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                 uint64_t now)
{
    zt_bytes_t who = task->arguments[0];
    const char *wrong = NULL;
    zt_key_t key;
    int ended = 0;
    if (!s_is_name (who))
        ended = s_ban_what (self, who, (zt_bytes_t){"", 0}, now, &wrong);
    else {
        size_t n = 0;
        for (; zt_core_user_key (self->core, who, n, &key); n++) {
            const char *why;
            ended += s_ban_what (self, zt_bytes (key.text), who, now, &why);
            wrong = why ? why : wrong;
        }
        if (n == 0)
            return zt_task_fail (task,
                                 "%.*s belongs to no key that could be banned; an address can be",
                                 s_size (who), who.data);
    }
    if (wrong)
        return zt_task_fail (task, "%s", wrong);
    zt_report_text (report, ended == 1 ? "1 session ended" : "%d sessions ended", ended);
    zt_report_string (report, "banned", NULL, who);
    zt_report_number (report, "ended", NULL, (uint64_t) ended);
    return ZT_TASK_LAST;
}

zt_task_result_t zt_command_unban (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                   uint64_t now)
{
    (void) now;
    zt_bytes_t who = task->arguments[0];
    const char *wrong = NULL;
    bool was = false;
    zt_key_t key;
    if (!s_is_name (who))
        wrong = zt_bans_remove (self->bans, who, &was);
    else {
        size_t n = 0;
        for (; zt_core_user_key (self->core, who, n, &key) && !wrong; n++) {
            bool one_was;
            wrong = zt_bans_remove (self->bans, zt_bytes (key.text), &one_was);
            was = was || one_was;
        }
        if (n == 0)
            return zt_task_fail (task, "%.*s belongs to no key", s_size (who), who.data);
    }
    if (wrong)
        return zt_task_fail (task, "%s", wrong);
    if (!was)
        return zt_task_fail (task, "%.*s was not banned", s_size (who), who.data);
    zt_report_text (report, "%.*s: let in again", s_size (who), who.data);
    zt_report_string (report, "unbanned", NULL, who);
    return ZT_TASK_LAST;
}

zt_task_result_t zt_command_bans (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                  uint64_t now)
{
    (void) now;
    const char *line, *note;
    size_t n = (size_t) task->place++;
    if (!zt_bans_get (self->bans, n, &line, &note)) {
        zt_report_text (report, n == 1 ? "1 ban" : "%zu bans", n);
        return ZT_TASK_LAST;
    }
    zt_report_string (report, "ban", "", zt_bytes (line));
    zt_report_string (report, "note", *note ? "" : NULL, zt_bytes (note));
    return ZT_TASK_ROW;
}
