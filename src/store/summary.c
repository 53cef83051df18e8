/* What a column has over all runs that match: for the line under the head of a table. */
#include <math.h>
#include <stdlib.h>

#include "order.h"

struct column {
	double *numbers; /* that are not NaN */
	size_t count, cap;
	size_t nans, texts; /* runs */
	struct intern different;
	bool times;
};

static void add(void *user, size_t at, const struct runs_cell *cell)
{
	struct column *c = user;

	(void)at;
	if (cell->kind == CELL_TEXT) {
		c->texts++;
		intern_add(&c->different, cell->text, strlen(cell->text));
		return;
	}
	c->times = cell->kind == CELL_TIME;
	if (isnan(cell->number)) {
		c->nans++;
		return;
	}
	c->numbers = vec_reserve(c->numbers, &c->cap, c->count + 1, sizeof(*c->numbers));
	c->numbers[c->count++] = cell->number;
}

/* Where numbers and texts are mixed, all are texts. */
static void add_text(void *user, size_t at, const struct runs_cell *cell)
{
	struct column *c = user;

	(void)at;
	c->texts++;
	intern_add(&c->different, cell->text, strlen(cell->text));
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void numbers_summed(struct column *c, struct runs_summary *out)
{
	bool sorted = true;

	out->kind = c->times ? CELL_TIME : CELL_NUMBER;
	out->count = (int64_t)(c->count + c->nans);
	out->distinct = c->nans > 0;
	if (!c->count)
		return;
	for (size_t i = 1; i < c->count && sorted; i++)
		sorted = c->numbers[i - 1] <= c->numbers[i];
	if (!sorted)
		qsort(c->numbers, c->count, sizeof(*c->numbers), by_value);
	for (size_t i = 0; i < c->count; i++)
		out->distinct += i == 0 || c->numbers[i] != c->numbers[i - 1];
	out->min = c->numbers[0];
	out->median = c->numbers[(c->count - 1) / 2];
	out->max = c->numbers[c->count - 1];
}

static void texts_summed(const struct column *c, struct arena *mem, struct runs_summary *out)
{
	const char *first = NULL, *last = NULL;

	out->kind = CELL_TEXT;
	out->count = (int64_t)c->texts;
	out->distinct = (int64_t)c->different.count;
	for (uint32_t i = 0; i < c->different.count; i++) {
		const char *text = intern_text(&c->different, i);

		first = !first || strcmp(text, first) < 0 ? text : first;
		last = !last || strcmp(text, last) > 0 ? text : last;
	}
	out->first = arena_strdup(mem, first);
	out->last = arena_strdup(mem, last);
}

static int sum_up(const struct gather *g, const struct field *f, struct arena *mem, struct runs_summary *out,
                  struct error *err)
{
	struct column c = {0};
	int result;

	*out = (struct runs_summary){.kind = CELL_NONE, .min = NAN, .median = NAN, .max = NAN};
	intern_init(&c.different);
	result = gather_column(g, f, false, add, &c, err);
	if (!result && c.texts && c.count) {
		intern_release(&c.different);
		intern_init(&c.different);
		c.texts = 0;
		result = gather_column(g, f, true, add_text, &c, err);
	}
	if (!result && c.texts)
		texts_summed(&c, mem, out);
	else if (!result && c.count + c.nans)
		numbers_summed(&c, out);
	intern_release(&c.different);
	free(c.numbers);
	return result;
}

int store_runs_summary(struct store *s, const struct runs_query *q, struct arena *mem,
                       struct runs_summary **out, struct error *err)
{
	struct field *columns;
	struct gather g;
	int result;

	if (columns_parse(q, mem, &columns, err) || store_enter_read(s, err))
		return -1;
	*out = arena_array(mem, q->column_count ? q->column_count : 1, sizeof(**out));
	result = gather_runs(s, q, mem, &g, err);
	for (size_t i = 0; i < q->column_count && !result; i++)
		result = sum_up(&g, &columns[i], mem, &(*out)[i], err);
	gather_release(&g);
	store_leave_read(s);
	return result;
}
