#!/bin/bash
# assay bias: counts and rates as awk makes them, of tables and of models; evidence; every way of asking wrongly.
# shellcheck disable=SC1091,SC2016,SC2154 # what tap.bash sets; single quotes where another shell expands
. "$(dirname "$0")/../lib/tap.bash"
cd "$tmp" || exit 3

# A table like the well-known one of a recidivism score: uneven groups, a score in words, some of them tiny.
awk 'BEGIN {
    srand(11); print "id,sex,race,age,score,text,again"
    split("Black,White,Latin,Other,Asian,Native", race, ",")
    for (i = 1; i <= 7000; i++) {
        u = rand(); r = u < .51 ? 1 : u < .85 ? 2 : u < .94 ? 3 : u < .992 ? 4 : u < .997 ? 5 : 6
        sex = rand() < .8 ? "Male" : "Female"; age = 18 + int(rand() * 50)
        p = .35 + (r == 1 ? .12 : 0) + (sex == "Male" ? .08 : 0) - (age - 35) * .006
        y = rand() < p; s = 1 + int(10 * (.65 * p + .45 * rand())); if (s > 10) s = 10
        print i "," sex "," race[r] "," age "," s "," (s < 5 ? "Low" : "High") "," (y ? "yes" : "no")
    }
}' >compas.csv

# by, columns: "group n tp fp fn tn" lines as awk counts them.
counted() { # columns by (numbers, comma between), file, condition for selected, condition for positive
    awk -F', *' -v by="$1" "NR > ${5:-1} && NF > 1 { k = split(by, at, \",\"); g = \$at[1]; for (i = 2; i <= k; i++) g = g \" & \" \$at[i]
        sel = ($3); pos = ($4); n[g]++; c[g, pos * 2 + sel]++ }
        END { for (g in n) print g \"|\" n[g] \"|\" c[g, 3] + 0 \"|\" c[g, 1] + 0 \"|\" c[g, 2] + 0 \"|\" c[g, 0] + 0 }" "$2" | LC_ALL=C sort
}
told() { # json, list, by: the same lines from the program
    local i n
    n=$("$json_get" "$2.#" <<<"$1")
    for ((i = 0; i < n; i++)); do
        [ "$("$json_get" "$2.$i.by" <<<"$1")" = "$3" ] || continue
        "$json_get" "$2.$i.group" "$2.$i.n" "$2.$i.tp" "$2.$i.fp" "$2.$i.fn" "$2.$i.tn" <<<"$1" | paste -sd'|'
    done | LC_ALL=C sort
}
compas() { "$assay" bias --table compas.csv --label again --positive yes "$@"; }
of_compas() { compas --by sex,race "$@"; }

try of_compas --score score --threshold 5 --intersect --bootstrap 200 --json
json=$out
is "$rc $err" "0 " "a table of decisions, by score"
is "$(told "$json" groups race)" "$(counted 3 compas.csv '$5 >= 5' '$7 == "yes"')" "counts by race are awk's"
is "$(told "$json" groups sex)" "$(counted 2 compas.csv '$5 >= 5' '$7 == "yes"')" "counts by sex are awk's"
is "$(told "$json" intersections sex,race)" "$(counted 2,3 compas.csv '$5 >= 5' '$7 == "yes"' | awk -F'|' '$2 >= 30')" \
    "counts of intersections are awk's; those of fewer than 30 cases are left out"
rates() { # selection_rate tpr fpr ppv of race Black, by awk
    awk -F, 'NR > 1 && $3 == "Black" { s = $5 >= 5; y = $7 == "yes"; n++; S += s; T += s && y; P += y }
        END { printf "%.12g %.12g %.12g %.12g\n", S / n, T / P, (S - T) / (n - P), T / S }' compas.csv
}
black=$(for i in 0 1 2 3 4 5 6 7; do [ "$("$json_get" "groups.$i.group" <<<"$json")" = Black ] && echo $i && break; done)
is "$("$json_get" "groups.$black.selection_rate.value" "groups.$black.tpr.value" "groups.$black.fpr.value" \
    "groups.$black.ppv.value" <<<"$json" | awk '{ printf "%s%.12g", (NR > 1 ? " " : ""), $1 } END { print "" }')" "$(rates)" \
    "and so are the rates"
