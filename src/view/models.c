/* Models: the registry's list. */
#include <string.h>

#include "models.h"
#include "view_inside.h"

enum { TAG_LIST = 1, TAG_PREVIEW, TAG_VERSION };
#define COLUMNS         8
#define PREVIEW_FROM    120
#define PREVIEW_WIDTH   46
#define PREVIEW_REST_MS 150

struct models_view {
	struct ui_table *table;
	struct arena *arena;
	const struct models_list *list;
	struct arena *seen_arena; /* of the preview */
	const struct model_seen *seen;
	int64_t seen_id; /* that was asked for last */
	bool moving;
	struct propose_dialog propose;
	struct error fault; /* code 0: none */
};

/* Names stay when rows come and go. */
static int64_t id_of(const char *name)
{
	return (int64_t)(hash_bytes(name, strlen(name)) >> 1) | 1;
}

static const struct work_model_row *model_of(const struct models_view *m, int64_t id, size_t *at)
{
	for (size_t i = 0; m->list && i < m->list->count; i++)
		if (id_of(m->list->models[i].name) == id) {
			if (at)
				*at = i;
			return &m->list->models[i];
		}
	return NULL;
}

static struct ui_cell *cells_of(struct arena *a, const struct models_list *list, size_t i, int64_t now)
{
	const struct work_model_row *m = &list->models[i];
	struct ui_cell *c = arena_array(a, COLUMNS, sizeof *c);

	c[0].text = m->name;
	c[1].text = list->where[i];
	c[1].style = list->stopped[i] ? STYLE_BAD : list->where[i] ? STYLE_GOOD : STYLE_MUTED;
	c[2].text = arena_printf(a, "v%lld", (long long)m->latest);
	c[3].text = view_cell_count(a, m->versions);
	c[3].style = STYLE_MUTED;
	c[4].text = m->waiting ? arena_printf(a, "%lld to sign", (long long)m->waiting) : "";
	c[4].style = STYLE_WARN;
	c[5].text = m->owner && *m->owner ? m->owner : NULL;
	c[6].text = view_cell_age(a, m->created, now);
	c[6].style = STYLE_MUTED;
	c[7].text = m->description ? m->description : "";
	c[7].style = STYLE_MUTED;
	return c;
}

static void ask_rows(void *user, const struct ui_ask_rows *ask)
{
	struct view *v = user;
	struct models_view *m = v->state;
	struct arena *a = arena_new();
	size_t count = m->list ? m->list->count : 0;
	struct ui_row *rows = arena_array(a, count + 1, sizeof *rows);

	for (size_t i = 0; i < count; i++)
		rows[i] = (struct ui_row){.id = id_of(m->list->models[i].name),
		                          .cells = cells_of(a, m->list, i, ui_now(v->ui))};
	ui_table_page(m->table, ui_page_of(a, ask, rows, count));
}

static void ask_list(struct view *v, bool anew)
{
	struct models_view *m = v->state;
	struct models_ask ask = {0};

	if (m->list && !anew && !m->fault.code) {
		ask.ledger = m->list->ledger;
		ask.store = m->list->store;
	}
	if (!ui_asking(v, TAG_LIST))
		ui_ask(v, TAG_LIST, view_models_read, &ask, sizeof ask, NULL);
}

static void ask_preview(struct view *v)
{
	struct models_view *m = v->state;
	const struct work_model_row *row = model_of(m, ui_table_cursor(m->table), NULL);
	struct models_ask ask = {0};

	m->moving = false;
	if (v->body_w < PREVIEW_FROM || !row || strlen(row->name) >= sizeof ask.model ||
	    m->seen_id == ui_table_cursor(m->table))
		return;
	m->seen_id = ui_table_cursor(m->table);
	snprintf(ask.model, sizeof ask.model, "%s", row->name);
	ui_ask(v, TAG_PREVIEW, view_model_read, &ask, sizeof ask, NULL);
}

static void put_off_preview(void *user, int64_t id)
{
	struct models_view *m = ((struct view *)user)->state;

	(void)id;
	m->moving = true;
	ui_later(user, PREVIEW_REST_MS, ask_preview);
}

