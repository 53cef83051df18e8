/* Marks: many of them, ranges, what is hidden, and what the view has to find. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/listing.h"

static const struct ui_column two[] = {{.id = "name", .title = "name"},
                                       {.id = "value", .title = "value", .align = UI_DECIMAL}};

static void expect_targets(struct listing *l, const int64_t *want, size_t count)
{
	size_t n;
	const int64_t *ids = ui_table_targets(l->table, &n);

	assert_int_equal(n, count);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(ids[i], want[i]);
}

static void a_range(void **state)
{
	struct listing l = {.columns = two, .column_count = 2, .count = 50};

	(void)state;
	listing_start(&l, 80, 24, TERM_BRAILLE);
	listing_keys(&l, "key A\nexpect mark the row to begin with first\n");
	listing_keys(&l, "key Down Down Space Down Down A\nexpect 4 rows are marked\n");
	expect_targets(&l, (const int64_t[]){3, 4, 5, 6}, 4);
	/* from where the last one ended, upwards too; what is marked stays where it is in the order */
	listing_keys(&l, "key g A\nexpect 6 rows are marked\n");
	expect_targets(&l, (const int64_t[]){3, 4, 5, 6, 1, 2}, 6);
	/* from a row whose mark was taken away, as well */
	listing_keys(&l, "key u Space\n");
	listing_keys(&l, "key g Space\n");
	assert_int_equal(ui_table_marked(l.table), 0);
	listing_keys(&l, "key A\nexpect 2 rows are marked\n");
	expect_targets(&l, (const int64_t[]){1, 2}, 2);
	/* the row to begin with is gone */
	listing_keys(&l, "key u G Space\n");
	l.count = 20;
	ui_table_refresh(l.table);
	ui_settle(l.ui);
	listing_keys(&l, "key g A\nexpect not in this list any more\n");
	listing_expect(&l, "1 marked, 1 not shown");
	listing_stop(&l);
}

static void rows_that_the_view_finds(void **state)
{
	static const int64_t found[] = {7, 8, 9, 500};
	struct listing l = {.columns = two, .column_count = 2, .count = 2000, .paged = true, .finds = true};

	(void)state;
	listing_start(&l, 80, 24, TERM_BRAILLE);
	listing_keys(&l, "key Space G A\n");
	assert_int_equal(l.found, 1);
	assert_int_equal(l.find_from, 1);
	assert_int_equal(l.find_to, 2000);
	assert_int_equal(ui_table_marked(l.table), 1);
	ui_table_found(l.table, found, 4, false);
	listing_expect(&l, "5 rows are marked");
	/* a second answer is one to nothing */
	ui_table_found(l.table, (const int64_t[]){44}, 1, false);
	assert_int_equal(ui_table_marked(l.table), 5);
	listing_keys(&l, "key *\n");
	assert_int_equal(l.found, 2);
	assert_int_equal(l.find_from, 0);
	ui_table_found(l.table, found, 4, true);
	listing_expect(&l, "the first 4 rows are marked; more match");
	/* taken back before the answer came */
	listing_keys(&l, "key *\n");
	ui_table_unmark_all(l.table);
	ui_table_found(l.table, found, 4, false);
	assert_int_equal(ui_table_marked(l.table), 0);
	listing_keys(&l, "key g Space G A\n");
	ui_table_found(l.table, NULL, 0, false);
	listing_expect(&l, "nothing to mark");
	/* not all rows are at hand: nobody knows what is hidden */
	listing_refuse(&l, "not shown");
	listing_stop(&l);
}

static void without_a_finder(void **state)
{
	struct listing l = {.columns = two, .column_count = 2, .count = 2000, .paged = true};

	(void)state;
	listing_start(&l, 80, 24, TERM_BRAILLE);
	listing_keys(&l, "key *\nexpect rows at hand; there are more\n");
	assert_true(ui_table_marked(l.table) >= 60 && ui_table_marked(l.table) < 2000);
	listing_keys(&l, "key u Space G A\nexpect not at hand\n");
	listing_stop(&l);
}

