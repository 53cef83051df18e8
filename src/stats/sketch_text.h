/* Inside stats: a column of texts, for what writes and reads it. */
#ifndef STATS_SKETCH_TEXT_H
#define STATS_SKETCH_TEXT_H

#include "sketch.h"

struct text_sketch {
	size_t room, bytes, used; /* used: bytes of the texts that are there */
	uint64_t rows;
	struct intern texts;
	uint64_t *counts; /* of each of them */
	size_t cap;
	struct beyond *beyond; /* NULL: all texts are there; else none */
};
/* In the order of their bytes. */
int text_order(const struct text_count *a, const struct text_count *b);

#endif
