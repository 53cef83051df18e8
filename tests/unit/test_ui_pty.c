/* The loop in a real terminal: type-ahead, resizing, suspending, hang-up, terminals of all kinds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "assay/ui.h"
#include "../lib/demo_pty.h"

static void first_screen_and_quit(void **state)
{
	struct pty *p = demo_pty(NULL, 80, 24);
	struct pty_cell cell;

	(void)state;
	pty_must(p, "run-00001");
	assert_true(pty_alternate(p));
	assert_false(pty_cooked(p));
	pty_must(p, "? help");
	pty_cell(p, 1, 3, &cell);
	assert_string_equal(cell.text, "▸");
	pty_key(p, "Down");
	pty_cell(p, 1, 3, &cell);
	pty_must(p, "▸ run-00002");
	pty_key(p, "q");
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	assert_false(pty_alternate(p));
	assert_true(pty_cooked(p));
	pty_must(p, "opened 0 opens 0");
	pty_free(p);
}

/* Keys typed before the first row is there mean the rows that will come. */
static void type_ahead(void **state)
{
	static const char *const env[] = {"DEMO_DELAY=400", NULL};
	struct pty *p = demo_pty(env, 80, 24);

	(void)state;
	pty_must(p, "loading");
	pty_type(p, "jjj\r");
	pty_must(p, "waiting for rows, then 4 keys");
	pty_must(p, "line 0 of run 4");
	pty_key(p, "Esc");
	pty_must_go(p, "line 0 of run 4");
	pty_must(p, "▸ run-00004");
	pty_key(p, "q");
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	pty_must(p, "opened 4 opens 1");
	pty_free(p);
}

/* An answer to a dialog that was typed before the dialog could be seen is no answer. */
static void dialog_type_ahead(void **state)
{
	struct pty *p = demo_pty(NULL, 80, 24);

	(void)state;
	pty_must(p, "run-00001");
	pty_type(p, "xy");
	pty_must(p, "Stop run-00001?");
	pty_must_rest(p, 300); /* a person has to read it first */
	pty_key(p, "y");
	pty_must(p, "$ assay stop run-00001");
	pty_key(p, "q");
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	pty_must(p, "stops 1 last 1");
	pty_free(p);
}

/* What is typed or pasted before a question that binds could be read is dropped, the rest of a paste as well.
 */
static void flush_input(void **state)
{
	struct pty *p = demo_pty(NULL, 80, 24);

	(void)state;
	pty_must(p, "run-00001");
	pty_type(p, "!jjj\r");
	pty_must(p, "a question that binds");
	pty_must_rest(p, 300);
	pty_must(p, "▸ run-00001");
	pty_type(p, "j");
	pty_must(p, "▸ run-00002");
	/* The beginning of a paste is dropped; its end, much later, is still no typing. */
	pty_type(p, "!\x1b[200~jj");
	pty_must(p, "a question that binds");
	pty_must_rest(p, 300);
	pty_type(p, "jjj\r\x1b[201~");
	pty_must_rest(p, 200);
	pty_must(p, "▸ run-00002");
	/* Changing the size and leaving are not typing. */
	pty_type(p, "!");
	pty_resize(p, 90, 30);
	pty_key(p, "Ctrl-C");
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	pty_must(p, "opened 0 opens 0");
	pty_free(p);
}

/* What takes long has a thread of its own: the rows do not wait for it. */
static void aside(void **state)
{
	struct pty *p = demo_pty(NULL, 80, 24);

	(void)state;
	pty_must(p, "run-00001");
	pty_type(p, "@G");
	pty_must_go(p, "run-00001");
	pty_key(p, "Up");
	pty_must(p, "▸ run-00999");
	assert_false(pty_has(p, "what was aside is done"));
	pty_type(p, "&");
	pty_must(p, "what was aside is done");
	/* Leaving interrupts it. */
	pty_type(p, "@");
	pty_must_rest(p, 50);
	pty_key(p, "q");
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	pty_free(p);
}

/* A reader that is long at something is seen to be at it. */
static void seconds_of_reading(void **state)
{
	static const char *const env[] = {"DEMO_DELAY=5000", NULL};
	struct pty *p = demo_pty(env, 80, 24);
	char says[] = "reading 1s";

	(void)state;
	pty_must(p, "reading ");
	/* On a busy machine one and another may be missed. */
	while (!pty_has(p, says) && says[8] < '4')
		says[8]++;
	pty_must_go(p, says);
	says[8]++;
	while (!pty_has(p, says) && says[8] < '5')
		says[8]++;
	assert_true(pty_has(p, says));
	pty_must(p, "run-00001");
	pty_must_go(p, "reading");
	pty_key(p, "q");
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	pty_free(p);
}

