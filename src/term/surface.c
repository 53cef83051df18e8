/*
 * Drawing into cells. Every byte that is not our own glyph passes through make_safe(), which is the one point
 * where text from data becomes harmless.
 */
#include <stdlib.h>
#include <string.h>

#include "assay/term.h"
#include "glyphs.h"

/* ---- cells ---- */

static struct cell *cell_at(const struct surface *s, int gx, int gy)
{
	return &s->grid->cells[(size_t)gy * (size_t)s->grid->w + (size_t)gx];
}

static void set_blank(struct cell *c)
{
	memset(c->text, 0, sizeof c->text);
	c->text[0] = ' ';
	c->len = 1;
	c->width = 1;
}

/* What is left of wide characters of which [gx, gx + width) takes a half becomes blank. */
static void mend_halves(const struct surface *s, int gx, int gy, int width)
{
	if (cell_at(s, gx, gy)->width == 0 && gx > 0)
		set_blank(cell_at(s, gx - 1, gy));
	if (gx + width < s->grid->w && cell_at(s, gx + width, gy)->width == 0)
		set_blank(cell_at(s, gx + width, gy));
}

/* One grapheme at grid column gx (64 bits: x may be anything), on a row inside the clip. */
static void put_cell(const struct surface *s, int64_t gx, int gy, style_id style, const char *text,
                     size_t len, int width)
{
	bool left = gx >= s->clip_x0 && gx < s->clip_x1;
	bool right = width == 2 && gx + 1 >= s->clip_x0 && gx + 1 < s->clip_x1;
	struct cell *c;

	if (!left && !right)
		return;
	if (width == 2 && left != right) {
		gx = left ? gx : gx + 1;
		text = " ";
		len = 1;
		width = 1;
	}
	mend_halves(s, (int)gx, gy, width);
	c = cell_at(s, (int)gx, gy);
	memset(c->text, 0, sizeof c->text);
	memcpy(c->text, text, len);
	c->len = (uint8_t)len;
	c->width = (uint8_t)width;
	c->style = style;
	if (width == 2) {
		c = cell_at(s, (int)gx + 1, gy);
		memset(c, 0, sizeof *c);
		c->style = style;
	}
}

static bool row_visible(const struct surface *s, int y, int *gy)
{
	int64_t row = (int64_t)s->y + y;

	if (y < 0 || y >= s->h || row < s->clip_y0 || row >= s->clip_y1)
		return false;
	*gy = (int)row;
	return true;
}

/* ---- parts ---- */

static int max_int(int a, int b)
{
	return a > b ? a : b;
}

static int clamp64(int64_t v)
{
	return v < INT32_MIN / 2 ? INT32_MIN / 2 : v > INT32_MAX / 2 ? INT32_MAX / 2 : (int)v;
}

struct surface surface_part(const struct surface *s, int x, int y, int w, int h)
{
	struct surface p = *s;

	p.x = clamp64((int64_t)s->x + x);
	p.y = clamp64((int64_t)s->y + y);
	p.w = w < 0 ? 0 : w;
	p.h = h < 0 ? 0 : h;
	p.clip_x0 = max_int(s->clip_x0, p.x);
	p.clip_y0 = max_int(s->clip_y0, p.y);
	if ((int64_t)p.x + p.w < p.clip_x1)
		p.clip_x1 = clamp64((int64_t)p.x + p.w);
	if ((int64_t)p.y + p.h < p.clip_y1)
		p.clip_y1 = clamp64((int64_t)p.y + p.h);
	p.clip_x1 = max_int(p.clip_x0, p.clip_x1);
	p.clip_y1 = max_int(p.clip_y0, p.clip_y1);
	return p;
}

enum term_charset surface_charset(const struct surface *s)
{
	return s->grid->charset;
}

void surface_fill(struct surface *s, int x, int y, int w, int h, style_id style)
{
	struct surface p = surface_part(s, x, y, w, h);

	for (int gy = p.clip_y0; gy < p.clip_y1; gy++)
		for (int gx = p.clip_x0; gx < p.clip_x1; gx++)
			put_cell(&p, gx, gy, style, " ", 1, 1);
}

void surface_clear(struct surface *s)
{
	surface_fill(s, 0, 0, s->w, s->h, STYLE_TEXT);
}

