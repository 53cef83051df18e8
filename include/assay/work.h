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
#include "assay/bias.h"
#include "assay/data.h"
#include "assay/learn.h"
#include "assay/ledger.h"
#include "assay/run.h"
#include "assay/store.h"
#include "assay/work_data.h"

/* ---- stores ---- */

/* Makes the store dir/.assay (dir NULL: here); *path is its folder (caller frees). One that is there
 * already is left as it is: ERR_NO. */
int work_init(const char *dir, char **path, struct error *err);
/* Finds the store (store_find) and opens it, and looks after the runs that were left alone (run_reap).
 * With STORE_READ, a store that can be written is opened for writing all the same, so that what is
 * read is true; one that cannot is opened for reading. */
int work_open(const char *asked, enum store_mode need, struct store **out, struct error *err);

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
	bool followed; /* as run_spec's */
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

/* ---- bias ---- */

/* Where a column of numbers is cut into groups, instead of at its quartiles. */
struct work_bias_cut {
	const char *column;
	const double *at; /* rising */
	size_t count;
};
struct work_bias {
	const char *const *by; /* columns; none: those with the role "protected" */
	size_t by_count;
	int depth;           /* 1; 2 or 3: intersections of so many columns too */
	const char *stratum; /* column of the strata for conditional demographic disparity, or NULL */
	const struct work_bias_cut *cuts;
	size_t cut_count;
	struct bias_settings settings;
	uint64_t replicates; /* 0: no bootstrap, no permutation */
	uint64_t seed;
	int threads; /* 0: as many as the process may use */
	bool
	    looking; /* only to compare: the evidence is an object, but no report of the store, and nobody made it */
};
void work_bias_init(struct work_bias *w); /* depth 1, the room's settings, BIAS_REPLICATES, seed 1 */

/* What a report is made of. A category gives its values in the order of their bytes; a number column with at
 * most ten different values gives these, any other is cut into quarters at its quantiles ("under 28", "28 to
 * under 37" …: a value on a cut belongs to the part above); times are cut likewise. The notes say so. */
struct work_bias_cases {
	struct bias_table *table;
	char model[SHA256_TEXT],
	    data[SHA256_TEXT]; /* model "" for a table of decisions (data: of the file's version) */
	char *data_name;       /* "adult@1", or the path */
	char *label, *positive;
	const char *split;   /* constant: "all", "test", "split" */
	size_t unlabelled;   /* cases left out because their label is missing */
	size_t undecided;    /* and, of a table, because their score or decision is */
	int64_t run_id;      /* 0: of a model file, or without a model */
	struct str notes;    /* for a person, a line each */
	struct str settings; /* JSON of everything that was asked for */
	size_t *row, cases;  /* of a model: rows that were scored, with their scores */
	double *score;
};
/* (reads) Scores the cases and divides them into groups. data_ref NULL: what the run was tested on (its test
 * set, or the part of its training data that was kept back). For a screen, which then calls bias_report and
 * bias_resample itself. */
int work_bias_load(struct store *store, const char *model_ref, const char *data_ref,
                   const struct work_bias *how, struct work_bias_cases *out, struct error *err);
/* The same from any table of decisions; no store is needed. Exactly one of decision and score is a column.
 * The positive value (NULL: the reading's) is that of the label and of the decision; without one, 1 of
 * columns that hold 0 and 1. A decision of 0 and 1 beside a label in words is taken as it is. */
struct work_bias_file {
	const char *path;
	const struct reading *reading; /* NULL: all of it inferred */
	const char *label, *positive;
	const char *decision, *selected; /* selected NULL: as positive; needed where decisions are other words */
	const char *score;
};
int work_bias_load_file(const struct work_bias_file *file, const struct work_bias *how,
                        struct work_bias_cases *out, struct error *err);
void work_bias_cases_release(struct work_bias_cases *c);

