/* One model: its versions. */
#include <math.h>
#include <string.h>

#include "models.h"
#include "view_inside.h"

enum { TAG_MODEL = 1 };
#define COLUMNS 9

struct model_view {
	char name[256];
	struct ui_table *table;
	struct arena *arena;
	const struct model_seen *seen;
	struct propose_dialog propose;
	struct error fault; /* code 0: none */
};

static const struct model_version *current(const struct model_view *m)
{
	int64_t id = ui_table_cursor(m->table);

	for (size_t i = 0; m->seen && i < m->seen->count; i++)
		if (m->seen->versions[i].v.version == id)
			return &m->seen->versions[i];
	return NULL;
}

static const char *words(struct arena *a, const char *const *texts, size_t count)
{
	const char *out = "";

	for (size_t i = 0; i < count; i++)
		out = i ? arena_printf(a, "%s %s", out, texts[i]) : arena_strdup(a, texts[i]);
	return out;
}

static struct ui_cell *cells_of(struct view *v, struct arena *a, const struct model_version *row)
{
	struct ui_cell *c = arena_array(a, COLUMNS, sizeof *c);
	const struct work_version *w = &row->v;
	const char *sign = term_glyph(view_app_of(v)->charset, view_standing_glyph(w->standing));

	c[0].text = arena_printf(a, "v%lld", (long long)w->version);
	c[1].text = arena_printf(a, "%s %s", sign, w->standing);
	c[1].style = view_standing_style(w->standing);
	c[2].text = row->waiting && !w->stage_count
	                ? arena_printf(a, "%s %s", view_app_of(v)->charset == TERM_ASCII ? "->" : "\xe2\x86\x92",
	                               row->waiting_stage)
	                : words(a, w->stages, w->stage_count);
	c[2].style = row->waiting && !w->stage_count ? STYLE_WARN : STYLE_GOOD;
	c[3].text = words(a, w->aliases, w->alias_count);
	c[3].style = STYLE_INFO;
	c[4].text = view_cell_number(a, row->metric, 4);
	c[5].text = w->run_name;
	c[6].text = view_cell_age(a, w->registered, ui_now(v->ui));
	c[6].style = STYLE_MUTED;
	c[7].text = w->registrar;
	c[7].style = STYLE_MUTED;
	c[8].text = w->description;
	c[8].style = STYLE_MUTED;
	return c;
}

static void ask_rows(void *user, const struct ui_ask_rows *ask)
{
	struct view *v = user;
	struct model_view *m = v->state;
	struct arena *a = arena_new();
	size_t count = m->seen ? m->seen->count : 0;
	struct ui_row *rows = arena_array(a, count + 1, sizeof *rows);

	for (size_t i = 0; i < count; i++)
		rows[i] = (struct ui_row){.id = m->seen->versions[i].v.version,
		                          .cells = cells_of(v, a, &m->seen->versions[i])};
	ui_table_page(m->table, ui_page_of(a, ask, rows, count));
}

static void set_columns(struct model_view *m)
{
	const struct ui_column columns[COLUMNS] = {
	    {.id = "version", .title = "version", .min = 7, .no_sort = true},
	    {.id = "standing", .title = "standing", .min = 11, .no_sort = true},
	    {.id = "stages", .title = "stages", .min = 10, .max = 24, .no_sort = true, .priority = 1},
	    {.id = "aliases", .title = "aliases", .min = 7, .max = 20, .no_sort = true, .priority = 5},
	    {.id = "metric",
	     .title = m->seen && m->seen->metric_name ? m->seen->metric_name : "metric",
	     .align = UI_DECIMAL,
	     .min = 7,
	     .no_sort = true,
	     .priority = 2},
	    {.id = "run", .title = "run", .min = 10, .max = 20, .no_sort = true, .priority = 3},
	    {.id = "age", .title = "age", .align = UI_RIGHT, .min = 4, .no_sort = true, .priority = 4},
	    {.id = "by", .title = "registered by", .min = 10, .max = 20, .no_sort = true, .priority = 6},
	    {.id = "about", .title = "about", .min = 16, .max = 60, .no_sort = true, .priority = 7},
	};

	ui_table_columns(m->table, columns, COLUMNS);
}

static void ask_model(struct view *v, bool anew)
{
	struct model_view *m = v->state;
	struct models_ask ask = {0};

	if (m->seen && !anew && !m->fault.code) {
		ask.ledger = m->seen->ledger;
		ask.store = m->seen->store;
	}
	snprintf(ask.model, sizeof ask.model, "%s", m->name);
	if (!ui_asking(v, TAG_MODEL))
		ui_ask(v, TAG_MODEL, view_model_read, &ask, sizeof ask, NULL);
}

static int open(struct view *v, const void *args, struct error *err)
{
	struct model_view *m = v->state;
	const struct model_args *in = args;

	if (strlen(in->name) >= sizeof m->name)
		return error_set(err, ERR_USAGE, "the name of this model is longer than %zu bytes",
		                 sizeof m->name - 1);
	snprintf(m->name, sizeof m->name, "%s", in->name);
	m->table = ui_table_new(v, ask_rows, v);
	set_columns(m);
	ui_table_empty(m->table, "Reading…");
	ask_model(v, true);
	return 0;
}

