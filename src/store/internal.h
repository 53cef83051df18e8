/* What the files of store share among themselves. */
#ifndef ASSAY_STORE_INTERNAL_H
#define ASSAY_STORE_INTERNAL_H

#include <sqlite3.h>
#include <stdatomic.h>

#include "assay/store.h"

/* "ASSY": what `file` and we know our databases by. */
enum { STORE_APPLICATION = 0x41535359 };
enum { RUN_SETS = 12, PATIENCE = 2000000 };

struct store {
	sqlite3 *db;
	char *path; /* absolute */
	char id[ID_TEXT];
	enum store_mode mode;
	int schema;     /* of the file, as it was last seen: ask store_schema */
	int lock_fd;    /* .assay/lock, -1 for a reader of the plain regime */
	bool alone;     /* nobody can write: read without locks and without an index that others see */
	bool side_lock; /* the regime of old SQLite: writes and checkpoints under flock */
	int depth;      /* of store_begin */
	int reading;    /* depth of store_enter_read */
	bool impatient; /* give up at once what is busy */
	bool synced;    /* PRAGMA synchronous is FULL now */
	int wal_pages;  /* of the write-ahead log after the last commit */
	bool moved;     /* there has been a checkpoint since */
	bool later;     /* store_checkpoint_later */
	atomic_bool interrupted;
	int64_t changes;   /* commits of this handle */
	struct statement { /* prepared statements by their text's address (string constants) */
		const char *sql;
		sqlite3_stmt *stmt;
	} * cache;
	size_t cached, cache_cap;
	struct run_set { /* runs by row id, for the SQL function in_set (sets.c) */
		uint64_t *bits;
		size_t words;
		int64_t count;
		char *of;       /* the statement that filled it, with its values; NULL: none */
		int64_t change; /* store_change then */
		uint64_t used;  /* when, on the clock of uses */
	} sets[RUN_SETS];
	uint64_t set_uses;
	int64_t patience;          /* steps of SQLite's machine that a search takes before it makes sets */
	int64_t steps;             /* that are left */
	struct block_coder *coder; /* made when the first block is packed or read */
	struct series_rows *rows;  /* series_kept.c; NULL before the first append */
};

/* The first schema, and what each later one adds to it; STORE_SCHEMA_VERSION is the last. */
extern const char *const STORE_SCHEMAS[STORE_SCHEMA_VERSION];
/* The first that know when runs were archived; of removed runs and flags; spans of series. */
enum { SCHEMA_ARCHIVED = 3, SCHEMA_REMOVED = 4, SCHEMA_RECOGNISED = 4, SCHEMA_SPANS = 4 };
/* Of the file now: whoever writes brings it up to date while others, who opened an older one, read. */
int store_schema(struct store *s);
/* ERR_STORE for one that is older than that: only who reads meets one. */
int store_need_schema(struct store *s, int version, struct error *err);
/* Is this SQLite one that needs the lock beside the database? */
bool store_side_lock(void);
/* Opens the database and sets the connection up; flags of sqlite3_open_v2. */
int store_connect(struct store *s, const char *file, int flags, struct error *err);
/* A URI by which SQLite reads `file` without a log or a lock, where nobody can write it; else NULL. Caller frees. */
char *store_unchanging(struct store *s, const char *file);
/* Brings an older store to STORE_SCHEMA_VERSION: a backup copy beside it first, then all at once. A killed
 * one leaves the store as it was. */
int store_migrate(struct store *s, struct error *err);

/* A prepared statement for a string constant: kept and reused, reset and with bindings cleared. Not to be
 * finalized; NULL with err filled. */
sqlite3_stmt *store_prepare(struct store *s, const char *constant_sql, struct error *err);
/* For SQL that was put together: the caller finalizes it. */
sqlite3_stmt *store_prepare_once(struct store *s, const char *sql, struct error *err);
/* One step: 1 a row, 0 done, -1 with err filled; on the last two the statement is reset. Who stops before the
 * end resets it himself: a statement in the middle holds a read transaction. */
int store_step(struct store *s, sqlite3_stmt *stmt, struct error *err);
/* Steps to the end of a statement that gives no rows, and resets it. */
int store_run_statement(struct store *s, sqlite3_stmt *stmt, struct error *err);
/* Fills err from the connection's last failure, ERR_STORE, with what a person can do about it. */
int store_fail(struct store *s, struct error *err);
/* Objects that are being removed lie in objects/ under this and their digest for a moment. */
#define OBJECT_ASIDE "out-"
/* Removes copies that were never finished, older than a day, and brings back objects that a killed process had begun
 * to remove. */
void objects_sweep(const struct store *s);

