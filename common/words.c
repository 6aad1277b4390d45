/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/words.h"

#include "common/alloc.h"
#include "common/name.h"
#include "common/utf8.h"

#include <assert.h>
#include <stdlib.h>
#include <utf8proc.h>

/*  Folding makes 33 bytes of the 3 of U+FDFA, and nothing grows more. */
enum { S_FOLD_MOST = 11 };

/*  What a code point of a folded text is to a word. */
typedef enum {
    S_GAP,
    S_LETTER,
    S_DIGIT,
    S_MARK,       /* goes with what is before it */
    S_APOSTROPHE, /* a letter between letters, else a gap */
    S_SYMBOL,     /* a word by itself */
    S_HALF_FLAG   /* a word together with the next one */
} s_kind_t;

/*  What is written without spaces: a run of it would be a sentence, of which only the
    beginning could be found. */
static bool s_is_ideograph (uint32_t c)
{
    return (c >= 0x3041 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x4DBF) ||
           (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) ||
           (c >= 0x20000 && c <= 0x3FFFF);
}

static s_kind_t s_kind_of_letter (uint32_t c)
{
    return s_is_ideograph (c) ? S_SYMBOL : S_LETTER;
}

static s_kind_t s_kind (uint32_t c)
{
    if (c == '\'' || c == '`' || c == 0x02BC || c == 0x2018 || c == 0x2019)
        return S_APOSTROPHE;
    if (c < 0x80)
        return c >= 'a' && c <= 'z' ? S_LETTER : c >= '0' && c <= '9' ? S_DIGIT : S_GAP;
    if (c >= 0x430 && c <= 0x45F) /* Cyrillic, of which there is much */
        return S_LETTER;
    if (c >= 0x1F1E6 && c <= 0x1F1FF)
        return S_HALF_FLAG;
    switch (utf8proc_category ((utf8proc_int32_t) c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
        return s_kind_of_letter (c);
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return S_DIGIT;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
        return S_MARK;
    case UTF8PROC_CATEGORY_SO:
        return S_SYMBOL;
    default:
        return S_GAP;
    }
}

typedef struct s_marker_t s_marker_t;

/*  Where in a text the splitter is. */
typedef struct {
    zt_buffer_t *buffer;
    size_t start;       /* of what it has appended */
    s_kind_t last;      /* of the word that is open, its marks aside; S_GAP: none is */
    s_marker_t *marker; /* NULL, or who is told where each word comes from */
} s_splitter_t;

static void s_note (const s_splitter_t *self, size_t before, size_t at);

static void s_begin_word (s_splitter_t *self)
{
    if (self->buffer->size > self->start)
        zt_buffer_put_char (self->buffer, ' ');
}

/*  Puts a code point; next is what comes after it. */
static void s_put (s_splitter_t *self, s_kind_t kind, zt_bytes_t bytes, s_kind_t next)
{
    bool in_word = self->last == S_LETTER || self->last == S_DIGIT;
    if (kind == S_APOSTROPHE) {
        if (self->last == S_LETTER && next == S_LETTER)
            bytes = (zt_bytes_t) ZT_LITERAL ("\u02BC");
        else
            kind = S_GAP;
    }
    if (kind == S_GAP || (kind == S_MARK && self->last == S_GAP)) {
        self->last = S_GAP;
        return;
    }
    bool whole_flag = kind == S_HALF_FLAG && self->last == S_HALF_FLAG;
    bool begins =
        kind == S_LETTER || kind == S_DIGIT ? !in_word : kind == S_SYMBOL || kind == S_HALF_FLAG;
    if (begins && !whole_flag)
        s_begin_word (self);
    zt_buffer_put_bytes (self->buffer, bytes);
    if (kind == S_LETTER || kind == S_DIGIT || kind == S_SYMBOL || kind == S_HALF_FLAG)
        self->last = whole_flag ? S_SYMBOL : kind;
}

static void s_put_held (s_splitter_t *self, zt_bytes_t folded, s_kind_t kind, zt_bytes_t held,
                        s_kind_t next)
{
    size_t before = self->buffer->size;
    s_put (self, kind, held, next);
    if (self->marker && self->buffer->size > before)
        s_note (self, before, (size_t) (held.data - folded.data));
}

static void s_split (s_splitter_t *self, zt_bytes_t folded)
{
    uint32_t c;
    zt_bytes_t held = {NULL, 0};
    s_kind_t held_kind = S_GAP;
    for (size_t at = 0; at < folded.size;) {
        size_t used = zt_utf8_read (folded.data + at, folded.size - at, &c);
        assert (used > 0); /* the fold is UTF-8 */
        s_kind_t kind = s_kind (c);
        if (held.size)
            s_put_held (self, folded, held_kind, held, kind);
        held = (zt_bytes_t){folded.data + at, used};
        held_kind = kind;
        at += used;
    }
    if (held.size)
        s_put_held (self, folded, held_kind, held, S_GAP);
}

void zt_words (zt_buffer_t *buffer, zt_bytes_t text)
{
    char small[4096];
    size_t most = text.size * S_FOLD_MOST;
    char *folded = most > sizeof small ? zt_realloc (NULL, most, 1) : small;
    size_t size = zt_text_fold (text, folded, most);
    s_splitter_t self = {buffer, buffer->size, S_GAP, NULL};
    s_split (&self, (zt_bytes_t){folded, size});
    if (folded != small)
        free (folded);
}

zt_bytes_t zt_words_cut (zt_bytes_t *words)
{
    const char *space = words->size ? memchr (words->data, ' ', words->size) : NULL;
    zt_bytes_t word = {words->data, space ? (size_t) (space - words->data) : words->size};
    size_t eaten = space ? word.size + 1 : word.size;
    *words = (zt_bytes_t){words->size ? words->data + eaten : NULL, words->size - eaten};
    return word;
}

static int s_compare (zt_bytes_t a, zt_bytes_t b)
{
    int order = memcmp (a.data, b.data, a.size < b.size ? a.size : b.size);
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

static int s_compare_words (const void *a, const void *b)
{
    return s_compare (*(const zt_bytes_t *) a, *(const zt_bytes_t *) b);
}

static bool s_begins (zt_bytes_t word, zt_bytes_t with)
{
    return word.size >= with.size && memcmp (word.data, with.data, with.size) == 0;
}

void zt_words_query (zt_buffer_t *buffer, zt_bytes_t text)
{
    zt_buffer_t words = {NULL, 0, 0};
    zt_words (&words, text);
    zt_bytes_t left = zt_buffer_bytes (&words);
    zt_bytes_t *rows = zt_realloc (NULL, left.size / 2 + 1, sizeof *rows);
    size_t n = 0;
    while (left.size)
        rows[n++] = zt_words_cut (&left);
    qsort (rows, n, sizeof *rows, s_compare_words);
    size_t start = buffer->size;
    for (size_t i = 0; i < n; i++) {
        if (i + 1 < n && s_begins (rows[i + 1], rows[i])) /* those that begin with it follow it */
            continue;
        if (buffer->size > start)
            zt_buffer_put_char (buffer, ' ');
        zt_buffer_put_bytes (buffer, rows[i]);
    }
    free (rows);
    zt_buffer_free (&words);
}

/*  The place of the row that word begins with; n if there is none. It is the last that
    is not above it. */
static size_t s_find (const zt_bytes_t *rows, size_t n, zt_bytes_t word)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s_compare (rows[middle], word) > 0)
            high = middle;
        else
            low = middle + 1;
    }
    return low > 0 && s_begins (word, rows[low - 1]) ? low - 1 : n;
}

