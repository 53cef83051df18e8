/* Pipes, the standard input and files that change meanwhile give the same table as a plain file, or say why not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/data_forms.h"
#include "../lib/source_dump.h"

struct writer {
	const char *fifo;
	const char *bytes;
	size_t len;
	int fd; /* -1: the fifo is opened */
	/* done to another file before the end */
	const char *change;
	off_t to;
};

static void *write_all(void *user)
{
	struct writer *w = user;
	FILE *f = w->fd >= 0 ? fdopen(w->fd, "w") : fopen(w->fifo, "w");

	fwrite(w->bytes, 1, w->len, f);
	if (w->change && truncate(w->change, w->to) != 0)
		abort();
	fclose(f);
	return NULL;
}

static void dump_pipe(const char *fifo, const struct str *bytes, const struct table_options *how,
                      struct str *out)
{
	struct writer w = {.fifo = fifo, .bytes = bytes->data, .len = bytes->len, .fd = -1};
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, write_all, &w), 0);
	source_dump_path(fifo, how, out);
	pthread_join(thread, NULL);
}

static void dump_input(const struct str *bytes, const struct table_options *how, struct str *out)
{
	struct writer w = {.bytes = bytes->data, .len = bytes->len};
	int ends[2], before = dup(0);
	pthread_t thread;

	assert_int_equal(pipe(ends), 0);
	dup2(ends[0], 0);
	close(ends[0]);
	w.fd = ends[1];
	assert_int_equal(pthread_create(&thread, NULL, write_all, &w), 0);
	source_dump_path("-", how, out);
	dup2(before, 0); /* a writer to whom nobody listens any more goes on */
	pthread_join(thread, NULL);
	close(before);
}

static void test_pipes(void **state)
{
	char folder[] = "/tmp/assay-source-XXXXXX", *fifo, *file;
	struct str text, bytes, plain, other;
	struct error err;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(folder));
	fifo = path_join(folder, "fifo");
	file = path_join(folder, "file");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	str_init(&text);
	str_init(&bytes);
	str_init(&plain);
	str_init(&other);
	signal(SIGPIPE, SIG_IGN);
	setenv("TMPDIR", folder, 1);
	/* In memory, and more than stays there: 5 MB. One column is text at the very end, which takes another pass. */
	for (int rows = 500; rows <= 150000; rows += 149500) {
		str_clear(&text);
		source_rows(&text, rows);
		source_dump(text.data, text.len, NULL, NULL, NULL, &plain);
		for (int form = -1; form <= (rows > 500 ? -1 : FORM_ZSTD); form++) {
			const struct str *from = form < 0 ? &text : &bytes;

			if (form >= 0)
				in_form((enum form)form, text.data, text.len, &bytes);
			dump_pipe(fifo, from, NULL, &other);
			source_alike(&plain, &other, "pipe", form);
			dump_input(from, &(struct table_options){.slice = 100000, .threads = 1}, &other);
			source_alike(&plain, &other, "standard input", form);
			assert_int_equal(file_write_atomic(file, from->data, from->len, 0644, &err), 0);
			source_dump_path(file, NULL, &other);
			source_alike(&plain, &other, "file", form);
		}
	}
	assert_int_equal(stat(folder, &st), 0);
	unlink(file);
	unlink(fifo);
	assert_int_equal(rmdir(folder), 0); /* nothing was left there */
	/* Nowhere to keep it. */
	dump_input(&text, NULL, &other);
	assert_non_null(strstr(other.data, "error 3: standard input, line "));
	assert_non_null(strstr(other.data, "cannot be kept in a file of $TMPDIR"));
	unsetenv("TMPDIR");
	free(fifo);
	free(file);
	str_release(&text);
	str_release(&bytes);
	str_release(&plain);
	str_release(&other);
}

/* The digest is of the bytes as they stand, and so is their number. */
static void test_digest(void **state)
{
	struct str text, bytes;
	struct reading r;

	(void)state;
	str_init(&text);
	str_init(&bytes);
	source_rows(&text, 300);
	for (int form = 0; form < FORM_COUNT; form++) {
		char digest[SHA256_TEXT];
		struct table t;
		struct error err;

		reading_init(&r);
		if (form == FORM_UTF16_UNMARKED)
			assert_int_equal(reading_set(&r, "encoding", "utf-16", &err), 0);
		in_form((enum form)form, text.data, text.len, &bytes);
		sha256_hex(bytes.data, bytes.len, digest);
		for (int k = 0; k < 2; k++) {
			struct table_options how = {.slice = k ? 100 : 0};

			assert_int_equal(table_read_bytes(&t, "in", bytes.data, bytes.len, &r, &how, &err), 0);
			assert_string_equal(t.files[0].sha256, digest);
			assert_int_equal(t.files[0].bytes, bytes.len);
			table_release(&t);
		}
		reading_release(&r);
	}
	str_release(&text);
	str_release(&bytes);
}

/* While a pipe is read as the first file of two, the second one changes: both are open when more is taken from the pipe
 * than it holds. */
static void test_changes(void **state)
{
	char folder[] = "/tmp/assay-source-XXXXXX";
	struct str text, bytes, out;
	char *paths[2];
	struct error err;

	(void)state;
	assert_non_null(mkdtemp(folder));
	paths[0] = path_join(folder, "fifo");
	paths[1] = path_join(folder, "file");
	assert_int_equal(mkfifo(paths[0], 0600), 0);
	str_init(&text);
	str_init(&bytes);
	str_init(&out);
	source_rows(&text, 9000);
	assert_true(text.len > 3 * 65536);
	for (int form = -1; form <= FORM_ZSTD; form++)
		for (int grows = 0; grows < 2; grows++) {
			const struct str *from = form < 0 ? &text : &bytes;
			struct writer w = {.fifo = paths[0], .bytes = text.data, .len = text.len, .fd = -1};
			pthread_t thread;
			struct reading r;
			struct table t;

			if (form >= 0)
				in_form((enum form)form, text.data, text.len, &bytes);
			assert_int_equal(file_write_atomic(paths[1], from->data, from->len, 0644, &err), 0);
			w.change = paths[1];
			w.to = (off_t)(grows ? from->len + 10 : from->len / 2);
			assert_int_equal(pthread_create(&thread, NULL, write_all, &w), 0);
			reading_init(&r);
			source_finish(table_read(&t, (const char *const *)paths, 2, &r, NULL, &err), &t, &err, NULL,
			              &out);
			pthread_join(thread, NULL);
			if (strncmp(out.data, "error 3: ", 9) != 0 || !strstr(out.data, "while it was read"))
				fail_msg("form %d: %.300s", form, out.data);
		}
	unlink(paths[0]);
	unlink(paths[1]);
	rmdir(folder);
	free(paths[0]);
	free(paths[1]);
	str_release(&text);
	str_release(&bytes);
	str_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pipes),
	    cmocka_unit_test(test_digest),
	    cmocka_unit_test(test_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
