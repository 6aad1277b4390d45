/*  SPDX-License-Identifier: MPL-2.0

    zt_index_file - the tables of an index

    The index's inner half, which knows SQLite; used by the other files of the index
    alone. The tables come in parts, a set of tables for a range of ids: what is old goes
    by dropping a part, and neither a tree nor a merge of full text grows with the log. */

#ifndef ZT_INDEX_FILE_H
#define ZT_INDEX_FILE_H

#include "broker/store_index.h"

#include <sqlite3.h>

/*  The statements of a part; index_file.c has their texts. */
typedef enum {
    ZT_INDEX_PUT_RUN,  /* low, high, first id, count, device */
    ZT_INDEX_PUT_PAIR, /* user, partner */
    ZT_INDEX_PUT_REF,  /* device, first ref, first id, count, time */
    ZT_INDEX_PUT_TEXT, /* id, words */
    ZT_INDEX_RUNS,     /* low, high, above id, below id, at most: first id, count, device */
    ZT_INDEX_SUM,      /* low, high, above id, below id, after id, device or 0: messages */
    ZT_INDEX_PAIRS,    /* user: partners */
    ZT_INDEX_REF,      /* device, ref: first ref, first id, count, time */
    ZT_INDEX_FIND,     /* expression, below id, at most: ids */
    ZT_INDEX_STATEMENTS
} zt_index_statement_t;

typedef struct {
    uint64_t first_id;
    uint64_t messages;
    sqlite3_stmt *statements[ZT_INDEX_STATEMENTS]; /* NULL: not prepared yet */
} zt_index_part_t;

/*  Two users, or 0 and a room: a conversation. */
typedef struct {
    uint64_t low;
    uint64_t high;
} zt_index_pair_t;

/*  How far the index has come. */
typedef struct {
    uint64_t run;      /* runs, pairs and refs are in it up to this id */
    uint64_t run_time; /* of that run, ms: tells whether the log is still the same */
    uint64_t text;     /* words are */
} zt_index_marks_t;

typedef struct {
    char *path;
    sqlite3 *db; /* NULL: indexing has ended */
    zt_index_marks_t marks;
    unsigned pieces;        /* of work in the transaction that is open; 0: none is */
    zt_index_part_t *parts; /* the oldest first */
    size_t n_parts;
    uint64_t part_messages;
    zt_index_pair_t *known; /* pairs that the last part has: a table by hash */
    char wrong[256];        /* empty: nothing is */
} zt_index_file_t;

/*  Opens the file, or makes it; makes it anew if it is of no use. False with self->wrong
    set if that cannot be done. */
bool zt_index_file_open (zt_index_file_t *self, const char *path);
void zt_index_file_close (zt_index_file_t *self);

/*  Deletes the file and makes an empty one. False as above. */
bool zt_index_file_anew (zt_index_file_t *self);

/*  A piece of work between begin and end, which saves the marks. Some pieces make a
    transaction: end commits it when there are enough of them, zt_index_file_commit at once.
    False when that fails: the file has been told of it (see zt_index_file_fail), and is
    where the last commit has left it. */
bool zt_index_file_begin (zt_index_file_t *self);
bool zt_index_file_end (zt_index_file_t *self, const zt_index_marks_t *marks);
bool zt_index_file_commit (zt_index_file_t *self);

/*  Something has gone wrong in SQLite: rolls back and sets self->wrong. But for a full
    disk this ends the index: it is closed, and deleted if it is damaged. Returns false. */
bool zt_index_file_fail (zt_index_file_t *self);

/*  The part that takes a run with this first id, of so many messages, in the transaction:
    the last one, or a new one. NULL: it has failed. Earlier pointers to parts are void. */
zt_index_part_t *zt_index_file_grow (zt_index_file_t *self, uint64_t first_id, uint32_t messages);

/*  The part that holds this id; NULL if there is none. */
zt_index_part_t *zt_index_file_part (const zt_index_file_t *self, uint64_t id);

/*  Does the last part have this pair already? From now on it has. False now and then when
    it has: what is asked is only whether it need not be written again. */
bool zt_index_file_knows (zt_index_file_t *self, zt_index_pair_t pair);

/*  Is all of the oldest part trimmed? The last one never is. */
bool zt_index_file_is_trimmed (const zt_index_file_t *self, uint64_t trimmed_to);

/*  Drops the oldest part, and commits. False when that fails, as above. */
bool zt_index_file_trim (zt_index_file_t *self);

/*  A statement of a part, reset; NULL: it has failed. It lives as long as the part. */
sqlite3_stmt *zt_index_statement (zt_index_file_t *self, zt_index_part_t *part,
                                  zt_index_statement_t which);

/*  Steps a statement: 1 for a row, 0 at its end, -1 if it has failed. */
int zt_index_step (zt_index_file_t *self, sqlite3_stmt *statement);

/*  Steps a statement that gives no row, to its end. */
bool zt_index_run (zt_index_file_t *self, sqlite3_stmt *statement);

void zt_index_bind (sqlite3_stmt *statement, int place, uint64_t number);
uint64_t zt_index_column (sqlite3_stmt *statement, int column);

#endif
