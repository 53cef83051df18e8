#!/bin/bash
# Data sets from the command line: registered, shown, profiled, searched, forgotten; and every kind of bad file.
# shellcheck disable=SC1091,SC2016,SC2154 # what tap.bash sets; single quotes where another shell expands
. "$(dirname "$0")/../lib/tap.bash"
cd "$tmp" || exit 3
"$assay" init --quiet

printf 'id,age,income,city,when,target\n' >a.csv
for i in $(seq 1 200); do
    printf '%d,%d,%s,%s,2026-01-%02d,%s\n' "$i" $((20 + i % 50)) "$((i * 37 % 1000)).5" \
        "$([ $((i % 3)) = 0 ] && echo "New York" || echo Basel)" $((1 + i % 28)) "$([ $((i % 4)) = 0 ] && echo yes || echo no)"
done >>a.csv
sed 's/,26,/,,/' a.csv >b.csv

try "$assay" data add people a.csv --label target --positive yes --id id
is "$rc" 0 "data add"
like "$out" 'people@1 .*200 rows x 6 columns' "it says what it registered"
try "$assay" data add people a.csv --label target --positive yes --id id --json
is "$("$json_get" <<<"$out" version known rows columns)" $'1\ntrue\n200\n6' "the same bytes read the same way are one version"
try "$assay" data add people b.csv --label target --positive yes --id id
like "$out" 'people@2' "other bytes are the next version"
try "$assay" data add people a.csv --label target --positive no --id id
like "$out" 'people@3' "another reading is another version"

try "$assay" data ls --json
is "$("$json_get" <<<"$out" '#' 0.name 0.version 2.version)" $'3\npeople\n3\n1' "data ls --json"
try "$assay" data ls --csv
is "$(head -1 <<<"$out")" "name,version,rows,columns,digest,created" "data ls --csv"
try "$assay" data ls
like "$out" 'people +3 +200 +6' "data ls"
try "$assay" data show people@1 --json
is "$("$json_get" <<<"$out" name version rows 'columns.#' columns.0.roles columns.1.type columns.3.type columns.4.type columns.5.roles files.0.sha256)" \
    "people"$'\n1\n200\n6\nid\nint\ncat\ntime\nlabel\n'"$(sha256sum a.csv | cut -d' ' -f1)" "data show --json"
try "$assay" data show people
like "$out" 'versions +3, 2, 1' "data show"

try "$assay" data profile people@2 --json
is "$("$json_get" <<<"$out" rows columns.1.name columns.1.missing columns.1.exact columns.3.top.0.value columns.3.mean)" \
    $'200\nage\n4\ntrue\nBasel\nnull' "data profile --json: counts, top values, null with a why"
"$json_get" <<<"$out" columns.2.quantiles.0.5 2>/dev/null
"$json_get" <<<"$out" columns.2.histogram.edges columns.2.histogram.counts columns.2.skewness columns.2.mad columns.2.lag1 >/dev/null
ok $? "data profile --json: every quantity of the contract"
first=$out
try "$assay" data profile people@2 --json
is "$out" "$first" "a kept profile is the same as a fresh one"
try "$assay" data profile b.csv --label target --positive yes --id id --json
is "$out" "$first" "and as one of the file itself"
try "$assay" data profile people@1 --csv
is "$(wc -l <<<"$out")" 7 "data profile --csv has a line a column"
try "$assay" data profile people@1
like "$out" 'city +cat' "data profile for people"
fails 2 'registered' "options for reading have no place with a registered set" "$assay" data profile people --delimiter tab

try "$assay" data rows people --where "age > 60 and city = 'New York'" --json
n=$("$json_get" <<<"$out" matched)
want=$(awk -F, 'NR > 1 && $2 > 60 && $4 == "New York"' a.csv | wc -l)
is "$n" "$want" "data rows counts what matches"
try "$assay" data rows people --where 'age = 69' --columns id,age --csv --limit 0
is "$(head -2 <<<"$out")" $'row,id,age\n49,49,69' "data rows --csv: row number and the chosen columns"
try "$assay" data rows people --limit 3
is "$(wc -l <<<"$out")" 4 "data rows --limit"
like "$err" '3 of 200' "and it says that there are more"
try "$assay" data rows people --where 'age > 5000'
like "$rc$err" '^0none of [0-9,]+ rows$' "that no row matches is said"
fails 2 'age2|character' "an unknown column in --where" "$assay" data rows people --where 'age2 > 1'
fails 2 'character' "--where that makes no sense" "$assay" data rows people --where 'age >'
fails 2 'did you mean' "an unknown column in --columns" "$assay" data rows people --columns agee

