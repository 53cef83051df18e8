#!/bin/bash
# Backups of a store that is written, the way back, and archives that are no backups.
# shellcheck disable=SC1091,SC2154,SC2016 # what tap.bash sets; single quotes where another shell expands
. "$(dirname "$0")/../lib/tap.bash"
cd "$tmp" || exit 3
"$assay" init --quiet
for i in 1 2 3; do "$assay" run -n "r$i" -p "lr=0.$i" -- sh -c "echo auc=0.$i" >/dev/null; done
value() { "$json_get" "$1" <<<"$out" 2>&1; }
listing() { "$assay" runs --store "$1" --columns name,id,metrics.auc,params.lr --order name --csv; }

# ---- there and back ----
try "$assay" backup b.tar
like "$rc $out" '^0 b\.tar: .*, verified: 3 runs, [0-9]+ objects, 1 row of the ledger$' "a backup"
is "$(stat -c %a b.tar)" 600 "for its owner alone"
mkdir plain && tar -xf b.tar -C plain
(cd plain && sha256sum --quiet --strict -c SHA256SUMS) >/dev/null 2>&1
ok $? "tar unpacks it, and sha256sum finds it whole"
is "$(cd plain && find . -type f ! -name SHA256SUMS | wc -l)" "$(wc -l <plain/SHA256SUMS)" "the sums name every file"
cp plain/assay.db copy.db
is "$(sqlite3 copy.db 'PRAGMA integrity_check; SELECT count(*) FROM run' 2>/dev/null | paste -sd' ')" "ok 3" "its database is whole by itself"
is "$(find . -name 'b.tar?*')" "" "nothing is left beside it"
fails 1 'there already: --force' "a backup is not written over" "$assay" backup b.tar
try "$assay" backup b.tar --force --json
is "$rc $(value runs) $(value ledger.rows) $(value damaged.0 >/dev/null || echo none)" "0 3 1 none" "unless that is asked for"
fails 2 'lies in the store itself' "nor into the store" "$assay" backup .assay/objects/b.tar
ln -s . link
fails 2 'lies in the store itself' "nor by another name of it" "$assay" --store link backup .assay/b.tar
fails 2 'lies in the store itself' "by any" "$assay" backup link/.assay/b.tar
fails 2 'is no file' "nor to standard output" "$assay" backup -
fails 2 'is no file' "nor under no name" "$assay" backup ''
fails 3 'cannot write in' "nor nowhere" "$assay" backup no/where/b.tar
try "$assay" restore b.tar --store new --json
is "$rc $(value runs) $(value aside)" "0 3 null" "restored elsewhere"
is "$(listing new)" "$(listing .)" "and the same"
is "$(cd new/.assay && find objects -type f | sort | xargs stat -c '%n %a')" "$(cd .assay && find objects -type f | sort | xargs stat -c '%n %a')" "objects as they were"
"$assay" run --store new -n later -- true >/dev/null
is "$("$assay" verify --store new --quiet; echo $?)" 0 "it goes on from there, and its ledger verifies"
fails 1 'something at .*: --force' "nothing is written over" "$assay" restore b.tar --store new
try "$assay" restore b.tar --store new --force
like "$rc $out" $'^0 .*\nwhat was there is at .*new/\\.assay\\.before-restore-20' "with --force it is moved aside"
is "$(listing new)" "$(listing .)" "the backup is in its place"
aside=$(echo new/.assay.before-restore-*)
is "$("$assay" runs --store "$aside" --columns name --where 'name = later' --csv | tail -n1)" later "and the old one is whole"

# ---- which restore ----
"$assay" archive r1 --quiet
try "$assay" restore r1
is "$rc" 0 "restore of a run is what it was"
"$assay" run -n b.tar -- true >/dev/null
fails 2 'a backup and a run: \./b\.tar is the file, run:b\.tar the run' "a name of both" "$assay" restore b.tar
fails 1 'something at' "the file" "$assay" restore ./b.tar
try "$assay" restore run:b.tar
like "$rc $out" '^0 nothing to change' "the run"
fails 1 'no run "none\.tar".*none\.tar is no file of this folder' "neither" "$assay" restore none.tar
echo text >text
fails 1 'no run "text".*text is none that' "a file that is none" "$assay" restore text
fails 2 'lies in the store' "a store into a store" "$assay" restore ./b.tar --store .assay/objects
fails 2 'lies in the store' "nor what is saved of one" "$assay" doctor --save .assay/saved
[ ! -e .assay/objects/.assay ] && [ ! -e .assay/saved ]
ok $? "nothing is left in it"
fails 3 'no such file' "no file" "$assay" restore ./none.tar
fails 2 'no backup that' "another file" "$assay" restore plain/SHA256SUMS
fails 2 'restored alone' "two" "$assay" restore b.tar r1
fails 2 'force goes with a backup' "--force of a run" "$assay" restore --force r1

# ---- archives that are no whole backups ----
hostile() { # regex, name, archive
    fails 6 "$1" "$2" "$assay" restore "$3" --store hostile
    [ ! -e hostile ] || [ -z "$(ls -A hostile)" ] || ok 1 "$2: something is left"
    rm -rf hostile
}
made() { # name of the archive, tar's own options and names
    local to=$1
    shift
    tar --format=ustar --owner=0 --group=0 -cPf "$to" -C plain "$@"
}
head -c 5000 b.tar >cut.tar
hostile 'cut off' "cut off" cut.tar
for at in 40000 200000; do
    cp b.tar flip.tar
    chmod u+w flip.tar
    printf '\xa5' | dd of=flip.tar bs=1 seek=$at conv=notrunc status=none
    hostile 'the sum is not that of|no whole backup|damaged' "a byte changed at $at" flip.tar
