/* assay views: saved views of the runs, and named filters. */
#include "cli_edit.h"
#include "cli_runs.h"
#include "commands.h"

static const char *kind_of(const struct cli *c)
{
	return cli_has(c, "filters") ? "filter" : "view";
}

static const char *experiment_of(const struct cli *c)
{
	const char *name = cli_get(c, "experiment");
	return name ? name : "";
}

static bool is_view(const struct store_saved *s)
{
	return strcmp(s->kind, "view") == 0;
}

static void saved_json(struct json_writer *j, const struct store_saved *s, struct arena *mem)
{
	struct work_view view;
	struct error err;
	jw_object(j, NULL);
	jw_string(j, "name", s->name);
	jw_string(j, "experiment", *s->experiment ? s->experiment : NULL);
	if (!is_view(s)) {
		jw_string(j, "filter", s->text);
	} else if (work_view_read(s->text, mem, &view, &err) == 0) {
		jw_raw(j, "view", s->text);
	} else {
		jw_null(j, "view");
		jw_string(j, "view_why", err.text);
	}
	jw_object_end(j);
}

/* "metrics.auc desc, started" */
static void add_order(struct str *out, const struct work_view *v)
{
	for (size_t i = 0; i < v->sort_count; i++)
		str_addf(out, "%s%s%s", i ? ", " : "", v->sort[i].key, v->sort[i].descending ? " desc" : "");
}

static void add_names(struct str *out, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i)
			str_addc(out, ',');
		csv_field(out, names[i], strlen(names[i]), ',', false);
	}
}

/* ---- views ls ---- */

static void add_row(struct listing *g, const struct store_saved *s, const struct work_view *v,
                    const char *fault)
{
	struct str text;
	str_init(&text);
	listing_text(g, s->name, GRID_PLAIN);
	listing_both(g, *s->experiment ? s->experiment : "all", s->experiment, false, GRID_PLAIN);
	if (!is_view(s)) {
		listing_text(g, s->text, GRID_PLAIN);
	} else if (fault) {
		listing_text(g, fault, GRID_BAD);
		listing_none(g);
		listing_none(g);
	} else {
		listing_text(g, v->filter, GRID_PLAIN);
		add_order(&text, v);
		listing_text(g, text.data, GRID_PLAIN);
		str_clear(&text);
		add_names(&text, v->columns, v->column_count);
		listing_text(g, text.data, GRID_PLAIN);
	}
	str_release(&text);
}

static void list_text(struct cli *c, const struct store_saved *all, size_t count, struct arena *mem)
{
	struct listing g;
	bool views = !cli_has(c, "filters");
	listing_init(&g);
	listing_column(&g, views ? "view" : "name", "name", GRID_LEFT);
	listing_column(&g, "of", "experiment", GRID_LEFT);
	listing_column(&g, "filter", "filter", GRID_LEFT);
	if (views) {
		listing_column(&g, "order", "order", GRID_LEFT);
		listing_column(&g, "columns", "columns", GRID_LEFT);
	}
	for (size_t i = 0; i < count; i++) {
		struct work_view view;
		struct error err;
		bool broken = is_view(&all[i]) && work_view_read(all[i].text, mem, &view, &err) != 0;
		add_row(&g, &all[i], &view, broken ? err.text : NULL);
	}
	if (count || c->csv || c->tsv)
		listing_print(&g, c, stdout);
	else if (!c->quiet)
		fprintf(stderr, "no %s is saved; `assay views save NAME` saves one\n", views ? "view" : "filter");
	listing_release(&g);
}

static int list(struct cli *c, struct store *store, struct arena *mem)
{
	struct store_saved *all;
	size_t count;
	if (store_saved_list(store, kind_of(c), experiment_of(c), mem, &all, &count, &c->err) != 0)
		return -1;
	if (!c->json) {
		list_text(c, all, count, mem);
		return 0;
	}
	struct str json;
	struct json_writer j;
	str_init(&json);
	jw_init(&j, &json);
	jw_array(&j, NULL);
	for (size_t i = 0; i < count; i++)
		saved_json(&j, &all[i], mem);
	jw_array_end(&j);
	json_print(&json, stdout);
	str_release(&json);
	return 0;
}

/* ---- views show ---- */

