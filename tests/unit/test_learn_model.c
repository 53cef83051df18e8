/* Model files: kept, loaded, refused when they are not right; applied to tables that fit and that do not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../src/learn/inside.h"
#include "../../src/learn/model_file.h"
#include "assay/learn.h"

#define TRAINING                                                                                             \
	"age,town,member,y\n"                                                                                    \
	"31,Ulm,yes,0\n42,Bonn,no,1\n,Ulm,no,0\n58,\xC3\x9Cxheim,yes,1\n23,Ulm,yes,0\n67,Bonn,no,1\n45,,no,1\n"  \
	"36,Ulm,no,0\n51,Bonn,yes,0\n29,Bonn,no,1\n61,Ulm,yes,1\n38,Ulm,no,0\n"

static void read_csv_like(struct table *t, const char *csv, const struct table *like)
{
	struct reading r;
	struct error err;
	if (like)
		reading_like(&r, &like->reading);
	else
		reading_init(&r);
	if (!like &&
	    (reading_set(&r, "type", "town=cat", &err) < 0 || reading_set(&r, "type", "member=bool", &err) < 0 ||
	     reading_set(&r, "encoding", "utf-8", &err) < 0))
		fail_msg("%s", err.text);
	if (table_read_bytes(t, "test.csv", csv, strlen(csv), &r, NULL, &err) < 0)
		fail_msg("%s", err.text);
	reading_release(&r);
}

static struct model *train(const char *recipe, const struct table *t, double split)
{
	struct learn_spec s = {.recipe = learn_recipe_find(recipe, NULL),
	                       .label = "y",
	                       .seed = UINT64_MAX,
	                       .threads = 1,
	                       .split = split,
	                       .data_version = "d1"};
	struct learn_predictions *p;
	struct model *m;
	struct error err;
	learn_params_default(s.recipe, s.params);
	learn_param_set(s.recipe, s.params, "min_count", "2", NULL);
	if (s.recipe->needs_xgboost) {
		learn_param_set(s.recipe, s.params, "rounds", "5", NULL);
		learn_param_set(s.recipe, s.params, "early_stopping_rounds", "0", NULL);
	}
	if (learn_train(&s, t, NULL, NULL, NULL, &m, &p, &err) < 0)
		fail_msg("%s", err.text);
	learn_predictions_free(p);
	return m;
}

static bool no_trees(void)
{
	return learn_recipe_ready(learn_recipe_find("boosted-trees", NULL), NULL) < 0;
}

static void comes_back(const char *recipe)
{
	struct table t;
	struct error err;
	struct model *back;
	struct str bytes, again;
	double before[12], after[12];
	read_csv_like(&t, TRAINING, NULL);
	struct model *m = train(recipe, &t, 0.3);
	str_init(&bytes);
	str_init(&again);
	model_bytes(m, &bytes);
	const char *tmp = getenv("TMPDIR");
	char *folder = xasprintf("%s/assay-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(folder));
	char *path = path_join(folder, "m.model");
	assert_int_equal(model_save(m, path, &err), 0);
	if (model_load(path, &back, &err) < 0)
		fail_msg("%s", err.text);
	model_bytes(back, &again);
	assert_int_equal(bytes.len, again.len);
	assert_memory_equal(bytes.data, again.data, bytes.len);
	assert_int_equal(model_predict(m, &t, 1, before, NULL, &err), 0);
	assert_int_equal(model_predict(back, &t, 2, after, NULL, &err), 0);
	assert_memory_equal(before, after, sizeof before);
	assert_string_equal(model_evaluation(m), model_evaluation(back));
	struct model_info a, b;
	model_describe(m, &a);
	model_describe(back, &b);
	assert_true(a.seed == UINT64_MAX && b.seed == UINT64_MAX && a.recipe == b.recipe && a.rounds == b.rounds);
	assert_string_equal(b.data_version, "d1");
	assert_null(b.test_version);
	assert_string_equal(a.reading, b.reading);
	assert_int_equal(a.feature_count, b.feature_count);
	assert_int_equal(a.left_out_count, b.left_out_count);
	/* the reading in the file reads another CSV the same way */
	struct reading r;
	assert_int_equal(reading_parse(b.reading, strlen(b.reading), &r, &err), 0);
	reading_release(&r);
	unlink(path);
	model_free(m);
	assert_int_equal(model_load(path, &m, &err), -1);
	assert_int_equal(dir_remove(folder, &err), 0);
	model_free(back);
	str_release(&bytes);
	str_release(&again);
	table_release(&t);
	free(path);
	free(folder);
}

