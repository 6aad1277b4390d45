/*  SPDX-License-Identifier: MPL-2.0

    From where on, as it is typed. */

#include "client/since.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

/*  2026-11-24T12:00:00Z. */
static const uint64_t s_now = UINT64_C (1795521600000);

static void s_good (void **state)
{
    (void) state;
    static const struct {
        const char *text;
        uint64_t id, time;
    } rows[] = {
        {"1", 1, 0},
        {"999999999999", UINT64_C (999999999999), 0},
        {"1000000000000", 0, UINT64_C (1000000000000)},
        {"1795521600000", 0, UINT64_C (1795521600000)},
        {"99999999999999", 0, UINT64_C (99999999999999)},
        {"7150000000000001", UINT64_C (7150000000000001), 0},
        {"9007199254740991", UINT64_C (9007199254740991), 0},
        {"90s", 0, UINT64_C (1795521510000)},
        {"10m", 0, UINT64_C (1795521000000)},
        {"2h", 0, UINT64_C (1795514400000)},
        {"1d", 0, UINT64_C (1795435200000)},
        {"3w", 0, UINT64_C (1793707200000)},
        {"2026-11-24T12:00Z", 0, UINT64_C (1795521600000)},
        {"2026-11-24T12:00:00.250Z", 0, UINT64_C (1795521600250)},
        {"2026-11-24 12:00:00.25z", 0, UINT64_C (1795521600250)},
        {"2026-11-24T14:00+02:00", 0, UINT64_C (1795521600000)},
        {"2026-11-24T14:00+0200", 0, UINT64_C (1795521600000)},
        {"2026-11-24T07:30-0430", 0, UINT64_C (1795521600000)},
        {"2026-11-24T10:00-02", 0, UINT64_C (1795521600000)},
        /*  By the clock on this wall, which is two hours ahead in winter and three in summer. */
        {"2026-11-24T14:00", 0, UINT64_C (1795521600000)},
        {"2026-11-24 14:00:00", 0, UINT64_C (1795521600000)},
        {"2026-11-24", 0, UINT64_C (1795471200000)},
        {"2026-07-24T15:00", 0, UINT64_C (1784894400000)},
        {"2024-02-29", 0, UINT64_C (1709157600000)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_since_t since = {7, 7};
        if (zt_since_read (rows[i].text, s_now, &since))
            fail_msg ("%s is not read", rows[i].text);
        if (since.id != rows[i].id || since.time != rows[i].time)
            fail_msg ("%s is id %llu, time %llu", rows[i].text, (unsigned long long) since.id,
                      (unsigned long long) since.time);
    }
}

static void s_bad (void **state)
{
    (void) state;
    static const char *const rows[] = {"",
                                       "0",
                                       "-1",
                                       "+1",
                                       "01",
                                       "1y",
                                       "1M",
                                       "1 d",
                                       "d",
                                       "1dd",
                                       "9007199254740992",
                                       "99999999999999999999",
                                       "9999999w",
                                       "yesterday",
                                       "2026-11",
                                       "2026-1-2",
                                       "2026-13-01",
                                       "2026-00-01",
                                       "2026-11-00",
                                       "2026-11-31",
                                       "2026-02-29",
                                       "2026-11-24T",
                                       "2026-11-24T24:00",
                                       "2026-11-24T12",
                                       "2026-11-24T12:60",
                                       "2026-11-24T12:00:61",
                                       "2026-11-24T12:00:00.",
                                       "2026-11-24T12:00+",
                                       "2026-11-24T12:00+2",
                                       "2026-11-24T12:00+15:00",
                                       "2026-11-24T12:00ZZ",
                                       "2026-11-24Z ",
                                       "1969-12-31T23:59:59Z"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        zt_since_t since;
        if (!zt_since_read (rows[i], s_now, &since))
            fail_msg ("%s is read", rows[i]);
    }
}

int main (void)
{
    setenv ("TZ", "EET-2EEST,M3.5.0/3,M10.5.0/4", 1);
    tzset ();
    const struct CMUnitTest tests[] = {cmocka_unit_test (s_good), cmocka_unit_test (s_bad)};
    return cmocka_run_group_tests_name ("since", tests, NULL, NULL);
}
