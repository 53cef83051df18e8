/* Cases that are loaded: held while the reader or a screen works on them, the last ones kept to come back to.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bias.h"
#include "bias_shelf.h"

enum { KEPT = 2 };

struct place {
	int64_t number;
	char *key;
	int holders;
	uint64_t used; /* when it was taken or put last, for letting the oldest go */
	struct bias_loaded *loaded;
};

struct bias_shelf {
	pthread_mutex_t lock;
	struct place *places;
	size_t count, cap;
	int64_t last;
	uint64_t clock;
};

struct bias_shelf *view_bias_shelf_new(void)
{
	struct bias_shelf *s = xcalloc(1, sizeof *s);

	pthread_mutex_init(&s->lock, NULL);
	return s;
}

static void release(struct place *p)
{
	work_bias_cases_release(&p->loaded->cases);
	arena_free(p->loaded->mem);
	free(p->loaded);
	free(p->key);
}

void view_bias_shelf_free(struct bias_shelf *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++)
		release(&s->places[i]);
	free(s->places);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* Lets go of what nobody holds, but for the few that were used last. */
static void tidy(struct bias_shelf *s)
{
	for (;;) {
		size_t oldest = s->count, idle = 0;

		for (size_t i = 0; i < s->count; i++) {
			if (s->places[i].holders > 0)
				continue;
			idle++;
			if (oldest == s->count || s->places[i].used < s->places[oldest].used)
				oldest = i;
		}
		if (idle <= KEPT)
			return;
		release(&s->places[oldest]);
		s->places[oldest] = s->places[--s->count];
	}
}

int64_t bias_shelf_put(struct bias_shelf *s, const char *key, struct bias_loaded *loaded)
{
	int64_t number;

	pthread_mutex_lock(&s->lock);
	s->places = vec_reserve(s->places, &s->cap, s->count + 1, sizeof *s->places);
	number = ++s->last;
	s->places[s->count++] =
	    (struct place){.number = number, .key = xstrdup(key), .used = ++s->clock, .loaded = loaded};
	tidy(s);
	pthread_mutex_unlock(&s->lock);
	return number;
}

int64_t bias_shelf_find(struct bias_shelf *s, const char *key)
{
	int64_t number = 0;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->places[i].key, key) == 0) {
			number = s->places[i].number;
			s->places[i].used = ++s->clock;
		}
	pthread_mutex_unlock(&s->lock);
	return number;
}

struct bias_loaded *view_bias_take(struct bias_shelf *s, int64_t number)
{
	struct bias_loaded *loaded = NULL;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->count; i++)
		if (s->places[i].number == number) {
			s->places[i].holders++;
			s->places[i].used = ++s->clock;
			loaded = s->places[i].loaded;
		}
	pthread_mutex_unlock(&s->lock);
	return loaded;
}

void view_bias_give(struct bias_shelf *s, struct bias_loaded *l)
{
	if (!l)
		return;
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->count; i++)
		if (s->places[i].loaded == l)
			s->places[i].holders--;
	tidy(s);
	pthread_mutex_unlock(&s->lock);
}