is "$("$json_get" convention n threshold level replicates seed <<<"$json" | paste -sd' ')" "assay 7000 5 0.95 200 1" "what was asked is told"
"$json_get" measures.0.name measures.0.by measures.0.value measures.0.low measures.0.high measures.0.verdict measures.0.groups.1 \
    groups.0.accuracy.verdict groups.0.mean_score.low groups.0.npv.high <<<"$json" >/dev/null
ok $? "the members that commands.md promises are there"

# Decisions in words, and the same as 0 and 1.
awk -F, 'NR == 1 { print $0 ",flag,says" } NR > 1 { print $0 "," ($5 >= 5) "," ($5 >= 5 ? "yes" : "no") }' compas.csv >words.csv
a=$("$assay" bias --table words.csv --label again --positive yes --decision flag --by race --bootstrap 0 --json | "$json_get" groups)
b=$("$assay" bias --table words.csv --label again --positive yes --decision says --by race --bootstrap 0 --json | "$json_get" groups)
is "$a" "$b" "decisions may be 0 and 1, or words"
is "$(told "{\"groups\":$a}" groups race)" "$(counted 3 compas.csv '$5 >= 5' '$7 == "yes"')" "and are the score's at its threshold"

awk -F, 'NR == 1 { print $0 ",flag,y" } NR > 1 { print $0 "," ($5 >= 5) "," ($7 == "yes") }' compas.csv >ones.csv
a=$("$assay" bias --table ones.csv --label y --decision flag --by race --bootstrap 0 --json)
is "$(told "$a" groups race)" "$(counted 3 compas.csv '$5 >= 5' '$7 == "yes"')" "zeros and ones speak for themselves"
a=$("$assay" bias --table ones.csv --label y --positive 0 --decision flag --by race --bootstrap 0 --json)
is "$(told "$a" groups race)" "$(counted 3 compas.csv '$5 < 5' '$7 == "no"')" "unless 0 is said to be the positive one"

one=$(of_compas --score score --threshold 5 --bootstrap 300 --seed 4 --threads 1 --json)
two=$(of_compas --score score --threshold 5 --bootstrap 300 --seed 4 --threads 3 --json)
is "$one" "$two" "threads change nothing"
for as in fairlearn aif360 clarify aequitas; do
    is "$(of_compas --score score --threshold 5 --bootstrap 0 --as $as --json | "$json_get" convention)" $as "--as $as"
done
# Black against all others, in Clarify's words: DI = selection rate of the facet by that of the rest.
di=$(of_compas --score score --threshold 5 --bootstrap 0 --as clarify --json | tr '{' '\n' | grep '"groups":\["Black"\]' | grep '"name":"DI"' |
    grep -oE '"value":[0-9.]+' | cut -d: -f2)
want=$(awk -F, 'NR > 1 { g = $3 == "Black"; n[g]++; s[g] += $5 >= 5 } END { printf "%.12g\n", s[1] / n[1] / (s[0] / n[0]) }' compas.csv)
is "$(awk -v x="$di" 'BEGIN { printf "%.12g\n", x }')" "$want" "Clarify's DI of a facet, by awk"

try compas --score score --threshold 5 --reference race=White --cut age=25,45 --by race,age --bootstrap 0
is "$rc" 0 "text for people"
like "$out" 'White +[0-9,]+ .* reference' "the reference that was named"
like "$out" 'under 25 .*25 to under 45 .*45 and over' "a column of numbers cut where it was said"
like "$out" 'Native .* too few' "a tiny group is too few"
try compas --score score --threshold 5 --by age --bootstrap 0
like "$err" 'age: cut at its quartiles [0-9]+, [0-9]+, [0-9]+' "or at its quartiles, which it says"
try compas --score score --threshold 5 --bootstrap 0 --by sex --weight age
like "$err" 'age: the weights are not used' "weights are not used, which it says"
try of_compas --score score --threshold 5 --bootstrap 0 --intersect
like "$out" 'Female & Black .*(ok|at the limit|fails)' "intersections are held to the limits too"
try compas --score score --threshold 5 --bootstrap 0 --by sex --all
like "$out" 'AUC' "--all tells the AUC of each group"
try of_compas --score score --threshold 5 --bootstrap 0 --explain
like "$out" 'definition +The difference of the selection rates of two groups' "--explain says what a measure is"
printf 'g,y,d\n\033[31mred,1,1\n\033[31mred,0,1\nplain,1,0\nplain,0,0\n' >evil.csv
try "$assay" bias --table evil.csv --label y --decision d --by g --bootstrap 0
[ "$rc" = 0 ] && ! grep -q $'\033' <<<"$out$err" && grep -qF '\x1b[31mred' <<<"$out"
ok $? "names of groups are shown safely"

