/*  SPDX-License-Identifier: MPL-2.0 */

#include "tests/together.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
    pid_t pid;    /* 0: it does not run */
    FILE *output; /* that it prints to */
} s_run_t;

/*  What cannot be set up is no test that has passed. */
static void s_require (bool holds, const char *what)
{
    if (!holds) {
        perror (what);
        exit (1);
    }
}

static s_run_t s_start (const struct CMUnitTest *test)
{
    s_run_t run = {.output = tmpfile ()};
    s_require (run.output != NULL, "tmpfile");
    fflush (NULL);
    run.pid = fork ();
    s_require (run.pid >= 0, "fork");
    if (run.pid > 0)
        return run;
    const struct CMUnitTest tests[] = {*test};
    s_require (dup2 (fileno (run.output), STDOUT_FILENO) >= 0 &&
                   dup2 (fileno (run.output), STDERR_FILENO) >= 0,
               "dup2");
    exit (cmocka_run_group_tests (tests, NULL, NULL) ? 1 : 0);
}

/*  Waits for the end of any of them. True if its test has passed. */
static bool s_finish (s_run_t *runs, size_t count)
{
    char data[4096];
    int status;
    pid_t pid = wait (&status);
    s_require (pid > 0, "wait");
    for (size_t i = 0; i < count; i++) {
        if (runs[i].pid != pid)
            continue;
        runs[i].pid = 0;
        rewind (runs[i].output);
        for (size_t size; (size = fread (data, 1, sizeof data, runs[i].output)) > 0;)
            fwrite (data, 1, size, stdout);
        fclose (runs[i].output);
    }
    return WIFEXITED (status) && WEXITSTATUS (status) == 0;
}

int zt_together (const struct CMUnitTest *tests, size_t count, size_t at_once)
{
    s_run_t *runs = calloc (count, sizeof *runs);
    s_require (runs != NULL, "calloc");
    size_t begun = 0, ended = 0, failed = 0;
    while (ended < count) {
        while (begun < count && begun - ended < at_once) {
            runs[begun] = s_start (&tests[begun]);
            begun++;
        }
        failed += !s_finish (runs, begun);
        ended++;
    }
    free (runs);
    printf ("%zu of %zu tests have failed\n", failed, count);
    return failed ? 1 : 0;
}
