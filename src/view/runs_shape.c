/* What the list of runs is like, as one text: for the next start, for each experiment, for saved views. */
#include <string.h>

#include "runs_inside.h"

static void init(struct runs_shape *s)
{
	memset(s, 0, sizeof *s);
	s->sort[0] = (struct ui_sort){.column = "age"};
	s->sort_count = 1;
	runs_columns_default(s, NULL);
}

void runs_shape_write(const struct runs_shape *s, struct str *out)
{
	const char *columns[RUNS_COLUMNS_MAX], *group = s->group;
	struct runs_order sort[UI_SORT_KEYS];
	bool over_seeds = strcmp(s->group, RUNS_OVER_SEEDS) == 0;
	struct work_view view = {.columns = columns,
	                         .column_count = s->chosen ? s->column_count : 0,
	                         .sort = sort,
	                         .filter = s->filter,
	                         .group = &group,
	                         .group_count = s->group[0] && !over_seeds,
	                         .over_seeds = over_seeds,
	                         .baseline = s->baseline[0] ? s->baseline : NULL,
	                         .difference = s->difference,
	                         .summary = s->summary};

	for (size_t i = 0; i < view.column_count; i++)
		columns[i] = s->columns[i];
	if (s->group[0] && s->group_sort.column[0])
		sort[view.sort_count++] = (struct runs_order){s->group_sort.column, s->group_sort.descending};
	for (int i = 0; !s->group[0] && i < s->sort_count; i++)
		sort[view.sort_count++] = (struct runs_order){s->sort[i].column, s->sort[i].descending};
	work_view_write(&view, out);
}

static void take_sort(struct runs_shape *s, const struct work_view *view)
{
	s->sort_count = 0;
	for (size_t i = 0; i < view->sort_count && i < UI_SORT_KEYS; i++) {
		struct ui_sort key = {.descending = view->sort[i].descending};

		if (strlen(view->sort[i].key) >= sizeof key.column)
			continue;
		snprintf(key.column, sizeof key.column, "%s", view->sort[i].key);
		/* A command says it in the store's words. */
		if (s->group[0] && strcmp(key.column, "count") == 0)
			snprintf(key.column, sizeof key.column, "runs");
		else if (s->group[0] && strcmp(key.column, s->group) == 0)
			snprintf(key.column, sizeof key.column, "group");
		if (s->group[0])
			s->group_sort = key;
		else
			s->sort[s->sort_count++] = key;
	}
	if (s->sort_count == 0) {
		s->sort[0] = (struct ui_sort){.column = "age"};
		s->sort_count = 1;
	}
}

bool runs_shape_read(struct runs_shape *s, const char *text, struct error *err)
{
	struct arena *a = arena_new();
	struct work_view view;
	bool ok = work_view_read(text, a, &view, err) == 0;

	if (ok && strlen(view.filter) >= RUNS_FILTER)
		ok = error_set(err, ERR_USAGE, "its filter has more than %d characters", RUNS_FILTER - 1) == 0;
	if (ok && view.group_count > 1)
		ok = error_set(err, ERR_USAGE, "it groups by %zu keys at once; this screen takes one",
		               view.group_count) == 0;
	if (ok) {
		init(s);
		snprintf(s->filter, sizeof s->filter, "%s", view.filter);
		s->column_count = 0;
		runs_columns_add(s, "name");
		for (size_t i = 0; i < view.column_count; i++)
			runs_columns_add(s, view.columns[i]);
		s->chosen = view.column_count > 0;
		if (view.over_seeds)
			snprintf(s->group, sizeof s->group, RUNS_OVER_SEEDS);
		else if (view.group_count && strlen(view.group[0]) < RUNS_KEY)
			snprintf(s->group, sizeof s->group, "%s", view.group[0]);
		take_sort(s, &view);
		if (view.baseline)
			snprintf(s->baseline, sizeof s->baseline, "%s", view.baseline);
		s->difference = view.difference;
		s->summary = view.summary;
	}
	arena_free(a);
	return ok;
}

/* The state file's keys are plain words, names of experiments are any text. */
static void shape_key(const char *experiment, char out[32])
{
	char hex[SHA256_TEXT];

	sha256_hex(experiment, strlen(experiment), hex);
	snprintf(out, 32, *experiment ? "shape-%.16s" : "shape", hex);
}

void runs_remember(struct runs *r)
{
	const struct ui_sort *sort;
	int count;
	char key[32];
	struct str text;

	sort = ui_table_sort(r->table, &count);
	if (runs_grouped(r)) {
		if (count)
			r->shape.group_sort = sort[0];
	} else {
		memcpy(r->shape.sort, sort, (size_t)count * sizeof *sort);
		r->shape.sort_count = count;
	}
	r->shape.summary = ui_table_summary(r->table);
	str_init(&text);
	runs_shape_write(&r->shape, &text);
	shape_key(r->experiment, key);
	ui_state_set(r->view, key, text.data);
	ui_state_set(r->view, "experiment", r->experiment);
	str_clear(&text);
	if (runs_current_key(r))
		ui_state_set(r->view, "column", runs_current_key(r));
	if (!runs_grouped(r)) {
		str_addf(&text, "%lld", (long long)ui_table_cursor(r->table));
		ui_state_set(r->view, "cursor", text.data);
	}
	str_release(&text);
}

void runs_recall(struct runs *r)
{
	const char *text;
	char key[32];
	size_t at;

	init(&r->shape);
	shape_key(r->experiment, key);
	text = ui_state_get(r->view, key);
	/* What an older program left, or someone's editor: as if there were none. */
	if (text)
		runs_shape_read(&r->shape, text, NULL);
	if (store_filter_check(r->shape.filter, &at, NULL) != 0)
		r->shape.filter[0] = 0;
	if (!r->shape.chosen)
		runs_columns_default(&r->shape, r->names);
}

void runs_shape_show(struct runs *r)
{
	ui_table_set_summary(r->table, r->shape.summary);
	if (runs_grouped(r)) {
		ui_table_set_sort(r->table, &r->shape.group_sort, r->shape.group_sort.column[0] != 0);
		runs_groups_columns(r);
	} else {
		ui_table_set_sort(r->table, r->shape.sort, r->shape.sort_count);
		runs_columns_show(r);
	}
	runs_set_empty(r);
}
