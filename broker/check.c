/*  SPDX-License-Identifier: MPL-2.0 */

#include "broker/check.h"

#include "broker/announcer.h"
#include "broker/exporter.h"
#include "common/endpoint.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/un.h>
#include <unistd.h>

/*  Appends "FILE:LINE: name", or "section/name" if the file does not say it. */
static void s_put_setting (const zt_shell_config_t *config, zt_config_key_t key, zt_buffer_t *text)
{
    const zt_config_row_t *row = zt_config_row (key);
    if (config->settings.line[key])
        zt_buffer_put_format (text, "%s:%u: %s", config->source.file, config->settings.line[key],
                              row->name);
    else
        zt_buffer_put_format (text, "%s/%s", row->section, row->name);
}

/*  ---------------------------------------------------------------------------
    Without encryption */

/*  Who sets plain = local means that nobody else can listen. */
static bool s_is_plain_local (const zt_shell_config_t *config, zt_buffer_t *wrong)
{
    enum { S_LOCAL = 1 }; /* of listen/plain */
    const zt_config_t *settings = &config->settings;
    const char *endpoint = NULL;
    for (size_t i = 0; i < config->n_endpoints && !endpoint; i++)
        if (!zt_endpoint_is_local (config->endpoints[i]))
            endpoint = config->endpoints[i];
    if (settings->value[ZT_CONFIG_PLAIN] != S_LOCAL || !endpoint)
        return true;
    bool is_of_file = settings->line[ZT_CONFIG_PLAIN] != 0;
    if (is_of_file)
        s_put_setting (config, ZT_CONFIG_PLAIN, wrong);
    zt_buffer_put_format (wrong, "%s is for this machine, and others get to %s",
                          is_of_file ? " = local" : "--plain", endpoint);
    if (!is_of_file && settings->line[ZT_CONFIG_ENDPOINT])
        zt_buffer_put_format (wrong, " (%s:%u)", config->source.file,
                              settings->line[ZT_CONFIG_ENDPOINT]);
    zt_buffer_put_format (wrong,
                          ": listen with %s, or say %s if everybody on the way may read along",
                          settings->line[ZT_CONFIG_ENDPOINT] ? "endpoint = tcp://127.0.0.1:PORT"
                                                             : "-e tcp://127.0.0.1:PORT",
                          is_of_file ? "plain = anywhere" : "--plain=anywhere");
    return false;
}

/*  ---------------------------------------------------------------------------
    Where it listens */

/*  Where that is, as far as it is known. False if it is no tcp endpoint. */
static bool s_split (const char *endpoint, char host[ZT_HOST_MAX], char port[8])
{
    zt_bytes_t host_view, port_view;
    if (!zt_endpoint_split (endpoint, &host_view, &port_view))
        return false;
    snprintf (host, ZT_HOST_MAX, "%.*s", (int) host_view.size, host_view.data);
    snprintf (port, 8, "%.*s", (int) port_view.size, port_view.data);
    if (strcmp (host, "localhost") == 0)
        snprintf (host, ZT_HOST_MAX, "127.0.0.1");
    return true;
}

static bool s_is_any (const char *host)
{
    return strcmp (host, "*") == 0 || strcmp (host, "0.0.0.0") == 0 || strcmp (host, "::") == 0;
}

/*  A broker listens at an address or on an interface of its machine: it looks for no name. */
static bool s_are_places (const zt_shell_config_t *config, zt_buffer_t *wrong)
{
    char host[ZT_HOST_MAX], port[8];
    for (size_t i = 0; i < config->n_endpoints; i++) {
        if (!s_split (config->endpoints[i], host, port) ||
            zt_exporter_is_address (config->endpoints[i]) || if_nametoindex (host) != 0)
            continue;
        s_put_setting (config, ZT_CONFIG_ENDPOINT, wrong);
        zt_buffer_put_format (wrong,
                              " %s: %s is neither an address of this machine, such as 127.0.0.1, "
                              "nor * nor the name of one of its interfaces",
                              config->endpoints[i], host);
        return false;
    }
    return true;
}

