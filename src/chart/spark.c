/* Charts of one row: sparklines, re-binned counts, meters. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "chart_inside.h"

static const char *const BLOCK_LEVELS[8] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
/* Ink that grows: the only order of 7-bit characters that people read as height. */
static const char *const ASCII_LEVELS[8] = {"_", ".", ":", "-", "=", "+", "*", "#"};

const char *chart_level(int level, enum term_charset charset)
{
	level = level < 0 ? 0 : level > 7 ? 7 : level;
	return charset == TERM_ASCII ? ASCII_LEVELS[level] : BLOCK_LEVELS[level];
}

/* The last finite value of each cell's share of the values; NaN where it has none. */
static double cell_value(const double *values, size_t count, int cell, int width)
{
	size_t from, to;

	if (count <= (size_t)width)
		return (size_t)cell < count ? values[cell] : (double)NAN;
	from = (size_t)((double)cell * (double)count / width);
	to = (size_t)((double)(cell + 1) * (double)count / width);
	for (size_t i = to > from ? to : from + 1; i-- > from;)
		if (isfinite(values[i]))
			return values[i];
	return NAN;
}

void chart_spark_text(struct str *out, int width, const double *values, size_t count, bool from_zero,
                      enum term_charset charset)
{
	struct chart_axis axis = {0};
	double min = INFINITY, max = -INFINITY;

	str_clear(out);
	for (size_t i = 0; i < count; i++) {
		if (!isfinite(values[i]))
			continue;
		min = fmin(min, values[i]);
		max = fmax(max, values[i]);
	}
	if (min > max || width < 1)
		return;
	if (from_zero)
		min = fmin(min, 0);
	axis.min = min;
	axis.max = max;
	for (int cell = 0; cell < width; cell++) {
		double v = cell_value(values, count, cell, width);
		double at;

		if ((size_t)cell >= count)
			break;
		if (!isfinite(v)) {
			str_addc(out, ' ');
			continue;
		}
		at = max > min ? chart_axis_at(&axis, v) : from_zero && max == 0 ? 0 : 0.45;
		/* A count that is not zero never looks like none. */
		if (from_zero && v == 0)
			str_adds(out, charset == TERM_ASCII ? " " : "▁");
		else
			str_adds(out, chart_level((int)(at * 7.999), charset));
	}
}

/* The share of a bin's counts that lies between lo and hi. */
double chart_bins_between(const struct chart_bins *bins, double lo, double hi)
{
	double sum = 0;
	size_t a = 0, b = bins->count;

	/* The first bin that ends beyond lo. */
	while (a < b) {
		size_t mid = a + (b - a) / 2;

		if (bins->edges[mid + 1] <= lo)
			a = mid + 1;
		else
			b = mid;
	}
	for (; a < bins->count && bins->edges[a] < hi; a++) {
		double from = bins->edges[a], to = bins->edges[a + 1];
		double size = to / 2 - from / 2;
		double part = size > 0 ? (fmin(hi, to) / 2 - fmax(lo, from) / 2) / size : 1;

		if (isfinite(bins->counts[a]) && part > 0)
			sum += bins->counts[a] * fmin(part, 1);
	}
	return sum;
}

void chart_spark_bins(struct str *out, int width, const struct chart_bins *bins, enum term_charset charset)
{
	double *cells;
	double lo, hi;

	str_clear(out);
	if (bins->count == 0 || width < 1)
		return;
	lo = bins->edges[0];
	hi = bins->edges[bins->count];
	cells = xcalloc((size_t)width, sizeof *cells);
	for (int i = 0; i < width; i++) {
		double a = (double)i / width, b = (double)(i + 1) / width;

		cells[i] = chart_bins_between(bins, lo * (1 - a) + hi * a,
		                              i + 1 == width ? (double)INFINITY : lo * (1 - b) + hi * b);
	}
	if (!(hi > lo)) {
		memset(cells, 0, (size_t)width * sizeof *cells);
		cells[width / 2] = chart_bins_between(bins, -INFINITY, INFINITY);
	}
	chart_spark_text(out, width, cells, (size_t)width, true, charset);
	free(cells);
}

void chart_meter_text(struct str *out, int width, double share, enum term_charset charset)
{
	static const char *const eighth[8] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	double filled;
	int whole, rest;

	str_clear(out);
	if (width < 1)
		return;
	share = isnan(share) ? 0 : share < 0 ? 0 : share > 1 ? 1 : share;
	filled = share * width;
	whole = (int)filled;
	rest = (int)((filled - whole) * 8);
	for (int i = 0; i < whole; i++)
		str_adds(out, charset == TERM_ASCII ? "#" : "█");
	if (charset == TERM_ASCII) {
		for (int i = whole; i < width; i++)
			str_addc(out, '.');
		return;
	}
	if (whole < width && rest > 0) {
		str_adds(out, eighth[rest]);
		whole++;
	} else if (whole == 0 && share > 0) {
		str_adds(out, eighth[1]);
		whole++;
	}
	for (int i = whole; i < width; i++)
		str_addc(out, ' ');
}
