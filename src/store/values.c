/* What there is to be named: names, values, experiments, and runs by what they are called. */
#include <float.h>

#include "order.h"

/* What only removed runs have is not there; asked where there are removed runs. */
#define RUN_IS_THERE(run) "EXISTS (SELECT 1 FROM run r WHERE r.id = " run " AND r.removed IS NULL)"

static sqlite3_stmt *prepare_names(struct store *s, bool removed, struct error *err)
{
#define NAMES(condition)                                                                                     \
	"SELECT kind, name FROM name n WHERE substr(kind || '.' || name, 1, length(?1)) = ?1" condition          \
	" ORDER BY used DESC, kind, name LIMIT ?2"
	return removed ? store_prepare(
	                     s,
	                     NAMES(" AND CASE kind "
	                           "WHEN 'metrics' THEN EXISTS (SELECT 1 FROM series x WHERE x.name = n.name AND "
	                           "x.kind = 0 AND x.main = 1 AND " RUN_IS_THERE(
	                               "x.run") ") "
	                                        "WHEN 'params' THEN EXISTS (SELECT 1 FROM param x WHERE x.key = "
	                                        "n.name AND "
	                                        "x.number IS NULL AND " RUN_IS_THERE(
	                                            "x.run") ") OR EXISTS (SELECT 1 FROM param x "
	                                                     "WHERE x.key = n.name AND x.number IS NOT NULL "
	                                                     "AND " RUN_IS_THERE(
	                                                         "x.run") ") "
	                                                                  "ELSE EXISTS (SELECT 1 FROM tag x "
	                                                                  "WHERE x.key = n.name AND "
	                                                                  "x.number IS NULL AND " RUN_IS_THERE(
	                                                                      "x.run") ") OR EXISTS (SELECT 1 "
	                                                                               "FROM tag x "
	                                                                               "WHERE x.key = n.name AND "
	                                                                               "x.number IS NOT NULL "
	                                                                               "AND " RUN_IS_THERE(
	                                                                                   "x.run") ") END"),
	                     err)
	               : store_prepare(s, NAMES(""), err);
}

static bool any_removed(struct store *s)
{
	struct hidden hides;

	return hidden_ask(s, NULL, &hides, NULL) == 0 && hides.removed;
}

int store_names(struct store *s, const char *prefix, size_t limit, struct arena *mem, const char ***names,
                size_t *count, struct error *err)
{
	sqlite3_stmt *stmt = prepare_names(s, any_removed(s), err);
	struct list l = {0};
	int rc;

	if (!stmt)
		return -1;
	bind_text(stmt, 1, prefix ? prefix : "");
	sqlite3_bind_int64(stmt, 2, (int64_t)(limit < INT64_MAX ? limit : INT64_MAX));
	while ((rc = store_step(s, stmt, err)) > 0)
		*(const char **)list_add(&l, sizeof(char *)) = name_as_key(
		    mem, (const char *)sqlite3_column_text(stmt, 0), (const char *)sqlite3_column_text(stmt, 1));
	return list_hand_over(&l, sizeof(char *), rc, mem, names, count);
}

/* What stays one word behind a metric, in brackets. */
static bool context_is_plain(const char *context)
{
	return !context[strcspn(context, " \t\n\r()=<>!~;,'\"`[]")];
}

int store_contexts(struct store *s, size_t limit, struct arena *mem, const char ***names, size_t *count,
                   struct error *err)
{
	/* From one pair to the next by the index: a search each. */
#define CONTEXTS(condition)                                                                                  \
	"SELECT name, context FROM series x WHERE kind = 0 AND context <> '' AND (name, context) > (?1, "        \
	"?2)" condition " ORDER BY name, context LIMIT 1"
	const bool removed = any_removed(s);
	const char *name = "", *context = "";
	struct list l = {0};
	int rc = store_enter_read(s, err);

