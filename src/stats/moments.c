/* Moments of one column in two passes: an exactly summed mean, then powers of the deviations. */
#include <float.h>
#include <math.h>

#include "assay/stats.h"

/* Four lanes whatever the machine's vectors are: the order of the additions is part of the result. */
typedef double lanes __attribute__((vector_size(32)));
enum { LANES = 4, BLOCK = 1024 };

static inline __attribute__((always_inline)) void load(lanes *to, const double *from)
{
	memcpy(to, from, sizeof *to);
}

/* A sum with what rounding took from it (Knuth's two-sum): hi + lo is the sum to about 106 bits. */
struct sum2 {
	double hi, lo;
};

static inline __attribute__((always_inline)) void sum2_add(struct sum2 *s, double x)
{
	double hi = s->hi + x, part = hi - s->hi;
	s->lo += (s->hi - (hi - part)) + (x - part);
	s->hi = hi;
}

static void sum2_tidy(struct sum2 *s)
{
	double hi = s->hi + s->lo;
	s->lo -= hi - s->hi;
	s->hi = hi;
}

static inline __attribute__((always_inline)) void sum2_lanes(struct sum2 *s, const lanes *v)
{
	double item[LANES];
	memcpy(item, v, sizeof item);
	for (int i = 0; i < LANES; i++)
		sum2_add(s, item[i]);
}

TWO_WIDTHS static struct sum2 exact_sum(const double *x, size_t n, double scale)
{
	lanes hi = {0}, lo = {0};
	size_t i = 0;
	for (; i + LANES <= n; i += LANES) {
		lanes v, sum, part;
		load(&v, x + i);
		v *= scale;
		sum = hi + v;
		part = sum - hi;
		lo += (hi - (sum - part)) + (v - part);
		hi = sum;
	}
	struct sum2 s = {0, 0};
	sum2_lanes(&s, &hi);
	sum2_lanes(&s, &lo);
	for (; i < n; i++)
		sum2_add(&s, x[i] * scale);
	sum2_tidy(&s);
	return s;
}

struct powers {
	struct sum2 d2, d3, d4, neighbour;
};

static inline __attribute__((always_inline)) void block_powers(const double *d, size_t n, bool has_next,
                                                               struct powers *p)
{
	lanes s2 = {0}, s3 = {0}, s4 = {0}, sn = {0};
	size_t pairs = has_next ? n : n - 1, i = 0;
	for (; i + LANES <= pairs; i += LANES) {
		lanes v, next, square;
		load(&v, d + i);
		load(&next, d + i + 1);
		square = v * v;
		s2 += square;
		s3 += square * v;
		s4 += square * square;
		sn += v * next;
	}
	sum2_lanes(&p->d2, &s2);
	sum2_lanes(&p->d3, &s3);
	sum2_lanes(&p->d4, &s4);
	sum2_lanes(&p->neighbour, &sn);
	for (; i < n; i++) {
		double square = d[i] * d[i];
		sum2_add(&p->d2, square);
		sum2_add(&p->d3, square * d[i]);
		sum2_add(&p->d4, square * square);
		if (i < pairs)
			sum2_add(&p->neighbour, d[i] * d[i + 1]);
	}
}

/* Powers of scaled deviations from the mean. */
TWO_WIDTHS static void all_powers(const double *x, size_t n, double scale, struct sum2 mean, struct powers *p)
{
	double d[BLOCK + LANES];
	for (size_t at = 0; at < n; at += BLOCK) {
		size_t len = n - at < BLOCK ? n - at : BLOCK, i = 0;
		bool has_next = at + len < n;
		for (; i + LANES <= len + has_next; i += LANES) {
			lanes v;
			load(&v, x + at + i);
			v = (v * scale - mean.hi) - mean.lo;
			memcpy(d + i, &v, sizeof v);
		}
		for (; i < len + has_next; i++)
			d[i] = (x[at + i] * scale - mean.hi) - mean.lo;
		block_powers(d, len, has_next, p);
	}
}

