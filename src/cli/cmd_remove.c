/* assay rm, purge: runs that go, after it was said how much that is. */
#include <stdlib.h>
#include <unistd.h>

#include "assay/work_remove.h"

#include "cli_edit.h"
#include "commands.h"

enum { TYPED_FROM = 100 /* runs: of so many the number is typed, not a y */ };

/* A line of the terminal; true if it is what was asked for. */
static bool answered(const char *want)
{
	char line[64] = "";
	fflush(stderr);
	if (!fgets(line, sizeof line, stdin))
		return false;
	line[strcspn(line, "\r\n")] = 0;
	return strcasecmp(line, want) == 0 || (strcmp(want, "y") == 0 && strcasecmp(line, "yes") == 0);
}

/* 1: go on; 0: no; -1: it cannot be asked. */
static int ask(struct cli *c, const char *question, int64_t count)
{
	char number[NUM_TEXT];
	if (cli_has(c, "yes"))
		return 1;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return error_set(&c->err, ERR_USAGE, "there is no terminal to ask on: --yes does it without asking");
	if (count < TYPED_FROM) {
		safe_fprintf(stderr, "%s [y/N] ", question);
		return answered("y");
	}
	snprintf(number, sizeof number, "%lld", (long long)count);
	safe_fprintf(stderr, "%s Type their number, %s, to do it: ", question, number);
	return answered(number);
}

static void weight_json(struct json_writer *j, const struct work_weight *w)
{
	jw_int(j, "runs", w->over);
	jw_int(j, "series", w->rows.series);
	jw_int(j, "points", w->rows.points);
	jw_int(j, "database_bytes", (int64_t)w->rows.bytes);
	jw_bool(j, "sampled", w->rows.sampled);
	jw_int(j, "objects", w->objects);
	jw_int(j, "object_bytes", (int64_t)w->object_bytes);
}

/* ---- rm ---- */

static void rm_dry(struct cli *c, const struct work_weight *w)
{
	struct str text;
	str_init(&text);
	if (c->json) {
		struct json_writer j;
		jw_init(&j, &text);
		jw_object(&j, NULL);
		weight_json(&j, w);
		jw_int(&j, "left", w->runs - w->over);
		jw_object_end(&j);
		json_print(&text, stdout);
	} else {
		work_weight_text(w, &text);
		safe_fprintf(stdout, "%s\n", text.data);
		if (w->runs > w->over)
			fprintf(stdout, "%lld not over, and left as they are\n", (long long)(w->runs - w->over));
	}
	str_release(&text);
}

static int rm_asked(struct cli *c, struct store *store, const struct work_which *which,
                    const struct work_weight *w, struct arena *mem)
{
	struct work_edited done;
	struct str text;
	str_init(&text);
	str_adds(&text, "remove ");
	work_weight_text(w, &text);
	str_adds(&text, "?");
	int status = w->over ? ask(c, text.data, w->over) : 1;
	str_release(&text);
	if (status <= 0) {
		if (status == 0 && !c->quiet)
			fputs("nothing was removed\n", stderr);
		return status == 0 ? 1 : -1;
	}
	if (work_remove(store, which, mem, &done, &c->err) != 0)
		return -1;
	edited_print(c, &done);
	return 0;
}

int cmd_rm(struct cli *c)
{
	struct store *store = NULL;
	struct arena *mem = arena_new();
	struct work_which which;
	struct work_weight weight;
	bool dry = cli_has(c, "dry-run");
	int status = work_open(c->store, dry ? STORE_READ : STORE_WRITE, &store, &c->err);
	if (status == 0)
		status = which_runs(c, store, c->arg_count, mem, &which);
	/* Nobody looks at what is not shown. */
	if (status == 0 && (dry || !cli_has(c, "yes")))
		status = work_weigh(store, &which, &weight, &c->err);
	else
		weight = (struct work_weight){.over = 1};
	if (status == 0 && dry)
		rm_dry(c, &weight);
	else if (status == 0)
		status = rm_asked(c, store, &which, &weight, mem);
	store_close(store);
	arena_free(mem);
	return status;
}

/* ---- purge ---- */

/* "30d": when that was; 0 without the option. */
static int older_than(struct cli *c, int64_t *before)
{
	static const char units[] = "smhdw";
	static const int64_t ms[] = {1000, 60000, 3600000, 86400000, 7 * (int64_t)86400000};
	const char *text = cli_get(c, "older-than");
	size_t len = text ? strlen(text) : 0;
	const char *unit = len > 1 ? strchr(units, text[len - 1]) : NULL;
	int64_t count;
	*before = 0;
	if (!text)
		return 0;
	if (!unit || !int_parse(text, len - 1, &count) || count < 0 || count > 1000000)
		return error_set(&c->err, ERR_USAGE, "--older-than \"%s\": a time like 30d is expected (s m h d w)",
		                 text);
	*before = time_now_ms() - count * ms[unit - units];
	return 0;
}

static void kept_print(const struct work_purge_plan *plan, FILE *to)
{
	for (size_t i = 0; i < plan->kept_count && i < WORK_KEPT; i++)
		safe_fprintf(to, "%s (%s) stays: %s\n", plan->kept[i].name, plan->kept[i].uuid + 24,
		             plan->kept[i].why);
	if (plan->kept_count > WORK_KEPT)
		fprintf(to, "… and %zu more\n", plan->kept_count - WORK_KEPT);
}

