/*
 * store, the part that takes in what running programs say (store.md "Capture"): event files, files in another tool's
 * format, what was recognised in output; and losses that are not what they should be, for whoever watches a run.
 *
 * Errors, arenas and handles as in store.h.
 */
#ifndef ASSAY_STORE_CAPTURE_H
#define ASSAY_STORE_CAPTURE_H

#include "assay/store.h"

/* ---- event files ----
 *
 * events-WRITER.jsonl is what a writer appends to; events-WRITER.jsonl.1, .2, -20261127, .old … are what it or a
 * rotation has put aside. A file keeps its place through any renaming, and a copy that continues what was absorbed
 * (copytruncate) goes on where the original ended: each line counts once. What is put aside is absorbed before what
 * came after it. A file that was cut short, overwritten or removed before all of it was read, and of which the folder
 * has no copy, is said as a bad line. What was compressed as it was put aside (.gz, .zst) counts as what it unpacks to,
 * up to 16 GiB: also where a part of it, or all, was absorbed before. One that is broken is read as far as it goes, and
 * said as a bad line; those of other compressors (.xz, .bz2) are not read.
 */

/* What is remembered of a folder between looks, so that a look costs what has changed: names, sizes and times of its
 * files. Many files are all looked at less often, so that looking takes about a hundredth of the time; those that have
 * changed in the last seconds are looked at each time. */
struct events_folder;
struct events_folder *store_events_new(const char *folder); /* it need not be there yet */
void store_events_free(struct events_folder *f);            /* NULL is fine */

enum {
	ABSORB_FINAL =
	    1 /* nobody writes any more: every file is looked at, and a last line without its end counts */
};
struct absorbed {
	uint64_t lines, points, bad_lines, bytes;
	bool more; /* there was more than one call takes: call again */
};
/* Absorbs what is new. How far each file is read is written in the same transaction as what its lines said: exactly
 * once, whatever is killed. A line that cannot be understood is counted and kept. A call takes a few MiB from 256 files
 * at most, so that other writers get their turn; files that had to wait come first in the next. out may be NULL. */
int store_events_absorb(struct store *s, int64_t run, struct events_folder *f, unsigned flags,
                        struct absorbed *out, struct error *err);
/* Up to where the file of that name is absorbed; 0: nothing of it yet. */
int store_events_offset(struct store *s, int64_t run, const char *name, int64_t *offset, struct error *err);
/* Forgets which files there were, for a run whose folder goes now; but events-stdin-*, whose reporters (run_report.h)
 * still ask. */
int store_events_forget(struct store *s, int64_t run, struct error *err);

struct bad_line {
	const char *file, *text, *why; /* text cut to 200 bytes */
	int64_t offset;
};
/* At most the first hundred are kept. */
int store_bad_lines(struct store *s, int64_t run, struct arena *mem, struct bad_line **out, size_t *count,
                    struct error *err);

/* ---- files in another tool's format (TensorBoard's), and how far each is absorbed ---- */

struct store_followed {
	const char *file;       /* its path */
	const char *context;    /* of its measurements */
	char mark[SHA256_TEXT]; /* that whoever reads it knows it by; "" */
	int64_t offset, records;
	bool broken; /* nothing more can be read out of it */
};
/* The files that are followed for the run, by their paths. */
int store_followed(struct store *s, int64_t run, struct arena *mem, struct store_followed **out,
                   size_t *count, struct error *err);
/* Whether another run has that file. */
int store_followed_elsewhere(struct store *s, int64_t run, const char *file, bool *yes, struct error *err);
/* Whether another run of this host worked in the folder, one above it or one below it at some time in [from, to]. */
int store_run_beside(struct store *s, int64_t run, const char *folder, int64_t from, int64_t to, bool *yes,
                     struct error *err);

struct store_follow_series {
	const char *name;
	const struct point *points;
	size_t count;
};
struct store_follow {
	struct store_followed file; /* as it is after this: offset, records, mark, broken */
	int64_t from;               /* the offset that was read from; 0 for a file that is new here */
	const struct store_follow_series *series;
	size_t series_count;
	const struct store_pair *params; /* key and value; one that is there with another value is a bad line */
	size_t param_count;
	uint64_t bad;   /* records that could not be understood … */
	int64_t bad_at; /* … the first of them */
	const char *why;
};
/* Points, parameters and the offset in one transaction: exactly once, whoever is killed. ERR_STALE: somebody else has
 * absorbed meanwhile; nothing is changed, look at store_followed again. */
int store_follow(struct store *s, int64_t run, const struct store_follow *batch, struct error *err);

/* ---- what was recognised in output, and by what ---- */

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

/* ---- losses ---- */

/* Points of all metrics of the run, whoever reported them. Costs a look at each of its series. */
int store_points_count(struct store *s, int64_t run, int64_t *count, struct error *err);
/* Metrics of the run that are better when they are less, and whose latest value is NaN or infinite after there were
 * finite ones, or is more than `factor` times their first value (0: these are not asked for). By name and context.
 * Costs a look at each series of the run. */
int store_losses_odd(struct store *s, int64_t run, double factor, struct arena *mem, struct series **out,
                     size_t *count, struct error *err);

#endif
