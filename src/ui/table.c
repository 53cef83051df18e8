/*
 * The table: rows by id, a page of them at hand. The cursor is an id; its index in the page follows from it
 * whenever another page comes, so that rows may come, go and change places and no act ever meets another row.
 */
#include <limits.h>
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
	t->marks = id_set_new();
	t->hidden = xcalloc(1, sizeof *t->hidden);
	t->height = v->body_h > 3 ? v->body_h - 2 : 1;
	/* Keys typed ahead of the first frame are meant for it. */
	if (!v->private_->table)
		v->private_->table = t;
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
	for (size_t i = 0; i < t->view->private_->drawn_count; i++)
		if (t->view->private_->drawn[i] == t)
			t->view->private_->drawn_count = 0; /* the frame is another one from now on */
	page_free(t->page);
	arena_free(t->column_text);
	free(t->columns);
	id_set_free(t->marks);
	free(t->hidden);
	free(t->drawn.ids);
	free(t->seen.ids);
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
	ask->summary = t->summary;
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

void table_want_first(struct ui_table *t, size_t count)
{
	struct ui_ask_rows ask = {.where = UI_FROM_START, .count = count < INT_MAX ? (int)count : INT_MAX};

	if (!t->page || !t->page->at_start || !t->page->at_end)
		send(t, &ask);
}

void ui_table_name(struct ui_table *t, const char *name)
{
	t->name = name;
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
	t->displaced = false; /* the cursor goes to other rows, whatever the data did to it before */
	ask_around(t, t->cursor, cursor_line(t), false);
}

bool ui_table_loading(const struct ui_table *t)
{
	return t->loading;
}

/* A key has sent for other rows than those at hand. */
static bool sends(const struct ui_table *t)
{
	return t->pending || t->pending_end || t->wanted_id || t->to_start;
}

bool table_holds_keys(const struct ui_table *t)
{
	/* Rows of the filter before must not be acted on: to_start says that others have been asked for. */
	bool waits = !t->page || (!t->page->count && t->loading) || sends(t);

	return ((waits && t->loading) || t->finding) && ui_asking(t->view, -1);
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

bool table_is_new(const struct ui_table *t)
{
	return t->page && t->page->generation != t->seen.generation && !t->sent_for;
}

void table_displace(struct ui_table *t)
{
	t->displaced = t->unshown = true;
}

static void set_index(struct ui_table *t, size_t at)
{
	int64_t was = t->cursor_id;

	t->cursor = at;
	t->cursor_id = t->page && at < t->page->count ? t->page->rows[at].id : 0;
	if (t->cursor_id != was && table_is_new(t))
		table_displace(t);
	keep_in_sight(t);
	if (t->cursor_id != t->told_id) {
		t->told_id = t->cursor_id;
		if (t->on_cursor)
			t->on_cursor(t->user, t->cursor_id);
	}
}

/*
 * A list that has something beside it cannot be scrolled by the terminal, which scrolls whole lines: every line is
 * sent anew. So a step beyond its edge brings a third of a page at once.
 */
static void leap(struct ui_table *t, bool down)
{
	size_t height = (size_t)t->height, third = height / 3, count = t->page->count;
	size_t last = count > height ? count - height : 0;

	if (!t->beside)
		return;
	if (down)
		t->top = t->top + third < last ? t->top + third : last > t->top ? last : t->top;
	else
		t->top = t->top > third ? t->top - third : 0;
}

void table_move(struct ui_table *t, int64_t delta)
{
	const struct ui_page *p = t->page;
	size_t top = t->top;
	int64_t to;

	if (!p || !p->count)
		return;
	/* A step on rows that have not been seen leads to none that was meant, also when it leads nowhere. */
	if (delta && table_is_new(t))
		table_displace(t);
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
	if (t->top != top && (delta == 1 || delta == -1))
		leap(t, delta > 0);
	if (t->pending) /* the rest when the rows are there */
		ask_around(t, t->cursor, cursor_line(t), false);
	else
		ui_table_need(t);
}

size_t table_row_at(const struct ui_page *p, int64_t id)
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
	struct id_set *ids;
	size_t at = SIZE_MAX;

	if (!old)
		return 0;
	ids = id_set_new();
	for (size_t i = 0; i < p->count; i++)
		id_set_add(ids, p->rows[i].id);
	for (size_t i = cursor; i < old->count && at == SIZE_MAX; i++)
		at = id_set_place(ids, old->rows[i].id);
	for (size_t i = cursor < old->count ? cursor : old->count; i-- > 0 && at == SIZE_MAX;)
		at = id_set_place(ids, old->rows[i].id);
	id_set_free(ids);
	return at == SIZE_MAX ? 0 : at;
}

/* The page shows the same rows on the same lines as the person sees: it is no news. */
static bool as_was_seen(const struct ui_table *t)
{
	const struct picture *seen = &t->seen;
	const struct ui_page *p = t->page;

	if (!seen->count || t->top + seen->count > p->count)
		return false;
	for (size_t i = 0; i < seen->count; i++)
		if (p->rows[t->top + i].id != seen->ids[i])
			return false;
	return seen->count == (size_t)t->height || t->top + seen->count == p->count;
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
	t->unmeasured = true;
	t->sent_for = (!t->drawn.generation && !t->seen.generation) || sends(t);
	at = table_row_at(page, t->wanted_id ? t->wanted_id : t->cursor_id);
	if (at == SIZE_MAX && t->wanted_id)
		at = table_row_at(page, t->cursor_id);
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
	keep_in_sight(t);
	if (as_was_seen(t))
		t->seen.generation = page->generation;
	/* Keys that are held back were typed about the rows before. */
	if (table_is_new(t) && t->view->ui->held_count)
		table_displace(t);
	set_index(t, at);
	ui_dirty(t->view->ui);
	if (moves && page->count)
		table_move(t, moves);
	if (t->again && !t->loading) {
		t->again = false;
		ui_table_refresh(t);
	}
}

void table_go_to(struct ui_table *t, size_t at)
{
	/* Wherever keys were on their way to: the hand has pointed at a row of the frame that was seen. */
	t->sent_for = false;
	t->pending = t->pending_end = 0;
	t->wanted_id = 0;
	t->to_start = false;
	set_index(t, at);
	t->displaced = false;
	ui_table_need(t);
}

/* ---- what the person has seen ---- */

void table_seen(struct ui_table *t)
{
	struct picture other = t->seen;

	if (!t->newly_drawn)
		return;
	t->newly_drawn = false;
	t->seen = t->drawn;
	t->drawn = other;
	if (t->seen.cursor_id == t->cursor_id && !t->unshown && !t->view->ui->held_count)
		t->displaced = false;
}

void table_holds_one(struct ui_table *t)
{
	/* A key that comes after one that sent for rows means those. */
	if (table_is_new(t) && !sends(t))
		table_displace(t);
}

bool table_refuses(struct ui_table *t)
{
	/* The frame that is on its way does not say so: only one after it counts. */
	if (t->displaced)
		t->unshown = true;
	return t->displaced;
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
	size_t at = t->page ? table_row_at(t->page, id) : SIZE_MAX;

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

/* ---- keys ---- */

void table_from_start(struct ui_table *t)
{
	t->pending = 0;
	t->pending_end = -1;
	t->displaced = false;
	ask_end(t, UI_FROM_START);
}

void table_ask_again(struct ui_table *t)
{
	ask_around(t, SIZE_MAX, cursor_line(t), false);
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
	t->displaced = false;
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
	default:
		return table_sort_action(t, action) || table_mark_action(t, action) || table_out_action(t, action);
	}
}
