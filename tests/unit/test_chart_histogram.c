/* chart: the cells of histograms, of bins of all widths, of one value, and on a log scale. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/base.h"
#include "assay/chart.h"
#include "../lib/drawn.h"

static const enum term_charset CHARSETS[] = {TERM_ASCII, TERM_BLOCKS, TERM_BRAILLE};

static void histogram(struct surface *s, const void *what)
{
	chart_histogram_draw(s, what);
}

/* A bin that is twice as wide and holds twice as much is as high. */
static void histogram_of_unequal_bins(void **state)
{
	const double edges[] = {0, 2, 3, 5, 6}, counts[] = {40, 20, 40, 20};
	struct chart_histogram c = {.main = {.edges = edges, .counts = counts, .count = 4}, .mark = NAN};
	struct chart_bins bins = c.main;
	struct str out;
	char *text;

	(void)state;
	str_init(&out);
	chart_spark_bins(&out, 6, &bins, false, TERM_ASCII);
	for (size_t i = 1; i < out.len; i++)
		assert_int_equal(out.data[i], out.data[0]);
	assert_int_equal(out.len, 6);
	chart_spark_bins(&out, 3, &bins, false, TERM_ASCII); /* fewer cells than bins */
	assert_true(out.len == 3 && out.data[0] == out.data[1] && out.data[1] == out.data[2]);
	text = drawn(histogram, &c, 24, 8, TERM_ASCII);
	assert_null(strstr(text, "40"));
	free(text);
	str_release(&out);
}

/* What is counted stands at the foot of its axis, where the axis has room. */
static void histogram_says_what_it_counts(void **state)
{
	static const double edges[] = {0, 1, 2, 3, 4}, counts[] = {1, 4, 2, 0};
	struct chart_histogram c = {.y_label = "rows",
	                            .main = {.name = "now", .edges = edges, .counts = counts, .count = 4},
	                            .mark = NAN};
	char *text = drawn(histogram, &c, 40, 8, TERM_ASCII);

	(void)state;
	assert_non_null(strstr(text, "   4 +"));
	assert_non_null(strstr(text, "\nrows ++---"));
	free(text);
	text = drawn(histogram, &c, 24, 8, TERM_ASCII);
	assert_null(strstr(text, "rows"));
	free(text);
	c.over = c.main;
	text = drawn(histogram, &c, 60, 10, TERM_ASCII);
	assert_null(strstr(text, "rows +"));
	assert_non_null(strstr(text, "share of rows"));
	free(text);
}

static void histogram_cells(void **state)
{
	static const double edges[] = {0, 1, 2, 3, 4}, counts[] = {1, 4, 2, 0};
	static const double edges2[] = {0, 2, 4}, counts2[] = {1, 1};
	struct chart_histogram c = {.main = {.name = "now", .edges = edges, .counts = counts, .count = 4},
	                            .mark = NAN};

	(void)state;
	drawn_is(drawn(histogram, &c, 24, 8, TERM_BLOCKS), "4 ┤     █████\n"
	                                                   "  │     █████\n"
	                                                   "  │     █████\n"
	                                                   "  │     ███████████\n"
	                                                   "  │▄▄▄▄▄███████████\n"
	                                                   "0 ┤████████████████\n"
	                                                   "  └┬─────────┬─────────┬\n"
	                                                   "   0         2         4\n");
	drawn_is(drawn(histogram, &c, 24, 8, TERM_ASCII), "4 +     #####\n"
	                                                  "  |     #####\n"
	                                                  "  |     #####\n"
	                                                  "  |     ###########\n"
	                                                  "  |:::::###########\n"
	                                                  "0 +################\n"
	                                                  "  ++---------+---------+\n"
	                                                  "   0         2         4\n");
	c.over = (struct chart_bins){.name = "before", .edges = edges2, .counts = counts2, .count = 2};
	drawn_is(drawn(histogram, &c, 30, 10, TERM_BRAILLE), "█ now   ─ before         share\n"
	                                                     "0.10 ┤      ▅▅▅▅▅▅\n"
	                                                     "     │      ██████\n"
	                                                     "     │      ██████\n"
	                                                     "0.05 ┤      ██████▃▃▃▃▃▃\n"
	                                                     "     │▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔▔\n"
	                                                     "     │▅▅▅▅▅▅████████████\n"
	                                                     "0.00 ┤██████████████████\n"
	                                                     "     └┬───────────┬──────────┬\n"
	                                                     "      0           2          4\n");
}

/* One value has no width, and one bar; it is said where it stands. */
static void histogram_of_one_value(void **state)
{
	static const double values[] = {5, 0, -3e17, 1e16, 5e-324, DBL_MAX}, counts[] = {40};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(values); i++) {
		double edges[] = {values[i], values[i]};
		struct chart_histogram c = {
		    .only = "this", .main = {.edges = edges, .counts = counts, .count = 1}, .mark = NAN};
		char *text = drawn(histogram, &c, 24, 8, TERM_ASCII);

		assert_non_null(strstr(text, "this\n"));
		if (i < 4) /* the others have nothing to one side */
			assert_non_null(strstr(text, "\n 0 +         ###\n   +----------+---------\n            this\n"));
		assert_non_null(strchr(text, '#'));
		free(text);
	}
}

