/* Columns of texts summed up, how many values there are and which are frequent: the same however the rows
 * came, and near the truth. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "assay/stats_sketch.h"
#include "../lib/trials.h"

static void distinct_is_near(void **state)
{
	static const uint64_t sizes[] = {0, 1, 2, 10, 100, 1000, 10000, 30000, 50000, 100000, 400000};
	struct rng r;
	(void)state;
	rng_init(&r, 13, 1);
	for (size_t k = 0; k < COUNT_OF(sizes); k++) {
		int trials = getenv("LONG") ? 400 : sizes[k] > 50000 ? 4 : 20, outside = 0;
		double squares = 0, bias = 0;
		for (int t = 0; t < trials; t++) {
			struct distinct_sketch *a = distinct_sketch_new(14), *b = distinct_sketch_new(14);
			struct estimate e;
			double from = floor(rng_unit(&r) * 1e9);
			for (uint64_t i = 0; i < sizes[k]; i++) {
				uint64_t hash = distinct_hash_number(from + (double)i * 0.25);
				distinct_sketch_add(i % 3 ? a : b, &hash, 1);
				/* Seen again: nothing changes. */
				if (i % 7 == 0)
					distinct_sketch_add(a, &hash, 1);
			}
			distinct_sketch_merge(b, a);
			distinct_sketch_merge(a, b);
			assert_memory_equal(a->registers, b->registers, (size_t)1 << 14);
			distinct_sketch_estimate(a, &e);
			double error = sizes[k] ? (e.value - (double)sizes[k]) / (double)sizes[k] : e.value;
			outside += !(e.low <= (double)sizes[k] && (double)sizes[k] <= e.high);
			squares += error * error;
			bias += error;
			free(a);
			free(b);
		}
		double rms = sqrt(squares / trials);
		print_message("# %llu different: error %.2f %%, mean %.2f %%, %d of %d outside\n",
		              (unsigned long long)sizes[k], 100 * rms, 100 * bias / trials, outside, trials);
		assert_true(rms < 0.0125 && outside <= trials / 20);
	}
	assert_true(distinct_hash_number(-0.0) == distinct_hash_number(0.0));
	assert_true(distinct_hash_bytes("a", 1) != distinct_hash_bytes("b", 1));
}

/* What was added to more registers is what would have been added to fewer. */
static void distinct_of_two_sizes(void **state)
{
	(void)state;
	for (int bits = DISTINCT_BITS_MIN; bits <= DISTINCT_BITS_MAX; bits++) {
		struct distinct_sketch *direct = distinct_sketch_new(DISTINCT_BITS_MIN),
		                       *wide = distinct_sketch_new(bits),
		                       *other = distinct_sketch_new(DISTINCT_BITS_MIN);
		for (int i = 0; i < 5000; i++) {
			/* Some with many zeros, and none but zeros. */
			uint64_t hash = i % 50 ? distinct_hash_number(i) : (uint64_t)(i % 64) << 58;
			distinct_sketch_add(direct, &hash, 1);
			distinct_sketch_add(wide, &hash, 1);
		}
		distinct_sketch_merge(other, wide);
		assert_memory_equal(direct->registers, other->registers, (size_t)1 << DISTINCT_BITS_MIN);
		distinct_sketch_merge(wide, other);
		assert_int_equal(wide->bits, DISTINCT_BITS_MIN);
		assert_memory_equal(direct->registers, wide->registers, (size_t)1 << DISTINCT_BITS_MIN);
		free(direct);
		free(wide);
		free(other);
	}
}

/* Values whose shares fall by a power law; all the same; few frequent ones among many rare ones, the rare
 * ones first or last; many of a share at which they are just listed, kept or looked for. */
enum { KINDS = 5, ROWS = 30000 };

static uint64_t draw(int kind, size_t i, struct rng *r)
{
	switch (kind) {
	case 0:
		return (uint64_t)(pow(1 - rng_unit(r), -1 / 0.9) - 1);
	case 1:
		return rng_below(r, ROWS);
	case 2:
		return i % 3 ? rng_below(r, 20) : 100 + i;
	case 3:
		return i < ROWS / 2 ? 100 + i : rng_below(r, 20);
	default:
		return i % 2 ? rng_below(r, 16 << rng_below(r, 6)) : 100000 + i;
	}
}

static int name_of(uint64_t value, char out[400])
{
	/* Some are longer than what is kept of them, and differ only after that. */
	if (value % 7 == 3)
		return snprintf(out, 400, "%0300d-%llu", 0, (unsigned long long)value);
	return snprintf(out, 400, "v%llu", (unsigned long long)value);
}

static void add_value(struct text_sketch *s, uint64_t value)
{
	char name[400];
	int len = name_of(value, name);
	text_sketch_add(s, name, (size_t)len, 1);
}

