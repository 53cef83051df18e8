# For scripts that test the program: `. "$(dirname "$0")/../lib/tap.bash"`.
# shellcheck disable=SC2034 # the scripts use them
# $assay is the program, $json_get the reader of JSON, $tmp an empty folder that goes away.
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
assay=$(realpath "${ASSAY:-$root/build/assay}")
json_get=${JSON_GET:-$(realpath "$(dirname "$assay")/tests/tools/json-get")}
tmp=$(mktemp -d)
trap 'chmod -R u+w "$tmp" 2>/dev/null; rm -rf "$tmp"' EXIT
unset ASSAY_STORE ASSAY_KEY NO_COLOR ASSAY_RUN_ID ASSAY_EVENTS ASSAY_NETWORK_PATHS COLORTERM COLUMNS LINES
# script(1) and the like take the shell of the person.
export SHELL=/bin/sh TERM=xterm-256color
umask 022
export HOME=$tmp/home XDG_CONFIG_HOME=$tmp/home/config XDG_STATE_HOME=$tmp/home/state XDG_CACHE_HOME=$tmp/home/cache TZ=UTC LC_ALL=C.UTF-8
mkdir -p "$HOME"
tests=0

ok() { # status, name: 0 is good
    tests=$((tests + 1))
    if [ "$1" = 0 ]; then echo "ok $tests - $2"; else echo "not ok $tests - $2"; fi
}
is() { # got, wanted, name
    [ "$1" = "$2" ]
    ok $? "$3"
    [ "$1" = "$2" ] || printf '#    got: %s\n# wanted: %s\n' "${1//$'\n'/$'\n#         '}" "${2//$'\n'/$'\n#         '}"
}
like() { # text, extended regular expression, name
    [[ $1 =~ $2 ]]
    local rc=$?
    ok $rc "$3"
    [ $rc = 0 ] || printf '#      got: %s\n# not like: %s\n' "${1//$'\n'/$'\n#           '}" "$2"
}
skip() { # name, why
    tests=$((tests + 1))
    echo "ok $tests - $1 # SKIP $2"
}
# Runs a command; its output in $out, its errors in $err, its status in $rc.
try() {
    "$@" >"$tmp/.out" 2>"$tmp/.err" </dev/null
    rc=$?
    out=$(cat "$tmp/.out")
    err=$(cat "$tmp/.err")
}
# await COMMAND…: again and again until it succeeds, for a minute at least, which any machine can do it in.
await() {
    local end=$((SECONDS + 61))
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.05
    done
}
# fails STATUS REGEX NAME COMMAND…: ends with that status and one line on stderr that says it.
fails() {
    local want=$1 regex=$2 name=$3
    shift 3
    try "$@"
    if [ "$rc" = "$want" ] && [ -z "$out" ] && [[ $err == "assay: "* ]] && [ "$(wc -l <"$tmp/.err")" = 1 ] && [[ $err =~ $regex ]]; then
        ok 0 "$name"
    else
        ok 1 "$name"
        printf '#  status: %s, wanted %s\n#  stdout: %s\n#  stderr: %s\n# not like: %s\n' "$rc" "$want" "$out" "$err" "$regex"
    fi
}
plan() { echo "1..$tests"; }
