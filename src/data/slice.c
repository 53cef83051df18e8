/* One slice: records into pieces of columns, some records at a time and then column by column: what is known of a column
 * is looked at once for all of these cells. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "prepare.h"
#include "slice.h"

enum { BLOCK_FIELDS = 1024 };

void slice_init(struct slice *s, struct build *b, const struct source *source)
{
	memset(s, 0, sizeof(*s));
	s->build = b;
	s->source = source;
	s->scanner = scanner_new();
	s->columns = xcalloc(b->column_count, sizeof(*s->columns));
	for (size_t k = 0; k < b->column_count; k++)
		s->columns[k].missing_by = xcalloc(b->missing.count, sizeof(uint64_t));
	s->block_cap = b->column_count < BLOCK_FIELDS ? BLOCK_FIELDS / b->column_count : 1;
	s->block = xcalloc(size_mul(s->block_cap, b->column_count), sizeof(*s->block));
	s->block_lines = xcalloc(s->block_cap, sizeof(*s->block_lines));
}

void slice_release(struct slice *s)
{
	for (size_t k = 0; k < s->build->column_count; k++) {
		free(s->columns[k].values);
		free(s->columns[k].packed);
		free(s->columns[k].texts);
		free(s->columns[k].missing_by);
		free(s->columns[k].spelled);
	}
	free(s->columns);
	free(s->bytes);
	free(s->block);
	free(s->block_lines);
	scanner_free(s->scanner);
}

/* For as many rows as the slice has room for. */
static void column_room(const struct slice *s, struct slice_column *c)
{
	if (c->mode == CELL_CODES)
		c->texts = vec_reserve(c->texts, &c->text_cap, s->row_cap, sizeof(*c->texts));
	else if (c->packs)
		c->packed = vec_reserve(c->packed, &c->packed_cap, s->row_cap, sizeof(*c->packed));
	else
		c->values = vec_reserve(c->values, &c->value_cap, s->row_cap, sizeof(*c->values));
}

void slice_reset(struct slice *s, size_t rows)
{
	if (s->row_cap < rows)
		s->row_cap = rows;
	s->rows = 0;
	s->failed = s->not_utf8 = false;
	s->block_rows = 0;
	s->bad_line = 0;
	memset(&s->end, 0, sizeof(s->end));
	for (size_t i = 0; i < s->build->column_count; i++) {
		const struct build_column *b = &s->build->columns[i];
		struct slice_column *c = &s->columns[i];

		memset(c->missing_by, 0, s->build->missing.count * sizeof(*c->missing_by));
		c->missing = 0;
		c->failed = c->failed_no_time = c->saw_number = c->rounded = c->unpackable = false;
		c->all_whole = true;
		/* Where the column has given up, the slice need not try. */
		c->mode = b->mode;
		c->packs = b->mode == CELL_NUM && !b->unpackable;
		c->decimals = 0;
		if (!b->skipped)
			column_room(s, c);
	}
}

static void slice_room(struct slice *s)
{
	s->row_cap += s->row_cap / 2 + s->block_cap;
	for (size_t i = 0; i < s->build->column_count; i++)
		if (!s->build->columns[i].skipped)
			column_room(s, &s->columns[i]);
}

/* ---- numbers ---- */

static int refuse(const struct build *b, size_t column, const struct field *f, const char *what,
                  struct error *err)
{
	int shown = f->len > 60 ? 60 : (int)f->len;

	return error_set(err, ERR_USAGE, "column %zu (%s): \"%.*s%s\" is not %s", column + 1, b->names[column],
	                 shown, f->bytes, f->len > 60 ? "…" : "", what);
}

/* From here on the piece holds doubles. */
static void unpack(struct slice *s, struct slice_column *c, size_t rows)
{
	c->values = vec_reserve(c->values, &c->value_cap, s->row_cap, sizeof(*c->values));
	packed_values(c->packed, rows, c->decimals, c->values);
	c->packs = false;
	c->decimals = 0;
	c->unpackable = true;
}

