/*
 * The Bias screen on models of all kinds of test sets: golden screens in tests/golden/screens/, and sessions
 * with keys. GENERATE=1 writes the screens anew; then the review is reading the difference. Run from the top
 * of the project (make does).
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

#include "../lib/bias_fixture.h"
#include "../lib/golden_play.h"
#include "../lib/golden_views.h"
#include "../lib/store_fixture.h"

/* Runs by their place in the list. */
#define PLAIN      "key 4 Enter\n"
#define CROWDED    "key 4 Down Enter\n"
#define SINGLE     "key 4 Down Down Enter\n"
#define NOBODY     "key 4 Down Down Down Enter\n"
#define UNLABELLED "key 4 Down Down Down Down Enter\n"
#define EARLY      "key 2 /\ntype early\nkey Enter b\n"

/* Enough for something to be drawn. */
enum { REPLICATES = 60 };

static char *full, *empty;
static const struct screen {
	const char *name, *script;
} SCREENS[] = {
    {"bias", "key 4\n"},
    {"bias-sex", PLAIN},
    {"bias-age", PLAIN "key b b\n"},
    {"bias-threshold", PLAIN "key > Right Right Down Down Down\n"},
    {"bias-crowded", CROWDED "key Down Down Down m\n"},
    {"bias-single", SINGLE},
    {"bias-nobody", NOBODY},
    {"bias-nobody-chosen", NOBODY "key C Space Down Space Enter\n"},
    {"bias-unlabelled", UNLABELLED},
    {"bias-early", EARLY},
    {"bias-intersections", PLAIN "key Tab b\n"},
    {"bias-calibration", PLAIN "key Tab Tab\n"},
    {"bias-explain-rate", PLAIN "key m Enter\n"},
    {"bias-explain-measure", PLAIN "key G Enter Down\n"},
};

static struct view_options options_of(const char *store)
{
	return (struct view_options){
	    .store = store, .forget = true, .fixed_now = FIXTURE_NOW, .replicates = REPLICATES};
}

static void screens(void **state)
{
	struct view_options with = options_of(full), without = options_of(empty);

	for (size_t i = 0; i < COUNT_OF(SCREENS); i++)
		golden_draw(&with, *state, SCREENS[i].name, SCREENS[i].script, NULL);
	golden_draw(&without, *state, "empty-bias", "key 4\n", NULL);
}

/* One of each view, as every terminal sees it. */
static void views(void **state)
{
	static const char *const names[] = {"bias", "bias-age", "bias-intersections", "bias-calibration",
	                                    "bias-explain-rate"};
	struct view_options options = options_of(full);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		for (size_t k = 0; k < COUNT_OF(SCREENS); k++)
			if (strcmp(SCREENS[k].name, names[i]) == 0)
				golden_view_of(&options, names[i], SCREENS[k].script, NULL);
}

static void every_size(void **state)
{
	struct view_options with = options_of(full);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(SCREENS); i++)
		golden_draw_sizes(&with, i % 3 == 2, SCREENS[i].name, SCREENS[i].script);
}

static const char THRESHOLD[] = "key 4 Enter\n"
                                "expect threshold 0.50\n"
                                "key Right\n"
                                "expect threshold 0.51\n"
                                "expect $ assay bias plain --by sex --threshold 0.51\n"
                                "key <\n"
                                "expect threshold 0.41\n"
                                "key Shift-Left Shift-Left Shift-Left Shift-Left Shift-Left\n"
                                "expect threshold 0.00\n"
                                "expect selects 100.0 %\n"
                                "key =\n"
                                "expect threshold 0.50\n"
                                "key T Ctrl-U\n"
                                "type 0.333\n"
                                "key Enter\n"
                                "expect threshold 0.333\n"
                                "key Right\n" /* the next hundredth, not one beyond */
                                "expect threshold 0.34\n"
                                "key T Ctrl-U\n"
                                "type 7\n"
                                "expect a number from 0 to 1\n"
                                "key Esc\n"
                                "expect threshold 0.34\n";

