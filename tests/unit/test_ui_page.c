/* Pages of rows that are all at hand: order, sums, words. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/ui.h"

static const struct ui_column columns[] = {{.id = "name", .title = "name"},
                                           {.id = "value", .title = "value"}};

static struct ui_row *rows_of(struct arena *a, const char *const texts[][2], size_t count)
{
	struct ui_row *rows = arena_array(a, count + 1, sizeof *rows);

	for (size_t i = 0; i < count; i++) {
		rows[i].id = (int64_t)i + 1;
		rows[i].cells = arena_array(a, 2, sizeof(struct ui_cell));
		rows[i].cells[0].text = texts[i][0];
		rows[i].cells[1].text = texts[i][1];
	}
	return rows;
}

static struct ui_ask_rows ask_by(const char *first, bool down, const char *then, bool then_down)
{
	struct ui_ask_rows ask = {.generation = 5, .sort_count = then ? 2 : 1};

	snprintf(ask.sort[0].column, UI_COLUMN_ID, "%s", first);
	ask.sort[0].descending = down;
	if (then)
		snprintf(ask.sort[1].column, UI_COLUMN_ID, "%s", then);
	ask.sort[1].descending = then_down;
	return ask;
}

static void expect_order(const struct ui_ask_rows *ask, const char *const texts[][2], size_t count,
                         const char *order)
{
	struct arena *a = arena_new();
	struct ui_page *p = ui_page_sorted(a, ask, columns, 2, rows_of(a, texts, count), count);
	struct str got;

	str_init(&got);
	for (size_t i = 0; i < p->count; i++)
		str_addf(&got, "%s%lld", i ? " " : "", (long long)p->rows[i].id);
	assert_string_equal(got.data, order);
	assert_int_equal(p->generation, 5);
	assert_true(p->at_start && p->at_end);
	assert_int_equal(p->total, count);
	str_release(&got);
	arena_free(a);
}

static void numbers_by_their_value(void **state)
{
	static const char *const texts[][2] = {{"a", "10"},   {"b", "9"},     {"c", NULL},  {"d", "-inf"},
	                                       {"e", "1e-3"}, {"f", "nan"},   {"g", "inf"}, {"h", "-2.5"},
	                                       {"i", ""},     {"j", "1,284"}, {"k", "50%"}, {"l", "word"}};
	struct ui_ask_rows ask = ask_by("value", false, NULL, false);

	(void)state;
	/* what there is none of comes last both ways; words after numbers, before them the other way round */
	expect_order(&ask, texts, COUNT_OF(texts), "4 8 5 2 1 11 10 7 12 3 6 9");
	ask.sort[0].descending = true;
	expect_order(&ask, texts, COUNT_OF(texts), "12 7 10 11 1 2 5 8 4 3 6 9");
}

static void words_in_any_case(void **state)
{
	static const char *const texts[][2] = {{"run-10", 0}, {"Run-9", 0},    {"apple", 0}, {"run-9", 0},
	                                       {"Banana", 0}, {"run-009a", 0}, {"run", 0}};
	struct ui_ask_rows ask = ask_by("name", false, NULL, false);

	(void)state;
	expect_order(&ask, texts, COUNT_OF(texts), "3 5 7 2 4 6 1");
}

static void several_keys(void **state)
{
	static const char *const texts[][2] = {{"b", "1"}, {"a", "1"}, {"a", "2"}, {"b", "2"}, {"a", "1"}};
	struct ui_ask_rows ask = ask_by("value", true, "name", false);

	(void)state;
	expect_order(&ask, texts, COUNT_OF(texts), "3 4 2 5 1");
	ask.sort[1].descending = true;
	expect_order(&ask, texts, COUNT_OF(texts), "4 3 1 2 5");
	/* a key of a column that is not there is none */
	snprintf(ask.sort[0].column, UI_COLUMN_ID, "gone");
	expect_order(&ask, texts, COUNT_OF(texts), "1 4 2 3 5");
	ask.sort_count = 0;
	expect_order(&ask, texts, COUNT_OF(texts), "1 2 3 4 5");
}

static void a_cells_own_key(void **state)
{
	static const char *const texts[][2] = {{"a", "3h"}, {"b", "4m"}, {"c", "2d"}};
	static const double keys[] = {3 * 3600, 4 * 60, 2 * 86400};
	struct ui_ask_rows ask = ask_by("value", false, NULL, false);
	struct arena *a = arena_new();
	struct ui_row *rows = rows_of(a, texts, 3);
	struct ui_page *p;

	(void)state;
	for (int i = 0; i < 3; i++) {
		rows[i].cells[1].has_sort = true;
		rows[i].cells[1].sort = keys[i];
	}
	ask.summary = true;
	p = ui_page_sorted(a, &ask, columns, 2, rows, 3);
	assert_int_equal(p->rows[0].id, 2);
	assert_int_equal(p->rows[1].id, 1);
	assert_int_equal(p->rows[2].id, 3);
	assert_int_equal(p->head_count, 4);
	assert_string_equal(p->head[0].cells[1].text, "4m");
	assert_string_equal(p->head[1].cells[1].text, "3h");
	assert_string_equal(p->head[2].cells[1].text, "2d");
	assert_string_equal(p->head[3].cells[1].text, "3");
	arena_free(a);
}

