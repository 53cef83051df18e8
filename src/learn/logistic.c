/*
 * Logistic regression by Newton's method. It minimises the sum over the rows of
 *     w (log(1 + exp(eta)) - y eta)  +  l2/2 * sum of squared coefficients, the intercept's left out,
 * on columns scaled to mean 0 and sd 1 (numbers) or as 0/1 (levels, indicators). Standard errors are the
 * roots of the diagonal of (XᵀWX + l2 I0)⁻¹, carried to the original scale; at l2 = 0 those of statsmodels'
 * Logit.
 *
 * Rows are cut into at most CHUNKS pieces by their number alone and joined in order: the bytes of the
 * result do not depend on the number of threads.
 */
#include <float.h>
#include <math.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>

#include "assay/learn.h"
#include "inside.h"

enum { CHUNKS = 16, CHUNK_LEAST = 4096, WIDTH_MOST = 1000, WARM_ROWS = 40000 };

/* The state of a fit. `size` is terms padded for gram_add; padding is 0 everywhere. */
struct fit {
	const struct training *training;
	const struct design *design;
	size_t terms, size, chunk_rows, chunks;
	double *shift, *factor; /* by term: scaled = (raw - shift) * factor */
	double *beta;           /* where the next pass looks, scaled */
	double *piece;          /* by chunk: loss, least margin, gradient, products */
	double loss, penalised, least_margin;
	double *gradient;
	gsl_matrix *products; /* XᵀWX + penalty, then its Cholesky factor */
	double l2;
};

static size_t piece_len(const struct fit *f)
{
	return 2 + f->size + f->size * f->size;
}

static void pass_chunk(void *user, size_t chunk)
{
	const struct fit *f = user;
	const struct training *t = f->training;
	double *piece = f->piece + chunk * piece_len(f), *gradient = piece + 2, *products = gradient + f->size;
	size_t start = chunk * f->chunk_rows, end = start + f->chunk_rows;
	if (end > f->design->n)
		end = f->design->n;
	const struct row_kernel *kernel = row_kernel_best();
	double *x = xcalloc(DESIGN_ROWS * f->size, sizeof *x), *wx = xcalloc(DESIGN_ROWS * f->size, sizeof *wx);
	double eta[DESIGN_ROWS], pull[DESIGN_ROWS], curve[DESIGN_ROWS];
	memset(piece, 0, piece_len(f) * sizeof *piece);
	piece[1] = INFINITY;
	for (size_t at = start; at < end; at += DESIGN_ROWS) {
		size_t count = end - at < DESIGN_ROWS ? end - at : DESIGN_ROWS;
		design_dense(f->design, at, count, f->shift + 1, f->factor + 1, x + 1, f->size);
		for (size_t i = 0; i < count; i++)
			x[i * f->size] = 1;
		kernel->products(eta, x, f->beta, count, f->size);
		for (size_t i = 0; i < count; i++) {
			size_t from = f->design->rows[at + i];
			double weight = t->weight ? t->weight[from] : 1, e = exp(-fabs(eta[i]));
			bool y = t->label[from] > 0;
			double p = (eta[i] >= 0 ? 1 : e) / (1 + e), margin = y ? eta[i] : -eta[i];
			piece[0] += weight * (log1p(e) + (margin < 0 ? -margin : 0));
			piece[1] = weight > 0 && margin < piece[1] ? margin : piece[1];
			pull[i] = weight * ((y ? 1 : 0) - p);
			curve[i] = weight * (e / ((1 + e) * (1 + e)));
		}
		kernel->block(products, gradient, wx, x, pull, curve, count, f->size);
	}
	free(x);
	free(wx);
}

