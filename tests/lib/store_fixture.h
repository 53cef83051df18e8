/* A store with fixed ids and times, for golden screens: fourteen runs in two experiments, two versions of a
 * data set. */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include "assay/store_capture.h"

/* "Now" of everything that is drawn from it: 2026-11-23T12:00:00Z. */
#define FIXTURE_NOW INT64_C(1795435200000)

/* Makes the store dir/.assay; *path is its folder (caller frees). */
int store_fixture(const char *dir, char **path, struct error *err);
/* One without runs and data sets. */
int store_fixture_empty(const char *dir, char **path, struct error *err);

/* A new folder of this name in TMPDIR with a store in it, open for writing; -1 with a message. Free the folder's name. */
int store_fixture_open(const char *name, char **folder, struct store **store);

/* store_events_absorb with nothing remembered: one look at the folder. */
int absorb_once(struct store *s, int64_t run, const char *folder, unsigned flags, struct absorbed *out,
                struct error *err);

#endif
