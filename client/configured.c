/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/configured.h"

#include "common/translate.h"
#include "common/zpl.h"

typedef struct {
    const char *file;
    zt_zpl_t zpl;
    bool is_in_colours;
    const zt_theme_t *theme; /* NULL: nothing was asked for */
    zt_buffer_t *wrong;
} s_reader_t;

static void s_complain (s_reader_t *self, const char *what, zt_bytes_t which)
{
    zt_buffer_put_format (self->wrong, "%s:%u: %s", self->file, self->zpl.line,
                          zt_translate (what));
    if (which.size)
        zt_buffer_put_format (self->wrong, ": %.*s", (int) which.size, which.data);
    zt_buffer_put_char (self->wrong, '\n');
}

/*  The theme has to be known before the colours change it, wherever it stands. */
static const zt_theme_t *s_find_theme (zt_bytes_t text)
{
    zt_zpl_t zpl = zt_zpl (text);
    zt_property_t property;
    const char *wrong;
    const zt_theme_t *theme = NULL;
    while (zt_zpl_next (&zpl, &property, &wrong) == ZT_ZPL_PROPERTY)
        if (property.level == 0 && zt_bytes_equal (property.name, zt_bytes ("theme")))
            theme = zt_theme_find (property.value);
    return theme;
}

static void s_take_colour (s_reader_t *self, const zt_property_t *property)
{
    const zt_theme_t *base = self->theme ? self->theme : zt_theme_find (zt_bytes ("dark"));
    const char *wrong = zt_theme_own (&base, property->name, property->value);
    if (wrong)
        s_complain (self, wrong, wrong == zt_theme_no_role ? property->name : property->value);
    else
        self->theme = base;
}

static void s_take (s_reader_t *self, const zt_property_t *property)
{
    if (property->level == 1 && self->is_in_colours && property->has_value) {
        s_take_colour (self, property);
        return;
    }
    bool is_theme = zt_bytes_equal (property->name, zt_bytes ("theme"));
    bool is_colours = zt_bytes_equal (property->name, zt_bytes ("colours"));
    if (property->level > 0)
        s_complain (self, N_ ("nothing is known of this"), property->name);
    else {
        self->is_in_colours = is_colours;
        if (!is_theme && !is_colours)
            s_complain (self, N_ ("nothing is known of this"), property->name);
        else if (is_theme && !zt_theme_find (property->value))
            s_complain (self, N_ ("there is no such theme"), property->value);
    }
}

const zt_theme_t *zt_configured_theme (zt_bytes_t text, const char *file, const zt_theme_t *given,
                                       zt_buffer_t *wrong)
{
    s_reader_t self = {.file = file,
                       .zpl = zt_zpl (text),
                       .theme = given ? given : s_find_theme (text),
                       .wrong = wrong};
    zt_property_t property;
    const char *sentence;
    zt_zpl_result_t result;
    while ((result = zt_zpl_next (&self.zpl, &property, &sentence)) == ZT_ZPL_PROPERTY)
        s_take (&self, &property);
    if (result == ZT_ZPL_WRONG)
        s_complain (&self, sentence, zt_bytes (NULL));
    return self.theme;
}