# Labels and decisions each in their own words.
awk -F, 'NR == 1 { print $0 ",granted" } NR > 1 { print $0 "," ($5 >= 5 ? "granted" : "refused") }' compas.csv >own.csv
own() { "$assay" bias --table own.csv --label again --positive yes --decision granted --by race --bootstrap 0 "$@"; }
is "$(told "$(own --selected granted --json)" groups race)" "$(counted 3 compas.csv '$5 >= 5' '$7 == "yes"')" "--selected says which decision is one"
fails 2 'decision granted is .yes. nowhere.*--selected VALUE' "words that nobody explained" own
fails 2 'decision granted is .perhaps. nowhere' "a decision that was never made" own --selected perhaps
fails 2 '--threshold goes with --score' "a threshold of decisions" own --selected granted --threshold 0.3
fails 2 '--data goes with a model' "registered data of a table" own --selected granted --data past
fails 2 'reference: race has two' "two references of one column" own --selected granted --reference race=Black --reference race=White
printf 'g,y,d\na,,1\nb,,0\n' >unlabelled.csv
fails 2 'no row has both a label and a decision' "nothing to count" "$assay" bias --table unlabelled.csv --label y --decision d --by g

fails 2 'sax.*sex' "a column that is not there" compas --score score --by sax
fails 2 'either --decision COL or --score COL' "no decision" "$assay" bias --table compas.csv --label again --by sex
fails 2 'either --decision COL or --score COL' "two of them" of_compas --score score --decision text
fails 2 'say which column is the label' "no label" "$assay" bias --table compas.csv --decision text --by sex
fails 2 'no number column' "a score in words" of_compas --score text
fails 2 'say which divide the cases' "no column to divide by" "$assay" bias --table words.csv --label again --positive yes --decision says
fails 2 'has no group Blue; there are: Asian, Black' "a reference that is not there" of_compas --score score --reference race=Blue
fails 2 'fairlearn, aif360' "a tool that nobody knows" of_compas --score score --as toolbox
fails 2 'rising numbers' "cuts that do not rise" of_compas --score score --cut age=40,30
fails 2 'a run or a model, or --table FILE' "nothing to look at" "$assay" bias --by sex
fails 2 'too many to be groups' "a column that names rows" compas --score score --by id --type id=cat

# ---- a model ----

"$assay" init --quiet
awk -F, 'NR == 1 { print "id,sex,race,age,prior,again" } NR > 1 && NR % 3 { print $1 "," $2 "," $3 "," $4 "," $5 "," $7 }' compas.csv >train.csv
awk -F, 'NR == 1 { print "id,sex,race,age,prior,again" } NR > 1 && NR % 3 == 0 { print $1 "," $2 "," $3 "," $4 "," $5 "," $7 }' compas.csv >test.csv
"$assay" data add past train.csv --label again --positive yes --id id --protected race --quiet
"$assay" data add now test.csv --label again --positive yes --id id --protected race --quiet
"$assay" train logistic --data past --test now -n tested --quiet >/dev/null
"$assay" train logistic --data past --split 0.25 --seed 3 -n split --quiet >/dev/null
try "$assay" bias tested --bootstrap 200 --threshold 0.45 --json
json=$out
is "$rc $err" "0 " "a run, on what it was tested on, by the protected column"
"$assay" predict tested test.csv --out scores.csv 2>/dev/null
paste -d, test.csv scores.csv >both.csv
is "$(told "$json" groups race)" "$(counted 3 both.csv '$8 >= 0.45' '$6 == "yes"')" "counts are those of its predictions, by awk"
is "$("$json_get" data split <<<"$json" | paste -sd' ')" "now@1 test" "it says on what"
"$json_get" calibration.0.ece.low calibration.0.ece.value calibration.0.bins.9.n calibration.0.bins.0.high <<<"$json" >/dev/null
ok $? "calibration within groups"
hex=$("$json_get" evidence <<<"$json")
evidence=.assay/objects/${hex:0:2}/${hex:2}
is "$(sha256sum <"$evidence" | cut -d' ' -f1) $(stat -c %a "$evidence")" "$hex 444" "the evidence is an object"
is "$("$json_get" kind results.n settings.threshold settings.replicates settings.split <"$evidence" | paste -sd' ')" \
    "bias-report $(($(wc -l <test.csv) - 1)) 0.45 200 test" "bound to what was asked"
