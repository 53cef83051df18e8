/* The bytes of one file: of a plain one read with pread by any thread (one that shrinks is an error, never a fault),
 * of others made by a stream. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

#define LOOK_BYTES     65536
#define LINE_BYTES     1024
#define LINE_MAX_BYTES ((uint64_t)64 << 20)

static void remember(struct source *s, const struct stat *st)
{
	s->seen[0] = (int64_t)st->st_size;
	s->seen[1] = (int64_t)st->st_ino;
	s->seen[2] = (int64_t)st->st_mtim.tv_sec;
	s->seen[3] = (int64_t)st->st_mtim.tv_nsec;
}

/* Times of files go on in ticks of some milliseconds: another change in the tick of the last one would not be seen.
 * So that tick must have passed. Who writes all the time is not waited for, nor a time that lies ahead. */
static int remember_settled(struct source *s, struct stat *st)
{
	enum { TRIES = 40, NEXT_NS = 500000 };

	for (int i = 0; i < TRIES && S_ISREG(st->st_mode); i++) {
		const struct timespec *changed = &st->st_mtim;
		struct timespec now;

		if (clock_gettime(CLOCK_REALTIME_COARSE, &now) < 0 || changed->tv_sec < now.tv_sec ||
		    changed->tv_sec > now.tv_sec + 1 ||
		    (changed->tv_sec == now.tv_sec && changed->tv_nsec < now.tv_nsec))
			break;
		nanosleep(&(struct timespec){.tv_nsec = NEXT_NS}, NULL);
		if (fstat(s->fd, st) < 0)
			return -1;
	}
	remember(s, st);
	return 0;
}

/* The standard input may be a file, of which others have read the beginning; then it is as good as a pipe. */
static bool is_plain(int fd, const struct stat *st)
{
	return S_ISREG(st->st_mode) && lseek(fd, 0, SEEK_CUR) == 0;
}

int source_open(struct source *s, const char *path, struct error *err)
{
	const bool input = !strcmp(path, "-");
	struct stat st;

	memset(s, 0, sizeof(*s));
	s->path = input ? "standard input" : path;
	s->fd = input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0)
		return error_errno(err, ERR_ENV, "%s: cannot be opened", s->path);
	if (fstat(s->fd, &st) < 0 || remember_settled(s, &st) < 0) {
		error_errno(err, ERR_ENV, "%s: cannot be examined", s->path);
		goto bad;
	}
	if (S_ISDIR(st.st_mode)) {
		error_set(err, ERR_ENV, "%s: is a folder, not a file", s->path);
		goto bad;
	}
	s->pipe = !is_plain(s->fd, &st);
	s->raw_size = s->pipe ? 0 : (uint64_t)st.st_size;
	s->size = s->raw_size;
	return 0;
bad:
	close(s->fd);
	s->fd = -1;
	return -1;
}

void source_memory(struct source *s, const char *name, const void *bytes, size_t len)
{
	memset(s, 0, sizeof(*s));
	s->path = name;
	s->fd = -1;
	s->memory = bytes;
	s->size = s->raw_size = len;
}

