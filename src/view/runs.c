/* Runs: browse, filter, mark, compare, launch, stop. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models.h"
#include "preview.h"
#include "pulse.h"
#include "runs.h"
#include "runs_columns.h"
#include "view_inside.h"

enum {
	TAG_PAGE = 1,
	TAG_NAMES,
	TAG_IDS,
	TAG_TARGETS,
	TAG_STOP,
	TAG_PREVIEW,
	TAG_REGISTER
};
/* From this width on there is room for a preview beside the list. */
#define PREVIEW_FROM  120
#define PREVIEW_WIDTH 46
/* The preview follows a cursor that rests: one that runs through the list is not slowed by it. */
#define PREVIEW_REST_MS 150
#define AGES_EVERY_MS   30000

struct runs {
	struct ui_table *table;
	struct runs_columns columns;
	char filter[RUNS_FILTER], filter_before[RUNS_FILTER];
	struct arena *names_arena; /* of columns.names */
	int64_t drawn_at;
	struct runs_stop_ask stop;
	struct register_dialog registering;
	char fault[1024];
	bool loaded, moving; /* moving: the preview waits for the cursor to rest */
	struct preview preview;
};

/* ---- what is remembered ---- */

static void load_state(struct view *v)
{
	struct runs *r = v->state;
	const char *text = ui_state_get(v, "filter");
	struct ui_sort sort = {.column = "age"};
	size_t at;

	if (text && strlen(text) < sizeof r->filter && store_filter_check(text, &at, NULL) == 0)
		snprintf(r->filter, sizeof r->filter, "%s", text);
	text = ui_state_get(v, "columns");
	while (text && *text) {
		size_t len = strcspn(text, "\t");
		char key[RUNS_KEY];

		if (len > 0 && len < sizeof key) {
			snprintf(key, sizeof key, "%.*s", (int)len, text);
			runs_columns_add(&r->columns, key);
		}
		text += len + (text[len] == '\t');
	}
	r->columns.chosen = r->columns.count > 0;
	if (!r->columns.chosen || strcmp(r->columns.key[0], "name") != 0) {
		r->columns.chosen = false;
		runs_columns_default(&r->columns);
	}
	text = ui_state_get(v, "sort");
	if (text && strlen(text) > 1) {
		sort.descending = *text == '-';
		snprintf(sort.column, sizeof sort.column, "%s", text + 1);
	}
	ui_table_set_sort(r->table, &sort, 1);
	text = ui_state_get(v, "cursor");
	if (text) {
		int64_t id;

		if (int_parse(text, strlen(text), &id) && id > 0)
			ui_table_set_cursor(r->table, id);
	}
}

static void save_state(struct view *v)
{
	struct runs *r = v->state;
	struct str text;
	int keys;
	const struct ui_sort *sort = ui_table_sort(r->table, &keys);

	str_init(&text);
	ui_state_set(v, "filter", r->filter);
	if (keys) {
		str_addf(&text, "%c%s", sort->descending ? '-' : '+', sort->column);
		ui_state_set(v, "sort", text.data);
		str_clear(&text);
	}
	str_addf(&text, "%lld", (long long)ui_table_cursor(r->table));
	ui_state_set(v, "cursor", text.data);
	str_clear(&text);
	for (size_t i = 0; r->columns.chosen && i < r->columns.count; i++)
		str_addf(&text, "%s%s", i ? "\t" : "", r->columns.key[i]);
	ui_state_set(v, "columns", text.data);
	str_release(&text);
}

/* ---- rows ---- */

static void ask_rows(void *user, const struct ui_ask_rows *ask)
{
	struct view *v = user;
	struct runs *r = v->state;
	struct runs_page_ask page = {.rows = *ask, .column_count = r->columns.count};

	memcpy(page.filter, r->filter, sizeof page.filter);
	memcpy(page.columns, r->columns.key, sizeof page.columns);
	ui_ask_front(v, TAG_PAGE, view_runs_read_page, &page, sizeof page, NULL);
}

