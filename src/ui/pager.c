/* Text to read: a log that grows. Lines are found as bytes come; colours of the program that wrote it are
 * left out. */
#include <stdlib.h>
#include <string.h>

#include "private.h"

enum { SIDE_STEP = 8, WHEEL_ROWS = 3 };

struct ui_pager {
	struct view *view;
	struct str text;
	size_t *starts; /* offset of each line; one more when the last is not finished */
	size_t count, cap;
	bool open; /* the last line has no newline yet */
	size_t top;
	int skip;   /* rows of the line at the top that stand above the screen, when lines are wrapped */
	int64_t by; /* rows to move, before the next frame: only then their widths are known */
	int left, height, width;
	bool follow, wrap;
	char *search, *empty;
};

struct ui_pager *ui_pager_new(struct view *v)
{
	struct ui_pager *p = xcalloc(1, sizeof *p);

	p->view = v;
	p->height = p->width = 1;
	str_init(&p->text);
	return p;
}

void ui_pager_free(struct ui_pager *p)
{
	if (!p)
		return;
	str_release(&p->text);
	free(p->starts);
	free(p->search);
	free(p->empty);
	free(p);
}

void ui_pager_add(struct ui_pager *p, const char *bytes, size_t len)
{
	size_t at = p->text.len;

	str_add(&p->text, bytes, len);
	while (at < p->text.len) {
		const char *end = memchr(p->text.data + at, '\n', p->text.len - at);

		if (!p->open) {
			p->starts = vec_reserve(p->starts, &p->cap, p->count + 1, sizeof *p->starts);
			p->starts[p->count++] = at;
		}
		p->open = !end;
		at = end ? (size_t)(end - p->text.data) + 1 : p->text.len;
	}
	ui_dirty(p->view->ui);
}

void ui_pager_follow(struct ui_pager *p, bool on)
{
	p->follow = on;
}

void ui_pager_empty(struct ui_pager *p, const char *text)
{
	free(p->empty);
	p->empty = xstrdup(text);
}

/* ---- lines ---- */

/* Length of an escape sequence at text, or 0. */
static size_t escape_len(const char *text, size_t len)
{
	size_t i = 2;

	if (len < 2 || text[0] != 0x1B)
		return 0;
	if (text[1] == '[') {
		while (i < len && ((unsigned char)text[i] < 0x40 || (unsigned char)text[i] > 0x7E))
			i++;
		return i < len ? i + 1 : len;
	}
	if (text[1] == ']') {
		while (i < len && text[i] != 0x07 && text[i] != 0x1B)
			i++;
		if (i + 1 < len && text[i] == 0x1B)
			i++;
		return i < len ? i + 1 : len;
	}
	return 2;
}

/* A line as it would stand on a terminal: after its last carriage return, tabs to stops of eight. */
static void line_text(const struct ui_pager *p, size_t at, struct str *out)
{
	size_t from = p->starts[at], to = at + 1 < p->count ? p->starts[at + 1] : p->text.len;
	const char *text = p->text.data;

	str_clear(out);
	if (to > from && text[to - 1] == '\n')
		to--;
	while (to > from && text[to - 1] == '\r')
		to--;
	for (size_t i = to; i > from; i--)
		if (text[i - 1] == '\r') {
			from = i;
			break;
		}
	while (from < to) {
		size_t skip = escape_len(text + from, to - from);

		if (skip) {
			from += skip;
		} else if (text[from] == '\t') {
			do
				str_addc(out, ' ');
			while (out->len % 8);
			from++;
		} else {
			str_addc(out, text[from++]);
		}
	}
}

static int rows_of(const struct ui_pager *p, const struct surface *s, size_t at, struct str *line)
{
	int rows = 0;

	if (!p->wrap)
		return 1;
	line_text(p, at, line);
	for (size_t from = 0; from < line->len; rows++)
		from += ui_row_len(s, line->data + from, line->len - from, p->width);
	return rows > 0 ? rows : 1;
}

/* Where the screen begins when the end of the text is on its last row. */
static size_t last_top(const struct ui_pager *p, const struct surface *s, int *skip, struct str *line)
{
	size_t at = p->count;
	int rows = 0;

	while (at > 0 && rows < p->height)
		rows += rows_of(p, s, --at, line);
	*skip = rows > p->height ? rows - p->height : 0;
	return at;
}

