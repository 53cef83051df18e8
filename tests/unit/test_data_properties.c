/*
 * What holds of the profile of any table, tried on tables of awkward columns drawn by a seed: nothing depends on
 * threads, slices, levels, packing or whether rows were kept; nor, but for lag-1 and what rises, on the order of
 * rows; parts joined are one pass; a frequency is rows written out; sampling weights have no scale; a times x plus b
 * has the moments and quantiles of that.
 *
 *     SEED=… LONG=1 build/tests/unit/test_data_properties
 */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/awkward.h"
#include "../lib/tally_rows.h"
#include "../lib/trials.h"

static unsigned trials(unsigned quick)
{
	return getenv("LONG") ? quick * 5 : quick;
}

/* ---- profiles of texts ---- */

static void as(struct reading *r, bool weighted)
{
	struct error err;

	reading_init(r);
	if (weighted)
		assert_int_equal(reading_set(r, "weight", "weight", &err), 0);
	/* A text of one column ends with a comma, so that nothing is to be guessed. */
	assert_int_equal(reading_set(r, "delimiter", ",", &err), 0);
	assert_int_equal(reading_set(r, "header", "yes", &err), 0);
	assert_int_equal(reading_set(r, "encoding", "utf-8", &err), 0);
	assert_int_equal(reading_set(r, "skip", "0", &err), 0);
	assert_int_equal(reading_set(r, "trim", "no", &err), 0);
}

static void profile_text(const struct str *text, const struct table_options *how, enum stats_weights weights,
                         struct profile *p)
{
	struct reading r;
	struct table t;
	struct error err;

	as(&r, weights != STATS_ONE_EACH);
	if (table_read_bytes(&t, "in", text->data, text->len, &r, how, &err) < 0 ||
	    profile_table(p, &t, &(struct profile_options){.threads = how ? how->threads : 1, .weights = weights},
	                  &err) < 0)
		fail_msg("%s", err.text);
	table_release(&t);
	reading_release(&r);
}

static struct tally *tally_text(const struct str *text, const struct profile_options *how)
{
	const char *path = tally_file("text.csv", text->data, text->len);
	struct reading r;
	struct table about;
	struct error err;
	struct tally *t;

	as(&r, how->weights != STATS_ONE_EACH);
	t = tally_files(&about, &path, 1, &r, how, &err);
	if (!t)
		fail_msg("%s", err.text);
	table_release(&about);
	reading_release(&r);
	return t;
}

static char *json_of(struct profile *p)
{
	struct str out;

	str_init(&out);
	profile_json(p, &out);
	profile_release(p);
	return str_take(&out);
}

/* What looks at the order of rows. */
static void forget_order(struct profile *p)
{
	for (size_t i = 0; i < p->column_count; i++) {
		p->columns[i].lag1 = 0;
		if (p->columns[i].time)
			((struct time_facts *)(uintptr_t)p->columns[i].time)->rising = false;
	}
}

static void name(char *what, size_t size, const char *property, uint64_t number)
{
	snprintf(what, size, "%s, table %llu of seed %llu", property, (unsigned long long)number,
	         (unsigned long long)awkward_seed());
}

/* ---- the properties ---- */

static void test_ways(void **state)
{
	static const int threads[] = {1, 2, 7};
	struct str text;
	struct rng r;
	char what[128];

	(void)state;
	str_init(&text);
	rng_init(&r, awkward_seed(), 1000001);
	for (uint64_t number = 0; number < trials_here(trials(38)); number++) {
		struct awkward m;

		awkward_make(&m, number);
		awkward_rows(&m, NULL, 0, m.rows, NULL, 1, &text);
		for (int kind = STATS_ONE_EACH; kind <= STATS_SAMPLING; kind++) {
			struct profile_options much = TALLY_MUCH;
			struct table_options plain = {.threads = 1, .libcsv_only = true, .spellings = true};
			struct profile p;
			char *want;

			much.weights = (enum stats_weights)kind;
			profile_text(&text, &plain, much.weights, &p);
			want = json_of(&p);
			for (int way = 0; way < 3; way++)
				for (int level = SCAN_SCALAR; level < SCAN_LEVEL_COUNT; level++) {
					struct table_options how = {.threads = threads[way],
					                            .slice = 1 + rng_below(&r, 3000),
					                            .packed = rng_below(&r, 2),
					                            .spellings = kind == STATS_FREQUENCY || rng_below(&r, 2),
					                            .level = (enum scan_level)level};

					if (!scan_level_here(how.level))
						continue;
					profile_text(&text, &how, much.weights, &p);
					name(what, sizeof(what), "ways", number);
					tally_same(json_of(&p), xstrdup(want), what);
				}
			much.threads = threads[number % 3];
			name(what, sizeof(what), "summed up", number);
			tally_same(tally_said(tally_text(&text, &much)), want, what);
		}
		awkward_release(&m);
	}
	str_release(&text);
}

