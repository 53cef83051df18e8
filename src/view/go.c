/* Going to a place by its name: the look-up on the reader's thread, the opening on the screen's. */
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "compare.h"
#include "go.h"
#include "models.h"
#include "view_inside.h"

#define REST 1024

enum place_kind {
	PLACE_SCREEN,
	PLACE_RUNS,
	PLACE_RUN,
	PLACE_COMPARE,
	PLACE_LAUNCH,
	PLACE_DATA,
	PLACE_RELATIONS,
	PLACE_ROWS,
	PLACE_BIAS,
	PLACE_MODELS,
	PLACE_REVIEW,
	PLACE_AUDIT,
	PLACE_THEME,
};
static const struct route {
	const char *name;
	int screen;
	enum place_kind kind;
	bool bare; /* is a place with nothing behind it, too */
} ROUTES[] = {
    {"overview", 1, PLACE_SCREEN, true},
    {"runs", 2, PLACE_RUNS, true},
    {"run", 2, PLACE_RUN, false},
    {"compare", 2, PLACE_COMPARE, false},
    {"launch", 2, PLACE_LAUNCH, true},
    {"data", 3, PLACE_DATA, true},
    {"bias", 4, PLACE_BIAS, true},
    {"models", 5, PLACE_MODELS, true},
    {"review", 5, PLACE_REVIEW, true},
    {"audit", 8, PLACE_AUDIT, true},
    {"relations", 3, PLACE_RELATIONS, false},
    {"rows", 3, PLACE_ROWS, false},
    {"theme", 2, PLACE_THEME, true},
};

/* What is looked for; strings are parts of `rest`. */
struct go_ask {
	enum place_kind kind;
	int screen;
	char rest[REST];
};
struct go_found {
	enum place_kind kind;
	int screen;
	int64_t id;       /* run, version of a data set, row of the ledger */
	const char *name; /* of a model, a version or an experiment */
	const char *part; /* tab, column, saved view or expression; NULL */
	const char *text; /* of the saved view */
	int64_t runs[COMPARE_MAX];
	size_t run_count;
};

static const struct route *route_of(const char *place, const char **rest)
{
	size_t len = strcspn(place, ": ");

	*rest = place + len + (place[len] ? 1 : 0);
	for (size_t i = 0; i < COUNT_OF(ROUTES); i++)
		if (strlen(ROUTES[i].name) == len && strncmp(ROUTES[i].name, place, len) == 0)
			return &ROUTES[i];
	return NULL;
}

int view_place_screen(const char *place)
{
	const char *rest;
	const struct route *r = route_of(place, &rest);

	return r ? r->screen : 0;
}

/* ---- on the reader's thread ---- */

/* Takes "/PART" off the end, or off the beginning where names of parts may have a slash in them. */
static const char *split(char *text, bool first)
{
	char *slash = first ? strchr(text, '/') : strrchr(text, '/');

	if (!slash)
		return NULL;
	*slash = 0;
	return slash + 1;
}

static int find_compare(struct desk *desk, char *refs, struct go_found *out, struct error *err)
{
	for (char *at = refs; *at;) {
		size_t len = strcspn(at, ", ");
		bool last = at[len] == 0;

		at[len] = 0;
		if (len > 0 && out->run_count == COMPARE_MAX)
			return error_set(err, ERR_USAGE, "compare takes %d runs at most", COMPARE_MAX);
		if (len > 0 && store_run_find(desk->store, at, &out->runs[out->run_count++], err) != 0)
			return -1;
		at += len + (last ? 0 : 1);
	}
	return out->run_count < 2
	           ? error_set(err, ERR_USAGE, "compare takes two runs or more: compare:@last,swift-otter-412")
	           : 0;
}

/* EXPERIMENT, EXPERIMENT/VIEW, /VIEW of all. Both names may have slashes in them. */
static int find_runs(struct desk *desk, char *rest, struct arena *a, struct go_found *out, struct error *err)
{
	struct store_experiment *list;
	const char **names, *near;
	size_t count, len = strlen(rest);

	if (store_experiments(desk->store, 1, a, &list, &count, err) != 0)
		return -1;
	names = arena_array(a, count + 2, sizeof *names);
	for (size_t i = 0; i < count; i++)
		names[i] = list[i].name;
	for (size_t at = len + 1; at-- > 0;) {
		struct store_saved view;
		bool there = at == 0 && *rest == '/';

		if (at < len && rest[at] != '/')
			continue;
		for (size_t i = 0; i < count && !there; i++)
			there = strlen(names[i]) == at && strncmp(names[i], rest, at) == 0;
		if (!there)
			continue;
		out->name = arena_memdup0(a, rest, at);
		if (at == len)
			return 0;
		if (work_saved_find(desk->store, "view", out->name, rest + at + 1, a, &view, err) != 0)
			return -1;
		out->part = view.name;
		out->text = view.text;
		return 0;
	}
	near = name_nearest(rest, names, count);
	return error_set(err, ERR_NO, "there is no experiment \"%s\"%s%s%s; E on the screen of runs lists them",
	                 rest, near ? "; there is \"" : "", near ? near : "", near ? "\"" : "");
}

