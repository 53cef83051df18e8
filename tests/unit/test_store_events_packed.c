/* Event files that were compressed when they were put aside: each line counts once, whatever it is read from. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "../lib/store_fixture.h"
#include "../lib/store_place.h"

static char *name_of(struct store_place *f, const char *name)
{
	return arena_printf(f->mem, "%s/%s", f->live, name);
}

static void put(struct store_place *f, const char *name, int flags, const void *bytes, size_t len)
{
	int fd = open(name_of(f, name), O_WRONLY | O_CREAT | flags, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, bytes, len), 0);
	close(fd);
}

/* Points from (with it) to (without it), as a writer writes them. */
static char *lines(struct store_place *f, int from, int to)
{
	struct str text;
	char *out;

	str_init(&text);
	for (int n = from; n < to; n++)
		str_addf(&text, "{\"metric\":\"a\",\"value\":%d,\"step\":%d}\n", n, n);
	out = arena_memdup0(f->mem, text.data, text.len);
	str_release(&text);
	return out;
}

static void points(struct store_place *f, const char *name, int from, int to)
{
	const char *text = lines(f, from, to);

	put(f, name, O_APPEND, text, strlen(text));
}

static size_t gzip(struct store_place *f, const void *bytes, size_t len, void **out)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)len};

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.avail_out = (uInt)deflateBound(&z, (uLong)len);
	*out = z.next_out = arena_array(f->mem, z.avail_out, 1);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return z.total_out;
}

static size_t zstd(struct store_place *f, const void *bytes, size_t len, void **out)
{
	size_t room = ZSTD_compressBound(len);

	*out = arena_array(f->mem, room, 1);
	len = ZSTD_compress(*out, room, bytes, len, 3);
	assert_false(ZSTD_isError(len));
	return len;
}

/* The first `keep` bytes of what a compressor makes of the text; as old as the file that was compressed, if it is
 * there. */
static void packed(struct store_place *f, const char *name, const char *text, size_t keep)
{
	void *bytes;
	size_t len =
	    strstr(name, ".zst") ? zstd(f, text, strlen(text), &bytes) : gzip(f, text, strlen(text), &bytes);
	char *stem = arena_printf(f->mem, "%.*s", (int)(strrchr(name, '.') - name), name);
	struct stat st;

	put(f, name, O_APPEND, bytes, len < keep ? len : keep);
	if (stat(name_of(f, stem), &st) == 0)
		utimensat(AT_FDCWD, name_of(f, name), (struct timespec[]){st.st_atim, st.st_mtim}, 0);
}

/* What gzip does to a file. */
static void compress_file(struct store_place *f, const char *from, const char *to)
{
	struct str text;

	str_init(&text);
	must(f, file_read(name_of(f, from), &text, 0, &f->err));
	packed(f, to, text.data, SIZE_MAX);
	str_release(&text);
	assert_int_equal(unlink(name_of(f, from)), 0);
}

static void move(struct store_place *f, const char *from, const char *to)
{
	assert_int_equal(rename(name_of(f, from), name_of(f, to)), 0);
}

/* Points 0 to count - 1 in this order, and so many bad lines, the last of which says that. */
static void holds(struct store_place *f, size_t count, size_t bad_wanted, const char *says)
{
	struct series series;
	struct point *got;
	struct bad_line *bad;
	size_t n = 0, bads;

	if (count) {
		must(f, store_series_find(f->store, f->run, SERIES_METRIC, "a", NULL, f->mem, &series, &f->err));
		must(f, store_series_points(f->store, series.id, 0, 0, f->mem, &got, &n, &f->err));
	}
	for (size_t i = 0; i < n; i++)
		if (got[i].step != (int64_t)i)
			fail_msg("point %zu is of step %lld", i, (long long)got[i].step);
	assert_int_equal(n, count);
	must(f, store_bad_lines(f->store, f->run, f->mem, &bad, &bads, &f->err));
	if (bads != bad_wanted)
		fail_msg("%zu bad lines, not %zu: %s", bads, bad_wanted, bads ? bad[0].why : "");
	if (bads && !strstr(bad[bads - 1].why, says))
		fail_msg("\"%s\" does not say \"%s\"", bad[bads - 1].why, says);
}

/* ---- */

