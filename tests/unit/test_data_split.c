/* One column by another: against pandas, scipy and sklearn (tests/oracle/splits.json), against the profile of each
 * group's rows, and that each group's expression gives exactly its rows, whatever stands in names and values. */
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
#include "assay/data_relation.h"
#include "assay/data_split.h"

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

static void make(struct split *s, const struct table *t, const char *column, const char *by, size_t groups)
{
	struct error err;

	if (split_table(s, t, (size_t)table_need(t, column, &err), by ? table_need(t, by, &err) : -1, groups,
	                NULL, &err) < 0)
		fail_msg("%s by %s: %s", column, by ? by : "file", err.text);
}

static const struct split_group *find(const struct split *s, const char *name)
{
	for (size_t i = 0; i < s->group_count; i++)
		if (!strcmp(s->groups[i].name, name))
			return &s->groups[i];
	fail_msg("%s by %s: no group \"%s\"", s->column, s->by ? s->by : "file", name);
	abort();
}

/* ---- the oracle ---- */

static void group_is_as(const struct split *s, struct json_object *o, const struct split_group *one,
                        const char *what)
{
	struct json_object *values = json_object_object_get(o, "values");

	assert_int_equal(one->rows, (long)oracle_num(o, "rows"));
	assert_int_equal(one->missing, (long)oracle_num(o, "missing"));
	if (s->numeric) {
		size_t n;
		double *quantiles = oracle_nums(o, "quantiles", &n);

		oracle_near_relative(one->mean, oracle_num(o, "mean"), 1e-12, what);
		oracle_near_relative(one->sd, oracle_num(o, "sd"), 1e-9, what);
		oracle_near(one->min, oracle_num(o, "min"), 0, what);
		oracle_near(one->max, oracle_num(o, "max"), 0, what);
		assert_int_equal(n, PROFILE_QUANTILES);
		for (size_t i = 0; i < n; i++)
			oracle_near_relative(one->quantiles[i], quantiles[i], 1e-12, what);
		free(quantiles);
	}
	for (size_t i = 0; values && i < s->value_count; i++) {
		struct json_object *count;

		if (strncmp(s->value_names[i], "other (", 7) != 0)
			assert_int_equal(one->values[i], json_object_object_get_ex(values, s->value_names[i], &count)
			                                     ? json_object_get_int64(count)
			                                     : 0);
	}
}

static void split_is_as(struct json_object *o, const struct table *t)
{
	struct json_object *groups = oracle_get(o, "groups");
	struct split s;
	char what[100];
	size_t found = 0;

	snprintf(what, sizeof what, "%s by %s", oracle_text(o, "column"), oracle_text(o, "by"));
	make(&s, t, oracle_text(o, "column"), oracle_text(o, "by"), 0);
	for (size_t i = 0; i < json_object_array_length(groups); i++) {
		struct json_object *one = json_object_array_get_idx(groups, i);

		group_is_as(&s, one, find(&s, oracle_text(one, "name")), what);
	}
	for (size_t i = 0; i < s.group_count; i++)
		found += s.groups[i].rows > 0;
	assert_int_equal(found, json_object_array_length(groups));
	if (s.numeric) {
		oracle_near_relative(s.anova.f, oracle_num(o, "f"), 1e-9, what);
		oracle_near(s.anova.p, oracle_num(o, "p"), 1e-9, what);
		oracle_near(sqrt(s.anova.eta2), oracle_num(o, "eta"), 1e-9, what);
	} else {
		oracle_near_relative(s.association.chi2, oracle_num(o, "chi2"), 1e-9, what);
		oracle_near(s.association.p, oracle_num(o, "p"), 1e-9, what);
		oracle_near(s.association.v, oracle_num(o, "v"), 1e-9, what);
	}
	if (json_object_object_get(o, "auc")) {
		oracle_near(s.auc.value, oracle_num(o, "auc"), 1e-9, what);
		oracle_near(s.auc.low, oracle_num(o, "auc_low"), 1e-9, what);
		oracle_near(s.auc.high, oracle_num(o, "auc_high"), 1e-9, what);
	}
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
			split_is_as(json_object_array_get_idx(list, i), &t);
		split_is_as(oracle_get(oracle, "sample_days"), &t);
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
		split_is_as(json_object_array_get_idx(list, i), &t);
	reading_release(&r);
	table_release(&t);
	json_object_put(oracle);
}