static int find_models(struct desk *desk, const char *rest, char *ref, struct go_found *out,
                       struct error *err)
{
	struct arena *a = arena_new();
	struct work_version version;
	struct error why = {0};
	struct trust *t;
	int status = 0;

	out->part = split(ref, false);
	out->name = ref;
	if (out->part && !strchr(ref, '@'))
		status = error_set(err, ERR_USAGE, "models:%s: only a version has parts: models:%s@1/%s", rest, ref,
		                   out->part);
	/* A ledger that does not hold is for the screen to show. */
	else if ((view_desk_trust(desk, &t, &why) != 0 || work_version_find(t, ref, a, &version, &why) != 0) &&
	         why.code != ERR_TAMPER)
		status = error_set(err, why.code, "%s", why.text);
	arena_free(a);
	return status;
}

static int go_find(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct go_ask *ask = arg;
	struct go_found *out = arena_alloc(a, sizeof *out);
	char *rest = arena_strdup(a, ask->rest);
	struct dataset_row data;

	*out = (struct go_found){.kind = ask->kind, .screen = ask->screen};
	*result = out;
	switch (ask->kind) {
	case PLACE_RUNS:
		return find_runs(desk, rest, a, out, err);
	case PLACE_RUN:
	case PLACE_BIAS:
		out->part = split(rest, false);
		return store_run_find(desk->store, rest, &out->id, err);
	case PLACE_COMPARE:
		return find_compare(desk, rest, out, err);
	case PLACE_ROWS:
		out->part = strchr(rest, '?');
		if (out->part) {
			rest[out->part - rest] = 0;
			out->part++;
		}
		if (store_dataset_find(desk->store, rest, a, &data, err) != 0)
			return -1;
		out->id = data.id;
		return 0;
	case PLACE_DATA:
	case PLACE_RELATIONS:
		out->part = split(rest, true);
		if (store_dataset_find(desk->store, rest, a, &data, err) != 0)
			return -1;
		out->id = data.id;
		return 0;
	case PLACE_MODELS:
		return find_models(desk, ask->rest, rest, out, err);
	default:
		return error_set(err, ERR_USAGE, "there is nothing to look up");
	}
}

/* ---- on the screen's thread ---- */

/* In the list that is open, where it is on top; else above what cannot be closed. */
static int go_runs(struct ui *ui, const struct runs_args *args, struct error *err)
{
	struct view *top = ui_top(ui);

	return top->ops == &RUNS_VIEW ? view_runs_show(top, args, err) : ui_open(ui, &RUNS_VIEW, args);
}

static int go_open(struct ui *ui, const void *found, struct error *err)
{
	const struct go_found *f = found;
	struct run_args run = {.id = f->id, .tab = f->part};
	struct bias_args bias = {.run = f->id, .tab = f->part};
	struct compare_args compare = {.ids = f->runs, .count = f->run_count};
	struct features_args features = {.id = f->id};
	struct recognised_args recognised = {.run = f->id};
	struct relations_args relations = {.id = f->id, .tab = f->part};
	struct feature_args feature = {.id = f->id, .column = f->part};
	struct version_args version = {.ref = f->name, .tab = f->part};
	struct model_args model = {.name = f->name};
	struct runs_args runs = {.experiment = f->name, .view = f->part, .shape = f->text};

	ui_go_screen(ui, f->screen);
	switch (f->kind) { /* a view that cannot open says why */
	case PLACE_RUNS:
		return go_runs(ui, &runs, err);
	case PLACE_RUN:
		if (!f->part || strcmp(f->part, "recognised") != 0)
			return ui_open(ui, &RUN_VIEW, &run);
		run.tab = NULL;
		return ui_open(ui, &RUN_VIEW, &run) != 0 ? -1 : ui_open(ui, &RECOGNISED_VIEW, &recognised);
	case PLACE_BIAS:
		return ui_open(ui, &BIAS_REPORT_VIEW, &bias);
	case PLACE_COMPARE:
		return ui_open(ui, &COMPARE_VIEW, &compare);
	case PLACE_ROWS:
		return view_rows_open(ui, &(struct rows_args){.id = f->id, .where = f->part});
	case PLACE_DATA:
		if (ui_open(ui, &FEATURES_VIEW, &features) != 0)
			return -1;
		return f->part ? ui_open(ui, &FEATURE_VIEW, &feature) : 0;
	case PLACE_RELATIONS:
		return ui_open(ui, &FEATURES_VIEW, &features) != 0 ? -1 : ui_open(ui, &RELATIONS_VIEW, &relations);
	default:
		return strchr(f->name, '@') ? ui_open(ui, &VERSION_VIEW, &version) : ui_open(ui, &MODEL_VIEW, &model);
	}
}

