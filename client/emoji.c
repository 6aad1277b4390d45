/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/emoji.h"

#include <unicode/uchar.h>
#include <utf8proc.h>

enum { S_NAME_SIZE = 128 };

/*  What people type, and Unicode calls otherwise. */
static const struct {
    const char *name;
    uint32_t c;
} s_nicknames[] = {
    {"+1", 0x1F44D},           {"-1", 0x1F44E},         {"angry", 0x1F620},
    {"beer", 0x1F37A},         {"blush", 0x1F60A},      {"boom", 0x1F4A5},
    {"broken_heart", 0x1F494}, {"bulb", 0x1F4A1},       {"cake", 0x1F382},
    {"check", 0x2705},         {"clap", 0x1F44F},       {"coffee", 0x2615},
    {"cool", 0x1F60E},         {"cry", 0x1F622},        {"eyes", 0x1F440},
    {"facepalm", 0x1F926},     {"fire", 0x1F525},       {"gift", 0x1F381},
    {"grin", 0x1F601},         {"grinning", 0x1F600},   {"hearts", 0x1F60D},
    {"heart", 0x2764},         {"heart_eyes", 0x1F60D}, {"hug", 0x1F917},
    {"joy", 0x1F602},          {"kiss", 0x1F618},       {"laughing", 0x1F606},
    {"lol", 0x1F602},          {"muscle", 0x1F4AA},     {"ok", 0x1F44C},
    {"party", 0x1F973},        {"poop", 0x1F4A9},       {"pray", 0x1F64F},
    {"question", 0x2753},      {"rage", 0x1F621},       {"rocket", 0x1F680},
    {"rofl", 0x1F923},         {"sad", 0x1F61E},        {"scream", 0x1F631},
    {"shrug", 0x1F937},        {"smile", 0x1F604},      {"smirk", 0x1F60F},
    {"sob", 0x1F62D},          {"star", 0x2B50},        {"sunglasses", 0x1F60E},
    {"sweat_smile", 0x1F605},  {"tada", 0x1F389},       {"thinking", 0x1F914},
    {"thumbsdown", 0x1F44E},   {"thumbsup", 0x1F44D},   {"warning", 0x26A0},
    {"wave", 0x1F44B},         {"wink", 0x1F609},       {"x", 0x274C},
    {"zzz", 0x1F4A4},
};

/*  Where all that are emoji by themselves are. */
static const struct {
    UChar32 first, last;
} s_blocks[] = {{0x1F300, 0x1FAFF}, {0x00A9, 0x00AE}, {0x203C, 0x3299}, {0x1F000, 0x1F2FF}};

bool zt_emoji_is_letter (char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '+' || c == '-';
}

/*  False for what is only a part of a picture: skin tones, halves of flags. */
static bool s_is_emoji (UChar32 c)
{
    return c > 0x7F && u_hasBinaryProperty (c, UCHAR_EMOJI) &&
           !u_hasBinaryProperty (c, UCHAR_EMOJI_COMPONENT);
}

static void s_write (zt_emoji_t *emoji, UChar32 c)
{
    static const char selector[] = "\uFE0F";
    size_t size = (size_t) utf8proc_encode_char (c, (utf8proc_uint8_t *) emoji->text);
    if (!u_hasBinaryProperty (c, UCHAR_EMOJI_PRESENTATION)) {
        memcpy (emoji->text + size, selector, sizeof selector - 1);
        size += sizeof selector - 1;
    }
    emoji->text[size] = '\0';
}

static char s_lower (char c)
{
    return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c == ' ' ? '_' : c;
}

/*  True if name, in Unicode's form or in ours, begins with the prefix in any letters. */
static bool s_begins (const char *name, zt_bytes_t prefix)
{
    for (size_t i = 0; i < prefix.size; i++)
        if (!name[i] || s_lower (name[i]) != s_lower (prefix.data[i]))
            return false;
    return true;
}

bool zt_emoji_find (zt_bytes_t name, zt_emoji_t *emoji)
{
    char unicode[S_NAME_SIZE];
    if (name.size == 0 || name.size >= sizeof unicode)
        return false;
    for (size_t i = 0; i < sizeof s_nicknames / sizeof s_nicknames[0]; i++) {
        if (strlen (s_nicknames[i].name) == name.size && s_begins (s_nicknames[i].name, name)) {
            s_write (emoji, (UChar32) s_nicknames[i].c);
            return true;
        }
    }
    for (size_t i = 0; i < name.size; i++) {
        if (!zt_emoji_is_letter (name.data[i]))
            return false;
        unicode[i] = name.data[i] == '_' ? ' ' : name.data[i];
    }
    unicode[name.size] = '\0';
    UErrorCode error = U_ZERO_ERROR;
    UChar32 c = u_charFromName (U_UNICODE_CHAR_NAME, unicode, &error);
    if (U_FAILURE (error) || !s_is_emoji (c))
        return false;
    s_write (emoji, c);
    return true;
}

/*  Adds a picture that is not there yet; returns how many there are then. */
static size_t s_add (zt_emoji_t *emoji, size_t count, size_t most, UChar32 c)
{
    if (count == most)
        return count;
    s_write (&emoji[count], c);
    for (size_t i = 0; i < count; i++)
        if (strcmp (emoji[i].text, emoji[count].text) == 0)
            return count;
    return count + 1;
}

size_t zt_emoji_begin (zt_bytes_t prefix, zt_emoji_t *emoji, size_t most)
{
    size_t count = 0;
    for (size_t i = 0; i < sizeof s_nicknames / sizeof s_nicknames[0]; i++)
        if (s_begins (s_nicknames[i].name, prefix))
            count = s_add (emoji, count, most, (UChar32) s_nicknames[i].c);
    for (size_t i = 0; i < sizeof s_blocks / sizeof s_blocks[0]; i++) {
        for (UChar32 c = s_blocks[i].first; c <= s_blocks[i].last && count < most; c++) {
            char name[S_NAME_SIZE];
            UErrorCode error = U_ZERO_ERROR;
            if (s_is_emoji (c) &&
                u_charName (c, U_UNICODE_CHAR_NAME, name, sizeof name, &error) > 0 &&
                U_SUCCESS (error) && s_begins (name, prefix))
                count = s_add (emoji, count, most, c);
        }
    }
    return count;
}
