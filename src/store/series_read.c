/* Reading series: rows, points, trends for tables; and the direction that is better.
 */
#include <math.h>
#include <stdlib.h>

#include "series.h"

int store_series_list(struct store *s, int64_t run, enum series_kind kind, struct arena *mem,
                      struct series **out, size_t *count, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    s, "SELECT " SERIES_COLUMNS " FROM series WHERE run = ? AND kind = ? ORDER BY name, context", err);
	struct list l = {0};
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	sqlite3_bind_int(stmt, 2, (int)kind);
	while ((rc = store_step(s, stmt, err)) > 0)
		series_columns(stmt, mem, list_add(&l, sizeof(struct series)));
	return list_hand_over(&l, sizeof(struct series), rc, mem, out, count);
}

int store_series_some(struct store *s, int64_t run, enum series_kind kind, size_t limit, struct arena *mem,
                      struct series **out, size_t *count, size_t *total, struct error *err)
{
	static const char some[] = "SELECT " SERIES_COLUMNS " FROM series WHERE run = ? AND kind = ? "
	                           "ORDER BY direction = 0, name, context LIMIT ?";
	struct list l = {0};
	sqlite3_stmt *stmt;
	int rc = -1;

	if (store_enter_read(s, err))
		return -1;
	stmt = store_prepare(s, "SELECT count(*) FROM series WHERE run = ? AND kind = ?", err);
	if (!stmt)
		goto out;
	sqlite3_bind_int64(stmt, 1, run);
	sqlite3_bind_int(stmt, 2, (int)kind);
	if (store_step(s, stmt, err) < 0)
		goto out;
	*total = (size_t)sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	stmt = store_prepare(s, some, err);
	if (!stmt)
		goto out;
	sqlite3_bind_int64(stmt, 1, run);
	sqlite3_bind_int(stmt, 2, (int)kind);
	sqlite3_bind_int64(stmt, 3, (int64_t)(limit < INT64_MAX ? limit : INT64_MAX));
	while ((rc = store_step(s, stmt, err)) > 0)
		series_columns(stmt, mem, list_add(&l, sizeof(struct series)));
out:
	store_leave_read(s);
	return list_hand_over(&l, sizeof(struct series), rc, mem, out, count);
}

static int no_such_series(struct store *s, int64_t run, enum series_kind kind, const char *name,
                          const char *context, struct error *err)
{
	struct arena *mem = arena_new();
	struct series *all = NULL;
	const char **names, *near = NULL;
	size_t count = 0, different = 0, other = 0;

	if (store_series_list(s, run, kind, mem, &all, &count, err))
		goto out;
	names = arena_array(mem, count + 1, sizeof(*names));
	for (size_t i = 0; i < count; i++) {
		if (!different || strcmp(names[different - 1], all[i].name)) /* contexts of a name are neighbours */
			names[different++] = all[i].name;
		other += !strcmp(all[i].name, name);
	}
	near = name_nearest(name, names, different);
	if (other)
		error_set(err, ERR_NO, "the run has %s, but not in the context \"%s\"", name, context);
	else if (!count)
		error_set(err, ERR_NO, "the run has no \"%s\"; it has reported nothing yet", name);
	else if (near)
		error_set(err, ERR_NO, "the run has no \"%s\"; did you mean \"%s\"?", name, near);
	else
		error_set(err, ERR_NO, "the run has no \"%s\"; it has %s%s%s%s%s", name, names[0],
		          different > 1 ? ", " : "", different > 1 ? names[1] : "", different > 2 ? ", " : "",
		          different > 2 ? names[2] : "");
out:
	arena_free(mem);
	return -1;
}

