/* Histograms as they are drawn: no bin holds more of a column's grid than its width says. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/data.h"

/* The columns of a table, profiled, written as JSON and read back, as drawn. */
static void drawn_of(const char *text, struct arena *a, struct profile *p, struct column_profile *drawn)
{
	struct reading r;
	struct table t;
	struct error err;
	struct str json;

	reading_init(&r);
	if (table_read_bytes(&t, "in", text, strlen(text), &r, NULL, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(profile_table(p, &t, NULL, &err), 0);
	table_release(&t);
	reading_release(&r);
	str_init(&json);
	profile_json(p, &json);
	profile_release(p);
	if (profile_parse(p, json.data, json.len, &err) < 0)
		fail_msg("%s", err.text);
	str_release(&json);
	for (size_t i = 0; i < p->column_count; i++)
		profile_draw(&p->columns[i], a, &drawn[i]);
}

/* As many rows a unit of the axis in every bin, and none lost. */
static void is_even(const struct column_profile *c, uint64_t rows, double each)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < c->bins; i++) {
		double steps = (c->edges[i + 1] - c->edges[i]) / c->step;

		sum += c->bin_counts[i];
		assert_true(fabs(steps - round(steps)) < 1e-6 && steps > 0.5);
		assert_true(fabs((double)c->bin_counts[i] / steps - each) < 1e-6);
	}
	assert_int_equal(sum, rows);
}

static void test_grids(void **state)
{
	struct arena *a = arena_new();
	struct column_profile drawn[4];
	struct profile p;
	struct str text;
	double first, last;

	(void)state;
	str_init(&text);
	str_adds(&text, "age,ratio,day,more\n");
	for (int i = 0; i < 750; i++)
		str_addf(&text, "%d,0.%02d,2026-03-%02d,%d.%02d\n", 18 + i % 50, i % 75, 1 + i % 30, i % 25 - 12,
		         25 * (i % 4));
	drawn_of(text.data, a, &p, drawn);
	assert_int_equal(drawn[0].decimals, 0);
	assert_true(drawn[0].step == 1 && drawn[0].edges[0] == 17.5 && drawn[0].edges[drawn[0].bins] == 67.5);
	is_even(&drawn[0], 750, 15);
	assert_int_equal(drawn[1].decimals, 2);
	is_even(&drawn[1], 750, 10);
	assert_true(profile_values_between(&drawn[1], drawn[1].edges[0], drawn[1].edges[1], &first, &last) &&
	            first == 0);
	assert_true(profile_values_between(&drawn[1], 0.005, drawn[1].edges[drawn[1].bins], &first, &last) &&
	            first == 0.01 && last == 0.74);
	assert_true(drawn[2].step == 86400e3);
	is_even(&drawn[2], 750, 25);
	/* What the profile says is what numpy says, however it is drawn. */
	assert_true(p.columns[0].edges[0] == 18 && p.columns[0].step == 0);
	arena_free(a);
	profile_release(&p);
	str_release(&text);
}

/* Where all values are known they lie as far apart as they do. */
static void test_multiples(void **state)
{
	struct arena *a = arena_new();
	struct column_profile drawn[2];
	struct profile p;
	struct str text;
	double first, last, edges[] = {12, 20, 28, 36, 50, 72}, moved[6];
	size_t from[6];

	(void)state;
	str_init(&text);
	str_adds(&text, "term,rate\n");
	for (int i = 0; i < 600; i++)
		str_addf(&text, "%d,%.2f\n", 12 * (1 + i % 6), -0.35 + 0.25 * (i % 4));
	drawn_of(text.data, a, &p, drawn);
	assert_true(drawn[0].step == 12 && drawn[0].bins == 6 && drawn[0].edges[0] == 6 &&
	            drawn[0].edges[6] == 78);
	is_even(&drawn[0], 600, 100);
	assert_true(profile_values_between(&drawn[0], 6, 18, &first, &last) && first == 12 && last == 12);
	assert_true(fabs(drawn[1].step - 0.25) < 1e-12);
	is_even(&drawn[1], 600, 150);
	/* 36 is in the fourth, 48 as well; 28 to 36 holds none. */
	assert_int_equal(profile_draw_edges(&drawn[0], edges, 5, moved, from), 4);
	assert_true(moved[0] == 6 && moved[1] == 18 && moved[2] == 30 && moved[3] == 54 && moved[4] == 78);
	assert_true(from[2] == 3 && from[4] == 5);
	arena_free(a);
	profile_release(&p);
	str_release(&text);
}

