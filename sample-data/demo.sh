#!/bin/bash
# The demonstration: a store with real runs on the sample data, a model in production, a better one that waits for a
# signature, then the workbench of the reviewer who is to give it.
#     demo.sh PROGRAM FOLDER
# What is there already is not done again. Without a terminal, the same is told as text.
set -euo pipefail

program=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2"
cd "$2"
export ASSAY_STORE=$PWD/.assay
unset ASSAY_RUN_ID ASSAY_EVENTS
assay() { "$program" "$@"; }
say() { printf '\n\033[1m$ assay %s\033[0m\n' "$*" | { if [ -t 1 ] && [ -z "${NO_COLOR-}" ]; then cat; else sed 's/\x1b\[[0-9;]*m//g'; fi; }; }
told() { say "$*"; assay "$@"; }
have_run() { assay show "$1" --json >/dev/null 2>&1; }
train() { # name, what follows the recipe
    local name=$1 recipe=$2
    shift 2
    have_run "$name" || told train "$recipe" -n "$name" -e lending --data applications-2026-07 --test applications-2026-10 \
        --seed 7 --quiet "$@"
}

# ---- the people: keys of their own, which stand for nobody outside this folder. The runs are of whoever runs this, and
# that is Mara here; the others sign only.
if [ ! -d keys ]; then
    mkdir keys.new
    for who in mara li vera sven; do ssh-keygen -q -t ed25519 -N '' -C '' -f "keys.new/$who"; done
    me=$(id -un)@$(uname -n)
    while read -r who name roles user; do
        read -r type blob _ <"keys.new/$who.pub"
        echo "$who@lending namespaces=\"signoff@assay\" $type $blob roles=$roles;user=${user:-$who@desk};name=$name"
    done >keys.new/roster <<PEOPLE
mara Mara%20Lind owner,operator $me
li Li%20Wei peer,roster-admin
vera Vera%20Okafor risk-reviewer,roster-admin
sven Sven%20Aalto risk-reviewer
PEOPLE
    rm -rf .assay keys # of a demonstration before there were people
    mv keys.new keys
fi
# What people have verified last is kept in their home; theirs is here.
export XDG_STATE_HOME=$PWD/home
as() { # who, command: signs with that person's key
    ASSAY_KEY=$PWD/keys/$1 told "${@:2}"
}

[ -d .assay ] || told init . --roster keys/roster --fingerprint "$(sha256sum <keys/roster | cut -c1-64)"
for month in 2026-07 2026-10; do
    assay data show "applications-$month" >/dev/null 2>&1 ||
        told data add "applications-$month" "$here/applications-$month.csv" --label repaid --positive yes \
            --protected sex,people,age --background channel --time received
done

# decision_code tells the outcome, channel is a shortcut that no longer holds in October (README.md here).
leak=decision_code
train logistic-leaking   logistic
train logistic           logistic      --drop "$leak"
train logistic-strong-l2 logistic      --drop "$leak" --set l2=1000
train logistic-lasting   logistic      --drop "$leak,channel"
train trees              boosted-trees --drop "$leak"
train trees-shallow      boosted-trees --drop "$leak" --set depth=2
train trees-slow         boosted-trees --drop "$leak" --set eta=0.03
train trees-lasting      boosted-trees --drop "$leak,channel"
# A program that knows nothing of Assay.
have_run awk-by-hand || told run -n awk-by-hand -e lending -- sh "$here/train.sh" "$here/applications-2026-07.csv"

# ---- decisions: trees is in production; logistic-lasting does without the shortcut and is better, but selects one of
# the peoples less often: that gate is at its limit. Vera waives it, Li has signed, Sven is still to read and sign.
last_row() { assay ledger ls --tsv | awk -F '\t' -v kind="$1" '$3 == kind { n = $1 } END { print n }'; }
ledger_has() { [ -n "$(last_row "$1")" ]; }
if ! ledger_has policy; then
    for admin in li vera; do
        as $admin policy sign "$here/lending.policy" --reason 'What the lending desk has agreed on'
    done
fi
if ! ledger_has promote; then
    told register trees credit-risk --owner mara@lending --description 'The first one: boosted trees on all that an application says'
    as mara propose credit-risk@1 production --reason 'The first model of the desk, better than the rules of thumb before it'
    at=$(last_row propose)
    as li approve "$at" --reason 'Read the evaluation and the bias report: nothing speaks against it'
    as sven approve "$at" --reason 'All gates pass; the ratio of the peoples is above four fifths'
    as mara promote "$at" --reason 'Goes live with the new week'
fi
if ! ledger_has waive; then
    told register logistic-lasting credit-risk --description 'Without the channel, which told of the outcome in July only'
    as mara propose credit-risk@2 production --reason 'AUC +5 points on October: it does not lean on the channel any more'
    at=$(last_row propose)
    as vera waive "$at" parity.people --until "$(date -u -d '+60 days' +%F)" --bound 0.74 \
        --reason 'The gap is in the labels of July as well; accepted until the labels of Corvin are reviewed'
    as li approve "$at" --reason 'Read code, data and the comparison with the trees: the gain holds on October'
fi
export ASSAY_KEY=$PWD/keys/sven

if [ -t 0 ] && [ -t 1 ]; then
    exec "$program"
fi
told runs --order 'metrics.auc desc'
# The best of those that did not see how the loan ended.
best=$(assay runs --quiet --where "metrics.auc > 0 and name != 'logistic-leaking'" --order 'metrics.auc desc' --columns name --limit 1 --tsv | tail -1)
told show "$best"
told data profile applications-2026-10
told models
told review
told review "$(last_row propose)"
