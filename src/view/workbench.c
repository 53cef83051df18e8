/* The workbench: screens, workers with a store handle each, one screen as text. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bias.h"
#include "models.h"
#include "pulse.h"
#include "session.h"
#include "view_inside.h"

/* Digits are those of the whole design: a screen that is not there yet leaves its own free. */
static const struct ui_screen SCREENS[] = {
    {1, "Overview", &OVERVIEW_VIEW}, {2, "Runs", &RUNS_VIEW},     {3, "Data", &DATA_VIEW},
    {4, "Bias", &BIAS_VIEW},         {5, "Models", &MODELS_VIEW}, {8, "Audit", &AUDIT_VIEW},
};

/* ---- workers ---- */

static int open_desk(const struct app *app, bool writes, void **context, struct error *err)
{
	struct desk *desk = xcalloc(1, sizeof *desk);
	int status;

	desk->app = app;
	status = writes ? work_open(app->store_dir, STORE_WRITE, &desk->store, err)
	                : store_open(&desk->store, app->store_dir, STORE_READ, err);
	if (status != 0) {
		free(desk);
		return -1;
	}
	desk->first_change = store_change(desk->store);
	*context = desk;
	return 0;
}

static int open_reader(void *user, void **context, struct error *err)
{
	return open_desk(user, false, context, err);
}

static int open_writer(void *user, void **context, struct error *err)
{
	return open_desk(user, true, context, err);
}

static void close_desk(void *context)
{
	struct desk *desk = context;

	view_desk_release(desk);
	store_close(desk->store);
	free(desk);
}

static void interrupt_desk(void *context)
{
	struct desk *desk = context;

	desk->stop = true;
	store_interrupt(desk->store);
}

/* ---- opening ---- */

static void app_free(struct app *app)
{
	view_bias_shelf_free(app->bias);
	view_pulse_free(app->pulse);
	free(app->store_dir);
	free(app->state_path);
	session_free(app->session);
	free(app);
}

/* "lending" for …/lending/.assay. */
static char *place_of(const char *store_dir)
{
	char *path = path_absolute(store_dir), *slash, *name;

	slash = strrchr(path, '/');
	if (slash && strcmp(slash, "/.assay") == 0)
		*slash = 0;
	slash = strrchr(path, '/');
	name = xstrdup(slash && slash[1] ? slash + 1 : path);
	free(path);
	return name;
}

static char *state_path_of(const char *store_dir)
{
	char *absolute = path_absolute(store_dir), *name, *path;
	char hex[SHA256_TEXT];

	sha256_hex(absolute, strlen(absolute), hex);
	name = xasprintf("view-%.16s", hex);
	path = xdg_state_path(name);
	free(name);
	free(absolute);
	return path;
}

static bool can_write(const char *store_dir)
{
	char *path = path_join(store_dir, "assay.db");
	bool can = access(path, W_OK) == 0;

	free(path);
	return can;
}

static int open_at(struct ui **out, struct term *term, const struct view_options *options, int first_screen,
                   bool guide, struct error *err)
{
	struct app *app = xcalloc(1, sizeof *app);
	struct ui_options o = {.term = term,
	                       .screens = SCREENS,
	                       .screen_count = COUNT_OF(SCREENS),
	                       .first_screen = first_screen,
	                       .theme = options->theme,
	                       .theme_editor = &THEME_EDITOR_VIEW,
	                       .guide = &GUIDE_VIEW,
	                       .pulse = view_pulse_read,
	                       .tend = view_pulse_tend,
	                       .fixed_now = options->fixed_now,
	                       .app = app};
	struct store *store;
	char *place = NULL, *keys = NULL;
	int status = -1;

	app->store_dir = store_find(options->store, err);
	/* What is wrong with the store is said before the screen is taken. */
	if (!app->store_dir || store_open(&store, app->store_dir, STORE_READ, err) != 0) {
		app_free(app);
		return -1;
	}
	store_close(store);
	app->bias = view_bias_shelf_new();
	app->pulse = view_pulse_new();
	app->fixed_now = options->fixed_now;
	app->replicates = options->replicates;
	app->charset = term_grid(term)->charset;
	app->mono = term_colours(term) == TERM_MONO;
	app->work = &VIEW_WORK;
	app->session = session_new();
	if (!options->forget) {
		app->state_path = state_path_of(app->store_dir);
		keys = xdg_config_path("keys.ini");
	}
	o.guide_first = guide && app->state_path && view_guide_due(app->state_path);
	o.state_path = app->state_path;
	o.keys_path = keys;
	o.place = place = place_of(app->store_dir);
	o.reader = (struct ui_worker){
	    .open = open_reader, .close = close_desk, .interrupt = interrupt_desk, .user = app};
	o.writer = (struct ui_worker){.open = open_writer, .close = close_desk, .user = app};
	o.read_only = !can_write(app->store_dir);
	status = ui_new(out, &o, err);
	if (status != 0)
		app_free(app);
	free(place);
	free(keys);
	return status;
}

