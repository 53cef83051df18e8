/* chart: exact cells of small charts, and every size and extreme range without a cell outside. */
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

static struct chart_line line_of(const struct chart_series *s, size_t count)
{
	return (struct chart_line){.series = s,
	                           .series_count = count,
	                           .x_min = NAN,
	                           .x_max = NAN,
	                           .y_min = NAN,
	                           .y_max = NAN,
	                           .cross = NAN};
}

static void do_line(struct surface *s, const void *what)
{
	chart_line_draw(s, what);
}

/* ---- axes ---- */

static void axis_ticks(void **state)
{
	struct chart_axis a;

	(void)state;
	chart_axis_make(&a, 0, 100, 5, false, false);
	assert_int_equal(a.count, 6);
	assert_string_equal(a.text[0], "0");
	assert_string_equal(a.text[1], "20");
	assert_string_equal(a.text[5], "100");
	chart_axis_make(&a, 0.731, 0.8112, 4, false, true);
	assert_true(a.min <= 0.731 && a.max >= 0.8112);
	assert_string_equal(a.text[0], "0.70");
	chart_axis_make(&a, 1e-4, 1e2, 8, true, false);
	assert_true(a.log);
	assert_int_equal(a.count, 7);
	assert_string_equal(a.text[0], "0.0001");
	assert_string_equal(a.text[6], "100");
	/* However near each other, ticks are told apart. */
	chart_axis_make(&a, 1234567.1, 1234567.9, 4, false, true);
	assert_string_not_equal(a.text[0], a.text[1]);
	/* A step that would be beyond the largest double. */
	chart_axis_make(&a, -1.7e308, 1.7e308, 3, false, false);
	assert_int_equal(a.count, 3);
	assert_string_equal(a.text[0], "-1e308");
	assert_string_equal(a.text[2], "1e308");
	/* Nothing positive has no logarithm. */
	chart_axis_make(&a, -5, 0, 4, true, false);
	assert_false(a.log);
}

static void axis_is_sane_for_anything(void **state)
{
	static const double odd[] = {0,       1,        -1,       5e-324,    -5e-324, 1e-300, 1e308,
	                             DBL_MAX, -DBL_MAX, INFINITY, -INFINITY, NAN,     1e15,   1.0000000000000002};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(odd); i++) {
		for (size_t k = 0; k < COUNT_OF(odd); k++) {
			for (int mode = 0; mode < 4; mode++) {
				struct chart_axis a;

				chart_axis_make(&a, odd[i], odd[k], 6, mode & 1, mode & 2);
				assert_true(isfinite(a.min) && isfinite(a.max) && a.max > a.min);
				assert_true(a.count >= 0 && a.count <= CHART_TICKS);
				for (int t = 0; t < a.count; t++) {
					double at = chart_axis_at(&a, a.tick[t]);

					assert_true(at > -1e-6 && at < 1 + 1e-6);
					assert_true(strlen(a.text[t]) > 0);
					assert_true(t == 0 || a.tick[t] > a.tick[t - 1]);
				}
				if (isfinite(odd[i]) && (!a.log || odd[i] > 0))
					assert_true(isfinite(chart_axis_at(&a, odd[i])));
				chart_axis_rows(&a, odd[i], odd[k], 4 + 5 * mode, mode & 1);
				assert_true(isfinite(a.min) && isfinite(a.max) && a.max > a.min);
				assert_true(a.count >= 0 && a.count <= CHART_TICKS);
			}
		}
	}
}

/* Ticks that are now one row apart and now two look like a mistake in the data. */
static void rows_between_ticks_are_equal(void **state)
{
	static const double ends[][2] = {{0.08, 0.61},   {0.787, 0.8212}, {0, 700},      {-3, 11}, {0.5, 0.5},
	                                 {1e-7, 3.3e-7}, {1e15, 1.1e15},  {-0.02, 0.03}, {0, 1},   {34.5, 52310}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ends); i++)
		for (int rows = 3; rows <= 60; rows++) {
			struct chart_axis a;
			int last = -1, apart = -1;

			chart_axis_rows(&a, ends[i][0], ends[i][1], rows, false);
			assert_true(a.min <= ends[i][0] + fabs(ends[i][0]) * 1e-9 && a.max >= ends[i][1] * (1 - 1e-9));
			assert_true(a.count >= 2 && a.count <= 9);
			for (int t = 0; t < a.count; t++) {
				int row = (int)lround((1 - chart_axis_at(&a, a.tick[t])) * (rows * 4 - 1)) / 4;

				assert_true(apart < 0 || last - row == apart);
				apart = t > 0 ? last - row : -1;
				last = row;
			}
		}
}

