/*
 * Boosted trees: XGBoost's C API, loaded when it is first needed. This file alone knows of it; the
 * prototypes are written down here, so that nothing of it is needed to build. Only calls that stand since
 * version 1.6 are used (Debian 12: 1.7, Ubuntu 24.04: 2.0, Debian 13: 3.0).
 */
#include <dlfcn.h>
#include <math.h>

#include "assay/learn.h"
#include "inside.h"

typedef void *handle;

struct xgboost {
	const char *(*last_error)(void);
	int (*register_log)(void (*)(const char *));
	int (*matrix_from_csr)(const char *indptr, const char *indices, const char *data, uint64_t columns,
	                       const char *config, handle *out);
	int (*matrix_set_float)(handle, const char *field, const float *values, uint64_t len);
	int (*matrix_free)(handle);
	int (*booster_create)(const handle matrices[], uint64_t len, handle *out);
	int (*booster_free)(handle);
	int (*booster_set)(handle, const char *name, const char *value);
	int (*booster_update)(handle, int round, handle matrix);
	int (*booster_slice)(handle, int begin, int end, int step, handle *out);
	int (*booster_predict)(handle, handle matrix, const char *config, const uint64_t **shape, uint64_t *dims,
	                       const float **out);
	int (*booster_save)(handle, const char *config, uint64_t *len, const char **bytes);
	int (*booster_load)(handle, const void *bytes, uint64_t len);
};

/* Messages would land on the screen; errors come back by last_error anyway. */
static void quiet(const char *message)
{
	(void)message;
}

static int load(struct xgboost *x, struct error *err)
{
	static const char *const names[] = {"libxgboost.so.0", "libxgboost.so", NULL};
	const struct library_call calls[] = {
	    {"XGBGetLastError", &x->last_error},
	    {"XGBRegisterLogCallback", &x->register_log},
	    {"XGDMatrixCreateFromCSR", &x->matrix_from_csr},
	    {"XGDMatrixSetFloatInfo", &x->matrix_set_float},
	    {"XGDMatrixFree", &x->matrix_free},
	    {"XGBoosterCreate", &x->booster_create},
	    {"XGBoosterFree", &x->booster_free},
	    {"XGBoosterSetParam", &x->booster_set},
	    {"XGBoosterUpdateOneIter", &x->booster_update},
	    {"XGBoosterSlice", &x->booster_slice},
	    {"XGBoosterPredictFromDMatrix", &x->booster_predict},
	    {"XGBoosterSaveModelToBuffer", &x->booster_save},
	    {"XGBoosterLoadModelFromBuffer", &x->booster_load},
	};
	const char *lacks;

	*x = (struct xgboost){0};
	/* Its threads would burn their waiting time otherwise; read once, when the library comes in. */
	setenv("OMP_WAIT_POLICY", "passive", 0);
	if (!library_load(names, calls, COUNT_OF(calls), &lacks))
		return lacks ? error_set(err, ERR_ENV,
		                         "the XGBoost library here is too old: it has no %s (1.6 or newer is needed)",
		                         lacks)
		             : error_set(
		                   err, ERR_ENV,
		                   "boosted-trees needs the XGBoost library: install the package libxgboost0 (%s)",
		                   dlerror());
	x->register_log(quiet);
	return 0;
}

static int refused(const struct xgboost *x, enum error_code code, const char *what, struct error *err)
{
	/* Its messages go on with a stack trace; the first line says it. */
	const char *text = x->last_error();
	size_t len = strcspn(text, "\n");
	return error_set(err, code, "XGBoost: %s: %.*s", what, (int)(len < 400 ? len : 400), text);
}

int trees_ready(struct error *err)
{
	struct xgboost x;
	return load(&x, err);
}

static char *array_interface(const void *data, size_t len, const char *type)
{
	return xasprintf(
	    "{\"data\":[%zu,true],\"shape\":[%zu],\"strides\":null,\"typestr\":\"%s\",\"version\":3}",
	    (size_t)data, len, type);
}

static int matrix_of(const struct xgboost *x, const struct design *d, int threads, handle *out,
                     struct error *err)
{
	size_t *row_start;
	uint32_t *column;
	float *value;
	design_sparse(d, &row_start, &column, &value);
	char *starts = array_interface(row_start, d->n + 1, "<u8");
	char *columns = array_interface(column, row_start[d->n], "<u4");
	char *values = array_interface(value, row_start[d->n], "<f4");
	char *config = xasprintf("{\"missing\":NaN,\"nthread\":%d}", threads);
	int rc = x->matrix_from_csr(starts, columns, values, d->encoder->width, config, out);
	if (rc)
		refused(x, ERR_ENV, "taking the rows", err);
	free(starts);
	free(columns);
	free(values);
	free(config);
	free(row_start);
	free(column);
	free(value);
	return rc ? -1 : 0;
}

