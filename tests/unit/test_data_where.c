/* Rows that match an expression. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/data.h"

static const char text[] = "n,c,t,b,hours-per-week,zip,odd \"name\n"
                           "1,red,2026-01-01,yes,40,00123,p\n"
                           "2.5,Green,2026-02-01,no,50,01000,q\n"
                           "?,green,?,no,?,99999,r\n"
                           "-4,?,2026-03-01T12:00:00Z,yes,10,00123,s\n";

/* The numbers of the rows that match, "1 4". */
static void matching_in(const char *expr, bool packed, struct str *out)
{
	struct table_options options = {.packed = packed};
	struct reading r;
	struct table t;
	struct error err;
	uint8_t keep[4];
	size_t count = 99, at = 0, seen = 0;

	reading_init(&r);
	if (reading_set(&r, "quote", "none", &err) < 0 ||
	    table_read_bytes(&t, "in", text, strlen(text), &r, &options, &err) < 0)
		fail_msg("%s", err.text);
	str_clear(out);
	assert_int_equal(t.columns[0].packed != NULL, packed);
	if (table_where(&t, expr, keep, &count, &at, &err) < 0) {
		str_addf(out, "%zu: %s", at, err.text);
		/* As it is typed, the same is wrong at the same place. */
		struct error same = {0};
		size_t there = 99;

		assert_int_equal(table_where_check(&t, expr, &there, &same), -1);
		assert_int_equal(there, at);
		assert_string_equal(same.text, err.text);
	} else {
		assert_int_equal(table_where_check(&t, expr, NULL, &err), 0);
		for (size_t i = 0; i < t.row_count; i++)
			if (keep[i]) {
				str_addf(out, "%s%zu", seen++ ? " " : "", i + 1);
			}
		assert_int_equal(seen, count);
	}
	table_release(&t);
	reading_release(&r);
}

/* Packed numbers or not: it is the same. */
static void matching(const char *expr, struct str *out)
{
	struct str packed;

	str_init(&packed);
	matching_in(expr, false, out);
	matching_in(expr, true, &packed);
	assert_string_equal(packed.data, out->data);
	str_release(&packed);
}

static void test_matches(void **state)
{
	static const struct {
		const char *expr, *rows;
	} cases[] = {
	    {"n > 0", "1 2"},
	    {"n >= 2.5", "2"},
	    {"n = -4 or n=1", "1 4"},
	    {"not n > 0", "4"}, /* the missing one is neither */
	    {"n is missing", "3"},
	    {"n < 'inf' and n > '-inf'", "1 2 4"},
	    {"n = 'inf'", ""},
	    {"n IS NOT NULL", "1 2 4"},
	    {"c = 'red'", "1"},
	    {"c = red", "1"},
	    {"c != 'red'", "2 3"},
	    {"c like 'gr%'", "3"},
	    {"c ILIKE 'gr%'", "2 3"},
	    {"c like '_re%'", "2 3"},
	    {"c not like '%e%n'", "1"},
	    {"c in ('red', 'Green')", "1 2"},
	    {"c not in ('red')", "2 3"},
	    {"c < 'h'", "2 3"},
	    {"t >= '2026-02-01'", "2 4"},
	    {"t = '2026-03-01T12:00:00Z'", "4"},
	    {"b = yes", "1 4"},
	    {"b = 'false'", "2 3"},
	    {"hours-per-week > 20", "1 2"},
	    {"`odd \"name` = 'q'", "2"},
	    {"\"odd \"\"name\" = 'q'", "2"},
	    {"zip = '00123'", "1 4"},
	    {"zip = 123", "1 4"},
	    {"zip > 1000", "3"},
	    {"n > 0 and c = 'red' or b = no", "1 2 3"},
	    {"n > 0 and (c = 'red' or b = no)", "1 2"},
	    {"not (n > 0 or c is missing)", ""},
	    {"not not n = 1", "1"},
	    {"n like '%.5'", "2"},
	    {"n > -1e300", "1 2 4"},
	};
	struct str out;

	(void)state;
	str_init(&out);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		matching(cases[i].expr, &out);
		if (strcmp(out.data, cases[i].rows) != 0)
			fail_msg("%s: wanted rows \"%s\", got \"%s\"", cases[i].expr, cases[i].rows, out.data);
	}
	str_release(&out);
}

static void test_refused(void **state)
{
	static const struct {
		const char *expr, *error;
	} cases[] = {
	    {"", "0: at character 1 of the filter: a comparison is missing"},
	    {"n", "1: at character 2 of the filter: one of = != < <= > >= LIKE ILIKE IN IS is expected here"},
	    {"n >", "3: at character 4 of the filter: a value is expected here"},
	    {"n > 'x'", "4: at character 5 of the filter: column n holds numbers; 'x' is none"},
	    {"t > 5", "4: at character 5 of the filter: column t holds times; '5' is none"},
	    {"m > 5", "0: at character 1 of the filter: there is no column \"m\""},
	    {"n > 5 n", "6: at character 7 of the filter: AND, OR or the end is expected here"},
	    {"(n > 5", "6: at character 7 of the filter: a ) is expected here"},
	    {"c = 'red", "4: at character 5 of the filter: a quote that does not end"},
	    {"c ~ 'red'", "2: at character 3 of the filter: \"~\" is not understood here"},
	    {"n > 5x", "4: at character 5 of the filter: \"5x\" is no number"},
	    {"c in 'red'", "5: at character 6 of the filter: IN needs a list in parentheses"},
	    {"c in ('red'", "11: at character 12 of the filter: a comma or ) is expected here"},
	    {"c not = 'red'", "6: at character 7 of the filter: LIKE, ILIKE or IN is expected here"},
	    {"c is red", "5: at character 6 of the filter: MISSING is expected after IS"},
	    {"c = 'é' ?", "9: at character 9 of the filter: \"?\" is not understood here"},
	};
	struct str out, deep;

	(void)state;
	str_init(&out);
	str_init(&deep);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		matching(cases[i].expr, &out);
		if (strncmp(out.data, cases[i].error, strlen(cases[i].error)) != 0)
			fail_msg("%s: wanted \"%s\", got \"%s\"", cases[i].expr, cases[i].error, out.data);
	}
	for (int i = 0; i < 100000; i++)
		str_addc(&deep, '(');
	matching(deep.data, &out);
	assert_non_null(strstr(out.data, "nested too deeply"));
	str_release(&out);
	str_release(&deep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_matches), cmocka_unit_test(test_refused)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
