/* What the commands on data sets share. */
#ifndef CLI_DATA_H
#define CLI_DATA_H

#include "assay/data.h"

#include "cli.h"

/* The reading that the options ask for, into an initialised *r. */
int reading_from_options(struct cli *c, struct reading *r);
void profile_print(const struct profile *p, const struct cli *c);
/* The sentences about what was inferred, on stderr unless --quiet. */
void notes_print(const struct cli *c, const char *const *notes, size_t count);

#endif
