/* NIST StRD univariate and one-way ANOVA sets: certified digits. The sets lie beside the project
 * (../shared/data/nist) and are skipped where they are not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/oracle.h"
#include "assay/stats_sums.h"

#define FOLDER       "../shared/data/nist/univariate"
#define ANOVA_FOLDER "../shared/data/nist/anova"

/* -log10 of the relative error, at most 15. */
static double digits(double got, double certified)
{
	double error = fabs(got - certified) / (certified != 0 ? fabs(certified) : 1);
	return error > 1e-15 ? -log10(error) : 15;
}

static void certified_digits(void **state)
{
	(void)state;
	struct json_object *all = json_object_from_file(FOLDER "/certified.json");
	size_t sets = 0;
	if (!all)
		skip();
	json_object_object_foreach(all, name, set)
	{
		if (name[0] == '_')
			continue; /* where the values come from */
		char *path = xasprintf(FOLDER "/%s.csv", name), *line = NULL;
		FILE *f = fopen(path, "r");
		size_t n = 0, cap = 0, line_cap = 0;
		double *x = NULL, value;
		struct moments m;
		assert_non_null(f);
		while (getline(&line, &line_cap, f) > 0)
			if (num_parse(line, strcspn(line, "\r\n"), &value)) {
				x = vec_reserve(x, &cap, n + 1, sizeof *x);
				x[n++] = value;
			}
		fclose(f);
		assert_int_equal(n, (long)oracle_num(set, "n"));
		stats_moments(x, n, &m);
		double mean = digits(m.mean, oracle_num(set, "mean")), sd = digits(m.sd, oracle_num(set, "sd"));
		double lag1 = digits(m.lag1, oracle_num(set, "r1"));
		print_message("# %s: mean %.1f, sd %.1f, lag-1 %.1f digits\n", name, mean, sd, lag1);
		if (mean < 14 || sd < 14 || lag1 < 14)
			fail_msg("%s: too few certified digits", name);
		sets++;
		free(line);
		free(path);
		free(x);
	}
	assert_true(sets >= 9);
	json_object_put(all);
}

/* A number after a blank, and what follows it; NaN if there is none. */
static double next_number(char **at)
{
	char *from = *at;
	double value = strtod(from, at);
	return *at > from ? value : (double)NAN;
}

static void certified_anova(void **state)
{
	static const char *const sets[] = {"AtmWtAg", "SiRstv", "SmLs01", "SmLs02", "SmLs03", "SmLs04",
	                                   "SmLs05",  "SmLs06", "SmLs07", "SmLs08", "SmLs09"};
	(void)state;
	for (size_t s = 0; s < COUNT_OF(sets); s++) {
		char *path = xasprintf(ANOVA_FOLDER "/%s.dat", sets[s]), *line = NULL;
		FILE *file = fopen(path, "r");
		size_t n = 0, cap = 0, code_cap = 0, line_cap = 0;
		double *x = NULL, between = NAN, within = NAN, f = NAN, r2 = NAN, sd = NAN;
		uint32_t *codes = NULL;
		struct anova got;
		free(path);
		if (!file)
			skip();
		for (int at = 1; getline(&line, &line_cap, file) > 0; at++) {
			/* Numbers stand at the ends of the lines of the table; data begin in line 61. */
			char *end = line + strcspn(line, "0123456789");
			if (!strncmp(line, "Between", 7) || !strncmp(line, "Within", 6))
				next_number(&end); /* degrees of freedom */
			if (!strncmp(line, "Between", 7)) {
				between = next_number(&end);
				next_number(&end);
				f = next_number(&end);
			} else if (!strncmp(line, "Within", 6)) {
				within = next_number(&end);
			} else if (strstr(line, "Certified R-Squared")) {
				r2 = next_number(&end);
			} else if (strstr(line, "Standard Deviation")) {
				sd = next_number(&end);
			} else if (at > 60) {
				end = line;
				x = vec_reserve(x, &cap, n + 1, sizeof *x);
				codes = vec_reserve(codes, &code_cap, n + 1, sizeof *codes);
				codes[n] = (uint32_t)next_number(&end);
				x[n++] = next_number(&end);
			}
		}
		fclose(file);
		stats_anova_by(x, codes, n, 16, &got);
		double least = fmin(fmin(digits(got.between, between), digits(got.within, within)),
		                    fmin(fmin(digits(got.f, f), digits(got.eta2, r2)), digits(got.residual_sd, sd)));
		print_message("# %s: %.1f digits of F, %.1f of everything\n", sets[s], digits(got.f, f), least);
		/* Certified to 15 digits. */
		if (!(least > 14))
			fail_msg("%s: too few certified digits", sets[s]);
		free(x);
		free(codes);
		free(line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(certified_digits), cmocka_unit_test(certified_anova)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
