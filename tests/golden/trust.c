/*
 * Golden screens of the registry and the ledger: overview, models, one version, audit, on a store with
 * decisions at fixed times that were signed by fixed keys; on an empty one, on one without a ledger, and on
 * one whose ledger somebody has changed. Digests depend on the store's random id: they are masked. GENERATE=1
 * writes the files anew. Run from the top of the project (make does).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <ctype.h>
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
#include "../lib/trust_fixture.h"

#define RISK "key 5 Down Enter\n"
#define V3   "key 5 Down Enter Enter\n"

enum store_kind { FULL, EMPTY, BARE, BROKEN, STORES };

static const struct screen {
	const char *name, *script;
	enum store_kind store;
	bool no_key; /* this person's key is not known */
} SCREENS[] = {
    {"overview", "key 1\n", FULL, false},
    {"overview-no-key", "key 1 Down\n", FULL, true},
    {"overview-empty", "key 1\n", EMPTY, false},
    {"overview-bare", "key 1\n", BARE, false},
    {"overview-broken", "key 1\n", BROKEN, false},
    {"models", "key 5 Down\n", FULL, false},
    {"models-empty", "key 5\n", EMPTY, false},
    {"models-bare", "key 5\n", BARE, false},
    {"models-broken", "key 5\n", BROKEN, false},
    {"model", RISK, FULL, false},
    {"model-stopped", "key 5 Enter\n", FULL, false},
    {"version", V3, FULL, false},
    {"version-stopped", "key 5 Enter Down Enter\n", FULL, false},
    {"version-files", V3 "key Tab\n", FULL, false},
    {"version-gates", V3 "key Tab Tab\n", FULL, false},
    {"version-decisions", V3 "key Tab Tab Tab\n", FULL, false},
    {"version-lineage", V3 "key Tab Tab Tab Tab\n", FULL, false},
    {"version-propose", V3 "key p\n", FULL, false},
    {"register", "key 2 P\ntype churn\nkey Enter\ntype made on Monday\n", FULL, false},
    {"audit", "key 8\n", FULL, false},
    {"audit-filter", "key 8 /\ntype li@lab approve since:2d\n", FULL, false},
    {"audit-filter-wrong", "key 8 /\ntype since:yesterday\n", FULL, false},
    {"audit-no-match", "key 8 /\ntype nobody\nkey Enter\n", FULL, false},
    {"audit-row", "key 8 /\ntype waive\nkey Enter Enter\n", FULL, false},
    {"audit-row-record", "key 8 /\ntype genesis\nkey Enter Enter\n", FULL, false},
    {"audit-act", "key 8 Enter\n", FULL, false},
    {"audit-verified", "key 8 V\n", FULL, false},
    {"audit-empty", "key 8\n", EMPTY, false},
    {"audit-bare", "key 8\n", BARE, false},
    {"audit-broken", "key 8\n", BROKEN, false},
    {"audit-broken-report", "key 8 V\n", BROKEN, false},
    {"audit-broken-row", "key 8 Enter\n", BROKEN, false},
};

static char *folder, *stores[STORES];

static struct view_options options_of(enum store_kind store, bool no_key)
{
	char *key = path_join(folder, "lending/keys/ana");

	if (no_key)
		unsetenv("ASSAY_KEY");
	else
		setenv("ASSAY_KEY", key, 1);
	free(key);
	return (struct view_options){.store = stores[store], .forget = true, .fixed_now = FIXTURE_NOW};
}

/* Digests, ids and armour become '#': the words around them stay where they are. */
static void mask(struct str *text)
{
	size_t at = 0;

	while (at < text->len) {
		size_t n = 0, digits = 0;
		bool hex = true;

		while (at + n < text->len &&
		       (isalnum((unsigned char)text->data[at + n]) || strchr("+/=", text->data[at + n]))) {
			digits += isdigit((unsigned char)text->data[at + n]) != 0;
			hex = hex && isxdigit((unsigned char)text->data[at + n]) &&
			      !isupper((unsigned char)text->data[at + n]);
			n++;
		}
		if ((hex && n >= 8 && digits > 0) || (n >= 40 && digits > 0))
			memset(text->data + at, '#', n);
		at += n > 0 ? n : 1;
	}
}

static void screens(void **state)
{
	for (size_t i = 0; i < COUNT_OF(SCREENS); i++) {
		struct view_options options = options_of(SCREENS[i].store, SCREENS[i].no_key);
		char *name = xasprintf("trust-%s", SCREENS[i].name);

		golden_draw(&options, *state, name, SCREENS[i].script, mask);
		free(name);
	}
}

