/* Files and folders. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "assay/base.h"

int file_read(const char *path, struct str *out, size_t limit, struct error *err)
{
	char buffer[1 << 16];
	int fd = open(path, O_RDONLY | O_CLOEXEC), result = -1;

	str_clear(out);
	if (fd < 0)
		return error_errno(err, ERR_ENV, "cannot open %s", path);
	for (;;) {
		ssize_t n = read(fd, buffer, sizeof(buffer));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			error_errno(err, ERR_ENV, "cannot read %s", path);
			goto out;
		}
		if (!n)
			break;
		if (limit && (size_t)n > limit - out->len) {
			error_set(err, ERR_USAGE, "%s is longer than the %zu bytes that are allowed here", path, limit);
			goto out;
		}
		str_add(out, buffer, (size_t)n);
	}
	result = 0;
out:
	close(fd);
	return result;
}

int fd_write_all(int fd, const void *bytes, size_t len)
{
	const char *p = bytes;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return xstrdup(".");
	return slash == path ? xstrdup("/") : xmemdup0(path, (size_t)(slash - path));
}

int dir_sync(const char *path, struct error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), result = 0;

	if (fd < 0)
		return error_errno(err, ERR_ENV, "cannot open the folder %s", path);
	/* EINVAL: a file system that has no such call keeps names durable by itself. */
	if (fsync(fd) && errno != EINVAL)
		result = error_errno(err, ERR_ENV, "cannot sync the folder %s", path);
	close(fd);
	return result;
}

/* Beside its place and moved there whole. */
static int replace_file(const char *path, const void *bytes, size_t len, unsigned mode, struct error *err)
{
	char *temp = xasprintf("%s.XXXXXX", path), *dir = parent_of(path);
	int fd = mkostemp(temp, O_CLOEXEC), result = -1;

	if (fd < 0) {
		error_errno(err, ERR_ENV, "cannot write %s", path);
		goto out;
	}
	if (fd_write_all(fd, bytes, len) || fchmod(fd, (mode_t)mode) || fsync(fd)) {
		error_errno(err, ERR_ENV, "cannot write %s", path);
		close(fd);
		unlink(temp);
		goto out;
	}
	if (close(fd) || rename(temp, path)) {
		error_errno(err, ERR_ENV, "cannot write %s", path);
		unlink(temp);
		goto out;
	}
	result = dir_sync(dir, err);
out:
	free(temp);
	free(dir);
	return result;
}

/* Into what is there already: a device, a pipe. */
static int write_into(const char *path, const void *bytes, size_t len, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	bool bad = fd < 0 || fd_write_all(fd, bytes, len) < 0;
	int saved = errno;

	if (fd >= 0 && close(fd) < 0 && !bad) {
		saved = errno;
		bad = true;
	}
	errno = saved;
	return bad ? error_errno(err, ERR_ENV, "cannot write %s", path) : 0;
}

/* Where a chain of links leads, also when nothing is there yet; NULL and errno if nowhere. Caller frees. */
static char *end_of_links(const char *path)
{
	enum { MOST_LINKS = 40 };
	char *at = xstrdup(path), target[4096];

	for (int i = 0; i < MOST_LINKS; i++) {
		ssize_t n = readlink(at, target, sizeof(target) - 1);
		char *folder, *further;

		if (n < 0)
			return at;
		target[n] = '\0';
		folder = parent_of(at);
		further = target[0] == '/' ? xstrdup(target) : path_join(folder, target);
		free(folder);
		free(at);
		at = further;
	}
	free(at);
	errno = ELOOP;
	return NULL;
}

int file_write_atomic(const char *path, const void *bytes, size_t len, unsigned mode, struct error *err)
{
	struct stat st;
	char *place;
	int result;

	/* Nothing takes the place of a device or a pipe: root would replace /dev/null by a file. */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return write_into(path, bytes, len, err);
	place = end_of_links(path);
	if (!place)
		return error_errno(err, ERR_ENV, "cannot write %s", path);
	result = replace_file(place, bytes, len, mode, err);
	free(place);
	return result;
}

