/*  SPDX-License-Identifier: MPL-2.0

    A program on libztalk for its tests: library_probe ENDPOINT NAME [yes|no|TRUST]. It does the
    commands that it reads, a line each, and prints what happens, an event a line. With
    "yes" and "no" it is asked about a key, and says so. */

#include "client/ztalk.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int s_trust (void *arg, const char *endpoint, const char *key, const char *fingerprint)
{
    printf ("asked %s %s %s\n", endpoint, key, fingerprint);
    return strcmp (arg, "yes") == 0;
}

static void s_print (const ztalk_event_t *event)
{
    static const char *const types[] = {"CONNECTED", "LOST",  "MESSAGE", "SENT",   "DELIVERED",
                                        "REJECTED",  "FOUND", "RESULT",  "ONLINE", "HERE",
                                        "AWAY",      "ROOMS", "GAP",     "NOTICE", "OVER"};
    printf ("%s status=%d ref=%llu id=%llu from=%s to=%s code=%s more=%d has_text=%d names=",
            types[event->type], (int) event->status, (unsigned long long) event->ref,
            (unsigned long long) event->id, event->from, event->to, event->code, event->more,
            event->has_text);
    for (size_t i = 0; i < event->names_count; i++)
        printf ("%s%s", i ? "," : "", event->names[i]);
    printf (" key=%s print=%s body=%s text=%s\n", event->key, event->fingerprint, event->body,
            event->text);
}

/*  Does a command. */
static void s_do (ztalk_t *z, char *line)
{
    const char *words[4] = {"", "", "", ""};
    size_t count = 0;
    for (char *at = line; at && count < 4; count++) {
        words[count] = at;
        at = strchr (at, ' ');
        if (at)
            *at++ = '\0';
    }
    const char *command = words[0];
    uint64_t ref = 0;
    if (strcmp (command, "ack") == 0) {
        ztalk_ack (z, strtoull (words[1], NULL, 10));
        printf ("acked %s\n", words[1]);
        return;
    }
    if (strcmp (command, "finish") == 0) {
        ztalk_finish (z);
        return;
    }
    if (strcmp (command, "send") == 0)
        ref = ztalk_send (z, words[1], words[2]);
    else if (strcmp (command, "body") == 0)
        ref = ztalk_send_body (z, words[1], words[2]);
    else if (strcmp (command, "reply") == 0)
        ref = ztalk_reply (z, strtoull (words[1], NULL, 10), words[2], words[3]);
    else if (strcmp (command, "who") == 0)
        ref = ztalk_who (z);
    else if (strcmp (command, "join") == 0)
        ref = ztalk_join (z, words[1]);
    else if (strcmp (command, "leave") == 0)
        ref = ztalk_leave (z, words[1]);
    else if (strcmp (command, "history") == 0)
        ref = ztalk_history (z, strcmp (words[1], "NULL") == 0 ? NULL : words[1], 0, 0);
    else if (strcmp (command, "search") == 0)
        ref = ztalk_search (z, words[1], NULL, 10);
    if (ref)
        printf ("taken %llu\n", (unsigned long long) ref);
    else
        printf ("refused %s: %s\n", ztalk_code (z), ztalk_why (z));
}

/*  Reads what there is of stdin; returns 0 at its end. */
static int s_read (ztalk_t *z)
{
    static char data[65536];
    static size_t used;
    ssize_t size = read (STDIN_FILENO, data + used, sizeof data - used - 1);
    if (size <= 0)
        return 0;
    used += (size_t) size;
    data[used] = '\0';
    char *at = data, *end;
    while ((end = strchr (at, '\n'))) {
        *end = '\0';
        s_do (z, at);
        at = end + 1;
    }
    used = strlen (at);
    memmove (data, at, used);
    return 1;
}

int main (int argc, char **argv)
{
    if (argc < 4)
        return 2;
    setvbuf (stdout, NULL, _IOLBF, 0);
    ztalk_t *z = ztalk_new ();
    ztalk_set (z, ZTALK_ENDPOINT, argv[1]);
    ztalk_set (z, ZTALK_NAME, argv[2]);
    ztalk_set (z, ZTALK_DEVICE, getenv ("PROBE_DEVICE"));
    ztalk_set (z, ZTALK_IMPATIENT, getenv ("PROBE_IMPATIENT"));
    ztalk_set (z, ZTALK_PLAIN, getenv ("PROBE_PLAIN"));
    if (strcmp (argv[3], "TRUST") == 0)
        ztalk_set (z, ZTALK_TRUST, "1");
    else if (strcmp (argv[3], "-") != 0)
        ztalk_set_trust (z, s_trust, argv[3]);
    ztalk_status_t status = ztalk_connect (z);
    if (status != ZTALK_OK) {
        printf ("refused %s: %s\n", ztalk_code (z), ztalk_why (z));
        ztalk_destroy (&z);
        return (int) status;
    }
    printf ("begun %s %s\n", ztalk_name (z), ztalk_version ());
    const ztalk_event_t *event;
    int reads = 1;
    do {
        while ((event = ztalk_next (z, 0))) {
            s_print (event);
            status = event->status;
        }
        struct pollfd fds[] = {{.fd = ztalk_fd (z), .events = POLLIN},
                               {.fd = reads ? STDIN_FILENO : -1, .events = POLLIN}};
        if (poll (fds, 2, ztalk_timeout (z)) > 0 && fds[1].revents)
            reads = s_read (z);
    } while (ztalk_serve (z));
    ztalk_destroy (&z);
    return (int) status;
}
