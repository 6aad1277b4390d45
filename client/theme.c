/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/theme.h"

#include "client/colour.h"
#include "common/name.h"
#include "common/translate.h"

#include <assert.h>

/*  The palettes. Each colour is told for a dark background and for a light one, as it is
    among 16 colours, among 256, and exactly. On the darkest and the lightest background in
    use all that text is written in has a contrast of 4.5 or more, from the 256 on
    (test_theme); the 16 are the user's own.
          name      dark                   light */
#define S_COLOURS(X)                                                                               \
    X (GREY, 8, 245, 0x8A8F98, 8, 242, 0x666B73)                                                   \
    X (RED, 9, 210, 0xFF8787, 1, 160, 0xC62828)                                                    \
    X (YELLOW, 11, 221, 0xFFD75F, 3, 94, 0x7A5200)                                                 \
    X (GREEN, 10, 114, 0x87D787, 2, 22, 0x1B7A1B)                                                  \
    X (BLUE, 12, 111, 0x87AFFF, 4, 25, 0x005FAF)                                                   \
    X (WHITE, 15, 255, 0xF0F0F0, 0, 232, 0x101010)                                                 \
    X (BAR, 4, 236, 0x2B2F36, 7, 253, 0xDADDE2)                                                    \
    X (BAR_TEXT, 15, 250, 0xBFC4CC, 0, 238, 0x3F444C)                                              \
    X (BAR_RED, 11, 217, 0xFFAFAF, 1, 124, 0xAF0000)                                               \
    X (BAR_YELLOW, 11, 221, 0xFFD75F, 4, 18, 0x00307F)                                             \
    X (MARKER, 3, 220, 0xFFD000, 3, 221, 0xFFD75F)                                                 \
    X (BLACK, 0, 232, 0x101010, 0, 232, 0x101010)                                                  \
    /* of senders: the first is FIRST */                                                           \
    X (FIRST, 14, 81, 0x5FD7FF, 4, 25, 0x005FAF)                                                   \
    X (SENDER_2, 10, 114, 0x87D787, 2, 22, 0x007A00)                                               \
    X (SENDER_3, 11, 215, 0xFFAF5F, 1, 88, 0x8A3A00)                                               \
    X (SENDER_4, 13, 177, 0xD787FF, 5, 91, 0x8700AF)                                               \
    X (SENDER_5, 9, 210, 0xFF8787, 1, 160, 0xC80000)                                               \
    X (SENDER_6, 6, 79, 0x5FD7AF, 6, 23, 0x006464)                                                 \
    X (SENDER_7, 2, 149, 0xAFD75F, 2, 58, 0x566000)                                                \
    X (SENDER_8, 5, 183, 0xD7AFFF, 5, 125, 0xAF005F)                                               \
    X (SENDER_9, 12, 111, 0x87AFFF, 4, 62, 0x5050D0)                                               \
    X (SENDER_10, 3, 221, 0xFFD75F, 3, 94, 0x7A5200)                                               \
    X (SENDER_11, 13, 218, 0xFFAFD7, 5, 53, 0x5F005F)                                              \
    X (SENDER_12, 14, 152, 0xAFD7D7, 6, 24, 0x005F87)

#define S_ENUM(name, b1, i1, t1, b2, i2, t2)  S_##name,
#define S_DARK(name, b1, i1, t1, b2, i2, t2)  {b1, i1, t1},
#define S_LIGHT(name, b1, i1, t1, b2, i2, t2) {b2, i2, t2},
enum { S_DEFAULT, S_COLOURS (S_ENUM) S_END };
static const zt_colour_t s_dark[] = {S_COLOURS (S_DARK)};
static const zt_colour_t s_light[] = {S_COLOURS (S_LIGHT)};

enum {
    S_BOLD = ZT_STYLE_BOLD,
    S_DIM = ZT_STYLE_DIM,
    S_ITALIC = ZT_STYLE_ITALIC,
    S_UNDERLINE = ZT_STYLE_UNDERLINE,
    S_REVERSE = ZT_STYLE_REVERSE
};

/*  The roles: with colours, and without. What only a background tells among colours is
    told by a flag where there are none. */
