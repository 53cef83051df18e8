/* Two profiles side by side. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assay/data_differences.h"

const char *difference_status_name(enum difference_status status)
{
	static const char *const names[DIFFERENCE_STATUS_COUNT] = {"same", "changed", "type", "appeared",
	                                                           "disappeared"};

	return names[status];
}

static struct number_change change(double now, double reference)
{
	return (struct number_change){now, reference, now - reference};
}

static double share(uint64_t part, uint64_t all)
{
	return all ? (double)part / (double)all : (double)NAN;
}

/* Numbers can be compared with numbers, times with times. */
static bool comparable(const struct column_profile *a, const struct column_profile *b)
{
	return a->numeric && b->numeric && (a->type == COLUMN_TIME) == (b->type == COLUMN_TIME);
}

static bool has_values(const struct column_profile *c)
{
	return c->type == COLUMN_CAT || c->type == COLUMN_BOOL;
}

static const struct value_count *find_value(const struct column_profile *c, const struct value_count *v)
{
	for (size_t i = 0; i < c->top_count; i++)
		if (c->top[i].len == v->len && !memcmp(c->top[i].value, v->value, v->len))
			return &c->top[i];
	return NULL;
}

static bool all_known(const struct column_profile *c)
{
	return c->distinct == c->top_count;
}

static int by_change(const void *a, const void *b)
{
	const struct value_change *x = a, *y = b;
	double dx = fabs(x->share.difference), dy = fabs(y->share.difference);

	if (dx != dy)
		return dx > dy ? -1 : 1;
	return strcmp(x->value, y->value);
}

static void compare_values(struct column_difference *d, struct arena *a)
{
	const struct column_profile *now = d->now, *reference = d->reference;

	if (!now->count || !reference->count)
		return;
	d->values = arena_array(a, now->top_count + reference->top_count + 1, sizeof(*d->values));
	for (size_t i = 0; i < now->top_count; i++) {
		const struct value_count *v = &now->top[i], *other = find_value(reference, v);

		if (other || all_known(reference))
			d->values[d->value_count++] = (struct value_change){
			    v->value, v->len,
			    change(share(v->count, now->count), other ? share(other->count, reference->count) : 0)};
	}
	for (size_t i = 0; i < reference->top_count && all_known(now); i++) {
		const struct value_count *v = &reference->top[i];

		if (!find_value(now, v))
			d->values[d->value_count++] =
			    (struct value_change){v->value, v->len, change(0, share(v->count, reference->count))};
	}
	qsort(d->values, d->value_count, sizeof(*d->values), by_change);
}

