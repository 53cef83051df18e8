/* Draws from distributions of counts, exact at every size. */
#include <math.h>

#include "random.h"

/* Below this mean a walk from 0 is quicker than a rejection. Series around the mode are used where the numbers
 * below the line are at least LARGE, and for steps of a NEARth of the smallest at the most. */
enum { WALK_MEAN = 10, URN_DRAWS = 12, FACTORIALS = 16, LARGE = 250, NEAR = 10 };

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

/* ln((a + d)! / a!) - d ln a, for |d| <= a / NEAR and a >= LARGE: by Stirling's series, whose logarithm is that
 * of 1 + d / a, from its quickly falling series. What is left out is below 8e-4 / a^3; rounding costs no more
 * than in log_factorial. */
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

/* ln of the chance of k by that of the mode. Neighbours of the mode differ little in their chance, so that the
 * slope is the logarithm of nearly 1. */
static double binomial_log(double n, double p, double q, double mode, double k)
{
	double a = mode, b = n - mode, step = k - mode;
	if (fmin(a, b) >= LARGE && fabs(step) * NEAR <= fmin(a, b))
		return step * log_near(p * b, q * a) - factorial_step(a, step) - factorial_step(b, -step);
	return log_factorial(a) + log_factorial(b) - log_factorial(k) - log_factorial(n - k) + step * log(p / q);
}

/* Transformed rejection with a squeeze (Hoermann 1993, BTRS): p at most 1/2, np at least 10. */
static uint64_t binomial_reject(struct rng *r, uint64_t count, double p)
{
	double n = (double)(int64_t)count, q = 1 - p, sd = sqrt(n * p * q);
	double b = 1.15 + 2.53 * sd, a = -0.0873 + 0.0248 * b + 0.01 * p, centre = n * p + 0.5;
	double quick = 0.92 - 4.2 / b;
	for (;;) {
		double u = random_unit(r) - 0.5, v = random_unit(r), edge = 0.5 - fabs(u);
		double k = (2 * a / edge + b) * u + centre;
		if (edge >= 0.07 && v <= quick)
			return (uint64_t)(int64_t)k;
		k = floor(k);
		if (!(k >= 0 && k <= n))
			continue;
		v = log(v * (2.83 + 5.1 / b) * sd / (a / (edge * edge) + b));
		if (v <= binomial_log(n, p, q, floor((n + 1) * p), k))
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

/* The four numbers whose factorials stand below the line of the chance, where k is the mode: k itself, and
 * what is left of the few, of the draws, and of the many. */
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
	       log_factorial(a + step) - log_factorial(b - step) - log_factorial(c - step) - log_factorial(d + step);
}

/* The same as a cubic in the step, and a bound of what that leaves out. Of each corner x the series of
 * factorial_step is s^2 / 2x + s / 2x - s^3 / 6x^2 - s^2 / 4x^2 - s / 12x^2 and terms that for |s| <= x / NEAR
 * come to less than s^2 (s^2 + 4) / 8x^3. */
struct cubic {
	double one, two, three, rest;
};

static inline struct cubic cubic_of(const struct corners *m)
{
	double a = 1 / m->a, b = 1 / m->b, c = 1 / m->c, d = 1 / m->d;
	double skew = a * a - b * b - c * c + d * d;
	return (struct cubic){
	    .one = log_near(m->b * m->c, m->a * m->d) - (a - b - c + d) / 2 + skew / 12,
	    .two = (a * a + b * b + c * c + d * d) / 4 - (a + b + c + d) / 2,
	    .three = skew / 6,
	    .rest = (a * a * a + b * b * b + c * c * c + d * d * d) / 8,
	};
}

/* Ratio of uniforms around the mean (Stadlober 1990, HRUA): draws at most half of good + bad. */
static double hypergeometric_reject(struct rng *r, double few, double many, double draws)
{
	double all = few + many, share = few / all, centre = draws * share + 0.5;
	double sd = sqrt((all - draws) * draws * share * (1 - share) / (all - 1) + 0.5);
	double width = 1.7155277699214135 * sd + 0.8989161620588988; /* 2 sqrt(2/e), 3 - 2 sqrt(3/e) */
	double mode = floor((draws + 1) * (few + 1) / (all + 2)), most = fmin(draws, few);
	struct corners at = {mode, few - mode, draws - mode, many - draws + mode, 0};
	at.least = fmin(fmin(at.a, at.b), fmin(at.c, at.d));
	bool large = at.least >= LARGE;
	struct cubic near = large ? cubic_of(&at) : (struct cubic){0};
	for (;;) {
		double x = random_unit(r), y = random_unit(r), k = floor(centre + width * (y - 0.5) / x);
		if (!(k >= 0 && k <= most)) /* x may be 0 */
			continue;
		double step = k - mode, t, rest = 0;
		if (large && fabs(step) * NEAR <= at.least) {
			t = step * (near.one + step * (near.two + step * near.three));
			rest = step * step * (step * step + 4) * near.rest;
		} else {
			t = hypergeometric_log(&at, step);
		}
		if (x * (4 - x) - 3 <= t - rest)
			return k;
		if (x * (x - t - rest) >= 1)
			continue;
		double twice = 2 * log(x);
		/* Within the bound only the whole can tell. */
		if (fabs(twice - t) <= rest)
			t = hypergeometric_log(&at, step);
		if (twice <= t)
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