/*  Two of them cannot have the same port. */
static bool s_clash (const char *one, const char *other)
{
    char host[2][ZT_HOST_MAX], port[2][8];
    return s_split (one, host[0], port[0]) && s_split (other, host[1], port[1]) &&
           strcmp (port[0], "*") != 0 && strcmp (port[0], port[1]) == 0 &&
           (strcmp (host[0], host[1]) == 0 || s_is_any (host[0]) || s_is_any (host[1]));
}

static bool s_have_ports (const zt_shell_config_t *config, zt_buffer_t *wrong)
{
    for (size_t i = 0; i < config->n_endpoints; i++) {
        for (size_t j = 0; j < i; j++)
            if (s_clash (config->endpoints[j], config->endpoints[i])) {
                s_put_setting (config, ZT_CONFIG_ENDPOINT, wrong);
                zt_buffer_put_format (wrong, " %s: %s has this port already", config->endpoints[i],
                                      config->endpoints[j]);
                return false;
            }
        if (config->metrics && s_clash (config->endpoints[i], config->metrics)) {
            s_put_setting (config, ZT_CONFIG_HTTP_PORT, wrong);
            zt_buffer_put_format (wrong,
                                  ": %s has this port already; the metrics need one of their own",
                                  config->endpoints[i]);
            return false;
        }
    }
    return true;
}

/*  ---------------------------------------------------------------------------
    Operators, announcements */

static void s_put_warning (const zt_shell_config_t *config, zt_config_key_t key, const char *what,
                           zt_buffer_t *warnings)
{
    s_put_setting (config, key, warnings);
    zt_buffer_put_format (warnings, ": %s\n", what);
}

/*  The socket of ztalk-ctl, without which a broker begins all the same. The directory of the broker
    is made when it begins. */
static void s_look_at_control (const zt_shell_config_t *config, zt_buffer_t *warnings)
{
    enum { S_PATH_MAX = sizeof ((struct sockaddr_un *) NULL)->sun_path - 1 };
    const char *path = config->control;
    if (!path)
        return;
    if (strlen (path) > S_PATH_MAX) {
        char text[128];
        snprintf (text, sizeof text,
                  "a socket's path has at most %d bytes, and this one %zu: ztalk-ctl would not "
                  "reach the broker",
                  S_PATH_MAX, strlen (path));
        s_put_warning (config, ZT_CONFIG_CONTROL, text, warnings);
        return;
    }
    if (!*zt_config_text (&config->settings, ZT_CONFIG_CONTROL))
        return;
    zt_buffer_t directory = {NULL, 0, 0};
    const char *slash = strrchr (path, '/');
    size_t size = slash ? (size_t) (slash - path) : 0;
    zt_buffer_put (&directory, slash ? path : ".", size ? size : 1);
    const char *name = zt_buffer_string (&directory);
    bool is_own = config->home && strcmp (name, config->home) == 0;
    if (!is_own && access (name, W_OK | X_OK) != 0) {
        zt_buffer_t text = {NULL, 0, 0};
        zt_buffer_put_format (&text,
                              "nothing can be made in %s (%s): ztalk-ctl would not reach the "
                              "broker",
                              name, strerror (errno));
        s_put_warning (config, ZT_CONFIG_CONTROL, zt_buffer_string (&text), warnings);
        zt_buffer_free (&text);
    }
    zt_buffer_free (&directory);
}

static void s_look_at_interfaces (const zt_shell_config_t *config, zt_buffer_t *warnings)
{
    const char *interfaces = zt_config_text (&config->settings, ZT_CONFIG_INTERFACES);
    if (!*interfaces || !config->settings.value[ZT_CONFIG_ANNOUNCE])
        return;
    zt_announcer_t *announcer = zt_announcer_new (interfaces, zt_bytes (""), false);
    const char *missing = zt_announcer_missing (announcer);
    if (missing) {
        char text[128];
        snprintf (text, sizeof text, "there is no network interface %s now", missing);
        s_put_warning (config, ZT_CONFIG_INTERFACES, text, warnings);
    }
    zt_announcer_destroy (&announcer);
}

bool zt_check (const zt_shell_config_t *config, zt_buffer_t *wrong, zt_buffer_t *warnings)
{
    s_look_at_control (config, warnings);
    s_look_at_interfaces (config, warnings);
    return s_is_plain_local (config, wrong) && s_are_places (config, wrong) &&
           s_have_ports (config, wrong);
}
