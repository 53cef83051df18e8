/* Relations read back from their JSON: what relation_json.c writes, and nothing else. */
#include <math.h>
#include <string.h>

#include <json-c/json.h>

#include "relation.h"

/* One reading: where names are looked up, and where what is read is kept. */
struct parse {
	struct relations *r;
	struct intern names; /* ids are columns */
};

static bool get(json_object *from, const char *key, json_type type, json_object **out)
{
	return json_object_is_type(from, json_type_object) && json_object_object_get_ex(from, key, out) &&
	       json_object_is_type(*out, type);
}

static bool get_count(json_object *from, const char *key, uint64_t *out)
{
	json_object *value;

	if (!get(from, key, json_type_int, &value) || json_object_get_int64(value) < 0)
		return false;
	*out = (uint64_t)json_object_get_int64(value);
	return true;
}

static bool get_bool(json_object *from, const char *key, bool *out)
{
	json_object *value;

	if (!get(from, key, json_type_boolean, &value))
		return false;
	*out = json_object_get_boolean(value);
	return true;
}

static bool get_size(json_object *from, const char *key, size_t *out)
{
	uint64_t count;

	if (!get_count(from, key, &count))
		return false;
	*out = (size_t)count;
	return true;
}

/* Null is NaN. */
static bool get_number(json_object *from, const char *key, double *out)
{
	json_object *value;

	if (!json_object_object_get_ex(from, key, &value))
		return false;
	*out = (double)NAN;
	if (!value)
		return true;
	if (!json_object_is_type(value, json_type_int) && !json_object_is_type(value, json_type_double))
		return false;
	*out = json_object_get_double(value);
	return true;
}

/* A row, which is counted from 1 there. */
static bool row_from(json_object *value, uint64_t *out)
{
	if (!json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 1)
		return false;
	*out = (uint64_t)json_object_get_int64(value) - 1;
	return true;
}

static bool column_from(const struct parse *p, json_object *value, size_t *out)
{
	uint32_t id;

	if (!json_object_is_type(value, json_type_string))
		return false;
	id = intern_find(&p->names, json_object_get_string(value), (size_t)json_object_get_string_len(value));
	*out = id;
	return id != INTERN_NONE;
}

static bool get_column(const struct parse *p, json_object *from, const char *key, size_t *out)
{
	json_object *value;

	return get(from, key, json_type_string, &value) && column_from(p, value, out);
}

/* Which of `count` names stands there. */
static bool get_name(json_object *from, const char *key, const char *(*name)(int), int count, int *out)
{
	json_object *value;

	if (!get(from, key, json_type_string, &value))
		return false;
	for (*out = 0; *out < count && strcmp(name(*out), json_object_get_string(value)) != 0; ++*out)
		;
	return *out < count;
}

static const char *kind_name(int kind)
{
	return relation_kind_name((enum relation_kind)kind);
}

static const char *trail_name(int kind)
{
	return relation_trail_name((enum relation_trail_kind)kind);
}

static const char *same_name(int kind)
{
	return relation_same_name((enum relation_same_kind)kind);
}

/* ---- relations ---- */

static bool get_numbers(json_object *from, struct relation *p)
{
	p->pearson.n = p->spearman.n = p->n;
	return get_number(from, "pearson", &p->pearson.r) && get_number(from, "pearson_p", &p->pearson.p) &&
	       get_number(from, "spearman", &p->spearman.r) && get_number(from, "spearman_p", &p->spearman.p) &&
	       (!json_object_object_get_ex(from, "spearman_n", NULL) ||
	        get_size(from, "spearman_n", &p->spearman.n));
}

static bool get_categories(json_object *from, struct relation *p)
{
	struct association *a = &p->association;

	*a = (struct association){.n = p->n};
	return get_number(from, "v", &a->v) && get_number(from, "chi2", &a->chi2) &&
	       get_number(from, "df", &a->df) && get_number(from, "p", &a->p) &&
	       get_number(from, "mutual", &a->mutual) && get_number(from, "explains_a", &a->explains_a) &&
	       get_number(from, "explains_b", &a->explains_b) && get_size(from, "a_values", &a->rows) &&
	       get_size(from, "b_values", &a->columns);
}

