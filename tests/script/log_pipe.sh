#!/bin/bash
# assay log -: event lines through a pipe as a run. Whatever ends the reader, what has left the pipe counts once.
# shellcheck disable=SC1091,SC2154 # what tap.bash sets
. "$(dirname "$0")/../lib/tap.bash"
cd "$tmp" || exit 3
"$assay" init --quiet
points() { "$assay" metrics "$@" --tsv | tail -n +2 | cut -f1; }
status() { "$assay" show "$1" --json | "$json_get" status; }
line() { echo "{\"metric\":\"a\",\"value\":$1,\"step\":$1}"; }
id_of() { "$assay" show "$1" --json | "$json_get" run_id; }

out=$({ line 1; echo; line 2; printf '{"metric":"a","value":3,"step":3}'; } | "$assay" log - -e lending -n one -p rate=0.1 --tag team=risk)
is "$? $(points one a | tr '\n' ' ')" "0 1 2 3 " "lines become points, the last one without its end too"
is "$("$assay" show one --json | "$json_get" status kind experiment params.rate tags.team bad_lines run_id)" \
    $'done\nreported\nlending\n0.1\nrisk\n0\n'"${out%% *}" "a run with a name of its own, done at the end of input; its id is said"
is "$(ls .assay/live)" "" "nothing is left in live"
line 4 | "$assay" log - --run one -p depth=6 --quiet
is "$? $(points one a | tr '\n' ' ')$("$assay" show one --json | "$json_get" status params.depth | tr '\n' ' ')" "0 1 2 3 4 done 6 " \
    "more is reported into it"

# What cannot be understood.
{ line 1; printf 'garbage \e[2J\n{"metric":\n'; line 2; } >lines
try sh -c "'$assay' log - -n bad <lines"
is "$rc $(points bad a | tr '\n' ' ')" "1 1 2 " "garbage lines: status 1, and the others count"
like "$err" '^assay: 2 lines of run bad could not be understood: assay show [0-9a-f]{8} --bad-lines$' "their count on stderr"
is "$("$assay" show bad --json | "$json_get" status bad_lines bad_lines_kept.1.file bad_lines_kept.1.offset bad_lines_kept.1.text)" \
    $'done\n2\nevents-stdin.jsonl\n47\n{"metric":' "they are kept, with their place"
like "$("$assay" show bad --bad-lines)" 'not JSON at byte 1.*garbage \\x1b\[2J' "and shown escaped"
like "$("$assay" show bad)" '2 lines of its event files could not be understood' "show counts them"
like "$("$assay" --once run:bad --size 120x40)" 'LINES NOT UNDERSTOOD' "the screen has them too"
is "$("$assay" show bad --bad-lines | grep -c $'\e')" 0 "no escape sequence reaches the terminal"

# Live.
mkfifo pipe
"$assay" log - -n live --quiet <pipe &
reader=$!
exec 7>pipe
line 1 >&7
await sh -c "'$assay' metrics live a --tsv 2>/dev/null | grep -q 1"
is "$? $(status live)" "0 running" "points are seen while it goes on"
is "$("$assay" wait live --timeout 0.1 >/dev/null 2>&1; status live)" running "others see it as watched over"
line 2 >&7
line 3 | "$assay" log - --run live --quiet
is "$?" 0 "a second one reports into the same run"
exec 7>&-
wait $reader
is "$? $(status live) $(points live a | sort -n | tr '\n' ' ')" "0 done 1 2 3 " "all of it is there at the end"

# Stopped, interrupted, killed.
"$assay" log - -n stopped --quiet <pipe 2>errors &
reader=$!
exec 7>pipe
line 1 >&7
await sh -c "'$assay' metrics stopped a >/dev/null 2>&1"
"$assay" stop stopped >/dev/null
line 2 >&7
wait $reader
is "$? $(points stopped a | tr '\n' ' ')$(status stopped)" "1 1 2 killed" "assay stop: killed, with what came until then"
like "$(cat errors)" 'stopped by .*SIGTERM' "it says why"
exec 7>&-
"$assay" log - -n interrupted --quiet <pipe 2>/dev/null &
reader=$!
exec 7>pipe
line 1 >&7
await sh -c "'$assay' show interrupted >/dev/null 2>&1"
kill -HUP $reader
exec 7>&-
wait $reader
is "$? $(points interrupted a | tr '\n' ' ')$(status interrupted)" "1 1 killed" "a signal: killed"

# kill -9 at any moment: what has left the pipe is there, what has not is the next reader's.
trials=${TRIALS:-6}
exec 8<>pipe
seq 20000000 | awk '{ printf "{\"metric\":\"a\",\"value\":%d,\"step\":%d}\n", $1, $1 }' >&8 2>/dev/null &
writer=$!
"$assay" log - -n killed --quiet <&8 &
reader=$!
await sh -c "'$assay' show killed >/dev/null 2>&1"
enough() { [ "$(points killed a | wc -l)" -gt 1000 ]; }
lost=0
for _ in $(seq "$trials"); do
    sleep 0.0$((RANDOM % 10))
    kill -9 $reader
    wait $reader 2>/dev/null
    "$assay" runs >/dev/null
    [ "$("$assay" wait killed >/dev/null 2>&1; status killed)" = lost ] && lost=$((lost + 1))
    "$assay" log - --run killed --quiet <&8 &
    reader=$!
    sleep 0.05
done
is "$lost" "$trials" "$trials times killed, each time seen as lost"
kill $writer 2>/dev/null
wait $writer 2>/dev/null
await enough
kill -TERM $reader
wait $reader
points killed a | awk 'NR > 1 && $1 != last + 1 { print "after " last " comes " $1 } { last = $1 } END { print (NR > 1000) }' >gaps
is "$(tail -1 gaps)" 1 "there is something to be counted"
gaps=$(($(wc -l <gaps) - 1))
is "$(awk '$2 + 0 && $4 <= $2' gaps | head -3)" "" "nothing counts twice"
[ "$gaps" -le "$trials" ]
ok $? "nothing is lost but lines that were cut in two by the kill ($gaps)"
is "$(awk '$2 + 0 && $4 != $2 + 2' gaps | head -3)" "" "each of these is one line"
exec 8>&-

# Of very many metrics those come first of which it is known what is better.
for i in a b c d e; do echo "{\"metric\":\"$i/grad_norm\",\"value\":1}"; done >wide.jsonl
echo '{"metrics":{"val_loss":2,"x":3}}' >>wide.jsonl
"$assay" init wide --quiet
"$assay" log - -n wide --store wide --quiet <wide.jsonl
like "$("$assay" runs --store wide)" 'status +val_loss +a/grad_norm +b/grad_norm +duration' "in the list of runs"
like "$("$assay" show wide --store wide)" $'points\nval_loss .*\na/grad_norm ' "and in what is shown of one"

fails 2 'for what comes through a pipe' "options of the one are none of the other" "$assay" log one --name two
fails 2 'has its name' "a run that is there has a name" "$assay" log - --run one -n two
fails 1 'no run' "no such run" "$assay" log - --run nowhere
"$assay" run -n other --quiet -- true >/dev/null
fails 1 'stays as it is' "a run of a command that is over" "$assay" log - --run other
plan
