#!/bin/bash
# Weights of rows and the page of one column, from the command line.
# shellcheck disable=SC1091,SC2154 # what tap.bash sets
. "$(dirname "$0")/../lib/tap.bash"
cd "$tmp" || exit 3
"$assay" init --quiet

printf 'x,city,when,w\n1,Basel,2026-01-05,1\n2,Bern,2026-01-06,3\nNA,,2026-01-08,2\n10,Basel,2026-02-05,0\n4,Chur 7,2026-01-07,1\n' >w.csv
{
    echo x,city,when,w
    while IFS=, read -r x city when w; do
        for _ in $(seq "$w"); do echo "$x,$city,$when,$w"; done
    done < <(tail -n +2 w.csv)
} >out.csv
types=(--type x=num --type city=cat --type w=int --weight w)

try "$assay" data profile ./w.csv "${types[@]}" --weights frequency --json
is "$("$json_get" <<<"$out" rows weights weight columns.0.count columns.0.missing columns.0.mean columns.0.weighted)" \
    $'7\nfrequency\nw\n5\n2\n2.2\nnull' "frequencies: the rows written out"
frequency=$("$json_get" <<<"$out" columns)
try "$assay" data profile ./out.csv "${types[@]}" --weights none --json
is "$("$json_get" <<<"$out" columns)" "$frequency" "which are the same as rows that are written out"
try "$assay" data profile ./w.csv "${types[@]}" --memory 64M --weights frequency --json
is "$("$json_get" <<<"$out" columns)" "$frequency" "also when they are summed up as they come"
try "$assay" data profile ./w.csv "${types[@]}" --json
is "$("$json_get" <<<"$out" rows weights columns.0.count columns.0.mean columns.0.weighted.mean columns.0.weighted.rows columns.0.weighted.weight)" \
    $'5\nsampling\n4\n4.25\n2.2\n3\n5' "weights of which nothing is said are sampling weights"
printf 'x,w\n1,1\n2,3\n' >good.csv && printf 'x,w\n1,1\n2,0.5\n' >half.csv && printf 'x,w\n1,-1\n' >below.csv
for how in '' '--memory 64M'; do
    # shellcheck disable=SC2086 # words
    fails 2 'half\.csv: column w is the weight, but the value of row 2 is no whole' "where a weight is wrong: its file${how:+ with $how}" \
        "$assay" data profile ./good.csv ./half.csv --weight w --weights frequency $how
    # shellcheck disable=SC2086
    fails 2 'below\.csv: column w is the weight, but the value of row 1 is negative' "and one below 0${how:+ with $how}" \
        "$assay" data profile ./good.csv ./below.csv --weight w $how
done
try "$assay" data profile ./w.csv "${types[@]}" --weights none --json
is "$("$json_get" <<<"$out" rows weights columns.0.mean columns.0.weighted)" $'5\nnone\n4.25\nnull' "or none"
try "$assay" data profile ./w.csv "${types[@]}"
like "$out" 'mean +weighted +sd' "people see both means"
printf 'g,x,n\n5,1,0\n,2,1\n,3,2\n' >none.csv
try "$assay" data profile ./none.csv --by g --weight n --weights frequency --json
is "$rc $("$json_get" <<<"$out" rows groups.0.value 'groups.#')" $'0 3\nmissing\n1' "by a column whose values have no weight"
fails 2 'sampling, frequency or none' "a kind that there is not" "$assay" data profile ./w.csv --weight w --weights often
fails 2 'no column is the weight' "weights without their column" "$assay" data profile ./w.csv --weights sampling
printf 'x,w\n1,1\n2,0.5\n' >half.csv
fails 2 'row 2 is no whole number' "half a row" "$assay" data profile ./half.csv --weight w --weights frequency
fails 2 'row 2 is no whole number' "half a row, summed up as it comes" "$assay" data profile ./half.csv --weight w --weights frequency --memory 64M

try "$assay" data add weighted w.csv "${types[@]}" --quiet
is "$rc" 0 "a data set with weights"
try "$assay" data profile weighted --json
is "$("$json_get" <<<"$out" rows weights columns.0.mean columns.0.weighted.mean)" $'5\nsampling\n4.25\n2.2' "what is kept has the estimates beside it"
try "$assay" data profile weighted --weights none --json
is "$("$json_get" <<<"$out" rows weights columns.0.mean columns.0.weighted)" $'5\nnone\n4.25\nnull' "which may be left away"
try "$assay" data profile weighted --weights frequency --json
is "$("$json_get" <<<"$out" columns)" "$frequency" "and frequencies are reckoned when they are asked for"
try "$assay" data profile weighted --json
is "$("$json_get" <<<"$out" weights)" sampling "without being kept"

# By group, and against another one.
sed '1s/$/,g/; 2,$s/$/,u/; 4,$s/u$/v/' w.csv >groups.csv
{
    head -1 groups.csv
    while IFS=, read -r x city when w g; do
        for _ in $(seq "$w"); do echo "$x,$city,$when,$w,$g"; done
    done < <(tail -n +2 groups.csv)
} >groups-out.csv
by=("${types[@]}" --type g=cat --by g)
try "$assay" data profile ./groups.csv "${by[@]}" --weights frequency --json
is "$("$json_get" <<<"$out" rows weights weight groups.0.rows splits.0.weights)" $'7\nfrequency\nw\n4\nfrequency' "--by with frequencies"
frequency=$("$json_get" <<<"$out" groups)
try "$assay" data profile ./groups-out.csv "${by[@]}" --weights none --json
is "$("$json_get" <<<"$out" groups)" "$frequency" "which are the same as rows that are written out"
try "$assay" data profile ./groups.csv "${by[@]}" --column x --json
is "$("$json_get" <<<"$out" weights splits.0.groups.0.name splits.0.groups.0.mean splits.0.groups.0.weighted.mean splits.0.groups.0.weighted.share splits.0.groups.0.weighted.missing)" \
    $'sampling\nv\n7\n4\n0.42857142857142855\n0.6666666666666666' "sampling weights: estimates beside the rows"
