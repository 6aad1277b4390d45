#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# What only Linux has is used by files named *_linux.c alone (common/system.h, common/signals.h,
# tools/bench_system.h), and by nothing at all in a build with ZTALK_PORTABLE.
#
#   test_portable.sh NM SOURCES LIBRARY...
#       looks into the sources for words, and into the libraries for symbols
#   test_portable.sh --self-check NM CC
#       shows that this test can fail
set -eu

symbols='epoll_[a-z0-9_]+|signalfd|eventfd[a-z_]*|timerfd_[a-z]+|inotify_[a-z0-9_]+|fanotify_[a-z]+|memfd_create
accept4|pipe2|dup3|ppoll|epoll_pwait|recvmmsg|sendmmsg|splice|tee|vmsplice|sendfile(64)?|copy_file_range|statx|renameat2
fallocate(64)?|sync_file_range|syncfs|O_TMPFILE|prctl|prlimit(64)?|syscall|gettid|unshare|setns|sched_[gs]etaffinity
getrandom|getentropy|arc4random[a-z_]*|explicit_bzero|malloc_trim|mallinfo2?|malloc_usable_size|mremap|process_vm_[a-z]+
tdestroy|twalk_r|memmem|memrchr|rawmemchr|mempcpy|strchrnul|strverscmp|strcasestr|qsort_r|reallocarray|v?asprintf
secure_getenv|get_current_dir_name|canonicalize_file_name|program_invocation_(short_)?name|timegm|timelocal
pthread_(setname|getname|setaffinity|getaffinity|timedjoin|tryjoin)_np|statfs(64)?|fstatfs(64)?|sysinfo|getauxval'
words='SOCK_(CLOEXEC|NONBLOCK)|TCP_INFO|struct tcp_info|SO_PEERCRED|struct ucred|SIOC[A-Z]+Q|O_TMPFILE|O_PATH
CLOCK_(BOOTTIME|MONOTONIC_(COARSE|RAW)|REALTIME_COARSE)|POLLRDHUP|EPOLL[A-Z]+ \||F_OFD_[A-Z]+|"/proc/|"/sys/|endian\.h
<linux/|<sys/(epoll|signalfd|eventfd|timerfd|inotify|prctl|random|sysinfo|syscall|vfs|auxv|sendfile)\.h>|<malloc\.h>
fopen \([^;]*, "[rwa]\+?e"'
pattern() { printf '%s' "$1" | tr '\n' '|'; }

failed=0
complain() {
    echo "$*" >&2
    failed=1
}

# Words in the sources: a line each, FILE:LINE:TEXT.
in_sources() {
    find "$1/broker" "$1/client" "$1/common" "$1/tools" -name '*.[ch]' ! -name '*_linux.c' -exec \
        grep -nE "$(pattern "$words")" /dev/null {} + || true
}

# Symbols that the objects of a library take from others: a line each, OBJECT SYMBOL.
in_library() {
    "$1" -A -u "$2" | sed -n 's/^.*[:[]\([^]:]*\.o\)\]\{0,1\}:.* U \([^ @]*\).*$/\1 \2/p' |
        grep -v '_linux\.c\.o ' | grep -E " ($(pattern "$symbols"))\$" || true
}

self_check() {
    nm=$1 cc=$2
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    mkdir "$work/broker" "$work/client" "$work/common" "$work/tools"
    printf '%s\n' 'extern void signalfd (void), malloc (void); void zt_x (void) { signalfd (); malloc (); }' \
        '#define X "/proc/self/exe"' >"$work/broker/x.c"
    for name in x.c system_linux.c; do
        "$cc" -w -fno-builtin -c -o "$work/$name.o" "$work/broker/x.c"
    done
    cp "$work/broker/x.c" "$work/common/system_linux.c"
    ar rc "$work/libx.a" "$work/x.c.o" "$work/system_linux.c.o"
    [ "$(in_library "$nm" "$work/libx.a")" = "x.c.o signalfd" ] || complain "a symbol is not noticed"
    case $(in_sources "$work") in
    "$work/broker/x.c:2:"*) ;;
    *) complain "a word is not noticed" ;;
    esac
}

if [ "$1" = --self-check ]; then
    self_check "$2" "$3"
    exit $failed
fi
nm=$1 sources=$2
shift 2
found=$(in_sources "$sources")
[ -z "$found" ] || complain "only Linux has this:
$found"
for library in "$@"; do
    "$nm" -u "$library" | grep -q ' U ' || complain "$nm finds no symbol in $library"
    found=$(in_library "$nm" "$library")
    [ -z "$found" ] || complain "only Linux, or GNU, has this, which $library uses:
$found"
done
exit $failed
