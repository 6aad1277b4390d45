/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/config.h"

#include "broker/config_form.h"
#include "common/text.h"
#include "common/wire.h"
#include "common/zpl.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

/*  A configuration is a few lines; what is longer is another file. */
enum { S_FILE_MAX = 64 * 1024 };

#define S_NUMBER(name, section, key, words, least, most, otherwise, when, what)                    \
    {section, key, ZT_FORM_NUMBER, words, least, most, otherwise, 0, NULL, ZT_CONFIG_##when, what},
#define S_TEXT(name, section, key, form, otherwise, when, what)                                    \
    {section,          key, ZT_FORM_##form, NULL, 0, 0, 0, ZT_CONFIG_TEXT_##name, otherwise,       \
     ZT_CONFIG_##when, what},
static const zt_config_row_t s_rows[] = {ZT_CONFIG_KEYS (S_NUMBER, S_TEXT)};
#undef S_NUMBER
#undef S_TEXT

const zt_config_row_t *zt_config_row (zt_config_key_t key)
{
    assert (key < ZT_CONFIG_COUNT);
    return &s_rows[key];
}

zt_config_t zt_config_default (void)
{
    zt_config_t self;
    memset (&self, 0, sizeof self);
    for (unsigned key = 0; key < ZT_CONFIG_COUNT; key++) {
        const zt_config_row_t *row = &s_rows[key];
        self.value[key] = row->otherwise;
        if (row->otherwise_text)
            snprintf (self.text[row->place], ZT_CONFIG_TEXT_SIZE, "%s", row->otherwise_text);
    }
    return self;
}

/*  ---------------------------------------------------------------------------
    Values */

/*  The word at that place; empty if there are not so many. */
static zt_bytes_t s_word (const char *words, uint64_t place)
{
    size_t size = strcspn (words, " ");
    for (; place > 0 && words[size]; place--) {
        words += size + 1;
        size = strcspn (words, " ");
    }
    return place == 0 ? (zt_bytes_t){words, size} : (zt_bytes_t){words, 0};
}

const char *zt_config_text (const zt_config_t *self, zt_config_key_t key)
{
    const zt_config_row_t *row = zt_config_row (key);
    assert (row->otherwise_text);
    return self->text[row->place];
}

void zt_config_put (const zt_config_t *self, zt_config_key_t key, zt_buffer_t *text)
{
    const zt_config_row_t *row = zt_config_row (key);
    if (row->words)
        zt_buffer_put_bytes (text, s_word (row->words, self->value[key]));
    else if (row->otherwise_text) {
        zt_buffer_put_char (text, '"');
        zt_text_clean (text, zt_bytes (self->text[row->place]), ZT_TEXT_LINE);
        zt_buffer_put_char (text, '"');
    } else
        zt_buffer_put_u64 (text, self->value[key]);
}

void zt_config_put_range (zt_config_key_t key, zt_buffer_t *text)
{
    const zt_config_row_t *row = zt_config_row (key);
    if (row->otherwise_text)
        zt_config_form_put (row->form, text);
    else if (!row->words)
        zt_buffer_put_format (text, "%" PRIu64 " to %" PRIu64, row->least, row->most);
    for (uint64_t value = row->least; row->words && value <= row->most; value++) {
        zt_buffer_put_string (text, value > row->least ? " or " : "");
        zt_buffer_put_bytes (text, s_word (row->words, value));
    }
}

bool zt_config_is_same (const zt_config_t *one, const zt_config_t *other, zt_config_key_t key)
{
    const zt_config_row_t *row = zt_config_row (key);
    return row->otherwise_text ? strcmp (one->text[row->place], other->text[row->place]) == 0
                               : one->value[key] == other->value[key];
}

void zt_config_take (zt_config_t *self, const zt_config_t *other, zt_config_key_t key)
{
    const zt_config_row_t *row = zt_config_row (key);
    self->value[key] = other->value[key];
    self->is_set[key] = other->is_set[key];
    self->line[key] = other->line[key];
    self->overrides[key] = other->overrides[key];
    if (row->otherwise_text)
        memcpy (self->text[row->place], other->text[row->place], ZT_CONFIG_TEXT_SIZE);
}

/*  How many bytes stand before a further value, with the LF between them. */
static size_t s_before (const zt_config_t *self, zt_config_key_t key)
{
    const zt_config_row_t *row = zt_config_row (key);
    bool goes_on = row->form == ZT_FORM_ENDPOINTS && self->is_set[key];
    return goes_on ? strlen (self->text[row->place]) + 1 : 0;
}

static bool s_set_text (zt_config_t *self, zt_config_key_t key, zt_bytes_t value)
{
    const zt_config_row_t *row = zt_config_row (key);
    char *text = self->text[row->place];
    size_t size = s_before (self, key);
    if (!zt_config_form_takes (row->form, value) || size + value.size >= ZT_CONFIG_TEXT_SIZE)
        return false;
    if (size)
        text[size - 1] = '\n';
    if (value.size)
        memcpy (text + size, value.data, value.size);
    text[size + value.size] = '\0';
    return true;
}

static bool s_set_number (zt_config_t *self, zt_config_key_t key, zt_bytes_t value)
{
    const zt_config_row_t *row = zt_config_row (key);
    uint64_t number = 0;
    bool is_right;
    if (row->words) {
        while (number <= row->most && !zt_bytes_equal (value, s_word (row->words, number)))
            number++;
        is_right = number <= row->most;
    } else
        is_right = zt_u64_read (value, &number) && number >= row->least && number <= row->most;
    if (is_right)
        self->value[key] = number;
    return is_right;
}

bool zt_config_set (zt_config_t *self, zt_config_key_t key, zt_bytes_t value, zt_buffer_t *wrong)
{
    bool is_right = zt_config_row (key)->otherwise_text ? s_set_text (self, key, value)
                                                        : s_set_number (self, key, value);
    if (is_right) {
        self->is_set[key] = true;
        self->line[key] = 0;
    } else
        zt_config_put_range (key, wrong);
    return is_right;
}

/*  ---------------------------------------------------------------------------
    The file */

typedef struct {
    zt_config_t config;
    bool is_set[ZT_CONFIG_COUNT];
    zt_bytes_t section;
    unsigned line;
    zt_buffer_t *wrong;
} s_reading_t;

/*  Appends what somebody has written, for a terminal: as much as is needed to find it. */
static void s_quote (zt_buffer_t *wrong, zt_bytes_t text)
{
    enum { S_MOST = 200 };
    zt_buffer_put_char (wrong, '\'');
    zt_text_clean (wrong, zt_bytes_part (text, 0, text.size < S_MOST ? text.size : S_MOST),
                   ZT_TEXT_LINE);
    zt_buffer_put_string (wrong, text.size > S_MOST ? "...'" : "'");
}

static bool s_take_section (s_reading_t *self, const zt_property_t *property)
{
    unsigned key = 0;
    while (key < ZT_CONFIG_COUNT &&
           !zt_bytes_equal (property->name, zt_bytes (s_rows[key].section)))
        key++;
    if (key == ZT_CONFIG_COUNT) {
        s_quote (self->wrong, property->name);
        zt_buffer_put_string (self->wrong, " is no section: there are");
        for (key = 0; key < ZT_CONFIG_COUNT; key++)
            if (key == 0 || strcmp (s_rows[key].section, s_rows[key - 1].section) != 0)
                zt_buffer_put_format (self->wrong, "%s %s", key ? "," : "", s_rows[key].section);
        return false;
    }
    if (property->has_value) {
        s_quote (self->wrong, property->name);
        zt_buffer_put_string (self->wrong, " is a section, and has no value");
        return false;
    }
    self->section = property->name;
    return true;
}

/*  Appends "'x' is no key of store: there are sync, keep_days". */
static void s_list_keys (s_reading_t *self, zt_bytes_t name)
{
    s_quote (self->wrong, name);
    zt_buffer_put_format (self->wrong, " is no key of %.*s: there are", (int) self->section.size,
                          self->section.data);
    const char *between = " ";
    for (unsigned key = 0; key < ZT_CONFIG_COUNT; key++)
        if (zt_bytes_equal (self->section, zt_bytes (s_rows[key].section))) {
            zt_buffer_put_format (self->wrong, "%s%s", between, s_rows[key].name);
            between = ", ";
        }
}

static unsigned s_find_key (zt_bytes_t section, zt_bytes_t name)
{
    unsigned key = 0;
    while (key < ZT_CONFIG_COUNT && !(zt_bytes_equal (section, zt_bytes (s_rows[key].section)) &&
                                      zt_bytes_equal (name, zt_bytes (s_rows[key].name))))
        key++;
    return key;
}

static bool s_set (zt_config_t *config, unsigned key, zt_bytes_t value, zt_buffer_t *wrong)
{
    zt_buffer_t range = {NULL, 0, 0};
    bool is_right = zt_config_set (config, (zt_config_key_t) key, value, &range);
    bool is_one_too_many = !is_right && s_before (config, (zt_config_key_t) key) &&
                           zt_config_form_takes (s_rows[key].form, value);
    if (is_one_too_many) {
        s_quote (wrong, value);
        zt_buffer_put_format (wrong, " is one %s too many: together they have at most %d bytes",
                              s_rows[key].name, ZT_CONFIG_TEXT_SIZE - 1);
    } else if (!is_right) {
        zt_buffer_put_format (wrong, "%s cannot be ", s_rows[key].name);
        s_quote (wrong, value);
        zt_buffer_put_format (wrong, ", but %s", zt_buffer_string (&range));
        if (value.size == 0)
            zt_buffer_put_string (wrong,
                                  " (what is behind a # is a comment, unless it is in quotes)");
    }
    zt_buffer_free (&range);
    return is_right;
}

static bool s_take_key (s_reading_t *self, const zt_property_t *property)
{
    unsigned key = s_find_key (self->section, property->name);
    if (key == ZT_CONFIG_COUNT || property->level != 1) {
        s_list_keys (self, property->name);
        return false;
    }
    if (self->is_set[key] && s_rows[key].form != ZT_FORM_ENDPOINTS) {
        zt_buffer_put_format (self->wrong, "%s is there twice", s_rows[key].name);
        return false;
    }
    if (!self->is_set[key]) /* the file's first goes before what there was */
        self->config.is_set[key] = false;
    self->is_set[key] = true;
    bool is_right = s_set (&self->config, key, property->value, self->wrong);
    self->config.line[key] = self->line;
    return is_right;
}

bool zt_config_set_named (zt_config_t *self, zt_bytes_t assignment, zt_buffer_t *wrong)
{
    const char *equals = assignment.size ? memchr (assignment.data, '=', assignment.size) : NULL;
    size_t size = equals ? (size_t) (equals - assignment.data) : 0;
    const char *slash = size ? memchr (assignment.data, '/', size) : NULL;
    if (!slash) {
        zt_buffer_put_string (wrong, "a setting is given as section/key=value");
        return false;
    }
    zt_bytes_t section = {assignment.data, (size_t) (slash - assignment.data)};
    unsigned key = s_find_key (section, (zt_bytes_t){slash + 1, size - section.size - 1});
    if (key == ZT_CONFIG_COUNT) {
        s_quote (wrong, (zt_bytes_t){assignment.data, size});
        zt_buffer_put_string (wrong, " is no setting; ztalk-broker(1) lists them");
        return false;
    }
    return s_set (self, key, (zt_bytes_t){equals + 1, assignment.size - size - 1}, wrong);
}

bool zt_config_read (zt_config_t *self, zt_bytes_t text, const char *file, zt_buffer_t *wrong)
{
    zt_buffer_t why = {NULL, 0, 0};
    s_reading_t reading = {.config = *self, .wrong = &why};
    static const zt_bytes_t mark = ZT_LITERAL ("\xEF\xBB\xBF"); /* some editors begin with it */
    bool is_marked = text.size >= mark.size && memcmp (text.data, mark.data, mark.size) == 0;
    zt_zpl_t zpl = zt_zpl (
        zt_bytes_part (text, is_marked ? mark.size : 0, text.size - (is_marked ? mark.size : 0)));
    zt_property_t property;
    const char *sentence = NULL;
    zt_zpl_result_t result;
    bool is_right = true;
    while (is_right && (result = zt_zpl_next (&zpl, &property, &sentence)) != ZT_ZPL_END) {
        if (result == ZT_ZPL_WRONG) {
            zt_buffer_put_string (&why, sentence);
            is_right = false;
            break;
        }
        reading.line = zpl.line;
        is_right = property.level == 0 ? s_take_section (&reading, &property)
                                       : s_take_key (&reading, &property);
    }
    if (is_right)
        *self = reading.config;
    else
        zt_buffer_put_format (wrong, "%s:%u: %s", file, zpl.line, zt_buffer_string (&why));
    zt_buffer_free (&why);
    return is_right;
}

bool zt_config_gather (zt_config_t *self, const zt_config_source_t *source, zt_buffer_t *wrong)
{
    zt_config_t config = zt_config_default ();
    if (source->file && !zt_config_load (&config, source->file, wrong))
        return false;
    /*  What the command line says takes the place of all that the file says there. */
    const zt_config_t file = config;
    memset (config.is_set, 0, sizeof config.is_set);
    for (size_t at = 0; at < source->line.size; at += strlen (source->line.data + at) + 1)
        if (!zt_config_set_named (&config, zt_bytes (source->line.data + at), wrong))
            return false;
    for (unsigned key = 0; key < ZT_CONFIG_COUNT; key++) {
        config.overrides[key] = config.is_set[key] && file.is_set[key] &&
                                !zt_config_is_same (&config, &file, (zt_config_key_t) key);
        config.is_set[key] = config.is_set[key] || file.is_set[key];
    }
    *self = config;
    return true;
}

bool zt_config_load (zt_config_t *self, const char *file, zt_buffer_t *wrong)
{
    zt_buffer_t text = {NULL, 0, 0};
    FILE *stream = fopen (file, "r");
    bool is_read = stream != NULL;
    if (stream) {
        size_t size = fread (zt_buffer_reserve (&text, S_FILE_MAX + 1), 1, S_FILE_MAX + 1, stream);
        text.size = size;
        is_read = !ferror (stream);
    }
    int error = errno;
    if (stream)
        fclose (stream);
    bool is_right = is_read && text.size <= S_FILE_MAX;
    if (!is_read)
        zt_buffer_put_format (wrong, "%s: %s", file, strerror (error));
    else if (!is_right)
        zt_buffer_put_format (wrong, "%s: this is no configuration, it is too long", file);
    else
        is_right = zt_config_read (self, zt_buffer_bytes (&text), file, wrong);
    zt_buffer_free (&text);
    return is_right;
}
