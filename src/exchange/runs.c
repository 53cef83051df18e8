/* Runs: made, read, changed, ended. */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "inside.h"

enum { HEARD_MS = 10000 }; /* that a client lives is written down no more often */

#define TAG_NAME   "mlflow.runName"
#define TAG_PARENT "mlflow.parentRunId"
#define TAG_COMMIT "mlflow.source.git.commit"
#define TAG_USER   "mlflow.user"
#define TAG_NOTE   "mlflow.note.content"

/* ---- finding ---- */

int find_run(struct call *c, const char *id, struct run_row *out)
{
	struct error err;
	int rc = store_run_by_uuid(c->store, id, c->mem, out, &err);

	if (rc < 0 && err.code != ERR_NO)
		return refuse_store(c, &err);
	/* One that is being purged is gone in part: no client sees it, or could bring it back. */
	if (rc < 0 || out->removed < 0)
		return refuse(c, RESOURCE_DOES_NOT_EXIST, "Run with id=%s not found", id);
	return 0;
}

int arg_run(struct call *c, struct run_row *out)
{
	const char *id;

	if (arg_text(c, "run_id", &id) < 0)
		return -1;
	if (!id || !id[0])
		if (arg_text(c, "run_uuid", &id) < 0)
			return -1;
	if (!id || !id[0])
		return arg_need(c, "run_id", &id) < 0 ? -1 : find_run(c, id, out);
	return find_run(c, id, out);
}

int need_active(struct call *c, const struct run_row *run)
{
	char seal[SHA256_TEXT];
	struct error err;

	if (run->removed)
		return refuse(c, INVALID_PARAMETER_VALUE,
		              "The run %s must be in the 'active' state. Current state is deleted.", run->uuid);
	if (!store_status_over(run->status))
		return 0;
	if (store_run_seal_get(c->store, run->id, seal, &err) < 0)
		return refuse_store(c, &err);
	return seal[0] ? refuse(c, INVALID_STATE, "The run %s is sealed: it stands behind a version of a model.",
	                        run->uuid)
	               : 0;
}

bool is_watched(const struct run_row *run)
{
	return strcmp(run->source, SOURCE_MLFLOW) != 0;
}

/* ---- who has been heard of ---- */

static struct heard *find_heard(struct exchange *x, int64_t run)
{
	for (size_t i = 0; i < x->heard_count; i++)
		if (x->heard[i].run == run)
			return &x->heard[i];
	return NULL;
}

static void forget(struct exchange *x, int64_t run)
{
	struct heard *h = find_heard(x, run);

	if (h)
		*h = x->heard[--x->heard_count];
}

void heard_of(struct exchange *x, const struct run_row *run)
{
	struct heard *h = find_heard(x, run->id);

	if (is_watched(run)) {
		if (x->run && strcmp(x->run, run->uuid) == 0)
			x->settled = true;
		return;
	}
	if (store_status_over(run->status))
		return;
	if (!h && x->heard_count < HEARD_MAX) {
		h = &x->heard[x->heard_count++];
		*h = (struct heard){.run = run->id};
	}
	if (!h)
		return;
	h->at = time_mono_ms();
	if (!x->read_only && (!h->written || h->at - h->written >= HEARD_MS) &&
	    store_run_heard(x->store, run->id, time_now_ms(), NULL) == 0)
		h->written = h->at;
}

static void judge_one(struct exchange *x, int64_t run, int64_t heard, bool over)
{
	if (x->judge)
		x->judge(x->judge_user, x->store, run, heard, over);
}

bool exchange_judge(struct exchange *x)
{
	for (size_t i = 0; x->judge && i < x->heard_count; i++)
		judge_one(x, x->heard[i].run, x->heard[i].at, false);
	return x->judge && x->heard_count > 0;
}

void exchange_end_open(struct exchange *x, const char *reason)
{
	struct run_ending ending = {.status = RUN_LOST, .reason = reason, .exit_status = -1, .at = time_now_ms()};

	/* One that is over already is left as it is. */
	for (size_t i = 0; i < x->heard_count; i++) {
		judge_one(x, x->heard[i].run, x->heard[i].at, true);
		store_run_end(x->store, x->heard[i].run, &ending, NULL);
	}
	x->heard_count = 0;
}