	*count = 0;
	if (rc)
		return -1;
	while (l.count < limit) {
		sqlite3_stmt *stmt = removed ? store_prepare(s, CONTEXTS(" AND " RUN_IS_THERE("x.run")), err)
		                             : store_prepare(s, CONTEXTS(""), err);

		rc = -1;
		if (!stmt)
			break;
		bind_text(stmt, 1, name);
		bind_text(stmt, 2, context);
		rc = store_step(s, stmt, err);
		if (rc <= 0)
			break;
		name = column_text(mem, stmt, 0);
		context = column_text(mem, stmt, 1);
		sqlite3_reset(stmt);
		if (context_is_plain(context))
			*(const char **)list_add(&l, sizeof(char *)) =
			    arena_printf(mem, "%s[%s]", name_as_key(mem, "metrics", name), context);
	}
	store_leave_read(s);
	return list_hand_over(&l, sizeof(char *), rc < 0 ? -1 : 0, mem, names, count);
}

/* ---- values ---- */

/* A text as a value of the language: bare where it stays a word there. */
static const char *text_as_value(const char *text, struct arena *mem)
{
	static const char *const words[] = {"and", "or", "not", "in", "is", "like", "ilike", "missing", "null"};
	bool bare = text[0] != '\0';

	for (const char *c = text; *c && bare; c++)
		bare = (*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
		       strchr("-_./:", *c);
	for (size_t i = 0; i < COUNT_OF(words) && bare; i++)
		bare = strcasecmp(text, words[i]) != 0;
	return bare ? arena_strdup(mem, text) : store_quoted(text, mem);
}

static bool begins_with(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

static void add_value(struct list *l, const char *value)
{
	*(const char **)list_add(l, sizeof(char *)) = value;
}

/* From one different value to the next by an index: a search each. `first` gives the least text of ?1 that is at least
 * ?2, `next` the least that is greater. */
static int skip_texts(struct store *s, const char *const sql[2], const char *key, const char *prefix,
                      size_t limit, struct arena *mem, struct list *l, struct error *err)
{
	const char *last = prefix;

	for (int next = 0; l->count < limit; next = 1) {
		sqlite3_stmt *stmt = store_prepare(s, sql[next], err);
		int rc;

		if (!stmt)
			return -1;
		bind_text(stmt, 1, key);
		bind_text(stmt, 2, last);
		rc = store_step(s, stmt, err);
		if (rc <= 0)
			return rc;
		last = column_text(mem, stmt, 0);
		sqlite3_reset(stmt);
		if (!begins_with(last, prefix))
			return 0;
		if (last[0] || key) /* an attribute that is empty is missing */
			add_value(l, text_as_value(last, mem));
	}
	return 0;
}

static int skip_numbers(struct store *s, const char *const sql[2], const char *key, const char *prefix,
                        size_t limit, struct arena *mem, struct list *l, struct error *err)
{
	double last = -DBL_MAX;

	for (int looked = 0; l->count < limit && looked < STORE_VALUES_SCAN; looked++) {
		sqlite3_stmt *stmt = store_prepare(s, sql[looked > 0], err);
		char number[NUM_TEXT];
		int rc;

		if (!stmt)
			return -1;
		bind_text(stmt, 1, key);
		sqlite3_bind_double(stmt, 2, last);
		rc = store_step(s, stmt, err);
		if (rc <= 0)
			return rc;
		last = sqlite3_column_double(stmt, 0);
		sqlite3_reset(stmt);
		num_shortest(last == 0 ? 0 : last, number);
		if (begins_with(number, prefix))
			add_value(l, arena_strdup(mem, number));
	}
	return 0;
}

#define PAIR_SQL(table, column, is, compare, condition)                                                      \
	"SELECT " column " FROM " table " x WHERE key = ?1 AND number IS " is " AND " column " " compare         \
	" ?2" condition " ORDER BY " column " LIMIT 1"
#define PAIRS_SQL(table, column, is, condition)                                                              \
	{                                                                                                        \
		PAIR_SQL(table, column, is, ">=", condition), PAIR_SQL(table, column, is, ">", condition)            \
	}
#define THERE " AND " RUN_IS_THERE("x.run")
#define NAME_SQL(table, compare, condition)                                                                  \
	"SELECT name FROM " table " WHERE ?1 IS NULL AND name " compare " ?2" condition " ORDER BY name LIMIT 1"

static int pair_values(struct store *s, const struct field *f, const char *prefix, size_t limit,
                       struct arena *mem, struct list *l, struct error *err)
{
	/* Of parameters, then of tags; where runs are removed, the second ones. */
	static const char *const numbers[2][2][2] = {
	    {PAIRS_SQL("param", "number", "NOT NULL", ""), PAIRS_SQL("tag", "number", "NOT NULL", "")},
	    {PAIRS_SQL("param", "number", "NOT NULL", THERE), PAIRS_SQL("tag", "number", "NOT NULL", THERE)}};
	static const char *const texts[2][2][2] = {
	    {PAIRS_SQL("param", "value", "NULL", ""), PAIRS_SQL("tag", "value", "NULL", "")},
	    {PAIRS_SQL("param", "value", "NULL", THERE), PAIRS_SQL("tag", "value", "NULL", THERE)}};
	int tag = f->kind == FIELD_TAG, removed = any_removed(s);

	if (skip_numbers(s, numbers[removed][tag], f->name, prefix, limit, mem, l, err))
		return -1;
	return skip_texts(s, texts[removed][tag], f->name, prefix, limit, mem, l, err);
}

static int status_values(struct store *s, const char *prefix, size_t limit, struct list *l, struct error *err)
{
	/* In the order of their bytes. */
	static const enum run_status all[] = {RUN_DONE, RUN_FAILED, RUN_KILLED,
	                                      RUN_LOST, RUN_QUEUED, RUN_RUNNING};
	const bool removed = any_removed(s);

	for (size_t i = 0; i < COUNT_OF(all) && l->count < limit; i++) {
		sqlite3_stmt *stmt =
		    removed ? store_prepare(s, "SELECT 1 FROM run WHERE status = ? AND removed IS NULL LIMIT 1", err)
		            : store_prepare(s, "SELECT 1 FROM run WHERE status = ? LIMIT 1", err);
		int rc;

		if (!stmt)
			return -1;
		sqlite3_bind_int(stmt, 1, (int)all[i]);
		rc = store_step(s, stmt, err);
		if (rc < 0)
			return -1;
		sqlite3_reset(stmt);
		if (rc > 0 && begins_with(store_status_name(all[i]), prefix))
			add_value(l, store_status_name(all[i]));
	}
	return 0;
}

/* What no index has: as far as the newest runs. */
static int recent_values(struct store *s, enum field_kind kind, const char *prefix, size_t limit,
                         struct arena *mem, struct list *l, struct error *err)
{
#define RECENT(column, condition)                                                                            \
	"SELECT DISTINCT " column " FROM (SELECT " column " FROM run" condition                                  \
	" ORDER BY created DESC, id DESC LIMIT ?2) "                                                             \
	"WHERE substr(" column ", 1, length(?1)) = ?1 AND " column " <> '' ORDER BY " column
#define RECENTS(condition)                                                                                   \
	{                                                                                                        \
		RECENT("kind", condition), RECENT("user", condition), RECENT("host", condition),                     \
		    RECENT("source", condition)                                                                      \
	}
	static const char *const sql[2][4] = {RECENTS(""), RECENTS(" WHERE removed IS NULL")};
	const int column = kind == FIELD_KIND ? 0 : kind == FIELD_USER ? 1 : kind == FIELD_HOST ? 2 : 3;
	sqlite3_stmt *stmt = store_prepare(s, sql[any_removed(s)][column], err);
	int rc = 0;

	if (!stmt)
		return -1;
	bind_text(stmt, 1, prefix);
	sqlite3_bind_int(stmt, 2, STORE_VALUES_SCAN);
	while (l->count < limit && (rc = store_step(s, stmt, err)) > 0)
		add_value(l, text_as_value((const char *)sqlite3_column_text(stmt, 0), mem));
	sqlite3_reset(stmt);
	return rc < 0 ? -1 : 0;
}

int store_values(struct store *s, const char *field, const char *prefix, size_t limit, struct arena *mem,
                 const char ***values, size_t *count, struct error *err)
{
	static const char *const names[2][2] = {
	    {NAME_SQL("run", ">=", ""), NAME_SQL("run", ">", "")},
	    {NAME_SQL("run", ">=", " AND removed IS NULL"), NAME_SQL("run", ">", " AND removed IS NULL")}};
	static const char *const experiments[2] = {NAME_SQL("experiment", ">=", ""),
	                                           NAME_SQL("experiment", ">", "")};
	struct list l = {0};
	struct field f;
	int result = 0;

	prefix = prefix ? prefix : "";
	if (field_parse(field, mem, &f, err) || store_enter_read(s, err))
		return -1;
	if (f.kind == FIELD_PARAM || f.kind == FIELD_TAG)
		result = pair_values(s, &f, prefix, limit, mem, &l, err);
	else if (f.kind == FIELD_NAME || f.kind == FIELD_EXPERIMENT)
		result = skip_texts(s, f.kind == FIELD_NAME ? names[any_removed(s)] : experiments, NULL, prefix,
		                    limit, mem, &l, err);
	else if (f.kind == FIELD_STATUS)
		result = status_values(s, prefix, limit, &l, err);
	else if (f.kind >= FIELD_KIND && f.kind <= FIELD_SOURCE)
		result = recent_values(s, f.kind, prefix, limit, mem, &l, err);
	store_leave_read(s);
	return list_hand_over(&l, sizeof(char *), result, mem, values, count);
}

/* ---- experiments ---- */

int store_experiments(struct store *s, int64_t most, struct arena *mem, struct store_experiment **out,
                      size_t *count, struct error *err)
{
#define EXPERIMENTS(condition)                                                                               \
	"SELECT id, name, (SELECT count(*) FROM (SELECT 1 FROM run r WHERE r.experiment = e.id" condition        \
	" LIMIT ?1)) FROM experiment e ORDER BY name"
	struct list l = {0};
	sqlite3_stmt *stmt;
	struct hidden hides;
	int rc = -1;

	if (store_enter_read(s, err))
		return -1;
	if (!hidden_ask(s, NULL, &hides, err)) {
		stmt = hides.archived && hides.removed
		           ? store_prepare(s, EXPERIMENTS(" AND r.archived IS NULL AND r.removed IS NULL"), err)
		       : hides.archived ? store_prepare(s, EXPERIMENTS(" AND r.archived IS NULL"), err)
		       : hides.removed  ? store_prepare(s, EXPERIMENTS(" AND r.removed IS NULL"), err)
		                        : store_prepare(s, EXPERIMENTS(""), err);
		if (stmt)
			sqlite3_bind_int64(stmt, 1, most);
		while (stmt && (rc = store_step(s, stmt, err)) > 0)
			*(struct store_experiment *)list_add(&l, sizeof(struct store_experiment)) =
			    (struct store_experiment){sqlite3_column_int64(stmt, 0), column_text(mem, stmt, 1),
			                              sqlite3_column_int64(stmt, 2)};
	}
	store_leave_read(s);
	return list_hand_over(&l, sizeof(struct store_experiment), rc, mem, out, count);
}

/* ---- runs by what they are called ---- */

/* Adds the runs of a statement that are not there yet, and neither archived nor removed. */
static int add_called(struct store *s, sqlite3_stmt *stmt, size_t limit, struct arena *mem,
                      struct runs_page *out, struct error *err)
{
	int rc = 0;

	while (out->count < limit && (rc = store_step(s, stmt, err)) > 0) {
		int64_t id = sqlite3_column_int64(stmt, 0);
		bool known = false, found = false;

		for (size_t i = 0; i < out->count; i++)
			known = known || out->rows[i].id == id;
		if (known)
			continue;
		if (row_load(s, id, mem, &out->rows[out->count], &found, err)) {
			rc = -1;
			break;
		}
		out->count += found && !out->rows[out->count].archived && !out->rows[out->count].removed;
	}
	sqlite3_reset(stmt);
	return rc < 0 ? -1 : 0;
}

/* The least text that is greater than all that begin with this one; "" if there is none. */
static char *behind_all(const char *text, struct arena *mem)
{
	char *high = arena_strdup(mem, text);

	for (size_t len = strlen(high); len; len--) {
		unsigned char *last = (unsigned char *)&high[len - 1];

		/* UTF-8 never has these two. */
		if (*last < 0xFE) {
			++*last;
			return high;
		}
		*last = '\0';
	}
	return high;
}

static int called(struct store *s, const char *text, size_t scan, size_t limit, struct arena *mem,
                  struct runs_page *out, struct error *err)
{
	static const char *const sql[] = {
	    /* Names that begin so: of those that the index has first, the newest; and of the newest runs. */
	    "SELECT id FROM (SELECT id, created FROM run WHERE id IN (SELECT id FROM run WHERE name >= ?1 AND "
	    "name < ?2 "
	    "LIMIT ?3) UNION SELECT id, created FROM (SELECT id, created, name FROM run ORDER BY created DESC, "
	    "id DESC "
	    "LIMIT ?3) WHERE name >= ?1 AND name < ?2) ORDER BY created DESC, id DESC",
	    /* The last eight digits are what is shown. */
	    "SELECT id FROM run WHERE uuid >= ?1 AND uuid < ?2 ORDER BY uuid DESC LIMIT ?3",
	    "SELECT id FROM (SELECT id FROM run WHERE substr(uuid, 25) >= ?1 AND substr(uuid, 25) < ?2 LIMIT ?3) "
	    "ORDER BY "
	    "id DESC",
	    "SELECT id FROM (SELECT id, uuid FROM run ORDER BY created DESC, id DESC LIMIT ?3) WHERE ?2 IS NOT "
	    "NULL AND "
	    "substr(uuid, 33 - length(?1)) = ?1",
	    "SELECT id FROM (SELECT id, name FROM run ORDER BY created DESC, id DESC LIMIT ?3) WHERE ?2 IS NOT "
	    "NULL AND "
	    "instr(lower(name), lower(?1))",
	};
	bool digits = strlen(text) < ID_TEXT && strspn(text, "0123456789abcdef") == strlen(text);
	const char *high = behind_all(text, mem);

	for (size_t i = 0; i < COUNT_OF(sql) && out->count < limit; i++) {
		sqlite3_stmt *stmt;

		if (i >= 1 && i <= 3 && !digits)
			continue;
		stmt = store_prepare(s, sql[i], err);
		if (!stmt)
			return -1;
		bind_text(stmt, 1, text);
		bind_text(stmt, 2, high);
		sqlite3_bind_int64(stmt, 3, (int64_t)(scan < INT64_MAX ? scan : INT64_MAX));
		if (add_called(s, stmt, limit, mem, out, err))
			return -1;
	}
	return 0;
}

int store_runs_called(struct store *s, const char *text, size_t scan, size_t limit, struct arena *mem,
                      struct runs_page *out, struct error *err)
{
	int result;

	*out = (struct runs_page){.rows = NULL};
	if (!text[0] || store_enter_read(s, err))
		return text[0] ? -1 : 0;
	out->rows = arena_array(mem, limit + 1, sizeof(*out->rows));
	result = called(s, text, scan, limit, mem, out, err);
	store_leave_read(s);
	return result;
}
