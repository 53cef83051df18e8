/*
 * A source into columns, in slices that several threads take in turn.
 *
 * A slice begins after the first line end at or after a fixed offset. That a line end there is not inside
 * quotes is assumed, and true unless an earlier slice ended within quotes: then this batch is cut anew at
 * exact places, found by libcsv's own reading in order. Slices are joined in order, so nothing depends on
 * threads.
 */
#include <stdlib.h>
#include <string.h>

#include "slice.h"

#define SLICE_BYTES  ((size_t)256 << 10)
#define BATCH_SLICES 32

struct reader {
	struct build *build;
	const struct source *source;
	struct batch batch;
	size_t made; /* slices */
	struct sha256 hash;
	uint64_t hashed; /* so many bytes */
	struct error hash_error;
	bool hash_failed;
};

/* ---- the digest, of the bytes as they are ---- */

/* By reading them (again): what stands before the first record, and files whose line ends are changed. */
static void hash_upto(struct reader *r, uint64_t end)
{
	const size_t size = (size_t)1 << 16;
	struct source raw = *r->source;
	char *block = xmalloc(size);

	raw.cr_only = false;
	while (r->hashed < end && !r->hash_failed) {
		size_t len = end - r->hashed < size ? (size_t)(end - r->hashed) : size;

		if (source_read(&raw, r->hashed, block, len, &r->hash_error) < 0)
			r->hash_failed = true;
		else
			sha256_add(&r->hash, block, len);
		r->hashed += len;
	}
	free(block);
}

/* The batch before, while this one is read. */
static void hash_before(struct reader *r)
{
	for (size_t i = 0; i < r->made; i++) {
		struct slice *s = &r->batch.slices[i];

		if (s->before_count && r->source->cr_only)
			hash_upto(r, r->hashed + s->before_count);
		else if (s->before_count) {
			sha256_add(&r->hash, s->before, s->before_count);
			r->hashed += s->before_count;
		}
		s->before_count = 0;
	}
}

static void set_aside(struct reader *r)
{
	for (size_t i = 0; i < r->made; i++) {
		struct slice *s = &r->batch.slices[i];
		char *bytes = s->bytes;
		size_t cap = s->byte_cap;

		s->bytes = s->before;
		s->byte_cap = s->before_cap;
		s->before = bytes;
		s->before_cap = cap;
		s->before_count = (size_t)(s->to - s->from);
		s->from = s->to;
	}
}

/* ---- one batch ---- */

static void read_chunk(void *user, size_t chunk)
{
	struct reader *r = user;

	if (chunk == 0)
		hash_before(r);
	else
		slice_fill(&r->batch.slices[chunk - 1]);
}

static void join_chunk(void *user, size_t column)
{
	struct reader *r = user;

	join_column(r->build, &r->batch, column);
}

/* Cuts [from, to of the file) into the batch's slices; *upto is where the batch ends. */
static int cut(struct reader *r, uint64_t from, size_t slice, uint64_t *upto, struct error *err)
{
	uint64_t at = from;

	for (size_t i = 0; i < r->batch.count; i++) {
		struct slice *s = &r->batch.slices[i];

		s->from = at;
		if (at < r->source->size && r->source->size - at > slice) {
			if (source_line_after(r->source, at + slice - 1, &at, err) < 0)
				return -1;
		} else {
			at = r->source->size;
		}
		s->to = at;
		s->last = at == r->source->size;
	}
	*upto = at;
	return 0;
}

/* The slice that ends within quotes takes the next ones in, until it ends between records (or the file ends).
 */
static int mend(struct reader *r, size_t open, bool header, uint64_t *upto, struct error *err)
{
	struct slice *s = &r->batch.slices[open];
	uint64_t step = s->to - s->from;

	while (s->end.open && !s->last && !s->failed) {
		if (r->source->size - s->to > step) {
			if (source_line_after(r->source, s->to + step - 1, &s->to, err) < 0)
				return -1;
		} else {
			s->to = r->source->size;
		}
		s->last = s->to == r->source->size;
		step *= 2;
		s->header_due = header;
		slice_fill(s);
	}
	/* What the batch had cut behind it was cut on a wrong assumption: it is read in the next batch. */
	for (size_t i = open + 1; i < r->batch.count; i++) {
		r->batch.slices[i].from = r->batch.slices[i].to = s->to;
		slice_reset(&r->batch.slices[i]);
	}
	*upto = s->to;
	return 0;
}

/* Reads the batch that begins at `from`; *line goes on, and *header is false once the header was seen. */
static int read_batch(struct reader *r, uint64_t from, size_t slice, uint64_t *upto, uint64_t *line,
                      bool *header, struct error *err)
{
	struct batch *t = &r->batch;

	/* Alone until the header is seen: which slice holds the first record is not known before. */
	t->count = *header ? 1 : r->made;
	t->rows = 0;
	set_aside(r);
	if (cut(r, from, slice, upto, err) < 0)
		return -1;
	for (size_t i = 0; i < t->count; i++)
		t->slices[i].header_due = *header;
	parallel_chunks(t->count + 1, r->build->threads, read_chunk, r);
	if (r->hash_failed) {
		*err = r->hash_error;
		return -1;
	}
	for (size_t i = 0; i < t->count; i++) {
		struct slice *s = &t->slices[i];

		if (s->end.open && !s->failed && !s->last && mend(r, i, *header, upto, err) < 0)
			return -1;
		if (s->failed) {
			*err = s->error;
			if (err->code == ERR_USAGE)
				error_prefix(err, "%s, line %llu", r->source->path,
				             (unsigned long long)(*line + (s->end.error_line ? s->end.error_line - 1 : 0)));
			return -1;
		}
		*line += s->end.lines;
		t->rows += s->rows;
	}
	*header = *header && t->slices[0].header_due;
	return 0;
}

/* ---- a whole source ---- */

int build_source(struct build *b, const struct source *source, uint64_t from, uint64_t line,
                 char sha256[SHA256_TEXT], struct error *err)
{
	struct reader r = {.build = b, .source = source};
	size_t slice = b->slice ? b->slice : SLICE_BYTES, begin = b->rows;
	uint64_t left = source->size - from, at = from;
	bool header = b->reading->header == READ_YES;
	int rc = -1;

	sha256_init(&r.hash);
	r.made = left / slice + 1 < BATCH_SLICES ? (size_t)(left / slice) + 1 : BATCH_SLICES;
	r.batch.slices = xcalloc(r.made, sizeof(*r.batch.slices));
	for (size_t i = 0; i < r.made; i++)
		slice_init(&r.batch.slices[i], b, source);
	hash_upto(&r, from);
	while (at < source->size && !r.hash_failed) {
		if (read_batch(&r, at, slice, &at, &line, &header, err) < 0)
			goto out;
		r.batch.expected =
		    begin +
		    (size_t)((double)(b->rows - begin + r.batch.rows) * (double)left / (double)(at - from) * 1.02) +
		    16;
		parallel_chunks(b->column_count, b->threads, join_chunk, &r);
		b->rows += r.batch.rows;
	}
	set_aside(&r);
	hash_before(&r);
	if (r.hash_failed) {
		*err = r.hash_error;
		goto out;
	}
	if (source_same(source, err) < 0)
		goto out;
	rc = 0;
out:
	sha256_end(&r.hash, sha256);
	for (size_t i = 0; i < r.made; i++)
		slice_release(&r.batch.slices[i]);
	free(r.batch.slices);
	return rc;
}
