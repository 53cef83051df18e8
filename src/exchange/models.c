/*
 * Logged models: what MLflow 3 writes down when a program saves a model. Kept as a record, with the id that its files
 * are named by; it is no version of a model yet, which `assay register` makes of a run.
 */
#include <string.h>

#include "inside.h"

enum { MODEL_ID_TEXT = 2 + ID_TEXT };

/* ---- the record ---- */

/* Its JSON is an object of ours: name, type, status, message, created, updated, run, params, tags, metrics. */
struct model {
	struct store_record record;
	struct json_object *json;
};

static int load_model(struct call *c, const char *id, struct model *out)
{
	struct error err;
	bool found;

	out->json = NULL;
	if (store_record_get(c->store, RECORD_MODEL, id, c->mem, &out->record, &found, &err) < 0)
		return refuse_store(c, &err);
	if (found)
		out->json = json_tokener_parse(out->record.json);
	if (!out->json)
		return refuse(c, RESOURCE_DOES_NOT_EXIST, "Logged model with ID '%s' not found.", id);
	return 0;
}

static int save_model(struct call *c, struct model *m)
{
	struct error err;

	m->record.json = shown(m->json);
	return store_record_put(c->store, &m->record, &err) < 0 ? refuse_store(c, &err) : 0;
}

static void set_int(struct json_object *json, const char *key, int64_t value)
{
	json_object_object_add(json, key, json_object_new_int64(value));
}

static void set_text(struct json_object *json, const char *key, const char *value)
{
	json_object_object_add(json, key, json_object_new_string(value));
}

static const char *text_in(struct json_object *json, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(json, key, &value);
	return json_object_get_type(value) == json_type_string ? json_object_get_string(value) : "";
}

static int64_t int_in(struct json_object *json, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(json, key, &value);
	return json_object_get_int64(value);
}

static struct json_object *list_in(struct json_object *json, const char *key)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(json, key, &value) || json_object_get_type(value) != json_type_array) {
		value = json_object_new_array();
		json_object_object_add(json, key, value);
	}
	return value;
}

/* The entry of a list of pairs whose `name` member is this; its place, or the list's length. */
static size_t place_of(struct json_object *list, const char *name, const char *key)
{
	size_t i = 0;

	while (i < json_object_array_length(list) &&
	       strcmp(text_in(json_object_array_get_idx(list, i), name), key) != 0)
		i++;
	return i;
}

static const char *experiment_text(struct call *c, int64_t id)
{
	struct experiment_row e;

	if (store_experiment_row(c->store, id, c->mem, &e, NULL) < 0)
		return "0";
	return experiment_id(c, &e);
}

static void write_model(struct call *c, const struct model *m, const char *key)
{
	const char *experiment = experiment_text(c, m->record.experiment), *run = text_in(m->json, "run");

	jw_object(&c->j, key);
	jw_object(&c->j, "info");
	jw_string(&c->j, "model_id", m->record.key);
	jw_string(&c->j, "experiment_id", experiment);
	jw_string(&c->j, "name", text_in(m->json, "name"));
	jw_int(&c->j, "creation_timestamp_ms", int_in(m->json, "created"));
	jw_int(&c->j, "last_updated_timestamp_ms", int_in(m->json, "updated"));
	jw_string(&c->j, "artifact_uri",
	          arena_printf(c->mem, "mlflow-artifacts:/%s/models/%s/artifacts", experiment, m->record.key));
	jw_string(&c->j, "status", text_in(m->json, "status"));
	jw_string(&c->j, "model_type", text_in(m->json, "type"));
	if (run[0])
		jw_string(&c->j, "source_run_id", run);
	jw_raw(&c->j, "tags", shown(list_in(m->json, "tags")));
	jw_object_end(&c->j);
	jw_object(&c->j, "data");
	jw_raw(&c->j, "params", shown(list_in(m->json, "params")));
	jw_raw(&c->j, "metrics", shown(list_in(m->json, "metrics")));
	jw_object_end(&c->j);
	jw_object_end(&c->j);
}

