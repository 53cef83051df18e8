/* One column in groups of rows: its values group by group, sorted there, and what is made of them in stats. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "relation.h"
#include "split.h"

/* The finite values of a column of numbers, those of group k at start[k] to start[k + 1], rising. */
struct ordered {
	double *values;
	size_t *start;
	struct stats_part *parts; /* the same, a group each */
};

static void ordered_release(struct ordered *o)
{
	free(o->values);
	free(o->start);
	free(o->parts);
}

/* What of each group is missing and infinite, and where its finite values will stand. */
static void count_kinds(struct split *s, const struct split_by *g, const struct column *c, size_t *start)
{
	const size_t rows = g->table->row_count;

	for (size_t i = 0; i < rows; i++)
		start[g->group_of[i] + 1]++;
	if (c->missing || !c->packed)
		for (size_t i = 0; i < rows; i++) {
			const bool missing = column_is_missing(c, i);

			s->groups[g->group_of[i]].missing += missing;
			s->groups[g->group_of[i]].infinite += !missing && !c->packed && !c->codes && isinf(c->values[i]);
		}
	for (size_t k = 0; k < s->group_count; k++)
		start[k + 1] += start[k] - s->groups[k].missing - s->groups[k].infinite;
}

static void gather_packed(const struct split_by *g, const struct column *c, const size_t *start, size_t *at,
                          double *out)
{
	const size_t rows = g->table->row_count, n = start[g->group_count];
	int32_t *mantissas = xmalloc(size_mul(n + 1, sizeof(*mantissas)));
	int32_t *spare = xmalloc(size_mul(n + 1, sizeof(*spare)));

	large_pages(mantissas, n * sizeof(*mantissas));
	for (size_t i = 0; i < rows; i++)
		if (c->packed[i] != PACKED_MISSING)
			mantissas[at[g->group_of[i]]++] = c->packed[i];
	for (size_t k = 0; k < g->group_count; k++) {
		const size_t count = start[k + 1] - start[k];

		packed_values(stats_sort_ints(mantissas + start[k], spare, count), count, c->decimals,
		              out + start[k]);
	}
	free(mantissas);
	free(spare);
}

static void gather(struct split *s, const struct split_by *g, const struct column *c, struct ordered *o)
{
	const size_t rows = g->table->row_count, groups = g->group_count;
	size_t *at, n;

	o->start = xcalloc(groups + 2, sizeof(*o->start));
	count_kinds(s, g, c, o->start);
	n = o->start[groups];
	at = xcalloc(groups + 1, sizeof(*at));
	memcpy(at, o->start, groups * sizeof(*at));
	o->values = xmalloc(size_mul(n + 1, sizeof(*o->values)));
	large_pages(o->values, n * sizeof(*o->values));
	if (c->packed && n < UINT32_MAX) {
		gather_packed(g, c, o->start, at, o->values);
	} else {
		for (size_t i = 0; i < rows; i++) {
			const double v = column_number(c, i);

			if (isfinite(v))
				o->values[at[g->group_of[i]]++] = v;
		}
		for (size_t k = 0; k < groups; k++)
			stats_sort(o->values + o->start[k], o->start[k + 1] - o->start[k]);
	}
	o->parts = xcalloc(groups + 1, sizeof(*o->parts));
	for (size_t k = 0; k < groups; k++)
		o->parts[k] = (struct stats_part){o->values + o->start[k], o->start[k + 1] - o->start[k]};
	free(at);
}

static void describe(struct split *s, struct split_group *one, const struct stats_part *part,
                     const struct stats_sums *sums)
{
	struct moments m;

	stats_sums_moments(sums, &m);
	one->mean = m.mean;
	one->sd = m.sd;
	one->min = m.min;
	one->max = m.max;
	for (size_t i = 0; i < PROFILE_QUANTILES; i++)
		one->quantiles[i] = stats_quantile(part->sorted, part->n, PROFILE_QUANTILE_AT[i]);
	one->bins = arena_array(s->arena, s->bins + 1, sizeof(*one->bins));
	if (s->bins)
		stats_histogram_sorted(part->sorted, part->n, s->edges, s->bins, one->bins);
}

/* The positive group against all others that are compared. */
static void measure_auc(struct split *s, const struct split_by *g, const struct ordered *o)
{
	struct stats_part negative = {NULL, 0}, positive = o->parts[g->positive];
	double *all = NULL;

	if (g->compared == 2) {
		negative = o->parts[1 - g->positive];
	} else {
		negative.n = o->start[g->compared] - positive.n;
		negative.sorted = all = xmalloc(size_mul(negative.n + 1, sizeof(*all)));
		for (size_t k = 0, at = 0; k < g->compared; k++) {
			if ((long)k == g->positive || !o->parts[k].n)
				continue;
			memcpy(all + at, o->parts[k].sorted, o->parts[k].n * sizeof(*all));
			at += o->parts[k].n;
		}
		stats_sort(all, negative.n);
	}
	stats_auc_sorted(&positive, &negative, 0.95, &s->auc);
	free(all);
}