/* The matrix of some rows with their labels and weights. */
static int labelled_matrix(const struct xgboost *x, const struct model *m, const struct training *t,
                           const size_t *rows, size_t n, int threads, handle *out, struct error *err)
{
	struct design d;
	float *numbers = NULL;
	*out = NULL;
	if (design_open(&d, &m->encoder, t->table, rows, n, threads, err) < 0)
		return -1;
	int rc = matrix_of(x, &d, threads, out, err);
	design_release(&d);
	if (rc < 0)
		return -1;
	numbers = xreallocarray(NULL, n, sizeof *numbers);
	for (size_t i = 0; i < n; i++)
		numbers[i] = (float)t->label[rows[i]];
	rc = x->matrix_set_float(*out, "label", numbers, n);
	if (!rc && t->weight) {
		for (size_t i = 0; i < n; i++)
			numbers[i] = (float)t->weight[rows[i]];
		rc = x->matrix_set_float(*out, "weight", numbers, n);
	}
	free(numbers);
	return rc ? refused(x, ERR_ENV, "taking labels and weights", err) : 0;
}

static int set_params(const struct xgboost *x, handle booster, const struct training *t, int threads,
                      struct error *err)
{
	static const char *const names[][2] = {
	    {"depth", "max_depth"},     {"eta", "eta"},
	    {"subsample", "subsample"}, {"colsample", "colsample_bytree"},
	    {"lambda", "lambda"},       {"gamma", "gamma"},
	    {"max_bin", "max_bin"},     {"min_child_weight", "min_child_weight"},
	};
	char text[NUM_TEXT];
	double positives = 0, total = 0;
	for (size_t i = 0; i < t->row_count; i++) {
		double w = t->weight ? t->weight[t->rows[i]] : 1;
		total += w;
		positives += t->label[t->rows[i]] > 0 ? w : 0;
	}
	/* Said, because newer versions guess it and older ones take a half. */
	double base = fmin(fmax(positives / total, 1e-6), 1 - 1e-6);
	snprintf(text, sizeof text, "%.9g", base);
	/* First of all: a name that it does not know is then an error. */
	int rc = x->booster_set(booster, "validate_parameters", "1");
	rc = rc ? rc : x->booster_set(booster, "objective", "binary:logistic");
	rc = rc ? rc : x->booster_set(booster, "tree_method", "hist");
	rc = rc ? rc : x->booster_set(booster, "base_score", text);
	snprintf(text, sizeof text, "%u", (unsigned)(t->spec->seed & INT32_MAX));
	rc = rc ? rc : x->booster_set(booster, "seed", text);
	snprintf(text, sizeof text, "%d", threads);
	rc = rc ? rc : x->booster_set(booster, "nthread", text);
	for (size_t i = 0; i < COUNT_OF(names) && !rc; i++)
		rc = x->booster_set(booster, names[i][1], num_shortest(training_param(t, names[i][0]), text));
	return rc ? refused(x, ERR_USAGE, "parameters", err) : 0;
}

static int scores_of(const struct xgboost *x, handle booster, handle matrix, const float **out, uint64_t *n,
                     struct error *err)
{
	const char *config =
	    "{\"type\":0,\"training\":false,\"iteration_begin\":0,\"iteration_end\":0,\"strict_shape\":false}";
	const uint64_t *shape = NULL;
	uint64_t dims = 0;
	if (x->booster_predict(booster, matrix, config, &shape, &dims, out))
		return refused(x, ERR_ENV, "predicting", err);
	*n = dims ? shape[0] : 0;
	return 0;
}

enum { WATCH_ROWS = 100000 };

/* Log-loss and AUC of the trees so far. Of more than WATCH_ROWS rows every so-many-th is looked at: it is a
 * curve to watch. (The validation rows are all looked at: they decide when to stop.) */
static int watch(const struct xgboost *x, handle booster, handle matrix, const struct training *t,
                 const size_t *rows, size_t n, bool thin, double *loss, double *auc, struct error *err)
{
	const float *score = NULL;
	uint64_t len = 0;
	if (scores_of(x, booster, matrix, &score, &len, err) < 0)
		return -1;
	if (len != n)
		return error_set(err, ERR_ENV, "XGBoost gave %zu scores for %zu rows", (size_t)len, n);
	size_t every = thin && n > WATCH_ROWS ? n / WATCH_ROWS : 1, m = (n + every - 1) / every;
	double *s = xreallocarray(NULL, m, sizeof *s);
	uint8_t *y = xcalloc(m, 1);
	struct auc area;
	for (size_t i = 0; i < m; i++) {
		s[i] = (double)score[i * every];
		y[i] = t->label[rows[i * every]] > 0;
	}
	*loss = stats_log_loss(s, y, m);
	*auc = NAN;
	if (!thin) {
		stats_auc(s, y, m, 0.95, &area);
		*auc = area.value;
	}
	free(s);
	free(y);
	return 0;
}

struct boosting {
	struct xgboost api;
	handle matrix[2]; /* training, validation */
	handle booster;
	size_t best; /* rounds to keep */
	double best_loss;
};

