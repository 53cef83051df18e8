/*
 * data, inside: the layout of bytes, the source they come from, the scanner that cuts them into
 * records, the builder that turns records into columns. Nothing outside src/data includes this.
 */
#ifndef ASSAY_DATA_INTERNAL_H
#define ASSAY_DATA_INTERNAL_H

#include "assay/base_unpack.h"
#include "assay/data.h"

/* ---- source: the bytes of one file (or memory) ---- */

/* As they are cut into records: unpacked, in UTF-8 (or, if nothing better is known, as they stand). A plain file is
 * read at any place by several threads. What is packed, in another encoding or comes through a pipe is a stream: its
 * bytes are made in order by one thread and stand in a window that the others read. */
struct source {
	const char *path;
	int fd;             /* -1: memory */
	const char *memory; /* whole content where fd is -1 */
	bool pipe;          /* bytes come but once */
	uint64_t raw_size;  /* when it was opened */
	uint64_t size;      /* of a stream: so many are there by now (source_reach) */
	uint64_t start;     /* after a byte order mark */
	bool cr_only;       /* lines end with CR alone: read as LF */
	enum packing packing;
	enum encoding encoding; /* of this file */
	bool bom;
	struct stream *stream;           /* NULL: none is needed */
	const struct progress *progress; /* looked at where bytes are waited for; NULL: nobody stops them */
	int64_t seen[4];
};
/* "-" is the standard input. */
int source_open(struct source *s, const char *path, struct error *err);
void source_memory(struct source *s, const char *name, const void *bytes, size_t len);
/* Packing, byte order mark, line ends, binary: looks at the beginning only. `said`: the encoding, or READ_GUESS. */
int source_look(struct source *s, int said, struct error *err);
void source_close(struct source *s);
/* To the beginning, for another pass. */
void source_rewind(struct source *s);
/* Makes size reach `upto`, or the end. Not while another thread reads. */
void source_reach(struct source *s, uint64_t upto);
/* There is nothing at or after `at`. */
bool source_ends(struct source *s, uint64_t at);
/* Fills out[0..len) with the bytes from `from`; CR is LF where cr_only. Exactly len or an error. */
int source_read(const struct source *s, uint64_t from, char *out, size_t len, struct error *err);
/* The place after the first line end at or after `from` (size at the end). 1: the line is too long; then *after is where
 * it begins, if that is behind `least`, or else `least`. */
int source_line_after(struct source *s, uint64_t least, uint64_t from, uint64_t *after, struct error *err);
int source_too_long(const struct source *s, uint64_t line, struct error *err);
/* Says so if the file is no longer what it was when it was opened. */
int source_same(const struct source *s, struct error *err);
/* What has ended the bytes before their time (damaged, cut off, no text), which is in line `line`: -1. A stream ends
 * before that line then, so that what is wrong earlier is said first. */
int source_fault(const struct source *s, uint64_t line, struct error *err);
/* The bytes as they stand in the file: how many. */
uint64_t source_raw_size(const struct source *s);

/* ---- stream ---- */

struct stream *stream_new(struct source *s);
void stream_free(struct stream *t);
/* Begins anew, its bytes being packed and encoded like this. */
void stream_begin(struct stream *t, enum packing packing, enum encoding encoding, bool big_endian);
ssize_t stream_peek(struct stream *t, void *bytes, size_t len); /* the first of the file; -1: errno */
/* The first bytes unpacked, before they are UTF-8: at most len. Begins anew afterwards (stream_begin). */
size_t stream_head(struct stream *t, char *bytes, size_t len);
void stream_rewind(struct stream *t); /* anew, unless nothing of it is gone */
void stream_reach(struct stream *t, uint64_t upto);
/* Bytes before `before` are not needed again in this pass. */
void stream_drop(struct stream *t, uint64_t before);
/* Makes `len` bytes for a later stream_reach, while other threads read what is there. */
void stream_ahead(struct stream *t, size_t len);
void stream_copy(const struct stream *t, uint64_t from, char *out, size_t len);
const struct error *stream_fault(const struct stream *t); /* or NULL */
uint64_t stream_raw_size(const struct stream *t);
/* Of all bytes of the file as they stand there, once the stream has ended. */
void stream_digest(struct stream *t, char hex[SHA256_TEXT]);

