#!/bin/bash
# What somebody can do who can write the store but holds no key (tier L1 of reference/trust.md): rows of the machine
# have no signature and assay.db none at all, so nothing of them may count that Assay does not compute anew. Every
# attack here is on a copy; the attacks on signed history are in signatures.sh (T32, T34).
# shellcheck disable=SC1091,SC2016,SC2154 # what tap.bash sets; backquotes for people
. "$(dirname "$0")/../lib/tap.bash"
. "$(dirname "$0")/../lib/trust.bash"
cd "$tmp" || exit 3
# shellcheck disable=SC2015 # skip does not fail
command -v ssh-keygen >/dev/null && command -v sqlite3 >/dev/null || { skip 'forgeries' 'no ssh-keygen or no sqlite3'; plan; exit 0; }
make_store
"$assay" policy show --quiet >policy.ini
cat >>policy.ini <<'END'

[gate held-out]
kind = metric
metric = auc
data = held
stages = production
limit = >= 0.999
bound = value
END
"$assay" policy sign policy.ini --reason 'a gate of the test' --key mara --quiet
"$assay" policy sign policy.ini --reason 'a gate of the test' --key rita --quiet
p=$(row propose lending@1 production --reason first --key mara)
"$assay" payload "$p" --as rita@lab --reason 'read it' --quiet >text
results=$(row_of gate-results)
cp -r .assay kept.store
cp -r home kept.home
fresh() { rm -rf .assay home && cp -r kept.store .assay && cp -r kept.home home; }
better='s/^gate held-out rule value>=0.999 measured [0-9.]* low \(.*\) result fail/gate held-out rule value>=0.999 measured 0.9995 low \1 result pass/'

# ---- results that nobody computed
f=$(forge .assay/ledger.db "$results" "$better")
is "$("$assay" review "$p" --json | "$json_get" gates.1.gate gates.1.result)" $'held-out\npass' 'a forged row of results can be read'
fails 4 "row $f does not hold the results that Assay computes: gate held-out is pass \(0.9995\) there, and fail" \
    'forged results: they are not approved' "$assay" approve "$p" --reason 'read it' --key rita
like "$err" '`assay gate lending@1 production` writes down' 'forged results: and what to do'
"$assay" gate lending@1 production --quiet >/dev/null
is "$("$assay" review "$p" --json | "$json_get" gates.1.result)" fail 'forged results: the true ones follow them'
try "$assay" approve "$p" --reason 'read it again' --key rita
is "$rc" 0 'forged results: what is true can be signed'
fresh
forge .assay/ledger.db "$results" "$better" >/dev/null
"$assay" payload "$p" --as rita@lab --reason 'read it' --quiet >/dev/null 2>said
is "$?" 4 'forged results: nor is a text made of them'
fresh
# Whoever was shown a forged text elsewhere, and signed it.
f=$(forge .assay/ledger.db "$results" "$better")
head=$(sqlite3 .assay/ledger.db "select link from ledger where seq = $f")
sed -e "s/^seen .*/seen $f sha256:$head/" -e "$better" text >forged.text
ssh-keygen -q -Y sign -f rita -n signoff@assay forged.text 2>/dev/null
fails 4 'does not hold the results that Assay computes' 'forged results: nor is a signature over them taken' \
    "$assay" approve "$p" --payload forged.text --signature forged.text.sig
fresh
"$assay" approve "$p" --reason 'read it' --key rita --quiet
"$assay" approve "$p" --reason 'read it' --key li --quiet
forge .assay/ledger.db "$results" "$better" >/dev/null
fails 4 'does not hold the results that Assay computes' 'forged results: nor promoted' "$assay" promote "$p" --key omar
"$assay" gate lending@1 production --quiet >/dev/null
fails 1 'gate held-out: fail' 'forged results: and what is true does not promote' "$assay" promote "$p" --key omar
fresh
f=$(forge .assay/ledger.db "$results" '/^evidence evaluation/d')
fails 4 'the evaluation [0-9a-f]{8}… that the gates stand on is not named there' 'forged results: without their evidence' \
    "$assay" approve "$p" --reason 'read it' --key rita
fresh

# ---- registrations that nobody made
was=$(sqlite3 .assay/ledger.db "select cast(body as text) from ledger where seq = $(row_of registration)" | sed -n 's/^evidence registration sha256://p')
sed 's/"launcher":"[^"]*"/"launcher":"li@gpu1"/; s/"version":2/"version":9/' "$(object_of "$was")" >people
is="$(sha256sum <people | cut -d' ' -f1)"
mkdir -p "$(dirname "$(object_of "$is")")" && cp people "$(object_of "$is")"
f=$(forge .assay/ledger.db "$(row_of registration)" "s/^version 2/version 9/; s/$was/$is/")
fails 6 "launched the run of lending@9, and its registration \(row $f\) does not say so" 'a forged launcher: not proposed' \
    "$assay" propose lending@9 production --reason r --key mara
fresh

sed 's/"launcher":"[^"]*"/"launcher":"li\\u001b@gpu1"/; s/"version":2/"version":9/' "$(object_of "$was")" >people
is="$(sha256sum <people | cut -d' ' -f1)"
mkdir -p "$(dirname "$(object_of "$is")")" && cp people "$(object_of "$is")"
f=$(forge .assay/ledger.db "$(row_of registration)" "s/^version 2/version 9/; s/$was/$is/")
try "$assay" verify
is "$rc" 6 'a launcher that is no name: found'
like "$out" "row $f: object: .*its launcher is not a name" 'a launcher that is no name: and where'
fresh

