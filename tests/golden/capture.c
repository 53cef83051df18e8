/*
 * Golden screens of what capture knows and care asks: runs that were flagged, that are removed, lines that could not be
 * understood, what was recognised, runs of more than a thousand metrics. GENERATE=1 writes the files anew. Run from the
 * top of the project (make does).
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
#include "assay/store_capture.h"
#include "assay/term.h"
#include "assay/ui.h"
#include "assay/view.h"

#include "../lib/golden_play.h"
#include "../lib/golden_views.h"
#include "../lib/store_fixture.h"

#define MINUTE INT64_C(60000)
#define MANY   1200 /* metrics of a run */

#define FIND(name) "key /\ntype " name "\nkey Enter\n"
#define OPEN(name) FIND(name) "key Enter\n"

static const struct screen {
	const char *name, *script; /* "removed" is taken back by "restored" */
} SCREENS[] = {
    {"overview", "key 1\nexpect kill -CONT\n"},
    {"runs-flagged", FIND("experiment = watched")},
    {"runs-removed", FIND("removed")},
    {"remove", FIND("wide-wolf-711") "key D\nexpect U brings it\n"},
    {"remove-many", FIND("wide") "key Space Down Space D\nexpect U brings them\n"},
    {"remove-running", FIND("still-swan") "key D\nexpect only runs that are over\n"},
    {"purge", "key :\ntype run.purge\nkey Enter\nexpect cannot be taken back\n"},
    {"removed", FIND("wide-wolf-711") "key D\nexpect U brings it\nkey y\nexpect U undoes\n"},
    {"restored", FIND("removed and name = wide-wolf-711") "key D\nexpect restored\n"},
    {"summary-stalled", OPEN("slow-seal")},
    {"summary", OPEN("full-fawn")},
    {"summary-lines", OPEN("full-fawn") "key G\n"},
    {"system", OPEN("full-fawn") "key Tab Tab Tab\nexpect CPU\n"},
    {"files", OPEN("full-fawn") "key Tab Tab Tab Tab\n"},
    {"data", OPEN("full-fawn") "key Tab Tab Tab Tab Tab\n"},
    {"recognised", OPEN("full-fawn") "key , f\nexpect key_value\n"},
    {"recognised-none", OPEN("wide-wolf-711") "key , f\nexpect Nothing was recognised\n"},
    {"recognised-help", OPEN("full-fawn") "key , f\nexpect key_value\nkey ?\n"},
    {"summary-wide", OPEN("wide-wolf-711")},
    {"metrics-wide", OPEN("wide-wolf-711") "key Tab\nexpect block00\n"},
    {"metrics-filter", OPEN("wide-wolf-711") "key Tab\nexpect block00\nkey /\ntype block07 .9\n"},
    {"metrics-no-match", OPEN("wide-wolf-711") "key Tab\nexpect block00\nkey /\ntype none\nkey Enter\n"},
    {"compare-wide", FIND("wide") "key Space Down Space c\nexpect vs first\n"},
};

static char *folder, *place;

static struct view_options options_of(void)
{
	return (struct view_options){.store = place, .forget = true, .fixed_now = FIXTURE_NOW};
}

static void screens(void **state)
{
	for (size_t i = 0; i < COUNT_OF(SCREENS); i++) {
		struct view_options options = options_of();
		char *file = xasprintf("capture-%s", SCREENS[i].name);

		golden_draw(&options, *state, file, SCREENS[i].script, NULL);
		free(file);
	}
}

/* One of each, as every terminal sees it. */
static void views(void **state)
{
	static const char *const names[] = {"runs-flagged", "remove", "recognised", "metrics-filter"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		for (size_t k = 0; k < COUNT_OF(SCREENS); k++)
			if (strcmp(SCREENS[k].name, names[i]) == 0) {
				struct view_options options = options_of();
				char *file = xasprintf("capture-%s", names[i]);

				golden_view_of(&options, file, SCREENS[k].script, NULL);
				free(file);
			}
}

/* What waits for a text that small screens have no room for is not played in every size. */
static void every_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(SCREENS); i++) {
		struct view_options options = options_of();

		if (!strstr(SCREENS[i].script, "expect"))
			golden_draw_sizes(&options, i % 2 == 0, SCREENS[i].name, SCREENS[i].script);
	}
}

