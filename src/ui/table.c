/*
 * The table: rows by id, a page of them at hand. The cursor is an id; its index in the page follows from it
 * whenever another page comes, so that rows may come, go and change places and no act ever meets another row.
 */
#include <stdlib.h>
#include <string.h>

#include "table.h"

enum { LEAST_PAGE = 60 };

struct ui_table *ui_table_new(struct view *v, void (*ask)(void *user, const struct ui_ask_rows *ask),
                              void *user)
{
	struct ui_table *t = xcalloc(1, sizeof *t);

	t->view = v;
	t->ask = ask;
	t->user = user;
	t->height = v->body_h > 3 ? v->body_h - 2 : 1;
	return t;
}

static void page_free(struct ui_page *page)
{
	if (page)
		arena_free(page->arena); /* the page lies in it */
}

void ui_table_free(struct ui_table *t)
{
	if (!t)
		return;
	if (t->view->private_->table == t)
		t->view->private_->table = NULL;
	page_free(t->page);
	arena_free(t->column_text);
	free(t->columns);
	free(t->marks);
	free(t->empty);
	free(t);
}

/* ---- asking ---- */

static void add_anchor(struct ui_ask_rows *ask, int64_t id)
{
	if (id && ask->anchor_count < UI_ANCHORS)
		ask->anchors[ask->anchor_count++] = id;
}

static void send(struct ui_table *t, struct ui_ask_rows *ask)
{
	ask->generation = ++t->generation;
	memcpy(ask->sort, t->sort, sizeof ask->sort);
	ask->sort_count = t->sort_count;
	t->loading = true;
	t->ask(t->user, ask);
}

/* Rows around row `at` of the page, so that it can stay on line `line` of the screen. */
static void ask_around(struct ui_table *t, size_t at, int line, bool neighbours)
{
	struct ui_ask_rows ask = {.where = UI_AROUND};
	int margin = t->height;

	ask.before = line + margin;
	ask.count = ask.before + t->height + margin;
	if (ask.count < LEAST_PAGE)
		ask.count = LEAST_PAGE;
	if (t->wanted_id)
		add_anchor(&ask, t->wanted_id);
	if (t->page && at < t->page->count) {
		add_anchor(&ask, t->page->rows[at].id);
		for (size_t i = 1; neighbours && i <= 4 && at + i < t->page->count; i++)
			add_anchor(&ask, t->page->rows[at + i].id);
		for (size_t i = 1; neighbours && i <= 3 && i <= at; i++)
			add_anchor(&ask, t->page->rows[at - i].id);
	} else {
		add_anchor(&ask, t->cursor_id);
	}
	if (!ask.anchor_count)
		ask.where = UI_FROM_START;
	send(t, &ask);
}

static void ask_end(struct ui_table *t, enum ui_where where)
{
	struct ui_ask_rows ask = {.where = where, .count = 3 * t->height};

	if (ask.count < LEAST_PAGE)
		ask.count = LEAST_PAGE;
	send(t, &ask);
}

static int cursor_line(const struct ui_table *t)
{
	return t->cursor > t->top ? (int)(t->cursor - t->top) : 0;
}

void ui_table_refresh(struct ui_table *t)
{
	if (t->loading && ui_asking(t->view, -1)) {
		t->again = true; /* a key is waiting for the answer that is on its way: do not push it back */
		return;
	}
	t->to_start = false;
	if (t->pending_end)
		ask_end(t, t->pending_end < 0 ? UI_FROM_START : UI_FROM_END);
	else
		ask_around(t, t->cursor, cursor_line(t), true);
}

void ui_table_restart(struct ui_table *t)
{
	t->pending = 0;
	t->pending_end = 0;
	t->again = false;
	t->to_start = true;
	ask_around(t, t->cursor, cursor_line(t), false);
}

bool ui_table_loading(const struct ui_table *t)
{
	return t->loading;
}

