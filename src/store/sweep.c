/* Files of the store that nothing needs: objects that nothing names, copies that were left behind, folders of runs. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

#include "assay/store_remove.h"

static bool is_young(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000 > time_now_ms() - STORE_GRACE_MS;
}

static bool is_hex(const char *text, size_t len)
{
	return strlen(text) == len && strspn(text, "0123456789abcdef") == len;
}

/* ---- one object ---- */

static int refused(const char *path, struct error *err)
{
	return error_errno(err, ERR_STORE, "cannot remove %s", path);
}

/*
 * Whoever keeps an object that is there gives it the time of now, and writes it anew if it has gone meanwhile. So it is
 * moved away first and its time looked at then: either that was set before, and it comes back, or he who wants it finds
 * nothing and writes it. Killed in between, it is brought back by who opens the store next (object.c).
 */
int store_object_remove(struct store *s, const char *digest, bool dry, uint64_t *bytes, bool *young,
                        struct error *err)
{
	char *path = store_object_path(s, digest),
	     *aside = xasprintf("%s/objects/" OBJECT_ASIDE "%s", s->path, digest);
	struct stat st;
	int result = 0;

	*bytes = 0;
	*young = false;
	if (lstat(path, &st)) {
		if (errno != ENOENT)
			result = refused(path, err);
		goto out;
	}
	*young = is_young(&st);
	if (*young)
		goto out;
	*bytes = (uint64_t)st.st_size;
	if (dry)
		goto out;
	if (rename(path, aside) || lstat(aside, &st)) {
		result = refused(path, err);
	} else if (is_young(&st)) {
		*young = true;
		*bytes = 0;
		/* One that was written anew meanwhile is the same. */
		if (rename(aside, path))
			result = refused(path, err);
	} else if (unlink(aside) && errno != ENOENT) {
		result = refused(path, err);
	}
out:
	free(aside);
	free(path);
	return result;
}

/* ---- all of them ---- */

struct sweep {
	struct store *s;
	const struct intern *used;
	bool dry;
	struct store_swept *out;
};

/* A copy in the making is written all the time: what was not touched for an hour is nobody's. */
static int sweep_copy(const struct sweep *w, int folder, const char *name, struct error *err)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode) || is_young(&st))
		return 0;
	if (!w->dry && unlinkat(folder, name, 0))
		return refused(name, err);
	w->out->copies++;
	w->out->copy_bytes += (uint64_t)st.st_size;
	return 0;
}

/* "cd…" of an object that is being written: its name and six letters more. */
static bool is_copy_of_object(const char *name)
{
	return strlen(name) == SHA256_TEXT - 3 + 7 && name[SHA256_TEXT - 3] == '.' &&
	       strspn(name, "0123456789abcdef") == SHA256_TEXT - 3;
}

static int sweep_folder(const struct sweep *w, const char *parent, const char *two, struct error *err)
{
	char *path = path_join(parent, two), digest[SHA256_TEXT];
	DIR *dir = opendir(path);
	const struct dirent *e;
	int result = 0;

	free(path);
	while (dir && !result && (e = readdir(dir))) {
		uint64_t bytes;
		bool young = false;

		if (is_copy_of_object(e->d_name)) {
			result = sweep_copy(w, dirfd(dir), e->d_name, err);
			continue;
		}
		/* What is not an object's name was put there by somebody else. */
		if (!is_hex(e->d_name, SHA256_TEXT - 3))
			continue;
		snprintf(digest, sizeof(digest), "%.2s%.62s", two, e->d_name);
		if (intern_find(w->used, digest, SHA256_TEXT - 1) != INTERN_NONE)
			continue;
		result = store_interrupted(w->s, err);
		if (!result)
			result = store_object_remove(w->s, digest, w->dry, &bytes, &young, err);
		w->out->young += !result && young;
		if (!result && !young) {
			w->out->objects++;
			w->out->bytes += bytes;
		}
	}
	if (dir)
		closedir(dir);
	return result;
}

static int sweep_objects(const struct sweep *w, struct error *err)
{
	char *path = path_join(w->s->path, "objects");
	DIR *dir = opendir(path);
	const struct dirent *e;
	int result = 0;

	if (!w->dry)
		objects_sweep(w->s);
	while (dir && !result && (e = readdir(dir))) {
		if (strncmp(e->d_name, "new-", 4) == 0)
			result = sweep_copy(w, dirfd(dir), e->d_name, err);
		else if (is_hex(e->d_name, 2))
			result = sweep_folder(w, path, e->d_name, err);
	}
	if (dir)
		closedir(dir);
	free(path);
	return result;
}

/* ---- folders of runs ---- */

static uint64_t size_of(int parent, const char *name, int depth)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;
	uint64_t sum = 0;

	if (fd >= 0 && !dir)
		close(fd);
	while (dir && (e = readdir(dir))) {
		struct stat st;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
		    fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		if (S_ISDIR(st.st_mode) && depth < 32)
			sum += size_of(dirfd(dir), e->d_name, depth + 1);
		else if (S_ISREG(st.st_mode))
			sum += (uint64_t)st.st_size;
	}
	if (dir)
		closedir(dir);
	return sum;
}

static int has_run(struct store *s, const char *uuid, bool *there, struct error *err)
{
	sqlite3_stmt *stmt = store_prepare(s, "SELECT 1 FROM run WHERE uuid = ?", err);
	int rc;

	if (!stmt)
		return -1;
	bind_text(stmt, 1, uuid);
	rc = store_step(s, stmt, err);
	*there = rc > 0;
	sqlite3_reset(stmt);
	return rc < 0 ? -1 : 0;
}

static int sweep_live(const struct sweep *w, struct error *err)
{
	char *path = path_join(w->s->path, "live");
	DIR *dir = opendir(path);
	const struct dirent *e;
	int result = 0;

	while (dir && !result && (e = readdir(dir))) {
		struct stat st;
		bool there;

		if (!id_is_valid(e->d_name) || fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
		    !S_ISDIR(st.st_mode) || is_young(&st))
			continue;
		result = has_run(w->s, e->d_name, &there, err);
		if (result || there)
			continue;
		w->out->folders++;
		w->out->folder_bytes += size_of(dirfd(dir), e->d_name, 0);
		if (!w->dry) {
			char *folder = path_join(path, e->d_name);

			result = dir_remove(folder, err);
			free(folder);
		}
	}
	if (dir)
		closedir(dir);
	free(path);
	return result;
}

int store_sweep(struct store *s, const struct intern *used, bool dry, struct store_swept *out,
                struct error *err)
{
	const struct sweep w = {s, used, dry, out};

	*out = (struct store_swept){.objects = 0};
	if (!dry && s->mode != STORE_WRITE)
		return error_set(err, ERR_STORE, "the store %s is open for reading only", s->path);
	return sweep_objects(&w, err) || sweep_live(&w, err) ? -1 : 0;
}

uint64_t store_folder_size(const struct store *s, const char *name)
{
	char *path = path_join(s->path, name);
	uint64_t size = size_of(AT_FDCWD, path, 0);

	free(path);
	return size;
}