static void room_only_grows(void **state)
{
	double last = 0;

	(void)state;
	assert_true(chart_room(0) == 1);
	assert_true(chart_room(100) == 100);
	assert_true(chart_room(101) == 150);
	assert_true(chart_room(NAN) == 1);
	assert_true(chart_room(DBL_MAX) == DBL_MAX);
	for (double x = 0.5; x < 1e300; x *= 1.37) {
		double room = chart_room(x);

		assert_true(room >= x * 0.999999 && room >= last);
		last = room;
	}
}

/* ---- lines ---- */

static void rising_line(void **state)
{
	static const double x[] = {0, 1, 2, 3, 4, 5}, y[] = {0, 1, 2, 3, 4, 5};
	struct chart_series s = {.name = "auc", .x = x, .y = y, .count = 6};
	struct chart_line c = line_of(&s, 1);

	(void)state;
	c.title = "auc";
	c.note = "5";
	c.x_label = "step";
	drawn_is(drawn(do_line, &c, 30, 10, TERM_BRAILLE), "auc                          5\n"
	                                                   "   6 ┤\n"
	                                                   "     │                    ⢀⡠⠔⠊\n"
	                                                   "   4 ┤                ⢀⡠⠔⠊⠁\n"
	                                                   "     │            ⢀⡠⠔⠊⠁\n"
	                                                   "   2 ┤        ⣀⠤⠔⠊⠁\n"
	                                                   "     │    ⣀⠤⠒⠉\n"
	                                                   "   0 ┤⣀⠤⠒⠉\n"
	                                                   "     └┬──────────────────────┬\n"
	                                                   "step  0                      5\n");
	drawn_is(drawn(do_line, &c, 30, 10, TERM_BLOCKS), "auc                          5\n"
	                                                  "   6 ┤\n"
	                                                  "     │                    ▗▄▞▀\n"
	                                                  "   4 ┤                ▗▄▞▀▘\n"
	                                                  "     │             ▄▄▀▘\n"
	                                                  "   2 ┤        ▗▄▄▀▀\n"
	                                                  "     │   ▗▄▄▀▀▘\n"
	                                                  "   0 ┤▄▞▀▘\n"
	                                                  "     └┬──────────────────────┬\n"
	                                                  "step  0                      5\n");
	drawn_is(drawn(do_line, &c, 30, 10, TERM_ASCII), "auc                          5\n"
	                                                 "   6 +\n"
	                                                 "     |                    ..''\n"
	                                                 "   4 +                ..''\n"
	                                                 "     |             ..'\n"
	                                                 "   2 +        ...''\n"
	                                                 "     |    ..''\n"
	                                                 "   0 +..''\n"
	                                                 "     ++----------------------+\n"
	                                                 "step  0                      5\n");
}

static void gaps_and_infinities(void **state)
{
	static const double x[] = {0, 1, 2, 3, 4, 5, 6, 7};
	static const double y[] = {1, 1, NAN, 1, INFINITY, 2, -INFINITY, 2};
	struct chart_series s = {.name = "loss", .x = x, .y = y, .count = 8};
	struct chart_line c = line_of(&s, 1);

	(void)state;
	drawn_is(drawn(do_line, &c, 16, 3, TERM_ASCII), "         ^ '   '\n"
	                                                "\n"
	                                                "...   .      v\n");
}

