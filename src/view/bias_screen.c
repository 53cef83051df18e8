/* Bias: the report as it is drawn. */
#include <math.h>
#include <string.h>

#include "bias_report.h"

/* What mends it, where no report could be made. */
static const char *hint_of(const struct report_view *r)
{
	bool divided = r->by.count > 0;

	if (!r->answer)
		return "";
	for (size_t i = 0; i < r->answer->column_count; i++)
		divided = divided || r->answer->columns[i].protected_;
	if (r->answer->data && !r->answer->label)
		return "The data says no label: it is not known how the cases ended. Register it with one, or take "
		       "other "
		       "data:\n\n"
		       "$ assay data add NAME FILE.csv --label COLUMN --protected COLUMN,COLUMN\n"
		       "$ assay bias RUN --data NAME --by COLUMN,COLUMN";
	if (r->answer->column_count > 0 && !divided)
		return "C  chooses the columns to compare by\n\n"
		       "$ assay bias RUN --by COLUMN,COLUMN\n\n"
		       "or once for all:\n\n"
		       "$ assay data add NAME FILE.csv --label COLUMN --protected COLUMN,COLUMN";
	return "$ assay bias RUN --data NAME --by COLUMN,COLUMN";
}

/* by  sex  people  age: which one is shown. Returns the columns used. */
static int draw_partitions(const struct report_view *r, struct surface *s, int y, size_t from, size_t count,
                           size_t active)
{
	int x = 1 + surface_put(s, 1, y, STYLE_LABEL, "by") + 2, used;
	size_t first = from;

	/* As tabs: the active one is always in sight. */
	for (;;) {
		used = x;
		for (size_t i = first; i <= active; i++)
			used += surface_width(s, r->report.partitions[i].name, strlen(r->report.partitions[i].name)) + 3;
		if (used <= s->w || first == active)
			break;
		first++;
	}
	for (size_t i = first; i < from + count && x < s->w; i++) {
		const char *name = r->report.partitions[i].name;

		x += surface_put_cut(s, x, y, s->w - x - 1,
		                     i == active ? STYLE_ACCENT | STYLE_UNDERLINE : STYLE_MUTED, name, strlen(name)) +
		     3;
	}
	return x;
}

static void right_text(struct surface *s, int y, int from, const char *text)
{
	int w = surface_width(s, text, strlen(text));

	if (s->w - 1 - w > from)
		surface_put_right(s, from, y, s->w - 1 - from, STYLE_MUTED, text);
}

/* How many are selected, and how many decisions are right, over all cases of the partition. */
static const char *overall(const struct report_view *r, size_t by, char *out, size_t size)
{
	uint64_t n = 0, selected = 0, right = 0;

	for (size_t i = r->report.first[by]; i < r->report.first[by + 1]; i++) {
		const struct bias_group *g = &r->report.groups[i];

		n += g->n;
		selected += g->tp + g->fp;
		right += g->tp + g->tn;
	}
	if (n == 0)
		return "";
	snprintf(out, size, "selects %.1f %%   accuracy %.1f %%", 100.0 * (double)selected / (double)n,
	         100.0 * (double)right / (double)n);
	return out;
}

/* At least two decimals, so that it does not dance while it moves. */
static const char *threshold_text(double threshold, char out[NUM_TEXT])
{
	num_shortest(threshold, out);
	return strlen(out) < 4 ? bias_text(threshold, 2, out) : out;
}

static void draw_threshold(const struct report_view *r, struct surface *s, int y, size_t by)
{
	char text[96], number[NUM_TEXT];
	int width = s->w >= 120 ? 60 : s->w >= 78 ? 28 : s->w - 40, x = 16;

	if (!bias_has_scores(r->loaded->cases.table)) {
		surface_put(s, 1, y, STYLE_MUTED, "decisions as given: there is no threshold to move");
		return;
	}
	surface_put(s, 1, y, STYLE_LABEL, "threshold");
	surface_put(s, 11, y, STYLE_ACCENT, threshold_text(r->threshold, number));
	x = 11 + (int)strlen(number) < x ? x : 12 + (int)strlen(number);
	if (width >= 5)
		bias_draw_slider(s, x, y, width, r->threshold, r->loaded->own);
	right_text(s, y, x + (width > 0 ? width : 0) + 1, overall(r, by, text, sizeof text));
}

