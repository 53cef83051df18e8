/*
 * Files that change while they are read: between any two reads of their bytes they grow, are cut off, written anew
 * in place, replaced or deleted. What comes is the table that was there, or an error that says so; never a mixture.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <pthread.h>

#include <cmocka.h>

#include "../lib/data_forms.h"
#include "assay/data.h"

enum change { GROWS, CUT, EMPTIED, OVERWRITTEN, OVERWRITTEN_AT_ONCE, REPLACED, DELETED, CHANGES };
static const char *const change_names[] = {
    "grows", "is cut off", "is emptied", "is written anew", "is written anew twice", "replaced", "deleted"};

static char folder[] = "/tmp/assay-changes-XXXXXX";
static char *path, *other_path;

/* ---- the change ---- */

static struct {
	pthread_mutex_t lock;
	bool armed;
	ino_t file;
	unsigned reads, at; /* the change comes before this one, from 1 */
	enum change change;
	const struct str *other; /* what it then holds */
} plot = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void put(int flags, const char *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | flags);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || close(fd) < 0)
		abort();
}

static void come_about(void)
{
	const struct str *other = plot.other;

	switch (plot.change) {
	case GROWS:
		put(O_APPEND, "7,7,7\n", 6);
		break;
	case CUT:
		if (truncate(path, (off_t)other->len / 2) < 0)
			abort();
		break;
	case EMPTIED:
		put(O_TRUNC, "", 0);
		break;
	case OVERWRITTEN_AT_ONCE:
		put(0, other->data, other->len / 2);
		/* fall through */
	case OVERWRITTEN:
		put(0, other->data, other->len);
		break;
	case REPLACED:
		if (rename(other_path, path) < 0)
			abort();
		break;
	default:
		unlink(path);
	}
}

static void before_read(int fd)
{
	struct stat st;

	pthread_mutex_lock(&plot.lock);
	if (plot.armed && fstat(fd, &st) == 0 && st.st_ino == plot.file && ++plot.reads == plot.at)
		come_about();
	pthread_mutex_unlock(&plot.lock);
}

ssize_t __real_pread(int fd, void *bytes, size_t len, off_t at);
ssize_t __wrap_pread(int fd, void *bytes, size_t len, off_t at);
ssize_t __wrap___pread_chk(int fd, void *bytes, size_t len, off_t at, size_t room);

ssize_t __wrap_pread(int fd, void *bytes, size_t len, off_t at)
{
	before_read(fd);
	return __real_pread(fd, bytes, len, at);
}

ssize_t __wrap___pread_chk(int fd, void *bytes, size_t len, off_t at, size_t room)
{
	(void)room;
	before_read(fd);
	return __real_pread(fd, bytes, len, at);
}

/* Times of files go on in ticks, as they do where the kernel is older than 6.13. */
static void to_tick(struct timespec *t)
{
	t->tv_nsec -= t->tv_nsec % 4000000;
}

int __real_fstat(int fd, struct stat *st);
int __wrap_fstat(int fd, struct stat *st);
int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

int __wrap_fstat(int fd, struct stat *st)
{
	int rc = __real_fstat(fd, st);

	to_tick(&st->st_mtim);
	return rc;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	int rc = __real_clock_gettime(clock, now);

	if (clock == CLOCK_REALTIME_COARSE)
		to_tick(now);
	return rc;
}

/* ---- the files ---- */

enum kind { PLAIN, TWO_PASSES, LONE_CR, BAD_UTF8, UTF16, GZIP, ZSTD, KINDS };
static const char *const kind_names[] = {"plain",  "two passes", "lone CR", "Latin-1",
                                         "UTF-16", "gzip",       "zstd"};

/* Two tables of a kind, as many bytes, of which nothing is the same. */
static void make(enum kind kind, unsigned which, size_t len, struct str *out)
{
	struct str text;
	const char *end = kind == LONE_CR ? "\r" : "\n";

	str_init(&text);
	str_addf(&text, "%s%s", which ? "u,v,w" : "a,b,c", end);
	while (text.len < len)
		str_addf(&text, "%u,%u.%u,%s%s", 100 + (which ? 3 : 7) * (unsigned)(text.len % 100),
		         (unsigned)text.len % 89, 1 + which, which ? "no" : "yes", end);
	if (kind == TWO_PASSES)
		str_addf(&text, "x,2026-01-01,%s%s", which ? "no" : "yes", end);
	if (kind == BAD_UTF8)
		str_addf(&text, "1,2,M\xfcller%s", end);
	str_clear(out);
	if (kind == UTF16)
		in_form(FORM_UTF16_LITTLE, text.data, text.len, out);
	else if (kind == GZIP || kind == ZSTD)
		in_form(kind == GZIP ? FORM_GZIP : FORM_ZSTD, text.data, text.len, out);
	else
		str_add(out, text.data, text.len);
	str_release(&text);
}

