/* The parts of one column that its profile has: its distribution, its facts, its most frequent values. */
#include <math.h>
#include <string.h>

#include "assay/chart.h"
#include "feature.h"
#include "view_inside.h"

enum { FENCES_WIDTH = 64, WEIGHTED_ROWS = 11, ROOMY = 30 };
enum { FACTS_WIDTH = 32, FACTS_BOTH = 42, SIDE_FROM = 34, CHART_LEAST = 7, CHART_MOST = 32 };

/* ---- facts ---- */

struct fact_place {
	struct feature_page *p;
	int x, y, w;
	const char *say; /* of the next; NULL: itself */
};

static void add(struct fact_place *f, const char *label, const char *value, const char *theirs,
                struct feature_target target)
{
	f->y = feature_fact(f->p, f->x, f->y, f->w, label, value, theirs, f->say, target);
}

static const char *count_text(const struct feature_page *p, const struct column_profile *c, uint64_t count)
{
	double rows = (double)(c->count + c->missing);
	const char *text = view_cell_count(p->a, (int64_t)count);

	return count > 0 && rows > 0 && count == c->missing
	           ? arena_printf(p->a, "%s (%s)", text, feature_percent(p->a, (double)count, rows))
	           : text;
}

/* Nothing to be opened stands behind a nought, unless it is one within bounds. */
static struct feature_target rows_if(const struct feature_page *p, uint64_t count,
                                     const struct feature_target target)
{
	return count > 0 || p->c->bounds ? target : feature_none("there is no row");
}

static void add_counts(struct fact_place *f)
{
	struct feature_page *p = f->p;
	const struct column_profile *c = p->c, *o = p->other;
	struct feature_target distinct = {.kind = BEHIND_PART, .part = PART_VALUES};

	add(f, "values", view_cell_count(p->a, (int64_t)c->count),
	    o ? view_cell_count(p->a, (int64_t)o->count) : NULL,
	    rows_if(p, c->count + (o ? o->count : 0), feature_rows_where(p, "IS NOT MISSING")));
	add(f, "missing", count_text(p, c, c->missing), o ? count_text(p, o, o->missing) : NULL,
	    rows_if(p, c->missing + (o ? o->missing : 0), feature_rows_where(p, "IS MISSING")));
	add(f, "distinct", feature_about(p, c, view_cell_count(p->a, (int64_t)c->distinct)),
	    o ? feature_about(p, o, view_cell_count(p->a, (int64_t)o->distinct)) : NULL, distinct);
	if (c->infinite > 0)
		add(f, "infinite", view_cell_count(p->a, (int64_t)c->infinite),
		    o ? view_cell_count(p->a, (int64_t)o->infinite) : NULL,
		    (struct feature_target){.kind = BEHIND_WHERE,
		                            .where = arena_printf(p->a, "%s OR %s", feature_where(p, "= 'inf'"),
		                                                  feature_where(p, "= '-inf'"))});
}

/* What is certain of a quantile that is only known within bounds. */
static const char *certain(struct feature_page *p, const char *label, double low, double high)
{
	return arena_printf(p->a, "%s: certainly between %s and %s", label, feature_value(p->a, p->c, low),
	                    feature_value(p->a, p->c, high));
}

static void add_computed(struct fact_place *f, const char *label, double value, double theirs)
{
	struct feature_page *p = f->p;
	const char *other = !p->other ? NULL : p->other->numeric ? feature_number(p->a, p->other, theirs) : "–";

	add(f, label, feature_number(p->a, p->c, value), other,
	    feature_none(isnan(value) ? "it cannot be computed"
	                              : "it is computed from all values: no row stands behind it"));
}

/* bounded: it may only be known within bounds. */
static void add_value(struct fact_place *f, const char *label, double value, double theirs, bool bounded,
                      struct feature_target target)
{
	struct feature_page *p = f->p;
	const char *mine = feature_value(p->a, p->c, value), *other = NULL;

	if (p->other)
		other = p->other->numeric ? feature_value(p->a, p->other, theirs) : "–";
	if (bounded) {
		mine = feature_about(p, p->c, mine);
		other = other ? feature_about(p, p->other, other) : NULL;
	}
	add(f, label, mine, other, isnan(value) ? feature_none("it cannot be computed") : target);
}

static struct feature_target nearest(double value, double theirs)
{
	return (struct feature_target){.kind = BEHIND_FACT,
	                               .fact = {.kind = FACT_NEAREST, .value = value},
	                               .theirs = {.kind = FACT_NEAREST, .value = theirs}};
}

