/* The profile of a table whose rows have weights: summed up as a tally that has room for every value, so that it is the
 * same in every bit whether the rows were kept or not. */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "tally.h"

/* Rows that are added at once. */
enum { PIECE = 1 << 16 };

struct weighing {
	const struct table *table;
	struct tally tally;
	const double *weights;
	const uint64_t *times; /* of frequencies; else NULL */
	struct profile *profile;
	struct progress *progress;
	atomic_size_t next;
};

/* Of a column whose missing cells were read without keeping how each is spelled: the only way that there is. *known
 * is false where there are several, or none is told of. */
static uint32_t *spelled_alike(const struct column *c, size_t spellings, bool *known)
{
	uint32_t *all = xmalloc(size_mul(c->missing + 1, sizeof(*all)));
	size_t only = 0;

	while (c->missing_by && only < spellings && !c->missing_by[only])
		only++;
	*known = c->missing_by && only < spellings && c->missing_by[only] == c->missing;
	for (size_t i = 0; i < c->missing; i++)
		all[i] = *known ? (uint32_t)only : 0;
	return all;
}

/* The column as the reader built it. */
static struct build_column built(const struct column *c)
{
	return (struct build_column){.mode = c->codes                 ? CELL_CODES
	                                     : c->type == COLUMN_TIME ? CELL_TIME
	                                     : c->type == COLUMN_BOOL ? CELL_BOOL
	                                                              : CELL_NUM,
	                             .values = c->values,
	                             .packed = c->packed,
	                             .codes = c->codes,
	                             .decimals = c->decimals,
	                             .packs = c->packed != NULL,
	                             .dict = (struct intern *)c->dict};
}

static void weigh_column(struct weighing *w, size_t at, double *scratch)
{
	const struct column *c = &w->table->columns[at];
	const size_t rows = w->table->row_count, spellings = w->tally.missing_count;
	struct tally_column *to = &w->tally.columns[at];
	const struct build_column from = built(c);
	struct arena *a = w->profile->parts[at] = arena_new();
	const uint32_t *spelled;
	uint32_t *own = NULL;
	bool known = true;

	to->name = (char *)c->name;
	to->missing_by = xcalloc(spellings + 1, sizeof(*to->missing_by));
	tally_column_begin(to, &w->tally, from.mode);
	to->rounded = c->rounded;
	if (w->times && !c->spelled)
		own = spelled_alike(c, spellings, &known);
	spelled = own ? own : c->spelled;
	for (size_t i = 0; i < rows && !progress_stop(w->progress); i += PIECE) {
		const struct tally_rows piece = {.from = i,
		                                 .count = rows - i < PIECE ? rows - i : PIECE,
		                                 .times = w->times ? w->times + i : NULL,
		                                 .weights = w->weights + i};

		tally_column_add(to, &w->tally, &from, &piece, &spelled, scratch);
	}
	free(own);
	if (!w->times)
		to->missing = c->missing;
	for (size_t i = 0; i < spellings; i++) {
		if (w->times)
			to->missing += to->missing_by[i];
		else if (c->missing_by)
			to->missing_by[i] = c->missing_by[i];
		if (!known)
			to->missing_by[i] = 0;
	}
	tally_column_profile(&w->tally, at, c, a, &w->profile->columns[at]);
	tally_column_end(to);
	free(to->missing_by);
}

static void weigh_columns(void *user, size_t thread)
{
	struct weighing *w = user;
	double *scratch = xmalloc(PIECE * sizeof(*scratch));
	size_t at;

	(void)thread;
	while ((at = atomic_fetch_add(&w->next, 1)) < w->table->column_count)
		weigh_column(w, at, scratch);
	free(scratch);
}

static const char *const names[] = {"none", "frequency", "sampling"};

const char *weights_name(enum stats_weights kind)
{
	return names[kind];
}

