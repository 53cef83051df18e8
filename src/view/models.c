/* Models: the registry's list. */
#include <string.h>

#include "models.h"
#include "view_inside.h"

enum { TAG_VERSION = 1 };

struct models_view {
	struct list_view list;
	struct propose_dialog propose;
	struct stage_dialog stage;
};

static const struct models_list *list_of(struct view *v)
{
	return (const struct models_list *)((struct list_view *)v->state)->got;
}

/* Place of the current model; false: there is none. */
static bool current(struct view *v, size_t *at)
{
	*at = list_at(&((struct list_view *)v->state)->list);
	return *at != SIZE_MAX;
}

static size_t columns(struct list *l, int width, struct ui_column *out)
{
	static const struct ui_column all[] = {
	    {.id = "model", .title = "model", .min = 14, .max = 32},
	    {.id = "stages", .title = "in stages", .min = 14, .max = 36},
	    {.id = "latest", .title = "latest", .align = UI_RIGHT, .min = 6, .priority = 1},
	    {.id = "versions", .title = "versions", .align = UI_RIGHT, .min = 8, .priority = 5},
	    {.id = "waiting", .title = "waiting", .min = 9, .priority = 2},
	    {.id = "owner", .title = "owner", .min = 8, .max = 20, .priority = 3},
	    {.id = "age", .title = "age", .align = UI_RIGHT, .min = 4, .priority = 4},
	    {.id = "about", .title = "about", .min = 20, .max = 60, .priority = 6},
	};

	(void)l;
	(void)width;
	memcpy(out, all, sizeof all);
	return COUNT_OF(all);
}

static const char *note(struct list *l, struct arena *a, style_id *style)
{
	const struct models_list *list = list_of(l->view);

	(void)a;
	*style = STYLE_WARN;
	return list && list->no_roster ? "no roster yet: nobody can sign ($ assay roster --help)" : NULL;
}

/* ---- beside the list ---- */

static bool preview_ask(struct list *l, int64_t id)
{
	size_t at = list_at(l);
	struct list_ask ask = {.other = 1};

	(void)id;
	if (at == SIZE_MAX || strlen(list_of(l->view)->models[at].name) >= sizeof ask.what)
		return false;
	snprintf(ask.what, sizeof ask.what, "%s", list_of(l->view)->models[at].name);
	ui_ask(l->view, LIST_TAG_PREVIEW, view_model_read, &ask, sizeof ask, NULL);
	return true;
}

static int draw_stages(struct surface *s, int y, const struct model_seen *seen, struct arena *a, int64_t now)
{
	surface_put(s, 0, y++, STYLE_HEADING, "STAGES");
	for (size_t i = 0; i < seen->stage_count; i++, y++) {
		const struct model_stage *st = &seen->stages[i];
		const char *since = view_cell_age(a, st->since, now);

		ui_label(s, 0, y, 14, st->stage, st->halted ? STYLE_BAD : STYLE_TEXT,
		         st->version == 0 ? NULL
		         : st->halted     ? arena_printf(a, "v%lld STOPPED", (long long)st->version)
		                      : arena_printf(a, "v%lld for %s", (long long)st->version, since ? since : "?"));
	}
	return y;
}

/* "approve by li@lab, 2d ago", then why. */
static int draw_last(struct surface *s, int y, const struct trail_row *last, struct arena *a, int64_t now)
{
	const char *age = view_cell_age(a, last->at, now), *text;

	surface_put(s, 0, y++, STYLE_HEADING, "LAST DECIDED");
	if (!last->readable) {
		surface_put(s, 0, y++, STYLE_BAD, "a row that cannot be read");
		return y;
	}
	text = arena_printf(a, "%s %s", ledger_kind_name(last->kind), last->about);
	surface_put_cut(s, 0, y++, s->w, trail_style(last->kind), text, strlen(text));
	text = arena_printf(a, "%s%s%s, %s ago", last->who ? last->who : "?", last->role ? " as " : "",
	                    last->role ? last->role : "", age ? age : "?");
	surface_put_cut(s, 0, y++, s->w, STYLE_MUTED, text, strlen(text));
	if (last->reason) {
		struct surface part = surface_part(s, 0, y, s->w, s->h > y + 4 ? 4 : 0);
		int used = ui_paragraph(&part, 0, 0, STYLE_TEXT, last->reason);

		y += used < part.h ? used : part.h;
	}
	return y;
}

