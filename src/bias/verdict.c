/* Limits and verdicts, and the names of things. */
#include "inside.h"

static const struct bias_limit DEFAULTS[] = {
    {"demographic_parity_ratio", NULL, 0.8, true},      {"demographic_parity_difference", NULL, 0.1, false},
    {"equal_opportunity_difference", NULL, 0.1, false}, {"equalized_odds_difference", NULL, 0.1, false},
    {"predictive_parity_difference", NULL, 0.1, false},
};

const struct bias_limit *bias_limits_default(size_t *count)
{
	*count = COUNT_OF(DEFAULTS);
	return DEFAULTS;
}

void bias_settings_init(struct bias_settings *s)
{
	*s = (struct bias_settings){
	    .threshold = 0.5,
	    .level = 0.95,
	    .minimum = BIAS_MINIMUM,
	    .minimum_denominator = BIAS_MINIMUM_DENOMINATOR,
	};
	s->limits = bias_limits_default(&s->limit_count);
}

static const struct convention *const CONVENTIONS[] = {
    &CONVENTION_ASSAY, &CONVENTION_FAIRLEARN, &CONVENTION_AIF360, &CONVENTION_CLARIFY, &CONVENTION_AEQUITAS};

const struct convention *convention_of(enum bias_convention c)
{
	return CONVENTIONS[c];
}

const char *bias_convention_name(enum bias_convention convention)
{
	return CONVENTIONS[convention]->name;
}

bool bias_convention_parse(const char *name, enum bias_convention *convention)
{
	for (size_t i = 0; i < COUNT_OF(CONVENTIONS); i++)
		if (strcmp(CONVENTIONS[i]->name, name) == 0) {
			*convention = (enum bias_convention)i;
			return true;
		}
	return false;
}

bool bias_measure_known(const char *name)
{
	for (size_t i = 0; i < CONVENTION_ASSAY.count; i++)
		if (strcmp(CONVENTION_ASSAY.measures[i].name, name) == 0)
			return true;
	for (enum bias_rate rate = 0; rate < BIAS_RATES; rate++)
		if (strcmp(RATES[rate].name, name) == 0)
			return true;
	return false;
}

const char *bias_scope_name(enum bias_scope scope)
{
	static const char *const names[] = {"worst", "reference", "pair", "overall", "rest"};
	return names[scope];
}

const char *bias_verdict_name(enum bias_verdict verdict)
{
	static const char *const names[] = {NULL, "ok", "at the limit", "fails", "too few"};
	return names[verdict];
}

enum bias_verdict verdict_of(const struct bias_limit *limit, double low, double high)
{
	if (!limit)
		return BIAS_NO_LIMIT;
	if (limit->at_least ? low >= limit->limit : high <= limit->limit)
		return BIAS_OK;
	if (limit->at_least ? high < limit->limit : low > limit->limit)
		return BIAS_FAILS;
	return BIAS_AT_LIMIT; /* NaN too */
}

/* Too few is worse than ok, and better than what is known to be at the limit. */
static enum bias_verdict verdict_worse(enum bias_verdict a, enum bias_verdict b)
{
	static const int rank[] = {
	    [BIAS_NO_LIMIT] = 0, [BIAS_OK] = 1, [BIAS_TOO_FEW] = 2, [BIAS_AT_LIMIT] = 3, [BIAS_FAILS] = 4};
	return rank[b] > rank[a] ? b : a;
}

const struct bias_limit *limit_for(const struct bias_settings *s, const char *measure,
                                   const struct bias_partition *by)
{
	const struct bias_limit *general = NULL;
	for (size_t i = 0; i < s->limit_count; i++) {
		const struct bias_limit *l = &s->limits[i];
		if (strcmp(l->measure, measure) != 0)
			continue;
		if (l->by && by && strcmp(l->by, by->name) == 0)
			return l;
		if (!l->by)
			general = l;
	}
	return general;
}

void fold_difference(double low, double high, double *size_low, double *size_high)
{
	*size_low = low > 0 ? low : high < 0 ? -high : 0;
	*size_high = fmax(-low, high);
	if (isnan(low) || isnan(high))
		*size_low = *size_high = (double)NAN;
}

void fold_ratio(double low, double high, double *size_low, double *size_high)
{
	*size_high = high < 1 ? high : low > 1 ? 1 / low : 1;
	*size_low = fmin(low, 1 / high);
	if (isnan(low) || isnan(high))
		*size_low = *size_high = (double)NAN;
}

void bias_size_of_gap(const struct bias_value *v, struct bias_value *out)
{
	*out = *v;
	out->value = fabs(v->value);
	fold_difference(v->low, v->high, &out->low, &out->high);
}

void bias_size(const struct bias_report *r, const struct bias_measure *m, struct bias_value *out)
{
	*out = m->v;
	if (m->scope == BIAS_WORST || m->scope == BIAS_OVERALL)
		return;
	/* An "at least" is about a quotient. */
	if (measure_about(r, m)->kind == RATIO || (m->limit && m->limit->at_least)) {
		out->value = m->v.value > 1 ? 1 / m->v.value : m->v.value;
		fold_ratio(m->v.low, m->v.high, &out->low, &out->high);
	} else {
		bias_size_of_gap(&m->v, out);
	}
}

void measure_judge(const struct bias_report *r, struct bias_measure *m)
{
	struct bias_value size;
	bias_size(r, m, &size);
	if (m->v.verdict != BIAS_TOO_FEW)
		m->v.verdict = verdict_of(m->limit, size.low, size.high);
}

void groups_judge(struct bias_report *r)
{
	for (size_t g = 0; g < r->group_count; g++) {
		r->groups[g].verdict = r->groups[g].too_few ? BIAS_TOO_FEW : BIAS_NO_LIMIT;
		for (enum bias_rate rate = 0; rate < BIAS_RATES && !r->groups[g].too_few; rate++)
			if (limit_for(&r->settings, RATES[rate].name, &r->partitions[r->groups[g].by]))
				r->groups[g].verdict = verdict_worse(r->groups[g].verdict, r->groups[g].rate[rate].verdict);
	}
	for (size_t i = 0; i < r->measure_count; i++) {
		const struct bias_measure *m = &r->measures[i];
		if ((m->scope == BIAS_REFERENCE || m->scope == BIAS_REST) && m->limit && !r->groups[m->a].too_few)
			r->groups[m->a].verdict = verdict_worse(r->groups[m->a].verdict, m->v.verdict);
	}
}