int model_run(struct call *c, const char *id, struct run_row *out)
{
	struct model m;
	struct error err;

	if (load_model(c, id, &m) < 0)
		return -1;
	json_object_put(m.json);
	if (!m.record.run)
		return refuse(
		    c, NOT_IMPLEMENTED,
		    "Assay keeps the files of a model with its run, and the model %s has none: log it within a run.",
		    id);
	return store_run_get(c->store, m.record.run, c->mem, out, &err) < 0 ? refuse_store(c, &err) : 0;
}

/* The latest value by metric and data set. */
int model_metric(struct call *c, const struct run_row *run, struct json_object *metric, const char *id)
{
	static const char *const copied[] = {"key",  "value",        "timestamp",
	                                     "step", "dataset_name", "dataset_digest"};
	struct json_object *list, *entry;
	struct model m;
	size_t i;
	int result;

	/* A model that is not known here is no reason to lose the metric. */
	if (load_model(c, id, &m) < 0) {
		str_clear(&c->out->body);
		c->out->status = 200;
		jw_init(&c->j, &c->out->body);
		jw_object(&c->j, NULL);
		return 0;
	}
	list = list_in(m.json, "metrics");
	entry = json_object_new_object();
	for (size_t k = 0; k < COUNT_OF(copied); k++) {
		struct json_object *value = NULL;
		if (json_object_object_get_ex(metric, copied[k], &value))
			json_object_object_add(entry, copied[k], json_object_get(value));
	}
	set_text(entry, "model_id", id);
	set_text(entry, "run_id", run->uuid);
	for (i = 0; i < json_object_array_length(list); i++) {
		struct json_object *old = json_object_array_get_idx(list, i);
		if (strcmp(text_in(old, "key"), text_in(entry, "key")) == 0 &&
		    strcmp(text_in(old, "dataset_name"), text_in(entry, "dataset_name")) == 0 &&
		    strcmp(text_in(old, "dataset_digest"), text_in(entry, "dataset_digest")) == 0)
			break;
	}
	json_object_array_put_idx(list, i, entry);
	result = save_model(c, &m);
	json_object_put(m.json);
	return result;
}

/* ---- the calls ---- */

/* Pairs of the request replace those of the same key. */
static int merge_pairs(struct call *c, struct json_object *into, const char *argument)
{
	struct json_object *list;

	if (arg_array(c, argument, &list) < 0)
		return -1;
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *pair = json_object_array_get_idx(list, i), *kept;
		const char *key, *value;
		bool given;

		if (member_text(c, pair, argument, "key", &given, &key) < 0 ||
		    member_text(c, pair, argument, "value", &given, &value) < 0)
			return -1;
		kept = json_object_new_object();
		set_text(kept, "key", key);
		set_text(kept, "value", value);
		json_object_array_put_idx(into, place_of(into, "key", key), kept);
	}
	return 0;
}

static int check_model_name(struct call *c, const char *name)
{
	if (!name || (name[0] && !strpbrk(name, "/:.%\"'")))
		return 0;
	return refuse(
	    c, INVALID_PARAMETER_VALUE,
	    "Invalid model name ('%s') provided. Model name must be a non-empty string and cannot contain the "
	    "following characters: ('/', ':', '.', '%%', '\"', \"'\")",
	    name);
}

