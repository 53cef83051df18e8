/* The page of a part: blocks, facts and bars, and the numbers on them that the cursor moves over. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assay/chart.h"
#include "feature.h"
#include "rows.h"
#include "view_inside.h"

/* ---- texts ---- */

enum fineness feature_fineness(const struct column_profile *c)
{
	const double minute = 60e3, span = c->max - c->min;

	if (c->type != COLUMN_TIME || !(span > 0) || span >= 120 * minute)
		return FINE_DAYS;
	return span >= minute ? FINE_SECONDS : FINE_MILLISECONDS;
}

bool feature_is_of_days(const struct column_profile *c)
{
	return c->type == COLUMN_TIME && c->time && strcmp(c->time->unit, "day") == 0;
}

const char *feature_value(struct arena *a, const struct column_profile *c, double value)
{
	char text[TIME_TEXT > NUM_TEXT ? TIME_TEXT : NUM_TEXT];

	if (c->type == COLUMN_TIME && isfinite(value)) {
		const char *day = time_rfc3339((int64_t)value, text);

		/* What lies between two days has an hour. */
		if (feature_is_of_days(c) && fmod(value, 86400e3) == 0)
			return arena_printf(a, "%.10s", day);
		if (feature_fineness(c) == FINE_DAYS)
			return arena_printf(a, "%.10s %.5s", day, day + 11);
		return arena_printf(a, "%.*s", feature_fineness(c) == FINE_SECONDS ? 8 : 12, day + 11);
	}
	return arena_strdup(a, num_value(value, text));
}

const char *feature_number(struct arena *a, const struct column_profile *c, double value)
{
	return c->type == COLUMN_TIME || isnan(value) ? feature_value(a, c, value)
	                                              : view_cell_number(a, value, 4);
}

const char *feature_plain(struct arena *a, const struct column_profile *c, const char *text, size_t len)
{
	return len == 0 ? "(empty)" : c->type == COLUMN_TIME ? rows_time_short(a, text, len) : text;
}

const char *feature_percent(struct arena *a, double part, double all)
{
	return all > 0 ? view_cell_percent(a, part / all) : "–";
}

/* Columns before the point; none is as wide as a digit. */
static int whole_part(const char *text)
{
	return strcmp(text, "–") == 0 ? 1 : (int)strcspn(text, ".e");
}

void feature_align(struct arena *a, const char *texts[], size_t count)
{
	int whole = 0, rest = 0;

	for (size_t i = 0; i < count; i++) {
		int w = whole_part(texts[i]), r = (int)strlen(texts[i]) - w;

		whole = w > whole ? w : whole;
		rest = r > rest && strcmp(texts[i], "–") != 0 ? r : rest;
	}
	for (size_t i = 0; i < count; i++) {
		int w = whole_part(texts[i]), r = strcmp(texts[i], "–") == 0 ? 0 : (int)strlen(texts[i]) - w;

		texts[i] = arena_printf(a, "%*s%s%*s", whole - w, "", texts[i], rest - r, "");
	}
}

const char *feature_about(const struct feature_page *p, const struct column_profile *c, const char *text)
{
	return c->bounds ? arena_printf(p->a, "%s%s", surface_charset(&p->s) == TERM_ASCII ? "~" : "≈", text)
	                 : text;
}

const char *feature_quoted(struct arena *a, const char *text, size_t len, char quote)
{
	char *out = arena_alloc(a, size_add(size_mul(len, 2), 3)), *to = out;

	*to++ = quote;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == quote)
			*to++ = quote;
		*to++ = text[i];
	}
	*to++ = quote;
	return out;
}

const char *feature_literal(struct arena *a, const struct column_profile *c, double value)
{
	char number[NUM_TEXT], time[TIME_TEXT];

	if (c->type == COLUMN_TIME && isfinite(value))
		return arena_printf(a, "'%s'", time_rfc3339((int64_t)value, time));
	return arena_strdup(a, num_shortest(value, number));
}

/* Times are whole milliseconds: the first one from an edge on that lies between two is the later of them, the last
 * one up to it the earlier. */
const char *feature_from(struct arena *a, const struct column_profile *c, double edge)
{
	return arena_printf(a, ">= %s", feature_literal(a, c, c->type == COLUMN_TIME ? ceil(edge) : edge));
}

const char *feature_below(struct arena *a, const struct column_profile *c, double edge)
{
	return arena_printf(a, "< %s", feature_literal(a, c, c->type == COLUMN_TIME ? ceil(edge) : edge));
}

