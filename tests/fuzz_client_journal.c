/*  SPDX-License-Identifier: MPL-2.0

    The client's journal, as a damaged disk may give it back: it is read up to some
    record, what was read is kept, and writing it anew and reading that gives the same.
    The input is a journal; its last byte says whether the client is interactive. */

#include "tests/fuzz.h"

#include "client/core.h"

#include <assert.h>
#include <stdlib.h>

static void s_show (void *self, const zt_item_t *item)
{
    (void) self;
    (void) item;
}

static zt_client_t *s_core (bool interactive)
{
    zt_client_config_t config = {.endpoint = "tcp://127.0.0.1:5555",
                                 .name = "olena",
                                 .device = "laptop",
                                 .token = "secret",
                                 .interactive = interactive,
                                 .show = s_show};
    return zt_client_new (&config, 1);
}

/*  What a core makes of a journal, and how much of that it has read. */
static zt_buffer_t s_read (zt_bytes_t journal, bool interactive, size_t *good)
{
    zt_client_t *core = s_core (interactive);
    *good = zt_client_recall (core, journal);
    zt_buffer_t snapshot = {NULL, 0, 0};
    zt_client_snapshot (core, &snapshot);
    zt_client_destroy (&core);
    return snapshot;
}

/*  A session in which all that was kept goes out. */
static void s_send (zt_bytes_t journal, bool interactive)
{
    zt_client_t *core = s_core (interactive);
    zt_client_recall (core, journal);
    zt_client_up (core, 1);
    zt_client_tick (core, 1);
    zt_client_frame (core);
    zt_client_frame_sent (core, 1);
    zt_client_receive (core, zt_bytes ("WELCOME olena 1 14\n{\"last_ref\":9}\n"), 1);
    while (zt_client_frame (core).size) {
        zt_client_journal (core);
        zt_client_journal_written (core);
        zt_client_frame_sent (core, 1);
    }
    zt_client_destroy (&core);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    bool interactive = size && data[size - 1] % 2 == 0; /* an LF is even */
    char *copy = malloc (size ? size : 1);              /* ends where it ends */
    assert (copy);
    if (size)
        memcpy (copy, data, size);
    size_t good, again;
    zt_buffer_t first = s_read ((zt_bytes_t){copy, size}, interactive, &good);
    assert (good <= size);
    zt_buffer_t second = s_read (zt_buffer_bytes (&first), interactive, &again);
    assert (again == first.size);
    assert (zt_bytes_equal (zt_buffer_bytes (&first), zt_buffer_bytes (&second)));
    s_send ((zt_bytes_t){copy, size}, interactive);
    zt_buffer_free (&first);
    zt_buffer_free (&second);
    free (copy);
    return 0;
}