static bool get_mixed(json_object *from, struct relation *p)
{
	struct anova *f = &p->anova;
	double eta;

	*f = (struct anova){
	    .rows = p->n, .between = (double)NAN, .within = (double)NAN, .residual_sd = (double)NAN};
	if (!get_number(from, "eta", &eta) || !get_number(from, "f", &f->f) || !get_number(from, "p", &f->p) ||
	    !get_size(from, "groups", &f->groups))
		return false;
	f->eta2 = eta * eta;
	/* JSON has no infinity. */
	if (isnan(f->f) && !isnan(f->p))
		f->f = (double)INFINITY;
	if (f->groups) {
		f->df_between = (double)f->groups - 1;
		f->df_within = (double)f->rows - (double)f->groups;
	}
	return true;
}

static bool get_auc(json_object *from, struct auc *auc)
{
	*auc =
	    (struct auc){.value = (double)NAN, .variance = (double)NAN, .low = (double)NAN, .high = (double)NAN};
	return !json_object_object_get_ex(from, "auc", NULL) ||
	       (get_number(from, "auc", &auc->value) && get_number(from, "auc_low", &auc->low) &&
	        get_number(from, "auc_high", &auc->high));
}

static bool get_relation(const struct parse *p, json_object *from, struct relation *out)
{
	int kind;

	/* The order of rows is no column. */
	out->a = p->r->column_count;
	if ((json_object_object_get_ex(from, "a", NULL) && !get_column(p, from, "a", &out->a)) ||
	    !get_column(p, from, "b", &out->b) ||
	    !get_name(from, "kind", kind_name, RELATION_KIND_COUNT, &kind) || !get_size(from, "n", &out->n) ||
	    !get_number(from, "strength", &out->strength) || !get_auc(from, &out->auc))
		return false;
	out->kind = (enum relation_kind)kind;
	out->chance = (double)NAN;
	return out->kind == RELATION_NUMBERS      ? get_numbers(from, out)
	       : out->kind == RELATION_CATEGORIES ? get_categories(from, out)
	                                          : get_mixed(from, out);
}

static bool get_relations(const struct parse *p, json_object *from, const char *key, struct relation **out,
                          size_t *count, bool label)
{
	json_object *list;

	if (!get(from, key, json_type_array, &list))
		return false;
	*count = json_object_array_length(list);
	*out = arena_array(p->r->arena, *count + 1, sizeof(**out));
	for (size_t i = 0; i < *count; i++) {
		json_object *one = json_object_array_get_idx(list, i);

		if (!get_relation(p, one, &(*out)[i]) || (*out)[i].a == p->r->column_count)
			return false;
		if (label &&
		    (!get_number(one, "chance", &(*out)[i].chance) || !get_bool(one, "leaks", &(*out)[i].leaks)))
			return false;
	}
	return true;
}

static bool get_trails(const struct parse *p, json_object *root)
{
	struct relations *r = p->r;
	json_object *list;
	int kind;

	if (!get(root, "trails", json_type_array, &list))
		return false;
	r->trail_count = json_object_array_length(list);
	r->trails = arena_array(r->arena, r->trail_count + 1, sizeof(*r->trails));
	for (size_t i = 0; i < r->trail_count; i++) {
		json_object *one = json_object_array_get_idx(list, i);
		struct relation_trail *trail = &r->trails[i];

		if (!get_name(one, "what", trail_name, TRAIL_KIND_COUNT, &kind) ||
		    !get_relation(p, one, &trail->with) || !get_number(one, "order_p", &trail->p) ||
		    !get_bool(one, "tells", &trail->tells) || !get_bool(one, "leaks", &trail->leaks))
			return false;
		trail->kind = (enum relation_trail_kind)kind;
		if ((trail->kind == TRAIL_ORDER) != (trail->with.a == r->column_count))
			return false;
	}
	return true;
}

