/*  SPDX-License-Identifier: MPL-2.0

    ztalk-ctl - tells a running broker what to do */

#include "broker/console.h"
#include "broker/control_wire.h"
#include "broker/ctl_link.h"
#include "broker/ctl_top.h"
#include "broker/place.h"
#include "common/descriptor.h"
#include "common/options.h"
#include "common/secret.h"
#include "common/system.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { S_DIRECTORY = 1, S_SOCKET, S_JSON };

static const zt_option_t s_options[] = {
    {'d', "directory", "DIR", "the directory of the broker, as it was given to it", S_DIRECTORY},
    {'s', "socket", "PATH", "the broker's socket, if it is not DIR/control", S_SOCKET},
    {'j', "json", NULL, "answer with an object of JSON a line", S_JSON},
    {0, NULL, NULL, NULL, 0}};

/*  What is no command of the broker, but a way to look at one. */
#define S_TOP      "top"
#define S_TOP_WHAT "watch what the broker does, once a second, until q"

#define S_WORD(name, typed, arguments, quiet, waits, what) {typed, arguments, what},
static const zt_option_word_t s_words[] = {ZT_CONSOLE_COMMANDS (S_WORD){S_TOP, "", S_TOP_WHAT},
                                           {NULL, NULL, NULL}};
#undef S_WORD

static const zt_command_t s_command = {
    .program = "ztalk-ctl",
    .usage = "[OPTION]... [COMMAND [ARGUMENT]...]",
    .summary = "tells a running broker what to do",
    .options = s_options,
    .words_title =
        "A COMMAND is one of these, as on the broker's console (without one they are listed)",
    .words = s_words,
    .word_ends_options = true,
    .epilogue = "Exit status: 0 done, 1 failed, 2 usage, 3 no broker runs there, 4 refused.\n"};

typedef struct {
    const char *directory;
    zt_buffer_t socket;
    zt_buffer_t line; /* the command, as it would be typed on the console */
    bool is_json;
} s_line_t;

/*  A word of the command. On the console nothing can be typed for one that is empty: there a motd
   is ended by a word of its own. */
static const char *s_take_word (s_line_t *line, const char *value)
{
    bool is_motd = zt_bytes_equal (zt_buffer_bytes (&line->line), zt_bytes ("motd"));
    if (!*value && !is_motd)
        return "a word is empty";
    if (line->line.size)
        zt_buffer_put_char (&line->line, ' ');
    zt_buffer_put_string (&line->line, *value ? value : "-");
    return NULL;
}

static const char *s_take (void *self, int id, const char *value)
{
    s_line_t *line = self;
    switch (id) {
    case S_DIRECTORY:
        line->directory = value;
        return *value ? NULL : "a directory has a name";
    case S_SOCKET:
        zt_buffer_clear (&line->socket);
        zt_buffer_put_string (&line->socket, value);
        return *value ? NULL : "a socket has a name";
    case S_JSON:
        line->is_json = true;
        return NULL;
    default:
        return s_take_word (line, value);
    }
}

static int s_fail (int status, const char *what, const char *why)
{
    fprintf (stderr, "ztalk-ctl: %s%s%s\n", what, *what ? ": " : "", why);
    return status;
}

/*  ---------------------------------------------------------------------------
    The command */

static int s_help (void)
{
    zt_buffer_t text = {NULL, 0, 0};
    zt_buffer_put_format (&text, "ztalk-ctl - %s\n\n", s_command.summary);
    for (const zt_option_word_t *row = s_words; row->name; row++) {
        zt_console_put_line (&text, row->name, row->arguments, row->help);
        zt_buffer_put_char (&text, '\n');
    }
    zt_buffer_put_string (&text, "\n'ztalk-ctl --help' lists the options.");
    puts (zt_buffer_string (&text));
    zt_buffer_free (&text);
    return fflush (stdout) == 0 ? ZT_EXIT_OK : s_fail (ZT_EXIT_FAILED, "stdout", strerror (errno));
}

