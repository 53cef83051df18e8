/* Which call is which: paths and methods to functions; what a request says, as one JSON object. */
#include <stdlib.h>
#include <string.h>

#include "inside.h"

#define ARTIFACTS "mlflow-artifacts/artifacts"

enum {
	WRITES = 1,
	RAW = 2,    /* the answer is no JSON object, or the function writes all of it */
	METRIC = 4, /* scan_metrics may read the body */
	BATCH = 8,
};

/* "*" stands for one part of the path; "**" for the rest of it. */
static const struct route {
	const char *method, *path;
	int (*run)(struct call *c);
	unsigned flags;
} routes[] = {
    {"POST", "mlflow/runs/log-metric", call_log_metric, WRITES | METRIC},
    {"POST", "mlflow/runs/log-batch", call_log_batch, WRITES | BATCH},
    {"POST", "mlflow/runs/log-parameter", call_log_param, WRITES},
    {"POST", "mlflow/runs/set-tag", call_set_tag, WRITES},
    {"POST", "mlflow/runs/delete-tag", call_delete_tag, WRITES},
    {"GET", "mlflow/runs/get", call_run_get, 0},
    {"POST", "mlflow/runs/create", call_run_create, WRITES},
    {"POST", "mlflow/runs/update", call_run_update, WRITES},
    {"POST", "mlflow/runs/delete", call_run_delete, WRITES},
    {"POST", "mlflow/runs/restore", call_run_restore, WRITES},
    {"POST", "mlflow/runs/search", call_run_search, 0},
    {"POST", "mlflow/runs/log-inputs", call_log_inputs, WRITES},
    {"POST", "mlflow/runs/outputs", call_log_outputs, WRITES},
    {"POST", "mlflow/runs/log-model", call_log_model, WRITES},
    {"GET", "mlflow/experiments/get", call_experiment_get, 0},
    {"GET", "mlflow/experiments/get-by-name", call_experiment_by_name, 0},
    {"POST", "mlflow/experiments/create", call_experiment_create, WRITES},
    {"POST", "mlflow/experiments/search", call_experiment_search, 0},
    {"GET", "mlflow/experiments/search", call_experiment_search, 0},
    {"POST", "mlflow/experiments/update", call_experiment_update, WRITES},
    {"POST", "mlflow/experiments/delete", call_experiment_delete, WRITES},
    {"POST", "mlflow/experiments/restore", call_experiment_restore, WRITES},
    {"POST", "mlflow/experiments/set-experiment-tag", call_experiment_tag, WRITES},
    {"POST", "mlflow/experiments/delete-experiment-tag", call_experiment_untag, WRITES},
    {"GET", "mlflow/metrics/get-history", call_history, 0},
    {"GET", "mlflow/metrics/get-history-bulk", call_history_bulk, 0},
    {"GET", "mlflow/artifacts/list", call_artifact_list, 0},
    {"GET", ARTIFACTS, call_artifacts, 0},
    {"GET", ARTIFACTS "/**", call_artifact_get, RAW},
    {"DELETE", ARTIFACTS "/**", call_artifact_delete, WRITES},
    {"POST", "mlflow/logged-models", call_model_create, WRITES},
    {"POST", "mlflow/logged-models/search", call_model_search, 0},
    {"GET", "mlflow/logged-models/*", call_model_get, 0},
    {"PATCH", "mlflow/logged-models/*", call_model_finish, WRITES},
    {"DELETE", "mlflow/logged-models/*", call_model_delete, WRITES},
    {"POST", "mlflow/logged-models/*/params", call_model_params, WRITES},
    {"PATCH", "mlflow/logged-models/*/tags", call_model_tags, WRITES},
    {"DELETE", "mlflow/logged-models/*/tags/*", call_model_untag, WRITES},
};

