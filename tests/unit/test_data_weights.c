/* Weighted profiles: against pandas, numpy and statsmodels; frequencies as rows written out, in every bit. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/oracle.h"
#include "assay/data.h"

#define ORACLE "tests/oracle/facts.json"

/* Types and the weight are said; options of the reading too, if need be. */
static void read_text(const char *text, const char *types, struct table *t)
{
	struct table_options options = {.packed = true, .spellings = true};
	struct reading r;
	struct error err;
	char *list = xstrdup(types), *next = list;

	reading_init(&r);
	assert_int_equal(reading_set(&r, "weight", "w", &err), 0);
	for (char *one; (one = strsep(&next, ","));)
		if (reading_set(&r, "type", one, &err) != 0)
			fail_msg("%s", err.text);
	if (table_read_bytes(t, "in", text, strlen(text), &r, &options, &err) < 0)
		fail_msg("%s", err.text);
	reading_release(&r);
	free(list);
}

static void profile_of(const char *text, const char *types, enum stats_weights kind, int threads,
                       struct profile *p)
{
	struct table t;
	struct error err;

	read_text(text, types, &t);
	if (profile_table(p, &t, &(struct profile_options){.weights = kind, .threads = threads}, &err) < 0)
		fail_msg("%s", err.text);
	table_release(&t);
}

/* ---- against the reference functions ---- */

static void case_text(json_object *one, struct str *out)
{
	size_t n, m;
	double *x = oracle_nums(one, "values", &n), *w = oracle_nums(one, "weights", &m);
	char a[NUM_TEXT], b[NUM_TEXT];

	assert_int_equal(n, m);
	str_clear(out);
	str_adds(out, "x,w\n");
	for (size_t i = 0; i < n; i++)
		str_addf(out, "%s,%s\n", isnan(x[i]) ? "NA" : num_shortest(x[i], a), num_shortest(w[i], b));
	free(x);
	free(w);
}

static void check_bins(const struct column_profile *c, json_object *one, const char *key, const char *name)
{
	size_t n;
	double *want = oracle_nums(one, key, &n);

	assert_int_equal(c->bins, n);
	for (size_t i = 0; i < n; i++)
		oracle_near(c->weighted ? c->weighted->bins[i] : (double)c->bin_counts[i], want[i], 1e-9, name);
	free(want);
}

static void check_quantiles(const double *got, json_object *one, const char *key, const char *name)
{
	size_t n;
	double *want = oracle_nums(one, key, &n);

	assert_int_equal(n, PROFILE_QUANTILES);
	for (size_t i = 0; i < n; i++)
		oracle_near(got[i], want[i], 1e-12, name);
	free(want);
}

/* Profiles the cases of this kind, and has each checked. */
static void each_case(const char *kind, const char *types, enum stats_weights weights,
                      void (*check)(json_object *one, const char *name, const struct profile *p))
{
	json_object *all = oracle_open(ORACLE), *cases = oracle_get(all, kind);
	struct str text;

	str_init(&text);
	assert_true(json_object_array_length(cases) >= 4);
	for (size_t i = 0; i < json_object_array_length(cases); i++) {
		json_object *one = json_object_array_get_idx(cases, i);
		struct profile p;

		case_text(one, &text);
		profile_of(text.data, types, weights, 2, &p);
		check(one, oracle_text(one, "name"), &p);
		profile_release(&p);
	}
	str_release(&text);
	json_object_put(all);
}

