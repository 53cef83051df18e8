/* Places of the real screens: every view is gone to by the name it says it has, in the workbench and by --once. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/view.h"
#include "../lib/registry_fixture.h"
#include "../../src/ui/private.h"
#include "../../src/view/go.h"

struct world {
	struct registry_fixture f;
	struct term *term;
	struct ui *ui;
	struct view_options options;
	struct str out;
};

static void start(struct world *w)
{
	struct error err = {0};

	w->term = term_open_memory(100, 30, TERM_BRAILLE, TERM_256);
	if (view_begin(&w->ui, w->term, &w->options, &err))
		fail_msg("%s", err.text);
	ui_settle(w->ui);
}

static void stop(struct world *w)
{
	view_end(w->ui);
	term_close(w->term);
}

/* Another experiment, with a name that has all in it that places are told apart by; and saved views. */
static void add_experiment(struct world *w)
{
	static const struct store_saved views[] = {
	    {"view", "odd/name: 1", "by/loss", "{\"filter\":\"name = 'third-run'\"}"},
	    {"view", "", "of all", "{\"filter\":\"name LIKE '%alpha%'\"}"},
	};
	struct run_new run = {.name = "third-run", .experiment = "odd/name: 1", .kind = "command"};
	struct store *store;
	struct error err = {0};
	char uuid[ID_TEXT];
	int64_t id;

	if (store_open(&store, w->f.path, STORE_WRITE, &err) || store_run_create(store, &run, &id, uuid, &err))
		fail_msg("%s", err.text);
	if (store_note_edit(
	        store, "me@here", id,
	        "A note that is longer than one row of a small screen, and than one of a large screen that "
	        "has two columns: it goes on, and on, and on.",
	        &err))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < COUNT_OF(views); i++)
		if (store_saved_set(store, "me@here", &views[i], &err))
			fail_msg("%s", err.text);
	store_close(store);
}

static int setup(void **state)
{
	struct world *w = xcalloc(1, sizeof *w);
	struct arena *a = arena_new();
	struct work_version version;

	registry_fixture_open(&w->f, NULL);
	registry_fixture_run(&w->f, "swift-alpha", "set-test", NULL);
	registry_fixture_run(&w->f, "calm-beta", NULL, NULL);
	registry_fixture_register(&w->f, "swift-alpha", "credit-risk", a, &version);
	arena_free(a);
	add_experiment(w);
	w->options.store = w->f.path;
	w->options.replicates = 50;
	w->options.forget = true;
	str_init(&w->out);
	start(w);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	stop(w);
	str_release(&w->out);
	registry_fixture_close(&w->f);
	free(w);
	return 0;
}

static char *here(struct world *w)
{
	struct str place;
	char *copy;

	str_init(&place);
	place_of(ui_top(w->ui), &place);
	copy = xstrdup(place.data);
	str_release(&place);
	return copy;
}

static void go(struct world *w, const char *place)
{
	struct error err = {0};

	if (ui_go(w->ui, place, &err))
		fail_msg("%s: %s", place, err.text);
	ui_settle(w->ui);
	if (ui_went(w->ui, &err))
		fail_msg("%s: %s", place, err.text);
}

/* The name that leads there, the beginning of what the place calls itself, its end, and its screen. */
static const struct {
	const char *name, *begins, *ends;
	int screen;
} PLACES[] = {
    {"overview", "overview", "overview", 1},
    {"runs", "runs", "runs", 2},
    {"runs:default", "runs:default", "default", 2},
    {"runs:odd/name: 1", "runs:odd/name: 1", "1", 2},
    {"runs:odd/name: 1/by/loss", "runs:odd/name: 1", "1", 2},
    {"runs:/of all", "runs", "runs", 2},
    {"run:swift-alpha/log", "run:", "/log", 2},
    {"run calm-beta/summary", "run:", "/summary", 2},
    {"compare:swift-alpha,calm-beta", "compare:", "", 2},
    {"launch:logistic", "launch:logistic", "", 2},
    {"data", "data", "data", 3},
    {"data:set", "data:set@1", "@1", 3},
    {"data:set@1/colour", "data:set@1/colour", "", 3},
    {"bias", "bias", "bias", 4},
    {"bias:swift-alpha/calibration", "bias:", "/calibration", 4},
    {"models", "models", "models", 5},
    {"models:credit-risk", "models:credit-risk", "risk", 5},
    {"models:credit-risk@1/files", "models:credit-risk@1/files", "", 5},
    {"review", "review", "review", 5},
    {"audit", "audit", "audit", 8},
    {"audit:1", "audit:1", ":1", 8},
    {"theme", "theme", "theme", 2},
};

