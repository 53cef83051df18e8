/*
 * Event files: lines a second of the parser alone, of the pipe (`assay log -`, to the end of the run), of a file that was
 * put aside, plain and compressed, and what a look at ten thousand files costs of which one has grown.
 *
 *     bench_events [LINES]        2,000,000; a program is $ASSAY, else build/assay
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "../../src/store/event.h"
#include "../lib/store_fixture.h"

enum { REPEAT = 5, FILES = 10000, LOOKS = 100 };

static struct error err;

static void must(int rc, const char *what)
{
	if (rc) {
		fprintf(stderr, "%s: %s\n", what, err.text);
		exit(1);
	}
}

static double now_s(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t state = 1;

static double draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (double)(state >> 11) / 9007199254740992.0;
}

static void make_lines(int64_t lines, bool full, struct str *out)
{
	for (int64_t i = 0; i < lines; i++)
		if (full)
			str_addf(out, "{\"metric\":\"loss\",\"value\":%.17g,\"step\":%lld,\"time\":%lld}\n", draw(),
			         (long long)i, (long long)(1763888000123 + i));
		else
			str_addf(out, "{\"metric\":\"loss\",\"value\":%.4f,\"step\":%lld}\n", draw(), (long long)i);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *t)
{
	qsort(t, REPEAT, sizeof(*t), by_size);
	return t[REPEAT / 2];
}

static double parse(const struct str *text)
{
	double start = now_s(CLOCK_PROCESS_CPUTIME_ID);
	struct event e;

	event_init(&e);
	for (const char *at = text->data, *end; (end = strchr(at, '\n')); at = end + 1)
		if (!event_parse(&e, at, (size_t)(end - at))) {
			fprintf(stderr, "%s\n", e.why);
			exit(1);
		}
	event_release(&e);
	return now_s(CLOCK_PROCESS_CPUTIME_ID) - start;
}

/* `cat FILE | assay log -`, wall time. */
static double pipe_in(const char *store, const char *file)
{
	const char *program = getenv("ASSAY");
	double start = now_s(CLOCK_MONOTONIC);
	pid_t pid;
	int status;

	setenv("BENCH_PROGRAM", program ? program : "build/assay", 1);
	setenv("BENCH_FILE", file, 1);
	setenv("ASSAY_STORE", store, 1);
	pid = fork();
	if (!pid) {
		execl("/bin/sh", "sh", "-c", "cat \"$BENCH_FILE\" | \"$BENCH_PROGRAM\" log - --quiet", (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status) {
		fprintf(stderr, "assay log - failed\n");
		exit(1);
	}
	return now_s(CLOCK_MONOTONIC) - start;
}

/* The text as a file that was put aside, absorbed by calls one after the other; and the longest of them. */
static void put_aside(const char *dir, struct store *s, const struct str *text, bool packed)
{
	char *live = path_join(dir, packed ? "packed" : "plain"),
	     *file = xasprintf("%s/events-a.jsonl.1%s", live, packed ? ".gz" : ""), uuid[ID_TEXT];
	struct events_folder *folder = store_events_new(live);
	double start, longest = 0;
	struct absorbed a;
	int64_t run;
	gzFile to;

	must(dir_make(live, &err), "folder");
	must(store_run_create(s, &(struct run_new){.kind = "command", .command = "[]"}, &run, uuid, &err), "run");
	to = gzopen(file, packed ? "wb6" : "wbT");
	if (!to || gzfwrite(text->data, 1, text->len, to) != text->len || gzclose(to) != Z_OK)
		exit(1);
	start = now_s(CLOCK_MONOTONIC);
	do {
		double call = now_s(CLOCK_MONOTONIC);

		must(store_events_absorb(s, run, folder, 0, &a, &err), "absorb");
		call = now_s(CLOCK_MONOTONIC) - call;
		longest = call > longest ? call : longest;
	} while (a.more);
	printf("%zu MB put aside%s: %.2f s, the longest call %.0f ms\n", text->len / 1000000,
	       packed ? " and compressed" : "", now_s(CLOCK_MONOTONIC) - start, 1e3 * longest);
	store_events_free(folder);
	dir_remove(live, NULL);
	free(live);
	free(file);
}

static void many_files(const char *dir, struct store *s)
{
	char *live = path_join(dir, "many"), *one = path_join(live, "events-17.jsonl"), uuid[ID_TEXT];
	struct events_folder *folder = store_events_new(live);
	struct absorbed a;
	double start, cpu;
	int64_t run;

	must(dir_make(live, &err), "folder");
	must(store_run_create(s, &(struct run_new){.kind = "command", .command = "[]"}, &run, uuid, &err), "run");
	for (int i = 0; i < FILES; i++) {
		char *path = xasprintf("%s/events-%d.jsonl", live, i);

		must(file_write_atomic(path, "{\"metric\":\"m\",\"value\":1}\n", 25, 0600, &err), "file");
		free(path);
	}
	start = now_s(CLOCK_MONOTONIC);
	do
		must(store_events_absorb(s, run, folder, 0, &a, &err), "absorb");
	while (a.more);
	printf("%d files of a line each, for the first time: %.0f ms\n", FILES,
	       1e3 * (now_s(CLOCK_MONOTONIC) - start));
	sleep(11); /* until none of them counts as one that has just changed */
	cpu = now_s(CLOCK_PROCESS_CPUTIME_ID);
	for (int i = 0; i < LOOKS; i++) {
		int fd = open(one, O_WRONLY | O_APPEND);

		must(fd < 0 || fd_write_all(fd, "{\"metric\":\"m\",\"value\":1}\n", 25), "write");
		close(fd);
		must(store_events_absorb(s, run, folder, 0, &a, &err), "absorb");
		usleep(50000);
	}
	cpu = now_s(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	printf("a look at them, one has grown, 20 looks a second: %.2f ms of processor time\n",
	       1e3 * cpu / LOOKS);
	cpu = now_s(CLOCK_PROCESS_CPUTIME_ID);
	for (int i = 0; i < LOOKS; i++)
		must(absorb_once(s, run, live, 0, &a, &err), "absorb");
	cpu = now_s(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	printf("the same without a memory, nothing has grown: %.2f ms\n", 1e3 * cpu / LOOKS);
	store_events_free(folder);
	free(one);
	free(live);
}

int main(int argc, char **argv)
{
	const char *tmp = getenv("TMPDIR");
	int64_t lines = 2000000;
	char dir[256], *store, *file;
	struct store *s;

	if (argc > 1)
		int_parse(argv[1], strlen(argv[1]), &lines);
	snprintf(dir, sizeof dir, "%s/bench-events-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return 1;
	store = path_join(dir, ".assay");
	file = path_join(dir, "lines.jsonl");
	must(store_init(store, &err), "init");
	for (int full = 0; full < 2; full++) {
		double parsed[REPEAT], piped[REPEAT], m;
		struct str text;

		str_init(&text);
		make_lines(lines, full, &text);
		must(file_write_atomic(file, text.data, text.len, 0600, &err), "file");
		for (int i = 0; i < REPEAT; i++) {
			parsed[i] = parse(&text);
			piped[i] = pipe_in(store, file);
		}
		m = median(parsed);
		printf("%s: parser %.2f M lines/s (processor), pipe to absorbed ",
		       full ? "17 digits, time" : "4 decimals", (double)lines / 1e6 / m);
		m = median(piped);
		printf("%.2f M points/s (wall)\n", (double)lines / 1e6 / m);
		must(store_open(&s, store, STORE_WRITE, &err), "open");
		put_aside(dir, s, &text, false);
		put_aside(dir, s, &text, true);
		store_close(s);
		str_release(&text);
	}
	must(store_open(&s, store, STORE_WRITE, &err), "open");
	many_files(dir, s);
	store_close(s);
	dir_remove(dir, NULL);
	free(store);
	free(file);
	return 0;
}