static void add_moments(struct fact_place *f, bool roomy)
{
	static const char *const quantiles[] = {"1 %", "5 %", "25 %", "median", "75 %", "95 %", "99 %"};
	struct feature_page *p = f->p;
	const struct column_profile *c = p->c, *o = p->other ? p->other : c;

	add_computed(f, "mean", c->mean, o->mean);
	if (c->type != COLUMN_TIME) {
		add_computed(f, "sd", c->sd, o->sd);
		add_computed(f, "skewness", c->skewness, o->skewness);
		add_computed(f, "kurtosis", c->kurtosis, o->kurtosis);
		add_value(f, "mad", c->mad, o->mad, true,
		          feature_none("it is computed from all values: no row stands behind it"));
	}
	f->y += roomy;
	add_value(f, "min", c->min, o->min, false, nearest(c->min, o->min));
	for (int i = 0; i < PROFILE_QUANTILES; i++) {
		f->say = c->bounds ? certain(p, quantiles[i], c->bounds->quantile_low[i], c->bounds->quantile_high[i])
		                   : NULL;
		add_value(f, quantiles[i], c->quantiles[i], o->quantiles[i], true,
		          nearest(c->quantiles[i], o->quantiles[i]));
		f->say = NULL;
	}
	add_value(f, "max", c->max, o->max, false, nearest(c->max, o->max));
}

/* Why it is not known stands dim in its place. */
static void add_class(struct fact_place *f, const char *label, const char *mine, const char *why,
                      const char *theirs)
{
	struct feature_page *p = f->p;
	int y = f->y;

	add(f, label, mine ? mine : why, theirs,
	    feature_none(mine ? "it is computed from all values: no row stands behind it" : "it is not known"));
	if (!mine && !(p->at < p->count && p->spots[p->at].y == y))
		surface_restyle(&p->s, f->x + FEATURE_LABEL, y, theirs ? (f->w - FEATURE_LABEL - 1) / 2 : f->w, 1,
		                STYLE_MUTED);
}

static const char *entropy_text(struct feature_page *p, const struct column_profile *c)
{
	double entropy = profile_entropy(c);

	return isnan(entropy) ? NULL : arena_printf(p->a, "%s bit", view_cell_number(p->a, entropy, 4));
}

static void add_classes(struct fact_place *f)
{
	struct feature_page *p = f->p;
	const struct column_profile *c = p->c, *o = p->other;
	const char *none = "–", *why = c->count == 0          ? "no value"
	                               : c->type == COLUMN_ID ? "not of an id"
	                                                      : "too many values";
	const char *theirs = o ? entropy_text(p, o) : NULL;

	add_class(f, "entropy", entropy_text(p, c), why, o && !theirs ? none : theirs);
	theirs = o ? view_cell_number(p->a, profile_imbalance(o), 4) : NULL;
	add_class(f, "imbalance", view_cell_number(p->a, profile_imbalance(c), 4),
	          c->count > 0 && c->distinct < 2 ? "only one value" : why, o && !theirs ? none : theirs);
}

int feature_facts(struct feature_page *p, int x, int y, int w, bool roomy)
{
	const struct column_profile *c = p->c;
	struct fact_place f = {p, x, y, w, NULL};

	add_counts(&f);
	f.y += roomy;
	if (c->numeric && c->count == c->infinite && (!p->other || p->other->count == p->other->infinite))
		return f.y;
	if (c->numeric && c->type != COLUMN_BOOL) {
		add_moments(&f, roomy);
		return f.y;
	}
	if (c->numeric)
		add_computed(&f, "mean", c->mean, p->other ? p->other->mean : (double)NAN);
	add_classes(&f);
	return f.y;
}

/* ---- the histogram ---- */

static bool is_one_value(const struct chart_bins *bins, double value)
{
	return bins->count > 0 && bins->edges[0] == value && bins->edges[bins->count] == value;
}

/* Shares are compared by area: one value takes the bin of the others that it would be in. */
static void take_bin(struct chart_bins *one, const struct chart_bins *others)
{
	if (one->count == 0 || one->edges[0] < one->edges[one->count])
		return;
	for (size_t i = 0; i < others->count; i++)
		if (others->edges[i] <= one->edges[0] && one->edges[0] <= others->edges[i + 1])
			one->edges = &others->edges[i];
}

