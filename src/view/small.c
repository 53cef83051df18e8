/* Texts of cells, and other small things that several screens need. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "runs.h"
#include "view_inside.h"

struct app *view_app_of(struct view *v)
{
	return ui_app(v->ui);
}

void view_draw_stopped(struct view *v, struct surface *s)
{
	struct str key, text;

	str_init(&key);
	str_init(&text);
	ui_action_keys(v->ui, ACTION_APP_REFRESH, true, &key);
	str_addf(&text, "It was stopped before there was anything to show.%s%s%s", key.len ? "\n" : "", key.data,
	         key.len ? "  starts it again" : "");
	ui_paragraph(s, 3, 1, STYLE_MUTED, text.data);
	str_release(&key);
	str_release(&text);
}

const char *view_cell_number(struct arena *a, double value, int digits)
{
	char text[NUM_TEXT];

	if (isnan(value))
		return NULL;
	return arena_strdup(a, num_people(value, digits, text));
}

const char *view_cell_difference(struct arena *a, double value, double like)
{
	char text[NUM_TEXT];
	const char *point;
	int decimals;

	if (isnan(value))
		return NULL;
	if (value == 0)
		return "0";
	num_people(like, 4, text);
	point = strchr(text, '.');
	decimals = point ? (int)strspn(point + 1, "0123456789") : 0;
	/* Beside a whole number: 4 and 4.333 differ by +0.333, not by +0. */
	if (decimals == 0 && fabs(like) < 1000 && value != floor(value))
		decimals = fabs(like) < 10 ? 3 : fabs(like) < 100 ? 2 : 1;
	/* In the decimals of the values themselves, unless nothing of it would be left. */
	if (strchr(text, 'e') || fabs(value) < 0.5 * pow(10, -decimals) || fabs(value) >= 1e9)
		return arena_printf(a, "%+.1e", value);
	return arena_printf(a, "%+.*f", decimals, value);
}

const char *view_cell_count(struct arena *a, int64_t count)
{
	char text[NUM_TEXT];

	return arena_strdup(a, count_people(count, text));
}

const char *view_cell_percent(struct arena *a, double share)
{
	if (isnan(share))
		return NULL;
	if (share == 0)
		return "0%";
	if (share < 0.001)
		return "<0.1%";
	return arena_printf(a, "%.1f%%", share * 100);
}

const char *view_cut_name(struct arena *a, const char *text, int columns)
{
	const char *rest = text + strcspn(text, " ");
	int used = 0, w = 0, room = columns - text_width(rest, strlen(rest)) - 1;
	size_t at = 0;

	if (room < 3 || text_width(text, strlen(text)) <= columns)
		return text;
	for (;;) {
		size_t n = text_grapheme(text + at, (size_t)(rest - text) - at, &w);

		if (n == 0 || used + w > room)
			break;
		at += n;
		used += w;
	}
	return arena_printf(a, "%.*s\xe2\x80\xa6%s", (int)at, text, rest);
}

const char *view_cell_age(struct arena *a, int64_t then, int64_t now)
{
	char text[TIME_TEXT];

	if (then == 0)
		return NULL;
	/* Seconds would have every young row drawn again at each look. */
	return now - then < 59500 ? "<1m" : arena_strdup(a, time_span(now - then, text));
}

const char *view_cell_span(struct arena *a, int64_t from, int64_t to)
{
	char text[TIME_TEXT];

	return arena_strdup(a, time_span(to > from ? to - from : 0, text));
}

int view_tab_named(const char *const *names, int count, const char *name)
{
	for (int i = 0; name && i < count; i++)
		if (strcasecmp(names[i], name) == 0)
			return i;
	return -1;
}

const char *view_lower(struct arena *a, const char *word)
{
	char *copy = arena_strdup(a, word);

	for (char *p = copy; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 'a' - 'A');
	return copy;
}

const char *view_short_id(const char *uuid)
{
	size_t len = strlen(uuid);

	return len > 8 ? uuid + len - 8 : uuid;
}

int view_words(const char *text, struct arena *a, const char ***words, struct error *err)
{
	size_t len = strlen(text), count = 0;
	/* No more words than characters. */
	const char **out = arena_array(a, len + 2, sizeof *out);
	const char *at = text;
	int status = 0;
	struct str word;

	str_init(&word);
	while (*at) {
		char quote = 0;
		const char *opened = at;

		if (*at == ' ' || *at == '\t') {
			at++;
			continue;
		}
		str_clear(&word);
		for (; *at && (quote || (*at != ' ' && *at != '\t')); at++) {
			if (quote && *at == quote) {
				quote = 0;
			} else if (!quote && (*at == '\'' || *at == '"')) {
				quote = *at;
				opened = at;
			} else if (*at == '\\' && quote != '\'' && at[1]) {
				str_addc(&word, *++at);
			} else {
				str_addc(&word, *at);
			}
		}
		if (quote) {
			status = error_set(err, ERR_USAGE, "the quote %c at character %zu is not closed", quote,
			                   (size_t)(opened - text) + 1);
			break;
		}
		out[count++] = arena_memdup0(a, word.data, word.len);
	}
	str_release(&word);
	*words = out;
	return status;
}

void view_command(struct ui *ui, const char *const *words)
{
	struct str line;

	str_init(&line);
	work_shell_line(words, &line);
	ui_command(ui, "%s", line.data);
	str_release(&line);
}
