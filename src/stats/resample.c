/* Intervals of metrics by resampling the cases: how often each was drawn is a weight. */
#include <math.h>
#include <stdlib.h>

#include "assay/stats.h"
#include "sort.h"

/* One model's scores, prepared so that a replicate is one pass. */
struct prepared {
	const double *score;
	double *loss;        /* of each case: mean metrics */
	uint8_t *bin;        /* of each case: calibration */
	struct ranked *rank; /* cases in rising order: average precision */
};

struct resampling {
	const struct stats_cases *c;
	enum stats_metric metric;
	struct prepared model[2];
	size_t models, replicates;
	uint64_t seed;
	double *values;
};

static double loss_of(enum stats_metric metric, double score, uint8_t label, double threshold)
{
	switch (metric) {
	case STATS_LOG_LOSS:
		return stats_log_loss(&score, &label, 1);
	case STATS_BRIER:
		return stats_brier(&score, &label, 1);
	default:
		return (score >= threshold) == (label != 0) ? 1 : 0;
	}
}

static void prepare(const struct stats_cases *c, enum stats_metric metric, const double *score,
                    struct prepared *out)
{
	*out = (struct prepared){.score = score};
	if (metric == STATS_AVERAGE_PRECISION) {
		out->rank = stats_rank(score, c->n);
	} else if (metric == STATS_ECE || metric == STATS_MCE) {
		out->bin = xmalloc(c->n + 1);
		for (size_t i = 0; i < c->n; i++)
			out->bin[i] = (uint8_t)stats_uniform_bin(score[i]);
	} else {
		out->loss = xmalloc(size_mul(c->n + 1, sizeof *out->loss));
		for (size_t i = 0; i < c->n; i++)
			out->loss[i] = loss_of(metric, score[i], c->label[i], c->threshold);
	}
}

static void release(struct prepared *p)
{
	free(p->loss);
	free(p->bin);
	free(p->rank);
}

/* ---- one replicate ---- */

static double mean_loss(const struct stats_cases *c, const struct prepared *p, const uint32_t *weight)
{
	double sum = 0;
	for (size_t i = 0; i < c->n; i++)
		sum += weight[i] * p->loss[i];
	return sum / (double)c->n;
}

static double calibration_gap(const struct stats_cases *c, const struct prepared *p, const uint32_t *weight,
                              bool worst)
{
	double scores[STATS_CALIBRATION_BINS] = {0}, positives[STATS_CALIBRATION_BINS] = {0},
	       cases[STATS_CALIBRATION_BINS] = {0}, sum = 0, most = 0;
	for (size_t i = 0; i < c->n; i++) {
		double w = weight[i];
		int at = p->bin[i];
		cases[at] += w;
		scores[at] += w * p->score[i];
		positives[at] += c->label[i] ? w : 0;
	}
	for (int k = 0; k < STATS_CALIBRATION_BINS; k++) {
		double gap = fabs(positives[k] - scores[k]);
		sum += gap;
		if (cases[k] > 0 && gap / cases[k] > most)
			most = gap / cases[k];
	}
	return worst ? most : sum / (double)c->n;
}

/* Step sum over falling scores, tied ones together. */
static double average_precision(const struct stats_cases *c, const struct prepared *p, const uint32_t *weight)
{
	double positives = 0, found = 0, seen = 0, sum = 0;
	for (size_t i = 0; i < c->n; i++)
		positives += c->label[i] ? weight[i] : 0;
	if (positives == 0)
		return NAN;
	for (size_t at = c->n; at > 0;) {
		double before = found;
		uint64_t key = p->rank[at - 1].key;
		for (; at > 0 && p->rank[at - 1].key == key; at--) {
			double w = weight[p->rank[at - 1].item];
			seen += w;
			found += c->label[p->rank[at - 1].item] ? w : 0;
		}
		if (found > before)
			sum += (found - before) * (found / seen);
	}
	return sum / positives;
}

static double measure(const struct resampling *r, const struct prepared *p, const uint32_t *weight)
{
	switch (r->metric) {
	case STATS_AVERAGE_PRECISION:
		return average_precision(r->c, p, weight);
	case STATS_ECE:
	case STATS_MCE:
		return calibration_gap(r->c, p, weight, r->metric == STATS_MCE);
	default:
		return mean_loss(r->c, p, weight);
	}
}

/* How often each of n cases comes when n are drawn with replacement. Block by block, so that the counters of
 * one lie in the nearest cache: how many fall into a block is binomial, and where within it is even. */