double feature_axis(struct arena *a, const struct column_profile *c, struct chart_histogram *chart)
{
	struct chart_bins *both[] = {&chart->main, &chart->over};
	/* The last one is for one value, too, beside several of the other version. */
	static const struct {
		const char *label;
		double least, ms;
	} units[] = {{"years", 3 * 365.2425 * 86400e3, 365.2425 * 86400e3},
	             {"days", 2 * 86400e3, 86400e3},
	             {"hours", 2 * 3600e3, 3600e3},
	             {"minutes", 2 * 60e3, 60e3},
	             {"seconds", 2e3, 1e3},
	             {"ms", -(double)INFINITY, 1}};
	char first[TIME_TEXT];
	size_t at = 0;
	double unit;

	if (is_one_value(&chart->main, c->min) &&
	    (chart->over.count == 0 || is_one_value(&chart->over, c->min))) {
		chart->only = feature_value(a, c, c->min);
		return 0;
	}
	take_bin(&chart->main, &chart->over);
	take_bin(&chart->over, &chart->main);
	if (c->type != COLUMN_TIME || !isfinite(c->min) || !isfinite(c->max))
		return 0;
	while (at < COUNT_OF(units) - 1 && !(c->max - c->min >= units[at].least))
		at++;
	unit = units[at].ms;
	chart->x_label = units[at].label;
	time_rfc3339((int64_t)c->min, first);
	if (feature_is_of_days(c))
		chart->title = arena_printf(a, "%s since %.10s", chart->x_label, first);
	else
		chart->title = arena_printf(a, "%s since %.10s %.*s", chart->x_label, first,
		                            feature_fineness(c) == FINE_DAYS      ? 5
		                            : feature_fineness(c) == FINE_SECONDS ? 8
		                                                                  : 12,
		                            first + 11);
	for (size_t i = 0; i < COUNT_OF(both); i++) {
		double *edges = arena_array(a, both[i]->count + 1, sizeof *edges);

		for (size_t k = 0; both[i]->count > 0 && k <= both[i]->count; k++)
			edges[k] = (both[i]->edges[k] - c->min) / unit;
		both[i]->edges = edges;
	}
	chart->mark = (chart->mark - c->min) / unit;
	return unit;
}

static struct feature_target bin_rows(struct feature_page *p, size_t bin)
{
	const struct column_profile *c = p->c;

	return feature_rows_where(p, feature_between(p, c->edges[bin], c->edges[bin + 1], bin + 1 == c->bins));
}

static const char *bin_says(struct feature_page *p, size_t bin, const double *other)
{
	const struct column_profile *c = p->c;
	double all = (double)(c->count - c->infinite);
	const char *text = arena_printf(
	    p->a, "%s: %s row%s, %s of the %svalues", feature_range(p, c->edges[bin], c->edges[bin + 1]),
	    view_cell_count(p->a, (int64_t)c->bin_counts[bin]), PLURAL(c->bin_counts[bin]),
	    feature_percent(p->a, (double)c->bin_counts[bin], all), c->infinite ? "finite " : "");

	if (c->weighted && c->weighted->bins)
		text = arena_printf(p->a, "%s, %s weighted", text, feature_percent(p->a, c->weighted->bins[bin], 1));
	return other ? arena_printf(p->a, "%s; %s of %s", text, feature_percent(p->a, other[bin], 1),
	                            p->pair->other_title)
	             : text;
}

static void add_bins(struct feature_page *p, int x, int y, const struct rect *body, double least, double most,
                     double unit, int h)
{
	const struct column_profile *c = p->c;
	double *other = NULL;

	if (body->w == 0 || !(most > least))
		return;
	/* How many of several values are this one is not known. */
	if (p->other && p->other->numeric && (c->max > c->min || p->other->max == p->other->min)) {
		other = arena_array(p->a, c->bins + 1, sizeof *other);
		profile_rebin(p->other, c->edges, c->bins, other);
	}
	feature_line(p);
	for (size_t i = 0; i < c->bins; i++) {
		/* Sums and differences may be beyond the largest double. */
		double middle = c->edges[i] / 2 + c->edges[i + 1] / 2;
		int at;

		if (unit > 0)
			middle = (middle - c->min) / unit;
		at = (int)((middle / 2 - least / 2) / (most / 2 - least / 2) * body->w);
		feature_spot(p, x + body->x + at, y, 1, arena_printf(p->a, "bin %zu", i + 1),
		             view_cell_count(p->a, (int64_t)c->bin_counts[i]), bin_says(p, i, other),
		             rows_if(p, c->bin_counts[i], bin_rows(p, i)));
		p->spots[p->count - 1].h = h;
		p->spots[p->count - 1].drawn = true;
		if (p->at == p->count - 1)
			surface_cursor(&p->s, x + body->x + at, y + body->y + body->h, false);
	}
}

