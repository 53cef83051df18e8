/* Assay's own measures. */
#include "inside.h"

enum {
	W = 1 << BIAS_WORST,
	R = 1 << BIAS_REFERENCE | 1 << BIAS_PAIR,
	REST = 1 << BIAS_REST,
	ALL = 1 << BIAS_OVERALL
};

static double odds(const struct view *v, size_t a, size_t b,
                   double (*of)(const struct view *, enum bias_rate), double (*join)(double, double))
{
	struct counts two[2];
	struct view pair = {.group = two, .count = 2};
	if (a != BIAS_NONE) { /* the worst of two is that of the pair */
		two[0] = v->group[a];
		two[1] = v->group[b];
		v = &pair;
	}
	double tpr = of(v, BIAS_TPR), fpr = of(v, BIAS_FPR);
	return isnan(tpr) || isnan(fpr) ? (double)NAN : join(tpr, fpr);
}

static double odds_difference(const struct view *v, size_t a, size_t b)
{
	return odds(v, a, b, worst_gap, fmax);
}

static double odds_ratio(const struct view *v, size_t a, size_t b)
{
	return odds(v, a, b, worst_ratio, fmin);
}

/* The group is a, the reference b: Clarify's facet d and its a. */
static double class_imbalance(const struct view *v, size_t a, size_t b)
{
	double d = (double)counts_n(&v->group[a]), n = (double)counts_n(&v->group[b]);
	return (n - d) / (n + d);
}

static double labels_apart(const struct view *v, size_t a, size_t b)
{
	return rate_of(BIAS_BASE_RATE, &v->group[b]) - rate_of(BIAS_BASE_RATE, &v->group[a]);
}

static double kl(const struct view *v, size_t a, size_t b)
{
	return value_kl(&v->group[b], &v->group[a]);
}

static double js(const struct view *v, size_t a, size_t b)
{
	return value_js(&v->group[b], &v->group[a]);
}

static double lp(const struct view *v, size_t a, size_t b)
{
	return value_norm(&v->group[b], &v->group[a], 2);
}

static double tvd(const struct view *v, size_t a, size_t b)
{
	return value_norm(&v->group[b], &v->group[a], 1) / 2;
}

static double ks(const struct view *v, size_t a, size_t b)
{
	return value_norm(&v->group[b], &v->group[a], 0);
}

static double disparity(const struct view *v, size_t a, size_t b)
{
	struct view flat = *v;
	(void)b;
	flat.stratum = NULL;
	return value_disparity(&flat, a, false);
}

static double disparity_in_strata(const struct view *v, size_t a, size_t b)
{
	(void)b;
	return value_disparity(v, a, false);
}

