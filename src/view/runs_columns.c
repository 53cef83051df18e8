/* Runs: which columns are shown, what they are like, how they are chosen. */
#include <string.h>

#include "runs_inside.h"

void runs_columns_add(struct runs_shape *s, const char *key)
{
	for (size_t i = 0; i < s->column_count; i++)
		if (strcmp(s->columns[i], key) == 0)
			return;
	if (s->column_count < RUNS_COLUMNS_MAX && strlen(key) < RUNS_KEY)
		snprintf(s->columns[s->column_count++], RUNS_KEY, "%s", key);
}

static bool has_name(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void add_measure(struct runs_shape *s, const char *name, char trend[RUNS_KEY])
{
	runs_columns_add(s, name);
	if (!trend[0])
		snprintf(trend, RUNS_KEY, "trend.%s", strchr(name, '.') + 1);
}

/* Without a choice: what says most. Well-known measures of quality first, then the most reported ones; two
 * parameters that are not the same everywhere; the curve of the first measure. */
void runs_columns_default(struct runs_shape *s, const struct runs_names *names)
{
	static const char *const known[] = {"metrics.auc",  "metrics.accuracy", "metrics.val_loss",
	                                    "metrics.loss", "metrics.log_loss", "metrics.ece"};
	const char *const *from = names && names->measure_count ? names->measures : names ? names->names : NULL;
	size_t count = names && names->measure_count ? names->measure_count
	               : names                       ? names->count
	                                             : 0,
	       measures = 0;
	char trend[RUNS_KEY] = "";

	s->column_count = 0;
	runs_columns_add(s, "name");
	if (names && names->experiments)
		runs_columns_add(s, "experiment");
	runs_columns_add(s, "status");
	for (size_t i = 0; i < COUNT_OF(known) && measures < 2; i++) {
		if (!has_name(from, count, known[i]))
			continue;
		add_measure(s, known[i], trend);
		measures++;
	}
	for (size_t i = 0; i < count && measures < 2; i++) {
		const char *name = from[i];

		if (!runs_key_is(name, "metrics.") || strlen(name) >= RUNS_KEY - 8)
			continue;
		add_measure(s, name, trend);
		measures++;
	}
	for (size_t i = 0; names && i < names->telling_count; i++)
		runs_columns_add(s, names->telling[i]);
	runs_columns_add(s, "age");
	if (trend[0])
		runs_columns_add(s, trend);
}

static bool less_is_better(struct arena *a, const char *key)
{
	const char *context, *name = runs_key_metric(a, key, &context);

	return name && store_direction_guess(name) < 0;
}

static struct ui_column column_of(struct arena *a, const char *key, int place)
{
	struct ui_column u = {.id = key, .title = runs_key_title(a, key), .priority = place};
	struct runs_key k;

	runs_key_split(key, &k);
	if (strcmp(key, "name") == 0) {
		u.min = 14;
		u.max = 20;
		u.priority = 0;
	} else if (strcmp(key, "experiment") == 0) {
		u.min = 8;
		u.max = 12;
		u.priority = 5;
	} else if (strcmp(key, "status") == 0) {
		u.min = 9;
		u.max = 10; /* "● 62% <1m": the share, and the time left */
		u.priority = 1;
	} else if (strcmp(key, "age") == 0 || strcmp(key, "duration") == 0) {
		u.align = UI_RIGHT;
		u.min = 4;
		u.max = 8;
		u.priority = 4;
	} else if (runs_key_is(key, "trend.")) {
		u.title = "trend";
		u.min = u.max = 8;
		u.priority = 3;
		u.no_sort = true;
	} else if (runs_key_is(k.of, "metrics.") || runs_key_is(k.of, "params.")) {
		u.align = UI_DECIMAL;
		u.min = 5;
		/* Titles tell columns of one metric apart. */
		u.max = k.which[0] || strchr(k.of, '[') ? 24 : 14;
		u.no_sort = strcmp(k.which, "at") == 0; /* no index has it */
		u.ascending = less_is_better(a, key);
	} else if (strcmp(key, "progress") == 0) {
		u.align = UI_DECIMAL;
		u.min = 4;
	} else if (strcmp(key, "created") == 0 || strcmp(key, "started") == 0 || strcmp(key, "ended") == 0 ||
	           strcmp(key, "archived") == 0 || strcmp(key, "removed") == 0) {
		u.min = 4; /* all of it: the end of a time is its minutes */
	} else {
		u.min = 4;
		u.max = 20;
	}
	return u;
}

/* What goes first when there is no room: a person's own choice counts from the left; else the first measure
 * outlives its trend, the age and the experiment, and all others. */
static int place_of(const struct runs_shape *s, size_t i)
{
	bool measure = runs_key_measures(s->columns[i]);

	for (size_t k = 0; k < i; k++)
		measure = measure && !runs_key_measures(s->columns[k]);
	return measure ? 2 : (int)i + 6;
}

void runs_columns_show(struct runs *r)
{
	struct arena *a = arena_new();
	struct ui_column columns[RUNS_COLUMNS_MAX];

	for (size_t i = 0; i < r->shape.column_count; i++)
		columns[i] = column_of(a, r->shape.columns[i], place_of(&r->shape, i));
	ui_table_columns(r->table, columns, r->shape.column_count);
	/* One key sorts by what is measured, until a person has gone elsewhere. */
	for (size_t i = 0; i < r->shape.column_count && !r->column_placed; i++) {
		if (!runs_key_measures(r->shape.columns[i]))
			continue;
		ui_table_set_column(r->table, r->shape.columns[i]);
		r->column_placed = true;
	}
	/* Sums of other columns would stand under these. */
	r->sums = NULL;
	runs_summary_old(r);
	arena_free(a);
}

const char *runs_current_key(const struct runs *r)
{
	size_t at = ui_table_column(r->table);

	return !runs_grouped(r) && at < r->shape.column_count ? r->shape.columns[at] : NULL;
}

/* ---- names ---- */

void runs_names_ask(struct runs *r)
{
	struct runs_names_ask ask;

	memcpy(ask.experiment, r->experiment, sizeof ask.experiment);
	ui_ask(r->view, TAG_NAMES, view_runs_read_names, &ask, sizeof ask, NULL);
}

void runs_names_take(struct runs *r, struct ui_result *result)
{
	struct runs_shape before = r->shape;

	arena_free(r->names_arena);
	r->names_arena = result->arena;
	r->names = result->data;
	result->arena = NULL;
	if (r->shape.chosen)
		return;
	runs_columns_default(&r->shape, r->names);
	if (before.column_count == r->shape.column_count &&
	    memcmp(before.columns, r->shape.columns, before.column_count * sizeof *before.columns) == 0)
		return;
	if (runs_grouped(r))
		runs_groups_columns(r);
	else
		runs_columns_show(r);
}

/* ---- choosing ---- */

static bool is_shown(const struct runs_shape *s, const char *key)
{
	for (size_t i = 0; i < s->column_count; i++)
		if (strcmp(s->columns[i], key) == 0)
			return true;
	return false;
}

static void columns_accept(void *user, const int64_t *ids, size_t count)
{
	struct runs *r = user;
	const struct runs_shape before = r->shape;
	const char *fresh = NULL;

	r->shape.column_count = 0;
	runs_columns_add(&r->shape, "name");
	for (size_t i = 0; i < count; i++)
		if (ids[i] >= 1 && (size_t)ids[i] <= r->menu_count)
			runs_columns_add(&r->shape, r->menu_keys[ids[i] - 1]);
	if (r->shape.column_count < count + 1)
		ui_message(r->view->ui, STYLE_WARN, "%zu columns were chosen, the first %zu are shown", count,
		           r->shape.column_count - 1);
	r->shape.chosen = true;
	/* What is new is looked at next: the current column is in sight, however little room there is. */
	for (size_t i = 1; i < r->shape.column_count && !fresh; i++)
		if (!is_shown(&before, r->shape.columns[i]))
			fresh = r->shape.columns[i];
	if (runs_grouped(r))
		runs_groups_columns(r);
	else
		runs_columns_show(r);
	if (fresh && (!runs_grouped(r) || runs_key_measures(fresh)))
		ui_table_set_column(r->table, fresh);
	runs_remember(r);
}

static const char *kind_of(const char *key)
{
	return runs_key_measures(key)        ? "metric"
	       : runs_key_is(key, "params.") ? "parameter"
	       : runs_key_is(key, "tags.")   ? "tag"
	       : runs_key_is(key, "trend.")  ? "curve"
	                                     : "run";
}

struct columns_menu {
	struct arena *mem;
	struct ui_menu_item *items;
	const char **keys;
	size_t count;
};

static void offer(struct columns_menu *m, const char *key, bool checked)
{
	m->keys[m->count] = key;
	m->items[m->count] = (struct ui_menu_item){.text = runs_key_title(m->mem, key),
	                                           .detail = kind_of(key),
	                                           .id = (int64_t)m->count + 1,
	                                           .checked = checked};
	m->count++;
}

/* What is shown first, in its order; then what runs have of their own, then what was reported, most used first.
 * Made from what is at hand, so that what is typed ahead meets the menu: one pass over the names. */
void runs_columns_choose(struct runs *r)
{
	static const char *const own[] = {"experiment", "status", "age",      "duration", "id",
	                                  "kind",       "user",   "host",     "source",   "created",
	                                  "started",    "ended",  "progress", "archived", "removed"};
	const struct runs_shape *s = &r->shape;
	size_t names = r->names ? r->names->count : 0, contexts = r->names ? r->names->context_count : 0;
	struct columns_menu m = {.mem = arena_new()};
	struct ui_menu menu = {
	    .title = "Columns", .multiple = true, .ordered = true, .user = r, .accept_many = columns_accept};

	m.items = arena_array(m.mem, RUNS_COLUMNS_MAX + COUNT_OF(own) + 2 * names + contexts, sizeof *m.items);
	m.keys = arena_array(m.mem, RUNS_COLUMNS_MAX + COUNT_OF(own) + 2 * names + contexts, sizeof *m.keys);
	for (size_t i = 1; i < s->column_count; i++)
		offer(&m, arena_strdup(m.mem, s->columns[i]), true);
	for (size_t i = 0; i < COUNT_OF(own); i++)
		if (!is_shown(s, own[i]))
			offer(&m, own[i], false);
	for (size_t i = 0; i < names; i++)
		if (!is_shown(s, r->names->names[i]))
			offer(&m, arena_strdup(m.mem, r->names->names[i]), false);
	for (size_t i = 0; i < contexts; i++)
		if (!is_shown(s, r->names->contexts[i]))
			offer(&m, arena_strdup(m.mem, r->names->contexts[i]), false);
	for (size_t i = 0; i < names; i++) {
		const char *name = r->names->names[i], *trend;

		if (!runs_key_is(name, "metrics."))
			continue;
		trend = arena_printf(m.mem, "trend.%s", strchr(name, '.') + 1);
		if (!is_shown(s, trend))
			offer(&m, trend, false);
	}
	arena_free(r->menu_arena);
	r->menu_arena = m.mem;
	r->menu_keys = m.keys;
	r->menu_count = m.count;
	menu.items = m.items;
	menu.count = m.count;
	ui_menu(r->view, &menu);
}
