/* The report: groups, measures, their closed-form intervals, and what they are worth against the limits. */
#include "reporting.h"

/* ---- settings ---- */

static size_t partition_named(const struct bias_report *r, const char *name)
{
	for (size_t i = 0; i < r->partition_count; i++)
		if (strcmp(r->partitions[i].name, name) == 0)
			return i;
	return BIAS_NONE;
}

static size_t group_named(const struct bias_partition *p, const char *name)
{
	for (size_t g = 0; g < p->group_count; g++)
		if (strcmp(p->group[g], name) == 0)
			return g;
	return BIAS_NONE;
}

static int check_reference(const struct bias_report *r, const struct bias_reference *ref, struct error *err)
{
	size_t by = partition_named(r, ref->by);
	struct str names;
	if (by == BIAS_NONE)
		return error_set(err, ERR_USAGE, "reference: the cases are not divided by %s", ref->by);
	const struct bias_partition *p = &r->partitions[by];
	if (group_named(p, ref->group) != BIAS_NONE)
		return 0;
	str_init(&names);
	for (size_t g = 0; g < p->group_count && g < 20; g++)
		str_addf(&names, "%s%s", g ? ", " : "", p->group[g]);
	error_set(err, ERR_USAGE, "reference: %s has no group %s; there are: %s%s", ref->by, ref->group,
	          names.data, p->group_count > 20 ? " …" : "");
	str_release(&names);
	return -1;
}

static int check(const struct bias_report *r, const struct bias_settings *s, struct error *err)
{
	if (!(s->level > 0 && s->level < 1))
		return error_set(err, ERR_USAGE, "level: must lie between 0 and 1");
	if (isnan(s->threshold))
		return error_set(err, ERR_USAGE, "threshold: not a number");
	for (size_t i = 0; i < s->reference_count; i++) {
		if (check_reference(r, &s->references[i], err) != 0)
			return -1;
		for (size_t k = 0; k < i; k++)
			if (strcmp(s->references[k].by, s->references[i].by) == 0)
				return error_set(err, ERR_USAGE, "reference: %s has two", s->references[i].by);
	}
	for (size_t i = 0; i < s->limit_count; i++)
		if (!bias_measure_known(s->limits[i].measure))
			return error_set(err, ERR_USAGE, "limit: there is no measure %s", s->limits[i].measure);
	return 0;
}

static void copy_settings(struct bias_report *r, const struct bias_settings *s)
{
	struct bias_reference *references = arena_array(r->mem, s->reference_count + 1, sizeof *references);
	struct bias_limit *limits = arena_array(r->mem, s->limit_count + 1, sizeof *limits);
	for (size_t i = 0; i < s->reference_count; i++) {
		references[i].by = arena_strdup(r->mem, s->references[i].by);
		references[i].group = arena_strdup(r->mem, s->references[i].group);
	}
	for (size_t i = 0; i < s->limit_count; i++) {
		limits[i] = s->limits[i];
		limits[i].measure = arena_strdup(r->mem, s->limits[i].measure);
		limits[i].by = arena_strdup(r->mem, s->limits[i].by);
	}
	r->settings = *s;
	r->settings.references = references;
	r->settings.limits = limits;
}

/* How many groups are compared: those that are too few take part only where there would be no comparison
 * else. */
static double compared(const struct bias_settings *s, const struct bias_partition *p)
{
	size_t count = 0;
	bool all = convention_of(s->convention)->all_groups;
	for (size_t g = 0; g < p->group_count; g++)
		count += all || p->n[g] >= s->minimum;
	return (double)(count < 2 ? p->group_count : count);
}

/* ---- groups ---- */

static size_t reference_of(const struct bias_report *r, const struct bias_partition *p)
{
	size_t largest = 0;
	for (size_t i = 0; i < r->settings.reference_count; i++)
		if (strcmp(r->settings.references[i].by, p->name) == 0)
			return group_named(p, r->settings.references[i].group);
	for (size_t g = 1; g < p->group_count; g++)
		if (p->n[g] > p->n[largest])
			largest = g;
	return largest;
}

