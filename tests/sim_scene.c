/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/sim_scene.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const s_targets[ZT_SIM_TARGETS] = {"@u0", "@u1",      "@u2",  "@u3",    "@u4",
                                                      "@u5", "#general", "#dev", "@nobody"};

const char *zt_scene_target (uint32_t target)
{
    return s_targets[target];
}

const char *zt_scene_user (uint32_t user)
{
    return s_targets[user] + 1;
}

const char *zt_scene_client (const zt_scene_t *self, uint32_t client)
{
    static char name[32];
    const zt_role_t *role = &self->roles[client];
    snprintf (name, sizeof name, "%s.%s%s", zt_scene_user (role->user),
              role->device[0] ? role->device : "none", role->receives ? "" : "!");
    return name;
}

uint32_t zt_scene_find_user (zt_bytes_t word)
{
    uint32_t user = 0;
    while (user < ZT_SIM_USERS && !zt_bytes_equal (word, zt_bytes (s_targets[user])))
        user++;
    return user;
}

static void s_say (FILE *to, const zt_scene_t *self, const char *format, va_list args)
{
    fprintf (to, "%8.3f  ", (double) self->now / 1000);
    vfprintf (to, format, args);
    fputc ('\n', to);
}

void zt_scene_tell (const zt_scene_t *self, const char *format, ...)
{
    if (!self->verbose)
        return;
    va_list args;
    va_start (args, format);
    s_say (stdout, self, format, args);
    va_end (args);
}

void zt_scene_tell_frame (const zt_scene_t *self, uint32_t client, const char *arrow,
                          zt_bytes_t frame, zt_side_t from)
{
    enum { S_SHOWN = 160 };
    if (!self->verbose)
        return;
    zt_reader_t reader = zt_reader (frame.data, frame.size, from);
    zt_message_t message;
    for (const char *at = frame.data; zt_reader_next (&reader, &message) == ZT_WIRE_MESSAGE;
         at = reader.at) {
        char line[S_SHOWN + 1];
        size_t size = (size_t) (reader.at - at) - 1;
        size = size < S_SHOWN ? size : S_SHOWN;
        memcpy (line, at, size);
        line[size] = '\0';
        for (char *lf = line; (lf = strchr (lf, '\n'));)
            *lf = ' ';
        if (message.verb != ZT_VERB_PRESENCE && message.verb != ZT_VERB_PING &&
            message.verb != ZT_VERB_PONG)
            zt_scene_tell (self, "%s%s %s", zt_scene_client (self, client), arrow, line);
    }
}

void zt_scene_fail (const zt_scene_t *self, const char *format, ...)
{
    va_list args;
    fflush (stdout);
    fprintf (stderr, "simulate: seed %llu is not as promised:\n", (unsigned long long) self->seed);
    va_start (args, format);
    s_say (stderr, self, format, args);
    va_end (args);
    if (!self->verbose)
        fprintf (stderr, "for all that happened: simulate %llu\n", (unsigned long long) self->seed);
    exit (1);
}
