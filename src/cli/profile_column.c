/* Everything about one column, for people: `assay data profile NAME --column COL`. */
#include <math.h>

#include "cli_data.h"

enum { BAR = 30, LONGEST = 30, BAR_ROWS = 16 };

void value_cut(const char *value, size_t len, size_t longest, struct str *out)
{
	size_t fit = 0, shown = 0;
	while (fit < len && shown < longest) {
		for (fit++; fit < len && ((unsigned char)value[fit] & 0xC0) == 0x80;)
			fit++;
		shown++;
	}
	str_add(out, value, fit);
	if (fit < len)
		str_adds(out, sign("…", "~"));
}

const char *about(bool exact)
{
	return exact ? "" : sign("≈", "~");
}

/* A bar of eighths of a cell; whatever is there at all shows. */
static void bar_text(double share, struct str *out)
{
	static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	int cells = share > 0 ? (int)ceil(share * BAR * 8) : 0;
	bool utf8 = *sign("1", "") != 0;
	for (int i = 0; i < cells / 8; i++)
		str_adds(out, utf8 ? "█" : "#");
	if (cells % 8)
		str_adds(out, utf8 ? eighths[cells % 8] : "#");
}

static void share_text(double share, struct str *out)
{
	if (share < 0.001)
		str_adds(out, share > 0 ? "<0.1 %" : "0 %");
	else
		str_addf(out, "%.1f %%", share * 100);
}

static void add_count(struct str *out, uint64_t count)
{
	char text[NUM_TEXT];
	str_adds(out, count_people((int64_t)count, text));
}

/* A quantile, a fence, an edge: what occurs in the data, or lies between. */
static void add_point(struct str *out, double value)
{
	char text[NUM_TEXT];
	str_adds(out, isnan(value) ? sign("–", "-") : num_value(value, text));
}

static void add_number(struct str *out, double value)
{
	char text[NUM_TEXT];
	str_adds(out, number_text(value, text));
}

/* As fine as the times of the column are; what is computed may lie between two days. */
static void add_time(struct str *out, const struct time_facts *t, double ms)
{
	enum { DATE = 10, SECONDS = 19 };
	char text[TIME_TEXT];
	time_rfc3339((int64_t)ms, text);
	if (t && strcmp(t->unit, "day") == 0 && fmod(ms, 86400e3) == 0)
		str_add(out, text, DATE);
	else if (t && strcmp(t->unit, "millisecond") != 0)
		str_addf(out, "%.*sZ", SECONDS, text);
	else
		str_adds(out, text);
}

/* A value of the column: a time is no number of milliseconds. */
static void add_value(struct str *out, const struct column_profile *p, double value)
{
	if (p->type == COLUMN_TIME && isfinite(value))
		add_time(out, p->time, value);
	else
		add_point(out, value);
}

/* ---- lines of "label   text" ---- */

struct page {
	struct arena *mem;
	struct fact facts[24];
	size_t count;
	struct str line;
};

static void end_line(struct page *g, const char *label)
{
	g->facts[g->count++] = (struct fact){label, arena_strdup(g->mem, g->line.data)};
	str_clear(&g->line);
}

