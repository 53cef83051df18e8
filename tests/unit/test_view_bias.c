/* What a bias report on the screen is held to: the policy's limits where it has some, the house's elsewhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/base.h"
#include "assay/bias.h"
#include "assay/ledger.h"

#include "../../src/view/bias_shelf.h"

enum { N = 400 };

static const char POLICY[] = "[policy]\n"
                             "name = lending\n"
                             "stages = staging, production\n"
                             "[stage staging]\n"
                             "approvals = 1\n"
                             "[stage production]\n"
                             "approvals = 2\n"
                             "[gate parity]\n"
                             "stages = staging\n"
                             "kind = bias\n"
                             "measure = demographic_parity_ratio\n"
                             "by = sex\n"
                             "reference = M\n"
                             "threshold = 0.42\n"
                             "limit = >= 0.7\n"
                             "minimum = 50\n"
                             "[gate parity-strict]\n"
                             "stages = production\n"
                             "kind = bias\n"
                             "measure = demographic_parity_ratio\n"
                             "by = sex\n"
                             "limit = >= 0.85\n"
                             "[gate refused]\n"
                             "kind = bias\n"
                             "measure = fnr\n"
                             "by = sex\n"
                             "limit = <= 0.3\n"
                             "[gate elsewhere]\n"
                             "kind = bias\n"
                             "measure = fnr\n"
                             "by = religion\n"
                             "limit = <= 0.3\n";

static void load(struct bias_loaded *l)
{
	static const char *const sexes[] = {"F", "M"}, *const ages[] = {"old", "young"};
	uint32_t sex[N], age[N];
	uint8_t label[N];
	double score[N];
	struct bias_column columns[] = {{.name = "sex", .code = sex, .group = sexes, .group_count = 2},
	                                {.name = "age", .code = age, .group = ages, .group_count = 2}};
	struct bias_cases cases = {
	    .n = N, .label = label, .score = score, .columns = columns, .column_count = COUNT_OF(columns)};
	struct bias_table_options options = {.depth = 2};
	struct error err;

	for (size_t i = 0; i < N; i++) {
		sex[i] = i % 3 == 0;
		age[i] = i % 2;
		label[i] = i % 5 < 2;
		score[i] = (double)(i * 37 % 100) / 100;
	}
	*l = (struct bias_loaded){.mem = arena_new()};
	if (bias_table_new(&cases, &options, &l->cases.table, &err) != 0)
		fail_msg("%s", err.text);
}

static void let_go(struct bias_loaded *l)
{
	bias_table_free(l->cases.table);
	arena_free(l->mem);
}

static const struct bias_limit *limit_of(const struct bias_loaded *l, const char *by, const char *measure)
{
	for (size_t i = 0; i < l->limit_count; i++)
		if (strcmp(l->limits[i].by, by) == 0 && strcmp(l->limits[i].measure, measure) == 0)
			return &l->limits[i];
	return NULL;
}

static void without_a_policy(void **state)
{
	struct bias_loaded l;
	size_t usual;

	(void)state;
	load(&l);
	bias_set_limits(&l, NULL);
	bias_limits_default(&usual);
	assert_int_equal(l.limit_count, 3 * usual);
	assert_string_equal(l.limits_from[0], "house default");
	assert_true(limit_of(&l, "sex", "demographic_parity_ratio")->limit == 0.8);
	assert_true(limit_of(&l, "sex,age", "demographic_parity_ratio")->limit == 0.8);
	assert_true(l.own == 0.5 && l.level == 0.95 && l.minimum == BIAS_MINIMUM);
	assert_int_equal(l.reference_count, 0);
	let_go(&l);
}

static void with_a_policy(void **state)
{
	struct arena *mem = arena_new();
	struct bias_settings settings;
	struct bias_report report;
	struct bias_loaded l;
	struct policy policy;
	struct error err;

	(void)state;
	if (policy_parse("policy", POLICY, sizeof POLICY - 1, mem, &policy, &err) != 0)
		fail_msg("%s", err.text);
	load(&l);
	bias_set_limits(&l, &policy);
	arena_free(mem); /* nothing of it is needed any more */
	/* The stricter of two, and nothing of the house beside them. */
	assert_string_equal(l.limits_from[0], "policy lending");
	assert_true(limit_of(&l, "sex", "demographic_parity_ratio")->limit == 0.85);
	assert_true(limit_of(&l, "sex", "demographic_parity_ratio")->at_least);
	assert_true(limit_of(&l, "sex", "fnr")->limit == 0.3);
	assert_false(limit_of(&l, "sex", "fnr")->at_least);
	assert_null(limit_of(&l, "sex", "demographic_parity_difference"));
	/* Where it says nothing. */
	assert_string_equal(l.limits_from[1], "house default");
	assert_non_null(limit_of(&l, "age", "demographic_parity_difference"));
	assert_null(limit_of(&l, "religion", "fnr"));
	assert_true(l.own == 0.42);
	assert_int_equal(l.minimum, 50);
	assert_int_equal(l.reference_count, 1);
	assert_string_equal(l.references[0].group, "M");
	/* And a report can be made of it. */
	view_bias_settings(&l, l.own, l.references, l.reference_count, &settings);
	if (bias_report(l.cases.table, &settings, &report, &err) != 0)
		fail_msg("%s", err.text);
	assert_string_equal(report.groups[report.reference[0]].name, "M");
	bias_report_release(&report);
	let_go(&l);
}

/* What is held stays while others come and go; what nobody holds goes, the oldest first. */
static void the_shelf(void **state)
{
	struct bias_shelf *shelf = view_bias_shelf_new();
	struct bias_loaded *held;
	int64_t numbers[6];

	(void)state;
	for (int i = 0; i < 6; i++) {
		struct bias_loaded *l = xcalloc(1, sizeof *l);
		char key[8];

		load(l);
		str_init(&l->cases.notes);
		str_init(&l->cases.settings);
		snprintf(key, sizeof key, "%d", i);
		numbers[i] = bias_shelf_put(shelf, key, l);
		if (i == 0)
			held = view_bias_take(shelf, numbers[0]);
	}
	assert_non_null(held);
	assert_int_equal(bias_shelf_find(shelf, "0"), numbers[0]);
	assert_int_equal(bias_shelf_find(shelf, "1"), 0);
	assert_null(view_bias_take(shelf, numbers[1]));
	assert_int_equal(bias_shelf_find(shelf, "5"), numbers[5]);
	assert_int_equal(bias_cases_count(held->cases.table), N);
	view_bias_give(shelf, held);
	view_bias_shelf_free(shelf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_a_policy),
	    cmocka_unit_test(with_a_policy),
	    cmocka_unit_test(the_shelf),
	};

	return cmocka_run_group_tests_name("view_bias", tests, NULL, NULL);
}
