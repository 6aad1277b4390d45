/*  SPDX-License-Identifier: MPL-2.0

    Prints a dictionary for libFuzzer: the words of the protocol, from its tables. */

#include "common/error.h"
#include "common/limits.h"
#include "common/verb.h"

#include <stdio.h>

int main (void)
{
    puts ("\"\\x0a\"\n\" \"\n\"ZTALK/1\"\n\"#general\"\n\"@olena\"\n\"{\\\"text\\\":\\\"x\\\"}\"");
    for (unsigned verb = 0; verb < ZT_VERB_COUNT; verb++)
        printf ("\"%s \"\n", zt_verb_row ((zt_verb_t) verb)->name);
    for (unsigned error = 0; error < ZT_ERROR_COUNT; error++)
        printf ("\"%s\"\n", zt_error_code ((zt_error_t) error));
    for (unsigned reason = 0; reason < ZT_REASON_COUNT; reason++)
        printf ("\"%s\"\n", zt_reason_word ((zt_reason_t) reason));
    for (const zt_limit_t *limit = zt_limits (); limit->name; limit++)
        printf ("\"%lu\"\n", limit->value);
    return ferror (stdout) || fclose (stdout) != 0;
}
