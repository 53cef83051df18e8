/* One column by another with weights: against pandas, numpy and statsmodels (tests/oracle/splits_weighted.json);
 * frequencies as rows written out; sampling weights beside the weighted profile of each group's rows. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/oracle.h"
#include "../lib/splits.h"

#define SAMPLE "sample-data/applications-2026-07.csv"
#define ORACLE "tests/oracle/splits_weighted.json"

static void read_sample(struct table *t, const char *weight, bool packed)
{
	struct reading r;
	struct error err;

	reading_init(&r);
	if (reading_set(&r, "weight", weight, &err) < 0 ||
	    table_read(t, (const char *const[]){SAMPLE}, 1, &r, &(struct table_options){.packed = packed}, &err) <
	        0)
		fail_msg("%s", err.text);
	reading_release(&r);
}

static void read_text(struct table *t, const char *text, bool packed)
{
	static const char *const types[] = {"x=num", "i=int", "c=cat", "b=bool", "t=time", "w=num"};
	struct reading r;
	struct error err;

	reading_init(&r);
	assert_int_equal(reading_set(&r, "weight", "w", &err), 0);
	for (size_t i = 0; i < COUNT_OF(types); i++)
		assert_int_equal(reading_set(&r, "type", types[i], &err), 0);
	if (table_read_bytes(t, "in", text, strlen(text), &r, &(struct table_options){.packed = packed}, &err) <
	    0)
		fail_msg("%s", err.text);
	reading_release(&r);
}

/* ---- against the reference functions ---- */

static void frequency_oracle(void **state)
{
	struct json_object *oracle = oracle_open(ORACLE), *list = oracle_get(oracle, "frequency");

	(void)state;
	assert_true(json_object_array_length(list) >= 6);
	for (int packed = 0; packed < 2; packed++) {
		struct table t;

		read_sample(&t, "late_payments", packed);
		for (size_t i = 0; i < json_object_array_length(list); i++) {
			struct json_object *o = json_object_array_get_idx(list, i);
			struct split s;

			split_named(&s, &t, oracle_text(o, "column"), oracle_text(o, "by"), 0, STATS_FREQUENCY);
			split_is_as(o, &s);
			assert_string_equal(s.weight, "late_payments");
			split_release(&s);
		}
		table_release(&t);
	}
	json_object_put(oracle);
}

static void estimates_are_as(struct json_object *o, const struct split *s, const struct split_group *one)
{
	const struct split_weighted *w = one->weighted;
	struct json_object *values = json_object_object_get(o, "values");
	const char *what = s->column;

	assert_int_equal(one->rows, (long)oracle_num(o, "rows"));
	oracle_near_relative(w->weight, oracle_num(o, "total"), 1e-12, what);
	oracle_near_relative(w->share, oracle_num(o, "share"), 1e-12, what);
	oracle_near(w->estimates.missing, oracle_num(o, "missing"), 1e-12, what);
	for (size_t i = 0; values && i < s->value_count; i++) {
		struct json_object *part;

		assert_true(json_object_object_get_ex(values, s->value_names[i], &part));
		oracle_near(w->values[i], json_object_get_double(part), 1e-12, what);
	}
	if (s->numeric && json_object_object_get(o, "mean")) {
		const struct weighted *m = &w->estimates.moments;
		size_t n;
		double *quantiles = oracle_nums(o, "quantiles", &n);

		/* What is told of the rows stands beside it. */
		oracle_near_relative(one->mean, oracle_num(o, "plain_mean"), 1e-12, what);
		oracle_near_relative(m->mean, oracle_num(o, "mean"), 1e-12, what);
		oracle_near_relative(m->sd, oracle_num(o, "sd"), 1e-9, what);
		oracle_near_relative(m->se, oracle_num(o, "se"), 1e-9, what);
		oracle_near_relative(m->effective, oracle_num(o, "effective"), 1e-9, what);
		oracle_near(m->min, oracle_num(o, "min"), 0, what);
		oracle_near(m->max, oracle_num(o, "max"), 0, what);
		assert_int_equal(n, PROFILE_QUANTILES);
		for (size_t i = 0; i < n; i++)
			oracle_near(w->estimates.quantiles[i], quantiles[i], 0, what);
		free(quantiles);
	}
}

