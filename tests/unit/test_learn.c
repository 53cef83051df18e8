/* Recipes, training, prediction: against statsmodels and scikit-learn (tests/oracle/learn.json), for any
 * number of threads, and on bad input. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../src/learn/inside.h"
#include "../lib/oracle.h"
#include "../lib/recipe_spec.h"
#include "assay/learn.h"

static void read_csv(struct table *t, const char *csv, const char *options[][2], size_t count)
{
	struct reading r;
	struct error err;
	reading_init(&r);
	for (size_t i = 0; i < count; i++)
		if (reading_set(&r, options[i][0], options[i][1], &err) < 0)
			fail_msg("%s", err.text);
	if (table_read_bytes(t, "test.csv", csv, strlen(csv), &r, NULL, &err) < 0)
		fail_msg("%s", err.text);
	reading_release(&r);
}

static void set(struct learn_spec *s, const char *name, const char *value)
{
	struct error err;
	if (learn_param_set(s->recipe, s->params, name, value, &err) < 0)
		fail_msg("%s", err.text);
}

/* A table of `rows` lines: numbers with gaps, a category with rare levels, a yes/no column, free text, a
 * label. */
static char *made_up_csv(size_t rows, uint64_t seed)
{
	static const char *const towns[] = {"Ulm", "Bonn", "Trier", "Köln, West", "rare \"one\""};
	struct rng r;
	struct str csv;
	rng_init(&r, seed, 0);
	str_init(&csv);
	str_adds(&csv, "id,age,income,town,owner,remark,y\n");
	for (size_t i = 0; i < rows; i++) {
		double age = 20 + 50 * rng_unit(&r), income = exp(8 + rng_normal(&r));
		size_t town = i % 997 == 5 ? 4 : (size_t)rng_below(&r, 4);
		bool owner = rng_unit(&r) < 0.4;
		double eta = 0.05 * (age - 45) + 0.6 * (log(income) - 8) + (town == 2 ? 0.8 : 0) + (owner ? 0.5 : 0);
		bool y = rng_unit(&r) < 1 / (1 + exp(-eta));
		str_addf(&csv, "%zu,%.1f,", i + 1, age);
		if (rng_unit(&r) < 0.95)
			str_addf(&csv, "%.2f", income);
		str_addc(&csv, ',');
		if (rng_unit(&r) < 0.98)
			csv_field(&csv, towns[town], strlen(towns[town]), ',', true);
		str_addf(&csv, ",%s,said on the telephone that he would come back with paper number %zu,%d\n",
		         owner ? "yes" : "no", i * 7919, y);
	}
	return str_take(&csv);
}

/* ---- recipes ---- */

static void recipes_and_parameters(void **state)
{
	(void)state;
	struct error err;
	size_t count;
	char text[NUM_TEXT];
	double values[LEARN_PARAMS_MAX];
	const struct learn_recipe *all = learn_recipes(&count);
	assert_int_equal(count, 2);
	for (size_t i = 0; i < count; i++) {
		assert_true(all[i].param_count <= LEARN_PARAMS_MAX);
		learn_params_default(&all[i], values);
		for (size_t j = 0; j < all[i].param_count; j++) {
			const struct learn_param *p = &all[i].params[j];
			assert_true(p->low <= p->fallback && p->fallback <= p->high && p->help[0]);
			/* every default, as it is shown, can be said */
			assert_int_equal(
			    learn_param_set(&all[i], values, p->name, learn_param_text(p, p->fallback, text), &err), 0);
			assert_true(values[j] == p->fallback);
		}
	}
	assert_null(learn_recipe_find("logistc", &err));
	assert_non_null(strstr(err.text, "did you mean logistic?"));
	const struct learn_recipe *trees = learn_recipe_find("boosted-trees", &err);
	assert_int_equal(learn_param_set(trees, values, "depth", "3", &err), 0);
	const char *bad[][2] = {{"depth", "0"},      {"depth", "2.5"}, {"depth", "deep"},
	                        {"eta", "0"},        {"eta", "nan"},   {"lambda", "-1"},
	                        {"lambda", "1e400"}, {"rounds", ""},   {"dept", "3"}};
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_int_equal(learn_param_set(trees, values, bad[i][0], bad[i][1], &err), -1);
		assert_int_equal(err.code, ERR_USAGE);
		assert_non_null(strstr(err.text, bad[i][0]));
	}
	assert_non_null(strstr(err.text, "did you mean depth?"));
}

