/*  SPDX-License-Identifier: MPL-2.0

    The broker's core, a store, a network and clients, with everything simulated that
    can go wrong between them, from one seed:

        simulate SEED           one run, with all that happens in it
        simulate FIRST COUNT    so many runs; says which one breaks a promise

    Connections are cut with something in them, clients and the broker crash and come
    back with what they have on the disk, the disk is slow or full, the clock is set.
    After that all settles, and nothing that was acknowledged may be missing, be there
    twice, or be out of order (see sim_ledger.h). */

#include "broker/core.h"
#include "common/alloc.h"
#include "common/limits.h"
#include "tests/sim_client.h"

#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/*  The sanitizers' runtime has it; without them it is not there. */
void __sanitizer_set_death_callback (void (*callback) (void)) __attribute__ ((weak));

/*  Turns, but where it says ms. */
enum { S_TURMOIL = 260, S_SETTLE = 1500, S_SETTLE_MS = 25, S_AFTERMATH = 12 };

/*  What kind of a run it is. */
typedef struct {
    bool orderly;     /* see zt_ledger_is_orderly */
    uint32_t replay;  /* the broker's limit */
    size_t log_bytes; /* that the store keeps */
    size_t padding;   /* of messages */
    uint32_t n_messages;
    uint32_t trouble; /* once in so many turns, of each kind, about */
} s_plan_t;

typedef struct {
    zt_scene_t scene;
    s_plan_t plan;
    zt_ledger_t *ledger;
    zt_sim_net_t *net;
    zt_sim_store_t *store;
    zt_core_t *core; /* NULL: it is not running */
    zt_sim_client_t *clients[ZT_SIM_CLIENTS];
    uint64_t clock_offset; /* the broker's clock is that ahead of the simulation's time */
    uint64_t ticked;       /* the broker's clock at its last turn */
    uint64_t up_at;        /* ms: when a broker begins again */
} s_world_t;

static uint64_t s_clock (const s_world_t *self)
{
    return self->scene.now + self->clock_offset;
}

/*  ---------------------------------------------------------------------------
    The broker */

static void s_restore (void *core, const zt_record_t *record)
{
    zt_core_restore (core, record);
}

static void s_begin (s_world_t *self)
{
    enum { S_IDS_A_MS = 4000 }; /* as the shell has it */
    zt_store_start_t start;
    self->core = zt_core_new (&(zt_core_config_t){
        .motd = "", .first_id = s_clock (self) * S_IDS_A_MS, .replay = self->plan.replay});
    zt_sim_store_load (self->store, s_restore, self->core, &start);
    zt_core_start (self->core, &start);
    zt_ledger_restart (self->ledger);
    self->ticked = s_clock (self);
    zt_scene_tell (&self->scene, "the broker begins");
}

static void s_hear (s_world_t *self)
{
    zt_arrival_t arrival;
    while (zt_sim_net_at_broker (self->net, &arrival, self->scene.now)) {
        uint32_t client = zt_sim_net_client (self->net, arrival.connection);
        if (arrival.is_end) {
            zt_core_gone (self->core, arrival.connection, s_clock (self));
            continue;
        }
        zt_scene_tell_frame (&self->scene, client, ">", arrival.frame, ZT_FROM_CLIENT);
        zt_ledger_in (self->ledger, client, arrival.frame);
        zt_core_frame (self->core, arrival.connection, arrival.frame.data, arrival.frame.size,
                       s_clock (self));
    }
}

static void s_submit (s_world_t *self)
{
    zt_request_t request;
    zt_core_commit (self->core);
    while (zt_core_next_request (self->core, &request))
        zt_sim_store_submit (self->store, &request, self->scene.now);
}

static void s_keep (s_world_t *self)
{
    zt_completion_t completion;
    s_submit (self);
    while (zt_sim_store_next (self->store, &completion, self->scene.now)) {
        if (completion.result != ZT_STORE_DONE) {
            zt_scene_tell (&self->scene, "the disk is full");
            zt_ledger_store_refuses (self->ledger);
        }
        zt_core_stored (self->core, &completion, s_clock (self));
        zt_completion_clear (&completion);
        s_submit (self);
    }
}

