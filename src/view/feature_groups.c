/* One column by another, group by group; and what is missing, by spelling and by group. */
#include <math.h>
#include <string.h>

#include "assay/chart.h"
#include "feature.h"
#include "view_inside.h"

enum {
	LEFT = FEATURE_GUTTER + 1,
	ROWS_WIDTH = 10,
	MISSING_WIDTH = 8,
	NUMBER_WIDTH = 10,
	DAY_WIDTH = 11,
	VALUE_LEAST = 8,
	SPARK_LEAST = 8,
	SPARK_MOST = 48
};

/* ---- in words ---- */

static const char *chance(struct arena *a, double p)
{
	return isnan(p) ? "" : p < 0.001 ? ", p<0.001" : arena_printf(a, ", p %.3f", p);
}

/* Cohen's marks for a correlation: 0.1, 0.3, 0.5. */
static const char *how_much(double strength, double p)
{
	if (p > 0.05)
		return "differ no more than by chance";
	return strength < 0.1   ? "hardly differ"
	       : strength < 0.3 ? "differ a little"
	       : strength < 0.5 ? "differ clearly"
	                        : "differ strongly";
}

static const char *differ_text(struct feature_page *p)
{
	const struct split *s = &p->split->split;
	struct arena *a = p->a;
	const char *text;

	if (s->type == COLUMN_TEXT || s->type == COLUMN_ID)
		return "Nearly all values are different: only what is missing is told by group.";
	if (isnan(s->strength))
		return arena_printf(a, "How much the groups differ cannot be told: %s.",
		                    p->c->count > 1 && p->c->distinct == 1 ? "all values are the same"
		                    : s->group_count == 1                  ? "there is one group alone"
		                                                           : "there are too few values");
	if (s->numeric && s->type != COLUMN_BOOL)
		text = arena_printf(a, "They %s: the group explains %s of the variance (F %s%s).",
		                    how_much(s->strength, s->anova.p), feature_percent(a, s->anova.eta2, 1),
		                    isinf(s->anova.f) ? "infinite" : view_cell_number(a, s->anova.f, 4),
		                    chance(a, s->anova.p));
	else
		text = arena_printf(a, "They %s: V %s (chi2 %s%s).", how_much(s->strength, s->association.p),
		                    view_cell_number(a, s->association.v, 3),
		                    view_cell_number(a, s->association.chi2, 4), chance(a, s->association.p));
	if (isfinite(s->auc.value) && p->split->positive)
		text = arena_printf(a, "%s AUC %.3f [%.3f, %.3f] for %s.", text, s->auc.value, s->auc.low,
		                    s->auc.high, p->split->positive);
	return text;
}

static const char *absence_text(struct feature_page *p)
{
	const struct association *m = &p->split->split.absence;

	if (p->c->missing == 0)
		return NULL;
	if (isnan(m->v))
		return "Whether the groups lack it differently cannot be told.";
	return arena_printf(p->a, "In what is missing they %s: V %s%s.", how_much(m->v, m->p),
	                    view_cell_number(p->a, m->v, 3), chance(p->a, m->p));
}

/* ---- rows of a group ---- */

/* condition: of the page's column, "IS MISSING"; NULL: all of the group. */
static struct feature_target group_rows(struct feature_page *p, size_t group, const char *condition)
{
	const struct split_group *g = &p->split->split.groups[group];
	const char *own = condition ? feature_where(p, condition) : NULL;

	if (g->where)
		return (struct feature_target){
		    .kind = BEHIND_WHERE, .where = own ? arena_printf(p->a, "(%s) AND %s", g->where, own) : g->where};
	if (own && strcmp(condition, "IS MISSING") != 0)
		return feature_none("no expression says which rows these are; its number of rows opens them all");
	return (struct feature_target){.kind = BEHIND_GROUP, .group = group, .missing = own != NULL};
}

static const char *by_name(const struct feature_page *p)
{
	return p->by->files ? "file" : p->by->column;
}

/* What stands there as long as there are no groups; true: there are some. */
static bool has_split(struct feature_page *p, int y)
{
	int w = p->s.w - LEFT - 1;

	if (!p->by->known) {
		feature_text(
		    p, LEFT, y, w, STYLE_MUTED,
		    "By what? This data set has neither a label nor another column of categories.\n"
		    "b  chooses a column: numbers are cut into ranges, times into days, months or years, files stand "
		    "side by side\n"
		    "assay data add NAME FILE --label COL  says which one is the label");
		return false;
	}
	if (!p->split && p->fault) {
		surface_glyph(&p->s, LEFT, y, STYLE_BAD, GLYPH_BAD);
		feature_text(p, LEFT + 2, y, w - 2, STYLE_ERROR, p->fault->text);
		return false;
	}
	if (!p->split)
		feature_text(p, LEFT, y, w, STYLE_MUTED,
		             p->waiting ? "Reading the rows…" : "The rows were not read.");
	return p->split != NULL;
}