static const struct {
    zt_style_t coloured;
    unsigned char flags;
} s_roles[] = {
    [ZT_ROLE_TEXT] = {{S_DEFAULT, S_DEFAULT, 0}, 0},
    [ZT_ROLE_OWN] = {{S_WHITE, S_DEFAULT, S_BOLD}, S_BOLD},
    [ZT_ROLE_MENTION] = {{S_YELLOW, S_DEFAULT, S_BOLD}, S_BOLD | S_UNDERLINE},
    [ZT_ROLE_TIME] = {{S_GREY, S_DEFAULT, 0}, S_DIM},
    [ZT_ROLE_NOTICE] = {{S_GREY, S_DEFAULT, 0}, S_DIM},
    [ZT_ROLE_PENDING] = {{S_GREY, S_DEFAULT, S_ITALIC}, S_DIM | S_ITALIC},
    [ZT_ROLE_ERROR] = {{S_RED, S_DEFAULT, S_BOLD}, S_BOLD},
    [ZT_ROLE_UNREAD] = {{S_YELLOW, S_DEFAULT, 0}, S_BOLD},
    [ZT_ROLE_FOUND] = {{S_BLACK, S_MARKER, S_UNDERLINE}, S_REVERSE},
    [ZT_ROLE_LINK] = {{S_BLUE, S_DEFAULT, S_UNDERLINE}, S_UNDERLINE},
    [ZT_ROLE_BORDER] = {{S_GREY, S_DEFAULT, 0}, S_DIM},
    [ZT_ROLE_SELECTED] = {{S_DEFAULT, S_DEFAULT, S_REVERSE}, S_REVERSE},
    [ZT_ROLE_PROMPT] = {{S_GREEN, S_DEFAULT, S_BOLD}, S_BOLD},
    [ZT_ROLE_STATUS] = {{S_BAR_TEXT, S_BAR, 0}, S_REVERSE},
    [ZT_ROLE_STATUS_STRONG] = {{S_WHITE, S_BAR, S_BOLD}, S_REVERSE | S_BOLD},
    [ZT_ROLE_STATUS_UNREAD] = {{S_BAR_YELLOW, S_BAR, S_BOLD}, S_REVERSE | S_UNDERLINE},
    [ZT_ROLE_STATUS_ERROR] = {{S_BAR_RED, S_BAR, S_BOLD}, S_REVERSE | S_BOLD},
};
static_assert (sizeof s_roles / sizeof s_roles[0] == ZT_ROLE_COUNT, "every role has a style");

struct zt_theme_t {
    const char *name;
    const zt_colour_t *colours; /* NULL: none */
    size_t count;
    const zt_style_t *styles; /* of the roles; NULL: those above */
};

static const zt_theme_t s_themes[] = {{"dark", s_dark, S_END - 1, NULL},
                                      {"light", s_light, S_END - 1, NULL},
                                      {"none", NULL, 0, NULL}};

/*  The one that a person has made. Each part has room for two colours, behind those of the base. */
static zt_colour_t s_own_colours[S_END - 1 + 2 * ZT_ROLE_COUNT];
static zt_style_t s_own_styles[ZT_ROLE_COUNT];
static zt_theme_t s_own = {"own", NULL, S_END - 1 + 2 * ZT_ROLE_COUNT, s_own_styles};

const char zt_theme_no_role[] = N_ ("there is no such part");

const zt_theme_t *zt_theme_find (zt_bytes_t name)
{
    for (size_t i = 0; i < sizeof s_themes / sizeof s_themes[0]; i++)
        if (zt_bytes_equal (name, zt_bytes (s_themes[i].name)))
            return &s_themes[i];
    return s_own.colours && zt_bytes_equal (name, zt_bytes (s_own.name)) ? &s_own : NULL;
}

bool zt_theme_is_name (zt_bytes_t name)
{
    return zt_theme_find (name) || zt_bytes_equal (name, zt_bytes (s_own.name));
}

const char *zt_theme_names (void)
{
    return s_own.colours ? "dark, light, none, own" : "dark, light, none";
}

zt_palette_t zt_theme_palette (const zt_theme_t *self)
{
    return (zt_palette_t){self->colours, self->count};
}

