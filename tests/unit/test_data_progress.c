/* How far the reading of files has come, and that it ends soon when nobody waits for it any more, everything given back
 * (under the sanitizers). */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../lib/data_forms.h"
#include "assay/data.h"

static void rows(struct str *out, int from, int to)
{
	for (int i = from; i < to; i++)
		str_addf(out, "%d,%d.%02d,word %d,2026-11-%02d\n", i, i % 977, i % 100, i % 31, i % 28 + 1);
}

static void table_text(struct str *out, int count)
{
	str_clear(out);
	str_adds(out, "id,x,word,day\n");
	rows(out, 0, count);
}

static int read_text(const struct str *text, struct progress *p, struct table_options how, struct error *err)
{
	struct reading r;
	struct table t;
	int rc;

	how.progress = p;
	reading_init(&r);
	rc = table_read_bytes(&t, "text", text->data, text->len, &r, &how, err);
	reading_release(&r);
	if (rc == 0)
		table_release(&t);
	return rc;
}

static void is_stopped(int rc, const struct error *err)
{
	assert_int_equal(rc, -1);
	assert_int_equal(err->code, ERR_NO);
	assert_string_equal(err->text, "stopped");
}

/* ---- looked at ---- */

static void as_it_looks(void **state)
{
	struct progress p = {0};
	struct progress_seen s = {0};
	struct str text;

	(void)state;
	str_init(&text);
	progress_look(&p, 1000, &s);
	assert_null(s.what);
	progress_begin(&p, "reading", "bytes", 100 << 20);
	progress_look(&p, 1000, &s);
	progress_text(&s, &text);
	assert_string_equal(text.data, "0 B of 100 MiB");
	progress_add(&p, 10 << 20);
	progress_look(&p, 2000, &s);
	str_clear(&text);
	progress_text(&s, &text);
	assert_string_equal(text.data, "10.0 MiB of 100 MiB, 10.0 MiB/s, 9s left");
	assert_true(s.share > 0.0999 && s.share < 0.1001);
	/* Twice as fast from here on: the rate follows. */
	for (int64_t now = 2100; now <= 6000; now += 100) {
		progress_add(&p, 2 << 20);
		progress_look(&p, now, &s);
	}
	assert_true(s.rate > 19.9 * (1 << 20) && s.rate < 20.1 * (1 << 20));
	/* More than was there when it began is not more than all. */
	progress_add(&p, 1 << 30);
	progress_look(&p, 6100, &s);
	assert_true(s.share == 1);
	assert_int_equal(s.left_ms, 0);
	/* Another stage begins at nothing. */
	progress_begin(&p, "summing up", "columns", 0);
	progress_add(&p, 3);
	progress_look(&p, 7000, &s);
	str_clear(&text);
	progress_text(&s, &text);
	assert_string_equal(s.what, "summing up");
	assert_string_equal(text.data, "3 columns");
	assert_int_equal(s.left_ms, -1);
	progress_begin(NULL, "nothing", "bytes", 1);
	progress_add(NULL, 1);
	assert_false(progress_stop(NULL));
	str_release(&text);
}

/* ---- counted ---- */

static void all_bytes(void **state)
{
	struct str text, packed;
	struct error err;

	(void)state;
	str_init(&text);
	str_init(&packed);
	table_text(&text, 20000);
	for (int form = -1; form < FORM_COUNT; form++) {
		struct progress p = {0};

		if (form == FORM_UTF16_UNMARKED) /* has to be said what it is */
			continue;
		str_clear(&packed);
		if (form < 0)
			str_add(&packed, text.data, text.len);
		else
			in_form((enum form)form, text.data, text.len, &packed);
		if (read_text(&packed, &p, (struct table_options){.slice = 8192}, &err) != 0)
			fail_msg("%s", err.text);
		assert_string_equal(p.what, "reading");
		assert_string_equal(p.unit, "bytes");
		assert_int_equal(p.total, packed.len);
		/* The unpacker need not have looked at what pads the end. */
		if (form != FORM_GZIP_PADDED)
			assert_int_equal(p.done, packed.len);
		else
			assert_true(p.done <= packed.len && p.done > 0);
	}
	str_release(&packed);
	str_release(&text);
}

/* A column that turns out to be none of numbers is read once more; what is no UTF-8 is looked through first. */
static void stages(void **state)
{
	struct progress p = {0};
	struct str text;
	struct error err;

	(void)state;
	str_init(&text);
	table_text(&text, 5000);
	str_adds(&text, "none,1,word,2026-11-01\n");
	assert_int_equal(read_text(&text, &p, (struct table_options){.slice = 8192}, &err), 0);
	assert_string_equal(p.what, "reading again");
	assert_int_equal(p.done, text.len);
	str_release(&text);
}

