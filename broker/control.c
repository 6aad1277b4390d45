/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/control.h"

#include "broker/control_wire.h"
#include "common/alloc.h"
#include "common/system.h"

#include <assert.h>
#include <czmq.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/*  So many commands are under way at once, and so many of them may wait for the disk, so that
    'shutdown' has a place when it does not answer; so many frames are read, and rows made for each
   of them, in a turn. Whoever does not ask for the rest of an answer gives way to a new one. */
enum {
    S_DIALOGUES = 16,
    S_WAITING = 12,
    S_FRAMES_A_TURN = 64,
    S_ROWS_A_TURN = 256,
    S_ID_MAX = 255
};

static_assert (ZT_CONSOLE_LINE_MAX + 256 <= ZT_CONTROL_FRAME, "any command can be sent");

typedef struct {
    char id[S_ID_MAX];
    size_t id_size; /* 0: nobody is here */
    zt_task_t task;
    bool is_json;
    bool wants_more;
    bool is_waiting;   /* the task is */
    uint64_t heard_at; /* counts frames */
    uint64_t told_at;  /* ms since the epoch: that it waits */
} s_dialogue_t;

struct zt_control {
    zsock_t *sock;
    void *socket;
    char *path;
    zt_commands_t *commands;
    zt_report_t report;
    s_dialogue_t dialogues[S_DIALOGUES];
    uint64_t n_frames;
    bool is_bound;
    bool is_ready; /* there may be frames that were not read */
};

/*  ---------------------------------------------------------------------------
    Beginning and end */

/*  libzmq removes whatever is at the path before it binds. NULL if it may: there is nothing, or the
    socket of a broker that is no more. (Two brokers that begin at the same moment may both see
    nothing: the one who comes last has the socket then.) */
static const char *s_is_taken (const char *path)
{
    struct stat status;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (lstat (path, &status) != 0)
        return NULL;
    if (!S_ISSOCK (status.st_mode))
        return "there is something which is no socket, and which is left alone";
    snprintf (address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = zt_system_socket (AF_UNIX, SOCK_STREAM, false);
    if (fd < 0)
        return strerror (errno);
    /*  Whatever else it is than these, say that too many wait there already, somebody listens. */
    bool is_left = connect (fd, (struct sockaddr *) &address, sizeof address) != 0 &&
                   (errno == ECONNREFUSED || errno == ENOENT);
    close (fd);
    return is_left ? NULL : "another broker listens there";
}

/*  NULL, or what is wrong. */
static const char *s_listen (void *socket, const char *path)
{
    zt_buffer_t endpoint = {NULL, 0, 0};
    zt_buffer_put_format (&endpoint, "ipc://%s", path);
    mode_t mask = umask (077); /* from the first moment on */
    int rc = zmq_bind (socket, zt_buffer_string (&endpoint));
    int error = errno;
    umask (mask);
    zt_buffer_free (&endpoint);
    if (rc != 0)
        return zmq_strerror (error);
    return chmod (path, 0600) == 0 ? NULL : strerror (errno);
}

/*  Why it cannot be, appended to why; true if there is nothing. */
static bool s_bind (zt_control_t *self, zt_buffer_t *why)
{
    enum { S_PATH_MAX = sizeof ((struct sockaddr_un *) NULL)->sun_path - 1 };
    if (strlen (self->path) > S_PATH_MAX) {
        zt_buffer_put_format (
            why,
            "the path has %zu bytes, and that of a socket %d at most; a directory with a "
            "shorter name would do",
            strlen (self->path), S_PATH_MAX);
        return false;
    }
    const char *wrong = s_is_taken (self->path);
    if (!wrong)
        wrong = s_listen (self->socket, self->path);
    if (wrong)
        zt_buffer_put_string (why, wrong);
    return !wrong;
}

zt_control_t *zt_control_new (const char *path, zt_commands_t *commands, zt_buffer_t *wrong)
{
    zt_control_t *self = zt_alloc (sizeof *self);
    self->path = zt_strndup (path, strlen (path));
    self->commands = commands;
    self->is_ready = true;
    self->sock = zsock_new (ZMQ_ROUTER);
    zt_buffer_t why = {NULL, 0, 0};
    if (!self->sock)
        zt_buffer_put_string (&why, zmq_strerror (errno));
    else {
        self->socket = zsock_resolve (self->sock);
        zsock_set_router_mandatory (self->sock, 1);
        zsock_set_maxmsgsize (self->sock, ZT_CONTROL_FRAME);
        zsock_set_rcvhwm (self->sock, S_DIALOGUES);
        self->is_bound = s_bind (self, &why);
    }
    if (!self->is_bound) {
        zt_buffer_put_format (wrong, "ztalk-ctl does not reach this broker: %s: %s", path,
                              zt_buffer_string (&why));
        zt_control_destroy (&self, 0);
    }
    zt_buffer_free (&why);
    return self;
}

static void s_close_dialogue (s_dialogue_t *dialogue)
{
    zt_task_end (&dialogue->task);
    *dialogue = (s_dialogue_t){.id_size = 0};
}

void zt_control_destroy (zt_control_t **self_p, int linger_ms)
{
    zt_control_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < S_DIALOGUES; i++)
        s_close_dialogue (&self->dialogues[i]);
    if (self->is_bound)
        unlink (self->path); /* libzmq does not */
    if (self->sock)
        zsock_set_linger (self->sock, linger_ms);
    zsock_destroy (&self->sock);
    zt_report_free (&self->report);
    free (self->path);
    free (self);
    *self_p = NULL;
}

