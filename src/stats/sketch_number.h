/* Inside stats: a column of numbers, for what writes and reads it. */
#ifndef STATS_SKETCH_NUMBER_H
#define STATS_SKETCH_NUMBER_H

#include "sketch.h"

/* Rows of one value that wait. */
struct counted {
	double value;
	uint64_t rows;
	struct weight_sum weight;
};

/* Values that come again and again, counted where they are found by their hash, in one of two places. */
struct hot {
	int bits; /* 1 << bits places; 0: none yet */
	double *value;
	uint64_t *rows; /* 0: free */
	struct weight_sum *weight;
	size_t looked, missed; /* since it was last judged */
	size_t plain;          /* values that are not looked up, since few of those before were known */
};

struct number_sketch {
	size_t room;
	bool weighted;
	uint64_t rows;
	struct cells cells;
	struct beyond *beyond; /* NULL: cells are exact */
	struct hot hot;
	double *single; /* that wait, one row each */
	size_t single_count, single_cap;
	struct counted *counted; /* that wait */
	size_t counted_count, counted_cap;
};
/* Nothing waits any more. */
void number_sketch_settle(struct number_sketch *s);

#endif
