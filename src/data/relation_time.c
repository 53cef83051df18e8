/* A binary label over time: its rate by period, and whether it is one and the same before a time or after it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "relation.h"
#include "split.h"

/* Of each kind of rows so many are expected in what is compared. */
enum { EXPECTED = 5 };
/* One row in so many, at least, are an end of the table. */
enum { END_SHARE = 1000 };

/* ---- by period ---- */

static void count_periods(struct relation_time *out, const struct split_by *by, const double *label)
{
	for (size_t i = 0; i < by->table->row_count; i++) {
		const uint32_t at = by->group_of[i];

		if (at >= by->compared || isnan(label[i]))
			continue;
		out->periods[at].rows++;
		out->periods[at].positive += label[i] > 0;
		out->rows++;
		out->positive += label[i] > 0;
	}
	for (size_t i = 0; i < out->period_count; i++) {
		struct relation_period *p = &out->periods[i];

		p->rate = p->low = p->high = (double)NAN;
		if (!p->rows)
			continue;
		p->rate = (double)p->positive / (double)p->rows;
		stats_wilson((double)p->positive, (double)p->rows, 0.95, &p->low, &p->high);
	}
}

static void compare_periods(struct relation_time *out)
{
	const uint64_t negative = out->rows - out->positive,
	               rarer = out->positive < negative ? out->positive : negative;
	uint64_t *cells = xcalloc(2 * out->period_count + 2, sizeof(*cells)), rows = 0;
	size_t made = 0;

	for (size_t i = 0; i < out->period_count; i++) {
		cells[2 * made] += out->periods[i].rows - out->periods[i].positive;
		cells[2 * made + 1] += out->periods[i].positive;
		rows += out->periods[i].rows;
		if ((double)rows * (double)rarer < EXPECTED * (double)out->rows)
			continue;
		made++;
		rows = 0;
	}
	/* What is left over at the end goes with those before it. */
	if (rows && made) {
		cells[2 * made - 2] += cells[2 * made];
		cells[2 * made - 1] += cells[2 * made + 1];
	}
	stats_association_counts(cells, made, 2, &out->association);
	free(cells);
}

/* ---- the ends ---- */

/* log of n over k */
static double log_choose(double n, double k)
{
	return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

/* That `drawn` of n rows, of which so many are positive, are all positive or all negative. */
static double chance_of_one_kind(double n, double positive, double drawn)
{
	double p = 0;

	if (drawn <= positive)
		p += exp(log_choose(n - drawn, positive - drawn) - log_choose(n, positive));
	if (drawn <= n - positive)
		p += exp(log_choose(n - drawn, positive) - log_choose(n, positive));
	return fmin(1, p);
}

/* sign 1: the end; -1: the beginning, times being mirrored. */
static void find_end(struct relation_end *out, const struct relation_time *t, const struct column *c,
                     const double *label, size_t n, double sign)
{
	double last[2] = {-(double)INFINITY, -(double)INFINITY}, border, first = (double)INFINITY;

	for (size_t i = 0; i < n; i++) {
		const double time = sign * column_number(c, i);

		if (!isnan(time) && !isnan(label[i]))
			last[label[i] > 0] = fmax(last[label[i] > 0], time);
	}
	*out = (struct relation_end){.positive = last[1] > last[0], .p = (double)NAN, .time = (double)NAN};
	border = last[!out->positive];
	/* With rows of one kind alone there is nothing that ends. */
	for (size_t i = 0; i < n && isfinite(border); i++) {
		const double time = sign * column_number(c, i);

		if (time > border && !isnan(label[i])) {
			out->rows++;
			first = fmin(first, time);
		}
	}
	if (!out->rows)
		return;
	out->time = sign * first;
	out->p = chance_of_one_kind((double)t->rows, (double)t->positive, (double)out->rows);
}

/* ---- all ---- */

static void say_end(const struct relations *r, const struct relation_time *t, const struct relation_end *end,
                    bool begins, struct note_list *notes)
{
	char time[TIME_TEXT], rows[NUM_TEXT];

	split_time_text((int64_t)end->time, time);
	note_add(notes, "%s over %s: %s the %s rows %s %s %s positive; were they collected in another way?",
	         r->names[r->label], r->names[t->column], end->positive ? "all of" : "none of",
	         count_people((int64_t)end->rows, rows), begins ? "up to" : "from", time,
	         end->positive ? "are" : "is");
}

static void say_change(const struct relations *r, const struct relation_time *t, struct note_list *notes)
{
	size_t first = 0, low, high;

	/* By the nearer ends of their intervals: a period of a few rows is not what it says. One without rows has none. */
	while (first + 1 < t->period_count && !t->periods[first].rows)
		first++;
	low = high = first;
	for (size_t i = first + 1; i < t->period_count; i++) {
		low = t->periods[i].high < t->periods[low].high ? i : low;
		high = t->periods[i].low > t->periods[high].low ? i : high;
	}
	note_add(notes, "the rate of %s changes over %s: %.3g %% in %s, %.3g %% in %s", r->names[r->label],
	         r->names[t->column], 100 * t->periods[low].rate, t->periods[low].name,
	         100 * t->periods[high].rate, t->periods[high].name);
}

static void relate_time(struct relations *r, const struct table *t, struct relation_time *out,
                        const double *label)
{
	struct split_by by;

	/* Of times there is nothing that could fail. */
	if (split_by_init(&by, t, (long)out->column, 0, STATS_ONE_EACH, NULL, NULL) < 0)
		return;
	out->period_count = by.compared;
	out->periods = arena_array(r->arena, by.compared + 1, sizeof(*out->periods));
	for (size_t i = 0; i < by.compared; i++) {
		const struct split_group *g = &by.groups[i];

		out->periods[i].name = arena_strdup(r->arena, g->name);
		out->periods[i].where = g->where ? arena_strdup(r->arena, g->where) : NULL;
	}
	count_periods(out, &by, label);
	split_by_release(&by);
	compare_periods(out);
	find_end(&out->begin, out, &t->columns[out->column], label, t->row_count, -1);
	find_end(&out->end, out, &t->columns[out->column], label, t->row_count, 1);
}

static bool is_constant(const struct relation_end *end, const struct relation_time *t, size_t times)
{
	return end->p <= RELATION_TELLS_P / (2 * (double)times) && end->rows * END_SHARE >= t->rows;
}

void relate_times(struct relations *r, const struct table *t, const double *label, struct progress *progress,
                  struct note_list *notes)
{
	size_t count = 0;

	r->times = arena_array(r->arena, t->column_count + 1, sizeof(*r->times));
	for (size_t i = 0; i < t->column_count; i++)
		if (t->columns[i].type == COLUMN_TIME && (long)i != r->label)
			r->times[count++].column = i;
	progress_begin(progress, "going through times", "columns", count);
	for (size_t i = 0; i < count && !progress_stop(progress); i++) {
		struct relation_time *one = &r->times[i];

		relate_time(r, t, one, label);
		one->changes =
		    one->association.p <= RELATION_TELLS_P / (double)count && one->association.v >= RELATION_TELLS;
		one->begin.constant = is_constant(&one->begin, one, count);
		one->end.constant = is_constant(&one->end, one, count);
		if (one->begin.constant)
			say_end(r, one, &one->begin, true, notes);
		if (one->end.constant)
			say_end(r, one, &one->end, false, notes);
		if (one->changes)
			say_change(r, one, notes);
		progress_add(progress, 1);
	}
	r->time_count = count;
}
