/* Bias reports by work: groups of columns, gates, evidence; and the German credit data, where it is. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../src/work/bias.h"
#include "../lib/oracle.h"

#define GERMAN "../shared/data/german/german.data"

/* ---- columns as groups ---- */

static const char csv[] = "city,age,vip,when\n"
                          "b,20,yes,2026-01-01\n"
                          "a,30,no,2026-01-02\n"
                          ",40,yes,2026-01-03\n"
                          "c,50,,2026-01-04\n"
                          "a,60,no,2026-01-05\n"
                          "b,,no,2026-01-06\n"
                          "a,21,no,2026-01-07\n"
                          "a,31,no,2026-01-08\n"
                          "a,41,no,2026-01-09\n"
                          "a,51,no,2026-01-10\n"
                          "a,61,no,2026-01-11\n"
                          "a,62,no,2026-01-12\n"
                          "a,63,no,2026-01-13\n";

static void groups_of(const struct table *t, const char *name, const struct work_bias *how, struct arena *mem,
                      struct bias_column *out, struct str *notes)
{
	struct error err;
	if (bias_groups(t, name, how, NULL, t->row_count, mem, out, notes, &err) != 0)
		fail_msg("%s", err.text);
}

static void columns_become_groups(void **state)
{
	struct reading r;
	struct table t;
	struct error err;
	struct work_bias how;
	struct bias_column c;
	struct str notes;
	struct arena *mem = arena_new();
	(void)state;
	reading_init(&r);
	work_bias_init(&how);
	str_init(&notes);
	assert_int_equal(reading_set(&r, "type", "city=cat", &err), 0);
	assert_int_equal(table_read_bytes(&t, "t.csv", csv, strlen(csv), &r, NULL, &err), 0);
	groups_of(&t, "city", &how, mem, &c, &notes);
	assert_int_equal(c.group_count, 3);
	assert_string_equal(c.group[0], "a"); /* in the order of their bytes, not of the rows */
	assert_string_equal(c.group[2], "c");
	assert_int_equal(c.code[0], 1);
	assert_int_equal(c.code[2], BIAS_MISSING);
	groups_of(&t, "vip", &how, mem, &c, &notes);
	assert_int_equal(c.group_count, 2);
	assert_string_equal(c.group[1], "true");
	assert_int_equal(c.code[0], 1);
	assert_int_equal(c.code[3], BIAS_MISSING);
	assert_int_equal(notes.len, 0);
	/* Twelve different ages: quartiles of 20 21 30 31 40 41 50 51 60 61 62 63 are 30.75, 45.5, 60.25. */
	groups_of(&t, "age", &how, mem, &c, &notes);
	assert_int_equal(c.group_count, 4);
	assert_string_equal(c.group[0], "under 30.75");
	assert_string_equal(c.group[1], "30.75 to under 45.5");
	assert_string_equal(c.group[3], "60.25 and over");
	assert_int_equal(c.code[1], 0);
	assert_int_equal(c.code[2], 1);
	assert_int_equal(c.code[5], BIAS_MISSING);
	assert_string_equal(notes.data, "age: cut at its quartiles 30.75, 45.5, 60.25\n");
	const double at[] = {30, 60};
	const struct work_bias_cut cut = {"age", at, 2};
	how.cuts = &cut;
	how.cut_count = 1;
	groups_of(&t, "age", &how, mem, &c, &notes);
	assert_int_equal(c.group_count, 3);
	assert_string_equal(c.group[1], "30 to under 60");
	assert_int_equal(c.code[0], 0);
	assert_int_equal(c.code[1], 1); /* a value on a cut belongs to the part above */
	assert_int_equal(c.code[4], 2);
	const size_t few[] = {0, 1, 2};
	how.cut_count = 0;
	assert_int_equal(bias_groups(&t, "age", &how, few, 3, mem, &c, &notes, &err), 0);
	assert_int_equal(c.group_count, 3); /* few values stand for themselves */
	assert_string_equal(c.group[2], "40");
	assert_int_equal(bias_groups(&t, "agee", &how, NULL, 3, mem, &c, &notes, &err), -1);
	assert_non_null(strstr(err.text, "age"));
	str_release(&notes);
	reading_release(&r);
	table_release(&t);
	arena_free(mem);
}

/* ---- gates ---- */

enum { ROWS = 2000 };

/* A store with the data set "people", and a model file of it. Women get lower scores than they deserve. */
struct place {
	char dir[64];
	char *model;
	struct store *store;
};

static void made_up(struct str *out)
{
	struct rng r;
	rng_init(&r, 3, 0);
	str_adds(out, "income,sex,tiny,paid\n");
	for (int i = 0; i < ROWS; i++) {
		double income = rng_unit(&r);
		bool woman = rng_unit(&r) < 0.45;
		bool paid = rng_unit(&r) < (woman ? 0.15 : 0.35) + 0.5 * income;
		str_addf(out, "%.4f,%s,%s,%s\n", income, woman ? "f" : "m", i < 40 ? "few" : "many",
		         paid ? "yes" : "no");
	}
}