static void ask_preview(struct view *v)
{
	struct runs *r = v->state;
	int64_t id = ui_table_cursor(r->table);

	r->moving = false;
	if (v->body_w >= PREVIEW_FROM && preview_wants(&r->preview, id))
		preview_ask(v, TAG_PREVIEW, &r->preview, id);
}

static void put_off_preview(void *user, int64_t id)
{
	struct runs *r = ((struct view *)user)->state;

	(void)id;
	r->moving = true;
	ui_later(user, PREVIEW_REST_MS, ask_preview);
}

static void set_empty(struct runs *r)
{
	ui_table_empty(r->table,
	               r->filter[0]
	                   ? "No run matches this filter.\n"
	                     "/  changes it; empty it to see all runs"
	                   : "No runs yet. A run keeps what a training did: parameters, metrics, output, files.\n"
	                     "\n"
	                     "n  launches one from a form\n"
	                     "$ assay data add NAME FILE.csv       registers what to train on\n"
	                     "$ assay train logistic --data NAME   trains a built-in recipe\n"
	                     "$ assay run -- CMD                   captures any program");
}

static int open(struct view *v, const void *args, struct error *err)
{
	struct runs *r = v->state;

	(void)args;
	(void)err;
	r->table = ui_table_new(v, ask_rows, v);
	ui_table_on_cursor(r->table, put_off_preview);
	r->columns.table = r->table;
	r->columns.view = v;
	r->columns.on_choice = save_state;
	preview_init(&r->preview, view_app_of(v)->mono);
	load_state(v);
	set_empty(r);
	runs_columns_show(&r->columns);
	ui_ask(v, TAG_NAMES, view_runs_read_names, NULL, 0, NULL);
	return 0;
}

static void close_view(struct view *v)
{
	struct runs *r = v->state;

	save_state(v);
	ui_table_free(r->table);
	arena_free(r->names_arena);
	preview_release(&r->preview);
}

/* ---- drawing ---- */

static void draw_head(struct view *v, struct surface *s)
{
	struct runs *r = v->state;
	size_t marked = ui_table_marked(r->table);
	char number[NUM_TEXT], some[NUM_TEXT];
	struct str right;
	bool more;
	int64_t total = ui_table_total(r->table, &more);
	int width;

	str_init(&right);
	if (marked > 0)
		str_addf(&right, "%s marked   ", count_people((int64_t)marked, some));
	if (r->loaded && total == 0)
		str_adds(&right, r->filter[0] ? "no match" : "no runs");
	else if (r->loaded)
		str_addf(&right, "%s%s %s", count_people(total, number), more ? "+" : "",
		         r->filter[0]          ? "match"
		         : total == 1 && !more ? "run"
		                               : "runs");
	width = surface_width(s, right.data, right.len);
	surface_put_right(s, s->w - width - 1, 0, width, STYLE_MUTED, right.data);
	if (marked > 0) {
		char text[40];

		snprintf(text, sizeof text, "%s marked", some);
		surface_put(s, s->w - width - 1, 0, STYLE_ROW_MARKED, text);
	}
	if (r->filter[0]) {
		surface_put(s, 1, 0, STYLE_PROMPT, "/");
		surface_put_cut(s, 3, 0, s->w - width - 6, STYLE_PROMPT_TEXT, r->filter, strlen(r->filter));
	} else if (s->w > 50) {
		surface_put(s, 1, 0, STYLE_MUTED, "/ to filter: words, or metrics.auc > 0.8");
	}
	str_release(&right);
}

static void draw(struct view *v, struct surface *s)
{
	struct runs *r = v->state;
	bool wide = s->w >= PREVIEW_FROM;
	int side = wide ? PREVIEW_WIDTH + (s->w - PREVIEW_FROM) / 4 : 0;
	struct surface list, beside;

	r->drawn_at = ui_now(v->ui);
	draw_head(v, s);
	list = surface_part(s, 0, 1, s->w - side, s->h - 1);
	if (r->fault[0]) {
		ui_paragraph(&list, 2, 1, STYLE_ERROR, r->fault);
		return;
	}
	ui_table_draw(r->table, &list, true);
	if (!wide || ui_table_cursor(r->table) == 0)
		return;
	if (!ui_asking(v, TAG_PREVIEW) && (!r->moving || !r->preview.found))
		ask_preview(v);
	surface_vline(s, s->w - side, 2, s->h - 2, STYLE_BORDER);
	beside = surface_part(s, s->w - side + 2, 2, side - 3, s->h - 2);
	preview_draw(&r->preview, &beside, ui_now(v->ui));
}

