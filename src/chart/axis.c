/* Axes: a sane range for anything, ticks at 1, 2, 5 x 10^k, texts of one width of decimals. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assay/chart.h"

/* Ranges below this lose all precision in the divisions that place a value; they count as empty. */
#define RANGE_FLOOR    1e-290
#define RELATIVE_FLOOR 1e-12
/* With fewer rows, each of them is worth more than even ticks. */
#define ROWS_EVEN 7

static double clamp_finite(double v)
{
	return v > DBL_MAX ? DBL_MAX : v < -DBL_MAX ? -DBL_MAX : v;
}

/* Half the range: the whole may overflow. */
static double half_range(double min, double max)
{
	return max / 2 - min / 2;
}

static double nice_step(double rough)
{
	double power = pow(10, floor(log10(rough)));
	double lead;

	if (!(power > 0) || !isfinite(power))
		return rough;
	lead = rough / power;
	if (lead <= 1.0000001)
		return power;
	if (lead <= 2.0000001)
		return 2 * power;
	if (lead <= 5.0000001)
		return 5 * power;
	return 10 * power;
}

static void range_make_sane(double *min, double *max)
{
	double lo = isnan(*min) ? 0 : clamp_finite(*min);
	double hi = isnan(*max) ? lo + 1 : clamp_finite(*max);
	double largest, room;

	if (lo > hi) {
		double t = lo;
		lo = hi;
		hi = t;
	}
	largest = fmax(fabs(lo), fabs(hi));
	if (half_range(lo, hi) <= fmax(RANGE_FLOOR, largest * RELATIVE_FLOOR)) {
		/* One value: it stands in the middle of a range of a tenth of its size. */
		double middle = lo / 2 + hi / 2;

		if (fabs(middle) < RANGE_FLOOR) {
			lo = 0;
			hi = 1;
		} else {
			room = fabs(middle) / 20;
			lo = clamp_finite(middle - room);
			hi = clamp_finite(middle + room);
		}
	}
	*min = lo;
	*max = hi;
}

/* "1e+06" reads as "1e6", "2.5e-07" as "2.5e-7". */
static void tidy_exponent(char *text)
{
	char *e = strchr(text, 'e'), *digits;

	if (!e)
		return;
	digits = e + 1;
	if (*digits == '+')
		memmove(digits, digits + 1, strlen(digits));
	else
		digits++;
	while (digits[0] == '0' && digits[1])
		memmove(digits, digits + 1, strlen(digits));
}

static void tick_text(char out[CHART_TICK_TEXT], double tick, double step, double largest)
{
	int decimals;

	if (tick != 0 && (largest >= 1e6 || step < 1e-5)) {
		int digits = (int)ceil(log10(fmax(largest / step, 1)) - 1e-9);

		digits = digits < 0 ? 0 : digits > 9 ? 9 : digits;
		snprintf(out, CHART_TICK_TEXT, "%.*g", digits + 1, tick);
		tidy_exponent(out);
		return;
	}
	decimals = tick == 0 && step < 1e-5 ? 0 : (int)-floor(log10(step) + 1e-9);
	decimals = decimals < 0 ? 0 : decimals > 6 ? 6 : decimals;
	snprintf(out, CHART_TICK_TEXT, "%.*f", decimals, tick);
}

static void add_tick(struct chart_axis *axis, double tick, double step, double largest)
{
	if (tick == 0)
		tick = 0; /* not -0 */
	axis->tick[axis->count] = tick;
	tick_text(axis->text[axis->count], tick, step, largest);
	axis->count++;
}

/* 1, 2, 5, 10, 20…: the i-th one, 10^0 being number 0. */
static double log_step(int i)
{
	static const double lead[3] = {1, 2, 5};
	int decade = (i >= 0 ? i : i - 2) / 3;

	return lead[i - decade * 3] * pow(10, decade);
}

static void make_log(struct chart_axis *axis, double min, double max, int want, bool widen)
{
	double lo = fmax(log10(min), -307), hi = fmin(log10(max), 308.25);
	bool fine; /* a tick at 1, 2 and 5 of each decade, not at 1 alone */
	int first, last, stride;

	if (hi - lo < 1e-9) {
		lo -= 0.15;
		hi += 0.15;
	}
	fine = (hi - lo) * 3 <= want || hi - lo < 1.5;
	first = (int)floor(lo) * 3;
	while (log10(log_step(first + 1)) <= lo + 1e-9)
		first++;
	last = first + 1;
	while (log10(log_step(last)) < hi - 1e-9)
		last++;
	if (!fine) {
		first = (int)floor(lo + 1e-9) * 3;
		last = (int)ceil(hi - 1e-9) * 3;
	}
	if (widen) {
		lo = fmax(log10(log_step(first)), -307);
		hi = fmin(log10(log_step(last)), 308.25);
	}
	axis->log = true;
	axis->min = pow(10, lo);
	axis->max = fmin(pow(10, fmax(hi, lo + 1e-3)), DBL_MAX);
	stride = fine ? 1 : 3 * (((last - first) / 3 - 1) / want + 1);
	for (int i = first; i <= last && axis->count < CHART_TICKS; i += stride) {
		double tick = log_step(i);

		if (isfinite(tick) && log10(tick) >= lo - 1e-9 && log10(tick) <= hi + 1e-9)
			add_tick(axis, tick, tick, tick);
	}
}

