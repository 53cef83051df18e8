/* Orders whose first key has few values, walked class by class: order.h says why. */
#include <math.h>

#include "order.h"

enum { FEW_CLASSES = 32 };

static bool second_has_an_index(enum field_kind kind)
{
	return kind <= FIELD_EXPERIMENT || kind == FIELD_STATUS || (kind >= FIELD_CREATED && kind <= FIELD_ENDED);
}

static bool may_have_classes(const struct order *o)
{
	enum field_kind kind = o->first.kind;

	return o->rest_count > 0 && second_has_an_index(o->rest_fields[0].kind) &&
	       (kind == FIELD_PARAM || kind == FIELD_TAG || kind == FIELD_STATUS || kind == FIELD_EXPERIMENT);
}

/* SELECT … of the values of a zone: "x.number FROM param x WHERE x.key = ? …". */
static void values_sql(const struct order *o, size_t zone, struct sql *q, const char **column)
{
	bool number = o->zones[zone].value == VALUE_NUMBER;

	if (o->first.kind > FIELD_TAG) {
		*column = o->first.kind == FIELD_STATUS ? "x.status" : "x.name";
		str_addf(&q->text, "SELECT %s FROM %s x WHERE 1", *column,
		         o->first.kind == FIELD_STATUS ? "run" : "experiment");
		return;
	}
	*column = number ? "x.number" : "x.value";
	str_addf(&q->text, "SELECT %s FROM %s x WHERE ", *column, field_table(o->first.kind));
	field_which(q, "x", &o->first);
	sql_add(q, number ? " AND x.number IS NOT NULL" : " AND x.number IS NULL");
}

static void bind_value(struct sql *q, const struct sql_value *v)
{
	if (v->type == SQL_INT)
		sql_int(q, v->integer);
	else if (v->type == SQL_REAL)
		sql_real(q, v->real);
	else
		sql_text(q, v->text);
}

/* The value that follows `last` (SQL_NULL: the first one), or *found is false. */
static int next_value(struct store *s, const struct order *o, size_t zone, bool descending,
                      const struct sql_value *last, struct sql_value *out, bool *found, struct error *err)
{
	const char *column;
	sqlite3_stmt *stmt;
	struct sql q;
	int rc;

	sql_init(&q, s);
	values_sql(o, zone, &q, &column);
	if (last->type != SQL_NULL) {
		str_addf(&q.text, " AND %s %s ", column, descending ? "<" : ">");
		bind_value(&q, last);
	}
	str_addf(&q.text, " ORDER BY %s %s LIMIT 1", column, descending ? "DESC" : "ASC");
	stmt = sql_prepare(s, &q, err);
	sql_release(&q);
	if (!stmt)
		return -1;
	rc = store_step(s, stmt, err);
	*found = rc > 0;
	if (*found)
		*out = sql_value_at(stmt, 0, o->mem);
	sqlite3_finalize(stmt);
	return rc < 0 ? -1 : 0;
}

int classes_few(struct store *s, const struct order *o, size_t zone, bool *few, struct error *err)
{
	struct sql_value v = {.type = SQL_NULL};
	bool found = true;

	*few = may_have_classes(o);
	if (!*few || o->zones[zone].value == VALUE_MISSING)
		return 0;
	for (int i = 0; i <= FEW_CLASSES && found; i++) {
		if (next_value(s, o, zone, false, &v, &v, &found, err))
			return -1;
	}
	*few = !found;
	return 0;
}

static int number_of(struct store *s, struct sql *q, int64_t *out, struct error *err)
{
	sqlite3_stmt *stmt = sql_prepare(s, q, err);
	int rc;

	sql_release(q);
	if (!stmt)
		return -1;
	rc = store_step(s, stmt, err);
	*out = rc > 0 ? sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_finalize(stmt);
	return rc < 0 ? -1 : 0;
}

