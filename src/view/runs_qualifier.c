/* Which value of a metric its column shows: the latest, the best … or the one at the best step of another. */
#include <string.h>

#include "runs_inside.h"

static const struct qualifier {
	const char *which, *text, *detail;
} QUALIFIERS[] = {
    {"", "last", "the latest value"},
    {"best", "best", "the greatest or the least, whichever is better"},
    {"min", "min", "the least value"},
    {"max", "max", "the greatest value"},
    {"mean", "mean", "the mean of all values"},
    {"first", "first", "the first value"},
    {"at", "at the best step of …", "the value at the step where another metric was best"},
};

const char *runs_qualifier_why_not(const struct runs *r)
{
	const char *key = runs_current_key(r);

	if (runs_grouped(r))
		return "these are groups; choose it before grouping";
	return key && runs_key_measures(key) ? NULL : "the current column is no metric: < and > move to one";
}

/* The column that the choice was begun on has another key now. */
static void replace(struct runs *r, const struct runs_key *k)
{
	char key[RUNS_KEY];
	struct runs_shape *s = &r->shape;
	size_t at = s->column_count;

	runs_remember(r); /* the order may be another one since */
	if (!runs_key_join(k, key)) {
		ui_message(r->view->ui, STYLE_WARN, "these two names are too long for one column");
		return;
	}
	for (size_t i = 0; i < s->column_count; i++) {
		if (strcmp(s->columns[i], key) == 0) {
			ui_message(r->view->ui, STYLE_MESSAGE, "there is such a column already");
			return;
		}
		if (strcmp(s->columns[i], r->menu_key) == 0)
			at = i;
	}
	if (at == s->column_count)
		return;
	/* An order by the column stays an order by the column, where it can be one. */
	for (int i = 0; i < s->sort_count; i++)
		if (strcmp(s->sort[i].column, r->menu_key) == 0 && strcmp(k->which, "at") != 0)
			memcpy(s->sort[i].column, key, sizeof key);
	memcpy(s->columns[at], key, sizeof key);
	s->chosen = true;
	ui_table_set_sort(r->table, s->sort, s->sort_count);
	runs_columns_show(r);
	ui_table_set_column(r->table, key);
	runs_remember(r);
}

static void metric_accept(void *user, int64_t id)
{
	struct runs *r = user;
	struct runs_key k, where;

	if (id < 1 || (size_t)id > r->menu_count)
		return;
	runs_key_split(r->menu_key, &k);
	runs_key_split(r->menu_keys[id - 1], &where);
	snprintf(k.which, sizeof k.which, "at");
	memcpy(k.where, where.of, sizeof k.where);
	snprintf(k.where_which, sizeof k.where_which, "%s", where.which);
	replace(r, &k);
}

/* Where it is known which way a metric is better, its best step; else the steps of its extremes. */
static void choose_metric(struct runs *r)
{
	const struct runs_names *names = r->names;
	size_t plain = names ? names->count : 0, count = plain + (names ? names->context_count : 0);
	struct arena *a = arena_new();
	struct ui_menu_item *items = arena_array(a, 2 * count + 1, sizeof *items);
	const char **keys = arena_array(a, 2 * count + 1, sizeof *keys);
	struct ui_menu menu = {
	    .title = "At the step where …", .items = items, .user = r, .accept = metric_accept};
	struct runs_key shown;

	runs_key_split(r->menu_key, &shown);
	for (size_t i = 0; i < count; i++) {
		const char *key = i < plain ? names->names[i] : names->contexts[i - plain];
		const char *context, *name = runs_key_metric(a, key, &context);
		int direction = name ? store_direction_guess(name) : 0;

		if (!name || strcmp(key, shown.of) == 0 || strlen(key) > RUNS_KEY - 8)
			continue;
		for (int k = 0; k < (direction ? 1 : 2); k++) {
			const char *which = direction ? "best" : k ? "max" : "min";

			keys[menu.count] = arena_printf(a, "%s(%s)", which, key);
			items[menu.count] = (struct ui_menu_item){.text = runs_key_title(a, key),
			                                          .detail = direction ? "was best"
			                                                    : k       ? "was greatest"
			                                                              : "was least",
			                                          .id = (int64_t)menu.count + 1};
			menu.count++;
		}
	}
	arena_free(r->menu_arena);
	r->menu_arena = a;
	r->menu_keys = keys;
	r->menu_count = menu.count;
	if (menu.count == 0)
		ui_message(r->view->ui, STYLE_WARN, "there is no other metric");
	else
		ui_menu(r->view, &menu);
}

static void qualifier_accept(void *user, int64_t id)
{
	struct runs *r = user;
	const struct qualifier *q = &QUALIFIERS[id - 1];
	struct runs_key k;

	if (strcmp(q->which, "at") == 0) {
		choose_metric(r);
		return;
	}
	runs_key_split(r->menu_key, &k);
	k.where[0] = 0;
	snprintf(k.which, sizeof k.which, "%s", q->which);
	replace(r, &k);
}

void runs_qualifier_choose(struct runs *r)
{
	struct ui_menu_item items[COUNT_OF(QUALIFIERS)] = {0};
	struct ui_menu menu = {
	    .items = items, .count = COUNT_OF(QUALIFIERS), .user = r, .accept = qualifier_accept, .current = 1};
	struct runs_key now;
	struct arena *a = arena_new();

	snprintf(r->menu_key, sizeof r->menu_key, "%s", runs_current_key(r));
	runs_key_split(r->menu_key, &now);
	if (strcmp(now.which, "last") == 0)
		now.which[0] = 0;
	menu.title = arena_printf(a, "Which value of %s", runs_key_title(a, now.of));
	for (size_t i = 0; i < COUNT_OF(QUALIFIERS); i++) {
		items[i] = (struct ui_menu_item){
		    .text = QUALIFIERS[i].text, .detail = QUALIFIERS[i].detail, .id = (int64_t)i + 1};
		if (strcmp(now.which, QUALIFIERS[i].which) == 0)
			menu.current = items[i].id;
	}
	ui_menu(r->view, &menu);
	arena_free(a);
}
