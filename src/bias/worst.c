/* Two groups, and the worst of many: their intervals. */
#include "reporting.h"

/* ---- intervals of two groups ---- */

static void ratio_interval(const struct rated *a, const struct rated *b, double level, double *low,
                           double *high)
{
	if (!isnan(a->log_value) && !isnan(b->log_value)) {
		double half = stats_normal_quantile(0.5 + level / 2) * sqrt(a->log_spread + b->log_spread);
		*low = exp(a->log_value - b->log_value - half);
		*high = exp(a->log_value - b->log_value + half);
	} else if (a->num >= 0 && a->den > 0 && b->den > 0 && !isnan(a->value) && a->num <= a->den) {
		stats_ratio(a->num, a->den, b->num, b->den, level, low, high);
	} else {
		*low = *high = (double)NAN;
	}
}

void pair_interval(const struct work *w, enum measure_kind kind, enum bias_rate rate, size_t a, size_t b,
                   enum rate_level at, double *low, double *high)
{
	const struct rated *x = rated(w, a, rate), *y = rated(w, b, rate);
	*low = *high = (double)NAN;
	if (isnan(x->value) || isnan(y->value))
		return;
	if (kind == DIFFERENCE)
		stats_difference(&x->at[at], &y->at[at], low, high);
	else if (rate_is_share(rate) || rate == BIAS_MEAN_SCORE)
		ratio_interval(x, y, w->levels[at], low, high);
}

void pair_apart(const struct work *w, enum measure_kind kind, enum bias_rate rate, size_t a, size_t b,
                enum rate_level unfair, enum rate_level fair, double *low, double *high)
{
	double unfair_low, unfair_high, fair_low, fair_high;
	void (*fold)(double, double, double *, double *) = kind == DIFFERENCE ? fold_difference : fold_ratio;
	pair_interval(w, kind, rate, a, b, unfair, &unfair_low, &unfair_high);
	pair_interval(w, kind, rate, a, b, fair, &fair_low, &fair_high);
	fold(unfair_low, unfair_high, &unfair_low, &unfair_high);
	fold(fair_low, fair_high, &fair_low, &fair_high);
	*low = kind == DIFFERENCE ? fair_low : unfair_low;
	*high = kind == DIFFERENCE ? unfair_high : fair_high;
}

double pair_worse(enum measure_kind kind, double a, double b)
{
	return kind == DIFFERENCE ? fmax(a, b) : fmin(a, b); /* these leave NaN out */
}

/* ---- worst cases ---- */

/* What takes part: the groups that are enough, or all that have a value if fewer than two are. */
static size_t who(const struct work *w, enum bias_rate rate, size_t *out, size_t *left_out)
{
	size_t count = 0, valued = 0;
	for (size_t g = 0; g < w->about->group_count; g++) {
		bool there = !isnan(rated(w, g, rate)->value);
		valued += there;
		if (there && enough(w, g, rate))
			out[count++] = g;
	}
	*left_out = w->about->group_count - count;
	if (count >= 2)
		return count;
	count = 0;
	for (size_t g = 0; g < w->about->group_count && valued >= 2; g++)
		if (!isnan(rated(w, g, rate)->value))
			out[count++] = g;
	return count;
}

struct worst {
	double value, low, high;
	size_t a, b, left_out;
	bool judged;
};

/* What a group can add to a gap, on the scale on which gaps are differences (of rates, or of their
 * logarithms): no pair's unfair end lies above its `up` less the other's `down`, and no fair end above its
 * `near_up` less the other's `near_down`. */
struct edge {
	size_t group;
	double up, down, near_up, near_down;
};

static void log_edge(double x, double n, double unfair, double fair, struct edge *e)
{
	double middle = log(x / n), spread = sqrt(1 / x - 1 / n);
	e->up = fmax(e->up, middle + unfair * spread);
	e->down = fmin(e->down, middle - unfair * spread);
	e->near_up = fmax(e->near_up, middle - fair * spread);
	e->near_down = fmin(e->near_down, middle);
}

static struct edge edge_of(const struct work *w, enum measure_kind kind, enum bias_rate rate, size_t g,
                           enum rate_level fair)
{
	const struct rated *r = rated(w, g, rate);
	double z = stats_normal_quantile(0.5 + w->levels[AT_PLAIN] / 2);
	double z_fair = stats_normal_quantile(0.5 + w->levels[fair] / 2), no = -(double)INFINITY;
	struct edge e = {.group = g, .up = no, .down = -no, .near_up = no, .near_down = -no};
	if (kind == DIFFERENCE) {
		e = (struct edge){g, r->at[AT_PLAIN].high, r->at[AT_PLAIN].low, r->at[fair].low, r->value};
	} else if (rate == BIAS_MEAN_SCORE) {
		double half = z * sqrt(r->log_spread), half_fair = z_fair * sqrt(r->log_spread);
		e = (struct edge){g, r->log_value + half, r->log_value - half, r->log_value - half_fair,
		                  r->log_value};
	} else {
		/* Either form of the interval may be the one that a pair takes. */
		if (r->num > 0)
			log_edge(r->num, r->den, z, z_fair, &e);
		log_edge(r->num + 0.5, r->den + 0.5, z, z_fair, &e);
		if (r->num == r->den) {
			double low, high;
			stats_wilson(r->num, r->den, w->levels[AT_PLAIN], &low, &high);
			e.down = fmin(e.down, log(low));
		}
	}
	return e;
}

static int by_up(const void *a, const void *b)
{
	double x = ((const struct edge *)a)->up, y = ((const struct edge *)b)->up;
	return (x < y) - (x > y);
}

