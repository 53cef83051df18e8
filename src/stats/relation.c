/* Correlation of two numbers. */
#include <float.h>
#include <math.h>

#include <gsl/gsl_cdf.h>

#include "assay/stats_relation.h"
#include "pairs.h"
#include "sort.h"

enum { BLOCK = 512, LANES = 4 };
typedef double lanes __attribute__((vector_size(32)));

/* Pairs that are complete, in arrays of their own only where some are not. */
struct pairs {
	const double *x, *y;
	double *own;
	size_t n;
};

static void take_pairs(const double *x, const double *y, size_t n, struct pairs *out)
{
	size_t kept = 0;
	*out = (struct pairs){x, y, NULL, n};
	for (size_t i = 0; i < n; i++)
		kept += isfinite(x[i]) && isfinite(y[i]);
	if (kept == n)
		return;
	double *own = xreallocarray(NULL, size_add(size_mul(kept, 2), 1), sizeof *own);
	out->n = 0;
	for (size_t i = 0; i < n; i++)
		if (isfinite(x[i]) && isfinite(y[i])) {
			own[out->n] = x[i];
			own[kept + out->n++] = y[i];
		}
	out->x = out->own = own;
	out->y = own + kept;
}

/* A sum with what rounding took from it (Knuth's two-sum). */
struct sum2 {
	double hi, lo;
};

static void sum2_add(struct sum2 *s, double x)
{
	double hi = s->hi + x, part = hi - s->hi;
	s->lo += (s->hi - (hi - part)) + (x - part);
	s->hi = hi;
}

static double lane_sum(const lanes *v)
{
	return ((*v)[0] + (*v)[1]) + ((*v)[2] + (*v)[3]);
}

/* One side: a power of two that keeps fourth powers within doubles, and the mean of what it leaves. */
struct side {
	double scale, mean;
	bool constant;
};

static void look_at(const double *x, size_t n, struct side *out)
{
	double largest = 0;
	struct sum2 sum = {0, 0};
	int exponent = 0;
	*out = (struct side){1, 0, true};
	for (size_t i = 0; i < n; i++) {
		double size = fabs(x[i]);
		largest = size > largest ? size : largest;
		out->constant &= x[i] == x[0];
	}
	if (largest > 1e60 || (largest < 1e-60 && largest > 0)) {
		frexp(largest, &exponent);
		out->scale = ldexp(1.0, exponent < -1000 ? 1000 : -exponent);
	}
	for (size_t i = 0; i < n; i++)
		sum2_add(&sum, x[i] * out->scale);
	out->mean = (sum.hi + sum.lo) / (double)n;
}

/* Sums of deviations and of their products: of two numbers to some 30 digits a block. */
struct cross {
	struct sum2 x, y, xx, yy, xy;
};

static void add_cross(const double *x, const double *y, size_t n, const struct side *a, const struct side *b,
                      struct cross *c)
{
	lanes sx = {0}, sy = {0}, sxx = {0}, syy = {0}, sxy = {0};
	size_t i = 0;
	for (; i + LANES <= n; i += LANES) {
		lanes u, v;
		memcpy(&u, x + i, sizeof u);
		memcpy(&v, y + i, sizeof v);
		u = u * a->scale - a->mean;
		v = v * b->scale - b->mean;
		sx += u;
		sy += v;
		sxx += u * u;
		syy += v * v;
		sxy += u * v;
	}
	sum2_add(&c->x, lane_sum(&sx));
	sum2_add(&c->y, lane_sum(&sy));
	sum2_add(&c->xx, lane_sum(&sxx));
	sum2_add(&c->yy, lane_sum(&syy));
	sum2_add(&c->xy, lane_sum(&sxy));
	for (; i < n; i++) {
		double u = x[i] * a->scale - a->mean, v = y[i] * b->scale - b->mean;
		sum2_add(&c->x, u);
		sum2_add(&c->y, v);
		sum2_add(&c->xx, u * u);
		sum2_add(&c->yy, v * v);
		sum2_add(&c->xy, u * v);
	}
}

static double p_of(double r, size_t n)
{
	/* P(|t| > t_r) = I_(1 - r^2)(df/2, 1/2) = 1 - I_(r^2)(1/2, df/2): of a small r, 1 - r^2 would not show much. */
	double rest = (1 - r) * (1 + r), half = (double)(n - 2) / 2;
	if (n == 2)
		return 1;
	if (r * r < 0.25)
		return gsl_cdf_beta_Q(r * r, 0.5, half);
	return rest > 0 ? gsl_cdf_beta_P(rest, half, 0.5) : 0;
}

void pairs_correlation(size_t n, double xx, double yy, double xy, struct correlation *out)
{
	*out = (struct correlation){n, NAN, NAN};
	if (n < 2 || !(xx > 0 && yy > 0))
		return;
	out->r = fmax(-1, fmin(1, xy / sqrt(xx * yy)));
	/* That is as near as rounding lets it come; but of few rows p would be 1e-8 instead of 0. */
	if (1 - fabs(out->r) <= DBL_EPSILON)
		out->r = copysign(1, out->r);
	out->p = p_of(out->r, n);
}

static void correlate(const struct pairs *p, struct correlation *out)
{
	struct side a, b;
	struct cross c = {{0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}};
	*out = (struct correlation){p->n, NAN, NAN};
	if (p->n < 2)
		return;
	look_at(p->x, p->n, &a);
	look_at(p->y, p->n, &b);
	if (a.constant || b.constant)
		return;
	for (size_t at = 0; at < p->n; at += BLOCK)
		add_cross(p->x + at, p->y + at, p->n - at < BLOCK ? p->n - at : BLOCK, &a, &b, &c);
	/* What the rounding of the means left over. */
	double n = (double)p->n, dx = c.x.hi + c.x.lo, dy = c.y.hi + c.y.lo;
	double xx = c.xx.hi + (c.xx.lo - dx * dx / n), yy = c.yy.hi + (c.yy.lo - dy * dy / n);
	double xy = c.xy.hi + (c.xy.lo - dx * dy / n);
	pairs_correlation(p->n, xx, yy, xy, out);
}

void stats_pearson(const double *x, const double *y, size_t n, struct correlation *out)
{
	struct pairs p;
	take_pairs(x, y, n, &p);
	correlate(&p, out);
	free(p.own);
}

double stats_rank_p(double share, size_t n, double df, double design)
{
	if (!(share >= 0) || n < 2 || !(df > 0) || !(design >= 1))
		return (double)NAN;
	return gsl_cdf_chisq_Q(share * ((double)n - 1) / design, df);
}
