/* Any command as a run: what goes in is resolved before it starts. */
#include "work.h"

/* The name that a file is registered under: its own, without the ending, in letters that a name may have. */
static char *name_of_file(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name = xstrdup(slash ? slash + 1 : path);
	char *point = strrchr(name, '.');
	if (point && point > name)
		*point = 0;
	for (char *p = name; *p; p++) {
		unsigned char b = (unsigned char)*p;
		bool fine = b >= 0x80 || (b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') ||
		            b == '-' || b == '_' || b == '.';
		if (!fine || (p == name && (b == '-' || b == '.')))
			*p = '_';
	}
	/* Bytes that are no text stay out of names. */
	struct str safe;
	str_init(&safe);
	safe_text(&safe, name, strlen(name), SAFE_LETTERS);
	if (strcmp(safe.data, name) != 0)
		for (char *p = name; *p; p++)
			*p = (unsigned char)*p >= 0x80 ? '_' : *p;
	str_release(&safe);
	return name;
}

/* A file that is the newest version of its name already is that version, with the roles that were given to
 * it then: read anew without them it would become a version that trains no more. */
static bool known_file(struct store *store, const char *name, const char *path, int64_t *id)
{
	struct arena *mem = arena_new();
	struct dataset_row row;
	struct error err;
	char hex[SHA256_TEXT];
	uint64_t size;
	bool same = store_dataset_find(store, name, mem, &row, &err) == 0 && row.file_count == 1 &&
	            sha256_file(path, hex, &size, &err) == 0 && strcmp(hex, row.files[0].digest) == 0;
	if (same)
		*id = row.id;
	arena_free(mem);
	return same;
}

/* A registered name, or else a file that becomes one. */
static int resolve(struct store *store, const char *word, int64_t *id, struct error *err)
{
	struct work_data data;
	struct error unknown;
	if (work_data_find(store, word, &data, &unknown) == 0) {
		*id = data.id;
		work_data_release(&data);
		return 0;
	}
	if (!file_exists(word)) {
		if (err)
			*err = unknown;
		return error_prefix(err, "--data");
	}
	char *name = name_of_file(word);
	if (known_file(store, name, word, id)) {
		free(name);
		return 0;
	}
	struct reading reading;
	struct work_data_added added;
	struct error unread;
	/* A newer state of what was registered is read as that was, or not at all: its label and roles were said
	 * once, and read without them it would become a version that trains no more. */
	bool again = work_data_find(store, name, &data, &unread) == 0;
	if (again) {
		reading_copy(&reading, &data.reading);
		reading.resolved = false; /* further columns may have come */
		work_data_release(&data);
	} else {
		reading_init(&reading);
	}
	int status = work_data_add(store, name, &word, 1, &reading, NULL, &added, err);
	if (status == 0)
		*id = added.id;
	else if (again && err && err->code == ERR_USAGE)
		error_prefix(err,
		             "--data: %s is no longer as %s was read; say how with `assay data add %s %s …`, or "
		             "register it under another name",
		             word, name, name, word);
	else
		error_prefix(err, "--data");
	str_release(&added.notes);
	reading_release(&reading);
	free(name);
	return status;
}

struct run_pair *pairs_of(const struct work_set *sets, size_t count, struct arena *mem)
{
	struct run_pair *pairs = arena_array(mem, count + 1, sizeof *pairs);
	for (size_t i = 0; i < count; i++)
		pairs[i] = (struct run_pair){sets[i].key, sets[i].value};
	return pairs;
}

int check_pairs(const char *option, const struct work_set *sets, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = i + 1; k < count; k++)
			if (strcmp(sets[i].key, sets[k].key) == 0)
				return error_set(err, ERR_USAGE, "%s %s is given twice", option, sets[i].key);
	return 0;
}

int work_run_launch(struct store *store, const struct work_run *r, struct run_started *out, struct error *err)
{
	if (!r->argv || !r->argv[0] || !*r->argv[0])
		return error_set(err, ERR_USAGE, "say which command to run: assay run -- CMD…");
	if ((r->name && !*r->name) || (r->experiment && !*r->experiment))
		return error_set(err, ERR_USAGE, "the name of the %s is empty",
		                 r->name && !*r->name ? "run" : "experiment");
	if (check_pairs("--param", r->params, r->param_count, err) != 0 ||
	    check_pairs("--tag", r->tags, r->tag_count, err) != 0)
		return -1;
	struct arena *mem = arena_new();
	struct run_data *inputs = arena_array(mem, r->data_count + 1, sizeof *inputs);
	int status = 0;
	for (size_t i = 0; i < r->data_count && status == 0; i++) {
		inputs[i].role = "data";
		status = resolve(store, r->data[i], &inputs[i].dataset, err);
	}
	if (status == 0) {
		struct run_spec spec = {
		    .argv = r->argv,
		    .cwd = r->cwd,
		    .experiment = r->experiment,
		    .name = r->name,
		    .kind = "command",
		    .params = pairs_of(r->params, r->param_count, mem),
		    .param_count = r->param_count,
		    .tags = pairs_of(r->tags, r->tag_count, mem),
		    .tag_count = r->tag_count,
		    .inputs = inputs,
		    .input_count = r->data_count,
		    .pipe = r->pipe,
		    .orphans = r->orphans,
		    .no_mlflow = r->no_mlflow,
		    .unrecognised = r->unrecognised,
		    .keep_input = r->keep_input,
		    .followed = r->followed,
		};
		status = run_launch(store, &spec, out, err);
	}
	arena_free(mem);
	return status;
}
