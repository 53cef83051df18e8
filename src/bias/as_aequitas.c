/* Aequitas' disparities: the group's value by the reference's, 10 where only the latter is 0, as there. Held
 * against aequitas 1.1. */
#include "inside.h"

enum { R = 1 << BIAS_REFERENCE | 1 << BIAS_PAIR, WHERE_NOBODY = 10 };

static double quotient(double x, double y)
{
	return y == 0 && x > 0 ? WHERE_NOBODY : divide(x, y);
}

static double disparity(const struct measure_about *m, const struct view *v, size_t a, size_t b)
{
	double x = rate_of(m->rate, &v->group[a]), y = rate_of(m->rate, &v->group[b]);
	return m->complement ? quotient(1 - x, 1 - y) : quotient(x, y);
}

/* Each group's share of all who are selected: depends on how large the groups are. */
static double selected_share(const struct view *v, size_t a, size_t b)
{
	return quotient((double)(v->group[a].c[FP] + v->group[a].c[TP]),
	                (double)(v->group[b].c[FP] + v->group[b].c[TP]));
}

#define OF_RATE(NAME, RATE, COMPLEMENT, WHAT)                                                                \
	{                                                                                                        \
		.name = NAME "_disparity", .scopes = R, .rate = RATE, .complement = COMPLEMENT,                      \
		.of_rate = disparity, .definition = WHAT " of the group by that of the reference.",                  \
		.formula = "group / reference", .agrees = "aequitas " NAME "_disparity"                              \
	}

static const struct measure_about MEASURES[] = {
    {.name = "ppr_disparity",
     .scopes = R,
     .value = selected_share,
     .definition = "The group's share of all who are selected by that of the reference.",
     .formula = "selected in group / selected in reference",
     .agrees = "aequitas ppr_disparity"},
    OF_RATE("pprev", BIAS_SELECTION_RATE, false, "The selection rate"),
    OF_RATE("precision", BIAS_PPV, false, "The positive predictive value"),
    OF_RATE("fdr", BIAS_PPV, true, "The false discovery rate"),
    OF_RATE("for", BIAS_NPV, true, "The false omission rate"),
    OF_RATE("fpr", BIAS_FPR, false, "The false positive rate"),
    OF_RATE("fnr", BIAS_FNR, false, "The false negative rate"),
    OF_RATE("tpr", BIAS_TPR, false, "The true positive rate"),
    OF_RATE("tnr", BIAS_TNR, false, "The true negative rate"),
    OF_RATE("npv", BIAS_NPV, false, "The negative predictive value"),
};

const struct convention CONVENTION_AEQUITAS = {
    .name = "aequitas", .measures = MEASURES, .count = COUNT_OF(MEASURES), .all_groups = true};
