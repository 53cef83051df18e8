/* Relations, inside: what relation.c hands to the parts. */
#ifndef ASSAY_DATA_RELATION_INTERNAL_H
#define ASSAY_DATA_RELATION_INTERNAL_H

#include "assay/data_relation.h"
#include "assay/stats_blocks.h"
#include "decimal.h"
#include "internal.h"

/* How notes begin that are not about the label, by which relation_note_of tells them: also those that were kept with
 * relations. */
#define NOTE_PAIRS_FIRST "pairs are made of the first "
#define NOTE_PAIRS_ROWS  "pairs of features are measured on "
#define NOTE_MISSING_OF  "what is missing together is counted of "
#define NOTE_SAME_FIRST  "columns that are the same are looked for among the first "
#define NOTE_ROWS_BUT    "rows are compared without "

/* Numbers from a row on, whatever they stand in. */
static inline void column_block(const struct column *c, size_t from, size_t rows, double *out)
{
	if (c->packed)
		packed_values(c->packed + from, rows, c->decimals, out);
	else
		memcpy(out, c->values + from, rows * sizeof(*out));
}

/* ---- a column as it takes part: as numbers, as a category, or (bools) as both ---- */

struct side {
	struct column column; /* values, or packed, or neither */
	size_t n;
	bool is_number;

	/* Of numbers: */
	struct stats_centre centre;
	bool whole;      /* every value is finite */
	uint32_t *ranks; /* stats_ranks_twice */
	uint64_t *holes; /* bits of the rows in which there is no value; NULL: there is one in all */

	/* Of categories: any code at or above k is missing. */
	const uint32_t *codes;
	size_t k;
	uint32_t *own_codes;
	uint64_t *rows_by; /* how many rows each code is in */
};
void side_init(struct side *s, const struct column *c, size_t n, const struct progress *progress);
void side_release(struct side *s);

/* What a thread needs, kept from one pair to the next. */
struct scratch {
	uint32_t *low, *high; /* by place (stats_ranks_twice) */
	double x[STATS_BLOCK], y[STATS_BLOCK];
};
void scratch_need(struct scratch *s, size_t places);
void scratch_release(struct scratch *s);

/* relation_numbers.c: r->n and its measures. */
void relate_numbers(const struct side *a, const struct side *b, struct scratch *w,
                    const struct progress *progress, struct relation *r);
/* Of a feature of numbers, for a label of 0 and 1 (codes 0 and 1). */
void relate_auc(const struct side *feature, const struct side *label, struct scratch *w, struct auc *out);
/* Every two of numbers that are whole, over a part of the rows. */
struct gram {
	const struct side *const *sides;
	size_t count;
	struct stats_sum2 *sums;              /* [count] */
	struct stats_sum2 *products, *ranked; /* [count * count], i <= j */
};
void gram_init(struct gram *g, const struct side *const *sides, size_t count);
void gram_release(struct gram *g);
void gram_add(struct gram *g, size_t from, size_t to, const struct progress *progress);
void gram_join(struct gram *g, const struct gram *next);
void gram_relation(const struct gram *g, size_t i, size_t j, struct relation *r);
/* relation_mixed.c. Epsilon: of a number by a category, on the scale of relation.strength; NaN where it cannot be told. */
double relation_mixed_strength(const struct anova *f);
/* At most STATS_TILE numbers with one category: r[i]->n and its measures. */
void relate_mixed(const struct side *category, const struct side *const *numbers, size_t count,
                  const struct progress *progress, struct relation *const *r);

/* relation_chance.c. Of a feature with the label, r being measured: relation.chance. */
double relation_chance(const struct side *feature, const struct side *label, struct scratch *w,
                       const struct relation *r);
/* relation.leaks of all of them; says how many are as strong by chance. */
void find_leaks(struct relations *r, struct note_list *notes);

/* ---- the parts ---- */

/* relation_pair.c: fills what is in lists of pairs of sides, a and b of each being given in it: at[2 * i] and
 * at[2 * i + 1] of list[i]. */
struct pairs {
	const struct side *sides;
	const uint32_t *at;
	struct relation *list;
	size_t count;
	bool for_label; /* b is the label: with the AUC, if it is binary, and the chance */
	bool binary;
};
void relate_pairs(const struct pairs *p, int threads, struct progress *progress);
void sort_relations(struct relation *list, size_t count);
/* relation_columns.c: with the label, and pairs of features; says what is bounded. */
int relate_columns(struct relations *r, const struct table *t, const struct relation_options *o,
                   const size_t *features, size_t count, struct note_list *notes, struct error *err);
/* relation_trail.c: with the label, which is bool if it is binary. */
void relate_trails(struct relations *r, const struct table *t, const struct column *label, int threads,
                   struct progress *progress, struct note_list *notes);
/* relation_time.c: with a binary label of 0 and 1. */
void relate_times(struct relations *r, const struct table *t, const double *label, struct progress *progress,
                  struct note_list *notes);
/* relation_missing.c */
void relate_missing(struct relations *r, const struct table *t, size_t most, int threads,
                    struct progress *progress, struct note_list *notes);
/* relation_same.c; after the pairs, of which it takes what they say. */
void relate_same(struct relations *r, const struct table *t, size_t most, int threads,
                 struct progress *progress, struct note_list *notes);
/* relation_rows.c */
bool names_rows(const struct column *c); /* by its type or role id */
void relate_rows(struct relations *r, const struct table *t, int hash_bits, int threads,
                 struct progress *progress, struct note_list *notes);

#endif
