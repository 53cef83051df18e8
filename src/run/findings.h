/* findings: what the supervisor finds in the output: event lines of its own, and who told them. */
#ifndef ASSAY_RUN_FINDINGS_H
#define ASSAY_RUN_FINDINGS_H

#include "assay/run_finder.h"
#include "assay/store.h"

#define FILE_PATTERNS "patterns.ini" /* in live/RUN: what [patterns] said when the run was launched */

/* [patterns] of the store's config.ini (and what it has for the experiment), and `unrecognised` (a list as `off` has it; NULL: none), as a file's text; ""
 * when there is nothing to say. Wrong ones are refused. */
int patterns_settings(const char *store_dir, const char *experiment, const char *unrecognised,
                      struct str *out, struct error *err);

struct findings {
	const char *dir; /* live/RUN */
	struct run_patterns *patterns;
	struct run_finder *finder; /* NULL: the output is not searched */
	struct str lines;          /* event lines, not yet on disk */
	int fd;                    /* of FILE_FOUND; -1: not open */
	uint64_t size;             /* of what is on disk */
	int64_t *saved;            /* by number of what was recognised: lines that the store knows of */
	size_t saved_cap, saved_count;
	int64_t next_save; /* monotonic */
};
void findings_init(struct findings *f, const char *dir); /* dir is borrowed */
int findings_begin(struct findings *f, struct error *err);
void findings_feed(struct findings *f, const char *bytes, size_t len);
void findings_end(struct findings *f); /* no more will come */
/* Event lines to disk, whole ones or nothing: a torn one would spoil the next. */
void findings_flush(struct findings *f);
/* What was recognised to the store, every few seconds, or at once. */
int findings_save(struct findings *f, struct store *store, int64_t run, bool now, struct error *err);
void findings_release(struct findings *f);

#endif