/* ---- rows of a group ---- */

/* Each group's expression gives as many rows as it has, its first one first, and none that is in another group. */
static void expressions_give_rows(const struct table *t, const char *by, size_t groups)
{
	struct split_by g;
	struct error err;
	uint8_t *keep = xmalloc(t->row_count + 1);
	uint64_t all = 0;

	if (split_by_init(&g, t, table_need(t, by, &err), groups, NULL, &err) < 0)
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
	    split_by_init(&g, &t, table_need(&t, "people", &err), 0, NULL, &err) < 0)
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
		make(&s, &t, c->name, "people", 0);
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

/* ---- kinds of groups ---- */

static void names_are(const struct table *t, const char *by, size_t groups, enum split_kind kind,
                      const char *const *names, size_t count)
{
	struct split_by g;
	struct error err;

	if (split_by_init(&g, t, by ? table_need(t, by, &err) : -1, groups, NULL, &err) < 0)
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
	    {"2026-10-05", "2026-10-05", "2026-10-05 00:00", NULL, "2026-10-05 00:00", 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *text = xasprintf("t,v\n%s,1\n%s,2\n,3\n", cases[i].to, cases[i].from);
		struct table t;
		struct split_by g;
		struct error err;

		read_text(&t, text, "t=time");
		if (split_by_init(&g, &t, 0, 0, NULL, &err) < 0)
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
	make(&s, &t, "v", NULL, 0);
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
	make(&s, &t, "c", NULL, 0);
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
	make(&s, &t, "x", "y", 0);
	for (size_t i = 0; i < r.to_label_count; i++)
		if (r.to_label[i].a == 0) {
			assert_true(r.to_label[i].auc.value == s.auc.value);
			assert_true(r.to_label[i].auc.low == s.auc.low && r.to_label[i].auc.high == s.auc.high);
		}
	assert_true(s.auc.positives + s.auc.negatives == 400);
	split_release(&s);
	make(&s, &t, "x", "c", 0);
	for (size_t i = 0; i < r.pair_count; i++)
		if (r.pairs[i].a == 0 && r.pairs[i].b == 1)
			assert_true(r.pairs[i].strength == s.strength && r.pairs[i].anova.f == s.anova.f);
	assert_true(isnan(s.auc.value));
	split_release(&s);
	relations_release(&r);
	/* h is missing where c is r, and nowhere else. */
	make(&s, &t, "h", "c", 0);
	assert_true(s.absence.v > 0.99); /* corrected for bias */
	assert_int_equal(find(&s, "r")->missing, 134);
	assert_int_equal(find(&s, "p")->missing, 0);
	split_release(&s);
	make(&s, &t, "one", "c", 0);
	assert_true(isnan(s.strength) && isnan(s.anova.eta2) && isnan(s.absence.v));
	split_release(&s);
	make(&s, &t, "x", "one", 0);
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
	make(&s, &t, "x", "c", 0);
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
	make(&s, &t, "b", NULL, 0);
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
	assert_int_equal(split_table(&s, &t, 0, 1, 0, NULL, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_non_null(strstr(err.text, "type text"));
	assert_int_equal(split_table(&s, &t, 0, 0, 0, NULL, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	/* Of texts it is told what is missing. */
	make(&s, &t, "c", "x", 0);
	assert_int_equal(s.value_count, 0);
	assert_int_equal(s.group_count, 3);
	split_release(&s);
	assert_int_equal(split_by_init(&g, &t, 1 - 1, 0, NULL, &err), 0);
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

						if (split_table(&s, &t, a, b, 2, NULL, &err) < 0)
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
	    cmocka_unit_test(wheres),
	    cmocka_unit_test(groups_are_profiles),
	    cmocka_unit_test(edges_are_shared),
	    cmocka_unit_test(values_and_ranges),
	    cmocka_unit_test(periods),
	    cmocka_unit_test(borders_of_periods),
	    cmocka_unit_test(files),
	    cmocka_unit_test(measures),
	    cmocka_unit_test(json),
	    cmocka_unit_test(refusals),
	    cmocka_unit_test(little),
	};

	return cmocka_run_group_tests_name("one column by another", tests, NULL, NULL);
}
