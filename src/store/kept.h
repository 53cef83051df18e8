/* Rows of series that were appended to, kept in memory: the next append needs neither read nor unpack them. */
#ifndef ASSAY_STORE_KEPT_H
#define ASSAY_STORE_KEPT_H

#include "series.h"

/* A series row on its way from the table, through new points, back. */
struct series_row {
	struct series series; /* name and context are the caller's */
	double sum, sum_low;  /* compensated (Neumaier 1974): the sum is sum + sum_low */
	int64_t stored;
	struct point tail[TAIL_POINTS];
	size_t tail_count;
};

/* Within a transaction. The row as it stands in the table, or NULL: not kept. Valid until the next series_keep or
 * series_forget; whoever changes it and cannot write that calls series_forget. */
struct series_row *series_kept(struct store *s, int64_t run, enum series_kind kind, const char *name,
                               const char *context);
/* Keeps a copy of the row, which stands in the table like this. */
void series_keep(struct store *s, enum series_kind kind, const struct series_row *row);
/* Around what series.c does to the table; any other change of it forgets the rows. */
void series_appending(struct store *s, bool yes);

#endif