static int by_near_up(const void *a, const void *b)
{
	double x = ((const struct edge *)a)->near_up, y = ((const struct edge *)b)->near_up;
	return (x < y) - (x > y);
}

static int by_down(const void *a, const void *b)
{
	double x = ((const struct edge *)a)->down, y = ((const struct edge *)b)->down;
	return (x > y) - (x < y);
}

static int by_near_down(const void *a, const void *b)
{
	double x = ((const struct edge *)a)->near_down, y = ((const struct edge *)b)->near_down;
	return (x > y) - (x < y);
}

/* The largest end of any pair. Of many groups only those pairs are looked at whose edges leave room for more.
 */
static double furthest(const struct work *w, enum measure_kind kind, enum bias_rate rate, struct edge *high,
                       struct edge *low, size_t count, bool unfair, enum rate_level at)
{
	double best = (double)NAN;
	qsort(high, count, sizeof *high, unfair ? by_up : by_near_up);
	qsort(low, count, sizeof *low, unfair ? by_down : by_near_down);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++) {
			double room = unfair ? high[i].up - low[j].down : high[i].near_up - low[j].near_down;
			if (room <= best && j == 0)
				return best;
			if (room <= best)
				break;
			if (high[i].group == low[j].group)
				continue;
			double from, to;
			pair_interval(w, kind, rate, high[i].group, low[j].group, at, &from, &to);
			(kind == DIFFERENCE ? fold_difference : fold_ratio)(from, to, &from, &to);
			double end = kind == DIFFERENCE ? (unfair ? to : from) : -log(unfair ? from : to);
			best = fmax(best, end); /* NaN gives way */
		}
	return best;
}

/* Over the pairs of the groups that take part. A true worst pair is covered by its own plain interval, so
 * that end needs no correction; that no pair's lower end lies above the truth takes all of them together. */
static struct worst worst_of(const struct work *w, enum measure_kind kind, enum bias_rate rate,
                             enum rate_level fair)
{
	size_t count = w->about->group_count, edges = 0, *group = xreallocarray(NULL, count + 1, sizeof *group);
	struct worst out = {
	    .value = (double)NAN, .low = (double)NAN, .high = (double)NAN, .a = BIAS_NONE, .b = BIAS_NONE};
	size_t taking = who(w, rate, group, &out.left_out);
	out.judged = count - out.left_out >= 2 || count < 2; /* one group is not too few, but alone */
	for (size_t i = 0; i < taking; i++) {
		double x = rated(w, group[i], rate)->value;
		if (i == 0 || x < rated(w, out.a, rate)->value)
			out.a = group[i];
		if (i == 0 ||
		    x >= rated(w, out.b, rate)->value) /* the last, so that there are two where all are equal */
			out.b = group[i];
	}
	if (taking >= 2) {
		double low = rated(w, out.a, rate)->value, high = rated(w, out.b, rate)->value;
		out.value = kind == DIFFERENCE ? high - low : divide(low, high);
	}
	if (!isnan(out.value)) {
		struct edge *high = xreallocarray(NULL, taking, sizeof *high),
		            *low = xreallocarray(NULL, taking, sizeof *low);
		for (size_t i = 0; i < taking; i++) {
			struct edge e = edge_of(w, kind, rate, group[i], fair);
			if (!isnan(e.up) && !isnan(e.down)) /* one score has no spread */
				high[edges] = low[edges] = e, edges++;
		}
		double unfair_end = furthest(w, kind, rate, high, low, edges, true, AT_PLAIN);
		double fair_end = furthest(w, kind, rate, high, low, edges, false, fair);
		out.low = kind == DIFFERENCE ? fair_end : exp(-unfair_end);
		out.high = kind == DIFFERENCE ? unfair_end : exp(-fair_end);
		free(low);
		free(high);
	}
	free(group);
	return out;
}

void worst_measure(const struct work *w, const struct measure_about *about, struct bias_measure *m)
{
	enum measure_kind kind = about->kind == RATIO || about->kind == ODDS_RATIO ? RATIO : DIFFERENCE;
	bool odds = about->kind == ODDS_DIFFERENCE || about->kind == ODDS_RATIO;
	struct worst one = worst_of(w, kind, odds ? BIAS_TPR : about->rate, odds ? AT_ODDS_PAIRS : AT_PAIRS);
	if (odds) {
		struct worst two = worst_of(w, kind, BIAS_FPR, AT_ODDS_PAIRS);
		bool judged = one.judged && two.judged;
		double value = pair_worse(kind, one.value, two.value), low = pair_worse(kind, one.low, two.low);
		double high = pair_worse(kind, one.high, two.high);
		size_t left_out = one.left_out > two.left_out ? one.left_out : two.left_out;
		if (isnan(one.value) || isnan(two.value))
			value = low = high = (double)NAN;
		else if (value == two.value)
			one = two;
		if (kind == DIFFERENCE && w->r->settings.mean_odds) {
			value = (worst_gap(&w->view, BIAS_TPR) + worst_gap(&w->view, BIAS_FPR)) / 2;
			low = high = (double)NAN; /* by the bootstrap */
		}
		one = (struct worst){value, low, high, one.a, one.b, left_out, judged};
	}
	m->v = (struct bias_value){.value = one.value, .low = one.low, .high = one.high};
	m->a = one.a == BIAS_NONE ? BIAS_NONE : w->first + one.a;
	m->b = one.b == BIAS_NONE ? BIAS_NONE : w->first + one.b;
	m->left_out = one.left_out;
	if (!one.judged)
		m->v.verdict = BIAS_TOO_FEW;
	if (isnan(one.value))
		m->v.why = w->about->group_count < 2
		               ? "there is only one group"
		               : "fewer than two groups have what it is a rate of, or all are 0";
}
