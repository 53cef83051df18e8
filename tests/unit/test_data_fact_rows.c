/* The rows behind what a profile says where no expression can say it: as many as it counts, and the right ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/data.h"

static const char CSV[] = "t,when,x,c\n"
                          "AB 12,2026-11-23T09:00:00Z,1.5,a\n" /* a Monday */
                          " cd,2026-11-24T09:30:00Z,NA,\n"
                          "\"  \",2026-12-01T23:59:59.999Z,2.5,b\n"
                          "\xc3\xa4h,1969-12-31T00:00:00Z,,b\n" /* a Wednesday */
                          "ZX 1234,2024-02-29T12:00:00Z,4,NA\n" /* a Thursday */
                          "\xff,,?,c\n";

static struct table t;
static struct profile p;

static int load(void **state)
{
	struct reading r;
	struct error err;
	int status;

	(void)state;
	reading_init(&r);
	status = reading_set(&r, "type", "t=text", &err);
	/* Bytes that are no UTF-8 would be taken for Latin-1. */
	status |= reading_set(&r, "encoding", "utf-8", &err);
	status |= table_read_bytes(&t, "t.csv", CSV, sizeof CSV - 1, &r,
	                           &(struct table_options){.packed = true, .spellings = true}, &err);
	status |= profile_table(&p, &t, NULL, &err);
	reading_release(&r);
	return status;
}

static int release(void **state)
{
	(void)state;
	profile_release(&p);
	table_release(&t);
	return 0;
}

/* The rows as bits, the first one the lowest. */
static unsigned rows_of(const char *column, struct fact_ask ask)
{
	uint8_t keep[6];
	size_t count = table_fact_rows(&t, (size_t)table_find(&t, column), &ask, keep), bits = 0;
	unsigned rows = 0;

	for (size_t i = 0; i < t.row_count; i++) {
		rows |= (unsigned)keep[i] << i;
		bits += keep[i];
	}
	assert_int_equal(bits, count);
	return rows;
}

static unsigned ones(unsigned bits)
{
	unsigned n = 0;

	for (; bits; bits &= bits - 1)
		n++;
	return n;
}

static void spellings(void **state)
{
	const struct column_profile *x = profile_find(&p, "x");

	(void)state;
	assert_int_equal(rows_of("x", (struct fact_ask){.kind = FACT_SPELLING, .text = "NA"}), 1u << 1);
	assert_int_equal(rows_of("x", (struct fact_ask){.kind = FACT_SPELLING, .text = ""}), 1u << 3);
	assert_int_equal(rows_of("x", (struct fact_ask){.kind = FACT_SPELLING, .text = "?"}), 1u << 5);
	assert_int_equal(rows_of("x", (struct fact_ask){.kind = FACT_SPELLING, .text = "none"}), 0);
	assert_int_equal(rows_of("c", (struct fact_ask){.kind = FACT_SPELLING, .text = "NA"}), 1u << 4);
	for (size_t i = 0; i < x->missing_by_count; i++)
		assert_int_equal(
		    ones(rows_of("x", (struct fact_ask){.kind = FACT_SPELLING, .text = x->missing_by[i].value})),
		    x->missing_by[i].count);
}

static void texts(void **state)
{
	const struct text_facts *f = profile_find(&p, "t")->text;

	(void)state;
	assert_non_null(f);
	assert_int_equal(rows_of("t", (struct fact_ask){.kind = FACT_BLANK}), 1u << 2);
	assert_int_equal(rows_of("t", (struct fact_ask){.kind = FACT_EDGE_BLANKS}), 1u << 1 | 1u << 2);
	assert_int_equal(rows_of("t", (struct fact_ask){.kind = FACT_NOT_ASCII}), 1u << 3 | 1u << 5);
	assert_int_equal(rows_of("t", (struct fact_ask){.kind = FACT_NOT_UTF8}), 1u << 5);
	assert_int_equal(rows_of("t", (struct fact_ask){.kind = FACT_LENGTH, .number = f->length_min}), 1u << 5);
	assert_int_equal(rows_of("t", (struct fact_ask){.kind = FACT_LENGTH, .number = f->length_max}), 1u << 4);
	assert_int_equal(rows_of("t", (struct fact_ask){.kind = FACT_SHAPE, .text = "A 9"}), 1u << 0 | 1u << 4);
	for (size_t i = 0; i < f->shape_count; i++)
		assert_int_equal(
		    ones(rows_of("t", (struct fact_ask){.kind = FACT_SHAPE, .text = f->shapes[i].value})),
		    f->shapes[i].count);
	/* A shape that was cut stands for what goes on. */
	assert_int_equal(rows_of("t", (struct fact_ask){.kind = FACT_SHAPE, .text = "A…"}), 1u << 0 | 1u << 4);
	assert_int_equal(rows_of("x", (struct fact_ask){.kind = FACT_BLANK}), 0);
}

static void times(void **state)
{
	const struct time_facts *f = profile_find(&p, "when")->time;

	(void)state;
	assert_non_null(f);
	assert_int_equal(rows_of("when", (struct fact_ask){.kind = FACT_HOUR, .number = 9}), 1u << 0 | 1u << 1);
	assert_int_equal(rows_of("when", (struct fact_ask){.kind = FACT_WEEKDAY, .number = 0}), 1u << 0);
	assert_int_equal(rows_of("when", (struct fact_ask){.kind = FACT_WEEKDAY, .number = 2}), 1u << 3);
	assert_int_equal(rows_of("when", (struct fact_ask){.kind = FACT_MONTH, .number = 1}), 1u << 4);
	assert_int_equal(rows_of("when", (struct fact_ask){.kind = FACT_MONTH, .number = 11}), 1u << 2 | 1u << 3);
	for (unsigned i = 0; i < 24; i++)
		assert_int_equal(ones(rows_of("when", (struct fact_ask){.kind = FACT_HOUR, .number = i})),
		                 f->by_hour[i]);
	assert_int_equal(rows_of("when", (struct fact_ask){.kind = FACT_HOUR, .number = 24}), 0);
	assert_int_equal(rows_of("x", (struct fact_ask){.kind = FACT_HOUR, .number = 0}), 0);
}

static void nearest(void **state)
{
	(void)state;
	assert_int_equal(rows_of("x", (struct fact_ask){.kind = FACT_NEAREST, .value = 2.5}), 1u << 2);
	assert_int_equal(rows_of("x", (struct fact_ask){.kind = FACT_NEAREST, .value = 3}), 1u << 2 | 1u << 4);
	assert_int_equal(rows_of("x", (struct fact_ask){.kind = FACT_NEAREST, .value = 100}), 1u << 4);
	assert_int_equal(rows_of("x", (struct fact_ask){.kind = FACT_NEAREST, .value = -1}), 1u << 0);
	assert_int_equal(rows_of("t", (struct fact_ask){.kind = FACT_NEAREST, .value = 1}), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(spellings),
	    cmocka_unit_test(texts),
	    cmocka_unit_test(times),
	    cmocka_unit_test(nearest),
	};

	return cmocka_run_group_tests_name("data: rows behind facts", tests, load, release);
}
