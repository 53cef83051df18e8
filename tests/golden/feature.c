/*
 * One column large: golden screens in tests/golden/screens/, and sessions with keys. GENERATE=1 writes the screens anew;
 * then the review is reading the difference. Run from the top of the project (make does).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/view.h"

#include "../../src/view/view_inside.h"

#include "../lib/golden_data.h"
#include "../lib/golden_play.h"
#include "../lib/store_fixture.h"

enum { LOANS = 3000 };

static char *full;

/* ---- data ---- */

static void write_loans(struct str *out, int shift)
{
	static const char *const states[] = {"done", "open", "late", "written off"};

	str_adds(out, "id,name,age,income,state,received,seen,note,weight,one,none,repaid\n");
	for (int i = 0; i < LOANS; i++) {
		int u = i * 7919 % LOANS;
		static const char *const gaps[] = {"", "NA", "?"};

		str_addf(out, "%d,\"Person %03d, of %s\",%d,", 70000 + i, i * 7 % 997, i % 3 ? "Ash" : "D\xc3\xbcn",
		         18 + i * 13 % 60);
		if (i % 11 == 4)
			str_adds(out, gaps[i % 13 % 3]);
		else
			str_addf(out, "%d.25",
			         u == 77 ? 250000 : (9000 + shift + u * u / 200 + i % 5 * 1500) / 500 * 500);
		str_addf(out, ",%s,2026-%02d-%02d,2026-11-%02dT%02d:%02d:00Z,", states[i * 5 % 7 % 4], 1 + i % 12,
		         1 + i % 28, 1 + i / 125, 6 + i % 14, i % 60);
		if (i % 4)
			str_addf(out, "%ssee file %d%s", i % 50 ? "" : " ", i % 40, i % 60 ? "" : " ");
		str_addf(out, ",%d,5,,%s\n", 1 + i % 3, i % 5 && u < 2600 ? "yes" : "no");
	}
}

static void write_now(struct str *out)
{
	write_loans(out, 0);
}

static void write_before(struct str *out)
{
	write_loans(out, 4000);
}

static void write_hostile(struct str *out)
{
	str_adds(out, "id,\"na\x1b[31mme\",\"it's \"\"quoted\"\"/here\",r\xc3\xb6w\n");
	for (int i = 0; i < 40; i++)
		str_addf(out, "%d,\"%s\",%s,%s\n", i,
		         i % 3 ? "a\x1b[2Jb\x07"
		         : i % 2
		             ? "\xe2\x80\xaeright to left\xe2\x80\xac"
		             : "a value that is much longer than the room that there is for it, and then some more",
		         i % 4 ? "it's" : "\"\"\"\"", i % 2 ? "\xd9\x85\xd8\xb1" : "e\xcc\x81\xcc\x81");
}

static void write_numbers(struct str *out)
{
	str_adds(out, "a,b\n");
	for (int i = 0; i < 50; i++)
		str_addf(out, "%d.25,%d\n", i * 37 % 50, i * i);
}

static void write_moment(struct str *out)
{
	static const char *const numbers[] = {"-inf", "inf", "1", "2", "3"};

	str_adds(out, "at,day,n,y\n");
	for (int i = 0; i < 100; i++)
		str_addf(out, "2026-05-05T12:00:00.%03d,2026-05-05,%s,%d\n", 2 + i * 7, numbers[i % 5], i % 2);
}

/* Numbers as far apart as there are, one alone that is larger than halves, and texts whose ends differ. */
static void write_odd(struct str *out)
{
	static const char *const ends[] = {"X", "xx", "9x"};

	str_adds(out, "far,large,same,ref,half\n");
	for (int i = 0; i < 60; i++)
		str_addf(out, "%d.%de308,1e16,5,AB-%03d-Q-CUSTOMER-REF-%04d-%s,%s\n", i % 3 - 1, i % 7, i, i * 7,
		         ends[i % 3], i < 20 ? "left" : "right");
}

static void write_one(struct str *out)
{
	str_adds(out, "a,b,t\n1,x,2026-11-27\n");
}

#define ROLES "label=repaid weight=weight type=note=text"

static const struct golden_data DATA[] = {
    {"gone", .write = write_now, .options = ROLES, .gone = true},
    {"hostile", .write = write_hostile},
    {"before", .write = write_before, .options = ROLES},
    {"loans", .write = write_now, .options = ROLES},
    {"numbers", .write = write_numbers},
    {"moment", .write = write_moment, .options = "label=y"},
    {"one", .write = write_one},
    {"odd", .write = write_odd},
    {"changed", .write = write_one, .then = write_numbers},
    {"parts", .write = write_now, .also = write_before, .options = ROLES},
};

