/* Area under the ROC curve with DeLong's variance (DeLong 1988), from ranks in O(n log n)
 * (Sun and Xu 2014). A case's placement is the share of the other class that it is ahead of, ties
 * one half; the AUC is the mean placement, its variance that of the placements. */
#include <math.h>

#include "assay/stats_blocks.h"
#include "assay/stats_sketch.h"
#include "sort.h"

/* Where cases of one score are: how many of each class lie below them. */
struct below {
	double positives, negatives;
};

/* The share of the other class that a positive, and a negative, with this score is ahead of. */
static double ahead(const struct below *b, uint32_t negatives, const struct auc *all)
{
	return (b->negatives + 0.5 * (double)negatives) / (double)all->negatives;
}

static double behind(const struct below *b, uint32_t positives, const struct auc *all)
{
	const double m = (double)all->positives;
	return (m - b->positives - 0.5 * (double)positives) / m;
}

static void normal_interval(double value, double se, double level, double *low, double *high)
{
	double half = stats_normal_quantile(0.5 + level / 2) * se;
	*low = value - half;
	*high = value + half;
}

/* From the squares of what placements are off. */
static void interval_of(struct auc *out, double of_positives, double of_negatives, double level)
{
	double m = (double)out->positives, k = (double)out->negatives;
	if (out->positives < 2 || out->negatives < 2)
		return;
	out->variance = of_positives / (m - 1) / m + of_negatives / (k - 1) / k;
	normal_interval(out->value, sqrt(out->variance), level, &out->low, &out->high);
	out->low = fmax(0, out->low);
	out->high = fmin(1, out->high);
}

void stats_auc_counts(const uint32_t *positive, const uint32_t *negative, size_t count, double level,
                      struct auc *out)
{
	*out = (struct auc){.value = NAN, .variance = NAN, .low = NAN, .high = NAN};
	for (size_t p = 0; p < count; p++) {
		out->positives += positive[p];
		out->negatives += negative[p];
	}
	if (!out->positives || !out->negatives)
		return;

	const double m = (double)out->positives, k = (double)out->negatives;
	double wins = 0, of_positives = 0, of_negatives = 0;
	struct below b = {0, 0};
	for (size_t p = 0; p < count; p++) {
		wins += (double)positive[p] * (b.negatives + 0.5 * (double)negative[p]); /* halves: exact */
		b.negatives += (double)negative[p];
	}
	out->value = wins / (m * k);

	b = (struct below){0, 0};
	for (size_t p = 0; p < count; p++) {
		if (!positive[p] && !negative[p])
			continue;
		double up = ahead(&b, negative[p], out) - out->value,
		       down = behind(&b, positive[p], out) - out->value;
		of_positives += (double)positive[p] * up * up;
		of_negatives += (double)negative[p] * down * down;
		b.negatives += (double)negative[p];
		b.positives += (double)positive[p];
	}
	interval_of(out, of_positives, of_negatives, level);
}

/* Fills out; placement[n], if not NULL, gets every case's. */
static void auc_of(const double *score, const uint8_t *label, size_t n, double level, double *placement,
                   struct auc *out)
{
	struct ranked *rank = stats_rank(score, n);
	uint32_t *positive = xcalloc(n + 1, sizeof *positive), *negative = xcalloc(n + 1, sizeof *negative);
	size_t places = 0;
	for (size_t at = 0; at < n; at++) {
		places += at == 0 || rank[at].key != rank[at - 1].key;
		*(label[rank[at].item] ? &positive[places - 1] : &negative[places - 1]) += 1;
	}
	stats_auc_counts(positive, negative, places, level, out);
	if (placement && !isnan(out->value)) {
		struct below b = {0, 0};
		for (size_t at = 0, end, p = 0; at < n; at = end, p++) {
			double of_positive = ahead(&b, negative[p], out), of_negative = behind(&b, positive[p], out);
			end = at + positive[p] + negative[p];
			for (size_t r = at; r < end; r++)
				placement[rank[r].item] = label[rank[r].item] ? of_positive : of_negative;
			b.negatives += (double)negative[p];
			b.positives += (double)positive[p];
		}
	}
	free(rank);
	free(positive);
	free(negative);
}

void stats_auc(const double *score, const uint8_t *label, size_t n, double level, struct auc *out)
{
	auc_of(score, label, n, level, NULL, out);
}

/* The values of one class in rising order, each a row or with how many there are up to it. */
struct rising {
	const double *values;
	const uint64_t *upto;
	size_t count, at;
	uint64_t rows; /* below values[at] */
};

