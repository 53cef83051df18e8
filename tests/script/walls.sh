#!/bin/bash
# The walls between the rooms, and the shape of the tree: CONTRIBUTING.md has the list that this holds.
set -u
cd "$(dirname "$0")/../.." || exit 1

# room: the rooms whose headers it may include (base is open to all)
declare -A may=(
    [base]='' [stats]='' [data]='stats' [bias]='stats' [store]='' [ledger]='' [term]='' [log]='' [chart]='term stats' [theme]='term'
    [learn]='data bias stats' [ui]='term chart theme' [exchange]='store' [run]='store exchange'
    [monitor]='store learn bias stats data'
    [work]='stats data bias store ledger learn exchange run monitor'
    # The plain structs and the reads of the engine rooms are open to these two; they write through work.
    [cli]='work theme stats data bias store ledger learn run monitor'
    [view]='work ui theme chart term stats data bias store ledger learn run monitor'
    [main]='cli view work run'
)
# system header: the files that may include it
libraries='
sqlite3\.h            src/(store|ledger)/
n?curses(w/curses)?\.h    src/term/curses\.c:
csv\.h                src/data/
gsl/.*                src/(stats|learn|bias)/
ini\.h                src/base/
openssl/.*            src/base/
zstd\.h               src/(store|base)/
zlib\.h               src/base/
microhttpd\.h         src/exchange/http\.c:
'

n=0 failed=0
check() { # what, lines that are wrong
    n=$((n + 1))
    if [ -z "$2" ]; then echo "ok $n - $1"; else printf 'not ok %s - %s\n# %s\n' "$n" "$1" "${2//$'\n'/$'\n# '}"; failed=1; fi
}

# A room with much to promise has a header for each part of it: ui_table.h is ui's.
room_of() { if [ -n "${may[$1]+x}" ]; then echo "$1"; else echo "${1%%_*}"; fi; }

through=$(
    while IFS=: read -r file line header; do
        room=${file#*/}; room=${room#assay/}; room=${room%%/*}; room=$(room_of "${room%.[ch]}")
        header=${header#*assay/}; header=$(room_of "${header%%.h*}")
        case " $room base banned ${may[$room]-} " in *" $header "*) ;; *) echo "$file:$line: $room may not include assay/$header.h" ;; esac
    done < <(grep -rnE '^#[[:space:]]*include "assay/' src include/assay))
check 'a room includes only the rooms below it' "$through"

# Every room of include/assay is known to the list, so that a new one is thought about.
unknown=$(for f in src/*/ include/assay/*.h; do
    room=$(basename "$f" .h); case $room in banned | log) continue ;; esac
    [ -n "${may[$(room_of "$room")]+x}" ] || echo "$f"; done)
check 'every room is in the list' "$unknown"

circle=$(for room in "${!may[@]}"; do
    reach=" ${may[$room]} "
    for _ in "${!may[@]}"; do
        for r in $reach; do for s in ${may[$r]-}; do case $reach in *" $s "*) ;; *) reach+="$s " ;; esac; done; done
    done
    case $reach in *" $room "*) echo "$room reaches itself" ;; esac
done)
check 'there is no circle' "$circle"

while read -r header where; do
    [ -n "$header" ] || continue
    check "<${header//\\/}> only where it belongs" \
        "$(grep -rnE "^#[[:space:]]*include[[:space:]]*[<\"]${header}[>\"]" src include | grep -vE "^$where")"
done <<<"$libraries"

check 'xgboost is loaded by one file of learn' "$(f=$(grep -rlE '\bXGBooster?Create|\bXGDMatrixCreate' src); [ "$(grep -c . <<<"$f")" = 1 ] && [[ $f == src/learn/* ]] || echo "$f")"
check 'no SQL and no fork above work' "$(grep -nE '\b(SELECT|INSERT INTO|UPDATE [a-z_]+ SET|sqlite3_|fork\(|posix_spawn)' src/cli/*.c src/view/*.c src/main.c 2>/dev/null)"
check 'files keep to one subject (700 lines at most)' "$(find src include -name '*.[ch]' -exec wc -l {} + | awk '$2 != "total" && $1 > 700')"
check 'nothing is left for later in the code' "$(grep -rnIE '\b(TODO|FIXME|XXX|HACK)\b' src include tests --include='*.[ch]')"
check 'no path of a particular machine' "$(grep -rnIE '(^|[^a-zA-Z0-9_.])/(work|root|home/[a-z]+)/' src include themes sample-data man README.md CONTRIBUTING.md Makefile tests/*/*.[ch] tests/*/*.sh | grep -v 'walls.sh')"
if [ -e .git ]; then
    check 'nothing else at top level' "$(git ls-files | cut -d/ -f1 | sort -u | grep -vxE 'Makefile|src|include|themes|sample-data|tests|man|README\.md|LICENSE|CONTRIBUTING\.md|\..*')"
else
    n=$((n + 1)); echo "ok $n - nothing else at top level # SKIP not a git checkout"
fi
check 'every header stands alone' "$(for h in include/assay/*.h; do
    echo "#include \"assay/$(basename "$h")\"" | ${CC:-cc} -std=c11 -D_GNU_SOURCE -Iinclude -fsyntax-only -x c - 2>&1 | head -3; done)"
echo "1..$n"
exit $failed
