#include <stdlib.h>
#include <string.h>

#include "assay/base.h"
#include "assay/learn.h"
#include "assay/store.h"
#include "assay/work.h"
#include "bias_fixture.h"
#include "store_fixture.h"

#define HOUR INT64_C(3600000)

enum { TRAIN_ROWS = 2000, TEST_ROWS = 4000 };

/* With names that no column is wide enough for, and one that a terminal must not get as it is. */
static const char *const COUNTIES[] = {
    "Ash",
    "The United Parishes of Upper and Lower Birchwood by the River",
    "Cedar\x1b[31m Hill",
    "D\xc3\xbcn",
    "Elm",
    "\xe6\x9d\xb1\xe4\xba\xac",
};

static uint32_t next(uint32_t *x)
{
	*x = *x * 1664525u + 1013904223u;
	return *x >> 8;
}

/* Rows by a fixed rule. Those of X are few; those of Ash have lower incomes for the same outcome. */
static void write_rows(struct str *out, int rows, uint32_t seed, bool label)
{
	uint32_t x = seed;

	str_clear(out);
	str_addf(out, "sex,county,parish,country,age,income,debt%s\n", label ? ",repaid" : "");
	for (int i = 0; i < rows; i++) {
		int age = 18 + (int)(next(&x) % 60), county = (int)(next(&x) % 9), parish = (int)(next(&x) % 30);
		double income = 20 + next(&x) % 400 / 10.0, debt = next(&x) % 100 / 100.0;
		double risk = debt * 30 - income * 0.6 + (double)(next(&x) % 200) / 10.0;
		const char *sex = i % 150 == 7 ? "X" : next(&x) % 100 < 47 ? "F" : "M";

		county = county > 5 ? 0 : county;
		if (county == 0)
			income -= 6;
		str_addf(out, "%s,\"%s\",\"%s %02d\",here,%d,%.1f,%.2f", sex, COUNTIES[county],
		         parish % 7 == 3 ? "a parish whose name is very long indeed, number" : "parish", parish, age,
		         income, debt);
		str_addf(out, label ? ",%s\n" : "\n", risk < 3 ? "yes" : "no");
	}
}

static const struct set {
	const char *name, *protected_;
	bool label;
} SETS[] = {
    {"plain-test", "sex,county,age", true}, {"crowded-test", "parish", true},
    {"single-test", "country", true},       {"nobody-test", NULL, true},
    {"unlabelled-test", "sex", false},
};

static int add_data(struct store *s, const char *dir, const struct set *set, int rows, uint32_t seed,
                    struct run_input *out, struct error *err)
{
	struct work_data_added added;
	struct reading reading;
	char *name = xasprintf("%s.csv", set->name), *path = path_join(dir, name);
	const char *paths[] = {path};
	struct str csv;
	int status;

	str_init(&csv);
	str_init(&added.notes);
	reading_init(&reading);
	write_rows(&csv, rows, seed, set->label);
	status = file_write_atomic(path, csv.data, csv.len, 0644, err);
	if (status == 0 && set->label)
		status = reading_set(&reading, "label", "repaid", err);
	if (status == 0 && set->label)
		status = reading_set(&reading, "positive", "yes", err);
	if (status == 0 && set->protected_)
		status = reading_set(&reading, "protected", set->protected_, err);
	if (status == 0)
		status = work_data_add(s, set->name, paths, 1, &reading, NULL, &added, err);
	if (status == 0) {
		out->dataset = added.id;
		snprintf(out->digest, sizeof out->digest, "%s", added.digest);
	}
	reading_release(&reading);
	str_release(&added.notes);
	str_release(&csv);
	free(path);
	free(name);
	return status;
}

static int train(struct store *s, int64_t data, char digest[SHA256_TEXT], struct error *err)
{
	static const char *const drop[] = {"sex", "county", "parish", "country"};
	struct learn_spec spec = {.drop = drop, .drop_count = COUNT_OF(drop), .seed = 1, .threads = 1};
	struct learn_predictions *predictions = NULL;
	struct model *model = NULL;
	struct work_data d;
	struct table t;
	struct str bytes;
	int status;

	str_init(&bytes);
	spec.recipe = learn_recipe_find("logistic", err);
	if (!spec.recipe || work_data_find_id(s, data, &d, err) != 0)
		return -1;
	learn_params_default(spec.recipe, spec.params);
	status = work_data_load(s, &d, &(struct table_options){.threads = 1}, &t, err);
	if (status == 0) {
		spec.data_version = d.digest;
		status = learn_train(&spec, &t, NULL, NULL, NULL, &model, &predictions, err);
		if (status == 0) {
			model_bytes(model, &bytes);
			status = store_object_put(s, bytes.data, bytes.len, digest, err);
		}
		learn_predictions_free(predictions);
		model_free(model);
		table_release(&t);
	}
	work_data_release(&d);
	str_release(&bytes);
	return status;
}