/* A decimal with other decimals than those before it, or one that does not fit. */
static void put_other(struct slice *s, struct slice_column *c, size_t row, struct decimal d)
{
	if (c->packs && d.decimals > c->decimals) {
		if (packed_rescale(c->packed, row, d.decimals - c->decimals))
			c->decimals = d.decimals;
		else
			unpack(s, c, row);
	}
	if (c->packs && !packed_from(&d, c->decimals, &c->packed[row]))
		unpack(s, c, row);
	if (!c->packs)
		c->values[row] = decimal_value(&d);
}

static void put_missing(struct slice_column *c, size_t row)
{
	if (c->packs)
		c->packed[row] = PACKED_MISSING;
	else
		c->values[row] = NAN;
}

static inline bool put_if_missing(struct slice *s, struct slice_column *c, size_t row, const struct field *f)
{
	const struct missing_set *m = &s->build->missing;
	int spelling;

	if (f->len > 0 && !m->first[(unsigned char)f->bytes[0]])
		return false;
	spelling = missing_set_find(m, f->bytes, f->len);
	if (spelling < 0)
		return false;
	if (s->build->spellings) {
		c->spelled = vec_reserve(c->spelled, &c->spelled_cap, c->missing + 1, sizeof(*c->spelled));
		c->spelled[c->missing] = (uint32_t)spelling;
	}
	c->missing++;
	c->missing_by[spelling]++;
	if (c->mode == CELL_CODES)
		c->texts[row].len = TEXT_MISSING;
	else
		put_missing(c, row);
	return true;
}

/* What a number says of its column. */
static inline int note_number(struct slice *s, size_t column, const struct field *f,
                              struct number_facts facts, struct error *err)
{
	const enum column_type forced = s->build->columns[column].forced;
	struct slice_column *c = &s->columns[column];

	c->saw_number = true;
	c->all_whole = c->all_whole && facts.whole;
	c->rounded = c->rounded || facts.rounded;
	if (forced == COLUMN_GUESS) {
		/* 00123 is a code: as a number it would lose its zeros. */
		if (facts.zero_led)
			c->failed = c->failed_no_time = true;
		return 0;
	}
	if (forced == COLUMN_INT && !facts.whole)
		return refuse(s->build, column, f, "a whole number", err);
	if (forced == COLUMN_ID && (!facts.whole || facts.rounded || facts.zero_led || *f->bytes == '+'))
		c->failed = c->failed_no_time = true;
	return 0;
}

/* No plain decimal: beyond 2^53, with an exponent, infinite, with blanks around it … or no number at all. */
static int put_other_number(struct slice *s, size_t column, size_t row, const struct field *f,
                            struct error *err)
{
	const enum column_type forced = s->build->columns[column].forced;
	struct slice_column *c = &s->columns[column];
	struct number_facts facts;
	double value;
	int64_t ms;

	if (cell_number(f->bytes, f->len, &value, &facts)) {
		if (c->packs)
			unpack(s, c, row);
		c->values[row] = value;
		return note_number(s, column, f, facts, err);
	}
	if (forced == COLUMN_INT || forced == COLUMN_NUM)
		return refuse(s->build, column, f, forced == COLUMN_INT ? "a whole number" : "a number", err);
	put_missing(c, row);
	c->failed = true;
	c->failed_no_time = c->failed_no_time || !time_parse(f->bytes, f->len, &ms);
	return 0;
}

static int put_numbers(struct slice *s, size_t column, const struct field *f, size_t rows, struct error *err)
{
	struct slice_column *c = &s->columns[column];
	const size_t stride = s->build->column_count;
	struct decimal d;

	for (size_t row = s->rows; rows > 0; rows--, row++, f += stride) {
		if (put_if_missing(s, c, row, f))
			continue;
		/* A cell like this one was there before, and said what there is to say of the column. */
		if ((unsigned)c->decimals - 1 < DECIMALS_ALIKE &&
		    decimal_parse_alike(f->bytes, f->len, c->decimals, &c->packed[row]))
			continue;
		if (decimal_parse(f->bytes, f->len, &d)) {
			struct number_facts facts = {.whole = d.whole, .zero_led = d.zero_led};

			/* First, since one that is refused is no cell that others are like. */
			if (note_number(s, column, f, facts, err) < 0)
				return -1;
			if (c->packs && d.decimals == c->decimals && d.mantissa - d.negative < INT32_MAX)
				c->packed[row] = d.negative ? -(int32_t)d.mantissa : (int32_t)d.mantissa;
			else
				put_other(s, c, row, d);
		} else if (put_other_number(s, column, row, f, err) < 0) {
			return -1;
		}
	}
	return 0;
}

