/*
 * malformed: files that are wrong in some way, and the corpora of the fuzzers, each read in every way there is and by
 * the program. Each gives one profile, the same bytes by libcsv alone, by the fast lane, in slices, on threads,
 * summed up and by `assay data profile`; or one message, the same everywhere, that names the file and the line.
 *
 *     TRIALS=1000 SEED=1 build/tests/fault/malformed
 *
 * The program may take five seconds of a processor and 300 MiB (not where it is sanitized). Without TRIALS: 144 files, and
 * 1,008 with LONG=1.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../lib/malformed.h"
#include "assay/data.h"

enum { SECONDS_MOST = 5, WAIT_SECONDS = 100, MIB_MOST = 300, MESSAGE_MOST = 1500 };

#if defined(__SANITIZE_ADDRESS__)
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

static char folder[] = "/tmp/assay-malformed-XXXXXX";
static char *program, *input, *seen[2]; /* what the program wrote to its two outputs */
static unsigned refusals, profiles;

/* ---- one way of reading ---- */

/* The profile, or "!CODE MESSAGE". */
static void finish(int rc, struct profile *p, const struct error *err, struct str *out)
{
	str_clear(out);
	if (rc < 0) {
		str_addf(out, "!%d %s", err->code, err->text);
		return;
	}
	profile_json(p, out);
	profile_release(p);
}

static void by_table(const char *path, const struct table_options *how, struct str *out)
{
	struct reading r;
	struct table t;
	struct profile p;
	struct error err = {0};
	int rc;

	reading_init(&r);
	rc = table_read(&t, &path, 1, &r, how, &err);
	if (rc == 0) {
		rc = profile_table(&p, &t, &(struct profile_options){.threads = how->threads}, &err);
		table_release(&t);
	}
	finish(rc, &p, &err, out);
	reading_release(&r);
}

static void by_files(const char *path, uint64_t memory, struct str *out)
{
	struct reading r;
	struct table about;
	struct profile p;
	struct error err = {0};
	int rc;

	reading_init(&r);
	rc = profile_files(&p, &about, &path, 1, &r, &(struct profile_options){.threads = 2, .memory = memory},
	                   &err);
	if (rc == 0)
		table_release(&about);
	finish(rc, &p, &err, out);
	reading_release(&r);
}

/* ---- the program ---- */

static void slurp(const char *path, struct str *out)
{
	struct error err;

	str_clear(out);
	if (file_read(path, out, (size_t)1 << 30, &err) < 0)
		fail_msg("%s", err.text);
}

