/*
 * Golden screens: every screen of the workbench on a store with fixed ids and times, drawn through the memory
 * terminal and compared with the text in tests/golden/screens/. GENERATE=1 writes the files anew; then the
 * review is reading the difference. Run from the top of the project (make does).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "assay/base.h"
#include "assay/term.h"
#include "assay/ui.h"
#include "assay/view.h"

#include "../lib/golden.h"
#include "../lib/golden_views.h"
#include "../lib/store_fixture.h"

#define CALM  "key /\ntype calm-heron\nkey Enter Enter\n"
#define OTTER "key /\ntype swift-otter\nkey Enter Enter\n"
#define MARK3                                                                                                \
	"key /\ntype experiment = 'credit-risk' and status = done\nkey Enter Space Down Space Down Space c\n"
#define LOANS "key 3 Enter\n"

static const struct screen {
	const char *name, *script;
	bool empty; /* on a store without anything */
} SCREENS[] = {
    {"runs", "", false},
    {"runs-marked", "key Down Down Space Down Space\n", false},
    {"runs-filter", "key /\ntype auc or metrics.auc > 0.8\n", false},
    {"runs-filter-wrong", "key /\ntype metrics.auc > 0.8 and (\n", false},
    {"runs-no-match", "key /\ntype nothing-is-called-so\nkey Enter\n", false},
    {"runs-columns", "key C\n", false},
    {"runs-sorted", "key > > > s\n", false},
    {"runs-stop", "key /\ntype swift\nkey Enter x\n", false},
    {"run-summary", CALM, false},
    {"run-summary-running", OTTER, false},
    {"run-summary-failed", "key /\ntype dim-fox\nkey Enter Enter\n", false},
    {"run-summary-hostile", "key /\ntype evil\nkey Enter Enter\n", false},
    {"run-metrics", CALM "key Tab\n", false},
    {"run-metrics-none", "key /\ntype dim-fox\nkey Enter Enter Tab\n", false},
    {"run-metrics-large", CALM "key Tab Enter Left Left Left\n", false},
    {"run-metrics-log-smooth", CALM "key Tab Down Enter L S S\n", false},
    {"run-log", CALM "key Tab Tab\n", false},
    {"run-system", CALM "key Tab Tab Tab\n", false},
    {"run-files", CALM "key Tab Tab Tab Tab\n", false},
    {"run-data", CALM "key Tab Tab Tab Tab Tab\n", false},
    {"compare", MARK3, false},
    {"compare-equal", MARK3 "key =\n", false},
    {"compare-curves", MARK3 "key Tab\n", false},
    {"launch", "key n\n", false},
    {"launch-wrong", "key n Down Down Down\ntype 5\nkey Ctrl-S\n", false},
    {"data", "key 3\n", false},
    {"features", LOANS, false},
    {"features-against", LOANS "key v Down Enter\n", false},
    {"feature-number", LOANS "key Down Down Enter\n", false},
    {"feature-category", LOANS "key Down Down Down Enter\n", false},
    {"feature-against", LOANS "key v Down Enter Down Down Enter\n", false},
    {"guide", "key :\ntype app.guide\nkey Enter\n", false},
    {"journal", "key M\nkey /\ntype status = 'done' and metrics.auc > 0.8\nkey Enter U J\n", false},
    {"empty-runs", "", true},
    {"empty-data", "key 3\n", true},
    {"empty-launch", "key n\n", true},
};

static char *folder, *full, *empty;
static struct ui *begin(const char *store, struct term *term)
{
	struct view_options options = {.store = store, .forget = true, .fixed_now = FIXTURE_NOW};
	struct error err;
	struct ui *ui;

	if (view_begin(&ui, term, &options, &err) != 0)
		fail_msg("%s", err.text);
	return ui;
}

static void draw(const struct screen *screen, const struct golden_how *how)
{
	struct term *term = term_open_memory(how->w, how->h, how->charset, how->colours);
	struct ui *ui = begin(screen->empty ? empty : full, term);
	struct error err;
	struct str out;
	char *script = golden_script(how, screen->script);

	str_init(&out);
	if (ui_script(ui, screen->name, script, &out, &err) != 0)
		fail_msg("%s-%s: %s", screen->name, how->suffix, err.text);
	golden_compare(screen->name, how, &out);
	str_release(&out);
	free(script);
	view_end(ui);
	term_close(term);
}

static void draw_view(void *user, struct term *term)
{
	const struct screen *screen = user;
	struct ui *ui = begin(screen->empty ? empty : full, term);
	struct error err;
	struct str out;

	str_init(&out);
	if (ui_script(ui, screen->name, screen->script, &out, &err) != 0)
		fail_msg("%s: %s", screen->name, err.text);
	str_release(&out);
	view_end(ui);
}

static void screens(void **state)
{
	const struct golden_how *how = *state;

	for (size_t i = 0; i < COUNT_OF(SCREENS); i++)
		draw(&SCREENS[i], how);
}

