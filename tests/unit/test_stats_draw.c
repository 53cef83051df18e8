/* Draws of counts against their distributions: chi-square over cells, the chance of a false alarm below 1e-6.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "assay/stats.h"

enum { DRAWS = 40000, CELLS = 4096 };

/* Cells with too few expected are joined to the next one. */
static void fits(const uint64_t *seen, const double *chance, size_t n, double draws, const char *what)
{
	double chi2 = 0, expected = 0, got = 0, df = -1, left = 1;
	for (size_t k = 0; k < n; k++) {
		expected += chance[k] * draws;
		got += (double)seen[k];
		left -= chance[k];
		if (expected >= 10 && left * draws >= 10) {
			chi2 += (got - expected) * (got - expected) / expected;
			expected = got = 0;
			df++;
		}
	}
	if (expected > 0) {
		chi2 += (got - expected) * (got - expected) / expected;
		df++;
	}
	if (df > 0 && gsl_cdf_chisq_Q(chi2, df) < 1e-6)
		fail_msg("%s: chi-square %g on %g", what, chi2, df);
}

static void binomials_are_binomial(void **state)
{
	static const struct {
		uint64_t n;
		double p;
	} cases[] = {{1, 0.3},   {5, 0.5},    {19, 0.5},       {21, 0.5},    {100, 0.01}, {1000, 0.005},
	             {100, 0.9}, {1000, 0.5}, {100000, 0.002}, {3000, 0.37}, {50, 0.99},  {1500, 0.999}};
	struct rng r;
	(void)state;
	rng_init(&r, 7, 0);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		uint64_t seen[CELLS] = {0};
		double chance[CELLS];
		for (int d = 0; d < DRAWS; d++) {
			uint64_t k = rng_binomial(&r, cases[i].n, cases[i].p);
			assert_true(k <= cases[i].n);
			seen[k < CELLS ? k : CELLS - 1]++;
		}
		for (size_t k = 0; k < CELLS; k++)
			chance[k] = gsl_ran_binomial_pdf((unsigned)k, cases[i].p, (unsigned)cases[i].n);
		fits(seen, chance, CELLS, DRAWS, "binomial");
	}
	assert_int_equal(rng_binomial(&r, 0, 0.5), 0);
	assert_int_equal(rng_binomial(&r, 10, 0), 0);
	assert_int_equal(rng_binomial(&r, 10, -1), 0);
	assert_int_equal(rng_binomial(&r, 10, 1), 10);
	assert_int_equal(rng_binomial(&r, 10, (double)NAN), 0);
}

static void hypergeometrics_are_hypergeometric(void **state)
{
	static const struct {
		unsigned good, bad, draws;
	} cases[] = {{5, 7, 4},          {5, 7, 11},     {40, 60, 50},       {300, 20, 160},
	             {20, 300, 160},     {500, 500, 13}, {500, 700, 1100},   {2000, 90000, 30000},
	             {1000, 1000, 900},  {30, 30, 30},   {3000, 5000, 4000}, {8000, 24000, 12000},
	             {12000, 3000, 4500}};
	struct rng r;
	(void)state;
	rng_init(&r, 8, 0);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		uint64_t seen[CELLS] = {0};
		double chance[CELLS];
		for (int d = 0; d < DRAWS; d++) {
			uint64_t k = rng_hypergeometric(&r, cases[i].good, cases[i].bad, cases[i].draws);
			assert_true(k <= cases[i].good && k <= cases[i].draws && cases[i].draws - k <= cases[i].bad);
			seen[k < CELLS ? k : CELLS - 1]++;
		}
		for (size_t k = 0; k < CELLS; k++)
			chance[k] = gsl_ran_hypergeometric_pdf((unsigned)k, cases[i].good, cases[i].bad, cases[i].draws);
		fits(seen, chance, CELLS, DRAWS, "hypergeometric");
	}
	assert_int_equal(rng_hypergeometric(&r, 0, 5, 3), 0);
	assert_int_equal(rng_hypergeometric(&r, 5, 0, 3), 3);
	assert_int_equal(rng_hypergeometric(&r, 5, 3, 8), 5);
	assert_int_equal(rng_hypergeometric(&r, 5, 3, 0), 0);
}

