/* The filter's tree as a condition in SQL. Every value is bound; nothing from the text becomes SQL. */
#include <math.h>
#include <stdlib.h>

#include "filter.h"

void sql_init(struct sql *q, struct store *s)
{
	*q = (struct sql){.schema = store_schema(s), .run_id = "r.id"};
	str_init(&q->text);
}

void sql_release(struct sql *q)
{
	str_release(&q->text);
	free(q->values);
	q->values = NULL;
}

void sql_add(struct sql *q, const char *text)
{
	str_adds(&q->text, text);
}

static struct sql_value *add_value(struct sql *q)
{
	q->values = vec_reserve(q->values, &q->cap, q->count + 1, sizeof(*q->values));
	q->values[q->count] = (struct sql_value){.type = SQL_NULL};
	str_addc(&q->text, '?');
	return &q->values[q->count++];
}

void sql_int(struct sql *q, int64_t value)
{
	struct sql_value *v = add_value(q);

	v->type = SQL_INT;
	v->integer = value;
}

void sql_real(struct sql *q, double value)
{
	struct sql_value *v = add_value(q);

	v->type = SQL_REAL;
	v->real = value;
}

void sql_text(struct sql *q, const char *text)
{
	struct sql_value *v = add_value(q);

	v->type = SQL_TEXT;
	v->text = text;
}

sqlite3_stmt *sql_prepare(struct store *s, const struct sql *q, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare_once(s, q->text.data, err);

	for (size_t i = 0; stmt && i < q->count; i++) {
		const struct sql_value *v = &q->values[i];
		int at = (int)i + 1;

		switch (v->type) {
		case SQL_NULL:
			break;
		case SQL_INT:
			sqlite3_bind_int64(stmt, at, v->integer);
			break;
		case SQL_REAL:
			sqlite3_bind_double(stmt, at, v->real);
			break;
		case SQL_TEXT:
			bind_text(stmt, at, v->text);
			break;
		}
	}
	return stmt;
}

/* ---- comparisons ---- */

static const char *operator_text(enum filter_op op)
{
	switch (op) {
	case FILTER_NE:
		return " <> ";
	case FILTER_LT:
		return " < ";
	case FILTER_LE:
		return " <= ";
	case FILTER_GT:
		return " > ";
	case FILTER_GE:
		return " >= ";
	default:
		return " = ";
	}
}

/* A case-sensitive pattern of % and _ as one of * and ?: SQLite's own LIKE ignores case. */
static const char *as_glob(const char *pattern, struct arena *mem)
{
	struct str out;
	const char *glob;

	str_init(&out);
	for (const char *c = pattern; *c; c++) {
		if (*c == '%')
			str_addc(&out, '*');
		else if (*c == '_')
			str_addc(&out, '?');
		else if (strchr("*?[", *c))
			str_addf(&out, "[%c]", *c);
		else
			str_addc(&out, *c);
	}
	glob = arena_memdup0(mem, out.data, out.len);
	str_release(&out);
	return glob;
}

static bool is_pattern(const struct filter_node *f)
{
	return f->op >= FILTER_LIKE && f->op <= FILTER_NO_MATCH;
}

static void pattern_sql(struct sql *q, const char *what, const struct filter_node *f, struct arena *mem)
{
	if (f->op >= FILTER_MATCH) {
		sql_add(q, f->op == FILTER_MATCH ? "matches(" : "NOT matches(");
		sql_text(q, f->values->text);
		str_addf(&q->text, ", %s)", what);
		return;
	}
	sql_add(q, what);
	sql_add(q, f->op == FILTER_LIKE ? " GLOB " : " LIKE ");
	sql_text(q, f->op == FILTER_LIKE ? as_glob(f->values->text, mem) : f->values->text);
}

/* Calls `one` for each value, joined by OR (one value: just it). */
static void any_value(struct sql *q, const struct filter_node *f, int64_t now,
                      void (*one)(struct sql *, const struct filter_node *, const struct filter_value *,
                                  int64_t))
{
	sql_add(q, "(");
	for (size_t i = 0; i < f->value_count; i++) {
		if (i)
			sql_add(q, " OR ");
		one(q, f, &f->values[i], now);
	}
	sql_add(q, ")");
}

/* The others are over the points that are not. */
static bool metric_may_be_nan(const struct field *f)
{
	return f->which == WHICH_LAST || f->which == WHICH_FIRST;
}

static void metric_value(struct sql *q, const struct filter_node *f, const struct filter_value *v,
                         int64_t now)
{
	const char *column = field_column(&f->field);
	bool may_be_nan = metric_may_be_nan(&f->field);

	(void)now;
	if (isnan(v->number)) {
		if (may_be_nan)
			str_addf(&q->text, "x.%s_nan = %d", column, f->op != FILTER_NE);
		else
			str_addf(&q->text, f->op == FILTER_NE ? "x.%s IS NOT NULL" : "x.%s <> x.%s", column, column);
		return;
	}
	/* A value that is NaN is other than any number. */
	if (f->op == FILTER_NE && may_be_nan)
		str_addf(&q->text, "x.%s_nan = 1 OR ", column);
	str_addf(&q->text, "+x.%s", column);
	sql_add(q, operator_text(f->op));
	sql_real(q, v->number);
}

