/* Surface: clipping, widths, safe text. */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/term.h"

static const char hostile[] =
    "a\x1b[31mred\x07 漢字 e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81 \xe2\x80\xae\xd7\x90 \xff\xc3 "
    "\xf0\x9f\x98\x80 \xc2\x9b 1\n2\t3 ▸▼ ½";

/* Every cell holds one whole printable character, and wide ones come in pairs. */
static void assert_whole(const struct grid *g)
{
	for (int y = 0; y < g->h; y++)
		for (int x = 0; x < g->w; x++) {
			const struct cell *c = grid_cell(g, x, y);
			int width;

			if (c->width == 0) {
				assert_true(x > 0 && grid_cell(g, x - 1, y)->width == 2);
				assert_int_equal(c->len, 0);
				continue;
			}
			assert_in_range(c->len, 1, CELL_BYTES);
			assert_int_equal(text_grapheme(c->text, c->len, &width), c->len);
			assert_int_equal(width, c->width);
			for (int i = 0; i < c->len; i++)
				assert_in_range((unsigned char)c->text[i], 0x20, 0xF4);
			assert_int_not_equal((unsigned char)c->text[0], 0x7F);
			if (c->width == 2) {
				assert_true(x + 1 < g->w);
				assert_int_equal(grid_cell(g, x + 1, y)->width, 0);
			}
			if (g->charset == TERM_ASCII)
				assert_in_range((unsigned char)c->text[0], 0x20, 0x7E);
		}
}

static void draw_everything(struct surface *s)
{
	double values[] = {1, 2, NAN, 4, 3, INFINITY, 1e300, -1e300};

	for (int y = -2; y < s->h + 2; y++)
		for (int x = -9; x < s->w + 3; x += 4)
			surface_put(s, x, y, STYLE_BAD, hostile);
	surface_put_cut(s, -3, 0, s->w, STYLE_TEXT, hostile, sizeof hostile - 1);
	surface_put_cut(s, 0, 0, s->w / 2, STYLE_TEXT, hostile, sizeof hostile - 1);
	surface_put_right(s, 0, s->h - 1, s->w, STYLE_GOOD, hostile);
	surface_box(s, -1, -1, s->w + 2, s->h + 2, STYLE_BORDER);
	surface_box(s, 0, 0, s->w, s->h, STYLE_BORDER);
	surface_fill(s, s->w / 2, -1, s->w, 2, STYLE_WARN);
	surface_spark(s, s->w - 3, 0, 8, STYLE_SPARK, values, COUNT_OF(values));
	surface_gauge(s, -2, s->h / 2, s->w, 0.7);
	surface_rune(s, 0, 0, STYLE_TEXT, 0x1B);
	surface_rune(s, INT32_MAX, INT32_MIN, STYLE_TEXT, 0x2588);
	surface_put(s, INT32_MIN, 0, STYLE_TEXT, "x");
	surface_put(s, INT32_MAX, 0, STYLE_TEXT, hostile);
	surface_cursor(s, s->w, s->h, true);
	for (int i = 0; i < GLYPHS; i++)
		surface_glyph(s, i % (s->w + 1), i, STYLE_MUTED, (enum glyph)i);
}

static void all_sizes(void **state)
{
	(void)state;
	for (int charset = TERM_ASCII; charset <= TERM_BRAILLE; charset++)
		for (int w = 1; w <= 200; w += w < 12 ? 1 : 94)
			for (int h = 1; h <= 60; h += h < 6 ? 1 : 27) {
				struct grid g;
				struct surface s;

				grid_init(&g, w, h, (enum term_charset)charset);
				s = grid_surface(&g);
				draw_everything(&s);
				assert_whole(&g);
				grid_release(&g);
			}
}