static int draw_histogram(struct feature_page *p, int x, int y, int w, int h)
{
	const struct column_profile *c = p->c;
	const char *now = arena_printf(p->a, "%s@%lld", p->pair->now.name, (long long)p->pair->now.version);
	struct chart_histogram chart = {.mark = (double)NAN,
	                                .y_label = "rows",
	                                .log = p->log,
	                                .empty = c->count ? "no finite value" : "every value is missing"};
	struct surface part = surface_part(&p->s, x, y, w, h);
	size_t first = p->count;
	struct rect body = {0};
	double least = 0, most = 0, unit = 0;

	view_data_bins(p->a, c, now, &chart.main);
	if (p->other && p->other->numeric)
		view_data_bins(p->a, p->other, p->pair->other_title, &chart.over);
	if (isfinite(c->mean) && !p->other)
		chart.mark = c->mean;
	chart.body = &body;
	chart.least = &least;
	chart.most = &most;
	unit = feature_axis(p->a, c, &chart);
	if (p->at >= first && p->at - first < c->bins) {
		double low = chart.main.edges[p->at - first], high = chart.main.edges[p->at - first + 1];
		double around = low < high ? 0 : low == 0 ? 1 : fabs(low) / 20;

		chart.from = low - around;
		chart.to = high + around;
		chart.mark = low / 2 + high / 2;
	}
	feature_block(p, x, y, w, NULL, NULL);
	chart_histogram_draw(&part, &chart);
	add_bins(p, x, y, &body, least, most, unit, h);
	p->bottom = y + h > p->bottom ? y + h : p->bottom;
	return y + h;
}

/* ---- what lies far out, what weights make of it ---- */

static struct feature_target beyond(struct feature_page *p, const char *sign, double value)
{
	return feature_rows_where(p, arena_printf(p->a, "%s %s", sign, feature_literal(p->a, p->c, value)));
}

static int draw_fences(struct feature_page *p, int x, int y, int w)
{
	const struct fences *f = &p->c->fences;
	const struct {
		const char *label, *sign;
		double fence;
		size_t count;
	} lines[] = {{"far below", "<", f->far_low, f->far_below},
	             {"below", "<", f->low, f->below},
	             {"above", ">", f->high, f->above},
	             {"far above", ">", f->far_high, f->far_above}};
	struct feature_bar bars[COUNT_OF(lines)];
	const char *fences[COUNT_OF(lines)], *even[COUNT_OF(lines)];

	if (isnan(f->low))
		return y;
	feature_block(p, x, y + 1, w, "OUTSIDE THE FENCES",
	              w > FENCES_WIDTH ? "1.5 and 3 quartile ranges from the quartiles" : "of Tukey");
	for (size_t i = 0; i < COUNT_OF(lines); i++)
		fences[i] = even[i] = feature_value(p->a, p->c, lines[i].fence);
	feature_align(p->a, even, COUNT_OF(lines));
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		const char *share = feature_percent(p->a, (double)lines[i].count, (double)p->c->count);
		const char *count = feature_about(p, p->c, view_cell_count(p->a, (int64_t)lines[i].count));

		bars[i] = (struct feature_bar){
		    .label = lines[i].label,
		    .text =
		        w < 40 ? count : arena_printf(p->a, "%s %s %8s %6s", lines[i].sign, even[i], count, share),
		    .say = arena_printf(p->a, "%s: %s row%s %s %s, %s of the values", lines[i].label, count,
		                        PLURAL(lines[i].count), lines[i].sign, fences[i], share),
		    .share = (double)lines[i].count,
		    .over = (double)NAN,
		    .target = rows_if(p, lines[i].count, beyond(p, lines[i].sign, lines[i].fence))};
	}
	return feature_bars(p, x, y + 1, w > FENCES_WIDTH ? FENCES_WIDTH : w, bars, COUNT_OF(bars));
}

/* How far times lie apart is no time. */
static const char *spread_text(struct feature_page *p, double value)
{
	char span[TIME_TEXT];

	return p->c->type == COLUMN_TIME && isfinite(value) ? arena_strdup(p->a, time_span((int64_t)value, span))
	                                                    : feature_number(p->a, p->c, value);
}

