/* work: the interval of a group's mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#include "assay/work.h"

/* Of 1 2 3 4: the quantile of t at 0.975 with 3 degrees of freedom is 3.182446. */
static void a_mean_has_students_interval(void **state)
{
	struct runs_group_value value = {.n = 4, .mean = 2.5, .m2 = 5, .min = 1, .max = 4};
	struct work_group_interval i;

	(void)state;
	work_group_interval(&value, &i);
	assert_true(i.mean == 2.5);
	assert_true(fabs(i.sd - 1.2909944487358056) < 1e-15);
	assert_true(fabs(i.low - (2.5 - 3.182446305284263 * 1.2909944487358056 / 2)) < 1e-12);
	assert_true(fabs(i.high - (2.5 + 3.182446305284263 * 1.2909944487358056 / 2)) < 1e-12);
}

static void one_run_has_a_mean_alone_and_none_has_nothing(void **state)
{
	struct runs_group_value value = {.n = 1, .mean = 2.5};
	struct work_group_interval i;

	(void)state;
	work_group_interval(&value, &i);
	assert_true(i.mean == 2.5 && isnan(i.sd) && isnan(i.low) && isnan(i.high));
	value.n = 0;
	work_group_interval(&value, &i);
	assert_true(isnan(i.mean) && isnan(i.sd));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_mean_has_students_interval),
	    cmocka_unit_test(one_run_has_a_mean_alone_and_none_has_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