/* Runs of a class, counted up to `most`; those without a value are estimated by those that have one. */
static int count_class(struct store *s, const struct order *o, size_t zone, const struct sql_value *v,
                       int64_t most, int64_t all, int64_t *count, struct error *err)
{
	const char *column;
	struct sql q;

	sql_init(&q, s);
	if (v->type == SQL_NULL) {
		sql_add(&q, "SELECT used FROM name WHERE kind = ");
		sql_text(&q, o->first.kind == FIELD_PARAM ? "params" : "tags");
		sql_add(&q, " AND name = ");
		sql_text(&q, o->first.name);
		if (number_of(s, &q, count, err))
			return -1;
		*count = all - *count;
		return 0;
	}
	sql_add(&q, "SELECT count(*) FROM (");
	if (o->first.kind == FIELD_EXPERIMENT) {
		sql_add(&q, "SELECT 1 FROM run x WHERE x.experiment = (SELECT id FROM experiment WHERE name = ");
		bind_value(&q, v);
		sql_add(&q, ")");
	} else {
		values_sql(o, zone, &q, &column);
		str_addf(&q.text, " AND %s = ", column);
		bind_value(&q, v);
	}
	sql_add(&q, " LIMIT ");
	sql_int(&q, most);
	sql_add(&q, ")");
	return number_of(s, &q, count, err);
}

/* A class of m of N runs is sorted in a time that grows with m; so many of its first are found on the second key's
 * index among `limit` N / m: what takes less. */
static int is_large(struct store *s, const struct order *o, size_t zone, const struct sql_value *v,
                    size_t limit, bool *large, struct error *err)
{
	int64_t all = 0, count = 0, most;
	struct sql q;

	sql_init(&q, s);
	sql_add(&q, "SELECT max(id) FROM run");
	if (number_of(s, &q, &all, err))
		return -1;
	most = (int64_t)fmin(sqrt((double)(limit + 1) * (double)all), 1e15) + 1;
	if (most <= all && count_class(s, o, zone, v, most, all, &count, err))
		return -1;
	*large = count >= most;
	return 0;
}

/* All runs of a class, or those beside one of it. */
static int walk_class(struct store *s, const struct order *o, size_t zone, const struct sql_value *v,
                      const struct order_place *from, bool inclusive, bool backward, size_t limit,
                      struct list *ids, struct error *err)
{
	struct order_place here = {.zone = zone, .value = *v}, inside;
	struct order_segment g = {.zone = zone, .beside = from, .inclusive = inclusive, .tied = true};
	struct order inner;
	bool large, found;

	if (is_large(s, o, zone, v, limit - ids->count, &large, err))
		return -1;
	if (large) {
		order_within(o, v, &inner);
		if (from && order_place_of(s, &inner, from->run, &inside, &found, err))
			return -1;
		return order_walk(s, &inner, from ? &inside : NULL, inclusive, backward, limit, ids, err);
	}
	if (!from) {
		g.beside = &here;
		g.tied = g.whole = v->type != SQL_NULL;
		if (v->type == SQL_NULL)
			g.beside = NULL;
		return order_add_ids(s, o, &g, backward, limit, ids, err);
	}
	for (g.equal = o->term_count; g.equal-- > 0;) {
		if (order_add_ids(s, o, &g, backward, limit, ids, err))
			return -1;
	}
	return 0;
}

int classes_walk(struct store *s, const struct order *o, size_t zone, const struct order_place *from,
                 bool inclusive, bool backward, size_t limit, struct list *ids, struct error *err)
{
	struct sql_value v = {.type = SQL_NULL};
	bool found = true;

	if (o->zones[zone].value == VALUE_MISSING)
		return walk_class(s, o, zone, &v, from, inclusive, backward, limit, ids, err);
	if (from) {
		v = from->value;
		if (walk_class(s, o, zone, &v, from, inclusive, backward, limit, ids, err))
			return -1;
	}
	while (ids->count < limit) {
		if (next_value(s, o, zone, o->descending != backward, &v, &v, &found, err))
			return -1;
		if (!found)
			break;
		if (walk_class(s, o, zone, &v, NULL, inclusive, backward, limit, ids, err))
			return -1;
	}
	return 0;
}
