/* What comes by itself: the pulse, toasts, the journal, taking back, small terminals, pages for a moment. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/ui.h"
#include "../lib/demo.h"
#include "../../src/ui/private.h"

#define NOW 1764000000000 /* 2025-11-24T16:00:00Z */

/* What the pulse will say; set while no thread works. */
static struct {
	int64_t change;
	const char *needs, *event, *place;
	enum style style;
	bool more, tend;
	int asked, aside, tended, told, resumed;
	int undone, redone;
	const char *text;
	bool stale;
	char gone_to[64];
} world;

static int pulse(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	struct ui_pulse *p = arena_alloc(arena, sizeof *p);
	bool aside = *(const bool *)arg;

	(void)context;
	(void)err;
	*(aside ? &world.aside : &world.asked) += 1;
	p->change = aside ? 0 : world.change;
	p->needs = aside ? arena_strdup(arena, "1 to sign") : world.needs;
	p->more = world.more && !aside;
	p->tend = world.tend;
	if (world.event) {
		p->events = arena_alloc(arena, sizeof *p->events);
		p->events[0] = (struct ui_pulse_event){world.style, arena_strdup(arena, world.event), world.place};
		p->event_count = 1;
	}
	*result = p;
	return 0;
}

static int tend(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	(void)context;
	(void)arena;
	(void)arg;
	(void)result;
	(void)err;
	world.tended++;
	return 0;
}

static int take_back(struct arena *arena, void **result, const char *command, struct error *err)
{
	struct ui_undone *u = arena_alloc(arena, sizeof *u);

	if (world.stale)
		return error_set(err, ERR_STALE, "run-00001 has been changed since by somebody else");
	u->text = world.text;
	u->command = command;
	*result = u;
	return 0;
}

static int undo(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	(void)context;
	(void)arg;
	world.undone++;
	return take_back(arena, result, "assay undo", err);
}

static int redo(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	(void)context;
	(void)arg;
	world.redone++;
	return take_back(arena, result, "assay redo", err);
}

static int go(struct ui *ui, const char *place, struct error *err)
{
	(void)ui;
	(void)err;
	snprintf(world.gone_to, sizeof world.gone_to, "%s", place);
	return 0;
}

/* ---- views of the test's own ---- */

static void plain_draw(struct view *v, struct surface *s)
{
	(void)v;
	surface_put(s, 1, 0, STYLE_TEXT, "a plain view");
	surface_cursor(s, 0, s->h - 1, false);
}

static void plain_changed(struct view *v)
{
	(void)v;
	world.told++;
}

static void plain_place(struct view *v, struct str *out)
{
	(void)v;
	str_adds(out, "plain:1");
}

static int nothing(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	(void)context;
	(void)arena;
	(void)arg;
	(void)result;
	(void)err;
	return 0;
}

static bool plain_action(struct view *v, enum action what)
{
	if (what == ACTION_RUN_LAUNCH) {
		ui_command(v->ui, "assay train logistic");
		ui_do(v, 1, nothing, NULL, 0, NULL);
		return true;
	}
	if (what == ACTION_RUN_STOP) {
		ui_command(v->ui, "assay stop swift-otter-412");
		ui_message(v->ui, STYLE_MESSAGE, "it was asked to stop");
		return true;
	}
	if (what == ACTION_RUN_LOG) {
		ui_lasting(v->ui, "a signature is not taken back but revoked");
		return true;
	}
	return false;
}

static const struct view_ops plain_ops = {.name = "plain",
                                          .contexts = "runs",
                                          .draw = plain_draw,
                                          .changed = plain_changed,
                                          .place = plain_place,
                                          .action = plain_action};

static void binding_draw(struct view *v, struct surface *s)
{
	(void)v;
	surface_put(s, 1, 0, STYLE_TEXT, "what is signed");
}

