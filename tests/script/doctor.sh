#!/bin/bash
# What the doctor finds, what it says to do, and what is saved of a damaged store.
# shellcheck disable=SC1091,SC2154,SC2016,SC2001 # what tap.bash sets; single quotes where another shell expands
. "$(dirname "$0")/../lib/tap.bash"
. "$(dirname "$0")/../lib/trust.bash"
cd "$tmp" || exit 3
mkdir -p good && cd good || exit 3
"$assay" init --quiet
for i in 1 2 3; do "$assay" run -n "r$i" -p "lr=0.$i" -- sh -c "for k in 1 2 3; do echo auc=0.$i\$k; done" >/dev/null; done
"$assay" run -n long -- sh -c 'i=0; while [ $i -lt 1500 ]; do i=$((i + 1)); echo "{\"metric\":\"m\",\"value\":$i.5,\"step\":$i}"; done >>"$ASSAY_EVENTS/events-own.jsonl"' >/dev/null
sqlite3 .assay/assay.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
cd ..
value() { "$json_get" "$1" <<<"$out" 2>&1; }
# The lines of a check, of the store in ./hurt: level text.
said() { sed 's/},{/\n/g' <<<"$out" | sed -n "s/.*\"check\":\"$1\",\"level\":\"\([a-z]*\)\",\"text\":\"\(.*\)\",\"advice.*/\1 \2/p"; }
hurt() { # a fresh copy
    chmod -R u+w hurt saved 2>/dev/null
    rm -rf hurt saved
    cp -a good hurt
}
sums() { (cd "$1/.assay" && find . -type f ! -name 'assay.db-*' | sort | xargs sha256sum); }
sick() { # status, check, regular expression, name; of ./hurt
    try "$assay" doctor --store hurt --json
    local line
    line=$(said "$2")
    [ "$rc" = "$1" ] && [[ $line =~ $3 ]]
    ok $? "$4"
    [ "$rc" = "$1" ] && [[ $line =~ $3 ]] || printf '# status %s: %s\n' "$rc" "${line//$'\n'/$'\n# '}"
}
sql() { sqlite3 hurt/.assay/assay.db "$1" >/dev/null; }

# ---- a store that is well ----
hurt
before=$(sums hurt)
try "$assay" doctor --store hurt
is "$rc $err" "0 " "a store that is well"
like "$out" $'(^|\n)✓ sqlite +SQLite [0-9.]+: write-ahead log' "the regime is said"
like "$out" $'\n✓ series +[0-9]+ series with [0-9,]+ points: every block reads' "every point was read"
like "$out" $'\n✓ ledger +1 row,' "the ledger is verified"
is "$(sums hurt)" "$before" "nothing is written"
try "$assay" doctor --store hurt --json
is "$rc $(value result | sed s/note/ok/) $(said database | cut -d' ' -f1) $(said links)" "0 ok ok ok every row that names another finds it" "as JSON"
try "$assay" doctor --store hurt --quick --json
is "$rc $(said series)$(said objects | grep -c 'not looked at')" "0 1" "quick leaves points and bytes out"
try "$assay" doctor --store hurt --quiet
is "$rc $out" "0 " "quietly it says what is wrong"
fails 5 'no store at none' "no store" "$assay" doctor --store none

# ---- objects ----
named() { # what gives the digests: where that object is, below the project
    local digest
    digest=$(sqlite3 hurt/.assay/assay.db "$1 ORDER BY 1 LIMIT 1")
    echo ".assay/objects/${digest:0:2}/${digest:2}"
}
object=$(named 'SELECT digest FROM artifact')
chmod u+w "hurt/$object" && printf 'x' >>"hurt/$object"
sick 5 objects '^damage 1 of [0-9]+ objects is not what it was' "an object that was changed"
rm -f "hurt/$object"
sick 5 objects 'damage 1 object that a row names is missing' "and one that is gone"
hurt
rm -f "hurt/$(named 'SELECT environment FROM run')"
sick 5 objects 'damage 1 object that a row names is missing' "what a run's environment was, too"
hurt
mkdir -p hurt/.assay/objects/00 && echo lost >hurt/.assay/objects/00/"$(printf '%062d' 0)"
sick 5 unused '^note 1 object,' "one that nothing names, and is not what its name says"
hurt
touch hurt/.assay/objects/new-abcdef
echo >hurt/.assay/objects/README
sick 1 unused 'half-written' "what was left behind, and what does not belong there"

# Each in turn of a store with decisions, whoever names it: a run, an evaluation, a version, a gate, the ledger alone.
(mkdir decided && cd decided && make_store && make_csv 200 5 >fair.csv && "$assay" data add fair fair.csv --label y --positive good --quiet &&
    "$assay" evaluate first --data fair --quiet && "$assay" bias first --data held --by y --quiet &&
    { "$assay" policy show --quiet && printf '\n[gate held-out]\nkind = metric\nmetric = auc\ndata = held\nstages = staging\nlimit = >= 0.5\nbound = value\n'; } >gated.ini &&
    "$assay" policy sign gated.ini --reason gates --key mara --quiet && "$assay" policy sign gated.ini --reason gates --key rita --quiet &&
    "$assay" propose lending@1 staging --reason good --key mara --quiet) >/dev/null 2>&1
is "$("$assay" doctor --store decided --quick --quiet; echo $?)" 0 "a store with decisions that is whole"
unseen='' count=0
while read -r object; do
    count=$((count + 1))
    mv "$object" aside
    "$assay" doctor --store decided --quick --quiet >/dev/null 2>&1
    [ $? = 5 ] || unseen+=" $(head -c 60 aside | tr -c ' -~' .)"
    mv aside "$object"