/* ---- in MLflow's words ---- */

static const char *status_word(enum run_status status)
{
	static const char *const words[RUN_STATUSES] = {
	    [RUN_QUEUED] = "SCHEDULED", [RUN_RUNNING] = "RUNNING", [RUN_DONE] = "FINISHED",
	    [RUN_FAILED] = "FAILED",    [RUN_KILLED] = "KILLED",   [RUN_LOST] = "FAILED",
	};

	return words[status];
}

static bool read_status(const char *word, enum run_status *out)
{
	static const struct {
		const char *word;
		enum run_status status;
	} words[] = {{"SCHEDULED", RUN_QUEUED}, {"RUNNING", RUN_RUNNING}, {"FINISHED", RUN_DONE},
	             {"FAILED", RUN_FAILED},    {"KILLED", RUN_KILLED},   {"1", RUN_RUNNING},
	             {"2", RUN_QUEUED},         {"3", RUN_DONE},          {"4", RUN_FAILED},
	             {"5", RUN_KILLED}};

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (strcmp(word, words[i].word) == 0) {
			*out = words[i].status;
			return true;
		}
	}
	return false;
}

int write_run_info(struct call *c, const struct run_row *run, const char *key)
{
	const char *experiment = experiment_of_run(c, run);

	jw_object(&c->j, key);
	jw_string(&c->j, "run_id", run->uuid);
	jw_string(&c->j, "run_uuid", run->uuid);
	jw_string(&c->j, "run_name", run->name);
	jw_string(&c->j, "experiment_id", experiment);
	jw_string(&c->j, "user_id", run->user);
	jw_string(&c->j, "status", status_word(run->status));
	jw_int(&c->j, "start_time", run->started ? run->started : run->created);
	if (run->ended)
		jw_int(&c->j, "end_time", run->ended);
	jw_string(&c->j, "artifact_uri",
	          arena_printf(c->mem, "mlflow-artifacts:/%s/%s/artifacts", experiment, run->uuid));
	jw_string(&c->j, "lifecycle_stage", run->removed ? "deleted" : "active");
	jw_object_end(&c->j);
	return 0;
}

static int write_metrics(struct call *c, const struct run_row *run)
{
	struct series *all;
	struct error err;
	size_t count;

	if (store_series_list(c->store, run->id, SERIES_METRIC, c->mem, &all, &count, &err) < 0)
		return refuse_store(c, &err);
	jw_array(&c->j, "metrics");
	for (size_t i = 0; i < count; i++) {
		jw_object(&c->j, NULL);
		/* Ours may have a context, which MLflow has not. */
		jw_string(&c->j, "key",
		          all[i].context[0] ? arena_printf(c->mem, "%s/%s", all[i].context, all[i].name)
		                            : all[i].name);
		write_double(&c->j, "value", all[i].last.value);
		jw_int(&c->j, "timestamp", all[i].last_time);
		jw_int(&c->j, "step", all[i].last.step);
		jw_object_end(&c->j);
	}
	jw_array_end(&c->j);
	return 0;
}

static int write_params(struct call *c, const struct run_row *run)
{
	struct store_pair *pairs;
	struct error err;
	size_t count;

	if (store_params(c->store, run->id, c->mem, &pairs, &count, &err) < 0)
		return refuse_store(c, &err);
	jw_array(&c->j, "params");
	for (size_t i = 0; i < count; i++)
		write_pair(&c->j, pairs[i].key, pairs[i].value);
	jw_array_end(&c->j);
	return 0;
}