/*  The words of a query; there is room for all that one can have. */
static size_t s_cut_all (zt_bytes_t query, zt_bytes_t rows[ZT_WORDS_QUERY / 2])
{
    size_t n = 0;
    assert (query.size <= ZT_WORDS_QUERY);
    while (query.size)
        rows[n++] = zt_words_cut (&query);
    return n;
}

bool zt_words_match (zt_bytes_t words, zt_bytes_t query)
{
    zt_bytes_t rows[ZT_WORDS_QUERY / 2];
    bool seen[ZT_WORDS_QUERY / 2] = {false};
    size_t n = s_cut_all (query, rows), left;
    for (left = n; left > 0 && words.size > 0;) {
        size_t at = s_find (rows, n, zt_words_cut (&words));
        if (at < n && !seen[at]) {
            seen[at] = true;
            left--;
        }
    }
    return left == 0;
}

/*  Who marks words where they come from. */
struct s_marker_t {
    zt_bytes_t text;
    uint32_t *pieces; /* for each byte that was folded, where its piece of the text begins */
    zt_bytes_t rows[ZT_WORDS_QUERY / 2];
    size_t n;
    char *marks;
    size_t word;        /* where the open word begins in the splitter's buffer */
    size_t first, last; /* of its pieces */
};

/*  Marks the open word, which ends at end. */
static void s_mark (const s_splitter_t *splitter, size_t end)
{
    const s_marker_t *self = splitter->marker;
    zt_bytes_t word =
        zt_bytes_part (zt_buffer_bytes (splitter->buffer), self->word, end - self->word);
    if (word.size == 0 || s_find (self->rows, self->n, word) == self->n)
        return;
    size_t size =
        zt_text_piece (zt_bytes_part (self->text, self->last, self->text.size - self->last));
    memset (self->marks + self->first, 1, self->last + size - self->first);
}