static bool same_number(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

/* As far as profiles tell. */
static bool is_same(const struct column_profile *a, const struct column_profile *b)
{
	if (a->count != b->count || a->missing != b->missing || a->infinite != b->infinite ||
	    a->distinct != b->distinct || a->top_count != b->top_count)
		return false;
	for (size_t i = 0; i < a->top_count; i++)
		if (a->top[i].count != b->top[i].count || a->top[i].len != b->top[i].len ||
		    memcmp(a->top[i].value, b->top[i].value, a->top[i].len) != 0)
			return false;
	if (!comparable(a, b))
		return true;
	for (size_t i = 0; i < PROFILE_QUANTILES; i++)
		if (!same_number(a->quantiles[i], b->quantiles[i]))
			return false;
	return same_number(a->mean, b->mean) && same_number(a->sd, b->sd) && same_number(a->min, b->min) &&
	       same_number(a->max, b->max);
}

static double estimated_mean(const struct column_profile *c)
{
	return c->weighted ? c->weighted->moments.mean : c->mean;
}

static double estimated_median(const struct column_profile *c)
{
	return c->weighted ? c->weighted->quantiles[3] : c->quantiles[3];
}

static double estimated_missing(const struct column_profile *c)
{
	return c->weighted ? c->weighted->missing : share(c->missing, c->missing + c->count);
}

static void compare_estimates(struct column_difference *d)
{
	const struct column_profile *now = d->now, *reference = d->reference;
	const double sd = reference->weighted ? reference->weighted->moments.sd : reference->sd;

	d->weighted.missing = change(estimated_missing(now), estimated_missing(reference));
	d->weighted.mean = change(estimated_mean(now), estimated_mean(reference));
	d->weighted.median = change(estimated_median(now), estimated_median(reference));
	if (sd > 0)
		d->weighted.mean_in_sd = d->weighted.mean.difference / sd;
}

/* The larger one; what is NaN does not count. */
static void measure(struct column_difference *d)
{
	double shift = fabs(d->mean_in_sd);

	if (isnan(shift) && d->mean.difference != 0 && !isnan(d->mean.difference))
		shift = (double)INFINITY;
	d->differs = fmax(fabs(d->missing.difference), shift);
	if (d->value_count)
		d->differs = fmax(d->differs, fabs(d->values[0].share.difference));
}

static void compare(struct column_difference *d, uint64_t rows_now, uint64_t rows_reference, struct arena *a)
{
	const struct column_profile *now = d->now, *reference = d->reference;
	const double none = (double)NAN;

	/* One of the two is there. */
	d->name = now ? now->name : reference ? reference->name : NULL;
	d->missing = change(now ? share(now->missing, rows_now) : none,
	                    reference ? share(reference->missing, rows_reference) : none);
	d->distinct = change(now ? (double)now->distinct : none, reference ? (double)reference->distinct : none);
	d->mean = d->median = change(none, none);
	d->mean_in_sd = d->differs = none;
	d->weighted =
	    (struct weighted_difference){change(none, none), change(none, none), change(none, none), none};
	d->status = !reference ? DIFFERENCE_APPEARED : !now ? DIFFERENCE_DISAPPEARED : DIFFERENCE_CHANGED;
	if (!now || !reference)
		return;
	if (is_same(now, reference))
		d->status = DIFFERENCE_NONE;
	if (now->type != reference->type)
		d->status = DIFFERENCE_TYPE;
	if (comparable(now, reference)) {
		d->mean = change(now->mean, reference->mean);
		d->median = change(now->quantiles[3], reference->quantiles[3]);
		if (reference->sd > 0)
			d->mean_in_sd = d->mean.difference / reference->sd;
		compare_estimates(d);
	}
	if (has_values(now) && has_values(reference))
		compare_values(d, a);
	measure(d);
}

void profile_differences(struct differences *d, const struct profile *now, const struct profile *reference)
{
	*d = (struct differences){.rows_now = now->rows,
	                          .rows_reference = reference->rows,
	                          .weighted =
	                              now->weights == STATS_SAMPLING || reference->weights == STATS_SAMPLING,
	                          .arena = arena_new()};
	d->columns = arena_array(d->arena, now->column_count + reference->column_count + 1, sizeof(*d->columns));
	for (size_t i = 0; i < now->column_count; i++) {
		struct column_difference *one = &d->columns[d->column_count++];

		one->now = &now->columns[i];
		/* Tables mostly have the same columns in the same places. */
		one->reference = i < reference->column_count && !strcmp(reference->columns[i].name, one->now->name)
		                     ? &reference->columns[i]
		                     : profile_find(reference, one->now->name);
	}
	for (size_t i = 0; i < reference->column_count; i++) {
		const char *name = reference->columns[i].name;

		if ((i >= now->column_count || strcmp(now->columns[i].name, name) != 0) && !profile_find(now, name))
			d->columns[d->column_count++].reference = &reference->columns[i];
	}
	for (size_t i = 0; i < d->column_count; i++)
		compare(&d->columns[i], now->rows, reference->rows, d->arena);
}

void differences_release(struct differences *d)
{
	arena_free(d->arena);
	memset(d, 0, sizeof(*d));
}

/* ---- JSON ---- */

static void change_json(struct json_writer *j, const struct number_change *c, const char *why)
{
	jw_num(j, "now", c->now, why);
	jw_num(j, "reference", c->reference, why);
	jw_num(j, "difference", c->difference, why);
}

static void number_json(struct json_writer *j, const char *key, const struct number_change *c,
                        const char *why)
{
	jw_object(j, key);
	change_json(j, c, why);
	jw_object_end(j);
}

/* Of the rows, or of what weights estimate. */
static void numbers_json(struct json_writer *j, const struct number_change *mean, double in_sd,
                         const struct number_change *median)
{
	static const char no_numbers[] = "not two columns of numbers with values";

	jw_object(j, "mean");
	change_json(j, mean, no_numbers);
	jw_num(j, "in_sd", in_sd, "not two columns of numbers, or the reference is constant");
	jw_object_end(j);
	number_json(j, "median", median, no_numbers);
}

static void column_json(struct json_writer *j, const struct column_difference *d, bool weighted)
{
	static const char none[] = "it is not there, or has no value";

	jw_object(j, NULL);
	jw_string(j, "column", d->name);
	jw_string(j, "status", difference_status_name(d->status));
	jw_object(j, "type");
	jw_string(j, "now", d->now ? column_type_name(d->now->type) : NULL);
	jw_string(j, "reference", d->reference ? column_type_name(d->reference->type) : NULL);
	jw_object_end(j);
	number_json(j, "missing", &d->missing, none);
	number_json(j, "distinct", &d->distinct, none);
	numbers_json(j, &d->mean, d->mean_in_sd, &d->median);
	jw_array(j, "values");
	for (size_t i = 0; i < d->value_count; i++) {
		jw_object(j, NULL);
		jw_string_n(j, "value", d->values[i].value, d->values[i].len);
		change_json(j, &d->values[i].share, NULL);
		jw_object_end(j);
	}
	jw_array_end(j);
	jw_num(j, "differs", d->differs,
	       isinf(d->differs) ? "infinite: the reference is constant" : "nothing can be compared");
	if (weighted) {
		const struct weighted_difference *w = &d->weighted;

		jw_object(j, "weighted");
		number_json(j, "missing", &w->missing, none);
		numbers_json(j, &w->mean, w->mean_in_sd, &w->median);
		jw_object_end(j);
	}
	jw_object_end(j);
}

void differences_json(const struct differences *d, struct json_writer *j)
{
	jw_array(j, "differences");
	for (size_t i = 0; i < d->column_count; i++)
		column_json(j, &d->columns[i], d->weighted);
	jw_array_end(j);
}