bool table_holds_keys(const struct ui_table *t)
{
	/* Rows of the filter before must not be acted on: to_start says that others have been asked for. */
	bool waits = !t->page || (!t->page->count && t->loading) || t->pending || t->pending_end ||
	             t->wanted_id || t->to_start;

	return waits && t->loading && ui_asking(t->view, -1);
}

void ui_table_need(struct ui_table *t)
{
	const struct ui_page *p = t->page;
	size_t below;

	if (t->loading || !p || !p->count)
		return;
	below = p->count - 1 - t->cursor;
	if ((!p->at_start && t->top < (size_t)t->height / 2) || (!p->at_end && below < (size_t)t->height))
		ask_around(t, t->cursor, cursor_line(t), true);
}

/* ---- cursor ---- */

static void keep_in_sight(struct ui_table *t)
{
	size_t count = t->page ? t->page->count : 0, height = (size_t)t->height;

	if (t->cursor < t->top)
		t->top = t->cursor;
	if (t->cursor >= t->top + height)
		t->top = t->cursor - height + 1;
	/* No empty lines at the end while there are rows above. */
	if (t->top + height > count && t->page && t->page->at_end)
		t->top = count > height ? count - height : 0;
}

static void set_index(struct ui_table *t, size_t at)
{
	t->cursor = at;
	t->cursor_id = t->page && at < t->page->count ? t->page->rows[at].id : 0;
	keep_in_sight(t);
	if (t->cursor_id != t->told_id) {
		t->told_id = t->cursor_id;
		if (t->on_cursor)
			t->on_cursor(t->user, t->cursor_id);
	}
}

void table_move(struct ui_table *t, int64_t delta)
{
	const struct ui_page *p = t->page;
	int64_t to;

	if (!p || !p->count)
		return;
	to = (int64_t)t->cursor + t->pending + delta;
	t->pending = 0;
	if (to < 0) {
		t->pending = p->at_start ? 0 : to;
		to = 0;
	} else if (to >= (int64_t)p->count) {
		t->pending = p->at_end ? 0 : to - (int64_t)p->count + 1;
		to = (int64_t)p->count - 1;
	}
	set_index(t, (size_t)to);
	if (t->pending) /* the rest when the rows are there */
		ask_around(t, t->cursor, cursor_line(t), false);
	else
		ui_table_need(t);
}

static size_t find_id(const struct ui_page *p, int64_t id)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->rows[i].id == id)
			return i;
	return SIZE_MAX;
}

/* Where the cursor goes when its row is not in the new page: the next row of the old one that is, else the
 * previous. */
static size_t nearest(const struct ui_page *old, size_t cursor, const struct ui_page *p)
{
	size_t at;

	if (!old)
		return 0;
	for (size_t i = cursor; i < old->count; i++)
		if ((at = find_id(p, old->rows[i].id)) != SIZE_MAX)
			return at;
	for (size_t i = cursor; i-- > 0;)
		if ((at = find_id(p, old->rows[i].id)) != SIZE_MAX)
			return at;
	return 0;
}

void ui_table_page(struct ui_table *t, struct ui_page *page)
{
	struct ui_page *old = t->page;
	int line = cursor_line(t);
	int64_t moves = t->pending;
	int end = t->pending_end;
	size_t at;

	if (page->generation != t->generation) {
		page_free(page);
		return;
	}
	t->loading = false;
	t->page = page;
	at = find_id(page, t->wanted_id ? t->wanted_id : t->cursor_id);
	if (at == SIZE_MAX && t->wanted_id)
		at = find_id(page, t->cursor_id);
	if (at == SIZE_MAX)
		at = t->to_start ? 0 : nearest(old, t->cursor, page);
	if (end)
		at = end < 0 || !page->count ? 0 : page->count - 1;
	t->wanted_id = 0;
	t->pending_end = 0;
	t->pending = 0;
	t->to_start = false;
	/* The row stays on its line. */
	t->top = at > (size_t)line ? at - (size_t)line : 0;
	t->cursor = at;
	page_free(old);
	set_index(t, at);
	ui_dirty(t->view->ui);
	if (moves && page->count)
		table_move(t, moves);
	if (t->again && !t->loading) {
		t->again = false;
		ui_table_refresh(t);
	}
}

