/*  SPDX-License-Identifier: MPL-2.0

    zt_words - what full text search compares

    The words of a text, folded as names are (NFKC case folding, composed). A word
    is a run of letters, marks and digits; an apostrophe between two letters belongs
    to it and is always U+02BC, however it was typed. A symbol (an emoji), an
    ideograph and a kana are words by themselves, a flag is one. All else separates.

    A message matches a query when for each word of the query some word of the
    message begins with it. Whoever searches, in memory or by an index, uses these
    functions: there is no second definition. */

#ifndef ZT_WORDS_H
#define ZT_WORDS_H

#include "common/buffer.h"

/*  Appends the words of text, in its order and with a space between them. text may be
    any bytes: what is not UTF-8 is passed over. At most 18 bytes are appended for a
    byte of text. */
void zt_words (zt_buffer_t *buffer, zt_bytes_t text);

/*  Appends what has to be found for a query: its words, sorted by their bytes, without
    those that another one begins with (whoever has that has them, too). So a
    message's word begins with one of them at most. Nothing if there is no word. */
void zt_words_query (zt_buffer_t *buffer, zt_bytes_t text);

/*  True if words, as zt_words gives them, match a query of at most ZT_WORDS_QUERY
    bytes as zt_words_query gives it. An empty query matches all. */
enum { ZT_WORDS_QUERY = 512 };
bool zt_words_match (zt_bytes_t words, zt_bytes_t query);

/*  Tells where a text matches a query as zt_words_query gives it, also if not all of the query is
    in it: appends a byte for each byte of text, 1 where it is of a word that begins with one of
    the query, else 0. A longer query than ZT_WORDS_QUERY is nowhere. */
void zt_words_mark (zt_buffer_t *marks, zt_bytes_t text, zt_bytes_t query);

/*  Takes the first word off *words; empty if there is none. */
zt_bytes_t zt_words_cut (zt_bytes_t *words);

/*  Tells by which edition of Unicode texts are taken apart: what was kept under another
    one is out of date. Static. */
const char *zt_words_edition (void);

#endif
