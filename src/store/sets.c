/* Sets of runs as bits by row id: order.h says what for. */
#include <math.h>
#include <stdlib.h>

#include "order.h"

enum { SETS_OF_FILTER = 8, STEPS_AT_ONCE = 1000 };

static void in_set(sqlite3_context *context, int count, sqlite3_value **args)
{
	const struct store *s = sqlite3_user_data(context);
	const struct run_set *set = &s->sets[sqlite3_value_int(args[0])];
	uint64_t id = (uint64_t)sqlite3_value_int64(args[1]);

	(void)count;
	sqlite3_result_int(context, id / 64 < set->words && set->bits[id / 64] >> id % 64 & 1);
}

int set_functions(struct store *s)
{
	return sqlite3_create_function(s->db, "in_set", 2, SQLITE_UTF8 | SQLITE_DIRECTONLY, s, in_set, NULL,
	                               NULL);
}

void sets_release(struct store *s)
{
	for (int i = 0; i < RUN_SETS; i++) {
		free(s->sets[i].bits);
		free(s->sets[i].of);
	}
}

/* ---- patience ---- */

static int count_down(void *user)
{
	struct store *s = user;

	s->steps -= STEPS_AT_ONCE;
	return s->steps < 0;
}

void patience_begin(struct store *s)
{
	s->steps = s->patience;
	sqlite3_progress_handler(s->db, STEPS_AT_ONCE, count_down, s);
}

bool patience_end(struct store *s)
{
	sqlite3_progress_handler(s->db, 0, NULL, NULL);
	return s->steps < 0 && !atomic_load(&s->interrupted);
}

/* ---- filling ---- */

/* The statement with its values: what the set is of. */
static char *describe(const struct sql *q)
{
	struct str out;

	str_init(&out);
	str_adds(&out, q->text.data);
	for (size_t i = 0; i < q->count; i++) {
		const struct sql_value *v = &q->values[i];
		char number[NUM_TEXT];

		if (v->type == SQL_TEXT)
			str_addf(&out, "\n%zu %s", strlen(v->text), v->text);
		else if (v->type == SQL_REAL)
			str_addf(&out, "\n%s", num_shortest(v->real, number));
		else
			str_addf(&out, "\n%lld", (long long)v->integer);
	}
	return str_take(&out);
}

static int add_runs(struct store *s, struct run_set *set, sqlite3_stmt *stmt, struct error *err)
{
	int rc;

	while ((rc = store_step(s, stmt, err)) > 0) {
		uint64_t id = (uint64_t)sqlite3_column_int64(stmt, 0), bit = UINT64_C(1) << id % 64;
		size_t need = (size_t)(id / 64) + 1, old = set->words;

		if (need > old) {
			set->words = need < 2 * old ? 2 * old : need;
			set->bits = xreallocarray(set->bits, set->words, sizeof(*set->bits));
			memset(set->bits + old, 0, (set->words - old) * sizeof(*set->bits));
		}
		set->count += !(set->bits[id / 64] & bit);
		set->bits[id / 64] |= bit;
	}
	return rc;
}

/* The set of the ids that a statement gives: one that is kept, or made in the place of the one that was not used for
 * longest. Inside a transaction of writes none is kept. */
static int take_set(struct store *s, const struct sql *q, int *index, struct error *err)
{
	int64_t change = s->depth ? -1 : store_change(s);
	char *of = describe(q);
	sqlite3_stmt *stmt;
	struct run_set *set;
	int rc;

	*index = 0;
	for (int i = 0; i < RUN_SETS; i++) {
		set = &s->sets[i];
		if (set->of && change >= 0 && set->change == change && !strcmp(set->of, of)) {
			free(of);
			set->used = ++s->set_uses;
			*index = i;
			return 0;
		}
		if (set->used < s->sets[*index].used)
			*index = i;
	}
	set = &s->sets[*index];
	free(set->of);
	set->of = NULL;
	set->count = 0;
	set->change = change;
	set->used = ++s->set_uses;
	if (set->words)
		memset(set->bits, 0, set->words * sizeof(*set->bits));
	stmt = sql_prepare(s, q, err);
	rc = stmt ? add_runs(s, set, stmt, err) : -1;
	sqlite3_finalize(stmt);
	if (rc)
		free(of);
	else
		set->of = of;
	return rc;
}