static void preview(struct list *l, struct surface *s)
{
	const struct model_seen *seen = l->seen;
	int64_t now = ui_now(l->view->ui);
	struct arena *a = arena_new();
	int y = 1;

	surface_put_cut(s, 0, 0, s->w, STYLE_TITLE, seen->model.name, strlen(seen->model.name));
	if (seen->model.description && *seen->model.description) {
		struct surface part = surface_part(s, 0, y, s->w, s->h > y + 3 ? 3 : 0);
		int used = ui_paragraph(&part, 0, 0, STYLE_MUTED, seen->model.description);

		y += used < part.h ? used : part.h;
	}
	y = draw_stages(s, y + 1, seen, a, now);
	if (seen->last)
		y = draw_last(s, y + 1, seen->last, a, now);
	surface_put(s, 0, ++y, STYLE_HEADING, "VERSIONS");
	if (seen->metric_name)
		surface_put_right(s, s->w - 16, y, 8, STYLE_HEADER, seen->metric_name);
	y++;
	for (size_t i = 0; i < seen->list.count && y < s->h - 1; i++, y++) {
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

/* ---- acts ---- */

static void open_model(struct list *l, int64_t id)
{
	size_t at = list_at(l);
	struct model_args args = {0};

	(void)id;
	if (at == SIZE_MAX)
		return;
	args.name = list_of(l->view)->models[at].name;
	ui_open(l->view->ui, &MODEL_VIEW, &args);
}

static bool action(struct view *v, enum action what)
{
	struct models_view *m = v->state;
	const struct models_list *list = list_of(v);
	enum ledger_kind kind;
	size_t at;
	bool row = current(v, &at);

	if (view_stage_kind(what, &kind)) {
		if (row)
			view_stage_begin(&m->stage, v, kind, list->models[at].name, list->stages[at],
			                 list->stage_count[at], 0);
		return true;
	}
	switch ((int)what) {
	case ACTION_MODEL_REVIEW:
		if (row && list->waiting[at])
			view_open_review(v, list->waiting[at]);
		return true;
	case ACTION_MODEL_PROPOSE: {
		/* The newest one; another is proposed from the versions. */
		struct list_ask ask = {0};

		if (row) {
			snprintf(ask.what, sizeof ask.what, "%.270s@%lld", list->models[at].name,
			         (long long)list->models[at].latest);
			ui_ask_front(v, TAG_VERSION, view_version_read, &ask, sizeof ask, NULL);
		}
		return true;
	}
	default:
		return false;
	}
}

static const char *why_not(struct view *v, enum action what, bool *own)
{
	struct models_view *m = v->state;
	const struct models_list *list = list_of(v);
	enum ledger_kind kind;
	size_t at;
	bool row = current(v, &at), stage = view_stage_kind(what, &kind);

	*own = stage || what == ACTION_MODEL_REVIEW || what == ACTION_MODEL_PROPOSE;
	if (!*own)
		return NULL;
	if (m->list.fault.code == ERR_TAMPER && what != ACTION_MODEL_REVIEW)
		return "the ledger does not hold: nothing can be signed";
	if (!row)
		return "there is no model here";
	if (what == ACTION_MODEL_REVIEW)
		return list->waiting[at] ? NULL : "no proposal of this model waits";
	if (list->no_roster)
		return "there is no roster yet: nobody can sign";
	return stage ? view_stage_why_not(kind, list->stages[at], list->stage_count[at]) : NULL;
}

static void result(struct view *v, struct ui_result *r)
{
	struct models_view *m = v->state;
	const struct version_seen *seen = r->data;

	if (r->tag == TAG_VERSION)
		view_propose_begin(&m->propose, v, &seen->v, seen->policy_stages, seen->policy_stage_count);
}

static const struct list_spec MODELS = {
    .one = "model",
    .many = "models",
    .empty = "No model is registered yet. A registered one is a version with a number that is never used "
             "again: its files by their digests, the run and the data that it came from, and every "
             "decision about it.\n"
             "\n"
             "P  on a run (screen 2) registers its model\n"
             "$ assay register @last NAME",
    .columns = columns,
    .note = note,
    .preview_ask = preview_ask,
    .preview = preview,
    .open = open_model,
    .read = view_models_read,
    .action = action,
    .why_not = why_not,
    .result = result,
};

static int open(struct view *v, const void *args, struct error *err)
{
	(void)args;
	(void)err;
	list_view_begin(v, &MODELS);
	return 0;
}

const struct view_ops MODELS_VIEW = {
    .name = "models",
    .contexts = "models list",
    .state_size = sizeof(struct models_view),
    .open = open,
    LIST_VIEW_OPS,
};
