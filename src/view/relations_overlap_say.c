/* Rows that two data sets have in common, in words: how many of how many, what that means, where the first of them stand. */
#include <string.h>

#include "relations.h"
#include "view_inside.h"

static const struct overlap *of_test(const struct overlap_seen *seen)
{
	return &seen->both.test;
}

static const char *counted(struct arena *a, uint64_t count, const char *one, const char *many)
{
	return arena_printf(a, "%s %s", view_cell_count(a, (int64_t)count), count == 1 ? one : many);
}

/* Names in a sentence: so much of a long one that it can be told, its end, which tells versions, too. */
static const char *shortly(struct arena *a, const char *name)
{
	enum { MOST = 30, END = 10 };
	int whole = text_width(name, strlen(name)), w;
	size_t from = 0;

	if (whole <= MOST)
		return name;
	for (int skip = whole - END; skip > 0; skip -= w)
		from += text_grapheme(name + from, strlen(name + from), &w);
	return arena_printf(a, "%.*s\xe2\x80\xa6%s", (int)text_fit(name, strlen(name), MOST - END - 1, &w), name,
	                    name + from);
}

/* ---- sentences ---- */

/* "1,204 of 10,000 rows of test@1 (12.0%)"; one or none of them: the verb is in the singular. */
static const char *so_many(struct arena *a, uint64_t count, uint64_t all, const char *name)
{
	if (count == 0)
		return arena_printf(a, "No row of %s", name);
	if (count == all)
		return all == 1 ? arena_printf(a, "The one row of %s", name)
		                : arena_printf(a, "All %s rows of %s", view_cell_count(a, (int64_t)all), name);
	return arena_printf(a, "%s of %s of %s (%s)", view_cell_count(a, (int64_t)count),
	                    counted(a, all, "row", "rows"), name,
	                    view_cell_percent(a, (double)count / (double)all));
}

static const char *sentence(struct arena *a, const struct overlap_seen *seen, enum overlap_kind kind)
{
	const struct overlap *o = of_test(seen);
	const uint64_t count = overlap_rows_of(o, kind)->count;
	const char *rows = so_many(a, count, o->test_rows, shortly(a, seen->other_name)),
	           *name = shortly(a, seen->name), *label = o->label ? shortly(a, o->label) : NULL,
	           *are = count > 1 ? "are" : "is", *them = count > 1 ? "them" : "it";

	if (kind == OVERLAP_SAME && count == 0)
		return arena_printf(a, "%s stands in %s, too.", rows, name);
	if (kind == OVERLAP_SAME)
		return arena_printf(
		    a, "%s %s in %s, too, equal in %s. %s", rows, count > 1 ? "stand" : "stands", name,
		    o->column_count == 1 ? "the one column that is compared"
		                         : arena_printf(a, "all %zu columns that are compared", o->column_count),
		    overlap_leaks(o)
		        ? arena_printf(a,
		                       "A model that has learned from %s has seen %s: tested on %s, it looks better "
		                       "than it is.",
		                       name, them, them)
		        : arena_printf(a,
		                       "That need not be the same case%s: most rows of %s repeat another one of it, "
		                       "too.",
		                       count > 1 ? "s" : "", name));
	if (kind == OVERLAP_ALIKE)
		return arena_printf(
		    a,
		    "%s %s like a row of %s, the label %s aside: a model that has learned from it was "
		    "shown the same case, with the same %s or another.",
		    rows, are, name, label, label);
	return arena_printf(a, "%s %s like a row of %s that has another %s.%s", rows, are, name, label,
	                    count == 0 ? ""
	                               : " One of the two is wrong, or these columns do not say enough to tell.");
}

const char *view_overlap_names(struct arena *a, const struct overlap_seen *seen)
{
	return arena_printf(a, "%s against %s", shortly(a, seen->other_name), shortly(a, seen->name));
}

void view_overlap_say_none(const struct overlap_seen *seen, struct str *out)
{
	const struct overlap *o = of_test(seen);
	struct arena *a = arena_new();

	str_addf(out, "No row of %s stands in %s%s: %s against %s, compared in %s.", shortly(a, seen->other_name),
	         shortly(a, seen->name), o->label ? ", with the same label or another" : "",
	         counted(a, o->test_rows, "row", "rows"), view_cell_count(a, (int64_t)o->train_rows),
	         counted(a, o->column_count, "column", "columns"));
	arena_free(a);
}

