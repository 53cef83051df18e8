/* A store of a test's own, with a run in it. For programs of cmocka. */
#ifndef TESTS_STORE_PLACE_H
#define TESTS_STORE_PLACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "assay/store_capture.h"

struct store_place {
	char *folder, *path; /* of the test; of the store in it */
	struct store *store; /* open for writing */
	struct arena *mem;
	struct error err;
	int64_t run;                  /* with store_place_report alone */
	char *live;                   /* for its event files */
	struct events_folder *events; /* what is remembered of it */
	struct absorbed got;          /* by whoever absorbs */
};

/* For cmocka_unit_test_setup_teardown: *state is a struct store_place. */
int store_place_empty(void **state);
int store_place_report(void **state);
int store_place_end(void **state);

/* The number that SQL gives, by a connection of its own. */
int64_t store_place_ask(const struct store_place *p, const char *sql);

/* Absorbs all that there is; absorb_all_anew: as a program that remembers nothing of the folder. */
void absorb_all(struct store_place *p, unsigned flags);
void absorb_all_anew(struct store_place *p, unsigned flags);

/* What fails says why. */
#define must(place, call)                                                                                    \
	do {                                                                                                     \
		if (call)                                                                                            \
			fail_msg("%s: %s", #call, (place)->err.text);                                                    \
	} while (0)

#endif
