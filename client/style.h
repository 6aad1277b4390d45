/*  SPDX-License-Identifier: MPL-2.0

    zt_style - how text looks, and what a terminal is told for that

    A style names its colours by their numbers in a palette, so that one drawing serves
    terminals of 16, of 256 and of all colours, and of none. */

#ifndef ZT_CLIENT_STYLE_H
#define ZT_CLIENT_STYLE_H

#include "common/buffer.h"

enum {
    ZT_STYLE_BOLD = 1,
    ZT_STYLE_DIM = 2,
    ZT_STYLE_ITALIC = 4,
    ZT_STYLE_UNDERLINE = 8,
    ZT_STYLE_REVERSE = 16
};

/*  Zeroed it is plain text. */
typedef struct {
    unsigned char foreground; /* of the palette, from 1; 0: the terminal's own */
    unsigned char background; /* the same */
    unsigned char flags;      /* ZT_STYLE_ */
} zt_style_t;

/*  One colour, for each kind of terminal. */
typedef struct {
    unsigned char basic;   /* of the 16, as SGR counts: 0 to 7, and 8 to 15 the bright ones */
    unsigned char indexed; /* of the 256 */
    uint32_t rgb;          /* 0xRRGGBB */
} zt_colour_t;

typedef enum {
    ZT_DEPTH_NONE, /* no colour is ever asked for; bold and the like are */
    ZT_DEPTH_16,
    ZT_DEPTH_256,
    ZT_DEPTH_TRUE
} zt_depth_t;

typedef struct {
    const zt_colour_t *colours; /* number 1 comes first; a view */
    size_t count;
} zt_palette_t;

static inline bool zt_style_equal (zt_style_t a, zt_style_t b)
{
    return a.foreground == b.foreground && a.background == b.background && a.flags == b.flags;
}

/*  Appends the shortest SGR sequence that takes a terminal from one style to another;
    nothing if there is no difference that such a terminal shows. A colour that the
    palette does not have is the terminal's own. */
void zt_style_put (zt_buffer_t *buffer, zt_style_t from, zt_style_t to, zt_depth_t depth,
                   zt_palette_t palette);

#endif
