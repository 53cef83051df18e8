#!/bin/bash
# GPUs as the supervisor sees them, by a library of GPUs that are not there (tests/standin/nvml.c).
# shellcheck disable=SC1091,SC2016,SC2154 # what tap.bash sets; single quotes where another shell expands
. "$(dirname "$0")/../lib/tap.bash"
standin=$(realpath "$(dirname "$assay")/tests/standin")
cd "$tmp" || exit 3
"$assay" init --quiet
with() { env LD_LIBRARY_PATH="$standin" "$@"; }
# The last value of a system series of the newest run, by context.
last() { "$assay" metrics @last "$1" --system --context "$2" --json | "$json_get" points.0.value; }
names() { "$assay" metrics @last --system | awk 'NR > 1 { print $1 }' | sort -u | tr '\n' ' '; }

# until PROGRAM SERIES CONTEXT [N]: a command that is over when its run has such a value, or N of them.
cat >until <<'END'
#!/bin/bash
for _ in $(seq 600); do
    [ "$("$1" metrics @last "$2" --system --context "$3" --tsv 2>/dev/null | wc -l)" -gt "${4-1}" ] && exit
    sleep 0.1
done
END
chmod +x until

try "$assay" run -- sleep 0.3
is "$(names)" "$(names | sed s/gpu//g)" "where there is no library nothing is said of GPUs"

try with env NVML_STANDIN_GPUS=2 NVML_STANDIN_PID="$tmp/pid" "$assay" run -- sh -c 'echo $$ >pid; ./until "$0" gpu.own 0 3' "$assay"
is "$rc" 0 "a run beside two GPUs"
like "$(names)" 'gpu gpu.memory gpu.own gpu.power gpu.temperature' "use, memory, power and temperature are kept"
is "$(last gpu 0) $(last gpu 1)" '40 50' "each GPU has its own use, in per cent"
is "$(last gpu.memory 0)" $((5 << 30)) "memory in bytes, whoever uses it"
is "$(last gpu.own 0)" $((3 << 30)) "memory that the run's own processes hold"
is "$(last gpu.temperature 1)" 62 "degrees"
is "$(last gpu.power 0)" 312.5 "watts"
try "$assay" metrics @last gpu.power --system --context 1
is "$rc" 1 "what a GPU does not tell is not made up"
try "$assay" metrics @last gpu.own --system --context 1
is "$rc" 1 "nor is memory claimed that somebody else holds"
like "$("$assay" --once run:@last/system --size 120x60)" 'GPU 0 memory' "the System tab draws them"

try with env NVML_STANDIN_GPUS=3 CUDA_VISIBLE_DEVICES=2 "$assay" run -- ./until "$assay" gpu 2
is "$(last gpu 2)" 60 "a run that may use one of three is shown that one"
try "$assay" metrics @last gpu --system --context 0
is "$rc" 1 "and none of the others"
try with env NVML_STANDIN_GPUS=3 CUDA_VISIBLE_DEVICES=GPU-0000abc1 "$assay" run -- ./until "$assay" gpu 1
is "$(last gpu 1)" 50 "by the beginning of its UUID as well"
try with env CUDA_VISIBLE_DEVICES='' "$assay" run -- sleep 1.4
is "$(names)" "$(names | sed s/gpu//g)" "none where none may be used"

start=$(date +%s%N)
try with env NVML_STANDIN_HANG=1 "$assay" run -- sh -c 'echo loss=0.5; sleep 1.2'
took=$((($(date +%s%N) - start) / 1000000))
is "$rc" 0 "a driver that never answers"
is "$("$assay" show @last --json | "$json_get" status)" "done" "does not keep the run from ending"
[ $took -lt 15000 ]
ok $? "nor hold it up (it took $took ms, the driver would take a minute)"
echo "1..$tests"
