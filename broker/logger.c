/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/logger.h"

#include "broker/clock.h"
#include "common/alloc.h"
#include "common/json.h"
#include "common/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct zt_logger {
    zt_printer_t printer;
    zt_level_t level;
    zt_log_format_t format;
    bool is_journal;
};

static const struct {
    const char *word;
    int priority;
} s_levels[] = {
#define S_ROW(name, word, priority) {word, priority},
    ZT_LEVELS (S_ROW)
#undef S_ROW
};

const char *zt_level_word (zt_level_t level)
{
    assert (level < ZT_LEVEL_COUNT);
    return s_levels[level].word;
}

/*  Whoever starts a process with its stderr in the journal says which file that is; a process that
    it has started may have another one. */
static bool s_is_journal (int fd)
{
    const char *stream = getenv ("JOURNAL_STREAM");
    struct stat status;
    char is[64];
    if (!stream || fstat (fd, &status) != 0)
        return false;
    snprintf (is, sizeof is, "%llu:%llu", (unsigned long long) status.st_dev,
              (unsigned long long) status.st_ino);
    return strcmp (stream, is) == 0;
}

zt_logger_t *zt_logger_new (int fd, zt_level_t level, zt_log_format_t format)
{
    zt_logger_t *self = zt_alloc (sizeof *self);
    zt_printer_open (&self->printer, fd);
    self->level = level;
    self->format = format;
    self->is_journal = s_is_journal (fd);
    return self;
}

void zt_logger_destroy (zt_logger_t **self_p, int wait_ms)
{
    zt_logger_t *self = *self_p;
    if (!self)
        return;
    zt_printer_close (&self->printer, wait_ms);
    free (self);
    *self_p = NULL;
}

void zt_logger_set_level (zt_logger_t *self, zt_level_t level)
{
    self->level = level;
}

bool zt_logger_takes (const zt_logger_t *self, zt_level_t level)
{
    return level <= self->level;
}

/*  ---------------------------------------------------------------------------
    Lines */

/*  "2026-11-22T14:03:09.250Z" */
static void s_put_utc (zt_buffer_t *line, uint64_t ms)
{
    char when[ZT_CLOCK_TEXT];
    zt_clock_utc (when, ms);
    zt_buffer_put_format (line, "%.*s.%03uZ", (int) strlen (when) - 1, when,
                          (unsigned) (ms % 1000));
}

static void s_put_json (zt_buffer_t *line, zt_level_t level, uint64_t now, zt_bytes_t text,
                        const char *address)
{
    zt_buffer_put_string (line, "{\"time\":\"");
    s_put_utc (line, now);
    zt_buffer_put_format (line, "\",\"level\":\"%s\",\"message\":", s_levels[level].word);
    zt_json_put_string (line, text);
    if (address) {
        zt_buffer_put_string (line, ",\"address\":");
        zt_json_put_string (line, zt_bytes (address));
    }
    zt_buffer_put_char (line, '}');
}

static void s_put_text (const zt_logger_t *self, zt_buffer_t *line, uint64_t now, zt_bytes_t text,
                        const char *address)
{
    char when[ZT_CLOCK_TEXT];
    if (!self->is_journal)
        zt_buffer_put_format (line, "%s ", zt_clock_text (when, now) + ZT_CLOCK_DATE);
    zt_buffer_put_bytes (line, text);
    if (address)
        zt_buffer_put_format (line, " (%s)", address);
}

static void s_put (zt_logger_t *self, zt_level_t level, uint64_t now, zt_bytes_t text,
                   const char *address)
{
    zt_buffer_t clean = {NULL, 0, 0}, line = {NULL, 0, 0};
    zt_text_clean (&clean, text, ZT_TEXT_LINE);
    if (self->is_journal)
        zt_buffer_put_format (&line, "<%d>", s_levels[level].priority);
    if (self->format == ZT_LOG_JSON)
        s_put_json (&line, level, now, zt_buffer_bytes (&clean), address);
    else
        s_put_text (self, &line, now, zt_buffer_bytes (&clean), address);
    zt_printer_put (&self->printer, zt_buffer_bytes (&line));
    zt_buffer_free (&clean);
    zt_buffer_free (&line);
}

void zt_logger_put (zt_logger_t *self, zt_level_t level, uint64_t now, zt_bytes_t text,
                    const char *address)
{
    char lost[64];
    if (!zt_logger_takes (self, level))
        return;
    size_t n = zt_printer_lost (&self->printer);
    if (n) {
        snprintf (lost, sizeof lost, "%zu line%s left out", n, n == 1 ? " was" : "s were");
        s_put (self, ZT_LEVEL_WARNING, now, zt_bytes (lost), NULL);
    }
    s_put (self, level, now, text, address);
}

void zt_logger_line (zt_logger_t *self, zt_level_t level, uint64_t now, const char *format, ...)
{
    char text[1024];
    va_list args;
    if (!zt_logger_takes (self, level))
        return;
    va_start (args, format);
    int size = vsnprintf (text, sizeof text, format, args);
    va_end (args);
    if (size >= 0)
        zt_logger_put (self, level, now, zt_bytes (text), NULL);
}

void zt_logger_flush (zt_logger_t *self)
{
    zt_printer_flush (&self->printer);
}

int zt_logger_fd (const zt_logger_t *self)
{
    return zt_printer_fd (&self->printer);
}
