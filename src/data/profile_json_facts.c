/* What a profile says beyond its first quantities, as JSON and back: fences, texts, times, weighted estimates, bounds. */
#include <math.h>
#include <string.h>

#include <json-c/json.h>

#include "profile_json.h"

/* A double or a count of 64 bits in a struct. */
struct member {
	const char *key;
	size_t offset;
	const char *why; /* the double may be NaN: null, because of this */
};

static const struct member fence_numbers[] = {
    {"low", offsetof(struct fences, low), NULL},
    {"high", offsetof(struct fences, high), NULL},
    {"far_low", offsetof(struct fences, far_low), NULL},
    {"far_high", offsetof(struct fences, far_high), NULL},
};

static const struct member text_counts[] = {
    {"length_min", offsetof(struct text_facts, length_min), NULL},
    {"length_max", offsetof(struct text_facts, length_max), NULL},
    {"blank", offsetof(struct text_facts, blank), NULL},
    {"edge_blanks", offsetof(struct text_facts, edge_blanks), NULL},
    {"not_ascii", offsetof(struct text_facts, not_ascii), NULL},
    {"not_utf8", offsetof(struct text_facts, not_utf8), NULL},
    {"different_shapes", offsetof(struct text_facts, shape_all), NULL},
};
static const struct member text_numbers[] = {
    {"length_mean", offsetof(struct text_facts, length_mean), NULL},
    {"length_sd", offsetof(struct text_facts, length_sd), "needs two texts"},
    {"words_mean", offsetof(struct text_facts, words_mean), NULL},
};

#define STEPS_WHY "needs two different times, and all of them"
static const struct member time_numbers[] = {
    {"step", offsetof(struct time_facts, step), STEPS_WHY},
    {"gap", offsetof(struct time_facts, gap), STEPS_WHY},
    {"gap_from", offsetof(struct time_facts, gap_from), STEPS_WHY},
};
/* As time_facts.unit has them. */
static const char *const unit_names[] = {"day", "hour", "minute", "second", "millisecond"};

#define NONE_WHY "no value has a weight"
#define TWO_WHY  "needs two values with a weight"
static const struct member weighted_numbers[] = {
    {"weight", offsetof(struct weighted_profile, moments.weight), NULL},
    {"mean", offsetof(struct weighted_profile, moments.mean), NONE_WHY},
    {"sd", offsetof(struct weighted_profile, moments.sd), TWO_WHY},
    {"variance", offsetof(struct weighted_profile, moments.variance), TWO_WHY},
    {"effective", offsetof(struct weighted_profile, moments.effective), NONE_WHY},
    {"se", offsetof(struct weighted_profile, moments.se), TWO_WHY},
    {"design_effect", offsetof(struct weighted_profile, moments.design_effect), NONE_WHY},
    {"min", offsetof(struct weighted_profile, moments.min), NONE_WHY},
    {"max", offsetof(struct weighted_profile, moments.max), NONE_WHY},
    {"missing", offsetof(struct weighted_profile, missing), "no row has a weight"},
};

/* ---- out ---- */

static void write_numbers(struct json_writer *j, const void *of, const struct member *members, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		double value;

		memcpy(&value, (const char *)of + members[i].offset, sizeof(value));
		jw_num(j, members[i].key, value, members[i].why);
	}
}

static void write_whole(struct json_writer *j, const char *key, const uint64_t *counts, size_t n)
{
	jw_array(j, key);
	for (size_t i = 0; i < n; i++)
		jw_int(j, NULL, (int64_t)counts[i]);
	jw_array_end(j);
}

/* All of something that is not there. */
static void write_none(struct json_writer *j, const char *key, const char *why_key, const char *why)
{
	jw_null(j, key);
	jw_string(j, why_key, why);
}

static void write_fences(struct json_writer *j, const struct column_profile *c)
{
	const struct fences *f = &c->fences;
	const bool number = c->type == COLUMN_INT || c->type == COLUMN_NUM;

	if (!number || isnan(f->low)) {
		write_none(j, "fences", "fences_why",
		           !number                   ? "not a column of numbers"
		           : c->count == c->infinite ? "there is no finite value"
		                                     : "the quartiles are one value");
		return;
	}
	jw_object(j, "fences");
	write_numbers(j, f, fence_numbers, COUNT_OF(fence_numbers));
	jw_int(j, "below", (int64_t)f->below);
	jw_int(j, "above", (int64_t)f->above);
	jw_int(j, "far_below", (int64_t)f->far_below);
	jw_int(j, "far_above", (int64_t)f->far_above);
	jw_object_end(j);
}