/* Bytes of all files in objects or live. */
uint64_t store_folder_size(const struct store *s, const char *name);
/* The lock beside the database, where the regime has one, without a transaction: for what must not be in one. */
int store_lock(struct store *s, struct error *err);
void store_unlock(struct store *s);

/* Every writing function wraps itself in these: a transaction of its own, or a part of the open one. */
int store_enter(struct store *s, struct error *err);
/* result of the work; returns it, or -1 if the commit failed. On failure of its own transaction all is taken
 * back. */
int store_leave(struct store *s, int result, struct error *err);

/* Give the connection the SQL functions of sets.c, and matches(pattern, text) of pattern.c; a status of SQLite. */
int set_functions(struct store *s);
void sets_release(struct store *s);
int pattern_function(struct store *s);

/* ---- heard.c ---- */

/* The flag of `run r`: the one that was raised, or that nothing is heard of it. */
#define FLAG_NOW                                                                                             \
	"(CASE WHEN r.flag <> '' OR r.status > 1 THEN r.flag ELSE "                                              \
	"unheard(r.host, r.source, coalesce(r.heard, r.started, r.created)) END)"
#define PROGRESS_PACE "r.progress_at, r.progress_from, r.progress_from_at"
/* Gives the connection unheard(…). */
int heard_function(struct store *s);
/* run_row's ends, by the columns PROGRESS_PACE that stand at `at`. */
int64_t progress_ends(sqlite3_stmt *stmt, int at, double progress, enum run_status status);

/* On closing. */
void store_checkpoint(struct store *s);

/* Several reads that must see the same state. They nest; inside a transaction they do nothing. */
int store_enter_read(struct store *s, struct error *err);
void store_leave_read(struct store *s);

/* For loops over many short statements: -1 "interrupted" if store_interrupt was called in this read. */
int store_interrupted(struct store *s, struct error *err);

/* Binding and reading. NULL text binds NULL. */
void bind_text(sqlite3_stmt *stmt, int at, const char *text);
void bind_text_n(sqlite3_stmt *stmt, int at, const char *text, size_t len);
/* A NaN is bound as NULL (SQLite cannot hold it): columns that need to tell NaN from nothing have a flag or a
 * count beside them. */
void bind_double(sqlite3_stmt *stmt, int at, double value);
const char *column_text(struct arena *mem, sqlite3_stmt *stmt, int at); /* NULL for NULL */
const char *column_text_or(struct arena *mem, sqlite3_stmt *stmt, int at, const char *otherwise);
void column_digest(sqlite3_stmt *stmt, int at, char out[SHA256_TEXT]); /* "" for NULL */
double column_double(sqlite3_stmt *stmt, int at);                      /* NaN for NULL */

/* Rows on their way into an arena: collected on the heap, because an arena does not grow in place. */
struct list {
	void *items;
	size_t count, cap;
};
void *list_add(struct list *l, size_t size); /* a zeroed item at the end; valid until the next */
/* If rc is 0, puts a copy of the items into the arena and its address into *(T **)out. Frees the list;
 * returns rc. */
int list_hand_over(struct list *l, size_t size, int rc, struct arena *mem, void *out, size_t *count);

/* A value as it looks: number (REAL) or NULL, for the typed column beside the text of params and tags. */
bool value_number(const char *text, size_t len, double *number);
/* Known experiment, or made. */
int store_experiment(struct store *s, const char *name, int64_t *id, struct error *err);

/* ---- rows of series in memory (series_kept.c) ---- */

void series_forget(struct store *s);
/* After a transaction has begun, and when it has ended: kept or taken back. */
void series_rows_begin(struct store *s);
void series_rows_end(struct store *s, bool kept);
void series_rows_free(struct store *s);

/* ---- what could not be understood (bad_line.c), within a transaction ---- */

/* Keeps it if it is among the first of the run. *kept: how many are; -1 before the first call of a transaction. */
int bad_line_keep(struct store *s, int64_t run, int64_t *kept, const char *file, int64_t offset,
                  const char *text, size_t len, const char *why, struct error *err);
/* The run has so many more, whether they are kept or not. */
int bad_lines_count(struct store *s, int64_t run, int64_t more, struct error *err);

/* ---- packed blocks of points (block.c) ---- */

#define BLOCK_POINTS 512 /* of a chunk */
/* What zstd works in. NULL is fine for block_coder_free. */
void block_coder_free(struct block_coder *c);
/* Appends the block to out: exact for every bit of every point. squeeze: try zstd as well. At most
 * 2^20 points. */
void block_pack(struct block_coder **c, const struct point *points, size_t count, bool squeeze,
                struct str *out);
/* Room for `room` points at out. How many there were, or -1 if the block is damaged or holds more. */
int64_t block_unpack(struct block_coder **c, const void *bytes, size_t len, struct point *out, size_t room);

#endif
