#!/bin/bash
# Twins: every screen as text and as JSON, for scripts, mail and screen readers; both say the same.
# shellcheck disable=SC1091,SC2016,SC2154 # what tap.bash sets; backquotes for people
. "$(dirname "$0")/../lib/tap.bash"
. "$(dirname "$0")/../lib/trust.bash"
cd "$tmp" || exit 3

clean() { ! LC_ALL=C grep -q $'[\001-\010\013-\037\177]' "$tmp/.out"; }
# both SCREEN: prints it both ways; every list in the JSON has as many rows as it says, and each row's first cell stands
# in the text, where there is room for all of them.
both() {
    local text lists n id list row cell total paths cells bad=
    try "$assay" --once "$1" --size 200x200
    [ "$rc" = 0 ] && [ -n "$out" ] && [ -z "$err" ] && clean
    ok $? "$1 as text"
    text=$out
    try "$assay" --once "$1" --size 200x200 --json
    [ "$rc" = 0 ] && [ -z "$err" ] && clean && [ "$(wc -l <"$tmp/.out")" = 1 ] &&
        [ "$("$json_get" <<<"$out" screen)" = "$1" ]
    ok $? "$1 as JSON"
    lists=$("$json_get" <<<"$out" 'lists.#') || bad='no lists'
    for ((list = 0; list < lists; list++)); do
        { read -r n && read -r total && read -r id; } < <("$json_get" <<<"$out" "lists.$list.rows.#" "lists.$list.total" \
            "lists.$list.columns.0.id")
        [ "$n" = "$total" ] || bad="list $list: $n rows of $total"
        paths=()
        for ((row = 0; row < n; row++)); do paths+=("lists.$list.rows.$row.cells.$id"); done
        mapfile -t cells < <("$json_get" <<<"$out" "${paths[@]}")
        [ ${#cells[@]} = "$n" ] || bad="list $list: ${#cells[@]} cells in $n rows"
        # Texts wider than their column are cut on the screen.
        for cell in "${cells[@]}"; do
            [ "$cell" = null ] || [[ $text == *"${cell:0:9}"* ]] || bad="$cell is not in the text"
        done
    done
    is "$bad" '' "$1: text and JSON have the same rows"
}

"$assay" init --quiet empty
cd empty || exit 3
for screen in overview runs data bias models review audit launch theme; do both "$screen"; done
cd ..

make_store
ASSAY_KEY=$PWD/mara; export ASSAY_KEY
for screen in overview runs run:first run:first/metrics run:first/log run:first/system run:first/files run:first/data \
    run:first/params compare:first,second launch launch:logistic data data:set data:set/x bias bias:first models \
    models:lending models:lending@1 models:lending@1/files models:lending@1/gates models:lending@1/decisions \
    models:lending@1/lineage review audit audit:1 theme theme:paper; do
    both "$screen"
done

# What the commands count, the screens count.
count() { "$assay" --once "$1" --json | "$json_get" 'lists.0.rows.#'; }
is "$(count runs)" "$("$assay" runs --json | "$json_get" '#')" 'as many runs as `assay runs` has'
is "$(count data)" "$("$assay" data ls --json | "$json_get" '#')" 'as many data sets as `assay data ls` has'
is "$(count models:lending)" 2 'both versions of the model'

try "$assay" --once models:lending --json
is "$("$json_get" <<<"$out" place title lists.0.name lists.0.rows.0.id lists.0.rows.0.cells.version lists.0.columns.0.id)" \
    $'models:lending\nModels > lending\nmodel\n2\nv2\nversion' 'where one is, and what a row is made of'
try "$assay" --once data --json
is "$("$json_get" <<<"$out" lists.0.rows.0.cells.rows)" 200 'a number is a number'
try "$assay" --once run:first/params --json --limit 2
is "$("$json_get" <<<"$out" 'lists.0.rows.#' lists.0.more)" $'2\ntrue' '--limit, and that there are more'
try "$assay" --once run:first/params --size 80x8 --json
[ "$("$json_get" <<<"$out" 'lists.0.rows.#')" -gt 4 ]
ok $? 'a list is whole, however small the screen'

# Many acts: the text shows a page, the JSON as many as are asked for, newest first.
for i in 1 2 3; do sqlite3 .assay/assay.db "insert into activity (at, who, verb, what) with recursive n(i) as (select 1 \
    union all select i + 1 from n where i < 2000) select 1000 * ($i * 2000 + i), 'robot', 'did', 'thing ' || \
    ($i * 2000 + i) from n"; done
is "$("$assay" --once audit --json --limit 6500 | "$json_get" 'lists.0.rows.#' lists.0.more)" \
    "$((6000 + $(rows) + $(sqlite3 .assay/assay.db "select count(*) from activity where who <> 'robot'")))"$'\nfalse' \
    'every act, more than 5,000 of them'
is "$("$assay" --once audit --json --limit 100 | "$json_get" 'lists.0.rows.#' lists.0.more)" $'100\ntrue' 'the newest acts'

# A place that cannot be shown says why where errors go, with the status that its command would have, and prints nothing.
no() { # STATUS REGEX PLACE
    fails "$1" "$2" "$3: status $1" "$assay" --once "$3"
    fails "$1" "$2" "$3 as JSON: status $1" "$assay" --once "$3" --json
    fails "$1" "$2" "$3, wide: status $1" "$assay" --once "$3" --size 160x48
}
no 1 'no data set "nosuch"' relations:nosuch
no 1 'no data set "nosuch"' rows:nosuch
no 2 'no part "nosuch"' relations:set/nosuch
no 2 'no column "nosuch"' data:set/nosuch
no 2 'no column "x/nosuch"' data:set/x/nosuch
no 2 'no column "nosuch"' 'rows:set?nosuch > 1'
no 2 'at character' 'rows:set?x >'
no 1 '99' review:99
no 1 '9999' audit:9999
printf 'x,z,y\n1,2,good\n' >brief.csv
"$assay" data add gone brief.csv --label y --positive good --quiet
rm brief.csv
no 3 'brief.csv' relations:gone
no 3 'brief.csv' rows:gone
try "$assay" --once data --size 160x48
is "$rc$err" 0 'what stands beside a list is no place of its own'
printf 'x,z,y\n1,2,good\n' >brief.csv
"$assay" data add other brief.csv --label y --positive good --quiet
printf 'x,z,y\n1,3,good\n' >brief.csv
no 4 'brief.csv' relations:other
no 4 'brief.csv' rows:other

fails 2 '--json before a command goes with --once' '--json without a screen' "$assay" --json
fails 2 'limit 0: must be a number' 'a limit that is none' "$assay" --once runs --json --limit 0
fails 2 'no place "nonsense"' 'a screen that there is not' "$assay" --once nonsense --json
plan
