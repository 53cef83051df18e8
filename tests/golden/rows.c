/*
 * The row viewer: golden screens in tests/golden/screens/, and sessions with keys. GENERATE=1 writes the screens anew;
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
#include "assay/work_data.h"

#include "../../src/view/view_inside.h"

#include "../lib/golden_data.h"
#include "../lib/golden_play.h"
#include "../lib/store_fixture.h"

enum { LOANS = 3000, WIDE_ROWS = 60, WIDE_COLUMNS = 400 };

static char *full;

/* ---- data ---- */

static void write_loans(struct str *out)
{
	static const char *const states[] = {"done", "open", "late", "written off"};

	str_adds(out, "id,name,age,income,share,state,applied,note,repaid\n");
	for (int i = 0; i < LOANS; i++) {
		str_addf(out, "%d,\"Person %03d, of %s\",%d,", 70000 + i, i * 7 % 997, i % 3 ? "Ash" : "D\xc3\xbcn",
		         18 + i * 13 % 60);
		if (i % 11 != 4)
			str_addf(out, "%d.%02d", 12000 + i * 37 % 50000, i * 3 % 100);
		str_addf(out, ",%.3f,%s,2026-%02d-%02d,", (i * 29 % 1000) / 1000.0, states[i * 5 % 7 % 4], 1 + i % 12,
		         1 + i % 28);
		if (i % 97 == 5)
			str_adds(out,
			         "\"A note that is much longer than a cell: it says what was said on the telephone, "
			         "what was promised, by whom and until when, and that nothing came of it.\nTwice.\"");
		else if (i % 4)
			str_addf(out, "see file %d", i % 40);
		str_adds(out, i % 5 ? ",yes\n" : ",no\n");
	}
}

static void write_wide(struct str *out)
{
	for (int k = 0; k < WIDE_COLUMNS; k++)
		str_addf(out, "%ssensor %03d", k ? "," : "", k);
	str_addc(out, '\n');
	for (int i = 0; i < WIDE_ROWS; i++)
		for (int k = 0; k < WIDE_COLUMNS; k++)
			str_addf(out, "%d.%d%s", i * k % 1000, (i + k) % 10, k == WIDE_COLUMNS - 1 ? "\n" : ",");
}

static void write_hostile(struct str *out)
{
	str_adds(out, "id,\"na\x1b[31mme\",text,r\xc3\xb6w\n"
	              "1,\"a\x1b[2Jb\x07\",\"line one\nline two\ttab\",\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7\n"
	              "2,\xe2\x80\xaeright to left\xe2\x80\xac,\"");
	for (int i = 0; i < 5000; i++)
		str_adds(out, "x\xe6\x97\xa5");
	str_adds(
	    out,
	    "\",e\xcc\x81\xcc\x81\n"
	    "3,,\"word word word word word word word word word word word word word word word word word\",\n");
}

static void write_one(struct str *out)
{
	str_adds(out, "a,b\n1,x\n");
}

static const struct golden_data DATA[] = {
    {"gone", .write = write_one, .gone = true},
    {"hostile", .write = write_hostile},
    {"loans", .write = write_loans, .options = "label=repaid"},
    {"one", .write = write_one},
    {"wide", .write = write_wide},
};

static int make(const char *dir, char **path, struct error *err)
{
	return golden_data(dir, DATA, COUNT_OF(DATA), path, err);
}

/* ---- screens ---- */

#define ROWS(name)   "open rows:" name "\n"
#define FILTER(text) "key /\ntype " text "\nkey Enter\n"

