/* A profile as a table: for people the telling quantities, for programs all of them. */
#include <math.h>

#include "cli_data.h"

/* A histogram in ten cells; the eye sees the shape, the numbers stand beside it. */
static void spark(const struct column_profile *p, struct str *out)
{
	enum { CELLS = 10 };
	static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char *const plain[] = {" ", ".", ":", "-", "=", "+", "*", "%", "#"};
	double edges[CELLS + 1], share[CELLS], most = 0;
	if (!p->numeric || !p->bins || !(p->edges[p->bins] > p->edges[0]))
		return;
	double low = p->edges[0], width = p->edges[p->bins] - low;
	for (int i = 0; i <= CELLS; i++)
		edges[i] = i == CELLS ? p->edges[p->bins] : low + width * i / CELLS;
	profile_rebin(p, edges, CELLS, share);
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
		size_t fit = v->len;
		if (fit > LONGEST)
			for (fit = LONGEST; fit > 0 && ((unsigned char)v->value[fit] & 0xC0) == 0x80;)
				fit--;
		str_adds(out, i ? "  " : "");
		str_add(out, v->value, fit);
		double share = 100.0 * (double)v->count / (double)p->count;
		str_adds(out, fit < v->len ? sign("…", "~") : "");
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
		listing_num(g, value, 4);
		return;
	}
	time_rfc3339((int64_t)value, people);
	people[10] = 0;
	listing_both(g, people, num_shortest(value, machine), true, GRID_PLAIN);
}

static void for_people(const struct profile *p, const struct cli *c)
{
	struct listing g;
	listing_init(&g);
	listing_column(&g, "column", "column", GRID_LEFT);
	listing_column(&g, "type", "type", GRID_LEFT);
	listing_column(&g, "missing", "missing", GRID_RIGHT);
	listing_column(&g, "distinct", "distinct", GRID_RIGHT);
	listing_column(&g, "mean", "mean", GRID_POINT);
	listing_column(&g, "sd", "sd", GRID_POINT);
	listing_column(&g, "min", "min", GRID_POINT);
	listing_column(&g, "median", "median", GRID_POINT);
	listing_column(&g, "max", "max", GRID_POINT);
	listing_column(&g, "distribution", "distribution", GRID_LEFT);
	struct str picture;
	str_init(&picture);
	for (size_t i = 0; i < p->column_count; i++) {
		const struct column_profile *k = &p->columns[i];
		listing_text(&g, k->name, GRID_PLAIN);
		listing_text(&g, column_type_name(k->type), GRID_MUTED);
		missing_cell(&g, k);
		listing_int(&g, (int64_t)k->distinct);
		bool moments = k->numeric && k->type != COLUMN_TIME;
		double none = NAN;
		listing_num(&g, moments ? k->mean : none, 4);
		listing_num(&g, moments ? k->sd : none, 4);
		value_cell(&g, k, k->numeric ? k->min : none);
		value_cell(&g, k, k->numeric ? k->quantiles[3] : none);
		value_cell(&g, k, k->numeric ? k->max : none);
		str_clear(&picture);
		if (k->numeric && k->distinct > 2)
			spark(k, &picture);
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
	}
	listing_print(&g, c, stdout);
	str_release(&roles);
	listing_release(&g);
}

void profile_print(const struct profile *p, const struct cli *c)
{
	if (c->json) {
		struct str json;
		str_init(&json);
		profile_json(p, &json);
		json_print(&json, stdout);
		str_release(&json);
	} else if (c->csv || c->tsv) {
		for_programs(p, c);
	} else {
		for_people(p, c);
	}
}