/* ---- of what ---- */

static void select_runs(struct sql *q, const struct field *f, const char *column, const char *is)
{
	str_addf(&q->text, "SELECT x.run FROM %s x WHERE ", field_table(f->kind));
	field_which(q, "x", f);
	if (is)
		str_addf(&q->text, " AND x.%s IS %s", column, is);
}

int set_of_field(struct store *s, const struct field *f, int *set, bool *all, struct error *err)
{
	sqlite3_stmt *stmt;
	struct sql q;
	int rc;

	sql_init(&q, s);
	if (f->kind == FIELD_METRIC) {
		select_runs(&q, f, field_column(f), "NOT NULL");
	} else {
		select_runs(&q, f, "number", "NOT NULL");
		sql_add(&q, " UNION ALL ");
		select_runs(&q, f, "number", "NULL");
	}
	rc = take_set(s, &q, set, err);
	sql_release(&q);
	if (rc)
		return -1;
	stmt = store_prepare(s, "SELECT count(*) FROM run", err);
	if (!stmt)
		return -1;
	rc = store_step(s, stmt, err);
	*all = rc > 0 && sqlite3_column_int64(stmt, 0) == s->sets[*set].count;
	sqlite3_reset(stmt);
	return rc < 0 ? -1 : 0;
}

/* A metric that may be NaN is told from others by a column that no index has. */
static bool can_have_set(const struct filter_node *f)
{
	bool plain = f->op == FILTER_EQ || (f->op >= FILTER_LT && f->op <= FILTER_GE);

	if (f->op < FILTER_HAS || f->field.kind > FIELD_TAG)
		return false;
	return f->field.kind != FIELD_METRIC || f->op == FILTER_HAS || (plain && !isnan(f->values->number));
}

bool sets_would_help(const struct filter_node *f)
{
	if (!f)
		return false;
	if (f->op <= FILTER_NOT)
		return sets_would_help(f->left) || sets_would_help(f->right);
	return !f->set && can_have_set(f);
}

void sets_touch(struct store *s, const struct filter_node *f)
{
	if (!f)
		return;
	if (f->op <= FILTER_NOT) {
		sets_touch(s, f->left);
		sets_touch(s, f->right);
	} else if (f->set) {
		s->sets[f->set - 1].used = ++s->set_uses;
	}
}

static int make_sets(struct store *s, struct filter_node *f, struct arena *mem, int *left, struct error *err)
{
	const struct field *field = &f->field;
	struct sql q;
	int rc, set;

	if (f->op <= FILTER_NOT) {
		if (make_sets(s, f->left, mem, left, err))
			return -1;
		return f->right ? make_sets(s, f->right, mem, left, err) : 0;
	}
	if (f->set || !can_have_set(f) || *left <= 0)
		return 0;
	sql_init(&q, s);
	if (field->kind == FIELD_METRIC) {
		select_runs(&q, field, NULL, NULL);
		row_condition_sql(f, mem, &q);
		str_addf(&q.text, " ORDER BY x.%s", field_column(field)); /* the index that has the column */
	} else {
		select_runs(&q, field, "number", "NOT NULL");
		row_condition_sql(f, mem, &q);
		sql_add(&q, " UNION ALL ");
		select_runs(&q, field, "number", "NULL");
		row_condition_sql(f, mem, &q);
	}
	rc = take_set(s, &q, &set, err);
	sql_release(&q);
	if (rc)
		return -1;
	f->set = set + 1;
	--*left;
	return 0;
}

static int count_sets(const struct filter_node *f)
{
	if (!f)
		return 0;
	return f->op <= FILTER_NOT ? count_sets(f->left) + count_sets(f->right) : f->set > 0;
}

int sets_of_filter(struct store *s, struct filter_node *f, struct arena *mem, struct error *err)
{
	int left = SETS_OF_FILTER - count_sets(f);

	return make_sets(s, f, mem, &left, err);
}
