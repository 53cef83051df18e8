/* Sequences of keys: parsed, checked, shown, carried out, kept back as a whole. */
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

static void parsed(void **state)
{
	static const struct {
		const char *text, *name; /* name NULL: no key */
	} cases[] = {
	    {"c", "c"},
	    {"+", "+"},
	    {",", ","},
	    {",+g", ", g"},
	    {"Ctrl-X+Ctrl-S", "Ctrl-X Ctrl-S"},
	    {"g+F5+Space", "g F5 Space"},
	    {"++g", "+ g"},
	    {"g++", "g +"},
	    {"Ctrl-+", "Ctrl-+"},
	    {"g+", NULL},
	    {"+g", NULL},
	    {"", NULL},
	    {"a+b+c+d", NULL},
	    {"a+Nokey", NULL},
	    {"Nokey+a", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct binding b = {0};
		struct str name;
		bool ok = binding_parse(cases[i].text, &b);

		if (ok != (cases[i].name != NULL))
			fail_msg("\"%s\" %s", cases[i].text, ok ? "is taken" : "is not taken");
		if (!ok)
			continue;
		str_init(&name);
		binding_name(&b, 0, &name);
		assert_string_equal(name.data, cases[i].name);
		str_release(&name);
	}
}

static void checked(void **state)
{
	static const struct ui_action good[] = {
	    {1, "a.one", ",+a ,+b", "runs", 0, "one", "does one"},
	    {2, "a.two", ",+c", "runs", 0, "two", "does two"},
	    {3, "a.three", ",+a", "bias", 0, "three", "does three"},
	    {4, "a.four", "a", "runs", 0, "four", "does four"},
	};
	static const struct ui_action bad[] = {
	    {1, "a.one", ",+a", "runs", 0, "one", "does one"},
	    {2, "a.two", ",", "list runs", 0, "two", "does two"},
	    {3, "a.three", ",+a", "runs", 0, "three", "does three"},
	    {4, "a.four", "x+Nokey", "app", 0, "four", "does four"},
	};
	struct error err = {0};

	(void)state;
	assert_int_equal(ui_actions_check(good, COUNT_OF(good), &err), 0);
	assert_int_equal(ui_actions_check(bad, COUNT_OF(bad), &err), -1);
	assert_non_null(strstr(err.text, "a.one and a.two: a sequence begins with all of ,"));
	assert_non_null(strstr(err.text, "a.one and a.three: both on , a"));
	assert_non_null(strstr(err.text, "a.four: no such key: x+Nokey"));
}

/* ---- sessions ---- */

struct session {
	struct demo d;
	struct term *term;
	struct ui *ui;
	struct str out;
	char keys[32];
};

static struct session *begin(int rows, int w, int h, const char *keys)
{
	struct session *s = xcalloc(1, sizeof *s);
	struct ui_options o;
	struct error err;

	s->d.rows = rows;
	s->term = term_open_memory(w, h, TERM_BRAILLE, TERM_256);
	o = demo_options(&s->d, s->term);
	o.fixed_now = 1700000000000;
	if (keys) {
		snprintf(s->keys, sizeof s->keys, "/tmp/assay-keys-XXXXXX");
		close(mkstemp(s->keys));
		assert_int_equal(file_write_atomic(s->keys, keys, strlen(keys), 0600, &err), 0);
		o.keys_path = s->keys;
	}
	str_init(&s->out);
	assert_int_equal(ui_new(&s->ui, &o, NULL), 0);
	return s;
}

static void play(struct session *s, const char *script)
{
	struct error err = {0};

	if (ui_script(s->ui, "script", script, &s->out, &err)) {
		str_clear(&s->out);
		grid_text(term_grid(s->term), &s->out);
		fail_msg("%s\n%s", err.text, s->out.data);
	}
}

static void end(struct session *s)
{
	ui_free(s->ui);
	term_close(s->term);
	if (*s->keys)
		unlink(s->keys);
	str_release(&s->out);
	free(s);
}

static void shown_and_done(void **state)
{
	struct session *s = begin(10, 80, 24, NULL);

	(void)state;
	/* What it can go on with stands there at once. */
	play(s, "key ,\nexpect g group\nexpect p places\nexpect q which value\n");
	assert_int_equal(s->d.acted, ACTION_NONE);
	play(s, "key g\nrefuse p places\n");
	assert_int_equal(s->d.acted, ACTION_RUNS_GROUP);
	play(s, "key , Esc\nexpect , given up\nrefuse p places\n");
	/* The key that ends it does nothing of its own. */
	play(s, "key , n\nkey , j\nexpect , j does nothing here\nexpect \xe2\x96\xb8 run-00001\n");
	play(s, "key , p\nexpect Places, newest first\nkey Esc\n");
	/* A key that begins one is a letter where text is typed. */
	play(s, "key /\ntype a,g\nexpect / a,g\nkey Esc\n");
	/* At 40 columns, and where there are hardly any rows. */
	play(
	    s,
	    "size 40x10\nkey ,\nexpect g group\nexpect p places\nkey Esc\nsize 20x5\nkey ,\nkey g\nsize 80x24\n");
	end(s);
}

static void greyed(void **state)
{
	struct session *s = begin(0, 80, 24, NULL);

	(void)state;
	play(s, "key ,\nexpect r rename\nkey r\nexpect rename: there is no row to act on\n");
	end(s);
}

static void everywhere_else(void **state)
{
	struct session *s = begin(10, 80, 24, NULL);

	(void)state;
	play(s, "key ?\ntype group\nexpect runs: , and then\nexpect , g\nkey Esc Esc\n"
	        "key :\ntype runs.group\nexpect , g\nkey Esc\n");
	end(s);
}

static void own_keys(void **state)
{
	struct session *s = begin(10, 80, 24, "[keys]\nrun.compare = ,+g K\nruns.group = z+z+z\n");

	(void)state;
	play(s, "key , g\n");
	assert_int_equal(s->d.acted, ACTION_RUN_COMPARE);
	play(s, "key z\nexpect \xe2\x80\xa6\nkey z\nexpect z group\nkey z\n");
	assert_int_equal(s->d.acted, ACTION_RUNS_GROUP);
	play(s, "expect , g compare\n");
	end(s);
}

/* Two actions on one key: both are named, at the start. */
static void clashes(void **state)
{
	struct session *s = begin(10, 100, 24, "[keys]\nrun.compare = x\n");

	(void)state;
	play(s, "expect run.stop and run.compare: both on x; give one\n");
	end(s);
	s = begin(10, 100, 24, "[keys]\nrun.note = g+g\nrun.compare = , K\n");
	play(s, "expect a sequence begins with all of ,\n");
	end(s);
	s = begin(10, 100, 24, "[keys]\nrun.compare = x\nrun.stop = c\n");
	play(s, "refuse both on\n");
	end(s);
}

static void press(struct session *s, const char *name)
{
	struct term_event e = {.kind = TERM_EVENT_KEY};

	assert_true(term_key_parse(name, &e.key, &e.mods));
	ui_event(s->ui, &e);
}

/* Rows are still to come: the hints stand there, the sequence waits as a whole and acts on the row that it meant. */
static void waits_as_a_whole(void **state)
{
	struct session *s = begin(10, 80, 24, NULL);

	(void)state;
	s->d.delay_ms = 100;
	ui_draw(s->ui);
	press(s, ",");
	assert_int_equal(s->ui->pending_count, 1);
	assert_int_equal(s->ui->held_count, 0);
	press(s, "r");
	assert_int_equal(s->ui->pending_count, 0);
	assert_int_equal(s->ui->held_count, 2);
	/* What comes after does not overtake it, a sequence neither. */
	press(s, "j");
	press(s, ",");
	press(s, "r");
	assert_int_equal(s->ui->held_count, 5);
	assert_int_equal(s->d.acted, ACTION_NONE);
	ui_settle(s->ui);
	assert_int_equal(s->ui->held_count, 0);
	assert_int_equal(s->d.acted, ACTION_RUN_RENAME);
	assert_int_equal(s->d.acted_on, 2);
	/* Half a sequence behind keys that wait goes on when they are done. */
	end(s);
	s = begin(10, 80, 24, NULL);
	s->d.delay_ms = 100;
	ui_draw(s->ui);
	press(s, "j");
	press(s, ",");
	assert_int_equal(s->ui->held_count, 2);
	ui_settle(s->ui);
	assert_int_equal(s->ui->pending_count, 1);
	press(s, "r");
	assert_int_equal(s->d.acted, ACTION_RUN_RENAME);
	assert_int_equal(s->d.acted_on, 2);
	end(s);
}

/* Those that act on no row do not wait for one. */
static void need_no_rows(void **state)
{
	struct session *s = begin(10, 80, 24, NULL);

	(void)state;
	s->d.delay_ms = 100;
	ui_draw(s->ui);
	press(s, ",");
	press(s, "p");
	assert_int_equal(s->ui->held_count, 0);
	assert_non_null(s->ui->dialog);
	end(s);
}

/* A key that leaves does not wait for rows, but it is text behind one that opens a line to type in. */
static void text_does_not_leave(void **state)
{
	struct session *s = begin(10, 80, 24, NULL);
	size_t screen = s->ui->screen;

	(void)state;
	s->d.delay_ms = 100;
	ui_draw(s->ui);
	for (const char *c = "/3q2"; *c; c++)
		press(s, (char[2]){*c, 0});
	assert_int_equal(s->ui->screen, screen);
	assert_false(s->ui->quit);
	play(s, "expect / 3q2\nkey Esc\n");
	end(s);
	/* Behind a movement it leaves at once. */
	s = begin(10, 80, 24, NULL);
	s->d.delay_ms = 100;
	ui_draw(s->ui);
	press(s, "j");
	assert_int_equal(s->ui->held_count, 1);
	press(s, "3");
	assert_int_equal(s->ui->held_count, 0);
	assert_int_not_equal(s->ui->screen, screen);
	end(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parsed),          cmocka_unit_test(checked),
	    cmocka_unit_test(shown_and_done),  cmocka_unit_test(greyed),
	    cmocka_unit_test(everywhere_else), cmocka_unit_test(own_keys),
	    cmocka_unit_test(clashes),         cmocka_unit_test(waits_as_a_whole),
	    cmocka_unit_test(need_no_rows),    cmocka_unit_test(text_does_not_leave),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	unsetenv("XDG_CONFIG_HOME");
	setenv("HOME", "/nonexistent", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
