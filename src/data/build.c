/*
 * Records into columns, in slices that several threads take in turn.
 *
 * A slice begins after the first line end at or after a fixed offset. That a line end there is not inside
 * quotes is assumed, and true unless an earlier slice ended within quotes: then this batch is cut anew at
 * exact places, found by libcsv's own reading in order. Slices are joined in order, so nothing depends on
 * threads.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "internal.h"

#define SLICE_BYTES  ((size_t)512 << 10)
#define BATCH_SLICES 32
#define TEXT_SLACK   16 /* readable bytes behind a text */
#define CODE_MEMO    2048

struct code_memo {
	uint64_t low, high;
	uint32_t len; /* + 1; 0: free */
	uint32_t code;
};

struct slice_column {
	double *values;
	struct field *texts; /* of coded columns, in the slice's bytes or in its arena; bytes NULL: missing */
	uint64_t *missing_by;
	size_t missing;
	bool failed, failed_no_time, saw_number, all_whole, rounded;
};

struct slice {
	struct build *build;
	const struct source *source;
	struct scanner *scanner;
	uint64_t from, to; /* bytes of the source: whole lines */
	bool last;
	char *bytes; /* with TEXT_SLACK behind them */
	size_t byte_cap, byte_count;
	struct arena *copies; /* texts that do not stand in the bytes as they are */
	struct slice_column *columns;
	size_t rows, row_cap;
	bool header_due;
	struct scan_end end;
	struct error error;
	bool failed;
};

struct batch {
	struct build *build;
	const struct source *source;
	struct slice *slices;
	size_t count, made;
	uint64_t hashed_to, hash_end;
	struct sha256 *hash;
	struct error hash_error;
	bool hash_failed;
	size_t rows;     /* of the batch, while joining */
	size_t expected; /* of the table after this source, from what was read of it */
};

/* ---- one slice ---- */

static void slice_room(struct slice *s)
{
	struct build *b = s->build;
	size_t cap = s->row_cap ? s->row_cap * 2 : 1024;

	for (size_t i = 0; i < b->column_count; i++) {
		if (b->columns[i].mode == CELL_CODES)
			s->columns[i].texts = xreallocarray(s->columns[i].texts, cap, sizeof(struct field));
		else
			s->columns[i].values = xreallocarray(s->columns[i].values, cap, sizeof(double));
	}
	s->row_cap = cap;
}

static int refuse(const struct build *b, size_t column, const struct field *f, const char *what,
                  struct error *err)
{
	int shown = f->len > 60 ? 60 : (int)f->len;

	return error_set(err, ERR_USAGE, "column %zu (%s): \"%.*s%s\" is not %s", column + 1, b->names[column],
	                 shown, f->bytes, f->len > 60 ? "…" : "", what);
}

static bool unfit(struct slice_column *c, const struct field *f)
{
	int64_t ms;

	c->failed = true;
	c->failed_no_time = c->failed_no_time || !time_parse(f->bytes, f->len, &ms);
	return true;
}

static int cell_value(struct slice *s, size_t column, const struct field *f, double *out, struct error *err)
{
	const struct build *b = s->build;
	const struct build_column *asked = &b->columns[column];
	struct slice_column *c = &s->columns[column];
	struct number_facts facts;
	int64_t ms;

	*out = NAN;
	switch (asked->mode) {
	case CELL_NUM:
		if (cell_number(f->bytes, f->len, out, &facts)) {
			c->saw_number = true;
			c->all_whole = c->all_whole && facts.whole;
			c->rounded = c->rounded || facts.rounded;
			if (asked->forced == COLUMN_GUESS && facts.zero_led) {
				/* 00123 is a code: as a number it would lose its zeros. */
				c->failed = c->failed_no_time = true;
				return 0;
			}
			if (asked->forced == COLUMN_INT && !facts.whole)
				return refuse(b, column, f, "a whole number", err);
			if (asked->forced == COLUMN_ID &&
			    (!facts.whole || facts.rounded || facts.zero_led || *f->bytes == '+'))
				c->failed = c->failed_no_time = true;
			return 0;
		}
		if (asked->forced == COLUMN_INT || asked->forced == COLUMN_NUM)
			return refuse(b, column, f, asked->forced == COLUMN_INT ? "a whole number" : "a number", err);
		unfit(c, f);
		return 0;
	case CELL_TIME:
		if (time_parse(f->bytes, f->len, &ms)) {
			*out = (double)ms;
			return 0;
		}
		if (asked->forced == COLUMN_TIME)
			return refuse(b, column, f, "a time (2026-11-23, 2026-11-23 09:12:00, 2026-11-23T09:12:00Z)",
			              err);
		c->failed = c->failed_no_time = true;
		return 0;
	case CELL_BOOL:
		if (cell_bool(f->bytes, f->len, out))
			return 0;
		if (cell_number(f->bytes, f->len, out, &facts) && (*out == 0 || *out == 1))
			return 0;
		return refuse(b, column, f, "true or false, yes or no, 1 or 0", err);
	case CELL_CODES:
		break;
	}
	return 0;
}