static void draw_limits(const struct report_view *r, struct surface *s, int y, size_t by)
{
	const char *name = r->report.partitions[by].name;
	struct str text;
	double seen[2] = {(double)NAN, (double)NAN};

	str_init(&text);
	/* Most limits of a kind are one number: it is said once. */
	for (int kind = 0; kind < 2; kind++)
		for (size_t i = 0; i < r->loaded->limit_count; i++) {
			const struct bias_limit *l = &r->loaded->limits[i];

			if (l->at_least != (kind == 0) || strcmp(l->by, name) != 0 || l->limit == seen[kind])
				continue;
			str_addf(&text, "%s%s %s %.2f", text.len ? ", " : "",
			         strstr(l->measure, "ratio")        ? "ratio"
			         : strstr(l->measure, "difference") ? "gap"
			                                            : l->measure,
			         l->at_least ? "≥" : "≤", l->limit);
			seen[kind] = l->limit;
		}
	surface_put(s, 1, y, STYLE_LABEL, "limits");
	str_addf(&text, "%s%s  %g %% intervals  n ≥ %llu", text.len ? "  " : "", r->loaded->limits_from[by],
	         r->loaded->level * 100, (unsigned long long)r->loaded->minimum);
	if (r->loaded->no_policy)
		str_addf(&text, "  no policy is known: %s", r->loaded->no_policy);
	surface_put_cut(s, 11, y, s->w - 12, r->loaded->no_policy ? STYLE_WARN : STYLE_MUTED, text.data,
	                text.len);
	str_release(&text);
}

/* The pair of groups that is furthest apart among all intersections. */
static const struct bias_measure *worst_intersection(const struct report_view *r)
{
	const struct bias_measure *worst = NULL;

	for (size_t i = 0; i < r->report.measure_count; i++) {
		const struct bias_measure *m = &r->report.measures[i];

		if (m->scope == BIAS_WORST && m->by != BIAS_NONE && r->report.partitions[m->by].depth > 1 &&
		    strcmp(m->name, "demographic_parity_ratio") == 0 && isfinite(m->v.value) && m->a != BIAS_NONE &&
		    (!worst || m->v.value < worst->v.value))
			worst = m;
	}
	return worst;
}

static void draw_worst(const struct report_view *r, struct surface *s, int y)
{
	const struct bias_measure *m = worst_intersection(r);
	const struct bias_value *rate;
	const char *name;
	char text[96];
	bool brief;
	int x, w;

	if (!m || y >= s->h)
		return;
	name = r->report.groups[m->a].name;
	rate = &r->report.groups[m->a].rate[BIAS_SELECTION_RATE];
	x = 3 + surface_put(s, 3, y, STYLE_LABEL, "worst intersection") + 2;
	if (s->w >= 110)
		snprintf(text, sizeof text, "selected %.3f [%.3f, %.3f]   ratio %.3f [%.3f, %.3f]", rate->value,
		         rate->low, rate->high, m->v.value, m->v.low, m->v.high);
	else
		snprintf(text, sizeof text, "%.3f  ratio %.3f", rate->value, m->v.value);
	/* "▲ at the limit" where there is room for it. */
	brief = s->w - x - (int)strlen(text) - surface_width(s, name, strlen(name)) < 4 + 14;
	w = s->w - x - (int)strlen(text) - 4 - (brief ? 12 : 14);
	x += bias_put_name(s, x, y, w > 6 ? w : 6, STYLE_TEXT, name) + 2;
	x += surface_put(s, x, y, STYLE_MUTED, text) + 2;
	if (m->limit)
		bias_draw_verdict(s, x, y, m->v.verdict, brief);
}

/* ---- the numbers of a row, one by one ---- */

static void explain(const struct report_view *r, const struct bias_rows *rows,
                    const struct bias_number *number, struct arena *a, struct bias_explanation *out)
{
	if (number->is_rate)
		bias_explain_rate(&r->report, rows->groups[rows->at], (enum bias_rate)number->index, a, out);
	else
		bias_explain_measure(&r->report, number->index, a, out);
}

static void draw_number(const struct report_view *r, const struct bias_rows *rows, struct surface *s, int y,
                        const struct bias_number *number, bool here)
{
	const struct bias_value *v = number->is_rate
	                                 ? &r->report.groups[rows->groups[rows->at]].rate[number->index]
	                                 : &r->report.measures[number->index].v;
	char words[64], text[NUM_TEXT];
	const char *name = number->is_rate
	                       ? bias_rate_words((enum bias_rate)number->index)
	                       : bias_words(r->report.measures[number->index].name, words, sizeof words);

	if (here) {
		surface_glyph(s, 1, y, STYLE_ROW_CURSOR, GLYPH_CURSOR);
		surface_cursor(s, 1, y, false);
	}
	surface_put_cut(s, 3, y, s->w - 11, here ? STYLE_ROW_CURSOR : STYLE_TEXT, name, strlen(name));
	surface_put_right(s, s->w - 8, y, 6, (style_id)(isnan(v->value) ? STYLE_MUTED : STYLE_TEXT),
	                  bias_text(v->value, 3, text));
	if (v->verdict == BIAS_FAILS || v->verdict == BIAS_AT_LIMIT)
		surface_glyph(s, s->w - 1, y, bias_verdict_style(v->verdict),
		              v->verdict == BIAS_FAILS ? GLYPH_BAD : GLYPH_WARN);
}

