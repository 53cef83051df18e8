#!/bin/bash
# TensorBoard's event files that a run writes are followed: recorded files of real writers, written as those write.
# shellcheck disable=SC1091,SC2016,SC2059,SC2154 # what tap.bash sets; single quotes where another shell expands
. "$(dirname "$0")/../lib/tap.bash"
command -v sqlite3 >/dev/null || { skip "event files" "no sqlite3(1)"; plan; exit 0; }
cd "$tmp" || exit 3
"$assay" init --quiet
oracle=$root/tests/oracle/event_files.json
recorded() { printf "$("$json_get" files."$1".bytes <"$oracle" | sed 's/../\\x&/g')"; } # which file

# write FILE WHICH PAUSE GO: keeps it open, and writes it in three pieces, cut within records; the last one not before
# there is a file GO.
cat >"$tmp/write.sh" <<'END'
mkdir -p "$(dirname "$1")"
size=$(stat -c %s "$2"); third=$((size / 3))
exec 9>>"$1"
head -c $third "$2" >&9; sleep "$3"
tail -c +$((third + 1)) "$2" | head -c $third >&9; sleep "$3"
[ $# -lt 4 ] || until [ -e "$4" ]; do sleep 0.1; done
tail -c +$((2 * third + 1)) "$2" >&9
END
for i in 0 1 2 3 4 5 6 7; do recorded $i >"$tmp/recorded.$i"; done
file_name() { echo "events.out.tfevents.$(date +%s).here.$1"; }
points() { "$assay" metrics "$1" "$2" "${@:3}" --json 2>/dev/null | "$json_get" 'points.#' 2>/dev/null; }

has() { [ "$(points "$@")" ]; }

# Side by side in one folder, each its own.
"$assay" run -n one -- bash write.sh "runs/$(file_name 1)" recorded.4 0.8 go >/dev/null &
"$assay" run -n two -- bash write.sh "runs/$(file_name 2)" recorded.5 0.8 go >/dev/null &
await has one loss
is "$("$assay" show one --json | "$json_get" status)" running "values are there while it runs"
touch go
wait
is "$(points one loss) $(points one acc)" "4 4" "simple values, once each"
is "$("$assay" metrics one loss --json | "$json_get" points.3.step points.3.value)" $'3\n0.30000001192092896' "step and value, as they were written"
is "$(points two float) $(points two double) $(points two int)" "3 3 3" "TensorFlow's tensors"
is "$(points two loss) $(points one float)" " " "two runs in one folder are not mixed"

# Writers in folders of their own are told apart.
cat >keras.sh <<'END'
bash write.sh "logs/train/events.out.tfevents.$(date +%s).here.1.v2" recorded.6 0.6 & bash write.sh "logs/validation/events.out.tfevents.$(date +%s).here.2.v2" recorded.7 0.6; wait
END
try "$assay" run -n keras -- bash keras.sh
is "$(points keras epoch_loss --context train) $(points keras epoch_loss --context validation)" "3 3" "train and validation are contexts"

# Written and closed in no time: taken at the end, as no other run works here.
try "$assay" run -n quick -- bash -c 'mkdir -p runs/x/hp; cp recorded.0 "runs/x/events.out.tfevents.$(date +%s).a"; cp recorded.1 "runs/x/hp/events.out.tfevents.$(date +%s).b"'
is "$(points quick Loss/train) $(points quick hp/acc)" "5 1" "files that nobody has open any more"
is "$("$assay" show quick --json | "$json_get" params.lr params.name bad_lines)" $'0.1\na b\n0' "hyperparameters"
is "$("$assay" metrics quick odd --json | "$json_get" points.0.step points.0.value_why points.1.value_why)" $'-3\nnan\ninf' "a step below zero, NaN and an infinite value"
try "$assay" run -n after -- true
is "$("$assay" show after --json | "$json_get" metrics)" "{}" "files of runs before it are not its own"

# A record that is spoiled is a bad line; what follows is read.
{ head -c 100 recorded.4; printf '\xff'; tail -c +102 recorded.4; } >recorded.bad
try "$assay" run -n spoiled -- bash write.sh "bad/$(file_name 3)" recorded.bad 0.1
is "$("$assay" show spoiled --json | "$json_get" bad_lines)" 1 "a spoiled record is counted"
is "$(points spoiled loss)" 3 "and the others are there"

over() { "$assay" runs >/dev/null; [ "$("$assay" show "$1" --json | "$json_get" status)" != running ]; }
# kill -9 of the supervisor in between: what was written later comes with the next look, once.
"$assay" run -n orphan -- bash write.sh "orphan/$(file_name 4)" recorded.5 0.1 go-on >/dev/null 2>&1 &
await has orphan float
kill -KILL "$(sqlite3 -readonly .assay/assay.db "select supervisor_pid from run where name = 'orphan'")"
touch go-on
await over orphan
is "$("$assay" show orphan --json | "$json_get" status)" lost "a run whose supervisor was killed"
is "$(points orphan float) $(points orphan double) $(points orphan int)" "3 3 3" "has every value of its event file, once"
plan
