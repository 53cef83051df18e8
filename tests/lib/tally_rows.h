/* A file with columns of all kinds, and tallies of it: for tests that use cmocka. */
#ifndef TESTS_TALLY_ROWS_H
#define TESTS_TALLY_ROWS_H

#include "assay/data_tally.h"

enum { ROWS = 60 };
/* The lines of the file, without its header. */
struct rows {
	struct str text;
	size_t at[ROWS + 1]; /* where each begins */
};
void tally_make_rows(struct rows *out, uint64_t seed);

/* The least that there is room for: 32 different values a column, and a chunk of a row or two; and more than is needed. */
extern const struct profile_options TALLY_LITTLE, TALLY_MUCH;

/* Set-up and tear-down of the folder that the files below are written into. */
int tally_folder(void **state);
int tally_folder_end(void **state);
/* A file of this text; the path is good for some calls more. */
const char *tally_file(const char *name, const char *text, size_t len);
/* Rows [from, to) as a file. */
const char *tally_cut(const struct rows *r, size_t from, size_t to, const char *name);
/* With weights by the column "weight", if how says so. */
struct tally *tally_of(const char *path, const struct profile_options *how);
/* Of a file of this text, read with an option of reading_set (NULL: none). */
struct tally *tally_of_text(const char *text, const char *option, const char *value);
/* The JSON of its profile; frees it. */
char *tally_said(struct tally *t);
/* The JSON of the profile of the table that is read. */
char *tally_table_says(const char *path, const struct profile_options *how);
void tally_written(const struct tally *t, struct str *out);
/* Frees both. */
void tally_same(char *got, char *want, const char *what);

#endif
