/*
 * Files as they are on the disk, for manifests.
 *
 * What is hashed is what is copied: one descriptor, opened step by step below a folder that is held open,
 * through no link; a regular file with one name only, because a second name is a way to change it from
 * elsewhere.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trust.h"

enum { READ_AT_ONCE = 1 << 16, FOLDERS_DEEP = 32, FILES_MOST = 100000 };

/* One component at a time, none of them a link: nothing is reached that does not lie below the folder. */
static int open_beneath(int folder, const char *path, int *out, struct error *err)
{
	char *rest = xstrdup(path), *p = rest;
	int fd = folder, status = -1;
	if (!path_is_plain(path)) {
		error_set(err, ERR_TAMPER, "%s is not a plain path below its folder", path);
		goto out;
	}
	for (;;) {
		char *slash = strchr(p, '/');
		int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | (slash ? O_DIRECTORY : 0);
		if (slash)
			*slash = 0;
		int next = openat(fd, p, flags);
		int why = errno;
		if (fd != folder)
			close(fd);
		fd = next;
		errno = why;
		if (fd < 0)
			break;
		if (!slash) {
			*out = fd;
			status = 0;
			goto out;
		}
		p = slash + 1;
	}
	if (errno == ELOOP || errno == ENOTDIR)
		error_set(err, ERR_TAMPER, "%s is reached through a link, or is one", path);
	else if (errno == ENOENT)
		error_set(err, ERR_TAMPER, "%s is missing", path);
	else if (errno == ENXIO)
		error_set(err, ERR_TAMPER, "%s is not a regular file", path);
	else
		error_errno(err, ERR_ENV, "cannot open %s", path);
out:
	free(rest);
	return status;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec && a->st_nlink == b->st_nlink;
}

