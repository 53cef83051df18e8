#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../src/work/work.h"
#include "registry_fixture.h"

static void must(int status, const struct error *err)
{
	if (status != 0)
		fail_msg("%s", err->text);
}

void registry_fixture_data(struct registry_fixture *f, const char *name, size_t rows, uint64_t seed,
                           double slope)
{
	struct error err;
	struct reading reading;
	struct work_data_added added;
	struct str csv;
	struct rng r;
	char *file = xasprintf("%s/%s.csv", f->folder, name);
	const char *const paths[] = {file};
	str_init(&csv);
	rng_init(&r, seed, 0);
	str_adds(&csv, "case,x,noise,colour,y\n");
	for (size_t i = 0; i < rows; i++) {
		double x = rng_unit(&r) * 4 - 2, noise = rng_unit(&r);
		const char *colour = rng_unit(&r) < 0.3 ? "red" : "blue";
		bool good = rng_unit(&r) < 1 / (1 + exp(-slope * x));
		str_addf(&csv, "%s-%zu,%.4f,%.4f,%s,%s\n", name, i, x, noise, colour, good ? "good" : "bad");
	}
	must(file_write_atomic(file, csv.data, csv.len, 0644, &err), &err);
	reading_init(&reading);
	must(reading_set(&reading, "label", "y", &err), &err);
	must(reading_set(&reading, "positive", "good", &err), &err);
	must(reading_set(&reading, "id", "case", &err), &err);
	must(work_data_add(f->store, name, paths, 1, &reading, NULL, &added, &err), &err);
	str_release(&added.notes);
	reading_release(&reading);
	str_release(&csv);
	free(file);
}

void registry_fixture_open(struct registry_fixture *f, const char *policy)
{
	struct error err;
	const char *tmp = getenv("TMPDIR");
	char hex[SHA256_TEXT];
	*f = (struct registry_fixture){.folder = xasprintf("%s/assay-registry-XXXXXX", tmp ? tmp : "/tmp")};
	assert_non_null(mkdtemp(f->folder));
	setenv("XDG_STATE_HOME", f->folder, 1);
	setenv("XDG_CONFIG_HOME", f->folder, 1);
	f->path = path_join(f->folder, ".assay");
	must(store_init(f->path, &err), &err);
	must(store_open(&f->store, f->path, STORE_WRITE, &err), &err);
	if (policy) {
		must(store_object_put(f->store, policy, strlen(policy), hex, &err), &err);
		must(ledger_create(f->path, store_id(f->store), "", hex, &err), &err);
	}
	must(work_trust_open(f->store, &f->trust, &err), &err);
	registry_fixture_data(f, "set", 480, 1, 1.5);
	registry_fixture_data(f, "set-test", 240, 2, 1.5);
	registry_fixture_data(f, "other", 240, 3, 1.5);
}

void registry_fixture_close(struct registry_fixture *f)
{
	work_trust_close(f->trust);
	store_close(f->store);
	dir_remove(f->folder, NULL);
	free(f->folder);
	free(f->path);
	*f = (struct registry_fixture){0};
}

int registry_fixture_setup(void **state)
{
	struct registry_fixture *f = xcalloc(1, sizeof *f);
	registry_fixture_open(f, NULL);
	*state = f;
	return 0;
}

int registry_fixture_teardown(void **state)
{
	registry_fixture_close(*state);
	free(*state);
	return 0;
}

void registry_fixture_reopen(struct registry_fixture *f)
{
	struct error err;
	work_trust_close(f->trust);
	store_close(f->store);
	f->trust = NULL;
	must(store_open(&f->store, f->path, STORE_WRITE, &err), &err);
	must(work_trust_open(f->store, &f->trust, &err), &err);
}

void registry_fixture_sql(struct registry_fixture *f, const char *file, const char *sql)
{
	char *path = path_join(f->path, file), *why = NULL;
	sqlite3 *db;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	sqlite3_close(db);
	free(path);
}

/* ---- runs ---- */

