/* What is regular in texts and times: against pandas, in any order, in parts, written and read back. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "../../src/data/facts.h"
#include "../lib/oracle.h"
#include "assay/stats.h"

#define ORACLE "tests/oracle/facts.json"

/* ---- texts ---- */

static void add(struct text_counter *t, const char *text, uint64_t times)
{
	text_counter_add(t, text, strlen(text), times);
}

static void check_texts(json_object *want, const struct text_facts *f)
{
	const char *name = oracle_text(want, "name");

	assert_int_equal(f->length_min, (uint64_t)oracle_num(want, "length_min"));
	assert_int_equal(f->length_max, (uint64_t)oracle_num(want, "length_max"));
	oracle_near(f->length_mean, oracle_num(want, "length_mean"), 1e-12, name);
	oracle_near(f->length_sd, oracle_num(want, "length_sd"), 1e-12, name);
	oracle_near(f->words_mean, oracle_num(want, "words_mean"), 1e-12, name);
	assert_int_equal(f->blank, (uint64_t)oracle_num(want, "blank"));
	assert_int_equal(f->edge_blanks, (uint64_t)oracle_num(want, "edge_blanks"));
	assert_int_equal(f->not_ascii, (uint64_t)oracle_num(want, "not_ascii"));
	assert_int_equal(f->not_utf8, 0);
}

static void test_texts_oracle(void **state)
{
	json_object *all = oracle_open(ORACLE), *cases = oracle_get(all, "texts");

	(void)state;
	assert_true(json_object_array_length(cases) >= 4);
	for (size_t i = 0; i < json_object_array_length(cases); i++) {
		json_object *one = json_object_array_get_idx(cases, i), *values = oracle_get(one, "values");
		struct text_counter *t = text_counter_new();
		struct arena *a = arena_new();
		struct text_facts f;

		for (size_t k = 0; k < json_object_array_length(values); k++)
			add(t, json_object_get_string(json_object_array_get_idx(values, k)), 1);
		text_counter_facts(t, a, &f);
		check_texts(one, &f);
		text_counter_free(t);
		arena_free(a);
	}
	json_object_put(all);
}

static void shape_is(const char *text, const char *want)
{
	struct text_counter *t = text_counter_new();
	struct arena *a = arena_new();
	struct text_facts f;

	add(t, text, 3);
	text_counter_facts(t, a, &f);
	assert_int_equal(f.shape_count, 1);
	assert_string_equal(f.shapes[0].value, want);
	assert_int_equal(f.shapes[0].count, 3);
	text_counter_free(t);
	arena_free(a);
}

static void test_shapes(void **state)
{
	(void)state;
	shape_is("2026-11-27", "9-9-9");
	shape_is("Braund, Mr. Owen", "Aa, Aa. Aa");
	shape_is("CA-001b", "A-9a");
	shape_is("Zürich ÉTÉ Ωμέγα Жук Łódź", "Aa A Aa Aa Aa");
	shape_is("日本 😀 – €5", "a 😀 – €9");
	shape_is("", "");
	shape_is("x\xFFy", "a\xEF\xBF\xBD"
	                   "a");
	/* 24 characters stay as they are; of more there is a mark. */
	shape_is("........................", "........................");
	shape_is(".........................", "........................…");
	shape_is("........................abc", "........................…");
	shape_is(".......................abc", ".......................a");
}

static void test_odd_texts(void **state)
{
	/* Cut off, overlong, a surrogate, beyond the last character, a NUL: each byte that is none counts as one. */
	static const struct {
		const char *bytes;
		size_t len, characters;
		bool bad;
	} cases[] = {{"\xC3", 1, 1, true},         {"\xC0\x80", 2, 2, true},
	             {"\xED\xA0\x80", 3, 3, true}, {"\xF4\x90\x80\x80", 4, 4, true},
	             {"a\0b", 3, 3, false},        {"\xE2\x82\xAC", 3, 1, false},
	             {"\xE2\x82", 2, 2, true}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct text_counter *t = text_counter_new();
		struct arena *a = arena_new();
		struct text_facts f;

		text_counter_add(t, cases[i].bytes, cases[i].len, 1);
		text_counter_facts(t, a, &f);
		assert_int_equal(f.length_max, cases[i].characters);
		assert_int_equal(f.not_utf8, cases[i].bad);
		assert_true(isnan(f.length_sd));
		text_counter_free(t);
		arena_free(a);
	}
}