static struct group_scores *scores_of(const struct bias_table *t, size_t by)
{
	const struct partition *p = &t->partitions[by];
	if (!t->has_scores)
		return NULL;
	struct group_scores *out = xcalloc(p->about.group_count + 1, sizeof *out);
	for (size_t i = 0; i < t->cell_count; i++)
		for (int label = 0; label < 2; label++)
			if (p->group_of[i] != BIAS_NONE)
				spread_add(&out[p->group_of[i]].label[label], &t->cells[i].score[label]);
	return out;
}

/* A limit on a rate holds in every group: judged simultaneously over them. */
static enum bias_verdict judge_rate(const struct work *w, size_t g, enum bias_rate rate,
                                    const struct group_scores *scores)
{
	const struct bias_settings *s = &w->r->settings;
	const struct bias_limit *limit = limit_for(s, RATES[rate].name, w->about);
	struct estimate e;
	if (!enough(w, g, rate))
		return BIAS_TOO_FEW;
	if (!limit)
		return BIAS_NO_LIMIT;
	if (isnan(rated(w, g, rate)->value))
		return BIAS_AT_LIMIT;
	double level = s->plain ? s->level : stats_sidak(s->level, compared(s, w->about));
	rate_interval(s, rate, &w->counts[g], scores, level, &e);
	if (rate == BIAS_CALIBRATION_GAP && !limit->at_least)
		fold_difference(e.low, e.high, &e.low, &e.high);
	return verdict_of(limit, e.low, e.high);
}

static void report_groups(struct work *w)
{
	const double none = (double)NAN;
	const struct rated unfit = {.value = none,
	                            .log_value = none,
	                            .log_spread = none,
	                            .at[AT_PLAIN] = {none, none, none},
	                            .why = NO_PROBABILITIES};
	const struct bias_value not_yet = {
	    .value = none,
	    .low = none,
	    .high = none,
	    .why = !w->t->has_scores     ? RATES[BIAS_MEAN_SCORE].why
	           : w->about->depth > 1 ? "only of groups of single columns"
	                                 : NULL,
	};
	struct group_scores *scores = scores_of(w->t, w->by);
	for (size_t g = 0; g < w->about->group_count; g++) {
		const struct counts *k = &w->counts[g];
		const struct group_scores *of = scores ? &scores[g] : NULL;
		struct bias_group *out = &w->r->groups[w->first + g];
		*out = (struct bias_group){
		    .by = w->by,
		    .name = w->about->group[g],
		    .n = counts_n(k),
		    .tp = k->c[TP],
		    .fp = k->c[FP],
		    .fn = k->c[FN],
		    .tn = k->c[TN],
		    .reference = w->r->reference[w->by] == w->first + g,
		    .too_few = counts_n(k) < w->r->settings.minimum,
		    .auc = not_yet,
		    .brier = not_yet,
		};
		rate_group(&w->r->settings, k, of, w->levels, &w->rated[g * BIAS_RATES]);
		if (of && !w->t->probabilities)
			w->rated[g * BIAS_RATES + BIAS_CALIBRATION_GAP] = unfit;
		for (enum bias_rate rate = 0; rate < BIAS_RATES; rate++) {
			const struct rated *from = rated(w, g, rate);
			out->rate[rate] = (struct bias_value){
			    .value = from->value,
			    .low = from->at[AT_PLAIN].low,
			    .high = from->at[AT_PLAIN].high,
			    .why = from->why,
			    .verdict = judge_rate(w, g, rate, of),
			};
		}
	}
	free(scores);
}

/* ---- comparisons ---- */

static bool pair_enough(const struct work *w, const struct measure_about *about, size_t a, size_t b)
{
	if (about->kind == ODDS_DIFFERENCE || about->kind == ODDS_RATIO)
		return enough(w, a, BIAS_TPR) && enough(w, b, BIAS_TPR) && enough(w, a, BIAS_FPR) &&
		       enough(w, b, BIAS_FPR);
	enum bias_rate rate = about->kind == OTHER ? BIAS_BASE_RATE : about->rate;
	return enough(w, a, rate) && (b == BIAS_NONE || enough(w, b, rate));
}

