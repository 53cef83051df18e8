#!/bin/bash
# A data set by one of its columns, and against another one, from the command line.
# shellcheck disable=SC1091,SC2016,SC2154 # what tap.bash sets; single quotes where another shell expands
. "$(dirname "$0")/../lib/tap.bash"
cd "$tmp" || exit 3
"$assay" init --quiet

{
    printf 'id,age,"my ""city""",plan,when,good\n'
    for i in $(seq 1 240); do
        printf '%d,%s,%s,%s,2026-%02d-10,%s\n' "$i" "$([ $((i % 8)) = 0 ] || echo $((20 + i % 3 * 10 + i % 7)))" \
            "$([ $((i % 3)) = 0 ] && echo "O'Hare" || echo Basel)" "p$((i % 4))" $((1 + i % 6)) "$([ $((i % 3)) = 2 ] && echo yes || echo no)"
    done
} >a.csv
# The next half year: older, another plan, no city, and what was a number is a text.
awk -F, 'NR == 1 { print "id,age,plan,when,good,extra" } NR > 1 { print $1 + 240 ",x" $2 "," ($4 == "p0" ? "p9" : $4) "," $5 "," $6 ",1" }' a.csv >b.csv
"$assay" data add one a.csv --label good --positive yes --id id --quiet >/dev/null
"$assay" data add two b.csv --label good --positive yes --id id --quiet >/dev/null

try "$assay" data profile one --by good
is "$rc" 0 "--by"
like "$out" 'good +rows +share.*false +160 +67 %.*true +80 +33 %' "how many rows each group has"
like "$out" 'column +type +differs +AUC +false +true' "columns by groups, with the AUC of a binary label"
like "$out" 'age +int +0\.[0-9]+ +[01.]+ +[0-9.]+ +[0-9.]+' "means of numbers"
like "$out" 'when +time .* 2026-0[0-9]-[0-9]+' "times are times"
like "$out" 'missing in.*age ' "what is missing by group"
like "$err" 'differs: 0 not at all' "what the measure is"

# The same numbers, group by group, as of the rows that the expression finds.
try "$assay" data profile one --by 'my "city"' --json
is "$rc $("$json_get" <<<"$out" rows by 'groups.#' groups.1.value groups.1.where groups.1.rows 'groups.1.columns.#')" \
    $'0 240\nmy "city"\n2\nO\'Hare\n"my ""city""" = \'O\'\'Hare\'\n80\n6' "--by --json: groups with expressions"
is "$("$json_get" <<<"$out" 'splits.#' splits.0.by splits.0.kind)" $'5\nmy "city"\nvalues' "--by --json: splits"
mean=$("$json_get" <<<"$out" groups.1.columns.1.mean)
where=$("$json_get" <<<"$out" groups.1.where)
try "$assay" data rows one --where "$where" --csv --limit 0
printf '%s\n' "$out" | cut -d, -f2- >part.csv
is "$(wc -l <part.csv)" 81 "data rows finds the rows of a group"
try "$assay" data profile part.csv --type age=int --json
is "$("$json_get" <<<"$out" columns.1.mean)" "$mean" "their profile is the group's"

try "$assay" data profile one --by when --column age --json
is "$rc $("$json_get" <<<"$out" splits.0.kind 'splits.#' splits.0.groups.0.name splits.0.groups.1.where splits.0.groups.5.where)" \
    $'0 time\n1\n2026-W02\n"when" >= \'2026-01-12\' AND "when" < \'2026-01-19\'\n"when" >= \'2026-02-09\' AND "when" < \'2026-02-16\'' "--by a time: weeks"
try "$assay" data profile one --by age --column plan --csv
is "$rc $(head -1 <<<"$out" | cut -d, -f1-6)" "0 column,type,by,group,where,rows" "--csv"
like "$out" $'plan,cat,age,[0-9]+ to [0-9]+,' "--by a number: ranges"
try "$assay" data profile one --by plan --column age
like "$out" $'plan +rows +missing +mean +sd .*distribution' "one column whole"
like "$out" 'means differ +eta [0-9.]+' "and how much the groups differ"
try "$assay" data profile one --by plan --column good
like "$out" 'values differ +V [0-9.]+' "of a bool: how its values differ"

