/*
 * Columns by groups for people. Where all groups have room side by side, a table has a column a group; where they do
 * not, it says between which groups a column differs most. Whole columns and programs get every group.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli_data.h"
#include "cli_split.h"

/* Widths of what stands before the groups, and of a group. */
enum { NAME_WIDTH = 16, BEFORE_WIDTH = 36, GROUP_WIDTH = 12, VALUE_WIDTH = 9, WIDE = 110 };

/* Made safe and cut to so many columns. */
static void add_clipped(struct str *out, const char *text, int width)
{
	struct str safe;
	int used;
	str_init(&safe);
	safe_text(&safe, text, strlen(text), 0);
	size_t fit = text_fit(safe.data, safe.len, width, &used);
	if (fit < safe.len)
		fit = text_fit(safe.data, safe.len, width - 1, &used);
	str_add(out, safe.data, fit);
	if (fit < safe.len)
		str_adds(out, sign("…", "~"));
	str_release(&safe);
}

static double share(uint64_t part, uint64_t all)
{
	return all ? (double)part / (double)all : 0;
}

static void add_share(struct str *out, double part)
{
	double percent = 100 * part;
	if (isnan(part))
		return;
	if (part > 0 && percent < 1)
		str_adds(out, "<1 %");
	else if (part < 1 && percent >= 99.5)
		str_adds(out, ">99 %");
	else
		str_addf(out, "%.0f %%", percent);
}

static void column_of(struct listing *g, const char *title, enum listing_align align)
{
	struct str text;
	str_init(&text);
	add_clipped(&text, title, NAME_WIDTH);
	listing_column(g, text.data, title, align);
	str_release(&text);
}

static void text_cell(struct listing *g, struct str *text, enum listing_style style)
{
	if (text->len)
		listing_text(g, text->data, style);
	else
		listing_none(g);
	str_clear(text);
}

/* ---- what a group says of a column in one cell ---- */

/* What is told of: rows as they are counted, what is missing of them, or what sampling weights estimate. */
enum told { ROWS, MISSING, WEIGHTED };

static double mean_of(const struct split_group *g, enum told what)
{
	return what == WEIGHTED ? g->weighted->estimates.moments.mean : g->mean;
}

static double value_share(const struct split_group *g, size_t value, enum told what)
{
	if (what == WEIGHTED)
		return g->weighted->values[value];
	return g->rows > g->missing ? share(g->values[value], g->rows - g->missing) : (double)NAN;
}

/* The commonest value of a group: its index. */
static size_t commonest(const struct split *s, const struct split_group *g, enum told what)
{
	size_t most = 0;
	/* Others are no value. */
	for (size_t v = 1; v < s->value_count && v < SPLIT_VALUES_SHOWN; v++)
		if (value_share(g, v, what) > value_share(g, most, what))
			most = v;
	return most;
}

static void add_number(struct str *out, const struct split *s, double value)
{
	char text[TIME_TEXT];
	if (isnan(value))
		return;
	if (s->type == COLUMN_TIME) {
		time_rfc3339((int64_t)value, text);
		text[strlen("2026-10-05")] = '\0';
		str_adds(out, text);
	} else {
		str_adds(out, num_people(value, 4, text));
	}
}

/* The mean, the share of true, or the commonest value with its share. */
static void add_middle(struct str *out, const struct split *s, const struct split_group *g, enum told what)
{
	if (g->rows == g->missing)
		return;
	if (s->type == COLUMN_BOOL) {
		for (size_t v = 0; v < s->value_count; v++)
			if (strcmp(s->value_names[v], "true") == 0 || s->value_count == 1) {
				bool is_true = strcmp(s->value_names[v], "true") == 0;
				double of_true = is_true ? value_share(g, v, what) : 0;
				add_share(out, of_true);
				if (!isnan(of_true))
					str_adds(out, " true");
				return;
			}
	} else if (s->numeric) {
		add_number(out, s, mean_of(g, what));
	} else if (s->value_count) {
		size_t most = commonest(s, g, what);
		if (isnan(value_share(g, most, what)))
			return;
		add_clipped(out, s->value_names[most], GROUP_WIDTH - 5);
		str_addc(out, ' ');
		add_share(out, value_share(g, most, what));
	}
}