/* Nothing is drawn outside a part; a wide character cut by its edge may turn into a blank there. */
static void parts_clip(void **state)
{
	struct grid g;
	struct surface s, part, inner;

	(void)state;
	grid_init(&g, 40, 12, TERM_BRAILLE);
	for (int x0 = -5; x0 < 42; x0 += 3)
		for (int w = 0; w < 20; w += 3) {
			s = grid_surface(&g);
			surface_fill(&s, 0, 0, 40, 12, STYLE_GRID);
			part = surface_part(&s, x0, 3, w, 4);
			draw_everything(&part);
			inner = surface_part(&part, -4, -4, 26, 12); /* beyond the part on every side */
			draw_everything(&inner);
			assert_whole(&g);
			for (int y = 0; y < 12; y++)
				for (int x = 0; x < 40; x++)
					if (y < 3 || y >= 7 || x < x0 || x >= x0 + w) {
						assert_int_equal(grid_cell(&g, x, y)->style, STYLE_GRID);
						assert_memory_equal(grid_cell(&g, x, y)->text, " ", 1);
					}
		}
	grid_release(&g);
}

static void row_text(const struct grid *g, int y, char *out, size_t size)
{
	struct str all;
	const char *p;

	str_init(&all);
	grid_text(g, &all);
	p = all.data;
	while (y-- > 0)
		p = strchr(p, '\n') + 1;
	snprintf(out, size, "%.*s", (int)strcspn(p, "\n"), p);
	str_release(&all);
}

#define ASSERT_ROW(g, y, want)                                                                               \
	do {                                                                                                     \
		char row_[400];                                                                                      \
		row_text(g, y, row_, sizeof row_);                                                                   \
		assert_string_equal(row_, want);                                                                     \
	} while (0)

static void wide_characters(void **state)
{
	struct grid g;
	struct surface s, part;

	(void)state;
	grid_init(&g, 10, 3, TERM_BRAILLE);
	s = grid_surface(&g);
	assert_int_equal(surface_put(&s, 0, 0, STYLE_TEXT, "漢字kanji漢"), 11);
	ASSERT_ROW(&g, 0, "漢字kanji"); /* the last one only half fits */
	surface_put(&s, 1, 0, STYLE_TEXT, "x");
	ASSERT_ROW(&g, 0, " x字kanji");
	surface_put(&s, 2, 0, STYLE_TEXT, "y");
	ASSERT_ROW(&g, 0, " xy kanji");
	surface_put(&s, 0, 1, STYLE_TEXT, "漢字漢字漢");
	surface_put(&s, 1, 1, STYLE_TEXT, "字");
	ASSERT_ROW(&g, 1, " 字 漢字漢");
	part = surface_part(&s, 1, 2, 4, 1);
	surface_put(&part, -1, 0, STYLE_TEXT, "漢字漢字");
	ASSERT_ROW(&g, 2, "  字"); /* halves at both edges are blanks */
	assert_whole(&g);
	surface_clear(&s);
	surface_put(&s, 0, 0, STYLE_TEXT, "e\xcc\x81\xcc\x81\xcc\x81\xcc\x81x");
	assert_int_equal(grid_cell(&g, 0, 0)->len, 9);
	assert_memory_equal(grid_cell(&g, 1, 0)->text, "x", 1);
	grid_release(&g);
}

static void ascii_twins(void **state)
{
	struct grid g;
	struct surface s;
	double v[] = {1, 2, 3, 4, 5, 6, 7};

	(void)state;
	grid_init(&g, 40, 6, TERM_ASCII);
	s = grid_surface(&g);
	surface_put(&s, 0, 0, STYLE_TEXT, "a ▸ b – c ≥ 2 ± 1…");
	ASSERT_ROW(&g, 0, "a > b - c >= 2 ~ 1~");
	surface_box(&s, 0, 1, 4, 3, STYLE_BORDER);
	ASSERT_ROW(&g, 1, "+--+");
	surface_put(&s, 0, 4, STYLE_TEXT, "漢");
	ASSERT_ROW(&g, 4, "<U+6F22>");
	surface_spark(&s, 0, 5, 8, STYLE_SPARK, v, 7);
	ASSERT_ROW(&g, 5, "_.-=+*#");
	grid_release(&g);
}

static void cutting(void **state)
{
	struct grid g;
	struct surface s;

	(void)state;
	grid_init(&g, 20, 4, TERM_BRAILLE);
	s = grid_surface(&g);
	assert_int_equal(surface_put_cut(&s, 0, 0, 8, STYLE_TEXT, "swift-otter", 11), 8);
	ASSERT_ROW(&g, 0, "swift-o…");
	assert_int_equal(surface_put_cut(&s, 0, 1, 4, STYLE_TEXT, "漢字漢", 9), 3);
	ASSERT_ROW(&g, 1, "漢…");
	surface_put_right(&s, 0, 2, 10, STYLE_TEXT, "0.8112");
	ASSERT_ROW(&g, 2, "    0.8112");
	assert_int_equal(surface_put_cut(&s, 0, 3, 0, STYLE_TEXT, "x", 1), 0);
	grid_release(&g);
}

