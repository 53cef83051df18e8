/* The clipboard by OSC 52. What goes out is the sequence and base64, whatever the text holds. */
#include <string.h>

#include "clipboard.h"

/* GNU screen drops strings that are longer than 256 bytes in older versions, 768 in newer ones. */
enum { SCREEN_PIECE = 240 };

static bool starts(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

enum clipboard_way clipboard_way(const char *type, const char *tmux, const char *screen)
{
	static const char *const without[] = {"linux", "vt", "dumb", "ansi", "cons", "sun", "eterm"};

	bool in_tmux, in_screen = screen && *screen;

	if (!type || !*type)
		return CLIPBOARD_NONE;
	in_tmux = (tmux && *tmux) || starts(type, "tmux");
	if (in_tmux != in_screen)
		return in_tmux ? CLIPBOARD_TMUX : CLIPBOARD_SCREEN;
	if (in_tmux || starts(type, "screen"))
		return CLIPBOARD_EITHER;
	for (size_t i = 0; i < COUNT_OF(without); i++)
		if (starts(type, without[i]))
			return CLIPBOARD_NONE;
	return CLIPBOARD_PLAIN;
}

void clipboard_add(struct str *out, enum clipboard_way way, const char *text, size_t len)
{
	struct str set;

	str_init(&set);
	str_adds(&set, "\x1b]52;c;");
	base64_encode(text, len, &set);
	str_addc(&set, '\a');
	if (way == CLIPBOARD_PLAIN || way == CLIPBOARD_TMUX || way == CLIPBOARD_EITHER)
		str_add(out, set.data, set.len);
	/* tmux ignores these strings, as screen ignores the plain sequence: where it is not known which of the two
	 * it is, both are sent. */
	for (size_t at = 0; (way == CLIPBOARD_SCREEN || way == CLIPBOARD_EITHER) && at < set.len;
	     at += SCREEN_PIECE) {
		str_adds(out, "\x1bP");
		str_add(out, set.data + at, set.len - at < SCREEN_PIECE ? set.len - at : SCREEN_PIECE);
		str_adds(out, "\x1b\\");
	}
	str_release(&set);
}
