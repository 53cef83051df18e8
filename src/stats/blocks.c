/* Sums of products of many columns, block by block. */
#include <math.h>

#include "assay/stats_blocks.h"
#include "pairs.h"

enum { LANES = 4 };
typedef double lanes __attribute__((vector_size(32)));
typedef int64_t masks __attribute__((vector_size(32)));

/* Of the sum of squares about another mean, so much must be left about their own. */
#define LEFT 1e-4
/* So near to 1, the p-value of a correlation shows digits that are not there. */
#define NEAR_ONE 1e-9

void stats_sum2_add(struct stats_sum2 *s, double x)
{
	double hi = s->hi + x, part = hi - s->hi;
	s->lo += (s->hi - (hi - part)) + (x - part);
	s->hi = hi;
}

void stats_sum2_join(struct stats_sum2 *s, const struct stats_sum2 *more)
{
	stats_sum2_add(s, more->hi);
	s->lo += more->lo;
}

static double sum2_value(const struct stats_sum2 *s)
{
	return s->hi + s->lo;
}

/* Not functions of vectors, which are passed differently by width. */
#define LANE_SUM(v) (((v)[0] + (v)[1]) + ((v)[2] + (v)[3]))

/* ---- centres ---- */

TWO_WIDTHS void stats_centre_look(struct stats_centre *c, const double *x, size_t n)
{
	size_t i = 0, at;
	if (!c->finite) {
		for (at = 0; at < n && !isfinite(x[at]); at++)
			;
		if (at == n)
			return;
		c->first = x[at];
		c->constant = true;
	}
	masks finite = {0}, other = {0};
	lanes largest = {0}, first = {c->first, c->first, c->first, c->first};
	for (; i + LANES <= n; i += LANES) {
		lanes v;
		memcpy(&v, x + i, sizeof v);
		masks there = v - v == 0;
		masks size = (masks)v & there & INT64_MAX;
		masks larger = (lanes)size > largest;
		largest = (lanes)((size & larger) | ((masks)largest & ~larger));
		finite -= there;
		other |= there & (v != first);
	}
	size_t differ = (size_t)(other[0] | other[1] | other[2] | other[3]);
	for (int k = 0; k < LANES; k++) {
		c->finite += (size_t)finite[k];
		c->largest = largest[k] > c->largest ? largest[k] : c->largest;
	}
	for (; i < n; i++)
		if (isfinite(x[i])) {
			c->finite++;
			differ |= x[i] != c->first;
			c->largest = fabs(x[i]) > c->largest ? fabs(x[i]) : c->largest;
		}
	c->constant &= !differ;
}

static double scale_of(double largest)
{
	int exponent = 0;
	if (largest <= 1e60 && (largest >= 1e-60 || largest == 0))
		return 1;
	frexp(largest, &exponent);
	return ldexp(1.0, exponent < -1000 ? 1000 : -exponent);
}

TWO_WIDTHS void stats_centre_sum(struct stats_centre *c, const double *x, size_t n)
{
	c->scale = scale_of(c->largest);
	lanes sum = {0};
	size_t i = 0;
	for (; i + LANES <= n; i += LANES) {
		lanes v;
		memcpy(&v, x + i, sizeof v);
		masks there = v - v == 0;
		sum += (lanes)((masks)v & there) * c->scale;
	}
	stats_sum2_add(&c->sum, LANE_SUM(sum));
	for (; i < n; i++)
		if (isfinite(x[i]))
			stats_sum2_add(&c->sum, x[i] * c->scale);
}

void stats_centre_end(struct stats_centre *c)
{
	c->mean = c->constant ? c->first * c->scale : c->finite ? sum2_value(&c->sum) / (double)c->finite : 0;
}

TWO_WIDTHS void stats_centred(const struct stats_centre *c, const double *x, size_t n, double *out)
{
	const double scale = c->scale, mean = c->mean;
	size_t i = 0;
	for (; i + LANES <= n; i += LANES) {
		lanes v;
		memcpy(&v, x + i, sizeof v);
		masks there = v - v == 0;
		v = (lanes)((masks)(v * scale - mean) & there);
		memcpy(out + i, &v, sizeof v);
	}
	for (; i < n; i++)
		out[i] = isfinite(x[i]) ? x[i] * scale - mean : 0;
	for (; i % LANES; i++)
		out[i] = 0;
}

TWO_WIDTHS double stats_block_sum(const double *centred, size_t n)
{
	lanes sum = {0};
	for (size_t i = 0; i < n; i += LANES) {
		lanes v;
		memcpy(&v, centred + i, sizeof v);
		sum += v;
	}
	return LANE_SUM(sum);
}

