/* Behind the screen: the bootstrap of the cells, and the permutation null of worst cases. */
#include "inside.h"

/* Replicates of a chunk: each has random numbers of its own, so that threads do not matter. Measures of a
 * batch: what is kept of all replicates at a time (the draws are made anew for each). Replicates are drawn so
 * many abreast. */
enum { CHUNK = 128, BATCH = 256, NULLS = 4, ABREAST = 64 };

/* The rates whose worst cases have a null. */
static const enum bias_rate NULL_RATE[NULLS] = {BIAS_SELECTION_RATE, BIAS_TPR, BIAS_FPR, BIAS_PPV};

struct job {
	const struct bias_table *t;
	const struct bias_resampling *how;
	struct bias_report *r;
	size_t by, groups, strata;
	uint64_t replicates;
	const struct counts *counts; /* [strata * groups] */
	struct view observed;        /* with enough */
	size_t *measure;             /* of the batch: indexes into the report's */
	size_t measure_count;
	double *value;                     /* [measure][replicate] */
	bool with_null;                    /* the first batch does it */
	bool *takes_part[NULLS];           /* [group] */
	double *gap[NULLS], *ratio[NULLS]; /* [replicate] */
};

static bool stopped(const struct bias_resampling *how)
{
	return how->stop && atomic_load_explicit(how->stop, memory_order_relaxed);
}

/* Two draws of one chunk must not meet, nor those of two partitions. */
enum stream { STREAM_BOOTSTRAP, STREAM_NULL };
static void stream_of(struct rng *rng, const struct job *j, size_t chunk, enum stream which)
{
	rng_init(rng, j->how->seed, (uint64_t)j->by << 40 | (uint64_t)chunk << 1 | which);
}

static bool by_cells(const struct measure_about *about)
{
	bool rate = about->kind == DIFFERENCE || about->kind == RATIO;
	return !rate || (about->rate != BIAS_MEAN_SCORE && about->rate != BIAS_CALIBRATION_GAP);
}

/* A worst case of groups that are all too few is shown of all of them. */
static double value_in(const struct job *j, const struct bias_measure *m, const struct view *v)
{
	const struct measure_about *about = measure_about(j->r, m);
	size_t first = j->r->first[j->by];
	struct view all = *v;
	if (m->scope == BIAS_WORST && m->v.verdict == BIAS_TOO_FEW) {
		all.enough = NULL;
		all.extremes = NULL;
	}
	if (m->scope == BIAS_WORST && about->kind == ODDS_DIFFERENCE && j->r->settings.mean_odds)
		return (worst_gap(&all, BIAS_TPR) + worst_gap(&all, BIAS_FPR)) / 2;
	if (m->scope == BIAS_WORST || m->scope == BIAS_OVERALL)
		return measure_value(about, &all, BIAS_NONE, BIAS_NONE);
	return measure_value(about, &all, m->a - first, m->b == BIAS_NONE ? BIAS_NONE : m->b - first);
}

static void bootstrap(const struct job *j, size_t chunk, uint64_t from, uint64_t to)
{
	size_t cells = j->strata * j->groups, places = cells * CELLS;
	uint64_t *all = xreallocarray(NULL, size_mul(places + 1, ABREAST), sizeof *all);
	struct counts *drawn = xcalloc(cells + 1, sizeof *drawn), *group = xcalloc(j->groups + 1, sizeof *group);
	struct view v = {
	    .group = j->strata > 1 ? group : drawn, .count = j->groups, .enough = j->observed.enough};
	struct extremes extremes[BIAS_RATES];
	struct rng rng;
	stream_of(&rng, j, chunk, STREAM_BOOTSTRAP);
	v.extremes = extremes;
	v.stratum = j->observed.stratum ? drawn : NULL;
	v.strata = j->strata;
	uint64_t n = counts_n(&j->observed.total);
	for (uint64_t i = from; i < to; i++) {
		size_t at = (size_t)(i - from) % ABREAST;
		if (at == 0)
			rng_multinomials(&rng, n, j->counts->c, places, ABREAST, all);
		for (size_t k = 0; k < places; k++)
			drawn[k / CELLS].c[k % CELLS] = all[k * ABREAST + at];
		memset(group, 0, j->groups * sizeof *group);
		for (size_t c = 0; c < cells && j->strata > 1; c++)
			counts_add(&group[c % j->groups], &drawn[c]);
		v.total = (struct counts){{0}};
		for (size_t g = 0; g < j->groups; g++)
			counts_add(&v.total, &v.group[g]);
		view_extremes(&v, extremes);
		for (size_t m = 0; m < j->measure_count; m++)
			j->value[m * j->replicates + i] = value_in(j, &j->r->measures[j->measure[m]], &v);
	}
	free(group);
	free(drawn);
	free(all);
}

