/* A profile as a table: for people the telling quantities, for programs all of them. */
#include <math.h>

#include "cli_data.h"

/* A histogram in ten cells; the eye sees the shape, the numbers stand beside it. */
void spark_text(const struct column_profile *p, struct str *out)
{
	enum { CELLS = 10 };
	static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char *const plain[] = {" ", ".", ":", "-", "=", "+", "*", "%", "#"};
	double cells[CELLS + 1], share[CELLS], most = 0;
	if (!p->bins)
		return;
	struct arena *mem = arena_new();
	struct column_profile drawn;
	profile_draw(p, mem, &drawn);
	double low = drawn.edges[0], high = drawn.edges[drawn.bins];
	for (int i = 0; i <= CELLS; i++)
		cells[i] = i == CELLS ? high : low / CELLS * (CELLS - i) + high / CELLS * i;
	profile_rebin(&drawn, cells, CELLS, share);
	/* One value stands in the middle. */
	if (low == high)
		for (int i = 0; i < CELLS; i++)
			share[i] = i == CELLS / 2;
	arena_free(mem);
	for (int i = 0; i < CELLS; i++)
		most = share[i] > most ? share[i] : most;
	for (int i = 0; i < CELLS; i++) {
		/* Whatever is there at all shows. */
		int level = most > 0 ? (int)ceil(share[i] / most * 8) : 0;
		level = level < 0 ? 0 : level > 8 ? 8 : level;
		str_adds(out, sign(blocks[level], plain[level]));
	}
}

static void top_values(const struct column_profile *p, struct str *out)
{
	enum { SHOWN = 3, LONGEST = 16 };
	if (p->distinct == p->count && p->count > SHOWN) {
		str_adds(out, "all different");
		return;
	}
	for (size_t i = 0; i < p->top_count && i < SHOWN; i++) {
		const struct value_count *v = &p->top[i];
		str_adds(out, i ? "  " : "");
		value_cut(v->value, v->len, LONGEST, out);
		double share = 100.0 * (double)v->count / (double)p->count;
		if (share < 1)
			str_adds(out, " <1 %");
		else
			str_addf(out, " %.0f %%", share);
	}
	if (p->distinct > SHOWN)
		str_adds(out, sign("  …", "  ..."));
}

static void missing_cell(struct listing *g, const struct column_profile *p)
{
	uint64_t rows = p->count + p->missing;
	char people[NUM_TEXT], machine[NUM_TEXT];
	snprintf(machine, sizeof machine, "%llu", (unsigned long long)p->missing);
	double share = rows ? 100.0 * (double)p->missing / (double)rows : 0;
	if (p->missing == 0)
		snprintf(people, sizeof people, "0");
	else if (share < 0.1)
		snprintf(people, sizeof people, "<0.1 %%");
	else
		snprintf(people, sizeof people, "%.1f %%", share);
	listing_both(g, people, machine, true, share >= 20 ? GRID_WARN : GRID_PLAIN);
}

/* A point of a time column is a time, not a number of milliseconds. */
static void value_cell(struct listing *g, const struct column_profile *p, double value)
{
	char people[TIME_TEXT], machine[NUM_TEXT];
	if (p->type != COLUMN_TIME || !isfinite(value)) {
		listing_value(g, value);
		return;
	}
	time_rfc3339((int64_t)value, people);
	people[10] = 0;
	listing_both(g, people, num_shortest(value, machine), true, GRID_PLAIN);
}

static void median_cell(struct listing *g, const struct column_profile *p)
{
	enum { MEDIAN = PROFILE_QUANTILES / 2 };
	const struct profile_bounds *b = p->bounds;
	char number[NUM_TEXT], people[NUM_TEXT + 8], machine[NUM_TEXT];
	if (!p->numeric || p->type == COLUMN_TIME || !b || b->quantile_low[MEDIAN] == b->quantile_high[MEDIAN]) {
		value_cell(g, p, p->numeric ? p->quantiles[MEDIAN] : (double)NAN);
		return;
	}
	snprintf(people, sizeof people, "%s%s", about(false), num_value(p->quantiles[MEDIAN], number));
	listing_both(g, people, num_shortest(p->quantiles[MEDIAN], machine), true, GRID_PLAIN);
}

static void distinct_cell(struct listing *g, const struct column_profile *p)
{
	const bool known = !p->bounds || p->bounds->distinct.low == p->bounds->distinct.high;
	char count[NUM_TEXT], people[NUM_TEXT + 8], machine[NUM_TEXT];
	snprintf(people, sizeof people, "%s%s", about(known), count_people((int64_t)p->distinct, count));
	snprintf(machine, sizeof machine, "%llu", (unsigned long long)p->distinct);
	listing_both(g, people, machine, true, GRID_PLAIN);
}

static void outside_cell(struct listing *g, const struct column_profile *p)
{
	const struct fences *f = &p->fences;
	char count[NUM_TEXT], people[NUM_TEXT + 8], machine[NUM_TEXT];
	if (isnan(f->low)) {
		listing_none(g);
		return;
	}
	snprintf(people, sizeof people, "%s%s", about(!p->bounds),
	         count_people((int64_t)(f->below + f->above), count));
	snprintf(machine, sizeof machine, "%zu", f->below + f->above);
	listing_both(g, people, machine, true, GRID_PLAIN);
}

/* Columns of a terminal. */
enum { WITHOUT_OUTSIDE = 120, WHOLE = 130 };

