#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# What "cmake --install" installs is what README.md says, and works from where it is.
#
#   test_install.sh CMAKE BUILD       with ZTALK_SOURCE in the environment
set -euo pipefail
cmake=$1 build=$2

failures=0
fail() {
    echo "$*"
    failures=$((failures + 1))
}

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
prefix=$root/prefix
"$cmake" --install "$build" --prefix "$prefix" >/dev/null
DESTDIR=$root/destination "$cmake" --install "$build" --prefix /opt/ztalk >/dev/null

# The list is the same, and each file and each line of README.md has a counterpart.
installed=$(cd "$prefix" && find . ! -type d | cut -c3- | sort)
[ "$installed" = "$(cd "$root/destination/opt/ztalk" && find . ! -type d | cut -c3- | sort)" ] ||
    fail "DESTDIR changes what is installed"
[ "$(find "$root/destination" -mindepth 1 -maxdepth 2 | wc -l)" = 2 ] ||
    fail "something is installed beside the prefix: $(find "$root/destination" -mindepth 1 -maxdepth 2)"
patterns=$(sed -n '/^## Installing/,/^## /s/^    \(\(bin\|include\|lib\|share\)\/[^ ]*\) .*/\1/p' "$ZTALK_SOURCE/README.md")
[ "$(wc -l <<<"$patterns")" -ge 8 ] || fail "README.md does not tell what is installed"
while read -r file; do
    while read -r pattern; do
        # shellcheck disable=SC2053
        [[ $file != $pattern ]] || continue 2
    done <<<"$patterns"
    fail "README.md does not tell of $file"
done <<<"$installed"
while read -r pattern; do
    compgen -G "$prefix/$pattern" >/dev/null || fail "README.md tells of $pattern, which is not installed"
done <<<"$patterns"

# Each program runs, has its man page and its completions, and is of this version.
version=$(sed -n 's/^project (ztalk VERSION \([0-9.]*\).*/\1/p' "$ZTALK_SOURCE/CMakeLists.txt")
for place in "$prefix" "$root/destination/opt/ztalk"; do
    for program in "$place"/bin/*; do
        name=$(basename "$program")
        [ "$("$program" --version)" = "$name $version" ] || fail "$program --version: $("$program" --version)"
        for file in share/man/man1/"$name".1 share/bash-completion/completions/"$name" \
                    share/zsh/site-functions/_"$name" share/fish/vendor_completions.d/"$name".fish; do
            [ -s "$place/$file" ] || fail "$file is missing"
        done
    done
    LC_ALL=C.UTF-8 LANGUAGE=uk "$place/bin/ztalk" --help | grep -c 'використання' >/dev/null ||
        LC_ALL=uk_UA.UTF-8 "$place/bin/ztalk" --help | grep -c 'використання' >/dev/null ||
        fail "$place/bin/ztalk does not find its translations"
done
grep -q "^## $version " "$ZTALK_SOURCE/CHANGELOG.md" || fail "CHANGELOG.md does not tell of $version"

# The unit names the program where it will be.
unit=lib/systemd/system/ztalk-broker.service
grep -qx "ExecStart=$prefix/bin/ztalk-broker" "$prefix/$unit" || fail "$(grep ExecStart "$prefix/$unit")"
grep -qx "ExecStart=/opt/ztalk/bin/ztalk-broker" "$root/destination/opt/ztalk/$unit" ||
    fail "with DESTDIR: $(grep ExecStart "$root/destination/opt/ztalk/$unit")"
! grep -r '@[A-Z_]*@' "$prefix/$unit" || fail "the unit is not filled in"

[ "$failures" = 0 ] || exit 1
echo "what is installed is as README.md says"
