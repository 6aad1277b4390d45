/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/config_form.h"

#include "broker/announcer.h"
#include "broker/exporter.h"
#include "common/beacon.h"
#include "common/endpoint.h"
#include "common/name.h"

#include <assert.h>

enum { S_TEXT_MAX = 1024 };

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
    if (text.size > S_TEXT_MAX || (text.size && memchr (text.data, '\0', text.size)))
        return false;
    switch (form) {
    case ZT_FORM_MOTD:
        return true;
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

const char *zt_config_form_what (zt_config_form_t form)
{
    static const char *const whats[] = {
        [ZT_FORM_MOTD] = "a text of at most 1024 bytes",
        [ZT_FORM_NAME] = "a name",
        [ZT_FORM_PATH] = "a path",
        [ZT_FORM_INTERFACES] = "interfaces with commas between",
        [ZT_FORM_ANNOUNCED] = "a name of at most 64 bytes",
        [ZT_FORM_ADDRESS] = "an address, such as 127.0.0.1 or [::1]",
        [ZT_FORM_ENDPOINTS] = "tcp://HOST:PORT or ipc://PATH",
    };
    assert (whats[form]);
    return whats[form];
}
