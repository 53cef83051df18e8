/*
 * store: looking after what is there. Part of store.h. A copy of one moment while others write, the check of a
 * store that may be damaged, and a new store from what is whole in one.
 */
#ifndef ASSAY_STORE_CHECK_H
#define ASSAY_STORE_CHECK_H

#include "assay/store.h"

/* Called now and then from the calling thread; `total` 0: not known. Anything but 0 stops (ERR_NO "stopped"). */
typedef int store_progress_fn(void *user, const char *what, uint64_t done, uint64_t total);

/* ---- a copy of one moment ---- */

/* What assay.db was at one moment: others may write on. The write-ahead log grows as long as it is held. */
struct store_snapshot;
/* `also`, if there is one, is called while no other program writes: what it reads belongs to the same moment. A
 * store that is open for reading cannot hold others up: there `also` comes at most a commit later. */
int store_snapshot_take(struct store *s, int (*also)(void *user, struct error *err), void *user,
                        struct store_snapshot **out, struct error *err);
void store_snapshot_free(struct store_snapshot *snap); /* NULL is fine */
/* Into a new file, which is whole without a log. Not synced: whoever moves it to its place does that. */
int store_snapshot_copy(struct store_snapshot *snap, const char *to, store_progress_fn *progress, void *user,
                        struct error *err);

/* What a copy says of itself, after all of it was looked at (integrity_check). ERR_STORE if it is damaged, no
 * store, or of a schema that is newer than this program. Nothing is written beside it. */
struct store_copy {
	char id[ID_TEXT];
	int schema;
	int64_t runs;
};
int store_copy_check(const char *file, store_progress_fn *progress, void *user, struct store_copy *out,
                     struct error *err);

#endif
