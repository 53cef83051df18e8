/* Event files that are renamed, copied and cut short, replaced and removed, and ten thousand of them. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/store_fixture.h"
#include "../lib/store_place.h"

static char *name_of(struct store_place *f, const char *name)
{
	return arena_printf(f->mem, "%s/%s", f->live, name);
}

static void put(struct store_place *f, const char *name, int flags, const char *text)
{
	int fd = open(name_of(f, name), O_WRONLY | O_CREAT | flags, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, text, strlen(text)), 0);
	close(fd);
}

static void point(struct store_place *f, const char *name, int n)
{
	put(f, name, O_APPEND, arena_printf(f->mem, "{\"metric\":\"a\",\"value\":%d,\"step\":%d}\n", n, n));
}

static void move(struct store_place *f, const char *from, const char *to)
{
	assert_int_equal(rename(name_of(f, from), name_of(f, to)), 0);
}

static void copy(struct store_place *f, const char *from, const char *to, size_t limit)
{
	struct str text;

	str_init(&text);
	must(f, file_read(name_of(f, from), &text, 0, &f->err));
	if (text.len > limit)
		str_cut(&text, limit);
	put(f, to, O_TRUNC, text.data);
	str_release(&text);
}

/* Points 0 to count - 1 in this order, and so many bad lines. */
static void holds(struct store_place *f, size_t count, size_t bad_wanted)
{
	struct series series;
	struct point *points;
	struct bad_line *bad;
	size_t n, bads;

	must(f, store_series_find(f->store, f->run, SERIES_METRIC, "a", NULL, f->mem, &series, &f->err));
	must(f, store_series_points(f->store, series.id, 0, 0, f->mem, &points, &n, &f->err));
	for (size_t i = 0; i < n; i++)
		if (points[i].step != (int64_t)i)
			fail_msg("point %zu is of step %lld", i, (long long)points[i].step);
	assert_int_equal(n, count);
	must(f, store_bad_lines(f->store, f->run, f->mem, &bad, &bads, &f->err));
	if (bads != bad_wanted)
		fail_msg("%zu bad lines, not %zu: %s", bads, bad_wanted, bads ? bad[0].why : "");
}

static void renamed(void **at)
{
	struct store_place *f = *at;

	point(f, "events-a.jsonl", 0);
	absorb_all(f, 0);
	point(f, "events-a.jsonl", 1); /* not absorbed before it is put aside */
	move(f, "events-a.jsonl", "events-a.jsonl.1");
	point(f, "events-a.jsonl", 3);
	point(f, "events-a.jsonl.1", 2); /* the writer has not noticed yet */
	absorb_all(f, 0);
	holds(f, 4, 0);
	/* Twice between two looks; the old one is never named as it was seen. */
	point(f, "events-a.jsonl", 4);
	move(f, "events-a.jsonl.1", "events-a.jsonl.2");
	move(f, "events-a.jsonl", "events-a.jsonl.1");
	point(f, "events-a.jsonl", 5);
	move(f, "events-a.jsonl.1", "events-a.jsonl-20261127");
	usleep(30000); /* times of files are told in ticks */
	move(f, "events-a.jsonl", "events-a.jsonl.1");
	point(f, "events-a.jsonl", 6);
	absorb_all_anew(f, 0);
	holds(f, 7, 0);
	absorb_all(f, ABSORB_FINAL);
	holds(f, 7, 0);
}

