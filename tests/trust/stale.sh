#!/bin/bash
# Requirement T9 by its commands: what makes an approval stale, each as approve, change, look; and T12, T16, T27, where
# time plays. Every one of them also has a test that fails without its rule (tests/long/rule_removal.sh): the age of
# scanner rules (7) only there, stale_when_scanner_rules_are_old, because nothing scans yet.
# shellcheck disable=SC1091,SC2154,SC2015 # what tap.bash sets; skip does not fail
. "$(dirname "$0")/../lib/tap.bash"
. "$(dirname "$0")/../lib/trust.bash"
cd "$tmp" || exit 3
command -v ssh-keygen >/dev/null && command -v sqlite3 >/dev/null || { skip 'staleness' 'no ssh-keygen or no sqlite3'; plan; exit 0; }
make_store
{
    grep -v '^rita@' roster
    person rita risk-reviewer,roster-admin rita@gpu1 Rita%20Kern
    echo "li@lab namespaces=\"signoff@assay\" $(ssh-keygen -q -t ed25519 -N '' -f li.second </dev/null && cut -d' ' -f1,2 li.second.pub) roles=peer;user=li@gpu1;name=Li%20Wei"
} >roster.two
"$assay" policy show --quiet >policy.ini
cat >>policy.ini <<'END'

[gate held-out]
kind = metric
metric = auc
data = held
stages = production
limit = >= 0.6
END
in_force() { # policy|roster FILE
    "$assay" "$1" sign "$2" --reason 'for the test' --key mara --quiet && "$assay" "$1" sign "$2" --reason 'for the test' --key rita --quiet
}
in_force policy policy.ini
p=$(row propose lending@1 production --reason first --key mara)
"$assay" approve "$p" --reason 'read it' --key rita --quiet
"$assay" approve "$p" --reason 'read it' --key li --quiet
cp -r .assay kept.store
cp -r home kept.home
fresh() { rm -rf .assay home && cp -r kept.store .assay && cp -r kept.home home; }
stale() { # reason's name, regex of the sentence, what it is called
    local json
    json=$("$assay" review "$p" --json)
    like "$("$json_get" stale.0.rule stale.0.text <<<"$json" | paste -sd' ')" "^$1 .*$2" "T9.$3"
    try "$assay" promote "$p" --key omar
    [[ $rc == [146] ]]
    ok $? "T9.$3: it is not promoted ($rc)"
    fresh
}
is "$("$assay" review "$p" --json | "$json_get" have approved)" $'2\ntrue' 'T9: two approvals count'

hex=$("$assay" review "$p" --json | "$json_get" subject)
file=$(object_of "$(sed -n 's/^sha256:\([0-9a-f]*\).*/\1/p' "$(object_of "$hex")")")
chmod u+w "$file" && echo >>"$file"
stale subject 'the manifest of the model changed' '1: other bytes'
results=$(row_of gate-results)
forge .assay/ledger.db "$results" "s/^evidence evaluation sha256:.*/evidence evaluation sha256:$hex/" >/dev/null
stale evidence 'evidence evaluation changed' '2: other evidence'
forge .assay/ledger.db "$results" 's/^\(gate held-out .*\) result pass/\1 result fail/' >/dev/null
stale gate 'gate held-out changed from pass to fail' '3: another result'
sed 's/0.6/0.7/' policy.ini >other.ini
in_force policy other.ini
stale policy 'the policy changed' '4: another policy'
grep -v '^li@' roster >without
in_force roster without
stale roster 'li@lab has left the roster' '5: a signer who left'
sed "/^li@/s/\$/;compromised=$(row_of approve)/" roster >lost
in_force roster lost
stale key 'of li@lab is compromised from that row on' '6: a key that was lost'
sqlite3 .assay/assay.db "update run set code_commit = '$(printf '%040d' 7)'"
stale source 'the commit of the code changed' '8: other code'
fresh
if unshare -u true 2>/dev/null; then
    grep -v '^li@' roster >mapped
    person li peer "li@gpu1,$(id -un)@edit" Li%20Wei >>mapped
    in_force roster mapped
    p=$(row propose lending@1 production --reason again --key mara)
    "$assay" approve "$p" --reason 'read it' --key rita --quiet
    "$assay" approve "$p" --reason 'read it' --key li --quiet
    unshare -u bash -c 'hostname edit && exec "$@"' edit "$assay" models edit lending@1 --description 'better words' --quiet
    is "$("$assay" review "$p" --json | "$json_get" have stale.0.rule stale.0.text | paste -sd' ')" '1 author li@lab edited the run'"'"'s configuration' 'T9.9: a signer who becomes an author'
    fresh
    p=$(row_of propose)