/* The sd stays right where lengths are nearly all the same and there are very many. */
static void test_length_spread(void **state)
{
	struct text_counter *t = text_counter_new();
	struct arena *a = arena_new();
	struct text_facts f;
	const double n = 4e15;

	(void)state;
	add(t, "abcd", (uint64_t)n - 1);
	add(t, "abc", 1);
	text_counter_facts(t, a, &f);
	oracle_near_relative(f.length_sd, sqrt(1 / n), 1e-12, "one of 4e15");
	text_counter_free(t);
	arena_free(a);
}

static void written(const struct text_counter *t, struct str *out)
{
	struct json_writer j;

	str_clear(out);
	jw_init(&j, out);
	text_counter_write(t, &j, NULL);
}

static struct text_counter *read_back(const struct str *text)
{
	json_object *o = json_tokener_parse(text->data);
	struct text_counter *t = text_counter_read(o);

	json_object_put(o);
	return t;
}

/* Texts of so many different shapes. */
static void some_text(struct rng *r, size_t kinds, struct str *out)
{
	uint64_t n = rng_below(r, kinds);

	str_clear(out);
	str_addf(out, "%s", n % 2 ? "Ab" : "12");
	for (; n; n /= 4)
		str_addf(out, "%c%s", "-./:"[n % 4], n % 3 ? "x" : "7");
}

/* However the texts are dealt to parts, and these joined, in memory or through their text: the same bytes. */
static void test_texts_in_parts(void **state)
{
	static const size_t kinds[] = {3, 300, 5000, 2000000};
	struct str want, got, text;

	(void)state;
	str_init(&want);
	str_init(&got);
	str_init(&text);
	for (size_t k = 0; k < COUNT_OF(kinds); k++)
		for (uint64_t way = 0; way < 4; way++) {
			enum { TEXTS = 6000, PARTS = 5 };
			struct text_counter *whole = text_counter_new(), *part[PARTS];
			struct arena *a = arena_new();
			struct text_facts f;
			struct rng values, deal;

			rng_init(&values, 7, k);
			rng_init(&deal, 8, way);
			for (size_t i = 0; i < PARTS; i++)
				part[i] = text_counter_new();
			for (size_t i = 0; i < TEXTS; i++) {
				uint64_t times = 1 + rng_below(&values, 3);

				some_text(&values, kinds[k], &text);
				text_counter_add(whole, text.data, text.len, times);
				/* Row by row in one part, all at once in another. */
				for (uint64_t n = way % 2 ? times : 1; n; n--)
					text_counter_add(part[rng_below(&deal, PARTS)], text.data, text.len, way % 2 ? 1 : times);
			}
			written(whole, &want);
			for (size_t left = PARTS; left > 1; left--) {
				size_t at = (size_t)rng_below(&deal, left - 1), from = left - 1;

				if (way > 1) {
					struct text_counter *back;

					written(part[from], &got);
					back = read_back(&got);
					assert_non_null(back);
					text_counter_free(part[from]);
					part[from] = back;
				}
				text_counter_merge(part[at], part[from]);
				text_counter_free(part[from]);
			}
			written(part[0], &got);
			assert_string_equal(got.data, want.data);
			text_counter_facts(part[0], a, &f);
			assert_true(f.shape_all <= SHAPE_ROOM);
			assert_true(k < 2 || f.shape_all > SHAPE_ROOM / 16);
			assert_int_equal(f.shape_count, f.shape_all < PROFILE_TOP ? f.shape_all : PROFILE_TOP);
			text_counter_free(part[0]);
			text_counter_free(whole);
			arena_free(a);
		}
	str_release(&text);
	str_release(&got);
	str_release(&want);
}

static void test_texts_refused(void **state)
{
	static const char *const bad[] = {
	    "3",
	    "{}",
	    "{\"count\":1,\"least\":1,\"most\":1,\"blank\":0,\"edge_blanks\":0,\"not_ascii\":0,\"not_utf8\":0,"
	    "\"lengths\":\"1\",\"squares\":\"1\",\"words\":\"1\",\"level\":0,\"shapes\":[[\"a\",1]]}",
#define SUMS                                                                                                 \
	"\"lengths\":\"00000000000000000000000000000001\",\"squares\":\"00000000000000000000000000000001\","     \
	"\"words\":\"00000000000000000000000000000001\","
#define BEGIN                                                                                                \
	"{\"count\":1,\"least\":1,\"most\":1,\"blank\":0,\"edge_blanks\":0,\"not_ascii\":0,\"not_utf8\":0," SUMS
	    BEGIN "\"level\":0,\"shapes\":[[\"a\",2]]}",
	    BEGIN "\"level\":0,\"shapes\":[]}",
	    BEGIN "\"level\":10,\"shapes\":[[\"a\",1]]}",
	    BEGIN "\"level\":8,\"shapes\":[[\"ab\",1]]}",
	    BEGIN "\"level\":0,\"shapes\":[[\"a\",1],[\"a\",0]]}",
	    BEGIN "\"level\":0,\"shapes\":{}}",
	    BEGIN "\"level\":0,\"shapes\":[["
	          "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",1]]}",
	};
	struct str text;

	(void)state;
	str_init(&text);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		str_clear(&text);
		str_adds(&text, bad[i]);
		assert_null(read_back(&text));
	}
	str_clear(&text);
	str_adds(&text, BEGIN "\"level\":0,\"shapes\":[[\"a\",1]]}");
	struct text_counter *good = read_back(&text);
	assert_non_null(good);
	text_counter_free(good);
	str_release(&text);
}

