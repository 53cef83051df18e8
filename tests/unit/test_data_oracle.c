/* The profile of a table with columns of all types, from its CSV, against the reference functions (tests/oracle/profile.py):
 * every quantity of "one column", whether rows are kept, packed or summed up. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/oracle.h"
#include "../lib/tally_rows.h"

#define ORACLE "tests/oracle/profile.json"

static const struct {
	const char *key;
	size_t offset;
	double tolerance; /* relative */
} numbers[] = {
    {"mean", offsetof(struct column_profile, mean), 1e-12},
    {"variance", offsetof(struct column_profile, variance), 1e-9},
    {"sd", offsetof(struct column_profile, sd), 1e-9},
    {"skewness", offsetof(struct column_profile, skewness), 1e-9},
    {"kurtosis", offsetof(struct column_profile, kurtosis), 1e-9},
    {"sum", offsetof(struct column_profile, sum), 1e-12},
    {"min", offsetof(struct column_profile, min), 0},
    {"max", offsetof(struct column_profile, max), 0},
    {"mad", offsetof(struct column_profile, mad), 1e-9},
    {"lag1", offsetof(struct column_profile, lag1), 1e-9},
    {"entropy", offsetof(struct column_profile, entropy), 1e-12},
    {"imbalance", offsetof(struct column_profile, imbalance), 1e-9},
};

static double number_at(const struct column_profile *c, size_t offset)
{
	double value;

	memcpy(&value, (const char *)c + offset, sizeof(value));
	return value;
}

static void check_numbers(const struct column_profile *c, json_object *want)
{
	json_object *fences = oracle_get(want, "fences");
	size_t n, k;
	double *q = oracle_nums(want, "quantiles", &n), *edges = oracle_nums(want, "edges", &k), *counts;

	assert_int_equal(n, PROFILE_QUANTILES);
	for (size_t i = 0; i < n; i++)
		oracle_near(c->quantiles[i], q[i], 1e-12, c->name);
	assert_int_equal(k, c->bins + 1);
	for (size_t i = 0; i < k; i++)
		oracle_near(c->edges[i], edges[i], 1e-12, c->name);
	counts = oracle_nums(want, "counts", &n);
	for (size_t i = 0; i < n; i++)
		if (c->bin_counts[i] != (uint64_t)counts[i])
			fail_msg("%s: bin %zu has %llu, not %g", c->name, i, (unsigned long long)c->bin_counts[i],
			         counts[i]);
	if (c->type == COLUMN_INT || c->type == COLUMN_NUM) {
		oracle_near(c->fences.low, oracle_num(fences, "low"), 1e-12, c->name);
		oracle_near(c->fences.high, oracle_num(fences, "high"), 1e-12, c->name);
		oracle_near(c->fences.far_low, oracle_num(fences, "far_low"), 1e-12, c->name);
		oracle_near(c->fences.far_high, oracle_num(fences, "far_high"), 1e-12, c->name);
		assert_int_equal(c->fences.below, (uint64_t)oracle_num(want, "below"));
		assert_int_equal(c->fences.above, (uint64_t)oracle_num(want, "above"));
		assert_int_equal(c->fences.far_below, (uint64_t)oracle_num(want, "far_below"));
		assert_int_equal(c->fences.far_above, (uint64_t)oracle_num(want, "far_above"));
	}
	free(q);
	free(edges);
	free(counts);
}

static void check_top(const struct column_profile *c, json_object *top)
{
	const size_t n = json_object_array_length(top);

	assert_int_equal(c->top_count, n);
	for (size_t i = 0; i < n; i++) {
		json_object *pair = json_object_array_get_idx(top, i), *value = json_object_array_get_idx(pair, 0);

		assert_int_equal(c->top[i].count,
		                 (uint64_t)json_object_get_int64(json_object_array_get_idx(pair, 1)));
		if (json_object_is_type(value, json_type_string)) {
			const char *text = json_object_get_string(value);

			if (c->type == COLUMN_BOOL)
				text = !strcmp(text, "yes") ? "true" : "false";
			assert_string_equal(c->top[i].value, text);
		} else {
			double got;

			assert_true(num_parse(c->top[i].value, c->top[i].len, &got));
			assert_true(got == json_object_get_double(value));
		}
	}
}

static void check(const struct profile *p, json_object *columns)
{
	static const enum column_type types[] = {COLUMN_INT, COLUMN_NUM, COLUMN_NUM, COLUMN_NUM,  COLUMN_NUM,
	                                         COLUMN_NUM, COLUMN_INT, COLUMN_NUM, COLUMN_BOOL, COLUMN_TIME,
	                                         COLUMN_CAT, COLUMN_CAT, COLUMN_CAT};
	size_t quantities = 0;

	assert_int_equal(p->column_count, json_object_array_length(columns));
	assert_int_equal(p->column_count, COUNT_OF(types));
	for (size_t i = 0; i < p->column_count; i++) {
		const struct column_profile *c = &p->columns[i];
		json_object *want = json_object_array_get_idx(columns, i), *top;

		assert_string_equal(c->name, oracle_text(want, "name"));
		assert_int_equal(c->type, types[i]);
		assert_int_equal(p->rows, (uint64_t)oracle_num(want, "rows"));
		assert_int_equal(c->count, (uint64_t)oracle_num(want, "count"));
		assert_int_equal(c->missing, (uint64_t)oracle_num(want, "missing"));
		assert_int_equal(c->distinct, (uint64_t)oracle_num(want, "distinct"));
		for (size_t k = 0; k < COUNT_OF(numbers); k++)
			if (json_object_object_get_ex(want, numbers[k].key, NULL)) {
				double got = number_at(c, numbers[k].offset), need = oracle_num(want, numbers[k].key);

				oracle_near(got, need, numbers[k].tolerance, c->name);
				quantities++;
			}
		if (c->numeric)
			check_numbers(c, want);
		if (json_object_object_get_ex(want, "top", &top))
			check_top(c, top);
	}
	assert_true(quantities > 100);
}

static void test_all(void **state)
{
	json_object *all = oracle_open(ORACLE), *columns = oracle_get(all, "columns");
	const char *text = oracle_text(all, "csv"), *path;
	struct reading r;
	struct profile p;
	struct error err;
	struct table t;
	struct tally *tally;

	(void)state;
	reading_init(&r);
	for (int packed = 0; packed < 2; packed++) {
		struct table_options how = {
		    .threads = 1 + packed, .packed = packed, .slice = packed ? 900 : 0, .libcsv_only = !packed};

		if (table_read_bytes(&t, "in", text, strlen(text), &r, &how, &err) < 0 ||
		    profile_table(&p, &t, NULL, &err) < 0)
			fail_msg("%s", err.text);
		check(&p, columns);
		profile_release(&p);
		table_release(&t);
	}
	path = tally_file("all.csv", text, strlen(text));
	tally = tally_of(path, &TALLY_MUCH);
	tally_profile(tally, &p, NULL);
	check(&p, columns);
	profile_release(&p);
	tally_free(tally);
	reading_release(&r);
	json_object_put(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_all)};

	return cmocka_run_group_tests(tests, tally_folder, tally_folder_end);
}
