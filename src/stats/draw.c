/* Draws from distributions of counts, exact at every size. */
#include <math.h>

#include "random.h"

/* Below this mean a walk from 0 is quicker than a rejection. Series around the mode are used where the
 * numbers below the line are at least LARGE, and for steps of a NEARth of the smallest at the most. */
enum { WALK_MEAN = 10, URN_DRAWS = 12, FACTORIALS = 16, LARGE = 250, NEAR = 10, BLOCK = 64 };

/* ln k!: a table, then Stirling's series (error below 2e-14 from 16 on). */
static double log_factorial(double k)
{
	static const double small[FACTORIALS] = {0,
	                                         0,
	                                         0.69314718055994531,
	                                         1.7917594692280550,
	                                         3.1780538303479458,
	                                         4.7874917427820458,
	                                         6.5792512120101012,
	                                         8.5251613610654147,
	                                         10.604602902745251,
	                                         12.801827480081469,
	                                         15.104412573075516,
	                                         17.502307845873887,
	                                         19.987214495661885,
	                                         22.552163853123425,
	                                         25.191221182738680,
	                                         27.899271383840890};
	if (k < FACTORIALS)
		return small[(size_t)k];
	double square = 1 / (k * k);
	return (k + 0.5) * log(k) - k + 0.91893853320467274 +
	       (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - square / 1680) * square) * square) / k;
}

/* ln((a + d)! / a!) - d ln a, for |d| <= a / NEAR and a >= LARGE: by Stirling's series, whose logarithm is
 * that of 1 + d / a, from its quickly falling series. What is left out is below 8e-4 / a^3; rounding costs no
 * more than in log_factorial. */
static inline double factorial_step(double a, double d)
{
	double s = d / (2 * a + d), q = s * s;
	double log_ratio =
	    2 * s * (1 + q * (1.0 / 3 + q * (1.0 / 5 + q * (1.0 / 7 + q * (1.0 / 9 + q * (1.0 / 11))))));
	return (a + d + 0.5) * log_ratio - d - d / (12 * a * (a + d));
}

/* ln(x / y) of numbers that differ by less than a hundredth of either. */
static inline double log_near(double x, double y)
{
	double s = (x - y) / (x + y), q = s * s;
	return 2 * s * (1 + q * (1.0 / 3 + q * (1.0 / 5)));
}

/* ---- binomial ---- */

/* From 0 upwards, p at most 1/2 and np small. */
static uint64_t binomial_walk(struct rng *r, uint64_t n, double p)
{
	double count = (double)n, odds = p / (1 - p), none = exp(count * log1p(-p));
	for (;;) {
		double u = random_unit(r), here = none;
		for (uint64_t k = 0; k <= n; k++) {
			if (u < here)
				return k;
			u -= here;
			here *= odds * (count - (double)k) / ((double)k + 1);
		}
		/* Rounding left a crumb beyond n: once more. */
	}
}

/* ln of the chance of k by that of the mode. Neighbours of the mode differ little in their chance, so that
 * the slope is the logarithm of nearly 1. */
static double binomial_log(double n, double p, double q, double k)
{
	double a = floor((n + 1) * p), b = n - a, step = k - a, least = a < b ? a : b;
	if (least >= LARGE && fabs(step) * NEAR <= least)
		return step * log_near(p * b, q * a) - factorial_step(a, step) - factorial_step(b, -step);
	return log_factorial(a) + log_factorial(b) - log_factorial(k) - log_factorial(n - k) + step * log(p / q);
}

/* Transformed rejection with a squeeze (Hoermann 1993, BTRS): p at most 1/2, np at least 10. */
static inline uint64_t binomial_reject(struct rng *r, double n, double p)
{
	double q = 1 - p, sd = sqrt(n * (p * q)), centre = n * p + 0.5;
	double b = 1.15 + 2.53 * sd, a = -0.0873 + 0.0248 * b + 0.01 * p, quick = 0.92 - 4.2 / b;
	for (;;) {
		double u = random_unit(r) - 0.5, v = random_unit(r), edge = 0.5 - fabs(u);
		double k = (2 * a / edge + b) * u + centre;
		if (edge >= 0.07 && v <= quick)
			return (uint64_t)(int64_t)k;
		if (!(k >= 0 && k < n + 1)) /* edge may be 0 */
			continue;
		k = floor(k);
		if (log(v * (2.83 + 5.1 / b) * sd / (a / (edge * edge) + b)) <= binomial_log(n, p, q, k))
			return (uint64_t)k;
	}
}

