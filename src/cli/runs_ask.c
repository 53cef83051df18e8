/* Which runs, in which order, with which columns: as options say it, and as a saved view does. */
#include "cli_runs.h"

int names_option(struct cli *c, const char *option, struct arena *mem, const char *const **names,
                 size_t *count)
{
	const char *text = cli_get(c, option);
	const char **list;
	*count = 0;
	if (!text)
		return 0;
	if (store_columns_parse(text, mem, &list, count, &c->err) != 0)
		return -1;
	if (!*count)
		return error_set(&c->err, ERR_USAGE, "--%s names nothing", option);
	*names = list;
	return 0;
}

/* Adds a condition that must hold as well. */
static void and_where(struct str *filter, const char *condition)
{
	if (!condition[strspn(condition, " \t\r\n")])
		return;
	str_addf(filter, "%s(%s)", filter->len ? " and " : "", condition);
}

/* The screen has names of its own for some columns: an age, which it sorts by when the run was made; curves, which no
 * listing has; and in groups, how many runs there are and the key itself. */
static void plain_names(struct work_view *v, struct arena *mem)
{
	const char **columns = arena_array(mem, v->column_count + 1, sizeof *columns);
	struct runs_order *sort = arena_array(mem, v->sort_count + 1, sizeof *sort);
	size_t columns_left = 0, sort_left = 0;
	for (size_t i = 0; i < v->column_count; i++) {
		if (strncmp(v->columns[i], "trend.", 6) != 0)
			columns[columns_left++] = strcmp(v->columns[i], "age") == 0 ? "started" : v->columns[i];
	}
	for (size_t i = 0; i < v->sort_count; i++) {
		const struct runs_order *by = &v->sort[i];
		if (strcmp(by->key, "age") == 0)
			sort[sort_left++] = (struct runs_order){"created", !by->descending};
		else if (strcmp(by->key, "runs") == 0)
			sort[sort_left++] = (struct runs_order){"count", by->descending};
		else if (strcmp(by->key, "group") == 0 && v->group_count)
			sort[sort_left++] = (struct runs_order){v->group[0], by->descending};
		else if (strncmp(by->key, "trend.", 6) != 0)
			sort[sort_left++] = *by;
	}
	v->columns = columns;
	v->column_count = columns_left;
	v->sort = sort;
	v->sort_count = sort_left;
}

/* The view's part; what it compares with is a matter of the screen. */
static int take_view(struct cli *c, struct store *store, struct arena *mem, struct work_view *view)
{
	const char *name = cli_get(c, "view"), *experiment = cli_get(c, "experiment");
	struct store_saved saved;
	*view = (struct work_view){.filter = ""};
	if (!name)
		return 0;
	if (work_saved_find(store, "view", experiment ? experiment : "", name, mem, &saved, &c->err) != 0 ||
	    work_view_read(saved.text, mem, view, &c->err) != 0)
		return -1;
	plain_names(view, mem);
	if (view->baseline && !c->quiet)
		safe_fprintf(
		    stderr,
		    "values as they are: the view's comparison with %s is for the screen, and `assay compare`\n",
		    view->baseline + 24);
	return 0;
}

/* Each is looked at by itself, so that none can change what another means, and the place of an error is right. */
static int join_filters(struct cli *c, struct arena *mem, const char *of_view, struct runs_ask *out)
{
	const char *where = cli_get(c, "where"), *experiment = cli_get(c, "experiment");
	size_t at;
	if ((where && store_filter_check(where, &at, &c->err) != 0) ||
	    store_filter_check(of_view, &at, &c->err) != 0)
		return -1;
	struct str filter;
	str_init(&filter);
	and_where(&filter, of_view);
	if (where)
		and_where(&filter, where);
	if (experiment)
		str_addf(&filter, "%sexperiment = %s", filter.len ? " and " : "", store_quoted(experiment, mem));
	out->query.filter = arena_memdup0(mem, filter.data, filter.len);
	str_release(&filter);
	return 0;
}

int runs_ask_read(struct cli *c, struct store *store, struct arena *mem, struct runs_ask *out)
{
	struct work_view view;
	struct runs_order *order = NULL;
	const char *text = cli_get(c, "order");
	if (take_view(c, store, mem, &view) != 0 || join_filters(c, mem, view.filter, out) != 0)
		return -1;
	out->query.order = view.sort;
	out->query.order_count = view.sort_count;
	if (text) {
		if (store_order_parse(text, mem, &order, &out->query.order_count, &c->err) != 0)
			return -1;
		out->query.order = order;
	}
	out->query.columns = view.columns;
	out->query.column_count = view.column_count;
	if (cli_has(c, "columns") &&
	    names_option(c, "columns", mem, &out->query.columns, &out->query.column_count) != 0)
		return -1;
	out->group = view.group;
	out->group_count = view.group_count;
	out->over_seeds = view.over_seeds || cli_has(c, "over-seeds");
	return cli_has(c, "group") ? names_option(c, "group", mem, &out->group, &out->group_count) : 0;
}
