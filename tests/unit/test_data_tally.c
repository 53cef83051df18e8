/*
 * Columns summed up instead of kept: the same profile as of a table, in every bit, while everything is kept; and as
 * one pass, always, however rows were cut into parts.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/data_tally.h"
#include "../../src/data/tally.h"
#include "../lib/tally_rows.h"

/* ---- one pass ---- */

static void test_table(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++)
		for (enum stats_weights kind = STATS_ONE_EACH; kind <= STATS_SAMPLING; kind++) {
			struct profile_options how = TALLY_MUCH;
			struct rows r;
			const char *path;

			how.weights = kind;
			tally_make_rows(&r, seed);
			path = tally_cut(&r, 0, ROWS, "all.csv");
			tally_same(tally_said(tally_of(path, &how)), tally_table_says(path, &how),
			           kind ? kind == 1 ? "frequency" : "sampling" : "table");
			str_release(&r.text);
		}
}

/* Rows that weights stand for, written out. */
static void test_written_out(void **state)
{
	struct profile_options how = TALLY_MUCH;
	struct rows r, out;
	struct tally *weighted, *plain;
	struct profile a, b;

	(void)state;
	tally_make_rows(&r, 7);
	str_init(&out.text);
	for (size_t i = 0; i < ROWS; i++)
		for (int times = r.text.data[r.at[i + 1] - 2] - '0'; times > 0; times--)
			str_add(&out.text, r.text.data + r.at[i], r.at[i + 1] - r.at[i]);
	out.at[0] = 0;
	out.at[1] = out.text.len;
	plain = tally_of(tally_cut(&out, 0, 1, "out.csv"), &how);
	how.weights = STATS_FREQUENCY;
	weighted = tally_of(tally_cut(&r, 0, ROWS, "weighted.csv"), &how);
	tally_profile(plain, &a, NULL);
	tally_profile(weighted, &b, NULL);
	assert_int_equal(a.rows, b.rows);
	for (size_t i = 1; i < a.column_count; i++) {
		struct str x, y;
		struct profile one = {.rows = 1, .column_count = 1, .columns = &a.columns[i]}, other = one;

		other.columns = &b.columns[i];
		other.columns->roles = 0;
		/* What a column is, rows as they stand say. */
		if (one.columns->type == COLUMN_TEXT || other.columns->type == COLUMN_TEXT)
			one.columns->type = other.columns->type;
		str_init(&x);
		str_init(&y);
		profile_json(&one, &x);
		profile_json(&other, &y);
		tally_same(str_take(&x), str_take(&y), a.columns[i].name);
	}
	profile_release(&a);
	profile_release(&b);
	tally_free(plain);
	tally_free(weighted);
	str_release(&r.text);
	str_release(&out.text);
}

/* Memory decides how many different values are kept and nothing else; threads decide nothing. */
static void test_chunks(void **state)
{
	struct rows r;
	const char *path;

	(void)state;
	tally_make_rows(&r, 2);
	path = tally_cut(&r, 0, ROWS, "all.csv");
	for (int threads = 1; threads <= 5; threads += 2) {
		struct profile_options how = TALLY_LITTLE, more = TALLY_LITTLE;

		how.threads = threads;
		more.memory = 80000; /* the same room, in other chunks */
		tally_same(tally_said(tally_of(path, &how)), tally_said(tally_of(path, &more)), "chunks");
	}
	str_release(&r.text);
}

static void test_bounds(void **state)
{
	struct rows r;
	struct tally *t;
	struct profile p, exact;
	const struct column_profile *c, *x;
	struct str notes;
	const char *path;

	(void)state;
	tally_make_rows(&r, 3);
	path = tally_cut(&r, 0, ROWS, "all.csv");
	str_init(&notes);
	t = tally_of(path, &TALLY_LITTLE);
	tally_profile(t, &p, &notes);
	tally_free(t);
	t = tally_of(path, &TALLY_MUCH);
	tally_profile(t, &exact, NULL);
	tally_free(t);
	assert_non_null(strstr(notes.data, "within bounds"));
	c = profile_find(&p, "x");
	x = profile_find(&exact, "x");
	assert_false(c->exact);
	assert_non_null(c->bounds);
	assert_true(x->exact && !x->bounds);
	assert_true(c->mean == x->mean && c->sd == x->sd && c->kurtosis == x->kurtosis && c->lag1 == x->lag1);
	assert_true(c->min == x->min && c->max == x->max && c->sum == x->sum);
	for (size_t i = 0; i < PROFILE_QUANTILES; i++)
		assert_true(c->bounds->quantile_low[i] <= x->quantiles[i] &&
		            x->quantiles[i] <= c->bounds->quantile_high[i]);
	assert_true(c->bounds->mad_low <= x->mad && x->mad <= c->bounds->mad_high);
	assert_true(c->bounds->distinct.low <= (double)x->distinct &&
	            (double)x->distinct <= c->bounds->distinct.high);
	/* What rises from row to row is all different, however many there are. */
	c = profile_find(&p, "row_id");
	assert_int_equal(c->type, COLUMN_ID);
	assert_int_equal(c->distinct, ROWS);
	assert_null(profile_find(&p, "few")->bounds);
	profile_release(&p);
	profile_release(&exact);
	str_release(&notes);
	str_release(&r.text);
}

