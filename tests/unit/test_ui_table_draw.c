/* What a table looks like: order in the header, rows under it, sideways, points under points, long names, the mouse. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/listing.h"

static const struct ui_column three[] = {{.id = "name", .title = "name"},
                                         {.id = "auc", .title = "auc", .align = UI_DECIMAL, .priority = 1},
                                         {.id = "depth", .title = "depth", .align = UI_RIGHT, .priority = 2}};
static const char *const texts[] = {"b", "0.5", "4", "a", "0.75", "4", "c", "0.5", "6", "d", NULL, "2"};

static void expect_line(struct listing *l, const char *find, const char *whole)
{
	char *line = listing_line(l, find);

	assert_string_equal(line, whole);
	free(line);
}

static void order_in_the_header(void **state)
{
	struct listing l = {.columns = three, .column_count = 3, .texts = texts, .count = 4};
	const struct ui_sort *sort;
	int keys;

	(void)state;
	listing_start(&l, 60, 16, TERM_BRAILLE);
	listing_keys(&l, "key > s\n");
	expect_line(&l, "name", "   name    auc ▼    depth");
	listing_keys(&l, "key &\n"); /* again: turned round */
	expect_line(&l, "name", "   name    auc ▲    depth");
	listing_keys(&l, "key & > &\n");
	expect_line(&l, "name", "   name    auc ▼  depth ▼2");
	listing_keys(&l, "key < < &\nkey &\n");
	expect_line(&l, "name", "   name ▼3  auc ▼  depth ▼2");
	sort = ui_table_sort(l.table, &keys);
	assert_int_equal(keys, 3);
	assert_string_equal(sort[0].column, "auc");
	assert_string_equal(sort[1].column, "depth");
	assert_string_equal(sort[2].column, "name");
	assert_true(sort[0].descending && sort[1].descending && sort[2].descending);
	assert_int_equal(l.ask.sort_count, 3);
	/* S turns the first, whatever the current column is */
	listing_keys(&l, "key S\n");
	expect_line(&l, "name", "   name ▼3  auc ▲  depth ▼2");
	/* other columns: the order stays, and the column that the cursor is on */
	listing_keys(&l, "key >\n");
	ui_table_columns(l.table, (const struct ui_column[]){three[0], three[2], three[1]}, 3);
	assert_int_equal(ui_table_column(l.table), 2);
	sort = ui_table_sort(l.table, &keys);
	assert_int_equal(keys, 3);
	assert_string_equal(sort[0].column, "auc");
	/* s: the only one */
	listing_keys(&l, "key < s\n");
	expect_line(&l, "name", "   name    depth ▼    auc");
	listing_stop(&l);

	listing_start(&l, 60, 16, TERM_ASCII);
	listing_keys(&l, "key > s > &\n");
	expect_line(&l, "name", "   name    auc v  depth v2");
	listing_stop(&l);
}

static void as_many_keys_as_can_be(void **state)
{
	static const struct ui_column six[] = {
	    {.id = "a", .title = "a"}, {.id = "b", .title = "b"}, {.id = "c", .title = "c"},
	    {.id = "d", .title = "d"}, {.id = "e", .title = "e"}, {.id = "f", .title = "f", .no_sort = true}};
	static const char *const cells[] = {"1", "2", "3", "4", "5", "6"};
	struct listing l = {.columns = six, .column_count = 6, .texts = cells, .count = 1};
	int keys;

	(void)state;
	listing_start(&l, 60, 16, TERM_BRAILLE);
	listing_keys(&l, "key & > & > & > & > &\nexpect sorted by 4 columns\n");
	ui_table_sort(l.table, &keys);
	assert_int_equal(keys, UI_SORT_KEYS);
	listing_keys(&l, "key > &\nexpect cannot be sorted by f\n");
	listing_stop(&l);
}

