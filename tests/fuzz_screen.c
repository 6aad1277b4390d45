/*  SPDX-License-Identifier: MPL-2.0

    Whatever text is put on a screen, what is painted is text and our own sequences, and
    nothing else; rows that zt_flow makes of it are the text again, and fit; and a screen
    that was painted has nothing left to paint. The first bytes choose sizes and widths. */

#include "client/flow.h"
#include "client/paint.h"
#include "common/text.h"
#include "common/utf8.h"
#include "tests/fuzz.h"

#include <stdio.h>
#include <stdlib.h>

enum { S_HEAD = 6 };

static void s_require (bool holds, const char *what)
{
    if (!holds) {
        fprintf (stderr, "fuzz_screen: %s\n", what);
        abort ();
    }
}

/*  The size of the sequence of ours at the beginning, or 0. */
static size_t s_sequence (const char *data, size_t size)
{
    size_t at = 2;
    if (size < 3 || data[0] != '\033' || data[1] != '[')
        return 0;
    while (at < size && strchr ("?;0123456789", data[at]) && data[at])
        at++;
    return at < size && data[at] && strchr ("HJKhlm", data[at]) ? at + 1 : 0;
}

static void s_check_painted (const zt_buffer_t *painted)
{
    for (size_t at = 0; at < painted->size;) {
        uint32_t c;
        size_t used = s_sequence (painted->data + at, painted->size - at);
        if (used == 0) {
            used = zt_utf8_read (painted->data + at, painted->size - at, &c);
            s_require (used > 0, "what is painted is not UTF-8");
            s_require (c >= 0x20 && (c < 0x7F || c >= 0xA0), "a control is painted");
        }
        at += used;
    }
}

/*  Wraps the text, and draws its rows. */
static void s_flow (zt_screen_t *screen, zt_bytes_t text, const uint8_t *head,
                    const zt_widths_t *widths)
{
    zt_area_t area = zt_screen_area (screen);
    zt_flow_t flow = zt_flow (text, area.columns, head[3] % 16, head[4] % 16, widths);
    zt_flow_row_t row;
    size_t at = 0;
    for (int i = 0; zt_flow_next (&flow, &row); i++) {
        s_require (row.text.size == 0 || row.text.data == text.data + at, "a row is not in order");
        s_require (row.size > 0 || i == 0 || at == text.size, "a row has nothing");
        at += row.size;
        int end = zt_screen_put (screen, area, i, row.indent, row.text, (zt_style_t){0, 0, 0});
        bool is_drawn = i < area.rows && row.indent + row.columns <= area.columns;
        s_require (!is_drawn || end == row.indent + row.columns, "a row is drawn otherwise");
    }
    s_require (at == text.size, "the rows are not the text");
}

static void s_check (const uint8_t *head, zt_bytes_t text)
{
    zt_widths_t safe = zt_widths_safe ();
    zt_widths_t widths = {.zwj = head[2] & 1 ? 2 : 0,
                          .vs16 = head[2] & 2 ? 2 : 1,
                          .skin = head[2] & 4 ? 2 : 4,
                          .vs15 = head[2] & 8 ? 2 : 1,
                          .regional = head[2] & 16 ? 2 : 1,
                          .indic = head[2] & 32 ? 2 : 3,
                          .newest = (unsigned char) (head[2] >> 6 < 3 ? head[2] >> 6 : 0)};
    if (head[2] == 0)
        widths = safe;
    zt_buffer_t painted = {NULL, 0, 0}, clean = {NULL, 0, 0};
    zt_screen_t *screen = zt_screen_new (head[0] % 32, head[1]);
    zt_painter_t *painter = zt_painter_new ();
    zt_screen_set_widths (screen, &widths);
    /*  As it is, which nobody does. */
    zt_screen_put (screen, (zt_area_t){1, 2, 9, 30}, 0, head[5] - 128, text, (zt_style_t){0, 0, 3});
    zt_painter_paint (painter, screen, &painted);
    /*  As everybody does. */
    zt_text_clean (&clean, text, ZT_TEXT_LINES);
    s_flow (screen, zt_buffer_bytes (&clean), head, &widths);
    zt_painter_paint (painter, screen, &painted);
    s_check_painted (&painted);
    s_require (!zt_painter_paint (painter, screen, &painted), "it is painted again");
    zt_painter_destroy (&painter);
    zt_screen_destroy (&screen);
    zt_buffer_free (&painted);
    zt_buffer_free (&clean);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    if (size >= S_HEAD)
        s_check (data, (zt_bytes_t){(const char *) data + S_HEAD, size - S_HEAD});
    return 0;
}
