/*  SPDX-License-Identifier: MPL-2.0

    Who owns a name: its credentials. A user has one for each installation of a client, and one
    of them may own several users. */

#include "broker/core_state.h"
#include "common/alloc.h"
#include "common/tree.h"

#include <search.h>
#include <stdlib.h>

static int s_by_text (const void *a, const void *b)
{
    const zt_credential_t *left = a, *right = b;
    return strcmp (left->text, right->text);
}

static zt_credential_t *s_find (const zt_core_t *core, const char *text)
{
    zt_credential_t key = {.text = (char *) (uintptr_t) text};
    void *node = tfind (&key, &core->credentials, s_by_text);
    return node ? *(zt_credential_t **) node : NULL;
}

uint32_t zt_credential_names (const zt_core_t *core, const char *credential)
{
    const zt_credential_t *row = s_find (core, credential);
    return row ? row->n_names : 0;
}

bool zt_user_has (const zt_user_t *user, const char *credential)
{
    for (uint32_t i = 0; i < user->n_credentials; i++)
        if (strcmp (user->credentials[i]->text, credential) == 0)
            return true;
    return false;
}

void zt_user_give (zt_core_t *core, zt_user_t *user, const char *credential)
{
    if (zt_user_has (user, credential))
        return;
    zt_credential_t *row = s_find (core, credential);
    if (!row) {
        row = zt_alloc (sizeof *row);
        row->text = zt_strndup (credential, strlen (credential));
        if (!tsearch (row, &core->credentials, s_by_text))
            abort (); /* out of memory, as in alloc.c */
    }
    row->n_names++;
    user->credentials =
        zt_realloc (user->credentials, user->n_credentials + 1, sizeof *user->credentials);
    user->credentials[user->n_credentials++] = row;
}

static void s_free (void *what)
{
    zt_credential_t *row = what;
    free (row->text);
    free (row);
}

void zt_user_take (zt_core_t *core, zt_user_t *user, const char *credential)
{
    uint32_t i = 0;
    while (i < user->n_credentials && strcmp (user->credentials[i]->text, credential) != 0)
        i++;
    if (i == user->n_credentials)
        return;
    zt_credential_t *row = user->credentials[i];
    user->credentials[i] = user->credentials[--user->n_credentials];
    if (--row->n_names > 0)
        return;
    tdelete (row, &core->credentials, s_by_text);
    s_free (row);
}

void zt_owners_destroy (zt_core_t *core)
{
    zt_tree_free (core->credentials, s_free);
}
