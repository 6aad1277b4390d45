/*  SPDX-License-Identifier: MPL-2.0

    zt_descriptor - what a program owes to its descriptors 0, 1 and 2 */

#ifndef ZT_DESCRIPTOR_H
#define ZT_DESCRIPTOR_H

#include <stdbool.h>

/*  Opens /dev/null for those of stdin, stdout and stderr that are closed: otherwise the
    first socket or file would become one of them. To write to stdout fails then with EBADF, as
    it would without this. To be called before anything is opened. False, with errno, if that
    cannot be done. */
bool zt_descriptor_fill_standard (void);

/*  True if nothing can be written to it: it is closed, or there for reading alone. */
bool zt_descriptor_is_mute (int fd);

/*  A descriptor to write to what fd is without ever waiting, if poll says that it is
    writable and no more than PIPE_BUF bytes are written at once: fd itself, or, for a
    terminal, one that is the caller's to close. */
int zt_descriptor_for_output (int fd);

#endif