# ---- relations ----
{
    head -1 a.csv | sed 's/target/copy,target/'
    sed 1d a.csv | awk -F, -v OFS=, '{ if (NR % 10 == 0) { $3 = ""; $4 = "" } print $1, $2, $3, $4, $5, $2, $6 }'
    echo '201,21,37.5,Basel,2026-01-02,21,no'
} >rel.csv
"$assay" data add related rel.csv --label target --positive yes --id id --quiet
try "$assay" data relations related --json
is "$rc" 0 "data relations"
is "$("$json_get" <<<"$out" rows label binary pair_rows pair_count 'to_label.#' pairs.0.a pairs.0.b pairs.0.kind pairs.0.pearson pairs.0.n)" \
    $'201\ntarget\ntrue\n201\n6\n4\nage\ncopy\nnumbers\n1\n201' "the strongest pair of features comes first"
like "$out" '"a":"age","b":"target","kind":"numbers","n":201,"strength":[0-9.e-]+,.*"auc":0\.[0-9]+,"auc_low":0\.[0-9]+,"auc_high":0\.[0-9]+' "AUC with its interval to a binary label"
is "$("$json_get" <<<"$out" missing.complete_rows missing.pairs.0.both missing.pairs.0.phi missing.pairs.0.jaccard missing.patterns.0.columns.0 missing.patterns.0.columns.1 missing.patterns.0.rows missing.patterns.0.first_row missing.pattern_count)" \
    $'181\n20\n1\n1\nincome\ncity\n20\n10\n1' "what goes missing together"
is "$("$json_get" <<<"$out" same.0.a same.0.b same.0.kind same.0.same_rows)" $'age\ncopy\nequal\n201' "columns that are the same"
is "$("$json_get" <<<"$out" duplicates.rows duplicates.sets duplicates.largest.0.count duplicates.largest.0.first_rows.0 duplicates.largest.0.first_rows.1)" \
    $'1\n1\n2\n1\n201' "rows that repeat, but for what names them"
like "$("$json_get" <<<"$out" notes.0)" 'without id' "which is said"
first=$out
try "$assay" data relations ./rel.csv --label target --positive yes --id id --json --threads 1
is "$out" "$first" "the same of the file itself, on one thread"
try "$assay" data relations related --label age --json --limit 1
is "$("$json_get" <<<"$out" label binary 'to_label.#' to_label.0.a 'pairs.#')" $'age\nfalse\n1\ncopy\n1' "another label, and no more lines than asked for"
try "$assay" data relations related --columns age,city --rows 50 --csv
is "$(head -1 <<<"$out") $(wc -l <<<"$out")" "with,a,b,kind,n,strength,pearson,spearman,v,mutual,eta,p,auc,auc_low,auc_high 4" "data relations --csv"
like "$(tail -1 <<<"$out")" '^feature,age,city,number by category,' "of the chosen columns"
like "$err" 'measured on 50 of 201 rows' "and it says that it measured a part"
try "$assay" data relations related
like "$out" 'relation to target' "data relations for people"
like "$out" '20 +10 +income, city' "with what is missing together"
fails 2 'did you mean' "an unknown column in --label" "$assay" data relations related --label agee
fails 2 'did you mean' "an unknown column in --columns" "$assay" data relations related --columns agee
fails 2 'type time' "a label that nothing is related to" "$assay" data relations related --label when
fails 2 'never occurs' "a positive value that is not there" "$assay" data relations related --positive maybe
fails 2 'registered' "options for reading have no place with a registered set" "$assay" data relations related --delimiter tab
"$assay" data rm related --quiet
sed 's/,[a-z]*$/,yes/; 1s/yes$/target/' rel.csv >one.csv
"$assay" data add one one.csv --label target --positive yes --id id --quiet
try "$assay" data relations one --json
is "$rc $("$json_get" <<<"$out" label label_why 'to_label.#' pair_count missing.pattern_count 'same.#' duplicates.sets | tr '\n' ';')" \
    "0 target;the label target has one class only: 'true';0;6;1;1;1;" "a label of one class takes nothing from the rest"