static void for_people(const struct profile *p, const struct cli *c)
{
	/* What there is no room for is in --column, and in what programs get. */
	const int width = terminal_columns() ? terminal_columns() : WHOLE;
	const bool weighted = p->weights == STATS_SAMPLING, spread = width >= WITHOUT_OUTSIDE,
	           middle = spread || !weighted, outside = width >= WHOLE;
	struct listing g;
	listing_init(&g);
	listing_column(&g, "column", "column", GRID_LEFT);
	listing_column(&g, "type", "type", GRID_LEFT);
	listing_column(&g, "missing", "missing", GRID_RIGHT);
	listing_column(&g, "distinct", "distinct", GRID_RIGHT);
	listing_column(&g, "mean", "mean", GRID_POINT);
	if (weighted)
		listing_column(&g, "weighted", "weighted", GRID_POINT);
	if (spread) {
		listing_column(&g, "sd", "sd", GRID_POINT);
		listing_column(&g, "min", "min", GRID_POINT);
	}
	if (middle)
		listing_column(&g, "median", "median", GRID_POINT);
	if (spread)
		listing_column(&g, "max", "max", GRID_POINT);
	if (outside)
		listing_column(&g, "outside", "outside", GRID_RIGHT);
	listing_column(&g, "distribution", "distribution", GRID_LEFT);
	struct str picture;
	str_init(&picture);
	for (size_t i = 0; i < p->column_count; i++) {
		const struct column_profile *k = &p->columns[i];
		listing_text(&g, k->name, GRID_PLAIN);
		listing_text(&g, column_type_name(k->type), GRID_MUTED);
		missing_cell(&g, k);
		distinct_cell(&g, k);
		bool moments = k->numeric && k->type != COLUMN_TIME;
		double none = NAN;
		listing_num(&g, moments ? k->mean : none, 4);
		if (weighted)
			listing_num(&g, moments && k->weighted ? k->weighted->moments.mean : none, 4);
		if (spread) {
			listing_num(&g, moments ? k->sd : none, 4);
			value_cell(&g, k, k->numeric ? k->min : none);
		}
		if (middle)
			median_cell(&g, k);
		if (spread)
			value_cell(&g, k, k->numeric ? k->max : none);
		if (outside)
			outside_cell(&g, k);
		str_clear(&picture);
		if (k->numeric && k->distinct > 2)
			spark_text(k, &picture);
		else
			top_values(k, &picture);
		listing_text(&g, picture.data, GRID_PLAIN);
	}
	listing_print(&g, c, stdout);
	str_release(&picture);
	listing_release(&g);
}

static void for_programs(const struct profile *p, const struct cli *c)
{
	static const char *const quantile_names[PROFILE_QUANTILES] = {"q01", "q05", "q25", "q50",
	                                                              "q75", "q95", "q99"};
	static const char *const before[] = {"column", "type", "roles",    "count",    "missing",  "distinct",
	                                     "mean",   "sd",   "variance", "skewness", "kurtosis", "min",
	                                     "max",    "sum",  "mad",      "lag1"};
	struct listing g;
	listing_init(&g);
	for (size_t i = 0; i < COUNT_OF(before); i++)
		listing_column(&g, before[i], before[i], GRID_LEFT);
	for (size_t i = 0; i < PROFILE_QUANTILES; i++)
		listing_column(&g, quantile_names[i], quantile_names[i], GRID_LEFT);
	listing_column(&g, "outside", "outside", GRID_LEFT);
	listing_column(&g, "far_out", "far_out", GRID_LEFT);
	listing_column(&g, "weighted_mean", "weighted_mean", GRID_LEFT);
	listing_column(&g, "weighted_se", "weighted_se", GRID_LEFT);
	struct str roles;
	str_init(&roles);
	for (size_t i = 0; i < p->column_count; i++) {
		const struct column_profile *k = &p->columns[i];
		str_clear(&roles);
		listing_text(&g, k->name, GRID_PLAIN);
		listing_text(&g, column_type_name(k->type), GRID_PLAIN);
		listing_text(&g, column_roles_text(k->roles, &roles), GRID_PLAIN);
		listing_int(&g, (int64_t)k->count);
		listing_int(&g, (int64_t)k->missing);
		listing_int(&g, (int64_t)k->distinct);
		const double values[] = {k->mean, k->sd,  k->variance, k->skewness, k->kurtosis,
		                         k->min,  k->max, k->sum,      k->mad,      k->lag1};
		for (size_t v = 0; v < COUNT_OF(values); v++)
			listing_num(&g, k->numeric ? values[v] : (double)NAN, 17);
		for (size_t q = 0; q < PROFILE_QUANTILES; q++)
			listing_num(&g, k->numeric ? k->quantiles[q] : (double)NAN, 17);
		const bool fenced = !isnan(k->fences.low);
		listing_num(&g, fenced ? (double)(k->fences.below + k->fences.above) : (double)NAN, 17);
		listing_num(&g, fenced ? (double)(k->fences.far_below + k->fences.far_above) : (double)NAN, 17);
		listing_num(&g, k->weighted ? k->weighted->moments.mean : (double)NAN, 17);
		listing_num(&g, k->weighted ? k->weighted->moments.se : (double)NAN, 17);
	}
	listing_print(&g, c, stdout);
	str_release(&roles);
	listing_release(&g);
}

void profile_print(const struct profile *p, const struct column_profile *column, const struct cli *c)
{
	struct profile one = *p;
	struct column_profile only;
	if (column) {
		only = *column;
		one.columns = &only;
		one.column_count = 1;
	}
	if (c->json) {
		struct str json;
		str_init(&json);
		profile_json(&one, &json);
		json_print(&json, stdout);
		str_release(&json);
	} else if (c->csv || c->tsv) {
		for_programs(&one, c);
	} else if (column) {
		profile_print_column(p, column, c);
	} else {
		for_people(p, c);
	}
}
