/* Rates of one group, and their intervals. */
#include "inside.h"

/* Sets of cells. */
enum {
	OF_TN = 1 << TN,
	OF_FP = 1 << FP,
	OF_FN = 1 << FN,
	OF_TP = 1 << TP,
	EVERY = OF_TN | OF_FP | OF_FN | OF_TP,
	SETS = EVERY + 1
};

const struct rate_about RATES[BIAS_RATES] = {
    [BIAS_SELECTION_RATE] = {"selection_rate", "selection rate", "Of all cases, the share that is selected.",
                             "(TP + FP) / n", "fairlearn.metrics.selection_rate", OF_FP | OF_TP, EVERY,
                             "no cases"},
    [BIAS_BASE_RATE] = {"base_rate", "base rate", "Of all cases, the share whose label is positive.",
                        "(TP + FN) / n", "aif360 base_rate", OF_FN | OF_TP, EVERY, "no cases"},
    [BIAS_TPR] = {"tpr", "true positive rate",
                  "Of the cases whose label is positive, the share that is selected.", "TP / (TP + FN)",
                  "fairlearn.metrics.true_positive_rate", OF_TP, OF_FN | OF_TP, "no positive labels"},
    [BIAS_FPR] = {"fpr", "false positive rate",
                  "Of the cases whose label is negative, the share that is selected.", "FP / (FP + TN)",
                  "fairlearn.metrics.false_positive_rate", OF_FP, OF_TN | OF_FP, "no negative labels"},
    [BIAS_TNR] = {"tnr", "true negative rate",
                  "Of the cases whose label is negative, the share that is not selected.", "TN / (FP + TN)",
                  "fairlearn.metrics.true_negative_rate", OF_TN, OF_TN | OF_FP, "no negative labels"},
    [BIAS_FNR] = {"fnr", "false negative rate",
                  "Of the cases whose label is positive, the share that is not selected.", "FN / (TP + FN)",
                  "fairlearn.metrics.false_negative_rate", OF_FN, OF_FN | OF_TP, "no positive labels"},
    [BIAS_PPV] = {"ppv", "positive predictive value",
                  "Of the cases that are selected, the share whose label is positive.", "TP / (TP + FP)",
                  "sklearn.metrics.precision_score", OF_TP, OF_FP | OF_TP, "nobody is selected"},
    [BIAS_NPV] = {"npv", "negative predictive value",
                  "Of the cases that are not selected, the share whose label is negative.", "TN / (TN + FN)",
                  "aif360 negative_predictive_value", OF_TN, OF_TN | OF_FN, "everybody is selected"},
    [BIAS_ACCURACY] = {"accuracy", "accuracy", "Of all cases, the share whose decision is the label.",
                       "(TP + TN) / n", "sklearn.metrics.accuracy_score", OF_TN | OF_TP, EVERY, "no cases"},
    [BIAS_MEAN_SCORE] = {"mean_score", "mean score", "The mean of the scores.", "sum of scores / n",
                         "numpy.mean", 0, EVERY, "there are decisions, no scores"},
    [BIAS_CALIBRATION_GAP] =
        {"calibration_gap", "calibration gap",
         "The mean of the scores less the share whose label is positive: above 0, the scores "
         "promise more than happens.",
         "mean score - (TP + FN) / n", "", 0, EVERY, "there are decisions, no scores"},
    [BIAS_FN_FP_RATIO] = {"fn_fp_ratio", "refused in error to selected in error",
                          "How many cases are refused in error for each one that is selected in error.",
                          "FN / FP", "smclarify TE, each side", OF_FN, OF_FP, "nobody is selected in error"},
};

const char *bias_rate_name(enum bias_rate rate)
{
	return RATES[rate].name;
}

bool rate_is_share(enum bias_rate rate)
{
	return rate < BIAS_MEAN_SCORE;
}

double divide(double a, double b)
{
	return b == 0 ? (double)NAN : a / b;
}

void rate_parts(enum bias_rate rate, const struct counts *k, double *num, double *den)
{
	uint64_t above = 0, below = 0;
	for (int i = 0; i < CELLS; i++) {
		above += (RATES[rate].num >> i & 1) * k->c[i];
		below += (RATES[rate].den >> i & 1) * k->c[i];
	}
	*num = (double)above;
	*den = (double)below;
}

