/* Files that are wrong in some way, by kind and seed: always the same bytes. For tests that use cmocka. */
#ifndef TESTS_MALFORMED_H
#define TESTS_MALFORMED_H

#include "assay/stats.h"

struct malformed {
	struct str bytes;
	const char *kind;
	unsigned long line; /* it must be refused, and this line named; 0: nothing is known */
	bool refused;       /* it must be */
};
enum { MALFORMED_KINDS = 36 };
/* number % MALFORMED_KINDS is the kind. m->bytes is initialised once by str_init and cleared here. */
void malformed_make(struct malformed *m, uint64_t seed, unsigned number);

#endif
