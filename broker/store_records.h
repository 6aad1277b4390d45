/*  SPDX-License-Identifier: MPL-2.0

    zt_store_records - records in the log's database

    Which statements a kind of record is saved and told with is in two tables. */

#ifndef ZT_STORE_RECORDS_H
#define ZT_STORE_RECORDS_H

#include "broker/store.h"

#include <sqlite3.h>

typedef struct zt_store_records zt_store_records_t;

/*  The caller destroys it, before it closes db. */
zt_store_records_t *zt_store_records_new (sqlite3 *db);
void zt_store_records_destroy (zt_store_records_t **self_p);

/*  Saves a record within the open transaction. Returns SQLITE_OK or what failed. */
int zt_store_records_save (zt_store_records_t *self, const zt_record_t *record);

/*  Saves that the last ref of a device is this one; likewise. */
int zt_store_records_save_ref (zt_store_records_t *self, uint64_t device, uint64_t ref);

/*  Tells all records, in an order in which none needs one that comes later. Returns
    SQLITE_OK or what failed. */
int zt_store_records_load (zt_store_records_t *self, zt_record_fn *fn, void *fn_self);

#endif
