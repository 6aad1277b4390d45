/*  SPDX-License-Identifier: MPL-2.0

    What the broker's core makes of names that look like others, as transcripts. In "оlena" and
    "оLENA" the first letter is Cyrillic. */

#include "common/buffer.h"
#include "common/limits.h"
#include "tests/broker_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/*  What WELCOME has, to who has sent nothing yet, on a device or on none; and a PRESENCE. The
    end follows. */
#define S_PC         S_WELCOME_TO "\"pc\"" S_WELCOME_MORE
#define S_NONE       S_WELCOME_TO "\"\"" S_WELCOME_MORE
#define S_WELCOME_TO "* {\"broker\":\"ztalk\",\"version\":\"" ZT_VERSION "\",\"device\":"
#define S_WELCOME_MORE                                                                             \
    ",\"last_ref\":0,\"cursor\":0,\"heartbeat_ms\":3000,\"window\":1024,\"max_body\":65536,"       \
    "\"rooms\":[\"#general\"],\"motd\":\"\""
#define S_NOBODY "{\"online\":[],\"offline\":[]"

/*  Their ends. */
#define S_END      "}\n"
#define S_EVES     ",\"lookalikes\":{\"оlena\":\"olena\"}}\n"
#define S_EVES_AND ",\"lookalikes\":{\"оlena\":\"olena\"},\"more\":true}\n"
#define S_CATS     ",\"lookalikes\":{\"0lena\":\"olena\"}}\n"
#define S_CATS_AND ",\"lookalikes\":{\"0lena\":\"olena\"},\"more\":true}\n"
#define S_BOTH     ",\"lookalikes\":{\"оlena\":\"olena\",\"0lena\":\"olena\"}}\n"

/*  olena comes, and is told who is online; eve comes with a name that looks like hers. */
#define S_COMES                                                                                    \
    "olena> HELLO ZTALK/1 olena {\"device\":\"pc\",\"token\":\"o\"}\n"                             \
    "olena< WELCOME olena " S_PC S_END
#define S_OLENA                                                                                    \
    S_COMES                                                                                        \
    "+100\n"                                                                                       \
    "olena< PRESENCE * {\"online\":[\"olena\"],\"offline\":[],\"more\":false}\n"
#define S_EVE "eve> HELLO ZTALK/1 оlena {\"device\":\"pc\",\"token\":\"e\"}\n"

/*  Now, and not with what changes, a tenth of a second later. */
static void s_a_lookalike_is_told_before_it_says_a_word (void **state)
{
    (void) state;
    zt_broker_trace (S_OLENA S_EVE "olena< PRESENCE 1100 " S_NOBODY S_EVES
                                   "eve< WELCOME оlena " S_PC S_EVES "eve> SEND 1 #general {}\n"
                                   "eve< SENT 1 1 1100\n"
                                   "olena< MSG 1 1100 @оlena #general {}\n"
                                   "+100\n"
                                   "olena< PRESENCE 1200 {\"online\":[\"оlena\"],\"offline\":[]}\n"
                                   "eve< PRESENCE 1200 *\n"
                                   "# when they come again it is no news\n"
                                   "eve gone\n" S_EVE "eve< WELCOME *\n"
                                   "olena<\n"
                                   "+100\n"
                                   "eve< PRESENCE *\n");
}

static void s_nothing_is_told_of_other_names (void **state)
{
    (void) state;
    zt_broker_trace (S_OLENA
                     "a> HELLO ZTALK/1 Олена {}\n"
                     "a< WELCOME Олена " S_NONE S_END "b> HELLO ZTALK/1 Ελένη {}\n"
                     "b< WELCOME Ελένη " S_NONE S_END "c> HELLO ZTALK/1 エレナ {}\n"
                     "c< WELCOME エレナ " S_NONE S_END
                     "# it mixes scripts, which clients see by themselves, and is like nobody's\n"
                     "d> HELLO ZTALK/1 іvan {}\n"
                     "d< WELCOME іvan " S_NONE S_END "# it is the same name\n"
                     "olena> BYE\n"
                     "olena> HELLO ZTALK/1 OLENA {\"device\":\"pc\",\"token\":\"o\"}\n"
                     "olena< WELCOME olena " S_PC S_END "+100\n"
                     "olena< PRESENCE *\n");
}

static void s_who_comes_later_is_told_of_all (void **state)
{
    (void) state;
    zt_broker_trace (S_OLENA S_EVE "olena< PRESENCE 1100 " S_NOBODY S_EVES "eve< WELCOME *\n"
                                   "cat> HELLO ZTALK/1 0lena {}\n"
                                   "olena< PRESENCE 1100 " S_NOBODY S_CATS
                                   "# eve is not told yet who is online\n"
                                   "eve< PRESENCE 1100 " S_NOBODY S_CATS_AND "cat< WELCOME *\n"
                                   "ivan> HELLO ZTALK/1 ivan {}\n"
                                   "ivan< WELCOME ivan " S_NONE S_BOTH "+100\n"
                                   "olena< PRESENCE *\n"
                                   "eve< PRESENCE *\n");
}

static void s_it_does_not_end_the_list (void **state)
{
    (void) state;
    zt_broker_trace (S_COMES S_EVE
                     "olena< PRESENCE 1000 " S_NOBODY S_EVES_AND "eve< WELCOME *\n"
                     "+100\n"
                     "olena< PRESENCE 1100 {\"online\":[\"olena\",\"оlena\"],\"offline\":[],"
                     "\"more\":false}\n"
                     "eve< PRESENCE 1100 *\n");
}

