/* What comes through a pipe as a run, or into one. */
#include "assay/work_report.h"
#include "work.h"

int work_report(struct store *store, const struct work_report *r, struct run_reported *out, struct error *err)
{
	const char *shown[8] = {"assay", "log", "-"};
	struct run_report spec = {.experiment = r->experiment,
	                          .name = r->name,
	                          .shown = shown,
	                          .param_count = r->param_count,
	                          .tag_count = r->tag_count,
	                          .from = r->from};
	struct arena *mem = arena_new();
	struct run_row row;
	size_t n = 3;
	int64_t id;
	int result = -1;

	if (r->into && (r->name || r->experiment)) {
		error_set(err, ERR_USAGE, "--run says which run it is: it has its name and experiment already");
		goto out;
	}
	if ((r->name && !*r->name) || (r->experiment && !*r->experiment)) {
		error_set(err, ERR_USAGE, "the name of the %s is empty", r->name && !*r->name ? "run" : "experiment");
		goto out;
	}
	if (check_pairs("--param", r->params, r->param_count, err) != 0 ||
	    check_pairs("--tag", r->tags, r->tag_count, err) != 0)
		goto out;
	if (r->into) {
		if (store_run_find(store, r->into, &id, err) != 0 || store_run_get(store, id, mem, &row, err) != 0)
			goto out;
		spec.into = row.uuid;
	}
	if (r->experiment) {
		shown[n++] = "-e";
		shown[n++] = r->experiment;
	}
	if (r->name) {
		shown[n++] = "-n";
		shown[n++] = r->name;
	}
	spec.params = pairs_of(r->params, r->param_count, mem);
	spec.tags = pairs_of(r->tags, r->tag_count, mem);
	result = run_report(store, &spec, out, err);
out:
	arena_free(mem);
	return result;
}
