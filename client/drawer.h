/*  SPDX-License-Identifier: MPL-2.0

    zt_drawer - where the full screen leaves what is typed and not sent, and with whom there are
   private conversations

    A file beside the journal, for its owner alone. It is replaced as a whole, a second after a key
    at the latest and at the end, and is not there when there is nothing in it. As with the journal
    (journal.h) nothing is synced: it survives any end of the program. */

#ifndef ZT_CLIENT_DRAWER_H
#define ZT_CLIENT_DRAWER_H

#include "client/home.h"
#include "client/ui.h"

/*  Zeroed, it keeps nothing, and all but zt_drawer_begin may be called. All of it is private. */
typedef struct {
    zt_ui_t *ui; /* borrowed; NULL: nothing is kept */
    int directory;
    char file[ZT_HOME_FILE_SIZE];
    zt_buffer_t written; /* what the file has */
    int64_t due;         /* when it is to be looked at, or ZT_NEVER */
    bool has_failed;     /* that was told */
    size_t listed;       /* conversations, when that was looked at last */
} zt_drawer_t;

/*  Gives the screen what these three have left. The home must stay open, and the lock of the same
    three be held. What cannot be read, or makes no sense, is told on the screen and set aside. */
void zt_drawer_begin (zt_drawer_t *self, zt_ui_t *ui, const zt_home_t *home, const char *endpoint,
                      const char *name, const char *device);

/*  Something may have been typed. Times (now) are milliseconds of a clock that only goes forward.
 */
void zt_drawer_touch (zt_drawer_t *self, int64_t now);

/*  Writes, if it is due. That it cannot be is told on the screen, once. */
void zt_drawer_tick (zt_drawer_t *self, int64_t now);

/*  When zt_drawer_tick has something to do, or ZT_NEVER. */
int64_t zt_drawer_deadline (const zt_drawer_t *self);

/*  Writes what has changed, and keeps nothing any more. The screen is still there. */
void zt_drawer_end (zt_drawer_t *self);

#endif
