/* A store with models that can be looked at for bias: the same model on test sets of all kinds. */
#ifndef TESTS_BIAS_FIXTURE_H
#define TESTS_BIAS_FIXTURE_H

#include "assay/base.h"

/* Makes the store dir/.assay with its data files beside it; *path is its folder (caller frees). Runs, newest
 * first:
 *     plain       sex, county, age are protected
 *     crowded     thirty groups, some with long names
 *     single      one group
 *     nobody      no column is protected
 *     unlabelled  the test set has no label
 *     early       no model
 */
int bias_fixture(const char *dir, char **path, struct error *err);

#endif
