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

#include "../lib/tally_rows.h"
#include "../lib/trials.h"

enum { COLUMNS_MOST = 6, ROWS_MOST = 150 };

static unsigned trials(unsigned quick)
{
	return getenv("LONG") ? quick * 5 : quick;
}

static uint64_t seed(void)
{
	const char *value = getenv("SEED");

	return value ? strtoull(value, NULL, 10) : 1;
}

/* ---- awkward tables ---- */

enum kind {
	CONSTANT,
	GONE,
	ONE_VALUE,
	WHOLE,
	DECIMALS,
	MIXED,
	HUGE_VALUES,
	DENORMAL,
	INFINITE,
	BEYOND,
	ZEROS,
	FAR_OUT,
	TIMES,
	DAYS,
	FLAGS,
	WORDS,
	TEXTS,
	CODES,
	IDS,
	KINDS
};

struct made {
	unsigned columns, rows;
	enum kind kinds[COLUMNS_MOST];
	struct str header, line[ROWS_MOST];
	unsigned weight[ROWS_MOST]; /* of the last column, which is called "weight" */
};

static void cell(struct str *out, struct rng *r, enum kind kind, unsigned row)
{
	static const char *const missing[] = {"NA", "", "?", "nan"}, *const words[] = {
	                                                                 "a",        "b", "\"b, c\"", "\xc3\xa9",
	                                                                 "\xe2\x82", "B", "  x",      "\"\"\"\""};
	const unsigned n = (unsigned)rng_below(r, 1000);

	if (kind == GONE || (kind == ONE_VALUE && row != 7) ||
	    (kind != IDS && kind != CONSTANT && rng_below(r, 12) == 0)) {
		str_adds(out, missing[rng_below(r, COUNT_OF(missing))]);
		return;
	}
	switch (kind) {
	case CONSTANT:
		str_adds(out, "-0.10");
		break;
	case ONE_VALUE:
	case WHOLE:
		str_addf(out, "%d", (int)n - 500);
		break;
	case DECIMALS:
		str_addf(out, "%s%u.%02u", n % 2 ? "-" : "", n, (unsigned)rng_below(r, 100));
		break;
	case MIXED:
		str_addf(out, "%u.%0*u", n % 7, 1 + (int)rng_below(r, 9), n);
		break;
	case HUGE_VALUES:
		str_addf(out, "%s%u.%ue%d", n % 2 ? "-" : "", 1 + n % 8, n,
		         n % 3                ? 307
		         : (int)n - 500 > 307 ? 0
		                              : (int)n - 500);
		break;
	case DENORMAL:
		str_addf(out, "%s%ue-3%02u", n % 2 ? "-" : "", n, (unsigned)rng_below(r, 24));
		break;
	case INFINITE:
		str_addf(out, n % 3 == 0 ? "inf" : n % 3 == 1 ? "-inf" : "%u.5", n);
		break;
	case BEYOND:
		str_addf(out, "9007199254740%03u", n);
		break;
	case ZEROS:
		str_adds(out, n % 3 == 0 ? "0" : n % 3 == 1 ? "-0" : "-0.00");
		break;
	case FAR_OUT:
		str_adds(out, row == 11 ? "1e15" : n % 2 ? "1.5" : "1.25");
		break;
	case TIMES:
		str_addf(out, "20%02u-%02u-%02uT%02u:%02u:%02u.%03uZ", n % 40, 1 + n % 12, 1 + n % 28, n % 24, n % 60,
		         row % 60, n);
		break;
	case DAYS:
		str_addf(out, "2026-%02u-%02u", 1 + row / 28 % 12, 1 + row % 28);
		break;
	case FLAGS:
		str_adds(out, n % 2 ? "yes" : n % 4 ? "No" : "FALSE");
		break;
	case WORDS:
		str_adds(out, words[n % COUNT_OF(words)]);
		break;
	case TEXTS:
		str_addf(out, "\"%u said: \"\"%u\"\", \t%s\"", n, (unsigned)rng_below(r, 1000),
		         n % 5 ? "" : "\xc3\x96l \xff");
		break;
	case CODES:
		str_addf(out, "%04u", n);
		break;
	default:
		str_addf(out, "%u", 5000 + row * 3);
	}
}

static void make(struct made *m, uint64_t number)
{
	struct rng r;

	rng_init(&r, seed(), number);
	m->columns = 1 + (unsigned)rng_below(&r, COLUMNS_MOST);
	m->rows =
	    rng_below(&r, 9) ? 12 + (unsigned)rng_below(&r, ROWS_MOST - 12) : 1 + (unsigned)rng_below(&r, 3);
	str_init(&m->header);
	for (unsigned i = 0; i < m->columns; i++) {
		m->kinds[i] = (enum kind)((number + i * 7) % KINDS);
		str_addf(&m->header, "%s%u,", m->kinds[i] == IDS ? "id" : "c", i);
	}
	str_adds(&m->header, "weight\n");
	for (unsigned row = 0; row < m->rows; row++) {
		str_init(&m->line[row]);
		for (unsigned i = 0; i < m->columns; i++) {
			cell(&m->line[row], &r, m->kinds[i], row);
			str_addc(&m->line[row], ',');
		}
		m->weight[row] = row ? (unsigned)rng_below(&r, 4) : 1;
	}
}

