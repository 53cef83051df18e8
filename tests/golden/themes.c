/*
 * The theme editor: its screens compared with the text in tests/golden/screens/ (GENERATE=1 writes them
 * anew), and what it does to the theme that is shown and to the person's file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "assay/base.h"
#include "assay/term.h"
#include "assay/ui.h"
#include "assay/view.h"

#include "../lib/golden.h"
#include "../lib/store_fixture.h"

#define FOLDER "tests/golden/screens"
#define OPEN   "key :\ntype theme-editor\nkey Enter\n"
#define GOOD   OPEN "key Down Down Down\n"

static const struct screen {
	const char *name, *script;
} SCREENS[] = {
    {"theme", OPEN},
    {"theme-shared", GOOD},
    {"theme-on", OPEN "key G Home G PgUp PgUp o Tab\n"},
    {"theme-low", GOOD "key Enter\ntype 30 60 30\nkey Enter\n"},
    {"theme-colour", GOOD "key c\ntype gre\n"},
    {"theme-colour-wrong", GOOD "key c\ntype graan\nkey Enter\n"},
    {"theme-attributes", GOOD "key a\n"},
    {"theme-write", GOOD "key Right Ctrl-S\n"},
    {"theme-leave", GOOD "key Right q\n"},
};

static const struct how {
	const char *suffix;
	int w, h;
	enum term_charset charset;
	enum term_colours colours;
	bool styles;
} HOWS[] = {
    {"80x24", 80, 24, TERM_BRAILLE, TERM_256, false},
    {"160x48", 160, 48, TERM_BRAILLE, TERM_TRUE, false},
    {"80x24-ascii", 80, 24, TERM_ASCII, TERM_16, false},
    {"80x24-mono", 80, 24, TERM_BLOCKS, TERM_MONO, true},
};

static char *folder, *store, *own;
static bool generate;
static struct term *term;
static struct ui *ui;
static struct str out;

static void begin(int w, int h, enum term_charset charset, enum term_colours colours)
{
	struct view_options options = {.store = store, .forget = true, .fixed_now = FIXTURE_NOW};
	struct error err;

	term = term_open_memory(w, h, charset, colours);
	str_init(&out);
	if (view_begin(&ui, term, &options, &err) != 0)
		fail_msg("%s", err.text);
}

static void end(void)
{
	view_end(ui);
	term_close(term);
	str_release(&out);
}

static void play(const char *name, const char *script)
{
	struct error err;
	struct str screen;

	if (ui_script(ui, name, script, &out, &err) == 0)
		return;
	str_init(&screen);
	grid_text(term_grid(term), &screen);
	print_error("%s\n", screen.data);
	str_release(&screen);
	fail_msg("%s", err.text);
}

static void compare(const char *path)
{
	struct error err;
	struct str want;

	str_init(&want);
	if (generate) {
		if (file_write_atomic(path, out.data, out.len, 0644, &err) != 0)
			fail_msg("%s", err.text);
	} else {
		if (file_read(path, &want, 0, &err) != 0)
			fail_msg("%s (GENERATE=1 makes it)", err.text);
		if (strcmp(want.data, out.data) != 0)
			fail_msg("%s is not what is drawn now:\n%s\nexpected:\n%s\n", path, out.data, want.data);
	}
	str_release(&want);
}

static void screens(void **state)
{
	(void)state;
	for (size_t k = 0; k < COUNT_OF(HOWS); k++)
		for (size_t i = 0; i < COUNT_OF(SCREENS); i++) {
			const struct how *how = &HOWS[k];
			char *path = xasprintf("%s/%s-%s.txt", FOLDER, SCREENS[i].name, how->suffix);

			begin(how->w, how->h, how->charset, how->colours);
			play(SCREENS[i].name, SCREENS[i].script);
			play(SCREENS[i].name, how->styles ? "save\nstyles\n" : "save\n");
			compare(path);
			end();
			free(path);
		}
}

static void every_size(void **state)
{
	struct str sizes;

	(void)state;
	str_init(&sizes);
	golden_sizes(&sizes);
	for (size_t i = 0; i < COUNT_OF(SCREENS); i++) {
		begin(80, 24, TERM_BRAILLE, TERM_256);
		play(SCREENS[i].name, SCREENS[i].script);
		play(SCREENS[i].name, sizes.data);
		assert_null(strstr(out.data, "\x1b"));
		end();
	}
	str_release(&sizes);
}

/* ---- what it does ---- */

static const struct theme *shown(void)
{
	const struct theme *preview = ui_theme_previewed(ui);

	return preview ? preview : ui_theme(ui);
}

static int32_t good(void)
{
	return shown()->looks[TERM_TRUE][STYLE_GOOD].fg;
}