/* Absorbed to the end, or in part, or not at all; then renamed and compressed. */
static void after_it_was_absorbed(void **at)
{
	struct store_place *f = *at;

	points(f, "events-a.jsonl", 0, 100);
	absorb_all(f, 0);
	move(f, "events-a.jsonl", "events-a.jsonl.1");
	compress_file(f, "events-a.jsonl.1", "events-a.jsonl.1.gz");
	absorb_all(f, 0);
	holds(f, 100, 0, "");
	/* The next, of which the end was never seen. */
	points(f, "events-a.jsonl", 100, 150);
	absorb_all(f, 0);
	points(f, "events-a.jsonl", 150, 200);
	move(f, "events-a.jsonl.1.gz", "events-a.jsonl.2.gz");
	move(f, "events-a.jsonl", "events-a.jsonl.1");
	compress_file(f, "events-a.jsonl.1", "events-a.jsonl.1.zst");
	points(f, "events-a.jsonl", 200, 210);
	absorb_all(f, 0);
	holds(f, 210, 0, "");
	/* And one that nothing was seen of. */
	move(f, "events-a.jsonl.1.zst", "events-a.jsonl.3.zst");
	points(f, "events-a.jsonl", 210, 220);
	move(f, "events-a.jsonl", "events-a.jsonl-20261127");
	compress_file(f, "events-a.jsonl-20261127", "events-a.jsonl-20261127.gz");
	points(f, "events-a.jsonl", 220, 230);
	absorb_all(f, 0);
	holds(f, 230, 0, "");
	absorb_all_anew(f, ABSORB_FINAL);
	holds(f, 230, 0, "");
	/* By hand, the other way. */
	points(f, "events-a.jsonl.1", 100, 200);
	unlink(name_of(f, "events-a.jsonl.3.zst"));
	absorb_all(f, 0);
	absorb_all_anew(f, ABSORB_FINAL);
	holds(f, 230, 0, "");
}

/* While both are there, what is compressed is left alone. */
static void beside_the_original(void **at)
{
	struct store_place *f = *at;
	const char *text = lines(f, 0, 60);

	put(f, "events-a.jsonl.1", 0, text, strlen(text));
	packed(f, "events-a.jsonl.1.gz", text, 40); /* it is just being made */
	absorb_all(f, 0);
	unlink(name_of(f, "events-a.jsonl.1.gz"));
	packed(f, "events-a.jsonl.1.gz", text, SIZE_MAX);
	absorb_all(f, 0);
	holds(f, 60, 0, "");
	unlink(name_of(f, "events-a.jsonl.1"));
	absorb_all(f, 0);
	holds(f, 60, 0, "");
	/* Of a copy that was made before its last line was written. */
	points(f, "events-b.jsonl", 60, 70);
	packed(f, "events-b.jsonl.1.gz", lines(f, 60, 69), SIZE_MAX);
	absorb_all(f, 0);
	absorb_all_anew(f, ABSORB_FINAL);
	holds(f, 70, 0, "");
}

static void date_it(struct store_place *f, const char *name, int n)
{
	struct timespec times[2] = {{1800000000 + n, 0}, {1800000000 + n, 0}};

	assert_int_equal(utimensat(AT_FDCWD, name_of(f, name), times, 0), 0);
}

/* Long ones, in the order in which they were put aside; by a program that remembers, and by one that does not. */
static void long_ones_in_order(void **at)
{
	enum { EACH = 120000 };
	struct store_place *f = *at;

	packed(f, "events-a.jsonl.3.gz", lines(f, 0, EACH / 2), SIZE_MAX);
	packed(f, "events-a.jsonl.3.gz", lines(f, EACH / 2, EACH), SIZE_MAX); /* two in one file */
	packed(f, "events-a.jsonl.2.zst", lines(f, EACH, 2 * EACH), SIZE_MAX);
	packed(f, "events-a.jsonl.1.gz", lines(f, 2 * EACH, 3 * EACH), SIZE_MAX);
	date_it(f, "events-a.jsonl.3.gz", 1);
	date_it(f, "events-a.jsonl.2.zst", 2);
	date_it(f, "events-a.jsonl.1.gz", 3);
	points(f, "events-a.jsonl", 3 * EACH, 3 * EACH + 5);
	must(f, store_events_absorb(f->store, f->run, f->events, 0, &f->got, &f->err));
	assert_true(f->got.more);
	must(f, absorb_once(f->store, f->run, f->live, 0, &f->got, &f->err));
	absorb_all(f, 0);
	holds(f, 3 * EACH + 5, 0, "");
	absorb_all_anew(f, ABSORB_FINAL);
	holds(f, 3 * EACH + 5, 0, "");
}

