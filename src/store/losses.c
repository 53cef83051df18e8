/* Losses that look wrong by their rows alone; whoever asked looks at the points. */
#include "assay/store_capture.h"
#include "series.h"

int store_points_count(struct store *s, int64_t run, int64_t *count, struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(s, "SELECT coalesce(sum(count), 0) FROM series WHERE run = ? AND kind = 0", err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	rc = store_step(s, stmt, err);
	if (rc > 0) {
		*count = sqlite3_column_int64(stmt, 0);
		sqlite3_reset(stmt);
	}
	return rc < 0 ? -1 : 0;
}

int store_losses_odd(struct store *s, int64_t run, double factor, struct arena *mem, struct series **out,
                     size_t *count, struct error *err)
{
	/* An infinite value is the one that is above (or below) all finite ones. */
	sqlite3_stmt *stmt =
	    store_prepare(s,
	                  "SELECT " SERIES_COLUMNS " FROM series WHERE run = ?1 AND kind = 0 AND direction = -1 "
	                  "AND count > 1 AND (((last_nan OR abs(last) > 1.7976931348623157e308) AND "
	                  "(abs(min) <= 1.7976931348623157e308 OR abs(max) <= 1.7976931348623157e308)) "
	                  "OR (?2 > 0 AND first > 0 AND last > first * ?2)) ORDER BY name, context",
	                  err);
	struct list rows = {0};
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	bind_double(stmt, 2, factor);
	while ((rc = store_step(s, stmt, err)) > 0)
		series_columns(stmt, mem, list_add(&rows, sizeof(struct series)));
	return list_hand_over(&rows, sizeof(struct series), rc, mem, out, count);
}