static void rows_under_the_header(void **state)
{
	struct listing l = {.columns = three, .column_count = 3, .texts = texts, .count = 4, .head = 1};

	(void)state;
	listing_start(&l, 40, 16, TERM_BRAILLE);
	listing_keys(&l, "key Down Down Down Down Up Up Up Up Up\n");
	assert_int_equal(ui_table_cursor(l.table), 1);
	/* "b" is row 1 of the head, and of the others: under a line */
	expect_line(&l, "───", "   ────────────────────────────────────");
	listing_keys(&l, "key , s\n");
	listing_expect(&l, "min");
	listing_expect(&l, "distinct");
	expect_line(&l, "median", "   median     0.5         4");
	expect_line(&l, "max", "   max        0.75        6");
	listing_keys(&l, "key , s\n");
	listing_refuse(&l, "median");
	listing_stop(&l);
}

/* More rows in the head than lines: some are left out, never the cursor's. */
static void more_head_than_lines(void **state)
{
	struct listing l = {.columns = three, .column_count = 3, .count = 200, .head = 40};

	(void)state;
	listing_start(&l, 60, 24, TERM_BRAILLE);
	for (int h = 6; h < 40; h++) {
		term_set_size(l.term, 60, h);
		listing_keys(&l, "key G\nexpect ▸ row-200\nkey g\nexpect ▸ row-1 \nkey PgDn PgDn\nexpect ▸\n");
	}
	listing_stop(&l);
}

static void click_at(struct listing *l, const char *text, int x, unsigned mods)
{
	struct str screen;
	int y = 0;

	str_init(&screen);
	grid_text(term_grid(l->term), &screen);
	for (const char *p = screen.data; p < strstr(screen.data, text); p++)
		y += *p == '\n';
	str_release(&screen);
	term_feed_event(
	    l->term,
	    &(struct term_event){
	        .kind = TERM_EVENT_MOUSE, .mouse = TERM_MOUSE_PRESS, .button = 1, .x = x, .y = y, .mods = mods});
	ui_settle(l->ui);
}

static void the_mouse(void **state)
{
	struct listing l = {.columns = three, .column_count = 3, .texts = texts, .count = 4, .head = 1};

	(void)state;
	listing_start(&l, 60, 20, TERM_BRAILLE);
	click_at(&l, "   c", 5, 0);
	assert_int_equal(ui_table_cursor(l.table), 3);
	click_at(&l, "   b", 5, 0); /* in the head: nothing */
	assert_int_equal(ui_table_cursor(l.table), 3);
	click_at(&l, "name", 12, 0);
	expect_line(&l, "name", "   name    auc ▼    depth");
	click_at(&l, "name", 12, 0);
	expect_line(&l, "name", "   name    auc ▲    depth");
	click_at(&l, "name", 20, TERM_CTRL);
	expect_line(&l, "name", "   name    auc ▲  depth ▼2");
	click_at(&l, "name", 20, TERM_SHIFT);
	expect_line(&l, "name", "   name      auc  depth ▲");
	listing_stop(&l);
}

static void sideways(void **state)
{
	enum { MANY = 30 };
	struct ui_column many[MANY];
	char ids[MANY][8];
	const char *cells[MANY];
	struct listing l = {.columns = many, .column_count = MANY, .texts = cells, .count = 1};

	(void)state;
	for (int i = 0; i < MANY; i++) {
		snprintf(ids[i], sizeof ids[i], "col%02d", i);
		many[i] = (struct ui_column){.id = ids[i], .title = ids[i], .priority = i};
		cells[i] = ids[i];
	}
	listing_start(&l, 40, 16, TERM_BRAILLE);
	expect_line(&l, "   col00", "   col00    col01    col02    col03 +26");
	for (int i = 1; i < MANY; i++) {
		listing_keys(&l, "key >\n");
		listing_expect(&l, ids[i]); /* the current one is always there */
		listing_expect(&l, "col00");
	}
	expect_line(&l, "   col00", "   col00  ◂ col27    col28    col29");
	for (int i = MANY - 1; i-- > 0;) {
		listing_keys(&l, "key <\n");
		listing_expect(&l, ids[i]);
	}
	/* no screen is too narrow, no column too wide */
	for (int w = 1; w < 100; w += 3) {
		term_set_size(l.term, w, 16);
		ui_settle(l.ui);
	}
	listing_stop(&l);
}

