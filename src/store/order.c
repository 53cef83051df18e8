/* Orders of runs, cut into statements that each walk an index: order.h says how. */
#include <math.h>
#include <stdlib.h>

#include "order.h"

/* ---- making ---- */

const char *attribute_sql(enum field_kind kind, int64_t now, int schema, struct arena *mem)
{
	switch (kind) {
	case FIELD_NAME:
		return "r.name";
	case FIELD_ID:
		return "r.uuid";
	case FIELD_EXPERIMENT:
		return "e.name";
	case FIELD_STATUS:
		return "r.status";
	case FIELD_KIND:
		return "r.kind";
	case FIELD_USER:
		return "r.user";
	case FIELD_HOST:
		return "r.host";
	case FIELD_SOURCE:
		return "r.source";
	case FIELD_FLAG:
		return flag_column(schema);
	case FIELD_CREATED:
		return "r.created";
	case FIELD_STARTED:
		return "r.started";
	case FIELD_ENDED:
		return "r.ended";
	case FIELD_ARCHIVED:
		return archived_column(schema);
	case FIELD_REMOVED:
		return removed_column(schema);
	case FIELD_DURATION:
		return arena_printf(mem, "(coalesce(r.ended, CASE r.status WHEN 1 THEN %lld END) - r.started)",
		                    (long long)now);
	default:
		return "r.progress";
	}
}

static const char *order_sql(const struct order *o, enum field_kind kind)
{
	return attribute_sql(kind, o->now, o->schema, o->mem);
}

static bool attribute_nullable(enum field_kind kind)
{
	return kind >= FIELD_STARTED;
}

static void make_zones(struct order *o)
{
	enum field_kind kind = o->first.kind;
	size_t n = 0;

	if (kind == FIELD_METRIC) {
		o->zones[n++] =
		    (struct order_zone){VALUE_NUMBER, arena_printf(o->mem, "o1.%s", field_column(&o->first))};
	} else if (kind <= FIELD_TAG) {
		o->zones[n++] = (struct order_zone){VALUE_NUMBER, "o1.number"};
		o->zones[n++] = (struct order_zone){VALUE_TEXT, "o1.value"};
	} else {
		bool number = kind == FIELD_STATUS || kind >= FIELD_CREATED;

		o->zones[n++] = (struct order_zone){number ? VALUE_NUMBER : VALUE_TEXT, order_sql(o, kind)};
	}
	if (kind <= FIELD_TAG || attribute_nullable(kind))
		o->zones[n++] = (struct order_zone){VALUE_MISSING, NULL};
	o->zone_count = n;
}

static void add_term(struct order *o, const char *sql, bool descending, bool nullable)
{
	o->terms[o->term_count++] = (struct order_term){sql, descending, nullable};
}

static void make_terms(struct order *o, const struct runs_order *rest, size_t count)
{
	o->terms = arena_array(o->mem, count * 2 + 2, sizeof(*o->terms));
	for (size_t i = 0; i < count; i++) {
		const struct field *f = &o->rest_fields[i];
		bool down = rest[i].descending;

		if (f->kind == FIELD_METRIC) {
			add_term(o, arena_printf(o->mem, "o%zu.%s", i + 2, field_column(f)), down, true);
		} else if (f->kind <= FIELD_TAG) {
			add_term(o, arena_printf(o->mem, "o%zu.number", i + 2), down, true);
			/* Equal numbers are tied, however they are written: as in a first key. */
			add_term(
			    o, arena_printf(o->mem, "(CASE WHEN o%zu.number IS NULL THEN o%zu.value END)", i + 2, i + 2),
			    down, true);
		} else {
			add_term(o, order_sql(o, f->kind), down, attribute_nullable(f->kind));
		}
	}
	/* The indexes of these two go on with the time. */
	if (!count && !o->inner && (o->first.kind == FIELD_EXPERIMENT || o->first.kind == FIELD_STATUS))
		add_term(o, "r.created", o->descending, false);
	add_term(o, "r.id", o->id_descending, false);
}

static int sort_key(const char *key, struct arena *mem, struct field *out, struct error *err)
{
	return field_parse(key, mem, out, err) || field_sortable(out, err) ? error_prefix(err, "order") : 0;
}

