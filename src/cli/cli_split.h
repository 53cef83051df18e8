/* What the two ways to look at a data set by another column, or against another one, share. */
#ifndef CLI_SPLIT_H
#define CLI_SPLIT_H

#include "assay/data_split.h"

#include "cli.h"

/* --memory: below this the program and its buffers alone take it all. */
#define MEMORY_LEAST ((uint64_t)64 << 20)

/* What --weights says of a reading's column of weights; without it, weights that there are count as sampling weights. */
int weights_asked(struct cli *c, const struct reading *r, enum stats_weights *out);
/* As if it had been made without weights. */
void profile_drop_weights(struct profile *p);

/* data profile --by, --against */
int data_profile_by(struct cli *c);
int data_profile_against(struct cli *c);

/* Splits of columns by one column, strongest first, as tables for people. */
void splits_print(const struct split_by *g, const struct split *const *splits, size_t count,
                  const struct cli *c);
/* One of them, whole. */
void split_print(const struct split *s, const struct cli *c);

#endif
