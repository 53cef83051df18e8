/*
 * Bytes that must be made in order: unpacked, from another encoding, or out of a pipe. They stand in a window, from
 * where the reader is to as far as it has asked for; what lies behind it is dropped, so memory does not grow with
 * what is in the file.
 *
 * A stream that breaks off (cut off, damaged, no text) ends after the last whole line before that. So what is wrong
 * in those lines is said first, wherever slices are cut, and then the line where it breaks off.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"
#include "spool.h"

#define PIECE ((size_t)64 << 10)

struct stream {
	struct source *source;
	struct spool spool; /* of a pipe */
	uint64_t raw_at;    /* bytes of the file that were taken */
	struct sha256 hash; /* of them */
	bool hashing;
	enum packing packing;
	struct unpacker *unpacker;
	enum encoding encoding;
	bool big_endian;
	struct transcoder transcoder;
	struct str window, ahead; /* ahead: what comes behind the window */
	uint64_t base;            /* place of the window's first byte */
	bool ended, broken, trimmed;
	struct error fault;
	char piece[PIECE];
};

struct stream *stream_new(struct source *s)
{
	struct stream *t = xcalloc(1, sizeof(*t));

	t->source = s;
	spool_init(&t->spool);
	str_init(&t->window);
	str_init(&t->ahead);
	return t;
}

static void stop(struct stream *t)
{
	char ignored[SHA256_TEXT];

	if (t->hashing)
		sha256_end(&t->hash, ignored);
	t->hashing = false;
	unpacker_free(t->unpacker);
	t->unpacker = NULL;
}

void stream_free(struct stream *t)
{
	if (!t)
		return;
	stop(t);
	spool_release(&t->spool);
	str_release(&t->window);
	str_release(&t->ahead);
	free(t);
}

void stream_begin(struct stream *t, enum packing packing, enum encoding encoding, bool big_endian)
{
	stop(t);
	t->raw_at = t->base = 0;
	str_clear(&t->window);
	str_clear(&t->ahead);
	t->ended = t->broken = t->trimmed = false;
	t->packing = packing;
	t->encoding = encoding;
	t->big_endian = big_endian;
	t->transcoder = (struct transcoder){.encoding = encoding, .big_endian = big_endian};
	if (packing != PACKING_NONE)
		t->unpacker = unpacker_new(packing);
	sha256_init(&t->hash);
	t->hashing = true;
	t->source->size = 0;
}

/* ---- the file's own bytes ---- */

static ssize_t raw_read(struct stream *t, uint64_t at, void *bytes, size_t len)
{
	const struct source *s = t->source;
	ssize_t n;

	if (s->pipe)
		return spool_read(&t->spool, s->fd, at, bytes, len, s->progress);
	if (s->fd < 0) {
		len = len < s->raw_size - at ? len : (size_t)(s->raw_size - at);
		memcpy(bytes, s->memory + at, len);
		return (ssize_t)len;
	}
	do
		n = pread(s->fd, bytes, len, (off_t)at);
	while (n < 0 && errno == EINTR);
	return n;
}

static ssize_t raw_more(void *user, void *bytes, size_t len)
{
	struct stream *t = user;
	ssize_t n = raw_read(t, t->raw_at, bytes, len);

	if (n > 0) {
		sha256_add(&t->hash, bytes, (size_t)n);
		t->raw_at += (uint64_t)n;
	}
	return n;
}