/* ---- encoding ---- */

/* Bytes as UTF-8, over any number of pieces: zeroed at first. */
struct utf8_count {
	uint64_t good, bad;                  /* letters of more than one byte; bytes that belong to none */
	uint64_t lines, bad_line, good_line; /* line ends passed; the first line (from 1) with such, 0: none */
	int due;                             /* bytes of a letter that are still to come */
	unsigned char low, high;             /* what the next of them may be */
	bool count_lines;
};
void utf8_count(struct utf8_count *u, const char *bytes, size_t len);
/* A letter that the bytes end within is none. */
void utf8_count_end(struct utf8_count *u);

/* Letters to UTF-8, over any number of pieces: zeroed at first. */
struct transcoder {
	enum encoding encoding; /* UTF-16 or Latin-1 */
	bool big_endian;
	bool begun; /* a byte order mark is behind us */
	unsigned char odd;
	bool has_odd;
	uint16_t high; /* half of a pair that waits for the other; 0: none */
};
/* NULL, or what is wrong behind what was added. */
const char *transcode(struct transcoder *t, const char *bytes, size_t len, struct str *out);
const char *
transcode_end(const struct transcoder *t); /* the bytes end here: NULL, or what is wrong with that */

/* ---- structure: where certain bytes stand ---- */

enum { STRUCTURE_BYTES = 5, STRUCTURE_SLACK = 64 };

struct structure {
	char byte[STRUCTURE_BYTES]; /* those looked for, some of them twice */
	bool member[256];
	char none; /* a byte that is not looked for */
	size_t (*find)(const struct structure *s, const char *bytes, size_t len, uint32_t *places);
};
/* `count` of them, 1 to STRUCTURE_BYTES. */
void structure_init(struct structure *s, const char *bytes, size_t count, enum scan_level level);
/* Their places in bytes[0..len), rising, and how many. `places` has room for len + STRUCTURE_SLACK; what stands
 * behind the last place is lost. */
size_t structure_find(const struct structure *s, const char *bytes, size_t len, uint32_t *places);

/* ---- layout and scanner ---- */

struct layout {
	unsigned char delimiter;
	bool blanks; /* delimiter is runs of blanks and tabs */
	bool trim;
	int quote;    /* 0: none */
	int comment;  /* 0: none */
	int end_mark; /* 0: none */
	size_t max_field;
	bool libcsv_only;
	enum scan_level level;
};

struct field {
	const char *bytes; /* not NUL-terminated; there until the scanner's next scan */
	size_t len;
};
/* Bytes behind a field that may be read (and mean nothing), so that it can be loaded in whole words. */
enum { FIELD_SLACK = 16 };

/* One record; `line` counts from 1 in the scanned bytes. -1 with *err stops the scan. */
typedef int record_fn(void *user, uint64_t line, const struct field *fields, size_t count, struct error *err);

struct scanner; /* reusable, one a thread */
struct scanner *scanner_new(void);
void scanner_free(struct scanner *s);
struct scan_end {
	uint64_t lines;      /* lines passed */
	uint64_t error_line; /* where an error is */
	bool open;           /* the bytes end within a quoted field */
	uint64_t open_line;  /* where the record of that begins */
};
/* Bytes begin at a line and end with LF. `last`: nothing follows, so an open quote is an error;
 * otherwise it is only told in end->open. */
int scan_bytes(struct scanner *s, const struct layout *l, const char *bytes, size_t len, bool last,
               record_fn *fn, void *user, struct scan_end *end, struct error *err);

/* ---- guessing the encoding and the layout ---- */

struct note_list {
	char **items;
	size_t count, cap;
};
void note_add(struct note_list *n, const char *format, ...) PRINTF_LIKE(2, 3);
void note_list_release(struct note_list *n);