/* Its exit status, or -1 with what went wrong. Nothing goes on behind our back: it has no store. */
static int by_program(const char *what, struct str *out, struct str *messages)
{
	const char *const argv[] = {program, "data", "profile", input, "--json", NULL};
	struct rusage used;
	double seconds;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		for (int i = 0; i < 2; i++) {
			int fd = open(seen[i], O_WRONLY | O_CREAT | O_TRUNC, 0600);

			if (fd < 0 || dup2(fd, i + 1) < 0)
				_exit(99);
		}
		close(0);
		open("/dev/null", O_RDONLY);
		alarm(WAIT_SECONDS);
		execv(program, (char *const *)(uintptr_t)argv);
		_exit(99);
	}
	while (wait4(pid, &status, 0, &used) < 0)
		assert_int_equal(errno, EINTR);
	slurp(seen[0], out);
	slurp(seen[1], messages);
	if (!WIFEXITED(status))
		fail_msg("%s: the program was ended by signal %d: %s", what, WTERMSIG(status), messages->data);
	seconds = (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec +
	          (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
	if (!sanitized && (seconds > SECONDS_MOST || used.ru_maxrss > MIB_MOST * 1024L))
		fail_msg("%s: took %.1f s and %ld MiB", what, seconds, used.ru_maxrss / 1024);
	return WEXITSTATUS(status);
}

/* ---- what a message must be ---- */

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* It names the file, and the line, but where the file as a whole is meant. */
static bool located(const char *text)
{
	static const char *const whole[] = {
	    ": is empty",         ": holds a header but no data",
	    ": holds no data",    ": holds no record, only blank lines",
	    ": is a zip archive", ": is a Parquet file",
	    ": is compressed",    ": is UTF-32 text",
	    ": is a folder",      ": cannot be opened",
	};
	const char *rest = text + strlen(input);

	if (!begins(text, input))
		return false;
	if (begins(rest, ", line ") && rest[7] >= '1' && rest[7] <= '9')
		return true;
	for (size_t i = 0; i < COUNT_OF(whole); i++)
		if (begins(rest, whole[i]))
			return true;
	return false;
}

static void check_message(const char *what, const char *said, const struct malformed *m)
{
	char line[64];

	if (!begins(said, "!2 ") && !begins(said, "!3 "))
		fail_msg("%s: refused with another status: %s", what, said);
	if (!located(said + 3) || strlen(said) > MESSAGE_MOST || strchr(said, '\n'))
		fail_msg("%s: the message does not say where: %s", what, said);
	snprintf(line, sizeof(line), ", line %lu:", m ? m->line : 0);
	if (m && m->line && !strstr(said, line))
		fail_msg("%s: it is line %lu that is wrong: %s", what, m->line, said);
}

/* One line without anything that a terminal would obey. */
static void check_messages(const char *what, const struct str *messages)
{
	const char *end = strchr(messages->data, '\n');

	if (!begins(messages->data, "assay: ") || !end || end[1])
		fail_msg("%s: not one message: %s", what, messages->data);
	for (const char *p = messages->data; p < end; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			fail_msg("%s: a control character in the message", what);
}

/* ---- one file ---- */

static void must_be(const char *what, const char *way, const struct str *got, const struct str *want)
{
	if (got->len != want->len || memcmp(got->data, want->data, want->len) != 0)
		fail_msg("%s, %s: <<%.3000s>> and by libcsv alone <<%.3000s>>", what, way, got->data, want->data);
}

static void try_input(const char *what, const struct malformed *m, struct rng *r)
{
	struct table_options alone = {.threads = 1, .libcsv_only = true}, plain = {.threads = 2},
	                     cut = {.threads = 1 + (int)rng_below(r, 3), .packed = rng_below(r, 2)};
	struct str want, got, messages;
	const char *enough;
	bool refused;
	int status;

	str_init(&want);
	str_init(&got);
	str_init(&messages);
	cut.slice = 1 + rng_below(r, rng_below(r, 2) ? 200 : 20000);
	do
		cut.level = (enum scan_level)(SCAN_SCALAR + rng_below(r, SCAN_LEVEL_COUNT - 1));
	while (!scan_level_here(cut.level));
	by_table(input, &alone, &want);
	refused = want.data[0] == '!';
	refusals += refused;
	profiles += !refused;
	if (refused)
		check_message(what, want.data, m);
	else if (m && m->refused)
		fail_msg("%s: was taken for a table: %.1000s", what, want.data);
	by_table(input, &plain, &got);
	must_be(what, "the fast lane", &got, &want);
	by_table(input, &cut, &got);
	must_be(what, "slices", &got, &want);
	by_files(input, 0, &got);
	must_be(what, "files", &got, &want);
	by_files(input, 1 << 16, &got);
	/* Very many columns take more than that, and what is said to be enough for them is. */
	if (!refused && (enough = strstr(got.data, "--memory ")))
		by_files(input, strtoull(enough + strlen("--memory "), NULL, 10) << 20, &got);
	if (refused)
		must_be(what, "summed up", &got, &want);
	else if (got.data[0] == '!')
		fail_msg("%s: refused where it is summed up: %s", what, got.data);

	status = by_program(what, &got, &messages);
	if (!refused) {
		if (status != 0 || got.len != want.len + 1 || memcmp(got.data, want.data, want.len) != 0)
			fail_msg("%s: the program ended with %d and said <<%.2000s%s>>, not <<%.2000s>>", what, status,
			         got.data, messages.data, want.data);
	} else {
		if (status != want.data[1] - '0' || got.len > 0)
			fail_msg("%s: the program ended with %d: %s%s", what, status, got.data, messages.data);
		check_messages(what, &messages);
		str_cut(&messages, messages.len - 1);
		/* What a terminal would obey is written otherwise there. */
		if (begins(messages.data + 7, input) == false)
			fail_msg("%s: the program does not name the file: %s", what, messages.data);
	}
	str_release(&want);
	str_release(&got);
	str_release(&messages);
}

static void try_bytes(const char *what, const struct str *bytes, const struct malformed *m, struct rng *r)
{
	struct error err;

	if (file_write_atomic(input, bytes->data ? bytes->data : "", bytes->len, 0600, &err) < 0)
		fail_msg("%s", err.text);
	try_input(what, m, r);
}

/* ---- the trials ---- */

static unsigned number_of(const char *name, unsigned otherwise)
{
	const char *value = getenv(name);

	return value && *value ? (unsigned)strtoul(value, NULL, 10) : otherwise;
}

static void test_generated(void **state)
{
	unsigned seed = number_of("SEED", 1);
	unsigned trials =
	    getenv("LONG") ? 28 * MALFORMED_KINDS : number_of("TRIALS", (sanitized ? 1 : 4) * MALFORMED_KINDS);
	struct malformed m;
	struct rng r;

	(void)state;
	str_init(&m.bytes);
	rng_init(&r, seed, UINT64_MAX);
	for (unsigned i = 0; i < trials; i++) {
		char what[128];

		malformed_make(&m, seed, i);
		snprintf(what, sizeof(what), "file %u (%s) of seed %u", i, m.kind, seed);
		try_bytes(what, &m.bytes, &m, &r);
	}
	/* It has teeth only if both happen often. */
	if (refusals < trials / 4 || profiles < trials / 6)
		fail_msg("%u were refused and %u were not", refusals, profiles);
	print_message("# %u files: %u refused, %u profiles\n", trials, refusals, profiles);
	str_release(&m.bytes);
}

/* What the fuzzers began with and found. */
static void test_corpora(void **state)
{
	static const char *const corpora[] = {"csv",         "reading",  "unpack",
	                                      "predictions", "exchange", "tensorboard"};
	unsigned every = getenv("LONG") ? 1 : 3, count = 0;
	struct str bytes;
	struct rng r;

	(void)state;
	str_init(&bytes);
	rng_init(&r, 2, 2);
	for (size_t i = 0; i < COUNT_OF(corpora); i++) {
		char *path = path_join("tests/fuzz/corpus", corpora[i]);
		DIR *dir = opendir(path);
		const struct dirent *d;

		assert_non_null(dir);
		while ((d = readdir(dir))) {
			char *file = path_join(path, d->d_name);

			if (d->d_name[0] != '.' && count++ % every == 0) {
				slurp(file, &bytes);
				try_bytes(file, &bytes, NULL, &r);
				/* Without the byte that chooses options for the fuzzer. */
				if (bytes.len > 1) {
					memmove(bytes.data, bytes.data + 1, bytes.len - 1);
					str_cut(&bytes, bytes.len - 1);
					try_bytes(file, &bytes, NULL, &r);
				}
			}
			free(file);
		}
		closedir(dir);
		free(path);
	}
	assert_true(count > 30);
	str_release(&bytes);
}

/* A line of 70 MB, behind others and behind one that is wrong, and in the midst of a quoted field. */
static void test_long_lines(void **state)
{
	static const struct {
		const char *text;
		unsigned long line;
	} cases[] = {{"1,", 103}, {"1,2,3\n1,2\n1,", 103}, {"1,2\n1,\"x\nx\n", 104}, {"1,\"", 103}};
	const size_t len = (size_t)70 << 20;
	char *many = xmalloc(len);
	struct rng r;

	(void)state;
	rng_init(&r, 4, 4);
	memset(many, 'x', len);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		FILE *file = fopen(input, "w");

		assert_non_null(file);
		fputs("a,b\n\n", file);
		for (int k = 0; k < 100; k++)
			fprintf(file, "%d,%d.5\n", k, k);
		fputs(cases[i].text, file);
		assert_int_equal(fwrite(many, 1, len, file), len);
		fputs("\n5,6\n", file);
		assert_int_equal(fclose(file), 0);
		try_input("a long line", &(struct malformed){.refused = true, .line = cases[i].line}, &r);
	}
	free(many);
}

/* Blank lines before the first record, more than are looked at first; and titles, before names that are there twice. */
static void test_late_beginning(void **state)
{
	static const struct {
		const char *text;
		unsigned long line;
	} cases[] = {
	    {"a,b\n1,2\n3,4\n", 0}, {"a,b\n1,2\n3\n", 300003}, {"a,a\n1,2\n3,4\n", 300001}, {"a,\"b\n", 300001}};
	struct str bytes;
	struct rng r;

	(void)state;
	str_init(&bytes);
	rng_init(&r, 5, 5);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct malformed m = {.refused = cases[i].line > 0, .line = cases[i].line};
		unsigned before = profiles;

		str_clear(&bytes);
		for (int k = 0; k < 300000; k++)
			str_addc(&bytes, '\n');
		str_adds(&bytes, cases[i].text);
		try_bytes("a late beginning", &bytes, &m, &r);
		assert_int_equal(profiles - before, !m.refused);
	}
	str_clear(&bytes);
	str_adds(&bytes, "A report\nof the year\n\nsize,age,size\n");
	for (int k = 0; k < 60; k++)
		str_addf(&bytes, "%d,%d,%d\n", k, k * 2, k * 3);
	try_bytes("titles", &bytes, &(struct malformed){.refused = true, .line = 4}, &r);
	str_release(&bytes);
}

