/*  SPDX-License-Identifier: MPL-2.0

    Commands about what is said: who may not, the motd, the broker's own words. */

#include "broker/commands.h"

#include "broker/mutes_file.h"
#include "common/json.h"
#include "common/span.h"
#include "common/wire.h"

/*  ---------------------------------------------------------------------------
    Mutes */

/*  Reads "10m". False if it is none, or more than ten years. */
static bool s_read_span (zt_bytes_t text, uint64_t *ms)
{
    static const uint64_t most = UINT64_C (315360000000);
    uint64_t number, unit;
    if (text.size < 2 || !zt_u64_read (zt_bytes_part (text, 0, text.size - 1), &number))
        return false;
    unit = zt_span_unit (text.data[text.size - 1]);
    bool is_span = unit && number > 0 && number <= most / unit;
    if (is_span)
        *ms = number * unit;
    return is_span;
}

static void s_put_until (zt_report_t *report, zt_bytes_t name, uint64_t until)
{
    zt_report_string (report, "name", "", name);
    if (until == ZT_MUTED_FOR_EVER)
        zt_report_text (report, "until they are let write again");
    else
        zt_report_time (report, "until", "until", until);
}

/*  What could not be kept is told as what went wrong, though it is done. */
static zt_task_result_t s_keep (zt_commands_t *self, zt_task_t *task, uint64_t now)
{
    zt_buffer_t wrong = {NULL, 0, 0};
    zt_task_result_t result = ZT_TASK_LAST;
    if (!zt_mutes_save (zt_core_mutes (self->core), self->home, now, &wrong))
        result = zt_task_fail (task, "%s", zt_buffer_string (&wrong));
    zt_buffer_free (&wrong);
    return result;
}

zt_task_result_t zt_command_mute (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                  uint64_t now)
{
    zt_bytes_t name = task->arguments[0], span = task->arguments[1];
    uint64_t ms = 0;
    if (span.size && !s_read_span (span, &ms))
        return zt_task_fail (task, "a time is 30s, 10m, 2h, 3d or 1w, and at most ten years");
    if (!zt_core_has_user (self->core, name))
        return zt_task_fail (task, "%.*s is nobody's name", (int) name.size, name.data);
    uint64_t until = span.size ? now + ms : ZT_MUTED_FOR_EVER;
    const char *wrong = zt_core_mute (self->core, name, until, now);
    if (wrong)
        return zt_task_fail (task, "%s", wrong);
    s_put_until (report, name, until);
    return s_keep (self, task, now);
}

zt_task_result_t zt_command_unmute (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                    uint64_t now)
{
    zt_bytes_t name = task->arguments[0];
    if (!zt_core_unmute (self->core, name))
        return zt_task_fail (task, "%.*s was not muted", (int) name.size, name.data);
    zt_report_text (report, "%.*s may write again", (int) name.size, name.data);
    zt_report_string (report, "unmuted", NULL, name);
    return s_keep (self, task, now);
}

zt_task_result_t zt_command_mutes (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                   uint64_t now)
{
    zt_bytes_t name;
    uint64_t until;
    while (zt_mutes_get (zt_core_mutes (self->core), (size_t) task->place, &name, &until)) {
        task->place++;
        if (until <= now)
            continue;
        s_put_until (report, name, until);
        task->n++;
        return ZT_TASK_ROW;
    }
    zt_report_text (report, task->n == 1 ? "1 mute" : "%zu mutes", task->n);
    return ZT_TASK_LAST;
}

/*  ---------------------------------------------------------------------------
    What the broker says */

zt_task_result_t zt_command_motd (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                  uint64_t now)
{
    (void) now;
    zt_bytes_t text = task->arguments[0];
    if (text.size > ZT_MOTD_MAX)
        return zt_task_fail (task, "it has at most %d bytes", ZT_MOTD_MAX);
    if (text.size) {
        zt_buffer_t motd = {NULL, 0, 0};
        if (!zt_bytes_equal (text, zt_bytes ("-")))
            zt_buffer_put_bytes (&motd, text);
        zt_core_set_motd (self->core, zt_buffer_string (&motd));
        zt_buffer_free (&motd);
    }
    const char *motd = zt_core_motd (self->core);
    zt_report_string (report, "motd", *motd ? "" : NULL, zt_bytes (motd));
    if (!*motd)
        zt_report_text (report, "there is none");
    if (text.size)
        zt_report_text (report, "(until the broker ends, or reads its configuration again)");
    return ZT_TASK_LAST;
}

zt_task_result_t zt_command_say (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                 uint64_t now)
{
    if (!task->place) {
        zt_buffer_t body = {NULL, 0, 0};
        zt_buffer_put_string (&body, "{\"text\":");
        zt_json_put_string (&body, task->arguments[0]);
        zt_buffer_put_char (&body, '}');
        const char *wrong = zt_core_say (self->core, zt_buffer_bytes (&body), now, &task->place);
        zt_buffer_free (&body);
        return wrong ? zt_task_fail (task, "%s", wrong) : ZT_TASK_WAITS;
    }
    switch (zt_core_said (self->core, task->place)) {
    case ZT_KEPT_PENDING:
        return ZT_TASK_WAITS;
    case ZT_KEPT_LOST:
        return zt_task_fail (task, "it could not be stored; say it again");
    case ZT_KEPT_STORED:
        break;
    }
    zt_report_text (report, "said");
    zt_report_number (report, "id", NULL, task->place);
    return ZT_TASK_LAST;
}
