/* One column by another: against pandas, scipy and sklearn (tests/oracle/splits.json), and against the profile of each
 * group's rows. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../lib/oracle.h"
#include "../lib/splits.h"
#include "assay/data_relation.h"

#define SAMPLE "sample-data/applications-2026-07.csv"
#define ADULT  "../shared/data/adult/adult.data"

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

/* ---- the oracle ---- */

static void one_is_as(struct json_object *o, const struct table *t)
{
	struct split s;

	split_named(&s, t, oracle_text(o, "column"), oracle_text(o, "by"), 0, STATS_ONE_EACH);
	split_is_as(o, &s);
	split_release(&s);
}

static void sample(void **state)
{
	struct json_object *oracle = oracle_open("tests/oracle/splits.json"),
	                   *list = oracle_get(oracle, "sample");
	struct error err;
	struct table t;

	(void)state;
	for (int packed = 0; packed < 2; packed++) {
		struct table_options options = {.packed = packed};
		struct reading r;

		reading_init(&r);
		if (table_read(&t, (const char *const[]){SAMPLE}, 1, &r, &options, &err) < 0)
			fail_msg("%s", err.text);
		for (size_t i = 0; i < json_object_array_length(list); i++)
			one_is_as(json_object_array_get_idx(list, i), &t);
		one_is_as(oracle_get(oracle, "sample_days"), &t);
		reading_release(&r);
		table_release(&t);
	}
	json_object_put(oracle);
}

static void adult(void **state)
{
	static const char names[] =
	    "age,workclass,fnlwgt,education,education_num,marital_status,occupation,relationship,"
	    "race,sex,capital_gain,capital_loss,hours_per_week,native_country,income";
	struct json_object *oracle, *list;
	struct reading r;
	struct error err;
	struct table t;

	(void)state;
	if (!file_exists(ADULT))
		skip();
	oracle = oracle_open("tests/oracle/splits.json");
	list = oracle_get(oracle, "adult");
	reading_init(&r);
	if (reading_set(&r, "names", names, &err) < 0 || reading_set(&r, "label", "income", &err) < 0 ||
	    reading_set(&r, "positive", ">50K", &err) < 0 ||
	    table_read(&t, (const char *const[]){ADULT}, 1, &r, &(struct table_options){.packed = true}, &err) <
	        0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < json_object_array_length(list); i++)
		one_is_as(json_object_array_get_idx(list, i), &t);
	reading_release(&r);
	table_release(&t);
	json_object_put(oracle);
}

/* ---- beside the profile ---- */

