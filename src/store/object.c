/* Objects: files by SHA-256 under objects/ab/cd…, written once. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assay/store_tracking.h"
#include "internal.h"

char *store_object_path(const struct store *s, const char *hex)
{
	return xasprintf("%s/objects/%.2s/%s", s->path, hex, strlen(hex) > 2 ? hex + 2 : "");
}

char *store_live_path(const struct store *s, const char *run_uuid)
{
	return xasprintf("%s/live/%s", s->path, run_uuid);
}

/* True if the object is there in its full size. One that was cut off (a file system that lost its end) is
 * written anew. It gets the time of now, so that who sweeps sees that a row that names it may be on its way (sweep.c);
 * one whose time is not ours to set is written anew as well. */
static bool is_kept(const char *path, uint64_t size)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size == size &&
	       utimensat(AT_FDCWD, path, NULL, 0) == 0;
}

/* A new folder is synced by its name too: the caller syncs what it puts in. */
static int make_folder_of(const struct store *s, const char *path, struct error *err)
{
	char *folder = xmemdup0(path, (size_t)(strrchr(path, '/') - path)),
	     *objects = path_join(s->path, "objects");
	int result = 0;

	if (!file_exists(folder))
		result = error_of_store(dir_make(folder, err) || dir_sync(objects, err) ? -1 : 0, err);
	free(folder);
	free(objects);
	return result;
}

static int need_writable(const struct store *s, struct error *err)
{
	return s->mode == STORE_WRITE
	           ? 0
	           : error_set(err, ERR_STORE, "the store %s is open for reading only", s->path);
}

int store_object_put(struct store *s, const void *bytes, size_t len, char hex[SHA256_TEXT], struct error *err)
{
	char *path;
	int result = 0;

	if (need_writable(s, err))
		return -1;
	sha256_hex(bytes, len, hex);
	path = store_object_path(s, hex);
	if (!is_kept(path, len))
		result = make_folder_of(s, path, err) ||
		                 error_of_store(file_write_atomic(path, bytes, len, 0444, err), err)
		             ? -1
		             : 0;
	free(path);
	return result;
}

/* Copies from one descriptor to another, with the digest of what was copied. */
static int copy_and_hash(int from, int to, char hex[SHA256_TEXT], uint64_t *size)
{
	struct sha256 h;
	char buffer[1 << 16];
	ssize_t n;

	*size = 0;
	sha256_init(&h);
	for (;;) {
		n = read(from, buffer, sizeof(buffer));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		sha256_add(&h, buffer, (size_t)n);
		*size += (uint64_t)n;
		if (fd_write_all(to, buffer, (size_t)n)) {
			n = -1;
			break;
		}
	}
	sha256_end(&h, hex);
	return n < 0 ? -1 : 0;
}

/* A finished copy gets the name of its digest; *temp is NULL then. One that is there already is kept. */
static int keep_temp(struct store *s, char **temp, const char *hex, uint64_t size, struct error *err)
{
	char *object = store_object_path(s, hex), *folder = NULL;
	int result = -1;

	if (make_folder_of(s, object, err))
		goto out;
	if (!is_kept(object, size)) {
		if (rename(*temp, object)) {
			error_errno(err, ERR_STORE, "cannot keep %s in the store", object);
			goto out;
		}
		free(*temp);
		*temp = NULL;
		folder = xmemdup0(object, (size_t)(strrchr(object, '/') - object));
		if (error_of_store(dir_sync(folder, err), err))
			goto out;
	}
	result = 0;
out:
	free(object);
	free(folder);
	return result;
}

int store_object_put_file(struct store *s, const char *path, char hex[SHA256_TEXT], uint64_t *size,
                          struct error *err)
{
	char *temp = NULL;
	int from = -1, to = -1, result = -1;
	uint64_t bytes;
	struct stat st;

	if (need_writable(s, err))
		return -1;
	from = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (from < 0 || fstat(from, &st)) {
		error_errno(err, ERR_ENV, "cannot open %s", path);
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		error_set(err, ERR_USAGE, "%s is not a regular file", path);
		goto out;
	}
	/* Copied while it is hashed: a file that changes meanwhile is kept as it was read, under its own name. */
	temp = xasprintf("%s/objects/new-XXXXXX", s->path);
	to = mkostemp(temp, O_CLOEXEC);
	if (to < 0 || copy_and_hash(from, to, hex, &bytes) || fchmod(to, 0444) || fsync(to)) {
		error_errno(err, ERR_STORE, "cannot keep %s in the store", path);
		goto out;
	}
	if (keep_temp(s, &temp, hex, bytes, err))
		goto out;
	if (size)
		*size = bytes;
	result = 0;
out:
	if (temp && to >= 0)
		unlink(temp);
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	free(temp);
	return result;
}

