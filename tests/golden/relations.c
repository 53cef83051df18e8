/*
 * Golden screens of the relations: every tab, the pair, the states without anything to show, a data set of more columns
 * than any screen has; and what keys do there. GENERATE=1 writes the files anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/base.h"
#include "assay/view.h"

#include "../lib/golden_data.h"
#include "../lib/golden_play.h"
#include "../lib/golden_views.h"
#include "../lib/store_fixture.h"

/* In the order of the list: by name, the newest first. */
#define LOANS  "open data:loans\nkey c\n"
#define WIDE   "open data:wide\nkey c\n"
#define ALONE  "open data:alone\nkey c\n"
#define SORTED "open data:sorted\nkey c\n"
#define HOLES  "open data:holes\nkey c\n"
#define TRIAL  "open relations:loans/overlap:trial\n"

/* Names of data sets have no end. */
#define LONG     "applications-of-the-consumer-lending-business-in-all-regions-2026-10-train"
#define LONG_TOO "applications-of-the-consumer-lending-business-in-all-regions-2026-10-test"

static const struct screen {
	const char *name, *script;
} SCREENS[] = {
    {"relations-label", LOANS},
    {"relations-pairs", LOANS "key Tab\n"},
    {"relations-pairs-sorted", LOANS "key Tab > > s S\n"},
    {"relations-map", LOANS "key Tab Tab\n"},
    {"relations-map-alike", LOANS "key Tab Tab s Down Left\n"},
    {"relations-missing", LOANS "key Tab Tab Tab\n"},
    {"relations-missing-pairs", LOANS "key Tab Tab Tab o\n"},
    {"relations-same", LOANS "key Tab Tab Tab Tab\n"},
    {"relations-rows", LOANS "key Tab Tab Tab Tab Tab\n"},
    {"relations-pair-label", LOANS "key Enter\n"},
    {"relations-pair", LOANS "key Tab Enter\n"},
    {"relations-of-one", "open data:loans/region\nkey c\n"},
    {"relations-wide-label", WIDE},
    {"relations-wide-pairs", WIDE "key Tab\n"},
    {"relations-wide-map", WIDE "key Tab Tab G > > Right\n"},
    {"relations-holes", HOLES "key Tab Tab Tab Down\n"},
    {"relations-holes-none-same", HOLES "key Tab Tab Tab Tab\n"},
    {"relations-alone-label", ALONE},
    {"relations-alone-pairs", ALONE "key Tab\n"},
    {"relations-alone-map", ALONE "key Tab Tab\n"},
    {"relations-alone-missing", ALONE "key Tab Tab Tab\n"},
    {"relations-alone-missing-pairs", ALONE "key Tab Tab Tab o\n"},
    {"relations-alone-same", ALONE "key Tab Tab Tab Tab\n"},
    {"relations-alone-rows", ALONE "key Tab Tab Tab Tab Tab\n"},
    {"relations-sorted-label", SORTED},
    {"relations-sorted-order", SORTED "key Down Enter\n"},
    {"relations-overlap", TRIAL},
    {"relations-overlap-conflicts", TRIAL "key Down Down\n"},
    {"relations-overlap-unchosen", LOANS "key Shift-Tab\n"},
    {"relations-overlap-all", "open relations:loans/overlap:loans\n"},
    {"relations-overlap-none", "open relations:loans/overlap:apart\n"},
    {"relations-overlap-few-columns", "open relations:loans/overlap:paid\n"},
    {"relations-overlap-other-columns", "open relations:loans\nkey Shift-Tab v\ntype alone\nkey Enter\n"},
    {"relations-overlap-long", "open relations:" LONG "/overlap:" LONG_TOO "\nkey Down Down\n"},
};

static char *store;

static struct view_options options_of(void)
{
	return (struct view_options){.store = store, .forget = true, .fixed_now = FIXTURE_NOW};
}

/* ---- the data ---- */

/* 0 to below 1, the same on every machine. */
static double next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (double)(*seed >> 8) / 16777216.0;
}

/* A label that one column knows nearly alone, a column in other units, one under another name, gaps that come
 * together, rows that are there again. */