static void check_frequency(json_object *one, const char *name, const struct profile *p)
{
	const struct column_profile *c = profile_find(p, "x");

	assert_int_equal(p->rows, (uint64_t)oracle_num(one, "rows"));
	assert_int_equal(p->weights, STATS_FREQUENCY);
	assert_string_equal(p->weight, "w");
	assert_int_equal(c->count, (uint64_t)oracle_num(one, "count"));
	assert_int_equal(c->missing, (uint64_t)oracle_num(one, "missing"));
	assert_int_equal(c->distinct, (uint64_t)oracle_num(one, "distinct"));
	assert_int_equal(c->fences.below + c->fences.above, (uint64_t)oracle_num(one, "outside"));
	assert_null(c->weighted);
	oracle_near(c->mean, oracle_num(one, "mean"), 1e-12, name);
	oracle_near(c->variance, oracle_num(one, "variance"), 1e-9, name);
	oracle_near(c->sd, oracle_num(one, "sd"), 1e-9, name);
	oracle_near(c->skewness, oracle_num(one, "skewness"), 1e-9, name);
	oracle_near(c->kurtosis, oracle_num(one, "kurtosis"), 1e-9, name);
	oracle_near(c->sum, oracle_num(one, "sum"), 1e-9, name);
	oracle_near(c->mad, oracle_num(one, "mad"), 1e-9, name);
	oracle_near(c->lag1, oracle_num(one, "lag1"), 1e-9, name);
	check_quantiles(c->quantiles, one, "quantiles", name);
	check_bins(c, one, "counts", name);
}

static void test_frequency_oracle(void **state)
{
	(void)state;
	each_case("frequency", "x=num,w=int", STATS_FREQUENCY, check_frequency);
}

static void check_sampling(json_object *one, const char *name, const struct profile *p)
{
	const struct column_profile *c = profile_find(p, "x");
	const struct weighted *w;

	assert_non_null(c->weighted);
	w = &c->weighted->moments;
	oracle_near(w->weight, oracle_num(one, "weight"), 1e-12, name);
	oracle_near(w->mean, oracle_num(one, "mean"), 1e-12, name);
	oracle_near(w->variance, oracle_num(one, "variance"), 1e-9, name);
	oracle_near(w->sd, oracle_num(one, "sd"), 1e-9, name);
	oracle_near(w->effective, oracle_num(one, "effective"), 1e-9, name);
	oracle_near(w->se, oracle_num(one, "se"), 1e-9, name);
	oracle_near(w->design_effect, oracle_num(one, "design_effect"), 1e-9, name);
	oracle_near(c->weighted->missing, oracle_num(one, "missing"), 1e-12, name);
	check_quantiles(c->weighted->quantiles, one, "quantiles", name);
	check_bins(c, one, "shares", name);
	/* The rows themselves are told of as if there were no weights. */
	oracle_near(c->mean, oracle_num(one, "plain_mean"), 1e-12, name);
	check_quantiles(c->quantiles, one, "plain_quantiles", name);
}

static void test_sampling_oracle(void **state)
{
	(void)state;
	each_case("sampling", "x=num,w=num", STATS_SAMPLING, check_sampling);
}

/* ---- the same bits ---- */

static void same_text(const struct str *one, const struct str *two)
{
	size_t at = 0, from;

	while (at < one->len && one->data[at] == two->data[at])
		at++;
	from = at > 200 ? at - 200 : 0;
	if (at < one->len || two->len > at)
		fail_msg("at byte %zu: %.300s\nis not %.300s", at, one->data + from, two->data + from);
}

#define COLUMNS "w,i,d,f,c,t,when,b,k,z\n"
#define TYPES   "w=int,i=int,d=num,f=num,c=cat,t=text,when=time,b=bool,k=id,z=num"