/* Many of one chance, which is at most 1/2. */
static void binomials(struct rng *r, double p, const uint64_t *n, size_t times, uint64_t *out)
{
	struct rng own = *r; /* in registers */
	for (size_t i = 0; i < times; i++) {
		double count = (double)(int64_t)n[i];
		out[i] = count * p < WALK_MEAN ? binomial_walk(&own, n[i], p) : binomial_reject(&own, count, p);
	}
	*r = own;
}

uint64_t rng_binomial(struct rng *r, uint64_t n, double p)
{
	uint64_t k;
	if (n == 0 || !(p > 0))
		return 0;
	if (p >= 1)
		return n;
	binomials(r, p > 0.5 ? 1 - p : p, &n, 1, &k);
	return p > 0.5 ? n - k : k;
}

void rng_multinomials(struct rng *r, uint64_t n, const uint64_t *weight, size_t k, size_t times,
                      uint64_t *out)
{
	uint64_t rest = 0, left[BLOCK];
	for (size_t i = 0; i < k; i++)
		rest += weight[i];
	for (size_t from = 0; from < times; from += BLOCK) {
		size_t block = times - from < BLOCK ? times - from : BLOCK;
		uint64_t of = rest;
		for (size_t t = 0; t < block; t++)
			left[t] = n;
		/* Cell by cell: draws of one chance do not wait for each other. */
		for (size_t i = 0; i < k; of -= weight[i++]) {
			uint64_t *cell = &out[i * times + from];
			if (weight[i] == 0)
				memset(cell, 0, block * sizeof *cell);
			else if (weight[i] == of)
				memcpy(cell, left, block * sizeof *cell);
			else if (weight[i] <= of - weight[i])
				binomials(r, (double)weight[i] / (double)of, left, block, cell);
			else
				binomials(r, (double)(of - weight[i]) / (double)of, left, block, cell);
			bool others = weight[i] > of - weight[i] && weight[i] != of; /* those were drawn */
			for (size_t t = 0; t < block; t++) {
				cell[t] = others ? left[t] - cell[t] : cell[t];
				left[t] -= cell[t];
			}
		}
	}
}

void rng_multinomial(struct rng *r, uint64_t n, const uint64_t *weight, size_t k, uint64_t *out)
{
	rng_multinomials(r, n, weight, k, 1, out);
}

/* ---- hypergeometric ---- */

/* The four numbers whose factorials stand below the line of the chance, where k is the mode: k itself, and
 * what is left of the few, of the draws, and of the many; the least of them. */
struct corners {
	double a, b, c, d, least;
};

/* ln of the chance of mode + step by that of the mode. */
static double hypergeometric_log(const struct corners *m, double step)
{
	double a = m->a, b = m->b, c = m->c, d = m->d;
	if (m->least >= LARGE && fabs(step) * NEAR <= m->least)
		return step * log_near(b * c, a * d) - factorial_step(a, step) - factorial_step(b, -step) -
		       factorial_step(c, -step) - factorial_step(d, step);
	return log_factorial(a) + log_factorial(b) + log_factorial(c) + log_factorial(d) -
	       log_factorial(a + step) - log_factorial(b - step) - log_factorial(c - step) -
	       log_factorial(d + step);
}

/* A draw as ratio of uniforms around the mean (Stadlober 1990, HRUA), and its logarithm near the mode as a
 * cubic in the step, with a bound of what that leaves out. Of each corner x the series of factorial_step is
 * s^2 / 2x + s / 2x - s^3 / 6x^2 - s^2 / 4x^2 - s / 12x^2 and terms that for |s| <= x / NEAR come to less
 * than s^2 (s^2 + 4) / 8x^3. */
struct draw {
	struct corners at;
	double most, centre, width;
	double one, two, three, rest; /* only where the corners are large */
};

/* draws: at most half of all; few: at most half of it too. No branches, so that many are made ready at once.
 */
