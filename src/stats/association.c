/* Two categories: the table of their counts. Where it is small all of it is made, else only the cells that are not
 * empty. */
#include <math.h>

#include <gsl/gsl_cdf.h>

#include "assay/stats_relation.h"

/* Of the cells that were seen. */
struct cells {
	uint64_t *a, *b; /* how often each code occurs, within the complete pairs */
	size_t n;
	double chi2, mutual, expected;
	size_t filled;
	double prior, pure; /* stats_association_chance; prior 0: is not asked for */
};

static double log_gamma(double x)
{
	int sign; /* not the global one: threads are here */
	return lgamma_r(x, &sign);
}

static void add_cell(struct cells *c, size_t i, size_t j, uint64_t there)
{
	double all = (double)c->n, count = (double)there, expected = (double)c->a[i] * (double)c->b[j] / all;
	c->filled++;
	c->expected += expected;
	c->chi2 += (count - expected) * (count - expected) / expected;
	c->mutual += count / all * log(count / expected);
	if (c->prior > 0)
		c->pure += log_gamma(count + c->prior) - log_gamma(c->prior);
}

static void count_cells(const uint64_t *table, size_t a_codes, size_t b_codes, struct cells *c)
{
	for (size_t i = 0; i < a_codes; i++)
		for (size_t j = 0; j < b_codes; j++) {
			c->a[i] += table[i * b_codes + j];
			c->b[j] += table[i * b_codes + j];
			c->n += table[i * b_codes + j];
		}
	for (size_t i = 0; i < a_codes; i++)
		for (size_t j = 0; j < b_codes; j++)
			if (table[i * b_codes + j])
				add_cell(c, i, j, table[i * b_codes + j]);
}

/* All cells at once: they stay in the cache. */
enum { SMALL = 1 << 17 };

static void count_small(const uint32_t *a, size_t a_codes, const uint32_t *b, size_t b_codes, size_t n,
                        struct cells *c)
{
	uint64_t *table = xcalloc(a_codes * b_codes + 1, sizeof *table);
	for (size_t i = 0; i < n; i++)
		if (a[i] < a_codes && b[i] < b_codes)
			table[a[i] * b_codes + b[i]]++;
	count_cells(table, a_codes, b_codes, c);
	free(table);
}

/* The codes of b, sorted by those of a; then a row of the table at a time. */
static void count_sorted(const uint32_t *a, size_t a_codes, const uint32_t *b, size_t b_codes, size_t n,
                         struct cells *c)
{
	size_t *start = xcalloc(a_codes + 1, sizeof *start);
	uint32_t *codes = xcalloc(n + 1, sizeof *codes);
	uint64_t *row = xcalloc(b_codes + 1, sizeof *row);
	for (size_t i = 0; i < n; i++)
		if (a[i] < a_codes && b[i] < b_codes) {
			c->a[a[i]]++;
			c->b[b[i]]++;
			c->n++;
		}
	for (size_t i = 0; i < a_codes; i++)
		start[i + 1] = start[i] + c->a[i];
	for (size_t i = 0; i < n; i++)
		if (a[i] < a_codes && b[i] < b_codes)
			codes[start[a[i]]++] = b[i];
	/* Each start is the next one's by now. */
	for (size_t i = 0, from = 0; i < a_codes; from = start[i++]) {
		for (size_t k = from; k < start[i]; k++)
			row[codes[k]]++;
		for (size_t k = from; k < start[i]; k++) {
			uint32_t j = codes[k];
			if (!row[j])
				continue; /* counted already */
			add_cell(c, i, j, row[j]);
			row[j] = 0;
		}
	}
	free(row);
	free(codes);
	free(start);
}

/* In nats. */
static double entropy(const uint64_t *counts, size_t k)
{
	return stats_entropy(counts, k) * 0.693147180559945309417232121458176568;
}

/* The upper tail of chi-square. Beyond some million degrees GSL's expansion fails on ordinary values (and its handler
 * ends the program): there, Temme's uniform expansion of the incomplete gamma function (1979), of which the second
 * term is below 1e-11. */
static double chi2_tail(double x, double df)
{
	const double a = df / 2, mu = x / df - 1;
	if (df <= 1e6)
		return gsl_cdf_chisq_Q(x, df);
	double eta = copysign(sqrt(2 * (mu - log1p(mu))), mu);
	double c0 = fabs(eta) < 0.01 ? -1.0 / 3 + eta / 12 - 2 * eta * eta / 135 : 1 / mu - 1 / eta;
	double p = erfc(eta * sqrt(a / 2)) / 2 + exp(-a * eta * eta / 2) / sqrt(2 * M_PI * a) * c0;
	return fmin(1, fmax(0, p));
}

static void cells_init(struct cells *c, size_t a_codes, size_t b_codes)
{
	*c = (struct cells){.a = xcalloc(a_codes + 1, sizeof *c->a), .b = xcalloc(b_codes + 1, sizeof *c->b)};
}

