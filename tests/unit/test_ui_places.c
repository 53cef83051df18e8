/* Places: going there, coming back, row 0, the palette, the next start. */
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
#include "../../src/ui/menu.h"

struct session {
	struct demo d;
	struct term *term;
	struct ui *ui;
	struct str out;
	char *state; /* path; NULL: nothing is remembered */
	bool restore;
};

static void start(struct session *s)
{
	struct ui_options o = demo_options(&s->d, s->term);

	o.fixed_now = 1700000000000;
	o.go = demo_go;
	o.find = demo_find;
	o.state_path = s->state;
	o.restore = s->restore;
	assert_int_equal(ui_new(&s->ui, &o, NULL), 0);
}

static struct session *begin(int rows, int w, int h)
{
	struct session *s = xcalloc(1, sizeof *s);

	s->d.rows = rows;
	s->term = term_open_memory(w, h, TERM_BRAILLE, TERM_256);
	str_init(&s->out);
	start(s);
	return s;
}

static void end(struct session *s)
{
	ui_free(s->ui);
	term_close(s->term);
	if (s->state)
		unlink(s->state);
	free(s->state);
	str_release(&s->out);
	free(s);
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

static void press(struct session *s, const char *name)
{
	struct term_event e = {.kind = TERM_EVENT_KEY};

	assert_true(term_key_parse(name, &e.key, &e.mods));
	ui_event(s->ui, &e);
}

static const char *here(struct session *s)
{
	str_clear(&s->out);
	place_of(ui_top(s->ui), &s->out);
	return s->out.data;
}

static void went(struct session *s, const char *place)
{
	assert_int_equal(ui_go(s->ui, place, NULL), 0);
	ui_settle(s->ui);
	assert_string_equal(here(s), place);
}

/* ---- going ---- */

static void going(void **state)
{
	struct session *s = begin(100, 80, 24);
	struct error err = {0};

	(void)state;
	ui_settle(s->ui);
	went(s, "one:7");
	assert_int_equal(s->ui->stacks[0].count, 2);
	/* Another one takes its place above the list; the list itself is where it was. */
	went(s, "one:8");
	assert_int_equal(s->ui->stacks[0].count, 2);
	went(s, "ask");
	assert_int_equal(s->ui->screen, 1);
	went(s, "list");
	/* What is open is shown, not opened again. */
	went(s, "one:8");
	went(s, "ask");
	{
		struct view *v = s->ui->stacks[0].views[1];

		went(s, "one:8");
		assert_ptr_equal(ui_top(s->ui), v);
	}
	/* What would be lost stays under what opens. */
	s->d.unsaved = true;
	went(s, "one:9");
	assert_int_equal(s->ui->stacks[0].count, 3);
	s->d.unsaved = false;
	/* Gone, and never there. */
	assert_int_equal(ui_go(s->ui, "one:101", &err), 0);
	ui_settle(s->ui);
	assert_int_equal(ui_went(s->ui, &err), -1);
	assert_non_null(strstr(err.text, "no run 101"));
	play(s, "expect there is no run 101 any more\n");
	assert_string_equal(here(s), "one:9");
	assert_int_equal(ui_go(s->ui, "cellar", &err), -1);
	assert_non_null(strstr(err.text, "cellar"));
	end(s);
}

/* Keys that are typed while a place is being looked for are meant for it. */
static void typed_ahead(void **state)
{
	struct session *s = begin(100, 80, 24);

	(void)state;
	ui_settle(s->ui);
	s->d.delay_ms = 100;
	assert_int_equal(ui_go(s->ui, "one:5", NULL), 0);
	press(s, "G");
	press(s, "x"); /* on the row below it would ask whether to stop it */
	assert_int_equal(s->ui->held_count, 2);
	ui_draw(s->ui);
	grid_text(term_grid(s->term), &s->out);
	assert_non_null(strstr(s->out.data, "looking for one:5"));
	ui_settle(s->ui);
	assert_string_equal(here(s), "one:5");
	assert_int_equal(s->ui->held_count, 0);
	assert_null(s->ui->dialog);
	play(s, "expect line 99 of run 5\n");
	/* Where it is gone they are gone with it. */
	assert_int_equal(ui_go(s->ui, "one:500", NULL), 0);
	press(s, "q");
	ui_settle(s->ui);
	assert_string_equal(here(s), "one:5");
	assert_int_equal(s->ui->held_count, 0);
	/* Esc stays here; so does a digit elsewhere. */
	assert_int_equal(ui_go(s->ui, "one:6", NULL), 0);
	press(s, "j");
	press(s, "Esc");
	ui_settle(s->ui);
	assert_string_equal(here(s), "one:5");
	assert_int_equal(ui_go(s->ui, "one:6", NULL), 0);
	press(s, "3");
	ui_settle(s->ui);
	assert_string_equal(here(s), "ask");
	end(s);
}

/* ---- the list of jumps ---- */

static void back_and_forward(void **state)
{
	struct session *s = begin(100, 80, 24);

	(void)state;
	play(s, "key Ctrl-O\nexpect there is no earlier place\n"
	        "key Down Down Enter\nexpect line 0 of run 3\nkey 3\nexpect recipe\n");
	play(s, "key Ctrl-O\nexpect line 0 of run 3\n");
	play(s, "key Alt-Left\nexpect \xe2\x96\xb8 run-00003\n");
	play(s, "key Ctrl-O\nexpect there is no earlier place\n");
	play(s, "key Ctrl-P\nexpect line 0 of run 3\nkey Alt-Right\nexpect recipe\n"
	        "key Ctrl-P\nexpect there is no later place\n");
	/* From the middle on: what is visited next stands last, and back leads to where one came from. */
	went(s, "list");
	went(s, "one:1");
	went(s, "one:2");
	play(s, "key Ctrl-O\nexpect line 0 of run 1\n");
	went(s, "one:4");
	play(s, "key Ctrl-O\nexpect line 0 of run 1\nkey Ctrl-O\nexpect line 0 of run 2\n");
	end(s);
}

static void cursor_is_where_it_was(void **state)
{
	struct session *s = begin(1000, 80, 24);

	(void)state;
	play(s, "key G\nexpect \xe2\x96\xb8 run-01000\nkey Up Up Enter\nexpect line 0 of run 998\n");
	/* The list is closed with its program's end only; a row far down is found again all the same. */
	play(s, "key Ctrl-O\nexpect \xe2\x96\xb8 run-00998\n");
	{
		size_t at = s->ui->jumps.at;

		assert_string_equal(s->ui->jumps.list[at].place, "list");
		assert_int_equal(s->ui->jumps.list[at].cursor, 998);
	}
	end(s);
}

static void a_menu_of_places(void **state)
{
	struct session *s = begin(100, 80, 24);

	(void)state;
	went(s, "one:11");
	went(s, "one:12");
	went(s, "ask");
	/* Newest first; Enter alone leads to the one before. */
	play(s, "key , p\nexpect run-00012\nexpect run-00011\nkey Enter\nexpect line 0 of run 12\n");
	play(s, "key , p\ntype 00011\nkey Enter\nexpect line 0 of run 11\n");
	/* What is chosen is what stands there, though the list has become another one. */
	went(s, "one:12");
	went(s, "one:11");
	went(s, "ask");
	play(s, "key , p\ntype 00011\n");
	jumps_drop(s->ui, "one:12");
	play(s, "key Enter\nexpect line 0 of run 11\n");
	went(s, "one:12");
	went(s, "one:11");
	/* What is gone is told and is in the list no more. */
	went(s, "ask");
	s->d.rows = 11;
	play(s, "key , p\ntype 00012\nkey Enter\nexpect no run 12 any more\nkey Esc\n"
	        "key , p\nexpect run-00011\nrefuse run-00012\nkey Esc\n");
	end(s);
}

static void bounded(void **state)
{
	struct session *s = begin(1000, 80, 24);
	char place[32];

	(void)state;
	for (int i = 1; i <= JUMPS_MOST + 50; i++) {
		snprintf(place, sizeof place, "one:%d", i);
		assert_int_equal(ui_go(s->ui, place, NULL), 0);
		ui_settle(s->ui);
	}
	assert_int_equal(s->ui->jumps.count, JUMPS_MOST);
	assert_string_equal(s->ui->jumps.list[JUMPS_MOST - 1].place, place);
	assert_string_equal(s->ui->jumps.list[0].place, "one:51");
	/* None twice, whatever the order. */
	for (int i = 0; i < 300; i++)
		press(s, i % 3 ? "Ctrl-O" : "Ctrl-P"), ui_settle(s->ui);
	for (size_t i = 0; i < s->ui->jumps.count; i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(s->ui->jumps.list[i].place, s->ui->jumps.list[k].place);
	assert_int_equal(s->ui->stacks[0].count, 2);
	end(s);
}

/* ---- row 0 ---- */

static void row_0(struct session *s, char *out, size_t size)
{
	const char *line;

	ui_settle(s->ui);
	str_clear(&s->out);
	grid_text(term_grid(s->term), &s->out);
	line = s->out.data;
	snprintf(out, size, "%.*s", (int)strcspn(line, "\n"), line);
}

static void click(struct session *s, int x, int y)
{
	struct term_event e = {.kind = TERM_EVENT_MOUSE, .mouse = TERM_MOUSE_PRESS, .button = 1, .x = x, .y = y};

	ui_event(s->ui, &e);
	ui_settle(s->ui);
}

static void crumbs(void **state)
{
	struct session *s = begin(100, 80, 24);
	char row[400];
	int x;

	(void)state;
	went(s, "one:1");
	s->d.unsaved = true; /* so that they stand above each other */
	for (int i = 2; i <= 9; i++) {
		char place[16];

		snprintf(place, sizeof place, "one:%d", i);
		went(s, place);
	}
	s->d.unsaved = false;
	assert_int_equal(s->ui->stacks[0].count, 10);
	row_0(s, row, sizeof row);
	assert_non_null(strstr(row, "assay  demo \xe2\x96\xb8 list \xe2\x96\xb8 \xe2\x80\xa6 \xe2\x96\xb8"));
	assert_non_null(strstr(row, "run-00008 \xe2\x96\xb8 run-00009"));
	assert_null(strstr(row, "run-00001"));
	play(s, "size 40x12\n");
	row_0(s, row, sizeof row);
	assert_non_null(strstr(row, "\xe2\x96\xb8 list \xe2\x96\xb8"));
	assert_non_null(strstr(row, "\xe2\x96\xb8 run-00009"));
	play(s, "size 20x12\n");
	row_0(s, row, sizeof row);
	assert_non_null(strstr(row, "run-00009"));
	play(s, "size 80x24\n");
	/* A part leads there: the one before last … */
	for (x = 0; x < 80 && !(s->ui->crumb_count && x == s->ui->crumbs[s->ui->crumb_count - 2].x0);)
		x++;
	click(s, x + 1, 0);
	assert_string_equal(here(s), "one:8");
	/* … the screen … */
	click(s, s->ui->crumbs[2].x0, 0);
	assert_string_equal(here(s), "list");
	/* … and the store, to the first screen. */
	play(s, "key 3\n");
	click(s, s->ui->crumbs[1].x0, 0);
	assert_string_equal(here(s), "list");
	end(s);
}

/* ---- the palette ---- */

static struct menu *palette(struct session *s)
{
	if (!s->ui->dialog || s->ui->dialog->ops != &MENU_DIALOG)
		fail_msg("no menu is open");
	return (struct menu *)s->ui->dialog;
}

static void by_name(void **state)
{
	struct session *s = begin(1000, 80, 24);

	(void)state;
	play(s, "key :\ntype 00042\nexpect run-00042\nkey Enter\nexpect line 0 of run 42\n");
	/* Where one was lately stands below the commands before anything is typed. */
	play(s, "key 3\nkey :\nkey PgDn PgDn PgDn PgDn PgDn PgDn PgDn\nexpect run-00042\nkey Esc\n");
	play(s, "key :\ntype nothing-is-called-so\nexpect nothing matches\nkey Esc\n");
	end(s);
}

static void typed(struct session *s, const char *text)
{
	for (; *text; text++) {
		char name[2] = {*text, 0};

		press(s, name);
	}
}

/* Commands stand there while places are still looked for; what is chosen stays chosen when those come. */
static void never_waits(void **state)
{
	struct session *s = begin(1000, 80, 24);
	struct menu *m;

	(void)state;
	ui_settle(s->ui);
	s->d.delay_ms = 150;
	press(s, ":");
	typed(s, "run");
	ui_draw(s->ui);
	m = palette(s);
	assert_true(m->shown_count > 3);
	press(s, "Down");
	press(s, "Down");
	{
		int64_t id = m->items[m->shown[m->at]].id;
		size_t commands = m->shown_count;

		ui_settle(s->ui);
		assert_true(m->shown_count > commands);
		assert_int_equal(m->items[m->shown[m->at]].id, id);
	}
	/* A place that is chosen stays chosen when it is found again, elsewhere in the list. */
	press(s, "End");
	typed(s, "-0001");
	ui_settle(s->ui);
	press(s, "Down");
	press(s, "Down");
	{
		int64_t id = m->items[m->shown[m->at]].id;

		m->typed = true;
		m->changed(m->extra, "00012");
		m->typed = false;
		assert_true(id < 0);
		ui_settle(s->ui);
		if (m->items[m->shown[m->at]].id != id)
			assert_int_equal(m->at, 0); /* it was not found again */
	}
	press(s, "Esc");
	/* Enter before there is anything to choose takes the first that comes. */
	press(s, ":");
	typed(s, "00077");
	press(s, "Enter");
	palette(s);
	ui_settle(s->ui);
	assert_string_equal(here(s), "one:77");
	/* An answer to a palette that is closed is dropped. */
	press(s, ":");
	typed(s, "00078");
	press(s, "Esc");
	ui_settle(s->ui);
	assert_string_equal(here(s), "one:77");
	assert_null(s->ui->dialog);
	end(s);
}

/* Letters that come together ask once. */
static void one_question(void **state)
{
	struct session *s = begin(10, 80, 24);
	int before;

	(void)state;
	ui_settle(s->ui);
	press(s, ":");
	before = s->d.finds;
	typed(s, "run-00003");
	ui_settle(s->ui);
	assert_int_equal(s->d.finds, before + 1);
	end(s);
}

enum { NAMES = 12000 };

static void chosen(void *user, int64_t id)
{
	*(int64_t *)user = id;
}

/* A menu as long as all metrics of a large store: narrowed, and the right one taken, with keys that come at once. How
 * long a letter takes is said, not asserted. */
static void many_items(void **state)
{
	struct session *s = begin(10, 80, 24);
	struct ui_menu_item *items = xcalloc(NAMES, sizeof *items);
	struct arena *a = arena_new();
	int64_t id = 0, began, worst = 0;
	struct ui_menu menu = {.title = "Columns", .items = items, .count = NAMES, .user = &id, .accept = chosen};

	(void)state;
	ui_settle(s->ui);
	for (int i = 0; i < NAMES; i++)
		items[i] = (struct ui_menu_item){
		    .text = arena_printf(a, "metrics.layer.%d.%s/%d", i % 96, i % 2 ? "grad_norm" : "activation", i),
		    .id = i + 1};
	ui_menu(ui_top(s->ui), &menu);
	ui_draw(s->ui);
	for (const char *p = "layer.41"; *p; p++) {
		char name[2] = {*p, 0};

		press(s, name);
		began = time_mono_ms();
		ui_draw(s->ui);
		worst = time_mono_ms() - began > worst ? time_mono_ms() - began : worst;
	}
	print_message("# narrowed and drawn within %lld ms\n", (long long)worst);
	typed(s, ".grad_norm/7001");
	press(s, "Enter");
	assert_int_equal(id, 0); /* 7001 % 96 is not 41: nothing matches, nothing is taken */
	assert_non_null(s->ui->dialog);
	press(s, "Esc");
	ui_menu(ui_top(s->ui), &menu);
	typed(s, "norm/7001");
	press(s, "Enter");
	assert_int_equal(id, 7002);
	arena_free(a);
	free(items);
	end(s);
}

/* ---- the next start ---- */

static char *temporary(void)
{
	char path[] = "/tmp/assay-places-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	unlink(path);
	return xstrdup(path);
}

static void again(struct session *s)
{
	ui_free(s->ui);
	start(s);
	ui_settle(s->ui);
}

static void restored(void **state)
{
	struct session *s = begin(100, 80, 24);

	(void)state;
	s->state = temporary();
	again(s);
	play(s, "key Down Down Down Enter\nexpect line 0 of run 4\nkey 3\n");
	s->restore = true;
	again(s);
	assert_string_equal(here(s), "ask");
	/* The other screen, too, when it is opened first. */
	play(s, "key 2\nexpect line 0 of run 4\nkey Esc\nexpect list\n");
	/* The row in the list. */
	play(s, "key G\n");
	again(s);
	assert_string_equal(here(s), "list");
	play(s, "expect \xe2\x96\xb8 run-00100\n");
	/* What is gone: its screen, and a word. */
	went(s, "one:90");
	s->d.rows = 50;
	again(s);
	assert_string_equal(here(s), "list");
	play(s, "expect what was open last is gone: there is no run 90 any more\n");
	/* Not where it was not asked for. */
	went(s, "ask");
	s->restore = false;
	again(s);
	assert_string_equal(here(s), "list");
	end(s);
}

/* Who is killed has lost what was since the last look, no more. */
static void killed(void **state)
{
	struct session *s = begin(100, 80, 24);
	struct str text;
	struct error err;

	(void)state;
	s->state = temporary();
	again(s);
	play(s, "key Down Enter\n");
	assert_int_equal(access(s->state, F_OK), -1);
	play(s, "tick 1000\n");
	str_init(&text);
	assert_int_equal(file_read(s->state, &text, 1 << 20, &err), 0);
	assert_non_null(strstr(text.data, "place.2 = one:2\n"));
	assert_non_null(strstr(text.data, "screen = 2\n"));
	str_release(&text);
	end(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(going),
	    cmocka_unit_test(typed_ahead),
	    cmocka_unit_test(back_and_forward),
	    cmocka_unit_test(cursor_is_where_it_was),
	    cmocka_unit_test(a_menu_of_places),
	    cmocka_unit_test(bounded),
	    cmocka_unit_test(crumbs),
	    cmocka_unit_test(by_name),
	    cmocka_unit_test(never_waits),
	    cmocka_unit_test(one_question),
	    cmocka_unit_test(many_items),
	    cmocka_unit_test(restored),
	    cmocka_unit_test(killed),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	unsetenv("XDG_CONFIG_HOME");
	setenv("HOME", "/nonexistent", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