static void rows_lines(struct page *g, const struct profile *all, const struct column_profile *p)
{
	struct str *line = &g->line;
	str_adds(line, p->name);
	end_line(g, "column");
	str_addf(line, "%s, ", column_type_name(p->type));
	struct str roles;
	str_init(&roles);
	str_adds(line, column_roles_text(p->roles, &roles));
	str_release(&roles);
	end_line(g, "type");
	add_count(line, all->rows);
	if (all->weights == STATS_FREQUENCY)
		str_addf(line, " (written out as %s says)", all->weight);
	end_line(g, "rows");
	add_count(line, p->missing);
	if (p->missing) {
		str_adds(line, " (");
		share_text((double)p->missing / (double)(p->missing + p->count), line);
		str_adds(line, ")");
	}
	for (size_t i = 0; i < p->missing_by_count; i++) {
		const struct value_count *m = &p->missing_by[i];
		str_adds(line, i ? ", " : ": ");
		if (m->len) {
			str_adds(line, "\"");
			value_cut(m->value, m->len, LONGEST, line);
			str_adds(line, "\" ");
		} else {
			str_adds(line, "empty ");
		}
		add_count(line, m->count);
	}
	end_line(g, "missing");
	str_adds(line, about(!p->bounds || p->bounds->distinct.low == p->bounds->distinct.high));
	add_count(line, p->distinct);
	if (p->bounds && p->bounds->distinct.low != p->bounds->distinct.high) {
		str_adds(line, " (");
		add_count(line, (uint64_t)p->bounds->distinct.low);
		str_adds(line, " to ");
		add_count(line, (uint64_t)ceil(p->bounds->distinct.high));
		str_adds(line, ")");
	}
	end_line(g, "distinct");
	if (p->infinite) {
		add_count(line, p->infinite);
		end_line(g, "infinite");
	}
}

static void pair(struct str *line, const char *name, double value)
{
	str_addf(line, "%s%s ", line->len ? ", " : "", name);
	add_number(line, value);
}

/* Beyond two fences: how many below the one and above the other. */
static void outside(struct page *g, const char *label, const struct column_profile *p, bool far)
{
	const struct fences *f = &p->fences;
	const char *mark = about(!p->bounds);
	struct str *line = &g->line;
	const size_t below = far ? f->far_below : f->below, above = far ? f->far_above : f->above;
	str_addf(line, "beyond %s", mark);
	add_point(line, far ? f->far_low : f->low);
	str_addf(line, " and %s", mark);
	add_point(line, far ? f->far_high : f->high);
	str_addf(line, ": %s", mark);
	add_count(line, below);
	str_addf(line, " and %s", mark);
	add_count(line, above);
	str_adds(line, " (");
	share_text((double)(below + above) / (double)(p->count - p->infinite), line);
	str_adds(line, ")");
	end_line(g, label);
}

static void number_lines(struct page *g, const struct column_profile *p)
{
	const bool exact = !p->bounds;
	struct str *line = &g->line;
	add_number(line, p->mean);
	end_line(g, "mean");
	pair(line, "sd", p->sd);
	pair(line, "variance", p->variance);
	str_addf(line, ", median deviation %s", about(exact || p->bounds->mad_low == p->bounds->mad_high));
	add_point(line, p->mad);
	end_line(g, "spread");
	pair(line, "skewness", p->skewness);
	pair(line, "excess kurtosis", p->kurtosis);
	end_line(g, "shape");
	pair(line, "sum", p->sum);
	pair(line, "lag-1 autocorrelation", p->lag1);
	end_line(g, "rows");
	g->facts[g->count - 1].label = "of all";
	if (isnan(p->fences.low))
		return;
	outside(g, "outside", p, false);
	outside(g, "far out", p, true);
}

static void weighted_lines(struct page *g, const struct profile *all, const struct column_profile *p)
{
	const struct weighted *w = &p->weighted->moments;
	struct str *line = &g->line;
	str_addf(line, "%s, a sampling weight", all->weight);
	end_line(g, "weighted by");
	if (p->type == COLUMN_TIME)
		add_value(line, p, w->mean);
	else
		add_number(line, w->mean);
	if (p->type != COLUMN_TIME) {
		pair(line, "standard error", w->se);
		pair(line, "sd", w->sd);
	}
	end_line(g, "  mean");
	add_count(line, (uint64_t)w->rows);
	str_adds(line, " are worth ");
	add_number(line, w->effective);
	str_adds(line, " drawn alike");
	pair(line, "design effect", w->design_effect);
	end_line(g, "  rows");
	/* Of no weight at all there is no share. */
	if (isnan(p->weighted->missing))
		add_number(line, p->weighted->missing);
	else
		share_text(p->weighted->missing, line);
	end_line(g, "  missing");
}