# One column of files is read with the one that it is split by alone.
try "$assay" data profile one --by plan --column age
whole=$out
try "$assay" data profile ./a.csv --by plan --column age --label good --positive yes --id id
is "$out" "$whole" "of files as of what is registered"
fails 2 'did you mean "age"' "a column that is not there" "$assay" data profile ./a.csv --by plan --column agee
fails 2 'not a whole number' "other columns are read as ever" "$assay" data profile ./a.csv --by plan --column age --type good=int

cp a.csv a2.csv
try "$assay" data profile ./a.csv ./a2.csv --by file --csv
is "$rc $(sed -n 2p <<<"$out" | cut -d, -f3,4,6)" "0 file,./a.csv,240" "--by file"
fails 2 'one file only' "--by file of one file" "$assay" data profile ./a.csv --by file
fails 2 'did you mean "plan"' "--by a column that is not there" "$assay" data profile one --by plam
fails 2 'type id' "--by ids" "$assay" data profile one --by id
fails 2 'split by' "a column by itself" "$assay" data profile one --by plan --column plan
fails 2 'one at a time' "--by and --against" "$assay" data profile one --by plan --against two
fails 2 'number of .* age|row 8 is' "--by with weights that are none" "$assay" data profile ./a.csv --by plan --weight age --weights frequency
fails 2 'registered' "a registered set is read as it was registered" "$assay" data profile one --by plan --delimiter tab

try "$assay" data profile two --against one
is "$rc" 0 "--against"
like "$out" 'rows +240, were 240' "rows now and then"
like "$out" 'new columns +extra' "columns that appeared"
like "$out" 'lost columns +my "city"' "columns that went"
like "$out" 'other types +age \((cat|text), was int\)' "types that changed"
like "$out" 'new values +plan: p9' "new values"
like "$out" 'lost values +plan: p0' "lost values"
try "$assay" data profile two --against one --json
is "$rc $("$json_get" <<<"$out" now.rows reference.rows 'differences.#' differences.1.column differences.1.status differences.1.type.reference differences.6.status differences.2.values.0.difference)" \
    $'0 240\n240\n7\nage\ntype\nint\ndisappeared\n-0.25' "--against --json"
try "$assay" data profile one --against ./a.csv --csv
is "$rc $(grep -c ',same,' <<<"$out")" "0 6" "against the same: nothing differs"
try "$assay" data profile ./a.csv --against ./a2.csv --json
is "$rc $("$json_get" <<<"$out" differences.1.status differences.1.mean.difference differences.1.mean.in_sd)" $'0 same\n0\n0' "files against files"
fails 1 'no data set "nothing"' "--against what is not registered" "$assay" data profile one --against nothing
fails 3 'none\.csv' "--against a file that is not there" "$assay" data profile one --against ./none.csv

# Of many columns those that differ most, in lines that fit.
awk 'BEGIN { srand(1)
    for (file = 0; file < 2; file++) {
        name = file ? "now.csv" : "was.csv"
        for (i = 0; i < 90; i++) printf "%s%s%d", i ? "," : "", i < 60 ? "m" : file ? "quite_new_" : "old", i >name
        print "" >name
        for (r = 0; r < 40; r++) {
            for (i = 0; i < 90; i++) printf "%s%.3f", i ? "," : "", rand() + (file && i == 41 ? 9 : 0) >name
            print "" >name
        }
        close(name)
    } }'
try "$assay" data profile ./now.csv --against ./was.csv
is "$rc $(grep -c ' sd ' <<<"$out")" "0 20" "--against: twenty of sixty columns"
like "$out" $'numbers \\(20 of 60, those that differ most; --limit 0 shows all\\)\nnumbers [^\n]*\nm41 ' "what differs most first"
like "$out" $'new columns +quite_new_60, .*\n +quite.*\n +and [0-9]+ more' "names in lines, and how many more there are"
is "$(LC_ALL=C.UTF-8 grep -E '^.{101}' <<<"$out")" "" "none too long"
try "$assay" data profile ./now.csv --against ./was.csv --limit 0
is "$rc $(grep -c ' sd ' <<<"$out") $(grep -o "quite_new_" <<<"$out" | wc -l)" "0 60 30" "--limit 0: all of them"
try "$assay" data profile ./now.csv --against ./was.csv --json
is "$("$json_get" <<<"$out" 'differences.#' differences.40.column)" $'120\nm40' "programs get all, in the order of the table"
fails 2 'tables of --against' "--limit without --against" "$assay" data profile ./now.csv --limit 3

