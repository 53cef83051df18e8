/* Packed blocks: every bit comes back, damaged ones are refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "../../src/store/internal.h"

static uint64_t state = 88172645463325252u;

static uint64_t draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static double bits(uint64_t n)
{
	double value;

	memcpy(&value, &n, sizeof(value));
	return value;
}

/* Packs, unpacks, compares bit by bit; the length of the block. */
static size_t there_and_back(const struct point *points, size_t count, bool squeeze)
{
	struct block_coder *c = NULL;
	struct str block;
	struct point *back = xcalloc(count, sizeof(*back));
	size_t len;

	str_init(&block);
	block_pack(&c, points, count, squeeze, &block);
	assert_int_equal(block_unpack(&c, block.data, block.len, back, count), count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(back[i].step, points[i].step);
		assert_int_equal(back[i].time, points[i].time);
		assert_memory_equal(&back[i].value, &points[i].value, sizeof(double));
	}
	/* No room: refused. Cut short or with something after it: no block. */
	assert_int_equal(block_unpack(&c, block.data, block.len, back, count - 1), -1);
	for (size_t cut = 0; cut < block.len; cut += 1 + block.len / 50)
		assert_int_equal(block_unpack(&c, block.data, cut, back, count), -1);
	len = block.len;
	str_addc(&block, 0);
	assert_int_equal(block_unpack(&c, block.data, block.len, back, count), -1);
	str_release(&block);
	free(back);
	block_coder_free(c);
	return len;
}

static void both(const struct point *points, size_t count)
{
	there_and_back(points, count, false);
	there_and_back(points, count, true);
}

static void odd_values(void **unused)
{
	const double odd[] = {
	    0.0,      -0.0,      NAN,    -NAN,    bits(0x7FF0000000000001u), bits(0xFFFFDEADBEEF1234u),
	    INFINITY, -INFINITY, 5e-324, -5e-324, 1.7976931348623157e308,    -1.7976931348623157e308,
	    0.1,      1.0 / 3,   1e22,   -1e-22,  9007199254740993.0,        4503599627370497.5};
	const int64_t whole[] = {0, 1, -1, INT64_MAX, INT64_MIN, INT64_MAX - 1, INT64_MIN + 1, 1763888000123};
	struct point points[700];

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(odd); i++) {
		struct point one = {whole[i % COUNT_OF(whole)], whole[i * 3 % COUNT_OF(whole)], odd[i]};

		both(&one, 1);
	}
	for (int trial = 0; trial < 300; trial++) {
		size_t count = 1 + draw() % COUNT_OF(points);
		int kind = (int)(draw() % 4);

		for (size_t i = 0; i < count; i++) {
			points[i].step = kind == 0 ? (int64_t)draw() : whole[draw() % COUNT_OF(whole)];
			points[i].time = kind == 1 ? (int64_t)draw() : whole[draw() % COUNT_OF(whole)];
			points[i].value = kind == 2   ? bits(draw())
			                  : kind == 3 ? (double)(int64_t)(draw() % 2001 - 1000) / 1000
			                              : odd[draw() % COUNT_OF(odd)];
		}
		both(points, count);
	}
}

static void usual_curves_are_small(void **unused)
{
	struct point points[BLOCK_POINTS];

	(void)unused;
	for (int i = 0; i < BLOCK_POINTS; i++) {
		double loss = 2.0 * exp(-i / 200.0) + 0.01 * (double)(draw() % 1000) / 1000;

		points[i] =
		    (struct point){i * 10, 1763888000000 + i * 250 + (int64_t)(draw() % 7), round(loss * 1e4) / 1e4};
	}
	assert_true(there_and_back(points, BLOCK_POINTS, true) < 4 * BLOCK_POINTS);
	for (int i = 0; i < BLOCK_POINTS; i++)
		points[i].value = 2.0 * exp(-i / 200.0) + 0.01 * (double)(draw() >> 11) / 9007199254740992.0;
	assert_true(there_and_back(points, BLOCK_POINTS, true) < 9 * BLOCK_POINTS);
	for (int i = 0; i < BLOCK_POINTS; i++)
		points[i] = (struct point){i, 1000 * i, 1};
	assert_true(there_and_back(points, BLOCK_POINTS, true) < 40);
}

/* Every changed byte is refused or gives points: nothing else. */
static void damage(void **unused)
{
	struct point points[100], back[100];
	struct block_coder *c = NULL;
	struct str block;

	(void)unused;
	str_init(&block);
	for (int i = 0; i < 100; i++)
		points[i] = (struct point){i * i, 1763888000000 + i, sin(i)};
	block_pack(&c, points, 100, true, &block);
	for (size_t at = 0; at < block.len; at++)
		for (int bit = 0; bit < 8; bit++) {
			int64_t got;

			block.data[at] = (char)(block.data[at] ^ 1 << bit);
			got = block_unpack(&c, block.data, block.len, back, 100);
			assert_true(got >= -1 && got <= 100);
			block.data[at] = (char)(block.data[at] ^ 1 << bit);
		}
	assert_int_equal(block_unpack(&c, "", 0, back, 100), -1);
	assert_int_equal(block_unpack(&c, "\1\0\0", 3, back, 100), -1);
	assert_int_equal(block_unpack(&c, "\2\0\1", 3, back, 100), -1);
	/* A count that is larger than anything that is ever written. */
	assert_int_equal(block_unpack(&c, "\1\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 12, back, 100), -1);
	block_coder_free(c);
	str_release(&block);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(odd_values),
	    cmocka_unit_test(usual_curves_are_small),
	    cmocka_unit_test(damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