static void weighted_numbers(struct fact_place *f, const struct weighted_profile *g,
                             struct feature_target none)
{
	static const struct {
		const char *label;
		int at;
	} quantiles[] = {{"25 %", 2}, {"median", 3}, {"75 %", 4}};
	struct feature_page *p = f->p;

	add(f, "mean", feature_number(p->a, p->c, g->moments.mean), NULL, none);
	add(f, "its error", spread_text(p, g->moments.se), NULL, none);
	add(f, "sd", spread_text(p, g->moments.sd), NULL, none);
	for (size_t i = 0; i < COUNT_OF(quantiles); i++) {
		double value = g->quantiles[quantiles[i].at];

		add(f, quantiles[i].label, feature_value(p->a, p->c, value), NULL, nearest(value, (double)NAN));
	}
}

static int draw_weighted(struct feature_page *p, int x, int y, int w)
{
	const struct weighted_profile *g = p->c->weighted;
	struct fact_place f = {p, x, y + 1, w, NULL};
	struct feature_target none = feature_none("it is estimated from all rows with their weights");

	if (!g)
		return y;
	feature_block(p, x, y + 1, w, "WEIGHTED", "for the population that the rows stand for");
	if (p->c->type == COLUMN_BOOL) {
		add(&f, "true", feature_percent(p->a, g->moments.mean, 1), NULL, none);
		add(&f, "its error", feature_percent(p->a, g->moments.se, 1), NULL, none);
	} else {
		weighted_numbers(&f, g, none);
	}
	add(&f, "missing", feature_percent(p->a, g->missing, 1), NULL, feature_rows_where(p, "IS MISSING"));
	add(&f, "worth",
	    isnan(g->moments.effective)
	        ? "–"
	        : arena_printf(p->a, "%s rows", view_cell_count(p->a, llround(g->moments.effective))),
	    NULL, none);
	return f.y;
}

/* ---- the parts ---- */

static int facts_width(const struct feature_page *p)
{
	int w = p->other ? FACTS_BOTH : FACTS_WIDTH;

	return p->s.w >= w + SIDE_FROM ? w : 0;
}

void feature_spread(struct feature_page *p)
{
	int side = facts_width(p), left = FEATURE_GUTTER + 1, w = p->s.w - left - 1 - (side ? side + 3 : 0), h, y;
	int below = isnan(p->c->fences.low) ? 0 : 6, fences;
	bool beside = below && w >= FENCES_WIDTH + 4 + FACTS_WIDTH;

	/* What weights make of it is seen too where there is room. */
	if (p->c->weighted && p->room >= ROOMY && (beside || below == 0))
		below = WEIGHTED_ROWS;
	h = side ? p->room - below : p->room - 1;
	h = h > CHART_MOST ? CHART_MOST : h < CHART_LEAST ? CHART_LEAST : h;
	if (h + below > p->room && side)
		h = p->room > CHART_LEAST ? p->room : CHART_LEAST;
	if (side) {
		feature_block(p, p->s.w - side - 1, 0, side, NULL, NULL);
		feature_facts(p, p->s.w - side - 1, 0, side, p->room >= 20);
	}
	y = draw_histogram(p, left, 0, w, h);
	if (!side) {
		feature_block(p, left, y + 1, w, NULL, NULL);
		y = feature_facts(p, left, y + 1, w, true);
	}
	fences = y + 1;
	y = draw_fences(p, left, fences, w);
	if (beside)
		draw_weighted(p, left + FENCES_WIDTH + 4, fences, w - FENCES_WIDTH - 4);
	else
		draw_weighted(p, left, y + 1, w);
}

static const char *value_says(struct feature_page *p, const struct value_count *v, double theirs)
{
	const char *text =
	    arena_printf(p->a, "%s row%s, %s of the values", view_cell_count(p->a, (int64_t)v->count),
	                 PLURAL(v->count), feature_percent(p->a, (double)v->count, (double)p->c->count));

	if (!p->other)
		return text;
	return isnan(theirs)
	           ? arena_printf(p->a, "%s; not among the most frequent of %s", text, p->pair->other_title)
	           : arena_printf(p->a, "%s; %s of %s", text, feature_percent(p->a, theirs, 1),
	                          p->pair->other_title);
}

/* What is not among the other version's most frequent is not known there. */
static double theirs_of(const struct feature_page *p, const struct value_count *v)
{
	uint64_t count = p->other ? profile_top_count(p->other, v->value, v->len) : 0;

	return count > 0 && p->other->count > 0 ? (double)count / (double)p->other->count : (double)NAN;
}