void surface_restyle(struct surface *s, int x, int y, int w, int h, style_id style)
{
	struct surface p = surface_part(s, x, y, w, h);

	for (int gy = p.clip_y0; gy < p.clip_y1; gy++)
		for (int gx = p.clip_x0; gx < p.clip_x1; gx++)
			cell_at(&p, gx, gy)->style = style;
}

void surface_cursor(struct surface *s, int x, int y, bool visible)
{
	int64_t gx = (int64_t)s->x + x, gy = (int64_t)s->y + y;

	if (gx < s->clip_x0 || gx >= s->clip_x1 || gy < s->clip_y0 || gy >= s->clip_y1)
		return;
	s->grid->cursor_x = (int)gx;
	s->grid->cursor_y = (int)gy;
	s->grid->cursor_visible = visible;
}

/* ---- text ---- */

static bool is_plain(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] < 0x20 || bytes[i] > 0x7E)
			return false;
	return true;
}

/* Bytes to safe text in `out`; where only ASCII may be drawn, our own typography gets its twin first. */
static void make_safe(const struct surface *s, struct str *out, const char *bytes, size_t len)
{
	if (s->grid->charset == TERM_ASCII) {
		struct str folded;

		str_init(&folded);
		glyphs_fold(&folded, bytes, len);
		safe_text(out, folded.data, folded.len, SAFE_NEWLINES | SAFE_ASCII);
		str_release(&folded);
	} else {
		safe_text(out, bytes, len, SAFE_NEWLINES);
	}
	for (size_t i = 0; i < out->len; i++)
		if (out->data[i] == '\n')
			out->data[i] = ' ';
}

/* Draws safe text; returns its columns. */
static int put_safe(struct surface *s, int x, int y, style_id style, const char *text, size_t len)
{
	int64_t gx = (int64_t)s->x + x;
	int gy = 0, used = 0;
	bool visible = row_visible(s, y, &gy);

	for (size_t at = 0, n; at < len; at += n) {
		int width;

		n = text_grapheme(text + at, len - at, &width);
		if (width < 1)
			continue;
		if (visible) {
			size_t keep = n;

			/* Never cut inside a character: marks that do not fit are left out whole. */
			while (keep > CELL_BYTES || (keep < n && ((unsigned char)text[at + keep] & 0xC0) == 0x80))
				keep--;
			put_cell(s, gx + used, gy, style, text + at, keep, width);
		}
		used += width;
	}
	return used;
}

int surface_put_n(struct surface *s, int x, int y, style_id style, const char *bytes, size_t len)
{
	struct str safe;
	int used;

	if (is_plain(bytes, len))
		return put_safe(s, x, y, style, bytes, len);
	str_init(&safe);
	make_safe(s, &safe, bytes, len);
	used = put_safe(s, x, y, style, safe.data, safe.len);
	str_release(&safe);
	return used;
}

int surface_put(struct surface *s, int x, int y, style_id style, const char *text)
{
	return surface_put_n(s, x, y, style, text, strlen(text));
}

int surface_printf(struct surface *s, int x, int y, style_id style, const char *format, ...)
{
	struct str text;
	va_list args;
	int used;

	str_init(&text);
	va_start(args, format);
	str_addvf(&text, format, args);
	va_end(args);
	used = surface_put_n(s, x, y, style, text.data, text.len);
	str_release(&text);
	return used;
}

int surface_width(const struct surface *s, const char *bytes, size_t len)
{
	struct str safe;
	int width;

	if (is_plain(bytes, len))
		return len > INT32_MAX / 2 ? INT32_MAX / 2 : (int)len;
	str_init(&safe);
	make_safe(s, &safe, bytes, len);
	width = text_width(safe.data, safe.len);
	str_release(&safe);
	return width;
}

int surface_put_cut(struct surface *s, int x, int y, int width, style_id style, const char *bytes, size_t len)
{
	struct str safe;
	int used, fit;
	size_t n;

	if (width < 1)
		return 0;
	str_init(&safe);
	make_safe(s, &safe, bytes, len);
	n = text_fit(safe.data, safe.len, width, &used);
	if (n == safe.len) {
		put_safe(s, x, y, style, safe.data, n);
	} else {
		n = text_fit(safe.data, safe.len, width - 1, &fit);
		put_safe(s, x, y, style, safe.data, n);
		surface_glyph(s, x + fit, y, style, GLYPH_ELLIPSIS);
		used = fit + 1;
	}
	str_release(&safe);
	return used;
}