int zt_control_fd (const zt_control_t *self)
{
    return self ? zsock_fd (self->sock) : -1;
}

/*  ---------------------------------------------------------------------------
    Answers */

/*  False if there is nobody any more who could get it, or who reads. */
static bool s_send (zt_control_t *self, zt_bytes_t id, zt_control_reply_t reply, zt_bytes_t rest)
{
    zt_buffer_t frame = {NULL, 0, 0};
    zt_control_put_reply (&frame, reply, rest);
    bool sent = zmq_send (self->socket, id.data, id.size, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0 &&
                zmq_send (self->socket, frame.data, frame.size, ZMQ_DONTWAIT) >= 0;
    zt_buffer_free (&frame);
    self->is_ready = true; /* sending takes events */
    return sent;
}

static zt_bytes_t s_id (const s_dialogue_t *dialogue)
{
    return (zt_bytes_t){dialogue->id, dialogue->id_size};
}

/*  Whoever has gone is not asked for: what was begun is done. */
static void s_tell_waiting (zt_control_t *self, s_dialogue_t *dialogue, uint64_t now)
{
    if (now - dialogue->told_at < ZT_CONTROL_WAIT_MS) /* a clock that was set back makes it more */
        return;
    dialogue->told_at = now;
    s_send (self, s_id (dialogue), ZT_CONTROL_WAIT, (zt_bytes_t){NULL, 0});
}

/*  The next piece of an answer: rows until it is large enough, or there are no more for now. */
static void s_answer (zt_control_t *self, s_dialogue_t *dialogue, uint64_t now)
{
    zt_buffer_t piece = {NULL, 0, 0};
    zt_task_t *task = &dialogue->task;
    zt_task_result_t result = ZT_TASK_ROW;
    for (int i = 0; i < S_ROWS_A_TURN && piece.size < ZT_CONTROL_PIECE && result == ZT_TASK_ROW;
         i++) {
        result = zt_commands_step (self->commands, task, &self->report, now);
        if (task->warning.size)
            s_send (self, s_id (dialogue), ZT_CONTROL_WARNING, zt_buffer_bytes (&task->warning));
        zt_buffer_clear (&task->warning);
        (dialogue->is_json ? zt_report_put_json : zt_report_put_line) (&self->report, &piece);
    }
    dialogue->is_waiting = result == ZT_TASK_WAITS;
    bool is_there = true, is_over = result == ZT_TASK_LAST || result == ZT_TASK_DONE;
    if (is_over)
        s_send (self, s_id (dialogue), ZT_CONTROL_DONE, zt_buffer_bytes (&piece));
    else if (piece.size) {
        is_there = s_send (self, s_id (dialogue), ZT_CONTROL_DATA, zt_buffer_bytes (&piece));
        dialogue->wants_more = false;
    }
    if (result == ZT_TASK_FAILED)
        s_send (self, s_id (dialogue), ZT_CONTROL_FAILED, zt_buffer_bytes (&task->wrong));
    if (!is_there || !task->is_running)
        s_close_dialogue (dialogue);
    else if (dialogue->is_waiting)
        s_tell_waiting (self, dialogue, now);
    zt_buffer_free (&piece);
}

/*  ---------------------------------------------------------------------------
    Requests */

/*  Who sends this. False if they may not. */
static bool s_is_admitted (zmq_msg_t *message, zt_who_t *who)
{
    *who = (zt_who_t){.kind = ZT_WHO_CONTROL};
    switch (zt_system_peer (zmq_msg_get (message, ZMQ_SRCFD), &who->uid, &who->pid)) {
    case ZT_PEER_KNOWN:
        who->is_known = true;
        return who->uid == 0 || who->uid == geteuid ();
    case ZT_PEER_UNKNOWN:
        return true; /* who could open the socket */
    case ZT_PEER_GONE:
        break;
    }
    return false;
}

static void s_refuse (zt_control_t *self, zt_bytes_t id, const zt_who_t *who, zt_bytes_t line,
                      uint64_t now)
{
    zt_buffer_t text = {NULL, 0, 0};
    zt_buffer_put_string (&text, "a command was refused: only root and the user who runs the "
                                 "broker may give any (");
    zt_who_put (who, &text);
    zt_buffer_put_char (&text, ')');
    zt_bytes_t why = zt_buffer_bytes (&text);
    zt_commands_tell (
        self->commands,
        &(zt_deed_t){.who = *who, .command = line, .outcome = "refused", .message = why}, now);
    s_send (self, id, ZT_CONTROL_REFUSED, why);
    zt_buffer_free (&text);
}

static s_dialogue_t *s_find (zt_control_t *self, zt_bytes_t id)
{
    for (size_t i = 0; i < S_DIALOGUES; i++)
        if (zt_bytes_equal (s_id (&self->dialogues[i]), id))
            return &self->dialogues[i];
    return NULL;
}

static bool s_waits (const s_dialogue_t *dialogue)
{
    return dialogue->id_size && dialogue->task.is_running &&
           zt_console_row (dialogue->task.verb)->waits;
}

/*  May one more command of that kind be begun, beside those of others? */
static bool s_may_begin (const zt_control_t *self, const s_dialogue_t *own, zt_bytes_t line)
{
    zt_bytes_t arguments[ZT_CONSOLE_ARGUMENTS];
    const char *wrong;
    zt_console_verb_t verb = zt_console_parse (line, arguments, &wrong);
    size_t n = 0;
    for (size_t i = 0; i < S_DIALOGUES; i++)
        n += &self->dialogues[i] != own && s_waits (&self->dialogues[i]);
    return verb == ZT_CONSOLE_COUNT || !zt_console_row (verb)->waits || n < S_WAITING;
}

/*  A place for a new dialogue: a free one, or that of who was not heard of for longest, but for
    those who wait for us. NULL if there is none. */
static s_dialogue_t *s_make (zt_control_t *self, zt_bytes_t id)
{
    s_dialogue_t *found = NULL;
    for (size_t i = 0; i < S_DIALOGUES; i++) {
        s_dialogue_t *dialogue = &self->dialogues[i];
        bool may_go = dialogue->id_size == 0 || !dialogue->wants_more;
        if (may_go && (!found || dialogue->heard_at < found->heard_at))
            found = dialogue;
    }
    if (!found)
        return NULL;
    s_close_dialogue (found);
    memcpy (found->id, id.data, id.size);
    found->id_size = id.size;
    return found;
}

static void s_command (zt_control_t *self, zt_bytes_t id, bool is_json, zt_bytes_t line,
                       const zt_who_t *who, uint64_t now)
{
    s_dialogue_t *dialogue = s_find (self, id);
    if (dialogue && zt_task_is_tied (&dialogue->task)) {
        s_send (self, id, ZT_CONTROL_FAILED,
                zt_bytes ("the backup that was asked for before is not done yet"));
        return;
    }
    bool may_begin = s_may_begin (self, dialogue, line);
    if (may_begin && !dialogue)
        dialogue = s_make (self, id);
    if (!may_begin || !dialogue) {
        s_send (self, id, ZT_CONTROL_FAILED,
                zt_bytes ("too many commands are under way; try again in a moment"));
        return;
    }
    dialogue->heard_at = ++self->n_frames;
    dialogue->told_at = now;
    dialogue->is_json = is_json;
    dialogue->wants_more = true;
    dialogue->is_waiting = false;
    if (zt_commands_begin (self->commands, &dialogue->task, line, who))
        return;
    zt_bytes_t wrong = zt_buffer_bytes (&dialogue->task.wrong);
    s_send (self, id, ZT_CONTROL_USAGE, wrong.size ? wrong : zt_bytes ("a command is missing"));
    s_close_dialogue (dialogue);
}

static void s_request (zt_control_t *self, zt_bytes_t id, zmq_msg_t *message, uint64_t now)
{
    zt_who_t who;
    zt_bytes_t line, frame = {zmq_msg_data (message), zmq_msg_size (message)};
    zt_control_request_t request = zt_control_request (frame, &line);
    s_dialogue_t *dialogue = s_find (self, id);
    if (request == ZT_CONTROL_MORE) { /* of what was admitted */
        if (dialogue) {
            dialogue->wants_more = true;
            dialogue->heard_at = ++self->n_frames;
        } else
            s_send (self, id, ZT_CONTROL_FAILED,
                    zt_bytes ("the rest was given up: too many others have asked meanwhile"));
    } else if (request == ZT_CONTROL_UNKNOWN)
        s_send (self, id, ZT_CONTROL_FAILED,
                zt_bytes ("this broker speaks ZTALK-CTL/1: is ztalk-ctl of another version?"));
    else if (!s_is_admitted (message, &who))
        s_refuse (self, id, &who, line, now);
    else
        s_command (self, id, request == ZT_CONTROL_JSON, line, &who, now);
}

/*  Takes the next request. False if there is none. */
static bool s_receive (zt_control_t *self, uint64_t now)
{
    zmq_msg_t id, message;
    zmq_msg_init (&id);
    zmq_msg_init (&message);
    bool is_there = zmq_msg_recv (&id, self->socket, ZMQ_DONTWAIT) >= 0;
    if (is_there && zmq_msg_more (&id) &&
        zmq_msg_recv (&message, self->socket, ZMQ_DONTWAIT) >= 0) {
        bool is_single = !zmq_msg_more (&message);
        zt_bytes_t from = {zmq_msg_data (&id), zmq_msg_size (&id)};
        if (is_single && from.size <= S_ID_MAX)
            s_request (self, from, &message, now);
        while (zmq_msg_more (&message) && zmq_msg_recv (&message, self->socket, ZMQ_DONTWAIT) >= 0)
            continue;
    }
    zmq_msg_close (&id);
    zmq_msg_close (&message);
    return is_there;
}

/*  ---------------------------------------------------------------------------
    A turn */

void zt_control_serve (zt_control_t *self, uint64_t now)
{
    if (!self)
        return;
    self->is_ready = true;
    for (int i = 0; i < S_FRAMES_A_TURN && self->is_ready; i++)
        self->is_ready = s_receive (self, now);
    for (size_t i = 0; i < S_DIALOGUES; i++) {
        s_dialogue_t *dialogue = &self->dialogues[i];
        if (dialogue->id_size && dialogue->wants_more)
            s_answer (self, dialogue, now);
    }
}

/*  Is there a command that is to be answered, and waits, or does not? */
static bool s_has_any (const zt_control_t *self, bool waits)
{
    for (size_t i = 0; self && i < S_DIALOGUES; i++)
        if (self->dialogues[i].id_size && self->dialogues[i].wants_more &&
            self->dialogues[i].is_waiting == waits)
            return true;
    return false;
}

bool zt_control_is_waiting (const zt_control_t *self)
{
    return s_has_any (self, true);
}

bool zt_control_is_busy (const zt_control_t *self)
{
    return self && (self->is_ready || s_has_any (self, false));
}
