/*
 * The artifact proxy. A path is EXPERIMENT/RUN/artifacts/FILE or EXPERIMENT/models/MODEL/artifacts/FILE; no file of
 * that name is ever made: the bytes are an object, and the path a name in a run's list.
 */
#include <stdlib.h>
#include <string.h>

#include "inside.h"

enum { PATH_MAX_BYTES = 1000 };

#define PROXY "mlflow-artifacts/artifacts/"

/* ---- paths ---- */

struct place {
	struct run_row run;
	const char *
	    name; /* of the file or folder in the run's list, models/ID/ before it where it is a model's; "" : all */
	const char *prefix; /* what names have before what the client sees: "" or "models/ID/" */
	bool model;
};

/* Every part is a name: not empty, no "..", no control characters. */
static bool is_safe(const char *path)
{
	if (strlen(path) > PATH_MAX_BYTES)
		return false;
	for (const char *p = path; *p;) {
		size_t len = strcspn(p, "/");

		if (len == 0 || (len == 1 && p[0] == '.') || (len == 2 && p[0] == '.' && p[1] == '.'))
			return false;
		for (size_t i = 0; i < len; i++)
			if ((unsigned char)p[i] < ' ' || p[i] == 0x7F || p[i] == '\\')
				return false;
		p += len;
		if (*p == '/' && !*++p)
			return false;
	}
	return true;
}

/* The part up to the next slash; *path goes behind it. */
static const char *take_part(struct call *c, const char **path)
{
	size_t len = strcspn(*path, "/");
	const char *part = arena_memdup0(c->mem, *path, len);

	*path += len + ((*path)[len] == '/');
	return part;
}

static int find_place(struct call *c, const char *path, struct place *out)
{
	const char *rest = path, *second, *id;

	*out = (struct place){.prefix = ""};
	if (!is_safe(path))
		return refuse(c, INVALID_PARAMETER_VALUE, "Invalid path: %s", path);
	take_part(c, &rest); /* the experiment: the run says which it is */
	second = take_part(c, &rest);
	if (strcmp(second, "models") == 0) {
		id = take_part(c, &rest);
		out->model = true;
		out->prefix = arena_printf(c->mem, "models/%s/", id);
		if (model_run(c, id, &out->run) < 0)
			return -1;
	} else if (!second[0] || find_run(c, second, &out->run) < 0) {
		return second[0] ? -1 : refuse(c, RESOURCE_DOES_NOT_EXIST, "No such artifact: '%s'", path);
	}
	if (strcmp(take_part(c, &rest), "artifacts") != 0)
		return refuse(c, RESOURCE_DOES_NOT_EXIST, "No such artifact: '%s'", path);
	out->name = arena_printf(c->mem, "%s%s", out->prefix, rest);
	return 0;
}

static bool is_there(const struct run_artifact *a, bool of_model)
{
	return a->digest[0] && (strcmp(a->kind, KIND_MODEL_FILE) == 0) == of_model &&
	       strcmp(a->kind, ARTIFACT_FOUND) != 0 && strcmp(a->kind, ARTIFACT_UNKEPT) != 0;
}

/* ---- listing ---- */

/* What stands right below the folder, each folder once. Names come in the order of their bytes, so that what is below
 * one folder comes together but for what sorts between "a" and "a/": the last that were written are looked through. */
static int write_listing(struct call *c, const struct place *at, const char *key)
{
	const char *folder = at->name;
	size_t len = strlen(folder), strip = strlen(at->prefix), count;
	struct run_artifact *all;
	struct intern folders;
	struct error err;

	if (len && folder[len - 1] != '/') {
		folder = arena_printf(c->mem, "%s/", folder);
		len++;
	}
	if (store_artifacts(c->store, at->run.id, c->mem, &all, &count, &err) < 0)
		return refuse_store(c, &err);
	intern_init(&folders);
	jw_array(&c->j, key);
	for (size_t i = 0; i < count; i++) {
		const char *name = all[i].name, *slash;

		if (!is_there(&all[i], at->model) || strncmp(name, folder, len) != 0)
			continue;
		slash = strchr(name + len, '/');
		if (slash) {
			size_t known = folders.count;
			uint32_t id = intern_add(&folders, name, (size_t)(slash - name));
			if (id < known)
				continue;
			name = arena_memdup0(c->mem, name, (size_t)(slash - name));
		}
		jw_object(&c->j, NULL);
		/* The proxy tells names below the folder, the other call those below the run's folder. */
		jw_string(&c->j, "path", name + (strcmp(key, "files") == 0 && c->part ? len : strip));
		jw_bool(&c->j, "is_dir", slash != NULL);
		if (!slash)
			jw_int(&c->j, "file_size", (int64_t)all[i].bytes);
		jw_object_end(&c->j);
	}
	jw_array_end(&c->j);
	intern_release(&folders);
	return 0;
}

