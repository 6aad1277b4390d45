#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
#
# Every sentence of the client is marked and translated, and the real client speaks the language
# that it is asked for; but not to programs.
#
#   test_translation.sh       with ZTALK_BIN and ZTALK_SOURCE in the environment
set -eu

failures=0
fail() {
    echo "$*"
    failures=$((failures + 1))
}

work=$(mktemp -d)
broker=
end() {
    [ -z "$broker" ] || kill "$broker" || true
    rm -rf "$work"
}
trap end EXIT
cd "$ZTALK_SOURCE"

# What msgcat makes of a file, a message a line, without plurals: they count as messages.
ids() { msgcat --no-wrap "$1" 2>/dev/null | sed -nE 's/^(msgid|msgid_plural) (".+")$/\2/p' | sort -u; }

# The template is what the sources say now.
po/update --pot "$work/ztalk.pot" || fail "po/update does not work"
cmp -s "$work/ztalk.pot" po/ztalk.pot ||
    fail "po/ztalk.pot is not what the sources say (po/update makes it):
$(diff po/ztalk.pot "$work/ztalk.pot" | head -n 20)"

# No source with a sentence is left out.
grep -lE '(^|[^A-Za-z_])(_|N_) ?\("|zt_translate_many \(|zt_client_say \(self, [^,]*, *$|zt_client_say \(self, [^,]*, "' \
    client/*.[ch] common/*.[ch] | grep -v '^common/translate' | sort >"$work/sources"
grep -v '^#' po/POTFILES | sort >"$work/listed"
cmp -s "$work/sources" "$work/listed" || fail "po/POTFILES does not list the sources with sentences:
$(diff "$work/listed" "$work/sources")"

# No sentence is unmarked. A string with two words that a blank separates is taken for one, unless it
# is known not to be.
cat >"$work/known" <<'END'
"cells are compared with memcmp"
"dark, light, none"
"dark, light, none, own"
"every role has a name"
"every role has a style"
"the waiter has room for what is waited for"
END
xgettext --extract-all --output="$work/all.pot" --language=C --from-code=UTF-8 client/*.c 2>/dev/null
ids "$work/all.pot" | grep -E '[A-Za-z]{2,}[,:;]? [a-z(]+' >"$work/strings"
ids po/ztalk.pot | sort -u - "$work/known" >"$work/marked"
[ "$(wc -l <"$work/strings")" -gt 100 ] || fail "hardly a string is found in the sources"
comm -23 "$work/strings" "$work/marked" >"$work/unmarked"
[ ! -s "$work/unmarked" ] || fail "these are not marked for translation, with _() or N_():
$(cat "$work/unmarked")"

# Every translation is whole, and fits: the same blanks at the ends, because sentences are put
# together at them. msgfmt itself looks at formats and newlines.
for language in $(grep -v '^#' po/LINGUAS); do
    said=$(msgfmt --check --statistics -o /dev/null "po/$language.po" 2>&1) || fail "$said"
    case $said in
    *untranslated* | *fuzzy*) fail "po/$language.po: $said (po/update, and then translate)" ;;
    esac
    msgmerge --quiet "po/$language.po" po/ztalk.pot -o "$work/merged.po" || fail "msgmerge fails"
    said=$(msgfmt --check --statistics -o /dev/null "$work/merged.po" 2>&1) || fail "$said"
    case $said in
    *untranslated* | *fuzzy*) fail "po/$language.po is behind po/ztalk.pot: $said" ;;
    esac
    msgcat --no-wrap "po/$language.po" | awk '
        function ends(s) { return (s ~ /^[a-z_0-9[\]]+ " /) (s ~ / "$/) }
        /^msgid / { id = $0; next }
        /^msgstr/ && $0 !~ / ""$/ && id !~ / ""$/ && ends($0) != ends(id) { print "blanks: " id }' >"$work/blanks"
    [ ! -s "$work/blanks" ] || fail "po/$language.po: $(cat "$work/blanks")"
done

# A client with the environment that is given, and no other; what it reads is the input.
ztalk() {
    locale=$1
    shift
    # shellcheck disable=SC2086 # several variables
    env -u LC_ALL -u LC_MESSAGES -u LANG -u LANGUAGE $locale ZTALK_HOME="$work/home" "$ZTALK_BIN/ztalk" "$@" 2>&1
}

has() { printf '%s\n' "$1" | grep -qF -- "$2"; }

"$ZTALK_BIN/ztalk-broker" --ephemeral -e "ipc://$work/s" >/dev/null 2>&1 </dev/null &
broker=$!
for _ in $(seq 100); do
    [ ! -S "$work/s" ] || break
    sleep 0.1
done

for locale in LANG=uk_UA.UTF-8 LC_ALL=uk_UA.utf8 "LC_MESSAGES=uk LANG=C" "LANG=C.UTF-8 LANGUAGE=uk" \
    "LANG=en_US.UTF-8 LANGUAGE=uk:en"; do
    said=$(printf '/wh\n/nobody\nпривіт\n' | ztalk "$locale" "ipc://$work/s" -n olena) && status=0 || status=$?
    [ "$status" = 1 ] || fail "with $locale the client ends with $status, though /nobody is none: $said"
    has "$said" 'за адресою' || fail "with $locale there is no Ukrainian: $said"
    has "$said" 'на зв’язку: olena (1)' || fail "with $locale there is no list: $said"
    has "$said" 'команди /nobody немає' || fail "with $locale nothing is told of /nobody: $said"
    has "$said" 'olena: привіт' || fail "with $locale nothing is said: $said"
done
said=$(ztalk LANG=uk_UA.UTF-8 --help) || fail "--help ends with $?: $said"
has "$said" 'хто ви (ваше ім’я в системі)' || fail "--help is not translated: $said"
has "$said" 'надіслати приватне повідомлення' || fail "the help of commands is not translated: $said"
said=$(ztalk LANG=uk_UA.UTF-8 --name '' x) && fail "a wrong name is taken"
has "$said" 'в імені є принаймні одна літера' || fail "what is wrong with a name is not translated: $said"

for locale in LC_ALL=C "LC_ALL=C LANG=uk_UA.UTF-8 LANGUAGE=uk" LANG=C.UTF-8 LANG=xx_XX.UTF-8 LANG=; do
    said=$(printf '/who\n' | ztalk "$locale" "ipc://$work/s" -n olena) ||
        fail "with $locale the client ends with $?: $said"
    has "$said" 'connected to ztalk' || fail "with $locale it does not speak English: $said"
done

# Programs get the same in every language, what is for people in it included.
said=$(printf '/who\n/nobody\n/msg nobody x\n' | ztalk LANG=uk_UA.UTF-8 --json "ipc://$work/s" -n olena) || true
has "$said" '"text":"connected to ztalk' || fail "--json is not English: $said"
if printf '%s\n' "$said" | LC_ALL=C grep -q '[^ -~]'; then
    fail "--json is translated: $said"
fi

[ "$failures" = 0 ] || exit 1
echo "every sentence is translated"