/* Of one pair: the worse of two gaps. */
static void odds_pair(const struct work *w, enum measure_kind kind, size_t a, size_t b, bool reference,
                      double *low, double *high)
{
	double l[2], h[2];
	const enum bias_rate rates[2] = {BIAS_TPR, BIAS_FPR};
	for (int i = 0; i < 2; i++)
		pair_apart(w, kind, rates[i], a, b, reference ? AT_REFERENCE : AT_PLAIN,
		           reference ? AT_ODDS_REFERENCE : AT_ODDS_PAIR, &l[i], &h[i]);
	bool known = !isnan(l[0]) && !isnan(l[1]);
	*low = known ? pair_worse(kind, l[0], l[1]) : (double)NAN;
	*high = known ? pair_worse(kind, h[0], h[1]) : (double)NAN;
}

static void other_interval(const struct work *w, const struct measure_about *about, size_t a, size_t b,
                           struct bias_value *v)
{
	const struct estimate *x = &rated(w, a, BIAS_BASE_RATE)->at[AT_REFERENCE], *y;
	double level = w->levels[AT_REFERENCE], low, high;
	if (about->form == BY_DECISIONS) {
		const struct counts *k = &w->counts[a], *all = &w->view.total;
		uint64_t no = all->c[TN] + all->c[FN], yes = all->c[FP] + all->c[TP];
		struct estimate refused, chosen;
		if (no == 0 || yes == 0)
			return;
		if (!w->r->settings.plain)
			level = stats_sidak(w->r->settings.level, compared(&w->r->settings, w->about));
		refused.value = (double)(k->c[TN] + k->c[FN]) / (double)no;
		chosen.value = (double)(k->c[FP] + k->c[TP]) / (double)yes;
		stats_wilson(refused.value * (double)no, (double)no, level, &refused.low, &refused.high);
		stats_wilson(chosen.value * (double)yes, (double)yes, level, &chosen.low, &chosen.high);
		stats_difference(&refused, &chosen, &v->low, &v->high);
		return;
	}
	y = &rated(w, b, BIAS_BASE_RATE)->at[AT_REFERENCE];
	if (about->form == BY_SHARE) { /* 1 - 2 share */
		double d = (double)counts_n(&w->counts[a]), n = d + (double)counts_n(&w->counts[b]);
		stats_wilson(d, n, level, &low, &high);
		v->low = 1 - 2 * high;
		v->high = 1 - 2 * low;
		return;
	}
	stats_difference(y, x, &low, &high);
	if (about->form == BY_LABELS) {
		v->low = low;
		v->high = high;
	} else if (about->form == BY_LABELS_SIZE) {
		/* Of two labels, every such distance is the size of one difference, stretched. */
		double apart = fabs(y->value - x->value), plain = about->value(&w->view, a, b);
		double stretch = apart > 0 ? plain / apart : strcmp(about->name, "lp_norm") == 0 ? sqrt(2) : 1;
		fold_difference(low, high, &low, &high);
		v->low = low * stretch;
		v->high = high * stretch;
	}
}

static void compare(const struct work *w, const struct measure_about *about, size_t a, size_t b,
                    struct bias_measure *m)
{
	m->v = (struct bias_value){
	    .value = measure_value(about, &w->view, a, b), .low = (double)NAN, .high = (double)NAN};
	if (about->kind == DIFFERENCE || about->kind == RATIO) {
		const struct rated *x = rated(w, a, about->rate), *y = rated(w, b, about->rate);
		m->v.value = about->kind == DIFFERENCE ? x->value - y->value : divide(x->value, y->value);
		pair_interval(w, about->kind, about->rate, a, b, m->scope == BIAS_REFERENCE ? AT_REFERENCE : AT_PLAIN,
		              &m->v.low, &m->v.high);
	} else if (about->kind == ODDS_DIFFERENCE || about->kind == ODDS_RATIO) {
		odds_pair(w, about->kind == ODDS_RATIO ? RATIO : DIFFERENCE, a, b, m->scope == BIAS_REFERENCE,
		          &m->v.low, &m->v.high);
	} else if (about->form != BY_BOOTSTRAP) {
		other_interval(w, about, a, b, &m->v);
	}
	m->a = w->first + a;
	m->b = b == BIAS_NONE ? BIAS_NONE : w->first + b;
	if (!pair_enough(w, about, a, b))
		m->v.verdict = BIAS_TOO_FEW;
	if (!isfinite(m->v.value))
		m->v.why = "a denominator is 0";
}