/* ---- parts ---- */

static struct tally *merged(const struct rows *r, const size_t cuts[], size_t parts,
                            const struct profile_options *how)
{
	struct tally *all = NULL;
	struct error err;

	for (size_t i = 0; i < parts; i++) {
		struct tally *t = tally_of(tally_cut(r, cuts[i], cuts[i + 1], "part.csv"), how);

		if (!all) {
			all = t;
			continue;
		}
		if (tally_merge(all, t, &err) < 0)
			fail_msg("%s", err.text);
		tally_free(t);
	}
	return all;
}

static void test_every_split(void **state)
{
	(void)state;
	for (enum stats_weights kind = STATS_ONE_EACH; kind <= STATS_SAMPLING; kind++)
		for (int little = 0; little < 2; little++) {
			struct profile_options how = little ? TALLY_LITTLE : TALLY_MUCH;
			struct rows r;

			how.weights = kind;
			tally_make_rows(&r, 11 + kind);
			for (size_t at = 1; at < ROWS; at++)
				tally_same(tally_said(merged(&r, (const size_t[]){0, at, ROWS}, 2, &how)),
				           tally_said(tally_of(tally_cut(&r, 0, ROWS, "all.csv"), &how)), "two parts");
			str_release(&r.text);
		}
}

/* Any parts, joined in any grouping. */
static void test_grouping(void **state)
{
	struct error err;

	(void)state;
	for (uint64_t seed = 1; seed <= 8; seed++) {
		const struct profile_options *how = seed % 2 ? &TALLY_LITTLE : &TALLY_MUCH;
		struct rows r;
		struct tally *left, *right;

		tally_make_rows(&r, seed);
		left = merged(&r, (const size_t[]){0, 5, 17}, 2, how);
		right = merged(&r, (const size_t[]){17, 18, 40, ROWS}, 3, how);
		assert_int_equal(tally_merge(left, right, &err), 0);
		tally_free(right);
		tally_same(tally_said(left), tally_said(tally_of(tally_cut(&r, 0, ROWS, "all.csv"), how)), "grouped");
		str_release(&r.text);
	}
}

/* Another order of rows changes what looks at it, and nothing else. */
static void test_permuted(void **state)
{
	struct rng g;

	(void)state;
	rng_init(&g, 5, 5);
	for (int little = 0; little < 2; little++) {
		const struct profile_options *how = little ? &TALLY_LITTLE : &TALLY_MUCH;
		struct rows r, other;
		uint32_t order[ROWS];
		struct tally *a, *b;
		struct profile p, q;

		tally_make_rows(&r, 21);
		for (uint32_t i = 0; i < ROWS; i++)
			order[i] = i;
		rng_shuffle(&g, order, ROWS);
		str_init(&other.text);
		for (size_t i = 0; i < ROWS; i++)
			str_add(&other.text, r.text.data + r.at[order[i]], r.at[order[i] + 1] - r.at[order[i]]);
		other.at[0] = 0;
		other.at[1] = other.text.len;
		a = tally_of(tally_cut(&r, 0, ROWS, "all.csv"), how);
		b = tally_of(tally_cut(&other, 0, 1, "other.csv"), how);
		tally_profile(a, &p, NULL);
		tally_profile(b, &q, NULL);
		for (size_t i = 0; i < p.column_count; i++) {
			struct str x, y;
			struct profile one = {.rows = 1, .column_count = 1, .columns = &p.columns[i]}, two = one;

			two.columns = &q.columns[i];
			two.columns->lag1 = one.columns->lag1;
			if (one.columns->time) {
				assert_true(!two.columns->time->rising);
				((struct time_facts *)(uintptr_t)two.columns->time)->rising = one.columns->time->rising;
			}
			/* Only where the numbers rose is it certain how many there are. */
			if (little && !strcmp(one.columns->name, "row_id"))
				continue;
			str_init(&x);
			str_init(&y);
			profile_json(&one, &x);
			profile_json(&two, &y);
			tally_same(str_take(&x), str_take(&y), p.columns[i].name);
		}
		profile_release(&p);
		profile_release(&q);
		tally_free(a);
		tally_free(b);
		str_release(&r.text);
		str_release(&other.text);
	}
}

