/* What the failing library and whoever drives it share: a file that both map, named by FAIL_STATE. */
#ifndef STANDIN_FAIL_H
#define STANDIN_FAIL_H

#include <stdint.h>

enum { FAIL_WRITES = 1, FAIL_ALLOCATIONS = 2 };

struct fail_state {
	uint32_t what;   /* FAIL_WRITES: whatever writes below root; FAIL_ALLOCATIONS: of the program `assay` */
	uint32_t sticky; /* from the at-th call on; else that one alone */
	int32_t error;   /* errno of a failing write */
	int64_t at;      /* from 1; 0: none fails */
	int64_t calls;   /* counted, over all processes */
	int64_t failed;  /* of these */
	char root[256];
};

#endif
