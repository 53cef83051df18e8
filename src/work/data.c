/* Data sets: registered, found again, loaded after their bytes were checked, profiled once. */
#include <errno.h>

#include "work.h"

/* ---- finding ---- */

/* What the rows say is what was registered: the digest is of the files and of how they are read, and the
 * columns are a copy of that. */
static int check_row(const struct dataset_row *row, const struct work_data *d, struct error *err)
{
	char now[SHA256_TEXT];
	struct str roles;
	data_version_digest(d->files, d->file_count, &d->reading, now);
	bool same = strcmp(now, row->digest) == 0 && row->column_count == d->reading.column_count;
	str_init(&roles);
	for (size_t i = 0; i < row->column_count && same; i++) {
		const struct reading_column *c = &d->reading.columns[i];
		str_clear(&roles);
		same = strcmp(row->columns[i].name, c->name) == 0 &&
		       strcmp(row->columns[i].type, column_type_name(c->type)) == 0 &&
		       strcmp(row->columns[i].roles, column_roles_text(c->roles, &roles)) == 0;
	}
	str_release(&roles);
	return same
	           ? 0
	           : error_set(
	                 err, ERR_TAMPER,
	                 "%s@%lld is not what was registered: somebody has changed its files, its columns or how "
	                 "it is read in the store; restore assay.db, or register it anew",
	                 row->name, (long long)row->version);
}

static int from_row(const struct dataset_row *row, struct arena *mem, struct work_data *out,
                    struct error *err)
{
	*out = (struct work_data){.mem = mem,
	                          .id = row->id,
	                          .version = row->version,
	                          .rows = row->rows,
	                          .column_count = row->column_count,
	                          .created = row->created,
	                          .file_count = row->file_count};
	out->name = arena_strdup(mem, row->name);
	memcpy(out->digest, row->digest, sizeof out->digest);
	out->files = arena_array(mem, row->file_count + 1, sizeof *out->files);
	for (size_t i = 0; i < row->file_count; i++) {
		const struct dataset_file *from = &row->files[i];
		struct table_file *to = &out->files[i];
		to->path = from->path;
		memcpy(to->sha256, from->digest, sizeof to->sha256);
		to->bytes = from->bytes;
		to->first_row = (size_t)from->first_row;
		to->rows = (size_t)from->rows;
	}
	if (reading_parse(row->reading, strlen(row->reading), &out->reading, err) != 0)
		return error_prefix(err, "%s@%lld, as the store has it", row->name, (long long)row->version);
	if (check_row(row, out, err) != 0) {
		reading_release(&out->reading);
		return -1;
	}
	return 0;
}

int work_data_find(struct store *store, const char *ref, struct work_data *out, struct error *err)
{
	struct arena *mem = arena_new();
	struct dataset_row row;
	if (store_dataset_find(store, ref, mem, &row, err) == 0 && from_row(&row, mem, out, err) == 0)
		return 0;
	arena_free(mem);
	*out = (struct work_data){0};
	return -1;
}

int work_data_find_id(struct store *store, int64_t id, struct work_data *out, struct error *err)
{
	struct arena *mem = arena_new();
	struct dataset_row row;
	if (store_dataset_get(store, id, mem, &row, err) == 0 && from_row(&row, mem, out, err) == 0)
		return 0;
	arena_free(mem);
	*out = (struct work_data){0};
	return -1;
}

void work_data_release(struct work_data *d)
{
	if (!d->mem)
		return;
	reading_release(&d->reading);
	arena_free(d->mem);
	*d = (struct work_data){0};
}

/* ---- registering ---- */