static void test_budgets(void **state)
{
	struct str text;
	char what[128];
	unsigned bounded = 0, outside = 0;

	(void)state;
	str_init(&text);
	for (uint64_t number = 0; number < trials(19); number++) {
		struct awkward m;
		struct tally *t;
		struct profile p, exact;

		awkward_make(&m, number);
		awkward_rows(&m, NULL, 0, m.rows, NULL, 1, &text);
		profile_text(&text, NULL, STATS_ONE_EACH, &exact);
		for (uint64_t memory = 1000; memory < 4000000; memory *= 40) {
			t = tally_text(&text, &(struct profile_options){.threads = 2, .memory = memory});
			tally_profile(t, &p, NULL);
			tally_free(t);
			name(what, sizeof(what), "budgets", number);
			for (size_t i = 0; i < p.column_count; i++) {
				const struct column_profile *a = &p.columns[i], *b = &exact.columns[i];

				if (a->count != b->count || a->missing != b->missing || a->infinite != b->infinite)
					fail_msg("%s: counts of %s", what, a->name);
				if (b->numeric && memcmp(&a->mean, &b->mean, sizeof(double) * 8) != 0)
					fail_msg("%s: moments of %s", what, a->name);
				if (!a->bounds)
					continue;
				bounded++;
				outside += a->bounds->distinct.low > (double)b->distinct ||
				           a->bounds->distinct.high < (double)b->distinct;
				for (size_t k = 0; b->numeric && k < PROFILE_QUANTILES; k++)
					if (a->bounds->quantile_low[k] > b->quantiles[k] ||
					    b->quantiles[k] > a->bounds->quantile_high[k])
						fail_msg("%s: quantile %zu of %s", what, k, a->name);
				if (b->numeric && (a->bounds->mad_low > b->mad || b->mad > a->bounds->mad_high))
					fail_msg("%s: MAD of %s", what, a->name);
			}
			profile_release(&p);
		}
		profile_release(&exact);
		awkward_release(&m);
	}
	/* Three standard errors on either side; all else is certain. */
	if (bounded < 20 || outside > 2 + bounded / 50)
		fail_msg("of %u estimates of different values %u are outside their bounds", bounded, outside);
	str_release(&text);
}

static void test_order(void **state)
{
	struct str text;
	struct rng r;
	char what[128];

	(void)state;
	str_init(&text);
	rng_init(&r, awkward_seed(), 1000002);
	for (uint64_t number = 0; number < trials_here(trials(60)); number++) {
		uint32_t order[AWKWARD_ROWS];
		struct awkward m;
		struct profile p, q;

		awkward_make(&m, number);
		for (uint32_t i = 0; i < m.rows; i++)
			order[i] = i;
		rng_shuffle(&r, order, m.rows);
		for (int kind = STATS_ONE_EACH; kind <= STATS_SAMPLING; kind++) {
			const struct table_options how = {.threads = 2, .packed = number % 2, .spellings = true};

			awkward_rows(&m, NULL, 0, m.rows, NULL, 1, &text);
			profile_text(&text, &how, (enum stats_weights)kind, &p);
			awkward_rows(&m, order, 0, m.rows, NULL, 1, &text);
			profile_text(&text, &how, (enum stats_weights)kind, &q);
			forget_order(&p);
			forget_order(&q);
			name(what, sizeof(what), "order", number);
			tally_same(json_of(&q), json_of(&p), what);
		}
		awkward_release(&m);
	}
	str_release(&text);
}

static void test_parts(void **state)
{
	struct str text;
	struct rng r;
	char what[128];

	(void)state;
	str_init(&text);
	rng_init(&r, awkward_seed(), 1000003);
	for (uint64_t number = 0; number < trials_here(trials(38)); number++) {
		struct awkward m;

		awkward_make(&m, number);
		for (int kind = STATS_ONE_EACH; kind <= STATS_SAMPLING; kind++) {
			struct profile_options how = rng_below(&r, 2) ? TALLY_LITTLE : TALLY_MUCH;
			struct tally *all = NULL, *next;
			struct error err;

			how.weights = (enum stats_weights)kind;
			for (unsigned from = 0, to; from < m.rows; from = to) {
				to = from + 1 + (unsigned)rng_below(&r, m.rows - from);
				awkward_rows(&m, NULL, from, to, NULL, 1, &text);
				next = tally_text(&text, &how);
				name(what, sizeof(what), "parts", number);
				if (all && tally_merge(all, next, &err) < 0)
					fail_msg("%s: %s", what, err.text);
				if (all)
					tally_free(next);
				else
					all = next;
			}
			awkward_rows(&m, NULL, 0, m.rows, NULL, 1, &text);
			tally_same(tally_said(all), tally_said(tally_text(&text, &how)), what);
		}
		awkward_release(&m);
	}
	str_release(&text);
}

