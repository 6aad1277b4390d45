/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/text.h"

void zt_text_clean (zt_buffer_t *buffer, zt_bytes_t text, zt_text_shape_t shape)
{
    (void) shape;
    zt_buffer_put_bytes (buffer, text);
}