const char *view_overlap_which(struct arena *a, const struct overlap_seen *seen, enum overlap_kind kind,
                               bool there)
{
	const char *one = shortly(a, there ? seen->name : seen->other_name),
	           *other = shortly(a, there ? seen->other_name : seen->name);

	if (kind == OVERLAP_SAME)
		return arena_printf(a, "%s: rows of %s that stand in %s, too", overlap_kind_name(kind), one, other);
	return arena_printf(a, "%s: rows of %s like one of %s", overlap_kind_name(kind), one, other);
}

/* ---- where the first of them stand ---- */

enum { FIRST_GAP = 2, NUMBER_LEAST = 8, NUMBER_MOST = 24, LABEL_MOST = 12 };

static int width_of(const struct surface *s, const char *text, int least, int most)
{
	int width = text ? surface_width(s, text, strlen(text)) : 0;

	return width < least ? least : width > most ? most : width;
}

static void draw_name(struct surface *s, int x, int y, int width, const char *name)
{
	int used = width_of(s, name, 0, width);

	surface_put_name(s, x + width - used, y, used, STYLE_HEADER, name);
}

static void draw_label(struct surface *s, int x, int y, int width, const char *label)
{
	const char *text = label ? label : term_glyph(surface_charset(s), GLYPH_NONE);

	surface_put_cut(s, x, y, width, label ? STYLE_TEXT : STYLE_MUTED, text, strlen(text));
}

/* Where rows may have other labels, how wide these are; 0: they are not shown. */
static int labels_width(const struct overlap *o, enum overlap_kind kind, const struct surface *s)
{
	const struct overlap_rows *rows = overlap_rows_of(o, kind);
	int width;

	if (kind == OVERLAP_SAME || !o->label)
		return 0;
	width = width_of(s, o->label, 0, LABEL_MOST);
	for (size_t i = 0; i < rows->count && i < OVERLAP_EXAMPLES; i++) {
		width = width_of(s, rows->first[i].test_label, width, LABEL_MOST);
		width = width_of(s, rows->first[i].train_label, width, LABEL_MOST);
	}
	return 2 * (NUMBER_LEAST + width) + 3 * FIRST_GAP <= s->w ? width : 0;
}

/* A row of the one, its label, a row of the other, its label. */
static int draw_first(const struct overlap_seen *seen, enum overlap_kind kind, struct surface *s, int y)
{
	const struct overlap *o = of_test(seen);
	const struct overlap_rows *rows = overlap_rows_of(o, kind);
	int label = labels_width(o, kind, s), beside = label ? label + FIRST_GAP : 0,
	    number = (s->w - FIRST_GAP) / 2 - beside, most = width_of(s, seen->name, NUMBER_LEAST, NUMBER_MOST),
	    second;
	struct arena *a = arena_new();

	most = width_of(s, seen->other_name, most, NUMBER_MOST);
	number = number < most ? number : most;
	second = number + beside + FIRST_GAP;
	draw_name(s, 0, y, number, seen->other_name);
	draw_name(s, second, y, number, seen->name);
	if (label) {
		surface_put_name(s, number + FIRST_GAP, y, label, STYLE_HEADER, o->label);
		surface_put_name(s, second + number + FIRST_GAP, y, label, STYLE_HEADER, o->label);
	}
	for (size_t i = 0; i < rows->count && i < OVERLAP_EXAMPLES; i++) {
		y++;
		surface_put_right(s, 0, y, number, STYLE_TEXT, view_cell_count(a, (int64_t)rows->first[i].test + 1));
		surface_put_right(s, second, y, number, STYLE_TEXT,
		                  view_cell_count(a, (int64_t)rows->first[i].train + 1));
		if (label) {
			draw_label(s, number + FIRST_GAP, y, label, rows->first[i].test_label);
			draw_label(s, second + number + FIRST_GAP, y, label, rows->first[i].train_label);
		}
	}
	arena_free(a);
	return y + 1;
}

static int draw_rows(const struct overlap_seen *seen, enum overlap_kind kind, struct surface *s, int y)
{
	uint64_t count = overlap_rows_of(of_test(seen), kind)->count;

	if (count == 0 || y + 3 >= s->h)
		return y;
	surface_put(s, 0, y + 1, STYLE_HEADING, count > OVERLAP_EXAMPLES ? "FIRST ROWS" : "ROWS");
	return draw_first(seen, kind, s, y + 2);
}

