/* chart: the cells of a heat map in every level of colours, what is shown of one that is too large, and its order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/base.h"
#include "assay/chart.h"

static const char *const NAMES[] = {"1 age", "2 income", "3 debt"}, *const NUMBERS[] = {"1", "2", "3"};

static struct chart_heat small(const double *values, enum term_colours colours)
{
	return (struct chart_heat){.rows = 3,
	                           .columns = 3,
	                           .row_names = NAMES,
	                           .column_names = NUMBERS,
	                           .values = values,
	                           .same = true,
	                           .at_row = SIZE_MAX,
	                           .at_column = SIZE_MAX,
	                           .colours = colours};
}

static char *drawn(const struct chart_heat *c, int w, int h, enum term_charset charset, bool styles,
                   struct chart_heat_place *place)
{
	struct chart_heat_place own;
	struct surface s;
	struct grid g;
	struct str out;

	str_init(&out);
	grid_init(&g, w, h, charset);
	s = grid_surface(&g);
	chart_heat_draw(&s, c, place ? place : &own);
	if (styles)
		grid_styles(&g, &out);
	else
		grid_text(&g, &out);
	grid_release(&g);
	return str_take(&out);
}

static void expect(const struct chart_heat *c, int w, int h, enum term_charset charset, bool styles,
                   const char *wanted)
{
	char *got = drawn(c, w, h, charset, styles, NULL);

	if (strncmp(got, wanted, strlen(wanted)) != 0)
		fail_msg("drawn:\n%s\nwanted:\n%s", got, wanted);
	free(got);
}

static const double VALUES[] = {NAN, 0.97, -0.42, 0.97, NAN, 0.03, -0.42, 0.03, NAN};

static void numbers_in_cells(void **state)
{
	struct chart_heat c = small(VALUES, TERM_TRUE);

	(void)state;
	/* The value is written whatever the colours are; the shade takes the place of a colour. */
	expect(&c, 30, 4, TERM_BRAILLE, false,
	       "            1   2   3\n1 age       ·  97 -42\n2 income   97   ·   3\n"
	       "3 debt    -42   3   ·\n");
	c.colours = TERM_MONO;
	expect(&c, 30, 4, TERM_BRAILLE, false,
	       "            1   2   3\n1 age       ·█ 97▒-42\n2 income █ 97   ·   3\n"
	       "3 debt   ▒-42   3   ·\n");
	expect(&c, 30, 4, TERM_ASCII, false,
	       "            1   2   3\n1 age       |# 97+-42\n2 income # 97   |   3\n"
	       "3 debt   +-42   3   |\n");
}

static void steps_are_styles(void **state)
{
	struct chart_heat c = small(VALUES, TERM_256);
	char *got;

	(void)state;
	c.at_row = 1;
	c.at_column = 2;
	got = drawn(&c, 30, 4, TERM_BRAILLE, true, NULL);
	assert_non_null(strstr(got, "heat.6"));
	assert_non_null(strstr(got, "heat.less.3"));
	assert_non_null(strstr(got, "row.cursor"));
	assert_null(strstr(got, "heat.1"));
	free(got);
	c.colours = TERM_MONO; /* no steps: the shade has them */
	got = drawn(&c, 30, 4, TERM_BRAILLE, true, NULL);
	assert_null(strstr(got, "heat.6"));
	assert_non_null(strstr(got, "heat\n"));
	assert_non_null(strstr(got, "heat.less\n"));
	free(got);
}

static void narrow_cells(void **state)
{
	struct chart_heat c = small(VALUES, TERM_MONO);

	(void)state;
	c.at_row = 2;
	c.at_column = 1;
	expect(&c, 17, 4, TERM_BRAILLE, false, "        1 2 3\n1 age   ·██-▒\n2 inc… ██ ·\n3 debt -▒[] ·\n");
	c.colours = TERM_TRUE; /* what is below 0 is told from what is above without its colour */
	c.at_row = c.at_column = SIZE_MAX;
	expect(&c, 17, 4, TERM_BRAILLE, false, "        1 2 3\n1 age   ·   -\n");
}

static void expect_legend(const struct chart_heat *c, int width, const char *text, const char *wanted)
{
	struct grid g;
	struct surface s;
	struct str out;
	int used;

	str_init(&out);
	grid_init(&g, 60, 1, TERM_BRAILLE);
	s = grid_surface(&g);
	used = chart_heat_legend(&s, 0, width, c, text);
	grid_text(&g, &out);
	assert_int_equal(used, text_width(wanted, strlen(wanted)));
	if (out.len < strlen(wanted) || !strstr(out.data, wanted))
		fail_msg("drawn:\n%s", out.data);
	grid_release(&g);
	str_release(&out);
}

