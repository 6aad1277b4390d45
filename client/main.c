/*  SPDX-License-Identifier: MPL-2.0

    ztalk - the console client: who we are, where the broker is and whether it can be believed,
    and off it goes */

#include "client/arguments.h"
#include "client/bot.h"
#include "client/finder.h"
#include "client/home.h"
#include "client/language.h"
#include "client/meet.h"
#include "client/output.h"
#include "client/quote.h"
#include "client/shell.h"
#include "client/slot.h"
#include "client/stage.h"
#include "common/clock.h"
#include "common/descriptor.h"
#include "common/json.h"
#include "common/name.h"
#include "common/options.h"
#include "common/translate.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { S_COUNT_USUAL = 20, S_TIMEOUT_USUAL = 30 };

/*  Asks who is there. Returns false at the end of input; an empty answer leaves
    *name as it is. The answer is read without stdio, which would keep what is
    typed after it. */
static bool s_ask_name (const char **name, char *answer, size_t size)
{
    for (;;) {
        fprintf (stderr, _ ("Your name [%s]: "), *name);
        ssize_t used = read (STDIN_FILENO, answer, size - 1);
        if (used <= 0) {
            fputc ('\n', stderr);
            return false;
        }
        while (used > 0 && strchr ("\r\n \t", answer[used - 1]))
            used--;
        answer[used] = '\0';
        if (used == 0)
            return true;
        const char *wrong = zt_arguments_name_wrong (answer);
        if (!wrong) {
            *name = answer;
            return true;
        }
        fprintf (stderr, "%s\n", wrong);
    }
}

static const char *s_login (void)
{
    const struct passwd *user = getpwuid (getuid ());
    const char *login = user ? user->pw_name : getenv ("LOGNAME");
    return login && !zt_arguments_name_wrong (login) ? login : "guest";
}

/*  Fills device with the host's name, made into a name: its first part, with '-'
    for what no name can have. */
static void s_host_device (char *device, size_t size)
{
    if (gethostname (device, size) != 0)
        device[0] = '\0';
    device[size - 1] = '\0';
    device[strcspn (device, ".")] = '\0';
    if (strlen (device) > ZT_NAME_MAX)
        device[ZT_NAME_MAX] = '\0';
    for (char *at = device; *at; at++)
        if (!(*at >= 'a' && *at <= 'z') && !(*at >= 'A' && *at <= 'Z') &&
            !(*at >= '0' && *at <= '9') && *at != '_')
            *at = '-';
    if (zt_arguments_name_wrong (device))
        snprintf (device, size, "console");
}

static int s_fail (int status, const char *what, const char *why)
{
    fprintf (stderr, "ztalk: %s%s%s\n", what, *what ? ": " : "", why);
    return status;
}

/*  What is held while the client runs. */
typedef struct {
    zt_home_t home;
    zt_buffer_t why;             /* something has failed */
    zt_buffer_t options;         /* that were typed, for a command that is offered */
    char answer[256], host[256]; /* a name, and a device, that was not given */
} s_held_t;

static void s_let_go (s_held_t *self)
{
    zt_home_close (&self->home);
    zt_buffer_free (&self->why);
    zt_buffer_free (&self->options);
}

static bool s_open_home (s_held_t *self)
{
    zt_buffer_t path = {NULL, 0, 0};
    bool is_open = zt_home_path (&path);
    if (is_open)
        is_open = zt_home_open (&self->home, zt_buffer_string (&path), &self->why) == ZT_HOME_OK;
    else
        zt_buffer_put_string (&self->why,
                              _ ("no home directory is known; ZTALK_HOME can name one"));
    zt_buffer_free (&path);
    return is_open;
}

/*  ztalk key: for the operator of a broker that does not take everybody. */
static int s_show_key (s_held_t *self, const zt_arguments_t *arguments)
{
    zt_keys_t keys;
    if (zt_home_keys (&self->home, &keys, &self->why) != ZT_HOME_OK)
        return s_fail (ZT_EXIT_FAILED, "", zt_buffer_string (&self->why));
    sodium_memzero (keys.secret, sizeof keys.secret);
    char fingerprint[ZT_FINGERPRINT_SIZE];
    zt_key_fingerprint (&keys.public, fingerprint);
    zt_buffer_t text = {NULL, 0, 0};
    if (arguments->json) {
        zt_buffer_put_string (&text, "{\"type\":\"key\",\"key\":");
        zt_json_put_string (&text, zt_bytes (keys.public.text));
        zt_buffer_put_format (&text, ",\"fingerprint\":\"%s\"}\n", fingerprint);
    } else
        zt_buffer_put_format (&text, "key %s\nfingerprint %s\n", keys.public.text, fingerprint);
    bool is_written = fputs (zt_buffer_string (&text), stdout) >= 0 && fflush (stdout) == 0;
    if (!is_written)
        zt_output_complain (errno);
    zt_buffer_free (&text);
    return is_written ? ZT_EXIT_OK : ZT_EXIT_FAILED;
}

