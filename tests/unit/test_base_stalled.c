/* Children of a program that is stopped for an hour while it waits for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "assay/base.h"

/* ---- the clock ---- */

static int64_t lost_ms;
static int looks; /* at the clock until the hour passes */

int64_t __real_time_mono_ms(void);
int64_t __wrap_time_mono_ms(void);

int64_t __wrap_time_mono_ms(void)
{
	if (looks > 0 && --looks == 0)
		lost_ms += 3600 * 1000;
	return __real_time_mono_ms() + lost_ms;
}

/* ---- the tests ---- */

static void an_hour_away(void **state)
{
	const char *const argv[] = {"sh", "-c", "echo one; sleep 0.1; echo two; exec >&-; sleep 0.1; exit 7",
	                            NULL};

	(void)state;
	for (int at = 1; at < 60; at += 1 + at / 4) {
		struct error err = {0};
		struct str out;
		int status;

		str_init(&out);
		looks = at;
		if (child_capture(argv, NULL, 60000, 1000, &out, NULL, &status, &err) < 0)
			fail_msg("away at look %d: %s", at, err.text);
		assert_int_equal(status, 7 << 8);
		assert_string_equal(out.data, "one\ntwo\n");
		str_release(&out);
	}
}

static void too_long(void **state)
{
	const char *const argv[] = {"sh", "-c", "while :; do echo; sleep 0.01; done", NULL};
	struct child c = {.argv = argv, .timeout_ms = 300};
	int64_t start = __real_time_mono_ms();
	struct error err;

	(void)state;
	looks = 3;
	assert_int_equal(child_run(&c, &err), -1);
	assert_true(c.late);
	assert_true(__real_time_mono_ms() - start < 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_hour_away),
	    cmocka_unit_test(too_long),
	};

	return cmocka_run_group_tests_name("base: stalled", tests, NULL, NULL);
}
