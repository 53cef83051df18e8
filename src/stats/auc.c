/* Area under the ROC curve with DeLong's variance (DeLong 1988), from ranks in O(n log n)
 * (Sun and Xu 2014). A case's placement is the share of the other class that it is ahead of, ties
 * one half; the AUC is the mean placement, its variance that of the placements. */
#include <math.h>

#include "assay/stats_blocks.h"
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

/* How many of sorted[from…n) are x, which none of them is below. */
static size_t ties(const struct stats_part *part, size_t from, double x)
{
	size_t at = from;
	while (at < part->n && part->sorted[at] == x)
		at++;
	return at - from;
}

void stats_auc_sorted(const struct stats_part *positives, const struct stats_part *negatives, double level,
                      struct auc *out)
{
	*out = (struct auc){positives->n, negatives->n, NAN, NAN, NAN, NAN};
	if (!positives->n || !negatives->n)
		return;
	double m = (double)positives->n, k = (double)negatives->n, wins = 0, of_positives = 0, of_negatives = 0;
	size_t p, q, tied_p, tied_q;
	/* Sums as in auc_of, so that they have the same bits. */
	for (int pass = 0; pass < 2; pass++) {
		for (p = q = 0; p < positives->n || q < negatives->n; p += tied_p, q += tied_q) {
			double x = p == positives->n   ? negatives->sorted[q]
			           : q == negatives->n ? positives->sorted[p]
			                               : fmin(positives->sorted[p], negatives->sorted[q]);
			tied_p = ties(positives, p, x);
			tied_q = ties(negatives, q, x);
			if (pass == 0) {
				wins += (double)tied_p * ((double)q + 0.5 * (double)tied_q);
				continue;
			}
			double ahead = ((double)q + 0.5 * (double)tied_q) / k;
			double behind = (m - (double)p - 0.5 * (double)tied_p) / m;
			of_positives += (double)tied_p * (ahead - out->value) * (ahead - out->value);
			of_negatives += (double)tied_q * (behind - out->value) * (behind - out->value);
		}
		if (pass == 0)
			out->value = wins / (m * k);
	}
	interval_of(out, of_positives, of_negatives, level);
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
