/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/commands.h"

#include "common/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/*  ---------------------------------------------------------------------------
    How it is, who is here */

/*  Its directory as it is found from anywhere. */
static void s_put_home (const zt_commands_t *self, zt_report_t *report, const char *key,
                        const char *label)
{
    char *whole = self->home ? realpath (self->home, NULL) : NULL;
    const char *home = whole ? whole : self->home;
    if (!home && label)
        home = "no directory";
    zt_report_string (report, key, label, zt_bytes (home));
    free (whole);
}

static zt_task_result_t s_status (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                  uint64_t now)
{
    (void) now;
    zt_core_status_t status;
    zt_core_status (self->core, &status);
    zt_bytes_t bound = zt_buffer_bytes (&self->bound);
    switch (task->place++) {
    case 0: /* all of it, for programs */
        zt_report_string (report, "version", NULL, zt_bytes (ZT_VERSION));
        zt_report_number (report, "pid", NULL, (uint64_t) getpid ());
        zt_report_time (report, "since", NULL, self->since);
        zt_report_string (report, "endpoints", NULL, bound);
        zt_report_bool (report, "encrypted", NULL, self->key != NULL);
        s_put_home (self, report, "directory", NULL);
        zt_report_number (report, "sessions", NULL, status.sessions);
        zt_report_number (report, "users", NULL, status.users);
        zt_report_number (report, "rooms", NULL, status.rooms);
        zt_report_number (report, "last_id", NULL, status.last_id);
        return ZT_TASK_ROW;
    case 1:
        zt_report_text (report, "ztalk-broker %s, process %ld", ZT_VERSION, (long) getpid ());
        zt_report_time (report, NULL, "since", self->since);
        return ZT_TASK_ROW;
    case 2:
        zt_report_string (report, NULL, "listens on", bound);
        zt_report_string (report, NULL, "", zt_bytes (self->key ? "encrypted" : "not encrypted"));
        return ZT_TASK_ROW;
    case 3:
        s_put_home (self, report, NULL, "keeps its files in");
        return ZT_TASK_ROW;
    default:
        zt_report_number (report, NULL, "sessions", status.sessions);
        zt_report_number (report, NULL, "users", status.users);
        zt_report_number (report, NULL, "rooms", status.rooms);
        zt_report_number (report, NULL, "last message", status.last_id);
        return ZT_TASK_LAST;
    }
}

/*  From the last session to the first: the core puts the last one in the place of one that ends,
    so that none is left out when somebody goes between two steps. */
static zt_task_result_t s_users (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                 uint64_t now)
{
    (void) now;
    zt_session_info_t info;
    zt_core_status_t status;
    zt_core_status (self->core, &status);
    if (task->place == 0)
        task->place = (uint64_t) status.sessions + 1;
    if (task->place > (uint64_t) status.sessions + 1)
        task->place = (uint64_t) status.sessions + 1;
    if (task->place <= 1 || !zt_core_session (self->core, (size_t) (task->place - 2), &info)) {
        zt_report_text (report, status.sessions == 1 ? "1 session" : "%zu sessions",
                        status.sessions);
        return ZT_TASK_LAST;
    }
    task->place--;
    const zt_peer_link_t *peer = zt_peers_get (self->peers, info.peer);
    zt_buffer_t text = {NULL, 0, 0};
    zt_buffer_put_bytes (&text, info.name);
    zt_flag_put (&text, &info.flag);
    zt_report_string (report, NULL, "", zt_buffer_bytes (&text));
    zt_report_string (report, "name", NULL, info.name);
    if (info.flag.like.size)
        zt_report_string (report, "lookalike", NULL, info.flag.like);
    if (info.flag.mixes)
        zt_report_bool (report, "mixed_scripts", NULL, true);
    const char *kind = info.device.size ? "device" : info.follows ? "follows" : "sends";
    zt_report_string (report, NULL, "",
                      info.device.size ? info.device
                                       : zt_bytes (info.follows ? "(follows)" : "(sends only)"));
    zt_report_string (report, "device", NULL, info.device);
    zt_report_string (report, "address", "",
                      zt_bytes (peer && peer->address ? peer->address : "?"));
    zt_report_time (report, "since", "since", info.since);
    zt_report_number (report, "behind", "behind", info.behind);
    zt_report_string (report, "kind", NULL, zt_bytes (kind));
    zt_buffer_free (&text);
    return ZT_TASK_ROW;
}