static void go(struct ui_pager *p, size_t line)
{
	p->top = line;
	p->skip = 0;
	p->by = 0;
}

/* ---- search ---- */

static bool has_capital(const char *text)
{
	for (; *text; text++)
		if (*text >= 'A' && *text <= 'Z')
			return true;
	return false;
}

/* Case counts only if the pattern has a capital. */
static const char *find(const char *text, const char *pattern)
{
	return has_capital(pattern) ? strstr(text, pattern) : strcasestr(text, pattern);
}

static bool seek(struct ui_pager *p, size_t from, int step)
{
	struct str line;
	bool found = false;

	str_init(&line);
	for (size_t n = 0, at = from; n < p->count && !found; n++) {
		line_text(p, at, &line);
		if (find(line.data, p->search)) {
			go(p, at);
			p->follow = false;
			found = true;
		}
		at = step > 0 ? (at + 1) % p->count : (at + p->count - 1) % p->count;
	}
	str_release(&line);
	if (!found)
		ui_message(p->view->ui, STYLE_WARN, "\"%s\" is not in the text", p->search);
	return found;
}

static void search_accept(void *user, const char *text)
{
	struct ui_pager *p = user;

	free(p->search);
	p->search = *text ? xstrdup(text) : NULL;
	if (p->search && p->count)
		seek(p, p->top < p->count ? p->top : 0, 1);
}

static void search_again(struct ui_pager *p, int step)
{
	if (!p->search) {
		ui_message(p->view->ui, STYLE_WARN, "nothing is being searched for");
		return;
	}
	if (p->count)
		seek(p, (p->top + (step > 0 ? 1 : p->count - 1)) % p->count, step);
}

/* ---- moving ---- */

static void move(struct ui_pager *p, int64_t by)
{
	p->by += by;
	if (by < 0)
		p->follow = false;
}

/* To where the keys since the last frame have led, and not beyond the end. */
static void arrive(struct ui_pager *p, const struct surface *s)
{
	struct str line;
	size_t last;
	int last_skip;

	str_init(&line);
	last = last_top(p, s, &last_skip, &line);
	if (p->top > last || (p->top == last && p->skip > last_skip))
		p->top = last, p->skip = last_skip;
	p->by += p->skip;
	p->skip = 0;
	while (p->by < 0 && p->top > 0)
		p->by += rows_of(p, s, --p->top, &line);
	while (p->by > 0 && p->top < last) {
		int rows = rows_of(p, s, p->top, &line);

		if (p->by < rows)
			break;
		p->by -= rows;
		p->top++;
	}
	p->skip = p->by > 0 ? (int)p->by : 0;
	p->by = 0;
	if (p->follow || p->top > last || (p->top == last && p->skip > last_skip))
		p->top = last, p->skip = last_skip;
	str_release(&line);
}

bool ui_pager_action(struct ui_pager *p, enum action action)
{
	int page = p->height > 1 ? p->height - 1 : 1;

	switch (action) {
	case ACTION_LIST_UP:
	case ACTION_LIST_DOWN:
		move(p, action == ACTION_LIST_UP ? -1 : 1);
		return true;
	case ACTION_LIST_PAGE_UP:
	case ACTION_LIST_PAGE_DOWN:
		move(p, action == ACTION_LIST_PAGE_UP ? -page : page);
		return true;
	case ACTION_LIST_HALF_UP:
	case ACTION_LIST_HALF_DOWN:
		move(p, action == ACTION_LIST_HALF_UP ? -page / 2 : page / 2);
		return true;
	case ACTION_LIST_TOP:
		go(p, 0);
		p->follow = false;
		return true;
	case ACTION_LIST_BOTTOM:
		go(p, p->count);
		return true;
	case ACTION_LIST_LEFT:
		p->left = p->left > SIDE_STEP ? p->left - SIDE_STEP : 0;
		return true;
	case ACTION_LIST_RIGHT:
		p->left += SIDE_STEP;
		return true;
	case ACTION_PAGER_FOLLOW:
		p->follow = !p->follow;
		return true;
	case ACTION_PAGER_WRAP:
		p->wrap = !p->wrap;
		p->left = 0;
		p->skip = 0;
		return true;
	case ACTION_PAGER_SEARCH:
		ui_prompt(p->view,
		          &(struct ui_prompt){.label = "/", .history = "search", .user = p, .accept = search_accept});
		return true;
	case ACTION_PAGER_NEXT:
	case ACTION_PAGER_PREVIOUS:
		search_again(p, action == ACTION_PAGER_NEXT ? 1 : -1);
		return true;
	default:
		return false;
	}
}