static void logistic_comes_back(void **state)
{
	(void)state;
	comes_back("logistic");
}

static void trees_come_back(void **state)
{
	(void)state;
	if (no_trees())
		skip();
	comes_back("boosted-trees");
}

static void sign(struct str *bytes)
{
	unsigned char digest[MODEL_DIGEST];
	if (bytes->len < MODEL_BODY)
		return;
	model_file_digest(bytes->data + MODEL_BODY, bytes->len - MODEL_BODY, digest);
	memcpy(bytes->data + MODEL_START, digest, sizeof digest);
}

static void damage_is_found(void **state)
{
	(void)state;
	struct table t;
	struct str bytes;
	struct error err;
	struct model *back;
	read_csv_like(&t, TRAINING, NULL);
	struct model *m = train("logistic", &t, 0.3);
	str_init(&bytes);
	model_bytes(m, &bytes);
	for (size_t at = 0; at < bytes.len; at++) {
		bytes.data[at] ^= 1;
		assert_int_equal(model_load_bytes(bytes.data, bytes.len, &back, &err), -1);
		assert_null(back);
		assert_int_equal(err.code, ERR_USAGE);
		bytes.data[at] ^= 1;
	}
	for (size_t len = 0; len < bytes.len; len++)
		assert_int_equal(model_load_bytes(bytes.data, len, &back, &err), -1);
	bytes.data[8] = 9;
	assert_int_equal(model_load_bytes(bytes.data, bytes.len, &back, &err), -1);
	assert_non_null(strstr(err.text, "format 9"));
	str_release(&bytes);
	model_free(m);
	table_release(&t);
}

/* Replaces `from` by `to` in the header of a good file and signs it anew: a file made with intent. */
static int load_edited(const struct str *good, const char *from, const char *to, struct error *err)
{
	struct str edited, header;
	struct model *back = NULL;
	str_init(&edited);
	str_init(&header);
	size_t len = 0;
	for (int i = 7; i >= 0; i--)
		len = len << 8 | (unsigned char)good->data[MODEL_BODY + i];
	str_add(&header, good->data + MODEL_BODY + 8, len);
	char *found = strstr(header.data, from);
	if (!found)
		fail_msg("the header has no %s: %s", from, header.data);
	str_add(&edited, good->data, MODEL_BODY + 8);
	str_add(&edited, header.data, (size_t)(found - header.data));
	str_adds(&edited, to);
	str_adds(&edited, found + strlen(from));
	size_t now = edited.len - MODEL_BODY - 8;
	for (int i = 0; i < 8; i++)
		edited.data[MODEL_BODY + i] = (char)(now >> (8 * i));
	str_add(&edited, good->data + MODEL_BODY + 8 + len, good->len - MODEL_BODY - 8 - len);
	sign(&edited);
	int rc = model_load_bytes(edited.data, edited.len, &back, err);
	model_free(back);
	str_release(&edited);
	str_release(&header);
	return rc;
}

