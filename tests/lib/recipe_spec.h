/* What to train, as tests want it. For programs of cmocka. */
#ifndef TESTS_RECIPE_SPEC_H
#define TESTS_RECIPE_SPEC_H

#include "assay/learn.h"

/* The recipe with its own parameters, for the label "y", with one seed and one thread. */
struct learn_spec recipe_spec(const char *recipe);
/* The library that boosted trees need is not here. */
bool recipe_lacks_trees(void);

#endif
