/* Copying by way of the terminal: only where allowed, nothing but base64, the way for what stands between. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "assay/ui.h"
#include "../../src/term/clipboard.h"
#include "../lib/demo.h"
#include "../lib/pty_must.h"

static char folder[] = "/tmp/assay-copy-XXXXXX";
static const char *self;

static void configure(const char *text)
{
	char *path = xasprintf("%s/assay", folder), *file = path_join(path, "config.ini");

	assert_int_equal(dir_make(path, NULL), 0);
	assert_int_equal(file_write_atomic(file, text, strlen(text), 0600, NULL), 0);
	free(file);
	free(path);
}

/* What the message row says after a copy, in memory, and whether something was copied. */
static void said(const char *text, size_t len, const char *want, bool copied)
{
	struct demo d = {.rows = 3};
	struct term *t = term_open_memory(200, 12, TERM_BRAILLE, TERM_MONO);
	struct ui_options o = demo_options(&d, t);
	struct str screen;
	struct ui *ui;

	assert_int_equal(ui_new(&ui, &o, NULL), 0);
	ui_settle(ui);
	ui_copy(ui, text, len, "2 rows");
	ui_settle(ui);
	str_init(&screen);
	grid_text(term_grid(t), &screen);
	if (!strstr(screen.data, want))
		fail_msg("\"%s\" is not in\n%s", want, screen.data);
	assert_int_equal(term_copied(t)->len, copied ? len : 0);
	assert_memory_equal(term_copied(t)->data, text, copied ? len : 0);
	str_release(&screen);
	ui_free(ui);
	term_close(t);
}

static void only_where_allowed(void **state)
{
	char *much = xcalloc(TERM_COPY_MOST + 2, 1);

	(void)state;
	configure("[sign]\nkey = x\n");
	said("a", 1, "not copied: `clipboard = yes` under [terminal] in /tmp/assay-copy-", false);
	configure("[terminal]\nclipboard = no\n");
	said("a", 1, "not copied: `clipboard = yes`", false);
	configure("[terminal]\nclipboard = perhaps\n");
	said("a", 1, "config.ini:2: clipboard is yes or no, not \"perhaps\"", false);
	configure("[terminal]\nclip = yes\n");
	said("a", 1, "config.ini:2: [terminal] has no key \"clip\"", false);
	configure("[terminal]\nclipboard = yes\n");
	said("a\tb\n\x1b[31m", 9, "2 rows copied", true);
	memset(much, 'x', TERM_COPY_MOST + 1);
	said(much, TERM_COPY_MOST, "2 rows copied", true);
	said(much, TERM_COPY_MOST + 1, "not copied: 74995 bytes are more than a terminal's clipboard takes",
	     false);
	free(much);
}