static void test_written_out(void **state)
{
	struct str text;
	char what[128];

	(void)state;
	str_init(&text);
	for (uint64_t number = 0; number < trials_here(trials(60)); number++) {
		const struct table_options how = {.threads = 2, .packed = number % 2, .spellings = true};
		struct awkward m;
		struct profile p, q;

		awkward_make(&m, number);
		awkward_rows(&m, NULL, 0, m.rows, NULL, 1, &text);
		profile_text(&text, &how, STATS_FREQUENCY, &p);
		awkward_rows(&m, NULL, 0, m.rows, m.weight, 1, &text);
		profile_text(&text, &how, STATS_ONE_EACH, &q);
		assert_int_equal(p.rows, q.rows);
		for (size_t i = 0; i + 1 < p.column_count; i++) {
			struct profile one = {.rows = p.rows, .column_count = 1, .columns = &p.columns[i]}, two = one;
			struct str a, b;

			two.columns = &q.columns[i];
			/* What a column is, and whether it was rounded, rows as they stand say. */
			two.columns->exact = one.columns->exact;
			if (one.columns->text && two.columns->text)
				two.columns->type = one.columns->type;
			else if (one.columns->numeric && one.columns->type != COLUMN_TIME && two.columns->numeric)
				two.columns->type = one.columns->type;
			str_init(&a);
			str_init(&b);
			profile_json(&one, &a);
			profile_json(&two, &b);
			/* Weights of 0 leave some rows out, perhaps all that have a value. */
			name(what, sizeof(what), "written out", number);
			if (two.columns->count > 0 && one.columns->type == two.columns->type)
				tally_same(str_take(&a), str_take(&b), what);
			str_release(&a);
			str_release(&b);
		}
		profile_release(&p);
		profile_release(&q);
		awkward_release(&m);
	}
	str_release(&text);
}

#define NEAR(got, want, scale) near_to(got, want, scale, what, #got)

static void near_to(double got, double want, double scale, const char *what, const char *which)
{
	if (got == want || (isnan(got) && isnan(want)))
		return;
	if (!(fabs(got - want) <= 1e-12 * fmax(fabs(want), scale)))
		fail_msg("%s: %s is %.17g, not %.17g", what, which, got, want);
}

static void same_weighted(const struct column_profile *a, const struct column_profile *b, double by,
                          const char *what)
{
	const struct weighted_profile *x = a->weighted, *y = b->weighted;
	const struct weighted *v = &x->moments, *w = &y->moments;
	bool power = by == 4 || by == 0.125;

	NEAR(w->weight, v->weight * by, 0);
	/* What another rounding of the weights leaves. */
	NEAR(w->mean, v->mean, power ? 0 : fmax(fabs(v->min), fabs(v->max)));
	NEAR(w->variance, v->variance, 0);
	NEAR(w->effective, v->effective, 0);
	NEAR(w->se, v->se, 0);
	NEAR(w->design_effect, v->design_effect, 0);
	NEAR(y->missing, x->missing, 0);
	if (power &&
	    (memcmp(&w->mean, &v->mean, sizeof(v->mean)) != 0 || memcmp(&w->sd, &v->sd, sizeof(v->sd)) != 0))
		fail_msg("%s: not the same bits", what);
	for (size_t i = 0; power && i < PROFILE_QUANTILES; i++)
		if (!(x->quantiles[i] == y->quantiles[i] || (isnan(x->quantiles[i]) && isnan(y->quantiles[i]))))
			fail_msg("%s: quantile %zu", what, i);
	for (size_t i = 0; i < a->bins; i++)
		NEAR(y->bins[i], x->bins[i], 1);
}

static void test_no_scale(void **state)
{
	static const double scales[] = {4, 0.125, 3, 0.1};
	struct str text;
	char what[128];

	(void)state;
	str_init(&text);
	for (uint64_t number = 0; number < trials_here(trials(57)); number++) {
		const struct table_options how = {.threads = 2, .packed = number % 2, .spellings = true};
		struct awkward m;
		struct profile p, q;

		awkward_make(&m, number);
		awkward_rows(&m, NULL, 0, m.rows, NULL, 1, &text);
		profile_text(&text, &how, STATS_SAMPLING, &p);
		for (size_t k = 0; k < COUNT_OF(scales); k++) {
			awkward_rows(&m, NULL, 0, m.rows, NULL, scales[k], &text);
			profile_text(&text, &how, STATS_SAMPLING, &q);
			for (size_t i = 0; i + 1 < p.column_count; i++)
				if (p.columns[i].weighted) {
					name(what, sizeof(what), p.columns[i].name, number);
					same_weighted(&p.columns[i], &q.columns[i], scales[k], what);
				}
			profile_release(&q);
		}
		profile_release(&p);
		awkward_release(&m);
	}
	str_release(&text);
}

