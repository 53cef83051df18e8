/*
 * A slice: whole lines of a source, read and turned into pieces of columns by one thread; and a batch of
 * them, which is joined to the table in order. Shared by build.c, slice.c and join.c.
 */
#ifndef ASSAY_DATA_SLICE_H
#define ASSAY_DATA_SLICE_H

#include "internal.h"

/* A text until it has its code: a short one whole (start and rest, zeros behind it), a longer one by its place in
 * the slice's bytes or its scanner's. */
enum { TEXT_SHORT = 12 };
#define TEXT_MISSING UINT32_MAX
struct text {
	uint32_t len;
	char start[4];
	union {
		char rest[TEXT_SHORT - 4];
		const char *bytes;
	};
};

struct slice_column {
	/* One of the three by the column's mode; of numbers: packed decimals unless one did not fit. */
	double *values;
	int32_t *packed;
	struct text *texts;
	size_t value_cap, packed_cap, text_cap;
	enum cell_mode mode;
	int decimals; /* of packed; 0 as well where it does not pack */
	bool packs;
	uint64_t *missing_by;
	uint32_t *spelled; /* of each missing cell, if these are kept */
	size_t spelled_cap;
	size_t missing;
	bool failed, failed_no_time, saw_number, all_whole, rounded, unpackable;
};

struct slice {
	struct build *build;
	const struct source *source;
	struct scanner *scanner;
	uint64_t from, to; /* bytes of the source */
	bool last;
	char *bytes; /* with FIELD_SLACK behind them */
	size_t byte_cap;
	struct slice_column *columns;
	size_t rows, row_cap;
	/* Records that wait for their turn: columns are filled some cells at a time. */
	struct field *block;
	uint64_t *block_lines;
	size_t block_rows, block_cap;
	uint64_t bad_line; /* of a cell that was refused; 0: none was */
	bool header_due;
	struct scan_end end;
	struct error error;
	bool failed, not_utf8;
};

void slice_init(struct slice *s, struct build *b, const struct source *source);
void slice_release(struct slice *s);
void slice_reset(struct slice *s,
                 size_t rows); /* empty, for other bytes, which are likely to hold so many rows */
/* Reads its bytes into pieces of columns; failed and error say if that went wrong. */
void slice_fill(struct slice *s);

struct batch {
	struct slice *slices;
	size_t count;    /* in use */
	size_t rows;     /* of all of them */
	size_t expected; /* rows of the table after this source, from what was read of it */
};
/* Adds the batch's pieces of one column to the table's. Columns are independent of each other. */
void join_column(struct build *b, const struct batch *t, size_t column);

#endif
