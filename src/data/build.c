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

#define SLICE_BYTES ((size_t)128 << 10)
/* Of a batch: so many a thread, within bounds. Few, so that little memory is touched; enough for no thread to wait for
 * long. */
enum { THREAD_SLICES = 2, BATCH_LEAST = 16, BATCH_MOST = 128, SLICES_LEAST = 2, SLICE_COLUMNS = 1 << 17 };

/* While one batch is read, the one before it is joined and hashed; of a stream (which hashes what it takes), the bytes
 * of the next are made. */
struct reader {
	struct build *build;
	struct source *source;
	struct batch batches[2], *now, *before;
	size_t made;  /* slices of each */
	size_t slice; /* bytes of one */
	size_t rows;  /* so many a slice is likely to hold, from those that were read */
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
	while (r->hashed < end && !r->hash_failed && !progress_stop(r->build->progress)) {
		size_t len = end - r->hashed < size ? (size_t)(end - r->hashed) : size;

		if (source_read(&raw, r->hashed, block, len, &r->hash_error) < 0)
			r->hash_failed = true;
		else
			sha256_add(&r->hash, block, len);
		r->hashed += len;
	}
	free(block);
}

static void hash_batch(struct reader *r, const struct batch *t)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct slice *s = &t->slices[i];

		if (r->source->cr_only) {
			hash_upto(r, s->to);
		} else {
			sha256_add(&r->hash, s->bytes, (size_t)(s->to - s->from));
			r->hashed = s->to;
		}
	}
}

/* ---- one batch ---- */

static void join(const struct reader *r, size_t column, bool texts)
{
	if (r->before->count > 0 && (r->build->columns[column].mode == CELL_CODES) == texts)
		join_column(r->build, r->before, column);
}

/* The longest first, and numbers, which are joined in a moment, last: so no thread waits for long. */
static void work(void *user, size_t chunk)
{
	struct reader *r = user;
	const size_t columns = r->build->column_count, slices = r->now->count;

	if (progress_stop(r->build->progress))
		return; /* what is missing is not looked at any more */
	if (chunk == 0 && r->source->stream)
		stream_ahead(r->source->stream, r->made * r->slice);
	else if (chunk == 0 && !r->build->no_digest)
		hash_batch(r, r->before);
	else if (chunk == 0)
		return;
	else if (chunk <= columns)
		join(r, chunk - 1, true);
	else if (chunk <= columns + slices)
		slice_fill(&r->now->slices[chunk - 1 - columns]);
	else
		join(r, chunk - 1 - columns - slices, false);
}

/* Nothing follows, and not because it broke off. */
static bool is_last(struct reader *r, uint64_t at)
{
	return source_ends(r->source, at) && source_fault(r->source, 0, NULL) == 0;
}

/* Cuts [from, to of the file), of which the first line is `line`, into the batch's slices; *upto is where the batch ends:
 * before a line that is too long, if there is anything before it. */
static int cut(struct reader *r, uint64_t from, uint64_t line, bool header, uint64_t *upto, struct error *err)
{
	const size_t slice = r->slice;
	uint64_t at = from;
	bool stop = false;

	if (r->source->stream)
		stream_drop(r->source->stream, from);
	for (size_t i = 0; i < r->now->count; i++) {
		struct slice *s = &r->now->slices[i];

		slice_reset(s, r->rows);
		s->header_due = header;
		s->from = at;
		if (!stop)
			source_reach(r->source, at + slice + 1);
		if (!stop && at < r->source->size && r->source->size - at > slice) {
			int rc = source_line_after(r->source, at, at + slice - 1, &at, err);

			if (rc < 0)
				return -1;
			stop = rc > 0;
			if (stop && at == from)
				return source_too_long(r->source, line, err);
		} else if (!stop) {
			at = r->source->size;
		}
		s->to = at;
		s->last = !stop && is_last(r, at);
		/* Of long lines fewer fit. */
		if (r->build->reading_bytes && at - from >= slice * r->made)
			r->now->count = i + 1;
	}
	*upto = at;
	return 0;
}

/* The slice that ends within quotes takes the next ones in, until it ends between records (or the file ends). Its
 * first line is `line`. */
static int mend(struct reader *r, size_t open, uint64_t line, bool header, uint64_t *upto, struct error *err)
{
	struct slice *s = &r->now->slices[open];
	uint64_t step = s->to - s->from;

	while (s->end.open && !s->last && !s->failed && !source_ends(r->source, s->to)) {
		if (progress_stop(r->build->progress))
			return progress_stopped(err);
		source_reach(r->source, s->to + step + 1);
		if (r->source->size - s->to > step) {
			const uint64_t had = s->to;
			int rc = source_line_after(r->source, had, had + step - 1, &s->to, err);

			if (rc < 0)
				return -1;
			if (rc > 0 && s->to == had)
				return source_too_long(r->source, line + s->end.open_line - 1, err);
		} else {
			s->to = r->source->size;
		}
		s->last = is_last(r, s->to);
		step *= 2;
		slice_reset(s, r->rows);
		s->header_due = header;
		slice_fill(s);
	}
	/* What the batch had cut behind it was cut on a wrong assumption: it is read in the next batch. */
	for (size_t i = open + 1; i < r->now->count; i++) {
		r->now->slices[i].from = r->now->slices[i].to = s->to;
		slice_reset(&r->now->slices[i], 0);
	}
	*upto = s->to;
	return 0;
}

