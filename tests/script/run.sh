#!/bin/bash
# Any command as a run: status, output, measurements, following, waiting, stopping.
# shellcheck disable=SC1091,SC2016,SC2154 # what tap.bash sets; single quotes where another shell expands
. "$(dirname "$0")/../lib/tap.bash"
cd "$tmp" || exit 3
"$assay" init --quiet

try "$assay" run -n hello -e tries -p lr=0.1 -p name=a=b --tag team=risk -- sh -c 'echo out; echo err >&2; exit 0'
is "$rc" 0 "run ends as its command ended: 0"
is "$out" $'out\nerr' "the output is passed on"
try "$assay" show hello --json
is "$("$json_get" <<<"$out" experiment status exit_status params.lr params.name tags.team kind command.0)" \
    $'tries\ndone\n0\n0.1\na=b\nrisk\ncommand\nsh' "name, experiment, parameters, tags, command"
is "$("$assay" log hello)" $'out\nerr' "log"
try "$assay" run -- sh -c 'exit 7'
is "$rc" 7 "run ends as its command ended: 7"
is "$("$assay" show @last --json | "$json_get" status exit_status)" $'failed\n7' "which is a failed run"
try "$assay" run -- sh -c 'kill -9 $$'
is "$rc" 137 "run ends as its command ended: by a signal"
is "$("$assay" show @last --json | "$json_get" status signal)" $'failed\n9' "the signal is kept"
try "$assay" run -- ./not-there
is "$rc" 127 "a command that is not there: 127"
like "$err" '^assay: .*not-there' "and it is said"
touch plain
try "$assay" run -- ./plain
is "$rc" 126 "a command that cannot be run: 126"
try "$assay" run --store "$tmp/nowhere" -- true
is "$rc" 125 "a failure of our own: 125"
try "$assay" run -p lr -- true
is "$rc" 125 "so is a wrong option"
try "$assay" run -p a=1 -p a=2 -- true
is "$rc" 125 "and a parameter that is given twice"

cat >loop.sh <<'END'
for i in 1 2 3 4 5; do echo "step=$i loss=0.$((10 - i))"; done
printf '{"metric":"auc","value":0.9,"step":1,"context":"eval"}\n{"param":"found","value":"yes"}\n{"note":"a note"}\n' >>"$ASSAY_EVENTS/events-me.jsonl"
printf '{"metrics":{"a":1,"b":NaN},"step":3}\nnot json\n' >>"$ASSAY_EVENTS/events-me.jsonl"
END
try "$assay" run -n loop -- sh loop.sh
is "$rc" 0 "a program that reports"
try "$assay" metrics loop loss --json
is "$("$json_get" <<<"$out" 'points.#' points.4.step points.4.value)" $'5\n5\n0.5' "metrics found in the output"
try "$assay" metrics loop auc --json
is "$("$json_get" <<<"$out" context points.0.value)" $'eval\n0.9' "metrics of an event file, with their context"
try "$assay" metrics loop --json
"$json_get" <<<"$out" >/dev/null
ok $? "metrics without a name lists them"
try "$assay" metrics loop loss --points 2 --csv
is "$(cut -d, -f1,2 <<<"$out")" $'step,value\n1,0.9\n5,0.5' "metrics --points thins, ends kept"
try "$assay" show loop --json
is "$("$json_get" <<<"$out" params.found notes.0 bad_lines)" $'yes\na note\n1' "parameters, notes, lines that are none"
"$json_get" <<<"$out" run_id name experiment status started ended metrics params tags inputs outputs code environment host >/dev/null
ok $? "show --json has the keys of the contract"
fails 1 'loss|no metric|lozz' "a metric that is not there" "$assay" metrics loop lozz

