/*
 * Marks: a set of row ids that keeps the order in which they came. A million of them cost the same each as one;
 * drawing asks for the rows in sight only.
 */
#include <stdlib.h>
#include <string.h>

#include "table.h"

/* ---- the set ---- */

enum { SLOT_FREE = 0, LEAST_SLOTS = 64 };
#define SLOT_GONE UINT32_MAX

struct id_set {
	int64_t *ids; /* in order; 0: taken out */
	size_t len, cap;
	size_t count;    /* without those taken out */
	uint32_t *slots; /* place in ids + 1 */
	size_t slot_count, used;
	uint64_t changes;
};

struct id_set *id_set_new(void)
{
	return xcalloc(1, sizeof(struct id_set));
}

void id_set_free(struct id_set *m)
{
	if (!m)
		return;
	free(m->ids);
	free(m->slots);
	free(m);
}

static size_t slot_of(const struct id_set *m, int64_t id)
{
	uint64_t h = (uint64_t)id * 0x9E3779B97F4A7C15u;

	return (size_t)(h ^ h >> 32) & (m->slot_count - 1);
}

static uint32_t *find_slot(const struct id_set *m, int64_t id)
{
	if (!m->slot_count)
		return NULL;
	for (size_t at = slot_of(m, id); m->slots[at] != SLOT_FREE; at = (at + 1) & (m->slot_count - 1))
		if (m->slots[at] != SLOT_GONE && m->ids[m->slots[at] - 1] == id)
			return &m->slots[at];
	return NULL;
}

size_t id_set_place(const struct id_set *m, int64_t id)
{
	const uint32_t *slot = find_slot(m, id);

	return slot ? *slot - 1 : SIZE_MAX;
}

static void put(struct id_set *m, size_t place)
{
	size_t at = slot_of(m, m->ids[place]);

	while (m->slots[at] != SLOT_FREE && m->slots[at] != SLOT_GONE)
		at = (at + 1) & (m->slot_count - 1);
	m->used += m->slots[at] == SLOT_FREE;
	m->slots[at] = (uint32_t)place + 1;
}

/* Closes the gaps of what was taken out, and makes room for half as many again at least. */
static void rebuild(struct id_set *m)
{
	size_t n = 0, slots = LEAST_SLOTS;

	for (size_t i = 0; i < m->len; i++)
		if (m->ids[i])
			m->ids[n++] = m->ids[i];
	m->len = n;
	while (slots < 2 * (n + 1))
		slots *= 2;
	if (slots != m->slot_count) {
		free(m->slots);
		m->slots = xcalloc(slots, sizeof *m->slots);
		m->slot_count = slots;
	} else {
		memset(m->slots, 0, slots * sizeof *m->slots);
	}
	m->used = 0;
	for (size_t i = 0; i < n; i++)
		put(m, i);
}

void id_set_add(struct id_set *m, int64_t id)
{
	if (!id || find_slot(m, id))
		return;
	if (m->len >= SLOT_GONE - 1)
		bug("more than four thousand million marks");
	if (4 * (m->used + 1) > 3 * m->slot_count || 4 * (m->len + 1) > 3 * m->slot_count)
		rebuild(m);
	m->ids = vec_reserve(m->ids, &m->cap, m->len + 1, sizeof *m->ids);
	m->ids[m->len++] = id;
	put(m, m->len - 1);
	m->count++;
	m->changes++;
}

void id_set_remove(struct id_set *m, int64_t id)
{
	uint32_t *slot = find_slot(m, id);

	if (!slot)
		return;
	m->ids[*slot - 1] = 0;
	*slot = SLOT_GONE;
	m->count--;
	m->changes++;
}

void id_set_clear(struct id_set *m)
{
	m->changes += m->count > 0;
	m->len = m->count = m->used = 0;
	if (m->slots)
		memset(m->slots, 0, m->slot_count * sizeof *m->slots);
}

const int64_t *id_set_ids(struct id_set *m)
{
	if (m->len > m->count)
		rebuild(m);
	return m->ids;
}

/* ---- of the table ---- */

bool ui_table_is_marked(const struct ui_table *t, int64_t id)
{
	return id && find_slot(t->marks, id);
}

void ui_table_mark(struct ui_table *t, int64_t id, bool on)
{
	if (on)
		id_set_add(t->marks, id);
	else
		id_set_remove(t->marks, id);
	ui_dirty(t->view->ui);
}

void ui_table_mark_many(struct ui_table *t, const int64_t *ids, size_t count, bool on)
{
	for (size_t i = 0; i < count; i++)
		ui_table_mark(t, ids[i], on);
}

void ui_table_unmark_all(struct ui_table *t)
{
	id_set_clear(t->marks);
	t->mark_from = 0;
	t->finding = FINDING_NOTHING; /* what is still to come has been taken back, too */
	ui_dirty(t->view->ui);
}

size_t ui_table_marked(const struct ui_table *t)
{
	return t->marks->count;
}

