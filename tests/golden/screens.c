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

#include "../lib/golden_play.h"
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

static struct view_options options_of(bool none)
{
	return (struct view_options){.store = none ? empty : full, .forget = true, .fixed_now = FIXTURE_NOW};
}

static void screens(void **state)
{
	for (size_t i = 0; i < COUNT_OF(SCREENS); i++) {
		struct view_options options = options_of(SCREENS[i].empty);

		golden_draw(&options, *state, SCREENS[i].name, SCREENS[i].script, NULL);
	}
}

/* One of each view, as every terminal sees it. */
static void views(void **state)
{
	static const char *const names[] = {
	    "runs",      "runs-columns", "run-summary", "run-metrics",    "run-log",          "run-system",
	    "run-files", "run-data",     "compare",     "compare-curves", "launch",           "data",
	    "guide",     "journal",      "features",    "feature-number", "feature-category", "empty-runs"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		for (size_t k = 0; k < COUNT_OF(SCREENS); k++)
			if (strcmp(SCREENS[k].name, names[i]) == 0) {
				struct view_options options = options_of(SCREENS[k].empty);

				golden_view_of(&options, names[i], SCREENS[k].script, NULL);
			}
}

static void every_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(SCREENS); i++) {
		struct view_options options = options_of(SCREENS[i].empty);

		golden_draw_sizes(&options, i % 2 == 0, SCREENS[i].name, SCREENS[i].script);
	}
}

/* What stands beside a list is about the row with the cursor. */
static void preview_follows(void **state)
{
	struct view_options options = options_of(false);

	(void)state;
	golden_play(&options, &GOLDEN_HOW[1], "preview",
	            "key 3\nexpect │ loans@2\nkey Down\nexpect │ loans@1\nrefuse │ loans@2\n", NULL);
}

/* Another recipe has other fields: those of the one before are gone when the form goes on. */
static void another_recipe(void **state)
{
	struct view_options options = options_of(false);

	(void)state;
	golden_play(&options, &GOLDEN_HOW[0], "another recipe",
	            "key n\nexpect train logistic\nkey Right\nexpect train boosted-trees\n"
	            "key Ctrl-R\nkey Left\nkey Enter Down Enter\nkey Ctrl-R\nexpect $ assay\n",
	            NULL);
}

/* One screen as text, as `assay --once` prints it. */
static void once(void **state)
{
	struct view_options options = options_of(false);
	struct error err;
	struct str out;

	(void)state;
	str_init(&out);
	assert_int_equal(view_once(&options, "run:calm-heron-077/files", 80, 24, &out, &err), 0);
	assert_non_null(strstr(out.data, "output.log"));
	str_clear(&out);
	assert_int_equal(view_once(&options, "data loans/income", 80, 24, &out, &err), 0);
	assert_non_null(strstr(out.data, "OUTSIDE THE FENCES"));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    {"golden screens at 80x24", screens, NULL, NULL, (void *)&GOLDEN_HOW[0]},
	    {"golden screens at 160x48", screens, NULL, NULL, (void *)&GOLDEN_HOW[1]},
	    {"golden screens in ASCII", screens, NULL, NULL, (void *)&GOLDEN_HOW[2]},
	    {"golden screens without colour, blocks, with styles", screens, NULL, NULL, (void *)&GOLDEN_HOW[3]},
	    cmocka_unit_test(views),
	    cmocka_unit_test(every_size),
	    cmocka_unit_test(preview_follows),
	    cmocka_unit_test(another_recipe),
	    cmocka_unit_test(once),
	};
	const struct golden_group group = {
	    "golden", true, &folder, {{"full", store_fixture, &full}, {"empty", store_fixture_empty, &empty}}};

	return golden_run(&group, tests);
}