static void loans(struct str *out)
{
	static const char *const regions[] = {"north", "south", "east", "west"}, *const codes[] = {"N", "S", "E",
	                                                                                           "W"};
	uint32_t seed = 7;

	str_adds(
	    out,
	    "application,age,income,income_k,region,region_code,\"debt \x1b[31mratio\",years,decision,repaid\n");
	for (int i = 0; i < 400; i++) {
		double age = 20 + floor(50 * next(&seed)), income = 800 * floor(20 + 40 * next(&seed) + age / 4);
		double debt = floor(100 * next(&seed)) / 100;
		bool repaid = income / 60000 - debt + 0.5 * next(&seed) > 0.2, gap = next(&seed) < 0.1;
		size_t region = (size_t)(4 * next(&seed));
		struct str row;

		str_init(&row);
		str_addf(&row, "%.0f,", age);
		if (gap || next(&seed) < 0.04)
			str_adds(&row, ",,");
		else
			str_addf(&row, "%.0f,%g,", income, income / 1000);
		str_addf(&row, "%s,%s,%.2f,", regions[region], codes[region], debt);
		if (!gap)
			str_addf(&row, "%.0f", floor((age - 18) * next(&seed)));
		str_addf(&row, ",%s,%d\n", repaid != (next(&seed) < 0.02) ? "approved" : "refused", repaid);
		for (int k = 0; k < (i == 40 ? 4 : i % 97 == 50 ? 2 : 1); k++)
			str_addf(out, "%d,%s", 1000 + i * 10 + k, row.data);
		str_release(&row);
	}
}

static void wide(struct str *out)
{
	enum { COLUMNS = 130 };
	uint32_t seed = 11;

	for (int i = 0; i < COLUMNS; i++)
		str_addf(out, i % 3 ? "x%d," : "average_balance_of_the_account_over_the_last_%d_months,", i);
	str_adds(out, "label\n");
	for (int row = 0; row < 120; row++) {
		double factor[7];

		for (int i = 0; i < 7; i++)
			factor[i] = next(&seed) - 0.5;
		for (int i = 0; i < COLUMNS; i++)
			str_addf(out, "%.3f,", (i % 2 ? -1 : 1) * factor[i % 7] + (next(&seed) - 0.5) * i / COLUMNS);
		str_addf(out, "%d\n", factor[3] > 0);
	}
}

/* A file that was sorted by its label, with names given out as it was written, and a collection that ended with one class. */
static void sorted(struct str *out)
{
	uint32_t seed = 5;

	str_adds(out, "case_id,received,age,repaid\n");
	for (int i = 0; i < 300; i++) {
		int day = (int)(600 * next(&seed));
		char time[TIME_TEXT];

		time_rfc3339(INT64_C(1735689600000) + (i < 150 && day > 480 ? day - 480 : day) * INT64_C(86400000),
		             time);
		str_addf(out, "%d,%.10s,%.0f,%d\n", 7000 + i, time, 20 + floor(50 * next(&seed)), i >= 150);
	}
}

/* More columns with gaps than there are signs for. */
static void holes(struct str *out)
{
	enum { COLUMNS = 45 };
	uint32_t seed = 5;

	for (int i = 0; i < COLUMNS; i++)
		str_addf(out, "answer_%d%s", i + 1, i + 1 < COLUMNS ? "," : "\n");
	for (int row = 0; row < 200; row++) {
		int from = (int)(COLUMNS * next(&seed)), to = from + (int)(4 * next(&seed)) * (row % 3 == 0);

		for (int i = 0; i < COLUMNS; i++) {
			if (i < from || i >= to)
				str_addf(out, "%.3f", next(&seed));
			str_addc(out, i + 1 < COLUMNS ? ',' : '\n');
		}
	}
}

static void alone(struct str *out)
{
	str_adds(out, "reading\n");
	for (int i = 0; i < 30; i++)
		str_addf(out, "%d.5\n", i);
}

/* Of the loans those that were repaid: the label has one class. */
static void paid(struct str *out)
{
	str_adds(out, "income,age,repaid\n");
	for (int i = 0; i < 30; i++)
		if (i % 7)
			str_addf(out, "%d,%d,1\n", 900 + i % 11 * 37, 20 + i % 11);
		else
			str_addf(out, ",%d,1\n", 20 + i % 11);
}