int surface_put_name(struct surface *s, int x, int y, int width, style_id style, const char *text)
{
	enum { MIDDLE_FROM = 12 }; /* narrower names are cut at their end */
	const char *dots = term_glyph(s->grid->charset, GLYPH_ELLIPSIS);
	struct str safe, cut;
	int whole, w, used;
	size_t from = 0;

	if (width < MIDDLE_FROM || surface_width(s, text, strlen(text)) <= width)
		return surface_put_cut(s, x, y, width, style, text, strlen(text));
	str_init(&safe);
	str_init(&cut);
	make_safe(s, &safe, text, strlen(text));
	whole = text_width(safe.data, safe.len);
	/* The last third, from the first character on that still has room. */
	for (int skip = whole - width / 3; skip > 0; skip -= w)
		from += text_grapheme(safe.data + from, safe.len - from, &w);
	str_add(&cut, safe.data, text_fit(safe.data, safe.len, width - 1 - width / 3, &w));
	str_adds(&cut, dots);
	str_add(&cut, safe.data + from, safe.len - from);
	used = text_width(cut.data, cut.len);
	surface_put_n(s, x, y, style, cut.data, cut.len);
	str_release(&safe);
	str_release(&cut);
	return used;
}

int surface_put_right(struct surface *s, int x, int y, int width, style_id style, const char *text)
{
	size_t len = strlen(text);
	int wide = surface_width(s, text, len);

	if (wide > width)
		return surface_put_cut(s, x, y, width, style, text, len);
	surface_put_n(s, x + width - wide, y, style, text, len);
	return wide;
}

/* ---- runes and glyphs ---- */

static size_t encode(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xE0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3F));
		out[2] = (char)(0x80 | (c & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3F));
	out[2] = (char)(0x80 | (c >> 6 & 0x3F));
	out[3] = (char)(0x80 | (c & 0x3F));
	return 4;
}

void surface_rune(struct surface *s, int x, int y, style_id style, uint32_t rune)
{
	char text[4];
	int gy;

	if (x < 0 || x >= s->w || !row_visible(s, y, &gy))
		return;
	if (rune < 0x20 || (rune >= 0x7F && rune < 0xA0) || rune > 0x10FFFF || (rune >= 0xD800 && rune < 0xE000))
		rune = '?';
	if (rune > 0x7E && s->grid->charset == TERM_ASCII)
		rune = '#';
	put_cell(s, (int64_t)s->x + x, gy, style, text, encode(rune, text), 1);
}

void surface_glyph(struct surface *s, int x, int y, style_id style, enum glyph glyph)
{
	const char *text = term_glyph(s->grid->charset, glyph);
	int gy;

	if (row_visible(s, y, &gy))
		put_cell(s, (int64_t)s->x + x, gy, style, text, strlen(text), 1);
}

void surface_hline(struct surface *s, int x, int y, int w, style_id style)
{
	for (int i = max_int(0, -x); i < w && x + i < s->w; i++)
		surface_glyph(s, x + i, y, style, GLYPH_HLINE);
}

void surface_vline(struct surface *s, int x, int y, int h, style_id style)
{
	for (int i = max_int(0, -y); i < h && y + i < s->h; i++)
		surface_glyph(s, x, y + i, style, GLYPH_VLINE);
}

void surface_box(struct surface *s, int x, int y, int w, int h, style_id style)
{
	if (w < 2 || h < 2)
		return;
	surface_hline(s, x + 1, y, w - 2, style);
	surface_hline(s, x + 1, y + h - 1, w - 2, style);
	surface_vline(s, x, y + 1, h - 2, style);
	surface_vline(s, x + w - 1, y + 1, h - 2, style);
	surface_glyph(s, x, y, style, GLYPH_TOP_LEFT);
	surface_glyph(s, x + w - 1, y, style, GLYPH_TOP_RIGHT);
	surface_glyph(s, x, y + h - 1, style, GLYPH_BOTTOM_LEFT);
	surface_glyph(s, x + w - 1, y + h - 1, style, GLYPH_BOTTOM_RIGHT);
}
