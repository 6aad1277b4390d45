/*  SPDX-License-Identifier: MPL-2.0

    Without ICU's data no lookalike is found, and all else goes on. */

#include "common/lookalike.h"
#include "tests/broker_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <unicode/uspoof.h>

#include <cmocka.h>

/*  Stands in the place of ICU's. */
USpoofChecker *uspoof_open (UErrorCode *status)
{
    *status = U_FILE_ACCESS_ERROR;
    return NULL;
}

static void s_names_are_what_they_are (void **state)
{
    (void) state;
    zt_lookalike_t *self = zt_lookalike_new ();
    assert_string_equal (zt_lookalike_trouble (self), "U_FILE_ACCESS_ERROR");
    zt_folded_t skeleton;
    zt_lookalike_skeleton (self, zt_bytes ("OIena"), &skeleton);
    assert_int_equal (skeleton.size, 5);
    assert_memory_equal (skeleton.data, "oiena", 5);
    assert_false (zt_lookalike_mixes_scripts (self, zt_bytes ("оlena")));
    zt_lookalike_destroy (&self);
}

static void s_the_broker_goes_on (void **state)
{
    (void) state;
    zt_broker_trace ("olena> HELLO ZTALK/1 olena {}\n"
                     "olena< WELCOME olena *\n"
                     "eve> HELLO ZTALK/1 оlena {}\n"
                     "eve< WELCOME оlena *\n"
                     "eve> BYE\n"
                     "olena<\n");
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (s_names_are_what_they_are),
        cmocka_unit_test (s_the_broker_goes_on),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
