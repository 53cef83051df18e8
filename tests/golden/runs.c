/*
 * The screen of runs in its states: which value of a metric, several sort keys, baseline, differences, sums, groups,
 * experiments, saved views, changes by hand; as screens that are compared with tests/golden/screens/, and as sessions
 * that say what must be seen.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/base.h"
#include "assay/store.h"
#include "assay/term.h"
#include "assay/ui.h"
#include "assay/view.h"

#include "../lib/golden_play.h"
#include "../lib/golden_views.h"
#include "../lib/store_fixture.h"

#define BASELINE "key /\ntype calm-heron\nkey Enter B / Ctrl-U Enter\n"

static const struct screen {
	const char *name, *script;
} SCREENS[] = {
    {"runs-qualifier", "key , q\n"},
    {"runs-qualifier-at", "key , q\ntype at the\nkey Enter\n"},
    {"runs-best", "key , q\ntype best\nkey Enter s\n"},
    {"runs-at-best", "key > , q\ntype at the\nkey Enter\ntype auc\nkey Enter\n"},
    {"runs-sorted-twice", "key < < s > > &\n"},
    {"runs-baseline", BASELINE},
    {"runs-difference", BASELINE "key s d\n"},
    {"runs-percent", BASELINE "key s d d\n"},
    {"runs-summary", "key , s\n"},
    {"runs-summary-baseline", BASELINE "key , s\n"},
    {"runs-group-menu", "key , g\n"},
    {"runs-groups", "key , g\ntype max_depth\nkey Enter\n"},
    {"runs-groups-seeds", "key , g\ntype over\nkey Enter\n"},
    {"runs-group-opened", "key , g\ntype team\nkey Enter Enter\n"},
    {"runs-experiment-menu", "key E\n"},
    {"runs-experiment", "key E\ntype churn\nkey Enter\n"},
    {"runs-views", "key , w\ntype the small ones\nkey Enter , v\n"},
    {"runs-values", "key /\ntype experiment = c\n"},
    {"runs-completions", "key /\ntype best(metrics.a\n"},
    {"runs-tag", "key T\ntype team=risk\n"},
};

static char *folder, *full;

static struct view_options options_of(const char *store)
{
	return (struct view_options){.store = store, .forget = true, .fixed_now = FIXTURE_NOW};
}

static void screens(void **state)
{
	struct view_options options = options_of(full);

	for (size_t i = 0; i < COUNT_OF(SCREENS); i++)
		golden_draw(&options, *state, SCREENS[i].name, SCREENS[i].script, NULL);
}

/* Those that stand for the rest, as every terminal sees them. */
static void views(void **state)
{
	static const char *const names[] = {"runs-percent", "runs-summary-baseline", "runs-groups",
	                                    "runs-completions"};
	struct view_options options = options_of(full);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		for (size_t k = 0; k < COUNT_OF(SCREENS); k++)
			if (strcmp(SCREENS[k].name, names[i]) == 0)
				golden_view_of(&options, names[i], SCREENS[k].script, NULL);
}

/* A session on a store of its own: what is written there is nobody else's. */
static void play_on(const char *name, void (*add)(const char *store), const char *script)
{
	static const struct golden_how how = {"session", 100, 30, TERM_BRAILLE, TERM_256, false};
	char *store = golden_store(folder, name, store_fixture);
	struct view_options options;

	assert_non_null(store);
	if (add)
		add(store);
	options = options_of(store);
	golden_play(&options, &how, name, script, NULL);
	free(store);
}

static void play(const char *name, const char *script)
{
	play_on(name, NULL, script);
}

static void archived_and_back(void **state)
{
	(void)state;
	play("archive",
	     "key /\ntype calm-heron\nkey Enter X\nexpect archived\nexpect no match\nexpect assay archive\n"
	     "key U\nexpect calm-heron-077\n"
	     "key / Ctrl-U\ntype status = queued\nkey Enter X\nexpect not over\n"
	     "key / Ctrl-U Enter\nexpect 14 runs\n");
}

