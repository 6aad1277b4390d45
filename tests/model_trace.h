/*  SPDX-License-Identifier: MPL-2.0

    zt_model_trace - a transcript of what is shown, and of what a person has before their eyes

    One's own name is olena. A line each:

        msg ID FROM TO TEXT         a message; so are found ID ... and own ID REF TO TEXT
        blob ID FROM TO             a message without a text
        pending BEFORE TO TEXT      0: it has had no ref before
        sending REF BEFORE TO TEXT
        refused REF TO TEXT         0: it never had one; the note is "no"
        delivered ID TO
        online|more|here|left NAMES more: a part of a list
        joined TO NAMES             and parted TO
        gap COUNT, missed, caught-up
        state CODE TEXT, error TO TEXT (TO may be -), notice TEXT, say TEXT (by the owner)
        open TO, close TO, mute TO, away, back (whether the person looks), wait MINUTES
        older TO, hits QUERY, end more|all
        ?                           what is there follows, in lines that begin with |
        ?line|?calls|?hits|?online|?state

    In a dump a conversation has a * if it is open, and its unread messages and mentions if
    there are any; a post has its place. The name lvan always looks like ivan. */

#ifndef ZT_MODEL_TRACE_H
#define ZT_MODEL_TRACE_H

/*  Plays what is in the transcript, and fails unless the dumps are those in it. */
void zt_model_trace (const char *transcript);

#endif
