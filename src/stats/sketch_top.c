/* The most frequent values of more than there is room for. */
#include <stdlib.h>

#include "assay/stats_sketch.h"

struct top_sketch {
	size_t room, cap;
	uint64_t error; /* what counts were lowered by */
	uint64_t *counts;
	struct intern values;
};

struct top_sketch *top_sketch_new(size_t room)
{
	struct top_sketch *s = xcalloc(1, sizeof *s);
	s->room = room < 16 ? 16 : room;
	intern_init(&s->values);
	return s;
}

void top_sketch_free(struct top_sketch *s)
{
	if (!s)
		return;
	intern_release(&s->values);
	free(s->counts);
	free(s);
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

/* Half of the values and more have nothing left, and go. */
static void lower(struct top_sketch *s)
{
	struct intern before = s->values;
	size_t n = before.count;
	uint64_t *counts = xreallocarray(NULL, n, sizeof *counts);
	memcpy(counts, s->counts, n * sizeof *counts);
	qsort(counts, n, sizeof *counts, by_number);
	uint64_t by = counts[n / 2];
	intern_init(&s->values);
	for (size_t i = 0; i < n; i++) {
		if (s->counts[i] <= by)
			continue;
		/* The new place is never after the old one. */
		uint32_t id = intern_add(&s->values, before.entries[i].bytes, before.entries[i].len);
		s->counts[id] = s->counts[i] - by;
	}
	s->error += by;
	intern_release(&before);
	free(counts);
}

void top_sketch_add(struct top_sketch *s, const void *bytes, size_t len, uint64_t times)
{
	if (!times)
		return;
	size_t known = s->values.count;
	uint32_t id = intern_add(&s->values, bytes, len);
	if (s->values.count > known) {
		s->counts = vec_reserve(s->counts, &s->cap, s->values.count, sizeof *s->counts);
		s->counts[id] = 0;
	}
	s->counts[id] += times;
	if (s->values.count > s->room)
		lower(s);
}

void top_sketch_merge(struct top_sketch *to, const struct top_sketch *from)
{
	for (size_t i = 0; i < from->values.count; i++)
		top_sketch_add(to, from->values.entries[i].bytes, from->values.entries[i].len, from->counts[i]);
	to->error += from->error;
}

uint64_t top_sketch_error(const struct top_sketch *s)
{
	return s->error;
}

static int by_count(const void *a, const void *b)
{
	const struct top_value *x = a, *y = b;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	size_t len = x->len < y->len ? x->len : y->len;
	int order = memcmp(x->bytes, y->bytes, len);
	return order ? order : (x->len > y->len) - (x->len < y->len);
}

size_t top_sketch_list(const struct top_sketch *s, struct top_value *out, size_t most)
{
	size_t n = s->values.count;
	struct top_value *all = xreallocarray(NULL, n + 1, sizeof *all);
	for (size_t i = 0; i < n; i++)
		all[i] = (struct top_value){s->values.entries[i].bytes, s->values.entries[i].len, s->counts[i]};
	qsort(all, n, sizeof *all, by_count);
	n = n < most ? n : most;
	memcpy(out, all, n * sizeof *all);
	free(all);
	return n;
}
