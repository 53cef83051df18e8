/* What a terminal makes of the bytes that are sent, in which colours, and how many there are. */
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

static bool has_colour(const struct str *raw)
{
	return strstr(raw->data, "\x1b[3") && (strstr(raw->data, "38;5;") || strstr(raw->data, "38;2;"));
}

static void colours(void **state)
{
	static const char *const none[] = {"NO_COLOR=1", "COLORTERM", NULL};
	static const char *const indexed[] = {"NO_COLOR", "COLORTERM", NULL};
	static const char *const full[] = {"NO_COLOR", "COLORTERM=truecolor", "SSH_TTY", NULL};
	struct pty *p = demo_pty(none, 80, 24);

	(void)state;
	pty_must(p, "run-00001");
	assert_false(has_colour(pty_raw(p)));
	pty_free(p);
	p = demo_pty(indexed, 80, 24);
	pty_must(p, "run-00001");
	assert_non_null(strstr(pty_raw(p)->data, "38;5;"));
	assert_null(strstr(pty_raw(p)->data, "38;2;"));
	pty_free(p);
	p = demo_pty(full, 80, 24);
	pty_must(p, "run-00001");
	assert_non_null(strstr(pty_raw(p)->data, "38;2;"));
	assert_null(strstr(pty_raw(p)->data, "38;5;"));
	pty_free(p);
}

/* Nobody reads for a while: keys are kept, frames are dropped, and the last frame is right. */
static void slow_line(void **state)
{
	struct pty *p = demo_pty(NULL, 200, 50);
	size_t before;

	(void)state;
	pty_must(p, "run-00001");
	before = pty_bytes(p);
	for (int i = 0; i < 40; i++) {
		pty_type(p, i % 2 ? "G" : "g");
		usleep(5000);
	}
	pty_type(p, "gjj");
	usleep(50000);
	pty_must(p, "▸ run-00003");
	/* forty whole screens would be more than 40 x 8000 bytes; a pty holds about 22,000 back */
	assert_in_range(pty_bytes(p) - before, 1, 200000);
	pty_key(p, "q");
	assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
	pty_free(p);
}

static void bytes_per_key(void **state)
{
	struct pty *p = demo_pty(NULL, 80, 24);
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
	struct pty *p = demo_pty(NULL, 80, 24);
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
	struct pty *p = demo_pty((const char *const[]){"COLORTERM", "NO_COLOR", NULL}, 80, 24);
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
			pty_must_rest(p, 60); /* what follows at once would be Alt and that key */
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
	    cmocka_unit_test(colours),
	    cmocka_unit_test(slow_line),
	    cmocka_unit_test(bytes_per_key),
	    cmocka_unit_test(cursor_stands_on_the_selection),
	    cmocka_unit_test(the_terminal_shows_what_was_drawn),
	};

	return demo_pty_run(argc, argv, tests);
}
