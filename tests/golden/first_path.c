/*
 * A first-time user's path: from the start on a store of 10,000 runs to the best of them and why it is better than the
 * baseline, with keys that the footer and the messages name. At most eight keys; they are counted here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assay/base.h"
#include "assay/store.h"
#include "assay/term.h"
#include "assay/ui.h"
#include "assay/view.h"

#include "../lib/golden.h"

enum { RUNS = 10000, BEST = 6173, MOST_KEYS = 8 };
#define NOW INT64_C(1795600000000)

static char *place;

static void one_run(struct store *s, int i)
{
	char name[32], depth[8];
	struct run_new run = {.name = name,
	                      .experiment = "credit-risk",
	                      .kind = "train",
	                      .created = NOW - (RUNS - i) * INT64_C(60000)};
	struct run_process supervisor = {.pid = 1, .start_ticks = 1, .boot_id = "boot"};
	struct run_ending end = {.status = RUN_DONE, .reason = "", .at = run.created + 30000};
	struct point auc = {100, run.created,
	                    i == BEST ? 0.8642
	                    : i == 0  ? 0.7431
	                              : 0.70 + 0.0001 * (i * 37 % 1500)};
	struct error err;
	char uuid[ID_TEXT];
	int64_t id;

	snprintf(name, sizeof name, i == 0 ? "first-try" : "run-%05d", i);
	snprintf(depth, sizeof depth, "%d", i == BEST ? 7 : i % 5 + 2);
	if (store_run_create(s, &run, &id, uuid, &err) != 0 ||
	    store_param_set(s, id, "max_depth", depth, &err) != 0 ||
	    store_run_start(s, id, &supervisor, run.created, &err) != 0 ||
	    store_series_append(s, id, SERIES_METRIC, "auc", "", &auc, 1, &err) != 0 ||
	    store_run_end(s, id, &end, &err) != 0)
		fail_msg("%s", err.text);
}

/* The keys of a script: of "key" lines by name, of "type" lines by letter. */
static int count_keys(const char *script)
{
	int keys = 0;

	for (const char *line = script; *line; line += strcspn(line, "\n") + 1) {
		size_t len = strcspn(line, "\n");

		if (strncmp(line, "key ", 4) == 0)
			for (size_t i = 3; i < len; i++)
				keys += line[i] == ' ';
		else if (strncmp(line, "type ", 5) == 0)
			keys += (int)len - 5;
	}
	return keys;
}

static void play(int w, int h, const char *script)
{
	struct view_options options = {.store = place, .forget = true, .fixed_now = NOW};
	struct term *term = term_open_memory(w, h, TERM_BRAILLE, TERM_256);
	struct error err;
	struct ui *ui;
	struct str out;

	str_init(&out);
	if (view_begin(&ui, term, &options, &err) != 0)
		fail_msg("%s", err.text);
	if (ui_script(ui, "first path", script, &out, &err) != 0) {
		grid_text(term_grid(term), &out);
		fail_msg("%s\n%s", err.text, out.data);
	}
	print_message("%d keys at %dx%d\n", count_keys(script), w, h);
	assert_true(count_keys(script) <= MOST_KEYS);
	str_release(&out);
	view_end(ui);
	term_close(term);
}

/* The first run of all is what the others are to be better than: G goes to it, B pins it, s sorts by what is
 * measured, c compares the best with it. What to press next stands on the screen each time. */
static const char PATH[] = "expect 10,000 runs\n"
                           "expect B baseline\n"
                           "key G\n"
                           "expect first-try\n"
                           "key B\n"
                           "expect first-try is the baseline\n"
                           "expect c compares\n"
                           "expect s sort\n"
                           "key s\n"
                           "expect run-06173\n"
                           "expect 0.8642\n"
                           "key d\n"
                           "expect +0.1211\n"
                           "key c\n"
                           "expect compare 2 runs\n"
                           "expect first-try\n"
                           "expect run-06173\n"
                           "expect max_depth\n"
                           "expect +0.1211\n";

static void on_a_small_terminal(void **state)
{
	(void)state;
	play(80, 24, PATH);
}

static void on_a_large_one(void **state)
{
	(void)state;
	play(160, 48, PATH);
}

static int make_store(const char *dir, char **path, struct error *err)
{
	struct store *s;
	int status;

	*path = path_join(dir, ".assay");
	if (store_init(*path, err) != 0 || store_open(&s, *path, STORE_WRITE, err) != 0 ||
	    store_begin(s, STORE_NORMAL, err) != 0)
		return -1;
	for (int i = 0; i < RUNS; i++)
		one_run(s, i);
	status = store_end(s, true, err);
	store_close(s);
	return status;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(on_a_small_terminal),
	    cmocka_unit_test(on_a_large_one),
	};
	const struct golden_group group = {"first-path", true, NULL, {{"runs", make_store, &place}}};

	return golden_run(&group, tests);
}