/*  What the broker takes for a file is seen from its own directory: a path from here is made whole.
 */
static bool s_make_whole (s_line_t *line)
{
    zt_bytes_t arguments[ZT_CONSOLE_ARGUMENTS];
    const char *wrong;
    zt_console_verb_t verb = zt_console_parse (zt_buffer_bytes (&line->line), arguments, &wrong);
    if (verb == ZT_CONSOLE_COUNT || strcmp (zt_console_row (verb)->arguments, "FILE") != 0 ||
        arguments[0].data[0] == '/')
        return true;
    char *here = getcwd (NULL, 0);
    if (!here)
        return false;
    zt_buffer_t whole = {NULL, 0, 0};
    zt_buffer_put_format (&whole, "%s %s/", zt_console_row (verb)->typed, here);
    zt_buffer_put_bytes (&whole, arguments[0]);
    free (here);
    zt_buffer_free (&line->line);
    line->line = whole;
    return true;
}

/*  ---------------------------------------------------------------------------
    The broker */

/*  libzmq would wait for a broker that is not there, and tell of nothing. Returns a status, -1 if
    somebody listens. */
static int s_look (const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen (path) >= sizeof address.sun_path)
        return s_fail (ZT_EXIT_FAILED, path, "this is too long for the path of a socket");
    snprintf (address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = zt_system_socket (AF_UNIX, SOCK_STREAM, true);
    if (fd < 0)
        return s_fail (ZT_EXIT_FAILED, "no socket", strerror (errno));
    /*  It waits while too many others do, and not for ever. */
    struct timeval most = {.tv_sec = ZT_CTL_LINK_PATIENCE_MS / 1000};
    setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
    int rc = connect (fd, (struct sockaddr *) &address, sizeof address), error = errno;
    close (fd);
    if (rc == 0)
        return -1;
    if (error == EAGAIN)
        return s_fail (ZT_EXIT_UNREACHABLE, path, ZT_CTL_LINK_SILENT);
    if (error == EACCES || error == EPERM)
        return s_fail (ZT_EXIT_REFUSED, path,
                       "only root and the user who runs the broker may give it commands");
    if (error == ECONNREFUSED)
        return s_fail (ZT_EXIT_UNREACHABLE, path, "no broker runs there any more");
    return s_fail (ZT_EXIT_UNREACHABLE, path,
                   error == ENOENT ? "no broker runs there; -d DIR says where one does"
                                   : strerror (error));
}

/*  Waits for a frame of the broker. Returns a status, -1 if it has come. */
static int s_receive (zt_ctl_link_t *link, zmq_msg_t *message)
{
    zmq_pollitem_t items[ZT_CTL_LINK_ITEMS];
    int n;
    zt_ctl_link_poll (link, items);
    while ((n = zmq_poll (items, ZT_CTL_LINK_ITEMS, ZT_CTL_LINK_PATIENCE_MS)) < 0)
        if (errno != EINTR)
            return s_fail (ZT_EXIT_FAILED, "", zmq_strerror (errno));
    if (n == 0)
        return s_fail (ZT_EXIT_UNREACHABLE, "",
                       ZT_CTL_LINK_SILENT "; what it was told it may still do");
    return zt_ctl_link_take (link, message)
               ? -1
               : s_fail (ZT_EXIT_UNREACHABLE, "", "the broker has ended meanwhile");
}

