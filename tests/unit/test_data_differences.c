/* Two profiles side by side: what appeared, went and changed, and what is not known of one side. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../lib/oracle.h"
#include "assay/data_differences.h"

static void read_text(struct table *t, const char *text, const char *type)
{
	struct reading r;
	struct error err;

	reading_init(&r);
	if ((type && reading_set(&r, "type", type, &err) < 0) ||
	    table_read_bytes(t, "in", text, strlen(text), &r, NULL, &err) < 0)
		fail_msg("%s", err.text);
	reading_release(&r);
}

static void differences(void **state)
{
	struct table now, was;
	struct profile a, b;
	struct differences d;
	struct error err;

	(void)state;
	read_text(&was, "x,c,t,gone,same\n1,u,2026-01-01,1,3\n2,u,2026-01-02,1,3\n3,v,2026-01-03,1,4\n,w,,1,4\n",
	          "c=cat");
	read_text(&now, "new,x,c,t,same\n1,3,u,5,3\n1,5,z,6,3\n1,,z,7,4\n1,,,8,4\n", "c=cat");
	if (profile_table(&a, &now, NULL, &err) < 0 || profile_table(&b, &was, NULL, &err) < 0)
		fail_msg("%s", err.text);
	profile_differences(&d, &a, &b);
	assert_int_equal(d.column_count, 6);
	assert_int_equal(d.columns[0].status, DIFFERENCE_APPEARED);
	assert_true(isnan(d.columns[0].mean.difference) && isnan(d.columns[0].missing.reference));
	assert_int_equal(d.columns[1].status, DIFFERENCE_CHANGED);
	assert_true(d.columns[1].mean.now == 4 && d.columns[1].mean.difference == 2 &&
	            d.columns[1].mean_in_sd == 2);
	assert_true(d.columns[1].median.reference == 2 && d.columns[1].missing.difference == 0.25);
	assert_int_equal(d.columns[1].value_count, 0);
	/* z is new; of u, v and w most is lost of v and w, by a quarter each. */
	assert_int_equal(d.columns[2].value_count, 4);
	assert_string_equal(d.columns[2].values[0].value, "z");
	oracle_near(d.columns[2].values[0].share.difference, 2.0 / 3, 1e-15, "z");
	/* By how much they differ: two standard deviations, a share, nothing but what is missing. */
	assert_true(d.columns[1].differs == 2 && d.columns[2].differs == d.columns[2].values[0].share.difference);
	assert_true(d.columns[3].differs == 0.25 && d.columns[4].differs == 0 && isnan(d.columns[0].differs));
	assert_false(d.weighted);
	assert_string_equal(d.columns[2].values[1].value, "v");
	assert_true(d.columns[2].values[1].share.now == 0 && d.columns[2].values[1].share.reference == 0.25);
	assert_string_equal(d.columns[2].values[3].value, "u");
	assert_true(d.columns[2].distinct.now == 2 && d.columns[2].distinct.reference == 3);
	/* Times beside numbers: nothing is subtracted. */
	assert_int_equal(d.columns[3].status, DIFFERENCE_TYPE);
	assert_true(isnan(d.columns[3].mean.now));
	assert_int_equal(d.columns[4].status, DIFFERENCE_NONE);
	assert_int_equal(d.columns[5].status, DIFFERENCE_DISAPPEARED);
	assert_string_equal(d.columns[5].name, "gone");
	differences_release(&d);
	profile_release(&a);
	profile_release(&b);
	table_release(&now);
	table_release(&was);
}

/* Of more values than profiles keep, only those are compared that both have kept. */
static void values_not_kept(void **state)
{
	struct str many, few;
	struct table now, was;
	struct profile a, b;
	struct differences d;
	struct error err;

	(void)state;
	str_init(&many);
	str_init(&few);
	str_adds(&many, "c\n");
	str_adds(&few, "c\n");
	for (int i = 0; i < 400; i++) {
		str_addf(&many, "v%02d\n", i % 20 ? i % 20 : i % 7);
		str_addf(&few, "v%02d\n", i % 3);
	}
	read_text(&was, many.data, "c=cat");
	read_text(&now, few.data, "c=cat");
	if (profile_table(&a, &now, NULL, &err) < 0 || profile_table(&b, &was, NULL, &err) < 0)
		fail_msg("%s", err.text);
	profile_differences(&d, &a, &b);
	/* All of now's are known, so that what it has not is 0 there: the ten of the reference. */
	assert_int_equal(d.columns[0].value_count, 10);
	differences_release(&d);
	profile_differences(&d, &b, &a);
	assert_int_equal(d.columns[0].value_count, 10);
	differences_release(&d);
	profile_differences(&d, &b, &b);
	assert_int_equal(d.columns[0].status, DIFFERENCE_NONE);
	assert_true(d.columns[0].values[0].share.difference == 0);
	differences_release(&d);
	profile_release(&a);
	profile_release(&b);
	table_release(&now);
	table_release(&was);
	str_release(&many);
	str_release(&few);
}

/* Estimates of both sides, or of one beside the rows of the other. */
static void weighted(void **state)
{
	static const char *const texts[] = {"x,w\n1,1\n3,3\n,4\n", "x,w\n0,1\n4,1\n,2\n"};
	const enum stats_weights kinds[][2] = {{STATS_SAMPLING, STATS_SAMPLING},
	                                       {STATS_SAMPLING, STATS_ONE_EACH}};
	struct error err;

	(void)state;
	for (size_t k = 0; k < COUNT_OF(kinds); k++) {
		struct table t[2];
		struct profile p[2];
		struct differences d;
		const struct weighted_difference *w;
		struct str json;
		struct json_writer j;

		for (size_t i = 0; i < 2; i++) {
			struct reading r;

			reading_init(&r);
			assert_int_equal(reading_set(&r, "weight", "w", &err), 0);
			assert_int_equal(reading_set(&r, "type", "x=num", &err), 0);
			if (table_read_bytes(&t[i], "in", texts[i], strlen(texts[i]), &r, NULL, &err) < 0 ||
			    profile_table(&p[i], &t[i], &(struct profile_options){.weights = kinds[k][i]}, &err) < 0)
				fail_msg("%s", err.text);
			reading_release(&r);
		}
		profile_differences(&d, &p[0], &p[1]);
		w = &d.columns[0].weighted;
		assert_true(d.weighted);
		assert_true(d.columns[0].mean.now == 2 && d.columns[0].mean.reference == 2);
		assert_true(w->mean.now == 2.5 && w->mean.difference == 0.5 && w->median.now == 3);
		assert_true(w->median.reference == (k ? 2 : 0));
		assert_true(w->missing.now == 0.5);
		oracle_near(w->missing.reference, k ? 1.0 / 3 : 0.5, 1e-15, "missing");
		oracle_near(w->mean_in_sd, 0.5 / sqrt(8), 1e-15, "in sd");
		str_init(&json);
		jw_init(&j, &json);
		jw_object(&j, NULL);
		differences_json(&d, &j);
		jw_object_end(&j);
		assert_non_null(strstr(json.data, "\"weighted\":{\"missing\":{\"now\":0.5"));
		str_release(&json);
		differences_release(&d);
		for (size_t i = 0; i < 2; i++) {
			profile_release(&p[i]);
			table_release(&t[i]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(differences),
	    cmocka_unit_test(values_not_kept),
	    cmocka_unit_test(weighted),
	};

	return cmocka_run_group_tests_name("profiles side by side", tests, NULL, NULL);
}
