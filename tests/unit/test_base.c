/* base: memory, strings, names, numbers, time, ids, digests, JSON out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "assay/base.h"

static void error_keeps_its_own_text(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(error_set(&err, ERR_USAGE, "bad %s", "thing"), -1);
	assert_int_equal(error_prefix(&err, "file.csv:%d", 7), -1);
	assert_string_equal(err.text, "file.csv:7: bad thing");
	assert_int_equal(err.code, ERR_USAGE);
	error_set(&err, ERR_ENV, "again: %s", err.text);
	assert_string_equal(err.text, "again: file.csv:7: bad thing");
	assert_int_equal(error_set(NULL, ERR_ENV, "nobody listens"), -1);
}

static void error_is_cut_at_a_whole_character(void **state)
{
	struct error err;
	char text[2000];

	(void)state;
	for (size_t pad = 0; pad < 4; pad++) {
		size_t len = pad;

		memset(text, 'x', pad);
		while (len + 3 < sizeof(text) - 1) {
			memcpy(text + len, "\xe2\x82\xac", 3);
			len += 3;
		}
		text[len] = '\0';
		error_set(&err, ERR_USAGE, "%s", text);
		assert_true(strlen(err.text) < sizeof(err.text));
		assert_int_equal((strlen(err.text) - pad) % 3, 0);
		assert_true(strlen(err.text) > sizeof(err.text) - 8);
	}
}

static void str_grows_and_is_taken(void **state)
{
	struct str s;
	char *taken;

	(void)state;
	str_init(&s);
	assert_string_equal(s.data, "");
	for (int i = 0; i < 1000; i++)
		str_addf(&s, "%d,", i);
	assert_int_equal(s.len, strlen(s.data));
	str_cut(&s, 6);
	assert_string_equal(s.data, "0,1,2,");
	str_add(&s, "\0z", 2);
	assert_int_equal(s.len, 8);
	taken = str_take(&s);
	assert_memory_equal(taken, "0,1,2,\0z", 9);
	free(taken);
	assert_string_equal(s.data, "");
	taken = str_take(&s);
	assert_string_equal(taken, "");
	free(taken);
}

static void arena_gives_zeroed_aligned_memory(void **state)
{
	struct arena *a = arena_new();
	size_t sizes[] = {0, 1, 7, 16, 100, 4096, 5000, 3, 1 << 21, 8};

	(void)state;
	for (int round = 0; round < 50; round++) {
		for (size_t i = 0; i < COUNT_OF(sizes); i++) {
			unsigned char *p = arena_alloc(a, sizes[i]);

			assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
			for (size_t k = 0; k < sizes[i]; k += 97)
				assert_int_equal(p[k], 0);
			memset(p, 0xAA, sizes[i]);
		}
	}
	assert_string_equal(arena_printf(a, "%s-%d", "a", 1), "a-1");
	assert_null(arena_strdup(a, NULL));
	arena_free(a);
	arena_free(NULL);
}

static void intern_numbers_by_first_appearance(void **state)
{
	struct intern t;
	char text[32];

	(void)state;
	intern_init(&t);
	assert_int_equal(intern_find(&t, "x", 1), INTERN_NONE);
	for (uint32_t i = 0; i < 20000; i++) {
		snprintf(text, sizeof(text), "value %u", i);
		assert_int_equal(intern_add(&t, text, strlen(text)), i);
	}
	for (uint32_t i = 0; i < 20000; i += 7) {
		snprintf(text, sizeof(text), "value %u", i);
		assert_int_equal(intern_add(&t, text, strlen(text)), i);
		assert_int_equal(intern_find(&t, text, strlen(text)), i);
		assert_string_equal(intern_text(&t, i), text);
	}
	assert_int_equal(intern_add(&t, "", 0), 20000);
	assert_int_equal(intern_add(&t, "\0", 1), 20001);
	assert_int_equal(intern_find(&t, "", 0), 20000);
	assert_int_equal(intern_find(&t, "absent", 6), INTERN_NONE);
	intern_release(&t);
}

static void hash_is_the_same_everywhere(void **state)
{
	(void)state;
	/* Nicknames and tests of order rest on it: a change of the function must be noticed. */
	assert_int_equal(hash_bytes("swift-otter", 11), UINT64_C(0xc9aaaca88c839156));
	assert_int_equal(hash_bytes("", 0), hash_bytes("anything", 0));
	assert_true(hash_bytes("a", 1) != hash_bytes("b", 1));
	assert_true(hash_bytes("12345678", 8) != hash_bytes("12345679", 8));
	assert_true(hash_bytes("\0", 1) != hash_bytes("\0\0", 2));
}

