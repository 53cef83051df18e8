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

#endif
