/* Bias: the small parts that are drawn. Intervals, verdicts, the slider, explanations, calibration. */
#include <math.h>
#include <string.h>

#include "assay/chart.h"
#include "bias.h"

const char *bias_text(double value, int decimals, char out[NUM_TEXT])
{
	if (isnan(value))
		snprintf(out, NUM_TEXT, "–");
	else if (isinf(value))
		snprintf(out, NUM_TEXT, value > 0 ? "inf" : "-inf");
	else
		snprintf(out, NUM_TEXT, "%.*f", decimals, value);
	return out;
}

/* Written out where a rate stands alone: not everybody knows the three letters. */
const char *bias_rate_words(enum bias_rate rate)
{
	static const char *const words[BIAS_RATES] = {
	    [BIAS_SELECTION_RATE] = "selection rate",
	    [BIAS_BASE_RATE] = "base rate",
	    [BIAS_TPR] = "true positive rate",
	    [BIAS_FPR] = "false positive rate",
	    [BIAS_TNR] = "true negative rate",
	    [BIAS_FNR] = "false negative rate",
	    [BIAS_PPV] = "positive predictive value",
	    [BIAS_NPV] = "negative predictive value",
	    [BIAS_ACCURACY] = "accuracy",
	    [BIAS_MEAN_SCORE] = "mean score",
	    [BIAS_CALIBRATION_GAP] = "calibration gap",
	    [BIAS_FN_FP_RATIO] = "FN / FP",
	};

	return words[rate];
}

const char *bias_words(const char *name, char *out, size_t size)
{
	static const char *const short_[] = {"tpr", "fpr", "tnr", "fnr", "ppv", "npv"};

	snprintf(out, size, "%s", name);
	for (char *c = out; *c; c++)
		if (*c == '_')
			*c = ' ';
	for (size_t i = 0; i < COUNT_OF(short_); i++)
		if (strncmp(out, short_[i], 3) == 0 && (!out[3] || out[3] == ' '))
			for (int k = 0; k < 3; k++)
				out[k] = (char)(out[k] - 'a' + 'A');
	return out;
}

/* ---- names ---- */

/* Groups often begin alike ("under 27 & F", "under 27 & M"): what is cut is the middle. */
int bias_put_name(struct surface *s, int x, int y, int width, style_id style, const char *name)
{
	int w = surface_width(s, name, strlen(name)), used, tail = width / 3;
	struct str safe;
	size_t at = 0;

	if (w <= width || width < 9)
		return surface_put_cut(s, x, y, width, style, name, strlen(name));
	str_init(&safe);
	safe_text(&safe, name, strlen(name), surface_charset(s) == TERM_ASCII ? SAFE_ASCII : 0);
	while (at < safe.len && text_width(safe.data + at, safe.len - at) > tail) {
		int one;
		size_t len = text_grapheme(safe.data + at, safe.len - at, &one);

		at += len ? len : 1;
	}
	used = surface_put_cut(s, x, y, width - tail, style, name, strlen(name));
	used += surface_put_n(s, x + used, y, style, safe.data + at, safe.len - at);
	str_release(&safe);
	return used;
}

/* ---- verdicts ---- */

style_id bias_verdict_style(enum bias_verdict verdict)
{
	switch (verdict) {
	case BIAS_OK:
		return STYLE_GOOD;
	case BIAS_AT_LIMIT:
		return STYLE_WARN;
	case BIAS_FAILS:
		return STYLE_BAD;
	default:
		return STYLE_MUTED;
	}
}

int bias_draw_verdict(struct surface *s, int x, int y, enum bias_verdict verdict, bool brief)
{
	style_id style = bias_verdict_style(verdict);
	const char *word = brief && verdict == BIAS_AT_LIMIT ? "at limit" : bias_verdict_name(verdict);

	if (!word) {
		surface_glyph(s, x, y, style, GLYPH_NONE);
		return 1;
	}
	surface_glyph(s, x, y, style,
	              verdict == BIAS_OK         ? GLYPH_OK
	              : verdict == BIAS_AT_LIMIT ? GLYPH_WARN
	              : verdict == BIAS_FAILS    ? GLYPH_BAD
	                                         : GLYPH_LOST);
	return 2 + surface_put(s, x + 2, y, style, word);
}

/* ---- intervals ---- */

static int cell_of(const struct bias_scale *scale, double value, int width)
{
	double share = (value - scale->from) / (scale->to - scale->from);

	/* Far outside is no matter how far. */
	return (int)floor(fmin(fmax(share, -1), 2) * (width - 1) + 0.5);
}

