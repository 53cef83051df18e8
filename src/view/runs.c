/* Runs: browse, filter, mark, compare, launch, stop. The view; what it is made of stands in runs_*.c. */
#include <string.h>

#include "runs_inside.h"

/* From this width on there is room for a preview beside the list. */
#define PREVIEW_FROM  120
#define PREVIEW_WIDTH 46
/* The preview follows a cursor that rests: one that runs through the list is not slowed by it. What takes longer
 * is said to be looked for. */
#define REST_MS       150
#define AGES_EVERY_MS 30000

/* ---- rows ---- */

void runs_scope_now(const struct runs *r, struct runs_scope *out)
{
	memset(out, 0, sizeof *out);
	memcpy(out->experiment, r->experiment, sizeof out->experiment);
	if (r->within.on)
		memcpy(out->within, r->within.filter, sizeof out->within);
	memcpy(out->filter, r->shape.filter, sizeof out->filter);
}

void runs_page_ask_now(const struct runs *r, const struct ui_ask_rows *rows, struct runs_page_ask *out)
{
	memset(out, 0, sizeof *out);
	out->rows = *rows;
	runs_scope_now(r, &out->scope);
	memcpy(out->columns, r->shape.columns, sizeof out->columns);
	out->column_count = r->shape.column_count;
	memcpy(out->baseline, r->shape.baseline, sizeof out->baseline);
	out->difference = r->shape.difference;
}

/* The cursor rests, or rows are long in coming. */
static void rest(struct view *v, void *user)
{
	struct runs *r = v->state;
	int64_t id = ui_table_cursor(r->table);

	(void)user;
	if (ui_table_loading(r->table) && !r->fault[0]) {
		r->slow = true;
		ui_dirty(v->ui);
		return;
	}
	r->moving = false;
	if (v->body_w >= PREVIEW_FROM && !runs_grouped(r) && preview_wants(&r->preview, id))
		preview_ask(v, TAG_PREVIEW, &r->preview, id);
}

static void on_cursor(void *user, int64_t id)
{
	struct runs *r = ((struct view *)user)->state;

	(void)id;
	r->moving = true;
	ui_later(user, REST_MS, rest, NULL);
}

static void ask_rows(void *user, const struct ui_ask_rows *ask)
{
	struct view *v = user;
	struct runs *r = v->state;
	struct runs_page_ask page;

	ui_later(v, REST_MS, rest, NULL);
	if (runs_grouped(r)) {
		runs_groups_rows(r, ask);
		return;
	}
	runs_page_ask_now(r, ask, &page);
	if (r->to_top) {
		page.rows.where = UI_FROM_START;
		page.rows.count = page.rows.count > 0 ? page.rows.count : 1;
	}
	/* At first after the names, from which the columns come: rows with others would be drawn for nothing. */
	if (r->names)
		ui_ask_front(v, TAG_PAGE, view_runs_read_page, &page, sizeof page, NULL);
	else
		ui_ask(v, TAG_PAGE, view_runs_read_page, &page, sizeof page, NULL);
}

void runs_page_show(struct runs *r, struct ui_page *page)
{
	r->loaded = true;
	r->slow = false;
	r->fault[0] = 0;
	memcpy(r->filter_seen, r->shape.filter, sizeof r->filter_seen);
	memcpy(r->sort_seen, ui_table_sort(r->table, &r->sort_seen_count), sizeof r->sort_seen);
	ui_table_page(r->table, page);
	if (r->to_top)
		ui_table_action(r->table, ACTION_LIST_TOP);
	r->to_top = false;
	if (r->moving)
		ui_later(r->view, REST_MS, rest, NULL);
}

void runs_from_top(struct runs *r)
{
	r->to_top = true;
}

void runs_other_scope(struct runs *r)
{
	r->fault[0] = 0;
	runs_set_empty(r);
	runs_groups_old(r);
	runs_summary_old(r);
	ui_table_restart(r->table);
}

