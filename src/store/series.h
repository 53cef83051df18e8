/* What series.c (writing), series_read.c and envelope.c (reading), series_spans.c and cells.c (trends) share of the
 * tables series and chunk. */
#ifndef ASSAY_STORE_SERIES_H
#define ASSAY_STORE_SERIES_H

#include "internal.h"

enum {
	TAIL_POINTS = 64,  /* fewer stand in the series row */
	CHUNK_BITS = 22,   /* of a chunk's id: its number within the series */
	NAME_LONGEST = 500 /* bytes of a name or context */
};

/* All columns that the two functions below read. */
#define SERIES_COLUMNS                                                                                       \
	"id, run, name, context, count, nan_count, direction, last, last_step, last_time, first, first_step, "   \
	"first_time, min, min_step, max, max_step, best, best_step, mean, sum, sum_low, stored, tail"
enum { SERIES_SUM = 20, SERIES_SUM_LOW, SERIES_STORED, SERIES_TAIL };

/* name and context are left NULL if mem is. */
void series_columns(sqlite3_stmt *stmt, struct arena *mem, struct series *out);
/* The points of the tail, into at least TAIL_POINTS; -1 if it is damaged. */
int series_tail(struct store *s, sqlite3_stmt *stmt, int column, struct point *out, size_t *count,
                struct error *err);
int series_damaged(struct store *s, int64_t series, struct error *err);

/* Counts one more point into the figures of a series (first, last, min and max are NaN before the first). Its mean is
 * (sum + sum_low) / (count - nan_count); compensated summation (Neumaier 1974). */
void series_count_point(struct series *series, double *sum, double *sum_low, const struct point *p);
/* What the columns of a chunk say of its points. */
enum { CHUNK_MIN, CHUNK_MAX, CHUNK_FIRST, CHUNK_LAST, CHUNK_VALUES };
struct chunk_columns {
	int64_t count, nan_count, step_low, step_high, time_low, time_high; /* times 0: none was told */
	double values[CHUNK_VALUES];                                        /* NaN: none but NaNs */
	bool rising;
};
void chunk_describe(const struct point *points, size_t count, struct chunk_columns *out);

/* What a reader needs of the row. */
struct series_head {
	int64_t id, count, stored;
	struct point tail[TAIL_POINTS];
	size_t tail_count;
};
int series_head(struct store *s, int64_t series, struct series_head *head, struct error *err);
/* The block in a column of the statement's row, which must hold `count` points. */
int series_unpack(struct store *s, sqlite3_stmt *stmt, int column, int64_t series, struct point *out,
                  int64_t count, struct error *err);

/* Columns of the metric of that name in a run: of its series without a context told, or with one. For series_of. */
#define SERIES_OF(columns)                                                                                   \
	{                                                                                                        \
		"SELECT " columns " FROM series WHERE run = ?1 AND kind = 0 AND name = ?2 AND main = 1",             \
		    "SELECT " columns " FROM series WHERE run = ?1 AND kind = 0 AND name = ?2 AND context = ?3"      \
	}
/* Ready to be stepped; context NULL: the main series. NULL with err. */
sqlite3_stmt *series_of(struct store *s, const char *const sql[2], int64_t run, const char *name,
                        const char *context, struct error *err);

/* Up to `room` values over the life of the series, oldest first, read from a few blocks. */
int series_trend(struct store *s, int64_t run, const char *name, const char *context, double *out,
                 size_t room, size_t *count, struct error *err);
/* The value at a step: of the last point that came for it, if several did. context NULL: the main series. */
int series_value_at(struct store *s, int64_t run, const char *name, const char *context, int64_t step,
                    double *value, bool *found, struct error *err);
/* The step that a point without one gets: one more than the last, 0 in a new series. */
int series_next_step(struct store *s, int64_t run, const char *name, const char *context, int64_t *step,
                     struct error *err);

#endif
