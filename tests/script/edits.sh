#!/bin/bash
# Edits from the command line: what is put away, tagged, annotated, renamed and saved, and all of it taken back.
# shellcheck disable=SC1091,SC2016,SC2154 # what tap.bash sets; single quotes where another shell expands
. "$(dirname "$0")/../lib/tap.bash"
cd "$tmp" || exit 3
"$assay" init --quiet
for i in 1 2 3 4; do "$assay" run -e "e$((i % 2))" -n "r$i" -p "lr=0.$i" -p seed="$i" -- sh -c "echo auc=0.$i" >/dev/null; done

names() { "$assay" runs --columns name --order name --csv "$@" | tail -n +2 | paste -sd' '; }
value() { "$json_get" "$1" <<<"$out" 2>&1; }
does() { # expected output, command…
    local want=$1
    shift
    try "$assay" "$@"
    is "$rc $out$err" "0 $want" "$*"
}
back='   (`assay undo` takes it back)'

# ---- put away ----
does "archived r1$back" archive r1
does "archived 2 runs$back" archive r2 r3 r2
is "$(names)" "r4" "they are out of the list"
is "$(names --where archived)" "r1 r2 r3" "and found by a filter that speaks of it"
does 'nothing to change: it is so already' archive r1
try "$assay" undo
like "$out" '^took back: archived 2 runs.*as if by: assay restore [0-9a-f]{8} [0-9a-f]{8}$' "undo says what, and the command that does the same"
is "$(names)" "r2 r3 r4" "they are back"
try "$assay" redo --json
is "$rc $(value 0.text) $(value 0.undone)" "0 archived 2 runs false" "redo"
is "$(names)" "r4" "they are away again"
does "restored r2$back" restore --where 'name = r2'
does "restored 2 runs$back" restore --where archived
is "$(names)" "r1 r2 r3 r4" "all are back"
does "archived 2 runs$back" archive --where 'experiment = e1'
is "$(names)" "r2 r4" "by a filter"
does 'nothing to change: it is so already' archive --where 'name = none'
"$assay" undo --quiet
"$assay" run -n sleeper -- sh -c 'touch started; while ! [ -e go ]; do sleep 0.05; done' >/dev/null &
while ! [ -e started ]; do sleep 0.05; done
fails 1 'sleeper is running' "a run that is not over is not put away" "$assay" archive sleeper
try "$assay" archive --where 'name in (sleeper, r1)'
is "$rc $out" $'0 archived r1'"$back"$'\n1 is not over, and left as it is' "with others it is left"
"$assay" undo --quiet
try "$assay" archive sleeper r1 r2 --json
is "$(value asked) $(value changed) $(value left) $(value edits)" "3 2 1 1" "and counted"
"$assay" undo --quiet
touch go
wait

# ---- tags, notes, names ----
does 'tagged r1: team=risk, tagged r1: a=b   (`assay undo 2` takes it back)' tag r1 team=risk a=b
does "tagged 2 runs: team=fraud team$back" tag r1 r2 'team=fraud team'
is "$(names --where "tags.team = 'fraud team'")" "r1 r2" "tags can be asked for"
does "untagged r1: team$back" tag r1 team=
is "$(names --where tags.team)" "r2" "a tag is taken away"
does "tagged 4 runs: x=1$back" tag --where 'name like "r%"' x=1
"$assay" undo 3 --quiet
is "$(names --where 'tags.team = risk') $(names --where tags.x)" "r1 " "three edits are taken back"
"$assay" redo --quiet
is "$(names --where "tags.team = 'fraud team'")" "r1 r2" "one is made again"
does "annotated r1: a slip of the pen$back" note r1 'a slip of the pen'
try "$assay" show r1 --json
is "$(value notes.0)" "a slip of the pen" "a note"
fails 1 'nothing to be made again' "a new edit ends what could be made again" "$assay" redo
does "renamed r1 to uno$back" rename r1 uno
does 'nothing to change: it is so already' rename uno uno
is "$(names)" "r2 r3 r4 sleeper uno" "a name"
try "$assay" undo 2 --json
is "$(value 0.text) $(value 1.text)" "renamed r1 to uno annotated r1: a slip of the pen" "undo 2"
try "$assay" show r1 --json
is "$(value notes.0 >/dev/null || echo none) $(names)" "none r1 r2 r3 r4 sleeper" "both are taken back"
try "$assay" edits --json
is "$(value 0.text) $(value 0.undone) $(value 2.text) $(value 2.undone)" "renamed r1 to uno true tagged 2 runs: team=fraud team false" "edits lists both"
like "$(value 0.command)" '^assay rename [0-9a-f]{8} uno$' "with the command that does the same"
eval "\"\$assay\" $(value 0.command | cut -d' ' -f2-)" >/dev/null
is "$(names)" "r2 r3 r4 sleeper uno" "which does it"
"$assay" undo --quiet
try "$assay" edits --csv --limit 1
is "$out" "$(head -n1 <<<"$out")"$'\n'"$(tail -n1 <<<"$out")" "one line of CSV"
try "$assay" undo 99
is "$rc" 1 "more than there is: status 1"
like "$err" 'nothing more to be taken back than [0-9]+ of 99' "and it is said"
is "$(names --where 'tags.team') $(names)" " r1 r2 r3 r4 sleeper" "what there was is taken back"
fails 1 'nothing to be taken back' "nothing left" "$assay" undo

