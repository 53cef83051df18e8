/* The workbench: screens, workers with a store handle each, one screen as text. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bias.h"
#include "edits.h"
#include "go.h"
#include "pulse.h"
#include "rows.h"
#include "session.h"
#include "trail.h"
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

static void watch_desk(void *context, struct progress *progress)
{
	((struct desk *)context)->progress = progress;
}

/* ---- opening ---- */

static void app_free(struct app *app)
{
	view_bias_shelf_free(app->bias);
	view_rows_shelf_free(app->rows);
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

/* first_screen 0: where the last session was left, else Runs. */
static int open_at(struct ui **out, struct term *term, const struct view_options *options, int first_screen,
                   bool guide, struct error *err)
{
	struct app *app = xcalloc(1, sizeof *app);
	struct ui_options o = {.term = term,
	                       .screens = SCREENS,
	                       .screen_count = COUNT_OF(SCREENS),
	                       .first_screen = first_screen ? first_screen : 2,
	                       .restore = first_screen == 0,
	                       .go = view_go,
	                       .find = view_find,
	                       .theme = options->theme,
	                       .theme_editor = &THEME_EDITOR_VIEW,
	                       .guide = &GUIDE_VIEW,
	                       .pulse = view_pulse_read,
	                       .tend = view_pulse_tend,
	                       .undo = view_undo,
	                       .redo = view_redo,
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
	app->rows = view_rows_shelf_new();
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
	o.reader = (struct ui_worker){.open = open_reader,
	                              .close = close_desk,
	                              .interrupt = interrupt_desk,
	                              .watch = watch_desk,
	                              .user = app};
	o.writer = (struct ui_worker){.open = open_writer,
	                              .close = close_desk,
	                              .interrupt = interrupt_desk,
	                              .watch = watch_desk,
	                              .user = app};
	o.read_only = app->read_only = !can_write(app->store_dir);
	status = ui_new(out, &o, err);
	if (status != 0)
		app_free(app);
	free(place);
	free(keys);
	return status;
}

int view_begin(struct ui **out, struct term *term, const struct view_options *options, struct error *err)
{
	const char *start = options->start;
	int screen = start ? view_place_screen(start) : trail_waits(options->store) ? 1 : 0;

	*out = NULL;
	if (start && screen == 0)
		return error_set(err, ERR_USAGE, "the workbench cannot begin with \"%s\"", start);
	/* Nothing stands between a person and what waits for a signature. */
	if (open_at(out, term, options, screen, screen == 0, err) != 0)
		return -1;
	return start ? ui_go(*out, start, err) : 0;
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

int view_once(const struct view_options *options, const char *screen, int width, int height, struct str *out,
              struct error *err)
{
	struct view_options o = *options;
	int number = view_place_screen(screen), status;
	size_t len = strcspn(screen, ": ");
	struct term *term = NULL;
	struct ui *ui = NULL;

	if (number == 0)
		return view_no_place(screen, err);
	o.forget = true;
	if (strncmp(screen, "theme", 5) == 0 && screen[len] && screen[len + 1])
		o.theme = screen + len + 1;
	if (err)
		err->text[0] = 0;
	term = term_open_memory(width, height, o.ascii ? TERM_ASCII : TERM_BRAILLE, TERM_MONO);
	status = open_at(&ui, term, &o, number, false, err);
	if (status == 0)
		status = ui_go(ui, screen, err);
	if (status == 0) {
		ui_settle(ui);
		status = ui_went(ui, err);
	}
	if (status == 0)
		status = ui_shown(ui, err);
	/* A view that could not be opened has said why on its own screen. */
	if (status != 0 && err && !err->text[0])
		error_set(err, ERR_USAGE, "--once %s: there is no such part of it", screen);
	if (status == 0 && o.json)
		ui_twin(ui, screen, o.limit ? o.limit : VIEW_LIMIT, out);
	else if (status == 0)
		grid_text(term_grid(term), out);
	view_end(ui);
	term_close(term);
	return status;
}

void view_keys_mdoc(struct str *out)
{
	size_t count;
	const struct ui_action *actions = ui_action_table(&count);

	ui_actions_mdoc(actions, count, out);
}
