/*
 * files: what a command was given and what it made, by digest. Files named among the arguments are read beside the
 * command, in a thread of their own; artifacts that it reported are taken when it has ended.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"

enum { FILES_MAX = 64, WAIT_MS = 10000, KEEP_MS = 60000, KEEP_BYTES = 1 << 30 };

struct given_file {
	char *path, *name;
	const char *role;
	char digest[SHA256_TEXT]; /* "": it could not be read */
};

struct files {
	struct given_file given[FILES_MAX];
	size_t count, taken;
	atomic_size_t read; /* of them, by the thread */
	pthread_t thread;
};

static bool ends_with(const char *name, const char *const *endings)
{
	size_t n = strlen(name);

	for (; *endings; endings++)
		if (n > strlen(*endings) && strcmp(name + n - strlen(*endings), *endings) == 0)
			return true;
	return false;
}

static const char *role_of(const char *name, const struct stat *st)
{
	static const char *const code[] = {".py", ".r", ".R", ".sh", ".jl", ".ipynb", ".pl", ".lua", ".js", NULL};
	static const char *const settings[] = {".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf", NULL};

	if (ends_with(name, code) || (st->st_mode & S_IXUSR))
		return "code";
	return ends_with(name, settings) ? "settings" : "data";
}

static char *resolve(const char *cwd, const char *name)
{
	return name[0] == '/' ? xstrdup(name) : path_join(cwd, name);
}

/* "train.csv", "--data=train.csv". */
static void take_word(struct files *f, const char *cwd, const char *word)
{
	const char *equals = word[0] == '-' ? strchr(word, '=') : NULL, *name = equals ? equals + 1 : word;
	char *path = resolve(cwd, name);
	struct stat st;
	bool known = !name[0] || stat(path, &st) < 0 || !S_ISREG(st.st_mode);

	for (size_t i = 0; i < f->count && !known; i++)
		known = strcmp(f->given[i].name, name) == 0;
	if (known || f->count == FILES_MAX) {
		free(path);
		return;
	}
	f->given[f->count++] = (struct given_file){path, xstrdup(name), role_of(name, &st), ""};
}

static void *read_them(void *user)
{
	struct files *f = user;

	for (size_t i = 0; i < f->count; i++) {
		uint64_t size;

		if (sha256_file(f->given[i].path, f->given[i].digest, &size, NULL) < 0)
			f->given[i].digest[0] = '\0';
		atomic_store(&f->read, i + 1);
	}
	return NULL;
}

struct files *files_start(char *const *argv, const char *cwd)
{
	struct files *f = xcalloc(1, sizeof *f);

	atomic_init(&f->read, 0);
	for (size_t i = 1; argv[0] && argv[i]; i++)
		take_word(f, cwd, argv[i]);
	if (f->count && pthread_create(&f->thread, NULL, read_them, f) == 0)
		return f;
	files_free(f);
	return NULL;
}

int files_flush(struct files *f, struct store *store, int64_t run, struct error *err)
{
	size_t read = f ? atomic_load(&f->read) : 0;

	for (; f && f->taken < read; f->taken++) {
		const struct given_file *g = &f->given[f->taken];
		struct run_input in = {.name = g->name, .role = g->role};

		memcpy(in.digest, g->digest, sizeof in.digest);
		if (store_input_add(store, run, &in, err) < 0)
			return -1;
	}
	return 0;
}

void files_end(struct files *f, struct store *store, int64_t run)
{
	int64_t start = time_mono_ms();

	if (!f)
		return;
	while (atomic_load(&f->read) < f->count && time_mono_ms() - start < WAIT_MS)
		usleep(10000);
	if (atomic_load(&f->read) < f->count) {
		/* A very large one: the thread ends with this process, which must not wait for it. That it was given is
		 * known. */
		if (files_flush(f, store, run, NULL) == 0)
			for (size_t i = f->taken; i < f->count; i++)
				store_input_add(store, run,
				                &(struct run_input){.name = f->given[i].name, .role = f->given[i].role},
				                NULL);
		return;
	}
	pthread_join(f->thread, NULL);
	files_flush(f, store, run, NULL);
	files_free(f);
}

void files_free(struct files *f)
{
	for (size_t i = 0; i < f->count; i++) {
		free(f->given[i].path);
		free(f->given[i].name);
	}
	free(f);
}

void artifacts_keep(struct store *store, int64_t run, const char *cwd)
{
	struct arena *mem = arena_new();
	struct run_artifact *list;
	int64_t start = time_mono_ms();
	size_t count = 0;

	if (store_artifacts(store, run, mem, &list, &count, NULL) < 0)
		count = 0;
	for (size_t i = 0; i < count && time_mono_ms() - start < KEEP_MS; i++) {
		char *path = resolve(cwd, list[i].name);
		struct stat st;
		bool good = !list[i].digest[0] && strcmp(list[i].kind, ARTIFACT_FOUND) != 0 && stat(path, &st) == 0 &&
		            S_ISREG(st.st_mode);

		/* What is too large for the store, or finds no room there, is known by its digest at least. */
		if (good && (st.st_size > KEEP_BYTES ||
		             store_object_put_file(store, path, list[i].digest, &list[i].bytes, NULL) < 0)) {
			list[i].kind = ARTIFACT_UNKEPT;
			good = sha256_file(path, list[i].digest, &list[i].bytes, NULL) == 0;
		}
		if (good)
			store_artifact_add(store, run, &list[i], NULL);
		free(path);
	}
	arena_free(mem);
}

void inputs_name(struct store *store, int64_t run, const char *cwd)
{
	struct arena *mem = arena_new();
	struct run_input *list;
	int64_t start = time_mono_ms();
	size_t count = 0;

	if (store_inputs(store, run, mem, &list, &count, NULL) < 0)
		count = 0;
	for (size_t i = 0; i < count && time_mono_ms() - start < KEEP_MS; i++) {
		struct run_input *in = &list[i];
		char *path = resolve(cwd, in->name);
		struct dataset_row data;
		uint64_t size;
		struct stat st;
		bool good = false;

		if (!in->digest[0] && store_dataset_find(store, in->name, mem, &data, NULL) == 0) {
			in->dataset = data.id;
			memcpy(in->digest, data.digest, sizeof in->digest);
			good = true;
		} else if (!in->digest[0]) {
			/* A very large one would be waited for, by whoever finds that the run has ended. */
			good = stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= KEEP_BYTES &&
			       sha256_file(path, in->digest, &size, NULL) == 0;
		}
		if (good)
			store_input_add(store, run, in, NULL);
		free(path);
	}
	arena_free(mem);
}