static void draw(struct rng *rng, size_t n, uint32_t *weight)
{
	enum { BITS = 12, BLOCK = 1 << BITS, PIECES = 64 / BITS };
	uint64_t left = n;
	memset(weight, 0, n * sizeof *weight);
	for (size_t from = 0; from < n; from += BLOCK) {
		size_t rest = n - from, size = rest < BLOCK ? rest : BLOCK;
		uint64_t here = size == rest ? left : rng_binomial(rng, left, (double)size / (double)rest), bits = 0;
		left -= here;
		for (uint64_t i = 0; i < here; i++) {
			if (size < BLOCK) {
				weight[from + rng_below(rng, size)]++;
				continue;
			}
			bits = i % PIECES ? bits >> BITS : rng_next(rng);
			weight[from + (bits & (BLOCK - 1))]++;
		}
	}
}

static void replicate(void *user, size_t at)
{
	const struct resampling *r = user;
	size_t n = r->c->n;
	uint32_t *weight = xmalloc(size_mul(n, sizeof *weight));
	struct rng rng;
	rng_init(&rng, r->seed, at);
	draw(&rng, n, weight);
	r->values[at] = measure(r, &r->model[0], weight);
	if (r->models == 2)
		r->values[at] -= measure(r, &r->model[1], weight);
	free(weight);
}

/* ---- the interval ---- */

static double as_it_is(const struct stats_cases *c, enum stats_metric metric, const double *score)
{
	struct confusion confusion;
	struct calibration calibration;
	switch (metric) {
	case STATS_AVERAGE_PRECISION:
		return stats_average_precision(score, c->label, c->n);
	case STATS_LOG_LOSS:
		return stats_log_loss(score, c->label, c->n);
	case STATS_BRIER:
		return stats_brier(score, c->label, c->n);
	case STATS_ACCURACY:
		stats_confusion(score, c->label, c->n, c->threshold, &confusion);
		return c->n ? (double)(confusion.tp + confusion.tn) / (double)c->n : (double)NAN;
	default:
		stats_calibration(score, c->label, c->n, false, &calibration);
		return metric == STATS_ECE ? calibration.ece : calibration.mce;
	}
}

/* The same cases in rising order of their scores: a pass over the ranks then goes straight through memory. */
static void in_order(const struct stats_cases *c, struct stats_cases *out, double **score, double **against,
                     uint8_t **label)
{
	struct ranked *rank = stats_rank(c->score, c->n);
	*score = xmalloc(size_mul(c->n, sizeof **score));
	*against = c->against ? xmalloc(size_mul(c->n, sizeof **against)) : NULL;
	*label = xmalloc(c->n);
	for (size_t i = 0; i < c->n; i++) {
		(*score)[i] = c->score[rank[i].item];
		(*label)[i] = c->label[rank[i].item];
		if (c->against)
			(*against)[i] = c->against[rank[i].item];
	}
	*out = (struct stats_cases){
	    .score = *score, .against = *against, .label = *label, .n = c->n, .threshold = c->threshold};
	free(rank);
}

void stats_resample(const struct stats_cases *c, enum stats_metric metric, size_t replicates, uint64_t seed,
                    double level, int threads, struct stats_resampled *out)
{
	struct resampling r = {
	    .c = c, .metric = metric, .models = c->against ? 2 : 1, .replicates = replicates, .seed = seed};
	*out = (struct stats_resampled){.a = NAN, .b = NAN, .value = NAN, .low = NAN, .high = NAN};
	if (c->n == 0 || c->n >= UINT32_MAX || replicates == 0)
		return;
	out->a = as_it_is(c, metric, c->score);
	out->b = c->against ? as_it_is(c, metric, c->against) : (double)NAN;
	out->value = c->against ? out->a - out->b : out->a;
	if (isnan(out->value))
		return;
	struct stats_cases sorted;
	double *score = NULL, *against = NULL;
	uint8_t *label = NULL;
	if (metric == STATS_AVERAGE_PRECISION) {
		in_order(c, &sorted, &score, &against, &label);
		r.c = &sorted;
	}
	prepare(r.c, metric, r.c->score, &r.model[0]);
	if (c->against)
		prepare(r.c, metric, r.c->against, &r.model[1]);
	r.values = xmalloc(size_mul(replicates, sizeof *r.values));
	parallel_chunks(replicates, threads, replicate, &r);
	size_t kept = stats_finite(r.values, replicates, r.values);
	out->undefined = replicates - kept;
	if (out->undefined * 100 <= replicates) {
		stats_sort(r.values, kept);
		out->low = stats_quantile(r.values, kept, (1 - level) / 2);
		out->high = stats_quantile(r.values, kept, 1 - (1 - level) / 2);
	}
	free(score);
	free(against);
	free(label);
	free(r.values);
	release(&r.model[0]);
	release(&r.model[1]);
}
