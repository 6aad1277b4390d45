/*  SPDX-License-Identifier: MPL-2.0

    libztalk - a client of ztalk, for programs in C and C++

        ztalk_t *z = ztalk_new ();
        ztalk_set (z, ZTALK_NAME, "echo");
        if (ztalk_connect (z) != ZTALK_OK)
            errx (1, "%s", ztalk_why (z));
        const ztalk_event_t *event;
        while ((event = ztalk_next (z, -1)))
            if (event->type == ZTALK_MESSAGE)
                ztalk_reply (z, event->id, event->from, event->text);
        ztalk_destroy (&z);

    What it promises
    - A message is delivered until it has been acknowledged, with ztalk_ack or by a reply that
      the broker has stored; also to the next run of the program, if this one is killed
      (kill -9) before that. Once acknowledged it never comes again. While the program runs each
      comes once, in the order of ids. They may be acknowledged in any order; but the broker sends
      only so many (1024, and 1 MiB of them) that are not, and then waits.
    - What ztalk_send has taken is sent, by the next run if need be, and stored once. That, and
      what is acknowledged, is kept in files of the home: it survives any end of the program, but
      after a power cut the last seconds may be missing, and then a message may come again.
    - It connects again by itself, for ever, and goes on where it was.
    - A broker whose key is not known is never trusted without somebody's word (ZTALK_TRUST,
      ZTALK_BROKER_KEY, ztalk_set_trust).

    Names. A target is "@olena" or "olena", or a room, "#general". All text is UTF-8.

    Waiting. Only ztalk_next waits, as long as it is told to, and ztalk_destroy. But the resolver is
    asked where the broker is in ztalk_connect, and, while there is no connection, about every 2 s
    in ztalk_serve and ztalk_next: for a name, and a resolver that does not answer, each of these
    may take as long as that does (usually seconds). With an address of numbers nothing waits.
    What is sent or acknowledged is written to a file before the function returns.

    Threads. A ztalk_t belongs to one thread at a time; several of them are independent of each
    other. The library has threads of its own (ZeroMQ's) in which it calls nobody. It has no signal
    handlers, prints nothing, and must not be used in a child after fork (2).

    Errors. Functions that can fail return ZTALK_OK or another status, or 0 instead of a number;
    ztalk_code and ztalk_why then tell what was wrong. When memory is out the process is aborted.

    Above the session that the console client is made of too (zt_session) this adds copies of what
    happens, in a queue, so that no type of another library is seen. The program `ztalk bot`
    is written with this header alone; the screen and the lines of `ztalk` draw straight from
    the session, whose items carry what only they need. */

#ifndef ZTALK_H
#define ZTALK_H

#include <stddef.h>
#include <stdint.h>

/*  Before 1.0 a program runs with the library of the minor version that it was built with, and
    not with another: the name of the shared library (libztalk.so.0.1) says so. */
#define ZTALK_VERSION_MAJOR 0
#define ZTALK_VERSION_MINOR 1
#define ZTALK_VERSION_PATCH 0
#define ZTALK_VERSION       "0.1.0"

#if defined(__GNUC__)
#define ZTALK_API __attribute__ ((visibility ("default")))
#else
#define ZTALK_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/*  The version of the library that is used, as ZTALK_VERSION; static. */
ZTALK_API const char *ztalk_version (void);

typedef struct ztalk ztalk_t;

/*  They are also what the programs of ztalk exit with. */
typedef enum {
    ZTALK_OK = 0,
    ZTALK_FAILED = 1,
    ZTALK_USAGE = 2,       /* an option or an argument is wrong */
    ZTALK_UNREACHABLE = 3, /* no broker answers */
    ZTALK_REFUSED = 4 /* by the broker; or its key cannot be believed; or the device is in use */
} ztalk_status_t;

/*  ---------------------------------------------------------------------------
    Setting up */

/*  Nothing is done yet. The caller destroys it. Never NULL. */
ZTALK_API ztalk_t *ztalk_new (void);

/*  Ends at once: says goodbye, for which there is up to 1 s, and closes everything. What was not
    acknowledged comes again at the next start. *self_p is NULL then. NULL is fine. */
ZTALK_API void ztalk_destroy (ztalk_t **self_p);