/* ---- every two columns ---- */

/* Two columns with four others; those that are not there are given twice. */
TWO_WIDTHS static void gram_tile(const double *const *a, const double *const *b, size_t n, double out[2][4])
{
	const double *a0 = a[0], *a1 = a[1], *b0 = b[0], *b1 = b[1], *b2 = b[2], *b3 = b[3];
	lanes s00 = {0}, s01 = {0}, s02 = {0}, s03 = {0}, s10 = {0}, s11 = {0}, s12 = {0}, s13 = {0};
	for (size_t i = 0; i < n; i += LANES) {
		lanes u, v, w;
		memcpy(&u, a0 + i, sizeof u);
		memcpy(&v, a1 + i, sizeof v);
		memcpy(&w, b0 + i, sizeof w);
		s00 += u * w;
		s10 += v * w;
		memcpy(&w, b1 + i, sizeof w);
		s01 += u * w;
		s11 += v * w;
		memcpy(&w, b2 + i, sizeof w);
		s02 += u * w;
		s12 += v * w;
		memcpy(&w, b3 + i, sizeof w);
		s03 += u * w;
		s13 += v * w;
	}
	out[0][0] = LANE_SUM(s00);
	out[0][1] = LANE_SUM(s01);
	out[0][2] = LANE_SUM(s02);
	out[0][3] = LANE_SUM(s03);
	out[1][0] = LANE_SUM(s10);
	out[1][1] = LANE_SUM(s11);
	out[1][2] = LANE_SUM(s12);
	out[1][3] = LANE_SUM(s13);
}

void stats_gram_add(const double *const *columns, size_t count, size_t n, struct stats_sum2 *sums)
{
	double tile[2][4];
	for (size_t i = 0; i < count; i += 2) {
		const double *a[2] = {columns[i], columns[i + 1 < count ? i + 1 : i]};
		for (size_t j = i; j < count; j += 4) {
			const double *b[4];
			for (size_t k = 0; k < 4; k++)
				b[k] = columns[j + k < count ? j + k : count - 1];
			gram_tile(a, b, n, tile);
			for (size_t r = 0; r < 2 && i + r < count; r++)
				for (size_t k = 0; k < 4 && j + k < count; k++)
					if (i + r <= j + k)
						stats_sum2_add(&sums[(i + r) * count + j + k], tile[r][k]);
		}
	}
}

/* ---- two columns with holes ---- */

TWO_WIDTHS void stats_cross_add(struct stats_cross *s, const double *x, const struct stats_centre *a,
                                const double *y, const struct stats_centre *b, size_t n)
{
	const double scale_a = a->scale, mean_a = a->mean, scale_b = b->scale, mean_b = b->mean;
	lanes sx = {0}, sy = {0}, sxx = {0}, syy = {0}, sxy = {0};
	masks count = {0};
	size_t i = 0;
	for (; i + LANES <= n; i += LANES) {
		lanes u, v;
		memcpy(&u, x + i, sizeof u);
		memcpy(&v, y + i, sizeof v);
		masks both = (u - u == 0) & (v - v == 0);
		u = (lanes)((masks)(u * scale_a - mean_a) & both);
		v = (lanes)((masks)(v * scale_b - mean_b) & both);
		count -= both;
		sx += u;
		sy += v;
		sxx += u * u;
		syy += v * v;
		sxy += u * v;
	}
	s->n += (size_t)(count[0] + count[1] + count[2] + count[3]);
	stats_sum2_add(&s->x, LANE_SUM(sx));
	stats_sum2_add(&s->y, LANE_SUM(sy));
	stats_sum2_add(&s->xx, LANE_SUM(sxx));
	stats_sum2_add(&s->yy, LANE_SUM(syy));
	stats_sum2_add(&s->xy, LANE_SUM(sxy));
	for (; i < n; i++)
		if (isfinite(x[i]) && isfinite(y[i])) {
			double u = x[i] * scale_a - mean_a, v = y[i] * scale_b - mean_b;
			s->n++;
			stats_sum2_add(&s->x, u);
			stats_sum2_add(&s->y, v);
			stats_sum2_add(&s->xx, u * u);
			stats_sum2_add(&s->yy, v * v);
			stats_sum2_add(&s->xy, u * v);
		}
}

