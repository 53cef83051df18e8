# People, keys and a store with models, for scripts about decisions: source it after tap.bash, in an empty folder.
# shellcheck shell=bash disable=SC2154 # what tap.bash sets
unset SSH_AUTH_SOCK SSH_ASKPASS ASSAY_KEY
me=$(id -un)@$(hostname)

# person NAME ROLES USERS FULL%20NAME: a key, and its line of the roster on stdout
person() {
    [ -e "$1" ] || ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$1" </dev/null
    echo "$1@lab namespaces=\"signoff@assay\" $(cut -d' ' -f1,2 "$1.pub") roles=$2;user=$3;name=$4"
}
# mara runs everything, so that she made what there is; the others are elsewhere.
make_roster() {
    person mara owner,roster-admin "$me" Mara%20Quist
    person li peer li@gpu1 Li%20Wei
    person rita risk-reviewer,roster-admin rita@gpu1 Rita%20Kern
    person ravi risk-reviewer ravi@gpu1 Ravi%20Rao
    person omar operator,owner omar@gpu1 Omar%20Bey
}
make_csv() { # rows, seed
    awk -v n="$1" -v seed="$2" 'BEGIN { srand(seed); print "x,z,y"
        for (i = 0; i < n; i++) { x = rand() * 4 - 2; print x "," rand() "," (rand() < 1 / (1 + exp(-2 * x)) ? "good" : "bad") } }'
}
# A store with the roster in force and lending@1, @2 registered.
make_store() {
    make_roster >roster
    "$assay" init --quiet --roster roster --fingerprint "$(sha256sum <roster | cut -d' ' -f1)"
    make_csv 300 1 >train.csv
    make_csv 200 2 >test.csv
    "$assay" data add set train.csv --label y --positive good --quiet
    "$assay" data add held test.csv --label y --positive good --quiet
    "$assay" train logistic --data set --test held -n first --quiet
    "$assay" train logistic --data set --test held -n second --set l2=5 --quiet
    "$assay" register first lending --quiet
    "$assay" register second lending --quiet
}
# A command that is to go through, quietly; prints the row that it made.
row() {
    local json
    json=$("$assay" "$@" --json) || return
    "$json_get" row <<<"$json"
}
rows() { "$assay" ledger ls --csv --quiet | awk 'END { print NR - 1 }'; }
# forge DB ROW SED: what somebody who can write the file can do to it: that row once more, changed by the sed program,
# without a signature and rightly linked. Prints its number.
forge() {
    local at seq prev link
    sqlite3 "$1" "select writefile('forged', body) from ledger where seq = $2" >/dev/null
    sed -i -e "$3" -e "s/^request .*/request $(od -An -tx1 -N16 /dev/urandom | tr -d ' \n')/" forged
    at=$(date -u +%FT%T.999Z)
    IFS='|' read -r seq prev < <(sqlite3 "$1" 'select seq + 1, link from ledger order by seq desc limit 1')
    link=$(printf 'assay-ledger/1\nseq %s\nprev sha256:%s\nat %s\nbody sha256:%s\nsig sha256:%s\n' "$seq" "$prev" "$at" \
        "$(sha256sum <forged | cut -d' ' -f1)" "$(printf '' | sha256sum | cut -d' ' -f1)" | sha256sum | cut -d' ' -f1)
    sqlite3 "$1" "insert into ledger values ($seq, '$at', readfile('forged'), x'', '$link')"
    echo "$seq"
}
# The number of a row of that kind; the newest.
row_of() { "$assay" ledger ls --csv --quiet | awk -F, -v kind="$1" '$3 == kind { n = $1 } END { print n }'; }
# The path of an object.
object_of() { echo "${2:-.assay}/objects/${1:0:2}/${1:2}"; }
