#!/bin/bash
# A profile in parts, as jobs of an array make them: joined they are what one pass says, byte by byte.
# shellcheck disable=SC1091,SC2154 # what tap.bash sets
. "$(dirname "$0")/../lib/tap.bash"
cd "$tmp" || exit 3
cp "$root"/sample-data/applications-2026-07.csv all.csv
rows=$(($(wc -l <all.csv) - 1))

parts() { # how many, options: part-1.json … of as many pieces of all.csv
    local k=$1 i from to
    shift
    rm -f piece-*.csv part-*.json
    for ((i = 1; i <= k; i++)); do
        from=$((rows * (i - 1) / k + 2)) to=$((rows * i / k + 1))
        { head -n 1 all.csv; sed -n "$from,${to}p" all.csv; } >"piece-$i.csv"
        "$assay" data profile "piece-$i.csv" "$@" --out "part-$i.json" --json >"piece-$i.json" || return 1
    done
}
in_order() { for ((i = 1; i <= $1; i++)); do echo "part-$i.json"; done; }

"$assay" data profile all.csv --json >table.json
for how in '--memory 64M' '--memory 1G' '' '--label repaid --positive yes --memory 96M'; do
    # shellcheck disable=SC2086 # words
    "$assay" data profile all.csv $how --out one.part --json >one.json
    for k in 2 5; do
        # shellcheck disable=SC2086
        parts $k $how
        ok $? "$k parts${how:+ with $how}"
        # shellcheck disable=SC2046
        "$assay" data merge $(in_order $k) --out merged.part --json >merged.json
        cmp -s one.json merged.json
        ok $? "joined, they are what one pass says"
        "$assay" data merge merged.part --json | cmp -s one.json -
        ok $? "and a part again, which says the same"
    done
done
"$assay" data profile all.csv --memory 1G --json | cmp -s table.json -
ok $? "with memory enough, what is summed up is what a table says"
"$assay" data profile all.csv --memory 1G >people.txt 2>notes.txt
"$assay" data merge merged.part >merged.txt 2>merged-notes.txt
is "$(head -n 3 merged.txt)" "$("$assay" data profile all.csv --label repaid --positive yes --memory 96M 2>/dev/null | head -n 3)" "for people, as data profile"
"$assay" data profile all.csv --csv >a.csv
parts 3
# shellcheck disable=SC2046
"$assay" data merge $(in_order 3) --csv | cmp -s a.csv -
ok $? "as CSV too"
gzip -k piece-2.csv
"$assay" data profile - --out part-2.json --quiet <piece-2.csv.gz >/dev/null
# shellcheck disable=SC2046
"$assay" data merge $(in_order 3) --csv | cmp -s a.csv -
ok $? "a part may be of packed bytes from a pipe"
"$assay" data profile piece-1.csv piece-2.csv.gz --out part-1.json >/dev/null 2>&1
"$assay" data merge part-1.json part-3.json --csv | cmp -s a.csv -
ok $? "and of several files"
"$assay" data merge part-3.json part-1.json --json | "$json_get" rows columns.1.mean >turned
is "$(cat turned)" "$("$json_get" rows columns.1.mean <table.json)" "another order changes no mean"

fails 3 'part-9\.json' "a part that is not there" "$assay" data merge part-1.json part-9.json
fails 2 'all\.csv, line 1: this is no part' "data is no part" "$assay" data merge all.csv
fails 2 'table\.json, line 1: this is no part' "a profile is no part" "$assay" data merge table.json
head -c 5000 part-3.json >short.json
fails 2 'short\.json, line [0-9]+: ' "a part that was cut off" "$assay" data merge short.json
try "$assay" data merge part-1.json part-3.json part-1.json
[[ $err == *'2 of 5 files have the bytes of another ('*'counted each time'* ]]
ok $? "a part that is joined twice is said"
sed 's/"lines":/"lines":1/' part-3.json >changed.json
fails 2 'changed\.json: the part was changed since it was written' "a part with another number in it" "$assay" data merge part-1.json changed.json
printf 'a,b\n1,2\n' >other.csv
"$assay" data profile other.csv --out other.part >/dev/null 2>&1
fails 2 'other\.part does not go with part-1\.json: .*columns' "parts of other data" "$assay" data merge part-1.json other.part
printf 'a,b\n1,x\n' >third.csv
"$assay" data profile third.csv --out third.part >/dev/null 2>&1
fails 2 "column b holds numbers in one part and texts in the other.*--type 'b=cat'" "numbers and texts" "$assay" data merge other.part third.part
for file in other third; do "$assay" data profile $file.csv --type b=cat --out $file.part >/dev/null 2>&1; done
try "$assay" data merge other.part third.part --json
is "$rc $("$json_get" <<<"$out" rows columns.1.type columns.1.distinct)" $'0 2\ncat\n2' "with a type that is said they go together"
fails 2 'memory 12: 64M is the least' "too little memory" "$assay" data profile all.csv --memory 12
fails 2 'not a size such as' "no size" "$assay" data profile all.csv --memory lots
fails 2 '--out is for a profile without --by' "no part of groups" "$assay" data profile all.csv --by repaid --out part.json
"$assay" init >/dev/null && "$assay" data add registered all.csv >/dev/null 2>&1
try "$assay" data profile registered --out registered.part --json
"$assay" data profile all.csv --out plain.part --json >plain.json
is "$rc $(cmp - plain.json <<<"$out" && echo same)" "0 same" "a part of what is registered"
try "$assay" data merge registered.part --json
is "$(cmp - plain.json <<<"$out" && echo same)" same "and back"
cp other.csv kept.csv
fails 2 'kept\.csv: that is there and is no part' "the file that is read is not replaced by a part" "$assay" data profile kept.csv --out kept.csv
fails 2 'kept\.csv: that is there and is no part' "nor any other by what is joined" "$assay" data merge other.part --out kept.csv
cmp -s other.csv kept.csv
ok $? "it stays as it was"
"$assay" data profile other.csv --type b=cat --out other.part --quiet >/dev/null
ok $? "a part is replaced by a part"
fails 2 "the name of a file is expected" "no name" "$assay" data profile other.csv --out ''
fails 2 'there is no column "zz"' "--out with a column that is not there" "$assay" data profile other.csv --out new.part --column zz
[ ! -e new.part ]
ok $? "leaves no part"
fails 3 'nowhere' "a part that cannot be written" "$assay" data profile all.csv --out nowhere/part.json
plan