bool stats_cross_correlation(const struct stats_cross *s, struct correlation *out)
{
	double n = (double)s->n, dx = sum2_value(&s->x), dy = sum2_value(&s->y);
	double xx = s->xx.hi + (s->xx.lo - dx * dx / n), yy = s->yy.hi + (s->yy.lo - dy * dy / n);
	double xy = s->xy.hi + (s->xy.lo - dx * dy / n);
	pairs_correlation(s->n, xx, yy, xy, out);
	return s->n < 2 || (xx > LEFT * s->xx.hi && yy > LEFT * s->yy.hi && 1 - fabs(out->r) >= NEAR_ONE);
}

/* ---- numbers by a category ---- */

void stats_tile_init(struct stats_tile *t, size_t groups, bool counted)
{
	*t = (struct stats_tile){.groups = groups};
	t->sums = xcalloc(size_mul(groups + 1, STATS_TILE), sizeof *t->sums);
	if (counted)
		t->counts = xcalloc(size_mul(groups + 1, STATS_TILE), sizeof *t->counts);
}

void stats_tile_release(struct stats_tile *t)
{
	free(t->sums);
	free(t->counts);
}

/* Rows of STATS_TILE numbers each, added to where their codes say. */
TWO_WIDTHS static void scatter(double *to, size_t groups, const uint32_t *codes, const double *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double *at = to + (codes[i] < groups ? codes[i] : groups) * STATS_TILE;
		lanes a, b, c, d;
		memcpy(&a, at, sizeof a);
		memcpy(&b, at + LANES, sizeof b);
		memcpy(&c, rows + i * STATS_TILE, sizeof c);
		memcpy(&d, rows + i * STATS_TILE + LANES, sizeof d);
		a += c;
		b += d;
		memcpy(at, &a, sizeof a);
		memcpy(at + LANES, &b, sizeof b);
	}
}

TWO_WIDTHS static void add_squares(struct stats_sum2 *squares, size_t groups, const uint32_t *codes,
                                   const double *rows, size_t n)
{
	lanes low = {0}, high = {0};
	for (size_t i = 0; i < n; i++) {
		lanes c, d;
		/* Not a branch: codes come in any order. */
		const int64_t in = -(int64_t)(codes[i] < groups);
		memcpy(&c, rows + i * STATS_TILE, sizeof c);
		memcpy(&d, rows + i * STATS_TILE + LANES, sizeof d);
		low += (lanes)((masks)(c * c) & in);
		high += (lanes)((masks)(d * d) & in);
	}
	for (size_t k = 0; k < LANES; k++) {
		stats_sum2_add(&squares[k], low[k]);
		stats_sum2_add(&squares[LANES + k], high[k]);
	}
}

static void by_rows(const double *const *columns, size_t n, double *rows)
{
	for (size_t k = 0; k < STATS_TILE; k++) {
		const double *column = columns[k];
		for (size_t i = 0; i < n; i++)
			rows[i * STATS_TILE + k] = column[i];
	}
}

void stats_tile_add(struct stats_tile *t, const double *const *columns, const double *const *there,
                    const uint32_t *codes, size_t n)
{
	double rows[STATS_BLOCK * STATS_TILE];
	by_rows(columns, n, rows);
	scatter(t->sums, t->groups, codes, rows, n);
	add_squares(t->squares, t->groups, codes, rows, n);
	if (t->counts) {
		by_rows(there, n, rows);
		scatter(t->counts, t->groups, codes, rows, n);
	}
}

bool stats_tile_anova(const struct stats_tile *t, size_t number, const uint64_t *rows_by, struct anova *out)
{
	double n = 0, square = sum2_value(&t->squares[number]);
	struct stats_sum2 sum = {0, 0}, between = {0, 0};
	*out = (struct anova){.f = NAN, .p = NAN, .eta2 = NAN, .residual_sd = NAN};
	for (size_t g = 0; g < t->groups; g++) {
		double count = t->counts ? t->counts[g * STATS_TILE + number] : (double)rows_by[g];
		n += count;
		out->groups += count > 0;
		stats_sum2_add(&sum, t->sums[g * STATS_TILE + number]);
	}
	out->rows = (size_t)n;
	if (!out->groups)
		return true;
	const double mean = sum2_value(&sum) / n;
	for (size_t g = 0; g < t->groups; g++) {
		double count = t->counts ? t->counts[g * STATS_TILE + number] : (double)rows_by[g];
		double away = count > 0 ? t->sums[g * STATS_TILE + number] / count - mean : 0;
		stats_sum2_add(&between, count * away * away);
	}
	double total = square - mean * mean * n;
	out->between = sum2_value(&between);
	out->within = total - out->between;
	if (square > 0 && !(total > LEFT * square && out->within > LEFT * total))
		return false;
	anova_end(out);
	return true;
}