/* The numbers of the row; between a group's own and its comparisons stands whom it is compared with. */
static void draw_numbers(struct report_view *r, const struct bias_rows *rows, struct surface *s,
                         const struct bias_number *all, size_t count)
{
	int y = 0, height = s->h;

	if (r->number < r->number_top)
		r->number_top = r->number;
	if (height > 3 && r->number + 3 >= r->number_top + (size_t)height)
		r->number_top = r->number + 3 - (size_t)height + 1;
	for (size_t i = r->number_top; i < count && y < height; i++) {
		if (i > 0 && all[i - 1].is_rate && !all[i].is_rate) {
			const char *name = r->report.groups[r->report.reference[rows->by]].name;
			int used = surface_put(s, 3, y + 1, STYLE_HEADING, "against ");

			surface_put_cut(s, 3 + used, y + 1, s->w - used - 4, STYLE_HEADING, name, strlen(name));
			y += 2;
		}
		draw_number(r, rows, s, y++, &all[i], i == r->number);
	}
}

/* Which comparison gives a group its verdict: the first of those that are as bad. NULL: none does. */
static const char *cause_of(const struct report_view *r, const struct bias_rows *rows,
                            const struct bias_number *all, size_t count, enum term_charset charset,
                            struct arena *a)
{
	const struct bias_group *g =
	    rows->at < rows->group_count ? &r->report.groups[rows->groups[rows->at]] : NULL;
	char words[64];

	if (!g || (g->verdict != BIAS_FAILS && g->verdict != BIAS_AT_LIMIT))
		return NULL;
	for (size_t i = 0; i < count; i++) {
		const struct bias_measure *m = all[i].is_rate ? NULL : &r->report.measures[all[i].index];

		if (!m || !m->limit || m->v.verdict != g->verdict)
			continue;
		return arena_printf(a, "%s %s by %s against %s: %.3f [%.3f, %.3f]",
		                    term_glyph(charset, g->verdict == BIAS_FAILS ? GLYPH_BAD : GLYPH_WARN),
		                    bias_verdict_name(g->verdict), bias_words(m->name, words, sizeof words),
		                    r->report.groups[r->report.reference[rows->by]].name, m->v.value, m->v.low,
		                    m->v.high);
	}
	return NULL;
}

/* What the number is, and why the group that it is of has its verdict. */
static void draw_explained(const struct report_view *r, const struct bias_rows *rows, struct surface *s,
                           const struct bias_number *all, size_t count, size_t number, struct arena *a)
{
	const char *cause = cause_of(r, rows, all, count, surface_charset(s), a);
	struct bias_explanation e;

	explain(r, rows, &all[number], a, &e);
	bias_draw_explanation(s, &e, cause,
	                      cause ? bias_verdict_style(r->report.groups[rows->groups[rows->at]].verdict) : 0);
}

static void draw_explaining(struct report_view *r, const struct bias_rows *rows, struct surface *s)
{
	int left = s->w < 64 ? 0 : 41, width = s->w - left - 3;
	struct surface part = surface_part(s, 0, 0, left, s->h);
	struct arena *a = arena_new();
	size_t count;
	const struct bias_number *all = bias_numbers(rows, a, &count);

	if (r->number >= count)
		r->number = count - 1;
	draw_numbers(r, rows, &part, all, count);
	if (left > 0)
		surface_vline(s, left, 0, s->h, STYLE_BORDER);
	part = surface_part(s, left + 2, 0, width > 84 ? 84 : width, s->h);
	draw_explained(r, rows, &part, all, count, r->number, a);
	arena_free(a);
}

static void draw_explanation_below(struct report_view *r, const struct bias_rows *rows, struct surface *s)
{
	struct surface part = surface_part(s, 3, 1, s->w - 6 > 110 ? 110 : s->w - 6, s->h - 1);
	struct arena *a = arena_new();
	size_t count;
	const struct bias_number *all = bias_numbers(rows, a, &count);

	surface_hline(s, 3, 0, s->w - 6, STYLE_BORDER);
	draw_explained(r, rows, &part, all, count, bias_numbers_at(rows), a);
	arena_free(a);
}

