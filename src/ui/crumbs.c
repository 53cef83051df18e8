/* Row 0: the path to where one is. Each part leads there; what has no room is left out in the middle. */
#include <stdlib.h>
#include <string.h>

#include "private.h"

enum { PARTS_MOST = 16, LEAST_NAME = 16, LEAST_TEXT = 6 };

struct part {
	char *text;
	style_id style;
	int depth; /* of the view that it leads to; -1: the first screen */
	bool path; /* stands behind a sign of the path */
	int room;  /* columns; 0: as wide as it is */
	bool name; /* of the screen */
};
struct parts {
	struct part list[PARTS_MOST];
	size_t count, first; /* first: of those behind a sign of the path */
};

static void add(struct parts *p, const char *text, style_id style, int depth, bool path)
{
	/* A stack that is deeper than that has its middle left out in any case. */
	if (p->count == PARTS_MOST) {
		free(p->list[p->first + 1].text);
		memmove(&p->list[p->first + 1], &p->list[p->first + 2], (p->count - p->first - 2) * sizeof *p->list);
		p->count--;
	}
	p->list[p->count++] = (struct part){xstrdup(text), style, depth, path, 0, false};
}

static void take_out(struct parts *p, size_t at)
{
	free(p->list[at].text);
	p->count--;
	memmove(&p->list[at], &p->list[at + 1], (p->count - at) * sizeof *p->list);
	if (at < p->first)
		p->first--;
}

static void collect(struct ui *ui, struct parts *p)
{
	const struct stack *stack = &ui->stacks[ui->screen];
	struct str title;

	memset(p, 0, sizeof *p);
	str_init(&title);
	add(p, "assay", STYLE_TITLE, -1, false);
	if (ui->place.len)
		add(p, ui->place.data, STYLE_TITLE_PATH, -1, false);
	p->first = p->count;
	for (size_t i = 0; i < stack->count; i++) {
		struct view *v = stack->views[i];
		bool last = i + 1 == stack->count;

		str_clear(&title);
		if (v->ops->title)
			v->ops->title(v, &title);
		if (i == 0 || !title.len)
			add(p, v->ops->name, last && !title.len ? STYLE_TITLE : STYLE_TITLE_PATH, (int)i, true);
		if (i == 0)
			p->list[p->count - 1].name = true;
		if (title.len)
			add(p, title.data, last ? STYLE_TITLE : STYLE_TITLE_PATH, (int)i, true);
	}
	str_release(&title);
}

static int width_of(const struct surface *s, const struct part *p)
{
	int w = surface_width(s, p->text, strlen(p->text));

	return p->room && p->room < w ? p->room : w;
}

/* Two columns before each: blanks, or the sign of the path with a blank; and one more before that. */
static int total(const struct surface *s, const struct parts *p)
{
	int w = 1;

	for (size_t i = 0; i < p->count; i++)
		w += width_of(s, &p->list[i]) + (i ? 2 + p->list[i].path : p->list[i].path ? 2 : 0);
	return w;
}

/* As far as the path can be shortened by `over` columns, not below `least`. */
static void shorten(const struct surface *s, struct part *p, int over, int least)
{
	int w = width_of(s, p);

	if (over <= 0 || w <= least)
		return;
	p->room = w - over < least ? least : w - over;
}

/*
 * The first and the last part stay. The middle goes first, oldest first; then the last is cut down to what still
 * says which it is; then the name of the program and of the store go.
 */
