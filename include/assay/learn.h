/*
 * learn: from a table and a recipe to a model file, predictions and an evaluation; and from a model
 * file and another table to scores. XGBoost is loaded on first use and lives in one file here.
 *
 * Which columns a model sees
 *   Never: the label, the weight, time and id columns, columns of type text, id and time, columns that
 *   are all missing or constant in the training part, and columns that the caller drops. Weights
 *   are used as sample weights.
 *   Protected and background columns ARE features unless dropped: a model that must not see them is
 *   trained with --drop; leaving them out in silence would hide proxies, and a workbench that
 *   did so could not show what a shortcut does. The model's notes name every one that it was trained on.
 *   What was left out, and why, stands in the model file ("left_out") and in model_info.
 *
 * How they are encoded (fitted on the training part alone, kept with the model)
 *   bool, int, num  the value; missing: the training mean for logistic, with a second column "NAME
 *                   missing" if any training value was missing; left missing for trees. Infinite: an error.
 *                   Logistic scales to mean 0, sd 1 inside (l2 acts on that scale) and reports coefficients
 *                   on the original one. Weights are scaled to mean 1.
 *   cat             one column a level. Levels seen fewer than `min_count` times, and those beyond the
 *                   `max_levels` most frequent, become one level "(other)"; missing is a level of
 *                   its own if it occurred in training. A level without a column is "(other)" if there
 *                   is one, else no level at all; it is counted (model_applied.unseen). Logistic leaves out
 * the most frequent level (the reference: what "no level" means there).
 *
 * Same data, parameters and seed: the same bytes of model and predictions for any number of threads.
 */
#ifndef ASSAY_LEARN_H
#define ASSAY_LEARN_H

#include "assay/base.h"
#include "assay/data.h"
#include "assay/stats.h"

/* ---- recipes: the const table that the Launch form, `assay recipes` and argument checks use ---- */

enum learn_param_type { LEARN_INT, LEARN_NUM, LEARN_BOOL };

struct learn_param {
	const char *name;
	enum learn_param_type type;
	double low, high; /* both allowed; inf: no upper end */
	double fallback;  /* the default */
	const char *help; /* one line */
};

enum { LEARN_PARAMS_MAX = 16 };

struct learn_recipe {
	const char *name;
	const char *help; /* one line */
	const struct learn_param *params;
	size_t param_count;
	bool needs_xgboost;
};

const struct learn_recipe *learn_recipes(size_t *count);
/* The recipe of that name; NULL with the names that there are in err (ERR_USAGE). */
const struct learn_recipe *learn_recipe_find(const char *name, struct error *err);
/* values[LEARN_PARAMS_MAX]: the defaults. */
void learn_params_default(const struct learn_recipe *r, double *values);
/* Sets one parameter from text ("0.1", "true"): ERR_USAGE names the parameter, its range or the known ones.
 */
int learn_param_set(const struct learn_recipe *r, double *values, const char *name, const char *text,
                    struct error *err);
/* The value as text ("6", "0.3", "true"). */
const char *learn_param_text(const struct learn_param *p, double value, char out[NUM_TEXT]);
/* 0 if what the recipe needs is installed; else ERR_ENV with the name of the package. */
int learn_recipe_ready(const struct learn_recipe *r, struct error *err);

/* ---- evaluation ---- */

/* Of probabilities for a binary label, unweighted. Quantities that cannot be computed are NaN, and
 * `why` says why (one class, no rows). */
struct evaluation {
	size_t n, positives;
	size_t unlabelled; /* rows left out because their label is missing */
	double threshold;
	struct auc auc; /* 95 % */
	double average_precision, log_loss, brier, accuracy;
	struct confusion confusion;
	struct calibration uniform, equal_mass;
	const char *why; /* static text, NULL if everything could be computed */
};
/* label[n]: 1, 0 or NaN (left out); score[n]: finite. */
void evaluation_compute(struct evaluation *e, const double *score, const double *label, size_t n,
                        double threshold);
/* The object of commands.md "evaluate": keys sorted, no white space, null with "KEY_why". Adds the members
 * to an open object of j (so that a caller can add its own around them). */
void evaluation_json(const struct evaluation *e, struct json_writer *j);

/* ---- training ---- */

struct learn_spec {
	const struct learn_recipe *recipe;
	double params[LEARN_PARAMS_MAX]; /* learn_params_default first */
	const char *label;               /* NULL: the column with the role */
	const char *positive;            /* NULL: the reading's, else 1 or true (table_label) */
	const char *const *drop;         /* names of columns that are no features */
	size_t drop_count;
	uint64_t seed;
	int threads; /* 0: as many as the process may use */
	double
	    split; /* without a test table: share of rows kept for testing, 0 (none) … 0.9; stratified by label */
	/* Kept in the model file as given, may be NULL: digests of the data set versions. */
	const char *data_version, *test_version;
};

/* A measurement while it trains. */
struct learn_progress {
	const char *metric;  /* "log_loss", "auc" */
	const char *context; /* "train", "validation" */
	int64_t step;        /* round or iteration, from 1 */
	double value;
	double done; /* 0 … 1, a guess */
};
/* Called on the thread that called learn_train, after each round; anything but 0 stops the training: with
 * ERR_NO, or with the error that it put into the `err` of learn_train itself. */
