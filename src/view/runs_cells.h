/* Cells of the table of runs, made on the reader's thread. */
#ifndef ASSAY_VIEW_RUNS_CELLS_H
#define ASSAY_VIEW_RUNS_CELLS_H

#include "runs.h"
#include "runs_key.h"

struct desk;

/* What rows are compared with. row NULL: with nothing. */
struct runs_against {
	const struct runs_row *row; /* of the same query */
	enum work_difference difference;
	int *directions; /* of the columns: 1 more is better, -1 less, 0 not known */
};
/* Columns that the row itself holds, and the curve; all others are cells of the query. */
bool runs_cell_is_own(const char *key);
void runs_cell_own(const struct desk *desk, struct arena *a, const struct runs_row *row, const char *key,
                   const struct runs_against *b, struct ui_cell *out);
/* The query's cell `at` of the row, for column `column` of the table. */
void runs_cell(struct arena *a, const struct runs_row *row, size_t at, const struct runs_against *b,
               size_t column, struct ui_cell *out);
/* value less base as it is shown, or in per cent of |base|; NULL where it cannot be told. `like`: the texts that
 * have the decimals. */
const char *runs_cell_difference(struct arena *a, double value, double base, const char *value_text,
                                 const char *base_text, bool percent);

enum runs_sum { RUNS_SUM_MIN, RUNS_SUM_MEDIAN, RUNS_SUM_MAX, RUNS_SUM_DISTINCT, RUNS_SUMS };
void runs_cell_sum(const struct desk *desk, struct arena *a, const char *key, const struct runs_summary *of,
                   enum runs_sum sum, struct ui_cell *out);

#endif
