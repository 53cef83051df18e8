/* Values of measures from counts: what several conventions have in common. */
#include "inside.h"

struct counts rest_of(const struct view *v, size_t g)
{
	struct counts rest = v->total;
	for (int i = 0; i < CELLS; i++)
		rest.c[i] -= v->group[g].c[i];
	return rest;
}

static struct extremes look_up(const struct view *v, enum bias_rate rate)
{
	size_t found = 0;
	struct extremes e = {(double)INFINITY, -(double)INFINITY};
	for (size_t g = 0; g < v->count; g++) {
		if (v->enough && !v->enough[g * BIAS_RATES + rate])
			continue;
		double x = rate_of(rate, &v->group[g]);
		if (isnan(x))
			continue;
		e.low = x < e.low ? x : e.low;
		e.high = x > e.high ? x : e.high;
		found++;
	}
	return found > 1 ? e : (struct extremes){(double)NAN, (double)NAN};
}

void view_extremes(const struct view *v, struct extremes out[BIAS_RATES])
{
	size_t found[BIAS_RATES] = {0};
	for (enum bias_rate rate = 0; rate < BIAS_RATES; rate++)
		out[rate] = (struct extremes){(double)INFINITY, -(double)INFINITY};
	for (size_t g = 0; g < v->count; g++) {
		double rates[BIAS_RATES];
		rates_of(&v->group[g], rates);
		for (enum bias_rate rate = 0; rate < BIAS_RATES; rate++) {
			double x = rates[rate];
			if (isnan(x) || (v->enough && !v->enough[g * BIAS_RATES + rate]))
				continue;
			out[rate].low = x < out[rate].low ? x : out[rate].low;
			out[rate].high = x > out[rate].high ? x : out[rate].high;
			found[rate]++;
		}
	}
	for (enum bias_rate rate = 0; rate < BIAS_RATES; rate++)
		if (found[rate] < 2)
			out[rate] = (struct extremes){(double)NAN, (double)NAN};
}

double worst_gap(const struct view *v, enum bias_rate rate)
{
	struct extremes e = v->extremes ? v->extremes[rate] : look_up(v, rate);
	return e.high - e.low;
}

double worst_ratio(const struct view *v, enum bias_rate rate)
{
	struct extremes e = v->extremes ? v->extremes[rate] : look_up(v, rate);
	return divide(e.low, e.high);
}

/* ---- two distributions of labels (Clarify): only over labels that occur on both sides ---- */

static int shared_labels(const struct counts *a, const struct counts *d, double pa[2], double pd[2])
{
	double na = (double)counts_n(a), nd = (double)counts_n(d);
	double a1 = (double)(a->c[FN] + a->c[TP]), d1 = (double)(d->c[FN] + d->c[TP]);
	int count = 0;
	if (a1 < na && d1 < nd) {
		pa[count] = (na - a1) / na;
		pd[count++] = (nd - d1) / nd;
	}
	if (a1 > 0 && d1 > 0) {
		pa[count] = a1 / na;
		pd[count++] = d1 / nd;
	}
	return count;
}

double value_kl(const struct counts *a, const struct counts *d)
{
	double pa[2], pd[2], sum = 0;
	int count = shared_labels(a, d, pa, pd);
	for (int i = 0; i < count; i++)
		sum += pa[i] * log(pa[i] / pd[i]);
	return count ? sum : (double)NAN;
}

/* a ln(a / m) + b ln(b / m), m the mean of both. Of near ones by the series of (1 + e) ln(1 + e) + (1 - e)
 * ln(1 - e), the sum of e^2k / k(2k - 1): the logarithms would cancel. */
static double apart_from_middle(double a, double b)
{
	double e = (a - b) / (a + b), q = e * e, middle = (a + b) / 2;
	if (q < 1.0 / 64)
		return middle * q *
		       (1 + q * (1.0 / 6 +
		                 q * (1.0 / 15 +
		                      q * (1.0 / 28 +
		                           q * (1.0 / 45 + q * (1.0 / 66 + q * (1.0 / 91 + q * (1.0 / 120))))))));
	return a * log(a / middle) + b * log(b / middle);
}

double value_js(const struct counts *a, const struct counts *d)
{
	double pa[2], pd[2], sum = 0;
	int count = shared_labels(a, d, pa, pd);
	for (int i = 0; i < count; i++)
		sum += apart_from_middle(pa[i], pd[i]);
	return count ? sum / 2 : (double)NAN;
}

double value_norm(const struct counts *a, const struct counts *d, int p)
{
	double pa[2], pd[2], sum = 0;
	int count = shared_labels(a, d, pa, pd);
	for (int i = 0; i < count; i++) {
		double apart = fabs(pa[i] - pd[i]);
		sum = p == 0 ? fmax(sum, apart) : sum + (p == 1 ? apart : apart * apart);
	}
	return count == 0 ? (double)NAN : p == 2 ? sqrt(sum) : sum;
}

/* ---- demographic disparity ---- */

static double share(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}

double value_disparity(const struct view *v, size_t g, bool labels)
{
	const struct counts *all = v->stratum ? v->stratum : v->group;
	size_t strata = v->stratum ? v->strata : 1;
	/* Refused, selected: by the decision, or by the label. */
	int no[2] = {TN, labels ? FP : FN}, yes[2] = {TP, labels ? FN : FP};
	double sum = 0, cases = 0;
	for (size_t s = 0; s < strata; s++) {
		const struct counts *group = &all[s * v->count];
		uint64_t refused = 0, chosen = 0;
		for (size_t i = 0; i < v->count; i++) {
			refused += group[i].c[no[0]] + group[i].c[no[1]];
			chosen += group[i].c[yes[0]] + group[i].c[yes[1]];
		}
		double apart = share(group[g].c[no[0]] + group[g].c[no[1]], refused) -
		               share(group[g].c[yes[0]] + group[g].c[yes[1]], chosen);
		sum += (double)(refused + chosen) * apart;
		cases += (double)(refused + chosen);
	}
	return divide(sum, cases);
}

/* ---- all cases ---- */

double value_entropy(const struct counts *k, int alpha)
{
	/* Benefit of a case: decision - label + 1, so 0, 1 or 2. */
	double n = (double)counts_n(k), even = (double)(k->c[TN] + k->c[TP]), twice = (double)k->c[FP];
	double mean = (even + 2 * twice) / n;
	if (!(mean > 0))
		return (double)NAN;
	if (alpha == 1)
		return (even / mean * log(1 / mean) + twice * 2 / mean * log(2 / mean)) / n;
	return ((even + 4 * twice) / (mean * mean) - n) / (2 * n);
}

double measure_value(const struct measure_about *m, const struct view *v, size_t a, size_t b)
{
	if (m->value)
		return m->value(v, a, b);
	if (m->of_rate)
		return m->of_rate(m, v, a, b);
	bool gap = m->kind == DIFFERENCE;
	if (a == BIAS_NONE)
		return gap ? worst_gap(v, m->rate) : worst_ratio(v, m->rate);
	double x = rate_of(m->rate, &v->group[a]), y = rate_of(m->rate, &v->group[b]);
	return gap ? x - y : divide(x, y);
}
