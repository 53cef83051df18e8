/* One column of a table by another in one step. For tests that use cmocka. */
#ifndef TESTS_SPLITS_H
#define TESTS_SPLITS_H

#include <json-c/json.h>

#include "assay/data_split.h"

/* split_by_init and split_column, of rows as they stand; by -1: files. */
int split_once(struct split *s, const struct table *t, size_t column, long by, size_t groups,
               struct error *err);
/* The same by names, by NULL: files; what goes wrong fails the test. */
void split_named(struct split *s, const struct table *t, const char *column, const char *by, size_t groups,
                 enum stats_weights weights);
/* The group of this name; none fails the test. */
const struct split_group *split_group_named(const struct split *s, const char *name);
/* What the split says is what the oracle (tests/oracle/splits.py) says: groups and measures. */
void split_is_as(struct json_object *o, const struct split *s);

#endif
