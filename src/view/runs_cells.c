/* Cells of the table of runs: values, differences from the baseline, sums of columns. */
#include <math.h>
#include <string.h>

#include "runs_cells.h"
#include "view_inside.h"

bool runs_cell_is_own(const char *key)
{
	static const char *const own[] = {"name", "id", "experiment", "status", "age", "duration"};

	for (size_t i = 0; i < COUNT_OF(own); i++)
		if (strcmp(key, own[i]) == 0)
			return true;
	return runs_key_is(key, "trend.");
}

static const char *number_text(struct arena *a, double value)
{
	char text[NUM_TEXT];

	return isnan(value) ? "nan" : arena_strdup(a, num_people(value, 4, text));
}

/* ---- differences ---- */

static int decimals_of(const char *text)
{
	const char *point = strchr(text, '.');

	return point ? (int)strspn(point + 1, "0123456789") : 0;
}

const char *runs_cell_difference(struct arena *a, double value, double base, const char *value_text,
                                 const char *base_text, bool percent)
{
	double difference = value - base;
	int decimals = decimals_of(value_text), other = decimals_of(base_text);
	char text[NUM_TEXT];

	if (!isfinite(value) || !isfinite(base) || !isfinite(difference) || (percent && base == 0))
		return NULL;
	if (percent) {
		double part = 100 * difference / fabs(base);

		if (part == 0)
			return "0.0%";
		return fabs(part) < 0.05 || fabs(part) >= 1e6
		           ? arena_printf(a, "%c%s%%", part < 0 ? '-' : '+', num_people(fabs(part), 2, text))
		           : arena_printf(a, "%+.1f%%", part);
	}
	if (difference == 0)
		return "0";
	decimals = decimals > other ? decimals : other;
	/* In the decimals of the values themselves, unless nothing of it would be left. */
	if (strpbrk(value_text, "eE") || strpbrk(base_text, "eE") ||
	    fabs(difference) < 0.5 * pow(10, -decimals) || fabs(difference) >= 1e9)
		return arena_printf(a, "%c%s", difference < 0 ? '-' : '+', num_people(fabs(difference), 4, text));
	return arena_printf(a, "%+.*f", decimals, difference);
}

static bool compares(const struct runs_against *b)
{
	return b && b->row && b->difference != WORK_VALUE;
}

static style_id style_of(double difference, int direction)
{
	return difference == 0 || direction == 0     ? STYLE_TEXT
	       : (difference > 0) == (direction > 0) ? STYLE_GOOD
	                                             : STYLE_BAD;
}

/* ---- values ---- */

static const char *cell_text(struct arena *a, const struct runs_cell *c)
{
	return c->text ? c->text : number_text(a, c->number);
}

void runs_cell(struct arena *a, const struct runs_row *row, size_t at, const struct runs_against *b,
               size_t column, struct ui_cell *out)
{
	const struct runs_cell *c = &row->cells[at];
	char text[TIME_TEXT];

	switch (c->kind) {
	case CELL_NONE:
		out->style = STYLE_MUTED;
		break;
	case CELL_NUMBER:
		out->text = cell_text(a, c);
		out->has_sort = !isnan(c->number);
		out->sort = c->number;
		if (compares(b)) {
			const struct runs_cell *base = &b->row->cells[at];

			out->text = base->kind == CELL_NUMBER
			                ? runs_cell_difference(a, c->number, base->number, out->text, cell_text(a, base),
			                                       b->difference == WORK_PERCENT)
			                : NULL;
			out->style = out->text ? style_of(c->number - base->number, b->directions[column]) : STYLE_MUTED;
		}
		/* A run that has gone astray does not look as if it had said nothing. */
		if (!isfinite(c->number)) {
			out->text = cell_text(a, c);
			out->style = STYLE_BAD;
		}
		break;
	case CELL_TEXT:
		out->text = c->text;
		break;
	case CELL_TIME:
		out->text = arena_strdup(a, time_local((int64_t)c->number, text));
		out->has_sort = true;
		out->sort = c->number;
		break;
	}
}

static const char *status_text(struct arena *a, const struct runs_row *row, int64_t now,
                               enum term_charset charset)
{
	const char *word = store_status_name(row->status);
	const char *sign = term_glyph(charset, ui_status_glyph(word));

