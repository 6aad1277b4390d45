/*  SPDX-License-Identifier: MPL-2.0

    What the files of zt_editor share, and nobody else sees. */

#ifndef ZT_CLIENT_EDITOR_STATE_H
#define ZT_CLIENT_EDITOR_STATE_H

#include "client/binding.h"
#include "client/editor.h"
#include "client/editor_history.h"
#include "client/line.h"
#include "client/undo.h"

struct zt_draft_t {
    zt_line_t line;
    zt_undo_t undo;
    bool is_browsing;  /* the line is, or was made of, one that was sent */
    size_t browsed;    /* its number */
    zt_buffer_t typed; /* what was there before, and comes back at the end of those */
};

struct zt_editor_t {
    size_t most;
    size_t width;
    zt_widths_t widths;
    zt_draft_t draft;
    zt_editor_history_t history;
    zt_completion_t completion;
    zt_buffer_t killed;
    zt_buffer_t given;   /* the text of the last result */
    zt_action_t last;    /* what was done last; ZT_ACTION_COUNT if it was none of these */
    size_t column;       /* that a row of Up and Down goes by */
    bool is_search;      /* and of it: */
    zt_line_t query;     /* what is searched for */
    size_t found;        /* the number of a line that has it */
    bool has_found;      /* there is one */
    bool is_search_over; /* there is none that is older */
};

/*  Puts bytes in the place of size bytes at start, to be undone as one step, or with what
    was typed before. False if there is no room: then nothing has changed. */
bool zt_editor_edit (zt_editor_t *self, size_t start, size_t size, zt_bytes_t bytes, bool is_typed);

/*  Replaces all of the line; see zt_editor_edit. */
bool zt_editor_replace (zt_editor_t *self, zt_bytes_t bytes);

/*  Does what a key is for, other than ZT_ACTION_SUBMIT, _SEARCH and _CANCEL. */
zt_editor_result_t zt_editor_act (zt_editor_t *self, zt_action_t action,
                                  const zt_completion_lists_t *lists);

#endif