/* Puts the batch that was read in order; *line goes on, and *header is false once the header was seen. */
static int check_batch(struct reader *r, uint64_t *upto, uint64_t *line, bool *header, struct error *err)
{
	struct batch *t = r->now;

	t->rows = 0;
	for (size_t i = 0; i < t->count; i++) {
		struct slice *s = &t->slices[i];

		if (s->end.open && !s->failed && !s->last && mend(r, i, *line, *header, upto, err) < 0)
			return -1;
		r->build->not_utf8 = r->build->not_utf8 || s->not_utf8; /* of what it took in, too */
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

/* Of a stream it is not known how much there will be, and what its beginning is like says little: once unpacked, a part
 * of a file may be thousands of times the size of another. */
static size_t expected_rows(const struct reader *r, size_t rows, uint64_t from, uint64_t at)
{
	if (r->source->stream)
		return 0;
	return (size_t)((double)rows * (double)(r->source->size - from) / (double)(at - from) * 1.02) + 16;
}

/* Of a slice, `rows` being in the bytes before: some more, so that few slices need room for others. */
static size_t likely_rows(const struct reader *r, size_t rows, uint64_t bytes)
{
	return (size_t)((double)rows * (double)r->slice / (double)bytes * 1.1);
}

/* Bytes of the file as it stands that are behind us. */
static uint64_t passed(const struct source *s, uint64_t at)
{
	return s->stream ? stream_raw_size(s->stream) : at;
}

/* There is nothing more to read, or nothing more is wanted. */
static bool is_done(struct reader *r, uint64_t at)
{
	return r->build->cut || source_ends(r->source, at);
}

/* More than may be: what is read already is the last, or some columns are put off. */
static int look_at_memory(struct reader *r, uint64_t at, struct error *err)
{
	struct build *b = r->build;

	b->cut = b->cut || (b->most_bytes && build_bytes(b) >= b->most_bytes && !source_ends(r->source, at));
	return b->passes ? passes_look(b, passed(r->source, at), err) : 0;
}

static int read_batches(struct reader *r, uint64_t from, uint64_t line, struct error *err)
{
	struct build *b = r->build;
	bool header = b->reading->header == READ_YES;
	size_t rows = b->rows, begin = b->rows, here = 0; /* joined after this batch, before this source, of it */
	uint64_t told = 0;

	for (uint64_t at = from; !is_done(r, at) || r->before->count > 0;) {
		struct batch *swap;

		/* Alone until the header is seen: which slice holds the first record is not known before. */
		r->now->count = is_done(r, at) ? 0 : header ? 1 : r->made;
		if (cut(r, at, line, header, &at, err) < 0)
			return -1;
		parallel_chunks(1 + r->now->count + 2 * b->column_count, b->threads, work, r);
		if (progress_stop(b->progress))
			return progress_stopped(err);
		if (r->hash_failed) {
			*err = r->hash_error;
			return -1;
		}
		b->rows = rows;
		if (sink_offer(b, false, err) < 0)
			return -1;
		if (b->rows < rows)
			begin = rows = b->rows;
		if (check_batch(r, &at, &line, &header, err) < 0)
			return -1;
		if (look_at_memory(r, at, err) < 0)
			return -1;
		rows += r->now->rows;
		here += r->now->rows;
		r->rows = likely_rows(r, here, at - from);
		r->now->expected = begin + expected_rows(r, here, from, at);
		if (b->sink && r->now->expected > sink_rows(b))
			r->now->expected = sink_rows(b) + r->now->rows;
		if (b->passes)
			r->now->expected = passes_expected(b, r->now->expected, r->now->rows);
		if (b->most_bytes && r->now->expected > build_rows_within(b, b->most_bytes))
			r->now->expected = build_rows_within(b, b->most_bytes) + r->now->rows;
		progress_add(b->progress, passed(r->source, at) - told);
		told = passed(r->source, at);
		swap = r->before;
		r->before = r->now;
		r->now = swap;
	}
	return b->cut ? 0 : source_fault(r->source, line, err);
}

int build_source(struct build *b, struct source *source, uint64_t from, uint64_t line,
                 char sha256[SHA256_TEXT], struct error *err)
{
	struct reader r = {.build = b, .source = source, .slice = b->slice ? b->slice : SLICE_BYTES};
	const int threads = b->threads > 0 ? b->threads : cpu_count();
	size_t slices, most = threads < BATCH_LEAST / THREAD_SLICES  ? BATCH_LEAST
	                      : threads > BATCH_MOST / THREAD_SLICES ? BATCH_MOST
	                                                             : (size_t)threads * THREAD_SLICES;
	int rc = -1;

	sha256_init(&r.hash);
	r.now = &r.batches[0];
	r.before = &r.batches[1];
	/* Of very many columns few slices are in hand at once: each has room for all of them. */
	while (most > SLICES_LEAST && most * b->column_count > SLICE_COLUMNS)
		most /= 2;
	sink_slices(b, &most, &r.slice);
	source_reach(source, from + r.slice * most);
	slices = (size_t)((source->size - from) / r.slice) + 1;
	r.made = slices < most ? slices : most;
	for (int k = 0; k < 2; k++) {
		r.batches[k].slices = xcalloc(r.made, sizeof(struct slice));
		for (size_t i = 0; i < r.made; i++)
			slice_init(&r.batches[k].slices[i], b, source);
	}
	if (!source->stream && !b->no_digest)
		hash_upto(&r, from);
	if (r.hash_failed)
		*err = r.hash_error;
	else if (read_batches(&r, from, line, err) == 0 && source_same(source, err) == 0)
		rc = 0;
	sha256_end(&r.hash, sha256);
	if (source->stream && !b->cut)
		stream_digest(source->stream, sha256);
	if (b->no_digest || b->cut)
		sha256[0] = '\0';
	for (int k = 0; k < 2; k++) {
		for (size_t i = 0; i < r.made; i++)
			slice_release(&r.batches[k].slices[i]);
		free(r.batches[k].slices);
	}
	return rc;
}