try "$assay" runs --json
is "$("$json_get" <<<"$out" '#' 0.name)" $'6\nloop' "runs --json, newest first"
try "$assay" runs --where "metrics.loss < 0.6 and status = done" --columns name,metrics.loss --csv
is "$out" $'name,metrics.loss\nloop,0.5' "runs --where"
try "$assay" runs --order 'name' --columns name --limit 1 --tsv --where "name = 'loop' or name = 'hello'"
is "$out" $'name\nhello' "runs --order, --limit"
try "$assay" runs
like "$out" 'name +id +experiment +status' "runs for people"
fails 2 'character|at' "a filter that makes no sense" "$assay" runs --where 'status ='
try "$assay" runs --order 'min(metrics.loss)' --columns 'name,max(metrics.loss),at(metrics.loss, min(metrics.loss))' --where "name ~ '^loop$'" --csv
like "$out" $'^name,max.metrics.loss.,"at.metrics.loss, min.metrics.loss.."\nloop,[0-9.]+,0[.][0-9]+$' "values of a series, by a regular expression"
try "$assay" runs --group status --order 'metrics.loss' --columns metrics.loss --json
is "$("$json_get" <<<"$out" 0.group.status 0.metrics.loss.n 0.filter)" $'done\n1\nstatus = \'done\'' "runs --group --json"
try "$assay" runs --group experiment --csv --columns metrics.loss
like "$out" '^experiment,count,metrics.loss,metrics.loss interval' "runs --group --csv"
try "$assay" runs --over-seeds --columns metrics.loss
like "$out" '^setting +runs +loss' "runs --over-seeds"
try "$assay" runs --summary --columns name,metrics.loss --json
is "$("$json_get" <<<"$out" 0.kind 0.count 1.kind 1.count)" $'text\n6\nnumber\n1' "runs --summary --json"
fails 2 'grouped by' "groups of what has no end of values" "$assay" runs --group metrics.loss
fails 2 'one of them' "groups and a summary at once" "$assay" runs --group status --summary
fails 2 'columns only' "an order that has no index" "$assay" runs --order 'at(metrics.a, metrics.b)'
fails 2 'character 10' "a regular expression that is none" "$assay" runs --where "name ~ 'a('"
fails 2 'nosuch' "an order that makes no sense" "$assay" runs --order 'nosuch desc'
fails 1 'no run' "a run that is not there" "$assay" show nothing-like-it
id=$("$assay" show loop --json | "$json_get" run_id)
is "$("$assay" show "${id:24}" --json | "$json_get" name)" loop "a run by the last digits of its id"
is "$("$assay" show "run:$id" --json | "$json_get" name)" loop "a run by its id"

printf 'a,b\n1,2\n3,4\n' >input.csv
try "$assay" run --data input.csv -n fed -- true
is "$("$assay" show fed --json | "$json_get" inputs.0.name inputs.0.role)" $'input@1\ndata' "a file that goes in is registered"
try "$assay" run --data input -- true
is "$("$assay" show @last --json | "$json_get" inputs.0.name)" "input@1" "a name that goes in"
try "$assay" run --data nothing -- true
is "$rc" 125 "data that is not there"

# Following, waiting, stopping.
("$assay" run -n slow -- sh -c 'echo begin; sleep 200' >slow.out 2>&1; echo $? >slow.rc) &
begun() { [ "$("$assay" show slow --json 2>/dev/null | "$json_get" status 2>/dev/null)" = running ] && grep -q begin slow.out; }
await begun
is "$("$assay" show slow --json | "$json_get" status)" running "a run that runs says so"
fails 1 'slow is not over' "wait --timeout" "$assay" wait slow --timeout 0
fails 1 'over already' "stopping what is over" "$assay" stop loop
"$assay" log slow -f >follow.out &
follower=$!
try "$assay" stop slow
is "$rc" 0 "stop"
try "$assay" wait slow
is "$rc" "130" "wait ends as the run ended"
like "$out" 'slow +killed' "and says how"
wait $follower
is "$(cat follow.out)" begin "log -f shows the output and ends with the run"
wait
is "$(cat slow.rc)" 130 "run, in the foreground, ends with it"
like "$("$assay" show slow --json | "$json_get" reason)" 'stopped by' "the reason names who stopped it"