static void text_lines(struct page *g, const struct column_profile *p)
{
	const struct text_facts *t = p->text;
	const struct {
		uint64_t count;
		const char *what;
	} parts[] = {{t->blank, "nothing but blanks"},
	             {t->edge_blanks, "blanks before or behind"},
	             {t->not_ascii, "letters or signs beyond ASCII"},
	             {t->not_utf8, "bytes that are no UTF-8"}};
	struct str *line = &g->line;
	if (!isnan(profile_entropy(p))) {
		add_number(line, profile_entropy(p));
		str_adds(line, " bits");
		if (!isnan(profile_imbalance(p)))
			pair(line, "imbalance", profile_imbalance(p));
		end_line(g, "entropy");
	}
	add_count(line, t->length_min);
	if (t->length_max != t->length_min) {
		str_adds(line, " to ");
		add_count(line, t->length_max);
		str_adds(line, " characters");
		pair(line, "mean", t->length_mean);
		pair(line, "sd", t->length_sd);
	} else {
		str_addf(line, " character%s", PLURAL(t->length_max));
	}
	end_line(g, "length");
	add_number(line, t->words_mean);
	str_adds(line, " a value");
	end_line(g, "words");
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		if (!parts[i].count)
			continue;
		str_addf(line, "%s%s: ", line->len ? ", " : "", parts[i].what);
		add_count(line, parts[i].count);
	}
	if (line->len)
		end_line(g, "found");
}

static void time_lines(struct page *g, const struct time_facts *t)
{
	char text[TIME_TEXT];
	struct str *line = &g->line;
	str_addf(line, "to the %s, %s", t->unit,
	         t->rising ? "no row is earlier than the one before it" : "not in the order of the rows");
	end_line(g, "times");
	if (!isnan(t->step)) {
		str_adds(line, time_span((int64_t)t->step, text));
		str_adds(line, " between neighbouring times (median)");
		end_line(g, "step");
	}
	if (isnan(t->gap))
		return;
	str_adds(line, time_span((int64_t)t->gap, text));
	str_adds(line, " after ");
	add_time(line, t, t->gap_from);
	end_line(g, "largest gap");
}

/* ---- tables ---- */

static void quantile_table(const struct column_profile *p, const struct cli *c)
{
	static const char *const names[PROFILE_QUANTILES] = {"1 %",  "5 %",  "25 %", "median",
	                                                     "75 %", "95 %", "99 %"};
	struct listing g;
	struct str cell;
	listing_init(&g);
	str_init(&cell);
	listing_column(&g, "quantile", "quantile", GRID_LEFT);
	listing_column(&g, "value", "value", p->type == COLUMN_TIME ? GRID_LEFT : GRID_POINT);
	if (p->bounds)
		listing_column(&g, "within", "within", GRID_LEFT);
	if (p->weighted)
		listing_column(&g, "weighted", "weighted", p->type == COLUMN_TIME ? GRID_LEFT : GRID_POINT);
	for (int i = -1; i <= PROFILE_QUANTILES; i++) {
		bool least = i < 0, most = i == PROFILE_QUANTILES;
		double value = least ? p->min : most ? p->max : p->quantiles[i];
		const struct profile_bounds *b = least || most ? NULL : p->bounds;
		bool known = !b || b->quantile_low[i] == b->quantile_high[i];
		listing_text(&g, least ? "least" : most ? "most" : names[i], GRID_MUTED);
		str_adds(&cell, about(known));
		add_value(&cell, p, value);
		listing_text(&g, cell.data, GRID_PLAIN);
		str_clear(&cell);
		if (p->bounds) {
			if (!known) {
				add_value(&cell, p, b->quantile_low[i]);
				str_adds(&cell, " to ");
				add_value(&cell, p, b->quantile_high[i]);
			}
			listing_text(&g, cell.data, GRID_MUTED);
			str_clear(&cell);
		}
		if (p->weighted) {
			const struct weighted_profile *w = p->weighted;
			add_value(&cell, p, least ? w->moments.min : most ? w->moments.max : w->quantiles[i]);
			listing_text(&g, cell.data, GRID_PLAIN);
			str_clear(&cell);
		}
	}
	heading_print("Quantiles", c, stdout);
	listing_print(&g, c, stdout);
	str_release(&cell);
	listing_release(&g);
}

