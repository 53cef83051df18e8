/* AIF360's measures: a is the unprivileged group, b (the reference) the privileged. Held against aif360
 * 0.6.1. */
#include "inside.h"

enum { W = 1 << BIAS_WORST, R = 1 << BIAS_REFERENCE | 1 << BIAS_PAIR, ALL = 1 << BIAS_OVERALL };

/* As there: of nobody selected or refused, both the rate and what it lacks to 1 are 0. */
static double one(const struct measure_about *m, const struct counts *k)
{
	double x = rate_of(m->rate, k);
	if (isnan(x) && (m->rate == BIAS_PPV || m->rate == BIAS_NPV))
		return 0;
	return m->complement ? 1 - x : x;
}

static double difference(const struct measure_about *m, const struct view *v, size_t a, size_t b)
{
	return one(m, &v->group[a]) - one(m, &v->group[b]);
}

static double ratio(const struct measure_about *m, const struct view *v, size_t a, size_t b)
{
	double x = one(m, &v->group[a]), y = one(m, &v->group[b]);
	return y == 0 && x > 0 ? (double)INFINITY : divide(x, y);
}

static const struct measure_about TPR = {.rate = BIAS_TPR}, FPR = {.rate = BIAS_FPR},
                                  PPV = {.rate = BIAS_PPV}, FOR = {.rate = BIAS_NPV, .complement = true};

static double average_odds(const struct view *v, size_t a, size_t b)
{
	return (difference(&FPR, v, a, b) + difference(&TPR, v, a, b)) / 2;
}

static double average_abs_odds(const struct view *v, size_t a, size_t b)
{
	return (fabs(difference(&FPR, v, a, b)) + fabs(difference(&TPR, v, a, b))) / 2;
}

static double equalized_odds(const struct view *v, size_t a, size_t b)
{
	double t = fabs(difference(&TPR, v, a, b)), f = fabs(difference(&FPR, v, a, b));
	return isnan(f) ? f : fmax(f, t); /* Python's max of the two: a second that is NaN does not win */
}

static double average_predictive(const struct view *v, size_t a, size_t b)
{
	return (difference(&PPV, v, a, b) + difference(&FOR, v, a, b)) / 2;
}

static double class_imbalance(const struct view *v, size_t a, size_t b)
{
	double d = (double)counts_n(&v->group[a]), n = (double)counts_n(&v->group[b]);
	return (d - n) / (n + d);
}

static double kl(const struct view *v, size_t a, size_t b)
{
	/* A label that the unprivileged never have makes it infinite. */
	double p = rate_of(BIAS_BASE_RATE, &v->group[b]), q = rate_of(BIAS_BASE_RATE, &v->group[a]), sum = 0;
	if (p > 0)
		sum += p * log(p / q);
	if (p < 1)
		sum += (1 - p) * log((1 - p) / (1 - q));
	return sum;
}

static double entropy(const struct view *v, size_t a, size_t b)
{
	(void)a, (void)b;
	return value_entropy(&v->total, 2);
}

static double theil(const struct view *v, size_t a, size_t b)
{
	(void)a, (void)b;
	return value_entropy(&v->total, 1);
}

static double variation(const struct view *v, size_t a, size_t b)
{
	return sqrt(2 * entropy(v, a, b));
}

/* Smoothed with concentration 1, over every group. */
static double differential(const struct view *v, enum bias_rate rate)
{
	double low = (double)INFINITY, high = -(double)INFINITY;
	for (size_t g = 0; g < v->count; g++) {
		double num, den;
		rate_parts(rate, &v->group[g], &num, &den);
		double x = (num + 0.5) / (den + 1);
		low = fmin(low, x);
		high = fmax(high, x);
	}
	return v->count < 2 ? (double)NAN : fmax(log(high) - log(low), log(1 - low) - log(1 - high));
}

static double differential_labels(const struct view *v, size_t a, size_t b)
{
	(void)a, (void)b;
	return differential(v, BIAS_BASE_RATE);
}

static double amplification(const struct view *v, size_t a, size_t b)
{
	(void)a, (void)b;
	return differential(v, BIAS_SELECTION_RATE) - differential(v, BIAS_BASE_RATE);
}

#define GAP(NAME, RATE, COMPLEMENT)                                                                          \
	{                                                                                                        \
		.name = NAME "_difference", .rate = RATE, .complement = COMPLEMENT, .scopes = R,                     \
		.of_rate = difference, .definition = "The value of the unprivileged less that of the privileged.",   \
		.formula = "unprivileged - privileged", .agrees = "aif360 ClassificationMetric." NAME "_difference"  \
	}
#define QUOTIENT(NAME, RATE, COMPLEMENT)                                                                     \
	{                                                                                                        \
		.name = NAME "_ratio", .rate = RATE, .complement = COMPLEMENT, .scopes = R, .of_rate = ratio,        \
		.definition = "The value of the unprivileged divided by that of the privileged.",                    \
		.formula = "unprivileged / privileged", .agrees = "aif360 ClassificationMetric." NAME "_ratio"       \
	}