/* Goes by x, which no value from here on is below: how many rows are x. */
static uint64_t pass(struct rising *r, double x)
{
	uint64_t from = r->rows;
	for (; r->at < r->count && r->values[r->at] == x; r->at++)
		r->rows = r->upto ? r->upto[r->at] : r->rows + 1;
	return r->rows - from;
}

static double next_of(const struct rising *p, const struct rising *q)
{
	return p->at == p->count   ? q->values[q->at]
	       : q->at == q->count ? p->values[p->at]
	                           : fmin(p->values[p->at], q->values[q->at]);
}

/* out has how many rows there are of each class. */
static void auc_of_rising(const struct rising *positives, const struct rising *negatives, double level,
                          struct auc *out)
{
	out->value = out->variance = out->low = out->high = NAN;
	if (!out->positives || !out->negatives)
		return;
	double m = (double)out->positives, k = (double)out->negatives, wins = 0, of_positives = 0,
	       of_negatives = 0;
	/* Sums as in auc_of, so that they have the same bits. */
	for (int turn = 0; turn < 2; turn++) {
		struct rising p = *positives, q = *negatives;
		while (p.at < p.count || q.at < q.count) {
			double x = next_of(&p, &q), below_p = (double)p.rows, below_q = (double)q.rows;
			double tied_p = (double)pass(&p, x), tied_q = (double)pass(&q, x);
			if (turn == 0) {
				wins += tied_p * (below_q + 0.5 * tied_q);
				continue;
			}
			double ahead = (below_q + 0.5 * tied_q) / k, behind = (m - below_p - 0.5 * tied_p) / m;
			of_positives += tied_p * (ahead - out->value) * (ahead - out->value);
			of_negatives += tied_q * (behind - out->value) * (behind - out->value);
		}
		if (turn == 0)
			out->value = wins / (m * k);
	}
	interval_of(out, of_positives, of_negatives, level);
}

void stats_auc_sorted(const struct stats_part *positives, const struct stats_part *negatives, double level,
                      struct auc *out)
{
	*out = (struct auc){.positives = positives->n, .negatives = negatives->n};
	auc_of_rising(&(struct rising){.values = positives->sorted, .count = positives->n},
	              &(struct rising){.values = negatives->sorted, .count = negatives->n}, level, out);
}

void stats_runs_auc(const struct stats_runs *positives, const struct stats_runs *negatives, double level,
                    struct auc *out)
{
	*out = (struct auc){.positives = stats_runs_rows(positives), .negatives = stats_runs_rows(negatives)};
	auc_of_rising(
	    &(struct rising){.values = positives->low, .upto = positives->upto, .count = positives->count},
	    &(struct rising){.values = negatives->low, .upto = negatives->upto, .count = negatives->count}, level,
	    out);
}

void stats_auc_pair(const double *score_a, const double *score_b, const uint8_t *label, size_t n,
                    double level, struct auc_pair *out)
{
	*out = (struct auc_pair){
	    .covariance = NAN, .difference = NAN, .se = NAN, .low = NAN, .high = NAN, .z = NAN, .p = NAN};
	double *a = xcalloc(n + 1, sizeof *a), *b = xcalloc(n + 1, sizeof *b);
	auc_of(score_a, label, n, level, a, &out->a);
	auc_of(score_b, label, n, level, b, &out->b);
	out->difference = out->a.value - out->b.value;
	if (!isnan(out->a.variance)) {
		double of_positives = 0, of_negatives = 0, of_difference_p = 0, of_difference_n = 0;
		for (size_t i = 0; i < n; i++) {
			double da = a[i] - out->a.value, db = b[i] - out->b.value;
			*(label[i] ? &of_positives : &of_negatives) += da * db;
			/* The variance of the difference by itself: var a + var b - 2 cov would cancel. */
			*(label[i] ? &of_difference_p : &of_difference_n) += (da - db) * (da - db);
		}
		double m = (double)out->a.positives, k = (double)out->a.negatives;
		out->covariance = of_positives / (m - 1) / m + of_negatives / (k - 1) / k;
		out->se = sqrt(of_difference_p / (m - 1) / m + of_difference_n / (k - 1) / k);
		normal_interval(out->difference, out->se, level, &out->low, &out->high);
		if (out->se > 0) {
			out->z = out->difference / out->se;
			out->p = 2 * stats_normal_cdf(-fabs(out->z));
		}
	}
	free(a);
	free(b);
}
