/* Profiles: small ones whose every number is known, the edges of what can be computed, JSON and back. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/data.h"

static void profile_text(const char *text, struct profile *p)
{
	struct reading r;
	struct table t;
	struct error err;

	reading_init(&r);
	if (table_read_bytes(&t, "in", text, strlen(text), &r, NULL, &err) < 0)
		fail_msg("%s", err.text);
	profile_table(p, &t, &(struct profile_options){.threads = 2}, NULL);
	/* A profile outlives its table. */
	table_release(&t);
	reading_release(&r);
}

#define NEAR(got, want) near_to(got, want, __LINE__)

static void near_to(double got, double want, int line)
{
	if (!(fabs(got - want) <= 1e-12 * fmax(1, fabs(want))))
		fail_msg("line %d: wanted %.17g, got %.17g", line, want, got);
}

static void test_numbers(void **state)
{
	struct profile p;
	const struct column_profile *c;

	(void)state;
	/* 1 2 3 4 10: mean 4, squares 9+4+1+0+36 = 50. */
	profile_text("x\n3\n1\nNA\n10\n2\n4\n?\nNA\n", &p);
	assert_int_equal(p.rows, 8);
	c = profile_find(&p, "x");
	assert_int_equal(c->type, COLUMN_INT);
	assert_int_equal(c->count, 5);
	assert_int_equal(c->missing, 3);
	assert_int_equal(c->missing_by_count, 2);
	assert_string_equal(c->missing_by[0].value, "NA");
	assert_int_equal(c->missing_by[0].count, 2);
	assert_string_equal(c->missing_by[1].value, "?");
	assert_int_equal(c->distinct, 5);
	NEAR(c->mean, 4);
	NEAR(c->variance, 12.5);
	NEAR(c->sd, sqrt(12.5));
	NEAR(c->sum, 20);
	NEAR(c->min, 1);
	NEAR(c->max, 10);
	NEAR(c->mad, 1);
	NEAR(c->quantiles[3], 3);
	NEAR(c->quantiles[2], 2);
	NEAR(c->quantiles[6], 4 + 0.96 * 6);
	/* (-1)(-3) + (-3)6 + 6(-2) + (-2)0 over 50 */
	NEAR(c->lag1, -27.0 / 50);
	/* G1 = sqrt(n(n-1))/(n-2) * m3/m2^1.5 with m2 = 10, m3 = 36: */
	NEAR(c->skewness, sqrt(20) / 3 * 36 / pow(10, 1.5));
	assert_int_equal(c->bins, 10);
	NEAR(c->edges[0], 1);
	NEAR(c->edges[10], 10);
	assert_int_equal(c->bin_counts[0], 1);
	assert_int_equal(c->bin_counts[9], 1);
	assert_true(c->exact);
	assert_null(profile_find(&p, "y"));
	profile_release(&p);
}

static void test_categories(void **state)
{
	struct profile p;
	const struct column_profile *c;

	(void)state;
	profile_text("c,k\nb,1\na,2\nb,3\n?,4\na,5\nc,6\nb,7\na,8\n", &p);
	c = profile_find(&p, "c");
	assert_false(c->numeric);
	assert_int_equal(c->distinct, 3);
	assert_int_equal(c->top_count, 3);
	/* Ties by the bytes. */
	assert_string_equal(c->top[0].value, "a");
	assert_string_equal(c->top[1].value, "b");
	assert_string_equal(c->top[2].value, "c");
	assert_int_equal(profile_top_count(c, "b", 1), 3);
	assert_int_equal(profile_top_count(c, "z", 1), 0);
	NEAR(c->entropy, -2 * 3.0 / 7 * log2(3.0 / 7) - 1.0 / 7 * log2(1.0 / 7));
	NEAR(c->imbalance, 1 - c->entropy / log2(3));
	assert_true(isnan(c->mean));
	profile_release(&p);
}