static void changes_are_shown(void **state)
{
	int32_t was;

	(void)state;
	begin(80, 24, TERM_BRAILLE, TERM_TRUE);
	play("open", GOOD);
	was = good();
	play("steps", "key Right\nexpect theme dark, changed\n");
	assert_int_equal(good(), was + (4 << 16));
	assert_int_equal(shown()->looks[TERM_TRUE][STYLE_DONE].fg, good()); /* done looks as good does */
	play("steps", "key Tab Left\n");
	assert_int_equal(good(), was + (4 << 16) - (4 << 8));
	play("steps", "key Tab > > > > > > > >\n");
	assert_int_equal(good() & 255, 255);
	play("take back", "key Ctrl-R\nrefuse changed\n");
	assert_int_equal(good(), was);
	/* While it is typed; Esc takes it back, Enter keeps it. */
	play("typing", "key c\ntype #0102\n");
	assert_int_equal(good(), was);
	play("typing", "type 03\n");
	assert_int_equal(good(), TERM_RGB(1, 2, 3));
	play("typing", "key Esc\n");
	assert_int_equal(good(), was);
	play("typing", "key c\ntype 1 2 3\nkey Enter\n");
	assert_int_equal(good(), TERM_RGB(1, 2, 3));
	play("a name", "key c\ntype red\nkey Enter\n");
	assert_int_equal(good(), shown()->looks[TERM_TRUE][STYLE_BAD].fg);
	play("all of a name", "key c\ntype red = #ff0000\nkey Enter\n");
	assert_int_equal(good(), TERM_RGB(255, 0, 0));
	assert_int_equal(shown()->looks[TERM_TRUE][STYLE_BAD].fg, TERM_RGB(255, 0, 0));
	play("its ground", "key o c\ntype 0 0 0\nkey Enter\n");
	assert_int_equal(shown()->looks[TERM_TRUE][STYLE_GOOD].bg, TERM_RGB(0, 0, 0));
	play("attributes", "key a Space Enter\n");
	assert_int_equal(shown()->looks[TERM_TRUE][STYLE_GOOD].attr, TERM_ATTR_BOLD);
	/* The other screens show it, another editor does not open, and the theme is not left by mistake. */
	play("elsewhere", "key 3\nexpect 3 Data\n");
	assert_int_equal(good(), TERM_RGB(255, 0, 0));
	play("a second one",
	     OPEN "expect the theme editor is open already\nkey Esc 2\nexpect theme dark, changed\n");
	play("next theme", "key t\nexpect the changes would be lost\n");
	play("stay", "key q\nexpect Leave without writing?\nkey Enter\nexpect theme dark, changed\n");
	play("leave", "key q y\nrefuse theme dark\n");
	assert_null(ui_theme_previewed(ui));
	assert_int_equal(good(), was);
	end();
}

static void expect_file(const char *name, const char *want)
{
	char *path = xasprintf("%s/%s.theme", own, name);
	struct str got;
	struct error err;

	str_init(&got);
	if (file_read(path, &got, 0, &err))
		fail_msg("%s", err.text);
	assert_string_equal(got.data, want);
	str_release(&got);
	free(path);
}

static void written(void **state)
{
	char *path = xasprintf("%s/my-dark.theme", own);
	const char *text = "; by hand\ninherit = dark\n\n[palette]\ngood = #102030 234 black ; mine\n\n"
	                   "[roles]\ngood = good\n";
	struct error err;

	(void)state;
	begin(200, 24, TERM_BRAILLE, TERM_TRUE);
	play("nothing to write", GOOD "key Ctrl-S\nexpect nothing is changed\n");
	play("write",
	     "key c\ntype 1 2 3\nkey Enter Ctrl-S\nexpect my-dark\nkey Enter\nexpect theme my-dark written: \n"
	     "expect my-dark.theme\nrefuse , changed\n");
	expect_file("my-dark", "inherit = dark\n\n[palette]\ngood = #010203 232 black\n\n[roles]\ngood = good\n");
	assert_string_equal(ui_theme(ui)->name, "my-dark");
	/* Its own file is written on, with what a person has put into it meanwhile. */
	assert_int_equal(file_write_atomic(path, text, strlen(text), 0644, &err), 0);
	play("changed outside", "tick 1000\n");
	assert_int_equal(good(), TERM_RGB(0x10, 0x20, 0x30));
	play("again", "key Right Ctrl-S Enter\nexpect theme my-dark written: \n");
	expect_file("my-dark", "; by hand\ninherit = dark\n\n[palette]\ngood = #142030 234 black ; mine\n\n"
	                       "[roles]\ngood = good\n");
	/* What is being changed here is not lost to a change outside, and both come together in the file. */
	play("both", "key Right\n");
	text = "inherit = dark\n\n[palette]\ngood = #142030 234 black\n\n[roles]\ngood = good\nbad = good\n";
	assert_int_equal(file_write_atomic(path, text, strlen(text), 0644, &err), 0);
	play("both", "tick 1000\nexpect theme my-dark, changed\n");
	assert_int_equal(good(), TERM_RGB(0x18, 0x20, 0x30));
	play("both", "key Ctrl-S Enter\nexpect theme my-dark written: \nrefuse , changed\n");
	expect_file("my-dark", "inherit = dark\n\n[palette]\ngood = #182030 234 black\n\n[roles]\ngood = good\n"
	                       "bad = good\n");
	assert_int_equal(shown()->looks[TERM_TRUE][STYLE_BAD].fg, TERM_RGB(0x18, 0x20, 0x30));
	end();
	free(path);
}

static void once(void **state)
{
	struct view_options options = {.store = store, .forget = true, .fixed_now = FIXTURE_NOW};
	struct error err;
	struct str text;

	(void)state;
	str_init(&text);
	assert_int_equal(view_once(&options, "theme:paper", 80, 24, &text, &err), 0);
	assert_non_null(strstr(text.data, "theme paper"));
	assert_int_equal(view_once(&options, "theme:papre", 80, 24, &text, &err), -1);
	assert_non_null(strstr(err.text, "did you mean \"paper\"?"));
	str_release(&text);
}

static int make(const char *dir, char **path, struct error *err)
{
	own = path_join(folder, "assay/themes");
	return store_fixture_empty(dir, path, err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(screens), cmocka_unit_test(every_size), cmocka_unit_test(changes_are_shown),
	    cmocka_unit_test(written), cmocka_unit_test(once),
	};
	const struct golden_group group = {"themes", false, &folder, {{"empty", make, &store}}};

	int failed;

	generate = getenv("GENERATE") != NULL;
	failed = golden_run(&group, tests);
	free(own);
	return failed;
}
