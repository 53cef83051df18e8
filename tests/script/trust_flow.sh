#!/bin/bash
# A model from its registration to a stage and back: proposed, approved, promoted, checked, rolled back, halted,
# resumed; and every way in which that is refused.
# shellcheck disable=SC1091,SC2154 # what tap.bash sets
. "$(dirname "$0")/../lib/tap.bash"
. "$(dirname "$0")/../lib/trust.bash"
cd "$tmp" || exit 3
command -v ssh-keygen >/dev/null || { skip 'the flow' 'no ssh-keygen'; plan; exit 0; }
make_store

# ---- proposing
fails 2 'needs --reason' 'propose wants a reason' "$assay" propose lending@1 production --key mara
fails 2 'no stage' 'and a stage that the policy knows' "$assay" propose lending@1 moon --reason r --key mara
fails 1 'lending' 'and a version that there is' "$assay" propose lending@9 production --reason r --key mara
fails 3 'no key file' 'and a key' "$assay" propose lending@1 production --reason r --key nobody
ssh-keygen -q -t ed25519 -N '' -f stranger </dev/null
fails 1 'roster does not name the key' 'of somebody whom the roster names' "$assay" propose lending@1 production --reason r --key stranger
fails 1 "mara@lab's, not li@lab's" 'who is the one that --as says' "$assay" propose lending@1 production --reason r --key mara --as li@lab
p1=$(row propose lending@1 production --reason 'first model of its kind' --key mara)
try "$assay" review
like "$out" "$p1 +lending@1 +production +mara@lab" 'a proposal waits in the list'
is "$("$assay" review --json | "$json_get" 0.proposal 0.proposer)" "$p1"$'\nmara@lab' 'and in its JSON'
is "$("$assay" review --as rita@lab --json | "$json_get" '#')" 1 'it waits for the risk reviewer'
is "$("$assay" review --as mara@lab --json | "$json_get" '#')" 0 'and not for who made it'

# ---- approving
fails 1 'registered the version|launched the run' 'T5: who made it does not approve it' "$assay" approve "$p1" --reason mine --key mara
is "$(row approve "$p1" --reason 'read the evaluation' --key li)" $((p1 + 1)) 'a peer approves'
before=$(rows)
is "$(row approve "$p1" --reason 'read it once more' --key li)" $((p1 + 1)) 'the same person again: the same row'
is "$(rows)" "$before" 'and no row more'
audit=$("$assay" --once audit)
is "$(grep -c ' li@lab ' <<<"$audit") $(grep -c ' mara@lab ' <<<"$audit")" '1 1' 'a decision stands once in the audit'
like "$audit" "$me +registration +lending v2" 'and a registration with who asked for it'
fails 1 '1 of 2 approvals' 'T6: one of two does not promote' "$assay" promote "$p1" --key omar
try "$assay" review "$p1" --json
is "$("$json_get" <<<"$out" have need approved roles_missing.0 approvals.0.name approvals.0.counts status champion)" \
    $'1\n2\nfalse\nrisk-reviewer\nLi Wei\ntrue\nin review\nnull' 'review --json says what is there and what is missing'
is "$("$json_get" <<<"$out" gates.0.gate gates.0.result changes.params)" $'manifest\npass\n0' 'gates and changes too'
try "$assay" review "$p1"
like "$out" 'Mara Quist \(mara@lab\)' 'the page says who asks'
like "$out" 'waits for: risk-reviewer' 'and who is waited for'
mkdir pub && cp rita.pub pub
export ASSAY_KEY=$PWD/pub/rita.pub
fails 3 'agent|rita.pub' 'a public key alone signs nothing' "$assay" approve "$p1" --reason 'read it all'
export ASSAY_KEY=$PWD/rita
try "$assay" approve "$p1" --reason 'read it all'
is "$rc" 0 'ASSAY_KEY names the key'
like "$out" '2 of 2 signatures: `assay promote' 'the receipt says what may follow'
unset ASSAY_KEY
text=$(sed -n 's/^text sha256://p' <<<"$out")
seq=$(sed -n 's/^row \([0-9]*\).*/\1/p' <<<"$out")
is "$("$assay" ledger raw "$seq" | sha256sum | cut -d' ' -f1)" "$text" 'T4: the digest shown is that of the bytes signed'
"$assay" ledger raw "$seq" | "$assay" payload lint - --quiet
ok $? 'T2: the text is sound'
is "$("$assay" ledger raw "$seq" | LC_ALL=C grep -cP '[^\x20-\x7e]')" 0 'T2: and plain ASCII'
n=$("$assay" ledger raw "$seq" | wc -l) bad=0
for ((i = 1; i <= n; i++)); do
    # What may be said several times may be said once less: there the chain tells.
    case $("$assay" ledger raw "$seq" | sed -n "${i}p") in data\ *) continue ;; esac
    "$assay" ledger raw "$seq" | sed "${i}d" | "$assay" payload lint - --quiet 2>/dev/null
    [ $? = 6 ] || bad=$((bad + 1))
