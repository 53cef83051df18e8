/* Relations measured in blocks: that they are those of the functions that take two columns alone, also where digits are
 * easily lost; that neither packing nor threads show in a bit; that they are read back as they were written; that they
 * stop when they are told to. */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../lib/relate.h"
#include "assay/data_relation.h"
#include "assay/stats_blocks.h"

enum { ROWS = 3000, MANY = 500000 };

static void read_text(struct table *t, const char *text, bool packed, const char *label)
{
	struct table_options options = {.packed = packed};
	struct reading r;
	struct error err;

	reading_init(&r);
	if ((label && reading_set(&r, "label", label, &err) < 0) ||
	    table_read_bytes(t, "in", text, strlen(text), &r, &options, &err) < 0)
		fail_msg("%s", err.text);
	reading_release(&r);
}

static void relate(struct relations *r, const struct table *t, const struct relation_options *o)
{
	struct error err;

	if (relations_table(r, t, o, &err) < 0)
		fail_msg("%s", err.text);
}

static void json_of(const struct table *t, const struct relation_options *o, struct str *out)
{
	struct relations r;

	str_clear(out);
	relate(&r, t, o);
	relations_json(&r, 0, out);
	relations_release(&r);
}

/* Columns in which digits are easily lost, holes, and values that are none. */
static void make_hard(struct str *out, size_t rows)
{
	static const char *const towns[] = {"Basel", "Bern", "Zug", "Chur"};
	struct rng g;

	rng_init(&g, 11, 0);
	str_adds(out, "far,tiny,huge,line,near,flat,few,lone,pair,wide,flag,town,rank,code,told,y\n");
	for (size_t i = 0; i < rows; i++) {
		const double z = rng_normal(&g), x = rng_normal(&g) + z;
		const unsigned town = (unsigned)rng_below(&g, 4);
		const bool some = rng_below(&g, 10) == 0;

		str_addf(out, "%.17g,%.17g,%.17g,%.17g,%.17g,", 1e9 + z, x * 1e-200, z * 1e150, 2 * (1e9 + z) + 1,
		         z + 1e-7 * x);
		/* flat; a few values; there in three rows only, where the next is nearly the same each time. */
		str_addf(out, "5,%u,", (unsigned)rng_below(&g, 7));
		if (i == 17 || i == 900 || i == 2000)
			str_addf(out, "%.17g,%.17g,", z, 100 + 1e-9 * z);
		else
			str_addf(out, ",%.17g,", 3 * z);
		if (i == 40 || i == 41)
			str_adds(out, i == 40 ? "inf," : "-inf,");
		else
			str_addf(out, some ? "," : "%.2f,", x);
		str_addf(out, "%s,%s,", z > 0 ? "yes" : "no", i % 13 ? towns[town] : "");
		str_addf(out, "%.3f,c%u,%.17g,%s\n", z, (unsigned)rng_below(&g, 400), town + 1e-6 * x,
		         some    ? ""
		         : x > 0 ? "1"
		                 : "0");
	}
}

static void same(double got, double want, double tolerance, const char *what)
{
	if (isnan(got) && isnan(want))
		return;
	/* Written so that NaN on one side fails. */
	if (!(fabs(got - want) <= tolerance * fmax(1, fabs(want)) || got == want))
		fail_msg("%s: %.17g is not %.17g", what, got, want);
}

/* The codes of a column, bools as 0 and 1. */
static uint32_t *codes_of(const struct column *c, size_t n, size_t *k)
{
	uint32_t *codes = xmalloc((n + 1) * sizeof *codes);

	*k = c->codes ? c->dict->count : 2;
	for (size_t i = 0; i < n; i++)
		codes[i] = c->codes ? c->codes[i] : isnan(c->values[i]) ? CODE_MISSING : c->values[i] != 0;
	return codes;
}