/* ---- over time ---- */

/* Null is NULL. */
static bool get_text(const struct parse *p, json_object *from, const char *key, const char **out)
{
	json_object *value;

	if (!json_object_object_get_ex(from, key, &value))
		return false;
	*out = NULL;
	if (!value)
		return true;
	if (!json_object_is_type(value, json_type_string))
		return false;
	*out = arena_strdup(p->r->arena, json_object_get_string(value));
	return true;
}

static bool get_end(const struct parse *p, json_object *from, const char *key, struct relation_end *end)
{
	const char *time;
	json_object *one;
	int64_t ms;

	*end = (struct relation_end){.time = (double)NAN, .p = (double)NAN};
	if (!json_object_object_get_ex(from, key, &one))
		return false;
	if (!one)
		return true;
	if (!get_count(one, "rows", &end->rows) || !get_text(p, one, "time", &time) || !time ||
	    !time_parse(time, strlen(time), &ms) || !get_bool(one, "positive", &end->positive) ||
	    !get_number(one, "p", &end->p) || !get_bool(one, "constant", &end->constant))
		return false;
	end->time = (double)ms;
	return end->rows > 0;
}

static bool get_time(const struct parse *p, json_object *from, struct relation_time *out)
{
	struct association *a = &out->association;
	json_object *list;

	*a = (struct association){
	    .columns = 2, .mutual = (double)NAN, .explains_a = (double)NAN, .explains_b = (double)NAN};
	if (!get_column(p, from, "column", &out->column) || !get_count(from, "rows", &out->rows) ||
	    !get_count(from, "positive", &out->positive) || !get(from, "periods", json_type_array, &list) ||
	    !get_size(from, "compared", &a->rows) || !get_number(from, "chi2", &a->chi2) ||
	    !get_number(from, "df", &a->df) || !get_number(from, "p", &a->p) || !get_number(from, "v", &a->v) ||
	    !get_bool(from, "changes", &out->changes) || !get_end(p, from, "begin", &out->begin) ||
	    !get_end(p, from, "end", &out->end))
		return false;
	a->n = (size_t)out->rows;
	out->period_count = json_object_array_length(list);
	out->periods = arena_array(p->r->arena, out->period_count + 1, sizeof(*out->periods));
	for (size_t i = 0; i < out->period_count; i++) {
		json_object *one = json_object_array_get_idx(list, i);
		struct relation_period *k = &out->periods[i];

		if (!get_text(p, one, "name", &k->name) || !k->name || !get_text(p, one, "where", &k->where) ||
		    !get_count(one, "rows", &k->rows) || !get_count(one, "positive", &k->positive) ||
		    !get_number(one, "rate", &k->rate) || !get_number(one, "low", &k->low) ||
		    !get_number(one, "high", &k->high))
			return false;
	}
	return true;
}

static bool get_times(const struct parse *p, json_object *root)
{
	struct relations *r = p->r;
	json_object *list;

	if (!get(root, "label_over_time", json_type_array, &list))
		return false;
	r->time_count = json_object_array_length(list);
	r->times = arena_array(r->arena, r->time_count + 1, sizeof(*r->times));
	for (size_t i = 0; i < r->time_count; i++)
		if (!get_time(p, json_object_array_get_idx(list, i), &r->times[i]))
			return false;
	return true;
}

/* ---- what is missing ---- */

static bool get_pattern(const struct parse *p, json_object *from, struct relation_pattern *out)
{
	json_object *list, *row;
	size_t *columns;

	if (!get(from, "columns", json_type_array, &list) || !get_count(from, "rows", &out->rows) ||
	    !get(from, "first_row", json_type_int, &row) || !row_from(row, &out->first_row))
		return false;
	out->column_count = json_object_array_length(list);
	out->columns = columns = arena_array(p->r->arena, out->column_count + 1, sizeof(*columns));
	for (size_t i = 0; i < out->column_count; i++)
		if (!column_from(p, json_object_array_get_idx(list, i), &columns[i]))
			return false;
	return true;
}

