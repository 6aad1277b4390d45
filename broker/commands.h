/*  SPDX-License-Identifier: MPL-2.0

    zt_commands - what the commands of operators do

    A command is a task that is done in steps: each gives a row of what there is to say, so that
    whoever asked gets a long answer as fast as they read it, and the loop never stops for it. */

#ifndef ZT_COMMANDS_H
#define ZT_COMMANDS_H

#include "broker/audit.h"
#include "broker/backup.h"
#include "broker/bans.h"
#include "broker/console.h"
#include "broker/core.h"
#include "broker/peers.h"
#include "broker/report.h"

/*  What has been done is told to the operator's log, too. */
typedef void (zt_commands_log_fn) (void *self, zt_level_t level, uint64_t now, const char *line);

/*  meter.h, which knows of commands. */
typedef struct zt_meter zt_meter_t;
typedef struct zt_reload zt_reload_t; /* reload.h */

/*  All of it is borrowed. */
typedef struct {
    zt_core_t *core;
    const zt_meter_t *meter; /* NULL: only what the core counts is told */
    const zt_peers_t *peers;
    zt_bans_t *bans;
    const zt_key_t *key;   /* of the broker; NULL: it does not encrypt */
    const char *home;      /* its directory; NULL: it has none */
    const char *directory; /* of the log; NULL: it is in memory */
    const char *join;      /* how somebody elsewhere connects, as it is typed */
    zt_buffer_t bound;     /* where it listens, with a space between them */
    uint64_t since;        /* ms since the epoch: when it began */
    zt_audit_t *audit;
    zt_reload_t *reload; /* NULL: there is nothing to read again */
    zt_commands_log_fn *log;
    void *log_self;
    bool ends; /* the broker was told to end */
} zt_commands_t;

typedef enum {
    ZT_TASK_ROW,  /* the report has a row, and there is more */
    ZT_TASK_LAST, /* the report has a row, and that is all */
    ZT_TASK_DONE, /* that is all */
    ZT_TASK_FAILED,
    ZT_TASK_WAITS /* nothing yet */
} zt_task_result_t;

/*  Zeroed memory is a task that is over. */
typedef struct {
    zt_console_verb_t verb;
    zt_bytes_t arguments[ZT_CONSOLE_ARGUMENTS]; /* views of line */
    zt_buffer_t line;
    zt_buffer_t wrong;   /* a sentence, once it has failed */
    zt_buffer_t warning; /* a sentence beside the answer, for who is told to clear it */
    zt_who_t who;
    uint64_t place;      /* how far it has come; what that means is the command's */
    size_t n;            /* of rows that were made, where it counts them */
    bool is_told;        /* the audit log has it */
    bool is_running;     /* steps are to be taken */
    uint64_t changed;    /* reload: a bit for each key of the configuration */
    zt_backup_t *backup; /* that it makes; NULL: none */
    char row[512];       /* for a command to keep what it tells next */
} zt_task_t;

/*  Begins to do what was typed: a line without its LF, which is copied. A task that is under way
    is given up. False if it is no command: then task->wrong tells why, and is empty if the line
    is. */
bool zt_commands_begin (zt_commands_t *self, zt_task_t *task, zt_bytes_t line, const zt_who_t *who);

/*  Does the next bit of it, and fills the report, which is emptied before. To be called while
    task->is_running; now is in ms since the epoch. */
zt_task_result_t zt_commands_step (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                   uint64_t now);

/*  True if it could be given up only by waiting for the disk. */
bool zt_task_is_tied (const zt_task_t *task);

/*  Gives it up, if it is under way, and frees what it holds. */
void zt_task_end (zt_task_t *task);

/*  Tells the operator's log and the audit log of what was done. NULL, or why the audit log was not
    told, a sentence that lives until the next call. */
const char *zt_commands_tell (zt_commands_t *self, const zt_deed_t *deed, uint64_t now);

/*  Ends the sessions of who may not connect any more. Returns how many there were. */
int zt_commands_end_banned (zt_commands_t *self, uint64_t now);

/*  ---------------------------------------------------------------------------
    For what commands are made of */

typedef zt_task_result_t (zt_command_fn) (zt_commands_t *self, zt_task_t *task, zt_report_t *report,
                                          uint64_t now);

/*  Fails, with a sentence. */
zt_task_result_t zt_task_fail (zt_task_t *task, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/*  commands_stats.c: what is counted */
zt_command_fn zt_command_stats;

/*  commands_access.c: keys, invitations, bans */
zt_command_fn zt_command_key, zt_command_keys, zt_command_invite, zt_command_admit,
    zt_command_revoke, zt_command_ban, zt_command_unban, zt_command_bans;

/*  commands_talk.c: who may write, what the broker says itself */
zt_command_fn zt_command_mute, zt_command_unmute, zt_command_mutes, zt_command_motd, zt_command_say;

/*  commands_care.c: the broker's own files */
zt_command_fn zt_command_backup, zt_command_reload;

#endif
