/*  SPDX-License-Identifier: MPL-2.0

    zt_binding - which key does what in a line, in one table

    The editor's dispatch and its lines of help are made from it. */

#ifndef ZT_CLIENT_BINDING_H
#define ZT_CLIENT_BINDING_H

#include "client/input.h"
#include "common/buffer.h"

/*    enum            help */
#define ZT_ACTIONS(X)                                                                              \
    X (SUBMIT, "send what is typed")                                                               \
    X (NEWLINE, "begin a new row")                                                                 \
    X (COMPLETE, "complete a command, a name, a #room or a :picture; again: the next one")         \
    X (COMPLETE_BACK, "the one before")                                                            \
    X (LEFT, "a character back")                                                                   \
    X (RIGHT, "a character forward")                                                               \
    X (WORD_LEFT, "a word back")                                                                   \
    X (WORD_RIGHT, "a word forward")                                                               \
    X (HOME, "to the beginning of the row")                                                        \
    X (END, "to the end of the row")                                                               \
    X (TOP, "to the beginning of all")                                                             \
    X (BOTTOM, "to the end of all")                                                                \
    X (UP, "a row up; in the first row: the line that was sent before")                            \
    X (DOWN, "a row down; in the last row: the line that was sent after")                          \
    X (BACKSPACE, "delete the character before the cursor")                                        \
    X (DELETE, "delete the character behind the cursor")                                           \
    X (WORD_BACKSPACE, "delete the word before the cursor")                                        \
    X (WORD_DELETE, "delete the word behind the cursor")                                           \
    X (KILL_START, "delete up to the beginning of the row")                                        \
    X (KILL_END, "delete up to the end of the row")                                                \
    X (YANK, "put back what was deleted last")                                                     \
    X (TRANSPOSE, "swap the characters around the cursor")                                         \
    X (UNDO, "take the last change back")                                                          \
    X (REDO, "do it again")                                                                        \
    X (SEARCH, "find a line that was sent; again: an older one")                                   \
    X (CANCEL, "give up a search")

#define S_ENUM(id, help) ZT_ACTION_##id,
typedef enum { ZT_ACTIONS (S_ENUM) ZT_ACTION_COUNT } zt_action_t;
#undef S_ENUM

/*  What a key does; false if it does nothing in a line. */
bool zt_binding_action (const zt_input_t *input, zt_action_t *action);

/*  Appends "Ctrl-W, Alt-Backspace   delete the word before the cursor", without LF. */
void zt_binding_help (zt_action_t action, zt_buffer_t *buffer);

#endif