/*  Takes a frame of the answer. Returns the status, -1 if there is more to come. */
static int s_take_reply (zt_ctl_link_t *link, zt_bytes_t frame)
{
    static const int statuses[] = {[ZT_CONTROL_DATA] = -1,
                                   [ZT_CONTROL_WARNING] = -1,
                                   [ZT_CONTROL_DONE] = ZT_EXIT_OK,
                                   [ZT_CONTROL_FAILED] = ZT_EXIT_FAILED,
                                   [ZT_CONTROL_USAGE] = ZT_EXIT_USAGE,
                                   [ZT_CONTROL_REFUSED] = ZT_EXIT_REFUSED,
                                   [ZT_CONTROL_REPLIES] = ZT_EXIT_FAILED};
    zt_bytes_t rest;
    zt_control_reply_t reply = zt_control_reply (frame, &rest);
    if (reply == ZT_CONTROL_WAIT)
        return -1;
    if (reply == ZT_CONTROL_WARNING)
        fprintf (stderr, "ztalk-ctl: warning: %.*s\n", (int) rest.size, rest.data);
    else if (reply != ZT_CONTROL_DATA && reply != ZT_CONTROL_DONE)
        fprintf (stderr, "ztalk-ctl: %.*s\n", (int) rest.size, rest.data);
    else if (!zt_secret_write_all (STDOUT_FILENO, rest))
        return errno == EPIPE ? ZT_EXIT_FAILED
                              : s_fail (ZT_EXIT_FAILED, "stdout", strerror (errno));
    if (reply == ZT_CONTROL_DATA)
        zt_ctl_link_send (link, ZT_CONTROL_MORE, (zt_bytes_t){NULL, 0});
    return statuses[reply];
}

/*  Prints the answer, piece by piece. Returns the status. */
static int s_answer (zt_ctl_link_t *link)
{
    int status = -1;
    while (status < 0) {
        zmq_msg_t message;
        zmq_msg_init (&message);
        status = s_receive (link, &message);
        if (status < 0)
            status =
                s_take_reply (link, (zt_bytes_t){zmq_msg_data (&message), zmq_msg_size (&message)});
        zmq_msg_close (&message);
    }
    return status;
}

static int s_run (s_line_t *line)
{
    zt_buffer_t *path = &line->socket;
    if (!path->size && !zt_place_socket (line->directory, path))
        return s_fail (ZT_EXIT_USAGE, "", "no home directory is known; say with -d where to look");
    if (!s_make_whole (line))
        return s_fail (ZT_EXIT_FAILED, "this directory", strerror (errno));
    if (line->line.size > ZT_CONSOLE_LINE_MAX) {
        fprintf (stderr, "ztalk-ctl: a command has at most %d bytes\n", ZT_CONSOLE_LINE_MAX);
        return ZT_EXIT_USAGE;
    }
    int status = s_look (zt_buffer_string (path));
    if (status >= 0)
        return status;
    zt_ctl_link_t link = {NULL, NULL};
    zsys_handler_set (NULL); /* who types Ctrl-C means it */
    bool is_top = zt_bytes_equal (zt_buffer_bytes (&line->line), (zt_bytes_t) ZT_LITERAL (S_TOP));
    bool is_well = zt_ctl_link_open (&link, zt_buffer_string (path));
    if (is_well && is_top)
        status = zt_ctl_top (&link, line->is_json);
    else if (is_well && zt_ctl_link_send (&link, line->is_json ? ZT_CONTROL_JSON : ZT_CONTROL_TEXT,
                                          zt_buffer_bytes (&line->line)))
        status = s_answer (&link);
    else
        status = s_fail (ZT_EXIT_FAILED, zt_buffer_string (path), zmq_strerror (errno));
    zt_ctl_link_close (&link);
    return status;
}

int main (int argc, char **argv)
{
    s_line_t line = {.directory = NULL};
    int status = ZT_EXIT_FAILED;
    if (zt_options_parse (&s_command, argc, argv, s_take, &line, &status)) {
        zt_bytes_t command = zt_buffer_bytes (&line.line);
        bool is_help =
            !line.is_json && (command.size == 0 || zt_bytes_equal (command, zt_bytes ("help")));
        if (is_help)
            status = s_help ();
        else if (zt_descriptor_fill_standard ())
            status = s_run (&line);
    }
    zt_buffer_free (&line.socket);
    zt_buffer_free (&line.line);
    return status;
}
