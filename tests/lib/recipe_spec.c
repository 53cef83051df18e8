#include "recipe_spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

struct learn_spec recipe_spec(const char *recipe)
{
	struct learn_spec s = {.recipe = learn_recipe_find(recipe, NULL), .label = "y", .seed = 7, .threads = 1};
	assert_non_null(s.recipe);
	learn_params_default(s.recipe, s.params);
	return s;
}

bool recipe_lacks_trees(void)
{
	struct error err;
	return learn_recipe_ready(learn_recipe_find("boosted-trees", NULL), &err) < 0;
}