static int write_tags(struct call *c, const struct run_row *run)
{
	/* What the run knows of itself, where no client has said otherwise. */
	struct {
		const char *key, *value;
		bool said;
	} own[] = {{TAG_PARENT, run->parent, false},
	           {TAG_COMMIT, run->code_commit, false},
	           {TAG_USER, run->user[0] && is_watched(run) ? run->user : NULL, false}};
	struct store_pair *pairs;
	struct error err;
	size_t count;

	if (store_tags(c->store, run->id, c->mem, &pairs, &count, &err) < 0)
		return refuse_store(c, &err);
	jw_array(&c->j, "tags");
	write_pair(&c->j, TAG_NAME, run->name);
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < COUNT_OF(own); k++)
			own[k].said |= strcmp(pairs[i].key, own[k].key) == 0;
		write_pair(&c->j, pairs[i].key, pairs[i].value);
	}
	for (size_t k = 0; k < COUNT_OF(own); k++)
		if (own[k].value && !own[k].said)
			write_pair(&c->j, own[k].key, own[k].value);
	jw_array_end(&c->j);
	return 0;
}

static int write_records(struct call *c, const struct run_row *run, const char *kind, const char *key)
{
	struct store_record *records;
	struct error err;
	size_t count;

	if (store_records(c->store, run->id, kind, c->mem, &records, &count, &err) < 0)
		return refuse_store(c, &err);
	if (!count)
		return 0;
	jw_array(&c->j, key);
	for (size_t i = 0; i < count; i++)
		jw_raw(&c->j, NULL, records[i].json);
	jw_array_end(&c->j);
	return 0;
}

int write_run(struct call *c, const struct run_row *run, const char *key)
{
	jw_object(&c->j, key);
	write_run_info(c, run, "info");
	jw_object(&c->j, "data");
	if (write_metrics(c, run) < 0 || write_params(c, run) < 0 || write_tags(c, run) < 0)
		return -1;
	jw_object_end(&c->j);
	jw_object(&c->j, "inputs");
	if (write_records(c, run, RECORD_INPUT, "dataset_inputs") < 0)
		return -1;
	jw_object_end(&c->j);
	jw_object(&c->j, "outputs");
	if (write_records(c, run, RECORD_OUTPUT, "model_outputs") < 0)
		return -1;
	jw_object_end(&c->j);
	jw_object_end(&c->j);
	return 0;
}

/* ---- tags ---- */

/* What a note says is added to the notes when it is another one than before. */
static int note_of_tag(struct call *c, int64_t run, const char *text)
{
	struct store_pair *notes;
	struct error err;
	size_t count;

	if (!text[0])
		return 0;
	if (store_notes(c->store, run, c->mem, &notes, &count, &err) < 0)
		return refuse_store(c, &err);
	for (size_t i = 0; i < count; i++)
		if (strcmp(notes[i].value, text) == 0)
			return 0;
	return store_note_add(c->store, run, text, 0, &err) < 0 ? refuse_store(c, &err) : 0;
}

int set_tag(struct call *c, const struct run_row *run, const char *key, const char *value)
{
	struct error err;
	int result = 0;

	value = text_cut(c, value, TAG_MAX);
	if (strcmp(key, TAG_NAME) == 0)
		return value[0] && store_run_rename(c->store, run->id, value, &err) < 0 ? refuse_store(c, &err) : 0;
	if (strcmp(key, TAG_PARENT) == 0)
		result = store_run_learn(c->store, run->id, value, NULL, &err);
	else if (strcmp(key, TAG_COMMIT) == 0)
		result = store_run_learn(c->store, run->id, NULL, value, &err);
	else if (strcmp(key, TAG_NOTE) == 0 && note_of_tag(c, run->id, value) < 0)
		return -1;
	if (result < 0 || store_tag_set(c->store, run->id, key, value, &err) < 0)
		return refuse_store(c, &err);
	return 0;
}

int call_set_tag(struct call *c)
{
	struct run_row run;
	struct error err;
	const char *key, *value;
	int result;

	if (arg_need(c, "key", &key) < 0 || arg_text(c, "value", &value) < 0 || arg_run(c, &run) < 0 ||
	    check_key_name(c, "key", key) < 0 || need_active(c, &run) < 0)
		return -1;
	if (text_length(key) > KEY_MAX)
		return refuse(c, INVALID_PARAMETER_VALUE, "'key' exceeds the maximum length of %d characters",
		              KEY_MAX);
	if (store_begin(c->store, STORE_NORMAL, &err) < 0)
		return refuse_store(c, &err);
	result = set_tag(c, &run, key, value ? value : "");
	if (store_end(c->store, result == 0, &err) < 0)
		return refuse_store(c, &err);
	heard_of(c->x, &run);
	return result;
}

