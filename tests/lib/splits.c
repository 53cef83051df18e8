/* splits.h */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "oracle.h"
#include "splits.h"

int split_once(struct split *s, const struct table *t, size_t column, long by, size_t groups,
               struct error *err)
{
	struct split_by g;
	int rc;

	if (split_by_init(&g, t, by, groups, STATS_ONE_EACH, NULL, err) < 0)
		return -1;
	rc = split_column(s, &g, column, NULL, err);
	split_by_release(&g);
	return rc;
}

void split_named(struct split *s, const struct table *t, const char *column, const char *by, size_t groups,
                 enum stats_weights weights)
{
	struct split_by g;
	struct error err;

	if (split_by_init(&g, t, by ? table_need(t, by, &err) : -1, groups, weights, NULL, &err) < 0 ||
	    split_column(s, &g, (size_t)table_need(t, column, &err), NULL, &err) < 0)
		fail_msg("%s by %s: %s", column, by ? by : "file", err.text);
	split_by_release(&g);
}

const struct split_group *split_group_named(const struct split *s, const char *name)
{
	for (size_t i = 0; i < s->group_count; i++)
		if (!strcmp(s->groups[i].name, name))
			return &s->groups[i];
	fail_msg("%s by %s: no group \"%s\"", s->column, s->by ? s->by : "file", name);
	abort();
}

static void group_is_as(const struct split *s, struct json_object *o, const struct split_group *one,
                        const char *what)
{
	struct json_object *values = json_object_object_get(o, "values");

	assert_int_equal(one->rows, (long)oracle_num(o, "rows"));
	assert_int_equal(one->missing, (long)oracle_num(o, "missing"));
	if (s->numeric) {
		size_t n;
		double *quantiles = oracle_nums(o, "quantiles", &n);

		oracle_near_relative(one->mean, oracle_num(o, "mean"), 1e-12, what);
		oracle_near_relative(one->sd, oracle_num(o, "sd"), 1e-9, what);
		oracle_near(one->min, oracle_num(o, "min"), 0, what);
		oracle_near(one->max, oracle_num(o, "max"), 0, what);
		assert_int_equal(n, PROFILE_QUANTILES);
		for (size_t i = 0; i < n; i++)
			oracle_near_relative(one->quantiles[i], quantiles[i], 1e-12, what);
		free(quantiles);
	}
	for (size_t i = 0; values && i < s->value_count; i++) {
		struct json_object *count;

		if (strncmp(s->value_names[i], "other (", 7) != 0)
			assert_int_equal(one->values[i], json_object_object_get_ex(values, s->value_names[i], &count)
			                                     ? json_object_get_int64(count)
			                                     : 0);
	}
}

void split_is_as(struct json_object *o, const struct split *s)
{
	struct json_object *groups = oracle_get(o, "groups");
	char what[100];
	size_t found = 0;

	snprintf(what, sizeof what, "%s by %s", oracle_text(o, "column"), oracle_text(o, "by"));
	for (size_t i = 0; i < json_object_array_length(groups); i++) {
		struct json_object *one = json_object_array_get_idx(groups, i);

		group_is_as(s, one, split_group_named(s, oracle_text(one, "name")), what);
	}
	for (size_t i = 0; i < s->group_count; i++)
		found += s->groups[i].rows > 0;
	assert_int_equal(found, json_object_array_length(groups));
	if (s->numeric) {
		oracle_near_relative(s->anova.f, oracle_num(o, "f"), 1e-9, what);
		oracle_near(s->anova.p, oracle_num(o, "p"), 1e-9, what);
		oracle_near(sqrt(s->anova.eta2), oracle_num(o, "eta"), 1e-9, what);
	} else {
		oracle_near_relative(s->association.chi2, oracle_num(o, "chi2"), 1e-9, what);
		oracle_near(s->association.p, oracle_num(o, "p"), 1e-9, what);
		oracle_near(s->association.v, oracle_num(o, "v"), 1e-9, what);
	}
	if (json_object_object_get(o, "auc")) {
		oracle_near(s->auc.value, oracle_num(o, "auc"), 1e-9, what);
		oracle_near(s->auc.low, oracle_num(o, "auc_low"), 1e-9, what);
		oracle_near(s->auc.high, oracle_num(o, "auc_high"), 1e-9, what);
	}
}
