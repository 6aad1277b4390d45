/*  SPDX-License-Identifier: MPL-2.0

    zt_zpl - a configuration file in ZPL (rfc.zeromq.org/spec/4), property by property

        # a comment
        section
            name = value
            other = "a value # with what would else be a comment"

    czmq has a reader of the same format (zconfig). It prints what is wrong to stdout,
    where a program reads that the broker is ready; it forgets the line that a property
    stood in; and it reads beyond its memory when a line is longer than 1024 bytes. */

#ifndef ZT_ZPL_H
#define ZT_ZPL_H

#include "common/bytes.h"

typedef struct {
    zt_bytes_t left; /* of the text */
    unsigned line;   /* number of the one that was read last, from 1 */
    unsigned level;  /* of the property that was read last */
    bool is_first;
} zt_zpl_t;

typedef struct {
    unsigned level; /* 0: at the margin; 1: four spaces in, inside the one above; … */
    bool has_value;
    zt_bytes_t name; /* views of the text, as the value is */
    zt_bytes_t value;
} zt_property_t;

typedef enum { ZT_ZPL_PROPERTY, ZT_ZPL_END, ZT_ZPL_WRONG } zt_zpl_result_t;

/*  A reader of the text, which must live as long. */
zt_zpl_t zt_zpl (zt_bytes_t text);

/*  Reads the next property. With ZT_ZPL_WRONG, *wrong is a static sentence about the line
    self->line, and nothing more is to be read. */
zt_zpl_result_t zt_zpl_next (zt_zpl_t *self, zt_property_t *property, const char **wrong);

#endif
