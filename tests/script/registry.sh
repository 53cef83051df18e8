#!/bin/bash
# The registry and gates from the command line.
# shellcheck disable=SC1091,SC2016,SC2154 # what tap.bash sets; single quotes where another shell expands
. "$(dirname "$0")/../lib/tap.bash"
cd "$tmp" || exit 3

roster='alice@lab namespaces="signoff@assay" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICpUom/nuFT2SHDk6xSahSKyx2qO3K70x1ocF6/wCRIX roles=roster-admin,owner;user=alice@gpu1;name=Alice%20Ng'
echo "$roster" >team.roster
print=$(sha256sum <team.roster | cut -d' ' -f1)
fails 2 'fingerprint' "a roster needs its fingerprint" "$assay" init --roster team.roster
fails 6 'not the roster' "another roster is refused" "$assay" init --roster team.roster --fingerprint "$(printf x | sha256sum | cut -c1-64)"
[ ! -e .assay ]
ok $? "and no store is made"
try "$assay" init pinned --roster team.roster --fingerprint "$print"
is "$rc" 0 "init with a roster"
try "$assay" init --quiet
is "$rc$out$err" 0 "init"
[ -f .assay/ledger.db ]
ok $? "a store has a ledger from the beginning"

make_csv() { # rows, seed
    awk -v n="$1" -v seed="$2" 'BEGIN {
        srand(seed); print "case,x,noise,colour,y"
        for (i = 1; i <= n; i++) {
            x = rand() * 4 - 2; p = 1 / (1 + exp(-(1.5 * x)))
            printf "k%06d,%.4f,%.4f,%s,%s\n", i + seed * 100000, x, rand(), (rand() < 0.3 ? "red" : "blue"), (rand() < p ? "good" : "bad")
        }
    }'
}
make_csv 800 1 >train.csv
make_csv 400 2 >test.csv
"$assay" data add set train.csv --label y --positive good --id case --quiet
"$assay" data add set-test test.csv --label y --positive good --id case --quiet
"$assay" train logistic --data set --test set-test -n first --quiet
"$assay" train logistic --data set --test set-test --drop x -n blind --quiet
"$assay" run -n plain --quiet -- sh -c 'echo weights >model.bin' >/dev/null

try "$assay" models
like "$out" 'no models yet' "models of an empty registry"
try "$assay" show first --json
is "$("$json_get" <<<"$out" seal)" "null" "a run that nobody registered has no seal"
try "$assay" register first credit -m 'the first'
is "$rc" 0 "register"
like "$out" 'registered first as credit@1' "it says which version"
like "$out" 'subject sha256:[0-9a-f]{64} \(1 file, .*\), row [0-9]+ of the ledger' "and which bytes"
try "$assay" register first credit --json
is "$rc $("$json_get" <<<"$out" version files.0.path standing)" $'0 1\nmodel.assay\ncandidate' "the same run is the same version"
subject=$("$json_get" <<<"$out" subject)
is "$(sha256sum <".assay/objects/${subject:0:2}/${subject:2}" | cut -d' ' -f1)" "$subject" "the manifest is an object under its digest"
model=$("$json_get" <<<"$out" files.0.digest)
like "$(cat ".assay/objects/${subject:0:2}/${subject:2}")" "^sha256:$model [0-9]+ model\.assay$" "its lines are digest, size and path"
try "$assay" register blind credit --json
is "$("$json_get" <<<"$out" version)" 2 "another run is the next version"
fails 1 'no model to register' "a run without a model" "$assay" register plain credit
fails 1 'no run' "no run" "$assay" register nobody credit
fails 2 'letters, digits' "an odd name" "$assay" register first 'a/b'

try "$assay" models --json
is "$("$json_get" <<<"$out" 0.name 0.versions 0.latest)" $'credit\n2\n2' "models --json"
try "$assay" models credit --csv
is "$(head -1 <<<"$out")" "version,standing,stages,aliases,run,registrar,registered,subject,description" "versions as CSV"
is "$(tail -n +2 <<<"$out" | cut -d, -f1,2,5)" $'2,candidate,blind\n1,candidate,first' "newest first"
try "$assay" models credit@1
like "$out" 'files +1, .*, intact' "one version: its files are looked at"
like "$out" 'data +set@1.*data +set-test@1.*run +first.*version +credit@1' "and where it comes from"
fails 1 'did you mean credit' "a model that is not there" "$assay" models credits
fails 1 'the newest is 2' "a version that is not there" "$assay" models credit@7

try "$assay" alias credit@1 best
is "$rc$out" 0 "alias"
try "$assay" models credit@best --json
is "$("$json_get" <<<"$out" version aliases.0)" $'1\nbest' "a version is found by its alias"
try "$assay" alias credit@2 best
is "$("$assay" models credit@best --json | "$json_get" version)" 2 "an alias moves"
try "$assay" alias credit best --remove
fails 1 'no version, stage or alias best' "and goes" "$assay" models credit@best
fails 2 'is a stage' "no alias passes for a stage" "$assay" alias credit@1 production
try "$assay" models edit credit --owner alice --description 'who pays back'
is "$rc$out" 0 "models edit"
is "$("$assay" models --json | "$json_get" 0.owner 0.description)" $'alice\nwho pays back' "owner and description"
fails 2 'what to change' "edit says what it needs" "$assay" models edit credit

try "$assay" show first --json
is "$("$json_get" <<<"$out" seal_holds)" true "a registered run is sealed"
seal=$("$json_get" <<<"$out" seal)
like "$seal" '^[0-9a-f]{64}$' "its seal is a digest"
if sqlite3 .assay/assay.db "UPDATE series SET last = 0.99 WHERE name = 'auc'" 2>/dev/null; then
    is "$("$assay" show first --json | "$json_get" seal_holds)" false "a number that is edited later shows"
    like "$("$assay" show first)" 'seal +[0-9a-f]{12} BROKEN' "to people too"
else
    skip "a number that is edited later shows" "no sqlite3"
    skip "to people too" "no sqlite3"
fi

try "$assay" gate credit@1 staging
is "$rc" 0 "gate: the manifest is intact"
like "$out" 'manifest +intact .* pass' "it says what was looked at"
try "$assay" gate credit@1 staging --json
is "$("$json_get" <<<"$out" model version stage result gates.0.gate gates.0.rule gates.0.result gates.0.waiver)" \
    $'credit\n1\nstaging\npass\nmanifest\nintact\npass\nnull' "gate --json has the keys of the contract"
row=$("$json_get" <<<"$out" row)
is "$("$assay" gate credit@1 staging --json | "$json_get" row)" "$row" "looking twice writes one row"
fails 2 'did you mean staging' "a stage that is not there" "$assay" gate credit@1 stagin
chmod u+w ".assay/objects/${model:0:2}/${model:2}"
printf x >>".assay/objects/${model:0:2}/${model:2}"
try "$assay" gate credit@1 staging
is "$rc" 1 "a changed file fails the gate"
like "$out" 'not what it was' "and it says which"
try "$assay" models credit@1
like "$out" 'files +1, .* not what it was' "models NAME@V shows it too"

rm .assay/ledger.db
fails 6 'is gone' "a ledger that is gone is not made anew" "$assay" models
[ ! -e .assay/ledger.db ]
ok $? "and none is left behind"
plan
