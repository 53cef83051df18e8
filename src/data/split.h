/* Splitting, inside: what the parts of it share. */
#ifndef ASSAY_DATA_SPLIT_INTERNAL_H
#define ASSAY_DATA_SPLIT_INTERNAL_H

#include "assay/data_split.h"
#include "decimal.h"

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

/* "\"na\"\"me\"": a column in an expression of table_where. */
void split_quote(struct str *out, const char *text, char quote);

/* The most frequent codes, ties by the value's bytes, into leading[most]: how many different ones occur. */
size_t split_leading(const struct intern *dict, const uint64_t *counts, size_t most, uint32_t *leading);

/* split_time.c: whole periods from the one with `first` to the one with `last` (ms UTC), at most `most` of them. */
struct split_periods {
	int unit; /* inside */
	int64_t from;
	size_t count;
};
void split_periods(int64_t first, int64_t last, size_t most, struct split_periods *out);
int64_t split_period_start(const struct split_periods *p, size_t at); /* ms UTC; at: up to count */
char *split_period_name(const struct split_periods *p, size_t at, struct arena *a);
/* As time_parse reads it; false: it is in no year of four digits. */
bool split_time_text(int64_t ms, char out[TIME_TEXT]);

#endif
