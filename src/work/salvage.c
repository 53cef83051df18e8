/* A new store of everything that is whole in a damaged one. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assay/ledger.h"
#include "assay/work_care.h"
#include "backup.h"

struct salvage {
	const char *path;
	char *temp; /* the new store */
	struct store *store;
	struct work_salvage *out;
	struct arena *mem;
	size_t lost_cap;
	store_progress_fn *progress;
	void *user;
};

/* ---- the ledger ---- */

/* Whose it is says whose store it is. A copy is read: what a killed writer left has to be rolled back first. */
static int save_ledger(struct salvage *v, const char *scratch, struct ledger_chain *chain, struct error *err)
{
	static const char *const files[] = {"ledger.db", "ledger.db-journal"};
	char *to = path_join(scratch, "whole.db"), *copy = path_join(scratch, "ledger.db"), problem[ERROR_TEXT];
	int64_t unread = 0;
	int status = 0;
	*chain = (struct ledger_chain){.rows = 0};
	for (size_t i = 0; status == 0 && i < COUNT_OF(files); i++) {
		char *from = path_join(v->path, files[i]), *at = path_join(scratch, files[i]);
		status = store_copy_pages(from, at, &unread, err);
		free(from);
		free(at);
	}
	if (status == 0 && file_exists(copy)) {
		status = ledger_salvage(copy, to, chain, problem, sizeof problem, err);
		v->out->ledger_rows = chain->rows;
		if (status == 0 && problem[0])
			v->out->ledger_problem = arena_strdup(v->mem, problem);
	}
	free(to);
	free(copy);
	return status;
}

/* ---- objects ---- */

static int save_object(struct salvage *v, const char *name, const char *hex, struct error *err)
{
	char *file = xasprintf("%s/objects/%s", v->path, name), found[SHA256_TEXT];
	uint64_t size;
	int status = 0;
	if (sha256_file(file, found, &size, NULL) == 0 && strcmp(found, hex) == 0) {
		status = store_object_put_file(v->store, file, found, &size, err);
		v->out->objects++;
		v->out->object_bytes += (int64_t)size;
	} else {
		v->out->lost = vec_reserve(v->out->lost, &v->lost_cap, v->out->lost_count + 1, sizeof *v->out->lost);
		v->out->lost[v->out->lost_count++] = arena_strdup(v->mem, hex);
	}
	free(file);
	if (status == 0 && v->progress && v->progress(v->user, "objects", (uint64_t)v->out->objects, 0))
		status = error_set(err, ERR_NO, "stopped");
	return status;
}

static int save_objects(struct salvage *v, struct error *err)
{
	int status = 0;
	for (int two = 0; status == 0 && two < 256; two++) {
		char *folder = xasprintf("%s/objects/%02x", v->path, (unsigned)two);
		DIR *dir = opendir(folder);
		const struct dirent *e;
		while (status == 0 && dir && (e = readdir(dir))) {
			char *name = xasprintf("%02x/%s", (unsigned)two, e->d_name), hex[SHA256_TEXT];
			if (backup_object(name, hex))
				status = save_object(v, name, hex, err);
			free(name);
		}
		if (dir)
			closedir(dir);
		free(folder);
	}
	if (v->out->lost_count) {
		const char **kept = arena_array(v->mem, v->out->lost_count, sizeof *kept);
		memcpy(kept, v->out->lost, v->out->lost_count * sizeof *kept);
		free(v->out->lost);
		v->out->lost = kept;
	}
	return status;
}

/* ---- folders of runs, and drafts ---- */

static int save_file(struct salvage *v, const char *name, struct error *err)
{
	char *from = path_join(v->path, name), *to = path_join(v->temp, name);
	int64_t unread = 0;
	struct stat st;
	int status = lstat(from, &st) == 0 && S_ISREG(st.st_mode) ? store_copy_pages(from, to, &unread, err) : 0;
	free(from);
	free(to);
	return status;
}

static int save_live(struct salvage *v, struct error *err)
{
	char *live = path_join(v->path, "live");
	DIR *dir = opendir(live), *folder;
	const struct dirent *e, *f;
	int status = 0;
	while (status == 0 && dir && (e = readdir(dir))) {
		struct run_row run;
		char *path = path_join(live, e->d_name), *to = store_live_path(v->store, e->d_name);
		if (id_is_valid(e->d_name) && store_run_by_uuid(v->store, e->d_name, v->mem, &run, NULL) == 0 &&
		    (folder = opendir(path))) {
			status = dir_make(to, err);
			v->out->live++;
			while (status == 0 && (f = readdir(folder))) {
				char *name = xasprintf("live/%s/%s", e->d_name, f->d_name);
				if (backup_name(name))
					status = save_file(v, name, err);
				free(name);
			}
			closedir(folder);
		}
		free(path);
		free(to);
	}
	if (dir)
		closedir(dir);
	free(live);
	return status;
}

/* The mark that there was a ledger stays only if there is one: else nothing could be decided in the new store. */
static int place_ledger(struct salvage *v, const char *scratch, struct error *err)
{
	char *from = path_join(scratch, "whole.db"), *to = path_join(v->temp, "ledger.db");
	int status = 0;
	if (v->out->ledger_rows && rename(from, to) != 0)
		status = error_errno(err, ERR_STORE, "cannot make %s", to);
	free(from);
	free(to);
	return status;
}

int work_salvage(const char *path, const char *place, store_progress_fn *progress, void *user,
                 struct arena *mem, struct work_salvage *out, struct error *err)
{
	static const char *const drafts[] = {"config.ini", "policy.ini", "roster"};
	struct salvage v = {.path = path, .out = out, .mem = mem, .progress = progress, .user = user};
	char *copy = xstrdup(place), *parent = xstrdup(dirname(copy)), *scratch = NULL, id[ID_TEXT];
	struct ledger_chain chain;
	struct stat st;
	int status = -1;
	*out = (struct work_salvage){.place = arena_strdup(mem, place)};
	if (place_outside_stores(place, err) != 0)
		goto out;
	if (lstat(place, &st) == 0 && rmdir(place) != 0) {
		error_set(err, ERR_NO, "there is something at %s already: say another folder", place);
		goto out;
	}
	if (error_of_store(dir_make(parent, err), err) != 0)
		goto out;
	id_make(id);
	v.temp = xasprintf("%s/.assay-new-%s", parent, id + 24);
	scratch = xasprintf("%s.d", v.temp);
	if (mkdir(scratch, 0700) != 0) {
		error_errno(err, ERR_STORE, "cannot write in %s", parent);
		goto out;
	}
	status = save_ledger(&v, scratch, &chain, err);
	if (status == 0)
		status = store_salvage(path, v.temp, chain.store[0] ? chain.store : NULL, chain.rows > 0, progress,
		                       user, mem, &out->rows, err);
	if (status == 0)
		status = place_ledger(&v, scratch, err);
	if (status == 0)
		status = store_open(&v.store, v.temp, STORE_WRITE, err);
	if (status == 0)
		status = save_objects(&v, err);
	for (size_t i = 0; status == 0 && i < COUNT_OF(drafts); i++)
		status = save_file(&v, drafts[i], err);
	if (status == 0)
		status = save_live(&v, err);
	store_close(v.store);
	if (status == 0 && rename(v.temp, place) != 0)
		status = error_errno(err, ERR_STORE, "cannot make %s", place);
	if (status == 0)
		status = error_of_store(dir_sync(parent, err), err);
	else
		dir_remove(v.temp, NULL);
	dir_remove(scratch, NULL);
out:
	free(v.temp);
	free(scratch);
	free(copy);
	free(parent);
	return status;
}
