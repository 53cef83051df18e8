/* Actions, themes, editor, dialogs, forms, pager, sessions from text. */
#include <locale.h>
#include <math.h>
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

/* ---- actions ---- */

static void the_table_holds(void **state)
{
	size_t count;
	const struct ui_action *actions = ui_action_table(&count);
	struct error err = {0};

	(void)state;
	assert_true(count > 40);
	assert_int_equal(count, ACTIONS - 1);
	if (ui_actions_check(actions, count, &err))
		fail_msg("%s", err.text);
}

static void faults_of_a_table(void **state)
{
	static const struct ui_action bad[] = {
	    {1, "a.one", "x", "runs", 0, "one", "does one"},
	    {2, "a.two", "x y", "list runs", 0, "two", "does two"},
	    {3, "a.one", "Nokey", "app", 0, "three", "does three"},
	    {4, "plain", "", "app", 0, "four", ""},
	};
	struct error err = {0};

	(void)state;
	assert_int_equal(ui_actions_check(bad, COUNT_OF(bad), &err), -1);
	assert_non_null(strstr(err.text, "a.one and a.two: both on x"));
	assert_non_null(strstr(err.text, "no such key: Nokey"));
	assert_non_null(strstr(err.text, "is there twice"));
	assert_non_null(strstr(err.text, "part.verb"));
	assert_non_null(strstr(err.text, "line of help"));
}

static void manual(void **state)
{
	size_t count;
	const struct ui_action *actions = ui_action_table(&count);
	struct str out;

	(void)state;
	str_init(&out);
	ui_actions_mdoc(actions, count, &out);
	for (size_t i = 0; i < count; i++) {
		char *dash, name[64];
		struct str want;

		str_init(&want);
		snprintf(name, sizeof name, "%s", actions[i].name);
		for (char *p = name; (dash = strchr(p, '-')); p = dash + 1) {
			str_add(&want, p, (size_t)(dash - p));
			str_adds(&want, "\\-");
			memmove(name, dash + 1, strlen(dash + 1) + 1);
			dash = name - 1;
		}
		str_adds(&want, name);
		assert_non_null(strstr(out.data, want.data));
		str_release(&want);
	}
	str_release(&out);
}

static void own_keys(void **state)
{
	char path[] = "/tmp/assay-keys-XXXXXX";
	static const char text[] = "[keys]\nrun.compare = K Ctrl-T\nlist.open =\n";
	static const char wrong[] = "[keys]\nrun.compare = K\nrun.stop = Nokey\n";
	const struct ui_action *actions;
	struct keymap m;
	struct error err = {0};
	struct str keys;
	size_t count, at = 0;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	actions = ui_action_table(&count);
	keymap_init(&m, actions, count);
	assert_int_equal(fd_write_all(fd, text, sizeof text - 1), 0);
	assert_int_equal(keymap_read(&m, path, &err), 0);
	str_init(&keys);
	while (actions[at].id != ACTION_RUN_COMPARE)
		at++;
	assert_string_equal(keymap_keys(&m, &actions[at], false, &keys), "K Ctrl-T");
	while (actions[at].id != ACTION_LIST_OPEN)
		at = (at + 1) % count;
	assert_string_equal(keymap_keys(&m, &actions[at], false, &keys), "");
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, wrong, sizeof wrong - 1, 0), sizeof wrong - 1);
	assert_int_equal(keymap_read(&m, path, &err), -1);
	assert_non_null(strstr(err.text, ":3"));
	assert_non_null(strstr(err.text, "Nokey"));
	assert_int_equal(keymap_read(&m, "/nonexistent/keys.ini", &err), 0);
	str_release(&keys);
	keymap_release(&m);
	close(fd);
	unlink(path);
}

static void fuzzy(void **state)
{
	(void)state;
	assert_int_equal(ui_fuzzy("", "anything"), 0);
	assert_int_equal(ui_fuzzy("xyz", "run.stop"), -1);
	assert_true(ui_fuzzy("rs", "run.stop") > ui_fuzzy("rs", "theirs"));
	assert_true(ui_fuzzy("STOP", "run.stop") > 0);
	assert_true(ui_fuzzy("run", "run.launch") > ui_fuzzy("run", "list.return"));
}

