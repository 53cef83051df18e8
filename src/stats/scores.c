/* What scores are worth beside their AUC: losses, cells, calibration, curves; and numeric predictions. */
#include <math.h>

#include "assay/stats.h"
#include "sort.h"

/* A sum that rounding takes next to nothing from (Neumaier), so that the order of rows hardly shows. */
struct careful {
	double sum, lost;
};

static void careful_add(struct careful *c, double x)
{
	double sum = c->sum + x;
	c->lost += fabs(c->sum) >= fabs(x) ? (c->sum - sum) + x : (x - sum) + c->sum;
	c->sum = sum;
}

static double careful_value(const struct careful *c)
{
	return c->sum + c->lost;
}

double stats_average_precision(const double *score, const uint8_t *label, size_t n)
{
	struct ranked *rank = stats_rank(score, n);
	struct careful sum = {0, 0};
	size_t hits = 0, before = 0;
	for (size_t at = n; at > 0;) {
		uint64_t key = rank[at - 1].key;
		for (; at > 0 && rank[at - 1].key == key; at--)
			hits += label[rank[at - 1].item] != 0;
		careful_add(&sum, (double)(hits - before) * ((double)hits / (double)(n - at)));
		before = hits;
	}
	free(rank);
	return hits ? careful_value(&sum) / (double)hits : (double)NAN;
}

double stats_log_loss(const double *score, const uint8_t *label, size_t n)
{
	const double least = 0x1p-52;
	struct careful sum = {0, 0};
	for (size_t i = 0; i < n; i++) {
		double p = score[i] < least ? least : score[i] > 1 - least ? 1 - least : score[i];
		careful_add(&sum, label[i] ? -log(p) : -log(1 - p));
	}
	return n ? careful_value(&sum) / (double)n : (double)NAN;
}

double stats_brier(const double *score, const uint8_t *label, size_t n)
{
	struct careful sum = {0, 0};
	for (size_t i = 0; i < n; i++) {
		double miss = score[i] - (label[i] ? 1 : 0);
		careful_add(&sum, miss * miss);
	}
	return n ? careful_value(&sum) / (double)n : (double)NAN;
}

void stats_confusion(const double *score, const uint8_t *label, size_t n, double threshold,
                     struct confusion *out)
{
	*out = (struct confusion){0, 0, 0, 0};
	for (size_t i = 0; i < n; i++) {
		bool selected = score[i] >= threshold;
		out->tp += selected && label[i];
		out->fp += selected && !label[i];
		out->fn += !selected && label[i];
		out->tn += !selected && !label[i];
	}
}

size_t stats_uniform_bin(double score)
{
	const size_t last = STATS_CALIBRATION_BINS - 1;
	size_t bin = score > 0 ? (size_t)fmin(score * STATS_CALIBRATION_BINS, (double)last) : 0;
	/* The bounds decide, not the product. */
	while (bin > 0 && score < (double)bin / STATS_CALIBRATION_BINS)
		bin--;
	while (bin < last && score >= (double)(bin + 1) / STATS_CALIBRATION_BINS)
		bin++;
	return bin;
}

static void calibration_summary(struct calibration *out, const struct careful *total, size_t n)
{
	if (n == 0)
		return;
	out->ece = out->mce = 0;
	for (size_t b = 0; b < STATS_CALIBRATION_BINS; b++) {
		struct calibration_bin *bin = &out->bin[b];
		if (!bin->count)
			continue;
		bin->mean_score = careful_value(&total[b]) / (double)bin->count;
		bin->rate = (double)bin->positives / (double)bin->count;
		double gap = fabs(bin->rate - bin->mean_score);
		out->ece += gap * (double)bin->count / (double)n;
		out->mce = fmax(out->mce, gap);
	}
}