/* What there is in MLflow and not here: a client learns that at once, and does not try again. */
static const char *const absent[] = {
    "mlflow/registered-models/",
    "mlflow/model-versions/",
    "mlflow-artifacts/mpu/",
    "mlflow/artifacts/presigned",
    "mlflow/traces",
    "mlflow/datasets",
    "mlflow/webhooks",
    "mlflow/scorers",
    "mlflow/prompts",
    "mlflow/jobs",
    "mlflow/gateway",
    "mlflow/metrics/",
    "mlflow/experiments/",
    "mlflow/assessments",
    "mlflow/logged-models/",
    "mlflow-artifacts/",
};

/* ---- taking a path apart ---- */

static bool matches(const char *pattern, const char *path, struct arena *mem, const char *parts[2])
{
	size_t n = 0;

	for (;;) {
		if (strcmp(pattern, "**") == 0) {
			parts[n] = path;
			return *path != 0;
		}
		if (*pattern == '*') {
			size_t len = strcspn(path, "/");

			if (len == 0)
				return false;
			parts[n++] = arena_memdup0(mem, path, len);
			pattern++;
			path += len;
		} else if (*pattern != *path) {
			return false;
		} else if (*pattern == 0) {
			return true;
		} else {
			pattern++;
			path++;
		}
	}
}

/* Behind /api/2.0/, /api/3.0/ or what the pages of MLflow ask by; NULL: it is none of these. */
static const char *api_path(const char *path)
{
	static const char *const roots[] = {"/api/2.0/", "/api/3.0/", "/ajax-api/2.0/", "/ajax-api/3.0/"};

	for (size_t i = 0; i < COUNT_OF(roots); i++)
		if (strncmp(path, roots[i], strlen(roots[i])) == 0)
			return path + strlen(roots[i]);
	return NULL;
}

static const struct route *find_route(const char *method, const char *path, struct arena *mem,
                                      const char *parts[2])
{
	for (size_t i = 0; path && i < COUNT_OF(routes); i++) {
		parts[0] = parts[1] = NULL;
		if (strcmp(routes[i].method, method) == 0 && matches(routes[i].path, path, mem, parts))
			return &routes[i];
	}
	return NULL;
}

/* ---- arguments as one object ---- */

static struct json_object *from_fields(const struct exchange_call *in)
{
	struct json_object *args = json_object_new_object();

	for (size_t i = 0; i < in->field_count; i++) {
		const char *name = in->fields[i].name;
		struct json_object *value = json_object_new_string(in->fields[i].value), *old, *list;

		/* A list is said by saying the name again. */
		if (!json_object_object_get_ex(args, name, &old)) {
			json_object_object_add(args, name, value);
		} else if (json_object_get_type(old) == json_type_array) {
			json_object_array_add(old, value);
		} else {
			list = json_object_new_array();
			json_object_array_add(list, json_object_get(old));
			json_object_array_add(list, value);
			json_object_object_add(args, name, list);
		}
	}
	return args;
}

static struct json_object *parse_body(const char *body, size_t len, const char **why)
{
	enum { DEEPEST = 16 };
	struct json_tokener *tokener = json_tokener_new_ex(DEEPEST);
	struct json_object *root;
	size_t end;

	root = json_tokener_parse_ex(tokener, body, (int)len);
	/* A number or a literal may go on: that there is nothing more is told by a NUL. */
	if (!root && json_tokener_get_error(tokener) == json_tokener_continue)
		root = json_tokener_parse_ex(tokener, "", 1);
	*why = json_tokener_error_desc(json_tokener_get_error(tokener));
	end = json_tokener_get_parse_end(tokener);
	while (root && end < len && strchr(" \t\r\n", body[end]) && body[end])
		end++;
	if (root && (json_object_get_type(root) != json_type_object || end < len)) {
		*why = json_object_get_type(root) != json_type_object ? "it is no object" : "something follows it";
		json_object_put(root);
		root = NULL;
	}
	json_tokener_free(tokener);
	return root;
}

