/*
 * Sessions with the real program in a real pseudo-terminal: open, filter, mark, compare, launch, type-ahead,
 * resize, hang-up; what it costs in bytes; and the terminal as it was afterwards.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/base.h"

#include "../lib/golden.h"
#include "../lib/pty_must.h"
#include "../lib/store_fixture.h"

static char *folder, *store, *program;
static int
    visit; /* what one visit leaves to be remembered is not known to the next, but where a test says so */

static bool newcomer; /* the next visits are of somebody who has opened no store yet */

/* Somebody has opened a store before: the guide does not come by itself. */
static void knows(const char *state)
{
	char *dir = path_join(state, "assay"), *file = path_join(dir, "view-of-another-store");
	struct error err;

	if (dir_make(dir, &err) != 0 || file_write_atomic(file, "", 0, 0600, &err) != 0)
		fail_msg("%s", err.text);
	free(file);
	free(dir);
}

static struct pty *begin(int w, int h)
{
	const char *argv[] = {program, "--store", store, NULL};
	char *state = xasprintf("XDG_STATE_HOME=%s/state%d", folder, ++visit),
	     *config = xasprintf("XDG_CONFIG_HOME=%s/config", folder);
	const char *env[] = {state, config, "NO_COLOR", "LC_ALL=C.UTF-8", "TZ=UTC", NULL};
	struct pty *p;

	if (!newcomer)
		knows(strchr(state, '=') + 1);
	p = pty_start(argv, env, w, h);
	free(state);
	free(config);
	return p;
}

/* Leaves, and looks whether the terminal is as a shell needs it. */
static void leave(struct pty *p)
{
	pty_key(p, "Ctrl-C");
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	assert_false(pty_alternate(p));
	assert_true(pty_cooked(p));
	pty_free(p);
}

static void filter_mark_compare_launch(void **state)
{
	struct pty *p = begin(80, 24);

	(void)state;
	pty_must(p, "young-yak-001");
	pty_type(p, "/lynx");
	pty_must(p, "1 match");
	pty_key(p, "Enter");
	pty_key(p, "Space");
	pty_must(p, "1 marked");
	pty_type(p, "/");
	pty_key(p, "Ctrl-U");
	pty_type(p, "heron");
	pty_key(p, "Enter");
	pty_must(p, "calm-heron-077");
	pty_key(p, "Space");
	pty_must(p, "2 marked");
	pty_type(p, "c");
	pty_must(p, "compare 2 runs");
	pty_must(p, "METRICS");
	pty_must(p, "0.8061");
	pty_type(p, "q");
	pty_must(p, "1 match");
	pty_type(p, "n");
	pty_must(p, "$ assay train logistic --data loans");
	pty_key(p, "Esc");
	pty_must(p, "1 match");
	leave(p);
	/* What was looked at last is there again. */
	visit--;
	p = begin(80, 24);
	pty_must(p, "/ heron");
	pty_type(p, "/\x15\r");
	pty_must(p, "14 runs");
	leave(p);
}

static void type_ahead(void **state)
{
	struct pty *p = begin(80, 24);

	(void)state;
	/* All of it before the first frame. */
	pty_type(p, "/nan-moth\r\r\t");
	pty_must(p, "nan-moth-404");
	pty_must(p, "log_loss");
	leave(p);
}

static void a_question_defaults_to_no(void **state)
{
	struct pty *p = begin(80, 24);

	(void)state;
	pty_type(p, "/swift\r");
	pty_must(p, "1 match");
	pty_type(p, "x");
	pty_must(p, "Stop this run?");
	pty_must(p, "swift-otter-412");
	pty_must_rest(p, 300); /* keys that come sooner than a question can be read do not count */
	pty_key(p, "Enter");
	pty_must_go(p, "Stop this run?");
	pty_must(p, "62%");
	leave(p);
}

static void resize(void **state)
{
	static const int sizes[][2] = {{40, 10}, {12, 4},  {1, 1},    {200, 60},
	                               {30, 50}, {300, 8}, {160, 48}, {80, 24}};
	struct pty *p = begin(80, 24);

	(void)state;
	pty_must(p, "young-yak-001");
	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < COUNT_OF(sizes); i++)
			pty_resize(p, sizes[i][0], sizes[i][1]);
	pty_must(p, "young-yak-001");
	pty_must(p, "? help");
	leave(p);
}