/* "" for the list of those that wait, else the proposal's row. */
static int open_review(struct ui *ui, const char *id, struct error *err)
{
	struct review_args args = {0};

	if (!*id)
		return ui_open(ui, &REVIEWS_VIEW, NULL);
	if (!int_parse(id, strlen(id), &args.proposal) || args.proposal <= 0)
		return error_set(err, ERR_USAGE, "\"%s\" is no proposal: `assay review` lists them by their numbers",
		                 id);
	return ui_open(ui, &REVIEW_VIEW, &args);
}

int view_begin(struct ui **out, struct term *term, const struct view_options *options, struct error *err)
{
	static const char review[] = "review";
	const char *start = options->start;
	bool waits;

	*out = NULL;
	waits = !start && trail_waits(options->store);
	/* Nothing stands between a person and what waits for a signature. */
	if (open_at(out, term, options, start ? 5 : waits ? 1 : 2, !start && !waits, err) != 0)
		return -1;
	if (!start)
		return 0;
	if (strncmp(start, review, strlen(review)) != 0 ||
	    (start[strlen(review)] && start[strlen(review)] != ':'))
		return error_set(err, ERR_USAGE, "the workbench cannot begin with \"%s\"", start);
	start += strlen(review);
	return open_review(*out, *start ? start + 1 : start, err);
}

void view_end(struct ui *ui)
{
	struct app *app;

	if (!ui)
		return;
	app = ui_app(ui);
	ui_free(ui);
	app_free(app);
}

int view_workbench(const struct view_options *options, struct error *err)
{
	struct term_options how = {
	    .ascii = options->ascii, .no_colour = options->no_colour, .in_fd = -1, .out_fd = -1};
	struct term *term;
	struct ui *ui = NULL;
	char *dir = store_find(options->store, err);
	int status;

	/* Without a store nothing of the terminal is touched. */
	if (!dir)
		return -1;
	free(dir);
	if (term_open_curses(&term, &how, err) != 0)
		return -1;
	status = view_begin(&ui, term, options, err);
	if (status == 0)
		status = ui_run(ui, err);
	view_end(ui);
	term_close(term);
	return status;
}

/* ---- one screen as text ---- */

static int open_once_run(struct ui *ui, struct store *store, const char *ref, bool bias, struct error *err)
{
	struct arena *a = arena_new();
	char *copy = arena_strdup(a, ref), *slash = strrchr(copy, '/');
	struct run_args args = {0};
	int status;

	if (slash) {
		*slash = 0;
		args.tab = slash + 1;
	}
	status = store_run_find(store, copy, &args.id, err);
	if (status == 0 && bias)
		status = ui_open(ui, &BIAS_REPORT_VIEW, &(struct bias_args){.run = args.id, .tab = args.tab});
	else if (status == 0)
		status = ui_open(ui, &RUN_VIEW, &args);
	arena_free(a);
	return status;
}

static int open_once_compare(struct ui *ui, struct store *store, const char *refs, struct error *err)
{
	struct arena *a = arena_new();
	char *at = arena_strdup(a, refs);
	int64_t *ids = arena_array(a, strlen(refs) + 1, sizeof *ids);
	struct compare_args args = {.ids = ids};
	int status = 0;

	while (status == 0 && *at) {
		size_t len = strcspn(at, ", ");
		bool last = at[len] == 0;

		at[len] = 0;
		if (len > 0)
			status = store_run_find(store, at, &ids[args.count++], err);
		at += len + (last ? 0 : 1);
	}
	if (status == 0)
		status = args.count < 2 ? error_set(err, ERR_USAGE,
		                                    "compare takes two runs or more: compare:@last,swift-otter-412")
		                        : ui_open(ui, &COMPARE_VIEW, &args);
	arena_free(a);
	return status;
}