done
is "$bad" 0 'T2: without any one of its lines it is refused (6)'
try "$assay" ledger show "$seq"
like "$out" 'Rita Kern \(rita@lab\), as risk-reviewer' 'T3: name'
like "$out" 'claimed time +20[0-9-]+T' 'T3: time'
like "$out" 'meaning +I have read the evidence' 'T3: meaning'
"$assay" ledger raw "$seq" >text && "$assay" ledger raw "$seq" --signature >sig
ssh-keygen -Y verify -f roster -I rita@lab -n signoff@assay -s sig <text >/dev/null 2>&1
ok $? 'stock ssh-keygen verifies the signature'

# ---- promoting, with a hook
cat >hook <<'END'
#!/bin/sh
echo "$@" >>hook.log
[ ! -e fail ] || { echo 'the load balancer is away' >&2; exit 7; }
END
chmod +x hook
printf '[hooks]\npromote = %s/hook\n' "$PWD" >.assay/config.ini
chmod 664 .assay/config.ini
fails 1 'only an operator or an owner' 'a peer does not promote' "$assay" promote "$p1" --key li
try "$assay" promote "$p1" --key omar
is "$rc" 3 'a configuration that the group can write is not obeyed'
like "$err" 'not obeyed.*chmod go-w' 'and that is said'
like "$out" "version 1 of lending is in production" 'the promotion stands'
chmod 644 .assay/config.ini
touch .assay/fail
try "$assay" promote "$p1" --key omar
is "$rc" 3 'a hook that fails is said'
like "$err" 'status 7: the load balancer is away' 'with its last words'
rm .assay/fail
try "$assay" promote "$p1" --key omar
is "$rc" 0 'promote again repeats the publication'
like "$out" 'stands already' 'with the same row'
like "$(tail -1 .assay/hook.log)" "^lending 1 production /.*/stages/lending/production$" 'the hook is told model, version, stage and folder'
[ -L .assay/stages/lending/production ] && [ -f .assay/stages/lending/production/files/model.assay ]
ok $? 'the stage is a link to a folder with the model'
is "$("$assay" check lending production)" 'lending@1 may be used in production' 'check says yes'
is "$("$assay" check lending production --json | "$json_get" result version approvals.1.signer approvals.1.counts stale)" \
    $'pass\n1\nrita@lab\ntrue\n[]' 'and in JSON by whom'
fails 1 'no version in staging|lending' 'T15: a stage without a version is no' "$assay" check lending staging
fails 1 'no stage' 'a stage that is none' "$assay" check lending moon

# ---- the next version: veto, revoke, detached signatures
p2=$(row propose lending@2 production --reason 'less weight on noise' --key mara)
try "$assay" review "$p2" --json
is "$("$json_get" <<<"$out" champion.version changes.params changes.all.0.name changes.all.0.before changes.all.0.after)" \
    $'1\n1\nl2\n1\n5' 'review says what changed since the champion'
