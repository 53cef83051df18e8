#!/bin/sh
# Verifies this bundle with sh, awk, ssh-keygen and sha256sum (mktemp, mkdir and rm for its notes):    sh verify.sh [SEQ HEAD]
# SEQ HEAD: a row and its link that are known from elsewhere (`assay checkpoint`, a ticket, a colleague); without them
# nobody can see that rows were cut off at the end. Status: 0 all of it holds, 6 it does not, 3 cannot be told.
# shellcheck disable=SC2015,SC2016,SC2034 # programs of awk; names that eval reads
LC_ALL=C IFS=' ' pin_seq=${1-} pin_head=${2-}
export LC_ALL
case $0 in */*) cd "${0%/*}" || exit 3 ;; esac
case $pin_seq in *[!0-9]*) echo "usage: sh verify.sh [SEQ HEAD]"; exit 2 ;; esac
for tool in awk ssh-keygen sha256sum mktemp mkdir rm; do
    command -v "$tool" >/dev/null || { echo "cannot verify: there is no $tool"; exit 3; }
done
T=$(mktemp -d) && trap 'rm -rf "$T"' EXIT || exit 3
problem() { echo "row $1: $2: $3" >>"$T/problems"; }
sum() { if [ -f "$1" ] && [ ! -L "$1" ]; then sha256sum <"$1" | awk '{ print $1 }'; fi; }

# ---- the chain: link(n) = SHA256 of row n's number, the link before, its time, its text and its signature
for f in none links rows evidence; do : >"$T/$f"; done
for f in decisions/*.sig; do [ ! -e "$f" ] || [ -s "$f" ] || problem 0 unexpected-signature "$f is empty"; done
sha256sum decisions/* 2>/dev/null >"$T/sums"
mkdir "$T/links.d"
[ -f ledger.tsv ] && awk -F '\t' -v empty="$(sum "$T/none")" -v dir="$T" '
    function wrong(what, where) { print "row " n ": " what ": " where >>(dir "/problems") }
    BEGIN { last = sprintf("%064d", 0) }
    FILENAME != "ledger.tsv" { split($0, a, " "); sum[a[2]] = a[1]; next }
    { n++ }
    NF != 3 || $1 !~ /^[1-9][0-9]*$/ || length($3) != 64 || $3 ~ /[^0-9a-f]/ || length($2) != 24 ||
        $2 !~ /^[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+\.[0-9]+Z$/ { wrong("chain", "its line of ledger.tsv does not read"); next }
    $1 != n { wrong("gap", "its line of ledger.tsv is that of row " $1); n = $1 + 0 }
    $2 < at { wrong("time", "it is before that of the row before it") }
    !(("decisions/" $1 ".txt") in sum) { wrong("gap", "its text is missing") }
    { file = dir "/links.d/" $1; text = sum["decisions/" $1 ".txt"]; sig = sum["decisions/" $1 ".sig"]; at = $2
      printf "assay-ledger/1\nseq %s\nprev sha256:%s\nat %s\nbody sha256:%s\nsig sha256:%s\n", $1, last, $2, text,
          (sig == "" ? empty : sig) >(file)
      close(file); last = $3; print $1, $3 >(dir "/links") }' "$T/sums" ledger.tsv || problem 0 gap "ledger.tsv does not read"
files=''
while read -r seq link; do
    files="$files decisions/$seq.txt" last=$seq
    eval "link_$seq=\$link"
done <"$T/links"
(cd "$T/links.d" && sha256sum -- * 2>/dev/null) | awk -v dir="$T" 'FILENAME != "-" { link[$1] = $2; next }
    link[$2] != $1 { print "row " $2 ": link: its time, text, signature or the link before it was changed" >>(dir "/problems") }' "$T/links" -
[ -n "$files" ] || problem 1 gap "there is no row"
if [ -n "$pin_seq" ]; then
    eval "known=\${link_$pin_seq-}"
    if [ -z "$known" ]; then problem "$pin_seq" rollback "it is known, and the ledger ends with row ${last-0}"
    elif [ "$known" != "${pin_head#sha256:}" ]; then problem "$pin_seq" fork "its link is not the one that is known"; fi
fi

# ---- the texts: every key once, in order, in plain ASCII; what the rest needs of them goes into rows and evidence
texts='
    function wrong(why) { print "row " n ": text: line " FNR " of the text: " why >>(dir "/problems"); bad = 1 }
    function hex(s, len) { return length(s) == len && s !~ /[^0-9a-f]/ }
    function digest(s) { return substr(s, 1, 7) == "sha256:" && hex(substr(s, 8), 64) }
    function finish() {
        if (n == "") return
        if (keys != (decision ? " store seen policy roster kind meaning signer name role model version stage subject manifest" \
                " run code env data evidence baseline gate waiver target reason claimed-time expires request end" : \
                " store kind program model version stage subject seal data evidence gate claimed-time request end"))
            wrong("its keys are not those of such a text, in their order")
        if (!bad) print n, v["kind"], (decision ? v["signer"] " " v["seen"] : "- - -"), v["store"],
            (decision ? v["roster"] " " v["policy"] : "- -"), v["subject"], (decision ? v["target"] : "-") >(dir "/rows")
    }
    FNR == 1 { finish(); n = FILENAME; sub(/^decisions\//, "", n); sub(/\.txt$/, "", n); keys = before = line = bad = ""; split("", v)
        decision = $0 == "assay-decision/1"; if (!decision && $0 != "assay-record/1") wrong("no version that is known"); next }
    { key = $1; value = substr($0, length(key) + 2); repeats = key ~ /^(data|evidence|gate|waiver|seal)$/ && key == before }
    /[^ -~]/ { wrong("it is not printable ASCII") }
    keys ~ / end$/ || (key == "end" && $0 != "end") { wrong("the text does not end as it has to") }
    key != "end" && (value == "" || value ~ /  |%($|[^0-9A-F]|.$|.[^0-9A-F])/) { wrong("its value is not written as it has to be") }
    repeats && $0 <= line { wrong("it does not come after the line before it") }
    key ~ /^(policy|roster|env|subject)$/ && value != "none" && !digest(value) { wrong("it is no digest") }
    key ~ /^(store|request)$/ && !hex(value, 32) { wrong("it is no id") }
    key == "seen" && (NF != 3 || $2 !~ /^[1-9][0-9]*$/ || !digest($3)) { wrong("it is no row and link") }
    key == "evidence" && value != "none" { if (NF != 3 || !digest($3)) wrong("it is no evidence"); print n, $2, $3 >(dir "/evidence") }
    key ~ /^(meaning|reason|name|signer|role|model|stage|kind|program|version|target)$/ && NF != 2 { wrong("it is not one word") }
    { if (!repeats) { keys = keys " " key; v[key] = value }; before = key; line = $0 }
    END { finish() }'
# shellcheck disable=SC2086 # names of our own making
[ -z "$files" ] || awk -v dir="$T" "$texts" $files || problem 0 text "they cannot be read"

# ---- rosters and policies: in force by the first row, then by the signatures of enough admins, old and new
lint='/^#/ || /^[ \t]*$/ { next } NF != 5 || $1 ~ /[^-A-Za-z0-9._@+]/ || $2 != "namespaces=\"signoff@assay\"" || seen[$4]++ { exit 1 }'
# Lines of admins (of one, if a name is given) whose keys count in that row; fails if there is none.
admins='/^#/ { next } { n = split($5, part, ";"); good = name == "" || name == $1; admin = 0
        for (i = 1; i <= n; i++) { if (part[i] == "departed=yes" || (part[i] ~ /^compromised=/ && substr(part[i], 13) + 0 <= row + 0)) good = 0
            if (part[i] ~ /^roles=/ && "," substr(part[i], 7) "," ~ /,roster-admin,/) admin = 1 } }
    good && admin { if (count) { if (!people[$1]++) found++ } else { print; found++ } } END { if (count) print found + 0; exit !found && !count }'
armour='NR == 1 { if ($0 != "-----BEGIN SSH SIGNATURE-----") exit 1; next } done || short && !/^-/ || /[^-A-Za-z0-9+\/= ]/ { exit 1 }
    /^-/ { if ($0 != "-----END SSH SIGNATURE-----") exit 1; done = 1; next } { short = length($0) != 70 } END { if (!done) exit 1 }'
object() { echo "evidence/${1#sha256:}"; }
holds() { [ "$(sum "$(object "$1")")" = "${1#sha256:}" ]; }
signed_by() { ssh-keygen -Y verify -f "$1" -I "$signer" -n signoff@assay -s "$sig" <"decisions/$seq.txt" >/dev/null 2>&1; }
admin_count() { awk -v row="$seq" -v count=1 "$admins" "$1"; }
vote() { awk -v row="$seq" -v name="$signer" "$admins" "$2" >"$T/keys" && signed_by "$T/keys" && votes="$votes $1:$signer:$seq"; }
voted() { # how many people of that side, without those who took it back
    people=' '
    for v in $votes; do
        name=${v#*:}; name=${name%:*}
        case $v in "$1":*) case "$revoked $people" in *" ${v#*:} "* | *" $name "*) ;; *) people="$people$name " ;; esac ;; esac
    done
    # shellcheck disable=SC2086 # names without blanks
    set -- $people
    [ $# -ge "$need" ]
}
change() { # a signature for a roster or a policy: it is in force when there are enough
    new=$(object "$subject") old=$(object "$roster") pending=votes_${epoch}_${kind}_${subject#sha256:}
    [ "$kind" = policy ] || { holds "$subject" && awk "$lint" "$new"; } || return
    [ "$roster" != none ] || { [ "$kind" = roster ] && old=$new; } || return
    need=$(admin_count "$old")
    [ "$need" -gt 0 ] || return
    [ "$need" -le 2 ] || need=2
    [ "$kind" = policy ] || [ "$need" -lt 2 ] || [ "$(admin_count "$new")" -ge 2 ] || return
    eval "votes=\${$pending-}"
    vote old "$old"
    [ "$kind" = policy ] || vote new "$new"
    eval "$pending=\$votes"
    voted old && { [ "$kind" = policy ] || voted new; } || return
    eval "$kind=\$subject"
    epoch=$((epoch + 1))
}
roster=none policy=none store='' epoch=0 revoked=' ' registered='' signatures=0 manifest=sha256:$(sum manifest)
while read -r seq kind signer seen head of named_roster named_policy subject target; do
    sig=decisions/$seq.sig
    if [ "$seq" = 1 ]; then
        store=$of roster=$subject policy=$(awk '$1 == 1 && $2 == "policy" { print $3 }' "$T/evidence")
        [ "$kind" = genesis ] || problem 1 store "the ledger does not begin with its genesis"
    fi
    [ "$of" = "$store" ] || problem "$seq" store "its text is of another store"
    [ "$kind" != registration ] || [ "$subject" != "$manifest" ] || registered=yes
    if [ "$signer" != - ] && { [ "$seen" -ge "$seq" ] || eval "[ \"sha256:\${link_$seen-}\" != \"$head\" ]"; } 2>/dev/null; then
        problem "$seq" seen "row $seen does not have the link that its signer saw"
    fi
    if [ "$signer" = - ] || { [ "$signer" = none ] && [ "$kind" = halt ]; }; then
        [ ! -e "$sig" ] || problem "$seq" unexpected-signature "nobody signs a row of this kind"
    elif [ ! -s "$sig" ]; then problem "$seq" unsigned "a decision without a signature"
    elif ! awk "$armour" "$sig"; then problem "$seq" signature "$sig is not one signature and nothing else"
    elif { [ "$roster" != none ] && signed_by "$(object "$roster")"; } ||
        { [ "$kind" = roster ] && awk "$lint" "$(object "$subject")" && signed_by "$(object "$subject")"; }; then
        signatures=$((signatures + 1))
        [ "$kind" = halt ] || [ "$named_roster $named_policy" = "$roster $policy" ] ||
            problem "$seq" roster "its text names another roster or policy than were in force"
        case $kind in roster | policy) change ;; revoke) revoked="$revoked$signer:$target " ;; esac
    else problem "$seq" signature "no key of $signer in the roster in force made it over this text"; fi
    case $kind in genesis | roster | policy) [ "$subject" = none ] || holds "$subject" || problem "$seq" object "$(object "$subject") is missing or changed"
        [ "$subject" = none ] || object "$subject" >>"$T/known" ;; esac
    eval "subject_$seq=\$subject"
done <"$T/rows"
[ "$roster" = none ] || awk "$lint" "$(object "$roster")" || problem 0 roster "the roster in force does not read"
[ "$(sum roster)" = "$(holds "$roster" && echo "${roster#sha256:}")" ] || problem 0 roster "the file roster is not the one in force"
[ "sha256:$(sum policy)" = "$policy" ] || problem 0 policy "the file policy is not the one in force"

# ---- the version's evidence, its manifest, its files; and nothing else
[ -n "$registered" ] || problem 0 manifest "no row registers a version with this manifest"
while read -r seq what name; do
    eval "of=\${subject_$seq-}"
    case $what in registration | producers | policy) ;; *) [ "$of" = "$manifest" ] || continue ;; esac
    holds "$name" || problem "$seq" evidence "$(object "$name") is missing or changed"
    object "$name" >>"$T/known"
done <"$T/evidence"
[ ! -f manifest ] || awk -v dir="$T" 'BEGIN { h = "0123456789ABCDEF" } { s = $3; path = ""
        while (match(s, /%[0-9A-F][0-9A-F]/)) { path = path substr(s, 1, RSTART - 1) sprintf("%c", 16 * index(h, substr(s, RSTART + 1, 1)) + \
            index(h, substr(s, RSTART + 2, 1)) - 17); s = substr(s, RSTART + 3) }
        print $1, path s; if (NF != 3 || $3 ~ /^\/|(^|\/)\.\.?(\/|$)/) exit 1 }' manifest >"$T/files" || problem 0 manifest "it does not read"
while read -r name path; do
    [ "sha256:$(sum "files/$path")" = "$name" ] || problem 0 manifest "files/$path is missing or is not what the manifest says"
    echo "files/$path" >>"$T/known"
done <"$T/files"
awk '{ print "decisions/" $1 ".txt\ndecisions/" $1 ".sig" } END { print "ledger.tsv\nmanifest\nroster\npolicy\nverify.sh" }' "$T/links" >>"$T/known"
walk() ( for f in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    if [ -L "$f" ]; then echo "$f (a link)"; elif [ -d "$f" ]; then walk "$f"; elif [ -e "$f" ]; then echo "$f"; fi; done )
walk . | awk -v dir="$T" 'FILENAME != "-" { known[$0]; next } { sub(/^\.\//, "") }
    !($0 in known) { print "row 0: object: " $0 " does not belong here" >>(dir "/problems") }' "$T/known" -

if [ -s "$T/problems" ]; then
    awk '{ gsub(/[^ -~]/, "?"); print }' "$T/problems"
    exit 6
fi
echo "ok: ${last} rows, $signatures signatures; subject $manifest"
awk -v s="$manifest" '$9 == s && $3 != "-" { print "    row " $1 ": " $2 ($3 == "none" ? ", unsigned" : " by " $3) }' "$T/rows"
[ -n "$pin_seq" ] || echo "    nothing says that row $last was the last one: give a row and link that you know from elsewhere"