int call_artifacts(struct call *c)
{
	struct place at;
	const char *path;

	if (arg_text(c, "path", &path) < 0)
		return -1;
	if (!path || !path[0])
		return refuse(c, INVALID_PARAMETER_VALUE,
		              "A listing needs the path of a run: EXPERIMENT/RUN/artifacts");
	if (find_place(c, path, &at) < 0)
		return -1;
	c->part = ""; /* names below the folder */
	return write_listing(c, &at, "files");
}

int call_artifact_list(struct call *c)
{
	struct place at = {.prefix = ""};
	const char *path;

	if (arg_text(c, "path", &path) < 0 || arg_run(c, &at.run) < 0)
		return -1;
	at.name = path ? path : "";
	if (!is_safe(at.name))
		return refuse(c, INVALID_PARAMETER_VALUE, "Invalid path: %s", at.name);
	jw_string(&c->j, "root_uri",
	          arena_printf(c->mem, "mlflow-artifacts:/%s/%s/artifacts", experiment_of_run(c, &at.run),
	                       at.run.uuid));
	c->part = NULL;
	return write_listing(c, &at, "files");
}

/* ---- reading ---- */

int call_artifact_get(struct call *c)
{
	struct run_artifact artifact;
	struct place at;
	struct error err;
	bool found;
	char *path;

	if (find_place(c, c->part, &at) < 0)
		return -1;
	if (store_artifact_get(c->store, at.run.id, at.name, c->mem, &artifact, &found, &err) < 0)
		return refuse_store(c, &err);
	if (!found || !is_there(&artifact, at.model))
		return refuse(c, RESOURCE_DOES_NOT_EXIST, "No such artifact: '%s'", c->part);
	path = store_object_path(c->store, artifact.digest);
	if (!file_exists(path)) {
		free(path);
		return refuse(c, INTERNAL_ERROR,
		              "The artifact '%s' is not in the store any more: `assay doctor` says more.", c->part);
	}
	c->out->file = path;
	c->out->type = "application/octet-stream";
	return 0;
}

int call_artifact_delete(struct call *c)
{
	return refuse(c, NOT_IMPLEMENTED,
	              "Assay keeps what a run has logged: artifacts go with their run (`assay rm`).");
}

/* ---- writing ---- */

struct exchange_upload {
	struct exchange *x;
	struct arena *mem;
	struct place at;
	struct store_object_writer *writer;
};

static const char *upload_path(const char *path)
{
	static const char *const roots[] = {"/api/2.0/" PROXY, "/ajax-api/2.0/" PROXY};

	for (size_t i = 0; i < COUNT_OF(roots); i++)
		if (strncmp(path, roots[i], strlen(roots[i])) == 0)
			return path + strlen(roots[i]);
	return NULL;
}

/* Very old clients post what newer ones put. */
bool exchange_is_upload(const struct exchange_call *in)
{
	return (strcmp(in->method, "PUT") == 0 || strcmp(in->method, "POST") == 0) && upload_path(in->path);
}

struct exchange_upload *exchange_upload_begin(struct exchange *x, const struct exchange_call *in,
                                              struct exchange_answer *out)
{
	struct exchange_upload *u = xcalloc(1, sizeof *u);
	struct call c = {.x = x, .store = x->store, .in = in, .out = out};
	struct error err;
	int result = -1;

	u->x = x;
	c.mem = u->mem = arena_new();
	if (x->read_only)
		answer_refuse(out, PERMISSION_DENIED, "This server only reads: it was started with --read-only.");
	else if (find_place(&c, upload_path(in->path), &u->at) == 0) {
		/* An empty name would be the folder itself. */
		if (strlen(u->at.name) == strlen(u->at.prefix))
			refuse(&c, INVALID_PARAMETER_VALUE, "Invalid path: %s", upload_path(in->path));
		else if (need_active(&c, &u->at.run) == 0)
			result = store_object_begin(x->store, &u->writer, &err) < 0 ? refuse_store(&c, &err) : 0;
	}
	if (result == 0)
		return u;
	arena_free(u->mem);
	free(u);
	return NULL;
}

int exchange_upload_add(struct exchange_upload *u, const void *bytes, size_t len, struct error *err)
{
	return store_object_add(u->writer, bytes, len, err);
}

void exchange_upload_end(struct exchange_upload *u, bool complete, struct exchange_answer *out)
{
	struct run_artifact artifact = {.name = u->at.name, .kind = u->at.model ? KIND_MODEL_FILE : "file"};
	struct call c = {.x = u->x, .store = u->x->store, .out = out, .mem = u->mem};
	struct error err;

	if (!complete) {
		store_object_drop(u->writer);
	} else if (store_object_finish(u->writer, artifact.digest, &artifact.bytes, &err) < 0 ||
	           store_artifact_add(u->x->store, u->at.run.id, &artifact, &err) < 0) {
		refuse_store(&c, &err);
	} else {
		heard_of(u->x, &u->at.run);
	}
	arena_free(u->mem);
	free(u);
}
