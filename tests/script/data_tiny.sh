#!/bin/bash
# Data of which next to nothing is there: every command says what it can, and nothing that chance alone would say.
# shellcheck disable=SC1091,SC2154 # what tap.bash sets
. "$(dirname "$0")/../lib/tap.bash"
cd "$tmp" || exit 3
"$assay" init --quiet

: >empty.csv
echo 'a,b,y' >header.csv
printf 'a,b,y\n1,x,0\n' >one.csv
printf 'a,b,y\n1,x,0\n2,y,1\n' >two.csv
printf 'y\n1\n0\n1\n' >alone.csv
printf 'a,b,y\n,,\n,NA,\n' >missing.csv
printf 'a,b,y\n5,x,1\n5,x,1\n' >equal.csv
printf 'a,b,y\n1,x,1\n2,y,1\n' >oneclass.csv
printf 'a,w\n1,0\n2,0\n' >weightless.csv
printf 'a,c\n1,x\n1,x\n2,y\n2,y\n' >apart.csv

try "$assay" data profile empty.csv
is "$rc" 2 "an empty file is told"
like "$err" 'is empty' "and what is wrong with it"
try "$assay" data profile header.csv
like "$err" 'holds a header but no data' "a header alone is told"

# No command fails on what holds a row, and no number that is none is printed.
faults=
for file in one two alone missing equal oneclass weightless; do
    last=$(head -1 $file.csv | sed 's/.*,//')
    first=$(head -1 $file.csv | cut -d, -f1)
    for args in "profile $file.csv" "profile $file.csv --json" "profile $file.csv --column $last" "profile $file.csv --by $last" \
        "profile $file.csv --by $last --json" "profile $file.csv --against $file.csv" "profile $file.csv --against $file.csv --json" \
        "profile $file.csv --out $file.json" "merge $file.json" "merge $file.json $file.json --json" "relations $file.csv" \
        "relations $file.csv --label $last" "relations $file.csv --label $last --json" "relations $file.csv --against $file.csv" \
        "relations $file.csv --columns $first"; do
        # shellcheck disable=SC2086 # words
        try "$assay" data $args
        [ "$rc" = 0 ] || faults+=" $args: $err"
        grep -qiE '(^|[^a-z"])-?nan([^a-z"]|$)|[^a-z"]inf([^a-z]|$)' <<<"$out$err" && faults+=" $args: a number that is none"
    done
done
is "$faults" "" "every command says what it can"

try "$assay" data profile weightless.csv --weight w --column a
is "$(grep -c 'nan' <<<"$out")" 0 "of no weight there is no share"
like "$out" 'missing +–' "which is said"
try "$assay" data profile apart.csv --column a --by c
like "$out" 'F infinite +p <0.0001' "nothing varies within the groups"
try "$assay" data profile two.csv --column a --by y
is "$(grep -c 'means differ' <<<"$out")" 0 "two rows in two groups do not tell that they differ"
like "$out" 'AUC +1$' "nor an interval"
try "$assay" data profile alone.csv --by y
like "$err" 'no other column' "with one column there is nothing to be split"
is "$(grep -c 'differs:' <<<"$err")" 0 "and no measure of it"

# Whatever differs tells two rows apart.
try "$assay" data relations two.csv --label y
is "$(grep -c 'leak' <<<"$out")" 0 "no leak is told of two rows"
like "$err" 'nearly tells the label y, but among so few cases chance does so, too' "why not is said"
try "$assay" data relations two.csv --label y --json
is "$("$json_get" <<<"$out" to_label.0.strength to_label.0.chance to_label.0.leaks)" $'1\n1\nfalse' "--json: chance, leaks"

# A copy of the label in thirty rows is one.
{
    echo 'copy,other,y'
    for i in $(seq 30); do echo "$([ $((i % 2)) = 0 ] && echo paid || echo open),$((i * 7 % 11)),$((i % 2))"; done
} >copy.csv
try "$assay" data relations copy.csv --label y
like "$out" 'copy .* leak\?' "a copy of the label is told"
try "$assay" data relations copy.csv --label y --json
is "$("$json_get" <<<"$out" to_label.0.a to_label.0.leaks to_label.1.leaks)" $'copy\ntrue\nfalse' "--json: it leaks, the other does not"

try "$assay" data add one one.csv --label y
like "$out" '1 row x 3 columns' "one row"
try "$assay" data add alone alone.csv --label y
like "$out" '3 rows x 1 column$' "one column"
try "$assay" --once relations:one
like "$out" 'has one class only' "the screen says why nothing is related"

plan
