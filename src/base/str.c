/* The growing string. */
#include <stdlib.h>

#include "assay/base.h"

/* What an empty string points at, so that data is never NULL; cap 0 says it is not ours to free. */
static char empty[1];

void str_init(struct str *s)
{
	s->data = empty;
	s->len = s->cap = 0;
}

void str_release(struct str *s)
{
	if (s->cap)
		free(s->data);
	str_init(s);
}

void str_clear(struct str *s)
{
	s->len = 0;
	if (s->cap)
		s->data[0] = '\0';
}

static void reserve(struct str *s, size_t more)
{
	size_t need = size_add(size_add(s->len, more), 1);

	if (need <= s->cap)
		return;
	s->data = vec_reserve(s->cap ? s->data : NULL, &s->cap, need, 1);
}

void str_add(struct str *s, const void *bytes, size_t len)
{
	reserve(s, len);
	if (len)
		memcpy(s->data + s->len, bytes, len);
	s->len += len;
	s->data[s->len] = '\0';
}

void str_adds(struct str *s, const char *text)
{
	str_add(s, text, strlen(text));
}

void str_addc(struct str *s, char c)
{
	str_add(s, &c, 1);
}

void str_addvf(struct str *s, const char *format, va_list args)
{
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (len < 0)
		bug("format \"%s\" cannot be printed", format);
	reserve(s, (size_t)len);
	vsnprintf(s->data + s->len, (size_t)len + 1, format, args);
	s->len += (size_t)len;
}

void str_addf(struct str *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	str_addvf(s, format, args);
	va_end(args);
}

void str_cut(struct str *s, size_t len)
{
	if (len >= s->len)
		return;
	s->len = len;
	s->data[len] = '\0';
}

char *str_take(struct str *s)
{
	char *text = s->cap ? s->data : xmemdup0("", 0);

	str_init(s);
	return text;
}