/* Of two sizes of room the smaller one holds. */
static void test_rooms(void **state)
{
	struct profile_options wide = {.threads = 1, .memory = 48 * 2 * 96 * 13};
	struct error err;
	struct rows r;

	(void)state;
	tally_make_rows(&r, 31);
	for (int swap = 0; swap < 2; swap++) {
		struct tally *a = tally_of(tally_cut(&r, 0, 50, "a.csv"), swap ? &wide : &TALLY_LITTLE);
		struct tally *b = tally_of(tally_cut(&r, 50, ROWS, "b.csv"), swap ? &TALLY_LITTLE : &wide);

		assert_int_equal(a->room, swap ? 48 : 32);
		assert_int_equal(tally_merge(a, b, &err), 0);
		tally_free(b);
		tally_same(tally_said(a), tally_said(tally_of(tally_cut(&r, 0, ROWS, "all.csv"), &TALLY_LITTLE)),
		           "rooms");
	}
	str_release(&r.text);
}

static void refused(struct tally *to, struct tally *next, const char *why)
{
	struct str before, after;
	struct error err;

	tally_written(to, &before);
	assert_int_equal(tally_merge(to, next, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	if (!strstr(err.text, why))
		fail_msg("\"%s\" says nothing of %s", err.text, why);
	tally_written(to, &after);
	assert_string_equal(before.data, after.data);
	str_release(&before);
	str_release(&after);
	tally_free(to);
	tally_free(next);
}

static void test_refused(void **state)
{
	struct rows r;
	struct profile_options weighted = TALLY_MUCH;

	(void)state;
	refused(tally_of_text("a,b\n1,2\n", NULL, NULL), tally_of_text("a,c\n1,2\n", NULL, NULL), "\"b\"");
	refused(tally_of_text("a,b\n1,2\n", NULL, NULL), tally_of_text("a\n1\n", NULL, NULL), "2 columns");
	refused(tally_of_text("a,b\n1,2\n", NULL, NULL), tally_of_text("a,b\n1,x\n", NULL, NULL),
	        "--type 'b=cat'");
	refused(tally_of_text("a,b\n1,2026-01-01\n", NULL, NULL), tally_of_text("a,b\n1,x\n", NULL, NULL),
	        "times");
	refused(tally_of_text("a,b\n1,2\n", "type", "b=cat"), tally_of_text("a,b\n1,2\n", NULL, NULL),
	        "--type 'b=cat'");
	refused(tally_of_text("a,b\n1,2\n", "label", "b"), tally_of_text("a,b\n1,2\n", NULL, NULL), "role");
	refused(tally_of_text("a,b\n1,2\n", "missing", "x"), tally_of_text("a,b\n1,2\n", NULL, NULL),
	        "--missing");
	tally_make_rows(&r, 1);
	weighted.weights = STATS_FREQUENCY;
	/* The role alone differs before the weights do. */
	refused(tally_of(tally_cut(&r, 0, 9, "a.csv"), &weighted),
	        tally_of(tally_cut(&r, 0, 9, "b.csv"), &TALLY_MUCH), "weight");
	str_release(&r.text);
}

/* A column without any value goes with everything. */
static void test_nothing(void **state)
{
	static const char *const kinds[] = {"1\n2\n2.5\n",   "x\ny\nx\n",
	                                    "yes\nno\nNA\n", "2026-01-01\n2026-01-03\nNA\n",
	                                    "007\n012\n1\n", "\xff\n\xfe\xc3\nz\n"};
	struct error err;

	(void)state;
	for (size_t k = 0; k < COUNT_OF(kinds); k++)
		for (int order = 0; order < 2; order++) {
			const char *nothing = "NA\n\nNA\n";
			char *all = xasprintf("v,w\n"), *empty = xasprintf("v,w\n"), *full = xasprintf("v,w\n");
			const char *const parts[] = {order ? nothing : kinds[k], order ? kinds[k] : nothing};
			char **const to[] = {&all, order ? &empty : &full, order ? &full : &empty};
			struct tally *a, *b;

			for (int part = 0; part < 2; part++)
				for (const char *p = parts[part]; *p; p += strcspn(p, "\n") + 1)
					for (int file = 0; file < 3; file++) {
						char *more;

						if (file != 0 && file != part + 1)
							continue;
						more = xasprintf("%s%.*s,1\n", *to[file], (int)strcspn(p, "\n"), p);
						free(*to[file]);
						*to[file] = more;
					}
			a = tally_of_text(*to[1], NULL, NULL);
			b = tally_of_text(*to[2], NULL, NULL);
			if (tally_merge(a, b, &err) < 0)
				fail_msg("%s", err.text);
			tally_free(b);
			tally_same(tally_said(a), tally_said(tally_of_text(all, NULL, NULL)), kinds[k]);
			free(all);
			free(empty);
			free(full);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),    cmocka_unit_test(test_written_out), cmocka_unit_test(test_chunks),
	    cmocka_unit_test(test_bounds),   cmocka_unit_test(test_every_split), cmocka_unit_test(test_grouping),
	    cmocka_unit_test(test_permuted), cmocka_unit_test(test_rooms),       cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, tally_folder, tally_folder_end);
}