int64_t ui_table_cursor(const struct ui_table *t)
{
	return t->cursor_id;
}

const struct ui_row *ui_table_row(const struct ui_table *t)
{
	return t->page && t->cursor < t->page->count ? &t->page->rows[t->cursor] : NULL;
}

void ui_table_set_cursor(struct ui_table *t, int64_t id)
{
	size_t at = t->page ? find_id(t->page, id) : SIZE_MAX;

	if (at != SIZE_MAX) {
		set_index(t, at);
		return;
	}
	t->wanted_id = id;
	ask_around(t, t->cursor, t->height / 2, true);
}

void ui_table_on_cursor(struct ui_table *t, void (*fn)(void *user, int64_t id))
{
	t->on_cursor = fn;
}

int64_t ui_table_total(const struct ui_table *t, bool *more)
{
	if (more)
		*more = t->page && t->page->total_more;
	return t->page ? t->page->total : 0;
}

void ui_table_empty(struct ui_table *t, const char *text)
{
	free(t->empty);
	t->empty = xstrdup(text);
}

/* ---- marks ---- */

bool ui_table_is_marked(const struct ui_table *t, int64_t id)
{
	for (size_t i = 0; i < t->mark_count; i++)
		if (t->marks[i] == id)
			return true;
	return false;
}

void ui_table_mark(struct ui_table *t, int64_t id, bool on)
{
	size_t at = 0;

	while (at < t->mark_count && t->marks[at] != id)
		at++;
	if (on && at == t->mark_count && id) {
		t->marks = vec_reserve(t->marks, &t->mark_cap, t->mark_count + 1, sizeof *t->marks);
		t->marks[t->mark_count++] = id;
	} else if (!on && at < t->mark_count) {
		memmove(t->marks + at, t->marks + at + 1, (t->mark_count - at - 1) * sizeof *t->marks);
		t->mark_count--;
	}
}

void ui_table_unmark_all(struct ui_table *t)
{
	t->mark_count = 0;
}

size_t ui_table_marked(const struct ui_table *t)
{
	return t->mark_count;
}

const int64_t *ui_table_targets(const struct ui_table *t, size_t *count)
{
	if (t->mark_count) {
		*count = t->mark_count;
		return t->marks;
	}
	*count = t->cursor_id ? 1 : 0;
	return &t->cursor_id;
}

static void mark_all(struct ui_table *t)
{
	const struct ui_page *p = t->page;

	for (size_t i = 0; p && i < p->count; i++)
		ui_table_mark(t, p->rows[i].id, true);
	if (p && !(p->at_start && p->at_end))
		ui_message(t->view->ui, STYLE_WARN, "marked the %zu rows at hand; there are more", p->count);
}

/* ---- columns and order ---- */

void ui_table_columns(struct ui_table *t, const struct ui_column *columns, size_t count)
{
	bool first = !t->columns;

	arena_free(t->column_text);
	t->column_text = arena_new();
	free(t->columns);
	t->columns = xcalloc(count ? count : 1, sizeof *t->columns);
	t->column_count = count;
	for (size_t i = 0; i < count; i++) {
		t->columns[i].spec = columns[i];
		t->columns[i].spec.id = arena_strdup(t->column_text, columns[i].id);
		t->columns[i].spec.title = arena_strdup(t->column_text, columns[i].title);
		if (first && t->sort_count && !strcmp(columns[i].id, t->sort[0].column))
			t->column_at = i;
	}
	if (t->column_at >= count)
		t->column_at = 0;
	/* Cells go by columns: the page at hand belongs to the old ones. */
	if (!first && t->page)
		t->page->count = 0;
	ask_around(t, SIZE_MAX, cursor_line(t), false);
}