/* ---- a x + b ---- */

/* As hundredths. */
static void hundredths(int64_t value, struct str *out)
{
	str_addf(out, "%s%lld.%02lld\n", value < 0 ? "-" : "", (long long)(value < 0 ? -value : value) / 100,
	         (long long)(value < 0 ? -value : value) % 100);
}

static void check_line(const struct column_profile *x, const struct column_profile *y, double a, double b,
                       const char *what)
{
	const double size = fmax(fabs(y->min), fabs(y->max)), sign = a < 0 ? -1 : 1;
	const bool exact = b == 0;

	NEAR(y->mean, a * x->mean + b, size);
	NEAR(y->sd, fabs(a) * x->sd, 0);
	NEAR(y->variance, a * a * x->variance, 0);
	NEAR(y->skewness, sign * x->skewness, 0);
	NEAR(y->kurtosis, x->kurtosis, 0);
	NEAR(y->lag1, x->lag1, 0);
	NEAR(y->mad, fabs(a) * x->mad, size * 1e-3);
	NEAR(y->min, a * (a < 0 ? x->max : x->min) + b, 0);
	NEAR(y->max, a * (a < 0 ? x->min : x->max) + b, 0);
	for (size_t i = 0; i < PROFILE_QUANTILES; i++)
		NEAR(y->quantiles[i], a * x->quantiles[a < 0 ? PROFILE_QUANTILES - 1 - i : i] + b, size);
	assert_int_equal(x->distinct, y->distinct);
	assert_int_equal(x->count, y->count);
	if (!exact)
		return;
	if (y->mean != a * x->mean || y->sd != fabs(a) * x->sd || y->variance != a * a * x->variance)
		fail_msg("%s: not the same bits", what);
	if (!isnan(x->skewness) && y->skewness != sign * x->skewness)
		fail_msg("%s: skewness", what);
	if (!isnan(x->kurtosis) && (y->kurtosis != x->kurtosis || y->lag1 != x->lag1))
		fail_msg("%s: kurtosis, lag-1", what);
	if (a < 0)
		return;
	assert_true(y->mad == a * x->mad);
	assert_int_equal(x->bins, y->bins);
	assert_memory_equal(x->bin_counts, y->bin_counts, x->bins * sizeof(uint64_t));
	assert_true(x->fences.below == y->fences.below && x->fences.far_above == y->fences.far_above);
}

static void test_lines(void **state)
{
	static const int factors[] = {1, 2, 4, 64, 1048576, -1, -2},
	                 shifts[] = {0, 1, -1000, 1000000, 2000000000};
	struct str texts[2];
	struct rng r;
	char what[128];

	(void)state;
	str_init(&texts[0]);
	str_init(&texts[1]);
	rng_init(&r, awkward_seed(), 1000004);
	for (uint64_t number = 0; number < trials_here(trials(150)); number++) {
		const int a = factors[number % COUNT_OF(factors)],
		          b = shifts[number / COUNT_OF(factors) % COUNT_OF(shifts)];
		const unsigned width = 1u << (2 + rng_below(&r, 20));
		struct profile p[2];

		for (int k = 0; k < 2; k++) {
			str_clear(&texts[k]);
			str_adds(&texts[k], "x\n");
		}
		for (unsigned rows = 4 + (unsigned)rng_below(&r, 300); rows > 0; rows--) {
			int64_t value = (int64_t)rng_below(&r, width) - width / 3;

			if (rng_below(&r, 20) == 0) {
				str_adds(&texts[0], "NA\n");
				str_adds(&texts[1], "NA\n");
				continue;
			}
			hundredths(value, &texts[0]);
			hundredths(value * a + (int64_t)b * 100, &texts[1]);
		}
		for (int k = 0; k < 2; k++)
			profile_text(&texts[k], &(struct table_options){.threads = 1, .packed = number % 2},
			             STATS_ONE_EACH, &p[k]);
		snprintf(what, sizeof(what), "%d x + %d, table %llu of seed %llu", a, b, (unsigned long long)number,
		         (unsigned long long)awkward_seed());
		check_line(&p[0].columns[0], &p[1].columns[0], a, b, what);
		profile_release(&p[0]);
		profile_release(&p[1]);
	}
	str_release(&texts[0]);
	str_release(&texts[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ways),  cmocka_unit_test(test_budgets),     cmocka_unit_test(test_order),
	    cmocka_unit_test(test_parts), cmocka_unit_test(test_written_out), cmocka_unit_test(test_no_scale),
	    cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, tally_folder, tally_folder_end);
}
