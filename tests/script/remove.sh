#!/bin/bash
# Runs that are removed, come back, and are purged; and what compact gives back, never what something needs.
# shellcheck disable=SC1091,SC2016,SC2154 # what tap.bash sets; single quotes where another shell expands
. "$(dirname "$0")/../lib/tap.bash"
. "$(dirname "$0")/../lib/trust.bash"
cd "$tmp" || exit 3
make_store
for i in 1 2 3 4; do
    "$assay" run -e lab -n "r$i" -p "lr=0.$i" --tag "team=t$i" -- sh -c "echo auc=0.$i; echo output of r$i" >/dev/null
done

names() { "$assay" runs --columns name --order name --csv "$@" | tail -n +2 | paste -sd' '; }
value() { "$json_get" "$1" <<<"$out" 2>&1; }
age() { find .assay/objects .assay/live -exec touch -h -d '2 hours ago' {} +; }
objects() { find .assay/objects -type f | wc -l; }
back='   (`assay undo` takes it back)'

# ---- removed ----
try "$assay" rm r1 r2 --dry-run
is "$rc" 0 "rm --dry-run"
like "$out" '^2 runs: about [0-9.]+ KiB in the database, and 2 files of [0-9]+ B that nothing else needs$' "says how much it is"
is "$(names --where 'experiment = lab')" "r1 r2 r3 r4" "and removes nothing"
fails 2 'no terminal.*--yes' "without a terminal it is not done unasked" "$assay" rm r1
try "$assay" rm r1 r2 --yes
is "$rc $out" "0 removed 2 runs$back" "rm --yes"
is "$(names --where 'experiment = lab')" "r3 r4" "they are out of the list"
is "$(names --where 'experiment = lab and archived')" "" "and not among the archived"
is "$(names --where removed)" "r1 r2" "a filter that speaks of it finds them"
try "$assay" runs --group experiment --json
like "$out" '"count":2' "nor do groups count them"
fails 1 'was removed, and is not compared' "nor are they compared" "$assay" compare r1 r3
try "$assay" show r1 --json
like "$(value removed)" '^20..-..-..T' "show says since when"
try "$assay" rm r1 --yes
like "$out" 'nothing to change' "again"
try "$assay" undo
like "$out" 'took back: removed 2 runs.*as if by: assay restore [0-9a-f]{8} [0-9a-f]{8}' "undo"
is "$(names --where 'experiment = lab')" "r1 r2 r3 r4" "they are back"
"$assay" redo --quiet
try "$assay" restore --where 'params.lr = 0.2'
is "$out" "restored r2$back" "restore by a filter"
"$assay" rm --where 'tags.team = t2' --yes --quiet
is "$(names --where 'experiment = lab')" "r3 r4" "rm by a filter"
fails 2 'where is empty, and would be every run' "a filter that is empty is no filter" "$assay" rm --where ' ' --yes
fails 2 'where is empty' "nor to purge by" "$assay" purge --where '' --yes
try "$assay" rm --where 'name = nobody' --yes --json
is "$rc $(value asked) $(value changed)" "0 0 0" "rm of none"
"$assay" run -n sleeper -- sh -c 'touch started; while ! [ -e go ]; do sleep 0.05; done' >/dev/null &
while ! [ -e started ]; do sleep 0.05; done
fails 1 'sleeper is running: what is not over cannot be removed' "a run that is not over stays" "$assay" rm sleeper --yes
try "$assay" rm sleeper --dry-run --json
is "$(value runs) $(value left)" "0 1" "and is counted"
touch go
wait

# ---- purged ----
fails 1 'r3 .* is not removed: `assay rm' "what is not removed is not purged" "$assay" purge r3 --yes
fails 2 'no terminal.*--yes' "nor unasked" "$assay" purge
fails 2 'a time like 30d' "--older-than what" "$assay" purge --older-than soon
try "$assay" purge --older-than 1h --yes
like "$out" 'no removed run' "none is removed as long as that"
try "$assay" purge --dry-run --json
is "$(value runs) $(value objects) $(value kept)" "2 2 0" "purge --dry-run"
before=$(objects)
try "$assay" purge r1 --yes --json
is "$rc $(value purged) $(value objects_removed) $(value objects_young)" "0 1 0 1" "purge one; a young file stays for now"
is "$(names --where removed)" "r2" "it is gone"
id=$("$assay" runs --where removed --json | "$json_get" 0.run_id)
age
try "$assay" purge --yes
like "$out" 'purged 1 run and 1 file of [0-9]+ B; `assay compact`' "purge the rest, with its file"
is "$(objects)" $((before - 1)) "which is gone"
fails 1 'the run r2 .* was purged: .*by '"$(id -un)@" "who asks for it is told" "$assay" show "$id"
fails 1 'was purged' "by its short id too" "$assay" show "${id:24}"
[ ! -e ".assay/live/$id" ]
ok $? "its folder is gone"
try "$assay" edits
[[ $out != *removed* ]]
ok $? "of edits none speaks of it any more"

