/* One pair of columns: how each is distributed, and all that is known of what they have to do with each other. */
#include <math.h>
#include <string.h>

#include "data.h"
#include "facts.h"
#include "relations.h"
#include "view_inside.h"

enum { TAG_FEATURES = 1 };
enum { SIDE_BY_SIDE_FROM = 70, DISTRIBUTIONS = 8 };

struct relation_view {
	const struct relations_seen *seen;
	size_t a, b;
	struct facts facts;
	struct arena *arena;
	const struct features_pair *pair; /* NULL: not read yet, or not to be had */
};

/* ---- what is known ---- */

static bool is_pair(size_t x, size_t y, size_t a, size_t b)
{
	return (x == a && y == b) || (x == b && y == a);
}

const struct relation *view_relation_find(const struct relations_seen *seen, size_t a, size_t b)
{
	const struct relations_map *m = &seen->map;
	size_t x = SIZE_MAX, y = SIZE_MAX;

	for (size_t i = 0; i < m->count; i++) {
		x = m->columns[i] == a ? i : x;
		y = m->columns[i] == b ? i : y;
	}
	if (x != SIZE_MAX && y != SIZE_MAX)
		return m->cell[x * m->count + y];
	for (size_t i = 0; i < seen->r.trail_count; i++)
		if (is_pair(seen->r.trails[i].with.a, seen->r.trails[i].with.b, a, b))
			return &seen->r.trails[i].with;
	return NULL;
}

const struct relation_trail *view_relation_trail(const struct relations *r, const struct relation *p)
{
	for (size_t i = 0; i < r->trail_count; i++)
		if (p == &r->trails[i].with)
			return &r->trails[i];
	return NULL;
}

static const char *p_text(struct arena *a, double p)
{
	return p < 1e-300 ? "p <1e-300" : arena_printf(a, "p %.2g", p);
}

/* After a statistic. */
static const char *chance(struct arena *a, double p)
{
	return isnan(p) ? "" : arena_printf(a, "   %s", p_text(a, p));
}

static void add_number(struct facts *f, const char *label, double value, const char *rest)
{
	facts_add(f, false, label, (style_id)(isnan(value) ? STYLE_MUTED : STYLE_TEXT),
	          isnan(value) ? "cannot be told" : arena_printf(f->arena, "%.4f%s", value, rest));
}

static void add_numbers(struct facts *f, const struct relation *p)
{
	add_number(f, "Pearson", p->pearson.r, chance(f->arena, p->pearson.p));
	add_number(f, "Spearman", p->spearman.r, chance(f->arena, p->spearman.p));
}

static void add_categories(struct facts *f, const struct relation *p, const char *a, const char *b)
{
	const struct association *x = &p->association;
	struct arena *mem = f->arena;

	add_number(f, "V", x->v, "   Cramer's, bias-corrected");
	if (!isnan(x->chi2))
		facts_text(
		    f, false, "chi-square",
		    arena_printf(mem, "%s on %.0f%s", view_cell_number(mem, x->chi2, 5), x->df, chance(mem, x->p)));
	add_number(f, "mutual", x->mutual, " nats");
	if (!isnan(x->explains_b))
		facts_long(f, false, "explains", STYLE_TEXT,
		           arena_printf(mem, "%s of %s", view_cell_percent(mem, x->explains_b), b));
	if (!isnan(x->explains_a))
		facts_long(f, false, "", STYLE_TEXT,
		           arena_printf(mem, "%s of %s", view_cell_percent(mem, x->explains_a), a));
}

static void add_mixed(struct facts *f, const struct relation *p)
{
	struct arena *mem = f->arena;

	add_number(f, "eta", sqrt(p->anova.eta2), "   correlation ratio");
	if (!isnan(p->anova.f))
		facts_text(f, false, "F",
		           arena_printf(mem, "%s%s",
		                        isinf(p->anova.f) ? "infinite" : view_cell_number(mem, p->anova.f, 5),
		                        chance(mem, p->anova.p)));
	facts_text(f, false, "groups", view_cell_count(mem, (int64_t)p->anova.groups));
}

static void add_by_chance(struct facts *f, double p, const char *at_most)
{
	if (!isnan(p))
		facts_text(f, false, "by chance",
		           arena_printf(f->arena, "%s%s if labels were random", p_text(f->arena, p), at_most));
}

