/* Relations: what their lists are. */
#include <math.h>
#include <string.h>

#include "facts.h"
#include "relations.h"
#include "view_inside.h"

static const struct relations *relations_of(const struct list *l)
{
	const struct relations_seen *seen = view_relations_seen(l->view);

	return seen ? &seen->r : NULL;
}

/* ---- columns ---- */

/* Names get what the others leave. */
static int names(int width, int others, int count)
{
	int each = (width - others) / count;

	return each < 12 ? 12 : each > 40 ? 40 : each;
}

/* In the order of relation_cells. */
#define MEASURES 11
static const struct ui_column MEASURE[MEASURES] = {
    {.id = "strength", .title = "strength", .align = UI_DECIMAL, .min = 8},
    {.id = "bar", .title = "", .min = 6, .max = 10, .priority = 3},
    {.id = "measure", .title = "measure", .min = 20, .max = 26, .priority = 1},
    {.id = "n", .title = "n", .align = UI_RIGHT, .min = 6, .priority = 4},
    {.id = "kind", .title = "kind", .min = 10, .priority = 5},
    {.id = "pearson", .title = "Pearson", .align = UI_DECIMAL, .min = 7, .priority = 7},
    {.id = "spearman", .title = "Spearman", .align = UI_DECIMAL, .min = 8, .priority = 7},
    {.id = "v", .title = "V", .align = UI_DECIMAL, .min = 6, .priority = 8},
    {.id = "mutual", .title = "mutual", .align = UI_DECIMAL, .min = 6, .priority = 10},
    {.id = "eta", .title = "eta", .align = UI_DECIMAL, .min = 6, .priority = 8},
    {.id = "p", .title = "p", .align = UI_RIGHT, .min = 7, .priority = 9, .ascending = true},
};

static size_t measures(int width, struct ui_column *out)
{
	memcpy(out, MEASURE, sizeof MEASURE);
	if (width < 100)
		out[1].max = out[1].min;
	return MEASURES;
}

static size_t label_columns(struct list *l, int width, struct ui_column *out)
{
	(void)l;
	out[0] = (struct ui_column){.id = "feature", .title = "feature", .min = 14, .max = names(width, 65, 1)};
	out[1] = (struct ui_column){.id = "leak", .title = "", .min = 7, .max = 7, .priority = 2};
	return 2 + measures(width, out + 2);
}

static size_t pair_columns(struct list *l, int width, struct ui_column *out)
{
	(void)l;
	out[0] = (struct ui_column){.id = "a", .title = "a", .min = 12, .max = names(width, 54, 2)};
	out[1] = (struct ui_column){.id = "b", .title = "b", .min = 12, .max = names(width, 54, 2)};
	return 2 + measures(width, out + 2);
}

static size_t pattern_columns(struct list *l, int width, struct ui_column *out)
{
	const struct relations_seen *seen = view_relations_seen(l->view);
	const struct ui_column all[] = {
	    {.id = "pattern", .title = seen ? seen->gap_title : "missing", .min = 8, .max = 2 * RELATIONS_GAPS},
	    {.id = "rows", .title = "rows", .align = UI_RIGHT, .min = 7},
	    {.id = "share", .title = "share", .align = UI_RIGHT, .min = 6, .priority = 1},
	    {.id = "bar", .title = "", .min = 8, .max = 10, .priority = 3},
	    {.id = "columns",
	     .title = "missing in them",
	     .min = 16,
	     .max = width > 76 ? width - 60 : 16,
	     .priority = 2},
	    {.id = "first_row", .title = "first row", .align = UI_RIGHT, .min = 9, .priority = 4},
	};

	memcpy(out, all, sizeof all);
	return COUNT_OF(all);
}

static size_t missing_columns(struct list *l, int width, struct ui_column *out)
{
	const struct ui_column all[] = {
	    {.id = "a", .title = "a", .min = 12, .max = names(width, 50, 2)},
	    {.id = "b", .title = "b", .min = 12, .max = names(width, 50, 2)},
	    {.id = "both", .title = "both", .align = UI_RIGHT, .min = 7},
	    {.id = "phi", .title = "phi", .align = UI_DECIMAL, .min = 6},
	    {.id = "jaccard", .title = "jaccard", .align = UI_DECIMAL, .min = 7, .priority = 1},
	    {.id = "bar", .title = "", .min = 8, .max = 10, .priority = 2},
	    {.id = "a_missing", .title = "a missing", .align = UI_RIGHT, .min = 9, .priority = 3},
	    {.id = "b_missing", .title = "b missing", .align = UI_RIGHT, .min = 9, .priority = 3},
	};

	(void)l;
	memcpy(out, all, sizeof all);
	return COUNT_OF(all);
}