static void shortest_numbers_read_back(void **state)
{
	static const struct {
		double value;
		const char *text;
	} known[] = {{0, "0"},
	             {-0.0, "-0"},
	             {0.1, "0.1"},
	             {0.1 + 0.2, "0.30000000000000004"},
	             {1e300, "1e+300"},
	             {5e-324, "5e-324"},
	             {1.0 / 3, "0.3333333333333333"},
	             {123456789012345680.0, "1.2345678901234568e+17"},
	             {DBL_MAX, "1.7976931348623157e+308"},
	             {INFINITY, "inf"},
	             {-INFINITY, "-inf"},
	             {NAN, "nan"}};
	char text[NUM_TEXT];
	uint64_t bits = 1;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(known); i++)
		assert_string_equal(num_shortest(known[i].value, text), known[i].text);
	for (int i = 0; i < 20000; i++) {
		double v, back;

		bits = bits * 6364136223846793005u + 1442695040888963407u;
		memcpy(&v, &bits, sizeof(v));
		if (!isfinite(v))
			continue;
		num_shortest(v, text);
		assert_true(num_parse(text, strlen(text), &back));
		assert_memory_equal(&v, &back, sizeof(v));
	}
}

/* Digits that are worked out in whole numbers are those of printf and strtod: at random, beside powers of two
 * and of ten, and at the ends of the range. */
static void dense_numbers_are_as_printf_has_them(void **state)
{
	uint64_t bits = 11;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		char mine[NUM_TEXT], theirs[NUM_TEXT];
		double v, back;
		int beside, digits = 15;

		bits = bits * 6364136223846793005u + 1442695040888963407u;
		beside = (int)(bits >> 60) - 8;
		switch (i % 4) {
		case 0:
			v = (double)(bits >> 11) / 9007199254740992.0;
			break;
		case 1:
			v = ldexp(1 + (double)(bits >> 12) / 4503599627370496.0, (int)(bits >> 32) % 66 - 16);
			break;
		case 2:
			v = ldexp(1, (int)(bits >> 32) % 66 - 16);
			break;
		default:
			v = pow(10, (int)(bits >> 32) % 22 - 5);
		}
		for (; i % 4 > 1 && beside; beside += beside < 0 ? 1 : -1)
			v = nextafter(v, beside < 0 ? 0 : (double)INFINITY);
		do
			snprintf(theirs, sizeof(theirs), "%.*g", digits, v);
		while (strtod(theirs, NULL) != v && ++digits <= 17);
		assert_string_equal(num_shortest(v, mine), theirs);
		assert_true(num_parse(mine, strlen(mine), &back));
		assert_true(back == v);
	}
}

