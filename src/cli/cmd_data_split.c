/* assay data profile … --by COL: every column in the groups that another one makes, or one column whole. */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "assay/work.h"

#include "cli_data.h"
#include "cli_split.h"

struct splits {
	struct split_by by;
	struct split *items;
	const struct split **order; /* strongest first */
	size_t *columns;            /* of the table */
	size_t count;
	_Atomic size_t next;
	_Atomic bool failed;
	struct error err;
	struct progress *progress; /* columns */
};

static void split_columns(void *user, size_t thread)
{
	struct splits *s = user;
	size_t at;
	(void)thread;
	while ((at = atomic_fetch_add(&s->next, 1)) < s->count) {
		struct error err;
		int status = progress_stop(s->progress)
		                 ? progress_stopped(&err)
		                 : split_column(&s->items[at], &s->by, s->columns[at], NULL, &err);
		if (status != 0 && !atomic_exchange(&s->failed, true))
			s->err = err;
		progress_add(s->progress, 1);
	}
}

static int by_strength(const void *a, const void *b)
{
	const struct split *x = *(const struct split *const *)a, *y = *(const struct split *const *)b;
	/* What cannot be told stands last; else in the order of the table, in which they lie. */
	if (isnan(x->strength) != isnan(y->strength))
		return isnan(x->strength) - isnan(y->strength);
	if (!isnan(x->strength) && x->strength != y->strength)
		return x->strength > y->strength ? -1 : 1;
	return (x > y) - (x < y);
}

/* ---- for programs ---- */

static void print_json(const struct splits *s)
{
	const struct table *t = s->by.table;
	struct str json, one;
	struct json_writer j;
	struct error err;
	str_init(&json);
	str_init(&one);
	jw_init(&j, &json);
	jw_object(&j, NULL);
	jw_int(&j, "rows", (int64_t)s->by.rows);
	jw_string(&j, "by", s->by.by < 0 ? "file" : t->columns[s->by.by].name);
	jw_array(&j, "groups");
	for (size_t i = 0; i < s->by.group_count; i++) {
		const struct split_group *g = &s->by.groups[i];
		struct table rows;
		struct profile profile;
		jw_object(&j, NULL);
		jw_string(&j, "value", g->name);
		jw_string(&j, "where", g->where);
		jw_int(&j, "rows", (int64_t)g->rows);
		split_take(&s->by, i, &rows);
		if (profile_table(&profile, &rows, &(struct profile_options){.weights = s->by.weights}, &err) == 0) {
			profile_json_columns(&profile, &j);
			profile_release(&profile);
		}
		table_release(&rows);
		jw_object_end(&j);
	}
	jw_array_end(&j);
	jw_array(&j, "splits");
	for (size_t i = 0; i < s->count; i++) {
		str_clear(&one);
		split_json(s->order[i], &one);
		jw_raw(&j, NULL, one.data);
	}
	jw_array_end(&j);
	jw_string(&j, "weight", s->by.weight < 0 ? NULL : t->columns[s->by.weight].name);
	jw_string(&j, "weights", weights_name(s->by.weights));
	jw_object_end(&j);
	json_print(&json, stdout);
	str_release(&one);
	str_release(&json);
}

static void print_csv(const struct splits *s, const struct cli *c)
{
	static const char *const keys[] = {"column",
	                                   "type",
	                                   "by",
	                                   "group",
	                                   "where",
	                                   "rows",
	                                   "missing",
	                                   "infinite",
	                                   "mean",
	                                   "sd",
	                                   "min",
	                                   "q01",
	                                   "q05",
	                                   "q25",
	                                   "q50",
	                                   "q75",
	                                   "q95",
	                                   "q99",
	                                   "max",
	                                   "most",
	                                   "most_rows",
	                                   "strength",
	                                   "eta",
	                                   "v",
	                                   "auc",
	                                   "missing_v",
	                                   "weighted_share",
	                                   "weighted_missing",
	                                   "weighted_mean",
	                                   "weighted_se"};
	struct listing g;
	listing_init(&g);
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		listing_column(&g, keys[i], keys[i], GRID_LEFT);
	for (size_t i = 0; i < s->count; i++) {
		const struct split *one = s->order[i];
		for (size_t k = 0; k < one->group_count; k++) {
			const struct split_group *group = &one->groups[k];
			size_t most = 0;
			listing_text(&g, one->column, GRID_PLAIN);
			listing_text(&g, column_type_name(one->type), GRID_PLAIN);
			listing_text(&g, one->by ? one->by : "file", GRID_PLAIN);
			listing_text(&g, group->name, GRID_PLAIN);
			listing_text(&g, group->where ? group->where : "", GRID_PLAIN);
			listing_int(&g, (int64_t)group->rows);
			listing_int(&g, (int64_t)group->missing);
			listing_int(&g, (int64_t)group->infinite);
			listing_num(&g, group->mean, 17);
			listing_num(&g, group->sd, 17);
			listing_num(&g, group->min, 17);
			for (size_t q = 0; q < PROFILE_QUANTILES; q++)
				listing_num(&g, group->quantiles[q], 17);
			listing_num(&g, group->max, 17);
			for (size_t v = 1; v < one->value_count; v++)
				if (group->values[v] > group->values[most])
					most = v;
			if (one->value_count && group->values[most]) {
				listing_text(&g, one->value_names[most], GRID_PLAIN);
				listing_int(&g, (int64_t)group->values[most]);
			} else {
				listing_none(&g);
				listing_none(&g);
			}
			listing_num(&g, one->strength, 17);
			listing_num(&g, sqrt(one->anova.eta2), 17);
			listing_num(&g, one->association.v, 17);
			listing_num(&g, one->auc.value, 17);
			listing_num(&g, one->absence.v, 17);
			const struct split_weighted none = {
			    .share = NAN, .estimates = {.missing = NAN, .moments = {.mean = NAN, .se = NAN}}};
			const struct split_weighted *w = group->weighted ? group->weighted : &none;
			listing_num(&g, w->share, 17);
			listing_num(&g, w->estimates.missing, 17);
			w = one->numeric ? w : &none;
			listing_num(&g, w->estimates.moments.mean, 17);
			listing_num(&g, w->estimates.moments.se, 17);
		}
	}
	listing_print(&g, c, stdout);
	listing_release(&g);
}

