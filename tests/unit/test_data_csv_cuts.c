/* CSV: slices, threads and the fast lane change nothing of what libcsv reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/csv_dump.h"
#include "../lib/trials.h"

static uint64_t stream;

static unsigned pick(unsigned n)
{
	return csv_pick(&stream, n);
}

/* Records that mostly hold together, with quotes and line ends in all sorts of places. */
static void torture(struct str *out)
{
	static const char *const pieces[] = {
	    "1",   "23", "-4.5", "x",    "yes",        "\"q\"", "\"a\"\"b\"", "\"l\nm\"", "\"l\r\nm,n\"",
	    " z ", "",   "?",    "\"\"", "2026-01-01", "#",     "."};
	unsigned columns = 1 + pick(3), rows = 1 + pick(30), damage = pick(3);

	str_clear(out);
	for (unsigned i = 0; i < rows; i++) {
		for (unsigned k = 0; k < columns; k++) {
			if (k)
				str_addc(out, ',');
			str_adds(out, pieces[pick(COUNT_OF(pieces))]);
		}
		str_adds(out, pick(8) == 0 ? "\r\n" : pick(60) == 0 ? "\r" : "\n");
	}
	for (; damage > 1 && out->len; damage--)
		out->data[pick((unsigned)out->len)] = "\"\n\r, \tx0|"[pick(9)];
}

static void test_cuts(void **state)
{
	const char *const *const options[] = {NULL,
	                                      OPTIONS("no-header"),
	                                      OPTIONS("no-header", "trim"),
	                                      OPTIONS("delimiter=space", "no-header"),
	                                      OPTIONS("comment=#"),
	                                      OPTIONS("quote=none")};
	struct str text, whole, part;
	unsigned trials = trials_here(3000), read = 0;

	(void)state;
	str_init(&text);
	str_init(&whole);
	str_init(&part);
	stream = 7;
	for (unsigned trial = 0; trial < trials; trial++) {
		const char *const *o = options[pick(COUNT_OF(options))];
		struct table_options reference = {.threads = 1, .libcsv_only = true};
		struct table_options lane = {.threads = 1, .level = csv_level(&stream)};
		struct table_options sliced = {.threads = 1 + (int)pick(2),
		                               .slice = 1 + pick(60),
		                               .libcsv_only = pick(2) == 0,
		                               .level = csv_level(&stream)};

		torture(&text);
		csv_dump(text.data, text.len, o, &reference, &whole);
		read += strncmp(whole.data, "error", 5) != 0;
		csv_dump(text.data, text.len, o, &lane, &part);
		if (strcmp(whole.data, part.data) != 0)
			fail_msg("the lane differs on <<%s>>: <<%s>> and <<%s>>", text.data, whole.data, part.data);
		csv_dump(text.data, text.len, o, &sliced, &part);
		if (strcmp(whole.data, part.data) != 0)
			fail_msg("slices of %zu differ on <<%s>>: <<%s>> and <<%s>>", sliced.slice, text.data, whole.data,
			         part.data);
	}
	/* The trial has teeth only if many of them can be read. */
	assert_true(read > trials / 5 && read < trials);
	str_release(&text);
	str_release(&whole);
	str_release(&part);
}

/* Files of many windows of the lane, with lines longer than one. */
static void test_windows(void **state)
{
	struct str text, whole, lane;

	(void)state;
	str_init(&text);
	str_init(&whole);
	str_init(&lane);
	stream = 11;
	for (int trial = 0; trial < 12; trial++) {
		struct table_options reference = {.threads = 1, .libcsv_only = true};
		struct table_options how = {.threads = 1, .level = csv_level(&stream)};

		str_clear(&text);
		str_adds(&text, "a,b\n");
		while (text.len < 200000) {
			unsigned long_one = pick(100) == 0 ? pick(90000) : pick(90);

			str_addf(&text, "%u,%s", pick(1000), pick(3) == 0 ? "\"" : "");
			if (text.data[text.len - 1] == '"') {
				for (unsigned i = 0; i < long_one; i++)
					str_adds(&text, pick(20) == 0 ? "\"\"" : pick(2000) == 0 ? "\n" : ",");
				str_addc(&text, '"');
			} else {
				for (unsigned i = 0; i < long_one; i++)
					str_addc(&text, 'x');
			}
			str_adds(&text, pick(50) == 0 ? "\r\n" : "\n");
		}
		csv_dump(text.data, text.len, NULL, &reference, &whole);
		csv_dump(text.data, text.len, NULL, &how, &lane);
		assert_true(strncmp(whole.data, "error", 5) != 0);
		if (strcmp(whole.data, lane.data) != 0)
			fail_msg("the lane differs in trial %d", trial);
	}
	str_release(&text);
	str_release(&whole);
	str_release(&lane);
}

/* Bytes that are no UTF-8 are found wherever slices are cut: here behind the sample that is looked at first, and
 * within quotes that a slice broke off in. */
static void test_bytes_behind_a_cut(void **state)
{
	enum { SAMPLE = 300000 };
	struct str text, whole, part;

	(void)state;
	str_init(&text);
	str_init(&whole);
	str_init(&part);
	str_adds(&text, "a,b\n");
	while (text.len < SAMPLE)
		str_adds(&text, "1,two\n");
	str_adds(&text, "2,\"");
	for (int i = 0; i < 500; i++)
		str_adds(&text, "in quotes\n");
	str_adds(&text, "caf\xE9\"\n3,four\n");
	csv_dump(text.data, text.len, NULL, &(struct table_options){.threads = 1}, &whole);
	assert_non_null(strstr(whole.data, "caf\xC3\xA9"));
	csv_dump(text.data, text.len, NULL, &(struct table_options){.threads = 1, .slice = 1000}, &part);
	assert_string_equal(whole.data, part.data);
	str_release(&text);
	str_release(&whole);
	str_release(&part);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cuts), cmocka_unit_test(test_windows),
	                                   cmocka_unit_test(test_bytes_behind_a_cut)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