/* ---- in pieces ---- */

struct store_object_writer {
	struct store *store;
	char *temp;
	int fd;
	struct sha256 hash;
	uint64_t size;
};

int store_object_begin(struct store *s, struct store_object_writer **out, struct error *err)
{
	struct store_object_writer *w;

	*out = NULL;
	if (need_writable(s, err))
		return -1;
	w = xcalloc(1, sizeof(*w));
	w->store = s;
	w->temp = xasprintf("%s/objects/new-XXXXXX", s->path);
	w->fd = mkostemp(w->temp, O_CLOEXEC);
	if (w->fd < 0) {
		error_errno(err, ERR_STORE, "cannot write into the store %s", s->path);
		free(w->temp);
		free(w);
		return -1;
	}
	sha256_init(&w->hash);
	*out = w;
	return 0;
}

int store_object_add(struct store_object_writer *w, const void *bytes, size_t len, struct error *err)
{
	if (fd_write_all(w->fd, bytes, len))
		return error_errno(err, ERR_STORE, "cannot write into the store %s", w->store->path);
	sha256_add(&w->hash, bytes, len);
	w->size += len;
	return 0;
}

void store_object_drop(struct store_object_writer *w)
{
	char unused[SHA256_TEXT];

	if (!w)
		return;
	sha256_end(&w->hash, unused);
	if (w->temp)
		unlink(w->temp);
	close(w->fd);
	free(w->temp);
	free(w);
}

int store_object_finish(struct store_object_writer *w, char hex[SHA256_TEXT], uint64_t *size,
                        struct error *err)
{
	int result = -1;

	sha256_next(&w->hash, hex);
	*size = w->size;
	if (fchmod(w->fd, 0444) || fsync(w->fd)) {
		error_errno(err, ERR_STORE, "cannot keep a file in the store %s", w->store->path);
		goto out;
	}
	result = keep_temp(w->store, &w->temp, hex, w->size, err);
out:
	store_object_drop(w);
	return result;
}

/* An object that somebody was killed at removing is wanted perhaps: who sweeps next sees. */
static void bring_back(const struct store *s, int folder, const char *name)
{
	enum { A_MINUTE = 60 };
	const char *digest = name + strlen(OBJECT_ASIDE);
	struct stat st;
	char *path;

	if (strlen(digest) != SHA256_TEXT - 1 || fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) ||
	    st.st_ctime > time_now_ms() / 1000 - A_MINUTE)
		return;
	path = store_object_path(s, digest);
	renameat(folder, name, AT_FDCWD, path);
	free(path);
}

/* Copies that a killed process left half made. A copy in the making is written all the time, so one that was
 * not touched for a day is nobody's. */
void objects_sweep(const struct store *s)
{
	enum { A_DAY = 86400 };
	char *path = path_join(s->path, "objects");
	DIR *dir = opendir(path);
	const struct dirent *e;

	while (dir && (e = readdir(dir))) {
		struct stat st;

		if (strncmp(e->d_name, "new-", 4) == 0 &&
		    fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
		    st.st_mtime < time_now_ms() / 1000 - A_DAY)
			unlinkat(dirfd(dir), e->d_name, 0);
		else if (strncmp(e->d_name, OBJECT_ASIDE, strlen(OBJECT_ASIDE)) == 0)
			bring_back(s, dirfd(dir), e->d_name);
	}
	if (dir)
		closedir(dir);
	free(path);
}

int store_object_read(struct store *s, const char *hex, struct str *out, size_t limit, struct error *err)
{
	char *path = store_object_path(s, hex), found[SHA256_TEXT];
	struct stat st;
	int result;

	/* A pipe or an endless device in an object's place would hold up whoever verifies. */
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		result = error_set(err, ERR_TAMPER, "the object %s is no regular file", path);
	else
		result = error_of_store(file_read(path, out, limit, err), err);

	if (!result) {
		sha256_hex(out->data, out->len, found);
		if (strcmp(found, hex))
			result = error_set(err, ERR_TAMPER, "the object %s is not what it was: its bytes hash to %s",
			                   path, found);
	}
	free(path);
	return result;
}