static void is_that_of_stats(const struct relation *p, const struct table *t, const char *what)
{
	const struct column *a = &t->columns[p->a], *b = &t->columns[p->b];
	const size_t n = t->row_count;
	uint32_t *codes_a, *codes_b;
	size_t k, m;

	if (p->kind == RELATION_NUMBERS) {
		struct correlation want;

		stats_pearson(a->values, b->values, n, &want);
		assert_int_equal(p->n, want.n);
		same(p->pearson.r, want.r, 1e-12, what);
		same(p->pearson.p, want.p, 1e-9, what);
		relate_spearman(a->values, b->values, n, &want);
		assert_int_equal(p->spearman.n, want.n);
		same(p->spearman.r, want.r, 1e-14, what);
		same(p->spearman.p, want.p, 1e-9, what);
	} else if (p->kind == RELATION_MIXED) {
		const struct column *number = a->codes ? b : a;
		struct anova want;

		codes_a = codes_of(a->codes ? a : b, n, &k);
		stats_anova_by(number->values, codes_a, n, k, &want);
		assert_true(p->anova.rows == want.rows && p->anova.groups == want.groups && p->n == want.rows);
		same(p->anova.eta2, want.eta2, 1e-12, what);
		same(p->anova.f, want.f, 1e-9, what);
		same(p->anova.p, want.p, 1e-9, what);
		same(p->anova.within, want.within, 1e-9, what);
		same(p->anova.between, want.between, 1e-9, what);
		same(p->anova.residual_sd, want.residual_sd, 1e-9, what);
		free(codes_a);
	} else {
		struct association want;

		codes_a = codes_of(a, n, &k);
		codes_b = codes_of(b, n, &m);
		stats_association(codes_a, k, codes_b, m, n, &want);
		same(p->association.chi2, want.chi2, 1e-12, what);
		same(p->association.explains_a, want.explains_a, 1e-12, what);
		assert_int_equal(p->association.rows, want.rows);
		free(codes_a);
		free(codes_b);
	}
}

static void measures_are_those_of_two_columns(void **state)
{
	struct str text;
	struct relations r;
	struct table t;
	char what[100];
	size_t kinds[RELATION_KIND_COUNT] = {0};

	(void)state;
	str_init(&text);
	make_hard(&text, ROWS);
	read_text(&t, text.data, false, "y");
	relate(&r, &t, NULL);
	assert_true(r.binary);
	assert_int_equal(r.pair_count, 15 * 14 / 2);
	for (size_t i = 0; i < r.pair_count + r.to_label_count; i++) {
		const struct relation *p = i < r.pair_count ? &r.pairs[i] : &r.to_label[i - r.pair_count];

		snprintf(what, sizeof what, "%s and %s", r.names[p->a], r.names[p->b]);
		is_that_of_stats(p, &t, what);
		kinds[p->kind]++;
		if (i >= r.pair_count && !t.columns[p->a].codes) {
			struct auc want;

			relate_label(t.columns[p->a].values, t.columns[p->b].values, t.row_count, &want);
			assert_true(p->auc.positives == want.positives && p->auc.negatives == want.negatives);
			same(p->auc.value, want.value, 0, what);
			same(p->auc.low, want.low, 0, what);
			same(p->auc.high, want.high, 0, what);
		}
	}
	assert_true(kinds[RELATION_NUMBERS] > 40 && kinds[RELATION_MIXED] > 20 && kinds[RELATION_CATEGORIES] > 4);
	relations_release(&r);
	table_release(&t);
	str_release(&text);
}

/* How many of the rising ones are below x, or not above it. */
static size_t how_many(const double *rising, size_t n, double x, bool or_equal)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t half = low + (high - low) / 2;

		if (rising[half] < x || (or_equal && rising[half] == x))
			low = half + 1;
		else
			high = half;
	}
	return low;
}

/* Twice the mid-ranks by their definition; 0 where there is no value. */
static void rank_plainly(const double *values, size_t n, uint32_t *out)
{
	double *sorted = xmalloc((n + 1) * sizeof *sorted);
	size_t there = 0;

	for (size_t i = 0; i < n; i++)
		if (!isnan(values[i]))
			sorted[there++] = values[i];
	stats_sort(sorted, there);
	for (size_t i = 0; i < n; i++)
		out[i] = isnan(values[i]) ? 0
		                          : (uint32_t)(how_many(sorted, there, values[i], false) + 1 +
		                                       how_many(sorted, there, values[i], true));
	free(sorted);
}

