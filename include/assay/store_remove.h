/*
 * store, the part about its care: runs that go for good, and space that is given back.
 *
 * Errors, arenas and handles as in store.h. What takes long is made of short transactions, so that other writers get
 * their turn; whatever is killed in the middle can be done again, and nobody sees half of it.
 */
#ifndef ASSAY_STORE_REMOVE_H
#define ASSAY_STORE_REMOVE_H

#include "assay/store.h"

/* ---- what runs weigh ---- */

enum { STORE_WEIGH_ALL = 2000 };
struct store_weight {
	int64_t runs, series, points;
	/* That their rows and indexes take in the database: reckoned from the lengths of what they hold, within a third
	 * or so. The pages are used again, and given back by store_vacuum. */
	uint64_t bytes;
	/* Of more than STORE_WEIGH_ALL runs as many were looked at, evenly, and the rest supposed alike. */
	bool sampled;
};
/* For a thread that can be interrupted. */
int store_runs_weigh(struct store *s, const int64_t *runs, size_t count, struct store_weight *out,
                     struct error *err);

/* ---- objects that are named ---- */

/* Digests that rows of the database name are added to `out`: of these runs (files, changes of the code, environments,
 * evaluations, bias reports). */
int store_objects_of(struct store *s, const int64_t *runs, size_t count, struct intern *out,
                     struct error *err);
/* … and of all rows but those of the runs in `except` (NULL and 0: of all rows). among: only these, NULL for any. */
int store_objects_named(struct store *s, const int64_t *except, size_t except_count,
                        const struct intern *among, struct intern *out, struct error *err);
/* Those of evidence alone: objects that name others. */
int store_evidence_named(struct store *s, const int64_t *except, size_t except_count, struct intern *out,
                         struct error *err);

/* Of one run: its evidence and predictions. */
int store_evidence_of(struct store *s, int64_t run, struct intern *out, struct error *err);

enum { STORE_GRACE_MS = 3600000 };
struct store_swept {
	int64_t objects;
	uint64_t bytes;
	/* That nothing names, but were written or asked for within the last hour (STORE_GRACE_MS): left, since a row that
	 * names them may be on its way. */
	int64_t young;
	int64_t copies; /* left behind by what was killed while it wrote */
	uint64_t copy_bytes;
	int64_t folders; /* of runs that are gone, in live/ */
	uint64_t folder_bytes;
};
/* Removes an object that nothing names; `used` is asked again by the caller's own means, not here. It is moved away,
 * looked at, and comes back if it was written or asked for within the last hour (*young). A missing one is fine:
 * *bytes 0. */
int store_object_remove(struct store *s, const char *digest, bool dry, uint64_t *bytes, bool *young,
                        struct error *err);
/* Everything under objects/ that is not in `used`, copies that were left behind, and folders in live/ without a run.
 * dry: it is only counted. */
int store_sweep(struct store *s, const struct intern *used, bool dry, struct store_swept *out,
                struct error *err);

/* ---- purging: removed runs go for good ---- */

enum { STORE_PURGE_NAMED = 3 };
struct store_purge {
	/* Zeroed before the first call. */
	size_t next;        /* the first of the runs that was not come to yet: == count, all is done */
	int64_t gone;       /* purged */
	int64_t left;       /* not removed any more, or registered as a model */
	int64_t edits;      /* edits that nothing is left of */
	int64_t longest_ms; /* that a call held the lock */
	int64_t activity;   /* the line of the log that says it */
	bool more;          /* in the middle of a large run */
	char names[STORE_PURGE_NAMED][80]; /* of the first purged ones, as the log says them */
};
/* Purges those that can be in about `budget_ms` of the lock, in one transaction: all their rows, then their folders in
 * live/. Call it until p->next == count. The log says who did it, and the purged runs are remembered by id and name.
 * Of edits that speak of a purged run as well as of others the rest can still be taken back. Objects stay. */
int store_purge_some(struct store *s, const char *who, const int64_t *runs, size_t count, int budget_ms,
                     struct store_purge *p, struct error *err);
/* Runs that a killed purge has begun with: they are in no list any more, and can only be purged. */
int store_purging(struct store *s, struct arena *mem, int64_t **ids, size_t *count, struct error *err);
/* The name of a version that was made from the run, "credit-risk@3"; NULL: none. */
int store_registered_as(struct store *s, const char *uuid, struct arena *mem, const char **version,
                        struct error *err);

/* ---- space ---- */

struct store_space {
	uint64_t database; /* of assay.db */
	uint64_t unused;   /* of its pages; more can come back where pages are half empty */
	uint64_t log;      /* assay.db-wal */
	uint64_t objects;  /* all files under objects/ */
	uint64_t live;     /* under live/ */
	int64_t trimmable; /* edits older than a given time */
};
/* edits_before: what counts as an old edit. */
int store_space(struct store *s, int64_t edits_before, struct store_space *out, struct error *err);
/* Forgets edits made before the time: they cannot be taken back any more. */
int store_edits_trim(struct store *s, int64_t before, int64_t *edits, struct error *err);
/* Whether the disks have room for the two copies that writing the database anew takes: ERR_STORE says how much is
 * missing and where. */
int store_vacuum_room(struct store *s, struct error *err);
/* Writes the database anew without unused pages, holding the lock all the while, and empties the log. Asks for the room
 * first. */
int store_vacuum(struct store *s, struct error *err);
/* Brings the log into the database and empties it; readers in the way are waited for as for any lock. *emptied false:
 * one did not let go. */
int store_log_empty(struct store *s, bool *emptied, struct error *err);

#endif