static const struct view_ops binding_ops = {
    .name = "sign", .contexts = "", .draw = binding_draw, .least_w = 40, .least_h = 10};

static const char *page_why_not(struct view *v, enum action what)
{
	(void)v;
	return what == ACTION_LIST_DOWN || what == ACTION_APP_HELP || what == ACTION_LIST_BACK ? NULL
	                                                                                       : "not here";
}

static bool page_action(struct view *v, enum action what)
{
	(void)v;
	return what == ACTION_LIST_DOWN;
}

static void page_draw(struct view *v, struct surface *s)
{
	(void)v;
	surface_put(s, 1, 0, STYLE_TEXT, "the first steps");
}

static const struct view_ops page_ops = {.name = "page",
                                         .contexts = "list",
                                         .draw = page_draw,
                                         .action = page_action,
                                         .why_not = page_why_not,
                                         .passing = true};

static const struct ui_screen screens[] = {{1, "Plain", &plain_ops}, {2, "List", NULL}};

struct fixture {
	struct demo demo;
	struct term *term;
	struct ui *ui;
	struct ui_screen screens[2];
};

static void begin(struct fixture *f, int w, int h, bool guide)
{
	struct ui_options o;
	struct error err;

	memset(f, 0, sizeof *f);
	memset(&world, 0, sizeof world);
	world.change = 1;
	world.style = STYLE_FAILED;
	world.needs = "";
	f->demo.rows = 100;
	f->term = term_open_memory(w, h, TERM_BRAILLE, TERM_256);
	memcpy(f->screens, screens, sizeof screens);
	f->screens[1].ops = demo_screens[0].ops;
	o = demo_options(&f->demo, f->term);
	o.screens = f->screens;
	o.fixed_now = NOW;
	o.pulse = pulse;
	o.tend = tend;
	o.undo = undo;
	o.redo = redo;
	o.go = go;
	o.guide = &page_ops;
	o.guide_first = guide;
	o.first_screen = guide ? 2 : 1;
	if (ui_new(&f->ui, &o, &err))
		fail_msg("%s", err.text);
	ui_settle(f->ui);
}

static void end(struct fixture *f)
{
	ui_free(f->ui);
	term_close(f->term);
}

static void script(struct fixture *f, const char *text)
{
	struct error err;
	struct str out, screen;

	str_init(&out);
	str_init(&screen);
	if (ui_script(f->ui, "script", text, &out, &err)) {
		grid_text(term_grid(f->term), &screen);
		fail_msg("%s\n%s", err.text, screen.data);
	}
	str_release(&out);
	str_release(&screen);
}

/* ---- the pulse ---- */

static void told_once(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 80, 24, false);
	assert_int_equal(world.asked, 1);
	assert_int_equal(world.told, 0); /* the first number is no change */
	script(&f, "tick 1000");
	assert_int_equal(world.asked, 2);
	assert_int_equal(world.told, 0);
	world.change = 2;
	world.needs = "3 running";
	script(&f, "tick 1000\nexpect 3 running\ntick 1000");
	assert_int_equal(world.told, 1);
	end(&f);
}

/* A view that is not on top is told when it comes on top, and row 0 is right on every screen. */
static void told_later(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 80, 24, false);
	script(&f, "key 2");
	world.change = 2;
	world.needs = "3 running";
	script(&f, "tick 1000\nexpect run-00001\nexpect 3 running");
	assert_int_equal(world.told, 0);
	script(&f, "key 1\nexpect a plain view");
	assert_int_equal(world.told, 1);
	script(&f, "key 2 1");
	assert_int_equal(world.told, 1);
	end(&f);
}

static void aside_and_tending(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 80, 24, false);
	world.more = true;
	script(&f, "tick 1000\nexpect 1 to sign");
	assert_int_equal(world.aside, 1);
	world.more = false;
	world.tend = true;
	/* Every five seconds, however often the pulse says so. */
	script(&f, "tick 1000\ntick 1000");
	assert_int_equal(world.tended, 0);
	script(&f, "tick 2000\ntick 1000\ntick 1000");
	assert_int_equal(world.tended, 1);
	script(&f, "tick 5000");
	assert_int_equal(world.tended, 2);
	end(&f);
}