struct work_biased {
	struct work_bias_cases cases;
	struct bias_report report;  /* of cases.table */
	struct str json;            /* the object of `bias --json` */
	char evidence[SHA256_TEXT]; /* "bias-report" in objects/; "" for a table of decisions */
};
/* Loads, reports, resamples, keeps the evidence (kind "bias-report") as an object and a row that indexes it.
 */
int work_bias(struct store *store, const char *model_ref, const char *data_ref, const struct work_bias *how,
              struct work_biased *out, struct error *err);
/* Without a store and without evidence. */
int work_bias_of_file(const struct work_bias_file *file, const struct work_bias *how, struct work_biased *out,
                      struct error *err);
void work_biased_release(struct work_biased *b);

/* For a gate of the policy: one measure with its interval and the evidence that it stands in. A worst case,
 * or, if how->settings names a reference for `by`, the comparison with it that matters most, by size
 * (bias_size); of a rate, the group that matters most. The verdict is that of how->settings.limits (one with
 * this measure), else BIAS_NO_LIMIT. left_out > 0 means that groups were too few to be judged, and
 * BIAS_TOO_FEW that all but one were: neither is a pass. ERR_NO: the measure is not defined for what there is
 * (no strata, one group). */
struct work_bias_measured {
	double value, low, high; /* NaN: cannot be computed */
	enum bias_verdict verdict;
	size_t left_out;
	char groups[2][128]; /* "" where there is none */
	char evidence[SHA256_TEXT];
};
int work_bias_gate(struct store *store, const char *model_ref, const char *data_ref,
                   const struct work_bias *how, const char *measure, const char *by,
                   struct work_bias_measured *out, struct error *err);

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

/* The mean of a metric over the runs of a group (the seeds of one setting, say), its standard deviation, and Student's
 * t interval at 95 %: mean ± t(0.975, n - 1) sd / sqrt(n). NaN: below two runs there is no sd and no interval. */
struct work_group_interval {
	double mean, sd, low, high;
};
void work_group_interval(const struct runs_group_value *value, struct work_group_interval *out);

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
	bool pipe, no_mlflow;
	const char *unrecognised; /* recognisers that are off (run_finder.h); NULL: none */
	const char *orphans;      /* as run_spec's; NULL: as the store's config.ini says */
	bool keep_input;          /* the command reads what this process was given on standard input */
	bool followed;            /* as run_spec's */
};
/* The command that does the same: words of argv, ends with NULL; lives in the arena. */
const char *const *work_run_argv(const struct work_run *r, struct arena *mem);
int work_run_launch(struct store *store, const struct work_run *r, struct run_started *out,
                    struct error *err);
/* Asks for the end of a run, in the name of the person whose process this is. */
int work_stop(struct store *store, const char *run_uuid, struct error *err);

/* ---- saved views ---- */

/* What a saved view of the list of runs says: the text of store_saved of kind "view". */
enum work_difference { WORK_VALUE, WORK_DIFFERENCE, WORK_PERCENT };
const char *work_difference_name(enum work_difference d); /* "value", "difference", "percent" */
bool work_difference_parse(const char *name, enum work_difference *out);
struct work_view {
	const char *const *columns; /* as of runs_query; none: the screen's own */
	size_t column_count;
	const struct runs_order *sort;
	size_t sort_count;
	const char *filter;       /* "" for none */
	const char *const *group; /* keys of runs_groups_query */
	size_t group_count;
	bool over_seeds;
	const char *baseline; /* uuid of the run that others are compared with; NULL: none */
	enum work_difference difference;
	bool summary; /* column summaries are shown */
};
void work_view_write(const struct work_view *v, struct str *out); /* one JSON object, added to out */
/* ERR_USAGE says which member is not as it must be. Members that are not there are as in an empty view, unknown
 * ones are not looked at; names of columns and the filter are not checked. */
int work_view_read(const char *text, struct arena *mem, struct work_view *out, struct error *err);

/* ---- edits: what people change by hand, and can take back (store.h) ----
 *
 * In the name of whoever runs this process.
 */