static size_t same_columns(struct list *l, int width, struct ui_column *out)
{
	const struct ui_column all[] = {
	    {.id = "a", .title = "a", .min = 12, .max = names(width, 34, 2)},
	    {.id = "b", .title = "b", .min = 12, .max = names(width, 34, 2)},
	    {.id = "kind", .title = "how", .min = 12},
	    {.id = "same_rows", .title = "rows alike", .align = UI_RIGHT, .min = 10},
	    {.id = "share", .title = "share", .align = UI_RIGHT, .min = 6, .priority = 1},
	};

	(void)l;
	memcpy(out, all, sizeof all);
	return COUNT_OF(all);
}

static size_t row_columns(struct list *l, int width, struct ui_column *out)
{
	static const struct ui_column all[] = {
	    {.id = "set", .title = "set", .min = 8},
	    {.id = "count", .title = "equal rows", .align = UI_RIGHT, .min = 10},
	    {.id = "bar", .title = "", .min = 8, .max = 10, .priority = 1},
	    {.id = "first_rows", .title = "the first of them", .min = 18, .max = 60},
	};

	(void)l;
	(void)width;
	memcpy(out, all, sizeof all);
	return COUNT_OF(all);
}

/* ---- the line above ---- */

static const char *label_note(struct list *l, struct arena *a, style_id *style)
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

static const char *pair_note(struct list *l, struct arena *a, style_id *style)
{
	const struct relations_seen *seen = view_relations_seen(l->view);

	(void)style;
	if (!seen || !*seen->column)
		return NULL;
	return arena_printf(a, "those of %s first", seen->column);
}

static const char *pattern_note(struct list *l, struct arena *a, style_id *style)
{
	const struct relations_seen *seen = view_relations_seen(l->view);
	const struct relations *r = relations_of(l);

	(void)style;
	if (!r || r->rows == 0)
		return NULL;
	return arena_printf(a, "complete %s of %s rows (%s)%s", view_cell_count(a, (int64_t)r->complete_rows),
	                    view_cell_count(a, (int64_t)r->rows),
	                    view_cell_percent(a, (double)r->complete_rows / (double)r->rows),
	                    seen->gap_count > RELATIONS_GAPS
	                        ? arena_printf(a, "   signs of the %d columns with most gaps", RELATIONS_GAPS)
	                        : "");
}

static const char *duplicate_note(struct list *l, struct arena *a, style_id *style)
{
	const struct relations *r = relations_of(l);

	(void)style;
	if (!r || r->duplicates == 0)
		return NULL;
	return arena_printf(a, "%s row%s repeat%s an earlier one, in %s set%s",
	                    view_cell_count(a, (int64_t)r->duplicates), r->duplicates == 1 ? "" : "s",
	                    r->duplicates == 1 ? "s" : "", view_cell_count(a, (int64_t)r->duplicate_sets),
	                    r->duplicate_sets == 1 ? "" : "s");
}

/* "20 of 1,204 patterns": how many there are in all, where not all are at hand. */
static int draw_of_all(struct surface *s, const char *shown, const char *all, const char *word)
{
	char text[2 * NUM_TEXT + 40];
	int width = snprintf(text, sizeof text, "%s%s%s %s", shown ? shown : "", shown ? " of " : "", all, word);

	surface_put_right(s, s->w - width - 1, 0, width, STYLE_MUTED, text);
	return width;
}

static int some_of(struct list *l, struct surface *s, size_t shown, uint64_t all)
{
	char few[NUM_TEXT], many[NUM_TEXT];

	if (shown == 0)
		return 0;
	return draw_of_all(s, shown < all ? count_people((int64_t)shown, few) : NULL,
	                   count_people((int64_t)all, many), all == 1 ? l->spec->one : l->spec->many);
}

static int pattern_right(struct list *l, struct surface *s)
{
	const struct relations *r = relations_of(l);

	return r ? some_of(l, s, r->pattern_count, r->pattern_all) : 0;
}

