#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# The cores are pure: no socket, clock, file, thread or random number is in them.
# This looks at what the objects of a static library leave for others to define.
#
#   test_purity.sh NM LIBRARY [OTHER-LIBRARY]... [OBJECT=SYMBOL]...
#       checks a library, which may use the others
#   test_purity.sh --self-check NM CC
#       shows that this test can fail
#
# It is a list of what is allowed, so that what nobody has thought of fails, too:
# memory, bytes and strings, formatting into memory, arithmetic; the libraries that
# only compute (utf8proc, cJSON, ICU's spoof checker, collation and names, Z85, a hash of libsodium); what the
# libraries define themselves; and what compilers and sanitizers put in. OBJECT=SYMBOL
# allows a symbol to one object alone: common/alloc.c prints one sentence before it
# aborts, and common/options.c prints the help, and no other object of zt_common may.

set -eu

allowed='
malloc calloc realloc reallocarray free
mem(cpy|move|set|cmp|chr) bcmp
str(len|nlen|cmp|ncmp|casecmp|ncasecmp|chr|rchr|str|spn|cspn|pbrk) stpcpy
t(search|find|delete|walk)
strto(l|ul|ll|ull|d) __isoc23_strto(l|ul|ll|ull) qsort bsearch
v?snprintf __v?snprintf_chk
__(mem(cpy|move|set|pcpy)|str(cpy|ncpy|cat|ncat)|stpcpy)_chk
(fmod|floor|ceil|round|lround|llround|log2?|exp2?|pow|sqrt)f?
abort __assert_fail __stack_chk_fail

utf8proc_[a-z0-9_]*
u_(char|enumChar|has|is)[A-Za-z]*(_[0-9]+)?
cJSON_[A-Za-z0-9_]*
zmq_z85_(de|en)code crypto_generichash
uspoof_[A-Za-z0-9]*_[0-9]+ ucol_[A-Za-z0-9]*_[0-9]+ u_errorName_[0-9]+ u_strFromUTF8_[0-9]+

_GLOBAL_OFFSET_TABLE_ __(div|mod|udiv|umod|mul)[a-z0-9]*
__(asan|ubsan|tsan|msan|lsan|sanitizer)_[a-z0-9_]* __sancov_[a-z0-9_]* __(start|stop)___sancov_[a-z0-9_]*
__gcov_[a-z0-9_]* __llvm_[a-z0-9_]* __tls_get_addr
'

# What the objects of a library leave undefined, a line each: OBJECT SYMBOL. A
# version (@GLIBC) is cut off.
undefined ()
{
    "$1" -A -u "$2" | sed -n 's/^.*[:[]\([^]:]*\.o\)\]\{0,1\}:.* U \([^ @]*\).*$/\1 \2/p'
}

# What a library defines for others, a line each: * SYMBOL.
defined ()
{
    "$1" -g "$2" | sed -n 's/^[0-9a-f]* [A-TV-Z] \([^ @]*\).*$/* \1/p'
}

# Prints what a library may not use, a line each; nothing if it is pure.
impure ()
{
    nm=$1 library=$2
    shift
    pattern=$(echo $allowed | tr -s ' \n' '|')
    for argument in "$@"; do
        case $argument in
        *=*) echo "$argument" | tr '=' ' ' ;;
        *) defined "$nm" "$argument" ;;
        esac
    done >"$work/known"
    undefined "$nm" "$library" | grep -Evx -- "[^ ]+ ($pattern)" | sort -u |
        awk -v known="$work/known" '
            BEGIN { while ((getline line < known) > 0) may[line] = 1 }
            !($0 in may) && !(("* " $2) in may) { print $1 " uses " $2 }'
}

check ()
{
    if [ -z "$(undefined "$1" "$2")" ]; then
        echo "$2: $1 finds no symbol in it" >&2
        return 1
    fi
    found=$(impure "$@")
    if [ -n "$found" ]; then
        echo "$2 is not pure:" >&2
        echo "$found" >&2
        return 1
    fi
}

# Makes a library of one object from a source.
make_library ()
{
    printf '%s\n' "$3" >"$work/$2.c"
    "$1" -w -fno-builtin -c -o "$work/$2.o" "$work/$2.c"
    ar rc "$work/lib$2.a" "$work/$2.o"
}

self_check ()
{
    nm=$1 cc=$2 failed=0
    symbols='socket connect bind send sendto sendmsg recv recvfrom recvmsg poll ppoll select
        epoll_create1 epoll_wait open openat fopen fdopen read write pread close unlink stat getenv
        time gettimeofday clock_gettime clock nanosleep sleep rand rand_r random srandom getrandom
        arc4random getentropy pthread_create pthread_mutex_lock thrd_create fork exit signal
        printf puts fprintf fputs perror syslog zmq_socket zmq_msg_send zmq_ctx_new zsock_new
        zclock_mono zlist_new zmsg_send zsys_info sqlite3_open sqlite3_step getpid zt_shell_new'
    source='void zt_x (void) {'
    for symbol in $symbols; do
        source="$source extern void $symbol (void); $symbol ();"
    done
    make_library "$cc" impure "$source }"
    if check "$nm" "$work/libimpure.a" 2>/dev/null; then
        echo "an impure library is taken for a pure one" >&2
        failed=1
    fi
    impure "$nm" "$work/libimpure.a" >"$work/found"
    for symbol in $symbols; do
        if ! grep -qx "impure.o uses $symbol" "$work/found"; then
            echo "$symbol is not noticed" >&2
            failed=1
        fi
    done

    # What is allowed to one object is not allowed to another.
    make_library "$cc" reads 'void zt_y (void) { extern void read (void); read (); }'
    check "$nm" "$work/libreads.a" reads.o=read || failed=1
    if check "$nm" "$work/libreads.a" other.o=read 2>/dev/null; then
        echo "read is allowed to every object" >&2
        failed=1
    fi
    # A library may use another that is named, and memory.
    make_library "$cc" user 'void zt_z (void) { extern void zt_y (void), malloc (void);
        zt_y (); malloc (); }'
    check "$nm" "$work/libuser.a" "$work/libreads.a" || failed=1
    if check "$nm" "$work/libuser.a" 2>/dev/null; then
        echo "a library that was not named is allowed" >&2
        failed=1
    fi
    # A library in which nothing is found proves nothing.
    make_library "$cc" empty 'int zt_x;'
    if check "$nm" "$work/libempty.a" 2>/dev/null; then
        echo "an empty library is taken for a pure one" >&2
        failed=1
    fi
    return $failed
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ "$1" = --self-check ]; then
    self_check "$2" "$3"
else
    check "$@"
fi
