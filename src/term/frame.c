/* A frame on its way from curses to the terminal. */
#include <string.h>

#include "frame.h"

static bool starts(const char *p, const char *end, const char *what, size_t n)
{
	return (size_t)(end - p) >= n && !memcmp(p, what, n);
}

/* Length of a "back to the default colours" that the reset of everything after it makes idle, or 0. */
static size_t idle_reset(const char *p, const char *end)
{
	static const char *const resets[] = {"\x1b[39;49m", "\x1b[39m", "\x1b[49m"};

	for (size_t i = 0; i < COUNT_OF(resets); i++) {
		size_t n = strlen(resets[i]);

		if (starts(p, end, resets[i], n))
			return starts(p + n, end, "\x1b(B\x1b[m", 6) || starts(p + n, end, "\x1b[m", 3) ? n : 0;
	}
	return 0;
}

/* "38;5;N" of a palette entry that stands for a true colour as "38;2;R;G;B"; returns the bytes it took, or 0.
 */
static size_t true_colour(struct str *out, const char *p, const char *end, const int32_t *rgb, int count)
{
	size_t i = 5;
	int n = 0;

	if ((*p != '3' && *p != '4') || !starts(p + 1, end, "8;5;", 4))
		return 0;
	while (p + i < end && i < 8 && p[i] >= '0' && p[i] <= '9')
		n = n * 10 + (p[i++] - '0');
	n -= FRAME_RGB_FIRST;
	if (n < 0 || n >= count)
		return 0;
	str_addf(out, "%c8;2;%d;%d;%d", *p, rgb[n] >> 16 & 255, rgb[n] >> 8 & 255, rgb[n] & 255);
	return i;
}

void frame_add(struct str *out, const char *p, size_t len, const int32_t *rgb, int count)
{
	const char *end = p + len, *from = p;
	bool escape = false;

	while (p < end) {
		size_t skip = 0;

		if (*p == 0x1B) {
			skip = starts(p, end, "\x1b(B", 3) ? 3 : idle_reset(p, end);
			escape = !skip;
		} else if (escape && *p == 'm') {
			escape = false;
		}
		if (skip) {
			str_add(out, from, (size_t)(p - from));
		} else if (escape && count && p > from && (p[-1] == '[' || p[-1] == ';')) {
			size_t before = out->len;
			size_t copied = (size_t)(p - from);

			str_add(out, from, copied);
			skip = true_colour(out, p, end, rgb, count);
			if (!skip)
				str_cut(out, before);
		}
		if (skip) {
			p += skip;
			from = p;
		} else {
			p++;
		}
	}
	str_add(out, from, (size_t)(end - from));
}
