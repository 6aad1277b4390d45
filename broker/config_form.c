/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/config_form.h"

#include "broker/announcer.h"
#include "broker/exporter.h"
#include "common/beacon.h"
#include "common/endpoint.h"
#include "common/name.h"
#include "common/utf8.h"

#include <assert.h>

enum { S_TEXT_MAX = 1024 };

/*  What they are called, and how many bytes they have at most, if that is their own limit. */
static const struct {
    const char *what;
    size_t most;
} s_forms[] = {
    [ZT_FORM_MOTD] = {"a text in UTF-8", ZT_MOTD_MAX},
    [ZT_FORM_NAME] = {"a name", 0},
    [ZT_FORM_PATH] = {"a path", 0},
    [ZT_FORM_INTERFACES] = {"interfaces with commas between", 0},
    [ZT_FORM_ANNOUNCED] = {"a name", ZT_BEACON_NAME},
    [ZT_FORM_ADDRESS] = {"an address, such as 127.0.0.1 or [::1]", 0},
    [ZT_FORM_ENDPOINTS] = {"tcp://HOST:PORT or ipc://PATH", 0},
};

static bool s_is_endpoint (zt_bytes_t text)
{
    zt_buffer_t endpoint = {NULL, 0, 0};
    bool is_one = zt_endpoint_parse (text, &endpoint, NULL) == NULL;
    zt_buffer_free (&endpoint);
    return is_one;
}

/*  One that stands before a port. */
static bool s_is_address (zt_bytes_t text)
{
    zt_buffer_t address = {NULL, 0, 0}, endpoint = {NULL, 0, 0};
    zt_buffer_put_bytes (&address, text);
    zt_buffer_put_string (&address, ":1");
    bool is_one = text.size && zt_exporter_parse (zt_buffer_string (&address), &endpoint) == NULL;
    zt_buffer_free (&address);
    zt_buffer_free (&endpoint);
    return is_one;
}

static bool s_are_interfaces (zt_bytes_t text)
{
    zt_buffer_t list = {NULL, 0, 0};
    zt_buffer_put_bytes (&list, text);
    bool are_some = text.size == 0 || zt_announcer_list_wrong (zt_buffer_string (&list)) == NULL;
    zt_buffer_free (&list);
    return are_some;
}

bool zt_config_form_takes (zt_config_form_t form, zt_bytes_t text)
{
    zt_folded_t folded;
    size_t most = s_forms[form].most ? s_forms[form].most : S_TEXT_MAX;
    if (text.size > most || (text.size && memchr (text.data, '\0', text.size)))
        return false;
    switch (form) {
    case ZT_FORM_MOTD:
        return zt_utf8_valid (text);
    case ZT_FORM_NAME:
        return zt_name_fold (text, &folded) == NULL;
    case ZT_FORM_PATH:
        return !(text.size && memchr (text.data, '\n', text.size));
    case ZT_FORM_INTERFACES:
        return s_are_interfaces (text);
    case ZT_FORM_ANNOUNCED:
        return text.size == 0 || zt_beacon_name_valid (text);
    case ZT_FORM_ADDRESS:
        return s_is_address (text);
    case ZT_FORM_ENDPOINTS:
        return s_is_endpoint (text);
    case ZT_FORM_NUMBER:
        break;
    }
    return false;
}

void zt_config_form_put (zt_config_form_t form, zt_buffer_t *text)
{
    assert (s_forms[form].what);
    zt_buffer_put_string (text, s_forms[form].what);
    if (s_forms[form].most)
        zt_buffer_put_format (text, " of at most %zu bytes", s_forms[form].most);
}