static int add_run(struct store *s, const char *name, int number, const struct run_input inputs[2],
                   const char *model, struct error *err)
{
	struct run_new run = {.name = name,
	                      .experiment = "lending",
	                      .kind = "train",
	                      .command = "[\"assay\",\"train\",\"logistic\"]",
	                      .cwd = "/srv/lending",
	                      .host = "trainbox",
	                      .user = "ada",
	                      .created = FIXTURE_NOW - (10 - number) * HOUR};
	struct run_process supervisor = {
	    .pid = 4242, .start_ticks = 99, .boot_id = "0f0f0f0f-0000-4000-8000-000000000000"};
	struct run_artifact artifact = {.name = "model.assay", .kind = "model", .at = run.created};
	struct run_ending end = {
	    .status = RUN_DONE, .reason = "", .exit_status = 0, .at = run.created + HOUR / 2};
	struct store_evaluation e = {.split = "test", .at = run.created};
	struct point auc = {0, run.created, 0.75 + number / 100.0};
	char made[ID_TEXT];
	int64_t id, evaluation;

	snprintf(run.uuid, sizeof run.uuid, "019ab0c0d0e07%03x8000%012x", number, number * 0x1111);
	if (store_run_create(s, &run, &id, made, err) != 0 ||
	    store_param_set(s, id, "recipe", "logistic", err) != 0 ||
	    store_run_start(s, id, &supervisor, run.created, err) != 0 ||
	    store_series_append(s, id, SERIES_METRIC, "auc", "", &auc, 1, err) != 0 ||
	    store_input_add(s, id, &inputs[0], err) != 0 || store_input_add(s, id, &inputs[1], err) != 0)
		return -1;
	if (model) {
		snprintf(artifact.digest, sizeof artifact.digest, "%s", model);
		e.run = id;
		snprintf(e.model, sizeof e.model, "%s", model);
		snprintf(e.data, sizeof e.data, "%s", inputs[1].digest);
		snprintf(e.settings, sizeof e.settings, "%s", model);
		snprintf(e.predictions, sizeof e.predictions, "%s", model);
		snprintf(e.evidence, sizeof e.evidence, "%s", model);
		if (store_artifact_add(s, id, &artifact, err) != 0 ||
		    store_evaluation_add(s, &e, &evaluation, err) != 0)
			return -1;
	}
	return store_run_end(s, id, &end, err);
}

int bias_fixture(const char *dir, char **path, struct error *err)
{
	static const struct set training = {"past", "sex", true};
	/* The newest one comes last. */
	static const char *const names[] = {"early", "unlabelled", "nobody", "single", "crowded", "plain"};
	static const size_t sets[] = {0, 4, 3, 2, 1, 0};
	char model[SHA256_TEXT], ref[64];
	struct run_input past = {.name = "past@1", .role = "train"}, tests[COUNT_OF(SETS)];
	struct store *s;
	int status;

	if (store_fixture_empty(dir, path, err) != 0 || store_open(&s, *path, STORE_WRITE, err) != 0)
		return -1;
	memset(tests, 0, sizeof tests);
	status = add_data(s, dir, &training, TRAIN_ROWS, 99, &past, err);
	for (size_t i = 0; status == 0 && i < COUNT_OF(SETS); i++)
		status = add_data(s, dir, &SETS[i], TEST_ROWS, 7, &tests[i], err);
	if (status == 0)
		status = train(s, past.dataset, model, err);
	for (size_t i = 0; status == 0 && i < COUNT_OF(names); i++) {
		struct run_input inputs[2] = {past, tests[sets[i]]};

		snprintf(ref, sizeof ref, "%s@1", SETS[sets[i]].name);
		inputs[1].name = ref;
		inputs[1].role = "test";
		status = add_run(s, names[i], (int)i, inputs, i > 0 ? model : NULL, err);
	}
	store_close(s);
	return status;
}