static void ranks_are_counted_or_sorted(void **state)
{
	enum { N = 200000 };
	double *values = xmalloc(N * sizeof *values);
	uint32_t *got = xmalloc(N * sizeof *got), *want = xmalloc(N * sizeof *want);
	int32_t *ints = xmalloc(N * sizeof *ints);
	struct rng g;

	(void)state;
	rng_init(&g, 3, 0);
	for (int kind = 0; kind < 5; kind++) {
		for (size_t i = 0; i < N; i++) {
			const uint64_t draw = rng_next(&g);

			/* Near each other, far from each other, few far away, any doubles, holes and infinite ones. */
			ints[i] = kind == 0   ? (int32_t)(draw % 1000) - 500
			          : kind == 1 ? (int32_t)((int64_t)(draw % UINT32_MAX) - INT32_MAX)
			                      : (int32_t)(draw % 3) * 1000000000 - 7;
			values[i] = kind < 3 ? ints[i] : rng_normal(&g) * exp(20 * rng_normal(&g));
			if (draw >> 60 == 0 && kind != 3) {
				ints[i] = INT32_MIN;
				values[i] = (double)NAN;
			} else if (kind == 4 && draw >> 56 == 0x77) {
				values[i] = draw & 1 ? (double)INFINITY : -(double)INFINITY;
			}
		}
		rank_plainly(values, N, want);
		stats_ranks_twice(values, N, got, NULL);
		assert_memory_equal(got, want, N * sizeof *got);
		if (kind > 2)
			continue;
		stats_ranks_twice_ints(ints, N, INT32_MIN, got, NULL);
		assert_memory_equal(got, want, N * sizeof *got);
	}
	free(values);
	free(want);
	free(got);
	free(ints);
}

/* ---- what must not be seen ---- */

/* To so many thousandths, and never -0, which is not packed. */
static double rounded(double x, double thousandths)
{
	return (double)(int64_t)(x * 1000 / thousandths) * thousandths / 1000;
}

static void make_decimals(struct str *out, size_t rows)
{
	struct rng g;

	rng_init(&g, 5, 0);
	str_adds(out, "id,a,b,c,d,e,f,g,same,town,y\n");
	for (size_t i = 0; i < rows; i++) {
		const double z = rng_normal(&g), x = z + rng_normal(&g);
		const unsigned b = (unsigned)rng_below(&g, 9);

		str_addf(out, "r%zu,%.2f,%.6f,", i, rounded(z, 10), x);
		str_addf(out, b ? "%u," : ",", b);
		str_addf(out, b == 1 ? "," : "%.3f,", rounded(x * z, 1));
		str_addf(out, "%.12f,%u,%s,", z * 1000, (unsigned)rng_below(&g, 2), b & 1 ? "true" : "false");
		str_addf(out, "%.2f,t%u,%s\n", rounded(z, 10), (unsigned)rng_below(&g, 30), x > 0.5 ? "good" : "bad");
	}
}

static void neither_packing_nor_threads(void **state)
{
	struct str text, one, other;
	struct table t, packed;
	size_t in_half = 0;

	(void)state;
	str_init(&text);
	str_init(&one);
	str_init(&other);
	make_decimals(&text, 20011);
	read_text(&t, text.data, false, "y");
	read_text(&packed, text.data, true, "y");
	for (size_t i = 0; i < packed.column_count; i++)
		in_half += packed.columns[i].packed != NULL;
	assert_true(in_half >= 5);
	json_of(&t, &(struct relation_options){.threads = 1, .positive = "good"}, &one);
	json_of(&packed, &(struct relation_options){.threads = 4, .positive = "good"}, &other);
	assert_string_equal(one.data, other.data);
	/* A label that is packed, features beyond those that are paired, a part of the rows. */
	json_of(&t, &(struct relation_options){.threads = 3, .label = "f", .most = 3, .rows = 999}, &one);
	json_of(&packed, &(struct relation_options){.threads = 2, .label = "f", .most = 3, .rows = 999}, &other);
	assert_string_equal(one.data, other.data);
	assert_non_null(strstr(one.data, "\"binary\":true"));
	assert_non_null(strstr(one.data, "\"pair_count\":3,"));
	table_release(&t);
	table_release(&packed);
	str_release(&text);
	str_release(&one);
	str_release(&other);
}

/* ---- read back ---- */

static void goes_there_and_back(const char *json)
{
	struct relations r;
	struct error err;
	struct str again;

	str_init(&again);
	if (relations_parse(&r, json, strlen(json), &err) < 0)
		fail_msg("%s", err.text);
	relations_json(&r, 0, &again);
	assert_string_equal(again.data, json);
	relations_release(&r);
	str_release(&again);
}

