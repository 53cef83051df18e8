/* What recipes must reach on real data, where it is here: ../shared/data/adult. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../lib/recipe_spec.h"

static void adult_reaches_its_bar(void **state)
{
	(void)state;
	static const struct {
		const char *recipe;
		double least;
	} bars[] = {{"logistic", 0.90}, {"boosted-trees", 0.92}};
	const char *train_path = "../shared/data/adult/adult.data",
	           *test_path = "../shared/data/adult/adult.test";
	struct reading r, like;
	struct table train, test;
	struct error err;
	if (!file_exists(train_path) || recipe_lacks_trees())
		skip();
	reading_init(&r);
	assert_int_equal(table_read(&train, &train_path, 1, &r, NULL, &err), 0);
	reading_like(&like, &train.reading);
	assert_int_equal(table_read(&test, &test_path, 1, &like, NULL, &err), 0);
	for (size_t i = 0; i < COUNT_OF(bars); i++) {
		struct learn_spec s = recipe_spec(bars[i].recipe);
		struct learn_predictions *p;
		struct evaluation e;
		struct model *m;
		s.label = "c15";
		s.positive = ">50K";
		s.threads = 0;
		if (learn_train(&s, &train, &test, NULL, NULL, &m, &p, &err) < 0)
			fail_msg("%s", err.text);
		evaluation_compute(&e, p->score, p->label, p->n, 0.5);
		print_message("# Adult, %s: AUC %.4f (%.4f to %.4f)\n", bars[i].recipe, e.auc.value, e.auc.low,
		              e.auc.high);
		assert_true(e.n == 16281 && e.auc.value >= bars[i].least);
		learn_predictions_free(p);
		model_free(m);
	}
	table_release(&train);
	table_release(&test);
	reading_release(&r);
	reading_release(&like);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(adult_reaches_its_bar),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