/* Goes through all bytes of all sources, which are taken as UTF-8 and are not, and sets r->encoding: Latin-1 if more
 * bytes are wrong than letters are right. Says so. */
int guess_encoding(struct reading *r, struct source *sources, size_t count, struct progress *progress,
                   struct note_list *notes, struct error *err);
/* Fills what is READ_GUESS in *r (delimiter … end_mark) from the first bytes of the first file (whole lines),
 * and says what it found. */
void guess_layout(struct reading *r, const char *bytes, size_t len, struct note_list *notes);
void layout_from(struct layout *l, const struct reading *r, const struct table_options *o);

/* As reading_find, quick where the columns stand in the order of the file; and a column that is not there yet. */
const struct reading_column *reading_find_at(const struct reading *r, size_t at, const char *name);
struct reading_column *reading_add_column(struct reading *r, const char *name);

/* ---- cells ---- */

enum cell_mode { CELL_NUM, CELL_TIME, CELL_BOOL, CELL_CODES };

struct missing_set {
	const char **texts;
	size_t *lens;
	size_t count;
	bool first[256]; /* a spelling begins with this byte */
	int empty;       /* index of "", or -1 */
};
void missing_set_init(struct missing_set *m, const struct reading *r);
void missing_set_release(struct missing_set *m);
/* Index of the spelling, or -1. */
int missing_set_find(const struct missing_set *m, const char *bytes, size_t len);

struct number_facts {
	bool whole;    /* written as a whole number */
	bool zero_led; /* a whole number with a zero before other digits */
	bool rounded;  /* beyond 2^53 */
};
bool cell_number(const char *bytes, size_t len, double *value, struct number_facts *facts);
bool cell_bool(const char *bytes, size_t len, double *value);

/* A value of a numeric column as text; `out` has TIME_TEXT bytes. */
const char *value_text(enum column_type type, double value, char *out);

/* Whether two different values occur in its rows. */
bool column_varies(const struct column *c, size_t rows);
/* The number that a label's positive value stands for in a column of this type; false if it can be none. */
bool column_positive(enum column_type type, const char *positive, double *value);

/* ---- builder: records into columns ---- */

struct build_column {
	/* asked */
	enum cell_mode mode;
	enum column_type forced; /* COLUMN_GUESS: free */
	bool passing;            /* its rows are not kept (table_options.only) */
	bool skipped;            /* another pass has it (passes.c): nothing of it is looked at */
	bool pack;               /* keep decimals packed while they fit */
	bool small_pages;        /* no more memory than rows ask for, though it takes longer */
	/* found so far, over all slices */
	double *values;
	int32_t *packed; /* in the place of values while `packs` */
	uint32_t *codes;
	size_t value_cap, packed_cap, code_cap;
	int decimals; /* of packed */
	bool packs;
	struct intern *dict;
	size_t dict_weighed, dict_bytes; /* so many of its texts take so many bytes (sink.c) */
	struct code_memo *memo;          /* join.c */
	size_t memo_size;
	uint64_t *missing_by;
	uint32_t *spelled;    /* as column.spelled, behind those of rows that were taken: */
	size_t missing_taken; /* so many */
	size_t spelled_cap;
	size_t missing;
	bool failed;         /* a value does not fit the mode: another pass is needed */
	bool failed_no_time; /* ... and it is no time either */
	bool saw_number;
	bool all_whole, rounded;
	bool unpackable; /* a cell is no decimal that fits with the others */
};