/* The frequent ones, and in how many pieces and in which order they came does not show. */
static void list_of(const struct text_sketch *s, struct str *out)
{
	struct text_count top[300];
	struct estimate e;
	uint64_t error;
	size_t n = text_sketch_top(s, top, COUNT_OF(top), &error);
	text_sketch_distinct(s, &e);
	str_addf(out,
	         "%llu rows, %.17g in [%.17g, %.17g] different, +-%llu:", (unsigned long long)text_sketch_rows(s),
	         e.value, e.low, e.high, (unsigned long long)error);
	for (size_t i = 0; i < n; i++)
		str_addf(out, " %.*s (%zu) %llu", (int)top[i].len, top[i].bytes, top[i].whole,
		         (unsigned long long)top[i].count);
}

static void shuffle(uint64_t *x, size_t n, struct rng *r)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = (size_t)rng_below(r, i);
		uint64_t swap = x[i - 1];
		x[i - 1] = x[j];
		x[j] = swap;
	}
}

/* `written`: parts are texts in between. */
static struct text_sketch *in_pieces(const uint64_t *x, size_t n, size_t room, bool written, struct rng *r)
{
	enum { PARTS = 6 };
	struct text_sketch *part[PARTS];
	size_t left = 1 + (size_t)rng_below(r, PARTS), smallest = (size_t)rng_below(r, left);
	/* In runs of rows, or dealt out. */
	uint64_t run = 1 + rng_below(r, 2) * rng_below(r, 2 * n / left);
	for (size_t k = 0; k < left; k++)
		part[k] = text_sketch_new(k == smallest ? room : room << rng_below(r, 3), 1 << 20);
	for (size_t i = 0; i < n; i++)
		add_value(part[i / run % left], x[i]);
	while (left > 1) {
		size_t to = (size_t)rng_below(r, left - 1);
		left--;
		if (written) {
			struct str text;
			str_init(&text);
			text_sketch_text(part[left], &text);
			text_sketch_free(part[left]);
			part[left] = text_sketch_parse(text.data, text.len, NULL);
			assert_non_null(part[left]);
			str_release(&text);
		}
		text_sketch_merge(part[to], part[left]);
		text_sketch_free(part[left]);
	}
	return part[0];
}

static void order_does_not_show(void **state)
{
	static uint64_t x[ROWS];
	static const size_t rooms[] = {16, 300, 1000, 4096};
	struct rng r;
	struct str text, expected, list, expected_list;
	(void)state;
	rng_init(&r, 14, 1);
	str_init(&text);
	str_init(&expected);
	str_init(&list);
	str_init(&expected_list);
	int trials = getenv("LONG") ? 400 : (int)trials_here(40);
	for (int kind = 0; kind < KINDS; kind++) {
		size_t room = rooms[kind % (int)COUNT_OF(rooms)];
		struct text_sketch *whole = text_sketch_new(room, 1 << 20);
		for (size_t i = 0; i < ROWS; i++) {
			x[i] = draw(kind, i, &r);
			add_value(whole, x[i]);
		}
		assert_false(text_sketch_is_exact(whole));
		str_clear(&expected);
		str_clear(&expected_list);
		text_sketch_text(whole, &expected);
		list_of(whole, &expected_list);
		for (int t = 0; t < trials; t++) {
			if (t)
				shuffle(x, ROWS, &r);
			struct text_sketch *pieces = in_pieces(x, ROWS, room, false, &r);
			str_clear(&text);
			text_sketch_text(pieces, &text);
			if (text.len != expected.len || memcmp(text.data, expected.data, text.len))
				fail_msg("kind %d, trial %d: another text", kind, t);
			text_sketch_free(pieces);
			pieces = in_pieces(x, ROWS, room, true, &r);
			str_clear(&list);
			list_of(pieces, &list);
			assert_string_equal(list.data, expected_list.data);
			text_sketch_free(pieces);
		}
		struct text_sketch *again = text_sketch_parse(expected.data, expected.len, NULL);
		assert_non_null(again);
		str_clear(&text);
		text_sketch_text(again, &text);
		assert_string_equal(text.data, expected.data);
		text_sketch_free(again);
		text_sketch_free(whole);
	}
	str_release(&text);
	str_release(&expected);
	str_release(&list);
	str_release(&expected_list);
}

static void frequent_ones_are_found(void **state)
{
	enum { ROOM = 4096, BITS = 10, VALUES = 1 << 20 };
	struct rng r;
	(void)state;
	rng_init(&r, 15, 1);
	uint64_t *truth = xcalloc(VALUES, sizeof *truth);
	for (int kind = 0; kind < KINDS; kind++) {
		struct text_sketch *s = text_sketch_new(ROOM, 1 << 20);
		struct text_count top[200];
		uint64_t error;
		memset(truth, 0, VALUES * sizeof *truth);
		for (size_t i = 0; i < ROWS; i++) {
			uint64_t value = draw(kind, i, &r) % VALUES;
			truth[value]++;
			add_value(s, value);
		}
		size_t n = text_sketch_top(s, top, COUNT_OF(top), &error);
		double share = ROWS * 2.718281828459045 / (1 << BITS);
		assert_true(text_sketch_is_exact(s) ? error == 0 : error == (uint64_t)ceil(share));
		assert_true(kind == 0 || !text_sketch_is_exact(s));
		for (size_t i = 0; i < n; i++) {
			if (top[i].bytes[0] != 'v') {
				assert_true(top[i].whole > 300);
				assert_int_equal(top[i].len, text_sketch_is_exact(s) ? top[i].whole : TOP_BYTES);
				continue;
			}
			uint64_t is = truth[strtoull(top[i].bytes + 1, NULL, 10)];
			assert_true(top[i].count >= is && top[i].count <= is + error);
			assert_true(i == 0 || top[i].count <= top[i - 1].count);
		}
		size_t frequent = 0;
		for (size_t v = 0; v < VALUES; v++)
			frequent += truth[v] >= ROWS * 32 / (1 << BITS);
		assert_true(n >= frequent && (frequent > 1 || (kind != 0 && kind != 2)));
		text_sketch_free(s);
	}
	free(truth);
}