int call_model_create(struct call *c)
{
	char uuid[ID_TEXT], id[MODEL_ID_TEXT];
	const char *experiment, *name, *type, *source;
	struct experiment_row e;
	struct run_row run = {0};
	struct model m = {.record = {.kind = RECORD_MODEL}};
	int result = -1;

	if (arg_text(c, "experiment_id", &experiment) < 0 || arg_text(c, "name", &name) < 0 ||
	    arg_text(c, "model_type", &type) < 0 || arg_text(c, "source_run_id", &source) < 0 ||
	    check_model_name(c, name) < 0 ||
	    find_experiment(c, experiment && experiment[0] ? experiment : "0", &e) < 0)
		return -1;
	if (source && source[0] && find_run(c, source, &run) < 0)
		return -1;
	id_make(uuid);
	snprintf(id, sizeof id, "m-%s", uuid);
	m.json = json_object_new_object();
	m.record.key = id;
	m.record.run = run.id;
	m.record.experiment = e.id;
	set_text(m.json, "name", name ? name : "model");
	set_text(m.json, "type", type ? type : "");
	set_text(m.json, "status", "LOGGED_MODEL_PENDING");
	set_text(m.json, "run", run.uuid);
	set_int(m.json, "created", time_now_ms());
	set_int(m.json, "updated", int_in(m.json, "created"));
	if (merge_pairs(c, list_in(m.json, "params"), "params") == 0 &&
	    merge_pairs(c, list_in(m.json, "tags"), "tags") == 0 && save_model(c, &m) == 0) {
		write_model(c, &m, "model");
		result = 0;
	}
	json_object_put(m.json);
	return result;
}

int call_model_get(struct call *c)
{
	struct model m;

	if (load_model(c, c->part, &m) < 0)
		return -1;
	write_model(c, &m, "model");
	json_object_put(m.json);
	return 0;
}

int call_model_finish(struct call *c)
{
	static const char *const statuses[] = {"LOGGED_MODEL_PENDING", "LOGGED_MODEL_READY",
	                                       "LOGGED_MODEL_UPLOAD_FAILED"};
	const char *status = NULL;
	struct model m;
	int64_t number = 0;
	bool given;
	int result;

	/* Named, or by its number. */
	if (arg_int(c, "status", &number, &given) == 0 && given && number >= 1 && number <= 3) {
		status = statuses[number - 1];
	} else {
		if (arg_text(c, "status", &status) < 0)
			return -1;
		for (size_t i = 0; status && i <= COUNT_OF(statuses); i++) {
			if (i == COUNT_OF(statuses))
				return refuse(c, INVALID_PARAMETER_VALUE,
				              "Invalid value \"%s\" for parameter 'status' supplied.", status);
			if (strcmp(statuses[i], status) == 0)
				break;
		}
	}
	if (!status)
		return arg_need(c, "status", &status);
	/* A refusal of the first try does not stand. */
	str_clear(&c->out->body);
	c->out->status = 200;
	jw_init(&c->j, &c->out->body);
	jw_object(&c->j, NULL);
	if (load_model(c, c->part, &m) < 0)
		return -1;
	set_text(m.json, "status", status);
	set_int(m.json, "updated", time_now_ms());
	result = save_model(c, &m);
	if (result == 0)
		write_model(c, &m, "model");
	json_object_put(m.json);
	return result;
}

int call_model_delete(struct call *c)
{
	struct model m;
	struct error err;

	if (load_model(c, c->part, &m) < 0)
		return -1;
	json_object_put(m.json);
	return store_record_drop(c->store, RECORD_MODEL, c->part, &err) < 0 ? refuse_store(c, &err) : 0;
}

static int change_lists(struct call *c, const char *list, const char *argument)
{
	struct model m;
	int result;

	if (load_model(c, c->part, &m) < 0)
		return -1;
	result = merge_pairs(c, list_in(m.json, list), argument);
	set_int(m.json, "updated", time_now_ms());
	if (result == 0)
		result = save_model(c, &m);
	if (result == 0 && strcmp(list, "tags") == 0)
		write_model(c, &m, "model");
	json_object_put(m.json);
	return result;
}

int call_model_params(struct call *c)
{
	return change_lists(c, "params", "params");
}

int call_model_tags(struct call *c)
{
	return change_lists(c, "tags", "tags");
}

