/*  SPDX-License-Identifier: MPL-2.0 */

#include "tools/bench_body.h"

#include <assert.h>

static const char s_head[] = "{\"n\":";
static const char s_middle[] = ",\"text\":\"";
static const char s_tail[] = "\"}";

/*  What people say to each other; without quotes, backslashes and controls. */
static const char s_text[] = "Привіт! Чи ти вже бачила, як над Дніпром сходить сонце? "
                             "Їдьмо завтра зранку, ґанок і щедрий сніданок за мною. ";

enum {
    S_NUMBER_AT = sizeof s_head - 1,
    S_NUMBER_SIZE = 16,
    S_MIDDLE_AT = S_NUMBER_AT + S_NUMBER_SIZE
};

/*  How many bytes the character at c has; s_text is valid. */
static size_t s_character (const char *c)
{
    unsigned char lead = (unsigned char) *c;
    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

void zt_bench_body_init (zt_bench_body_t *self, size_t size)
{
    assert (size >= ZT_BENCH_BODY_LEAST && size <= ZT_BENCH_BODY_MOST);
    self->text = (zt_buffer_t){NULL, 0, 0};
    zt_buffer_put_string (&self->text, s_head);
    zt_buffer_put_u64 (&self->text, ZT_BENCH_NUMBERS);
    zt_buffer_put_string (&self->text, s_middle);
    size_t end = size - (sizeof s_tail - 1);
    for (const char *at = s_text; self->text.size < end;) {
        size_t bytes = s_character (at);
        if (self->text.size + bytes > end) {
            zt_buffer_put_char (&self->text, '.');
            continue;
        }
        zt_buffer_put (&self->text, at, bytes);
        at += bytes;
        if (*at == '\0')
            at = s_text;
    }
    zt_buffer_put_string (&self->text, s_tail);
    assert (self->text.size == size);
}

void zt_bench_body_free (zt_bench_body_t *self)
{
    zt_buffer_free (&self->text);
}

zt_bytes_t zt_bench_body_number (zt_bench_body_t *self, uint64_t number)
{
    assert (number < ZT_BENCH_NUMBERS);
    zt_u64_write (self->text.data + S_NUMBER_AT, ZT_BENCH_NUMBERS + number);
    return zt_buffer_bytes (&self->text);
}

bool zt_bench_body_read (const zt_bench_body_t *self, zt_bytes_t body, uint64_t *number)
{
    const char *ours = self->text.data;
    if (body.size != self->text.size || memcmp (body.data, ours, S_NUMBER_AT) != 0 ||
        memcmp (body.data + S_MIDDLE_AT, ours + S_MIDDLE_AT, body.size - S_MIDDLE_AT) != 0)
        return false;
    uint64_t value = 0;
    for (size_t i = S_NUMBER_AT; i < S_MIDDLE_AT; i++) {
        unsigned digit = (unsigned) (unsigned char) body.data[i] - '0';
        if (digit > 9)
            return false;
        value = value * 10 + digit;
    }
    *number = value - ZT_BENCH_NUMBERS;
    return value >= ZT_BENCH_NUMBERS && *number < ZT_BENCH_NUMBERS;
}

zt_bench_sequence_t zt_bench_sequence (uint64_t first)
{
    return (zt_bench_sequence_t){first, first};
}

const char *zt_bench_sequence_take (zt_bench_sequence_t *self, uint64_t number)
{
    if (number == self->next) {
        self->next++;
        return NULL;
    }
    if (number < self->first)
        return "somebody else's";
    return number < self->next ? "repeated, or late" : "ahead of one that is lost, or late";
}

uint64_t zt_bench_sequence_count (const zt_bench_sequence_t *self)
{
    return self->next - self->first;
}