/* What is no file with bytes in it. */
static void test_no_files(void **state)
{
	struct rng r;

	(void)state;
	rng_init(&r, 3, 3);
	unlink(input);
	try_input("nothing there", &(struct malformed){.refused = true}, &r);
	assert_int_equal(mkdir(input, 0700), 0);
	try_input("a folder", &(struct malformed){.refused = true}, &r);
	rmdir(input);
	assert_int_equal(symlink(input, input), 0);
	try_input("a link to itself", &(struct malformed){.refused = true}, &r);
	unlink(input);
	assert_int_equal(symlink("/dev/null", input), 0);
	try_input("/dev/null", &(struct malformed){.refused = true}, &r);
	unlink(input);
}

/* A writer that goes away before anything was written, and in the midst of a record. */
static void test_pipes(void **state)
{
	static const char *const texts[] = {"", "a,b\n", "a,b\n1,2\n3", "a,b\n1,2\n3,\"x", "a,b\n1,2\n3,4"};
	struct str got, want;
	struct error err;

	(void)state;
	str_init(&got);
	str_init(&want);
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		pid_t pid;

		unlink(input);
		assert_int_equal(mkfifo(input, 0600), 0);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			int fd = open(input, O_WRONLY);

			_exit(fd < 0 || write(fd, texts[i], strlen(texts[i])) != (ssize_t)strlen(texts[i]));
		}
		by_table(input, &(struct table_options){.threads = 2}, &got);
		waitpid(pid, NULL, 0);
		unlink(input);
		if (file_write_atomic(input, texts[i], strlen(texts[i]), 0600, &err) < 0)
			fail_msg("%s", err.text);
		by_table(input, &(struct table_options){.threads = 2}, &want);
		assert_string_equal(got.data, want.data);
		if (got.data[0] == '!')
			check_message(texts[i], got.data, NULL);
	}
	str_release(&got);
	str_release(&want);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_generated),  cmocka_unit_test(test_corpora),
	    cmocka_unit_test(test_long_lines), cmocka_unit_test(test_late_beginning),
	    cmocka_unit_test(test_no_files),   cmocka_unit_test(test_pipes)};
	char *build = realpath(argv[0], NULL);
	int rc;

	(void)argc;
	/* BUILD/tests/fault/malformed */
	for (int up = 0; build && up < 3; up++)
		*strrchr(build, '/') = '\0';
	if (!build || !mkdtemp(folder))
		return 3;
	program = path_join(build, "assay");
	free(build);
	input = path_join(folder, "in.csv");
	seen[0] = path_join(folder, "out");
	seen[1] = path_join(folder, "err");
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(input);
	unlink(seen[0]);
	unlink(seen[1]);
	rmdir(folder);
	free(program);
	free(input);
	free(seen[0]);
	free(seen[1]);
	return rc;
}
