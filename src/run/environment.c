/*
 * environment: what a run was made in, as one object: variables that change what programs compute, the packages of
 * the Python, conda and Debian installations that it sees. Secrets are never kept: a variable whose name speaks of
 * one says "masked". The same environment gives the same bytes, and so the same digest, in every session.
 */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "local.h"

enum { PACKAGES_MAX = 20000, VALUE_MAX = 4096 };

/* Names, or beginnings of them that end with "_". */
static const char *const kept[] = {
    "CONDA_DEFAULT_ENV",
    "CONDA_PREFIX",
    "CUBLAS_",
    "CUDA_",
    "CUDNN_",
    "GOMP_",
    "HF_",
    "HIP_",
    "JAX_",
    "KERAS_",
    "KMP_",
    "LANG",
    "LC_",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "LOCAL_RANK",
    "MASTER_",
    "MKL_",
    "MLFLOW_",
    "NCCL_",
    "NUMEXPR_",
    "NVIDIA_",
    "OMP_",
    "OPENBLAS_",
    "PATH",
    "PYTHON",
    "PYTORCH_",
    "RANK",
    "ROCR_",
    "SLURM_",
    "TF_",
    "TORCH_",
    "TRANSFORMERS_",
    "TZ",
    "VIRTUAL_ENV",
    "WANDB_",
    "WORLD_SIZE",
    "XLA_",
};
static const char *const secret[] = {"KEY", "TOKEN", "SECRET", "PASS", "PWD", "CREDENTIAL", "AUTH", "COOKIE"};

static bool is_kept(const char *entry, size_t name)
{
	for (size_t i = 0; i < COUNT_OF(kept); i++) {
		size_t n = strlen(kept[i]);
		bool beginning = kept[i][n - 1] == '_' || strcmp(kept[i], "PYTHON") == 0;

		if (strncmp(entry, kept[i], n) == 0 && (beginning ? name >= n : name == n))
			return true;
	}
	return false;
}

/* Wider than for a command line (secrets.c): of variables no more than that they were there need be known. */
static bool is_secret(const char *entry, size_t name)
{
	for (size_t i = 0; i < COUNT_OF(secret); i++) {
		const char *found = strstr(entry, secret[i]);

		if (found && found < entry + name)
			return true;
	}
	return false;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_variables(char *const *env, struct json_writer *j)
{
	size_t n = 0;
	char **sorted;
	struct str value;

	str_init(&value);
	while (env[n])
		n++;
	sorted = xreallocarray(NULL, n + 1, sizeof *sorted);
	memcpy(sorted, env, n * sizeof *sorted);
	qsort(sorted, n, sizeof *sorted, by_text);
	jw_object(j, "variables");
	for (size_t i = 0; i < n; i++) {
		size_t name = strcspn(sorted[i], "=");
		char key[256];

		if (!sorted[i][name] || name >= sizeof key || !is_kept(sorted[i], name))
			continue;
		snprintf(key, sizeof key, "%.*s", (int)name, sorted[i]);
		/* Of several of one name the first is what a program sees. */
		if (i > 0 && strncmp(sorted[i - 1], sorted[i], name + 1) == 0)
			continue;
		str_clear(&value);
		if (is_secret(sorted[i], name))
			str_adds(&value, SECRET_MASKED);
		else
			secret_mask(key, sorted[i] + name + 1, &value);
		if (value.len > VALUE_MAX)
			str_cut(&value, VALUE_MAX);
		jw_string(j, key, value.data);
	}
	jw_object_end(j);
	str_release(&value);
	free(sorted);
}

/* Names of what lies in the folder and ends so, without the ending, sorted. */
static void add_names(struct json_writer *j, const char *key, const char *folder, const char *ending)
{
	DIR *dir = opendir(folder);
	size_t count = 0, cap = 0, end = strlen(ending);
	char **names = NULL;
	struct dirent *e;

	while (dir && count < PACKAGES_MAX && (e = readdir(dir))) {
		size_t n = strlen(e->d_name);

		if (n <= end || strcmp(e->d_name + n - end, ending) != 0)
			continue;
		names = vec_reserve(names, &cap, count + 1, sizeof *names);
		names[count++] = xasprintf("%.*s", (int)(n - end), e->d_name);
	}
	if (dir)
		closedir(dir);
	if (count)
		qsort(names, count, sizeof *names, by_text);
	jw_array(j, key);
	for (size_t i = 0; i < count; i++) {
		jw_string(j, NULL, names[i]);
		free(names[i]);
	}
	jw_array_end(j);
	free(names);
}

static const char *variable(char *const *env, const char *name)
{
	size_t n = strlen(name);

	for (; *env; env++)
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			return (*env)[n + 1] ? *env + n + 1 : NULL;
	return NULL;
}

/* The packages below PREFIX/lib/python3.X: "numpy-1.26.4" as pip calls their folders. */
static void add_python(struct json_writer *j, const char *prefix)
{
	char *lib = path_join(prefix, "lib"), *best = NULL;
	DIR *dir = opendir(lib);
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		if (strncmp(e->d_name, "python", 6) != 0 || (best && strcmp(best, e->d_name) > 0))
			continue;
		free(best);
		best = xstrdup(e->d_name);
	}
	if (dir)
		closedir(dir);
	if (best) {
		char *packages = xasprintf("%s/%s/site-packages", lib, best);

		jw_object(j, "python");
		jw_string(j, "prefix", prefix);
		jw_string(j, "version", best + 6);
		add_names(j, "packages", packages, ".dist-info");
		jw_object_end(j);
		free(packages);
	}
	free(best);
	free(lib);
}

