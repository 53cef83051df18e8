/* What programs report: metrics, parameters, tags in batches, inputs, outputs; and the history of a metric. */
#include <string.h>

#include "inside.h"

enum { PAIRS_MAX = 100, ENTITIES_MAX = 1000, HISTORY_MAX = 25000 };

/* ---- once ---- */

/* MLflow's client says a thing again when the answer was lost, in the same words; the reference server tells a point
 * that it has already by its key. */
static uint64_t saying(struct call *c, const char *run)
{
	uint64_t hash = hash_bytes(c->in->body, c->in->body_len) ^ (hash_bytes(run, strlen(run)) << 1);

	return hash ? hash : 1;
}

static bool was_said(const struct exchange *x, uint64_t hash)
{
	for (size_t i = 0; i < SEEN_MAX; i++)
		if (x->seen[i] == hash)
			return true;
	return false;
}

static void remember(struct exchange *x, uint64_t hash)
{
	x->seen[x->seen_next++ % SEEN_MAX] = hash;
}

/* ---- metrics ---- */

static int read_metric(struct call *c, struct json_object *json, const char *path, struct metric *out)
{
	bool has_key, has_value, has_time, has_step, has_model;

	if (json_object_get_type(json) != json_type_object)
		return refuse(c, INVALID_PARAMETER_VALUE,
		              "Invalid value %s for parameter '%s' supplied: it is no object.", shown(json), path);
	out->json = json;
	if (member_text(c, json, path, "key", &has_key, &out->key) < 0 ||
	    member_double(c, json, path, "value", &has_value, &out->point.value) < 0 ||
	    member_int(c, json, path, "timestamp", &has_time, &out->point.time) < 0 ||
	    member_int(c, json, path, "step", &has_step, &out->point.step) < 0 ||
	    member_text(c, json, path, "model_id", &has_model, &out->model) < 0)
		return -1;
	if (!has_key || !has_value || !has_time)
		return refuse(
		    c, INVALID_PARAMETER_VALUE,
		    "Missing value for required parameter '%s%s%s'. See the API docs for more information about "
		    "request parameters.",
		    path, path[0] ? "." : "",
		    !has_key     ? "key"
		    : !has_value ? "value"
		                 : "timestamp");
	if (check_key_name(c, path[0] ? arena_printf(c->mem, "%s.name", path) : "name", out->key) < 0)
		return -1;
	if (out->point.time < 0)
		return refuse(
		    c, INVALID_PARAMETER_VALUE,
		    "Invalid value %lld for parameter '%s%stimestamp' supplied: metric '%s'. Timestamp must be a "
		    "nonnegative long (64-bit integer)",
		    (long long)out->point.time, path, path[0] ? "." : "", out->key);
	if (strlen(out->key) > KEY_MAX && text_length(out->key) > KEY_MAX)
		return refuse(c, INVALID_PARAMETER_VALUE, "'Metric name' exceeds the maximum length of %d characters",
		              KEY_MAX);
	return 0;
}

/* Points of one key go into their series together, in the order in which they came. */
static int add_metrics(struct call *c, const struct run_row *run, struct metric *metrics, size_t count)
{
	struct point *points = arena_array(c->mem, count + 1, sizeof *points);
	size_t *size, *at;
	struct intern keys;
	struct error err;
	int result = 0;

	intern_init(&keys);
	for (size_t i = 0; i < count; i++)
		metrics[i].series = intern_add(&keys, metrics[i].key, strlen(metrics[i].key));
	size = arena_array(c->mem, keys.count + 1, sizeof *size);
	at = arena_array(c->mem, keys.count + 1, sizeof *at);
	for (size_t i = 0; i < count; i++)
		size[metrics[i].series]++;
	for (size_t k = 1; k < keys.count; k++)
		at[k] = at[k - 1] + size[k - 1];
	for (size_t i = 0; i < count; i++)
		points[at[metrics[i].series]++] = metrics[i].point;
	for (size_t k = 0; k < keys.count && result == 0; k++)
		result = store_series_append(c->store, run->id, SERIES_METRIC, intern_text(&keys, (uint32_t)k), "",
		                             points + at[k] - size[k], size[k], &err);
	intern_release(&keys);
	if (result < 0)
		return refuse_store(c, &err);
	for (size_t i = 0; i < count; i++)
		if (metrics[i].model[0] && model_metric(c, run, metrics[i].json, metrics[i].model) < 0)
			return -1;
	return 0;
}

/* ---- parameters ---- */