/* What the groups are not of: weights, and rows for which there was no memory. */
static int draw_cut(struct feature_page *p, int y)
{
	if (p->split->weight)
		y += feature_text(p, LEFT, y, p->s.w - LEFT - 1, STYLE_MUTED,
		                  arena_printf(p->a, "Without the weights of %s, which assay data profile --by has.",
		                               p->split->weight));
	if (p->split->rows == p->split->all)
		return y;
	return y + feature_text(p, LEFT, y, p->s.w - LEFT - 1, STYLE_WARN,
	                        arena_printf(p->a, "Of the first %s of %s rows: there is no memory for more.",
	                                     view_cell_count(p->a, (int64_t)p->split->rows),
	                                     view_cell_count(p->a, (int64_t)p->split->all)));
}

/* ---- the table of groups ---- */

/* The small histograms: the bins of the split as they are drawn, and the parts where the cursor can stand. */
struct spread {
	double *edges;
	size_t *from; /* of the split's bins */
	size_t count;
	int parts, cells; /* so many cells each */
	double width;     /* of a part on the axis */
};

struct lanes {
	int name, bar, rows, missing, number, mean, median, spread, spread_w, values, value_w;
	size_t value_count;
	struct spread drawn;
	const char **means, **medians; /* of the groups */
};

static int widest_name(const struct feature_page *p)
{
	const struct split *s = &p->split->split;
	int most = 8;

	for (size_t i = 0; i < s->group_count; i++) {
		int w = surface_width(&p->s, s->groups[i].name, strlen(s->groups[i].name));

		most = w > most ? w : most;
	}
	return most;
}

/* Of a time the day, or minute and second where that is the same: the line below says all of it. */
static const char *short_text(const struct feature_page *p, double value, bool computed)
{
	const char *text = computed ? feature_number(p->a, p->c, value) : feature_value(p->a, p->c, value);

	if (isnan(value))
		return "–";
	if (p->c->type != COLUMN_TIME || feature_fineness(p->c) == FINE_SECONDS)
		return text;
	return feature_fineness(p->c) == FINE_DAYS ? arena_printf(p->a, "%.10s", text) : text + 3;
}

static void lay_numbers(const struct feature_page *p, struct lanes *l)
{
	const struct split *s = &p->split->split;

	l->means = arena_array(p->a, s->group_count + 1, sizeof *l->means);
	l->medians = arena_array(p->a, s->group_count + 1, sizeof *l->medians);
	for (size_t i = 0; i < s->group_count; i++) {
		l->means[i] = short_text(p, s->groups[i].mean, true);
		l->medians[i] = short_text(p, s->groups[i].quantiles[3], false);
	}
	if (p->c->type == COLUMN_TIME)
		return;
	feature_align(p->a, l->means, s->group_count);
	feature_align(p->a, l->medians, s->group_count);
}

/* Where values lie on a grid a part holds as many of its points as every other. */
static void lay_spread(const struct feature_page *p, struct lanes *l)
{
	const struct split *s = &p->split->split;
	struct spread *d = &l->drawn;
	double steps;

	d->edges = arena_array(p->a, s->bins + 2, sizeof *d->edges);
	d->from = arena_array(p->a, s->bins + 2, sizeof *d->from);
	d->count = s->bins ? profile_draw_edges(p->c, s->edges, s->bins, d->edges, d->from) : 0;
	d->parts = l->spread_w;
	d->cells = 1;
	if (d->count == 0 || l->spread_w < 1)
		return;
	/* Their difference may be no number. */
	d->width = d->edges[d->count] / d->parts - d->edges[0] / d->parts;
	steps = p->c->step > 0 ? round(d->width * d->parts / p->c->step) : 0;
	if (!(steps >= 1))
		return;
	d->width = p->c->step * ceil(steps / l->spread_w);
	d->parts = (int)ceil(steps * p->c->step / d->width - 1e-9);
	d->cells = l->spread_w / d->parts;
	l->spread_w = d->parts * d->cells;
	/* The last one may reach further than there are values. */
	if (d->edges[0] + d->width * d->parts > d->edges[d->count] + p->c->step / 2) {
		d->edges[++d->count] = d->edges[0] + d->width * d->parts;
		d->from[d->count] = d->from[d->count - 1];
	}
}