static int make(const char *dir, char **path, struct error *err)
{
	return golden_data(dir, DATA, COUNT_OF(DATA), path, err);
}

/* ---- screens ---- */

#define COLUMN(place) "open data:" place "\n"

static const struct screen {
	const char *name, *script;
} SCREENS[] = {
    {"column", COLUMN("loans/income")},
    {"column-bin", COLUMN("loans/income") "key Left < Left\n"},
    {"column-log", COLUMN("loans/income") "key L\n"},
    {"column-log-against", COLUMN("loans/income") "key L v\ntype before\nkey Enter\n"},
    {"column-log-by", COLUMN("loans/income/by:state") "key L\n"},
    {"column-log-time", COLUMN("loans/seen") "key L Left\n"},
    {"column-fences", COLUMN("loans/income") "key G\n"},
    {"column-against", COLUMN("loans/income") "key v\ntype before\nkey Enter Down Right\n"},
    {"column-values", COLUMN("loans/state")},
    {"column-values-against", COLUMN("loans/state") "key v\ntype before\nkey Enter Down\n"},
    {"column-by-label", COLUMN("loans/income/by")},
    {"column-by-cell",
     COLUMN("loans/income/by:state") "key Down Right Right Right Right Right Right Right\n"},
    {"column-by-time", COLUMN("loans/income/by:received")},
    {"column-by-range", COLUMN("loans/state/by:age")},
    {"column-by-files", COLUMN("parts/income/by:files")},
    {"column-by-menu", COLUMN("loans/income") "key b\ntype st\n"},
    {"column-by-what", COLUMN("numbers/a/by")},
    {"column-shapes", COLUMN("odd/ref/text")},
    {"column-far", COLUMN("odd/far") "key Left\n"},
    {"column-large", COLUMN("odd/large") "key Left\n"},
    {"column-text", COLUMN("loans/note/text") "key G\n"},
    {"column-time", COLUMN("loans/seen/time") "key Down Down Down Down Right Right\n"},
    {"column-days", COLUMN("loans/received/time")},
    {"column-time-histogram", COLUMN("loans/seen")},
    {"column-missing", COLUMN("loans/income/missing") "key Down\n"},
    {"column-missing-none", COLUMN("loans/age/missing")},
    {"column-all-different", COLUMN("loans/id")},
    {"column-constant", COLUMN("loans/one/values")},
    {"column-all-missing", COLUMN("loans/none")},
    {"column-one-row", COLUMN("one/a")},
    {"column-one-row-by", COLUMN("one/a/by:b")},
    {"column-hostile", COLUMN("hostile") "key Down Enter\n"},
    {"column-hostile-by", COLUMN("hostile") "key Down Down Down Enter Tab\n"},
};

static struct view_options options_of(void)
{
	return (struct view_options){.store = full, .forget = true, .fixed_now = FIXTURE_NOW};
}

static void screens(void **state)
{
	struct view_options options = options_of();

	for (size_t i = 0; i < COUNT_OF(SCREENS); i++)
		golden_draw(&options, *state, SCREENS[i].name, SCREENS[i].script, NULL);
}

static void every_size(void **state)
{
	struct view_options options = options_of();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(SCREENS); i++)
		golden_draw_sizes(&options, i % 2 == 0, SCREENS[i].name, SCREENS[i].script);
}

/* ---- sessions ---- */

/* Behind every number are as many rows as it says. */
static const char ROWS_BEHIND[] =
    COLUMN("loans/income") "expect values: 2,727\nkey Enter\nexpect 2,727 of 3,000 rows\n"
                           "key q\nexpect values: 2,727\nkey Down\nexpect missing: 273\n"
                           "key Enter\nexpect 273 of 3,000 rows\nexpect income\nkey q\n"
                           /* A mean is nobody's: so it says. */
                           "key Down Down Enter\nexpect no row stands behind it\n"
                           "key Down Down Down Down Down\nexpect min:\n"
                           "key Enter\nexpect rows\nkey q\nexpect min:\n";

static const char BINS[] =
    COLUMN("loans/income") "key Left\nexpect to\nkey g\nexpect values\n"
                           "key G\nexpect worth\nkey Up Up Up Up Up Up Up Up\nexpect far above: 1 row\n"
                           "key Enter\nexpect 1 of 3,000 rows\nkey q\n";

static const char VALUES[] = COLUMN("loans/state") "expect late\nkey Enter\nexpect of 3,000 rows\n"
                                                   "key q Tab\nexpect BY repaid\nexpect state\n";

