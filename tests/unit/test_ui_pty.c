/* The loop in a real terminal: type-ahead, resizing, suspending, hang-up, terminals of all kinds. */
#include <locale.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "assay/ui.h"
#include "../lib/demo.h"
#include "../lib/pty_must.h"

static const char *self;

static struct pty *start(const char *const env[], int w, int h)
{
	const char *const argv[] = {self, "--demo", NULL};

	return pty_start(argv, env, w, h);
}

static void first_screen_and_quit(void **state)
{
	struct pty *p = start(NULL, 80, 24);
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
	struct pty *p = start(env, 80, 24);

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
	struct pty *p = start(NULL, 80, 24);

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
	struct pty *p = start(NULL, 80, 24);

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
	struct pty *p = start(NULL, 80, 24);

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
	struct pty *p = start(env, 80, 24);
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
	struct pty *p = start(env, 80, 24);

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
	struct pty *p = start(NULL, 80, 24);

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
	struct pty *p = start(NULL, 80, 24);
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
	char command[4200];

	(void)state;
	pty_must(p, "prompt>");
	snprintf(command, sizeof command, "'%s' --demo\r", self);
	pty_type(p, command);
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
	struct pty *p = start(NULL, 80, 24);
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
		struct pty *p = start(NULL, 80, 24);

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
	struct pty *p = start(env, 80, 24);

	(void)state;
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 128 + SIGABRT);
	assert_true(pty_cooked(p));
	assert_false(pty_alternate(p));
	pty_free(p);
#ifndef __SANITIZE_ADDRESS__ /* which has a handler of its own, and keeps it */
	p = start(NULL, 80, 24);
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
		struct pty *p = start(env, 80, 24);

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
	struct pty *p = start(env, 80, 24);

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
	struct pty *p = start(env, 80, 24);

	(void)state;
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 3);
	pty_must(p, "cannot place its cursor");
	assert_null(strchr(pty_raw(p)->data, 0x1B));
	pty_free(p);
}

static void locale_c(void **state)
{
	static const char *const env[] = {"LC_ALL=C", NULL};
	struct pty *p = start(env, 80, 24);

	(void)state;
	pty_must(p, "> run-00001");
	for (size_t i = 0; i < pty_bytes(p); i++)
		assert_in_range((unsigned char)pty_raw(p)->data[i], 0, 0x7F);
	pty_type(p, "q");
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	pty_free(p);
}

static bool has_colour(const struct str *raw)
{
	return strstr(raw->data, "\x1b[3") && (strstr(raw->data, "38;5;") || strstr(raw->data, "38;2;"));
}

static void colours(void **state)
{
	static const char *const none[] = {"NO_COLOR=1", "COLORTERM", NULL};
	static const char *const indexed[] = {"NO_COLOR", "COLORTERM", NULL};
	static const char *const full[] = {"NO_COLOR", "COLORTERM=truecolor", "SSH_TTY", NULL};
	struct pty *p = start(none, 80, 24);

	(void)state;
	pty_must(p, "run-00001");
	assert_false(has_colour(pty_raw(p)));
	pty_free(p);
	p = start(indexed, 80, 24);
	pty_must(p, "run-00001");
	assert_non_null(strstr(pty_raw(p)->data, "38;5;"));
	assert_null(strstr(pty_raw(p)->data, "38;2;"));
	pty_free(p);
	p = start(full, 80, 24);
	pty_must(p, "run-00001");
	assert_non_null(strstr(pty_raw(p)->data, "38;2;"));
	assert_null(strstr(pty_raw(p)->data, "38;5;"));
	pty_free(p);
}

/* Nobody reads for a while: keys are kept, frames are dropped, and the last frame is right. */
static void slow_line(void **state)
{
	struct pty *p = start(NULL, 200, 50);
	size_t before;

	(void)state;
	pty_must(p, "run-00001");
	before = pty_bytes(p);
	for (int i = 0; i < 40; i++) {
		pty_type(p, i % 2 ? "G" : "g");
		usleep(5000);
	}
	pty_type(p, "gjj");
	pty_rest(p, 50);
	expect(p, "▸ run-00003");
	/* forty whole screens would be more than 40 x 8000 bytes; a pty holds about 22,000 back */
	assert_in_range(pty_bytes(p) - before, 1, 200000);
	pty_key(p, "q");
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	pty_free(p);
}