static void legend_says_the_scale(void **state)
{
	struct chart_heat c = small(VALUES, TERM_MONO);

	(void)state;
	expect_legend(&c, 60, "strength", "strength  0 ░░░░▒▒▒▒▓▓██ 1");
	expect_legend(&c, 20, "strength", "0 ░░░░▒▒▒▒▓▓██ 1"); /* no room for the words */
	expect_legend(&c, 15, "strength", "");
	c.negative = true;
	expect_legend(&c, 60, NULL, "-1 -█-▓-▒-▒-░-░ 0 ░░░░▒▒▒▒▓▓██ 1");
}

enum { MANY = 200 };
static void many_are_scrolled(void **state)
{
	static double values[MANY * MANY];
	static char texts[MANY][40];
	const char *names[MANY], *numbers[MANY];
	struct chart_heat c = {.rows = MANY,
	                       .columns = MANY,
	                       .row_names = names,
	                       .column_names = numbers,
	                       .values = values,
	                       .at_row = 150,
	                       .at_column = 120,
	                       .colours = TERM_256};
	struct chart_heat_place p;
	size_t row, column;

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		snprintf(texts[i], sizeof texts[i], "%zu a_rather_long_name_of_a_column", i + 1);
		names[i] = texts[i];
		numbers[i] = strchr(texts[i], 'a');
	}
	free(drawn(&c, 80, 20, TERM_BRAILLE, false, &p));
	assert_int_equal(p.cell, 2);
	assert_int_equal(p.y, CHART_HEAT_HEAD);
	assert_true(p.top <= 150 && p.top + p.rows > 150 && p.left <= 120 && p.left + p.columns > 120);
	/* A cursor that stays within moves nothing. */
	c.top = p.top;
	c.left = p.left;
	c.at_row = p.top + 1;
	c.at_column = p.left + 1;
	free(drawn(&c, 80, 20, TERM_BRAILLE, false, &p));
	assert_int_equal(p.top, c.top);
	assert_int_equal(p.left, c.left);
	/* Nor does the end stay empty. */
	c.top = c.left = MANY;
	c.at_row = c.at_column = SIZE_MAX;
	free(drawn(&c, 80, 20, TERM_BRAILLE, false, &p));
	assert_int_equal(p.top + p.rows, MANY);
	assert_int_equal(p.left + p.columns, MANY);
	assert_true(chart_heat_hit(&p, p.x + 3, p.y + 1, &row, &column));
	assert_int_equal(row, p.top + 1);
	assert_int_equal(column, p.left + 1);
	assert_false(chart_heat_hit(&p, p.x - 1, p.y, &row, &column));
	assert_false(chart_heat_hit(&p, p.x, p.y + (int)p.rows, &row, &column));
}

static void every_size(void **state)
{
	static const char *const odd[] = {"\x1b[31mred", "", "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e a long one"};
	static const enum term_charset charsets[] = {TERM_ASCII, TERM_BLOCKS, TERM_BRAILLE};
	struct chart_heat c = small(VALUES, TERM_MONO);

	(void)state;
	c.row_names = c.column_names = odd;
	c.at_row = c.at_column = 2;
	for (int w = 1; w < 40; w++)
		for (int h = 1; h < 14; h++)
			for (size_t k = 0; k < COUNT_OF(charsets); k++) {
				c.colours = (enum term_colours)((w + h) % 4);
				free(drawn(&c, w, h, charsets[k], false, NULL));
			}
	c.rows = 0;
	c.empty = "nothing";
	expect(&c, 20, 3, TERM_BRAILLE, false, "\n      nothing\n");
}

static void order_joins_what_is_alike(void **state)
{
	/* 0 and 3 go together, 1 and 4 do, 2 is by itself but for a little with 1. */
	const double s[] = {1,   0.1, 0,   0.9, 0.1, /**/ 0.1, 1,   0.3,      0.1, 0.8, /**/ 0, 0.3, 1,
	                    NAN, 0.1, 0.9, 0.1, NAN, 1,        0.1, /**/ 0.1, 0.8, 0.1, 0.1,    1};
	size_t order[5], place[5];

	(void)state;
	chart_heat_order(s, 5, order);
	for (size_t i = 0; i < 5; i++)
		place[order[i]] = i;
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(order[place[i]], i); /* each once */
	assert_int_equal(labs((long)place[0] - (long)place[3]), 1);
	assert_int_equal(labs((long)place[1] - (long)place[4]), 1);
	assert_int_equal(labs((long)place[1] - (long)place[2]), 1);
	chart_heat_order(s, 1, order);
	assert_int_equal(order[0], 0);
	chart_heat_order(s, 0, order);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_in_cells),
	    cmocka_unit_test(steps_are_styles),
	    cmocka_unit_test(narrow_cells),
	    cmocka_unit_test(legend_says_the_scale),
	    cmocka_unit_test(many_are_scrolled),
	    cmocka_unit_test(every_size),
	    cmocka_unit_test(order_joins_what_is_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