static void copied_and_cut(void **at)
{
	struct store_place *f = *at;
	const char *name = "events-a.jsonl", *aside = "events-a.jsonl.1";

	for (int i = 0; i < 20; i++)
		point(f, name, i);
	absorb_all(f, 0);
	point(f, name, 20);
	/* Half a copy, then a whole one: nothing of it is new. */
	copy(f, name, aside, 100);
	absorb_all(f, 0);
	holds(f, 21, 0);
	point(f, name, 21);
	copy(f, name, aside, SIZE_MAX);
	absorb_all(f, 0);
	absorb_all_anew(f, ABSORB_FINAL);
	holds(f, 22, 0);
	/* What was written before the copy and not read is in the copy. */
	point(f, name, 22);
	copy(f, name, aside, SIZE_MAX);
	assert_int_equal(truncate(name_of(f, name), 0), 0);
	point(f, name, 23);
	absorb_all(f, 0);
	holds(f, 24, 0);
	move(f, aside, "events-a.jsonl.2");
	point(f, name, 24);
	copy(f, name, aside, SIZE_MAX);
	assert_int_equal(truncate(name_of(f, name), 0), 0);
	absorb_all_anew(f, 0);
	point(f, name, 25);
	absorb_all(f, ABSORB_FINAL);
	holds(f, 26, 0);
}

/* A writer that keeps its place leaves a hole. */
static void cut_under_its_writer(void **at)
{
	struct store_place *f = *at;
	int fd = open(name_of(f, "events-a.jsonl"), O_WRONLY | O_CREAT, 0600);

	for (int i = 0; i < 3; i++)
		assert_true(dprintf(fd, "{\"metric\":\"a\",\"value\":1,\"step\":%d}\n", i) > 0);
	absorb_all(f, 0);
	assert_true(lseek(fd, 3 << 20, SEEK_SET) > 0);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_true(dprintf(fd, "{\"metric\":\"a\",\"value\":1,\"step\":3}\n") > 0);
	close(fd);
	absorb_all(f, 0);
	holds(f, 4, 1);
}

/* A new file that begins as the one before it did is no copy of it. */
static void alike(void **at)
{
	struct store_place *f = *at;
	const char *head =
	    "{\"param\":\"a long name of a parameter that is said at every beginning\",\"value\":\"and its "
	    "value, so that the first hundred and twenty-eight bytes of two files are the same\"}\n";

	put(f, "events-a.jsonl", 0, head);
	for (int i = 0; i < 30; i++)
		point(f, "events-a.jsonl", i);
	absorb_all(f, 0);
	move(f, "events-a.jsonl", "events-a.jsonl.1");
	put(f, "events-a.jsonl", 0, head);
	point(f, "events-a.jsonl", 30);
	absorb_all(f, 0);
	holds(f, 31, 0);
	move(f, "events-a.jsonl.1", "events-a.jsonl.2");
	move(f, "events-a.jsonl", "events-a.jsonl.1");
	put(f, "events-a.jsonl", 0, head);
	point(f, "events-a.jsonl", 31);
	move(f, "events-a.jsonl", "events-a.jsonl.0"); /* never seen under its first name */
	put(f, "events-a.jsonl", 0, head);
	point(f, "events-a.jsonl", 32);
	absorb_all_anew(f, ABSORB_FINAL);
	holds(f, 33, 0);
}

static void lost(void **at)
{
	struct store_place *f = *at;
	struct bad_line *bad;
	struct str text;
	size_t count;

	point(f, "events-a.jsonl", 0);
	absorb_all(f, 0);
	put(f, "events-a.jsonl", O_TRUNC, "{\"metric\":\"a\",\"value\":9,\"step\":1}\n");
	absorb_all(f, 0);
	holds(f, 2, 1);
	/* Replaced, and the old one nowhere. */
	put(f, "new", 0, "{\"metric\":\"a\",\"value\":9,\"step\":2,\"time\":5}\n");
	move(f, "new", "events-a.jsonl");
	absorb_all(f, 0);
	absorb_all_anew(f, 0);
	holds(f, 3, 2);
	/* Removed with more in it than one call takes. */
	str_init(&text);
	for (int i = 0; i < 100000; i++)
		str_adds(&text, "{\"metric\":\"b\",\"value\":9,\"step\":2,\"time\":5}\n");
	put(f, "events-b.jsonl", 0, text.data);
	do
		must(f, store_events_absorb(f->store, f->run, f->events, 0, &f->got, &f->err));
	while (!f->got.points); /* a new one is not seen at once where looking takes long */
	assert_true(f->got.more);
	assert_int_equal(unlink(name_of(f, "events-b.jsonl")), 0);
	absorb_all(f, 0);
	must(f, store_bad_lines(f->store, f->run, f->mem, &bad, &count, &f->err));
	assert_int_equal(count, 3);
	assert_non_null(strstr(bad[2].why, "removed before its last"));
	assert_string_equal(bad[2].file, "events-b.jsonl");
	/* All of it read: nothing to be said. */
	point(f, "events-c.jsonl", 3);
	do
		absorb_all(f, 0);
	while (!f->got.points);
	assert_int_equal(unlink(name_of(f, "events-c.jsonl")), 0);
	absorb_all(f, 0);
	holds(f, 4, 3);
	str_release(&text);
}

