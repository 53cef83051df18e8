/* Inside learn: the parts of a model, and what its files share. */
#ifndef LEARN_INSIDE_H
#define LEARN_INSIDE_H

#include "assay/learn.h"

#define NO_LEVEL UINT32_MAX

/* ---- encoding ---- */

struct level {
	const char *bytes;
	size_t len;
};

/* A column of the table and the columns of the design that it becomes. Levels of a category are numbered:
 * the kept ones by falling frequency, then "(other)" if there is one, then "(missing)" if there is one. */
struct feature {
	const char *name;
	enum column_type type;
	unsigned roles;
	bool categorical;
	/* numbers */
	bool indicator; /* a second column says whether the value was missing */
	double fill;    /* what stands for a missing one; NaN: it stays missing (trees) */
	double spread;  /* sd of the filled training values; not kept in the file */
	/* categories */
	const struct level *levels;
	size_t level_count; /* kept levels */
	bool other, missing;
	size_t reference; /* 1 if level 0 has no column (logistic), else 0 */
	/* both */
	size_t first, width; /* columns of the design */
};

struct encoder {
	struct feature *features;
	size_t feature_count;
	struct model_feature *left_out;
	size_t left_out_count;
	size_t width; /* columns of the design, without the intercept */
};

struct encode_options {
	bool for_trees; /* missing numbers stay missing, all levels have columns */
	size_t min_count, max_levels;
	int threads;
	const char *const *drop;
	size_t drop_count;
	size_t label; /* column of the table */
};

/* Fits the encoding on the given rows of a table. Everything lives in `arena`. */
int encoder_fit(struct encoder *e, struct arena *arena, const struct table *t, const size_t *rows, size_t n,
                const struct encode_options *options, struct error *err);
size_t feature_levels(const struct feature *f); /* kept, other and missing */
/* "(other)", "(missing)" or the level's own text. */
struct level feature_level(const struct feature *f, size_t at);
/* The name of a column of the design ("age", "age missing", "sex=Male"), in the arena. */
const char *encoder_term(const struct encoder *e, size_t column, struct arena *arena);
/* Appends a line for every way in which the table breaks the encoding; how many. */
size_t encoder_check(const struct encoder *e, const struct table *t, struct str *problems);

/* Rows of a table as an encoding sees them. The table outlives it. */
struct design {
	const struct encoder *encoder;
	size_t n;
	const size_t *rows;     /* rising; NULL: all rows of the table */
	const double **values;  /* by feature: the table's column; NULL for categories */
	bool *gaps;             /* by feature: some of the numbers are missing */
	uint32_t **levels;      /* by feature: level of each of the n rows or NO_LEVEL; NULL for numbers */
	size_t missing, unseen; /* cells */
};
/* The table has passed encoder_check. ERR_USAGE: an infinite value. */
int design_open(struct design *d, const struct encoder *e, const struct table *t, const size_t *rows,
                size_t n, int threads, struct error *err);
void design_release(struct design *d);
/* Row `at` + i as out[i * stride + column], i < count <= DESIGN_ROWS: for logistic (nothing is missing in
 * it). Numbers as (value - shift[column]) * factor[column]; both NULL: as they are. */
enum { DESIGN_ROWS = 64 };
void design_dense(const struct design *d, size_t at, size_t count, const double *shift, const double *factor,
                  double *out, size_t stride);
/* Rows in compressed form for trees: index and value of what is there. row_start has n + 1 places. */
void design_sparse(const struct design *d, size_t **row_start, uint32_t **column, float **value);

/* ---- models ---- */

struct model {
	struct arena *arena;
	struct model_info info; /* features, terms and notes point into the arena */
	double params[LEARN_PARAMS_MAX];
	struct encoder encoder;
	const char *program;    /* "assay 0.1.0": what trained it */
	const char *evaluation; /* JSON, or NULL */
	struct str header;      /* as in the file */
	struct str payload;     /* trees */
};

struct model *model_new(void);
/* The header for what stands in the model, into out (cleared first). */
void model_write_header(const struct model *m, struct str *out);
/* Fills info.features and info.left_out from the encoder, and info.params. */
void model_list_features(struct model *m);
/* Scores of the given rows (NULL: all of them) of a table that has passed model_check. */
int model_score_rows(const struct model *m, const struct table *t, const size_t *rows, size_t n, int threads,
                     double *scores, struct model_applied *applied, struct error *err);

/* What a recipe trains from. */
struct training {
	const struct learn_spec *spec;
	const struct table *table;
	const double *label;  /* by row of the table */
	const double *weight; /* by row of the table, mean 1 over `rows`; NULL: all 1 */
	const size_t *rows;   /* to learn from */
	size_t row_count;
	const size_t *validation; /* to stop by (trees) */
	size_t validation_count;
	learn_progress_fn *progress;
	void *user;
};
double training_param(const struct training *t, const char *name);
/* Reports; -1 with ERR_NO if the caller wants to stop. */
int training_report(const struct training *t, const char *metric, const char *context, size_t step,
                    double value, double done, struct error *err);

/* Fits into m->info.terms and rounds. */
int logistic_train(struct model *m, const struct training *t, struct error *err);
int logistic_predict(const struct model *m, const struct design *d, int threads, double *scores);
/* Fits into m->payload and rounds. */
int trees_train(struct model *m, const struct training *t, struct error *err);
int trees_predict(const struct model *m, const struct design *d, int threads, double *scores,
                  struct error *err);
int trees_ready(struct error *err);

/* ---- arithmetic over blocks of rows ---- */

/* Rows of `size` doubles, a multiple of GRAM_PAD, one after the other. Both kernels give the same bytes. */
enum { GRAM_PAD = 8 };
struct row_kernel {
	/* out[i] = row i of x times b. */
	void (*products)(double *out, const double *x, const double *b, size_t count, size_t size);
	/* gradient += sum of pull[i] * row i; wx row i = curve[i] * row i; h[a][b] += sum of wx[i][a] * x[i][b]
	 * for the lower triangle and diagonal at least of h (size x size). */
	void (*block)(double *h, double *gradient, double *wx, const double *x, const double *pull,
	              const double *curve, size_t count, size_t size);
};
const struct row_kernel *row_kernel_best(void);   /* for this machine */
const struct row_kernel *row_kernel_narrow(void); /* for any */

#endif
