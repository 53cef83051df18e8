/*
 * Features that seem to know the label where chance would, too: the bounds beside all orders of the rows, how often
 * tables of chance raise a false alarm, and that what knows it is told.
 *
 *     LONG=1 build/tests/unit/test_data_chance       2,000 tables of chance of each shape
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/data_relation.h"
#include "assay/stats_blocks.h"

enum { MOST = 10 };

static void table_of(struct table *t, const char *text, const char *label, const char *const *types,
                     size_t type_count)
{
	struct reading r;
	struct error err;

	reading_init(&r);
	for (size_t i = 0; i < type_count; i++)
		if (reading_set(&r, "type", types[i], &err) < 0)
			fail_msg("%s", err.text);
	if (reading_set(&r, "label", label, &err) < 0 ||
	    table_read_bytes(t, "in", text, strlen(text), &r, &(struct table_options){.threads = 1}, &err) < 0)
		fail_msg("%s", err.text);
	reading_release(&r);
}

static void relate(struct relations *r, const struct table *t)
{
	struct error err;

	if (relations_table(r, t, &(struct relation_options){.threads = 1}, &err) < 0)
		fail_msg("%s", err.text);
}

static const struct relation *feature(const struct relations *r, const char *name)
{
	for (size_t i = 0; i < r->to_label_count; i++)
		if (strcmp(r->names[r->to_label[i].a], name) == 0)
			return &r->to_label[i];
	fail_msg("%s is not related to the label", name);
	return NULL;
}

/* ---- all orders ---- */

/* Which of n rows are of class 1, or of any code below k: the next order, in the way of numbers; false after the last. */
static bool next_order(uint32_t *codes, size_t n)
{
	size_t i = n - 1, j = n - 1, last = n - 1;

	while (i > 0 && codes[i - 1] >= codes[i])
		i--;
	if (i == 0)
		return false;
	while (codes[j] <= codes[i - 1])
		j--;
	for (i--;; i++, j = last--) {
		const uint32_t code = codes[i];

		codes[i] = codes[j];
		codes[j] = code;
		if (i + 1 >= last)
			return true;
	}
}

static double auc_chance(const uint32_t *place, const uint32_t *label, size_t n, double *off)
{
	uint32_t positive[MOST] = {0}, negative[MOST] = {0};
	struct auc auc;

	for (size_t i = 0; i < n; i++)
		(label[i] ? positive : negative)[place[i]]++;
	stats_auc_counts(positive, negative, MOST, 0.95, &auc);
	*off = fabs(auc.value - 0.5);
	return stats_auc_chance(positive, negative, MOST);
}