static uint64_t state;

static int draw(int below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (int)(state % (uint64_t)below);
}

/* Files of the same tick of the clock could come in any order. */
static void date_it(const char *path, int n)
{
	struct timespec t[2] = {{1000000000 + n, 0}, {1000000000 + n, 0}};

	assert_int_equal(utimensat(AT_FDCWD, path, t, 0), 0);
}

/* More that were put aside than one call takes: in the order of their times, whatever they are called. */
static void many_put_aside(void **at)
{
	enum { FILES = 700, STRIDE = 257 }; /* without a common factor */
	struct store_place *f = *at;

	for (int i = 0; i < FILES; i++) {
		const char *aside = arena_printf(f->mem, "events-a.jsonl.%d", i * STRIDE % FILES);

		point(f, aside, i);
		date_it(name_of(f, aside), i);
	}
	point(f, "events-a.jsonl", FILES);
	absorb_all(f, 0);
	holds(f, FILES + 1, 0);
}

/* Any order of writing (also pieces of lines), looking (with and without a memory) and rotating in both ways. */
static void interleaved(void **at)
{
	struct store_place *f = *at;
	const char *asked = getenv("SEED");
	int64_t seed = 1;
	int next = 0, generation = 0;
	char line[80] = "";
	bool half_copy = false;

	if (asked)
		int_parse(asked, strlen(asked), &seed);
	state = (uint64_t)seed * 0x9E3779B97F4A7C15u;
	for (int i = 0; i < 3000; i++) {
		const char *aside = arena_printf(f->mem, "events-a.jsonl.%d", generation);

		switch (draw(12)) {
		case 0:
			if (line[0] || half_copy || !file_exists(name_of(f, "events-a.jsonl")))
				break;
			move(f, "events-a.jsonl", aside);
			date_it(name_of(f, aside), generation++);
			break;
		case 1: /* copied, whole or in part as yet */
			if (!file_exists(name_of(f, "events-a.jsonl")))
				break;
			copy(f, "events-a.jsonl", aside, draw(2) ? SIZE_MAX : (size_t)draw(2000));
			half_copy = true;
			if (draw(2))
				break;
			copy(f, "events-a.jsonl", aside, SIZE_MAX);
			if (draw(2))
				absorb_all(f, 0);
			assert_int_equal(truncate(name_of(f, "events-a.jsonl"), 0), 0);
			/* The first half of a line is in the copy, where its other half will never be. */
			if (line[0]) {
				put(f, aside, O_APPEND, line);
				next++;
				line[0] = 0;
			}
			half_copy = false;
			date_it(name_of(f, aside), generation++);
			break;
		case 2:
			absorb_all_anew(f, 0);
			break;
		case 3:
		case 4:
			absorb_all(f, 0);
			break;
		case 5: { /* a piece of a line */
			char text[80];
			int len = snprintf(text, sizeof(text), "{\"metric\":\"a\",\"value\":1,\"step\":%d}\n", next);
			int cut = 1 + draw(len - 1);

			if (line[0])
				break;
			snprintf(line, sizeof(line), "%s", text + cut);
			text[cut] = 0;
			put(f, "events-a.jsonl", O_APPEND, text);
			break;
		}
		default:
			if (line[0]) {
				put(f, "events-a.jsonl", O_APPEND, line);
				line[0] = 0;
				next++;
			} else {
				for (int k = draw(20); k >= 0; k--)
					point(f, "events-a.jsonl", next++);
			}
		}
	}
	if (line[0]) {
		put(f, "events-a.jsonl", O_APPEND, line);
		next++;
	}
	absorb_all(f, 0);
	absorb_all_anew(f, ABSORB_FINAL);
	holds(f, (size_t)next, 0);
	assert_true(generation > 50);
}