/* ---- filter ---- */

static void filter_check(void *user, const char *text, struct ui_check *out)
{
	struct error err;

	(void)user;
	out->ok = store_filter_check(text, &out->at, &err) == 0;
	if (strlen(text) >= RUNS_FILTER) {
		out->ok = false;
		out->at = RUNS_FILTER - 1;
		snprintf(out->message, sizeof out->message, "a filter has at most %d characters", RUNS_FILTER - 1);
	} else if (!out->ok) {
		/* The place is pointed at. */
		const char *what = strncmp(err.text, "filter, character ", 18) == 0 ? strstr(err.text, ": ") : NULL;

		snprintf(out->message, sizeof out->message, "%.250s", what ? what + 2 : err.text);
	}
}

static void set_filter(struct view *v, const char *text)
{
	struct runs *r = v->state;

	if (strcmp(r->filter, text) == 0)
		return;
	snprintf(r->filter, sizeof r->filter, "%s", text);
	r->fault[0] = 0;
	set_empty(r);
	ui_table_restart(r->table);
}

static void filter_change(void *user, const char *text)
{
	if (strlen(text) < RUNS_FILTER)
		set_filter(user, text);
}

static void filter_accept(void *user, const char *text)
{
	struct view *v = user;
	struct runs *r = v->state;

	filter_change(user, text);
	if (r->filter[0])
		view_command(v->ui, (const char *[]){"assay", "runs", "--where", r->filter, NULL});
	save_state(v);
}

static void filter_cancel(void *user)
{
	struct runs *r = ((struct view *)user)->state;

	set_filter(user, r->filter_before);
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
	       c == '.' || c == '@' || c == '-';
}

static void filter_complete(void *user, const char *text, size_t cursor, struct ui_completions *out)
{
	static const char *const attributes[] = {
	    "name",   "id",   "experiment", "status", "kind",   "user", "host",   "started", "ended", "duration",
	    "source", "done", "running",    "failed", "killed", "lost", "queued", "and",     "or",    "not"};
	struct runs *r = ((struct view *)user)->state;
	size_t from = cursor, len;

	while (from > 0 && is_word(text[from - 1]))
		from--;
	len = cursor - from;
	out->from = from;
	if (len == 0)
		return;
	for (size_t i = 0; r->columns.names && i < r->columns.names->count && out->count < 50; i++) {
		const char *name = r->columns.names->names[i];
		const char *point = strchr(name, '.');

		/* "au" finds metrics.auc as well as "metrics.a" does. */
		if (strncmp(name, text + from, len) == 0 || (point && strncmp(point + 1, text + from, len) == 0))
			ui_completions_add(out, name);
	}
	for (size_t i = 0; i < COUNT_OF(attributes); i++)
		if (strncmp(attributes[i], text + from, len) == 0)
			ui_completions_add(out, attributes[i]);
}

static void open_filter(struct view *v)
{
	struct runs *r = v->state;
	struct ui_prompt prompt = {.label = "/",
	                           .text = r->filter,
	                           .history = "runs-filter",
	                           .user = v,
	                           .check = filter_check,
	                           .complete = filter_complete,
	                           .change = filter_change,
	                           .accept = filter_accept,
	                           .cancel = filter_cancel};

	memcpy(r->filter_before, r->filter, sizeof r->filter);
	ui_prompt(v, &prompt);
}

/* ---- acts ---- */

static void open_run(struct view *v, const char *tab)
{
	struct runs *r = v->state;
	struct run_args args = {.id = ui_table_cursor(r->table), .tab = tab};

	if (args.id)
		ui_open(v->ui, &RUN_VIEW, &args);
}

