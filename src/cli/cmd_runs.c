/* assay runs: the list of runs. */
#include <math.h>

#include "cli_run.h"
#include "cli_runs.h"
#include "commands.h"

enum { PAGE = 500, USUAL_METRICS = 3 };

struct runs_listing {
	struct store *store;
	struct arena *mem;
	struct runs_ask ask;
	struct listing grid;
	struct json_writer json;
	struct str text;
	size_t shown;
};

/* Names of metrics: the three that are used most, those first of which is known what is better. */
static int usual_metrics(struct cli *c, struct runs_listing *l, const char *out[USUAL_METRICS], size_t *count)
{
	const char **names;
	size_t name_count;
	if (store_names(l->store, "metrics.", SIZE_MAX, l->mem, &names, &name_count, &c->err) != 0)
		return -1;
	*count = 0;
	for (int known = 1; known >= 0; known--)
		for (size_t i = 0; i < name_count && *count < USUAL_METRICS; i++)
			if ((store_direction_guess(strchr(names[i], '.') + 1) != 0) == known)
				out[(*count)++] = names[i];
	return 0;
}

/* Without --columns: who, where, how, the usual metrics, when. */
static int usual_columns(struct cli *c, struct runs_listing *l, const char ***out, size_t *count)
{
	const char *metrics[USUAL_METRICS];
	size_t metric_count, n = 0;
	if (usual_metrics(c, l, metrics, &metric_count) != 0)
		return -1;
	const char **columns = arena_array(l->mem, metric_count + 6, sizeof *columns);
	columns[n++] = "name";
	columns[n++] = "id";
	columns[n++] = "experiment";
	columns[n++] = "status";
	for (size_t i = 0; i < metric_count; i++)
		columns[n++] = metrics[i];
	columns[n++] = "duration";
	columns[n++] = "started";
	*out = columns;
	*count = n;
	return 0;
}

static int read_query(struct cli *c, struct runs_listing *l)
{
	const char **columns;
	if (runs_ask_read(c, l->store, l->mem, &l->ask) != 0)
		return -1;
	if (l->ask.query.column_count)
		return 0;
	if (usual_columns(c, l, &columns, &l->ask.query.column_count) != 0)
		return -1;
	l->ask.query.columns = columns;
	return 0;
}

static bool is_time(const char *column)
{
	return strcmp(column, "started") == 0 || strcmp(column, "ended") == 0 || strcmp(column, "created") == 0 ||
	       strcmp(column, "archived") == 0 || strcmp(column, "removed") == 0;
}

static bool is_name(const char *column)
{
	static const char *const names[] = {"name", "id",   "experiment", "status",
	                                    "kind", "user", "host",       "source"};
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp(column, names[i]) == 0)
			return true;
	return strncmp(column, "tags.", 5) == 0;
}

const char *runs_title(const char *const *columns, size_t count, size_t at)
{
	const char *name = columns[at], *point = strchr(name, '.');
	/* best(metrics.auc): what is asked of the metric says more than where it is from. */
	if (!point || strchr(name, '('))
		return name;
	for (size_t i = 0; i < count; i++) {
		const char *other = columns[i], *other_point = strchr(other, '.');
		if (i != at && strcmp(other_point ? other_point + 1 : other, point + 1) == 0)
			return name;
	}
	return point + 1;
}

void runs_cell_json(struct json_writer *j, const char *key, const struct runs_cell *cell)
{
	char text[TIME_TEXT];
	if (cell->kind == CELL_NUMBER)
		jw_num(j, key, cell->number, isnan(cell->number) ? "not a number" : "infinite");
	else if (cell->kind == CELL_TIME)
		jw_string(j, key, time_rfc3339((int64_t)cell->number, text));
	else
		jw_string(j, key, cell->kind == CELL_TEXT ? cell->text : NULL);
}

static void head(struct runs_listing *l)
{
	for (size_t i = 0; i < l->ask.query.column_count; i++) {
		const char *name = l->ask.query.columns[i];
		struct str title;
		str_init(&title);
		const char *raw = runs_title(l->ask.query.columns, l->ask.query.column_count, i);
		safe_text(&title, raw, strlen(raw), 0);
		enum listing_align align = is_name(name)                   ? GRID_LEFT
		                           : is_time(name)                 ? GRID_RIGHT
		                           : strcmp(name, "duration") == 0 ? GRID_RIGHT
		                                                           : GRID_POINT;
		listing_column(&l->grid, strcmp(name, "started") == 0 ? "age" : title.data, name, align);
		str_release(&title);
	}
}

static void status_cell(struct listing *g, const struct runs_row *row)
{
	char people[128], left[TIME_TEXT];
	const char *word = store_status_name(row->status), *flag = run_flag_word(row->flag);
	if (*flag && !store_status_over(row->status)) {
		snprintf(people, sizeof people, "%s %s", sign("▲", "!"), flag);
		listing_both(g, people, word, false, GRID_WARN);
		return;
	}
	if (*flag)
		snprintf(people, sizeof people, "%s %s %s", status_sign(row->status), word, sign("▲", "!"));
	else if (row->status == RUN_RUNNING && !isnan(row->progress) && row->ends > time_now_ms())
		snprintf(people, sizeof people, "%s %s %.0f %%, %s left", status_sign(row->status), word,
		         floor(100 * row->progress), time_span(row->ends - time_now_ms(), left));
	else if (row->status == RUN_RUNNING && !isnan(row->progress))
		snprintf(people, sizeof people, "%s %s %.0f %%", status_sign(row->status), word, 100 * row->progress);
	else
		snprintf(people, sizeof people, "%s %s", status_sign(row->status), word);
	listing_both(g, people, word, false, status_style(row->status));
}