static void split_is_stratified_and_seeded(void **state)
{
	(void)state;
	enum { N = 1000 };
	double label[N];
	uint8_t a[N], b[N], c[N];
	size_t held[3] = {0}, differ = 0;
	for (int i = 0; i < N; i++)
		label[i] = i % 10 == 0 ? (double)NAN : i % 4 == 1;
	learn_split(label, N, 0.2, 5, 1, a);
	learn_split(label, N, 0.2, 5, 1, b);
	learn_split(label, N, 0.2, 6, 1, c);
	assert_memory_equal(a, b, N);
	for (int i = 0; i < N; i++) {
		held[isnan(label[i]) ? 2 : label[i] > 0] += a[i];
		differ += a[i] != c[i];
	}
	size_t size[3] = {0};
	for (int i = 0; i < N; i++)
		size[isnan(label[i]) ? 2 : label[i] > 0]++;
	for (int k = 0; k < 3; k++)
		assert_int_equal(held[k], (size_t)floor(0.2 * (double)size[k] + 0.5));
	assert_true(differ > 100);
	/* two of a class: one each side, whatever the share; one alone stays */
	const double few[] = {1, 1, 0};
	learn_split(few, 3, 0.01, 1, 1, a);
	assert_true(a[0] + a[1] == 1 && a[2] == 0);
	learn_split(few, 3, 0.99, 1, 1, a);
	assert_true(a[0] + a[1] == 1 && a[2] == 0);
	learn_split(few, 3, 0, 1, 1, a);
	assert_true(a[0] + a[1] + a[2] == 0);
}

/* ---- the numbers ---- */

static void coefficients_match_reference(void **state)
{
	(void)state;
	struct json_object *oracle = oracle_open("tests/oracle/learn.json"), *fits = oracle_get(oracle, "fits");
	assert_true(json_object_array_length(fits) >= 5);
	for (size_t i = 0; i < json_object_array_length(fits); i++) {
		struct json_object *o = json_object_array_get_idx(fits, i);
		const char *name = oracle_text(o, "name"), *weight = oracle_text(o, "weight");
		const char *options[][2] = {{"weight", weight}};
		struct learn_spec s = recipe_spec("logistic");
		struct learn_predictions *p;
		struct model_info info;
		struct model *m;
		struct table t;
		struct error err;
		char text[NUM_TEXT];
		size_t n;
		read_csv(&t, oracle_text(o, "csv"), options, weight[0] != 0);
		set(&s, "l2", num_shortest(oracle_num(o, "l2"), text));
		if (learn_train(&s, &t, NULL, NULL, NULL, &m, &p, &err) < 0)
			fail_msg("%s: %s", name, err.text);
		assert_null(p);
		model_describe(m, &info);
		double *want = oracle_nums(o, "coefficients", &n), *se = NULL;
		struct json_object *terms = oracle_get(o, "terms");
		if (oracle_num(o, "l2") <= 0)
			se = oracle_nums(o, "se", &n);
		assert_int_equal(info.term_count, n);
		for (size_t j = 0; j < n; j++) {
			assert_string_equal(info.terms[j].name,
			                    json_object_get_string(json_object_array_get_idx(terms, j)));
			oracle_near_relative(info.terms[j].coefficient, want[j], 1e-8, name);
			if (se)
				oracle_near_relative(info.terms[j].se, se[j], 1e-8, name);
		}
		free(want);
		free(se);
		model_free(m);
		table_release(&t);
	}
	json_object_put(oracle);
}

