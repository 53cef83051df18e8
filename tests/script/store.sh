#!/bin/bash
# A store that is newer, corrupt, no store at all, read-only, or on a full disk: one message, the right status.
# shellcheck disable=SC1091,SC2016,SC2154 # what tap.bash sets; single quotes where another shell expands
. "$(dirname "$0")/../lib/tap.bash"
cd "$tmp" || exit 3
"$assay" init --quiet
printf 'a,b,y\n1,2,0\n3,4,1\n5,6,0\n7,8,1\n' >a.csv
"$assay" data add set a.csv --label y --quiet
"$assay" run -n one -- true

# Every command that opens a store, on the one that is named.
each() { # status, expression, name, store
    fails "$1" "$2" "$3: runs" "$assay" --store "$4" runs
    fails "$1" "$2" "$3: show" "$assay" --store "$4" show one
    fails "$1" "$2" "$3: data ls" "$assay" --store "$4" data ls
    fails "$1" "$2" "$3: data add" "$assay" --store "$4" data add set a.csv
    fails "$1" "$2" "$3: train" "$assay" --store "$4" train logistic --data set
    try "$assay" --store "$4" run -- true
    is "$rc" 125 "$3: run"
}
mkdir corrupt newer foreign
cp -a .assay corrupt/
for f in corrupt/.assay/assay.db*; do printf 'this is no database, whatever its name may say........................' | dd of="$f" conv=notrunc 2>/dev/null; done
rm -f corrupt/.assay/assay.db-wal corrupt/.assay/assay.db-shm
each 5 'corrupt/.assay.*assay doctor' "a corrupt store" corrupt
cp -a .assay foreign/
: >foreign/.assay/assay.db
rm -f foreign/.assay/assay.db-wal foreign/.assay/assay.db-shm
each 5 'foreign/.assay' "an empty file for a database" foreign
mkdir -p nothing/.assay
each 5 'nothing' "a folder that only looks like a store" nothing
if command -v sqlite3 >/dev/null; then
    cp -a .assay newer/
    sqlite3 newer/.assay/assay.db "UPDATE about SET value = '99' WHERE key = 'schema'; PRAGMA user_version = 99;" >/dev/null
    each 5 '99|newer' "a store of a later version" newer
else
    skip "a store of a later version" "no sqlite3"
fi

may_mount() { [ "$(id -u)" = 0 ] && mkdir -p mnt && mount -t tmpfs -o "$1" tmpfs mnt 2>/dev/null; }
trap 'umount "$tmp/mnt" 2>/dev/null; chmod -R u+w "$tmp" 2>/dev/null; rm -rf "$tmp"' EXIT
if may_mount size=8m; then
    cp -a .assay mnt/
    mount -o remount,ro mnt
    fails 5 'mnt/.assay' "a read-only store: data add" "$assay" --store mnt data add more a.csv
    try "$assay" --store mnt run -- true
    is "$rc" 125 "a read-only store: run"
    like "$err" 'assay: .*mnt/.assay' "and it is said which"
    try "$assay" --store mnt runs --columns name --csv
    is "$rc $out" $'0 name\none' "a read-only store can be read"
    mount -o remount,rw mnt
    "$assay" --store mnt rename one other --quiet
    rm mnt/.assay/assay.db-shm
    mount -o remount,ro mnt
    is "$("$assay" --store mnt runs --columns name --csv)" $'name\nother' "and what stands in its log alone, without an index too"
    try "$assay" --store mnt backup in-log.tar
    like "$rc $out" '^0 .*verified: 1 run,' "and is backed up"
    mount -o remount,rw mnt
    "$assay" --store mnt compact --quiet
    rm -f mnt/.assay/*-shm mnt/.assay/*-wal
    mount -o remount,ro mnt
    try "$assay" --store mnt backup no-log.tar
    like "$rc $out" '^0 .*verified: 1 run,' "without a log as well"
    is "$("$assay" restore no-log.tar --store back --quiet; "$assay" restore in-log.tar --store log --quiet
        for s in back log; do "$assay" --store $s runs --columns name --csv | tail -n1; done)" $'other\nother' "and restored"
    mount -o remount,rw mnt
    "$assay" --store mnt rename other one --quiet
    dd if=/dev/zero of=mnt/filler bs=64k 2>/dev/null
    before=$("$assay" --store mnt data ls --json)
    fails 5 'space|full|disk' "a full disk: data add" "$assay" --store mnt data add other a.csv --names p,q,r --no-header
    is "$("$assay" --store mnt data ls --json)" "$before" "nothing half done"
    try "$assay" --store mnt run -- true
    is "$rc" 125 "a full disk: run"
    fails 5 'space|full|disk' "a full disk: init" "$assay" init mnt/new
    rm mnt/filler
    "$assay" --store mnt run -n filling -- sh -c 'dd if=/dev/zero of=mnt/filler bs=64k 2>/dev/null; touch full; exec sleep 60' 2>/dev/null &
    while ! [ -e full ]; do sleep 0.05; done
    (sleep 1 && rm mnt/filler) &
    try timeout 120 "$assay" --store mnt stop filling
    is "$rc" 0 "a run can be stopped where there is no room to write that it is to be"
    wait
    like "$("$assay" --store mnt show filling --json)" '"status":"killed"' "and is said to be, once there is room"
    try "$assay" --store mnt data add other a.csv --quiet
    is "$rc" 0 "room again: all is well"
    umount mnt
elif [ "$(id -u)" != 0 ]; then
    mkdir ro && cp -a .assay ro/ && chmod -R a-w ro
    fails 5 'ro/.assay' "a read-only store: data add" "$assay" --store ro data add more a.csv
    try "$assay" --store ro runs --columns name --csv
    is "$rc $out" $'0 name\none' "a read-only store can be read"
    skip "a full disk" "needs root and mount"
else
    skip "a read-only store" "needs root and mount"
    skip "a full disk" "needs root and mount"
fi
# Somebody who may read everything and write nothing, while nobody has the store open.
if [ "$(id -u)" = 0 ] && setpriv --reuid=65534 --clear-groups true 2>/dev/null; then
    chmod 755 . # and what is above it
    mkdir others && "$assay" init others --quiet
    as_other() { setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/nonexistent "$assay" --store others "$@"; }
    is "$(as_other runs --columns name --csv)" name "a new store can be read by another user"
    "$assay" --store others run --quiet -n theirs -- true
    is "$(as_other runs --columns name --csv)" $'name\ntheirs' "and one with a log that nobody has open"
    rm others/.assay/assay.db-shm
    fails 5 'no index.*command of its owner' "without its index it says who can make one" as_other runs
    try "$assay" --store others runs --quiet
    is "$(as_other runs --columns name --csv)" $'name\ntheirs' "and then it can be read"
else
    skip "a store of another user" "needs root and setpriv"
fi
mkdir "$tmp/gone" && cd "$tmp/gone" && rmdir "$tmp/gone"
fails 5 'this folder is gone' "from a folder that is gone no store is looked for" timeout 60 "$assay" runs
cd "$tmp" || exit 3
ASSAY_NETWORK_PATHS=$tmp fails 5 'network file system' "no store is made on a network file system" "$assay" init far
[ ! -e far/.assay ]
ok $? "and nothing is left there"
plan