/* Which runs are meant: these, or all that a filter finds; it is read once, and those are changed. Filters find
 * archived runs where they speak of `archived`, removed ones where they speak of `removed`, both where the runs are to
 * be restored. */
struct work_which {
	const int64_t *ids;
	size_t count;
	const char *filter; /* not NULL: instead of ids; "" finds all */
};
struct work_edited {
	int64_t asked;    /* runs that were meant */
	int64_t changed;  /* that were not so already; of several tags all changes together */
	int64_t left;     /* neither archived nor removed because they are not over */
	int64_t edits;    /* that were made: what `assay undo N` takes back */
	const char *text; /* "archived 3 runs"; "" where nothing was to be changed */
};
int work_archive(struct store *store, const struct work_which *which, bool archived, struct arena *mem,
                 struct work_edited *out, struct error *err);
int work_remove(struct store *store, const struct work_which *which, struct arena *mem,
                struct work_edited *out, struct error *err);
/* All or nothing; each tag is an edit. A value of NULL takes the tag away. */
int work_tag(struct store *store, const struct work_which *which, const struct work_set *tags,
             size_t tag_count, struct arena *mem, struct work_edited *out, struct error *err);
int work_note(struct store *store, int64_t run, const char *text, struct arena *mem, struct work_edited *out,
              struct error *err);
int work_rename(struct store *store, int64_t run, const char *name, struct arena *mem,
                struct work_edited *out, struct error *err);
/* store_saved_set, where the text is a view that can be read, or a filter that can be asked (ERR_USAGE). */
int work_saved(struct store *store, const struct store_saved *saved, struct arena *mem,
               struct work_edited *out, struct error *err);
/* (reads) The experiment's, else that of all; ERR_NO with what comes near. */
int work_saved_find(struct store *store, const char *kind, const char *experiment, const char *name,
                    struct arena *mem, struct store_saved *out, struct error *err);

struct work_edit {
	struct store_edit edit; /* edit.id 0: there was nothing to take back */
	const char *command; /* the command that does the same as taking it back (or making it again, where it is
	                           undone): "assay restore 3f9a01bc"; NULL: none does */
};
int work_undo(struct store *store, struct arena *mem, struct work_edit *out, struct error *err);
int work_redo(struct store *store, struct arena *mem, struct work_edit *out, struct error *err);
/* (reads) Those that can be taken back or made again, newest first. */
int work_edits(struct store *store, size_t limit, struct arena *mem, struct work_edit **out, size_t *count,
               struct error *err);

/* ---- trust: a store with its ledger ---- */

/* Both, and the ledger's state as it was last looked at. One thread at a time, as the store's handle. */
struct trust;

/* A store that has no ledger.db yet gets one when it can be written (no roster, the default policy); one that
 * cannot be written is then read as a ledger without rows. The ledger is loaded: chain, signatures behind the
 * person's pin (ERR_TAMPER names the row). */
int work_trust_open(struct store *store, struct trust **out, struct error *err);
void work_trust_close(struct trust *t); /* NULL is fine; the store stays open */
/* Looks again if anything was appended since; *changed (may be NULL) says whether. */
int work_trust_refresh(struct trust *t, bool *changed, struct error *err);
struct store *work_trust_store(struct trust *t);
struct ledger *work_trust_ledger(struct trust *t); /* NULL: there is none */
const struct ledger_state *
work_trust_state(const struct trust *t); /* until the next refresh that changes it */
/* Reads objects/ for the ledger. */
const struct ledger_objects *work_trust_objects(const struct trust *t);
/* As work_init, with the first roster (a file) whose SHA-256 must be `fingerprint` (hex, "sha256:" allowed
 * before it); ERR_TAMPER if it is not. Both NULL: without a roster. */
int work_init_trusted(const char *dir, const char *roster_file, const char *fingerprint, char **path,
                      struct error *err);
/* "login@host" of whoever runs this process: what rosters map people by. */
void work_user(char *out, size_t size);

/* ---- registry ---- */