static void appending_changes_only_the_end(void **state)
{
	double x[64], y[64];
	struct chart_series s = {.x = x, .y = y};
	struct chart_line c = line_of(&s, 1);
	struct grid before, after;
	struct surface on;
	int changed = 0;

	(void)state;
	for (int i = 0; i < 64; i++) {
		x[i] = i;
		y[i] = 0.5 + 0.4 * sin(i / 9.0);
	}
	c.x_min = 0;
	c.x_max = chart_room(63);
	grid_init(&before, 80, 20, TERM_BRAILLE);
	grid_init(&after, 80, 20, TERM_BRAILLE);
	s.count = 40;
	on = grid_surface(&before);
	chart_line_draw(&on, &c);
	s.count = 41;
	on = grid_surface(&after);
	chart_line_draw(&on, &c);
	for (int i = 0; i < 80 * 20; i++) {
		const struct cell *a = grid_cell(&before, i % 80, i / 80), *b = grid_cell(&after, i % 80, i / 80);

		changed += a->len != b->len || memcmp(a->text, b->text, a->len) != 0;
	}
	assert_true(changed >= 1 && changed <= 4);
	grid_release(&before);
	grid_release(&after);
}

static void crosshair_reads_values(void **state)
{
	static const double x[] = {0, 10, 20, 30}, a[] = {0.25, 0.5, NAN, 0.75}, b[] = {1, 2, 3, 4};
	struct chart_series s[2] = {{.name = "a", .x = x, .y = a, .count = 4},
	                            {.name = "b", .x = x, .y = b, .count = 4, .style = 1}};
	struct chart_line c = line_of(s, 2);
	size_t i = 99;
	char *text;

	(void)state;
	assert_true(chart_reading(&s[0], 19, &i));
	assert_int_equal(i, 1);
	assert_true(chart_cross_move(&c, NAN, 1) == 30);
	assert_true(chart_cross_move(&c, NAN, -1) == 30);
	assert_true(chart_cross_move(&c, 30, -1) == 20);
	assert_true(chart_cross_move(&c, 30, 1) == 30);
	c.x_label = "step";
	c.cross = 10;
	text = drawn(do_line, &c, 60, 10, TERM_BRAILLE);
	assert_non_null(strstr(text, "step 10"));
	assert_non_null(strstr(text, "a 0.5"));
	assert_non_null(strstr(text, "b 2"));
	free(text);
}

static void series_differ_without_colour(void **state)
{
	static const double x[] = {0, 1}, a[] = {0, 0}, b[] = {1, 1};
	struct chart_series s[2] = {{.name = "train", .x = x, .y = a, .count = 2},
	                            {.name = "eval", .x = x, .y = b, .count = 2, .style = 1}};
	struct chart_line c = line_of(s, 2);
	char *text;

	(void)state;
	c.legend = c.marks = true;
	text = drawn(do_line, &c, 60, 10, TERM_ASCII);
	assert_non_null(strstr(text, "o train"));
	assert_non_null(strstr(text, "x eval"));
	assert_true(strchr(strchr(text, '\n'), 'o') != NULL);
	free(text);
	/* a name that has no room is counted, not forgotten */
	text = drawn(do_line, &c, 12, 10, TERM_ASCII);
	assert_non_null(strstr(text, "o train +1"));
	free(text);
}

static void smoothing(void **state)
{
	static const double y[] = {1, 1, NAN, 1, 3};
	double out[5];

	(void)state;
	chart_smooth(y, 5, 0.5, out);
	assert_true(out[0] == 1 && out[1] == 1 && isnan(out[2]) && out[3] == 1);
	/* weights 8 4 2 1 of 15 from the newest, each half of the one after it */
	assert_true(fabs(out[4] - (3 * 8 + 1 * 4 + 1 * 2 + 1 * 1) / 15.0) < 1e-12);
	chart_smooth(y, 5, 0, out);
	assert_true(out[4] == 3);
}

/* ---- bars and sparks ---- */

static void bars_cells(void **state)
{
	struct chart_bar bars[] = {{"Private", 22696, NAN, NULL},
	                           {"a very long category name", 5674, 11348, "25 %"},
	                           {"none", 0, NAN, NULL}};
	struct grid g;
	struct surface s;
	struct str out;

	(void)state;
	str_init(&out);
	grid_init(&g, 40, 3, TERM_BLOCKS);
	s = grid_surface(&g);
	chart_bars_draw(&s, bars, 3, NULL);
	grid_text(&g, &out);
	grid_release(&g);
	drawn_is(str_take(&out), "Private       ━━━━━━━━━━━━━━━━━━━  22696\n"
	                         "a very long … ━━━━━    │            25 %\n"
	                         "none                                   0\n");
}