/* ---- the store ---- */

static int add(struct store *s, int n, const char *name, const char *experiment, int64_t ago, int64_t *id)
{
	struct run_process supervisor = {
	    .pid = 4242, .start_ticks = 99, .boot_id = "0f0f0f0f-0000-4000-8000-000000000000"};
	struct run_new run = {.name = name,
	                      .experiment = experiment,
	                      .kind = "command",
	                      .command = "[\"python3\",\"train.py\"]",
	                      .cwd = "/srv/lending",
	                      .host = "trainbox",
	                      .user = "ada",
	                      .created = FIXTURE_NOW - ago};
	char made[ID_TEXT];

	snprintf(run.uuid, sizeof run.uuid, "019ab0c0d0e08%03x8000%012x", n, 0x7c0000 + n);
	if (n == 11)
		run.environment = "d62259788b345f1e0f3a1c7b9d2e4f6a8b0c1d2e3f405162738495a6b7c8d9e0";
	return store_run_create(s, &run, id, made, NULL) ||
	               store_run_start(s, *id, &supervisor, run.created + 200, NULL) ||
	               /* Its host is heard, whenever this is. */
	               store_run_heard(s, *id, 4102444800000, NULL)
	           ? -1
	           : 0;
}

static int end(struct store *s, int64_t id, int64_t ago)
{
	const struct run_ending done = {.status = RUN_DONE, .reason = "", .at = FIXTURE_NOW - ago};

	return store_run_end(s, id, &done, NULL);
}

static int add_flagged(struct store *s)
{
	static const struct {
		const char *name, *flag;
	} flagged[] = {
	    {"slow-seal-701", "stalled: nothing for 2m (usually every 4.0s)"},
	    {"still-swan-702", "stopped (SIGSTOP): kill -CONT 4242 lets it go on"},
	    {"odd-newt-703", "validation/loss is nan at step 4"},
	    {"well-wren-704", ""},
	};

	for (int i = 0; i < (int)COUNT_OF(flagged); i++) {
		const struct point p = {4, FIXTURE_NOW - 3 * MINUTE, 0.25};
		int64_t id;

		if (add(s, i + 1, flagged[i].name, "watched", (5 + i) * MINUTE, &id) != 0 ||
		    store_series_append(s, id, SERIES_METRIC, "loss", "", &p, 1, NULL) != 0 ||
		    (*flagged[i].flag && store_run_flag(s, id, flagged[i].flag, FIXTURE_NOW - MINUTE, NULL) != 0))
			return -1;
	}
	return 0;
}