else
    skip 'T9.9: a signer who becomes an author' 'no namespaces for host names'
fi
"$assay" promote "$p" --key omar --quiet
p2=$(row propose lending@2 production --reason second --key mara)
"$assay" approve "$p2" --reason 'read it' --key rita --quiet
"$assay" approve "$p2" --reason 'read it' --key li --quiet
cp -r .assay one.store && cp -r home one.home
"$assay" promote "$p2" --key omar --quiet
p3=$(row propose lending@1 production --reason 'the first one again' --key mara)
"$assay" approve "$p3" --reason 'read it' --key rita --quiet
"$assay" approve "$p3" --reason 'read it' --key li --quiet
"$assay" rollback lending production --reason 'latency' --key omar --quiet
json=$("$assay" review "$p3" --json)
like "$("$json_get" have stale.0.rule stale.0.text <<<"$json" | paste -sd' ')" '^0 baseline the champion of stage production changed from version 2 .*to version 1' 'T9.10: another champion'
fails 1 'approvals' 'T9.10: it is not promoted' "$assay" promote "$p3" --key omar
rm -rf .assay home && cp -r one.store .assay && cp -r one.home home

# ---- time
if command -v faketime >/dev/null && faketime '+8 days' "$assay" --version >/dev/null 2>&1; then
    is "$(faketime '+6 days' "$assay" review "$p2" --json | "$json_get" have)" 2 'T12: six days later they count'
    json=$(faketime '+8 days' "$assay" review "$p2" --json)
    is "$("$json_get" have stale.0.rule <<<"$json")" $'0\nexpired' 'T9.11: eight days later they do not'
    fails 1 'approvals' 'T12: and do not promote' faketime '+8 days' "$assay" promote "$p2" --key omar
    try faketime '+190 days' "$assay" check lending production
    is "$rc" 0 'T16: after its time a version may still be used'
    like "$err" 'was to be reviewed again by' 'T16: and that is told'
    like "$(faketime '+190 days' "$assay" --once overview)" 'review +lending v1 in production.*its time is over' 'T16: the overview lists it'
    fails 1 'was due for review' 'T16: when the grace is over as well it is no' faketime '+200 days' "$assay" check lending production
    "$assay" halt lending production --reason 'scores are all 0.5' --unsigned --quiet
    fails 1 'halted, unsigned.*nobody has signed the halt.*owed within 24 hours' 'T15: a signature that is owed is told' "$assay" check lending production
    like "$("$assay" review "$p2")" '! nobody has signed the halt' 'T15: in the review as well'
    fails 1 'signature is overdue' 'T15: and when it is overdue' faketime '+25 hours' "$assay" check lending production
    like "$(faketime '+25 hours' "$assay" --once overview)" 'STOPPED +lending.*signature overdue' 'T15: the overview says it'
    "$assay" halt lending production --reason 'scores are all 0.5' --key li --quiet
    try "$assay" check lending production
    is "${err##*halted}" ' (row '"$(row_of halt)"')' 'T15: signed, it is owed no more'
else
    skip 'T12, T15, T16: time' 'no faketime for this program'
fi

# ---- T27: what a text says of its own time decides nothing
rm -rf .assay home && cp -r kept.store .assay && cp -r kept.home home
awk -v key="$(cut -d' ' -f2 li.pub)" 'index($0, key) { $0 = $0 ";departed=yes" } { print }' roster.two >left
in_force roster left
p=$(row propose lending@1 production --reason again --key mara)
"$assay" payload "$p" --as li@lab --reason 'read it' --quiet | sed 's/^claimed-time .*/claimed-time 2020-01-01T00:00:00Z/' >old
ssh-keygen -q -Y sign -f li -n signoff@assay old 2>/dev/null
fails 1 'has departed' 'T27: an old date does not bring a departed key back' "$assay" approve "$p" --payload old --signature old.sig
rm old.sig && ssh-keygen -q -Y sign -f li.second -n signoff@assay old 2>/dev/null
try "$assay" approve "$p" --payload old --signature old.sig
is "$rc" 0 'T27: a good key signs'
like "$("$assay" verify)" 'note: time: its text claims to have been made' 'T27: a date that is off is told'
plan