/* What groups are put in order by: the mean, the share of the value that is commonest in all, or of what is missing. */
static double height(const struct split *s, const struct split_group *g, enum told what)
{
	if (what == MISSING)
		return g->rows ? share(g->missing, g->rows) : (double)NAN;
	if (s->numeric)
		return mean_of(g, what);
	return s->value_count ? value_share(g, 0, what) : (double)NAN;
}

/* ---- all columns ---- */

/* A cell of `width` of one group's value, with its name. */
static void add_named(struct str *out, const struct split *s, const struct split_group *g, enum told what)
{
	if (s->numeric && what != MISSING)
		add_middle(out, s, g, what);
	else
		add_share(out, height(s, g, what));
	str_adds(out, "  ");
	add_clipped(out, g->name, NAME_WIDTH - 2);
}

/* The groups with the least and the greatest of those that are compared; false: there are no two that differ. */
static bool extremes(const struct split *s, size_t compared, enum told what, size_t *low, size_t *high)
{
	double least = (double)NAN, most = (double)NAN;
	for (size_t k = 0; k < compared; k++) {
		double h = height(s, &s->groups[k], what);
		if (isnan(h))
			continue;
		if (isnan(least) || h < least) {
			least = h;
			*low = k;
		}
		if (isnan(most) || h > most) {
			most = h;
			*high = k;
		}
	}
	return least < most;
}

static void begin_row(struct listing *t, const struct split *s, enum told what, bool which, bool auc)
{
	struct str name;
	str_init(&name);
	str_adds(&name, s->column);
	/* Which value it is that groups have more or less of. */
	if (which && !s->numeric && s->value_count) {
		str_adds(&name, " = ");
		add_clipped(&name, s->value_names[0], NAME_WIDTH);
	}
	listing_text(t, name.data, GRID_PLAIN);
	listing_text(t, column_type_name(s->type), GRID_MUTED);
	if (what != WEIGHTED)
		listing_num(t, what == MISSING ? s->absence.v : s->strength, 3);
	if (auc)
		listing_num(t, s->auc.value, 3);
	str_release(&name);
}

static bool any_missing(const struct split *s)
{
	for (size_t k = 0; k < s->group_count; k++)
		if (s->groups[k].missing)
			return true;
	return false;
}

static void print_columns(const struct split_by *by, const struct split *const *splits, size_t count,
                          enum told what, const struct cli *c)
{
	static const char *const titles[] = {"column", "missing in", "weighted"};
	const int room = terminal_columns();
	const bool auc = by->positive >= 0 && what == ROWS;
	const bool fits = room ? BEFORE_WIDTH + (int)by->group_count * (GROUP_WIDTH + 2) <= room
	                       : by->group_count <= SPLIT_GROUPS + 1;
	struct listing t;
	struct str cell;
	listing_init(&t);
	str_init(&cell);
	listing_column(&t, titles[what], "column", GRID_LEFT);
	listing_column(&t, "type", "type", GRID_LEFT);
	if (what != WEIGHTED)
		listing_column(&t, "differs", "differs", GRID_POINT);
	if (auc)
		listing_column(&t, "AUC", "auc", GRID_POINT);
	for (size_t k = 0; fits && k < by->group_count; k++)
		column_of(&t, by->groups[k].name, GRID_RIGHT);
	if (!fits) {
		listing_column(&t, "least", "least", GRID_LEFT);
		listing_column(&t, "most", "most", GRID_LEFT);
	}
	for (size_t i = 0; i < count; i++) {
		const struct split *s = splits[i];
		size_t low = 0, high = 0;
		/* Of texts and ids there is nothing to tell but what is missing. */
		if (what == MISSING ? !any_missing(s) : !s->numeric && !s->value_count)
			continue;
		begin_row(&t, s, what, !fits && what != MISSING, auc);
		for (size_t k = 0; fits && k < s->group_count; k++) {
			const struct split_group *g = &s->groups[k];
			if (what == MISSING)
				add_share(&cell, share(g->missing, g->rows));
			else
				add_middle(&cell, s, g, what);
			text_cell(&t, &cell, GRID_PLAIN);
		}
		if (!fits) {
			bool two = extremes(s, by->compared, what, &low, &high);
			if (two)
				add_named(&cell, s, &s->groups[low], what);
			text_cell(&t, &cell, GRID_PLAIN);
			if (two)
				add_named(&cell, s, &s->groups[high], what);
			text_cell(&t, &cell, GRID_PLAIN);
		}
	}
	if (t.cell_count) {
		if (what != ROWS)
			fputc('\n', stdout);
		listing_print(&t, c, stdout);
	}
	str_release(&cell);
	listing_release(&t);
}

