/* Profiles of files that were profiled before: from the cache while they are the same, read again when they are not,
 * whatever is done to the cache. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "assay/work.h"

struct place {
	char path[32], *cache, *profiles, *file, *other;
};

static void write_rows(const char *path, int from)
{
	struct str text;

	str_init(&text);
	str_adds(&text, "id,x,word\n");
	for (int i = 0; i < 300; i++)
		str_addf(&text, "%d,%d.5,word %d\n", 1000 + i, (from + i) % 90 + 10, i % 7);
	assert_int_equal(file_write_atomic(path, text.data, text.len, 0644, NULL), 0);
	str_release(&text);
}

/* As if nobody had touched it for an hour, but for the time of its last change of any kind, which cannot be set: that
 * is waited for. */
static void settle(const char *path)
{
	const struct timespec times[2] = {{.tv_sec = time_now_ms() / 1000 - 3600},
	                                  {.tv_sec = time_now_ms() / 1000 - 3600}};

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	usleep(2100000);
}

static int begin(void **state)
{
	struct place *p = xcalloc(1, sizeof *p);

	snprintf(p->path, sizeof p->path, "/tmp/assay-cache-XXXXXX");
	if (!mkdtemp(p->path))
		return -1;
	p->cache = path_join(p->path, "cache");
	p->profiles = path_join(p->cache, "assay/profiles");
	p->file = path_join(p->path, "a.csv");
	p->other = path_join(p->path, "b.csv");
	setenv("XDG_CACHE_HOME", p->cache, 1);
	write_rows(p->file, 0);
	*state = p;
	return 0;
}

static int end(void **state)
{
	struct place *p = *state;

	chmod(p->cache, 0700);
	dir_remove(p->path, NULL);
	free(p->cache);
	free(p->profiles);
	free(p->file);
	free(p->other);
	free(p);
	return 0;
}

struct asked {
	const char *label, *type;
	bool fresh, digest;
	uint64_t memory;
	struct progress *progress;
};

/* What is said of a file, JSON and notes; *made as work_files_profile has it. */
static void profile(const char *path, const struct asked *how, struct str *out, int64_t *made)
{
	const struct profile_options options = {
	    .no_digest = !how->digest, .memory = how->memory, .progress = how->progress};
	struct reading r;
	struct profile p;
	struct table about;
	struct error err;

	reading_init(&r);
	if (how->label)
		assert_int_equal(reading_set(&r, "label", how->label, &err), 0);
	if (how->type)
		assert_int_equal(reading_set(&r, "type", how->type, &err), 0);
	if (work_files_profile(&path, 1, &r, &options, how->fresh, &p, &about, made, &err) != 0)
		fail_msg("%s", err.text);
	str_clear(out);
	profile_json(&p, out);
	for (size_t i = 0; i < about.note_count; i++)
		str_addf(out, "\n%s", about.notes[i]);
	reading_canonical(&about.reading, out);
	str_addf(out, "%zu rows, %zu columns, %zu file %llu %zu %zu %s", about.row_count, about.column_count,
	         about.file_count, (unsigned long long)about.files[0].bytes, about.files[0].first_row,
	         about.files[0].rows, about.files[0].path);
	for (size_t i = 0; i < about.column_count; i++)
		str_addf(out, " %s %s %u %zu", about.columns[i].name, column_type_name(about.columns[i].type),
		         about.columns[i].roles, about.columns[i].missing);
	profile_release(&p);
	table_release(&about);
	reading_release(&r);
}

static const struct asked PLAIN = {.label = NULL};

/* Is it kept, and the same as when it is read? */
static void is_kept(const char *path, const struct asked *how, bool kept)
{
	struct asked anew = *how;
	struct str got, want;
	char *cache = xstrdup(getenv("XDG_CACHE_HOME"));
	int64_t made;

	str_init(&got);
	str_init(&want);
	anew.fresh = true;
	setenv("XDG_CACHE_HOME", "/dev/null/none", 1);
	profile(path, &anew, &want, &made);
	assert_int_equal(made, 0);
	setenv("XDG_CACHE_HOME", cache, 1);
	profile(path, how, &got, &made);
	assert_string_equal(got.data, want.data);
	if ((made != 0) != kept)
		fail_msg("it is %s", kept ? "read again" : "kept");
	if (made)
		assert_true(time_now_ms() - made >= 0 && time_now_ms() - made < 60000);
	free(cache);
	str_release(&got);
	str_release(&want);
}

static size_t entries(const struct place *p, const char *suffix)
{
	DIR *dir = opendir(p->profiles);
	struct dirent *e;
	size_t count = 0;

	while (dir && (e = readdir(dir))) {
		const char *point = strrchr(e->d_name, '.');

		count += e->d_name[0] != '.' && point && strcmp(point, suffix) == 0;
	}
	if (dir)
		closedir(dir);
	return count;
}

static char *only_entry(const struct place *p, const char *suffix)
{
	DIR *dir = opendir(p->profiles);
	struct dirent *e;
	char *found = NULL;

	assert_non_null(dir);
	while ((e = readdir(dir))) {
		const char *point = strrchr(e->d_name, '.');

		if (point && strcmp(point, suffix) == 0) {
			assert_null(found);
			found = path_join(p->profiles, e->d_name);
		}
	}
	closedir(dir);
	assert_non_null(found);
	return found;
}