/* Of what has no room. */
static const char *more_text(const struct feature_page *p, const struct lanes *l)
{
	size_t rest = p->split->split.value_count - l->value_count;

	return rest ? arena_printf(p->a, "+%zu more", rest) : "";
}

static int more_width(const struct feature_page *p, const struct lanes *l)
{
	return (int)strlen(more_text(p, l));
}

/* A number that is cut is another one. */
static int number_width(const struct feature_page *p, const struct lanes *l)
{
	int most = p->split->split.type == COLUMN_TIME ? DAY_WIDTH : NUMBER_WIDTH;

	for (size_t i = 0; l->means && i < p->split->split.group_count; i++) {
		int mean = surface_width(&p->s, l->means[i], strlen(l->means[i])) + 1;
		int median = surface_width(&p->s, l->medians[i], strlen(l->medians[i])) + 1;

		most = mean > most ? mean : most;
		most = median > most ? median : most;
	}
	return most;
}

/* What has no room goes: the bar first, then what is said at the right. */
static void lay_lanes(const struct feature_page *p, struct lanes *l)
{
	const struct split *s = &p->split->split;
	int w = p->s.w - LEFT - 1, name = widest_name(p), x, most, bar = w >= 100 ? 16 : w >= 66 ? 8 : 0;
	bool numbers = s->numeric && s->type != COLUMN_BOOL;

	*l = (struct lanes){0};
	l->name = name > w / 4 + 2 ? w / 4 + 2 : name;
	x = LEFT + l->name + 2;
	if (numbers)
		lay_numbers(p, l);
	l->number = number_width(p, l);
	/* How the values lie says more than a bar of how many rows there are. */
	most = x + ROWS_WIDTH + MISSING_WIDTH + 2 * l->number + 2 + SPARK_LEAST;
	if (numbers && most + bar + 1 > p->s.w - 1 && most <= p->s.w - 1)
		bar = 0;
	if (!numbers && (p->s.w - x - bar - ROWS_WIDTH - MISSING_WIDTH) / VALUE_LEAST < (int)s->value_count)
		bar = 0;
	l->bar = bar;
	x += bar ? bar + 1 : 0;
	l->rows = x;
	l->missing = x + ROWS_WIDTH;
	x = l->missing + MISSING_WIDTH;
	if (numbers) {
		l->mean = x + l->number <= p->s.w - 1 ? x : 0;
		x += l->number;
		l->median = x + l->number <= p->s.w - 1 ? x : 0;
		x += l->number + 2;
		l->spread_w = p->s.w - 1 - x > SPARK_MOST ? SPARK_MOST : p->s.w - 1 - x;
		l->spread = l->spread_w >= SPARK_LEAST ? x : 0;
		if (l->spread)
			lay_spread(p, l);
		return;
	}
	x++;
	l->values = x;
	l->value_count = s->value_count;
	w = p->s.w - 1 - x;
	while (l->value_count > 0 && (w - more_width(p, l)) / (int)l->value_count < VALUE_LEAST)
		l->value_count--;
	l->value_w = l->value_count ? (w - more_width(p, l)) / (int)l->value_count : 0;
	l->value_w = l->value_w > 16 ? 16 : l->value_w;
}

static void draw_header(struct feature_page *p, const struct lanes *l, int y)
{
	const struct split *s = &p->split->split;

	surface_put_cut(&p->s, LEFT, y, l->name, STYLE_HEADER, by_name(p), strlen(by_name(p)));
	surface_put_right(&p->s, l->rows, y, ROWS_WIDTH - 1, STYLE_HEADER, "rows");
	surface_put_right(&p->s, l->missing, y, MISSING_WIDTH - 1, STYLE_HEADER, "missing");
	if (l->mean)
		surface_put_right(&p->s, l->mean, y, l->number - 1, STYLE_HEADER, "mean");
	if (l->median)
		surface_put_right(&p->s, l->median, y, l->number - 1, STYLE_HEADER, "median");
	if (l->spread && s->bins) {
		const char *high = short_text(p, s->edges[s->bins], false);
		/* One value alone has edges around it, which are no values. */
		bool one = p->c->min == p->c->max;
		int used = surface_put(&p->s, l->spread, y, STYLE_HEADER,
		                       short_text(p, one ? p->c->min : s->edges[0], false));

		if (!one && used + 2 + (int)strlen(high) <= l->spread_w)
			surface_put_right(&p->s, l->spread, y, l->spread_w, STYLE_HEADER, high);
	}
	for (size_t i = 0; i < l->value_count; i++) {
		const char *name = s->value_names[i][0] ? s->value_names[i] : "(empty)";

		surface_put_right(&p->s, l->values + (int)i * l->value_w, y, l->value_w - 1, STYLE_HEADER, name);
	}
	surface_put(&p->s, l->values + (int)l->value_count * l->value_w + 1, y, STYLE_MUTED, more_text(p, l));
}