/*  Fills in who we are, where nobody says it. A person is asked one question and no more: if
    it was about the broker's key, the login name is taken. False at the end of input. */
static bool s_find_out_who (s_held_t *self, zt_arguments_t *arguments, bool asks, bool has_asked)
{
    if (!arguments->device) {
        s_host_device (self->host, sizeof self->host);
        arguments->device = self->host;
    }
    if (arguments->name)
        return true;
    arguments->name = s_login ();
    if (asks && has_asked)
        fprintf (stderr, _ ("* you are %s here; -n NAME makes you somebody else\n"),
                 arguments->name);
    return !asks || has_asked || s_ask_name (&arguments->name, self->answer, sizeof self->answer);
}

/*  Finds the broker that nobody has named. */
static int s_find_broker (s_held_t *self, zt_arguments_t *arguments)
{
    return zt_finder_find (
        &(zt_finder_t){.home = &self->home,
                       .is_asked = isatty (STDIN_FILENO) && isatty (STDERR_FILENO),
                       .endpoint = &arguments->endpoint,
                       .key_port = &arguments->key_port});
}

/*  ztalk bot: a program on the library, with the same options. */
static int s_run_bot (const zt_arguments_t *arguments)
{
    zt_buffer_t endpoint = {NULL, 0, 0};
    char port[24];
    snprintf (port, sizeof port, "%lu", arguments->key_port);
    zt_buffer_put_bytes (&endpoint, zt_buffer_bytes (&arguments->endpoint));
    if (arguments->in_endpoint.text[0])
        zt_buffer_put_format (&endpoint, "/%s", arguments->in_endpoint.text);
    const struct {
        ztalk_option_t option;
        const char *value;
    } rows[] = {
        {ZTALK_ENDPOINT, zt_buffer_string (&endpoint)},
        {ZTALK_NAME, arguments->name},
        {ZTALK_DEVICE, arguments->device ? arguments->device : "bot"},
        {ZTALK_BROKER_KEY, arguments->broker_key.text[0] ? arguments->broker_key.text : NULL},
        {ZTALK_KEY_PORT, arguments->key_port ? port : NULL},
        {ZTALK_TRUST, arguments->trusts ? "1" : NULL},
        {ZTALK_PLAIN, arguments->plain ? "1" : NULL},
        {ZTALK_INVITE, arguments->invite},
        {ZTALK_PAIR, arguments->pair},
        {ZTALK_IMPATIENT, "1"},
    };
    ztalk_t *ztalk = ztalk_new ();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ztalk_set (ztalk, rows[i].option, rows[i].value);
    zt_bot_config_t config = {.ztalk = ztalk,
                              .in = arguments->in ? arguments->target : NULL,
                              .command = arguments->command};
    int status = zt_bot_run (&config);
    ztalk_destroy (&ztalk);
    zt_buffer_free (&endpoint);
    return status;
}

/*  What is to be done by a subcommand. */
static zt_job_t s_job (zt_arguments_t *arguments)
{
    static const zt_job_kind_t kinds[] = {
        [ZT_SUB_SEND] = ZT_JOB_SEND,       [ZT_SUB_TAIL] = ZT_JOB_TAIL,
        [ZT_SUB_WHO] = ZT_JOB_WHO,         [ZT_SUB_ROOMS] = ZT_JOB_ROOMS,
        [ZT_SUB_HISTORY] = ZT_JOB_HISTORY, [ZT_SUB_SEARCH] = ZT_JOB_SEARCH,
        [ZT_NO_SUBCOMMAND] = ZT_JOB_NONE};
    unsigned long timeout = arguments->timeout == ULONG_MAX ? S_TIMEOUT_USUAL : arguments->timeout;
    zt_job_t job = {.kind = kinds[arguments->subcommand],
                    .target = arguments->target[0] ? arguments->target : NULL,
                    .words = zt_buffer_string (&arguments->words),
                    .before = arguments->before,
                    .since = arguments->since,
                    .count = arguments->count,
                    .waits = arguments->waits,
                    .patience_ms = timeout ? (int64_t) timeout * 1000 : ZT_NEVER};
    bool has_since = job.since.id || job.since.time;
    if (!job.count && !has_since && job.kind != ZT_JOB_TAIL)
        job.count = S_COUNT_USUAL;
    return job;
}

