/*  SPDX-License-Identifier: MPL-2.0

    zt_glyph - text, cut into what a terminal shows as one

    A glyph is a grapheme cluster (UAX 29). How many columns it takes depends on
    the terminal, and no table is right for all of them. So the terminal is asked
    when the screen is taken, and what it has answered is a profile, zt_widths_t.

    The text is clean, as zt_text_clean leaves it. */

#ifndef ZT_CLIENT_GLYPH_H
#define ZT_CLIENT_GLYPH_H

#include "common/buffer.h"

/*  How many columns a terminal gives to what terminals disagree about. */
typedef struct {
    bool is_safe;       /* the terminal has not answered: it gets only what zt_glyph_safe gives */
    unsigned char zwj;  /* of what is joined to a picture by ZWJ: 2, a family is one picture;
                           0, it is shown as the sum of its parts */
    unsigned char vs16; /* of U+2764 U+FE0F and of keycaps: 1 or 2 */
    unsigned char skin; /* of U+1F44D U+1F3FD: 2, it has colour; 4, the colour stands beside */
    unsigned char vs15; /* of U+2614 U+FE0E: 1 or 2 */
    unsigned char regional; /* of a regional indicator alone, such as U+1F1FA: 1 or 2 */
    unsigned char indic;    /* of U+0915 U+094D U+0937 U+093F: 3, or 2 if marks with a space of
                               their own have none */
    unsigned char newest;   /* of U+1FAE8, and at most of all that is as new: 0, 1 or 2. With 0
                               the terminal does not show it: see zt_glyph_safe */
} zt_widths_t;

typedef struct {
    zt_bytes_t text;     /* a view into what it was cut from; 1 byte or more */
    size_t columns;      /* 0 for a line end, and for what the terminal does not show */
    bool is_contentious; /* terminals disagree about its columns: after it is drawn the cursor is
                            put where it has to be, and the row is drawn as a whole */
} zt_glyph_t;

/*  The profile for a terminal that has not answered. */
zt_widths_t zt_widths_safe (void);

/*  Cuts the next cluster off the front of *rest; false if *rest is empty. A byte
    that is no UTF-8 is a glyph of one column. */
bool zt_glyph_next (zt_bytes_t *rest, const zt_widths_t *widths, zt_glyph_t *glyph);

/*  The columns of all the glyphs of text. */
size_t zt_glyph_columns (zt_bytes_t text, const zt_widths_t *widths);

/*  Appends text as this terminal can show it. Text that is drawn with a profile
    goes through this first, and what is measured is what comes out.
    With the safe profile there are no joiners, no variation selectors and no
    skin tones on a picture, and code points newer than Unicode 9 are U+FFFD; with
    newest 0 only the newest ones are. With others the text stays as it is. */
void zt_glyph_safe (zt_buffer_t *buffer, zt_bytes_t text, const zt_widths_t *widths);

#endif