ssize_t stream_peek(struct stream *t, void *bytes, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = raw_read(t, got, (char *)bytes + got, len - got);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

/* ---- made ---- */

static void fault(struct stream *t, enum error_code code, const char *what)
{
	t->ended = t->broken = true;
	error_set(&t->fault, code, "%s", what);
}

static void fault_errno(struct stream *t)
{
	t->ended = t->broken = true;
	if (progress_stop(t->source->progress))
		progress_stopped(&t->fault);
	else if (t->spool.cannot_keep)
		error_errno(
		    &t->fault, ERR_ENV,
		    "what came through the pipe cannot be kept in a file of $TMPDIR (/var/tmp) until it is read "
		    "again");
	else
		error_errno(&t->fault, ERR_ENV, "cannot be read");
}

static void unpacker_fault(struct stream *t, const char *what)
{
	t->ended = t->broken = true;
	error_set(&t->fault, ERR_USAGE, "the file is packed by %s, and %s (byte %lld of the packed file)",
	          t->packing == PACKING_GZIP ? "gzip" : "zstd", what, (long long)unpacker_at(t->unpacker));
}

/* At most len bytes, before they are transcoded. */
static size_t unpacked(struct stream *t, char *bytes, size_t len)
{
	ssize_t n =
	    t->unpacker ? unpacker_read_from(t->unpacker, raw_more, t, bytes, len) : raw_more(t, bytes, len);

	if (n < 0) {
		fault_errno(t);
		return 0;
	}
	if (t->unpacker && (size_t)n < len) {
		t->ended = true;
		if (unpacker_broken(t->unpacker))
			unpacker_fault(t, unpacker_broken(t->unpacker));
	} else if (n == 0) {
		t->ended = true;
	}
	return (size_t)n;
}

size_t stream_head(struct stream *t, char *bytes, size_t len)
{
	size_t got = 0;

	while (got < len && !t->ended)
		got += unpacked(t, bytes + got, len - got);
	return got;
}

/* Adds about `len` bytes to `out`, fewer at the end. */
static void make(struct stream *t, struct str *out, size_t len)
{
	const size_t goal = out->len + len;

	while (!t->ended && out->len < goal) {
		const size_t had = out->len;
		const char *nul;

		if (progress_stop(t->source->progress)) {
			fault_errno(t);
			break;
		}

		if (t->encoding == ENCODING_UTF8) {
			size_t want = goal - had > PIECE ? goal - had : PIECE;

			out->data = vec_reserve(out->cap ? out->data : NULL, &out->cap, had + want + 1, 1);
			out->len += unpacked(t, out->data + had, want);
			out->data[out->len] = '\0';
		} else {
			size_t n = unpacked(t, t->piece, sizeof(t->piece));
			const char *what = transcode(&t->transcoder, t->piece, n, out);

			if (!what && t->ended && !t->broken)
				what = transcode_end(&t->transcoder);
			if (what)
				fault(t, ERR_USAGE, what);
		}
		nul = out->len > had ? memchr(out->data + had, '\0', out->len - had) : NULL;
		if (nul) {
			str_cut(out, (size_t)(nul - out->data));
			fault(t, ERR_USAGE, "holds a NUL byte: this is not text (a binary file, or UTF-16)");
		}
	}
}

/* To the end of the last whole line. Before the first bytes were looked at, it is not known what ends a line. */
static void trim(struct stream *t)
{
	const char *data = t->window.data;
	size_t len = t->window.len;
	const char *lf = len > 0 ? memrchr(data, '\n', len) : NULL;
	const char *cr =
	    len > 0 && (t->source->cr_only || (!lf && t->base == 0)) ? memrchr(data, '\r', len) : NULL;
	const char *end = lf && (!cr || lf > cr) ? lf : cr;

	str_cut(&t->window, end ? (size_t)(end - data) + 1 : 0);
	t->trimmed = true;
}

void stream_reach(struct stream *t, uint64_t upto)
{
	for (;;) {
		uint64_t have = t->base + t->window.len;

		if (have >= upto)
			break;
		if (t->ahead.len > 0) {
			str_add(&t->window, t->ahead.data, t->ahead.len);
			str_clear(&t->ahead);
		} else if (t->ended) {
			break;
		} else {
			make(t, &t->window, (size_t)(upto - have));
		}
	}
	if (t->broken && t->ahead.len == 0 && !t->trimmed)
		trim(t);
	t->source->size = t->base + t->window.len;
}

void stream_drop(struct stream *t, uint64_t before)
{
	size_t gone = (size_t)(before - t->base);

	t->window.len -= gone;
	if (t->window.len > 0)
		memmove(t->window.data, t->window.data + gone, t->window.len);
	t->base = before;
}

void stream_ahead(struct stream *t, size_t len)
{
	if (t->ahead.len < len)
		make(t, &t->ahead, len - t->ahead.len);
}

void stream_copy(const struct stream *t, uint64_t from, char *out, size_t len)
{
	if (from < t->base || from - t->base > t->window.len || len > t->window.len - (size_t)(from - t->base))
		bug("bytes outside the window are asked for");
	memcpy(out, t->window.data + (from - t->base), len);
}

void stream_rewind(struct stream *t)
{
	if (t->base > 0 || !t->hashing)
		stream_begin(t, t->packing, t->encoding, t->big_endian);
}

const struct error *stream_fault(const struct stream *t)
{
	return t->broken ? &t->fault : NULL;
}

uint64_t stream_raw_size(const struct stream *t)
{
	return t->raw_at;
}

void stream_digest(struct stream *t, char hex[SHA256_TEXT])
{
	if (t->hashing)
		sha256_end(&t->hash, hex);
	t->hashing = false;
}
