/* Relations: what is missing together, as signs: a column of signs for each of the columns with most gaps. */
#include <stdlib.h>
#include <string.h>

#include "relations.h"
#include "view_inside.h"

enum { TWO_DIGITS = 10 };

static int more_missing(const void *a, const void *b)
{
	const struct relations_gap *x = a, *y = b;

	if (x->missing != y->missing)
		return x->missing < y->missing ? 1 : -1;
	return (x->column > y->column) - (x->column < y->column);
}

/* Pairs say how much is missing in each; where one column alone has gaps its pattern does. */
void view_relations_gaps(struct relations_seen *seen, struct arena *a)
{
	const struct relations *r = &seen->r;
	struct relations_gap *gaps = arena_array(a, r->column_count + 1, sizeof *gaps);
	uint64_t *missing = xcalloc(r->column_count + 1, sizeof *missing);

	for (size_t i = 0; i < r->missing_count; i++) {
		missing[r->missing[i].a] = r->missing[i].a_missing;
		missing[r->missing[i].b] = r->missing[i].b_missing;
	}
	for (size_t i = 0; i < r->pattern_count && r->missing_count == 0; i++)
		for (size_t k = 0; k < r->patterns[i].column_count; k++)
			missing[r->patterns[i].columns[k]] += r->patterns[i].rows;
	for (size_t i = 0; i < r->column_count; i++)
		if (missing[i] > 0)
			gaps[seen->gap_count++] = (struct relations_gap){i, missing[i]};
	qsort(gaps, seen->gap_count, sizeof *gaps, more_missing);
	seen->gaps = gaps;
	seen->signs = arena_alloc(a, sizeof *seen->signs);
	*seen->signs = (struct relations_signs){.count = SIZE_MAX, .title = ""};
	free(missing);
}

bool view_relations_has_gap(const struct relation_pattern *p, size_t column)
{
	for (size_t i = 0; i < p->column_count; i++)
		if (p->columns[i] == column)
			return true;
	return false;
}

/* ---- signs ---- */

/* "●─●· +2": a sign a column, those that are missing joined by a line; how many others are. */
static const char *signs_text(const struct relations_seen *seen, const struct relation_pattern *p,
                              size_t count, enum term_charset charset)
{
	size_t first = SIZE_MAX, last = 0, signs = 0;
	bool missing[RELATIONS_GAPS] = {false};
	struct str out;
	const char *text;

	str_init(&out);
	for (size_t i = 0; i < count; i++) {
		missing[i] = view_relations_has_gap(p, seen->gaps[i].column);
		if (!missing[i])
			continue;
		first = first == SIZE_MAX ? i : first;
		last = i;
		signs++;
	}
	for (size_t i = 0; i < count; i++) {
		str_adds(&out, missing[i] ? term_glyph(charset, GLYPH_RUNNING) : charset == TERM_ASCII ? "." : "·");
		if (i + 1 < count)
			str_adds(&out, first <= i && i < last ? term_glyph(charset, GLYPH_HLINE) : " ");
	}
	if (p->column_count > signs)
		str_addf(&out, "%s+%zu", count ? " " : "", p->column_count - signs);
	text = arena_memdup0(seen->arena, out.data, out.len);
	str_release(&out);
	return text;
}

/* Two digits stand over two signs: of those only every second one. */
static const char *signs_title(const struct relations_seen *seen, size_t count)
{
	struct str out;
	const char *text;

	str_init(&out);
	for (size_t i = 1; i <= count; i++) {
		if (i < TWO_DIGITS)
			str_addf(&out, "%-2zu", i);
		else if (i % 2 == 0)
			str_addf(&out, "%-4zu", i);
	}
	while (out.len > 0 && out.data[out.len - 1] == ' ')
		out.len--;
	text = arena_memdup0(seen->arena, out.data, out.len);
	str_release(&out);
	return text;
}

void view_relations_sign(const struct relations_seen *seen, size_t count, enum term_charset charset)
{
	const struct list_rows *rows = &seen->lists[RELATIONS_PATTERNS];

	count = count < RELATIONS_GAPS ? count : RELATIONS_GAPS;
	count = count < seen->gap_count ? count : seen->gap_count;
	if (count == seen->signs->count)
		return;
	seen->signs->count = count;
	seen->signs->title = signs_title(seen, count);
	for (size_t i = 0; i < rows->count; i++)
		rows->rows[i].cells[RELATIONS_SIGNS].text = signs_text(seen, &seen->r.patterns[i], count, charset);
}

/* ---- beside the list ---- */

static void draw_gap(const struct relations_seen *seen, size_t at, bool in, struct surface *s, int y)
{
	const struct relations_gap *gap = &seen->gaps[at];
	char number[NUM_TEXT];

	surface_glyph(s, 0, y, in ? STYLE_ACCENT : STYLE_MUTED, in ? GLYPH_RUNNING : GLYPH_QUEUED);
	surface_printf(s, 2, y, STYLE_MUTED, "%3zu", at + 1);
	surface_put_name(s, 6, y, s->w - 18, in ? STYLE_TEXT : STYLE_MUTED, seen->r.names[gap->column]);
	surface_put_right(s, s->w - 11, y, 11, in ? STYLE_TEXT : STYLE_MUTED,
	                  count_people((int64_t)gap->missing, number));
}

/* Where there is no room for all of them, those that are missing here come first. */
void view_relations_draw_gaps(const struct relations_seen *seen, const struct relation_pattern *p,
                              struct surface *s)
{
	bool all = seen->gap_count + 1 <= (size_t)s->h;
	int y = 1, room = all ? s->h : s->h - 1;
	size_t drawn = 0;

	surface_put(s, 0, 0, STYLE_HEADING, "COLUMNS WITH GAPS");
	surface_put_right(s, s->w - 8, 0, 8, STYLE_HEADER, "missing");
	for (int pass = all ? 1 : 0; pass < 2; pass++)
		for (size_t i = 0; i < seen->gap_count && y < room; i++) {
			bool in = view_relations_has_gap(p, seen->gaps[i].column);

			if (!all && in == (pass == 1))
				continue;
			draw_gap(seen, i, in, s, y++);
			drawn++;
		}
	if (drawn < seen->gap_count && s->h > 1)
		surface_printf(s, 6, s->h - 1, STYLE_MUTED, "and %zu more", seen->gap_count - drawn);
}
