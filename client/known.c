/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/known.h"

#include "common/endpoint.h"
#include "common/translate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/file.h>
#include <unistd.h>

#define S_LOCK ZT_KNOWN_FILE ".lock"

enum { S_READ = 4096, S_FILE_MOST = 1 << 20 };

static const char s_blanks[] = " \t\r";

/*  Cuts the next line off the text, without its end. False at the end of the text. */
static bool s_cut_line (zt_bytes_t *text, zt_bytes_t *line)
{
    if (text->size == 0)
        return false;
    const char *end = memchr (text->data, '\n', text->size);
    line->data = text->data;
    line->size = end ? (size_t) (end - text->data) : text->size;
    size_t used = line->size + (end != NULL);
    text->data += used;
    text->size -= used;
    return true;
}

/*  Cuts the next word off the line; it is empty when there is none. */
static zt_bytes_t s_cut_word (zt_bytes_t *line)
{
    while (line->size && memchr (s_blanks, line->data[0], sizeof s_blanks - 1)) {
        line->data++;
        line->size--;
    }
    zt_bytes_t word = {line->data, 0};
    while (word.size < line->size && !memchr (s_blanks, word.data[word.size], sizeof s_blanks - 1))
        word.size++;
    line->data += word.size;
    line->size -= word.size;
    return word;
}

/*  Cuts off what stands behind the port of an endpoint, with its slash; false if there is
    nothing. */
static bool s_cut_tail (zt_bytes_t *word)
{
    static const char scheme[] = "tcp://"; /* at the beginning: a key may hold "://", too */
    const size_t size = sizeof scheme - 1;
    size_t begin = word->size >= size && memcmp (word->data, scheme, size) == 0 ? size : 0;
    const char *slash = memchr (word->data + begin, '/', word->size - begin);
    if (slash)
        word->size = (size_t) (slash - word->data);
    return slash != NULL;
}

/*  True if the word is that endpoint, as it may be typed. */
static bool s_is_endpoint (zt_bytes_t word, const char *endpoint)
{
    zt_buffer_t meant = {NULL, 0, 0};
    bool is_same = !zt_endpoint_parse (word, &meant, NULL) &&
                   strcasecmp (zt_buffer_string (&meant), endpoint) == 0;
    zt_buffer_free (&meant);
    return is_same;
}

/*  What a line says of the endpoint. */
static zt_known_t s_read_line (zt_bytes_t line, const char *endpoint, zt_key_t *key)
{
    zt_bytes_t word = s_cut_word (&line);
    bool has_tail = s_cut_tail (&word);
    if (!s_is_endpoint (word, endpoint))
        return ZT_KNOWN_NONE;
    if (has_tail) /* an address with its key: somebody has meant well, and is told */
        return ZT_KNOWN_DAMAGED;
    word = s_cut_word (&line);
    zt_bytes_t rest = s_cut_word (&line);
    bool is_alone = rest.size == 0 || rest.data[0] == '#';
    return is_alone && zt_key_read (word, key) ? ZT_KNOWN_KEY : ZT_KNOWN_DAMAGED;
}

zt_known_t zt_known_look (zt_bytes_t text, const char *endpoint, zt_key_t *key, size_t *line)
{
    zt_bytes_t each;
    zt_known_t known = ZT_KNOWN_NONE;
    for (*line = 0; known == ZT_KNOWN_NONE && s_cut_line (&text, &each);) {
        ++*line;
        known = s_read_line (each, endpoint, key);
    }
    return known;
}

void zt_known_list (zt_bytes_t text, zt_buffer_t *endpoints)
{
    zt_bytes_t line;
    zt_key_t key;
    zt_buffer_t endpoint = {NULL, 0, 0};
    while (s_cut_line (&text, &line)) {
        zt_bytes_t rest = line, word = s_cut_word (&rest);
        zt_buffer_clear (&endpoint);
        if (!zt_endpoint_parse (word, &endpoint, NULL) &&
            s_read_line (line, zt_buffer_string (&endpoint), &key) == ZT_KNOWN_KEY) {
            zt_buffer_put_bytes (endpoints, zt_buffer_bytes (&endpoint));
            zt_buffer_put_char (endpoints, '\0');
        }
    }
    zt_buffer_free (&endpoint);
}

static void s_put_line (zt_buffer_t *text, const char *endpoint, const zt_key_t *key)
{
    zt_buffer_put_format (text, "%s %s\n", endpoint, key->text);
}

void zt_known_change (zt_bytes_t text, const char *endpoint, const zt_key_t *key,
                      zt_buffer_t *changed)
{
    zt_bytes_t line;
    zt_key_t old;
    bool is_put = false;
    while (s_cut_line (&text, &line)) {
        if (s_read_line (line, endpoint, &old) == ZT_KNOWN_NONE) {
            zt_buffer_put_bytes (changed, line);
            zt_buffer_put_char (changed, '\n');
        } else if (!is_put) { /* another line about it would only contradict */
            s_put_line (changed, endpoint, key);
            is_put = true;
        }
    }
    if (!is_put)
        s_put_line (changed, endpoint, key);
}