bool ui_pager_event(struct ui_pager *p, const struct term_event *e)
{
	if (e->kind != TERM_EVENT_MOUSE || (e->mouse != TERM_MOUSE_WHEEL_UP && e->mouse != TERM_MOUSE_WHEEL_DOWN))
		return false;
	move(p, e->mouse == TERM_MOUSE_WHEEL_UP ? -WHEEL_ROWS : WHEEL_ROWS);
	return true;
}

/* ---- drawing ---- */

/* What is found in the bytes from `from` to `to` of the line, which begin at x. */
static void mark_found(const struct ui_pager *p, struct surface *s, int x, int y, const struct str *line,
                       size_t from, size_t to)
{
	size_t n = p->search ? strlen(p->search) : 0;

	for (const char *at = line->data; n && (at = find(at, p->search)); at += n) {
		size_t begin = (size_t)(at - line->data), end = begin + n;

		begin = begin > from ? begin : from;
		end = end < to ? end : to;
		if (begin < end)
			surface_restyle(s, x + surface_width(s, line->data + from, begin - from), y,
			                surface_width(s, line->data + begin, end - begin), 1, STYLE_SEARCH);
	}
}

/* From row `skip` of the line on; returns the rows used. */
static int draw_line(const struct ui_pager *p, struct surface *s, int y, const struct str *line, int skip)
{
	int rows = -skip;
	size_t from = 0;

	if (!p->wrap) {
		surface_put_n(s, -p->left, y, STYLE_TEXT, line->data, line->len);
		mark_found(p, s, -p->left, y, line, 0, line->len);
		if (surface_width(s, line->data, line->len) - p->left > s->w)
			surface_glyph(s, s->w - 1, y, STYLE_MUTED, GLYPH_RIGHT);
		return 1;
	}
	do {
		size_t n = ui_row_len(s, line->data + from, line->len - from, s->w);

		if (rows >= 0) {
			surface_put_n(s, 0, y + rows, STYLE_TEXT, line->data + from, n);
			mark_found(p, s, 0, y + rows, line, from, from + n);
		}
		from += n;
		rows++;
	} while (from < line->len && y + rows < s->h);
	return rows;
}

static void draw_status(const struct ui_pager *p, struct surface *s, int y)
{
	char count[NUM_TEXT];
	struct str text;

	str_init(&text);
	if (p->search)
		str_addf(&text, "/%s  ", p->search);
	str_addf(&text, "%s line%s", count_people((int64_t)p->count, count), p->count == 1 ? "" : "s");
	if (p->follow)
		str_adds(&text, ", following");
	surface_put_right(s, 0, y, s->w - 1, STYLE_MUTED, text.data);
	str_release(&text);
}

void ui_pager_draw(struct ui_pager *p, struct surface *s, bool focused)
{
	struct surface body = surface_part(s, 1, 0, s->w - 1, s->h - 1);
	struct str line;

	if (body.h < 1 || body.w < 1)
		return;
	p->height = body.h;
	p->width = body.w;
	if (!p->count) {
		ui_paragraph(&body, 0, 0, STYLE_MUTED, p->empty ? p->empty : "nothing here yet");
		return;
	}
	arrive(p, &body);
	str_init(&line);
	for (size_t at = p->top, y = 0; at < p->count && y < (size_t)body.h; at++) {
		line_text(p, at, &line);
		y += (size_t)draw_line(p, &body, (int)y, &line, at == p->top ? p->skip : 0);
	}
	str_release(&line);
	draw_status(p, s, s->h - 1);
	if (focused)
		surface_cursor(s, 0, p->follow ? body.h - 1 : 0, false);
}