static const char GROUPS[] = COLUMN(
    "loans/income/by:state") "expect BY state\nexpect explains\n"
                             "expect written off\nkey Enter\nexpect of 3,000 rows\nexpect / \"state\" = \n"
                             "key q\nexpect BY state\nkey Right\nexpect missing in\n"
                             "key Enter\nexpect AND \"income\" IS MISSI\nkey q\n"
                             /* The next column by the same one; the cursor stays where it was. */
                             "key [\nexpect age\nexpect BY state\n"
                             "key b\ntype received\nkey Enter\nexpect BY received\nexpect times in UTC\n"
                             "key b\ntype age\nkey Enter\nrefuse BY age\n" /* the one that is split */
                             "key Esc\nexpect BY received\n";

/* Each line has the roles of its own column. */
static const char BY_MENU[] = COLUMN("loans/income") "key b\nexpect Split by\nexpect int, weight\n"
                                                     "expect bool, label\nrefuse weightlabel\n";

/* For as long as the screen is open, for each column and part that has heights. */
static const char LOG[] =
    COLUMN("loans/income") "refuse log scale\nkey L\nexpect rows, log scale\n"
                           "key Left > > >\nexpect : 1 row, <0.1%\nkey v\ntype before\nkey Enter\n"
                           "expect ─ befor…  log scale\nkey Tab\nrefuse L log\nrefuse log scale\n"
                           "key L\nexpect no histogram is drawn here\nkey Tab\nexpect BY repaid\n"
                           "expect log scale\nkey ] ] ] Shift-Tab\nrefuse log scale\n"
                           "key Shift-Tab\nexpect days since 20… 06:00  log scale\nexpect L log\nkey L\n"
                           "refuse log scale\n";

/* Whole numbers lie in the middle of bins that hold as many of them each; there is one bin a value or more. */
static const char GRID[] = COLUMN("loans/age") "key Left\nexpect 74 to 77: 200 rows\nkey Enter\nexpect 200 "
                                               "of 3,000 rows\nexpect \"age\" <= 77\n"
                                               "key q <\nexpect to\nrefuse .5 to\n";

/* The cursor goes from bin to bin however far they are apart, and one value has one bar. */
static const char ODD[] = COLUMN(
    "odd/far") "key Left > <\nexpect -1.6e+308 to -1.28e+308\nkey Right\nexpect -1.28e+308 to -9.6e+307\n"
               "key Tab Tab\nexpect BY half\nexpect 1.275e+307\nkey > Right Right Right\n"
               "expect right: rows from \nrefuse inf\n"
               "key ] Shift-Tab Shift-Tab Left\nexpect 1e+16: 60 rows\nkey L\nexpect log scale\n"
               "key Enter\nexpect / \"large\" = 1e+16\nexpect   60 rows\nkey q\n"
               "key ]\nexpect 5: 60 rows\n"
               "key ] Tab Tab\nexpect A-9-A-A-A-9-A \nexpect A-9-A-A-A-9-a \nexpect A-9-A-A-A-9-9a\n";

/* What can be said of values of which none is frequent, and of a bool that is weighted. */
static const char DIFFERENT[] =
    COLUMN("loans/id") "expect All 3,000 values\nexpect FIRST IN ORDER\nexpect 11.55 bit\nexpect 70000\n"
                       "key Enter\nexpect 1 of 3,000 rows\nkey q\nexpect FIRST IN ORDER\n"
                       "key [ ] ] ] ] ] ] ] ] ] ]\nexpect none\nkey ]\nexpect repaid\nkey Shift-Tab "
                       "Tab\nexpect WEIGHTED\nexpect its error\n";

static const char SPELLINGS[] =
    COLUMN("loans/income/missing") "expect BY SPELLING\nexpect BY repaid\n"
                                   "key Enter\nexpect of 3,000 rows\nkey q\nexpect BY SPELLING\n"
                                   "key G Enter\nexpect \"income\" IS MISSING\n";

static const char TEXTS[] = COLUMN(
    "loans/note/text") "expect HOW LONG\nexpect SHAPES\n"
                       "key Enter\nexpect of 3,000 rows\nexpect note   shortest: \nkey q\nexpect shortest\n"
                       "key G Enter\nexpect of 3,000 rows\n";

static const char TIMES[] =
    COLUMN("loans/seen/time") "expect BY HOUR\nexpect minute\nkey Down Down Down Down\nexpect 00:00: 0 rows\n"
                              "key Enter\nexpect there is no row\n"
                              "key > Right\nexpect 11:00: \nkey Enter\nexpect of 3,000 rows\nexpect seen   "
                              "11:00: \nrefuse / to filter\n";