int store_series_find(struct store *s, int64_t run, enum series_kind kind, const char *name,
                      const char *context, struct arena *mem, struct series *out, struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(s,
	                  "SELECT " SERIES_COLUMNS " FROM series WHERE run = ?1 AND kind = ?2 AND "
	                  "name = ?3 AND CASE WHEN ?4 IS NULL THEN main = 1 ELSE context = ?4 END",
	                  err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	sqlite3_bind_int(stmt, 2, (int)kind);
	bind_text(stmt, 3, name);
	bind_text(stmt, 4, context);
	rc = store_step(s, stmt, err);
	if (rc <= 0)
		return rc < 0 ? -1 : no_such_series(s, run, kind, name, context, err);
	series_columns(stmt, mem, out);
	sqlite3_reset(stmt);
	return 0;
}

int series_next_step(struct store *s, int64_t run, const char *name, const char *context, int64_t *step,
                     struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(
	    s, "SELECT last_step FROM series WHERE run = ? AND kind = 0 AND name = ? AND context = ?", err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	bind_text(stmt, 2, name);
	bind_text(stmt, 3, context);
	rc = store_step(s, stmt, err);
	*step = 0;
	if (rc > 0) {
		int64_t last = sqlite3_column_int64(stmt, 0);

		*step = last < INT64_MAX ? last + 1 : last;
		sqlite3_reset(stmt);
	}
	return rc < 0 ? -1 : 0;
}

/* ---- points ---- */

int series_head(struct store *s, int64_t series, struct series_head *head, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "SELECT id, count, stored, tail FROM series WHERE id = ?", err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, series);
	rc = store_step(s, stmt, err);
	if (rc <= 0)
		return rc < 0 ? -1 : error_set(err, ERR_NO, "there is no series %lld", (long long)series);
	head->id = series;
	head->count = sqlite3_column_int64(stmt, 1);
	head->stored = sqlite3_column_int64(stmt, 2);
	rc = series_tail(s, stmt, 3, head->tail, &head->tail_count, err);
	sqlite3_reset(stmt);
	if (!rc && head->stored + (int64_t)head->tail_count != head->count)
		rc = series_damaged(s, series, err);
	return rc;
}

int series_unpack(struct store *s, sqlite3_stmt *stmt, int column, int64_t series, struct point *out,
                  int64_t count, struct error *err)
{
	const void *blob = sqlite3_column_blob(stmt, column);

	if (count < 1 || count > BLOCK_POINTS || !blob ||
	    block_unpack(&s->coder, blob, (size_t)sqlite3_column_bytes(stmt, column), out, BLOCK_POINTS) != count)
		return series_damaged(s, series, err);
	return 0;
}

static int read_points(struct store *s, const struct series_head *head, size_t from, size_t count,
                       struct point *out, struct error *err)
{
	struct point block[BLOCK_POINTS];
	int64_t number = (int64_t)(from / BLOCK_POINTS), end = (int64_t)(from + count), done = (int64_t)from;
	sqlite3_stmt *stmt =
	    store_prepare(s, "SELECT id, count, points FROM chunk WHERE id BETWEEN ? AND ? ORDER BY id", err);
	int rc = 0;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, head->id << CHUNK_BITS | number);
	sqlite3_bind_int64(stmt, 2, head->id << CHUNK_BITS | (end - 1) / BLOCK_POINTS);
	while (done < end && done < head->stored && (rc = store_step(s, stmt, err)) > 0) {
		int64_t left = head->stored - number * BLOCK_POINTS, n = left < BLOCK_POINTS ? left : BLOCK_POINTS;
		int64_t start = number * BLOCK_POINTS, to = start + n < end ? start + n : end;

		rc = sqlite3_column_int64(stmt, 0) == (head->id << CHUNK_BITS | number)
		         ? series_unpack(s, stmt, 2, head->id, block, n, err)
		         : series_damaged(s, head->id, err);
		if (rc) {
			sqlite3_reset(stmt);
			return -1;
		}
		memcpy(out + (done - (int64_t)from), block + (done - start), (size_t)(to - done) * sizeof(*out));
		done = to;
		number++;
	}
	sqlite3_reset(stmt);
	if (rc < 0)
		return -1;
	if (done < end && done < head->stored)
		return series_damaged(s, head->id, err);
	if (done < end)
		memcpy(out + (done - (int64_t)from), head->tail + (done - head->stored),
		       (size_t)(end - done) * sizeof(*out));
	return 0;
}

int store_series_points(struct store *s, int64_t series, size_t from, size_t limit, struct arena *mem,
                        struct point **out, size_t *count, struct error *err)
{
	struct series_head head;
	int rc;

