/*  SPDX-License-Identifier: MPL-2.0

    zt_theme - which colour means what */

#ifndef ZT_CLIENT_THEME_H
#define ZT_CLIENT_THEME_H

#include "client/style.h"

/*  What there is to colour. */
typedef enum {
    ZT_ROLE_TEXT,
    ZT_ROLE_OWN,     /* one's own name */
    ZT_ROLE_MENTION, /* one's name in the text of somebody else */
    ZT_ROLE_TIME,    /* when something was said */
    ZT_ROLE_NOTICE,  /* what is no message */
    ZT_ROLE_PENDING, /* what has not been sent yet */
    ZT_ROLE_ERROR,
    ZT_ROLE_UNREAD, /* the line above what is new, and how much there is */
    ZT_ROLE_FOUND,  /* what was searched for, where it stands */
    ZT_ROLE_LINK,
    ZT_ROLE_BORDER,   /* between the parts of the screen */
    ZT_ROLE_SELECTED, /* in a list */
    ZT_ROLE_PROMPT,
    ZT_ROLE_STATUS, /* the bar, and the rest of the roles are in it */
    ZT_ROLE_STATUS_STRONG,
    ZT_ROLE_STATUS_UNREAD,
    ZT_ROLE_STATUS_ERROR,
    ZT_ROLE_COUNT
} zt_role_t;

typedef struct zt_theme_t zt_theme_t;

/*  The theme of a name: dark and light (what the terminal's background is), none, and own, if
    it was made.
    It lives for ever. NULL if there is none of that name. */
const zt_theme_t *zt_theme_find (zt_bytes_t name);

/*  True if it is the name of one that there is, or may be when the configuration has been read. */
bool zt_theme_is_name (zt_bytes_t name);

/*  The names, to be listed in an answer: "dark, light, none". */
const char *zt_theme_names (void);

/*  Makes the theme "own", which there is one of: *theme, with the colours of one part ("mention",
    "status-error") changed to value: "COLOUR" or "COLOUR on COLOUR" (colour.h; "default" is the
    terminal's own). What is own already goes on; a theme without colours stays as it is. Returns
    NULL, or what is wrong: zt_theme_no_role, or of the value. */
const char *zt_theme_own (const zt_theme_t **theme, zt_bytes_t part, zt_bytes_t value);
extern const char zt_theme_no_role[];

/*  What the styles of the theme name their colours by. */
zt_palette_t zt_theme_palette (const zt_theme_t *self);

zt_style_t zt_theme_style (const zt_theme_t *self, zt_role_t role);

/*  The style of the name of somebody, always the same one for names that are the same
    (zt_name_fold). */
zt_style_t zt_theme_sender (const zt_theme_t *self, zt_bytes_t name);

#endif
