/* Text that is safe on a terminal, and how wide it is. */
#include <stdlib.h>
#include <wchar.h>

#include "assay/base.h"

enum { MARKS_PER_BASE = 4 };

/* The character at p: its code point, or -1 if the bytes are not UTF-8; its length in *n (1 if not). */
static int32_t decode(const unsigned char *p, size_t len, size_t *n)
{
	static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t want = p[0] < 0x80             ? 1
	              : (p[0] & 0xE0) == 0xC0 ? 2
	              : (p[0] & 0xF0) == 0xE0 ? 3
	              : (p[0] & 0xF8) == 0xF0 ? 4
	                                      : 0;
	int32_t c;

	*n = 1;
	if (want == 1)
		return p[0];
	if (!want || want > len)
		return -1;
	c = p[0] & (0x7F >> want);
	for (size_t i = 1; i < want; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return -1;
		c = c << 6 | (p[i] & 0x3F);
	}
	if (c < least[want] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return -1;
	*n = want;
	return c;
}

/* Characters that hide, reorder or change others, or that no font agrees on. */
static bool must_be_shown(int32_t c)
{
	static const int32_t range[][2] = {
	    {0x00, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},       {0x34F, 0x34F},   {0x61C, 0x61C},
	    {0x115F, 0x1160}, {0x17B4, 0x17B5}, {0x180B, 0x180F},   {0x200B, 0x200F}, {0x2028, 0x202E},
	    {0x2060, 0x206F}, {0x3164, 0x3164}, {0xE000, 0xF8FF},   {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF},
	    {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB}, {0xE0000, 0x10FFFF}};

	for (size_t i = 0; i < COUNT_OF(range); i++)
		if (c >= range[i][0] && c <= range[i][1])
			return true;
	return (c & 0xFFFE) == 0xFFFE;
}

/*
 * Characters that are harmless in text and not in columns. Many terminals put letters that are written from right
 * to left into their order themselves, and the numbers beside them with them: a name would swap the values of its
 * row. Colours of skin join the sign before them on some terminals and stand beside it on others.
 */
static bool moves_columns(int32_t c)
{
	static const int32_t range[][2] = {{0x590, 0x8FF},     {0xFB1D, 0xFDFF},   {0xFE70, 0xFEFE},
	                                   {0x10800, 0x10FFF}, {0x1E800, 0x1EFFF}, {0x1F3FB, 0x1F3FF}};

	for (size_t i = 0; i < COUNT_OF(range); i++)
		if (c >= range[i][0] && c <= range[i][1])
			return true;
	return false;
}

void safe_text(struct str *out, const char *bytes, size_t len, unsigned flags)
{
	const unsigned char *p = (const unsigned char *)bytes;
	int marks = MARKS_PER_BASE; /* a mark with no base before it is shown as an escape */

	for (size_t i = 0, n; i < len; i += n) {
		int32_t c = decode(p + i, len - i, &n);
		int width;

		if (c >= 0x20 && c < 0x7F) {
			str_addc(out, (char)c);
			marks = 0;
			continue;
		}
		if (c == '\n' || c == '\t') {
			if (flags & SAFE_NEWLINES)
				str_addc(out, c == '\n' ? '\n' : ' ');
			else
				str_adds(out, c == '\n' ? "\\n" : "\\t");
			marks = MARKS_PER_BASE;
			continue;
		}
		if (c < 0 || c < 0x80) {
			str_addf(out, "\\x%02x", p[i]);
			marks = MARKS_PER_BASE;
			continue;
		}
		width = must_be_shown(c) || (flags & SAFE_ASCII) ? -1 : wcwidth((wchar_t)c);
		if (!(flags & SAFE_LETTERS) && moves_columns(c))
			width = -1;
		if (width == 0 && marks++ >= MARKS_PER_BASE)
			width = -1;
		if (width < 0) {
			str_addf(out, "<U+%04X>", (unsigned)c);
			marks = MARKS_PER_BASE;
			continue;
		}
		if (width > 0)
			marks = 0;
		str_add(out, p + i, n);
	}
}

bool text_is_plain(const char *bytes, size_t len)
{
	const unsigned char *p = (const unsigned char *)bytes;

	for (size_t i = 0, n; i < len; i += n) {
		int32_t c = decode(p + i, len - i, &n);

		if (c >= 0x20 && c < 0x7F)
			continue;
		if (c < 0 || must_be_shown(c))
			return false;
	}
	return true;
}

size_t text_grapheme(const char *text, size_t len, int *width)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t at, n;
	int32_t c;

	*width = 0;
	if (!len)
		return 0;
	c = decode(p, len, &n);
	at = n;
	if (c >= 0x20 && c < 0x7F) {
		*width = 1;
	} else {
		int w = c < 0 ? 1 : wcwidth((wchar_t)c);

		*width = w < 0 ? 1 : w;
	}
	while (at < len && p[at] >= 0x80) {
		c = decode(p + at, len - at, &n);
		if (c < 0 || wcwidth((wchar_t)c) != 0)
			break;
		at += n;
	}
	return at;
}

size_t text_fit(const char *text, size_t len, int columns, int *width)
{
	size_t at = 0;
	int used = 0;

	while (at < len) {
		int w;
		size_t n = text_grapheme(text + at, len - at, &w);

		if (used + w > columns)
			break;
		used += w;
		at += n;
	}
	if (width)
		*width = used;
	return at;
}

int text_width(const char *text, size_t len)
{
	int width;

	text_fit(text, len, INT32_MAX / 2, &width);
	return width;
}

void safe_fprintf(FILE *to, const char *format, ...)
{
	struct str raw, safe;
	va_list args;

	str_init(&raw);
	str_init(&safe);
	va_start(args, format);
	str_addvf(&raw, format, args);
	va_end(args);
	safe_text(&safe, raw.data, raw.len, SAFE_NEWLINES);
	fwrite(safe.data, 1, safe.len, to);
	str_release(&raw);
	str_release(&safe);
}
