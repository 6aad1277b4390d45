/*  SPDX-License-Identifier: MPL-2.0

    zt_editor - what is typed, from keys to a line that is sent

    It is pure: an event goes in, and out comes what the caller has to do about it.
    binding.h has the keys. The text is always clean (see zt_line). It is drawn as
    zt_glyph_safe gives it, in the rows of zt_wrap; the cursor is behind what that
    gives for the text before it.

    What is typed belongs to a conversation: when another is opened, the editor's
    draft is taken out, and that one's is put in. What was sent, and what was deleted
    last, is the editor's, and stays. */

#ifndef ZT_CLIENT_EDITOR_H
#define ZT_CLIENT_EDITOR_H

#include "client/completion.h"
#include "client/glyph.h"
#include "client/input.h"

typedef struct zt_editor_t zt_editor_t;
typedef struct zt_draft_t zt_draft_t;

typedef enum {
    ZT_EDITOR_UNUSED,   /* it means nothing here: the caller may use it */
    ZT_EDITOR_CHANGED,  /* it was for the editor, which is to be drawn again */
    ZT_EDITOR_SUBMIT,   /* text is to be sent; the editor is empty now */
    ZT_EDITOR_QUESTION, /* text of several rows was pasted: if that is meant, zt_editor_insert it */
    ZT_EDITOR_FULL      /* there is no room for it: nothing has changed */
} zt_editor_result_t;

/*  What is to be drawn. */
typedef struct {
    zt_bytes_t text;
    size_t cursor;    /* bytes of text before it */
    bool is_search;   /* what was sent is being searched: text is what was found, if anything was */
    zt_bytes_t query; /* what is searched for */
    bool is_found;    /* false: nothing (more) has it */
} zt_editor_view_t;

/*  An empty editor, for texts of at most so many bytes. */
zt_editor_t *zt_editor_new (size_t most);
void zt_editor_destroy (zt_editor_t **self_p);

/*  The columns of a row, and how the terminal counts them: for Up and Down. Until it is
    told, there are 80, of a terminal that has not answered. */
void zt_editor_shape (zt_editor_t *self, size_t width, const zt_widths_t *widths);

/*  Takes an event. *text, for those results that have it, lives until the next call of
    a function. lists are for completion, and need not stay; NULL if there are none. */
zt_editor_result_t zt_editor_input (zt_editor_t *self, const zt_input_t *input,
                                    const zt_completion_lists_t *lists, zt_bytes_t *text);

/*  Puts text (any bytes) where the cursor is; false if there is no room for it. */
bool zt_editor_insert (zt_editor_t *self, zt_bytes_t text);

/*  Deletes all that is typed, or ends a search, and it can be put back (ZT_ACTION_YANK,
    ZT_ACTION_UNDO); false if there is nothing of either. */
bool zt_editor_clear (zt_editor_t *self);

/*  The views live until the next call of a function. */
void zt_editor_view (const zt_editor_t *self, zt_editor_view_t *view);

/*  Adds a line to those that were sent, as the last. */
void zt_editor_remember (zt_editor_t *self, zt_bytes_t line);

/*  Takes out all that belongs to the conversation; the editor is empty then. The caller
    owns it. A search is given up. */
zt_draft_t *zt_editor_take (zt_editor_t *self);

/*  Puts it back, and destroys it; NULL is an empty one. What is in the editor is gone. */
void zt_editor_put (zt_editor_t *self, zt_draft_t **draft_p);

/*  What of a draft (NULL: of what is in the editor) was never sent, until anything is called: its
    text; and while a line that was sent stands in its place, what was typed before. */
zt_bytes_t zt_editor_unsent (const zt_editor_t *self, const zt_draft_t *draft);

void zt_draft_destroy (zt_draft_t **self_p);

#endif