typedef int learn_progress_fn(void *user, const struct learn_progress *progress);

/* One row a case, in the order of the table that they belong to. */
struct learn_predictions {
	size_t n;
	size_t *row;   /* row in the test table, or in the training table when it was split */
	double *score; /* probability of the positive class */
	double *label; /* 1, 0, NaN if missing */
	bool of_split; /* the rows are rows of the training table */
};
void learn_predictions_free(struct learn_predictions *p); /* NULL is fine */

struct model;

/* Trains on `train` (the part that is not kept for testing) and predicts the test part: rows of `test`, or
 * of the split, or none (*predictions is NULL then). Rows whose label is missing are left out of training.
 * The evaluation of the predictions (threshold 0.5) goes into the model file; model_evaluation reads it.
 *   ERR_USAGE  bad label or positive value, one class, no rows, no features left, an infinite value, a test
 *              table that breaks the schema, classes separated or columns dependent where l2 is 0
 *   ERR_NO     stopped by the progress function
 *   ERR_ENV    the tree library is missing or refuses */
int learn_train(const struct learn_spec *spec, const struct table *train, const struct table *test,
                learn_progress_fn *progress, void *user, struct model **model,
                struct learn_predictions **predictions, struct error *err);

/* The seeded stratified split by itself: held[n] gets 1 for rows kept back. label 0, 1, NaN (its own
 * stratum). Each stratum gives round(share * size), at least 1 and at most size-1 of it when it has two or
 * more rows. */
void learn_split(const double *label, size_t n, double share, uint64_t seed, uint64_t stream, uint8_t *held);

/* ---- models ---- */

void model_free(struct model *m); /* NULL is fine */

/* The file: "ASSAYMDL", a format byte, seven zero bytes, SHA-256 of all that follows (32 bytes), header
 * length (u64, little endian), header (JSON), payload length (u64), payload. The header describes everything:
 * recipe, params, seed, label, positive, features with their encoding, left_out, notes, rows, data versions,
 * reading, evaluation, rounds. Payload: XGBoost's UBJSON for trees; for logistic nothing (its coefficients
 * and standard errors stand in the header). */
void model_bytes(const struct model *m, struct str *out);                   /* cleared first */
int model_save(const struct model *m, const char *path, struct error *err); /* atomically, mode 0644 */
/* Strict: whatever is not exactly such a file is refused (ERR_USAGE: what and where); newer formats with the
 * format. */
int model_load_bytes(const void *bytes, size_t len, struct model **out, struct error *err);
int model_load(const char *path, struct model **out, struct error *err);
const char *model_header(const struct model *m); /* the JSON; lives with the model */

struct model_feature {
	const char *name;
	enum column_type type;
	unsigned roles;  /* in the training table */
	size_t levels;   /* of a category, "(other)" and missing counted */
	const char *why; /* in left_out: why it is no feature; else NULL */
};
struct model_term {         /* of a logistic model, on the original scale of the columns */
	const char *name;       /* "(intercept)", "age", "age missing", "sex=Male" */
	double coefficient, se; /* se NaN if it cannot be computed */
};
struct model_info {
	const struct learn_recipe *recipe;
	const double *params;
	uint64_t seed;
	const char *label, *positive, *data_version, *test_version; /* versions may be NULL */
	const char *reading;    /* canonical text of the training table's reading: reading_parse, reading_like */
	size_t rows, positives; /* of the training part, validation rows not counted */
	size_t validation_rows;
	size_t rounds; /* trees kept (best round), or Newton steps taken */
	const struct model_feature *features, *left_out;
	size_t feature_count, left_out_count;
	const struct model_term *terms; /* NULL for trees */
	size_t term_count;
	const char *const *notes; /* sentences for a person */
	size_t note_count;
};
void model_describe(const struct model *m, struct model_info *out); /* pointers live with the model */
/* The evaluation kept in the file as JSON (members of "evaluate"), or NULL. */
const char *model_evaluation(const struct model *m);

struct model_applied {
	size_t rows;
	size_t missing; /* cells of features that are missing */
	size_t
	    unseen; /* cells with a category that the model has no column for: never seen in training, or rare */
};
/* Every way in which a table breaks the schema of the model, a line each, appended to problems: missing
 * columns, other types. Returns how many. The table may hold more columns, in any order. */
size_t model_check(const struct model *m, const struct table *t, struct str *problems);
/* Scores of all rows into scores[t->row_count]. ERR_USAGE with all problems if the schema is broken or a
 * value is infinite. applied may be NULL. */
int model_predict(const struct model *m, const struct table *t, int threads, double *scores,
                  struct model_applied *applied, struct error *err);
/* Labels of a table as this model sees them: 1 where the cell is its positive value, 0 elsewhere, NaN if
 * missing. ERR_USAGE if there is no such column. One class is fine. */
int model_labels(const struct model *m, const struct table *t, double *out, struct error *err);

#endif