static void open_compare(struct view *v)
{
	struct runs *r = v->state;
	struct compare_args args = {0};

	args.ids = ui_table_targets(r->table, &args.count);
	ui_open(v->ui, &COMPARE_VIEW, &args);
}

static void ask_targets(struct view *v)
{
	struct runs *r = v->state;
	struct runs_targets_ask ask = {0};
	size_t count;
	const int64_t *ids = ui_table_targets(r->table, &count);

	if (count > RUNS_TARGETS_MAX) {
		ui_message(v->ui, STYLE_WARN, "%zu runs are marked; at most %d can be stopped at once", count,
		           RUNS_TARGETS_MAX);
		return;
	}
	memcpy(ask.ids, ids, count * sizeof *ids);
	ask.count = count;
	ui_ask_front(v, TAG_TARGETS, view_runs_read_targets, &ask, sizeof ask, NULL);
}

static void stop_accepted(void *user)
{
	struct view *v = user;
	struct runs *r = v->state;

	ui_do(v, TAG_STOP, view_runs_write_stop, &r->stop, sizeof r->stop, NULL);
}

static void confirm_stop(struct view *v, const struct runs_targets *t)
{
	struct runs *r = v->state;
	struct str text, names, yes;

	if (t->count == 0) {
		ui_message(v->ui, STYLE_WARN,
		           t->over == 1 ? "this run has ended already" : "these runs have ended already");
		return;
	}
	str_init(&text);
	str_init(&names);
	str_init(&yes);
	r->stop.count = t->count;
	for (size_t i = 0; i < t->count; i++) {
		snprintf(r->stop.uuids[i], ID_TEXT, "%s", t->runs[i].uuid);
		if (i < 3)
			str_addf(&names, "%s%s", i ? ", " : "", t->runs[i].name);
	}
	if (t->count > 3)
		str_addf(&names, " and %zu more", t->count - 3);
	str_addf(&text, "%s\nwill be interrupted; what does not end within %d s is terminated, then killed.",
	         names.data, RUN_GRACE_MS / 1000);
	str_addf(&yes, t->count == 1 ? "stop it" : "stop %zu runs", t->count);
	ui_confirm(v, t->count == 1 ? "Stop this run?" : "Stop these runs?", text.data, yes.data, stop_accepted,
	           v);
	str_release(&text);
	str_release(&names);
	str_release(&yes);
}

static bool action(struct view *v, enum action what)
{
	struct runs *r = v->state;

	switch ((int)what) {
	case ACTION_LIST_OPEN:
		open_run(v, NULL);
		return true;
	case ACTION_RUN_LOG:
		open_run(v, "log");
		return true;
	case ACTION_RUN_COMPARE:
		open_compare(v);
		return true;
	case ACTION_RUN_BIAS: {
		struct bias_args args = {.run = ui_table_cursor(r->table)};

		ui_open(v->ui, &BIAS_REPORT_VIEW, &args);
		return true;
	}
	case ACTION_RUN_LAUNCH:
		ui_open(v->ui, &LAUNCH_VIEW, NULL);
		return true;
	case ACTION_RUN_STOP:
		ask_targets(v);
		return true;
	case ACTION_RUN_REGISTER:
		if (ui_table_cursor(r->table))
			view_register_begin(&r->registering, v, TAG_REGISTER, ui_table_cursor(r->table));
		return true;
	case ACTION_LIST_FILTER:
		open_filter(v);
		return true;
	case ACTION_LIST_COLUMNS:
		runs_columns_choose(&r->columns);
		return true;
	case ACTION_LIST_MARK_ALL: {
		struct runs_ids_ask ask;

		memcpy(ask.filter, r->filter, sizeof ask.filter);
		ui_ask(v, TAG_IDS, view_runs_read_ids, &ask, sizeof ask, NULL);
		return true;
	}
	case ACTION_APP_REFRESH:
		r->fault[0] = 0;
		ui_table_refresh(r->table);
		ui_ask(v, TAG_NAMES, view_runs_read_names, NULL, 0, NULL);
		return true;
	case ACTION_LIST_BACK: /* this is the top: there is nothing to go back to */
		return true;
	default:
		return ui_table_action(r->table, what);
	}
}