done < <(find decided/.assay/objects -type f)
is "$unseen" '' "whichever object is gone, it is missed"
[ "$count" -ge 20 ]
ok $? "of twenty and more"
first=$(sqlite3 decided/.assay/ledger.db "SELECT CAST(body AS TEXT) FROM ledger WHERE seq = 1" | sed -n 's/^evidence policy sha256://p')
mv "$(object_of "$first" decided/.assay)" aside
try "$assay" verify --store decided
is "$rc" 6 "nor is a ledger verified without the policy that it began with"
fails 6 'missing' "nor bundled" "$assay" bundle --store decided lending@1 bundle
[ ! -e bundle ]
ok $? "and no bundle is left"
mv aside "$(object_of "$first" decided/.assay)"
is "$("$assay" verify --store decided --quiet; echo $?)" 0 "with it all is well"

# ---- points ----
hurt
sql "UPDATE chunk SET points = substr(points, 1, 9) WHERE id = (SELECT min(id) FROM chunk)"
sick 5 series '^damage 1 series is not .*\(1 damaged block\): m of long$' "a block that was cut"
try "$assay" doctor --store hurt --save saved --json
is "$rc $(value series.damaged) $(value series.points_lost) $(value series.lost.0.run) $(value series.lost.0.where)" "5 1 512 long points 0–511" "the others are saved, and it is said which are not"
is "$("$assay" metrics long m --store saved --csv | tail -n +2 | wc -l)" 988 "and the rest is there"
is "$("$assay" runs --store saved --columns name,metrics.auc,params.lr --order name --csv)" "$("$assay" runs --store good --columns name,metrics.auc,params.lr --order name --csv)" "with all runs"
try "$assay" doctor --store saved
is "$rc" 0 "and the new store is well"
try "$assay" verify --store saved --quiet
is "$rc" 0 "with its decisions"
fails 1 'there is something at' "a place that is taken" "$assay" doctor --store hurt --save saved
hurt
sql "UPDATE series SET max = 9 WHERE name = 'auc' AND run = 1"
sick 5 series '^damage 1 series .*: auc of r1$' "a figure that was changed by hand"
hurt
sql "INSERT INTO chunk SELECT (99 << 22), count, nan_count, rising, step_low, step_high, time_low, time_high, min, max, first, last, points FROM chunk LIMIT 1"
sick 5 series '1 blocks of points belong to no series' "a block of no series"

# ---- the database ----
hurt
sql "DROP TRIGGER tag_named"
sick 5 schema '^damage .*the trigger tag_named is missing$' "a trigger that was dropped"
hurt
sql "CREATE TABLE mine (x)"
sick 1 schema 'warning the database holds more .*: mine' "a table that was added"
hurt
sql "DELETE FROM run WHERE name = 'r2'"
sick 5 links '^damage [0-9]+ rows lead nowhere' "rows that lead nowhere"
hurt
sql "PRAGMA user_version = 99; UPDATE about SET value = '9.9.9' WHERE key = 'program'"
sick 1 schema 'Assay 9.9.9 or newer is needed' "a newer schema"
fails 5 'schema 99' "of which nothing is saved" "$assay" doctor --store hurt --save saved
hurt
sql "PRAGMA journal_mode = DELETE"
sick 1 sqlite 'a journal of the kind' "a journal of another kind"
hurt
sql "UPDATE run SET created = created + 864000000 WHERE name = 'r3'"
sick 1 clock 'ahead of the clock \(1 runs\)' "times ahead of the clock"
hurt
mkdir hurt/.assay/live/01890a5d000070008000000000000000
sick 1 live 'folders in live/ that are of no run: 1' "a folder of no run"
hurt
dd if=/dev/urandom of=hurt/.assay/assay.db bs=4096 seek=20 count=3 conv=notrunc status=none
sick 5 database '^damage assay\.db is damaged: ' "pages of noise"
sick 5 objects '^ok [0-9]+ objects' "and the rest is looked at all the same"
echo nothing >hurt/.assay/assay.db
sick 5 database '^damage assay\.db cannot be opened' "no database at all"
sick 5 ledger '^ok 1 rows are linked' "and the rest is"
try "$assay" doctor --store hurt --save saved --json
is "$rc $(value ledger.rows) $(value objects.saved)" "5 1 $(find good/.assay/objects -type f | wc -l)" "objects and decisions are saved without it"
try "$assay" runs --store saved --csv
is "$rc" 0 "and the new store opens"

# ---- decisions ----
hurt
sqlite3 hurt/.assay/ledger.db "UPDATE ledger SET body = CAST(body || 'x' AS BLOB)"
sick 6 ledger '^tampered ' "a row of the ledger that was changed"
try "$assay" doctor --store hurt --save saved --json
is "$rc $(value ledger.rows)" "6 0" "is not saved"
hurt
rm hurt/.assay/ledger.db
sick 6 ledger 'ledger.db is gone' "a ledger that is gone"

# ---- the place ----
hurt
export ASSAY_NETWORK_PATHS=$tmp/hurt
sick 1 place 'network file system' "a network file system"
unset ASSAY_NETWORK_PATHS
try env TERM=dumb LC_ALL=C "$assay" doctor --store hurt
is "$rc" 0 "what is optional is no fault"
like "$out" $'\n\\. terminal +TERM is dumb' "but said"
plan