static void sampling_oracle(void **state)
{
	struct json_object *oracle = oracle_open(ORACLE), *list = oracle_get(oracle, "sampling");

	(void)state;
	assert_true(json_object_array_length(list) >= 4);
	for (int packed = 0; packed < 2; packed++) {
		struct table t;

		read_sample(&t, "debt_ratio", packed);
		for (size_t i = 0; i < json_object_array_length(list); i++) {
			struct json_object *o = json_object_array_get_idx(list, i), *groups = oracle_get(o, "groups");
			struct split s;

			split_named(&s, &t, oracle_text(o, "column"), oracle_text(o, "by"), 0, STATS_SAMPLING);
			assert_int_equal(s.group_count, json_object_array_length(groups));
			for (size_t k = 0; k < s.group_count; k++) {
				struct json_object *one = json_object_array_get_idx(groups, k);

				estimates_are_as(one, &s, split_group_named(&s, oracle_text(one, "name")));
			}
			split_release(&s);
		}
		table_release(&t);
	}
	json_object_put(oracle);
}

/* ---- frequencies are rows written out ---- */

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

/* The same rows, once each with how often they are there, and as often as they are there. */
static void make_rows(uint64_t seed, struct str *once, struct str *out)
{
	static const char *const head = "x,i,c,b,t,w\n";
	static const char *const odd[] = {"inf", "-inf", "NA", "-0", "1e300"};
	uint64_t state = seed;
	const size_t rows = 20 + next_random(&state) % 200, few = 2 + next_random(&state) % 20;
	struct str row;

	str_init(&row);
	str_clear(once);
	str_clear(out);
	str_adds(once, head);
	str_adds(out, head);
	for (size_t i = 0; i < rows; i++) {
		const unsigned times = (unsigned)(next_random(&state) % 4);
		const unsigned kind = (unsigned)(next_random(&state) % 20);

		str_clear(&row);
		if (kind < COUNT_OF(odd))
			str_adds(&row, odd[kind]);
		else
			str_addf(&row, "%d.%02d", (int)(next_random(&state) % (few * few)),
			         (int)(next_random(&state) % few));
		str_addf(&row, ",%d,", (int)(next_random(&state) % few) - 3);
		if (next_random(&state) % 9)
			str_addf(&row, "c%d", (int)(next_random(&state) % few));
		str_addf(&row, ",%s,", next_random(&state) % 5 ? next_random(&state) % 2 ? "yes" : "no" : "");
		if (next_random(&state) % 11)
			str_addf(&row, "2026-0%d-1%d", 1 + (int)(next_random(&state) % 9),
			         (int)(next_random(&state) % 9));
		str_addf(once, "%s,%u\n", row.data, times);
		for (unsigned k = 0; k < times; k++)
			str_addf(out, "%s,%u\n", row.data, times);
	}
	str_release(&row);
}

