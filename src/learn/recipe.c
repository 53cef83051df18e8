/* The recipes and their parameters. */
#include <math.h>

#include "assay/learn.h"
#include "inside.h"

#define ENCODING_PARAMS(levels)                                                                              \
	{"min_count", LEARN_INT, 1, 1e9, 10, "a category seen in fewer training rows is joined into (other)"},   \
	{                                                                                                        \
		"max_levels", LEARN_INT, 1, 10000, levels,                                                           \
		    "at most so many categories of a column, the rest is (other)"                                    \
	}

static const struct learn_param logistic_params[] = {
    {"l2", LEARN_NUM, 0, INFINITY, 1,
     "penalty: l2/2 times the sum of squared coefficients of scaled columns"},
    {"max_iterations", LEARN_INT, 1, 1000, 50, "Newton steps after which it gives up"},
    ENCODING_PARAMS(100),
};

static const struct learn_param trees_params[] = {
    {"rounds", LEARN_INT, 1, 100000, 300, "trees at most"},
    {"depth", LEARN_INT, 1, 16, 6, "deepest tree"},
    {"eta", LEARN_NUM, 1e-4, 1, 0.1, "share of each tree's answer that is taken (learning rate)"},
    {"subsample", LEARN_NUM, 0.01, 1, 1, "share of rows that each tree sees"},
    {"colsample", LEARN_NUM, 0.01, 1, 1, "share of columns that each tree sees"},
    {"min_child_weight", LEARN_NUM, 0, INFINITY, 1, "least sum of hessians in a leaf"},
    {"lambda", LEARN_NUM, 0, INFINITY, 1, "L2 penalty on the answers of leaves"},
    {"gamma", LEARN_NUM, 0, INFINITY, 0, "least gain of a split"},
    {"max_bin", LEARN_INT, 2, 65535, 256, "bins that a column is cut into"},
    {"early_stopping_rounds", LEARN_INT, 0, 100000, 20,
     "stop when the validation log-loss has not fallen for so many rounds; 0: never"},
    {"validation", LEARN_NUM, 0.01, 0.5, 0.1, "share of the training rows kept back to stop early by"},
    ENCODING_PARAMS(100),
};

static const struct learn_recipe recipes[] = {
    {"logistic", "logistic regression, L2 penalty, Newton's method; coefficients with standard errors",
     logistic_params, COUNT_OF(logistic_params), false},
    {"boosted-trees", "gradient-boosted trees (XGBoost), stopped early by a validation part", trees_params,
     COUNT_OF(trees_params), true},
};

const struct learn_recipe *learn_recipes(size_t *count)
{
	*count = COUNT_OF(recipes);
	return recipes;
}

const struct learn_recipe *learn_recipe_find(const char *name, struct error *err)
{
	const char *names[COUNT_OF(recipes)];
	for (size_t i = 0; i < COUNT_OF(recipes); i++) {
		names[i] = recipes[i].name;
		if (!strcmp(name, names[i]))
			return &recipes[i];
	}
	const char *near = name_nearest(name, names, COUNT_OF(names));
	error_set(err, ERR_USAGE, "no recipe \"%s\"%s%s%s: there are logistic and boosted-trees", name,
	          near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
	return NULL;
}

void learn_params_default(const struct learn_recipe *r, double *values)
{
	for (size_t i = 0; i < LEARN_PARAMS_MAX; i++)
		values[i] = i < r->param_count ? r->params[i].fallback : 0;
}

const char *learn_param_text(const struct learn_param *p, double value, char out[NUM_TEXT])
{
	if (p->type == LEARN_BOOL)
		snprintf(out, NUM_TEXT, "%s", value != 0 ? "true" : "false");
	else if (p->type == LEARN_INT)
		snprintf(out, NUM_TEXT, "%.0f", value);
	else
		num_shortest(value, out);
	return out;
}

static int unknown_param(const struct learn_recipe *r, const char *name, struct error *err)
{
	struct str known;
	const char *names[LEARN_PARAMS_MAX];
	str_init(&known);
	for (size_t i = 0; i < r->param_count; i++) {
		names[i] = r->params[i].name;
		str_addf(&known, "%s%s", i ? ", " : "", names[i]);
	}
	const char *near = name_nearest(name, names, r->param_count);
	error_set(err, ERR_USAGE, "%s has no parameter \"%s\"%s%s%s: there are %s", r->name, name,
	          near ? "; did you mean " : "", near ? near : "", near ? "?" : "", known.data);
	str_release(&known);
	return -1;
}

static int out_of_range(const struct learn_recipe *r, const struct learn_param *p, const char *text,
                        struct error *err)
{
	char low[NUM_TEXT], high[NUM_TEXT];
	const char *kind = p->type == LEARN_INT ? "a whole number" : "a number";
	if (p->type == LEARN_BOOL)
		return error_set(err, ERR_USAGE, "%s: %s is true or false, not \"%s\"", r->name, p->name, text);
	learn_param_text(p, p->low, low);
	if (isinf(p->high))
		return error_set(err, ERR_USAGE, "%s: %s is %s of at least %s, not \"%s\"", r->name, p->name, kind,
		                 low, text);
	return error_set(err, ERR_USAGE, "%s: %s is %s from %s to %s, not \"%s\"", r->name, p->name, kind, low,
	                 learn_param_text(p, p->high, high), text);
}

int learn_param_set(const struct learn_recipe *r, double *values, const char *name, const char *text,
                    struct error *err)
{
	for (size_t i = 0; i < r->param_count; i++) {
		const struct learn_param *p = &r->params[i];
		double value;
		if (strcmp(name, p->name) != 0)
			continue;
		if (p->type == LEARN_BOOL) {
			if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
				return out_of_range(r, p, text, err);
			values[i] = text[0] == 't';
			return 0;
		}
		/* A limit that is infinite is none: infinity itself is no value. */
		if (!num_parse(text, strlen(text), &value) || !(value >= p->low && value <= p->high) ||
		    isinf(value) || (p->type == LEARN_INT && value != floor(value)))
			return out_of_range(r, p, text, err);
		values[i] = value;
		return 0;
	}
	return unknown_param(r, name, err);
}

int learn_recipe_ready(const struct learn_recipe *r, struct error *err)
{
	return r->needs_xgboost ? trees_ready(err) : 0;
}
