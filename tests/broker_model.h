/*  SPDX-License-Identifier: MPL-2.0

    zt_model - what clients of the broker's core believe, and what must be true

    The model stands where the clients do. It is told what goes into the core and
    gets every frame that comes out; it aborts when a promise of the protocol is
    broken: a frame that cannot be read, a message to nobody's session, an id that
    does not grow, a window that is too full, a SENT for what is not in the log.
    zt_model_check_all says whether everybody has got everything. */

#ifndef ZT_BROKER_MODEL_H
#define ZT_BROKER_MODEL_H

#include "broker/core.h"

enum { ZT_MODEL_PEERS = 8 };

typedef struct zt_model zt_model_t;

/*  The core is borrowed: the model looks at who is who in it. */
zt_model_t *zt_model_new (const zt_core_t *core);
void zt_model_destroy (zt_model_t **self_p);

/*  The peer is about to send this frame. */
void zt_model_sends (zt_model_t *self, uint32_t peer, zt_bytes_t frame);

/*  A slice is in the log. */
void zt_model_stored (zt_model_t *self, const zt_slice_t *slice);

/*  The core has handed out a frame. */
void zt_model_receives (zt_model_t *self, const zt_frame_t *frame);

/*  All frames of a turn have been handed out. */
void zt_model_turn_over (zt_model_t *self);

/*  The peer's connection is gone, or about to. */
void zt_model_gone (zt_model_t *self, uint32_t peer);

/*  The id that the peer has received last; 0: none, or no session. */
uint64_t zt_model_last_id (const zt_model_t *self, uint32_t peer);
/*  How many messages the peer has not acknowledged. */
uint32_t zt_model_unacknowledged (const zt_model_t *self, uint32_t peer);

/*  When all is quiet, and all have acknowledged all: has each session that
    receives got every message that is meant for it, and no other? */
void zt_model_check_all (const zt_model_t *self);

#endif
