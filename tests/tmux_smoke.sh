#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# The client's full screen within tmux, which has its own mind of a terminal: a server of our own
# with a session, in it the client; what is typed is sent, others are seen, and the screen is
# left as it was. Ends with 77, skipped, where there is no tmux.

set -u
command -v tmux >/dev/null || { echo "there is no tmux" >&2; exit 77; }
: "${ZTALK_BIN:?is to be the directory of the programs}"

directory=$(mktemp -d "${TMPDIR:-/tmp}/ztalk-XXXXXX") || exit 1
socket=ztalk-$$-$(basename "$directory")
broker=
peer=

# Only what was started here: the server has a socket of its own.
finish () {
    status=$?
    trap - EXIT
    tmux -L "$socket" kill-server 2>/dev/null
    [ -n "$peer" ] && kill "$peer" 2>/dev/null
    [ -n "$broker" ] && kill "$broker" 2>/dev/null && wait "$broker" 2>/dev/null
    rm -rf "$directory"
    exit $status
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

screen () {
    tmux -L "$socket" capture-pane -p
}

# until_true SECONDS COMMAND...: waits for a command to succeed. Every look takes a while: there
# is no need to sleep.
until_true () {
    end=$(($(date +%s) + $1))
    shift
    until "$@"; do
        if [ "$(date +%s)" -ge "$end" ]; then
            echo "in vain: $*" >&2
            screen >&2
            exit 1
        fi
    done
}

shows () {
    screen | grep -q -- "$1"
}

lacks () {
    ! screen | grep -q -- "$1"
}

is_in () {
    grep -q -- "$1" "$2"
}

type_in () {
    tmux -L "$socket" send-keys "$@"
}

ZTALK_HOME=$directory/home
TERM=xterm
LC_ALL=C.UTF-8
TMUX_TMPDIR=$directory
export ZTALK_HOME TERM LC_ALL TMUX_TMPDIR
unset TMUX TMUX_PANE ZTALK_NAME ZTALK_ENDPOINT NO_COLOR COLORTERM

"$ZTALK_BIN/ztalk-broker" --plain --ephemeral -e 'tcp://127.0.0.1:*' \
    >"$directory/broker" 2>"$directory/log" &
broker=$!
until_true 20 is_in '^ready ' "$directory/broker"
endpoint=$(sed -n 's/^ready \([^ ]*\) .*/\1/p' "$directory/broker")

mkfifo "$directory/typed"
"$ZTALK_BIN/ztalk" --plain -e "$endpoint" -n taras <"$directory/typed" >"$directory/taras" 2>&1 &
peer=$!
exec 9>"$directory/typed"
until_true 20 is_in 'online: ' "$directory/taras"

tmux -L "$socket" -f /dev/null new-session -d -x 100 -y 24 "PS1='% ' exec sh" || exit 1
until_true 20 shows '^%'
type_in "echo before; '$ZTALK_BIN/ztalk' --plain -e '$endpoint' -n olena; echo status \$?" Enter
until_true 20 shows 'online (2)'
until_true 20 shows ' #general  connected'
until_true 20 lacks '^before'

type_in 'Привіт, 👩‍👩‍👧 ❤️ 漢字' Enter
until_true 20 shows 'olena: Привіт, .*漢字 ✓ *│'
until_true 20 is_in 'olena: Привіт, 👩‍👩‍👧 ❤️ 漢字' "$directory/taras"
echo 'olena: здоров була' >&9
until_true 20 shows '»taras: olena: здоров була  *│ *$'

# The panes stand where they should, whatever the width of a family is here.
[ "$(screen | grep -c '│')" -ge 20 ] || { screen >&2; exit 1; }

tmux -L "$socket" resize-window -x 50 -y 12
until_true 20 lacks 'online (2)'
until_true 20 shows '»taras: olena: здоров була'
tmux -L "$socket" resize-window -x 100 -y 24
until_true 20 shows 'online (2)'

type_in F1
until_true 20 shows 'Keys and commands'
type_in Escape
until_true 20 lacks 'Keys and commands'

type_in '/exit' Enter
until_true 20 shows 'status 0'
until_true 20 shows '^before'
until_true 20 lacks '#general'
