/* The report as JSON: keys sorted, no white space. */
#include "inside.h"

static void put_value(struct json_writer *j, const struct bias_value *v, const char *none)
{
	const char *why = v->why ? v->why : none;
	jw_num(j, "high", v->high, isinf(v->high) ? "it has no upper end" : why);
	jw_num(j, "low", v->low, why);
	jw_num(j, "value", v->value, why);
	jw_string(j, "verdict", bias_verdict_name(v->verdict));
}

static void put_rate(struct json_writer *j, const struct bias_group *g, enum bias_rate rate)
{
	jw_object(j, RATES[rate].name);
	put_value(j, &g->rate[rate], "too few cases for an interval");
	jw_object_end(j);
}

static void put_score(struct json_writer *j, const char *key, const struct bias_value *v)
{
	jw_object(j, key);
	put_value(j, v, isnan(v->value) ? "not computed" : "too few cases for an interval");
	jw_object_end(j);
}

static void put_group(const struct bias_report *r, const struct bias_group *g, struct json_writer *j)
{
	jw_object(j, NULL);
	put_rate(j, g, BIAS_ACCURACY);
	put_score(j, "auc", &g->auc);
	put_rate(j, g, BIAS_BASE_RATE);
	put_score(j, "brier", &g->brier);
	jw_string(j, "by", r->partitions[g->by].name);
	put_rate(j, g, BIAS_CALIBRATION_GAP);
	jw_int(j, "fn", (int64_t)g->fn);
	put_rate(j, g, BIAS_FN_FP_RATIO);
	put_rate(j, g, BIAS_FNR);
	jw_int(j, "fp", (int64_t)g->fp);
	put_rate(j, g, BIAS_FPR);
	jw_string(j, "group", g->name);
	put_rate(j, g, BIAS_MEAN_SCORE);
	jw_int(j, "n", (int64_t)g->n);
	put_rate(j, g, BIAS_NPV);
	put_rate(j, g, BIAS_PPV);
	jw_bool(j, "reference", g->reference);
	put_rate(j, g, BIAS_SELECTION_RATE);
	jw_int(j, "tn", (int64_t)g->tn);
	put_rate(j, g, BIAS_TNR);
	jw_int(j, "tp", (int64_t)g->tp);
	put_rate(j, g, BIAS_TPR);
	jw_string(j, "verdict", bias_verdict_name(g->verdict));
	jw_object_end(j);
}

static void put_groups(const struct bias_report *r, const char *key, bool intersections,
                       struct json_writer *j)
{
	jw_array(j, key);
	for (size_t g = 0; g < r->group_count; g++)
		if ((r->partitions[r->groups[g].by].depth > 1) == intersections)
			put_group(r, &r->groups[g], j);
	jw_array_end(j);
}

static void put_measure(const struct bias_report *r, const struct bias_measure *m, struct json_writer *j)
{
	const char *later = r->replicates ? NULL : "not resampled";
	jw_object(j, NULL);
	jw_num(j, "boot_high", m->boot_high, NULL);
	jw_num(j, "boot_low", m->boot_low, NULL);
	jw_string(j, "by", m->by == BIAS_NONE ? NULL : r->partitions[m->by].name);
	jw_array(j, "groups");
	if (m->a != BIAS_NONE)
		jw_string(j, NULL, r->groups[m->a].name);
	if (m->b != BIAS_NONE)
		jw_string(j, NULL, r->groups[m->b].name);
	jw_array_end(j);
	jw_num(j, "high", m->v.high, m->v.why ? m->v.why : later ? later : "undefined in too many resamples");
	jw_int(j, "left_out", (int64_t)m->left_out);
	jw_num(j, "limit", m->limit ? m->limit->limit : (double)NAN, NULL);
	jw_num(j, "low", m->v.low, m->v.why ? m->v.why : later ? later : "undefined in too many resamples");
	jw_string(j, "name", m->name);
	jw_num(j, "p", m->p, NULL);
	jw_string(j, "scope", bias_scope_name(m->scope));
	jw_num(j, "value", m->v.value, m->v.why);
	jw_string(j, "verdict", bias_verdict_name(m->v.verdict));
	jw_object_end(j);
}

void bias_limits_json(const struct bias_settings *s, struct json_writer *j)
{
	jw_array(j, "limits");
	for (size_t i = 0; i < s->limit_count; i++) {
		jw_object(j, NULL);
		jw_bool(j, "at_least", s->limits[i].at_least);
		jw_string(j, "by", s->limits[i].by);
		jw_num(j, "limit", s->limits[i].limit, NULL);
		jw_string(j, "measure", s->limits[i].measure);
		jw_object_end(j);
	}
	jw_array_end(j);
}

static void put_partition(const struct bias_report *r, size_t by, struct json_writer *j)
{
	const struct bias_partition *p = &r->partitions[by];
	jw_object(j, NULL);
	jw_string(j, "by", p->name);
	jw_int(j, "depth", p->depth);
	jw_int(j, "groups", (int64_t)p->group_count);
	jw_int(j, "pruned", (int64_t)p->pruned);
	jw_int(j, "pruned_cases", (int64_t)p->pruned_cases);
	jw_string(j, "reference", p->group_count ? r->groups[r->reference[by]].name : NULL);
	jw_object_end(j);
}

void bias_json(const struct bias_report *r, struct json_writer *j)
{
	const struct bias_settings *s = &r->settings;
	jw_string(j, "convention", bias_convention_name(s->convention));
	put_groups(r, "groups", false, j);
	put_groups(r, "intersections", true, j);
	jw_string(j, "interval", s->exact ? "clopper-pearson" : "wilson");
	jw_num(j, "level", s->level, NULL);
	bias_limits_json(s, j);
	jw_bool(j, "mean_odds", s->mean_odds);
	jw_array(j, "measures");
	for (size_t i = 0; i < r->measure_count; i++)
		put_measure(r, &r->measures[i], j);
	jw_array_end(j);
	jw_int(j, "minimum", (int64_t)s->minimum);
	jw_int(j, "minimum_denominator", (int64_t)s->minimum_denominator);
	jw_int(j, "n", (int64_t)r->n);
	jw_array(j, "partitions");
	for (size_t i = 0; i < r->partition_count; i++)
		put_partition(r, i, j);
	jw_array_end(j);
	jw_int(j, "replicates", (int64_t)r->replicates);
	jw_int(j, "seed", (int64_t)r->seed);
	jw_bool(j, "simultaneous", !s->plain);
	jw_num(j, "threshold", s->threshold, NULL);
}
