/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/finder.h"

#include "client/dial.h"
#include "client/discover.h"
#include "client/known.h"
#include "client/output.h"
#include "client/reach.h"
#include "common/clock.h"
#include "common/directory.h"
#include "common/options.h"
#include "common/published.h"
#include "common/translate.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

enum {
    S_USUAL_MS = 300, /* for the usual place, which is on this machine */
    S_KNOWN_MS = 1000 /* for those that are known, until the network's answers are shown */
};

/*  What is looked at. */
typedef struct {
    zt_buffer_t known;     /* endpoints, each with a NUL */
    zt_buffer_t published; /* likewise */
    zt_found_t found;
} s_view_t;

static void s_view_free (s_view_t *self)
{
    zt_buffer_free (&self->known);
    zt_buffer_free (&self->published);
}

static const char *s_next (const zt_buffer_t *endpoints, const char *each)
{
    const char *next = each ? each + strlen (each) + 1 : endpoints->data;
    return next && next < endpoints->data + endpoints->size ? next : NULL;
}

static size_t s_count (const zt_buffer_t *endpoints)
{
    size_t n = 0;
    for (const char *each = NULL; (each = s_next (endpoints, each));)
        n++;
    return n;
}

/*  ---------------------------------------------------------------------------
    Looking */

/*  The one that can be reached; NULL: there is none, or there are several. */
static const char *s_one_reached (const zt_reach_t *reach)
{
    const char *one = NULL;
    size_t n = 0;
    for (size_t i = 0; i < reach->n; i++)
        if (reach->is_reached[i]) {
            one = reach->endpoint[i];
            n++;
        }
    return n == 1 ? one : NULL;
}

/*  Waits for what any of them has to say, but not beyond that time. */
static void s_wait (const zt_discover_t *discover, const zt_reach_t *reach, uint64_t until)
{
    struct pollfd fds[1 + ZT_REACH_MOST] = {{discover->fd, POLLIN, 0}};
    uint64_t now = zt_clock_monotonic ();
    for (size_t i = 0; i < reach->n; i++)
        fds[1 + i] = (struct pollfd){reach->fd[i], POLLIN, 0};
    poll (fds, (nfds_t) (1 + reach->n), until > now ? (int) (until - now) : 0);
}

/*  Asks the network, and tries those that are known. If takes_one, it ends with the one of
    these that can be reached, if it is one, and returns that. */
static const char *s_look (s_view_t *self, bool takes_one)
{
    zt_reach_t reach = {.n = 0};
    zt_discover_t discover;
    uint64_t now = zt_clock_monotonic (), until = now + S_KNOWN_MS;
    const char *one = NULL;
    for (const char *each = NULL; (each = s_next (&self->known, each));)
        zt_reach_add (&reach, each);
    zt_discover_begin (&discover, now);
    bool tries = zt_reach_step (&reach), asks = true;
    while (!one && (asks || (tries && now < until))) {
        s_wait (&discover, &reach, asks ? zt_discover_deadline (&discover) : until);
        now = zt_clock_monotonic ();
        tries = zt_reach_step (&reach);
        asks = zt_discover_step (&discover, now, &self->found);
        if (takes_one && (!tries || now >= until))
            one = s_one_reached (&reach);
    }
    zt_reach_close (&reach);
    zt_discover_close (&discover);
    for (size_t i = 0; i < reach.n; i++)
        if (reach.is_reached[i])
            zt_found_tell (&self->found, reach.endpoint[i], false, true);
    return one;
}

/*  ---------------------------------------------------------------------------
    Choosing */

static int s_take (const zt_finder_t *self, const char *endpoint)
{
    zt_buffer_clear (self->endpoint);
    zt_buffer_put_string (self->endpoint, endpoint);
    return ZT_EXIT_OK;
}

static int s_take_row (const zt_finder_t *self, const zt_found_row_t *row)
{
    if (row->key_port && row->key_port != zt_dial_port (row->endpoint) + 1 && !*self->key_port)
        *self->key_port = row->key_port;
    return s_take (self, row->endpoint);
}

/*  Reads what was typed, without stdio, which would keep what is typed after it. False at the
    end of input. */
static bool s_read_line (char *line, size_t size)
{
    ssize_t used = read (STDIN_FILENO, line, size - 1);
    if (used <= 0)
        return false;
    while (used > 0 && strchr ("\r\n \t", line[used - 1]))
        used--;
    line[used] = '\0';
    return true;
}

/*  Lets a person choose. */
static int s_choose (const zt_finder_t *self, const zt_found_t *found)
{
    zt_buffer_t text = {NULL, 0, 0};
    char answer[64];
    unsigned long number;
    zt_found_put_lines (found, true, &text);
    fprintf (stderr, _ ("There are these brokers, by the names that they give themselves:\n\n%s\n"),
             zt_buffer_string (&text));
    zt_buffer_free (&text);
    tcflush (STDIN_FILENO, TCIFLUSH); /* what was typed before is no answer to it */
    for (;;) {
        if (found->n == 1)
            fprintf (stderr, _ ("Enter connects to it: "));
        else
            fprintf (stderr, _ ("Which one? Its number, 1 to %zu: "), found->n);
        if (!s_read_line (answer, sizeof answer)) {
            fprintf (stderr, _ ("\nztalk: none was chosen\n"));
            return ZT_EXIT_UNREACHABLE;
        }
        if (found->n == 1 && !*answer)
            return s_take_row (self, &found->rows[0]);
        if (zt_options_number (answer, 1, found->n, &number))
            return s_take_row (self, &found->rows[number - 1]);
    }
}

