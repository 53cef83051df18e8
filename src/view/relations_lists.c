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

/*
 * Names get what the others leave: of the widths that those have with ever fewer of them, the first one that leaves
 * enough to tell names by. What names do not need goes to others.
 */
static int names(int width, int count, const int *others, size_t others_count)
{
	enum { TELLS = 16, LEAST = 8, MOST = 40 };
	int each = 0;

	for (size_t i = 0; i < others_count && each < TELLS; i++)
		each = (width - 2 - others[i]) / count; /* and a sign that there is more */
	return each < LEAST ? LEAST : each > MOST ? MOST : each;
}

static struct ui_column name_column(const char *id, const char *title, int width)
{
	return (struct ui_column){
	    .id = id, .title = title, .min = width < 12 ? width : 12, .max = width, .name = true};
}

/* In the order of relation_cells. */
#define MEASURES 11
static const struct ui_column MEASURE[MEASURES] = {
    {.id = "strength", .title = "strength", .align = UI_DECIMAL, .min = 8},
    {.id = "bar", .title = "", .min = 5, .max = 10, .priority = 4},
    {.id = "measure", .title = "measure", .min = 20, .max = 26, .priority = 1},
    {.id = "n", .title = "n", .align = UI_RIGHT, .min = 6, .priority = 3},
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
	/* With kind, bar, n, measure, strength and sign; with ever fewer of them. */
	static const int others[] = {91, 71, 58, 50, 24};

	(void)l;
	out[0] = name_column("feature", "feature", names(width, 1, others, COUNT_OF(others)));
	out[1] = (struct ui_column){.id = "leak", .title = "", .min = 1, .max = 7};
	return 2 + measures(width, out + 2);
}

static size_t pair_columns(struct list *l, int width, struct ui_column *out)
{
	static const int others[] = {82, 62, 54, 46, 39, 17};
	int each = names(width, 2, others, COUNT_OF(others));

	(void)l;
	out[0] = name_column("a", "a", each);
	out[1] = name_column("b", "b", each);
	for (size_t i = 2, count = 2 + measures(width, out + 2); i < count; i++)
		if (strcmp(out[i].id, "n") == 0)
			out[i].priority = 4; /* there it says less than a picture */
		else if (strcmp(out[i].id, "bar") == 0)
			out[i].priority = 3;
	return 2 + MEASURES;
}

/* In a narrow list names of columns say more than signs whose numbers are explained nowhere. */
static size_t pattern_columns(struct list *l, int width, struct ui_column *out)
{
	/* LEFT: the gutter, rows, share; NAMES: the least of the words. */
	enum { NARROW = 60, LEFT = 21, NAMES = 18, MORE = 5 };
	const struct relations_seen *seen = view_relations_seen(l->view);
	bool narrow = width < NARROW;
	int room = (width - 1 - LEFT - MORE - (narrow ? 0 : NAMES)) / 2, used = 2, rest;
	struct ui_column all[] = {
	    {.id = "rows", .title = "rows", .align = UI_RIGHT, .min = 7},
	    {.id = "share", .title = "share", .align = UI_RIGHT, .min = 6, .priority = 1},
	    {.id = "bar", .title = "", .min = 8, .max = 10, .priority = 3},
	    {.id = "pattern", .title = "", .min = 4, .priority = narrow ? 3 : 1, .no_sort = true},
	    {.id = "columns", .title = "missing in them", .min = 16, .priority = 1},
	    {.id = "first_row", .title = "first row", .align = UI_RIGHT, .min = 9, .priority = 4},
	};

	if (seen) {
		view_relations_sign(seen, room > 1 ? (size_t)room : 1, view_app_of(l->view)->charset);
		all[RELATIONS_SIGNS].title = seen->signs->title;
		used = 2 * (int)seen->signs->count + (seen->signs->count < seen->gap_count ? MORE : 0) + 1;
	}
	rest = width - 1 - LEFT - (narrow ? 0 : used);
	all[4].max = rest > NAMES ? rest : NAMES - 2;
	memcpy(out, all, sizeof all);
	return COUNT_OF(all);
}

static size_t missing_columns(struct list *l, int width, struct ui_column *out)
{
	static const int others[] = {65, 43, 32, 24, 14};
	int each = names(width, 2, others, COUNT_OF(others));
	const struct ui_column all[] = {
	    name_column("a", "a", each),
	    name_column("b", "b", each),
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
	static const int others[] = {42, 33, 19};
	int each = names(width, 2, others, COUNT_OF(others));
	const struct ui_column all[] = {
	    name_column("a", "a", each),
	    name_column("b", "b", each),
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

static void preview_pattern(struct list *l, struct surface *s)
{
	const struct relations_seen *seen = view_relations_seen(l->view);

	view_relations_draw_gaps(seen, &seen->r.patterns[ui_table_cursor(l->table) - 1], s);
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
		bool in = view_relations_has_gap(p, seen->gaps[i].column);

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
		if (view_relations_has_gap(p, seen->gaps[i].column))
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
	struct arena *a = arena_new();
	struct rows_args args = {.id = seen->id,
	                         .equal = true,
	                         .first = set->first[0],
	                         .which = arena_printf(a, "set %lld: %s equal rows, the first of them row %s",
	                                               (long long)id, view_cell_count(a, (int64_t)set->count),
	                                               view_cell_count(a, (int64_t)set->first[0] + 1))};

	view_rows_open(l->view->ui, &args);
	arena_free(a);
}

const struct list_spec VIEW_RELATIONS_LISTS[RELATIONS_OVERLAP] = {
    [RELATIONS_LABEL] = {.name = "label",
                         .one = "relation",
                         .many = "relations",
                         .empty = "",
                         .say_empty = view_relations_say_empty,
                         .of_object = true,
                         .columns = label_columns,
                         .note = view_relations_label_note,
                         .preview = preview_pair,
                         .open = open_pair},
    [RELATIONS_PAIRS] = {.name = "pairs",
                         .one = "pair",
                         .many = "pairs",
                         .empty = "",
                         .say_empty = view_relations_say_empty,
                         .of_object = true,
                         .columns = pair_columns,
                         .note = view_relations_pair_note,
                         .preview = preview_pair,
                         .open = open_pair},
    [RELATIONS_PATTERNS] = {.name = "patterns",
                            .one = "pattern",
                            .many = "patterns",
                            .empty = "",
                            .say_empty = view_relations_say_empty,
                            .of_object = true,
                            .columns = pattern_columns,
                            .note = view_relations_pattern_note,
                            .right = pattern_right,
                            .preview = preview_pattern,
                            .open = open_pattern},
    [RELATIONS_MISSING] = {.name = "missing",
                           .one = "pair",
                           .many = "pairs",
                           .empty = "",
                           .say_empty = view_relations_say_empty,
                           .of_object = true,
                           .columns = missing_columns,
                           .preview = preview_pair,
                           .open = open_pair},
    [RELATIONS_SAME] = {.name = "same",
                        .one = "pair",
                        .many = "pairs",
                        .empty = "",
                        .say_empty = view_relations_say_empty,
                        .of_object = true,
                        .columns = same_columns,
                        .preview = preview_pair,
                        .open = open_pair},
    [RELATIONS_ROWS] = {.name = "rows",
                        .one = "set",
                        .many = "sets",
                        .empty = "",
                        .say_empty = view_relations_say_empty,
                        .of_object = true,
                        .columns = row_columns,
                        .note = view_relations_row_note,
                        .right = set_right,
                        .open = open_set},
};
