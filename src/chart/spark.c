/* Charts of one row: sparklines, re-binned counts, meters. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "chart_inside.h"

/* Seven heights, not eight: sparklines of rows above each other must not flow together. */
#define LEVELS 7
static const char *const BLOCK_LEVELS[LEVELS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇"};
/* Ink that grows: the only order of 7-bit characters that people read as height. */
static const char *const ASCII_LEVELS[LEVELS] = {"_", ".", "-", "=", "+", "*", "#"};

/* share 0…1. */
static const char *level_text(double share, enum term_charset charset)
{
	int level = (int)(share * (LEVELS - 0.001));

	level = level < 0 ? 0 : level > LEVELS - 1 ? LEVELS - 1 : level;
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
			str_addc(out, ' ');
		else
			str_adds(out, level_text(at, charset));
	}
}

/* The first bin that ends beyond x. */
static size_t bin_at(const struct chart_bins *bins, double x)
{
	size_t a = 0, b = bins->count;

	while (a < b) {
		size_t mid = a + (b - a) / 2;

		if (bins->edges[mid + 1] <= x)
			a = mid + 1;
		else
			b = mid;
	}
	return a;
}

/* How much of the counts lies between lo and hi, each bin's spread evenly. */
static double between(const struct chart_bins *bins, double lo, double hi)
{
	double sum = 0;

	for (size_t i = bin_at(bins, lo); i < bins->count && bins->edges[i] < hi; i++) {
		double from = bins->edges[i], to = bins->edges[i + 1];
		double size = to / 2 - from / 2;
		double part = size > 0 ? (fmin(hi, to) / 2 - fmax(lo, from) / 2) / size : 1;

		if (isfinite(bins->counts[i]) && part > 0)
			sum += bins->counts[i] * fmin(part, 1);
	}
	return sum;
}

static double total(const struct chart_bins *bins)
{
	double sum = 0;

	for (size_t i = 0; i < bins->count; i++)
		if (isfinite(bins->counts[i]))
			sum += bins->counts[i];
	return sum;
}

/* Half of the width of the narrowest bin. */
static double narrowest(const struct chart_bins *bins)
{
	double least = (double)INFINITY;

	for (size_t i = 0; i < bins->count; i++)
		least = fmin(least, bins->edges[i + 1] / 2 - bins->edges[i] / 2);
	return least;
}

/* One column, where it stands; wider where it is alone, so that it looks like a bar. */
static void one_value(const struct chart_bins *bins, double lo, double column, int columns, bool by_area,
                      double *out)
{
	int at = column > 0 ? (int)((bins->edges[0] / 2 - lo / 2) / column) : columns / 2;
	int beside = by_area ? 0 : columns / 20;

	at = at < columns ? at : columns - 1;
	for (int i = at > beside ? at - beside : 0; i <= at + beside && i < columns; i++)
		out[i] = total(bins);
}

void chart_bins_columns(const struct chart_bins *bins, double lo, double hi, int columns, bool by_area,
                        double *out)
{
	double column = (hi / 2 - lo / 2) / columns; /* half of a column's width, as the bins' below */
	double least;

	for (int i = 0; i < columns; i++)
		out[i] = 0;
	if (bins->count == 0)
		return;
	if (bins->edges[0] == bins->edges[bins->count]) {
		one_value(bins, lo, column, columns, by_area, out);
		return;
	}
	least = narrowest(bins);
	for (int i = 0; i < columns; i++) {
		double a = (double)i / columns, z = (double)(i + 1) / columns, mid = (i + 0.5) / columns;

		if (least > column * 0.999999) {
			double x = lo * (1 - mid) + hi * mid;
			size_t bin = bin_at(bins, x);
			double size;

			if (bin == bins->count || x < bins->edges[0] || !isfinite(bins->counts[bin]))
				continue;
			size = bins->edges[bin + 1] / 2 - bins->edges[bin] / 2;
			if (by_area)
				out[i] = size > 0 ? bins->counts[bin] * fmin(1, column / size) : 0;
			else
				/* Wider by more than the rounding of edges. */
				out[i] = bins->counts[bin] * (size > least * 1.000001 ? least / size : 1);
		} else {
			/* The last bin is closed: what lies at its right end belongs to it. */
			out[i] = between(bins, i == 0 ? -(double)INFINITY : lo * (1 - a) + hi * a,
			                 i + 1 == columns ? (double)INFINITY : lo * (1 - z) + hi * z);
		}
	}
}

double chart_log_floor(const struct chart_bins *bins, double lo, double hi, int columns, bool by_area)
{
	const double column = (hi / 2 - lo / 2) / columns,
	             unit = by_area ? column : fmax(column, narrowest(bins));
	double least = 1;

	for (size_t i = 0; i < bins->count; i++) {
		const double size = bins->edges[i + 1] / 2 - bins->edges[i] / 2;

		if (isfinite(bins->counts[i]) && bins->counts[i] > 0)
			least = fmin(least, bins->counts[i] * (size > unit ? unit / size : 1));
	}
	return least / 2;
}

void chart_spark_bins(struct str *out, int width, const struct chart_bins *bins, bool log,
                      enum term_charset charset)
{
	double *cells, base;

	str_clear(out);
	if (bins->count == 0 || width < 1)
		return;
	cells = xcalloc((size_t)width, sizeof *cells);
	chart_bins_columns(bins, bins->edges[0], bins->edges[bins->count], width, false, cells);
	base = chart_log_floor(bins, bins->edges[0], bins->edges[bins->count], width, false);
	/* A column may have but a splinter of a bin. */
	for (int i = 0; log && i < width; i++)
		cells[i] = cells[i] > 0 ? fmax(log10(cells[i] / base), 0.01) : 0;
	chart_spark_text(out, width, cells, (size_t)width, true, charset);
	free(cells);
}

const char *chart_level_text(double share, enum term_charset charset)
{
	return share > 0 ? level_text(share, charset) : " ";
}

void chart_meter_text(struct str *out, int width, double share, enum term_charset charset)
{
	bool ascii = charset == TERM_ASCII;
	int halves;

	str_clear(out);
	if (width < 1)
		return;
	share = isnan(share) ? 0 : share < 0 ? 0 : share > 1 ? 1 : share;
	halves = (int)(share * width * 2 + 0.5);
	if (halves == 0 && share > 0)
		halves = 1; /* a little is not nothing */
	for (int i = 0; i < width; i++, halves -= 2) {
		if (halves >= 2)
			str_adds(out, ascii ? "=" : "━");
		else if (halves == 1)
			str_adds(out, ascii ? "-" : "╸");
		else
			str_addc(out, ' ');
	}
}
