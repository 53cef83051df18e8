/* Area under the ROC curve with DeLong's variance (DeLong 1988), from ranks in O(n log n)
 * (Sun and Xu 2014). A case's placement is the share of the other class that it is ahead of, ties
 * one half; the AUC is the mean placement, its variance that of the placements. */
#include <math.h>

#include "assay/stats.h"
#include "sort.h"

/* Cases of one score. */
struct tie {
	size_t end;                  /* after its last rank */
	size_t positives, negatives; /* in it */
};

static struct tie tie_at(const struct ranked *rank, size_t n, size_t start, const uint8_t *label)
{
	struct tie t = {start, 0, 0};
	for (; t.end < n && rank[t.end].key == rank[start].key; t.end++) {
		if (label[rank[t.end].item])
			t.positives++;
		else
			t.negatives++;
	}
	return t;
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

/* Fills out; placement[n], if not NULL, gets every case's. */
static void auc_of(const double *score, const uint8_t *label, size_t n, double level, double *placement,
                   struct auc *out)
{
	*out = (struct auc){.value = NAN, .variance = NAN, .low = NAN, .high = NAN};
	for (size_t i = 0; i < n; i++)
		out->positives += label[i] != 0;
	out->negatives = n - out->positives;
	if (!out->positives || !out->negatives)
		return;

	double m = (double)out->positives, k = (double)out->negatives, wins = 0;
	struct ranked *rank = stats_rank(score, n);
	struct tie t;
	size_t below = 0; /* negatives with a lower score */
	for (size_t at = 0; at < n; at = t.end) {
		t = tie_at(rank, n, at, label);
		wins += (double)t.positives * ((double)below + 0.5 * (double)t.negatives); /* halves: exact */
		below += t.negatives;
	}
	out->value = wins / (m * k);

	double of_positives = 0, of_negatives = 0;
	size_t negatives = 0, positives = 0;
	for (size_t at = 0; at < n; at = t.end) {
		t = tie_at(rank, n, at, label);
		double ahead = ((double)negatives + 0.5 * (double)t.negatives) / k;
		double behind = (m - (double)positives - 0.5 * (double)t.positives) / m;
		of_positives += (double)t.positives * (ahead - out->value) * (ahead - out->value);
		of_negatives += (double)t.negatives * (behind - out->value) * (behind - out->value);
		for (size_t r = at; placement && r < t.end; r++)
			placement[rank[r].item] = label[rank[r].item] ? ahead : behind;
		negatives += t.negatives;
		positives += t.positives;
	}
	free(rank);
	interval_of(out, of_positives, of_negatives, level);
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