static zt_task_result_t s_help (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                uint64_t now)
{
    (void) self;
    (void) now;
    const zt_console_row_t *row = zt_console_row ((zt_console_verb_t) task->place);
    zt_buffer_t line = {NULL, 0, 0};
    zt_console_put_line (&line, row->typed, row->arguments, row->what);
    zt_report_text (report, "%s", zt_buffer_string (&line));
    zt_buffer_free (&line);
    zt_report_string (report, "command", NULL, zt_bytes (row->typed));
    zt_report_string (report, "arguments", NULL, zt_bytes (row->arguments));
    zt_report_string (report, "what", NULL, zt_bytes (row->what));
    return ++task->place < ZT_CONSOLE_COUNT ? ZT_TASK_ROW : ZT_TASK_LAST;
}

static zt_task_result_t s_kick (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                uint64_t now)
{
    zt_bytes_t name = task->arguments[0];
    int n = zt_core_kick (self->core, name, now);
    if (n < 0)
        return zt_task_fail (task, "%.*s is nobody's name", (int) name.size, name.data);
    if (n == 0)
        return zt_task_fail (task, "%.*s is not online", (int) name.size, name.data);
    zt_report_text (report, n == 1 ? "1 session ended" : "%d sessions ended", n);
    zt_report_number (report, "ended", NULL, (uint64_t) n);
    return ZT_TASK_LAST;
}

static zt_task_result_t s_shutdown (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                    uint64_t now)
{
    (void) task;
    (void) now;
    self->ends = true;
    zt_report_text (report, "the broker ends");
    return ZT_TASK_LAST;
}

/*  ---------------------------------------------------------------------------
    Dispatch */

static zt_command_fn *const s_commands[ZT_CONSOLE_COUNT] = {
    [ZT_CONSOLE_STATUS] = s_status,
    [ZT_CONSOLE_STATS] = zt_command_stats,
    [ZT_CONSOLE_USERS] = s_users,
    [ZT_CONSOLE_KICK] = s_kick,
    [ZT_CONSOLE_KEYS] = zt_command_keys,
    [ZT_CONSOLE_INVITE] = zt_command_invite,
    [ZT_CONSOLE_ADMIT] = zt_command_admit,
    [ZT_CONSOLE_REVOKE] = zt_command_revoke,
    [ZT_CONSOLE_BAN] = zt_command_ban,
    [ZT_CONSOLE_UNBAN] = zt_command_unban,
    [ZT_CONSOLE_BANS] = zt_command_bans,
    [ZT_CONSOLE_MUTE] = zt_command_mute,
    [ZT_CONSOLE_UNMUTE] = zt_command_unmute,
    [ZT_CONSOLE_MUTES] = zt_command_mutes,
    [ZT_CONSOLE_MOTD] = zt_command_motd,
    [ZT_CONSOLE_SAY] = zt_command_say,
    [ZT_CONSOLE_BACKUP] = zt_command_backup,
    [ZT_CONSOLE_RELOAD] = zt_command_reload,
    [ZT_CONSOLE_KEY] = zt_command_key,
    [ZT_CONSOLE_SHUTDOWN] = s_shutdown,
    [ZT_CONSOLE_EXIT] = s_shutdown,
    [ZT_CONSOLE_HELP] = s_help,
};