/* Ten thousand files, of which a few grow. */
static void many(void **at)
{
	enum { FILES = 10000 };
	struct store_place *f = *at;
	struct series series;
	int64_t start, offset;
	int calls = 0;

	for (int i = 0; i < FILES; i++) {
		int fd = open(name_of(f, arena_printf(f->mem, "events-%d.jsonl", i)), O_WRONLY | O_CREAT, 0600);

		assert_true(fd >= 0);
		assert_true(dprintf(fd, "{\"metric\":\"m\",\"value\":%d,\"step\":0}\n", i) > 0);
		close(fd);
	}
	start = time_mono_ms();
	absorb_all(f, 0);
	print_message("# %d files absorbed for the first time in %lld ms\n", FILES,
	              (long long)(time_mono_ms() - start));
	must(f, store_series_find(f->store, f->run, SERIES_METRIC, "m", NULL, f->mem, &series, &f->err));
	assert_int_equal(series.count, FILES);
	start = time_mono_ms();
	for (int round = 0; round < 100; round++) {
		point(f, "events-17.jsonl", round);
		absorb_all(f, 0);
		assert_int_equal(f->got.points, 1);
	}
	print_message("# a look at %d, of which one has grown: %.2f ms\n", FILES,
	              (double)(time_mono_ms() - start) / 100);
	holds(f, 100, 0);
	must(f, store_events_offset(f->store, f->run, "events-17.jsonl", &offset, &f->err));
	assert_true(offset > 100);
	do {
		must(f, store_events_absorb(f->store, f->run, f->events, ABSORB_FINAL, &f->got, &f->err));
		calls++;
	} while (f->got.more);
	assert_true(calls < 5);
	must(f, store_events_forget(f->store, f->run, &f->err));
	must(f, store_events_offset(f->store, f->run, "events-17.jsonl", &offset, &f->err));
	assert_int_equal(offset, 0);
}

/* One that has much does not keep the others waiting. */
static void fair(void **at)
{
	struct store_place *f = *at;
	struct series series;
	struct str text;

	str_init(&text);
	for (int i = 0; i < 200000; i++)
		str_adds(&text, "{\"metric\":\"big\",\"value\":1,\"step\":1}\n");
	put(f, "events-big.jsonl", 0, text.data);
	for (int i = 0; i < 63; i++)
		put(f, arena_printf(f->mem, "events-%d.jsonl", i), 0, "{\"metric\":\"small\",\"value\":1}\n");
	must(f, store_events_absorb(f->store, f->run, f->events, 0, &f->got, &f->err));
	assert_true(f->got.more);
	must(f, store_series_find(f->store, f->run, SERIES_METRIC, "small", NULL, f->mem, &series, &f->err));
	assert_int_equal(series.count, 63);
	for (int calls = 0; f->got.more; calls++) {
		point(f, "events-5.jsonl", calls);
		must(f, store_events_absorb(f->store, f->run, f->events, 0, &f->got, &f->err));
		holds(f, (size_t)calls + 1, 0);
	}
	must(f, store_series_find(f->store, f->run, SERIES_METRIC, "big", NULL, f->mem, &series, &f->err));
	assert_int_equal(series.count, 200000);
	str_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(renamed, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(copied_and_cut, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(cut_under_its_writer, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(alike, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(lost, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(many_put_aside, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(interleaved, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(many, store_place_report, store_place_end),
	    cmocka_unit_test_setup_teardown(fair, store_place_report, store_place_end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
