/* Fairlearn's measures: every group takes part, and a rate of nobody is 0. Held against fairlearn 0.15. */
#include "inside.h"

enum { W = 1 << BIAS_WORST };

/* The rate as scikit-learn's confusion matrix has it: 0 where there is nobody. */
static double rate_or_0(enum bias_rate rate, const struct counts *k)
{
	double x = rate_of(rate, k);
	return isnan(x) ? 0 : x;
}

static double harmonic(double a, double b)
{
	return a + b > 0 ? 2 * a * b / (a + b) : 0;
}

static double one(const struct measure_about *m, const struct counts *k)
{
	double x = rate_or_0(m->rate, k);
	return m->complement ? 1 - x : x;
}

static void range(const struct measure_about *m, const struct view *v, double *low, double *high)
{
	*low = (double)INFINITY;
	*high = -(double)INFINITY;
	for (size_t g = 0; g < v->count; g++) {
		double x = one(m, &v->group[g]);
		*low = fmin(*low, x);
		*high = fmax(*high, x);
	}
}

static double difference(const struct measure_about *m, const struct view *v, size_t a, size_t b)
{
	double low, high;
	(void)a, (void)b;
	range(m, v, &low, &high);
	return high - low;
}

static double ratio(const struct measure_about *m, const struct view *v, size_t a, size_t b)
{
	double low, high;
	(void)a, (void)b;
	range(m, v, &low, &high);
	return divide(low, high);
}

static double lowest(const struct measure_about *m, const struct view *v, size_t a, size_t b)
{
	double low, high;
	(void)a, (void)b;
	range(m, v, &low, &high);
	return low;
}

static const struct measure_about TPR = {.rate = BIAS_TPR}, FPR = {.rate = BIAS_FPR};

static double odds_difference(const struct view *v, size_t a, size_t b)
{
	return fmax(difference(&TPR, v, a, b), difference(&FPR, v, a, b));
}

static double odds_difference_mean(const struct view *v, size_t a, size_t b)
{
	return (difference(&TPR, v, a, b) + difference(&FPR, v, a, b)) / 2;
}

static double odds_ratio(const struct view *v, size_t a, size_t b)
{
	double t = ratio(&TPR, v, a, b), f = ratio(&FPR, v, a, b);
	/* Python's min of the two: one that is NaN does not win. */
	return isnan(f) ? t : isnan(t) ? f : fmin(t, f);
}

/* The mean over the labels that occur. */
static double balanced(const struct counts *k)
{
	double t = rate_of(BIAS_TPR, k), f = rate_of(BIAS_TNR, k);
	return isnan(t) ? f : isnan(f) ? t : (t + f) / 2;
}

static double balanced_low(const struct view *v, size_t a, size_t b)
{
	double low = (double)INFINITY;
	(void)a, (void)b;
	for (size_t g = 0; g < v->count; g++)
		low = fmin(low, balanced(&v->group[g]));
	return low;
}

static double f1_low(const struct view *v, size_t a, size_t b)
{
	double low = (double)INFINITY;
	(void)a, (void)b;
	for (size_t g = 0; g < v->count; g++)
		low = fmin(low, harmonic(rate_or_0(BIAS_PPV, &v->group[g]), rate_or_0(BIAS_TPR, &v->group[g])));
	return low;
}

#define GAP(NAME, RATE, COMPLEMENT)                                                                          \
	{                                                                                                        \
		.name = NAME "_difference", .rate = RATE, .complement = COMPLEMENT, .scopes = W,                     \
		.of_rate = difference, .definition = "The largest value of a group less the smallest.",              \
		.formula = "max - min", .agrees = "fairlearn.metrics." NAME "_difference"                            \
	}
#define QUOTIENT(NAME, RATE, COMPLEMENT)                                                                     \
	{                                                                                                        \
		.name = NAME "_ratio", .rate = RATE, .complement = COMPLEMENT, .scopes = W, .of_rate = ratio,        \
		.definition = "The smallest value of a group divided by the largest.", .formula = "min / max",       \
		.agrees = "fairlearn.metrics." NAME "_ratio"                                                         \
	}
#define LOWEST(NAME, RATE)                                                                                   \
	{                                                                                                        \
		.name = NAME "_group_min", .rate = RATE, .scopes = W, .of_rate = lowest,                             \
		.definition = "The smallest value of a group.", .formula = "min",                                    \
		.agrees = "fairlearn.metrics." NAME "_group_min"                                                     \
	}

static const struct measure_about MEASURES[] = {
    GAP("demographic_parity", BIAS_SELECTION_RATE, false),
    QUOTIENT("demographic_parity", BIAS_SELECTION_RATE, false),
    GAP("equal_opportunity", BIAS_TPR, false),
    QUOTIENT("equal_opportunity", BIAS_TPR, false),
    {.name = "equalized_odds_difference",
     .scopes = W,
     .value = odds_difference,
     .definition = "The larger of the ranges of true and of false positive rates.",
     .formula = "max(TPR max - min, FPR max - min)",
     .agrees = "fairlearn.metrics.equalized_odds_difference"},
    {.name = "equalized_odds_difference_mean",
     .scopes = W,
     .value = odds_difference_mean,
     .definition = "The mean of the ranges of true and of false positive rates.",
     .formula = "((TPR max - min) + (FPR max - min)) / 2",
     .agrees = "fairlearn.metrics.equalized_odds_difference(agg=\"mean\")"},
    {.name = "equalized_odds_ratio",
     .scopes = W,
     .value = odds_ratio,
     .definition = "The smaller of the ratios of true and of false positive rates.",
     .formula = "min(TPR min / max, FPR min / max)",
     .agrees = "fairlearn.metrics.equalized_odds_ratio"},
    GAP("selection_rate", BIAS_SELECTION_RATE, false),
    QUOTIENT("selection_rate", BIAS_SELECTION_RATE, false),
    GAP("true_positive_rate", BIAS_TPR, false),
    QUOTIENT("true_positive_rate", BIAS_TPR, false),
    GAP("true_negative_rate", BIAS_TNR, false),
    QUOTIENT("true_negative_rate", BIAS_TNR, false),
    GAP("false_positive_rate", BIAS_FPR, false),
    QUOTIENT("false_positive_rate", BIAS_FPR, false),
    GAP("false_negative_rate", BIAS_FNR, false),
    QUOTIENT("false_negative_rate", BIAS_FNR, false),
    GAP("accuracy_score", BIAS_ACCURACY, false),
    QUOTIENT("accuracy_score", BIAS_ACCURACY, false),
    LOWEST("accuracy_score", BIAS_ACCURACY),
    GAP("zero_one_loss", BIAS_ACCURACY, true),
    QUOTIENT("zero_one_loss", BIAS_ACCURACY, true),
    LOWEST("precision_score", BIAS_PPV),
    LOWEST("recall_score", BIAS_TPR),
    {.name = "balanced_accuracy_score_group_min",
     .scopes = W,
     .value = balanced_low,
     .definition = "The smallest mean of true positive and true negative rate of a group.",
     .formula = "min((TPR + TNR) / 2)",
     .agrees = "fairlearn.metrics.balanced_accuracy_score_group_min"},
    {.name = "f1_score_group_min",
     .scopes = W,
     .value = f1_low,
     .definition = "The smallest harmonic mean of PPV and TPR of a group.",
     .formula = "min(2 PPV TPR / (PPV + TPR))",
     .agrees = "fairlearn.metrics.f1_score_group_min"},
};

const struct convention CONVENTION_FAIRLEARN = {
    .name = "fairlearn", .measures = MEASURES, .count = COUNT_OF(MEASURES), .all_groups = true};
