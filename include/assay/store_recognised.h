/* store_recognised: what was recognised in a run's output, and by what. */
#ifndef ASSAY_STORE_RECOGNISED_H
#define ASSAY_STORE_RECOGNISED_H

#include "assay/store.h"

struct store_recognised {
	const char *recogniser, *name; /* "xgboost", "train-auc"; name "(progress)" for the share that is done */
	int64_t lines;                 /* how many told it */
	const char *example;           /* the first of them; bytes of data */
};
/* Each replaces what was said of the same recogniser and name; one transaction. */
int store_recognised_put(struct store *s, int64_t run, const struct store_recognised *list, size_t count,
                         struct error *err);
/* By recogniser and name. */
int store_recognised(struct store *s, int64_t run, struct arena *mem, struct store_recognised **out,
                     size_t *count, struct error *err);

#endif
