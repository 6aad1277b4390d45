/*  SPDX-License-Identifier: MPL-2.0

    The inside of zt_ui, for the files that make it up: ui.c (items, drawing, the connection),
    ui_input.c (keys and the mouse), ui_paste.c (what is pasted), ui_command.c (what is typed),
   ui_draft.c (what is not sent yet) and ui_list.c (help, the switcher, hits). */

#ifndef ZT_CLIENT_UI_STATE_H
#define ZT_CLIENT_UI_STATE_H

#include "client/ui.h"

/*  What stands beside a conversation. */
typedef struct {
    zt_scroll_t scroll;
    zt_draft_t *draft; /* while it is not open */
    bool is_refused;   /* older messages: asked for anew when a person wants them, not before */
} zt_desk_t;

typedef enum { ZT_LIST_NONE, ZT_LIST_HELP, ZT_LIST_SWITCHER, ZT_LIST_HITS } zt_list_kind_t;

struct zt_ui_t {
    zt_client_t *core;
    zt_model_t *model;
    zt_editor_t *editor;
    zt_widths_t widths;
    zt_page_style_t style;
    int rows, columns;
    uint64_t version;
    zt_wish_t wish;
    int64_t now; /* of the event that is being taken */

    zt_buffer_t status; /* how the connection is, in words */
    zt_buffer_t detail; /* what else is told of it */
    bool is_trouble;
    int64_t status_at; /* when it changes by itself, or ZT_NEVER */

    zt_buffer_t pasted; /* several lines, about which there is a question */
    bool takes_one;     /* they fit into one message, with what is typed; if not, each does */
    zt_buffer_t question;

    zt_list_kind_t list_kind;
    zt_list_t list;
    zt_buffer_t title;  /* of the switcher */
    zt_buffer_t help;   /* rows of it, each with an LF */
    zt_buffer_t filter; /* what is typed for the switcher */
    size_t *matches;    /* of it: places in the model's list */
    zt_buffer_t found;  /* the words of the search that is on */
    bool is_searching;  /* its hits can be gone to, and are marked */
    size_t hit;         /* the one that was gone to last, from 1; 0: none yet */
    uint64_t sought;    /* the message of a hit, which is still to be fetched; or 0 */

    const char **names; /* for completion: made when they are needed, and owned */
    size_t names_count;
};

/*  A conversation's, and the open one's; it is made if need be. */
zt_desk_t *zt_ui_desk_of (zt_conversation_t *conversation);
zt_desk_t *zt_ui_desk (zt_ui_t *self);

/*  The scene as it is now: views. */
zt_scene_t zt_ui_scene (zt_ui_t *self);

/*  Opens another conversation: the draft stays with the old one. */
void zt_ui_open (zt_ui_t *self, zt_conversation_t *conversation);
void zt_ui_open_index (zt_ui_t *self, size_t index);

/*  A person wants to see the open conversation: what was refused is asked for once more. */
void zt_ui_ask_again (zt_ui_t *self);

/*  Something was typed to its end: a command, or text for the open conversation. */
void zt_ui_submit (zt_ui_t *self, zt_bytes_t text, int64_t now, uint64_t wall);

/*  Text for the open conversation, also if it looks like a command. */
void zt_ui_send (zt_ui_t *self, zt_bytes_t text, int64_t now);

/*  Something is pasted. False if it does not fit, which is told then; else the editor gets it. */
bool zt_ui_paste (zt_ui_t *self, const zt_input_t *input, uint64_t wall);

/*  What is asked about what was pasted, as long as there is room for: until the next call. And a
    key, which may answer it. */
const char *zt_ui_question (zt_ui_t *self);
void zt_ui_answer (zt_ui_t *self, const zt_input_t *input, int64_t now, uint64_t wall);

/*  Opens a list, or closes it; filters the switcher; takes a line. */
void zt_ui_list_open (zt_ui_t *self, zt_list_kind_t kind);
void zt_ui_list_close (zt_ui_t *self);
void zt_ui_list_filter (zt_ui_t *self);
void zt_ui_list_shape (zt_ui_t *self); /* the size is another one */
void zt_ui_list_choose (zt_ui_t *self, size_t index);

/*  The hits of a search have come: shows them. Goes from hit to hit, and ends the search. */
void zt_ui_search_begin (zt_ui_t *self, uint64_t wall);
void zt_ui_search_step (zt_ui_t *self, bool is_older);
void zt_ui_search_end (zt_ui_t *self);

/*  Goes to the message that is sought in the open conversation, if it is there; else to the
    oldest that is, which has older ones fetched. */
void zt_ui_seek (zt_ui_t *self);

/*  Goes so many posts back in the open conversation, as far as there are any. */
void zt_ui_go_back (zt_ui_t *self, uint64_t count);

/*  The keys that are not the editor's, for the help. */
size_t zt_ui_keys_count (void);
void zt_ui_keys_help (size_t i, zt_buffer_t *text);

#endif