struct work_version {
	const char *model;
	int64_t version;
	char subject[SHA256_TEXT];
	struct manifest_file *files;
	size_t file_count;
	int64_t bytes;
	int64_t run; /* row id in the store; 0: it is gone */
	char run_uuid[ID_TEXT];
	const char *run_name, *experiment, *launcher, *registrar; /* user@host */
	const char *description;                                  /* "" for none */
	int64_t registered, row;                                  /* time; ledger row */
	const char **aliases;
	size_t alias_count;
	/* By the ledger: */
	const char **stages; /* where it is now */
	size_t stage_count;
	const char
	    *standing; /* "candidate", "in review", "approved", "promoted", "stopped", "rejected", "superseded" */
	int64_t proposal; /* the newest one's row; 0 */
};
struct work_model_row {
	const char *name, *owner, *description;
	int64_t versions, latest, created;
	const char **stages; /* "production v6" … in the policy's order, highest first */
	size_t stage_count;
	int64_t waiting; /* proposals in review */
};

struct work_register {
	const char *run, *name;
	const char *description, *owner; /* may be NULL; owner is the model's, kept if it has one */
};
/* Gives a run's model (its artifact of kind "model" and the files of kind "model-file") the next version
 * number of the name; numbers are never used again. The files are in objects/, the manifest is kept there
 * too; a seal of the run and a registration row go into the ledger. The same run under the same name again:
 * *known and its version. */
int work_register(struct trust *t, const struct work_register *r, struct work_version *out, bool *known,
                  struct arena *mem, struct error *err);
/* NAME@3, NAME@production (stage), NAME@alias, NAME (newest). ERR_NO with what comes near. (reads) */
int work_version_find(struct trust *t, const char *ref, struct arena *mem, struct work_version *out,
                      struct error *err);
/* By name; newest first. (reads) */
int work_models(struct trust *t, struct arena *mem, struct work_model_row **out, size_t *count,
                struct error *err);
int work_versions(struct trust *t, const char *model, struct arena *mem, struct work_version **out,
                  size_t *count, struct error *err);
/* Points an alias at a version ("NAME@3"); it moves if it was there. version ref "NAME" and remove: takes it
 * away. */
int work_alias(struct trust *t, const char *ref, const char *alias, bool remove, struct error *err);
/* NULL: as it is. NAME@V: what is said of the version; whoever edits it becomes one of its authors. NAME:
 * description and owner of the model, which makes nobody an author. */
int work_model_edit(struct trust *t, const char *ref, const char *description, const char *owner,
                    struct error *err);
/* Data -> run -> version -> stages, a line each for people. (reads) */
struct work_lineage {
	const char *kind, *name, *digest, *note; /* "data", "applications@1", … */
	int depth;
};
int work_lineage(struct trust *t, const struct work_version *v, struct arena *mem, struct work_lineage **out,
                 size_t *count, struct error *err);
/* Digest over a finished run's parameters, final series values, inputs, outputs, code and environment.
 * (reads) */
int work_run_seal(struct store *store, int64_t run, char hex[SHA256_TEXT], struct error *err);
/* Re-hashes every file of the version: *problem (in the arena) says which one is not as the manifest says, or
 * that the manifest itself is gone; NULL when all is as it was. ERR only if the store cannot be looked into
 * at all. (reads) */
int work_version_intact(struct trust *t, const struct work_version *v, struct arena *mem,
                        const char **problem, struct error *err);

/* ---- gates ---- */

/* Computes every gate of the policy in force that applies to the stage, from what Assay itself computed:
 * missing evaluations and bias reports are made now (their producer is whoever runs this). Appends a
 * gate-results row unless the newest one says the same. Gates that cannot be computed are missing, with why.
 *
 * An evaluation counts if its predictions are those that the version's model gives for the registered data,
 * and if it is known who made it. Metrics: DeLong's interval for auc, Wilson's for accuracy, else percentiles
 * of 2,000 samples of the cases (seed 1). Champion: the difference on the same cases, DeLong's paired
 * interval or such samples; as long as the stage is empty it passes without numbers, which is asked again
 * when the results are judged. `data` of a policy: test, split, NAME[@V]; absent: the test set that the model
 * was trained with, else its split; never its training data. Of the data sets in `data`, those with the role
 * "eval" were measured on. */