int call_delete_tag(struct call *c)
{
	struct run_row run;
	struct error err;
	const char *key;
	bool found;

	if (arg_need(c, "key", &key) < 0 || arg_run(c, &run) < 0 || need_active(c, &run) < 0)
		return -1;
	if (store_tag_remove(c->store, run.id, key, &found, &err) < 0)
		return refuse_store(c, &err);
	return found
	           ? 0
	           : refuse(c, RESOURCE_DOES_NOT_EXIST, "No tag with name: %s in run with id %s", key, run.uuid);
}

/* ---- the calls ---- */

struct tag {
	const char *key, *value;
};

static int read_tags(struct call *c, struct json_object *list, struct tag **out, size_t *count)
{
	size_t n = list ? json_object_array_length(list) : 0;

	*out = arena_array(c->mem, n + 1, sizeof **out);
	*count = n;
	for (size_t i = 0; i < n; i++) {
		struct json_object *tag = json_object_array_get_idx(list, i);
		const char *path = arena_printf(c->mem, "tags[%zu]", i);
		bool given;

		if (member_text(c, tag, path, "key", &given, &(*out)[i].key) < 0 ||
		    member_text(c, tag, path, "value", &given, &(*out)[i].value) < 0 ||
		    check_key_name(c, arena_printf(c->mem, "%s.key", path), (*out)[i].key) < 0)
			return -1;
	}
	return 0;
}

static const char *tag_of(const struct tag *tags, size_t count, const char *key)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(tags[i].key, key) == 0)
			return tags[i].value;
	return NULL;
}

/* In one transaction, the caller's. */
static int make_run(struct call *c, const struct run_new *new, const struct tag *tags, size_t count,
                    int64_t start, struct run_row *run)
{
	const struct run_process nobody = {0};
	char host[256] = "", uuid[ID_TEXT];
	struct run_new full = *new;
	struct error err;
	int64_t id;

	/* Whose processes are not known is on no host either, so that nobody takes them for dead. */
	gethostname(host, sizeof host - 1);
	full.host = c->x->has_supervisor ? host : "";
	if (store_run_create(c->store, &full, &id, uuid, &err) < 0 ||
	    store_run_start(c->store, id, c->x->has_supervisor ? &c->x->supervisor : &nobody, start, &err) < 0 ||
	    (c->x->has_supervisor && store_run_process(c->store, id, &c->x->command, &err) < 0) ||
	    store_run_get(c->store, id, c->mem, run, &err) < 0)
		return refuse_store(c, &err);
	for (size_t i = 0; i < count; i++)
		if (set_tag(c, run, tags[i].key, tags[i].value) < 0)
			return -1;
	/* Once more: tags have changed it. */
	return store_run_get(c->store, id, c->mem, run, &err) < 0 ? refuse_store(c, &err) : 0;
}

int call_run_create(struct call *c)
{
	struct run_new new = {.kind = "command", .source = SOURCE_MLFLOW};
	struct experiment_row e;
	struct json_object *list;
	struct run_row run;
	struct error err;
	struct tag *tags;
	const char *experiment, *name, *user, *tagged;
	int64_t start = 0;
	size_t count;
	bool given;
	int result;

	if (arg_text(c, "experiment_id", &experiment) < 0 || arg_text(c, "run_name", &name) < 0 ||
	    arg_text(c, "user_id", &user) < 0 || arg_int(c, "start_time", &start, &given) < 0 ||
	    arg_array(c, "tags", &list) < 0 || read_tags(c, list, &tags, &count) < 0 ||
	    find_experiment(c, experiment && experiment[0] ? experiment : "0", &e) < 0)
		return -1;
	if (e.deleted)
		return refuse(c, INVALID_PARAMETER_VALUE,
		              "The experiment %s must be in the 'active' state. Current state is deleted.",
		              experiment_id(c, &e));
	tagged = tag_of(tags, count, TAG_NAME);
	if (name && name[0] && tagged && tagged[0] && strcmp(name, tagged) != 0)
		return refuse(
		    c, INVALID_PARAMETER_VALUE,
		    "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values "
		    "(run_name='%s', mlflow.runName='%s').",
		    name, tagged);
	new.name = name &&name[0] ? name : tagged;
	new.experiment = e.name;
	new.user = user ? user : "";
	new.parent = tag_of(tags, count, TAG_PARENT);
	new.code_commit = tag_of(tags, count, TAG_COMMIT);
	new.created = start > 0 ? start : time_now_ms();
	if (store_begin(c->store, STORE_NORMAL, &err) < 0)
		return refuse_store(c, &err);
	result = make_run(c, &new, tags, count, new.created, &run);
	if (store_end(c->store, result == 0, &err) < 0)
		return refuse_store(c, &err);
	if (result < 0)
		return -1;
	heard_of(c->x, &run);
	return write_run(c, &run, "run");
}

