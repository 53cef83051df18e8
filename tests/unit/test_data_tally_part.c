/* Parts as text and back, whatever the text is; and files that are summed up where they do not fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/data_tally.h"
#include "../../src/data/tally.h"
#include "../lib/tally_rows.h"
#include "../lib/trials.h"

/* ---- text ---- */

static void test_round(void **state)
{
	struct error err;

	(void)state;
	for (enum stats_weights kind = STATS_ONE_EACH; kind <= STATS_SAMPLING; kind++)
		for (int little = 0; little < 2; little++) {
			struct profile_options how = little ? TALLY_LITTLE : TALLY_MUCH;
			struct rows r;
			struct str text, again;
			struct tally *t, *back;

			how.weights = kind;
			tally_make_rows(&r, 41);
			t = tally_of(tally_cut(&r, 0, ROWS, "all.csv"), &how);
			tally_written(t, &text);
			back = tally_parse("part", text.data, text.len, &err);
			if (!back)
				fail_msg("%s", err.text);
			tally_written(back, &again);
			assert_string_equal(again.data, text.data);
			/* And it goes on as what it was. */
			assert_int_equal(tally_merge(back, t, &err), 0);
			assert_int_equal(tally_merge(t, back, &err), 0);
			assert_int_equal(back->rows * 3, t->rows * 2);
			tally_free(t);
			tally_free(back);
			str_release(&text);
			str_release(&again);
			str_release(&r.text);
		}
}

static void test_bytes(void **state)
{
	struct tally *t = tally_of_text("n\xc3\xa4me,\xff\xfe\nA\xff,1\n\xc3,2\n", "encoding", "utf-8"), *back;
	struct str text;
	struct error err;

	(void)state;
	tally_written(t, &text);
	back = tally_parse("part", text.data, text.len, &err);
	if (!back)
		fail_msg("%s", err.text);
	assert_string_equal(back->columns[1].name, "\xff\xfe");
	tally_same(tally_said(back), tally_said(t), "bytes");
	str_release(&text);
}

static void bad_part(const char *text, size_t len, const char *why)
{
	struct error err;
	struct tally *t = tally_parse("some.part", text, len, &err);

	if (t)
		fail_msg("it was taken: %s", why);
	assert_int_equal(err.code, ERR_USAGE);
	if (strncmp(err.text, "some.part", 9) != 0 || !strstr(err.text, why))
		fail_msg("\"%s\" is not of some.part or says nothing of: %s", err.text, why);
}

/* What is damaged is refused with its line, or is a part of some other data: it is never the end of the program. */
static void test_hostile(void **state)
{
	struct rows r;
	struct tally *t;
	struct str text, damaged;
	struct rng g;
	unsigned trials = trials_here(20000), taken = 0;

	(void)state;
	bad_part("", 0, "empty");
	bad_part("{}\n", 3, "line 1: this is no part");
	bad_part("[1]\n", 4, "line 1");
	bad_part("{\"assay\":\"part\",\"version\":9}\n", 29, "another version");
	tally_make_rows(&r, 51);
	t = tally_of(tally_cut(&r, 0, 12, "all.csv"), &TALLY_LITTLE);
	tally_written(t, &text);
	tally_free(t);
	bad_part(text.data, text.len - 1, "cut off");
	bad_part(text.data, (size_t)(strchr(text.data, '\n') - text.data) + 1, "cut off");
	str_init(&damaged);
	str_add(&damaged, text.data, text.len);
	str_adds(&damaged, "{}\n");
	bad_part(damaged.data, damaged.len, "more lines than columns");
	bad_part(text.data, text.len - TALLY_SEAL, "its last line is missing");
	/* Any other bit: numbers among them, which would be as good as the true ones. */
	for (size_t at = 0; at < text.len; at++) {
		str_clear(&damaged);
		str_add(&damaged, text.data, text.len);
		damaged.data[at] ^= (char)(1 << at % 7);
		bad_part(damaged.data, damaged.len, "");
	}
	/* And where the last line goes with it. */
	rng_init(&g, 9, 9);
	for (unsigned i = 0; i < trials; i++) {
		struct error err;

		str_clear(&damaged);
		str_add(&damaged, text.data, text.len - TALLY_SEAL);
		for (uint64_t k = rng_below(&g, 3); k < 3; k++) {
			size_t at = (size_t)rng_below(&g, damaged.len);

			damaged.data[at] =
			    rng_below(&g, 4) ? text.data[rng_below(&g, text.len)] : (char)rng_below(&g, 256);
		}
		tally_seal(&damaged, 0);
		t = tally_parse("damaged", damaged.data, damaged.len, &err);
		if (!t)
			continue;
		taken++;
		free(tally_said(t));
	}
	assert_true(taken < trials);
	str_release(&damaged);
	str_release(&text);
	str_release(&r.text);
}