	if (row->removed)
		return arena_printf(a, "%s removed", sign);
	if (row->archived)
		return arena_printf(a, "%s archived", sign);
	if (*row->flag && store_status_over(row->status))
		return arena_printf(a, "%s %s %s", sign, word, term_glyph(charset, GLYPH_WARN));
	if (*row->flag)
		return arena_printf(a, "%s %s", term_glyph(charset, GLYPH_WARN), run_flag_word(row->flag));
	if (row->status == RUN_RUNNING && isfinite(row->progress) && row->ends > now)
		return arena_printf(a, "%s %.0f%% %s", sign, floor(row->progress * 100),
		                    view_cell_age(a, now, row->ends));
	if (row->status == RUN_RUNNING && isfinite(row->progress))
		return arena_printf(a, "%s %.0f%%", sign, floor(row->progress * 100));
	return arena_printf(a, "%s %s", sign, word);
}

static int64_t took(const struct runs_row *row, int64_t now)
{
	return row->started ? (row->ended ? row->ended : now) - row->started : -1;
}

static void duration_cell(struct arena *a, const struct runs_row *row, int64_t now,
                          const struct runs_against *b, struct ui_cell *cell)
{
	int64_t ms = took(row, now), base = compares(b) ? took(b->row, now) : -1;

	if (ms < 0)
		return;
	cell->has_sort = true;
	cell->sort = (double)ms;
	if (!compares(b)) {
		cell->text = view_cell_span(a, 0, ms);
	} else if (base >= 0 && b->difference == WORK_PERCENT) {
		cell->text = runs_cell_difference(a, (double)ms, (double)base, "", "", true);
	} else if (base >= 0) {
		char text[TIME_TEXT];

		cell->text = ms == base ? "0"
		                        : arena_printf(a, "%c%s", ms > base ? '+' : '-',
		                                       time_span(ms > base ? ms - base : base - ms, text));
	}
}

void runs_cell_own(const struct desk *desk, struct arena *a, const struct runs_row *row, const char *key,
                   const struct runs_against *b, struct ui_cell *cell)
{
	int64_t now = view_desk_now(desk);

	if (strcmp(key, "name") == 0) {
		cell->text = row->name;
	} else if (strcmp(key, "id") == 0) {
		cell->text = arena_strdup(a, view_short_id(row->uuid));
		cell->style = STYLE_MUTED;
	} else if (strcmp(key, "experiment") == 0) {
		cell->text = row->experiment;
	} else if (strcmp(key, "status") == 0) {
		cell->text = status_text(a, row, now, desk->app->charset);
		cell->style = row->archived || row->removed ? STYLE_MUTED
		              : *row->flag && !store_status_over(row->status)
		                  ? STYLE_WARN
		                  : ui_status_style(store_status_name(row->status));
	} else if (strcmp(key, "age") == 0) {
		cell->text = view_cell_age(a, row->started ? row->started : row->created, now);
		cell->style = STYLE_MUTED;
		cell->has_sort = true;
		cell->sort = (double)(now - (row->started ? row->started : row->created));
	} else if (strcmp(key, "duration") == 0) {
		duration_cell(a, row, now, b, cell);
	} else {
		cell->spark = row->trend;
		cell->n = row->trend_count;
		cell->style = STYLE_SPARK;
		if (row->trend_count < 2) { /* one point is no trend */
			cell->spark = NULL;
			cell->text = "";
		}
	}
}

/* ---- sums ---- */

static const char *sum_text(const struct desk *desk, struct arena *a, const char *key,
                            const struct runs_summary *of, double value)
{
	char text[TIME_TEXT], number[NUM_TEXT];

	if (isnan(value))
		return NULL;
	if (strcmp(key, "age") == 0)
		return view_cell_age(a, (int64_t)value, view_desk_now(desk));
	if (strcmp(key, "duration") == 0) /* the store's durations are seconds */
		return view_cell_span(a, 0, (int64_t)(value * 1000));
	if (of->kind == CELL_TIME)
		return arena_strdup(a, time_local((int64_t)value, text));
	/* Parameters are shown as they were given. */
	if (runs_key_is(key, "params.") && strlen(num_shortest(value, number)) <= 10)
		return arena_strdup(a, number);
	return number_text(a, value);
}

void runs_cell_sum(const struct desk *desk, struct arena *a, const char *key, const struct runs_summary *of,
                   enum runs_sum sum, struct ui_cell *out)
{
	/* The oldest has the highest age. */
	bool age = strcmp(key, "age") == 0;
	char text[NUM_TEXT];

	out->text = NULL;
	if (of->count == 0)
		return;
	if (sum == RUNS_SUM_DISTINCT)
		out->text = arena_strdup(a, count_people(of->distinct, text));
	else if (sum == RUNS_SUM_MEDIAN)
		out->text = of->kind == CELL_TEXT ? "" : sum_text(desk, a, key, of, of->median);
	else if (of->kind == CELL_TEXT)
		out->text = sum == RUNS_SUM_MIN ? of->first : of->last;
	else
		out->text = sum_text(desk, a, key, of, (sum == RUNS_SUM_MIN) != age ? of->min : of->max);
}