static void a_header_must_be_whole(void **state)
{
	(void)state;
	static const char *const edits[][2] = {
	    {"\"recipe\":\"logistic\"", "\"recipe\":\"magic\""},
	    {"\"recipe\":\"logistic\"", "\"recipe\":\"boosted-trees\""},
	    {"\"l2\":1", "\"l2\":-1"},
	    {"\"l2\":1", "\"l2\":1.0"},
	    {"\"l2\":1", "\"l2\": 1"},
	    {"\"l2\":1", "\"l2\":NaN"},
	    {"\"l2\":1", "\"l3\":1"},
	    {"\"Ulm\",\"Bonn\"", "\"Ulm\",\"Ulm\""},
	    {"\"Ulm\",\"Bonn\"", "\"Ulm\",7"},
	    {"\"Ulm\",\"Bonn\"", "\"Ulm\""},
	    {"\"Ulm\",\"Bonn\"", "\"Ulm\",{\"hex\":\"zz\"}"},
	    {"\"Ulm\",\"Bonn\"", "\"Ulm\",{\"hex\":\"42\"}"},
	    {"\"features\":[", "\"features\":[{},"},
	    {"\"features\":[", "\"features\":{},\"f\":["},
	    {"\"type\":\"int\"", "\"type\":\"integer\""},
	    {"\"seed\":\"18446744073709551615\"", "\"seed\":\"18446744073709551616\""},
	    {"\"seed\":\"18446744073709551615\"", "\"seed\":\"-1\""},
	    {"\"rounds\":", "\"rounds\":-"},
	    {"\"positive\":\"1\"", "\"positive\":\"1\\u0000\""},
	    {"\"name\":\"(intercept)\"", "\"name\":\"age\""},
	    {"{\"data\"", "{\"extra\":1,\"data\""},
	    {"{\"data\"", "[{\"data\""},
	};
	struct table t;
	struct str good;
	struct error err;
	read_csv_like(&t, TRAINING, NULL);
	struct model *m = train("logistic", &t, 0);
	str_init(&good);
	model_bytes(m, &good);
	/* what the program could have written itself is taken: the edits are refused for what they change */
	assert_int_equal(load_edited(&good, "\"l2\":1", "\"l2\":2", &err), 0);
	for (size_t i = 0; i < COUNT_OF(edits); i++) {
		if (load_edited(&good, edits[i][0], edits[i][1], &err) == 0)
			fail_msg("%s was taken", edits[i][1]);
		assert_int_equal(err.code, ERR_USAGE);
		assert_non_null(strstr(err.text, "not a model of this program"));
	}
	str_release(&good);
	model_free(m);
	table_release(&t);
}

static void damaged_trees_are_refused(void **state)
{
	(void)state;
	struct table t;
	struct str bytes;
	struct error err;
	struct model *back;
	double scores[12];
	if (no_trees())
		skip();
	read_csv_like(&t, TRAINING, NULL);
	struct model *m = train("boosted-trees", &t, 0);
	str_init(&bytes);
	/* trees that are no trees, under a good digest: said when they are used */
	str_clear(&m->payload);
	str_adds(&m->payload, "{not trees}");
	model_bytes(m, &bytes);
	assert_int_equal(model_load_bytes(bytes.data, bytes.len, &back, &err), 0);
	assert_int_equal(model_predict(back, &t, 1, scores, NULL, &err), -1);
	assert_non_null(strstr(err.text, "XGBoost: the trees in the model file"));
	model_free(back);
	str_clear(&m->payload);
	model_bytes(m, &bytes);
	assert_int_equal(model_load_bytes(bytes.data, bytes.len, &back, &err), -1);
	assert_non_null(strstr(err.text, "no trees"));
	str_release(&bytes);
	model_free(m);
	table_release(&t);
}