static void finite_moments(const double *x, size_t n, struct moments *out)
{
	double largest = fmax(fabs(out->min), fabs(out->max)), count = (double)n;
	int exponent = 0;
	/* Fourth powers must neither overflow nor vanish; a power of two costs no digit. */
	if (largest > 1e60 || (largest < 1e-60 && largest > 0))
		frexp(largest, &exponent);
	double scale = ldexp(1.0, exponent > 1000 ? -1000 : exponent < -1000 ? 1000 : -exponent);
	struct sum2 mean = exact_sum(x, n, scale);
	out->sum = (mean.hi + mean.lo) / scale;
	double total = mean.hi;
	mean.hi = total / count;
	/* What the division left over, by fma so that it is exact. */
	mean.lo = (fma(-mean.hi, count, total) + mean.lo) / count;
	out->mean = (mean.hi + mean.lo) / scale;
	if (n < 2)
		return;

	struct powers p = {{0, 0}, {0, 0}, {0, 0}, {0, 0}};
	all_powers(x, n, scale, mean, &p);
	double m2 = p.d2.hi + p.d2.lo, m3 = p.d3.hi + p.d3.lo, m4 = p.d4.hi + p.d4.lo;
	if (out->min == out->max)
		m2 = m3 = m4 = 0; /* a mean that is no double would leave dust */
	out->sd = sqrt(m2 / (count - 1)) / scale;
	out->variance = m2 / (count - 1) / scale / scale;
	if (!(m2 > 0))
		return;
	out->lag1 = (p.neighbour.hi + p.neighbour.lo) / m2;
	if (n >= 3)
		out->skewness = count * sqrt(count - 1) / (count - 2) * (m3 / (m2 * sqrt(m2)));
	if (n >= 4) {
		double below = (count - 2) * (count - 3), less = count - 1;
		out->kurtosis = count * (count + 1) * less * (m4 / (m2 * m2)) / below - 3 * less * less / below;
	}
}

size_t stats_finite(const double *values, size_t n, double *out)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++)
		if (isfinite(values[i]))
			out[kept++] = values[i];
	return kept;
}

/* Counts what there is, with the least and the greatest of the finite ones. */
static void classify(const double *values, size_t n, struct moments *out)
{
	double min = INFINITY, max = -INFINITY;
	out->count = out->nan = out->pos_inf = out->neg_inf = 0;
	for (size_t i = 0; i < n; i++) {
		double x = values[i];
		if (isfinite(x)) {
			out->count++;
			min = x < min ? x : min;
			max = x > max ? x : max;
		} else if (isnan(x)) {
			out->nan++;
		} else if (x > 0) {
			out->pos_inf++;
		} else {
			out->neg_inf++;
		}
	}
	out->min = min;
	out->max = max;
}

/* The same where all are finite, four at a time; false if one is not. */
TWO_WIDTHS static bool classify_finite(const double *values, size_t n, struct moments *out)
{
	double min[LANES] = {values[0], values[0], values[0], values[0]}, max[LANES] = {0}, none[LANES] = {0};
	size_t i = 0;
	memcpy(max, min, sizeof max);
	for (; i + LANES <= n; i += LANES)
		for (int k = 0; k < LANES; k++) {
			double x = values[i + k];
			min[k] = x < min[k] ? x : min[k];
			max[k] = x > max[k] ? x : max[k];
			none[k] += x - x; /* 0, but for what is not finite */
		}
	struct moments rest;
	classify(values + i, n - i, &rest);
	if (rest.count != n - i || none[0] + none[1] + none[2] + none[3] != 0)
		return false;
	for (int k = 0; k < LANES; k++) {
		rest.min = min[k] < rest.min ? min[k] : rest.min;
		rest.max = max[k] > rest.max ? max[k] : rest.max;
	}
	out->count = n;
	out->min = rest.min;
	out->max = rest.max;
	return true;
}

void stats_moments(const double *values, size_t n, struct moments *out)
{
	*out = (struct moments){.mean = NAN,
	                        .variance = NAN,
	                        .sd = NAN,
	                        .skewness = NAN,
	                        .kurtosis = NAN,
	                        .min = NAN,
	                        .max = NAN,
	                        .lag1 = NAN};
	if (n > 0 && classify_finite(values, n, out)) {
		finite_moments(values, n, out);
		return;
	}
	classify(values, n, out);
	if (!out->count) {
		out->min = out->max = NAN;
		return;
	}
	double *finite = xreallocarray(NULL, out->count, sizeof *finite);
	stats_finite(values, n, finite);
	finite_moments(finite, out->count, out);
	free(finite);
}