static void hidden_ones(void **state)
{
	struct listing l = {.columns = two, .column_count = 2, .count = 30, .head = 1};
	bool known;

	(void)state;
	listing_start(&l, 80, 24, TERM_BRAILLE);
	listing_keys(&l, "key *\nexpect 30 rows are marked\n");
	assert_int_equal(ui_table_marked_hidden(l.table, &known), 0);
	assert_true(known);
	listing_expect(&l, "30 marked ");
	l.count = 12;
	ui_table_restart(l.table);
	listing_expect(&l, "30 marked, 18 not shown");
	assert_int_equal(ui_table_marked_hidden(l.table, &known), 18);
	ui_table_mark(l.table, 30, false);
	assert_int_equal(ui_table_marked_hidden(l.table, NULL), 17);
	l.count = 30;
	ui_table_restart(l.table);
	listing_refuse(&l, "not shown");
	listing_stop(&l);
}

/* Against a plain list, at random. */
static void the_same_as_a_list(void **state)
{
	enum { IDS = 300, STEPS = 60000 };
	struct listing l = {.columns = two, .column_count = 2, .count = 1};
	int64_t list[IDS];
	size_t count = 0;
	uint64_t seed = 11;

	(void)state;
	listing_start(&l, 80, 24, TERM_BRAILLE);
	for (int i = 0; i < STEPS; i++) {
		int64_t id;
		size_t at = 0;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		id = (int64_t)(seed >> 40) % IDS * 1048576 + 1; /* ids that fall on each other in a table */
		while (at < count && list[at] != id)
			at++;
		assert_int_equal(ui_table_is_marked(l.table, id), at < count);
		if (at == count) {
			list[count++] = id;
		} else {
			memmove(list + at, list + at + 1, (count - at - 1) * sizeof *list);
			count--;
		}
		ui_table_mark(l.table, id, !ui_table_is_marked(l.table, id));
		assert_int_equal(ui_table_marked(l.table), count);
		if (i % 97 == 0 && count)
			expect_targets(&l, list, count);
		if (seed >> 52 == 0) {
			ui_table_unmark_all(l.table);
			count = 0;
		}
	}
	assert_false(ui_table_is_marked(l.table, 0));
	ui_table_mark(l.table, 0, true);
	assert_int_equal(ui_table_marked(l.table), count);
	listing_stop(&l);
}

/* If one of a million cost more than the others, this would not end. */
static void a_million(void **state)
{
	enum { MANY = 1000000 };
	struct listing l = {.columns = two, .column_count = 2, .count = 1000, .paged = true};
	int64_t *ids = xcalloc(MANY, sizeof *ids);
	const int64_t *got;
	size_t n;

	(void)state;
	listing_start(&l, 80, 24, TERM_BRAILLE);
	for (int i = 0; i < MANY; i++)
		ids[i] = i + 1;
	ui_table_mark_many(l.table, ids, MANY, true);
	assert_int_equal(ui_table_marked(l.table), MANY);
	got = ui_table_targets(l.table, &n);
	assert_int_equal(n, MANY);
	assert_memory_equal(got, ids, MANY * sizeof *ids);
	for (int i = 0; i < 300; i++)
		listing_keys(&l, "key Down\n");
	for (int i = 0; i < MANY; i += 2)
		ui_table_mark(l.table, ids[i], false);
	got = ui_table_targets(l.table, &n);
	assert_int_equal(n, MANY / 2);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(got[i], 2 * (int64_t)i + 2);
	ui_table_mark_many(l.table, ids, MANY, false);
	assert_int_equal(ui_table_marked(l.table), 0);
	free(ids);
	listing_stop(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_range),     cmocka_unit_test(rows_that_the_view_finds),
	    cmocka_unit_test(hidden_ones), cmocka_unit_test(without_a_finder),
	    cmocka_unit_test(a_million),   cmocka_unit_test(the_same_as_a_list),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
