/* Models: a run's, or a file's. */
#include "work.h"

/* The model that a run made: the artifact of kind "model". */
static int of_run(struct store *store, const char *ref, struct model **out, char digest[SHA256_TEXT],
                  int64_t *run_id, struct error *err)
{
	struct arena *mem = arena_new();
	struct run_row run;
	struct run_artifact *artifacts;
	size_t count;
	struct str bytes;
	str_init(&bytes);
	int status = -1;
	if (store_run_find(store, ref, run_id, err) != 0 || store_run_get(store, *run_id, mem, &run, err) != 0 ||
	    store_artifacts(store, *run_id, mem, &artifacts, &count, err) != 0)
		goto out;
	const struct run_artifact *model = NULL;
	for (size_t i = 0; i < count; i++)
		if (strcmp(artifacts[i].kind, "model") == 0 && artifacts[i].digest[0])
			model = &artifacts[i];
	if (!model) {
		error_set(err, ERR_NO, "the run %s (%s) has no model that assay made%s", run.name,
		          store_status_name(run.status), store_status_over(run.status) ? "" : " yet");
		goto out;
	}
	if (store_object_read(store, model->digest, &bytes, 0, err) != 0 ||
	    model_load_bytes(bytes.data, bytes.len, out, err) != 0) {
		error_prefix(err, "the model of %s", run.name);
		goto out;
	}
	memcpy(digest, model->digest, SHA256_TEXT);
	status = 0;
out:
	str_release(&bytes);
	arena_free(mem);
	return status;
}

static int of_file(const char *path, struct model **out, char digest[SHA256_TEXT], struct error *err)
{
	struct str bytes;
	str_init(&bytes);
	int status = file_read(path, &bytes, 0, err);
	if (status == 0) {
		sha256_hex(bytes.data, bytes.len, digest);
		status = model_load_bytes(bytes.data, bytes.len, out, err);
		if (status != 0)
			error_prefix(err, "%s", path);
	}
	str_release(&bytes);
	return status;
}

bool work_model_is_file(const char *ref)
{
	if (strncmp(ref, "run:", 4) == 0 || ref[0] == '@')
		return false;
	return strncmp(ref, "model:", 6) == 0 || strchr(ref, '/') || file_exists(ref);
}

int work_model(struct store *store, const char *ref, struct model **out, char digest[SHA256_TEXT],
               int64_t *run_id, struct error *err)
{
	*run_id = 0;
	if (work_model_is_file(ref))
		return of_file(strncmp(ref, "model:", 6) == 0 ? ref + 6 : ref, out, digest, err);
	if (!store)
		return error_set(err, ERR_USAGE, "%s is not a model file, and there is no store to look for a run",
		                 ref);
	return of_run(store, ref, out, digest, run_id, err);
}
