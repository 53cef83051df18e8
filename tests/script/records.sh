#!/bin/bash
# What a run records besides its output: code, environment, what was given, what was made, what it used.
# shellcheck disable=SC1091,SC2016,SC2154 # what tap.bash sets; single quotes where another shell expands
. "$(dirname "$0")/../lib/tap.bash"
mkdir "$tmp/project"
cd "$tmp/project" || exit 3
"$assay" init --quiet
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
git init -q . && echo one >known && git add known && git commit -qm one
cat >train.sh <<'S'
printf 'the model' >model.bin
printf '{"artifact":"model.bin"}\n{"artifact":"gone.bin"}\n' >"$ASSAY_EVENTS/events-x.jsonl"
S
# It is measured twice at least: what goes over the network is the difference.
echo "for i in \$(seq 600); do '$assay' metrics @last --system 2>/dev/null | grep -q '^sent' && break; sleep 0.1; done" >>train.sh
echo 'a,b' >data.csv
echo 'rate: 1' >set.yaml
get() { "$assay" show @last --json | "$json_get" "$1"; }
object() { cat .assay/objects/"${1:0:2}"/"${1:2}"*; }

export HF_TOKEN=hush OMP_NUM_THREADS=3 UNRELATED=1 HF_HUB_PROXY=https://ada:hush@proxy/
try "$assay" run -- sh train.sh --data=data.csv set.yaml --seed 7 no-file /
is "$rc" 0 "a run with files among its arguments"
is "$(get seed)" 7 "the seed that the arguments tell"
is "$("$assay" show @last --json | "$json_get" inputs)" "[{\"role\":\"code\",\"name\":\"train.sh\",\"digest\":\"$(sha256sum <train.sh | cut -c1-64)\"},{\"role\":\"data\",\"name\":\"data.csv\",\"digest\":\"$(sha256sum <data.csv | cut -c1-64)\"},{\"role\":\"settings\",\"name\":\"set.yaml\",\"digest\":\"$(sha256sum <set.yaml | cut -c1-64)\"}]" \
    "files among the arguments are inputs, by digest"
outputs=$("$assay" show @last --json | "$json_get" outputs)
like "$outputs" "\"name\":\"model.bin\",\"kind\":\"file\",\"digest\":\"$(printf 'the model' | sha256sum | cut -c1-64)\",\"bytes\":9" \
    "an artifact that was reported is kept by its digest"
is "$(object "$(printf 'the model' | sha256sum | cut -c1-64)")" 'the model' "its bytes are in the store"
like "$outputs" '"name":"gone.bin","kind":"file","digest":null' "one that is gone is a name"
untracked=$(sha256sum <<<$'data.csv\nset.yaml\ntrain.sh' | cut -c1-64)
like "$outputs" "\"name\":\"untracked.txt\",\"kind\":\"code\",\"digest\":\"$untracked\"" "files that git does not know are listed"
environment=$(object "$(get environment)")
like "$environment" '"OMP_NUM_THREADS":"3"' "variables that change what is computed are kept"
is "$(grep -c 'hush\|UNRELATED' <<<"$environment")" 0 "no secret is, nor what is nobody's business"
like "$environment" '"HF_TOKEN":"masked"' "a secret is said to have been there"
first=$(get environment)
names=$("$assay" metrics @last --system | awk 'NR > 1 { print $1 }' | sort | tr '\n' ' ')
like "$names" 'processes (pss )?read received rss sent threads' "memory, storage and network are measured"

export UNRELATED=2
try "$assay" run -- true
is "$(get environment)" "$first" "the same environment has the same digest"
export OMP_NUM_THREADS=4
try "$assay" run -- true
[ "$(get environment)" != "$first" ]
ok $? "another one has another"

try "$assay" run -p api_key=hush -p rate=0.1 -- sh -c 'echo "$@" >seen' x --password=hush --token hush https://ada:hush@host/
is "$(cat seen)" "--password=hush --token hush https://ada:hush@host/" "the command gets its words as they are"
shown=$("$assay" show @last --json)
is "$(grep -c hush <<<"$shown")" 0 "secrets among its words and parameters are not kept"
like "$shown" '"--password=masked","--token","masked","https://ada:masked@host/"' "and said to have been there"

cat >secrets.sh <<'S'
printf '{"param":"api_key","value":"hush"}\n{"tag":"hf_token","value":"hush"}\n' >"$ASSAY_EVENTS/events-s.jsonl"
S
try "$assay" run --tag db=postgres://ada:hush@host/x -- sh secrets.sh
shown=$("$assay" show @last --json)
is "$(grep -c hush <<<"$shown")" 0 "nor are those that it reports"
like "$shown" '"api_key":"masked".*"db":"postgres://ada:masked@host/x","hf_token":"masked"' "and that there were some is"

# It waits until the time is over: make check-long does.
if [ "${LONG:-}" = 1 ]; then
    truncate -s 400G vast.csv
    try "$assay" run -- true vast.csv sh
    like "$("$assay" show @last --json)" '"role":"data","name":"vast.csv","digest":null' "what is too large to be read in time is an input by its name"
    rm vast.csv
fi