static int put_time(struct slice *s, size_t column, size_t row, const struct field *f, struct error *err)
{
	struct slice_column *c = &s->columns[column];
	int64_t ms;

	if (time_parse(f->bytes, f->len, &ms)) {
		c->values[row] = (double)ms;
		return 0;
	}
	if (s->build->columns[column].forced == COLUMN_TIME)
		return refuse(s->build, column, f, "a time (2026-11-23, 2026-11-23 09:12:00, 2026-11-23T09:12:00Z)",
		              err);
	c->values[row] = NAN;
	c->failed = c->failed_no_time = true;
	return 0;
}

static int put_bool(struct slice *s, size_t column, size_t row, const struct field *f, struct error *err)
{
	double *value = &s->columns[column].values[row];
	struct number_facts facts;

	if (cell_bool(f->bytes, f->len, value))
		return 0;
	if (cell_number(f->bytes, f->len, value, &facts) && (*value == 0 || *value == 1))
		return 0;
	return refuse(s->build, column, f, "true or false, yes or no, 1 or 0", err);
}

/* ---- texts ---- */

static void put_text(struct text *t, const struct field *f)
{
	/* Twelve bytes from here minus a length: as many to keep, the rest zeros. */
	static const unsigned char keep[2 * TEXT_SHORT] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	                                                   0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	t->len = (uint32_t)f->len;
	if (f->len <= TEXT_SHORT) {
		const unsigned char *mask = keep + TEXT_SHORT - f->len;
		uint32_t start, start_mask;
		uint64_t rest, rest_mask;

		memcpy(&start, f->bytes, sizeof(start));
		memcpy(&start_mask, mask, sizeof(start_mask));
		memcpy(&rest, f->bytes + sizeof(start), sizeof(rest));
		memcpy(&rest_mask, mask + sizeof(start), sizeof(rest_mask));
		start &= start_mask;
		rest &= rest_mask;
		memcpy(t->start, &start, sizeof(start));
		memcpy(t->rest, &rest, sizeof(rest));
		return;
	}
	memcpy(t->start, f->bytes, sizeof(t->start));
	t->bytes = f->bytes;
}

/* ---- records ---- */

static int check_header(const struct build *b, const struct field *fields, size_t count, struct error *err)
{
	if (count != b->column_count)
		return error_set(err, ERR_USAGE, "the header has %zu names; %zu are expected", count,
		                 b->column_count);
	if (b->check_header)
		for (size_t i = 0; i < count; i++) {
			const struct field name = header_name(&fields[i]);
			size_t len = strlen(b->names[i]);

			/* A column without a name was given one (see prepare.c). */
			if (name.len == 0 ? strncmp(b->names[i], "column_", 7) != 0
			                  : name.len != len || memcmp(name.bytes, b->names[i], len) != 0)
				return error_set(err, ERR_USAGE, "column %zu of the header is \"%.*s\"; \"%s\" is expected",
				                 i + 1, fields[i].len > 60 ? 60 : (int)fields[i].len, fields[i].bytes,
				                 b->names[i]);
		}
	return 0;
}

/* The cells of a column in `rows` records, which are the slice's next. */
static int put_column(struct slice *s, size_t column, const struct field *f, size_t rows, struct error *err)
{
	struct slice_column *c = &s->columns[column];
	const size_t stride = s->build->column_count;
	int rc = 0;

	if (s->build->columns[column].skipped)
		return 0;
	if (c->mode == CELL_NUM)
		return put_numbers(s, column, f, rows, err);
	for (size_t row = s->rows; rows > 0 && rc == 0; rows--, row++, f += stride) {
		if (put_if_missing(s, c, row, f))
			continue;
		if (c->mode == CELL_CODES)
			put_text(&c->texts[row], f);
		else if (c->mode == CELL_TIME)
			rc = put_time(s, column, row, f, err);
		else
			rc = put_bool(s, column, row, f, err);
	}
	return rc;
}