/* From what was counted, which is released. */
static void measure(struct cells *c, size_t a_codes, size_t b_codes, struct association *out)
{
	*out = (struct association){
	    .chi2 = NAN, .df = NAN, .p = NAN, .v = NAN, .mutual = NAN, .explains_a = NAN, .explains_b = NAN};
	out->n = c->n;
	for (size_t i = 0; i < a_codes; i++)
		out->rows += c->a[i] > 0;
	for (size_t j = 0; j < b_codes; j++)
		out->columns += c->b[j] > 0;
	/* An empty cell adds what was expected in it. */
	double all = (double)c->n, chi2 = c->chi2;
	if (c->filled < out->rows * out->columns)
		chi2 += fmax(0, all - c->expected);
	if (c->n) {
		out->mutual = fmax(0, c->mutual);
		if (out->rows > 1)
			out->explains_a = fmin(1, out->mutual / entropy(c->a, a_codes));
		if (out->columns > 1)
			out->explains_b = fmin(1, out->mutual / entropy(c->b, b_codes));
	}
	if (out->rows > 1 && out->columns > 1) {
		double r = (double)out->rows, k = (double)out->columns;
		double phi2 = fmax(0, chi2 / all - (r - 1) * (k - 1) / (all - 1));
		double least = fmin(r - (r - 1) * (r - 1) / (all - 1), k - (k - 1) * (k - 1) / (all - 1)) - 1;
		out->chi2 = chi2;
		out->df = (r - 1) * (k - 1);
		out->p = chi2_tail(chi2, out->df);
		if (least > 0)
			out->v = fmin(1, sqrt(phi2 / least));
	}
	free(c->a);
	free(c->b);
}

static void count_codes(const uint32_t *a, size_t a_codes, const uint32_t *b, size_t b_codes, size_t n,
                        struct cells *c)
{
	if (a_codes <= SMALL / (b_codes + 1))
		count_small(a, a_codes, b, b_codes, n, c);
	else
		count_sorted(a, a_codes, b, b_codes, n, c);
}

/* a has no more codes than b. */
static void associate(const uint32_t *a, size_t a_codes, const uint32_t *b, size_t b_codes, size_t n,
                      struct association *out)
{
	struct cells c;
	cells_init(&c, a_codes, b_codes);
	count_codes(a, a_codes, b, b_codes, n, &c);
	measure(&c, a_codes, b_codes, out);
}

void stats_association(const uint32_t *a, size_t a_codes, const uint32_t *b, size_t b_codes, size_t n,
                       struct association *out)
{
	struct association other;
	if (a_codes <= b_codes) {
		associate(a, a_codes, b, b_codes, n, out);
		return;
	}
	/* Few codes to sort by are few places to write to. */
	associate(b, b_codes, a, a_codes, n, &other);
	*out = other;
	out->rows = other.columns;
	out->columns = other.rows;
	out->explains_a = other.explains_b;
	out->explains_b = other.explains_a;
}

/* Of how many rows in all each category is taken to have been seen before. */
static const double SEEN = 0.2;

double stats_association_chance(const uint32_t *a, size_t a_codes, const uint32_t *b, size_t b_codes,
                                size_t n)
{
	const bool turned = a_codes > b_codes;
	struct cells c;
	double ratio;
	cells_init(&c, turned ? b_codes : a_codes, turned ? a_codes : b_codes);
	c.prior = SEEN / (double)b_codes;
	if (turned)
		count_codes(b, b_codes, a, a_codes, n, &c);
	else
		count_codes(a, a_codes, b, b_codes, n, &c);
	const uint64_t *of_a = turned ? c.b : c.a, *of_b = turned ? c.a : c.b;
	/* log of the probability in any order, less that of each category by its own law. */
	ratio = -log_gamma((double)c.n + 1) - c.pure;
	for (size_t j = 0; j < b_codes; j++)
		ratio += log_gamma((double)of_b[j] + 1);
	for (size_t i = 0; i < a_codes; i++)
		if (of_a[i])
			ratio += log_gamma((double)of_a[i] + SEEN) - log_gamma(SEEN);
	free(c.a);
	free(c.b);
	return c.n ? fmin(1, exp(ratio)) : (double)NAN;
}

void stats_association_counts(const uint64_t *cells, size_t a_codes, size_t b_codes, struct association *out)
{
	struct cells c;
	cells_init(&c, a_codes, b_codes);
	count_cells(cells, a_codes, b_codes, &c);
	measure(&c, a_codes, b_codes, out);
}

size_t stats_quantile_edges(const double *sorted, size_t n, size_t bins, double *edges)
{
	size_t made = 0;
	if (!n || !bins)
		return 0;
	edges[0] = sorted[0];
	for (size_t k = 1; k < bins; k++) {
		double edge = stats_quantile(sorted, n, (double)k / (double)bins);
		if (edge > edges[made] && edge < sorted[n - 1])
			edges[++made] = edge;
	}
	edges[++made] = sorted[n - 1];
	return made;
}
