/* A store with a ledger, data sets and trained runs, made without a supervisor: for tests of the registry. */
#ifndef TESTS_REGISTRY_FIXTURE_H
#define TESTS_REGISTRY_FIXTURE_H

#include "assay/work.h"

struct registry_fixture {
	char *folder, *path; /* a new folder under TMPDIR; its .assay */
	struct store *store;
	struct trust *trust;
};
/* A store whose policy is this text from the first row of its ledger on (NULL: the default), with the data
 * sets "set" (480 rows), "set-test" (240) and "other" (240): columns case,x,noise,colour,y; more x, more
 * "good". State and configuration of the person lie in the folder too. Fails the test on any error. */
void registry_fixture_open(struct registry_fixture *f, const char *policy);
void registry_fixture_close(struct registry_fixture *f);
/* The same for cmocka: *state is a fixture with the default policy. */
int registry_fixture_setup(void **state);
int registry_fixture_teardown(void **state);
/* Closes and opens again, as another process would. */
void registry_fixture_reopen(struct registry_fixture *f);
/* A run that is done: a logistic model of "set", tested on `test` (NULL: on a split), with its evaluation.
 * drop: a column that it must not see, or NULL. The row id. */
int64_t registry_fixture_run(struct registry_fixture *f, const char *name, const char *test,
                             const char *drop);
/* Registers its model; the version lives in the arena. */
void registry_fixture_register(struct registry_fixture *f, const char *run, const char *model,
                               struct arena *mem, struct work_version *out);
/* Adds a data set of `rows` rows; more x, more "good", the more the greater `slope` is. */
void registry_fixture_data(struct registry_fixture *f, const char *name, size_t rows, uint64_t seed,
                           double slope);
/* Runs SQL against assay.db or ledger.db by a connection of its own: what somebody with a shell can do. */
void registry_fixture_sql(struct registry_fixture *f, const char *file, const char *sql);

#endif