static void s_speak (s_world_t *self)
{
    zt_frame_t frame;
    zt_line_t line;
    uint32_t peer;
    zt_buffer_t bytes = {NULL, 0, 0};
    zt_core_flush (self->core, s_clock (self));
    while (zt_core_next_frame (self->core, &frame)) {
        zt_buffer_clear (&bytes);
        for (uint32_t i = 0; i < frame.n_parts; i++)
            zt_buffer_put_bytes (&bytes, frame.parts[i]);
        uint32_t client = zt_sim_net_client (self->net, frame.peer);
        zt_ledger_out (self->ledger, client, zt_buffer_bytes (&bytes));
        zt_sim_net_to_client (self->net, frame.peer, zt_buffer_bytes (&bytes), self->scene.now);
    }
    zt_buffer_free (&bytes);
    while (zt_core_next_drop (self->core, &peer))
        zt_sim_net_drop (self->net, peer, self->scene.now);
    while (zt_core_next_line (self->core, &line))
        zt_scene_tell (&self->scene, "broker: %.*s", (int) line.text.size, line.text.data);
}

/*  A turn of the shell. */
static void s_broker_turn (s_world_t *self)
{
    uint64_t now = s_clock (self);
    s_hear (self);
    if (now < self->ticked || now >= zt_core_deadline (self->core))
        zt_core_tick (self->core, now);
    self->ticked = now;
    s_keep (self);
    s_speak (self);
}

static void s_gone (s_world_t *self)
{
    zt_core_destroy (&self->core);
    zt_sim_net_broker_gone (self->net, self->scene.now);
    zt_sim_store_crash (self->store, self->scene.now);
    self->up_at = self->scene.now + zt_dice_below (&self->scene.dice, 2000);
}

static void s_crash (s_world_t *self)
{
    zt_scene_tell (&self->scene, "the broker crashes");
    s_gone (self);
}

/*  The orderly end: what the store was given it does first. */
static void s_shut_down (s_world_t *self)
{
    zt_scene_tell (&self->scene, "the broker ends");
    s_keep (self);
    zt_core_shutdown (self->core, s_clock (self));
    s_speak (self);
    for (s_keep (self); !zt_sim_store_is_idle (self->store); s_keep (self))
        self->scene.now++;
    s_gone (self);
}

/*  ---------------------------------------------------------------------------
    A turn of all */

static void s_turn (s_world_t *self, uint64_t ms)
{
    zt_arrival_t arrival;
    self->scene.now += ms;
    while (zt_sim_net_at_client (self->net, &arrival, self->scene.now)) {
        uint32_t client = zt_sim_net_client (self->net, arrival.connection);
        zt_sim_client_arrives (self->clients[client], &arrival);
    }
    for (uint32_t i = 0; i < self->scene.n_clients; i++)
        zt_sim_client_turn (self->clients[i], self->core != NULL);
    if (self->core)
        s_broker_turn (self);
    else if (self->scene.now >= self->up_at)
        s_begin (self);
}

/*  ---------------------------------------------------------------------------
    Turmoil */

static uint32_t s_any_target (s_world_t *self, uint32_t client)
{
    zt_dice_t *dice = &self->scene.dice;
    uint32_t user = zt_dice_below (dice, self->scene.n_users);
    switch (zt_dice_below (dice, 8)) {
    case 0:
    case 1:
        return ZT_SIM_GENERAL;
    case 2:
    case 3:
        return ZT_SIM_ROOM;
    case 4:
        return zt_dice_one_in (dice, 4) ? (uint32_t) ZT_SIM_NOBODY : self->scene.roles[client].user;
    default:
        return user;
    }
}

/*  Some messages of a client, now and then, as long as there are to be more. */
static void s_say (s_world_t *self)
{
    zt_dice_t *dice = &self->scene.dice;
    uint32_t left = self->plan.n_messages - zt_ledger_wanted (self->ledger);
    if (left == 0 || !zt_dice_one_in (dice, 6))
        return;
    uint32_t client = zt_dice_below (dice, self->scene.n_clients);
    uint32_t n = zt_dice_from (dice, 1, 6), target = s_any_target (self, client);
    for (n = n < left ? n : left; n; n--) {
        zt_sim_client_say (self->clients[client], target);
        if (zt_dice_one_in (dice, 2))
            target = s_any_target (self, client);
    }
}

static bool s_strikes (s_world_t *self, uint32_t rarity)
{
    return zt_dice_one_in (&self->scene.dice, self->plan.trouble * rarity);
}