static void removed_and_back(void **state)
{
	(void)state;
	play("remove",
	     "key /\ntype calm-heron\nkey Enter D\nexpect 1 run: about\nexpect in the database\nexpect U brings "
	     "it "
	     "back until\n"
	     "key Enter\nexpect calm-heron-077\n" /* the default is No */
	     "key D\nexpect Remove\nkey y\nexpect removed calm-heron-077\nexpect no match\nexpect assay rm\n"
	     "key U\nexpect calm-heron-077\n"
	     "key D\nexpect Remove\nkey y\nexpect no match\n"
	     "key / Ctrl-U\ntype removed\nkey Enter\nexpect calm-heron-077\nexpect 1 match\n"
	     "key D\nexpect restored calm-heron-077\nexpect no match\nkey / Ctrl-U Enter\nexpect 14 runs\n"
	     "key / Ctrl-U\ntype status = queued\nkey Enter D\nexpect only runs that are over are removed\n");
}

static void purged_for_good(void **state)
{
	(void)state;
	play("purge",
	     "key :\ntype purge\nkey Enter\nexpect there is no removed run to purge\n"
	     "key /\ntype calm-heron\nkey Enter D\nexpect Remove\nkey y\nexpect no match\n"
	     "key :\ntype purge\nkey Enter\nexpect It is deleted\nexpect purge 1 run\nkey n\n"
	     "key / Ctrl-U\ntype removed\nkey Enter\nexpect calm-heron-077\n"
	     "key :\ntype purge\nkey Enter\nexpect this cannot be taken back\nkey y\nexpect purged 1 run\n"
	     "expect no match\nkey / Ctrl-U Enter\nexpect 13 runs\nkey U\nrefuse calm-heron\n");
}

static void tagged(void **state)
{
	(void)state;
	play("tag", "key Down Space Down Space T\ntype wave=second\nkey Enter\nexpect assay tag\n"
	            "key / \ntype tags.wave = second\nkey Enter\nexpect 2 match\n"
	            "key U / Ctrl-U\ntype tags.wave = second\nkey Enter\nexpect no match\n");
}

static void renamed(void **state)
{
	(void)state;
	play("rename", "key /\ntype calm-heron\nkey Enter , r Ctrl-U\ntype steady-heron\nkey Enter\n"
	               "expect assay rename\nkey / Ctrl-U\ntype steady\nkey Enter\nexpect steady-heron\n"
	               "key m\ntype kept for the record\nkey Enter\nexpect annotated\n");
}

/* The baseline stays whatever the filter is, and is said to have gone. */
static void baseline_stays(void **state)
{
	(void)state;
	play("baseline",
	     BASELINE "key /\ntype experiment = churn\nkey Enter\nexpect calm-heron-077\n"
	              "key d\nexpect differences\nexpect -0.1\nkey d\nexpect %\nkey d\nrefuse in per cent\n"
	              "key / Ctrl-U\ntype calm\nkey Enter X\nexpect archived\nkey / Ctrl-U Enter\n"
	              "expect calm-heron-077\nkey U\n"
	              "key /\ntype calm\nkey Enter B\nexpect no baseline\n");
}

/* A group has the id of its oldest run: acts do not meet that one. */
static void groups_are_no_runs(void **state)
{
	(void)state;
	play(
	    "groups",
	    "key , g\ntype experiment\nkey Enter\nexpect credit-risk\nexpect 4 groups\nkey Down\n"
	    "key X\nexpect these are groups\nkey T\nexpect these are groups\nkey Space\nexpect these are groups\n"
	    "key B\nexpect these are groups\nkey c\nexpect these are groups\n"
	    "key Enter\nexpect 8 runs\nexpect swift-otter-412\nkey Esc\nexpect 4 groups\n"
	    "key , g\ntype nothing\nkey Enter\nexpect 14 runs\n");
}

/* Settings of more parameters than a filter can ask for. */
static void a_group_too_long_for_a_filter(void **state)
{
	static const struct golden_how how = {"session", 100, 30, TERM_BRAILLE, TERM_256, false};
	char *path = golden_store(folder, "wide", store_fixture);
	struct view_options options;
	struct store *store;
	struct error err;

	(void)state;
	assert_non_null(path);
	assert_int_equal(store_open(&store, path, STORE_WRITE, &err), 0);
	for (int i = 0; i < 120; i++) {
		char key[16];

		snprintf(key, sizeof key, "p%d", i);
		assert_int_equal(store_param_set(store, 1, key, "1", &err), 0);
	}
	store_close(store);
	options = options_of(path);
	golden_play(&options, &how, "wide",
	            "key , g\ntype over\nkey Enter\nexpect setting\nkey Enter\nexpect so many parameters\n",
	            NULL);
	free(path);
}