static void broken_ones(void **at)
{
	struct store_place *f = *at;
	void *bytes;
	size_t len;

	/* Not said while it may still be written; its whole lines count, the rest is kept. */
	packed(f, "events-a.jsonl.1.gz", lines(f, 0, 400), 700);
	absorb_all(f, 0);
	holds(f, 0, 0, "");
	absorb_all(f, ABSORB_FINAL);
	{
		struct series s;
		struct bad_line *bad;
		size_t bads;

		must(f, store_series_find(f->store, f->run, SERIES_METRIC, "a", NULL, f->mem, &s, &f->err));
		assert_true(s.count > 50 && s.count < 400);
		holds(f, (size_t)s.count, 1, "it ends in the middle");
		must(f, store_bad_lines(f->store, f->run, f->mem, &bad, &bads, &f->err));
		assert_string_equal(bad->file, "events-a.jsonl.1.gz");
		assert_true(strncmp(bad->text, lines(f, (int)s.count, 400), strlen(bad->text)) == 0);
		absorb_all_anew(f, ABSORB_FINAL);
		holds(f, (size_t)s.count, 1, "it ends in the middle");
	}
	put(f, "events-b.jsonl.1.gz", 0, "{\"progress\":0.5}\n", 17);
	absorb_all_anew(f, ABSORB_FINAL);
	put(f, "events-c.jsonl.1.zst", 0, "{\"progress\":0.5}\n", 17);
	absorb_all_anew(f, ABSORB_FINAL);
	put(f, "events-d.jsonl.1.gz", 0, "", 0);
	absorb_all_anew(f, ABSORB_FINAL);
	/* All of it, but a check sum that is another; then something behind it; then padding, which is none. */
	len = gzip(f, "{\"progress\":0.25}\n", 18, &bytes);
	((char *)bytes)[len - 6] ^= 1;
	put(f, "events-e.jsonl.1.gz", 0, bytes, len);
	absorb_all_anew(f, ABSORB_FINAL);
	((char *)bytes)[len - 6] ^= 1;
	put(f, "events-f.jsonl.1.gz", 0, bytes, len);
	put(f, "events-f.jsonl.1.gz", O_APPEND, "\0\0x", 3);
	absorb_all_anew(f, ABSORB_FINAL);
	put(f, "events-g.jsonl.1.gz", 0, bytes, len);
	put(f, "events-g.jsonl.1.gz", O_APPEND, "\0\0\0", 3);
	for (int i = 0; i < 2; i++)
		absorb_all_anew(f, ABSORB_FINAL);
	{
		static const char *const why[] = {"it ends in the middle",
		                                  "not compressed as its name says",
		                                  "not compressed as its name says",
		                                  "it is empty",
		                                  "it is damaged",
		                                  "something else stands behind"};
		struct bad_line *bad;
		size_t bads;

		must(f, store_bad_lines(f->store, f->run, f->mem, &bad, &bads, &f->err));
		assert_int_equal(bads, COUNT_OF(why));
		for (size_t i = 0; i < bads; i++)
			if (!strstr(bad[i].why, why[i]))
				fail_msg("\"%s\" does not say \"%s\"", bad[i].why, why[i]);
	}
}

/* Little that unpacks to much takes no memory. */
static void a_bomb(void **at)
{
	enum { MIB = 192 };
	struct store_place *f = *at;
	struct rusage before, after;
	char *zeros = xcalloc(1, 1 << 20);
	gzFile z = gzopen(name_of(f, "events-a.jsonl.1.gz"), "wb9");

	assert_non_null(z);
	for (int i = 0; i < MIB; i++)
		assert_int_equal(gzwrite(z, zeros, 1 << 20), 1 << 20);
	gzputs(z, lines(f, 0, 3));
	assert_int_equal(gzclose(z), Z_OK);
	free(zeros);
	getrusage(RUSAGE_SELF, &before);
	absorb_all(f, 0);
	getrusage(RUSAGE_SELF, &after);
	holds(f, 3, 0, "");
	assert_true(after.ru_maxrss - before.ru_maxrss < 64 << 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(after_it_was_absorbed, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(beside_the_original, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(long_ones_in_order, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(broken_ones, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(a_bomb, store_place_report, store_place_end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