/*  Tells whoever reads it what could have been said. */
static int s_suggest (const zt_found_t *found)
{
    zt_buffer_t text = {NULL, 0, 0};
    zt_found_put_lines (found, false, &text);
    fprintf (stderr,
             _ ("ztalk: no broker is named. These have answered, and each line names one:\n\n%s\n"),
             zt_buffer_string (&text));
    zt_buffer_free (&text);
    return ZT_EXIT_UNREACHABLE;
}

/*  ---------------------------------------------------------------------------
    The order of things */

/*  Puts what is published here into the list: before the network is asked, so that its answers
    are not taken for others. */
static void s_tell_published (s_view_t *view)
{
    zt_buffer_clear (&view->published);
    zt_published_list (&view->published);
    for (const char *each = NULL; (each = s_next (&view->published, each));)
        zt_found_tell (&view->found, each, true, false);
}

/*  What is on this machine; NULL if that says nothing. */
static const char *s_find_here (s_view_t *view, const char *usual)
{
    if (zt_dial_is_open (usual, S_USUAL_MS))
        return usual;
    s_tell_published (view);
    return s_count (&view->published) == 1 ? view->published.data : NULL;
}

/*  Marks what is known but did not answer to our knock: it has answered to the question. */
static void s_mark_known (s_view_t *view)
{
    for (size_t i = 0; i < view->found.n; i++)
        for (const char *each = NULL; (each = s_next (&view->known, each));)
            if (strcmp (each, view->found.rows[i].endpoint) == 0)
                view->found.rows[i].is_known = true;
}

/*  True if this machine has a broker of its own, which may be starting just now: the user's, or the
    system's. */
static bool s_has_own (void)
{
    zt_buffer_t path = {NULL, 0, 0};
    bool has_own = access ("/var/lib/ztalk", F_OK) == 0;
    if (zt_directory_state (&path)) {
        zt_buffer_put_string (&path, "/broker.key");
        has_own = has_own || access (zt_buffer_string (&path), F_OK) == 0;
    }
    zt_buffer_free (&path);
    return has_own;
}

static int s_find (const zt_finder_t *self, s_view_t *view)
{
    const char *usual = zt_buffer_string (self->endpoint);
    const char *one = s_find_here (view, usual);
    /*  Nobody sees where a script goes: what it has to say is not for another broker because this
        one is being restarted. */
    if (!one && !self->is_asked && s_has_own ())
        return ZT_EXIT_OK;
    if (!one && !self->is_asked && s_count (&view->known) == 1)
        one = view->known.data;
    if (!one)
        one = s_look (view, self->is_asked);
    if (!one) /* it may have been started just before us */
        one = s_find_here (view, usual);
    if (one)
        return one == usual ? ZT_EXIT_OK : s_take (self, one);
    s_mark_known (view);
    zt_found_sort (&view->found);
    if (view->found.n)
        return self->is_asked ? s_choose (self, &view->found) : s_suggest (&view->found);
    if (self->is_asked)
        fprintf (
            stderr,
            _ ("* no broker answers on this network; one on this machine is waited for. 'ztalk "
               "ADDRESS' goes elsewhere\n"));
    return ZT_EXIT_OK;
}

/*  Reads what is known. False if that cannot be: why has been printed. */
static bool s_view_open (s_view_t *self, const zt_home_t *home)
{
    zt_buffer_t why = {NULL, 0, 0};
    bool is_read = zt_known_all (home, &self->known, &why) == ZT_HOME_OK;
    if (!is_read)
        fprintf (stderr, "ztalk: %s\n", zt_buffer_string (&why));
    zt_buffer_free (&why);
    return is_read;
}

int zt_finder_find (const zt_finder_t *self)
{
    s_view_t view = {.found = {.n = 0}};
    int status = s_view_open (&view, self->home) ? s_find (self, &view) : ZT_EXIT_FAILED;
    s_view_free (&view);
    return status;
}

int zt_finder_print (const zt_home_t *home, bool is_json)
{
    s_view_t view = {.found = {.n = 0}};
    int status = ZT_EXIT_FAILED;
    if (s_view_open (&view, home)) {
        zt_buffer_t text = {NULL, 0, 0};
        s_tell_published (&view);
        s_look (&view, false);
        s_mark_known (&view);
        zt_found_sort (&view.found);
        if (is_json)
            zt_found_put_json (&view.found, &text);
        else
            zt_found_put_lines (&view.found, false, &text);
        if (view.found.n == 0)
            fprintf (stderr, _ ("ztalk: no broker answers\n"));
        if (fputs (zt_buffer_string (&text), stdout) < 0 || fflush (stdout) != 0)
            zt_output_complain (errno);
        else
            status = view.found.n ? ZT_EXIT_OK : ZT_EXIT_UNREACHABLE;
        zt_buffer_free (&text);
    }
    s_view_free (&view);
    return status;
}