int call_model_untag(struct call *c)
{
	struct json_object *tags;
	struct model m;
	size_t i;
	int result;

	if (load_model(c, c->part, &m) < 0)
		return -1;
	tags = list_in(m.json, "tags");
	i = place_of(tags, "key", c->part2);
	if (i == json_object_array_length(tags)) {
		result = refuse(c, RESOURCE_DOES_NOT_EXIST, "No tag with key '%s' found for model with ID '%s'.",
		                c->part2, c->part);
	} else {
		json_object_array_del_idx(tags, i, 1);
		result = save_model(c, &m);
	}
	json_object_put(m.json);
	return result;
}

/* Of what the client itself asks: name = 'x' and source_run_id = 'y', joined by AND. */
static int fits_filter(struct call *c, const char *filter, const struct model *m, bool *out)
{
	static const char *const keys[] = {"source_run_id", "name", "model_id", "status", "model_type"};
	const char *p = filter;

	*out = true;
	while (p[strspn(p, " \t\n")]) {
		const char *value = NULL, *end;

		p += strspn(p, " \t\n");
		if (strncmp(p, "attributes.", 11) == 0)
			p += 11;
		for (size_t i = 0; i < COUNT_OF(keys) && !value; i++) {
			size_t len = strlen(keys[i]);

			if (strncmp(p, keys[i], len) != 0 || !strchr(" =", p[len]))
				continue;
			value = i == 2 ? m->record.key : text_in(m->json, i == 0 ? "run" : i == 4 ? "type" : keys[i]);
			p += len;
		}
		p += strspn(p, " ");
		if (!value || *p != '=')
			goto bad;
		p++;
		p += strspn(p, " ");
		if ((*p != '\'' && *p != '"') || !(end = strchr(p + 1, *p)))
			goto bad;
		*out &= strlen(value) == (size_t)(end - p - 1) && strncmp(value, p + 1, strlen(value)) == 0;
		p = end + 1;
		p += strspn(p, " \t\n");
		if (*p && strncasecmp(p, "AND ", 4) != 0)
			goto bad;
		p += *p ? 4 : 0;
	}
	return 0;
bad:
	return refuse(
	    c, INVALID_PARAMETER_VALUE,
	    "Invalid filter string: \"%s\". Logged models are searched by name, source_run_id, model_id, status "
	    "and model_type = 'x', joined by AND.",
	    filter);
}

int call_model_search(struct call *c)
{
	struct json_object *ids;
	struct error err;
	const char *filter, *token;
	int64_t most = 100, from = 0, seen = 0;
	bool given, more = false;

	if (arg_array(c, "experiment_ids", &ids) < 0 || arg_text(c, "filter", &filter) < 0 ||
	    arg_int(c, "max_results", &most, &given) < 0 || arg_text(c, "page_token", &token) < 0)
		return -1;
	if (token && token[0] && (!int_parse(token, strlen(token), &from) || from < 0))
		return refuse(c, INVALID_PARAMETER_VALUE, "Invalid page token, could not decode.");
	most = most < 1 || most > 1000 ? 100 : most;
	jw_array(&c->j, "models");
	for (size_t i = 0; ids && i < json_object_array_length(ids); i++) {
		const char *id = json_object_get_string(json_object_array_get_idx(ids, i));
		struct store_record *records;
		struct experiment_row e;
		size_t count;

		if (find_experiment(c, id ? id : "", &e) < 0)
			return -1;
		if (store_experiment_records(c->store, e.id, RECORD_MODEL, c->mem, &records, &count, &err) < 0)
			return refuse_store(c, &err);
		for (size_t k = 0; k < count && !more; k++) {
			struct model m = {records[k], json_tokener_parse(records[k].json)};
			bool fits = true;

			if (filter && fits_filter(c, filter, &m, &fits) < 0) {
				json_object_put(m.json);
				return -1;
			}
			more = fits && seen == from + most;
			if (fits && !more && seen++ >= from)
				write_model(c, &m, NULL);
			json_object_put(m.json);
		}
	}
	jw_array_end(&c->j);
	if (more)
		jw_string(&c->j, "next_page_token", arena_printf(c->mem, "%lld", (long long)seen));
	return 0;
}