static bool same(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static bool near(double a, double b)
{
	return same(a, b) || fabs(a - b) <= 1e-12 * fmax(fabs(a), fabs(b));
}

/* All that is told of numbers in every bit; chi-square and what follows may be added up in another order. */
static void splits_are_same(const struct split *a, const struct split *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->group_count, b->group_count);
	assert_int_equal(a->bins, b->bins);
	assert_int_equal(a->value_count, b->value_count);
	for (size_t i = 0; a->bins && i <= a->bins; i++)
		assert_true(a->edges[i] == b->edges[i]);
	for (size_t i = 0; i < a->value_count; i++)
		assert_string_equal(a->value_names[i], b->value_names[i]);
	for (size_t k = 0; k < a->group_count; k++) {
		const struct split_group *x = &a->groups[k], *y = &b->groups[k];

		assert_string_equal(x->name, y->name);
		assert_true(!x->where == !y->where && (!x->where || !strcmp(x->where, y->where)));
		assert_int_equal(x->rows, y->rows);
		assert_int_equal(x->missing, y->missing);
		assert_int_equal(x->infinite, y->infinite);
		assert_true(same(x->mean, y->mean) && same(x->sd, y->sd) && same(x->min, y->min) &&
		            same(x->max, y->max));
		for (size_t i = 0; i < PROFILE_QUANTILES; i++)
			assert_true(same(x->quantiles[i], y->quantiles[i]));
		if (a->bins)
			assert_memory_equal(x->bins, y->bins, a->bins * sizeof(*x->bins));
		if (a->value_count)
			assert_memory_equal(x->values, y->values, a->value_count * sizeof(*x->values));
		assert_null(x->weighted);
	}
	assert_true(near(a->strength, b->strength) && same(a->anova.f, b->anova.f) &&
	            same(a->anova.p, b->anova.p) && same(a->anova.eta2, b->anova.eta2));
	assert_true(same(a->auc.value, b->auc.value) && same(a->auc.low, b->auc.low) &&
	            same(a->auc.high, b->auc.high));
	assert_true(near(a->association.chi2, b->association.chi2) && near(a->association.p, b->association.p) &&
	            near(a->association.v, b->association.v) && same(a->association.df, b->association.df));
	assert_true(same(a->absence.chi2, b->absence.chi2) && same(a->absence.v, b->absence.v));
}

static void frequencies_are_rows(void **state)
{
	struct str once, out;

	(void)state;
	str_init(&once);
	str_init(&out);
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct table weighted, written;

		make_rows(seed, &once, &out);
		read_text(&weighted, once.data, seed % 2);
		read_text(&written, out.data, seed % 2);
		for (long by = -1; by < 5; by++)
			for (size_t at = 0; at < 5; at++) {
				const char *name = by < 0 ? NULL : weighted.columns[by].name, *of = weighted.columns[at].name;
				struct split a, b;

				if ((long)at == by)
					continue;
				split_named(&a, &weighted, of, name, seed % 3 ? 0 : 4, STATS_FREQUENCY);
				split_named(&b, &written, of, name, seed % 3 ? 0 : 4, STATS_ONE_EACH);
				splits_are_same(&a, &b);
				split_release(&a);
				split_release(&b);
			}
		table_release(&weighted);
		table_release(&written);
	}
	str_release(&once);
	str_release(&out);
}

/* ---- sampling weights ---- */

/* What is estimated of a group is what the weighted profile of its rows says, and what is told of rows is as without. */
static void estimates_are_profiles(void **state)
{
	struct str once, out;

	(void)state;
	str_init(&once);
	str_init(&out);
	for (uint64_t seed = 1; seed <= 10; seed++) {
		struct table t;
		struct split_by g;
		struct error err;

		make_rows(seed, &once, &out);
		read_text(&t, once.data, seed % 2);
		assert_int_equal(split_by_init(&g, &t, 2, 5, STATS_SAMPLING, NULL, &err), 0);
		for (size_t at = 0; at < 5; at++) {
			struct split a, b;

			if (at == 2)
				continue;
			assert_int_equal(split_column(&a, &g, at, NULL, &err), 0);
			split_named(&b, &t, t.columns[at].name, "c", 5, STATS_ONE_EACH);
			for (size_t k = 0; k < g.group_count; k++) {
				const struct split_weighted *w = a.groups[k].weighted;
				const struct profile_options how = {.weights = STATS_SAMPLING};
				const struct weighted_profile *p;
				struct table rows;
				struct profile profile;

				split_take(&g, k, &rows);
				assert_int_equal(profile_table(&profile, &rows, &how, &err), 0);
				p = profile.columns[at].weighted;
				assert_true(same(w->estimates.missing, p->missing));
				assert_memory_equal(&w->estimates.moments, &p->moments, sizeof p->moments);
				assert_memory_equal(w->estimates.quantiles, p->quantiles, sizeof p->quantiles);
				profile_release(&profile);
				table_release(&rows);
				a.groups[k].weighted = NULL;
			}
			splits_are_same(&a, &b);
			split_release(&a);
			split_release(&b);
		}
		split_by_release(&g);
		table_release(&t);
	}
	str_release(&once);
	str_release(&out);
}