static void test_none(void **state)
{
	struct arena *a = arena_new();
	struct column_profile drawn[2];
	struct profile p;
	struct str text;
	double first, last;

	(void)state;
	str_init(&text);
	str_adds(&text, "any,huge\n");
	for (int i = 0; i < 60; i++)
		str_addf(&text, "%.17g,%de290\n", sqrt(i), i);
	drawn_of(text.data, a, &p, drawn);
	assert_int_equal(drawn[0].decimals, -1);
	for (size_t k = 0; k < 2; k++) {
		assert_true(drawn[k].step == 0 && drawn[k].bins == p.columns[k].bins);
		assert_false(profile_values_between(&drawn[k], 0, 10, &first, &last));
	}
	arena_free(a);
	profile_release(&p);
	str_release(&text);
}

/* As many as the values need, not as many as were written; the same in one pass and in parts. */
static void test_decimals(void **state)
{
	static const struct {
		const char *text;
		int decimals;
	} cases[] = {{"x\n1.50\n2.50\n3.00\n", 1},  {"x\n1.0\n2.0\n3.0\n", 0},
	             {"x\n7\n-3\n9000000000\n", 0}, {"x\n0.125\n100000000000\n", 3},
	             {"x\n1.5\ninf\n2\n", 1},       {"x\n\n\nNA\n", -1},
	             {"x\na\nb\na\n", -1}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena *a = arena_new();
		struct column_profile drawn;
		struct profile p;

		drawn_of(cases[i].text, a, &p, &drawn);
		if (p.columns[0].decimals != cases[i].decimals)
			fail_msg("%s: %d decimals", cases[i].text, p.columns[0].decimals);
		profile_release(&p);
		arena_free(a);
	}
}

/* However large it is, and whatever the edges around it are. */
static void test_one_value(void **state)
{
	static const double values[] = {5, 0, 1e16, -3e300};
	struct arena *a = arena_new();
	struct column_profile drawn[4];
	struct profile p;
	struct str text;
	double edges[] = {4.5, 4.8, 5.1, 5.5}, moved[4], share[2], first, last;
	size_t from[4];

	(void)state;
	str_init(&text);
	str_adds(&text, "a,b,c,d\n");
	for (int i = 0; i < 60; i++)
		str_adds(&text, "5,0.00,1e16,-3e300\n");
	drawn_of(text.data, a, &p, drawn);
	for (size_t k = 0; k < 4; k++) {
		assert_true(drawn[k].bins == 1 && drawn[k].bin_counts[0] == 60 && drawn[k].step == 0);
		assert_true(drawn[k].edges[0] == values[k] && drawn[k].edges[1] == values[k]);
		assert_false(profile_values_between(&drawn[k], values[k], values[k], &first, &last));
		profile_rebin(&drawn[k], drawn[k].edges, 1, share);
		assert_true(share[0] == 1);
	}
	assert_int_equal(profile_draw_edges(&drawn[0], edges, 3, moved, from), 1);
	assert_true(moved[0] == 5 && moved[1] == 5 && from[0] == 0 && from[1] == 3);
	/* In one bin of others', an edge belonging to what is above it. */
	profile_rebin(&drawn[0], (double[]){0, 5, 9}, 2, share);
	assert_true(share[0] == 0 && share[1] == 1);
	profile_rebin(&drawn[0], (double[]){0, 3, 5}, 2, share);
	assert_true(share[0] == 0 && share[1] == 1);
	profile_rebin(&drawn[0], (double[]){6, 7, 8}, 2, share);
	assert_true(share[0] == 0 && share[1] == 0);
	arena_free(a);
	profile_release(&p);
	str_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_grids),     cmocka_unit_test(test_multiples), cmocka_unit_test(test_none),
	    cmocka_unit_test(test_one_value), cmocka_unit_test(test_decimals),
	};

	return cmocka_run_group_tests_name("data: histograms as drawn", tests, NULL, NULL);
}