static int check_header(const struct build *b, const struct field *fields, size_t count, struct error *err)
{
	if (count != b->column_count)
		return error_set(err, ERR_USAGE, "the header has %zu names; %zu are expected", count,
		                 b->column_count);
	if (b->check_header)
		for (size_t i = 0; i < count; i++) {
			size_t len = strlen(b->names[i]);

			/* A column without a name was given one (see table.c). */
			if (fields[i].len == 0 ? strncmp(b->names[i], "column_", 7) != 0
			                       : fields[i].len != len || memcmp(fields[i].bytes, b->names[i], len) != 0)
				return error_set(err, ERR_USAGE, "column %zu of the header is \"%.*s\"; \"%s\" is expected",
				                 i + 1, fields[i].len > 60 ? 60 : (int)fields[i].len, fields[i].bytes,
				                 b->names[i]);
		}
	return 0;
}

/* The scanner's own text lasts for one record only. */
static const char *keep_text(struct slice *s, const struct field *f)
{
	char *copy;

	if (!s->copies)
		s->copies = arena_new();
	copy = arena_alloc(s->copies, f->len + TEXT_SLACK);
	memcpy(copy, f->bytes, f->len);
	return copy;
}

static int on_record(void *user, uint64_t line, const struct field *fields, size_t count, struct error *err)
{
	struct slice *s = user;
	struct build *b = s->build;
	size_t row = s->rows;

	(void)line;
	if (s->header_due) {
		s->header_due = false;
		return check_header(b, fields, count, err);
	}
	if (count != b->column_count)
		return error_set(err, ERR_USAGE, "the record has %zu field%s; %zu %s expected", count,
		                 count == 1 ? "" : "s", b->column_count, b->column_count == 1 ? "is" : "are");
	if (row == s->row_cap)
		slice_room(s);
	for (size_t i = 0; i < count; i++) {
		const struct field *f = &fields[i];
		struct slice_column *c = &s->columns[i];
		bool coded = b->columns[i].mode == CELL_CODES;
		int missing = -1;

		if (f->len == 0 || b->missing.first[(unsigned char)f->bytes[0]])
			missing = missing_set_find(&b->missing, f->bytes, f->len);
		if (missing >= 0) {
			c->missing++;
			c->missing_by[missing]++;
			if (coded)
				c->texts[row].bytes = NULL;
			else
				c->values[row] = NAN;
		} else if (coded) {
			c->texts[row] = *f;
			if ((uintptr_t)f->bytes - (uintptr_t)s->bytes >= s->byte_count)
				c->texts[row].bytes = keep_text(s, f);
		} else if (cell_value(s, i, f, &c->values[row], err) < 0) {
			return -1;
		}
	}
	s->rows++;
	return 0;
}

static void slice_reset(struct slice *s)
{
	s->rows = 0;
	s->failed = false;
	arena_free(s->copies);
	s->copies = NULL;
	memset(&s->end, 0, sizeof(s->end));
	for (size_t i = 0; i < s->build->column_count; i++) {
		struct slice_column *c = &s->columns[i];

		memset(c->missing_by, 0, s->build->missing.count * sizeof(*c->missing_by));
		c->missing = 0;
		c->failed = c->failed_no_time = c->saw_number = c->rounded = false;
		c->all_whole = true;
	}
}

static int slice_fill(struct slice *s)
{
	size_t len = (size_t)(s->to - s->from);
	const char *nul;

	s->bytes = vec_reserve(s->bytes, &s->byte_cap, len + 1 + TEXT_SLACK, 1);
	if (source_read(s->source, s->from, s->bytes, len, &s->error) < 0)
		return -1;
	if (s->bytes[len - 1] != '\n')
		s->bytes[len++] = '\n';
	s->byte_count = len;
	nul = memchr(s->bytes, '\0', len);
	if (nul) {
		s->end.error_line = 1;
		for (const char *p = s->bytes; (p = memchr(p, '\n', (size_t)(nul - p))); p++)
			s->end.error_line++;
		return error_set(&s->error, ERR_USAGE,
		                 "holds a NUL byte: this is not text (a binary file, or UTF-16)");
	}
	return scan_bytes(s->scanner, &s->build->layout, s->bytes, len, s->last, on_record, s, &s->end,
	                  &s->error);
}

