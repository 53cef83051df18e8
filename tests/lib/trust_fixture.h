/* A store with a registry, decisions and signatures at fixed times, on top of store_fixture: credit-risk v1
 * in production, v2 in staging, v3 waiting for ana's signature; churn v1 in production and stopped, v2
 * rejected. */
#ifndef TESTS_TRUST_FIXTURE_H
#define TESTS_TRUST_FIXTURE_H

#include "assay/base.h"

/* Makes the store dir/.assay; *path is its folder (caller frees). Private keys are put into dir/keys/NAME. */
int trust_fixture(const char *dir, char **path, struct error *err);
/* One with a roster and a ledger, and nothing else. */
int trust_fixture_empty(const char *dir, char **path, struct error *err);
/* Changes one byte of the text of row `seq`, as somebody with an editor would. */
int trust_fixture_tamper(const char *path, int64_t seq, struct error *err);

#endif