/* ---- times ---- */

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void test_times_oracle(void **state)
{
	json_object *all = oracle_open(ORACLE), *cases = oracle_get(all, "times");

	(void)state;
	assert_true(json_object_array_length(cases) >= 6);
	for (size_t i = 0; i < json_object_array_length(cases); i++) {
		json_object *one = json_object_array_get_idx(cases, i), *values = oracle_get(one, "values");
		const char *name = oracle_text(one, "name");
		size_t n = json_object_array_length(values), different = 0, hours, days, months;
		double *ms = xcalloc(n, sizeof(*ms)), *by_hour = oracle_nums(one, "by_hour", &hours),
		       *by_weekday = oracle_nums(one, "by_weekday", &days),
		       *by_month = oracle_nums(one, "by_month", &months);
		struct time_counter t = {.any = false};
		struct time_facts f;

		for (size_t k = 0; k < n; k++) {
			const char *text = json_object_get_string(json_object_array_get_idx(values, k));
			int64_t at;

			assert_true(time_parse(text, strlen(text), &at));
			ms[k] = (double)at;
			time_counter_add(&t, ms[k], 1);
		}
		time_counter_facts(&t, &f);
		qsort(ms, n, sizeof(*ms), by_value);
		for (size_t k = 0; k < n; k++)
			if (k == 0 || ms[k] != ms[k - 1])
				ms[different++] = ms[k];
		time_facts_steps(ms, different, &f);
		assert_string_equal(f.unit, oracle_text(one, "unit"));
		assert_int_equal(f.rising, json_object_get_boolean(oracle_get(one, "rising")));
		oracle_near(f.step, oracle_num(one, "step"), 1e-12, name);
		oracle_near(f.gap, oracle_num(one, "gap"), 1e-12, name);
		for (size_t k = 0; k < 24; k++)
			assert_int_equal(f.by_hour[k], (uint64_t)by_hour[k]);
		for (size_t k = 0; k < 7; k++)
			assert_int_equal(f.by_weekday[k], (uint64_t)by_weekday[k]);
		for (size_t k = 0; k < 12; k++)
			assert_int_equal(f.by_month[k], (uint64_t)by_month[k]);
		free(by_month);
		free(by_weekday);
		free(by_hour);
		free(ms);
	}
	json_object_put(all);
}

/* Every day of eight centuries against the C library. */
static void test_calendar(void **state)
{
	(void)state;
	for (int64_t day = -150000; day < 150000; day++) {
		struct time_counter t = {.any = false};
		time_t seconds = (time_t)(day * 86400 + 86399);
		struct tm tm;

		assert_non_null(gmtime_r(&seconds, &tm));
		time_counter_add(&t, (double)seconds * 1000, 2);
		if (t.by_month[tm.tm_mon] != 2 || t.by_weekday[(tm.tm_wday + 6) % 7] != 2 || t.by_hour[23] != 2)
			fail_msg("day %lld is another one", (long long)day);
	}
}

static void time_written(const struct time_counter *t, struct str *out)
{
	struct json_writer j;

	str_clear(out);
	jw_init(&j, out);
	time_counter_write(t, &j, NULL);
}