/* In the tick of the clock in which it may be written again. */
static void write_file(const char *to, const struct str *bytes)
{
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes->data, bytes->len), (ssize_t)bytes->len);
	close(fd);
}

/* The profile and the digest, or the error. 0: a table; 1: profile_files in little memory */
static int said(int way, struct str *out)
{
	const char *const paths[] = {path};
	struct reading r;
	struct table t;
	struct profile p;
	struct error err = {0};
	int rc;

	str_clear(out);
	reading_init(&r);
	if (way == 0)
		rc = table_read(&t, paths, 1, &r, &(struct table_options){.threads = 2, .slice = 700, .packed = true},
		                &err);
	else
		rc = profile_files(&p, &t, paths, 1, &r, &(struct profile_options){.threads = 2, .memory = 1 << 16},
		                   &err);
	if (rc == 0) {
		if (way == 0)
			profile_table(&p, &t, NULL, NULL);
		str_addf(out, "%s ", t.files[0].sha256);
		profile_json(&p, out);
		profile_release(&p);
		table_release(&t);
	} else {
		str_addf(out, "%d %s", err.code, err.text);
	}
	reading_release(&r);
	return rc;
}

static unsigned errors, same;

static void try_change(enum kind kind, int way, enum change change, unsigned at, const struct str *bytes,
                       const struct str *other, const struct str *want, struct str *got)
{
	struct stat st;
	int rc;

	write_file(path, bytes);
	if (change == REPLACED)
		write_file(other_path, other);
	assert_int_equal(stat(path, &st), 0);
	plot.file = st.st_ino;
	plot.reads = 0;
	plot.at = at;
	plot.change = change;
	plot.other = other;
	plot.armed = true;
	rc = said(way, got);
	plot.armed = false;
	if (rc == 0 && strcmp(got->data, want->data) != 0)
		fail_msg("%s, way %d, %s before read %u: a mixture: %.600s", kind_names[kind], way,
		         change_names[change], at, got->data);
	if (rc < 0 &&
	    (got->data[0] != '3' || !strstr(got->data, "changed while it was read") || change >= REPLACED))
		fail_msg("%s, way %d, %s before read %u: %s", kind_names[kind], way, change_names[change], at,
		         got->data);
	if (rc == 0 && change < REPLACED && plot.reads >= at)
		fail_msg("%s, way %d, %s before read %u: not seen", kind_names[kind], way, change_names[change], at);
	errors += rc < 0;
	same += rc == 0;
	unlink(path);
	unlink(other_path);
}

static void test_every_read(void **state)
{
	const unsigned most = getenv("LONG") ? 400 : 12;
	struct str bytes, other, want, got;

	(void)state;
	str_init(&bytes);
	str_init(&other);
	str_init(&want);
	str_init(&got);
	for (int kind = 0; kind < KINDS; kind++)
		for (int way = 0; way < 2; way++) {
			unsigned reads, step;
			struct stat st;

			make((enum kind)kind, 0, getenv("LONG") ? 30000 : 6000, &bytes);
			make((enum kind)kind, 1, getenv("LONG") ? 30000 : 6000, &other);
			/* What is written in place leaves nothing of the other. */
			while (other.len < bytes.len)
				str_addc(&other, '\n');
			write_file(path, &bytes);
			assert_int_equal(stat(path, &st), 0);
			plot.file = st.st_ino;
			plot.reads = plot.at = 0;
			plot.armed = true;
			if (said(way, &want) < 0)
				fail_msg("%s: %s", kind_names[kind], want.data);
			plot.armed = false;
			reads = plot.reads;
			assert_true(reads >= 2);
			step = reads > most ? reads / most : 1;
			for (unsigned at = 1; at <= reads; at += at < 4 ? 1 : step)
				for (int change = 0; change < CHANGES; change++)
					try_change((enum kind)kind, way, (enum change)change, at, &bytes, &other, &want, &got);
		}
	assert_true(errors > 100 && same > 40);
	str_release(&bytes);
	str_release(&other);
	str_release(&want);
	str_release(&got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_read)};
	int rc;

	if (!mkdtemp(folder))
		return 3;
	path = path_join(folder, "in.csv");
	other_path = path_join(folder, "other.csv");
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	unlink(other_path);
	rmdir(folder);
	free(path);
	free(other_path);
	return rc;
}