static const char REFERENCE[] = "key 4 Enter\n"
                                "expect reference\n"
                                "key v\n"
                                "expect $ assay bias plain --by sex --threshold 0.5 --reference sex=F\n"
                                "key Down v\n"
                                "expect --reference sex=M\n"
                                "key Down Down Down v\n"
                                "expect the cursor is not on a group\n";

/* Back goes from the explanation to the report, then to where one came from. */
static const char EXPLAIN[] = "key 4 Enter Enter\n"
                              "expect selection rate of F\n"
                              "expect (TP + FP) / n\n"
                              "expect Wilson\n"
                              "key m\n"
                              "expect true positive rate of F\n"
                              "key Right\n" /* it follows the threshold */
                              "expect threshold 0.51\n"
                              "expect true positive rate of F\n"
                              "key q\n"
                              "expect between groups\n"
                              "key q\n"
                              "expect Whom does a model hurt\n";

static const char FROM_RUNS[] = "key 2 /\n"
                                "type plain\n"
                                "key Enter b\n"
                                "expect between groups\n"
                                "key q\n"
                                "expect 1 match\n"
                                "key Enter b\n"
                                "expect between groups\n";

/* Two reports open at a time, and more than are kept: each is what it was when it is come back to. */
static const char MANY[] = "key 2 b\n"
                           "expect plain on plain-test@1\n"
                           "key 4 Down Enter\n"
                           "expect crowded on crowded-test@1\n"
                           "key q Down Enter\n"
                           "expect single on single-test@1\n"
                           "key q Up Up Enter Right\n"
                           "expect threshold 0.51\n"
                           "key C Space Enter\n"
                           "expect plain on plain-test@1\n"
                           "key 2\n"
                           "expect plain on plain-test@1\n"
                           "key Right\n"
                           "expect threshold 0.51\n";

static void session(void **state)
{
	struct view_options with = options_of(full);

	golden_play(&with, &GOLDEN_HOW[0], "session", *state, NULL);
}

/* One screen as text, as `assay --once` prints it. */
static void once(void **state)
{
	struct view_options options = options_of(full);
	struct error err;
	struct str out;

	(void)state;
	str_init(&out);
	assert_int_equal(view_once(&options, "bias", 80, 24, &out, &err), 0);
	assert_non_null(strstr(out.data, "sex, county, age"));
	str_clear(&out);
	assert_int_equal(view_once(&options, "bias:plain", 80, 24, &out, &err), 0);
	assert_non_null(strstr(out.data, "demographic parity ratio"));
	str_clear(&out);
	assert_int_equal(view_once(&options, "bias:plain/calibration", 80, 24, &out, &err), 0);
	assert_non_null(strstr(out.data, "ECE"));
	assert_int_equal(view_once(&options, "bias:plain/nonsense", 80, 24, &out, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(view_once(&options, "bias:no-such-run", 80, 24, &out, &err), -1);
	str_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    {"bias at 80x24", screens, NULL, NULL, (void *)&GOLDEN_HOW[0]},
	    {"bias at 160x48", screens, NULL, NULL, (void *)&GOLDEN_HOW[1]},
	    {"bias in ASCII", screens, NULL, NULL, (void *)&GOLDEN_HOW[2]},
	    {"bias without colour, blocks, with styles", screens, NULL, NULL, (void *)&GOLDEN_HOW[3]},
	    cmocka_unit_test(views),
	    cmocka_unit_test(every_size),
	    {"the threshold moves", session, NULL, NULL, (void *)THRESHOLD},
	    {"another reference", session, NULL, NULL, (void *)REFERENCE},
	    {"every number is explained", session, NULL, NULL, (void *)EXPLAIN},
	    {"from a run", session, NULL, NULL, (void *)FROM_RUNS},
	    {"many at a time", session, NULL, NULL, (void *)MANY},
	    cmocka_unit_test(once),
	};
	const struct golden_group group = {
	    "bias", false, NULL, {{"full", bias_fixture, &full}, {"empty", store_fixture_empty, &empty}}};

	return golden_run(&group, tests);
}