static void add_input(struct registry_fixture *f, int64_t run, const char *role, const struct work_data *d)
{
	struct error err;
	char *name = xasprintf("%s@%lld", d->name, (long long)d->version);
	struct run_input in = {.dataset = d->id, .name = name, .role = role};
	memcpy(in.digest, d->digest, sizeof in.digest);
	must(store_input_add(f->store, run, &in, &err), &err);
	free(name);
}

static void keep_evaluation(struct registry_fixture *f, int64_t run, const char *model, const char *split,
                            const struct work_data *data, const struct table *table,
                            const struct learn_predictions *p)
{
	struct error err;
	struct evaluation e;
	char evidence[SHA256_TEXT];
	struct evaluation_parts parts = {.run_id = run,
	                                 .data = data,
	                                 .table = table,
	                                 .rows = p->row,
	                                 .score = p->score,
	                                 .label = p->label,
	                                 .n = p->n,
	                                 .split = split,
	                                 .label_name = "y",
	                                 .positive = "good",
	                                 .threshold = 0.5,
	                                 .artifacts = true};
	snprintf(parts.model, sizeof parts.model, "%s", model);
	must(evaluation_keep(f->store, &parts, &e, evidence, &err), &err);
}

static void train(struct registry_fixture *f, int64_t run, const char *test_name, const char *drop)
{
	struct error err;
	struct work_data data, test_data;
	struct table table, test;
	struct model *model;
	struct learn_predictions *predictions;
	struct str bytes;
	struct run_artifact a = {.name = "model.assay", .kind = "model"};
	struct learn_spec spec = {.recipe = learn_recipe_find("logistic", &err), .seed = 1, .threads = 1};
	const char *const dropped[] = {drop};
	must(work_data_find(f->store, "set", &data, &err), &err);
	must(work_data_load(f->store, &data, &(struct table_options){.threads = 1}, &table, &err), &err);
	add_input(f, run, "train", &data);
	if (test_name) {
		must(work_data_find(f->store, test_name, &test_data, &err), &err);
		must(work_data_load(f->store, &test_data, &(struct table_options){.threads = 1}, &test, &err), &err);
		add_input(f, run, "test", &test_data);
		spec.test_version = test_data.digest;
	} else {
		spec.split = 0.3;
	}
	spec.data_version = data.digest;
	learn_params_default(spec.recipe, spec.params);
	spec.drop = drop ? dropped : NULL;
	spec.drop_count = drop ? 1 : 0;
	must(learn_train(&spec, &table, test_name ? &test : NULL, NULL, NULL, &model, &predictions, &err), &err);
	str_init(&bytes);
	model_bytes(model, &bytes);
	must(store_object_put(f->store, bytes.data, bytes.len, a.digest, &err), &err);
	a.bytes = bytes.len;
	must(store_artifact_add(f->store, run, &a, &err), &err);
	keep_evaluation(f, run, a.digest, test_name ? "test" : "split", test_name ? &test_data : &data,
	                test_name ? &test : &table, predictions);
	str_release(&bytes);
	learn_predictions_free(predictions);
	model_free(model);
	table_release(&table);
	work_data_release(&data);
	if (test_name) {
		table_release(&test);
		work_data_release(&test_data);
	}
}

int64_t registry_fixture_run(struct registry_fixture *f, const char *name, const char *test, const char *drop)
{
	struct error err;
	const struct point last = {.step = 1, .value = 0.25};
	struct run_new new = {.name = name, .kind = "train", .user = "ada", .host = "gpu1"};
	struct run_ending ending = {.status = RUN_DONE, .reason = "", .at = time_now_ms()};
	char uuid[ID_TEXT];
	int64_t run;
	must(store_run_create(f->store, &new, &run, uuid, &err), &err);
	must(store_param_set(f->store, run, "l2", "1", &err), &err);
	must(store_series_append(f->store, run, SERIES_METRIC, "log_loss", "", &last, 1, &err), &err);
	train(f, run, test, drop);
	must(store_run_end(f->store, run, &ending, &err), &err);
	return run;
}

void registry_fixture_register(struct registry_fixture *f, const char *run, const char *model,
                               struct arena *mem, struct work_version *out)
{
	struct error err;
	bool known;
	const struct work_register asked = {.run = run, .name = model};
	must(work_register(f->trust, &asked, out, &known, mem, &err), &err);
	assert_false(known);
}
