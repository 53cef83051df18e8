/*
 * work: the acts that join rooms. A command and a screen that do the same thing call the same
 * function here; whatever is written into a store by a person's wish is written by one of these
 * (or by the supervisor of a run).
 *
 * Functions take an open store (store.h) and are as thread-safe as that handle: one thread at a
 * time. Functions marked (reads) work on a read-only handle too. References to runs are as on the
 * command line: id, any unique beginning or end of it, name, @last; to data sets NAME (its newest
 * version) or NAME@N.
 */
#ifndef ASSAY_WORK_H
#define ASSAY_WORK_H

#include "assay/base.h"
#include "assay/data.h"
#include "assay/learn.h"
#include "assay/run.h"
#include "assay/store.h"

/* ---- stores ---- */

/* Makes the store dir/.assay (dir NULL: here); *path is its folder (caller frees). One that is there
 * already is left as it is: ERR_NO. */
int work_init(const char *dir, char **path, struct error *err);
/* Finds the store (store_find) and opens it, and looks after the runs that were left alone (run_reap).
 * With STORE_READ, a store that can be written is opened for writing all the same, so that what is
 * read is true; one that cannot is opened for reading. */
int work_open(const char *asked, enum store_mode need, struct store **out, struct error *err);

/* ---- data sets ---- */

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
 * the profile. Names: letters, digits, - _ . (no @, not beginning with a point or a dash). */
int work_data_add(struct store *store, const char *name, const char *const paths[], size_t path_count,
                  const struct reading *reading, int threads, struct work_data_added *out, struct error *err);
/* (reads) Loads a version into memory. Its files are hashed first: ERR_TAMPER with the file's name and
 * what to do if one is not as it was registered, ERR_ENV if one is gone. */
int work_data_load(struct store *store, const struct work_data *d, int threads, struct table *out,
                   struct error *err);
/* (reads) The profile of a version: the one kept by digest, else computed now (and kept, if the store
 * can be written). */
int work_data_profile(struct store *store, const struct work_data *d, int threads, struct profile *out,
                      struct error *err);
/* (reads) Only if it is kept already; *found says. Never reads the data: for the screen. */
int work_data_profile_kept(struct store *store, const struct work_data *d, struct profile *out, bool *found,
                           struct error *err);
/* Forgets NAME@N, or with NAME all versions. ERR_NO if a run that still runs uses one. */
int work_data_rm(struct store *store, const char *ref, size_t *removed, struct error *err);

/* ---- training ---- */

struct work_set {
	const char *key, *value;
};

/* `assay train`, as the command line and the Launch form have it. What is NULL or 0 was not said. */
struct work_train {
	const char *recipe;
	const char *data, *test; /* references; test may be NULL */
	double split;            /* NaN: not said (0.2 without a test set) */
	const char *label, *positive;
	const char *const *drop;
	size_t drop_count;
	const struct work_set *set; /* parameters of the recipe */
	size_t set_count;
	int64_t seed; /* 0 or more; -1: not said (1) */
	int threads;  /* 0: not said (as many as the process may use) */
	const char *experiment, *name;
};
void work_train_init(struct work_train *t);
/* (reads) Says whether it can be launched: recipe, parameters, data sets, label, positive value, columns to
 * drop, test set against the training set, the library that the recipe needs; by what the store
 * knows, without reading the data. *field (may be NULL) is the option that is wrong, "data", "set" …
 * (a string constant); for "set", `at` (may be NULL) is which one. */
int work_train_check(struct store *store, const struct work_train *t, const char **field, size_t *at,
                     struct error *err);
/* The command that does the same: words of argv, ends with NULL; lives in the arena. */
const char *const *work_train_argv(const struct work_train *t, struct arena *mem);
/* Words of a command as one line that a shell reads back: quoted where it has to be. */
void work_shell_line(const char *const *argv, struct str *out);
/* The words of a run's recorded command (run_row.command, a JSON array), ended by NULL, in the arena; NULL if
 * it is not one. */
const char **work_command_words(const char *json, struct arena *mem, size_t *count);
/* Checks everything (and the files' digests) and launches the run. */
int work_train_launch(struct store *store, const struct work_train *t, struct run_started *out,
                      struct error *err);
/* The body of `internal-train`: the trainer itself, inside its run. The exit status. */
int work_trainer(void);

/* ---- models ---- */

/* Loads a run's model ("@last", an id, a name) or a model file (a path that exists; "run:" and
 * "model:" before the word decide). digest is that of the model's bytes. run_id is 0 for a file.
 * store may be NULL if the word is a file. (reads) */