/* A parameter may be a number or a name: a column of names alone stands as names do. */
static void words_in_a_column_for_numbers(void **state)
{
	static const char *const both[] = {"one", "boosted-trees", "0.5", "two", "logistic", "12.25"};
	static const struct ui_column kinds[] = {{.id = "n", .title = "name"},
	                                         {.id = "r", .title = "recipe", .align = UI_DECIMAL},
	                                         {.id = "d", .title = "depth", .align = UI_DECIMAL}};
	struct listing l = {.columns = kinds, .column_count = 3, .texts = both, .count = 2};

	(void)state;
	listing_start(&l, 40, 16, TERM_BRAILLE);
	expect_line(&l, "name", "   name    recipe           depth");
	expect_line(&l, "two", "   two     logistic         12.25");
	listing_stop(&l);
}

static void wider_than_the_screen(void **state)
{
	static const char *const wide[] = {
	    "a-sweep-with-a-very-long-name-lr-0.001-seed-41",
	    "0123456789012345678901234567890123456789012345678901234567890123456789"};
	static const char *const chinese[] = {"模型训练运行名称很长很长很长很长很长很长-seed-7", "é́x"};
	static const struct ui_column two[] = {{.id = "n", .title = "name", .max = 24},
	                                       {.id = "t", .title = "text"}};
	struct listing l = {.columns = two, .column_count = 2, .texts = wide, .count = 1};

	(void)state;
	listing_start(&l, 40, 16, TERM_BRAILLE);
	/* the end of a name tells it from others as often as its beginning */
	listing_expect(&l, "▸ a-sweep-with-a-…-seed-41");
	listing_keys(&l, "key >\n");
	listing_expect(&l, "…");
	listing_expect(&l, "01234");
	l.texts = chinese;
	ui_table_refresh(l.table);
	listing_keys(&l, "key <\n");
	listing_expect(&l, "模型训练运行名…-seed-7");
	listing_stop(&l);
}

static void no_columns_and_no_rows(void **state)
{
	struct listing l = {.columns = three, .column_count = 0, .count = 5};

	(void)state;
	listing_start(&l, 40, 16, TERM_BRAILLE);
	listing_keys(&l, "key Down s & S > < Space A * u , s y\n");
	assert_int_equal(ui_table_cursor(l.table), 3);
	assert_true(ui_table_column(l.table) == SIZE_MAX);
	l.columns = three;
	l.column_count = 3;
	l.count = 0;
	ui_table_columns(l.table, three, 3);
	listing_keys(&l, "key , s\n");
	listing_expect(&l, "Nothing is here.");
	listing_keys(&l, "key Down Enter Space A * y e s\n");
	listing_stop(&l);
}

/* Every digit before the point stands in the column of its like, whatever else the text has. */
static void points(void **state)
{
	static const struct ui_column two[] = {{.id = "n", .title = "name"},
	                                       {.id = "v", .title = "v", .align = UI_DECIMAL}};
	static const struct {
		const char *text;
		int before; /* columns up to where the point is or would be */
	} cases[] = {{"0.8112", 1}, {"-12.5", 3},          {"1e-05", 1},  {"1.25e+10", 1},
	             {"inf", 3},    {"-inf", 4},           {"nan", 3},    {"71%", 2},
	             {"0.5 %", 1},  {"1,284", 5},          {".5", 0},     {"1,284.75", 5},
	             {"−0.75", 2},  {"$ 1.31", 3},         {"≥ 0.80", 3}, {"12 ms", 2},
	             {"adam", 4},   {"0.8 [0.7, 0.9]", 1}, {NULL, 1}};
	const char *cells[COUNT_OF(cases)][2];
	struct listing l = {.columns = two, .column_count = 2, .texts = cells[0], .count = COUNT_OF(cases)};
	int where = -1;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		cells[i][0] = "x";
		cells[i][1] = cases[i].text;
	}
	listing_start(&l, 60, 40, TERM_BRAILLE);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *text = cases[i].text ? cases[i].text : "–";
		struct grid *g = term_grid(l.term);
		int x = 0, y = -1;

		for (int row = 0, seen = -1; row < g->h && y < 0; row++)
			if (grid_cell(g, 3, row)->text[0] == 'x' && ++seen == (int)i)
				y = row;
		assert_true(y > 0);
		for (x = 5; grid_cell(g, x, y)->text[0] == ' ';)
			x++;
		if (where < 0)
			where = x + cases[i].before;
		if (x + cases[i].before != where)
			fail_msg("%s has its point at %d, not %d", text, x + cases[i].before, where);
	}
	listing_stop(&l);
}