	*out = NULL;
	*count = 0;
	if (store_enter_read(s, err))
		return -1;
	rc = series_head(s, series, &head, err);
	if (!rc && from < (size_t)head.count) {
		size_t n = (size_t)head.count - from;

		n = limit && limit < n ? limit : n;
		*out = arena_array(mem, n, sizeof(**out));
		rc = read_points(s, &head, from, n, *out, err);
		*count = rc ? 0 : n;
	}
	store_leave_read(s);
	return rc;
}

int store_series_thinned(struct store *s, int64_t series, size_t most, struct arena *mem, struct point **out,
                         size_t *count, struct error *err)
{
	struct series_head head;
	struct point *block = NULL;
	size_t total, begin = 0, end = 0; /* what the block holds */
	int rc;

	*out = NULL;
	*count = 0;
	if (store_enter_read(s, err))
		return -1;
	rc = series_head(s, series, &head, err);
	total = rc ? 0 : (size_t)head.count;
	most = most < total ? most : total;
	*out = arena_array(mem, most, sizeof(**out));
	block = xcalloc(BLOCK_POINTS, sizeof(*block));
	for (size_t i = 0; i < most && !rc; i++) {
		size_t at =
		    most == 1 ? total - 1 : (size_t)((double)i * (double)(total - 1) / (double)(most - 1) + 0.5);

		if (at >= end) {
			begin = at / BLOCK_POINTS * BLOCK_POINTS;
			end = total - begin < BLOCK_POINTS ? total : begin + BLOCK_POINTS;
			rc = read_points(s, &head, begin, end - begin, block, err);
		}
		(*out)[i] = block[at - begin];
	}
	free(block);
	store_leave_read(s);
	*count = rc ? 0 : most;
	return rc;
}

/* The last of the points that has this step. */
static bool last_at(const struct point *points, size_t count, int64_t step, double *value)
{
	while (count-- > 0) {
		if (points[count].step == step) {
			*value = points[count].value;
			return true;
		}
	}
	return false;
}

/* Blocks whose steps go around this one, the newest first. */
static int chunk_value_at(struct store *s, int64_t series, int64_t step, double *value, bool *found,
                          struct error *err)
{
	struct point block[BLOCK_POINTS];
	sqlite3_stmt *stmt =
	    store_prepare(s,
	                  "SELECT count, points FROM chunk WHERE id BETWEEN ? AND ? AND step_low <= ?3 AND "
	                  "step_high >= ?3 ORDER BY id DESC",
	                  err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, series << CHUNK_BITS);
	sqlite3_bind_int64(stmt, 2, ((series + 1) << CHUNK_BITS) - 1);
	sqlite3_bind_int64(stmt, 3, step);
	while (!*found && (rc = store_step(s, stmt, err)) > 0) {
		int64_t count = sqlite3_column_int64(stmt, 0);

		if (series_unpack(s, stmt, 1, series, block, count, err)) {
			rc = -1;
			break;
		}
		*found = last_at(block, (size_t)count, step, value);
	}
	sqlite3_reset(stmt);
	return *found ? 0 : rc;
}

sqlite3_stmt *series_of(struct store *s, const char *const sql[2], int64_t run, const char *name,
                        const char *context, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, sql[context != NULL], err);

	if (!stmt)
		return NULL;
	sqlite3_bind_int64(stmt, 1, run);
	bind_text(stmt, 2, name);
	if (context)
		bind_text(stmt, 3, context);
	return stmt;
}

int series_value_at(struct store *s, int64_t run, const char *name, const char *context, int64_t step,
                    double *value, bool *found, struct error *err)
{
	static const char *const sql[2] = SERIES_OF("id, stored, tail");
	sqlite3_stmt *stmt = series_of(s, sql, run, name, context, err);
	struct point tail[TAIL_POINTS];
	int64_t series, stored;
	size_t count;
	int rc;

	*found = false;
	if (!stmt)
		return -1;
	rc = store_step(s, stmt, err);
	if (rc <= 0)
		return rc;
	series = sqlite3_column_int64(stmt, 0);
	stored = sqlite3_column_int64(stmt, 1);
	rc = series_tail(s, stmt, 2, tail, &count, err);
	sqlite3_reset(stmt);
	if (rc)
		return -1;
	*found = last_at(tail, count, step, value);
	return *found || !stored ? 0 : chunk_value_at(s, series, step, value, found, err);
}

