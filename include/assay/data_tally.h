/*
 * data: columns summed up row by row instead of kept, in memory that does not grow with the rows; and parts made
 * anywhere, joined into what one pass over everything gives: the same bits, in whatever pieces the rows came.
 *
 * What is kept of a column: exact sums (stats_sums.h), and each different value with its count while there are no
 * more than `room` of them; beyond, cells of values, an estimate of how many differ, and the most frequent ones
 * (stats_sketch.h). Which columns are beyond depends on their values alone, not on how they were cut.
 *
 * Parts must be read alike. Rows of `next` come after those of `to` (only lag-1 and "rising" see the order).
 */
#ifndef ASSAY_DATA_TALLY_H
#define ASSAY_DATA_TALLY_H

#include "assay/data.h"

struct tally;

/* Reads files as table_read does into a new tally; `about` as profile_files has it. options->memory 0 is here
 * TALLY_MEMORY, the same on every machine: the number of different values that a column keeps follows from memory and
 * the number of columns alone. */
#define TALLY_MEMORY ((uint64_t)256 << 20)
struct tally *tally_files(struct table *about, const char *const paths[], size_t path_count,
                          const struct reading *r, const struct profile_options *options, struct error *err);
void tally_free(struct tally *t); /* NULL is fine */
/* ERR_USAGE where they do not go together, saying the column and why: other names, roles, weights or missing
 * spellings; numbers in one and texts in the other (say the type to both: --type COL=cat). Nothing is changed then.
 * Of two sizes of room the smaller one holds. A column without any value goes with everything. */
int tally_merge(struct tally *to, const struct tally *next, struct error *err);
/* Types are told from all rows, as table_read tells them; notes (a line each) where bounds stand in the place of
 * what cannot be known. */
void tally_profile(const struct tally *t, struct profile *p, struct str *notes);
/* A part: JSON lines, first {"assay":"part","version":1,…}, then a column a line, and last
 * {"sha256":"…"} of all bytes before. The same tally gives the same bytes. */
#define TALLY_BEGINS "{\"assay\":\"part\","
void tally_write(const struct tally *t, struct str *out);
/* Name: for messages ("part-3.json, line 7: …"). NULL with ERR_USAGE if it is not such a text. */
struct tally *tally_parse(const char *name, const char *text, size_t len, struct error *err);

#endif
