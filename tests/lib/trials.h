/* How many of its inputs a random or exhaustive test tries. */
#ifndef TESTS_TRIALS_H
#define TESTS_TRIALS_H

#include <stdlib.h>

/* All of them; of a sanitized program a quarter, unless LONG is set. What is computed from them the plain program has
 * shown for all; whether memory is held right takes fewer, and make check-long tries them all (QUARTERS in the
 * Makefile). */
static inline unsigned trials_here(unsigned all)
{
#if defined(__SANITIZE_ADDRESS__)
	return getenv("LONG") ? all : (all + 3) / 4;
#else
	return all;
#endif
}

#endif