static void write_text(struct json_writer *j, const struct column_profile *c)
{
	const struct text_facts *t = c->text;

	if (!t) {
		const bool texts =
		    c->type == COLUMN_CAT || c->type == COLUMN_TEXT || (c->type == COLUMN_ID && !c->numeric);

		write_none(j, "text", "text_why",
		           texts && c->distinct == 0 ? "there is no value" : "not a column of texts");
		return;
	}
	jw_object(j, "text");
	for (size_t i = 0; i < COUNT_OF(text_counts); i++) {
		uint64_t n;

		memcpy(&n, (const char *)t + text_counts[i].offset, sizeof(n));
		jw_int(j, text_counts[i].key, (int64_t)n);
	}
	write_numbers(j, t, text_numbers, COUNT_OF(text_numbers));
	json_write_counts(j, "shapes", t->shapes, t->shape_count);
	jw_object_end(j);
}

static void write_time(struct json_writer *j, const struct column_profile *c)
{
	const struct time_facts *t = c->time;

	if (!t) {
		write_none(j, "time", "time_why",
		           c->type == COLUMN_TIME ? "there is no value" : "not a column of times");
		return;
	}
	jw_object(j, "time");
	jw_string(j, "unit", t->unit);
	write_whole(j, "by_hour", t->by_hour, COUNT_OF(t->by_hour));
	write_whole(j, "by_weekday", t->by_weekday, COUNT_OF(t->by_weekday));
	write_whole(j, "by_month", t->by_month, COUNT_OF(t->by_month));
	jw_bool(j, "rising", t->rising);
	write_numbers(j, t, time_numbers, COUNT_OF(time_numbers));
	jw_object_end(j);
}

void json_write_weighted(struct json_writer *j, const struct weighted_profile *w, size_t bins)
{
	jw_int(j, "rows", (int64_t)w->moments.rows);
	write_numbers(j, w, weighted_numbers, COUNT_OF(weighted_numbers));
	json_write_quantiles(j, "quantiles", w->quantiles, NONE_WHY);
	jw_array(j, "histogram");
	for (size_t i = 0; i < bins; i++)
		jw_num(j, NULL, w->bins[i], NULL);
	jw_array_end(j);
	if (bins && isnan(w->bins[0]))
		jw_string(j, "histogram_why", NONE_WHY);
}

static void write_weighted(struct json_writer *j, const struct column_profile *c)
{
	const struct weighted_profile *w = c->weighted;

	if (!w) {
		write_none(j, "weighted", "weighted_why",
		           c->numeric ? "no sampling weights" : "not a column of numbers");
		return;
	}
	jw_object(j, "weighted");
	json_write_weighted(j, w, c->bins);
	jw_object_end(j);
}

static void write_bounds(struct json_writer *j, const struct column_profile *c)
{
	const struct profile_bounds *b = c->bounds;
	const char *why = c->numeric ? "there is no finite value" : "not a column of numbers";

	if (!b)
		return;
	jw_num(j, "distinct_low", b->distinct.low, NULL);
	jw_num(j, "distinct_high", b->distinct.high, NULL);
	json_write_quantiles(j, "quantiles_low", b->quantile_low, why);
	json_write_quantiles(j, "quantiles_high", b->quantile_high, why);
	jw_num(j, "mad_low", b->mad_low, why);
	jw_num(j, "mad_high", b->mad_high, why);
	jw_int(j, "histogram_astray", (int64_t)b->astray);
	jw_int(j, "top_error", (int64_t)b->top_error);
}

static void write_decimals(struct json_writer *j, const struct column_profile *c)
{
	if (c->decimals >= 0)
		jw_int(j, "decimals", c->decimals);
	else
		write_none(j, "decimals", "decimals_why",
		           c->type != COLUMN_INT && c->type != COLUMN_NUM ? "not a column of numbers"
		           : c->count == c->infinite                      ? "there is no finite value"
		                                                          : "they are no decimals of 15 digits");
}

void profile_json_facts(struct json_writer *j, const struct column_profile *c)
{
	write_decimals(j, c);
	write_fences(j, c);
	write_text(j, c);
	write_time(j, c);
	write_weighted(j, c);
	write_bounds(j, c);
}

/* ---- back ---- */

static bool get_numbers(json_object *from, void *into, const struct member *members, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		double value;

		if (!json_get_number(from, members[i].key, &value))
			return false;
		memcpy((char *)into + members[i].offset, &value, sizeof(value));
	}
	return true;
}

static bool get_whole(json_object *from, const char *key, uint64_t *counts, size_t n)
{
	json_object *array;

	if (!json_object_object_get_ex(from, key, &array) || !json_object_is_type(array, json_type_array) ||
	    json_object_array_length(array) != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		json_object *one = json_object_array_get_idx(array, i);

		if (!json_object_is_type(one, json_type_int) || json_object_get_int64(one) < 0)
			return false;
		counts[i] = (uint64_t)json_object_get_int64(one);
	}
	return true;
}

static bool get_fences(json_object *from, struct fences *f)
{
	uint64_t counts[4];

	if (!json_object_is_type(from, json_type_object) ||
	    !get_numbers(from, f, fence_numbers, COUNT_OF(fence_numbers)) ||
	    !json_get_count(from, "below", &counts[0]) || !json_get_count(from, "above", &counts[1]) ||
	    !json_get_count(from, "far_below", &counts[2]) || !json_get_count(from, "far_above", &counts[3]))
		return false;
	f->below = (size_t)counts[0];
	f->above = (size_t)counts[1];
	f->far_below = (size_t)counts[2];
	f->far_above = (size_t)counts[3];
	return true;
}