bool weights_parse(const char *name, enum stats_weights *kind)
{
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (!strcmp(name, names[i])) {
			*kind = (enum stats_weights)i;
			return true;
		}
	return false;
}

int weights_none(const char *column, struct error *err)
{
	return error_set(err, ERR_USAGE,
	                 "column %s is the weight, and it is 0 in every row: written out there are no rows "
	                 "(--weights none tells of them as they stand)",
	                 column);
}

int profile_some_rows(const struct profile *p, struct error *err)
{
	return p->weights == STATS_FREQUENCY && !p->rows ? weights_none(p->weight, err) : 0;
}

double *table_weights(const struct table *t, enum stats_weights kind, struct error *err)
{
	const long at = table_role(t, ROLE_WEIGHT);
	const struct column *c = at < 0 ? NULL : &t->columns[at];
	double *weights;
	size_t bad;

	if (!c) {
		error_set(err, ERR_USAGE, "which column holds the weights? Say --weight");
		return NULL;
	}
	if (c->codes || c->type == COLUMN_TIME) {
		error_set(err, ERR_USAGE, "column %s is the weight, but it does not hold numbers", c->name);
		return NULL;
	}
	weights = xmalloc(size_mul(t->row_count + 1, sizeof(*weights)));
	for (size_t i = 0; i < t->row_count; i++)
		weights[i] = column_number(c, i);
	bad = stats_weights_check(weights, t->row_count, kind);
	if (bad == t->row_count)
		return weights;
	weight_refused(t, c->name, bad, weights[bad], err);
	free(weights);
	return NULL;
}

uint64_t *table_times(const struct table *t, const double *weights, uint64_t *rows, struct error *err)
{
	uint64_t *times = xmalloc(size_mul(t->row_count + 1, sizeof(*times)));

	*rows = 0;
	for (size_t i = 0; i < t->row_count; i++) {
		times[i] = (uint64_t)weights[i];
		if (times[i] > (uint64_t)INT64_MAX - *rows) {
			error_set(err, ERR_USAGE, "the frequencies of column %s add up to more than 2^63 rows",
			          t->columns[table_role(t, ROLE_WEIGHT)].name);
			free(times);
			return NULL;
		}
		*rows += times[i];
	}
	return times;
}

int profile_weighted(struct profile *p, const struct table *t, const struct profile_options *options,
                     struct error *err)
{
	const int threads = options->threads > 0 ? options->threads : cpu_count();
	const long at = table_role(t, ROLE_WEIGHT);
	struct weighing w = {.table = t, .profile = p, .progress = options->progress};
	uint64_t *times = NULL;
	double *weights = table_weights(t, options->weights, err);
	int rc = -1;

	if (!weights)
		return -1;
	w.tally = (struct tally){.column_count = t->column_count,
	                         .columns = xcalloc(t->column_count + 1, sizeof(*w.tally.columns)),
	                         .room = UINT32_MAX / 2,
	                         .weights = options->weights,
	                         .weight = at,
	                         .rows = t->row_count,
	                         .missing = t->reading.missing,
	                         .missing_count = t->reading.missing_count};
	if (options->weights == STATS_FREQUENCY) {
		times = table_times(t, weights, &w.tally.rows, err);
		if (!times)
			goto out;
	} else {
		for (size_t i = 0; i < t->row_count; i++)
			weight_sum_add(&w.tally.weight_all, weights[i], 1);
	}
	w.weights = weights;
	w.times = times;
	p->rows = w.tally.rows;
	p->weights = options->weights;
	p->weight = arena_strdup(p->arena, t->columns[at].name);
	atomic_init(&w.next, 0);
	parallel_chunks((size_t)threads < t->column_count ? (size_t)threads : t->column_count, threads,
	                weigh_columns, &w);
	rc = progress_stop(options->progress) ? progress_stopped(err) : 0;
out:
	free(w.tally.columns);
	free(times);
	free(weights);
	return rc;
}
