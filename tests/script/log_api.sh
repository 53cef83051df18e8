#!/bin/bash
# The reporting API as it is installed: a C program, a C++ program, and a shell script that know nothing but it.
# shellcheck disable=SC1003,SC1091,SC2016,SC2154 # what tap.bash sets; single quotes where another shell expands
. "$(dirname "$0")/../lib/tap.bash"
cd "$tmp" || exit 3
"$assay" init --quiet
make -s -C "$root" install-log PREFIX=/usr DESTDIR="$tmp/root" BUILD="$(dirname "$assay")" >/dev/null
is "$?" 0 "it installs"
export PKG_CONFIG_PATH=$tmp/root/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$tmp/root
read -ra flags <<<"$(pkg-config --cflags --libs assay-log)"

cat >train.c <<'END'
#include <assay/log.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *steps(void *arg)
{
	char name[16];

	snprintf(name, sizeof name, "loss%d", (int)(long)arg);
	for (int i = 0; i < 2000; i++)
		if (assay_log_metric(name, 1.0 / (i + 1), i) != 0)
			abort();
	return NULL;
}
static void on_signal(int number)
{
	(void)number;
	assay_log_note("from a signal handler");
}
int main(void)
{
	const char *const names[] = {"a b", "quote\"\\"};
	const double values[] = {NAN, -INFINITY};
	pthread_t threads[4];

	setlocale(LC_ALL, "de_DE.UTF-8");
	if (assay_log_param("rate", "0.1") || assay_log_tag("team", "line\none\t\x01") || assay_log_progress(0.25) ||
	    assay_log_metrics("eval", names, values, 2, 7) || assay_log_metric("free", 0.1, ASSAY_LOG_NO_STEP))
		return 1;
	signal(SIGUSR1, on_signal);
	raise(SIGUSR1);
	for (long i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, steps, (void *)i);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	if (fork() == 0)
		_exit(assay_log_metric("child", 5, 1) != 0);
	wait(NULL);
	for (int fd = 3; fd < 64; fd++) /* as daemons do */
		close(fd);
	FILE *f = fopen("mine", "w");
	if (assay_log_metric("after", 6, 1) != 0)
		return 2;
	fclose(f);
	if (assay_log_metric(NULL, 1, 1) == 0 || assay_log_metric("", 1, 1) == 0 || assay_log_progress(1.5) == 0)
		return 3;
	return 0;
}
END
cc -Wall -Wextra -Werror train.c "${flags[@]}" -pthread -o train
is "$?" 0 "a C program links with it and the C library"
printf '#include <assay/log.h>\nint main() { return assay_log_metric("x", 1.5, 3); }\n' >train.cc
if command -v c++ >/dev/null; then
    c++ -Wall -Werror train.cc "${flags[@]}" -o traincc && try "$assay" run -n cpp -- ./traincc
    is "$rc $("$assay" metrics cpp x --json | "$json_get" points.0.value points.0.step)" $'0 1.5\n3' "a C++ program too"
else
    skip "a C++ program too" "no C++ compiler"
fi
./train
is "$?" 0 "alone it runs as it does under Assay"
is "$(find . -name '*.jsonl')" "" "and leaves nothing behind"
try "$assay" run -n c -- ./train
is "$rc" 0 "and under it"
try "$assay" show c --json
is "$("$json_get" <<<"$out" params.rate tags.team bad_lines)" $'0.1\nline\none\t\x01\n0' "parameters and tags: bytes as they were"
for i in 0 1 2 3; do
    is "$("$assay" metrics c loss$i --tsv | tail -n +2 | cut -f1 | sort -nu | wc -l)" 2000 "thread $i: every line is there"
done
is "$("$assay" metrics c loss0 --tsv | awk '$1 == 2 { print $2 }')" 0.3333333333333333 "whole numbers in any locale"
is "$("$assay" metrics c 'a b' --context eval --tsv | tail -1 | cut -f1,2) $("$assay" metrics c 'quote"\' --tsv | tail -1 | cut -f1,2)" \
    $'7\tnan 7\t-inf' "names with blanks and quotes; NaN and infinity"
is "$("$assay" metrics c child --json | "$json_get" points.0.value) $("$assay" metrics c after --json | "$json_get" points.0.value)" '5 6' \
    "after a fork, and after its descriptor was closed"
is "$(wc -c <mine)" 0 "nothing goes into another file that has its number now"
like "$("$assay" show c)" 'from a signal handler' "from a signal handler"

cat >train.sh <<'END'
set -eu
. "$1"
assay_param rate 0.1
assay_tag 'what "it" is' 'back\slash
and a line'
for i in 1 2 3; do assay_metric loss 0.$i $i train; done
assay_metric worst nan
assay_metric .5 .5
assay_note done
assay_progress 1
if assay_metric bad 1,5 2>err; then exit 9; fi
for number in 1-2 - . 1. 1e 1.2.3 e5 '' x; do if assay_metric bad "$number" 2>>err; then exit 8; fi; done
for number in 1e-5 +2 -.5 +.25 1E+06 -0; do assay_metric good "$number"; done
for step in 5- - 1.5 1-2; do if assay_metric bad 1 "$step" 2>>err; then exit 7; fi; done
assay_metric good 1 -3
assay_metric padded -007.50 0010
assay_metric padded +00 -08
assay_metric padded 000.5e-03 00
END
shell=$(pkg-config --variable=shell assay-log)
for sh in sh dash bash; do
    command -v $sh >/dev/null || { skip "in $sh" "there is no $sh"; continue; }
    try "$assay" run -n "in-$sh" -- $sh train.sh "$shell"
    is "$rc $("$assay" show "in-$sh" --json | "$json_get" params.rate 'tags.what "it" is' bad_lines progress)" \
        $'0 0.1\nback\\slash\nand a line\n0\n1' "in $sh"
    is "$("$assay" metrics "in-$sh" padded --tsv | tail -n +2 | cut -f1,2 | paste -sd' ')" $'10\t-7.5 -8\t0 0\t0.0005' "zeros before numbers, in $sh"
    is "$("$assay" metrics "in-$sh" loss --context train --tsv | tail -1 | cut -f1,2)" $'3\t0.3' "metrics from $sh"
done
like "$(cat err)" 'assay_metric wants a number, not "1,5"' "what is no number is refused"
is "$(env -u ASSAY_EVENTS sh train.sh "$shell"; echo $?)" 0 "a script runs alone as well"
# A line that is cut off where the room ends takes none of those that are written later with it.
cat >full.sh <<'END'
. "$1"
trap '' XFSZ
ulimit -S -f 1
good=0 i=0
while [ $i -lt 90 ]; do
    [ $i = 60 ] && ulimit -S -f unlimited
    assay_metric m 0.$i $i 2>/dev/null && good=$((good + 1))
    i=$((i + 1))
done
echo $good >good
END
for sh in sh dash bash; do
    command -v $sh >/dev/null || { skip "a file that became full, in $sh" "there is no $sh"; continue; }
    try "$assay" run -n "full-$sh" -- $sh full.sh "$shell"
    is "$rc $("$assay" metrics "full-$sh" m --tsv | tail -n +2 | wc -l)" "0 $(cat good)" "of a file that became full nothing acknowledged is lost, in $sh"
done
echo "1..$tests"