static void multinomials_add_up(void **state)
{
	const uint64_t weight[] = {10, 0, 30, 0, 60, 0};
	double sum[COUNT_OF(weight)] = {0}, cross = 0;
	struct rng r;
	(void)state;
	rng_init(&r, 9, 0);
	for (int d = 0; d < DRAWS; d++) {
		uint64_t out[COUNT_OF(weight)], all = 0;
		rng_multinomial(&r, 200, weight, COUNT_OF(weight), out);
		for (size_t k = 0; k < COUNT_OF(weight); k++) {
			all += out[k];
			sum[k] += (double)out[k];
		}
		assert_int_equal(all, 200);
		cross += ((double)out[2] - 60) * ((double)out[4] - 120);
	}
	assert_true(sum[1] == 0 && sum[3] == 0 && sum[5] == 0);
	for (size_t k = 0; k < COUNT_OF(weight); k += 2) {
		double p = (double)weight[k] / 100, se = sqrt(200 * p * (1 - p) / DRAWS);
		assert_true(fabs(sum[k] / DRAWS - 200 * p) < 5 * se);
	}
	/* Covariance -n p q. */
	assert_true(fabs(cross / DRAWS + 200 * 0.3 * 0.6) < 2);
	uint64_t none[2];
	rng_multinomial(&r, 0, (const uint64_t[]){0, 0}, 2, none);
	assert_true(none[0] == 0 && none[1] == 0);
}

/* Many at once have the law of one by one: not only all together, but wherever they stand in a block. */
static void many_are_drawn_like_one(void **state)
{
	enum { MANY = 1000000, TIMES = 100, GOODS = 2, ROUNDS = MANY / TIMES * GOODS, PLACES = 3 };
	static const unsigned good[GOODS] = {900, 2600}, all = 4000;
	static const unsigned draws[] = {10, 1500, 2500};
	const uint64_t weight[PLACES] = {700, 100, 200};
	struct rng r;
	(void)state;
	rng_init(&r, 10, 0);
	for (size_t c = 0; c < COUNT_OF(draws); c++) {
		uint64_t seen[GOODS][CELLS] = {{0}};
		for (int d = 0; d < ROUNDS; d++) {
			uint64_t k[TIMES];
			for (size_t t = 0; t < TIMES; t++)
				k[t] = good[t % GOODS];
			rng_hypergeometrics(&r, all, draws[c], k, TIMES, k);
			for (size_t t = 0; t < TIMES; t++)
				seen[t % GOODS][k[t]]++;
		}
		for (size_t g = 0; g < GOODS; g++) {
			double chance[CELLS];
			for (size_t k = 0; k < CELLS; k++)
				chance[k] = gsl_ran_hypergeometric_pdf((unsigned)k, good[g], all - good[g], draws[c]);
			fits(seen[g], chance, CELLS, MANY, "hypergeometric, many");
		}
	}
	uint64_t seen[PLACES][CELLS] = {{0}};
	for (int d = 0; d < ROUNDS / GOODS; d++) {
		uint64_t out[PLACES * TIMES];
		rng_multinomials(&r, 3000, weight, PLACES, TIMES, out);
		for (size_t t = 0; t < TIMES; t++) {
			assert_int_equal(out[t] + out[TIMES + t] + out[2 * TIMES + t], 3000);
			for (size_t k = 0; k < PLACES; k++)
				seen[k][out[k * TIMES + t]]++;
		}
	}
	for (size_t k = 0; k < PLACES; k++) {
		double chance[CELLS];
		for (size_t x = 0; x < CELLS; x++)
			chance[x] = gsl_ran_binomial_pdf((unsigned)x, (double)weight[k] / 1000, 3000);
		fits(seen[k], chance, CELLS, MANY, "multinomial, many");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(binomials_are_binomial),
	    cmocka_unit_test(hypergeometrics_are_hypergeometric),
	    cmocka_unit_test(multinomials_add_up),
	    cmocka_unit_test(many_are_drawn_like_one),
	};
	return cmocka_run_group_tests_name("draws", tests, NULL, NULL);
}
