/*  SPDX-License-Identifier: MPL-2.0

    What the operator changes while the broker runs: the motd, limits, who may write. */

#include "broker/core_state.h"
#include "common/alloc.h"

#include <stdlib.h>

const char *zt_core_motd (const zt_core_t *core)
{
    return core->motd;
}

void zt_core_set_motd (zt_core_t *core, const char *motd)
{
    char *copy = zt_strndup (motd ? motd : "", motd ? strlen (motd) : 0);
    free (core->motd);
    core->motd = copy;
}

void zt_core_configure (zt_core_t *core, const zt_core_config_t *config)
{
    zt_core_set_motd (core, config->motd);
    core->config.replay = config->replay;
    core->config.registration = config->registration;
    core->config.messages_per_s = config->messages_per_s;
    core->config.messages_burst = config->messages_burst;
}

/*  ---------------------------------------------------------------------------
    Mutes */

/*  The user of that name, with or without its @; NULL if there is none. */
static zt_user_t *s_find (zt_core_t *core, zt_bytes_t name)
{
    zt_folded_t folded;
    if (name.size && name.data[0] == '@')
        name = zt_bytes_part (name, 1, name.size - 1);
    return zt_name_fold (name, &folded) ? NULL : zt_user_find (core, &folded);
}

bool zt_core_has_user (zt_core_t *core, zt_bytes_t name)
{
    return s_find (core, name) != NULL;
}

static void s_set (zt_core_t *core, zt_bytes_t name, uint64_t until)
{
    zt_user_t *user = s_find (core, name);
    if (user)
        user->muted_until = until;
}

const char *zt_core_mute (zt_core_t *core, zt_bytes_t name, uint64_t until, uint64_t now)
{
    const char *wrong = zt_mutes_add (core->mutes, name, until, now);
    if (!wrong)
        s_set (core, name, until);
    return wrong;
}

bool zt_core_unmute (zt_core_t *core, zt_bytes_t name)
{
    s_set (core, name, 0);
    return zt_mutes_remove (core->mutes, name);
}

const zt_mutes_t *zt_core_mutes (const zt_core_t *core)
{
    return core->mutes;
}

void zt_core_take_mutes (zt_core_t *core, zt_mutes_t *mutes)
{
    zt_bytes_t name;
    uint64_t until;
    for (size_t i = 0; zt_mutes_get (core->mutes, i, &name, &until); i++)
        s_set (core, name, 0);
    zt_mutes_destroy (&core->mutes);
    core->mutes = mutes;
    for (size_t i = 0; zt_mutes_get (core->mutes, i, &name, &until); i++)
        s_set (core, name, until);
}