struct work_gates {
	struct ledger_gate *gates;
	const char **why;  /* one a gate: what a person should know of it; NULL: nothing */
	double *champion;  /* one a gate: the champion's own value; NaN: none */
	double *candidate; /* value before a difference was taken; NaN */
	size_t count;
	struct ledger_data *data;
	size_t data_count;
	struct ledger_evidence *evidence;
	size_t evidence_count;
	int64_t row; /* of the gate-results */
};
int work_gates(struct trust *t, const struct work_version *v, const char *stage, struct arena *mem,
               struct work_gates *out, struct error *err);
/* What holds now of a version and stage: files re-hashed, the run's seal made anew, the newest gate results.
 * Nothing is computed anew and nothing written. (reads) */
int work_facts(struct trust *t, const struct work_version *v, const char *stage, struct arena *mem,
               struct ledger_facts *out, struct error *err);

/* ---- decisions ---- */

/* Who signs. */
struct work_signer {
	const char *key;       /* file; NULL: $ASSAY_KEY, the configuration, the agent (in this order) */
	const char *principal; /* NULL: whose key it is */
	const char *draft;     /* a roster's draft whose people may sign as well (to accept it); NULL: none */
	bool terminal;         /* ssh-keygen may ask on the terminal */
	const volatile bool *cancel;
};
/* Finds the person of the roster by the key; *out lives in the arena. ERR_ENV (no key found: what to do),
 * ERR_NO (the roster does not name it). (reads) */
struct work_person {
	const char *principal, *name, *public_key, *key_file; /* key_file NULL: the agent's */
	const char *fingerprint;
	const char **roles;
	size_t role_count;
};
int work_signing_person(struct trust *t, const struct work_signer *by, struct arena *mem,
                        struct work_person *out, struct error *err);
/* The same by name, without a key: for a text that will be signed elsewhere. ERR_NO with what comes near.
 * (reads) */
int work_person_find(struct trust *t, const char *principal, struct arena *mem, struct work_person *out,
                     struct error *err);

struct work_decision {
	enum ledger_kind kind;
	int64_t target;    /* proposal (approve, reject, waive, promote), row (revoke, retro-review) */
	const char *model; /* "NAME@V" (propose, break-glass), "NAME" (rollback, halt, resume) */
	const char *stage;
	int64_t version; /* rollback: where to; 0: the one before */
	const char *gate, *incident;
	double bound;        /* waive; NaN: the measured value */
	int64_t until;       /* waive, break-glass */
	const char *file;    /* roster, policy: the draft */
	const char *role;    /* NULL: the one of the person's that counts most for the stage */
	const char *reason;  /* NULL only where none is needed */
	const char *request; /* id of the request; NULL: made here */
};
/* The exact text that would be signed, from the state as it is now (`seen`). Every rule is asked: ERR_NO says
 * which one forbids. propose computes the gates first. */
struct work_draft {
	int64_t row; /* the same person has decided the same, and it stands: text is that row's; else 0 */
	struct str text;
	char digest[SHA256_TEXT]; /* SHA-256 of the text: its first six digits are what a signer types */
	struct ledger_text parsed;
	struct arena *mem;
};
int work_draft(struct trust *t, const struct work_decision *d, const struct work_person *who,
               struct work_draft *out, struct error *err);
void work_draft_release(struct work_draft *d);
struct work_receipt {
	int64_t row;
	bool known; /* it stood there already (the same request, or the same person has decided the same) */
	char link[SHA256_TEXT], text_digest[SHA256_TEXT];
	const char *fingerprint, *principal, *at;
	int level;
	const char *then; /* what follows from it: "1 of 2 signatures; a risk-reviewer is still needed" */
	const char
	    *undone; /* the row stands, but this did not follow (publication, hook), and what to do; or NULL */
	enum error_code undone_code;
	struct arena *mem;
};
/* Signs the draft's bytes, verifies the signature, appends, and does what follows (promote and rollback
 * publish the stage bundle and run the hook). Interrupted anywhere and done again by the same key: the same
 * row. */