/* Sizes of the groups for a rate, and how many of their cases are hits. */
static uint64_t null_sizes(const struct job *j, int k, uint64_t *size, uint64_t *hits)
{
	uint64_t cases = 0;
	*hits = 0;
	for (size_t g = 0; g < j->groups; g++) {
		double num, den;
		rate_parts(NULL_RATE[k], &j->observed.group[g], &num, &den);
		size[g] = j->takes_part[k][g] ? (uint64_t)den : 0;
		cases += size[g];
		*hits += j->takes_part[k][g] ? (uint64_t)num : 0;
	}
	return cases;
}

/* Under the null that groups do not differ, the hits of a rate fall on its cases like drawn balls. */
static void permute(const struct job *j, size_t chunk, uint64_t from, uint64_t to)
{
	struct rng rng;
	size_t count = (size_t)(to - from);
	uint64_t *size = xcalloc(j->groups + 1, sizeof *size), good[CHUNK], drawn[CHUNK];
	stream_of(&rng, j, chunk, STREAM_NULL);
	for (int k = 0; k < NULLS; k++) {
		uint64_t hits, cases = null_sizes(j, k, size, &hits);
		double low[CHUNK], high[CHUNK];
		for (size_t i = 0; i < count; i++) {
			good[i] = hits;
			low[i] = (double)INFINITY;
			high[i] = -(double)INFINITY;
		}
		for (size_t g = 0; g < j->groups; g++) {
			if (size[g] == 0)
				continue;
			rng_hypergeometrics(&rng, cases, size[g], good, count, drawn);
			cases -= size[g];
			for (size_t i = 0; i < count; i++) {
				double x = (double)(int64_t)drawn[i] / (double)size[g];
				good[i] -= drawn[i];
				low[i] = x < low[i] ? x : low[i];
				high[i] = x > high[i] ? x : high[i];
			}
		}
		for (size_t i = 0; i < count; i++) {
			j->gap[k][from + i] = high[i] - low[i];
			j->ratio[k][from + i] = divide(low[i], high[i]);
		}
	}
	free(size);
}

static void do_chunk(void *user, size_t chunk)
{
	const struct job *j = user;
	uint64_t from = (uint64_t)chunk * CHUNK, to = from + CHUNK < j->replicates ? from + CHUNK : j->replicates;
	if (stopped(j->how))
		return;
	bootstrap(j, chunk, from, to);
	if (j->with_null && !stopped(j->how))
		permute(j, chunk, from, to);
}

/* ---- from replicates to intervals ---- */

/* Sorts the replicates of a measure in place; NaN at both ends if more than a tail of them is not defined. */
static void percentiles(double *value, size_t n, double level, double *low, double *high)
{
	double tail = (1 - level) / 2;
	size_t finite = stats_finite(value, n, value);
	*low = *high = (double)NAN;
	if ((double)(n - finite) > tail * (double)n)
		return;
	stats_sort(value, finite);
	*low = stats_quantile(value, finite, tail);
	*high = stats_quantile(value, finite, 1 - tail);
}