static int open(struct view *v, const void *args, struct error *err)
{
	static const struct ui_column columns[COLUMNS] = {
	    {.id = "model", .title = "model", .min = 14, .max = 32, .no_sort = true},
	    {.id = "stages", .title = "in stages", .min = 14, .max = 36, .no_sort = true},
	    {.id = "latest", .title = "latest", .align = UI_RIGHT, .min = 6, .no_sort = true, .priority = 1},
	    {.id = "versions", .title = "versions", .align = UI_RIGHT, .min = 8, .no_sort = true, .priority = 5},
	    {.id = "waiting", .title = "waiting", .min = 9, .no_sort = true, .priority = 2},
	    {.id = "owner", .title = "owner", .min = 8, .max = 20, .no_sort = true, .priority = 3},
	    {.id = "age", .title = "age", .align = UI_RIGHT, .min = 4, .no_sort = true, .priority = 4},
	    {.id = "about", .title = "about", .min = 20, .max = 60, .no_sort = true, .priority = 6},
	};
	struct models_view *m = v->state;
	const char *cursor = ui_state_get(v, "cursor");

	(void)args;
	(void)err;
	m->table = ui_table_new(v, ask_rows, v);
	ui_table_columns(m->table, columns, COLUMNS);
	ui_table_empty(m->table, "Reading…");
	ui_table_on_cursor(m->table, put_off_preview);
	if (cursor)
		ui_table_set_cursor(m->table, id_of(cursor));
	ask_list(v, true);
	return 0;
}

static void close_view(struct view *v)
{
	struct models_view *m = v->state;
	const struct work_model_row *row = model_of(m, ui_table_cursor(m->table), NULL);

	if (row)
		ui_state_set(v, "cursor", row->name);
	ui_table_free(m->table);
	arena_free(m->arena);
	arena_free(m->seen_arena);
}

/* ---- drawing ---- */

static void draw_preview(struct view *v, struct surface *s)
{
	const struct models_view *m = v->state;
	const struct model_seen *seen = m->seen;
	int64_t now = ui_now(v->ui);
	struct arena *a = arena_new();
	int y = 1;

	surface_put_cut(s, 0, 0, s->w, STYLE_TITLE, seen->model.name, strlen(seen->model.name));
	if (seen->model.description && *seen->model.description) {
		struct surface part = surface_part(s, 0, y, s->w, s->h > y + 3 ? 3 : 0);

		y += ui_paragraph(&part, 0, 0, STYLE_MUTED, seen->model.description);
	}
	surface_put(s, 0, ++y, STYLE_HEADING, "STAGES");
	y++;
	for (size_t i = 0; i < seen->stage_count; i++, y++) {
		const struct model_stage *st = &seen->stages[i];
		const char *since = view_cell_age(a, st->since, now);

		ui_label(s, 0, y, 14, st->stage, st->halted ? STYLE_BAD : STYLE_TEXT,
		         st->version == 0 ? NULL
		         : st->halted     ? arena_printf(a, "v%lld STOPPED", (long long)st->version)
		                      : arena_printf(a, "v%lld for %s", (long long)st->version, since ? since : "?"));
	}
	surface_put(s, 0, ++y, STYLE_HEADING, "VERSIONS");
	if (seen->metric_name)
		surface_put_right(s, s->w - 16, y, 8, STYLE_HEADER, seen->metric_name);
	y++;
	for (size_t i = 0; i < seen->count && y < s->h - 1; i++, y++) {
		const struct work_version *w = &seen->versions[i].v;
		const char *number = view_cell_number(a, seen->versions[i].metric, 4);
		const char *age = view_cell_age(a, w->registered, now);

		surface_put(s, 0, y, STYLE_TEXT, arena_printf(a, "v%lld", (long long)w->version));
		surface_glyph(s, 5, y, view_standing_style(w->standing), view_standing_glyph(w->standing));
		surface_put_cut(s, 7, y, 12, view_standing_style(w->standing), w->standing, strlen(w->standing));
		if (number)
			surface_put_right(s, s->w - 16, y, 8, STYLE_TEXT, number);
		if (age)
			surface_put_right(s, s->w - 6, y, 6, STYLE_MUTED, age);
	}
	arena_free(a);
}

static void draw(struct view *v, struct surface *s)
{
	struct models_view *m = v->state;
	bool wide = s->w >= PREVIEW_FROM;
	int side = wide ? PREVIEW_WIDTH + (s->w - PREVIEW_FROM) / 4 : 0;
	struct surface list = surface_part(s, 0, 1, s->w - side, s->h - 1), beside;

	if (m->fault.code) {
		view_draw_fault(s, &m->fault);
		return;
	}
	if (m->list && m->list->count > 0) {
		char number[NUM_TEXT], text[64];

		snprintf(text, sizeof text, "%s model%s", count_people((int64_t)m->list->count, number),
		         m->list->count == 1 ? "" : "s");
		surface_put_right(s, 0, 0, s->w - 1, STYLE_MUTED, text);
	}
	if (m->list && m->list->no_roster)
		surface_put(s, 1, 0, STYLE_WARN, "no roster yet: nobody can sign ($ assay roster --help)");
	ui_table_draw(m->table, &list, true);
	if (!wide || ui_table_cursor(m->table) == 0)
		return;
	if (!ui_asking(v, TAG_PREVIEW) && !m->moving)
		ask_preview(v);
	surface_vline(s, s->w - side, 2, s->h - 2, STYLE_BORDER);
	beside = surface_part(s, s->w - side + 2, 2, side - 3, s->h - 2);
	if (m->seen)
		draw_preview(v, &beside);
}

