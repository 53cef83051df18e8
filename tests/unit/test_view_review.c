/* The small things of a review: numbers beside limits, intervals, evidence printed for people, what is
 * remembered. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "assay/base.h"
#include "../../src/view/evidence.h"
#include "../../src/view/review_text.h"
#include "../../src/view/session.h"

/* A number is never shown on the other side of its limit. */
static void numbers_beside_limits(void **state)
{
	static const struct {
		double value, limit;
		const char *text;
	} cases[] = {
	    {0.79996, 0.8, "0.79996"},
	    {0.8, 0.8, "0.8"},
	    {0.80004, 0.8, "0.80004"},
	    {0.7999999, 0.8, "0.7999999"},
	    {0.024, 0.03, "0.024"},
	    {0.81124, 0.75, "0.8112"},
	    {12, 90, "12"},
	    {120000, 90, "120000"},
	    {0, 0.1, "0"},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(review_number(cases[i].value, cases[i].limit, false, a), cases[i].text);
	assert_string_equal(review_number(0.0081, -0.002, true, a), "+0.0081");
	assert_string_equal(review_number(-0.0081, -0.002, true, a), "-0.0081");
	assert_null(review_number((double)NAN, 0.8, false, a));
	arena_free(a);
}

static void intervals(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	assert_string_equal(review_interval(0.78712, 0.81541, 0.8, a), "[0.7871, 0.8154]");
	assert_string_equal(review_interval(0.0062, 0.01, -0.002, a), "[0.0062, 0.01]");
	assert_string_equal(review_interval(-0.00061543, 0.0010823, -0.05, a), "[-0.0006, 0.0011]");
	assert_string_equal(review_interval(0.500001, 0.500009, (double)NAN, a), "[0.500001, 0.500009]");
	/* The end that is held against the limit stands on its own side of it. */
	assert_string_equal(review_interval(0.79999, 0.9, 0.8, a), "[0.79999, 0.9]");
	assert_string_equal(review_interval(12, 1500.5, 90, a), "[12, 1500]");
	assert_null(review_interval((double)NAN, 1, 0.8, a));
	arena_free(a);
}

static void pretty(void **state)
{
	static const char json[] = "{\"a\":[1,2.5,{\"b\":\"x:{,\\\"\"}],\"c\":{},\"d\":[],\"e\":null}";
	struct str out;

	(void)state;
	str_init(&out);
	evidence_pretty(&out, json, strlen(json));
	assert_string_equal(out.data,
	                    "{\n  \"a\": [\n    1,\n    2.5,\n    {\n      \"b\": \"x:{,\\\"\"\n    }\n  ],\n"
	                    "  \"c\": {},\n  \"d\": [],\n  \"e\": null\n}\n");
	/* What is not whole ends as it is. */
	str_clear(&out);
	evidence_pretty(&out, "}]\"open", 7);
	assert_string_equal(out.data, "\n}\n]\"open\n");
	str_release(&out);
}

static void wrapping(void **state)
{
	struct str out;

	(void)state;
	str_init(&out);
	review_wrap(&out, "one two three four", 9, 2);
	assert_string_equal(out.data, "one two\n  three\n  four");
	str_clear(&out);
	review_fact(&out, "because", "a\x1b[31m b");
	assert_string_equal(out.data, "because    a\\x1b[31m b\n");
	str_clear(&out);
	review_fact(&out, "because", NULL);
	assert_string_equal(out.data, "");
	str_release(&out);
}

static void remembered(void **state)
{
	struct session *s = session_new();

	(void)state;
	assert_null(session_get(s, "a"));
	session_set(s, "a", NULL);
	session_set(s, "a", "1");
	session_set(s, "b", "2");
	assert_string_equal(session_get(s, "a"), "1");
	session_set(s, "a", "3");
	assert_string_equal(session_get(s, "a"), "3");
	session_set(s, "a", NULL);
	assert_null(session_get(s, "a"));
	assert_string_equal(session_get(s, "b"), "2");
	session_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_beside_limits),
	    cmocka_unit_test(intervals),
	    cmocka_unit_test(pretty),
	    cmocka_unit_test(wrapping),
	    cmocka_unit_test(remembered),
	};

	return cmocka_run_group_tests_name("review", tests, NULL, NULL);
}
