/*  SPDX-License-Identifier: MPL-2.0 */

#include "client/gather.h"

#include <poll.h>
#include <stdbool.h>

#ifdef __linux__

#include <sys/epoll.h>

int zt_gather_open (void)
{
    return epoll_create1 (EPOLL_CLOEXEC);
}

void zt_gather_set (int gather, const struct pollfd *before, const struct pollfd *now, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool stays = false;
        for (size_t j = 0; j < count; j++)
            stays = stays || before[i].fd == now[j].fd;
        if (before[i].fd >= 0 && !stays)
            epoll_ctl (gather, EPOLL_CTL_DEL, before[i].fd, NULL);
    }
    /*  It may be a new one with the number of one that was closed, which epoll has forgotten. */
    for (size_t i = 0; i < count; i++) {
        struct epoll_event event = {.data = {.fd = now[i].fd}};
        event.events =
            (now[i].events & POLLIN ? EPOLLIN : 0u) | (now[i].events & POLLOUT ? EPOLLOUT : 0u);
        if (now[i].fd >= 0 && epoll_ctl (gather, EPOLL_CTL_MOD, now[i].fd, &event) != 0)
            epoll_ctl (gather, EPOLL_CTL_ADD, now[i].fd, &event);
    }
}

#else

int zt_gather_open (void)
{
    return -1;
}

void zt_gather_set (int gather, const struct pollfd *before, const struct pollfd *now, size_t count)
{
    (void) gather;
    (void) before;
    (void) now;
    (void) count;
}

#endif