static void add_relation(struct facts *f, const struct relations_seen *seen, const struct relation *p)
{
	const struct relations *r = &seen->r;
	const struct relation_trail *trail = view_relation_trail(r, p);
	bool label = (long)p->b == r->label;

	facts_heading(f, false, label ? "RELATION TO THE LABEL" : "RELATION");
	add_number(f, "strength", view_relation_signed(p),
	           view_relation_signed(p) < 0 ? "   of -1 to 1, falling" : "   of 0 to 1");
	if (trail && trail->tells && !trail->leaks)
		facts_add(f, false, "tells", STYLE_WARN, "should not tell of the label")->sign = 1 + GLYPH_WARN;
	if (trail ? trail->leaks : p->leaks)
		facts_add(f, false, "leak?", STYLE_WARN, "knows the label nearly alone")->sign = 1 + GLYPH_WARN;
	if (!isnan(p->auc.value))
		facts_text(f, false, "AUC",
		           isnan(p->auc.low)
		               ? arena_printf(f->arena, "%.4f", p->auc.value)
		               : arena_printf(f->arena, "%.4f [%.4f, %.4f]", p->auc.value, p->auc.low, p->auc.high));
	if (p->kind == RELATION_NUMBERS)
		add_numbers(f, p);
	else if (p->kind == RELATION_CATEGORIES)
		add_categories(f, p, r->names[p->a], r->names[p->b]);
	else
		add_mixed(f, p);
	add_by_chance(f, trail ? trail->p : p->chance, trail ? "" : " at most");
	facts_text(f, false, "n",
	           arena_printf(f->arena, "%s rows, both there", view_cell_count(f->arena, (int64_t)p->n)));
	if (!label && r->pair_rows < r->rows)
		facts_text(f, false, "",
		           arena_printf(f->arena, "drawn from %s", view_cell_count(f->arena, (int64_t)r->rows)));
	facts_add(f, false, "kind", STYLE_MUTED, relation_kind_name(p->kind));
}

void view_relation_facts(struct facts *f, const struct relations_seen *seen, size_t a, size_t b)
{
	const struct relations *r = &seen->r;
	const struct relation *p = view_relation_find(seen, a, b);

	facts_begin(f);
	if (p)
		add_relation(f, seen, p);
	for (size_t i = 0; i < r->same_count; i++) {
		const struct relation_same *s = &r->same[i];

		if (!is_pair(s->a, s->b, a, b))
			continue;
		facts_heading(f, true, "THE SAME");
		facts_add(f, true, "how", STYLE_WARN, relation_same_name(s->kind));
		if (s->same)
			facts_text(f, true, "alike",
			           arena_printf(f->arena, "%s of %s rows", view_cell_count(f->arena, (int64_t)s->same),
			                        view_cell_count(f->arena, (int64_t)r->rows)));
	}
	for (size_t i = 0; i < r->missing_count; i++) {
		const struct relation_missing *m = &r->missing[i];

		if (!is_pair(m->a, m->b, a, b))
			continue;
		facts_heading(f, true, "MISSING");
		facts_text(f, true, "both", view_cell_count(f->arena, (int64_t)m->both));
		facts_text(f, true, r->names[m->a], view_cell_count(f->arena, (int64_t)m->a_missing));
		facts_text(f, true, r->names[m->b], view_cell_count(f->arena, (int64_t)m->b_missing));
		facts_text(f, true, "phi", isnan(m->phi) ? "cannot be told" : arena_printf(f->arena, "%.4f", m->phi));
		facts_text(f, true, "jaccard", arena_printf(f->arena, "%.4f   both of either", m->jaccard));
	}
}

/* ---- the view ---- */

void view_relation_open(struct ui *ui, const struct relations_seen *seen, size_t a, size_t b)
{
	struct relation_args args = {.seen = seen, .a = a, .b = b};

	ui_open(ui, &RELATION_VIEW, &args);
}

static int open(struct view *v, const void *args, struct error *err)
{
	struct relation_view *d = v->state;
	const struct relation_args *in = args;
	struct list_ask ask = {.id = in->seen->id};

	(void)err;
	d->seen = in->seen;
	d->a = in->a;
	d->b = in->b;
	ui_ask_aside(v, TAG_FEATURES, view_data_read_features, &ask, sizeof ask, NULL);
	return 0;
}

static void close_view(struct view *v)
{
	struct relation_view *d = v->state;

	facts_release(&d->facts);
	arena_free(d->arena);
}