try "$assay" data relations one
like "$rc$out" $'^0.*relation to target: none\n  the label target has one class only: \'true\'\n' "for people its part says why it is empty"
try "$assay" data relations one --csv
like "$err" 'one class only' "which is said beside CSV"
"$assay" data rm one --quiet

# ---- what should tell nothing of the label ----
{
    echo case_id,ref,when,x,target
    awk 'BEGIN { for (i = 0; i < 400; i++) printf "%d,%s%d,2026-%02d-%02d,%d,%s\n", 5000 + i, i % 2 ? "A" : "B", i % 13 * 100 + i,
        1 + i % 10, 1 + i % 28, i * 7919 % 101, i % 2 || i % 10 == 8 ? "yes" : "no" }'
} >trails.csv
try "$assay" data relations trails.csv --label target --positive yes --id ref --json
is "$rc" 0 "data relations of a file with names given out by class"
is "$("$json_get" <<<"$out" 'trails.#' trails.0.what trails.0.tells trails.1.what trails.1.a trails.1.tells trails.2.what trails.2.a trails.2.tells trails.2.leaks)" \
    $'3\nrow order\nfalse\nid by number\ncase_id\nfalse\nid by text\nref\ntrue\nfalse' "names that tell of the label, and an order that does not"
is "$("$json_get" <<<"$out" label_over_time.0.column label_over_time.0.rows label_over_time.0.positive 'label_over_time.0.periods.#' label_over_time.0.periods.8.name label_over_time.0.periods.8.positive label_over_time.0.periods.8.rate label_over_time.0.changes)" \
    $'when\n400\n240\n10\n2026-09\n40\n1\ntrue' "the rate of the label by period"
try "$assay" data relations trails.csv --label target --positive yes --id ref
like "$out" 'ref, id by text .* tells of it' "for people"
like "$out" 'target over when: chi-square .* it changes' "with the rate over time"
like "$err" 'ref, which names rows, tells of the label target' "which is said"
try "$assay" data relations trails.csv --label x --json
is "$("$json_get" <<<"$out" 'trails.#' trails.0.kind 'label_over_time.#')" $'2\nnumbers\n0' "of a label of numbers the order by ranks, and no rate"

# ---- cells that are refused ----
printf 'g,x\n1,a\n2.5,b\n3.5,c\n' >halves.csv
fails 2 'halves\.csv, line 3: column 1 \(g\): "2\.5" is not a whole number' "a decimal in a column of whole numbers" "$assay" data profile halves.csv --type g=int
printf 'g,x\n1,a\n' >wholes.csv
fails 2 'against: .*line 3: column 1 \(g\): "2\.5"' "in a test set, too" "$assay" data relations wholes.csv --against halves.csv --type g=int

# ---- values next to each other, and as far apart as can be ----
{ echo x; for i in $(seq 0 16) $(yes "8 9" | head -100); do echo $((100000000000000000 + 16 * i)); done; } >close.csv
try "$assay" data profile close.csv --column x --type x=num
is "$rc $(sed -n '/^ *from /,/^$/p' <<<"$out" | grep -c '%')" "0 16" "a distribution over seventeen doubles: lines"
like "$out" '1e\+17 +101 +46\.5 % +█{30}' "with bars"
printf 'x\n-1.7e308\n0\n1.7e308\n' >far.csv
try "$assay" data profile far.csv --column x
is "$rc $(sed -n '/^ *from /,/^$/p' <<<"$out" | grep -c '33\.3 % *█')" "0 3" "from the least to the greatest number"
{ cat far.csv; for i in $(seq -16 16); do echo "${i}e307"; done; } >span.csv
try "$assay" data profile span.csv
like "$out" 'x .* (▅|▇|█){10}$' "the picture reaches as far"
printf 'x\n0\n5e-324\n' >tiny.csv
try "$assay" data profile tiny.csv --column x
is "$rc $(sed -n '/^ *from /,/^$/p' <<<"$out" | grep -c '█')" "0 1" "of zero and the least number"