void bias_draw_interval(struct surface *s, int x, int y, int width, const struct bias_scale *scale,
                        const struct bias_value *v, style_id style, double mark)
{
	/* Consoles that lack braille lack the dotted line too. */
	bool dotted = surface_charset(s) == TERM_BRAILLE;
	struct surface part = surface_part(s, x, y, width, 1);
	int at, low, high;

	if (width < 3 || !(scale->to > scale->from))
		return;
	if (!isnan(mark)) {
		int place = cell_of(scale, mark, width);

		surface_rune(&part, place, 0, STYLE_GRID, dotted ? 0x250a /* ┊ */ : ':');
	}
	if (isnan(v->value))
		return;
	at = cell_of(scale, v->value, width);
	if (isfinite(v->low) && isfinite(v->high)) {
		low = cell_of(scale, v->low, width);
		high = cell_of(scale, v->high, width);
		surface_hline(&part, low, 0, high - low + 1, style);
		if (low < at)
			surface_glyph(&part, low < 0 ? 0 : low, 0, style, low < 0 ? GLYPH_LEFT : GLYPH_TEE_LEFT);
		if (high > at)
			surface_glyph(&part, high >= width ? width - 1 : high, 0, style,
			              high >= width ? GLYPH_RIGHT : GLYPH_TEE_RIGHT);
	}
	surface_glyph(&part,
	              at < 0        ? 0
	              : at >= width ? width - 1
	                            : at,
	              0, style,
	              at < 0        ? GLYPH_LEFT
	              : at >= width ? GLYPH_RIGHT
	                            : GLYPH_RUNNING);
}

/* ---- the slider ---- */

void bias_draw_slider(struct surface *s, int x, int y, int width, double threshold, double own)
{
	struct bias_scale scale = {0, 1};
	struct surface track = surface_part(s, x + 1, y, width - 2, 1);
	int at;

	if (width < 5)
		return;
	surface_glyph(s, x, y, STYLE_MUTED, GLYPH_LEFT);
	surface_glyph(s, x + width - 1, y, STYLE_MUTED, GLYPH_RIGHT);
	at = cell_of(&scale, fmin(fmax(threshold, 0), 1), track.w);
	for (int i = 0; i < track.w; i++)
		surface_glyph(&track, i, 0, i < at ? STYLE_ACCENT : STYLE_MUTED,
		              i < at ? GLYPH_GAUGE : GLYPH_GAUGE_EMPTY);
	surface_glyph(&track, cell_of(&scale, own, track.w), 0, STYLE_MUTED, GLYPH_CROSS);
	surface_glyph(&track, at, 0, STYLE_ACCENT, GLYPH_RUNNING);
}

/* ---- explanations ---- */

/* A label, and beside it a text that may take several rows. */
static int draw_labelled(struct surface *s, int y, const char *label, const char *text, style_id style)
{
	int width = s->w < 60 ? 10 : 12;
	struct surface right = surface_part(s, width, y, s->w - width, s->h - y);

	if (!text || !*text || y >= s->h)
		return y;
	surface_put(s, 0, y, STYLE_LABEL, label);
	return y + ui_paragraph(&right, 0, 0, style, text);
}

void bias_draw_explanation(struct surface *s, const struct bias_explanation *e, const char *group,
                           style_id style)
{
	int y = ui_paragraph(s, 0, 0, STYLE_TITLE, e->title);

	y += ui_paragraph(s, 0, y, STYLE_TEXT, e->definition) + 1;
	y = draw_labelled(s, y, "formula", e->formula, STYLE_TEXT);
	y = draw_labelled(s, y, "counts", e->counts, STYLE_TEXT);
	y = draw_labelled(s, y, "interval", e->interval, STYLE_TEXT);
	y = draw_labelled(s, y, "verdict", e->verdict, STYLE_TEXT);
	y = draw_labelled(s, y, "group", group, style);
	ui_paragraph(s, 0, y + 1, STYLE_MUTED, e->convention);
}

/* ---- calibration ---- */

/* Beside or below the curves: one row a group. */
enum { GAPS_NUMBERS = 62, GAPS_NAME_MOST = 30, SERIES_MOST = 8 };