static void experiments_have_their_own(void **state)
{
	(void)state;
	play("experiments",
	     "key E\ntype churn\nkey Enter\nexpect 4 runs\nkey /\ntype status = done\nkey Enter\n"
	     "expect 2 match\nkey E\ntype all\nkey Enter\nexpect 14 runs\nkey E\ntype churn\nkey Enter\n"
	     "expect 2 match\n");
}

static void views_are_kept(void **state)
{
	(void)state;
	play("views",
	     "key /\ntype status = done\nkey Enter , n\ntype finished\nkey Enter\nexpect finished\n"
	     "key , w\ntype done ones\nkey Enter\nkey / Ctrl-U Enter\nexpect 14 runs\n"
	     "key , v\nexpect done ones\nkey Enter\nexpect status = done\n"
	     "key / Ctrl-U Enter\nkey , f\nexpect finished\nkey Enter\nexpect status = done\n"
	     "key , v Delete\nkey , v\nexpect no view has been saved\nkey U\nkey , v\nexpect done ones\n");
}

static void step(struct ui *ui, const char *script)
{
	struct error err;

	if (ui_script(ui, "menus", script, NULL, &err) != 0)
		fail_msg("%s", err.text);
}

/* What is chosen in a menu is what stands there, whatever others save meanwhile. */
static void menus_stay_what_they_are(void **state)
{
	struct term *term = term_open_memory(100, 30, TERM_BRAILLE, TERM_256);
	char *path = golden_store(folder, "menus", store_fixture);
	struct view_options options;
	struct store *store;
	struct run_new run = {.name = "a-new-one", .experiment = "a first one"};
	char uuid[ID_TEXT];
	struct error err;
	struct ui *ui;
	int64_t id;

	(void)state;
	assert_non_null(path);
	options = options_of(path);
	options.start = "runs";
	assert_int_equal(store_open(&store, path, STORE_WRITE, &err), 0);
	assert_int_equal(view_begin(&ui, term, &options, &err), 0);
	step(ui, ""); /* knows the experiments */
	assert_int_equal(store_run_create(store, &run, &id, uuid, &err), 0);
	step(ui,
	     "key E\nrefuse a first one\ntype churn\nkey Enter\nexpect churn\nrefuse a-new-one\nkey E Enter\n");
	step(ui, "key , w\ntype mine\nkey Enter , v\nexpect mine\n");
	assert_int_equal(store_saved_set(store, "li@other",
	                                 &(struct store_saved){"view", "churn", "a view of another",
	                                                       "{\"filter\":\"name = 'nobody'\"}"},
	                                 &err),
	                 0);
	step(ui, "tick 1000\nkey Enter\nexpect view mine\n");
	view_end(ui);
	term_close(term);
	store_close(store);
	free(path);
}

static void many_are_marked(void **state)
{
	(void)state;
	play(
	    "marks",
	    "key /\ntype status = done\nkey Enter *\nexpect 8 \nkey u Down Space Down Down A\nexpect 4 marked\n");
}

static void changed_where_it_is_read(void **state)
{
	(void)state;
	play("run", "key /\ntype calm-heron\nkey Enter Enter T\ntype wave=third\nkey Enter\nexpect assay "
	            "tag\nexpect wave\n"
	            "expect third\nkey , r Ctrl-U\ntype firm-heron\nkey Enter\nexpect assay rename\nkey U U Tab "
	            "Shift-Tab\n"
	            "refuse third\nexpect calm-heron-077\n");
}