# ---- days ----
printf 'x\n2026-10-01\n2026-10-02\n2026-10-02\n2026-10-05\n' >days.csv
try "$assay" data profile days.csv --column x
like "$out" $'median +2026-10-02\n' "a quantile of days is a day"
like "$out" '25 % +2026-10-01T18:00:00Z' "one between two days has an hour"
like "$out" '2026-10-02 +2 +50\.0 %' "a frequent day"
is "$(grep -c T00:00 <<<"$out")" 0 "none has one that says nothing"

# ---- rows of a test set ----
printf 'id,x,c,target\n1,1.5,a,no\n2,2,b,yes\n3,2.50,a,no\n4,,b,yes\n5,2,b,no\n' >train.csv
printf 'c,id,x,target,more\na,11,1.50,no,1\nb,12,2,yes,1\na,13,2.5,yes,2\nb,14,NA,yes,2\nq,15,1,no,2\n' >test.csv
try "$assay" data relations train.csv --against test.csv --label target --json
is "$rc" 0 "data relations --against"
is "$("$json_get" <<<"$out" train_rows test_rows 'columns.#' columns.0 only_test.0 label same.rows same.share same.first.2.test same.first.2.train alike.rows conflicts.rows conflicts.first.0.test conflicts.first.0.train conflicts.first.1.test train_repeats)" \
    $'5\n5\n3\nx\nmore\ntarget\n3\n0.6\n4\n4\n4\n2\n2\n5\n3\n0' "rows that stand in both, and with another label"
first=$out
"$assay" data add training train.csv --label target --positive yes --quiet
"$assay" data add testing test.csv --label target --positive yes --quiet
try "$assay" data relations training --against testing --json
is "$out" "$first" "the same of registered sets"
try "$assay" data relations training --against test.csv --json --threads 1
is "$out" "$first" "and of a file beside one"
try "$assay" data relations training --against testing
like "$out" 'in both +3 \(60 %\)' "for people"
like "$out" 'other label +2 \(40 %\)' "with those of another label"
like "$out" 'another label +2 +5' "and where they stand"
try "$assay" data relations training --against testing --csv
is "$(head -1 <<<"$out") $(wc -l <<<"$out")" "what,test_row,train_row 6" "data relations --against --csv"
try "$assay" data relations training --against testing --columns id --json
is "$("$json_get" <<<"$out" same.rows columns.0)" $'0\nid' "by the column that names rows, asked for by its name"
printf 'c,x,target\na,1.5,\n,x,no\n' >other.csv
try "$assay" data relations training --against other.csv --json
is "$("$json_get" <<<"$out" same.rows alike.rows conflicts.rows)" $'0\n1\n0' "a label that is missing is no other label"
like "$("$json_get" <<<"$out" notes.0)" 'x is of type num in one and cat in the other' "columns of other types are compared as text, which is said"
printf 'k,v\n7,a\n8,b\n' >short.csv
printf 'k,v\n007, a\n008, c\n' >long.csv
try "$assay" data relations short.csv --against long.csv --type k=num --trim --json
is "$("$json_get" <<<"$out" same.rows same.first.0.test 'notes.#')" $'1\n1\n0' "what is said of fields holds for the test set, too"
printf 'v;k\n a;007\n' >long.csv
try "$assay" data relations short.csv --against long.csv --type k=num --type v=text --trim --json
is "$rc $("$json_get" <<<"$out" same.rows)" "0 1" "which may be another kind of file"
fails 1 '\-\-against: ' "a reference that is not there" "$assay" data relations training --against nowhere
fails 2 'did you mean' "an unknown column in --columns" "$assay" data relations training --against testing --columns idd
fails 2 'no place beside' "--rows has no place there" "$assay" data relations training --against testing --rows 3
fails 2 'registered' "nor have options for reading" "$assay" data relations training --against testing --delimiter tab
"$assay" data rm training --quiet
"$assay" data rm testing --quiet

# A file that changed is not used.
cp a.csv c.csv
"$assay" data add moving c.csv --quiet
echo "201,20,1.5,Basel,2026-01-01,no" >>c.csv
fails 4 'c\.csv has changed' "a changed file is refused" "$assay" data rows moving
rm c.csv
fails 3 'c\.csv' "a file that is gone is named" "$assay" data rows moving

