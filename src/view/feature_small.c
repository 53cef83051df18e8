/* One column small, beside the list of columns: its distribution, then what is known of it. */
#include <math.h>
#include <string.h>

#include "assay/chart.h"
#include "feature.h"
#include "view_inside.h"

/* digits: of what is computed four say all there is to it; what occurs in the data is itself. */
static const char *value_text(struct arena *a, const struct column_profile *c, double value, int digits)
{
	char text[TIME_TEXT];

	if (isnan(value))
		return "cannot be computed";
	if (c->type == COLUMN_TIME && isfinite(value)) {
		const char *day = time_rfc3339((int64_t)value, text);

		return arena_printf(a, "%.10s %.5s", day, day + 11);
	}
	return view_cell_number(a, value, digits);
}

/* A number with its point above those of the others (DECIMALS columns are kept for what follows it); other
 * text to the left end of that. */
#define DECIMALS 8
/* A number further from its label is hard to follow to it. */
#define FACT_MOST 20
static void draw_value(struct surface *s, int x, int y, int width, style_id style, const char *text)
{
	size_t number = strspn(text, "+-0123456789.,");
	bool none = strcmp(text, "–") == 0;
	int whole = none ? 1 : (int)strcspn(text, "."), rest = none ? 0 : (int)strlen(text) - whole;

	if ((none || (number > 0 && (!text[number] || !strcmp(text + number, " bit")))) &&
	    whole + (rest > DECIMALS ? rest : DECIMALS) <= width)
		surface_put(s, x + width - DECIMALS - whole, y, style, text);
	else
		surface_put_right(s, x, y, width, style, text);
}

static int draw_fact(struct surface *s, int y, const char *label, const char *value, const char *other)
{
	int half = other ? (s->w - 11) / 2 : s->w - 11 > FACT_MOST ? FACT_MOST : s->w - 11;

	surface_put_cut(s, 0, y, 10, STYLE_LABEL, label, strlen(label));
	draw_value(s, 11, y, half, STYLE_TEXT, value);
	if (other)
		draw_value(s, 12 + half, y, s->w - 12 - half, STYLE_HISTOGRAM_OTHER, other);
	return y + 1;
}

static const char *count_text(struct arena *a, const struct column_profile *c, int which)
{
	double rows = (double)(c->count + c->missing);
	uint64_t value = which == 0 ? c->count : which == 1 ? c->missing : which == 2 ? c->distinct : c->infinite;

	if (which == 1 && c->missing > 0 && rows > 0)
		return arena_printf(a, "%s (%s)", view_cell_count(a, (int64_t)value),
		                    view_cell_percent(a, (double)c->missing / rows));
	return view_cell_count(a, (int64_t)value);
}

static void draw_facts(struct surface *s, struct arena *a, const struct column_profile *c,
                       const struct column_profile *other)
{
	static const char *const counts[] = {"values", "missing", "distinct", "infinite"};
	static const char *const quantiles[] = {"1 %", "5 %", "25 %", "median", "75 %", "95 %", "99 %"};
	int y = 0;

	for (int i = 0; i < 4; i++)
		if (i < 3 || c->infinite > 0)
			y = draw_fact(s, y, counts[i], count_text(a, c, i), other ? count_text(a, other, i) : NULL);
	if (!c->numeric) {
		y++;
		y = draw_fact(s, y, "entropy",
		              isnan(c->entropy) ? "–" : arena_printf(a, "%s bit", view_cell_number(a, c->entropy, 4)),
		              NULL);
		draw_fact(s, y, "imbalance", isnan(c->imbalance) ? "–" : view_cell_number(a, c->imbalance, 4), NULL);
		return;
	}
	y++;
#define FACT(label, field, digits)                                                                           \
	y = draw_fact(s, y, label, value_text(a, c, c->field, digits),                                           \
	              other && other->numeric ? value_text(a, other, other->field, digits) : NULL)
	FACT("mean", mean, 4);
	if (c->type != COLUMN_TIME)
		FACT("sd", sd, 4);
	FACT("min", min, 6);
	for (int i = 0; i < PROFILE_QUANTILES; i++)
		FACT(quantiles[i], quantiles[i], 6);
	FACT("max", max, 6);
	if (c->type != COLUMN_TIME) {
		FACT("skewness", skewness, 4);
		FACT("kurtosis", kurtosis, 4);
		FACT("mad", mad, 4);
	}
#undef FACT
}