/* A number in the group's line, padded so that it stands under the others; the cursor marks it. */
static void put_cell(struct feature_page *p, int x, int y, int w, const char *label, const char *text,
                     const char *say, struct feature_target target)
{
	size_t before = strspn(text, " "), end = strlen(text);
	int wide = surface_width(&p->s, text, end);
	const char *plain;

	while (end > before && text[end - 1] == ' ')
		end--;
	plain = arena_memdup0(p->a, text + before, end - before);
	surface_put_right(&p->s, x, y, w - 1, STYLE_TEXT, text);
	if (feature_spot(p, x, y, w, label, plain, say, target)) {
		int at = x + (wide < w - 1 ? w - 1 - wide + (int)before : 0);
		int marked = surface_width(&p->s, plain, end - before);

		surface_restyle(&p->s, at, y, marked < w - 1 ? marked : w - 1, 1, FEATURE_HERE);
		surface_cursor(&p->s, at, y, false);
	}
}

/* Each part of the small histogram can be opened: they are ranges of the shared axis. */
static void draw_spread(struct feature_page *p, const struct lanes *l, size_t group, int y)
{
	const struct split_group *g = &p->split->split.groups[group];
	const struct spread *d = &l->drawn;
	double *counts = arena_array(p->a, d->count + 1, sizeof *counts);
	struct chart_bins bins = {.edges = d->edges, .counts = counts, .count = d->count};
	struct str text;

	if (d->count == 0 || g->rows == g->missing)
		return;
	for (size_t i = 0; i < d->count; i++)
		for (size_t k = d->from[i]; k < d->from[i + 1]; k++)
			counts[i] += (double)g->bins[k];
	str_init(&text);
	chart_spark_bins(&text, l->spread_w, &bins, p->log, surface_charset(&p->s));
	surface_put(&p->s, l->spread, y, STYLE_HISTOGRAM, text.data);
	str_release(&text);
	for (int i = 0; i < d->parts && d->width > 0; i++) {
		int x = l->spread + i * d->cells;
		bool last = i == d->parts - 1;
		/* In halves, as the whole way from the first may be beyond the largest double. */
		double from = (d->edges[0] / 2 + d->width * (i / 2.0)) * 2,
		       to = last ? d->edges[d->count] : from + d->width;

		if (feature_spot(p, x, y, d->cells, arena_printf(p->a, "%s, part %d", g->name, i + 1), NULL,
		                 arena_printf(p->a, "%s: rows from %s", g->name, feature_range(p, from, to)),
		                 group_rows(p, group, feature_between(p, from, to, last)))) {
			surface_restyle(&p->s, x, y, d->cells, 1, STYLE_CROSSHAIR | STYLE_REVERSE);
			surface_cursor(&p->s, x, y, false);
		}
	}
}

static void draw_shares(struct feature_page *p, const struct lanes *l, size_t group, int y)
{
	const struct split *s = &p->split->split;
	const struct split_group *g = &s->groups[group];

	for (size_t i = 0; i < l->value_count; i++) {
		const char *name = s->value_names[i], *share, *count;
		bool others = i + 1 == s->value_count && strncmp(name, "other (", 7) == 0;

		share = feature_percent(p->a, (double)g->values[i], (double)(g->rows - g->missing));
		count = view_cell_count(p->a, (int64_t)g->values[i]);
		put_cell(
		    p, l->values + (int)i * l->value_w, y, l->value_w, arena_printf(p->a, "%s, %s", g->name, name),
		    share,
		    arena_printf(p->a, "%s: %s in %s row%s, %s of its values", g->name, name[0] ? name : "(empty)",
		                 count, PLURAL(g->values[i]), share),
		    others ? feature_none("no expression says which rows these are")
		           : group_rows(p, group,
		                        arena_printf(p->a, "= %s", feature_quoted(p->a, name, strlen(name), '\''))));
	}
}

