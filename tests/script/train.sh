#!/bin/bash
# Recipes from the command line: trained, evaluated, applied, compared; and every way of asking wrongly.
# shellcheck disable=SC1091,SC2016,SC2154 # what tap.bash sets; single quotes where another shell expands
. "$(dirname "$0")/../lib/tap.bash"
cd "$tmp" || exit 3
"$assay" init --quiet

# Two features that matter, one that does not, a category, an id, gaps.
make_csv() { # rows, seed
    awk -v n="$1" -v seed="$2" 'BEGIN {
        srand(seed); print "case,x,noise,colour,y"
        for (i = 1; i <= n; i++) {
            x = rand() * 4 - 2; c = rand() < 0.3 ? "red" : rand() < 0.5 ? "green" : "blue"
            p = 1 / (1 + exp(-(1.5 * x + (c == "red" ? 1 : 0) - 0.3)))
            printf "%s%06d,%s,%.4f,%s,%s\n", "k", i + seed * 100000, (rand() < 0.02 ? "" : sprintf("%.4f", x)), rand(), c, (rand() < p ? "good" : "bad")
        }
    }'
}
make_csv 1200 1 >train.csv
make_csv 600 2 >test.csv
"$assay" data add set train.csv --label y --positive good --id case --quiet
"$assay" data add set-test test.csv --label y --positive good --id case --quiet

try "$assay" train logistic --data set --test set-test -n first -e tries
is "$rc" 0 "train logistic with a test set"
like "$out" 'auc 0\.[789].* on 600 rows of set-test@1' "it says what it is worth"
like "$out" 'first \([0-9a-f]{8}\) +done' "and which run it was"
try "$assay" show first --json
is "$("$json_get" <<<"$out" name experiment status seed params.recipe params.label params.l2 inputs.0.name inputs.1.role)" \
    $'first\ntries\ndone\n1\nlogistic\ny\n1\nset@1\ntest' "show --json: parameters and data"
is "$("$json_get" <<<"$out" coefficients.0.name)" "(intercept)" "show --json has the coefficients"
like "$("$json_get" <<<"$out" coefficients.0.standard_error)" '^0\.[0-9]+$' "with their standard errors"
is "$("$json_get" <<<"$out" command)" \
    '["assay","train","logistic","--data","set","--test","set-test","-e","tries","-n","first"]' "the recorded command can be repeated"
like "$("$json_get" <<<"$out" metrics.auc)" '^0\.[789][0-9]+$' "the evaluation's metrics are the run's"
kinds=$("$json_get" <<<"$out" outputs | grep -o '"kind":"[a-z]*"' | sort | tr -d '\n')
is "$kinds" '"kind":"evidence""kind":"log""kind":"model""kind":"predictions"' "model, predictions, evidence and log are kept"
object() { # run, kind: the path of the object
    local hex
    hex=$("$assay" show "$1" --json | "$json_get" outputs | tr '{' '\n' | grep "\"kind\":\"$2\"" | grep -o '"digest":"[0-9a-f]*"' | cut -d'"' -f4)
    echo ".assay/objects/${hex:0:2}/${hex:2}"
}
evidence=$(object first evidence)
is "$(sha256sum <"$evidence" | cut -d' ' -f1)" "$(basename "$(dirname "$evidence")")$(basename "$evidence")" "an object's name is its digest"
is "$(stat -c %a "$evidence")" 444 "and it is read-only"
"$json_get" <"$evidence" results.auc.value results.confusion settings.threshold model data predictions program >/dev/null
ok $? "evidence is JSON with what it is bound to"
is "$("$json_get" <"$evidence" | wc -c) $(tr -d '\n' <"$evidence" | grep -c '[{,] "')" "0 0" "and without white space"
keys=$(tr ',{' '\n' <"$evidence" | grep -oE '^"[a-z_]+":' | head -3 | tr -d '\n')
is "$keys" '"data":"kind":"model":' "keys of evidence are sorted"
predictions=$(object first predictions)
is "$(sed -n '1p;4,8p' "$predictions")" $'assay-predictions/1\nsplit test\ncase id case\nscore probability\nrows 600' "predictions say what they are"
is "$(sed -n '9,$p' "$predictions" | wc -l)" 600 "one row a case"
is "$(sed -n 9p "$predictions" | cut -d, -f1)" k200001 "cases are named by the id column"
try "$assay" metrics first log_loss --context train --json
n=$("$json_get" <<<"$out" 'points.#')
[ "$n" -ge 3 ]
ok $? "metrics per round"