static void ways(void **state)
{
	static const struct {
		const char *type, *tmux, *screen;
		enum clipboard_way way;
	} cases[] = {
	    {"xterm-256color", NULL, NULL, CLIPBOARD_PLAIN},
	    {"xterm-kitty", "", "", CLIPBOARD_PLAIN},
	    {"tmux-256color", "/tmp/tmux-0/default,1,0", NULL, CLIPBOARD_TMUX},
	    {"screen-256color", "/tmp/tmux-0/default,1,0", NULL, CLIPBOARD_TMUX},
	    {"tmux-256color", NULL, NULL, CLIPBOARD_TMUX},
	    {"screen", NULL, "1.pts-0", CLIPBOARD_SCREEN},
	    {"xterm", NULL, "1.pts-0", CLIPBOARD_SCREEN},
	    {"screen", NULL, NULL, CLIPBOARD_EITHER},
	    {"screen", "/tmp/tmux-0/default,1,0", "1.pts-0", CLIPBOARD_EITHER},
	    {"linux", NULL, NULL, CLIPBOARD_NONE},
	    {"vt220", NULL, NULL, CLIPBOARD_NONE},
	    {"", NULL, NULL, CLIPBOARD_NONE},
	    {NULL, NULL, NULL, CLIPBOARD_NONE},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(clipboard_way(cases[i].type, cases[i].tmux, cases[i].screen), cases[i].way);
}

/* What goes out, with the wrapping for screen taken off again, is one sequence around base64. */
static void assert_carries(enum clipboard_way way, const char *text, size_t len)
{
	static const char begin[] = "\x1b]52;c;";
	struct str out, bare, back;
	size_t at = 0;

	str_init(&out);
	str_init(&bare);
	str_init(&back);
	clipboard_add(&out, way, text, len);
	while (at < out.len) {
		const char *end;

		if (way == CLIPBOARD_SCREEN) {
			assert_memory_equal(out.data + at, "\x1bP", 2);
			end = strstr(out.data + at, "\x1b\\");
			assert_non_null(end);
			str_add(&bare, out.data + at + 2, (size_t)(end - out.data) - at - 2);
			assert_in_range((size_t)(end - out.data) - at, 1, 255);
			at = (size_t)(end - out.data) + 2;
		} else {
			str_addc(&bare, out.data[at++]);
		}
	}
	assert_memory_equal(bare.data, begin, sizeof begin - 1);
	assert_int_equal(bare.data[bare.len - 1], '\a');
	assert_true(base64_decode(bare.data + sizeof begin - 1, bare.len - sizeof begin, &back));
	assert_int_equal(back.len, len);
	assert_memory_equal(back.data, text, len);
	str_release(&out);
	str_release(&bare);
	str_release(&back);
}

static void nothing_but_base64(void **state)
{
	static const char evil[] = "\a\x1b\\\x1b]52;c;?\a\x9c\xff\0 \x1bPtmux;\n";
	char *long_text = xcalloc(5000, 1);

	(void)state;
	for (size_t i = 0; i < 5000; i++)
		long_text[i] = (char)(i * 7919);
	for (size_t len = 0; len < sizeof evil; len++) {
		assert_carries(CLIPBOARD_PLAIN, evil, len);
		assert_carries(CLIPBOARD_TMUX, evil, len);
		assert_carries(CLIPBOARD_SCREEN, evil, len);
	}
	for (size_t len = 170; len < 190; len++)
		assert_carries(CLIPBOARD_SCREEN, long_text, len);
	assert_carries(CLIPBOARD_SCREEN, long_text, 5000);
	free(long_text);
}

static void through_a_terminal(void **state)
{
	static const struct {
		const char *type, *say, *sent;
	} cases[] = {
	    {"TERM=xterm-256color", "it copied", "\x1b]52;c;cnVuLTAwMDAx\a"},
	    {"TERM=tmux-256color", "it given to tmux for the clipboard", "\x1b]52;c;cnVuLTAwMDAx\a"},
	    {"TERM=linux", "a terminal of the kind \"linux\" has no clipboard", NULL},
	};
	char *config = xasprintf("XDG_CONFIG_HOME=%s", folder);

	(void)state;
	configure("[terminal]\nclipboard = yes\n");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *const argv[] = {self, "--demo", NULL};
		const char *const env[] = {cases[i].type, config, "TMUX", "STY", "DEMO_COPY=run-00001", NULL};
		struct pty *p = pty_start(argv, env, 120, 24);

		pty_must(p, cases[i].say);
		assert_int_equal(strstr(pty_raw(p)->data, "]52;") != NULL, cases[i].sent != NULL);
		if (cases[i].sent)
			assert_non_null(strstr(pty_raw(p)->data, cases[i].sent));
		pty_type(p, "q");
		assert_int_equal(pty_wait(p, PTY_PATIENCE), 0);
		pty_free(p);
	}
	free(config);
}

/* What is copied may be more than the line takes at once: what is said of it is drawn when it has gone out. */
static void on_a_slow_line(void **state)
{
	const char *const argv[] = {self, "--demo", NULL};
	char *config = xasprintf("XDG_CONFIG_HOME=%s", folder), *copy = xasprintf("DEMO_COPY=%070000d", 1);
	const char *const env[] = {config, copy, "TMUX", "STY", NULL};
	struct pty *p;

	(void)state;
	configure("[terminal]\nclipboard = yes\n");
	p = pty_start(argv, env, 120, 24);
	usleep(500000); /* nobody reads */
	assert_true(pty_expect(p, "it copied", 10000));
	assert_true(pty_expect(p, "run-00001", 10000));
	pty_type(p, "q");
	assert_int_equal(pty_wait(p, 10000), 0);
	pty_free(p);
	free(copy);
	free(config);
}

static int clean_up(void **state)
{
	(void)state;
	return dir_remove(folder, NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_where_allowed), cmocka_unit_test(ways),
	    cmocka_unit_test(nothing_but_base64), cmocka_unit_test(through_a_terminal),
	    cmocka_unit_test(on_a_slow_line),
	};
	char *path;
	int rc;

	if (argc > 1 && !strcmp(argv[1], "--demo"))
		return demo_main();
	setlocale(LC_CTYPE, "C.UTF-8");
	path = path_absolute("/proc/self/exe");
	self = path;
	if (!mkdtemp(folder))
		return 1;
	setenv("XDG_CONFIG_HOME", folder, 1);
	setenv("HOME", folder, 1);
	rc = cmocka_run_group_tests(tests, NULL, clean_up);
	free(path);
	return rc;
}
