/*
 * An entry is a line with the digest of what follows, then that: of a file that is cut off, changed or another
 * program's nothing is believed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache_folder.h"

#define HEAD         "assay-cache 1 "
#define ENTRIES_MOST 1000
#define BYTES_MOST   ((uint64_t)256 << 20)
#define ENTRY_MOST   ((size_t)64 << 20)

enum { HEAD_LEN = sizeof HEAD - 1 + SHA256_TEXT - 1 + 1 };

/* Ours, and nobody else looks in: values of the data are in there. */
static bool is_ours(const char *path)
{
	struct stat st;
	if (lstat(path, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid())
		return false;
	return (st.st_mode & 077) == 0 || chmod(path, 0700) == 0;
}

void cache_open(struct cache_folder *c, const char *name)
{
	char *parent = xdg_cache_path("");
	c->path = path_join(parent, name);
	if (!is_ours(c->path)) {
		/* Whatever is in the way, or cannot be made: then nothing is kept. */
		if (dir_make(parent, NULL) != 0 || (mkdir(c->path, 0700) != 0 && errno != EEXIST) ||
		    !is_ours(c->path)) {
			free(c->path);
			c->path = NULL;
		}
	}
	free(parent);
}

void cache_release(struct cache_folder *c)
{
	free(c->path);
	c->path = NULL;
}

static bool read_entry(const char *path, struct str *out)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	bool good = false;
	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    (uint64_t)st.st_size <= ENTRY_MOST + HEAD_LEN) {
		size_t want = (size_t)st.st_size, got = 0;
		out->data = vec_reserve(out->cap ? out->data : NULL, &out->cap, want + 1, 1);
		while (got < want) {
			ssize_t n = read(fd, out->data + got, want - got);
			if (n < 0 && errno == EINTR)
				continue;
			if (n <= 0)
				break;
			got += (size_t)n;
		}
		out->len = got;
		out->data[got] = '\0';
		good = got == want;
	}
	close(fd);
	return good;
}

bool cache_get(const struct cache_folder *c, const char *name, struct str *out)
{
	char hex[SHA256_TEXT];
	struct str all;
	if (!c->path)
		return false;
	char *path = path_join(c->path, name);
	str_init(&all);
	str_clear(out);
	bool good = read_entry(path, &all) && all.len >= HEAD_LEN &&
	            memcmp(all.data, HEAD, sizeof HEAD - 1) == 0 && all.data[HEAD_LEN - 1] == '\n';
	if (good) {
		sha256_hex(all.data + HEAD_LEN, all.len - HEAD_LEN, hex);
		good = memcmp(all.data + sizeof HEAD - 1, hex, SHA256_TEXT - 1) == 0;
	}
	free(path);
	if (!good) {
		str_release(&all);
		return false;
	}
	all.len -= HEAD_LEN;
	memmove(all.data, all.data + HEAD_LEN, all.len + 1);
	str_release(out);
	*out = all;
	return true;
}

/* ---- bounds ---- */

struct aged {
	char *name;
	uint64_t bytes;
	int64_t at;
};

static int by_age(const void *a, const void *b)
{
	const struct aged *x = a, *y = b;
	return (x->at > y->at) - (x->at < y->at);
}

static struct aged *look_through(const char *folder, size_t *count, uint64_t *bytes)
{
	struct aged *all = NULL;
	size_t cap = 0;
	DIR *dir = opendir(folder);
	struct dirent *e;
	*count = 0;
	*bytes = 0;
	while (dir && (e = readdir(dir))) {
		struct stat st;
		if (fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
			continue;
		all = vec_reserve(all, &cap, *count + 1, sizeof *all);
		all[(*count)++] = (struct aged){xstrdup(e->d_name), (uint64_t)st.st_size,
		                                (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000};
		*bytes += (uint64_t)st.st_size;
	}
	if (dir)
		closedir(dir);
	return all;
}

/* Others may do the same at this moment: what is gone is gone. */
void cache_trim(const struct cache_folder *c)
{
	const char *folder = c->path;
	size_t count;
	uint64_t bytes;
	if (!folder)
		return;
	struct aged *all = look_through(folder, &count, &bytes);
	size_t left = count;
	if (count > 0)
		qsort(all, count, sizeof *all, by_age);
	for (size_t i = 0; i < count; i++) {
		if (left > ENTRIES_MOST || bytes > BYTES_MOST) {
			char *path = path_join(folder, all[i].name);
			unlink(path);
			free(path);
			left--;
			bytes -= all[i].bytes;
		}
		free(all[i].name);
	}
	free(all);
}

/* Not waiting for the disk: what a power cut leaves of it is no entry by its digest. */
static void write_entry(const char *path, const char head[HEAD_LEN + 1], const struct str *bytes)
{
	char *temp = xasprintf("%s.XXXXXX", path);
	int fd = mkostemp(temp, O_CLOEXEC);
	bool good =
	    fd >= 0 && fd_write_all(fd, head, HEAD_LEN) == 0 && fd_write_all(fd, bytes->data, bytes->len) == 0;
	if (fd >= 0 && close(fd) != 0)
		good = false;
	if (fd >= 0 && !(good && rename(temp, path) == 0))
		unlink(temp);
	free(temp);
}

void cache_put(const struct cache_folder *c, const char *name, const struct str *bytes)
{
	char hex[SHA256_TEXT], head[HEAD_LEN + 1];
	if (!c->path || bytes->len > ENTRY_MOST)
		return;
	char *path = path_join(c->path, name);
	sha256_hex(bytes->data, bytes->len, hex);
	snprintf(head, sizeof head, HEAD "%s\n", hex);
	write_entry(path, head, bytes);
	free(path);
}

void cache_drop(const struct cache_folder *c, const char *name)
{
	if (!c->path)
		return;
	char *path = path_join(c->path, name);
	unlink(path);
	free(path);
}

void cache_touch(const struct cache_folder *c, const char *name)
{
	if (!c->path)
		return;
	char *path = path_join(c->path, name);
	utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW);
	free(path);
}

void cache_each(const struct cache_folder *c, const char *prefix, bool (*fn)(void *user, const char *name),
                void *user)
{
	DIR *dir = c->path ? opendir(c->path) : NULL;
	struct dirent *e;
	while (dir && (e = readdir(dir)))
		if (strncmp(e->d_name, prefix, strlen(prefix)) == 0 && !fn(user, e->d_name))
			break;
	if (dir)
		closedir(dir);
}
