#!/bin/bash
# Is every requirement of a sign-off tested, and every test that is said to do so there? tests/trust/requirements.txt
# says which.
# shellcheck disable=SC1091,SC2154 # what tap.bash sets
. "$(dirname "$0")/../lib/tap.bash"
cd "$root" || exit 3
list=tests/trust/requirements.txt
is "$(comm -23 <(printf 'T%s\n' {1..36} 39 41 | sort) <(cut -f1 $list | sort -u))" '' 'no requirement is left out'
gone=''
while IFS=$'\t' read -r number file name; do
    [[ $number == T* ]] || continue
    grep -qF -- "$name" "$file" || gone+="$number: $file has no \"$name\"; "
done <$list
is "$gone" '' 'every test that is named stands in its file'
plan