int check_name(const char *what, const char *name, struct error *err)
{
	size_t len = strlen(name);
	if (len == 0 || len > 100)
		return error_set(err, ERR_USAGE, "%s has 1 to 100 characters", what);
	if (name[0] == '.' || name[0] == '-')
		return error_set(err, ERR_USAGE, "%s does not begin with \"%c\": %s", what, name[0], name);
	/* Letters of any language, but nothing that a terminal would show as something else. */
	struct str safe;
	str_init(&safe);
	safe_text(&safe, name, len, SAFE_LETTERS);
	bool plain = strcmp(safe.data, name) == 0;
	str_release(&safe);
	for (const unsigned char *p = (const unsigned char *)name; *p; p++)
		if (!plain || !(*p >= 0x80 || (*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') ||
		                (*p >= 'a' && *p <= 'z') || *p == '-' || *p == '_' || *p == '.'))
			return error_set(err, ERR_USAGE, "%s has letters, digits, \"-\", \"_\" and \".\" only: %s", what,
			                 name);
	return 0;
}

static void describe(const struct table *t, const char *name, struct arena *mem, struct str *roles,
                     struct str *canonical, struct dataset_row *row)
{
	reading_canonical(&t->reading, canonical);
	*row = (struct dataset_row){
	    .name = name,
	    .reading = canonical->data,
	    .rows = t->row_count,
	    .file_count = t->file_count,
	    .column_count = t->column_count,
	};
	data_version_digest(t->files, t->file_count, &t->reading, row->digest);
	row->files = arena_array(mem, t->file_count, sizeof *row->files);
	for (size_t i = 0; i < t->file_count; i++) {
		const struct table_file *from = &t->files[i];
		char *path = path_absolute(from->path);
		struct dataset_file *to = &row->files[i];
		to->path = arena_strdup(mem, path);
		free(path);
		memcpy(to->digest, from->sha256, sizeof to->digest);
		to->bytes = from->bytes;
		to->first_row = from->first_row;
		to->rows = from->rows;
	}
	row->columns = arena_array(mem, t->column_count, sizeof *row->columns);
	for (size_t i = 0; i < t->column_count; i++) {
		str_clear(roles);
		row->columns[i] = (struct dataset_column){
		    .name = t->columns[i].name,
		    .type = column_type_name(t->columns[i].type),
		    .roles = arena_strdup(mem, column_roles_text(t->columns[i].roles, roles)),
		};
	}
}

/* The version and its profile appear together, or neither. */
static int keep(struct store *store, const struct dataset_row *row, const struct str *profile,
                struct work_data_added *out, struct error *err)
{
	char person[WORK_PERSON];
	if (store_begin(store, STORE_NORMAL, err) != 0)
		return -1;
	int status = store_dataset_add(store, row, &out->id, &out->version, &out->known, err);
	if (status == 0)
		status = store_profile_put(store, row->digest, profile->data, profile->len, err);
	if (status == 0 && !out->known) {
		char *what = xasprintf("%s@%lld", row->name, (long long)out->version);
		status = store_activity_add(store, work_person(person), "registered", what, err);
		free(what);
	}
	if (status == 0)
		return store_end(store, true, err);
	store_end(store, false, NULL);
	return -1;
}

/* What is kept is of the rows; where they have weights, what these estimate stands beside it. */
static struct profile_options kept_options(const struct profile_options *how, const struct reading *r)
{
	struct profile_options options = how ? *how : (struct profile_options){0};
	options.weights = STATS_ONE_EACH;
	for (size_t i = 0; i < r->column_count; i++)
		if (r->columns[i].roles & ROLE_WEIGHT)
			options.weights = STATS_SAMPLING;
	return options;
}

int work_data_add(struct store *store, const char *name, const char *const paths[], size_t path_count,
                  const struct reading *reading, const struct profile_options *how,
                  struct work_data_added *out, struct error *err)
{
	struct table table;
	struct profile profile;
	*out = (struct work_data_added){0};
	str_init(&out->notes);
	for (size_t i = 0; i < path_count; i++)
		if (!table_path_stays(paths[i]))
			return error_set(
			    err, ERR_USAGE,
			    "%s cannot be registered: it can be read but once, and a data set is read whenever it "
			    "is used; write it into a file first",
			    strcmp(paths[i], "-") == 0 ? "the standard input" : paths[i]);
	struct profile_options options = kept_options(how, reading);
	if (check_name("a data set's name", name, err) != 0 ||
	    profile_files(&profile, &table, paths, path_count, reading, &options, err) != 0)
		return -1;
	struct arena *mem = arena_new();
	struct str roles, canonical, json;
	struct dataset_row row;
	str_init(&roles);
	str_init(&canonical);
	str_init(&json);
	describe(&table, name, mem, &roles, &canonical, &row);
	profile_json(&profile, &json);
	int status = keep(store, &row, &json, out, err);
	if (status == 0) {
		memcpy(out->digest, row.digest, sizeof out->digest);
		out->rows = table.row_count;
		out->columns = table.column_count;
		for (size_t i = 0; i < table.note_count; i++)
			str_addf(&out->notes, "%s\n", table.notes[i]);
	}
	profile_release(&profile);
	str_release(&json);
	str_release(&canonical);
	str_release(&roles);
	arena_free(mem);
	table_release(&table);
	return status;
}

/* ---- loading ---- */

static int changed(const struct work_data *d, const struct table_file *file, const char *now,
                   struct error *err)
{
	return error_set(
	    err, ERR_STALE,
	    "%s@%lld: the file %s has changed since it was registered (sha256 %.12s, now %.12s); register it "
	    "as a new version with `assay data add %s %s`",
	    d->name, (long long)d->version, file->path, file->sha256, now, d->name, file->path);
}

/* Where the bytes of a file are: the store's own copy, if it has one, else where they were registered. */
static char *place(struct store *store, const struct table_file *file, bool *own)
{
	char *object = store_object_path(store, file->sha256);
	*own = file_exists(object);
	if (*own)
		return object;
	free(object);
	return xstrdup(file->path);
}

static int check_file(struct store *store, const struct work_data *d, const struct table_file *file,
                      struct error *err)
{
	char now[SHA256_TEXT];
	bool own;
	char *path = place(store, file, &own);
	int status = sha256_file(path, now, NULL, err);
	if (status != 0)
		error_prefix(err, "%s@%lld", d->name, (long long)d->version);
	else if (strcmp(now, file->sha256) != 0 && own)
		status =
		    error_set(err, ERR_TAMPER,
		              "%s@%lld: the store's copy %s is not what it was: its SHA-256 is %.12s, not its name",
		              d->name, (long long)d->version, path, now);
	else if (strcmp(now, file->sha256) != 0)
		status = changed(d, file, now, err);
	free(path);
	return status;
}

int work_data_check(struct store *store, const struct work_data *d, struct error *err)
{
	for (size_t i = 0; i < d->file_count; i++)
		if (check_file(store, d, &d->files[i], err) != 0)
			return -1;
	return 0;
}

/* What its files are read into: a table; or a profile or a tally, which take no more memory than there is, and the
 * table without its rows. */
struct wanted {
	const struct table_options *how;
	struct table_passes *passes; /* or NULL */
	const struct profile_options *profile_how;
	struct profile *profile;
	struct tally **tally;
};

static int read_files(const struct wanted *w, const char *const names[], const struct work_data *d,
                      struct table *out, struct error *err)
{
	if (w->tally) {
		*w->tally = tally_files(out, names, d->file_count, &d->reading, w->profile_how, err);
		return *w->tally ? 0 : -1;
	}
	if (w->profile)
		return profile_files(w->profile, out, names, d->file_count, &d->reading, w->profile_how, err);
	if (w->passes)
		return table_read_passes(out, names, d->file_count, &d->reading, w->how, w->passes, err);
	return table_read(out, names, d->file_count, &d->reading, w->how, err);
}

static int load(struct store *store, const struct work_data *d, const struct wanted *w, struct table *out,
                struct error *err)
{
	struct progress *progress = w->how ? w->how->progress : w->profile_how ? w->profile_how->progress : NULL;
	char **paths = xcalloc(d->file_count + 1, sizeof *paths);
	bool own;
	for (size_t i = 0; i < d->file_count; i++)
		paths[i] = place(store, &d->files[i], &own);
	/* Reading hashes the very bytes that it reads, so they are checked afterwards and read once. */
	int status = read_files(w, (const char *const *)paths, d, out, err);
	if (status == 0) {
		for (size_t i = 0; i < d->file_count && status == 0; i++)
			if (out->cut && !*out->files[i].sha256)
				continue;
			else if (strcmp(out->files[i].sha256, d->files[i].sha256) != 0)
				status = check_file(store, d, &d->files[i], err) != 0
				             ? -1
				             : error_set(err, ERR_STALE, "%s@%lld: %s changed while it was read", d->name,
				                         (long long)d->version, d->files[i].path);
		if (status != 0)
			table_release(out);
		if (status != 0 && w->profile)
			profile_release(w->profile);
		if (status != 0 && w->tally)
			tally_free(*w->tally);
	} else if (!progress_stop(progress)) {
		/* A file that was changed may be wrong in any way; that it was changed is what matters. */
		struct error first = err ? *err : (struct error){0};
		if (work_data_check(store, d, err) == 0 && err)
			*err = first;
	}
	for (size_t i = 0; i < d->file_count; i++)
		free(paths[i]);
	free(paths);
	return status;
}

int work_data_load(struct store *store, const struct work_data *d, const struct table_options *how,
                   struct table *out, struct error *err)
{
	return load(store, d, &(struct wanted){.how = how}, out, err);
}

int work_data_load_passes(struct store *store, const struct work_data *d, const struct table_options *how,
                          struct table_passes *passes, struct table *out, struct error *err)
{
	return load(store, d, &(struct wanted){.how = how, .passes = passes}, out, err);
}

struct tally *work_data_tally(struct store *store, const struct work_data *d,
                              const struct profile_options *how, struct table *about, struct error *err)
{
	struct tally *t = NULL;
	return load(store, d, &(struct wanted){.profile_how = how, .tally = &t}, about, err) == 0 ? t : NULL;
}

int work_data_keep(struct store *store, const struct work_data *d, struct error *err)
{
	for (size_t i = 0; i < d->file_count; i++) {
		char hex[SHA256_TEXT];
		bool own;
		char *path = place(store, &d->files[i], &own);
		int status = own ? 0 : store_object_put_file(store, path, hex, NULL, err);
		free(path);
		if (status != 0)
			return -1;
		if (!own && strcmp(hex, d->files[i].sha256) != 0)
			return changed(d, &d->files[i], hex, err);
	}
	return 0;
}

/* ---- profiles ---- */

int work_data_profile_kept(struct store *store, const struct work_data *d, struct profile *out, bool *found,
                           struct error *err)
{
	struct str json;
	str_init(&json);
	int status = store_profile_get(store, d->digest, &json, found, err);
	if (status == 0 && *found)
		status = profile_parse(out, json.data, json.len, err);
	str_release(&json);
	return status;
}

static int compute(struct store *store, const struct work_data *d, const struct profile_options *how,
                   struct profile *out, struct error *err)
{
	struct table about;
	/* The files are checked by what they hold. */
	struct profile_options options = *how;
	options.no_digest = false;
	if (load(store, d, &(struct wanted){.profile_how = &options, .profile = out}, &about, err) != 0)
		return -1;
	table_release(&about);
	return 0;
}

int work_data_profile(struct store *store, const struct work_data *d, const struct profile_options *how,
                      struct profile *out, struct error *err)
{
	struct profile_options options = kept_options(how, &d->reading);
	struct profile kept;
	bool found = false;
	if (how && how->weights == STATS_FREQUENCY)
		return compute(store, d, how, out, err);
	if (work_data_profile_kept(store, d, &kept, &found, err) != 0)
		return -1;
	if (found && !kept.old) {
		*out = kept;
		return 0;
	}
	int status = compute(store, d, &options, out, err);
	if (status != 0 && found && !progress_stop(options.progress)) {
		*out = kept;
		return 0;
	}
	if (found)
		profile_release(&kept);
	if (status != 0)
		return -1;
	if (store_writable(store)) {
		struct str json;
		str_init(&json);
		profile_json(out, &json);
		/* Only a cache: that it could not be kept takes nothing from the answer. */
		store_profile_put(store, d->digest, json.data, json.len, NULL);
		str_release(&json);
	}
	return 0;
}

int work_data_profile_keep(struct store *store, const struct work_data *d, const char *json,
                           struct error *err)
{
	return store_profile_put(store, d->digest, json, strlen(json), err);
}

/* ---- forgetting ---- */

static int in_use(struct store *store, int64_t id, struct error *err)
{
	struct arena *mem = arena_new();
	int64_t *runs;
	size_t run_count;
	int status = store_runs_open(store, mem, &runs, &run_count, err);
	for (size_t i = 0; i < run_count && status == 0; i++) {
		struct run_input *inputs;
		size_t count;
		status = store_inputs(store, runs[i], mem, &inputs, &count, err);
		for (size_t k = 0; k < count && status == 0; k++)
			if (inputs[k].dataset == id) {
				struct run_row run;
				status = store_run_get(store, runs[i], mem, &run, err);
				if (status == 0)
					status = error_set(err, ERR_NO, "%s is used by the run %s, which is not over",
					                   inputs[k].name, run.name);
			}
	}
	arena_free(mem);
	return status;
}

int work_data_rm(struct store *store, const char *ref, size_t *removed, struct error *err)
{
	struct arena *mem = arena_new();
	struct dataset_row row, *all;
	size_t count = 0;
	char person[WORK_PERSON];
	*removed = 0;
	int status = store_dataset_find(store, ref, mem, &row, err);
	if (status == 0)
		status = store_datasets(store, mem, &all, &count, err);
	for (size_t i = 0; i < count && status == 0; i++)
		if (strcmp(all[i].name, row.name) == 0 && (!strchr(ref, '@') || all[i].id == row.id))
			status = in_use(store, all[i].id, err);
	if (status == 0)
		status = store_begin(store, STORE_NORMAL, err);
	if (status == 0) {
		for (size_t i = 0; i < count && status == 0; i++) {
			if (strcmp(all[i].name, row.name) != 0 || (strchr(ref, '@') && all[i].id != row.id))
				continue;
			status = store_dataset_rm(store, all[i].id, err);
			(*removed)++;
		}
		if (status == 0)
			status = store_activity_add(store, work_person(person), "forgot", ref, err);
		if (status == 0)
			status = store_end(store, true, err);
		else
			store_end(store, false, NULL);
	}
	arena_free(mem);
	return status;
}
