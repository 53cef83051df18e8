/* The measures of other tools against those tools, intervals against statsmodels (tests/oracle/bias.json). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/oracle.h"
#include "assay/bias.h"

static struct json_object *oracle;

static int open_oracle(void **state)
{
	(void)state;
	oracle = oracle_open("tests/oracle/bias.json");
	return 0;
}

static int close_oracle(void **state)
{
	(void)state;
	json_object_put(oracle);
	return 0;
}

/* The table of the oracle: groups A, B, … and strata 0, 1, …, a byte each. */
static struct bias_table *table_of(struct json_object *o)
{
	static const char *const letters[] = {"A", "B", "C", "D", "E", "F", "G"};
	static const char *const digits[] = {"0", "1", "2", "3"};
	const char *group = oracle_text(o, "group"), *label = oracle_text(o, "label"),
	           *decision = oracle_text(o, "decision"), *stratum = oracle_text(o, "stratum");
	size_t n = strlen(group);
	uint32_t *g = xcalloc(n, sizeof *g), *s = xcalloc(n, sizeof *s);
	uint8_t *y = xmalloc(n), *p = xmalloc(n);
	for (size_t i = 0; i < n; i++) {
		g[i] = (uint32_t)(group[i] - 'A');
		s[i] = (uint32_t)(stratum[i] - '0');
		y[i] = (uint8_t)(label[i] - '0');
		p[i] = (uint8_t)(decision[i] - '0');
	}
	const struct bias_column column = {"g", g, letters, COUNT_OF(letters)};
	const struct bias_column strata = {"s", s, digits, COUNT_OF(digits)};
	const struct bias_cases cases = {
	    .n = n, .label = y, .decision = p, .columns = &column, .column_count = 1, .stratum = &strata};
	struct bias_table *t;
	struct error err;
	assert_int_equal(bias_table_new(&cases, NULL, &t, &err), 0);
	free(g);
	free(s);
	free(y);
	free(p);
	return t;
}

static double number_of(struct json_object *o)
{
	if (json_object_get_type(o) != json_type_string)
		return json_object_get_double(o);
	const char *text = json_object_get_string(o);
	return strcmp(text, "nan") == 0   ? (double)NAN
	       : strcmp(text, "inf") == 0 ? (double)INFINITY
	                                  : -(double)INFINITY;
}

static void near(double got, double want, const char *what)
{
	if (isinf(want) || isinf(got))
		assert_true(got == want);
	else
		oracle_near(got, want, 1e-9, what);
}

static size_t group_at(const struct bias_report *r, const char *name)
{
	for (size_t g = 0; g < r->group_count; g++)
		if (strcmp(r->groups[g].name, name) == 0)
			return g;
	return BIAS_NONE;
}

static double found(const struct bias_report *r, const char *name, const char *by, enum bias_scope scope,
                    size_t a)
{
	const struct bias_measure *m = bias_find(r, name, by, scope, a);
	if (!m)
		fail_msg("there is no %s", name);
	return m->v.value;
}

static size_t compare(struct json_object *want, const struct bias_report *r)
{
	static const struct {
		const char *key;
		enum bias_scope scope;
		bool by_group;
	} parts[] = {{"worst", BIAS_WORST, false},
	             {"overall", BIAS_OVERALL, false},
	             {"reference", BIAS_REFERENCE, true},
	             {"rest", BIAS_REST, true}};
	size_t checked = 0;
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		struct json_object *part;
		if (!json_object_object_get_ex(want, parts[i].key, &part))
			continue;
		const char *by = parts[i].scope == BIAS_OVERALL ? NULL : "g";
		json_object_object_foreach(part, name, value)
		{
			if (!parts[i].by_group) {
				near(found(r, name, by, parts[i].scope, BIAS_NONE), number_of(value), name);
				checked++;
				continue;
			}
			json_object_object_foreach(value, group, number)
			{
				near(found(r, name, by, parts[i].scope, group_at(r, group)), number_of(number), name);
				checked++;
			}
		}
	}
	return checked;
}