static void kernels_give_the_same_bytes(void **state)
{
	(void)state;
	enum { ROWS = 61 };
	const struct row_kernel *best = row_kernel_best(), *narrow = row_kernel_narrow();
	struct rng r;
	rng_init(&r, 1, 0);
	for (size_t size = GRAM_PAD; size <= 5 * GRAM_PAD; size += GRAM_PAD) {
		size_t cells = ROWS * size, square = size * size;
		double *x = xcalloc(cells, sizeof *x), *wx[2], *h[2], *g[2], dots[2][ROWS], pull[ROWS], curve[ROWS],
		       b[64];
		for (size_t i = 0; i < cells; i++)
			x[i] = rng_normal(&r);
		for (size_t i = 0; i < ROWS; i++) {
			pull[i] = rng_normal(&r);
			curve[i] = rng_unit(&r);
		}
		for (size_t i = 0; i < size; i++)
			b[i] = rng_normal(&r);
		for (int k = 0; k < 2; k++) {
			const struct row_kernel *kernel = k ? best : narrow;
			wx[k] = xcalloc(cells, sizeof **wx);
			h[k] = xcalloc(square, sizeof **h);
			g[k] = xcalloc(size, sizeof **g);
			kernel->products(dots[k], x, b, ROWS, size);
			kernel->block(h[k], g[k], wx[k], x, pull, curve, ROWS, size);
		}
		assert_memory_equal(dots[0], dots[1], sizeof dots[0]);
		assert_memory_equal(wx[0], wx[1], cells * sizeof **wx);
		assert_memory_equal(g[0], g[1], size * sizeof **g);
		for (size_t a = 0; a < size; a++)
			for (size_t c = 0; c <= a; c++) {
				double sum = 0;
				for (size_t i = 0; i < ROWS; i++)
					sum += wx[0][i * size + a] * x[i * size + c];
				assert_true(h[0][a * size + c] == h[1][a * size + c] && h[0][a * size + c] == sum);
			}
		for (int k = 0; k < 2; k++) {
			free(wx[k]);
			free(h[k]);
			free(g[k]);
		}
		free(x);
	}
}

static void same_bytes(const char *recipe, size_t rows)
{
	char *csv = made_up_csv(rows, 3);
	struct table t;
	struct str first, again;
	double *scores = NULL;
	read_csv(&t, csv, NULL, 0);
	str_init(&first);
	str_init(&again);
	for (int threads = 1; threads <= 3; threads++) {
		struct learn_spec s = recipe_spec(recipe);
		struct learn_predictions *p;
		struct model *m;
		struct error err;
		s.threads = threads;
		s.split = 0.25;
		if (s.recipe->needs_xgboost) {
			set(&s, "rounds", "25");
			set(&s, "subsample", "0.8");
			set(&s, "colsample", "0.8");
			set(&s, "early_stopping_rounds", "5");
		}
		if (learn_train(&s, &t, NULL, NULL, NULL, &m, &p, &err) < 0)
			fail_msg("%s", err.text);
		model_bytes(m, threads == 1 ? &first : &again);
		assert_true(p->of_split && p->n > rows / 5 && p->n < rows / 3);
		if (threads == 1) {
			scores = xreallocarray(NULL, p->n, sizeof *scores);
			memcpy(scores, p->score, p->n * sizeof *scores);
		} else {
			assert_int_equal(first.len, again.len);
			assert_memory_equal(first.data, again.data, first.len);
			assert_memory_equal(scores, p->score, p->n * sizeof *scores);
		}
		learn_predictions_free(p);
		model_free(m);
	}
	free(scores);
	str_release(&first);
	str_release(&again);
	table_release(&t);
	free(csv);
}

static void logistic_does_not_depend_on_threads(void **state)
{
	(void)state;
	same_bytes("logistic", 14000);
}

static void trees_do_not_depend_on_threads(void **state)
{
	(void)state;
	if (recipe_lacks_trees())
		skip();
	same_bytes("boosted-trees", 6000);
}