/* A filter is completed with names, values and times, whatever stands around it. */
static void completed(void **state)
{
	(void)state;
	play(
	    "complete",
	    "key /\ntype best(metrics.au\nexpect metrics.auc\nkey Ctrl-U\ntype tags.team = r\nexpect risk\n"
	    "key Tab\nexpect 7 match\nkey Ctrl-U\ntype experiment in (churn, cr\nexpect credit-risk\n"
	    "key Ctrl-U\ntype started > -\nexpect -7d\nkey Ctrl-U\ntype status = f\nexpect failed\n"
	    "key Ctrl-U\ntype metrics.auc > 0.8 and (\nexpect a condition is missing\nkey Esc\nexpect 14 runs\n");
}

/* What the list was like comes back at the next start: order, columns, baseline, differences, experiment. */
static void remembered(void **state)
{
	static const char *const scripts[] = {
	    BASELINE "key s d\nexpect differences\nkey E\ntype churn\nkey Enter\nexpect 4 runs\n",
	    "expect 4 runs\nrefuse calm-heron-077\nkey E\ntype all\nkey Enter\nexpect calm-heron-077\n"
	    "expect differences\nexpect -0.0136\nkey , g\ntype team\nkey Enter\nexpect 2 groups\n",
	    "expect 2 groups\nkey Enter\nexpect 7 runs\n"};
	char *one = path_join(folder, "remembered"), *store;
	struct error err;

	(void)state;
	if (dir_make(one, &err) != 0 || store_fixture(one, &store, &err) != 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < COUNT_OF(scripts); i++) {
		struct view_options options = {.store = store, .fixed_now = FIXTURE_NOW};
		struct term *term = term_open_memory(100, 30, TERM_BRAILLE, TERM_256);
		struct ui *ui;
		struct str out;

		str_init(&out);
		if (view_begin(&ui, term, &options, &err) != 0)
			fail_msg("%s", err.text);
		if (i == 0) /* the first steps */
			ui_script(ui, "guide", "key Esc\n", &out, &err);
		if (ui_script(ui, "remembered", scripts[i], &out, &err) != 0) {
			grid_text(term_grid(term), &out);
			fail_msg("start %zu: %s\n%s", i + 1, err.text, out.data);
		}
		str_release(&out);
		view_end(ui);
		term_close(term);
	}
	free(store);
	free(one);
}

/* Runs that are out of the common, in an experiment of their own: more than one page of them. */
static void add_odd(const char *store)
{
	const double values[] = {0, (double)NAN, (double)INFINITY, 0.4, 1};
	struct store *s;
	struct error err;

	if (store_open(&s, store, STORE_WRITE, &err) != 0 || store_begin(s, STORE_NORMAL, &err) != 0)
		fail_msg("%s", err.text);
	for (int i = 0; i < 400; i++) {
		struct run_new new = {
		    .experiment = "odd", .kind = "command", .command = "[]", .created = FIXTURE_NOW - 1000 * i};
		struct run_ending end = {.status = RUN_DONE, .reason = "", .at = FIXTURE_NOW};
		struct point point = {1, 0, values[i % 5]}, other = {1, 0, 2 * (i % 2)};
		char name[64], uuid[ID_TEXT];
		int64_t id;

		snprintf(name, sizeof name, "a-name-that-is-long-%03d-to-its-end", i);
		new.name = name;
		assert_int_equal(store_run_create(s, &new, &id, uuid, NULL), 0);
		assert_int_equal(store_param_set(s, id, "half", i % 2 ? "odd" : "even", NULL), 0);
		assert_int_equal(store_series_append(s, id, SERIES_METRIC, "wild", NULL, &point, 1, NULL), 0);
		assert_int_equal(store_series_append(s, id, SERIES_METRIC, "wild loss", "train", &other, 1, NULL), 0);
		assert_int_equal(store_series_append(s, id, SERIES_METRIC, "wild loss", "eval", &point, 1, NULL), 0);
		assert_int_equal(store_run_start(s, id, &(struct run_process){.pid = 1}, FIXTURE_NOW - 500, NULL), 0);
		assert_int_equal(store_run_end(s, id, &end, NULL), 0);
	}
	assert_int_equal(store_end(s, true, NULL), 0);
	store_close(s);
}

#define ODD           "key E\ntype odd\nkey Enter\nexpect 400 runs\n"
#define COLUMN(words) "key C\ntype " words "\nkey Space Enter\n"

