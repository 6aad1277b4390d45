/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/store.h"

#include <stdlib.h>

void zt_completion_clear (zt_completion_t *self)
{
    if (self->slice)
        zt_slice_unref (&self->slice);
    for (uint32_t i = 0; i < self->n && self->slices; i++)
        zt_slice_unref (&self->slices[i]);
    for (uint32_t i = 0; i < self->n && self->hits; i++)
        zt_slice_unref (&self->hits[i].slice);
    free (self->slices);
    free (self->hits);
    *self = (zt_completion_t){.kind = self->kind};
}