try "$assay" data rm people@2
is "$rc" 0 "data rm of one version"
try "$assay" data ls --json
is "$("$json_get" <<<"$out" '#')" 3 "it is gone from the list"
fails 1 'people@2' "and cannot be found" "$assay" data show people@2
try "$assay" data rm people
is "$rc" 0 "data rm of all versions"
fails 1 'people' "the name is gone" "$assay" data show people
fails 1 'movin' "a name that is not there" "$assay" data show movin
"$assay" data add people a.csv --quiet
try "$assay" data ls --json
is "$("$json_get" <<<"$out" 1.name 1.version)" $'people\n4' "version numbers are never used again"

# ---- bad files: one message that says what and where, the right status, nothing registered ----
before=$("$assay" data ls --json)
bad() { # status, expression, name, file, options…
    local status=$1 regex=$2 name=$3 file=$4
    shift 4
    fails "$status" "$regex" "$name: data add" "$assay" data add bad "$file" "$@"
    fails "$status" "$regex" "$name: data profile" "$assay" data profile "./$file" "$@"
}
bad 3 'missing\.csv.*No such file' "a file that is not there" missing.csv
mkdir folder.csv
bad 3 'folder\.csv' "a folder" folder.csv
# Root reads everything: so somebody else tries.
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
cp a.csv locked.csv
chmod 0 locked.csv
if [ "$(id -u)" != 0 ]; then
    bad 3 'locked\.csv.*denied' "an unreadable file" locked.csv
elif chmod 755 "$tmp" && "${nobody[@]}" test -x "$assay" 2>/dev/null; then
    mkdir other && chown 65534 other && "${nobody[@]}" "$assay" init --quiet other
    fails 3 'locked\.csv.*denied' "an unreadable file: data add" "${nobody[@]}" "$assay" --store other data add bad locked.csv
    fails 3 'locked\.csv.*denied' "an unreadable file: data profile" "${nobody[@]}" "$assay" data profile ./locked.csv
else
    skip "an unreadable file: data add" "root reads everything, and nobody else can run the program"
    skip "an unreadable file: data profile" "root reads everything, and nobody else can run the program"
fi
: >empty.csv
bad 2 'empty\.csv.*empty' "an empty file" empty.csv
printf '\n\n\n' >blank.csv
bad 2 'blank\.csv' "a file of empty lines" blank.csv
head -1 a.csv >header.csv
bad 2 'header\.csv' "a header and nothing else" header.csv --header yes
head -c 4096 "$assay" >binary.csv
bad 2 'binary\.csv' "a binary file" binary.csv
printf 'a,b\n1,2\n3\0003,4\n' >nul.csv
bad 2 'nul\.csv.*(line 3|NUL)' "a NUL byte" nul.csv
printf 'a,b,c\n1,2,3\n4,5\n6,7,8\n' >ragged.csv
bad 2 'ragged\.csv.*line 3' "a short record" ragged.csv
printf 'a,b,c\n1,2,3\n4,5,6,7\n' >long.csv
bad 2 'long\.csv.*line 3' "a long record" long.csv
{ printf 'a,b\n1,"'; head -c 3000000 /dev/zero | tr '\0' x; printf '"\n'; } >huge.csv
bad 2 'huge\.csv.*line 2' "a huge field" huge.csv
printf 'a,b\n1,"two\n3,4\n' >quote.csv
bad 2 'quote\.csv' "a quote that does not end" quote.csv
printf 'a,a\n1,2\n' >twice.csv
bad 2 'twice\.csv.*"?a"?' "two columns of one name" twice.csv
printf '\xff\xfea\0,\0b\0\n\0001\0,\0\x3d\xd8\n\0' >utf16.csv
bad 2 'utf16\.csv, line 2: half of a surrogate pair' "damaged UTF-16" utf16.csv
bad 2 'utf16\.csv.*UTF-16' "UTF-16 that is said to be another" utf16.csv --encoding latin-1
gzip -c a.csv | head -c 1000 >cut.csv.gz
bad 2 'cut\.csv\.gz, line [0-9]+: the file is packed by gzip, and it ends in the middle' "a packed file that is cut off" cut.csv.gz
{ gzip -c a.csv; echo rest; } >rest.csv.gz
bad 2 'rest\.csv\.gz, line 202: .*something else' "a packed file with something behind it" rest.csv.gz
bad 2 'frob' "an unknown encoding" a.csv --encoding frob
fails 2 'standard input cannot be registered' "the standard input cannot be registered" "$assay" data add bad - <a.csv
fails 2 'cannot be registered' "nor can a pipe" "$assay" data add bad <(cat a.csv)
bad 2 'colour' "a label that is no column" a.csv --label colour
bad 2 'colour' "a role for a column that is not there" a.csv --protected colour
bad 2 'num|type' "a type that a value does not allow" a.csv --type city=int
bad 2 'frob' "an unknown type" a.csv --type city=frob
bad 2 'delimiter' "a delimiter of two characters" a.csv --delimiter ab
fails 2 '@' "a data set's name with @" "$assay" data add 'a@b' a.csv
fails 2 'name' "an empty name" "$assay" data add '' a.csv
is "$("$assay" data ls --json)" "$before" "nothing was registered by any of them"

