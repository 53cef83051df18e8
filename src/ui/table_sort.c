/* The table's columns, and by which of them rows are sorted. */
#include <stdlib.h>
#include <string.h>

#include "table.h"

static size_t find_column(const struct ui_table *t, const char *id)
{
	for (size_t i = 0; i < t->column_count; i++)
		if (!strcmp(t->columns[i].spec.id, id))
			return i;
	return SIZE_MAX;
}

void ui_table_columns(struct ui_table *t, const struct ui_column *columns, size_t count)
{
	bool first = !t->columns;
	struct arena *old_text = t->column_text;
	struct column *old = t->columns;
	const char *stay = !first && t->column_at < t->column_count ? old[t->column_at].spec.id
	                   : t->sort_count                          ? t->sort[0].column
	                                                            : "";

	t->column_text = arena_new();
	t->columns = xcalloc(count ? count : 1, sizeof *t->columns);
	t->column_count = count;
	for (size_t i = 0; i < count; i++) {
		t->columns[i].spec = columns[i];
		t->columns[i].spec.id = arena_strdup(t->column_text, columns[i].id);
		t->columns[i].spec.title = arena_strdup(t->column_text, columns[i].title);
	}
	t->column_at = find_column(t, stay);
	if (t->column_at == SIZE_MAX)
		t->column_at = 0;
	arena_free(old_text);
	free(old);
	/* Cells go by columns: the page at hand belongs to the old ones. */
	if (!first && t->page)
		t->page->count = t->page->head_count = 0;
	table_ask_again(t);
}

size_t ui_table_column(const struct ui_table *t)
{
	return t->column_count ? t->column_at : SIZE_MAX;
}

void ui_table_set_column(struct ui_table *t, const char *id)
{
	size_t at = find_column(t, id);

	if (at != SIZE_MAX)
		t->column_at = at;
}

int table_sort_rank(const struct ui_table *t, size_t column)
{
	for (int i = 0; i < t->sort_count; i++)
		if (!strcmp(t->columns[column].spec.id, t->sort[i].column))
			return i;
	return -1;
}

const struct ui_sort *ui_table_sort(const struct ui_table *t, int *count)
{
	*count = t->sort_count;
	return t->sort;
}

void ui_table_set_sort(struct ui_table *t, const struct ui_sort *keys, int count)
{
	size_t at;

	t->sort_count = count < UI_SORT_KEYS ? count : UI_SORT_KEYS;
	memcpy(t->sort, keys, (size_t)t->sort_count * sizeof *keys);
	at = t->sort_count ? find_column(t, keys[0].column) : SIZE_MAX;
	if (at != SIZE_MAX)
		t->column_at = at;
}

bool ui_table_summary(const struct ui_table *t)
{
	return t->summary;
}

void ui_table_set_summary(struct ui_table *t, bool on)
{
	t->summary = on;
}

/* False, with a message, when rows cannot be sorted by the column. */
static bool can_sort(struct ui_table *t, size_t column)
{
	if (!t->columns[column].spec.no_sort)
		return true;
	ui_message(t->view->ui, STYLE_WARN, "rows cannot be sorted by %s", t->columns[column].spec.title);
	return false;
}

/* Numbers: the greatest first, unless less is better; words: A first. */
static struct ui_sort new_key(const struct ui_column *c)
{
	struct ui_sort key = {.descending = c->align != UI_LEFT && !c->ascending};

	snprintf(key.column, sizeof key.column, "%s", c->id);
	return key;
}

void table_sort_by(struct ui_table *t, size_t column, bool turned)
{
	struct ui_sort key;

	if (!can_sort(t, column))
		return;
	key = new_key(&t->columns[column].spec);
	if (table_sort_rank(t, column) == 0) /* again: turned round */
		key.descending = !t->sort[0].descending;
	else if (turned)
		key.descending = !key.descending;
	t->sort[0] = key;
	t->sort_count = 1;
	t->column_at = column;
	table_from_start(t);
}

void table_sort_also(struct ui_table *t, size_t column)
{
	int rank;

	if (!can_sort(t, column))
		return;
	rank = table_sort_rank(t, column);
	if (rank < 0 && t->sort_count == UI_SORT_KEYS) {
		ui_message(t->view->ui, STYLE_WARN, "rows are sorted by %d columns, which is as many as can be",
		           UI_SORT_KEYS);
		return;
	}
	if (rank >= 0)
		t->sort[rank].descending = !t->sort[rank].descending;
	else
		t->sort[t->sort_count++] = new_key(&t->columns[column].spec);
	t->column_at = column;
	table_from_start(t);
}

static void reverse(struct ui_table *t)
{
	if (!t->sort_count) {
		table_sort_by(t, t->column_at, false);
		return;
	}
	t->sort[0].descending = !t->sort[0].descending;
	table_from_start(t);
}

bool table_sort_action(struct ui_table *t, enum action action)
{
	switch (action) {
	case ACTION_LIST_LEFT:
		t->column_at -= t->column_at > 0;
		return true;
	case ACTION_LIST_RIGHT:
		t->column_at += t->column_at + 1 < t->column_count;
		return true;
	case ACTION_LIST_SORT:
		if (t->column_count)
			table_sort_by(t, t->column_at, false);
		return true;
	case ACTION_LIST_SORT_ALSO:
		if (t->column_count)
			table_sort_also(t, t->column_at);
		return true;
	case ACTION_LIST_REVERSE:
		if (t->column_count)
			reverse(t);
		return true;
	case ACTION_LIST_SUMMARY:
		t->summary = !t->summary;
		ui_table_refresh(t);
		return true;
	default:
		return false;
	}
}