static int split_numbers(struct split *s, const struct split_by *g, const struct column *c,
                         struct progress *progress, struct error *err)
{
	const size_t groups = g->group_count;
	struct ordered o;
	struct stats_sums **sums = xcalloc(groups + 1, sizeof(struct stats_sums *));
	double min, max;
	size_t bins, done = 0;
	int rc = 0;

	gather(s, g, c, &o);
	bins = stats_bins_of_parts(o.parts, groups, &min, &max);
	if (!isnan(min)) {
		s->bins = bins;
		s->edges = arena_array(s->arena, bins + 1, sizeof(*s->edges));
		stats_edges(min, max, bins, s->edges);
	}
	for (; done < groups && !progress_stop(progress); done++) {
		sums[done] = stats_sums_new(STATS_ONE_EACH);
		stats_sums_add(sums[done], o.parts[done].sorted, NULL, o.parts[done].n);
		describe(s, &s->groups[done], &o.parts[done], sums[done]);
		progress_add(progress, s->groups[done].rows);
	}
	if (done < groups) {
		rc = progress_stopped(err);
	} else {
		stats_anova((const struct stats_sums *const *)sums, g->compared, &s->anova);
		s->strength = relation_mixed_strength(&s->anova);
		if (g->positive >= 0)
			measure_auc(s, g, &o);
	}
	for (size_t k = 0; k < done; k++)
		stats_sums_free(sums[k]);
	free(sums);
	ordered_release(&o);
	return rc;
}

/* ---- categories ---- */

static void add_values(struct split *s, size_t count)
{
	s->value_count = count;
	s->value_names = arena_array(s->arena, count + 1, sizeof(*s->value_names));
	for (size_t k = 0; k < s->group_count; k++)
		s->groups[k].values = arena_array(s->arena, count + 1, sizeof(uint64_t));
}

/* stats_association of the rows written out. */
static void associate_times(const struct split_by *g, const struct column *c, struct association *out)
{
	uint64_t *cells = xcalloc(size_mul(c->dict->count, g->compared) + 1, sizeof(*cells));

	for (size_t i = 0; i < g->table->row_count; i++)
		if (c->codes[i] != CODE_MISSING && g->group_of[i] < g->compared)
			cells[c->codes[i] * g->compared + g->group_of[i]] += g->times[i];
	stats_association_counts(cells, c->dict->count, g->compared, out);
	free(cells);
}

/* The codes, and the value that each is shown as. */
static void split_codes(struct split *s, const struct split_by *g, const struct column *c)
{
	const size_t rows = g->table->row_count, k = c->dict->count;
	uint64_t *counts = xcalloc(k + 1, sizeof(*counts));
	uint32_t leading[SPLIT_VALUES_SHOWN], *shown_as = xmalloc(size_mul(k + 1, sizeof(*shown_as)));
	size_t used, shown;

	for (size_t i = 0; i < rows; i++) {
		if (c->codes[i] == CODE_MISSING)
			s->groups[g->group_of[i]].missing += split_times(g, i);
		else
			counts[c->codes[i]] += split_times(g, i);
	}
	if (c->type == COLUMN_CAT) {
		used = split_leading(c->dict, counts, SPLIT_VALUES_SHOWN, leading);
		shown = used < SPLIT_VALUES_SHOWN ? used : SPLIT_VALUES_SHOWN;
		add_values(s, shown + (used > shown));
		for (size_t i = 0; i < k; i++)
			shown_as[i] = (uint32_t)shown;
		for (size_t i = 0; i < shown; i++) {
			const struct intern_entry *e = &c->dict->entries[leading[i]];

			s->value_names[i] = arena_memdup0(s->arena, e->bytes, e->len);
			shown_as[leading[i]] = (uint32_t)i;
		}
		if (used > shown)
			s->value_names[shown] =
			    arena_printf(s->arena, "other (%zu value%s)", used - shown, PLURAL(used - shown));
		for (size_t i = 0; i < rows; i++)
			if (c->codes[i] != CODE_MISSING)
				s->groups[g->group_of[i]].values[shown_as[c->codes[i]]] += split_times(g, i);
		if (g->times)
			associate_times(g, c, &s->association);
		else
			stats_association(c->codes, k, g->group_of, g->compared, rows, &s->association);
		s->strength = s->association.v;
		if (g->weights == STATS_SAMPLING)
			split_estimate_values(s, g, c, shown_as);
	}
	free(counts);
	free(shown_as);
}

/* Two rows of counts by group, those that are compared: how they go together. */
static void associate(const struct split_by *g, const uint64_t *first, const uint64_t *second,
                      struct association *out)
{
	uint64_t *cells = xcalloc(2 * g->compared + 1, sizeof(*cells));

	memcpy(cells, first, g->compared * sizeof(*cells));
	memcpy(cells + g->compared, second, g->compared * sizeof(*cells));
	stats_association_counts(cells, 2, g->compared, out);
	free(cells);
}

