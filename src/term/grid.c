/* The grid of cells, its text and styles as plain text, and the names of the roles. */
#include <stdlib.h>
#include <string.h>

#include "assay/term.h"

static const struct {
	const char *name;
	int parent;
} roles[] = {
#define X(id, name, parent) {name, STYLE_##parent},
    TERM_ROLES(X)
#undef X
};

const char *style_role_name(int role)
{
	return role >= 0 && role < STYLE_ROLES ? roles[role].name : "?";
}

int style_role_find(const char *name)
{
	for (int i = 0; i < STYLE_ROLES; i++)
		if (!strcmp(roles[i].name, name))
			return i;
	return -1;
}

int style_role_parent(int role)
{
	return role >= 0 && role < STYLE_ROLES ? roles[role].parent : STYLE_TEXT;
}

style_id style_series(int n)
{
	n %= 8;
	return (style_id)(STYLE_SERIES_1 + (n < 0 ? n + 8 : n));
}

static void blank(struct cell *c)
{
	memset(c, 0, sizeof *c);
	c->text[0] = ' ';
	c->len = 1;
	c->width = 1;
}

void grid_init(struct grid *g, int w, int h, enum term_charset charset)
{
	memset(g, 0, sizeof *g);
	g->charset = charset;
	grid_resize(g, w, h);
}

void grid_release(struct grid *g)
{
	free(g->cells);
	g->cells = NULL;
	g->w = g->h = 0;
}

void grid_resize(struct grid *g, int w, int h)
{
	size_t count;

	g->w = w < 1 ? 1 : w;
	g->h = h < 1 ? 1 : h;
	count = size_mul((size_t)g->w, (size_t)g->h);
	g->cells = xreallocarray(g->cells, count, sizeof *g->cells);
	for (size_t i = 0; i < count; i++)
		blank(&g->cells[i]);
	g->cursor_x = g->cursor_y = -1;
	g->cursor_visible = false;
}

struct surface grid_surface(struct grid *g)
{
	return (struct surface){.grid = g, .w = g->w, .h = g->h, .clip_x1 = g->w, .clip_y1 = g->h};
}

const struct cell *grid_cell(const struct grid *g, int x, int y)
{
	if (x < 0 || y < 0 || x >= g->w || y >= g->h)
		bug("cell %d,%d outside a grid of %dx%d", x, y, g->w, g->h);
	return &g->cells[(size_t)y * (size_t)g->w + (size_t)x];
}

void grid_text(const struct grid *g, struct str *out)
{
	for (int y = 0; y < g->h; y++) {
		size_t start = out->len;

		for (int x = 0; x < g->w; x++) {
			const struct cell *c = grid_cell(g, x, y);

			str_add(out, c->text, c->len);
		}
		while (out->len > start && out->data[out->len - 1] == ' ')
			str_cut(out, out->len - 1);
		str_addc(out, '\n');
	}
}

/* Letters are given in order of appearance, so that a golden file changes little when a role is added. */
static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

void grid_styles(const struct grid *g, struct str *out)
{
	style_id seen[sizeof letters - 1];
	size_t count = 0;

	for (int y = 0; y < g->h; y++) {
		size_t start = out->len;

		for (int x = 0; x < g->w; x++) {
			style_id style = grid_cell(g, x, y)->style;
			size_t i = 0;

			if (style == STYLE_TEXT) {
				str_addc(out, '.');
				continue;
			}
			while (i < count && seen[i] != style)
				i++;
			if (i == count && count < COUNT_OF(seen))
				seen[count++] = style;
			str_addc(out, i < count ? letters[i] : '?');
		}
		while (out->len > start && out->data[out->len - 1] == '.')
			str_cut(out, out->len - 1);
		str_addc(out, '\n');
	}
	for (size_t i = 0; i < count; i++)
		str_addf(out, "%c %s%s%s%s%s\n", letters[i], style_role_name(seen[i] & STYLE_ROLE_MASK),
		         seen[i] & STYLE_BOLD ? " bold" : "", seen[i] & STYLE_UNDERLINE ? " underline" : "",
		         seen[i] & STYLE_REVERSE ? " reverse" : "", seen[i] & STYLE_DIM ? " dim" : "");
}
