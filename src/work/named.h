/* What the ledger and the rows of the database name. */
#ifndef WORK_NAMED_H
#define WORK_NAMED_H

#include "assay/work_remove.h"

/* Ids and digests that texts of the ledger hold, with the first row that does. */
struct named {
	struct intern digests, runs; /* runs: all words that look like an id */
	int64_t *rows, *digest_rows; /* by their numbers */
	size_t row_count, row_cap, digest_row_count, digest_row_cap;
};
void named_init(struct named *n);
void named_release(struct named *n);
/* A store that never had a ledger names nothing; ERR_TAMPER for one that has lost it. */
int named_by_ledger(struct store *store, struct named *out, struct error *err);
/* Of these the objects that were put there before the row: subjects, files of manifests, evidence, policies and rosters,
 * settings of gates, changes to code. A row that cannot be read, or a manifest, names nothing here: verify tells. */
int named_kept(struct store *store, struct intern *kept, struct error *err);
/* work_objects_used, but for what the rows of these runs name; of rows only these digests, where `among` is not
 * NULL. */
int named_objects(struct store *store, const int64_t *except, size_t except_count, const struct intern *among,
                  struct intern *used, struct error *err);

#endif
