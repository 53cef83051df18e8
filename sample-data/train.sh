#!/bin/sh
# A foreign program that trains: logistic regression by gradient descent, in awk, on five columns of
#
#     train.sh [FILE.csv [EPOCHS [RATE]]]          (default: applications-2026-07.csv beside it, 30, 0.8)
#
# It shows the two ways in which any program can report to `assay run`:
#   - lines with key=value on its output, which are found there;
#   - lines of JSON appended to a file of its own, events-NAME.jsonl in the folder $ASSAY_EVENTS:
#     one object a line, one write a line. Nothing but a shell is needed for that.
# Every fifth row is kept out of the training and measured as "eval".
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
file=${1:-$here/applications-2026-07.csv}
epochs=${2:-30}
rate=${3:-0.8}
[ -r "$file" ] || { echo "train.sh: $file cannot be read" >&2; exit 1; }
events=
[ -n "${ASSAY_EVENTS:-}" ] && events=$ASSAY_EVENTS/events-train-sh.jsonl

# Paths go by the environment: awk -v would read backslashes in them as escapes.
LC_ALL=C TRAIN_FILE=$file TRAIN_EVENTS=$events exec awk -F, -v epochs="$epochs" -v rate="$rate" '
BEGIN { events = ENVIRON["TRAIN_EVENTS"]; file = ENVIRON["TRAIN_FILE"] }
function quoted(text) { gsub(/["\\]/, "\\\\&", text); return "\"" text "\"" }
function report(line) {
	if (events == "") return
	print line >> events
	fflush(events)              # one write a line, seen at once
}
function sigmoid(z) { return z < -30 ? 0 : z > 30 ? 1 : 1 / (1 + exp(-z)) }
# Area under the ROC curve of the rows that are kept out, from scores sorted into 1,000 bins.
function area(   b, below, pairs, won) {
	below = 0; won = 0
	for (b = 0; b <= 1000; b++) {
		won += good[b] * (below + bad[b] / 2)
		below += bad[b]
	}
	pairs = goods * bads
	return pairs ? won / pairs : 0
}
NR == 1 {
	for (i = 1; i <= NF; i++) at[$i] = i
	k = split("income debt_ratio late_payments years_employed amount", name, " ")
	for (j = 1; j <= k; j++)
		if (!(name[j] in at)) { print "train.sh: " file " has no column " name[j] > "/dev/stderr"; failed = 1; exit 1 }
	if (!("repaid" in at)) { print "train.sh: " file " has no column repaid" > "/dev/stderr"; failed = 1; exit 1 }
	next
}
{
	n++
	y[n] = $(at["repaid"]) == "yes"
	for (j = 1; j <= k; j++) {
		v = $(at[name[j]])
		x[n, j] = v
		if (v != "") { sum[j] += v; square[j] += v * v; seen[j]++ }
	}
}
END {
	if (failed) exit 1
	if (n < 10) { print "train.sh: " file " has too few rows" > "/dev/stderr"; exit 1 }
	for (j = 1; j <= k; j++) {
		mean = seen[j] ? sum[j] / seen[j] : 0
		sd = seen[j] ? sqrt(square[j] / seen[j] - mean * mean) : 1
		if (sd == 0) sd = 1
		for (i = 1; i <= n; i++) x[i, j] = x[i, j] == "" ? 0 : (x[i, j] - mean) / sd
		w[j] = 0
	}
	w[0] = 0
	printf "train.sh: %d rows, %d columns, epochs %d, rate %g\n", n, k, epochs, rate
	report("{\"param\":\"rate\",\"value\":\"" rate "\"}")
	report("{\"param\":\"epochs\",\"value\":\"" epochs "\"}")
	report("{\"dataset\":" quoted(file) ",\"role\":\"train\"}")
	for (e = 1; e <= epochs; e++) {
		loss = kept = eval_loss = eval_n = goods = bads = 0
		for (j = 0; j <= k; j++) g[j] = 0
		for (b = 0; b <= 1000; b++) good[b] = bad[b] = 0
		for (i = 1; i <= n; i++) {
			z = w[0]
			for (j = 1; j <= k; j++) z += w[j] * x[i, j]
			p = sigmoid(z)
			q = y[i] ? p : 1 - p
			l = -log(q < 1e-12 ? 1e-12 : q)
			if (i % 5 == 0) {
				eval_loss += l; eval_n++
				b = int(p * 1000)
				if (y[i]) { good[b]++; goods++ } else { bad[b]++; bads++ }
				continue
			}
			loss += l; kept++
			d = p - y[i]
			g[0] += d
			for (j = 1; j <= k; j++) g[j] += d * x[i, j]
		}
		for (j = 0; j <= k; j++) w[j] -= rate * g[j] / kept
		auc = area()
		printf "epoch %d/%d loss=%.5f eval_loss=%.5f auc=%.4f\n", e, epochs, loss / kept, eval_loss / eval_n, auc
		fflush()
		report(sprintf("{\"metric\":\"loss\",\"value\":%.6f,\"step\":%d,\"context\":\"train\"}", loss / kept, e))
		report(sprintf("{\"metrics\":{\"loss\":%.6f,\"auc\":%.6f},\"step\":%d,\"context\":\"eval\"}", eval_loss / eval_n, auc, e))
		report(sprintf("{\"progress\":%.4f}", e / epochs))
	}
	printf "weights"
	for (j = 1; j <= k; j++) printf " %s %.3f", name[j], w[j]
	printf "\n"
	report("{\"note\":\"trained by sample-data/train.sh\"}")
}' <"$file"
