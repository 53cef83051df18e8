/*
 * A disk that fails at the at-th call that writes, once or from then on. The calls are those of the whole
 * program, SQLite's among them: the program's own write, fsync … stand before those of libc. Included by one
 * file of a program.
 */
#ifndef FAILING_DISK_H
#define FAILING_DISK_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static struct {
	bool armed, sticky;
	int64_t at, calls; /* the at-th call fails, from 1 */
	int error;
} disk;

static bool fails(void)
{
	if (!disk.armed)
		return false;
	disk.calls++;
	if (disk.calls < disk.at || (disk.calls > disk.at && !disk.sticky))
		return false;
	errno = disk.error;
	return true;
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	return fails() ? -1 : syscall(SYS_write, fd, bytes, len);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
	if (!fails())
		return syscall(SYS_pwrite64, fd, bytes, len, at);
	/* A part of it got through, as on a disk that becomes full. */
	if (len > 1)
		syscall(SYS_pwrite64, fd, bytes, len / 2, at);
	return -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	return pwrite64(fd, bytes, len, at);
}

int fsync(int fd)
{
	return fails() ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	return fails() ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int ftruncate64(int fd, off64_t len)
{
	return fails() ? -1 : (int)syscall(SYS_ftruncate, fd, len);
}

int ftruncate(int fd, off_t len)
{
	return ftruncate64(fd, len);
}

int fallocate64(int fd, int mode, off64_t at, off64_t len)
{
	return fails() ? -1 : (int)syscall(SYS_fallocate, fd, mode, at, len);
}

int rename(const char *from, const char *to)
{
	return fails() ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int mkdir(const char *path, mode_t mode)
{
	return fails() ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

int fchmod(int fd, mode_t mode)
{
	return fails() ? -1 : (int)syscall(SYS_fchmod, fd, mode);
}

int link(const char *from, const char *to)
{
	return fails() ? -1 : (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

#endif