static bool get_missing(const struct parse *p, json_object *root)
{
	struct relations *r = p->r;
	json_object *from, *list;
	size_t all;

	if (!get(root, "missing", json_type_object, &from) ||
	    !get_count(from, "complete_rows", &r->complete_rows) || !get(from, "pairs", json_type_array, &list) ||
	    !get_size(from, "pair_count", &all))
		return false;
	r->missing_count = json_object_array_length(list);
	if (r->missing_count != all)
		return false;
	r->missing = arena_array(r->arena, all + 1, sizeof(*r->missing));
	for (size_t i = 0; i < all; i++) {
		json_object *one = json_object_array_get_idx(list, i);
		struct relation_missing *m = &r->missing[i];

		if (!get_column(p, one, "a", &m->a) || !get_column(p, one, "b", &m->b) ||
		    !get_count(one, "a_missing", &m->a_missing) || !get_count(one, "b_missing", &m->b_missing) ||
		    !get_count(one, "both", &m->both) || !get_number(one, "phi", &m->phi) ||
		    !get_number(one, "jaccard", &m->jaccard))
			return false;
	}
	if (!get(from, "patterns", json_type_array, &list) || !get_size(from, "pattern_count", &r->pattern_all))
		return false;
	r->pattern_count = json_object_array_length(list);
	r->patterns = arena_array(r->arena, r->pattern_count + 1, sizeof(*r->patterns));
	for (size_t i = 0; i < r->pattern_count; i++)
		if (!get_pattern(p, json_object_array_get_idx(list, i), &r->patterns[i]))
			return false;
	return r->pattern_count == (r->pattern_all < RELATION_PATTERNS ? r->pattern_all : RELATION_PATTERNS);
}

/* ---- what is the same ---- */

static bool get_same(const struct parse *p, json_object *root)
{
	struct relations *r = p->r;
	json_object *list, *rows;
	int kind;

	if (!get(root, "same", json_type_array, &list))
		return false;
	r->same_count = json_object_array_length(list);
	r->same = arena_array(r->arena, r->same_count + 1, sizeof(*r->same));
	for (size_t i = 0; i < r->same_count; i++) {
		json_object *one = json_object_array_get_idx(list, i);
		struct relation_same *s = &r->same[i];

		if (!get_column(p, one, "a", &s->a) || !get_column(p, one, "b", &s->b) ||
		    !get_name(one, "kind", same_name, SAME_KIND_COUNT, &kind) ||
		    !json_object_object_get_ex(one, "same_rows", &rows) ||
		    (rows && !get_count(one, "same_rows", &s->same)))
			return false;
		s->kind = (enum relation_same_kind)kind;
	}
	return true;
}

static bool get_duplicates(const struct parse *p, json_object *root)
{
	struct relations *r = p->r;
	json_object *from, *list, *rows;

	if (!get(root, "duplicates", json_type_object, &from) || !get_count(from, "rows", &r->duplicates) ||
	    !get_count(from, "sets", &r->duplicate_sets) || !get(from, "largest", json_type_array, &list))
		return false;
	r->set_count = json_object_array_length(list);
	r->sets = arena_array(r->arena, r->set_count + 1, sizeof(*r->sets));
	for (size_t i = 0; i < r->set_count; i++) {
		json_object *one = json_object_array_get_idx(list, i);
		struct relation_rows *s = &r->sets[i];
		const size_t most = COUNT_OF(s->first);
		size_t there;

		if (!get_count(one, "count", &s->count) || !get(one, "first_rows", json_type_array, &rows))
			return false;
		there = json_object_array_length(rows);
		if (there != (s->count < most ? (size_t)s->count : most))
			return false;
		for (size_t k = 0; k < there; k++)
			if (!row_from(json_object_array_get_idx(rows, k), &s->first[k]))
				return false;
	}
	return r->set_count == (r->duplicate_sets < RELATION_ROWS ? (size_t)r->duplicate_sets : RELATION_ROWS);
}

/* ---- all of it ---- */

