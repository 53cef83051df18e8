/* Moments from exact sums of powers: whole numbers up to the one division. */
#include <math.h>

#include "sums.h"

/* The finest units of all buckets: every sum is a whole number of them. */
struct scale {
	int places, binary, weight_binary;
};

/* The view that counts. */
static const struct sums_view *view_of(const struct stats_sums *s)
{
	return s->are_decimals ? &s->by_decimal : &s->by_double;
}

static void scale_of(const struct sums_view *v, struct scale *out)
{
	*out = (struct scale){0, 0, 0};
	for (size_t i = 0; i < v->bucket_count; i++) {
		struct unit u = sums_unit(v->buckets[i].key, 1);
		out->places = u.places > out->places ? u.places : out->places;
		out->binary = u.binary < out->binary ? u.binary : out->binary;
		out->weight_binary = u.weight_binary < out->weight_binary ? u.weight_binary : out->weight_binary;
	}
}

/* The sum of w x^power in units of the scale. */
static void total(const struct sums_view *v, const struct scale *scale, int power, struct big *out)
{
	struct big one;
	big_set(out, 0);
	for (size_t i = 0; i < v->bucket_count; i++) {
		struct unit u = sums_unit(v->buckets[i].key, 1);
		big_from(&one, v->buckets[i].power[power], POWER_LIMBS, u.negative && power % 2);
		big_ten(&one, (scale->places - u.places) * power);
		big_shift(&one, (u.binary - scale->binary) * power + u.weight_binary - scale->weight_binary);
		big_add(out, &one);
	}
}

static void total_weight2(const struct sums_view *v, const struct scale *scale, struct big *out)
{
	struct big one;
	big_set(out, 0);
	for (size_t i = 0; i < v->bucket_count; i++) {
		struct unit u = sums_unit(v->buckets[i].key, 1);
		big_from(&one, v->buckets[i].weight2, 3, false);
		big_shift(&one, 2 * (u.weight_binary - scale->weight_binary));
		big_add(out, &one);
	}
}

/* The sum of the products of neighbours in units of the square of the scale. */
static void total_products(const struct sums_view *v, const struct scale *scale, struct big *out)
{
	struct big one;
	big_set(out, 0);
	for (size_t i = 0; i < v->product_count; i++) {
		struct unit u = sums_unit(v->products[i].key, 2);
		big_from(&one, v->products[i].sum, 4, u.negative);
		big_ten(&one, 2 * scale->places - u.places);
		big_shift(&one, u.binary - 2 * scale->binary);
		big_add(out, &one);
	}
}

static void value_in(const struct parts *p, const struct scale *scale, struct big *out)
{
	struct unit u = sums_unit(p->key, 1);
	big_from(out, &p->mantissa, 1, u.negative);
	big_ten(out, scale->places - u.places);
	big_shift(out, u.binary - scale->binary);
}

/* A number beyond the range of doubles. */
struct wide_double {
	double mantissa;
	int exponent;
};

static struct wide_double quotient(const struct big *a, const struct big *b)
{
	struct wide_double q;
	q.mantissa = big_quotient(a, b, &q.exponent);
	return q;
}

static double narrow(struct wide_double a)
{
	return ldexp(a.mantissa, a.exponent);
}

static struct wide_double root(struct wide_double a)
{
	int odd = a.exponent & 1;
	return (struct wide_double){sqrt(ldexp(a.mantissa, odd)), (a.exponent - odd) / 2};
}

static struct wide_double times(struct wide_double a, struct wide_double b)
{
	return (struct wide_double){a.mantissa * b.mantissa, a.exponent + b.exponent};
}

static double over(struct wide_double a, struct wide_double b)
{
	return ldexp(a.mantissa / b.mantissa, a.exponent - b.exponent);
}

/* a sum in units of the scale to a power, divided by `by`. */
static struct wide_double in_units(const struct big *sum, const struct big *by, const struct scale *scale,
                                   int power)
{
	struct big b = *by;
	big_ten(&b, scale->places * power);
	struct wide_double q = quotient(sum, &b);
	q.exponent += scale->binary * power;
	return q;
}