# ---- assay.db
sql() { sqlite3 .assay/assay.db "$1"; }
sql "update run set seal = '', status = status; update param set value = '0' where key = 'l2'"
like "$("$assay" review "$p")" 'the run [0-9a-f]{8}… is not what it was when the version was registered' 'an edited run: told in the review'
fails 6 'is not what it was when version 1 of lending was registered' 'an edited run: not approved' "$assay" approve "$p" --reason r --key rita
fails 6 'is not what it was when version 1 of lending was registered' 'an edited run: not proposed again' "$assay" propose lending@1 production --reason r --key mara
fresh
sql "update model_version set subject = '$(printf '%064d' 7)', run = '00'; insert into alias select id, 'production', 1 from model"
"$assay" review "$p" --json >a && fresh && "$assay" review "$p" --json >b
is "$("$json_get" subject <a)" "$("$json_get" subject <b)" 'an edited registry: a cache'
sql "insert into alias select id, 'production', 1 from model"
fails 1 'no version' 'an alias is no promotion' "$assay" check lending production
fresh
for edit in "update dataset_version set reading = replace(reading, 'positive \"good\"', 'positive \"bad\"')" \
    "update dataset_column set type = 'cat' where name = 'x'" "update dataset_file set digest = '$(printf '%064d' 7)'"; do
    sql "$edit"
    like "$("$assay" gate lending@1 production 2>&1)" 'held-out .*missing .*not what was registered' "an edited data set: ${edit%% set *}"
    fresh
done

# ---- folders and objects
"$assay" policy show --quiet | sed 's/0.999/0.5/' >lower.ini
"$assay" policy sign lower.ini --reason 'the gate is lowered' --key mara --quiet
"$assay" policy sign lower.ini --reason 'the gate is lowered' --key rita --quiet
p=$(row propose lending@1 production --reason first --key mara)
"$assay" approve "$p" --reason 'read it' --key rita --quiet
"$assay" approve "$p" --reason 'read it' --key li --quiet
mkdir -p .assay/stages victim/.ssh victim/.v9-row9-kept victim/.config && ln -s "$PWD/victim" .assay/stages/lending
try "$assay" promote "$p" --key omar
is "$rc" 6 'a link in the place of a stage: nothing is published'
like "$err" 'lending is a link' 'a link in the place of a stage: told'
is "$(find victim -mindepth 1 | sort | paste -sd' ')" 'victim/.config victim/.ssh victim/.v9-row9-kept' 'a link in the place of a stage: nothing is taken away'
rm .assay/stages/lending && mkdir .assay/stages/lending && mkdir .assay/stages/lending/.mine .assay/stages/lending/.v9-row9-left
"$assay" promote "$p" --key omar --quiet
is "$(cd .assay/stages/lending && find . -maxdepth 1 -name '.[mv]*' | sed 's/-row.*//' | sort | paste -sd' ')" './.mine ./.v1' 'only what a promotion left is taken away'
is "$("$assay" check lending production --dir .assay/stages/lending/production --quiet; echo $?)" 0 'the true folder is the stage'
hex=$(sed -n 's/^sha256:\([0-9a-f]*\).*/\1/p' .assay/stages/lending/production/manifest)
object=$(object_of "$hex")
mv "$object" kept && mkfifo "$object"
try timeout 100 "$assay" check lending production
is "$rc" 6 'a pipe in the place of a file: nobody waits for it'
try timeout 100 "$assay" verify
is "$rc" 6 'a pipe in the place of a file: found'
like "$out" 'manifest: .*is no regular file' 'a pipe in the place of a file: and where'
rm "$object" && mv kept "$object"
manifest=$(object_of "$(sha256sum <.assay/stages/lending/production/manifest | cut -d' ' -f1)")
mv "$manifest" kept && ln -s /dev/zero "$manifest"
try timeout 100 "$assay" verify
is "$rc" 6 'an endless file in the place of a manifest: found'
rm "$manifest" && mv kept "$manifest"
try "$assay" verify
is "$rc" 0 'and the store is whole again'

# ---- M: names that were made to deceive
ugly=$'\e]52;c;aGk=\a\e[31mred\xe2\x80\xaegnp\nFAKE approve\r\x7f'
p=$(row propose lending@2 production --reason second --key mara)
sql "update run set name = '${ugly}' || id; update param set value = '$ugly'; update model set description = '$ugly', owner = '$ugly';
    update model_version set description = '$ugly'; update activity set who = '$ugly'; update evaluation set producer = '$ugly'"
bad=''

for words in models 'models lending' 'models lending@2' review "review $p" ledger 'ledger show 5' runs 'show @last' 'check lending production' \
    'gate lending@2 production' verify '--once models' '--once overview' '--once audit' "--once review:$p"; do
    # shellcheck disable=SC2086 # words
    "$assay" $words >said 2>&1
    if LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80\xae|^ *FAKE' said || ! grep -q . said; then
        bad="$bad $words;"
    fi
done
is "$bad" '' 'T67: nothing of it reaches a terminal raw, or begins a line'
plan
