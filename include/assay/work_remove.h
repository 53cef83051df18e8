/*
 * work, the part about removing: what removing would take, purging, and giving space back.
 */
#ifndef ASSAY_WORK_REMOVE_H
#define ASSAY_WORK_REMOVE_H

#include "assay/store_remove.h"
#include "assay/work.h"

/* ---- which objects are needed ---- */

/* All digests that something names: rows of the database, texts of the ledger, and the objects that these name and
 * that are texts themselves (manifests, evidence), so that what is not among them can go. ERR_TAMPER where the ledger
 * is gone or cannot be read: then nothing must go. Adds to `used`, which the caller has made. */
int work_objects_used(struct store *store, struct intern *used, struct error *err);

/* ---- what runs weigh ---- */

struct work_weight {
	int64_t runs, over; /* that are meant; those that are over, which the rest is about */
	struct store_weight rows;
	int64_t objects;       /* files that nothing else names */
	uint64_t object_bytes; /* exact */
};
/* (reads) What would go with these runs. For a thread that can be interrupted (store_interrupt). */
int work_weigh(struct store *store, const struct work_which *which, struct work_weight *out,
               struct error *err);
/* "3 runs: about 1.2 MiB in the database and 4 files of 35 MiB that nothing else needs". */
void work_weight_text(const struct work_weight *w, struct str *out);

/* ---- purging ---- */

/* What a purge would do. */
struct work_purge_plan {
	int64_t *runs; /* that can go, those that a killed purge left among them; count */
	size_t count;
	struct work_kept {
		const char *uuid, *name, *why; /* "registered as credit-risk@3", "row 12 of the ledger names it" */
	} * kept;                          /* that cannot, the first WORK_KEPT of kept_count */
	size_t kept_count;
	struct work_weight weight;
};
enum { WORK_KEPT = 20 };
/* (reads) which->filter "" and NULL ids: all that are removed. Runs that are named must be removed (ERR_NO says which
 * is not); a filter finds those that are. removed_before: only what was removed before then; 0: whenever. */
int work_purge_plan(struct store *store, const struct work_which *which, int64_t removed_before,
                    struct arena *mem, struct work_purge_plan *out, struct error *err);
struct work_purged {
	struct store_purge rows;
	int64_t objects;
	uint64_t object_bytes;
	/* Objects that stay for an hour after they were written; `assay compact` removes them then. */
	int64_t young;
};
/* Called between transactions with 0…1. */
typedef void work_part_fn(void *user, double part);
/* Cannot be taken back. In transactions that hold the lock for a tenth of a second, with a pause after each; then the
 * objects that only these runs named. What the ledger names by now is left out again. Killed anywhere, the same again
 * does the rest. */
int work_purge(struct store *store, const struct work_purge_plan *plan, work_part_fn *part, void *user,
               struct work_purged *out, struct error *err);

/* ---- giving space back ---- */

enum { WORK_EDITS_DAYS = 90 };
struct work_compacted {
	struct store_space before, after; /* after: as it is, or (dry) as it would be at least */
	struct store_swept swept;
	int64_t purged;       /* runs that a killed purge had left */
	int64_t edits;        /* forgotten, because they are older than WORK_EDITS_DAYS */
	bool anew;            /* the database was (would be) written anew */
	bool log_emptied;     /* else a reader did not let go of it */
	const char *not_anew; /* why it was not: "3 runs are going on"; NULL */
};
/* Sweeps files, forgets old edits, ends what a killed purge began, writes the database anew where that gives back a
 * sixteenth of it or 16 MiB, and empties its log. While runs go on, a database of more than WORK_ANEW_MOST bytes is
 * not written anew, because they would wait for longer than they should. dry: says what it would give back. */
#define WORK_ANEW_MOST (UINT64_C(1) << 30)
int work_compact(struct store *store, bool dry, struct arena *mem, struct work_compacted *out,
                 struct error *err);

#endif