static void a_first_guess_changes_nothing(void **state)
{
	(void)state;
	/* Beyond 80,000 rows Newton begins from a part of them; the solution is where the gradient is 0. */
	enum { N = 100000 };
	struct table t;
	struct learn_spec s = recipe_spec("logistic");
	struct learn_predictions *p;
	struct model_info info;
	struct model *m;
	struct error err;
	struct rng r;
	double *x = xreallocarray(NULL, N, sizeof *x), *y = xreallocarray(NULL, N, sizeof *y), pull = 0,
	       moment = 0;
	read_csv(&t, "x,y\n1.5,0\n2.5,1\n0.25,1\n", NULL, 0);
	double *old[2] = {t.columns[0].values, t.columns[1].values};
	rng_init(&r, 9, 0);
	for (size_t i = 0; i < N; i++) {
		x[i] = 50 + 5 * rng_normal(&r);
		y[i] = rng_unit(&r) < 1 / (1 + exp(-0.2 * (x[i] - 47)));
	}
	t.columns[0].values = x;
	t.columns[1].values = y;
	t.row_count = N;
	set(&s, "l2", "0");
	assert_int_equal(learn_train(&s, &t, NULL, NULL, NULL, &m, &p, &err), 0);
	model_describe(m, &info);
	for (size_t i = 0; i < N; i++) {
		double miss = y[i] - 1 / (1 + exp(-info.terms[0].coefficient - info.terms[1].coefficient * x[i]));
		pull += miss;
		moment += miss * x[i];
	}
	assert_true(fabs(pull) < 1e-6 && fabs(moment) < 1e-4 && info.rounds <= 5);
	model_free(m);
	t.columns[0].values = old[0];
	t.columns[1].values = old[1];
	t.row_count = 3;
	table_release(&t);
	free(x);
	free(y);
}

/* ---- what a model sees ---- */

static struct model_feature feature_named(const struct model_feature *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i].name, name))
			return list[i];
	fail_msg("no column \"%s\" there", name);
	return (struct model_feature){.name = ""};
}

static void columns_that_are_no_features(void **state)
{
	(void)state;
	char *csv = made_up_csv(3000, 4);
	const char *options[][2] = {{"protected", "owner"}, {"background", "town"}, {"label", "y"}};
	const char *drop[] = {"age"};
	struct learn_spec s = recipe_spec("logistic");
	struct learn_predictions *p;
	struct model_info info;
	struct model *m;
	struct table t;
	struct error err;
	read_csv(&t, csv, options, 3);
	s.label = NULL; /* the one with the role */
	s.drop = drop;
	s.drop_count = 1;
	assert_int_equal(learn_train(&s, &t, NULL, NULL, NULL, &m, &p, &err), 0);
	model_describe(m, &info);
	assert_string_equal(info.label, "y");
	assert_string_equal(info.positive, "1");
	assert_null(feature_named(info.features, info.feature_count, "income").why);
	/* protected and background columns are features, and said to be */
	assert_true(feature_named(info.features, info.feature_count, "owner").roles & ROLE_PROTECTED);
	assert_non_null(strstr(info.notes[0], "protected columns: owner"));
	assert_non_null(strstr(info.notes[1], "background columns: town"));
	assert_string_equal(feature_named(info.left_out, info.left_out_count, "age").why, "dropped");
	assert_string_equal(feature_named(info.left_out, info.left_out_count, "y").why, "the label");
	assert_string_equal(feature_named(info.left_out, info.left_out_count, "remark").why, "free text");
	assert_string_equal(feature_named(info.left_out, info.left_out_count, "id").why, "an identifier");
	/* four towns, one joined level, one for missing */
	assert_int_equal(feature_named(info.features, info.feature_count, "town").levels, 6);
	bool indicator = false, other = false;
	for (size_t i = 0; i < info.term_count; i++) {
		indicator = indicator || !strcmp(info.terms[i].name, "income missing");
		other = other || !strcmp(info.terms[i].name, "town=(other)");
	}
	assert_true(indicator && other);
	model_free(m);
	table_release(&t);
	free(csv);
}