# What does not fit is read again, some columns at a time: the same in every byte.
awk 'BEGIN { srand(2)
    for (i = 0; i < 40; i++) printf "%s%s", i ? "," : "", i == 0 ? "g" : i == 1 ? "w" : i == 2 ? "row_id" : i == 3 ? "late" : "m" i
    print ""
    for (r = 0; r < 1500; r++) {
        printf "%s,%d,%d,%d", substr("abcde", 1 + int(rand() * 5), 1), int(rand() * 4), r, r
        for (i = 4; i < 40; i++) printf ",%s", rand() < 0.02 ? "" : i % 5 ? int(rand() * 9) : substr("xyz", 1 + int(rand() * 3), 1)
        print ""
    } }' >block.csv
{ cat block.csv; for _ in {1..99}; do tail -n +2 block.csv; done; tail -1 block.csv | sed 's/^\([^,]*,[^,]*,[^,]*\),[^,]*/\1,code/'; } >large.csv
sed 's/^a,/f,/' block.csv >last.csv
gzip -1 -k last.csv
same_in_passes() { # NAME ARGS…: once as it is, once in little memory
    local name=$1
    shift
    "$assay" data profile "$@" >one.out 2>one.err
    "$assay" data profile "$@" --memory 64M >passes.out 2>passes.err && cmp one.out passes.out && cmp one.err passes.err
    ok $? "in passes: $name"
}
same_in_passes "for people" ./large.csv ./large.csv --by g
same_in_passes "JSON of several files, one of them packed" ./large.csv ./last.csv.gz --by g --json
same_in_passes "by file" ./large.csv ./large.csv ./last.csv --by file --csv
same_in_passes "sampling weights" ./last.csv ./large.csv --by m6 --weight w --json
same_in_passes "frequency weights" ./large.csv --by g --weight w --weights frequency --json
"$assay" data profile ./large.csv --by g --json >one.out
# shellcheck disable=SC2002 # it is to come through a pipe
cat large.csv | "$assay" data profile - --by g --memory 64M --json | cmp - one.out
ok $? "what comes through a pipe is kept for that"
"$assay" data add large large.csv --quiet >/dev/null
same_in_passes "a registered one" large --by g --json
{ cat large.csv; for _ in 1 2; do tail -n +2 large.csv; done; } | cut -d, -f1-6 >long.csv
fails 3 'may be taken, but about .* needed for one column' "where not even one column fits" "$assay" data profile ./long.csv --by g --weight w --memory 64M
fails 2 'without --by' "parts have no groups" "$assay" data profile ./large.csv --by g --out part.json
awk 'BEGIN { for (r = 0; r < 3; r++) { for (i = 0; i < 20000; i++) printf "%s%s%d", i ? "," : "", r ? "" : "c", i + r; print "" } }' >wide.csv
fails 3 '20,000 columns take .* --memory 1[0-9][0-9]M is the least' "more columns than memory" "$assay" data profile ./wide.csv --memory 64M

# What stands in data does not reach the terminal as it is.
printf 'a,b\n\033[31mred\033[0m,1\n\033[31mred\033[0m,2\nplain,3\nplain,4\n' >raw.csv
try "$assay" data profile ./raw.csv --by a --type a=cat
[[ $out != *$'\033'* ]]
ok $? "escapes in names of groups are made safe"
try "$assay" data profile ./raw.csv --against ./a.csv --type a=cat
[[ $out$err != *$'\033'* ]]
ok $? "and in differences"
printf 'g,x,y\nu,1,1\nv,2,1\n' >few.csv
try "$assay" data profile ./few.csv --type g=cat --type x=num --by g --json
is "$rc $("$json_get" <<<"$out" splits.0.f_p splits.0.f_p_why splits.0.missing_p splits.0.missing_p_why)" \
    $'0 null\nthe column or the groups are constant, or too little is there\nnull\nnothing is missing, or everything, or there is one group' "beside what cannot be told stands why"
try "$assay" data profile two --against one --column age --csv
is "$rc $(tail -n +2 <<<"$out" | cut -d, -f1)" "0 age" "--against with --column: that one alone"
fails 2 'no column "agee" in either' "--against with a column that neither has" "$assay" data profile two --against one --column agee
plan