static void parsing_is_exact_as_strtod(void **state)
{
	char text[64];
	uint64_t bits = 7;

	(void)state;
	for (int i = 0; i < 50000; i++) {
		double mine, theirs;
		int len;

		bits = bits * 6364136223846793005u + 1442695040888963407u;
		switch (i % 5) {
		case 4: /* as many digits as doubles have, and more */
			len = snprintf(text, sizeof(text), "0.%0*llu", (int)(bits % 27),
			               (unsigned long long)((bits >> 8) % 10000000000000000000u));
			break;
		case 0:
			len = snprintf(text, sizeof(text), "%llu.%03u", (unsigned long long)(bits >> 40),
			               (unsigned)(bits % 1000));
			break;
		case 1:
			len = snprintf(text, sizeof(text), "-%llue%d", (unsigned long long)(bits >> 12),
			               (int)(bits % 60) - 30);
			break;
		case 2:
			len = snprintf(text, sizeof(text), "0.%llu", (unsigned long long)bits);
			break;
		default:
			len =
			    snprintf(text, sizeof(text), "%llu%llu", (unsigned long long)bits, (unsigned long long)bits);
		}
		assert_true(num_parse(text, (size_t)len, &mine));
		theirs = strtod(text, NULL);
		assert_memory_equal(&mine, &theirs, sizeof(mine));
	}
}

static void what_is_no_number_is_refused(void **state)
{
	static const char *const bad[] = {"",    " ",   "-",     "+",   ".",     "e5",  "1e",    "1e+", "0x10",
	                                  "nan", "inf", "1,000", "1 2", "1.2.3", "--1", "1_000", "1f",  "½"};
	static const char *const good[] = {"1", "-1", "+1", ".5", "5.", "1e5", "1E-5", " 7 ", "\t7", "007"};
	double v;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(num_parse(bad[i], strlen(bad[i]), &v));
	for (size_t i = 0; i < COUNT_OF(good); i++)
		assert_true(num_parse(good[i], strlen(good[i]), &v));
	assert_false(num_parse("1\0002", 3, &v));
}

static void integers_stay_in_their_range(void **state)
{
	int64_t v;

	(void)state;
	assert_true(int_parse("9223372036854775807", 19, &v) && v == INT64_MAX);
	assert_true(int_parse("-9223372036854775808", 20, &v) && v == INT64_MIN);
	assert_false(int_parse("9223372036854775808", 19, &v));
	assert_false(int_parse("-9223372036854775809", 20, &v));
	assert_false(int_parse("99999999999999999999999", 23, &v));
	assert_false(int_parse("1.0", 3, &v));
	assert_false(int_parse("", 0, &v));
	assert_true(int_parse(" +42 ", 5, &v) && v == 42);
}

static void numbers_for_people(void **state)
{
	char text[NUM_TEXT];

	(void)state;
	assert_string_equal(num_people(0.809, 4, text), "0.8090");
	assert_string_equal(num_people(52310, 4, text), "52310");
	assert_string_equal(num_people(12.3456, 4, text), "12.35");
	assert_string_equal(num_people(123456.789, 4, text), "123457");
	assert_string_equal(num_people(0.00001234, 4, text), "1.234e-05");
	assert_string_equal(num_people(0.99997, 4, text), "1.000");
	assert_string_equal(num_people(0.99994, 4, text), "0.9999");
	assert_string_equal(num_people(-9.99996, 4, text), "-10.00");
	assert_string_equal(num_people(9.994, 4, text), "9.994");
	assert_string_equal(num_people(0.099999, 4, text), "0.1000");
	assert_string_equal(num_people(999.96, 4, text), "1000");
	assert_string_equal(num_people(-0.0, 4, text), "0");
	assert_string_equal(num_people(NAN, 4, text), "–");
	assert_string_equal(num_people(-INFINITY, 4, text), "-inf");
	/* What occurs in data is itself; what lies between does not show how it was computed. */
	assert_string_equal(num_value(0.03, text), "0.03");
	assert_string_equal(num_value(0.18 - 0.6, text), "-0.42");
	assert_string_equal(num_value(68100, text), "68100");
	assert_string_equal(num_value(250000.25, text), "250000.25");
	assert_string_equal(num_value(94010.0000001, text), "94010");
	assert_string_equal(num_value(0.1 + 0.2, text), "0.3");
	assert_string_equal(num_value(1.0 / 3, text), "0.333333");
	assert_string_equal(num_value(-0.0, text), "0");
	assert_string_equal(num_value(1e300, text), "1e+300");
	assert_string_equal(num_value(1.00000001e300, text), "1e+300");
	assert_string_equal(num_value(1.2345678901e-7, text), "1.23457e-07");
	assert_string_equal(num_value(-INFINITY, text), "-inf");
	assert_string_equal(num_value(NAN, text), "–");
	assert_string_equal(count_people(-1234567, text), "-1,234,567");
	assert_string_equal(count_people(999, text), "999");
	assert_string_equal(bytes_people(1023, text), "1023 B");
	assert_string_equal(bytes_people(1536, text), "1.50 KiB");
	assert_string_equal(bytes_people(UINT64_MAX, text), "16.0 EiB");
}