void runs_set_empty(struct runs *r)
{
	bool some = r->shape.filter[0] || r->within.on || r->experiment[0];

	ui_table_empty(r->table,
	               r->shape.filter[0] ? "No run matches this filter.\n"
	                                    "/  changes it; empty it to see all runs"
	               : some
	                   ? "No run is here any more.\n"
	                     "Esc  back to the groups\n"
	                     "E  chooses another experiment"
	                   : "No runs yet. A run keeps what a training did: parameters, metrics, output, files.\n"
	                     "\n"
	                     "n  launches one from a form\n"
	                     "$ assay data add NAME FILE.csv       registers what to train on\n"
	                     "$ assay train logistic --data NAME   trains a built-in recipe\n"
	                     "$ assay run -- CMD                   captures any program");
}

/* ---- opening ---- */

static void close_view(struct view *v)
{
	struct runs *r = v->state;

	runs_remember(r);
	ui_table_free(r->table);
	arena_free(r->names_arena);
	arena_free(r->values_arena);
	arena_free(r->menu_arena);
	arena_free(r->experiments_arena);
	arena_free(r->saved_arena);
	run_edits_release(&r->edits);
	runs_groups_release(r);
	runs_summary_release(r);
	preview_release(&r->preview);
}

static int open(struct view *v, const void *args, struct error *err)
{
	struct runs *r = v->state;
	const char *text;
	int64_t id;

	r->view = v;
	r->table = ui_table_new(v, ask_rows, v);
	ui_table_on_cursor(r->table, on_cursor);
	runs_acts_init(r);
	preview_init(&r->preview, view_app_of(v)->mono);
	text = ui_state_get(v, "experiment");
	if (text && strlen(text) < sizeof r->experiment)
		snprintf(r->experiment, sizeof r->experiment, "%s", text);
	runs_recall(r);
	text = ui_state_get(v, "cursor");
	runs_names_ask(r);
	runs_shape_show(r);
	if (ui_state_get(v, "column") && !r->column_placed)
		ui_table_set_column(r->table, ui_state_get(v, "column"));
	if (text && int_parse(text, strlen(text), &id) && id > 0 && !runs_grouped(r))
		ui_table_set_cursor(r->table, id);
	runs_experiments_ask(r);
	runs_saved_ask(r);
	if (args && view_runs_show(v, args, err) != 0) {
		close_view(v);
		return -1;
	}
	return 0;
}

/* ---- drawing ---- */

/* "per cent of calm-heron   3 marked   1,284 runs": what is not the usual, then how many. */
static void right_text(struct runs *r, struct str *out)
{
	char number[NUM_TEXT];
	size_t marked = ui_table_marked(r->table);
	bool more, match = r->shape.filter[0] != 0;
	int64_t total = ui_table_total(r->table, &more);

	if (r->slow)
		str_adds(out, "searching, Esc gives up   ");
	else if (ui_table_summary(r->table) && ui_asking(r->view, TAG_SUMMARY))
		str_adds(out, "summing up   ");
	if (r->shape.difference != WORK_VALUE && r->baseline_id && !runs_grouped(r))
		str_adds(out, r->shape.difference == WORK_PERCENT ? "in per cent   " : "differences   ");
	if (marked > 0)
		str_addf(out, "%s marked   ", count_people((int64_t)marked, number));
	if (!r->loaded)
		return;
	if (runs_grouped(r)) {
		str_addf(out, "%s %s", count_people(total, number), total == 1 ? "group" : "groups");
		if (total > RUNS_GROUPS_MAX)
			str_addf(out, ", the first %d", RUNS_GROUPS_MAX);
	} else if (total == 0) {
		str_adds(out, match ? "no match" : "no runs");
	} else {
		str_addf(out, "%s%s %s", count_people(total, number), more ? "+" : "",
		         match                 ? "match"
		         : total == 1 && !more ? "run"
		                               : "runs");
	}
}