/*  ---------------------------------------------------------------------------
    The file */

static zt_home_result_t s_failed (const zt_home_t *home, const char *what, const char *reason,
                                  zt_buffer_t *why)
{
    zt_buffer_put_format (why, "%s%s%.*s/" ZT_KNOWN_FILE ": %s", what, *what ? " " : "",
                          (int) home->path.size, home->path.data, reason);
    return ZT_HOME_FAILED;
}

/*  Appends what the file holds: nothing if there is none. */
static zt_home_result_t s_read (const zt_home_t *home, zt_buffer_t *text, zt_buffer_t *why)
{
    int fd = openat (home->fd, ZT_KNOWN_FILE, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? ZT_HOME_OK
                               : s_failed (home, _ ("cannot read"), strerror (errno), why);
    ssize_t size;
    while ((size = read (fd, zt_buffer_reserve (text, S_READ), S_READ)) > 0 &&
           text->size < S_FILE_MOST)
        text->size += (size_t) size;
    int error = size > 0 ? EFBIG : errno;
    close (fd);
    return size ? s_failed (home, _ ("cannot read"), strerror (error), why) : ZT_HOME_OK;
}

static zt_home_result_t s_look (const zt_home_t *home, zt_bytes_t text, const char *endpoint,
                                zt_key_t *key, zt_buffer_t *why)
{
    size_t line;
    key->text[0] = '\0';
    if (zt_known_look (text, endpoint, key, &line) != ZT_KNOWN_DAMAGED)
        return ZT_HOME_OK;
    zt_buffer_t reason = {NULL, 0, 0};
    zt_buffer_put_format (&reason,
                          _ ("line %zu is about %s and has no key that can be read. Correct it; or "
                             "remove it, and you are asked anew"),
                          line, endpoint);
    s_failed (home, "", zt_buffer_string (&reason), why);
    zt_buffer_free (&reason);
    return ZT_HOME_FAILED;
}

zt_home_result_t zt_known_find (const zt_home_t *home, const char *endpoint, zt_key_t *key,
                                zt_buffer_t *why)
{
    zt_buffer_t text = {NULL, 0, 0};
    zt_home_result_t result = s_read (home, &text, why);
    if (result == ZT_HOME_OK)
        result = s_look (home, zt_buffer_bytes (&text), endpoint, key, why);
    zt_buffer_free (&text);
    return result;
}

zt_home_result_t zt_known_all (const zt_home_t *home, zt_buffer_t *endpoints, zt_buffer_t *why)
{
    zt_buffer_t text = {NULL, 0, 0};
    zt_home_result_t result = s_read (home, &text, why);
    if (result == ZT_HOME_OK)
        zt_known_list (zt_buffer_bytes (&text), endpoints);
    zt_buffer_free (&text);
    return result;
}

/*  Changes the file; its lock is held. */
static zt_home_result_t s_change (const zt_home_t *home, const char *endpoint, const zt_key_t *key,
                                  const zt_key_t *instead, zt_buffer_t *why)
{
    zt_buffer_t text = {NULL, 0, 0}, changed = {NULL, 0, 0};
    zt_key_t now;
    zt_home_result_t result = s_read (home, &text, why);
    if (result == ZT_HOME_OK)
        result = s_look (home, zt_buffer_bytes (&text), endpoint, &now, why);
    if (result == ZT_HOME_OK && strcmp (now.text, key->text) != 0) {
        if (strcmp (now.text, instead->text) != 0)
            result = s_failed (home, "", _ ("another ztalk has just put another key there"), why);
        else {
            zt_known_change (zt_buffer_bytes (&text), endpoint, key, &changed);
            if (!zt_secret_write (home->fd, ZT_KNOWN_FILE, zt_buffer_bytes (&changed), 0600))
                result = s_failed (home, _ ("cannot write"), strerror (errno), why);
        }
    }
    zt_buffer_free (&text);
    zt_buffer_free (&changed);
    return result;
}

zt_home_result_t zt_known_put (const zt_home_t *home, const char *endpoint, const zt_key_t *key,
                               const zt_key_t *instead, zt_buffer_t *why)
{
    int fd = openat (home->fd, S_LOCK, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || flock (fd, LOCK_EX) != 0) {
        zt_home_result_t result = s_failed (home, _ ("cannot lock"), strerror (errno), why);
        if (fd >= 0)
            close (fd);
        return result;
    }
    zt_home_result_t result = s_change (home, endpoint, key, instead, why);
    close (fd);
    return result;
}