/* One of each view, as every terminal sees it. */
static void views(void **state)
{
	static const char *const names[] = {"runs",     "runs-columns",   "run-summary",      "run-metrics",
	                                    "run-log",  "run-system",     "run-files",        "run-data",
	                                    "compare",  "compare-curves", "launch",           "data",
	                                    "features", "feature-number", "feature-category", "empty-runs"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		for (size_t k = 0; k < COUNT_OF(SCREENS); k++)
			if (strcmp(SCREENS[k].name, names[i]) == 0)
				golden_view(names[i], draw_view, (void *)&SCREENS[k]);
}

/* Every screen at sizes that no one designs for: nothing fails, and no raw byte of the data comes through. */
static void every_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(SCREENS); i++) {
		struct term *term = term_open_memory(80, 24, i % 2 ? TERM_BRAILLE : TERM_ASCII, TERM_256);
		struct ui *ui = begin(SCREENS[i].empty ? empty : full, term);
		struct error err;
		struct str script, out;

		str_init(&script);
		str_init(&out);
		str_adds(&script, SCREENS[i].script);
		golden_sizes(&script);
		if (ui_script(ui, SCREENS[i].name, script.data, &out, &err) != 0)
			fail_msg("%s: %s", SCREENS[i].name, err.text);
		assert_null(strstr(out.data, "\x1b"));
		assert_null(strstr(out.data, "\x07"));
		assert_null(strstr(out.data, "\xff"));
		assert_null(strstr(out.data, "\xe2\x80\xae"));
		str_release(&script);
		str_release(&out);
		view_end(ui);
		term_close(term);
	}
}

/* Another recipe has other fields: those of the one before are gone when the form goes on. */
static void another_recipe(void **state)
{
	struct term *term = term_open_memory(80, 24, TERM_BRAILLE, TERM_256);
	struct ui *ui = begin(full, term);
	struct error err;
	struct str out;

	(void)state;
	str_init(&out);
	if (ui_script(ui, "another recipe",
	              "key n\nexpect train logistic\nkey Right\nexpect train boosted-trees\n"
	              "key Ctrl-R\nkey Left\nkey Enter Down Enter\nkey Ctrl-R\nexpect $ assay\n",
	              &out, &err) != 0)
		fail_msg("%s", err.text);
	str_release(&out);
	view_end(ui);
	term_close(term);
}

/* One screen as text, as `assay --once` prints it. */
static void once(void **state)
{
	struct view_options options = {.store = full, .forget = true, .fixed_now = FIXTURE_NOW};
	struct error err;
	struct str out;

	(void)state;
	str_init(&out);
	assert_int_equal(view_once(&options, "run:calm-heron-077/files", 80, 24, &out, &err), 0);
	assert_non_null(strstr(out.data, "output.log"));
	str_clear(&out);
	assert_int_equal(view_once(&options, "data loans/income", 80, 24, &out, &err), 0);
	assert_non_null(strstr(out.data, "MISSING BY SPELLING"));
	str_clear(&out);
	assert_int_equal(view_once(&options, "compare:calm-heron-077,bold-lynx-190", 80, 24, &out, &err), 0);
	assert_non_null(strstr(out.data, "vs first"));
	assert_int_equal(view_once(&options, "nonsense", 80, 24, &out, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(view_once(&options, "run", 80, 24, &out, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(view_once(&options, "run:no-such-run", 80, 24, &out, &err), -1);
	assert_int_equal(view_once(&options, "data:no-such-set", 80, 24, &out, &err), -1);
	assert_int_equal(view_once(&options, "run:@last/nonsense", 80, 24, &out, &err), -1);
	options.store = folder;
	str_release(&out);
}

static int make_stores(void **state)
{
	struct error err = {0};
	char *one, *two;

	(void)state;
	folder = golden_folder("golden", true);
	if (!folder)
		return -1;
	one = path_join(folder, "full");
	two = path_join(folder, "empty");
	if (dir_make(one, &err) != 0 || dir_make(two, &err) != 0 || store_fixture(one, &full, &err) != 0 ||
	    store_fixture_empty(two, &empty, &err) != 0) {
		print_error("%s\n", err.text);
		return -1;
	}
	free(one);
	free(two);
	return 0;
}

static int remove_stores(void **state)
{
	(void)state;
	dir_remove(folder, NULL);
	free(folder);
	free(full);
	free(empty);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    {"golden screens at 80x24", screens, NULL, NULL, (void *)&GOLDEN_HOW[0]},
	    {"golden screens at 160x48", screens, NULL, NULL, (void *)&GOLDEN_HOW[1]},
	    {"golden screens in ASCII", screens, NULL, NULL, (void *)&GOLDEN_HOW[2]},
	    {"golden screens without colour, blocks, with styles", screens, NULL, NULL, (void *)&GOLDEN_HOW[3]},
	    cmocka_unit_test(views),
	    cmocka_unit_test(every_size),
	    cmocka_unit_test(another_recipe),
	    cmocka_unit_test(once),
	};

	golden_begin();
	return cmocka_run_group_tests_name("golden", tests, make_stores, remove_stores);
}
