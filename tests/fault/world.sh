#!/bin/bash
# A project in which every command that changes something has something to change: tests/fault/world.sh PROGRAM FOLDER
# Rows of the ledger that commands name stand in FOLDER/rows as NAME=NUMBER.
# shellcheck disable=SC1091,SC2154,SC2034 # what trust.bash uses
set -eu
assay=$(realpath "$1")
json_get=${JSON_GET:-$(realpath "$(dirname "$assay")/tests/tools/json-get")}
here=$(cd "$(dirname "$0")" && pwd)
cd "$2"
set +eu
. "$here/../lib/trust.bash"
unset ASSAY_STORE ASSAY_RUN_ID ASSAY_EVENTS
export HOME=$PWD/home XDG_CONFIG_HOME=$PWD/home/config XDG_STATE_HOME=$PWD/home/state TZ=UTC LC_ALL=C.UTF-8
mkdir -p "$HOME" empty
set -e
make_store
make_csv 60 3 >more.csv
# What is learnt from wrong labels passes no gate.
sed -e 's/good/GOOD/;s/bad/good/;s/GOOD/bad/' train.csv >wrong.csv
"$assay" data add wrong wrong.csv --label y --positive good --quiet
"$assay" train logistic --data wrong --test held -n sixth --quiet
"$assay" register sixth poor --quiet
"$assay" policy show --quiet >gated.ini
cat >>gated.ini <<'END'

[gate held-out]
kind = metric
metric = auc
data = held
stages = production
limit = >= 0.6
bound = value
waivable = yes
END
for key in mara rita; do "$assay" policy sign gated.ini --reason 'a gate' --key $key --quiet; done
for name in third fourth; do "$assay" run --quiet -n $name -- /bin/echo hello >/dev/null; done
"$assay" train logistic --data set --test held -n fifth --quiet
"$assay" train logistic --data set --test held -n third-of-all --set l2=7 --quiet
"$assay" archive fourth --quiet
"$assay" views save late --where 'status = done' --quiet
"$assay" tag third team=risk --quiet
"$assay" note third 'to be undone' --quiet
"$assay" undo --quiet
sed 's/^\(approvals *= *\)2/\12/' <("$assay" policy show 2>/dev/null) >policy.ini || true
cp roster roster.new
person uma peer uma@gpu1 Uma%20Berg >>roster.new
ask() { row propose "lending@$1" "$2" --reason 'a good one' --key mara; }
yes() { row approve "$1" --reason 'read it' --key "$2" >/dev/null; }
for v in 1 2; do
    p=$(ask $v staging)
    yes "$p" li
    "$assay" promote "$p" --reason 'as approved' --key omar --quiet >/dev/null
done
ready=$(ask 1 production)
yes "$ready" li
yes "$ready" rita
# Another model's, so that it does not close the one that is ready.
"$assay" register third-of-all other --quiet
open=$(row propose other@1 production --reason 'another one' --key mara)
vote=$(row approve "$open" --reason 'read it' --key li)
poor=$(row propose poor@1 production --reason 'the wrong one' --key mara)
printf 'ready=%s\nopen=%s\nvote=%s\npoor=%s\nuntil=%s\n' "$ready" "$open" "$vote" "$poor" "$(date -u -d +30days +%F)" >rows