static int refuse_param(struct call *c, const struct run_row *run, const char *key, const char *value)
{
	struct store_pair *all;
	const char *old = "";
	size_t count;

	if (store_params(c->store, run->id, c->mem, &all, &count, NULL) < 0)
		count = 0;
	for (size_t i = 0; i < count; i++)
		if (strcmp(all[i].key, key) == 0)
			old = all[i].value;
	return refuse(
	    c, INVALID_PARAMETER_VALUE,
	    "Changing param values is not allowed. Param with key='%s' was already logged with value='%s' for "
	    "run ID='%s'. Attempted logging new value '%s'.",
	    key, old, run->uuid, value);
}

static int add_param(struct call *c, const struct run_row *run, const char *key, const char *value)
{
	struct error err;

	value = text_cut(c, value, PARAM_MAX);
	if (store_param_set(c->store, run->id, key, value, &err) == 0)
		return 0;
	return err.code == ERR_NO ? refuse_param(c, run, key, value) : refuse_store(c, &err);
}

static int check_key(struct call *c, const char *what, const char *path, const char *key)
{
	if (check_key_name(c, path, key) < 0)
		return -1;
	if (text_length(key) > KEY_MAX)
		return refuse(c, INVALID_PARAMETER_VALUE, "'%s' exceeds the maximum length of %d characters", what,
		              KEY_MAX);
	return 0;
}

int call_log_param(struct call *c)
{
	struct run_row run;
	const char *key, *value;

	if (arg_need(c, "key", &key) < 0 || arg_text(c, "value", &value) < 0 ||
	    check_key(c, "Param key", "key", key) < 0 || arg_run(c, &run) < 0 || need_active(c, &run) < 0 ||
	    add_param(c, &run, key, value ? value : "") < 0)
		return -1;
	heard_of(c->x, &run);
	return 0;
}

/* ---- one, and many at once ---- */

/* Everything or nothing. */
struct batch {
	struct metric *metrics;
	struct pair {
		const char *key, *value;
	} * params, *tags;
	size_t metric_count, param_count, tag_count;
};

static int add_batch(struct call *c, const struct run_row *run, const struct batch *b)
{
	for (size_t i = 0; i < b->param_count; i++)
		if (add_param(c, run, b->params[i].key, b->params[i].value) < 0)
			return -1;
	if (add_metrics(c, run, b->metrics, b->metric_count) < 0)
		return -1;
	for (size_t i = 0; i < b->tag_count; i++)
		if (set_tag(c, run, b->tags[i].key, b->tags[i].value) < 0)
			return -1;
	return 0;
}

/* The run is looked up in the transaction: it is what it was when the commit comes. */
static int commit_batch(struct call *c, struct batch *b)
{
	struct run_row run;
	struct error err;
	uint64_t hash = 0;
	int result;

	if (store_begin(c->store, STORE_NORMAL, &err) < 0)
		return refuse_store(c, &err);
	result = arg_run(c, &run) < 0 || need_active(c, &run) < 0 ? -1 : 0;
	if (result == 0 && b->metric_count)
		hash = saying(c, run.uuid);
	if (hash && was_said(c->x, hash))
		b->metric_count = 0;
	if (result == 0)
		result = add_batch(c, &run, b);
	if (store_end(c->store, result == 0, &err) < 0)
		return refuse_store(c, &err);
	if (result < 0)
		return -1;
	if (b->metric_count)
		remember(c->x, hash);
	heard_of(c->x, &run);
	return 0;
}

int call_log_metric(struct call *c)
{
	struct metric metric = {0};
	struct batch batch = {.metrics = c->metrics ? c->metrics : &metric, .metric_count = 1};

	if (!c->metrics && read_metric(c, c->args, "", &metric) < 0)
		return -1;
	return commit_batch(c, &batch);
}

static int read_pairs(struct call *c, struct json_object *list, const char *what, struct pair **out)
{
	size_t n = list ? json_object_array_length(list) : 0;

	*out = arena_array(c->mem, n + 1, sizeof **out);
	for (size_t i = 0; i < n; i++) {
		struct json_object *pair = json_object_array_get_idx(list, i);
		const char *path = arena_printf(c->mem, "%s[%zu]", what, i);
		bool given;

		if (member_text(c, pair, path, "key", &given, &(*out)[i].key) < 0 ||
		    member_text(c, pair, path, "value", &given, &(*out)[i].value) < 0 ||
		    check_key(c, "key", arena_printf(c->mem, "%s.key", path), (*out)[i].key) < 0)
			return -1;
	}
	return 0;
}

