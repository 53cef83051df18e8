/* What the commands on data sets share. */
#ifndef CLI_DATA_H
#define CLI_DATA_H

#include "assay/data_tally.h"

#include "cli.h"

/* The reading that the options ask for, into an initialised *r. */
int reading_from_options(struct cli *c, struct reading *r);
/* column: NULL, or the only one to be told of, at length. */
void profile_print(const struct profile *p, const struct column_profile *column, const struct cli *c);
void profile_print_column(const struct profile *all, const struct column_profile *p, const struct cli *c);
/* Appends at most so many characters of a value, and a sign if that is not all. */
void value_cut(const char *value, size_t len, size_t longest, struct str *out);
/* What stands before a number that is only known within bounds. */
const char *about(bool exact);
/* The column that --column names, or NULL; -1: there is none of that name. */
int profile_column_asked(struct cli *c, const struct profile *p, const struct column_profile **out);
/* All of it, or the column that --column asks for. */
int profile_print_asked(struct cli *c, const struct profile *p);
/* --out: the tally as a part, and printed. Releases both; NULL: why is said already. */
int data_profile_part(struct cli *c, struct tally *t, struct table *about);
/* The value of an option such as "512M" or "2G", if it is there. */
int size_asked(struct cli *c, const char *name, uint64_t least, uint64_t *out);
/* The sentences about what was inferred, on stderr unless --quiet. */
void notes_print(const struct cli *c, const char *const *notes, size_t count);

#endif
