/* Memory that dies together. */
#include <stdalign.h>
#include <stdlib.h>

#include "assay/base.h"

struct block {
	struct block *next;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct block *head;
};

enum { FIRST_BLOCK = 1024, LARGEST_BLOCK = 1 << 20 };

struct arena *arena_new(void)
{
	return xcalloc(1, sizeof(struct arena));
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	for (struct block *b = a->head, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	free(a);
}

static struct block *block_new(size_t size)
{
	struct block *b = xcalloc(1, size_add(sizeof(struct block), size));

	b->size = size;
	return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t align = alignof(max_align_t), rounded;
	struct block *b = a->head;
	void *bytes;

	rounded = size_add(size, align - 1) / align * align;
	if (!rounded)
		rounded = align;
	if (!b || b->size - b->used < rounded) {
		size_t want = b ? b->size * 2 : FIRST_BLOCK;

		if (want > LARGEST_BLOCK)
			want = LARGEST_BLOCK;
		if (rounded > want / 2 && b) {
			/* A big piece gets a block of its own behind the head, whose rest stays in use. */
			struct block *own = block_new(rounded);

			own->used = rounded;
			own->next = b->next;
			b->next = own;
			return own->bytes;
		}
		if (want < rounded)
			want = rounded;
		b = block_new(want);
		b->next = a->head;
		a->head = b;
	}
	bytes = b->bytes + b->used;
	b->used += rounded;
	return bytes;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	return arena_alloc(a, size_mul(count, size));
}

char *arena_memdup0(struct arena *a, const void *bytes, size_t len)
{
	char *copy = arena_alloc(a, size_add(len, 1));

	if (len)
		memcpy(copy, bytes, len);
	return copy;
}

char *arena_strdup(struct arena *a, const char *text)
{
	return text ? arena_memdup0(a, text, strlen(text)) : NULL;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	struct str s;
	va_list args;
	char *copy;

	str_init(&s);
	va_start(args, format);
	str_addvf(&s, format, args);
	va_end(args);
	copy = arena_memdup0(a, s.data, s.len);
	str_release(&s);
	return copy;
}