/* Loss, gradient and products at f->beta. */
static void pass(struct fit *f)
{
	parallel_chunks(f->chunks, f->training->spec->threads, pass_chunk, f);
	f->loss = 0;
	f->least_margin = INFINITY;
	memset(f->gradient, 0, f->size * sizeof *f->gradient);
	gsl_matrix_set_zero(f->products);
	for (size_t c = 0; c < f->chunks; c++) {
		const double *piece = f->piece + c * piece_len(f), *gradient = piece + 2,
		             *products = gradient + f->size;
		f->loss += piece[0];
		f->least_margin = fmin(f->least_margin, piece[1]);
		for (size_t j = 0; j < f->terms; j++) {
			f->gradient[j] += gradient[j];
			for (size_t k = 0; k <= j; k++)
				*gsl_matrix_ptr(f->products, j, k) += products[j * f->size + k];
		}
	}
	f->penalised = f->loss;
	for (size_t j = 1; j < f->terms; j++) {
		f->penalised += f->l2 / 2 * f->beta[j] * f->beta[j];
		f->gradient[j] -= f->l2 * f->beta[j];
		*gsl_matrix_ptr(f->products, j, j) += f->l2;
	}
}

/* The term at which the columns become dependent, 0 if they are not. Leaves the factor in f->products. */
static size_t factorise(struct fit *f)
{
	gsl_matrix *a = f->products;
	double *diagonal = xcalloc(f->terms, sizeof *diagonal);
	size_t bad = 0;
	for (size_t j = 0; j < f->terms; j++)
		diagonal[j] = gsl_matrix_get(a, j, j);
	gsl_error_handler_t *before = gsl_set_error_handler_off();
	int status = gsl_linalg_cholesky_decomp1(a);
	gsl_set_error_handler(before);
	/* A pivot that lost eleven digits is noise. After a failure the columns before it hold good pivots. */
	for (size_t j = 0; j < f->terms && !bad; j++) {
		double pivot = gsl_matrix_get(a, j, j);
		bool left = status ? !(pivot > 0) : !(pivot * pivot > 1e-11 * diagonal[j]);
		if (left && j > 0)
			bad = j;
		else if (left)
			bad = f->terms; /* the intercept: all weight is gone */
	}
	if (status && !bad)
		bad = f->terms - 1;
	free(diagonal);
	return bad;
}

static size_t largest_term(const struct fit *f)
{
	size_t largest = 1;
	for (size_t j = 1; j < f->terms; j++)
		if (fabs(f->beta[j]) > fabs(f->beta[largest]))
			largest = j;
	return largest;
}

static const char *term_name(const struct fit *f, size_t term, struct arena *arena)
{
	return term == 0 ? "(intercept)" : encoder_term(f->design->encoder, term - 1, arena);
}

static int separated(const struct fit *f, struct error *err)
{
	struct arena *arena = arena_new();
	size_t largest = f->terms > 1 ? largest_term(f) : 0;
	error_set(
	    err, ERR_USAGE,
	    "the two classes are (nearly) separated, most of all by \"%s\": coefficients would grow without end. "
	    "Set l2 above 0, or drop the column",
	    term_name(f, largest, arena));
	arena_free(arena);
	return -1;
}

static int dependent(const struct fit *f, size_t term, struct error *err)
{
	struct arena *arena = arena_new();
	error_set(err, ERR_USAGE,
	          "column \"%s\" is a combination of the columns before it: set l2 above 0, or drop one of them",
	          term_name(f, term, arena));
	arena_free(arena);
	return -1;
}

/* One Newton step from f->beta, halved until the penalised loss does not rise; *largest is its greatest
 * part. On return the pass at the new place is done, unless the step was below `enough`. */
static int newton_step(struct fit *f, double enough, double *largest, struct error *err)
{
	size_t bad = factorise(f);
	bool perfect = f->least_margin > 0 && f->l2 <= 0;
	if (perfect || bad == f->terms)
		return separated(f, err);
	if (bad)
		return fabs(f->beta[largest_term(f)]) > 15 ? separated(f, err) : dependent(f, bad, err);
	double *from = xcalloc(f->size, sizeof *from), before = f->penalised;
	gsl_vector *step = gsl_vector_alloc(f->terms);
	for (size_t j = 0; j < f->terms; j++) {
		from[j] = f->beta[j];
		gsl_vector_set(step, j, f->gradient[j]);
	}
	gsl_linalg_cholesky_svx(f->products, step);
	*largest = 0;
	for (size_t j = 0; j < f->terms; j++)
		*largest = fmax(*largest, fabs(gsl_vector_get(step, j)));
	double share = 1;
	for (int halvings = 0; halvings < 40; halvings++, share /= 2) {
		for (size_t j = 0; j < f->terms; j++)
			f->beta[j] = from[j] + share * gsl_vector_get(step, j);
		/* The last step is too small to be worth a look; its products are those of the solution. */
		if (*largest <= enough)
			break;
		pass(f);
		if (f->penalised <= before + 1e-12 * fabs(before))
			break;
	}
	gsl_vector_free(step);
	free(from);
	return 0;
}

