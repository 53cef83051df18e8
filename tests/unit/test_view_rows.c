/* Which rows are shown: places among them, the rows of a page, tables on the shelf. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/base.h"

#include "../../src/view/rows.h"

enum { MANY = 1000000 };

/* Every third row of a million, in the order of the file. */
static struct rows_match *thirds(void)
{
	struct arena *a = arena_new();
	struct rows_match *m = arena_alloc(a, sizeof *m);

	m->arena = a;
	m->holders = 1;
	m->count = MANY / 3 + 1;
	m->rows = arena_array(a, m->count, sizeof *m->rows);
	for (size_t i = 0; i < m->count; i++)
		m->rows[i] = (uint32_t)i * 3;
	return m;
}

static void places(void **state)
{
	struct rows_match *m = thirds(), all = {.count = MANY}, none = {.count = 0};

	(void)state;
	assert_int_equal(rows_match_find(m, 0), 0);
	assert_int_equal(rows_match_find(m, 300000), 100000);
	assert_int_equal(rows_match_find(m, 999999), m->count - 1);
	assert_true(rows_match_find(m, 1) == SIZE_MAX);
	assert_true(rows_match_find(m, MANY) == SIZE_MAX);
	assert_true(rows_match_find(m, UINT64_MAX) == SIZE_MAX);
	assert_int_equal(rows_match_near(m, 1), 1);
	assert_int_equal(rows_match_near(m, 3), 1);
	assert_int_equal(rows_match_near(m, UINT64_MAX), m->count - 1);
	assert_int_equal(rows_match_find(&all, 77), 77);
	assert_true(rows_match_find(&all, MANY) == SIZE_MAX);
	assert_int_equal(rows_match_near(&all, MANY), MANY - 1);
	assert_true(rows_match_near(&none, 0) == SIZE_MAX);
	rows_match_give(m);
}

static void places_in_another_order(void **state)
{
	uint32_t rows[] = {40, 10, 30, 20};
	struct rows_match m = {.rows = rows, .count = COUNT_OF(rows), .sort_count = 1};

	(void)state;
	assert_int_equal(rows_match_find(&m, 30), 2);
	assert_true(rows_match_find(&m, 31) == SIZE_MAX);
	assert_int_equal(rows_match_near(&m, 11), 3); /* 20 */
	assert_int_equal(rows_match_near(&m, 0), 1);  /* 10 */
	assert_int_equal(rows_match_near(&m, 41), 0); /* the last before it */
}

static void span_is(const struct rows_match *m, const struct ui_ask_rows *ask, size_t from, size_t to)
{
	size_t a, b;

	rows_match_span(m, ask, &a, &b);
	assert_int_equal(a, from);
	assert_int_equal(b, to);
}

static void pages(void **state)
{
	struct rows_match *m = thirds(), none = {.count = 0}, few = {.count = 7};
	size_t n = m->count;

	(void)state;
	span_is(m, &(struct ui_ask_rows){.where = UI_FROM_START, .count = 60}, 0, 60);
	span_is(m, &(struct ui_ask_rows){.where = UI_FROM_END, .count = 60}, n - 60, n);
	/* `before` rows before the anchor (an id: the row's number from 1 on), the rest from it on. */
	span_is(m,
	        &(struct ui_ask_rows){
	            .where = UI_AROUND, .anchors = {3001}, .anchor_count = 1, .before = 20, .count = 60},
	        980, 1040);
	/* The first one that is still there counts. */
	span_is(
	    m,
	    &(struct ui_ask_rows){
	        .where = UI_AROUND, .anchors = {3000, 0, 3004, 1}, .anchor_count = 4, .before = 20, .count = 60},
	    981, 1041);
	/* Near the ends there is less before it, or behind it. */
	span_is(m,
	        &(struct ui_ask_rows){
	            .where = UI_AROUND, .anchors = {13}, .anchor_count = 1, .before = 20, .count = 60},
	        0, 44);
	span_is(m,
	        &(struct ui_ask_rows){
	            .where = UI_AROUND, .anchors = {1000000}, .anchor_count = 1, .before = 20, .count = 60},
	        n - 21, n);
	/* None is there: from the start. */
	span_is(m,
	        &(struct ui_ask_rows){
	            .where = UI_AROUND, .anchors = {2, 3}, .anchor_count = 2, .before = 20, .count = 60},
	        0, 60);
	span_is(&none, &(struct ui_ask_rows){.where = UI_FROM_END, .count = 60}, 0, 0);
	span_is(&none, &(struct ui_ask_rows){.where = UI_AROUND, .anchors = {1}, .anchor_count = 1, .count = 60},
	        0, 0);
	span_is(&few, &(struct ui_ask_rows){.where = UI_FROM_END, .count = INT32_MAX}, 0, 7);
	span_is(&few, &(struct ui_ask_rows){.where = UI_FROM_START, .count = INT32_MAX}, 0, 7);
	rows_match_give(m);
}