/* Some of the loans under other names, some of these with the other label, and others. */
static void trial(struct str *out)
{
	struct str all;
	const char *line;
	int row = 0;

	str_init(&all);
	loans(&all);
	str_addf(out, "%.*s,channel\n", (int)strcspn(all.data, "\n"), all.data);
	for (line = strchr(all.data, '\n') + 1; *line; line = strchr(line, '\n') + 1, row++) {
		const char *cells = strchr(line, ',') + 1, *end = strchr(line, '\n') - 1;

		if (row % 4 == 1)
			str_addf(out, "%d,%s%.*s%c,web\n", 90000 + row, row % 3 ? "" : "9", (int)(end - cells), cells,
			         row % 5 ? *end : '0' + '1' - *end);
	}
	str_release(&all);
}

/* By other people than the loans. */
static void apart(struct str *out)
{
	str_adds(out, "application,income,age,repaid\n");
	for (int i = 0; i < 30; i++)
		str_addf(out, "%d,%d,%d,%d\n", i, 901 + i * 2, 20 + i, i % 2);
}

static void other(struct str *out)
{
	str_adds(out, "a\n1\n");
}

static const struct golden_data DATA[] = {
    {"loans", .write = loans, .options = "label=repaid positive=1 id=application"},
    {"wide", .write = wide, .options = "label=label positive=1"},
    {"alone", .write = alone},
    {"sorted", .write = sorted, .options = "label=repaid positive=1"},
    {"holes", .write = holes},
    {"paid", .write = paid, .options = "label=repaid positive=1"},
    {"trial", .write = trial, .options = "label=repaid positive=1 id=application"},
    {"apart", .write = apart, .options = "label=repaid positive=1 id=application"},
    {"changed", .write = trial, .options = "label=repaid positive=1", .then = other},
    {LONG, .write = loans, .options = "label=repaid positive=1 id=application type=region=text"},
    {LONG_TOO, .write = trial, .options = "label=repaid positive=1 id=application type=region=text"},
};

static int make_store(const char *dir, char **path, struct error *err)
{
	return golden_data(dir, DATA, COUNT_OF(DATA), path, err);
}

/* ---- what keys do ---- */

static void played(const char *name, const char *script)
{
	struct view_options options = options_of();

	golden_play(&options, &GOLDEN_HOW[0], name, script, NULL);
}

static void keys(void **state)
{
	(void)state;
	played("leak", LOANS "expect ▲ leak?\nexpect 1 knows it nearly alone\n");
	played("trails",
	       SORTED "expect told by row order, case_id\nexpect changes over received\nkey Down Enter\n"
	              "expect row order with repaid\nexpect knows the label nearly alone\nkey Enter\n"
	              "expect int  label\n");
	/* From one column its own pairs come first, and it stands first in them. */
	played("of one", "open data:loans/years\nkey c\nexpect those of years first\nexpect ▸ years\n");
}

static void tabs(void **state)
{
	(void)state;
	played("forward", LOANS
	       "key Tab\nexpect pairs\nkey Tab\nexpect in the order of the data set\nkey Tab\nexpect complete\n"
	       "key Tab\nexpect renamed\nkey Tab\nexpect repeat an earlier one\n"
	       "key Tab\nexpect chooses the other data set\nkey Tab\nexpect leak?\n");
	played("back", LOANS
	       "key Shift-Tab Shift-Tab\nexpect repeat an earlier one\nkey q\nrefuse repeat an earlier one\n");
	/* Found by its name. */
	played("palette",
	       "key :\ntype relations loa\nexpect relations of its columns\nkey Enter\nexpect label repaid\n");
	played("place",
	       "open relations:loans/same\nexpect renamed\nopen relations:loans@1/map\nexpect in the order\n");
}

static void map(void **state)
{
	(void)state;
	/* It begins with the strongest pair; the order changes, the pair stays. */
	played("strongest",
	       LOANS "key Tab Tab\nexpect income_k  with  income\nexpect strength 1.000\n"
	             "key s\nexpect side by side\nexpect income_k  with  income\nexpect strength 1.000\n");
	played("moves",
	       LOANS "key Tab Tab g Left Left Left Left Left Left Left Left Left\nexpect the column itself\n"
	             "key Right\nexpect age  with  income\nkey Enter\nexpect RELATION\nexpect Spearman\n");
	played("diagonal", LOANS
	       "key Tab Tab g Left Left Left Left Left Left Left Left Left Enter\nexpect OUTSIDE THE FENCES\n");
	/* Of more columns than there is room for the cursor's are in sight. */
	played("far", WIDE "key Tab Tab G > > > > > >\nexpect 131 label\nexpect the label\n");
}

