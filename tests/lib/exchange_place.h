/* A tracking server of a test's own, without HTTP: MLflow's calls and their answers. For programs of cmocka. */
#ifndef TESTS_EXCHANGE_PLACE_H
#define TESTS_EXCHANGE_PLACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "assay/exchange.h"

#define API   "/api/2.0/mlflow/"
#define FILES "/api/2.0/mlflow-artifacts/artifacts"

struct exchange_place {
	char *folder;
	struct store *store;
	struct exchange *exchange;
	struct exchange_answer answer;
	struct arena *mem;
	struct error err;
};

/* For cmocka_unit_test_setup_teardown: *state is a struct exchange_place, on a new store. */
int exchange_place_open(void **state);
int exchange_place_close(void **state);

/* "GET runs/get?run_id=x": the query is a=b&c=d. Gives the body of the answer, which must have this status. */
const char *exchange_ask(struct exchange_place *p, int status, const char *what, const char *body);
/* The id of a new run. */
const char *exchange_run_of(struct exchange_place *p, const char *experiment);
/* Puts a file, all of it or only these bytes of it. */
void exchange_put(struct exchange_place *p, int status, const char *path, const char *bytes, size_t len,
                  bool complete);
/* What stands behind "KEY":" in an answer. */
const char *answer_value(struct exchange_place *p, const char *text, const char *key);
void answer_has(const char *text, const char *part);
void answer_lacks(const char *text, const char *part);

/* Text that lasts as long as the test. */
#define F(...) arena_printf(p->mem, __VA_ARGS__)

#endif