static void bytes_per_key(void **state)
{
	struct pty *p = start(NULL, 80, 24);
	size_t before;

	(void)state;
	pty_must(p, "run-00001");
	pty_must_rest(p, 250);
	before = pty_bytes(p);
	pty_drain(p, 400);
	assert_int_equal(pty_bytes(p), before); /* idle: nothing */
	for (int i = 0; i < 5; i++) {
		char row[] = "▸ run-00002";

		row[sizeof row - 2] = (char)('2' + i);
		before = pty_bytes(p);
		pty_key(p, "Down");
		pty_must(p, row);
		pty_must_rest(p, 50);
		assert_in_range(pty_bytes(p) - before, 1, 200);
	}
	for (int i = 0; i < 20; i++)
		pty_key(p, "Down");
	pty_must(p, "▸ run-00026");
	pty_must_rest(p, 50);
	before = pty_bytes(p);
	pty_key(p, "Down");
	pty_must(p, "▸ run-00027");
	pty_must_rest(p, 50);
	assert_in_range(pty_bytes(p) - before, 1, 400);
	before = pty_bytes(p);
	pty_key(p, "PgDn");
	pty_must_go(p, "▸ run-00027");
	pty_must_rest(p, 50);
	assert_in_range(pty_bytes(p) - before, 1, 2500);
	pty_free(p);
}

static void cursor_stands_on_the_selection(void **state)
{
	struct pty *p = start(NULL, 80, 24);
	int x, y;
	bool visible;

	(void)state;
	pty_must(p, "run-00001");
	pty_key(p, "Down");
	pty_must(p, "▸ run-00002");
	pty_must_rest(p, 50);
	pty_cursor(p, &x, &y, &visible);
	assert_int_equal(y, 4);
	assert_false(visible);
	pty_key(p, "/");
	pty_type(p, "abc");
	pty_must(p, "abc");
	pty_must_rest(p, 50);
	pty_cursor(p, &x, &y, &visible);
	assert_int_equal(y, 22);
	assert_int_equal(x, 6);
	assert_true(visible);
	pty_free(p);
}

static void mouse(void **state)
{
	struct pty *p = start(NULL, 80, 24);

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

/* What a terminal makes of the bytes is what was drawn, cell for cell, after each of many random keys and
 * sizes. */
static void the_terminal_shows_what_was_drawn(void **state)
{
	static const char *const keys[] = {"Down",  "Up",   "PgDn", "PgUp", "g",         "G",  "Enter", "Esc",
	                                   "Space", "/",    "a",    "m",    "Tab",       "?",  ":",     "3",
	                                   "2",     "s",    ">",    "<",    "t",         "F1", "w",     "F",
	                                   "Right", "Left", "Home", "End",  "Backspace", "S",  "*",     "u"};
	struct demo d = {.rows = 1000};
	struct term *t = term_open_memory(80, 24, TERM_BRAILLE, TERM_256);
	struct ui_options o = demo_options(&d, t);
	struct pty *p = start((const char *const[]){"COLORTERM", "NO_COLOR", NULL}, 80, 24);
	uint64_t seed = 42;
	struct ui *ui;

	(void)state;
	assert_int_equal(ui_new(&ui, &o, NULL), 0);
	pty_must(p, "run-00001");
	for (int i = 0; i < 600; i++) {
		struct term_event e = {.kind = TERM_EVENT_KEY};
		struct str want;
		const char *key;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		key = keys[(seed >> 33) % COUNT_OF(keys)];
		assert_true(term_key_parse(key, &e.key, &e.mods));
		term_feed_event(t, &e);
		pty_key(p, key);
		if (e.key == TERM_KEY_ESC)
			pty_drain(p, 60); /* what follows at once would be Alt and that key */
		if (i % 50 == 49) {
			int w = 40 + (int)(seed >> 40) % 100, h = 10 + (int)(seed >> 50) % 40;

			term_set_size(t, w, h);
			pty_resize(p, w, h);
		}
		ui_settle(ui);
		str_init(&want);
		grid_text(term_grid(t), &want);
		if (!pty_expect(p, want.data, PTY_PATIENCE)) {
			struct str have;

			str_init(&have);
			pty_text(p, &have);
			fprintf(stderr, "key %d, %s: drawn\n%sshown\n%s", i, key, want.data, have.data);
			fail();
		}
		str_release(&want);
	}
	ui_free(ui);
	term_close(t);
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
	    cmocka_unit_test(colours),
	    cmocka_unit_test(slow_line),
	    cmocka_unit_test(bytes_per_key),
	    cmocka_unit_test(cursor_stands_on_the_selection),
	    cmocka_unit_test(mouse),
	    cmocka_unit_test(the_terminal_shows_what_was_drawn),
	};
	char *path;
	int rc;

	if (argc > 1 && !strcmp(argv[1], "--demo"))
		return demo_main();
	setlocale(LC_CTYPE, "C.UTF-8");
	path = path_absolute("/proc/self/exe");
	self = path;
	unsetenv("XDG_CONFIG_HOME");
	setenv("HOME", "/nonexistent", 1);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	free(path);
	return rc;
}
