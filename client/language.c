/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/language.h"

#include "common/system.h"
#include "common/translate.h"

#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char s_domain[] = "ztalk";

static const char *s_translate (const char *text)
{
    return dgettext (s_domain, text);
}

static const char *s_translate_many (const char *one, const char *many, unsigned long n)
{
    return dngettext (s_domain, one, many, n);
}

/*  What the environment names for messages, in the order in which setlocale looks. */
static const char *s_locale (void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv (names[i]);
        if (value && *value)
            return value;
    }
    return "C";
}

/*  The catalogues stand beside the program: then they are found in the build tree, too, and
    wherever it is installed. The room for the path is of PATH_MAX. */
static void s_directory (const char *argv0, char *path)
{
    static const char beside[] = "/" ZTALK_LOCALEDIR_BESIDE;
    bool is_known = zt_system_program (argv0, path, PATH_MAX - sizeof beside);
    char *slash = is_known ? strrchr (path, '/') : NULL;
    if (slash)
        memcpy (slash, beside, sizeof beside);
    if (!slash || access (path, X_OK) != 0)
        snprintf (path, PATH_MAX, "%s", ZTALK_LOCALEDIR);
}

void zt_language_begin (const char *argv0)
{
    const char *locale = s_locale ();
    if (strcmp (locale, "C") == 0 || strcmp (locale, "POSIX") == 0)
        return;
    /*  setlocale fails with a locale that was not generated on this machine, and gettext would
        then say nothing but English. The catalogue is all we need of it, and that goes by
        LANGUAGE in every locale but "C". No other category is set: numbers and times are for
        programs, too. All that we write is UTF-8, so that is what strerror should write. */
    const char *language = getenv ("LANGUAGE");
    if (!setlocale (LC_CTYPE, "C.UTF-8") || !setlocale (LC_MESSAGES, "C.UTF-8") ||
        ((!language || !*language) && setenv ("LANGUAGE", locale, 1) != 0))
        return;
    char directory[PATH_MAX];
    s_directory (argv0, directory);
    bindtextdomain (s_domain, directory);
    bind_textdomain_codeset (s_domain, "UTF-8");
    zt_translate_with (s_translate, s_translate_many);
}

void zt_language_end (void)
{
    zt_translate_with (NULL, NULL);
}
