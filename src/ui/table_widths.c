/* How wide the table's columns are, and which of them have room. */
#include <string.h>

#include "table.h"

enum {
	SPARK_WIDTH = 10,
	MEASURED_ROWS = 500, /* above and below the window, of a page that has come */
	LEAST_FIRST = 8,     /* what the frozen column keeps when the current one needs the rest */
};

const char *table_cell_text(const struct surface *s, const struct ui_cell *c)
{
	return c->text ? c->text : term_glyph(surface_charset(s), GLYPH_NONE);
}

/*
 * Signs, currencies and blanks, then digits and the commas between them: up to there. "-1.5e-3", "71%", "$ 1,284.50";
 * "inf", "nan" and words have no point, and end where the whole part of numbers does.
 */
size_t table_point(const char *text)
{
	const char *p = text;

	while (*p && !(*p >= '0' && *p <= '9') && !(*p >= 'A' && *p <= 'Z') && !(*p >= 'a' && *p <= 'z') &&
	       *p != '.')
		p++;
	if (*p == '.' && p[1] >= '0' && p[1] <= '9')
		return (size_t)(p - text);
	if (!(*p >= '0' && *p <= '9'))
		return strlen(text);
	while ((*p >= '0' && *p <= '9') || (*p == ',' && p[1] >= '0' && p[1] <= '9'))
		p++;
	return (size_t)(p - text);
}

static bool is_number(const char *text)
{
	size_t whole = table_point(text);

	return (whole > 0 && text[whole - 1] >= '0' && text[whole - 1] <= '9') || text[whole] == '.' ||
	       !strcmp(text, "inf") || !strcmp(text, "-inf") || !strcmp(text, "nan");
}

/* Names of recipes in a column for numbers: they have no point to stand on. */
enum ui_align table_align(const struct column *c)
{
	return c->spec.align == UI_DECIMAL && c->words && !c->numbers ? UI_LEFT : c->spec.align;
}

static void measure_cell(struct column *c, const struct surface *s, const struct ui_cell *cell)
{
	const char *text;
	int w;

	if (cell->spark) {
		w = c->spec.max ? c->spec.max : SPARK_WIDTH;
	} else {
		text = table_cell_text(s, cell);
		w = surface_width(s, text, strlen(text));
		if (c->spec.align == UI_DECIMAL) {
			int whole = surface_width(s, text, table_point(text));

			c->numbers |= cell->text && is_number(text);
			c->words |= cell->text && *text && !is_number(text);
			c->whole = whole > c->whole ? whole : c->whole;
			c->fraction = w - whole > c->fraction ? w - whole : c->fraction;
			w = c->whole + c->fraction;
		}
	}
	c->width = w > c->width ? w : c->width;
}

static void measure_row(struct ui_table *t, const struct surface *s, const struct ui_row *row)
{
	for (size_t i = 0; i < t->column_count; i++)
		measure_cell(&t->columns[i], s, &row->cells[i]);
}

/*
 * Widths only grow while the columns stay, so that the table does not jump about as it scrolls. Of a page that has
 * come many rows are looked at, else those in sight: a frame costs what the screen holds, not what the list does.
 */
void table_measure(struct ui_table *t, const struct surface *s, int lines)
{
	const struct ui_page *p = t->page;
	size_t around = t->unmeasured ? MEASURED_ROWS : 0;
	size_t from = t->top > around ? t->top - around : 0, to = t->top + (size_t)lines + around;

	for (size_t i = from; p && i < to && i < p->count; i++)
		measure_row(t, s, &p->rows[i]);
	for (size_t i = 0; p && i < p->head_count; i++)
		measure_row(t, s, &p->head[i]);
	t->unmeasured = false;
	for (size_t i = 0; i < t->column_count; i++) {
		struct column *c = &t->columns[i];
		int title = surface_width(s, c->spec.title, strlen(c->spec.title));
		int arrow = c->spec.no_sort ? 0 : table_sort_rank(t, i) > 0 ? 3 : 2;

		c->whole_width = c->width > title + arrow ? c->width : title + arrow;
		c->shown_width = c->whole_width;
		if (c->shown_width < c->spec.min)
			c->shown_width = c->spec.min;
		if (c->spec.max && c->shown_width > c->spec.max)
			c->shown_width = c->spec.max;
	}
}

static int total_width(const struct ui_table *t)
{
	int total = TABLE_GUTTER - TABLE_GAP;

	for (size_t i = 0; i < t->column_count; i++)
		if (t->columns[i].shown_width)
			total += t->columns[i].shown_width + TABLE_GAP;
	return total;
}