static void conventions_are_those_of_the_tools(void **state)
{
	static const enum bias_convention all[] = {BIAS_AS_FAIRLEARN, BIAS_AS_AIF360, BIAS_AS_CLARIFY,
	                                           BIAS_AS_AEQUITAS};
	struct json_object *tables = oracle_get(oracle, "tables");
	size_t checked = 0;
	(void)state;
	for (size_t i = 0; i < json_object_array_length(tables); i++) {
		struct json_object *o = json_object_array_get_idx(tables, i);
		struct bias_table *t = table_of(o);
		for (size_t c = 0; c < COUNT_OF(all); c++) {
			struct bias_settings s;
			struct bias_report r;
			struct error err;
			bias_settings_init(&s);
			s.convention = all[c];
			assert_int_equal(bias_report(t, &s, &r, &err), 0);
			checked += compare(oracle_get(o, bias_convention_name(all[c])), &r);
			bias_report_release(&r);
		}
		bias_table_free(t);
	}
	assert_int_equal(checked, 453);
}

/* Where no group is left out, Assay's worst cases are Fairlearn's and its comparisons AIF360's. */
static void own_measures_agree_where_they_say_so(void **state)
{
	static const char *const worst[] = {"demographic_parity_difference", "demographic_parity_ratio",
	                                    "equal_opportunity_difference",  "equal_opportunity_ratio",
	                                    "equalized_odds_difference",     "equalized_odds_ratio"};
	static const struct {
		const char *own, *theirs;
	} pairs[] = {{"demographic_parity_difference", "statistical_parity_difference"},
	             {"demographic_parity_ratio", "disparate_impact"},
	             {"equal_opportunity_difference", "equal_opportunity_difference"},
	             {"equalized_odds_difference", "equalized_odds_difference"},
	             {"fpr_ratio", "false_positive_rate_ratio"},
	             {"base_rate_difference", "mean_difference"}};
	struct json_object *o = json_object_array_get_idx(oracle_get(oracle, "tables"), 0);
	struct bias_table *t = table_of(o);
	struct bias_settings s;
	struct bias_report r;
	struct error err;
	(void)state;
	bias_settings_init(&s);
	assert_int_equal(bias_report(t, &s, &r, &err), 0);
	struct json_object *fairlearn = oracle_get(oracle_get(o, "fairlearn"), "worst");
	for (size_t i = 0; i < COUNT_OF(worst); i++)
		near(found(&r, worst[i], "g", BIAS_WORST, BIAS_NONE), oracle_num(fairlearn, worst[i]), worst[i]);
	struct json_object *aif360 = oracle_get(oracle_get(o, "aif360"), "reference");
	for (size_t i = 0; i < COUNT_OF(pairs); i++)
		for (size_t g = 1; g < r.group_count; g++)
			near(found(&r, pairs[i].own, "g", BIAS_REFERENCE, g),
			     oracle_num(oracle_get(aif360, pairs[i].theirs), r.groups[g].name), pairs[i].own);
	struct json_object *rates = oracle_get(o, "rates");
	for (enum bias_rate rate = 0; rate < BIAS_RATES; rate++) {
		struct json_object *of;
		if (json_object_object_get_ex(rates, bias_rate_name(rate), &of))
			for (size_t g = 0; g < r.group_count; g++)
				near(r.groups[g].rate[rate].value, oracle_num(of, r.groups[g].name), bias_rate_name(rate));
	}
	/* Disparity in strata and without: Clarify's, of a facet against the rest. */
	struct json_object *clarify = oracle_get(oracle_get(o, "clarify"), "rest");
	for (size_t g = 0; g < r.group_count; g++) {
		near(found(&r, "conditional_demographic_disparity", "g", BIAS_REST, g),
		     oracle_num(oracle_get(clarify, "CDDPL"), r.groups[g].name), "CDDPL");
		near(found(&r, "conditional_demographic_disparity_in_labels", "g", BIAS_REST, g),
		     oracle_num(oracle_get(clarify, "CDDL"), r.groups[g].name), "CDDL");
	}
	bias_report_release(&r);
	bias_table_free(t);
}

