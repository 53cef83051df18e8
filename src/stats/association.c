/* Two categories: the table of their counts, of which only the cells that are not empty are made. */
#include <math.h>

#include <gsl/gsl_cdf.h>

#include "assay/stats_relation.h"

/* Counts of a, counts of b, and the codes of b sorted by those of a. */
struct table {
	uint64_t *a, *b;
	size_t *start; /* where the rows of a code of a begin in codes; a_codes + 1 */
	uint32_t *codes;
	size_t n;
};

static void count_table(const uint32_t *a, size_t a_codes, const uint32_t *b, size_t b_codes, size_t n,
                        struct table *t)
{
	*t = (struct table){xcalloc(a_codes + 1, sizeof *t->a), xcalloc(b_codes + 1, sizeof *t->b),
	                    xcalloc(a_codes + 1, sizeof *t->start), xcalloc(n + 1, sizeof *t->codes), 0};
	for (size_t i = 0; i < n; i++)
		if (a[i] < a_codes && b[i] < b_codes) {
			t->a[a[i]]++;
			t->b[b[i]]++;
			t->n++;
		}
	for (size_t i = 0; i < a_codes; i++)
		t->start[i + 1] = t->start[i] + t->a[i];
	for (size_t i = 0; i < n; i++)
		if (a[i] < a_codes && b[i] < b_codes)
			t->codes[t->start[a[i]]++] = b[i];
	for (size_t i = a_codes; i > 0; i--)
		t->start[i] = t->start[i - 1];
	t->start[0] = 0;
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

/* What the cells that are not empty add up to. */
struct cell_sums {
	double chi2, mutual, expected;
	size_t filled;
};

static void add_cell(struct cell_sums *s, uint64_t cell, uint64_t row, uint64_t column, double all)
{
	double count = (double)cell, expected = (double)row * (double)column / all;
	s->filled++;
	s->expected += expected;
	s->chi2 += (count - expected) * (count - expected) / expected;
	s->mutual += count / all * log(count / expected);
}

/* a, b: counts of each side; n, rows and columns are there already. */
static void measure(const struct cell_sums *s, const uint64_t *a, size_t a_codes, const uint64_t *b,
                    size_t b_codes, struct association *out)
{
	double all = (double)out->n, chi2 = s->chi2;
	/* An empty cell adds what was expected in it. */
	if (s->filled < out->rows * out->columns)
		chi2 += fmax(0, all - s->expected);
	if (out->n) {
		out->mutual = fmax(0, s->mutual);
		if (out->rows > 1)
			out->explains_a = fmin(1, out->mutual / entropy(a, a_codes));
		if (out->columns > 1)
			out->explains_b = fmin(1, out->mutual / entropy(b, b_codes));
	}
	if (out->rows > 1 && out->columns > 1) {
		double r = (double)out->rows, c = (double)out->columns;
		double phi2 = fmax(0, chi2 / all - (r - 1) * (c - 1) / (all - 1));
		double least = fmin(r - (r - 1) * (r - 1) / (all - 1), c - (c - 1) * (c - 1) / (all - 1)) - 1;
		out->chi2 = chi2;
		out->df = (r - 1) * (c - 1);
		out->p = chi2_tail(chi2, out->df);
		if (least > 0)
			out->v = fmin(1, sqrt(phi2 / least));
	}
}

static const struct association nothing = {
    .chi2 = NAN, .df = NAN, .p = NAN, .v = NAN, .mutual = NAN, .explains_a = NAN, .explains_b = NAN};

static size_t count_used(const uint64_t *counts, size_t k)
{
	size_t used = 0;
	for (size_t i = 0; i < k; i++)
		used += counts[i] > 0;
	return used;
}

void stats_association(const uint32_t *a, size_t a_codes, const uint32_t *b, size_t b_codes, size_t n,
                       struct association *out)
{
	struct table t;
	struct cell_sums sums = {0, 0, 0, 0};
	*out = nothing;
	count_table(a, a_codes, b, b_codes, n, &t);
	uint64_t *cells = xcalloc(b_codes + 1, sizeof *cells);
	out->n = t.n;
	out->rows = count_used(t.a, a_codes);
	out->columns = count_used(t.b, b_codes);
	for (size_t i = 0; i < a_codes; i++) {
		for (size_t k = t.start[i]; k < t.start[i + 1]; k++)
			cells[t.codes[k]]++;
		for (size_t k = t.start[i]; k < t.start[i + 1]; k++) {
			uint32_t j = t.codes[k];
			if (!cells[j])
				continue; /* counted already */
			add_cell(&sums, cells[j], t.a[i], t.b[j], (double)t.n);
			cells[j] = 0;
		}
	}
	measure(&sums, t.a, a_codes, t.b, b_codes, out);
	free(cells);
	free(t.a);
	free(t.b);
	free(t.start);
	free(t.codes);
}

void stats_association_counts(const uint64_t *cells, size_t a_codes, size_t b_codes, struct association *out)
{
	uint64_t *a = xcalloc(a_codes + 1, sizeof *a), *b = xcalloc(b_codes + 1, sizeof *b);
	struct cell_sums sums = {0, 0, 0, 0};
	*out = nothing;
	for (size_t i = 0; i < a_codes; i++)
		for (size_t j = 0; j < b_codes; j++) {
			a[i] += cells[i * b_codes + j];
			b[j] += cells[i * b_codes + j];
			out->n += cells[i * b_codes + j];
		}
	out->rows = count_used(a, a_codes);
	out->columns = count_used(b, b_codes);
	for (size_t i = 0; i < a_codes; i++)
		for (size_t j = 0; j < b_codes; j++)
			if (cells[i * b_codes + j])
				add_cell(&sums, cells[i * b_codes + j], a[i], b[j], (double)out->n);
	measure(&sums, a, a_codes, b, b_codes, out);
	free(a);
	free(b);
}

void stats_bin_codes(const double *values, size_t n, const double *edges, size_t bins, uint32_t *codes)
{
	for (size_t i = 0; i < n; i++) {
		double x = values[i];
		size_t low = 0, high = bins;
		codes[i] = UINT32_MAX;
		if (!(x >= edges[0] && x <= edges[bins]))
			continue;
		/* The last edge at or below x. */
		while (low + 1 < high) {
			size_t middle = low + (high - low) / 2;
			if (x < edges[middle])
				high = middle;
			else
				low = middle;
		}
		codes[i] = (uint32_t)low;
	}
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
