/* Of the scores within groups: calibration, AUC, Brier. */
#include "inside.h"

struct cases {
	double *score;
	uint8_t *label;
	size_t n;
};

static void collect(const struct bias_table *t, const struct partition *p, size_t g, struct cases *out)
{
	out->n = 0;
	for (size_t i = 0; i < t->cell_count; i++)
		if (p->group_of[i] == g)
			for (int label = 0; label < 2; label++)
				for (size_t k = t->cells[i].first[label]; k < t->cells[i].end[label]; k++) {
					out->score[out->n] = t->score[k];
					out->label[out->n++] = (uint8_t)label;
				}
}

/* The bin of stats_calibration's uniform kind. */
static size_t bin_of(const struct calibration *c, double score)
{
	size_t bin = 0;
	while (bin + 1 < STATS_CALIBRATION_BINS && score >= c->bin[bin + 1].low)
		bin++;
	return bin;
}

/* The ECE is the sum over bins of |D|, D the mean over all cases of (score - label) in the bin; the errors of
 * the D are nearly normal and independent, with variances v. Above: with the signs of the true gaps the true
 * ECE is a sum of D, so sum |D| + z sqrt(sum v) covers it. Below: sum |D| is at most the true ECE plus the
 * sum of the errors' sizes, whose mean is sqrt(2/pi) sum sqrt(v) and whose variance is (1 - 2/pi) sum v. */
static void ece_interval(const struct cases *cases, double level, struct bias_calibration *out)
{
	double variance[STATS_CALIBRATION_BINS] = {0}, all = 0, sizes = 0, n = (double)cases->n;
	double z = stats_normal_quantile(0.5 + level / 2), half_normal = 0.6366197723675814; /* 2 / pi */
	for (size_t i = 0; i < cases->n; i++) {
		double apart = cases->score[i] - cases->label[i];
		variance[bin_of(&out->uniform, cases->score[i])] += apart * apart / (n * n);
	}
	for (int b = 0; b < STATS_CALIBRATION_BINS; b++) {
		all += variance[b];
		sizes += sqrt(variance[b]);
	}
	out->ece = (struct bias_value){.value = out->uniform.ece};
	out->ece.high = out->ece.value + z * sqrt(all);
	out->ece.low = fmax(0, out->ece.value - sqrt(half_normal) * sizes - z * sqrt((1 - half_normal) * all));
}

bool bias_calibrate(const struct bias_table *t, size_t by, double level, const atomic_bool *stop,
                    struct bias_calibration *out)
{
	const struct partition *p = &t->partitions[by];
	bool done = t->has_scores && t->probabilities;
	struct cases cases = {xreallocarray(NULL, t->n + 1, sizeof(double)), xmalloc(t->n + 1), 0};
	for (size_t g = 0; g < p->about.group_count && done; g++) {
		struct bias_calibration *c = &out[g];
		collect(t, p, g, &cases);
		stats_calibration(cases.score, cases.label, cases.n, false, &c->uniform);
		for (int b = 0; b < STATS_CALIBRATION_BINS; b++)
			stats_wilson((double)c->uniform.bin[b].positives, (double)c->uniform.bin[b].count, level,
			             &c->rate[b].low, &c->rate[b].high);
		ece_interval(&cases, level, c);
		done = !(stop && atomic_load_explicit(stop, memory_order_relaxed));
	}
	free(cases.label);
	free(cases.score);
	return done;
}

/* ---- what no threshold moves ---- */

static struct bias_value auc_of(const struct cases *cases, double level)
{
	struct auc auc;
	stats_auc(cases->score, cases->label, cases->n, level, &auc);
	return (struct bias_value){.value = auc.value,
	                           .low = auc.low,
	                           .high = auc.high,
	                           .why = !auc.positives   ? "no positive labels"
	                                  : !auc.negatives ? "no negative labels"
	                                                   : NULL};
}

static struct bias_value brier_of(const struct cases *cases, double level)
{
	double n = (double)cases->n, mean = stats_brier(cases->score, cases->label, cases->n), m2 = 0;
	struct bias_value out = {.value = mean, .low = (double)NAN, .high = (double)NAN};
	for (size_t i = 0; i < cases->n; i++) {
		double apart = cases->score[i] - cases->label[i], off = apart * apart - mean;
		m2 += off * off;
	}
	if (cases->n > 1) {
		double half = stats_t_quantile(0.5 + level / 2, n - 1) * sqrt(m2 / (n - 1) / n);
		out.low = fmax(0, mean - half);
		out.high = fmin(1, mean + half);
	}
	return out;
}

void bias_score(const struct bias_table *t, struct bias_report *r)
{
	if (!t->has_scores)
		return;
	struct cases cases = {xreallocarray(NULL, t->n + 1, sizeof(double)), xmalloc(t->n + 1), 0};
	for (size_t by = 0; by < t->partition_count && t->about[by].depth == 1; by++)
		for (size_t g = r->first[by]; g < r->first[by + 1]; g++) {
			collect(t, &t->partitions[by], g - r->first[by], &cases);
			r->groups[g].auc = auc_of(&cases, r->settings.level);
			if (t->probabilities)
				r->groups[g].brier = brier_of(&cases, r->settings.level);
			else
				r->groups[g].brier.why = NO_PROBABILITIES;
		}
	free(cases.label);
	free(cases.score);
}
