/*
 * Sessions with the real program in a real pseudo-terminal: open, filter, mark, compare, launch, type-ahead,
 * resize, hang-up; what it costs in bytes; and the terminal as it was afterwards.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/base.h"

#include "../lib/pty.h"
#include "../lib/store_fixture.h"

#define WAIT 10000

static char *folder, *store, *program;
static int
    visit; /* what one visit leaves to be remembered is not known to the next, but where a test says so */

static struct pty *begin(int w, int h)
{
	const char *argv[] = {program, "--store", store, NULL};
	char *state = xasprintf("XDG_STATE_HOME=%s/state%d", folder, ++visit),
	     *config = xasprintf("XDG_CONFIG_HOME=%s/config", folder);
	const char *env[] = {state, config, "NO_COLOR", "LC_ALL=C.UTF-8", "TZ=UTC", NULL};
	struct pty *p = pty_start(argv, env, w, h);

	free(state);
	free(config);
	return p;
}

static void expect(struct pty *p, const char *text)
{
	struct str screen;

	if (pty_expect(p, text, WAIT))
		return;
	str_init(&screen);
	pty_text(p, &screen);
	print_error("\"%s\" did not come:\n%s\n", text, screen.data);
	str_release(&screen);
	fail();
}

/* Leaves, and looks whether the terminal is as a shell needs it. */
static void leave(struct pty *p)
{
	pty_key(p, "Ctrl-C");
	assert_int_equal(pty_wait(p, WAIT), 0);
	assert_false(pty_alternate(p));
	assert_true(pty_cooked(p));
	pty_free(p);
}

static void filter_mark_compare_launch(void **state)
{
	struct pty *p = begin(80, 24);

	(void)state;
	expect(p, "young-yak-001");
	pty_type(p, "/lynx");
	expect(p, "1 match");
	pty_key(p, "Enter");
	pty_key(p, "Space");
	expect(p, "1 marked");
	pty_type(p, "/");
	pty_key(p, "Ctrl-U");
	pty_type(p, "heron");
	pty_key(p, "Enter");
	expect(p, "calm-heron-077");
	pty_key(p, "Space");
	expect(p, "2 marked");
	pty_type(p, "c");
	expect(p, "compare 2 runs");
	expect(p, "METRICS");
	expect(p, "0.8061");
	pty_type(p, "q");
	expect(p, "1 match");
	pty_type(p, "n");
	expect(p, "$ assay train logistic --data loans");
	pty_key(p, "Esc");
	expect(p, "1 match");
	leave(p);
	/* What was looked at last is there again. */
	visit--;
	p = begin(80, 24);
	expect(p, "/ heron");
	pty_type(p, "/\x15\r");
	expect(p, "14 runs");
	leave(p);
}

static void type_ahead(void **state)
{
	struct pty *p = begin(80, 24);

	(void)state;
	/* All of it before the first frame. */
	pty_type(p, "/nan-moth\r\r\t");
	expect(p, "nan-moth-404");
	expect(p, "log_loss");
	leave(p);
}

static void a_question_defaults_to_no(void **state)
{
	struct pty *p = begin(80, 24);

	(void)state;
	pty_type(p, "/swift\r");
	expect(p, "1 match");
	pty_type(p, "x");
	expect(p, "Stop this run?");
	expect(p, "swift-otter-412");
	pty_drain(p, 700); /* keys that come sooner than a question can be read do not count */
	pty_key(p, "Enter");
	assert_true(pty_expect_gone(p, "Stop this run?", WAIT));
	expect(p, "62%");
	leave(p);
}

static void resize(void **state)
{
	static const int sizes[][2] = {{40, 10}, {12, 4},  {1, 1},    {200, 60},
	                               {30, 50}, {300, 8}, {160, 48}, {80, 24}};
	struct pty *p = begin(80, 24);

	(void)state;
	expect(p, "young-yak-001");
	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < COUNT_OF(sizes); i++)
			pty_resize(p, sizes[i][0], sizes[i][1]);
	expect(p, "young-yak-001");
	expect(p, "? help");
	leave(p);
}

static void quiet_and_frugal(void **state)
{
	struct pty *p = begin(80, 24);
	size_t before;

	(void)state;
	expect(p, "14 runs");
	pty_drain(p, 500);
	before = pty_bytes(p);
	pty_drain(p, 1500);
	assert_int_equal(pty_bytes(p) - before, 0);
	before = pty_bytes(p);
	pty_key(p, "Down");
	pty_drain(p, 300);
	print_message("# cursor-down: %zu bytes\n", pty_bytes(p) - before);
	assert_in_range(pty_bytes(p) - before, 1, 200);
	leave(p);
}

static void hang_up(void **state)
{
	struct pty *p = begin(80, 24);

	(void)state;
	expect(p, "young-yak-001");
	pty_close(p);
	assert_true(pty_wait(p, WAIT) >= 0);
	pty_free(p);
}

static int make_store(void **state)
{
	struct error err = {0};
	const char *tmp = getenv("TMPDIR");

	(void)state;
	folder = xasprintf("%s/assay-session-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(folder) || store_fixture(folder, &store, &err) != 0) {
		print_error("%s\n", err.text);
		return -1;
	}
	return 0;
}

static int remove_store(void **state)
{
	(void)state;
	dir_remove(folder, NULL);
	free(folder);
	free(store);
	free(program);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(filter_mark_compare_launch), cmocka_unit_test(type_ahead),
	    cmocka_unit_test(a_question_defaults_to_no),  cmocka_unit_test(resize),
	    cmocka_unit_test(quiet_and_frugal),           cmocka_unit_test(hang_up),
	};
	char *self = path_absolute(argv[0]), *at = self;

	(void)argc;
	setlocale(LC_CTYPE, "C.UTF-8");
	/* BUILD/tests/golden/session -> BUILD/assay */
	for (int i = 0; i < 3; i++)
		if ((at = strrchr(self, '/')) != NULL)
			*at = 0;
	program = getenv("ASSAY") ? xstrdup(getenv("ASSAY")) : path_join(self, "assay");
	free(self);
	return cmocka_run_group_tests_name("session", tests, make_store, remove_store);
}
