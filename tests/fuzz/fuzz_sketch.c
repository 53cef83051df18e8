/* Texts of sketches from any bytes: what is taken has that very text, can be read out and joined with
 * itself. And any bytes as a column: in two halves, the other way round and through their text it is the
 * same column. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "assay/stats_sketch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 32 };

static void same(const struct str *a, const struct str *b, const char *what)
{
	if (a->len != b->len || memcmp(a->data, b->data, a->len))
		bug("sketch: %s is another text", what);
}

/* Nothing is said of numbers that could not be; joined with itself it is a sketch again. */
static void look_at_numbers(struct number_sketch *s)
{
	struct stats_runs r;
	struct estimate e;
	struct fences f;
	struct steps steps;
	struct number_count top[MOST];
	uint64_t counts[10], astray, rows = number_sketch_rows(s);
	double edges[11], weighted[3];

	number_sketch_runs(s, &r);
	if (stats_runs_rows(&r) != rows)
		bug("sketch: cells of other rows");
	stats_runs_mad(&r, &e);
	stats_runs_quantile(&r, 0.3, &e);
	/* Values whose distance is no double have no quantile between them. */
	if (rows && isfinite(r.high[r.count - 1] - r.low[0]) &&
	    !(r.low[0] <= e.low && e.low <= e.high && e.high <= r.high[r.count - 1]))
		bug("sketch: a quantile beyond the values");
	stats_runs_fences(&r, &f, &astray);
	stats_runs_steps(&r, &steps);
	stats_runs_bin_count(&r);
	stats_edges(rows ? r.low[0] : 0, rows ? r.high[r.count - 1] : 1, 10, edges);
	stats_runs_histogram(&r, edges, 10, counts, &astray);
	if (r.weight) {
		stats_runs_weighted(&r, (const double[]){0, 0.5, 1}, 3, weighted);
		stats_runs_weighted_bins(&r, edges, 10, edges);
	}
	number_sketch_distinct(s, &e);
	for (size_t i = number_sketch_top(s, top, MOST, &astray); i-- > 0;)
		if (!isfinite(top[i].value) || top[i].count > rows)
			bug("sketch: a frequent value that is not there");
}

static void read_numbers(const char *text, size_t len)
{
	struct str once, again;
	struct number_sketch *s = number_sketch_parse(text, len, NULL), *other;

	if (!s)
		return;
	str_init(&once);
	str_init(&again);
	str_add(&once, text, len);
	number_sketch_text(s, &again);
	same(&once, &again, "what was read");
	look_at_numbers(s);
	other = number_sketch_parse(text, len, NULL);
	if (number_sketch_rows(s) < INT64_MAX / 2) {
		number_sketch_merge(s, other);
		look_at_numbers(s);
	}
	number_sketch_free(other);
	number_sketch_free(s);
	str_release(&once);
	str_release(&again);
}

static void read_texts(const char *text, size_t len)
{
	struct str once, again;
	struct text_sketch *s = text_sketch_parse(text, len, NULL), *other;
	struct text_count top[MOST];
	struct estimate e;
	uint64_t error;

	if (!s)
		return;
	str_init(&once);
	str_init(&again);
	str_add(&once, text, len);
	text_sketch_text(s, &again);
	same(&once, &again, "what was read");
	other = text_sketch_parse(text, len, NULL);
	if (text_sketch_rows(s) < INT64_MAX / 2)
		text_sketch_merge(s, other);
	text_sketch_top(s, top, MOST, &error);
	text_sketch_distinct(s, &e);
	text_sketch_free(other);
	text_sketch_free(s);
	str_release(&once);
	str_release(&again);
}

static void column_of_numbers(const uint8_t *data, size_t size, bool weighted)
{
	size_t n = size / sizeof(double), half = n / 3;
	double *x = xcalloc(n + 1, sizeof(*x)), *w = xcalloc(n + 1, sizeof(*w));
	struct number_sketch *whole = number_sketch_new(16, weighted), *a = number_sketch_new(40, weighted),
	                     *b = number_sketch_new(16, weighted);
	struct str expected, got;

	memcpy(x, data, n * sizeof(*x));
	for (size_t i = 0; i < n; i++)
		w[i] = fabs(x[i]) < 1e15 ? fabs(x[i]) : 1;
	number_sketch_add(whole, x, NULL, weighted ? w : NULL, n);
	number_sketch_add(a, x + half, NULL, weighted ? w + half : NULL, n - half);
	for (size_t i = half; i-- > 0;)
		number_sketch_add(b, x + i, NULL, weighted ? w + i : NULL, 1);
	number_sketch_merge(a, b);
	str_init(&expected);
	str_init(&got);
	number_sketch_text(whole, &expected);
	number_sketch_text(a, &got);
	same(&expected, &got, "a column in parts");
	read_numbers(expected.data, expected.len);
	look_at_numbers(whole);
	number_sketch_free(whole);
	number_sketch_free(a);
	number_sketch_free(b);
	str_release(&expected);
	str_release(&got);
	free(x);
	free(w);
}

/* Texts end at a blank or a line end. */
static void column_of_texts(const char *data, size_t size)
{
	struct text_sketch *whole = text_sketch_new(16, 200), *a = text_sketch_new(16, 300),
	                   *b = text_sketch_new(30, 200);
	struct str expected, got;
	size_t rows = 0;

	for (size_t from = 0, to; from < size; from = to + 1) {
		for (to = from; to < size && data[to] != ' ' && data[to] != '\n'; to++)
			;
		text_sketch_add(whole, data + from, to - from, 1);
		text_sketch_add(rows++ % 3 ? a : b, data + from, to - from, 1);
	}
	text_sketch_merge(b, a);
	str_init(&expected);
	str_init(&got);
	text_sketch_text(whole, &expected);
	text_sketch_text(b, &got);
	same(&expected, &got, "a column in parts");
	read_texts(expected.data, expected.len);
	text_sketch_free(whole);
	text_sketch_free(a);
	text_sketch_free(b);
	str_release(&expected);
	str_release(&got);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text;

	read_numbers((const char *)data, size);
	read_texts((const char *)data, size);
	/* A search finds its way through what is written in base64 if it need not write that. */
	str_init(&text);
	base64_encode(data, size, &text);
	read_numbers(text.data, text.len);
	read_texts(text.data, text.len);
	str_release(&text);
	column_of_numbers(data, size, false);
	column_of_numbers(data, size, true);
	column_of_texts((const char *)data, size);
	return 0;
}
