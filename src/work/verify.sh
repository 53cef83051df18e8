#!/bin/sh
# Verifies this bundle with sh, awk, ssh-keygen and sha256sum:    sh verify.sh [SEQ HEAD]
# SEQ HEAD: a row and its link that are known from elsewhere (`assay checkpoint`, a ticket, a colleague). Without
# them nobody can see that rows were cut off at the end. Status: 0 all of it holds, 6 it does not, 3 cannot be told.
LC_ALL=C IFS=' '; export LC_ALL
cd "$(dirname "$0")" || exit 3
for tool in awk ssh-keygen sha256sum mktemp; do
    command -v "$tool" >/dev/null || { echo "cannot verify: there is no $tool"; exit 3; }
done
T=$(mktemp -d) || exit 3
trap 'rm -rf "$T"' EXIT
problem() { echo "row $1: $2: $3" | tr -cd ' -~\n' | tee -a "$T/problems"; }
sum() { sha256sum <"$1" | awk '{ print $1 }'; }

# ---- the chain: link(n) = SHA256 of its number, the link before, its time, its text and its signature
: >"$T/none"
set -- "${1-}" "${2-}" decisions/*.txt
pin_seq=$1 pin_head=${2#sha256:}
empty=$(sum "$T/none")
{ sha256sum decisions/*.txt; sha256sum decisions/*.sig; } 2>/dev/null >"$T/sums"
awk -F '\t' -v empty="$empty" -v dir="$T" '
    FILENAME != "ledger.tsv" { split($0, a, " "); sum[a[2]] = a[1]; next }
    { n++ }
    NF != 3 || $1 !~ /^[1-9][0-9]*$/ || length($3) != 64 || $3 ~ /[^0-9a-f]/ ||
        $2 !~ /^[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\.[0-9][0-9][0-9]Z$/ {
        print n " chain line " n " of ledger.tsv is not SEQ, TIME, LINK"; next }
    $1 != n { print n " gap line " n " of ledger.tsv is row " $1 }
    { text = sum["decisions/" $1 ".txt"]; sig = sum["decisions/" $1 ".sig"] }
    text == "" { print n " gap decisions/" $1 ".txt is missing" }
    { printf "assay-ledger/1\nseq %s\nprev sha256:%s\nat %s\nbody sha256:%s\nsig sha256:%s\n", $1, (n > 1 ? last : zeros()), $2,
          text, (sig == "" ? empty : sig) >(dir "/link." n); close(dir "/link." n); last = $3; print n, $3 >(dir "/links") }
    function zeros(z) { z = "00000000"; z = z z; z = z z; return z z }
' "$T/sums" ledger.tsv >"$T/found" || problem 0 chain "ledger.tsv cannot be read"
while read -r seq what where; do problem "$seq" "$what" "$where"; done <"$T/found"
touch "$T/links"
while read -r seq link; do
    [ "$(sum "$T/link.$seq")" = "$link" ] || problem "$seq" link "its time, text, signature or the link before it was changed"
done <"$T/links"
last=$(awk 'END { print NR }' "$T/links")
[ "$last" -gt 0 ] || problem 0 gap "there is no row"
if [ -n "$pin_seq" ]; then
    known=$(awk -v n="$pin_seq" '$1 == n { print $2 }' "$T/links")
    if [ -z "$known" ]; then problem 0 rollback "row $pin_seq is known, and the ledger ends with row $last"
    elif [ "$known" != "$pin_head" ]; then problem "$pin_seq" fork "its link is not the one that is known"; fi
fi

# ---- the texts: every key once, in order, in plain ASCII; then what the rest needs of them
grammar='
function fault(why) { print n " text line " FNR " of the text: " why >(dir "/found"); wrong = 1 }
function hex(s, len) { return length(s) == len && s !~ /[^0-9a-f]/ }
function digest(s) { return substr(s, 1, 7) == "sha256:" && hex(substr(s, 8), 64) }
function finish() {
    if (file == "") return
    want = kind_of == "assay-decision/1" ? "store seen policy roster kind meaning signer name role model version stage subject manifest run code env data evidence baseline gate waiver target reason claimed-time expires request end" \
                                         : "store kind program model version stage subject seal data evidence gate claimed-time request end"
    if (keys != " " want) fault("its keys are not those of " kind_of ", in their order")
    print n, v["kind"], (kind_of == "assay-decision/1" ? v["signer"] : "-"), (v["seen"] == "" ? "0 -" : v["seen"]), v["store"], \
        (v["policy"] == "" ? "-" : v["policy"]), (v["roster"] == "" ? "-" : v["roster"]), v["subject"] >(dir "/texts")
}
FNR == 1 { finish(); file = FILENAME; n = file; sub(/^decisions\//, "", n); sub(/\.txt$/, "", n); keys = ""; before = ""; split("", v)
    kind_of = $0; if ($0 != "assay-decision/1" && $0 != "assay-record/1") fault("no version that is known"); next }
/[^ -~]/ { fault("it is not printable ASCII") }
{ key = $1; value = substr($0, length(key) + 2) }
keys ~ / end$/ { fault("the text goes on behind its end") }
key == "end" { if ($0 != "end") fault("end has no value"); keys = keys " end"; next }
value == "" || index(value, "  ") || value ~ /%($|[^0-9A-F]|[0-9A-F]($|[^0-9A-F]))/ { fault("its value is not written as it has to be") }
key ~ /^(data|evidence|gate|waiver|seal)$/ && key == before { if ($0 <= line) fault("it does not come after the line before it"); line = $0; again = 1 }
key ~ /^(policy|roster|env|subject)$/ && value != "none" && !digest(value) { fault("it is no digest") }
key ~ /^(store|request)$/ && !hex(value, 32) { fault("it is no id") }
key == "seen" && (NF != 3 || $2 !~ /^[1-9][0-9]*$/ || !digest($3)) { fault("it is no row and link") }
key == "evidence" && value != "none" { if (NF != 3 || !digest($3)) fault("it is no evidence"); else print n, $2, $3 >(dir "/evidence") }
key ~ /^(meaning|reason|name|signer|role|model|stage|kind|program|version|target)$/ && NF != 2 { fault("it is more than one word") }
{ if (!again) { keys = keys " " key; v[key] = value }; again = 0; before = key; line = $0 }
END { finish() }'
: >"$T/found"; : >"$T/texts"; : >"$T/evidence"
files=$(awk -v ORS=' ' '{ print "decisions/" $1 ".txt" }' "$T/links")
# shellcheck disable=SC2086 # a list of our own names
[ -z "$files" ] || awk -v dir="$T" "$grammar" $files 2>"$T/said" || problem 0 text "$(cat "$T/said")"
while read -r seq what where; do problem "$seq" "$what" "$where"; done <"$T/found"

# ---- rosters and policies: in force by the first row, then by signatures of those who may change them
roster=none policy=none store='' manifest=sha256:$(sum manifest 2>/dev/null) registered=''
lint='$0 ~ /^#/ || $0 == "" { next }
    NF != 5 || $1 ~ /[^-A-Za-z0-9._@+]/ || $2 != "namespaces=\"signoff@assay\"" || seen[$4]++ || $5 !~ /(^|;)roles=/ { exit 1 }'
usable='$0 ~ /^#/ || $0 == "" || $5 ~ /(^|;)departed=yes(;|$)/ { next }
    { split($5, part, ";"); for (i in part) if (part[i] ~ /^compromised=/ && substr(part[i], 13) + 0 <= seq + 0) next } { print }'
admins='{ split($5, part, ";"); for (i in part) if (part[i] ~ /^roles=/ && "," substr(part[i], 7) "," ~ /,roster-admin,/) print $1 }'
object() { echo "evidence/${1#sha256:}"; }
signed_by() { ssh-keygen -Y verify -f "$1" -I "$signer" -n signoff@assay -s "decisions/$seq.sig" <"decisions/$seq.txt" >/dev/null 2>&1; }
count_admins() { awk "$admins" "$1" 2>/dev/null | sort -u | awk 'END { print NR }'; }
vote() { # side, roster: the signer, if an admin there by a key that counts
    awk -v seq="$seq" "$usable" "$2" >"$T/usable"
    awk "$admins" "$T/usable" | grep -qxF -- "$signer" && signed_by "$T/usable" && echo "$kind $subject $1 $signer" >>"$T/votes"
}
votes() { grep -F -- "$kind $subject $1 " "$T/votes" | sort -u | awk 'END { print NR }'; }
change() { # a row about the roster or the policy: *_in_force when enough have signed
    new=$(object "$subject") need=0
    [ "$kind" = policy ] || awk "$lint" "$new" || return
    if [ "$roster" != none ]; then
        old=$(object "$roster") need=$(count_admins "$(object "$roster")")
        [ "$need" -le 2 ] || need=2
        vote old "$old"
        [ "$(votes old)" -ge "$need" ] || return
    fi
    if [ "$kind" = roster ]; then
        [ "$need" -lt 2 ] || [ "$(count_admins "$new")" -ge 2 ] || return
        [ "$need" -gt 0 ] || { need=$(count_admins "$new"); [ "$need" -le 2 ] || need=2; }
        vote new "$new"
        [ "$(votes new)" -ge "$need" ] || return
        roster=$subject
    else
        policy=$subject
    fi
    : >"$T/votes"
}
: >"$T/votes"
sort -n "$T/texts" >"$T/rows"
while read -r seq kind signer seen head of pol ros subject; do
    sig=decisions/$seq.sig
    if [ "$seq" = 1 ]; then
        store=$of
        [ "$kind" = genesis ] || problem 1 text "the first row is no genesis"
        roster=$subject policy=$(awk '$1 == 1 && $2 == "policy" { print $3 }' "$T/evidence")
    elif [ "$kind" = genesis ]; then problem "$seq" text "a second genesis"; fi
    [ "$of" = "$store" ] || problem "$seq" store "it is of another store"
    [ "$kind" != registration ] || [ "$subject" != "$manifest" ] || registered=yes
    if [ "$signer" = - ] || { [ "$signer" = none ] && [ "$kind" = halt ]; }; then
        [ ! -e "$sig" ] || problem "$seq" unexpected-signature "nobody signs a row of this kind"
    elif [ ! -s "$sig" ]; then problem "$seq" unsigned "a decision without a signature"
    elif ! awk 'NR == 1 && $0 != "-----BEGIN SSH SIGNATURE-----" { exit 1 } NR > 1 && $0 !~ /^-/ && (ended || $0 ~ /[^A-Za-z0-9+\/=]/ || short) { exit 1 }
            NR > 1 && $0 !~ /^-/ { short = length($0) != 70 } $0 ~ /^-/ && NR > 1 { if ($0 != "-----END SSH SIGNATURE-----" || ended++) exit 1 } END { if (!ended) exit 1 }' "$sig"
    then problem "$seq" signature "$sig is not one signature and nothing else"
    else
        by=$(object "$roster"); from=$by
        if [ "$kind" = roster ]; then from=$(object "$subject"); fi
        { [ "$roster" != none ] && signed_by "$by"; } || { [ "$kind" = roster ] && awk "$lint" "$from" && signed_by "$from"; } ||
            problem "$seq" signature "$signer has no key in the roster in force that made it over this text"
    fi
    if [ "$signer" != - ]; then
        [ "$seen" -lt "$seq" ] && [ "$head" = "sha256:$(awk -v n="$seen" '$1 == n { print $2 }' "$T/links")" ] ||
            problem "$seq" seen "row $seen does not have the link that the signer saw"
        eval "force=\${force_$seen-}"
        [ "$force" = "$ros $pol" ] || problem "$seq" policy "another roster or policy was in force at row $seen"
    fi
    case $kind in roster | policy) [ ! -s "$sig" ] || change ;; esac
    eval "force_$seq=\"\$roster \$policy\""
    case $kind in roster | policy | genesis)
        for name in "$subject" $([ "$kind" != genesis ] || echo "$policy"); do
            [ "$name" = none ] || [ "$(sum "$(object "$name")" 2>/dev/null)" = "${name#sha256:}" ] || problem "$seq" "object" "$(object "$name") is missing or changed"
            object "$name" >>"$T/expected"
        done ;;
    esac
    [ "$subject" = none ] || echo "$seq $subject" >>"$T/subjects"
done <"$T/rows"
[ "$roster" = none ] || [ "sha256:$(sum roster 2>/dev/null)" = "$roster" ] || problem 0 roster "the file roster is not the one in force"
[ "sha256:$(sum policy 2>/dev/null)" = "$policy" ] || problem 0 policy "the file policy is not the one in force"
[ "$roster" = none ] || awk "$lint" "$(object "$roster")" || problem 0 roster "the roster in force has a line that is none"

# ---- evidence of the version, the manifest and its files, and nothing else
[ "$registered" = yes ] || problem 0 manifest "no row registers a version with this manifest"
touch "$T/subjects"
awk -v subject="$manifest" 'FILENAME != ARGV[2] { of[$1] = $2; next }
    $2 == "registration" || $2 == "producers" || $2 == "policy" || of[$1] == subject { print $1, $3 }' "$T/subjects" "$T/evidence" >"$T/wanted"
while read -r seq name; do
    object "$name" >>"$T/expected"
    [ "$(sum "$(object "$name")" 2>/dev/null)" = "${name#sha256:}" ] || problem "$seq" evidence "$(object "$name") is missing or changed"
done <"$T/wanted"
decode='{ path = ""; s = $3; while (match(s, /%[0-9A-F][0-9A-F]/)) { path = path substr(s, 1, RSTART - 1) \
    sprintf("%c", 16 * (index(h, substr(s, RSTART + 1, 1)) - 1) + index(h, substr(s, RSTART + 2, 1)) - 1); s = substr(s, RSTART + 3) } print $1, $2, path s }'
awk -v h=0123456789ABCDEF "$decode" manifest >"$T/files" 2>/dev/null
while read -r name bytes path; do
    echo "files/$path" >>"$T/expected"
    case /$path/ in */../* | *//*) problem 0 manifest "its path $path leads elsewhere"; continue ;; esac
    [ "sha256:$(sum "files/$path" 2>/dev/null)" = "$name" ] || problem 0 manifest "files/$path is missing or is not what the manifest says"
done <"$T/files"
awk '{ print "decisions/" $1 ".txt"; print "decisions/" $1 ".sig" } END { print "ledger.tsv\nmanifest\nroster\npolicy\nverify.sh" }' "$T/links" >>"$T/expected"
walk() ( for f in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    if [ -L "$f" ]; then echo "$f is a link"; elif [ -d "$f" ]; then walk "$f"; elif [ -e "$f" ]; then echo "$f"; fi; done )
walk . | awk 'FILENAME != "-" { known[$0]; next } { sub(/^\.\//, "") } !($0 in known)' "$T/expected" - >"$T/found"
while read -r where; do problem 0 object "$where does not belong here"; done <"$T/found"

if [ -s "$T/problems" ]; then exit 6; fi
echo "ok: $last rows, $(awk '$3 != "-" && $3 != "none" { n++ } END { print n + 0 }' "$T/rows") signatures; subject $manifest"
awk -v subject="$manifest" '$9 == subject && $3 != "-" { print "    row " $1 ": " $2 " by " $3 }' "$T/rows"
[ -n "$pin_seq" ] || echo "    the end of the ledger is not pinned: rows may have been cut off behind row $last"