static void hash_range(struct batch *t)
{
	char *block = xmalloc(1 << 16);

	while (t->hashed_to < t->hash_end && !t->hash_failed) {
		size_t len = t->hash_end - t->hashed_to < 1 << 16 ? (size_t)(t->hash_end - t->hashed_to) : 1 << 16;
		/* The digest is of the bytes as they are. */
		struct source raw = *t->source;

		raw.cr_only = false;
		if (source_read(&raw, t->hashed_to, block, len, &t->hash_error) < 0)
			t->hash_failed = true;
		else
			sha256_add(t->hash, block, len);
		t->hashed_to += len;
	}
	free(block);
}

/* Chunk 0 hashes what the batch covers, the others parse. */
static void work(void *user, size_t chunk)
{
	struct batch *t = user;
	struct slice *s;

	if (chunk == 0) {
		hash_range(t);
		return;
	}
	s = &t->slices[chunk - 1];
	slice_reset(s);
	if (s->from < s->to && slice_fill(s) < 0)
		s->failed = true;
}

/* ---- joining ---- */

/* Room for `need` rows, at once for as many as the file seems to hold. Large pages save most of the
 * page faults of a large table; where there are none, the advice does nothing. */
static void *grown(void *items, size_t *cap, size_t need, size_t expected, size_t size)
{
	const size_t page = (size_t)2 << 20;
	uintptr_t from, to;

	if (need <= *cap)
		return items;
	items = vec_reserve(items, cap, need > expected ? need : expected, size);
	from = ((uintptr_t)items + page - 1) / page * page;
	to = ((uintptr_t)items + *cap * size) / page * page;
	if (to > from)
		madvise((void *)from, to - from, MADV_HUGEPAGE);
	return items;
}

/* The first bytes of a text as a number: alike for equal texts, on one machine. The slack behind a text is
 * read and masked out. */
static uint64_t packed(const char *bytes, size_t len)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	if (len >= sizeof(word))
		return word;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return len ? word & (~UINT64_C(0) >> (64 - 8 * len)) : 0;
#else
	return len ? word >> (64 - 8 * len) : 0;
#endif
}

/* The code of a text. Short ones, which come again and again, are looked for in a small table first: it
 * stays in the cache where the dictionary may not. */
static uint32_t code_of(struct build_column *c, const struct field *f)
{
	struct code_memo *m;
	uint64_t low, high;

	if (f->len > 2 * sizeof(low))
		return intern_add(c->dict, f->bytes, f->len);
	low = packed(f->bytes, f->len);
	high = f->len > sizeof(low) ? packed(f->bytes + sizeof(low), f->len - sizeof(low)) : 0;
	m = &c->memo[(low * 0x9E3779B97F4A7C15u ^ high * 0xC2B2AE3D27D4EB4Fu ^ f->len) >> 32 & (CODE_MEMO - 1)];
	if (m->len != f->len + 1 || m->low != low || m->high != high)
		*m = (struct code_memo){low, high, (uint32_t)f->len + 1, intern_add(c->dict, f->bytes, f->len)};
	return m->code;
}

static void join_column(void *user, size_t column)
{
	struct batch *t = user;
	struct build *b = t->build;
	struct build_column *c = &b->columns[column];
	size_t at = b->rows;

	if (c->mode == CELL_CODES && !c->memo)
		c->memo = xcalloc(CODE_MEMO, sizeof(*c->memo));
	if (c->mode == CELL_CODES)
		c->codes = grown(c->codes, &c->code_cap, at + t->rows, t->expected, sizeof(*c->codes));
	else
		c->values = grown(c->values, &c->value_cap, at + t->rows, t->expected, sizeof(*c->values));
	for (size_t i = 0; i < t->count; i++) {
		const struct slice *s = &t->slices[i];
		const struct slice_column *from = &s->columns[column];

		for (size_t k = 0; k < b->missing.count; k++)
			c->missing_by[k] += from->missing_by[k];
		c->missing += from->missing;
		c->failed = c->failed || from->failed;
		c->failed_no_time = c->failed_no_time || from->failed_no_time;
		c->saw_number = c->saw_number || from->saw_number;
		c->all_whole = c->all_whole && from->all_whole;
		c->rounded = c->rounded || from->rounded;
		if (s->rows == 0)
			continue;
		if (c->mode == CELL_CODES)
			for (size_t k = 0; k < s->rows; k++)
				c->codes[at + k] = from->texts[k].bytes ? code_of(c, &from->texts[k]) : CODE_MISSING;
		else
			memcpy(c->values + at, from->values, s->rows * sizeof(double));
		at += s->rows;
	}
}

/* ---- a whole source ---- */

static void slices_release(struct batch *t)
{
	for (size_t i = 0; i < t->made; i++) {
		struct slice *s = &t->slices[i];

		for (size_t k = 0; k < t->build->column_count; k++) {
			free(s->columns[k].values);
			free(s->columns[k].texts);
			free(s->columns[k].missing_by);
		}
		free(s->columns);
		free(s->bytes);
		arena_free(s->copies);
		scanner_free(s->scanner);
	}
	free(t->slices);
}