/* The records that wait, into columns. Of several cells to be refused it is the first of the file that is spoken of:
 * when there is one, the records are gone through one by one. */
static int put_block(struct slice *s, struct error *err)
{
	const size_t columns = s->build->column_count, rows = s->block_rows;
	int rc = 0;

	s->block_rows = 0;
	if (progress_stop(s->build->progress))
		return progress_stopped(err);
	while (s->row_cap < s->rows + rows)
		slice_room(s);
	for (size_t i = 0; i < columns && rc == 0; i++)
		rc = put_column(s, i, s->block + i, rows, err);
	if (rc == 0) {
		s->rows += rows;
		return 0;
	}
	for (size_t k = 0; k < rows; k++, s->rows++)
		for (size_t i = 0; i < columns; i++)
			if (put_column(s, i, s->block + k * columns + i, 1, err) < 0) {
				s->bad_line = s->block_lines[k];
				return -1;
			}
	bug("a cell was refused once and then taken");
}

static int on_record(void *user, uint64_t line, const struct field *fields, size_t count, struct error *err)
{
	struct slice *s = user;
	const struct build *b = s->build;

	if (s->header_due) {
		s->header_due = false;
		return check_header(b, fields, count, err);
	}
	if (count != b->column_count)
		return error_set(err, ERR_USAGE, "the record has %zu field%s; %zu %s expected", count,
		                 count == 1 ? "" : "s", b->column_count, b->column_count == 1 ? "is" : "are");
	memcpy(s->block + s->block_rows * count, fields, count * sizeof(*fields));
	s->block_lines[s->block_rows++] = line;
	return s->block_rows < s->block_cap ? 0 : put_block(s, err);
}

/* Whole lines; `nul`: in the one behind them is a NUL byte. */
static int scan_to(struct slice *s, size_t len, bool nul)
{
	int rc = scan_bytes(s->scanner, &s->build->layout, s->bytes, len, s->last && !nul, on_record, s, &s->end,
	                    &s->error);

	/* A cell of a record that waits comes before whatever stopped the scan. */
	if (s->bad_line == 0 && put_block(s, &s->error) < 0)
		rc = -1;
	if (s->bad_line)
		s->end.error_line = s->bad_line;
	if (rc == 0 && nul) {
		s->end.error_line = 1;
		for (const char *p = s->bytes; p < s->bytes + len; p++)
			s->end.error_line += *p == '\n';
		rc = error_set(&s->error, ERR_USAGE, "holds a NUL byte: this is not text (a binary file, or UTF-16)");
	}
	return rc;
}

static int fill(struct slice *s)
{
	size_t len = (size_t)(s->to - s->from);
	const char *nul;

	s->bytes = vec_anew(s->bytes, &s->byte_cap, len + 1 + FIELD_SLACK, 1);
	if (source_read(s->source, s->from, s->bytes, len, &s->error) < 0)
		return -1;
	if (s->bytes[len - 1] != '\n')
		s->bytes[len++] = '\n';
	memset(s->bytes + len, 0, FIELD_SLACK);
	/* What is wrong in the lines before it is said first, wherever slices are cut. */
	nul = memchr(s->bytes, '\0', len);
	if (nul) {
		const char *line = memrchr(s->bytes, '\n', (size_t)(nul - s->bytes));

		return scan_to(s, line ? (size_t)(line - s->bytes) + 1 : 0, true);
	}
	if (s->build->check_utf8) {
		struct utf8_count u = {0};

		utf8_count(&u, s->bytes, len);
		s->not_utf8 = u.bad > 0;
	}
	return scan_to(s, len, false);
}

void slice_fill(struct slice *s)
{
	if (s->from < s->to && fill(s) < 0)
		s->failed = true;
}
