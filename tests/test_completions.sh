#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# What shells complete is what the programs' tables hold. bash completes really, fish does where it
# is installed; zsh, where it is, reads its files.
#
#   test_completions.sh       with ZTALK_BIN in the environment
set -euo pipefail

made=$(cd "$ZTALK_BIN/../completions" && pwd)
failures=0
fail() {
    echo "$*"
    failures=$((failures + 1))
}

# What bash completes at the end of a line: the words are given one by one, as bash splits them.
completed() (
    # shellcheck disable=SC1090
    . "$made/$1.bash"
    compopt() { :; } # speaks to readline, which is not here
    function=$(complete -p "$1" | sed -nE 's/.*-F ([^ ]+) .*/\1/p')
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    "$function" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    printf '%s\n' "${COMPREPLY[@]}"
)

# Is that among what bash completes?
completes() {
    local want=$1
    shift
    grep -qxF -- "$want" <<<"$(completed "$@")" || fail "bash does not complete $1 $want"
}

# Completes a line, whose last word is what is completed so far, and compares the whole answer.
expect() {
    local want=$1 got
    shift
    got=$(completed "$@" | sort | tr '\n' ' ')
    [ "${got% }" = "$want" ] || fail "bash completes '$*' with '${got% }', not with '$want'"
}

# Every row of the tables is in the file of each shell.
check() {
    local program=$1 kind first name rest
    [ "$("$ZTALK_BIN/$program" --list-table | grep -c '^option')" -ge 5 ] ||
        fail "$program has no table"
    while IFS=$'\x1f' read -r kind first name rest; do
        if [ "$kind" = value ]; then
            completes "$name" "$program" "--$first" "${name%??}"
            grep -qE -- "'--$first=.*[ {]$name" "$made/_$program" || fail "zsh has no $name"
            grep -qE -- " -l $first .*$name" "$made/$program.fish" || fail "fish has no $name"
        elif [ "$kind" = option ]; then
            completes "--$name" "$program" "--$name"
            grep -qE -- "'--$name[='[]" "$made/_$program" || fail "zsh has no $program --$name"
            grep -qE -- " -l $name( |\$)" "$made/$program.fish" || fail "fish has no $program --$name"
            [ -z "$first" ] || completes "-$first" "$program" -
            [ -z "$first" ] || grep -qE -- "'-$first[+'[-]" "$made/_$program" ||
                fail "zsh has no $program -$first"
            [ -z "$first" ] || grep -qF -- " -s $first " "$made/$program.fish" ||
                fail "fish has no $program -$first"
        else
            completes "$first" "$program" "${first%?}"
            grep -qE "^    '$first:" "$made/_$program" || fail "zsh has no $program $first"
            grep -qE -- " -a $first " "$made/$program.fish" || fail "fish has no $program $first"
        fi
    done < <("$ZTALK_BIN/$program" --list-table | tr '\t' '\037')
    bash -n "$made/$program.bash" || fail "bash does not read the file of $program"
    ! command -v zsh >/dev/null || zsh -n "$made/_$program" || fail "zsh does not read that of $program"
    ! command -v fish >/dev/null || fish -n "$made/$program.fish" || fail "fish does not read that of $program"
}

for file in "$made"/*.bash; do
    program=$(basename "$file" .bash)
    [ -x "$ZTALK_BIN/$program" ] || continue
    check "$program"
    programs=$((${programs:-0} + 1))
done
[ "${programs:-0}" -ge 3 ] || fail "only ${programs:-0} programs have completions"

# What stands before decides.
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
mkdir "$directory/a folder"
: >"$directory/a file"
expect "dark light none own" ztalk --theme ""
expect "dark" ztalk --theme = d
expect "light" ztalk -n olena --theme l
expect "" ztalk -n ""
expect "history" ztalk -n history his
expect "history" ztalk --name = his his
expect "" ztalk search his
expect "--theme" ztalk history --th
expect "closed invite open" ztalk-broker --registration =
expect "anywhere" ztalk-broker --plain = any
expect "" ztalk-broker --plain any
expect "none" ztalk-broker --key-port ""
expect "$directory/a folder" ztalk-broker -d "$directory/a"
expect "$directory/a file $directory/a folder" ztalk-broker --config "$directory/a"
expect "fanout" ztalk-bench relay -m 5 fan
expect "limits/messages_burst= limits/messages_per_s=" ztalk-broker -s limits/m
expect "unban" ztalk-ctl -d "$directory" unb
expect "$directory/a file $directory/a folder" ztalk-ctl --socket "$directory/a"
if command -v fish >/dev/null; then
    while IFS='|' read -r line want; do
        got=$(HOME=$directory fish -N -c "source $made/ztalk.fish; source $made/ztalk-broker.fish; source $made/ztalk-ctl.fish
            complete -C '$line'" | cut -f1 | sort | tr '\n' ' ')
        [ "$got" = "$want" ] || fail "fish completes '$line' with '$got', not with '$want'"
    done <<'EOF'
ztalk --theme |dark light none own 
ztalk --theme=d|--theme=dark 
ztalk his|history 
ztalk history --th|--theme 
ztalk-broker --registration |closed invite open 
ztalk-broker --plain=|--plain=anywhere 
ztalk-broker -s limits/m|limits/messages_burst= limits/messages_per_s= 
ztalk-ctl -d /tmp unb|unban 
ztalk-ctl -d /tmp -j --socket=x mut|mute mutes 
ztalk-ctl kick unb|
EOF
fi

[ "$failures" = 0 ] || exit 1
echo "shells complete what the programs have"