static void useless_columns_are_left_out(void **state)
{
	(void)state;
	struct table t;
	struct learn_spec s = recipe_spec("logistic");
	struct learn_predictions *p;
	struct model_info info;
	struct model *m;
	struct error err;
	read_csv(&t, "x,none,same,y\n1,,7,0\n2,,7,1\n3,,7,0\n4,,7,1\n5,,7,\n", NULL, 0);
	assert_int_equal(learn_train(&s, &t, NULL, NULL, NULL, &m, &p, &err), 0);
	model_describe(m, &info);
	assert_int_equal(info.feature_count, 1);
	assert_int_equal(info.rows, 4); /* the row without a label is not learnt from */
	assert_non_null(strstr(feature_named(info.left_out, info.left_out_count, "none").why, "missing"));
	assert_non_null(strstr(feature_named(info.left_out, info.left_out_count, "same").why, "constant"));
	assert_non_null(strstr(info.notes[0], "1 row without a label"));
	model_free(m);
	table_release(&t);
}

/* ---- bad input ---- */

static int stop_at_two(void *user, const struct learn_progress *p)
{
	(void)user;
	return p->step >= 2;
}

static int fail_at_two(void *user, const struct learn_progress *p)
{
	return p->step < 2 ? 0 : error_set(user, ERR_STORE, "the disk is full");
}