static void all_texts_while_there_is_room(void **state)
{
	struct text_sketch *s = text_sketch_new(0, 40), *other = text_sketch_new(20, 30);
	struct text_count top[3], *all;
	struct estimate e;
	struct str text, again;
	uint64_t error;
	size_t n;
	(void)state;
	str_init(&text);
	str_init(&again);
	for (int i = 15; i >= 0; i--)
		text_sketch_add(s, (const char[]){(char)('a' + i)}, 1, i == 9 ? 3 : 2);
	text_sketch_add(s, "z", 1, 0);
	text_sketch_add(s, "a", 1, 1);
	assert_true(text_sketch_is_exact(s) && text_sketch_rows(s) == 34);
	assert_int_equal(text_sketch_top(s, top, 3, &error), 3);
	assert_true(error == 0 && top[0].bytes[0] == 'a' && top[0].count == 3 && top[1].bytes[0] == 'j' &&
	            top[2].bytes[0] == 'b');
	all = text_sketch_all(s, &n);
	assert_int_equal(n, 16);
	for (size_t i = 0; i < n; i++)
		assert_true(all[i].len == 1 && all[i].whole == 1 && all[i].bytes[0] == (char)('a' + i));
	free(all);
	text_sketch_text(s, &text);
	assert_null(strpbrk(text.data, "\"\\ \n"));
	struct text_sketch *back = text_sketch_parse(text.data, text.len, NULL);
	assert_non_null(back);
	text_sketch_text(back, &again);
	assert_string_equal(text.data, again.data);
	/* Nothing, and bytes of any kind, are texts as well. */
	text_sketch_add(other, "", 0, 1);
	text_sketch_add(other, "\0\xff\"", 3, 1);
	text_sketch_merge(back, other);
	assert_false(text_sketch_is_exact(back)); /* 18 of 16 */
	text_sketch_distinct(back, &e);
	assert_true(e.low <= 18 && 18 <= e.high);
	all = text_sketch_all(back, &n);
	assert_true(!all && n == 0);
	text_sketch_free(back);
	/* Too many bytes for the smaller limit. */
	text_sketch_add(other, "0123456789012345678901234567", 28, 1);
	assert_false(text_sketch_is_exact(other));
	text_sketch_free(other);
	text_sketch_free(s);
	str_release(&text);
	str_release(&again);
}

/* No cut, no changed byte is taken for another sketch without its own text. */
static void damaged_texts_are_refused(void **state)
{
	struct rng r;
	struct error err;
	struct str text, again;
	(void)state;
	rng_init(&r, 19, 1);
	str_init(&text);
	str_init(&again);
	for (int kind = 0; kind < 4; kind++) {
		struct number_sketch *s = number_sketch_new(16, kind & 1);
		double x[40], w[40];
		for (int i = 0; i < 40; i++) {
			x[i] = kind < 2 ? floor(rng_unit(&r) * 10) : rng_normal(&r);
			w[i] = rng_unit(&r);
		}
		number_sketch_add(s, x, NULL, kind & 1 ? w : NULL, 40);
		str_clear(&text);
		number_sketch_text(s, &text);
		number_sketch_free(s);
		for (size_t cut = 0; cut < text.len; cut += 1 + text.len / 300)
			assert_null(number_sketch_parse(text.data, cut, &err));
		assert_true(err.code == ERR_USAGE);
		size_t taken = 0;
		for (int t = 0; t < 1000; t++) {
			size_t place = (size_t)rng_below(&r, text.len);
			char was = text.data[place];
			text.data[place] = "ABCDgzAA09+/"[rng_below(&r, 12)];
			s = number_sketch_parse(text.data, text.len, NULL);
			if (s) {
				str_clear(&again);
				number_sketch_text(s, &again);
				assert_string_equal(text.data, again.data);
				taken++;
			}
			number_sketch_free(s);
			assert_null(text_sketch_parse(text.data, text.len, NULL));
			text.data[place] = was;
		}
		print_message("# kind %d: %zu bytes, %zu of 1000 changes are sketches\n", kind, text.len, taken);
	}
	str_release(&text);
	str_release(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(distinct_is_near),
	    cmocka_unit_test(distinct_of_two_sizes),
	    cmocka_unit_test(order_does_not_show),
	    cmocka_unit_test(frequent_ones_are_found),
	    cmocka_unit_test(all_texts_while_there_is_room),
	    cmocka_unit_test(damaged_texts_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
