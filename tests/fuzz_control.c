/*  SPDX-License-Identifier: MPL-2.0

    What ztalk-ctl sends: a frame, and the command in it. */

#include "broker/console.h"
#include "broker/control_wire.h"
#include "tests/fuzz.h"

#include <assert.h>

static void s_is_inside (zt_bytes_t part, zt_bytes_t whole)
{
    assert (part.size == 0 ||
            (part.data >= whole.data && part.data + part.size <= whole.data + whole.size));
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    zt_bytes_t frame = {(const char *) data, size}, line, arguments[ZT_CONSOLE_ARGUMENTS];
    zt_control_request_t request = zt_control_request (frame, &line);
    s_is_inside (line, frame);
    assert (request != ZT_CONTROL_UNKNOWN || line.size == 0);
    const char *wrong;
    zt_console_verb_t verb = zt_console_parse (line, arguments, &wrong);
    assert (!wrong || verb == ZT_CONSOLE_COUNT);
    for (size_t i = 0; i < ZT_CONSOLE_ARGUMENTS && verb < ZT_CONSOLE_COUNT; i++)
        s_is_inside (arguments[i], line);
    return 0;
}