static const struct column_profile *profile_of(const struct relation_view *d, size_t column)
{
	return d->pair ? view_data_column(&d->pair->now, d->seen->r.names[column]) : NULL;
}

static void draw_distribution(const struct relation_view *d, struct surface *s, size_t column)
{
	const struct column_profile *c = profile_of(d, column);

	if (c)
		view_data_draw_shape(s, d->pair, c);
	else
		surface_put_name(s, 0, 0, s->w, STYLE_TITLE, d->seen->r.names[column]);
}

/* Both distributions, as far as there is room; the rows that they take. */
static int draw_distributions(const struct relation_view *d, struct surface *s)
{
	int half = (s->w - 8) / 2, height = s->h >= 40 ? s->h / 2 - 4 : DISTRIBUTIONS;
	struct surface part;

	if (s->w < SIDE_BY_SIDE_FROM || s->h < height + 9)
		return 0;
	part = surface_part(s, 3, 0, half, height);
	draw_distribution(d, &part, d->a);
	part = surface_part(s, 6 + half, 0, half, height);
	draw_distribution(d, &part, d->b);
	return height + 1;
}

static void draw(struct view *v, struct surface *s)
{
	struct relation_view *d = v->state;
	int y = draw_distributions(d, s);
	struct surface rest;

	if (y == 0) {
		int half = (s->w - 12) / 2, x = 3;

		x += surface_put_name(s, x, 0, half, STYLE_TITLE, d->seen->r.names[d->a]);
		x += surface_put(s, x, 0, STYLE_MUTED, "  with  ");
		surface_put_name(s, x, 0, s->w - x - 1, STYLE_TITLE, d->seen->r.names[d->b]);
		y = 2;
	}
	rest = surface_part(s, 0, y, s->w, s->h - y);
	view_relation_facts(&d->facts, d->seen, d->a, d->b);
	facts_draw(&d->facts, &rest);
}

static void open_feature(void *user, int64_t id)
{
	struct view *v = user;
	struct relation_view *d = v->state;
	struct feature_args args = {.id = d->seen->id, .column = d->seen->r.names[id == 1 ? d->a : d->b]};

	ui_open(v->ui, &FEATURE_VIEW, &args);
}

static bool action(struct view *v, enum action what)
{
	struct relation_view *d = v->state;

	/* The order of rows is no column. */
	if (what == ACTION_LIST_OPEN && d->a == d->seen->r.column_count) {
		open_feature(v, 2);
		return true;
	}
	if (what == ACTION_LIST_OPEN) {
		const struct ui_menu_item items[] = {
		    {.text = d->seen->r.names[d->a], .detail = column_type_name(d->seen->r.types[d->a]), .id = 1},
		    {.text = d->seen->r.names[d->b], .detail = column_type_name(d->seen->r.types[d->b]), .id = 2},
		};
		struct ui_menu menu = {.title = "Which column",
		                       .items = items,
		                       .count = 2,
		                       .current = 1,
		                       .user = v,
		                       .accept = open_feature};

		ui_menu(v, &menu);
		return true;
	}
	return facts_action(&d->facts, what, v->body_h);
}

static const char *why_not(struct view *v, enum action what)
{
	(void)v;
	return what == ACTION_LIST_OPEN ? NULL : list_none(what);
}

static void on_result(struct view *v, struct ui_result *r)
{
	struct relation_view *d = v->state;

	r->beside = true; /* the measures are there without it */
	if (r->tag != TAG_FEATURES || r->status != 0)
		return;
	d->arena = r->arena;
	d->pair = r->data;
	r->arena = NULL;
	view_data_keep(v, d->pair->now.id, d->pair->now.fresh, work_data_profile_keep);
}

static void title(struct view *v, struct str *out)
{
	const struct relation_view *d = v->state;

	str_addf(out, "%s with %s", d->seen->r.names[d->a], d->seen->r.names[d->b]);
}

static void lists(struct view *v, void (*fn)(void *user, const struct ui_shown_list *list), void *user)
{
	facts_list(&((struct relation_view *)v->state)->facts, "relation", fn, user);
}

const struct view_ops RELATION_VIEW = {
    .name = "relation",
    .contexts = "list",
    .state_size = sizeof(struct relation_view),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .on_result = on_result,
    .title = title,
    .lists = lists,
};
