/*  SPDX-License-Identifier: MPL-2.0

    Commands about the broker's own files. */

#include "broker/commands.h"

#include "broker/reload.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/*  It may take long, and be given up when the broker ends: that it was begun is told, too. */
static zt_task_result_t s_begin_backup (zt_commands_t *self, zt_task_t *task, const char *file,
                                        uint64_t now)
{
    task->backup = zt_backup_new (self->directory, file);
    if (!task->backup)
        return zt_task_fail (task, "it cannot be begun: %s", strerror (errno));
    zt_commands_tell (self,
                      &(zt_deed_t){.who = task->who,
                                   .command = zt_bytes (zt_console_row (task->verb)->typed),
                                   .arguments = task->arguments[0],
                                   .outcome = "begun"},
                      now);
    return ZT_TASK_WAITS;
}

zt_task_result_t zt_command_backup (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                    uint64_t now)
{
    zt_buffer_t file = {NULL, 0, 0};
    zt_buffer_put_bytes (&file, task->arguments[0]);
    const char *name = zt_buffer_string (&file), *wrong = NULL;
    uint64_t bytes = 0;
    bool is_done = task->backup && zt_backup_is_done (task->backup, &bytes, &wrong);
    zt_task_result_t result = ZT_TASK_WAITS;
    if (!self->directory)
        result = zt_task_fail (task, "this broker keeps nothing (--ephemeral)");
    else if (task->who.kind == ZT_WHO_CONTROL && name[0] != '/')
        result = zt_task_fail (task, "a file is given from / on: the broker runs elsewhere");
    else if (!task->backup)
        result = s_begin_backup (self, task, name, now);
    else if (is_done && wrong)
        result = zt_task_fail (task, "%s", wrong);
    else if (is_done) {
        zt_report_text (report, "%s: what is kept in %s, %.1f MiB", name, self->directory,
                        (double) bytes / (1024 * 1024));
        zt_report_string (report, "file", NULL, task->arguments[0]);
        zt_report_number (report, "bytes", NULL, bytes);
        result = ZT_TASK_LAST;
    }
    zt_buffer_free (&file);
    return result;
}

/*  ---------------------------------------------------------------------------
    Reading again */

/*  Has its value changed, also back to what the configuration says? */
static bool s_has_changed (const zt_reload_t *reload, zt_config_key_t key)
{
    return !zt_config_is_same (&reload->wanted, &reload->running, key) ||
           (key == ZT_CONFIG_MOTD && reload->is_motd_undone);
}

/*  What has become of a key: "limits/messages_per_s is 10 now". */
static void s_put_key (const zt_reload_t *reload, zt_config_key_t key, bool has_changed,
                       zt_report_t *report)
{
    const zt_config_row_t *row = zt_config_row (key);
    bool is_now = row->when == ZT_CONFIG_NOW;
    zt_buffer_t name = {NULL, 0, 0}, value = {NULL, 0, 0};
    zt_buffer_put_format (&name, "%s/%s", row->section, row->name);
    zt_config_put (&reload->wanted, key, &value);
    zt_report_text (report, "%s %s %s%s", zt_buffer_string (&name), has_changed ? "is" : "stays",
                    zt_buffer_string (&value),
                    !has_changed ? ": the command line says so, and goes before the file"
                    : is_now     ? " now"
                                 : " when the broker is started anew");
    zt_report_string (report, "key", NULL, zt_buffer_bytes (&name));
    zt_report_string (report, "value", NULL,
                      row->otherwise_text ? zt_bytes (zt_config_text (&reload->wanted, key))
                                          : zt_buffer_bytes (&value));
    zt_report_bool (report, "changed", NULL, has_changed);
    zt_report_bool (report, "now", NULL, is_now);
    zt_buffer_free (&name);
    zt_buffer_free (&value);
}

/*  Tells the log what has changed, or does not though the file says so, and keeps for the answer
    what has changed. */
static void s_note_changes (zt_commands_t *self, zt_task_t *task, uint64_t now)
{
    zt_report_t change = {.n = 0};
    zt_buffer_t line = {NULL, 0, 0};
    for (unsigned i = 0; i < ZT_CONFIG_COUNT; i++) {
        zt_config_key_t key = (zt_config_key_t) i;
        bool has_changed = s_has_changed (self->reload, key);
        if (!has_changed && !self->reload->wanted.overrides[key])
            continue;
        zt_report_clear (&change);
        zt_buffer_clear (&line);
        s_put_key (self->reload, key, has_changed, &change);
        task->changed |= has_changed ? UINT64_C (1) << key : 0;
        zt_report_put_line (&change, &line);
        line.size--; /* the LF */
        self->log (self->log_self, ZT_LEVEL_NOTICE, now, zt_buffer_string (&line));
    }
    zt_report_free (&change);
    zt_buffer_free (&line);
}

static bool s_read_again (zt_commands_t *self, zt_task_t *task, uint64_t now)
{
    zt_reload_t *reload = self->reload;
    zt_buffer_t wrong = {NULL, 0, 0};
    bool is_read = zt_reload_read (reload, now, &wrong);
    if (is_read) {
        static_assert (ZT_CONFIG_COUNT <= 64, "a bit for each");
        zt_audit_reopen (self->audit);
        task->n = (size_t) zt_commands_end_banned (self, now);
        s_note_changes (self, task, now);
        for (unsigned key = 0; key < ZT_CONFIG_COUNT; key++)
            if (zt_config_row ((zt_config_key_t) key)->when == ZT_CONFIG_NOW)
                zt_config_take (&reload->running, &reload->wanted, (zt_config_key_t) key);
    } else
        zt_task_fail (task, "nothing has changed: %s", zt_buffer_string (&wrong));
    zt_buffer_free (&wrong);
    return is_read;
}

zt_task_result_t zt_command_reload (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                    uint64_t now)
{
    if (!self->reload)
        return zt_task_fail (task, "there is nothing to read again");
    if (task->place == 0 && !s_read_again (self, task, now))
        return ZT_TASK_FAILED;
    while (task->place < ZT_CONFIG_COUNT) {
        zt_config_key_t key = (zt_config_key_t) task->place++;
        bool has_changed = task->changed >> key & 1;
        if (!has_changed && !self->reload->wanted.overrides[key])
            continue;
        s_put_key (self->reload, key, has_changed, report);
        return ZT_TASK_ROW;
    }
    const char *file = self->reload->source.file;
    if (file)
        zt_report_string (report, "read", "read again:", zt_bytes (file));
    else
        zt_report_text (report, "there is no file of a configuration (-c): bans and mutes were "
                                "read again");
    zt_report_number (report, "ended", task->n ? "sessions ended:" : NULL, task->n);
    return ZT_TASK_LAST;
}