static void cancel_while_loading(void **state)
{
	static const char *const env[] = {"DEMO_DELAY=20000", NULL};
	struct pty *p = demo_pty(env, 80, 24);

	(void)state;
	pty_must(p, "loading");
	pty_type(p, "jj");
	pty_must(p, "then 2 keys");
	pty_key(p, "Esc");
	pty_must_go(p, "then 2 keys");
	pty_key(p, "3");
	pty_must(p, "recipe");
	pty_key(p, "Ctrl-C");
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	pty_free(p);
}

static void resize_storm(void **state)
{
	struct pty *p = demo_pty(NULL, 80, 24);

	(void)state;
	pty_must(p, "run-00001");
	for (int i = 0; i < 200; i++)
		pty_resize(p, 1 + (i * 37) % 190, 1 + (i * 13) % 55);
	pty_resize(p, 30, 3);
	pty_must(p, "30x3: too small");
	pty_resize(p, 12, 4);
	pty_must(p, "▸ run-000");
	pty_resize(p, 1, 1);
	pty_drain(p, 50);
	pty_resize(p, 200, 50);
	pty_must(p, "run-00045");
	pty_resize(p, 80, 24);
	pty_must(p, "? help");
	pty_must(p, "▸ run-00001");
	pty_key(p, "q");
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	pty_free(p);
}

static int count(const struct str *raw, const char *what)
{
	int n = 0;

	for (const char *at = raw->data; (at = strstr(at, what)); at++)
		n++;
	return n;
}

#define ALTERNATE "\x1b[?1049h"

static void suspend_and_continue(void **state)
{
	struct pty *p = demo_pty(NULL, 80, 24);
	int64_t end = time_mono_ms() + PTY_PATIENCE;
	bool stopped;

	(void)state;
	pty_must(p, "run-00001");
	pty_key(p, "Ctrl-Z");
	/* The group is orphaned (no shell above it), so the kernel may refuse to stop it; then it goes on at
	 * once, on the alternate screen anew. */
	while (!(stopped = pty_wait_stopped(p, 20)) && count(pty_raw(p), ALTERNATE) < 2)
		assert_true(time_mono_ms() < end);
	if (stopped) {
		assert_false(pty_alternate(p));
		assert_true(pty_cooked(p));
		pty_signal(p, SIGCONT);
	}
	pty_must(p, "▸ run-00001");
	pty_key(p, "Down");
	pty_must(p, "▸ run-00002");
	assert_true(pty_alternate(p));
	/* stopped from outside: the shell has changed the modes meanwhile */
	pty_signal(p, SIGSTOP);
	assert_true(pty_wait_stopped(p, PTY_PATIENCE));
	pty_signal(p, SIGCONT);
	pty_key(p, "Down");
	pty_must(p, "▸ run-00003");
	assert_false(pty_cooked(p));
	pty_key(p, "q");
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	pty_free(p);
}

/* With a shell that does job control, as at a person's prompt. */
static void suspend_under_a_shell(void **state)
{
	const char *const argv[] = {"bash", "--norc", "--noprofile", "-i", NULL};
	const char *const env[] = {"PS1=prompt> ", NULL};
	struct pty *p = pty_start(argv, env, 80, 24);
	char *self = path_absolute("/proc/self/exe"), *command = xasprintf("'%s' --demo\r", self);

	(void)state;
	pty_must(p, "prompt>");
	pty_type(p, command);
	free(command);
	free(self);
	pty_must(p, "run-00001");
	pty_key(p, "Down");
	pty_must(p, "▸ run-00002");
	pty_key(p, "Ctrl-Z");
	pty_must(p, "Stopped");
	assert_false(pty_alternate(p));
	pty_type(p, "echo shell is $((40+2))\r");
	pty_must(p, "shell is 42");
	pty_type(p, "fg\r");
	pty_must(p, "▸ run-00002");
	assert_true(pty_alternate(p));
	pty_key(p, "Down");
	pty_must(p, "▸ run-00003");
	pty_key(p, "q");
	pty_must(p, "opened 0 opens 0");
	pty_type(p, "exit\r");
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	pty_free(p);
}

static void hang_up(void **state)
{
	struct pty *p = demo_pty(NULL, 80, 24);
	int rc;

	(void)state;
	pty_must(p, "run-00001");
	pty_close(p);
	rc = pty_wait(p, PTY_PATIENCE);
	assert_int_equal(rc, 0);
	pty_free(p);
}