static void the_same_or_not(void **state)
{
	struct rows_match m = {.filter = "a > 1", .sort = {{"a", true}, {"b", false}}, .sort_count = 2};
	struct ui_sort sort[] = {{"a", true}, {"b", false}};

	(void)state;
	assert_true(rows_match_is(&m, "a > 1", sort, 2));
	assert_false(rows_match_is(&m, "a > 2", sort, 2));
	assert_false(rows_match_is(&m, "a > 1", sort, 1));
	sort[1].descending = true;
	assert_false(rows_match_is(&m, "a > 1", sort, 2));
}

/* ---- the shelf ---- */

static void fill(struct rows_shelf *s, int64_t id)
{
	struct rows_held *h = rows_begin(s, id);
	static const char text[] = "a,b\n1,x\n2,y\n";
	struct reading r;
	struct error err;

	assert_non_null(h);
	reading_init(&r);
	assert_int_equal(table_read_bytes(&h->table, "in", text, strlen(text), &r, NULL, &err), 0);
	reading_release(&r);
	rows_end(s, h, true);
}

static void tables_are_kept_while_they_are_looked_at(void **state)
{
	struct rows_shelf *s = view_rows_shelf_new();
	struct rows_held *one, *again, *two, *work;

	(void)state;
	assert_null(rows_begin(s, 1)); /* nobody waits for it */
	one = rows_take(s, 1);
	assert_false(one->loaded);
	fill(s, 1);
	assert_true(one->loaded);
	again = rows_take(s, 1);
	assert_ptr_equal(again, one);
	rows_leave(s, again);
	assert_int_equal(one->table.row_count, 2);

	/* What works on it keeps it, though no view does any more. */
	two = rows_take(s, 2);
	fill(s, 2);
	work = rows_begin(s, 2);
	assert_ptr_equal(work, two);
	rows_leave(s, two);
	assert_null(rows_begin(s, 2));
	assert_int_equal(work->table.row_count, 2);
	rows_end(s, work, false);

	/* The last one that was used is still there for who comes back. */
	rows_leave(s, one);
	one = rows_take(s, 1);
	assert_true(one->loaded);
	two = rows_take(s, 2);
	assert_false(two->loaded);
	/* One that was never filled is not kept. */
	rows_leave(s, two);
	two = rows_take(s, 2);
	assert_false(two->loaded);
	rows_leave(s, two);
	rows_leave(s, one);
	rows_leave(s, NULL);
	view_rows_shelf_free(s);
}

/* ---- cells ---- */

static void long_texts_are_cut_between_characters(void **state)
{
	struct arena *a = arena_new();
	struct reading r;
	struct table t;
	struct error err;
	struct str csv;
	struct ui_cell cell;

	(void)state;
	str_init(&csv);
	str_adds(&csv, "row,text\n1,x\n2,\"x");
	for (int i = 0; i < 2000; i++)
		str_adds(&csv, "\xe6\x97\xa5");
	str_adds(&csv, "\"\n3,\n");
	reading_init(&r);
	assert_int_equal(table_read_bytes(&t, "in", csv.data, csv.len, &r, NULL, &err), 0);
	cell = rows_cell(&t.columns[1], 1, false, a);
	assert_true(strlen(cell.text) < 2100);
	assert_true(utf8_is_valid(cell.text, strlen(cell.text)));
	assert_string_equal(cell.text + strlen(cell.text) - 6, "\xe6\x97\xa5\xe2\x80\xa6");
	cell = rows_cell(&t.columns[1], 1, true, a);
	assert_int_equal(strlen(cell.text), 6001);
	assert_null(rows_cell(&t.columns[1], 2, true, a).text);
	assert_string_equal(rows_cell(&t.columns[0], 2, false, a).text, "3");
	/* The row's number is none of the columns. */
	assert_string_equal(rows_number_id(&t), "row number");
	table_release(&t);
	reading_release(&r);
	str_release(&csv);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(places),
	    cmocka_unit_test(places_in_another_order),
	    cmocka_unit_test(pages),
	    cmocka_unit_test(the_same_or_not),
	    cmocka_unit_test(tables_are_kept_while_they_are_looked_at),
	    cmocka_unit_test(long_texts_are_cut_between_characters),
	};

	return cmocka_run_group_tests_name("rows", tests, NULL, NULL);
}
