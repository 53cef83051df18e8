/* assay data profile … --by COL: every column in the groups that another one makes, or one column whole. */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "assay/work.h"

#include "cli_data.h"
#include "cli_split.h"

struct splits {
	struct cli *c;
	enum stats_weights weights;
	struct table_passes passes;
	size_t threads; /* that there is room for */
	struct split_by by;
	struct split *items; /* of the table's columns; one without arena is not split */
	size_t item_count;
	const struct split **order; /* strongest first */
	size_t count;
	/* Of several passes, for JSON: of each group, by column of the table; and what these columns point to. */
	struct profile *profiles, *made;
	size_t made_count, made_cap;
	const size_t *columns; /* of the table: those of this pass */
	size_t column_count;
	_Atomic size_t next;
	_Atomic bool failed;
	struct error err;
	struct progress *progress; /* columns */
};

/* All but the one that they are split by, or the one that was named. */
static bool is_asked(const struct splits *s, size_t column)
{
	const char *only = cli_get(s->c, "column");
	return only ? strcmp(s->by.table->columns[column].name, only) == 0 : (long)column != s->by.by;
}

static void split_columns(void *user, size_t thread)
{
	struct splits *s = user;
	size_t at;
	(void)thread;
	while ((at = atomic_fetch_add(&s->next, 1)) < s->column_count) {
		const size_t column = s->columns[at];
		struct error err;
		int status = progress_stop(s->progress) ? progress_stopped(&err)
		             : is_asked(s, column)      ? split_column(&s->items[column], &s->by, column, NULL, &err)
		                                        : 0;
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

static int profile_rows(const struct splits *s, const struct table *rows, struct profile *out,
                        struct error *err)
{
	const struct profile_options how = {.weights = s->weights, .threads = (int)s->threads};
	return profile_table(out, rows, &how, err);
}

/* One pass had everything: each group is profiled as it is written. */
static void group_json(const struct splits *s, size_t group, struct json_writer *j)
{
	struct table rows;
	struct profile profile;
	struct error err;
	if (s->profiles && s->profiles[group].columns)
		profile_json_columns(&s->profiles[group], j);
	if (s->profiles)
		return;
	split_take(&s->by, group, &rows);
	if (profile_rows(s, &rows, &profile, &err) == 0) {
		profile_json_columns(&profile, j);
		profile_release(&profile);
	}
	table_release(&rows);
}

static void print_json(const struct splits *s)
{
	const struct table *t = s->by.table;
	struct str json, one;
	struct json_writer j;
	str_init(&json);
	str_init(&one);
	jw_init(&j, &json);
	jw_object(&j, NULL);
	jw_int(&j, "rows", (int64_t)s->by.rows);
	jw_string(&j, "by", s->by.by < 0 ? "file" : t->columns[s->by.by].name);
	jw_array(&j, "groups");
	for (size_t i = 0; i < s->by.group_count; i++) {
		const struct split_group *g = &s->by.groups[i];
		jw_object(&j, NULL);
		jw_string(&j, "value", g->name);
		jw_string(&j, "where", g->where);
		jw_int(&j, "rows", (int64_t)g->rows);
		group_json(s, i, &j);
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

/* JSON takes the rows of each group anew, by their places. What threads take is half of the memory at most. */
static uint64_t need(void *user, uint64_t rows, uint64_t bytes)
{
	struct splits *s = user;
	const uint64_t groups = s->c->json ? bytes + rows * (s->weights ? 24 : 8) : 0, room = s->passes.room,
	               beside = bytes + groups + split_bytes(rows, s->weights, 0),
	               one = split_bytes(rows, s->weights, 1) - split_bytes(rows, s->weights, 0);
	s->threads = (size_t)cpu_count();
	while (s->threads > 1 && (s->threads * one > room / 2 || beside + s->threads * one > room))
		s->threads--;
	return beside + s->threads * one;
}

static int begin(struct splits *s, const struct table *t)
{
	const char *only = cli_get(s->c, "column");
	long by;
	if (find_by(s->c, t, &by) != 0)
		return -1;
	if (only && table_need(t, only, &s->c->err) < 0)
		return error_prefix(&s->c->err, "--column");
	if (split_by_init(&s->by, t, by, 0, s->weights, s->progress, &s->c->err) != 0)
		return error_prefix(&s->c->err, "--by");
	s->item_count = t->column_count;
	s->items = xcalloc(s->item_count + 1, sizeof *s->items);
	return 0;
}

/* Splits these columns of the table. */
static int split(struct splits *s, const struct table *t, const size_t *columns, size_t count)
{
	s->columns = columns;
	s->column_count = count;
	s->by.table = t;
	s->next = 0;
	progress_begin(s->progress, "splitting", "columns", count);
	parallel_chunks(s->threads, 0, split_columns, s);
	if (s->failed)
		s->c->err = s->err;
	return s->failed ? -1 : 0;
}

/* These columns of the table alone, and the weights, as a table of their own: of each group. */
static int profile_groups(struct splits *s, const struct table *t, const size_t *columns, size_t count)
{
	struct table narrow = *t, rows;
	struct split_by by = s->by;
	bool weighted = s->by.weight < 0;
	int status = 0;
	narrow.columns = xcalloc(count + 1, sizeof *narrow.columns);
	narrow.column_count = count;
	for (size_t i = 0; i < count; i++) {
		narrow.columns[i] = t->columns[columns[i]];
		weighted = weighted || (long)columns[i] == s->by.weight;
	}
	if (!weighted) {
		struct column *c = &narrow.columns[narrow.column_count++];
		*c = t->columns[s->by.weight];
		c->values = s->by.weight_of;
	}
	by.table = &narrow;
	if (!s->profiles)
		s->profiles = xcalloc(by.group_count + 1, sizeof *s->profiles);
	for (size_t k = 0; k < by.group_count && status == 0; k++) {
		struct profile *p = &s->profiles[k], one;
		struct error err;
		if (progress_stop(s->progress)) {
			status = progress_stopped(&s->c->err);
			break;
		}
		split_take(&by, k, &rows);
		if (profile_rows(s, &rows, &one, &err) == 0) {
			if (!p->columns)
				p->columns = xcalloc(t->column_count + 1, sizeof *p->columns);
			p->column_count = t->column_count;
			for (size_t i = 0; i < count; i++)
				p->columns[columns[i]] = one.columns[i];
			s->made = vec_reserve(s->made, &s->made_cap, s->made_count + 1, sizeof *s->made);
			s->made[s->made_count++] = one;
		}
		table_release(&rows);
	}
	free(narrow.columns);
	return status;
}

static int take(void *user, const struct table *t, const size_t *columns, size_t count, struct error *err)
{
	struct splits *s = user;
	int status = s->items ? 0 : begin(s, t);
	if (status == 0)
		status = split(s, t, columns, count);
	if (status == 0 && s->c->json)
		status = profile_groups(s, t, columns, count);
	*err = s->c->err;
	return status;
}

/* What was taken in passes, or the whole table now; in order. */
static int split_rest(struct splits *s, const struct table *t)
{
	if (!s->passes.taken) {
		size_t *columns = xcalloc(t->column_count + 1, sizeof *columns);
		for (size_t i = 0; i < t->column_count; i++)
			columns[i] = i;
		int status = begin(s, t);
		if (status == 0)
			status = split(s, t, columns, t->column_count);
		free(columns);
		if (status != 0)
			return -1;
	}
	s->by.table = t;
	/* Which column is the id is known once all are. */
	for (size_t k = 0; s->profiles && k < s->by.group_count; k++)
		for (size_t i = 0; i < s->profiles[k].column_count; i++)
			s->profiles[k].columns[i].roles = t->columns[i].roles;
	s->order = xcalloc(t->column_count + 1, sizeof *s->order);
	for (size_t i = 0; i < t->column_count; i++)
		if (s->items[i].arena)
			s->order[s->count++] = &s->items[i];
	qsort(s->order, s->count, sizeof *s->order, by_strength);
	return 0;
}

static void print(const struct splits *s)
{
	if (s->c->json)
		print_json(s);
	else if (s->c->csv || s->c->tsv)
		print_csv(s, s->c);
	else if (cli_get(s->c, "column"))
		split_print(s->order[0], s->c);
	else
		splits_print(&s->by, s->order, s->count, s->c);
}

static void release(struct splits *s)
{
	for (size_t i = 0; i < s->item_count && s->items; i++)
		if (s->items[i].arena)
			split_release(&s->items[i]);
	for (size_t k = 0; k < s->by.group_count && s->profiles; k++)
		free(s->profiles[k].columns);
	for (size_t i = 0; i < s->made_count; i++)
		profile_release(&s->made[i]);
	free(s->made);
	free(s->profiles);
	free(s->items);
	free(s->order);
	if (s->by.arena)
		split_by_release(&s->by);
}

/* Two columns need not be read as all of them; but JSON has the profile of each group. */
static int prepare(struct splits *s, struct cli *c, const char *only[2], struct table_options *how)
{
	*how = (struct table_options){.packed = true, .progress = watch_begin(c)};
	*s = (struct splits){.c = c,
	                     .progress = how->progress,
	                     .passes = {.first = cli_get(c, "by"), .need = need, .take = take, .user = s}};
	only[0] = cli_get(c, "by");
	only[1] = cli_get(c, "column");
	if (only[1] && !c->json) {
		how->only = only;
		how->only_count = 2;
	}
	return size_asked(c, "memory", MEMORY_LEAST, &s->passes.memory);
}

static int split_files(struct cli *c)
{
	const char *only[2];
	struct table_options how;
	struct reading reading;
	struct splits s;
	struct table table;
	int status = prepare(&s, c, only, &how);
	how.no_digest = true;
	reading_init(&reading);
	if (status == 0)
		status = reading_from_options(c, &reading);
	if (status == 0)
		status = weights_asked(c, &reading, &s.weights);
	if (status == 0)
		status = table_read_passes(&table, c->args, c->arg_count, &reading, &how, &s.passes, &c->err);
	if (status == 0) {
		status = split_rest(&s, &table);
		watch_end(c);
		if (status == 0)
			print(&s);
		if (status == 0 && !c->json && !c->csv && !c->tsv)
			notes_print(c, table.notes, table.note_count);
		table_release(&table);
	}
	release(&s);
	reading_release(&reading);
	return status;
}

static int split_registered(struct cli *c)
{
	const char *only[2];
	struct table_options how;
	struct store *store = NULL;
	struct splits s;
	struct work_data data;
	struct table table;
	if (prepare(&s, c, only, &how) != 0 || reading_no_options(c, c->args[0]) != 0 ||
	    work_open(c->store, STORE_READ, &store, &c->err) != 0)
		return -1;
	int status = work_data_find(store, c->args[0], &data, &c->err);
	if (status == 0) {
		status = weights_asked(c, &data.reading, &s.weights);
		if (status == 0)
			status = work_data_load_passes(store, &data, &how, &s.passes, &table, &c->err);
		if (status == 0) {
			status = split_rest(&s, &table);
			watch_end(c);
			if (status == 0)
				print(&s);
			table_release(&table);
		}
		work_data_release(&data);
	}
	release(&s);
	store_close(store);
	return status;
}

int data_profile_by(struct cli *c)
{
	if (cli_has(c, "against"))
		return error_set(&c->err, ERR_USAGE, "--by and --against are two questions: ask one at a time");
	return data_args_are_files(c) ? split_files(c) : split_registered(c);
}
