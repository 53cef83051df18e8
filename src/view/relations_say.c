/* Relations: what is said around their lists: above them, below them, and where there is nothing in them. */
#include <math.h>
#include <string.h>

#include "relations.h"
#include "view_inside.h"

/* ---- the line above ---- */

const char *view_relations_label_note(struct list *l, struct arena *a, style_id *style)
{
	const struct relations_seen *seen = view_relations_seen(l->view);
	const char *note;

	if (!seen || seen->r.label < 0)
		return NULL;
	note = arena_printf(a, "label %s", seen->r.names[seen->r.label]);
	if (seen->leaks > 0)
		note = arena_printf(a, "%s   %zu know%s it nearly alone: leak?", note, seen->leaks,
		                    seen->leaks == 1 ? "s" : "");
	if (seen->tells)
		note = arena_printf(a, "%s   told by %s", note, seen->tells);
	if (seen->changes)
		note = arena_printf(a, "%s   changes over %s", note, seen->changes);
	if (seen->leaks > 0 || seen->tells || seen->changes)
		*style = STYLE_WARN;
	return note;
}

const char *view_relations_pair_note(struct list *l, struct arena *a, style_id *style)
{
	const struct relations_seen *seen = view_relations_seen(l->view);

	(void)style;
	if (!seen || !*seen->column)
		return NULL;
	return arena_printf(a, "those of %s first", seen->column);
}

const char *view_relations_pattern_note(struct list *l, struct arena *a, style_id *style)
{
	const struct relations_seen *seen = view_relations_seen(l->view);

	(void)style;
	if (!seen || seen->r.rows == 0)
		return NULL;
	return arena_printf(a, "complete %s of %s rows (%s)", view_cell_count(a, (int64_t)seen->r.complete_rows),
	                    view_cell_count(a, (int64_t)seen->r.rows),
	                    view_cell_percent(a, (double)seen->r.complete_rows / (double)seen->r.rows));
}

const char *view_relations_row_note(struct list *l, struct arena *a, style_id *style)
{
	const struct relations_seen *seen = view_relations_seen(l->view);
	const struct relations *r = seen ? &seen->r : NULL;

	(void)style;
	if (!r || r->duplicates == 0)
		return NULL;
	return arena_printf(a, "%s row%s repeat%s an earlier one, in %s set%s",
	                    view_cell_count(a, (int64_t)r->duplicates), r->duplicates == 1 ? "" : "s",
	                    r->duplicates == 1 ? "s" : "", view_cell_count(a, (int64_t)r->duplicate_sets),
	                    r->duplicate_sets == 1 ? "" : "s");
}

/* ---- where there is nothing ---- */

const char VIEW_RELATIONS_NO_PAIR[] =
    "There are no two columns to relate. It takes two columns of numbers or categories that are neither the "
    "label nor names of rows.\n"
    "A type that was guessed wrong can be said when the files are registered:\n"
    "\n"
    "$ assay data add NAME FILE.csv --type COLUMN=num";

static const char *counted(struct arena *a, uint64_t count, const char *one, const char *many)
{
	return arena_printf(a, "%s %s", view_cell_count(a, (int64_t)count), count == 1 ? one : many);
}

static size_t notes_of(const struct relations *r, enum relation_note about)
{
	size_t count = 0;

	for (size_t i = 0; i < r->note_count; i++)
		count += relation_note_of(r->notes[i]) == about;
	return count;
}

static void say_no_label(const struct relations *r, struct str *out)
{
	if (r->label_why) {
		str_addf(out,
		         "Nothing can be related to the label: %s.\n"
		         "The other parts do without it. The same files with another label are another version:\n"
		         "\n"
		         "$ assay data add NAME FILE.csv --label COLUMN --positive VALUE",
		         r->label_why);
		return;
	}
	if (r->label >= 0) {
		str_addf(
		    out,
		    "The label %s stands alone: this data set has no feature of numbers or categories that it could "
		    "be related to.",
		    r->names[r->label]);
		return;
	}
	str_adds(out, "This data set has no label. With one, here stands what each column has to do with it, the "
	              "strongest first: a column that knows it nearly alone often does so from after the fact.\n"
	              "A label is named when the files are registered; the same files with one are another "
	              "version:\n"
	              "\n"
	              "$ assay data add NAME FILE.csv --label COLUMN --positive VALUE");
}

static void say_nothing_missing(const struct relations *r, struct arena *a, struct str *out)
{
	str_addf(out,
	         "Nothing is missing: %s, each with a value in %s.\n"
	         "A value that means none, -999 say, can be said when the files are registered:\n"
	         "\n"
	         "$ assay data add NAME FILE.csv --missing '-999,NA'",
	         counted(a, r->rows, "row", "rows"),
	         r->column_count == 1 ? "its one column" : arena_printf(a, "all %zu columns", r->column_count));
}

/* Of pairs of columns with gaps. */
static void say_no_gaps(const struct relations_seen *seen, struct arena *a, struct str *out)
{
	if (seen->gap_count == 0) {
		say_nothing_missing(&seen->r, a, out);
		return;
	}
	str_addf(out,
	         "Only %s has gaps, in %s of %s: it takes two columns to go missing together.\n"
	         "\n"
	         "o  shows the rows in which it is missing",
	         seen->r.names[seen->gaps[0].column], view_cell_count(a, (int64_t)seen->gaps[0].missing),
	         counted(a, seen->r.rows, "row", "rows"));
}