static int hash_open(int fd, const char *path, int copy, char hex[SHA256_TEXT], int64_t *bytes,
                     struct error *err)
{
	struct stat before, after;
	if (fstat(fd, &before) != 0)
		return error_errno(err, ERR_ENV, "cannot look at %s", path);
	if (!S_ISREG(before.st_mode))
		return error_set(err, ERR_TAMPER, "%s is not a regular file", path);
	if (before.st_nlink != 1)
		return error_set(err, ERR_TAMPER,
		                 "%s has %llu names: by another one it can be changed from elsewhere", path,
		                 (unsigned long long)before.st_nlink);
	struct sha256 h;
	char *buffer = xmalloc(READ_AT_ONCE);
	int64_t total = 0;
	ssize_t n;
	int status = 0;
	sha256_init(&h);
	for (;;) {
		n = read(fd, buffer, READ_AT_ONCE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		sha256_add(&h, buffer, (size_t)n);
		total += n;
		if (copy >= 0 && fd_write_all(copy, buffer, (size_t)n) != 0) {
			status = error_errno(err, ERR_STORE, "cannot copy %s", path);
			break;
		}
	}
	if (status == 0 && n < 0)
		status = error_errno(err, ERR_ENV, "cannot read %s", path);
	sha256_end(&h, hex);
	free(buffer);
	if (status == 0 && (fstat(fd, &after) != 0 || !same_file(&before, &after) || total != after.st_size))
		status = error_set(err, ERR_TAMPER, "%s was changed while it was read", path);
	*bytes = total;
	return status;
}

int beneath_hash(int folder, const char *path, int copy, char hex[SHA256_TEXT], int64_t *bytes,
                 struct error *err)
{
	int fd;
	if (open_beneath(folder, path, &fd, err) != 0)
		return -1;
	int status = hash_open(fd, path, copy, hex, bytes, err);
	close(fd);
	return status;
}

/* ---- a folder ---- */

struct walk {
	int top;
	struct arena *mem;
	struct manifest_file *files;
	size_t count, cap;
	struct error *err;
};

static int walk_into(struct walk *w, int folder, const char *prefix, int depth);

static int walk_entry(struct walk *w, int folder, const char *prefix, const char *name, int depth)
{
	struct stat st;
	char *path = arena_printf(w->mem, "%s%s%s", prefix, *prefix ? "/" : "", name);
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return error_errno(w->err, ERR_ENV, "cannot look at %s", path);
	if (S_ISDIR(st.st_mode)) {
		int fd =
		    depth < FOLDERS_DEEP ? openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
		if (fd < 0)
			return depth < FOLDERS_DEEP ? error_errno(w->err, ERR_ENV, "cannot open the folder %s", path)
			                            : error_set(w->err, ERR_TAMPER, "%s lies too deep", path);
		return walk_into(w, fd, path, depth + 1);
	}
	if (!S_ISREG(st.st_mode))
		return error_set(w->err, ERR_TAMPER, "%s is not a regular file", path);
	if (w->count == FILES_MOST)
		return error_set(w->err, ERR_TAMPER, "there are more than %d files", FILES_MOST);
	w->files = vec_reserve(w->files, &w->cap, w->count + 1, sizeof *w->files);
	struct manifest_file *f = &w->files[w->count++];
	*f = (struct manifest_file){.path = path};
	return beneath_hash(w->top, path, -1, f->digest, &f->bytes, w->err);
}

/* Closes the folder. */
static int walk_into(struct walk *w, int folder, const char *prefix, int depth)
{
	DIR *dir = fdopendir(folder);
	if (!dir) {
		close(folder);
		return error_errno(w->err, ERR_ENV, "cannot read the folder %s", *prefix ? prefix : ".");
	}
	int status = 0;
	const struct dirent *e;
	while (status == 0 && (errno = 0, e = readdir(dir)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			status = walk_entry(w, dirfd(dir), prefix, e->d_name, depth);
	if (status == 0 && errno)
		status = error_errno(w->err, ERR_ENV, "cannot read the folder %s", *prefix ? prefix : ".");
	closedir(dir);
	return status;
}

static int by_path(const void *a, const void *b)
{
	const struct manifest_file *x = a, *y = b;
	return strcmp(x->path, y->path);
}

int manifest_of_folder(const char *dir, struct arena *mem, struct manifest_file **out, size_t *count,
                       struct error *err)
{
	struct walk w = {.mem = mem, .err = err};
	w.top = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int again = w.top < 0 ? -1 : openat(w.top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (again < 0) {
		error_errno(err, ERR_ENV, "cannot open the folder %s", dir);
		if (w.top >= 0)
			close(w.top);
		return -1;
	}
	int status = walk_into(&w, again, "", 0);
	close(w.top);
	if (status != 0) {
		error_prefix(err, "%s", dir);
	} else {
		*out = arena_array(mem, w.count + 1, sizeof **out);
		if (w.count) {
			memcpy(*out, w.files, w.count * sizeof **out);
			qsort(*out, w.count, sizeof **out, by_path);
		}
		*count = w.count;
	}
	free(w.files);
	return status;
}

/* ---- the objects of a version ---- */

static const char *file_problem(int objects, const struct manifest_file *f, struct arena *mem)
{
	struct error why;
	char hex[SHA256_TEXT];
	int64_t bytes;
	char *path = arena_printf(mem, "%.2s/%s", f->digest, f->digest + 2);
	if (beneath_hash(objects, path, -1, hex, &bytes, &why) != 0)
		return arena_printf(mem, "%s: the store's copy objects/%s", f->path, why.text);
	if (strcmp(hex, f->digest) != 0)
		return arena_printf(mem, "%s is not what it was: the store's copy hashes to %.12s…, not to %.12s…",
		                    f->path, hex, f->digest);
	if (bytes != f->bytes)
		return arena_printf(mem, "%s has %lld bytes, not %lld as its manifest says", f->path,
		                    (long long)bytes, (long long)f->bytes);
	return NULL;
}

int manifest_check(struct store *store, const char *subject, struct arena *mem, struct manifest_file **files,
                   size_t *count, const char **problem, struct error *err)
{
	struct manifest_file *own = NULL, **list = files ? files : &own;
	struct str text;
	struct error why;
	size_t n = 0;
	*problem = NULL;
	str_init(&text);
	/* A manifest that is gone or changed is a finding, not a failure to look. */
	if (store_object_read(store, subject, &text, 0, &why) != 0 ||
	    manifest_parse(text.data, text.len, mem, list, &n, &why) != 0) {
		*problem = arena_printf(mem, "the manifest: %s", why.text);
		n = 0;
	}
	str_release(&text);
	if (count)
		*count = n;
	if (*problem)
		return 0;
	char *folder = path_join(store_path(store), "objects");
	int objects = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (objects < 0)
		error_errno(err, ERR_STORE, "cannot open %s", folder);
	free(folder);
	if (objects < 0)
		return -1;
	for (size_t i = 0; i < n && !*problem; i++)
		*problem = file_problem(objects, &(*list)[i], mem);
	close(objects);
	return 0;
}

int work_version_intact(struct trust *t, const struct work_version *v, struct arena *mem,
                        const char **problem, struct error *err)
{
	return manifest_check(t->store, v->subject, mem, NULL, NULL, problem, err);
}
