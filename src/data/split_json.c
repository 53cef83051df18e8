/* One column by another as JSON: data_split.h says which keys. */
#include <math.h>

#include "profile_json.h"
#include "split.h"

static void counts_json(struct json_writer *j, const char *key, const uint64_t *counts, size_t n)
{
	jw_array(j, key);
	for (size_t i = 0; i < n; i++)
		jw_int(j, NULL, (int64_t)counts[i]);
	jw_array_end(j);
}

static void weighted_json(struct json_writer *j, const struct split *s, const struct split_weighted *w)
{
	static const char why[] = "no row has a weight";

	jw_object(j, "weighted");
	jw_num(j, "total", w->weight, NULL);
	jw_num(j, "share", w->share, why);
	if (s->numeric)
		json_write_weighted(j, &w->estimates, s->bins);
	else
		jw_num(j, "missing", w->estimates.missing, why);
	if (w->values) {
		jw_array(j, "values");
		for (size_t i = 0; i < s->value_count; i++)
			jw_num(j, NULL, w->values[i], why);
		jw_array_end(j);
	}
	jw_object_end(j);
}

static void group_json(struct json_writer *j, const struct split *s, const struct split_group *one)
{
	const uint64_t n = one->rows - one->missing - one->infinite;
	char key[NUM_TEXT];

	jw_object(j, NULL);
	jw_string(j, "name", one->name);
	jw_string(j, "where", one->where);
	jw_int(j, "rows", (int64_t)one->rows);
	if (one->rows)
		jw_int(j, "first_row", (int64_t)one->first_row + 1);
	else
		jw_null(j, "first_row");
	jw_int(j, "missing", (int64_t)one->missing);
	if (s->numeric) {
		const char *why = n ? "too large for a double" : "there is no finite value";

		jw_int(j, "infinite", (int64_t)one->infinite);
		jw_num(j, "mean", one->mean, why);
		jw_num(j, "sd", one->sd, n == 1 ? "needs two values" : why);
		jw_num(j, "min", one->min, why);
		jw_num(j, "max", one->max, why);
		jw_object(j, "quantiles");
		for (size_t i = 0; i < PROFILE_QUANTILES; i++)
			jw_num(j, num_shortest(PROFILE_QUANTILE_AT[i], key), one->quantiles[i], why);
		jw_object_end(j);
		counts_json(j, "bins", one->bins, s->bins);
	}
	if (one->values)
		counts_json(j, "values", one->values, s->value_count);
	if (one->weighted)
		weighted_json(j, s, one->weighted);
	jw_object_end(j);
}

static void measures_json(struct json_writer *j, const struct split *s)
{
	static const char why[] = "the column or the groups are constant, or too little is there",
	                  few[] = "needs two rows of each class",
	                  whole[] = "nothing is missing, or everything, or there is one group";

	jw_num(j, "strength", s->strength, why);
	if (s->numeric) {
		jw_num(j, "eta", sqrt(s->anova.eta2), why);
		jw_num(j, "f", s->anova.f, isinf(s->anova.f) ? "infinite: nothing varies within the groups" : why);
		jw_num(j, "f_p", s->anova.p, why);
	}
	if (s->value_count) {
		jw_num(j, "v", s->association.v, why);
		jw_num(j, "chi2", s->association.chi2, why);
		jw_num(j, "df", s->association.df, why);
		jw_num(j, "chi2_p", s->association.p, why);
	}
	if (!isnan(s->auc.value)) {
		jw_num(j, "auc", s->auc.value, NULL);
		jw_num(j, "auc_low", s->auc.low, few);
		jw_num(j, "auc_high", s->auc.high, few);
	}
	jw_num(j, "missing_v", s->absence.v, whole);
	jw_num(j, "missing_p", s->absence.p, whole);
}

void split_json(const struct split *s, struct str *out)
{
	struct json_writer j;

	jw_init(&j, out);
	jw_object(&j, NULL);
	jw_string(&j, "column", s->column);
	jw_string(&j, "by", s->by);
	jw_string(&j, "kind", split_kind_name(s->kind));
	jw_string(&j, "type", column_type_name(s->type));
	if (s->numeric) {
		jw_array(&j, "edges");
		for (size_t i = 0; s->bins && i <= s->bins; i++)
			jw_num(&j, NULL, s->edges[i], NULL);
		jw_array_end(&j);
	}
	if (s->value_count) {
		jw_array(&j, "values");
		for (size_t i = 0; i < s->value_count; i++)
			jw_string(&j, NULL, s->value_names[i]);
		jw_array_end(&j);
	}
	jw_array(&j, "groups");
	for (size_t i = 0; i < s->group_count; i++)
		group_json(&j, s, &s->groups[i]);
	jw_array_end(&j);
	measures_json(&j, s);
	jw_string(&j, "weight", s->weight);
	jw_string(&j, "weights", weights_name(s->weights));
	jw_object_end(&j);
}