const char *feature_up_to(struct arena *a, const struct column_profile *c, double edge)
{
	return arena_printf(a, "<= %s", feature_literal(a, c, c->type == COLUMN_TIME ? floor(edge) : edge));
}

const char *feature_where(struct feature_page *p, const char *condition)
{
	return arena_printf(p->a, "%s %s", feature_quoted(p->a, p->c->name, strlen(p->c->name), '"'), condition);
}

const char *feature_between(struct feature_page *p, double from, double to, bool last)
{
	const struct column_profile *c = p->c;
	double least, most;

	if (from == to)
		least = most = from;
	else if (!profile_values_between(c, from, to, &least, &most))
		return arena_printf(p->a, "%s AND %s", feature_from(p->a, c, from),
		                    feature_where(p, last ? feature_up_to(p->a, c, to) : feature_below(p->a, c, to)));
	if (least == most)
		return arena_printf(p->a, "= %s", feature_literal(p->a, c, least));
	return arena_printf(p->a, "%s AND %s", feature_from(p->a, c, least),
	                    feature_where(p, feature_up_to(p->a, c, most)));
}

const char *feature_range(struct feature_page *p, double from, double to)
{
	const struct column_profile *c = p->c;
	const char *low;

	/* Of very many in a bin it does not matter which one is the first. */
	if (feature_is_of_days(c) || to - from < 1000 * c->step)
		profile_values_between(c, from, to, &from, &to);
	low = feature_value(p->a, c, from);
	return from == to ? low : arena_printf(p->a, "%s to %s", low, feature_value(p->a, c, to));
}

struct feature_target feature_rows_where(struct feature_page *p, const char *condition)
{
	return (struct feature_target){.kind = BEHIND_WHERE, .where = feature_where(p, condition)};
}

struct feature_target feature_none(const char *why)
{
	return (struct feature_target){.kind = BEHIND_NOTHING, .why = why};
}

/* ---- blocks ---- */

static void reach(struct feature_page *p, int bottom)
{
	p->bottom = bottom > p->bottom ? bottom : p->bottom;
}

void feature_block(struct feature_page *p, int x, int y, int w, const char *heading, const char *note)
{
	p->block++;
	p->heading = heading ? y - 1 : y;
	if (!heading)
		return;
	w += x;
	x += surface_put_cut(&p->s, x, y - 1, w - x, STYLE_HEADING, heading, strlen(heading)) + 2;
	/* All of it or nothing. */
	if (note && x + surface_width(&p->s, note, strlen(note)) <= w)
		surface_put(&p->s, x, y - 1, STYLE_MUTED, note);
}

void feature_line(struct feature_page *p)
{
	p->line++;
}

bool feature_spot(struct feature_page *p, int x, int y, int w, const char *label, const char *value,
                  const char *say, struct feature_target target)
{
	p->spots = vec_reserve(p->spots, &p->cap, p->count + 1, sizeof *p->spots);
	p->spots[p->count++] = (struct feature_spot){.x = x,
	                                             .y = y,
	                                             .w = w,
	                                             .h = 1,
	                                             .from = y == p->heading + 1 ? p->heading : y,
	                                             .block = p->block,
	                                             .line = p->line,
	                                             .label = label,
	                                             .value = value,
	                                             .say = say,
	                                             .target = target};
	reach(p, y + 1);
	return p->at == p->count - 1;
}

int feature_text(struct feature_page *p, int x, int y, int w, style_id style, const char *text)
{
	struct surface part = surface_part(&p->s, x, y, w, 12);
	int rows = ui_paragraph(&part, 0, 0, style, text);

	reach(p, y + rows);
	return rows;
}

/* ---- facts ---- */

/* A number with its point above those of the others (DECIMALS columns are kept for what follows it); other
 * text to the right end of that. */
#define DECIMALS 8
static void draw_value(struct surface *s, int x, int y, int width, style_id style, const char *text)
{
	const char *number = strncmp(text, "≈", strlen("≈")) == 0 ? text + strlen("≈") : text;
	size_t plain = strspn(number, "+-0123456789.,~");
	bool none = strcmp(text, "–") == 0;
	int whole, rest;

	whole = none ? 1 : (int)strcspn(number, ". %") + (number > text ? 1 : 0);
	rest = none ? 0 : (int)strlen(number) - (int)strcspn(number, ". %");
	if ((none || (plain > 0 && (!number[plain] || strchr(" %", number[plain])))) &&
	    whole + (rest > DECIMALS ? rest : DECIMALS) <= width)
		surface_put(s, x + width - DECIMALS - whole, y, style, text);
	else
		surface_put_right(s, x, y, width, style, text);
}

