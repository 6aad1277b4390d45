/*  SPDX-License-Identifier: MPL-2.0

    zt_language - the language of the person, and the catalogue of it */

#ifndef ZT_CLIENT_LANGUAGE_H
#define ZT_CLIENT_LANGUAGE_H

/*  From here on sentences are in the language that the environment asks for (LC_ALL,
    LC_MESSAGES or LANG, and LANGUAGE), if there is a catalogue of it. */
void zt_language_begin (const char *argv0);

/*  English again: for who reads what programs read. */
void zt_language_end (void);

#endif
