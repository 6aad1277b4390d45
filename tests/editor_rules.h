/*  SPDX-License-Identifier: MPL-2.0

    zt_editor_rules - what holds of an editor after any event

    Shared by its test and its fuzz target. */

#ifndef ZT_EDITOR_RULES_H
#define ZT_EDITOR_RULES_H

#include "client/editor.h"

/*  Returns NULL, or what is wrong, a static sentence. */
const char *zt_editor_rules_broken (const zt_editor_t *editor, size_t most);

/*  Takes all changes back, one after the other. Returns NULL if that gives an empty
    line, with the rules kept at each step, or what is wrong. */
const char *zt_editor_rules_undo (zt_editor_t *editor, size_t most);

#endif