/* A name is cut for the columns' sake, not where there is room for it beside all of them. */
static void room_that_is_left(void **state)
{
	static const struct ui_column two[] = {
	    {.id = "name", .title = "name", .max = 8},
	    {.id = "auc", .title = "a-long-title", .align = UI_DECIMAL, .priority = 1, .max = 6}};
	static const char *const cells[] = {"a-long-name-of-it", "0.5"};
	struct listing l = {.columns = two, .column_count = 2, .texts = cells, .count = 1};

	(void)state;
	listing_start(&l, 40, 16, TERM_BRAILLE);
	listing_expect(&l, "a-long-name-of-it");
	listing_expect(&l, "a-long-title");
	listing_stop(&l);
	listing_start(&l, 20, 16, TERM_BRAILLE);
	listing_refuse(&l, "a-long-name-of-it");
	listing_expect(&l, "0.5");
	listing_stop(&l);
}

/* Names keep both their ends in any column, and get the room that no further column fits into, each as much. */
static void room_for_names(void **state)
{
	static const struct ui_column columns[] = {{.id = "a", .title = "a", .max = 12, .name = true},
	                                           {.id = "b", .title = "b", .max = 12, .name = true},
	                                           {.id = "c", .title = "c", .min = 30, .priority = 1}};
	static const char *const cells[] = {"average_of_12_months", "average_of_24_months", "wide"};
	struct listing l = {.columns = columns, .column_count = 3, .texts = cells, .count = 1};

	(void)state;
	listing_start(&l, 34, 16, TERM_BRAILLE);
	listing_expect(&l, "average_o…nths  average_o…nths");
	listing_refuse(&l, "wide");
	listing_stop(&l);
	listing_start(&l, 30, 16, TERM_BRAILLE);
	listing_expect(&l, "average…nths  average…nths");
	listing_stop(&l);
}

/* What stays until other rows are here is seen not to be them, but for the cursor. */
static void rows_that_are_not_the_answer(void **state)
{
	struct listing l = {.columns = three, .column_count = 3, .texts = texts, .count = 4};
	struct str before, muted;

	(void)state;
	str_init(&before);
	str_init(&muted);
	listing_start(&l, 40, 16, TERM_BRAILLE);
	grid_styles(term_grid(l.term), &before);
	ui_table_mute(l.table, true);
	listing_keys(&l, "key Down\nkey Up\n");
	grid_styles(term_grid(l.term), &muted);
	assert_string_not_equal(before.data, muted.data);
	assert_null(strstr(before.data, "disabled"));
	assert_non_null(strstr(muted.data, "disabled"));
	listing_stop(&l);
	str_release(&before);
	str_release(&muted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(order_in_the_header),
	    cmocka_unit_test(as_many_keys_as_can_be),
	    cmocka_unit_test(rows_under_the_header),
	    cmocka_unit_test(more_head_than_lines),
	    cmocka_unit_test(the_mouse),
	    cmocka_unit_test(sideways),
	    cmocka_unit_test(words_in_a_column_for_numbers),
	    cmocka_unit_test(wider_than_the_screen),
	    cmocka_unit_test(no_columns_and_no_rows),
	    cmocka_unit_test(points),
	    cmocka_unit_test(room_that_is_left),
	    cmocka_unit_test(room_for_names),
	    cmocka_unit_test(rows_that_are_not_the_answer),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