void chart_axis_make(struct chart_axis *axis, double min, double max, int want, bool log, bool widen)
{
	double step, first, last, largest;

	*axis = (struct chart_axis){0};
	want = want < 1 ? 1 : want > CHART_TICKS ? CHART_TICKS : want;
	if (log && max > 0 && isfinite(max)) {
		/* A start at zero has no place on a log axis: six decades show what is there. */
		make_log(axis, min > 0 ? fmin(min, max) : max / 1e6, max, want, widen);
		return;
	}
	range_make_sane(&min, &max);
	step = nice_step(half_range(min, max) / want * 2);
	if (!isfinite(step))
		step = 1e308;
	if (widen) {
		min = clamp_finite(floor(min / step + 1e-9) * step);
		max = clamp_finite(ceil(max / step - 1e-9) * step);
	}
	axis->min = min;
	axis->max = max;
	largest = fmax(fabs(min), fabs(max));
	first = ceil(min / step - 1e-9);
	last = floor(max / step + 1e-9);
	for (double i = first; i <= last && axis->count < CHART_TICKS; i++)
		add_tick(axis, i * step, step, largest);
}

/* The share of `rows` rows of four dots that stays empty with this step; 2 if it does not do. */
static double waste_of(double min, double max, double step, int rows, int *apart)
{
	double low = floor(min / step + 1e-9) * step, waste;
	double k = floor((rows * 4 - 1) * step / (4 * (max - low)) + 1e-9);
	int ticks;

	if (!(k >= 2) || k > rows)
		return 2;
	*apart = (int)k;
	ticks = (rows * 4 - 1) / (4 * *apart) + 1;
	waste = 1 - (max - min) * 4 * k / ((rows * 4 - 1) * step);
	return ticks < 3 || ticks > 9 || waste > 0.5 ? 2 : waste;
}

/* Does every stride-th tick stand as far from the one before? */
static bool is_even(const struct chart_axis *a, int rows, int stride)
{
	int last = 0, apart = 0;

	for (int i = 0; i < a->count; i += stride) {
		int row = (int)lround((1 - chart_axis_at(a, a->tick[i])) * (rows * 4 - 1)) / 4;

		if (i > stride && last - row != apart)
			return false;
		apart = last - row;
		last = row;
	}
	return true;
}

/* As many ticks as are evenly apart, the first and the last among them. */
static void thin(struct chart_axis *a, int rows)
{
	int stride = 1, count = 0;

	while (stride < a->count - 1 && ((a->count - 1) % stride || !is_even(a, rows, stride)))
		stride++;
	for (int i = 0; i < a->count; i += stride, count++) {
		a->tick[count] = a->tick[i];
		memmove(a->text[count], a->text[i], CHART_TICK_TEXT);
	}
	a->count = count;
}

void chart_axis_rows(struct chart_axis *axis, double min, double max, int rows, bool whole)
{
	double power, best = 2, step = 0, low, largest;
	int apart = 0, k;

	chart_axis_make(axis, min, max, rows < 1 ? 1 : (rows + 1) / 2 > 8 ? 8 : (rows + 1) / 2, false, true);
	range_make_sane(&min, &max);
	power = pow(10, floor(log10(half_range(min, max) / fmax(rows, 1))));
	if (is_even(axis, rows, 1) || !(power > RANGE_FLOOR) || !(power < 1e290))
		return;
	for (int i = 0; i < 9 && rows >= ROWS_EVEN; i++) {
		double try = log_step(i) * power, waste;

		if (whole && try < 1)
			continue;
		waste = waste_of(min, max, try, rows, &k);
		if (waste < best - 1e-9) {
			best = waste;
			step = try;
			apart = k;
		}
	}
	if (best > 1) {
		thin(axis, rows);
		return;
	}
	low = floor(min / step + 1e-9) * step;
	*axis = (struct chart_axis){.min = low, .max = low + (rows * 4 - 1) * step / (4 * apart)};
	largest = fmax(fabs(axis->min), fabs(axis->max));
	for (int i = 0; i * 4 * apart <= rows * 4 - 1 && axis->count < CHART_TICKS; i++)
		add_tick(axis, (round(low / step) + i) * step, step, largest);
}

double chart_axis_at(const struct chart_axis *axis, double value)
{
	if (isnan(value))
		return NAN;
	if (axis->log) {
		if (value <= 0)
			return NAN;
		return (log10(value) - log10(axis->min)) / (log10(axis->max) - log10(axis->min));
	}
	if (isinf(value))
		return value;
	return (value / 2 - axis->min / 2) / half_range(axis->min, axis->max);
}

double chart_room(double max)
{
	static const double leads[] = {1, 1.5, 2, 3, 4, 5, 6, 8};
	double power;

	if (!(max > 1))
		return 1;
	if (max > 1e307)
		return DBL_MAX;
	power = pow(10, floor(log10(max)));
	for (size_t i = 0; i < COUNT_OF(leads); i++)
		if (leads[i] * power >= max * 0.9999999)
			return leads[i] * power;
	return 10 * power;
}