static void pair_value(struct sql *q, const struct filter_node *f, const struct filter_value *v, int64_t now)
{
	(void)now;
	if (v->is_number && isfinite(v->number) && !v->quoted) {
		if (f->op == FILTER_NE)
			sql_add(q, "x.number IS NULL OR ");
		sql_add(q, "+x.number");
		sql_add(q, operator_text(f->op));
		sql_real(q, v->number);
	} else {
		sql_add(q, "+x.value");
		sql_add(q, operator_text(f->op));
		sql_text(q, v->text);
	}
}

void metric_which(struct sql *q, const char *alias, const struct field *field)
{
	str_addf(&q->text, " AND %s.", alias);
	if (!field->context) {
		sql_add(q, "main = 1");
		return;
	}
	sql_add(q, "context = ");
	sql_text(q, field->context);
	/* Says to SQLite that the index by context serves. */
	if (field->context[0])
		str_addf(&q->text, " AND %s.context <> ''", alias);
}

void row_condition_sql(const struct filter_node *f, struct arena *mem, struct sql *q)
{
	bool metric = f->field.kind == FIELD_METRIC;

	if (f->op != FILTER_HAS) {
		sql_add(q, " AND ");
		if (is_pattern(f))
			pattern_sql(q, "+x.value", f, mem);
		else
			any_value(q, f, 0, metric ? metric_value : pair_value);
	} else if (metric && !metric_may_be_nan(&f->field)) {
		str_addf(&q->text, " AND x.%s IS NOT NULL", field_column(&f->field));
	}
}

/* Of a metric, parameter or tag: the run has one that satisfies the condition. */
static void child_sql(struct sql *q, const struct filter_node *f, struct arena *mem)
{
	bool metric = f->field.kind == FIELD_METRIC;

	if (f->set) {
		str_addf(&q->text, "in_set(%d, %s)", f->set - 1, q->run_id);
		return;
	}
	sql_add(q, metric ? "EXISTS (SELECT 1 FROM series x WHERE x.run = r.id AND x.kind = 0 AND x.name = "
	           : f->field.kind == FIELD_PARAM
	               ? "EXISTS (SELECT 1 FROM param x WHERE x.run = r.id AND x.key = "
	               : "EXISTS (SELECT 1 FROM tag x WHERE x.run = r.id AND x.key = ");
	sql_text(q, f->field.name);
	if (metric)
		metric_which(q, "x", &f->field);
	row_condition_sql(f, mem, q);
	sql_add(q, ")");
}

const char *flag_column(int schema)
{
	return schema >= SCHEMA_REMOVED ? FLAG_NOW : "''";
}

static const char *text_column(const struct sql *q, enum field_kind kind)
{
	switch (kind) {
	case FIELD_FLAG:
		return flag_column(q->schema);
	case FIELD_NAME:
		return "r.name";
	case FIELD_ID:
		return "r.uuid";
	case FIELD_KIND:
		return "r.kind";
	case FIELD_USER:
		return "r.user";
	case FIELD_HOST:
		return "r.host";
	case FIELD_EXPERIMENT:
		return "(SELECT name FROM experiment WHERE id = r.experiment)";
	default:
		return "r.source";
	}
}

static void text_value(struct sql *q, const struct filter_node *f, const struct filter_value *v, int64_t now)
{
	bool equal = f->op == FILTER_EQ || f->op == FILTER_IN;

	(void)now;
	if (f->field.kind == FIELD_EXPERIMENT && (equal || f->op == FILTER_NE)) {
		/* By its number, which is indexed. IS: an experiment that there is not equals none. */
		sql_add(q, equal ? "r.experiment IS (SELECT id FROM experiment WHERE name = "
		                 : "r.experiment IS NOT (SELECT id FROM experiment WHERE name = ");
		sql_text(q, v->text);
		sql_add(q, ")");
		return;
	}
	/* Ids are shown by their last eight digits. */
	sql_add(q, f->field.kind == FIELD_ID && strlen(v->text) == 8 && (equal || f->op == FILTER_NE)
	               ? "substr(r.uuid, 25)"
	               : text_column(q, f->field.kind));
	sql_add(q, operator_text(f->op));
	sql_text(q, v->text);
}

static void status_value(struct sql *q, const struct filter_node *f, const struct filter_value *v,
                         int64_t now)
{
	enum run_status status = RUN_QUEUED;

	(void)now;
	store_status_parse(v->text, &status);
	sql_add(q, f->op == FILTER_NE ? "r.status <> " : "r.status = ");
	sql_int(q, status);
}

const char *archived_column(int schema)
{
	return schema >= SCHEMA_ARCHIVED ? "r.archived" : "NULL";
}

const char *removed_column(int schema)
{
	return schema >= SCHEMA_REMOVED ? "r.removed" : "NULL";
}