static void draw_cursor(struct surface *s, int x, int y)
{
	surface_glyph(s, x, y, STYLE_ROW_CURSOR, GLYPH_CURSOR);
	surface_cursor(s, x, y, false);
}

/* A number further from its label is hard to follow to it. */
#define FACT_MOST 24
int feature_fact(struct feature_page *p, int x, int y, int w, const char *label, const char *value,
                 const char *theirs, const char *say, struct feature_target target)
{
	int room = w - FEATURE_LABEL, half = theirs ? (room - 1) / 2 : room > FACT_MOST ? FACT_MOST : room;
	bool here;

	feature_line(p);
	here = feature_spot(p, x, y, theirs ? FEATURE_LABEL + half : w, label, value, say, target);
	if (here)
		draw_cursor(&p->s, x - FEATURE_GUTTER, y);
	surface_put_cut(&p->s, x, y, FEATURE_LABEL - 1, here ? STYLE_ROW_CURSOR : STYLE_LABEL, label,
	                strlen(label));
	draw_value(&p->s, x + FEATURE_LABEL, y, half, here ? FEATURE_HERE : STYLE_TEXT, value);
	if (theirs) {
		target = target.mine_only ? feature_none("the screen of that version has them") : target;
		target.other = true;
		target.fact = target.theirs;
		here = feature_spot(p, x + FEATURE_LABEL + half + 1, y, half,
		                    arena_printf(p->a, "%s of the other", label), theirs,
		                    arena_printf(p->a, "%s: %s %s", p->pair->other_title, label, theirs), target);
		if (here)
			draw_cursor(&p->s, x - FEATURE_GUTTER, y);
		draw_value(&p->s, x + FEATURE_LABEL + half + 1, y, half, here ? FEATURE_HERE : STYLE_HISTOGRAM_OTHER,
		           theirs);
	}
	return y + 1;
}

int feature_item(struct feature_page *p, int x, int y, int w, const char *text, struct feature_target target)
{
	bool here;

	feature_line(p);
	here = feature_spot(p, x, y, w, text, NULL, NULL, target);
	if (here)
		draw_cursor(&p->s, x - FEATURE_GUTTER, y);
	surface_put_cut(&p->s, x, y, w, here ? FEATURE_HERE : STYLE_TEXT, text, strlen(text));
	return y + 1;
}

/* ---- bars ---- */

static double largest(const struct feature_bar *bars, size_t count)
{
	double top = 0;

	for (size_t i = 0; i < count; i++) {
		top = isfinite(bars[i].share) ? fmax(top, bars[i].share) : top;
		top = isfinite(bars[i].over) ? fmax(top, bars[i].over) : top;
	}
	return top;
}

/* Columns of the labels: a third at most, or what bars of a quarter leave; where that is less, all that the numbers
 * leave, as labels that are cut look the same. */
static int label_width(int widest, int numbers, int w)
{
	int most = w / 3, all = w - numbers - 1, spare = all - 2 - w / 4;

	if (widest > most)
		most = spare > most ? spare : all;
	most = most < all ? most : all;
	return widest < most ? widest : most;
}

int feature_bars(struct feature_page *p, int x, int y, int w, const struct feature_bar *bars, size_t count)
{
	enum term_charset charset = surface_charset(&p->s);
	int label = 0, text = 0, room;
	double top = largest(bars, count);
	struct str meter;

	for (size_t i = 0; i < count; i++) {
		int l = surface_width(&p->s, bars[i].label, strlen(bars[i].label));
		int t = surface_width(&p->s, bars[i].text, strlen(bars[i].text));

		label = l > label ? l : label;
		text = t > text ? t : text;
	}
	label = label_width(label, text, w);
	room = w - label - text - 3;
	if (room < 3) /* no room for bars: labels and numbers say the same */
		room = 0;
	str_init(&meter);
	for (size_t i = 0; i < count; i++, y++) {
		bool here;

		feature_line(p);
		here = feature_spot(p, x, y, w, bars[i].label, bars[i].text, bars[i].say, bars[i].target);
		if (here)
			draw_cursor(&p->s, x - FEATURE_GUTTER, y);
		surface_put_name(&p->s, x, y, label, here ? STYLE_ROW_CURSOR : STYLE_TEXT, bars[i].label);
		if (room > 0 && top > 0) {
			chart_meter_text(&meter, room, isfinite(bars[i].share) ? bars[i].share / top : 0, charset);
			surface_put(&p->s, x + label + 1, y, STYLE_HISTOGRAM, meter.data);
			if (isfinite(bars[i].over))
				surface_rune(&p->s, x + label + 1 + (int)(bars[i].over / top * (room - 1) + 0.5), y,
				             STYLE_HISTOGRAM_OTHER, charset == TERM_ASCII ? '|' : 0x2502);
		}
		surface_put_right(&p->s, x + w - text, y, text, here ? FEATURE_HERE : STYLE_TEXT, bars[i].text);
	}
	str_release(&meter);
	return y;
}