static void sparks_and_gauges(void **state)
{
	struct grid g;
	struct surface s;
	double up[] = {0, 1, 2, 3, 4, 5, 6}, flat[] = {2, 2, 2}, gap[] = {0, NAN, 7}, none[] = {NAN, NAN},
	       huge[] = {-1.7e308, 1.7e308};

	(void)state;
	grid_init(&g, 12, 6, TERM_BRAILLE);
	s = grid_surface(&g);
	surface_spark(&s, 0, 0, 8, STYLE_SPARK, up, 7);
	ASSERT_ROW(&g, 0, "▁▂▃▄▅▆▇");
	surface_spark(&s, 0, 1, 8, STYLE_SPARK, flat, 3);
	ASSERT_ROW(&g, 1, "▄▄▄");
	surface_spark(&s, 0, 2, 8, STYLE_SPARK, gap, 3);
	ASSERT_ROW(&g, 2, "▁ ▇");
	surface_spark(&s, 0, 3, 8, STYLE_SPARK, none, 2);
	ASSERT_ROW(&g, 3, "");
	surface_spark(&s, 0, 3, 8, STYLE_SPARK, huge, 2);
	ASSERT_ROW(&g, 3, "▁▇");
	surface_gauge(&s, 0, 4, 10, 0.55);
	ASSERT_ROW(&g, 4, "━━━━━╸────");
	surface_gauge(&s, 0, 5, 4, NAN);
	ASSERT_ROW(&g, 5, "────");
	grid_release(&g);
}

static void styles_as_text(void **state)
{
	struct grid g;
	struct surface s;
	struct str out;

	(void)state;
	grid_init(&g, 6, 2, TERM_BRAILLE);
	s = grid_surface(&g);
	surface_put(&s, 1, 0, STYLE_GOOD, "ab");
	surface_put(&s, 3, 1, STYLE_BAD | STYLE_BOLD, "c");
	str_init(&out);
	grid_styles(&g, &out);
	assert_string_equal(out.data, ".aa\n...b\na good\nb bad bold\n");
	str_release(&out);
	grid_release(&g);
}

static void roles(void **state)
{
	(void)state;
	for (int i = 0; i < STYLE_ROLES; i++) {
		int up = i, steps = 0;

		assert_int_equal(style_role_find(style_role_name(i)), i);
		while (up != STYLE_TEXT && steps++ < STYLE_ROLES)
			up = style_role_parent(up);
		assert_int_equal(up, STYLE_TEXT);
	}
	assert_int_equal(style_role_find("nothing"), -1);
	assert_int_equal(style_series(8), STYLE_SERIES_1);
	assert_int_equal(style_series(-1), STYLE_SERIES_8);
}

static void memory_terminal(void **state)
{
	struct term *t = term_open_memory(80, 24, TERM_BRAILLE, TERM_256);
	struct term_event e;

	(void)state;
	term_feed(t, "a\x1b", 2);
	assert_true(term_read(t, 0, &e));
	assert_int_equal(e.key, 'a');
	assert_true(term_read(t, 0, &e));
	assert_int_equal(e.key, TERM_KEY_ESC);
	term_set_size(t, 100, 30);
	assert_true(term_read(t, 0, &e));
	assert_int_equal(e.kind, TERM_EVENT_RESIZE);
	assert_int_equal(term_grid(t)->w, 100);
	assert_false(term_read(t, 0, &e));
	term_close(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_sizes),      cmocka_unit_test(parts_clip), cmocka_unit_test(wide_characters),
	    cmocka_unit_test(ascii_twins),    cmocka_unit_test(cutting),    cmocka_unit_test(sparks_and_gauges),
	    cmocka_unit_test(styles_as_text), cmocka_unit_test(roles),      cmocka_unit_test(memory_terminal),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