static void draw_top(struct surface *s, struct arena *a, const struct column_profile *c,
                     const struct column_profile *other, const char *heading)
{
	struct chart_bar *bars = arena_array(a, c->top_count + 1, sizeof *bars);
	double rows = (double)c->count;
	struct surface list = surface_part(s, 0, 1, s->w, s->h - 1);

	surface_put(s, 0, 0, STYLE_HEADING, heading);
	for (size_t i = 0; i < c->top_count; i++) {
		double share = rows > 0 ? (double)c->top[i].count / rows : 0, theirs = (double)NAN;

		if (other && other->count > 0)
			theirs = (double)profile_top_count(other, c->top[i].value, c->top[i].len) / (double)other->count;
		if (theirs == 0) /* not among its most frequent: not known */
			theirs = (double)NAN;
		bars[i] = (struct chart_bar){.label = c->top[i].len ? c->top[i].value : "(empty)",
		                             .value = share,
		                             .over = theirs,
		                             .text = arena_printf(a, "%6s %10s", view_cell_percent(a, share),
		                                                  view_cell_count(a, (int64_t)c->top[i].count))};
	}
	chart_bars_draw(&list, bars, c->top_count, "no value occurs");
}

/* Milliseconds since 1970 are no axis: hours or days since the first value are. */
static void count_from_first(struct arena *a, const struct column_profile *c, struct chart_histogram *chart)
{
	struct chart_bins *both[] = {&chart->main, &chart->over};
	bool days = c->max - c->min >= 2 * 86400e3;
	double unit = days ? 86400e3 : 3600e3;

	chart->x_label = days ? "days" : "hours";
	chart->title = arena_printf(a, "%s since %s", chart->x_label, value_text(a, c, c->min, 6));
	for (size_t i = 0; i < COUNT_OF(both); i++) {
		double *edges = arena_array(a, both[i]->count + 1, sizeof *edges);

		for (size_t k = 0; both[i]->count > 0 && k <= both[i]->count; k++)
			edges[k] = (both[i]->edges[k] - c->min) / unit;
		both[i]->edges = edges;
	}
	chart->mark = (chart->mark - c->min) / unit;
}

static void draw_main(struct surface *s, struct arena *a, const struct features_pair *pair,
                      const struct column_profile *c, const struct column_profile *other)
{
	const char *now = arena_printf(a, "%s@%lld", pair->now.name, (long long)pair->now.version);
	struct chart_histogram chart = {.mark = (double)NAN, .empty = "no finite value"};

	if (c->count > 1 && c->distinct == c->count && !c->numeric) {
		surface_put(s, 0, 0, STYLE_HEADING, "MOST FREQUENT");
		surface_put(s, 0, 1, STYLE_MUTED, "none: all values are different");
		return;
	}
	if (!c->numeric || c->type == COLUMN_BOOL) {
		draw_top(s, a, c, other, "MOST FREQUENT");
		return;
	}
	view_data_bins(a, c, now, &chart.main);
	if (other && other->numeric)
		view_data_bins(a, other, pair->other_title, &chart.over);
	if (isfinite(c->mean) && !other)
		chart.mark = c->mean;
	if (c->type == COLUMN_TIME && isfinite(c->min) && isfinite(c->max))
		count_from_first(a, c, &chart);
	chart_histogram_draw(s, &chart);
}

/* "income  float  label" */
int view_data_draw_name(struct surface *s, int x, const struct column_profile *c)
{
	struct str roles;
	int left = x + surface_put_cut(s, x, 0, s->w / 2, STYLE_TITLE, c->name, strlen(c->name));

	str_init(&roles);
	column_roles_text(c->roles, &roles);
	left += 2 + surface_put(s, left + 2, 0, STYLE_MUTED, column_type_name(c->type));
	left += 2 + surface_put(s, left + 2, 0, c->roles & ROLE_LABEL ? STYLE_ACCENT : STYLE_MUTED, roles.data);
	str_release(&roles);
	return left;
}

void view_data_draw_small(struct surface *s, const struct features_pair *pair, const struct column_profile *c)
{
	const struct column_profile *other = pair->has_other ? view_data_column(&pair->other, c->name) : NULL;
	struct arena *a = arena_new();
	int facts = c->numeric ? 14 : 7, main = s->h - facts - 3;
	struct surface part;

	view_data_draw_name(s, 0, c);
	/* A sentence instead of a picture. */
	if (c->count > 1 && c->distinct == c->count && !c->numeric)
		main = 6;
	main = main > 16 ? 16 : main;
	if (main >= 6) {
		part = surface_part(s, 0, 2, s->w, main);
		draw_main(&part, a, pair, c, other);
	} else {
		main = 0;
	}
	part = surface_part(s, 0, main ? main + 3 : 2, s->w, s->h - (main ? main + 3 : 2));
	draw_facts(&part, a, c, other);
	arena_free(a);
}

void view_data_draw_shape(struct surface *s, const struct features_pair *pair, const struct column_profile *c)
{
	const struct column_profile *other = pair->has_other ? view_data_column(&pair->other, c->name) : NULL;
	struct surface part = surface_part(s, 0, 1, s->w, s->h - 1);
	struct arena *a = arena_new();

	view_data_draw_name(s, 0, c);
	draw_main(&part, a, pair, c, other);
	arena_free(a);
}
