/* A stage as a folder: what deployment reads. A link is swapped onto a folder that never changes, and the
 * program that the store's configuration names is told of it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "decision.h"

static char *model_folder(struct trust *t, const char *model)
{
	char *stages = path_join(store_path(work_trust_store(t)), "stages");
	char *folder = path_join(stages, model);
	free(stages);
	return folder;
}

/* STORE/stages/NAME/STAGE: a symbolic link that is swapped. */
static char *stage_path(struct trust *t, const char *model, const char *stage)
{
	char *folder = model_folder(t, model), *path = path_join(folder, stage);
	free(folder);
	return path;
}

/* ---- the hook ---- */

struct hook {
	char *promote; /* NULL: none */
	int64_t timeout_s;
};

static int take_hook(void *user, const char *section, const char *key, const char *value, int line,
                     struct error *err)
{
	struct hook *h = user;
	(void)line;
	static const char *const others[] = {"patterns", "run", "serve", "watch"};
	for (size_t i = 0; i < COUNT_OF(others); i++)
		if (strcmp(section, others[i]) == 0)
			return 0;
	if (strcmp(section, "hooks") != 0)
		return error_set(err, ERR_USAGE, "there is no section [%s]; did you mean [hooks]?", section);
	if (strcmp(key, "promote") == 0) {
		if (value[0] != '/')
			return error_set(err, ERR_USAGE, "promote: must be the whole path of a program (/…)");
		free(h->promote);
		h->promote = xstrdup(value);
		return 0;
	}
	if (strcmp(key, "timeout") == 0) {
		if (!int_parse(value, strlen(value), &h->timeout_s) || h->timeout_s < 1 || h->timeout_s > 86400)
			return error_set(err, ERR_USAGE, "timeout: must be between 1 and 86400 seconds");
		return 0;
	}
	return error_set(err, ERR_USAGE, "[hooks] has no key \"%s\"; it has: promote, timeout", key);
}

/* The store may lie in a folder that others gave us: a command is obeyed only from a file of our own that
 * nobody else can write. The file that was looked at is the one that is read. */
static int read_hook(const char *store, struct hook *h, struct error *err)
{
	char *path = path_join(store, "config.ini"), *text = NULL;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), status = -1;
	enum { MOST = 1 << 16 };
	if (fd < 0 && errno == ENOENT) {
		status = 0;
		goto out;
	}
	if (fd < 0 || fstat(fd, &st) != 0) {
		error_errno(err, ERR_ENV, "cannot read %s", path);
		goto out;
	}
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH))) {
		error_set(
		    err, ERR_ENV,
		    "%s is not obeyed: it must be a file of your own that nobody else can write (chown, chmod go-w)",
		    path);
		goto out;
	}
	text = xcalloc(1, MOST + 1);
	size_t len = 0;
	for (ssize_t n = 1; n > 0 && len<MOST; len += n> 0 ? (size_t)n : 0) {
		n = read(fd, text + len, MOST - len);
		if (n < 0 && errno != EINTR) {
			error_errno(err, ERR_ENV, "cannot read %s", path);
			goto out;
		}
	}
	if (len == MOST || strlen(text) != len) {
		error_set(err, ERR_USAGE, "%s is no configuration: it is too long, or holds NUL bytes", path);
		goto out;
	}
	status = ini_read_text(path, text, take_hook, h, err);
out:
	if (fd >= 0)
		close(fd);
	free(text);
	free(path);
	return status;
}

static int run_hook(struct trust *t, const struct ledger_text *x, const char *folder, struct error *err)
{
	const char *store = store_path(work_trust_store(t));
	struct hook h = {.timeout_s = 60};
	struct str out, said;
	char version[NUM_TEXT];
	int wait = 0, status = -1;
	str_init(&out);
	str_init(&said);
	if (read_hook(store, &h, err) != 0)
		goto out;
	if (!h.promote) {
		status = 0;
		goto out;
	}
	snprintf(version, sizeof version, "%lld", (long long)x->version);
	const char *const argv[] = {h.promote, x->model, version, x->stage, folder, NULL};
	if (child_capture(argv, store, (int)h.timeout_s * 1000, 1 << 16, &out, &said, &wait, err) != 0) {
		error_prefix(err, "the hook");
		goto out;
	}
	if (wait == 0) {
		status = 0;
		goto out;
	}
	/* Its last words say most. */
	while (said.len && said.data[said.len - 1] == '\n')
		str_cut(&said, said.len - 1);
	const char *last = strrchr(said.data, '\n');
	last = last ? last + 1 : said.data;
	if (WIFEXITED(wait))
		error_set(err, ERR_ENV, "the hook %s ended with status %d%s%s", h.promote, WEXITSTATUS(wait),
		          *last ? ": " : "", last);
	else
		error_set(err, ERR_ENV, "the hook %s was ended by signal %d", h.promote, WTERMSIG(wait));
out:
	free(h.promote);
	str_release(&out);
	str_release(&said);
	return status;
}

/* ---- publication ---- */

