#include <string.h>

#include "rows_world.h"

uint32_t world_chance(struct rows_world *w, uint32_t below)
{
	w->seed = w->seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(w->seed >> 33) % below;
}

int world_order(const struct rows_world *w, int64_t out[WORLD_ROWS])
{
	int n = 0;

	for (int i = 0; i < w->count; i++) {
		int64_t id = w->ids[w->descending ? w->count - 1 - i : i];

		if (!w->filter || id % w->filter == 0)
			out[n++] = id;
	}
	return n;
}

int world_index(const int64_t *ids, int count, int64_t id)
{
	for (int i = 0; i < count; i++)
		if (ids[i] == id)
			return i;
	return -1;
}

static void fill(struct arena *a, struct ui_row *row, int64_t id)
{
	row->id = id;
	row->cells = arena_array(a, 2, sizeof *row->cells);
	row->cells[0].text = arena_printf(a, "row-%lld", (long long)id);
	row->cells[1].text = arena_printf(a, "%lld.5", (long long)id % 100);
}

static void answer(struct rows_world *w, struct ui_table *table, const struct world_ask *q)
{
	struct arena *a = arena_new();
	struct ui_page *p = arena_alloc(a, sizeof *p);
	const struct ui_ask_rows *ask = &q->ask;
	int first = ask->where == UI_FROM_END ? q->count - ask->count : 0, count;

	for (int i = 0; ask->where == UI_AROUND && i < ask->anchor_count; i++) {
		int at = world_index(q->ids, q->count, ask->anchors[i]);

		if (at >= 0) {
			first = at - ask->before;
			break;
		}
	}
	first = first < 0 ? 0 : first;
	count = q->count - first < ask->count ? q->count - first : ask->count;
	p->arena = a;
	p->generation = ask->generation;
	p->rows = arena_array(a, (size_t)count + 1, sizeof *p->rows);
	p->count = (size_t)count;
	for (int i = 0; i < count; i++)
		fill(a, &p->rows[i], q->ids[first + i]);
	if (w->head && w->count) {
		p->head = arena_array(a, 1, sizeof *p->head);
		p->head_count = 1;
		fill(a, p->head, w->ids[0]);
		p->head->cells[0].text = "baseline";
	}
	p->at_start = first == 0;
	p->at_end = first + count == q->count;
	p->total = q->count;
	if (ask->generation == w->latest) {
		memcpy(w->page, q->ids + first, (size_t)count * sizeof *q->ids);
		w->page_count = count;
	}
	ui_table_page(table, p);
}

void world_insert(struct rows_world *w)
{
	int at = (int)world_chance(w, (uint32_t)w->count + 1);

	if (w->count == WORLD_ROWS)
		return;
	memmove(w->ids + at + 1, w->ids + at, (size_t)(w->count - at) * sizeof *w->ids);
	w->ids[at] = ++w->next_id;
	w->count++;
}

void world_remove(struct rows_world *w, int at)
{
	memmove(w->ids + at, w->ids + at + 1, (size_t)(w->count - at - 1) * sizeof *w->ids);
	w->count--;
}

void world_swap(struct rows_world *w, int a, int b)
{
	int64_t id = w->ids[a];

	w->ids[a] = w->ids[b];
	w->ids[b] = id;
}

void world_asked(struct rows_world *w, const struct ui_ask_rows *ask)
{
	struct world_ask *q;

	if (w->asked_count == WORLD_ASKS) { /* nobody waits for the oldest any more */
		memmove(w->asked, w->asked + 1, (WORLD_ASKS - 1) * sizeof *w->asked);
		w->asked_count--;
	}
	q = &w->asked[w->asked_count++];
	q->ask = *ask;
	w->descending = ask->sort_count && ask->sort[0].descending;
	q->count = world_order(w, q->ids);
	w->latest = ask->generation;
}

void world_answer(struct rows_world *w, struct ui_table *table)
{
	int at = (int)world_chance(w, (uint32_t)w->asked_count);
	struct world_ask q = w->asked[at];

	if (world_chance(w, 2))
		q.count = world_order(w, q.ids);
	if (world_chance(w, 8)) { /* else it will be answered once more */
		memmove(w->asked + at, w->asked + at + 1, (size_t)(w->asked_count - at - 1) * sizeof q);
		w->asked_count--;
	}
	answer(w, table, &q);
}
