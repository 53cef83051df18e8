#!/bin/bash
# Takes the ledger's rules out of the code one by one and expects exactly that rule's test to fail.
#     BUILD=build CC=cc LIBS='…' tests/long/rule_removal.sh [RULE…]
# A rule is asked in one file only (tests/script/ledger_rules.sh), so that one is compiled without it and linked
# before the library that holds the rest.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build} cc=${CC:-cc}
libs=${LIBS:-$(pkg-config --libs sqlite3 ncursesw gsl json-c libcrypto inih libzstd) -lcsv -lpthread -ldl -lm -lcmocka -lvterm -lutil}
tmp=$(mktemp -d) || exit 3
trap 'rm -rf "$tmp"' EXIT
export CMOCKA_MESSAGE_OUTPUT=TAP
tests=()
for t in tests/unit/test_ledger_rules_*.c; do tests+=("$build/${t%.c}"); done

failing() { # objects…: names of the tests that fail when these stand before the library
    local t
    for t in "${tests[@]}"; do
        # shellcheck disable=SC2086 # libraries are words
        $cc -Wl,--as-needed "$t.o" "$@" "$build"/tests/lib/ledger_rows.o "$build"/tests/lib/ledger_world.o \
            "$build/libassay.a" $libs -o "$dir/test" || { echo "does not link"; return; }
        "$dir/test" 2>/dev/null | sed -nE 's/^not ok [0-9]+ - ([a-z_]+).*/\1/p'
        # A crash says no name.
        [ "${PIPESTATUS[0]}" -lt 128 ] || echo "crashed: ${t##*/}"
    done
}

without() { # rule, its test: prints nothing when all is as it should be
    local dir=$tmp/$1 file found
    mkdir "$dir"
    file=$(grep -lE "RULE_ASKED\($1\)" src/ledger/*.c)
    # shellcheck disable=SC2046,SC2086 # flags are words, and "ccache gcc" is two
    $cc -std=c11 -D_GNU_SOURCE -Iinclude -O0 -g -pthread $(pkg-config --cflags-only-I json-c sqlite3) \
        "-DRULE_OUT=RULE_$1" -c "$file" -o "$dir/rule.o" || { echo "$1: does not compile"; return; }
    found=$(failing "$dir/rule.o" | paste -sd' ')
    [ "$found" = "$2" ] || echo "$1: fails are \"$found\", not \"$2\""
    rm -rf "$dir"
}
export -f failing without

rules=$(sed -nE 's/^\tRULE\(([A-Z_]+), ([a-z_]+)\).*/\1 \2/p' src/ledger/rules.h)
[ $# = 0 ] || rules=$(for r in "$@"; do grep "^$r " <<<"$rules"; done)
dir=$tmp
whole=$(failing | paste -sd' ')
if [ -z "$whole" ]; then echo 'ok 1 - with every rule in, no test fails'; else echo "not ok 1 - with every rule in, $whole fails"; fi

n=1 held=0 count=0
while read -r rule test; do
    ( without "$rule" "$test" >"$tmp/$rule.said" ) &
    count=$((count + 1))
    [ $((count % ${JOBS:-$(nproc)})) = 0 ] && wait
done <<<"$rules"
wait
while read -r rule test; do
    n=$((n + 1))
    if [ -s "$tmp/$rule.said" ]; then
        echo "not ok $n - $(cat "$tmp/$rule.said")"
    else
        echo "ok $n - without $rule, $test fails and nothing else"
        held=$((held + 1))
    fi
done <<<"$rules"
echo "1..$n"
echo "# $held/$count rules taken out, each seen by its own test"
[ "$held" = "$count" ] && [ -z "$whole" ]
