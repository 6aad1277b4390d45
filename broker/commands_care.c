/*  SPDX-License-Identifier: MPL-2.0

    Commands about the broker's own files. */

#include "broker/commands.h"

#include <errno.h>
#include <string.h>

zt_task_result_t zt_command_backup (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                    uint64_t now)
{
    (void) now;
    zt_buffer_t file = {NULL, 0, 0};
    zt_buffer_put_bytes (&file, task->arguments[0]);
    const char *name = zt_buffer_string (&file), *wrong = NULL;
    uint64_t bytes = 0;
    bool is_done = task->backup && zt_backup_is_done (task->backup, &bytes, &wrong);
    zt_task_result_t result = ZT_TASK_WAITS;
    if (!self->directory)
        result = zt_task_fail (task, "this broker keeps nothing (--ephemeral)");
    else if (!task->backup && !(task->backup = zt_backup_new (self->directory, name)))
        result = zt_task_fail (task, "it cannot be begun: %s", strerror (errno));
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