const struct ui_sort *ui_table_sort(const struct ui_table *t, int *count)
{
	*count = t->sort_count;
	return t->sort;
}

void ui_table_set_sort(struct ui_table *t, const struct ui_sort *keys, int count)
{
	t->sort_count = count < UI_SORT_KEYS ? count : UI_SORT_KEYS;
	memcpy(t->sort, keys, (size_t)t->sort_count * sizeof *keys);
	for (size_t i = 0; t->sort_count && i < t->column_count; i++)
		if (!strcmp(t->columns[i].spec.id, keys[0].column))
			t->column_at = i;
}

static void sorted_anew(struct ui_table *t)
{
	t->pending = 0;
	t->pending_end = -1;
	ask_end(t, UI_FROM_START);
}

void table_sort_by(struct ui_table *t, size_t column)
{
	const struct ui_column *c = &t->columns[column].spec;
	struct ui_sort key = {.descending = c->align != UI_LEFT};

	if (c->no_sort) {
		ui_message(t->view->ui, STYLE_WARN, "rows cannot be sorted by %s", c->title);
		return;
	}
	/* Numbers: the greatest first, words: A first; again turns it round. */
	if (t->sort_count && !strcmp(t->sort[0].column, c->id))
		key.descending = !t->sort[0].descending;
	snprintf(key.column, sizeof key.column, "%s", c->id);
	t->sort[0] = key;
	t->sort_count = 1;
	t->column_at = column;
	sorted_anew(t);
}

static void reverse(struct ui_table *t)
{
	if (!t->sort_count) {
		table_sort_by(t, t->column_at);
		return;
	}
	t->sort[0].descending = !t->sort[0].descending;
	sorted_anew(t);
}

static void go_end(struct ui_table *t, int end)
{
	const struct ui_page *p = t->page;

	if (!p || !p->count)
		return;
	t->pending = 0;
	if (end < 0 ? p->at_start : p->at_end) {
		set_index(t, end < 0 ? 0 : p->count - 1);
		return;
	}
	t->pending_end = end;
	ask_end(t, end < 0 ? UI_FROM_START : UI_FROM_END);
}

bool ui_table_action(struct ui_table *t, enum action action)
{
	int page = t->height > 1 ? t->height - 1 : 1;

	switch (action) {
	case ACTION_LIST_UP:
		table_move(t, -1);
		return true;
	case ACTION_LIST_DOWN:
		table_move(t, 1);
		return true;
	case ACTION_LIST_PAGE_UP:
		table_move(t, -page);
		return true;
	case ACTION_LIST_PAGE_DOWN:
		table_move(t, page);
		return true;
	case ACTION_LIST_HALF_UP:
		table_move(t, -(page + 1) / 2);
		return true;
	case ACTION_LIST_HALF_DOWN:
		table_move(t, (page + 1) / 2);
		return true;
	case ACTION_LIST_TOP:
		go_end(t, -1);
		return true;
	case ACTION_LIST_BOTTOM:
		go_end(t, 1);
		return true;
	case ACTION_LIST_LEFT:
		t->column_at -= t->column_at > 0;
		return true;
	case ACTION_LIST_RIGHT:
		t->column_at += t->column_at + 1 < t->column_count;
		return true;
	case ACTION_LIST_SORT:
		if (t->column_count)
			table_sort_by(t, t->column_at);
		return true;
	case ACTION_LIST_REVERSE:
		if (t->column_count)
			reverse(t);
		return true;
	case ACTION_LIST_MARK:
		ui_table_mark(t, t->cursor_id, !ui_table_is_marked(t, t->cursor_id));
		table_move(t, 1);
		return true;
	case ACTION_LIST_MARK_ALL:
		mark_all(t);
		return true;
	case ACTION_LIST_UNMARK:
		ui_table_unmark_all(t);
		return true;
	default:
		return false;
	}
}
