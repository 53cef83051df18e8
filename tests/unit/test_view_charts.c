/* Which of many charts are read: those that match and lie around what is seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "../../src/view/charts.h"

enum { MANY = 500 };

struct many {
	struct arena *mem;
	struct curve_chart charts[MANY];
};

/* layer0/norm, layer0/std, layer1/norm … */
static void make(struct many *m)
{
	m->mem = arena_new();
	for (size_t i = 0; i < MANY; i++)
		m->charts[i] =
		    (struct curve_chart){.name = arena_printf(m->mem, "layer%zu/%s", i / 2, i % 2 ? "std" : "norm"),
		                         .unit = i % 3 ? "train" : NULL};
}

static struct charts_got window(struct charts_ask ask, struct many *m)
{
	struct charts_got got;

	make(m);
	charts_window(&ask, m->charts, MANY, &got);
	for (size_t i = 0; i < got.count; i++)
		assert_ptr_equal(&got.charts[i], &m->charts[i]);
	return got;
}

static void a_window(void **unused)
{
	struct many m;
	struct charts_got got = window((struct charts_ask){.from = 100, .most = 24}, &m);

	(void)unused;
	assert_int_equal(got.from, 100);
	assert_int_equal(got.count, 24);
	assert_int_equal(got.total, MANY);
	assert_true(got.at == SIZE_MAX);
	assert_string_equal(got.charts[0].name, "layer50/norm");
	assert_string_equal(got.charts[23].name, "layer61/std");
	arena_free(m.mem);
	/* Fewer are left than were asked for; none are. */
	got = window((struct charts_ask){.from = MANY - 5, .most = 24}, &m);
	assert_int_equal(got.count, 5);
	arena_free(m.mem);
	got = window((struct charts_ask){.from = 2 * MANY, .most = 24}, &m);
	assert_int_equal(got.from, MANY - 24);
	assert_int_equal(got.count, 24);
	arena_free(m.mem);
	/* The current one is found wherever it is. */
	got = window((struct charts_ask){.most = 4, .name = "layer200/std", .unit = "train"}, &m);
	assert_int_equal(got.at, 401);
	arena_free(m.mem);
	got = window((struct charts_ask){.most = 4, .name = "layer200/std", .unit = "eval"}, &m);
	assert_true(got.at == SIZE_MAX);
	arena_free(m.mem);
}

static void a_filter(void **unused)
{
	struct many m;
	struct charts_got got = window((struct charts_ask){.from = 10, .most = 24, .filter = "STD layer12"}, &m);

	(void)unused;
	/* layer12, layer120 … layer129 */
	assert_int_equal(got.total, 11);
	assert_string_equal(got.filter, "STD layer12");
	assert_int_equal(got.from, 10);
	assert_int_equal(got.count, 1);
	assert_string_equal(got.charts[0].name, "layer129/std");
	arena_free(m.mem);
	got = window((struct charts_ask){.from = 40, .most = 24, .filter = "std layer12", .name = "layer12/std"},
	             &m);
	assert_int_equal(got.from, 0);
	assert_int_equal(got.count, 11);
	arena_free(m.mem);
	got = window((struct charts_ask){.from = 3, .most = 24, .filter = "nothing of the kind"}, &m);
	assert_int_equal(got.total, 0);
	assert_int_equal(got.count, 0);
	assert_int_equal(got.from, 0);
	arena_free(m.mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_window), cmocka_unit_test(a_filter)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
