#!/bin/bash
# What becomes of runs: each story in a store of its own, all at once; the true state stands within five seconds.
# shellcheck disable=SC1010,SC1091,SC2016,SC2053,SC2094,SC2154 # "done" is a word here, a pattern is one; what tap.bash sets; single quotes where another shell expands
. "$(dirname "$0")/../lib/tap.bash"
command -v sqlite3 >/dev/null || { skip "stories" "no sqlite3(1)"; plan; exit 0; }

# Each story writes lines "wanted<US>got<US>name" that are judged at the end, in order.
claim() { printf '%s\x1f%s\x1f%s\n' "${2//$'\n'/ | }" "${1//$'\n'/ | }" "$3" >>"$story/claims"; }
fact() { "$assay" show "$1" --json 2>/dev/null | "$json_get" "${@:2}" 2>/dev/null; }
row() { sqlite3 -readonly .assay/assay.db "select $2 from run where name = '$1'" 2>/dev/null; }
# until_row RUN COLUMNS GLOB: waits until that stands in the row. It is late after fifty looks, which are five seconds;
# but not where a look takes so long that the machine has no time for this.
until_row() {
    local looks=0 from=${EPOCHREALTIME/./}
    until [[ $(row "$1" "$2") == $3 ]] || [ $looks = 600 ]; do
        looks=$((looks + 1))
        sleep 0.1
    done
    [ $looks -gt 50 ] && [ $(((${EPOCHREALTIME/./} - from) / looks)) -lt 150000 ] && echo "$1 $2: $looks looks" >>"$tmp/late"
    row "$1" "$2"
}
# until_reaped RUN: whoever looks finds that supervisor and command are gone, once they are.
until_reaped() { await reaped "$1"; }
reaped() { "$assay" runs >/dev/null; [ "$(row "$1" status)" != 1 ]; }
until_file() { await test -s "$1"; }
# until_printed RUN LINES: its output has come to the store as far as that.
until_printed() { await printed "$@"; }
printed() { [ "$("$assay" log "$1" 2>/dev/null | grep -c '^line')" -ge "$2" ]; }
points() { "$assay" metrics "$1" n --json 2>/dev/null | "$json_get" 'points.#' 2>/dev/null; }
supervisor() { row "$1" supervisor_pid; }

# N M: reports 1 … N, one every tenth of a second, and says when it is done; but after M it waits for the file "go".
cat >"$tmp/report.sh" <<'END'
echo $$ >pid
i=0
while [ $i -lt "$1" ]; do
    i=$((i + 1))
    echo "{\"metric\":\"n\",\"value\":$i,\"step\":$i}" >>"$ASSAY_EVENTS/events-a.jsonl"; echo "line $i"
    sleep 0.1
    [ $i != "$2" ] || until [ -e go ]; do sleep 0.1; done
done
echo finished >done
END

hang_up() {
    # The session's terminal goes: `assay run` goes with it, the run goes on to its own end.
    command -v script >/dev/null || { claim '' '' "hang-up # SKIP no script(1)"; return; }
    setsid script -qec "'$assay' run -n up -- sh '$tmp/report.sh' 15 10" /dev/null </dev/null >out 2>&1 &
    local session=$!
    until_file pid
    kill -KILL "$session"
    sleep 0.4
    claim "$(row up status)" 1 "hang-up: the run goes on"
    echo >go
    claim "$(until_row up status 2)" 2 "hang-up: and comes to its own end"
    claim "$(cat done) $(points up)" "finished 15" "hang-up: with all that it reported"
}

killed_job() {
    "$assay" run -n job -- sh "$tmp/report.sh" 100 4 >/dev/null 2>&1 &
    until_printed job 4
    kill -KILL "$(cat pid)"
    claim "$(until_row job status,signal '3|9')" '3|9' "kill -9 of the job: failed, by signal 9"
    claim "$(fact job reason)" "ended by SIGKILL; no sign of the out-of-memory killer" "kill -9 of the job: and not for want of memory"
    like_claim "$("$assay" --once run:job)" 'last line +line [0-9]+' "kill -9 of the job: with its last line"
}
like_claim() { if [[ $1 =~ $2 ]]; then claim yes yes "$3"; else claim "$1" "like: $2" "$3"; fi; }

