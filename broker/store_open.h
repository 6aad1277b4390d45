/*  SPDX-License-Identifier: MPL-2.0

    zt_store_open - the store that is asked for */

#ifndef ZT_STORE_OPEN_H
#define ZT_STORE_OPEN_H

#include "broker/config.h"
#include "broker/notify.h"
#include "broker/operator.h"
#include "broker/store.h"

/*  Opens the log in the directory, which is made if it is not there, or one in memory if
    it is NULL, and tells the operator which, and the service manager when that takes long. To be
   called after zt_router_new, see store_sqlite.h. NULL if it cannot be opened: then why has been
   printed to stderr. The caller ends the store. */
zt_store_t *zt_store_open (const char *directory, const zt_config_t *settings, zt_operator_t *op,
                           zt_notify_t *notify);

#endif