/* ---- files ---- */

/* A table as long as it fits; then the tally takes over what is there. */
static void test_taken_over(void **state)
{
	struct rows r;
	const char *path;
	struct reading reading;
	struct error err;
	size_t tallies = 0;

	(void)state;
	tally_make_rows(&r, 61);
	reading_init(&reading);
	path = tally_cut(&r, 0, ROWS, "all.csv");
	for (uint64_t memory = 2000; memory < 1 << 22; memory *= 2) {
		struct table about;
		struct tally *t;
		struct profile_options how = {.threads = 2, .memory = 1 << 26};

		if (tally_read(&t, &about, &path, 1, &reading, &how, memory, true, &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(about.row_count, ROWS);
		assert_int_equal(about.files[0].rows, ROWS);
		assert_int_equal(about.columns[2].values == NULL && about.columns[2].packed == NULL, t != NULL);
		tallies += t != NULL;
		if (t && t->room > ROWS)
			tally_same(tally_said(t), tally_said(tally_of(path, &how)), "taken over");
		else
			tally_free(t);
		table_release(&about);
	}
	assert_true(tallies > 0);
	reading_release(&reading);
	str_release(&r.text);
}

/* A column that turns out to be another thing when much was summed up already; bytes that are no UTF-8. */
static void test_again(void **state)
{
	static const char *const last[] = {"4,x\n", "4,2026-01-01\n", "4,007\n", "4,caf\xe9\n", "4,2.5\n"};

	(void)state;
	for (size_t k = 0; k < COUNT_OF(last); k++) {
		struct str text;
		const char *path;

		str_init(&text);
		str_adds(&text, "a,b\n");
		for (int i = 0; i < 3000; i++)
			str_addf(&text, "%d,%s\n", i % 7, k == 1 ? "" : i % 3 ? "12" : "3");
		str_adds(&text, last[k]);
		path = tally_file("text.csv", text.data, text.len);
		tally_same(tally_said(tally_of(path, &TALLY_LITTLE)), tally_table_says(path, &TALLY_LITTLE), last[k]);
		str_release(&text);
	}
}

static void refuses(const char *text, const char *const options[], const char *why)
{
	const char *path = tally_file("text.csv", text, strlen(text));
	struct reading r;
	struct table about;
	struct profile p;
	struct error err;
	struct profile_options how = TALLY_MUCH;

	reading_init(&r);
	for (; options[0]; options += 2)
		if (!strcmp(options[0], "weights"))
			how.weights = (enum stats_weights)(options[1][0] - '0');
		else if (reading_set(&r, options[0], options[1], &err) < 0)
			fail_msg("%s", err.text);
	if (profile_files(&p, &about, &path, 1, &r, &how, &err) == 0)
		fail_msg("it was taken: %s", why);
	assert_int_equal(err.code, ERR_USAGE);
	if (!strstr(err.text, why))
		fail_msg("\"%s\" says nothing of %s", err.text, why);
	reading_release(&r);
}

static void test_roles(void **state)
{
	(void)state;
	refuses("a,w\n1,1\n2,-1\n", (const char *const[]){"weight", "w", NULL}, "row 2 is negative");
	refuses("a,w\n1,1\n2,NA\n", (const char *const[]){"weight", "w", "weights", "2", NULL},
	        "row 2 is missing");
	refuses("a,w\n1,1\n2,1.5\n", (const char *const[]){"weight", "w", "weights", "1", NULL},
	        "row 2 is no whole");
	refuses("a,w\n1,1\n2,x\n", (const char *const[]){"weight", "w", "weights", "1", NULL},
	        "does not hold numbers");
	refuses("a,w\n1,yes\n2,no\n", (const char *const[]){"weight", "w", "weights", "1", NULL},
	        "does not hold numbers");
	refuses("a,w\n1,1\n", (const char *const[]){"weights", "1", NULL}, "--weight");
	refuses("a,y\n1,u\n2,v\n", (const char *const[]){"label", "y", "positive", "w", NULL},
	        "'w' never occurs");
	refuses("a,y\n1,0\n2,1\n", (const char *const[]){"label", "y", "positive", "7", NULL},
	        "'7' never occurs");
	refuses("a,y\n1,0\n2,x\n", (const char *const[]){"time", "y", NULL}, "is the time");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round),      cmocka_unit_test(test_bytes), cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_taken_over), cmocka_unit_test(test_again), cmocka_unit_test(test_roles),
	};

	return cmocka_run_group_tests(tests, tally_folder, tally_folder_end);
}