/* One of each view, as every terminal sees it. */
static void views(void **state)
{
	static const char *const names[] = {
	    "overview",           "overview-empty",    "models",          "model", "version",   "version-files",
	    "version-gates",      "version-decisions", "version-lineage", "audit", "audit-row", "audit-verified",
	    "audit-broken-report"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		for (size_t k = 0; k < COUNT_OF(SCREENS); k++)
			if (strcmp(SCREENS[k].name, names[i]) == 0) {
				struct view_options options = options_of(SCREENS[k].store, SCREENS[k].no_key);
				char *name = xasprintf("trust-%s", names[i]);

				golden_view_of(&options, name, SCREENS[k].script, mask);
				free(name);
			}
}

static void every_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(SCREENS); i++) {
		struct view_options options = options_of(SCREENS[i].store, SCREENS[i].no_key);

		golden_draw_sizes(&options, i % 2 == 0, SCREENS[i].name, SCREENS[i].script);
	}
}

static void run_script(enum store_kind store, const char *script)
{
	static const struct golden_how how = {"script", 100, 30, TERM_BRAILLE, TERM_256, false};
	struct view_options options = options_of(store, false);

	golden_play(&options, &how, "script", script, NULL);
}

/* What waits for a signature is seen first; without that, and without a ledger, runs are. */
static void first_screen(void **state)
{
	(void)state;
	run_script(FULL, "expect NEEDS YOU\nexpect 1 to sign\n");
	run_script(EMPTY, "refuse NEEDS YOU\nexpect No runs yet\n");
	run_script(BARE, "refuse NEEDS YOU\nexpect swift-otter-412\n");
	/* A ledger that does not hold still has its proposal. */
	run_script(BROKEN, "expect BROKEN\nexpect ledger broken\nrefuse to sign\n");
}

/* Enter goes to what the line is about, and back. */
static void going_there(void **state)
{
	(void)state;
	run_script(FULL, "expect STOPPED\nkey Enter\nexpect churn v1\nexpect STANDING\nkey q\nexpect NEEDS YOU\n"
	                 "key Down Enter\nexpect credit-risk v3\nrefuse NEEDS YOU\nkey q\nexpect NEEDS YOU\n"
	                 "key Down Down Enter\nexpect swift-otter-412\nexpect Summary\nkey q\nexpect NEEDS YOU\n"
	                 "key G Enter\nexpect credit-risk v1\nkey q\n");
	run_script(FULL, V3 "key Tab Tab Tab Enter\nexpect THE TEXT\nexpect assay-decision/1\nkey q q\n");
	run_script(FULL,
	           V3 "key Tab Tab Tab Tab Enter\nexpect 420 rows\nkey q Down Enter\nexpect bold-lynx-190\n");
	run_script(BROKEN, "key 1 Enter\nexpect broken\nexpect row 7\n");
}

/* What cannot be done says why. */
static void why_not(void **state)
{
	(void)state;
	run_script(BROKEN, "key 5 p\nexpect nothing can be signed\n");
	run_script(BARE, "key 8 V\nexpect no ledger yet\n");
	run_script(FULL, "key 5 a\nexpect no proposal of this model waits\n");
	run_script(FULL, "key 8 Enter F\nexpect does not grow\n");
}

/* The filter: words, names of people, kinds, times. */
static void filter(void **state)
{
	(void)state;
	run_script(FULL, "key 8 /\ntype oto@lab waive\nkey Enter\nexpect oto@lab\nrefuse li@lab\n");
	run_script(FULL, "key 8 /\ntype until:2026-11-21\nkey Enter\nexpect genesis\nrefuse 11-22\n");
	run_script(FULL, "key 8 /\ntype since:2h halt\nkey Enter\nexpect No act matches\n");
	run_script(FULL, "key 8 /\ntype since:6h halt\nkey Enter\nexpect ana@lab\n");
	run_script(FULL, "key 8 /\ntype since:never\nexpect takes a day\nkey Esc\nexpect genesis\n");
}

/* A run's model becomes the next version; the same once more is the same. */
static void registering(void **state)
{
	(void)state;
	run_script(FULL, "key 2 /\ntype hardy-lark\nkey Enter P\ntype new-model\nkey Enter Enter\n"
	                 "expect has no model to register\n");
	run_script(FULL, "key 2 /\ntype bold-lynx\nkey Enter P\ntype credit-risk\nkey Enter Enter\n"
	                 "expect credit-risk v3 already\nexpect assay register\n");
	run_script(FULL,
	           "key 2 /\ntype bold-lynx\nkey Enter P\nkey Enter\nexpect a known one gets its next version\n");
}

/* Acts of stages go through the signing view: which stage is asked where there are several. */
static void stages(void **state)
{
	(void)state;
	run_script(FULL, "key 5 H\nexpect it is in no stage that could be stopped\n"
	                 "key R\nexpect RESUME\nexpect churn\nexpect production\nkey Esc\nexpect in stages\n"
	                 "key Down R\nexpect no stage of it is stopped\n"
	                 "key H\nexpect Stop which stage?\nexpect staging\nkey Enter\nexpect HALT\nkey Esc\n"
	                 "key Enter G B\nexpect Roll back which stage?\n");
	run_script(BARE, "key 5 H\nexpect there is no model here\n");
	run_script(BROKEN, "key 5 H\nexpect nothing can be signed\n");
	run_script(FULL,
	           RISK "key L\ntype -\nexpect takes it away\nkey Backspace\ntype best\nkey Enter\n"
	                "expect assay alias credit-risk@3 best\nexpect best\n"
	                "key L\ntype -best\nkey Enter\nexpect assay alias credit-risk best --remove\nkey U\n");
}

