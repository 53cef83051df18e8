/* A profile as the JSON of `assay data profile`, and back. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "profile_json.h"

/* The numbers of a column, in the order of the JSON, with how many values each needs. */
static const struct {
	const char *key;
	size_t offset;
	unsigned needs;
} numbers[] = {
    {"mean", offsetof(struct column_profile, mean), 1},
    {"sd", offsetof(struct column_profile, sd), 2},
    {"variance", offsetof(struct column_profile, variance), 2},
    {"skewness", offsetof(struct column_profile, skewness), 3},
    {"kurtosis", offsetof(struct column_profile, kurtosis), 4},
    {"min", offsetof(struct column_profile, min), 1},
    {"max", offsetof(struct column_profile, max), 1},
    {"sum", offsetof(struct column_profile, sum), 0},
    {"mad", offsetof(struct column_profile, mad), 1},
    {"lag1", offsetof(struct column_profile, lag1), 2},
};

static const char *const need_texts[] = {"too large for a double", "there is no finite value",
                                         "needs two values", "needs three values", "needs four values"};

static double *number_at(struct column_profile *c, size_t i)
{
	return (double *)(void *)((char *)c + numbers[i].offset);
}

static double number_of(const struct column_profile *c, size_t i)
{
	double value;

	memcpy(&value, (const char *)c + numbers[i].offset, sizeof(value));
	return value;
}

static void quantile_key(size_t i, char out[NUM_TEXT])
{
	num_shortest(PROFILE_QUANTILE_AT[i], out);
}

/* ---- out ---- */

static const char *why_not(const struct column_profile *c, unsigned needs, const char *key)
{
	uint64_t n = c->count - c->infinite;

	if (!c->numeric)
		return "not a column of numbers";
	if (n == 0)
		return need_texts[1];
	if (n < needs)
		return need_texts[needs];
	return c->min == c->max || !strcmp(key, "lag1") ? "all values are the same" : need_texts[0];
}

void json_write_counts(struct json_writer *j, const char *key, const struct value_count *items, size_t count)
{
	jw_array(j, key);
	for (size_t i = 0; i < count; i++) {
		jw_object(j, NULL);
		jw_string_n(j, "value", items[i].value, items[i].len);
		jw_int(j, "count", (int64_t)items[i].count);
		jw_object_end(j);
	}
	jw_array_end(j);
}

void json_write_quantiles(struct json_writer *j, const char *key, const double *quantiles, const char *why)
{
	jw_object(j, key);
	for (size_t i = 0; i < PROFILE_QUANTILES; i++) {
		char at[NUM_TEXT];

		quantile_key(i, at);
		jw_num(j, at, quantiles[i], why);
	}
	jw_object_end(j);
}

static void write_shape(struct json_writer *j, const struct column_profile *c)
{
	const char *why = why_not(c, 1, "");

	if (!c->numeric || c->bins == 0) {
		jw_null(j, "quantiles");
		jw_string(j, "quantiles_why", why);
		jw_null(j, "histogram");
		jw_string(j, "histogram_why", why);
		return;
	}
	json_write_quantiles(j, "quantiles", c->quantiles, why);
	jw_object(j, "histogram");
	jw_array(j, "edges");
	for (size_t i = 0; i <= c->bins; i++)
		jw_num(j, NULL, c->edges[i], NULL);
	jw_array_end(j);
	jw_array(j, "counts");
	for (size_t i = 0; i < c->bins; i++)
		jw_int(j, NULL, (int64_t)c->bin_counts[i]);
	jw_array_end(j);
	jw_object_end(j);
}

static void write_column(struct json_writer *j, const struct column_profile *c, bool old)
{
	struct str roles;
	bool classes = c->type == COLUMN_CAT || c->type == COLUMN_TEXT || c->type == COLUMN_BOOL;

	str_init(&roles);
	jw_object(j, NULL);
	jw_string(j, "name", c->name);
	jw_string(j, "type", column_type_name(c->type));
	jw_string(j, "roles", column_roles_text(c->roles, &roles));
	jw_int(j, "count", (int64_t)c->count);
	jw_int(j, "missing", (int64_t)c->missing);
	json_write_counts(j, "missing_by", c->missing_by, c->missing_by_count);
	jw_int(j, "infinite", (int64_t)c->infinite);
	jw_int(j, "distinct", (int64_t)c->distinct);
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		jw_num(j, numbers[i].key, number_of(c, i), why_not(c, numbers[i].needs, numbers[i].key));
	write_shape(j, c);
	json_write_counts(j, "top", c->top, c->top_count);
	jw_num(j, "entropy", c->entropy, classes ? "there is no value" : "not a column of categories");
	jw_num(j, "imbalance", c->imbalance,
	       classes ? "needs two different values" : "not a column of categories");
	if (!old)
		profile_json_facts(j, c);
	jw_bool(j, "exact", c->exact);
	jw_object_end(j);
	str_release(&roles);
}