static int check_limit(struct call *c, const char *what, size_t limit, size_t count)
{
	if (count <= limit)
		return 0;
	return refuse(c, INVALID_PARAMETER_VALUE,
	              "A batch logging request can contain at most %zu %s. Got %zu %s. Please split up %s across "
	              "multiple requests and try again.",
	              limit, what, count, what, what);
}

static int check_unique(struct call *c, const struct pair *params, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(params[i].key, params[k].key) == 0)
				return refuse(
				    c, INVALID_PARAMETER_VALUE,
				    "Duplicate parameter keys have been submitted: ['%s']. Please ensure the request "
				    "contains only one param value per param key.",
				    params[i].key);
	return 0;
}

int call_log_batch(struct call *c)
{
	struct json_object *metrics, *params, *tags;
	struct batch b = {.metrics = c->metrics, .metric_count = c->metric_count};

	if (c->metrics)
		return commit_batch(c, &b);
	if (c->in->body_len > EXCHANGE_BATCH_MAX)
		return refuse(c, INVALID_PARAMETER_VALUE,
		              "Batched logging API requests must be at most %d bytes, got a request of size %zu.",
		              EXCHANGE_BATCH_MAX, c->in->body_len);
	if (arg_array(c, "metrics", &metrics) < 0 || arg_array(c, "params", &params) < 0 ||
	    arg_array(c, "tags", &tags) < 0)
		return -1;
	b.metric_count = metrics ? json_object_array_length(metrics) : 0;
	b.param_count = params ? json_object_array_length(params) : 0;
	b.tag_count = tags ? json_object_array_length(tags) : 0;
	if (check_limit(c, "metrics", METRICS_MAX, b.metric_count) < 0 ||
	    check_limit(c, "params", PAIRS_MAX, b.param_count) < 0 ||
	    check_limit(c, "tags", PAIRS_MAX, b.tag_count) < 0 ||
	    check_limit(c, "metrics, params, and tags", ENTITIES_MAX,
	                b.metric_count + b.param_count + b.tag_count) < 0)
		return -1;
	b.metrics = arena_array(c->mem, b.metric_count + 1, sizeof *b.metrics);
	for (size_t i = 0; i < b.metric_count; i++) {
		struct json_object *metric = json_object_array_get_idx(metrics, i);

		/* The words for a refusal are made when there is one. */
		if (read_metric(c, metric, "", &b.metrics[i]) < 0)
			return read_metric(c, metric, arena_printf(c->mem, "metrics[%zu]", i), &b.metrics[i]);
	}
	if (read_pairs(c, params, "params", &b.params) < 0 || read_pairs(c, tags, "tags", &b.tags) < 0 ||
	    check_unique(c, b.params, b.param_count) < 0)
		return -1;
	return commit_batch(c, &b);
}

/* ---- inputs and outputs ---- */

/* In our own list of what went in, with its role; and as it came. */
static int add_input(struct call *c, const struct run_row *run, struct json_object *input, size_t i)
{
	struct json_object *dataset = NULL, *tags = NULL;
	const char *path = arena_printf(c->mem, "datasets[%zu].dataset", i), *name, *digest, *key, *value;
	struct run_input own = {.role = "data"};
	struct store_record record = {.kind = RECORD_INPUT, .run = run->id};
	struct error err;
	bool given, has_digest;

	json_object_object_get_ex(input, "dataset", &dataset);
	json_object_object_get_ex(input, "tags", &tags);
	if (json_object_get_type(dataset) != json_type_object)
		return refuse(c, INVALID_PARAMETER_VALUE, "Dataset cannot be None");
	if (member_text(c, dataset, path, "name", &given, &name) < 0 ||
	    member_text(c, dataset, path, "digest", &has_digest, &digest) < 0)
		return -1;
	if (!name[0] || !digest[0])
		return refuse(c, INVALID_PARAMETER_VALUE, "Dataset %s cannot be None", name[0] ? "digest" : "name");
	if (text_length(name) > 500 || text_length(digest) > 36)
		return refuse(c, INVALID_PARAMETER_VALUE, "'%s' exceeds the maximum length of %d characters",
		              text_length(digest) > 36 ? "digest" : "name", text_length(digest) > 36 ? 36 : 500);
	for (size_t k = 0; json_object_get_type(tags) == json_type_array && k < json_object_array_length(tags);
	     k++) {
		struct json_object *tag = json_object_array_get_idx(tags, k);

		if (member_text(c, tag, "tags", "key", &given, &key) < 0 ||
		    member_text(c, tag, "tags", "value", &given, &value) < 0)
			return -1;
		if (strcmp(key, "mlflow.data.context") == 0 && value[0])
			own.role = strcmp(value, "training") == 0 ? "train" : text_cut(c, value, 64);
	}
	/* Its digest is of MLflow's making: no SHA-256, so it stands in the name. */
	own.name = arena_printf(c->mem, "%s (%s)", name, digest);
	record.key = arena_printf(c->mem, "%s\n%s", name, digest);
	record.json = shown(input);
	if (store_input_add(c->store, run->id, &own, &err) < 0 || store_record_put(c->store, &record, &err) < 0)
		return refuse_store(c, &err);
	return 0;
}

