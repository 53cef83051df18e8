/* assay show RUN: everything that is known of a run. */
#include <math.h>

#include "assay/store_capture.h"
#include "cli_run.h"
#include "commands.h"

static void about(struct cli *c, struct store *store, const struct run_row *run)
{
	char started[TIME_TEXT], span[TIME_TEXT], age[TIME_TEXT];
	char digest[SHA256_TEXT], *seal = NULL;
	struct error unimportant;
	bool holds;
	struct arena *mem = arena_new();
	size_t count;
	const char **words = work_command_words(run->command, mem, &count);
	struct str command;
	str_init(&command);
	if (words)
		work_shell_line(words, &command);
	char *status = xasprintf("%s %s%s%s", status_sign(run->status), store_status_name(run->status),
	                         run->reason[0] ? ", " : "", run->reason);
	const char *flag = !run->flag[0] ? NULL
	                   : store_status_over(run->status)
	                       ? run->flag
	                       : arena_printf(mem, "%s, for %s", run->flag, age_text(run->flagged, age));
	const char *progress = NULL;
	if (run->status == RUN_RUNNING && !isnan(run->progress))
		progress = run->ends > time_now_ms()
		               ? arena_printf(mem, "%.0f %%, about %s left", floor(100 * run->progress),
		                              time_span(run->ends - time_now_ms(), span))
		               : arena_printf(mem, "%.0f %%", floor(100 * run->progress));
	char environment[13], *when = NULL, *where = xasprintf("%s@%s in %s", run->user, run->host, run->cwd),
	                      *code = NULL, *seed = NULL;
	if (run->started) {
		int64_t end = run->ended ? run->ended : time_now_ms();
		when = xasprintf("%s (%s ago), %s%s", time_local(run->started, started), age_text(run->started, age),
		                 time_span(end > run->started ? end - run->started : 0, span),
		                 run->ended ? "" : " so far");
	}
	snprintf(environment, sizeof environment, "%.12s", run->environment ? run->environment : "");
	if (run->code_commit)
		code = xasprintf("%.12s%s", run->code_commit, run->code_diff ? " with changes" : "");
	if (run->has_seed)
		seed = xasprintf("%lld", (long long)run->seed);
	/* Of a run that nobody sealed there is nothing to say. */
	const char *held = seal_of(store, run, digest, &holds, &unimportant);
	if (held && digest[0])
		seal = arena_printf(mem, "%.12s %s", digest, held);
	const struct fact facts[] = {
	    {"run", run->name},
	    {"id", run->uuid},
	    {"experiment", run->experiment},
	    {"status", status},
	    {"flag", flag},
	    {"progress", progress},
	    {"trouble", trouble_of(store, run, mem)},
	    {"started", when},
	    {"command", command.data},
	    {"where", where},
	    {"code", code},
	    {"environment", run->environment ? environment : NULL},
	    {"seed", seed},
	    {"parent", run->parent},
	    {"seal", seal},
	};
	facts_print(facts, COUNT_OF(facts), c, stdout);
	free(status);
	free(when);
	free(where);
	free(code);
	free(seed);
	str_release(&command);
	arena_free(mem);
}

static int pairs(struct cli *c, const char *title, const struct store_pair *list, size_t count)
{
	if (count == 0)
		return 0;
	heading_print(title, c, stdout);
	struct fact *facts = xcalloc(count, sizeof *facts);
	struct str *labels = xcalloc(count, sizeof *labels);
	for (size_t i = 0; i < count; i++) {
		str_init(&labels[i]);
		safe_text(&labels[i], list[i].key, strlen(list[i].key), 0);
		facts[i] = (struct fact){labels[i].data, list[i].value};
	}
	facts_print(facts, count, c, stdout);
	for (size_t i = 0; i < count; i++)
		str_release(&labels[i]);
	free(labels);
	free(facts);
	return 0;
}

static int metrics(struct cli *c, struct store *store, int64_t run, struct arena *mem)
{
	struct series *series;
	size_t count;
	size_t total;
	if (store_series_some(store, run, SERIES_METRIC, SIZE_MAX, mem, &series, &count, &total, &c->err) != 0)
		return -1;
	if (count == 0)
		return 0;
	heading_print("Metrics", c, stdout);
	struct listing g;
	listing_init(&g);
	listing_column(&g, "metric", "", GRID_LEFT);
	listing_column(&g, "context", "", GRID_LEFT);
	listing_column(&g, "last", "", GRID_POINT);
	listing_column(&g, "best", "", GRID_POINT);
	listing_column(&g, "points", "", GRID_RIGHT);
	for (size_t i = 0; i < count; i++) {
		listing_text(&g, series[i].name, GRID_PLAIN);
		listing_text(&g, series[i].context, GRID_MUTED);
		listing_num(&g, series[i].last.value, 4);
		listing_num(&g, series[i].best.value, 4);
		listing_int(&g, series[i].count);
	}
	listing_print(&g, c, stdout);
	listing_release(&g);
	return 0;
}

static int recognised(struct cli *c, struct store *store, int64_t run, struct arena *mem)
{
	struct store_recognised *list;
	size_t count;
	if (store_recognised(store, run, mem, &list, &count, &c->err) != 0)
		return -1;
	if (count == 0)
		return 0;
	heading_print("Recognised in its output", c, stdout);
	struct listing g;
	listing_init(&g);
	listing_column(&g, "recogniser", "", GRID_LEFT);
	listing_column(&g, "name", "", GRID_LEFT);
	listing_column(&g, "lines", "", GRID_RIGHT);
	listing_column(&g, "example", "", GRID_LEFT);
	for (size_t i = 0; i < count; i++) {
		listing_text(&g, list[i].recogniser, GRID_PLAIN);
		listing_text(&g, list[i].name, GRID_PLAIN);
		listing_int(&g, list[i].lines);
		listing_text(&g, list[i].example, GRID_MUTED);
	}
	listing_print(&g, c, stdout);
	listing_release(&g);
	return 0;
}