killed_supervisor() {
    "$assay" run -n orphan -- sh "$tmp/report.sh" 40 3 >/dev/null 2>&1 &
    until_printed orphan 3
    kill -KILL "$(supervisor orphan)"
    sleep 0.2
    claim "$(fact orphan status)" running "kill -9 of the supervisor: the job goes on"
    like_claim "$(fact orphan reason)" '^unsupervised' "kill -9 of the supervisor: which is said"
    echo >go
    until_file done
    "$assay" runs >/dev/null
    claim "$(until_row orphan status 5) $(points orphan)" "5 40" "kill -9 of the supervisor: what it reported later is there, once"
    like_claim "$(fact orphan reason)" 'nobody saw how the command ended; last line: line [0-9]+$' "kill -9 of the supervisor: nobody saw its end"
}

killed_supervisor_prints() {
    # What a program prints that nobody takes is an error to it, and most end by that.
    cat >print.sh <<'END'
trap '' PIPE
echo $$ >pid
i=0; while [ $i -lt 30 ]; do
    i=$((i + 1)); echo "line $i" || { echo "cannot print" >done; exit 1; }
    [ $i != 3 ] || until [ -e go ]; do sleep 0.1; done
    sleep 0.1
done
echo finished >done
END
    "$assay" run -n "$1" "${@:2}" -- sh print.sh >/dev/null 2>&1 &
    until_printed "$1" 3
    kill -KILL "$(supervisor "$1")"
    echo >go
    until_file done
    claim "$(cat done)" finished "kill -9 of the supervisor, $1: what the job prints is taken"
    until_reaped "$1"
    like_claim "$(fact "$1" reason)" 'last line: line 30$' "kill -9 of the supervisor, $1: and kept"
    claim "$("$assay" log "$1" | grep -c '^line')" 30 "kill -9 of the supervisor, $1: all of it, once"
}
prints_on_terminal() { killed_supervisor_prints terminal; }
prints_on_pipe() { killed_supervisor_prints pipe --pipe; }

asks_server() {
    # Says a metric to the run's tracking server, as MLflow's client would, ten times.
    cat >ask.sh <<'END'
ask() {
    local body="{\"run_id\":\"$MLFLOW_RUN_ID\",\"key\":\"n\",\"value\":$1,\"step\":$1,\"timestamp\":1}"
    exec 3<>"/dev/tcp/127.0.0.1/${MLFLOW_TRACKING_URI##*:}" || return
    printf 'POST /api/2.0/mlflow/runs/log-metric HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' \
        "$MLFLOW_TRACKING_TOKEN" "${#body}" "$body" >&3
    read -r -t 60 answer <&3; exec 3>&-
    echo "$answer" >>answers
}
exec >/dev/null 2>&1
for i in 1 2 3; do ask $i; done
echo >pid; while [ ! -e go ]; do sleep 0.1; done
for i in 4 5 6; do ask $i; done
echo finished >done
END
    "$assay" run -n asks -- bash ask.sh >/dev/null 2>&1 &
    until_file pid
    kill -KILL "$(supervisor asks)"
    sleep 0.2
    echo >go
    until_file done
    claim "$(grep -c '^HTTP/1.1 200' answers)" 6 "kill -9 of the supervisor: its tracking server still answers"
    until_reaped asks
    claim "$(row asks status) $(points asks)" "5 6" "kill -9 of the supervisor: and what it is told is kept"
}

orphans_end() {
    "$assay" run -n ends --orphans end -- sh "$tmp/report.sh" 200 3 >/dev/null 2>&1 &
    until_printed ends 3
    kill -KILL "$(supervisor ends)"
    claim "$(until_row ends status 4)" 4 "orphans = end: the job is ended with its supervisor"
    # Where nobody waits for orphans it may stay as a zombie.
    claim "$(grep -v ') Z ' "/proc/$(cat pid)/stat" 2>/dev/null)" "" "orphans = end: and is gone"
    claim "$(fact ends reason)" "ended because its supervisor was killed (orphans = end)" "orphans = end: which is said"
}

