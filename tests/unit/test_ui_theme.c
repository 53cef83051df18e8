/* The theme while the program runs: switched, changed under it, shown for a try, written. */
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
#include "../lib/demo.h"
#include "../../src/ui/private.h"

static char *folder, *own;
static struct demo demo = {.rows = 10};
static struct term *term;
static struct ui *ui;

static void put(const char *name, const char *text)
{
	char *path = xasprintf("%s/%s.theme", own, name);
	struct error err;

	if (file_write_atomic(path, text, strlen(text), 0644, &err))
		fail_msg("%s", err.text);
	free(path);
}

static void play(const char *script)
{
	struct error err;

	if (ui_script(ui, "script", script, NULL, &err)) {
		struct str screen;

		str_init(&screen);
		grid_text(term_grid(term), &screen);
		print_error("%s\n", screen.data);
		str_release(&screen);
		fail_msg("%s", err.text);
	}
}

static int32_t good(void)
{
	return ui_theme(ui)->looks[TERM_256][STYLE_GOOD].fg;
}

static int begin(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct ui_options o;
	struct error err;

	(void)state;
	folder = xasprintf("%s/assay-ui-theme-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(folder))
		return -1;
	own = path_join(folder, "assay/themes");
	setenv("XDG_CONFIG_HOME", folder, 1);
	if (dir_make(own, &err))
		return -1;
	put("mine", "inherit = dark\n[palette]\ngreen = #00ff00 46 green\n");
	term = term_open_memory(200, 24, TERM_BRAILLE, TERM_256);
	o = demo_options(&demo, term);
	o.theme = "mine";
	return ui_new(&ui, &o, &err);
}

static int end(void **state)
{
	(void)state;
	ui_free(ui);
	term_close(term);
	dir_remove(folder, NULL);
	free(folder);
	free(own);
	return 0;
}

static void read_again(void **state)
{
	(void)state;
	assert_int_equal(good(), 46);
	put("mine", "inherit = dark\n[palette]\ngreen = #00af00 34 green\n");
	play("key Down\n");
	assert_int_equal(good(), 46); /* only once a second */
	play("tick 1000\n");
	assert_int_equal(good(), 34);
	play("refuse theme mine\n"); /* nobody has asked */
	/* A fault is told once, with its place, and the colours stay. */
	put("mine", "inherit = dark\n[roles]\ngod = green\n");
	play("tick 1000\nexpect mine.theme:3: there is no role \"god\"; did you mean \"good\"?\nkey Esc\n"
	     "refuse mine.theme\ntick 1000\nrefuse mine.theme\n");
	assert_int_equal(good(), 34);
	put("mine", "inherit = dark\n[palette]\ngreen = #00d700 40 green\n");
	play("tick 1000\n");
	assert_int_equal(good(), 40);
	/* What it inherits from, when an own one comes in its way. */
	put("dark", "inherit = dark\n[palette]\nred = #ff0000 196 red\n");
	play("tick 1000\ntick 1000\n");
}

static void switched(void **state)
{
	struct arena *a = arena_new();
	size_t count, at = 0;
	const char **names = theme_names(a, &count);

	(void)state;
	while (at < count && strcmp(names[at], ui_theme(ui)->name) != 0)
		at++;
	assert_true(at < count);
	/* Pressed three times before an answer: three further. */
	play("type ttt\n");
	assert_string_equal(ui_theme(ui)->name, names[(at + 3) % count]);
	for (size_t i = 0; i < count; i++)
		play("key t\nexpect theme \n");
	assert_string_equal(ui_theme(ui)->name, names[(at + 3) % count]);
	/* One that is broken is told, and passed by. */
	put("moss", "[roles]\ngod = default\n");
	ui_theme_use(ui, "midnight");
	play("key t\nexpect theme mine\nkey t\nexpect theme mono\nkey t\nexpect moss.theme:2: \n");
	assert_string_equal(ui_theme(ui)->name, "paper");
	ui_theme_use(ui, "mine");
	play("expect theme mine\n");
	ui_theme_use(ui, "nosuchtheme");
	play("expect there is no theme \"nosuchtheme\"\n");
	assert_string_equal(ui_theme(ui)->name, "mine");
	arena_free(a);
}

static void tried_and_written(void **state)
{
	static struct theme now;
	struct error err;

	(void)state;
	now = *ui_theme(ui);
	assert_int_equal(theme_set_rgb(&now, STYLE_GOOD, false, TERM_RGB(0, 0xd7, 0xff), &err), 0);
	ui_theme_preview(ui, &now);
	assert_ptr_equal(ui_theme_previewed(ui), &now);
	ui_theme_save(ui, ui_theme(ui), &now, "tried");
	play("expect theme tried written: \n");
	ui_theme_preview(ui, NULL);
	assert_string_equal(ui_theme(ui)->name, "tried");
	assert_int_equal(good(), 45);
	/* Never over another one. */
	ui_theme_save(ui, ui_theme(ui), &now, "mine");
	play("expect is there already\n");
	assert_string_equal(ui_theme(ui)->name, "tried");
	/* Without an editor the action says so. */
	play("key :\ntype theme-editor\nkey Enter\nexpect there is no theme editor\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(read_again),
	    cmocka_unit_test(switched),
	    cmocka_unit_test(tried_and_written),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, begin, end);
}