void profile_json_columns(const struct profile *p, struct json_writer *j)
{
	jw_array(j, "columns");
	for (size_t i = 0; i < p->column_count; i++)
		write_column(j, &p->columns[i], p->old);
	jw_array_end(j);
}

void profile_json(const struct profile *p, struct str *out)
{
	struct json_writer j;

	jw_init(&j, out);
	jw_object(&j, NULL);
	jw_int(&j, "rows", (int64_t)p->rows);
	profile_json_columns(p, &j);
	if (!p->old) {
		jw_string(&j, "weight", p->weight);
		jw_string(&j, "weights", weights_name(p->weights));
	}
	jw_object_end(&j);
}

/* ---- back ---- */

bool json_get_count(json_object *from, const char *key, uint64_t *out)
{
	json_object *value;
	int64_t n;

	if (!json_object_object_get_ex(from, key, &value) || !json_object_is_type(value, json_type_int))
		return false;
	n = json_object_get_int64(value);
	*out = (uint64_t)n;
	return n >= 0;
}

bool json_number(json_object *value, double *out)
{
	if (!value) {
		*out = (double)NAN;
		return true;
	}
	if (!json_object_is_type(value, json_type_int) && !json_object_is_type(value, json_type_double))
		return false;
	*out = json_object_get_double(value);
	return true;
}

bool json_get_number(json_object *from, const char *key, double *out)
{
	json_object *value;

	return json_object_object_get_ex(from, key, &value) && json_number(value, out);
}

static bool get_array(json_object *from, const char *key, json_object **out)
{
	return json_object_object_get_ex(from, key, out) && json_object_is_type(*out, json_type_array);
}

bool json_get_counts(json_object *from, const char *key, struct arena *a, struct value_count **items,
                     size_t *count)
{
	json_object *array;

	if (!get_array(from, key, &array))
		return false;
	*count = json_object_array_length(array);
	*items = arena_array(a, *count + 1, sizeof(**items));
	for (size_t i = 0; i < *count; i++) {
		json_object *one = json_object_array_get_idx(array, i), *value;

		if (!json_object_is_type(one, json_type_object) || !json_object_object_get_ex(one, "value", &value) ||
		    !json_object_is_type(value, json_type_string) ||
		    !json_get_count(one, "count", &(*items)[i].count))
			return false;
		(*items)[i].len = (size_t)json_object_get_string_len(value);
		(*items)[i].value = arena_memdup0(a, json_object_get_string(value), (*items)[i].len);
	}
	return true;
}

bool json_get_quantiles(json_object *from, const char *key, double *out)
{
	json_object *quantiles;

	if (!json_object_object_get_ex(from, key, &quantiles) ||
	    !json_object_is_type(quantiles, json_type_object))
		return false;
	for (size_t i = 0; i < PROFILE_QUANTILES; i++) {
		char at[NUM_TEXT];

		quantile_key(i, at);
		if (!json_get_number(quantiles, at, &out[i]))
			return false;
	}
	return true;
}

struct json_object *json_get_some(json_object *from, const char *key)
{
	json_object *value;

	return json_object_object_get_ex(from, key, &value) ? value : NULL;
}

static bool get_shape(json_object *from, struct arena *a, struct column_profile *c)
{
	json_object *quantiles, *histogram, *edges, *counts;

	for (size_t i = 0; i < PROFILE_QUANTILES; i++)
		c->quantiles[i] = (double)NAN;
	if (!json_object_object_get_ex(from, "quantiles", &quantiles) ||
	    !json_object_object_get_ex(from, "histogram", &histogram))
		return false;
	if (!quantiles && !histogram)
		return true;
	if (!json_get_quantiles(from, "quantiles", c->quantiles) ||
	    !json_object_is_type(histogram, json_type_object))
		return false;
	if (!get_array(histogram, "edges", &edges) || !get_array(histogram, "counts", &counts))
		return false;
	c->bins = json_object_array_length(counts);
	if (json_object_array_length(edges) != c->bins + 1)
		return false;
	c->edges = arena_array(a, c->bins + 1, sizeof(double));
	c->bin_counts = arena_array(a, c->bins + 1, sizeof(uint64_t));
	for (size_t i = 0; i <= c->bins; i++)
		if (!json_number(json_object_array_get_idx(edges, i), &c->edges[i]))
			return false;
	for (size_t i = 0; i < c->bins; i++) {
		json_object *n = json_object_array_get_idx(counts, i);

		if (!json_object_is_type(n, json_type_int) || json_object_get_int64(n) < 0)
			return false;
		c->bin_counts[i] = (uint64_t)json_object_get_int64(n);
	}
	return true;
}