static void test_edges(void **state)
{
	struct profile p;
	const struct column_profile *c;

	(void)state;
	profile_text("one,flat,none,inf,flag,only\n5,3,?,1,yes,a\n?,3,?,inf,no,a\n?,3,NA,-inf,yes,a\n?,3,?,inf,"
	             "yes,a\n?,3,?,2,?,a\n",
	             &p);
	c = profile_find(&p, "one");
	NEAR(c->mean, 5);
	assert_true(isnan(c->sd) && isnan(c->skewness) && isnan(c->lag1));
	NEAR(c->quantiles[0], 5);
	assert_int_equal(c->bin_counts[c->bins / 2], 1);
	c = profile_find(&p, "flat");
	NEAR(c->sd, 0);
	assert_int_equal(c->distinct, 1);
	assert_true(isnan(c->lag1));
	c = profile_find(&p, "none");
	assert_int_equal(c->count, 0);
	assert_int_equal(c->distinct, 0);
	assert_int_equal(c->bins, 0);
	assert_true(isnan(c->mean) && isnan(c->min) && isnan(c->quantiles[0]));
	c = profile_find(&p, "inf");
	assert_int_equal(c->count, 5);
	assert_int_equal(c->infinite, 3);
	assert_int_equal(c->distinct, 4);
	NEAR(c->mean, 1.5);
	NEAR(c->max, 2);
	assert_string_equal(c->top[0].value, "inf");
	assert_int_equal(c->top[0].count, 2);
	c = profile_find(&p, "flag");
	assert_int_equal(c->type, COLUMN_BOOL);
	NEAR(c->mean, 0.75);
	assert_string_equal(c->top[0].value, "true");
	NEAR(c->entropy, -0.75 * log2(0.75) + 0.25 * 2);
	c = profile_find(&p, "only");
	NEAR(c->entropy, 0);
	assert_true(isnan(c->imbalance));
	profile_release(&p);
}

static void test_json(void **state)
{
	static const char text[] =
	    "n,c,t,b,e,big,ugly "
	    "\"\\\n1.5,x,2026-01-01,yes,?,9007199254740993,a\n2.5,y,2026-01-02,no,?,9007199254740999,b\n"
	    "0.1,x,?,no,?,9,a\n";
	struct profile p, back;
	struct error err;
	struct str one, two;
	struct reading r;
	struct table t;

	(void)state;
	str_init(&one);
	str_init(&two);
	reading_init(&r);
	assert_int_equal(reading_set(&r, "quote", "none", &err), 0);
	assert_int_equal(table_read_bytes(&t, "in", text, strlen(text), &r, NULL, &err), 0);
	profile_table(&p, &t, &(struct profile_options){.threads = 1}, NULL);
	table_release(&t);
	profile_json(&p, &one);
	assert_int_equal(profile_parse(&back, one.data, one.len, &err), 0);
	profile_json(&back, &two);
	assert_string_equal(one.data, two.data);
	assert_non_null(strstr(one.data, "{\"rows\":3,\"columns\":[{\"name\":\"n\",\"type\":\"num\",\"roles\":"
	                                 "\"feature\",\"count\":3,\"missing\":0,"));
	assert_non_null(strstr(one.data, "\"kurtosis\":null,\"kurtosis_why\":\"needs four values\""));
	assert_non_null(strstr(one.data, "\"mean\":null,\"mean_why\":\"not a column of numbers\""));
	assert_non_null(strstr(one.data, "\"missing_by\":[{\"value\":\"?\",\"count\":3}]"));
	assert_non_null(strstr(one.data, "\"exact\":false"));
	profile_release(&back);

	/* Cut short or of another shape, it is refused. */
	for (size_t i = 0; i < one.len; i += 7)
		assert_int_equal(profile_parse(&back, one.data, i, &err), -1);
	assert_int_equal(profile_parse(&back, "[]", 2, &err), -1);
	assert_int_equal(profile_parse(&back, "{\"rows\":1,\"columns\":[3]}", 24, &err), -1);
	assert_int_equal(profile_parse(&back, "{\"rows\":-1,\"columns\":[]}", 24, &err), -1);
	profile_release(&p);
	str_release(&one);
	str_release(&two);
}

/* The same numbers whatever the number of threads and the order of the parts. */
static void test_threads(void **state)
{
	struct reading r;
	struct table t;
	struct profile p;
	struct error err;
	struct str text, one, two;

	(void)state;
	str_init(&text);
	str_init(&one);
	str_init(&two);
	str_adds(&text, "a,b,c\n");
	for (int i = 0; i < 20000; i++)
		str_addf(&text, "%d.%d,%d,k%d\n", i * 7919 % 1000, i % 97, i % 13, i * 31 % 57);
	reading_init(&r);
	for (int threads = 1; threads <= 3; threads++) {
		struct table_options how = {.threads = threads, .slice = 5000};

		assert_int_equal(table_read_bytes(&t, "in", text.data, text.len, &r, &how, &err), 0);
		profile_table(&p, &t, &(struct profile_options){.threads = threads}, NULL);
		str_clear(&two);
		profile_json(&p, threads == 1 ? &one : &two);
		if (threads > 1)
			assert_string_equal(one.data, two.data);
		profile_release(&p);
		table_release(&t);
	}
	str_release(&text);
	str_release(&one);
	str_release(&two);
}

static uint64_t stream = 5;

static unsigned pick(unsigned n)
{
	stream = stream * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(stream >> 33) % n;
}