try "$assay" train boosted-trees --data set --set rounds=30 --set depth=3 --seed 7 --threads 1 -n one --quiet
is "$rc$out" 0 "train boosted-trees on a split, quietly"
try "$assay" train boosted-trees --data set --set rounds=30 --set depth=3 --seed 7 --threads 2 -n two --json
is "$rc $("$json_get" <<<"$out" name status params.split params.depth)" $'0 two\ndone\n0.2\n3' "train --json is the run"
cmp -s "$(object one model)" "$(object two model)"
ok $? "the same seed gives the same model, with one thread and with two (boosted trees)"
cmp -s <(tail -n +4 "$(object one predictions)") <(tail -n +4 "$(object two predictions)")
ok $? "and the same predictions"
"$assay" train logistic --data set --seed 3 --threads 1 -n l1 --quiet
"$assay" train logistic --data set --seed 3 --threads 2 -n l2 --quiet
cmp -s "$(object l1 model)" "$(object l2 model)"
ok $? "the same seed gives the same model, with one thread and with two (logistic)"
is "$(sed -n '4,7p' "$(object one predictions)")" $'split split\ncase id case\nscore probability\nrows 240' "the part kept back is predicted"

try "$assay" evaluate first --data set-test --json
is "$rc" 0 "evaluate"
a=$("$json_get" <<<"$out" n auc.value average_precision log_loss brier ece accuracy confusion.tp)
b=$("$json_get" <"$evidence" results.n results.auc.value results.average_precision results.log_loss results.brier results.ece results.accuracy results.confusion.tp)
is "$a" "$b" "evaluate finds what training found"
"$json_get" <<<"$out" auc.low auc.high mce calibration evidence model data >/dev/null
ok $? "evaluate --json has the keys of the contract"
try "$assay" evaluate one --data set-test
like "$out" 'auc +0\.[789]' "evaluate for people"
model=$(object first model)
try "$assay" evaluate "$model" --data set-test --json
is "$("$json_get" <<<"$out" auc.value)" "$(sed -n 2p <<<"$b")" "evaluate a model file"

try "$assay" predict first test.csv
is "$rc $(head -2 <<<"$out" | cut -d, -f1 | tr '\n' ' ')$(wc -l <<<"$out")" "0 case k200001 601" "predict: a case and its score a row"
is "$(tail -n +2 <<<"$out")" "$(tail -n +9 "$predictions")" "the scores are those of the run's predictions"
cut -d, -f2- test.csv >noid.csv
cp "$model" model.assay
try bash -c 'cd / && exec "$0" predict "$1/model.assay" "$1/noid.csv"' "$assay" "$tmp"
is "$rc $(sed -n 2p <<<"$out" | cut -d, -f1)" "0 1" "a model file needs no store; rows are numbered"
is "$(cut -d, -f2 <<<"$out")" "$(printf 'score\n'; tail -n +9 "$predictions" | cut -d, -f2)" "and gives the same scores"
try "$assay" predict first test.csv --out scores.csv
is "$rc$out $(wc -l <scores.csv)" "0 601" "predict --out"
printf 'case,x,noise,colour\n=cmd|x,1,0.5,red\n-3,1,0.5,red\n' >formula.csv
try "$assay" predict first formula.csv
is "$(tail -n +2 <<<"$out" | cut -d, -f1)" $'\'=cmd|x\n\'-3' "text that a spreadsheet would run is guarded"
printf 'case,noise,colour\na,1,red\nb,2,blue\n' >short.csv
try "$assay" predict first short.csv
is "$rc$out" 2 "a file without a column of the model is refused"
like "$err" 'short\.csv.*"x" is missing' "and it is said which"
printf 'case,x,noise,colour\na,red,1,red\nb,blue,2,red\n' >words.csv
fails 2 'words\.csv.*x' "a file with words for numbers is refused" "$assay" predict first words.csv
fails 2 'train\.csv' "what is no model is refused" "$assay" predict ./train.csv test.csv
fails 3 'nothing\.csv' "a file that is not there" "$assay" predict first nothing.csv
fails 1 'no-such-run' "a run that is not there" "$assay" predict no-such-run test.csv
head -c 300 model.assay >cut.assay
fails 2 'cut\.assay' "a model that was cut off" "$assay" predict ./cut.assay test.csv
chmod u+w "$model" && printf 'x' | dd of="$model" bs=1 seek=400 conv=notrunc 2>/dev/null
fails 6 'first|sha256|SHA-256' "a model whose bytes were changed is refused" "$assay" predict first test.csv

try "$assay" compare l1 one --json
is "$rc $("$json_get" <<<"$out" runs.0.name 'runs.#' 'auc.#')" $'0 l1\n2\n1' "compare --json"
"$assay" train logistic --data set --test set-test --set l2=1000 -n flat --quiet
"$assay" train boosted-trees --data set --test set-test --set rounds=20 -n trees --quiet
try "$assay" compare trees flat --json
"$json_get" <<<"$out" auc.0.difference auc.0.low auc.0.high auc.0.p >"$tmp/pair" 2>&1
is "$? $(wc -l <"$tmp/pair")" "0 4" "compare pairs AUC on the same cases"
try "$assay" compare trees flat --only-differences
[[ $out == *l2* && $out != *positive* ]]
ok $? "compare --only-differences leaves out what is equal"
try "$assay" compare trees flat --baseline flat --json
is "$("$json_get" <<<"$out" baseline)" "$("$assay" show flat --json | "$json_get" run_id)" "compare --baseline"
try "$assay" compare trees flat --json
is "$("$json_get" <<<"$out" rows | tr '{' '\n' | grep '"name":"auc","context":"validation"' | grep -c '"best"')" 0 "the best of one is not marked"
is "$("$json_get" <<<"$out" rows | tr '{' '\n' | grep '"name":"auc","context":""' | grep -c '"best"')" 1 "the best of two is"
fails 2 'same run' "compare a run with itself" "$assay" compare flat flat
fails 2 'usage' "compare one run" "$assay" compare flat

