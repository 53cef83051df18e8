/* One column, on the reader's thread: split by another, and the rows behind a number. */
#include <stdlib.h>
#include <string.h>

#include "assay/work_data.h"
#include "feature.h"
#include "rows.h"
#include "view_inside.h"

static void *copied(struct arena *a, const void *from, size_t count, size_t size)
{
	void *to = from ? arena_array(a, count + 1, size) : NULL;

	if (from && count > 0)
		memcpy(to, from, count * size);
	return to;
}

static bool is_file(const struct split *s, size_t group)
{
	return group + 1 < s->group_count || strncmp(s->groups[group].name, "other (", 7) != 0;
}

/* The folder that all files lie in says nothing. */
static void shorten_paths(struct split *s)
{
	const char *first = s->groups[0].name, *slash = strrchr(first, '/');
	size_t folder = slash ? (size_t)(slash - first) + 1 : 0;

	for (size_t i = 1; i < s->group_count; i++)
		while (folder > 0 && is_file(s, i) && strncmp(s->groups[i].name, first, folder) != 0)
			for (folder--; folder > 0 && first[folder - 1] != '/';)
				folder--;
	for (size_t i = 0; i < s->group_count; i++)
		if (is_file(s, i))
			s->groups[i].name += folder;
}

/* All of it into the answer's arena: answers that nobody waits for any more are dropped with that. */
static void copy_split(struct arena *a, const struct split *from, struct split *to)
{
	const char **names = arena_array(a, from->value_count + 1, sizeof *names);

	*to = *from;
	to->arena = NULL;
	to->column = arena_strdup(a, from->column);
	to->by = arena_strdup(a, from->by);
	to->edges = copied(a, from->edges, from->bins + 1, sizeof *to->edges);
	for (size_t i = 0; i < from->value_count; i++)
		names[i] = arena_strdup(a, from->value_names[i]);
	to->value_names = names;
	to->groups = copied(a, from->groups, from->group_count, sizeof *to->groups);
	for (size_t i = 0; i < from->group_count; i++) {
		struct split_group *g = &to->groups[i];

		g->name = arena_strdup(a, g->name);
		g->where = arena_strdup(a, g->where);
		g->bins = copied(a, g->bins, from->bins, sizeof *g->bins);
		g->values = copied(a, g->values, from->value_count, sizeof *g->values);
	}
	if (to->kind == SPLIT_FILES && to->group_count > 0)
		shorten_paths(to);
}

static int column_of(const struct table *t, const struct feature_by *by, long *out, struct error *err)
{
	*out = by->files ? -1 : table_need(t, by->column, err);
	return by->files || *out >= 0 ? 0 : -1;
}

static int split_rows(struct desk *desk, struct rows_held *h, const struct feature_split_ask *ask,
                      struct arena *a, struct feature_split *out, struct error *err)
{
	long by, column = table_need(&h->table, ask->column, err);
	const struct split_by *groups;
	struct split split;

	if (column < 0 || column_of(&h->table, &ask->by, &by, err) != 0)
		return -1;
	groups = rows_grouped(h, by, desk->progress, err);
	if (!groups || split_column(&split, groups, (size_t)column, desk->progress, err) != 0)
		return -1;
	copy_split(a, &split, &out->split);
	split_release(&split);
	memcpy(out->column, ask->column, sizeof out->column);
	out->by = ask->by;
	out->compared = groups->compared;
	out->positive = groups->positive >= 0 ? out->split.groups[groups->positive].name : NULL;
	long weight = table_role(&h->table, ROLE_WEIGHT);
	out->weight = weight >= 0 ? arena_strdup(a, h->table.columns[weight].name) : NULL;
	out->rows = h->table.row_count;
	out->all = h->table.cut ? h->rows : h->table.row_count;
	return 0;
}

/* The version in memory; NULL: err. It is given back with rows_end. */
static struct rows_held *loaded(struct desk *desk, struct arena *a, int64_t id, struct error *err)
{
	struct rows_load_ask load = {.id = id};
	struct rows_held *h;
	void *nothing;

	if (view_rows_load(desk, a, &load, &nothing, err) != 0)
		return NULL;
	h = rows_begin(desk->app->rows, id);
	if (!h)
		progress_stopped(err);
	return h;
}

int view_feature_split(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct feature_split_ask *ask = arg;
	struct feature_split *out = arena_alloc(a, sizeof *out);
	struct rows_held *h = loaded(desk, a, ask->id, err);
	int status;

	*result = out;
	if (!h)
		return -1;
	status = split_rows(desk, h, ask, a, out, err);
	rows_end(desk->app->rows, h, false);
	return status;
}

/* ---- rows behind a number ---- */

static int keep_group(struct desk *desk, struct rows_held *h, const struct feature_rows_ask *ask,
                      size_t column, uint8_t *keep, struct error *err)
{
	const struct split_by *groups;
	long by;

	if (column_of(&h->table, &ask->by, &by, err) != 0)
		return -1;
	groups = rows_grouped(h, by, desk->progress, err);
	if (!groups)
		return -1;
	for (size_t i = 0; i < h->table.row_count; i++)
		keep[i] = groups->group_of[i] == ask->target.group &&
		          (!ask->target.missing || column_is_missing(&h->table.columns[column], i));
	return 0;
}

static int keep_rows(struct desk *desk, struct rows_held *h, const struct feature_rows_ask *ask,
                     uint8_t *keep, struct error *err)
{
	long column = table_need(&h->table, ask->column, err);
	size_t matched;

	if (column < 0)
		return -1;
	if (ask->target.kind == BEHIND_WHERE)
		return table_where(&h->table, ask->target.where, keep, &matched, NULL, err);
	if (ask->target.kind == BEHIND_GROUP)
		return keep_group(desk, h, ask, (size_t)column, keep, err);
	table_fact_rows(&h->table, (size_t)column, &ask->target.fact, keep);
	return 0;
}

int view_feature_rows(void *context, struct arena *a, const void *arg, void **result, struct error *err)
{
	struct desk *desk = context;
	const struct feature_rows_ask *ask = arg;
	struct feature_rows *out = arena_alloc(a, sizeof *out);
	struct rows_held *h = loaded(desk, a, ask->id, err);
	size_t rows, count = 0;
	uint8_t *keep;
	int status;

	*result = out;
	if (!h)
		return -1;
	rows = h->table.row_count;
	keep = xcalloc(rows + 1, 1);
	status = keep_rows(desk, h, ask, keep, err);
	for (size_t i = 0; status == 0 && i < rows; i++)
		count += keep[i];
	out->id = ask->id;
	memcpy(out->column, ask->column, sizeof out->column);
	out->which = arena_strdup(a, ask->which);
	out->at = arena_array(a, count + 1, sizeof *out->at);
	for (size_t i = 0; status == 0 && i < rows; i++)
		if (keep[i])
			out->at[out->count++] = i;
	free(keep);
	rows_end(desk->app->rows, h, false);
	return status;
}