typedef enum {
    ZTALK_ENDPOINT,   /* where the broker is (tcp://127.0.0.1:5555); a key may follow: host:port/KEY
                       */
    ZTALK_NAME,       /* who we are; there is no default */
    ZTALK_DEVICE,     /* what this program is called among the devices of that user ("program"); no
                         other may have the same at the same time */
    ZTALK_HOME,       /* the directory with the keys and what is kept (that of the console client:
                         $ZTALK_HOME, $XDG_STATE_HOME/ztalk or ~/.local/state/ztalk) */
    ZTALK_BROKER_KEY, /* the broker's key, 40 characters; takes the place of one that was known */
    ZTALK_KEY_PORT,   /* where the broker tells its key (the port behind its own) */
    ZTALK_TRUST,    /* "1": the key of a broker of which nothing is known is believed, and pinned */
    ZTALK_PLAIN,    /* "1": the connection is not encrypted, and that is meant */
    ZTALK_INVITE,   /* an invitation to a broker where not everybody may come */
    ZTALK_PAIR,     /* a code (/pair) with which this device becomes one of the user's */
    ZTALK_IMPATIENT /* "1": ends if no broker answers in the first 10 s */
} ztalk_option_t;

/*  Sets an option before ztalk_connect; value is copied, NULL is the default. */
ZTALK_API ztalk_status_t ztalk_set (ztalk_t *self, ztalk_option_t option, const char *value);

/*  Is asked whether to trust a broker of which nothing is known, in the middle of ztalk_serve or
    ztalk_next. The fingerprint (8 groups of 5 digits) is what a person compares with what the
    broker's operator says. If it returns nonzero the key is believed, and pinned: it is not asked
    again; if it cannot be, it ends with the code "key-not-kept". Else, and without such a function,
   it ends with the event ZTALK_OVER, code "unknown-key". It must not call anything of this library.
 */
typedef int ztalk_trust_fn (void *arg, const char *endpoint, const char *key,
                            const char *fingerprint);
ZTALK_API void ztalk_set_trust (ztalk_t *self, ztalk_trust_fn *trust, void *arg);

/*  Begins: takes the secrets of the home, locks the device, and begins to connect, which it does
    not wait for (but see above, Waiting). What can be known at once is returned: ZTALK_USAGE,
   ZTALK_FAILED, or ZTALK_REFUSED with the code "held" (another program is this device) or
   "key-changed". */
ZTALK_API ztalk_status_t ztalk_connect (ztalk_t *self);

/*  What the last function that has failed has to say: a word for programs, and a sentence without
    a final stop. Until the next call. */
ZTALK_API const char *ztalk_code (const ztalk_t *self);
ZTALK_API const char *ztalk_why (const ztalk_t *self);

/*  Who we are, as the broker shows it. Until the next call. */
ZTALK_API const char *ztalk_name (const ztalk_t *self);

/*  ---------------------------------------------------------------------------
    What happens */

typedef enum {
    /*  type            which members it has (others are 0, or "") */
    ZTALK_CONNECTED, /* there is a session: text */
    ZTALK_LOST,      /* there is none now; it is tried again: text */
    ZTALK_MESSAGE,   /* id time from to text body. From another device of this user, too */
    ZTALK_SENT,      /* what we sent is stored: ref id time to text body */
    ZTALK_DELIVERED, /* all our messages to somebody up to id have reached them: id to */
    ZTALK_REJECTED,  /* it was refused for good: ref code to text reason. If it was a reply: id, of
                         the message, which is as if it had not been replied to: acknowledge it, or
                         reply in another way. A message that an earlier run has replied to comes
                         then, before this or later, unless it is acknowledged */
    ZTALK_FOUND,     /* a message that was asked for, not to be acknowledged: ref, as MESSAGE */
    ZTALK_RESULT,    /* the end of what was asked for: ref to names more */
    ZTALK_ONLINE,    /* who is online, when the first session begins: names */
    ZTALK_HERE,      /* who came online: names */
    ZTALK_AWAY,      /* who went: names */
    ZTALK_ROOMS,     /* the rooms that we are in, when the first session begins: names */
    ZTALK_GAP,       /* the broker keeps messages no more that were meant for us: count */
    ZTALK_NOTICE,    /* for a person or a log: code text */
    ZTALK_OVER       /* the last one: status code text; key fingerprint, for "unknown-key".
                        After ztalk_finish the status is ZTALK_FAILED if something was refused, or is
                        still to be sent, by the next run */
} ztalk_type_t;

/*  All of it lives until the next call of ztalk_next, ztalk_serve or ztalk_destroy. Strings end
    with a NUL, are never NULL, and may have any bytes of a peer: see ztalk_clean. */