"$assay" approve "$p2" --reason 'read it' --key li --quiet
"$assay" approve "$p2" --reason 'read it' --key rita --quiet
veto=$(row reject "$p2" --reason 'one column looks like the label' --key ravi)
fails 1 'ravi@lab rejected it' 'T8: a reject blocks' "$assay" promote "$p2" --key omar
fails 1 'only they take it back' 'only who signed takes back' "$assay" revoke "$veto" --reason 'not so' --key li
"$assay" revoke "$veto" --reason 'looked again: it is not' --key ravi --quiet
fails 1 'never promoted' 'T13: nobody rolls back to what was not promoted' "$assay" rollback lending production --reason r --to 2 --key omar
try "$assay" promote "$p2" --key omar
is "$rc" 0 'T8: taken back, it can be promoted'
is "$("$assay" check lending production --json | "$json_get" version)" 2 'the new version is there'

# ---- back, stop, on again
fails 1 'only an operator' 'a risk reviewer does not roll back' "$assay" rollback lending production --reason r --key rita
fails 2 'needs --reason' 'a rollback wants a reason' "$assay" rollback lending production --key omar
try "$assay" rollback lending production --reason 'latency doubled' --key omar
is "$rc" 0 'T13: rolled back'
is "$("$assay" check lending production --json | "$json_get" version)" 1 'to the version that was there before'
like "$(readlink .assay/stages/lending/production)" '^\.v1-' 'the folder as well'
halt=$(row halt lending production --reason 'scores are all 0.5' --key li)
fails 1 "halted \\(row $halt\\)" 'T15: any one person stops it' "$assay" check lending production
"$assay" resume lending production --reason 'the feed is repaired' --key rita --quiet
fails 1 'halted' 'T15: one signature does not let it go on' "$assay" check lending production
"$assay" resume lending production --reason 'the feed is repaired' --key li --quiet
try "$assay" check lending production
is "$rc" 0 'T15: the quorum does'
"$assay" halt lending production --unsigned --quiet
fails 1 'halted, unsigned' 'T15: and without any key' "$assay" check lending production
"$assay" resume lending production --reason 'nothing was wrong' --key rita --quiet
"$assay" resume lending production --reason 'nothing was wrong' --key li --quiet
is "$(find .assay/stages/lending -mindepth 1 -maxdepth 1 -name '.*' | wc -l)" 2 'folders that no stage uses are taken away'

# ---- requests, detached signatures, staleness
p3=$(row propose lending@2 staging --reason 'for the smoke test' --key mara)
id=0123456789abcdef0123456789abcdef
a=$(row approve "$p3" --reason one --key li --request $id)
b=$(row approve "$p3" --reason one --key li --request $id)
is "$a" "$b" 'T19: the same request, the same row'
fails 2 'another decision' 'T19: for another decision it is refused' "$assay" halt lending production --key li --request $id
fails 2 'another decision' 'T19: nor with another reason' "$assay" approve "$p3" --reason two --key li --request $id
fails 2 'another decision' 'T19: nor of another model' "$assay" approve "$p2" --reason one --key li --request $id
stop=fedcba98765432100123456789abcdef
"$assay" halt lending production --reason odd --key li --request $stop --quiet
fails 2 'another decision' 'T19: nor of another stage' "$assay" halt lending staging --reason odd --key li --request $stop
"$assay" resume lending production --reason 'nothing was wrong' --key rita --quiet
"$assay" resume lending production --reason 'nothing was wrong' --key li --quiet
p4=$(row propose lending@1 staging --reason 'the other one' --key mara)
"$assay" payload "$p4" --as rita@lab --reason 'read it elsewhere' >text --quiet
ssh-keygen -q -Y sign -f rita -n signoff@assay text 2>/dev/null
sed 's/elsewhere/anywhere/' text >other
fails 6 '' 'T30: another text than was signed' "$assay" approve "$p4" --signature text.sig --payload other
fails 2 'go together' 'a signature wants its text' "$assay" approve "$p4" --signature text.sig
fails 2 'not what this command is for' 'and the command that it is for' "$assay" reject "$p4" --reason r --signature text.sig --payload text
cp text text2
ssh-keygen -q -Y sign -f rita -n git text2 2>/dev/null
fails 6 'namespace' 'T24: a signature for another purpose' "$assay" approve "$p4" --signature text2.sig --payload text
try "$assay" approve "$p4" --signature text.sig --payload text
is "$rc" 0 'T30: a signature that was made elsewhere'
try "$assay" approve "$p4" --signature text.sig --payload text
is "$rc" 0 'and the same again'
like "$out" 'stands already' 'is the same row'
"$assay" payload "$p4" --as ravi@lab --kind reject --reason 'no' >text --quiet
rm -f text.sig
ssh-keygen -q -Y sign -f ravi -n signoff@assay text 2>/dev/null
"$assay" gate lending@1 staging >/dev/null
"$assay" propose lending@1 staging --reason 'once more' --key mara --quiet
fails 4 'came after this text' 'T30: after others have come it is stale' "$assay" reject "$p4" --reason no --signature text.sig --payload text

