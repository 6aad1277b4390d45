/*  SPDX-License-Identifier: MPL-2.0

    zt_query - which messages answer a query

    Every store and every index asks these, so that the answers are the same wherever
    the log is kept. */

#ifndef ZT_QUERY_H
#define ZT_QUERY_H

#include "broker/store.h"

/*  Is the run part of what is asked for? */
bool zt_query_concerns (const zt_query_t *query, const zt_run_t *run);

/*  Does the text of a message match the needle? */
bool zt_query_matches (const zt_query_t *query, zt_bytes_t body);

/*  How many messages of the run a SKIP counts. */
uint64_t zt_query_counted (const zt_request_t *request, const zt_run_t *run);

/*  Appends the words of a message's text to the buffer. */
void zt_query_words (zt_buffer_t *buffer, zt_bytes_t body);

#endif