/* Pieces in order, joined in any grouping, some of them through their text. */
static void test_times_in_parts(void **state)
{
	struct str want, got;

	(void)state;
	str_init(&want);
	str_init(&got);
	for (uint64_t way = 0; way < 40; way++) {
		enum { TIMES = 300, PARTS = 6 };
		struct time_counter whole = {.any = false}, part[PARTS] = {{.any = false}};
		struct rng r;
		double ms = -1e12;

		rng_init(&r, 11, way);
		for (size_t i = 0; i < TIMES; i++) {
			uint64_t times = rng_below(&r, 3);

			ms += (double)rng_below(&r, 100000) * 1000 - (way % 3 == 0 && i == 150 ? 1e9 : 0);
			time_counter_add(&whole, ms, times);
			/* Some parts are empty. */
			time_counter_add(&part[i * (way % PARTS + 1) / TIMES], ms, times);
		}
		assert_int_equal(whole.falls, way % 3 == 0);
		for (size_t left = PARTS; left > 1; left--) {
			size_t at = (size_t)rng_below(&r, left - 1);

			if (way % 2) {
				json_object *o;

				time_written(&part[at + 1], &got);
				o = json_tokener_parse(got.data);
				assert_true(time_counter_read(o, &part[at + 1]));
				json_object_put(o);
			}
			time_counter_merge(&part[at], &part[at + 1]);
			memmove(&part[at + 1], &part[at + 2], (left - at - 2) * sizeof(*part));
		}
		time_written(&whole, &want);
		time_written(&part[0], &got);
		assert_string_equal(got.data, want.data);
	}
	str_release(&got);
	str_release(&want);
}

static void test_steps(void **state)
{
	struct time_facts f = {.step = 1};

	(void)state;
	time_facts_steps((const double[]){5}, 1, &f);
	assert_true(isnan(f.step) && isnan(f.gap) && isnan(f.gap_from));
	/* Of two gaps of one size the first. */
	time_facts_steps((const double[]){0, 10, 20, 120, 130, 230}, 6, &f);
	assert_true(f.step == 10 && f.gap == 100 && f.gap_from == 20);
}

/* ---- in a profile ---- */

