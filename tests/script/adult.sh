#!/bin/bash
# Adult as it is: registered, profiled, learnt, from the command line.
# shellcheck disable=SC1091,SC2016,SC2154 # what tap.bash sets; single quotes where another shell expands
. "$(dirname "$0")/../lib/tap.bash"
data=$root/../shared/data/adult
if [ ! -r "$data/adult.data" ]; then
    skip "Adult" "no ../shared/data"
    plan
    exit 0
fi
cd "$tmp" || exit 3
"$assay" init --quiet
names=age,workclass,fnlwgt,education,education_num,marital_status,occupation,relationship,race,sex,capital_gain,capital_loss,hours_per_week,native_country,income
try "$assay" data add adult "$data/adult.data" --names $names --label income --positive '>50K' --protected sex,race --json
is "$rc $("$json_get" <<<"$out" rows columns)" $'0 32561\n15' "the training file"
try "$assay" data add adult-test "$data/adult.test" --names $names --label income --positive '>50K' --protected sex,race --json
is "$rc $("$json_get" <<<"$out" rows columns)" $'0 16281\n15' "the test file: its first line and trailing dots"
try "$assay" data profile adult --json
is "$("$json_get" <<<"$out" rows columns.0.mean columns.1.missing columns.13.missing columns.14.top.1.value columns.14.top.1.count)" \
    $'32561\n38.58164675532078\n1836\n583\n>50K\n7841' "the profile"
auc() { "$assay" show "$1" --json | "$json_get" metrics.auc; }
above() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a >= b) }'; }
try "$assay" train logistic --data adult --test adult-test -n lr --quiet
above "$(auc lr)" 0.90
ok $? "logistic: AUC $(auc lr) on the test file, at least 0.90"
try "$assay" train boosted-trees --data adult --test adult-test -n bt --quiet
above "$(auc bt)" 0.92
ok $? "boosted-trees: AUC $(auc bt) on the test file, at least 0.92"
try "$assay" compare lr bt --json
above "$("$json_get" <<<"$out" auc.0.low)" 0.01
ok $? "the trees are better by more than noise"
try "$assay" predict lr "$data/adult.test"
is "$rc $(wc -l <<<"$out")" "0 16282" "a file without a header is read like the training data"
plan
