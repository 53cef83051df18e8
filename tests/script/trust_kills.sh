#!/bin/bash
# A reviewer's program is killed at some moment between the start and the answer, and the same is asked again with the
# same key: one row, whatever happened. Two reviewers at once: both count. Publication likewise.
#     TRIALS=200 tests/script/trust_kills.sh
# shellcheck disable=SC1091,SC2154 # what tap.bash sets
. "$(dirname "$0")/../lib/tap.bash"
. "$(dirname "$0")/../lib/trust.bash"
cd "$tmp" || exit 3
command -v ssh-keygen >/dev/null || { skip 'kills' 'no ssh-keygen'; plan; exit 0; }
trials=${TRIALS:-8}
# A folder is published with the whole ledger, and verified with it: the cost grows with the square.
[ "$trials" -le 100 ] || trials=100
make_store
approvals() { "$assay" ledger ls --csv --quiet | grep -c ',approve,.*,li@lab,'; }

# How long it takes when nobody disturbs it, in milliseconds.
p=$(row propose lending@1 staging --reason 'to measure' --key mara)
start=$(date +%s%N)
"$assay" approve "$p" --reason 'read it' --key li --quiet
took=$((($(date +%s%N) - start) / 1000000 + 1))

once=0 wrong=0 cut=0
for ((i = 0; i < trials; i++)); do
    p=$(row propose lending@1 staging --reason "trial $i" --key mara)
    before=$(approvals)
    "$assay" approve "$p" --reason 'read it' --key li --quiet >/dev/null 2>&1 &
    pid=$!
    sleep "$(awk -v ms=$((took * (i + 1) * 5 / trials / 4)) 'BEGIN { print ms / 1000 }')"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    [ $? = 137 ] && cut=$((cut + 1))
    "$assay" approve "$p" --reason 'read it' --key li --quiet || wrong=$((wrong + 1))
    [ "$(approvals)" = $((before + 1)) ] && once=$((once + 1))
done
is "$once $wrong" "$trials 0" "killed and asked again, $trials times: one approval each ($cut were cut off)"
[ "$cut" -gt 0 ]
ok $? 'some of them were really cut off'
try "$assay" verify
is "$rc" 0 'the ledger verifies'

# ---- two at once
both=0
for ((i = 0; i < 4; i++)); do
    p=$(row propose lending@2 production --reason "pair $i" --key mara)
    "$assay" approve "$p" --reason 'read it' --key li --quiet 2>err.li &
    one=$!
    "$assay" approve "$p" --reason 'read it too' --key rita --quiet 2>err.rita &
    two=$!
    wait $one && wait $two && [ "$("$assay" review "$p" --json | "$json_get" have approved)" = $'2\ntrue' ] && both=$((both + 1))
done
is "$both" 4 'two reviewers at once: both signatures count'
# Whoever promotes twice at once: one row, and both are told of it.
"$assay" promote "$p" --key omar --quiet 2>err.first &
one=$!
"$assay" promote "$p" --key omar --quiet 2>err.second
second=$?
wait $one
first=$?
is "$("$assay" ledger ls --csv --quiet | grep -c ',promote,')" 1 'one promotion, though two asked for it'
[ $first = 0 ] || [ $second = 0 ]
ok $? 'at least one of them is told so'
"$assay" check lending production --quiet
ok $? 'and the stage may be used'

# ---- killed while it publishes: the link points to a whole folder, before and after
broken=0
[ "$trials" -le 40 ] || trials=40
for ((i = 0; i < trials; i++)); do
    "$assay" promote "$p" --key omar --quiet >/dev/null 2>&1 &
    pid=$!
    sleep "$(awk -v ms=$((took * (i + 1) / trials)) 'BEGIN { print ms / 1000 }')"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    sh .assay/stages/lending/production/verify.sh >/dev/null 2>&1 || broken=$((broken + 1))
done
is "$broken" 0 "killed while publishing, $trials times: the stage's folder is whole"
"$assay" promote "$p" --key omar --quiet
ok $? 'promote again publishes'
is "$(find .assay/stages/lending -mindepth 1 -maxdepth 1 -name '.*' | wc -l)" 2 'what was left half-written is taken away'

# ---- a hook that does not end
printf '#!/bin/sh\nsleep 60\n' >hook && chmod +x hook
printf '[hooks]\npromote = %s/hook\ntimeout = 1\n' "$PWD" >.assay/config.ini
chmod 600 .assay/config.ini
try "$assay" promote "$p" --key omar
is "$rc" 3 'a hook that does not end is stopped'
like "$err" 'did not end within 1000 ms' 'and that is said'
plan