static void s_change_rooms (s_world_t *self)
{
    zt_dice_t *dice = &self->scene.dice;
    for (uint32_t i = 0; i < self->scene.n_users; i++) /* the first client of each user */
        if (zt_dice_one_in (dice, 3))
            zt_sim_client_want_room (self->clients[i], zt_dice_one_in (dice, 2));
}

static void s_set_clock (s_world_t *self)
{
    zt_dice_t *dice = &self->scene.dice;
    uint32_t ms = zt_dice_below (dice, zt_dice_one_in (dice, 2) ? 2000 : 200000);
    bool forward = zt_dice_one_in (dice, 2);
    self->clock_offset = forward ? self->clock_offset + ms : self->clock_offset - ms;
    zt_scene_tell (&self->scene, "the clock is set %s by %u ms", forward ? "forward" : "back", ms);
}

/*  What goes wrong with connections, clients and the broker. */
static void s_break_things (s_world_t *self)
{
    zt_dice_t *dice = &self->scene.dice;
    uint32_t client = zt_dice_below (dice, self->scene.n_clients);
    uint32_t connection = zt_sim_client_connection (self->clients[client]);
    if (s_strikes (self, 1) && connection != ZT_SIM_NOT_CONNECTED) {
        zt_scene_tell (&self->scene, "the connection of %s is cut",
                       zt_scene_client (&self->scene, client));
        zt_sim_net_cut (self->net, connection, self->scene.now);
    }
    client = zt_dice_below (dice, self->scene.n_clients);
    if (s_strikes (self, 3))
        zt_sim_client_crash (self->clients[client], self->scene.now + zt_dice_below (dice, 5000));
    if (s_strikes (self, 3))
        s_set_clock (self);
    if (self->core && s_strikes (self, 5))
        zt_core_kick (self->core, zt_bytes (zt_scene_user (zt_dice_below (dice, ZT_SIM_USERS))),
                      s_clock (self));
    if (self->core && s_strikes (self, 4))
        s_crash (self);
    if (self->core && s_strikes (self, 10))
        s_shut_down (self);
}

static void s_turmoil (s_world_t *self)
{
    zt_dice_t *dice = &self->scene.dice;
    uint64_t step = zt_dice_from (dice, 1, 20);
    if (!self->plan.orderly) {
        s_break_things (self);
        if (zt_dice_one_in (dice, 40)) /* nobody gets to do anything for a while */
            step = zt_dice_below (dice, 4000);
    }
    if (s_strikes (self, 2)) {
        uint32_t ms = zt_dice_below (dice, zt_dice_one_in (dice, 2) ? 100 : 2500);
        zt_scene_tell (&self->scene, "the disk is full for %u ms", ms);
        zt_sim_store_full (self->store, self->scene.now + ms);
    }
    if (s_strikes (self, 3))
        s_change_rooms (self);
    s_say (self);
    s_turn (self, step);
}

/*  ---------------------------------------------------------------------------
    A run */

static void s_cast (s_world_t *self)
{
    zt_scene_t *scene = &self->scene;
    zt_dice_t *dice = &scene->dice;
    scene->n_users = zt_dice_from (dice, 3, ZT_SIM_USERS);
    scene->n_clients = zt_dice_from (dice, scene->n_users, ZT_SIM_CLIENTS);
    for (uint32_t i = 0; i < scene->n_clients; i++) {
        zt_role_t *role = &scene->roles[i];
        role->user = i < scene->n_users ? i : zt_dice_below (dice, scene->n_users);
        role->receives = i < scene->n_users || !zt_dice_one_in (dice, 4);
        if (role->receives || zt_dice_one_in (dice, 2))
            snprintf (role->device, sizeof role->device, "d%u", i % 100);
        role->sent_last = zt_dice_one_in (dice, 4);
        role->wants_receipts = zt_dice_one_in (dice, 2);
    }
}