static int set_right(struct list *l, struct surface *s)
{
	const struct relations *r = relations_of(l);

	return r ? some_of(l, s, r->set_count, r->duplicate_sets) : 0;
}

/* ---- beside the lists ---- */

/* The two columns that a row is about; false: of none. */
static bool columns_at(const struct list *l, int64_t id, size_t *a, size_t *b)
{
	const struct relations *r = relations_of(l);
	size_t at = (size_t)id - 1;

	if (!r || id <= 0)
		return false;
	switch (l->spec - VIEW_RELATIONS_LISTS) {
	case RELATIONS_LABEL:
		*a = at < r->to_label_count ? r->to_label[at].a : r->trails[at - r->to_label_count].with.a;
		*b = (size_t)r->label;
		return true;
	case RELATIONS_PAIRS:
		*a = r->pairs[at].a;
		*b = r->pairs[at].b;
		return true;
	case RELATIONS_MISSING:
		*a = r->missing[at].a;
		*b = r->missing[at].b;
		return true;
	case RELATIONS_SAME:
		*a = r->same[at].a;
		*b = r->same[at].b;
		return true;
	default:
		return false;
	}
}

void view_relation_beside(const struct relations_seen *seen, size_t a, size_t b, struct surface *s)
{
	struct surface part = surface_part(s, -FACTS_LEFT, 3, s->w + FACTS_LEFT, s->h - 3);
	struct facts facts = {0};

	surface_put_name(s, 0, 0, s->w, STYLE_TITLE, seen->r.names[a]);
	surface_put(s, 0, 1, STYLE_MUTED, "with");
	surface_put_name(s, 5, 1, s->w - 5, STYLE_TITLE, seen->r.names[b]);
	view_relation_facts(&facts, seen, a, b);
	facts_draw(&facts, &part);
	facts_release(&facts);
}

static void preview_pair(struct list *l, struct surface *s)
{
	size_t a, b;

	if (columns_at(l, ui_table_cursor(l->table), &a, &b))
		view_relation_beside(view_relations_seen(l->view), a, b, s);
}

static bool has_column(const struct relation_pattern *p, size_t column)
{
	for (size_t i = 0; i < p->column_count; i++)
		if (p->columns[i] == column)
			return true;
	return false;
}

/* Which columns the numbers stand for, how much is missing in each, and which of them are in the current row. */
static void preview_pattern(struct list *l, struct surface *s)
{
	const struct relations_seen *seen = view_relations_seen(l->view);
	const struct relation_pattern *p = &seen->r.patterns[ui_table_cursor(l->table) - 1];
	char number[NUM_TEXT];

	surface_put(s, 0, 0, STYLE_HEADING, "COLUMNS WITH GAPS");
	surface_put_right(s, s->w - 8, 0, 8, STYLE_HEADER, "missing");
	for (size_t i = 0; i < seen->gap_count && (int)i + 1 < s->h; i++) {
		const struct relations_gap *gap = &seen->gaps[i];
		bool in = has_column(p, gap->column);
		int y = (int)i + 1;

		surface_glyph(s, 0, y, in ? STYLE_ACCENT : STYLE_MUTED, in ? GLYPH_RUNNING : GLYPH_QUEUED);
		surface_printf(s, 2, y, STYLE_MUTED, "%2zu", i + 1);
		surface_put_name(s, 5, y, s->w - 17, in ? STYLE_TEXT : STYLE_MUTED, seen->r.names[gap->column]);
		surface_put_right(s, s->w - 11, y, 11, in ? STYLE_TEXT : STYLE_MUTED,
		                  count_people((int64_t)gap->missing, number));
	}
}

/* ---- opening ---- */

static void open_pair(struct list *l, int64_t id)
{
	size_t a, b;

	if (columns_at(l, id, &a, &b))
		view_relation_open(l->view->ui, view_relations_seen(l->view), a, b);
}

static void add_condition(struct str *out, const char *name, bool missing)
{
	str_addf(out, "%s\"", out->len ? " AND " : "");
	for (const char *p = name; *p; p++)
		str_addf(out, "%s%c", *p == '"' ? "\"" : "", *p);
	str_adds(out, missing ? "\" IS MISSING" : "\" IS NOT MISSING");
}

