/*
 * The trainer: what runs inside a run of kind "train". It reports like any program, through an event
 * file, and being this program it stores model, predictions and evidence itself.
 *
 * What it prints is for people and has no "name=value" in it: the metrics come by the event file, and must
 * not be found a second time in the output.
 */
#include <math.h>

#include <json-c/json.h>

#include "work.h"

struct trainer {
	struct store *store;
	struct run_row run;
	struct arena *mem;
	struct events events;
	struct json_object *asked;
	struct learn_spec spec;
	struct work_data data, test;
	struct table data_table, test_table;
	bool has_data, has_test;
	/* What people are told: */
	double shown; /* progress when the last line was printed */
	int64_t round;
	bool round_shown;
	struct str round_text;
	struct error *err;
};

/* ---- what was asked for ---- */

static struct json_object *member(const struct trainer *t, const char *key)
{
	struct json_object *value = NULL;
	json_object_object_get_ex(t->asked, key, &value);
	return value;
}

static const char *text_of(struct json_object *value)
{
	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

static int read_asked(struct trainer *t)
{
	const char *folder = getenv("ASSAY_EVENTS");
	char *path = path_join(folder ? folder : ".", "train.json");
	struct str text;
	str_init(&text);
	int status = file_read(path, &text, 1 << 20, t->err);
	if (status == 0) {
		t->asked = json_tokener_parse(text.data);
		if (!json_object_is_type(t->asked, json_type_object))
			status = error_set(t->err, ERR_ENV, "%s is not what assay wrote", path);
	}
	free(path);
	str_release(&text);
	return status;
}

static int read_spec(struct trainer *t)
{
	struct learn_spec *s = &t->spec;
	const char *recipe = text_of(member(t, "recipe"));
	s->recipe = learn_recipe_find(recipe ? recipe : "", t->err);
	if (!s->recipe)
		return -1;
	learn_params_default(s->recipe, s->params);
	struct json_object *params = member(t, "params"), *value = NULL;
	for (size_t i = 0; i < s->recipe->param_count; i++)
		if (json_object_is_type(params, json_type_object) &&
		    json_object_object_get_ex(params, s->recipe->params[i].name, &value))
			s->params[i] = json_object_get_double(value);
	s->label = text_of(member(t, "label"));
	s->positive = text_of(member(t, "positive"));
	struct json_object *drop = member(t, "drop");
	if (json_object_is_type(drop, json_type_array)) {
		const char **names = arena_array(t->mem, json_object_array_length(drop) + 1, sizeof *names);
		for (size_t i = 0; i < json_object_array_length(drop); i++)
			names[s->drop_count++] = json_object_get_string(json_object_array_get_idx(drop, i));
		s->drop = names;
	}
	s->seed = (uint64_t)json_object_get_int64(member(t, "seed"));
	s->split = json_object_get_double(member(t, "split"));
	s->threads = json_object_get_int(member(t, "threads"));
	return 0;
}

/* ---- data ---- */

static int load(struct trainer *t, const char *key, struct work_data *data, struct table *table, bool *has)
{
	char rows[NUM_TEXT];
	int64_t id = json_object_get_int64(member(t, key));
	if (id == 0)
		return 0;
	if (work_data_find_id(t->store, id, data, t->err) != 0)
		return -1;
	if (work_data_load(t->store, data, &(struct table_options){.threads = t->spec.threads}, table, t->err) !=
	    0) {
		work_data_release(data);
		return -1;
	}
	*has = true;
	safe_fprintf(stdout, "read %s@%lld, %s rows\n", data->name, (long long)data->version,
	             count_people((int64_t)table->row_count, rows));
	return 0;
}

/* ---- progress ---- */

/* The values of one round in one line. */
static void show_round(struct trainer *t)
{
	if (t->round_text.len) {
		printf("round %lld, %s\n", (long long)t->round, t->round_text.data);
		fflush(stdout);
	}
	str_clear(&t->round_text);
}

/* Every value as a measurement; a line for people about every tenth of the way. */
static int progress(void *user, const struct learn_progress *p)
{
	struct trainer *t = user;
	char value[NUM_TEXT];
	if (events_metric(&t->events, p->metric, p->context, p->step, p->value, t->err) != 0)
		return -1;
	if (p->step != t->round) {
		show_round(t);
		t->round = p->step;
		t->round_shown = p->done >= t->shown + 0.1 || p->done >= 1;
		if (t->round_shown) {
			t->shown = p->done;
			if (events_progress(&t->events, p->done, t->err) != 0)
				return -1;
		}
	}
	if (t->round_shown)
		str_addf(&t->round_text, "%s%s %s %s", t->round_text.len ? ", " : "", p->context, p->metric,
		         num_people(p->value, 4, value));
	return 0;
}

/* ---- results ---- */

static int keep_model(struct trainer *t, const struct model *model, char digest[SHA256_TEXT])
{
	struct str bytes;
	str_init(&bytes);
	model_bytes(model, &bytes);
	int status = store_object_put(t->store, bytes.data, bytes.len, digest, t->err);
	if (status == 0) {
		struct run_artifact a = {
		    .name = "model.assay", .kind = "model", .bytes = bytes.len, .at = time_now_ms()};
		memcpy(a.digest, digest, SHA256_TEXT);
		status = store_artifact_add(t->store, t->run.id, &a, t->err);
	}
	str_release(&bytes);
	return status;
}

static int report_notes(struct trainer *t, const struct model_info *info)
{
	for (size_t i = 0; i < info->note_count; i++) {
		safe_fprintf(stdout, "note, %s\n", info->notes[i]);
		if (events_note(&t->events, info->notes[i], t->err) != 0)
			return -1;
	}
	return 0;
}

static int report_evaluation(struct trainer *t, const struct evaluation *e)
{
	const struct {
		const char *name;
		double value;
	} metrics[] = {
	    {"auc", e->auc.value},     {"average_precision", e->average_precision},
	    {"log_loss", e->log_loss}, {"brier", e->brier},
	    {"ece", e->uniform.ece},   {"accuracy", e->accuracy},
	};
	for (size_t i = 0; i < COUNT_OF(metrics); i++)
		if (!isnan(metrics[i].value) &&
		    events_metric(&t->events, metrics[i].name, WORK_FINAL_CONTEXT, 0, metrics[i].value, t->err) != 0)
			return -1;
	return 0;
}

static int keep_results(struct trainer *t, const struct model *model,
                        const struct learn_predictions *predictions)
{
	struct model_info info;
	struct evaluation_parts parts = {.run_id = t->run.id, .threshold = 0.5, .artifacts = true};
	struct evaluation evaluation;
	char evidence[SHA256_TEXT];
	model_describe(model, &info);
	if (keep_model(t, model, parts.model) != 0 || report_notes(t, &info) != 0)
		return -1;
	if (!predictions) {
		printf("no rows were kept for testing, so there is no evaluation\n");
		return 0;
	}
	parts.data = predictions->of_split ? &t->data : &t->test;
	parts.table = predictions->of_split ? &t->data_table : &t->test_table;
	parts.rows = predictions->row;
	parts.score = predictions->score;
	parts.label = predictions->label;
	parts.n = predictions->n;
	parts.split = predictions->of_split ? "split" : "test";
	parts.label_name = info.label;
	parts.positive = info.positive;
	if (evaluation_keep(t->store, &parts, &evaluation, evidence, t->err) != 0 ||
	    report_evaluation(t, &evaluation) != 0)
		return -1;
	char rows[NUM_TEXT], auc[NUM_TEXT], low[NUM_TEXT], high[NUM_TEXT];
	safe_fprintf(stdout, "auc %s [%s, %s] on %s rows of %s@%lld\n", num_people(evaluation.auc.value, 4, auc),
	             num_people(evaluation.auc.low, 4, low), num_people(evaluation.auc.high, 4, high),
	             count_people((int64_t)evaluation.n, rows), parts.data->name, (long long)parts.data->version);
	return 0;
}

static int train(struct trainer *t)
{
	struct model *model = NULL;
	struct learn_predictions *predictions = NULL;
	if (load(t, "data", &t->data, &t->data_table, &t->has_data) != 0 ||
	    load(t, "test", &t->test, &t->test_table, &t->has_test) != 0)
		return -1;
	t->spec.data_version = t->data.digest;
	t->spec.test_version = t->has_test ? t->test.digest : NULL;
	printf("training %s\n", t->spec.recipe->name);
	fflush(stdout);
	/* The progress function leaves its own reason in t->err, which "stopped" must not hide. */
	struct error learn_err = {0};
	t->err->text[0] = 0;
	int status = learn_train(&t->spec, &t->data_table, t->has_test ? &t->test_table : NULL, progress, t,
	                         &model, &predictions, &learn_err);
	show_round(t);
	if (status != 0 && !t->err->text[0])
		*t->err = learn_err;
	if (status == 0)
		status = keep_results(t, model, predictions);
	learn_predictions_free(predictions);
	model_free(model);
	return status;
}

int work_trainer(void)
{
	struct error err = {0};
	struct trainer t = {.mem = arena_new(), .err = &err};
	const char *dir = getenv("ASSAY_STORE"), *uuid = getenv("ASSAY_RUN_ID");
	str_init(&t.round_text);
	int status = events_open(&t.events, "trainer", &err);
	if (status == 0)
		status = store_open(&t.store, dir ? dir : "", STORE_WRITE, &err);
	if (status == 0)
		status = store_run_by_uuid(t.store, uuid ? uuid : "", t.mem, &t.run, &err);
	if (status == 0)
		status = read_asked(&t);
	if (status == 0)
		status = read_spec(&t);
	if (status == 0)
		status = train(&t);
	if (t.has_data)
		table_release(&t.data_table);
	if (t.has_test)
		table_release(&t.test_table);
	work_data_release(&t.data);
	work_data_release(&t.test);
	json_object_put(t.asked);
	str_release(&t.round_text);
	events_close(&t.events);
	store_close(t.store);
	arena_free(t.mem);
	if (status == 0)
		return 0;
	safe_fprintf(stdout, "assay: %s\n", err.text);
	return err.code;
}