static inline struct draw draw_ready(double few, double all, double draws, double scale)
{
	double sd = sqrt(few * (all - few) * scale + 0.5),
	       mode = (double)(int64_t)((draws + 1) / (all + 2) * (few + 1));
	double a = mode, b = few - mode, c = draws - mode, d = all - few - c;
	double least_ab = a < b ? a : b, least_cd = c < d ? c : d;
	struct draw w = {.at = {a, b, c, d, least_ab < least_cd ? least_ab : least_cd},
	                 .most = draws < few ? draws : few,
	                 .centre = draws / all * few + 0.5,
	                 .width =
	                     1.7155277699214135 * sd + 0.8989161620588988}; /* 2 sqrt(2/e), 3 - 2 sqrt(3/e) */
	double ra = 1 / a, rb = 1 / b, rc = 1 / c, rd = 1 / d, skew = ra * ra - rb * rb - rc * rc + rd * rd;
	w.one = log_near(b * c, a * d) - (ra - rb - rc + rd) / 2 + skew / 12;
	w.two = (ra * ra + rb * rb + rc * rc + rd * rd) / 4 - (ra + rb + rc + rd) / 2;
	w.three = skew / 6;
	w.rest = (ra * ra * ra + rb * rb * rb + rc * rc * rc + rd * rd * rd) / 8;
	return w;
}

static inline double draw_made(struct rng *r, const struct draw *w)
{
	for (;;) {
		double x = random_unit(r), y = random_unit(r), k = w->centre + w->width * (y - 0.5) / x;
		if (!(k >= 0 && k < w->most + 1)) /* x may be 0 */
			continue;
		k = (double)(int64_t)k;
		double step = k - w->at.a, t, rest = 0;
		if (w->at.least >= LARGE && fabs(step) * NEAR <= w->at.least) {
			t = step * (w->one + step * (w->two + step * w->three));
			rest = step * step * (step * step + 4) * w->rest;
		} else {
			t = hypergeometric_log(&w->at, step);
		}
		if (x * (4 - x) - 3 <= t - rest)
			return k;
		if (x * (x - t - rest) >= 1)
			continue;
		double twice = 2 * log(x);
		/* Within the bound only the whole can tell. */
		if (rest > 0 && fabs(twice - t) <= rest)
			t = hypergeometric_log(&w->at, step);
		if (twice <= t)
			return k;
	}
}

/* Ball by ball. */
static uint64_t draw_few(struct rng *r, uint64_t few, uint64_t all, uint64_t draws)
{
	uint64_t left = few;
	for (uint64_t i = 0; i < draws; i++)
		left -= rng_below(r, all - i) < left;
	return few - left;
}

void rng_hypergeometrics(struct rng *r, uint64_t all, uint64_t draws, const uint64_t *good, size_t times,
                         uint64_t *out)
{
	if (draws > all)
		bug("rng_hypergeometrics: more draws than there are balls");
	/* What is not drawn is a draw too; and so are the bad ones. */
	uint64_t drawn = draws < all - draws ? draws : all - draws;
	double n = (double)all, d = (double)drawn, scale = d / n * (n - d) / n / (n - 1);
	struct draw ready[BLOCK];
	for (size_t from = 0; from < times; from += BLOCK) {
		size_t block = times - from < BLOCK ? times - from : BLOCK;
		for (size_t t = 0; t < block && drawn > URN_DRAWS; t++) {
			uint64_t g = good[from + t], few = g < all - g ? g : all - g;
			ready[t] = draw_ready((double)(int64_t)few, n, d, scale);
		}
		for (size_t t = 0; t < block; t++) {
			uint64_t g = good[from + t], few = g < all - g ? g : all - g, k = 0;
			if (few > 0)
				k = drawn <= URN_DRAWS ? draw_few(r, few, all, drawn) : (uint64_t)draw_made(r, &ready[t]);
			k = few == g ? k : drawn - k;
			out[from + t] = drawn == draws ? k : g - k;
		}
	}
}

uint64_t rng_hypergeometric(struct rng *r, uint64_t good, uint64_t bad, uint64_t draws)
{
	uint64_t k;
	rng_hypergeometrics(r, good + bad, draws, &good, 1, &k);
	return k;
}