static void time_cell(struct listing *g, const char *column, double at)
{
	char people[TIME_TEXT], machine[TIME_TEXT];
	if (strcmp(column, "started") == 0)
		age_text((int64_t)at, people);
	else
		time_local((int64_t)at, people);
	listing_both(g, people, time_rfc3339((int64_t)at, machine), false, GRID_PLAIN);
}

static void cell(struct runs_listing *l, const struct runs_row *row, size_t i)
{
	struct listing *g = &l->grid;
	const char *column = l->ask.query.columns[i];
	const struct runs_cell *value = &row->cells[i];
	char number[NUM_TEXT], span[TIME_TEXT];
	if (strcmp(column, "status") == 0)
		status_cell(g, row);
	else if (strcmp(column, "id") == 0)
		listing_both(g, row->uuid + 24, row->uuid, false, GRID_MUTED);
	else if (value->kind == CELL_NONE)
		listing_none(g);
	else if (value->kind == CELL_TIME)
		time_cell(g, column, value->number);
	else if (strcmp(column, "duration") == 0)
		listing_both(g, time_span((int64_t)(value->number * 1000), span), num_shortest(value->number, number),
		             true, GRID_PLAIN);
	else if (value->kind == CELL_NUMBER && !value->text)
		listing_both(g, isnan(value->number) ? "nan" : num_people(value->number, 4, span),
		             num_shortest(value->number, number), true, GRID_PLAIN);
	else
		listing_both(g, value->text, value->text, value->kind == CELL_NUMBER, GRID_PLAIN);
}

static int one_row(struct cli *c, struct runs_listing *l, const struct runs_row *row)
{
	l->shown++;
	if (!c->json) {
		for (size_t i = 0; i < l->ask.query.column_count; i++)
			cell(l, row, i);
		return 0;
	}
	struct arena *mem = arena_new();
	struct run_row run;
	int status = store_run_get(l->store, row->id, mem, &run, &c->err);
	if (status == 0)
		status = run_json(c, l->store, &run, false, &l->json, mem);
	if (cli_has(c, "columns")) {
		jw_object(&l->json, "columns");
		for (size_t i = 0; i < l->ask.query.column_count; i++)
			runs_cell_json(&l->json, l->ask.query.columns[i], &row->cells[i]);
		jw_object_end(&l->json);
	}
	jw_object_end(&l->json);
	arena_free(mem);
	return status;
}

/* Page after page, so that a store of any size can be listed whole. */
static int list(struct cli *c, struct runs_listing *l)
{
	struct runs_page page = {.more_after = true};
	int64_t anchor = 0;
	while (page.more_after && (l->ask.limit == 0 || l->shown < l->ask.limit)) {
		struct arena *mem = arena_new();
		size_t want = l->ask.limit && l->ask.limit - l->shown < PAGE ? l->ask.limit - l->shown : PAGE;
		int status = store_runs_page(l->store, &l->ask.query, anchor ? RUNS_AFTER : RUNS_FIRST, anchor, want,
		                             mem, &page, &c->err);
		for (size_t i = 0; i < page.count && status == 0; i++) {
			anchor = page.rows[i].id;
			status = one_row(c, l, &page.rows[i]);
		}
		arena_free(mem);
		if (status != 0)
			return -1;
		if (page.count == 0)
			break;
	}
	jw_array_end(&l->json);
	if (c->json)
		json_print(&l->text, stdout);
	else if (l->shown || c->csv || c->tsv)
		listing_print(&l->grid, c, stdout);
	else if (!c->quiet)
		fputs(l->ask.query.filter && *l->ask.query.filter
		          ? "no run matches\n"
		          : "no runs yet; `assay train` or `assay run -- CMD` makes one\n",
		      stderr);
	if (!c->quiet && !c->json && !cli_has(c, "limit") && page.more_after && l->shown) {
		fflush(stdout);
		fprintf(stderr, "the first %zu; --limit 0 lists all\n", l->shown);
	}
	return 0;
}

int cmd_runs(struct cli *c)
{
	struct runs_listing l = {.mem = arena_new()};
	listing_init(&l.grid);
	str_init(&l.text);
	jw_init(&l.json, &l.text);
	jw_array(&l.json, NULL);
	int64_t limit = 50;
	int status = cli_get_int(c, "limit", 0, INT32_MAX, &limit);
	l.ask.limit = (size_t)limit;
	if (status == 0)
		status = work_open(c->store, STORE_READ, &l.store, &c->err);
	if (status == 0)
		status = read_query(c, &l);
	if (status == 0 && cli_has(c, "summary") && (l.ask.group_count || l.ask.over_seeds))
		status =
		    error_set(&c->err, ERR_USAGE, "--summary is of all runs, not of groups: ask for one of them");
	if (status == 0 && cli_has(c, "summary")) {
		status = runs_summary_list(c, l.store, l.mem, &l.ask);
	} else if (status == 0 && (l.ask.group_count || l.ask.over_seeds)) {
		status = runs_groups_list(c, l.store, l.mem, &l.ask);
	} else if (status == 0) {
		head(&l);
		status = list(c, &l);
	}
	store_close(l.store);
	str_release(&l.text);
	listing_release(&l.grid);
	arena_free(l.mem);
	return status;
}
