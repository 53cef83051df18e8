/*
 * Event files: the file system gives the inode of a file that is gone to the next one. A writer puts its file aside,
 * compresses it and begins anew just after the folder was looked at: the new file, of the inode that was seen under its
 * name, is not taken for the old one, nor read before what was put aside.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "../../src/store/absorb.h"
#include "../lib/store_fixture.h"
#include "../lib/store_place.h"

enum { NAMES = 64 };

static struct store_place *turning; /* its file is put aside after the next look; or NULL */
static bool was_reused;

static char *name_of(const struct store_place *f, const char *name)
{
	return path_join(f->live, name);
}

static void add(const struct store_place *f, const char *name, int from, int to)
{
	char *path = name_of(f, name);
	FILE *file = fopen(path, "a");

	assert_non_null(file);
	for (int i = from; i <= to; i++)
		fprintf(file, "{\"metric\":\"loss\",\"value\":%d,\"step\":%d}\n", i, i);
	fclose(file);
	free(path);
}

static uint64_t inode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) ? 0 : st.st_ino;
}

static void compress_file(const char *path)
{
	char *packed = xasprintf("%s.gz", path);
	gzFile to = gzopen(packed, "wb");
	struct str text;
	struct stat st;

	str_init(&text);
	assert_non_null(to);
	assert_int_equal(file_read(path, &text, 0, NULL), 0);
	assert_int_equal(gzwrite(to, text.data, (unsigned)text.len), text.len);
	assert_int_equal(gzclose(to), Z_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(utimensat(AT_FDCWD, packed, (struct timespec[]){st.st_atim, st.st_mtim}, 0), 0);
	unlink(path);
	str_release(&text);
	free(packed);
}

/* A file system with a choice of free inodes may not take that one first. */
static bool begin_with_inode(const struct store_place *f, const char *path, uint64_t inode)
{
	char *others[NAMES];
	size_t made = 0;
	bool found = false;

	while (!found && made < NAMES) {
		char name[32];

		snprintf(name, sizeof(name), "other-%zu", made);
		others[made] = name_of(f, name);
		assert_int_equal(file_write_atomic(others[made], "", 0, 0600, NULL), 0);
		found = inode_of(others[made]) == inode;
		if (found)
			assert_int_equal(rename(others[made], path), 0);
		made++;
	}
	while (made--) {
		unlink(others[made]);
		free(others[made]);
	}
	return found;
}

int __real_folder_look(struct store *s, int64_t run, struct events_folder *f, unsigned flags,
                       struct error *err);
int __wrap_folder_look(struct store *s, int64_t run, struct events_folder *f, unsigned flags,
                       struct error *err);
int __wrap_folder_look(struct store *s, int64_t run, struct events_folder *f, unsigned flags,
                       struct error *err)
{
	int rc = __real_folder_look(s, run, f, flags, err);
	const struct store_place *p = turning;
	char *path, *aside;
	uint64_t inode;

	if (!p)
		return rc;
	turning = NULL;
	path = name_of(p, "events-a.jsonl");
	aside = name_of(p, "events-a.jsonl.1");
	inode = inode_of(path);
	assert_int_equal(rename(path, aside), 0);
	compress_file(aside);
	was_reused = begin_with_inode(p, path, inode);
	add(p, "events-a.jsonl", 21, 60); /* no shorter than the one before */
	free(path);
	free(aside);
	return rc;
}

static void new_file_with_the_old_inode(void **at)
{
	struct store_place *f = *at;
	struct series series;
	struct point *points;
	struct bad_line *bad;
	size_t n;

	add(f, "events-a.jsonl", 1, 10);
	absorb_all_anew(f, 0);
	add(f, "events-a.jsonl", 11, 20);
	nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL); /* a file's times go by ticks */
	turning = f;
	absorb_all_anew(f, 0);
	if (!was_reused) {
		print_message("this file system does not give an inode anew at once\n");
		skip();
	}
	absorb_all_anew(f, ABSORB_FINAL);
	must(f, store_bad_lines(f->store, f->run, f->mem, &bad, &n, &f->err));
	assert_int_equal(n, 0);
	must(f, store_series_find(f->store, f->run, SERIES_METRIC, "loss", NULL, f->mem, &series, &f->err));
	must(f, store_series_points(f->store, series.id, 0, 0, f->mem, &points, &n, &f->err));
	assert_int_equal(n, 60);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(points[i].step, i + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(new_file_with_the_old_inode, store_place_report, store_place_end),
	};

	return cmocka_run_group_tests_name("store_reused", tests, NULL, NULL);
}