static int set_up(void **state)
{
	struct place *p = xcalloc(1, sizeof *p);
	struct str text;
	struct error err;
	struct reading r;
	struct work_data_added added;
	struct work_data data;
	struct table t;
	struct model *m;
	struct learn_predictions *none;
	char *root = NULL;
	str_init(&text);
	snprintf(p->dir, sizeof p->dir, "%s/assay-bias-XXXXXX", P_tmpdir);
	if (!mkdtemp(p->dir) || work_init(p->dir, &root, &err) != 0 ||
	    store_open(&p->store, root, STORE_WRITE, &err) != 0)
		return -1;
	free(root);
	made_up(&text);
	char *path = path_join(p->dir, "people.csv");
	if (file_write_atomic(path, text.data, text.len, 0644, &err) != 0)
		return -1;
	reading_init(&r);
	if (reading_set(&r, "label", "paid", &err) != 0 || reading_set(&r, "positive", "yes", &err) != 0 ||
	    reading_set(&r, "protected", "sex", &err) != 0 ||
	    work_data_add(p->store, "people", (const char *const[]){path}, 1, &r, NULL, &added, &err) != 0 ||
	    work_data_find(p->store, "people", &data, &err) != 0 ||
	    work_data_load(p->store, &data, &(struct table_options){.threads = 1}, &t, &err) != 0)
		return -1;
	struct learn_spec spec = {.recipe = learn_recipe_find("logistic", &err), .seed = 1, .threads = 1};
	learn_params_default(spec.recipe, spec.params);
	if (learn_train(&spec, &t, NULL, NULL, NULL, &m, &none, &err) != 0)
		return -1;
	p->model = path_join(p->dir, "people.model");
	if (model_save(m, p->model, &err) != 0)
		return -1;
	model_free(m);
	table_release(&t);
	work_data_release(&data);
	str_release(&added.notes);
	reading_release(&r);
	str_release(&text);
	free(path);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;
	store_close(p->store);
	dir_remove(p->dir, NULL);
	free(p->model);
	free(p);
	return 0;
}

static struct work_bias_measured gate(struct place *p, struct work_bias *how, const char *measure,
                                      double limit, bool at_least, const char *by)
{
	struct work_bias_measured out;
	struct error err;
	const struct bias_limit l = {measure, by, limit, at_least};
	how->settings.limits = &l;
	how->settings.limit_count = 1;
	how->replicates = 0;
	if (work_bias_gate(p->store, p->model, "people", how, measure, by, &out, &err) != 0)
		fail_msg("%s", err.text);
	return out;
}

static void gates_read_one_measure(void **state)
{
	struct place *p = *state;
	struct work_bias how;
	struct str evidence;
	struct error err;
	str_init(&evidence);
	work_bias_init(&how);
	struct work_bias_measured g = gate(p, &how, "demographic_parity_ratio", 0.8, true, "sex");
	assert_true(g.value > 0 && g.low < g.value && g.value < g.high);
	assert_int_equal(g.verdict, BIAS_FAILS);
	assert_string_equal(g.groups[0], "f");
	assert_string_equal(g.groups[1], "m");
	assert_int_equal(store_object_read(p->store, g.evidence, &evidence, 0, &err), 0);
	assert_non_null(strstr(evidence.data, "\"kind\":\"bias-report\""));
	double low = g.low, high = g.high;
	assert_int_equal(gate(p, &how, "demographic_parity_ratio", low - 1e-9, true, "sex").verdict, BIAS_OK);
	assert_int_equal(gate(p, &how, "demographic_parity_ratio", low + 1e-9, true, "sex").verdict,
	                 BIAS_AT_LIMIT);
	assert_int_equal(gate(p, &how, "demographic_parity_ratio", high - 1e-9, true, "sex").verdict,
	                 BIAS_AT_LIMIT);
	assert_int_equal(gate(p, &how, "demographic_parity_ratio", high + 1e-9, true, "sex").verdict, BIAS_FAILS);
	/* Held against a reference the difference is negative; the gate sees its size. */
	const struct bias_reference men = {"sex", "m"};
	how.settings.references = &men;
	how.settings.reference_count = 1;
	g = gate(p, &how, "demographic_parity_difference", 0.1, false, "sex");
	assert_true(g.value > 0.1 && g.low > 0.1 && g.low < g.value && g.value < g.high);
	assert_int_equal(g.verdict, BIAS_FAILS);
	/* A rate: the group that matters most. */
	g = gate(p, &how, "tpr", 0.9, true, "sex");
	assert_string_equal(g.groups[0], "f");
	assert_int_equal(g.verdict, BIAS_FAILS);
	g = gate(p, &how, "fpr", 0.01, false, "sex");
	assert_string_equal(g.groups[0], "m");
	assert_int_equal(g.verdict, BIAS_FAILS);
	str_release(&evidence);
}