# Screens as text.
try "$assay" --once runs
is "$rc" 0 "--once runs"
like "$out" 'loop .*done' "shows the runs"
is "$(($(wc -L <<<"$out") <= 80)) $(wc -l <<<"$out")" "1 24" "in 80x24"
try "$assay" --once run:loop --size 120x40
is "$rc $(wc -l <<<"$out")" "0 40" "--size"
try "$assay" --once run:loop/log
like "$out" 'step=1 loss=0.9' "one tab of one run"
fails 2 'runs' "a screen that there is not" "$assay" --once nothing
fails 2 'takes no command' "--once and a command" "$assay" --once runs show loop
# Without a terminal that can be drawn on the overview is printed, and why on stderr.
try "$assay" </dev/null
is "$rc" 0 "the workbench without a terminal"
like "$out" 'NEEDS YOU' "prints the overview"
like "$err" 'needs a terminal.*--once runs' "and says why"
if command -v script >/dev/null; then
    seen=$(TERM=dumb script -qec "'$assay'" /dev/null </dev/null)
    like "$seen" 'NEEDS YOU' "and on one that cannot place its cursor"
    like "$seen" '"dumb" cannot place its cursor' "where it says that"
    [[ $seen != *$'\e'* ]]
    ok $? "without any sequence"
else
    for n in "on one that cannot place its cursor" "where it says that" "without any sequence"; do skip "$n" "no script(1)"; done
fi

# Text from a program is made safe only for terminals.
try "$assay" run -n raw -- printf 'a\033[31mb\n'
is "$out" $'a\033[31mb' "a pipe gets the bytes"
if command -v script >/dev/null; then
    seen=$(script -qec "'$assay' log raw" /dev/null </dev/null)
    [[ $seen == *'a\x1b[31mb'* ]]
    ok $? "a terminal gets them made visible"
else
    skip "a terminal gets them made visible" "no script(1)"
fi
try "$assay" run -n names -- sh -c 'echo "{\"artifact\":\"model.bin\"}" >"$ASSAY_EVENTS/events-a.jsonl"'
is "$("$assay" show names --json | "$json_get" outputs.0.name outputs.0.digest outputs.0.bytes)" $'model.bin\nnull\nnull' "a file that was only named has no size"
like "$("$assay" show names)" 'model.bin +file +– +not kept' "and is not said to be empty"
printf 'a,y\n1,0\n2,1\n3,1\n' >marked.csv
"$assay" data add marked marked.csv --label y --quiet
"$assay" run --data marked.csv -- true
is "$("$assay" data ls --csv | grep -c '^marked,')" 1 "a file that is registered is no new version of itself"
cp marked.csv $'m\xff.csv'
try "$assay" run --data $'m\xff.csv' -- true
is "$rc $("$assay" data ls --csv | grep -c '^m_,')" "0 1" "a file whose name is no text gets a name that is"
fails 125 'does not begin with "@"' "a run that would be called @last" "$assay" run -n @last -- true
fails 125 'control characters' "a name that would print lines of its own" "$assay" run -n $'a\nb' -- true
fails 2 'no theme "nope"' "a theme that there is not" "$assay" --theme nope --once runs

# A registered file that has changed is read as it was read before.
printf 'a,y\n1,0\n2,1\n3,1\n4,0\n' >marked.csv
"$assay" run --data marked.csv -- true
is "$("$assay" data show marked --json | "$json_get" version rows columns.1.roles)" $'2\n4\nlabel' "a changed file is a new version with the same label"
printf 'a\n1\n' >marked.csv
fails 125 'no longer as marked was read.*assay data add marked.*no column "y"' "one that lost its label is refused" "$assay" run --data marked.csv -- true

"$assay" run -n twin -- true
try "$assay" show twin
is "$err" "" "a name that one run has"
"$assay" run -n twin -- true
try "$assay" show twin
like "$err" '2 runs are called twin; this is the newest' "a name that two have is said to be one"
is "$("$json_get" <<<"$("$assay" show twin --json --quiet)" status trouble)" $'done\nnull' "a run that is over has no trouble"
fails 2 'filter, character 9' "a word that the filter cannot mean" "$assay" runs --where 'metrics.[auc'
plan
