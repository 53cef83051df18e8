/* What came through a pipe is kept, for it may be read again: little of it in memory, more in a nameless file. */
#ifndef ASSAY_DATA_SPOOL_H
#define ASSAY_DATA_SPOOL_H

#include "assay/base_progress.h"

struct spool {
	struct str memory;
	int fd; /* -1: all is in memory */
	uint64_t size;
	bool ended;       /* the pipe has */
	bool cannot_keep; /* errno of the read that failed was the file's */
};
void spool_init(struct spool *s);
void spool_release(struct spool *s);
/* Bytes from place `at`, at most len; from the pipe what was not read of it yet. `at` is not beyond size. 0: the pipe
 * has ended; -1: errno, ECANCELED if progress (may be NULL) was told to stop while there was nothing to be read. */
ssize_t spool_read(struct spool *s, int pipe, uint64_t at, void *bytes, size_t len,
                   const struct progress *progress);

#endif