struct build {
	const struct reading *reading; /* with layout and names */
	struct layout layout;
	struct missing_set missing;
	const char *const *names;
	struct build_column *columns;
	size_t column_count;
	size_t rows;
	int threads;
	size_t slice;
	bool pack;
	bool spellings; /* each missing cell's is kept */
	bool no_digest;
	bool check_header;         /* the file's first record must be these names */
	bool guess_utf8;           /* what is not UTF-8 is to be found out: */
	bool check_utf8;           /* of this file */
	bool not_utf8;             /* and it was */
	struct progress *progress; /* bytes of the files as they stand; may be NULL */
	struct sink *sink;         /* NULL: all rows stay */
	struct passes *passes;     /* NULL: one has all columns */
	uint64_t reading_bytes;    /* as sink.reading */
	uint64_t most_bytes;       /* reading ends once the columns take so many; 0: never */
	bool cut;                  /* it has */
	uint64_t taken;            /* rows of this pass that it has taken: row 0 is the one behind them */
};
/* Adds the records of one source from byte `from`, which is line `line` of it; hashes all of its bytes. */
int build_source(struct build *b, struct source *s, uint64_t from, uint64_t line, char sha256[SHA256_TEXT],
                 struct error *err);

/* ---- sink: rows are taken away while files are read ---- */

struct sink {
	uint64_t bytes;   /* columns of about so many are taken; the sink may change it */
	uint64_t reading; /* bytes for what is between the file and the columns, about; 0: as many as are quick */
	bool always;      /* be they ever so few */
	/* A pass begins: nothing has been taken. */
	void (*begin)(struct sink *s, const struct build *b);
	/* Rows [0, b->rows) of every column; no row is there afterwards. */
	int (*take)(struct sink *s, struct build *b, struct error *err);
	/* The last pass has ended and everything was taken: sets types, as resolve_columns. */
	int (*resolve)(struct sink *s, struct table *t, struct build *b, const struct reading *asked,
	               struct note_list *notes, struct error *err);
};
/* Columns of so many bytes fit the memory, with what profile_table needs beside them. */
uint64_t sink_keep(const struct build *b, uint64_t memory, int threads);
/* Rows of so many bytes of columns, as these are now. */
size_t build_rows_within(const struct build *b, uint64_t bytes);
size_t sink_rows(const struct build *b);
/* What the columns take, with their texts. */
uint64_t build_bytes(struct build *b);
/* Between two batches: they are taken if they are many, or `end` and there were any before. */
int sink_offer(struct build *b, bool end, struct error *err);
/* The slices of a batch and the bytes of one, for its memory. */
void sink_slices(const struct build *b, size_t *slices, size_t *bytes);
/* Dictionaries begin anew, and what they are looked up by. */
void build_forget_texts(struct build_column *c);
void build_forget_rows(struct build_column *c); /* gives their memory back */
/* As table_read; rows that the sink takes are not in *t. passes: as table_read_passes, or NULL. */
int table_read_into(struct table *t, const char *const paths[], size_t path_count, const struct reading *r,
                    const struct table_options *options, struct sink *sink, struct table_passes *passes,
                    struct error *err);
/* What a column of so many rows takes, as it is now, and its different texts. */
size_t build_row_bytes(const struct build_column *c);
uint64_t build_text_bytes(struct build_column *c);
uint64_t build_memo_bytes(size_t size); /* of a memo of this size, or of the largest (SIZE_MAX); join.c */
/* How to read a column that does not hold what it was taken for. */
enum cell_mode build_other_mode(const struct build_column *c);
/* Bytes that may be taken: so many were asked for; 0: half of what is free. */
uint64_t memory_allowed(uint64_t said);
/* So many threads, or fewer: each keeps memory of its own. */
int memory_threads(int threads, uint64_t memory);

/* What many threads asked for and freed lies in pieces that the C library would keep: tens of megabytes, beside which
 * the next large array then takes new ones. This gives them back; it takes a while. */
void memory_give_back(void);

/* ---- passes, each over some of the columns: passes.c ---- */

struct column_facts;
struct passes *passes_new(struct table_passes *asked);
void passes_free(struct passes *p); /* NULL is fine */
/* A pass begins, over columns whose first modes are known, from so many bytes of files (0: who knows). Whether there was
 * one before it. p NULL: the only one. */