static int go_row(struct ui *ui, const struct route *r, const char *rest, struct error *err)
{
	struct review_args review = {0};
	struct entry_args entry;
	int64_t row;

	if (!int_parse(rest, strlen(rest), &row) || row <= 0)
		return r->kind == PLACE_REVIEW
		           ? error_set(err, ERR_USAGE,
		                       "\"%s\" is no proposal: `assay review` lists them by their numbers", rest)
		           : error_set(err, ERR_USAGE, "\"%s\" is no row of the ledger: `assay ledger` lists them",
		                       rest);
	review.proposal = row;
	entry.id = 2 * row;
	ui_go_screen(ui, r->screen);
	return r->kind == PLACE_REVIEW ? ui_open(ui, &REVIEW_VIEW, &review) : ui_open(ui, &ENTRY_VIEW, &entry);
}

int view_no_place(const char *place, struct error *err)
{
	return error_set(err, ERR_USAGE,
	                 "there is no place \"%s\": overview, runs, runs:EXPERIMENT, runs:EXPERIMENT/VIEW, "
	                 "run:REF, compare:REF,REF, launch, data, "
	                 "data:NAME, rows:NAME, relations:NAME, bias, bias:REF, models, models:NAME, "
	                 "models:NAME@V, review, review:ID, "
	                 "audit, audit:ROW, theme, theme:NAME",
	                 place);
}

int view_go(struct ui *ui, const char *place, struct error *err)
{
	const char *rest;
	const struct route *r = route_of(place, &rest);
	struct go_ask ask = {0};
	struct launch_args launch = {0};

	if (!r)
		return view_no_place(place, err);
	if (!*rest && !r->bare)
		return error_set(err, ERR_USAGE,
		                 r->kind == PLACE_ROWS || r->kind == PLACE_RELATIONS
		                     ? "%s: say of which data set: %s:NAME"
		                     : "%s: say which run: %s:@last",
		                 r->name, r->name);
	if (*rest && r->kind == PLACE_SCREEN)
		return error_set(err, ERR_USAGE, "%s takes nothing after it", r->name);
	if (strlen(rest) >= sizeof ask.rest)
		return error_set(err, ERR_USAGE, "the name of a place has %d bytes at most", REST - 1);
	if (r->kind == PLACE_LAUNCH) {
		launch.recipe = *rest ? rest : NULL;
		ui_go_screen(ui, r->screen);
		return ui_open(ui, &LAUNCH_VIEW, &launch);
	}
	if (r->kind == PLACE_THEME) {
		/* The editor begins with the theme that is shown: another one is shown first, and edited with the next
		 * going. */
		if (*rest && strcmp(ui_theme(ui)->name, rest) != 0) {
			ui_theme_use(ui, rest);
			return 0;
		}
		ui_go_screen(ui, r->screen);
		return ui_open(ui, &THEME_EDITOR_VIEW, NULL);
	}
	if (r->kind == PLACE_REVIEW && !*rest) {
		ui_go_screen(ui, r->screen);
		return ui_open(ui, &REVIEWS_VIEW, NULL);
	}
	if (!*rest) {
		ui_go_screen(ui, r->screen);
		return r->kind == PLACE_RUNS ? go_runs(ui, &(struct runs_args){.experiment = ""}, err) : 0;
	}
	if (r->kind == PLACE_REVIEW || r->kind == PLACE_AUDIT)
		return go_row(ui, r, rest, err);
	ask.kind = r->kind;
	ask.screen = r->screen;
	snprintf(ask.rest, sizeof ask.rest, "%s", rest);
	ui_go_ask(ui, go_find, &ask, sizeof ask, go_open);
	return 0;
}