/* Times that differ by milliseconds differ in what is said of them, too. */
static const char MOMENT[] =
    COLUMN("moment/at") "expect ms since 2026-05-05 12:00:00.002\nexpect median              12:00:00.348\n"
                        "refuse hours\nkey Down\nexpect missing: 0\nrefuse the rows\n"
                        "key Enter\nexpect there is no row\n"
                        "key Tab\nexpect THE FIRST\nexpect 12:00:00.009Z\n"
                        "key Tab\nexpect BY y\nexpect 00:00.345  00:00.345\n"
                        "key Tab\nexpect gap                  7 ms\n"
                        "key ] Shift-Tab Shift-Tab\nexpect 2026-05-05 ━\n"
                        "key Tab\nexpect median   2026-05-05\nrefuse 2026-05-04\n"
                        "key ] Shift-Tab Shift-Tab\nexpect infinite\nkey Left\n"
                        "expect 3: 20 rows, 33.3% of the finite values\n";

/* Of whole days no hour is said. */
static const char DAYS[] =
    COLUMN("loans/received") "refuse 00:00\nexpect median        2026-\nexpect days since 2026-01-01\nkey "
                             "Left\nexpect to 2026-12-\nrefuse 00:00 to\nkey Tab Tab\n"
                             "expect BY repaid\nkey > Right\nexpect rows from 2026-\n"
                             "refuse 00:00 to\n";

/* What goes on beyond the screen's edge says so. */
static const char BEYOND[] =
    COLUMN("loans/income/by:received") "expect BY received\nexpect ▾\nkey G\nexpect ▴\nrefuse ▾\n"
                                       "key o\nkey /\ntype zzz > 3\n"
                                       "expect the columns are id, name, age, income, state, …\n";

static const char COLUMNS[] =
    COLUMN("loans/id") "expect 1 of 12\nkey [\nexpect 1 of 12\nkey ]\nexpect 2 of 12\n"
                       "key ] ]\nexpect income\nkey Tab\nexpect MOST FREQUENT\n"
                       "key Shift-Tab Shift-Tab\nexpect BY SPELLING\n"
                       "key o\nexpect column 4 of 12\nkey q\nexpect BY SPELLING\n"
                       "key c\nexpect Pairs\nkey q\nexpect BY SPELLING\n";

/* Columns chosen before do not hide the version that is asked for now. */
static const char CHOSEN[] =
    "open data:loans\nexpect distinct\nkey C\nexpect Columns\nkey Enter\nrefuse Columns\n"
    "key v\ntype before\nkey Enter\nexpect distribution      before@1\n";

static const char AGAINST[] =
    COLUMN("loans/income") "key v\ntype before\nkey Enter\nexpect against before@1\n"
                           "key Right\nexpect before@1: values\nkey Enter\nexpect before@1 rows\n"
                           "key q\n"
                           /* Its own least value, not this one's. */
                           "key Down Down Down Down Down Down Down Down\nexpect before@1: min\n"
                           "key Enter\nexpect before@1 rows\nexpect 13000.25\nrefuse 9000.25\n"
                           "key q\nkey Tab Tab\nexpect BY repaid\n";

static const char FILES[] =
    COLUMN("parts/income/by") "expect BY repaid\nkey b\ntype files\nkey Enter\nexpect BY file\n"
                              "expect parts.csv: 3,000\nrefuse /second\nkey Down\nexpect second.csv: 3,000\n"
                              "key Enter\nexpect 3,000 of 6,000 rows\nkey q\n"
                              "key Right\nexpect missing in 273 rows\n"
                              "key Enter\nexpect 273 of 6,000 rows\n";

/* More than are kept at a time. */
#define BY(name) "key b\ntype " name "\nkey Enter\nexpect BY " name "\nexpect of all\n"
static const char MANY_BYS[] = COLUMN("loans/income/by") "expect BY repaid\n" BY("age") BY("state")
    BY("received") BY("seen") BY("one") BY("weight")
        BY("age") "key Enter\nexpect of 3,000 rows\nkey q\n" BY("state") "key ]\nexpect BY repaid\n";

static const char GONE_FILE[] =
    COLUMN("gone/income") "expect values: 2,727\nkey Tab Tab\nexpect cannot open\n"
                          "key Shift-Tab\nexpect MOST FREQUENT\n";

static const char CHANGED[] =
    COLUMN("changed/a") "expect values: 1\nkey Tab Tab\nexpect changed.csv\nrefuse sign\n"
                        "key r\nexpect changed.csv\n"
                        "key Tab\nexpect Nothing is missing\n";

