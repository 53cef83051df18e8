/* The nodes of spans in their table: made as chunks fill up, and read. */
#include <math.h>
#include <stdlib.h>

#include "span.h"

enum { LEVEL_BITS = 16, NODE_BITS = LEVEL_BITS + 2 };

static int64_t node_id(int64_t series, int level, int64_t number)
{
	return series << NODE_BITS | (int64_t)level << LEVEL_BITS | number;
}

/* ---- reading ---- */

/* 1, 0: there is none, -1: the store failed, -2: it is damaged. */
static int read_node(struct store *s, int64_t series, int level, int64_t number,
                     struct span parts[SPAN_PARTS], struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "SELECT parts FROM span WHERE id = ?", err);
	const void *blob;
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, node_id(series, level, number));
	rc = store_step(s, stmt, err);
	if (rc <= 0)
		return rc;
	blob = sqlite3_column_blob(stmt, 0);
	rc = blob ? span_unpack(blob, (size_t)sqlite3_column_bytes(stmt, 0), level, parts) : -1;
	sqlite3_reset(stmt);
	return rc ? -2 : 1;
}

int span_read(struct store *s, int64_t series, int level, int64_t number, struct span parts[SPAN_PARTS],
              struct error *err)
{
	int rc = read_node(s, series, level, number, parts, err);

	return rc == -2 ? series_damaged(s, series, err) : rc;
}

/* ---- making ---- */

/* What the columns of a chunk say is all of it if neither steps nor times fall and no value is NaN. */
static void of_columns(sqlite3_stmt *stmt, struct span *out)
{
	const int64_t count = sqlite3_column_int64(stmt, 1);

	span_init(out);
	for (int i = 0; i < 2; i++) {
		int64_t low = sqlite3_column_int64(stmt, 4 + 2 * i), high = sqlite3_column_int64(stmt, 5 + 2 * i);

		if (i == AXIS_STEP || low)
			out->axis[i] = (struct span_axis){.count = count,
			                                  .low = low,
			                                  .high = high,
			                                  .min = sqlite3_column_double(stmt, 8),
			                                  .max = sqlite3_column_double(stmt, 9),
			                                  .first = sqlite3_column_double(stmt, 10),
			                                  .last = sqlite3_column_double(stmt, 11),
			                                  .first_at = low,
			                                  .last_at = high};
	}
}

/* 1: parts of the 64 chunks from this one on; 0: they are not all there and whole. */
static int of_chunks(struct store *s, int64_t series, int64_t number, struct span parts[SPAN_PARTS],
                     struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s,
	                                   "SELECT id, count, nan_count, rising, step_low, step_high, time_low, "
	                                   "time_high, min, max, first, last, points "
	                                   "FROM chunk WHERE id BETWEEN ? AND ? ORDER BY id",
	                                   err);
	struct point block[BLOCK_POINTS];
	int64_t id = series << CHUNK_BITS | number;
	int i = 0, rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, id);
	sqlite3_bind_int64(stmt, 2, id + SPAN_PARTS - 1);
	while ((rc = store_step(s, stmt, err)) > 0) {
		const void *blob;

		if (sqlite3_column_int64(stmt, 0) != id + i || sqlite3_column_int64(stmt, 1) != BLOCK_POINTS)
			break;
		if (sqlite3_column_int(stmt, 3) && !sqlite3_column_int64(stmt, 2)) {
			of_columns(stmt, &parts[i++]);
			continue;
		}
		blob = sqlite3_column_blob(stmt, 12);
		if (!blob || block_unpack(&s->coder, blob, (size_t)sqlite3_column_bytes(stmt, 12), block,
		                          BLOCK_POINTS) != BLOCK_POINTS)
			break;
		span_init(&parts[i]);
		span_add_points(&parts[i++], block, BLOCK_POINTS);
	}
	sqlite3_reset(stmt);
	return rc < 0 ? -1 : i == SPAN_PARTS;
}

/* The same of 64 nodes, each summed up. */
static int of_nodes(struct store *s, int64_t series, int level, int64_t number, struct span parts[SPAN_PARTS],
                    struct error *err)
{
	struct span *below = xcalloc(SPAN_PARTS, sizeof(*below));
	int rc = 1;

