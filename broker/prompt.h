/*  SPDX-License-Identifier: MPL-2.0

    zt_prompt - the broker's console: commands from stdin, answers to a printer

    One command after the other: the next is read when the answer to the one before has been
    taken by the terminal, so a long one costs little memory. */

#ifndef ZT_PROMPT_H
#define ZT_PROMPT_H

#include "broker/commands.h"
#include "broker/printer.h"

typedef struct zt_prompt zt_prompt_t;

/*  Both are borrowed. The caller destroys it. */
zt_prompt_t *zt_prompt_new (zt_commands_t *commands, zt_printer_t *out);
void zt_prompt_destroy (zt_prompt_t **self_p);

/*  The descriptor to poll for input; -1: nothing is to be read now. */
int zt_prompt_fd (const zt_prompt_t *self);

/*  Reads what was typed, if is_readable says that there may be something, and goes on with what
    was begun. It never waits. now is in ms since the epoch. */
void zt_prompt_serve (zt_prompt_t *self, bool is_readable, uint64_t now);

/*  True if a command waits for something that wakes nobody. */
bool zt_prompt_is_waiting (const zt_prompt_t *self);

/*  True if it would go on without waiting for anything. */
bool zt_prompt_is_busy (const zt_prompt_t *self);

#endif