static void categories_that_are_not_utf8_come_back(void **state)
{
	(void)state;
	struct table t;
	struct str bytes;
	struct error err;
	struct model *back;
	double before[6], after[6];
	read_csv_like(
	    &t, "town,member,y\n\xFF\xFE,yes,1\n\xFF\xFE,yes,1\nok,no,0\nok,yes,0\n\xFF\xFE,no,0\nok,no,1\n",
	    NULL);
	struct model *m = train("logistic", &t, 0);
	str_init(&bytes);
	model_bytes(m, &bytes);
	assert_non_null(strstr(model_header(m), "{\"hex\":\"fffe\"}"));
	if (model_load_bytes(bytes.data, bytes.len, &back, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(model_predict(m, &t, 1, before, NULL, &err), 0);
	assert_int_equal(model_predict(back, &t, 1, after, NULL, &err), 0);
	assert_memory_equal(before, after, sizeof before);
	assert_true(before[0] != before[3]);
	model_free(m);
	model_free(back);
	str_release(&bytes);
	table_release(&t);
}

/* ---- applying ---- */

static void other_columns_and_orders_are_fine(void **state)
{
	(void)state;
	struct table t, other;
	struct error err;
	struct model_applied applied;
	double all[12], scores[4];
	read_csv_like(&t, TRAINING, NULL);
	/* the first four rows, columns in another order, one more, no label, a town never seen in the last */
	read_csv_like(&other, "new,member,town,age\nq,yes,Ulm,31\nq,no,Bonn,42\nq,no,Ulm,\nq,yes,Atlantis,58\n",
	              &t);
	struct model *m = train("logistic", &t, 0);
	assert_int_equal(model_predict(m, &t, 1, all, &applied, &err), 0);
	assert_true(applied.rows == 12 && applied.missing == 2 && applied.unseen == 1);
	if (model_predict(m, &other, 1, scores, &applied, &err) < 0)
		fail_msg("%s", err.text);
	/* a town that is rare in training and one that was never there: both "(other)" */
	assert_memory_equal(all, scores, sizeof scores);
	assert_true(applied.rows == 4 && applied.missing == 1 && applied.unseen == 1);
	model_free(m);
	table_release(&other);
	table_release(&t);
}

static void all_problems_of_a_table_are_listed(void **state)
{
	(void)state;
	struct table t, wrong;
	struct error err;
	double scores[3];
	read_csv_like(&t, TRAINING, NULL);
	struct reading r;
	reading_init(&r);
	const char *csv = "age,member\nold,3.5\nyoung,4\nold,5\n";
	assert_int_equal(table_read_bytes(&wrong, "w.csv", csv, strlen(csv), &r, NULL, &err), 0);
	struct model *m = train("logistic", &t, 0);
	assert_int_equal(model_predict(m, &wrong, 1, scores, NULL, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_non_null(strstr(err.text, "column \"age\" is"));
	assert_non_null(strstr(err.text, "the model needs a number"));
	assert_non_null(strstr(err.text, "column \"town\" is missing"));
	assert_non_null(strstr(err.text, "the model needs true or false"));
	struct str problems;
	str_init(&problems);
	assert_int_equal(model_check(m, &wrong, &problems), 3);
	str_release(&problems);
	/* a test table that breaks the schema stops the training with the same words */
	struct learn_spec s = {.recipe = learn_recipe_find("logistic", NULL), .label = "y"};
	struct learn_predictions *p;
	struct model *none;
	learn_params_default(s.recipe, s.params);
	assert_int_equal(learn_train(&s, &t, &wrong, NULL, NULL, &none, &p, &err), -1);
	assert_non_null(strstr(err.text, "the test data does not fit"));
	model_free(m);
	reading_release(&r);
	table_release(&wrong);
	table_release(&t);
}

static void labels_are_those_of_the_model(void **state)
{
	(void)state;
	struct table t, other;
	struct error err;
	double label[3], scores[3];
	read_csv_like(&t, TRAINING, NULL);
	read_csv_like(&other, "age,town,member,y\n30,Ulm,yes,1\n40,Ulm,no,\n50,Ulm,no,0\n", &t);
	struct model *m = train("logistic", &t, 0);
	assert_int_equal(model_labels(m, &other, label, &err), 0);
	assert_true(label[0] == 1 && isnan(label[1]) && label[2] == 0);
	table_release(&other);
	read_csv_like(&other, "age,town,member\n30,Ulm,yes\n50,Ulm,no\n", &t);
	assert_int_equal(model_labels(m, &other, label, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	table_release(&other);
	struct reading r;
	reading_like(&r, &t.reading);
	assert_int_equal(reading_set(&r, "type", "age=num", &err), 0);
	const char *csv = "age,town,member\n30,Ulm,yes\ninf,Ulm,no\n50,Ulm,no\n";
	assert_int_equal(table_read_bytes(&other, "i.csv", csv, strlen(csv), &r, NULL, &err), 0);
	assert_int_equal(model_predict(m, &other, 1, scores, NULL, &err), -1);
	assert_non_null(strstr(err.text, "infinite in row 2"));
	reading_release(&r);
	table_release(&other);
	model_free(m);
	table_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(logistic_comes_back),
	    cmocka_unit_test(trees_come_back),
	    cmocka_unit_test(damage_is_found),
	    cmocka_unit_test(a_header_must_be_whole),
	    cmocka_unit_test(damaged_trees_are_refused),
	    cmocka_unit_test(categories_that_are_not_utf8_come_back),
	    cmocka_unit_test(other_columns_and_orders_are_fine),
	    cmocka_unit_test(all_problems_of_a_table_are_listed),
	    cmocka_unit_test(labels_are_those_of_the_model),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