int order_make(struct store *s, const struct runs_query *q, struct arena *mem, struct order *out,
               struct error *err)
{
	static const struct runs_order newest_first = {"created", true};
	const struct runs_order *keys = q->order_count ? q->order : &newest_first;
	size_t count = q->order_count ? q->order_count : 1;
	struct filter_node *filter;

	if (count > 16)
		return error_set(err, ERR_USAGE, "at most 16 keys to order by");
	*out = (struct order){.mem = mem,
	                      .now = q->now ? q->now : time_now_ms(),
	                      .keys = keys,
	                      .key_count = count,
	                      .descending = keys[0].descending,
	                      .id_descending = keys[0].descending,
	                      .schema = store_schema(s)};
	if (filter_parse(q->filter, mem, &filter, NULL, err) || sort_key(keys[0].key, mem, &out->first, err))
		return -1;
	out->filter = filter;
	out->rest_count = count - 1;
	out->rest_fields = arena_array(mem, count, sizeof(*out->rest_fields));
	for (size_t i = 1; i < count; i++) {
		if (sort_key(keys[i].key, mem, &out->rest_fields[i - 1], err))
			return -1;
	}
	make_zones(out);
	make_terms(out, keys + 1, count - 1);
	return 0;
}

void order_within(const struct order *o, const struct sql_value *value, struct order *out)
{
	struct filter_node *n = arena_alloc(o->mem, sizeof(*n)), *both = n;
	struct filter_value *v = arena_alloc(o->mem, sizeof(*v));

	*out = *o;
	out->keys++;
	out->key_count--;
	out->first = o->rest_fields[0];
	out->rest_fields++;
	out->rest_count--;
	out->descending = out->keys[0].descending;
	out->inner = true;
	out->term_count = 0;
	*v = (struct filter_value){.text = value->text, .quoted = true};
	if (value->type == SQL_REAL)
		*v = (struct filter_value){.text = "", .is_number = true, .number = value->real};
	else if (value->type == SQL_INT)
		v->text = store_status_name((enum run_status)value->integer);
	*n = (struct filter_node){.op = FILTER_EQ, .field = o->first, .values = v, .value_count = 1};
	if (value->type == SQL_NULL) {
		both = arena_alloc(o->mem, sizeof(*both));
		n->op = FILTER_HAS;
		*both = (struct filter_node){.op = FILTER_NOT, .left = n};
	}
	out->filter = both;
	if (o->filter) {
		out->filter = arena_alloc(o->mem, sizeof(*both));
		*out->filter = (struct filter_node){.op = FILTER_AND, .left = o->filter, .right = both};
	}
	make_zones(out);
	make_terms(out, out->keys + 1, out->key_count - 1);
}

/* ---- joins ---- */

const char *field_table(enum field_kind kind)
{
	return kind == FIELD_METRIC ? "series" : kind == FIELD_PARAM ? "param" : "tag";
}

void field_which(struct sql *q, const char *alias, const struct field *f)
{
	str_addf(&q->text, f->kind == FIELD_METRIC ? "%s.kind = 0 AND %s.name = " : "%s.key = ", alias, alias);
	sql_text(q, f->name);
	if (f->kind == FIELD_METRIC)
		metric_which(q, alias, f);
}

static void join_field(struct sql *q, size_t number, const struct field *f)
{
	char alias[24];

	if (f->kind > FIELD_TAG)
		return;
	snprintf(alias, sizeof(alias), "o%zu", number);
	str_addf(&q->text, " LEFT JOIN %s %s ON %s.run = r.id AND ", field_table(f->kind), alias, alias);
	field_which(q, alias, f);
}

static void join_rest(const struct order *o, struct sql *q)
{
	for (size_t i = 0; i < o->rest_count; i++)
		join_field(q, i + 2, &o->rest_fields[i]);
}

static bool needs_experiment(const struct order *o)
{
	bool needs = o->first.kind == FIELD_EXPERIMENT;

	for (size_t i = 0; i < o->rest_count; i++)
		needs = needs || o->rest_fields[i].kind == FIELD_EXPERIMENT;
	return needs;
}

/* ---- where a run stands ---- */

struct sql_value sql_value_at(sqlite3_stmt *stmt, int at, struct arena *mem)
{
	struct sql_value v = {.type = SQL_NULL};