static void each_by_its_name(void **state)
{
	struct world *w = *state;
	struct error err = {0};

	for (size_t i = 0; i < COUNT_OF(PLACES); i++) {
		char *place, *again;

		assert_int_equal(view_place_screen(PLACES[i].name), PLACES[i].screen);
		go(w, PLACES[i].name);
		place = here(w);
		if (strncmp(place, PLACES[i].begins, strlen(PLACES[i].begins)) != 0 ||
		    strcmp(place + strlen(place) - strlen(PLACES[i].ends), PLACES[i].ends) != 0)
			fail_msg("%s is called \"%s\"", PLACES[i].name, place);
		assert_int_equal(w->ui->options.screens[w->ui->screen].number, PLACES[i].screen);
		/* By its own name: opened anew, from elsewhere. */
		stop(w);
		start(w);
		go(w, "audit");
		go(w, place);
		again = here(w);
		assert_string_equal(again, place);
		/* And --once takes the same. */
		str_clear(&w->out);
		if (view_once(&w->options, place, 100, 30, &w->out, &err))
			fail_msg("--once %s: %s", place, err.text);
		assert_true(w->out.len > 100);
		free(place);
		free(again);
	}
}

static void what_is_not_there(void **state)
{
	static const char *const names[] = {"cellar",
	                                    "run",
	                                    "run:nobody",
	                                    "runs:x",
	                                    "runs:default/none",
	                                    "compare:calm-beta",
	                                    "data:none",
	                                    "models:none",
	                                    "review:x",
	                                    "audit:-1",
	                                    "models:credit-risk/files",
	                                    "run:calm-beta/cellar"};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct error err = {0};
		int rc = ui_go(w->ui, names[i], &err);

		ui_settle(w->ui);
		if (!rc && !ui_went(w->ui, &err))
			fail_msg("%s is there", names[i]);
		assert_true(strlen(err.text) > 10);
		memset(&err, 0, sizeof err);
		str_clear(&w->out);
		assert_int_equal(view_once(&w->options, names[i], 100, 30, &w->out, &err), -1);
		assert_true(strlen(err.text) > 10);
	}
}

static void play(struct world *w, const char *script)
{
	struct error err = {0};

	if (ui_script(w->ui, "script", script, &w->out, &err)) {
		str_clear(&w->out);
		grid_text(term_grid(w->term), &w->out);
		print_error("%s\n%s", err.text, w->out.data);
		fail();
	}
}

/* `:` and a name, or a word for what it is and a name. */
static void by_name(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *typed, *begins;
	} cases[] = {{"swift-al", "run:"},
	             {"run swift", "run:"},
	             {"bias swift-al", "bias:"},
	             {"credit-risk@1", "models:credit-risk@1"},
	             {"experiment odd", "runs:odd/name: 1"},
	             {"view by/l", "runs:odd/name: 1"},
	             {"odd/na", "runs:odd/name: 1"},
	             {"screen runs", "runs"},
	             {"data set-te", "data:set-test@1"},
	             {"screen audit", "audit"}};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char script[200], *place;

		go(w, "overview");
		snprintf(script, sizeof script, "key :\ntype %s\nkey Enter\n", cases[i].typed);
		play(w, script);
		place = here(w);
		if (strncmp(place, cases[i].begins, strlen(cases[i].begins)) != 0)
			fail_msg("`:` %s leads to \"%s\"", cases[i].typed, place);
		free(place);
	}
	play(w, "key Ctrl-O\nkey Ctrl-O\nkey , p\nexpect swift-alpha\nkey Esc\n");
}