int ui_table_wants(struct ui_table *t, const struct surface *s)
{
	table_measure(t, s, s->h);
	return total_width(t) + 1;
}

/* Takes columns away until the rest has room: least important first, the last ones first. The first column and `kept`
 * stay. */
static void drop_columns(struct ui_table *t, int width, size_t kept)
{
	while (total_width(t) > width) {
		size_t worst = 0;

		for (size_t i = 1; i < t->column_count; i++)
			if (t->columns[i].shown_width && i != kept &&
			    (!worst || t->columns[i].spec.priority >= t->columns[worst].spec.priority))
				worst = i;
		if (!worst)
			break;
		t->columns[worst].shown_width = 0;
	}
}

/* Scrolled sideways: the current column and, as far as there is room, those before it, then those after it. */
static void window_of_columns(struct ui_table *t, int width)
{
	size_t at = t->column_at;

	for (size_t i = 1; i < t->column_count; i++)
		t->columns[i].shown_width = i == at ? t->columns[i].wide : 0;
	for (size_t i = at; i-- > 1 && total_width(t) + TABLE_GAP + t->columns[i].wide <= width;)
		t->columns[i].shown_width = t->columns[i].wide;
	for (size_t i = at + 1; i < t->column_count && total_width(t) + TABLE_GAP + t->columns[i].wide <= width;
	     i++)
		t->columns[i].shown_width = t->columns[i].wide;
}

/* What is left is wider than the screen: the first column gives way to the current one, then that is cut. */
static void shrink(struct ui_table *t, int width)
{
	struct column *first = &t->columns[0], *at = &t->columns[t->column_at];
	int over = total_width(t) - width;

	if (over <= 0)
		return;
	if (first != at) {
		int gives = first->shown_width - LEAST_FIRST;

		gives = gives > over ? over : gives;
		first->shown_width -= gives > 0 ? gives : 0;
		over = total_width(t) - width;
	}
	if (over > 0)
		at->shown_width = at->shown_width > over ? at->shown_width - over : 1;
}

/* Room that no further column fits into goes to names that are cut, to each as much. */
static int spread_names(struct ui_table *t, int left)
{
	bool given = true;

	while (left > 0 && given) {
		given = false;
		for (size_t i = 0; i < t->column_count && left > 0; i++) {
			struct column *c = &t->columns[i];

			if (!c->spec.name || !c->shown_width || c->shown_width >= c->whole_width)
				continue;
			c->shown_width++;
			left--;
			given = true;
		}
	}
	return left;
}

/* Room that is left when all columns are seen goes to those that are cut, the first ones first. */
static void spread(struct ui_table *t, int width)
{
	int left = spread_names(t, width - total_width(t));

	for (size_t i = 0; i < t->column_count; i++)
		if (!t->columns[i].shown_width)
			return;
	for (size_t i = 0; i < t->column_count && left > 0; i++) {
		struct column *c = &t->columns[i];
		int wants = c->whole_width - c->shown_width;

		if (wants <= 0)
			continue;
		wants = wants < left ? wants : left;
		c->shown_width += wants;
		left -= wants;
	}
}

/*
 * The columns that say most, as long as the current one is among them or before the last of them; beyond that, columns
 * as they stand side by side.
 */
void table_place_columns(struct ui_table *t, int width)
{
	size_t last = 0;
	int x = TABLE_GUTTER;

	for (size_t i = 0; i < t->column_count; i++)
		t->columns[i].wide = t->columns[i].shown_width;
	/* At the right edge there is room for a sign, as long as there is more to see than a name. */
	drop_columns(t, width - 1, 0);
	for (size_t i = 0; i < t->column_count; i++)
		if (t->columns[i].shown_width)
			last = i;
	t->scrolled = t->column_at > last;
	if (t->scrolled) {
		window_of_columns(t, width - 1);
	} else if (t->column_count && !t->columns[t->column_at].shown_width) {
		for (size_t i = 0; i < t->column_count; i++)
			t->columns[i].shown_width = t->columns[i].wide;
		drop_columns(t, width - 1, t->column_at);
	}
	if (t->column_count)
		shrink(t, width);
	spread(t, width - 1);
	for (size_t i = 0; i < t->column_count; i++) {
		t->columns[i].x = x;
		if (t->columns[i].shown_width)
			x += t->columns[i].shown_width + TABLE_GAP;
	}
}