void source_close(struct source *s)
{
	stream_free(s->stream);
	s->stream = NULL;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

bool table_path_stays(const char *path)
{
	struct stat st;

	/* What is not there is said by those who open it. */
	return strcmp(path, "-") != 0 && (stat(path, &st) < 0 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
}

/* ---- looking at the beginning ---- */

static bool begins(const char *block, size_t len, const char *with, size_t with_len)
{
	return len >= with_len && !memcmp(block, with, with_len);
}

static int refuse_others(const struct source *s, const char *block, size_t len, struct error *err)
{
	static const struct {
		const char *begin;
		size_t len;
		const char *what;
	} others[] = {
	    {"PK\x03\x04", 4, "is a zip archive or a spreadsheet; save it as CSV first"},
	    {"PAR1", 4, "is a Parquet file; convert it to CSV first"},
	    {"\xfd"
	     "7zXZ\0",
	     6, "is compressed by xz; unpack it first (or pipe it: xz -dc … | assay … -)"},
	    {"BZh", 3, NULL},
	    {"\xff\xfe\0\0", 4, "is UTF-32 text; convert it first (iconv -f UTF-32 -t UTF-8)"},
	};

	for (size_t i = 0; i < COUNT_OF(others); i++)
		if (others[i].what && begins(block, len, others[i].begin, others[i].len))
			return error_set(err, ERR_USAGE, "%s: %s", s->path, others[i].what);
	/* Three letters are not enough to tell. */
	if (begins(block, len, "BZh", 3) && begins(block + 4, len - 4, "1AY&SY", 6))
		return error_set(err, ERR_USAGE,
		                 "%s: is compressed by bzip2; unpack it first (or pipe it: bzip2 -dc … | assay … -)",
		                 s->path);
	return 0;
}

/* The first bytes, as they are now made. */
static int head(struct source *s, char *block, size_t *len, struct error *err)
{
	source_reach(s, LOOK_BYTES);
	*len = s->size < LOOK_BYTES ? (size_t)s->size : LOOK_BYTES;
	if (*len == 0 && source_fault(s, 1, err) < 0)
		return -1;
	return source_read(s, 0, block, *len, err);
}

static int look_packing(struct source *s, struct error *err)
{
	char block[PACKING_SEEN_BYTES];
	size_t len = s->size < sizeof(block) ? (size_t)s->size : sizeof(block);

	if (s->pipe && !s->stream)
		s->stream = stream_new(s);
	if (s->stream) {
		ssize_t got = stream_peek(s->stream, block, sizeof(block));

		if (got < 0 && progress_stop(s->progress))
			return progress_stopped(err);
		if (got < 0)
			return error_errno(err, ERR_ENV, "%s: cannot be read", s->path);
		len = (size_t)got;
	} else if (source_read(s, 0, block, len, err) < 0) {
		return -1;
	}
	s->packing = packing_seen(block, len);
	if (s->packing != PACKING_NONE && !s->stream)
		s->stream = stream_new(s);
	if (s->stream)
		stream_begin(s->stream, s->packing, ENCODING_UTF8, false);
	return 0;
}

/* Of UTF-16 text without a mark: a table begins with a letter of ASCII. 1: big-endian; -1: it is none */
static int unmarked_order(const char *block, size_t len)
{
	if (len < 2 || !block[0] == !block[1])
		return -1;
	return !block[0];
}

static int look_encoding(struct source *s, int said, const char *block, size_t len, bool *big,
                         struct error *err)
{
	const bool utf8 = begins(block, len, "\xef\xbb\xbf", 3);
	const bool little = begins(block, len, "\xff\xfe", 2);

	*big = begins(block, len, "\xfe\xff", 2);
	s->bom = utf8 || little || *big;
	s->encoding = little || *big               ? ENCODING_UTF16
	              : utf8 || said == READ_GUESS ? ENCODING_UTF8
	                                           : (enum encoding)said;
	if (said == READ_GUESS || said == (int)s->encoding || (utf8 && said == ENCODING_LATIN1)) {
		if (s->encoding == ENCODING_UTF16 && !s->bom) {
			int order = unmarked_order(block, len);

			if (order < 0)
				return error_set(err, ERR_USAGE,
				                 "%s: is no UTF-16 text: it begins neither with a byte order mark nor with a "
				                 "letter of two bytes",
				                 s->path);
			*big = order == 1;
		}
		return 0;
	}
	return error_set(err, ERR_USAGE,
	                 "%s: is %s text by its byte order mark, but is to be read as %s; convert it first",
	                 s->path, utf8 ? "UTF-8" : "UTF-16", encoding_name((enum encoding)said));
}

int source_look(struct source *s, int said, struct error *err)
{
	char block[LOOK_BYTES];
	bool big;
	size_t len;

	s->start = 0;
	s->cr_only = false;
	if (look_packing(s, err) < 0)
		return -1;
	/* Text of two bytes a letter is full of NUL bytes: its first letters are looked at as they stand. */
	if (s->stream) {
		len = stream_head(s->stream, block, 10);
	} else {
		len = s->size < 10 ? (size_t)s->size : 10;
		if (source_read(s, 0, block, len, err) < 0)
			return -1;
	}
	if (refuse_others(s, block, len, err) < 0 || look_encoding(s, said, block, len, &big, err) < 0)
		return -1;
	if (s->encoding != ENCODING_UTF8 && !s->stream)
		s->stream = stream_new(s);
	if (s->stream)
		stream_begin(s->stream, s->packing, s->encoding, big);
	if (s->encoding == ENCODING_UTF8 && s->bom)
		s->start = 3;
	if (head(s, block, &len, err) < 0)
		return -1;
	if (len == s->start)
		return s->bom ? error_set(err, ERR_USAGE, "%s: is empty but for a byte order mark", s->path)
		              : error_set(err, ERR_USAGE, "%s: is empty", s->path);
	s->cr_only = !memchr(block, '\n', len) && memchr(block, '\r', len);
	return 0;
}

void source_rewind(struct source *s)
{
	if (s->stream)
		stream_rewind(s->stream);
}

void source_reach(struct source *s, uint64_t upto)
{
	if (s->stream)
		stream_reach(s->stream, upto);
}

bool source_ends(struct source *s, uint64_t at)
{
	source_reach(s, at + 1);
	return at >= s->size;
}

uint64_t source_raw_size(const struct source *s)
{
	return s->stream ? stream_raw_size(s->stream) : s->raw_size;
}

int source_fault(const struct source *s, uint64_t line, struct error *err)
{
	const struct error *fault = s->stream ? stream_fault(s->stream) : NULL;

	if (!fault)
		return 0;
	if (progress_stop(s->progress))
		return progress_stopped(err);
	if (source_same(s, err) < 0)
		return -1;
	if (err) {
		*err = *fault;
		error_prefix(err, "%s, line %llu", s->path, (unsigned long long)line);
	}
	return -1;
}

/* ---- reading ---- */

int source_read(const struct source *s, uint64_t from, char *out, size_t len, struct error *err)
{
	size_t done = 0;

	if (from > s->size || len > s->size - from)
		return error_set(err, ERR_ENV, "%s: read beyond its end", s->path);
	if (s->stream || s->fd < 0) {
		if (s->stream)
			stream_copy(s->stream, from, out, len);
		else if (len > 0)
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

/* Where the line begins in which `from` stands, or `least`. */
static int line_begin(const struct source *s, uint64_t least, uint64_t from, uint64_t *begin,
                      struct error *err)
{
	char block[LOOK_BYTES];

	while (from > least) {
		size_t len = from - least < sizeof(block) ? (size_t)(from - least) : sizeof(block);
		const char *end;

		if (source_read(s, from - len, block, len, err) < 0)
			return -1;
		end = memrchr(block, '\n', len);
		if (end) {
			*begin = from - len + (uint64_t)(end - block) + 1;
			return 0;
		}
		from -= len;
	}
	*begin = least;
	return 0;
}

int source_line_after(struct source *s, uint64_t least, uint64_t from, uint64_t *after, struct error *err)
{
	char block[LOOK_BYTES];
	uint64_t at = from;

	for (;;) {
		/* Most lines end soon. */
		size_t most = at == from ? LINE_BYTES : sizeof(block), len;
		const char *end;

		source_reach(s, at + most);
		if (at >= s->size)
			break;
		len = s->size - at < most ? (size_t)(s->size - at) : most;
		if (source_read(s, at, block, len, err) < 0)
			return -1;
		end = memchr(block, '\n', len);
		if (end) {
			*after = at + (uint64_t)(end - block) + 1;
			return 0;
		}
		at += len;
		if (at - from > LINE_MAX_BYTES)
			return line_begin(s, least, from, after, err) < 0 ? -1 : 1;
	}
	*after = s->size;
	return 0;
}

int source_too_long(const struct source *s, uint64_t line, struct error *err)
{
	return error_set(err, ERR_USAGE, "%s, line %llu: is longer than %d MiB; is it a CSV file?", s->path,
	                 (unsigned long long)line, (int)(LINE_MAX_BYTES >> 20));
}

int source_same(const struct source *s, struct error *err)
{
	struct source now = *s;
	struct stat st;

	if (s->fd < 0 || s->pipe)
		return 0;
	if (fstat(s->fd, &st) < 0)
		return error_errno(err, ERR_ENV, "%s: cannot be examined", s->path);
	remember(&now, &st);
	if (memcmp(now.seen, s->seen, sizeof(now.seen)) != 0)
		return error_set(err, ERR_ENV, "%s: changed while it was read; try again when nothing writes to it",
		                 s->path);
	return 0;
}
