#!/bin/bash
# The table of the ledger's rules: each is asked at exactly one place, and has a test of its own.
set -u
cd "$(dirname "$0")/../.." || exit 1

n=0 failed=0
check() { # what, lines that are wrong
    n=$((n + 1))
    if [ -z "$2" ]; then echo "ok $n - $1"; else printf 'not ok %s - %s\n# %s\n' "$n" "$1" "${2//$'\n'/$'\n# '}"; failed=1; fi
}

rules=$(sed -nE 's/^\tRULE\(([A-Z_]+), ([a-z_]+)\).*/\1 \2/p' src/ledger/rules.h)
check 'the table is read' "$([ "$(wc -l <<<"$rules")" -ge 90 ] || echo "$(wc -l <<<"$rules") rules")"
check 'each rule is asked at one place' "$(while read -r rule _; do
    c=$(grep -ohE "RULE_ASKED\($rule\)" src/ledger/*.c | wc -l)
    [ "$c" = 1 ] || echo "$rule: $c times"
done <<<"$rules")"
check 'what is asked stands in the table' "$(grep -ohE 'RULE_ASKED\([A-Z_]+\)' src/ledger/*.c | sed 's/RULE_ASKED(//; s/)//' |
    while read -r rule; do grep -q "^$rule " <<<"$rules" || echo "$rule"; done)"
check 'each rule has a test' "$(while read -r rule test; do
    [ "$(cat tests/unit/test_ledger_rules_*.c | grep -cE "^static void $test\(|^	    T\($test\),")" = 2 ] || echo "$rule: $test"
done <<<"$rules")"
check 'no test is that of two rules' "$(cut -d' ' -f2 <<<"$rules" | sort | uniq -d)"
echo "1..$n"
exit $failed