/* Who comes for the first time gets the first steps, once; what is typed means what lies below. */
static void the_first_visit(void **state)
{
	struct pty *p;

	(void)state;
	newcomer = true;
	p = begin(80, 24);
	pty_must(p, "A digit goes to a screen");
	pty_must(p, "assay train logistic --data NAME");
	pty_type(p, "/lynx");
	pty_must(p, "1 match");
	pty_key(p, "Enter");
	pty_must(p, "bold-lynx-190");
	leave(p);
	visit--;
	p = begin(80, 24);
	pty_must(p, "bold-lynx-190");
	assert_false(pty_has(p, "A digit goes to"));
	/* It can be had again. */
	pty_type(p, ":guide");
	pty_must(p, "app.guide");
	pty_key(p, "Enter");
	pty_must(p, "A digit goes to");
	pty_key(p, "Esc");
	pty_must(p, "bold-lynx-190");
	leave(p);
	/* All of it typed before the first frame. */
	p = begin(80, 24);
	pty_type(p, "/nan-moth\r\r\t");
	pty_must(p, "nan-moth-404");
	pty_must(p, "log_loss");
	leave(p);
	newcomer = false;
}

static void quiet_and_frugal(void **state)
{
	struct pty *p = begin(80, 24);
	size_t before;

	(void)state;
	pty_must(p, "14 runs");
	pty_must_rest(p, 500);
	before = pty_bytes(p);
	pty_drain(p, 1500);
	assert_int_equal(pty_bytes(p) - before, 0);
	before = pty_bytes(p);
	pty_key(p, "Down");
	pty_must(p, "▸ swift-otter-412");
	pty_must_rest(p, 250);
	print_message("# cursor-down: %zu bytes\n", pty_bytes(p) - before);
	assert_in_range(pty_bytes(p) - before, 1, 200);
	leave(p);
}

static void hang_up(void **state)
{
	struct pty *p = begin(80, 24);

	(void)state;
	pty_must(p, "young-yak-001");
	pty_close(p);
	assert_true(pty_wait(p, PTY_PATIENCE) >= 0);
	pty_free(p);
}

/* ---- trainings from the form ---- */

#define ADULT "../shared/data/adult/"

static void command(const char *const argv[])
{
	struct str out, faults;
	struct error err;
	int status;

	str_init(&out);
	str_init(&faults);
	if (child_capture(argv, NULL, 60000, 1 << 20, &out, &faults, &status, &err) != 0)
		fail_msg("%s: %s", argv[1], err.text);
	if (status != 0)
		fail_msg("%s: %s", argv[1], faults.data);
	str_release(&out);
	str_release(&faults);
}

/* A store of its own, which the next visits open; gives back the one of all others. */
static char *another_store(const char *name)
{
	char *dir = path_join(folder, name), *before = store;
	struct error err;

	if (dir_make(dir, &err) != 0)
		fail_msg("%s", err.text);
	command((const char *[]){program, "init", dir, NULL});
	store = path_join(dir, ".assay");
	free(dir);
	return before;
}

static void back_to(char *before)
{
	free(store);
	store = before;
}

/* The number that stands after a word of the screen, NaN if there is none. */
static double number_after(struct pty *p, const char *word)
{
	struct str screen;
	const char *at;
	double value = (double)NAN;

	str_init(&screen);
	pty_text(p, &screen);
	at = strstr(screen.data, word);
	if (at) {
		at += strlen(word);
		at += strspn(at, " ");
		num_parse(at, strspn(at, "0123456789."), &value);
	}
	str_release(&screen);
	return value;
}