/* Signs stand under their numbers however many columns have gaps; how many others are missing is said behind them. */
static void signs(void **state)
{
	(void)state;
	played("signs",
	       HOLES "key Tab Tab Tab\nexpect 1 2 3 4 5 6 7 8 9 10  12  14  16\nexpect · · · · · · · · +\n");
	played("none same",
	       HOLES "key Tab Tab Tab Tab\nexpect No two columns are the same: 45 columns, 200 rows\n"
	             "key Tab\nexpect No row stands there twice: 200 rows, compared in 45 columns\n");
	/* What is bounded or left out is said where it is of. */
	played(
	    "notes", LOANS
	    "refuse which names them\nkey Shift-Tab Shift-Tab\nexpect without application, which names them\n");
}

static void rows_behind(void **state)
{
	(void)state;
	played("pattern", LOANS "key Tab Tab Tab Enter\nexpect IS MISSING\nkey q\nexpect complete\n");
	played("set",
	       LOANS "key Tab Tab Tab Tab Tab Enter\nexpect 4 of\nexpect set 1: 4 equal rows, the first\n");
}

/* ---- rows that another data set has, too ---- */

static void overlap(void **state)
{
	(void)state;
	/* From any part: the key, the other data set, its numbers, and the rows behind them in the one and the other. */
	played("chosen",
	       LOANS "key v\nexpect Compare with\ntype trial\nkey Enter\nexpect in both\nexpect leak?   trial@1\n"
	             "expect stand in loans@1, too\nexpect FIRST ROWS\n"
	             "expect $ assay data relations loans@1 --against trial@1\n"
	             "key Enter\nexpect trial@1 rows\nexpect in both: rows of trial@1 that stand in loans@1\n"
	             "expect 90001\nkey q\nexpect FIRST ROWS\n"
	             "key o\nexpect in both: rows of loans@1 that stand in trial@1\nkey q\nexpect FIRST ROWS\n"
	             "key Down Down\nexpect another repaid\nkey Enter\n"
	             "expect other label: rows of trial@1 like one of loans@1\n");
	played("nothing again", TRIAL "expect FIRST ROWS\nkey v g Enter\nexpect chooses the other data set\n"
	                              "refuse FIRST ROWS\nkey r\nexpect chooses the other data set\n");
	/* What columns are compared with is compared here, too. */
	played("from columns",
	       "open data:loans\nkey v\ntype trial\nkey Enter\nexpect trial@1\nkey c\n"
	       "expect leak?\nkey Shift-Tab\nexpect FIRST ROWS\nexpect loans@1 --against trial@1\n"
	       "key q\nkey Enter c\nkey Shift-Tab Shift-Tab\nexpect FIRST ROWS\n");
	played("all", "open relations:loans/overlap:loans\nexpect All 4\nkey Enter\nexpect in both: rows\n");
	played("none", "open relations:loans/overlap:apart\nexpect No row of apart@1 stands in loans@1\n"
	               "expect only in loans@1: income_k\nrefuse leak?\nkey Enter o\nexpect No row of apart@1\n");
}

/* A fault is of this part alone, and goes when another one is chosen. */
static void overlap_faults(void **state)
{
	(void)state;
	played("other columns", LOANS
	       "key v\ntype alone\nkey Enter\nexpect loans@1 and alone@1: there is no column\nrefuse rows here\n"
	       "key Tab\nexpect leak?\nkey Shift-Tab\nexpect no column\n"
	       "key v\ntype trial\nkey Enter\nexpect FIRST ROWS\nrefuse no column\n");
	played("changed", LOANS "key v\ntype changed\nkey Enter\nexpect changed.csv\nrefuse sign\n"
	                        "key r\nexpect changed.csv\n");
	played("one that is not there", "open relations:loans/overlap:nothing\nexpect no data set \"nothing\"\n");
}