static const char *number_column(const struct sql *q, enum field_kind kind)
{
	switch (kind) {
	case FIELD_CREATED:
		return "r.created";
	case FIELD_STARTED:
		return "r.started";
	case FIELD_ENDED:
		return "r.ended";
	case FIELD_ARCHIVED:
		return archived_column(q->schema);
	case FIELD_REMOVED:
		return removed_column(q->schema);
	default:
		return "r.progress";
	}
}

static void duration_column(struct sql *q, int64_t now)
{
	sql_add(q, "(coalesce(r.ended, CASE r.status WHEN 1 THEN ");
	sql_int(q, now);
	sql_add(q, " END) - r.started)");
}

static void number_value(struct sql *q, const struct filter_node *f, const struct filter_value *v,
                         int64_t now)
{
	const int64_t day = 86400000;
	int64_t ms = 0;

	sql_add(q, "((");
	if (f->field.kind == FIELD_DURATION) {
		duration_column(q, now);
		sql_add(q, operator_text(f->op));
		sql_real(q, v->is_span ? (double)v->span : v->number * 1e3);
	} else if (f->field.kind == FIELD_PROGRESS) {
		sql_add(q, "r.progress");
		sql_add(q, operator_text(f->op));
		sql_real(q, v->number);
	} else {
		const char *column = number_column(q, f->field.kind);

		if (v->is_span)
			ms = now + v->span;
		else
			time_parse(v->text, strlen(v->text), &ms);
		/* `started = 2026-11-23` means that day. */
		if (!v->is_span && strlen(v->text) == 10 &&
		    (f->op == FILTER_EQ || f->op == FILTER_IN || f->op == FILTER_NE)) {
			sql_add(q, column);
			sql_add(q, f->op == FILTER_NE ? " NOT BETWEEN " : " BETWEEN ");
			sql_int(q, ms);
			sql_add(q, " AND ");
			sql_int(q, ms + day - 1);
		} else {
			sql_add(q, column);
			sql_add(q, operator_text(f->op));
			sql_int(q, ms);
		}
	}
	sql_add(q, ") IS TRUE)");
}

static void has_sql(struct sql *q, const struct filter_node *f, int64_t now)
{
	switch (f->field.kind) {
	case FIELD_CREATED:
	case FIELD_STARTED:
	case FIELD_ENDED:
	case FIELD_ARCHIVED:
	case FIELD_REMOVED:
	case FIELD_PROGRESS:
		sql_add(q, number_column(q, f->field.kind));
		sql_add(q, " IS NOT NULL");
		break;
	case FIELD_DURATION:
		duration_column(q, now);
		sql_add(q, " IS NOT NULL");
		break;
	case FIELD_STATUS:
		sql_add(q, "1");
		break;
	default:
		sql_add(q, text_column(q, f->field.kind));
		sql_add(q, " <> ''");
	}
}

static void word_sql(struct sql *q, const char *word, struct arena *mem)
{
	char *low = arena_strdup(mem, word);

	/* As SQLite's lower(): ASCII alone. */
	for (char *c = low; *c; c++)
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
	sql_add(q, "(instr(lower(r.name), ");
	sql_text(q, low);
	sql_add(q, ") > 0 OR EXISTS (SELECT 1 FROM note x WHERE x.run = r.id AND instr(lower(x.text), ");
	sql_text(q, low);
	sql_add(q, ") > 0))");
}

/* a AND b AND c stands to the left of d: without parentheses of its own, as SQLite's parser takes them a
 * hundred deep. */
static void chain_sql(const struct filter_node *f, enum filter_op op, int64_t now, struct arena *mem,
                      struct sql *q)
{
	if (f->op != op) {
		filter_sql(f, now, mem, q);
		return;
	}
	chain_sql(f->left, op, now, mem, q);
	sql_add(q, op == FILTER_AND ? " AND " : " OR ");
	filter_sql(f->right, now, mem, q);
}

void filter_sql(const struct filter_node *f, int64_t now, struct arena *mem, struct sql *q)
{
	enum field_kind kind = f->field.kind;

	switch (f->op) {
	case FILTER_AND:
	case FILTER_OR:
		sql_add(q, "(");
		chain_sql(f, f->op, now, mem, q);
		sql_add(q, ")");
		return;
	case FILTER_NOT:
		sql_add(q, "NOT (");
		filter_sql(f->left, now, mem, q);
		sql_add(q, ")");
		return;
	case FILTER_WORD:
		word_sql(q, f->values->text, mem);
		return;
	default:
		break;
	}
	if (kind <= FIELD_TAG)
		child_sql(q, f, mem);
	else if (f->op == FILTER_HAS)
		has_sql(q, f, now);
	else if (is_pattern(f))
		pattern_sql(q, text_column(q, kind), f, mem);
	else if (kind == FIELD_STATUS)
		any_value(q, f, now, status_value);
	else if (kind >= FIELD_CREATED)
		any_value(q, f, now, number_value);
	else
		any_value(q, f, now, text_value);
}