size_t ui_table_marked_hidden(const struct ui_table *t, bool *known)
{
	const struct ui_page *p = t->page;
	struct hidden_marks *h = t->hidden;
	bool whole = p && p->at_start && p->at_end && !t->to_start;
	size_t shown = 0;

	if (known)
		*known = whole;
	if (!whole || !t->marks->count)
		return 0;
	if (h->generation == p->generation && h->changes == t->marks->changes)
		return h->count;
	for (size_t i = 0; i < p->count; i++)
		shown += ui_table_is_marked(t, p->rows[i].id);
	for (size_t i = 0; i < p->head_count; i++)
		shown += ui_table_is_marked(t, p->head[i].id) && table_row_at(p, p->head[i].id) == SIZE_MAX;
	*h = (struct hidden_marks){p->generation, t->marks->changes, t->marks->count - shown};
	return h->count;
}

const int64_t *ui_table_targets(const struct ui_table *t, size_t *count)
{
	if (t->marks->count) {
		*count = t->marks->count;
		return id_set_ids(t->marks);
	}
	*count = t->cursor_id ? 1 : 0;
	return &t->cursor_id;
}

/* ---- ranges and filters ---- */

void ui_table_on_find(struct ui_table *t, void (*fn)(void *user, int64_t from, int64_t to))
{
	t->on_find = fn;
}

static void say_marked(struct ui_table *t)
{
	char number[NUM_TEXT];
	size_t n = t->marks->count;

	ui_message(t->view->ui, STYLE_MESSAGE, n == 1 ? "%s row is marked" : "%s rows are marked",
	           count_people((int64_t)n, number));
}

void ui_table_found(struct ui_table *t, const int64_t *ids, size_t count, bool more)
{
	enum finding was = t->finding;
	char number[NUM_TEXT];

	t->finding = FINDING_NOTHING;
	if (was == FINDING_NOTHING)
		return;
	ui_table_mark_many(t, ids, count, true);
	if (more)
		ui_message(t->view->ui, STYLE_WARN, "the first %s rows are marked; more match",
		           count_people((int64_t)count, number));
	else if (!count && was == FINDING_RANGE)
		ui_message(t->view->ui, STYLE_WARN,
		           "nothing to mark: the row to begin with is not in this list any more");
	else
		say_marked(t);
	if (count && was == FINDING_RANGE)
		t->mark_from = t->find_to;
}

static void find(struct ui_table *t, enum finding what, int64_t from, int64_t to)
{
	t->finding = what;
	t->find_to = to;
	t->on_find(t->user, from, to);
}

static void mark_all(struct ui_table *t)
{
	const struct ui_page *p = t->page;
	bool whole = p && p->at_start && p->at_end;

	if (!p)
		return;
	if (!whole && t->on_find) {
		find(t, FINDING_ALL, 0, 0);
		return;
	}
	for (size_t i = 0; i < p->count; i++)
		ui_table_mark(t, p->rows[i].id, true);
	if (whole)
		say_marked(t);
	else
		ui_message(t->view->ui, STYLE_WARN, "marked the %zu rows at hand; there are more", p->count);
}

static void mark_range(struct ui_table *t)
{
	const struct ui_page *p = t->page;
	size_t from, to = t->cursor;

	if (!t->mark_from) {
		ui_message(t->view->ui, STYLE_WARN, "mark the row to begin with first: Space");
		return;
	}
	if (!p || !t->cursor_id)
		return;
	if (table_is_new(t)) {
		ui_message(t->view->ui, STYLE_WARN, "the rows have changed: look again, then mark");
		return;
	}
	from = table_row_at(p, t->mark_from);
	if (from == SIZE_MAX && !(p->at_start && p->at_end) && t->on_find) {
		find(t, FINDING_RANGE, t->mark_from, t->cursor_id);
		return;
	}
	if (from == SIZE_MAX) {
		ui_message(t->view->ui, STYLE_WARN, "nothing to mark: the row to begin with is not %s",
		           p->at_start && p->at_end ? "in this list any more" : "at hand");
		return;
	}
	for (size_t i = from < to ? from : to; i <= (from < to ? to : from); i++)
		ui_table_mark(t, p->rows[i].id, true);
	t->mark_from = t->cursor_id;
	say_marked(t);
}

bool table_mark_action(struct ui_table *t, enum action action)
{
	switch (action) {
	case ACTION_LIST_MARK:
		ui_table_mark(t, t->cursor_id, !ui_table_is_marked(t, t->cursor_id));
		t->mark_from = t->cursor_id;
		table_move(t, 1);
		return true;
	case ACTION_LIST_MARK_ALL:
		mark_all(t);
		return true;
	case ACTION_LIST_MARK_RANGE:
		mark_range(t);
		return true;
	case ACTION_LIST_UNMARK:
		ui_table_unmark_all(t);
		return true;
	default:
		return false;
	}
}

const char *table_marks_text(const struct ui_table *t, struct str *out)
{
	size_t hidden = ui_table_marked_hidden(t, NULL);

	str_clear(out);
	if (t->marks->count)
		str_addf(out, "%zu marked", t->marks->count);
	if (hidden)
		str_addf(out, ", %zu not shown", hidden);
	return out->data;
}