static void draw_head(struct runs *r, struct surface *s)
{
	struct str right;
	int width, room;

	str_init(&right);
	right_text(r, &right);
	width = surface_width(s, right.data, right.len);
	surface_put_right(s, s->w - width - 1, 0, width, r->slow ? STYLE_WARN : STYLE_MUTED, right.data);
	room = s->w - width - 6;
	if (r->shape.filter[0]) {
		surface_put(s, 1, 0, STYLE_PROMPT, "/");
		surface_put_cut(s, 3, 0, room, STYLE_PROMPT_TEXT, r->shape.filter, strlen(r->shape.filter));
	} else if (room > 40) {
		surface_put(s, 1, 0, STYLE_MUTED, "/ to filter: words, or metrics.auc > 0.8");
	}
	str_release(&right);
}

static void draw(struct view *v, struct surface *s)
{
	struct runs *r = v->state;
	bool wide = s->w >= PREVIEW_FROM && !runs_grouped(r);
	int side = wide ? PREVIEW_WIDTH + (s->w - PREVIEW_FROM) / 4 : 0;
	struct surface list, beside;

	r->drawn_at = ui_now(v->ui);
	draw_head(r, s);
	list = surface_part(s, 0, 1, s->w - side, s->h - 1);
	if (r->fault[0]) {
		ui_paragraph(&list, 3, 1, STYLE_ERROR, r->fault);
		return;
	}
	ui_table_mute(r->table, r->slow);
	ui_table_draw(r->table, &list, true);
	if (!wide || ui_table_cursor(r->table) == 0)
		return;
	if (!ui_asking(v, TAG_PREVIEW) && !ui_table_loading(r->table) && (!r->moving || !r->preview.found))
		rest(v, NULL);
	surface_vline(s, s->w - side, 2, s->h - 2, STYLE_BORDER);
	beside = surface_part(s, s->w - side + 2, 2, side - 3, s->h - 2);
	preview_draw(&r->preview, &beside, ui_now(v->ui));
}

static void title(struct view *v, struct str *out)
{
	const struct runs *r = v->state;

	str_adds(out, r->experiment);
	if (r->within.on)
		str_addf(out, "%s%s", out->len ? " \xe2\x96\xb8 " : "", r->within.title);
}

static void place(struct view *v, struct str *out)
{
	const struct runs *r = v->state;

	str_addf(out, r->experiment[0] ? "runs:%s" : "runs", r->experiment);
}

/* ---- keys ---- */

/* While rows are looked for: what was seen before. */
static bool give_up(struct runs *r)
{
	if (!r->slow)
		return false;
	r->slow = false;
	memcpy(r->shape.filter, r->filter_seen, sizeof r->shape.filter);
	ui_table_set_sort(r->table, r->sort_seen, r->sort_seen_count);
	runs_other_scope(r);
	ui_message(r->view->ui, STYLE_MESSAGE, "given up");
	return true;
}

static bool action(struct view *v, enum action what)
{
	struct runs *r = v->state;

	if (runs_act(r, what))
		return true;
	switch ((int)what) {
	case ACTION_LIST_FILTER:
		runs_filter_open(r);
		return true;
	case ACTION_LIST_COLUMNS:
		runs_columns_choose(r);
		return true;
	case ACTION_LIST_SUMMARY:
		ui_table_action(r->table, what);
		runs_summary_old(r);
		runs_remember(r);
		return true;
	case ACTION_RUNS_BASELINE:
		runs_baseline_pin(r);
		return true;
	case ACTION_RUNS_DIFFERENCE:
		runs_difference_next(r);
		return true;
	case ACTION_RUNS_EXPERIMENT:
		runs_experiment_choose(r);
		return true;
	case ACTION_RUNS_GROUP:
		runs_groups_choose(r);
		return true;
	case ACTION_RUNS_QUALIFIER:
		runs_qualifier_choose(r);
		return true;
	case ACTION_RUNS_VIEWS:
		runs_views_choose(r);
		return true;
	case ACTION_RUNS_SAVE_VIEW:
		runs_view_save(r);
		return true;
	case ACTION_RUNS_FILTERS:
		runs_filters_choose(r);
		return true;
	case ACTION_RUNS_NAME_FILTER:
		runs_filter_name(r);
		return true;
	case ACTION_APP_REFRESH:
		r->fault[0] = 0;
		runs_groups_old(r);
		runs_summary_old(r);
		ui_table_refresh(r->table);
		runs_names_ask(r);
		return true;
	case ACTION_APP_BACK:
		return give_up(r) || runs_groups_back(r);
	case ACTION_APP_QUIT:
		return runs_groups_back(r);
	case ACTION_LIST_BACK: /* at the top there is nothing to go back to */
		runs_groups_back(r);
		return true;
	default:
		return ui_table_action(r->table, what);
	}
}