static int add_output(struct call *c, const struct run_row *run, struct json_object *model)
{
	struct store_record record = {.kind = RECORD_OUTPUT, .run = run->id, .json = shown(model)};
	struct error err;
	bool given;

	if (member_text(c, model, "models", "model_id", &given, &record.key) < 0)
		return -1;
	if (!record.key[0])
		return refuse(c, INVALID_PARAMETER_VALUE, "Missing value for required parameter 'models.model_id'.");
	return store_record_put(c->store, &record, &err) < 0 ? refuse_store(c, &err) : 0;
}

int call_log_inputs(struct call *c)
{
	struct json_object *datasets;
	struct run_row run;
	struct error err;
	size_t count;
	int result = 0;

	if (arg_array(c, "datasets", &datasets) < 0 || arg_run(c, &run) < 0 || need_active(c, &run) < 0)
		return -1;
	count = datasets ? json_object_array_length(datasets) : 0;
	if (count > 1000)
		return refuse(c, INVALID_PARAMETER_VALUE, "A request can contain at most 1000 datasets. Got %zu.",
		              count);
	if (store_begin(c->store, STORE_NORMAL, &err) < 0)
		return refuse_store(c, &err);
	for (size_t i = 0; i < count && result == 0; i++)
		result = add_input(c, &run, json_object_array_get_idx(datasets, i), i);
	if (store_end(c->store, result == 0, &err) < 0)
		return refuse_store(c, &err);
	heard_of(c->x, &run);
	return result;
}

int call_log_outputs(struct call *c)
{
	struct json_object *models;
	struct run_row run;
	struct error err;
	size_t count;
	int result = 0;

	if (arg_array(c, "models", &models) < 0 || arg_run(c, &run) < 0 || need_active(c, &run) < 0)
		return -1;
	count = models ? json_object_array_length(models) : 0;
	if (store_begin(c->store, STORE_NORMAL, &err) < 0)
		return refuse_store(c, &err);
	for (size_t i = 0; i < count && result == 0; i++)
		result = add_output(c, &run, json_object_array_get_idx(models, i));
	if (store_end(c->store, result == 0, &err) < 0)
		return refuse_store(c, &err);
	heard_of(c->x, &run);
	return result;
}

/* Older clients tell of a model by this: a list in a tag of the run. */
int call_log_model(struct call *c)
{
	static const char key[] = "mlflow.log-model.history";
	struct json_object *model = NULL, *list = NULL;
	const char *text;
	struct store_pair *tags;
	struct run_row run;
	struct error err;
	size_t count;
	int result = -1;

	if (arg_need(c, "model_json", &text) < 0 || arg_run(c, &run) < 0 || need_active(c, &run) < 0)
		return -1;
	model = json_tokener_parse(text);
	if (!model || json_object_get_type(model) != json_type_object) {
		refuse(c, INVALID_PARAMETER_VALUE, "Malformed model info. \n %s \n is not a valid JSON.", text);
		goto out;
	}
	if (store_begin(c->store, STORE_NORMAL, &err) < 0) {
		refuse_store(c, &err);
		goto out;
	}
	if (store_tags(c->store, run.id, c->mem, &tags, &count, &err) < 0)
		count = 0;
	for (size_t i = 0; i < count; i++)
		if (strcmp(tags[i].key, key) == 0)
			list = json_tokener_parse(tags[i].value);
	if (!list || json_object_get_type(list) != json_type_array) {
		json_object_put(list);
		list = json_object_new_array();
	}
	json_object_array_add(list, json_object_get(model));
	result = store_tag_set(c->store, run.id, key, shown(list), &err) < 0 ? refuse_store(c, &err) : 0;
	if (store_end(c->store, result == 0, &err) < 0)
		result = refuse_store(c, &err);
	heard_of(c->x, &run);
out:
	json_object_put(model);
	json_object_put(list);
	return result;
}