static void empty_states(void **state)
{
	(void)state;
	played("label", ALONE "expect $ assay data add NAME FILE.csv --label COLUMN\n");
	played("pairs", ALONE "key Tab\nexpect It takes two columns\n");
	played("map", ALONE "key Tab Tab\nexpect no two columns\nkey Enter s Down\nexpect no two columns\n");
	played("missing", ALONE "key Tab Tab Tab\nexpect Nothing is missing\nrefuse patterns/pairs\n");
	played("one class",
	       "open data:paid\nkey c\nexpect the label repaid has one class only\nkey Tab\nexpect ▸ income\n"
	       "key Tab Tab\nexpect patterns/pairs\nkey Tab Tab\nexpect set 1\n");
	played("same", ALONE "key Tab Tab Tab Tab\nexpect it takes two to be the same\n");
	played("rows", ALONE "key Tab Tab Tab Tab Tab\nexpect No row stands there twice\n");
}

static void once(void **state)
{
	static const char *const tabs[] = {"label", "pairs", "map", "missing", "same", "rows", "overlap"};
	struct view_options options = options_of();
	struct error err;
	struct str out;

	(void)state;
	str_init(&out);
	options.json = true;
	for (size_t i = 0; i < COUNT_OF(tabs); i++) {
		char place[64], list[64];

		snprintf(place, sizeof place, "relations:loans/%s", tabs[i]);
		snprintf(list, sizeof list, "\"name\":\"%s\"", i == 3 ? "patterns" : tabs[i]);
		str_clear(&out);
		if (view_once(&options, place, 80, 24, &out, &err) != 0)
			fail_msg("%s", err.text);
		if (!strstr(out.data, list))
			fail_msg("%s: %s", place, out.data);
		assert_null(strstr(out.data, "\x1b"));
	}
	str_clear(&out);
	assert_int_equal(view_once(&options, "relations:loans/overlap:trial", 80, 24, &out, &err), 0);
	assert_non_null(strstr(out.data, "\"place\":\"relations:loans@1/overlap:trial@1\""));
	assert_non_null(strstr(out.data, "\"rows\":\"other label\",\"there\":"));
	options.json = false;
	assert_int_equal(view_once(&options, "relations:loans/overlap:nothing", 80, 24, &out, &err), -1);
	assert_int_equal(view_once(&options, "relations:loans/nonsense", 80, 24, &out, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_non_null(strstr(err.text, "label, pairs, map"));
	assert_int_equal(view_once(&options, "relations", 80, 24, &out, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(view_once(&options, "relations:nothing", 80, 24, &out, &err), -1);
	str_release(&out);
}

/* ---- pictures ---- */

static void screens(void **state)
{
	struct view_options options = options_of();

	for (size_t i = 0; i < COUNT_OF(SCREENS); i++)
		golden_draw(&options, *state, SCREENS[i].name, SCREENS[i].script, NULL);
}

static void views(void **state)
{
	static const char *const names[] = {
	    "relations-label", "relations-map",         "relations-wide-map",         "relations-missing",
	    "relations-pair",  "relations-alone-label", "relations-overlap-conflicts"};
	struct view_options options = options_of();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		for (size_t k = 0; k < COUNT_OF(SCREENS); k++)
			if (strcmp(SCREENS[k].name, names[i]) == 0)
				golden_view_of(&options, names[i], SCREENS[k].script, NULL);
}

static void every_size(void **state)
{
	struct view_options options = options_of();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(SCREENS); i++)
		golden_draw_sizes(&options, i % 2 == 0, SCREENS[i].name, SCREENS[i].script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys),
	    cmocka_unit_test(tabs),
	    cmocka_unit_test(map),
	    cmocka_unit_test(signs),
	    cmocka_unit_test(rows_behind),
	    cmocka_unit_test(overlap),
	    cmocka_unit_test(overlap_faults),
	    cmocka_unit_test(empty_states),
	    cmocka_unit_test(once),
	    {"relations at 80x24", screens, NULL, NULL, (void *)&GOLDEN_HOW[0]},
	    {"relations at 160x48", screens, NULL, NULL, (void *)&GOLDEN_HOW[1]},
	    {"relations in ASCII", screens, NULL, NULL, (void *)&GOLDEN_HOW[2]},
	    {"relations without colour, blocks, with styles", screens, NULL, NULL, (void *)&GOLDEN_HOW[3]},
	    cmocka_unit_test(views),
	    cmocka_unit_test(every_size),
	};
	const struct golden_group group = {"relations", true, NULL, {{"full", make_store, &store}}};

	return golden_run(&group, tests);
}