void stats_calibration(const double *score, const uint8_t *label, size_t n, bool equal_mass,
                       struct calibration *out)
{
	struct careful total[STATS_CALIBRATION_BINS] = {{0, 0}};
	struct ranked *rank = stats_rank(score, n);
	size_t bin = 0;
	out->ece = out->mce = NAN;
	for (size_t b = 0; b < STATS_CALIBRATION_BINS; b++) {
		double low = (double)b / STATS_CALIBRATION_BINS, high = (double)(b + 1) / STATS_CALIBRATION_BINS;
		out->bin[b] = (struct calibration_bin){.low = equal_mass ? (double)NAN : low,
		                                       .high = equal_mass ? (double)NAN : high,
		                                       .mean_score = NAN,
		                                       .rate = NAN};
	}
	for (size_t r = 0; r < n; r++) {
		double s = score[rank[r].item];
		if (!equal_mass)
			bin = stats_uniform_bin(s);
		else if (r == 0 || rank[r].key != rank[r - 1].key)
			bin = r * STATS_CALIBRATION_BINS / n;
		struct calibration_bin *b = &out->bin[bin];
		if (equal_mass) {
			b->low = b->count ? b->low : s;
			b->high = s;
		}
		b->count++;
		b->positives += label[rank[r].item] != 0;
		careful_add(&total[bin], s);
	}
	free(rank);
	calibration_summary(out, total, n);
}

/* Hands out points in order; keeps the first, the last, and those a fair step apart. */
struct thinner {
	double *x, *y, step, last;
	size_t count, room;
};

static void thinner_offer(struct thinner *t, double x, double y, double way, bool keep)
{
	if (t->count && !keep && (way - t->last < t->step || t->count + 1 >= t->room))
		return;
	if (t->count == t->room)
		t->count--;
	t->x[t->count] = x;
	t->y[t->count++] = y;
	t->last = way;
}

static size_t curve(const double *score, const uint8_t *label, size_t n, bool roc, double *x, double *y,
                    size_t room)
{
	size_t positives = 0, tp = 0;
	for (size_t i = 0; i < n; i++)
		positives += label[i] != 0;
	size_t negatives = n - positives;
	if (!positives || !negatives || room < 2)
		return 0;
	struct thinner t = {x, y, room > 2 ? (roc ? 2.0 : 1.0) / (double)(room - 2) : (double)INFINITY,
	                    0, 0, room};
	struct ranked *rank = stats_rank(score, n);
	if (roc)
		thinner_offer(&t, 0, 0, 0, true);
	for (size_t at = n; at > 0;) {
		uint64_t key = rank[at - 1].key;
		for (; at > 0 && rank[at - 1].key == key; at--)
			tp += label[rank[at - 1].item] != 0;
		double recall = (double)tp / (double)positives, chosen = (double)(n - at);
		double fpr = (chosen - (double)tp) / (double)negatives;
		if (roc)
			thinner_offer(&t, fpr, recall, fpr + recall, at == 0);
		else
			thinner_offer(&t, recall, (double)tp / chosen, recall, at == 0);
	}
	free(rank);
	return t.count;
}

size_t stats_roc(const double *score, const uint8_t *label, size_t n, double *x, double *y, size_t room)
{
	return curve(score, label, n, true, x, y, room);
}

size_t stats_precision_recall(const double *score, const uint8_t *label, size_t n, double *x, double *y,
                              size_t room)
{
	return curve(score, label, n, false, x, y, room);
}

void stats_regression(const double *predicted, const double *actual, size_t n, struct regression *out)
{
	*out = (struct regression){n, NAN, NAN, NAN};
	if (n == 0)
		return;
	struct moments m;
	struct careful square = {0, 0}, absolute = {0, 0};
	for (size_t i = 0; i < n; i++) {
		double miss = predicted[i] - actual[i];
		careful_add(&square, miss * miss);
		careful_add(&absolute, fabs(miss));
	}
	out->rmse = sqrt(careful_value(&square) / (double)n);
	out->mae = careful_value(&absolute) / (double)n;
	stats_moments(actual, n, &m);
	if (m.variance > 0)
		out->r2 = 1 - careful_value(&square) / (m.variance * (double)(n - 1));
}
