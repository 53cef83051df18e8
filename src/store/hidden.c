/* What lists leave out: runs that were put away, removed, or are being purged. */
#include "order.h"

/* Whether a statement gives a row. */
static int any(struct store *s, const char *constant_sql, bool *yes, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, constant_sql, err);
	int rc = stmt ? store_step(s, stmt, err) : -1;

	if (rc < 0)
		return -1;
	*yes = rc > 0;
	sqlite3_reset(stmt);
	return 0;
}

int hidden_ask(struct store *s, const struct filter_node *filter, struct hidden *out, struct error *err)
{
	const int schema = store_schema(s);
	const bool of_removed = filter_speaks_of(filter, FIELD_REMOVED);

	*out = (struct hidden){.archived = false};
	if (schema >= SCHEMA_ARCHIVED && !of_removed && !filter_speaks_of(filter, FIELD_ARCHIVED) &&
	    any(s, "SELECT 1 FROM run WHERE archived IS NOT NULL LIMIT 1", &out->archived, err))
		return -1;
	if (schema < SCHEMA_REMOVED)
		return 0;
	return of_removed ? any(s, "SELECT 1 FROM run WHERE removed < 0 LIMIT 1", &out->purging, err)
	                  : any(s, "SELECT 1 FROM run WHERE removed IS NOT NULL LIMIT 1", &out->removed, err);
}

const char *hidden_sql(const struct hidden *h)
{
	if (h->archived && h->removed)
		return " AND r.archived IS NULL AND r.removed IS NULL";
	if (h->archived)
		return " AND r.archived IS NULL";
	if (h->removed)
		return " AND r.removed IS NULL";
	return h->purging ? " AND (r.removed IS NULL OR r.removed > 0)" : "";
}

static int add_count(struct store *s, const char *constant_sql, int64_t *count, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, constant_sql, err);
	int rc = stmt ? store_step(s, stmt, err) : -1;

	if (rc < 0)
		return -1;
	*count += rc > 0 ? sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_reset(stmt);
	return 0;
}

int hidden_count(struct store *s, const struct hidden *h, int64_t *count, struct error *err)
{
	*count = 0;
	if (h->archived && add_count(s, "SELECT count(*) FROM run WHERE archived IS NOT NULL", count, err))
		return -1;
	if (h->archived && h->removed)
		return add_count(s, "SELECT count(*) FROM run WHERE removed IS NOT NULL AND archived IS NULL", count,
		                 err);
	if (h->removed)
		return add_count(s, "SELECT count(*) FROM run WHERE removed IS NOT NULL", count, err);
	return h->purging ? add_count(s, "SELECT count(*) FROM run WHERE removed < 0", count, err) : 0;
}
