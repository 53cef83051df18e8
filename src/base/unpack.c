/* Compressed files, as they come. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "assay/base_unpack.h"

enum { IN_BYTES = 32 << 10, OUT_BYTES = 64 << 10, GZIP_ONLY = 16, WINDOW_LOG = 27, GZIP_MAGIC = 0x1F };

struct unpacker {
	enum packing packing;
	z_stream gzip;
	ZSTD_DStream *zstd;
	int64_t at; /* of the file, behind what is in `in` */
	unpack_more_fn *more;
	void *user;
	size_t from, have;
	bool within; /* a member or frame; between two of them the file may end */
	bool any;    /* one has come to its end */
	bool ended;
	const char *broken;
	unsigned char in[IN_BYTES];
	/* Both give what they can before they come to what is damaged, and how much that is depends on the room that they
	 * are given: so that is always the same, however much is asked for. */
	unsigned char out[OUT_BYTES];
	size_t out_from, out_have;
};

enum packing packing_of(const char *name, size_t *stem)
{
	size_t len = strlen(name);

	*stem = len;
	if (len > 3 && !strcmp(name + len - 3, ".gz")) {
		*stem = len - 3;
		return PACKING_GZIP;
	}
	if (len > 4 && !strcmp(name + len - 4, ".zst")) {
		*stem = len - 4;
		return PACKING_ZSTD;
	}
	return PACKING_NONE;
}

enum packing packing_seen(const void *bytes, size_t len)
{
	const unsigned char *b = bytes;

	if (len >= 2 && b[0] == GZIP_MAGIC && b[1] == 0x8B)
		return PACKING_GZIP;
	/* A frame, or one to be passed over, with which parallel packers begin. */
	if (len >= 4 &&
	    (!memcmp(b, "\x28\xb5\x2f\xfd", 4) || (b[0] >> 4 == 5 && !memcmp(b + 1, "\x2a\x4d\x18", 3))))
		return PACKING_ZSTD;
	return PACKING_NONE;
}

struct unpacker *unpacker_new(enum packing packing)
{
	struct unpacker *u = xcalloc(1, sizeof(*u));

	u->packing = packing;
	if (packing == PACKING_GZIP) {
		if (inflateInit2(&u->gzip, MAX_WBITS + GZIP_ONLY) != Z_OK)
			bug("zlib cannot be set up");
	} else {
		u->zstd = ZSTD_createDStream();
		if (!u->zstd || ZSTD_isError(ZSTD_DCtx_setParameter(u->zstd, ZSTD_d_windowLogMax, WINDOW_LOG)))
			bug("zstd cannot be set up");
	}
	return u;
}

void unpacker_free(struct unpacker *u)
{
	if (!u)
		return;
	if (u->packing == PACKING_GZIP)
		inflateEnd(&u->gzip);
	ZSTD_freeDStream(u->zstd);
	free(u);
}

const char *unpacker_broken(const struct unpacker *u)
{
	return u->broken;
}

int64_t unpacker_at(const struct unpacker *u)
{
	return u->at - (int64_t)(u->have - u->from);
}

/* 1: there are bytes in `in`; 0: the file ends here. */
static int fill(struct unpacker *u)
{
	ssize_t n;

	if (u->from < u->have)
		return 1;
	n = u->more(u->user, u->in, sizeof(u->in));
	if (n < 0)
		return -1;
	u->at += n;
	u->from = 0;
	u->have = (size_t)n;
	return n > 0;
}

static void end(struct unpacker *u, const char *broken)
{
	u->ended = true;
	u->broken = broken;
}

/* Zeros behind the last member are padding (tapes, disks); what else stands there is no gzip. */
static bool only_padding(struct unpacker *u)
{
	if (!u->any)
		return false;
	while (u->from < u->have && !u->in[u->from])
		u->from++;
	return u->from == u->have;
}

/* How many bytes came out of what is in `in`. */
static size_t inflate_some(struct unpacker *u)
{
	size_t got;
	int rc;

	if (!u->within) {
		if (u->any && u->in[u->from] != GZIP_MAGIC) {
			if (!only_padding(u))
				end(u, "something else stands behind what is compressed");
			return 0;
		}
		u->within = true;
	}
	u->gzip.next_in = u->in + u->from;
	u->gzip.avail_in = (uInt)(u->have - u->from);
	u->gzip.next_out = u->out;
	u->gzip.avail_out = OUT_BYTES;
	rc = inflate(&u->gzip, Z_NO_FLUSH);
	u->from = u->have - u->gzip.avail_in;
	got = OUT_BYTES - u->gzip.avail_out;
	if (rc == Z_STREAM_END) {
		u->within = false;
		u->any = true;
		if (inflateReset(&u->gzip) != Z_OK)
			bug("zlib cannot be set up anew");
	} else if (rc == Z_MEM_ERROR) {
		end(u, "there is not enough memory to unpack it");
	} else if (rc != Z_OK && rc != Z_BUF_ERROR) {
		end(u, u->any || got || u->gzip.total_out
		           ? "it is damaged"
		           : "it is damaged at its beginning, or not compressed as its name says");
	}
	return got;
}

static size_t decompress_some(struct unpacker *u)
{
	ZSTD_inBuffer in = {u->in, u->have, u->from};
	ZSTD_outBuffer to = {u->out, OUT_BYTES, 0};
	size_t rc = ZSTD_decompressStream(u->zstd, &to, &in);

	u->from = in.pos;
	if (ZSTD_isError(rc)) {
		end(u, u->any || u->within ? "it is damaged, or takes more memory than it is given"
		                           : "it is damaged at its beginning, or not compressed as its name says");
		return to.pos;
	}
	u->within = rc != 0;
	u->any = u->any || rc == 0;
	return to.pos;
}

/* Until there are bytes in `out`, or it has ended. -1: errno. */
static int unpack_some(struct unpacker *u)
{
	u->out_from = u->out_have = 0;
	while (!u->out_have && !u->ended) {
		/* zlib and zstd may hold more of what they were given already. */
		const bool held = u->within && u->from == u->have;
		int rc = fill(u);

		if (rc < 0)
			return -1;
		if (!rc && !held) {
			end(u, u->any ? NULL : "it is empty");
			return 0;
		}
		u->out_have = u->packing == PACKING_GZIP ? inflate_some(u) : decompress_some(u);
		if (!rc && !u->out_have && !u->ended && u->within)
			end(u, "it ends in the middle");
	}
	return 0;
}

ssize_t unpacker_read_from(struct unpacker *u, unpack_more_fn *more, void *user, void *bytes, size_t len)
{
	size_t got = 0;

	u->more = more;
	u->user = user;
	while (got < len) {
		size_t n = u->out_have - u->out_from;

		if (!n) {
			if (u->ended)
				break;
			if (unpack_some(u))
				return -1;
			continue;
		}
		n = n < len - got ? n : len - got;
		memcpy((char *)bytes + got, u->out + u->out_from, n);
		u->out_from += n;
		got += n;
	}
	return (ssize_t)got;
}

struct place {
	int fd;
	const struct unpacker *unpacker;
};

static ssize_t more_of_file(void *user, void *bytes, size_t len)
{
	const struct place *p = user;
	ssize_t n;

	do
		n = pread(p->fd, bytes, len, p->unpacker->at);
	while (n < 0 && errno == EINTR);
	return n;
}

ssize_t unpacker_read(struct unpacker *u, int fd, void *bytes, size_t len)
{
	struct place place = {fd, u};

	return unpacker_read_from(u, more_of_file, &place, bytes, len);
}