/* One row in 10,000 is seen, and is more than none; ticks stand at what the heights are. */
static void histogram_on_a_log_scale(void **state)
{
	static const double edges[] = {0, 1, 2, 3, 4, 5}, counts[] = {9000, 100, 0, 10, 1};
	static const double before[] = {40, 0, 10, 0, 50};
	struct chart_histogram c = {.log = true,
	                            .y_label = "rows",
	                            .main = {.name = "now", .edges = edges, .counts = counts, .count = 5},
	                            .mark = NAN};
	char *text;

	(void)state;
	drawn_is(drawn(histogram, &c, 32, 12, TERM_BLOCKS), "rows, log scale\n"
	                                                    "     │█████\n"
	                                                    "     │█████\n"
	                                                    "1000 ┤█████\n"
	                                                    "     │█████\n"
	                                                    " 100 ┤█████▇▇▇▇▇\n"
	                                                    "     │██████████\n"
	                                                    "  10 ┤██████████      ▆▆▆▆▆\n"
	                                                    "     │██████████      █████\n"
	                                                    "   1 ┤██████████      █████▅▅▅▅▅\n"
	                                                    "     └┬────────────────────────┬\n"
	                                                    "      0                        5\n");
	text = drawn(histogram, &c, 32, 12, TERM_ASCII);
	assert_non_null(strstr(text, "   1 +##########      #####:::::\n"));
	free(text);
	/* Of what is said nothing is lost where there is no room for all names. */
	c.over = (struct chart_bins){.name = "some time before", .edges = edges, .counts = before, .count = 5};
	text = drawn(histogram, &c, 60, 12, TERM_BLOCKS);
	assert_non_null(strstr(text, "some time before "));
	assert_non_null(strstr(text, " share of rows, log scale\n"));
	assert_non_null(strstr(text, "0.001 ┤"));
	free(text);
	text = drawn(histogram, &c, 34, 12, TERM_ASCII);
	assert_non_null(strstr(text, "# now   = some time be~  log scale\n"));
	free(text);
	c.main.name = "a long time afterwards";
	text = drawn(histogram, &c, 34, 12, TERM_ASCII);
	assert_non_null(strstr(text, "# a long t~   = some t~  log scale\n"));
	free(text);
	c.main.name = "now";
	c.title = "days since 2026-01-01 00:00";
	text = drawn(histogram, &c, 34, 12, TERM_ASCII);
	assert_non_null(strstr(text, " log scale\n# now"));
	free(text);
}

/* Bins narrower than columns, whose edges are elsewhere: a column may have a hundredth of a row. */
static void log_scale_begins_at_half_a_row(void **state)
{
	double edges[32], counts[31];
	struct chart_histogram c = {
	    .log = true, .main = {.edges = edges, .counts = counts, .count = 31}, .mark = NAN};

	(void)state;
	for (int i = 0; i < 31; i++) {
		edges[i] = i;
		counts[i] = i < 10 ? 100 : i % 4 == 0;
	}
	edges[31] = 31;
	drawn_is(drawn(histogram, &c, 32, 10, TERM_BLOCKS), "log scale\n"
	                                                    "100 ┤████████▄\n"
	                                                    "    │█████████\n"
	                                                    "    │█████████\n"
	                                                    " 10 ┤█████████\n"
	                                                    "    │█████████\n"
	                                                    "    │█████████\n"
	                                                    "  1 ┤█████████ ▂▁ ▁▆  ▃▁ ▁▆  ▃▁\n"
	                                                    "    └┬────────────────┬─────────\n"
	                                                    "     0               20\n");
}

/* Over many shapes of data, sizes and glyphs: what is there is seen, what is not is not. */
static void log_scale_shows_all_and_nothing_else(void **state)
{
	double edges[9], counts[8];
	struct chart_histogram c = {
	    .log = true, .main = {.edges = edges, .counts = counts, .count = 8}, .mark = NAN};

	(void)state;
	for (int i = 0; i <= 8; i++)
		edges[i] = i;
	for (unsigned seed = 1; seed <= 200; seed++) {
		struct rect body;
		struct grid g;
		struct surface s;

		for (unsigned i = 0; i < 8; i++)
			counts[i] = (seed * 2654435761U >> i & 7) < 3 ? 0 : pow(10, (seed * (i + 3)) % 19);
		counts[seed % 8] = 1;
		c.body = &body;
		grid_init(&g, 20 + (int)seed % 70, 6 + (int)seed % 20, CHARSETS[seed % 3]);
		s = grid_surface(&g);
		chart_histogram_draw(&s, &c);
		for (int x = 0; x < body.w; x++) {
			const struct cell *cell = grid_cell(&g, body.x + x, body.y + body.h - 1);

			assert_int_equal(cell->text[0] != ' ', counts[(int)((x + 0.5) / body.w * 8)] > 0);
		}
		grid_release(&g);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(histogram_of_unequal_bins),
	    cmocka_unit_test(histogram_says_what_it_counts),
	    cmocka_unit_test(histogram_cells),
	    cmocka_unit_test(histogram_of_one_value),
	    cmocka_unit_test(histogram_on_a_log_scale),
	    cmocka_unit_test(log_scale_begins_at_half_a_row),
	    cmocka_unit_test(log_scale_shows_all_and_nothing_else),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("chart_histogram", tests, NULL, NULL);
}