/* The folder whose bin/ the program lies in, if it is an installation that has what `mark` names; the caller frees. A
 * link is not followed: python in a virtual environment is one to the python that made it. */
static char *prefix_of(const char *program, char *const *env, const char *mark)
{
	const char *path = strchr(program, '/') ? "" : variable(env, "PATH");

	for (size_t n; path; path = path[n] ? path + n + 1 : NULL) {
		char *file, *slash, *marked, *whole;
		bool here;

		n = strcspn(path, ":");
		file = n ? xasprintf("%.*s/%s", (int)n, path, program) : xstrdup(program);
		if (access(file, X_OK) < 0) {
			free(file);
			continue;
		}
		slash = strrchr(file, '/');
		*(slash ? slash : file) = 0;
		whole = xasprintf("%s/..", *file || slash ? file : ".");
		marked = path_join(whole, mark);
		here = file_exists(marked);
		free(file);
		free(marked);
		file = here ? path_absolute(whole) : NULL;
		free(whole);
		return file;
	}
	return NULL;
}

void environment_text(const char *program, char *const *env, struct str *out)
{
	/* A program of an installation runs in it, whatever is activated. */
	char *own_venv = prefix_of(program, env, "pyvenv.cfg"),
	     *own_conda = prefix_of(program, env, "conda-meta");
	bool own = own_venv || own_conda;
	const char *conda = own ? own_conda : variable(env, "CONDA_PREFIX");
	const char *venv = own ? own_venv : variable(env, "VIRTUAL_ENV");
	struct json_writer j;
	char hex[SHA256_TEXT];
	uint64_t size;

	jw_init(&j, out);
	jw_object(&j, NULL);
	jw_string(&j, "format", "assay-environment/1");
	/* What dpkg knows changes with every package that comes, goes or is replaced. */
	if (sha256_file("/var/lib/dpkg/status", hex, &size, NULL) == 0)
		jw_string(&j, "apt", hex);
	if (conda) {
		char *meta = path_join(conda, "conda-meta");

		jw_object(&j, "conda");
		jw_string(&j, "prefix", conda);
		add_names(&j, "packages", meta, ".json");
		jw_object_end(&j);
		free(meta);
	}
	if (venv || conda)
		add_python(&j, venv ? venv : conda);
	add_variables(env, &j);
	jw_object_end(&j);
	str_addc(out, '\n');
	free(own_venv);
	free(own_conda);
}
