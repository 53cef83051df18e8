/*
 * store, what a tracking server needs of it: experiments as rows, the few things of a run that its clients may
 * change, records that are kept as they came, objects that arrive in pieces.
 *
 * As in store.h, every function is a transaction of its own unless store_begin was called. Nothing here is an edit
 * that a person could take back: programs report what is so.
 */
#ifndef ASSAY_STORE_TRACKING_H
#define ASSAY_STORE_TRACKING_H

#include "assay/store.h"

/* ---- experiments ---- */

struct experiment_row {
	int64_t id;
	const char *name;
	bool deleted;    /* hidden, as MLflow has it; its runs stay */
	int64_t created; /* ms */
};
/* ERR_NO: there is none. */
int store_experiment_row(struct store *s, int64_t id, struct arena *mem, struct experiment_row *out,
                         struct error *err);
int store_experiment_named(struct store *s, const char *name, struct arena *mem, struct experiment_row *out,
                           bool *found, struct error *err);
/* All of them, the newest first. */
int store_experiment_rows(struct store *s, struct arena *mem, struct experiment_row **out, size_t *count,
                          struct error *err);
/* Known, or made. */
int store_experiment_make(struct store *s, const char *name, int64_t *id, struct error *err);
/* ERR_NO: another one is called so. */
int store_experiment_rename(struct store *s, int64_t id, const char *name, struct error *err);
int store_experiment_delete(struct store *s, int64_t id, bool deleted, struct error *err);
/* value NULL takes it away; *found (may be NULL): there was one. */
int store_experiment_tag(struct store *s, int64_t id, const char *key, const char *value, bool *found,
                         struct error *err);
int store_experiment_tags(struct store *s, int64_t id, struct arena *mem, struct store_pair **out,
                          size_t *count, struct error *err);

/* ---- runs ---- */

int store_run_experiment(struct store *s, int64_t run, int64_t *experiment, struct error *err);
int store_run_move(struct store *s, int64_t run, int64_t experiment, struct error *err);
int store_run_rename(struct store *s, int64_t run, const char *name, struct error *err);
/* Fills in what is not known yet: NULL leaves it. */
int store_run_learn(struct store *s, int64_t run, const char *parent, const char *code_commit,
                    struct error *err);
/* over -> running, of a run that a client made (source "mlflow"): it has taken it up again. */
int store_run_resume(struct store *s, int64_t run, struct error *err);
/* `at` 0: not removed. ERR_STALE: it is being purged, and some of it is gone already. */
int store_run_remove(struct store *s, int64_t run, int64_t at, struct error *err);
int store_tag_remove(struct store *s, int64_t run, const char *key, bool *found, struct error *err);

/* ---- records: what a client reported and Assay has no shape of its own for ---- */

struct store_record {
	const char *kind;   /* "mlflow.input", "mlflow.output", "mlflow.model" */
	const char *key;    /* unique among those of the kind (and of the run, if there is one) */
	int64_t run;        /* 0: of none */
	int64_t experiment; /* 0: of none */
	const char *json;   /* the text as it came */
};
/* The same kind, key and run again replaces it. */
int store_record_put(struct store *s, const struct store_record *record, struct error *err);
/* The newest of that kind and key, whatever its run. */
int store_record_get(struct store *s, const char *kind, const char *key, struct arena *mem,
                     struct store_record *out, bool *found, struct error *err);
int store_record_drop(struct store *s, const char *kind, const char *key, struct error *err);
/* Of a run, oldest first. */
int store_records(struct store *s, int64_t run, const char *kind, struct arena *mem,
                  struct store_record **out, size_t *count, struct error *err);
/* Of an experiment, newest first. */
int store_experiment_records(struct store *s, int64_t experiment, const char *kind, struct arena *mem,
                             struct store_record **out, size_t *count, struct error *err);

/* One artifact by its name; false: there is none. */
int store_artifact_get(struct store *s, int64_t run, const char *name, struct arena *mem,
                       struct run_artifact *out, bool *found, struct error *err);

/* ---- objects that arrive in pieces ---- */

struct store_object_writer;
int store_object_begin(struct store *s, struct store_object_writer **out, struct error *err);
int store_object_add(struct store_object_writer *w, const void *bytes, size_t len, struct error *err);
/* Keeps it under its digest. Frees w, in failure too. */
int store_object_finish(struct store_object_writer *w, char hex[SHA256_TEXT], uint64_t *size,
                        struct error *err);
void store_object_drop(struct store_object_writer *w); /* NULL is fine */

#endif