# ---- wrong requests: said before a run is made ----
count() { "$assay" runs --limit 0 --json | "$json_get" '#'; }
before=$(count)
fails 2 'logistic' "an unknown recipe" "$assay" train logistik --data set
fails 2 '--data NAME' "no data set" "$assay" train logistic
fails 1 'sett' "an unknown data set" "$assay" train logistic --data sett
fails 1 'nowhere' "an unknown test set" "$assay" train logistic --data set --test nowhere
fails 2 'no column "yy"' "an unknown label" "$assay" train logistic --data set --label yy
fails 2 'x' "a label of many numbers" "$assay" train logistic --data set --label x
fails 2 'positive.*red|red.*positive' "a label of three classes" "$assay" train logistic --data set --label colour
fails 2 'never "great".*good' "a positive value that never occurs" "$assay" train logistic --data set --positive great
fails 2 'did you mean "noise"' "an unknown column to drop" "$assay" train logistic --data set --drop noize
fails 2 'label' "dropping the label" "$assay" train logistic --data set --drop y
fails 2 'depth' "a parameter of another recipe" "$assay" train logistic --data set --set depth=3
fails 2 'l2' "a parameter that is no number" "$assay" train logistic --data set --set l2=much
fails 2 'l2' "a parameter beyond its range" "$assay" train logistic --data set --set l2=-1
fails 2 'NAME=VALUE' "a parameter without a value" "$assay" train logistic --data set --set l2
fails 2 'split' "a split and a test set" "$assay" train logistic --data set --test set-test --split 0.3
fails 2 'test' "tested on what it learned from" "$assay" train logistic --data set --test set
printf 'a,y\n1,no\n2,no\n3,no\n' >oneclass.csv
"$assay" data add oneclass oneclass.csv --label y --quiet
fails 2 'one class' "a label with one class" "$assay" train logistic --data oneclass
printf 'a,y\n1,\n2,\n3,NA\n' >nolabel.csv
"$assay" data add nolabel nolabel.csv --label y --quiet
fails 2 'missing in every row' "a label that is all missing" "$assay" train logistic --data nolabel
cut -d, -f1,3- test.csv >narrow.csv
"$assay" data add narrow narrow.csv --label y --positive good --quiet
fails 2 'narrow.*"x"' "a test set without a feature" "$assay" train logistic --data set --test narrow
make_csv 300 3 >moved.csv
"$assay" data add moved moved.csv --label y --positive good --quiet
echo >>moved.csv
printf 'k9,1,1,red,good\n' >>moved.csv
fails 4 'moved\.csv has changed' "data that changed since" "$assay" train logistic --data moved
is "$(count)" "$before" "none of them left a run"

# What only the trainer can find is a failed run with a reason.
printf 'z,y\n' >flat.csv
for i in $(seq 40); do echo ",$((i % 2))"; done >>flat.csv
"$assay" data add flat flat.csv --label y --quiet
try "$assay" train logistic --data flat -n nofeatures
is "$rc" 2 "a data set without a feature: the run fails with the status of its error"
like "$out" 'assay: .*feature' "its output says why"
is "$("$assay" show nofeatures --json | "$json_get" status)" failed "and it is a failed run"
awk -F, -v OFS=, '{ print $0, (NR == 1 ? "gone" : "") }' train.csv >gone.csv
"$assay" data add gone gone.csv --label y --positive good --id case --quiet
try "$assay" train logistic --data gone --quiet
is "$rc" 0 "a feature that is all missing is left out"
mkfifo pipe
timeout 100 cat pipe >piped &
try timeout 100 "$assay" predict one test.csv --out pipe
wait
[ "$rc" = 0 ] && [ -p pipe ] && [ "$(wc -l <piped)" = 601 ]
ok $? "predict --out writes into a pipe and leaves it one"
awk -F, -v OFS=, 'NR > 1 { $1 = "same" } 1' test.csv >same.csv
try "$assay" predict one same.csv
is "$rc $(sed -n 2p <<<"$out" | cut -d, -f1)" "0 1" "where ids repeat cases are numbered"
like "$err" 'row numbers' "and that is said"
cut -d, -f1,3- test.csv >lacks.csv
try "$assay" predict one lacks.csv
is "$rc $(wc -l <.err)" "2 2" "a missing column: one message and its problem"
plan