# ---- what makes no sense ----
fails 2 'which runs' "archive what" "$assay" archive
fails 2 'not both' "archive both" "$assay" archive r1 --where 'name = r2'
fails 2 'which tag' "tag without a tag" "$assay" tag r1
fails 2 'needs a name' "a tag without a name" "$assay" tag r1 =3
fails 2 'character' "a filter that is none" "$assay" archive --where 'status ='
fails 2 'character' "parentheses of the filter's own" "$assay" restore --where 'name = a) or (name = b'
fails 1 'no run "r9"' "a run that is not there" "$assay" note r9 x
fails 2 'how many' "undo what" "$assay" undo r1
fails 2 'needs a name' "rename to nothing" "$assay" rename r1 ''

# ---- the same thing changed meanwhile ----
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups env "ASSAY_STORE=$tmp/.assay" "$assay")
    chmod 755 . && chmod -R a+rwX .assay && cp "$assay" nobodys-assay && chmod 755 nobodys-assay && nobody[-1]=$tmp/nobodys-assay
    "$assay" tag r1 r2 team=risk --quiet
    try "${nobody[@]}" undo
    is "$rc" 1 "another person's edits are not mine to take back"
    try "${nobody[@]}" tag r2 team=fraud
    is "$rc" 0 "another person changes a tag"
    fails 4 'meanwhile r2 was tagged team=fraud; nothing was changed' "the first is not taken back over it" "$assay" undo
    is "$(names --where 'tags.team = risk')" "r1" "nothing was changed"
    "${nobody[@]}" undo --quiet
    try "$assay" undo
    is "$rc" 0 "as soon as it is as it was left"
    chmod -R go-w .assay
else
    skip "edits of two people" "needs root and setpriv"
fi

# ---- views and filters ----
does "saved the view best$back" views save best --where 'metrics.auc > 0.15' --order 'metrics.auc desc' --columns 'name,metrics.auc'
try "$assay" runs --view best --csv
is "$out" $'name,metrics.auc\nr4,0.4\nr3,0.3\nr2,0.2' "runs --view"
try "$assay" runs --view best --csv -e e0 --columns name --where 'params.lr < 0.4'
is "$out" $'name\nr2' "with less of it"
does "saved the view best of e1$back" views save best -e e1 --where 'metrics.auc < 0.15' --columns name
try "$assay" runs --view best -e e1 --csv
is "$out" $'name\nr1' "an experiment's own view comes first"
try "$assay" views ls -e e1 --json
is "$(value 0.experiment) $(value 1.experiment) $(value 1.view.sort.0.descending)" "e1 null true" "views ls"
does "changed the view best of e1$back" views save best -e e1 --columns id
try "$assay" views show best -e e1
like "$out" 'columns +id' "views show"
fails 1 'there is "best"' "a view that is not there" "$assay" runs --view bset
does "removed the view best of e1$back" views rm best -e e1
try "$assay" undo
like "$out" 'took back: removed the view best of e1' "a view comes back"
try "$assay" undo
try "$assay" undo
like "$out" 'assay views rm -e e1 best' "and goes"
does "saved the filter good$back" views save good --filters --where 'metrics.auc > 0.2'
try "$assay" views ls --filters --csv
is "$out" $'name,experiment,filter\ngood,,metrics.auc > 0.2' "a named filter"
does 'metrics.auc > 0.2' views show good --filters
fails 2 'character' "a filter that cannot be asked is not saved" "$assay" views save bad --filters --where 'auc >'
fails 2 'leave --filters out' "a filter has no columns" "$assay" views save bad --filters --where 'r1' --columns id
try "$assay" runs --group experiment --columns metrics.auc --order experiment --csv --where 'metrics.auc'
is "$(cut -d, -f1-3 <<<"$out")" $'experiment,count,metrics.auc\ne0,2,0.30000000000000004\ne1,2,0.2' "runs --group"
"$assay" views save seeds --over-seeds --columns metrics.auc --where 'experiment = e0' --quiet
try "$assay" runs --view seeds --json
is "$(value 0.count) $(value 0.setting)" "1 lr=0.4" "a view in groups"

# As the screen writes them: with ages and curves, which it alone has.
screen_view() # NAME COLUMNS SORT GROUP
{
    "$assay" views save "$1" --columns name --quiet
    sqlite3 .assay/assay.db "UPDATE saved SET text = '{\"columns\":[$2],\"sort\":[{\"column\":\"$3\"}],\"group\":[$4]}'
        WHERE name = '$1'"
}
screen_view ages '"name","metrics.auc","age","trend.auc"' age ''
try "$assay" runs --view ages --csv --where metrics.auc
is "$(cut -d, -f1,2 <<<"$out")" $'name,metrics.auc\nr4,0.4\nr3,0.3\nr2,0.2\nr1,0.1' "a view of the screen, by age"
is "$(head -n 1 <<<"$out")" "name,metrics.auc,started" "with the time that ages come from"
screen_view sizes '"name","metrics.auc"' runs '"experiment"'
try "$assay" runs --view sizes --csv
is "$(head -n 1 <<<"$out" | cut -d, -f1,2)" "experiment,count" "its groups, by how many there are"
screen_view keys '"name","metrics.auc"' group '"experiment"'
try "$assay" runs --view keys --csv --where metrics.auc
is "$(cut -d, -f1 <<<"$out" | head -n 2)" $'experiment\ne0' "and by their key"

# ---- who did what ----
try "$assay" --once audit --size 160x60
like "$out" 'archived +r1' "the Audit screen tells of it"
like "$out" 'took back: +archived 2 runs' "and that it was taken back"
plan