/* A table of which each line says what, how often, which share, and that as a bar. */
struct bars {
	struct listing g;
	struct str cell;
	double most, all, width; /* most: rows of a line, over its width; widths in those of a whole line */
};

static void bars_begin(struct bars *b, const char *what, enum listing_align align, double most, double all)
{
	listing_init(&b->g);
	str_init(&b->cell);
	b->most = most;
	b->all = all;
	b->width = 1;
	listing_column(&b->g, what, what, align);
	listing_column(&b->g, "rows", "rows", GRID_RIGHT);
	listing_column(&b->g, "share", "share", GRID_RIGHT);
	listing_column(&b->g, "", "bar", GRID_LEFT);
}

/* b->cell holds what. */
static void bars_line(struct bars *b, double rows, bool exact)
{
	listing_text(&b->g, b->cell.data, GRID_PLAIN);
	str_clear(&b->cell);
	str_adds(&b->cell, about(exact));
	add_count(&b->cell, (uint64_t)rows);
	listing_text(&b->g, b->cell.data, GRID_PLAIN);
	str_clear(&b->cell);
	share_text(b->all > 0 ? rows / b->all : 0, &b->cell);
	listing_text(&b->g, b->cell.data, GRID_MUTED);
	str_clear(&b->cell);
	bar_text(b->most > 0 ? rows / b->width / b->most : 0, &b->cell);
	listing_text(&b->g, b->cell.data, GRID_ACCENT);
	str_clear(&b->cell);
}

static void bars_end(struct bars *b, const char *heading, const struct cli *c)
{
	heading_print(heading, c, stdout);
	listing_print(&b->g, c, stdout);
	listing_release(&b->g);
	str_release(&b->cell);
}

/* times: of items that are times; else NULL. */
static void count_table(const char *heading, const char *what, const struct value_count *items, size_t count,
                        const struct time_facts *times, uint64_t rows, uint64_t others, bool exact,
                        const struct cli *c)
{
	struct bars b;
	char number[NUM_TEXT];
	int64_t ms;
	if (!count)
		return;
	bars_begin(&b, what, GRID_LEFT, (double)items[0].count, (double)rows);
	for (size_t i = 0; i < count; i++) {
		if (times && time_parse(items[i].value, items[i].len, &ms))
			add_time(&b.cell, times, (double)ms);
		else
			value_cut(items[i].value, items[i].len, LONGEST, &b.cell);
		bars_line(&b, (double)items[i].count, exact);
	}
	bars_end(&b, heading, c);
	if (others)
		safe_fprintf(stdout, "%s and %s other%s\n", sign("…", "..."), count_people((int64_t)others, number),
		             PLURAL(others));
}

/* The line that begins with an edge or before it. Ends may be as far apart as numbers are, or as close. */
static size_t line_at(double edge, double low, double width)
{
	return (size_t)fmin(edge / width - low / width + 1e-9, BAR_ROWS - 1);
}

/* Neighbouring bins together, BAR_ROWS lines of them at most, as wide as each other where bins allow that: a bar is as long
 * as its line is dense, so that one that covers less does not look like a gap. */