/* ---- editor ---- */

static void edit(struct ui_editor *e, const char *keys)
{
	for (const char *p = keys; *p; p += strspn(p, " ")) {
		struct term_event ev = {.kind = TERM_EVENT_KEY};
		char name[TERM_KEY_TEXT];
		size_t n = strcspn(p, " ");

		snprintf(name, sizeof name, "%.*s", (int)n, p);
		assert_true(term_key_parse(name, &ev.key, &ev.mods));
		ui_editor_event(e, &ev);
		p += n;
	}
}

static void editing(void **state)
{
	static const struct {
		const char *start, *keys, *end;
		size_t cursor;
	} cases[] = {
	    {"", "a b c", "abc", 3},
	    {"abc", "Left x", "abxc", 3},
	    {"abc", "Home x End y", "xabcy", 5},
	    {"abc", "Backspace Backspace", "a", 1},
	    {"abc", "Home Delete", "bc", 0},
	    {"one two three", "Ctrl-W", "one two ", 8},
	    {"one two three", "Ctrl-Left Ctrl-Left x", "one xtwo three", 5},
	    {"one two", "Alt-b Ctrl-K", "one ", 4},
	    {"one two", "Ctrl-U", "", 0},
	    {"漢字", "Left Backspace", "字", 0},
	    {"e\xcc\x81x", "Left Left y", "ye\xcc\x81x", 1}, /* one step over a letter with its mark */
	    {"ab", "Ctrl-A é", "éab", 2},
	    {"", "Left Backspace Delete Ctrl-W Ctrl-K", "", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct ui_editor e;

		ui_editor_init(&e, cases[i].start);
		edit(&e, cases[i].keys);
		assert_string_equal(e.text.data, cases[i].end);
		assert_int_equal(e.cursor, cases[i].cursor);
		ui_editor_release(&e);
	}
}

static void pasting_is_one_line(void **state)
{
	struct term_event ev = {.kind = TERM_EVENT_PASTE, .text = "a\tb\x1b[Ac\nrm -rf\n", .len = 15};
	struct ui_editor e;

	(void)state;
	ui_editor_init(&e, "");
	assert_true(ui_editor_event(&e, &ev));
	assert_string_equal(e.text.data, "ab[Ac");
	ui_editor_release(&e);
}

/* ---- sessions ---- */

struct session {
	struct demo d;
	struct term *term;
	struct ui *ui;
	struct str out;
};

static struct session *begin(int rows, int w, int h)
{
	struct session *s = xcalloc(1, sizeof *s);
	struct ui_options o;

	s->d.rows = rows;
	s->term = term_open_memory(w, h, TERM_BRAILLE, TERM_256);
	o = demo_options(&s->d, s->term);
	o.fixed_now = 1700000000000;
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
	str_release(&s->out);
	free(s);
}

static void list_and_back(void **state)
{
	struct session *s = begin(1000, 80, 24);

	(void)state;
	play(s, "expect ▸ run-00001\n"
	        "key Down Down Enter\n"
	        "expect line 0 of run 3\n"
	        "key G\nexpect line 99 of run 3\n"
	        "key Esc\n"
	        "expect ▸ run-00003\n"
	        "key G\nexpect ▸ run-01000\n"
	        "key g PgDn PgDn\n"
	        "key Space Space\nexpect 2 marked\n"
	        "tick 1000\nexpect 2 marked\n");
	end(s);
}

static void help_and_palette(void **state)
{
	struct session *s = begin(10, 80, 24);

	(void)state;
	play(s,
	     "key ?\nexpect Keys\nexpect compare the marked runs\ntype unmark\n"
	     "refuse compare the marked runs\nexpect unmark all rows\nkey Esc\nexpect compare the marked runs\n"
	     "key Esc\nrefuse compare the marked runs\n"
	     "key :\ntype unmark\nexpect unmark all rows\nkey Esc\n"
	     "key Space\nexpect 1 marked\nkey :\ntype unmark\nkey Enter\nrefuse marked\n"
	     /* names first and alone; a word of a help only for three letters; what is elsewhere comes last */
	     "key :\nrefuse chart.log\ntype th\nexpect app.theme\nrefuse list.sort\nrefuse form.reset\nkey Esc\n"
	     "key :\ntype terminate\nexpect run.stop\nrefuse form.reset\nkey Esc\n"
	     "key :\ntype chart.log\nexpect not here, but in chart\nkey Enter\nexpect not here\nkey Esc\n"
	     "key 3\nkey Ctrl-Z\n"); /* memory: nothing to suspend */
	end(s);
}

/* An action that is taken out of the table is gone from keys, footer, help and palette. */
static void without_an_action(void **state)
{
	struct session *s = begin(10, 80, 24);
	const struct ui_action *all = ui_action_table(&s->ui->options.action_count);
	size_t count = s->ui->options.action_count, kept = 0;
	struct ui_action *some = xcalloc(count, sizeof *some);
	struct ui_options o = demo_options(&s->d, s->term);

	(void)state;
	play(s, "expect n launch\n");
	ui_free(s->ui);
	for (size_t i = 0; i < count; i++)
		if (all[i].id != ACTION_RUN_LAUNCH)
			some[kept++] = all[i];
	o.actions = some;
	o.action_count = kept;
	assert_int_equal(ui_new(&s->ui, &o, NULL), 0);
	play(s, "refuse launch\nkey n\nexpect n does nothing here\nkey ?\nrefuse launch a run\nkey Esc\n"
	        "key :\ntype run.launch\nrefuse launch a run\n");
	end(s);
	free(some);
}

static void prompts(void **state)
{
	struct session *s = begin(100, 80, 24);

	(void)state;
	play(s,
	     "key /\ntype metrics.auc > 0.8\nkey Enter\nrefuse run-00004\nexpect run-00003\n"
	     "key /\nexpect metrics.auc > 0.8\nkey Ctrl-U Enter\nexpect run-00004\n"
	     "key /\ntype ab!c\nexpect no ! here\nkey Enter\nexpect no ! here\nkey Esc\nexpect run-00004\n"
	     "key / Up\nexpect / metrics.auc > 0.8\nkey Down\nrefuse metrics.auc > 0.8\nkey Esc\n"
	     "key /\ntype met\nexpect metrics.loss\nkey Tab\nexpect / metrics.\nkey Tab\nexpect / metrics.auc\n"
	     "key Tab\nexpect / metrics.loss\nkey Esc\n");
	end(s);
}

static void confirming(void **state)
{
	struct session *s = begin(100, 80, 24);

	(void)state;
	play(s, "key Down x\nexpect Stop run-00002?\nkey Enter\nexpect nothing was done\n");
	assert_int_equal(s->d.stops, 0);
	play(s, "key x Right Enter\nexpect $ assay stop run-00002\n");
	assert_int_equal(s->d.stops, 1);
	assert_int_equal(s->d.stopped[0], 2);
	play(s, "key x n\nkey x Esc\nkey x q\nexpect nothing was done\n");
	play(s, "key x Ctrl-Y\nexpect Stop run-00002?\nkey Ctrl-L Enter\nexpect nothing was done\n");
	assert_int_equal(s->d.stops, 1);
	end(s);
}

static void reading_only(void **state)
{
	struct session *s = begin(100, 80, 24);
	struct ui_options o = demo_options(&s->d, s->term);

	(void)state;
	ui_free(s->ui);
	o.read_only = true;
	assert_int_equal(ui_new(&s->ui, &o, NULL), 0);
	play(s, "refuse stop\nkey x\nexpect stop: the store is open for reading only\n");
	end(s);
}

static void forms(void **state)
{
	struct session *s = begin(100, 80, 24);

	(void)state;
	play(s, "key 3\nexpect logistic\nkey Right\nexpect boosted-trees\n"
	        "key Down\ntype x\nexpect is not a number\nkey Ctrl-S\nexpect l2 is not a number\n"
	        "key Backspace Backspace\ntype 0.5\nrefuse is not a number\n"
	        "key Down\nkey Ctrl-U\ntype 9999\nexpect must lie from 1 to 5000\nkey Ctrl-R\nrefuse must lie\n"
	        "key Down\nexpect a nickname\ntype my run?\nexpect my run?\n"
	        "key Down Enter\nexpect income\nkey Space Down Space Enter\nexpect age,sex\n"
	        "key Down Space\nexpect [■]\n"
	        "key Ctrl-S\nexpect $ assay train boosted-trees --set l2=0.5 --set rounds=100 --drop age,sex\n"
	        "key F1\nexpect check the form\nkey Ctrl-L\nexpect check the form\nkey Esc Esc 2\nexpect 2\n");
	end(s);
}

static void paging(void **state)
{
	struct session *s = begin(100, 60, 20);

	(void)state;
	play(s, "key Enter\nexpect line 0 of run 1\nexpect 100 lines\n"
	        "key /\ntype line 42\nkey Enter\nexpect line 42 of run 1\nexpect /line 42\n"
	        "key n\nkey F\nexpect following\nexpect line 99\nkey Up\nrefuse following\n"
	        "key w\nkey G\nexpect line 99\nkey g\nexpect line 0 of\n"
	        "key /\ntype nowhere\nkey Enter\nexpect \"nowhere\" is not in the text\n");
	end(s);
}

/* A line of 400 words on a screen of 17 rows is read row by row, and no word of it is broken. */
static void paging_a_long_line(void **state)
{
	struct session *s = begin(100, 60, 20);

	(void)state;
	play(s, "key G g Down Down Down Down Down Down Down Down Enter\nexpect line 0 of run 9\n"
	        "key w G\nexpect the end\nexpect word399\nrefuse word000\nrefuse line 99\n"
	        "key PgUp PgUp PgUp PgUp\nexpect word000 word001 word002 word003 word004 word005 word006\n"
	        "expect line 99\nkey PgDn\nexpect word100\nkey Up\nexpect word100\nrefuse line 99\n"
	        "key Down Down Down Down Down Down Down Down Down Down Down Down\nexpect word194\n"
	        "key w\nexpect word000\nkey w G\nexpect word399\nexpect the end\n"
	        "key /\ntype word200\nkey Enter\nexpect word000\n"
	        "size 80x24\nexpect word000\n");
	end(s);
}

static void rows_of_text(void **state)
{
	static const struct {
		const char *text;
		int width;
		size_t len;
	} cases[] = {{"", 10, 0},
	             {"one", 10, 3},
	             {"one two three", 9, 8},
	             {"one two three", 7, 8}, /* the blank may stand beyond the end */
	             {"one two three", 8, 8},
	             {"label xxxxxxxxxxxxxxxxxxxx", 20, 20}, /* no row is left half empty */
	             {"xxxxxxxxxxxx", 5, 5},
	             {"\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2", 5, 6},
	             {"\xe6\xbc\xa2", 1, 3}};
	struct term *term = term_open_memory(10, 1, TERM_BRAILLE, TERM_MONO);
	struct surface s = grid_surface(term_grid(term));

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(ui_row_len(&s, cases[i].text, strlen(cases[i].text), cases[i].width), cases[i].len);
	term_close(term);
}

static void small_screens(void **state)
{
	struct session *s = begin(100, 80, 24);

	(void)state;
	play(s,
	     "size 11x24\nexpect 11x24: too\nsize 40x10\nexpect run-00001\nrefuse trend\n"
	     "size 1x1\nsize 80x3\nexpect too small\nsize 200x60\nexpect run-00055\nsize 80x24\nexpect trend\n");
	end(s);
}

static void wrong_scripts(void **state)
{
	static const struct {
		const char *text, *what;
	} cases[] = {{"expect nothing of the kind\n", "script:1: \"nothing of the kind\" is not on"},
	             {"# fine\n\nrefuse run-00001\n", "script:3: \"run-00001\" is on"},
	             {"key Nokey\n", "no key is called"},
	             {"dance\n", "no step is called"},
	             {"size 80\n", "two numbers"},
	             {"open cellar\n", "there is no screen"}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct session *s = begin(10, 80, 24);
		struct error err = {0};

		assert_int_equal(ui_script(s->ui, "script", cases[i].text, &s->out, &err), -1);
		if (!strstr(err.text, cases[i].what))
			fail_msg("%s", err.text);
		end(s);
	}
}

static void remembered(void **state)
{
	char folder[] = "/tmp/assay-ui-XXXXXX";
	char *path;
	struct session *s;
	struct ui_options o;
	struct term *t = term_open_memory(80, 24, TERM_BRAILLE, TERM_256);
	struct demo d = {.rows = 10};
	struct ui *ui;

	(void)state;
	assert_non_null(mkdtemp(folder));
	path = path_join(folder, "new/state.ini");
	for (int round = 0; round < 2; round++) {
		o = demo_options(&d, t);
		o.state_path = path;
		s = xcalloc(1, sizeof *s);
		s->term = t;
		str_init(&s->out);
		d.filter[0] = 0;
		assert_int_equal(ui_new(&ui, &o, NULL), 0);
		s->ui = ui;
		if (round == 0) {
			play(s, "key /\ntype a = 'b;c' # %\nkey Enter t\nexpect theme\n");
			ui_state_set(ui_top(ui), "columns", "name, auc\n=");
		} else {
			play(s, "key / Up\nexpect a = 'b;c' # %\n");
			assert_string_equal(ui_state_get(ui_top(ui), "columns"), "name, auc\n=");
			assert_null(ui_state_get(ui_top(ui), "else"));
			assert_string_not_equal(ui->theme.name, "dark");
		}
		ui_free(ui);
		str_release(&s->out);
		free(s);
	}
	term_close(t);
	assert_int_equal(dir_remove(folder, NULL), 0);
	free(path);
}

/* Closing while the reader is at work interrupts it and does not wait. */
static void leaving_while_loading(void **state)
{
	struct demo d = {.rows = 10, .delay_ms = 60000};
	struct term *t = term_open_memory(80, 24, TERM_BRAILLE, TERM_256);
	struct ui_options o = demo_options(&d, t);
	struct ui *ui;
	int64_t start = time_mono_ms();

	(void)state;
	assert_int_equal(ui_new(&ui, &o, NULL), 0);
	assert_true(ui_asking(ui_top(ui), -1));
	usleep(20000);
	ui_free(ui);
	term_close(t);
	assert_true(time_mono_ms() - start < 30000);
}

/* ---- layout ---- */

static void layouts(void **state)
{
	const int minimum[] = {20, 10, 30}, weight[] = {1, 0, 3};
	int out[3];

	(void)state;
	for (int size = 0; size < 200; size++) {
		int sum = 0, shown = 0;

		ui_layout(size, 1, minimum, weight, 3, out);
		for (int i = 0; i < 3; i++) {
			assert_true(out[i] == 0 || out[i] >= minimum[i]);
			sum += out[i];
			shown += out[i] > 0;
		}
		sum += shown ? shown - 1 : 0;
		assert_true(sum <= size);
		if (shown)
			assert_int_equal(sum, size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_table_holds),
	    cmocka_unit_test(faults_of_a_table),
	    cmocka_unit_test(manual),
	    cmocka_unit_test(own_keys),
	    cmocka_unit_test(fuzzy),
	    cmocka_unit_test(editing),
	    cmocka_unit_test(pasting_is_one_line),
	    cmocka_unit_test(list_and_back),
	    cmocka_unit_test(help_and_palette),
	    cmocka_unit_test(without_an_action),
	    cmocka_unit_test(prompts),
	    cmocka_unit_test(confirming),
	    cmocka_unit_test(reading_only),
	    cmocka_unit_test(forms),
	    cmocka_unit_test(paging),
	    cmocka_unit_test(paging_a_long_line),
	    cmocka_unit_test(rows_of_text),
	    cmocka_unit_test(small_screens),
	    cmocka_unit_test(wrong_scripts),
	    cmocka_unit_test(remembered),
	    cmocka_unit_test(leaving_while_loading),
	    cmocka_unit_test(layouts),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	unsetenv("XDG_CONFIG_HOME");
	setenv("HOME", "/nonexistent", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