static void purge_json(const struct work_purge_plan *plan, const struct work_purged *done)
{
	struct str json;
	struct json_writer j;
	str_init(&json);
	jw_init(&j, &json);
	jw_object(&j, NULL);
	weight_json(&j, &plan->weight);
	jw_int(&j, "kept", (int64_t)plan->kept_count);
	jw_array(&j, "kept_why");
	for (size_t i = 0; i < plan->kept_count && i < WORK_KEPT; i++) {
		jw_object(&j, NULL);
		jw_string(&j, "run_id", plan->kept[i].uuid);
		jw_string(&j, "name", plan->kept[i].name);
		jw_string(&j, "why", plan->kept[i].why);
		jw_object_end(&j);
	}
	jw_array_end(&j);
	if (done) {
		jw_int(&j, "purged", done->rows.gone);
		jw_int(&j, "left", done->rows.left);
		jw_int(&j, "edits", done->rows.edits);
		jw_int(&j, "objects_removed", done->objects);
		jw_int(&j, "object_bytes_removed", (int64_t)done->object_bytes);
		jw_int(&j, "objects_young", done->young);
		jw_int(&j, "longest_lock_ms", done->rows.longest_ms);
	}
	jw_object_end(&j);
	json_print(&json, stdout);
	str_release(&json);
}

static void purge_print(const struct work_purge_plan *plan, const struct work_purged *done)
{
	char runs[NUM_TEXT], objects[NUM_TEXT], bytes[NUM_TEXT];
	fprintf(stdout, "purged %s run%s", count_people(done->rows.gone, runs), done->rows.gone == 1 ? "" : "s");
	if (done->objects)
		fprintf(stdout, " and %s file%s of %s", count_people(done->objects, objects),
		        done->objects == 1 ? "" : "s", bytes_people(done->object_bytes, bytes));
	fputs("; `assay compact` gives the database's space back\n", stdout);
	if (done->rows.edits)
		fprintf(stdout, "%s edit%s of nothing else cannot be taken back any more\n",
		        count_people(done->rows.edits, runs), done->rows.edits == 1 ? "" : "s");
	if (done->young)
		fprintf(stdout, "%s file%s written within the last hour stay%s until `assay compact`\n",
		        count_people(done->young, objects), done->young == 1 ? "" : "s", done->young == 1 ? "s" : "");
	if (done->rows.left)
		fprintf(stdout, "%s stayed: brought back or registered meanwhile\n",
		        count_people(done->rows.left, runs));
	kept_print(plan, stdout);
}

static void on_part(void *user, double part)
{
	bar_show(user, part, "");
}

static int purge_asked(struct cli *c, struct store *store, const struct work_purge_plan *plan)
{
	struct work_purged done = {.objects = 0};
	struct bar bar;
	struct str text;
	str_init(&text);
	str_adds(&text, "delete for good ");
	work_weight_text(&plan->weight, &text);
	str_adds(&text, "? This cannot be taken back.");
	if (!cli_has(c, "yes") && isatty(STDERR_FILENO))
		kept_print(plan, stderr);
	int status = plan->count ? ask(c, text.data, (int64_t)plan->count) : 1;
	str_release(&text);
	if (status <= 0) {
		if (status == 0 && !c->quiet)
			fputs("nothing was purged\n", stderr);
		return status == 0 ? 1 : -1;
	}
	bar_start(&bar, c, "purging");
	status = plan->count ? work_purge(store, plan, on_part, &bar, &done, &c->err) : 0;
	bar_end(&bar);
	if (status != 0)
		return -1;
	if (c->json)
		purge_json(plan, &done);
	else if (!c->quiet && plan->count)
		purge_print(plan, &done);
	else if (!c->quiet)
		kept_print(plan, stdout);
	if (!plan->count && !c->json && !c->quiet)
		fputs("no removed run is there to purge\n", stdout);
	/* What was asked for by name and stays is a no. */
	return plan->kept_count && c->arg_count ? 1 : 0;
}

static void purge_dry(struct cli *c, const struct work_purge_plan *plan)
{
	struct str text;
	if (c->json) {
		purge_json(plan, NULL);
		return;
	}
	str_init(&text);
	work_weight_text(&plan->weight, &text);
	safe_fprintf(stdout, "%s\n", text.data);
	kept_print(plan, stdout);
	str_release(&text);
}

int cmd_purge(struct cli *c)
{
	struct store *store = NULL;
	struct arena *mem = arena_new();
	struct work_which which = {.filter = ""};
	struct work_purge_plan plan;
	int64_t before;
	bool dry = cli_has(c, "dry-run");
	int status = older_than(c, &before);
	if (status == 0)
		status = work_open(c->store, dry ? STORE_READ : STORE_WRITE, &store, &c->err);
	if (status == 0 && (c->arg_count || cli_get(c, "where")))
		status = which_runs(c, store, c->arg_count, mem, &which);
	if (status == 0)
		status = work_purge_plan(store, &which, before, mem, &plan, &c->err);
	if (status == 0 && dry)
		purge_dry(c, &plan);
	else if (status == 0)
		status = purge_asked(c, store, &plan);
	store_close(store);
	arena_free(mem);
	return status;
}
