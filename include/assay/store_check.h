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

/* ---- what is well and what is not ---- */

enum care_level {
	CARE_OK,
	CARE_NOTE,     /* nothing is wrong; something optional is not there */
	CARE_WARNING,  /* to be seen to */
	CARE_DAMAGE,   /* something that was there is not whole */
	CARE_TAMPERED, /* what was decided is not what it was, or cannot be verified */
	CARE_LEVELS
};
const char *care_level_name(enum care_level level); /* "ok", "note", "warning", "damage", "tampered" */
struct care_line {
	const char *check; /* a word that stays the same: "database" … */
	enum care_level level;
	const char *text, *advice; /* what there is, and what to do ("" for nothing) */
};
struct care_report {
	struct arena *mem;
	struct care_line *lines;
	size_t count, cap;
};
void care_report_init(struct care_report *r);
void care_report_release(struct care_report *r);
void care_add(struct care_report *r, const char *check, enum care_level level, const char *advice,
              const char *format, ...) PRINTF_LIKE(5, 6);
enum care_level care_worst(const struct care_report *r);

/* Looks at the store in the folder `path`, however damaged it is, and adds what there is to say: sqlite, place,
 * permissions, disk, database, schema, links (foreign keys), series, objects, live, log, edits, clock. Nothing of the
 * store is written. quick: no series, no bytes of objects, and of the database what quick_check sees.
 * used: digests that something names, for what is not used (NULL: not known). kept: digests of objects that were put there
 * for others than rows of the database, which are looked for as well (NULL: not known). -1: it was stopped, or there is
 * no such folder. */
struct store_check {
	bool quick;
	const struct intern *used, *kept;
	store_progress_fn *progress;
	void *user;
};
int store_check(const char *path, const struct store_check *how, struct care_report *out, struct error *err);

/* ---- a new store from what is whole in a damaged one ---- */

struct store_saved_table {
	const char *name;
	int64_t rows;     /* that are in the new store */
	int64_t refused;  /* read, but they do not fit the schema or lead nowhere */
	const char *lost; /* which could not be read: "12, 40–66"; ids of rows or of their runs. "" for none */
};
struct store_saved_series {
	const char *run, *name, *context;
	int64_t lost;      /* points; those that the row says were there and are not */
	const char *where; /* "points 512–1023": counted from 0 in the order in which they came */
};
struct store_salvage {
	const char *problem; /* nothing of assay.db could be read, and why; NULL */
	bool mended;         /* the beginning of the file was not what it is in every store */
	bool schema_mended;  /* pages that say where its tables are were lost, and are as in every new store */
	bool id_found;       /* the store's id was; else that of `id`, or a new one */
	struct store_saved_table *tables;
	size_t table_count;
	struct store_saved_series *series; /* of which not everything is there; the first SALVAGE_TOLD */
	int64_t series_damaged, points_lost;
	int64_t stand_ins; /* runs and experiments whose own row is lost, for what is left of them */
	int64_t runs, points;
};
enum { SALVAGE_TOLD = 1000 };
/* Makes a store in the folder `to`, which must not be there, from assay.db of the folder `path`: rows as far as SQLite
 * can read them, good blocks of series, everything that is derived made anew. Objects, live folders and the ledger are
 * the caller's. `path` is only read. id: of the store, as the ledger says it, or NULL. ledger: there will be one; without
 * the store forgets that it had one. */
int store_salvage(const char *path, const char *to, const char *id, bool ledger, store_progress_fn *progress,
                  void *user, struct arena *mem, struct store_salvage *out, struct error *err);
/* A copy of a file, page by page: what the disk does not give is zeros (*unread of them, in pages of 4096 bytes). A
 * missing one is fine: nothing is made. */
int store_copy_pages(const char *from, const char *to, int64_t *unread, struct error *err);

#endif