static const char *why_not(struct view *v, enum action what)
{
	struct runs *r = v->state;

	if (what == ACTION_RUNS_QUALIFIER)
		return runs_qualifier_why_not(r);
	if (what == ACTION_RUNS_NAME_FILTER && !r->shape.filter[0])
		return "there is no filter: / sets one";
	return runs_act_why_not(r, what);
}

static bool event(struct view *v, const struct term_event *e)
{
	struct runs *r = v->state;

	return ui_table_event(r->table, e);
}

/* ---- answers ---- */

static void on_page(struct runs *r, struct ui_result *result)
{
	struct runs_page_got *got = result->data;

	/* Groups have been chosen meanwhile. */
	if (runs_grouped(r))
		return;
	got->page.arena = result->arena;
	result->arena = NULL;
	runs_baseline_take(r, got);
	if (ui_table_summary(r->table))
		runs_summary_add(r, &got->page);
	runs_page_show(r, &got->page);
}

static void on_fault(struct view *v, struct ui_result *result)
{
	struct runs *r = v->state;

	if (runs_act_result(r, result) || result->cancelled)
		return;
	if (result->tag == TAG_PAGE || result->tag == TAG_GROUPS) {
		snprintf(r->fault, sizeof r->fault, "%s", result->err.text);
		r->slow = false;
	} else {
		ui_error(v->ui, &result->err);
	}
}

static void on_result(struct view *v, struct ui_result *result)
{
	struct runs *r = v->state;

	if (result->status != 0) {
		result->beside = result->tag != TAG_PAGE && result->tag != TAG_GROUPS;
		on_fault(v, result);
		return;
	}
	switch (result->tag) {
	case TAG_PAGE:
		on_page(r, result);
		break;
	case TAG_NAMES:
		runs_names_take(r, result);
		break;
	case TAG_PREVIEW:
		preview_take(&r->preview, result);
		break;
	case TAG_EXPERIMENTS:
		runs_experiments_take(r, result);
		break;
	case TAG_SAVED:
		runs_saved_take(r, result);
		break;
	case TAG_VALUES:
		runs_filter_values(r, result);
		break;
	case TAG_SUMMARY:
		runs_summary_take(r, result);
		break;
	case TAG_GROUPS:
		runs_groups_take(r, result);
		break;
	default:
		runs_act_result(r, result);
		break;
	}
}

static void look_again(struct view *v)
{
	struct runs *r = v->state;

	ui_table_refresh(r->table);
	r->preview.stale = true;
}

static void changed(struct view *v)
{
	struct runs *r = v->state;

	/* Reading all runs anew for groups and sums takes its time: not before the last ones are here. */
	if (!ui_asking(v, TAG_GROUPS))
		runs_groups_old(r);
	r->sums_stale = true;
	look_again(v);
	if (!r->shape.chosen)
		runs_names_ask(r);
	runs_saved_ask(r); /* it may have been an undo of one */
	ui_dirty(v->ui);   /* whether there is something to stop, in the footer */
}

/* Ages grow by themselves, but seldom enough to keep a quiet screen quiet. */
static void tick(struct view *v)
{
	struct runs *r = v->state;
	int64_t every = view_pulse_running(v->ui) > 0 ? 1000 : AGES_EVERY_MS;

	runs_summary_tick(r);
	if (ui_now(v->ui) - r->drawn_at >= every)
		look_again(v);
}

static void resume(struct view *v)
{
	look_again(v);
}

const struct view_ops RUNS_VIEW = {
    .name = "runs",
    .contexts = "runs list",
    .state_size = sizeof(struct runs),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
    .on_result = on_result,
    .title = title,
    .place = place,
    .tick_ms = 1000,
    .tick = tick,
    .resume = resume,
    .changed = changed,
};
