/* Saved views of the list of runs: what is written is read back, and what is wrong is said. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "assay/work.h"

static void a_view_comes_back(void **state)
{
	static const char *const columns[] = {"name", "metrics.`val \"loss\"`[eval]", "best(metrics.auc)"};
	static const struct runs_order sort[] = {{"metrics.auc", true}, {"started", false}};
	static const char *const group[] = {"params.depth", "tags.grün"};
	const struct work_view view = {
	    .columns = columns,
	    .column_count = COUNT_OF(columns),
	    .sort = sort,
	    .sort_count = COUNT_OF(sort),
	    .filter = "name like '%\\' and\nmetrics.auc > 0.8",
	    .group = group,
	    .group_count = COUNT_OF(group),
	    .over_seeds = true,
	    .baseline = "0123456789abcdef0123456789abcdef",
	    .difference = WORK_PERCENT,
	    .summary = true,
	};
	struct arena *mem = arena_new();
	struct work_view back;
	struct str text, again;
	struct error err;
	(void)state;
	str_init(&text);
	str_init(&again);
	work_view_write(&view, &text);
	if (work_view_read(text.data, mem, &back, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(back.column_count, 3);
	for (size_t i = 0; i < back.column_count; i++)
		assert_string_equal(back.columns[i], columns[i]);
	assert_int_equal(back.sort_count, 2);
	assert_string_equal(back.sort[0].key, "metrics.auc");
	assert_true(back.sort[0].descending && !back.sort[1].descending);
	assert_string_equal(back.filter, view.filter);
	assert_int_equal(back.group_count, 2);
	assert_string_equal(back.group[1], "tags.grün");
	assert_true(back.over_seeds && back.summary);
	assert_string_equal(back.baseline, view.baseline);
	assert_int_equal(back.difference, WORK_PERCENT);
	work_view_write(&back, &again);
	assert_string_equal(text.data, again.data);
	str_release(&text);
	str_release(&again);
	arena_free(mem);
}

static void an_empty_view_has_every_member(void **state)
{
	struct str text;
	(void)state;
	str_init(&text);
	work_view_write(&(struct work_view){0}, &text);
	assert_string_equal(text.data, "{\"columns\":[],\"sort\":[],\"filter\":\"\",\"group\":[],"
	                               "\"over_seeds\":false,\"baseline\":null,\"difference\":\"value\","
	                               "\"summary\":false}");
	str_release(&text);
}

static void what_is_missing_or_unknown_is_no_error(void **state)
{
	struct arena *mem = arena_new();
	struct work_view view;
	struct error err;
	(void)state;
	assert_int_equal(work_view_read(" {} ", mem, &view, &err), 0);
	assert_string_equal(view.filter, "");
	assert_true(!view.column_count && !view.sort_count && !view.group_count && !view.baseline);
	assert_int_equal(view.difference, WORK_VALUE);
	assert_int_equal(
	    work_view_read("{\"columns\":[\"id\"],\"sort\":[{\"column\":\"id\",\"nulls\":1}],\"width\":[[3]]}",
	                   mem, &view, &err),
	    0);
	assert_int_equal(view.column_count, 1);
	assert_false(view.sort[0].descending);
	arena_free(mem);
}

static void what_is_wrong_is_said(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
	    {"", "not JSON"},
	    {"{", "not JSON"},
	    {"{} x", "not JSON"},
	    {"[]", "no JSON object"},
	    {"null", "no JSON object"},
	    {"{\"columns\":\"name\"}", "\"columns\""},
	    {"{\"columns\":[1]}", "\"columns\""},
	    {"{\"columns\":[\"\"]}", "\"columns\""},
	    {"{\"columns\":[\"a\\u0000b\"]}", "\"columns\""},
	    {"{\"columns\":null}", "\"columns\""},
	    {"{\"sort\":{}}", "\"sort\""},
	    {"{\"sort\":[\"a\"]}", "\"sort\""},
	    {"{\"sort\":[{}]}", "\"sort\""},
	    {"{\"sort\":[{\"column\":\"a\",\"descending\":1}]}", "\"sort\""},
	    {"{\"sort\":[{\"column\":\"a\",\"descending\":null}]}", "\"sort\""},
	    {"{\"filter\":null}", "\"filter\""},
	    {"{\"filter\":3}", "\"filter\""},
	    {"{\"group\":[null]}", "\"group\""},
	    {"{\"over_seeds\":\"no\"}", "\"over_seeds\""},
	    {"{\"baseline\":\"@last\"}", "\"baseline\""},
	    {"{\"baseline\":7}", "\"baseline\""},
	    {"{\"difference\":\"ratio\"}", "\"difference\""},
	    {"{\"summary\":0}", "\"summary\""},
	};
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena *mem = arena_new();
		struct work_view view;
		struct error err = {.text = ""};
		if (work_view_read(cases[i].text, mem, &view, &err) == 0)
			fail_msg("%s was taken", cases[i].text);
		assert_int_equal(err.code, ERR_USAGE);
		if (!strstr(err.text, cases[i].says))
			fail_msg("%s: \"%s\" does not say %s", cases[i].text, err.text, cases[i].says);
		arena_free(mem);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_view_comes_back),
	    cmocka_unit_test(an_empty_view_has_every_member),
	    cmocka_unit_test(what_is_missing_or_unknown_is_no_error),
	    cmocka_unit_test(what_is_wrong_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
