#!/bin/bash
# A bundle verifies without the program, and whatever is changed in it is found by both verifiers, and where.
# tests/fault/bundle_mutations does the same at random.
# shellcheck disable=SC1091,SC2154 # what tap.bash sets
. "$(dirname "$0")/../lib/tap.bash"
cd "$tmp" || exit 3
command -v ssh-keygen >/dev/null || { skip 'bundles' 'no ssh-keygen'; plan; exit 0; }
"$root/tests/lib/make-bundle" "$assay" "$tmp" || { ok 1 'the store of the test'; plan; exit 1; }
chmod -R u+w bundle
last=$(tail -1 bundle/ledger.tsv | cut -f1) head=$(tail -1 bundle/ledger.tsv | cut -f3)

# ---- as it is
try env -i PATH=/usr/bin:/bin sh bundle/verify.sh
is "$rc" 0 'T22: verify.sh needs nothing but a path'
like "$out" "ok: $last rows, 12 signatures" 'it says what it has verified'
like "$out" 'nothing says that row' 'and what it cannot know'
try sh bundle/verify.sh "$last" "$head"
is "$rc" 0 'T34: a row that is known from elsewhere'
[[ $out != *'nothing says'* ]]
ok $? 'then the end is known as well'
try "$assay" verify --bundle bundle --pin "$last:$head" --json
is "$rc" 0 'T41: the program agrees'
is "$("$json_get" <<<"$out" result rows signatures problems)" $'ok\n'"$last"$'\n12\n[]' 'with the same numbers'
mkdir awks
for a in mawk gawk original-awk busybox; do
    command -v $a >/dev/null || continue
    ln -sf "$(command -v $a)" awks/awk
    try env PATH="$PWD/awks:$PATH" sh bundle/verify.sh
    is "$rc" 0 "verify.sh with $a"