static void one_row(struct rng *r, struct str *out)
{
	static const char *const cities[] = {"Basel", "Z\xC3\xBCrich", "St. Gallen", "NA", "?", ""};
	char number[NUM_TEXT];

	str_addf(out, ",%s%d", rng_below(r, 9) ? "" : "-", (int)rng_below(r, 40));
	if (rng_below(r, 6))
		str_addf(out, ",%d.%02d", (int)rng_below(r, 90), (int)rng_below(r, 100));
	else
		str_adds(out, rng_below(r, 2) ? ",NA" : ",");
	str_addf(out, ",%s",
	         rng_below(r, 15)  ? num_shortest(rng_normal(r) * 1e-7, number)
	         : rng_below(r, 2) ? "inf"
	                           : "-inf");
	str_addf(out, ",%s,%s %d,", cities[rng_below(r, 6)], rng_below(r, 3) ? "A b" : "x-Y",
	         (int)rng_below(r, 50));
	if (rng_below(r, 10))
		str_addf(out, "20%02d-%02d-%02d", (int)rng_below(r, 30), 1 + (int)rng_below(r, 12),
		         1 + (int)rng_below(r, 28));
	else
		str_adds(out, "null");
	str_addf(out, ",%s,%d,%s\n", rng_below(r, 2) ? "yes" : "no", (int)rng_below(r, 1000000),
	         rng_below(r, 2) ? "-0" : "0");
}

/* Weighted: each row with its weight before it. Written: so many times instead (the weights stay, to be told of). */
static void make_rows(uint64_t seed, size_t rows, uint64_t most, struct str *weighted, struct str *written)
{
	struct rng r;
	struct str row;

	rng_init(&r, 5, seed);
	str_init(&row);
	str_clear(weighted);
	str_adds(weighted, COLUMNS);
	if (written) {
		str_clear(written);
		str_adds(written, COLUMNS);
	}
	for (size_t i = 0; i < rows; i++) {
		uint64_t weight = i == 0 ? 1 : rng_below(&r, most + 1);

		str_clear(&row);
		str_addf(&row, "%d", (int)weight);
		one_row(&r, &row);
		str_add(weighted, row.data, row.len);
		for (uint64_t k = 0; written && k < weight; k++)
			str_add(written, row.data, row.len);
	}
	str_release(&row);
}

/* Tells of both profiles and releases them. */
static void same_profiles(struct profile *p, struct profile *q)
{
	struct str one, two;

	str_init(&one);
	str_init(&two);
	profile_json(p, &one);
	profile_json(q, &two);
	same_text(&one, &two);
	str_release(&two);
	str_release(&one);
	profile_release(p);
	profile_release(q);
}

/* Whatever kind of weights is said. */
static void same_but_kind(struct profile *p, struct profile *q)
{
	p->weight = q->weight = NULL;
	p->weights = q->weights = STATS_ONE_EACH;
	same_profiles(p, q);
}

static void test_rows_written_out(void **state)
{
	static const struct {
		size_t rows;
		uint64_t most;
	} cases[] = {{1, 1}, {2, 3}, {30, 2}, {400, 5}, {400, 1}};
	struct str weighted, written;

	(void)state;
	str_init(&weighted);
	str_init(&written);
	for (uint64_t i = 0; i < COUNT_OF(cases); i++) {
		struct profile p, q;

		make_rows(i, cases[i].rows, cases[i].most, &weighted, &written);
		profile_of(weighted.data, TYPES, STATS_FREQUENCY, 1 + (int)i % 3, &p);
		profile_of(written.data, TYPES, STATS_ONE_EACH, 1, &q);
		same_but_kind(&p, &q);
	}
	str_release(&written);
	str_release(&weighted);
}

/* Sampling weights stand beside the plain quantities, of which they change no bit. */
static void test_beside_the_plain(void **state)
{
	struct str text;
	struct profile p, q;

	(void)state;
	str_init(&text);
	for (uint64_t i = 0; i < 4; i++) {
		size_t numeric = 0;

		make_rows(i, 3 + 150 * (size_t)i, 4, &text, NULL);
		profile_of(text.data, TYPES, STATS_SAMPLING, 2, &p);
		profile_of(text.data, TYPES, STATS_ONE_EACH, 2, &q);
		for (size_t k = 0; k < p.column_count; k++) {
			struct column_profile *c = &p.columns[k];

			assert_int_equal(c->weighted != NULL, c->numeric);
			numeric += c->numeric;
			c->weighted = NULL;
		}
		assert_int_equal(numeric, 7);
		same_but_kind(&p, &q);
	}
	str_release(&text);
}