static void print_groups(const struct split_by *by, const struct cli *c)
{
	const struct table *table = by->table;
	struct listing t;
	struct str part;
	listing_init(&t);
	str_init(&part);
	column_of(&t, by->by < 0 ? "file" : table->columns[by->by].name, GRID_LEFT);
	listing_column(&t, "rows", "rows", GRID_RIGHT);
	listing_column(&t, "share", "share", GRID_RIGHT);
	if (by->weights == STATS_SAMPLING)
		listing_column(&t, "weighted", "weighted", GRID_RIGHT);
	for (size_t k = 0; k < by->group_count; k++) {
		listing_text(&t, by->groups[k].name, GRID_PLAIN);
		listing_int(&t, (int64_t)by->groups[k].rows);
		add_share(&part, share(by->groups[k].rows, by->rows));
		text_cell(&t, &part, GRID_PLAIN);
		if (by->weights == STATS_SAMPLING) {
			add_share(&part, by->groups[k].weighted->share);
			text_cell(&t, &part, GRID_PLAIN);
		}
	}
	listing_print(&t, c, stdout);
	str_release(&part);
	listing_release(&t);
}

/* What weights have a part in. */
static void say_weights(enum stats_weights kind, const char *column)
{
	if (kind == STATS_FREQUENCY)
		safe_fprintf(stderr, "rows are written out as %s says\n", column);
	else if (kind == STATS_SAMPLING)
		safe_fprintf(stderr, "weighted by %s, a sampling weight; all else is of the rows as they stand\n",
		             column);
}

static int by_absence(const void *a, const void *b)
{
	const struct split *x = *(const struct split *const *)a, *y = *(const struct split *const *)b;
	if (isnan(x->absence.v) != isnan(y->absence.v))
		return isnan(x->absence.v) - isnan(y->absence.v);
	if (!isnan(x->absence.v) && x->absence.v != y->absence.v)
		return x->absence.v > y->absence.v ? -1 : 1;
	return (x > y) - (x < y);
}

void splits_print(const struct split_by *by, const struct split *const *splits, size_t count,
                  const struct cli *c)
{
	print_groups(by, c);
	if (count) {
		const struct split **missing = xcalloc(count, sizeof *missing);
		memcpy(missing, splits, count * sizeof *missing);
		qsort(missing, count, sizeof *missing, by_absence);
		fputc('\n', stdout);
		print_columns(by, splits, count, ROWS, c);
		if (by->weights == STATS_SAMPLING)
			print_columns(by, splits, count, WEIGHTED, c);
		print_columns(by, missing, count, MISSING, c);
		free(missing);
	}
	if (!c->quiet && !count)
		fputs("there is no other column that could differ\n", stderr);
	else if (!c->quiet) {
		fflush(stdout);
		fputs("differs: 0 not at all, 1 wholly (epsilon of means, Cramer's V of categories and\n"
		      "of what is missing); --column NAME shows one whole\n",
		      stderr);
		say_weights(by->weights, by->weight < 0 ? NULL : by->table->columns[by->weight].name);
	}
}

