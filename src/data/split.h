/* Splitting, inside: what the parts of it share. */
#ifndef ASSAY_DATA_SPLIT_INTERNAL_H
#define ASSAY_DATA_SPLIT_INTERNAL_H

#include "assay/data_split.h"
#include "assay/stats_sketch.h"
#include "decimal.h"
#include "internal.h"

/* Numbers are gone through in blocks: a packed column has its values there and nowhere else. */
enum { SPLIT_BLOCK = 1024 };
/* The values of rows [from, from + n), n at most SPLIT_BLOCK; `room` is for those that are packed. */
static inline const double *split_block(const struct column *c, size_t from, size_t n, double *room)
{
	if (!c->packed)
		return c->values + from;
	packed_values(c->packed + from, n, c->decimals, room);
	return room;
}

/* How many rows this one stands for. */
static inline uint64_t split_times(const struct split_by *g, size_t row)
{
	return g->times ? g->times[row] : 1;
}

/* split_weights.c. The column of weights, as this kind. */
int split_take_weights(struct split_by *g, enum stats_weights kind, struct error *err);
/* Of sampling weights: what each group has of them. */
void split_weigh_groups(struct split_by *g);
/* With frequency weights, in the place of what is told of rows: what of each group is missing and
 * infinite, the edges, the measures. */
int split_frequencies(struct split *s, const struct split_by *g, const struct column *c,
                      struct progress *progress, struct error *err);
/* With sampling weights, beside that: of numbers (edges are there), and what is missing; of categories and bools the
 * values, shown_as being the place of each code (false, true) among them. */
void split_estimate(struct split *s, const struct split_by *g, const struct column *c);
void split_estimate_values(struct split *s, const struct split_by *g, const struct column *c,
                           const uint32_t *shown_as);

/* "\"na\"\"me\"": a column in an expression of table_where. */
void split_quote(struct str *out, const char *text, char quote);

/* The most frequent codes, ties by the value's bytes, into leading[most]: how many different ones occur. */
size_t split_leading(const struct intern *dict, const uint64_t *counts, size_t most, uint32_t *leading);

/* split_time.c: whole periods from the one with `first` to the one with `last` (ms UTC), at most `most` of them; days: of no hours. */
struct split_periods {
	int unit; /* inside */
	int64_t from;
	size_t count;
};
void split_periods(int64_t first, int64_t last, size_t most, bool days, struct split_periods *out);
int64_t split_period_start(const struct split_periods *p, size_t at); /* ms UTC; at: up to count */
char *split_period_name(const struct split_periods *p, size_t at, struct arena *a);
/* As time_parse reads it; false: it is in no year of four digits. */
bool split_time_text(int64_t ms, char out[TIME_TEXT]);

#endif