static int draw_top(struct feature_page *p, int x, int y, int w)
{
	const struct column_profile *c = p->c;
	struct feature_bar *bars = arena_array(p->a, c->top_count + 1, sizeof *bars);
	uint64_t shown = 0;

	feature_block(p, x, y + 1, w, "MOST FREQUENT",
	              p->other
	                  ? arena_printf(p->a, "%s share in %s", surface_charset(&p->s) == TERM_ASCII ? "|" : "│",
	                                 p->pair->other_title)
	                  : NULL);
	for (size_t i = 0; i < c->top_count; i++) {
		const struct value_count *v = &c->top[i];
		double theirs = theirs_of(p, v);
		const char *count = feature_about(p, c, view_cell_count(p->a, (int64_t)v->count));
		const char *share = feature_percent(p->a, (double)v->count, (double)c->count);

		shown += v->count;
		bars[i] = (struct feature_bar){
		    .label = feature_plain(p->a, c, v->value, v->len),
		    .text = p->other ? arena_printf(p->a, "%6s %10s  %6s", share, count,
		                                    isnan(theirs) ? "–" : feature_percent(p->a, theirs, 1))
		                     : arena_printf(p->a, "%6s %10s", share, count),
		    .say = value_says(p, v, theirs),
		    .share = (double)v->count / (double)c->count,
		    .over = theirs,
		    .target = feature_rows_where(
		        p, arena_printf(p->a, "= %s", feature_quoted(p->a, v->value, v->len, '\'')))};
	}
	y = feature_bars(p, x, y + 1, w, bars, c->top_count);
	if (c->distinct > c->top_count && c->count > shown)
		y += feature_text(p, x, y, w, STYLE_MUTED,
		                  arena_printf(p->a, "and %s others in %s rows",
		                               view_cell_count(p->a, (int64_t)(c->distinct - c->top_count)),
		                               view_cell_count(p->a, (int64_t)(c->count - shown))));
	return y;
}

/* None is more frequent than the others: what they look like is all that there is to show. */
static int draw_different(struct feature_page *p, int x, int w)
{
	const struct column_profile *c = p->c;
	/* So that something of what follows is seen. */
	size_t most = c->text && p->room < 24 ? 5 : PROFILE_TOP;
	int y = feature_text(p, x, 0, w, STYLE_TEXT,
	                     arena_printf(p->a, "All %s values are different.",
	                                  view_cell_count(p->a, (int64_t)c->count))) +
	        1;

	feature_block(p, x, y + 1, w, "THE FIRST IN ORDER", NULL);
	y++;
	for (size_t i = 0; i < c->top_count && i < most; i++) {
		const struct value_count *v = &c->top[i];

		y = feature_item(
		    p, x, y, w, feature_plain(p->a, c, v->value, v->len),
		    feature_rows_where(p, arena_printf(p->a, "= %s", feature_quoted(p->a, v->value, v->len, '\''))));
	}
	if (c->text)
		y = feature_shapes(p, x, y + 1, w);
	return y;
}

void feature_values(struct feature_page *p)
{
	const struct column_profile *c = p->c;
	int side = c->numeric && c->type != COLUMN_BOOL ? 0 : facts_width(p), left = FEATURE_GUTTER + 1, y = 0;
	int w = p->s.w - left - 1 - (side ? side + 3 : 0), low;

	if (c->count == 0)
		y += feature_text(p, left, 0, w, STYLE_MUTED, "Every value is missing.") + 1;
	else if (c->top_count == 0 && c->bounds)
		y += feature_text(
		         p, left, 0, w, STYLE_MUTED,
		         "No value is so frequent that it could be told within the memory that was allowed.") +
		     1;
	else if (c->count > 1 && c->distinct == c->count)
		y = draw_different(p, left, w) + 1;
	else
		y = draw_top(p, left, 0, w > 90 ? 90 : w) + 1;
	if (c->count > 1 && c->distinct == 1)
		y += feature_text(p, left, y, w, STYLE_MUTED, "It is constant: nothing can be learned from it.") + 1;
	if (side || !c->numeric || c->type == COLUMN_BOOL) {
		feature_block(p, side ? p->s.w - side - 1 : left, side ? 0 : y, w, NULL, NULL);
		low = feature_facts(p, side ? p->s.w - side - 1 : left, side ? 0 : y, side ? side : w, p->room >= 20);
		if (c->type == COLUMN_BOOL)
			draw_weighted(p, left, (low > y ? low : y) + 1, w);
	}
}