static void what_is_written_is_read(void **state)
{
	static const char *const small[] = {
	    "a\n1\n", "a,b,c\nNA,NA,1\nNA,NA,1\n", "\"a \"\"b\"\"\",\xc3\xa4\n1,x\n2,y\n",
	    "x,c\n1,a\n1,a\n2,b\n2,b\n", /* F is infinite */
	};
	struct relations r, back;
	struct str text, json, first;
	struct error err;
	struct table t;

	(void)state;
	str_init(&text);
	str_init(&json);
	str_init(&first);
	make_hard(&text, ROWS);
	/* Rows that repeat, columns that are the same. */
	for (int i = 0; i < 7; i++)
		str_adds(&text, "1,2,3,4,5,5,6,,,7,yes,Bern,8,c1,9,1\n");
	read_text(&t, text.data, false, "y");
	relate(&r, &t, NULL);
	assert_true(r.same_count > 0 && r.set_count > 0 && r.pattern_count > 0 && r.missing_count > 0);
	relations_json(&r, 0, &json);
	goes_there_and_back(json.data);
	assert_int_equal(relations_parse(&back, json.data, json.len, &err), 0);
	assert_int_equal(back.label, r.label);
	for (size_t i = 0; i < r.column_count; i++) {
		assert_string_equal(back.names[i], r.names[i]);
		assert_int_equal(back.types[i], r.types[i]);
	}
	for (size_t i = 0; i < r.pair_count; i++) {
		const struct relation *p = &r.pairs[i], *q = &back.pairs[i];

		assert_true(p->a == q->a && p->b == q->b && p->n == q->n && p->kind == q->kind);
		same(q->strength, p->strength, 0, "strength");
		if (p->kind == RELATION_NUMBERS)
			assert_int_equal(p->spearman.n, q->spearman.n);
		else if (p->kind == RELATION_MIXED)
			same(q->anova.df_within, p->anova.df_within, 0, "df");
	}
	relations_release(&back);
	/* Not all of it, or not it. */
	relations_json(&r, 3, &first);
	assert_int_equal(relations_parse(&back, first.data, first.len, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	for (size_t len = 0; len < json.len; len += 97)
		assert_int_equal(relations_parse(&back, json.data, len, &err), -1);
	assert_int_equal(relations_parse(&back, "[]", 2, &err), -1);
	relations_release(&r);
	table_release(&t);
	for (size_t i = 0; i < COUNT_OF(small); i++) {
		read_text(&t, small[i], false, NULL);
		json_of(&t, NULL, &json);
		goes_there_and_back(json.data);
		table_release(&t);
	}
	str_release(&text);
	str_release(&json);
	str_release(&first);
}

/* ---- stopped ---- */

static void *stop_when_begun(void *user)
{
	struct progress *p = user;

	while (atomic_load(&p->done) < 2 || strcmp(p->what, "relating") != 0)
		usleep(1000);
	atomic_store(&p->stop, true);
	return NULL;
}

static void stops(void **state)
{
	struct progress p = {0};
	struct relations r;
	struct error err;
	struct str text;
	struct table t, many;
	size_t *rows = xmalloc(MANY * sizeof *rows);
	pthread_t thread;

	(void)state;
	str_init(&text);
	make_hard(&text, ROWS);
	read_text(&t, text.data, true, NULL);
	/* So much that it takes long enough to be stopped. */
	for (size_t i = 0; i < MANY; i++)
		rows[i] = i % ROWS;
	table_take(&many, &t, rows, MANY);
	assert_int_equal(pthread_create(&thread, NULL, stop_when_begun, &p), 0);
	assert_int_equal(relations_table(&r, &many, &(struct relation_options){.progress = &p}, &err), -1);
	assert_int_equal(err.code, ERR_NO);
	assert_string_equal(err.text, "stopped");
	pthread_join(thread, NULL);
	assert_string_equal(p.what, "relating");
	assert_string_equal(p.unit, "pairs");
	assert_true(p.done < p.total);
	/* Before it has begun. */
	assert_int_equal(
	    relations_table(&r, &many, &(struct relation_options){.label = "y", .progress = &p}, &err), -1);
	assert_int_equal(err.code, ERR_NO);
	table_release(&many);
	/* Told how far it is, and not stopped, it comes to its end. */
	p = (struct progress){0};
	relate(&r, &t, &(struct relation_options){.progress = &p});
	assert_true(p.done == p.total && p.total == t.row_count);
	relations_release(&r);
	table_release(&t);
	str_release(&text);
	free(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(measures_are_those_of_two_columns),
	    cmocka_unit_test(ranks_are_counted_or_sorted),
	    cmocka_unit_test(neither_packing_nor_threads),
	    cmocka_unit_test(what_is_written_is_read),
	    cmocka_unit_test(stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