/* One line about what the table does not show. */
static bool has_foot(const struct report_view *r, const struct bias_rows *rows)
{
	return r->tab == TAB_GROUPS ? worst_intersection(r) != NULL : r->report.partitions[rows->by].pruned > 0;
}

static void draw_foot(const struct report_view *r, const struct bias_rows *rows, struct surface *s, int y)
{
	const struct bias_partition *p = &r->report.partitions[rows->by];

	if (r->tab == TAB_GROUPS)
		draw_worst(r, s, y);
	else
		surface_printf(s, 3, y, STYLE_MUTED, "%zu group%s with fewer than %d cases %s not shown (%zu cases)",
		               p->pruned, p->pruned == 1 ? "" : "s", BIAS_SUPPORT, p->pruned == 1 ? "is" : "are",
		               p->pruned_cases);
}

enum { FOOT_FROM = 8 }; /* rows */

static void draw_rows(struct report_view *r, struct surface *s)
{
	struct bias_rows *rows = bias_report_rows(r);
	int foot = s->h >= FOOT_FROM && has_foot(r, rows) ? 2 : 0;
	/* Where there is room, the number under the cursor is explained without a key. */
	int below = s->h >= 36 && s->w >= 100 ? 14 : 0;
	struct surface part = surface_part(s, 0, 0, s->w, s->h - below - foot);
	int used = bias_draw_rows(rows, &part);

	if (foot > 0)
		draw_foot(r, rows, s, used + 1);
	if (below > 0 && rows->group_count > 0) {
		used += foot + 1;
		part = surface_part(s, 0, used, s->w, s->h - used);
		draw_explanation_below(r, rows, &part);
	}
}

/* In so many rows what frames the table goes: a blank row, then the limits. */
enum { BLANK_FROM = 12, LIMITS_FROM = 10 };

static void draw_report(struct report_view *r, struct surface *s, bool mono)
{
	int y = 2;
	size_t by = r->partition[r->tab];
	struct surface part;
	char n[NUM_TEXT], text[96];

	if (r->tab == TAB_INTERSECTIONS && r->pairs == 0) {
		ui_paragraph(s, 3, 1, STYLE_MUTED,
		             "An intersection needs two columns.\n\nC  chooses the columns to compare by");
		return;
	}
	snprintf(text, sizeof text, "%s cases, %s", count_people((int64_t)r->report.n, n),
	         strcmp(r->loaded->cases.split, "split") == 0 ? "the part kept back" : "its test set");
	if (r->loaded->cases.unlabelled > 0)
		snprintf(text + strlen(text), sizeof text - strlen(text), ", %zu unlabelled",
		         r->loaded->cases.unlabelled);
	right_text(s, 0,
	           draw_partitions(r, s, 0, r->tab == TAB_INTERSECTIONS ? r->singles : 0,
	                           r->tab == TAB_INTERSECTIONS ? r->pairs : r->singles, by),
	           text);
	if (r->tab == TAB_CALIBRATION) {
		part = surface_part(s, 0, 2, s->w, s->h - 2);
		if (r->calibration && r->calibration->by == by && r->calibration->groups)
			bias_draw_calibration(&part, &r->report, by, r->calibration->groups, mono);
		else
			surface_put(&part, 3, 0, STYLE_MUTED,
			            bias_has_scores(r->loaded->cases.table) ? "Reading…" : "there are no scores");
		return;
	}
	draw_threshold(r, s, 1, by);
	if (s->h >= LIMITS_FROM)
		draw_limits(r, s, y++, by);
	if (s->h >= BLANK_FROM)
		y++;
	part = surface_part(s, 0, y, s->w, s->h - y);
	if (r->explaining)
		draw_explaining(r, bias_report_rows(r), &part);
	else
		draw_rows(r, &part);
}

void bias_report_draw(struct report_view *r, struct surface *s, bool mono)
{
	struct surface body = surface_part(s, 0, 1, s->w, s->h - 1);
	int y;

	ui_tabs_draw(s, 0, BIAS_TABS, TABS, r->tab);
	if (r->fault[0]) {
		y = ui_paragraph(&body, 3, 1, r->answer && r->answer->fault ? STYLE_WARN : STYLE_ERROR, r->fault);
		ui_paragraph(&body, 3, y + 2, STYLE_MUTED, hint_of(r));
	} else if (!r->has_report) {
		surface_put(&body, 3, 1, STYLE_MUTED, "Reading the data, scoring it, dividing it…");
	} else {
		draw_report(r, &body, mono);
	}
}
