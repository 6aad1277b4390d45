/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/prompt.h"

#include "common/alloc.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

/*  So much may wait for the terminal; so many rows are made in a turn; so much is read at once. */
enum { S_WAITING_MAX = 64 * 1024, S_ROWS_A_TURN = 256, S_READ = 4096 };

struct zt_prompt {
    zt_commands_t *commands;
    zt_printer_t *out;
    zt_buffer_t typed;
    zt_task_t task;
    zt_report_t report;
    bool is_waiting;  /* the task is, for something else */
    bool is_too_long; /* the line that is typed is: what is to come of it is left out */
    bool has_ended;   /* stdin has */
};

zt_prompt_t *zt_prompt_new (zt_commands_t *commands, zt_printer_t *out)
{
    zt_prompt_t *self = zt_alloc (sizeof *self);
    self->commands = commands;
    self->out = out;
    return self;
}

void zt_prompt_destroy (zt_prompt_t **self_p)
{
    zt_prompt_t *self = *self_p;
    if (!self)
        return;
    zt_task_end (&self->task);
    zt_report_free (&self->report);
    zt_buffer_free (&self->typed);
    free (self);
    *self_p = NULL;
}

int zt_prompt_fd (const zt_prompt_t *self)
{
    return self->has_ended || self->task.is_running ? -1 : STDIN_FILENO;
}

static bool s_has_room (const zt_prompt_t *self)
{
    return self->out->writer.buffer.size < S_WAITING_MAX;
}

bool zt_prompt_is_busy (const zt_prompt_t *self)
{
    return self->task.is_running && !self->is_waiting && s_has_room (self);
}

bool zt_prompt_is_waiting (const zt_prompt_t *self)
{
    return self->task.is_running && self->is_waiting;
}

/*  The console is over, the broker is not. */
static void s_tell_end (zt_prompt_t *self)
{
    self->has_ended = true;
    if (isatty (STDIN_FILENO) == 1)
        zt_printer_line (self->out, "No more commands are read here, and the broker goes on: "
                                    "ztalk-ctl tells it what to do, and Ctrl-C ends it.");
}

/*  Stdin blocks, because it is others' as well, so it is asked before whether it would. */
static void s_read (zt_prompt_t *self)
{
    struct pollfd fd = {STDIN_FILENO, POLLIN, 0};
    if (poll (&fd, 1, 0) <= 0)
        return;
    ssize_t size = read (STDIN_FILENO, zt_buffer_reserve (&self->typed, S_READ), S_READ);
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (size > 0)
        self->typed.size += (size_t) size;
    else
        s_tell_end (self);
}

/*  The next line that was typed, with its LF; NULL if it has not come to its end. Of one that is
   too long nothing is done, its end least of all. */
static const char *s_line_end (zt_prompt_t *self)
{
    const char *end = self->typed.size ? memchr (self->typed.data, '\n', self->typed.size) : NULL;
    size_t size = end ? (size_t) (end - self->typed.data) : self->typed.size;
    if (size > ZT_CONSOLE_LINE_MAX && !self->is_too_long) {
        zt_printer_line (self->out, "this line is too long: a command has at most %d bytes",
                         ZT_CONSOLE_LINE_MAX);
        self->is_too_long = true;
    }
    if (!self->is_too_long)
        return end;
    zt_buffer_consume (&self->typed, size); /* but the LF, so that an empty line is left */
    self->is_too_long = !end;
    return end ? self->typed.data : NULL;
}

/*  Begins with the next line. False if there is none. */
static bool s_begin (zt_prompt_t *self)
{
    static const zt_who_t who = {.kind = ZT_WHO_CONSOLE};
    const char *end = s_line_end (self);
    if (!end)
        return false;
    zt_bytes_t line = {self->typed.data, (size_t) (end - self->typed.data)};
    if (!zt_commands_begin (self->commands, &self->task, line, &who) && self->task.wrong.size)
        zt_printer_line (self->out, "%s", zt_buffer_string (&self->task.wrong));
    zt_buffer_consume (&self->typed, line.size + 1);
    return true;
}

/*  A row of the task. False if it has to wait. */
static bool s_step (zt_prompt_t *self, uint64_t now)
{
    zt_buffer_t line = {NULL, 0, 0};
    zt_task_result_t result = zt_commands_step (self->commands, &self->task, &self->report, now);
    self->is_waiting = result == ZT_TASK_WAITS;
    zt_report_put_line (&self->report, &line);
    if (line.size)
        zt_printer_line (self->out, "%.*s", (int) line.size - 1, line.data);
    if (result == ZT_TASK_FAILED)
        zt_printer_line (self->out, "%s", zt_buffer_string (&self->task.wrong));
    if (self->task.warning.size)
        zt_printer_line (self->out, "warning: %s", zt_buffer_string (&self->task.warning));
    zt_buffer_clear (&self->task.warning);
    zt_buffer_free (&line);
    return !self->is_waiting;
}

void zt_prompt_serve (zt_prompt_t *self, bool is_readable, uint64_t now)
{
    if (is_readable && zt_prompt_fd (self) >= 0)
        s_read (self);
    for (int i = 0; i < S_ROWS_A_TURN && s_has_room (self) && !self->commands->ends; i++)
        if (self->task.is_running ? !s_step (self, now) : !s_begin (self))
            return;
}