int view_overlap_draw_kind(const struct overlap_seen *seen, enum overlap_kind kind, struct surface *s)
{
	struct arena *a = arena_new();
	int y = ui_paragraph(s, 0, 0, STYLE_TEXT, sentence(a, seen, kind));

	arena_free(a);
	return draw_rows(seen, kind, s, y);
}

enum { CARD_GAP = 4, CARD_MOST = 64 };

int view_overlap_draw_kinds(const struct overlap_seen *seen, enum overlap_kind current, struct surface *s)
{
	const int count = (int)seen->list.count;
	int width = (s->w - (count - 1) * CARD_GAP) / count, head = 0, end = 0;
	struct surface cards[OVERLAP_KINDS];
	struct arena *a = arena_new();

	width = width < CARD_MOST ? width : CARD_MOST;
	for (int k = 0; k < count; k++) {
		const char *name = overlap_kind_name((enum overlap_kind)k);
		int y;

		cards[k] = surface_part(s, k * (width + CARD_GAP), 0, width, s->h);
		surface_put(&cards[k], 0, 0, k == (int)current ? STYLE_ROW_CURSOR : STYLE_HEADING, name);
		y = 1 + ui_paragraph(&cards[k], 0, 1, STYLE_TEXT, sentence(a, seen, (enum overlap_kind)k));
		head = y > head ? y : head;
	}
	/* The rows begin at one height, however long the sentences are. */
	for (int k = 0; k < count; k++) {
		int y = draw_rows(seen, (enum overlap_kind)k, &cards[k], head);

		end = y > end ? y : end;
	}
	arena_free(a);
	return end;
}

/* ---- what was compared, and what not ---- */

enum { NAMES_MOST = 40, NOTES_MOST = 3, LINES_MOST = 4 + NOTES_MOST };

/* Of very many the first say which kind of columns these are. */
static const char *names(struct arena *a, const char *head, const char *const *list, size_t count)
{
	struct str text;
	const char *copy;

	str_init(&text);
	str_addf(&text, "%s: ", head);
	for (size_t i = 0; i < count && i < NAMES_MOST; i++)
		str_addf(&text, "%s%s", i ? ", " : "", shortly(a, list[i]));
	if (count > NAMES_MOST)
		str_addf(&text, " and %zu more", count - NAMES_MOST);
	copy = arena_memdup0(a, text.data, text.len);
	str_release(&text);
	return copy;
}

static size_t note_lines(const struct overlap_seen *seen, struct arena *a, const char **lines)
{
	const struct overlap *o = of_test(seen);
	const char *name = shortly(a, seen->name), *other = shortly(a, seen->other_name);
	size_t count = 0;

	lines[count++] =
	    names(a, arena_printf(a, "compared in %s", counted(a, o->column_count, "column", "columns")),
	          o->columns, o->column_count);
	if (o->only_train_count > 0)
		lines[count++] = names(a, arena_printf(a, "only in %s", name), o->only_train, o->only_train_count);
	if (o->only_test_count > 0)
		lines[count++] = names(a, arena_printf(a, "only in %s", other), o->only_test, o->only_test_count);
	if (o->train_repeats > 0 && o->alike.count > 0)
		lines[count++] =
		    arena_printf(a, "%s of %s repeat%s another one of it: some are equal by chance",
		                 counted(a, o->train_repeats, "row", "rows"), name, o->train_repeats == 1 ? "s" : "");
	for (size_t i = 0; i < o->note_count && i < NOTES_MOST; i++)
		lines[count++] = o->notes[i];
	return count;
}

static int draw_whole(struct surface *s, const char *const *lines, int count)
{
	int y = 0;

	for (int i = 0; i < count; i++)
		y += ui_paragraph(s, 0, y, STYLE_MUTED, lines[i]);
	return y;
}

void view_overlap_draw_notes(const struct overlap_seen *seen, struct surface *s)
{
	const char *lines[LINES_MOST];
	struct arena *a = arena_new();
	int count = (int)note_lines(seen, a, lines);
	struct surface part = surface_part(s, 1, 0, s->w - 2, s->h), nowhere = part;

	nowhere.clip_x1 = nowhere.clip_x0;
	if (draw_whole(&nowhere, lines, count) <= s->h) {
		draw_whole(&part, lines, count);
	} else {
		count = count < s->h ? count : s->h;
		for (int i = 0; i < count; i++)
			surface_put_cut(&part, 0, s->h - count + i, part.w, STYLE_MUTED, lines[i], strlen(lines[i]));
	}
	arena_free(a);
}
