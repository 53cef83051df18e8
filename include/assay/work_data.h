/*
 * work: data sets: registered, found again, loaded after their bytes were checked; what is computed from one is
 * kept by the digest of its bytes and its reading, so that the second look at it is instant.
 */
#ifndef ASSAY_WORK_DATA_H
#define ASSAY_WORK_DATA_H

#include "assay/base.h"
#include "assay/data.h"
#include "assay/data_overlap.h"
#include "assay/data_relation.h"
#include "assay/data_split.h"
#include "assay/data_tally.h"
#include "assay/store.h"

/* One version of a data set, as registered. */
struct work_data {
	int64_t id; /* the store's row id of the version */
	char *name;
	int64_t version;
	char digest[SHA256_TEXT]; /* of the version: bytes and reading */
	uint64_t rows;
	size_t column_count;
	int64_t created;
	struct reading reading; /* resolved */
	struct table_file *files;
	size_t file_count;
	struct arena *mem; /* holds name and files */
};
/* (reads) */
int work_data_find(struct store *store, const char *ref, struct work_data *out, struct error *err);
int work_data_find_id(struct store *store, int64_t id, struct work_data *out, struct error *err);
void work_data_release(struct work_data *d);

struct work_data_added {
	int64_t id, version;
	char digest[SHA256_TEXT];
	bool known; /* these bytes, read this way, were registered already: nothing was added */
	uint64_t rows;
	size_t columns;
	struct str notes; /* what was inferred, a line each; release it */
};
/* Reads the files, infers what the reading leaves open, keeps the version under the name, and keeps
 * the profile: of the rows, and with a column of weights the estimates with sampling weights beside it (how->weights does
 * not count). Names: letters, digits, - _ . (no @, not beginning with a point or a dash). */
int work_data_add(struct store *store, const char *name, const char *const paths[], size_t path_count,
                  const struct reading *reading, const struct profile_options *how,
                  struct work_data_added *out, struct error *err);
/* (reads) Loads a version into memory. Its files are hashed first: ERR_TAMPER with the file's name and
 * what to do if one is not as it was registered, ERR_ENV if one is gone. A file that was not read to its end
 * (table.cut) is not checked. */
int work_data_load(struct store *store, const struct work_data *d, const struct table_options *how,
                   struct table *out, struct error *err);
/* (reads) The same by table_read_passes: what `take` is given was not checked yet. */
int work_data_load_passes(struct store *store, const struct work_data *d, const struct table_options *how,
                          struct table_passes *passes, struct table *out, struct error *err);
/* (reads) The same into a tally, as tally_files has it; NULL: not. */
struct tally *work_data_tally(struct store *store, const struct work_data *d,
                              const struct profile_options *how, struct table *about, struct error *err);
/* (reads) The profile of a version: the one kept by digest, else computed now (and kept, if the store
 * can be written). One that an earlier version kept is computed anew, and given as it is where that cannot be done. With
 * how->weights STATS_FREQUENCY it is computed, and not kept. */
int work_data_profile(struct store *store, const struct work_data *d, const struct profile_options *how,
                      struct profile *out, struct error *err);
/* (reads) Only if it is kept already; *found says. Never reads the data: for the screen. */
int work_data_profile_kept(struct store *store, const struct work_data *d, struct profile *out, bool *found,
                           struct error *err);
/* Keeps a profile that was made where the store could not be written: profile_json of it. */
int work_data_profile_keep(struct store *store, const struct work_data *d, const char *json,
                           struct error *err);
/* (reads) What its columns have to do with each other: kept by digest like the profile, once computed. label NULL: the
 * data set's own. *kept (may be NULL): it was there already. With `only_kept` nothing is computed: then *kept says. */
int work_data_relations(struct store *store, const struct work_data *d, const char *label, bool only_kept,
                        struct progress *progress, struct relations *out, bool *kept, struct error *err);
/* Keeps what was made, for the data set's own label, where the store could not be written: relations_json of it, with
 * limit 0. */
int work_data_relations_keep(struct store *store, const struct work_data *d, const char *json,
                             struct error *err);
/* (reads) Which rows two versions have in common, told of every row, from both sides: in `test` those of `test` that stand
 * in `train`, as `assay data relations TRAIN --against TEST` has them; in `train` those of `train` that stand in `test`, by
 * the same columns and label. Nothing of it is kept. ERR_USAGE: no column is in both. */
struct work_overlap {
	struct overlap test, train;
};
int work_data_overlap(struct store *store, const struct work_data *train, const struct work_data *test,
                      struct progress *progress, struct work_overlap *out, struct error *err);
void work_overlap_release(struct work_overlap *o);
/* profile_files, of files that are not registered, but kept in $XDG_CACHE_HOME/assay/profiles (as many as 1,000, 256 MB):
 * one that was profiled before is not read again if it is still the same (device, inode, size, times of its last
 * changes), and only hashed if it still has the same bytes, or another one has. Never kept: what comes through pipes, and
 * bounds that follow from the memory that was free. `fresh`: read again whatever is kept. In `about`, missing_by of columns
 * may be lacking. *made (may be NULL): when what is given was read, UTC ms; 0: now. A cache that cannot be used is no
 * error. */
int work_files_profile(const char *const paths[], size_t path_count, const struct reading *reading,
                       const struct profile_options *how, bool fresh, struct profile *out,
                       struct table *about, int64_t *made, struct error *err);
/* Forgets NAME@N, or with NAME all versions. ERR_NO if a run that still runs uses one. */
int work_data_rm(struct store *store, const char *ref, size_t *removed, struct error *err);

#endif