static void fit(const struct surface *s, struct parts *p)
{
	bool left_out = false;

	while (total(s, p) > s->w && p->count - p->first > 2 + (size_t)left_out) {
		size_t at = p->first + 1;

		if (!left_out) {
			free(p->list[at].text);
			p->list[at].text = xstrdup("\xe2\x80\xa6");
			left_out = true;
		} else {
			p->list[at].depth = p->list[at + 1].depth;
			take_out(p, at + 1);
		}
	}
	if (p->count == p->first)
		return;
	shorten(s, &p->list[p->count - 1], total(s, p) - s->w, LEAST_NAME);
	while (total(s, p) > s->w && p->first)
		take_out(p, 0);
	if (left_out && total(s, p) > s->w)
		take_out(p, p->first + 1);
	shorten(s, &p->list[p->count - 1], total(s, p) - s->w, LEAST_TEXT);
	shorten(s, &p->list[p->first], total(s, p) - s->w, LEAST_TEXT);
	/* On a terminal of a few columns the end alone says more than two stumps. */
	while (total(s, p) > s->w && p->count > 1)
		take_out(p, 0);
	shorten(s, &p->list[0], total(s, p) - s->w, 1);
}

/* The text in `room` columns, its middle left out: names differ at their ends. */
static char *cut_middle(const struct surface *s, const char *text, int room)
{
	size_t len = strlen(text), head = 0, tail = len;
	int used = 1, w;
	struct str out;
	char *copy;

	if (surface_width(s, text, len) <= room)
		return xstrdup(text);
	for (size_t n; used < 1 + (room - 1) / 2 && (n = text_grapheme(text + head, len - head, &w)); head += n) {
		if (used + w > room)
			break;
		used += w;
	}
	for (size_t at = head, n; at < len && surface_width(s, text + at, len - at) > room - used; at += n) {
		n = text_grapheme(text + at, len - at, &w);
		n = n ? n : 1;
		tail = at + n;
	}
	str_init(&out);
	str_add(&out, text, head);
	str_adds(&out, "\xe2\x80\xa6");
	str_adds(&out, text + tail);
	copy = xstrdup(out.data);
	str_release(&out);
	return copy;
}

void crumbs_draw(struct ui *ui, struct surface *s)
{
	struct parts parts;
	int x = 1;

	collect(ui, &parts);
	fit(s, &parts);
	ui->crumb_count = 0;
	for (size_t i = 0; i < parts.count; i++) {
		struct part *p = &parts.list[i];
		char *text = p->room ? cut_middle(s, p->text, p->room) : xstrdup(p->text);
		int from;

		if (p->path) {
			x += x > 1;
			surface_glyph(s, x, 0, STYLE_MUTED, GLYPH_PATH);
			x += 2;
		} else if (i) {
			x += 2;
		}
		from = x;
		x += surface_put_cut(s, x, 0, s->w - x, p->style, text, strlen(text));
		if (x > from)
			ui->crumbs[ui->crumb_count++] = (struct crumb){from, x, p->depth, p->name};
		free(text);
	}
	for (size_t i = 0; i < parts.count; i++)
		free(parts.list[i].text);
}

/* As Esc does it, view by view: one that asks before it is left, or stays, has its say. */
static void back_to(struct ui *ui, size_t depth)
{
	struct stack *s = &ui->stacks[ui->screen];
	size_t screen = ui->screen;

	for (int tries = 0; tries < 64 && ui->screen == screen && s->count > depth + 1 && !ui->dialog; tries++) {
		struct view *top = ui_top(ui);

		if (!top->ops->action || !top->ops->action(top, ACTION_APP_BACK))
			ui_back(ui);
	}
}

/* The first view of the screen, with all that it can show: not one experiment alone. */
static void to_all(struct ui *ui)
{
	struct stack *s = &ui->stacks[ui->screen];
	const char *name = s->views[0]->ops->name;
	struct str place;

	back_to(ui, 0);
	str_init(&place);
	place_of(s->views[0], &place);
	if (s->count == 1 && strcmp(place.data, name) != 0)
		ui_go(ui, name, NULL);
	str_release(&place);
}

bool crumbs_clicked(struct ui *ui, int x, int y)
{
	for (size_t i = 0; y == 0 && i < ui->crumb_count; i++) {
		const struct crumb *c = &ui->crumbs[i];

		if (x < c->x0 || x >= c->x1)
			continue;
		if (c->depth < 0)
			ui_show_screen(ui, ui->options.screens[0].number);
		else if (c->name)
			to_all(ui);
		else
			back_to(ui, (size_t)c->depth);
		return true;
	}
	return false;
}