static void say_none_same(const struct relations *r, struct arena *a, struct str *out)
{
	if (r->column_count < 2) {
		str_adds(out, "There is one column: it takes two to be the same.");
		return;
	}
	/* How many of very many were compared is said below. */
	str_addf(
	    out,
	    "No two columns are the same: %s%s.\n"
	    "Two would stand here that are equal, or nearly so (but for 1 row in 100); categories that go one to "
	    "one with others or with numbers; and numbers of which one can be computed from the other (Pearson "
	    "or Spearman from %g on, as of metres and feet), in more rows than chance would have alike. Columns "
	    "of one value alone do not count.\n"
	    "\n"
	    "Tab  looks for rows that stand there twice",
	    notes_of(r, NOTE_SAME) ? "" : arena_printf(a, "%zu columns, ", r->column_count),
	    counted(a, r->rows, "row", "rows"), RELATION_SAME);
}

static void say_no_row_twice(const struct relations *r, struct arena *a, struct str *out)
{
	size_t names = notes_of(r, NOTE_ROWS), compared = r->column_count - names;

	str_addf(out, "No row stands there twice: %s, compared in %s.\n", counted(a, r->rows, "row", "rows"),
	         counted(a, compared, "column", "columns"));
	if (names > 0) /* which, is said below */
		str_adds(out, "\n"
		              "Shift-Tab  looks for columns that are the same");
	else
		str_adds(out, "A column that only numbers the rows tells any two apart. With the role id it does not "
		              "count:\n"
		              "\n"
		              "$ assay data add NAME FILE.csv --id COLUMN");
}

bool view_relations_say_empty(struct list *l, struct str *out)
{
	const struct relations_seen *seen = view_relations_seen(l->view);
	struct arena *a;

	if (!seen)
		return false;
	if (seen->r.rows == 0) {
		str_adds(out, "This data set has no row.");
		return true;
	}
	a = arena_new();
	switch (l->spec - VIEW_RELATIONS_LISTS) {
	case RELATIONS_LABEL:
		say_no_label(&seen->r, out);
		break;
	case RELATIONS_PATTERNS:
		say_nothing_missing(&seen->r, a, out);
		break;
	case RELATIONS_MISSING:
		say_no_gaps(seen, a, out);
		break;
	case RELATIONS_SAME:
		say_none_same(&seen->r, a, out);
		break;
	case RELATIONS_ROWS:
		say_no_row_twice(&seen->r, a, out);
		break;
	default:
		str_adds(out, VIEW_RELATIONS_NO_PAIR);
		break;
	}
	arena_free(a);
	return true;
}

/* ---- below ---- */

enum { BELOW_FROM = 16, NOTES_MOST = 3, LINES_MOST = NOTES_MOST + 2 };

/* What its signs mean. */
static size_t legend(const struct relations_seen *seen, enum relations_list list, struct arena *a,
                     const char **lines)
{
	size_t count = 0;

	if (list != RELATIONS_LABEL)
		return 0;
	if (seen->falls)
		lines[count++] = seen->r.binary ? "minus: the larger the feature, the rarer the positive label"
		                                : "minus: the larger the feature, the smaller the label";
	if (seen->leaks > 0)
		lines[count++] =
		    seen->r.binary
		        ? arena_printf(
		              a,
		              "leak?: AUC from %g on or up to %g, of categories a strength from %g on, and not by "
		              "chance (p up to %g over all features)",
		              RELATION_LEAK, 1 - RELATION_LEAK, 2 * RELATION_LEAK - 1, RELATION_TELLS_P)
		        : arena_printf(
		              a, "leak?: a strength from %g on, and not by chance (p up to %g over all features)",
		              RELATION_LEAK, RELATION_TELLS_P);
	return count;
}

int view_relations_draw_below(const struct relations_seen *seen, enum relations_list list, struct surface *s)
{
	static const enum relation_note notes[RELATIONS_OVERLAP] = {
	    [RELATIONS_LABEL] = NOTE_LABEL,      [RELATIONS_PAIRS] = NOTE_PAIRS,
	    [RELATIONS_PATTERNS] = NOTE_MISSING, [RELATIONS_MISSING] = NOTE_MISSING,
	    [RELATIONS_SAME] = NOTE_SAME,        [RELATIONS_ROWS] = NOTE_ROWS};
	struct surface part = surface_part(s, 1, 0, s->w - 2, s->h), nowhere = part;
	const char *lines[LINES_MOST];
	struct arena *a;
	size_t count = 0;
	int rows = 0;

	if (s->h < BELOW_FROM)
		return 0;
	a = arena_new();
	for (size_t i = 0; i < seen->r.note_count && count < NOTES_MOST; i++)
		if (relation_note_of(seen->r.notes[i]) == notes[list])
			lines[count++] = seen->r.notes[i];
	count += legend(seen, list, a, lines + count);
	nowhere.clip_x1 = nowhere.clip_x0;
	for (size_t i = 0; i < count; i++)
		rows += ui_paragraph(&nowhere, 0, 0, STYLE_MUTED, lines[i]);
	for (size_t i = 0, y = 0; i < count; i++)
		y += (size_t)ui_paragraph(&part, 0, s->h - rows + (int)y, STYLE_MUTED, lines[i]);
	arena_free(a);
	return rows;
}