/*  What came of the folded bytes at a place has been put behind before. */
static void s_note (const s_splitter_t *splitter, size_t before, size_t at)
{
    s_marker_t *self = splitter->marker;
    size_t piece = self->pieces[at];
    bool is_separated = splitter->buffer->data[before] == ' ';
    if (before == 0 || is_separated) {
        s_mark (splitter, before);
        self->word = before + is_separated;
        self->first = piece;
    }
    self->last = piece;
}

/*  Folds the text of a marker, piece by piece. */
static void s_fold (s_marker_t *self, zt_buffer_t *folded)
{
    for (size_t at = 0, size; at < self->text.size; at += size) {
        zt_bytes_t rest = zt_bytes_part (self->text, at, self->text.size - at);
        size = zt_text_piece (rest);
        size_t most = size * S_FOLD_MOST;
        size_t used =
            zt_text_fold (zt_bytes_part (rest, 0, size), zt_buffer_reserve (folded, most), most);
        for (size_t i = 0; i < used; i++)
            self->pieces[folded->size + i] = (uint32_t) at;
        folded->size += used;
    }
}

void zt_words_mark (zt_buffer_t *marks, zt_bytes_t text, zt_bytes_t query)
{
    zt_buffer_t folded = {NULL, 0, 0}, words = {NULL, 0, 0};
    s_marker_t self = {.text = text, .marks = zt_buffer_reserve (marks, text.size)};
    memset (self.marks, 0, text.size);
    marks->size += text.size;
    if (query.size == 0 || query.size > ZT_WORDS_QUERY || text.size == 0)
        return;
    self.n = s_cut_all (query, self.rows);
    self.pieces = zt_realloc (NULL, text.size * S_FOLD_MOST, sizeof *self.pieces);
    s_splitter_t splitter = {&words, 0, S_GAP, &self};
    s_fold (&self, &folded);
    s_split (&splitter, zt_buffer_bytes (&folded));
    s_mark (&splitter, words.size);
    free (self.pieces);
    zt_buffer_free (&folded);
    zt_buffer_free (&words);
}

const char *zt_words_edition (void)
{
    return utf8proc_unicode_version ();
}