static void play_odd(const char *name, const char *script)
{
	play_on(name, add_odd, script);
}

/* What has just been chosen is seen, with its context if it was reported in one, and is the current column. */
static void chosen_columns_are_seen(void **state)
{
	(void)state;
	play_odd(
	    "contexts",
	    ODD COLUMN("loss[ev") "expect wild loss[eval]\nkey s\nexpect wild loss[eval] \xe2\x96\xb2\n" COLUMN(
	        "started") "expect started\nexpect 11:59:59 UTC\n"
	                   "key < , q\ntype at the\nkey Enter\nexpect wild loss[train]\n");
}

/* The run that diverged does not look as if it had reported nothing. */
static void not_finite_is_no_gap(void **state)
{
	(void)state;
	play_odd("diverged", ODD "key B d\nexpect differences\nexpect nan\nexpect inf\nexpect +0.4000\n"
	                         "key , g\ntype half\nkey Enter\nexpect inf \xc2\xb1\n");
}

/* A number that is whole says nothing about the digits of its interval. */
static void whole_means_have_exact_intervals(void **state)
{
	(void)state;
	play_odd("intervals", ODD "key , g\ntype experiment\nkey Enter\nexpect 1 \xc2\xb1 0.098\n");
}

static void names_that_need_quotes_are_completed(void **state)
{
	(void)state;
	play_odd(
	    "quotes",
	    ODD "key /\ntype metrics.wild l\nkey Ctrl-U\ntype metrics.wil\nexpect metrics.`wild loss`\n"
	        "key Ctrl-U\ntype best(metrics.\"wild\nexpect metrics.`wild loss`[eval]\n"
	        "key Ctrl-U\ntype name ~ [w\nexpect no ]\nkey Ctrl-U\ntype metrics.wild > w\nexpect no number\n");
}

/* What is done to many is told by the filter that finds just these. */
static void many_are_told_by_their_filter(void **state)
{
	(void)state;
	play_odd(
	    "told", ODD
	    "key /\ntype params.half = odd\nkey Enter *\nexpect 200 marked\nkey T\nexpect tag 200 runs\n"
	    "type a=b\nkey Enter\nkey J\nexpect assay tag --where\nkey Esc U Up Space T\ntype a=c\nkey Enter\n"
	    "expect tagged 199 runs\nrefuse a=c --\nrefuse assay tag\n"
	    "key X\nexpect archived 199 runs\nexpect 1 match\nrefuse marked\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    {"runs at 80x24", screens, NULL, NULL, (void *)&GOLDEN_HOW[0]},
	    {"runs at 160x48", screens, NULL, NULL, (void *)&GOLDEN_HOW[1]},
	    {"runs in ASCII", screens, NULL, NULL, (void *)&GOLDEN_HOW[2]},
	    {"runs without colour, blocks, with styles", screens, NULL, NULL, (void *)&GOLDEN_HOW[3]},
	    cmocka_unit_test(views),
	    cmocka_unit_test(archived_and_back),
	    cmocka_unit_test(removed_and_back),
	    cmocka_unit_test(purged_for_good),
	    cmocka_unit_test(tagged),
	    cmocka_unit_test(renamed),
	    cmocka_unit_test(baseline_stays),
	    cmocka_unit_test(groups_are_no_runs),
	    cmocka_unit_test(a_group_too_long_for_a_filter),
	    cmocka_unit_test(experiments_have_their_own),
	    cmocka_unit_test(views_are_kept),
	    cmocka_unit_test(menus_stay_what_they_are),
	    cmocka_unit_test(many_are_marked),
	    cmocka_unit_test(changed_where_it_is_read),
	    cmocka_unit_test(completed),
	    cmocka_unit_test(remembered),
	    cmocka_unit_test(chosen_columns_are_seen),
	    cmocka_unit_test(not_finite_is_no_gap),
	    cmocka_unit_test(whole_means_have_exact_intervals),
	    cmocka_unit_test(names_that_need_quotes_are_completed),
	    cmocka_unit_test(many_are_told_by_their_filter),
	};
	const struct golden_group group = {"golden-runs", true, &folder, {{"full", store_fixture, &full}}};

	return golden_run(&group, tests);
}
