/* What predictions are worth, as one struct and as JSON. */
#include <math.h>

#include "assay/learn.h"

void evaluation_compute(struct evaluation *e, const double *score, const double *label, size_t n,
                        double threshold)
{
	double *s = xcalloc(n + 1, sizeof *s);
	uint8_t *y = xcalloc(n + 1, 1);
	*e = (struct evaluation){.threshold = threshold};
	for (size_t i = 0; i < n; i++) {
		if (isnan(label[i])) {
			e->unlabelled++;
			continue;
		}
		s[e->n] = score[i];
		y[e->n] = label[i] > 0;
		e->positives += y[e->n++];
	}
	stats_auc(s, y, e->n, 0.95, &e->auc);
	e->average_precision = stats_average_precision(s, y, e->n);
	e->log_loss = stats_log_loss(s, y, e->n);
	e->brier = stats_brier(s, y, e->n);
	stats_confusion(s, y, e->n, threshold, &e->confusion);
	e->accuracy = e->n ? (double)(e->confusion.tp + e->confusion.tn) / (double)e->n : (double)NAN;
	stats_calibration(s, y, e->n, false, &e->uniform);
	stats_calibration(s, y, e->n, true, &e->equal_mass);
	if (e->n == 0)
		e->why = "no labelled rows";
	else if (e->positives == 0)
		e->why = "no positive row";
	else if (e->positives == e->n)
		e->why = "no negative row";
	else if (e->positives == 1 || e->positives + 1 == e->n)
		e->why = "one row of a class has no variance";
	free(s);
	free(y);
}

static void bins_json(struct json_writer *j, const char *key, const struct calibration *c)
{
	jw_array(j, key);
	for (size_t i = 0; i < STATS_CALIBRATION_BINS; i++) {
		const struct calibration_bin *b = &c->bin[i];
		jw_object(j, NULL);
		jw_int(j, "count", (int64_t)b->count);
		jw_num(j, "high", b->high, "empty bin");
		jw_num(j, "low", b->low, "empty bin");
		jw_num(j, "mean_score", b->mean_score, "empty bin");
		jw_int(j, "positives", (int64_t)b->positives);
		jw_num(j, "rate", b->rate, "empty bin");
		jw_object_end(j);
	}
	jw_array_end(j);
}

void evaluation_json(const struct evaluation *e, struct json_writer *j)
{
	const char *why = e->why ? e->why : "not finite";
	jw_num(j, "accuracy", e->accuracy, why);
	jw_object(j, "auc");
	jw_num(j, "high", e->auc.high, why);
	jw_num(j, "low", e->auc.low, why);
	jw_num(j, "value", e->auc.value, why);
	jw_num(j, "variance", e->auc.variance, why);
	jw_object_end(j);
	jw_num(j, "average_precision", e->average_precision, why);
	jw_num(j, "brier", e->brier, why);
	bins_json(j, "calibration", &e->uniform);
	bins_json(j, "calibration_equal_mass", &e->equal_mass);
	jw_object(j, "confusion");
	jw_int(j, "fn", (int64_t)e->confusion.fn);
	jw_int(j, "fp", (int64_t)e->confusion.fp);
	jw_int(j, "tn", (int64_t)e->confusion.tn);
	jw_int(j, "tp", (int64_t)e->confusion.tp);
	jw_object_end(j);
	jw_num(j, "ece", e->uniform.ece, why);
	jw_num(j, "ece_equal_mass", e->equal_mass.ece, why);
	jw_num(j, "log_loss", e->log_loss, why);
	jw_num(j, "mce", e->uniform.mce, why);
	jw_int(j, "n", (int64_t)e->n);
	jw_int(j, "positives", (int64_t)e->positives);
	jw_num(j, "threshold", e->threshold, why);
	jw_int(j, "unlabelled", (int64_t)e->unlabelled);
}
