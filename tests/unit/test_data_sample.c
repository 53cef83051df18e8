/* The sample data: the generator gives the committed bytes, and what README.md says is planted is there. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "assay/data.h"

static const char *const windows[] = {"2026-07", "2026-10"};

static void test_generator(void **state)
{
	const char *build = getenv("BUILD");
	char *program = path_join(build ? build : "build", "sample-data/generate");

	(void)state;
	if (!file_exists(program)) {
		free(program);
		skip();
	}
	for (int i = 0; i < 2; i++) {
		const char *argv[] = {program, windows[i], NULL};
		char *path = xasprintf("sample-data/applications-%s.csv", windows[i]);
		struct str made, kept;
		struct error err;
		int status;

		str_init(&made);
		str_init(&kept);
		assert_int_equal(file_read(path, &kept, 0, &err), 0);
		assert_int_equal(child_capture(argv, NULL, 60000, (size_t)16 << 20, &made, NULL, &status, &err), 0);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
		assert_int_equal(made.len, kept.len);
		assert_memory_equal(made.data, kept.data, made.len);
		str_release(&made);
		str_release(&kept);
		free(path);
	}
	free(program);
}

static void read_window(int window, struct table *t)
{
	char *path = xasprintf("sample-data/applications-%s.csv", windows[window]);
	struct reading r;
	struct error err;

	reading_init(&r);
	assert_int_equal(reading_set(&r, "label", "repaid", &err), 0);
	assert_int_equal(reading_set(&r, "positive", "yes", &err), 0);
	assert_int_equal(reading_set(&r, "protected", "sex,people,age", &err), 0);
	assert_int_equal(reading_set(&r, "background", "channel", &err), 0);
	assert_int_equal(reading_set(&r, "time", "received", &err), 0);
	if (table_read(t, (const char *const[]){path}, 1, &r, NULL, &err) < 0)
		fail_msg("%s", err.text);
	reading_release(&r);
	free(path);
}

static size_t count(const struct table *t, const char *expr)
{
	uint8_t *keep = xmalloc(t->row_count);
	struct error err;
	size_t n;

	if (table_where(t, expr, keep, &n, NULL, &err) < 0)
		fail_msg("%s", err.text);
	free(keep);
	return n;
}

static double share(const struct table *t, const char *of, const char *within)
{
	char *both = xasprintf("(%s) and (%s)", of, within);
	double result = (double)count(t, both) / (double)count(t, within);

	free(both);
	return result;
}

static void between(double value, double low, double high)
{
	if (!(value >= low && value <= high))
		fail_msg("%g is not within %g to %g", value, low, high);
}

static void test_planted(void **state)
{
	struct table t[2];
	struct profile p[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		read_window(i, &t[i]);
		profile_table(&p[i], &t[i], NULL, NULL);
		assert_int_equal(t[i].row_count, 10000);
		assert_int_equal(t[i].column_count, 17);
		assert_int_equal(profile_find(&p[i], "application_id")->type, COLUMN_ID);
		assert_int_equal(profile_find(&p[i], "received")->type, COLUMN_TIME);
		assert_int_equal(profile_find(&p[i], "email")->type, COLUMN_TEXT);
		assert_int_equal(profile_find(&p[i], "repaid")->type, COLUMN_BOOL);
		/* the group treated worse, its proxy */
		between(share(&t[i], "repaid = yes", "people = Corvin"), 0.52, 0.58);
		between(share(&t[i], "repaid = yes", "people != Corvin"), 0.71, 0.76);
		between(share(&t[i], "postcode >= K31", "people = Corvin"), 0.85, 0.95);
		between(share(&t[i], "postcode >= K31", "people != Corvin"), 0.02, 0.08);
		/* the leak */
		between(share(&t[i], "decision_code = C1", "repaid = yes"), 0.96, 0.98);
		between(share(&t[i], "decision_code != C1", "repaid = no"), 0.96, 0.98);
		/* missing by group, at random, the tiny group */
		between(share(&t[i], "years_employed is missing", "people = Corvin"), 0.27, 0.33);
		between(share(&t[i], "years_employed is missing", "people != Corvin"), 0.02, 0.04);
		between(share(&t[i], "income is missing", "age > 0"), 0.015, 0.025);
		between((double)count(&t[i], "sex = X"), 10, 50);
	}
	/* the wolf's snow */
	between(share(&t[0], "channel = branch", "repaid = yes"), 0.66, 0.70);
	between(share(&t[0], "channel = branch", "repaid = no"), 0.27, 0.33);
	between(share(&t[1], "channel = branch", "repaid = yes"), 0.48, 0.52);
	between(share(&t[1], "channel = branch", "repaid = no"), 0.47, 0.53);
	/* the drift */
	between(profile_find(&p[1], "income")->mean / profile_find(&p[0], "income")->mean, 1.25, 1.35);
	between(profile_find(&p[1], "amount")->mean / profile_find(&p[0], "amount")->mean, 0.95, 1.05);
	for (int i = 0; i < 2; i++) {
		profile_release(&p[i]);
		table_release(&t[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_generator), cmocka_unit_test(test_planted)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