	for (int i = 0; rc > 0 && i < SPAN_PARTS; i++) {
		rc = read_node(s, series, level, number + i, below, err);
		span_init(&parts[i]);
		for (int k = 0; rc > 0 && k < SPAN_PARTS; k++)
			span_add(&parts[i], &below[k]);
	}
	free(below);
	return rc == -2 ? 0 : rc;
}

static int make_node(struct store *s, int64_t series, int level, int64_t number, struct str *packed,
                     struct error *err)
{
	struct span *parts = xcalloc(SPAN_PARTS, sizeof(*parts));
	int64_t first = number << SPAN_BITS;
	sqlite3_stmt *stmt;
	int rc = level == 1 ? of_chunks(s, series, first, parts, err)
	                    : of_nodes(s, series, level - 1, first, parts, err);

	if (rc > 0) {
		str_clear(packed);
		span_pack(parts, packed);
		stmt = store_prepare(s, "INSERT OR REPLACE INTO span (id, parts) VALUES (?, ?)", err);
		rc = -1;
		if (stmt) {
			sqlite3_bind_int64(stmt, 1, node_id(series, level, number));
			sqlite3_bind_blob64(stmt, 2, packed->data, packed->len, SQLITE_STATIC);
			rc = store_run_statement(s, stmt, err);
		}
	}
	free(parts);
	return rc;
}

int spans_write(struct store *s, int64_t series, int64_t before, int64_t after, struct error *err)
{
	struct str packed;
	int rc = 0;

	str_init(&packed);
	for (int level = 1; level <= SPAN_LEVELS; level++)
		for (int64_t n = before >> SPAN_BITS * level; !rc && n < after >> SPAN_BITS * level; n++)
			rc = make_node(s, series, level, n, &packed, err);
	str_release(&packed);
	return rc;
}

/* 1: the node is not the one that its children make. */
static int node_is_wrong(struct store *s, int64_t series, int level, int64_t number, struct str *packed,
                         struct error *err)
{
	struct span *parts = xcalloc(SPAN_PARTS, sizeof(*parts));
	int64_t first = number << SPAN_BITS;
	sqlite3_stmt *stmt;
	int rc = level == 1 ? of_chunks(s, series, first, parts, err)
	                    : of_nodes(s, series, level - 1, first, parts, err);

	str_clear(packed);
	if (rc > 0)
		span_pack(parts, packed);
	free(parts);
	if (rc <= 0)
		return rc;
	stmt = store_prepare(s, "SELECT parts FROM span WHERE id = ?", err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, node_id(series, level, number));
	rc = store_step(s, stmt, err);
	if (rc > 0)
		rc = (size_t)sqlite3_column_bytes(stmt, 0) != packed->len ||
		     memcmp(sqlite3_column_blob(stmt, 0), packed->data, packed->len) != 0;
	sqlite3_reset(stmt);
	return rc;
}

int spans_check(struct store *s, int64_t series, int64_t chunks, int64_t *wrong, struct error *err)
{
	struct str packed;
	int rc = 0;

	*wrong = 0;
	str_init(&packed);
	for (int level = 1; level <= SPAN_LEVELS; level++)
		for (int64_t n = 0; rc >= 0 && n < chunks >> SPAN_BITS * level; n++) {
			rc = node_is_wrong(s, series, level, n, &packed, err);
			*wrong += rc > 0;
		}
	str_release(&packed);
	return rc < 0 ? -1 : 0;
}

int spans_write_all(struct store *s, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "SELECT id, stored FROM series WHERE stored >= ?", err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, (int64_t)BLOCK_POINTS << SPAN_BITS);
	while ((rc = store_step(s, stmt, err)) > 0)
		if (spans_write(s, sqlite3_column_int64(stmt, 0), 0, sqlite3_column_int64(stmt, 1) / BLOCK_POINTS,
		                err)) {
			rc = -1;
			break;
		}
	sqlite3_reset(stmt);
	return rc;
}
