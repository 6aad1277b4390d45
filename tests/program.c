/*  SPDX-License-Identifier: MPL-2.0

    The programs of a harness: their lines, their input, their end. */

#include "tests/harness_state.h"

#include <errno.h>
#include <regex.h>
#include <unistd.h>

/*  Lines */

/*  What a line is compared with: one of both is set. */
typedef struct {
    const char *text;
    const regex_t *regex;
} s_wanted_t;

static bool s_matches (const char *line, s_wanted_t wanted)
{
    return wanted.text ? strstr (line, wanted.text) != NULL
                       : regexec (wanted.regex, line, 0, NULL, 0) == 0;
}

/*  Looks for a line from *at on, and moves *at behind what was looked at: a line
    that does not match is not looked at again. */
static const char *s_find_line (zt_program_t *self, zt_output_t *output, s_wanted_t wanted,
                                size_t *at)
{
    bool over = output->fd < 0 || self->ended;
    while (*at < output->text.size) {
        const char *start = output->text.data + *at;
        size_t left = output->text.size - *at;
        const char *end = memchr (start, '\n', left);
        if (!end && !over)
            return NULL;
        size_t size = end ? (size_t) (end - start) : left;
        *at += end ? size + 1 : size;
        zt_buffer_clear (&self->line);
        zt_buffer_put (&self->line, start, size);
        const char *line = zt_buffer_string (&self->line);
        if (s_matches (line, wanted)) {
            output->seen = *at;
            return line;
        }
    }
    return NULL;
}

static const char *s_find (zt_program_t *self, zt_stream_t stream, s_wanted_t wanted, int ms)
{
    zt_output_t *output = &self->output[stream];
    int64_t deadline = zt_harness_now () + ms;
    size_t at = output->seen;
    zt_harness_look (self->harness);
    for (bool more = true;;) {
        /*  Looked at once more after the end, or after the deadline. */
        bool over = output->fd < 0 || self->ended || !more;
        const char *line = s_find_line (self, output, wanted, &at);
        if (line || over)
            return line;
        more = zt_harness_turn (self->harness, NULL, deadline);
    }
}

/*  What has ended a search in vain. */
static const char *s_limit (const zt_program_t *self, zt_stream_t stream)
{
    return self->ended || self->output[stream].fd < 0 ? "its end" : "the deadline";
}

static const char *s_expect (zt_program_t *self, zt_stream_t stream, s_wanted_t wanted,
                             const char *what)
{
    const char *line = s_find (self, stream, wanted, self->harness->deadline_ms);
    if (!line)
        zt_program_fail (self, "no line with '%s' on %s before %s", what,
                         stream == ZT_STDOUT ? "stdout" : "stderr", s_limit (self, stream));
    return line;
}

const char *zt_program_expect (zt_program_t *self, const char *text)
{
    return s_expect (self, ZT_STDOUT, (s_wanted_t){text, NULL}, text);
}

const char *zt_program_expect_error (zt_program_t *self, const char *text)
{
    return s_expect (self, ZT_STDERR, (s_wanted_t){text, NULL}, text);
}

const char *zt_program_expect_match (zt_program_t *self, const char *regex)
{
    regex_t compiled;
    if (regcomp (&compiled, regex, REG_EXTENDED | REG_NOSUB) != 0)
        zt_program_fail (self, "'%s' is no regular expression", regex);
    const char *line =
        s_find (self, ZT_STDOUT, (s_wanted_t){NULL, &compiled}, self->harness->deadline_ms);
    regfree (&compiled);
    if (!line)
        zt_program_fail (self, "no line that matches '%s' on stdout before %s", regex,
                         s_limit (self, ZT_STDOUT));
    return line;
}

const char *zt_program_find (zt_program_t *self, zt_stream_t stream, const char *text, int ms)
{
    return s_find (self, stream, (s_wanted_t){text, NULL}, ms);
}

const char *zt_program_output (zt_program_t *self, zt_stream_t stream)
{
    zt_harness_look (self->harness);
    return zt_buffer_string (&self->output[stream].text);
}

/*  Input */

size_t zt_program_write_some (zt_program_t *self, zt_bytes_t bytes)
{
    if (self->input < 0)
        zt_program_fail (self, "its stdin is closed");
    ssize_t size = write (self->input, bytes.data, bytes.size);
    if (size < 0 && errno == EPIPE)
        zt_program_fail (self, "it has closed its stdin");
    if (size < 0 && errno != EAGAIN && errno != EINTR)
        zt_program_fail (self, "its stdin: %s", strerror (errno));
    return size > 0 ? (size_t) size : 0;
}

void zt_program_write_bytes (zt_program_t *self, zt_bytes_t bytes)
{
    int64_t deadline = zt_harness_now () + self->harness->deadline_ms;
    for (bool more = true; bytes.size > 0;) {
        size_t size = zt_program_write_some (self, bytes);
        bytes = zt_bytes_part (bytes, size, bytes.size - size);
        if (size == 0 && !more)
            zt_program_fail (self, "it does not read its stdin");
        if (size == 0)
            more = zt_harness_turn (self->harness, self, deadline);
    }
}

void zt_program_write (zt_program_t *self, const char *text)
{
    zt_program_write_bytes (self, zt_bytes (text));
}

void zt_program_close_stdin (zt_program_t *self)
{
    if (self->input >= 0)
        close (self->input);
    self->input = -1;
}

/*  The end */

int zt_program_wait_exit (zt_program_t *self)
{
    int64_t deadline = zt_harness_now () + self->harness->deadline_ms;
    zt_harness_look (self->harness);
    for (bool more = true; !self->ended;) {
        if (!more)
            zt_program_fail (self, "it has not ended before the deadline");
        more = zt_harness_turn (self->harness, NULL, deadline);
    }
    zt_harness_look (self->harness);
    return self->status;
}

bool zt_program_running (zt_program_t *self)
{
    zt_harness_look (self->harness);
    return !self->ended;
}

void zt_program_kill (zt_program_t *self, int signal)
{
    zt_harness_look (self->harness);
    if (self->ended)
        zt_program_fail (self, "it has ended, and cannot get signal %d", signal);
    if (kill (self->pid, signal) != 0)
        zt_program_fail (self, "signal %d: %s", signal, strerror (errno));
}

pid_t zt_program_pid (const zt_program_t *self)
{
    return self->pid;
}
