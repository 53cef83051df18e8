/* What the pulse of the workbench finds out on a store that changes while it is open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/store.h"
#include "assay/ui.h"
#include "assay/view.h"

#include "../lib/golden.h"
#include "../lib/store_fixture.h"

static char *folder;

struct fixture {
	char *dir, *path;
	struct store *store; /* what another program has open */
	struct term *term;
	struct ui *ui;
};

static void must(int status, const struct error *err)
{
	if (status != 0)
		fail_msg("%s", err->text);
}

static void begin(struct fixture *f)
{
	static int made;
	struct view_options options = {.forget = true, .fixed_now = FIXTURE_NOW};
	struct error err;

	f->dir = xasprintf("%s/%d", folder, ++made);
	must(dir_make(f->dir, &err), &err);
	must(store_fixture(f->dir, &f->path, &err), &err);
	must(store_open(&f->store, f->path, STORE_WRITE, &err), &err);
	options.store = f->path;
	f->term = term_open_memory(80, 24, TERM_BRAILLE, TERM_256);
	must(view_begin(&f->ui, f->term, &options, &err), &err);
	ui_settle(f->ui); /* the first look is over: what happens from here on is news */
}

static void end(struct fixture *f)
{
	view_end(f->ui);
	term_close(f->term);
	store_close(f->store);
	free(f->dir);
	free(f->path);
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

static int64_t run_of(struct fixture *f, const char *name)
{
	struct error err;
	int64_t id;

	must(store_run_find(f->store, name, &id, &err), &err);
	return id;
}

static void end_run(struct fixture *f, int64_t id, enum run_status status, const char *reason)
{
	struct run_ending ending = {.status = status, .reason = reason, .exit_status = -1, .at = FIXTURE_NOW};
	struct error err;

	must(store_run_end(f->store, id, &ending, &err), &err);
}

static int64_t begin_run(struct fixture *f, const char *name)
{
	struct run_new run = {.name = name, .experiment = "credit-risk", .kind = "run", .command = "[\"true\"]"};
	struct run_process supervisor = {.pid = 1};
	char uuid[ID_TEXT];
	struct error err;
	int64_t id;

	must(store_run_create(f->store, &run, &id, uuid, &err), &err);
	must(store_run_start(f->store, id, &supervisor, FIXTURE_NOW, &err), &err);
	return id;
}

/* Row 0 is right on every screen, and the list of runs is right when one comes back to it. */
static void a_run_fails(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	script(&f, "expect 1 running  1 queued\nexpect ● 62%\nkey 3\nexpect loans\nexpect 1 running  1 queued");
	end_run(&f, run_of(&f, "swift-otter-412"), RUN_FAILED, "exit status 3");
	script(&f, "tick 1000\nexpect ✗ swift-otter-412 failed: exit status 3\nexpect 1 queued\nrefuse running");
	script(&f, "key 2\nrefuse ● 62%");
	/* The journal leads to it. */
	script(&f, "key J\nexpect swift-otter-412 failed\nkey Enter\nexpect Summary\nexpect swift-otter-412");
	end(&f);
}

/* A flag that is raised is told once, whatever becomes of its words, and stands in the lists until it comes down. */
static void a_run_is_flagged(void **state)
{
	struct fixture f;
	struct error err;
	int64_t id;

	(void)state;
	begin(&f);
	id = run_of(&f, "swift-otter-412");
	script(&f, "expect \xe2\x97\x8f 62%\nkey 3\nexpect loans");
	must(store_run_flag(f.store, id, "stalled: nothing for 4.0m (usually every 2.0s)", FIXTURE_NOW, &err),
	     &err);
	script(&f, "tick 1000\nexpect \xe2\x96\xb2 swift-otter-412: stalled: nothing for 4.0m");
	script(&f, "key Esc\nkey 2\nexpect \xe2\x96\xb2 stalled\nrefuse \xe2\x97\x8f 62%");
	script(&f, "key 1\nexpect stalled  swift-otter-412");
	must(store_run_flag(f.store, id, "stalled: nothing for 8.0m (usually every 2.0s)", FIXTURE_NOW, &err),
	     &err);
	script(&f, "key 3\ntick 1000\nrefuse nothing for 8.0m");
	must(store_run_flag(f.store, id, "", 0, &err), &err);
	script(&f, "key 2\ntick 1000\nexpect \xe2\x97\x8f 62%");
	end(&f);
}

/* The view on top sees it without a key. */
static void the_list_follows(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	script(&f, "refuse brand-new-run");
	begin_run(&f, "brand-new-run");
	script(&f, "tick 1000\nexpect brand-new-run\nexpect 2 running");
	end(&f);
}

/* One that began and ended between two looks is told as well; many at once are told in one line. */
static void short_ones_and_many(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	end_run(&f, begin_run(&f, "short-one"), RUN_DONE, "");
	script(&f, "tick 1000\nexpect ✓ short-one done\nkey Tab\ntick 1000\nrefuse ✓ short-one done");
	for (int i = 0; i < 5; i++) {
		char name[32];

		snprintf(name, sizeof name, "many-%d", i);
		end_run(&f, begin_run(&f, name), i < 2 ? RUN_KILLED : RUN_DONE, "");
	}
	script(&f, "tick 1000\nexpect 5 runs have ended, 2 of them not well\ntick 1000\nkey J\n"
	           "expect 5 runs have ended\nrefuse (2 times)");
	end(&f);
}

/* What ended before the workbench was opened is no news, and nothing new makes no byte. */
static void nothing_new(void **state)
{
	struct fixture f;
	struct str before, after;

	(void)state;
	begin(&f);
	str_init(&before);
	str_init(&after);
	ui_settle(f.ui);
	grid_text(term_grid(f.term), &before);
	script(&f, "tick 1000\ntick 1000");
	grid_text(term_grid(f.term), &after);
	assert_string_equal(before.data, after.data);
	script(&f, "key J\nexpect Nothing yet");
	str_release(&before);
	str_release(&after);
	end(&f);
}

/* A whole line for the shell, whatever is in the filter. */
static void commands_can_be_pasted(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	script(&f, "key /\ntype status = 'done' and metrics.auc > 0.8\nkey Enter\n"
	           "expect $ assay runs --where 'status = '\\''done'\\'' and metrics.auc > 0.8'\n"
	           "key J\nexpect $ assay runs --where 'status = '\\''done'\\''");
	end(&f);
}

static int make_folder(void **state)
{
	(void)state;
	folder = golden_folder("view-pulse", false);
	return folder ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	dir_remove(folder, NULL);
	free(folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_run_fails),      cmocka_unit_test(a_run_is_flagged),
	    cmocka_unit_test(the_list_follows), cmocka_unit_test(short_ones_and_many),
	    cmocka_unit_test(nothing_new),      cmocka_unit_test(commands_can_be_pasted),
	};

	golden_begin();
	return cmocka_run_group_tests_name("view-pulse", tests, make_folder, remove_folder);
}