/* ---- trends ---- */

int series_trend(struct store *s, int64_t run, const char *name, const char *context, double *out,
                 size_t room, size_t *count, struct error *err)
{
	sqlite3_stmt *stmt =
	    store_prepare(s,
	                  /* Without a context, a curve says more than the one value that it came to. */
	                  "SELECT id FROM series WHERE run = ?1 AND kind = 0 AND name = ?2 AND "
	                  "(?3 IS NULL OR context = ?3) ORDER BY count > 1 DESC, main DESC, "
	                  "context IN ('validation', 'eval', 'test') DESC, context LIMIT 1",
	                  err);
	struct series_head head;
	struct point newest;
	int64_t series, chunks, shown;
	int rc;

	*count = 0;
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, run);
	bind_text(stmt, 2, name);
	bind_text(stmt, 3, context);
	rc = store_step(s, stmt, err);
	if (rc <= 0)
		return rc;
	series = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	if (series_head(s, series, &head, err))
		return -1;
	if (head.count <= (int64_t)(4 * BLOCK_POINTS)) {
		struct point *points = xcalloc((size_t)head.count, sizeof(*points));
		size_t n = (size_t)head.count < room ? (size_t)head.count : room;

		rc = read_points(s, &head, 0, (size_t)head.count, points, err);
		for (size_t i = 0; !rc && i < n; i++)
			out[i] = points[n > 1 ? i * ((size_t)head.count - 1) / (n - 1) : 0].value;
		free(points);
		*count = rc ? 0 : n;
		return rc;
	}
	/* Long ones: the first values of chunks that stand evenly, and the newest point. */
	chunks = (head.stored - 1) / BLOCK_POINTS + 1;
	shown = chunks < (int64_t)room - 1 ? chunks : (int64_t)room - 1;
	for (int64_t i = 0; i < shown; i++) {
		stmt = store_prepare(s, "SELECT first FROM chunk WHERE id = ?", err);
		if (!stmt)
			return -1;
		sqlite3_bind_int64(stmt, 1, series << CHUNK_BITS | (i * chunks / shown));
		rc = store_step(s, stmt, err);
		if (rc <= 0)
			return rc < 0 ? -1 : series_damaged(s, series, err);
		out[i] = column_double(stmt, 0);
		sqlite3_reset(stmt);
	}
	if (read_points(s, &head, (size_t)head.count - 1, 1, &newest, err))
		return -1;
	out[shown] = newest.value;
	*count = (size_t)shown + 1;
	return 0;
}

/* ---- direction ---- */

int store_direction_set(struct store *s, const char *experiment, const char *name, int direction,
                        struct error *err)
{
	sqlite3_stmt *stmt;
	int64_t id;
	int rc = -1;

	if (direction < -1 || direction > 1)
		return error_set(err, ERR_USAGE, "a direction is 1 (more is better), -1 (less) or 0 (neither)");
	if (store_enter(s, err))
		return -1;
	if (store_experiment(s, experiment, &id, err))
		goto out;
	stmt = store_prepare(
	    s,
	    "INSERT INTO direction (experiment, name, direction) VALUES (?, ?, ?) ON CONFLICT DO UPDATE "
	    "SET direction = excluded.direction",
	    err);
	if (!stmt)
		goto out;
	sqlite3_bind_int64(stmt, 1, id);
	bind_text(stmt, 2, name);
	sqlite3_bind_int(stmt, 3, direction);
	if (store_run_statement(s, stmt, err))
		goto out;
	stmt = store_prepare(
	    s,
	    "UPDATE series SET direction = ?1, best = CASE ?1 WHEN 1 THEN max WHEN -1 THEN min END, "
	    "best_step = CASE ?1 WHEN 1 THEN max_step WHEN -1 THEN min_step END WHERE kind = 0 AND "
	    "name = ?2 AND run IN (SELECT id FROM run WHERE experiment = ?3)",
	    err);
	if (!stmt)
		goto out;
	sqlite3_bind_int(stmt, 1, direction);
	bind_text(stmt, 2, name);
	sqlite3_bind_int64(stmt, 3, id);
	rc = store_run_statement(s, stmt, err);
out:
	return store_leave(s, rc, err);
}