static void gates_say_who_is_too_few(void **state)
{
	struct place *p = *state;
	struct work_bias how;
	const char *const by[] = {"tiny"};
	struct error err;
	work_bias_init(&how);
	how.by = by;
	how.by_count = 1;
	struct work_bias_measured g = gate(p, &how, "demographic_parity_difference", 0.1, false, "tiny");
	assert_int_equal(g.verdict,
	                 BIAS_TOO_FEW); /* "few" has 40 cases: there is nothing to compare "many" with */
	assert_int_equal(g.left_out, 1);
	g = gate(p, &how, "tpr", 0.1, true, "tiny");
	assert_int_equal(g.verdict, BIAS_OK);
	assert_int_equal(g.left_out, 1);
	how.settings.minimum = 20;
	how.settings.minimum_denominator = 1;
	g = gate(p, &how, "demographic_parity_difference", 1, false, "tiny");
	assert_int_equal(g.left_out, 0);
	assert_int_equal(g.verdict, BIAS_OK);
	struct work_bias_measured out;
	how.settings.limit_count = 0;
	assert_int_equal(work_bias_gate(p->store, p->model, "people", &how, "niceness", "tiny", &out, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(work_bias_gate(p->store, p->model, "people", &how, "tpr", "sex", &out, &err), -1);
	assert_non_null(strstr(err.text, "sex"));
	assert_int_equal(work_bias_gate(p->store, p->model, "people", &how, "conditional_demographic_disparity",
	                                "tiny", &out, &err),
	                 -1);
	assert_int_equal(err.code, ERR_NO);
	assert_int_equal(work_bias_gate(p->store, p->model, NULL, &how, "tpr", "tiny", &out, &err), -1);
	assert_non_null(strstr(err.text, "--data NAME"));
}

static void reports_are_found_by_the_model(void **state)
{
	struct place *p = *state;
	struct work_bias how;
	struct work_biased done;
	struct store_bias_report *rows;
	struct arena *mem = arena_new();
	struct error err;
	size_t count;
	work_bias_init(&how);
	how.replicates = 100;
	assert_int_equal(work_bias(p->store, p->model, "people@1", &how, &done, &err), 0);
	assert_int_equal(store_bias_reports(p->store, done.cases.model, mem, &rows, &count, &err), 0);
	assert_true(count >= 1);
	assert_string_equal(rows[count - 1].evidence, done.evidence);
	assert_string_equal(rows[count - 1].data, done.cases.data);
	assert_string_equal(rows[count - 1].split, "all");
	assert_non_null(strchr(rows[count - 1].producer, '@'));
	char hex[SHA256_TEXT];
	sha256_hex(done.cases.settings.data, done.cases.settings.len, hex);
	assert_string_equal(rows[count - 1].settings, hex);
	work_biased_release(&done);
	arena_free(mem);
}

/* ---- German credit ---- */

static double rest(const struct bias_report *r, const char *name, const char *group)
{
	for (size_t g = 0; g < r->group_count; g++)
		if (strcmp(r->groups[g].name, group) == 0)
			return bias_find(r, name, r->partitions[r->groups[g].by].name, BIAS_REST, g)->v.value;
	fail_msg("no group %s", group);
	return 0;
}

static void german_as_clarify_has_it(void **state)
{
	static const char *const names[] = {"CI", "DPL", "KL", "JS", "LP", "TVD", "KS"};
	const char *const by[] = {"foreign"};
	struct reading r;
	struct work_bias how;
	struct work_biased done;
	struct error err;
	(void)state;
	if (!file_exists(GERMAN))
		skip();
	struct json_object *all = oracle_open("../shared/data/expected/fairness_german.json");
	struct json_object *want = oracle_get(all, "clarify_german_foreign_worker_A201_1000rows");
	reading_init(&r);
	assert_int_equal(
	    reading_set(&r, "names", "a,b,c,d,e,f,g,h,i,j,k,l,m,n,housing,p,q,r,s,foreign,class", &err), 0);
	const struct work_bias_file file = {
	    .path = GERMAN, .reading = &r, .label = "class", .positive = "1", .decision = "class"};
	work_bias_init(&how);
	how.by = by;
	how.by_count = 1;
	how.stratum = "housing";
	how.replicates = 0;
	how.settings.convention = BIAS_AS_CLARIFY;
	if (work_bias_of_file(&file, &how, &done, &err) != 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		oracle_near(rest(&done.report, names[i], "A201"), oracle_num(want, names[i]), 1e-9, names[i]);
	oracle_near(rest(&done.report, "CDDL", "A201"), oracle_num(want, "CDDL_housing"), 1e-9, "CDDL");
	struct json_object *counts = oracle_get(all, "german_foreign_counts");
	assert_int_equal(done.report.groups[0].n, (uint64_t)oracle_num(counts, "A201"));
	assert_int_equal(done.report.groups[1].n, (uint64_t)oracle_num(counts, "A202"));
	work_biased_release(&done);
	reading_release(&r);
	json_object_put(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(columns_become_groups),    cmocka_unit_test(gates_read_one_measure),
	    cmocka_unit_test(gates_say_who_is_too_few), cmocka_unit_test(reports_are_found_by_the_model),
	    cmocka_unit_test(german_as_clarify_has_it),
	};
	return cmocka_run_group_tests_name("bias by work", tests, set_up, tear_down);
}
