/*  SPDX-License-Identifier: MPL-2.0

    A store that fails when it is told to, in the place of the one on disk: what the broker
    does then is seen from outside. What the file "fault" in its directory says counts
    from the next commit on:

        full      the disk is full
        broken    nothing can be trusted any more
        slow      a commit is not done before the file says something else

    It writes down in "settings" what it was opened with. */

#include "broker/store_memory.h"
#include "broker/store_sqlite.h"
#include "common/alloc.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { S_HELD = 16, S_LOOK_NS = 5000000 };

typedef struct {
    zt_store_t base;
    zt_store_t *memory;
    char *dir;
    int timer; /* ticks while a request is held */
    zt_request_t held[S_HELD];
    size_t n_held;
} s_faulty_t;

/*  Says the file that now? */
static bool s_is (const s_faulty_t *self, const char *fault)
{
    char path[512], text[16] = "";
    snprintf (path, sizeof path, "%s/fault", self->dir);
    FILE *file = fopen (path, "r");
    if (file && !fgets (text, sizeof text, file))
        text[0] = '\0';
    if (file)
        fclose (file);
    return strcmp (text, fault) == 0;
}

static bool s_load (zt_store_t *base, zt_record_fn *fn, void *fn_self, zt_store_start_t *start)
{
    s_faulty_t *self = (s_faulty_t *) base;
    return self->memory->load (self->memory, fn, fn_self, start);
}

/*  Takes a commit without doing it. */
static void s_submit (zt_store_t *base, const zt_request_t *request)
{
    s_faulty_t *self = (s_faulty_t *) base;
    if (request->kind != ZT_STORE_COMMIT) {
        self->memory->submit (self->memory, request);
        return;
    }
    assert (self->n_held < S_HELD);
    self->held[self->n_held++] = *request;
    const struct itimerspec tick = {{0, S_LOOK_NS}, {0, S_LOOK_NS}};
    timerfd_settime (self->timer, 0, &tick, NULL);
}

static zt_request_t s_release (s_faulty_t *self)
{
    zt_request_t request = self->held[0];
    memmove (self->held, self->held + 1, --self->n_held * sizeof self->held[0]);
    if (self->n_held == 0)
        timerfd_settime (self->timer, 0, &(struct itimerspec){{0, 0}, {0, 0}}, NULL);
    return request;
}

static bool s_next (zt_store_t *base, zt_completion_t *completion)
{
    s_faulty_t *self = (s_faulty_t *) base;
    uint64_t ticks;
    if (read (self->timer, &ticks, sizeof ticks) < 0)
        ticks = 0;
    if (self->n_held && !s_is (self, "slow")) {
        zt_request_t request = s_release (self);
        bool is_full = s_is (self, "full");
        if (is_full || s_is (self, "broken")) {
            *completion =
                (zt_completion_t){.kind = ZT_STORE_COMMIT,
                                  .result = is_full ? ZT_STORE_UNAVAILABLE : ZT_STORE_BROKEN,
                                  .slice = request.slice,
                                  .records = request.records};
            return true;
        }
        self->memory->submit (self->memory, &request);
    }
    return self->memory->next (self->memory, completion);
}

static bool s_is_busy (zt_store_t *base)
{
    s_faulty_t *self = (s_faulty_t *) base;
    return self->memory->is_busy (self->memory);
}

static int s_fd (zt_store_t *base)
{
    return ((s_faulty_t *) base)->timer;
}

static size_t s_memory (zt_store_t *base)
{
    s_faulty_t *self = (s_faulty_t *) base;
    return self->memory->memory (self->memory);
}

static const char *s_news (zt_store_t *base)
{
    s_faulty_t *self = (s_faulty_t *) base;
    return self->memory->news (self->memory);
}

static const char *s_wrong (zt_store_t *base)
{
    (void) base;
    return "the test wants it so";
}

static void s_destroy (zt_store_t **self_p)
{
    s_faulty_t *self = (s_faulty_t *) *self_p;
    while (self->n_held) {
        zt_request_t request = s_release (self);
        self->memory->submit (self->memory, &request);
    }
    self->memory->destroy (&self->memory);
    close (self->timer);
    free (self->dir);
    free (self);
    *self_p = NULL;
}

zt_store_t *zt_store_sqlite_open (const zt_store_config_t *config, char *wrong, size_t wrong_size)
{
    s_faulty_t *self = zt_alloc (sizeof *self);
    self->base = (zt_store_t){s_load,  s_submit, s_next,   s_is_busy, s_fd,
                              s_wrong, s_news,   s_memory, s_destroy};
    self->dir = zt_strndup (config->dir, strlen (config->dir));
    if (s_is (self, "unopened")) {
        snprintf (wrong, wrong_size, "%s: %s", config->dir, s_wrong (&self->base));
        free (self->dir);
        free (self);
        return NULL;
    }
    char path[512];
    snprintf (path, sizeof path, "%s/settings", config->dir);
    FILE *file = fopen (path, "w");
    if (file) {
        fprintf (file, "%s, %llu ms, %llu bytes\n", config->power ? "power" : "process",
                 (unsigned long long) config->keep_ms, (unsigned long long) config->keep_bytes);
        fclose (file);
    }
    config->progress (config->progress_self, "opening takes long");
    self->memory = zt_store_memory_new (ZT_LOG_BYTES);
    self->timer = timerfd_create (CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    assert (self->timer >= 0);
    return &self->base;
}

bool zt_store_sqlite_backup (const char *dir, const char *file, char *wrong, size_t wrong_size)
{
    (void) dir;
    (void) file;
    snprintf (wrong, wrong_size, "this store makes no backups");
    return false;
}
