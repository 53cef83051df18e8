/* Runs: which columns are shown, what they are like, how they are chosen. */
#include <string.h>

#include "runs_columns.h"
#include "view_inside.h"

static bool has_name(const struct runs_columns *c, const char *name)
{
	for (size_t i = 0; c->names && i < c->names->count; i++)
		if (strcmp(c->names->names[i], name) == 0)
			return true;
	return false;
}

void runs_columns_add(struct runs_columns *c, const char *key)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->key[i], key) == 0)
			return;
	if (c->count < RUNS_COLUMNS_MAX && strlen(key) < RUNS_KEY)
		snprintf(c->key[c->count++], RUNS_KEY, "%s", key);
}

static bool is_kind(const char *key, const char *prefix)
{
	return strncmp(key, prefix, strlen(prefix)) == 0;
}

/* Without a choice: what says most. Well-known measures of quality first, then the most reported ones; two
 * parameters that are not the same everywhere; the curve of the first measure. */
void runs_columns_default(struct runs_columns *c)
{
	static const char *const known[] = {"metrics.auc",  "metrics.accuracy", "metrics.val_loss",
	                                    "metrics.loss", "metrics.log_loss", "metrics.ece"};
	size_t metrics = 0;
	char trend[RUNS_KEY] = "";

	c->count = 0;
	runs_columns_add(c, "name");
	if (c->names && c->names->experiments)
		runs_columns_add(c, "experiment");
	runs_columns_add(c, "status");
	for (size_t i = 0; i < COUNT_OF(known) && metrics < 2; i++) {
		if (!has_name(c, known[i]))
			continue;
		runs_columns_add(c, known[i]);
		if (metrics++ == 0)
			snprintf(trend, sizeof trend, "trend.%s", view_runs_column_title(known[i]));
	}
	for (size_t i = 0; c->names && i < c->names->count; i++) {
		const char *name = c->names->names[i];

		if (is_kind(name, "metrics.") && metrics < 2 && strlen(name) < RUNS_KEY - 8) {
			runs_columns_add(c, name);
			if (metrics++ == 0)
				snprintf(trend, sizeof trend, "trend.%s", view_runs_column_title(name));
		}
	}
	for (size_t i = 0; c->names && i < c->names->telling_count; i++)
		runs_columns_add(c, c->names->telling[i]);
	runs_columns_add(c, "age");
	if (trend[0])
		runs_columns_add(c, trend);
}

static struct ui_column column_of(const char *key, int place)
{
	struct ui_column u = {.id = key, .title = view_runs_column_title(key), .priority = place};

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
		u.max = 10;
		u.priority = 1;
	} else if (strcmp(key, "age") == 0 || strcmp(key, "duration") == 0) {
		u.align = UI_RIGHT;
		u.min = 4;
		u.max = 8;
		u.priority = 4;
	} else if (is_kind(key, "trend.")) {
		u.title = "trend";
		u.min = u.max = 8;
		u.priority = 3;
		u.no_sort = true;
	} else if (is_kind(key, "metrics.") || is_kind(key, "params.")) {
		u.align = UI_DECIMAL;
		u.min = 5;
		u.max = 14;
	} else {
		u.min = 4;
		u.max = 20;
	}
	return u;
}

/* What goes first when there is no room: a person's own choice counts from the left; else the first measure
 * outlives its trend, the age and the experiment, and all others. */
static int place_of(const struct runs_columns *c, size_t i)
{
	bool measure = is_kind(c->key[i], "metrics.");

	for (size_t k = 0; k < i; k++)
		measure = measure && !is_kind(c->key[k], "metrics.");
	return measure ? 2 : (int)i + 6;
}

void runs_columns_show(struct runs_columns *c)
{
	struct ui_column columns[RUNS_COLUMNS_MAX];

	for (size_t i = 0; i < c->count; i++)
		columns[i] = column_of(c->key[i], place_of(c, i));
	ui_table_columns(c->table, columns, c->count);
}

/* Ids of the menu: own columns, then one for each metric's curve and each name, by place. */
static const char *const OWN[] = {"experiment", "status", "age", "duration", "id", "kind", "user", "host"};

static bool column_shown(const struct runs_columns *c, const char *key)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->key[i], key) == 0)
			return true;
	return false;
}

/* The key of a menu id: 1… own columns, then names, then trends of the metrics among the names. */
static bool column_key(const struct runs_columns *c, int64_t id, char key[RUNS_KEY])
{
	size_t own = COUNT_OF(OWN), names = c->names ? c->names->count : 0, i = (size_t)id - 1;

	if (id < 1 || i >= own + 2 * names)
		return false;
	if (i < own)
		snprintf(key, RUNS_KEY, "%s", OWN[i]);
	else if (i < own + names)
		snprintf(key, RUNS_KEY, "%s", c->names->names[i - own]);
	else if (is_kind(c->names->names[i - own - names], "metrics."))
		snprintf(key, RUNS_KEY, "trend.%s", view_runs_column_title(c->names->names[i - own - names]));
	else
		return false;
	return true;
}

static void columns_accept(void *user, const int64_t *ids, size_t count)
{
	struct runs_columns *c = user;
	char keys[RUNS_COLUMNS_MAX][RUNS_KEY];
	size_t n = 0;

	for (size_t i = 0; i < count && n < RUNS_COLUMNS_MAX - 1; i++)
		if (column_key(c, ids[i], keys[n]))
			n++;
	if (n < count)
		ui_message(c->view->ui, STYLE_WARN, "only the first %d columns are shown", RUNS_COLUMNS_MAX - 1);
	c->count = 0;
	runs_columns_add(c, "name");
	for (size_t i = 0; i < n; i++)
		runs_columns_add(c, keys[i]);
	c->chosen = true;
	runs_columns_show(c);
	c->on_choice(c->view);
}

void runs_columns_choose(struct runs_columns *c)
{
	size_t most = COUNT_OF(OWN) + 2 * (c->names ? c->names->count : 0), count = 0;
	struct arena *a = arena_new();
	struct ui_menu_item *items = arena_array(a, most + RUNS_COLUMNS_MAX + 1, sizeof *items);
	struct ui_menu menu = {.title = "Columns",
	                       .items = items,
	                       .multiple = true,
	                       .ordered = true,
	                       .user = c,
	                       .accept_many = columns_accept};

	/* What is shown first, in its order; then the rest. */
	for (size_t i = 0; i <= c->count; i++) {
		for (size_t id = 1; id <= most; id++) {
			char key[RUNS_KEY];
			bool rest = i == c->count;

			if (!column_key(c, (int64_t)id, key))
				continue;
			if (rest ? column_shown(c, key) : strcmp(key, c->key[i]) != 0)
				continue;
			items[count++] = (struct ui_menu_item){.text = arena_strdup(a, view_runs_column_title(key)),
			                                       .detail = is_kind(key, "metrics.")  ? "metric"
			                                                 : is_kind(key, "params.") ? "parameter"
			                                                 : is_kind(key, "tags.")   ? "tag"
			                                                 : is_kind(key, "trend.")  ? "curve"
			                                                                           : "run",
			                                       .id = (int64_t)id,
			                                       .checked = !rest};
		}
	}
	menu.count = count;
	ui_menu(c->view, &menu);
	arena_free(a);
}
