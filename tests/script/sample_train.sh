#!/bin/bash
# The foreign training script of the sample data: it trains, and reports in both ways.
set -u
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d "${TMPDIR:-/tmp}/assay-train-XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
n=0
check() { # what, status
    n=$((n + 1))
    if [ "$2" = 0 ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; fi
}
echo 1..8

mkdir "$work/events"
ASSAY_EVENTS=$work/events sample-data/train.sh sample-data/applications-2026-07.csv 4 0.8 >"$work/out" 2>"$work/err"
check 'it ends well' $?
[ ! -s "$work/err" ]
check 'without a complaint' $?
[ "$(grep -cE '^epoch [1-4]/4 loss=0\.[0-9]+ eval_loss=0\.[0-9]+ auc=0\.[0-9]+$' "$work/out")" = 4 ]
check 'key=value on its output, a line an epoch' $?
# It really learns: from no better than chance to a useful score, while the loss falls.
awk -F'[= ]' '/^epoch/ { loss[++n] = $4; auc[n] = $8 } END { exit !(loss[4] < loss[3] && loss[3] < loss[2] && loss[2] < loss[1] && auc[4] > 0.75) }' "$work/out"
check 'the loss falls and the score rises' $?
events=$work/events/events-train-sh.jsonl
[ "$(grep -cE '^\{"metric":"loss","value":0\.[0-9]+,"step":[1-4],"context":"train"\}$' "$events")" = 4 ] &&
    [ "$(grep -cE '^\{"metrics":\{"loss":0\.[0-9]+,"auc":0\.[0-9]+\},"step":[1-4],"context":"eval"\}$' "$events")" = 4 ] &&
    grep -qF '{"param":"rate","value":"0.8"}' "$events" &&
    grep -qF '{"dataset":"sample-data/applications-2026-07.csv","role":"train"}' "$events"
check 'event lines of metrics, parameters, data' $?
! grep -qvE '^\{.*\}$' "$events"
check 'nothing but one object a line' $?
env -u ASSAY_EVENTS sample-data/train.sh sample-data/applications-2026-07.csv 1 0.8 >"$work/plain" 2>&1 && [ "$(ls "$work/events")" = events-train-sh.jsonl ]
check 'works without anybody who listens' $?
printf 'a,b\n1,2\n' >"$work/other.csv"
! sample-data/train.sh "$work/other.csv" >/dev/null 2>"$work/err" && grep -q 'has no column income' "$work/err" &&
    ! sample-data/train.sh "$work/none.csv" >/dev/null 2>"$work/err" && grep -q 'cannot be read' "$work/err"
check 'says what is wrong with a file' $?
