#!/bin/bash
# Themes: the commands, the manual's list of roles, and the program with a theme of one's own.
# shellcheck disable=SC1091,SC2154 # what tap.bash sets
. "$(dirname "$0")/../lib/tap.bash"
cd "$tmp" || exit 3
export XDG_CONFIG_HOME=$tmp/config
mkdir -p config/assay/themes

try "$assay" theme ls --json
is "$("$json_get" <<<"$out" '#')" 12 'twelve themes'
try "$assay" theme
like "$out" 'red-green +assay.s +for people who do not tell red from green' 'theme lists them and what they are for'
try "$assay" theme show projector --csv
is "$(head -1 <<<"$out")" role,looks,contrast_true,contrast_256,contrast_16,wanted,about 'theme show, as CSV'
is "$(awk -F, 'NR > 1 && ($3 < $6 || $4 < $6 || $5 < $6)' <<<"$out")" '' 'no role is below what is asked'
roles=$(awk -F, 'NR > 1 { print $1 }' <<<"$out")
is "$(sed -n 's/^\.It Ic \([a-z0-9.]*\)\( No .*\)\?$/\1/p' "$root/man/assay-theme.5" | grep -xE "$(paste -sd'|' <<<"$roles")")" \
    "$roles" 'the manual has every role, in order'
try "$assay" theme show dark --json
is "$("$json_get" <<<"$out" roles.3.role roles.3.like roles.3.foreground roles.3.wanted roles.13.role roles.13.mono)" \
    $'good\nnull\n#7bc275\n4.5\ntitle\nbold' 'theme show, as JSON'
fails 2 'no theme "midnigt".*did you mean "midnight"' 'a misspelt name' "$assay" theme show midnigt
printf 'inherit = dark\n[roles]\nrow.curser = blue\n' >config/assay/themes/mine.theme
fails 2 'mine\.theme:3: there is no role "row\.curser"; did you mean "row\.cursor"' 'a fault, with its line' \
    "$assay" theme show mine
try "$assay" theme ls
like "$out" 'mine +yours .*mine\.theme:3' 'a broken theme is listed, and why'
sed -i 's/curser/cursor/' config/assay/themes/mine.theme
try "$assay" theme show mine
like "$out" 'row\.cursor +blue ' 'a theme of one'\''s own'
plan