static void draw_gaps(struct surface *s, const struct bias_report *r, size_t by,
                      const struct bias_calibration *calibration)
{
	size_t first = r->first[by], count = r->first[by + 1] - first;
	int name = s->w - GAPS_NUMBERS, x;
	char text[NUM_TEXT];

	name = name > GAPS_NAME_MOST ? GAPS_NAME_MOST : name < 8 ? 8 : name;
	x = 3 + name;
	surface_put_cut(s, 3, 0, name, STYLE_HEADER, r->partitions[by].name, strlen(r->partitions[by].name));
	surface_put_right(s, x + 1, 0, 6, STYLE_HEADER, "score");
	surface_put_right(s, x + 8, 0, 6, STYLE_HEADER, "base");
	surface_put(s, x + 17, 0, STYLE_HEADER, "score - base");
	surface_put(s, x + 40, 0, STYLE_HEADER, "ECE");
	for (size_t i = 0; i < count && (int)i + 1 < s->h; i++) {
		const struct bias_group *g = &r->groups[first + i];
		const struct bias_value *gap = &g->rate[BIAS_CALIBRATION_GAP], *ece = &calibration[i].ece;
		style_id style = g->too_few ? STYLE_MUTED : STYLE_TEXT;
		int y = (int)i + 1;

		if (i < SERIES_MOST)
			surface_rune(s, 1, y, style_series((int)i), chart_mark_rune((int)i, surface_charset(s)));
		bias_put_name(s, 3, y, name, STYLE_TEXT, g->name);
		surface_put_right(s, x + 1, y, 6, style, bias_text(g->rate[BIAS_MEAN_SCORE].value, 3, text));
		surface_put_right(s, x + 8, y, 6, style, bias_text(g->rate[BIAS_BASE_RATE].value, 3, text));
		if (isfinite(gap->value))
			surface_printf(s, x + 17, y, style, "%+.3f", gap->value);
		if (isfinite(gap->low) && isfinite(gap->high))
			surface_printf(s, x + 24, y, STYLE_MUTED, "[%+.2f, %+.2f]", gap->low, gap->high);
		surface_put(s, x + 40, y, style, bias_text(ece->value, 3, text));
		if (isfinite(ece->low) && isfinite(ece->high))
			surface_printf(s, x + 46, y, STYLE_MUTED, "[%.2f, %.2f]", ece->low, ece->high);
	}
	if (s->h > (int)count + 9) {
		struct surface part = surface_part(s, 3, (int)count + 2, s->w - 6, s->h - (int)count - 2);

		ui_paragraph(
		    &part, 0, 0, STYLE_MUTED,
		    "score - base: how far the mean score lies above the share that is positive; Student's t.\n\n"
		    "ECE: how far the curve lies from the line, over ten bins of the score weighted by their "
		    "cases; bootstrap of the cases.\n\n"
		    "Where a group lies below the line, its scores promise more than comes.");
	}
}

static void draw_curves(struct surface *s, const struct bias_report *r, size_t by,
                        const struct bias_calibration *calibration, bool mono)
{
	size_t first = r->first[by], count = r->first[by + 1] - first,
	       shown = count < SERIES_MOST ? count : SERIES_MOST;
	struct arena *a = arena_new();
	struct chart_series *series = arena_array(a, shown + 1, sizeof *series);
	static const double ends[] = {0, 1};
	struct chart_line chart = {.title = "share that is positive",
	                           .note = "on the line: a score means what it says",
	                           .x_label = "score",
	                           .series = series,
	                           .x_min = 0,
	                           .x_max = 1,
	                           .y_min = 0,
	                           .y_max = 1,
	                           .marks = mono,
	                           .cross = (double)NAN};

	series[chart.series_count++] = (struct chart_series){.x = ends, .y = ends, .count = 2, .faint = true};
	for (size_t i = 0; i < shown; i++) {
		const struct calibration *c = &calibration[i].uniform;
		double *x = arena_array(a, STATS_CALIBRATION_BINS, sizeof *x),
		       *y = arena_array(a, STATS_CALIBRATION_BINS, sizeof *y);
		size_t n = 0;

		for (int k = 0; k < STATS_CALIBRATION_BINS; k++) {
			if (c->bin[k].count == 0)
				continue;
			x[n] = c->bin[k].mean_score;
			y[n++] = c->bin[k].rate;
		}
		series[chart.series_count++] = (struct chart_series){
		    .name = r->groups[first + i].name, .x = x, .y = y, .count = n, .style = (int)i};
	}
	chart_line_draw(s, &chart);
	arena_free(a);
}

void bias_draw_calibration(struct surface *s, const struct bias_report *r, size_t by,
                           const struct bias_calibration *calibration, bool mono)
{
	size_t count = r->first[by + 1] - r->first[by];
	int below = (int)count + 2;
	struct surface part;

	/* Curves grow with the screen, but a square is what the eye reads a diagonal in. */
	if (s->w >= 140) {
		int side = s->h * 2 + 8 < s->w - 84 ? s->h * 2 + 8 : s->w - 84;

		part = surface_part(s, 1, 0, side, s->h);
		draw_curves(&part, r, by, calibration, mono);
		part = surface_part(s, side + 3, 1, s->w - side - 3, s->h - 1);
		draw_gaps(&part, r, by, calibration);
		return;
	}
	if (below > s->h / 2)
		below = s->h / 2;
	part = surface_part(s, 1, 0, s->w - 2, s->h - below);
	draw_curves(&part, r, by, calibration, mono);
	part = surface_part(s, 0, s->h - below + 1, s->w, below - 1);
	draw_gaps(&part, r, by, calibration);
}