static int data_and_files(struct cli *c, struct store *store, int64_t run, struct arena *mem)
{
	struct run_input *inputs;
	struct run_artifact *files;
	size_t count;
	char size[NUM_TEXT];
	if (store_inputs(store, run, mem, &inputs, &count, &c->err) != 0)
		return -1;
	if (count)
		heading_print("Data", c, stdout);
	struct listing used;
	listing_init(&used);
	listing_column(&used, "role", "", GRID_LEFT);
	listing_column(&used, "data set", "", GRID_LEFT);
	listing_column(&used, "sha256", "", GRID_LEFT);
	for (size_t i = 0; i < count; i++) {
		char digest[13];
		snprintf(digest, sizeof digest, "%s", inputs[i].digest);
		listing_text(&used, inputs[i].role, GRID_PLAIN);
		listing_text(&used, inputs[i].name, GRID_PLAIN);
		listing_text(&used, digest, GRID_MUTED);
	}
	if (count)
		listing_print(&used, c, stdout);
	listing_release(&used);
	if (store_artifacts(store, run, mem, &files, &count, &c->err) != 0)
		return -1;
	if (count)
		heading_print("Files", c, stdout);
	struct listing g;
	listing_init(&g);
	listing_column(&g, "file", "", GRID_LEFT);
	listing_column(&g, "kind", "", GRID_LEFT);
	listing_column(&g, "size", "", GRID_RIGHT);
	listing_column(&g, "sha256", "", GRID_LEFT);
	for (size_t i = 0; i < count; i++) {
		char digest[13];
		snprintf(digest, sizeof digest, "%s", files[i].digest);
		listing_text(&g, files[i].name, GRID_PLAIN);
		listing_text(&g, files[i].kind, GRID_MUTED);
		/* Of a file that the run only named we know nothing more. */
		if (digest[0])
			listing_text(&g, bytes_people(files[i].bytes, size), GRID_PLAIN);
		else
			listing_none(&g);
		listing_text(&g, digest[0] ? digest : "not kept", GRID_MUTED);
	}
	if (count)
		listing_print(&g, c, stdout);
	listing_release(&g);
	return 0;
}

static int show_text(struct cli *c, struct store *store, const struct run_row *run, struct arena *mem)
{
	struct store_pair *list;
	size_t count;
	about(c, store, run);
	if (store_params(store, run->id, mem, &list, &count, &c->err) != 0 ||
	    pairs(c, "Parameters", list, count) != 0 || metrics(c, store, run->id, mem) != 0 ||
	    recognised(c, store, run->id, mem) != 0 ||
	    store_tags(store, run->id, mem, &list, &count, &c->err) != 0 || pairs(c, "Tags", list, count) != 0 ||
	    data_and_files(c, store, run->id, mem) != 0 ||
	    store_notes(store, run->id, mem, &list, &count, &c->err) != 0)
		return -1;
	if (count)
		heading_print("Notes", c, stdout);
	for (size_t i = 0; i < count; i++)
		safe_fprintf(stdout, "%s\n", list[i].value);
	coefficients_print(c, store, run);
	if (run->bad_lines)
		printf("\n%lld %s of its event files could not be understood: assay show %s --bad-lines\n",
		       (long long)run->bad_lines, run->bad_lines == 1 ? "line" : "lines", run->uuid + 24);
	return 0;
}

/* Names may repeat: who asks by one learns that the newest is not the only one. */
static void say_namesakes(struct cli *c, struct store *store, const char *ref, const struct run_row *run)
{
	enum { COUNT_TO = 1000 };
	struct runs_query q = {0};
	struct str filter;
	struct error unimportant;
	int64_t count;
	bool exact;
	char number[NUM_TEXT];
	if (strncmp(ref, "run:", 4) == 0)
		ref += 4;
	if (c->quiet || strcmp(ref, run->name) != 0)
		return;
	str_init(&filter);
	str_adds(&filter, "name = '");
	for (const char *p = ref; *p; p++)
		str_addf(&filter, *p == '\'' ? "''" : "%c", *p);
	str_adds(&filter, "'");
	q.filter = filter.data;
	if (store_runs_count(store, &q, COUNT_TO, &count, &exact, &unimportant) == 0 && count > 1)
		safe_fprintf(stderr, "%s%s runs are called %s; this is the newest; use the id for another\n",
		             exact ? "" : "more than ", count_people(count, number), ref);
	str_release(&filter);
}

int cmd_show(struct cli *c)
{
	struct store *store = NULL;
	struct arena *mem = arena_new();
	struct run_row run;
	int status = run_open(c, STORE_READ, c->args[0], &store, mem, &run);
	if (status == 0)
		say_namesakes(c, store, c->args[0], &run);
	if (status == 0 && cli_has(c, "bad-lines") && !c->json) {
		status = bad_lines_print(c, store, &run, mem);
	} else if (status == 0 && c->json) {
		struct str json;
		struct json_writer j;
		str_init(&json);
		jw_init(&j, &json);
		if (cli_has(c, "bad-lines")) {
			jw_object(&j, NULL);
			status = bad_lines_json(c, store, &run, &j, mem);
		} else {
			status = run_json(c, store, &run, true, &j, mem);
		}
		jw_object_end(&j);
		if (status == 0)
			json_print(&json, stdout);
		str_release(&json);
	} else if (status == 0) {
		status = show_text(c, store, &run, mem);
	}
	store_close(store);
	arena_free(mem);
	return status;
}