/* ".v17-row492-…": ours, and nothing else is ever removed, whatever folder this turns out to be. */
static bool is_ours(const char *name)
{
	size_t n = strspn(name + (strncmp(name, ".v", 2) == 0 ? 2 : 0), "0123456789");
	if (strncmp(name, ".v", 2) != 0 || n == 0 || strncmp(name + 2 + n, "-row", 4) != 0)
		return false;
	name += 2 + n + 4;
	n = strspn(name, "0123456789");
	return n > 0 && name[n] == '-';
}

/* Whoever can write the store could have put a link in the place of a folder of it, so that the operator
 * writes where they cannot. */
static int own_folder(const char *path, struct error *err)
{
	struct stat st;
	if (error_of_store(dir_make(path, err), err) != 0)
		return -1;
	if (lstat(path, &st) != 0)
		return error_errno(err, ERR_STORE, "cannot look at %s", path);
	return S_ISDIR(st.st_mode)
	           ? 0
	           : error_set(err, ERR_TAMPER,
	                       "%s is a link: stages are written into a folder of the store alone", path);
}

static int stage_folder(struct trust *t, const struct ledger_text *x, const char *folder, struct error *err)
{
	const char *const names[] = {x->model, x->stage};
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (!*names[i] || names[i][0] == '.' || strchr(names[i], '/'))
			return error_set(err, ERR_TAMPER, "%s cannot be the name of a folder: nothing was published",
			                 names[i]);
	char *stages = path_join(store_path(work_trust_store(t)), "stages");
	int status = own_folder(stages, err);
	free(stages);
	return status == 0 ? own_folder(folder, err) : -1;
}

/* Removes the folders that no stage links to, but the one that was linked a moment ago: somebody may be
 * reading it. What cannot be removed now is removed the next time. */
static void prune(const char *folder, const char *spare)
{
	enum { MOST = 256 };
	char *linked[MOST];
	size_t count = 0;
	DIR *dir = opendir(folder);
	struct dirent *e;
	while (dir && (e = readdir(dir))) {
		char to[256];
		ssize_t n = readlinkat(dirfd(dir), e->d_name, to, sizeof to - 1);
		if (n > 0 && count < MOST)
			linked[count++] = xmemdup0(to, (size_t)n);
	}
	if (dir)
		rewinddir(dir);
	/* More links than can be remembered: then nothing is known to be free. */
	while (dir && count < MOST && (e = readdir(dir))) {
		bool keep = !is_ours(e->d_name) || (spare && strcmp(e->d_name, spare) == 0);
		for (size_t i = 0; i < count; i++)
			keep = keep || strcmp(e->d_name, linked[i]) == 0;
		if (keep)
			continue;
		char *path = path_join(folder, e->d_name);
		dir_remove(path, NULL);
		free(path);
	}
	if (dir)
		closedir(dir);
	for (size_t i = 0; i < count; i++)
		free(linked[i]);
}

/* Points the link at the folder in one step; *before (caller frees) is where it pointed, or NULL. */
static int swap_link(const char *folder, const char *stage, const char *target, char **before,
                     struct error *err)
{
	char *link = path_join(folder, stage), *fresh = xasprintf("%s/.link-%s", folder, stage), to[256];
	ssize_t n = readlink(link, to, sizeof to - 1);
	int status = 0;
	*before = n > 0 ? xmemdup0(to, (size_t)n) : NULL;
	unlink(fresh);
	if (symlink(target, fresh) != 0 || rename(fresh, link) != 0) {
		status = error_errno(err, ERR_STORE, "cannot point %s at %s", link, target);
		unlink(fresh);
	}
	free(fresh);
	free(link);
	return status == 0 ? error_of_store(dir_sync(folder, err), err) : -1;
}

int stage_publish(struct trust *t, const struct ledger_text *x, int64_t row, struct error *err)
{
	struct arena *mem = arena_new();
	struct work_version v;
	char unique[ID_TEXT], *folder = model_folder(t, x->model), *before = NULL;
	int lock = -1, status = -1;
	id_make(unique);
	const char *ref = arena_printf(mem, "%s@%lld", x->model, (long long)x->version);
	const char *name =
	    arena_printf(mem, ".v%lld-row%lld-%s", (long long)x->version, (long long)row, unique + 20);
	char *target = path_join(folder, name), *link = stage_path(t, x->model, x->stage);
	if (work_version_find(t, ref, mem, &v, err) != 0 || stage_folder(t, x, folder, err) != 0)
		goto out;
	/* One at a time in a model's folder, so that what another has just written is not taken for left over. */
	lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (lock < 0 || flock(lock, LOCK_EX) != 0) {
		error_errno(err, ERR_STORE, "cannot lock %s", folder);
		goto out;
	}
	if (error_of_store(work_bundle(t, &v, target, err), err) != 0)
		goto out;
	if (swap_link(folder, x->stage, name, &before, err) != 0)
		goto out;
	prune(folder, before);
	close(lock);
	lock = -1;
	status = run_hook(t, x, link, err);
out:
	if (lock >= 0)
		close(lock);
	free(before);
	free(link);
	free(target);
	free(folder);
	arena_free(mem);
	return status;
}