static void draw_group(struct feature_page *p, const struct lanes *l, size_t group, uint64_t most, int y)
{
	const struct split *s = &p->split->split;
	const struct split_group *g = &s->groups[group];
	const char *count = view_cell_count(p->a, (int64_t)g->rows), *missing;
	const char *all = feature_percent(p->a, (double)g->rows, (double)p->split->rows);
	size_t first = p->count;
	struct str meter;

	missing = g->missing ? feature_percent(p->a, (double)g->missing, (double)g->rows) : g->rows ? "0%" : "–";
	feature_line(p);
	if (l->bar) {
		str_init(&meter);
		chart_meter_text(&meter, l->bar, most ? (double)g->rows / (double)most : 0, surface_charset(&p->s));
		surface_put(&p->s, LEFT + l->name + 2, y, STYLE_MUTED, meter.data);
		str_release(&meter);
	}
	put_cell(p, l->rows, y, ROWS_WIDTH, g->name, count,
	         arena_printf(p->a, "%s: %s row%s, %s of all", g->name, count, PLURAL(g->rows), all),
	         g->rows ? group_rows(p, group, NULL) : feature_none("there is no row"));
	put_cell(p, l->missing, y, MISSING_WIDTH, arena_printf(p->a, "%s, missing", g->name), missing,
	         arena_printf(p->a, "%s: missing in %s row%s", g->name,
	                      view_cell_count(p->a, (int64_t)g->missing), PLURAL(g->missing)),
	         g->missing ? group_rows(p, group, "IS MISSING") : feature_none("nothing is missing there"));
	if (l->mean)
		put_cell(
		    p, l->mean, y, l->number, arena_printf(p->a, "%s, mean", g->name), l->means[group],
		    arena_printf(p->a, "%s: mean %s, sd %s", g->name, feature_number(p->a, p->c, g->mean),
		                 p->c->type == COLUMN_TIME || isnan(g->sd) ? "–" : view_cell_number(p->a, g->sd, 4)),
		    group_rows(p, group, "IS NOT MISSING"));
	if (l->median)
		put_cell(p, l->median, y, l->number, arena_printf(p->a, "%s, median", g->name), l->medians[group],
		         arena_printf(p->a, "%s: median %s, half of its values from %s to %s", g->name,
		                      feature_value(p->a, p->c, g->quantiles[3]),
		                      feature_value(p->a, p->c, g->quantiles[2]),
		                      feature_value(p->a, p->c, g->quantiles[4])),
		         group_rows(p, group, "IS NOT MISSING"));
	if (l->spread)
		draw_spread(p, l, group, y);
	if (l->value_count)
		draw_shares(p, l, group, y);
	bool here = p->at >= first && p->at < p->count;

	if (here)
		surface_glyph(&p->s, LEFT - FEATURE_GUTTER, y, STYLE_ROW_CURSOR, GLYPH_CURSOR);
	surface_put_name(&p->s, LEFT, y, l->name, here ? STYLE_ROW_CURSOR : STYLE_TEXT, g->name);
}

static uint64_t most_rows(const struct split *s)
{
	uint64_t most = 0;

	for (size_t i = 0; i < s->group_count; i++)
		most = s->groups[i].rows > most ? s->groups[i].rows : most;
	return most;
}

void feature_by(struct feature_page *p)
{
	const struct split *s;
	struct lanes l;
	int y = 0, right = p->log ? (int)strlen("log scale") + 2 : 0;

	if (p->by->known) {
		int x = LEFT + surface_put(&p->s, LEFT, y, STYLE_HEADING, "BY ");
		const char *kind = !p->split                              ? ""
		                   : p->split->split.kind == SPLIT_RANGES ? "ranges of about as many rows each"
		                   : p->split->split.kind == SPLIT_TIME   ? "times in UTC"
		                                                          : "";

		x += surface_put_cut(&p->s, x, y, p->s.w / 2, STYLE_TITLE, by_name(p), strlen(by_name(p))) + 2;
		if (p->s.w - right - x > 20)
			surface_put_cut(&p->s, x, y, p->s.w - right - x - 1, STYLE_MUTED, kind, strlen(kind));
		y++;
	}
	if (!has_split(p, y))
		return;
	s = &p->split->split;
	y += feature_text(p, LEFT, y, p->s.w - LEFT - 1, STYLE_TEXT, differ_text(p));
	y = draw_cut(p, y);
	y += p->room >= 14 ? 1 : 0;
	lay_lanes(p, &l);
	if (p->log && l.spread)
		surface_put_right(&p->s, 0, 0, p->s.w - 1, STYLE_MUTED, "log scale");
	draw_header(p, &l, y++);
	feature_block(p, LEFT, y, p->s.w, NULL, NULL);
	p->heading = y - 1;
	for (size_t i = 0; i < s->group_count; i++, y++)
		draw_group(p, &l, i, most_rows(s), y);
}