static void expect_sums(const char *const texts[][2], size_t count, const char *min, const char *median,
                        const char *max, const char *distinct)
{
	struct arena *a = arena_new();
	struct ui_ask_rows ask = {0};
	struct ui_row *rows = rows_of(a, texts, count), own = {.id = 99};
	struct ui_page *p = ui_page_of(a, &ask, rows, count);

	p->head = &own;
	p->head_count = 1;
	ui_page_summary(p, 2, rows, count);
	assert_int_equal(p->head_count, 5);
	assert_int_equal(p->head[0].id, 99); /* what was there stays first */
	assert_string_equal(p->head[1].cells[0].text, "min");
	assert_string_equal(p->head[1].cells[1].text, min);
	assert_string_equal(p->head[2].cells[1].text, median);
	assert_string_equal(p->head[3].cells[1].text, max);
	assert_string_equal(p->head[4].cells[1].text, distinct);
	for (int i = 1; i < 5; i++)
		assert_int_equal(p->head[i].id, 0);
	arena_free(a);
}

static void sums(void **state)
{
	static const char *const odd[][2] = {{"a", "0.30"}, {"b", "0.1"}, {"c", "0.2"}};
	static const char *const even[][2] = {{"a", "4"}, {"b", "1"}, {"c", "2"}, {"d", "4"}, {"e", NULL}};
	static const char *const words[][2] = {{"a", "adam"}, {"b", "1"}, {"c", "sgd"}, {"d", "adam"}};
	static const char *const faulty[][2] = {{"a", "nan"}, {"b", "2"}, {"c", "inf"}, {"d", "-1"}};
	static const char *const only_nan[][2] = {{"a", "nan"}};
	static const char *const counts[][2] = {{"a", "1,284"}, {"b", "3,000"}};

	(void)state;
	expect_sums(odd, 3, "0.1", "0.2", "0.30", "3");
	expect_sums(even, 5, "1", "3", "4", "3");
	expect_sums(words, 4, "", "", "", "3");
	expect_sums(faulty, 4, "-1", "2", "inf", "4");
	expect_sums(only_nan, 1, "", "", "", "1");
	expect_sums(counts, 2, "1,284", "1,284", "3,000", "2"); /* no mean of what is no plain number */
	expect_sums(NULL, 0, "", "", "", "");
}

static void words(void **state)
{
	static const char *const texts[][2] = {{"Swift-Otter", "credit-risk"}};
	struct arena *a = arena_new();
	struct ui_row *row = rows_of(a, texts, 1);

	(void)state;
	assert_true(ui_row_has_words(row, 2, ""));
	assert_true(ui_row_has_words(row, 2, "otter"));
	assert_true(ui_row_has_words(row, 2, " RISK  swift "));
	assert_false(ui_row_has_words(row, 2, "otter cat"));
	assert_false(ui_row_has_words(row, 2, "ottercredit"));
	assert_false(ui_row_has_words(row, 1, "risk"));
	row->cells[0].text = NULL;
	assert_false(ui_row_has_words(row, 2, "otter"));
	arena_free(a);
}

/* The order does not depend on where the rows were, apart from equal ones: whatever is swapped, sorted is sorted. */
static void any_order_gives_the_same(void **state)
{
	enum { MANY = 2000 };
	struct arena *a = arena_new();
	struct ui_row *rows = arena_array(a, MANY, sizeof *rows);
	struct ui_ask_rows ask = ask_by("value", true, "name", false);
	uint64_t seed = 3;
	struct ui_page *p;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		rows[i].id = i + 1;
		rows[i].cells = arena_array(a, 2, sizeof(struct ui_cell));
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		rows[i].cells[0].text = arena_printf(a, "row-%d", i);
		rows[i].cells[1].text = seed >> 60 ? arena_printf(a, "%d", (int)(seed >> 58)) : NULL;
	}
	p = ui_page_sorted(a, &ask, columns, 2, rows, MANY);
	for (int i = 1; i < MANY; i++) {
		const char *before = p->rows[i - 1].cells[1].text, *at = p->rows[i].cells[1].text;
		int64_t x = INT64_MIN, y = INT64_MIN;

		if (before)
			int_parse(before, strlen(before), &x);
		if (at)
			int_parse(at, strlen(at), &y);
		assert_true(x > y || (x == y && p->rows[i - 1].id < p->rows[i].id));
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_by_their_value),
	    cmocka_unit_test(words_in_any_case),
	    cmocka_unit_test(several_keys),
	    cmocka_unit_test(a_cells_own_key),
	    cmocka_unit_test(sums),
	    cmocka_unit_test(words),
	    cmocka_unit_test(any_order_gives_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
