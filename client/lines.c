/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/lines.h"

#include "common/json.h"
#include "common/text.h"
#include "common/translate.h"

#include <assert.h>
#include <inttypes.h>
#include <time.h>

enum {
    S_NAMES_EACH = 8,    /* so many come and go on a line each */
    S_NAMES_SHOWN = 100, /* of a list; --json has them all */
    S_BEGINNING = 60     /* bytes of a text that is only cited */
};

#define S_INDENT "    "

static void s_line (zt_buffer_t *buffer, zt_bytes_t text)
{
    zt_text_clean (buffer, text, ZT_TEXT_LINE);
}

/*  A target or sender without its '@'; a room keeps its '#'. */
static zt_bytes_t s_name (zt_bytes_t address)
{
    if (address.size && address.data[0] == '@')
        return (zt_bytes_t){address.data + 1, address.size - 1};
    return address;
}

/*  The same, with what is told of the name. */
static void s_flagged (zt_buffer_t *buffer, zt_bytes_t address, const zt_flag_t *flag)
{
    s_line (buffer, s_name (address));
    zt_flag_put (buffer, flag);
}

/*  The same as a string, in name, for a sentence that has it somewhere. */
static const char *s_called (zt_buffer_t *name, zt_bytes_t address, const zt_flag_t *flag)
{
    s_flagged (name, address, flag);
    return zt_buffer_string (name);
}

/*  A name of a list. */
static void s_listed (zt_buffer_t *buffer, const zt_item_t *item, size_t i)
{
    s_line (buffer, zt_bytes (item->names[i]));
    if (item->flags)
        zt_flag_put (buffer, &item->flags[i]);
}

/*  A text of several lines: each but the first is indented. */
static void s_lines (zt_buffer_t *buffer, zt_bytes_t text)
{
    zt_buffer_t clean = {NULL, 0, 0};
    zt_text_clean (&clean, text, ZT_TEXT_LINES);
    const char *at = zt_buffer_string (&clean); /* not NULL, even if it is empty */
    const char *end = at + clean.size;
    while (at < end) {
        const char *line_end = memchr (at, '\n', (size_t) (end - at));
        size_t size = line_end ? (size_t) (line_end - at) : (size_t) (end - at);
        zt_buffer_put (buffer, at, size);
        at += size;
        if (line_end) {
            zt_buffer_put_string (buffer, "\n" S_INDENT);
            at++;
        }
    }
    zt_buffer_free (&clean);
}

/*  The beginning of a text, on one line. */
static void s_beginning (zt_buffer_t *buffer, zt_bytes_t text)
{
    zt_buffer_t clean = {NULL, 0, 0};
    bool cut = text.size > S_BEGINNING * 4;
    s_line (&clean, cut ? (zt_bytes_t){text.data, S_BEGINNING * 4} : text);
    size_t size = clean.size;
    if (size > S_BEGINNING) {
        size = S_BEGINNING;
        while (size && ((unsigned char) clean.data[size] & 0xC0) == 0x80)
            size--; /* not in the middle of a character */
        cut = true;
    }
    zt_buffer_put (buffer, clean.data, size);
    if (cut)
        zt_buffer_put_string (buffer, "...");
    zt_buffer_free (&clean);
}

