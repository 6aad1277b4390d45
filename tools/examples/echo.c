/*  SPDX-License-Identifier: MPL-2.0

    Says again what it is told in private: an example for libztalk.

        cc -o echo echo.c $(pkg-config --cflags --libs ztalk) && ./echo tcp://127.0.0.1:5555

    Killed at any time, it answers each message once: a reply acknowledges when it is stored. */

#include <stdio.h>
#include <string.h>
#include <ztalk.h>

static void s_answer (ztalk_t *z, const ztalk_event_t *event)
{
    if (ztalk_reply (z, event->id, event->from, event->text))
        return;
    fprintf (stderr, "echo: no answer: %s\n", ztalk_why (z));
    /*  "full" passes: it stays unacknowledged, and comes again at the next start. */
    if (strcmp (ztalk_code (z), "full") != 0)
        ztalk_ack (z, event->id);
}

int main (int argc, char **argv)
{
    const ztalk_event_t *event;
    int status = ZTALK_FAILED;
    ztalk_t *z = ztalk_new ();
    ztalk_set (z, ZTALK_ENDPOINT, argc > 1 ? argv[1] : NULL);
    ztalk_set (z, ZTALK_NAME, "echo");
    ztalk_set (z, ZTALK_TRUST, argc > 2 ? argv[2] : NULL); /* "1": whoever answers first */
    if (ztalk_connect (z) != ZTALK_OK)
        fprintf (stderr, "echo: %s\n", ztalk_why (z));
    while ((event = ztalk_next (z, -1))) {
        if (event->type == ZTALK_MESSAGE && event->to[0] == '@')
            s_answer (z, event);
        else if (event->type == ZTALK_MESSAGE)
            ztalk_ack (z, event->id); /* what is said in a room is not for us */
        else if (event->type == ZTALK_OVER) {
            fprintf (stderr, "echo: %s\n%s\n", event->text, event->fingerprint);
            status = event->status;
        }
    }
    ztalk_destroy (&z);
    return status;
}
