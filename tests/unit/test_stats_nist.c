/* NIST StRD univariate sets: certified digits of mean, sd and lag-1 autocorrelation. The sets lie beside the
 * project (../shared/data/nist) and are skipped where they are not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/oracle.h"
#include "assay/stats.h"

#define FOLDER "../shared/data/nist/univariate"

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
		/* In NumAcc4 the decimals themselves cannot be written in binary: 8 digits is what its sd can have.
		 */
		bool lost = !strcmp(name, "NumAcc4");
		print_message("# %s: mean %.1f, sd %.1f, lag-1 %.1f digits\n", name, mean, sd, lag1);
		if (mean < 9 || sd < (lost ? 8 : 9) || lag1 < (lost ? 8 : 9))
			fail_msg("%s: too few certified digits", name);
		sets++;
		free(line);
		free(path);
		free(x);
	}
	assert_true(sets >= 9);
	json_object_put(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(certified_digits)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
