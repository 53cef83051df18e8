#!/bin/bash
# The unmodified MLflow client from PyPI against Assay and against its own server, in the same run: the same calls, answers
# compared step by step; programs under `assay run`, eight processes at once. The client lives in an environment of its
# own under the build folder; without PyPI everything is skipped.
# shellcheck disable=SC1091,SC2154 # what tap.bash sets
. "$(dirname "$0")/../lib/tap.bash"
unset MLFLOW_TRACKING_URI MLFLOW_TRACKING_TOKEN MLFLOW_RUN_ID MLFLOW_EXPERIMENT_ID MLFLOW_EXPERIMENT_NAME ASSAY_MLFLOW_URI
build=$(realpath "${BUILD:-$root/build}") client=$root/tests/long/mlflow_client.py
venv=$build/mlflow-venv python=$build/mlflow-venv/bin/python
export MLFLOW_DISABLE_TELEMETRY=true DO_NOT_TRACK=true MLFLOW_HTTP_REQUEST_MAX_RETRIES=1 GIT_PYTHON_REFRESH=quiet
cd "$tmp" || exit 3

install() { # says why not
    [ -x "$venv/bin/mlflow" ] && return
    python3 -m venv "$venv" 2>/dev/null || { echo "python3 -m venv does not work here"; return 1; }
    timeout 30 "$venv/bin/pip" download -q --no-deps -d "$tmp/pip" mlflow-tracing >/dev/null 2>&1 || { echo "PyPI cannot be reached"; return 1; }
    timeout 600 "$venv/bin/pip" install -q 'mlflow>=3,<4' >pip.log 2>&1 || { echo "pip: $(tail -1 pip.log)"; return 1; }
}
if ! why=$(install); then
    rm -rf "$venv"
    skip "the MLflow client" "$why"
    plan
    exit 0
fi
echo "# $("$python" -c 'import mlflow, sklearn; print("mlflow", mlflow.__version__, "scikit-learn", sklearn.__version__)' 2>/dev/null)"

# The reference server, on a port that was free a moment ago.
port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mkdir reference
(cd reference && exec setsid "$venv/bin/mlflow" server --backend-store-uri sqlite:///mlflow.db --artifacts-destination ./artifacts \
    --host 127.0.0.1 --port "$port" --workers 1 >server.log 2>&1) &
reference=$!
"$assay" init --quiet
"$assay" serve >serve.out 2>/dev/null &
server=$!
end() {
    kill -TERM -- "-$(ps -o pgid= -p "$reference" | tr -d ' ')" 2>/dev/null
    kill -INT "$server" 2>/dev/null
    wait 2>/dev/null
    chmod -R u+w "$tmp" && rm -rf "$tmp"
}
trap end EXIT
answered=no
for _ in $(seq 240); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && answered=yes && break
    sleep 0.5
done
is "$answered" yes "the reference server answers"

(. ./serve.out && exec timeout 600 "$python" "$client" record assay.json >assay.log 2>&1) &
ours=$!
MLFLOW_TRACKING_URI=http://127.0.0.1:$port timeout 600 "$python" "$client" record mlflow.json >mlflow.log 2>&1
ok $? "the flows play against the reference server"
wait "$ours"
ok $? "the same flows play against Assay"
"$python" "$client" compare assay.json mlflow.json >table
rc=$?
sed 's/^/# /' table
ok $rc "the answers are the same"
[ $rc = 0 ] || tail -5 assay.log mlflow.log | sed 's/^/# /'
is "$(cd reference && "$python" - <<'END'
import sqlite3
print(sqlite3.connect("mlflow.db").execute("SELECT count(*) FROM runs WHERE lifecycle_stage = 'active'").fetchone()[0])
END
)" "$("$assay" runs --limit 0 --json | grep -o '"run_id"' | wc -l)" "as many runs in either"

# A program that knows nothing of Assay.
"$assay" run -q -n program -- "$python" "$client" in-run >in-run.log 2>&1
is $? 0 "a program under \`assay run\`, with no change"
is "$("$assay" show program --json | "$json_get" status experiment metrics.auc)" $'done\nby the program\n0.75' "start_run() takes its run up, in the experiment that it sets"
is "$("$assay" show nested --json | "$json_get" status experiment metrics.auc)" $'done\nby the program\n0.5' "a nested run"
is "$("$assay" show nested --json | "$json_get" parent 2>/dev/null)" "$("$assay" show program --json | "$json_get" run_id)" "which has its parent"
is "$("$assay" show second --json | "$json_get" status metrics.auc)" $'done\n0.25' "and a second one"
like "$("$assay" show program)" 'dir/f\.txt' "its file is the run's"

# Eight at once.
cat >eight.sh <<END
for n in 1 2 3 4 5 6 7 8; do "$python" "$client" worker \$n & pids="\$pids \$!"; done
for p in \$pids; do wait \$p || bad=1; done
exit \${bad-0}
END
"$assay" run -q -n eight --pipe -- bash eight.sh >eight.log 2>&1
is $? 0 "eight processes at once, in one run"
is "$("$assay" metrics eight --json | grep -o '"points":200' | wc -l)" 8 "each metric has its 200 points"
is "$("$assay" show eight --json | "$json_get" params.p1 params.p8)" $'1\n8' "and each parameter is there"
is "$("$assay" show eight | grep -cE 'w[1-8]\.txt')" 8 "and each file"
plan
