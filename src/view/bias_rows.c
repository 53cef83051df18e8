/* Bias: the groups of a partition and what divides them, as rows for any width. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bias.h"

const enum bias_rate BIAS_SHOWN_RATES[BIAS_SHOWN] = {BIAS_BASE_RATE, BIAS_SELECTION_RATE, BIAS_TPR, BIAS_FPR,
                                                     BIAS_PPV};
static const char *const TITLES[BIAS_SHOWN] = {"base", "selected", "TPR", "FPR", "PPV"};

enum { LEFT = 3, GAP = 2, VERDICT = 14, VERDICT_BRIEF = 10, NUMBER = 5, NAME_LEAST = 8 };
/* The narrowest plot that says anything, the widest that the eye still reads as one. */
enum { PLOT_LEAST = 7, PLOT_MOST = 26 };

/* ---- which rows ---- */

void bias_rows_release(struct bias_rows *r)
{
	free(r->groups);
	free(r->measures);
	*r = (struct bias_rows){0};
}

/* Lower selection first, what is too few to be judged last: the end where people are hurt is the top. */
static int by_selection(const void *a, const void *b, void *user)
{
	const struct bias_report *report = user;
	const struct bias_group *x = &report->groups[*(const size_t *)a],
	                        *y = &report->groups[*(const size_t *)b];
	double p = x->rate[BIAS_SELECTION_RATE].value, q = y->rate[BIAS_SELECTION_RATE].value;

	if (x->too_few != y->too_few)
		return x->too_few ? 1 : -1;
	if (p != q && !isnan(p) && !isnan(q))
		return p < q ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* What is shown without being asked for; the rest stands behind Enter. */
static bool leads(const struct bias_measure *m)
{
	static const char *const names[] = {"demographic_parity_difference", "demographic_parity_ratio",
	                                    "equal_opportunity_difference",  "equalized_odds_difference",
	                                    "predictive_parity_difference",  "equal_opportunity_ratio",
	                                    "equalized_odds_ratio",          "treatment_equality_difference",
	                                    "base_rate_difference",          "calibration_gap_difference"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strcmp(m->name, names[i]) == 0)
			return true;
	return m->limit != NULL;
}

/* The measures of a scope in the order in which they are shown: those with a limit first. */
static size_t collect(const struct bias_rows *r, enum bias_scope scope, size_t group, bool all, size_t *out)
{
	size_t count = 0;

	for (int limited = 1; limited >= 0; limited--)
		for (size_t i = 0; i < r->report->measure_count; i++) {
			const struct bias_measure *m = &r->report->measures[i];

			if (m->scope == scope && (m->limit != NULL) == (limited == 1) &&
			    (scope == BIAS_OVERALL || m->by == r->by) && (group == BIAS_NONE || m->a == group) &&
			    (all || leads(m)))
				out[count++] = i;
		}
	return count;
}

struct bias_number *bias_numbers(const struct bias_rows *r, struct arena *a, size_t *count)
{
	size_t most = r->report->measure_count, *found = arena_array(a, most + 1, sizeof *found), n;
	struct bias_number *out = arena_array(a, most + BIAS_RATES + 1, sizeof *out);
	bool group = r->at < r->group_count;

	*count = 0;
	for (size_t i = 0; group && i < BIAS_RATES; i++)
		out[(*count)++] = (struct bias_number){true, i};
	n = group ? collect(r, BIAS_REFERENCE, r->groups[r->at], true, found)
	          : collect(r, BIAS_WORST, BIAS_NONE, true, found);
	for (size_t i = 0; i < n; i++)
		out[(*count)++] = (struct bias_number){false, found[i]};
	n = group ? 0 : collect(r, BIAS_OVERALL, BIAS_NONE, true, found);
	for (size_t i = 0; i < n; i++)
		out[(*count)++] = (struct bias_number){false, found[i]};
	return out;
}

size_t bias_numbers_at(const struct bias_rows *r)
{
	struct arena *a = arena_new();
	size_t count, at = 0;
	const struct bias_number *all = bias_numbers(r, a, &count);

	if (r->at < r->group_count)
		at = (size_t)BIAS_SHOWN_RATES[r->shown];
	else
		while (at + 1 < count && all[at].index != r->measures[r->at - r->group_count])
			at++;
	arena_free(a);
	return at;
}

void bias_rows_arrange(struct bias_rows *r, const struct bias_report *report, size_t by, bool worst_first)
{
	size_t first = report->first[by], count = report->first[by + 1] - first;

	/* The row under the cursor is a measure or a group by its place; another partition begins anew. */
	if (r->by != by)
		r->at = r->top = r->low_top = 0;
	r->report = report;
	r->by = by;
	r->groups = xreallocarray(r->groups, count + 1, sizeof *r->groups);
	r->group_count = count;
	for (size_t i = 0; i < count; i++)
		r->groups[i] = first + i;
	if (worst_first)
		qsort_r(r->groups, count, sizeof *r->groups, by_selection, (void *)report);
	r->measures = xreallocarray(r->measures, report->measure_count + 1, sizeof *r->measures);
	r->measure_count = collect(r, BIAS_WORST, BIAS_NONE, false, r->measures);
	if (r->at >= count + r->measure_count)
		r->at = count + r->measure_count > 0 ? count + r->measure_count - 1 : 0;
}

/* ---- places ---- */

struct places {
	int name_w, n_x, n_w; /* n_w 0: below the name */
	int x[BIAS_SHOWN], w[BIAS_SHOWN];
	int plot_x[BIAS_SHOWN], plot_w[BIAS_SHOWN];
	int verdict_x;
	bool brief, short_title;
	int lines; /* a group: 2 with the plots below the numbers */
};

static int name_width(const struct bias_rows *r, struct surface *s)
{
	int width = 4;

	for (size_t i = 0; i < r->group_count; i++) {
		const char *name = r->report->groups[r->groups[i]].name;
		int w = surface_width(s, name, strlen(name));

		width = w > width ? w : width;
	}
	return width;
}

static int count_width(const struct bias_rows *r)
{
	char text[NUM_TEXT];
	int width = 4;

	for (size_t i = 0; i < r->group_count; i++) {
		int w = (int)strlen(count_people((int64_t)r->report->groups[r->groups[i]].n, text));

		width = w > width ? w : width;
	}
	return width;
}

static int clamp(int value, int least, int most)
{
	return value < least ? least : value > most ? most : value;
}

/* Plots beside the numbers of all four rates; false if there is no room. */
static bool place_beside(struct places *p, int width, int wish, int count_w)
{
	int fixed =
	    LEFT + GAP + count_w + GAP + NUMBER + (BIAS_SHOWN - 1) * (GAP + NUMBER + 1) + GAP + VERDICT + 1;
	int name = clamp(wish, 8, width >= 150 ? 26 : 18), plot = (width - fixed - name) / (BIAS_SHOWN - 1), x;

	if (plot < PLOT_LEAST + 2)
		return false;
	plot = clamp(plot, 0, PLOT_MOST);
	p->name_w = clamp(wish, name, width - fixed - plot * (BIAS_SHOWN - 1));
	p->n_x = LEFT + p->name_w + GAP;
	p->n_w = count_w;
	x = p->n_x + count_w;
	for (int i = 0; i < BIAS_SHOWN; i++) {
		p->x[i] = x + GAP;
		p->w[i] = NUMBER;
		p->plot_x[i] = p->x[i] + NUMBER + 1;
		p->plot_w[i] = i > 0 ? plot : 0;
		x = i > 0 ? p->plot_x[i] + plot : p->x[i] + NUMBER;
	}
	p->verdict_x = x + GAP;
	return true;
}

/* Plots below the numbers, and how many cases below the name. */
static bool place_below(struct places *p, int width, int wish)
{
	int fixed = LEFT + GAP + NUMBER + (BIAS_SHOWN - 1) * GAP + GAP + VERDICT + 1, name = clamp(wish, 11, 16);
	int plot = (width - fixed - name) / (BIAS_SHOWN - 1), x;

	if (plot < PLOT_LEAST)
		return false;
	plot = clamp(plot, 0, PLOT_MOST);
	p->lines = 2;
	p->name_w = clamp(wish, name, width - fixed - plot * (BIAS_SHOWN - 1));
	x = LEFT + p->name_w;
	for (int i = 0; i < BIAS_SHOWN; i++) {
		p->x[i] = x + GAP;
		p->w[i] = i > 0 ? plot : NUMBER;
		p->plot_x[i] = p->x[i];
		p->plot_w[i] = i > 0 ? plot : 0;
		x = p->x[i] + p->w[i];
	}
	p->verdict_x = x + GAP;
	return true;
}

/* Numbers in one line, and the plot of the rate under the cursor where one fits. Where not even the numbers have
 * room, the last of them go, but that rate stays; then how many cases go. */
static void place_narrow(struct places *p, int width, int wish, int count_w, int shown)
{
	int fixed = LEFT + GAP + count_w + BIAS_SHOWN * (GAP + NUMBER) + GAP + VERDICT_BRIEF + 2;
	bool left_out[BIAS_SHOWN] = {false};
	int room;
	/* "selected" is wider than its numbers: a plot is worth more. */
	int name = clamp(wish, 8, 18), plot = width - fixed - name - GAP, wide = 3, x;

	for (int i = BIAS_SHOWN; i-- > 0 && fixed + NAME_LEAST > width;) {
		left_out[i] = i != shown;
		fixed -= left_out[i] ? GAP + NUMBER : 0;
	}
	if (fixed + NAME_LEAST > width) {
		fixed -= GAP + count_w;
		count_w = 0;
	}
	p->brief = true;
	if (plot < PLOT_LEAST)
		plot = 0;
	else
		wide = 0;
	plot = clamp(plot, 0, PLOT_MOST);
	p->short_title = wide == 0;
	/* Nor is there room for the wider title. */
	if (fixed + wide + NAME_LEAST > width) {
		wide = 0;
		p->short_title = true;
	}
	room = width - fixed - wide - (plot ? plot + GAP : 0);
	p->name_w = clamp(wish, NAME_LEAST, room < NAME_LEAST ? NAME_LEAST : room);
	x = LEFT + p->name_w;
	if (count_w > 0) {
		p->n_x = x + GAP;
		p->n_w = count_w;
		x = p->n_x + count_w;
	}
	for (int i = 0; i < BIAS_SHOWN; i++) {
		if (left_out[i])
			continue;
		p->x[i] = x + GAP;
		p->w[i] = NUMBER + (i == 1 ? wide : 0);
		x = p->x[i] + p->w[i];
	}
	if (plot > 0) {
		p->plot_x[shown] = x + GAP;
		p->plot_w[shown] = plot;
		x += GAP + plot;
	}
	p->verdict_x = x + GAP;
}

/* The rate under the cursor alone. */
static void place_tiny(struct places *p, int width, int wish, int shown)
{
	int fixed = LEFT + GAP + NUMBER + 3 + GAP + VERDICT_BRIEF + 1;

	p->brief = true;
	p->name_w = clamp(wish, 4, width - fixed > 4 ? width - fixed : 4);
	p->x[shown] = LEFT + p->name_w + GAP;
	p->w[shown] = NUMBER + 3;
	p->verdict_x = p->x[shown] + p->w[shown] + GAP;
}

static void place(const struct bias_rows *r, struct surface *s, int rows, struct places *p)
{
	int wish = name_width(r, s), count_w = count_width(r);

	*p = (struct places){.lines = 1};
	if (place_beside(p, s->w, wish, count_w))
		return;
	if (2 * (int)r->group_count <= rows && place_below(p, s->w, wish))
		return;
	*p = (struct places){.lines = 1};
	if (s->w < LEFT + GAP + count_w + BIAS_SHOWN * (GAP + NUMBER) + GAP + VERDICT_BRIEF + 2 + 9) {
		place_tiny(p, s->w, wish, r->shown);
		return;
	}
	place_narrow(p, s->w, wish, count_w, r->shown);
}

/* ---- scales ---- */

/* From all intervals that are not of too few, out to tenths, so that it does not tremble with the threshold.
 */
static struct bias_scale scale_of(const struct bias_rows *r, enum bias_rate rate)
{
	struct bias_scale scale = {1, 0};

	for (int pass = 0; pass < 2 && scale.from > scale.to; pass++)
		for (size_t i = 0; i < r->group_count; i++) {
			const struct bias_group *g = &r->report->groups[r->groups[i]];
			const struct bias_value *v = &g->rate[rate];

			if ((g->too_few && pass == 0) || isnan(v->value))
				continue;
			scale.from = fmin(scale.from, isnan(v->low) ? v->value : v->low);
			scale.to = fmax(scale.to, isnan(v->high) ? v->value : v->high);
		}
	scale.from = floor(scale.from * 10 + 1e-9) / 10;
	scale.to = ceil(scale.to * 10 - 1e-9) / 10;
	if (scale.to - scale.from < 0.05)
		scale.to = scale.from + 0.1;
	return scale;
}

/* ---- groups ---- */

static void draw_number(struct surface *s, int x, int y, int width, style_id style, double value)
{
	char text[NUM_TEXT];

	/* In the middle of what is wide enough for a plot below. */
	if (width > NUMBER + 3)
		x += (width - NUMBER) / 2, width = NUMBER;
	if (isnan(value))
		surface_glyph(s, x + width - NUMBER, y, STYLE_MUTED, GLYPH_NONE);
	else
		surface_put_right(s, x, y, width, style, bias_text(value, 3, text));
}

static void draw_header(const struct bias_rows *r, struct surface *s, const struct places *p)
{
	const char *by = r->report->partitions[r->by].name;

	surface_put_cut(s, LEFT, 0, p->name_w, STYLE_HEADER, by, strlen(by));
	if (p->n_w > 0)
		surface_put_right(s, p->n_x, 0, p->n_w, STYLE_HEADER, "n");
	for (int i = 0; i < BIAS_SHOWN; i++) {
		style_id style = i == r->shown ? STYLE_HEADER_SORT : STYLE_HEADER;
		const char *title = i == 1 && p->short_title ? "sel." : TITLES[i];
		int w = surface_width(s, title, strlen(title));

		if (!p->w[i])
			continue;
		if (p->w[i] > NUMBER + 3) /* over the plot below, in its middle */
			surface_put(s, p->x[i] + (p->w[i] - w + 1) / 2, 0, style, title);
		else if (i == 1 && p->plot_w[i] > 0)
			surface_put(s, p->x[i], 0, style, title);
		else
			surface_put_right(s, p->x[i], 0, p->w[i], style, title);
	}
	surface_put(s, p->verdict_x, 0, STYLE_HEADER, "verdict");
}

/* Below the groups: what the ends of the scales are. */
static void draw_axis(struct surface *s, int y, const struct places *p, const struct bias_scale *scales)
{
	char text[NUM_TEXT];

	for (int i = 0; i < BIAS_SHOWN; i++) {
		if (p->plot_w[i] < 9)
			continue;
		surface_put(s, p->plot_x[i], y, STYLE_AXIS, bias_text(scales[i].from, 1, text));
		surface_put_right(s, p->plot_x[i], y, p->plot_w[i], STYLE_AXIS, bias_text(scales[i].to, 1, text));
	}
}

static void draw_group(const struct bias_rows *r, struct surface *s, int y, size_t row,
                       const struct places *p, const struct bias_scale *scales)
{
	const struct bias_group *g = &r->report->groups[r->groups[row]];
	const struct bias_group *reference = &r->report->groups[r->report->reference[r->by]];
	bool here = row == r->at;
	char text[NUM_TEXT];

	if (here) {
		surface_glyph(s, 1, y, STYLE_ROW_CURSOR, GLYPH_CURSOR);
		surface_cursor(s, 1, y, false);
	}
	bias_put_name(s, LEFT, y, p->name_w, here ? STYLE_ROW_CURSOR : STYLE_TEXT, g->name);
	count_people((int64_t)g->n, text);
	if (p->n_w > 0)
		surface_put_right(s, p->n_x, y, p->n_w, STYLE_TEXT, text);
	else if (p->lines > 1)
		surface_printf(s, LEFT, y + 1, STYLE_MUTED, "n %s", text);
	for (int i = 0; i < BIAS_SHOWN; i++) {
		const struct bias_value *v = &g->rate[BIAS_SHOWN_RATES[i]];
		style_id style = v->verdict == BIAS_FAILS || v->verdict == BIAS_AT_LIMIT
		                     ? bias_verdict_style(v->verdict)
		                 : g->too_few ? STYLE_MUTED
		                              : STYLE_TEXT;

		if (!p->w[i])
			continue;
		draw_number(s, p->x[i], y, p->w[i], here && i == r->shown ? STYLE_ACCENT | STYLE_UNDERLINE : style,
		            v->value);
		if (p->plot_w[i] > 0)
			bias_draw_interval(s, p->plot_x[i], y + p->lines - 1, p->plot_w[i], &scales[i], v,
			                   g->too_few     ? STYLE_MUTED
			                   : g->reference ? STYLE_TEXT
			                                  : STYLE_SPARK,
			                   g->reference ? (double)NAN : reference->rate[BIAS_SHOWN_RATES[i]].value);
	}
	if (g->reference && g->verdict != BIAS_FAILS && g->verdict != BIAS_AT_LIMIT && !g->too_few)
		surface_put(s, p->verdict_x + 2, y, STYLE_MUTED, "reference");
	else
		bias_draw_verdict(s, p->verdict_x, y, g->verdict, p->brief);
}

/* ---- what divides them ---- */

/* Columns of the measures; what has no room is left out from the right. */
enum {
	VALUE_X = LEFT + 29,
	VALUE_W = 7,
	INTERVAL_X = VALUE_X + VALUE_W + 1,
	VERDICT_X = INTERVAL_X + 17,
	LIMIT_X = VERDICT_X + VERDICT + 1,
	PLOT_X = LIMIT_X + 9,
	PLOT_W = 24,
	BOOT_X = PLOT_X + PLOT_W + 2,
	P_X = BOOT_X + 17,
	PAIR_X = P_X + 8,
};

/* Gaps from 0, ratios up to 1: places are comparable down the page. */
static struct bias_scale measure_scale(const struct bias_measure *m)
{
	return strstr(m->name, "ratio") ? (struct bias_scale){0, 1.25} : (struct bias_scale){0, 0.5};
}

static void draw_interval_text(struct surface *s, int x, int y, double low, double high)
{
	if (isfinite(low) && isfinite(high))
		surface_printf(s, x, y, STYLE_MUTED, "[%.3f, %.3f]", low, high);
}

/* "F / M": who has the lower one, who the higher. */
static void draw_pair(const struct bias_rows *r, struct surface *s, int x, int y, int width,
                      const struct bias_measure *m)
{
	const char *low, *high;
	int half = (width - 3) / 2, used;

	if (m->a == BIAS_NONE || m->b == BIAS_NONE || width < 9)
		return;
	low = r->report->groups[m->a].name;
	high = r->report->groups[m->b].name;
	used = bias_put_name(s, x, y, half, STYLE_MUTED, low);
	used += surface_put(s, x + used, y, STYLE_MUTED, " / ");
	bias_put_name(s, x + used, y, width - used, STYLE_MUTED, high);
}

static bool has_pair_room(const struct surface *s)
{
	return s->w >= PAIR_X + 12;
}

/* How many fail and how many are at the limit: some may be out of sight. */
static void draw_tally(const struct bias_rows *r, struct surface *s, int x, int y)
{
	static const struct {
		enum bias_verdict verdict;
		enum glyph glyph;
	} signs[] = {{BIAS_FAILS, GLYPH_BAD}, {BIAS_AT_LIMIT, GLYPH_WARN}};

	for (size_t k = 0; k < COUNT_OF(signs); k++) {
		size_t count = 0;

		for (size_t i = 0; i < r->measure_count; i++) {
			const struct bias_value *v = &r->report->measures[r->measures[i]].v;

			count += isfinite(v->value) && v->verdict == signs[k].verdict;
		}
		if (count == 0)
			continue;
		surface_glyph(s, x, y, bias_verdict_style(signs[k].verdict), signs[k].glyph);
		x += 4 + surface_printf(s, x + 2, y, bias_verdict_style(signs[k].verdict), "%zu", count);
	}
}

/* On narrow screens there is no interval: the verdict follows the value, at this column; 0: there is one. */
static int narrow_verdict(const struct surface *s)
{
	return s->w < VERDICT_X + VERDICT_BRIEF ? s->w - VERDICT_BRIEF - 1 : 0;
}

static void draw_measure_header(const struct bias_rows *r, struct surface *s, int y)
{
	char text[32];
	int narrow = narrow_verdict(s);

	if (narrow) {
		surface_put_cut(s, LEFT, y, narrow - GAP - VALUE_W - LEFT, STYLE_HEADER, "between groups", 14);
		surface_put_right(s, narrow - GAP - VALUE_W, y, VALUE_W, STYLE_HEADER, "value");
		surface_put(s, narrow, y, STYLE_HEADER, "verdict");
		return;
	}
	snprintf(text, sizeof text, "%g %% interval", r->report->settings.level * 100);
	draw_tally(r, s, LEFT + 2 + surface_put(s, LEFT, y, STYLE_HEADER, "between groups"), y);
	surface_put_right(s, VALUE_X, y, VALUE_W, STYLE_HEADER, "value");
	if (s->w < VERDICT_X)
		return;
	surface_put(s, INTERVAL_X, y, STYLE_HEADER, text);
	surface_put(s, VERDICT_X, y, STYLE_HEADER, "verdict");
	if (s->w >= LIMIT_X + 7)
		surface_put(s, LIMIT_X, y, STYLE_HEADER, "limit");
	if (!has_pair_room(s))
		return;
	surface_put(s, BOOT_X, y, STYLE_HEADER, "bootstrap");
	surface_put(s, P_X, y, STYLE_HEADER, "p");
	surface_put(s, PAIR_X, y, STYLE_HEADER, "lowest / highest");
}

static void draw_measure(const struct bias_rows *r, struct surface *s, int y, size_t row)
{
	const struct bias_measure *m = &r->report->measures[r->measures[row]];
	bool here = r->group_count + row == r->at;
	char name[64], text[NUM_TEXT];
	int narrow = narrow_verdict(s);

	if (here) {
		surface_glyph(s, 1, y, STYLE_ROW_CURSOR, GLYPH_CURSOR);
		surface_cursor(s, 1, y, false);
	}
	bias_words(m->name, name, sizeof name);
	bias_put_name(s, LEFT, y, narrow ? narrow - GAP - VALUE_W - LEFT : VALUE_X - LEFT,
	              here ? STYLE_ROW_CURSOR : STYLE_TEXT, name);
	if (narrow) {
		surface_put_right(s, narrow - GAP - VALUE_W, y, VALUE_W,
		                  (style_id)(isnan(m->v.value) ? STYLE_MUTED : STYLE_TEXT),
		                  bias_text(m->v.value, 3, text));
		if (m->limit || m->v.verdict != BIAS_NO_LIMIT)
			bias_draw_verdict(s, narrow, y, m->v.verdict, true);
		return;
	}
	if (isnan(m->v.value)) {
		surface_glyph(s, VALUE_X + VALUE_W - NUMBER, y, STYLE_MUTED, GLYPH_NONE);
		if (m->v.why)
			surface_put_cut(s, INTERVAL_X, y, s->w - INTERVAL_X - 1, STYLE_MUTED, m->v.why, strlen(m->v.why));
		return;
	}
	surface_put_right(s, VALUE_X, y, VALUE_W, STYLE_TEXT, bias_text(m->v.value, 3, text));
	/* On a narrow screen there is room for the verdict's sign. */
	if (s->w < VERDICT_X) {
		if (m->limit && (m->v.verdict == BIAS_FAILS || m->v.verdict == BIAS_AT_LIMIT))
			surface_glyph(s, VALUE_X - 1, y, bias_verdict_style(m->v.verdict),
			              m->v.verdict == BIAS_FAILS ? GLYPH_BAD : GLYPH_WARN);
		return;
	}
	draw_interval_text(s, INTERVAL_X, y, m->v.low, m->v.high);
	if (isnan(m->v.low) && r->resampling)
		surface_put(s, INTERVAL_X, y, STYLE_MUTED, "…");
	if (m->limit || m->v.verdict != BIAS_NO_LIMIT)
		bias_draw_verdict(s, VERDICT_X, y, m->v.verdict, s->w < VERDICT_X + VERDICT);
	if (m->limit && s->w >= LIMIT_X + 7)
		surface_printf(s, LIMIT_X, y, STYLE_MUTED, "%s %.2f", m->limit->at_least ? "≥" : "≤",
		               m->limit->limit);
	/* Wide screens: the interval drawn, the bootstrap beside it, who it is. */
	if (s->w > PLOT_X + PLOT_W) {
		struct bias_scale scale = measure_scale(m);

		bias_draw_interval(s, PLOT_X, y, PLOT_W, &scale, &m->v,
		                   m->limit ? bias_verdict_style(m->v.verdict) : STYLE_MUTED,
		                   m->limit ? m->limit->limit : (double)NAN);
	}
	if (!has_pair_room(s))
		return;
	draw_interval_text(s, BOOT_X, y, m->boot_low, m->boot_high);
	if (isfinite(m->p))
		surface_printf(s, P_X, y, STYLE_MUTED, "%.4f", m->p);
	else if (r->resampling)
		surface_put(s, BOOT_X, y, STYLE_MUTED, "…");
	draw_pair(r, s, PAIR_X, y, s->w - PAIR_X - 1, m);
}

/* ---- all of it ---- */

static size_t scrolled(size_t top, size_t at, size_t count, size_t room)
{
	if (count <= room || room == 0)
		return 0;
	if (at != SIZE_MAX && at < top)
		top = at;
	if (at != SIZE_MAX && at >= top + room)
		top = at - room + 1;
	return top + room > count ? count - room : top;
}

/* A mark where there is more above or below. */
static void draw_more(struct surface *s, int y, int rows, size_t top, size_t room, size_t count)
{
	if (top > 0)
		surface_glyph(s, s->w - 1, y, STYLE_MUTED, GLYPH_UP);
	if (top + room < count && rows > 0)
		surface_glyph(s, s->w - 1, y + rows - 1, STYLE_MUTED, GLYPH_DOWN);
}

static int draw_groups(struct bias_rows *r, struct surface *s, int room)
{
	struct bias_scale scales[BIAS_SHOWN];
	struct places p;
	size_t fit;

	place(r, s, room, &p);
	for (int i = 0; i < BIAS_SHOWN; i++)
		scales[i] = scale_of(r, BIAS_SHOWN_RATES[i]);
	draw_header(r, s, &p);
	fit = (size_t)clamp(room / p.lines, 0, 1 << 20);
	fit = fit > r->group_count ? r->group_count : fit;
	r->top = scrolled(r->top, r->at < r->group_count ? r->at : SIZE_MAX, r->group_count, fit);
	r->groups_y = 1;
	r->lines = p.lines;
	r->groups_h = (int)fit * p.lines;
	for (size_t i = 0; i < fit; i++)
		draw_group(r, s, 1 + (int)i * p.lines, r->top + i, &p, scales);
	draw_more(s, 1, r->groups_h, r->top, fit, r->group_count);
	if (r->groups_h >= room)
		return 1 + r->groups_h;
	draw_axis(s, 1 + r->groups_h, &p, scales);
	return 2 + r->groups_h;
}

int bias_draw_rows(struct bias_rows *r, struct surface *s)
{
	/* Measures keep six rows (or what there are) below the groups, on low screens less. */
	int keep = clamp(r->measure_count > 6 ? 6 : (int)r->measure_count, 0, s->h / 4);
	int y = draw_groups(r, s, s->h - 1 - (keep ? keep + 1 : 0));
	size_t fit;

	if (r->measure_count == 0)
		return y;
	/* A blank row above them where that hides none. */
	if (y + 2 + (int)r->measure_count <= s->h)
		y++;
	draw_measure_header(r, s, y++);
	fit = s->h > y ? (size_t)(s->h - y) : 0;
	fit = fit > r->measure_count ? r->measure_count : fit;
	r->low_top = scrolled(r->low_top, r->at >= r->group_count ? r->at - r->group_count : SIZE_MAX,
	                      r->measure_count, fit);
	r->measures_y = y;
	r->measures_h = (int)fit;
	for (size_t i = 0; i < fit; i++)
		draw_measure(r, s, y + (int)i, r->low_top + i);
	draw_more(s, y, (int)fit, r->low_top, fit, r->measure_count);
	return y + (int)fit;
}
