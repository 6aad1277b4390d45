/*  SPDX-License-Identifier: MPL-2.0

    zt_ctl_top - ztalk-ctl top: what the broker does, once a second */

#ifndef ZT_CTL_TOP_H
#define ZT_CTL_TOP_H

#include "broker/ctl_link.h"

/*  Shows it until q or Ctrl-C on a terminal, which is as it was when this comes back; where stdout
    is none, a line a second, or with is_json the broker's own answer. Returns an exit status; what
    went wrong has been printed. */
int zt_ctl_top (zt_ctl_link_t *link, bool is_json);

#endif
