/* Rows in groups: that each group's expression gives exactly its rows, whatever stands in names and values; ranges,
 * periods of the calendar, files. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../lib/splits.h"

static void read_text(struct table *t, const char *text, const char *type)
{
	struct reading r;
	struct error err;

	reading_init(&r);
	if ((type && reading_set(&r, "type", type, &err) < 0) ||
	    table_read_bytes(t, "in", text, strlen(text), &r, NULL, &err) < 0)
		fail_msg("%s", err.text);
	reading_release(&r);
}

/* ---- rows of a group ---- */

/* Each group's expression gives as many rows as it has, its first one first, and none that is in another group. */
static void expressions_give_rows(const struct table *t, const char *by, size_t groups)
{
	struct split_by g;
	struct error err;
	uint8_t *keep = xmalloc(t->row_count + 1);
	uint64_t all = 0;

	if (split_by_init(&g, t, table_need(t, by, &err), groups, STATS_ONE_EACH, NULL, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t k = 0; k < g.group_count; k++) {
		const struct split_group *one = &g.groups[k];
		size_t matched;

		all += one->rows;
		if (!one->where) {
			assert_true(strncmp(one->name, "other (", 7) == 0);
			continue;
		}
		if (table_where(t, one->where, keep, &matched, NULL, &err) < 0)
			fail_msg("%s: %s", one->where, err.text);
		assert_int_equal(matched, one->rows);
		for (size_t i = 0; i < t->row_count; i++)
			if (keep[i] != (g.group_of[i] == k))
				fail_msg("%s: row %zu", one->where, i);
		if (matched)
			assert_true(keep[one->first_row] && memchr(keep, 1, t->row_count) == keep + one->first_row);
	}
	assert_int_equal(all, t->row_count);
	split_by_release(&g);
	free(keep);
}

static void wheres(void **state)
{
	struct str text;
	struct rng g;
	struct table t;

	(void)state;
	rng_init(&g, 3, 0);
	str_init(&text);
	str_adds(&text, "\"it's \"\"this\"\", or\",few,many,real,huge,flag,when,cat 2\n");
	for (int i = 0; i < 3000; i++) {
		static const char *const odd[] = {
		    "\"O'Brien\"",        "\"''\"",  "\"a \"\"b\"\"\"", "%",   "_",
		    "\"x' OR 'a' = 'a\"", "missing", "\"a, b\"",        "007", "\xc3\xa9",
		    "other (2 values)",   ""};
		static const char *const infinite[] = {"inf", "-inf", ""};
		char when[TIME_TEXT];

		str_addf(&text, "%s,", odd[rng_below(&g, COUNT_OF(odd))]);
		str_addf(&text, i % 9 ? "%d," : ",", (int)rng_below(&g, 5) - 2);
		str_addf(&text, i % 7 ? "%d," : ",", (int)rng_below(&g, 900) - 300);
		if (i % 100 < 3)
			str_addf(&text, "%s,", infinite[i % 100]);
		else
			str_addf(&text, "%.15g,", rng_normal(&g) * 1e-3);
		str_addf(&text, "%.17g,", exp(rng_normal(&g) * 200));
		str_addf(&text, "%s,", i % 5 ? i % 2 ? "yes" : "no" : "");
		time_rfc3339(INT64_C(1761955200123) + (int64_t)rng_below(&g, 86400000) * 90, when);
		str_addf(&text, "%s,", i % 11 ? when : "");
		str_addf(&text, "v%d\n", (int)rng_below(&g, 60));
	}
	read_text(&t, text.data, NULL);
	assert_int_equal(t.columns[0].type, COLUMN_CAT);
	assert_int_equal(t.columns[1].type, COLUMN_INT);
	assert_int_equal(t.columns[3].type, COLUMN_NUM);
	assert_int_equal(t.columns[5].type, COLUMN_BOOL);
	assert_int_equal(t.columns[6].type, COLUMN_TIME);
	for (size_t i = 0; i < t.column_count; i++)
		for (size_t groups = 0; groups < 20; groups += 1 + groups / 2)
			expressions_give_rows(&t, t.columns[i].name, groups);
	table_release(&t);
	str_release(&text);
}

/* ---- kinds of groups ---- */

static void names_are(const struct table *t, const char *by, size_t groups, enum split_kind kind,
                      const char *const *names, size_t count)
{
	struct split_by g;
	struct error err;

	if (split_by_init(&g, t, by ? table_need(t, by, &err) : -1, groups, STATS_ONE_EACH, NULL, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(g.kind, kind);
	for (size_t i = 0; i < g.group_count && i < count; i++)
		assert_string_equal(g.groups[i].name, names[i]);
	assert_int_equal(g.group_count, count);
	split_by_release(&g);
}
#define NAMES_ARE(t, by, groups, kind, ...)                                                                  \
	names_are(t, by, groups, kind, (const char *const[]){__VA_ARGS__},                                       \
	          COUNT_OF(((const char *const[]){__VA_ARGS__})))

static void values_and_ranges(void **state)
{
	struct table t;

	(void)state;
	read_text(&t,
	          "c,b,n,m,x\nu,yes,3,1,0.5\nu,no,3,2,0.25\nv,,1,3,1e3\nw,no,2,4,inf\nw,no,2,5,\nw,no,2,6,0."
	          "001\n,no,2,7,0\nz,no,"
	          "2,8,0\n",
	          "c=cat");
	NAMES_ARE(&t, "c", 0, SPLIT_VALUES, "w", "u", "v", "z", "missing");
	NAMES_ARE(&t, "c", 3, SPLIT_VALUES, "w", "u", "other (2 values)", "missing");
	NAMES_ARE(&t, "c", 1, SPLIT_VALUES, "other (4 values)", "missing");
	NAMES_ARE(&t, "b", 0, SPLIT_VALUES, "false", "true", "missing");
	NAMES_ARE(&t, "n", 0, SPLIT_VALUES, "1", "2", "3");
	NAMES_ARE(&t, "m", 4, SPLIT_RANGES, "1 to 2", "3 to 4", "5 to 6", "7 to 8");
	NAMES_ARE(&t, "x", 0, SPLIT_VALUES, "0", "0.001", "0.25", "0.5", "1000", "inf", "missing");
	NAMES_ARE(&t, "x", 2, SPLIT_RANGES, "0 to 0.001", "0.25 to 1000", "missing");
	table_release(&t);
}

static void periods(void **state)
{
	static const struct {
		const char *from, *to, *first, *second, *last;
		size_t count;
	} cases[] = {
	    {"2026-10-05T13:59:59.999Z", "2026-10-06T02:00Z", "2026-10-05 13:00", "2026-10-05 14:00",
	     "2026-10-06 02:00", 14},
	    {"2026-10-05", "2026-11-09", "2026-10-05", "2026-10-06", "2026-11-09", 36},
	    {"2026-10-05", "2026-11-10", "2026-W41", "2026-W42", "2026-W46", 6},
	    {"2025-12-28T23:00Z", "2026-07-01", "2025-W52", "2026-W01", "2026-W27", 28},
	    {"2020-12-31", "2021-08-01", "2020-W53", "2021-W01", "2021-W30", 31},
	    {"2024-02-29", "2025-01-01", "2024-02", "2024-03", "2025-01", 12},
	    {"2021-12-31", "2026-01-01", "2021 Q4", "2022 Q1", "2026 Q1", 18},
	    {"1998-06-01", "2026-01-01", "1998", "1999", "2026", 29},
	    {"1905-06-01", "2026-01-01", "1905 to 1909", "1910 to 1914", "2025 to 2029", 25},
	    {"1969-12-28T22:00Z", "1969-12-29T03:00Z", "1969-12-28 22:00", "1969-12-28 23:00", "1969-12-29 03:00",
	     6},
	    {"0001-01-01", "9999-12-31", "0000 to 0499", "0500 to 0999", "9500 to 9999", 20},
	    {"2026-10-05", "2026-10-05", "2026-10-05", NULL, "2026-10-05", 1},
	    {"2026-10-05", "2026-10-06", "2026-10-05", "2026-10-06", "2026-10-06", 2},
	    {"2026-10-05T13:00Z", "2026-10-05T13:00Z", "2026-10-05 13:00", NULL, "2026-10-05 13:00", 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *text = xasprintf("t,v\n%s,1\n%s,2\n,3\n", cases[i].to, cases[i].from);
		struct table t;
		struct split_by g;
		struct error err;

		read_text(&t, text, "t=time");
		if (split_by_init(&g, &t, 0, 0, STATS_ONE_EACH, NULL, &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(g.kind, SPLIT_TIME);
		assert_string_equal(g.groups[0].name, cases[i].first);
		if (cases[i].second)
			assert_string_equal(g.groups[1].name, cases[i].second);
		assert_int_equal(g.compared, cases[i].count);
		assert_string_equal(g.groups[g.compared - 1].name, cases[i].last);
		assert_string_equal(g.groups[g.compared].name, "missing");
		if (cases[i].count > 2)
			assert_int_equal(g.groups[1].rows, 0);
		split_by_release(&g);
		expressions_give_rows(&t, "t", 0);
		table_release(&t);
		free(text);
	}
}

/* All at the border: the first and the last moment of each of many periods. */
static void borders_of_periods(void **state)
{
	struct str text;

	(void)state;
	str_init(&text);
	for (int step = 0; step < 5; step++) {
		struct table t;

		str_clear(&text);
		str_adds(&text, "t,v\n");
		for (int i = 0; i < 30; i++) {
			str_addf(&text, "2026-%02d-01T00:00:00.00%dZ,%d\n", i % 12 + 1, i % 2, i);
			str_addf(&text, "20%02d-12-31T23:59:59.999Z,%d\n", 24 - step * 4 + i % 3, i);
		}
		read_text(&t, text.data, "t=time");
		expressions_give_rows(&t, "t", 0);
		expressions_give_rows(&t, "t", 7);
		table_release(&t);
	}
	str_release(&text);
}

static void files(void **state)
{
	char dir[] = "/tmp/assay-split-XXXXXX";
	const char *paths[40];
	struct reading r;
	struct error err;
	struct table t;
	struct split s;

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (int i = 0; i < 40; i++) {
		FILE *f;

		paths[i] = xasprintf("%s/%02d.csv", dir, i);
		f = fopen(paths[i], "w");
		assert_non_null(f);
		fprintf(f, "v,c\n%d,a\n%d,\n", i, i + 1);
		fclose(f);
	}
	reading_init(&r);
	if (table_read(&t, paths, 3, &r, NULL, &err) < 0)
		fail_msg("%s", err.text);
	split_named(&s, &t, "v", NULL, 0, STATS_ONE_EACH);
	assert_int_equal(s.kind, SPLIT_FILES);
	assert_int_equal(s.group_count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(s.groups[i].name, paths[i]);
		assert_null(s.groups[i].where);
		assert_int_equal(s.groups[i].first_row, 2 * i);
		assert_int_equal(s.groups[i].rows, 2);
		assert_true(s.groups[i].mean == (double)i + 0.5);
	}
	assert_true(s.anova.groups == 3);
	split_release(&s);
	table_release(&t);
	if (table_read(&t, paths, 40, &r, NULL, &err) < 0)
		fail_msg("%s", err.text);
	split_named(&s, &t, "c", NULL, 0, STATS_ONE_EACH);
	assert_int_equal(s.group_count, SPLIT_PERIODS);
	assert_string_equal(s.groups[SPLIT_PERIODS - 1].name, "other (5 files)");
	assert_int_equal(s.groups[SPLIT_PERIODS - 1].rows, 10);
	assert_int_equal(s.groups[SPLIT_PERIODS - 1].missing, 5);
	split_release(&s);
	table_release(&t);
	reading_release(&r);
	for (int i = 0; i < 40; i++) {
		unlink(paths[i]);
		free((void *)(uintptr_t)paths[i]);
	}
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(wheres),  cmocka_unit_test(values_and_ranges),
	    cmocka_unit_test(periods), cmocka_unit_test(borders_of_periods),
	    cmocka_unit_test(files),
	};

	return cmocka_run_group_tests_name("rows in groups", tests, NULL, NULL);
}