static void close_view(struct view *v)
{
	struct model_view *m = v->state;

	ui_table_free(m->table);
	arena_free(m->arena);
}

/* "production v6 for 41d   staging –": stages that are stopped stand out. */
static void draw_stages(struct view *v, struct surface *s)
{
	const struct model_seen *seen = ((struct model_view *)v->state)->seen;
	struct arena *a = arena_new();
	int x = 1;

	for (size_t i = 0; i < seen->stage_count; i++) {
		const struct model_stage *st = &seen->stages[i];
		const char *since = view_cell_age(a, st->since, ui_now(v->ui));

		x += surface_printf(s, x, 0, STYLE_LABEL, "%s ", st->stage);
		if (st->version == 0) {
			surface_glyph(s, x, 0, STYLE_MUTED, GLYPH_NONE);
			x++;
		} else if (st->halted) {
			surface_glyph(s, x, 0, STYLE_BAD, GLYPH_KILLED);
			x += 2 + surface_printf(s, x + 2, 0, STYLE_BAD, "v%lld STOPPED", (long long)st->version);
		} else {
			x += surface_printf(s, x, 0, STYLE_GOOD, "v%lld", (long long)st->version);
			x += surface_printf(s, x, 0, STYLE_MUTED, " for %s", since ? since : "?");
		}
		x += 3;
	}
	if (seen->model.owner && *seen->model.owner)
		surface_put_right(s, s->w - 31, 0, 30, STYLE_MUTED, arena_printf(a, "owner %s", seen->model.owner));
	arena_free(a);
}

static void draw(struct view *v, struct surface *s)
{
	struct model_view *m = v->state;
	int y = 1;
	struct surface body;

	if (m->fault.code) {
		view_draw_fault(s, &m->fault);
		return;
	}
	if (m->seen) {
		draw_stages(v, s);
		if (m->seen->model.description && *m->seen->model.description) {
			surface_put_cut(s, 1, 1, s->w - 2, STYLE_MUTED, m->seen->model.description,
			                strlen(m->seen->model.description));
			y = 2;
		}
	}
	body = surface_part(s, 0, y, s->w, s->h - y);
	ui_table_draw(m->table, &body, true);
}

static bool action(struct view *v, enum action what)
{
	struct model_view *m = v->state;
	const struct model_version *row = current(m);

	switch ((int)what) {
	case ACTION_LIST_OPEN: {
		char ref[300];
		struct version_args args = {.ref = ref, .below = true};

		if (row) {
			snprintf(ref, sizeof ref, "%s@%lld", m->name, (long long)row->v.version);
			ui_open(v->ui, &VERSION_VIEW, &args);
		}
		return true;
	}
	case ACTION_MODEL_REVIEW:
		if (row && row->waiting)
			view_open_review(v, row->waiting);
		return true;
	case ACTION_MODEL_PROPOSE: {
		const char *stages[8];
		size_t count = 0;

		/* The policy's order: the first stage is the lowest. */
		for (size_t i = m->seen ? m->seen->stage_count : 0; i-- > 0 && count < COUNT_OF(stages);)
			stages[count++] = m->seen->stages[i].stage;
		if (row)
			view_propose_begin(&m->propose, v, &row->v, stages, count);
		return true;
	}
	case ACTION_APP_REFRESH:
		ask_model(v, true);
		return true;
	default:
		return ui_table_action(m->table, what);
	}
}

static const char *why_not(struct view *v, enum action what)
{
	struct model_view *m = v->state;
	const struct model_version *row = current(m);

	switch ((int)what) {
	case ACTION_LIST_OPEN:
		return row ? NULL : "there is no version here";
	case ACTION_MODEL_REVIEW:
		return row && row->waiting ? NULL : "no proposal of this version waits";
	case ACTION_MODEL_PROPOSE:
		return m->fault.code == ERR_TAMPER ? "the ledger does not hold: nothing can be signed"
		       : !row                      ? "there is no version here"
		       : m->seen->no_roster        ? "there is no roster yet: nobody can sign"
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
	return ui_table_event(((struct model_view *)v->state)->table, e);
}

static void on_result(struct view *v, struct ui_result *r)
{
	struct model_view *m = v->state;
	const struct model_seen *seen = r->data;

	if (r->status != 0) {
		if (!r->cancelled)
			m->fault = r->err;
		return;
	}
	m->fault.code = 0;
	if (seen->same)
		return;
	arena_free(m->arena);
	m->arena = r->arena;
	m->seen = seen;
	r->arena = NULL;
	set_columns(m);
	ui_table_refresh(m->table);
}

static void changed(struct view *v)
{
	ask_model(v, false);
}

static void title(struct view *v, struct str *out)
{
	str_adds(out, ((struct model_view *)v->state)->name);
}

const struct view_ops MODEL_VIEW = {
    .name = "model",
    .contexts = "model list",
    .state_size = sizeof(struct model_view),
    .open = open,
    .close = close_view,
    .draw = draw,
    .action = action,
    .why_not = why_not,
    .event = event,
    .on_result = on_result,
    .title = title,
    .resume = changed,
    .changed = changed,
};
