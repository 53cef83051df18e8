/* Relations, inside: what relation.c hands to the parts. */
#ifndef ASSAY_DATA_RELATION_INTERNAL_H
#define ASSAY_DATA_RELATION_INTERNAL_H

#include "assay/data_relation.h"
#include "internal.h"

/* relation_pair.c: fills list[i] for a and b that are given in it, on this table. */
int relate_label(struct relations *r, const struct table *t, const struct relation_options *o,
                 const size_t *features, size_t feature_count, struct error *err);
void relate_pairs(struct relations *r, const struct table *t, const size_t *features, size_t feature_count,
                  int threads);
/* Epsilon: of a number by a category, on the scale of relation.strength; NaN where it cannot be told. */
double relation_mixed_strength(const struct anova *f);
/* relation_missing.c */
void relate_missing(struct relations *r, const struct table *t, size_t most, int threads,
                    struct note_list *notes);
/* relation_same.c; after the pairs, of which it takes what they say. */
void relate_same(struct relations *r, const struct table *t, size_t most, int threads,
                 struct note_list *notes);
/* relation_rows.c */
void relate_rows(struct relations *r, const struct table *t, int hash_bits, int threads,
                 struct note_list *notes);

#endif