/* A cell of a column of a kind; now and then one that is unlike the others. */
static void cell(struct str *out, unsigned kind, unsigned surprise)
{
	static const char *const odd[] = {
	    "-0.000", "1e5",  "12345678901.5",    "inf", "0.000000001", "NA",
	    "",       "+3.5", "9007199254740993", ".5",  "5.",          "2147483648"};

	if (surprise && pick(surprise) == 0)
		str_adds(out, odd[pick(COUNT_OF(odd))]);
	else if (kind == 0)
		str_addf(out, "%s%u.%03u", pick(2) ? "-" : "", pick(5) ? pick(90) : pick(900000), 1 + pick(999));
	else if (kind == 1)
		str_addf(out, "%u", pick(2000));
	else if (kind == 2)
		str_addf(out, "%u.%0*u", pick(10), 1 + (int)pick(4), pick(10));
	else if (kind == 3)
		str_addf(out, "0.%09u", pick(1000000000));
	else
		str_addf(out, "t%u", pick(9));
}

/* The profile is the same to the last byte whatever is packed, cut or looked through in whatever way. */
static void test_same(void **state)
{
	struct str text, one, two;
	struct reading r;
	unsigned was_packed = 0, was_not = 0;

	(void)state;
	str_init(&text);
	str_init(&one);
	str_init(&two);
	reading_init(&r);
	for (int trial = 0; trial < 60; trial++) {
		unsigned surprise = trial % 3 == 0 ? 0 : trial % 3 == 1 ? 3000 : 50;

		str_clear(&text);
		str_adds(&text, "a,b,c,d,e\n");
		for (unsigned row = 0, rows = 1 + pick(800); row < rows; row++)
			for (unsigned i = 0; i < 5; i++) {
				cell(&text, i, surprise);
				str_addc(&text, i < 4 ? ',' : '\n');
			}
		for (int way = 0; way < 6; way++) {
			struct table_options how = {.threads = 1 + way % 3,
			                            .slice = way ? 1 + pick(9000) : 0,
			                            .packed = way > 1,
			                            .libcsv_only = way == 5};
			struct profile p;
			struct error err;
			struct table t;

			do
				how.level = (enum scan_level)(SCAN_SCALAR + pick(SCAN_LEVEL_COUNT - 1));
			while (!scan_level_here(how.level));
			if (table_read_bytes(&t, "in", text.data, text.len, &r, &how, &err) < 0)
				fail_msg("%s", err.text);
			for (size_t i = 0; how.packed && i < t.column_count; i++) {
				was_packed += t.columns[i].packed != NULL;
				was_not += t.columns[i].values != NULL;
				assert_true(!t.columns[i].packed + !t.columns[i].values + !t.columns[i].codes == 2);
			}
			profile_table(&p, &t, &(struct profile_options){.threads = how.threads}, NULL);
			str_clear(&two);
			profile_json(&p, way == 0 ? &one : &two);
			if (way > 0 && strcmp(one.data, two.data) != 0)
				fail_msg("trial %d, way %d: <<%s>> and <<%s>>", trial, way, one.data, two.data);
			profile_release(&p);
			table_release(&t);
		}
		str_clear(&one);
	}
	/* The trial has teeth only if both happened often. */
	assert_true(was_packed > 100 && was_not > 100);
	str_release(&text);
	str_release(&one);
	str_release(&two);
}

/* Numbers so far apart that their distance is none. */
static void test_far_apart(void **state)
{
	struct profile p;
	const struct column_profile *c;

	(void)state;
	profile_text("x\n1e308\n-1e308\n", &p);
	c = profile_find(&p, "x");
	NEAR(c->quantiles[2] / 1e308, -0.5);
	NEAR(c->quantiles[3], 0);
	NEAR(c->quantiles[5] / 1e308, 0.9);
	profile_release(&p);
}

static void test_rebin(void **state)
{
	double edges[] = {0, 1, 2, 4}, own[] = {0, 2, 4}, share[3];
	uint64_t counts[] = {3, 1};
	struct column_profile c = {.edges = own, .bin_counts = counts, .bins = 2};

	(void)state;
	profile_rebin(&c, edges, 3, share);
	NEAR(share[0], 0.375);
	NEAR(share[1], 0.375);
	NEAR(share[2], 0.25);
	c.bins = 0;
	profile_rebin(&c, edges, 3, share);
	NEAR(share[0], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_numbers), cmocka_unit_test(test_categories),
	                                   cmocka_unit_test(test_edges),   cmocka_unit_test(test_json),
	                                   cmocka_unit_test(test_threads), cmocka_unit_test(test_rebin),
	                                   cmocka_unit_test(test_same),    cmocka_unit_test(test_far_apart)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