static int by_code(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* As often as a bound says, or seldomer: of all orders the share with that bound or a smaller one. */
static void is_a_bound(const double *bound, size_t orders)
{
	for (size_t i = 0; i < orders; i++) {
		size_t as_small = 0;

		for (size_t k = 0; k < orders; k++)
			as_small += bound[k] <= bound[i] * (1 + 1e-12);
		assert_true(bound[i] >= 0 && (double)as_small <= bound[i] * (double)orders * (1 + 1e-9));
	}
}

static void bounds_hold(void **state)
{
	static double aucs[1000], categories[1000];
	struct rng g;

	(void)state;
	rng_init(&g, 7, 0);
	for (unsigned trial = 0; trial < 60; trial++) {
		const size_t n = 2 + (size_t)rng_below(&g, MOST - 2), k = 1 + (size_t)rng_below(&g, n);
		uint32_t place[MOST], code[MOST], label[MOST];
		size_t orders = 0;

		for (size_t i = 0; i < n; i++) {
			place[i] = trial % 2 ? (uint32_t)i : (uint32_t)rng_below(&g, k);
			code[i] = (uint32_t)rng_below(&g, k);
			label[i] = i ? (uint32_t)rng_below(&g, 2) : 0;
		}
		label[1] = 1;
		qsort(label, n, sizeof *label, by_code);
		do {
			double off;

			aucs[orders] = auc_chance(place, label, n, &off);
			categories[orders++] = stats_association_chance(code, k, label, 2, n);
		} while (next_order(label, n));
		is_a_bound(aucs, orders);
		is_a_bound(categories, orders);
	}
}

/* More than two classes, and many categories. */
static void bounds_hold_of_classes(void **state)
{
	static const uint32_t codes[][8] = {
	    {0, 0, 0, 1, 1, 1, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7}, {0, 0, 0, 0, 1, 1, 1, 1}};
	static double bound[2000];

	(void)state;
	for (size_t c = 0; c < COUNT_OF(codes); c++) {
		uint32_t label[8] = {0, 0, 0, 1, 1, 1, 2, 2};
		size_t orders = 0;

		do {
			bound[orders++] = stats_association_chance(codes[c], 8, label, 3, 8);
		} while (next_order(label, 8));
		assert_int_equal(orders, 560);
		is_a_bound(bound, orders);
	}
}

/* Where the classes are apart it is what is counted, whichever way. Rare ones, too. */
static void apart_it_is_exact(void **state)
{
	const uint32_t low[] = {0, 7, 0, 0}, high[] = {0, 0, 7, 0}, rare[] = {3, 0, 0, 0},
	               many[] = {0, 400, 597, 0}, one[] = {0, 0, 0, 1}, none[4] = {0}, mixed[] = {200, 10, 0, 0},
	               other[] = {0, 10, 200, 0};

	(void)state;
	assert_true(fabs(stats_auc_chance(low, high, 4) * 3432 / 2 - 1) < 1e-9);
	assert_true(fabs(stats_auc_chance(high, low, 4) * 3432 / 2 - 1) < 1e-9);
	assert_true(fabs(stats_auc_chance(rare, many, 4) * 166167000 / 2 - 1) < 1e-9);
	assert_true(fabs(stats_auc_chance(one, many, 4) * 998 / 2 - 1) < 1e-9);
	assert_true(stats_auc_chance(low, low, 4) == 1);
	assert_true(isnan(stats_auc_chance(low, none, 4)) && isnan(stats_auc_chance(none, none, 4)));
	assert_true(stats_auc_chance(mixed, other, 4) < 1e-60);
	assert_true(isnan(stats_association_chance(NULL, 3, NULL, 2, 0)));
}

/* Without ties, beside the count of orders that are as far or farther: not much above it. */
static void near_what_is_counted(void **state)
{
	/* Of 10 and 10: sums of the first coefficients of the Gaussian binomial, over 184,756 (Mann and Whitney). */
	static const double orders[] = {1, 2, 4, 7, 12, 19, 30, 45, 67, 97};

	(void)state;
	for (uint32_t lost = 0; lost < COUNT_OF(orders); lost++) {
		uint32_t positive[24] = {0}, negative[24] = {0};
		double exact = 2 * orders[lost] / 184756, bound;

		/* One negative row stands above the `lost` lowest positive ones. */
		negative[0] = 9;
		positive[1] = lost;
		negative[2] = 1;
		positive[3] = 10 - lost;
		bound = stats_auc_chance(positive, negative, 24);
		assert_true(bound >= exact * (1 - 1e-9) && bound < 8 * exact);
	}
}

/* ---- tables of chance ---- */

static void label_add(struct str *out, struct rng *g, const char *kind, size_t i, size_t n)
{
	if (strcmp(kind, "even") == 0)
		str_addf(out, "%u\n", (unsigned)(i < 2 ? i : rng_below(g, 2)));
	else if (strcmp(kind, "one") == 0)
		str_addf(out, "%d\n", i == 0);
	else if (strcmp(kind, "classes") == 0)
		str_addf(out, "k%u\n", (unsigned)(i < 2 ? i : rng_below(g, n / 2 + 1)));
	else
		str_addf(out, "%.4f\n", 1 / (1e-6 + rng_unit(g)) / (rng_unit(g) + 1e-3)); /* some lie very far out */
}

static const struct note_kind {
	const char *label, *type;
} labels[] = {{"even", "y=bool"}, {"one", "y=bool"}, {"classes", "y=cat"}, {"number", "y=num"}};

static void make_chance(struct table *t, struct rng *g, const struct note_kind *kind, size_t n)
{
	const char *const types[] = {"num=num",   "int=int", "cat=cat", "many=cat",
	                             "flag=bool", "far=num", kind->type};
	struct str text;

	str_init(&text);
	str_adds(&text, "num,int,cat,many,flag,far,y\n");
	for (size_t i = 0; i < n; i++) {
		str_addf(&text, "%.6f,%u,c%u,m%u,%s,%.5f,", rng_unit(g), (unsigned)rng_below(g, 5),
		         (unsigned)rng_below(g, 3), (unsigned)rng_below(g, n / 2 + 1),
		         rng_below(g, 2) ? "true" : "false", 1 / (1e-9 + rng_unit(g)));
		label_add(&text, g, kind->label, i, n);
	}
	table_of(t, text.data, "y", types, COUNT_OF(types));
	str_release(&text);
}

static void chance_raises_no_alarm(void **state)
{
	static const size_t sizes[] = {2, 3, 4, 6, 10, 16, 30, 100};
	const size_t trials = getenv("LONG") ? 2000 : 60;
	struct rng g;

	(void)state;
	rng_init(&g, 11, 0);
	for (size_t k = 0; k < COUNT_OF(labels); k++)
		for (size_t s = 0; s < COUNT_OF(sizes); s++) {
			size_t alarms = 0, likes = 0;

			for (size_t trial = 0; trial < trials; trial++) {
				struct relations r;
				struct table t;
				size_t leaks = 0, same = 0;

				make_chance(&t, &g, &labels[k], sizes[s]);
				relate(&r, &t);
				for (size_t i = 0; i < r.to_label_count; i++)
					leaks += r.to_label[i].leaks;
				for (size_t i = 0; i < r.same_count; i++)
					same += r.same[i].kind != SAME_EQUAL;
				alarms += leaks > 0;
				likes += same > 0;
				relations_release(&r);
				table_release(&t);
			}
			/* One in a thousand, and what chance allows beyond. */
			assert_true((double)alarms <= 0.001 * (double)trials + 4 * sqrt(0.001 * (double)trials) + 1);
			assert_true((double)likes <= 0.001 * (double)trials + 4 * sqrt(0.001 * (double)trials) + 1);
		}
}

/* Two rows of two classes: whatever differs tells them apart, which tells nothing. It is said. */
static void two_rows_tell_nothing(void **state)
{
	struct relations r;
	struct table t;

	(void)state;
	table_of(&t, "x,z,y\n1,7,0\n2,5,1\n", "y", NULL, 0);
	relate(&r, &t);
	assert_int_equal(r.to_label_count, 2);
	for (size_t i = 0; i < 2; i++)
		assert_true(r.to_label[i].strength == 1 && r.to_label[i].chance == 1 && !r.to_label[i].leaks);
	assert_int_equal(r.note_count, 1);
	assert_string_equal(r.notes[0],
	                    "2 features nearly tell the label y, but among so few cases chance does so, too");
	assert_int_equal(relation_note_of(r.notes[0]), NOTE_LABEL);
	relations_release(&r);
	table_release(&t);
}

/* ---- what is told ---- */

/* Copies of a label with one row in a hundred wrong, of every kind, and three cases in two thousand rows. */
static void leaks_are_told(void **state)
{
	static const char *const types[] = {"copy=bool", "name=cat",   "many=cat", "score=num",
	                                    "x=num",     "chance=cat", "y=bool"};
	struct relations r;
	struct table t;
	struct str text;
	struct rng g;

	(void)state;
	rng_init(&g, 3, 0);
	for (size_t n = 60; n <= 2000; n *= 33)
		for (int rare = 0; rare <= (n > 100); rare++) {
			str_init(&text);
			str_adds(&text, "copy,name,many,score,x,chance,y\n");
			for (size_t i = 0; i < n; i++) {
				const bool y = rare ? i % 700 == 5 : rng_below(&g, 3) == 0,
				           told = !rare && i % 100 == 7 ? !y : y;

				str_addf(&text, "%s,%s,%c%u,%.4f,%.4f,%c,%d\n", told ? "yes" : "no", told ? "paid" : "open",
				         told ? 'p' : 'q', (unsigned)rng_below(&g, 4), rng_unit(&g) + told, rng_unit(&g),
				         "abc"[rng_below(&g, 3)], y);
			}
			table_of(&t, text.data, "y", types, COUNT_OF(types));
			relate(&r, &t);
			assert_true(feature(&r, "copy")->leaks && feature(&r, "name")->leaks &&
			            feature(&r, "many")->leaks && feature(&r, "score")->leaks);
			assert_true(!feature(&r, "x")->leaks && !feature(&r, "chance")->leaks);
			assert_int_equal(r.note_count, 0);
			relations_release(&r);
			table_release(&t);
			str_release(&text);
		}
}

/* Of classes, and of a number. */
static void leaks_of_other_labels(void **state)
{
	static const char *const of_class[] = {"code=num", "word=cat", "x=num", "y=cat"}, *const of_number[] = {
	                                                                                      "code=num",
	                                                                                      "word=cat", "x=num",
	                                                                                      "y=num"};
	struct relations r;
	struct table t;
	struct str text;
	struct rng g;

	(void)state;
	rng_init(&g, 5, 0);
	for (int number = 0; number < 2; number++) {
		str_init(&text);
		str_adds(&text, "code,word,x,y\n");
		for (unsigned i = 0; i < 80; i++) {
			const unsigned y = i * 7 % 4;

			str_addf(&text, "%.4f,w%u,%.4f,", 10 * y + rng_unit(&g), y, rng_unit(&g));
			str_addf(&text, number ? "%u.25\n" : "class%u\n", y * y);
		}
		table_of(&t, text.data, "y", number ? of_number : of_class, 4);
		relate(&r, &t);
		assert_true(feature(&r, "code")->leaks && feature(&r, "word")->leaks && !feature(&r, "x")->leaks);
		relations_release(&r);
		table_release(&t);
		str_release(&text);
	}
}

/* Numbers and a category that tell one row from all others, which is the label's one, too: in one of 500 orders it is. */
static void lone_rows_tell_little(void **state)
{
	static const char *const types[] = {"lone=num", "other=num", "word=cat", "y=num"};
	struct relations r;
	struct table t;
	struct str text;
	struct rng g;

	(void)state;
	rng_init(&g, 9, 0);
	str_init(&text);
	str_adds(&text, "lone,other,word,y,a,b,c,d,e\n");
	for (unsigned i = 0; i < 500; i++) {
		str_addf(&text, "%u,%u,%s,%u", i == 77 ? 3 : 0, i == 77 ? 8 : 0, i == 77 ? "rare" : "often",
		         i == 77    ? 100000
		         : i == 300 ? 1
		                    : 0);
		for (int k = 0; k < 5; k++)
			str_addf(&text, ",%.4f", rng_unit(&g));
		str_adds(&text, "\n");
	}
	table_of(&t, text.data, "y", types, COUNT_OF(types));
	relate(&r, &t);
	for (size_t i = 0; i < 3; i++) {
		const struct relation *p = feature(&r, (const char *const[]){"lone", "other", "word"}[i]);

		assert_true(p->strength >= RELATION_LEAK && !p->leaks);
		assert_true(fabs(p->chance * 500 - 1) < 1e-9);
	}
	assert_int_equal(r.same_count, 0);
	assert_int_equal(r.note_count, 1);
	relations_release(&r);
	table_release(&t);
	str_release(&text);
}

/* Feet of metres, and another name for each class: in a dozen rows and more it is no chance, in three it may be. */
static void the_same_in_how_many_rows(void **state)
{
	static const char *const types[] = {"metres=num", "feet=num",   "class=cat",
	                                    "named=cat",  "number=num", "y=bool"};

	(void)state;
	for (unsigned n = 3; n <= 40; n += n < 12 ? 9 : 28) {
		struct relations r;
		struct table t;
		struct str text;

		str_init(&text);
		str_adds(&text, "metres,feet,class,named,number,y\n");
		for (unsigned i = 0; i < n; i++)
			str_addf(
			    &text, "%u.5,%.4f,%c,%s,%u,%u\n", i * 7 % n + 1, 3.2808 * (i * 7 % n + 1.5), "abc" [i % 3],
			    (const char *const[]) { "lima", "oslo", "rome" }[i % 3], i % 3 * 5 % 4, i % 2);
		table_of(&t, text.data, "y", types, COUNT_OF(types));
		relate(&r, &t);
		assert_int_equal(r.same_count, n == 3 ? 0 : n == 12 ? 1 : 4);
		if (r.same_count) {
			assert_int_equal(r.same[0].kind, SAME_LINEAR);
			assert_string_equal(r.names[r.same[0].a], "metres");
			assert_string_equal(r.names[r.same[0].b], "feet");
		}
		for (size_t i = 1; i < r.same_count; i++)
			assert_int_equal(r.same[i].kind, SAME_RENAMED);
		relations_release(&r);
		table_release(&t);
		str_release(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bounds_hold),           cmocka_unit_test(bounds_hold_of_classes),
	    cmocka_unit_test(apart_it_is_exact),     cmocka_unit_test(near_what_is_counted),
	    cmocka_unit_test(two_rows_tell_nothing), cmocka_unit_test(chance_raises_no_alarm),
	    cmocka_unit_test(leaks_are_told),        cmocka_unit_test(leaks_of_other_labels),
	    cmocka_unit_test(lone_rows_tell_little), cmocka_unit_test(the_same_in_how_many_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
