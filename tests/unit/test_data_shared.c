/* Adult and German as they are published, where they are: profiles equal the expected values to 1e-9. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/oracle.h"
#include "assay/data.h"

#define SHARED "../shared/data/"
#define ADULT_NAMES                                                                                          \
	"age,workclass,fnlwgt,education,education-num,marital-status,occupation,relationship,race,sex,capital-"  \
	"gain,capital-loss,"                                                                                     \
	"hours-per-week,native-country,income"

static const struct {
	const char *key;
	size_t offset;
} numbers[] = {
    {"mean", offsetof(struct column_profile, mean)},
    {"std_ddof1", offsetof(struct column_profile, sd)},
    {"var_ddof1", offsetof(struct column_profile, variance)},
    {"min", offsetof(struct column_profile, min)},
    {"max", offsetof(struct column_profile, max)},
    {"sum", offsetof(struct column_profile, sum)},
    {"skew_unbiased", offsetof(struct column_profile, skewness)},
    {"kurt_excess_unbiased", offsetof(struct column_profile, kurtosis)},
    {"mad_median", offsetof(struct column_profile, mad)},
    {"entropy_bits", offsetof(struct column_profile, entropy)},
    {"imbalance_1_minus_norm_entropy", offsetof(struct column_profile, imbalance)},
};

static void read_shared(const char *path, const char *names, struct table *t)
{
	struct reading r;
	struct error err;

	reading_init(&r);
	if (names)
		assert_int_equal(reading_set(&r, "names", names, &err), 0);
	if (table_read(t, (const char *const[]){path}, 1, &r, NULL, &err) < 0)
		fail_msg("%s", err.text);
	reading_release(&r);
}

static void check_column(const struct column_profile *c, json_object *want)
{
	json_object *member;
	size_t checked = 0;

	assert_int_equal(c->count + c->missing, (uint64_t)oracle_num(want, "n"));
	assert_int_equal(c->missing, (uint64_t)oracle_num(want, "missing"));
	assert_int_equal(c->distinct, (uint64_t)oracle_num(want, "distinct"));
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		if (json_object_object_get_ex(want, numbers[i].key, &member)) {
			double got;

			memcpy(&got, (const char *)c + numbers[i].offset, sizeof(got));
			oracle_near(got, oracle_num(want, numbers[i].key), 1e-9, c->name);
			checked++;
		}
	if (json_object_object_get_ex(want, "q", &member))
		for (size_t i = 0; i < PROFILE_QUANTILES; i++) {
			char key[NUM_TEXT];

			oracle_near(c->quantiles[i], oracle_num(member, num_shortest(PROFILE_QUANTILE_AT[i], key)), 1e-9,
			            c->name);
		}
	if (json_object_object_get_ex(want, "top", &member))
		for (size_t i = 0; i < json_object_array_length(member); i++) {
			json_object *pair = json_object_array_get_idx(member, i);

			assert_string_equal(c->top[i].value, json_object_get_string(json_object_array_get_idx(pair, 0)));
			assert_int_equal(c->top[i].count,
			                 (uint64_t)json_object_get_int64(json_object_array_get_idx(pair, 1)));
		}
	/* Zeros and negative numbers are no quantities of the profile, but it must not say otherwise. */
	if (json_object_object_get_ex(want, "negatives", &member))
		assert_int_equal(c->min<0, json_object_get_int64(member)> 0);
	if (json_object_object_get_ex(want, "zeros", &member)) {
		uint64_t zeros = (uint64_t)json_object_get_int64(member), told = profile_top_count(c, "0", 1);

		assert_true(told == zeros || (told == 0 && c->distinct > c->top_count));
	}
	/* What the expected values hold is compared: none of them is passed over. */
	json_object_object_foreach(want, key, value)
	{
		bool known = !strcmp(key, "n") || !strcmp(key, "missing") || !strcmp(key, "distinct") ||
		             !strcmp(key, "q") || !strcmp(key, "top") || !strcmp(key, "zeros") ||
		             !strcmp(key, "negatives");

		(void)value;
		for (size_t i = 0; i < COUNT_OF(numbers); i++)
			known = known || !strcmp(key, numbers[i].key);
		if (!known)
			fail_msg("%s: nobody looks at \"%s\"", c->name, key);
	}
	assert_true(checked >= 1);
}

/* The expected columns stand in the order of the file; German's have names that the file has not. */
static void check_set(const struct table *t, const char *set, bool by_name)
{
	json_object *all = oracle_open(SHARED "expected/profiles.json"), *columns = oracle_get(all, set);
	struct profile p;
	size_t at = 0;

	profile_table(&p, t, NULL, NULL);
	json_object_object_foreach(columns, name, want)
	{
		const struct column_profile *c = by_name ? profile_find(&p, name) : &p.columns[at];

		assert_true(at < p.column_count);
		assert_non_null(c);
		check_column(c, want);
		at++;
	}
	assert_int_equal(at, p.column_count);
	profile_release(&p);
	json_object_put(all);
}

static void test_adult(void **state)
{
	struct table train, test;

	(void)state;
	if (!file_exists(SHARED "adult/adult.data"))
		skip();
	read_shared(SHARED "adult/adult.data", ADULT_NAMES, &train);
	check_set(&train, "adult_train", true);
	/* The test file: a comment before, a period behind; the classes must be the same ones. */
	read_shared(SHARED "adult/adult.test", ADULT_NAMES, &test);
	assert_int_equal(test.row_count, 16281);
	assert_int_equal(test.columns[14].dict->count, 2);
	for (uint32_t i = 0; i < 2; i++) {
		const struct intern_entry *e = &train.columns[14].dict->entries[i];

		assert_int_not_equal(intern_find(test.columns[14].dict, e->bytes, e->len), INTERN_NONE);
	}
	table_release(&test);
	table_release(&train);
}

static void test_german(void **state)
{
	struct table t;

	(void)state;
	if (!file_exists(SHARED "german/german.data"))
		skip();
	read_shared(SHARED "german/german.data", NULL, &t);
	assert_int_equal(t.row_count, 1000);
	check_set(&t, "german", false);
	table_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_adult), cmocka_unit_test(test_german)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