killed_both() {
    "$assay" run -n both -- sh "$tmp/report.sh" 100 5 >/dev/null 2>&1 &
    until_printed both 4
    # What it has reported is counted while it stands still: who waits for it clears the folder away.
    kill -STOP "$(cat pid)"
    local wrote
    wrote=$(cat .assay/live/*/events-a.jsonl | wc -l)
    kill -KILL "$(supervisor both)" "$(cat pid)"
    until_reaped both
    claim "$(row both status) $(points both)" "5 $wrote" "kill -9 of both: lost, with all that was reported"
    like_claim "$(fact both reason)" '^its supervisor was killed.*last line: line [0-9]+$' "kill -9 of both: with its last line"
}

reboot() {
    "$assay" run -n boot -- sh "$tmp/report.sh" 100 3 >/dev/null 2>&1 &
    local launcher=$!
    until_printed boot 3
    # What a reboot leaves: no process, not even one that waits for the run, and another boot id than was written down.
    kill -KILL "$launcher" "$(supervisor boot)" "$(cat pid)"
    sqlite3 .assay/assay.db "update run set supervisor_boot = 'another', process_boot = 'another'"
    # A process of today may have the number of one of then.
    sqlite3 .assay/assay.db "update run set supervisor_pid = $$, process_pid = $$"
    until_reaped boot
    claim "$(row boot status)" 5 "reboot: lost"
    like_claim "$(fact boot reason)" '^the machine was restarted while it ran; last line: line [0-9]+$' "reboot: which is said"
}

stopped() {
    "$assay" run -n stop -- sh -c "sh '$tmp/report.sh' 30 3; true" >/dev/null 2>&1 &
    until_printed stop 3
    kill -STOP "$(cat pid)"
    claim "$(until_row stop flag 'stopped*')" "stopped (SIGSTOP): kill -CONT $(cat pid) lets it go on" "SIGSTOP: flagged"
    claim "$(row stop status)" 1 "SIGSTOP: it is running all the same"
    like_claim "$("$assay" runs)" '(▲|!) stopped' "SIGSTOP: in the list"
    claim "$("$assay" runs --where "flag like 'stopped%'" --columns name --csv | tr '\n' ' ')" 'name stop ' "SIGSTOP: found by a filter"
    claim "$("$assay" runs --where "flag is missing" --columns name,flag --csv)" "name,flag" "SIGSTOP: and not among those without a flag"
    like_claim "$("$assay" --once runs)" '▲ stopped' "SIGSTOP: on the screen"
    like_claim "$("$assay" --once overview)" 'stopped +stop ' "SIGSTOP: on the overview"
    kill -CONT "$(cat pid)"
    claim "$(until_row stop flag '')" "" "SIGSTOP: the flag comes down when it goes on"
    "$assay" stop stop >/dev/null
}

flagged() { [ "$(row "$1" flag)" ]; }
stalled() {
    printf '[watch]\nstalled = 5\nstalled_seconds = 1\n' >.assay/config.ini
    # Regular for a while, then silent, then again.
    cat >stall.sh <<'END'
report() { i=0; while [ $i -lt "$1" ]; do i=$((i + 1)); echo "loss=0.$((RANDOM % 9 + 1))"; sleep 0.2; done; }
report 10; echo >quiet; while [ ! -e again ]; do sleep 0.1; done; report 40
END
    "$assay" run -n still -- bash stall.sh >/dev/null 2>&1 &
    until_file quiet
    # It says so after as long as it was told to: five times what is usual.
    await flagged still
    like_claim "$(row still flag)" '^stalled: nothing for [0-9.]+s \(usually every [12][.][0-9]s\)$' "stalled: flagged"
    claim "$(fact still status)" running "stalled: it is running all the same"
    like_claim "$("$assay" show still)" 'flag +stalled: nothing for' "stalled: show says it"
    echo >again
    claim "$(until_row still flag '')" "" "stalled: the flag comes down when it reports again"
    "$assay" stop still >/dev/null
    claim "$(until_row still status,flag '4|')" '4|' "stalled: nothing of it stays"
}

not_a_number() {
    cat >nan.sh <<'END'
for i in 1 2 3 4 5; do echo "step=$i loss=0.$i acc=0.5"; sleep 0.05; done
for i in 6 7 8; do echo "step=$i loss=nan acc=nan"; sleep 0.05; done
echo >nan; while [ ! -e go ]; do sleep 0.1; done
END
    "$assay" run -n nan -- sh nan.sh >/dev/null 2>&1 &
    until_file nan
    claim "$(until_row nan flag 'loss*')" "loss is nan at step 6" "NaN: flagged, with its first step"
    claim "$("$assay" runs --json | "$json_get" 0.flag)" "loss is nan at step 6" "NaN: in JSON"
    fails_wait=$("$assay" wait nan --timeout 0 2>&1)
    like_claim "$fails_wait" 'running, loss is nan at step 6' "NaN: wait says it"
    echo >go
    claim "$(until_row nan status,flag '2|*')" "2|loss is nan at step 6" "NaN: the mark stays when it is over"
    "$assay" run -n single -- sh -c 'echo step=1 loss=1; echo step=2 loss=inf; echo step=3 loss=0.9; sleep 2.5' >/dev/null
    claim "$(row single flag)" "" "NaN: one infinite value between others is no mark"
    "$assay" run -n once -- sh -c 'echo step=1 loss=1; echo step=2 loss=nan; exit 1' >/dev/null
    claim "$(row once flag)" "loss is nan at step 2" "NaN: of a run that ends by it at once"
    "$assay" run -n grown -- sh -c 'i=0; while [ $i -lt 30 ]; do i=$((i + 1)); echo "step=$i loss=$((i < 10 ? 2 : 90000))"; done' >/dev/null
    claim "$(row grown flag)" "loss has diverged: 90000 at step 30, 2 at first" "NaN: a loss that has diverged"
    "$assay" run -n other -- sh -c 'echo step=1 auc=0.5; echo step=2 auc=nan; echo step=3 auc=nan; echo step=4 auc=nan' >/dev/null
    claim "$(row other flag)" "" "NaN: what is no loss is no mark"
}

elsewhere() {
    local host own=0
    "$assay" run -n far -- sh "$tmp/report.sh" 100 3 >/dev/null 2>&1 &
    until_printed far 3
    host=$(row far host) own=$(supervisor far)
    # What another host's run looks like from here; its supervisor lives, and says so with every sample.
    sqlite3 -cmd '.timeout 60000' .assay/assay.db "update run set host = 'gpu7', heard = started - 200000"
    until_row far 'heard > started' 1 >/dev/null
    claim "$(fact far status) $(fact far flag)" 'running null' "another host: its sign of life is seen"
    kill -STOP "$own"
    sqlite3 -cmd '.timeout 60000' .assay/assay.db "update run set heard = started - 10800000"
    claim "$(fact far flag)" 'nothing heard for 3h (host gpu7)' "another host: nothing is heard of it"
    like_claim "$("$assay" runs)" '(▲|!) unheard' "another host: in the list"
    like_claim "$("$assay" show far)" 'flag +nothing heard for 3h \(host gpu7\), for 3h' "another host: show says it"
    like_claim "$("$assay" --once runs)" '▲ unheard' "another host: on the screen"
    like_claim "$("$assay" --once overview)" 'unheard +far .*nothing heard for 3h' "another host: on the overview"
    claim "$("$assay" runs --where "flag like '%host gpu7%'" --columns name --csv | tr '\n' ' ')" 'name far ' "another host: found by a filter"
    claim "$(row far status,reason,flag)" '1||' "another host: nothing of it is written down, and it is not lost"
    kill -CONT "$own"
    await heard far
    claim "$(fact far status) $(fact far flag)" 'running null' "another host: it is heard of again"
    sqlite3 -cmd '.timeout 60000' .assay/assay.db "update run set host = '$host'"
    "$assay" stop far >/dev/null
}
heard() { [ "$(fact "$1" flag)" = null ]; }

# The list says of all three what is left.
told_left() {
    "$assay" runs >list
    [ -e tqdm_alone.half ] && [ -e keras_bar.half ] && [ -e lightning_rich.half ] && [ "$(grep -c '%.* left' list)" = 3 ]
}
# The beginning of recorded bars, in two parts: their pace tells when the end will be, which is long enough from then
# for a loaded machine to look before it.
time_left() {
    local real=$root/tests/oracle/output bar size
    for bar in tqdm_alone keras_bar lightning_rich; do
        size=$(($(stat -c %s "$real/$bar.pty.txt") / 6))
        printf 'head -c %d "%s"; sleep 4; tail -c +%d "%s" | head -c %d; : >%s.half; while [ ! -e go ]; do sleep 0.1; done\n' \
            $size "$real/$bar.pty.txt" $((size + 1)) "$real/$bar.pty.txt" $size $bar >$bar.sh
        "$assay" run -n $bar -- sh $bar.sh >/dev/null 2>&1 &
    done
    await told_left
    "$assay" --once runs --size 160x48 >screen; "$assay" show keras_bar >shown
    fact keras_bar ends >ends
    for bar in tqdm_alone keras_bar lightning_rich; do
        like_claim "$(grep $bar list)" 'running [0-9]+ %, [0-9.]+[smh]+ left' "$bar: how far it is, and what is left, in the list"
        like_claim "$(grep "$bar .*%" screen)" '[0-9]+% (<1m|[0-9.]+[mh]) ' "$bar: and on the screen"
    done
    like_claim "$(cat shown)" 'progress +[0-9]+ %, about [0-9.]+[smh]+ left' "time left: show says it"
    like_claim "$(cat ends)" '^20[0-9-]+T[0-9:.]+Z$' "time left: in JSON it is when"
    echo >go
}

deaf() {
    "$assay" run -n deaf -- sh "$tmp/report.sh" 100 3 >/dev/null 2>&1 &
    until_printed deaf 3
    kill -STOP "$(supervisor deaf)"
    "$assay" stop deaf >/dev/null
    claim "$(until_row deaf status 4)" 4 "stop wakes a supervisor that was stopped"
}

out_of_memory() {
    local group=/sys/fs/cgroup/memory/assay-test-$$ limit=memory.limit_in_bytes
    [ -e /sys/fs/cgroup/cgroup.controllers ] && group=/sys/fs/cgroup/assay-test-$$ limit=memory.max
    if ! mkdir "$group" 2>/dev/null || ! echo 64M >"$group/$limit" 2>/dev/null; then
        rmdir "$group" 2>/dev/null
        claim '' '' "OOM kill # SKIP no control group of memory can be made here"
        return
    fi
    [ "$limit" = memory.max ] && echo 0 >"$group/memory.swap.max" 2>/dev/null
    # The command alone: a sanitized supervisor is large itself. It is in its group for two looks of the supervisor before it grows.
    local enter="echo \$\$ >'$group/cgroup.procs'; sleep 1.5; " grow='BEGIN { s = "0123456789abcdef"; while (1) s = s s }'
    "$assay" run -n hog -- sh -c "$enter exec awk '$grow'" >/dev/null 2>&1
    like_claim "$(fact hog reason)" '^killed by the kernel: out of memory \(peak [0-9.]+ MiB\)$' "OOM kill: told from another SIGKILL"
    "$assay" run -n child -- sh -c "$enter awk '$grow'; exit \$?" >/dev/null 2>&1
    like_claim "$(fact child reason)" '^exit status 137: the kernel killed a process of it, out of memory' "OOM kill: of a child"
    "$assay" run -n not -- sh -c "$enter kill -9 \$\$" >/dev/null 2>&1
    claim "$(fact not reason)" "ended by SIGKILL; no sign of the out-of-memory killer" "OOM kill: another SIGKILL in the same group a moment later"
    await rmdir "$group" 2>/dev/null
}

stories='hang_up killed_job killed_supervisor prints_on_terminal prints_on_pipe asks_server orphans_end killed_both reboot stopped stalled not_a_number elsewhere time_left deaf out_of_memory'
for name in $stories; do
    story=$tmp/$name
    mkdir "$story"
    (cd "$story" && "$assay" init --quiet && "$name" >"$story/said" 2>&1) &
done
wait
for name in $stories; do
    story=$tmp/$name
    [ -s "$story/claims" ] || { ok 1 "$name said nothing"; continue; }
    while IFS=$'\x1f' read -r wanted got what; do
        case $what in
        *' # SKIP '*) skip "${what%% # SKIP *}" "${what##* # SKIP }" ;;
        *) is "$got" "$wanted" "$what" ;;
        esac
    done <"$story/claims"
done
is "$(cat "$tmp/late" 2>/dev/null)" "" "none of these states stood later than five seconds after"
try "$assay" --store "$tmp/reboot/.assay" run --orphans both -- true
is "$rc" 125 "a policy that there is not"
like "$err" 'neither go-on nor end' "is refused"
printf '[watch]\nstaled = 3\n' >"$tmp/reboot/.assay/config.ini"
try "$assay" --store "$tmp/reboot/.assay" run -- true
like "$rc $err" '^125 .*config.ini:2: \[watch\] has no key "staled"' "so is a setting that there is not"
plan
