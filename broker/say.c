/*  SPDX-License-Identifier: MPL-2.0

    What the broker itself says to #general, by the mouth of its operator: a message like any
    other, from a user that nobody can be. It is in no tree: nobody can write to it, or see it
    come and go. */

#include "broker/core_state.h"

#include <assert.h>

bool zt_say_is_own (const zt_core_t *core, const zt_folded_t *folded)
{
    return core->own.folded.size &&
           zt_bytes_equal ((zt_bytes_t){folded->data, folded->size},
                           (zt_bytes_t){core->own.folded.data, core->own.folded.size});
}

void zt_say_init (zt_core_t *core)
{
    zt_bytes_t name = zt_bytes (core->config.own_name);
    const char *wrong = name.size ? zt_name_fold (name, &core->own.folded) : NULL;
    assert (!wrong);
    (void) wrong;
    if (name.size) /* first of all, so that who looks like it is told */
        zt_looks_enter (core->looks, name,
                        (zt_bytes_t){core->own.folded.data, core->own.folded.size});
}

const char *zt_core_say (zt_core_t *core, zt_bytes_t body, uint64_t now, uint64_t *id)
{
    if (!core->own.folded.size)
        return "the broker has no name of its own to say that";
    if (zt_user_find (core, &core->own.folded))
        return "the name that the broker speaks as belongs to a user; give the broker another one "
               "(access/say_as), or revoke that user's keys";
    if (body.size > ZT_BODY_MAX)
        return "a message has at most 65536 bytes";
    if (!zt_log_takes (core))
        return "the store takes no messages now; try again in a moment";
    if (!core->own.user) {
        core->own.user = zt_user_make (core, zt_bytes (core->config.own_name), &core->own.folded);
        core->own.device = zt_device_add (core, core->own.user, 0, (zt_bytes_t){NULL, 0});
    }
    zt_session_t speaker = {.user = core->own.user, .device = core->own.device};
    zt_log_append (core, &speaker, core->own.device->last_ref + 1, &core->general->entity, true,
                   body, now);
    *id = core->last_id;
    return NULL;
}

zt_kept_t zt_core_said (const zt_core_t *core, uint64_t id)
{
    if (!core->own.device || !zt_device_has_accepted (core->own.device, id))
        return ZT_KEPT_LOST;
    return id <= core->stored_id ? ZT_KEPT_STORED : ZT_KEPT_PENDING;
}

void zt_say_destroy (zt_core_t *core)
{
    if (core->own.device)
        zt_device_destroy (core->own.device);
    if (core->own.user)
        zt_user_unmake (core->own.user);
}