/* Newton from f->beta until the steps are below `enough`; the factor at the solution stays in f->products. */
static int newton(struct fit *f, double enough, size_t most, bool report, size_t *steps, struct error *err)
{
	double largest = INFINITY, rows = (double)f->design->n;
	pass(f);
	for (*steps = 0; largest > enough;) {
		if (report && training_report(f->training, "log_loss", "train", *steps + 1, f->loss / rows,
		                              fmin(0.95, (double)(*steps + 1) / 8), err) < 0)
			return -1;
		if (*steps == most)
			return f->l2 <= 0 && fabs(f->beta[largest_term(f)]) > 15
			           ? separated(f, err)
			           : error_set(err, ERR_USAGE,
			                       "no solution after %zu Newton steps: raise max_iterations or l2", most);
		if (newton_step(f, enough, &largest, err) < 0)
			return -1;
		(*steps)++;
	}
	return 0;
}

static void fit_open(struct fit *f, const struct training *t, const struct design *d)
{
	size_t terms = d->encoder->width + 1, n = d->n;
	*f = (struct fit){.training = t, .design = d, .terms = terms};
	f->size = (terms + GRAM_PAD - 1) / GRAM_PAD * GRAM_PAD;
	f->chunk_rows = n / CHUNKS + 1 > CHUNK_LEAST ? n / CHUNKS + 1 : CHUNK_LEAST;
	f->chunks = (n + f->chunk_rows - 1) / f->chunk_rows;
	f->l2 = training_param(t, "l2");
	f->shift = xcalloc(f->size, sizeof *f->shift);
	f->factor = xcalloc(f->size, sizeof *f->factor);
	f->beta = xcalloc(f->size, sizeof *f->beta);
	f->gradient = xcalloc(f->size, sizeof *f->gradient);
	f->piece = xcalloc(f->chunks, size_mul(piece_len(f), sizeof *f->piece));
	f->products = gsl_matrix_calloc(terms, terms);
	for (size_t j = 0; j < terms; j++)
		f->factor[j] = 1;
	for (size_t i = 0; i < d->encoder->feature_count; i++) {
		const struct feature *feature = &d->encoder->features[i];
		if (feature->categorical)
			continue;
		f->shift[feature->first + 1] = feature->fill;
		f->factor[feature->first + 1] = 1 / feature->spread;
	}
}

static void fit_close(struct fit *f)
{
	free(f->shift);
	free(f->factor);
	free(f->beta);
	free(f->gradient);
	free(f->piece);
	gsl_matrix_free(f->products);
}

/* A first guess from one block of rows in so many: it saves passes over all of them and changes only where
 * Newton begins. No guess, no harm. */
static void warm_start(struct fit *f)
{
	const struct design *d = f->design;
	size_t every = d->n / WARM_ROWS, blocks = every < 2 ? 0 : d->n / DESIGN_ROWS / every, steps;
	size_t n = blocks * DESIGN_ROWS;
	if (n == 0)
		return;
	size_t *rows = xreallocarray(NULL, n, sizeof *rows);
	struct design part = *d;
	struct fit small;
	part.n = n;
	part.rows = rows;
	part.levels = xcalloc(d->encoder->feature_count + 1, sizeof *part.levels);
	for (size_t i = 0; i < blocks; i++)
		memcpy(rows + i * DESIGN_ROWS, d->rows + i * every * DESIGN_ROWS, DESIGN_ROWS * sizeof *rows);
	for (size_t j = 0; j < d->encoder->feature_count; j++) {
		if (!d->levels[j])
			continue;
		part.levels[j] = xreallocarray(NULL, n, sizeof **part.levels);
		for (size_t i = 0; i < blocks; i++)
			memcpy(part.levels[j] + i * DESIGN_ROWS, d->levels[j] + i * every * DESIGN_ROWS,
			       DESIGN_ROWS * sizeof **part.levels);
	}
	fit_open(&small, f->training, &part);
	small.l2 = f->l2 / (double)every;
	if (newton(&small, 1e-3, 20, false, &steps, NULL) == 0)
		memcpy(f->beta, small.beta, f->size * sizeof *f->beta);
	fit_close(&small);
	for (size_t j = 0; j < d->encoder->feature_count; j++)
		free(part.levels[j]);
	free(part.levels);
	free(rows);
}