/* ---- one column ---- */

static void number_cell(struct listing *t, struct str *cell, const struct split *s, double value)
{
	if (s->type != COLUMN_TIME) {
		listing_num(t, value, 4);
		return;
	}
	add_number(cell, s, value);
	text_cell(t, cell, GRID_PLAIN);
}

static void point_cell(struct listing *t, struct str *cell, const struct split *s, double value)
{
	if (s->type == COLUMN_TIME)
		number_cell(t, cell, s, value);
	else
		listing_value(t, value);
}

/* Of one group, as rows count or as their weights do. */
struct line {
	double part, missing; /* share of all; share of the group */
	double mean, sd, min, max;
	const double *quantiles;
};

static struct line line_of(const struct split_group *g, enum told what)
{
	const struct weighted_profile *w = what == WEIGHTED ? &g->weighted->estimates : NULL;
	if (w)
		return (struct line){g->weighted->share, w->missing,     w->moments.mean, w->moments.se,
		                     w->moments.min,     w->moments.max, w->quantiles};
	return (struct line){NAN, share(g->missing, g->rows), g->mean, g->sd, g->min, g->max, g->quantiles};
}

/* The bins as a picture: of values that are whole numbers as those of a profile. */
static void group_spark(const struct split *s, const struct split_group *g, enum told what, struct str *out)
{
	uint64_t *counts = xcalloc(s->bins + 1, sizeof *counts);
	struct column_profile p = {.type = s->type,
	                           .decimals = s->type == COLUMN_INT ? 0 : -1,
	                           .edges = s->edges,
	                           .bin_counts = counts,
	                           .bins = s->bins};
	for (size_t b = 0; b < s->bins; b++) {
		double part = what == WEIGHTED ? g->weighted->estimates.bins[b] : 0;
		counts[b] = what == WEIGHTED ? isnan(part) ? 0 : (uint64_t)(part * 1e12) : g->bins[b];
	}
	if (s->bins) {
		p.min = s->edges[0];
		p.max = s->edges[s->bins];
		spark_text(&p, out);
	}
	free(counts);
}