/* What a person has done is looked for at once. */
static void asked_after_an_act(void **state)
{
	struct fixture f;
	int asked;

	(void)state;
	begin(&f, 80, 24, false);
	asked = world.asked;
	world.change = 2;
	script(&f, "key n");
	assert_int_equal(world.asked, asked + 1);
	assert_int_equal(world.told, 1);
	end(&f);
}

/* ---- toasts ---- */

static void toasts(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 80, 24, false);
	world.event = "dim-fox-333 failed";
	script(&f, "tick 1000\nexpect dim-fox-333 failed");
	world.event = NULL;
	script(&f, "tick 4000\nexpect dim-fox-333 failed\ntick 1500\nrefuse dim-fox-333 failed");
	/* A key ends it as well. */
	world.event = "dim-fox-333 failed";
	script(&f, "tick 1000");
	world.event = NULL;
	script(&f, "key Tab\nrefuse dim-fox-333 failed");
	/* No more than three; the row with the cursor, here the last of the body, is left alone. */
	for (int i = 0; i < 5; i++) {
		ui_toast(f.ui, STYLE_FAILED, NULL, "event %d", i);
		ui_settle(f.ui);
	}
	script(&f, "refuse event 1\nexpect event 2\nexpect event 4");
	for (int x = 0; x < 80; x++)
		assert_int_equal(grid_cell(term_grid(f.term), x, 21)->text[0], ' ');
	assert_int_equal(term_grid(f.term)->cursor_y, 21);
	end(&f);
}

/* They wait until a dialog is gone, and until nothing that binds is read. */
static void toasts_wait(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 80, 24, false);
	script(&f, "key ?");
	world.event = "dim-fox-333 failed";
	script(&f, "tick 1000\nrefuse dim-fox-333");
	world.event = NULL;
	script(&f, "tick 9000\nrefuse dim-fox-333\nkey Esc\nexpect dim-fox-333 failed\nkey Tab");
	ui_open(f.ui, &binding_ops, NULL);
	world.event = "dim-fox-333 failed";
	script(&f, "tick 1000\nexpect what is signed\nrefuse dim-fox-333");
	world.event = NULL;
	script(&f, "key Esc\nexpect dim-fox-333 failed");
	end(&f);
}

/* ---- the journal ---- */

static void journal(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 80, 24, false);
	script(&f, "key J\nexpect Nothing yet\nkey Esc n");
	world.event = "dim-fox-333 failed";
	world.place = "run:333";
	script(&f, "tick 1000");
	world.event = NULL;
	script(&f, "key J\nexpect $ assay train logistic\nexpect dim-fox-333 failed\nexpect ▸ 16:00:01");
	/* The newest is first; Enter goes to its place, and of a command to where it was given. */
	script(&f, "key Enter");
	assert_string_equal(world.gone_to, "run:333");
	script(&f, "key Down Enter\nexpect a plain view");
	/* It lives: what comes while it is open is there, and the cursor stays on its entry. */
	*world.gone_to = 0;
	script(&f, "key J\nexpect ▸ 16:00:01");
	ui_message(f.ui, STYLE_MESSAGE, "mouse off");
	script(&f, "tick 1000\nexpect mouse off\nkey Enter");
	assert_string_equal(world.gone_to, "run:333");
	end(&f);
}

/* What was said and the command that says the same stand side by side where there is room. */
static void said_and_done(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 80, 24, false);
	script(&f, "key x\nexpect it was asked to stop   $ assay stop swift-otter-412");
	script(&f, "size 40x12\nexpect it was asked to stop\nrefuse $\nsize 80x24\nkey Tab\nrefuse $ assay");
	script(&f, "key J\nexpect $ assay stop swift-otter-412\nexpect it was asked to stop");
	end(&f);
}