	switch (sqlite3_column_type(stmt, at)) {
	case SQLITE_INTEGER:
		v.type = SQL_INT;
		v.integer = sqlite3_column_int64(stmt, at);
		break;
	case SQLITE_FLOAT:
		v.type = SQL_REAL;
		v.real = sqlite3_column_double(stmt, at);
		break;
	case SQLITE_NULL:
		break;
	default:
		v.type = SQL_TEXT;
		v.text = column_text(mem, stmt, at);
	}
	return v;
}

int order_place_of(struct store *s, const struct order *o, int64_t run, struct order_place *out, bool *found,
                   struct error *err)
{
	struct sql q;
	sqlite3_stmt *stmt;
	int rc;

	*found = false;
	sql_init(&q, s);
	sql_add(&q, "SELECT ");
	for (size_t i = 0; i < o->zone_count; i++) {
		sql_add(&q, i ? ", " : "");
		sql_add(&q, o->zones[i].sql ? o->zones[i].sql : "NULL");
	}
	for (size_t i = 0; i < o->term_count; i++) {
		sql_add(&q, ", ");
		sql_add(&q, o->terms[i].sql);
	}
	sql_add(&q, " FROM run r");
	if (needs_experiment(o))
		sql_add(&q, " JOIN experiment e ON e.id = r.experiment");
	join_field(&q, 1, &o->first);
	join_rest(o, &q);
	sql_add(&q, " WHERE r.id = ");
	sql_int(&q, run);
	stmt = sql_prepare(s, &q, err);
	sql_release(&q);
	if (!stmt)
		return -1;
	rc = store_step(s, stmt, err);
	if (rc > 0) {
		*found = true;
		out->run = run;
		out->zone = o->zone_count - 1;
		out->value = (struct sql_value){.type = SQL_NULL};
		for (size_t i = o->zone_count; i-- > 0;) {
			struct sql_value v = sql_value_at(stmt, (int)i, o->mem);

			if (v.type != SQL_NULL) {
				out->zone = i;
				out->value = v;
			}
		}
		out->rest = arena_array(o->mem, o->term_count, sizeof(*out->rest));
		for (size_t i = 0; i < o->term_count; i++)
			out->rest[i] = sql_value_at(stmt, (int)(o->zone_count + i), o->mem);
	}
	sqlite3_finalize(stmt);
	return rc < 0 ? -1 : 0;
}

/* ---- segments ---- */

static void bind_value_of(struct sql *q, const struct sql_value *v)
{
	if (v->type == SQL_INT)
		sql_int(q, v->integer);
	else if (v->type == SQL_REAL)
		sql_real(q, v->real);
	else
		sql_text(q, v->text);
}

/* Top-level conditions that only a run with a value of the first key can satisfy; the plain ones among them
 * bound the walk. True if there is one. */
static bool bound_by_filter(const struct order *o, const struct filter_node *f, const char *sql,
                            struct sql *q)
{
	bool left, right;

	if (!f)
		return false;
	if (f->op == FILTER_AND) {
		left = bound_by_filter(o, f->left, sql, q);
		right = bound_by_filter(o, f->right, sql, q);
		return left || right;
	}
	if (f->op < FILTER_HAS || o->first.kind > FIELD_TAG || !field_same(&f->field, &o->first))
		return false;
	if (f->op == FILTER_NE ||
	    (f->op == FILTER_EQ && o->first.kind == FIELD_METRIC && isnan(f->values->number)) ||
	    f->op == FILTER_IN)
		return false; /* NaN satisfies these, and counts as no value in an order */
	if (o->first.kind != FIELD_METRIC)
		return true;
	if (f->op == FILTER_HAS)
		return false;
	if (sql && q) {
		str_addf(&q->text, " AND %s %s ", sql,
		         f->op == FILTER_EQ   ? "="
		         : f->op == FILTER_LT ? "<"
		         : f->op == FILTER_LE ? "<="
		         : f->op == FILTER_GT ? ">"
		                              : ">=");
		sql_real(q, f->values->number);
	}
	return true;
}