/*  A moment, in the local time zone. */
static void s_time (zt_buffer_t *buffer, uint64_t ms)
{
    /*  The last second of the year 9999; a later one is nonsense of a peer. */
    const uint64_t last = UINT64_C (253402300799);
    time_t seconds = (time_t) (ms / 1000 < last ? ms / 1000 : last);
    struct tm tm;
    char text[32] = "";
    if (localtime_r (&seconds, &tm))
        strftime (text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
    zt_buffer_put_string (buffer, text);
}

static void s_message (zt_buffer_t *buffer, const zt_item_t *item)
{
    if (!item->has_text) {
        zt_buffer_t name = {NULL, 0, 0};
        zt_buffer_put_string (buffer, "* ");
        zt_buffer_put_format (
            buffer,
            item->omitted ? _ ("%s sent something that is too long to be shown here, or no JSON")
                          : _ ("%s sent something that this client cannot show"),
            s_called (&name, item->from, &item->from_flag));
        zt_buffer_put_char (buffer, '\n');
        zt_buffer_free (&name);
        return;
    }
    zt_buffer_put_char (buffer, '[');
    s_time (buffer, item->time);
    zt_buffer_put_string (buffer, "] ");
    s_flagged (buffer, item->from, &item->from_flag);
    if (item->to.size && item->to.data[0] == '@') {
        zt_buffer_put_string (buffer, " -> ");
        s_flagged (buffer, item->to, &item->to_flag);
    } else if (item->where || !zt_bytes_equal (item->to, zt_bytes ("#general"))) {
        zt_buffer_put_char (buffer, ' ');
        s_flagged (buffer, item->to, &item->to_flag);
    }
    zt_buffer_put_string (buffer, ": ");
    s_lines (buffer, item->text);
    zt_buffer_put_char (buffer, '\n');
}

static void s_names (zt_buffer_t *buffer, const zt_item_t *item)
{
    for (size_t i = 0; i < item->names_count && i < S_NAMES_SHOWN; i++) {
        if (i)
            zt_buffer_put_string (buffer, ", ");
        s_listed (buffer, item, i);
    }
    if (item->names_count > S_NAMES_SHOWN || item->more)
        zt_buffer_put_string (buffer, ", ...");
}

/*  Who came or went: a line each, unless they are many. */
static void s_presence (zt_buffer_t *buffer, const zt_item_t *item)
{
    bool here = item->kind == ZT_ITEM_HERE;
    if (item->names_count > S_NAMES_EACH) {
        zt_buffer_put_string (buffer, "* ");
        zt_buffer_put_format (
            buffer,
            here ? zt_translate_many ("%zu is here: ", "%zu are here: ", item->names_count)
                 : zt_translate_many ("%zu left: ", "%zu left: ", item->names_count),
            item->names_count);
        s_names (buffer, item);
        zt_buffer_put_char (buffer, '\n');
        return;
    }
    for (size_t i = 0; i < item->names_count; i++) {
        zt_buffer_t name = {NULL, 0, 0};
        s_listed (&name, item, i);
        zt_buffer_put_string (buffer, "* ");
        zt_buffer_put_format (buffer,
                              here ? zt_translate_many ("%s is here", "%s are here", 1)
                                   : zt_translate_many ("%s left", "%s left", 1),
                              zt_buffer_string (&name));
        zt_buffer_put_char (buffer, '\n');
        zt_buffer_free (&name);
    }
}

/*  What could not be done. */
static void s_error (zt_buffer_t *buffer, const zt_item_t *item)
{
    if (item->text.size) {
        zt_buffer_put_string (buffer, _ ("not sent: "));
        s_beginning (buffer, item->text);
        zt_buffer_put_string (buffer, ": ");
    } else if (item->to.size) {
        s_line (buffer, item->to);
        zt_flag_put (buffer, &item->to_flag);
        zt_buffer_put_string (buffer, ": ");
    }
    s_line (buffer, item->message);
}

static void s_gap (zt_buffer_t *buffer, const zt_item_t *item)
{
    if (item->count)
        zt_buffer_put_format (
            buffer,
            zt_translate_many (
                "%llu message is not sent again, because the broker keeps or replays "
                "no more; /history shows what it still has",
                "%llu messages are not sent again, because the broker keeps or "
                "replays no more; /history shows what it still has",
                item->count),
            (unsigned long long) item->count);
    else
        zt_buffer_put_string (buffer,
                              _ ("messages, nobody knows how many, are not sent again, because the "
                                 "broker keeps or replays no more; /history shows what it still "
                                 "has"));
}

static void s_missed (zt_buffer_t *buffer, uint64_t since)
{
    zt_buffer_t time = {NULL, 0, 0};
    s_time (&time, since);
    zt_buffer_put_format (buffer, _ ("you missed this, since %s:"), zt_buffer_string (&time));
    zt_buffer_free (&time);
}

/*  Those whose line begins with "* " and ends at its end. */
static void s_other (zt_buffer_t *buffer, const zt_item_t *item)
{
    zt_buffer_t name = {NULL, 0, 0};
    zt_buffer_put_string (buffer, "* ");
    switch (item->kind) {
    case ZT_ITEM_PENDING:
        if (item->to.size && item->to.data[0] == '@')
            zt_buffer_put_format (buffer, _ ("pending for %s: "),
                                  s_called (&name, item->to, &item->to_flag));
        else
            zt_buffer_put_string (buffer, _ ("pending: "));
        s_line (buffer, item->text);
        break;
    case ZT_ITEM_DELIVERED:
        zt_buffer_put_format (buffer, _ ("delivered to %s"),
                              s_called (&name, item->to, &item->to_flag));
        break;
    case ZT_ITEM_ONLINE:
        zt_buffer_put_string (buffer, _ ("online: "));
        s_names (buffer, item);
        zt_buffer_put_format (buffer, " (%zu%s)", item->names_count, item->more ? "+" : "");
        break;
    case ZT_ITEM_ROOMS:
        zt_buffer_put_string (buffer, _ ("your rooms: "));
        s_names (buffer, item);
        break;
    case ZT_ITEM_JOINED:
        zt_buffer_put_format (buffer, _ ("you are in %s, and what you type goes there; online: "),
                              s_called (&name, item->to, &item->to_flag));
        s_names (buffer, item);
        break;
    case ZT_ITEM_PARTED:
        zt_buffer_put_format (buffer, _ ("you left %s"),
                              s_called (&name, item->to, &item->to_flag));
        break;
    case ZT_ITEM_GAP:
        s_gap (buffer, item);
        break;
    case ZT_ITEM_MISSED:
        s_missed (buffer, item->time);
        break;
    case ZT_ITEM_CAUGHT_UP:
        zt_buffer_put_format (buffer, _ ("end of what you missed (%llu)"),
                              (unsigned long long) item->count);
        break;
    case ZT_ITEM_ERROR:
        s_error (buffer, item);
        break;
    default: /* STATE, NOTICE */
        s_lines (buffer, item->text);
        break;
    }
    zt_buffer_put_char (buffer, '\n');
    zt_buffer_free (&name);
}

/*  Words, as a shell reads them: there is no space in a name. */
static void s_room (zt_buffer_t *buffer, const zt_item_t *item)
{
    s_flagged (buffer, item->to, &item->to_flag);
    zt_buffer_put_format (buffer, " %" PRIu64 "%s\n", item->count, item->own ? " joined" : "");
}

void zt_lines_put (zt_buffer_t *buffer, const zt_item_t *item)
{
    switch (item->kind) {
    case ZT_ITEM_USER:
        s_flagged (buffer, item->from, &item->from_flag);
        zt_buffer_put_char (buffer, '\n');
        break;
    case ZT_ITEM_ROOM:
        s_room (buffer, item);
        break;
    case ZT_ITEM_MESSAGE:
    case ZT_ITEM_FOUND:
        s_message (buffer, item);
        break;
    case ZT_ITEM_HERE:
    case ZT_ITEM_LEFT:
        s_presence (buffer, item);
        break;
    case ZT_ITEM_SENDING: /* a person sees what comes of it */
        break;
    default:
        s_other (buffer, item);
        break;
    }
}

/*  JSON */

static void s_string (zt_buffer_t *buffer, const char *name, zt_bytes_t text)
{
    if (text.size == 0)
        return;
    zt_buffer_put_format (buffer, ",\"%s\":", name);
    zt_json_put_string (buffer, text);
}

static void s_number (zt_buffer_t *buffer, const char *name, uint64_t number)
{
    zt_buffer_put_format (buffer, ",\"%s\":%" PRIu64, name, number);
}

/*  What is told of the names of a list: those that look like others, and those that mix scripts. */
static void s_json_flags (zt_buffer_t *buffer, const zt_item_t *item)
{
    size_t alike = 0, mixed = 0;
    for (size_t i = 0; item->flags && i < item->names_count; i++) {
        if (item->flags[i].like.size == 0)
            continue;
        zt_buffer_put_string (buffer, alike++ ? "," : ",\"lookalikes\":{");
        zt_json_put_string (buffer, zt_bytes (item->names[i]));
        zt_buffer_put_char (buffer, ':');
        zt_json_put_string (buffer, item->flags[i].like);
    }
    zt_buffer_put_string (buffer, alike ? "}" : "");
    for (size_t i = 0; item->flags && i < item->names_count; i++) {
        if (!item->flags[i].mixes)
            continue;
        zt_buffer_put_string (buffer, mixed++ ? "," : ",\"mixed_scripts\":[");
        zt_json_put_string (buffer, zt_bytes (item->names[i]));
    }
    zt_buffer_put_string (buffer, mixed ? "]" : "");
}

static void s_json_names (zt_buffer_t *buffer, const zt_item_t *item)
{
    const char *name = item->kind == ZT_ITEM_HERE    ? "online"
                       : item->kind == ZT_ITEM_LEFT  ? "offline"
                       : item->kind == ZT_ITEM_ROOMS ? "rooms"
                                                     : "users";
    zt_buffer_put_format (buffer, ",\"%s\":[", name);
    for (size_t i = 0; i < item->names_count; i++) {
        if (i)
            zt_buffer_put_char (buffer, ',');
        zt_json_put_string (buffer, zt_bytes (item->names[i]));
    }
    zt_buffer_put_char (buffer, ']');
    if (item->more)
        zt_buffer_put_string (buffer, ",\"more\":true");
    s_json_flags (buffer, item);
}

/*  An address, and what is told of it. */
static void s_json_from (zt_buffer_t *buffer, const zt_item_t *item)
{
    s_string (buffer, "from", item->from);
    s_string (buffer, "lookalike", item->from_flag.like);
    if (item->from_flag.mixes)
        zt_buffer_put_string (buffer, ",\"mixed_scripts\":true");
}

static void s_json_to (zt_buffer_t *buffer, const zt_item_t *item)
{
    s_string (buffer, "to", item->to);
    s_string (buffer, "to_lookalike", item->to_flag.like);
    if (item->to_flag.mixes)
        zt_buffer_put_string (buffer, ",\"to_mixed_scripts\":true");
}

/*  The members that belong to the kind of the item. */
static void s_json_members (zt_buffer_t *buffer, const zt_item_t *item)
{
    switch (item->kind) {
    case ZT_ITEM_MESSAGE:
    case ZT_ITEM_FOUND:
        s_number (buffer, "id", item->id);
        s_number (buffer, "time", item->time);
        s_json_from (buffer, item);
        s_json_to (buffer, item);
        if (item->has_text) { /* an empty text is a text, too */
            zt_buffer_put_string (buffer, ",\"text\":");
            zt_json_put_string (buffer, item->text);
        }
        if (item->body.size) {
            zt_buffer_put_string (buffer, ",\"body\":");
            zt_json_put_text (buffer, item->body);
        }
        if (item->omitted)
            zt_buffer_put_string (buffer, ",\"omitted\":true");
        if (item->own)
            zt_buffer_put_string (buffer, ",\"own\":true");
        if (item->ref)
            s_number (buffer, "ref", item->ref);
        return;
    case ZT_ITEM_ONLINE:
    case ZT_ITEM_HERE:
    case ZT_ITEM_LEFT:
    case ZT_ITEM_ROOMS:
    case ZT_ITEM_JOINED:
        s_json_to (buffer, item);
        s_json_names (buffer, item);
        return;
    case ZT_ITEM_USER:
        s_string (buffer, "name", item->from);
        s_string (buffer, "lookalike", item->from_flag.like);
        if (item->from_flag.mixes)
            zt_buffer_put_string (buffer, ",\"mixed_scripts\":true");
        return;
    case ZT_ITEM_ROOM:
        s_string (buffer, "room", item->to);
        if (item->to_flag.mixes)
            zt_buffer_put_string (buffer, ",\"mixed_scripts\":true");
        s_number (buffer, "users", item->count);
        zt_buffer_put_string (buffer, item->own ? ",\"joined\":true" : ",\"joined\":false");
        return;
    case ZT_ITEM_GAP:
        s_number (buffer, "from", item->from_id);
        s_number (buffer, "to", item->id);
        s_number (buffer, "count", item->count);
        return;
    case ZT_ITEM_MISSED:
        s_number (buffer, "time", item->time);
        return;
    case ZT_ITEM_CAUGHT_UP:
        s_number (buffer, "count", item->count);
        return;
    default:
        break;
    }
    if (item->kind == ZT_ITEM_DELIVERED)
        s_number (buffer, "id", item->id);
    if (item->ref)
        s_number (buffer, "ref", item->ref);
    s_string (buffer, item->kind == ZT_ITEM_STATE ? "state" : "code", zt_bytes (item->code));
    s_json_to (buffer, item);
    s_string (buffer, "text", item->text);
    s_string (buffer, "message", item->message);
}

void zt_lines_put_json (zt_buffer_t *buffer, const zt_item_t *item)
{
#define S_ROW(name, type, what) type,
    static const char *const types[] = {ZT_ITEMS (S_ROW)};
#undef S_ROW
    assert (item->kind < ZT_ITEM_COUNT);
    zt_buffer_put_format (buffer, "{\"type\":\"%s\"", types[item->kind]);
    s_json_members (buffer, item);
    zt_buffer_put_string (buffer, "}\n");
}