double rate_of(enum bias_rate rate, const struct counts *k)
{
	double num, den;
	if (rate == BIAS_MEAN_SCORE || rate == BIAS_CALIBRATION_GAP)
		return (double)NAN;
	rate_parts(rate, k, &num, &den);
	return divide(num, den);
}

void rates_of(const struct counts *k, double out[BIAS_RATES])
{
	double sum[SETS] = {0};
	for (unsigned set = 1; set < SETS; set++)
		sum[set] = sum[set & (set - 1)] + (double)(int64_t)k->c[__builtin_ctz(set)];
	for (enum bias_rate rate = 0; rate < BIAS_RATES; rate++) {
		double den = sum[RATES[rate].den], x = sum[RATES[rate].num] / (den != 0 ? den : 1);
		out[rate] = RATES[rate].num && den != 0 ? x : (double)NAN;
	}
}

/* The scores of a group, or its scores less its labels, as one sample. */
static struct spread whole(const struct group_scores *scores, bool less_labels)
{
	struct spread all = scores->label[0], positive = scores->label[1];
	positive.mean -= less_labels;
	spread_add(&all, &positive);
	return all;
}

static double log_half(double level, double variance)
{
	return stats_normal_quantile(0.5 + level / 2) * sqrt(variance);
}

void rate_interval(const struct bias_settings *s, enum bias_rate rate, const struct counts *k,
                   const struct group_scores *scores, double level, struct estimate *out)
{
	double num, den;
	out->low = out->high = (double)NAN;
	rate_parts(rate, k, &num, &den);
	if (rate_is_share(rate)) {
		out->value = divide(num, den);
		if (den > 0)
			(s->exact ? stats_clopper_pearson : stats_wilson)(num, den, level, &out->low, &out->high);
		return;
	}
	if (rate == BIAS_FN_FP_RATIO) {
		out->value = divide(num, den);
		if (num == 0 || den == 0) {
			num += 0.5;
			den += 0.5;
		}
		double half = log_half(level, 1 / num + 1 / den);
		out->low = out->value == 0 ? 0 : num / den * exp(-half);
		out->high = num / den * exp(half);
		if (isnan(out->value)) /* FN / 0: only bounded from below */
			out->high = (double)INFINITY;
		return;
	}
	if (!scores) {
		out->value = (double)NAN;
		return;
	}
	struct spread all = whole(scores, rate == BIAS_CALIBRATION_GAP);
	out->value = all.mean;
	if (all.n > 1) {
		double half = stats_t_quantile(0.5 + level / 2, all.n - 1) * sqrt(all.m2 / (all.n - 1) / all.n);
		out->low = all.mean - half;
		out->high = all.mean + half;
	}
}

void rate_group(const struct bias_settings *s, const struct counts *k, const struct group_scores *scores,
                const double levels[LEVELS], struct rated *out)
{
	for (enum bias_rate rate = 0; rate < BIAS_RATES; rate++) {
		struct rated *r = &out[rate];
		*r = (struct rated){.log_value = (double)NAN, .log_spread = (double)NAN};
		int most = rate == BIAS_TPR || rate == BIAS_FPR ? LEVELS : AT_ODDS_PAIR;
		for (int i = 0; i < most; i++) {
			int same = 0;
			while (same < i && levels[same] != levels[i])
				same++;
			if (same < i)
				r->at[i] = r->at[same];
			else
				rate_interval(s, rate, k, scores, levels[i], &r->at[i]);
		}
		r->value = r->at[AT_PLAIN].value;
		rate_parts(rate, k, &r->num, &r->den);
		if (rate == BIAS_MEAN_SCORE && scores) {
			struct spread all = whole(scores, false);
			if (all.n > 1 && all.mean > 0) {
				r->log_value = log(all.mean);
				r->log_spread = all.m2 / (all.n - 1) / all.n / (all.mean * all.mean);
			}
		}
		r->why = isnan(r->value) ? RATES[rate].why : NULL;
	}
}

void view_enough(const struct bias_settings *s, const struct counts *group, size_t count, bool *enough)
{
	for (size_t g = 0; g < count; g++)
		for (enum bias_rate rate = 0; rate < BIAS_RATES; rate++) {
			double num, den;
			rate_parts(rate, &group[g], &num, &den);
			/* Of odds, the errors of either kind together are what must be there in number. */
			enough[g * BIAS_RATES + rate] =
			    (double)counts_n(&group[g]) >= (double)s->minimum &&
			    (rate == BIAS_FN_FP_RATIO ? num + den : den) >= (double)s->minimum_denominator;
		}
}