bool json_get_text(json_object *from, const char *key, const char **out)
{
	json_object *value;

	if (!json_object_object_get_ex(from, key, &value) || !json_object_is_type(value, json_type_string))
		return false;
	*out = json_object_get_string(value);
	return true;
}

static bool get_roles(const char *text, unsigned *roles)
{
	static const char *const names[] = {"label", "protected", "background", "weight", "time", "id"};

	*roles = 0;
	if (!strcmp(text, "feature"))
		return true;
	while (*text) {
		size_t len = strcspn(text, ","), i;

		for (i = 0; i < COUNT_OF(names) && (strlen(names[i]) != len || strncmp(text, names[i], len) != 0);
		     i++)
			;
		if (i == COUNT_OF(names))
			return false;
		*roles |= 1u << i;
		text += len + (text[len] == ',');
	}
	return true;
}

static bool get_column(json_object *from, struct arena *a, struct column_profile *c)
{
	const char *name, *type, *roles;
	json_object *exact;

	if (!json_object_is_type(from, json_type_object) || !json_get_text(from, "name", &name) ||
	    !json_get_text(from, "type", &type) || !json_get_text(from, "roles", &roles) ||
	    !column_type_parse(type, &c->type) || !get_roles(roles, &c->roles))
		return false;
	c->name = arena_strdup(a, name);
	if (!json_get_count(from, "count", &c->count) || !json_get_count(from, "missing", &c->missing) ||
	    !json_get_count(from, "infinite", &c->infinite) || !json_get_count(from, "distinct", &c->distinct) ||
	    !json_get_counts(from, "missing_by", a, &c->missing_by, &c->missing_by_count) ||
	    !json_get_counts(from, "top", a, &c->top, &c->top_count))
		return false;
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		if (!json_get_number(from, numbers[i].key, number_at(c, i)))
			return false;
	if (!json_get_number(from, "entropy", &c->entropy) ||
	    !json_get_number(from, "imbalance", &c->imbalance) || !get_shape(from, a, c))
		return false;
	c->numeric =
	    c->type == COLUMN_BOOL || c->type == COLUMN_INT || c->type == COLUMN_NUM || c->type == COLUMN_TIME;
	if (!json_object_object_get_ex(from, "exact", &exact) || !json_object_is_type(exact, json_type_boolean))
		return false;
	c->exact = json_object_get_boolean(exact);
	return profile_parse_facts(from, a, c);
}

/* Earlier versions wrote none of it. */
static bool get_weights(json_object *root, struct profile *p)
{
	json_object *column = json_get_some(root, "weight");
	const char *kind;

	p->old = !json_object_object_get_ex(root, "weights", NULL);
	if (p->old)
		return true;
	if ((column && !json_object_is_type(column, json_type_string)) || !json_get_text(root, "weights", &kind))
		return false;
	p->weight = column ? arena_strdup(p->arena, json_object_get_string(column)) : NULL;
	return weights_parse(kind, &p->weights) && (p->weights != STATS_ONE_EACH) == (p->weight != NULL);
}

int profile_parse(struct profile *p, const char *json, size_t len, struct error *err)
{
	struct json_tokener *tokener = json_tokener_new_ex(8);
	json_object *root = NULL, *columns;
	int rc = -1;

	memset(p, 0, sizeof(*p));
	if (!tokener)
		return error_set(err, ERR_ENV, "no memory to read a profile");
	if (len > INT32_MAX) {
		error_set(err, ERR_USAGE, "a profile of more than 2 GiB");
		goto out;
	}
	root = json_tokener_parse_ex(tokener, json, (int)len);
	if (!root || json_tokener_get_error(tokener) != json_tokener_success) {
		error_set(err, ERR_USAGE, "a profile cannot be read: %s at byte %zu",
		          json_tokener_error_desc(json_tokener_get_error(tokener)),
		          json_tokener_get_parse_end(tokener));
		goto out;
	}
	if (!json_object_is_type(root, json_type_object) || !json_get_count(root, "rows", &p->rows) ||
	    !get_array(root, "columns", &columns)) {
		error_set(err, ERR_USAGE, "a profile cannot be read: it has no rows and columns");
		goto out;
	}
	p->arena = arena_new();
	if (!get_weights(root, p)) {
		error_set(err, ERR_USAGE,
		          "a profile cannot be read: its weights are not as this program writes them");
		profile_release(p);
		goto out;
	}
	p->column_count = json_object_array_length(columns);
	p->columns = arena_array(p->arena, p->column_count + 1, sizeof(*p->columns));
	for (size_t i = 0; i < p->column_count; i++)
		if (!get_column(json_object_array_get_idx(columns, i), p->arena, &p->columns[i])) {
			error_set(err, ERR_USAGE, "a profile cannot be read: column %zu is not as this program writes it",
			          i + 1);
			profile_release(p);
			goto out;
		}
	rc = 0;
out:
	json_object_put(root);
	json_tokener_free(tokener);
	return rc;
}