static const char HOSTILE[] =
    COLUMN("hostile") "key Down Down Enter\nexpect MOST FREQUENT\n"
                      "key Enter\nexpect 30 of 40 rows\nkey q\n"
                      "key Down Enter\nexpect 10 of 40 rows\nkey q Tab\nexpect BY \n"
                      "key Enter\nexpect of 40 rows\n";

static void session(void **state)
{
	struct view_options options = options_of();

	golden_play(&options, &GOLDEN_HOW[0], "session", *state, NULL);
}

static void once(void **state)
{
	struct view_options options = options_of();
	struct error err;
	struct str out;

	(void)state;
	str_init(&out);
	assert_int_equal(view_once(&options, "data:loans@1/income/by:state", 80, 24, &out, &err), 0);
	assert_non_null(strstr(out.data, "BY state"));
	str_clear(&out);
	assert_int_equal(view_once(&options, "data:hostile/it's \"quoted\"/here", 80, 24, &out, &err), 0);
	assert_non_null(strstr(out.data, "MOST FREQUENT"));
	str_clear(&out);
	assert_int_equal(view_once(&options, "data:loans/nothing", 80, 24, &out, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_non_null(strstr(err.text, "loans@1 has no column \"nothing\""));
	assert_int_equal(out.len, 0);
	options.json = true;
	str_clear(&out);
	assert_int_equal(view_once(&options, "data:loans/income/missing", 80, 24, &out, &err), 0);
	assert_non_null(strstr(out.data, "\"place\":\"data:loans@1/income/missing\""));
	assert_non_null(strstr(out.data, "IS MISSING"));
	str_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    {"rows behind facts", session, NULL, NULL, (void *)(uintptr_t)ROWS_BEHIND},
	    {"rows behind bins and fences", session, NULL, NULL, (void *)(uintptr_t)BINS},
	    {"on a log scale", session, NULL, NULL, (void *)(uintptr_t)LOG},
	    {"rows behind values", session, NULL, NULL, (void *)(uintptr_t)VALUES},
	    {"rows behind groups", session, NULL, NULL, (void *)(uintptr_t)GROUPS},
	    {"what to split by", session, NULL, NULL, (void *)(uintptr_t)BY_MENU},
	    {"bins of whole numbers", session, NULL, NULL, (void *)(uintptr_t)GRID},
	    {"far apart, and one value", session, NULL, NULL, (void *)(uintptr_t)ODD},
	    {"all different, and weighted", session, NULL, NULL, (void *)(uintptr_t)DIFFERENT},
	    {"rows behind spellings", session, NULL, NULL, (void *)(uintptr_t)SPELLINGS},
	    {"rows behind texts", session, NULL, NULL, (void *)(uintptr_t)TEXTS},
	    {"rows behind times", session, NULL, NULL, (void *)(uintptr_t)TIMES},
	    {"times within a second, one day, infinities", session, NULL, NULL, (void *)(uintptr_t)MOMENT},
	    {"whole days", session, NULL, NULL, (void *)(uintptr_t)DAYS},
	    {"from column to column", session, NULL, NULL, (void *)(uintptr_t)COLUMNS},
	    {"beyond the edge", session, NULL, NULL, (void *)(uintptr_t)BEYOND},
	    {"against another with columns chosen", session, NULL, NULL, (void *)(uintptr_t)CHOSEN},
	    {"against another", session, NULL, NULL, (void *)(uintptr_t)AGAINST},
	    {"by one after the other", session, NULL, NULL, (void *)(uintptr_t)MANY_BYS},
	    {"by files", session, NULL, NULL, (void *)(uintptr_t)FILES},
	    {"a file that is gone", session, NULL, NULL, (void *)(uintptr_t)GONE_FILE},
	    {"a file that has changed", session, NULL, NULL, (void *)(uintptr_t)CHANGED},
	    {"hostile texts", session, NULL, NULL, (void *)(uintptr_t)HOSTILE},
	    cmocka_unit_test(once),
	    {"columns at 80x24", screens, NULL, NULL, (void *)(uintptr_t)&GOLDEN_HOW[0]},
	    {"columns at 160x48", screens, NULL, NULL, (void *)(uintptr_t)&GOLDEN_HOW[1]},
	    {"columns in ASCII", screens, NULL, NULL, (void *)(uintptr_t)&GOLDEN_HOW[2]},
	    {"columns without colour, blocks, with styles", screens, NULL, NULL,
	     (void *)(uintptr_t)&GOLDEN_HOW[3]},
	    cmocka_unit_test(every_size),
	};
	const struct golden_group group = {"feature", false, NULL, {{"full", make, &full}}};

	return golden_run(&group, tests);
}