# ---- what the ledger needs ----
"$assay" rm first --yes --quiet
try "$assay" purge first --yes
is "$rc" 1 "a registered run is not purged: status 1"
like "$out" 'first \([0-9a-f]{8}\) stays: registered as lending@1' "and it is said why"
try "$assay" purge --dry-run --json
is "$(value runs) $(value kept) $(value kept_why.0.why)" "0 1 registered as lending@1" "in JSON too"
# Whoever takes the cache of the registry away does not get it either: the ledger says it.
cp -a .assay copy
sqlite3 copy/assay.db "delete from model_version where version = 1"
try "$assay" purge first --yes --store copy
is "$rc" 1 "nor without the row of the registry"
like "$out" 'stays: row [0-9]+ of the ledger names it' "the ledger names it"
mv copy/ledger.db copy/gone
fails 6 'ledger.db' "without its ledger nothing is purged" "$assay" purge --yes --store copy
fails 6 'ledger.db' "nor compacted" "$assay" compact --store copy
rm -rf copy
"$assay" undo --quiet
"$assay" rm second --yes --quiet
fails 1 'was removed: `assay restore' "what is removed is not registered" "$assay" register second other
"$assay" restore second --quiet

# ---- compact ----
age
try "$assay" compact --json
is "$(value objects) $(value objects_young)" "1 0" "the file that was too young at the purge goes now"
before=$(objects)
echo unused >stray && digest=$(sha256sum <stray | cut -d' ' -f1) && mkdir -p ".assay/objects/${digest:0:2}" && cp stray "$(object_of "$digest")"
echo young >stray && young=$(sha256sum <stray | cut -d' ' -f1) && mkdir -p ".assay/objects/${young:0:2}"
cp .assay/objects/"${digest:0:2}/${digest:2}" .assay/objects/new-zzzzzz
mkdir -p .assay/live/0123456789abcdef0123456789abcdef && echo x >.assay/live/0123456789abcdef0123456789abcdef/output.log
age
cp stray "$(object_of "$young")"
try "$assay" compact --dry-run --json
is "$rc $(value objects) $(value object_bytes) $(value objects_young) $(value copies) $(value folders)" "0 1 7 1 1 1" "compact --dry-run"
is "$(objects)" $((before + 3)) "changes nothing"
try "$assay" compact
is "$rc" 0 "compact"
like "$out" 'removed 1 object that nothing names, 7 B' "what nothing names goes"
like "$out" 'left 1 object that nothing names, but was written within the last hour' "but not what is young"
is "$(objects) $([ -e "$(object_of "$young")" ] && echo there)" "$((before + 1)) there" "the rest stays"
is "$(stat -c %s .assay/assay.db-wal 2>/dev/null || echo 0)" 0 "the log is empty"
rm -f "$(object_of "$young")"
try "$assay" compact --json
is "$(value objects) $(value copies) $(value folders)" "0 0 0" "again there is nothing"
try "$assay" verify
is "$rc" 0 "verify finds everything that the ledger names"
try "$assay" log r3
like "$out" 'output of r3' "files of other runs are there"
try "$assay" evaluate first --data held --json
is "$rc" 0 "models too"

# ---- the database gives space back ----
for i in 1 2 3; do
    "$assay" run -n "big$i" -- sh -c 'awk "BEGIN { srand('$i'); for (i = 0; i < 100000; i++) print \"{\\\"metric\\\":\\\"loss\\\",\\\"value\\\":\" rand() \",\\\"step\\\":\" i \"}\" }" >"$ASSAY_EVENTS/events-x.jsonl"' >/dev/null
done
"$assay" rm big1 big2 big3 --yes --quiet
"$assay" purge --yes --quiet
size=$(stat -c %s .assay/assay.db)
try "$assay" compact --json
is "$(value written_anew)" true "a database with unused pages is written anew"
now=$(stat -c %s .assay/assay.db)
[ "$now" -lt $((size / 2)) ]
ok $? "and smaller ($size, then $now bytes)"
is "$(value after.database) $(value after.unused)" "$now 0" "as it says"
is "$(sqlite3 .assay/assay.db 'pragma integrity_check; select count(*) from pragma_foreign_key_check')" $'ok\n0' "it is whole"
is "$(names --where 'experiment = lab')" "r3 r4" "the runs are there"

# ---- asked on a terminal ----
if script -qec true /dev/null >/dev/null 2>&1; then
    answer() { # answer, command…
        local say=$1
        shift
        (sleep 0.3; echo "$say") | script -qec "$(printf '%q ' "$@")" /dev/null 2>&1 | tr -d '\r'
    }
    like "$(answer n "$assay" rm r3)" 'remove 1 run: about .*[?] \[y/N\].*nothing was removed' "a no"
    is "$(names --where 'experiment = lab')" "r3 r4" "removes nothing"
    like "$(answer y "$assay" rm r3)" 'removed r3' "a yes does"
    like "$(answer '' "$assay" purge)" 'delete for good 1 run.*cannot be taken back.*nothing was purged' "Enter is a no"
    like "$(answer yes "$assay" purge)" 'purged 1 run' "yes"
else
    skip "asked on a terminal" "needs script(1)"
fi
plan
