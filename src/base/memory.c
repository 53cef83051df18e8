/* Allocation that cannot fail, checked sizes, growing arrays. */
#include <stdlib.h>

#include "assay/base.h"

static void out_of_memory(size_t size) __attribute__((noreturn));
static void out_of_memory(size_t size)
{
	fprintf(stderr, "assay: out of memory (%zu bytes asked for)\n", size);
	exit(ERR_ENV);
}

size_t size_add(size_t a, size_t b)
{
	size_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		out_of_memory(SIZE_MAX);
	return sum;
}

size_t size_mul(size_t a, size_t b)
{
	size_t product;

	if (__builtin_mul_overflow(a, b, &product))
		out_of_memory(SIZE_MAX);
	return product;
}

void *xmalloc(size_t size)
{
	void *block = malloc(size ? size : 1);

	if (!block)
		out_of_memory(size);
	return block;
}

void *xaligned(size_t alignment, size_t size)
{
	void *items = aligned_alloc(alignment, size ? size : alignment);

	if (!items)
		out_of_memory(size);
	return items;
}

void *xcalloc(size_t count, size_t size)
{
	void *block = calloc(count ? count : 1, size ? size : 1);

	if (!block)
		out_of_memory(size_mul(count, size));
	return block;
}

void *xrealloc(void *old, size_t size)
{
	void *block = realloc(old, size ? size : 1);

	if (!block)
		out_of_memory(size);
	return block;
}

void *xreallocarray(void *old, size_t count, size_t size)
{
	return xrealloc(old, size_mul(count, size));
}

char *xstrdup(const char *text)
{
	return xmemdup0(text, strlen(text));
}

char *xmemdup0(const void *bytes, size_t len)
{
	char *copy = xmalloc(size_add(len, 1));

	if (len)
		memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

char *xasprintf(const char *format, ...)
{
	struct str s;
	va_list args;

	str_init(&s);
	va_start(args, format);
	str_addvf(&s, format, args);
	va_end(args);
	return str_take(&s);
}

void *vec_reserve(void *items, size_t *cap, size_t need, size_t size)
{
	size_t grown;

	if (need <= *cap)
		return items;
	grown = size_add(*cap, *cap / 2);
	if (grown < need)
		grown = need;
	if (grown < 8)
		grown = 8;
	items = xreallocarray(items, grown, size);
	*cap = grown;
	return items;
}

void *vec_anew(void *items, size_t *cap, size_t need, size_t size)
{
	if (need <= *cap)
		return items;
	free(items);
	*cap = size_add(need, need / 8);
	return xreallocarray(NULL, *cap, size);
}
