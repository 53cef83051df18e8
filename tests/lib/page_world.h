/* Runs of which everything is known that pages are ordered by: few different values, many ties, many gaps. For programs
 * of cmocka. */
#ifndef TESTS_PAGE_WORLD_H
#define TESTS_PAGE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../src/store/order.h"

enum { PAGE_RUNS = 120 };

struct page_truth {
	int64_t id, created, started; /* started 0: not */
	double auc, loss;             /* NaN: none */
	const char *depth;            /* NULL: none */
	double acc[WHICH_AT];         /* best, min …; NaN: none */
	bool archived, has_acc;
	int experiment;
	enum run_status status;
};

struct page_world {
	char *folder;
	struct store *store;
	struct page_truth runs[PAGE_RUNS];
	size_t shown; /* not archived */
	uint64_t random;
};

/* For the group: *state is a struct page_world. */
int page_world_open(void **state);
int page_world_close(void **state);
/* 0 … below - 1, the same in each run of the program. */
unsigned page_draw(struct page_world *p, unsigned below);
void page_metric(struct store *s, int64_t run, const char *name, double value);

#endif