static void train_from_the_form(void **state)
{
	char *before = another_store("form");
	struct pty *p;

	(void)state;
	command((const char *[]){program, "--store", store, "data", "add", "loans",
	                         "sample-data/applications-2026-07.csv", "--label", "repaid", "--positive", "yes",
	                         NULL});
	p = begin(80, 24);
	pty_must(p, "No runs yet");
	pty_type(p, "n");
	pty_must(p, "$ assay train logistic --data loans");
	/* A fault is said before anything starts, at its field. */
	for (int i = 0; i < 3; i++)
		pty_key(p, "Down");
	pty_type(p, "7");
	pty_must(p, "must be between 0 and 0.9");
	pty_key(p, "Ctrl-S");
	pty_must(p, "$ assay train logistic --data loans --split 7");
	/* What was entered is not lost by one key. */
	pty_key(p, "Esc");
	pty_must(p, "Leave the form?");
	pty_must_rest(p, 300);
	pty_key(p, "Enter");
	pty_must_go(p, "Leave the form?");
	pty_must(p, "--split 7");
	pty_key(p, "Backspace");
	pty_type(p, "0.5");
	pty_must(p, "--split 0.5");
	pty_key(p, "Ctrl-S");
	pty_must(p, "✓ done");
	pty_must(p, "Log");
	pty_key(p, "Shift-Tab");
	pty_key(p, "Shift-Tab");
	pty_must(p, "METRICS");
	assert_true(number_after(p, "\n   auc ") > 0.7);
	pty_type(p, "q");
	pty_must(p, "1 run");
	pty_must(p, "✓ done");
	/* What it was trained on: an id has no most frequent value, a time no milliseconds. */
	pty_type(p, "3");
	pty_must(p, "loans");
	pty_key(p, "Enter");
	pty_must(p, "distribution");
	pty_key(p, "Enter");
	pty_must(p, "values are different");
	pty_type(p, "q");
	pty_key(p, "Down");
	pty_key(p, "Enter");
	pty_must(p, "days since 2026-07-01");
	leave(p);
	back_to(before);
}

/* What the form must reach on real data. */
static void train_adult_from_the_form(void **state)
{
	static const char *const parts[][2] = {{"adult", ADULT "adult.data"}, {"held-out", ADULT "adult.test"}};
	char *before;
	struct pty *p;

	(void)state;
	if (!file_exists(ADULT "adult.data"))
		skip();
	before = another_store("adult");
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		command((const char *[]){program, "--store", store, "data", "add", parts[i][0], parts[i][1],
		                         "--names",
		                         "age,workclass,fnlwgt,education,education_num,marital_status,occupation,"
		                         "relationship,race,sex,capital_gain,capital_loss,hours_per_week,"
		                         "native_country,income",
		                         "--label", "income", "--positive", ">50K", NULL});
	p = begin(100, 40);
	pty_must(p, "No runs yet");
	pty_type(p, "n");
	pty_must(p, "$ assay train logistic --data adult");
	pty_key(p, "Right");
	pty_must(p, "$ assay train boosted-trees --data adult");
	pty_key(p, "Down");
	pty_key(p, "Down");
	for (int i = 0; i < 3 && !pty_has(p, "--test held-out"); i++) {
		pty_key(p, "Right");
		pty_must_rest(p, 300);
	}
	pty_must(p, "$ assay train boosted-trees --data adult --test held-out");
	pty_key(p, "Ctrl-S");
	if (!pty_expect(p, "✓ done", PTY_PATIENCE)) /* it is a training on all of the data */
		pty_must(p, "✓ done");
	pty_key(p, "Shift-Tab");
	pty_key(p, "Shift-Tab");
	pty_must(p, "METRICS");
	assert_true(number_after(p, "\n   auc ") >= 0.92);
	leave(p);
	back_to(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(filter_mark_compare_launch),
	    cmocka_unit_test(type_ahead),
	    cmocka_unit_test(a_question_defaults_to_no),
	    cmocka_unit_test(resize),
	    cmocka_unit_test(quiet_and_frugal),
	    cmocka_unit_test(hang_up),
	    cmocka_unit_test(the_first_visit),
	    cmocka_unit_test(train_from_the_form),
	    cmocka_unit_test(train_adult_from_the_form),
	};
	const struct golden_group group = {"session", false, &folder, {{"full", store_fixture, &store}}};
	int failed;

	program = golden_program();
	failed = golden_run(&group, tests);
	free(program);
	return failed;
}
