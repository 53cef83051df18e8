/* SageMaker Clarify's measures: the facet d is the group a, and everybody else is its a. 0/0 is 0 and x/0
 * infinite, as there. Its flip test needs the features and is not here. Held against smclarify 0.5. */
#include "inside.h"

enum { REST = 1 << BIAS_REST, ALL = 1 << BIAS_OVERALL };

static double quotient(double x, double y)
{
	return y != 0 ? x / y : x == 0 ? 0 : (double)INFINITY;
}

/* Two infinities are as far apart as two equals. */
static double apart(double x, double y)
{
	return isinf(x) && isinf(y) ? 0 : x - y;
}

static double one(enum bias_rate rate, const struct counts *k)
{
	double num, den;
	rate_parts(rate, k, &num, &den);
	return quotient(num, den);
}

/* The rest's less the facet's. */
static double rest_first(const struct measure_about *m, const struct view *v, size_t a, size_t b)
{
	struct counts rest = rest_of(v, a);
	(void)b;
	return apart(one(m->rate, &rest), one(m->rate, &v->group[a]));
}

static double facet_first(const struct measure_about *m, const struct view *v, size_t a, size_t b)
{
	return -rest_first(m, v, a, b);
}

static double class_imbalance(const struct view *v, size_t a, size_t b)
{
	double d = (double)counts_n(&v->group[a]), n = (double)counts_n(&v->total);
	(void)b;
	return (n - 2 * d) / n;
}

static double kl(const struct view *v, size_t a, size_t b)
{
	struct counts rest = rest_of(v, a);
	(void)b;
	return value_kl(&rest, &v->group[a]);
}

static double js(const struct view *v, size_t a, size_t b)
{
	struct counts rest = rest_of(v, a);
	(void)b;
	return value_js(&rest, &v->group[a]);
}

static double lp(const struct view *v, size_t a, size_t b)
{
	struct counts rest = rest_of(v, a);
	(void)b;
	return value_norm(&rest, &v->group[a], 2);
}

static double tvd(const struct view *v, size_t a, size_t b)
{
	struct counts rest = rest_of(v, a);
	(void)b;
	return value_norm(&rest, &v->group[a], 1) / 2;
}

static double ks(const struct view *v, size_t a, size_t b)
{
	struct counts rest = rest_of(v, a);
	(void)b;
	return value_norm(&rest, &v->group[a], 0);
}

static double impact(const struct view *v, size_t a, size_t b)
{
	struct counts rest = rest_of(v, a);
	(void)b;
	return quotient(one(BIAS_SELECTION_RATE, &v->group[a]), one(BIAS_SELECTION_RATE, &rest));
}

/* How many are so, for each who is said to be so. */
static double accepted(const struct counts *k)
{
	return quotient((double)(k->c[FN] + k->c[TP]), (double)(k->c[FP] + k->c[TP]));
}

static double refused(const struct counts *k)
{
	return quotient((double)(k->c[FP] + k->c[TN]), (double)(k->c[FN] + k->c[TN]));
}

static double acceptance(const struct view *v, size_t a, size_t b)
{
	struct counts rest = rest_of(v, a);
	(void)b;
	return apart(accepted(&rest), accepted(&v->group[a]));
}

static double rejection(const struct view *v, size_t a, size_t b)
{
	struct counts rest = rest_of(v, a);
	(void)b;
	return apart(refused(&v->group[a]), refused(&rest));
}

static double disparity(const struct view *v, size_t a, size_t b)
{
	(void)b;
	return value_disparity(v, a, false);
}

static double label_disparity(const struct view *v, size_t a, size_t b)
{
	(void)b;
	return value_disparity(v, a, true);
}

static double entropy(const struct view *v, size_t a, size_t b)
{
	(void)a, (void)b;
	return value_entropy(&v->total, 2);
}

#define OF(NAME, FUNCTION, WHAT, FORMULA)                                                                    \
	{                                                                                                        \
		.name = NAME, .scopes = REST, .value = FUNCTION, .definition = WHAT, .formula = FORMULA,             \
		.agrees = "smclarify " NAME                                                                          \
	}
#define OF_RATE(NAME, RATE, FUNCTION, WHAT, FORMULA)                                                         \
	{                                                                                                        \
		.name = NAME, .scopes = REST, .rate = RATE, .of_rate = FUNCTION, .definition = WHAT,                 \
		.formula = FORMULA, .agrees = "smclarify " NAME                                                      \
	}

static const struct measure_about MEASURES[] = {
    OF("CI", class_imbalance, "Class imbalance.", "(n a - n d) / n"),
    OF_RATE("DPL", BIAS_BASE_RATE, rest_first, "Difference in proportions of labels.", "q a - q d"),
    OF("KL", kl, "Kullback-Leibler divergence of labels, in nats.", "sum P ln(P / Q), P of a, Q of d"),
    OF("JS", js, "Jensen-Shannon divergence of labels, in nats.", "(KL(P, M) + KL(Q, M)) / 2"),
    OF("LP", lp, "L2 norm of labels.", "sqrt(sum (P - Q)^2)"),
    OF("TVD", tvd, "Total variation distance of labels.", "sum |P - Q| / 2"),
    OF("KS", ks, "Largest distance of the share of a label.", "max |P - Q|"),
    {.name = "CDDL",
     .scopes = REST,
     .value = label_disparity,
     .needs_strata = true,
     .definition = "Conditional demographic disparity in labels.",
     .formula = "sum n_s (share of d among refused - among accepted) / n",
     .agrees = "smclarify CDDL"},
    OF_RATE("DPPL", BIAS_SELECTION_RATE, rest_first,
            "Difference in positive proportions in predicted labels.", "q a - q d"),
    OF("DI", impact, "Disparate impact.", "q d / q a"),
    OF("DCA", acceptance, "Difference in conditional acceptance.", "(labels / decisions) a - d, positive"),
    OF("DCR", rejection, "Difference in conditional rejection.", "(labels / decisions) d - a, negative"),
    OF_RATE("RD", BIAS_TPR, rest_first, "Recall difference.", "TPR a - TPR d"),
    OF_RATE("SD", BIAS_TNR, facet_first, "Specificity difference.", "TNR d - TNR a"),
    OF_RATE("DAR", BIAS_PPV, rest_first, "Difference in acceptance rates.", "PPV a - PPV d"),
    OF_RATE("DRR", BIAS_NPV, facet_first, "Difference in rejection rates.", "NPV d - NPV a"),
    OF_RATE("AD", BIAS_ACCURACY, rest_first, "Accuracy difference.", "ACC a - ACC d"),
    OF_RATE("TE", BIAS_FN_FP_RATIO, facet_first, "Treatment equality.", "(FN / FP) d - (FN / FP) a"),
    {.name = "CDDPL",
     .scopes = REST,
     .value = disparity,
     .needs_strata = true,
     .definition = "Conditional demographic disparity in predicted labels.",
     .formula = "sum n_s (share of d among refused - among accepted) / n",
     .agrees = "smclarify CDDPL"},
    {.name = "GE",
     .scopes = ALL,
     .value = entropy,
     .definition = "Generalized entropy, alpha 2.",
     .formula = "sum ((b / mean b)^2 - 1) / (2 n), b = decision - label + 1",
     .agrees = "smclarify GE"},
};

const struct convention CONVENTION_CLARIFY = {
    .name = "clarify", .measures = MEASURES, .count = COUNT_OF(MEASURES), .all_groups = true};