/* Neither the order of the rows nor the number of threads shows, but in lag-1 and whether times rise. */
static void test_any_order(void **state)
{
	struct str text;
	struct table t, shuffled;
	struct profile p, q;
	struct rng r;
	uint32_t *order;
	size_t *rows;

	(void)state;
	str_init(&text);
	make_rows(77, 500, 6, &text, NULL);
	read_text(text.data, TYPES, &t);
	for (size_t i = 0; i < t.column_count; i++)
		if (t.columns[i].packed) {
			struct column *c = &t.columns[i];

			c->values = xcalloc(t.row_count, sizeof(*c->values));
			for (size_t k = 0; k < t.row_count; k++)
				c->values[k] = column_number(c, k);
			free(c->packed);
			c->packed = NULL;
		}
	order = xcalloc(t.row_count, sizeof(*order));
	rows = xcalloc(t.row_count, sizeof(*rows));
	for (size_t i = 0; i < t.row_count; i++)
		order[i] = (uint32_t)i;
	rng_init(&r, 1, 1);
	rng_shuffle(&r, order, t.row_count);
	for (size_t i = 0; i < t.row_count; i++)
		rows[i] = order[i];
	table_take(&shuffled, &t, rows, t.row_count);
	for (int kind = STATS_FREQUENCY; kind <= STATS_SAMPLING; kind++) {
		struct profile_options how = {.weights = (enum stats_weights)kind, .threads = 1};
		struct error err;

		assert_int_equal(profile_table(&p, &t, &how, &err), 0);
		how.threads = 4;
		assert_int_equal(profile_table(&q, &shuffled, &how, &err), 0);
		for (size_t i = 0; i < p.column_count; i++) {
			struct column_profile *a = &p.columns[i], *b = &q.columns[i];

			a->lag1 = b->lag1 = 0;
			/* Of rows that were taken out it is not known how what is missing was spelled. */
			a->missing_by_count = b->missing_by_count = 0;
			if (a->time) {
				struct time_facts *x = (struct time_facts *)a->time, *y = (struct time_facts *)b->time;

				x->rising = y->rising = false;
			}
		}
		same_profiles(&p, &q);
	}
	table_release(&shuffled);
	table_release(&t);
	free(rows);
	free(order);
	str_release(&text);
}

/* Only proportions matter: weights times a power of two give the same estimates. */
static void test_scale(void **state)
{
	struct profile p, q;
	const struct weighted_profile *a, *b;

	(void)state;
	profile_of("x,w\n1,0.5\n2,3\n2,0.25\n7,1\nNA,2\n9,0\n", "x=num,w=num", STATS_SAMPLING, 1, &p);
	profile_of("x,w\n1,2\n2,12\n2,1\n7,4\nNA,8\n9,0\n", "x=num,w=num", STATS_SAMPLING, 1, &q);
	a = p.columns[0].weighted;
	b = q.columns[0].weighted;
	assert_true(a->moments.mean == b->moments.mean && a->moments.sd == b->moments.sd &&
	            a->moments.effective == b->moments.effective && a->missing == b->missing);
	assert_memory_equal(a->quantiles, b->quantiles, sizeof(a->quantiles));
	assert_memory_equal(a->bins, b->bins, p.columns[0].bins * sizeof(double));
	assert_int_equal(a->moments.rows, 4);
	assert_true(a->moments.max == 7 && p.columns[0].max == 9);
	profile_release(&p);
	profile_release(&q);
}

