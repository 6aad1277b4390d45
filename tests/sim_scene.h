/*  SPDX-License-Identifier: MPL-2.0

    zt_scene - who plays in a simulated run, and what is told of it */

#ifndef ZT_SIM_SCENE_H
#define ZT_SIM_SCENE_H

#include "common/buffer.h"
#include "common/wire.h"
#include "tests/sim_dice.h"

enum { ZT_SIM_USERS = 6, ZT_SIM_CLIENTS = 12, ZT_SIM_MESSAGES = 96 };

/*  Targets are users, by their number, or one of these. */
enum { ZT_SIM_GENERAL = ZT_SIM_USERS, ZT_SIM_ROOM, ZT_SIM_NOBODY, ZT_SIM_TARGETS };

/*  What a client is. */
typedef struct {
    uint32_t user;
    char device[8];      /* "": it has none */
    bool receives;       /* only with a device */
    bool sent_last;      /* wants one SENT for a commit */
    bool wants_receipts; /* RECEIPTs */
} zt_role_t;

typedef struct {
    uint64_t seed;
    zt_dice_t dice;
    uint64_t now; /* ms of the simulation */
    bool verbose;
    uint32_t n_users;
    uint32_t n_clients;
    zt_role_t roles[ZT_SIM_CLIENTS];
} zt_scene_t;

/*  A line of the transcript, if one is written. */
void zt_scene_tell (const zt_scene_t *self, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/*  The same for each message of a frame; client is who says it or gets it, and arrow ">"
    or "<". */
void zt_scene_tell_frame (const zt_scene_t *self, uint32_t client, const char *arrow,
                          zt_bytes_t frame, zt_side_t from);

/*  A promise is broken: says which, with the seed, and ends the program. */
void zt_scene_fail (const zt_scene_t *self, const char *format, ...)
    __attribute__ ((format (printf, 2, 3), noreturn));

/*  "u0" for a user, "u0.d1" for a client, "@u0" or "#dev" for a target; static. */
const char *zt_scene_user (uint32_t user);
const char *zt_scene_client (const zt_scene_t *self, uint32_t client);
const char *zt_scene_target (uint32_t target);

/*  The user of that name with its sigil; ZT_SIM_USERS if it is none of ours. */
uint32_t zt_scene_find_user (zt_bytes_t word);

#endif