/* Coefficients and standard errors on the original scale. */
static void write_terms(const struct fit *f, struct model *m)
{
	struct model_term *terms = arena_array(m->arena, f->terms, sizeof *terms);
	gsl_matrix *v = f->products;
	gsl_linalg_cholesky_invert(v);
	double intercept = f->beta[0], variance = 0;
	for (size_t j = 0; j < f->terms; j++) {
		/* The intercept is b0 - sum of b_j shift_j factor_j: so is its variance made up. */
		double cj = j == 0 ? 1 : -f->shift[j] * f->factor[j];
		for (size_t k = 0; k < f->terms && cj != 0; k++) {
			double ck = k == 0 ? 1 : -f->shift[k] * f->factor[k];
			variance += cj * ck * gsl_matrix_get(v, j, k);
		}
		if (j == 0)
			continue;
		intercept += cj * f->beta[j];
		terms[j] =
		    (struct model_term){encoder_term(f->design->encoder, j - 1, m->arena), f->beta[j] * f->factor[j],
		                        sqrt(gsl_matrix_get(v, j, j)) * f->factor[j]};
	}
	terms[0] = (struct model_term){"(intercept)", intercept, variance >= 0 ? sqrt(variance) : (double)NAN};
	m->info.terms = terms;
	m->info.term_count = f->terms;
}

int logistic_train(struct model *m, const struct training *t, struct error *err)
{
	struct design design;
	struct fit fit;
	if (m->encoder.width > WIDTH_MOST)
		return error_set(err, ERR_USAGE,
		                 "%zu columns after encoding, logistic takes %d: lower max_levels or drop columns "
		                 "with many levels",
		                 m->encoder.width, WIDTH_MOST);
	if (design_open(&design, &m->encoder, t->table, t->rows, t->row_count, t->spec->threads, err) < 0)
		return -1;
	fit_open(&fit, t, &design);
	warm_start(&fit);
	int rc = newton(&fit, 1e-9, (size_t)training_param(t, "max_iterations"), true, &m->info.rounds, err);
	if (rc == 0)
		write_terms(&fit, m);
	fit_close(&fit);
	design_release(&design);
	return rc;
}

struct scoring {
	const struct model *model;
	const struct design *design;
	double *scores;
};

enum { SCORE_ROWS = 8192 };

static void score_chunk(void *user, size_t chunk)
{
	const struct scoring *s = user;
	size_t width = s->model->encoder.width, start = chunk * SCORE_ROWS, n = s->design->n;
	size_t end = n - start < SCORE_ROWS ? n : start + SCORE_ROWS;
	double *x = xcalloc(DESIGN_ROWS * width, sizeof *x);
	for (size_t at = start; at < end; at += DESIGN_ROWS) {
		size_t count = end - at < DESIGN_ROWS ? end - at : DESIGN_ROWS;
		design_dense(s->design, at, count, NULL, NULL, x, width);
		for (size_t i = 0; i < count; i++) {
			double eta = s->model->info.terms[0].coefficient;
			for (size_t j = 0; j < width; j++)
				eta += s->model->info.terms[j + 1].coefficient * x[i * width + j];
			double e = exp(-fabs(eta));
			s->scores[at + i] = (eta >= 0 ? 1 : e) / (1 + e);
		}
	}
	free(x);
}

int logistic_predict(const struct model *m, const struct design *d, int threads, double *scores)
{
	struct scoring s = {m, d, scores};
	parallel_chunks((d->n + SCORE_ROWS - 1) / SCORE_ROWS, threads, score_chunk, &s);
	return 0;
}