static void forget(const struct place *p, const char *suffix)
{
	while (entries(p, suffix) > 0) {
		char *entry = only_entry(p, suffix);

		assert_int_equal(unlink(entry), 0);
		free(entry);
	}
}

/* ---- tests ---- */

static void the_same_file(void **state)
{
	struct place *p = *state;
	struct stat st;
	char *entry;

	settle(p->file);
	is_kept(p->file, &PLAIN, false);
	is_kept(p->file, &PLAIN, true);
	/* Known by what its folder says of it; nobody has hashed it. */
	assert_int_equal(entries(p, ".files"), 1);
	assert_int_equal(entries(p, ".bytes"), 0);
	assert_int_equal(stat(p->profiles, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	entry = only_entry(p, ".profile");
	assert_int_equal(stat(entry, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	free(entry);
	/* Another reading is another profile. */
	is_kept(p->file, &(struct asked){.label = "word"}, false);
	is_kept(p->file, &(struct asked){.label = "word"}, true);
	is_kept(p->file, &(struct asked){.type = "x=cat"}, false);
	is_kept(p->file, &(struct asked){.memory = 64 << 20}, false);
	is_kept(p->file, &(struct asked){.memory = 64 << 20}, true);
	is_kept(p->file, &PLAIN, true);
	is_kept(p->file, &(struct asked){.fresh = true}, false);
	is_kept(p->file, &PLAIN, true);
	/* Other bytes, as many, and the same name. */
	write_rows(p->file, 1);
	is_kept(p->file, &PLAIN, false);
	is_kept(p->file, &PLAIN, true);
}

/* Once another file of that size shows up, bytes are hashed; then names and times do not matter. */
static void the_same_bytes(void **state)
{
	struct place *p = *state;
	char *third = path_join(p->path, "c.csv");
	struct progress watched = {0};
	struct asked watching = {.progress = &watched};

	is_kept(p->file, &PLAIN, false); /* just written: hashed at once */
	assert_int_equal(entries(p, ".bytes"), 1);
	write_rows(p->other, 0);
	is_kept(p->other, &watching, true);
	assert_string_equal(watched.what, "hashing");
	assert_int_equal(watched.done, watched.total);
	write_rows(third, 0);
	is_kept(third, &PLAIN, true);
	assert_int_equal(entries(p, ".profile"), 1);
	settle(third); /* touched */
	is_kept(third, &PLAIN, true);
	/* From now on its folder is believed, and it is not even hashed. */
	watched = (struct progress){0};
	is_kept(third, &watching, true);
	assert_true(watched.what == NULL || strcmp(watched.what, "reading") == 0 ||
	            strcmp(watched.what, "summing up") == 0);
	free(third);
}

/* A byte that changes without any time telling of it. */
static void changed_unseen(void **state)
{
	struct place *p = *state;
	struct stat before, after;
	int fd = open(p->file, O_RDWR);
	char *bytes;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &before), 0);
	bytes = mmap(NULL, (size_t)before.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(bytes, MAP_FAILED);
	bytes[before.st_size - 2] = '6'; /* from here on the page is writable, and nobody is told */
	is_kept(p->file, &PLAIN, false);
	is_kept(p->file, &PLAIN, true);
	assert_int_equal(stat(p->file, &before), 0);
	bytes[before.st_size - 2] = '9';
	assert_int_equal(stat(p->file, &after), 0);
	if (memcmp(&before.st_mtim, &after.st_mtim, sizeof before.st_mtim) != 0)
		print_message("this file system tells of it\n");
	is_kept(p->file, &PLAIN, false);
	munmap(bytes, (size_t)before.st_size);
	close(fd);
}

static void damaged(void **state)
{
	struct place *p = *state;
	static const char *const kinds[] = {".profile", ".bytes"};

	is_kept(p->file, &PLAIN, false);
	is_kept(p->file, &PLAIN, true);
	for (size_t k = 0; k < COUNT_OF(kinds); k++) {
		char *entry = only_entry(p, kinds[k]);
		struct str whole;

		str_init(&whole);
		assert_int_equal(file_read(entry, &whole, 0, NULL), 0);
		for (size_t at = 0; at < whole.len; at += whole.len / 23 + 1) {
			/* A byte is another one; the file ends there; it is gone; it is a folder. */
			for (int how = 0; how < 4; how++) {
				if (how == 0) {
					whole.data[at] ^= 1;
					assert_int_equal(file_write_atomic(entry, whole.data, whole.len, 0600, NULL), 0);
					whole.data[at] ^= 1;
				} else if (how == 1) {
					assert_int_equal(truncate(entry, (off_t)at), 0);
				} else {
					assert_int_equal(unlink(entry), 0);
					if (how == 3)
						assert_int_equal(mkdir(entry, 0700), 0);
				}
				/* Without its digest it is hashed where there seem to be others of its size, else read. */
				is_kept(p->file, &PLAIN, k == 1 && how != 2);
				if (how == 3)
					assert_int_equal(rmdir(entry), 0);
				else if (k == 0 || how < 2)
					is_kept(p->file, &PLAIN, true);
				forget(p, ".files");
				assert_int_equal(file_write_atomic(entry, whole.data, whole.len, 0600, NULL), 0);
			}
		}
		str_release(&whole);
		free(entry);
	}
	is_kept(p->file, &PLAIN, true);
}

static void cannot_be_used(void **state)
{
	struct place *p = *state;
	char *assay = path_join(p->cache, "assay");

	/* A file is in the way. */
	assert_int_equal(dir_make(p->cache, NULL), 0);
	assert_int_equal(file_write_atomic(assay, "x", 1, 0600, NULL), 0);
	is_kept(p->file, &PLAIN, false);
	is_kept(p->file, &PLAIN, false);
	assert_int_equal(unlink(assay), 0);
	/* It leads elsewhere: somebody else's folder, perhaps. */
	assert_int_equal(dir_make(assay, NULL), 0);
	assert_int_equal(symlink("/tmp", p->profiles), 0);
	is_kept(p->file, &PLAIN, false);
	is_kept(p->file, &PLAIN, false);
	assert_int_equal(unlink(p->profiles), 0);
	/* Cannot be written (root can). */
	if (geteuid() != 0) {
		assert_int_equal(chmod(assay, 0500), 0);
		is_kept(p->file, &PLAIN, false);
		is_kept(p->file, &PLAIN, false);
		assert_int_equal(chmod(assay, 0700), 0);
	}
	is_kept(p->file, &PLAIN, false);
	is_kept(p->file, &PLAIN, true);
	/* Others may not look in, whatever the folder was. */
	assert_int_equal(chmod(p->profiles, 0755), 0);
	is_kept(p->file, &PLAIN, true);
	struct stat st;
	assert_int_equal(stat(p->profiles, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	free(assay);
}

static void bounded(void **state)
{
	struct place *p = *state;

	is_kept(p->file, &PLAIN, false);
	is_kept(p->file, &PLAIN, true);
	/* Younger ones than it, more than there may be. */
	for (int i = 0; i < 1005; i++) {
		char *name = xasprintf("%s/%04d.profile", p->profiles, i);

		assert_int_equal(close(open(name, O_WRONLY | O_CREAT, 0600)), 0);
		free(name);
	}
	/* It was of use just now, so others go. */
	is_kept(p->file, &(struct asked){.label = "word"}, false);
	assert_true(entries(p, ".profile") + entries(p, ".bytes") <= 1000);
	is_kept(p->file, &(struct asked){.label = "word"}, true);
}

static void *profile_often(void *user)
{
	const struct place *p = user;

	/* Asked through the command's own way, each with a cache of its own that is the same folder. */
	for (int i = 0; i < 20; i++) {
		const char *path = i % 2 ? p->file : p->other;
		const struct profile_options options = {.no_digest = true, .threads = 1};
		struct reading r;
		struct profile out;
		struct table about;
		struct error err;

		reading_init(&r);
		if (work_files_profile(&path, 1, &r, &options, i % 5 == 0, &out, &about, NULL, &err) != 0)
			return (void *)(uintptr_t)1;
		if (out.rows != 300 || about.column_count != 3)
			return (void *)(uintptr_t)2;
		profile_release(&out);
		table_release(&about);
		reading_release(&r);
	}
	return NULL;
}

static void several_at_once(void **state)
{
	struct place *p = *state;
	pthread_t threads[4];
	void *said;

	write_rows(p->other, 5);
	for (size_t i = 0; i < COUNT_OF(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, profile_often, p), 0);
	for (size_t i = 0; i < COUNT_OF(threads); i++) {
		pthread_join(threads[i], &said);
		if (said)
			fail_msg("%s", (uintptr_t)said == 1 ? "it failed" : "another profile");
	}
	is_kept(p->file, &PLAIN, true);
	is_kept(p->other, &PLAIN, true);
}

static void stopped(void **state)
{
	struct place *p = *state;
	struct progress progress = {0};
	const struct profile_options options = {.progress = &progress};
	const char *path = p->file;
	struct reading r;
	struct profile out;
	struct table about;
	struct error err;

	progress.stop = true;
	reading_init(&r);
	assert_int_equal(work_files_profile(&path, 1, &r, &options, false, &out, &about, NULL, &err), -1);
	assert_int_equal(err.code, ERR_NO);
	assert_int_equal(entries(p, ".profile"), 0);
	reading_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(the_same_file, begin, end),
	    cmocka_unit_test_setup_teardown(the_same_bytes, begin, end),
	    cmocka_unit_test_setup_teardown(changed_unseen, begin, end),
	    cmocka_unit_test_setup_teardown(damaged, begin, end),
	    cmocka_unit_test_setup_teardown(cannot_be_used, begin, end),
	    cmocka_unit_test_setup_teardown(bounded, begin, end),
	    cmocka_unit_test_setup_teardown(several_at_once, begin, end),
	    cmocka_unit_test_setup_teardown(stopped, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
