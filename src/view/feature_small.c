/* One column small, beside the list of columns: its distribution, then what is known of it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assay/chart.h"
#include "feature.h"
#include "view_inside.h"

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

static void draw_main(struct surface *s, struct arena *a, const struct features_pair *pair,
                      const struct column_profile *c, const struct column_profile *other)
{
	const char *now = arena_printf(a, "%s@%lld", pair->now.name, (long long)pair->now.version);
	struct chart_histogram chart = {.mark = (double)NAN,
	                                .empty = c->count ? "no finite value" : "every value is missing"};

	if (c->count > 1 && c->distinct == c->count && !c->numeric) {
		surface_put(s, 0, 0, STYLE_HEADING, "ALL DIFFERENT");
		for (int i = 0; i < (int)c->top_count && i + 1 < s->h; i++)
			surface_put_cut(s, 0, i + 1, s->w, STYLE_TEXT, c->top[i].value, c->top[i].len);
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
	feature_axis(a, c, &chart);
	chart_histogram_draw(s, &chart);
}

int view_data_draw_name(struct surface *s, int x, const struct column_profile *c)
{
	struct arena *a = arena_new();
	const char *roles = view_data_roles(a, c);
	int left = x + surface_put_cut(s, x, 0, s->w / 2, STYLE_TITLE, c->name, strlen(c->name));

	left += 2 + surface_put(s, left + 2, 0, STYLE_MUTED, column_type_name(c->type));
	if (*roles)
		left += 2 + surface_put(s, left + 2, 0, c->roles & ROLE_LABEL ? STYLE_ACCENT : STYLE_MUTED, roles);
	arena_free(a);
	return left;
}

void view_data_draw_small(struct surface *s, const struct features_pair *pair, const struct column_profile *c)
{
	const struct column_profile *other = pair->has_other ? view_data_column(&pair->other, c->name) : NULL;
	struct arena *a = arena_new();
	int facts = c->numeric ? 17 : 5, main = s->h - facts - 3;
	/* Without a cursor. */
	struct feature_page facts_page = {.a = a, .pair = pair, .c = c, .other = other, .at = SIZE_MAX};
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
	facts_page.s = surface_part(s, 0, main ? main + 3 : 2, s->w, s->h - (main ? main + 3 : 2));
	feature_facts(&facts_page, 0, 0, s->w, false);
	free(facts_page.spots);
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
