#!/bin/bash
# The clock is set forward and back by an hour while runs report: nothing is lost, nothing comes in another order, no
# state is wrong (tests/standin/clock.c).
# shellcheck disable=SC1091,SC2016,SC2154 # what tap.bash sets; single quotes where another shell expands
. "$(dirname "$0")/../lib/tap.bash"
standin=$(realpath "$(dirname "$assay")/tests/standin/libclock.so")
cd "$tmp" || exit 3
"$assay" init --quiet
export STANDIN_CLOCK=$tmp/clock ASAN_OPTIONS=verify_asan_link_order=0
now() { env LD_PRELOAD="$standin" "$assay" "$@"; }
put() { echo "$1" >clock.new && mv clock.new clock; }
has() { [ "$(now metrics "$1" a --tsv 2>/dev/null | tail -n +2 | wc -l)" = "$2" ]; }

put 0
cat >train.sh <<'END2'
n=0
for step in 0 1 2 3; do
    for i in 1 2 3 4 5; do echo "{\"metric\":\"a\",\"value\":$n}" >>"$ASSAY_EVENTS/events-1.jsonl"; n=$((n + 1)); done
    echo "{\"metric\":\"told\",\"value\":$step,\"time\":$(((2000000000 - step * 3600) * 1000))}" >>"$ASSAY_EVENTS/events-1.jsonl"
    until [ -e "go$step" ]; do sleep 0.05; done
done
END2
now run -n job --quiet -- sh train.sh &
job=$!
mkfifo pipe
now log - -n piped --quiet <pipe &
reader=$!
exec 7>pipe
line() { echo "{\"metric\":\"a\",\"value\":$1}" >&7; }
put 0
await has job 5
line 0
await has piped 1
states=
for step in 0 1 2; do
    case $step in 0) put 3600000 ;; 1) put -3600000 ;; 2) put 7200000 ;; esac
    touch "go$step"
    line $((step + 1))
    await has job $((step * 5 + 10))
    states+="$? "
    await has piped $((step + 2))
    states+="$? $(now show job --json | "$json_get" status) $(now show piped --json | "$json_get" status) "
done
is "$states" "0 0 running running 0 0 running running 0 0 running running " "points come at once, and both go on"
put -3600000
touch go3
exec 7>&-
wait $job
is "$? $(now show job --json | "$json_get" status reason)" "0 done" "it ends as it ended"
wait $reader
is "$? $(now show piped --json | "$json_get" status)" "0 done" "and so does the one through the pipe"
is "$(now metrics job a --tsv | tail -n +2 | awk '$1 != NR - 1 || $2 != NR - 1')" "" "points without steps and times keep their order"
is "$(now metrics piped a --tsv | tail -n +2 | awk '$1 != NR - 1 || $2 != NR - 1')" "" "through the pipe as well"
is "$(now metrics job told --tsv | tail -n +2 | cut -f2 | tr '\n' ' ')$(now metrics job told --json | "$json_get" points.3.time)" \
    "0 1 2 3 2033-05-18T00:33:20.000Z" "times of the future that fall are kept"
is "$(now runs --where 'duration < 0' --json)" "[]" "nothing ended before it began"
is "$(now show job --json | "$json_get" bad_lines) $(now show job | grep -ciE 'stall|lost')" "0 0" "and nothing is said against it"
is "$(now metrics job a --tsv | tail -n +2 | cut -f3 | cut -c1-13 | uniq | wc -l | awk '{ print ($1 > 3) }')" 1 \
    "(the clock was set indeed)"
plan
