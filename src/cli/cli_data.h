/* What the commands on data sets share. */
#ifndef CLI_DATA_H
#define CLI_DATA_H

#include "assay/data.h"

#include "cli.h"

/* The reading that the options ask for, into an initialised *r. */
int reading_from_options(struct cli *c, struct reading *r);
/* -1 with the error if one of them was given though the data set is registered. */
int reading_no_options(struct cli *c, const char *name);
/* Whether the plain arguments are files: one that exists is, as is the standard input (-); two words or more can be
 * nothing else. */
bool data_args_are_files(const struct cli *c);
bool data_arg_is_file(const char *arg);
void profile_print(const struct profile *p, const struct cli *c);
/* A histogram in ten cells. */
void spark_text(const double *edges, const uint64_t *counts, size_t bins, struct str *out);
/* The sentences about what was inferred, on stderr unless --quiet. */
void notes_print(const struct cli *c, const char *const *notes, size_t count);

#endif