/* Of the terms behind the first key. False: nothing can follow. */
static bool term_condition(const struct order *o, const struct order_segment *g, bool backward, struct sql *q)
{
	const struct order_term *t = &o->terms[g->equal];
	const struct sql_value *at = &g->beside->rest[g->equal];
	bool last = g->equal == o->term_count - 1, less = t->descending != backward;

	for (size_t i = 0; i < g->equal; i++) {
		str_addf(&q->text,
		         g->beside->rest[i].type == SQL_NULL ? " AND %s IS NULL" : " AND %s = ", o->terms[i].sql);
		if (g->beside->rest[i].type != SQL_NULL)
			bind_value_of(q, &g->beside->rest[i]);
	}
	if (at->type == SQL_NULL) {
		if (!backward)
			return false; /* runs without a value come last */
		str_addf(&q->text, " AND %s IS NOT NULL", t->sql);
		return true;
	}
	str_addf(&q->text, " AND (%s %s%s ", t->sql, less ? "<" : ">", last && g->inclusive ? "=" : "");
	bind_value_of(q, at);
	if (t->nullable && !backward)
		str_addf(&q->text, " OR %s IS NULL", t->sql);
	sql_add(q, ")");
	return true;
}

static void from_zone(const struct order *o, const struct order_zone *z, struct sql *q)
{
	enum field_kind kind = o->first.kind;

	/* CROSS JOIN: the left side is the outer loop, whatever SQLite's guess. */
	if (z->sql && kind <= FIELD_TAG)
		str_addf(&q->text, "%s o1 CROSS JOIN run r ON r.id = o1.run", field_table(kind));
	else if (kind == FIELD_EXPERIMENT)
		sql_add(q, "experiment e CROSS JOIN run r ON r.experiment = e.id");
	else
		sql_add(q, "run r");
	if (kind != FIELD_EXPERIMENT && needs_experiment(o))
		sql_add(q, " CROSS JOIN experiment e ON e.id = r.experiment");
	join_rest(o, q);
}

/* The condition that makes a zone. */
static void in_zone(const struct order *o, const struct order_zone *z, const struct order_segment *g,
                    struct sql *q)
{
	enum field_kind kind = o->first.kind;

	if (z->sql && kind <= FIELD_TAG) {
		field_which(q, "o1", &o->first);
		if (kind == FIELD_METRIC)
			str_addf(&q->text, " AND o1.%s IS NOT NULL", field_column(&o->first));
		else
			sql_add(q, z->value == VALUE_NUMBER ? " AND o1.number IS NOT NULL" : " AND o1.number IS NULL");
	} else if (kind <= FIELD_TAG) {
		str_addf(&q->text, "NOT in_set(%d, r.id)", g->set);
	} else if (attribute_nullable(kind)) {
		str_addf(&q->text, "%s IS %sNULL", o->zones[0].sql, z->sql ? "NOT " : "");
	} else {
		sql_add(q, "1");
	}
}

static void order_by(const struct order *o, const struct order_zone *z, const struct order_segment *g,
                     bool backward, struct sql *q)
{
	const char *id = z->sql && o->first.kind <= FIELD_TAG ? "o1.run" : "r.id";

	sql_add(q, " ORDER BY ");
	if (z->sql && !g->tied)
		str_addf(&q->text, "%s %s, ", z->sql, o->descending != backward ? "DESC" : "ASC");
	for (size_t i = g->tied ? g->equal : 0; i < o->term_count; i++) {
		const struct order_term *t = &o->terms[i];
		bool last = i == o->term_count - 1;

		if (t->nullable)
			str_addf(&q->text, "%s IS NULL %s, ", t->sql, backward ? "DESC" : "ASC");
		str_addf(&q->text, "%s %s%s", last ? id : t->sql, t->descending != backward ? "DESC" : "ASC",
		         last ? "" : ", ");
	}
}

bool order_segment_sql(const struct order *o, const struct order_segment *g, bool backward, int64_t limit,
                       struct sql *q)
{
	const struct order_zone *z = &o->zones[g->zone];

