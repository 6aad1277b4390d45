#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# --help, the man pages and README.md say the same as the programs' tables.
#
#   test_manual.sh       with ZTALK_BIN and ZTALK_SOURCE in the environment
set -eu

failures=0
fail() {
    echo "$*"
    failures=$((failures + 1))
}

# The text of a man page, with its dashes as dashes.
page() { sed 's/\\-/-/g' "$ZTALK_SOURCE/$1"; }

# Every option of the program is in its man page and in its --help, and the page has
# no other.
check_options() {
    program=$1 manual=$2
    options=$("$ZTALK_BIN/$program" --list-options)
    [ -n "$options" ] || fail "$program has no options"
    for option in $options; do
        page "$manual" | grep -qE -- "(^|[^-a-z])$option([^-a-z]|\$)" ||
            fail "$manual does not tell of $option"
        "$ZTALK_BIN/$program" --help | grep -qE -- "(^|[^-a-z])$option([^-a-z]|\$)" ||
            fail "$program --help does not tell of $option"
    done
    for option in $(page "$manual" | grep -oE -- '--[a-z][-a-z]+' | sort -u); do
        echo "$options" | grep -qw -- "$option" || fail "$manual tells of $option, which is not there"
    done
    page "$manual" | grep -q "\"ztalk $("$ZTALK_BIN/$program" --version | cut -d' ' -f2)\"" ||
        fail "$manual is of another version"
}

check_options ztalk-broker broker/ztalk-broker.1
check_options ztalk-ctl broker/ztalk-ctl.1
check_options ztalk client/ztalk.1
check_options ztalk-bench tools/ztalk-bench.1

# The client's typed commands, a line each: "/to [TARGET]|open a conversation: …".
"$ZTALK_BIN/ztalk" --help | sed -nE 's/^  (\/[a-z]+( [A-Z#]+| \[[A-Z#]+\])*) +(.*)/\1|\3/p' >commands.$$
trap 'rm -f commands.$$' EXIT
[ "$(wc -l <commands.$$)" -ge 9 ] || fail "ztalk --help lists too few commands"
while IFS='|' read -r typed what; do
    grep -qF "| \`$typed\` | $what |" "$ZTALK_SOURCE/README.md" ||
        fail "README.md has no row: | \`$typed\` | $what |"
    word=${typed%% *}
    page client/ztalk.1 | grep -qE -- "$word([^a-z]|\$)" || fail "client/ztalk.1 does not tell of $word"
done <commands.$$
for typed in $(grep -oE '^\| `/[a-z]+' "$ZTALK_SOURCE/README.md" | cut -c4-); do
    grep -qE "^$typed( |\|)" commands.$$ || fail "README.md tells of $typed, which is not there"
done

# What operators can say: on the console and with ztalk-ctl, which have one table; top is
# ztalk-ctl's own.
directory=$(mktemp -d)
trap 'rm -rf "$directory" commands.$$' EXIT
console=$(printf 'help\nexit\n' | "$ZTALK_BIN/ztalk-broker" --ephemeral --console -e "ipc://$directory/s" 2>&1 |
    sed -nE 's/^  ([a-z]+).*/\1/p')
[ "$(echo "$console" | wc -l)" -ge 14 ] || fail "the broker's help lists too few commands"
[ "$(printf '%s\ntop' "$console")" = "$("$ZTALK_BIN/ztalk-ctl" | sed -nE 's/^  ([a-z]+).*/\1/p')" ] ||
    fail "ztalk-ctl lists other commands than the broker's help"
for typed in $console; do
    page broker/ztalk-ctl.1 | grep -qE "^\.(B|BI) $typed" ||
        fail "broker/ztalk-ctl.1 does not tell of $typed"
    grep -qE "\`$typed( \[?[A-Z]+\]?)*\`" "$ZTALK_SOURCE/README.md" || fail "README.md does not tell of $typed"
done

# The pages can be read.
for manual in broker/ztalk-broker.1 broker/ztalk-ctl.1 client/ztalk.1 tools/ztalk-bench.1; do
    if command -v man >/dev/null; then
        complaints=$(man --warnings=w -l "$ZTALK_SOURCE/$manual" 2>&1 >/dev/null) || true
        [ -z "$complaints" ] || fail "$manual: $complaints"
    fi
done

[ "$failures" = 0 ] || exit 1
echo "the manual is as the programs are"