/*  Takes a device to send with. */
static bool s_take_slot (s_held_t *self, const zt_arguments_t *arguments, const zt_job_t *job,
                         char *slot, int *status)
{
    zt_folded_t me, to;
    zt_name_fold (zt_bytes (arguments->name), &me);
    zt_name_fold (zt_bytes (arguments->target + 1), &to);
    if (job->waits && me.size == to.size && memcmp (me.data, to.data, me.size) == 0) {
        *status = s_fail (ZT_EXIT_USAGE, "--wait-delivered",
                          _ ("nobody tells when you have got what you send to yourself"));
        return false;
    }
    uint64_t now = zt_clock_monotonic ();
    uint64_t deadline =
        job->patience_ms == ZT_NEVER ? UINT64_MAX : now + (uint64_t) job->patience_ms;
    zt_home_result_t result =
        zt_slot_take (&self->home, arguments->name, arguments->device, deadline, slot, &self->why);
    if (result == ZT_HOME_HELD)
        *status = s_fail (ZT_EXIT_FAILED, arguments->name,
                          _ ("four others are sending from here, and none has ended in time "
                             "(--timeout waits longer)"));
    else if (result != ZT_HOME_OK)
        *status = s_fail (ZT_EXIT_FAILED, "", zt_buffer_string (&self->why));
    return result == ZT_HOME_OK;
}

/*  Runs what the arguments ask for. */
static int s_serve (s_held_t *self, zt_arguments_t *arguments)
{
    bool prints = arguments->subcommand != ZT_SUB_SEND && arguments->subcommand != ZT_SUB_BOT;
    if (prints && zt_descriptor_is_mute (STDOUT_FILENO)) { /* before anything is taken as read */
        zt_output_complain (EBADF);
        return ZT_EXIT_FAILED;
    }
    if (!s_open_home (self))
        return s_fail (ZT_EXIT_FAILED, "", zt_buffer_string (&self->why));
    if (arguments->subcommand == ZT_SUB_SHOW_KEY)
        return s_show_key (self, arguments);
    if (arguments->subcommand == ZT_SUB_FIND)
        return zt_finder_print (&self->home, arguments->json);
    if (!arguments->is_endpoint_given) {
        int found = s_find_broker (self, arguments);
        if (found != ZT_EXIT_OK)
            return found;
    }
    if (arguments->subcommand == ZT_SUB_BOT)
        return s_run_bot (arguments);
    bool is_alone = arguments->subcommand == ZT_NO_SUBCOMMAND;
    bool interactive = is_alone && isatty (STDIN_FILENO);
    zt_quote_put_option (&self->options, "-n", arguments->name);
    zt_quote_put_option (&self->options, "--device", arguments->device);
    zt_quote_put_option (&self->options, "--invite", arguments->invite);
    zt_quote_put_option (&self->options, "--pair", arguments->pair);
    zt_trust_t trust = {.endpoint = zt_buffer_string (&arguments->endpoint),
                        .given = arguments->broker_key,
                        .in_endpoint = arguments->in_endpoint,
                        .key_port = (uint16_t) arguments->key_port,
                        .plain = arguments->plain,
                        .accepts = arguments->trusts,
                        .options = zt_buffer_string (&self->options),
                        .home = &self->home};
    zt_meeting_t meeting = {
        .trust = &trust, .patient = interactive, .json = is_alone && arguments->json};
    int status = zt_meet (&meeting);
    if (status != ZT_EXIT_OK || !s_find_out_who (self, arguments, interactive, meeting.has_asked))
        return status;
    zt_job_t job = s_job (arguments);
    char slot[ZT_NAME_BYTES + 1];
    if (job.kind == ZT_JOB_SEND && !s_take_slot (self, arguments, &job, slot, &status))
        return status;
    bool sends_text = job.kind == ZT_JOB_SEND && arguments->has_text;
    zt_shell_config_t shell = {.trust = &trust,
                               .home = &self->home,
                               .name = arguments->name,
                               .device = job.kind == ZT_JOB_SEND ? slot : arguments->device,
                               .invite = arguments->invite,
                               .pair = arguments->pair,
                               .interactive = interactive,
                               .screen = interactive && !arguments->json && !arguments->lines &&
                                         zt_stage_is_possible (),
                               .theme = arguments->theme,
                               .json = arguments->json,
                               .job = is_alone ? NULL : &job,
                               .text = sends_text ? &arguments->words : NULL,
                               .whole = arguments->whole};
    return zt_shell_run (&shell);
}

/*  Ends as if the signal had not been taken: that is what a shell looks at. */
static void s_end_by (int number)
{
    sigset_t set;
    sigemptyset (&set);
    sigaddset (&set, number);
    signal (number, SIG_DFL);
    raise (number);
    sigprocmask (SIG_UNBLOCK, &set, NULL);
}

int main (int argc, char **argv)
{
    if (!zt_descriptor_fill_standard ())
        return ZT_EXIT_FAILED;
    tzset ();
    zt_language_begin (argv[0]);
    zt_arguments_t arguments = {.name = NULL};
    int status = ZT_EXIT_OK;
    if (zt_arguments_read (&arguments, argc, argv, &status)) {
        if (arguments.json) /* what programs read is the same everywhere, its sentences, too */
            zt_language_end ();
        s_held_t held = {.home = {.fd = -1, .lock_fd = -1}};
        status = s_serve (&held, &arguments);
        s_let_go (&held);
    }
    zt_arguments_free (&arguments);
    if (status > ZT_SHELL_SIGNAL)
        s_end_by (status - ZT_SHELL_SIGNAL);
    return status;
}