typedef struct {
    ztalk_type_t type;
    ztalk_status_t status;
    uint64_t ref;       /* of what was sent or asked for, as the function has returned it. What an
                           earlier run has left has another one that is not 0 */
    uint64_t id;        /* of a message: unique, and growing; 0: none */
    uint64_t time;      /* ms since the epoch, by the broker's clock */
    uint64_t count;     /* 0: nobody knows how many */
    const char *from;   /* "@olena" */
    const char *to;     /* "@ivan" or "#general" */
    const char *text;   /* of a message; or a sentence */
    size_t text_size;   /* bytes; the text of a message may have a NUL in it */
    const char *body;   /* of a message: all of it, a JSON object on one line; of ZTALK_FOUND "" if
                           it is too long for the broker's answer */
    const char *code;   /* a word */
    const char *reason; /* a sentence */
    const char *const *names; /* without '@' */
    size_t names_count;
    int has_text; /* 0: the body has none */
    int more;     /* there is more than this */
    const char *key;
    const char *fingerprint;
} ztalk_event_t;

/*  The next event, waiting for it up to that many ms (0: not at all, -1: for ever). NULL if there
    is none in that time, if a signal has come (EINTR), and after ZTALK_OVER always. That the
    program comes for the next one says that it has done with the one before (a message
    stays to be acknowledged). */
ZTALK_API const ztalk_event_t *ztalk_next (ztalk_t *self, int timeout_ms);

/*  For a loop of one's own: wait (poll, epoll, an event loop) until ztalk_fd can be read, or for
    ztalk_timeout ms (-1: for ever), then call ztalk_serve, and ztalk_next (self, 0) until it
    returns NULL. Ask ztalk_timeout anew before each wait, after all other calls. ztalk_fd is -1
    before ztalk_connect, and on systems without epoll, where ztalk_timeout is 20 at most instead.
   It is not to be read or closed, and stays the same. ztalk_serve returns 0 when it is over. */
ZTALK_API int ztalk_fd (const ztalk_t *self);
ZTALK_API int ztalk_timeout (const ztalk_t *self);
ZTALK_API int ztalk_serve (ztalk_t *self);

/*  ---------------------------------------------------------------------------
    What is done. Numbers that are returned are refs; 0 is a failure. Without a connection it
    waits for one. A target that is NULL or cannot be one is refused (code "bad-name"). */

/*  Sends a text, or a whole body: a JSON object, in which "text" is what people see. Code
    "full": so much is waiting that it has to be tried again after some events. */
ZTALK_API uint64_t ztalk_send (ztalk_t *self, const char *to, const char *text);
ZTALK_API uint64_t ztalk_send_body (ztalk_t *self, const char *to, const char *body);

/*  Sends a text in reply to a message, which is acknowledged when the reply is stored. Killed
    in between, the next run sends the reply, once, and does not get the message again. (The body
    has a member "re"; one of your own that has it does the same.) */
ZTALK_API uint64_t ztalk_reply (ztalk_t *self, uint64_t id, const char *to, const char *text);

/*  The message of that id has been dealt with. Kept when it returns. Anything else but a message
    that came and was not acknowledged is ignored. */
ZTALK_API void ztalk_ack (ztalk_t *self, uint64_t id);

/*  Who is online: a RESULT. Rooms: a RESULT, and for join its names are who of it is online. */
ZTALK_API uint64_t ztalk_who (ztalk_t *self);
ZTALK_API uint64_t ztalk_join (ztalk_t *self, const char *room);
ZTALK_API uint64_t ztalk_leave (ztalk_t *self, const char *room);

/*  Older messages of a conversation, with ids below before (0: the newest), and those with these
    words, in one conversation or (NULL) in all: FOUND, from the oldest, and a RESULT. At most
    count come, or 500. */
ZTALK_API uint64_t ztalk_history (ztalk_t *self, const char *target, uint64_t before,
                                  unsigned count);
ZTALK_API uint64_t ztalk_search (ztalk_t *self, const char *words, const char *target,
                                 unsigned count);

/*  No more will be sent: ends, with ZTALK_OVER, when all that was is stored, or 10 s after the
    last answer. */
ZTALK_API void ztalk_finish (ztalk_t *self);

/*  Writes the text, so that it is harmless on a terminal and on one line, and a NUL to the buffer
    of size bytes, as snprintf does: returns how many bytes it takes without the NUL. What does not
    fit is cut off, not in the middle of a character. */
ZTALK_API size_t ztalk_clean (char *buffer, size_t size, const char *text, size_t text_size);

#ifdef __cplusplus
}
#endif
#endif
