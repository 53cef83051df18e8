/*
 * store_events: following a folder of event files (store.md "Capture") for as long as a run lives. store_absorb does
 * the same for one look.
 *
 * events-WRITER.jsonl is what a writer appends to; events-WRITER.jsonl.1, .2, -20261127, .old … are what it or a
 * rotation has put aside. A file keeps its place through any renaming, and a copy that continues what was absorbed
 * (copytruncate) goes on where the original ended: each line counts once. What is put aside is absorbed before what
 * came after it. A file that was cut short, overwritten or removed before all of it was read, and of which the folder
 * has no copy, is said as a bad line. Compressed files are not read.
 */
#ifndef ASSAY_STORE_EVENTS_H
#define ASSAY_STORE_EVENTS_H

#include "assay/store.h"

/* What is remembered of a folder between looks, so that a look costs what has changed: names, sizes and times of its
 * files. Many files are all looked at less often, so that looking takes about a hundredth of the time; those that have
 * changed in the last seconds are looked at each time. */
struct events_folder;
struct events_folder *store_events_new(const char *folder); /* it need not be there yet */
void store_events_free(struct events_folder *f);            /* NULL is fine */
/* store_absorb, with what is remembered. With ABSORB_FINAL every file is looked at. Takes from at most 256 files a call;
 * who had to wait is first in the next (out->more). */
int store_events_absorb(struct store *s, int64_t run, struct events_folder *f, unsigned flags,
                        struct absorbed *out, struct error *err);
/* Up to where the file of that name is absorbed; 0: nothing of it yet. */
int store_events_offset(struct store *s, int64_t run, const char *name, int64_t *offset, struct error *err);
/* Forgets which files there were, for a run whose folder goes now; but events-stdin-*, whose reporters (run_report.h)
 * still ask. */
int store_events_forget(struct store *s, int64_t run, struct error *err);
/* A run that is over and of this kind runs again, with this supervisor: more is reported into it. ERR_STALE: it is not
 * over, of another kind, sealed, or removed. */
int store_run_reopen(struct store *s, int64_t id, const char *kind, const struct run_process *supervisor,
                     struct error *err);

#endif