static void signals_restore(void **state)
{
	static const int sigs[] = {SIGTERM, SIGHUP, SIGINT};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sigs); i++) {
		struct pty *p = demo_pty(NULL, 80, 24);

		pty_must(p, "run-00001");
		pty_signal(p, sigs[i]);
		assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
		assert_false(pty_alternate(p));
		assert_true(pty_cooked(p));
		pty_free(p);
	}
}

static void crash_restores(void **state)
{
	static const char *const env[] = {"DEMO_ABORT=1", NULL};
	struct pty *p = demo_pty(env, 80, 24);

	(void)state;
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 128 + SIGABRT);
	assert_true(pty_cooked(p));
	assert_false(pty_alternate(p));
	pty_free(p);
#ifndef __SANITIZE_ADDRESS__ /* which has a handler of its own, and keeps it */
	p = demo_pty(NULL, 80, 24);
	pty_must(p, "run-00001");
	pty_signal(p, SIGSEGV);
	assert_int_not_equal(pty_wait(p, PTY_PATIENCE), -1);
	assert_true(pty_cooked(p));
	assert_false(pty_alternate(p));
	pty_free(p);
#endif
}

static void kinds_of_terminals(void **state)
{
	static const char *const types[] = {"TERM=vt100", "TERM=linux", "TERM=xterm", "TERM=screen",
	                                    "TERM=tmux-256color"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		const char *const env[] = {types[i], NULL};
		struct pty *p = demo_pty(env, 80, 24);

		pty_must(p, "run-00001");
		pty_key(p, "Down");
		pty_must(p, "▸ run-00002");
		pty_type(p, "q");
		assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
		pty_free(p);
	}
}

static void unknown_terminal(void **state)
{
	static const char *const env[] = {"TERM=xterm-made-up", NULL};
	struct pty *p = demo_pty(env, 80, 24);

	(void)state;
	pty_must(p, "\"xterm-made-up\" is not known here; taken as xterm-256color");
	pty_must(p, "run-00001");
	pty_type(p, "q");
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	pty_free(p);
}

static void dumb_terminal(void **state)
{
	static const char *const env[] = {"TERM=dumb", NULL};
	struct pty *p = demo_pty(env, 80, 24);

	(void)state;
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 3);
	pty_must(p, "cannot place its cursor");
	assert_null(strchr(pty_raw(p)->data, 0x1B));
	pty_free(p);
}

static void locale_c(void **state)
{
	static const char *const env[] = {"LC_ALL=C", NULL};
	struct pty *p = demo_pty(env, 80, 24);

	(void)state;
	pty_must(p, "> run-00001");
	for (size_t i = 0; i < pty_bytes(p); i++)
		assert_in_range((unsigned char)pty_raw(p)->data[i], 0, 0x7F);
	pty_type(p, "q");
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	pty_free(p);
}

static void mouse(void **state)
{
	struct pty *p = demo_pty(NULL, 80, 24);

	(void)state;
	pty_must(p, "run-00001");
	pty_type(p, "\x1b[<0;8;7M\x1b[<0;8;7m"); /* row 6 (from 0): the fourth */
	pty_must(p, "▸ run-00004");
	pty_type(p, "\x1b[<65;8;7M");
	pty_must(p, "▸ run-00007");
	pty_type(p, "\x1b[<0;12;2M"); /* the second tab */
	pty_must(p, "recipe");
	pty_free(p);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(first_screen_and_quit),
	    cmocka_unit_test(type_ahead),
	    cmocka_unit_test(dialog_type_ahead),
	    cmocka_unit_test(flush_input),
	    cmocka_unit_test(aside),
	    cmocka_unit_test(seconds_of_reading),
	    cmocka_unit_test(cancel_while_loading),
	    cmocka_unit_test(resize_storm),
	    cmocka_unit_test(suspend_and_continue),
	    cmocka_unit_test(suspend_under_a_shell),
	    cmocka_unit_test(hang_up),
	    cmocka_unit_test(signals_restore),
	    cmocka_unit_test(crash_restores),
	    cmocka_unit_test(kinds_of_terminals),
	    cmocka_unit_test(unknown_terminal),
	    cmocka_unit_test(dumb_terminal),
	    cmocka_unit_test(locale_c),
	    cmocka_unit_test(mouse),
	};

	return demo_pty_run(argc, argv, tests);
}