static void sparks(void **state)
{
	static const double up[] = {0, 1, 2, 3, 4, 5, 6}, flat[] = {2, 2, 2}, gap[] = {0, NAN, 1};
	static const double edges[] = {0, 1, 2}, counts[] = {1, 3};
	static const double quarters[] = {0, 1, 2, 3, 4}, few[] = {9000, 100, 0, 1};
	struct chart_bins bins = {.edges = edges, .counts = counts, .count = 2},
	                  rare = {.edges = quarters, .counts = few, .count = 4};
	struct str out;

	(void)state;
	str_init(&out);
	chart_spark_text(&out, 7, up, 7, false, TERM_BLOCKS);
	assert_string_equal(out.data, "▁▂▃▄▅▆▇");
	chart_spark_text(&out, 7, up, 7, false, TERM_ASCII);
	assert_string_equal(out.data, "_.-=+*#");
	chart_spark_text(&out, 4, up, 7, false, TERM_BLOCKS);
	assert_string_equal(out.data, "▁▃▅▇");
	chart_spark_text(&out, 8, flat, 3, false, TERM_BLOCKS);
	assert_string_equal(out.data, "▄▄▄");
	chart_spark_text(&out, 8, gap, 3, false, TERM_BLOCKS);
	assert_string_equal(out.data, "▁ ▇");
	chart_spark_text(&out, 8, gap + 1, 1, false, TERM_BLOCKS);
	assert_string_equal(out.data, "");
	chart_spark_bins(&out, 4, &bins, false, TERM_BLOCKS);
	assert_string_equal(out.data, "▃▃▇▇");
	chart_spark_bins(&out, 4, &rare, false, TERM_BLOCKS);
	assert_string_equal(out.data, "▇▁ ▁");
	chart_spark_bins(&out, 4, &rare, true, TERM_BLOCKS);
	assert_string_equal(out.data, "▇▄ ▁");
	chart_meter_text(&out, 4, 0.5, TERM_BLOCKS);
	assert_string_equal(out.data, "━━  ");
	chart_meter_text(&out, 4, 0.5, TERM_ASCII);
	assert_string_equal(out.data, "==  ");
	chart_meter_text(&out, 4, NAN, TERM_ASCII);
	assert_string_equal(out.data, "    ");
	str_release(&out);
}

/* ---- anything, at any size ---- */

/* Draws into the middle of a larger grid and looks at what lies around it. */
static void check_inside(int w, int h, enum term_charset charset,
                         void (*draw)(struct surface *s, const void *what), const void *what)
{
	struct grid g;
	struct surface all, part;

	grid_init(&g, w + 2, h + 2, charset);
	all = grid_surface(&g);
	for (int y = 0; y < h + 2; y++)
		for (int x = 0; x < w + 2; x++)
			surface_put(&all, x, y, STYLE_TEXT, "~");
	surface_fill(&all, 1, 1, w, h, STYLE_TEXT);
	part = surface_part(&all, 1, 1, w, h);
	draw(&part, what);
	for (int y = 0; y < h + 2; y++) {
		for (int x = 0; x < w + 2; x++) {
			const struct cell *c = grid_cell(&g, x, y);
			bool edge = x == 0 || y == 0 || x == w + 1 || y == h + 1;

			if (edge)
				assert_true(c->len == 1 && c->text[0] == '~');
			else if (charset == TERM_ASCII)
				assert_true(c->len == 1 && (unsigned char)c->text[0] < 0x7F);
		}
	}
	grid_release(&g);
}

static void do_histogram(struct surface *s, const void *what)
{
	chart_histogram_draw(s, what);
}

static void do_bars(struct surface *s, const void *what)
{
	chart_bars_draw(s, what, 2, NULL);
}