/* Only the proportions of sampling weights matter. */
static void scale_does_not_matter(void **state)
{
	static const char *const texts[] = {
	    "x,i,c,b,t,w\n1,1,u,yes,2026-01-01,1\n2,1,u,no,2026-01-01,3\n9,1,v,,,2\n",
	    "x,i,c,b,t,w\n1,1,u,yes,2026-01-01,4\n2,1,u,no,2026-01-01,12\n9,1,v,,,8\n"};
	struct table t[2];
	struct split s[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		read_text(&t[i], texts[i], true);
		split_named(&s[i], &t[i], "b", "c", 0, STATS_SAMPLING);
	}
	for (size_t k = 0; k < 2; k++) {
		const struct split_weighted *a = s[0].groups[k].weighted, *b = s[1].groups[k].weighted;

		assert_true(b->weight == 4 * a->weight);
		assert_true(a->share == b->share && same(a->values[0], b->values[0]));
	}
	assert_true(s[0].groups[0].weighted->estimates.moments.mean == 0.25);
	assert_true(s[0].groups[1].weighted->estimates.missing == 1);
	for (int i = 0; i < 2; i++) {
		split_release(&s[i]);
		table_release(&t[i]);
	}
}

/* ---- little, and wrong ---- */

static void refusals(void **state)
{
	static const struct {
		const char *weight;
		enum stats_weights kind;
		const char *said; /* NULL: allowed */
	} cases[] = {
	    {"0", STATS_FREQUENCY, "column w is the weight, and it is 0 in every row"},
	    {"0", STATS_SAMPLING, NULL},
	    {"0.5", STATS_FREQUENCY, "no whole number"},
	    {"0.5", STATS_SAMPLING, NULL},
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *text = xasprintf("x,i,c,b,t,w\n1,1,u,yes,2026-01-01,%s\n2,2,v,no,2026-02-01,%s\n",
		                       cases[i].weight, cases[i].weight);
		struct table t;
		struct split_by g;

		read_text(&t, text, false);
		if (cases[i].said) {
			assert_int_equal(split_by_init(&g, &t, 2, 0, cases[i].kind, NULL, &err), -1);
			assert_int_equal(err.code, ERR_USAGE);
			assert_non_null(strstr(err.text, cases[i].said));
		} else {
			struct split s;
			struct str json;

			split_named(&s, &t, "x", "c", 0, cases[i].kind);
			assert_int_equal(s.group_count, 2);
			assert_true(isnan(s.groups[0].weighted->share) == !strcmp(cases[i].weight, "0"));
			str_init(&json);
			split_json(&s, &json);
			assert_non_null(strstr(json.data, "\"weights\":\"sampling\""));
			str_release(&json);
			split_release(&s);
		}
		table_release(&t);
		free(text);
	}
}

/* More rows than can be written out are counted. */
static void many_rows(void **state)
{
	struct table t;
	struct split s;

	(void)state;
	read_text(&t, "x,i,c,b,t,w\n1,1,u,yes,,1000000000000000\n2,2,u,no,,1\n3,3,v,no,,1000000000000000\n",
	          true);
	split_named(&s, &t, "x", "c", 0, STATS_FREQUENCY);
	assert_int_equal(s.groups[0].rows, 1000000000000001);
	assert_true(s.groups[0].quantiles[3] == 1 && s.groups[1].mean == 3);
	assert_true(s.strength > 0.999);
	split_release(&s);
	split_named(&s, &t, "x", "b", 0, STATS_FREQUENCY);
	assert_int_equal(s.auc.negatives, 1000000000000001);
	assert_true(s.auc.value == 0);
	split_release(&s);
	table_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(frequency_oracle),
	    cmocka_unit_test(sampling_oracle),
	    cmocka_unit_test(frequencies_are_rows),
	    cmocka_unit_test(estimates_are_profiles),
	    cmocka_unit_test(scale_does_not_matter),
	    cmocka_unit_test(refusals),
	    cmocka_unit_test(many_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