int work_model(struct store *store, const char *ref, struct model **out, char digest[SHA256_TEXT],
               int64_t *run_id, struct error *err);

/* Whether work_model would look for a file: no store is needed then. */
bool work_model_is_file(const char *ref);

struct work_predicted {
	struct model_applied applied;
	bool by_id;    /* cases are named by an id column, else by row number from 1 */
	bool id_unfit; /* the training data had an id column; this file's is missing, incomplete or repeats */
};
/* Scores the rows of a CSV file, as CSV into out: "case,score". The file is read like the model's
 * training data where the store knows it, else as inferred. */
int work_predict(struct store *store, const char *model_ref, const char *path, int threads, struct str *out,
                 struct work_predicted *done, struct error *err);

/* Evaluates a model on a registered data set. The predictions and the evidence are kept as objects,
 * the evaluation as a row. */
struct work_evaluated {
	struct evaluation evaluation;
	struct str json;            /* the object of `evaluate --json`; release it */
	char evidence[SHA256_TEXT]; /* the evidence in objects/ */
	struct model_applied applied;
};
int work_evaluate(struct store *store, const char *model_ref, const char *data_ref, double threshold,
                  int threads, struct work_evaluated *out, struct error *err);
/* Releases json. */
void work_evaluated_release(struct work_evaluated *e);

/* Predictions as kept, with the labels of the registered data. (reads, and loads the data) */
struct work_predictions {
	char data_digest[SHA256_TEXT]; /* data set version that the cases are of */
	char split[16];                /* "test", "split" (part of the training set), "all" */
	size_t n;
	const char **case_id; /* in the order of the data */
	double *score;
	double *label; /* from the registered data at the time of the evaluation; NaN: none */
	struct arena *mem;
};
int work_predictions(struct store *store, const struct store_evaluation *of, struct work_predictions *out,
                     struct error *err);
void work_predictions_release(struct work_predictions *p);

/* ---- comparing ---- */

enum work_diff_kind { DIFF_ABOUT, DIFF_PARAM, DIFF_METRIC, DIFF_INPUT, DIFF_TAG };

struct work_diff_row {
	enum work_diff_kind kind;
	const char *name;    /* "l2", "auc", "train" … */
	const char *context; /* of a metric, "" for others */
	const char **text;   /* one a run, NULL where the run has none */
	double *value;       /* of a metric: one a run, NaN where it has none; else NULL */
	bool differs;
	int direction; /* of a metric: 1 more is better, -1 less is better, 0 not known */
	long best;     /* of a metric: which run is best, -1 if that cannot be said */
};

/* AUC of a run against the baseline on the same cases (DeLong, paired). */
struct work_diff_pair {
	bool there; /* false: `why` says why not */
	const char *why;
	struct auc_pair pair; /* a: the run, b: the baseline */
};

struct work_diff {
	size_t run_count, baseline;
	struct work_diff_run {
		int64_t id;
		const char *uuid, *name, *status;
	} * runs;
	struct work_diff_row *rows;
	size_t row_count;
	struct work_diff_pair *pairs; /* one a run; that of the baseline is not there */
	struct arena *mem;            /* holds everything above */
};
/* (reads) baseline: index into ids. */
int work_compare(struct store *store, const int64_t *ids, size_t count, size_t baseline,
                 struct work_diff *out, struct error *err);
void work_diff_release(struct work_diff *d);
/* The JSON of `compare --json`. */
void work_diff_json(const struct work_diff *d, bool only_differences, struct str *out);

/* ---- running any command ---- */

/* `assay run`, as the command line and the Launch form have it. */
struct work_run {
	const char *const *argv; /* ends with NULL */
	const char *cwd;         /* NULL: here */
	const char *experiment, *name;
	const struct work_set *params, *tags;
	size_t param_count, tag_count;
	const char *const *data; /* references, or files: a file that is no data set's name is registered
	                            under its own name first */
	size_t data_count;
	bool pipe;
	bool keep_input; /* the command reads what this process was given on standard input */
};
/* The command that does the same: words of argv, ends with NULL; lives in the arena. */
const char *const *work_run_argv(const struct work_run *r, struct arena *mem);
int work_run_launch(struct store *store, const struct work_run *r, struct run_started *out,
                    struct error *err);
/* Asks for the end of a run, in the name of the person whose process this is. */
int work_stop(struct store *store, const char *run_uuid, struct error *err);

#endif
