/*
 * A C library of which a call fails: for LD_PRELOAD, in tests. FAIL_STATE names the file with what is to fail
 * (fail.h); its count goes on over all processes that inherit it. Calls that write count when they are about
 * something below the root: open for writing, write, sync, cut, rename, link, unlink, mkdir, rmdir, fchmod.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "fail.h"

static struct fail_state *state;
static bool is_assay;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("FAIL_STATE");
	int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0) : -1;
	void *map = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (fd >= 0)
		close(fd);
	is_assay = !strcmp(program_invocation_short_name, "assay");
	if (map != MAP_FAILED)
		state = map;
}

static bool counts(void)
{
	int64_t n = __atomic_add_fetch(&state->calls, 1, __ATOMIC_RELAXED), at = state->at;

	if (!at || (n != at && (!state->sticky || n < at)))
		return false;
	__atomic_add_fetch(&state->failed, 1, __ATOMIC_RELAXED);
	return true;
}

static bool is_below(const char *path)
{
	size_t len = strlen(state->root);

	return !strncmp(path, state->root, len) && (path[len] == '/' || !path[len]);
}

static bool fails_fd(int fd)
{
	char link[40], path[PATH_MAX];
	ssize_t n;

	if (!state || !(state->what & FAIL_WRITES))
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof(path) - 1);
	if (n <= 0)
		return false;
	path[n] = '\0';
	if (!is_below(path) || !counts())
		return false;
	errno = state->error;
	return true;
}

/* Of a name: the folder that it is in is asked about. */
static bool fails_at(int folder, const char *name)
{
	char copy[PATH_MAX], real[PATH_MAX], *slash;
	int saved = errno;

	if (!state || !(state->what & FAIL_WRITES) || strlen(name) >= sizeof(copy))
		return false;
	if (folder != AT_FDCWD && name[0] != '/')
		return fails_fd(folder);
	strcpy(copy, name);
	slash = strrchr(copy, '/');
	if (slash)
		slash[slash == copy] = '\0';
	if (!realpath(slash ? copy : ".", real)) {
		errno = saved;
		return false;
	}
	errno = saved;
	if (!is_below(real) || !counts())
		return false;
	errno = state->error;
	return true;
}

static int open_at(int folder, const char *path, int flags, mode_t mode)
{
	if (((flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT)) && fails_at(folder, path))
		return -1;
	return (int)syscall(SYS_openat, folder, path, flags, mode);
}

#define MODE(mode, flags)                                                                                    \
	mode_t mode = 0;                                                                                         \
	if ((flags) & (O_CREAT | __O_TMPFILE)) {                                                                 \
		va_list args;                                                                                        \
		va_start(args, flags);                                                                               \
		mode = va_arg(args, mode_t);                                                                         \
		va_end(args);                                                                                        \
	}

int open(const char *path, int flags, ...)
{
	MODE(mode, flags)
	return open_at(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	MODE(mode, flags)
	return open_at(AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
	MODE(mode, flags)
	return open_at(folder, path, flags, mode);
}

int openat64(int folder, const char *path, int flags, ...)
{
	MODE(mode, flags)
	return open_at(folder, path, flags, mode);
}

int mkostemp(char *template, int flags)
{
	char *six = template + strlen(template) - 6;
	static unsigned serial;
	int fd;

	do {
		unsigned n = (unsigned)getpid() * 7919u + __atomic_add_fetch(&serial, 1, __ATOMIC_RELAXED);

		for (int i = 0; i < 6; i++, n /= 26)
			six[i] = (char)('a' + n % 26);
		fd = open_at(AT_FDCWD, template, flags | O_RDWR | O_CREAT | O_EXCL, 0600);
	} while (fd < 0 && errno == EEXIST);
	return fd;
}

int mkstemp(char *template)
{
	return mkostemp(template, 0);
}

char *mkdtemp(char *template)
{
	char *six = template + strlen(template) - 6;
	unsigned n = (unsigned)getpid() * 104729u;

	if (fails_at(AT_FDCWD, template))
		return NULL;
	do {
		unsigned m = ++n;

		for (int i = 0; i < 6; i++, m /= 26)
			six[i] = (char)('a' + m % 26);
	} while (syscall(SYS_mkdirat, AT_FDCWD, template, 0700) && errno == EEXIST);
	return template;
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	return fails_fd(fd) ? -1 : syscall(SYS_write, fd, bytes, len);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
	int saved;

	if (!fails_fd(fd))
		return syscall(SYS_pwrite64, fd, bytes, len, at);
	/* A part of it got through, as on a disk that becomes full. */
	saved = errno;
	if (len > 1)
		syscall(SYS_pwrite64, fd, bytes, len / 2, at);
	errno = saved;
	return -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	return pwrite64(fd, bytes, len, at);
}

/* Nobody cuts the power here, so nothing is waited for. */
int fsync(int fd)
{
	return fails_fd(fd) ? -1 : 0;
}

int fdatasync(int fd)
{
	return fsync(fd);
}

int ftruncate64(int fd, off64_t len)
{
	return fails_fd(fd) ? -1 : (int)syscall(SYS_ftruncate, fd, len);
}

int ftruncate(int fd, off_t len)
{
	return ftruncate64(fd, len);
}

int fallocate64(int fd, int mode, off64_t at, off64_t len)
{
	return fails_fd(fd) ? -1 : (int)syscall(SYS_fallocate, fd, mode, at, len);
}

int fallocate(int fd, int mode, off_t at, off_t len)
{
	return fallocate64(fd, mode, at, len);
}

int posix_fallocate64(int fd, off64_t at, off64_t len)
{
	return fallocate64(fd, 0, at, len) ? errno : 0;
}

int posix_fallocate(int fd, off_t at, off_t len)
{
	return posix_fallocate64(fd, at, len);
}

int fchmod(int fd, mode_t mode)
{
	return fails_fd(fd) ? -1 : (int)syscall(SYS_fchmod, fd, mode);
}

int rename(const char *from, const char *to)
{
	return fails_at(AT_FDCWD, to) ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat2(int a, const char *from, int b, const char *to, unsigned flags)
{
	return fails_at(b, to) ? -1 : (int)syscall(SYS_renameat2, a, from, b, to, flags);
}

int link(const char *from, const char *to)
{
	return fails_at(AT_FDCWD, to) ? -1 : (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int symlink(const char *target, const char *path)
{
	return fails_at(AT_FDCWD, path) ? -1 : (int)syscall(SYS_symlinkat, target, AT_FDCWD, path);
}

int mkdir(const char *path, mode_t mode)
{
	return fails_at(AT_FDCWD, path) ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

int unlinkat(int folder, const char *path, int flags)
{
	return fails_at(folder, path) ? -1 : (int)syscall(SYS_unlinkat, folder, path, flags);
}

int unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

int rmdir(const char *path)
{
	return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

/* ---- memory ---- */

static bool no_memory(void)
{
	if (!state || !is_assay || !(state->what & FAIL_ALLOCATIONS) || !counts())
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return no_memory() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return no_memory() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return no_memory() ? NULL : __libc_realloc(old, size);
}