static void histogram_table(const struct column_profile *p, const struct cli *c)
{
	size_t first[BAR_ROWS + 1] = {0}, lines = 0;
	double rows[BAR_ROWS] = {0}, most = 0, all = 0, low, width;
	struct arena *mem = arena_new();
	struct column_profile d;
	struct bars b;
	profile_draw(p, mem, &d);
	if (!d.bins || d.distinct < 2 || d.type == COLUMN_BOOL)
		goto out;
	low = d.edges[0];
	width = d.edges[d.bins] / BAR_ROWS - low / BAR_ROWS;
	width = d.step > 0 ? d.step * ceil(width / d.step - 1e-9) : width > 0 ? width : d.edges[d.bins] - low;
	for (size_t i = 0; i < d.bins; i++) {
		/* Where values have hardly any others between them, bins at the end may have no width. */
		if (i == 0 || (d.edges[i] < d.edges[d.bins] &&
		               line_at(d.edges[i], low, width) != line_at(d.edges[first[lines - 1]], low, width)))
			first[lines++] = i;
		rows[lines - 1] += (double)d.bin_counts[i];
		first[lines] = i + 1;
	}
	for (size_t i = 0; i < lines; i++) {
		all += rows[i];
		most = fmax(most, rows[i] / (d.edges[first[i + 1]] / width - d.edges[first[i]] / width));
	}
	bars_begin(&b, "from", p->type == COLUMN_TIME ? GRID_LEFT : GRID_POINT, most, all);
	for (size_t i = 0; i < lines; i++) {
		double from = d.edges[first[i]], to = d.edges[first[i + 1]], last;
		b.width = to / width - from / width;
		profile_values_between(&d, from, to, &from, &last);
		add_value(&b.cell, p, from);
		bars_line(&b, rows[i], !p->bounds || p->bounds->astray == 0);
	}
	bars_end(&b, "Distribution", c);
out:
	arena_free(mem);
}

static void period_table(const char *heading, const char *const *names, const uint64_t *counts, size_t n,
                         const struct cli *c)
{
	struct bars b;
	uint64_t most = 0, all = 0;
	for (size_t i = 0; i < n; i++) {
		most = counts[i] > most ? counts[i] : most;
		all += counts[i];
	}
	bars_begin(&b, "", GRID_LEFT, (double)most, (double)all);
	for (size_t i = 0; i < n; i++) {
		if (names)
			str_adds(&b.cell, names[i]);
		else
			str_addf(&b.cell, "%02zu:00", i);
		bars_line(&b, (double)counts[i], true);
	}
	bars_end(&b, heading, c);
}

static void time_tables(const struct time_facts *t, const struct cli *c)
{
	static const char *const days[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
	                                   "Friday", "Saturday", "Sunday"};
	static const char *const months[] = {"January",   "February", "March",    "April",
	                                     "May",       "June",     "July",     "August",
	                                     "September", "October",  "November", "December"};
	if (strcmp(t->unit, "day") != 0)
		period_table("Hours (UTC)", NULL, t->by_hour, COUNT_OF(t->by_hour), c);
	period_table("Weekdays", days, t->by_weekday, COUNT_OF(t->by_weekday), c);
	period_table("Months", months, t->by_month, COUNT_OF(t->by_month), c);
}

void profile_print_column(const struct profile *all, const struct column_profile *p, const struct cli *c)
{
	/* Numbers of which none comes often have no frequent ones worth telling. */
	const bool top = p->top_count && p->top[0].count > 1 && (p->text || p->top[0].count >= p->count / 1000);
	struct page g = {.mem = arena_new()};
	str_init(&g.line);
	rows_lines(&g, all, p);
	if (p->numeric && p->type != COLUMN_TIME)
		number_lines(&g, p);
	if (p->text)
		text_lines(&g, p);
	if (p->time)
		time_lines(&g, p->time);
	if (p->weighted)
		weighted_lines(&g, all, p);
	facts_print(g.facts, g.count, c, stdout);
	if (p->numeric && p->bins && p->type != COLUMN_BOOL)
		quantile_table(p, c);
	histogram_table(p, c);
	if (top)
		count_table("Most frequent", "value", p->top, p->top_count, p->time, p->count,
		            p->distinct > p->top_count ? p->distinct - p->top_count : 0,
		            !p->bounds || p->bounds->top_error == 0, c);
	if (p->text && p->text->shape_all > 1)
		count_table("Shapes", "shape", p->text->shapes, p->text->shape_count, NULL, p->count,
		            p->text->shape_all - p->text->shape_count, true, c);
	if (p->time)
		time_tables(p->time, c);
	str_release(&g.line);
	arena_free(g.mem);
}