/* Whether the base rates of two groups may be equal, at the level of the measure. */
static bool labels_may_agree(const struct job *j, const struct bias_measure *m, double level)
{
	struct estimate e[2];
	double low, high;
	const size_t group[2] = {m->a, m->b};
	for (int i = 0; i < 2; i++)
		rate_interval(&j->r->settings, BIAS_BASE_RATE, &j->observed.group[group[i] - j->r->first[j->by]],
		              NULL, level, &e[i]);
	stats_difference(&e[0], &e[1], &low, &high);
	return low <= 0 && high >= 0;
}

static void finish_measure(void *user, size_t at)
{
	const struct job *j = user;
	struct bias_measure *m = &j->r->measures[j->measure[at]];
	const struct measure_about *about = measure_about(j->r, m);
	double level = measure_level(j->r, m);
	if (stopped(j->how))
		return;
	percentiles(j->value + at * j->replicates, j->replicates, level, &m->boot_low, &m->boot_high);
	bool mean = m->scope == BIAS_WORST && about->kind == ODDS_DIFFERENCE && j->r->settings.mean_odds;
	bool closed = about->kind != OTHER || (about->form != BY_BOOTSTRAP && about->form != BY_BOOTSTRAP_FROM_0);
	if (closed && !mean)
		return;
	m->v.low = m->boot_low;
	m->v.high = m->boot_high;
	/* What cannot fall below 0 never comes out at 0 in a resample, though it may be 0. */
	if (about->form == BY_BOOTSTRAP_FROM_0 && labels_may_agree(j, m, level))
		m->v.low = 0;
	measure_judge(j->r, m);
}

static double p_value(const double *null, uint64_t n, double observed, bool low_is_worse)
{
	uint64_t as_bad = 0;
	if (isnan(observed))
		return (double)NAN;
	for (uint64_t i = 0; i < n; i++)
		as_bad += low_is_worse ? null[i] <= observed + 1e-12 : null[i] >= observed - 1e-12;
	return (double)(1 + as_bad) / (double)(1 + n);
}

static int null_of(enum bias_rate rate)
{
	for (int k = 0; k < NULLS; k++)
		if (NULL_RATE[k] == rate)
			return k;
	return -1;
}

static void finish_null(const struct job *j)
{
	const int tpr = null_of(BIAS_TPR), fpr = null_of(BIAS_FPR);
	double *odds = xreallocarray(NULL, j->replicates, sizeof *odds);
	for (size_t i = 0; i < j->r->measure_count; i++) {
		struct bias_measure *m = &j->r->measures[i];
		const struct measure_about *about = measure_about(j->r, m);
		bool quotient = about->kind == RATIO || about->kind == ODDS_RATIO;
		if (m->by != j->by || m->scope != BIAS_WORST || about->kind == OTHER)
			continue;
		if (about->kind == ODDS_DIFFERENCE || about->kind == ODDS_RATIO) {
			for (uint64_t k = 0; k < j->replicates; k++)
				odds[k] = quotient                   ? fmin(j->ratio[tpr][k], j->ratio[fpr][k])
				          : j->r->settings.mean_odds ? (j->gap[tpr][k] + j->gap[fpr][k]) / 2
				                                     : fmax(j->gap[tpr][k], j->gap[fpr][k]);
			m->p = p_value(odds, j->replicates, m->v.value, quotient);
			continue;
		}
		int k = null_of(about->rate);
		if (k >= 0)
			m->p = p_value(quotient ? j->ratio[k] : j->gap[k], j->replicates, m->v.value, quotient);
	}
	free(odds);
}

/* ---- one partition ---- */

