/*
 * kill -9 of whoever absorbs, at random moments, while writers append and put their files aside now and then, and
 * compress some of those: in the end every line counts exactly once. A trial is one kill; TRIALS (default 100) of them, then everything is absorbed and counted.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "../lib/store_fixture.h"
#include "../lib/store_state.h"

enum { WRITERS = 2, SERIES = 3, ABSORBERS = 2, COMPRESSED = 30 /* at most, of a writer */ };

static struct error err;
static int failures, tests;

static void check(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, what);
	failures += !good;
}

static void must(int rc, const char *what)
{
	if (!rc)
		return;
	printf("Bail out! %s: %s\n", what, err.text);
	exit(1);
}

static void pause_us(long us)
{
	struct timespec t = {us / 1000000, us % 1000000 * 1000};

	nanosleep(&t, NULL);
}

static uint64_t state;

static uint64_t draw(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

static char *file_of(const char *live, int which, int generation)
{
	return generation < 0 ? xasprintf("%s/events-%d.jsonl", live, which)
	                      : xasprintf("%s/events-%d.jsonl.%d", live, which, generation);
}

/* As gzip does: beside it, with its time, then the original goes. */
static void compress_file(const char *path)
{
	char *packed = xasprintf("%s.gz", path);
	gzFile to = gzopen(packed, "wb1");
	struct str text;
	struct stat st;

	str_init(&text);
	if (!to || stat(path, &st) || file_read(path, &text, 0, &err))
		_exit(1);
	for (size_t at = 0; at < text.len; at += 8192) {
		unsigned n = text.len - at < 8192 ? (unsigned)(text.len - at) : 8192;

		if (gzwrite(to, text.data + at, n) != (int)n)
			_exit(1);
		if (!draw(4)) {
			gzflush(to, Z_SYNC_FLUSH);
			pause_us(500);
		}
	}
	if (gzclose(to) != Z_OK || utimensat(AT_FDCWD, packed, (struct timespec[]){st.st_atim, st.st_mtim}, 0) ||
	    unlink(path))
		_exit(1);
	str_release(&text);
	free(packed);
}

/* Appends lines until the stop file is there; each `write` is a line or a piece of one. Its exit tells
 * nothing: the count of lines is the files'. */
static void writer(const char *live, int which, const char *stop)
{
	char *path = file_of(live, which, -1), line[160];
	int fd, generation = 0, compressed = 0;

	state = 0x9E3779B97F4A7C15u + (uint64_t)which;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (fd < 0)
		_exit(1);
	for (int64_t n = 0; !file_exists(stop); n++) {
		int len =
		    draw(50)
		        ? snprintf(
		              line, sizeof(line),
		              "{\"metric\":\"m%d\",\"context\":\"w%d\",\"value\":%lld,\"step\":%lld,\"time\":%lld}\n",
		              (int)(n % SERIES), which, (long long)n, (long long)n, (long long)(1000 + n))
		        : snprintf(line, sizeof(line), "{\"garbage %lld\n", (long long)n);
		int first = draw(4) ? len : (int)draw((uint64_t)len);

		if (fd_write_all(fd, line, (size_t)first) || fd_write_all(fd, line + first, (size_t)(len - first)))
			_exit(1);
		if (n % 40 == 0)
			pause_us(300);
		if (!draw(1000)) {
			char *aside = file_of(live, which, generation++);

			if (rename(path, aside))
				_exit(1);
			close(fd);
			if (compressed < COMPRESSED && draw(2)) {
				compress_file(aside);
				compressed++;
			}
			free(aside);
			/* The order of those that are put aside is that of their times, which go by ticks. */
			pause_us(20000);
			fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
			if (fd < 0)
				_exit(1);
		}
	}
	_exit(0);
}

static void absorber(const char *store, int64_t run, const char *live)
{
	struct events_folder *folder = store_events_new(live);
	struct error why;
	struct store *s;

	while (store_open(&s, store, STORE_WRITE, &why))
		pause_us(1000);
	for (;;) {
		struct absorbed a;

		/* Of a folder that is remembered, and anew. */
		if ((draw(20) ? store_events_absorb(s, run, folder, 0, &a, &why)
		              : absorb_once(s, run, live, 0, &a, &why)) < 0) {
			fprintf(stderr, "# absorb: %s\n", why.text);
			_exit(1);
		}
		if (!a.lines)
			pause_us(200);
	}
}

/* Another program that writes into the same store meanwhile. */
static void appender(const char *store, int64_t run)
{
	struct error why;
	struct store *s;

	while (store_open(&s, store, STORE_WRITE, &why))
		pause_us(1000);
	for (int64_t n = 0;; n++) {
		struct point p = {n, 1, (double)n};

		if (store_series_append(s, run, SERIES_METRIC, "other", NULL, &p, 1, &why)) {
			fprintf(stderr, "# append: %s\n", why.text);
			_exit(1);
		}
		pause_us(500);
	}
}

static void read_any(const char *path, struct str *text)
{
	gzFile from = gzopen(path, "rb");
	char piece[8192];
	int n;

	str_clear(text);
	while (from && (n = gzread(from, piece, sizeof(piece))) > 0)
		str_add(text, piece, (size_t)n);
	if (!from || n < 0 || gzclose(from) != Z_OK) {
		printf("Bail out! %s cannot be read\n", path);
		exit(1);
	}
}

/* Lines of a writer's files, counted without the store: good ones by series, bad ones. How many files there are. */
static int count_lines(const char *live, int which, int64_t good[SERIES], int64_t *bad)
{
	struct str text;
	int generation = -1;

	str_init(&text);
	for (;; generation++) {
		char *path = file_of(live, which, generation);
		bool here = file_exists(path);

		if (!here) {
			char *packed = xasprintf("%s.gz", path);

			free(path);
			path = packed;
			here = file_exists(path);
		}
		if (here)
			read_any(path, &text);
		free(path);
		if (generation >= 0 && !here)
			break;
		for (char *line = text.data, *end; here && (end = strchr(line, '\n')); line = end + 1) {
			if (!strncmp(line, "{\"metric\":\"m", 12))
				good[line[12] - '0']++;
			else
				++*bad;
		}
	}
	str_release(&text);
	return generation + 1;
}

static bool same_points(struct store *s, int64_t run, const char *name, const char *context, int64_t count,
                        int first, int by)
{
	struct arena *mem = arena_new();
	struct series series;
	struct point *points;
	size_t n;
	bool same = false;

	if (store_series_find(s, run, SERIES_METRIC, name, context, mem, &series, &err) ||
	    store_series_points(s, series.id, 0, 0, mem, &points, &n, &err)) {
		printf("# %s\n", err.text);
		goto out;
	}
	same = (int64_t)n == count && series.count == count;
	if (!same)
		printf("# %s %s: %zu points, %lld lines\n", name, context, n, (long long)count);
	/* In the order of the file, each once; garbage lines leave gaps. */
	for (size_t i = 0; same && i < n; i++)
		same = points[i].value == (double)points[i].step && points[i].step % by == first &&
		       (!i || points[i].step > points[i - 1].step);
out:
	arena_free(mem);
	return same;
}

static pid_t start(int what, const char *store, int64_t run, const char *live, const char *stop, int which)
{
	pid_t pid = fork();

	if (pid < 0) {
		printf("Bail out! fork\n");
		exit(1);
	}
	if (pid)
		return pid;
	if (what == 0)
		writer(live, which, stop);
	else if (what == 1)
		absorber(store, run, live);
	else
		appender(store, run);
	_exit(0);
}

int main(void)
{
	const char *tmp = getenv("TMPDIR"), *asked = getenv("TRIALS");
	char dir[256], uuid[ID_TEXT], text[200];
	char *store, *live, *stop;
	pid_t writers[WRITERS], absorbers[ABSORBERS], other;
	int64_t trials = 100, run, good[SERIES], bad = 0, total = 0;
	struct run_row row;
	struct absorbed a;
	struct arena *mem;
	struct store *s;
	struct series series;
	int status, ended_early = 0, files = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (asked)
		int_parse(asked, strlen(asked), &trials);
	snprintf(dir, sizeof(dir), "%s/absorb-kills-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return 1;
	state = (uint64_t)getpid() * 0x9E3779B97F4A7C15u;
	store = path_join(dir, ".assay");
	live = path_join(dir, "live");
	stop = path_join(dir, "stop");
	must(dir_make(live, &err), "folder");
	must(store_init(store, &err), "init");
	must(store_open(&s, store, STORE_WRITE, &err), "open");
	must(store_run_create(s, &(struct run_new){.kind = "command", .command = "[]"}, &run, uuid, &err), "run");
	store_close(s);
	printf("1..%d\n", WRITERS * SERIES + 4);
	for (int i = 0; i < WRITERS; i++)
		writers[i] = start(0, store, run, live, stop, i);
	for (int i = 0; i < ABSORBERS; i++)
		absorbers[i] = start(1, store, run, live, stop, 0);
	other = start(2, store, run, live, stop, 0);
	for (int64_t trial = 0; trial < trials; trial++) {
		int which = (int)draw(ABSORBERS);

		pause_us((long)draw(40000));
		kill(absorbers[which], SIGKILL);
		waitpid(absorbers[which], &status, 0);
		ended_early += !WIFSIGNALED(status);
		absorbers[which] = start(1, store, run, live, stop, 0);
	}
	must(file_write_atomic(stop, "", 0, 0600, &err), "stop");
	for (int i = 0; i < WRITERS; i++)
		waitpid(writers[i], &status, 0);
	for (int i = 0; i < ABSORBERS; i++) {
		kill(absorbers[i], SIGKILL);
		waitpid(absorbers[i], &status, 0);
		ended_early += !WIFSIGNALED(status);
	}
	kill(other, SIGKILL);
	waitpid(other, &status, 0);
	ended_early += !WIFSIGNALED(status);
	snprintf(text, sizeof(text), "%lld kills, and no absorber ended by itself", (long long)trials);
	check(!ended_early, text);

	must(store_open(&s, store, STORE_WRITE, &err), "open");
	do
		must(absorb_once(s, run, live, ABSORB_FINAL, &a, &err), "absorb");
	while (a.more);
	for (int i = 0; i < WRITERS; i++) {
		memset(good, 0, sizeof(good));
		files += count_lines(live, i, good, &bad);
		for (int k = 0; k < SERIES; k++) {
			char name[8], context[8];

			snprintf(name, sizeof(name), "m%d", k);
			snprintf(context, sizeof(context), "w%d", i);
			snprintf(text, sizeof(text), "writer %d, series %d: %lld lines, each once and in order", i, k,
			         (long long)good[k]);
			check(same_points(s, run, name, context, good[k], k, SERIES), text);
			total += good[k];
		}
	}
	mem = arena_new();
	must(store_run_get(s, run, mem, &row, &err), "run");
	snprintf(text, sizeof(text), "%lld bad lines, each counted once (%lld)", (long long)bad,
	         (long long)row.bad_lines);
	check(row.bad_lines == bad, text);
	must(store_series_find(s, run, SERIES_METRIC, "other", NULL, mem, &series, &err), "other");
	check(same_points(s, run, "other", "", series.count, 0, 1) && series.count == series.last.step + 1,
	      "the points of another program are all there");
	arena_free(mem);
	store_close(s);
	check(!store_state_integrity(store, &err), "integrity_check is ok");
	printf("# %lld lines absorbed, of %d files\n", (long long)(total + bad), files);
	dir_remove(dir, NULL);
	free(store);
	free(live);
	free(stop);
	return failures != 0;
}
