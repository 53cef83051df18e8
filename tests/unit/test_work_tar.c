/* The archives that backups are: names and sizes for which ustar has no room, and what tar makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../src/work/tar.h"

static void must(int status, const struct error *err)
{
	if (status != 0)
		fail_msg("%s", err->text);
}

static int stop_early(void *user, uint64_t bytes)
{
	uint64_t *left = user;
	if (bytes >= *left)
		return -1;
	*left -= bytes;
	return 0;
}

static char *new_file(int *fd)
{
	const char *dir = getenv("TMPDIR");
	char *path = xasprintf("%s/assay-tar-XXXXXX", dir ? dir : "/tmp");
	*fd = mkostemp(path, O_CLOEXEC);
	assert_true(*fd >= 0);
	return path;
}

/* What `tar -tv` prints of it; it may say that the archive is cut off. */
static void tar_lists(const char *path, struct str *out)
{
	const char *argv[] = {"tar", "--numeric-owner", "-tvf", path, NULL};
	struct error err;
	int status;
	str_init(out);
	must(child_capture(argv, NULL, 60000, 1 << 16, out, NULL, &status, &err), &err);
}

static void names_of_all_lengths_come_back(void **state)
{
	(void)state;
	static const int lengths[] = {1, 99, 100, 101, 102, 155, 156, 157, 200, 255, 256, 257, 300, TAR_NAME};
	struct tar_out out = {.path = "test"};
	struct error err;
	struct tar_file file;
	struct str listed, text;
	char hex[SHA256_TEXT], first[SHA256_TEXT];
	char *path = new_file(&out.fd);
	str_init(&out.sums);
	for (size_t slashes = 0; slashes < 3; slashes++)
		for (size_t i = 0; i < COUNT_OF(lengths); i++) {
			char name[TAR_NAME + 1];
			memset(name, 'a' + (int)i, sizeof name);
			name[lengths[i]] = '\0';
			for (int k = 4; slashes == 1 && k < lengths[i] - 1; k += 40)
				name[k] = '/';
			if (slashes == 2 && lengths[i] > 6)
				name[lengths[i] - 3] = '/';
			must(tar_add_bytes(&out, name, name, (size_t)lengths[i], &err), &err);
		}
	char beyond[TAR_NAME + 2];
	memset(beyond, 'z', sizeof beyond);
	beyond[TAR_NAME + 1] = '\0';
	assert_int_equal(tar_add_bytes(&out, beyond, "", 0, &err), -1);
	must(tar_end(&out, &err), &err);
	tar_lists(path, &listed);
	lseek(out.fd, 0, SEEK_SET);
	struct tar_in in = {.fd = out.fd, .path = "test"};
	str_init(&text);
	size_t count = 0;
	int rc;
	for (const char *line = out.sums.data; (rc = tar_next(&in, &file, &err)) > 0; count++) {
		must(tar_bytes(&in, 4096, &text, hex, &err), &err);
		sha256_hex(file.name, strlen(file.name), first);
		assert_int_equal(strlen(file.name), text.len);
		assert_memory_equal(line, hex, 64);
		assert_memory_equal(line + 66, file.name, text.len);
		assert_non_null(strstr(listed.data, file.name));
		line += 67 + text.len;
	}
	must(rc, &err);
	assert_int_equal(count, 3 * COUNT_OF(lengths));
	str_release(&text);
	str_release(&listed);
	str_release(&out.sums);
	close(out.fd);
	unlink(path);
	free(path);
}

/* Nine gigabytes, of which a megabyte is written: the header alone is looked at. */
static void more_than_eight_gigabytes_are_told(void **state)
{
	(void)state;
	const uint64_t sizes[] = {(UINT64_C(1) << 33) - 1, UINT64_C(1) << 33, UINT64_C(9876543210123)};
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		uint64_t left = 1 << 20;
		struct tar_out out = {.path = "test", .passed = stop_early, .user = &left};
		struct tar_file file = {.name = "objects/big", .size = sizes[i], .mode = 0444}, back;
		struct error err;
		struct str listed;
		char hex[SHA256_TEXT], number[NUM_TEXT], *path = new_file(&out.fd);
		int zeros = open("/dev/zero", O_RDONLY | O_CLOEXEC);
		str_init(&out.sums);
		assert_int_equal(tar_add(&out, &file, zeros, hex, &err), -1);
		assert_int_equal(err.code, ERR_NO);
		close(zeros);
		tar_lists(path, &listed);
		snprintf(number, sizeof number, " %llu ", (unsigned long long)sizes[i]);
		assert_non_null(strstr(listed.data, number));
		lseek(out.fd, 0, SEEK_SET);
		struct tar_in in = {.fd = out.fd, .path = "test"};
		assert_int_equal(tar_next(&in, &back, &err), 1);
		assert_true(back.size == sizes[i]);
		assert_string_equal(back.name, "objects/big");
		assert_int_equal(tar_copy(&in, -1, hex, &err), -1);
		assert_non_null(strstr(err.text, "cut off"));
		str_release(&listed);
		str_release(&out.sums);
		close(out.fd);
		unlink(path);
		free(path);
	}
}

/* Every byte of the headers, changed: never anything but an error or the same file; nothing is read beyond it. */
static void a_changed_archive_is_refused(void **state)
{
	(void)state;
	struct tar_out out = {.path = "test"};
	struct error err;
	struct tar_file file;
	struct str whole, text;
	char hex[SHA256_TEXT], name[180], *path = new_file(&out.fd);
	memset(name, 'n', sizeof name);
	name[sizeof name - 1] = '\0';
	str_init(&out.sums);
	str_init(&whole);
	str_init(&text);
	must(tar_add_bytes(&out, name, "content", 7, &err), &err);
	must(tar_end(&out, &err), &err);
	must(file_read(path, &whole, 0, &err), &err);
	for (size_t at = 0; at < whole.len; at++) {
		unsigned char changed = (unsigned char)(whole.data[at] ^ 0x11);
		struct tar_in in = {.fd = out.fd, .path = "test"};
		assert_int_equal(pwrite(out.fd, &changed, 1, (off_t)at), 1);
		lseek(out.fd, 0, SEEK_SET);
		int rc = tar_next(&in, &file, &err);
		if (rc > 0 && file.size <= 4096)
			rc = tar_bytes(&in, 4096, &text, hex, &err);
		if (rc >= 0 && at < 512)
			fail_msg("byte %zu of a header may be changed", at);
		assert_int_equal(pwrite(out.fd, whole.data + at, 1, (off_t)at), 1);
	}
	str_release(&text);
	str_release(&whole);
	str_release(&out.sums);
	close(out.fd);
	unlink(path);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_of_all_lengths_come_back),
	    cmocka_unit_test(more_than_eight_gigabytes_are_told),
	    cmocka_unit_test(a_changed_archive_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