static void s_make_plan (s_world_t *self)
{
    enum { S_LARGE = 60000 };
    zt_dice_t *dice = &self->scene.dice;
    bool is_large = zt_dice_one_in (dice, 64), forgets = zt_dice_one_in (dice, 8);
    self->plan =
        (s_plan_t){.orderly = zt_dice_one_in (dice, 6),
                   .replay = zt_dice_one_in (dice, 8) ? zt_dice_from (dice, 1, 20) : ZT_REPLAY,
                   .log_bytes = forgets ? zt_dice_from (dice, 500, 8000) : 64 << 20,
                   .padding = is_large ? S_LARGE : zt_dice_below (dice, 20),
                   .n_messages = is_large ? 48 : zt_dice_from (dice, 20, 80),
                   .trouble = zt_dice_from (dice, 8, 60)};
    if (forgets)
        zt_ledger_log_is_small (self->ledger);
    if (self->plan.replay != ZT_REPLAY)
        zt_ledger_gaps_are_fine (self->ledger);
    if (self->plan.orderly)
        zt_ledger_is_orderly (self->ledger);
}

static void s_new_world (s_world_t *self, uint64_t seed, bool verbose)
{
    *self = (s_world_t){.scene = {.seed = seed, .dice = {seed}, .verbose = verbose}};
    zt_dice_t *dice = &self->scene.dice;
    s_cast (self);
    self->ledger = zt_ledger_new (&self->scene);
    s_make_plan (self);
    self->net = zt_sim_net_new (dice, self->plan.orderly ? 60 : 600);
    self->store = zt_sim_store_new (dice, self->plan.log_bytes, zt_ledger_written, self->ledger);
    zt_ledger_watch (self->ledger, self->store);
    self->clock_offset = UINT64_C (1700000000000);
    for (uint32_t i = 0; i < self->scene.n_clients; i++) {
        self->clients[i] =
            zt_sim_client_new (&self->scene, i, self->ledger, self->net, self->plan.padding);
        /*  Most are there from the beginning. */
        if (zt_dice_one_in (dice, 4))
            zt_sim_client_crash (self->clients[i], zt_dice_below (dice, 6000));
    }
    s_change_rooms (self);
}

static void s_end_world (s_world_t *self)
{
    zt_core_destroy (&self->core);
    for (uint32_t i = 0; i < self->scene.n_clients; i++)
        zt_sim_client_destroy (&self->clients[i]);
    zt_sim_store_destroy (&self->store);
    zt_sim_net_destroy (&self->net);
    zt_ledger_destroy (&self->ledger);
}

static void s_settle (s_world_t *self)
{
    const char *missing = "";
    zt_scene_tell (&self->scene, "all settles");
    zt_sim_net_calm (self->net, self->scene.now);
    zt_sim_store_calm (self->store);
    for (uint32_t i = 0; i < self->scene.n_clients; i++)
        zt_sim_client_calm (self->clients[i]);
    for (uint32_t i = 0; i < S_SETTLE && missing; i++) {
        s_turn (self, S_SETTLE_MS);
        missing = i % 4 == 0 ? zt_ledger_missing (self->ledger) : missing;
    }
    if (missing)
        zt_scene_fail (&self->scene, "%s", missing);
    for (uint32_t i = 0; i < S_AFTERMATH; i++)
        s_turn (self, S_SETTLE_MS);
    missing = zt_ledger_missing (self->ledger);
    if (missing)
        zt_scene_fail (&self->scene, "%s", missing);
}

static void s_run (uint64_t seed, bool verbose)
{
    s_world_t world;
    s_new_world (&world, seed, verbose);
    for (uint32_t i = 0; i < S_TURMOIL; i++)
        s_turmoil (&world);
    s_settle (&world);
    s_end_world (&world);
}

/*  ---------------------------------------------------------------------------
    The program */

/*  For the handler of a crash, which gets no argument. */
static char s_last_words[64];

static void s_on_death (void)
{
    ssize_t written = write (STDERR_FILENO, s_last_words, strlen (s_last_words));
    (void) written;
}

static void s_on_abort (int signal)
{
    (void) signal;
    s_on_death ();
}

int main (int argc, char **argv)
{
    if (argc < 2 || argc > 3) {
        fprintf (stderr, "usage: simulate SEED | FIRST COUNT\n");
        return 2;
    }
    bool verbose = argc == 2;
    uint64_t first = strtoull (argv[1], NULL, 10);
    uint64_t count = verbose ? 1 : strtoull (argv[2], NULL, 10);
    signal (SIGABRT, s_on_abort);
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback (s_on_death);
    for (uint64_t seed = first; seed - first < count; seed++) {
        snprintf (s_last_words, sizeof s_last_words, "simulate: died of seed %" PRIu64 "\n", seed);
        s_run (seed, verbose);
    }
    printf ("%" PRIu64 " runs, all as promised\n", count);
    return 0;
}