static void split_bools(struct split *s, const struct split_by *g, const struct column *c)
{
	const size_t rows = g->table->row_count;
	uint64_t *counts = xcalloc(2 * g->group_count + 2, sizeof(*counts)),
	         *of[2] = {counts, counts + g->group_count};
	uint64_t all[2] = {0, 0};
	size_t first;

	for (size_t i = 0; i < rows; i++) {
		const double v = column_number(c, i);

		if (!isnan(v))
			of[v != 0][g->group_of[i]] += split_times(g, i);
	}
	for (size_t k = 0; k < 2 * g->group_count; k++)
		all[k >= g->group_count] += counts[k];
	first = all[1] > all[0];
	add_values(s, (all[0] > 0) + (all[1] > 0));
	for (size_t v = 0; v < s->value_count; v++) {
		s->value_names[v] = v == first ? "false" : "true";
		for (size_t k = 0; k < s->group_count; k++)
			s->groups[k].values[v] = of[v != first][k];
	}
	associate(g, of[0], of[1], &s->association);
	s->strength = s->association.v;
	if (g->weights == STATS_SAMPLING)
		split_estimate_values(s, g, c, (const uint32_t[]){(uint32_t)first, !first});
	free(counts);
}

/* ---- all ---- */

static void measure_absence(struct split *s, const struct split_by *g)
{
	uint64_t *missing = xcalloc(g->compared + 1, sizeof(*missing)),
	         *there = xcalloc(g->compared + 1, sizeof(*there));

	for (size_t k = 0; k < g->compared; k++) {
		missing[k] = s->groups[k].missing;
		there[k] = s->groups[k].rows - missing[k];
	}
	associate(g, missing, there, &s->absence);
	free(missing);
	free(there);
}

static void begin(struct split *s, const struct split_by *g, const struct column *c)
{
	const double none = (double)NAN;

	*s = (struct split){.kind = g->kind, .type = c->type, .group_count = g->group_count, .strength = none};
	s->arena = arena_new();
	s->column = arena_strdup(s->arena, c->name);
	s->by = g->by < 0 ? NULL : arena_strdup(s->arena, g->table->columns[g->by].name);
	s->weights = g->weights;
	s->weight = g->weight < 0 ? NULL : arena_strdup(s->arena, g->table->columns[g->weight].name);
	s->numeric =
	    c->type == COLUMN_BOOL || c->type == COLUMN_INT || c->type == COLUMN_NUM || c->type == COLUMN_TIME;
	s->anova = (struct anova){.f = none, .p = none, .eta2 = none, .residual_sd = none};
	s->association = (struct association){.chi2 = none,
	                                      .df = none,
	                                      .p = none,
	                                      .v = none,
	                                      .mutual = none,
	                                      .explains_a = none,
	                                      .explains_b = none};
	s->absence = s->association;
	s->auc = (struct auc){.value = none, .variance = none, .low = none, .high = none};
	s->groups = arena_array(s->arena, g->group_count + 1, sizeof(*s->groups));
	for (size_t k = 0; k < g->group_count; k++) {
		struct split_group *one = &s->groups[k];

		*one = g->groups[k];
		one->name = arena_strdup(s->arena, one->name);
		one->where = arena_strdup(s->arena, one->where);
		one->mean = one->sd = one->min = one->max = none;
		for (size_t i = 0; i < PROFILE_QUANTILES; i++)
			one->quantiles[i] = none;
		if (one->weighted) {
			one->weighted = arena_alloc(s->arena, sizeof(*one->weighted));
			*one->weighted = *g->groups[k].weighted;
		}
	}
}

int split_column(struct split *s, const struct split_by *g, size_t column, struct progress *progress,
                 struct error *err)
{
	const struct column *c = &g->table->columns[column];

	if ((long)column == g->by)
		return error_set(err, ERR_USAGE, "column %s is what the rows are split by: it cannot be split itself",
		                 c->name);
	progress_begin(progress, "splitting", "rows", g->table->row_count);
	if (progress_stop(progress))
		return progress_stopped(err);
	begin(s, g, c);
	if (s->numeric && (g->times ? split_frequencies : split_numbers)(s, g, c, progress, err) < 0) {
		split_release(s);
		return -1;
	}
	if (c->codes)
		split_codes(s, g, c);
	else if (c->type == COLUMN_BOOL)
		split_bools(s, g, c);
	else if (!s->numeric)
		for (size_t i = 0; i < g->table->row_count; i++)
			s->groups[g->group_of[i]].missing += column_is_missing(c, i) * split_times(g, i);
	if (g->weights == STATS_SAMPLING)
		split_estimate(s, g, c);
	if (!s->numeric)
		progress_add(progress, g->table->row_count);
	measure_absence(s, g);
	return 0;
}

void split_release(struct split *s)
{
	arena_free(s->arena);
	memset(s, 0, sizeof(*s));
}
