#!/bin/bash
# What takes long on data: a bar where there is a terminal, Ctrl-C, and the second profile of a file from the cache.
# shellcheck disable=SC1091,SC2154 # what tap.bash sets
. "$(dirname "$0")/../lib/tap.bash"
cd "$tmp" || exit 3
cache=$XDG_CACHE_HOME/assay/profiles
kept='as profiled .* ago; --fresh reads it again'

rows() { # from
    printf 'id,x,word\n'
    seq "$1" $(($1 + 299)) | awk '{ printf "%d,%d.5,word %d\n", 1000 + NR, $1 % 90 + 10, NR % 7 }'
}
rows 0 >a.csv
want=$("$assay" data profile a.csv --json --fresh)

try "$assay" data profile a.csv
is "$rc" 0 "a file that was profiled before"
like "$err" "$kept" "it is said that it was not read"
try "$assay" data profile a.csv --json
is "$out$err" "$want" "the same bytes of JSON, and nothing of where they come from"
try "$assay" data profile a.csv --csv
is "$err" "" "nor beside CSV"
try "$assay" data profile a.csv --quiet
is "$err" "" "nor with --quiet"
first=$("$assay" data profile a.csv 2>/dev/null)
try "$assay" data profile a.csv --fresh
is "$out" "$first" "--fresh tells the same"
fails 2 '--fresh is for files' "--fresh of what is registered" "$assay" data profile registered --fresh
is "$(grep -c "as profiled" <<<"$err")" 0 "and reads"
# A file that has not changed for two seconds is known by its times alone; one that is newer by its bytes.
for _ in $(seq 20); do
    began=$(date +%s%3N)
    touch a.csv
    "$assay" data profile a.csv --fresh --quiet >/dev/null
    [ $(($(date +%s%3N) - began)) -lt 2000 ] && break
done
cp a.csv copy.csv
try "$assay" data profile copy.csv
like "$err" "$kept" "the same bytes under another name"
touch -d '2020-01-01' copy.csv
try "$assay" data profile copy.csv
like "$err" "$kept" "touched"
try "$assay" data profile a.csv --type x=cat
is "$(grep -c "as profiled" <<<"$err")" 0 "read in another way, it is read"
rows 1 >a.csv
try "$assay" data profile a.csv --json
is "$([ "$out" != "$want" ]; echo $?)" 0 "changed bytes are another profile"
is "$("$assay" data profile a.csv --json --fresh)" "$out" "which is that of these bytes"
rows 0 >a.csv
try "$assay" data profile a.csv --json
is "$out" "$want" "and back again"

try "$assay" data profile a.csv copy.csv
try "$assay" data profile a.csv copy.csv
like "$err" "$kept" "several files"
both=$("$assay" data profile a.csv copy.csv --json)
is "$("$json_get" <<<"$both" rows)" 600 "are kept as such"
is "$(stat -c %a "$cache" "$cache"/*.profile | sort -u)" $'600\n700' "nobody else looks in"

count=$(find "$cache" -type f | wc -l)
is "$("$assay" data profile - --json <a.csv)" "$want" "the standard input"
mkfifo pipe
cat a.csv >pipe &
is "$("$assay" data profile pipe --json)" "$want" "a pipe"
is "$(find "$cache" -type f | wc -l)" "$count" "are not kept"

for f in "$cache"/*; do echo nonsense >"$f"; done
is "$("$assay" data profile a.csv --json)" "$want" "a damaged cache is no harm"
try "$assay" data profile a.csv
like "$err" "$kept" "and is mended"
rm -r "$cache"
ln -s /nowhere "$cache"
try "$assay" data profile a.csv --json
is "$rc$out$err" "0$want" "nor one that cannot be used"
rm "$cache"
for i in 1 2 3 4 5 6; do "$assay" data profile a.csv --json >"out$i" & done
wait
is "$(cat out? | sort -u)" "$want" "several at once"

# Ctrl-C while it waits for more: a pipe that stays open.
"$assay" init --quiet
sleep 200 >pipe &
holder=$!
(
    # Scripts ignore it for what runs behind them.
    trap - INT
    exec "$assay" data profile - <pipe >out 2>err
) &
reader=$!
# Until it takes the signal itself, for which it blocks it: 15 is bit 14.
blocks() { (((0x0$(awk '/^SigBlk/ { print $2 }' "/proc/$1/status") & 0x4000) != 0)); }
await blocks "$reader"
kill -TERM "$reader"
wait "$reader"
is "$?" 1 "it ends soon when it is asked to"
is "$(cat err)" "assay: stopped" "and says why"
kill "$holder" 2>/dev/null

# In a terminal there is a bar, and Ctrl-C is a key. It reaches the shell beside the program as well; a
# shell that does not catch it goes down with it and says nothing (dash, which script(1) takes where
# SHELL is not set).
if script -qec true /dev/null >/dev/null 2>&1; then
    { cat a.csv; sleep 200; } >pipe &
    holder=$!
    mkfifo typed
    (
        trap - INT
        exec script -qec "trap : INT; '$assay' data profile pipe; echo status \$?" /dev/null <typed >shown
    ) &
    terminal=$!
    exec 3>typed
    await grep -q 'reading  0 B' shown
    printf '\003' >&3
    # It closes its end when the program has ended; what is typed stays open until then.
    await grep -q status shown
    exec 3>&-
    wait "$terminal"
    seen=$(tr '\r' '\n' <shown)
    like "$seen" 'reading  0 B' "a bar says what is done"
    like "$seen" 'assay: stopped' "Ctrl-C stops it"
    like "$seen" 'status 1' "with status 1"
    kill "$holder" 2>/dev/null
else
    skip "a bar, Ctrl-C" "script(1) is not here"
fi
plan
