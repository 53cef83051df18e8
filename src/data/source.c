/* The bytes of one file, read with pread by any thread: a file that shrinks is an error, never a fault. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

#define LOOK_BYTES     65536
#define LINE_BYTES     1024
#define LINE_MAX_BYTES ((uint64_t)256 << 20)

static void remember(struct source *s, const struct stat *st)
{
	s->seen[0] = (int64_t)st->st_size;
	s->seen[1] = (int64_t)st->st_ino;
	s->seen[2] = (int64_t)st->st_mtim.tv_sec;
	s->seen[3] = (int64_t)st->st_mtim.tv_nsec;
}

static int read_pipe(struct source *s, struct error *err)
{
	char block[LOOK_BYTES];

	for (;;) {
		ssize_t got = read(s->fd, block, sizeof(block));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_errno(err, ERR_ENV, "%s: cannot be read", s->path);
		if (got == 0)
			break;
		str_add(&s->owned, block, (size_t)got);
	}
	close(s->fd);
	s->fd = -1;
	s->memory = s->owned.data;
	s->size = s->owned.len;
	return 0;
}

int source_open(struct source *s, const char *path, struct error *err)
{
	struct stat st;

	memset(s, 0, sizeof(*s));
	str_init(&s->owned);
	s->path = path;
	s->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0)
		return error_errno(err, ERR_ENV, "%s: cannot be opened", path);
	if (fstat(s->fd, &st) < 0)
		return error_errno(err, ERR_ENV, "%s: cannot be examined", path);
	if (S_ISDIR(st.st_mode))
		return error_set(err, ERR_ENV, "%s: is a folder, not a file", path);
	if (!S_ISREG(st.st_mode))
		return read_pipe(s, err);
	s->size = (uint64_t)st.st_size;
	remember(s, &st);
	return 0;
}

void source_memory(struct source *s, const char *name, const void *bytes, size_t len)
{
	memset(s, 0, sizeof(*s));
	str_init(&s->owned);
	s->path = name;
	s->fd = -1;
	s->memory = bytes;
	s->size = len;
}

void source_close(struct source *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	str_release(&s->owned);
}

int source_look(struct source *s, struct error *err)
{
	char block[LOOK_BYTES];
	size_t len = s->size < sizeof(block) ? (size_t)s->size : sizeof(block);

	if (s->size == 0)
		return error_set(err, ERR_USAGE, "%s: is empty", s->path);
	if (source_read(s, 0, block, len, err) < 0)
		return -1;
	if (len >= 2 && (!memcmp(block, "\xff\xfe", 2) || !memcmp(block, "\xfe\xff", 2)))
		return error_set(err, ERR_USAGE, "%s: is UTF-16 text; convert it first (iconv -f UTF-16 -t UTF-8)",
		                 s->path);
	if (len >= 3 && !memcmp(block, "\xef\xbb\xbf", 3))
		s->start = 3;
	if (len >= 2 && !memcmp(block, "\x1f\x8b", 2))
		return error_set(err, ERR_USAGE, "%s: is compressed by gzip; unpack it first", s->path);
	if (len >= 4 && !memcmp(block, "PK\x03\x04", 4))
		return error_set(err, ERR_USAGE, "%s: is a zip archive or a spreadsheet; save it as CSV first",
		                 s->path);
	if (len >= 4 && !memcmp(block, "PAR1", 4))
		return error_set(err, ERR_USAGE, "%s: is a Parquet file; convert it to CSV first", s->path);
	if (s->size == s->start)
		return error_set(err, ERR_USAGE, "%s: is empty but for a byte order mark", s->path);
	s->cr_only = !memchr(block, '\n', len) && memchr(block, '\r', len);
	return 0;
}

int source_read(const struct source *s, uint64_t from, char *out, size_t len, struct error *err)
{
	size_t done = 0;

	if (from > s->size || len > s->size - from)
		return error_set(err, ERR_ENV, "%s: read beyond its end", s->path);
	if (s->fd < 0) {
		memcpy(out, s->memory + from, len);
		done = len;
	}
	while (done < len) {
		ssize_t got = pread(s->fd, out + done, len - done, (off_t)(from + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_errno(err, ERR_ENV, "%s: cannot be read", s->path);
		if (got == 0)
			return error_set(err, ERR_ENV, "%s: became shorter while it was read", s->path);
		done += (size_t)got;
	}
	if (s->cr_only)
		for (char *p = out; (p = memchr(p, '\r', len - (size_t)(p - out))); p++)
			*p = '\n';
	return 0;
}

int source_line_after(const struct source *s, uint64_t from, uint64_t *after, struct error *err)
{
	char block[LOOK_BYTES];
	uint64_t at = from;

	while (at < s->size) {
		/* Most lines end soon. */
		size_t most = at == from ? LINE_BYTES : sizeof(block);
		size_t len = s->size - at < most ? (size_t)(s->size - at) : most;
		const char *end;

		if (source_read(s, at, block, len, err) < 0)
			return -1;
		end = memchr(block, '\n', len);
		if (end) {
			*after = at + (uint64_t)(end - block) + 1;
			return 0;
		}
		at += len;
		if (at - from > LINE_MAX_BYTES)
			return error_set(err, ERR_USAGE,
			                 "%s: has a line of more than 256 MiB after byte %llu; is it a CSV file?",
			                 s->path, (unsigned long long)from);
	}
	*after = s->size;
	return 0;
}

int source_same(const struct source *s, struct error *err)
{
	struct source now = *s;
	struct stat st;

	if (s->fd < 0)
		return 0;
	if (fstat(s->fd, &st) < 0)
		return error_errno(err, ERR_ENV, "%s: cannot be examined", s->path);
	remember(&now, &st);
	if (memcmp(now.seen, s->seen, sizeof(now.seen)) != 0)
		return error_set(err, ERR_ENV, "%s: changed while it was read; try again when nothing writes to it",
		                 s->path);
	return 0;
}