static const struct measure_about MEASURES[] = {
    GAP("statistical_parity", BIAS_SELECTION_RATE, false),
    {.name = "disparate_impact",
     .rate = BIAS_SELECTION_RATE,
     .scopes = R,
     .of_rate = ratio,
     .definition = "The selection rate of the unprivileged divided by that of the privileged.",
     .formula = "unprivileged / privileged",
     .agrees = "aif360 ClassificationMetric.disparate_impact"},
    GAP("equal_opportunity", BIAS_TPR, false),
    {.name = "average_odds_difference",
     .scopes = R,
     .value = average_odds,
     .definition = "The mean of the differences of false and of true positive rates, signed.",
     .formula = "((FPR u - FPR p) + (TPR u - TPR p)) / 2",
     .agrees = "aif360 ClassificationMetric.average_odds_difference"},
    {.name = "average_abs_odds_difference",
     .scopes = R,
     .value = average_abs_odds,
     .definition = "The mean of the sizes of the differences of false and of true positive rates.",
     .formula = "(|FPR u - FPR p| + |TPR u - TPR p|) / 2",
     .agrees = "aif360 ClassificationMetric.average_abs_odds_difference"},
    {.name = "equalized_odds_difference",
     .scopes = R,
     .value = equalized_odds,
     .definition = "The larger of the sizes of the differences of false and of true positive rates.",
     .formula = "max(|FPR u - FPR p|, |TPR u - TPR p|)",
     .agrees = "aif360 ClassificationMetric.equalized_odds_difference"},
    {.name = "average_predictive_value_difference",
     .scopes = R,
     .value = average_predictive,
     .definition = "The mean of the differences of positive predictive value and false omission rate.",
     .formula = "((PPV u - PPV p) + (FOR u - FOR p)) / 2",
     .agrees = "aif360 ClassificationMetric.average_predictive_value_difference"},
    GAP("true_positive_rate", BIAS_TPR, false),
    GAP("false_positive_rate", BIAS_FPR, false),
    QUOTIENT("false_positive_rate", BIAS_FPR, false),
    GAP("false_negative_rate", BIAS_FNR, false),
    QUOTIENT("false_negative_rate", BIAS_FNR, false),
    GAP("false_omission_rate", BIAS_NPV, true),
    QUOTIENT("false_omission_rate", BIAS_NPV, true),
    GAP("false_discovery_rate", BIAS_PPV, true),
    QUOTIENT("false_discovery_rate", BIAS_PPV, true),
    GAP("error_rate", BIAS_ACCURACY, true),
    QUOTIENT("error_rate", BIAS_ACCURACY, true),
    {.name = "mean_difference",
     .rate = BIAS_BASE_RATE,
     .scopes = R,
     .of_rate = difference,
     .definition = "The base rate of the unprivileged less that of the privileged.",
     .formula = "unprivileged - privileged",
     .agrees = "aif360 BinaryLabelDatasetMetric.mean_difference"},
    {.name = "class_imbalance",
     .scopes = R,
     .value = class_imbalance,
     .definition = "How many more cases the unprivileged have than the privileged.",
     .formula = "(n unprivileged - n privileged) / (n unprivileged + n privileged)",
     .agrees = "aif360.sklearn.metrics.class_imbalance"},
    {.name = "kl_divergence",
     .scopes = R,
     .value = kl,
     .definition =
         "Kullback and Leibler's divergence of the unprivileged labels from the privileged, in nats.",
     .formula = "sum over labels of P ln(P / Q), P of the privileged, Q of the unprivileged",
     .agrees = "aif360.sklearn.metrics.kl_divergence"},
    {.name = "smoothed_empirical_differential_fairness",
     .scopes = W,
     .value = differential_labels,
     .definition =
         "The largest distance of the logarithms of two groups' smoothed base rates (or of 1 - rate).",
     .formula = "max(|ln r_i - ln r_j|, |ln(1 - r_i) - ln(1 - r_j)|), r = (k + 1/2) / (n + 1)",
     .agrees = "aif360 BinaryLabelDatasetMetric.smoothed_empirical_differential_fairness"},
    {.name = "differential_fairness_bias_amplification",
     .scopes = W,
     .value = amplification,
     .definition = "The differential fairness of the decisions less that of the labels.",
     .formula = "of decisions - of labels",
     .agrees = "aif360 ClassificationMetric.differential_fairness_bias_amplification"},
    {.name = "generalized_entropy_index",
     .scopes = ALL,
     .value = entropy,
     .definition = "How unevenly the benefit is spread over all cases: decision - label + 1 each.",
     .formula = "sum over cases of ((b / mean b)^2 - 1) / (2 n)",
     .agrees = "aif360 ClassificationMetric.generalized_entropy_index(alpha=2)"},
    {.name = "theil_index",
     .scopes = ALL,
     .value = theil,
     .definition = "The same by Theil.",
     .formula = "sum over cases of (b / mean b) ln(b / mean b) / n",
     .agrees = "aif360 ClassificationMetric.theil_index"},
    {.name = "coefficient_of_variation",
     .scopes = ALL,
     .value = variation,
     .definition = "The root of twice the generalized entropy index.",
     .formula = "sqrt(2 GE)",
     .agrees = "aif360 ClassificationMetric.coefficient_of_variation"},
};

const struct convention CONVENTION_AIF360 = {
    .name = "aif360", .measures = MEASURES, .count = COUNT_OF(MEASURES), .all_groups = true};