static bool get_columns(struct parse *p, json_object *root)
{
	struct relations *r = p->r;
	json_object *list, *name, *type;
	const char **names;
	enum column_type *types;

	if (!get(root, "columns", json_type_array, &list))
		return false;
	r->column_count = json_object_array_length(list);
	r->names = names = arena_array(r->arena, r->column_count + 1, sizeof(*names));
	r->types = types = arena_array(r->arena, r->column_count + 1, sizeof(*types));
	for (size_t i = 0; i < r->column_count; i++) {
		json_object *one = json_object_array_get_idx(list, i);

		if (!get(one, "name", json_type_string, &name) || !get(one, "type", json_type_string, &type) ||
		    !column_type_parse(json_object_get_string(type), &types[i]))
			return false;
		names[i] = arena_strdup(r->arena, json_object_get_string(name));
		/* Two names that are one in JSON (bytes that are no text) could not be told apart. */
		if (intern_add(&p->names, names[i], strlen(names[i])) != i)
			return false;
	}
	names[r->column_count] = relation_trail_name(TRAIL_ORDER);
	types[r->column_count] = COLUMN_INT;
	return true;
}

static bool get_notes(struct relations *r, json_object *root)
{
	json_object *list;
	const char **notes;

	if (!get(root, "notes", json_type_array, &list))
		return false;
	r->note_count = json_object_array_length(list);
	r->notes = notes = arena_array(r->arena, r->note_count + 1, sizeof(*notes));
	for (size_t i = 0; i < r->note_count; i++) {
		json_object *one = json_object_array_get_idx(list, i);

		if (!json_object_is_type(one, json_type_string))
			return false;
		notes[i] = arena_strdup(r->arena, json_object_get_string(one));
	}
	return true;
}

static bool get_all(struct parse *p, json_object *root)
{
	struct relations *r = p->r;
	json_object *label;
	size_t at, pairs;

	if (!get_count(root, "rows", &r->rows) || !get_columns(p, root) ||
	    !json_object_object_get_ex(root, "label", &label) || !get_bool(root, "binary", &r->binary) ||
	    !get_text(p, root, "label_why", &r->label_why) || !get_count(root, "pair_rows", &r->pair_rows))
		return false;
	r->label = -1;
	if (label) {
		if (!column_from(p, label, &at))
			return false;
		r->label = (long)at;
	}
	return get_relations(p, root, "to_label", &r->to_label, &r->to_label_count, true) &&
	       get_relations(p, root, "pairs", &r->pairs, &r->pair_count, false) &&
	       get_size(root, "pair_count", &pairs) && pairs == r->pair_count && get_missing(p, root) &&
	       get_same(p, root) && get_duplicates(p, root) && get_trails(p, root) && get_times(p, root) &&
	       get_notes(r, root);
}

int relations_parse(struct relations *r, const char *json, size_t len, struct error *err)
{
	struct json_tokener *tokener = json_tokener_new_ex(8);
	struct parse p = {.r = r};
	json_object *root = NULL;
	int rc = -1;

	*r = (struct relations){.label = -1};
	if (!tokener)
		return error_set(err, ERR_ENV, "no memory to read relations");
	if (len > INT32_MAX) {
		error_set(err, ERR_USAGE, "relations of more than 2 GiB");
		goto out;
	}
	root = json_tokener_parse_ex(tokener, json, (int)len);
	if (!root || json_tokener_get_error(tokener) != json_tokener_success) {
		error_set(err, ERR_USAGE, "relations cannot be read: %s at byte %zu",
		          json_tokener_error_desc(json_tokener_get_error(tokener)),
		          json_tokener_get_parse_end(tokener));
		goto out;
	}
	r->arena = arena_new();
	intern_init(&p.names);
	rc = get_all(&p, root) ? 0
	                       : error_set(err, ERR_USAGE,
	                                   "relations cannot be read: they are not as this program writes all of "
	                                   "them");
	intern_release(&p.names);
	if (rc < 0)
		relations_release(r);
out:
	json_object_put(root);
	json_tokener_free(tokener);
	return rc;
}