static void test_json(void **state)
{
	struct profile p, back;
	struct str one, two;
	struct error err;

	(void)state;
	str_init(&one);
	str_init(&two);
	for (int kind = STATS_FREQUENCY; kind <= STATS_SAMPLING; kind++) {
		str_clear(&one);
		str_clear(&two);
		profile_of("x,y,w\n1,NA,1\n2,NA,3\nNA,NA,1\n5,NA,0\n", "x=num,y=num,w=num", (enum stats_weights)kind,
		           1, &p);
		profile_json(&p, &one);
		if (profile_parse(&back, one.data, one.len, &err) < 0)
			fail_msg("%s", err.text);
		profile_json(&back, &two);
		same_text(&one, &two);
		assert_int_equal(back.weights, kind);
		assert_string_equal(back.weight, "w");
		assert_int_equal(back.columns[0].weighted != NULL, kind == STATS_SAMPLING);
		profile_release(&back);
		profile_release(&p);
	}
	/* A column without any value with a weight has no estimate, and says so. */
	assert_non_null(strstr(one.data, "\"mean\":null,\"mean_why\":\"no value has a weight\""));
	str_release(&two);
	str_release(&one);
}

static void refused(const char *text, enum stats_weights kind, const char *why)
{
	struct table t;
	struct profile p;
	struct error err;

	read_text(text, "w=num", &t);
	assert_int_equal(profile_table(&p, &t, &(struct profile_options){.weights = kind}, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	if (!strstr(err.text, why))
		fail_msg("\"%s\" does not say \"%s\"", err.text, why);
	table_release(&t);
}

static void test_refused(void **state)
{
	struct table t;
	struct profile p;
	struct reading r;
	struct error err;
	struct progress stopped = {.stop = true};

	(void)state;
	refused("x,w\n1,1\n2,1.5\n", STATS_FREQUENCY, "row 2 is no whole number");
	refused("x,w\n1,1\n2,2e15\n", STATS_SAMPLING, "row 2 is above 1e15");
	reading_init(&r);
	assert_int_equal(table_read_bytes(&t, "in", "x\n1\n", 4, &r, NULL, &err), 0);
	assert_int_equal(profile_table(&p, &t, &(struct profile_options){.weights = STATS_SAMPLING}, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_non_null(strstr(err.text, "--weight"));
	table_release(&t);
	reading_release(&r);
	read_text("x,w\n1,1\n2,3\n", "w=num", &t);
	assert_int_equal(profile_table(&p, &t,
	                               &(struct profile_options){.weights = STATS_SAMPLING, .progress = &stopped},
	                               &err),
	                 -1);
	assert_int_equal(err.code, ERR_NO);
	table_release(&t);
}

/* All weights 0: no row is there. */
static void test_no_weight(void **state)
{
	struct profile p;

	(void)state;
	profile_of("x,c,w\n1,a,0\n2,b,0\nNA,a,0\n", "x=num,c=cat,w=num", STATS_FREQUENCY, 1, &p);
	assert_int_equal(p.rows, 0);
	assert_int_equal(p.columns[0].count, 0);
	assert_int_equal(p.columns[0].missing, 0);
	assert_int_equal(p.columns[1].distinct, 0);
	assert_int_equal(p.columns[1].top_count, 0);
	assert_true(isnan(p.columns[0].mean));
	profile_release(&p);
	profile_of("x,c,w\n1,a,0\n2,b,0\nNA,a,0\n", "x=num,c=cat,w=num", STATS_SAMPLING, 1, &p);
	assert_int_equal(p.rows, 3);
	assert_true(p.columns[0].mean == 1.5);
	assert_true(isnan(p.columns[0].weighted->moments.mean) && isnan(p.columns[0].weighted->missing));
	profile_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_frequency_oracle),
	                                   cmocka_unit_test(test_sampling_oracle),
	                                   cmocka_unit_test(test_rows_written_out),
	                                   cmocka_unit_test(test_beside_the_plain),
	                                   cmocka_unit_test(test_any_order),
	                                   cmocka_unit_test(test_scale),
	                                   cmocka_unit_test(test_json),
	                                   cmocka_unit_test(test_refused),
	                                   cmocka_unit_test(test_no_weight)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
