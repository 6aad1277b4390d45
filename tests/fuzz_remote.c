/*  SPDX-License-Identifier: MPL-2.0

    Whatever peers send, the screen, the lines, the JSON, the title and the notifications have no
    byte of it that a terminal obeys, and what the terminal shows is what was drawn. The first
    bytes choose the size and what is looked at; 0xFF stands between what is said one after
    another. */

#include "tests/fuzz.h"
#include "tests/remote.h"

#include <stdio.h>
#include <stdlib.h>

enum { S_HEAD = 4, S_COLUMNS = 200, S_ROWS = 30, S_SAID_MOST = 8 };

static void s_require (bool holds, zt_buffer_t *wrong)
{
    if (!holds) {
        fprintf (stderr, "fuzz_remote: %s\n", zt_buffer_string (wrong));
        abort ();
    }
}

static void s_check (const uint8_t *head, zt_bytes_t said)
{
    zt_buffer_t wrong = {NULL, 0, 0};
    zt_remote_t *remote = zt_remote_new (head[2] & 4);
    for (int i = 0; i < S_SAID_MOST; i++) {
        const char *end = said.size ? memchr (said.data, 0xFF, said.size) : NULL;
        size_t size = end ? (size_t) (end - said.data) : said.size;
        s_require (zt_remote_say (remote, zt_bytes_part (said, 0, size), &wrong), &wrong);
        if (!end)
            break;
        said = zt_bytes_part (said, size + 1, said.size - size - 1);
    }
    for (int i = head[3] % 8; i > 0; i--)
        zt_remote_turn (remote);
    for (int i = 0; i < 2; i++) {
        int columns = 1 + (head[0] + i * 7) % S_COLUMNS;
        zt_remote_view_t view = (zt_remote_view_t) ((head[2] & 3) % ZT_REMOTE_VIEWS);
        s_require (zt_remote_look (remote, 1 + head[1] % S_ROWS, columns, view, &wrong), &wrong);
    }
    zt_remote_destroy (&remote);
    zt_buffer_free (&wrong);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    if (size >= S_HEAD)
        s_check (data, (zt_bytes_t){(const char *) data + S_HEAD, size - S_HEAD});
    return 0;
}