static double disparity_of_labels(const struct view *v, size_t a, size_t b)
{
	(void)b;
	return value_disparity(v, a, true);
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

#define GAP(NAME, RATE, WHAT, AGREES)                                                                        \
	{                                                                                                        \
		.name = NAME "_difference", .kind = DIFFERENCE, .rate = RATE, .scopes = W | R,                       \
		.definition = "The difference of the " WHAT " of two groups.", .formula = "a - b", .agrees = AGREES  \
	}
#define QUOTIENT(NAME, RATE, WHAT, AGREES)                                                                   \
	{                                                                                                        \
		.name = NAME "_ratio", .kind = RATIO, .rate = RATE, .scopes = W | R,                                 \
		.definition = "The " WHAT " of one group divided by that of another.", .formula = "a / b",           \
		.agrees = AGREES                                                                                     \
	}

static const struct measure_about MEASURES[] = {
    GAP("demographic_parity", BIAS_SELECTION_RATE, "selection rates",
        "fairlearn.metrics.demographic_parity_difference"),
    QUOTIENT("demographic_parity", BIAS_SELECTION_RATE, "selection rate",
             "fairlearn.metrics.demographic_parity_ratio"),
    GAP("equal_opportunity", BIAS_TPR, "true positive rates",
        "fairlearn.metrics.equal_opportunity_difference"),
    QUOTIENT("equal_opportunity", BIAS_TPR, "true positive rate",
             "fairlearn.metrics.equal_opportunity_ratio"),
    {.name = "equalized_odds_difference",
     .kind = ODDS_DIFFERENCE,
     .scopes = W | R,
     .value = odds_difference,
     .definition = "The larger of the differences of true and of false positive rates.",
     .formula = "max(|TPR a - TPR b|, |FPR a - FPR b|)",
     .agrees = "fairlearn.metrics.equalized_odds_difference"},
    {.name = "equalized_odds_ratio",
     .kind = ODDS_RATIO,
     .scopes = W | R,
     .value = odds_ratio,
     .definition =
         "The smaller of the ratios of true and of false positive rates, each the smaller by the larger.",
     .formula = "min(TPR min / TPR max, FPR min / FPR max)",
     .agrees = "fairlearn.metrics.equalized_odds_ratio"},
    GAP("predictive_parity", BIAS_PPV, "positive predictive values", ""),
    QUOTIENT("predictive_parity", BIAS_PPV, "positive predictive value", ""),
    GAP("treatment_equality", BIAS_FN_FP_RATIO, "ratios of refusals in error to selections in error",
        "smclarify TE (of two groups)"),
    GAP("base_rate", BIAS_BASE_RATE, "base rates", ""),
    QUOTIENT("base_rate", BIAS_BASE_RATE, "base rate", ""),
    GAP("fpr", BIAS_FPR, "false positive rates", ""),
    QUOTIENT("fpr", BIAS_FPR, "false positive rate", ""),
    GAP("tnr", BIAS_TNR, "true negative rates", ""),
    QUOTIENT("tnr", BIAS_TNR, "true negative rate", ""),
    GAP("fnr", BIAS_FNR, "false negative rates", ""),
    QUOTIENT("fnr", BIAS_FNR, "false negative rate", ""),
    GAP("npv", BIAS_NPV, "negative predictive values", ""),
    QUOTIENT("npv", BIAS_NPV, "negative predictive value", ""),
    GAP("accuracy", BIAS_ACCURACY, "accuracies", ""),
    QUOTIENT("accuracy", BIAS_ACCURACY, "accuracy", ""),
    GAP("mean_score", BIAS_MEAN_SCORE, "mean scores", ""),
    QUOTIENT("mean_score", BIAS_MEAN_SCORE, "mean score", ""),
    GAP("calibration_gap", BIAS_CALIBRATION_GAP, "calibration gaps", ""),
    {.name = "class_imbalance",
     .scopes = R,
     .value = class_imbalance,
     .form = BY_SHARE,
     .definition = "How many fewer cases the group has than the reference.",
     .formula = "(n reference - n group) / (n reference + n group)",
     .agrees = "smclarify CI"},
    {.name = "label_proportion_difference",
     .scopes = R,
     .value = labels_apart,
     .form = BY_LABELS,
     .definition = "The base rate of the reference less that of the group.",
     .formula = "base rate of reference - base rate of group",
     .agrees = "smclarify DPL"},
    {.name = "kl_divergence",
     .scopes = R,
     .value = kl,
     .form = BY_BOOTSTRAP_FROM_0,
     .definition = "Kullback and Leibler's divergence of the group's labels from the reference's, in nats.",
     .formula = "sum over labels of P ln(P / Q), P of the reference, Q of the group",
     .agrees = "smclarify KL"},
    {.name = "js_divergence",
     .scopes = R,
     .value = js,
     .form = BY_BOOTSTRAP_FROM_0,
     .definition = "Jensen and Shannon's divergence of the labels of group and reference, in nats.",
     .formula = "(KL(P, M) + KL(Q, M)) / 2, M = (P + Q) / 2",
     .agrees = "smclarify JS"},
    {.name = "lp_norm",
     .scopes = R,
     .value = lp,
     .form = BY_LABELS_SIZE,
     .definition = "The Euclidean distance of the shares of labels of group and reference.",
     .formula = "sqrt(sum over labels of (P - Q)^2)",
     .agrees = "smclarify LP"},
    {.name = "total_variation_distance",
     .scopes = R,
     .value = tvd,
     .form = BY_LABELS_SIZE,
     .definition = "Half the sum of the distances of the shares of labels of group and reference.",
     .formula = "sum over labels of |P - Q| / 2",
     .agrees = "smclarify TVD"},
    {.name = "ks_distance",
     .scopes = R,
     .value = ks,
     .form = BY_LABELS_SIZE,
     .definition = "The largest distance of the shares of a label of group and reference.",
     .formula = "max over labels of |P - Q|",
     .agrees = "smclarify KS"},
    {.name = "demographic_disparity",
     .scopes = REST,
     .value = disparity,
     .form = BY_DECISIONS,
     .definition = "The group's share of those who are refused less its share of those who are selected.",
     .formula = "refused in group / refused - selected in group / selected",
     .agrees = "smclarify CDDPL with a single stratum"},
    {.name = "conditional_demographic_disparity",
     .scopes = REST,
     .value = disparity_in_strata,
     .needs_strata = true,
     .definition = "The demographic disparity within each stratum, weighted by the cases in it.",
     .formula = "sum over strata of n_s disparity_s / n",
     .agrees = "smclarify CDDPL"},
    {.name = "conditional_demographic_disparity_in_labels",
     .scopes = REST,
     .value = disparity_of_labels,
     .needs_strata = true,
     .definition = "The demographic disparity of labels within each stratum, weighted by the cases in it.",
     .formula = "sum over strata of n_s disparity_s / n",
     .agrees = "smclarify CDDL"},
    {.name = "generalized_entropy",
     .scopes = ALL,
     .value = entropy,
     .definition =
         "How unevenly the benefit is spread over all cases: decision - label + 1, so 0, 1 or 2 each.",
     .formula = "sum over cases of ((b / mean b)^2 - 1) / (2 n)",
     .agrees = "aif360 generalized_entropy_index(alpha=2), smclarify GE"},
    {.name = "theil",
     .scopes = ALL,
     .value = theil,
     .definition = "How unevenly the benefit is spread over all cases, by Theil: decision - label + 1 each.",
     .formula = "sum over cases of (b / mean b) ln(b / mean b) / n",
     .agrees = "aif360 theil_index"},
};

const struct convention CONVENTION_ASSAY = {
    .name = "assay", .measures = MEASURES, .count = COUNT_OF(MEASURES)};
