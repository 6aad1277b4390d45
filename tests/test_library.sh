#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# libztalk as it is installed: what others see of it, its header alone in C and C++, and the example
# built with pkg-config, statically and with CMake, and run against the broker.
#
#   test_library.sh BUILD SOURCE CC

set -eu

build=$1 source=$2 cc=$3
work=$(mktemp -d)
programs=
finish ()
{
    for program in $programs; do
        kill "$program" 2>/dev/null && wait "$program" || true
    done
    rm -rf "$work"
}
trap finish EXIT

fail ()
{
    echo "$1" >&2
    exit 1
}

# Waits until a file has a line that matches, 20 s at most. Every look takes a while: there is no
# need to sleep.
expect ()
{
    end=$(($(date +%s) + 20))
    until grep -q -- "$2" "$1"; do
        [ "$(date +%s)" -lt $end ] || { cat "$1" >&2; fail "no line like '$2'"; }
    done
}

cmake --install "$build" --prefix "$work/there" >"$work/install" || { cat "$work/install"; exit 1; }
library=$(find "$work/there" -name libztalk.so)
libdir=$(dirname "$library")
include=$work/there/include
[ -L "$library" ] || fail "libztalk.so is no link"

# Exactly what the header declares is there for others, and it has a soname.
nm -D --defined-only "$library" | awk '$2 ~ /^[TDBRVW]$/ { sub (/@.*/, "", $3); print $3 }' |
    sort -u >"$work/exported"
sed -n '/^ZTALK_API/,/;/p' "$include/ztalk.h" | grep -o 'ztalk_[a-z_]* (' | sed 's/ (//' |
    grep -v '_fn$' | sort -u >"$work/declared"
[ -s "$work/declared" ] || fail "the header declares nothing"
diff "$work/declared" "$work/exported" || fail "what is exported is not what is declared"
readelf -d "$library" | grep -q 'SONAME.*\[libztalk\.so\.0\.1\]' || fail "no soname"
# It prints nothing, but that memory is out, and is nobody's signal handler.
! nm -D --undefined-only "$library" |
    grep -wE 'printf|puts|perror|signal|sigaction|isatty|tcsetattr|exit|zsys_init' ||
    fail "a library does not do that"
# The static one has no name that others may have.
nm -g --defined-only "$libdir/libztalk.a" | awk 'NF == 3 { print $3 }' | grep -Ev '^(zt|ztalk)_' |
    grep -Ev '^(__|_ZN|asan|_?ODR)' >"$work/foreign" || :
[ ! -s "$work/foreign" ] || { cat "$work/foreign"; fail "names that are not ours"; }

# The header alone.
printf '#include <ztalk.h>\nint main (void) { return ztalk_version () == 0; }\n' >"$work/alone.c"
cp "$work/alone.c" "$work/alone.cpp"
for standard in c99 c11; do
    $cc -std=$standard -Wall -Wextra -Wpedantic -Werror -I"$include" -c "$work/alone.c" -o "$work/alone.o"
done
if command -v c++ >/dev/null; then
    c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -I"$include" "$work/alone.cpp" -o "$work/alone" \
        -L"$libdir" -lztalk
    LD_LIBRARY_PATH=$libdir "$work/alone"
else
    echo "there is no c++: not compiled as C++17"
fi

# The example, in three ways.
export PKG_CONFIG_PATH=$libdir/pkgconfig
example=$source/tools/examples/echo.c
$cc -Wall -Wextra -Werror -o "$work/echo-shared" "$example" $(pkg-config --cflags --libs ztalk)
ldd "$work/echo-shared" | grep -qF libztalk.so.0.1 || fail "it is not linked to the shared library"
$cc -o "$work/echo-static" "$example" $(pkg-config --cflags ztalk) "$libdir/libztalk.a" \
    $(pkg-config --libs libzmq libcjson libsodium libutf8proc icu-i18n icu-uc)
[ "$(pkg-config --modversion ztalk)" = "$("$work/there/bin/ztalk" --version | awk '{ print $NF }')" ] ||
    fail "pkg-config tells another version"
pkg-config --print-requires-private ztalk | grep -qx libzmq || fail "what is needed is not told"
mkdir "$work/project"
cp "$example" "$work/project"
cat >"$work/project/CMakeLists.txt" <<'END'
cmake_minimum_required (VERSION 3.21)
project (echo LANGUAGES C)
find_package (ztalk 0.1 REQUIRED)
add_executable (echo-cmake echo.c)
target_link_libraries (echo-cmake PRIVATE ztalk::ztalk)
END
cmake -S "$work/project" -B "$work/project/build" -DCMAKE_C_COMPILER="$cc" \
    -DCMAKE_PREFIX_PATH="$work/there" >"$work/cmake" 2>&1 &&
    cmake --build "$work/project/build" >>"$work/cmake" 2>&1 || { cat "$work/cmake"; exit 1; }

# And run. Each has the home of its own that the one before has left.
export XDG_STATE_HOME=$work/state LD_LIBRARY_PATH=$libdir
"$work/there/bin/ztalk-broker" -d "$work/data" -e 'tcp://127.0.0.1:*' >"$work/broker" 2>"$work/log" &
programs="$programs $!"
expect "$work/broker" '^ready'
endpoint=$(awk '{ print $2 }' "$work/broker")
mkfifo "$work/typed"
ZTALK_HOME=$work/olena "$work/there/bin/ztalk" -e "$endpoint" -n olena <"$work/typed" >"$work/olena.out" &
programs="$programs $!"
exec 4>"$work/typed"
for way in "$work/echo-shared" "$work/echo-static" "$work/project/build/echo-cmake"; do
    word=$(basename "$way")
    "$way" "$endpoint" 2>"$work/echo.err" &
    echo_pid=$!
    programs="$programs $echo_pid"
    expect "$work/olena.out" 'echo is here\|online: .*echo'
    echo "/msg echo $word" >&4
    expect "$work/olena.out" "echo -> olena: $word"
    kill -9 $echo_pid
    wait $echo_pid 2>/dev/null || :
done
[ "$(grep -c 'echo -> olena:' "$work/olena.out")" = 3 ] || fail "not answered once each"
exec 4>&-
