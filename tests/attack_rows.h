/*  SPDX-License-Identifier: MPL-2.0

    The attacks, one function each: attack_bare.c has those that need no session, and
    attack_session.c those of peers who were let in. */

#ifndef ZT_ATTACK_ROWS_H
#define ZT_ATTACK_ROWS_H

#include "tests/attack.h"

zt_attack_fn zt_attack_endless;
zt_attack_fn zt_attack_endless_small;
zt_attack_fn zt_attack_endless_ipc;
zt_attack_fn zt_attack_half_open;
zt_attack_fn zt_attack_slow_handshakes;
zt_attack_fn zt_attack_connect_storm;
zt_attack_fn zt_attack_garbage;
zt_attack_fn zt_attack_forged_ids;
zt_attack_fn zt_attack_handshakes;
zt_attack_fn zt_attack_many_handshakes;
zt_attack_fn zt_attack_bodies;
zt_attack_fn zt_attack_bodies_to_all;
zt_attack_fn zt_attack_hellos;
zt_attack_fn zt_attack_never_reads;
zt_attack_fn zt_attack_queries;

#endif