/* What a split says of a group is what the profile of its rows says, bit by bit. */
static void groups_are_profiles(void **state)
{
	struct reading r;
	struct error err;
	struct table t;
	struct split_by g;

	(void)state;
	reading_init(&r);
	if (table_read(&t, (const char *const[]){SAMPLE}, 1, &r, &(struct table_options){.packed = true}, &err) <
	        0 ||
	    split_by_init(&g, &t, table_need(&t, "people", &err), 0, STATS_ONE_EACH, NULL, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t k = 0; k < g.group_count; k++) {
		struct table rows;
		struct profile p;

		split_take(&g, k, &rows);
		profile_table(&p, &rows, NULL, &err);
		for (size_t i = 0; i < t.column_count; i++) {
			const struct column_profile *c = &p.columns[i];
			struct split s;

			if ((long)i == g.by)
				continue;
			if (split_column(&s, &g, i, NULL, &err) < 0)
				fail_msg("%s", err.text);
			assert_int_equal(s.groups[k].rows, p.rows);
			assert_int_equal(s.groups[k].missing, c->missing);
			if (s.numeric) {
				assert_true(s.groups[k].mean == c->mean && s.groups[k].sd == c->sd &&
				            s.groups[k].min == c->min && s.groups[k].max == c->max);
				assert_memory_equal(s.groups[k].quantiles, c->quantiles, sizeof c->quantiles);
			}
			for (size_t v = 0; v < s.value_count && c->distinct <= PROFILE_TOP; v++)
				assert_int_equal(s.groups[k].values[v],
				                 profile_top_count(c, s.value_names[v], strlen(s.value_names[v])));
			split_release(&s);
		}
		profile_release(&p);
		table_release(&rows);
	}
	split_by_release(&g);
	table_release(&t);
	reading_release(&r);
}

/* The edges are those of the profile, and what is in the bins of all groups is what is in its own. */
static void edges_are_shared(void **state)
{
	struct reading r;
	struct error err;
	struct table t;
	struct profile p;

	(void)state;
	reading_init(&r);
	if (table_read(&t, (const char *const[]){SAMPLE}, 1, &r, NULL, &err) < 0)
		fail_msg("%s", err.text);
	profile_table(&p, &t, NULL, &err);
	for (size_t i = 0; i < t.column_count; i++) {
		const struct column_profile *c = &p.columns[i];
		struct split s;

		if (!strcmp(c->name, "people"))
			continue;
		split_named(&s, &t, c->name, "people", 0, STATS_ONE_EACH);
		assert_int_equal(s.bins, s.numeric ? c->bins : 0);
		if (s.numeric)
			assert_memory_equal(s.edges, c->edges, (c->bins + 1) * sizeof(double));
		for (size_t b = 0; b < s.bins; b++) {
			uint64_t sum = 0;

			for (size_t k = 0; k < s.group_count; k++)
				sum += s.groups[k].bins[b];
			assert_int_equal(sum, c->bin_counts[b]);
		}
		split_release(&s);
	}
	profile_release(&p);
	table_release(&t);
	reading_release(&r);
}

/* Read for two columns alone: all are typed as ever, and those two are the same. */
static void few_columns(void **state)
{
	static const char *const only[] = {"income", "people"};
	struct table all, few;
	struct str canonical[2];
	struct split a, b;
	struct reading r;
	struct error err;

	(void)state;
	reading_init(&r);
	for (int packed = 0; packed < 2; packed++) {
		struct table_options options = {.packed = packed, .slice = 3000};

		if (table_read(&all, (const char *const[]){SAMPLE}, 1, &r, &options, &err) < 0)
			fail_msg("%s", err.text);
		options.only = only;
		options.only_count = 2;
		if (table_read(&few, (const char *const[]){SAMPLE}, 1, &r, &options, &err) < 0)
			fail_msg("%s", err.text);
		str_init(&canonical[0]);
		str_init(&canonical[1]);
		reading_canonical(&all.reading, &canonical[0]);
		reading_canonical(&few.reading, &canonical[1]);
		assert_string_equal(canonical[0].data, canonical[1].data);
		assert_int_equal(all.note_count, few.note_count);
		for (size_t i = 0; i < all.column_count; i++) {
			const struct column *c = &few.columns[i];
			const bool kept = !strcmp(c->name, only[0]) || !strcmp(c->name, only[1]) ||
			                  c->type == COLUMN_ID; /* whether it is one is told by its rows */

			assert_int_equal(c->missing, all.columns[i].missing);
			assert_int_equal(c->values || c->codes || c->packed, kept);
		}
		split_named(&a, &all, "income", "people", 0, STATS_ONE_EACH);
		split_named(&b, &few, "income", "people", 0, STATS_ONE_EACH);
		str_clear(&canonical[0]);
		str_clear(&canonical[1]);
		split_json(&a, &canonical[0]);
		split_json(&b, &canonical[1]);
		assert_string_equal(canonical[0].data, canonical[1].data);
		split_release(&a);
		split_release(&b);
		str_release(&canonical[0]);
		str_release(&canonical[1]);
		table_release(&all);
		table_release(&few);
	}
	reading_release(&r);
}

/* ---- what else is said ---- */

static void measures(void **state)
{
	struct str text;
	struct table t;
	struct split s;
	struct relations r;
	struct error err;

	(void)state;
	str_init(&text);
	str_adds(&text, "x,c,y,one,h\n");
	for (int i = 0; i < 400; i++) {
		str_addf(&text, "%d.%d,%s,%d,5,", i * 7 % 83, i % 10, i % 3 ? i % 3 == 1 ? "p" : "q" : "r",
		         i * 7 % 83 > 50);
		str_adds(&text, i % 3 ? "v\n" : "\n");
	}
	read_text(&t, text.data, NULL);
	/* Where every group is a value, the measures are those of the relation of the two columns. */
	relations_table(&r, &t, &(struct relation_options){.label = "y"}, &err);
	split_named(&s, &t, "x", "y", 0, STATS_ONE_EACH);
	for (size_t i = 0; i < r.to_label_count; i++)
		if (r.to_label[i].a == 0) {
			assert_true(r.to_label[i].auc.value == s.auc.value);
			assert_true(r.to_label[i].auc.low == s.auc.low && r.to_label[i].auc.high == s.auc.high);
		}
	assert_true(s.auc.positives + s.auc.negatives == 400);
	split_release(&s);
	split_named(&s, &t, "x", "c", 0, STATS_ONE_EACH);
	for (size_t i = 0; i < r.pair_count; i++)
		if (r.pairs[i].a == 0 && r.pairs[i].b == 1)
			/* There by sums in blocks, here by exact ones. */
			assert_true(fabs(r.pairs[i].strength - s.strength) < 1e-12 &&
			            fabs(r.pairs[i].anova.f / s.anova.f - 1) < 1e-12);
	assert_true(isnan(s.auc.value));
	split_release(&s);
	relations_release(&r);
	/* h is missing where c is r, and nowhere else. */
	split_named(&s, &t, "h", "c", 0, STATS_ONE_EACH);
	assert_true(s.absence.v > 0.99); /* corrected for bias */
	assert_int_equal(split_group_named(&s, "r")->missing, 134);
	assert_int_equal(split_group_named(&s, "p")->missing, 0);
	split_release(&s);
	split_named(&s, &t, "one", "c", 0, STATS_ONE_EACH);
	assert_true(isnan(s.strength) && isnan(s.anova.eta2) && isnan(s.absence.v));
	split_release(&s);
	split_named(&s, &t, "x", "one", 0, STATS_ONE_EACH);
	assert_int_equal(s.group_count, 1);
	assert_true(isnan(s.strength));
	split_release(&s);
	table_release(&t);
	str_release(&text);
}

static void json(void **state)
{
	struct str out;
	struct table t;
	struct split s;
	struct json_object *o, *groups;

	(void)state;
	str_init(&out);
	read_text(&t, "x,c,b\n1,u,yes\n2,u,no\n,v,no\ninf,w,yes\n", "c=cat");
	split_named(&s, &t, "x", "c", 0, STATS_ONE_EACH);
	split_json(&s, &out);
	o = json_tokener_parse(out.data);
	assert_non_null(o);
	assert_string_equal(oracle_text(o, "by"), "c");
	assert_string_equal(oracle_text(o, "kind"), "values");
	groups = oracle_get(o, "groups");
	assert_int_equal(json_object_array_length(groups), 3);
	assert_string_equal(oracle_text(json_object_array_get_idx(groups, 0), "where"), "\"c\" = 'u'");
	assert_true(oracle_num(json_object_array_get_idx(groups, 0), "mean") == 1.5);
	assert_true(isnan(oracle_num(json_object_array_get_idx(groups, 1), "mean")));
	assert_string_equal(oracle_text(json_object_array_get_idx(groups, 1), "mean_why"),
	                    "there is no finite value");
	assert_int_equal((long)oracle_num(json_object_array_get_idx(groups, 2), "infinite"), 1);
	assert_int_equal((long)oracle_num(json_object_array_get_idx(groups, 2), "first_row"), 4);
	json_object_put(o);
	split_release(&s);
	str_clear(&out);
	split_named(&s, &t, "b", NULL, 0, STATS_ONE_EACH);
	split_json(&s, &out);
	o = json_tokener_parse(out.data);
	assert_non_null(o);
	assert_int_equal(json_object_array_length(oracle_get(o, "values")), 2);
	assert_string_equal(oracle_text(o, "kind"), "files");
	assert_true(json_object_object_get(o, "by") == NULL);
	json_object_put(o);
	split_release(&s);
	table_release(&t);
	str_release(&out);
}

static void refusals(void **state)
{
	struct table t;
	struct split s;
	struct split_by g;
	struct error err;
	struct progress progress = {0};

	(void)state;
	read_text(&t, "x,c\n1,u\n2,u\n3,v\n", "c=text");
	assert_int_equal(split_once(&s, &t, 0, 1, 0, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_non_null(strstr(err.text, "type text"));
	assert_int_equal(split_once(&s, &t, 0, 0, 0, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	/* Of texts it is told what is missing. */
	split_named(&s, &t, "c", "x", 0, STATS_ONE_EACH);
	assert_int_equal(s.value_count, 0);
	assert_int_equal(s.group_count, 3);
	split_release(&s);
	assert_int_equal(split_by_init(&g, &t, 1 - 1, 0, STATS_ONE_EACH, NULL, &err), 0);
	progress.stop = true;
	assert_int_equal(split_column(&s, &g, 1, &progress, &err), -1);
	assert_int_equal(err.code, ERR_NO);
	split_by_release(&g);
	table_release(&t);
}

/* Only missing values, no rows of a kind, a single row. */
static void little(void **state)
{
	static const char *const texts[] = {"a,b,c,t\n,,,\n,,,\n", "a,b,c,t\n1,x,yes,2026-01-01\n",
	                                    "a,b,c,t\ninf,x,,\n-inf,,no,\n"};
	static const char *const types[] = {"int", "num", "cat", "bool", "time"};

	(void)state;
	for (size_t k = 0; k < COUNT_OF(texts); k++)
		for (size_t type = 0; type < COUNT_OF(types); type++) {
			struct table t;
			struct reading r;
			struct error err;
			char *said = xasprintf("a=%s", types[type]);

			reading_init(&r);
			if (reading_set(&r, "type", said, &err) < 0)
				fail_msg("%s", err.text);
			if (table_read_bytes(&t, "in", texts[k], strlen(texts[k]), &r, NULL, &err) == 0) {
				for (size_t a = 0; a < t.column_count; a++)
					for (long b = -1; b < (long)t.column_count; b++) {
						struct split s;
						struct str out;
						uint64_t rows = 0;

						if (split_once(&s, &t, a, b, 2, &err) < 0)
							continue;
						for (size_t i = 0; i < s.group_count; i++)
							rows += s.groups[i].rows;
						assert_int_equal(rows, t.row_count);
						str_init(&out);
						split_json(&s, &out);
						str_release(&out);
						split_release(&s);
					}
				table_release(&t);
			}
			reading_release(&r);
			free(said);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sample),
	    cmocka_unit_test(adult),
	    cmocka_unit_test(groups_are_profiles),
	    cmocka_unit_test(edges_are_shared),
	    cmocka_unit_test(few_columns),
	    cmocka_unit_test(measures),
	    cmocka_unit_test(json),
	    cmocka_unit_test(refusals),
	    cmocka_unit_test(little),
	};

	return cmocka_run_group_tests_name("one column by another", tests, NULL, NULL);
}