static void slices_make(struct batch *t, size_t count)
{
	t->count = t->made = count;
	t->slices = xcalloc(count, sizeof(*t->slices));
	for (size_t i = 0; i < count; i++) {
		struct slice *s = &t->slices[i];

		s->build = t->build;
		s->source = t->source;
		s->scanner = scanner_new();
		s->columns = xcalloc(t->build->column_count, sizeof(*s->columns));
		for (size_t k = 0; k < t->build->column_count; k++)
			s->columns[k].missing_by = xcalloc(t->build->missing.count, sizeof(uint64_t));
	}
}

/* Cuts [from, to of the file) into the batch's slices; *upto is where the batch ends. */
static int cut(struct batch *t, uint64_t from, size_t slice, uint64_t *upto, struct error *err)
{
	uint64_t at = from;

	for (size_t i = 0; i < t->count; i++) {
		struct slice *s = &t->slices[i];

		s->from = at;
		if (at < t->source->size && t->source->size - at > slice) {
			if (source_line_after(t->source, at + slice - 1, &at, err) < 0)
				return -1;
		} else {
			at = t->source->size;
		}
		s->to = at;
		s->last = at == t->source->size;
	}
	*upto = at;
	return 0;
}

/* The slice that ends within quotes takes the next ones in, until it ends between records (or the file ends).
 */
static int mend(struct batch *t, size_t open, bool header, uint64_t *upto, struct error *err)
{
	struct slice *s = &t->slices[open];
	uint64_t step = s->to - s->from;

	while (s->end.open && !s->last && !s->failed) {
		if (t->source->size - s->to > step) {
			if (source_line_after(t->source, s->to + step - 1, &s->to, err) < 0)
				return -1;
		} else {
			s->to = t->source->size;
		}
		s->last = s->to == t->source->size;
		step *= 2;
		slice_reset(s);
		s->header_due = header;
		if (slice_fill(s) < 0)
			s->failed = true;
	}
	/* What the batch had cut behind it was cut on a wrong assumption: it is read in the next batch. */
	for (size_t i = open + 1; i < t->count; i++) {
		t->slices[i].from = t->slices[i].to = s->to;
		slice_reset(&t->slices[i]);
	}
	*upto = s->to;
	return 0;
}

int build_source(struct build *b, const struct source *source, uint64_t from, uint64_t line,
                 char sha256[SHA256_TEXT], struct error *err)
{
	struct batch t = {.build = b, .source = source};
	size_t slice = b->slice ? b->slice : SLICE_BYTES;
	uint64_t left = source->size - from, at = from;
	size_t begin = b->rows, seen = 0;
	bool header = b->reading->header == READ_YES;
	struct sha256 hash;
	int rc = -1;

	sha256_init(&hash);
	t.hash = &hash;
	slices_make(&t, left / slice + 1 < BATCH_SLICES ? (size_t)(left / slice) + 1 : BATCH_SLICES);
	while (at < source->size) {
		uint64_t upto;

		/* Alone until the header is seen: which slice holds the first record is not known before. */
		t.count = header ? 1 : t.made;
		if (cut(&t, at, slice, &upto, err) < 0)
			goto out;
		for (size_t i = 0; i < t.count; i++)
			t.slices[i].header_due = header;
		t.hash_end = upto > t.hashed_to ? upto : t.hashed_to;
		parallel_chunks(t.count + 1, b->threads, work, &t);
		if (t.hash_failed) {
			*err = t.hash_error;
			goto out;
		}
		t.rows = 0;
		for (size_t i = 0; i < t.count; i++) {
			struct slice *s = &t.slices[i];

			if (s->end.open && !s->failed && !s->last && mend(&t, i, header, &upto, err) < 0)
				goto out;
			if (s->failed) {
				*err = s->error;
				if (err->code == ERR_USAGE)
					error_prefix(
					    err, "%s, line %llu", source->path,
					    (unsigned long long)(line + (s->end.error_line ? s->end.error_line - 1 : 0)));
				goto out;
			}
			line += s->end.lines;
			t.rows += s->rows;
		}
		seen += t.rows;
		t.expected = begin + (size_t)((double)seen * (double)left / (double)(upto - from) * 1.02) + 16;
		parallel_chunks(b->column_count, b->threads, join_column, &t);
		b->rows += t.rows;
		at = upto;
		header = header && t.slices[0].header_due;
	}
	t.hash_end = source->size;
	hash_range(&t);
	if (t.hash_failed) {
		*err = t.hash_error;
		goto out;
	}
	if (source_same(source, err) < 0)
		goto out;
	rc = 0;
out:
	sha256_end(&hash, sha256);
	slices_release(&t);
	return rc;
}