/* ---- all of them ---- */

static struct bias_measure *add(struct work *w, size_t *cap, const struct measure_about *about, int kind,
                                enum bias_scope scope)
{
	struct bias_report *r = w->r;
	r->measures = vec_reserve(r->measures, cap, r->measure_count + 1, sizeof *r->measures);
	struct bias_measure *m = &r->measures[r->measure_count++];
	bool own = r->settings.convention == BIAS_AS_ASSAY;
	*m = (struct bias_measure){
	    .name = about->name,
	    .by = scope == BIAS_OVERALL ? BIAS_NONE : w->by,
	    .scope = scope,
	    .a = BIAS_NONE,
	    .b = BIAS_NONE,
	    .v = {.low = (double)NAN, .high = (double)NAN},
	    /* Other tools' measures of the same name are not what the policy speaks of. */
	    .limit = own ? limit_for(&r->settings, about->name, scope == BIAS_OVERALL ? NULL : w->about) : NULL,
	    .boot_low = (double)NAN,
	    .boot_high = (double)NAN,
	    .p = (double)NAN,
	    .kind = kind,
	};
	return m;
}

static void report_measure(struct work *w, size_t *cap, const struct convention *c, int kind)
{
	const struct measure_about *about = &c->measures[kind];
	size_t groups = w->about->group_count, reference = w->r->reference[w->by] - w->first;
	bool of_rate = about->kind == DIFFERENCE || about->kind == RATIO;
	if (groups == 0 || (about->needs_strata && !w->view.stratum) ||
	    (of_rate && about->rate == BIAS_MEAN_SCORE && !w->t->has_scores) ||
	    (of_rate && about->rate == BIAS_CALIBRATION_GAP && !w->t->probabilities))
		return;
	if (about->scopes & 1u << BIAS_WORST) {
		struct bias_measure *m = add(w, cap, about, kind, BIAS_WORST);
		if (about->kind == OTHER) {
			m->v.value = measure_value(about, &w->view, BIAS_NONE, BIAS_NONE);
			m->v.why = isfinite(m->v.value) ? NULL : "a denominator is 0";
		} else {
			worst_measure(w, about, m);
		}
		measure_judge(w->r, m);
	}
	for (size_t g = 0; g < groups; g++) {
		if (about->scopes & 1u << BIAS_REFERENCE && g != reference) {
			struct bias_measure *m = add(w, cap, about, kind, BIAS_REFERENCE);
			compare(w, about, g, reference, m);
			measure_judge(w->r, m);
		}
		if (about->scopes & 1u << BIAS_REST && groups > 1) {
			struct bias_measure *m = add(w, cap, about, kind, BIAS_REST);
			compare(w, about, g, BIAS_NONE, m);
			measure_judge(w->r, m);
		}
		for (size_t other = 0; w->r->settings.all_pairs && about->scopes & 1u << BIAS_PAIR && other < g;
		     other++) {
			struct bias_measure *m = add(w, cap, about, kind, BIAS_PAIR);
			compare(w, about, other, g, m);
			measure_judge(w->r, m);
		}
	}
	/* All cases are all cases, however divided: once. */
	if (about->scopes & 1u << BIAS_OVERALL && w->by == 0) {
		struct bias_measure *m = add(w, cap, about, kind, BIAS_OVERALL);
		m->v.value = measure_value(about, &w->view, BIAS_NONE, BIAS_NONE);
		m->v.why = isfinite(m->v.value) ? NULL : "every decision refuses in error";
		measure_judge(w->r, m);
	}
}

/* The levels that comparisons are made at. */
static void levels_of(const struct bias_settings *s, const struct bias_partition *p, double levels[LEVELS])
{
	double k = compared(s, p);
	const double comparisons[LEVELS] = {
	    [AT_PLAIN] = 1,
	    [AT_REFERENCE] = k - 1,
	    [AT_PAIRS] = k * (k - 1) / 2,
	    [AT_ODDS_PAIR] = 2,
	    [AT_ODDS_REFERENCE] = 2 * (k - 1),
	    [AT_ODDS_PAIRS] = k * (k - 1),
	};
	for (int i = 0; i < LEVELS; i++)
		levels[i] = s->plain ? s->level : stats_sidak(s->level, comparisons[i]);
}

