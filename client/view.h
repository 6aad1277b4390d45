/*  SPDX-License-Identifier: MPL-2.0

    zt_view - the whole screen: conversations, messages, people, a bar, what is typed

    With less and less room the panes at the sides go first, then the bar, then rows of what
    is typed; a conversation and a row to type in are left at one column. */

#ifndef ZT_CLIENT_VIEW_H
#define ZT_CLIENT_VIEW_H

#include "client/editor.h"
#include "client/page.h"

/*  A list over the conversation: the help, a choice, the hits of a search. */
typedef struct {
    zt_bytes_t title;
    bool is_typed;       /* its end is what one types: the cursor stands behind it */
    const char *nothing; /* stands there when there are no lines; or NULL */
    size_t count;
    size_t selected; /* count or more: nothing is to be chosen */
    size_t first;    /* the line at the top; the drawing keeps the chosen one in sight */
    /*  Appends a line, which may be any text; borrowed. */
    void (*line) (void *self, size_t i, zt_buffer_t *text);
    void *self;
} zt_list_t;

/*  What is to be seen. All of it is borrowed. */
typedef struct {
    const zt_page_style_t *style;
    const zt_model_t *model;
    const zt_scroll_t *scroll; /* of the open conversation */
    zt_editor_view_t editor;
    zt_bytes_t status;     /* how the connection is, in words */
    bool is_trouble;       /* and it is not well */
    zt_bytes_t detail;     /* what else is told of it where there is room; or empty */
    zt_bytes_t question;   /* that waits for a key, above what is typed; or empty */
    const zt_list_t *list; /* NULL: there is none */
    size_t hit, hits;      /* of a search: which one was gone to last, from 1 or 0, and of how many;
                              0: no search is on */
} zt_scene_t;

/*  Where things are. An area without rows or columns is not there. */
typedef struct {
    zt_area_t conversations, page, people, bar, question, input;
} zt_layout_t;

/*  Draws the scene, all of it, and places the cursor. */
void zt_view_draw (const zt_scene_t *scene, zt_screen_t *screen);

zt_layout_t zt_view_layout (const zt_scene_t *scene, int rows, int columns);

/*  How many columns there are to type in: the rows that the cursor moves by. */
int zt_view_input_columns (const zt_scene_t *scene, int columns);

typedef enum {
    ZT_PLACE_NONE,
    ZT_PLACE_CONVERSATION, /* index, in the model's list */
    ZT_PLACE_PERSON,       /* index, among those online */
    ZT_PLACE_POST,         /* post */
    ZT_PLACE_LINE          /* index, of the list */
} zt_place_kind_t;

typedef struct {
    zt_place_kind_t kind;
    size_t index;
    int64_t post;
} zt_place_t;

/*  What is at a cell, both counted from 0. */
zt_place_t zt_view_at (const zt_scene_t *scene, int rows, int columns, int row, int column);

#endif