static void profile_of(const char *text, const char *type, struct profile *p)
{
	struct reading r;
	struct table t;
	struct error err;

	reading_init(&r);
	if (type)
		assert_int_equal(reading_set(&r, "type", type, &err), 0);
	if (table_read_bytes(&t, "in", text, strlen(text), &r, &(struct table_options){.packed = true}, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(profile_table(p, &t, NULL, &err), 0);
	table_release(&t);
	reading_release(&r);
}

static void test_profile(void **state)
{
	struct profile p;
	const struct column_profile *c;

	(void)state;
	profile_of("n,t,when\n1,a b,2026-01-02\n2,a b,2026-01-01\n3,NA,NA\n4, X1,2026-01-05\n5,a b,2026-01-05\n"
	           "100,a b,2026-01-06\n",
	           "t=text", &p);
	c = profile_find(&p, "n");
	assert_null(c->text);
	assert_null(c->time);
	/* Quartiles 2.25 and 4.75. */
	assert_true(c->fences.low == -1.5 && c->fences.high == 8.5 && c->fences.far_high == 12.25);
	assert_int_equal(c->fences.above, 1);
	assert_int_equal(c->fences.far_above, 1);
	assert_int_equal(c->fences.below, 0);
	c = profile_find(&p, "t");
	assert_non_null(c->text);
	assert_int_equal(c->text->shape_all, 2);
	assert_string_equal(c->text->shapes[0].value, "a a");
	assert_int_equal(c->text->shapes[0].count, 4);
	assert_int_equal(c->text->edge_blanks, 1);
	assert_true(isnan(c->fences.low));
	c = profile_find(&p, "when");
	assert_non_null(c->time);
	assert_string_equal(c->time->unit, "day");
	assert_false(c->time->rising);
	assert_int_equal(c->time->by_month[0], 5);
	assert_int_equal(c->time->by_weekday[3], 1); /* the first of January was a Thursday */
	assert_true(c->time->step == 86400000 && c->time->gap == 3 * 86400000.0);
	assert_true(isnan(c->fences.low));
	profile_release(&p);
}

/* A column without values has nothing regular. */
static void test_profile_empty(void **state)
{
	struct profile p;

	(void)state;
	profile_of("a,when\nx,NA\ny,?\n", "when=time", &p);
	assert_null(profile_find(&p, "when")->time);
	profile_release(&p);
	profile_of("a,t\nx,NA\ny,?\n", "t=cat", &p);
	assert_null(profile_find(&p, "t")->text);
	profile_release(&p);
}

static void round_trip(const struct profile *p)
{
	struct profile back;
	struct str one, two;
	struct error err;

	str_init(&one);
	str_init(&two);
	profile_json(p, &one);
	if (profile_parse(&back, one.data, one.len, &err) < 0)
		fail_msg("%s", err.text);
	profile_json(&back, &two);
	assert_string_equal(one.data, two.data);
	assert_int_equal(back.old, p->old);
	profile_release(&back);
	for (size_t i = 0; i < one.len; i += 11)
		assert_int_equal(profile_parse(&back, one.data, i, &err), -1);
	str_release(&two);
	str_release(&one);
}

static void test_json(void **state)
{
	struct profile p, back;
	struct profile_bounds bounds = {.distinct = {4, 3.5, 4.25},
	                                .quantile_low = {1, 1, 1, 2, 3, 4, 4},
	                                .quantile_high = {1, 1, 2, 3, 4, 5, 6},
	                                .mad_low = 0.5,
	                                .mad_high = 1.5,
	                                .astray = 7,
	                                .top_error = 2};
	struct str json;
	struct error err;

	(void)state;
	profile_of("n,t,when\n1,a b,2026-01-02\n2,\"a "
	           "\"\"b\",2026-01-01\n3,NA,NA\n4,Z\xC3\xBCri,2026-01-05T10:00:00.125Z\n",
	           "t=text", &p);
	round_trip(&p);
	p.columns[0].bounds = &bounds;
	p.columns[0].exact = false;
	round_trip(&p);
	str_init(&json);
	profile_json(&p, &json);
	assert_non_null(
	    strstr(json.data, "\"distinct_low\":3.5,\"distinct_high\":4.25,\"quantiles_low\":{\"0.01\":1,"));
	assert_non_null(
	    strstr(json.data, "\"mad_low\":0.5,\"mad_high\":1.5,\"histogram_astray\":7,\"top_error\":2"));
	assert_non_null(strstr(json.data, "\"unit\":\"millisecond\""));
	assert_non_null(strstr(json.data, "\"weight\":null,\"weights\":\"none\""));
	assert_int_equal(profile_parse(&back, json.data, json.len, &err), 0);
	assert_non_null(back.columns[0].bounds);
	assert_true(back.columns[0].bounds->quantile_high[6] == 6 &&
	            back.columns[0].bounds->distinct.high == 4.25);
	profile_release(&back);
	str_release(&json);
	profile_release(&p);
}

/* What earlier versions wrote is read, and written as they did. */
static void test_json_old(void **state)
{
	static const char old[] = "{\"rows\":2,\"columns\":[{\"name\":\"t\",\"type\":\"cat\",\"roles\":"
	                          "\"feature\",\"count\":2,\"missing\":0,"
	                          "\"missing_by\":[],\"infinite\":0,\"distinct\":1,\"mean\":null,\"mean_why\":"
	                          "\"not a column of numbers\","
	                          "\"sd\":null,\"sd_why\":\"not a column of "
	                          "numbers\",\"variance\":null,\"variance_why\":\"not a column of "
	                          "numbers\",\"skewness\":null,\"skewness_why\":\"not a column of "
	                          "numbers\",\"kurtosis\":null,\"kurtosis_why\":"
	                          "\"not a column of numbers\",\"min\":null,\"min_why\":\"not a column of "
	                          "numbers\",\"max\":null,\"max_why\":"
	                          "\"not a column of numbers\",\"sum\":null,\"sum_why\":\"not a column of "
	                          "numbers\",\"mad\":null,\"mad_why\":"
	                          "\"not a column of numbers\",\"lag1\":null,\"lag1_why\":\"not a column of "
	                          "numbers\",\"quantiles\":null,"
	                          "\"quantiles_why\":\"not a column of "
	                          "numbers\",\"histogram\":null,\"histogram_why\":\"not a column of "
	                          "numbers\",\"top\":[{\"value\":\"x\",\"count\":2}],\"entropy\":0,\"imbalance\":"
	                          "null,\"imbalance_why\":\"needs "
	                          "two different values\",\"exact\":true}]}";
	struct profile p;
	struct error err;
	struct str again;

	(void)state;
	str_init(&again);
	assert_int_equal(profile_parse(&p, old, strlen(old), &err), 0);
	assert_true(p.old);
	profile_json(&p, &again);
	assert_string_equal(again.data, old);
	profile_release(&p);
	str_release(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_texts_oracle),   cmocka_unit_test(test_shapes),
	    cmocka_unit_test(test_odd_texts),      cmocka_unit_test(test_length_spread),
	    cmocka_unit_test(test_texts_in_parts), cmocka_unit_test(test_texts_refused),
	    cmocka_unit_test(test_times_oracle),   cmocka_unit_test(test_calendar),
	    cmocka_unit_test(test_times_in_parts), cmocka_unit_test(test_steps),
	    cmocka_unit_test(test_profile),        cmocka_unit_test(test_profile_empty),
	    cmocka_unit_test(test_json),           cmocka_unit_test(test_json_old)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