# Odd but fine.
printf 'n\xe4me,b\n1,caf\xe9\n2,x\n3,y\n' >latin1.csv
try "$assay" data profile ./latin1.csv
[[ $rc = 0 && $out == *'näme'*'café'* ]]
ok $? "Latin-1 is read as such"
like "$err" 'not UTF-8 .*line is 1 of \./latin1\.csv' "which is said, with the line"
try "$assay" data profile ./latin1.csv --encoding utf-8
[[ $rc = 0 && $out != *$'\xe9'* && $out == *'\xe9'* ]]
ok $? "or kept as bytes and shown escaped"

# Packed, in another encoding, through a pipe: the same table.
try "$assay" data profile ./a.csv --json
want=$out
gzip -c a.csv >same.dat
try "$assay" data profile ./same.dat --json
is "$out" "$want" "gzip, whatever the file is called"
{ head -n 50 a.csv | gzip; tail -n +51 a.csv | gzip; } >members.gz
try "$assay" data profile ./members.gz --json
is "$out" "$want" "gzip of several members"
if command -v iconv >/dev/null; then
    iconv -f UTF-8 -t UTF-16 a.csv >same16.csv
    try "$assay" data profile ./same16.csv --json
    is "$out" "$want" "UTF-16"
else
    skip "UTF-16" "there is no iconv"
fi
try bash -c '"$2" data profile - --json <"$1"' - same.dat "$assay"
is "$out" "$want" "the standard input from a file"
try bash -c 'cat "$1" | "$2" data profile - --json' - same.dat "$assay"
is "$out" "$want" "the standard input from a pipe"
try bash -c '{ read -r _; "$1" data profile - --json --names id,age,income,city,when,target; } <a.csv' - "$assay"
is "$("$json_get" <<<"$out" rows)" 200 "the standard input from where it stands"
"$assay" data add packed same.dat --quiet
try "$assay" data show packed --json
is "$("$json_get" <<<"$out" files.0.sha256 files.0.bytes)" "$(sha256sum same.dat | cut -d' ' -f1)"$'\n'"$(stat -c %s same.dat)" \
    "the digest of a packed file is of its bytes as they stand"
try "$assay" data rows packed --where 'id = 7' --csv
is "$(wc -l <<<"$out")" 2 "and it is read again"
printf 'a,b\n1,\n2,\n3,NA\n' >gone.csv
try "$assay" data profile ./gone.csv --json
is "$("$json_get" <<<"$out" columns.1.count columns.1.missing columns.1.mean)" $'0\n3\nnull' "a column that is all missing is described"
printf 'a;b\r\n1;2\r\n3;4\r\n' >crlf.csv
try "$assay" data profile ./crlf.csv --json
is "$("$json_get" <<<"$out" rows 'columns.#' columns.1.max)" $'2\n2\n4' "semicolons and CR LF"
printf 'k,a,y\n1,2,0\n2,3,1\n' >roles.csv
fails 2 'cannot be the label and the id' "a column with two parts to play" "$assay" data add roles roles.csv --label y --id y
fails 2 'cannot be the weight and the id' "which are more than one pair" "$assay" data add roles roles.csv --weight k --id k
fails 2 'only: .xff' "a name that is not UTF-8" "$assay" data add $'\xff' roles.csv
fails 2 'only: <U.202E>' "a name that would show as another" "$assay" data add $'\u202eevil' roles.csv
try "$assay" data add $'gr\u00fcn' roles.csv --quiet
is "$rc" 0 "a name in letters of another language"
fails 1 'lists the versions' "a version that is not there" "$assay" data show $'gr\u00fcn@9'
plan