done
for f in bundle/decisions/*.sig; do
    text=${f%.sig}.txt signer=$(sed -n 's/^signer //p' "${f%.sig}.txt")
    ssh-keygen -Y verify -f bundle/roster -I "$signer" -n signoff@assay -s "$f" <"$text" >/dev/null 2>&1 || bad="${bad-} $f"
done
is "${bad-}" '' 'stock ssh-keygen verifies every signature against the roster'
is "sha256:$(sha256sum <bundle/manifest | cut -d' ' -f1)" "$(sed -n 's/^subject //p' bundle/decisions/15.txt)" 'the subject is the SHA-256 of the manifest'
grep -qE '^(name|claimed-time|meaning) ' bundle/decisions/13.txt
ok $? 'T3: name, time and meaning stand in the text'
fails 1 'is there already' 'a bundle goes into a new folder' "$assay" bundle lending@2 bundle
fails 3 'is no bundle' 'a folder that is none' "$assay" verify --bundle home
fails 2 'SEQ:HEAD' 'a pin that is none' "$assay" verify --bundle bundle --pin 12
try "$assay" check lending staging --dir bundle
is "$rc" 1 'T39: a stage without a version passes nothing'

# ---- spoiled: both say 6, and the program says where
spoiled() { # what the program must say, name, command on the copy in $PWD
    rm -rf "$tmp/copy"
    cp -r "$tmp/bundle" "$tmp/copy"
    (cd "$tmp/copy" && eval "$3")
    sh "$tmp/copy/verify.sh" "$last" "$head" >"$tmp/by-script" 2>&1
    local script=$?
    "$assay" verify --bundle "$tmp/copy" --pin "$last:$head" >"$tmp/by-program" 2>/dev/null
    local program=$?
    is "$script $program" '6 6' "$2: both find it"
    like "$(cat "$tmp/by-program")" "$1" "$2: and where"
}
spoiled 'row 13: link' 'a gate that is made better' "sed -i 's/result fail/result pass/' decisions/13.txt"
spoiled 'row 14: (link|signature)' 'another signature' 'cp decisions/13.sig decisions/14.sig'
spoiled 'row 14: unsigned' 'a signature taken away' 'rm decisions/14.sig'
spoiled 'row 3: unexpected-signature' 'a signature where none belongs' 'cp decisions/14.sig decisions/3.sig'
spoiled 'row 13: (link|signature)' 'words behind the signature' 'echo more >>decisions/13.sig'
spoiled 'row 12: gap' 'a row taken out of the list' "sed -i 12d ledger.tsv"
spoiled 'row 12: gap' 'a text taken away' 'rm decisions/12.txt'
spoiled "row $last: rollback" 'the end cut off' "sed -i '\$d' ledger.tsv; rm decisions/$last.*"
spoiled 'row 0: roster' 'a roster with another person' "sed -i s/li@lab/lo@lab/ roster"
spoiled 'row 0: policy' 'a policy with another limit' "sed -i 's/0.99/0.19/' policy"
spoiled 'manifest' 'a manifest with another file' "sed -i 's/ model/ madel/' manifest"
spoiled 'files/model.assay' 'a model with one byte more' 'echo >>files/model.assay'
spoiled 'files/more does not belong' 'one file more' 'echo >files/more'
spoiled 'does not belong' 'a link' 'ln -s /etc/passwd evidence/passwd'
# shellcheck disable=SC2016 # expanded in the copy
spoiled 'row [0-9]+: evidence' 'evidence of the version taken away' 'rm "evidence/$(sed -n "s/^evidence producers sha256://p" decisions/11.txt)"'

# ---- with every link computed anew, which whoever can write the folder can do
relink() {
    local seq at prev sig
    prev=$(printf '%064d' 0)
    while read -r seq at _; do
        sig=$({ cat "decisions/$seq.sig" 2>/dev/null || :; } | sha256sum | cut -d' ' -f1)
        prev=$(printf 'assay-ledger/1\nseq %s\nprev sha256:%s\nat %s\nbody sha256:%s\nsig sha256:%s\n' "$seq" "$prev" "$at" \
            "$(sha256sum <"decisions/$seq.txt" | cut -d' ' -f1)" "$sig" | sha256sum | cut -d' ' -f1)
        printf '%s\t%s\t%s\n' "$seq" "$at" "$prev"
    done <ledger.tsv >ledger.new
    mv ledger.new ledger.tsv
}
spoiled 'row 13: signature' 'a text changed, links anew' "sed -i 's/read%20the/wrote%20the/' decisions/13.txt; relink"
spoiled 'row 13: signature' 'a signature by another key, links anew' \
    "rm decisions/13.sig; ssh-keygen -q -Y sign -f ../omar -n signoff@assay decisions/13.txt 2>/dev/null; mv decisions/13.txt.sig decisions/13.sig; relink"
spoiled 'row 13: signature' 'a signature for another purpose, links anew' \
    "rm decisions/13.sig; ssh-keygen -q -Y sign -f ../li -n git decisions/13.txt 2>/dev/null; mv decisions/13.txt.sig decisions/13.sig; relink"
spoiled 'row 11: seen' 'an earlier row changed, links anew' "sed -i 's/^program .*/program assay9/' decisions/5.txt; relink"
spoiled "row $last: fork" 'the unsigned end written anew' "sed -i 's/^program .*/program assay9/' decisions/$last.txt; relink"
spoiled 'row 7: (rule|signature)' 'a new roster by a stranger, links anew' \
    "sed -i s/^signer.*/signer%20omar@lab/ decisions/7.txt; sed -i 's/^signer%20/signer /' decisions/7.txt; rm decisions/7.sig; ssh-keygen -q -Y sign -f ../omar -n signoff@assay decisions/7.txt 2>/dev/null; mv decisions/7.txt.sig decisions/7.sig; relink"

# ---- the script itself cannot answer for itself: the program does
rm -rf copy && cp -r bundle copy && echo 'exit 0' >copy/verify.sh
fails_with() { try "$assay" verify --bundle copy; is "$rc" 6 "$1"; }
fails_with 'another verify.sh is found by the program'

# ---- a store without a roster has no decisions, and its bundle verifies all the same
mkdir bare && cd bare || exit 3
"$assay" init --quiet
"$assay" data add set ../train.csv --label y --positive good --quiet
"$assay" train logistic --data set -n one --quiet
"$assay" register one lending --quiet
"$assay" bundle lending@1 b --quiet
try sh b/verify.sh
is "$rc" 0 'without a roster: the chain and the files'
try "$assay" verify --bundle b
is "$rc" 0 'the program agrees there too'
plan
