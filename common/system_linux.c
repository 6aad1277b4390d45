/*  SPDX-License-Identifier: MPL-2.0 */

#include "common/system.h"

#include <fcntl.h>
#include <malloc.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/*  netinet/tcp.h has an older struct tcp_info, without the counts of bytes. */
#include <linux/tcp.h>

/*  ---------------------------------------------------------------------------
    Descriptors */

int zt_system_socket (int domain, int type, bool blocks)
{
    return socket (domain, type | SOCK_CLOEXEC | (blocks ? 0 : SOCK_NONBLOCK), 0);
}

int zt_system_accept (int listener)
{
    return accept4 (listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

bool zt_system_pipe (int ends[2])
{
    return pipe2 (ends, O_NONBLOCK | O_CLOEXEC) == 0;
}

int zt_system_reopen (int fd, int flags)
{
    char path[32];
    snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
    return open (path, flags | O_CLOEXEC);
}

bool zt_system_has_epoll (void)
{
    return true;
}

int zt_system_gather_open (void)
{
    return epoll_create1 (EPOLL_CLOEXEC);
}

void zt_system_gather_set (int gather, const struct pollfd *before, const struct pollfd *now,
                           size_t count)
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

/*  ---------------------------------------------------------------------------
    The other end */

zt_peer_user_t zt_system_peer (int fd, uid_t *uid, pid_t *pid)
{
    struct sockaddr address;
    struct ucred peer;
    socklen_t address_size = sizeof address, size = sizeof peer;
    /*  A connection over tcp has credentials as well, of nobody. */
    if (fd < 0 || getsockname (fd, &address, &address_size) != 0 || address.sa_family != AF_UNIX ||
        getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return ZT_PEER_GONE;
    *uid = peer.uid;
    *pid = peer.pid;
    return ZT_PEER_KNOWN;
}

bool zt_system_tcp (int fd, zt_tcp_t *tcp)
{
    struct tcp_info info;
    socklen_t size = sizeof info;
    memset (&info, 0, sizeof info);
    if (getsockopt (fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
        size < offsetof (struct tcp_info, tcpi_bytes_received) + sizeof (uint64_t))
        return false;
    *tcp = (zt_tcp_t){info.tcpi_bytes_received, info.tcpi_bytes_acked};
    return true;
}

/*  ---------------------------------------------------------------------------
    The process and the machine */

/*  Kept open: when the memory is of most interest, there may be no descriptor left. */
uint64_t zt_system_memory (void)
{
    static int statm = -1;
    char text[128];
    if (statm < 0)
        statm = open ("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t size = pread (statm, text, sizeof text - 1, 0);
    text[size > 0 ? size : 0] = '\0';
    unsigned long long pages = 0;
    return sscanf (text, "%*s %llu", &pages) == 1 ? pages * (uint64_t) sysconf (_SC_PAGESIZE) : 0;
}

void zt_system_trim (void)
{
    malloc_trim (0);
}

bool zt_system_program (const char *argv0, char *path, size_t size)
{
    (void) argv0;
    ssize_t length = readlink ("/proc/self/exe", path, size);
    if (length <= 0 || (size_t) length >= size)
        return false;
    path[length] = '\0';
    return true;
}

bool zt_system_boot (char *text, size_t size)
{
    FILE *file = fopen ("/proc/sys/kernel/random/boot_id", "re");
    bool is_read = file && fgets (text, (int) size, file);
    if (file)
        fclose (file);
    if (is_read)
        text[strcspn (text, "\n")] = '\0';
    return is_read;
}