static void where_missing(struct str *out, const struct relations_seen *seen,
                          const struct relation_pattern *p, bool alone)
{
	for (size_t i = 0; i < seen->gap_count; i++) {
		bool in = has_column(p, seen->gaps[i].column);

		if (in || alone)
			add_condition(out, seen->r.names[seen->gaps[i].column], in);
	}
}

/* Rows in which just these columns are missing; where too many have gaps to say so, in which they are. */
static void open_pattern(struct list *l, int64_t id)
{
	const struct relations_seen *seen = view_relations_seen(l->view);
	const struct relation_pattern *p = &seen->r.patterns[id - 1];
	struct rows_args args = {.id = seen->id, .first = p->first_row};
	bool alone;
	struct str where;

	str_init(&where);
	where_missing(&where, seen, p, true);
	alone = where.len < LIST_FILTER;
	if (!alone) {
		str_clear(&where);
		where_missing(&where, seen, p, false);
	}
	for (size_t i = 0; i < seen->gap_count && !args.column; i++)
		if (has_column(p, seen->gaps[i].column))
			args.column = seen->r.names[seen->gaps[i].column];
	args.where = where.data;
	if (view_rows_open(l->view->ui, &args) == 0 && !alone)
		ui_message(l->view->ui, STYLE_WARN, "in some of these rows other columns are missing, too");
	str_release(&where);
}

static void open_set(struct list *l, int64_t id)
{
	const struct relations_seen *seen = view_relations_seen(l->view);
	const struct relation_rows *set = &seen->r.sets[id - 1];
	struct rows_args args = {.id = seen->id, .equal = true, .first = set->first[0]};

	view_rows_open(l->view->ui, &args);
}

const struct list_spec VIEW_RELATIONS_LISTS[RELATIONS_LISTS] = {
    [RELATIONS_LABEL] =
        {.name = "label",
         .one = "feature",
         .many = "features",
         .empty = "Here stands what each column has to do with the label, the strongest first: with the "
                  "label nearly alone, a column often knows it from after the fact.\n"
                  "This data set has no label, or nothing beside it. A label is named when the files are "
                  "registered; the same files with one are another version:\n"
                  "\n"
                  "$ assay data add NAME FILE.csv --label COLUMN --positive VALUE",
         .of_object = true,
         .columns = label_columns,
         .note = label_note,
         .preview = preview_pair,
         .open = open_pair},
    [RELATIONS_PAIRS] =
        {.name = "pairs",
         .one = "pair",
         .many = "pairs",
         .empty = "Here stand pairs of features, the strongest first. It takes two columns of numbers or "
                  "categories that are neither the label nor names of rows.\n"
                  "A type that was guessed wrong can be said when the files are registered:\n"
                  "\n"
                  "$ assay data add NAME FILE.csv --type COLUMN=num",
         .of_object = true,
         .columns = pair_columns,
         .note = pair_note,
         .preview = preview_pair,
         .open = open_pair},
    [RELATIONS_PATTERNS] =
        {.name = "patterns",
         .one = "pattern",
         .many = "patterns",
         .empty = "Nothing is missing: every row is complete.\n"
                  "A value that means none, -999 say, can be said when the files are registered:\n"
                  "\n"
                  "$ assay data add NAME FILE.csv --missing '-999,NA'",
         .of_object = true,
         .columns = pattern_columns,
         .note = pattern_note,
         .right = pattern_right,
         .preview = preview_pattern,
         .open = open_pattern},
    [RELATIONS_MISSING] = {.name = "missing",
                           .one = "pair",
                           .many = "pairs",
                           .empty =
                               "Here stand columns that go missing together. It takes two columns with gaps.",
                           .of_object = true,
                           .columns = missing_columns,
                           .preview = preview_pair,
                           .open = open_pair},
    [RELATIONS_SAME] =
        {.name = "same",
         .one = "pair",
         .many = "pairs",
         .empty = "No two columns are the same but for their names: none equal, none that goes one to one "
                  "with another, none that is another one measured differently.",
         .of_object = true,
         .columns = same_columns,
         .preview = preview_pair,
         .open = open_pair},
    [RELATIONS_ROWS] =
        {.name = "rows",
         .one = "set",
         .many = "sets",
         .empty = "No row stands there twice. (Columns that name a row, of type or role id, are not looked "
                  "at.)",
         .of_object = true,
         .columns = row_columns,
         .note = duplicate_note,
         .right = set_right,
         .open = open_set},
};