/*  Without a token a name is free when a connection is lost. */
static void s_who_comes_back_is_not_the_lookalike (void **state)
{
    (void) state;
    zt_broker_trace ("olena> HELLO ZTALK/1 olena {}\n"
                     "olena< WELCOME olena " S_NONE S_END S_EVE "eve< WELCOME оlena " S_PC S_EVES
                     "olena gone\n"
                     "olena> HELLO ZTALK/1 Olena {}\n"
                     "olena< WELCOME Olena " S_NONE S_EVES "+100\n"
                     "eve< PRESENCE *\n");
}

/*  What it has said is still read. */
static void s_it_stays_one_when_it_is_gone (void **state)
{
    (void) state;
    zt_broker_trace (S_OLENA "eve> HELLO ZTALK/1 оlena {}\n"
                             "olena< PRESENCE 1100 " S_NOBODY S_EVES "eve< WELCOME *\n"
                             "eve> BYE\n"
                             "# neither in another case nor with a token is it news\n"
                             "eve> HELLO ZTALK/1 оLENA {}\n"
                             "eve< WELCOME оLENA " S_NONE S_EVES "eve> BYE\n" S_EVE
                             "eve< WELCOME оlena " S_PC S_EVES "olena<\n"
                             "+100\n"
                             "olena< PRESENCE *\n"
                             "eve< PRESENCE *\n");
}

static void s_nobody_is_like_a_name_that_is_free_again (void **state)
{
    (void) state;
    zt_broker_trace ("ivan> HELLO ZTALK/1 ivan {}\n"
                     "ivan< WELCOME ivan " S_NONE S_END "ivan> BYE\n"
                     "# lvan is the first now\n"
                     "eve> HELLO ZTALK/1 lvan {}\n"
                     "eve< WELCOME lvan " S_NONE S_END "ivan> HELLO ZTALK/1 ivan {}\n"
                     "ivan< WELCOME ivan " S_NONE ",\"lookalikes\":{\"ivan\":\"lvan\"}}\n");
}

static void s_they_are_found_anew_after_a_crash (void **state)
{
    (void) state;
    zt_broker_trace (S_OLENA S_EVE "olena< PRESENCE *\n"
                                   "eve< WELCOME *\n"
                                   "cat> HELLO ZTALK/1 0lena {}\n"
                                   "olena< PRESENCE *\n"
                                   "eve< PRESENCE *\n"
                                   "cat< WELCOME *\n"
                                   "crash\n"
                                   "# who had no token is forgotten\n"
                                   "ivan> HELLO ZTALK/1 ivan {}\n"
                                   "ivan< WELCOME ivan " S_NONE S_EVES);
}

/*  A name as long as one can be, whose first 8 letters are Latin or Cyrillic: 256 names that
    look alike. */
static void s_put_name (zt_buffer_t *text, unsigned number)
{
    for (unsigned bit = 0; bit < 8; bit++)
        zt_buffer_put_string (text, number >> bit & 1 ? "а" : "a");
    for (unsigned i = 8; i < ZT_NAME_MAX; i++)
        zt_buffer_put_string (text, "\U00020000");
}

static void s_put_coming (zt_buffer_t *text, unsigned number, const char *answer)
{
    zt_buffer_put_format (text, "%u> HELLO ZTALK/1 ", number);
    s_put_name (text, number);
    zt_buffer_put_format (text, " {\"token\":\"%u\"}\n%u< %s\n", number, number, answer);
}

static void s_there_are_so_many_and_no_more (void **state)
{
    (void) state;
    zt_buffer_t text = {NULL, 0, 0};
    zt_buffer_put_string (&text, S_OLENA);
    s_put_coming (&text, 0, "WELCOME *");
    for (unsigned i = 1; i <= ZT_LOOKALIKES_MAX; i++) {
        s_put_coming (&text, i, "WELCOME *");
        zt_buffer_put_string (&text, "olena< PRESENCE *\n");
    }
    s_put_coming (&text, ZT_LOOKALIKES_MAX + 1,
                  "ERROR - bad-name {\"message\":\"this name looks like another one, and there "
                  "are too many of such already\"}");
    zt_buffer_put_string (&text, "olena<\n"
                                 "# who is like nobody may come, and who has the name already\n"
                                 "ivan> HELLO ZTALK/1 ivan {}\n"
                                 "ivan< WELCOME ivan *\n"
                                 "1 gone\n");
    s_put_coming (&text, 1, "WELCOME *");
    zt_buffer_put_string (&text, "crash\n");
    s_put_coming (&text, ZT_LOOKALIKES_MAX, "WELCOME *");
    s_put_coming (&text, ZT_LOOKALIKES_MAX + 1, "ERROR - bad-name *");
    zt_broker_trace (zt_buffer_string (&text));
    zt_buffer_free (&text);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_a_lookalike_is_told_before_it_says_a_word),
        cmocka_unit_test (s_nothing_is_told_of_other_names),
        cmocka_unit_test (s_who_comes_later_is_told_of_all),
        cmocka_unit_test (s_it_does_not_end_the_list),
        cmocka_unit_test (s_who_comes_back_is_not_the_lookalike),
        cmocka_unit_test (s_it_stays_one_when_it_is_gone),
        cmocka_unit_test (s_nobody_is_like_a_name_that_is_free_again),
        cmocka_unit_test (s_they_are_found_anew_after_a_crash),
        cmocka_unit_test (s_there_are_so_many_and_no_more),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