static const struct screen {
	const char *name, *script;
} SCREENS[] = {
    {"rows", ROWS("loans")},
    {"rows-column", "open data:loans\nkey Down Down Down Down o\n"},
    {"rows-far", ROWS("loans") "key #\ntype 1500\nkey Enter > > > > > >\n"},
    {"rows-filter", ROWS("loans") FILTER("income is missing and state != done")},
    {"rows-filter-wrong", ROWS("loans") "key /\ntype age > 30 and incone < 5\n"},
    {"rows-filter-complete", ROWS("loans") "key /\ntype state = 'wr\n"},
    {"rows-no-match", ROWS("loans") FILTER("age > 100")},
    {"rows-sorted", ROWS("loans") "key > > > > s\n"},
    {"rows-marked", ROWS("loans") "key Space Down Down Space\n"},
    {"rows-columns", ROWS("wide") "key c\ntype 123\n"},
    {"rows-wide", ROWS("wide") "key c\ntype sensor 377\nkey Enter G\n"},
    {"rows-hostile", ROWS("hostile") "key Down\n"},
    {"rows-one", ROWS("one")},
    {"row", ROWS("loans") "key Down Enter\n"},
    {"row-note", ROWS("loans") FILTER("note like 'A note%'") "key c\ntype note\nkey Enter Enter n\n"},
    {"row-value", ROWS("loans") FILTER("note like 'A note%'") "key c\ntype note\nkey Enter Enter Enter\n"},
    {"row-hostile", ROWS("hostile") "key Enter Down Down\n"},
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

static const char MOVING[] = ROWS("loans") "expect 3,000 rows\n"
                                           "expect $ assay data rows loans@1\n"
                                           "key G\nexpect 3,000  72999\n"
                                           "key g\nexpect 1  70000\n"
                                           "key PgDn PgDn\nrefuse 70000\n"
                                           "key #\ntype 2000\nkey Enter\nexpect 2,000  71999\n"
                                           "key #\ntype 0\nexpect rows have the numbers 1 to 3000\nkey Esc\n"
                                           "key #\ntype 3001\nexpect rows have the numbers\nkey Esc\n"
                                           "expect 71999\n";

static const char FILTERING[] =
    ROWS("loans") "key /\ntype income is missing\n"
                  "expect 273 of 3,000 rows\n"
                  "type  and age >\nexpect a value is expected here\n"
                  "expect 273 of 3,000 rows\n" /* as long as it is none */
                  "type  40\n"
                  "refuse a value is expected here\n"
                  "key Enter\n"
                  "expect --where 'income is missing and age > 40'\n"
                  /* Rows that are not among these are near others. */
                  "key #\ntype 1\nkey Enter\nexpect row 1 is not among these; the next is row\n"
                  "key #\ntype 3000\nkey Enter\nexpect row 3000 is not among these; the last is row\n"
                  "key /\nkey Ctrl-U Enter\nexpect 3,000 rows\n";

static const char SORTING[] = ROWS("loans") "key > > > s\nexpect 3,000 rows\nexpect age\n"
                                            "key s\nexpect 18\n"
                                            "key > S\nexpect income\n"
                                            "key G\nexpect –\n" /* what is missing comes last */
                                            "key <\n";

static const char WIDE[] =
    ROWS("wide") "expect sensor 000\n"
                 "key c\ntype 399\nkey Enter\nexpect sensor 399\nexpect column 400 of 400\n"
                 "key < < <\nexpect column 397 of 400\n"
                 "key c\ntype 144\nkey Enter\nexpect sensor 144\nexpect column 145 of 400\n"
                 "key G\nexpect column 145 of 400\n"
                 "key c\ntype 000\nkey Enter\nexpect column 1 of 400\nexpect sensor 000\n";

static const char ONE_ROW[] = ROWS("loans")
    FILTER("age = 18 and state = 'late'") "key Enter\n"
                                          "expect row 61   1 of 14\n" /* which of them is looked at */
                                          "refuse 3,000 rows\n";

static const char THERE_AND_BACK[] =
    ROWS("loans") "key #\ntype 100\nkey Enter Enter\n"
                  "expect row 100 of 3,000\nexpect 70099\n"
                  "key n n\nexpect row 102 of 3,000\n"
                  "key N\nexpect row 101 of 3,000\n"
                  "key /\ntype inco\nkey Enter\nexpect income\nrefuse applied\n"
                  "key Esc\nexpect 101  70100\nexpect 3,000 rows\n"
                  "key Enter\nexpect row 101 of 3,000\n" /* the cursor stands there */
                  "key Esc g Enter N\nexpect this is the first row\n"
                  "key Esc G Enter n\nexpect this is the last row\n";

static const char GONE[] = ROWS("gone") "expect gone@1: cannot open\n"
                                        "key /\nexpect there are no rows here\n"
                                        "key r\nexpect gone@1: cannot open\n"
                                        "key q\nexpect data set\n";

static const char MARKS[] = ROWS("loans") FILTER("age = 20") "key *\nexpect 50 of 3,000 rows\n"
                                                             "expect 50 marked\n"
                                                             "key u g Space Down Down A\nexpect 4 marked\n";

static const char FROM_LISTS[] =
    "key 3\nkey /\ntype hostile\nkey Enter o\nexpect 3 rows\nexpect hostile@1 rows\n"
    "key q\nkey Enter\nexpect feature\nkey Down o\nexpect column 2 of 4\n"
    "key q\nexpect feature\n";

static void session(void **state)
{
	struct view_options options = options_of();

	golden_play(&options, &GOLDEN_HOW[0], "session", *state, NULL);
}

/* ---- rows that another view names ---- */

static void shows(struct ui *ui, struct term *term, const struct rows_args *args, const char *const *wanted)
{
	struct str text;

	str_init(&text);
	assert_int_equal(view_rows_open(ui, args), 0);
	ui_settle(ui);
	grid_text(term_grid(term), &text);
	for (; *wanted; wanted++)
		if (!strstr(text.data, *wanted))
			fail_msg("\"%s\" is not there:\n%s", *wanted, text.data);
	ui_back(ui);
	ui_settle(ui);
	str_release(&text);
}

static int64_t id_of(const char *name)
{
	struct work_data d;
	struct store *s;
	struct error err;
	int64_t id;

	assert_int_equal(store_open(&s, full, STORE_READ, &err), 0);
	assert_int_equal(work_data_find(s, name, &d, &err), 0);
	id = d.id;
	work_data_release(&d);
	store_close(s);
	return id;
}

static void given_rows(void **state)
{
	static const uint64_t rows[] = {2000, 7, 7, 0, 99999};
	struct view_options options = options_of();
	struct term *term = term_open_memory(80, 24, TERM_BLOCKS, TERM_256);
	int64_t loans = id_of("loans");
	char long_[2000];
	struct error err;
	struct ui *ui;

	(void)state;
	assert_int_equal(view_begin(&ui, term, &options, &err), 0);
	ui_settle(ui);
	/* Each once, in the order of the file; what the file does not have is none. */
	shows(ui, term, &(struct rows_args){.id = loans, .at = rows, .at_count = COUNT_OF(rows)},
	      (const char *const[]){"3 of 3,000 rows", "70000", "70007", "72000", NULL});
	shows(ui, term, &(struct rows_args){.id = loans, .at = rows, .at_count = 0},
	      (const char *const[]){"0 of 3,000 rows", "There are no such rows", NULL});
	shows(ui, term,
	      &(struct rows_args){.id = loans, .at = rows, .at_count = COUNT_OF(rows), .where = "id > 70000"},
	      (const char *const[]){"2 of 3,000 rows", "/ id > 70000", NULL});
	shows(ui, term, &(struct rows_args){.id = loans, .column = "state", .first = 1234},
	      (const char *const[]){"column 6 of 9", "1,235", "71234", NULL});
	/* A row that is not shown is none to stand on. */
	shows(ui, term, &(struct rows_args){.id = loans, .where = "age = 20", .first = 1234},
	      (const char *const[]){"50 of 3,000 rows", NULL});
	/* What is wrong is said, and where. */
	shows(ui, term, &(struct rows_args){.id = loans, .where = "agee = 20"},
	      (const char *const[]){"at character 1", "did you mean", NULL});
	shows(ui, term, &(struct rows_args){.id = 4711}, (const char *const[]){"4711", NULL});
	memset(long_, 'x', sizeof long_ - 1);
	long_[sizeof long_ - 1] = 0;
	assert_int_equal(view_rows_open(ui, &(struct rows_args){.id = loans, .where = long_}), -1);
	view_end(ui);
	term_close(term);
}

static void once(void **state)
{
	struct view_options options = options_of();
	struct error err;
	struct str out;

	(void)state;
	str_init(&out);
	assert_int_equal(view_once(&options, "rows:loans@1?age = 20 and id < 70100", 80, 24, &out, &err), 0);
	assert_non_null(strstr(out.data, "2 of 3,000 rows"));
	assert_int_equal(view_once(&options, "rows:none", 80, 24, &out, &err), -1);
	assert_int_equal(view_once(&options, "rows", 80, 24, &out, &err), -1);
	assert_non_null(strstr(err.text, "rows:NAME"));
	options.json = true;
	options.limit = 3;
	str_clear(&out);
	assert_int_equal(view_once(&options, "rows:loans?repaid = no", 80, 24, &out, &err), 0);
	assert_non_null(strstr(out.data, "\"place\":\"rows:loans@1?repaid = no\""));
	assert_non_null(strstr(out.data, "\"total\":600"));
	assert_non_null(strstr(out.data, "{\"id\":\"11\",\"cells\":{\"row\":11,\"id\":70010,"));
	str_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    {"moving", session, NULL, NULL, (void *)(uintptr_t)MOVING},
	    {"filtering", session, NULL, NULL, (void *)(uintptr_t)FILTERING},
	    {"sorting", session, NULL, NULL, (void *)(uintptr_t)SORTING},
	    {"many columns", session, NULL, NULL, (void *)(uintptr_t)WIDE},
	    {"one row", session, NULL, NULL, (void *)(uintptr_t)ONE_ROW},
	    {"one row and the next", session, NULL, NULL, (void *)(uintptr_t)THERE_AND_BACK},
	    {"a file that is gone", session, NULL, NULL, (void *)(uintptr_t)GONE},
	    {"marks", session, NULL, NULL, (void *)(uintptr_t)MARKS},
	    {"from the lists", session, NULL, NULL, (void *)(uintptr_t)FROM_LISTS},
	    cmocka_unit_test(given_rows),
	    cmocka_unit_test(once),
	    {"rows at 80x24", screens, NULL, NULL, (void *)(uintptr_t)&GOLDEN_HOW[0]},
	    {"rows at 160x48", screens, NULL, NULL, (void *)(uintptr_t)&GOLDEN_HOW[1]},
	    {"rows in ASCII", screens, NULL, NULL, (void *)(uintptr_t)&GOLDEN_HOW[2]},
	    {"rows without colour, blocks, with styles", screens, NULL, NULL, (void *)(uintptr_t)&GOLDEN_HOW[3]},
	    cmocka_unit_test(every_size),
	};
	const struct golden_group group = {"rows", false, NULL, {{"full", make, &full}}};

	return golden_run(&group, tests);
}