/* ---- acts ---- */

static bool action(struct view *v, enum action what)
{
	struct models_view *m = v->state;
	size_t at = 0;
	const struct work_model_row *row = model_of(m, ui_table_cursor(m->table), &at);

	switch ((int)what) {
	case ACTION_LIST_OPEN: {
		struct model_args args = {.name = row ? row->name : NULL};

		if (row)
			ui_open(v->ui, &MODEL_VIEW, &args);
		return true;
	}
	case ACTION_MODEL_REVIEW:
		if (row && m->list->waiting[at])
			view_open_review(v, m->list->waiting[at]);
		return true;
	case ACTION_MODEL_PROPOSE: {
		/* The newest one; another is proposed from the versions. */
		struct version_ask ask = {0};

		if (row) {
			snprintf(ask.ref, sizeof ask.ref, "%s@%lld", row->name, (long long)row->latest);
			ui_ask_front(v, TAG_VERSION, view_version_read, &ask, sizeof ask, NULL);
		}
		return true;
	}
	case ACTION_LIST_BACK:
		return true;
	case ACTION_APP_REFRESH:
		m->seen_id = 0;
		ask_list(v, true);
		return true;
	default:
		return ui_table_action(m->table, what);
	}
}

static const char *why_not(struct view *v, enum action what)
{
	struct models_view *m = v->state;
	size_t at = 0;
	const struct work_model_row *row = model_of(m, ui_table_cursor(m->table), &at);

	switch ((int)what) {
	case ACTION_LIST_OPEN:
		return row ? NULL : "there is no model here";
	case ACTION_MODEL_REVIEW:
		return !row                    ? "there is no model here"
		       : !m->list->waiting[at] ? "no proposal of this model waits"
		                               : NULL;
	case ACTION_MODEL_PROPOSE:
		return m->fault.code == ERR_TAMPER ? "the ledger does not hold: nothing can be signed"
		       : !row                      ? "there is no model here"
		       : m->list->no_roster        ? "there is no roster yet: nobody can sign"
		                                   : NULL;
	case ACTION_LIST_FILTER:
	case ACTION_LIST_SORT:
	case ACTION_LIST_REVERSE:
	case ACTION_LIST_COLUMNS:
	case ACTION_LIST_MARK:
	case ACTION_LIST_MARK_ALL:
	case ACTION_LIST_UNMARK:
		return "not in this list";
	default:
		return NULL;
	}
}

static bool event(struct view *v, const struct term_event *e)
{
	return ui_table_event(((struct models_view *)v->state)->table, e);
}

static void on_list(struct view *v, struct ui_result *r)
{
	struct models_view *m = v->state;
	const struct models_list *list = r->data;

	m->fault.code = 0;
	if (list->same)
		return;
	arena_free(m->arena);
	m->arena = r->arena;
	m->list = list;
	r->arena = NULL;
	m->seen_id = 0;
	ui_table_empty(
	    m->table,
	    "No model is registered yet. A registered one is a version with a number that is never used "
	    "again: its files by their digests, the run and the data that it came from, and every "
	    "decision about it.\n"
	    "\n"
	    "P  on a run (screen 2) registers its model\n"
	    "$ assay register @last NAME");
	ui_table_refresh(m->table);
}

static void on_result(struct view *v, struct ui_result *r)
{
	struct models_view *m = v->state;

	if (r->status != 0) {
		if (!r->cancelled && r->tag == TAG_LIST)
			m->fault = r->err;
		else if (!r->cancelled)
			ui_error(v->ui, &r->err);
		return;
	}
	if (r->tag == TAG_LIST) {
		on_list(v, r);
	} else if (r->tag == TAG_VERSION) {
		const struct version_seen *seen = r->data;

		view_propose_begin(&m->propose, v, &seen->v, seen->policy_stages, seen->policy_stage_count);
	} else {
		arena_free(m->seen_arena);
		m->seen_arena = r->arena;
		m->seen = r->data;
		r->arena = NULL;
	}
}

static void changed(struct view *v)
{
	ask_list(v, false);
}

const struct view_ops MODELS_VIEW = {
    .name = "models",
    .contexts = "models list",
    .state_size = sizeof(struct models_view),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
    .on_result = on_result,
    .resume = changed,
    .changed = changed,
};