static int read_args(struct call *c)
{
	const char *why = "";

	if (strcmp(c->in->method, "GET") == 0 || strcmp(c->in->method, "DELETE") == 0 || c->in->body_len == 0) {
		c->args = from_fields(c->in);
		return 0;
	}
	if (c->in->body_len > EXCHANGE_BODY_MAX)
		return refuse(c, INVALID_PARAMETER_VALUE, "The request is larger than %d bytes.", EXCHANGE_BODY_MAX);
	c->args = parse_body(c->in->body, c->in->body_len, &why);
	if (!c->args)
		return refuse(c, BAD_REQUEST, "The request's body is no JSON object: %s.", why);
	return 0;
}

/* ---- answering ---- */

static bool simple_answer(const struct exchange_call *in, struct exchange_answer *out)
{
	if (strcmp(in->path, "/health") == 0) {
		str_adds(&out->body, "OK");
	} else if (strcmp(in->path, "/version") == 0) {
		str_adds(&out->body, ASSAY_VERSION);
	} else if (strcmp(in->path, "/api/3.0/mlflow/server-info") == 0) {
		str_adds(&out->body, "{\"store_type\":\"AssayStore\",\"workspaces_enabled\":false,"
		                     "\"trace_archival_enabled\":false,\"multipart_uploads_enabled\":false,"
		                     "\"multipart_downloads_enabled\":false}");
		return true;
	} else {
		return false;
	}
	out->type = "text/plain; charset=utf-8";
	return true;
}

static void unknown_call(const struct exchange_call *in, const char *path, struct exchange_answer *out)
{
	for (size_t i = 0; path && i < COUNT_OF(absent); i++) {
		if (strncmp(path, absent[i], strlen(absent[i])) == 0) {
			answer_refuse(out, NOT_IMPLEMENTED, "Assay does not answer %s %s.%s", in->method, in->path,
			              i < 2 ? " Models get versions by `assay register RUN NAME`." : "");
			return;
		}
	}
	answer_refuse(out, ENDPOINT_NOT_FOUND, "There is no call %s %s.", in->method, in->path);
}

void exchange_call(struct exchange *x, const struct exchange_call *in, struct exchange_answer *out)
{
	const char *path = api_path(in->path), *parts[2];
	struct call c = {.x = x, .store = x->store, .in = in, .out = out};
	const struct route *route;

	if (simple_answer(in, out))
		return;
	c.mem = arena_new();
	route = find_route(in->method, path, c.mem, parts);
	if (!route) {
		unknown_call(in, path, out);
		goto out;
	}
	if ((route->flags & WRITES) && x->read_only) {
		answer_refuse(out, PERMISSION_DENIED, "This server only reads: it was started with --read-only.");
		goto out;
	}
	c.part = parts[0];
	c.part2 = parts[1];
	if (!((route->flags & (METRIC | BATCH)) && scan_metrics(&c, route->flags & BATCH)) && read_args(&c) < 0)
		goto out;
	jw_init(&c.j, &out->body);
	if (!(route->flags & RAW))
		jw_object(&c.j, NULL);
	if (route->run(&c) == 0 && !(route->flags & RAW))
		jw_object_end(&c.j);
out:
	if (c.args)
		json_object_put(c.args);
	arena_free(c.mem);
}

/* ---- the server's own state ---- */

struct exchange *exchange_new(struct store *store, const struct exchange_options *options)
{
	struct exchange *x = xcalloc(1, sizeof *x);

	x->store = store;
	x->run = options->run ? xstrdup(options->run) : NULL;
	x->read_only = options->read_only;
	if (options->supervisor && options->command) {
		x->has_supervisor = true;
		x->supervisor = *options->supervisor;
		x->command = *options->command;
	}
	x->judge = options->read_only ? NULL : options->judge;
	x->judge_user = options->judge_user;
	return x;
}

void exchange_free(struct exchange *x)
{
	if (x)
		free(x->run);
	free(x);
}