/* Of two groups, "the rest" is the reference: the measures of labels are Clarify's. */
static void measures_of_labels_are_clarifys(void **state)
{
	static const struct {
		const char *own, *theirs;
	} names[] = {{"class_imbalance", "CI"}, {"label_proportion_difference", "DPL"},
	             {"kl_divergence", "KL"},   {"js_divergence", "JS"},
	             {"lp_norm", "LP"},         {"total_variation_distance", "TVD"},
	             {"ks_distance", "KS"}};
	struct json_object *o = json_object_array_get_idx(oracle_get(oracle, "tables"), 1);
	struct json_object *clarify = oracle_get(oracle_get(o, "clarify"), "rest");
	struct bias_table *t = table_of(o);
	struct bias_settings s;
	struct bias_report r;
	struct error err;
	(void)state;
	bias_settings_init(&s);
	assert_int_equal(bias_report(t, &s, &r, &err), 0);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		near(found(&r, names[i].own, "g", BIAS_REFERENCE, 1),
		     oracle_num(oracle_get(clarify, names[i].theirs), "B"), names[i].own);
	near(found(&r, "generalized_entropy", NULL, BIAS_OVERALL, BIAS_NONE),
	     oracle_num(oracle_get(oracle_get(o, "aif360"), "overall"), "generalized_entropy_index"), "GE");
	near(found(&r, "theil", NULL, BIAS_OVERALL, BIAS_NONE),
	     oracle_num(oracle_get(oracle_get(o, "aif360"), "overall"), "theil_index"), "theil");
	bias_report_release(&r);
	bias_table_free(t);
}

static double at(struct json_object *row, size_t i)
{
	return json_object_get_double(json_object_array_get_idx(row, i));
}

static void intervals_are_statsmodels(void **state)
{
	struct json_object *one = oracle_get(oracle_get(oracle, "intervals"), "one");
	struct json_object *two = oracle_get(oracle_get(oracle, "intervals"), "two");
	double low, high;
	(void)state;
	for (size_t i = 0; i < json_object_array_length(one); i++) {
		struct json_object *row = json_object_array_get_idx(one, i);
		stats_wilson(at(row, 0), at(row, 1), at(row, 2), &low, &high);
		oracle_near(low, at(row, 3), 1e-9, "wilson");
		oracle_near(high, at(row, 4), 1e-9, "wilson");
		stats_clopper_pearson(at(row, 0), at(row, 1), at(row, 2), &low, &high);
		oracle_near(low, at(row, 5), 1e-9, "beta");
		oracle_near(high, at(row, 6), 1e-9, "beta");
	}
	for (size_t i = 0; i < json_object_array_length(two); i++) {
		struct json_object *row = json_object_array_get_idx(two, i);
		struct estimate a = {.value = at(row, 0) / at(row, 1)}, b = {.value = at(row, 2) / at(row, 3)};
		stats_wilson(at(row, 0), at(row, 1), at(row, 4), &a.low, &a.high);
		stats_wilson(at(row, 2), at(row, 3), at(row, 4), &b.low, &b.high);
		stats_difference(&a, &b, &low, &high);
		oracle_near(low, at(row, 5), 1e-9, "newcomb");
		oracle_near(high, at(row, 6), 1e-9, "newcomb");
		stats_ratio(at(row, 0), at(row, 1), at(row, 2), at(row, 3), at(row, 4), &low, &high);
		/* Nothing but hits on both sides: statsmodels has no width at all there. */
		bool full = at(row, 0) == at(row, 1) && at(row, 2) == at(row, 3);
		assert_true(!full || (at(row, 7) == 1 && at(row, 8) == 1));
		oracle_near(low, full ? a.low : at(row, 7), 1e-9, "log");
		oracle_near(high, full ? 1 / b.low : at(row, 8), 1e-9, "log");
	}
	assert_int_equal(json_object_array_length(one), 27);
	assert_int_equal(json_object_array_length(two), 27);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(conventions_are_those_of_the_tools),
	    cmocka_unit_test(own_measures_agree_where_they_say_so),
	    cmocka_unit_test(measures_of_labels_are_clarifys),
	    cmocka_unit_test(intervals_are_statsmodels),
	};
	return cmocka_run_group_tests_name("bias against other tools", tests, open_oracle, close_oracle);
}
