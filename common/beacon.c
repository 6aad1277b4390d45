/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/beacon.h"

#include "common/utf8.h"
#include "common/wire.h"

#include <assert.h>

static const char s_question[] = "ZTALK/1 FIND ";
static const char s_answer[] = "ZTALK/1 HERE ";

enum { S_WORDS = 4 }; /* in an answer: the token, the port, how it is encrypted, the key's port */

/*  What answers consist of, at most: with the longest numbers, and spaces and LF. */
_Static_assert(sizeof s_answer - 1 + ZT_BEACON_TOKEN + sizeof " 65535 curve 65535 " - 1 +
                       ZT_BEACON_NAME + 1 <=
                   ZT_BEACON_BYTES,
               "an answer is no longer than a question");

bool zt_beacon_name_valid (zt_bytes_t name)
{
    if (name.size == 0 || name.size > ZT_BEACON_NAME)
        return false;
    for (size_t at = 0, size; at < name.size; at += size) {
        uint32_t code_point;
        size = zt_utf8_read (name.data + at, name.size - at, &code_point);
        if (size == 0 || code_point < 0x20 || (code_point >= 0x7F && code_point <= 0x9F))
            return false;
    }
    return true;
}

static bool s_token_valid (zt_bytes_t token)
{
    if (token.size != ZT_BEACON_TOKEN)
        return false;
    for (size_t i = 0; i < token.size; i++)
        if (!token.data[i] || !strchr ("0123456789abcdef", token.data[i]))
            return false;
    return true;
}

/*  Cuts what the text begins with; false if it does not. */
static bool s_cut (zt_bytes_t *text, const char *with)
{
    size_t size = strlen (with);
    if (text->size < size || memcmp (text->data, with, size) != 0)
        return false;
    *text = (zt_bytes_t){text->data + size, text->size - size};
    return true;
}

/*  Cuts a word and the space behind it; false if there is no such space. */
static bool s_cut_word (zt_bytes_t *text, zt_bytes_t *word)
{
    const char *space = text->size ? memchr (text->data, ' ', text->size) : NULL;
    if (!space)
        return false;
    *word = (zt_bytes_t){text->data, (size_t) (space - text->data)};
    *text = (zt_bytes_t){space + 1, text->size - word->size - 1};
    return true;
}

static bool s_port_read (zt_bytes_t text, uint16_t *port)
{
    uint64_t number;
    if (!zt_u64_read (text, &number) || number == 0 || number > UINT16_MAX)
        return false;
    *port = (uint16_t) number;
    return true;
}

void zt_beacon_put_question (zt_buffer_t *datagram, const char token[ZT_BEACON_TOKEN_SIZE])
{
    assert (s_token_valid (zt_bytes (token)));
    zt_buffer_put_format (datagram, "%s%s%*s\n", s_question, token,
                          ZT_BEACON_BYTES - (int) sizeof s_question - ZT_BEACON_TOKEN, "");
}

bool zt_beacon_read_question (zt_bytes_t datagram, char token[ZT_BEACON_TOKEN_SIZE])
{
    if (datagram.size != ZT_BEACON_BYTES || !s_cut (&datagram, s_question))
        return false;
    zt_bytes_t word = {datagram.data, ZT_BEACON_TOKEN};
    if (!s_token_valid (word) || datagram.data[datagram.size - 1] != '\n')
        return false;
    for (size_t i = word.size; i < datagram.size - 1; i++)
        if (datagram.data[i] != ' ')
            return false;
    memcpy (token, word.data, word.size);
    token[word.size] = '\0';
    return true;
}

void zt_beacon_put_answer (zt_buffer_t *datagram, const char token[ZT_BEACON_TOKEN_SIZE],
                           const zt_beacon_t *beacon)
{
    assert (beacon->port && zt_beacon_name_valid (beacon->name));
    zt_buffer_put_format (datagram, "%s%s %u %s ", s_answer, token, (unsigned) beacon->port,
                          beacon->is_encrypted ? "curve" : "plain");
    if (beacon->key_port)
        zt_buffer_put_u64 (datagram, beacon->key_port);
    else
        zt_buffer_put_char (datagram, '-');
    zt_buffer_put_char (datagram, ' ');
    zt_buffer_put_bytes (datagram, beacon->name);
    zt_buffer_put_char (datagram, '\n');
}

bool zt_beacon_read_answer (zt_bytes_t datagram, const char token[ZT_BEACON_TOKEN_SIZE],
                            zt_beacon_t *beacon)
{
    if (datagram.size > ZT_BEACON_BYTES || !s_cut (&datagram, s_answer))
        return false;
    zt_bytes_t words[S_WORDS];
    for (int i = 0; i < S_WORDS; i++)
        if (!s_cut_word (&datagram, &words[i]))
            return false;
    if (datagram.size == 0 || datagram.data[datagram.size - 1] != '\n')
        return false;
    *beacon = (zt_beacon_t){.name = {datagram.data, datagram.size - 1}};
    beacon->is_encrypted = zt_bytes_equal (words[2], zt_bytes ("curve"));
    bool tells_no_key = zt_bytes_equal (words[3], zt_bytes ("-"));
    return zt_bytes_equal (words[0], zt_bytes (token)) && s_port_read (words[1], &beacon->port) &&
           (beacon->is_encrypted || zt_bytes_equal (words[2], zt_bytes ("plain"))) &&
           (tells_no_key || s_port_read (words[3], &beacon->key_port)) &&
           zt_beacon_name_valid (beacon->name);
}
