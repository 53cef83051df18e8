/* What the commands on data sets share. */
#ifndef CLI_DATA_H
#define CLI_DATA_H

#include "assay/data_tally.h"

#include "cli.h"

/* The reading that the options ask for, into an initialised *r. */
int reading_from_options(struct cli *c, struct reading *r);
/* -1 with the error if one of them was given though the data set is registered. */
int reading_no_options(struct cli *c, const char *name);
/* Whether the plain arguments are files: one that exists is, as is the standard input (-); two words or more can be
 * nothing else. */
bool data_args_are_files(const struct cli *c);
bool data_arg_is_file(const char *arg);
/* The histogram of a column in ten cells. */
void spark_text(const struct column_profile *p, struct str *out);
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
/* Whether --out, if it is given, may be written: nothing that is there and is no part is replaced (--out *.csv, one name
 * too few). */
int data_out_check(struct cli *c);
/* The value of an option such as "512M" or "2G", if it is there. */
int size_asked(struct cli *c, const char *name, uint64_t least, uint64_t *out);
/* `data relations`: -1 with the error if an option that says how files are read was given though the set is registered. */
int relations_reading_options(struct cli *c);
/* `data relations … --against`. */
int data_relations_against(struct cli *c, int threads);
/* The sentences about what was inferred, on stderr unless --quiet. */
void notes_print(const struct cli *c, const char *const *notes, size_t count);

#endif