/* ---- the command ---- */

/* "file" is a column if there is one of that name. */
static int find_by(struct cli *c, const struct table *t, long *by)
{
	const char *name = cli_get(c, "by");
	*by = table_find(t, name);
	if (*by >= 0)
		return 0;
	if (strcmp(name, "file") == 0 && t->file_count > 1)
		return 0;
	if (strcmp(name, "file") == 0)
		return error_set(&c->err, ERR_USAGE, "--by file: there is one file only, and no column of that name");
	table_need(t, name, &c->err);
	return error_prefix(&c->err, "--by");
}

static int split(struct cli *c, const struct table *t)
{
	struct splits s = {.progress = watch_begin(c)};
	const char *only = cli_get(c, "column");
	enum stats_weights weights;
	long by, column = -1;
	if (find_by(c, t, &by) != 0 || weights_asked(c, &t->reading, &weights) != 0)
		return -1;
	if (only) {
		column = table_need(t, only, &c->err);
		if (column < 0)
			return error_prefix(&c->err, "--column");
	}
	if (split_by_init(&s.by, t, by, 0, weights, s.progress, &c->err) != 0)
		return error_prefix(&c->err, "--by");
	s.items = xcalloc(t->column_count + 1, sizeof *s.items);
	s.order = xcalloc(t->column_count + 1, sizeof *s.order);
	s.columns = xcalloc(t->column_count + 1, sizeof *s.columns);
	for (size_t i = 0; i < t->column_count; i++)
		if (only ? (long)i == column : (long)i != by)
			s.columns[s.count++] = i;
	progress_begin(s.progress, "splitting", "columns", s.count);
	parallel_chunks((size_t)cpu_count(), 0, split_columns, &s);
	watch_end(c);
	int status = 0;
	if (s.failed) {
		c->err = s.err;
		status = -1;
	} else {
		for (size_t i = 0; i < s.count; i++)
			s.order[i] = &s.items[i];
		qsort(s.order, s.count, sizeof *s.order, by_strength);
		if (c->json)
			print_json(&s);
		else if (c->csv || c->tsv)
			print_csv(&s, c);
		else if (only)
			split_print(&s.items[0], c);
		else
			splits_print(&s.by, s.order, s.count, c);
	}
	for (size_t i = 0; i < s.count; i++)
		if (s.items[i].arena)
			split_release(&s.items[i]);
	free(s.items);
	free(s.order);
	free(s.columns);
	split_by_release(&s.by);
	return status;
}

/* Two columns need not be read as all of them; but JSON has the profile of each group. */
static void read_few(struct cli *c, const char *const only[2], struct table_options *how)
{
	if (!cli_get(c, "column") || c->json)
		return;
	how->only = only;
	how->only_count = 2;
}

static int split_files(struct cli *c)
{
	const char *const only[] = {cli_get(c, "by"), cli_get(c, "column")};
	struct table_options how = {.packed = true, .no_digest = true, .progress = watch_begin(c)};
	struct reading reading;
	struct table table;
	int status = -1;
	read_few(c, only, &how);
	reading_init(&reading);
	if (reading_from_options(c, &reading) == 0 &&
	    table_read(&table, c->args, c->arg_count, &reading, &how, &c->err) == 0) {
		status = split(c, &table);
		if (status == 0 && !c->json && !c->csv && !c->tsv)
			notes_print(c, table.notes, table.note_count);
		table_release(&table);
	}
	reading_release(&reading);
	return status;
}

static int split_registered(struct cli *c)
{
	const char *const only[] = {cli_get(c, "by"), cli_get(c, "column")};
	struct table_options how = {.packed = true, .progress = watch_begin(c)};
	struct store *store = NULL;
	struct work_data data;
	struct table table;
	read_few(c, only, &how);
	if (reading_no_options(c, c->args[0]) != 0 || work_open(c->store, STORE_READ, &store, &c->err) != 0)
		return -1;
	int status = work_data_find(store, c->args[0], &data, &c->err);
	if (status == 0) {
		status = work_data_load(store, &data, &how, &table, &c->err);
		if (status == 0) {
			status = split(c, &table);
			table_release(&table);
		}
		work_data_release(&data);
	}
	store_close(store);
	return status;
}

int data_profile_by(struct cli *c)
{
	if (cli_has(c, "against"))
		return error_set(&c->err, ERR_USAGE, "--by and --against are two questions: ask one at a time");
	return data_args_are_files(c) ? split_files(c) : split_registered(c);
}