/* to += (or -=) a b times a small number; a and b stay. */
static void add_multiple(struct big *to, const struct big *a, const struct big *b, int by)
{
	struct big product;
	big_multiply(&product, a, b);
	big_scale(&product, (uint64_t)abs(by));
	if (by < 0)
		big_subtract(to, &product);
	else
		big_add(to, &product);
}

/* n S2 - S1^2, which is n times the sum of squared deviations. */
static void spread_of(const struct big *n, const struct big *s1, const struct big *s2, struct big *out)
{
	big_set(out, 0);
	add_multiple(out, n, s2, 1);
	add_multiple(out, s1, s1, -1);
}

static double lag1_of(const struct sums_view *v, const struct scale *scale, const struct big *n,
                      const struct big *s1, const struct big *spread)
{
	/* n^2 P - n S1 (2 S1 - first - last) + (n - 1) S1^2, over n (n S2 - S1^2) */
	struct big pairs, end, ends, square, sum, n2, less = *n, one;
	total_products(v, scale, &pairs);
	value_in(&v->first, scale, &ends);
	value_in(&v->last, scale, &end);
	big_add(&ends, &end);
	big_subtract(&ends, s1);
	big_subtract(&ends, s1);
	big_multiply(&n2, n, n);
	big_multiply(&sum, &n2, &pairs);
	big_multiply(&square, s1, &ends);
	add_multiple(&sum, n, &square, 1);
	big_set(&one, 1);
	big_subtract(&less, &one);
	big_multiply(&square, s1, s1);
	add_multiple(&sum, &less, &square, 1);
	big_multiply(&n2, n, spread);
	return narrow(quotient(&sum, &n2));
}

static void shape_of(const struct sums_view *v, const struct scale *scale, const struct big *n,
                     const struct big *s1, const struct big *s2, const struct big *spread,
                     struct moments *out)
{
	struct big s3, s4, sum, product, n2, square, one;
	double count = (double)out->count, less = count - 1, below = (count - 2) * (count - 3);
	big_set(&one, 1);
	total(v, scale, 3, &s3);
	big_multiply(&n2, n, n);
	big_multiply(&square, s1, s1);
	/* n^2 S3 - 3 n S1 S2 + 2 S1^3: n^2 times the sum of third powers of deviations */
	big_multiply(&sum, &n2, &s3);
	big_multiply(&product, n, s1);
	add_multiple(&sum, &product, s2, -3);
	add_multiple(&sum, &square, s1, 2);
	struct wide_double two = quotient(spread, &one), three = quotient(&sum, &one);
	double g = over(three, times(two, root(two))) / sqrt(count);
	if (out->count >= 3)
		out->skewness = count * sqrt(less) / (count - 2) * g;
	if (out->count < 4)
		return;
	total(v, scale, 4, &s4);
	/* n^3 S4 - 4 n^2 S1 S3 + 6 n S1^2 S2 - 3 S1^4: n^3 times the sum of fourth powers */
	big_multiply(&product, &n2, n);
	big_multiply(&sum, &product, &s4);
	big_multiply(&product, &n2, s1);
	add_multiple(&sum, &product, &s3, -4);
	big_multiply(&product, n, &square);
	add_multiple(&sum, &product, s2, 6);
	add_multiple(&sum, &square, &square, -3);
	big_multiply(&square, spread, spread);
	big_multiply(&product, &square, n);
	double ratio = narrow(quotient(&sum, &product)); /* of the fourth powers to the square of the squares */
	out->kurtosis = count * (count + 1) * less * ratio / below - 3 * less * less / below;
}