static void draw_upright(struct surface *s, int x, int bottom, int w, int h, double share, style_id style)
{
	bool ascii = surface_charset(s) == TERM_ASCII;
	int eighths = (int)(share * h * 8 + 0.5);

	if (eighths == 0 && share > 0)
		eighths = 1; /* a rare value is not none */
	for (int y = bottom; eighths > 0; y--, eighths -= 8)
		for (int i = 0; i < w; i++)
			surface_rune(s, x + i, y, style,
			             ascii          ? (eighths >= 6   ? '#'
			                               : eighths >= 3 ? ':'
			                                              : '.')
			             : eighths >= 8 ? 0x2588
			                            : (uint32_t)(0x2580 + eighths));
}

int feature_upright(struct feature_page *p, int x, int y, int cell, int h, const struct feature_bar *bars,
                    size_t count)
{
	double top = largest(bars, count);
	int wide = cell > 2 ? cell - 1 : cell;

	feature_line(p);
	for (size_t i = 0; i < count; i++) {
		int at = x + (int)i * cell;
		bool here = feature_spot(p, at, y, cell, bars[i].label, bars[i].text, bars[i].say, bars[i].target);
		struct feature_spot *spot = &p->spots[p->count - 1];
		int name = surface_width(&p->s, bars[i].label, strlen(bars[i].label));

		spot->h = h + 1;
		draw_upright(&p->s, at, y + h - 1, wide, h, top > 0 ? bars[i].share / top : 0,
		             here ? STYLE_CROSSHAIR : STYLE_HISTOGRAM);
		/* Of narrow names every third is enough to find the others. */
		if (name < cell || i % 3 == 0 || here)
			surface_put(&p->s, at, y + h, here ? FEATURE_HERE : STYLE_AXIS, bars[i].label);
		if (here)
			surface_cursor(&p->s, at, y + h, false);
	}
	reach(p, y + h + 1);
	return y + h + 1;
}

/* ---- the cursor ---- */

static int distance(int a, int b)
{
	return a > b ? a - b : b - a;
}

static size_t in_line(const struct feature_page *p, int line, int x)
{
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < p->count; i++)
		if (p->spots[i].line == line &&
		    (best == SIZE_MAX || distance(p->spots[i].x, x) < distance(p->spots[best].x, x)))
			best = i;
	return best;
}

size_t feature_up_down(const struct feature_page *p, size_t at, int lines)
{
	int line, last;

	if (at >= p->count)
		return p->count ? 0 : SIZE_MAX;
	last = p->spots[p->count - 1].line;
	line = p->spots[at].line + lines;
	line = line < p->spots[0].line ? p->spots[0].line : line > last ? last : line;
	return line == p->spots[at].line ? at : in_line(p, line, p->spots[at].x);
}

static bool is_nearer(const struct feature_spot *a, const struct feature_spot *b,
                      const struct feature_spot *to)
{
	int da = distance(a->y, to->y), db = distance(b->y, to->y);

	return da != db ? da < db : distance(a->x, to->x) < distance(b->x, to->x);
}

size_t feature_left_right(const struct feature_page *p, size_t at, int by)
{
	const int count = by > 0 ? by : -by;
	const struct feature_spot *here;
	size_t best = at;

	if (at >= p->count)
		return p->count ? 0 : SIZE_MAX;
	here = &p->spots[at];
	for (int i = 0; i < count; i++) {
		if (by > 0 ? best + 1 >= p->count : best == 0)
			break;
		if (p->spots[by > 0 ? best + 1 : best - 1].line != here->line)
			break;
		best = by > 0 ? best + 1 : best - 1;
	}
	if (best != at || count > 1)
		return best;
	/* Another block on that side: what stands nearest there. */
	for (size_t i = 0; i < p->count; i++) {
		const struct feature_spot *s = &p->spots[i];

		if (s->block != here->block && (by > 0 ? s->x > here->x : s->x < here->x) &&
		    (best == at || is_nearer(s, &p->spots[best], here)))
			best = i;
	}
	return best;
}