zt_style_t zt_theme_style (const zt_theme_t *self, zt_role_t role)
{
    assert (role < ZT_ROLE_COUNT);
    if (self->styles)
        return self->styles[role];
    if (self->colours)
        return s_roles[role].coloured;
    return (zt_style_t){S_DEFAULT, S_DEFAULT, s_roles[role].flags};
}

/*  FNV-1a: names are short, and nobody gains by making two of them look alike. */
static uint64_t s_hash (const char *data, size_t size)
{
    uint64_t hash = UINT64_C (0xCBF29CE484222325);
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char) data[i]) * UINT64_C (0x100000001B3);
    return hash ^ hash >> 32;
}

zt_style_t zt_theme_sender (const zt_theme_t *self, zt_bytes_t name)
{
    if (!self->colours)
        return (zt_style_t){S_DEFAULT, S_DEFAULT, S_BOLD};
    zt_folded_t folded;
    bool is_name = zt_name_fold (name, &folded) == NULL;
    uint64_t hash = is_name ? s_hash (folded.data, folded.size) : s_hash (name.data, name.size);
    return (zt_style_t){(unsigned char) (S_FIRST + hash % (S_END - S_FIRST)), S_DEFAULT, 0};
}

/*  ---------------------------------------------------------------------------
    The own theme */

static const char *const s_parts[] = {
    [ZT_ROLE_TEXT] = "text",
    [ZT_ROLE_OWN] = "own",
    [ZT_ROLE_MENTION] = "mention",
    [ZT_ROLE_TIME] = "time",
    [ZT_ROLE_NOTICE] = "notice",
    [ZT_ROLE_PENDING] = "pending",
    [ZT_ROLE_ERROR] = "error",
    [ZT_ROLE_UNREAD] = "unread",
    [ZT_ROLE_FOUND] = "found",
    [ZT_ROLE_LINK] = "link",
    [ZT_ROLE_BORDER] = "border",
    [ZT_ROLE_SELECTED] = "selected",
    [ZT_ROLE_PROMPT] = "prompt",
    [ZT_ROLE_STATUS] = "status",
    [ZT_ROLE_STATUS_STRONG] = "status-strong",
    [ZT_ROLE_STATUS_UNREAD] = "status-unread",
    [ZT_ROLE_STATUS_ERROR] = "status-error",
};
static_assert (sizeof s_parts / sizeof s_parts[0] == ZT_ROLE_COUNT, "every role has a name");

/*  Reads a colour into its place; the number of it, 0 for the terminal's own, -1 if it is none. */
static int s_take (size_t place, zt_bytes_t text)
{
    zt_colour_t colour;
    if (zt_bytes_equal (text, zt_bytes ("default")))
        return 0;
    if (!zt_colour_read (text, &colour))
        return -1;
    s_own_colours[place] = colour;
    return (int) place + 1;
}

static void s_begin_own (const zt_theme_t *base)
{
    memcpy (s_own_colours, base->colours, (S_END - 1) * sizeof (zt_colour_t));
    for (size_t i = 0; i < ZT_ROLE_COUNT; i++)
        s_own_styles[i] = s_roles[i].coloured;
    s_own.colours = s_own_colours;
}

const char *zt_theme_own (const zt_theme_t **theme, zt_bytes_t part, zt_bytes_t value)
{
    static const zt_bytes_t on = ZT_LITERAL (" on ");
    size_t role = 0;
    while (role < ZT_ROLE_COUNT && !zt_bytes_equal (part, zt_bytes (s_parts[role])))
        role++;
    if (role == ZT_ROLE_COUNT)
        return zt_theme_no_role;
    if ((*theme)->colours && *theme != &s_own) {
        s_begin_own (*theme);
        *theme = &s_own;
    }
    const char *at = zt_bytes_find (value, on);
    size_t size = at ? (size_t) (at - value.data) : value.size;
    size_t place = S_END - 1 + 2 * role;
    int foreground = s_take (place, zt_bytes_part (value, 0, size));
    int background =
        at ? s_take (place + 1, zt_bytes_part (value, size + on.size, value.size - size - on.size))
           : s_own_styles[role].background;
    if (foreground < 0 || background < 0)
        return N_ ("this is no colour");
    s_own_styles[role].foreground = (unsigned char) foreground;
    s_own_styles[role].background = (unsigned char) background;
    return NULL;
}
