/* Compare: what differs between runs, their metrics against the first one's, their curves. */
#include <math.h>
#include <string.h>

#include "charts.h"
#include "compare.h"
#include "list.h"
#include "view_inside.h"

enum { TAG_DIFF = 1, TAG_CURVES };
enum { TAB_DIFF, TAB_CURVES, TABS };
static const char *const TAB_NAMES[TABS] = {"Diff", "Curves"};

struct compare {
	int64_t ids[COMPARE_MAX];
	size_t count;
	int tab;
	bool show_equal;
	struct ui_table *table;
	struct arena *arena; /* of the model */
	const struct compare_model *model;
	struct charts charts;
	bool has_curves;
	int width; /* that the columns are made for */
	char fault[1024];
};

enum { NAME_MOST = 24, RUN_LEAST = 10, RUN_MOST = 26, DIFFERENCE = 9, MARGIN = 3, GAP = 2 };

static void ask_rows(void *user, const struct ui_ask_rows *ask)
{
	struct compare *c = ((struct view *)user)->state;
	struct arena *a = arena_new();
	size_t total = c->model ? c->model->count : 0, shown = 0;
	struct ui_row *rows = arena_array(a, total + 1, sizeof *rows);

	for (size_t i = 0; i < total; i++) {
		const struct compare_row *from = &c->model->rows[i];
		bool heading = from->heading;

		if (!heading && from->equal && !c->show_equal)
			continue;
		/* A part of which nothing is shown has no heading. */
		if (heading && shown > 0 && rows[shown - 1].style == STYLE_HEADING)
			shown--;
		rows[shown++] =
		    (struct ui_row){.id = (int64_t)i + 1, .cells = from->cells, .style = heading ? STYLE_HEADING : 0};
	}
	if (shown > 0 && rows[shown - 1].style == STYLE_HEADING)
		shown--;
	ui_table_page(c->table, ui_page_of(a, ask, rows, shown));
}

/* Two runs stand side by side before one of them has all its text: widths follow the room. */
static int run_width(const struct compare *c)
{
	int runs = (int)c->model->run_count, room = c->width - MARGIN - NAME_MOST - runs * GAP;
	int beside = (room - (runs - 1) * (DIFFERENCE + GAP)) / runs;
	/* Where the differences from the first leave too little, they go. */
	int width = beside >= RUN_LEAST ? beside : room / runs;

	return width < RUN_LEAST ? RUN_LEAST : width > RUN_MOST ? RUN_MOST : width;
}

static void set_columns(struct compare *c)
{
	struct ui_column columns[1 + 2 * COMPARE_MAX];
	struct arena *a = arena_new();
	size_t count = 0;

	columns[count++] =
	    (struct ui_column){.id = "name", .title = "", .min = 12, .max = NAME_MOST, .no_sort = true};
	for (size_t i = 0; i < c->model->run_count; i++) {
		columns[count++] = (struct ui_column){.id = arena_printf(a, "run-%zu", i + 1),
		                                      .title = c->model->names[i],
		                                      .min = 10,
		                                      .max = run_width(c),
		                                      .priority = (int)i,
		                                      .no_sort = true};
		if (i > 0)
			columns[count++] = (struct ui_column){.id = arena_printf(a, "difference-%zu", i + 1),
			                                      .title = "vs first",
			                                      .align = UI_RIGHT,
			                                      .min = 8,
			                                      .max = DIFFERENCE,
			                                      .priority = COMPARE_MAX + (int)i,
			                                      .no_sort = true};
	}
	ui_table_columns(c->table, columns, count);
	arena_free(a);
}

static void read_curves(struct view *v)
{
	struct compare *c = v->state;
	struct compare_curves_ask ask = {.runs.count = c->count};

	if (ui_asking(v, TAG_CURVES))
		return;
	memcpy(ask.runs.ids, c->ids, sizeof ask.runs.ids);
	charts_wanted(&c->charts, &ask.part);
	ui_ask(v, TAG_CURVES, view_compare_read_curves, &ask, sizeof ask, NULL);
}

static int open(struct view *v, const void *args, struct error *err)
{
	struct compare *c = v->state;
	const struct compare_args *in = args;
	struct compare_ask ask = {0};

	if (!in || in->count < 2)
		return error_set(err, ERR_USAGE, "mark at least two runs (Space), then compare them (c)");
	if (in->count > COMPARE_MAX)
		return error_set(err, ERR_USAGE, "%zu runs are marked; at most %d can be compared side by side",
		                 in->count, COMPARE_MAX);
	memcpy(c->ids, in->ids, in->count * sizeof *c->ids);
	c->count = in->count;
	c->table = ui_table_new(v, ask_rows, v);
	ui_table_empty(c->table, "These runs do not differ.\n= shows what is equal.");
	charts_init(&c->charts, v, read_curves);
	c->charts.mono = view_app_of(v)->mono;
	c->charts.empty = "None of these runs has reported a metric over several steps.";
	memcpy(ask.ids, c->ids, sizeof ask.ids);
	ask.count = c->count;
	ui_ask(v, TAG_DIFF, view_compare_read, &ask, sizeof ask, NULL);
	read_curves(v);
	return 0;
}

static void close_view(struct view *v)
{
	struct compare *c = v->state;

	ui_table_free(c->table);
	charts_release(&c->charts);
	arena_free(c->arena);
}