/* ---- what is missing ---- */

static int draw_spellings(struct feature_page *p, int x, int y, int w)
{
	const struct column_profile *c = p->c;
	struct feature_bar *bars = arena_array(p->a, c->missing_by_count + 1, sizeof *bars);

	feature_block(p, x, y + 1, w, "BY SPELLING", NULL);
	for (size_t i = 0; i < c->missing_by_count; i++) {
		const struct value_count *m = &c->missing_by[i];

		bars[i] = (struct feature_bar){
		    .label = m->len ? m->value : "(empty)",
		    .text = arena_printf(p->a, "%6s %9s",
		                         feature_percent(p->a, (double)m->count, (double)(c->count + c->missing)),
		                         view_cell_count(p->a, (int64_t)m->count)),
		    .say = arena_printf(p->a, "%s: missing in %s row%s", m->len ? m->value : "(empty)",
		                        view_cell_count(p->a, (int64_t)m->count), PLURAL(m->count)),
		    .share = (double)m->count,
		    .over = (double)NAN,
		    .target = {.kind = BEHIND_FACT, .fact = {.kind = FACT_SPELLING, .text = m->value}}};
	}
	if (c->missing_by_count == 0)
		return y + 1 + feature_text(p, x, y + 1, w, STYLE_MUTED, "How they are spelled was not kept.");
	return feature_bars(p, x, y + 1, w, bars, c->missing_by_count);
}

static int draw_by_group(struct feature_page *p, int x, int y, int w)
{
	const struct split *s = &p->split->split;
	struct feature_bar *bars = arena_array(p->a, s->group_count + 1, sizeof *bars);

	for (size_t i = 0; i < s->group_count; i++) {
		const struct split_group *g = &s->groups[i];
		double share = g->rows ? (double)g->missing / (double)g->rows : 0;

		bars[i] = (struct feature_bar){
		    .label = g->name,
		    .text = arena_printf(p->a, "%6s %9s", g->rows ? feature_percent(p->a, share, 1) : "–",
		                         view_cell_count(p->a, (int64_t)g->missing)),
		    .say = arena_printf(p->a, "%s: missing in %s of %s rows", g->name,
		                        view_cell_count(p->a, (int64_t)g->missing),
		                        view_cell_count(p->a, (int64_t)g->rows)),
		    .share = share,
		    .over = (double)NAN,
		    .target = g->missing ? group_rows(p, i, "IS MISSING") : feature_none("nothing is missing there")};
	}
	return feature_bars(p, x, y, w, bars, s->group_count);
}

void feature_missing(struct feature_page *p)
{
	const struct column_profile *c = p->c;
	uint64_t rows = c->count + c->missing;
	int w = p->s.w - LEFT - 1, y = 0, wide = w > 90 ? 90 : w;
	const char *text;

	if (c->missing == 0) {
		feature_text(p, LEFT, 0, w, STYLE_MUTED, "Nothing is missing: every row has a value.");
		return;
	}
	y += feature_text(p, LEFT, y, w, STYLE_TEXT,
	                  arena_printf(p->a, "Missing in %s of %s rows, %s.",
	                               view_cell_count(p->a, (int64_t)c->missing),
	                               view_cell_count(p->a, (int64_t)rows),
	                               feature_percent(p->a, (double)c->missing, (double)rows)));
	y += p->room >= 14 ? 1 : 0;
	y = draw_spellings(p, LEFT, y, wide) + 1;
	feature_block(p, LEFT, y + 1, w, p->by->known ? arena_printf(p->a, "BY %s", by_name(p)) : "BY GROUP",
	              "share of each group's rows");
	y++;
	if (!has_split(p, y))
		return;
	text = absence_text(p);
	if (text)
		y += feature_text(p, LEFT, y, w, STYLE_MUTED, text);
	y = draw_cut(p, y);
	draw_by_group(p, LEFT, y, wide);
}
