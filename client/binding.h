/*  SPDX-License-Identifier: MPL-2.0

    zt_binding - which key does what in a line, in one table

    The editor's dispatch and its lines of help are made from it. */

#ifndef ZT_CLIENT_BINDING_H
#define ZT_CLIENT_BINDING_H

#include "client/input.h"
#include "common/buffer.h"
#include "common/translate.h"

/*    enum            help */
#define ZT_ACTIONS(X)                                                                              \
    X (SUBMIT, N_ ("send what is typed"))                                                          \
    X (NEWLINE, N_ ("begin a new row"))                                                            \
    X (COMPLETE, N_ ("complete a command, a name, a #room or a :picture; again: the next one"))    \
    X (COMPLETE_BACK, N_ ("the one before"))                                                       \
    X (LEFT, N_ ("a character back"))                                                              \
    X (RIGHT, N_ ("a character forward"))                                                          \
    X (WORD_LEFT, N_ ("a word back"))                                                              \
    X (WORD_RIGHT, N_ ("a word forward"))                                                          \
    X (HOME, N_ ("to the beginning of the row"))                                                   \
    X (END, N_ ("to the end of the row"))                                                          \
    X (TOP, N_ ("to the beginning of all"))                                                        \
    X (BOTTOM, N_ ("to the end of all"))                                                           \
    X (UP, N_ ("a row up; in the first row: the line that was sent before"))                       \
    X (DOWN, N_ ("a row down; in the last row: the line that was sent after"))                     \
    X (BACKSPACE, N_ ("delete the character before the cursor"))                                   \
    X (DELETE, N_ ("delete the character behind the cursor"))                                      \
    X (WORD_BACKSPACE, N_ ("delete the word before the cursor"))                                   \
    X (WORD_DELETE, N_ ("delete the word behind the cursor"))                                      \
    X (KILL_START, N_ ("delete up to the beginning of the row"))                                   \
    X (KILL_END, N_ ("delete up to the end of the row"))                                           \
    X (YANK, N_ ("put back what was deleted last"))                                                \
    X (TRANSPOSE, N_ ("swap the characters around the cursor"))                                    \
    X (UNDO, N_ ("take the last change back"))                                                     \
    X (REDO, N_ ("do it again"))                                                                   \
    X (SEARCH, N_ ("find a line that was sent; again: an older one"))                              \
    X (CANCEL, N_ ("give up a search"))

#define S_ENUM(id, help) ZT_ACTION_##id,
typedef enum { ZT_ACTIONS (S_ENUM) ZT_ACTION_COUNT } zt_action_t;
#undef S_ENUM

/*  What a key does; false if it does nothing in a line. */
bool zt_binding_action (const zt_input_t *input, zt_action_t *action);

/*  Appends "Ctrl-W, Alt-Backspace   delete the word before the cursor", without LF. */
void zt_binding_help (zt_action_t action, zt_buffer_t *buffer);

#endif