static void bad_input_is_said_clearly(void **state)
{
	(void)state;
	static const struct {
		const char *csv, *label, *drop, *l2, *weight, *says;
	} cases[] = {
	    {"x,y\n1,0\n2,1\n", "z", NULL, "1", NULL, "z"},
	    {"x,y\n1,0\n2,0\n3,0\n", "y", NULL, "1", NULL, "class"},
	    {"x,y\n1,0\n2,1\n3,2\n", "y", NULL, "1", NULL, "positive"},
	    {"x,y\n1,0\n2,1\n", "y", "zz", "1", NULL, "zz"},
	    {"x,y\n1,0\n2,1\n3,1\n", "y", "x", "1", NULL, "no column is left"},
	    {"x,y\n1,0\ninf,1\n3,1\n", "y", NULL, "1", NULL, "\"x\" is infinite in row 2"},
	    {"x,y\n1,0\n2,0\n3,1\n4,1\n", "y", NULL, "0", NULL, "separated"},
	    {"x,u,y\n1,2,0\n2,4,1\n3,6,0\n4,8,1\n5,10,1\n", "y", NULL, "0", NULL, "\"u\" is a combination"},
	    {"x,w,y\n1,0,0\n2,0,1\n3,0,0\n", "y", NULL, "1", "w", "add up to 0"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *options[][2] = {{"weight", cases[i].weight}};
		struct learn_spec s = recipe_spec("logistic");
		struct learn_predictions *p;
		struct model *m;
		struct table t;
		struct error err;
		read_csv(&t, cases[i].csv, options, cases[i].weight != NULL);
		set(&s, "l2", cases[i].l2);
		s.label = cases[i].label;
		s.drop = &cases[i].drop;
		s.drop_count = cases[i].drop != NULL;
		if (learn_train(&s, &t, NULL, NULL, NULL, &m, &p, &err) == 0)
			fail_msg("case %zu was taken", i);
		assert_null(m);
		assert_int_equal(err.code, ERR_USAGE);
		if (!strstr(err.text, cases[i].says))
			fail_msg("case %zu says: %s", i, err.text);
		table_release(&t);
	}
	char *csv = made_up_csv(500, 1);
	struct learn_spec s = recipe_spec("logistic");
	struct learn_predictions *p;
	struct model *m;
	struct table t;
	struct error err;
	read_csv(&t, csv, NULL, 0);
	assert_int_equal(learn_train(&s, &t, NULL, stop_at_two, NULL, &m, &p, &err), -1);
	assert_int_equal(err.code, ERR_NO);
	assert_int_equal(learn_train(&s, &t, NULL, fail_at_two, &err, &m, &p, &err), -1);
	assert_int_equal(err.code, ERR_STORE);
	assert_string_equal(err.text, "the disk is full");
	table_release(&t);
	free(csv);
}

static void an_evaluation_of_one_class_says_why(void **state)
{
	(void)state;
	const double score[] = {0.2, 0.8, 0.5}, label[] = {1, 1, NAN};
	struct evaluation e;
	struct json_writer j;
	struct str out;
	evaluation_compute(&e, score, label, 3, 0.5);
	assert_true(e.n == 2 && e.positives == 2 && e.unlabelled == 1 && isnan(e.auc.value));
	assert_true(e.accuracy == 0.5 && e.confusion.tp == 1 && e.confusion.fn == 1);
	str_init(&out);
	jw_init(&j, &out);
	jw_object(&j, NULL);
	evaluation_json(&e, &j);
	jw_object_end(&j);
	assert_non_null(strstr(out.data, "\"value\":null,\"value_why\":\"no negative row\""));
	assert_non_null(strstr(out.data, "\"confusion\":{\"fn\":1,\"fp\":0,\"tn\":0,\"tp\":1}"));
	str_release(&out);
	evaluation_compute(&e, score, label, 0, 0.5);
	assert_string_equal(e.why, "no labelled rows");
	assert_true(isnan(e.accuracy) && isnan(e.brier));
}

/* Run again as a child with "probe": says whether boosted-trees can be had. */
static int probe(void)
{
	struct error err;
	if (learn_recipe_ready(learn_recipe_find("boosted-trees", NULL), &err) == 0)
		return 0;
	printf("%s\n", err.text);
	return (int)err.code;
}

static void a_missing_library_names_its_package(void **state)
{
	(void)state;
	const char *tmp = getenv("TMPDIR"), *argv[] = {"/proc/self/exe", "probe", NULL};
	char *folder = xasprintf("%s/assay-XXXXXX", tmp ? tmp : "/tmp"), self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
	struct error err;
	struct str out;
	int status = 0;
	assert_true(len > 0);
	self[len] = 0;
	argv[0] = self;
	assert_non_null(mkdtemp(folder));
	/* Files of these names that are no libraries, found before the real ones. */
	const char *const names[] = {"libxgboost.so.0", "libxgboost.so"};
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char *path = path_join(folder, names[i]);
		assert_int_equal(file_write_atomic(path, "", 0, 0644, &err), 0);
		free(path);
	}
	setenv("LD_LIBRARY_PATH", folder, 1);
	str_init(&out);
	if (child_capture(argv, NULL, 60000, 4096, &out, NULL, &status, &err) < 0)
		fail_msg("%s", err.text);
	unsetenv("LD_LIBRARY_PATH");
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), ERR_ENV);
	assert_non_null(strstr(out.data, "libxgboost0"));
	str_release(&out);
	assert_int_equal(dir_remove(folder, &err), 0);
	free(folder);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "probe"))
		return probe();
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(recipes_and_parameters),
	    cmocka_unit_test(split_is_stratified_and_seeded),
	    cmocka_unit_test(coefficients_match_reference),
	    cmocka_unit_test(kernels_give_the_same_bytes),
	    cmocka_unit_test(logistic_does_not_depend_on_threads),
	    cmocka_unit_test(trees_do_not_depend_on_threads),
	    cmocka_unit_test(a_first_guess_changes_nothing),
	    cmocka_unit_test(columns_that_are_no_features),
	    cmocka_unit_test(useless_columns_are_left_out),
	    cmocka_unit_test(bad_input_is_said_clearly),
	    cmocka_unit_test(an_evaluation_of_one_class_says_why),
	    cmocka_unit_test(a_missing_library_names_its_package),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
