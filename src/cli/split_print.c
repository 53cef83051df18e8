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

static void add_share(struct str *out, uint64_t part, uint64_t all)
{
	double share = all ? 100.0 * (double)part / (double)all : 0;
	if (part && share < 1)
		str_adds(out, "<1 %");
	else if (part < all && share >= 99.5)
		str_adds(out, ">99 %");
	else
		str_addf(out, "%.0f %%", share);
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

/* The commonest value of a group: its index. */
static size_t commonest(const struct split *s, const struct split_group *g)
{
	size_t most = 0;
	/* Others are no value. */
	for (size_t v = 1; v < s->value_count && v < SPLIT_VALUES_SHOWN; v++)
		if (g->values[v] > g->values[most])
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
static void add_middle(struct str *out, const struct split *s, const struct split_group *g)
{
	const uint64_t there = g->rows - g->missing;
	if (!there)
		return;
	if (s->type == COLUMN_BOOL) {
		for (size_t v = 0; v < s->value_count; v++)
			if (strcmp(s->value_names[v], "true") == 0 || s->value_count == 1) {
				bool is_true = strcmp(s->value_names[v], "true") == 0;
				add_share(out, is_true ? g->values[v] : 0, there);
				str_adds(out, " true");
				return;
			}
	} else if (s->numeric) {
		add_number(out, s, g->mean);
	} else if (s->value_count) {
		size_t most = commonest(s, g);
		add_clipped(out, s->value_names[most], GROUP_WIDTH - 5);
		str_addc(out, ' ');
		add_share(out, g->values[most], there);
	}
}

/* What groups are put in order by: the mean, or the share of the value that is commonest in all. */
static double height(const struct split *s, const struct split_group *g)
{
	const uint64_t there = g->rows - g->missing;
	if (s->numeric)
		return g->mean;
	return s->value_count && there ? (double)g->values[0] / (double)there : (double)NAN;
}

static double absent(const struct split_group *g)
{
	return g->rows ? (double)g->missing / (double)g->rows : (double)NAN;
}

/* ---- all columns ---- */

/* A cell of `width` of one group's value, with its name. */
static void add_named(struct str *out, const struct split *s, const struct split_group *g, bool missing)
{
	const uint64_t there = g->rows - g->missing;
	if (missing)
		add_share(out, g->missing, g->rows);
	else if (s->numeric)
		add_middle(out, s, g);
	else
		add_share(out, g->values[0], there);
	str_adds(out, "  ");
	add_clipped(out, g->name, NAME_WIDTH - 2);
}

/* The groups with the least and the greatest of those that are compared; false: there are no two that differ. */
static bool extremes(const struct split *s, size_t compared, bool missing, size_t *low, size_t *high)
{
	double least = (double)NAN, most = (double)NAN;
	for (size_t k = 0; k < compared; k++) {
		double h = missing ? absent(&s->groups[k]) : height(s, &s->groups[k]);
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

static void begin_row(struct listing *t, const struct split *s, double strength, bool which, bool auc)
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
	listing_num(t, strength, 3);
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
                          bool missing, const struct cli *c)
{
	const int room = terminal_columns();
	const bool auc = by->positive >= 0 && !missing;
	const bool fits = room ? BEFORE_WIDTH + (int)by->group_count * (GROUP_WIDTH + 2) <= room
	                       : by->group_count <= SPLIT_GROUPS + 1;
	struct listing t;
	struct str cell;
	listing_init(&t);
	str_init(&cell);
	listing_column(&t, missing ? "missing in" : "column", "column", GRID_LEFT);
	listing_column(&t, "type", "type", GRID_LEFT);
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
		if (missing ? !any_missing(s) : !s->numeric && !s->value_count)
			continue;
		begin_row(&t, s, missing ? s->absence.v : s->strength, !fits && !missing, auc);
		for (size_t k = 0; fits && k < s->group_count; k++) {
			const struct split_group *g = &s->groups[k];
			if (missing)
				add_share(&cell, g->missing, g->rows);
			else
				add_middle(&cell, s, g);
			text_cell(&t, &cell, GRID_PLAIN);
		}
		if (!fits) {
			bool two = extremes(s, by->compared, missing, &low, &high);
			if (two)
				add_named(&cell, s, &s->groups[low], missing);
			text_cell(&t, &cell, GRID_PLAIN);
			if (two)
				add_named(&cell, s, &s->groups[high], missing);
			text_cell(&t, &cell, GRID_PLAIN);
		}
	}
	if (t.cell_count) {
		if (missing)
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
	struct str share;
	listing_init(&t);
	str_init(&share);
	column_of(&t, by->by < 0 ? "file" : table->columns[by->by].name, GRID_LEFT);
	listing_column(&t, "rows", "rows", GRID_RIGHT);
	listing_column(&t, "share", "share", GRID_RIGHT);
	for (size_t k = 0; k < by->group_count; k++) {
		listing_text(&t, by->groups[k].name, GRID_PLAIN);
		listing_int(&t, (int64_t)by->groups[k].rows);
		add_share(&share, by->groups[k].rows, table->row_count);
		text_cell(&t, &share, GRID_PLAIN);
	}
	listing_print(&t, c, stdout);
	str_release(&share);
	listing_release(&t);
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
		print_columns(by, splits, count, false, c);
		print_columns(by, missing, count, true, c);
		free(missing);
	}
	if (!c->quiet) {
		fflush(stdout);
		fputs("differs: 0 not at all, 1 wholly (epsilon of means, Cramer's V of categories and\n"
		      "of what is missing); --column NAME shows one whole\n",
		      stderr);
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

static void print_rows(const struct split *s, const struct cli *c)
{
	static const char *const points[] = {"min", "25 %", "median", "75 %", "max"};
	const int room = terminal_columns();
	const bool wide = !room || room >= WIDE;
	size_t values = s->numeric ? 0 : s->value_count;
	struct listing t;
	struct str cell;
	if (room && (int)values > (room - BEFORE_WIDTH) / (VALUE_WIDTH + 2))
		values = room > BEFORE_WIDTH ? (size_t)(room - BEFORE_WIDTH) / (VALUE_WIDTH + 2) : 0;
	listing_init(&t);
	str_init(&cell);
	column_of(&t, s->by ? s->by : "file", GRID_LEFT);
	listing_column(&t, "rows", "rows", GRID_RIGHT);
	listing_column(&t, "missing", "missing", GRID_RIGHT);
	if (s->numeric) {
		listing_column(&t, "mean", "mean", GRID_POINT);
		if (s->type != COLUMN_TIME)
			listing_column(&t, "sd", "sd", GRID_POINT);
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
		const double point[] = {g->min, g->quantiles[2], g->quantiles[3], g->quantiles[4], g->max};
		listing_text(&t, g->name, GRID_PLAIN);
		listing_int(&t, (int64_t)g->rows);
		if (g->missing)
			add_share(&cell, g->missing, g->rows);
		else
			str_addc(&cell, '0');
		text_cell(&t, &cell, g->missing * 5 >= g->rows && g->missing ? GRID_WARN : GRID_PLAIN);
		if (s->numeric) {
			number_cell(&t, &cell, s, g->mean);
			if (s->type != COLUMN_TIME)
				listing_num(&t, g->sd, 4);
			for (size_t i = 0; i < COUNT_OF(points); i++)
				if (wide || i == 2)
					number_cell(&t, &cell, s, point[i]);
			spark_text(s->edges, g->bins, s->bins, &cell);
			listing_text(&t, cell.data, GRID_PLAIN);
			str_clear(&cell);
		}
		for (size_t v = 0; v < values; v++) {
			if (g->rows > g->missing)
				add_share(&cell, g->values[v], g->rows - g->missing);
			text_cell(&t, &cell, GRID_PLAIN);
		}
	}
	listing_print(&t, c, stdout);
	if (!s->numeric && values < s->value_count && !c->quiet) {
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
	if (s->numeric && !isnan(s->anova.eta2))
		numbers = xasprintf("eta %s  F %s  p %s", number_text(sqrt(s->anova.eta2), a),
		                    number_text(s->anova.f, b), p_text(s->anova.p, d));
	if (s->value_count && !isnan(s->association.v))
		categories = xasprintf("V %s  chi-square %s  p %s", number_text(s->association.v, a),
		                       number_text(s->association.chi2, b), p_text(s->association.p, d));
	if (!isnan(s->auc.value))
		auc = xasprintf("%s [%s, %s]", number_text(s->auc.value, a), number_text(s->auc.low, b),
		                number_text(s->auc.high, d));
	if (!isnan(s->absence.v))
		missing = xasprintf("V %s  p %s", number_text(s->absence.v, a), p_text(s->absence.p, d));
	print_rows(s, c);
	fputc('\n', stdout);
	facts_print((const struct fact[]){{"means differ", numbers},
	                                  {"values differ", categories},
	                                  {"AUC", auc},
	                                  {"missing differs", missing}},
	            4, c, stdout);
	free(numbers);
	free(categories);
	free(auc);
	free(missing);
}