try "$assay" data profile ./groups.csv "${by[@]}" --column city --json
is "$("$json_get" <<<"$out" splits.0.groups.1.name splits.0.values splits.0.groups.1.weighted.values)" $'u\n["Basel","Bern","Chur 7"]\n[0.25,0.75,0]' "shares of values too"
try "$assay" data profile ./groups.csv "${by[@]}"
like "$out" 'g +rows +share +weighted.*weighted +type' "people see both"
like "$err" 'weighted by w, a sampling weight; all else is of the rows as they stand' "and what is weighted"
try "$assay" data profile ./groups.csv "${by[@]}" --weights none
[[ $out != *weighted* ]]
ok $? "--weights none: nothing of it"
try "$assay" data profile ./groups.csv "${by[@]}" --column x --csv
is "$(head -1 <<<"$out" | tr , '\n' | tail -4 | tr '\n' ' ')$(sed -n 2p <<<"$out" | cut -d, -f29)" "weighted_share weighted_missing weighted_mean weighted_se 4" "--csv"
try "$assay" data profile ./out.csv "${types[@]}" --against ./w.csv --weights frequency --json
is "$("$json_get" <<<"$out" now.rows reference.rows differences.0.mean.reference)" $'15\n7\n2.2' "--against with frequencies"
try "$assay" data profile ./w.csv "${types[@]}" --against ./out.csv --json
is "$("$json_get" <<<"$out" differences.0.mean.now differences.0.weighted.mean.now differences.0.weighted.missing.now reference.weights)" \
    $'4.25\n2.2\n0.2857142857142857\nsampling' "--against with sampling weights"
try "$assay" data profile ./w.csv "${types[@]}" --against weighted
like "$out" 'numbers +missing.*weighted +missing' "people see both there too"
try "$assay" data profile ./w.csv "${types[@]}" --against weighted --weights none --json
is "$("$json_get" <<<"$out" now.weights reference.weights)" $'none\nnone' "or none of either"

# Frequencies that are all 0 leave nothing to tell of.
printf 'x,g,w\n1,u,0\n2,v,0\n' >zero.csv
for how in '' '--memory 64M' '--by g --type g=cat' '--against ./good.csv'; do
    # shellcheck disable=SC2086 # words
    fails 2 'column w is the weight, and it is 0 in every row' "frequencies that are all 0${how:+ with $how}" \
        "$assay" data profile ./zero.csv --weight w --weights frequency $how
done
try "$assay" data profile ./zero.csv --weight w --type w=int --type x=num --type g=cat --weights frequency --out zero.json
is "$rc" 0 "a part of the rows may be so"
like "$err" 'is 0 in every row' "... which is said"
fails 2 'is 0 in every row' "but not all parts" "$assay" data merge zero.json
printf 'x,g,w\n1,u,2\n2,v,1\n' >some.csv
try "$assay" data profile ./some.csv --weight w --type w=int --type x=num --type g=cat --weights frequency --out some.json
try "$assay" data merge zero.json some.json --json
is "$rc $("$json_get" <<<"$out" rows)" "0 3" "with others it counts for nothing"

try "$assay" data profile ./w.csv "${types[@]}" --column x
like "$out" 'weighted by +w, a sampling weight' "one column: what it is weighted by"
like "$out" 'outside +beyond' "... what lies outside"
like "$out" 'quantile +value +weighted' "... its quantiles"
try "$assay" data profile weighted --column city
like "$out" 'Shapes' "... shapes of texts"
like "$out" 'Aa 9 +1' "... with digits as 9"
like "$out" 'missing +1 .*empty 1' "... how missing values are spelled"
try "$assay" data profile weighted --column when
like "$out" 'to the day, not in the order of the rows' "... the unit of times"
like "$out" 'Wednesday +1 ' "... and their weekdays"
is "$(for column in x city when w; do "$assay" data profile weighted --column $column; done | LC_ALL=C.UTF-8 grep -E '^.{81}')" "" "all of it within 80 columns"
try "$assay" data profile weighted --column x --json
is "$("$json_get" <<<"$out" 'columns.#' columns.0.name columns.0.fences.above)" $'1\nx\n0' "one column as JSON"
fails 2 'did you mean "city"' "a column that is not there" "$assay" data profile weighted --column cty
if command -v sqlite3 >/dev/null; then
    # As versions before this one kept it: without anything of weights, texts and times.
    sqlite3 .assay/assay.db "UPDATE profile SET json = '{\"rows\":5,\"columns\":[]}'"
    try "$assay" data profile weighted --json
    is "$("$json_get" <<<"$out" 'columns.#' weights)" $'4\nsampling' "a profile of an earlier version is computed anew"
    sqlite3 .assay/assay.db "UPDATE profile SET json = '{\"rows\":5,\"columns\":[]}'"
    mv w.csv gone.csv
    try "$assay" data profile weighted --json
    is "$rc $("$json_get" <<<"$out" rows 'columns.#')" $'0 5\n0' "and shown as it is where its files are gone"
fi
plan