int dir_make(const char *path, struct error *err)
{
	char *copy = xstrdup(path);
	int result = 0;

	for (char *p = copy + (copy[0] == '/');; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		if (mkdir(copy, 0777) && errno != EEXIST) {
			/* A folder above may be readable only, which mkdir answers before it looks whether it is there.
			 */
			int saved = errno;
			struct stat st;

			if (stat(copy, &st) || !S_ISDIR(st.st_mode)) {
				errno = saved;
				result = error_errno(err, ERR_ENV, "cannot make the folder %s", copy);
				break;
			}
		}
		*p = c;
		if (c == '\0')
			break;
	}
	if (!result) {
		struct stat st;

		if (stat(path, &st) || !S_ISDIR(st.st_mode))
			result = error_set(err, ERR_ENV, "%s is in the way: it is not a folder", path);
	}
	free(copy);
	return result;
}

static int remove_at(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), result = 0;
	DIR *dir;
	struct dirent *e;

	if (fd < 0) {
		if (errno == ENOENT)
			return 0;
		return unlinkat(parent, name, 0);
	}
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -1;
	}
	while (!result && (e = readdir(dir)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			result = remove_at(fd, e->d_name);
	closedir(dir);
	return result ? result : unlinkat(parent, name, AT_REMOVEDIR);
}

int dir_remove(const char *path, struct error *err)
{
	if (remove_at(AT_FDCWD, path) && errno != ENOENT)
		return error_errno(err, ERR_ENV, "cannot remove %s", path);
	return 0;
}

bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

char *path_join(const char *a, const char *b)
{
	size_t len = strlen(a);

	return xasprintf("%s%s%s", a, len && a[len - 1] == '/' ? "" : "/", b);
}

char *path_absolute(const char *path)
{
	char *real = realpath(path, NULL), *cwd, *joined;

	if (real || path[0] == '/')
		return real ? real : xstrdup(path);
	cwd = realpath(".", NULL);
	joined = path_join(cwd ? cwd : ".", path);
	free(cwd);
	return joined;
}

/* Folders that the person knows to be on a network, whatever the kernel calls them: a:b:c. */
static bool is_declared_network(const char *path)
{
	const char *list = getenv("ASSAY_NETWORK_PATHS");
	char *absolute = list && list[0] ? path_absolute(path) : NULL;
	bool yes = false;

	for (const char *p = list; absolute && *p; p += strcspn(p, ":"), p += *p == ':') {
		size_t len = strcspn(p, ":");

		while (len > 1 && p[len - 1] == '/')
			len--;
		if (len && !strncmp(absolute, p, len) && (absolute[len] == '/' || !absolute[len]))
			yes = true;
	}
	free(absolute);
	return yes;
}

bool path_is_plain(const char *path)
{
	for (const char *p = path;;) {
		size_t len = strcspn(p, "/");

		if (!len || (len == 1 && p[0] == '.') || (len == 2 && p[0] == '.' && p[1] == '.'))
			return false;
		if (!p[len])
			return true;
		p += len + 1;
	}
}

bool file_is_locked(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool locked = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;

	if (fd >= 0)
		close(fd);
	return locked;
}

bool path_is_network(const char *path, const char **kind)
{
	static const struct {
		uint32_t magic;
		const char *name;
	} table[] = {{0x6969, "nfs"},       {0x517B, "smb"},      {0xFF534D42, "cifs"}, {0xFE534D42, "smb2"},
	             {0x5346414F, "afs"},   {0x73757245, "coda"}, {0x01021997, "9p"},   {0x0BD00BD0, "lustre"},
	             {0x65735546, "fuse"},  {0x00C36400, "ceph"}, {0x47504653, "gpfs"}, {0x19830326, "beegfs"},
	             {0x7461636F, "ocfs2"}, {0x01161970, "gfs2"}};
	struct statfs fs;

	if (is_declared_network(path)) {
		*kind = "ASSAY_NETWORK_PATHS";
		return true;
	}
	if (statfs(path, &fs))
		return false;
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		if ((uint32_t)fs.f_type == table[i].magic) {
			*kind = table[i].name;
			return true;
		}
	}
	return false;
}
