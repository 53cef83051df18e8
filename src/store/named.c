/* Which objects the rows of the database name. */
#include <stdlib.h>

#include "internal.h"

#include "assay/store_remove.h"

/* Each gives a run (NULL: not of a run) and up to three digests. */
static const char *const of_all[] = {
    "SELECT run, digest FROM artifact WHERE digest <> ''",
    "SELECT id, code_diff, environment FROM run WHERE code_diff IS NOT NULL OR environment IS NOT NULL",
    "SELECT run, model, predictions, evidence FROM evaluation",
    "SELECT run, model, predictions, evidence FROM bias_report",
    "SELECT run, settings, data FROM evaluation",
    "SELECT run, settings, data FROM bias_report",
    "SELECT run, digest FROM run_input WHERE digest <> ''",
    "SELECT NULL, digest FROM dataset_file",
    "SELECT NULL, subject FROM model_version",
};
static const char *const of_run[] = {
    "SELECT run, digest FROM artifact WHERE run = ?1 AND digest <> ''",
    "SELECT id, code_diff, environment FROM run WHERE id = ?1",
    "SELECT run, model, predictions, evidence FROM evaluation WHERE run = ?1",
    "SELECT run, model, predictions, evidence FROM bias_report WHERE run = ?1",
    "SELECT run, settings, data FROM evaluation WHERE run = ?1",
    "SELECT run, settings, data FROM bias_report WHERE run = ?1",
    "SELECT run, digest FROM run_input WHERE run = ?1 AND digest <> ''",
};

struct naming {
	struct store *s;
	const int64_t *except; /* rising */
	size_t except_count;
	const struct intern *among;
	struct intern *out;
};

static int by_id(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int take(const struct naming *n, sqlite3_stmt *stmt, struct error *err)
{
	int rc, rows = 0;

	while ((rc = store_step(n->s, stmt, err)) > 0) {
		const int64_t run = sqlite3_column_int64(stmt, 0);

		if (++rows % 1024 == 0 && store_interrupted(n->s, err)) {
			rc = -1;
			break;
		}
		if (run && n->except_count && bsearch(&run, n->except, n->except_count, sizeof(run), by_id))
			continue;
		for (int i = 1; i < sqlite3_column_count(stmt); i++) {
			const char *digest = (const char *)sqlite3_column_text(stmt, i);

			if (digest && strlen(digest) == SHA256_TEXT - 1 &&
			    (!n->among || intern_find(n->among, digest, SHA256_TEXT - 1) != INTERN_NONE))
				intern_add(n->out, digest, SHA256_TEXT - 1);
		}
	}
	sqlite3_reset(stmt);
	return rc;
}

int store_objects_of(struct store *s, const int64_t *runs, size_t count, struct intern *out,
                     struct error *err)
{
	const struct naming n = {.s = s, .out = out};
	int result = 0;

	if (store_need_schema(s, SCHEMA_REMOVED, err) || store_enter_read(s, err))
		return -1;
	for (size_t i = 0; i < count && !result; i++) {
		for (size_t k = 0; k < COUNT_OF(of_run) && !result; k++) {
			sqlite3_stmt *stmt = store_prepare(s, of_run[k], err);

			result = stmt ? 0 : -1;
			if (!result)
				sqlite3_bind_int64(stmt, 1, runs[i]);
			if (!result)
				result = take(&n, stmt, err);
		}
		if (!result)
			result = store_interrupted(s, err);
	}
	store_leave_read(s);
	return result;
}

/* Few are asked for by the index of the digests; the rest is read from end to end. */
static int named_artifacts(const struct naming *n, struct error *err)
{
	for (uint32_t i = 0; i < n->among->count; i++) {
		sqlite3_stmt *stmt = store_prepare(n->s, "SELECT run, digest FROM artifact WHERE digest = ?1", err);

		if (!stmt || store_interrupted(n->s, err))
			return -1;
		bind_text(stmt, 1, intern_text(n->among, i));
		if (take(n, stmt, err))
			return -1;
	}
	return 0;
}

static int64_t *sorted_copy(const int64_t *ids, size_t count)
{
	int64_t *sorted = xcalloc(count + 1, sizeof(*sorted));

	if (count) {
		memcpy(sorted, ids, count * sizeof(*sorted));
		qsort(sorted, count, sizeof(*sorted), by_id);
	}
	return sorted;
}

int store_objects_named(struct store *s, const int64_t *except, size_t except_count,
                        const struct intern *among, struct intern *out, struct error *err)
{
	int64_t *sorted = sorted_copy(except, except_count);
	const struct naming n = {s, sorted, except_count, among, out};
	int result = store_need_schema(s, SCHEMA_REMOVED, err) || store_enter_read(s, err) ? -1 : 0;

	if (!result) {
		if (among)
			result = named_artifacts(&n, err);
		for (size_t k = among ? 1 : 0; k < COUNT_OF(of_all) && !result; k++) {
			sqlite3_stmt *stmt = store_prepare(s, of_all[k], err);

			result = stmt ? take(&n, stmt, err) : -1;
		}
		store_leave_read(s);
	}
	free(sorted);
	return result;
}

int store_evidence_named(struct store *s, const int64_t *except, size_t except_count, struct intern *out,
                         struct error *err)
{
	static const char *const sql[] = {"SELECT run, evidence FROM evaluation",
	                                  "SELECT run, evidence FROM bias_report"};
	int64_t *sorted = sorted_copy(except, except_count);
	const struct naming n = {.s = s, .except = sorted, .except_count = except_count, .out = out};
	int result = 0;

	for (size_t i = 0; i < COUNT_OF(sql) && !result; i++) {
		sqlite3_stmt *stmt = store_prepare(s, sql[i], err);

		result = stmt ? take(&n, stmt, err) : -1;
	}
	free(sorted);
	return result;
}

int store_evidence_of(struct store *s, int64_t run, struct intern *out, struct error *err)
{
	static const char *const sql[] = {"SELECT run, evidence, predictions FROM evaluation WHERE run = ?1",
	                                  "SELECT run, evidence, predictions FROM bias_report WHERE run = ?1"};
	const struct naming n = {.s = s, .out = out};
	int result = 0;

	for (size_t i = 0; i < COUNT_OF(sql) && !result; i++) {
		sqlite3_stmt *stmt = store_prepare(s, sql[i], err);

		result = stmt ? 0 : -1;
		if (!result)
			sqlite3_bind_int64(stmt, 1, run);
		if (!result)
			result = take(&n, stmt, err);
	}
	return result;
}