static void times_are_read_and_written(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} known[] = {{"1970-01-01", 0},
	             {"2026-11-23T09:12:00.123Z", 1795425120123},
	             {"2026-11-23 09:12", 1795425120000},
	             {"2026-11-23T10:12:00+01:00", 1795425120000},
	             {"2000-02-29T00:00:00Z", 951782400000},
	             {"1969-12-31T23:59:59.999Z", -1},
	             {"0001-01-01", -62135596800000}};
	static const char *const bad[] = {"",
	                                  "2026",
	                                  "2026-13-01",
	                                  "2026-02-29",
	                                  "2026-11-23T25:00",
	                                  "2026-11-23x",
	                                  "23-11-2026",
	                                  "2026-11-23T09:12:00.",
	                                  "2026-11-23T09:12:00+1",
	                                  "2026-11-23T"};
	char text[TIME_TEXT];
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(known); i++) {
		assert_true(time_parse(known[i].text, strlen(known[i].text), &ms));
		assert_int_equal(ms, known[i].ms);
		time_rfc3339(ms, text);
		assert_true(time_parse(text, strlen(text), &ms));
		assert_int_equal(ms, known[i].ms);
	}
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(time_parse(bad[i], strlen(bad[i]), &ms));
	assert_string_equal(time_rfc3339(-1, text), "1969-12-31T23:59:59.999Z");
	assert_string_equal(time_span(4 * 60000, text), "4m");
	assert_string_equal(time_span(1500, text), "1.5s");
	assert_string_equal(time_span(-5, text), "0.0s");
}

