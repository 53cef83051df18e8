#!/bin/bash
# What is recognised in the output of real tools under `assay run`, told, switched off, and said in one's own words.
# shellcheck disable=SC1010,SC1091,SC2154 # what tap.bash sets; "done" is a word here
. "$(dirname "$0")/../lib/tap.bash"
real=$root/tests/oracle/output
cd "$tmp" || exit 1
mkdir w && cd w || exit 1
"$assay" init >/dev/null
get() { "$assay" show "${1:-@last}" --json | "$json_get" "$2"; }

# ---- real output, through a terminal and a pipe ----
for tool in keras_bar lightning_tqdm xgboost_train lightgbm_train catboost_train sklearn_grid trainer; do
    "$assay" run -q -n "$tool" -- cat "$real/$tool.pty.txt" >/dev/null
    by=${tool%%_*}
    wanted=$(cut -f1 "$real/$tool.pty.known" | sort | uniq -c | awk -v by="$by" '{print by, $2, $1}')
    got=$("$assay" show "$tool" | sed -n '/^Recognised/,/^$/p' | awk 'NR > 2 && NF && $2 != "(progress)" {print $1, $2, $3}')
    is "$(sort <<<"$got")" "$(sort <<<"$wanted")" "$tool: each value of the tool is one point, and its recogniser is told"
done
like "$(get keras_bar progress)" '^1(\.0)?$' 'the progress of a run comes out of its bars'
like "$("$assay" show xgboost_train)" 'Recognised in its output.*xgboost +test-auc +12 ' 'show tells who recognised what'
"$assay" run -q --pipe -- cat "$real/tqdm_alone.pipe.txt" >/dev/null
like "$("$assay" metrics @last train_loss --csv 2>&1)" '8,0\.118' 'a bar through a pipe'

# ---- switched off ----
is "$("$assay" patterns)" "$("$assay" patterns ls)" 'patterns alone lists them, as views and themes do'
"$assay" run -q --no-recognise xgboost -- cat "$real/xgboost_train.pty.txt" >/dev/null
is "$(get @last metrics)" '{}' '--no-recognise: nothing by that one'
"$assay" run -q --no-recognise all -- echo loss=0.5 >/dev/null
is "$(get @last metrics)" '{}' '… and all of them'
fails 125 'there is no recogniser "xgbost"; did you mean xgboost' 'a wrong name refuses the launch' "$assay" run --no-recognise xgbost -- true
try "$assay" patterns off key_value:lr
is "$out" 'key_value:lr is off for the runs to come' 'one name of one is switched off'
"$assay" run -q -- echo step=1 loss=0.5 lr=0.1 >/dev/null
is "$(get @last metrics)" '{"loss":0.5}' '… and only that one'
try "$assay" patterns on key_value:lr
"$assay" run -q -- echo step=1 loss=0.5 lr=0.1 >/dev/null
is "$(get @last metrics)" '{"loss":0.5,"lr":0.1}' '… and on again'
fails 1 'off by another word' 'what is off by another word is not switched on by its own' sh -c "'$assay' patterns off all >/dev/null; '$assay' patterns on json"
rm .assay/config.ini

# ---- by experiment ----
try "$assay" patterns off key_value:lr -e credit-risk
is "$out" 'key_value:lr is off for the runs to come of credit-risk' 'switched off for one experiment'
is "$(cat .assay/config.ini)" $'[patterns credit-risk]\noff = key_value:lr' '… in a section of its own'
"$assay" run -q -e credit-risk -- echo step=1 loss=0.5 lr=0.1 >/dev/null
is "$(get @last metrics)" '{"loss":0.5}' '… whose runs have it no more'
"$assay" run -q -- echo step=1 loss=0.5 lr=0.1 >/dev/null
is "$(get @last metrics)" '{"loss":0.5,"lr":0.1}' '… and other runs have it still'
like "$("$assay" patterns ls -e credit-risk)" 'key_value +lr +off' 'patterns ls -e tells it'
"$assay" patterns off key_value >/dev/null
fails 1 'off by another word .* or for all experiments' 'what is off for all is not switched on for one' "$assay" patterns on key_value:lr -e credit-risk
try "$assay" patterns on key_value
try "$assay" patterns on key_value:lr -e credit-risk
is "$out" 'key_value:lr is on for the runs to come of credit-risk' 'on again for the one'
fails 2 'cannot be the name of a section' 'a name that a section cannot have' "$assay" patterns off json -e 'a]b'
rm .assay/config.ini

# ---- own words ----
cat >.assay/config.ini <<'EOF'
# kept
[patterns]
my.loss = ^at (?<step>[0-9]+) we lost ([0-9.]+)
progress = ^block ([0-9]+) of (?<total>[0-9]+)
EOF
"$assay" run -q -- printf 'at 5 we lost 0.25\nat 9 we lost 0.125\nblock 3 of 4\nat 10 we lost nothing\n' >/dev/null
like "$("$assay" metrics @last my.loss --csv)" '5,0\.25.*9,0\.125' 'an expression of the configuration, with its step'
like "$(get @last recognised)" '"recogniser":"own","name":"\(progress\)","lines":1,"example":"block 3 of 4"' '… and its progress'
"$assay" patterns off tqdm key_colon >/dev/null
is "$(cat .assay/config.ini)" '# kept
[patterns]
off = tqdm, key_colon
my.loss = ^at (?<step>[0-9]+) we lost ([0-9.]+)
progress = ^block ([0-9]+) of (?<total>[0-9]+)' 'switching changes one line of the file'
"$assay" patterns on tqdm >/dev/null
like "$("$assay" patterns ls)" 'own +my.loss +on .*key_colon +off' 'patterns ls tells it'
like "$(printf 'at 7 we lost 1.5\n' | "$assay" patterns try --json)" '"recogniser":"own","name":"my.loss","lines":1,"last":1.5,"step":7' 'patterns try, without a run'
like "$(echo 'loss=nan' | "$assay" patterns try)" 'key_value +loss +1 +nan +0 ' '… and a loss that is none'
printf '[patterns]\nok = ([0-9]+)\nbad = (a\n' >.assay/config.ini
fails 125 'config.ini:3: bad = \(a is no POSIX extended regular expression' 'a wrong expression refuses the launch, with its line' "$assay" run -- true
is "$("$assay" runs --json | "$json_get" 0.status)" done '… and makes no run'
rm .assay/config.ini

# ---- too much ----
"$assay" run -q -- awk 'BEGIN { for (i = 0; i < 20000; i++) print "m" i "=0.5" }' >/dev/null
is "$(get @last notes)" '["more than 1000 names of metrics were found in the output: the others are not kept"]' 'beyond the bound of names it is said, once'
is "$("$assay" show @last | sed -n '/^Metrics/,/^$/p' | grep -c '^m[0-9]')" 1000 '… and a thousand are kept'
plan