static void release(struct made *m)
{
	str_release(&m->header);
	for (unsigned row = 0; row < m->rows; row++)
		str_release(&m->line[row]);
}

/* Rows [from, to), each `times` (NULL: once); the weight is multiplied by `scale`. */
static void write_rows(const struct made *m, const uint32_t *order, unsigned from, unsigned to,
                       const unsigned *times, double scale, struct str *out)
{
	str_clear(out);
	str_add(out, m->header.data, m->header.len);
	for (unsigned i = from; i < to; i++) {
		unsigned row = order ? order[i] : i;

		for (unsigned k = times ? times[row] : 1; k > 0; k--) {
			str_add(out, m->line[row].data, m->line[row].len);
			str_addf(out, "%.17g\n", m->weight[row] * scale);
		}
	}
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
	         (unsigned long long)seed());
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
	rng_init(&r, seed(), 1000001);
	for (uint64_t number = 0; number < trials_here(trials(38)); number++) {
		struct made m;

		make(&m, number);
		write_rows(&m, NULL, 0, m.rows, NULL, 1, &text);
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
		release(&m);
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
		struct made m;
		struct tally *t;
		struct profile p, exact;

		make(&m, number);
		write_rows(&m, NULL, 0, m.rows, NULL, 1, &text);
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
		release(&m);
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
	rng_init(&r, seed(), 1000002);
	for (uint64_t number = 0; number < trials_here(trials(60)); number++) {
		uint32_t order[ROWS_MOST];
		struct made m;
		struct profile p, q;

		make(&m, number);
		for (uint32_t i = 0; i < m.rows; i++)
			order[i] = i;
		rng_shuffle(&r, order, m.rows);
		for (int kind = STATS_ONE_EACH; kind <= STATS_SAMPLING; kind++) {
			const struct table_options how = {.threads = 2, .packed = number % 2, .spellings = true};

			write_rows(&m, NULL, 0, m.rows, NULL, 1, &text);
			profile_text(&text, &how, (enum stats_weights)kind, &p);
			write_rows(&m, order, 0, m.rows, NULL, 1, &text);
			profile_text(&text, &how, (enum stats_weights)kind, &q);
			forget_order(&p);
			forget_order(&q);
			name(what, sizeof(what), "order", number);
			tally_same(json_of(&q), json_of(&p), what);
		}
		release(&m);
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
	rng_init(&r, seed(), 1000003);
	for (uint64_t number = 0; number < trials_here(trials(38)); number++) {
		struct made m;

		make(&m, number);
		for (int kind = STATS_ONE_EACH; kind <= STATS_SAMPLING; kind++) {
			struct profile_options how = rng_below(&r, 2) ? TALLY_LITTLE : TALLY_MUCH;
			struct tally *all = NULL, *next;
			struct error err;

			how.weights = (enum stats_weights)kind;
			for (unsigned from = 0, to; from < m.rows; from = to) {
				to = from + 1 + (unsigned)rng_below(&r, m.rows - from);
				write_rows(&m, NULL, from, to, NULL, 1, &text);
				next = tally_text(&text, &how);
				name(what, sizeof(what), "parts", number);
				if (all && tally_merge(all, next, &err) < 0)
					fail_msg("%s: %s", what, err.text);
				if (all)
					tally_free(next);
				else
					all = next;
			}
			write_rows(&m, NULL, 0, m.rows, NULL, 1, &text);
			tally_same(tally_said(all), tally_said(tally_text(&text, &how)), what);
		}
		release(&m);
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
		struct made m;
		struct profile p, q;

		make(&m, number);
		write_rows(&m, NULL, 0, m.rows, NULL, 1, &text);
		profile_text(&text, &how, STATS_FREQUENCY, &p);
		write_rows(&m, NULL, 0, m.rows, m.weight, 1, &text);
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
		release(&m);
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
		struct made m;
		struct profile p, q;

		make(&m, number);
		write_rows(&m, NULL, 0, m.rows, NULL, 1, &text);
		profile_text(&text, &how, STATS_SAMPLING, &p);
		for (size_t k = 0; k < COUNT_OF(scales); k++) {
			write_rows(&m, NULL, 0, m.rows, NULL, scales[k], &text);
			profile_text(&text, &how, STATS_SAMPLING, &q);
			for (size_t i = 0; i + 1 < p.column_count; i++)
				if (p.columns[i].weighted) {
					name(what, sizeof(what), p.columns[i].name, number);
					same_weighted(&p.columns[i], &q.columns[i], scales[k], what);
				}
			profile_release(&q);
		}
		profile_release(&p);
		release(&m);
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
	rng_init(&r, seed(), 1000004);
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
		         (unsigned long long)seed());
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