is "$(grep -oE '^\{"data":"[0-9a-f]{64}","kind":"bias-report","model":"[0-9a-f]{64}","predictions":"[0-9a-f]{64}","program":' "$evidence" | wc -l) $("$json_get" <"$evidence" | wc -c)" \
    "1 0" "keys in order, no white space"
hex2=$("$json_get" predictions <"$evidence")
is "$(sed -n 1p ".assay/objects/${hex2:0:2}/${hex2:2}")" assay-predictions/1 "the predictions are kept"
is "$("$assay" bias tested --bootstrap 200 --threshold 0.45 --json | "$json_get" evidence)" "$hex" "asked again, the same evidence"
if command -v sqlite3 >/dev/null; then
    is "$(sqlite3 -readonly .assay/assay.db 'SELECT count(*), count(DISTINCT evidence), split, producer LIKE "%@%" FROM bias_report')" "2|1|test|1" \
        "and a row each time"
else
    skip "and a row each time" "no sqlite3"
fi
try "$assay" bias split --bootstrap 0 --json
held=$("$json_get" n <<<"$out")
is "$rc $("$json_get" data split <<<"$out" | paste -sd' ')" "0 past@1 split" "a run that kept a part back"
[ "$held" -gt 1100 ] && [ "$held" -lt 1250 ]
ok $? "is looked at on that part: $held cases"
is "$("$assay" bias split --data past --bootstrap 0 --json | "$json_get" n)" "$(($(wc -l <train.csv) - 1))" "or on all of a data set"
"$assay" register split again --quiet
is "$("$assay" bias again@1 --bootstrap 0 --json | "$json_get" n split | paste -sd' ')" "$held split" "a version of a model is its run"
fails 1 'again has no version 7' "a version that is not there" "$assay" bias again@7
fails 2 'label goes with --table' "a label for a model" "$assay" bias tested --label again
fails 1 'no data set' "a data set that is not there" "$assay" bias tested --data nowhere

# ---- Adult as it is ----

adult=$root/../shared/data/adult/adult.data
if [ -r "$adult" ]; then
    names=age,workclass,fnlwgt,education,education_num,marital_status,occupation,relationship,race,sex,capital_gain,capital_loss,hours_per_week,native_country,income
    try "$assay" bias --table "$adult" --names $names --label income --positive '>50K' --score education_num --threshold 13 --by race,sex \
        --intersect --bootstrap 100 --json
    is "$rc" 0 "Adult, as if a degree were the decision"
    is "$(told "$out" groups race)" "$(counted 9 "$adult" '$5 >= 13' '$15 == ">50K"' 0)" "counts by race are awk's"
    is "$(told "$out" groups sex)" "$(counted 10 "$adult" '$5 >= 13' '$15 == ">50K"' 0)" "counts by sex are awk's"
    is "$(told "$out" intersections race,sex)" "$(counted 9,10 "$adult" '$5 >= 13' '$15 == ">50K"' 0)" "counts of intersections are awk's"
    gap=$("$json_get" measures <<<"$out" | tr '{' '\n' | grep '"by":"sex"' | grep '"name":"demographic_parity_difference"' | grep '"scope":"worst"' |
        grep -oE '"value":[0-9.e-]+' | cut -d: -f2)
    want=$(awk -F', *' 'NF > 1 { n[$10]++; s[$10] += $5 >= 13 } END { d = s["Male"] / n["Male"] - s["Female"] / n["Female"]; printf "%.12g\n", d < 0 ? -d : d }' "$adult")
    is "$(awk -v x="$gap" 'BEGIN { printf "%.12g\n", x }')" "$want" "the gap of selection rates is awk's"
else
    skip "Adult" "no ../shared/data"
fi
plan
