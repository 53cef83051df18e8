/* What came through a pipe, to be read again. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spool.h"

#define IN_MEMORY ((size_t)4 << 20)
#define LOOK_MS   50

void spool_init(struct spool *s)
{
	memset(s, 0, sizeof(*s));
	str_init(&s->memory);
	s->fd = -1;
}

void spool_release(struct spool *s)
{
	str_release(&s->memory);
	if (s->fd >= 0)
		close(s->fd);
}

/* A file without a name: it is gone with the process, however that ends. */
static int open_nameless(void)
{
	const char *folder = getenv("TMPDIR");
	char *path;
	int fd;

	folder = folder && *folder ? folder : "/var/tmp";
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
	path = path_join(folder, "assay-XXXXXX");
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	free(path);
	return fd;
}

static int keep_in_file(struct spool *s, const char *bytes, size_t len, uint64_t at)
{
	while (len > 0) {
		ssize_t n = pwrite(s->fd, bytes, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		bytes += n;
		len -= (size_t)n;
		at += (uint64_t)n;
	}
	return 0;
}

static int keep(struct spool *s, const char *bytes, size_t len)
{
	if (s->fd < 0 && s->memory.len + len <= IN_MEMORY) {
		str_add(&s->memory, bytes, len);
	} else {
		if (s->fd < 0) {
			s->fd = open_nameless();
			if (s->fd < 0 || keep_in_file(s, s->memory.data, s->memory.len, 0) < 0)
				goto bad;
			str_release(&s->memory);
		}
		if (keep_in_file(s, bytes, len, s->size) < 0)
			goto bad;
	}
	s->size += len;
	return 0;
bad:
	s->cannot_keep = true;
	return -1;
}

/* Who writes into the pipe may take any time. -1: nobody waits any longer. */
static int wait_for(int pipe, const struct progress *progress)
{
	struct pollfd p = {.fd = pipe, .events = POLLIN};

	while (progress && poll(&p, 1, LOOK_MS) == 0)
		if (progress_stop(progress)) {
			errno = ECANCELED;
			return -1;
		}
	return 0;
}

ssize_t spool_read(struct spool *s, int pipe, uint64_t at, void *bytes, size_t len,
                   const struct progress *progress)
{
	ssize_t n;

	if (at < s->size) {
		if (len > s->size - at)
			len = (size_t)(s->size - at);
		if (s->fd < 0) {
			memcpy(bytes, s->memory.data + at, len);
			return (ssize_t)len;
		}
		do
			n = pread(s->fd, bytes, len, (off_t)at);
		while (n < 0 && errno == EINTR);
		return n;
	}
	if (s->ended)
		return 0;
	if (wait_for(pipe, progress) < 0)
		return -1;
	do
		n = read(pipe, bytes, len);
	while (n < 0 && errno == EINTR);
	s->ended = n == 0;
	return n > 0 && keep(s, bytes, (size_t)n) < 0 ? -1 : n;
}