int call_run_get(struct call *c)
{
	struct run_row run;

	return arg_run(c, &run) < 0 ? -1 : write_run(c, &run, "run");
}

/* A run that a supervisor watches is over when its command is, whatever a client says. */
static int change_status(struct call *c, struct run_row *run, enum run_status status, int64_t end)
{
	struct run_ending ending = {.status = status, .reason = "", .exit_status = -1, .at = end};
	struct error err;
	int rc = 0;

	if (is_watched(run))
		return 0;
	if (store_status_over(status)) {
		/* Ended once more, another way: the last word counts, as in MLflow. */
		if (store_status_over(run->status) && store_run_resume(c->store, run->id, &err) < 0)
			return refuse_store(c, &err);
		judge_one(c->x, run->id, time_mono_ms(), true);
		rc = store_run_end(c->store, run->id, &ending, &err);
	} else if (store_status_over(run->status)) {
		rc = store_run_resume(c->store, run->id, &err);
	}
	return rc < 0 ? refuse_store(c, &err) : 0;
}

int call_run_update(struct call *c)
{
	struct run_row run;
	struct error err;
	const char *word, *name;
	enum run_status status = RUN_RUNNING;
	int64_t end = 0;
	bool given;
	int result = 0;

	if (arg_text(c, "status", &word) < 0 || arg_int(c, "end_time", &end, &given) < 0 ||
	    arg_text(c, "run_name", &name) < 0 || arg_run(c, &run) < 0 || need_active(c, &run) < 0)
		return -1;
	if (word && !read_status(word, &status))
		return refuse(c, INVALID_PARAMETER_VALUE,
		              "Invalid value \"%s\" for parameter 'status' supplied: it is one of RUNNING, "
		              "SCHEDULED, FINISHED, "
		              "FAILED, KILLED.",
		              word);
	if (store_begin(c->store, STORE_NORMAL, &err) < 0)
		return refuse_store(c, &err);
	if (word)
		result = change_status(c, &run, status, end);
	if (!result && name && name[0] && store_run_rename(c->store, run.id, name, &err) < 0)
		result = refuse_store(c, &err);
	if (store_end(c->store, result == 0, &err) < 0)
		return refuse_store(c, &err);
	if (result < 0)
		return -1;
	if (store_run_get(c->store, run.id, c->mem, &run, &err) < 0)
		return refuse_store(c, &err);
	heard_of(c->x, &run);
	if (store_status_over(run.status))
		forget(c->x, run.id);
	return write_run_info(c, &run, "run_info");
}

int call_run_delete(struct call *c)
{
	struct run_row run;
	struct error err;

	if (arg_run(c, &run) < 0)
		return -1;
	if (is_watched(&run) && !store_status_over(run.status))
		return refuse(c, INVALID_PARAMETER_VALUE, "The run %s is still running: `assay stop` ends it.",
		              run.uuid);
	if (!run.removed && store_run_remove(c->store, run.id, time_now_ms(), &err) < 0)
		return refuse_store(c, &err);
	return 0;
}

int call_run_restore(struct call *c)
{
	struct run_row run;
	struct error err;

	if (arg_run(c, &run) < 0)
		return -1;
	return run.removed && store_run_remove(c->store, run.id, 0, &err) < 0 ? refuse_store(c, &err) : 0;
}