static void columns_of_a_profile(void **state)
{
	struct progress p = {0};
	struct profile_options how = {.progress = &p};
	struct reading r;
	struct table t;
	struct profile profile;
	struct str text;
	struct error err;

	(void)state;
	str_init(&text);
	table_text(&text, 100);
	reading_init(&r);
	assert_int_equal(table_read_bytes(&t, "text", text.data, text.len, &r, NULL, &err), 0);
	assert_int_equal(profile_table(&profile, &t, &how, &err), 0);
	assert_string_equal(p.what, "summing up");
	assert_int_equal(p.done, 4);
	assert_int_equal(p.total, 4);
	profile_release(&profile);
	p.stop = true;
	is_stopped(profile_table(&profile, &t, &how, &err), &err);
	table_release(&t);
	reading_release(&r);
	str_release(&text);
}

/* ---- stopped ---- */

static void before_it_began(void **state)
{
	struct str text, packed;
	struct error err;

	(void)state;
	str_init(&text);
	str_init(&packed);
	table_text(&text, 3000);
	for (int form = -1; form < FORM_COUNT; form++) {
		struct progress p = {0};

		p.stop = true;
		str_clear(&packed);
		if (form < 0)
			str_add(&packed, text.data, text.len);
		else
			in_form((enum form)form, text.data, text.len, &packed);
		is_stopped(read_text(&packed, &p, (struct table_options){.slice = 4096}, &err), &err);
	}
	/* Looked through for its encoding, too. */
	str_adds(&text, "1,2,caf\xe9 \xe9\xe9,2026-11-01\n");
	for (int threads = 1; threads < 4; threads += 2) {
		struct progress p = {0};

		p.stop = true;
		is_stopped(read_text(&text, &p, (struct table_options){.threads = threads}, &err), &err);
	}
	str_release(&packed);
	str_release(&text);
}

/* As soon as the first bytes were counted. */
static void *stop_early(void *user)
{
	struct progress *p = user;

	while (p->done == 0 && !p->stop)
		;
	p->stop = true;
	return NULL;
}

static void in_the_middle(void **state)
{
	struct str text;
	struct error err;

	(void)state;
	str_init(&text);
	table_text(&text, 200000);
	for (int threads = 1; threads < 4; threads++) {
		struct progress p = {0};
		pthread_t other;
		int rc;

		assert_int_equal(pthread_create(&other, NULL, stop_early, &p), 0);
		rc = read_text(&text, &p,
		               (struct table_options){.threads = threads, .slice = 4096, .libcsv_only = true}, &err);
		p.stop = true;
		pthread_join(other, NULL);
		is_stopped(rc, &err);
		assert_true(p.done < text.len);
	}
	str_release(&text);
}

static void *stop_later(void *user)
{
	usleep(100000);
	((struct progress *)user)->stop = true;
	return NULL;
}

/* Who writes has gone to sleep: before the first byte, and later. */
static void at_a_pipe(void **state)
{
	char path[] = "/tmp/assay-progress-XXXXXX";
	struct str text;
	struct error err;

	(void)state;
	assert_non_null(mkdtemp(path));
	str_init(&text);
	table_text(&text, 1000);
	for (int first = 0; first < 2; first++) {
		char *fifo = path_join(path, "pipe");
		const char *paths[] = {fifo};
		struct progress p = {0};
		struct table_options how = {.progress = &p};
		struct reading r;
		struct table t;
		pthread_t other;
		int64_t began;
		int fd;

		assert_int_equal(mkfifo(fifo, 0600), 0);
		fd = open(fifo, O_RDWR);
		assert_true(fd >= 0);
		if (first)
			assert_int_equal(fd_write_all(fd, text.data, text.len), 0);
		assert_int_equal(pthread_create(&other, NULL, stop_later, &p), 0);
		reading_init(&r);
		began = time_mono_ms();
		is_stopped(table_read(&t, paths, 1, &r, &how, &err), &err);
		assert_true(time_mono_ms() - began < 30000);
		assert_int_equal(p.total, 0);
		reading_release(&r);
		pthread_join(other, NULL);
		close(fd);
		unlink(fifo);
		free(fifo);
	}
	rmdir(path);
	str_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(as_it_looks),     cmocka_unit_test(all_bytes),
	    cmocka_unit_test(stages),          cmocka_unit_test(columns_of_a_profile),
	    cmocka_unit_test(before_it_began), cmocka_unit_test(in_the_middle),
	    cmocka_unit_test(at_a_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