static int show_text(struct cli *c, const struct store_saved *s, struct arena *mem)
{
	struct work_view v;
	struct str order, columns, group;
	if (!is_view(s)) {
		safe_fprintf(stdout, "%s\n", s->text);
		return 0;
	}
	if (work_view_read(s->text, mem, &v, &c->err) != 0)
		return -1;
	str_init(&order);
	str_init(&columns);
	str_init(&group);
	add_order(&order, &v);
	add_names(&columns, v.columns, v.column_count);
	add_names(&group, v.group, v.group_count);
	if (v.over_seeds)
		str_addf(&group, "%sall but the seed", group.len ? ", " : "");
	const struct fact facts[] = {
	    {"view", s->name},
	    {"of", *s->experiment ? s->experiment : "all experiments"},
	    {"filter", *v.filter ? v.filter : NULL},
	    {"order", order.len ? order.data : NULL},
	    {"columns", columns.len ? columns.data : NULL},
	    {"groups", group.len ? group.data : NULL},
	    {"baseline", v.baseline},
	    {"shows", v.difference == WORK_VALUE ? NULL : work_difference_name(v.difference)},
	    {"sums", v.summary ? "under the header" : NULL},
	};
	facts_print(facts, COUNT_OF(facts), c, stdout);
	str_release(&order);
	str_release(&columns);
	str_release(&group);
	return 0;
}

static int show(struct cli *c, struct store *store, struct arena *mem)
{
	struct store_saved saved;
	if (work_saved_find(store, kind_of(c), experiment_of(c), c->args[0], mem, &saved, &c->err) != 0)
		return -1;
	if (!c->json)
		return show_text(c, &saved, mem);
	struct str json;
	struct json_writer j;
	str_init(&json);
	jw_init(&j, &json);
	saved_json(&j, &saved, mem);
	json_print(&json, stdout);
	str_release(&json);
	return 0;
}

/* ---- views save, views rm ---- */

static int write_saved(struct cli *c, struct store *store, const char *text, struct arena *mem)
{
	const struct store_saved saved = {
	    .kind = kind_of(c), .experiment = experiment_of(c), .name = c->args[0], .text = text};
	struct work_edited done;
	if (work_saved(store, &saved, mem, &done, &c->err) != 0)
		return -1;
	edited_print(c, &done);
	return 0;
}

static int save_view(struct cli *c, struct store *store, struct arena *mem)
{
	struct work_view v = {.filter = cli_get(c, "where"), .over_seeds = cli_has(c, "over-seeds")};
	struct runs_order *sort = NULL;
	const char *order = cli_get(c, "order");
	struct str text;
	if (order && store_order_parse(order, mem, &sort, &v.sort_count, &c->err) != 0)
		return -1;
	v.sort = sort;
	if (names_option(c, "columns", mem, &v.columns, &v.column_count) != 0 ||
	    names_option(c, "group", mem, &v.group, &v.group_count) != 0)
		return -1;
	str_init(&text);
	work_view_write(&v, &text);
	int status = write_saved(c, store, text.data, mem);
	str_release(&text);
	return status;
}

static int save(struct cli *c, struct store *store, struct arena *mem)
{
	static const char *const of_views[] = {"order", "columns", "group", "over-seeds"};
	if (!cli_has(c, "filters"))
		return save_view(c, store, mem);
	for (size_t i = 0; i < COUNT_OF(of_views); i++)
		if (cli_has(c, of_views[i]))
			return error_set(&c->err, ERR_USAGE, "a named filter has no --%s: leave --filters out",
			                 of_views[i]);
	if (!cli_has(c, "where"))
		return error_set(&c->err, ERR_USAGE, "which filter? say it with --where EXPR");
	return write_saved(c, store, cli_get(c, "where"), mem);
}

static int remove_saved(struct cli *c, struct store *store, struct arena *mem)
{
	return write_saved(c, store, NULL, mem);
}

static int with_store(struct cli *c, enum store_mode mode,
                      int (*act)(struct cli *c, struct store *store, struct arena *mem))
{
	struct store *store = NULL;
	struct arena *mem = arena_new();
	int status = work_open(c->store, mode, &store, &c->err);
	if (status == 0)
		status = act(c, store, mem);
	store_close(store);
	arena_free(mem);
	return status;
}

int cmd_views_ls(struct cli *c)
{
	return with_store(c, STORE_READ, list);
}

int cmd_views_show(struct cli *c)
{
	return with_store(c, STORE_READ, show);
}

int cmd_views_save(struct cli *c)
{
	return with_store(c, STORE_WRITE, save);
}

int cmd_views_rm(struct cli *c)
{
	return with_store(c, STORE_WRITE, remove_saved);
}