/* One line a run: is its AUC more than noise away from the first one's? */
static int draw_pairs(struct compare *c, struct surface *s)
{
	int lines = 0, most = s->h / 3, width = 0, head;

	for (size_t i = 1; i < c->model->run_count; i++) {
		int w = surface_width(s, c->model->names[i], strlen(c->model->names[i]));

		width = w > width ? w : width;
	}
	width = width > 24 ? 24 : width;
	for (size_t i = 1; i < c->model->run_count; i++)
		lines += c->model->pairs[i].text != NULL;
	if (!c->model->pair_note || most < 3)
		return 0;
	/* The note beside the heading, or else under it. */
	head = surface_width(s, c->model->pair_note, strlen(c->model->pair_note)) > s->w - 28 && most > 3 ? 2 : 1;
	lines = lines + head > most ? most : lines + head;
	surface_put(s, 3, s->h - lines, STYLE_HEADING, "AUC on the same cases");
	surface_put_cut(s, head > 1 ? 3 : 26, s->h - lines + head - 1, head > 1 ? s->w - 4 : s->w - 27,
	                STYLE_MUTED, c->model->pair_note, strlen(c->model->pair_note));
	for (size_t i = 1, row = (size_t)head; i < c->model->run_count && (int)row < lines; i++) {
		const struct compare_pair *pair = &c->model->pairs[i];
		int y = s->h - lines + (int)row;

		if (!pair->text)
			continue;
		surface_put_cut(s, 3, y, width, STYLE_TEXT, c->model->names[i], strlen(c->model->names[i]));
		surface_put_cut(s, 5 + width, y, s->w - 6 - width, pair->style, pair->text, strlen(pair->text));
		row++;
	}
	return lines + 1;
}

static void draw(struct view *v, struct surface *s)
{
	struct compare *c = v->state;
	struct surface body = surface_part(s, 0, 2, s->w, s->h - 2);
	const char *hint;
	int used = ui_tabs_draw(s, 0, TAB_NAMES, TABS, c->tab);

	if (c->fault[0]) {
		ui_paragraph(&body, 3, 1, STYLE_ERROR, c->fault);
		return;
	}
	if (!c->model) {
		surface_put(&body, 2, 1, STYLE_MUTED, "Comparing…");
		return;
	}
	if (c->tab == TAB_CURVES) {
		charts_draw(&c->charts, &body);
		return;
	}
	hint = c->show_equal ? "* best" : "* best   equal ones are hidden";
	if (used + 40 < s->w)
		surface_put_right(s, s->w - 34, 0, 33, STYLE_MUTED, hint);
	if (c->width != s->w) {
		c->width = s->w;
		set_columns(c);
	}
	body.h -= draw_pairs(c, &body);
	body = surface_part(&body, 0, 0, body.w, body.h);
	ui_table_draw(c->table, &body, true);
}

static bool action(struct view *v, enum action what)
{
	struct compare *c = v->state;

	if (what == ACTION_APP_NEXT_PART || what == ACTION_APP_PREVIOUS_PART) {
		c->tab = (c->tab + 1) % TABS;
		return true;
	}
	if (c->tab == TAB_CURVES)
		return charts_action(&c->charts, what);
	if (what == ACTION_COMPARE_EQUAL) {
		c->show_equal = !c->show_equal;
		ui_table_restart(c->table);
		return true;
	}
	return ui_table_action(c->table, what);
}

static const char *why_not(struct view *v, enum action what)
{
	struct compare *c = v->state;

	if (c->tab == TAB_CURVES)
		return charts_why_not(&c->charts, what);
	/* Its rows have their order and their headings. */
	return what == ACTION_LIST_COPY || what == ACTION_LIST_EXPORT ? NULL : list_none(what);
}

static bool event(struct view *v, const struct term_event *e)
{
	struct compare *c = v->state;

	if (e->kind == TERM_EVENT_MOUSE && e->mouse == TERM_MOUSE_PRESS && e->y == 0) {
		int hit = ui_tabs_hit(TAB_NAMES, TABS, c->tab, v->body_w, e->x);

		if (hit >= 0)
			c->tab = hit;
		return hit >= 0;
	}
	return c->tab == TAB_DIFF && ui_table_event(c->table, e);
}

static const char *contexts_now(struct view *v)
{
	struct compare *c = v->state;

	return c->tab == TAB_CURVES ? "chart list" : "compare list";
}

static void on_result(struct view *v, struct ui_result *r)
{
	struct compare *c = v->state;

	if (r->status != 0) {
		r->beside = r->tag == TAG_CURVES && c->tab != TAB_CURVES;
		if (r->tag == TAG_DIFF && !r->cancelled)
			snprintf(c->fault, sizeof c->fault, "%s", r->err.text);
		return;
	}
	if (r->tag == TAG_CURVES) {
		charts_set(&c->charts, r->arena, r->data);
		r->arena = NULL;
		return;
	}
	arena_free(c->arena);
	c->arena = r->arena;
	c->model = r->data;
	r->arena = NULL;
	c->width = 0; /* the next draw sets the columns */
	ui_table_restart(c->table);
}

static void title(struct view *v, struct str *out)
{
	const struct compare *c = v->state;

	str_addf(out, "compare %zu runs", c->count);
}

static void place(struct view *v, struct str *out)
{
	const struct compare *c = v->state;

	for (size_t i = 0; c->model && i < c->model->run_count; i++)
		str_addf(out, "%s%s", i ? "," : "compare:", c->model->uuids[i]);
}

const struct view_ops COMPARE_VIEW = {
    .name = "compare",
    .contexts = "compare list",
    .state_size = sizeof(struct compare),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
    .on_result = on_result,
    .title = title,
    .place = place,
    .contexts_now = contexts_now,
};