static const double WILD[][4] = {
    {1, 1, 1, 1},         {1e308, -1e308, 1e308, 0},   {5e-324, 0, 5e-324, 1e-320},
    {NAN, NAN, NAN, NAN}, {INFINITY, 1, -INFINITY, 2}, {INFINITY, INFINITY, NAN, NAN},
    {0, 0, 0, 0},         {-3, 1e-9, 1e9, 7},          {DBL_MAX, DBL_MAX, -DBL_MAX, 1},
};

static void draw_all(int w, int h)
{
	static const double x[] = {0, 1, 2, 1e6}, far[] = {-1e308, 0, 0, 1e308};
	static const double edges[] = {-1e308, 0, 5e-324, 1e308}, counts[] = {1, 1e308, 0}, one[] = {3, 3};
	static const struct chart_bar bars[2] = {{"\x1b[31mred", 1e308, 5, NULL}, {"", 0, NAN, ""}};

	for (size_t i = 0; i < COUNT_OF(WILD); i++) {
		for (size_t count = 0; count <= 4; count += i == 1 ? 1 : 2) {
			struct chart_series s[2] = {
			    {.name = "\x1b]0;evil\a",
			     .x = x,
			     .y = WILD[i],
			     .low = WILD[(i + 1) % COUNT_OF(WILD)],
			     .high = WILD[i],
			     .count = count},
			    {.name = "b", .x = far, .y = WILD[(i + 4) % COUNT_OF(WILD)], .count = count, .style = 3}};
			struct chart_line c = line_of(s, 1 + i % 2);

			c.title = i % 3 ? "a title that is longer than the chart is wide" : NULL;
			c.note = "note";
			c.unit = "unit";
			c.legend = true;
			c.marks = i % 2;
			c.log_y = i % 4 == 3;
			c.x_label = "step";
			c.cross = count > 2 ? 1 : NAN;
			if (i == 5)
				c.y_min = -1, c.y_max = 1, c.x_min = 5, c.x_max = 6;
			check_inside(w, h, CHARSETS[(i + count) % 3], do_line, &c);
		}
	}
	for (size_t k = 0; k < 3; k++) {
		struct chart_histogram c = {.title = "h", .main = {"m", edges, counts, 3}, .mark = 0};
		struct chart_histogram constant = {
		    .main = {"m", one, counts, 1}, .over = {"o", edges, counts, 3}, .mark = NAN};
		struct chart_histogram empty = {.empty = "nothing here", .mark = NAN};

		check_inside(w, h, CHARSETS[k], do_histogram, &c);
		c.log = true;
		check_inside(w, h, CHARSETS[k], do_histogram, &c);
		check_inside(w, h, CHARSETS[k], do_histogram, &constant);
		constant.log = true;
		check_inside(w, h, CHARSETS[k], do_histogram, &constant);
		check_inside(w, h, CHARSETS[k], do_histogram, &empty);
		check_inside(w, h, CHARSETS[k], do_bars, bars);
	}
}

static void every_small_size(void **state)
{
	(void)state;
	for (int w = 1; w <= 40; w++)
		for (int h = 1; h <= 14; h++)
			draw_all(w, h);
}

static void larger_sizes(void **state)
{
	static const int widths[] = {41, 60, 79, 80, 97, 120, 160, 199, 200},
	                 tall[] = {1, 2, 5, 15, 24, 37, 48, 60};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(widths); i++)
		for (size_t k = 0; k < COUNT_OF(tall); k++)
			draw_all(widths[i], tall[k]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(axis_ticks),
	    cmocka_unit_test(axis_is_sane_for_anything),
	    cmocka_unit_test(rows_between_ticks_are_equal),
	    cmocka_unit_test(room_only_grows),
	    cmocka_unit_test(rising_line),
	    cmocka_unit_test(gaps_and_infinities),
	    cmocka_unit_test(appending_changes_only_the_end),
	    cmocka_unit_test(crosshair_reads_values),
	    cmocka_unit_test(series_differ_without_colour),
	    cmocka_unit_test(smoothing),
	    cmocka_unit_test(bars_cells),
	    cmocka_unit_test(sparks),
	    cmocka_unit_test(every_small_size),
	    cmocka_unit_test(larger_sizes),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("chart", tests, NULL, NULL);
}
