/* What the files that look after a store share: snapshot.c, check*.c, salvage*.c. */
#ifndef ASSAY_STORE_CHECK_INTERNAL_H
#define ASSAY_STORE_CHECK_INTERNAL_H

#include "assay/store_check.h"
#include "internal.h"

/* The first number of a statement's first row; `otherwise` if there is none or it cannot be read. */
int64_t care_number(sqlite3 *db, const char *sql, int64_t otherwise);
/* A value of the table about; "" if it cannot be read. */
void care_about(sqlite3 *db, const char *key, char *out, size_t size);
/* file:PATH with what SQLite would take for a query escaped; the caller frees. */
char *care_uri(const char *file, const char *query);
/* What integrity_check (or quick_check) finds, one after the other in `found`, `most` at most. -1 if it was
 * stopped. */
int care_integrity(sqlite3 *db, bool quick, int most, store_progress_fn *progress, void *user,
                   struct str *found, int *count, struct error *err);

/* ---- series ---- */

enum { SERIES_TOLD = 8 };
struct series_state {
	int64_t series, chunks, points;
	int64_t bad, bad_chunks;    /* series whose row or points are not what they should be; blocks of them */
	int64_t bad_spans, orphans; /* nodes; chunks of no series */
	bool unread;                /* SQLite could not go on */
	int64_t told[SERIES_TOLD];  /* the first bad ones */
};
int series_check(struct store *s, const struct store_check *how, struct series_state *out, struct error *err);
/* The block of a chunk whose columns begin with `count` at this one: false unless it is whole and they say what is in
 * it. */
bool chunk_read(struct store *s, sqlite3_stmt *stmt, int column, struct point block[BLOCK_POINTS],
                int64_t *points);

/* Does the row of a series say what its points are? */
bool series_says(const struct series *row, const struct series *is, double mean);
#define CHUNK_COLUMNS                                                                                        \
	"id, count, nan_count, rising, step_low, step_high, time_low, time_high, min, max, first, last, points"

/* ---- salvage ---- */

struct salvage {
	sqlite3 *from; /* a copy of the damaged database */
	int schema;    /* of it, as far as that is known: else the last */
	struct store *to;
	struct arena *mem;
	struct store_salvage *out;
	store_progress_fn *progress;
	void *user;
};
/* The rows of one table of the new store, from the same table of the old one; the names in it are constants. */
int salvage_table(struct salvage *v, const char *table, struct store_saved_table *out, struct error *err);
/* Points of the series whose rows are in the new store. */
int salvage_series(struct salvage *v, struct error *err);

/* ---- objects ---- */

int objects_check(const char *path, sqlite3 *db, const struct store_check *how, struct care_report *out,
                  struct error *err);
/* Calls for every file under objects/ (name: ab/cd…, from there). Anything but 0 ends it and is returned. */
struct stat;
typedef int object_fn(void *user, const char *name, const struct stat *st, struct error *err);
int objects_each(const char *path, object_fn *each, void *user, struct error *err);
/* The digest that such a name is of; false: it is no object's. */
bool object_name(const char *name, char hex[SHA256_TEXT]);

#endif
