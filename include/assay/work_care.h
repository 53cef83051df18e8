/*
 * work: looking after a store. Part of work.h. Backups, and the way back from them.
 *
 * A backup is one uncompressed archive that every tar reads:
 *
 *     ASSAY-BACKUP     "assay-backup/1", then lines: store ID, made TIME, program VERSION, schema N
 *     live/RUN/…       files of runs that were not over: event files whole, as far as they went, the first 64 MiB of others
 *     config.ini policy.ini roster
 *     assay.db         of one moment, whole without its log
 *     ledger.db        of the same moment
 *     objects/ab/cd…   all of them
 *     SHA256SUMS       of all files before it: `sha256sum -c SHA256SUMS` where it was unpacked
 *
 * Event files go on growing while the rest is copied; the store's rows say how far they were absorbed, so that
 * what was not is absorbed once from the copy.
 */
#ifndef ASSAY_WORK_CARE_H
#define ASSAY_WORK_CARE_H

#include "assay/store_check.h"
#include "assay/work.h"

struct work_backup {
	uint64_t bytes, objects, live_files;
	int64_t runs, ledger_rows;
	char store[ID_TEXT], ledger_head[SHA256_TEXT]; /* head "" without a ledger */
	const char *ledger_problem; /* the chain of decisions does not hold, and how; NULL: it does */
	const char **damaged;       /* objects whose bytes are not those of their name, there as here */
	size_t damaged_count;
	size_t left_out; /* files of odd names or kinds, in objects/ and live/ */
};
/* Writes the backup beside its place, syncs it, reads all of it back, looks at the copied database
 * (integrity_check) and at the chain of the copied ledger, and only then gives it its name: any failure leaves
 * nothing. Others write on meanwhile. ERR_NO: the file is there and `replace` is false. ERR_USAGE: it would lie in
 * the store. ERR_STORE: the store is damaged, and no backup. */
int work_backup(struct store *store, const char *file, bool replace, store_progress_fn *progress, void *user,
                struct arena *mem, struct work_backup *out, struct error *err);
/* Does the file begin as a backup does? */
bool work_is_backup(const char *file);

struct work_restored {
	const char *place, *aside; /* the store; where the old one went (NULL: there was none) */
	struct work_backup from;   /* left_out and damaged are not told */
	int64_t made;
	const char *pin; /* what the person has verified lies behind this ledger's end; NULL: it does not */
};
/* Where a store is restored to: `asked` (its .assay, unless that is its name or a store), else $ASSAY_STORE, else
 * .assay here. Caller frees. */
char *work_restore_place(const char *asked);
/* Everything is unpacked beside the place and looked at (names, digests, integrity_check, ids of both databases, the
 * chain) before anything is put there. ERR_NO: there is something already, and `force` is false; with it that is
 * moved to PLACE.before-restore-TIME, unless runs in it are being watched; both are asked again at the end. ERR_USAGE: the
 * place lies in a store. ERR_TAMPER: it is no whole backup. */
int work_restore(const char *file, const char *place, bool force, store_progress_fn *progress, void *user,
                 struct arena *mem, struct work_restored *out, struct error *err);

/* ---- the doctor ---- */

/* Everything that store_check looks at, the ledger (as work_verify does; quick: behind the person's pin), and what is
 * around: terminal, characters, programs, libraries, what the kernel offers. The store need not open. -1: there is none,
 * or it was stopped. */
int work_doctor(const char *path, bool quick, store_progress_fn *progress, void *user,
                struct care_report *out, struct error *err);

/* ---- salvage ---- */

struct work_salvage {
	struct store_salvage rows;
	int64_t objects, object_bytes;
	const char **lost; /* objects that are not what their names say, lost_count of them */
	size_t lost_count;
	int64_t ledger_rows;
	const char *ledger_problem; /* what ends the chain; NULL: nothing, or there was no ledger */
	int64_t live;               /* folders of runs, whose reports can still be absorbed */
	const char *place;
};
/* Makes a store at `place` (as work_restore_place gives it; nothing may be there) of everything that is whole in the
 * one at `path`, which is only read: rows, good blocks of series, objects whose bytes are those of their names, the
 * ledger as far as its chain is whole, drafts, folders of runs. Built beside its place and moved there whole. */
int work_salvage(const char *path, const char *place, store_progress_fn *progress, void *user,
                 struct arena *mem, struct work_salvage *out, struct error *err);

#endif