/* A line a group. Weighted: the standard error of the mean in the place of the sd. */
static void print_rows(const struct split *s, enum told what, const struct cli *c)
{
	static const char *const points[] = {"min", "25 %", "median", "75 %", "max"};
	const int room = terminal_columns();
	const bool wide = !room || room >= WIDE;
	const char *spread = what == WEIGHTED ? "se" : "sd";
	size_t values = s->numeric ? 0 : s->value_count;
	struct listing t;
	struct str cell;
	if (room && (int)values > (room - BEFORE_WIDTH) / (VALUE_WIDTH + 2))
		values = room > BEFORE_WIDTH ? (size_t)(room - BEFORE_WIDTH) / (VALUE_WIDTH + 2) : 0;
	listing_init(&t);
	str_init(&cell);
	column_of(&t, what == WEIGHTED ? "weighted" : s->by ? s->by : "file", GRID_LEFT);
	listing_column(&t, what == WEIGHTED ? "share" : "rows", "rows", GRID_RIGHT);
	listing_column(&t, "missing", "missing", GRID_RIGHT);
	if (s->numeric) {
		listing_column(&t, "mean", "mean", GRID_POINT);
		if (s->type != COLUMN_TIME)
			listing_column(&t, spread, spread, GRID_POINT);
		for (size_t i = 0; i < COUNT_OF(points); i++)
			if (wide || i == 2)
				listing_column(&t, points[i], points[i], GRID_POINT);
		listing_column(&t, "distribution", "distribution", GRID_LEFT);
	}
	for (size_t v = 0; v < values; v++) {
		add_clipped(&cell, s->value_names[v], wide ? NAME_WIDTH : VALUE_WIDTH);
		listing_column(&t, cell.data, cell.data, GRID_RIGHT);
		str_clear(&cell);
	}
	for (size_t k = 0; k < s->group_count; k++) {
		const struct split_group *g = &s->groups[k];
		const struct line of = line_of(g, what);
		const double point[] = {of.min, of.quantiles[2], of.quantiles[3], of.quantiles[4], of.max};
		listing_text(&t, g->name, GRID_PLAIN);
		if (what == WEIGHTED) {
			add_share(&cell, of.part);
			text_cell(&t, &cell, GRID_PLAIN);
		} else {
			listing_int(&t, (int64_t)g->rows);
		}
		if (of.missing != 0)
			add_share(&cell, of.missing);
		else
			str_addc(&cell, '0');
		text_cell(&t, &cell, of.missing >= 0.2 ? GRID_WARN : GRID_PLAIN);
		if (s->numeric) {
			number_cell(&t, &cell, s, of.mean);
			if (s->type != COLUMN_TIME)
				listing_num(&t, of.sd, 4);
			for (size_t i = 0; i < COUNT_OF(points); i++)
				if (wide || i == 2)
					point_cell(&t, &cell, s, point[i]);
			group_spark(s, g, what, &cell);
			listing_text(&t, cell.data, GRID_PLAIN);
			str_clear(&cell);
		}
		for (size_t v = 0; v < values; v++) {
			add_share(&cell, value_share(g, v, what));
			text_cell(&t, &cell, GRID_PLAIN);
		}
	}
	listing_print(&t, c, stdout);
	if (!s->numeric && values < s->value_count && !c->quiet && what == ROWS) {
		fflush(stdout);
		fprintf(stderr, "%zu more value%s in a wider terminal, in --json\n", s->value_count - values,
		        PLURAL(s->value_count - values));
	}
	str_release(&cell);
	listing_release(&t);
}

static const char *p_text(double p, char out[NUM_TEXT])
{
	if (isnan(p))
		return sign("–", "-");
	if (p < 1e-4)
		return "<0.0001";
	return num_people(p, 2, out);
}

void split_print(const struct split *s, const struct cli *c)
{
	char a[NUM_TEXT], b[NUM_TEXT], d[NUM_TEXT];
	char *numbers = NULL, *categories = NULL, *auc = NULL, *missing = NULL;
	/* With one group, or no more rows than groups, there is nothing to be compared. */
	if (s->numeric && !isnan(s->anova.p))
		numbers =
		    xasprintf("eta %s  F %s  p %s", number_text(sqrt(s->anova.eta2), a),
		              isinf(s->anova.f) ? "infinite" : number_text(s->anova.f, b), p_text(s->anova.p, d));
	if (s->value_count && !isnan(s->association.v))
		categories = xasprintf("V %s  chi-square %s  p %s", number_text(s->association.v, a),
		                       number_text(s->association.chi2, b), p_text(s->association.p, d));
	if (!isnan(s->auc.value) && isnan(s->auc.low))
		auc = xstrdup(number_text(s->auc.value, a));
	else if (!isnan(s->auc.value))
		auc = xasprintf("%s [%s, %s]", number_text(s->auc.value, a), number_text(s->auc.low, b),
		                number_text(s->auc.high, d));
	if (!isnan(s->absence.v))
		missing = xasprintf("V %s  p %s", number_text(s->absence.v, a), p_text(s->absence.p, d));
	print_rows(s, ROWS, c);
	if (s->weights == STATS_SAMPLING) {
		fputc('\n', stdout);
		print_rows(s, WEIGHTED, c);
	}
	fputc('\n', stdout);
	facts_print((const struct fact[]){{"means differ", numbers},
	                                  {"values differ", categories},
	                                  {"AUC", auc},
	                                  {"missing differs", missing}},
	            4, c, stdout);
	if (!c->quiet) {
		fflush(stdout);
		say_weights(s->weights, s->weight);
	}
	free(numbers);
	free(categories);
	free(auc);
	free(missing);
}
