/* Theme files: faults, inheritance, changes to files that people have written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "assay/theme.h"

static char *folder, *own; /* $XDG_CONFIG_HOME, and the themes in it */

static void put(const char *name, const char *text)
{
	char *path = xasprintf("%s/%s.theme", own, name);
	struct error err;

	if (file_write_atomic(path, text, strlen(text), 0644, &err))
		fail_msg("%s", err.text);
	free(path);
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

static void theme_faults(void **state)
{
	static const struct {
		const char *text, *line, *what;
	} cases[] = {
	    {"[roles]\ngood = nocolour\n", ":2", "the palette has no colour \"nocolour\""},
	    {"[palette]\nred = #zz0000 1 red\n", ":2", "first comes the 24-bit colour"},
	    {"[palette]\nred = #ff0000 256 red\n", ":2", "second comes the index"},
	    {"[palette]\nred = #ff0000 9 rot\n", ":2", "third and last"},
	    {"[palette]\nred = #ff0000 9 red more\n", ":2", "third and last"},
	    {"[palette]\ndefault = #ff0000 9 red\n", ":2", "cannot be the name"},
	    {"[roles]\n\nnothing = default\n", ":3", "no role \"nothing\""},
	    {"[roles]\ngood = default blinking\n", ":2", "\"blinking\" is no attribute"},
	    {"[roles]\ngood = default on\n", ":2", "must follow \"on\""},
	    {"[roles]\ngood =\n", ":2", "needs a colour"},
	    {"[mono]\ngood = red\n", ":2", "\"red\" is no attribute"},
	    {"[colours]\nx = y\n", ":2", "unknown section [colours]"},
	    {"[role]\ngood = default\n", ":2", "did you mean \"roles\"?"},
	    {"[roles]\nrow.curser = default\n", ":2", "did you mean \"row.cursor\"?"},
	    {"[palette]\ngreen = #00ff00\n[roles]\ngood = gren\n", ":4", "did you mean \"green\"?"},
	    {"[palette]\ngreen = #00ff00 46 grene\n", ":2", "did you mean \"green\"?"},
	    {"[palette]\na b = #00ff00\n", ":2", "cannot be the name"},
	    {"inhert = dark\n", ":1", "did you mean \"inherit\"?"},
	    {"paint = maybe\n", ":1", "yes or no"},
	    {"paint = yes\n", "t.theme", "needs background and foreground"},
	    {"foreground = #00ff00 300\n", ":1", "second comes the index"},
	    {"inherit = ../../etc/passwd\n", ":1", "not the name of a theme"},
	    {"inherit = nosuchtheme\n", ":1", "there is no theme \"nosuchtheme\""},
	    {"background = blue\n", ":1", "first comes the 24-bit colour"},
	    {"colour = blue\n", ":1", "unknown key"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct theme theme;
		struct error err = {0};

		assert_int_equal(theme_parse(&theme, "t.theme", cases[i].text, NULL, &err), -1);
		if (!strstr(err.text, cases[i].what) || !strstr(err.text, cases[i].line) ||
		    !strstr(err.text, "t.theme"))
			fail_msg("case %zu: %s", i, err.text);
	}
}

static void theme_inheritance(void **state)
{
	struct theme t;
	struct error err = {0};

	(void)state;
	assert_int_equal(theme_parse(&t, "t",
	                             "[palette]\nred = #ff0000 196 bright-red\nink = #000000 16 black\n"
	                             "[roles]\nbad = red bold\nsearch = ink on red\n[mono]\nbad = reverse\n",
	                             NULL, &err),
	                 0);
	assert_int_equal(t.looks[TERM_TRUE][STYLE_BAD].fg, TERM_RGB(255, 0, 0));
	assert_int_equal(t.looks[TERM_256][STYLE_BAD].fg, 196);
	assert_int_equal(t.looks[TERM_16][STYLE_BAD].fg, 9);
	assert_int_equal(t.looks[TERM_MONO][STYLE_BAD].fg, -1);
	assert_int_equal(t.looks[TERM_MONO][STYLE_BAD].attr, TERM_ATTR_REVERSE);
	/* failed and error inherit from bad, field.bad too */
	assert_int_equal(t.looks[TERM_256][STYLE_FAILED].fg, 196);
	assert_int_equal(t.looks[TERM_256][STYLE_FIELD_BAD].attr, TERM_ATTR_BOLD);
	assert_int_equal(t.looks[TERM_256][STYLE_SEARCH].bg, 196);
	assert_int_equal(t.looks[TERM_256][STYLE_GOOD].fg, -1);
}

/* What is left out is the nearest; painting fills in what is the terminal's otherwise. */
static void short_forms(void **state)
{
	struct theme t;
	struct error err = {0};

	(void)state;
	assert_int_equal(
	    theme_parse(&t, "t",
	                "about = a test\nbackground = #000000\nforeground = #ffffff 231\npaint = yes\n"
	                "[palette]\nred = #ff0000\n[roles]\nbad = red\n",
	                NULL, &err),
	    0);
	assert_string_equal(t.about, "a test");
	assert_int_equal(t.looks[TERM_256][STYLE_BAD].fg, 196);
	assert_int_equal(t.looks[TERM_16][STYLE_BAD].fg, 9);
	assert_int_equal(t.looks[TERM_TRUE][STYLE_BAD].bg, TERM_RGB(0, 0, 0));
	assert_int_equal(t.looks[TERM_256][STYLE_TEXT].fg, 231);
	assert_int_equal(t.looks[TERM_16][STYLE_TEXT].bg, 0);
	assert_int_equal(t.looks[TERM_MONO][STYLE_TEXT].bg, -1);
}

static void own_of_the_same_name(void **state)
{
	struct theme t;
	struct error err = {0};

	(void)state;
	put("dark", "inherit = dark\n[palette]\nred = #ff0000 196 red\n");
	if (theme_find(&t, "dark", &err))
		fail_msg("%s", err.text);
	assert_true(theme_is_own(&t));
	assert_int_equal(t.file_count, 2);
	assert_int_equal(t.looks[TERM_256][STYLE_BAD].fg, 196);
	assert_true(t.looks[TERM_256][STYLE_GOOD].fg >= 0);
	assert_string_equal(t.about, "");
	put("dark", "inherit = ring\n");
	put("ring", "inherit = dark\n");
	/* dark, ring, then the dark that comes with the program: no circle. */
	assert_int_equal(theme_find(&t, "dark", &err), 0);
	assert_int_equal(t.file_count, 3);
	put("ring", "inherit = ring\n");
	assert_int_equal(theme_find(&t, "ring", &err), -1);
	assert_non_null(strstr(err.text, "ring.theme:1: "));
	assert_non_null(strstr(err.text, "in a circle"));
	put("a", "inherit = b\n");
	put("b", "inherit = c\n");
	put("c", "inherit = d\n");
	put("d", "inherit = e\n");
	put("e", "inherit = dark\n");
	assert_int_equal(theme_find(&t, "a", &err), -1);
	assert_non_null(strstr(err.text, "themes deep"));
	assert_int_equal(theme_find(&t, "middnight", &err), -1);
	assert_non_null(strstr(err.text, "did you mean \"midnight\"?"));
}

static void changes(void **state)
{
	struct theme t;
	struct error err = {0};
	char *path = xasprintf("%s/heir.theme", own);

	(void)state;
	put("base", "[palette]\nred = #ff0000 196 red\n[roles]\nbad = red\n");
	put("heir", "inherit = base\n");
	assert_int_equal(theme_find(&t, "heir", &err), 0);
	assert_false(theme_changed(&t));
	put("base", "[palette]\nred = #ee0000 160 red\n[roles]\nbad = red\n");
	assert_true(theme_changed(&t));
	assert_int_equal(theme_find(&t, "heir", &err), 0);
	assert_int_equal(t.looks[TERM_256][STYLE_BAD].fg, 160);
	assert_false(theme_changed(&t));
	assert_int_equal(unlink(path), 0);
	assert_false(theme_changed(&t)); /* being replaced, maybe */
	/* An own one in the way of one that came with the program. */
	assert_int_equal(theme_find(&t, "frost", &err), 0);
	assert_false(theme_is_own(&t));
	put("frost", "inherit = frost\n");
	assert_true(theme_changed(&t));
	/* One that is broken is known again, too. */
	put("broken", "inherit = base\n[roles]\nbaad = red\n");
	assert_int_equal(theme_find(&t, "broken", &err), -1);
	assert_non_null(strstr(err.text, "broken.theme:3: "));
	assert_non_null(strstr(err.text, "did you mean \"bad\"?"));
	assert_false(theme_changed(&t));
	free(path);
}

static void lines(void **state)
{
	static const struct {
		const char *text, *section, *key, *value, *want;
	} cases[] = {
	    {"", "roles", "good", "red", "[roles]\ngood = red\n"},
	    {"inherit = dark", "roles", "good", "red", "inherit = dark\n\n[roles]\ngood = red\n"},
	    {"inherit = dark\n[roles]\nbad = x\n", "palette", "red", "#ff0000",
	     "inherit = dark\n\n[palette]\nred = #ff0000\n\n[roles]\nbad = x\n"},
	    {"[roles]\ngood = x ; mine\nbad = y\n", "roles", "good", "red bold",
	     "[roles]\ngood = red bold ; mine\nbad = y\n"},
	    {"[roles]\ngood = x\n\n; of the frame\n[mono]\ngood = bold\n", "roles", "bad", "red",
	     "[roles]\ngood = x\nbad = red\n\n; of the frame\n[mono]\ngood = bold\n"},
	    {"[mono]\ngood = bold\n", "roles", "good", "red", "[mono]\ngood = bold\n\n[roles]\ngood = red\n"},
	    {"[roles]\ngood = a\ngood = b\nbest = c", "roles", "good", "red",
	     "[roles]\ngood = a\ngood = red\nbest = c"},
	    {"[roles]\ngood.x = a\n; good = b\n", "roles", "good", "red",
	     "[roles]\ngood.x = a\ngood = red\n; good = b\n"},
	    {"[roles]", "roles", "good", "red", "[roles]\ngood = red"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str text;

		str_init(&text);
		str_adds(&text, cases[i].text);
		theme_text_set(&text, cases[i].section, cases[i].key, cases[i].value);
		if (strcmp(text.data, cases[i].want) != 0)
			fail_msg("case %zu: %s", i, text.data);
		str_release(&text);
	}
}

static void saving(void **state)
{
	struct theme was, now, again;
	struct error err = {0};
	char path[THEME_PATH];

	(void)state;
	assert_int_equal(theme_find(&was, "moss", &err), 0);
	now = was;
	assert_false(theme_differs(&was, &now));
	assert_int_equal(theme_set_rgb(&now, STYLE_DONE, false, TERM_RGB(1, 2, 3), &err), 0);
	assert_int_equal(theme_set_name(&now, STYLE_BAD, true, "ink", &err), 0);
	assert_int_equal(theme_set_palette(&now, "blue", TERM_RGB(0, 0, 255), &err), 0);
	theme_set_attr(&now, STYLE_KEY, TERM_ATTR_UNDERLINE | TERM_ATTR_BOLD);
	theme_set_mono(&now, STYLE_GOOD, TERM_ATTR_BOLD);
	assert_int_equal(theme_set_name(&now, STYLE_BAD, true, "nocolour", &err), -1);
	assert_true(theme_differs(&was, &now));
	if (theme_save(&was, &now, "mine", path, &err))
		fail_msg("%s", err.text);
	expect_file("mine", "inherit = moss\n\n[palette]\nblue = #0000ff 21 blue\ndone = #010203 232 black\n\n"
	                    "[roles]\nbad = red on ink\ndone = done\nkey = blue bold underline\n\n"
	                    "[mono]\ngood = bold\n");
	assert_int_equal(theme_find(&again, "mine", &err), 0);
	assert_memory_equal(again.looks, now.looks, sizeof now.looks);
	assert_true(theme_is_own(&again));
	/* A second change keeps what the person has written in between. */
	put("mine", "; mine\ninherit = moss\n[roles]\nbad = red on ink ; loud\n");
	assert_int_equal(theme_find(&was, "mine", &err), 0);
	now = was;
	theme_set_attr(&now, STYLE_BAD, TERM_ATTR_BOLD);
	assert_int_equal(theme_save(&was, &now, "mine", path, &err), 0);
	expect_file("mine", "; mine\ninherit = moss\n[roles]\nbad = red on ink bold ; loud\n");
	/* Never over another theme of the person's. */
	put("other", "inherit = moss\n");
	assert_int_equal(theme_save(&was, &now, "other", path, &err), -1);
	assert_int_equal(err.code, ERR_NO);
	assert_int_equal(theme_save(&was, &now, "a/b", path, &err), -1);
	/* One that was broken meanwhile is not written over. */
	put("mine", "inherit = moss\n[roles]\nbaad = red\n");
	assert_int_equal(theme_save(&was, &now, "mine", path, &err), -1);
	expect_file("mine", "inherit = moss\n[roles]\nbaad = red\n");
	/* A role taken back is as it was. */
	now = was;
	assert_int_equal(theme_set_rgb(&now, STYLE_BAD, false, TERM_RGB(9, 9, 9), &err), 0);
	theme_take_role(&now, &was, STYLE_BAD);
	assert_memory_equal(now.looks, was.looks, sizeof now.looks);
	assert_false(theme_differs(&was, &now));
}

static int begin(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct error err;

	(void)state;
	folder = xasprintf("%s/assay-theme-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(folder))
		return -1;
	own = path_join(folder, "assay/themes");
	setenv("XDG_CONFIG_HOME", folder, 1);
	return dir_make(own, &err);
}

static int end(void **state)
{
	(void)state;
	dir_remove(folder, NULL);
	free(folder);
	free(own);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(theme_faults), cmocka_unit_test(theme_inheritance),    cmocka_unit_test(short_forms),
	    cmocka_unit_test(saving),       cmocka_unit_test(own_of_the_same_name), cmocka_unit_test(changes),
	    cmocka_unit_test(lines),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
