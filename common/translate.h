/*  SPDX-License-Identifier: MPL-2.0

    zt_translate - what is said to a person, in the person's language

    The sources have English sentences. A program that speaks other languages too tells here how
    they are looked up, before it says anything; the others, the tests and what is for programs
    (--json) leave it, and say what the sources say. So the pure layers need no locale, and no
    catalogue. It holds for the whole process, as a locale does.

    po/POTFILES lists the sources with sentences, and po/update collects those that are marked:

        _("a sentence")            is translated here
        N_("a sentence")           stands in a table; who takes it out translates it
        zt_translate_many (...)    depends on a number
        zt_client_say (...)        translates its format itself

    A sentence is whole: languages differ in the order of words, and in more than their endings. */

#ifndef ZT_TRANSLATE_H
#define ZT_TRANSLATE_H

/*  Both return what lives for ever: the translation, or else what they were given. */
typedef const char *(zt_translate_fn) (const char *text);
typedef const char *(zt_translate_many_fn) (const char *one, const char *many, unsigned long n);

/*  NULL, NULL: nothing is translated. */
void zt_translate_with (zt_translate_fn *translate, zt_translate_many_fn *translate_many);

/*  NULL stays NULL, as it means "nothing is wrong" in many places.
    A format stays one for the compiler, which looks at the English; msgfmt compares the others. */
const char *zt_translate (const char *text) __attribute__ ((format_arg (1)));

/*  The sentence for n of something. */
const char *zt_translate_many (const char *one, const char *many, unsigned long n)
    __attribute__ ((format_arg (1), format_arg (2)));

#define _(text)  zt_translate (text)
#define N_(text) text

#endif
