/*
 * discover: files that were written below the working folder while a run ran, and that it did not speak of. By whom
 * they were written is not known, so they are told as what they are: found, with size and digest; no copy is kept.
 */
#include <stdlib.h>
#include <unistd.h>

#include "assay/exchange_tensorboard.h"
#include "assay/store_capture.h"
#include "files.h"
#include "walk.h"

enum {
	FOUND_MAX = 200,
	WALK_MS = 500,
	READ_MS = 5000,       /* and what is not read by then has no digest, nor has */
	READ_BYTES = 1 << 30, /* what is larger */
	CLOCKS_MS = 10,       /* a file system's clock is a tick behind */
};

struct found {
	int64_t from, to;
	size_t root; /* length of the working folder's path, with the slash */
	struct arena *mem;
	struct run_artifact list[FOUND_MAX];
	size_t count;
};

static bool is_wanted(const char *name)
{
	return !tensorboard_is_name(name);
}

static void take_file(void *user, const char *folder, int dir, const char *name, const struct stat *st)
{
	int64_t changed = st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000;
	struct found *f = user;
	char *path;

	(void)dir;
	if (f->count == FOUND_MAX || changed + CLOCKS_MS < f->from || changed > f->to)
		return;
	path = path_join(folder, name);
	f->list[f->count++] = (struct run_artifact){.name = arena_strdup(f->mem, path + f->root),
	                                            .kind = ARTIFACT_FOUND,
	                                            .bytes = (uint64_t)st->st_size,
	                                            .at = changed};
	free(path);
}

/* What the run spoke of, or was given, is known already. */
static bool is_known(const char *name, const char *path, const char *known)
{
	while (known[0] == '.' && known[1] == '/')
		known += 2;
	return strcmp(known[0] == '/' ? path : name, known) == 0;
}

static bool is_common(const char *folder)
{
	const char *home = getenv("HOME");

	return strcmp(folder, "/") == 0 || strcmp(folder, "/tmp") == 0 || (home && strcmp(folder, home) == 0);
}

void artifacts_discover(struct store *store, const struct run_row *row, int64_t ended)
{
	struct arena *mem = arena_new();
	struct found *f = arena_alloc(mem, sizeof *f);
	struct walk_look look = {
	    .ms = WALK_MS, .without = store_path(store), .wanted = is_wanted, .take = take_file, .user = f};
	struct run_artifact *told;
	int64_t start;
	size_t count;
	bool beside;

	*f = (struct found){
	    .from = row->started, .to = ended + CLOCKS_MS, .root = strlen(row->cwd) + 1, .mem = mem};
	if (row->started <= 0 || row->cwd[0] != '/' || is_common(row->cwd) ||
	    store_run_beside(store, row->id, row->cwd, row->started, ended, &beside, NULL) < 0 || beside ||
	    store_artifacts(store, row->id, mem, &told, &count, NULL) < 0)
		goto out;
	walk_files(row->cwd, &look);
	start = time_mono_ms();
	for (size_t i = 0; i < f->count; i++) {
		struct run_artifact *a = &f->list[i];
		char *path = path_join(row->cwd, a->name);
		bool known = false;
		for (size_t k = 0; k < count && !known; k++)
			known = is_known(a->name, path, told[k].name);
		if (!known && (a->bytes > READ_BYTES || time_mono_ms() - start > READ_MS ||
		               sha256_file(path, a->digest, &a->bytes, NULL) < 0))
			a->digest[0] = 0;
		if (!known)
			store_artifact_add(store, row->id, a, NULL);
		free(path);
	}
out:
	arena_free(mem);
}