/* ---- history ---- */

static void write_point(struct call *c, const char *key, const struct point *p, const char *run)
{
	jw_object(&c->j, NULL);
	jw_string(&c->j, "key", key);
	write_double(&c->j, "value", p->value);
	jw_int(&c->j, "timestamp", p->time);
	jw_int(&c->j, "step", p->step);
	if (run)
		jw_string(&c->j, "run_id", run);
	jw_object_end(&c->j);
}

/* The series that a client knows under this name; 0: there is none. */
static int find_series(struct call *c, int64_t run, const char *key, int64_t *out)
{
	struct series *all;
	struct error err;
	size_t count;

	*out = 0;
	if (store_series_list(c->store, run, SERIES_METRIC, c->mem, &all, &count, &err) < 0)
		return refuse_store(c, &err);
	for (size_t i = 0; i < count; i++) {
		const char *name =
		    all[i].context[0] ? arena_printf(c->mem, "%s/%s", all[i].context, all[i].name) : all[i].name;

		if (strcmp(name, key) == 0)
			*out = all[i].id;
	}
	return 0;
}

int call_history(struct call *c)
{
	struct run_row run;
	struct point *points;
	struct error err;
	const char *key, *token;
	int64_t series, most = 0, from = 0;
	size_t count;
	bool given;

	if (arg_need(c, "metric_key", &key) < 0 || arg_int(c, "max_results", &most, &given) < 0 ||
	    arg_text(c, "page_token", &token) < 0 || arg_run(c, &run) < 0 ||
	    find_series(c, run.id, key, &series) < 0)
		return -1;
	if (given && (most < 1 || most > HISTORY_MAX))
		return refuse(c, INVALID_PARAMETER_VALUE,
		              "Invalid value %lld for parameter 'max_results' supplied: it must be from 1 to %d.",
		              (long long)most, HISTORY_MAX);
	if (token && token[0] && (!int_parse(token, strlen(token), &from) || from < 0))
		return refuse(c, INVALID_PARAMETER_VALUE, "Invalid page token, could not decode.");
	if (!series)
		return 0;
	if (store_series_points(c->store, series, (size_t)from, (size_t)(most ? most + 1 : 0), c->mem, &points,
	                        &count, &err) < 0)
		return refuse_store(c, &err);
	jw_array(&c->j, "metrics");
	for (size_t i = 0; i < count && (!most || i < (size_t)most); i++)
		write_point(c, key, &points[i], NULL);
	jw_array_end(&c->j);
	if (most && count > (size_t)most)
		jw_string(&c->j, "next_page_token", arena_printf(c->mem, "%lld", (long long)(from + most)));
	return 0;
}

/* One metric of several runs: what MLflow's pages draw. */
int call_history_bulk(struct call *c)
{
	struct json_object *ids;
	struct error err;
	const char *key;
	int64_t most = HISTORY_MAX;
	bool given;

	if (arg_array(c, "run_id", &ids) < 0 || arg_need(c, "metric_key", &key) < 0 ||
	    arg_int(c, "max_results", &most, &given) < 0)
		return -1;
	if (!ids)
		return refuse(c, INVALID_PARAMETER_VALUE,
		              "GetMetricHistoryBulk request must specify at least one run_id.");
	if (json_object_array_length(ids) > 100)
		return refuse(c, INVALID_PARAMETER_VALUE,
		              "GetMetricHistoryBulk request cannot specify more than 100 run_ids.");
	most = most < 1 || most > HISTORY_MAX ? HISTORY_MAX : most;
	jw_array(&c->j, "metrics");
	for (size_t i = 0; i < json_object_array_length(ids); i++) {
		struct run_row run;
		struct point *points;
		int64_t series;
		size_t count;

		if (find_run(c, json_object_get_string(json_object_array_get_idx(ids, i)), &run) < 0 ||
		    find_series(c, run.id, key, &series) < 0)
			return -1;
		if (!series)
			continue;
		if (store_series_points(c->store, series, 0, (size_t)most, c->mem, &points, &count, &err) < 0)
			return refuse_store(c, &err);
		for (size_t k = 0; k < count; k++)
			write_point(c, key, &points[k], run.uuid);
	}
	jw_array_end(&c->j);
	return 0;
}
