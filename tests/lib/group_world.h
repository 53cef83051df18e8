/* Runs of which everything is known that they are grouped, filtered and summarised by. For programs of cmocka. */
#ifndef TESTS_GROUP_WORLD_H
#define TESTS_GROUP_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "assay/store.h"

enum { GROUP_RUNS = 150, GROUP_PARAMS = 4, GROUP_EXPERIMENTS = 3, GROUP_USERS = 3, GROUP_FILTERS = 5 };
extern const char *const group_params[GROUP_PARAMS], *const group_experiments[GROUP_EXPERIMENTS],
                                                         *const group_users[GROUP_USERS];

struct group_truth {
	int64_t id, created;
	const char *params[GROUP_PARAMS]; /* NULL: none */
	const char *tag;                  /* NULL: none */
	double auc, best;                 /* NaN: none or NaN */
	bool has_auc, archived;
	int experiment, user;
	enum run_status status;
	char name[16];
};

struct group_world {
	char *folder;
	struct store *store;
	struct group_truth runs[GROUP_RUNS];
	uint64_t random;
};

/* For the group: *state is a struct group_world. */
int group_world_open(void **state);
int group_world_close(void **state);

/* 0 … below - 1, the same in each run of the program. */
unsigned group_draw(struct group_world *p, unsigned below);

/* NULL: all that are not archived. */
extern const char *const group_filters[GROUP_FILTERS];
/* Whether the filter of that index keeps a run. */
bool group_keeps(const struct group_truth *t, int which);
/* As a number it is 1. */
bool group_is_one(const char *depth);

#endif
