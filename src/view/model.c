/* One model: its versions. */
#include <math.h>
#include <string.h>

#include "models.h"
#include "view_inside.h"

enum { TAG_ALIAS = 1 };

struct model_view {
	struct list_view list;
	char name[256];
	struct propose_dialog propose;
	struct stage_dialog stage;
	struct alias_dialog alias;
};

static const struct model_seen *seen_of(struct view *v)
{
	return (const struct model_seen *)((struct list_view *)v->state)->got;
}

static const struct model_version *current(struct view *v)
{
	size_t at = list_at(&((struct list_view *)v->state)->list);

	return at == SIZE_MAX ? NULL : &seen_of(v)->versions[at];
}

static size_t columns(struct list *l, int width, struct ui_column *out)
{
	const struct model_seen *seen = seen_of(l->view);
	const struct ui_column all[] = {
	    {.id = "version", .title = "version", .min = 7},
	    {.id = "standing", .title = "standing", .min = 11},
	    {.id = "stages", .title = "stages", .min = 10, .max = 24, .priority = 1},
	    {.id = "aliases", .title = "aliases", .min = 7, .max = 20, .priority = 5},
	    {.id = "metric",
	     .title = seen && seen->metric_name ? seen->metric_name : "metric",
	     .align = UI_DECIMAL,
	     .min = 7,
	     .priority = 2},
	    {.id = "run", .title = "run", .min = 10, .max = 20, .priority = 3},
	    {.id = "age", .title = "age", .align = UI_RIGHT, .min = 4, .priority = 4},
	    {.id = "by", .title = "registered by", .min = 10, .max = 20, .priority = 6},
	    {.id = "about", .title = "about", .min = 16, .max = 60, .priority = 7},
	};

	(void)width;
	memcpy(out, all, sizeof all);
	return COUNT_OF(all);
}

/* "production v6 for 41d   staging –": stages that are stopped stand out. Returns the rows used. */
static int draw_stages(struct view *v, struct surface *s)
{
	const struct model_seen *seen = seen_of(v);
	struct arena *a = arena_new();
	int x = 1, y = 0;

	for (size_t i = 0; i < seen->stage_count; i++) {
		const struct model_stage *st = &seen->stages[i];
		const char *since = view_cell_age(a, st->since, ui_now(v->ui));

		const char *word = st->version == 0 ? "" : arena_printf(a, "v%lld", (long long)st->version);
		const char *rest = st->version == 0 ? "-"
		                   : st->halted     ? " STOPPED"
		                                    : arena_printf(a, " for %s", since ? since : "?");
		int w = (int)(strlen(st->stage) + 1 + strlen(word) + strlen(rest)) + (st->halted ? 2 : 0);

		/* None is cut: a stage that is stopped must be seen. */
		if (x > 1 && x + w > s->w) {
			x = 1;
			y++;
		}
		x += surface_printf(s, x, y, STYLE_LABEL, "%s ", st->stage);
		if (st->version == 0) {
			surface_glyph(s, x, y, STYLE_MUTED, GLYPH_NONE);
			x++;
		} else if (st->halted) {
			surface_glyph(s, x, y, STYLE_BAD, GLYPH_KILLED);
			x += 2 + surface_printf(s, x + 2, y, STYLE_BAD, "%s%s", word, rest);
		} else {
			x += surface_printf(s, x, y, STYLE_GOOD, "%s", word);
			x += surface_printf(s, x, y, STYLE_MUTED, "%s", rest);
		}
		x += 3;
	}
	/* Where there is room for more than its label. */
	if (seen->model.owner && *seen->model.owner && s->w - x > 16)
		surface_put_right(s, x, y, s->w - 1 - x, STYLE_MUTED, arena_printf(a, "owner %s", seen->model.owner));
	arena_free(a);
	return y + 1;
}

static int head(struct view *v, struct surface *s)
{
	const struct model_seen *seen = seen_of(v);
	int rows;

	if (!seen)
		return 0;
	rows = draw_stages(v, s);
	if (!seen->model.description || !*seen->model.description)
		return rows;
	surface_put_cut(s, 1, rows, s->w - 2, STYLE_MUTED, seen->model.description,
	                strlen(seen->model.description));
	return rows + 1;
}

/* ---- beside the list: the version ---- */

static bool preview_ask(struct list *l, int64_t id)
{
	struct model_view *m = l->view->state;
	struct list_ask ask = {0};

	snprintf(ask.what, sizeof ask.what, "%s@%lld", m->name, (long long)id);
	ui_ask(l->view, LIST_TAG_PREVIEW, view_version_read, &ask, sizeof ask, NULL);
	return true;
}

static void preview(struct list *l, struct surface *s)
{
	view_draw_version(s, l->seen, view_app_of(l->view)->charset, ui_now(l->view->ui));
}