static const char *why_not(struct view *v, enum action what)
{
	struct runs *r = v->state;

	if (what == ACTION_RUN_COMPARE && ui_table_marked(r->table) < 2)
		return "mark two or more: Space";
	if (what == ACTION_RUN_STOP && view_pulse_running(v->ui) == 0)
		return "nothing is running";
	if ((what == ACTION_LIST_OPEN || what == ACTION_RUN_LOG || what == ACTION_RUN_STOP ||
	     what == ACTION_RUN_BIAS || what == ACTION_LIST_MARK) &&
	    ui_table_cursor(r->table) == 0)
		return "there is no run here";
	return NULL;
}

static bool event(struct view *v, const struct term_event *e)
{
	struct runs *r = v->state;

	return ui_table_event(r->table, e);
}

/* ---- answers ---- */

static void on_names(struct view *v, struct ui_result *result)
{
	struct runs *r = v->state;
	char before[RUNS_COLUMNS_MAX][RUNS_KEY];
	size_t count = r->columns.count;

	arena_free(r->names_arena);
	r->names_arena = result->arena;
	r->columns.names = result->data;
	result->arena = NULL;
	if (r->columns.chosen)
		return;
	memcpy(before, r->columns.key, sizeof before);
	runs_columns_default(&r->columns);
	if (count != r->columns.count || memcmp(before, r->columns.key, count * sizeof *before) != 0)
		runs_columns_show(&r->columns);
}

static void on_result(struct view *v, struct ui_result *result)
{
	struct runs *r = v->state;

	if (result->status != 0) {
		if (result->cancelled)
			return;
		if (result->tag == TAG_PAGE)
			snprintf(r->fault, sizeof r->fault, "%s", result->err.text);
		else if (result->tag != TAG_STOP && result->tag != TAG_REGISTER) /* the writer's are shown already */
			ui_error(v->ui, &result->err);
		return;
	}
	switch (result->tag) {
	case TAG_PAGE: {
		struct ui_page *page = result->data;

		page->arena = result->arena;
		result->arena = NULL;
		r->loaded = true;
		r->fault[0] = 0;
		ui_table_page(r->table, page);
		break;
	}
	case TAG_NAMES:
		on_names(v, result);
		break;
	case TAG_IDS: {
		const struct runs_ids *ids = result->data;

		for (size_t i = 0; i < ids->count; i++)
			ui_table_mark(r->table, ids->ids[i], true);
		ui_message(v->ui, STYLE_MESSAGE,
		           ids->count == RUNS_COUNT_MAX ? "the first %zu runs are marked" : "%zu runs are marked",
		           ids->count);
		break;
	}
	case TAG_TARGETS:
		confirm_stop(v, result->data);
		break;
	case TAG_STOP: {
		size_t stopped = *(const size_t *)result->data;

		if (r->stop.count == 1)
			ui_command(v->ui, "assay stop %s", view_short_id(r->stop.uuids[0]));
		ui_message(v->ui, STYLE_MESSAGE,
		           stopped == 1 ? "%zu run was asked to stop" : "%zu runs were asked to stop", stopped);
		break;
	}
	case TAG_PREVIEW:
		preview_take(&r->preview, result);
		break;
	case TAG_REGISTER:
		view_register_show(v, result->data);
		break;
	default:
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

	look_again(v);
	if (!r->columns.chosen)
		ui_ask(v, TAG_NAMES, view_runs_read_names, NULL, 0, NULL);
	ui_dirty(v->ui); /* whether there is something to stop, in the footer */
}

/* Ages grow by themselves, but seldom enough to keep a quiet screen quiet. */
static void tick(struct view *v)
{
	struct runs *r = v->state;
	int64_t every = view_pulse_running(v->ui) > 0 ? 1000 : AGES_EVERY_MS;

	if (ui_now(v->ui) - r->drawn_at >= every)
		look_again(v);
}

static void resume(struct view *v)
{
	struct runs *r = v->state;

	ui_table_refresh(r->table);
	r->preview.stale = true;
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
    .tick_ms = 1000,
    .tick = tick,
    .resume = resume,
    .changed = changed,
};
