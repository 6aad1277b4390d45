/*  SPDX-License-Identifier: MPL-2.0

    What is counted, and who is most behind, as an operator asks for it. */

#include "broker/commands.h"
#include "broker/meter.h"
#include "common/json.h"

enum { S_LAGGARDS = 5 };

/*  The sessions that are most behind, the last of them first. Returns how many there are. */
static size_t s_laggards (const zt_core_t *core, zt_session_info_t found[S_LAGGARDS])
{
    zt_session_info_t info;
    size_t n = 0;
    for (size_t i = 0; zt_core_session (core, i, &info); i++) {
        size_t place = n;
        while (place > 0 && found[place - 1].behind < info.behind)
            place--;
        if (info.behind == 0 || place == S_LAGGARDS)
            continue;
        n += n < S_LAGGARDS;
        memmove (found + place + 1, found + place, (n - place - 1) * sizeof *found);
        found[place] = info;
    }
    return n;
}

static void s_put_laggards (const zt_core_t *core, zt_buffer_t *json)
{
    zt_session_info_t laggards[S_LAGGARDS];
    size_t n = s_laggards (core, laggards);
    zt_buffer_put_string (json, ",\"most_behind\":[");
    for (size_t i = 0; i < n; i++) {
        zt_buffer_put_string (json, i ? ",{\"name\":" : "{\"name\":");
        zt_json_put_string (json, laggards[i].name);
        zt_buffer_put_string (json, ",\"device\":");
        zt_json_put_string (json, laggards[i].device);
        zt_buffer_put_format (json, ",\"behind\":%llu}", (unsigned long long) laggards[i].behind);
    }
    zt_buffer_put_char (json, ']');
}

/*  A line for people. False if there is none at that place. */
static bool s_line (const zt_core_t *core, const zt_stats_t *stats, uint64_t place,
                    zt_report_t *report)
{
    zt_session_info_t laggards[S_LAGGARDS];
    zt_buffer_t text = {NULL, 0, 0};
    if (place < ZT_STAT_COUNT) {
        zt_stats_put_line (stats, (zt_stat_t) place, &text);
        zt_report_string (report, NULL, "", zt_buffer_bytes (&text));
        zt_buffer_free (&text);
        return true;
    }
    place -= ZT_STAT_COUNT;
    if (place >= s_laggards (core, laggards))
        return false;
    zt_report_string (report, NULL, "most behind:", laggards[place].name);
    zt_report_string (report, NULL, "", laggards[place].device);
    zt_report_number (report, NULL, "", laggards[place].behind);
    return true;
}

zt_task_result_t zt_command_stats (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                   uint64_t now)
{
    (void) now;
    const zt_stats_t *stats = zt_core_stats (self->core);
    uint64_t place = task->place++;
    if (place > 0)
        return s_line (self->core, stats, place - 1, report) ? ZT_TASK_ROW : ZT_TASK_DONE;
    if (self->meter)
        zt_meter_read (self->meter);
    else
        zt_core_measure (self->core);
    zt_buffer_t json = {NULL, 0, 0};
    zt_stats_put_json (stats, ZT_VERSION, &json);
    s_put_laggards (self->core, &json);
    zt_report_members (report, zt_buffer_bytes (&json));
    zt_buffer_free (&json);
    return ZT_TASK_ROW;
}