static void journal_is_bounded(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 80, 24, false);
	for (int i = 0; i < 1500; i++)
		ui_message(f.ui, STYLE_MESSAGE, "message %d", i);
	for (int i = 0; i < 7; i++)
		ui_message(f.ui, STYLE_MESSAGE, "again and again");
	script(&f, "key J\nexpect again and again (7 times)\nexpect message 1499\nkey G\nexpect message 501\n"
	           "expect 501 older entries have made room");
	end(&f);
}

/* ---- taking back ---- */

static void take_back_and_again(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 80, 24, false);
	script(&f, "key U\nexpect there is nothing to take back");
	world.text = "archived 3 runs";
	script(&f, "key U\nexpect taken back: archived 3 runs\nexpect $ assay undo");
	script(&f, "key Ctrl-R\nexpect done again: archived 3 runs\nexpect $ assay redo");
	assert_int_equal(world.redone, 1);
	world.stale = true;
	script(&f, "key U\nexpect has been changed since");
	world.stale = false;
	/* What cannot be taken back says why, and then the act before it can be. */
	world.undone = 0;
	script(&f, "key o U\nexpect a signature is not taken back but revoked");
	assert_int_equal(world.undone, 0);
	script(&f, "key U\nexpect taken back: archived 3 runs");
	assert_int_equal(world.undone, 1);
	/* Another act since: that is the last one. */
	script(&f, "key o n U\nexpect taken back");
	assert_int_equal(world.undone, 2);
	script(
	    &f,
	    "key J\nexpect taken back: archived 3 runs\nexpect $ assay undo\nexpect not taken back but revoked");
	end(&f);
}

/* ---- a page for a moment ---- */

static void a_page_passes_on(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 80, 24, true);
	script(&f, "expect the first steps\nkey Down\nexpect the first steps");
	/* A filter is opened on the list below; a key that means a row closes the page and does no more. */
	script(&f, "key /\nrefuse the first steps\nexpect run-00001\ntype ab\nexpect / ab\nkey Esc Esc");
	ui_open(f.ui, &page_ops, NULL);
	script(&f, "expect the first steps\nkey Enter\nexpect run-00001");
	assert_int_equal(f.demo.opens, 0);
	script(&f, "key Enter");
	assert_int_equal(f.demo.opens, 1);
	end(&f);
	/* Typed before anything was drawn: what comes after means the rows that will come. */
	begin(&f, 80, 24, true);
	script(&f, "type 2jj\r");
	assert_int_equal(f.demo.opened, 3);
	end(&f);
}

/* ---- small terminals ---- */

static void parts_go_in_order(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 80, 24, false);
	script(&f, "key 2\nsize 40x10\nexpect List\nexpect run-00001");
	script(&f, "size 30x9\nrefuse 2 List\nexpect list\nexpect run-00001\nexpect ? help");
	script(&f, "size 20x6\nexpect run-00001\nexpect ? help");
	script(&f, "size 12x4\nexpect ▸ run-00001\nkey Down\nexpect   run-00001\n"
	           "expect ▸ run-00002\nexpect ? help");
	/* A line to type and its fault have a row each. */
	script(&f, "key /\ntype a!\nexpect / a!\nexpect ^ no !\nkey Esc");
	/* Lists to choose from and help have rows, too, and nothing in them is cut away. */
	script(&f, "key :\ntype quit\nexpect > quit\nexpect app.\nkey Esc");
	script(&f, "key ?\ntype leave\nexpect Esc\nexpect back;\nkey Down\nexpect never\nkey Down Down "
	           "Down\nexpect program\n"
	           "key Esc Esc");
	script(&f, "size 40x12\nkey ?\ntype app.theme-e\nexpect : app.theme-editor\n"
	           "expect see what each role colours, and\nexpect change it\nkey Esc Esc\nsize 80x24\nkey ?\n"
	           "type app.theme-e\nexpect : app.theme-editor\nkey Esc Esc\nsize 12x4");
	script(&f, "size 11x4\nexpect small,\nsize 12x3\nexpect small\nsize 80x24\nexpect ▸ run-00002");
	end(&f);
}

