/* Tables of columns that are hard to tell of: constant, gone, huge, far out, mixed … */
#ifndef TESTS_AWKWARD_H
#define TESTS_AWKWARD_H

#include "assay/stats.h"

enum { AWKWARD_COLUMNS = 6, AWKWARD_ROWS = 150 };
enum kind {
	CONSTANT,
	GONE,
	ONE_VALUE,
	WHOLE,
	DECIMALS,
	MIXED,
	HUGE_VALUES,
	DENORMAL,
	INFINITE,
	BEYOND,
	ZEROS,
	FAR_OUT,
	TIMES,
	DAYS,
	FLAGS,
	WORDS,
	TEXTS,
	CODES,
	IDS,
	KINDS
};

struct awkward {
	unsigned columns, rows;
	enum kind kinds[AWKWARD_COLUMNS];
	struct str header, line[AWKWARD_ROWS];
	unsigned weight[AWKWARD_ROWS]; /* of the last column, which is called "weight" */
};

/* SEED in the environment, or 1. */
uint64_t awkward_seed(void);
/* The table of that number, of that seed; release it. */
void awkward_make(struct awkward *m, uint64_t number);
void awkward_release(struct awkward *m);
/* Rows [from, to), each `times` (NULL: once); the weight is multiplied by `scale`. */
void awkward_rows(const struct awkward *m, const uint32_t *order, unsigned from, unsigned to,
                  const unsigned *times, double scale, struct str *out);

#endif
