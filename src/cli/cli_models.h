/* What the commands about models share. */
#ifndef CLI_MODELS_H
#define CLI_MODELS_H

#include "assay/work.h"

#include "cli.h"

/* The store with its ledger, in one arena's life; models_end in any case. */
struct models {
	struct store *store;
	struct trust *trust;
	struct arena *mem;
};
int models_begin(struct cli *c, enum store_mode need, struct models *m);
void models_end(struct models *m);
/* One version as JSON: an object. */
void version_json(struct json_writer *j, const struct work_version *v);

#endif