void stats_sums_moments(const struct stats_sums *s, struct moments *out)
{
	const struct sums_view *v = view_of(s);
	struct scale scale;
	struct big n, s1, s2, spread, by, one;
	*out = (struct moments){.count = s->rows,
	                        .nan = s->nan,
	                        .pos_inf = s->pos_inf,
	                        .neg_inf = s->neg_inf,
	                        .mean = NAN,
	                        .variance = NAN,
	                        .sd = NAN,
	                        .skewness = NAN,
	                        .kurtosis = NAN,
	                        .min = NAN,
	                        .max = NAN,
	                        .lag1 = NAN,
	                        .places = -1};
	if (s->kind == STATS_SAMPLING)
		bug("stats_sums_moments: of sampling weights there are none");
	if (!s->rows)
		return;
	out->min = s->min;
	out->max = s->max;
	out->places = s->are_decimals ? s->places : -1;
	scale_of(v, &scale);
	big_set(&one, 1);
	big_set(&n, s->rows);
	total(v, &scale, 1, &s1);
	out->sum = narrow(in_units(&s1, &one, &scale, 1));
	out->mean = narrow(in_units(&s1, &n, &scale, 1));
	if (s->rows < 2)
		return;
	total(v, &scale, 2, &s2);
	spread_of(&n, &s1, &s2, &spread);
	big_set(&by, s->rows);
	big_scale(&by, s->rows - 1);
	struct wide_double variance = in_units(&spread, &by, &scale, 2);
	out->variance = narrow(variance);
	out->sd = narrow(root(variance));
	if (!spread.len)
		return;
	out->lag1 = lag1_of(v, &scale, &n, &s1, &spread);
	shape_of(v, &scale, &n, &s1, &s2, &spread, out);
}

void sums_spread(const struct stats_sums *group, const struct stats_sums *all, double *within,
                 double *between)
{
	/* A group may be all decimals where the whole is not; then it is seen as the whole is. */
	const struct sums_view *v = all->are_decimals ? &group->by_decimal : &group->by_double;
	struct scale scale;
	struct big n, of_all, s1, s2, sum, spread, by;
	scale_of(view_of(all), &scale);
	big_set(&n, group->rows);
	big_set(&of_all, all->rows);
	total(v, &scale, 1, &s1);
	total(v, &scale, 2, &s2);
	spread_of(&n, &s1, &s2, &spread);
	*within += narrow(in_units(&spread, &n, &scale, 2));
	/* n (mean - mean of all)^2 = (N s1 - n S1)^2 / (n N^2) */
	total(view_of(all), &scale, 1, &sum);
	big_multiply(&by, &of_all, &s1);
	add_multiple(&by, &n, &sum, -1);
	big_multiply(&spread, &by, &by);
	big_multiply(&by, &of_all, &of_all);
	big_multiply(&sum, &by, &n);
	*between += narrow(in_units(&spread, &sum, &scale, 2));
}

void stats_sums_weighted(const struct stats_sums *s, struct weighted *out)
{
	const struct sums_view *v = view_of(s);
	struct scale scale;
	struct big w, w2, s1, s2, square, rest, one;
	*out = (struct weighted){.rows = s->taken,
	                         .mean = NAN,
	                         .variance = NAN,
	                         .sd = NAN,
	                         .effective = NAN,
	                         .se = NAN,
	                         .design_effect = NAN,
	                         .min = NAN,
	                         .max = NAN};
	if (s->kind != STATS_SAMPLING)
		bug("stats_sums_weighted: of sampling weights only");
	if (!s->taken)
		return;
	out->min = s->min;
	out->max = s->max;
	scale_of(v, &scale);
	big_set(&one, 1);
	total(v, &scale, 0, &w);
	total(v, &scale, 1, &s1);
	total_weight2(v, &scale, &w2);
	big_multiply(&square, &w, &w);
	out->mean = narrow(in_units(&s1, &w, &scale, 1));
	out->effective = narrow(quotient(&square, &w2));
	out->design_effect = (double)out->rows / out->effective;
	struct wide_double weight = quotient(&w, &one);
	weight.exponent += scale.weight_binary;
	out->weight = narrow(weight);
	if (s->taken < 2)
		return;
	/* (W S2 - S1^2) / W over (W^2 - sum w^2) / W */
	total(v, &scale, 2, &s2);
	spread_of(&w, &s1, &s2, &rest);
	big_subtract(&square, &w2);
	struct wide_double variance = in_units(&rest, &square, &scale, 2);
	out->variance = narrow(variance);
	out->sd = narrow(root(variance));
	out->se = out->sd / sqrt(out->effective);
}
