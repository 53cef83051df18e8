/*
 * Rows that come, go and change places, and questions about them that are answered late, out of order, or twice: the
 * truth that a test holds a table against. Chance is the world's own, from its seed.
 */
#ifndef TESTS_ROWS_WORLD_H
#define TESTS_ROWS_WORLD_H

#include "assay/ui.h"

enum { WORLD_ROWS = 260, WORLD_ASKS = 8 };

struct rows_world {
	uint64_t seed;
	int64_t ids[WORLD_ROWS]; /* in order */
	int count;
	int64_t next_id;
	int filter;        /* 0: all, else ids that leave no rest */
	bool descending;   /* as was last asked for */
	bool head;         /* pages have a row in their head */
	struct world_ask { /* not answered yet */
		struct ui_ask_rows ask;
		int64_t ids[WORLD_ROWS];
		int count;
	} asked[WORLD_ASKS];
	int asked_count;
	/* The last page that was an answer to the newest question. */
	int64_t page[WORLD_ROWS];
	int page_count;
	uint64_t latest;
};
uint32_t world_chance(struct rows_world *w, uint32_t below);
/* The rows of the present filter in the present order; how many. */
int world_order(const struct rows_world *w, int64_t out[WORLD_ROWS]);
int world_index(const int64_t *ids, int count, int64_t id); /* or -1 */
void world_insert(struct rows_world *w);                    /* a new row somewhere, if there is room */
void world_remove(struct rows_world *w, int at);
void world_swap(struct rows_world *w, int a, int b);
void world_asked(struct rows_world *w, const struct ui_ask_rows *ask);
/* Answers any of what was asked, an old question, too, with the rows as they were then or as they are now. */
void world_answer(struct rows_world *w, struct ui_table *table);

#endif