/* Each list is the one list: filter, order, columns, marks, what is remembered of it. */
static void lists(void **state)
{
	(void)state;
	run_script(FULL, "key 5 /\ntype churn\nexpect 1 of\nrefuse credit-risk\nkey Esc\nexpect credit-risk\n"
	                 "key s\nkey Space\nexpect 1 marked\nkey u\nrefuse 1 marked\n");
	run_script(FULL, "key 5 C\nexpect Columns\nkey Space Enter\nrefuse in stages\nexpect latest\n");
	run_script(FULL,
	           "key 8 s\nexpect acts stand in the order of time\nkey / z z z Enter\nexpect No act matches\n");
	run_script(FULL, V3 "key Tab Tab Tab /\ntype waive\nkey Enter\nexpect 1 of 5 decisions\n"
	                    "key Enter\nexpect THE TEXT\n");
	run_script(FULL, V3 "key Tab Enter\nexpect not for a file\n");
}

static void once(void **state)
{
	struct view_options options = options_of(FULL, false);
	struct error err;
	struct str out;

	(void)state;
	str_init(&out);
	assert_int_equal(view_once(&options, "overview", 80, 24, &out, &err), 0);
	assert_non_null(strstr(out.data, "NEEDS YOU"));
	str_clear(&out);
	assert_int_equal(view_once(&options, "models", 80, 24, &out, &err), 0);
	assert_non_null(strstr(out.data, "production v1 STOPPED"));
	str_clear(&out);
	assert_int_equal(view_once(&options, "models:credit-risk", 80, 24, &out, &err), 0);
	assert_non_null(strstr(out.data, "calm-heron-077"));
	str_clear(&out);
	assert_int_equal(view_once(&options, "models:credit-risk@production/decisions", 80, 24, &out, &err), 0);
	assert_non_null(strstr(out.data, "ana@lab as risk-reviewer"));
	str_clear(&out);
	assert_int_equal(view_once(&options, "audit", 80, 24, &out, &err), 0);
	assert_non_null(strstr(out.data, "all sealed"));
	assert_int_equal(view_once(&options, "models:credit-risc", 80, 24, &out, &err), -1);
	assert_non_null(strstr(err.text, "credit-risk"));
	assert_int_equal(view_once(&options, "models:credit-risk@9", 80, 24, &out, &err), -1);
	assert_int_equal(view_once(&options, "models:credit-risk/gates", 80, 24, &out, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(view_once(&options, "models:credit-risk@1/nonsense", 80, 24, &out, &err), -1);
	assert_int_equal(view_once(&options, "audit:x", 80, 24, &out, &err), -1);
	options.store = stores[BROKEN];
	str_clear(&out);
	assert_int_equal(view_once(&options, "models:credit-risk@1", 80, 24, &out, &err), -1);
	assert_int_equal(err.code, ERR_TAMPER);
	assert_non_null(strstr(err.text, "ledger"));
	assert_int_equal(out.len, 0);
	str_release(&out);
}

/* ---- the stores ---- */

static int broken(const char *dir, char **path, struct error *err)
{
	return trust_fixture(dir, path, err) || trust_fixture_tamper(*path, 7, err) ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    {"golden screens of trust at 80x24", screens, NULL, NULL, (void *)&GOLDEN_HOW[0]},
	    {"golden screens of trust at 160x48", screens, NULL, NULL, (void *)&GOLDEN_HOW[1]},
	    {"golden screens of trust in ASCII", screens, NULL, NULL, (void *)&GOLDEN_HOW[2]},
	    {"golden screens of trust without colour, blocks, with styles", screens, NULL, NULL,
	     (void *)&GOLDEN_HOW[3]},
	    cmocka_unit_test(views),
	    cmocka_unit_test(every_size),
	    cmocka_unit_test(first_screen),
	    cmocka_unit_test(going_there),
	    cmocka_unit_test(why_not),
	    cmocka_unit_test(filter),
	    cmocka_unit_test(stages),
	    cmocka_unit_test(lists),
	    cmocka_unit_test(once),
	    cmocka_unit_test(registering),
	};
	const struct golden_group group = {"trust",
	                                   true,
	                                   &folder,
	                                   {{"lending", trust_fixture, &stores[FULL]},
	                                    {"empty", trust_fixture_empty, &stores[EMPTY]},
	                                    {"bare", store_fixture, &stores[BARE]},
	                                    {"broken", broken, &stores[BROKEN]}}};

	unsetenv("SSH_AUTH_SOCK");
	return golden_run(&group, tests);
}