double measure_level(const struct bias_report *r, const struct bias_measure *m)
{
	if (m->by == BIAS_NONE || m->scope == BIAS_WORST || m->scope == BIAS_PAIR || r->settings.plain)
		return r->settings.level;
	double k = compared(&r->settings, &r->partitions[m->by]);
	return stats_sidak(r->settings.level, m->scope == BIAS_REST ? k : k - 1);
}

static void report_partition(struct work *w, size_t *cap)
{
	const struct convention *c = convention_of(w->r->settings.convention);
	size_t groups = w->about->group_count, strata;
	struct counts *stratum = NULL;
	w->counts = xcalloc(groups + 1, sizeof *w->counts);
	w->enough = xcalloc(groups + 1, BIAS_RATES * sizeof *w->enough);
	w->rated = xcalloc(groups + 1, BIAS_RATES * sizeof *w->rated);
	table_counts(w->t, w->by, w->r->settings.threshold, w->counts);
	view_enough(&w->r->settings, w->counts, groups, w->enough);
	w->view = (struct view){.group = w->counts, .count = groups, .enough = c->all_groups ? NULL : w->enough};
	for (size_t g = 0; g < groups; g++)
		counts_add(&w->view.total, &w->counts[g]);
	if (w->t->stratum != BIAS_NONE) {
		stratum = table_strata(w->t, w->by, w->r->settings.threshold, &strata);
		w->view.stratum = stratum;
		w->view.strata = strata;
	}
	levels_of(&w->r->settings, w->about, w->levels);
	if (groups > 0)
		w->r->reference[w->by] = w->first + reference_of(w->r, w->about);
	report_groups(w);
	for (size_t i = 0; i < c->count; i++)
		report_measure(w, cap, c, (int)i);
	free(stratum);
	free(w->rated);
	free(w->enough);
	free(w->counts);
}

int bias_report(const struct bias_table *t, const struct bias_settings *settings, struct bias_report *out,
                struct error *err)
{
	*out = (struct bias_report){.n = t->n, .partitions = t->about, .partition_count = t->partition_count};
	if (check(out, settings, err) != 0)
		return -1;
	out->mem = arena_new();
	copy_settings(out, settings);
	out->reference = arena_array(out->mem, t->partition_count, sizeof *out->reference);
	out->first = arena_array(out->mem, t->partition_count + 1, sizeof *out->first);
	for (size_t i = 0; i < t->partition_count; i++)
		out->first[i + 1] = out->first[i] + t->about[i].group_count;
	out->group_count = out->first[t->partition_count];
	out->groups = arena_array(out->mem, out->group_count + 1, sizeof *out->groups);
	size_t cap = 0;
	for (size_t i = 0; i < t->partition_count; i++) {
		struct work w = {.t = t, .r = out, .by = i, .about = &t->about[i], .first = out->first[i]};
		out->reference[i] = BIAS_NONE;
		report_partition(&w, &cap);
	}
	struct bias_measure *measures = arena_array(out->mem, out->measure_count + 1, sizeof *measures);
	if (out->measure_count)
		memcpy(measures, out->measures, out->measure_count * sizeof *measures);
	free(out->measures);
	out->measures = measures;
	groups_judge(out);
	return 0;
}

void bias_report_release(struct bias_report *r)
{
	arena_free(r->mem);
	*r = (struct bias_report){0};
}

const struct measure_about *measure_about(const struct bias_report *r, const struct bias_measure *m)
{
	return &convention_of(r->settings.convention)->measures[m->kind];
}

const struct bias_measure *bias_find(const struct bias_report *r, const char *name, const char *by,
                                     enum bias_scope scope, size_t a)
{
	for (size_t i = 0; i < r->measure_count; i++) {
		const struct bias_measure *m = &r->measures[i];
		const char *of = m->by == BIAS_NONE ? NULL : r->partitions[m->by].name;
		if (m->scope == scope && strcmp(m->name, name) == 0 && (a == BIAS_NONE || m->a == a) &&
		    (by ? of && strcmp(of, by) == 0 : !of))
			return m;
	}
	return NULL;
}