static void null_begin(struct job *j)
{
	for (int k = 0; k < NULLS; k++) {
		size_t many = 0;
		j->takes_part[k] = xcalloc(j->groups + 1, sizeof **j->takes_part);
		j->gap[k] = xreallocarray(NULL, j->replicates, sizeof **j->gap);
		j->ratio[k] = xreallocarray(NULL, j->replicates, sizeof **j->ratio);
		for (size_t g = 0; g < j->groups; g++)
			many += j->takes_part[k][g] = j->observed.enough[g * BIAS_RATES + NULL_RATE[k]];
		for (size_t g = 0; g < j->groups && many < 2; g++)
			j->takes_part[k][g] = true;
	}
}

static void null_end(struct job *j)
{
	for (int k = 0; k < NULLS; k++) {
		free(j->takes_part[k]);
		free(j->gap[k]);
		free(j->ratio[k]);
	}
}

static void resample_partition(const struct bias_table *t, const struct bias_resampling *how,
                               struct bias_report *r, size_t by)
{
	bool own = r->settings.convention == BIAS_AS_ASSAY;
	struct job j = {.t = t, .how = how, .r = r, .by = by, .groups = t->about[by].group_count};
	struct counts *group = xcalloc(j.groups + 1, sizeof *group);
	bool *enough = xcalloc(j.groups + 1, BIAS_RATES * sizeof *enough);
	struct counts *strata = table_strata(t, by, r->settings.threshold, &j.strata);
	size_t *wanted = xreallocarray(NULL, r->measure_count + 1, sizeof *wanted), count = 0;
	j.replicates = how->replicates ? how->replicates : BIAS_REPLICATES;
	table_counts(t, by, r->settings.threshold, group);
	view_enough(&r->settings, group, j.groups, enough);
	j.counts = strata;
	j.observed = (struct view){.group = group, .count = j.groups, .enough = own ? enough : NULL};
	j.observed.stratum = t->stratum == BIAS_NONE ? NULL : strata;
	for (size_t g = 0; g < j.groups; g++)
		counts_add(&j.observed.total, &group[g]);
	for (size_t i = 0; i < r->measure_count; i++) {
		const struct bias_measure *m = &r->measures[i];
		const struct measure_about *about = measure_about(r, m);
		bool here = m->by == by || (m->by == BIAS_NONE && by == 0);
		bool closed =
		    about->kind != OTHER || (about->form != BY_BOOTSTRAP && about->form != BY_BOOTSTRAP_FROM_0);
		if (here && by_cells(about) && (m->scope == BIAS_WORST || !closed))
			wanted[count++] = i;
	}
	j.with_null = own;
	if (own)
		null_begin(&j);
	j.value = xreallocarray(NULL, size_mul(count < BATCH ? count + 1 : BATCH, j.replicates), sizeof *j.value);
	for (size_t from = 0; (from < count || from == 0) && !stopped(how) && j.groups > 0; from += BATCH) {
		j.measure = wanted + from;
		j.measure_count = count - from < BATCH ? count - from : BATCH;
		parallel_chunks((j.replicates + CHUNK - 1) / CHUNK, how->threads, do_chunk, &j);
		parallel_chunks(j.measure_count, how->threads, finish_measure, &j);
		j.with_null = false;
	}
	if (own && j.groups > 0 && !stopped(how))
		finish_null(&j);
	if (own)
		null_end(&j);
	free(j.value);
	free(wanted);
	free(strata);
	free(enough);
	free(group);
}

bool bias_resample(const struct bias_table *t, const struct bias_resampling *how, struct bias_report *r)
{
	struct bias_measure *before = arena_array(r->mem, r->measure_count + 1, sizeof *before);
	memcpy(before, r->measures, r->measure_count * sizeof *before);
	for (size_t by = 0; by < r->partition_count && !stopped(how); by++)
		resample_partition(t, how, r, by);
	if (stopped(how)) {
		memcpy(r->measures, before, r->measure_count * sizeof *before);
		return false;
	}
	r->replicates = how->replicates ? how->replicates : BIAS_REPLICATES;
	r->seed = how->seed;
	groups_judge(r);
	return true;
}