static bool get_texts(json_object *from, struct arena *a, struct column_profile *c)
{
	struct text_facts *t = arena_alloc(a, sizeof(*t));

	if (!json_object_is_type(from, json_type_object))
		return false;
	for (size_t i = 0; i < COUNT_OF(text_counts); i++) {
		uint64_t n;

		if (!json_get_count(from, text_counts[i].key, &n))
			return false;
		memcpy((char *)t + text_counts[i].offset, &n, sizeof(n));
	}
	c->text = t;
	return get_numbers(from, t, text_numbers, COUNT_OF(text_numbers)) &&
	       json_get_counts(from, "shapes", a, &t->shapes, &t->shape_count);
}

static bool get_times(json_object *from, struct arena *a, struct column_profile *c)
{
	struct time_facts *t = arena_alloc(a, sizeof(*t));
	json_object *rising;
	const char *unit;

	if (!json_object_is_type(from, json_type_object) || !json_get_text(from, "unit", &unit) ||
	    !get_whole(from, "by_hour", t->by_hour, COUNT_OF(t->by_hour)) ||
	    !get_whole(from, "by_weekday", t->by_weekday, COUNT_OF(t->by_weekday)) ||
	    !get_whole(from, "by_month", t->by_month, COUNT_OF(t->by_month)) ||
	    !json_object_object_get_ex(from, "rising", &rising) ||
	    !json_object_is_type(rising, json_type_boolean) ||
	    !get_numbers(from, t, time_numbers, COUNT_OF(time_numbers)))
		return false;
	t->rising = json_object_get_boolean(rising);
	for (size_t i = 0; i < COUNT_OF(unit_names); i++)
		if (!strcmp(unit, unit_names[i]))
			t->unit = unit_names[i];
	c->time = t;
	return t->unit != NULL;
}

static bool get_weighted(json_object *from, struct arena *a, struct column_profile *c)
{
	struct weighted_profile *w = arena_alloc(a, sizeof(*w));
	json_object *shares;
	uint64_t rows;

	if (!json_object_is_type(from, json_type_object) || !json_get_count(from, "rows", &rows) ||
	    !get_numbers(from, w, weighted_numbers, COUNT_OF(weighted_numbers)) ||
	    !json_get_quantiles(from, "quantiles", w->quantiles) ||
	    !json_object_object_get_ex(from, "histogram", &shares) ||
	    !json_object_is_type(shares, json_type_array) || json_object_array_length(shares) != c->bins)
		return false;
	w->moments.rows = (size_t)rows;
	w->bins = arena_array(a, c->bins + 1, sizeof(*w->bins));
	for (size_t i = 0; i < c->bins; i++)
		if (!json_number(json_object_array_get_idx(shares, i), &w->bins[i]))
			return false;
	c->weighted = w;
	return true;
}

static bool get_bounds(json_object *from, struct arena *a, struct column_profile *c)
{
	struct profile_bounds *b = arena_alloc(a, sizeof(*b));

	b->distinct.value = (double)c->distinct;
	c->bounds = b;
	return json_get_number(from, "distinct_low", &b->distinct.low) &&
	       json_get_number(from, "distinct_high", &b->distinct.high) &&
	       json_get_quantiles(from, "quantiles_low", b->quantile_low) &&
	       json_get_quantiles(from, "quantiles_high", b->quantile_high) &&
	       json_get_number(from, "mad_low", &b->mad_low) && json_get_number(from, "mad_high", &b->mad_high) &&
	       json_get_count(from, "histogram_astray", &b->astray) &&
	       json_get_count(from, "top_error", &b->top_error);
}

bool profile_parse_facts(struct json_object *from, struct arena *a, struct column_profile *c)
{
	json_object *fences = json_get_some(from, "fences"), *text = json_get_some(from, "text"),
	            *time = json_get_some(from, "time"), *weighted = json_get_some(from, "weighted");
	enum { DECIMALS_MOST = 22 };
	uint64_t decimals;

	c->fences = (struct fences){NAN, NAN, NAN, NAN, 0, 0, 0, 0};
	/* Earlier versions did not write it. */
	c->decimals = c->type == COLUMN_INT && !json_object_object_get_ex(from, "decimals", NULL) ? 0 : -1;
	if (json_get_count(from, "decimals", &decimals) && decimals <= DECIMALS_MOST)
		c->decimals = (int)decimals;
	return (!fences || get_fences(fences, &c->fences)) && (!text || get_texts(text, a, c)) &&
	       (!time || get_times(time, a, c)) && (!weighted || get_weighted(weighted, a, c)) &&
	       (!json_object_object_get_ex(from, "distinct_low", NULL) || get_bounds(from, a, c));
}
