#!/bin/bash
# The command line itself: help, wrong words, exit statuses, output that cannot be written.
# shellcheck disable=SC1091,SC2016,SC2154 # what tap.bash sets; single quotes where another shell expands
. "$(dirname "$0")/../lib/tap.bash"
cd "$tmp" || exit 3

try "$assay" help
is "$rc" 0 "help ends with 0"
for word in init data train run runs compare; do
    like "$out" $'\n'"  $word" "help lists $word"
done
[[ $out != *internal-* ]]
ok $? "help does not show what the program keeps for itself"
listed=$(printf '%s\n' "$out" | sed -n 's/^  \([a-z]\+\( \(add\|ls\|show\|profile\|rows\|rm\)\)\?\)  .*/\1/p')
bad=
while read -r command; do
    # shellcheck disable=SC2086 # two words are two words
    try "$assay" $command --help
    [[ $rc = 0 && -z $err && $out == "assay $command: "*"usage: assay $command"*"example:"*"assay $command"* ]] || bad+=" $command"
done <<<"$listed"
is "$bad" "" "every command explains itself, with an example ($(wc -l <<<"$listed") commands)"
is "$("$assay" help | grep -E '^[A-Z][a-z]+$' | sort | uniq -d)" "" "each group of commands stands once"
is "$("$assay" help train)" "$("$assay" train --help)" "help COMMAND and COMMAND --help say the same"
is "$("$assay" help data)" "$("$assay" data --help)" "a family of commands explains itself"
like "$("$assay" data --help)" 'data rows .*rows that match' "with its members"
like "$("$assay" --version)" '^assay [0-9]+\.[0-9]+\.[0-9]+$' "--version"

fails 2 'did you mean "train"' "a mistyped command" "$assay" trian
fails 2 'assay help' "a word that is like nothing" "$assay" xyzzy
fails 2 '"r" may mean|run' "an ambiguous beginning" "$assay" r
fails 2 'add, ls, show' "half a command" "$assay" data
fails 2 'no command "frob"' "a wrong second word" "$assay" data frob
fails 2 'did you mean --label' "a mistyped option" "$assay" train logistic --lable x
fails 2 'needs a value' "an option without its value" "$assay" train logistic --data
fails 2 'usage: assay show RUN' "a missing argument" "$assay" show
fails 2 'usage: assay data ls|does not know' "one argument too many" "$assay" data ls extra
fails 2 'whole number' "a number that is none" "$assay" runs --limit many
fails 2 'between' "a share beyond its range" "$assay" train logistic --data x --split 2
fails 2 'choose one' "two formats at once" "$assay" runs --json --csv
fails 2 'did you mean --store' "a mistyped option before the command" "$assay" --stroe x runs
fails 5 'assay init' "no store here" "$assay" runs
fails 5 'nowhere' "no store where --store says" "$assay" runs --store "$tmp/nowhere"
fails 5 'nowhere' "no store where ASSAY_STORE says" env ASSAY_STORE="$tmp/nowhere" "$assay" runs

try "$assay" init
is "$rc" 0 "init"
fails 1 'already' "init where a store is" "$assay" init
fails 5 'no-such' "init in a folder that cannot be" "$assay" init /proc/no-such/place
mkdir -p empty/.assay left/.assay/objects file
try "$assay" init empty --quiet
is "$rc" 0 "init in an empty .assay: a store comes about"
fails 5 'no assay\.db.*backup' "init where a .assay lost its database" "$assay" init left
touch file/.assay
fails 5 'no assay\.db' "init where .assay is a file" "$assay" init file
is "$(ls -A left file)" $'file:\n.assay\n\nleft:\n.assay' "and nothing is left half made"
fails 2 'names no folder' "an empty --store" "$assay" runs --store ''
LC_ALL=C "$assay" --store empty --once runs >ascii
[ -s ascii ] && ! LC_ALL=C grep -q '[^ -~]' ascii
ok $? "a screen as text is ASCII in a locale that has nothing else"
mkdir -p deep/er
try bash -c 'cd deep/er && exec "$0" runs --json' "$assay"
is "$rc $out" "0 []" "the store is found upward"
try "$assay" --store "$tmp/.assay" runs --json
is "$rc $out" "0 []" "--store before the command"
try "$assay" runs --json --store="$tmp"
is "$rc $out" "0 []" "--store behind the command, the folder that holds .assay"
try "$assay" run
is "$rc" 125 "run without a command is a failure of its own"

if [ -c /dev/full ]; then
    "$assay" help >/dev/full 2>"$tmp/err"
    is "$?" 3 "output that cannot be written is no success"
    like "$(cat "$tmp/err")" 'No space left' "and it is said why"
    "$assay" help >&- 2>"$tmp/err"
    is "$?" 3 "nor is output that has nowhere to go"
    "$assay" recipes --json >/dev/full 2>"$tmp/err"
    is "$?" 3 "JSON that cannot be written is no success"
else
    skip "output that cannot be written" "no /dev/full"
fi

# Nothing from outside reaches the terminal as it is.
try "$assay" show $'evil\033[31m\xff'
[[ $err == *'\x1b'* && $err != *$'\033'* ]]
ok $? "names in messages are made safe"

try "$assay" recipes --json
"$json_get" <<<"$out" 0.name 0.params.0.name 0.params.0.default >/dev/null
ok $? "recipes as JSON"
try "$assay" recipes logistic
like "$out" 'l2 .*penalty' "a recipe's parameters"
fails 2 'logistic' "an unknown recipe" "$assay" recipes nothing

if command -v mandoc >/dev/null; then
    is "$(mandoc -T lint -W warning "$(dirname "$assay")/man/assay.1" 2>&1)" "" "the manual page has no faults"
else
    skip "the manual page has no faults" "no mandoc"
fi
plan