/* Everything that a run records. */
static int add_full(struct store *s)
{
	static const char *const samples[] = {"cpu",  "rss",     "pss",      "read",     "written",
	                                      "sent", "threads", "received", "processes"};
	static const struct store_recognised seen[] = {
	    {"key_value", "loss", 1200, "epoch 1: loss=0.5411 lr: 0.01"},
	    {"key_colon", "lr", 1, "epoch 1: loss=0.5411 lr: 0.01"},
	    {"tqdm", "(progress)", 40, " 45%|####      | 12/27 [00:01<00:02, 7.9it/s, loss=0.31]"},
	};
	static const struct run_input inputs[] = {{.name = "train.py", .role = "code"},
	                                          {.name = "loans.csv", .role = "data"}};
	static const char lines[] = "rubbish \x1b[31mred\xff here\n{\"metric\":\"loss\"}\n";
	char *events = path_join(folder, "events"), *file = path_join(events, "events-7.jsonl");
	struct run_artifact output = {.name = "output.log", .kind = "log", .at = FIXTURE_NOW - 20 * MINUTE};
	struct point p[40];
	struct absorbed got;
	int64_t id;
	int status;

	status = add(s, 11, "full-fawn-710", "kept", 30 * MINUTE, &id);
	for (size_t i = 0; status == 0 && i < COUNT_OF(samples); i++) {
		for (int k = 0; k < 40; k++)
			p[k] =
			    (struct point){k, FIXTURE_NOW - 30 * MINUTE + k * 1000, (double)(i + 1) * (k + 20) * 30000};
		status = store_series_append(s, id, SERIES_SAMPLE, samples[i], "", p, 40, NULL);
	}
	for (int k = 0; k < 40; k++)
		p[k] = (struct point){k, FIXTURE_NOW - 30 * MINUTE + k * 1000, 1.0 / (k + 1)};
	if (status == 0)
		status = store_series_append(s, id, SERIES_METRIC, "loss", "", p, 40, NULL);
	for (size_t i = 0; status == 0 && i < COUNT_OF(inputs); i++)
		status = store_input_add(s, id, &inputs[i], NULL);
	if (status == 0)
		status = store_recognised_put(s, id, seen, COUNT_OF(seen), NULL);
	if (status == 0)
		status = dir_make(events, NULL) || file_write_atomic(file, lines, sizeof lines - 1, 0600, NULL) ||
		                 absorb_once(s, id, events, 0, &got, NULL)
		             ? -1
		             : 0;
	if (status == 0)
		status = store_object_put(s, lines, sizeof lines - 1, output.digest, NULL);
	output.bytes = sizeof lines - 1;
	if (status == 0)
		status = store_artifact_add(s, id, &output, NULL) || end(s, id, 20 * MINUTE) ? -1 : 0;
	free(events);
	free(file);
	return status;
}

static int add_wide(struct store *s, int n, const char *name)
{
	int64_t id;

	if (add(s, n, name, "wide", n * 2 * MINUTE, &id) != 0)
		return -1;
	for (int i = 0; i < MANY; i++) {
		struct point p[3];
		char metric[64];

		snprintf(metric, sizeof metric, "block%02d/attention/head%02d/grad_norm.%d", i / 100, i / 10 % 10,
		         i % 10);
		for (int k = 0; k < 3; k++)
			p[k] = (struct point){k, FIXTURE_NOW - n * 2 * MINUTE + k * 1000, (double)(n + i % 7) / (k + 1)};
		if (store_series_append(s, id, SERIES_METRIC, metric, "", p, 3, NULL) != 0)
			return -1;
	}
	return end(s, id, n * MINUTE);
}

static int make_world(const char *dir, char **path, struct error *err)
{
	struct store *s;
	int64_t gone, changed;
	int status;

	if (store_fixture_empty(dir, path, err) != 0 || store_open(&s, *path, STORE_WRITE, err) != 0)
		return -1;
	status = add_flagged(s) || add_full(s) || add_wide(s, 12, "wide-wolf-711") ||
	                 add_wide(s, 13, "wide-wasp-712") ||
	                 add(s, 21, "gone-goat-720", "kept", 60 * MINUTE, &gone) || end(s, gone, 50 * MINUTE) ||
	                 store_remove(s, "ada@trainbox", &gone, 1, &changed, NULL, NULL)
	             ? -1
	             : 0;
	store_close(s);
	return status;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    {"golden screens of capture at 80x24", screens, NULL, NULL, (void *)&GOLDEN_HOW[0]},
	    {"golden screens of capture at 160x48", screens, NULL, NULL, (void *)&GOLDEN_HOW[1]},
	    {"golden screens of capture in ASCII", screens, NULL, NULL, (void *)&GOLDEN_HOW[2]},
	    {"golden screens of capture without colour", screens, NULL, NULL, (void *)&GOLDEN_HOW[3]},
	    cmocka_unit_test(views),
	    cmocka_unit_test(every_size),
	};
	const struct golden_group group = {"capture", true, &folder, {{"full", make_world, &place}}};

	return golden_run(&group, tests);
}