static int after_round(struct boosting *b, const struct training *t, size_t round, size_t most,
                       struct error *err)
{
	double loss, auc, done = (double)round / (double)most;
	if (watch(&b->api, b->booster, b->matrix[0], t, t->rows, t->row_count, true, &loss, &auc, err) < 0 ||
	    training_report(t, "log_loss", "train", round, loss, done, err) < 0)
		return -1;
	if (!t->validation_count) {
		b->best = round;
		return 0;
	}
	if (watch(&b->api, b->booster, b->matrix[1], t, t->validation, t->validation_count, false, &loss, &auc,
	          err) < 0 ||
	    training_report(t, "log_loss", "validation", round, loss, done, err) < 0)
		return -1;
	if (!isnan(auc) && training_report(t, "auc", "validation", round, auc, done, err) < 0)
		return -1;
	if (round == 1 || loss < b->best_loss) {
		b->best = round;
		b->best_loss = loss;
	}
	return 0;
}

static int keep_best(struct boosting *b, struct model *m, size_t grown, struct error *err)
{
	handle kept = NULL;
	const char *bytes = NULL;
	uint64_t len = 0;
	int rc = 0;
	if (b->best < grown && b->api.booster_slice(b->booster, 0, (int)b->best, 1, &kept))
		return refused(&b->api, ERR_ENV, "keeping the best rounds", err);
	if (b->api.booster_save(kept ? kept : b->booster, "{\"format\":\"ubj\"}", &len, &bytes))
		rc = refused(&b->api, ERR_ENV, "saving", err);
	else
		str_add(&m->payload, bytes, len);
	if (kept)
		b->api.booster_free(kept);
	m->info.rounds = b->best;
	return rc;
}

static int boost(struct boosting *b, struct model *m, const struct training *t, int threads,
                 struct error *err)
{
	size_t rounds = (size_t)training_param(t, "rounds"),
	       patience = (size_t)training_param(t, "early_stopping_rounds");
	size_t matrices = t->validation_count ? 2 : 1, round = 0;
	if (labelled_matrix(&b->api, m, t, t->rows, t->row_count, threads, &b->matrix[0], err) < 0)
		return -1;
	if (matrices == 2 &&
	    labelled_matrix(&b->api, m, t, t->validation, t->validation_count, threads, &b->matrix[1], err) < 0)
		return -1;
	if (b->api.booster_create(b->matrix, matrices, &b->booster))
		return refused(&b->api, ERR_ENV, "making a booster", err);
	if (set_params(&b->api, b->booster, t, threads, err) < 0)
		return -1;
	while (round < rounds) {
		if (b->api.booster_update(b->booster, (int)round, b->matrix[0]))
			return refused(&b->api, ERR_ENV, "growing a tree", err);
		round++;
		if (after_round(b, t, round, rounds, err) < 0)
			return -1;
		if (t->validation_count && patience && round - b->best >= patience)
			break;
	}
	return keep_best(b, m, round, err);
}

int trees_train(struct model *m, const struct training *t, struct error *err)
{
	struct boosting b = {.best = 0};
	if (load(&b.api, err) < 0)
		return -1;
	int rc = boost(&b, m, t, t->spec->threads > 0 ? t->spec->threads : cpu_count(), err);
	if (b.booster)
		b.api.booster_free(b.booster);
	for (size_t i = 0; i < COUNT_OF(b.matrix); i++)
		if (b.matrix[i])
			b.api.matrix_free(b.matrix[i]);
	return rc;
}

int trees_predict(const struct model *m, const struct design *d, int threads, double *scores,
                  struct error *err)
{
	struct xgboost x;
	handle booster = NULL, matrix = NULL;
	const float *score = NULL;
	uint64_t n = 0;
	char text[NUM_TEXT];
	int rc = -1, used = threads > 0 ? threads : cpu_count();
	if (load(&x, err) < 0)
		return -1;
	if (x.booster_create(NULL, 0, &booster) || x.booster_load(booster, m->payload.data, m->payload.len)) {
		refused(&x, ERR_USAGE, "the trees in the model file", err);
		goto out;
	}
	snprintf(text, sizeof text, "%d", used);
	if (x.booster_set(booster, "nthread", text)) {
		refused(&x, ERR_ENV, "setting threads", err);
		goto out;
	}
	if (matrix_of(&x, d, used, &matrix, err) < 0 || scores_of(&x, booster, matrix, &score, &n, err) < 0)
		goto out;
	if (n != d->n) {
		error_set(err, ERR_USAGE, "XGBoost gave %zu scores for %zu rows: is the model file whole?", (size_t)n,
		          d->n);
		goto out;
	}
	for (size_t i = 0; i < d->n; i++)
		scores[i] = (double)score[i];
	rc = 0;
out:
	if (booster)
		x.booster_free(booster);
	if (matrix)
		x.matrix_free(matrix);
	return rc;
}
