/* A column of texts: each with its count, and beyond the room what is left to say of them. */
#include <stdlib.h>

#include "sketch_text.h"

enum { ROOM_MIN = 16 };

struct text_sketch *text_sketch_new(size_t room, size_t bytes)
{
	struct text_sketch *s = xcalloc(1, sizeof *s);
	s->room = room < ROOM_MIN ? ROOM_MIN : room;
	s->bytes = bytes;
	intern_init(&s->texts);
	return s;
}

void text_sketch_free(struct text_sketch *s)
{
	if (!s)
		return;
	intern_release(&s->texts);
	free(s->counts);
	if (s->beyond) {
		beyond_release(s->beyond);
		free(s->beyond);
	}
	free(s);
}

static void add_beyond(struct beyond *b, const void *bytes, size_t len, uint64_t times)
{
	uint64_t hash = distinct_hash_bytes(bytes, len);
	distinct_sketch_add(b->distinct, &hash, 1);
	top_sketch_put(b->top, hash, bytes, len, times);
}

static void add_texts(struct beyond *b, const struct text_sketch *s)
{
	top_sketch_expect(b->top, s->rows);
	for (size_t i = 0; i < s->texts.count; i++)
		add_beyond(b, s->texts.entries[i].bytes, s->texts.entries[i].len, s->counts[i]);
}

static void go_beyond(struct text_sketch *s)
{
	if (s->beyond) {
		beyond_fit(s->beyond, s->room);
		return;
	}
	s->beyond = xcalloc(1, sizeof *s->beyond);
	beyond_init(s->beyond, s->room);
	add_texts(s->beyond, s);
	intern_release(&s->texts);
	free(s->counts);
	s->counts = NULL;
	s->cap = 0;
	intern_init(&s->texts);
}

void text_sketch_add(struct text_sketch *s, const void *bytes, size_t len, uint64_t times)
{
	if (!times)
		return;
	s->rows += times;
	if (s->beyond) {
		top_sketch_expect(s->beyond->top, times);
		add_beyond(s->beyond, bytes, len, times);
		return;
	}
	size_t known = s->texts.count;
	uint32_t id = intern_add(&s->texts, bytes, len);
	if (s->texts.count > known) {
		s->counts = vec_reserve(s->counts, &s->cap, s->texts.count, sizeof *s->counts);
		s->counts[id] = 0;
		s->used += len;
	}
	s->counts[id] += times;
	if (s->texts.count > s->room || s->used > s->bytes)
		go_beyond(s);
}

void text_sketch_merge(struct text_sketch *to, struct text_sketch *from)
{
	to->room = to->room < from->room ? to->room : from->room;
	to->bytes = to->bytes < from->bytes ? to->bytes : from->bytes;
	if (to->beyond || from->beyond || to->texts.count > to->room || to->used > to->bytes)
		go_beyond(to);
	if (from->beyond) {
		beyond_merge(to->beyond, from->beyond);
		to->rows += from->rows;
	} else {
		for (size_t i = 0; i < from->texts.count; i++)
			text_sketch_add(to, from->texts.entries[i].bytes, from->texts.entries[i].len, from->counts[i]);
	}
}

uint64_t text_sketch_rows(const struct text_sketch *s)
{
	return s->rows;
}

bool text_sketch_is_exact(const struct text_sketch *s)
{
	return !s->beyond;
}

int text_order(const struct text_count *x, const struct text_count *y)
{
	size_t len = x->len < y->len ? x->len : y->len;
	int order = len ? memcmp(x->bytes, y->bytes, len) : 0;
	return order ? order : (x->len > y->len) - (x->len < y->len);
}

static int by_bytes(const void *a, const void *b)
{
	return text_order(a, b);
}

static int by_count(const void *a, const void *b)
{
	const struct text_count *x = a, *y = b;
	return x->count != y->count ? x->count > y->count ? -1 : 1 : text_order(x, y);
}

static struct text_count *texts(const struct text_sketch *s, int (*order)(const void *, const void *))
{
	size_t n = s->texts.count;
	struct text_count *all = xreallocarray(NULL, n + 1, sizeof *all);
	for (size_t i = 0; i < n; i++) {
		const struct intern_entry *e = &s->texts.entries[i];
		all[i] = (struct text_count){e->bytes, e->len, e->len, s->counts[i]};
	}
	qsort(all, n, sizeof *all, order);
	return all;
}

struct text_count *text_sketch_all(const struct text_sketch *s, size_t *count)
{
	*count = s->beyond ? 0 : s->texts.count;
	return s->beyond ? NULL : texts(s, by_bytes);
}

void text_sketch_distinct(const struct text_sketch *s, struct estimate *out)
{
	if (s->beyond)
		distinct_sketch_estimate(s->beyond->distinct, out);
	else
		out->value = out->low = out->high = (double)s->texts.count;
}

size_t text_sketch_top(const struct text_sketch *s, struct text_count *out, size_t most, uint64_t *error)
{
	if (error)
		*error = s->beyond ? top_sketch_error(s->beyond->top) : 0;
	if (s->beyond)
		return top_sketch_list(s->beyond->top, out, most);
	struct text_count *all = texts(s, by_count);
	size_t n = s->texts.count < most ? s->texts.count : most;
	memcpy(out, all, n * sizeof *all);
	free(all);
	return n;
}