done
files=$(cd plain && find assay.db ledger.db objects -type f | sort)
# shellcheck disable=SC2086
made same.tar ASSAY-BACKUP $files SHA256SUMS
try "$assay" restore same.tar --store same
is "$rc" 0 "one that tar made anew is one"
made link.tar ASSAY-BACKUP assay.db ledger.db
ln -sf /etc/passwd plain/roster
made link.tar ASSAY-BACKUP roster SHA256SUMS
hostile 'no regular file' "a link" link.tar
rm plain/roster
echo x >"$tmp/evil"
made up.tar ASSAY-BACKUP ../evil SHA256SUMS
hostile 'holds what no backup does: \.\./evil' "a way out" up.tar
made abs.tar ASSAY-BACKUP "$tmp/evil" SHA256SUMS
hostile 'holds what no backup does: /' "an absolute name" abs.tar
cp evil plain/odd
made odd.tar ASSAY-BACKUP odd SHA256SUMS
hostile 'holds what no backup does: odd' "another name" odd.tar
made folder.tar ASSAY-BACKUP objects SHA256SUMS
hostile 'no regular file' "a folder" folder.tar
made twice.tar ASSAY-BACKUP assay.db ./assay.db assay.db --hard-dereference
hostile 'twice|no backup does' "one twice" twice.tar
made left.tar ASSAY-BACKUP assay.db SHA256SUMS
hostile 'the sum is not that of' "one left out" left.tar
made nosums.tar ASSAY-BACKUP assay.db
hostile 'has no SHA256SUMS' "without its sums" nosums.tar
mkdir -p other && (cd other && "$assay" init --quiet && "$assay" backup ../o.tar --quiet)
mkdir mixed && tar -xf b.tar -C mixed && tar -xf o.tar -C mixed ledger.db
(cd mixed && find ASSAY-BACKUP assay.db ledger.db objects -type f | sort | xargs sha256sum >SHA256SUMS)
# shellcheck disable=SC2046
tar --format=ustar --owner=0 --group=0 -cf mixed.tar -C mixed $(cut -c67- mixed/SHA256SUMS) SHA256SUMS
hostile 'its ledger is that of another store' "the ledger of another store" mixed.tar
cp -r plain newer && sqlite3 newer/assay.db "PRAGMA user_version = 99; UPDATE about SET value = '9.9.9' WHERE key = 'program'" 2>/dev/null
(cd newer && rm -f odd && find ASSAY-BACKUP assay.db ledger.db objects -type f | sort | xargs sha256sum >SHA256SUMS)
# shellcheck disable=SC2046
tar --format=ustar --owner=0 --group=0 -cf newer.tar -C newer $(cut -c67- newer/SHA256SUMS) SHA256SUMS
fails 5 'Assay 9\.9\.9 or newer is needed' "a newer schema" "$assay" restore newer.tar --store newest

# ---- no room ----
(
    trap '' XFSZ
    ulimit -f 100
    "$assay" backup full.tar >full.out 2>&1
    echo $? >full.rc
)
is "$(cat full.rc) $(find . -name 'full.tar*')" "5 " "no room: nothing is left"
like "$(cat full.out)" 'full\.tar' "and said" # EFBIG in the place of ENOSPC

# ---- of a damaged database ----
"$assay" init torn --quiet
sqlite3 torn/.assay/assay.db 'CREATE TABLE filler (b); INSERT INTO filler SELECT zeroblob(3000) FROM (VALUES (1), (2), (3), (4));
    PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
dd if=/dev/zero bs=4096 count=1 seek=$(($(stat -c %s torn/.assay/assay.db) / 4096 - 1)) conv=notrunc of=torn/.assay/assay.db 2>/dev/null
try "$assay" backup --store torn/.assay torn.tar
like "$rc $err" '^5 assay: no backup was made: assay\.db is damaged: .*`assay doctor`' "a damaged database is not backed up; no word of the copy"

# ---- while runs go on ----
"$assay" run -n going -- sh -c 'i=0; while ! [ -e stop ]; do i=$((i + 1)); echo "{\"metric\":\"m\",\"value\":$i,\"step\":$i}" >>"$ASSAY_EVENTS/events-own.jsonl"; done' >/dev/null &
while [ "$("$assay" runs --where 'name = going and metrics.m > 50' --columns name --csv | wc -l)" -lt 2 ]; do sleep 0.05; done
try "$assay" backup going.tar
is "$rc" 0 "beside a run that reports"
fails 1 'runs of the store .* go on' "a store whose runs go on is not moved" "$assay" restore ./going.tar --force
touch stop
wait
try "$assay" restore going.tar --store going
is "$rc" 0 "and back"
"$assay" runs --store going >/dev/null
steps=$("$assay" metrics going m --store going --csv | tail -n +2 | cut -d, -f1)
lines=$(wc -l < <(tar -xOf going.tar --wildcards 'live/*/events-own.jsonl'))
is "$(sort -n <<<"$steps" | uniq -d | head -n1)" "" "no point is there twice"
is "$(tail -n1 <<<"$steps")" "$lines" "and every line of the copied event file is"

# ---- damage in the store ----
object=$(find .assay/objects -type f | head -n1)
chmod u+w "$object" && echo more >>"$object"
try "$assay" backup damaged.tar --quiet
like "$rc $err" '^5 .*the backup was made, but 1 object in the store is damaged, and so in it: [0-9a-f]{64}$' "a damaged object is kept, and told"
try "$assay" restore damaged.tar --store damaged --quiet
is "$rc" 5 "also when it comes back"
plan
