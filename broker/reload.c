/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/reload.h"

#include "broker/mutes_file.h"
#include "common/clock.h"

zt_core_config_t zt_reload_core_config (const zt_config_t *settings)
{
    const uint64_t *value = settings->value;
    return (zt_core_config_t){.motd = zt_config_text (settings, ZT_CONFIG_MOTD),
                              .own_name = zt_config_text (settings, ZT_CONFIG_SAY_AS),
                              .replay = (uint32_t) value[ZT_CONFIG_REPLAY],
                              .registration = (zt_registration_t) value[ZT_CONFIG_REGISTRATION],
                              .messages_per_s = (uint32_t) value[ZT_CONFIG_MESSAGES_PER_S],
                              .messages_burst = (uint32_t) value[ZT_CONFIG_MESSAGES_BURST]};
}

static void s_apply (zt_reload_t *self)
{
    const uint64_t *value = self->wanted.value;
    zt_core_config_t config = zt_reload_core_config (&self->wanted);
    self->is_motd_undone = strcmp (zt_core_motd (self->core), config.motd) != 0;
    zt_core_configure (self->core, &config);
    zt_gate_configure (self->gate, (uint32_t) value[ZT_CONFIG_CONNECTIONS_PER_S],
                       (uint32_t) value[ZT_CONFIG_CONNECTIONS_BURST]);
    zt_links_configure (self->links, value[ZT_CONFIG_PEERS_MB]);
    zt_logger_set_level (self->log, (zt_level_t) value[ZT_CONFIG_LOG_LEVEL]);
}

static bool s_read (zt_reload_t *self, uint64_t now, zt_buffer_t *wrong)
{
    if (!zt_config_gather (&self->wanted, &self->source, wrong))
        return false;
    zt_mutes_t *mutes = zt_mutes_load (self->home, now, wrong);
    if (!mutes || !zt_bans_read_again (self->bans, wrong)) {
        zt_mutes_destroy (&mutes);
        return false;
    }
    if (self->home) /* without one, those that there are stand nowhere */
        zt_core_take_mutes (self->core, mutes);
    else
        zt_mutes_destroy (&mutes);
    s_apply (self);
    return true;
}

bool zt_reload_read (zt_reload_t *self, uint64_t now, zt_buffer_t *wrong)
{
    zt_notify_reloading (self->notify);
    bool is_read = s_read (self, now, wrong);
    zt_notify_ready (self->notify, zt_clock_monotonic ());
    return is_read;
}
