#!/bin/bash
# The tracking server over HTTP: who may call, what hostile requests get, and that it goes on after them. Raw sockets,
# so that requests can be as wrong as they like; tests/unit/test_exchange.c has the calls.
# shellcheck disable=SC1091,SC2016,SC2154 # what tap.bash sets; single quotes where another shell expands
. "$(dirname "$0")/../lib/tap.bash"
unset MLFLOW_TRACKING_URI MLFLOW_TRACKING_TOKEN MLFLOW_RUN_ID MLFLOW_EXPERIMENT_ID MLFLOW_EXPERIMENT_NAME ASSAY_MLFLOW_URI
cd "$tmp" || exit 3
"$assay" init --quiet

serve() { # options: starts a server; $server is its process
    rm -f serve.out
    "$assay" serve "$@" >serve.out 2>serve.err &
    server=$!
    await test -s serve.out
}
stop() { kill -INT "$server"; wait "$server"; }

serve
# shellcheck source=/dev/null
. ./serve.out
port=${MLFLOW_TRACKING_URI##*:}
is "$(sed 's/[0-9a-f]\{40\}/TOKEN/; s/:[0-9]*$/:PORT/' serve.out)" \
    $'export MLFLOW_TRACKING_URI=http://127.0.0.1:PORT\nexport MLFLOW_TRACKING_TOKEN=TOKEN' "what to set is printed, ready for a shell"
is "$(stat -c %a .assay/token)" 600 "the token's file is its owner's"

bearer="Authorization: Bearer $MLFLOW_TRACKING_TOKEN"
host="Host: 127.0.0.1:$port"
# Bytes on standard input to the server; its answer.
raw() { timeout 60 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port; cat >&3; cat <&3" 2>/dev/null; }
request() { # method, path, body, more headers…: status, an empty line, the body of the answer
    local method=$1 path=$2 body=$3
    shift 3
    [ $# = 0 ] && set -- "$host" "$bearer"
    { printf '%s %s HTTP/1.1\r\n' "$method" "$path"; printf '%s\r\n' "$@" "Content-Length: ${#body}" "Connection: close"; printf '\r\n%s' "$body"; } |
        raw | tr -d '\r' | sed -n '1s/HTTP[^ ]* \([0-9]*\).*/\1/p; /^$/,$p'
}
code() { request "$@" | sed -n '1p;s/.*"error_code":"\([A-Z_]*\)".*/\1/p' | paste -sd' '; }
api=/api/2.0/mlflow

is "$(request GET /health '' "$host")" $'200\n\nOK' "health is open"
is "$(code GET $api/experiments/search '')" 200 "with the token"
is "$(code GET $api/experiments/search '' "$host")" "401 UNAUTHENTICATED" "without a token"
is "$(code GET $api/experiments/search '' "$host" "${bearer%?}x")" "401 UNAUTHENTICATED" "with a wrong one"
is "$(code GET $api/experiments/search '' "$host" "${bearer%?}")" "401 UNAUTHENTICATED" "with a part of it"
is "$(code GET $api/experiments/search '' "$host" "Authorization: Basic $(printf 'me:%s' "$MLFLOW_TRACKING_TOKEN" | base64 -w0)")" 200 \
    "or as a password"
is "$(code GET $api/experiments/search '' "$host" "Authorization: Basic ?")" "401 UNAUTHENTICATED" "but not as anything"
is "$(code GET $api/experiments/search '' "Host: evil.example" "$bearer")" "403 PERMISSION_DENIED" "a page of another name"
is "$(code GET $api/experiments/search '' "Host: 127.0.0.1.evil.example" "$bearer")" "403 PERMISSION_DENIED" "however it begins"
is "$(code GET $api/experiments/search '' "Host: 127.0.0.1:$port@evil.example" "$bearer")" "403 PERMISSION_DENIED" "or ends"
is "$(code GET $api/experiments/search '' "Host: localhost:$port" "$bearer")" 200 "localhost will do"
is "$(code POST $api/runs/none '{}')" "404 ENDPOINT_NOT_FOUND" "a call that there is not"
is "$(code POST $api/registered-models/create '{}')" "501 NOT_IMPLEMENTED" "the registry is not answered, and that is said"
like "$(ss -ltn 2>/dev/null || cat /proc/net/tcp)" "127.0.0.1:$port |0100007F:$(printf %04X "$port") " "it listens on loopback"

# A run, as a client makes it.
run=$(request POST $api/runs/create '{"experiment_id":"0","run_name":"one"}' | sed -n 's/.*"run_id":"\([0-9a-f]*\)".*/\1/p')
like "$run" '^[0-9a-f]{32}$' "a run is made"
is "$(code POST $api/runs/log-metric "{\"run_id\":\"$run\",\"key\":\"loss\",\"value\":0.5,\"timestamp\":1}")" 200 "a metric is logged"
is "$("$assay" show one --json | "$json_get" status source metrics.loss)" $'running\nmlflow\n0.5' "and there at once"

# Flags, by the rules of every run: who serves judges it.
for step in 2 3 4; do
    code POST $api/runs/log-metric "{\"run_id\":\"$run\",\"key\":\"loss\",\"value\":\"NaN\",\"timestamp\":$step,\"step\":$step}" >/dev/null
done
flagged() { [ "$("$assay" show one --json | "$json_get" flag)" != null ]; }
await flagged
is "$("$assay" show one --json | "$json_get" status flag)" $'running\nloss is nan at step 2' "a loss that is NaN is flagged"
last=$(request POST $api/runs/create '{"experiment_id":"0","run_name":"last"}' | sed -n 's/.*"run_id":"\([0-9a-f]*\)".*/\1/p')
code POST $api/runs/log-batch "{\"run_id\":\"$last\",\"metrics\":[{\"key\":\"loss\",\"value\":1,\"timestamp\":1,\"step\":1},{\"key\":\"loss\",\"value\":\"Infinity\",\"timestamp\":2,\"step\":2}]}" >/dev/null
is "$(code POST $api/runs/update "{\"run_id\":\"$last\",\"status\":\"FINISHED\"}")" 200 "a run ends by it at once"
is "$("$assay" show last --json | "$json_get" status flag)" $'done\nloss is inf at step 2' "and is marked all the same"

# Artifacts.
files=/api/2.0/mlflow-artifacts/artifacts
is "$(request PUT "$files/0/$run/artifacts/te%20xt/%C3%BC.txt" 'some bytes')" 200 "a file is put"
is "$(request GET "$files/0/$run/artifacts/te%20xt/%C3%BC.txt" '' | tail -1)" 'some bytes' "and comes back"
is "$(request GET "$files?path=0%2F$run%2Fartifacts" '' | tail -1)" '{"files":[{"path":"te xt","is_dir":true}]}' "and is listed"
for path in '../../../../etc/passwd' '%2e%2e/%2e%2e/x' '..%2f..%2fx' 'a%00b' 'a%0ab' '%5c..%5cx'; do
    is "$(code PUT "$files/0/$run/artifacts/$path" x | cut -d' ' -f1)" 400 "out of its place: $path"
done
is "$(code GET "$files/0/$run/artifacts/../../../../../../../../etc/passwd" '' | cut -d' ' -f1)" 400 "nor is anything else read"
head -c 3000000 /dev/urandom >large
{ printf 'PUT %s HTTP/1.1\r\n%s\r\n%s\r\nContent-Length: 3000000\r\nConnection: close\r\n\r\n' "$files/0/$run/artifacts/large" "$host" "$bearer"; cat large; } |
    raw | head -1 | grep -q '200 OK'
ok $? "three megabytes are put"
{ printf 'GET %s HTTP/1.1\r\n%s\r\n%s\r\nConnection: close\r\n\r\n' "$files/0/$run/artifacts/large" "$host" "$bearer"; } | raw >back
is "$(tail -c 3000000 back | sha256sum)" "$(sha256sum <large)" "and come back as they were"

# Requests that are wrong.
{ printf 'POST %s HTTP/1.1\r\n%s\r\n%s\r\nContent-Length: 2147483648\r\n\r\n{' "$api/runs/log-batch" "$host" "$bearer"; } | raw | head -1 | grep -q ' 413 '
ok $? "two gigabytes are refused before they come"
is "$(code POST $api/runs/log-batch "$(head -c 1000001 /dev/zero | tr '\0' ' ')")" "400 BAD_REQUEST" "a megabyte of nothing"
{ printf 'POST %s HTTP/1.1\r\n%s\r\n%s\r\nContent-Length: 500\r\n\r\n{"run_id":"%s","key":"cut","value":1' "$api/runs/log-metric" "$host" "$bearer" "$run"; } |
    timeout 1 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port; cat >&3"
{ printf 'PUT %s HTTP/1.1\r\n%s\r\n%s\r\nContent-Length: 500\r\n\r\nhalf' "$files/0/$run/artifacts/half" "$host" "$bearer"; } |
    timeout 1 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port; cat >&3"
is "$(code GET "$files/0/$run/artifacts/half" '' | cut -d' ' -f1)" 404 "of a body that is cut off nothing is kept"
# Mostly at once; libmicrohttpd overlooks an end that comes with the last bytes, and hangs up after half a minute.
nothing_new() { [ "$(find .assay/objects -name 'new-*' | wc -l)" = 0 ]; }
await nothing_new
is "$(find .assay/objects -name 'new-*' | wc -l)" 0 "and nothing lies about"
printf 'POST %s HTTP/1.1\r\n%s\r\n%s\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n' "$api/runs/get" "$host" "$bearer" | raw | head -1 | grep -q ' 404 '
ok $? "a body in chunks"
is "$(printf 'GET /health HTTP/1.1\r\n%s\r\n\r\nGET /version HTTP/1.1\r\n%s\r\n\r\nGET /health HTTP/1.1\r\n%s\r\nConnection: close\r\n\r\n' "$host" "$host" "$host" | raw | grep -o 'HTTP/1.1 200' | wc -l)" 3 \
    "three requests in one go get three answers"
printf 'GET / HTTP/9.9\r\n\r\n' | raw >/dev/null
head -c 200000 /dev/urandom | raw >/dev/null
printf 'GET /%s HTTP/1.1\r\n%s\r\n\r\n' "$(head -c 300000 /dev/zero | tr '\0' a)" "$host" | raw | head -1 | grep -qE ' 4(13|14|31) '
ok $? "an address of 300 kB"
is "$(request POST $api/runs/set-tag '{"run_id":"'"$run"'","key":"t","value":"\u001b[2J\u202e"}' | head -1)" 200 "control characters are kept"
"$assay" show one | grep -q $'\e'
[ $? = 1 ]
ok $? "and never shown as they are"
is "$(code GET /health '' "$host")" 200 "it serves still"

# Many at once: every acknowledged point is there.
for w in 1 2 3 4 5 6 7 8; do
    { for i in $(seq 50); do
        body="{\"run_id\":\"$run\",\"key\":\"w$w\",\"value\":$i,\"timestamp\":$i,\"step\":$i}"
        printf 'POST %s HTTP/1.1\r\n%s\r\n%s\r\nContent-Length: %d\r\n\r\n%s' "$api/runs/log-metric" "$host" "$bearer" "${#body}" "$body"
    done; printf 'GET /health HTTP/1.1\r\n%s\r\nConnection: close\r\n\r\n' "$host"; } | raw >"answers.$w" &
    pids[w]=$!
done
wait "${pids[@]}"
is "$(cat answers.* | grep -o 'HTTP/1.1 200' | wc -l)" 408 "eight connections, each with fifty requests in one go"
is "$("$assay" metrics one --json 2>/dev/null | grep -o '"points":50' | wc -l)" 8 "and no point is missing or doubled"

fails 2 'exclude each other' "a port and a Unix socket exclude each other" "$assay" serve --port 1 --unix x
fails 3 "cannot listen on 127.0.0.1, port $port" "a port that is taken" "$assay" serve --port "$port"
stop
is "$?" 0 "Ctrl-C ends it"
fails 3 'install the package libmicrohttpd12' "without the library it says which package has it" env ASSAY_MICROHTTPD=libnone.so.1 "$assay" serve
chmod 644 .assay/token
fails 5 'others may read' "a token that others may read is none" "$assay" serve
chmod 600 .assay/token

serve --read-only
# shellcheck source=/dev/null
. ./serve.out
port=${MLFLOW_TRACKING_URI##*:} host="Host: 127.0.0.1:$port"
is "Authorization: Bearer $MLFLOW_TRACKING_TOKEN" "$bearer" "the token stays the store's"
is "$(code POST $api/runs/create '{"experiment_id":"0"}')" "403 PERMISSION_DENIED" "--read-only refuses to write"
is "$(code GET "$api/runs/get?run_id=$run" '')" 200 "and reads"
stop

serve --unix "$tmp/socket"
is "$(stat -c %a "$tmp/socket")" 600 "a Unix socket is its owner's"
like "$(cat serve.out)" "^serving on $tmp/socket, token [0-9a-f]{40}$" "its path and token are printed"
kill -KILL "$server"
wait "$server" 2>/dev/null
serve --unix "$tmp/socket"
like "$(cat serve.out)" "^serving on" "one that was left behind is replaced"
stop
[ -e "$tmp/socket" ]
is "$?" 1 "and goes with the server"

# Beside a run: the command finds a server of its own.
unset MLFLOW_TRACKING_URI MLFLOW_TRACKING_TOKEN
cat >client.sh <<'END'
port=${MLFLOW_TRACKING_URI##*:}
post() {
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'POST /api/2.0/mlflow/%s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' \
        "$1" "$port" "$MLFLOW_TRACKING_TOKEN" "${#2}" "$2" >&3
    cat <&3
}
[ "$MLFLOW_RUN_ID" = "$ASSAY_RUN_ID" ] || exit 9
post runs/log-metric "{\"run_id\":\"$MLFLOW_RUN_ID\",\"key\":\"auc\",\"value\":0.75,\"timestamp\":5,\"step\":3}"
post runs/create "{\"experiment_id\":\"$MLFLOW_EXPERIMENT_ID\",\"run_name\":\"child\",\"tags\":[{\"key\":\"mlflow.parentRunId\",\"value\":\"$MLFLOW_RUN_ID\"}]}"
post runs/update "{\"run_id\":\"$MLFLOW_RUN_ID\",\"status\":\"FINISHED\",\"end_time\":9}"
END
try "$assay" run -n parent -e lending -- bash client.sh
is "$rc" 0 "a command of \`assay run\` reports to the server in its environment"
is "$("$assay" show parent --json | "$json_get" status experiment metrics.auc)" $'done\nlending\n0.75' "into its own run, which ends as it ended"
is "$("$assay" show child --json | "$json_get" status experiment)" $'lost\nlending' "what it left open is lost"
like "$("$assay" show child)" "its program ended and had not ended this run" "and says why"
try "$assay" run -n deadly -- bash -c '. ./client.sh >/dev/null; kill -9 $$'
is "$("$assay" show deadly --json | "$json_get" status signal metrics.auc)" $'failed\n9\n0.75' "FINISHED from a client does not make a killed run done"
try "$assay" run -- sh -c 'echo "$MLFLOW_TRACKING_URI $MLFLOW_RUN_ID"; env | grep -c ^MLFLOW'
like "$out" "^http://127.0.0.1:[0-9]+ [0-9a-f]{32}" "the environment names address and run"
try "$assay" run --no-mlflow -- sh -c 'echo "$MLFLOW_TRACKING_URI$MLFLOW_RUN_ID."'
is "$out" "." "--no-mlflow: none"
try env MLFLOW_TRACKING_URI=http://team.example "$assay" run -- sh -c 'echo "$MLFLOW_TRACKING_URI $MLFLOW_RUN_ID."'
is "$out" "http://team.example ." "a server that the caller has set is left as it is"
try "$assay" run -- "$assay" run -q --pipe -- sh -c '[ "$MLFLOW_RUN_ID" = "$ASSAY_RUN_ID" ] && echo own'
like "$out" own "a run within a run has a server of its own"
try env ASSAY_MICROHTTPD=libnone.so.1 "$assay" run -- bash client.sh
like "$out" 'HTTP/1.1 501.*libmicrohttpd12' "without the library a client is told which package has it"
like "$("$assay" show @last --json | "$json_get" status)" "done" "and the run goes on"
try env http_proxy=http://proxy.example:1 no_proxy=lan "$assay" run -- sh -c 'echo "$no_proxy $NO_PROXY"'
is "$out" "lan,127.0.0.1 lan,127.0.0.1" "a proxy is not asked for this machine"
plan