# ---- what changed: code, features, data
git init -q . && git config user.email t@example.org && git config user.name t
git commit -q --allow-empty -m one
"$assay" train logistic --data set -n before --quiet && "$assay" register before other --quiet
p5=$(row propose other@1 staging --reason one --key mara)
"$assay" approve "$p5" --reason fine --key li --quiet
"$assay" promote "$p5" --key omar --quiet 2>/dev/null
git commit -q --allow-empty -m two && git commit -q --allow-empty -m three
make_csv 400 9 >more.csv
"$assay" data add set more.csv --label y --positive good --quiet
"$assay" train logistic --data set --drop z -n after --quiet && "$assay" register after other --quiet
p5=$(row propose other@2 staging --reason two --key mara)
try "$assay" review "$p5" --json
is "$("$json_get" <<<"$out" changes.code changes.features_removed changes.features_added changes.rows_more changes.params)" \
    $'2 commits\n1\n0\n100\n1' 'review counts commits, features, rows and parameters'
like "$("$assay" review "$p5")" 'features z: z → –' 'and names them'

# ---- whose key it is: the configuration, the agent
mkdir -p "$XDG_CONFIG_HOME/assay"
printf '[sign]\nkey = %s/ravi\n' "$PWD" >"$XDG_CONFIG_HOME/assay/config.ini"
like "$("$assay" checkpoint --sign --reason 'week 48')" 'signed by ravi@lab' '[sign] key of config.ini'
printf '[sign]\nkee = x\n' >"$XDG_CONFIG_HOME/assay/config.ini"
fails 2 'config.ini:2:.*has no key "kee"' 'a misspelt one is said, with its line' "$assay" checkpoint --sign
rm "$XDG_CONFIG_HOME/assay/config.ini"
fails 3 'no key was named' 'without any key' "$assay" checkpoint --sign
if command -v ssh-agent >/dev/null; then
    eval "$(ssh-agent -a "$PWD/agent")" >/dev/null
    ssh-add -q li rita 2>/dev/null
    fails 3 'holds 2 keys that the roster names' 'an agent with two of them' "$assay" checkpoint --sign
    like "$("$assay" checkpoint --sign --as li@lab)" 'signed by li@lab' 'then --as says which'
    like "$("$assay" checkpoint --sign --key pub/rita.pub)" 'signed by rita@lab' 'or the public key'
    kill "$SSH_AGENT_PID"
    unset SSH_AUTH_SOCK SSH_AGENT_PID
else
    skip 'keys of an agent' 'no ssh-agent'
fi

# ---- the ledger as a whole
try "$assay" verify
is "$rc" 0 'the ledger verifies'
is "$("$assay" verify --json | "$json_get" result problems)" $'ok\n[]' 'and in JSON'
is "$("$assay" checkpoint --quiet | wc -l)" 3 'T35: a checkpoint has three lines'
is "$("$assay" checkpoint --quiet | sed -n 2p)" "$(rows)" 'with the number of rows'
"$assay" gate lending@2 production >/dev/null
like "$("$assay" ledger 2>&1 >/dev/null)" 'unsealed: [0-9]' 'T36: what is not sealed is counted'
is "$(sqlite3 .assay/ledger.db .schema 2>/dev/null | tr -s ' \n' ' ' | grep -c 'TABLE')" 1 'T1: one table, no status'
plan
