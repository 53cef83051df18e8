#!/bin/bash
# Requirements T23 to T36 on signatures and the ledger, by their commands. The agents of T29 and T31, security keys
# (T28) and the four writers of T33 are in tests/unit/test_ledger_*.c and tests/fault; T35 and T30 also in
# tests/script/trust_flow.sh, T41 in tests/fault/bundle_mutations.c.
# shellcheck disable=SC1091,SC2154,SC2016 # what tap.bash sets; single quotes where another shell expands
. "$(dirname "$0")/../lib/tap.bash"
. "$(dirname "$0")/../lib/trust.bash"
cd "$tmp" || exit 3
{ command -v ssh-keygen && command -v sqlite3; } >/dev/null || { skip 'signatures' 'no ssh-keygen or no sqlite3'; plan; exit 0; }
make_store
p=$(row propose lending@1 production --reason first --key mara)

# ---- T23: only ssh-keygen opens a private key
if command -v strace >/dev/null && strace -f -o /dev/null true 2>/dev/null; then
    # Nobody looks for leaks in what is traced.
    ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 strace -f -e trace=openat,execve -o trace "$assay" approve "$p" --reason 'read it' --key li --quiet
    opened=$(grep -E '"([^"]*/)?li"' trace | grep openat | awk '{ print $1 }' | sort -u)
    signers=$(grep -E 'execve\("[^"]*/ssh-keygen"' trace | grep ' = 0' | awk '{ print $1 }' | sort -u)
    [ -n "$opened" ]
    ok $? 'T23: somebody opened the private key'
    is "$(comm -23 <(echo "$opened") <(echo "$signers"))" '' 'T23: nobody but ssh-keygen'
    is "$(grep -cE 'execve\("[^"]*/(sh|bash|dash)"' trace)" 0 'T23: and without a shell'
else
    skip 'T23: who opens the key' 'no strace here'
    "$assay" approve "$p" --reason 'read it' --key li --quiet
fi

# ---- T24: a text is for one thing
"$assay" payload "$p" --as rita@lab --reason 'read it' --quiet >text
ssh-keygen -q -Y sign -f rita -n signoff@assay text 2>/dev/null
splice() { # name, sed program, statuses that may be
    sed "$2" text >spliced
    "$assay" approve "$p" --signature text.sig --payload spliced --quiet 2>said
    local got=$?
    [[ " $3 " == *" $got "* ]]
    ok $? "T24: another $1"
    [[ " $3 " == *" $got "* ]] || printf '# status %s: %s\n' "$got" "$(cat said)"
}
splice stage 's/^stage production/stage staging/' '6 1'
splice model 's/^model lending/model landing/' '6 1'
splice version 's/^version 1/version 2/' '6 1'
splice policy "s/^policy .*/policy sha256:$(printf '%064d' 7)/" '6 4'
splice store "s/^store .*/store $(printf '%032d' 7)/" '6'
splice signer 's/^signer rita/signer ravi/' '6'
# Signed rightly, but for another stage than what it answers.
sed 's/^stage production/stage staging/' text >other
ssh-keygen -q -Y sign -f rita -n signoff@assay other 2>/dev/null
fails 1 'row .* proposes other things' 'T24: signed for another stage' "$assay" approve "$p" --signature other.sig --payload other
(mkdir elsewhere && cd elsewhere && "$assay" init --quiet --roster ../roster --fingerprint "$(sha256sum <../roster | cut -d' ' -f1)")
fails 6 'another store' 'T24: carried to another store' "$assay" approve "$p" --signature text.sig --payload text --store elsewhere

# ---- T25: what cannot be verified is not taken
mkdir bin
for tool in env bash sh cat; do ln -s "$(command -v $tool)" bin/; done
fails 3 'ssh-keygen' 'T25: without ssh-keygen nothing is signed' env PATH="$PWD/bin" "$assay" approve "$p" --reason r --key rita
try env PATH="$PWD/bin" XDG_STATE_HOME="$PWD/fresh" "$assay" check lending production
is "$rc" 3 'T25: nor verified'
hex=$(sha256sum <roster | cut -d' ' -f1)
object=.assay/objects/${hex:0:2}/${hex:2}
mv "$object" kept
fails 6 'missing' 'T25: a roster that is gone' "$assay" review
: >"$object"
fails 6 '' 'T25: a roster that is empty' "$assay" review
rm -f "$object" && mv kept "$object"
cat /dev/null >nobody
fails 2 'nobody' 'T25: an empty draft' "$assay" roster lint nobody

# ---- T36: what no signature covers yet
"$assay" approve "$p" --signature text.sig --payload text --quiet
"$assay" gate lending@1 staging --quiet >/dev/null
"$assay" gate lending@2 staging --quiet >/dev/null
"$assay" gate lending@2 production --quiet >/dev/null
is "$("$assay" ledger 2>&1 >/dev/null | sed 's/ (.*//')" 'unsealed: 3' 'T36: three rows that are not sealed'
is "$("$assay" ledger --json | "$json_get" unsealed)" 3 'T36: in JSON as well'
like "$("$assay" ledger show 2 2>&1 >/dev/null)" 'unsealed: 3' 'T36: and beside one row'
"$assay" promote "$p" --key omar --quiet
is "$("$assay" ledger --json | "$json_get" unsealed)" 0 'T36: the next signature seals them'

# ---- T32, T34: what whoever can write the file can do to it
"$assay" verify --quiet
pin=home/state/assay/pins/$("$assay" checkpoint --quiet | sed -n '1s/^assay.//p')
n=$(rows)
attack() { # name, regex that `assay verify` must print, SQL; with my pin, and without
    rm -rf copy
    cp -r .assay copy
    sqlite3 copy/ledger.db "$3" || { ok 1 "$1: the attack itself"; return; }
    local before
    before=$(sha256sum <"$pin")
    "$assay" verify --store copy >found 2>/dev/null
    is "$?" 6 "T32: $1: found"
    like "$(cat found)" "$2" "T32: $1: and where"
    "$assay" review --store copy >/dev/null 2>&1
    is "$?" 6 "T32: $1: nothing is decided on it"
    is "$(sha256sum <"$pin")" "$before" "T34: $1: the pin stays"
}
gate=$(sqlite3 .assay/ledger.db "select seq from ledger where cast(body as text) like '%kind gate-results%' limit 1")
sign() { sqlite3 .assay/ledger.db "select seq from ledger where cast(body as text) like '%signer $1@lab%' order by seq limit 1"; }
attack 'a result is bettered' "row $gate: (link|text)" "update ledger set body = cast(replace(cast(body as text), 'result pass', 'result fail') as blob) where seq = $gate"
attack 'a row is taken out' "row $(sign li): gap" "delete from ledger where seq = $(sign li)"
attack 'rows are renumbered after that' 'row [0-9]+: (link|chain|seen)' \
    "delete from ledger where seq = $(sign li); update ledger set seq = seq - 1 where seq > $(sign li)"
attack 'a signature is taken away' "row $(sign rita): (link|unsigned)" "update ledger set sig = x'' where seq = $(sign rita)"
attack 'two signatures are exchanged' "row $(sign li): (link|signature)" \
    "create temp table s as select seq, sig from ledger where seq in ($(sign li), $(sign rita)); update ledger set sig = (select sig from s where s.seq <> ledger.seq) where seq in ($(sign li), $(sign rita))"
attack 'a time is moved' "row $n: (link|time)" "update ledger set at = '2020-01-01T00:00:00.000Z' where seq = $n"
attack 'the end is cut off' "row $n: rollback" "delete from ledger where seq > $((n - 2))"
attack 'a trigger is added' 'schema' "create trigger t after insert on ledger begin delete from ledger where seq = 1; end"
attack 'a view takes the place of the table' 'schema' "alter table ledger rename to rows; create view ledger as select * from rows"
rm -rf copy && cp -r elsewhere/.assay copy && sqlite3 copy/ledger.db 'select 1' >/dev/null
cp copy/ledger.db kept.db && cp -r .assay copy2 && cp kept.db copy2/ledger.db
try "$assay" verify --store copy2
is "$rc" 6 'T34: a fresh ledger in its place: found'
like "$out" 'rollback|fork|store' 'T34: and said'
try "$assay" verify
is "$rc" 0 'T34: the true one is as it was'

# ---- T35: a head that is kept elsewhere
mapfile -t mark < <("$assay" checkpoint --quiet)
try "$assay" verify --pin "${mark[1]}:${mark[2]}"
is "$rc" 0 'T35: a checkpoint from elsewhere holds'
try "$assay" verify --pin "${mark[1]}:$(printf '%064d' 7)"
is "$rc" 6 'T35: one that does not is found'
like "$("$assay" checkpoint --sign --reason 'end of the quarter' --key ravi)" 'signed by ravi@lab' 'T35: a second reviewer vouches with a row'
plan