mkdir -p venv/lib/python3.11/site-packages/numpy-1.26.4.dist-info
VIRTUAL_ENV=$PWD/venv try "$assay" run -- true
like "$(object "$(get environment)")" '"version":"3.11","packages":\["numpy-1.26.4"\]' "packages of a virtual environment are listed"
mkdir venv/bin && touch venv/pyvenv.cfg && ln -s "$(command -v sh)" venv/bin/python
is "$(env -u VIRTUAL_ENV "$assay" run --quiet -- venv/bin/python -c 'echo it runs')" "it runs" "a program of one that is not activated runs"
like "$(object "$(get environment)")" "\"prefix\":\"$PWD/venv\",.*numpy-1.26.4" "and its packages are listed, too"
PATH=$PWD/venv/bin:$PATH try "$assay" run -- python -c true
like "$(object "$(get environment)")" "\"prefix\":\"$PWD/venv\",.*numpy-1.26.4" "as where it is found on the path"
# What was written below its folder while it ran, and that it did not speak of.
mkdir -p work/deep/er work/.hidden && cd work || exit 3
echo old >before.txt && ln -s /etc/passwd link && sleep 0.1
write='printf new >made.bin; echo x >>before.txt; printf deep >deep/er/made.txt; echo >.hidden/x; echo >.y; mkfifo pipe;
printf told >told.bin; printf "{\"artifact\":\"./told.bin\"}\n" >"$ASSAY_EVENTS/events-x.jsonl"; touch -d 2020-01-01 old.txt'
try "$assay" run -- sh -c "$write"
found() { "$assay" show @last --json | "$json_get" outputs | grep -o '"name":"[^"]*","kind":"found","digest":"[0-9a-f]*","bytes":[0-9]*' | sed 's/"name":"//; s/".*digest":"/ /; s/",.*:/ /; s#\\/#/#g'; }
is "$(found)" "before.txt $(printf 'old\nx\n' | sha256sum | cut -c1-64) 6
deep/er/made.txt $(printf deep | sha256sum | cut -c1-64) 4
made.bin $(printf new | sha256sum | cut -c1-64) 3" "files that it wrote are found, with digest and size"
is "$(find ../.assay/objects -type f | sed 's#.*objects/##; s#/##' | grep -c "^$(printf new | sha256sum | cut -c1-64)")" 0 "and are not copied"
try "$assay" doctor
is "$rc" 0 "the store lacks nothing by that"
rm -f made.bin pipe
try "$assay" run -- true
is "$(found)" '' "what was there before is not found again"
printf '[run]\ndiscover = no\n' >../.assay/config.ini
try "$assay" run -- sh -c 'echo x >made.bin'
is "$(found)" '' "[run] discover = no looks for none"
printf '[run]\ndiscover = maybe\n' >../.assay/config.ini
try "$assay" run -- true
like "$rc $out$err" 'discover: "maybe" is neither yes nor no' "another word is an error"
rm ../.assay/config.ini
"$assay" run -- sh -c 'touch ../begun; until [ -e ../over ]; do sleep 0.05; done' &
until [ -e ../begun ]; do sleep 0.05; done
try "$assay" run -- sh -c 'echo x >made2.bin'
is "$(found)" '' "beside another run in the folder nobody knows whose they are"
touch ../over
wait
try "$assay" run -- sh -c 'for i in $(seq 250); do echo $i >many.$i; done'
is "$(found | wc -l)" 200 "at most two hundred"
cd .. || exit 3

# A repository that came with settings of its own: none of the programs that they name is run.
git init -q hostile && cd hostile || exit 3
echo one >known && echo '* filter=own' >.gitattributes && git add . && git commit -qm one
echo two >>known
for key in filter.own.clean filter.own.process core.fsmonitor diff.external core.sshCommand; do
    git config "$key" "touch $tmp/ran-$key; cat"
done
git config filter.own.required true
printf '#!/bin/sh\ntouch %s/ran-hook\n' "$tmp" >.git/hooks/post-index-change && chmod +x .git/hooks/post-index-change
try "$assay" run -- true
cd .. || exit 3
is "$(find "$tmp" -maxdepth 1 -name 'ran-*')" '' "no program that a repository names is run"
like "$(object "$(get code | "$json_get" diff)")" '\+two' "what differs from the commit is known nevertheless"
cd "$tmp/project" || exit 3
printf 'a,b\n1,2\n3,4\n' >loans.csv
"$assay" data add loans loans.csv >/dev/null 2>&1
"$assay" run -- sh -c 'printf "{\"dataset\":\"loans\",\"role\":\"train\"}\n{\"dataset\":\"set.yaml\"}\n{\"dataset\":\"gone.csv\"}\n" >"$ASSAY_EVENTS/events-d.jsonl"' >/dev/null
is "$(get inputs)" "[{\"role\":\"train\",\"name\":\"loans\",\"digest\":\"$("$assay" data show loans --json | "$json_get" digest)\"},{\"role\":\"data\",\"name\":\"gone.csv\",\"digest\":null},{\"role\":\"data\",\"name\":\"set.yaml\",\"digest\":\"$(sha256sum <set.yaml | cut -c1-64)\"}]" \
    "data that a command names: the registered version, or the file, by digest"
truncate -s 64G vast.bin
try timeout -s KILL 100 "$assay" run -- sh -c 'printf "{\"dataset\":\"vast.bin\"}\n" >"$ASSAY_EVENTS/events-d.jsonl"'
is "$rc $(get inputs)" '0 [{"role":"data","name":"vast.bin","digest":null}]' "a very large file is named, and not waited for"
plan