/* Experiments are places of their own in the list of jumps, with their cursors. */
static void among_experiments(void **state)
{
	struct world *w = *state;

	go(w, "runs");
	play(w, "expect calm-beta\nexpect third-run\nkey j\nkey j");
	go(w, "runs:odd/name: 1");
	play(w, "expect third-run\nrefuse calm-beta\nexpect runs \xe2\x96\xb8 odd/name: 1");
	go(w, "runs:odd/name: 1/by/loss");
	play(w, "expect third-run\nexpect / name = 'third-run'");
	go(w, "runs:default");
	play(w, "expect calm-beta\nrefuse third-run\nkey Down");
	play(w, "key Ctrl-O\nexpect third-run\nrefuse calm-beta\nkey Ctrl-O\nexpect calm-beta\nexpect third-run");
	assert_true(ui_table_cursor(ui_top(w->ui)->private_->table) == 1);
	play(w, "key Ctrl-P\nrefuse calm-beta\nkey Ctrl-P\nrefuse third-run");
	assert_true(ui_table_cursor(ui_top(w->ui)->private_->table) == 1);
	play(w, "key , p\nexpect odd/name: 1\nexpect default\nkey Esc");
	/* A click on the name of the screen leads from one experiment to all. */
	play(w, "key Enter\nexpect Summary");
	for (size_t i = 0; i < w->ui->crumb_count; i++)
		if (w->ui->crumbs[i].name) {
			struct term_event e = {
			    .kind = TERM_EVENT_MOUSE, .mouse = TERM_MOUSE_PRESS, .button = 1, .x = w->ui->crumbs[i].x0};

			ui_event(w->ui, &e);
			break;
		}
	play(w, "expect third-run\nexpect calm-beta");
}

/* Lists in JSON tell what there is, not what has room; the text beside them is the screen's. */
static void twins_of_any_size(void **state)
{
	static const char *const names[] = {"overview",
	                                    "runs",
	                                    "runs:odd/name: 1",
	                                    "run:third-run/summary",
	                                    "data:set",
	                                    "models",
	                                    "models:credit-risk",
	                                    "models:credit-risk@1",
	                                    "compare:swift-alpha,calm-beta",
	                                    "audit"};
	static const int sizes[][2] = {{200, 50}, {80, 24}, {40, 12}};
	struct world *w = *state;
	struct error err = {0};
	struct str lists;

	str_init(&lists);
	w->options.json = true;
	w->options.fixed_now = time_now_ms();
	for (size_t i = 0; i < COUNT_OF(names); i++)
		for (size_t k = 0; k < COUNT_OF(sizes); k++) {
			const char *end;

			str_clear(&w->out);
			if (view_once(&w->options, names[i], sizes[k][0], sizes[k][1], &w->out, &err))
				fail_msg("%s: %s", names[i], err.text);
			end = strstr(w->out.data, "\"text\":[");
			assert_true(end && strstr(w->out.data, "\"cells\":") < end);
			if (k == 0) {
				str_clear(&lists);
				str_add(&lists, w->out.data, (size_t)(end - w->out.data));
			} else if (strncmp(lists.data, w->out.data, lists.len) != 0) {
				fail_msg("%s at %dx%d:\n%s\n%s", names[i], sizes[k][0], sizes[k][1], w->out.data, lists.data);
			}
		}
	str_release(&lists);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(each_by_its_name, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_is_not_there, setup, teardown),
	    cmocka_unit_test_setup_teardown(by_name, setup, teardown),
	    cmocka_unit_test_setup_teardown(among_experiments, setup, teardown),
	    cmocka_unit_test_setup_teardown(twins_of_any_size, setup, teardown),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