static void *make_ids(void *out)
{
	for (int i = 0; i < 2000; i++)
		id_make((char *)out + (size_t)i * ID_TEXT);
	return NULL;
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void ids_rise_and_never_repeat(void **state)
{
	char *ids = xmalloc(4 * 2000 * (size_t)ID_TEXT), name[NICKNAME_TEXT], again[NICKNAME_TEXT];
	pthread_t threads[4];

	(void)state;
	for (size_t t = 0; t < 4; t++)
		pthread_create(&threads[t], NULL, make_ids, ids + t * 2000 * ID_TEXT);
	for (int t = 0; t < 4; t++)
		pthread_join(threads[t], NULL);
	for (size_t i = 0; i < 8000; i++) {
		const char *id = ids + i * ID_TEXT;

		assert_true(id_is_valid(id));
		assert_int_equal(id[12], '7');
		assert_true(strchr("89ab", id[16]) != NULL);
		if (i % 2000)
			assert_true(strcmp(id - ID_TEXT, id) < 0);
	}
	qsort(ids, 8000, ID_TEXT, compare_ids);
	for (size_t i = 1; i < 8000; i++)
		assert_true(strcmp(ids + (i - 1) * ID_TEXT, ids + i * ID_TEXT) != 0);
	id_nickname(ids, name);
	id_nickname(ids, again);
	assert_string_equal(name, again);
	assert_false(id_is_valid("0123"));
	assert_false(id_is_valid("0123456789ABCDEF0123456789abcdef"));
	free(ids);
}

static void digests_are_sha256(void **state)
{
	char hex[SHA256_TEXT], again[SHA256_TEXT];
	struct sha256 h;

	(void)state;
	/* FIPS 180-2, appendix B.1 and the empty message. */
	sha256_hex("abc", 3, hex);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sha256_hex("", 0, hex);
	assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	sha256_init(&h);
	sha256_add(&h, "a", 1);
	sha256_add(&h, "bc", 2);
	sha256_end(&h, again);
	assert_string_equal(again, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void json_is_written_without_blanks(void **state)
{
	struct json_writer j;
	struct str out;

	(void)state;
	str_init(&out);
	jw_init(&j, &out);
	jw_object(&j, NULL);
	jw_int(&j, "n", -3);
	jw_num(&j, "mean", 0.1, NULL);
	jw_num(&j, "sd", NAN, "one row");
	jw_array(&j, "list");
	jw_string(&j, NULL, "a\"b\\c\n\x1b\x7f\xff\xe2\x82\xac");
	jw_bool(&j, NULL, true);
	jw_null(&j, NULL);
	jw_object(&j, NULL);
	jw_object_end(&j);
	jw_array_end(&j);
	jw_raw(&j, "raw", "[1]");
	jw_object_end(&j);
	assert_string_equal(
	    out.data,
	    "{\"n\":-3,\"mean\":0.1,\"sd\":null,\"sd_why\":\"one row\",\"list\":[\"a\\\"b\\\\c\\n\\u001b\\u007f"
	    "\xEF\xBF\xBD\xe2\x82\xac\",true,null,{}],\"raw\":[1]}");
	str_release(&out);
}

static void square(void *user, size_t chunk)
{
	((uint64_t *)user)[chunk] += chunk * chunk;
}

static void every_chunk_is_done_once(void **state)
{
	uint64_t done[1000];

	(void)state;
	for (int threads = 0; threads < 5; threads++) {
		memset(done, 0, sizeof(done));
		parallel_chunks(COUNT_OF(done), threads, square, done);
		for (size_t i = 0; i < COUNT_OF(done); i++)
			assert_int_equal(done[i], i * i);
	}
	parallel_chunks(0, 4, square, NULL);
	assert_true(cpu_count() >= 1);
}

static void plain_text_is_told_from_text_that_hides(void **state)
{
	static const char *const plain[] = {"", "a b~", "M\xc3\xbcller", "\xe6\xbc\xa2"};
	static const char *const hiding[] = {
	    "a\nb", "\x1b[m",       "\x7f",         "\xc2\x9b",     "\xff",
	    "\xc3", "\xe2\x80\xae", "\xe2\x80\x8b", "\xef\xbb\xbf", "\xf3\xa0\x80\xa1"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(plain); i++)
		assert_true(text_is_plain(plain[i], strlen(plain[i])));
	for (size_t i = 0; i < COUNT_OF(hiding); i++)
		assert_false(text_is_plain(hiding[i], strlen(hiding[i])));
	assert_false(text_is_plain("a\0b", 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain_text_is_told_from_text_that_hides),
	    cmocka_unit_test(error_keeps_its_own_text),
	    cmocka_unit_test(error_is_cut_at_a_whole_character),
	    cmocka_unit_test(str_grows_and_is_taken),
	    cmocka_unit_test(arena_gives_zeroed_aligned_memory),
	    cmocka_unit_test(intern_numbers_by_first_appearance),
	    cmocka_unit_test(hash_is_the_same_everywhere),
	    cmocka_unit_test(shortest_numbers_read_back),
	    cmocka_unit_test(dense_numbers_are_as_printf_has_them),
	    cmocka_unit_test(parsing_is_exact_as_strtod),
	    cmocka_unit_test(what_is_no_number_is_refused),
	    cmocka_unit_test(integers_stay_in_their_range),
	    cmocka_unit_test(numbers_for_people),
	    cmocka_unit_test(times_are_read_and_written),
	    cmocka_unit_test(ids_rise_and_never_repeat),
	    cmocka_unit_test(digests_are_sha256),
	    cmocka_unit_test(json_is_written_without_blanks),
	    cmocka_unit_test(every_chunk_is_done_once),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