static int open_once_data(struct ui *ui, struct store *store, const char *ref, struct error *err)
{
	struct arena *a = arena_new();
	char *copy = arena_strdup(a, ref), *slash = strchr(copy, '/');
	struct dataset_row row;
	int status;

	if (slash)
		*slash = 0;
	status = store_dataset_find(store, copy, a, &row, err);
	if (status == 0 && slash) {
		struct feature_args args = {.id = row.id, .column = slash + 1};

		status = ui_open(ui, &FEATURE_VIEW, &args);
	} else if (status == 0) {
		struct features_args args = {.id = row.id};

		status = ui_open(ui, &FEATURES_VIEW, &args);
	}
	arena_free(a);
	return status;
}

static int open_once(struct ui *ui, const char *dir, const char *what, const char *rest, struct error *err)
{
	struct store *store;
	int status;

	if (strcmp(what, "launch") == 0) {
		struct launch_args args = {.recipe = *rest ? rest : NULL};

		return ui_open(ui, &LAUNCH_VIEW, &args);
	}
	if (strcmp(what, "review") == 0)
		return open_review(ui, rest, err);
	if (strcmp(what, "theme") == 0)
		return ui_open(ui, &THEME_EDITOR_VIEW, NULL);
	if (!*rest)
		return strcmp(what, "run") == 0 || strcmp(what, "compare") == 0
		           ? error_set(err, ERR_USAGE, "--once %s: say which run: %s:@last", what, what)
		           : 0;
	if (store_open(&store, dir, STORE_READ, err) != 0)
		return -1;
	if (strcmp(what, "run") == 0 || strcmp(what, "bias") == 0)
		status = open_once_run(ui, store, rest, what[0] == 'b', err);
	else if (strcmp(what, "compare") == 0)
		status = open_once_compare(ui, store, rest, err);
	else if (strcmp(what, "data") == 0)
		status = open_once_data(ui, store, rest, err);
	else if (strcmp(what, "models") == 0)
		status = view_once_models(ui, store, rest, err);
	else
		status = error_set(err, ERR_USAGE, "--once %s takes nothing after it", what);
	store_close(store);
	return status;
}

int view_once(const struct view_options *options, const char *screen, int width, int height, struct str *out,
              struct error *err)
{
	static const struct {
		const char *name;
		int screen;
	} names[] = {{"overview", 1}, {"runs", 2},   {"run", 2},    {"compare", 2}, {"launch", 2}, {"data", 3},
	             {"bias", 4},     {"models", 5}, {"review", 5}, {"audit", 8},   {"theme", 2}};
	struct view_options o = *options;
	size_t len = strcspn(screen, ": ");
	char *what = xmemdup0(screen, len);
	const char *rest = screen + len + (screen[len] ? 1 : 0);
	struct term *term = NULL;
	struct ui *ui = NULL;
	int status, number = 0;

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp(what, names[i].name) == 0)
			number = names[i].screen;
	if (number == 0) {
		error_set(err, ERR_USAGE,
		          "there is no screen \"%s\": overview, runs, run:REF, compare:REF,REF, launch, data, "
		          "data:NAME, bias, "
		          "bias:REF, models, models:NAME, models:NAME@V, review, review:ID, audit, theme, theme:NAME",
		          what);
		free(what);
		return -1;
	}
	o.forget = true;
	if (strcmp(what, "theme") == 0 && *rest)
		o.theme = rest;
	if (err)
		err->text[0] = 0;
	term = term_open_memory(width, height, o.ascii ? TERM_ASCII : TERM_BRAILLE, TERM_MONO);
	status = open_at(&ui, term, &o, number, false, err);
	if (status == 0)
		status = open_once(ui, ((struct app *)ui_app(ui))->store_dir, what, rest, err);
	/* A view that could not be opened has said why on its own screen. */
	if (status != 0 && err && !err->text[0])
		error_set(err, ERR_USAGE, "--once %s: there is no such part of it", screen);
	if (status == 0) {
		ui_settle(ui);
		grid_text(term_grid(term), out);
	}
	view_end(ui);
	term_close(term);
	free(what);
	return status;
}

void view_keys_mdoc(struct str *out)
{
	size_t count;
	const struct ui_action *actions = ui_action_table(&count);

	ui_actions_mdoc(actions, count, out);
}