/* A message says all that it has to say, and covers neither the row of the cursor nor what binds. */
static void long_messages(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 40, 12, false);
	script(&f, "key 2 Down\nexpect ▸ run-00002");
	ui_message(f.ui, STYLE_ERROR,
	           "the list cannot be written: /a/folder/that/is/gone does not exist; make it first");
	script(&f,
	       "size 40x13\nexpect the list cannot be written:\nexpect does not exist;\nexpect make it first\n"
	       "expect ▸ run-00002\nexpect ? help\nkey End");
	ui_message(f.ui, STYLE_ERROR,
	           "the list cannot be written: /a/folder/that/is/gone does not exist; make it first");
	script(&f, "size 40x12\nexpect the list cannot\nexpect …\nexpect ▸ run-");
	ui_message(f.ui, STYLE_ERROR,
	           "the list cannot be written: /a/folder/that/is/gone does not exist; make it first");
	script(&f, "size 12x4\nexpect the list …\nsize 80x24\nkey Esc\nrefuse the list");
	ui_message(f.ui, STYLE_ERROR,
	           "the list cannot be written: /a/folder/that/is/gone does not exist; make it first");
	script(&f, "key J\nsize 40x12\nexpect the list ca\nexpect make it first");
	end(&f);
}

/* What binds is seen whole or takes no key. */
static void what_binds_needs_room(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 80, 24, false);
	ui_open(f.ui, &binding_ops, NULL);
	script(&f, "size 39x10\nexpect sign needs 40x10\nkey q\nexpect sign needs 40x10");
	script(&f, "size 12x4\nexpect 12x4: too\nexpect 40x10\nsize 40x10\nexpect what is signed\nkey q\nexpect "
	           "a plain");
	/* So does a question: a Yes that cannot be read is none, a No always is. */
	script(&f, "size 80x24\nkey 2 x\nexpect Stop run-00001?\nsize 12x4\nkey y");
	assert_int_equal(f.demo.stops, 0);
	script(&f, "key n\nsize 80x24\nkey x\nexpect Stop run-00001?\nkey y");
	assert_int_equal(f.demo.stops, 1);
	end(&f);
}

static void a_storm_of_sizes(void **state)
{
	struct fixture f;
	uint64_t x = 88172645463325252u;

	(void)state;
	begin(&f, 80, 24, false);
	script(&f, "key 2 Down Down Space Down");
	for (int i = 0; i < 2000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		term_set_size(f.term, 1 + (int)(x % 300), 1 + (int)(x / 300 % 100));
		if (i % 100 == 0)
			ui_settle(f.ui);
	}
	script(&f, "size 80x24\nexpect ▸ run-00005\nexpect 1 marked");
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(told_once),
	    cmocka_unit_test(told_later),
	    cmocka_unit_test(aside_and_tending),
	    cmocka_unit_test(asked_after_an_act),
	    cmocka_unit_test(toasts),
	    cmocka_unit_test(toasts_wait),
	    cmocka_unit_test(journal),
	    cmocka_unit_test(said_and_done),
	    cmocka_unit_test(journal_is_bounded),
	    cmocka_unit_test(take_back_and_again),
	    cmocka_unit_test(a_page_passes_on),
	    cmocka_unit_test(parts_go_in_order),
	    cmocka_unit_test(long_messages),
	    cmocka_unit_test(what_binds_needs_room),
	    cmocka_unit_test(a_storm_of_sizes),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests_name("ui-pulse", tests, NULL, NULL);
}