bool zt_commands_begin (zt_commands_t *self, zt_task_t *task, zt_bytes_t line, const zt_who_t *who)
{
    const char *wrong;
    (void) self;
    zt_task_end (task);
    zt_buffer_put_bytes (&task->line, line);
    task->verb = zt_console_parse (zt_buffer_bytes (&task->line), task->arguments, &wrong);
    if (wrong)
        zt_buffer_put_string (&task->wrong, wrong);
    task->who = *who;
    task->is_running = task->verb < ZT_CONSOLE_COUNT;
    return task->is_running;
}

/*  What the command was given, as it was typed. */
static zt_bytes_t s_given (const zt_task_t *task)
{
    zt_bytes_t first = task->arguments[0], last = first;
    for (size_t i = 1; i < ZT_CONSOLE_ARGUMENTS; i++)
        if (task->arguments[i].size)
            last = task->arguments[i];
    return first.size ? (zt_bytes_t){first.data, (size_t) (last.data + last.size - first.data)}
                      : first;
}

const char *zt_commands_tell (zt_commands_t *self, const zt_deed_t *deed, uint64_t now)
{
    zt_buffer_t text = {NULL, 0, 0};
    zt_text_clean (&text, deed->command, ZT_TEXT_LINE);
    zt_buffer_put_string (&text, deed->arguments.size ? " " : "");
    zt_text_clean (&text, deed->arguments, ZT_TEXT_LINE);
    zt_buffer_put_format (&text, strcmp (deed->outcome, "done") == 0 ? "%s (" : " %s (",
                          strcmp (deed->outcome, "done") == 0 ? "" : deed->outcome);
    zt_who_put (&deed->who, &text);
    zt_buffer_put_char (&text, ')');
    self->log (self->log_self, ZT_LEVEL_NOTICE, now, zt_buffer_string (&text));
    zt_buffer_free (&text);
    const char *wrong = zt_audit_write (self->audit, deed, now);
    if (wrong)
        self->log (self->log_self, ZT_LEVEL_WARNING, now, wrong);
    return wrong;
}

/*  Tells the operator's log and the audit log what was done; and who has done it, if that did not
    get there. */
static void s_tell (zt_commands_t *self, zt_task_t *task, bool has_failed, uint64_t now)
{
    const zt_console_row_t *row = zt_console_row (task->verb);
    task->is_told = true;
    if (row->is_quiet)
        return;
    const char *wrong = zt_commands_tell (
        self,
        &(zt_deed_t){.who = task->who,
                     .command = zt_bytes (row->typed),
                     .arguments = s_given (task),
                     .outcome = has_failed ? "failed" : "done",
                     .message = has_failed ? zt_buffer_bytes (&task->wrong) : zt_bytes (NULL)},
        now);
    if (wrong)
        zt_buffer_put_string (&task->warning, wrong);
}

zt_task_result_t zt_commands_step (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                   uint64_t now)
{
    zt_report_clear (report);
    zt_task_result_t result = s_commands[task->verb](self, task, report, now);
    assert (result != ZT_TASK_WAITS || zt_console_row (task->verb)->waits);
    if (result != ZT_TASK_WAITS && !task->is_told)
        s_tell (self, task, result == ZT_TASK_FAILED, now);
    task->is_running = result == ZT_TASK_ROW || result == ZT_TASK_WAITS;
    return result;
}

bool zt_task_is_tied (const zt_task_t *task)
{
    uint64_t bytes;
    const char *wrong;
    return task->backup && !zt_backup_is_done (task->backup, &bytes, &wrong);
}

void zt_task_end (zt_task_t *task)
{
    zt_buffer_free (&task->line);
    zt_buffer_free (&task->wrong);
    zt_buffer_free (&task->warning);
    zt_backup_destroy (&task->backup);
    *task = (zt_task_t){.is_running = false};
}

zt_task_result_t zt_task_fail (zt_task_t *task, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start (args, format);
    int size = vsnprintf (text, sizeof text, format, args);
    va_end (args);
    zt_buffer_clear (&task->wrong);
    zt_text_clean (&task->wrong, zt_bytes (size >= 0 ? text : "it failed"), ZT_TEXT_LINE);
    return ZT_TASK_FAILED;
}
