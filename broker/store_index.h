/*  SPDX-License-Identifier: MPL-2.0

    zt_index - what is derived from the log, to find things in it

    Which messages a conversation has, which words they hold, and which id a
    device's ref got. It is built from the slices behind the commit, in a file of
    its own, so that nobody waits for it; a lost or damaged one is built again. A
    query reads the index up to where it has come and looks through the slices
    after that, so that an answer never lacks what was just stored. One thread owns
    an index; calls wait for the disk. */

#ifndef ZT_STORE_INDEX_H
#define ZT_STORE_INDEX_H

#include "broker/store.h"

#include <stdatomic.h>

/*  Where an index reads the log. */
typedef struct {
    void *self;
    /*  Puts slices into the array, in order; the first is the one that holds the lowest
        id above `after`. At most n of them, and about `bytes` bytes (one at least, if there
        is one). Returns how many, or -1 if the log cannot be read. The references are
        the caller's. */
    int (*read) (void *self, uint64_t after, zt_slice_t **slices, int n, size_t bytes);
} zt_slice_source_t;

typedef struct zt_index zt_index_t;

/*  Opens the index in the file `path`, or makes it. One that is damaged, that another
    version or edition of Unicode has made, or that does not belong to this log (a backup
    was restored), is made anew: the source is read for that. NULL with a sentence in
    `wrong` if it cannot be done. The caller closes it, before what the source reads. */
zt_index_t *zt_index_open (const char *path, zt_slice_source_t source, char *wrong,
                           size_t wrong_size);
void zt_index_close (zt_index_t **self_p);

/*  Does a bounded piece of indexing (some 20 ms; to drop an old part takes 0.2 s) of what
    the log holds up to stored_id, and of forgetting what it has lost up to trimmed_to. Returns
    true if there is more to do at once; when it returns false, all is committed. What goes wrong
   with the index's own file ends the indexing, not the store: queries then look through the log,
   and the next opening makes a damaged file anew. A full disk only stops the indexing until a later
   call succeeds. */
bool zt_index_work (zt_index_t *self, uint64_t stored_id, uint64_t trimmed_to);

/*  Up to which id all is in the index, texts included. */
uint64_t zt_index_mark (const zt_index_t *self);

/*  Answers QUERY, SKIP or RECALL (of a device that has a number): fills what store.h says
    of the completion. The request and its query stay the caller's; it gives the completion
    back with zt_completion_clear. The hits are in a slice of their own, which holds nothing
    else; there are fewer than asked for, and `more`, when they have more than ZT_INDEX_ANSWER
    bytes. RECALL tells also of what the log has lost, until the index forgets it, too. SKIP
    sets trimmed_to, if that is above what the request begins after: what was up to this id is
    lost, and not in the count. The result is BROKEN if the source could not be read. */
enum { ZT_INDEX_ANSWER = 1024 * 1024 };
void zt_index_answer (zt_index_t *self, const zt_request_t *request, zt_completion_t *completion);

/*  Why indexing ended or stopped, or NULL. Borrowed until the next call. */
const char *zt_index_wrong (const zt_index_t *self);

/*  True when indexing is over: its file is closed until the next opening. False while it
    goes on, also when it only waits for room on a full disk. */
bool zt_index_has_ended (const zt_index_t *self);

/*  For the end of the program: while *stop is true, which any thread may set, nothing is read
    of the log: answers are void, or what was found until then, and must not be given to
    anybody; a piece of work ends, and what it has done is committed. The flag outlives the
    index. */
void zt_index_set_stop (zt_index_t *self, const atomic_bool *stop);

/*  After how many messages a new part of the index begins; what the log has lost is
    forgotten a part at a time. Tests want small ones. */
void zt_index_set_part (zt_index_t *self, uint64_t messages);

#endif