int work_decide(struct trust *t, const struct work_draft *draft, const struct work_person *who,
                const struct work_signer *by, struct work_receipt *out, struct error *err);
/* The same with a signature made elsewhere over `text` (as work_draft gave it). */
int work_decide_signed(struct trust *t, const char *text, size_t len, const char *sig, size_t sig_len,
                       struct work_receipt *out, struct error *err);
/* A halt without a signature. */
int work_halt_unsigned(struct trust *t, const char *model, const char *stage, const char *reason,
                       struct work_receipt *out, struct error *err);
void work_receipt_release(struct work_receipt *r);

/* ---- the review ---- */

struct work_change {
	const char *kind; /* "params", "features", "data", "code", "environment" */
	const char *name, *before, *after;
};
/* Everything that the one screen shows. (reads) */
struct work_review {
	const struct ledger_proposal *proposal;
	struct work_version version, champion; /* champion.model NULL: none */
	int64_t champion_since;
	struct ledger_facts facts;
	struct ledger_judgement judgement;
	double *gate_champion, *gate_candidate; /* one a gate of the judgement; NaN */
	const char **gate_why;                  /* NULL: nothing to say */
	struct work_change *changes;
	size_t change_count, params_changed, features_added, features_removed;
	int64_t rows_more; /* of training data */
	const char *code;  /* "4 commits", "same", "not known" */
	const char *proposer_name;
	const char **warnings; /* names with other than ASCII letters, mixed scripts … */
	size_t warning_count;
	struct arena *mem;
};
int work_review(struct trust *t, int64_t proposal, struct work_review *out, struct error *err);
void work_review_release(struct work_review *r);
/* Proposals that wait; `who` NULL: all, else those that this person may still sign. (reads) */
int work_waiting(struct trust *t, const struct work_person *who, struct arena *mem,
                 const struct ledger_proposal ***out, size_t *count, struct error *err);

/* ---- stages, for deployment and CI ---- */

/* Everything about the version in a stage, asked anew: chain, signatures, standing, files. The result of
 * `check`. */
struct work_checked {
	bool pass;
	enum error_code code; /* why not: ERR_NO, ERR_TAMPER when files are not what was signed; 0: it passes */
	struct work_version version;
	struct ledger_judgement
	    judgement; /* of the proposal that put it there; release with work_checked_release */
	const char **reasons;
	size_t reason_count;
	const char **warnings;
	size_t warning_count;
	struct arena *mem;
};
int work_check(struct trust *t, const char *model, const char *stage, const char *dir, /* NULL: no folder */
               struct work_checked *out, struct error *err);
void work_checked_release(struct work_checked *c);
/* Writes the bundle of a version into a new folder: decisions, ledger.tsv, roster, policy, manifest, files,
 * evidence, verify.sh. All or nothing. */
int work_bundle(struct trust *t, const struct work_version *v, const char *dir, struct error *err);

/* ---- verification ---- */

/* The whole ledger of a store, its objects too; also of one that work_trust_open refuses. `known`: a row and
 * its link that are known from elsewhere, beside the person's own pin; NULL: none. from_pin: only what lies
 * behind the own pin. The pin moves forward when nothing is wrong. (reads) */
int work_verify(struct store *store, const struct ledger_pin *known, bool from_pin,
                ledger_progress_fn *progress, void *user, struct ledger_report *out, struct error *err);
/* A bundle by itself, as its verify.sh does it, which must agree. No pin of the person is looked at. */
int work_bundle_verify(const char *dir, const struct ledger_pin *known, ledger_progress_fn *progress,
                       void *user, struct ledger_report *out, struct error *err);

#endif
