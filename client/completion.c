/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/completion.h"

#include "client/command.h"
#include "client/emoji.h"
#include "client/fold.h"

#include <assert.h>

enum { S_EMOJI_LEAST = 2, S_EMOJI_MOST = 64 };

typedef struct {
    zt_completion_t *completion;
    zt_bytes_t word;
    zt_buffer_t folded; /* the word, without its sign */
} s_search_t;

void zt_completion_clear (zt_completion_t *self)
{
    zt_buffer_free (&self->offers);
    *self = (zt_completion_t){{NULL, 0, 0}, 0, 0, 0};
}

/*  Offers sign, name and end in one word. */
static void s_offer (s_search_t *self, const char *sign, const char *name, const char *end)
{
    zt_completion_t *completion = self->completion;
    size_t start = completion->offers.size;
    zt_buffer_put_format (&completion->offers, "%s%s%s", sign, name, end);
    zt_bytes_t offer = {completion->offers.data + start, completion->offers.size - start};
    if (zt_bytes_equal (offer, self->word)) {
        completion->offers.size = start;
        return;
    }
    zt_buffer_put_char (&completion->offers, '\0');
    completion->count++;
}

static void s_offer_list (s_search_t *self, const char *const *names, size_t count,
                          const char *sign, const char *end)
{
    for (size_t i = 0; i < count; i++)
        if (zt_fold_begins (zt_bytes (names[i]), zt_buffer_bytes (&self->folded)))
            s_offer (self, sign, names[i], end);
}

static void s_offer_commands (s_search_t *self)
{
    for (unsigned i = 0; i < ZT_COMMAND_COUNT; i++) {
        const char *name = zt_command_row ((zt_command_id_t) i)->name;
        if (zt_fold_begins (zt_bytes (name), zt_buffer_bytes (&self->folded)))
            s_offer (self, "/", name, " ");
    }
}

static void s_offer_emoji (s_search_t *self)
{
    zt_bytes_t name = {self->word.data + 1, self->word.size - 1};
    if (name.size < S_EMOJI_LEAST)
        return;
    zt_emoji_t emoji[S_EMOJI_MOST];
    size_t count = zt_emoji_begin (name, emoji, S_EMOJI_MOST);
    for (size_t i = 0; i < count; i++)
        s_offer (self, "", emoji[i].text, "");
}

/*  The word before the cursor: all up to a space, but a ':' may begin one within. */
static size_t s_word_start (zt_bytes_t text, size_t cursor)
{
    size_t start = cursor, colon = cursor;
    while (colon > 0 && zt_emoji_is_letter (text.data[colon - 1]))
        colon--;
    if (colon > 0 && text.data[colon - 1] == ':' && cursor - colon >= S_EMOJI_LEAST)
        return colon - 1;
    while (start > 0 && text.data[start - 1] != ' ' && text.data[start - 1] != '\n')
        start--;
    return start;
}

static void s_offer_all (s_search_t *self, const zt_completion_lists_t *lists, bool is_first)
{
    char sign = self->word.data[0];
    size_t signs = sign == '/' || sign == '#' || sign == '@' || sign == ':';
    /*  The '#' of a room is of its name; no other sign is. */
    size_t skipped = sign == '#' ? 0 : signs;
    zt_fold (&self->folded, (zt_bytes_t){self->word.data + skipped, self->word.size - skipped});
    if (sign == ':')
        s_offer_emoji (self);
    else if (sign == '/' && self->completion->start == 0)
        s_offer_commands (self);
    else if (!lists)
        ;
    else if (sign == '#')
        s_offer_list (self, lists->rooms, lists->rooms_count, "", "");
    else if (sign == '@')
        s_offer_list (self, lists->names, lists->names_count, "@", "");
    else if (!signs)
        s_offer_list (self, lists->names, lists->names_count, "", is_first ? ": " : "");
}

size_t zt_completion_begin (zt_completion_t *self, zt_bytes_t text, size_t cursor,
                            const zt_completion_lists_t *lists)
{
    zt_completion_clear (self);
    self->start = s_word_start (text, cursor);
    if (self->start == cursor)
        return 0;
    s_search_t search = {self, {text.data + self->start, cursor - self->start}, {NULL, 0, 0}};
    bool is_first = self->start == 0 || text.data[self->start - 1] == '\n';
    s_offer_all (&search, lists, is_first);
    zt_buffer_free (&search.folded);
    size_t count = self->count;
    if (count) {
        zt_buffer_put_bytes (&self->offers, search.word);
        zt_buffer_put_char (&self->offers, '\0');
        self->at = self->count++;
    }
    return count;
}

zt_bytes_t zt_completion_turn (zt_completion_t *self, bool is_forward)
{
    assert (self->count);
    self->at = (self->at + (is_forward ? 1 : self->count - 1)) % self->count;
    const char *offer = self->offers.data;
    for (size_t i = 0; i < self->at; i++)
        offer += strlen (offer) + 1;
    return zt_bytes (offer);
}