bool passes_begin(struct passes *p, struct build *b, uint64_t bytes);
/* A file begins, behind others of so many bytes. */
void passes_file(struct passes *p, uint64_t before);
/* So many bytes of the file were read. Columns are put off where they will not all fit. ERR_ENV: not even one does. */
int passes_look(struct build *b, uint64_t passed, struct error *err);
/* Rows that columns are made for at once: not so many that there is no room for them. */
size_t passes_expected(const struct build *b, size_t expected, size_t more);
/* Of a column that must be read again, its mode being another now: whether another pass does that. */
bool passes_put_off(struct build *b, size_t column);
/* What tells the type of a column that is not here: what is known, or nothing. */
void passes_facts(const struct passes *p, size_t column, struct column_facts *f);
/* What was read has its types. */
void passes_end(struct build *b, const struct table *t, const struct column_facts *facts);
/* Gives what was read to whom it is for, if it is not all; *rc says how that went. Whether there is more to read. */
bool passes_take(struct passes *p, const struct table *t, struct error *err, int *rc);

/* Large pages save most of the page faults of a large array, and make it quicker to jump about in; where there are
 * none, the advice does nothing. For arrays that are to be filled. */
void large_pages(void *items, size_t bytes);
/* An array that fills its large pages from the first byte to the last, where little of the last one is lost: *bytes
 * grows to that. */
void *large_array(size_t *bytes);

/* ---- resolving ---- */

enum { TRUTH_WORDS_MOST = 16 }; /* so many spellings of them may be there */

/* What tells the type of a column, once all of its values were seen. */
struct column_facts {
	enum cell_mode mode;
	enum column_type forced;
	bool saw_number, all_whole, rounded;
	uint64_t rows, missing;
	/* of texts: */
	uint64_t distinct, bytes; /* different ones, and the bytes of these */
	bool truth_words;         /* there are some, TRUTH_WORDS_MOST at most, and no other texts */
	bool all_numbers;         /* each reads as a number */
	uint64_t not_utf8;        /* the first that is not, from 1; UINT64_MAX: there is one; 0: there is none */
	/* Asked only where it matters, of a column without missing values; says so where that is not certain. */
	bool (*all_different)(const struct column_facts *f, struct note_list *notes);
	const void *of;
};
bool called_id(const char *name); /* "id", "loan_id" … */
bool utf8_valid(const unsigned char *bytes, size_t len);
/* Fills what is told from different texts. */
void column_facts_texts(struct column_facts *f, const struct intern *dict);
enum column_type column_type_of(const char *name, unsigned roles, const struct column_facts *f,
                                struct note_list *notes);
/* Sets types and roles of the columns, and the reading's; checks nothing. */
void resolve_types(struct table *t, const struct column_facts *facts, const struct reading *asked,
                   struct note_list *notes);
/* Sets types and roles of the table's columns from what was built. */
int resolve_columns(struct table *t, struct build *b, const struct reading *asked, struct note_list *notes,
                    struct error *err);

/* Roles that types do not go with; weights and a positive value, if the columns are here. */
/* Of a weight that stats_weights_check does not allow, in this row (from 0) of all files: always -1. */
int weight_refused(const struct table *about, const char *column, uint64_t row, double value,
                   struct error *err);
int resolve_check(const struct table *t, const struct reading *asked, struct note_list *notes,
                  struct error *err);

/* Of frequencies that are all 0: always -1. */
int weights_none(const char *column, struct error *err);
/* What the column with role weight says of each row, to be freed; NULL with err where there is none, or it is not allowed
 * for this kind. */
double *table_weights(const struct table *t, enum stats_weights kind, struct error *err);
/* The same, of frequencies, as whole numbers; *rows is their sum. NULL with err where it is more than can be counted. */
uint64_t *table_times(const struct table *t, const double *weights, uint64_t *rows, struct error *err);

/* What is left when the values of the columns are needed no more. */
void table_drop_rows(struct table *t);

struct table_owner {
	struct arena *arena;
	struct intern *dicts; /* one a column, or NULL (table_take) */
	size_t dict_count;
};

#endif
