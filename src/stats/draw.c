/* Draws from distributions of counts, exact at every size. */
#include <math.h>

#include "assay/stats.h"

/* Below this mean a walk from 0 is quicker than a rejection. */
enum { WALK_MEAN = 10, URN_DRAWS = 12, FACTORIALS = 16 };

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

/* From 0 upwards, p at most 1/2 and np small. */
static uint64_t binomial_walk(struct rng *r, uint64_t n, double p)
{
	double count = (double)n, odds = p / (1 - p), none = exp(count * log1p(-p));
	for (;;) {
		double u = rng_unit(r), here = none;
		for (uint64_t k = 0; k <= n; k++) {
			if (u < here)
				return k;
			u -= here;
			here *= odds * (count - (double)k) / ((double)k + 1);
		}
		/* Rounding left a crumb beyond n: once more. */
	}
}

/* Transformed rejection with a squeeze (Hoermann 1993, BTRS): p at most 1/2, np at least 10. */
static uint64_t binomial_reject(struct rng *r, uint64_t count, double p)
{
	double n = (double)count, q = 1 - p, sd = sqrt(n * p * q);
	double b = 1.15 + 2.53 * sd, a = -0.0873 + 0.0248 * b + 0.01 * p, centre = n * p + 0.5;
	double quick = 0.92 - 4.2 / b;
	for (;;) {
		double u = rng_unit(r) - 0.5, v = rng_unit(r), edge = 0.5 - fabs(u);
		double k = floor((2 * a / edge + b) * u + centre);
		if (edge >= 0.07 && v <= quick)
			return (uint64_t)k;
		if (!(k >= 0 && k <= n))
			continue;
		double mode = floor((n + 1) * p);
		v = log(v * (2.83 + 5.1 / b) * sd / (a / (edge * edge) + b));
		if (v <= log_factorial(mode) + log_factorial(n - mode) - log_factorial(k) - log_factorial(n - k) +
		             (k - mode) * log(p / q))
			return (uint64_t)k;
	}
}

uint64_t rng_binomial(struct rng *r, uint64_t n, double p)
{
	if (n == 0 || !(p > 0))
		return 0;
	if (p >= 1)
		return n;
	if (p > 0.5)
		return n - rng_binomial(r, n, 1 - p);
	return (double)n * p < WALK_MEAN ? binomial_walk(r, n, p) : binomial_reject(r, n, p);
}

void rng_multinomial(struct rng *r, uint64_t n, const uint64_t *weight, size_t k, uint64_t *out)
{
	uint64_t rest = 0;
	for (size_t i = 0; i < k; i++)
		rest += weight[i];
	for (size_t i = 0; i < k; i++) {
		out[i] = weight[i] == 0      ? 0
		         : weight[i] == rest ? n
		                             : rng_binomial(r, n, (double)weight[i] / (double)rest);
		n -= out[i];
		rest -= weight[i];
	}
}

/* ln((a + d)! / a!) - d ln a, for |d| <= a / 10 and a of a thousand or more: by Stirling's series, whose
 * logarithm is that of 1 + d / a, from its quickly falling series. Rounding costs no more than in
 * log_factorial. */
static inline double factorial_step(double a, double d)
{
	double s = d / (2 * a + d), q = s * s;
	double log_ratio =
	    2 * s * (1 + q * (1.0 / 3 + q * (1.0 / 5 + q * (1.0 / 7 + q * (1.0 / 9 + q * (1.0 / 11))))));
	return (a + d + 0.5) * log_ratio - d - d / (12 * a * (a + d));
}

/* Ratio of uniforms around the mean (Stadlober 1990, HRUA): draws at most half of good + bad. */
static double hypergeometric_reject(struct rng *r, double few, double many, double draws)
{
	enum { LARGE = 1000, NEAR = 10 };
	double all = few + many, share = few / all, centre = draws * share + 0.5;
	double sd = sqrt((all - draws) * draws * share * (1 - share) / (all - 1) + 0.5);
	double width = 1.7155277699214135 * sd + 0.8989161620588988; /* 2 sqrt(2/e), 3 - 2 sqrt(3/e) */
	double mode = floor((draws + 1) * (few + 1) / (all + 2)), most = fmin(draws, few);
	/* The four numbers whose factorials stand below the line, where k is the mode. */
	double a = mode, b = few - mode, c = draws - mode, d = many - draws + mode;
	double least = fmin(fmin(a, b), fmin(c, d)), at_mode = 0, slope = 0;
	if (least >= LARGE)
		slope = log(b / a * (c / d));
	else
		at_mode = log_factorial(a) + log_factorial(b) + log_factorial(c) + log_factorial(d);
	for (;;) {
		double x = rng_unit(r), y = rng_unit(r), k = floor(centre + width * (y - 0.5) / x), t;
		if (!(k >= 0 && k <= most)) /* x may be 0 */
			continue;
		double step = k - mode;
		if (least >= LARGE && fabs(step) * NEAR <= least)
			t = step * slope - factorial_step(a, step) - factorial_step(b, -step) - factorial_step(c, -step) -
			    factorial_step(d, step);
		else if (least >= LARGE) /* far out: rarely taken */
			t = log_factorial(a) + log_factorial(b) + log_factorial(c) + log_factorial(d) - log_factorial(k) -
			    log_factorial(few - k) - log_factorial(draws - k) - log_factorial(d + step);
		else
			t = at_mode - log_factorial(k) - log_factorial(few - k) - log_factorial(draws - k) -
			    log_factorial(d + step);
		if (x * (4 - x) - 3 <= t)
			return k;
		if (x * (x - t) < 1 && 2 * log(x) <= t)
			return k;
	}
}

uint64_t rng_hypergeometric(struct rng *r, uint64_t good, uint64_t bad, uint64_t draws)
{
	uint64_t all = good + bad;
	if (draws > all)
		bug("rng_hypergeometric: more draws than there are balls");
	if (good == 0 || draws == 0)
		return 0;
	if (bad == 0)
		return draws;
	/* What is not drawn is a draw too; and so are the bad ones. */
	uint64_t few = good < bad ? good : bad, drawn = draws < all - draws ? draws : all - draws, k = 0;
	if (drawn <= URN_DRAWS) {
		uint64_t left = few;
		for (uint64_t i = 0; i < drawn; i++)
			left -= rng_below(r, all - i) < left;
		k = few - left;
	} else {
		k = (uint64_t)hypergeometric_reject(r, (double)few, (double)(all - few), (double)drawn);
	}
	if (few != good)
		k = drawn - k;
	return drawn == draws ? k : good - k;
}