	if (z->value == VALUE_MISSING && bound_by_filter(o, o->filter, NULL, NULL))
		return false;
	if (z->sql && o->first.kind <= FIELD_TAG)
		q->run_id = "o1.run";
	sql_add(q, "SELECT r.id FROM ");
	from_zone(o, z, q);
	sql_add(q, " WHERE ");
	in_zone(o, z, g, q);
	if (z->sql && g->beside) {
		bool less = o->descending != backward;

		str_addf(&q->text, " AND %s %s ", z->sql, g->tied ? "=" : less ? "<" : ">");
		bind_value_of(q, &g->beside->value);
	}
	if (g->tied && !g->whole && !term_condition(o, g, backward, q))
		return false;
	if (z->value == VALUE_NUMBER)
		bound_by_filter(o, o->filter, z->sql, q);
	sql_add(q, hidden_sql(&o->hides));
	if (o->filter) {
		sql_add(q, " AND ");
		filter_sql(o->filter, o->now, o->mem, q);
	}
	order_by(o, z, g, backward, q);
	sql_add(q, " LIMIT ");
	sql_int(q, limit);
	return true;
}

/* ---- walking ---- */

/* Runs the statement of a segment. Out of patience, if that is bounded: nothing is added, *late is true. */
static int run_segment(struct store *s, const struct order *o, const struct order_segment *g, bool backward,
                       size_t limit, bool bounded, bool *late, struct list *ids, struct error *err)
{
	size_t had = ids->count;
	sqlite3_stmt *stmt;
	struct sql q;
	int rc = 0;

	*late = false;
	sql_init(&q, s);
	if (order_segment_sql(o, g, backward, (int64_t)(limit - ids->count), &q)) {
		stmt = sql_prepare(s, &q, err);
		rc = stmt ? 0 : -1;
		if (bounded)
			patience_begin(s);
		while (stmt && (rc = store_step(s, stmt, err)) > 0)
			*(int64_t *)list_add(ids, sizeof(int64_t)) = sqlite3_column_int64(stmt, 0);
		if (bounded && patience_end(s) && rc < 0) {
			*late = true;
			ids->count = had;
			rc = 0;
		}
		sqlite3_finalize(stmt);
	}
	sql_release(&q);
	return rc;
}

int order_add_ids(struct store *s, const struct order *o, const struct order_segment *segment, bool backward,
                  size_t limit, struct list *ids, struct error *err)
{
	struct order_segment g = *segment;
	bool missing = o->zones[g.zone].value == VALUE_MISSING && o->first.kind <= FIELD_TAG, late = false, none;

	if (ids->count >= limit || (missing && bound_by_filter(o, o->filter, NULL, NULL)))
		return 0;
	sets_touch(s, o->filter);
	if (missing) {
		if (set_of_field(s, &o->first, &g.set, &none, err))
			return -1;
		if (none)
			return 0; /* every run has one */
	}
	if (run_segment(s, o, &g, backward, limit, sets_would_help(o->filter), &late, ids, err))
		return -1;
	if (!late)
		return 0;
	if (sets_of_filter(s, o->filter, o->mem, err))
		return -1;
	return run_segment(s, o, &g, backward, limit, false, &late, ids, err);
}

/* From the end of the zone that the direction begins at, or from a run of it. */
static int walk_zone(struct store *s, const struct order *o, size_t zone, const struct order_place *from,
                     bool inclusive, bool backward, size_t limit, struct list *ids, struct error *err)
{
	struct order_segment g = {.zone = zone, .beside = from, .inclusive = inclusive, .tied = true};
	bool few = false;

	if (ids->count >= limit)
		return 0;
	if (classes_few(s, o, zone, &few, err))
		return -1;
	if (few)
		return classes_walk(s, o, zone, from, inclusive, backward, limit, ids, err);
	for (g.equal = from ? o->term_count : 0; g.equal-- > 0;) {
		if (order_add_ids(s, o, &g, backward, limit, ids, err))
			return -1;
	}
	if (from && !o->zones[zone].sql)
		return 0;
	g = (struct order_segment){.zone = zone, .beside = from};
	return order_add_ids(s, o, &g, backward, limit, ids, err);
}

int order_walk(struct store *s, const struct order *o, const struct order_place *from, bool inclusive,
               bool backward, size_t limit, struct list *ids, struct error *err)
{
	size_t zone = from ? from->zone : backward ? o->zone_count - 1 : 0;

	for (;; zone = backward ? zone - 1 : zone + 1, from = NULL) {
		if (walk_zone(s, o, zone, from, inclusive, backward, limit, ids, err))
			return -1;
		if (backward ? zone == 0 : zone + 1 == o->zone_count)
			return 0;
	}
}
