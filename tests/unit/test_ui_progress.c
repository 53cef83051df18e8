/* What takes long: the frame shows how far it has come, Esc stops it, and the view hears that it was stopped. */
#include <locale.h>
#include <semaphore.h>
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

/* The context of the workers. */
struct desk {
	struct progress *progress;
	int interrupts;
};

/* What the work waits for and has seen. */
static struct {
	sem_t begun;
	_Atomic bool may_end, no_stage;
	int answers, cancelled, stopped_status;
	int backs;
	bool aside;
} world;

static int open_desk(void *user, void **context, struct error *err)
{
	(void)user;
	(void)err;
	*context = xcalloc(1, sizeof(struct desk));
	return 0;
}

static void interrupt(void *context)
{
	((struct desk *)context)->interrupts++;
}

static void watch(void *context, struct progress *progress)
{
	((struct desk *)context)->progress = progress;
}

static int work(void *context, struct arena *arena, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;

	(void)arena;
	(void)arg;
	(void)result;
	if (!world.no_stage) {
		progress_begin(desk->progress, "reading", "bytes", 200 << 20);
		progress_add(desk->progress, 50 << 20);
	}
	sem_post(&world.begun);
	while (!world.may_end) {
		usleep(1000);
		if (progress_stop(desk->progress))
			return progress_stopped(err);
	}
	return 0;
}

static int open_view(struct view *v, const void *args, struct error *err)
{
	(void)args;
	(void)err;
	(world.aside ? ui_ask_aside : ui_ask)(v, 1, work, NULL, 0, NULL);
	return 0;
}

static void draw(struct view *v, struct surface *s)
{
	(void)v;
	surface_put(s, 1, 0, STYLE_TEXT, "the view");
}

static bool action(struct view *v, enum action what)
{
	(void)v;
	world.backs += what == ACTION_APP_BACK;
	return false;
}

static void on_result(struct view *v, struct ui_result *r)
{
	(void)v;
	world.answers++;
	world.cancelled += r->cancelled;
	world.stopped_status = r->status;
}

static const struct view_ops waiting_ops = {.name = "waiting",
                                            .contexts = "runs",
                                            .open = open_view,
                                            .draw = draw,
                                            .action = action,
                                            .on_result = on_result};

static void other_draw(struct view *v, struct surface *s)
{
	(void)v;
	surface_put(s, 1, 0, STYLE_TEXT, "another screen");
}
static const struct view_ops other_ops = {.name = "other", .contexts = "runs", .draw = other_draw};

static const struct ui_screen screens[] = {{1, "Waiting", &waiting_ops}, {2, "Other", &other_ops}};

struct fixture {
	struct term *term;
	struct ui *ui;
};

static void begin(struct fixture *f, int w, int h, bool aside)
{
	static const struct ui_worker worker = {
	    .open = open_desk, .close = free, .interrupt = interrupt, .watch = watch};
	struct ui_options o = {.screens = screens, .screen_count = 2, .reader = worker, .writer = worker};
	struct error err = {0};

	memset(&world, 0, sizeof world);
	world.aside = aside;
	sem_init(&world.begun, 0, 0);
	f->term = term_open_memory(w, h, TERM_BRAILLE, TERM_256);
	o.term = f->term;
	if (ui_new(&f->ui, &o, &err))
		fail_msg("%s", err.text);
	sem_wait(&world.begun);
}

static void end(struct fixture *f)
{
	ui_free(f->ui);
	term_close(f->term);
	sem_destroy(&world.begun);
}

static void shows(struct fixture *f, const char *text, bool there)
{
	struct str out;

	ui_deliver(f->ui);
	ui_draw(f->ui);
	str_init(&out);
	grid_text(term_grid(f->term), &out);
	if (!strstr(out.data, text) != !there)
		fail_msg("%s %s:\n%s", text, there ? "is not there" : "is there", out.data);
	str_release(&out);
}

static void press(struct fixture *f, uint32_t key)
{
	const struct term_event e = {.kind = TERM_EVENT_KEY, .key = key};

	ui_event(f->ui, &e);
}

static void wait_until_slow(void)
{
	usleep((PROGRESS_FROM_MS + 20) * 1000);
}

/* ---- tests ---- */

static void shown_and_stopped(void **state)
{
	(void)state;
	for (int aside = 0; aside < 2; aside++) {
		struct fixture f;

		begin(&f, 80, 24, aside);
		wait_until_slow();
		shows(&f, "reading  ", true);
		shows(&f, "50.0 MiB of 200 MiB", true);
		shows(&f, "Esc stops", true);
		press(&f, TERM_KEY_ESC);
		assert_int_equal(world.backs, 0);
		ui_settle(f.ui);
		assert_int_equal(world.answers, 1);
		assert_int_equal(world.cancelled, 1);
		assert_int_equal(world.stopped_status, -1);
		shows(&f, "stopped", true);
		shows(&f, "Esc stops", false);
		/* Now it means what it always does. */
		press(&f, TERM_KEY_ESC);
		assert_int_equal(world.backs, 1);
		end(&f);
	}
}

static void ends_by_itself(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 80, 24, true);
	wait_until_slow();
	shows(&f, "Esc stops", true);
	world.may_end = true;
	ui_settle(f.ui);
	shows(&f, "Esc stops", false);
	shows(&f, "stopped", false);
	assert_int_equal(world.answers, 1);
	assert_int_equal(world.cancelled, 0);
	end(&f);
}

/* What says of no stage how far it has come is not spoken of, and Esc leads back. */
static void without_a_stage(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 80, 24, true);
	world.may_end = true;
	ui_settle(f.ui);
	world.may_end = false;
	world.no_stage = true;
	ui_ask_aside(ui_top(f.ui), 1, work, NULL, 0, NULL);
	sem_wait(&world.begun);
	wait_until_slow();
	shows(&f, "Esc stops", false);
	press(&f, TERM_KEY_ESC);
	assert_int_equal(world.backs, 1);
	world.may_end = true;
	ui_settle(f.ui);
	assert_int_equal(world.cancelled, 0);
	end(&f);
}

/* On another screen it goes on, and Esc there does not stop it. */
static void elsewhere(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 80, 24, true);
	wait_until_slow();
	ui_show_screen(f.ui, 2);
	shows(&f, "another screen", true);
	shows(&f, "Esc stops", false);
	press(&f, TERM_KEY_ESC);
	ui_show_screen(f.ui, 1);
	shows(&f, "Esc stops", true);
	world.may_end = true;
	ui_settle(f.ui);
	assert_int_equal(world.answers, 1);
	assert_int_equal(world.cancelled, 0);
	end(&f);
}

/* Whoever leaves the program does not wait for what nobody will look at. */
static void left(void **state)
{
	struct fixture f;
	int64_t began;

	(void)state;
	begin(&f, 80, 24, true);
	began = time_mono_ms();
	end(&f);
	assert_true(time_mono_ms() - began < 30000);
	assert_int_equal(world.answers, 0);
}

static void in_any_width(void **state)
{
	(void)state;
	for (int w = LEAST_W; w < 130; w++) {
		struct fixture f;

		begin(&f, w, 12, true);
		wait_until_slow();
		shows(&f, w >= 40 ? "Esc stops" : "rea", true);
		end(&f);
		w += w >= 50 ? 20 : w >= 30 ? 5 : 0;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shown_and_stopped),
	    cmocka_unit_test(ends_by_itself),
	    cmocka_unit_test(without_a_stage),
	    cmocka_unit_test(elsewhere),
	    cmocka_unit_test(left),
	    cmocka_unit_test(in_any_width),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