/* ---- acts ---- */

static void open_version(struct list *l, int64_t id)
{
	char ref[300];
	struct version_args args = {.ref = ref, .below = true};

	snprintf(ref, sizeof ref, "%s@%lld", ((struct model_view *)l->view->state)->name, (long long)id);
	ui_open(l->view->ui, &VERSION_VIEW, &args);
}

static void propose(struct view *v, const struct model_version *row)
{
	struct model_view *m = v->state;
	const char *stages[PROPOSE_STAGES];
	size_t count = 0;

	/* The policy's order: the first stage is the lowest. */
	for (size_t i = seen_of(v)->stage_count; i-- > 0 && count < COUNT_OF(stages);)
		stages[count++] = seen_of(v)->stages[i].stage;
	view_propose_begin(&m->propose, v, &row->v, stages, count);
}

/* On a version that is in no stage now, that one is meant to come back. */
static int64_t back_to(const struct model_version *row, enum ledger_kind kind)
{
	return kind == LEDGER_ROLLBACK && row && row->v.stage_count == 0 ? row->v.version : 0;
}

static bool action(struct view *v, enum action what)
{
	struct model_view *m = v->state;
	const struct model_version *row = current(v);
	enum ledger_kind kind;

	if (view_stage_kind(what, &kind)) {
		if (seen_of(v))
			view_stage_begin(&m->stage, v, kind, m->name, seen_of(v)->stages, seen_of(v)->stage_count,
			                 back_to(row, kind));
		return true;
	}
	switch ((int)what) {
	case ACTION_MODEL_REVIEW:
		if (row && row->waiting)
			view_open_review(v, row->waiting);
		return true;
	case ACTION_MODEL_PROPOSE:
		if (row)
			propose(v, row);
		return true;
	case ACTION_MODEL_ALIAS:
		if (row)
			view_alias_begin(&m->alias, v, TAG_ALIAS, m->name, row->v.version);
		return true;
	default:
		return false;
	}
}

static const char *why_not(struct view *v, enum action what, bool *own)
{
	struct model_view *m = v->state;
	const struct model_version *row = current(v);
	enum ledger_kind kind;
	bool stage = view_stage_kind(what, &kind);

	*own = stage || what == ACTION_MODEL_REVIEW || what == ACTION_MODEL_PROPOSE || what == ACTION_MODEL_ALIAS;
	if (!*own)
		return NULL;
	if (what == ACTION_MODEL_REVIEW)
		return row && row->waiting ? NULL : "no proposal of this version waits";
	if (m->list.fault.code == ERR_TAMPER)
		return "the ledger does not hold: nothing can be signed";
	if (!row)
		return "there is no version here";
	if (what == ACTION_MODEL_ALIAS)
		return NULL;
	if (seen_of(v)->no_roster)
		return "there is no roster yet: nobody can sign";
	return stage ? view_stage_why_not(kind, seen_of(v)->stages, seen_of(v)->stage_count) : NULL;
}

static void ask(struct view *v, struct list_ask *out)
{
	snprintf(out->what, sizeof out->what, "%s", ((struct model_view *)v->state)->name);
}

static void taken(struct view *v)
{
	list_set_columns(&((struct list_view *)v->state)->list); /* the metric has a name now */
}

static void result(struct view *v, struct ui_result *r)
{
	if (r->tag != TAG_ALIAS)
		return;
	view_alias_show(v, r->data);
	list_view_read(v, true);
}

static const struct list_spec VERSIONS = {
    .one = "version",
    .many = "versions",
    .empty = "This model has no version.",
    .of_object = true,
    .columns = columns,
    .preview_ask = preview_ask,
    .preview = preview,
    .open = open_version,
    .read = view_model_read,
    .ask = ask,
    .taken = taken,
    .action = action,
    .why_not = why_not,
    .result = result,
    .head = head,
};

static int open(struct view *v, const void *args, struct error *err)
{
	struct model_view *m = v->state;
	const struct model_args *in = args;

	if (strlen(in->name) >= sizeof m->name)
		return error_set(err, ERR_USAGE, "the name of this model is longer than %zu bytes",
		                 sizeof m->name - 1);
	snprintf(m->name, sizeof m->name, "%s", in->name);
	list_view_begin(v, &VERSIONS);
	return 0;
}

static void title(struct view *v, struct str *out)
{
	str_adds(out, ((struct model_view *)v->state)->name);
}

static void place(struct view *v, struct str *out)
{
	str_addf(out, "models:%s", ((struct model_view *)v->state)->name);
}

const struct view_ops MODEL_VIEW = {
    .name = "model",
    .contexts = "model list",
    .state_size = sizeof(struct model_view),
    .open = open,
    .title = title,
    .place = place,
    LIST_VIEW_OPS,
};
