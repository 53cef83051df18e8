/* Tables that are looked at: one for all views of a version, filled and searched behind the screen, the last one kept to
 * come back to. */
#include <pthread.h>
#include <stdlib.h>

#include "rows.h"

/* Cells of a table that is kept though nobody looks at it. */
#define KEPT_CELLS ((uint64_t)32 << 20)

struct rows_shelf {
	pthread_mutex_t lock;
	struct rows_held **places;
	size_t count, cap;
	uint64_t clock;
};

struct rows_shelf *view_rows_shelf_new(void)
{
	struct rows_shelf *s = xcalloc(1, sizeof *s);

	pthread_mutex_init(&s->lock, NULL);
	return s;
}

static void release(struct rows_held *h)
{
	for (int i = 0; i < ROWS_GROUPS; i++)
		if (h->groups[i].made)
			split_by_release(&h->groups[i].by);
	if (h->loaded)
		table_release(&h->table);
	arena_free(h->mem);
	free(h);
}

void view_rows_shelf_free(struct rows_shelf *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++)
		release(s->places[i]);
	free(s->places);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static bool is_idle(const struct rows_held *h)
{
	return h->views == 0 && h->works == 0;
}

/* The newest idle table that is small enough stays, for who goes back and comes again. */
static struct rows_held *take_out_idle(struct rows_shelf *s)
{
	struct rows_held *kept = NULL;

	for (size_t i = 0; i < s->count; i++) {
		struct rows_held *h = s->places[i];

		if (is_idle(h) && h->loaded && h->table.row_count * h->table.column_count <= KEPT_CELLS &&
		    (!kept || h->used > kept->used))
			kept = h;
	}
	for (size_t i = 0; i < s->count; i++) {
		struct rows_held *h = s->places[i];

		if (!is_idle(h) || h == kept)
			continue;
		s->places[i] = s->places[--s->count];
		return h;
	}
	return NULL;
}

/* Letting go of a large table takes a while: not under the lock. */
static void tidy(struct rows_shelf *s)
{
	struct rows_held *h;

	do {
		pthread_mutex_lock(&s->lock);
		h = take_out_idle(s);
		pthread_mutex_unlock(&s->lock);
		if (h)
			release(h);
	} while (h);
}

static struct rows_held *find(struct rows_shelf *s, int64_t id)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->places[i]->id == id)
			return s->places[i];
	return NULL;
}

struct rows_held *rows_take(struct rows_shelf *s, int64_t id)
{
	struct rows_held *h;

	pthread_mutex_lock(&s->lock);
	h = find(s, id);
	if (!h) {
		h = xcalloc(1, sizeof *h);
		h->id = id;
		h->mem = arena_new();
		s->places = vec_reserve(s->places, &s->cap, s->count + 1, sizeof(struct rows_held *));
		s->places[s->count++] = h;
	}
	h->views++;
	h->used = ++s->clock;
	pthread_mutex_unlock(&s->lock);
	return h;
}

void rows_leave(struct rows_shelf *s, struct rows_held *h)
{
	if (!h)
		return;
	pthread_mutex_lock(&s->lock);
	h->used = ++s->clock;
	h->views--;
	pthread_mutex_unlock(&s->lock);
	tidy(s);
}

struct rows_held *rows_begin(struct rows_shelf *s, int64_t id)
{
	struct rows_held *h;

	pthread_mutex_lock(&s->lock);
	h = find(s, id);
	if (h && h->views > 0)
		h->works++;
	else
		h = NULL;
	pthread_mutex_unlock(&s->lock);
	return h;
}

void rows_end(struct rows_shelf *s, struct rows_held *h, bool loaded)
{
	pthread_mutex_lock(&s->lock);
	h->works--;
	h->loaded = h->loaded || loaded;
	pthread_mutex_unlock(&s->lock);
	tidy(s);
}

const struct split_by *rows_grouped(struct rows_held *h, long by, struct progress *progress,
                                    struct error *err)
{
	struct rows_groups *oldest = h->groups;
	uint64_t newest = 0;

	for (struct rows_groups *g = h->groups; g < h->groups + ROWS_GROUPS; g++)
		newest = g->used > newest ? g->used : newest;
	for (struct rows_groups *g = h->groups; g < h->groups + ROWS_GROUPS; g++) {
		if (g->made && g->by.by == by) {
			g->used = newest + 1;
			return &g->by;
		}
		oldest = g->used < oldest->used ? g : oldest;
	}
	if (oldest->made)
		split_by_release(&oldest->by);
	oldest->made = split_by_init(&oldest->by, &h->table, by, 0, STATS_ONE_EACH, progress, err) == 0;
	oldest->used = oldest->made ? newest + 1 : 0;
	return oldest->made ? &oldest->by : NULL;
}
