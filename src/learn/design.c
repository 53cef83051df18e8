/* A table's rows as an encoding sees them: bound once, handed out in blocks. */
#include <float.h>
#include <math.h>

#include "assay/learn.h"
#include "inside.h"

/* NULL if the column can serve the feature, else what is asked for. */
static const char *wanted_type(const struct feature *f, const struct column *c, size_t rows)
{
	if (c->missing == rows)
		return NULL; /* nothing in it, whatever its type was taken for */
	if (f->categorical)
		return c->type == COLUMN_TIME || c->type == COLUMN_NUM ? "a category" : NULL;
	if (!c->values)
		return f->type == COLUMN_BOOL ? "true or false" : "a number";
	if (f->type == COLUMN_BOOL)
		return c->type == COLUMN_BOOL ? NULL : "true or false";
	return c->type == COLUMN_INT || c->type == COLUMN_NUM ? NULL : "a number";
}

size_t encoder_check(const struct encoder *e, const struct table *t, struct str *problems)
{
	size_t found = 0;
	for (size_t i = 0; i < e->feature_count; i++) {
		const struct feature *f = &e->features[i];
		long at = table_find(t, f->name);
		const char *wanted = at < 0 ? NULL : wanted_type(f, &t->columns[at], t->row_count);
		if (at < 0)
			str_addf(problems, "column \"%s\" is missing\n", f->name);
		else if (wanted)
			str_addf(problems, "column \"%s\" is %s, the model needs %s (it learnt from %s)\n", f->name,
			         column_type_name(t->columns[at].type), wanted, column_type_name(f->type));
		found += at < 0 || wanted;
	}
	return found;
}

struct binding {
	struct design *design;
	const struct table *table;
	size_t *missing, *unseen, *infinite_at; /* by feature; infinite_at: row + 1 */
};

static size_t row_of(const struct design *d, size_t i)
{
	return d->rows ? d->rows[i] : i;
}

static void bind_number(const struct binding *b, size_t at, const struct column *c)
{
	struct design *d = b->design;
	size_t odd = 0;
	d->values[at] = c->values;
	for (size_t i = 0; i < d->n; i++)
		odd += !(fabs(c->values[row_of(d, i)]) <= DBL_MAX);
	for (size_t i = 0; i < d->n && odd; i++) {
		double x = c->values[row_of(d, i)];
		if (isnan(x))
			b->missing[at]++;
		else if (isinf(x) && !b->infinite_at[at])
			b->infinite_at[at] = row_of(d, i) + 1;
	}
}

static uint32_t level_for(const struct feature *f, const struct intern *kept, const char *bytes, size_t len)
{
	uint32_t found = intern_find(kept, bytes, len);
	return found != INTERN_NONE ? found : f->other ? (uint32_t)f->level_count : NO_LEVEL;
}

static void bind_category(const struct binding *b, size_t at, const struct column *c)
{
	struct design *d = b->design;
	const struct feature *f = &d->encoder->features[at];
	uint32_t if_missing = f->missing ? (uint32_t)(f->level_count + f->other) : NO_LEVEL;
	struct intern kept;
	intern_init(&kept);
	for (size_t i = 0; i < f->level_count; i++)
		intern_add(&kept, f->levels[i].bytes, f->levels[i].len);

	uint32_t *by_code = NULL;
	if (c->codes) {
		by_code = xcalloc(c->dict->count + 1, sizeof *by_code);
		for (uint32_t code = 0; code < c->dict->count; code++)
			by_code[code] = level_for(f, &kept, c->dict->entries[code].bytes, c->dict->entries[code].len);
	}
	uint32_t *level = xcalloc(d->n + 1, sizeof *level);
	struct str cell;
	str_init(&cell);
	for (size_t i = 0; i < d->n; i++) {
		size_t row = row_of(d, i);
		if (column_is_missing(c, row)) {
			level[i] = if_missing;
			b->missing[at]++;
			continue;
		}
		if (by_code) {
			level[i] = by_code[c->codes[row]];
		} else {
			str_clear(&cell);
			column_cell(c, row, &cell);
			level[i] = level_for(f, &kept, cell.data, cell.len);
		}
		b->unseen[at] += level[i] == NO_LEVEL || level[i] == f->level_count;
	}
	str_release(&cell);
	free(by_code);
	intern_release(&kept);
	d->levels[at] = level;
}

static void bind(void *user, size_t at)
{
	const struct binding *b = user;
	const struct feature *f = &b->design->encoder->features[at];
	const struct column *c = &b->table->columns[table_find(b->table, f->name)];
	if (f->categorical)
		bind_category(b, at, c);
	else if (c->values)
		bind_number(b, at, c);
	else
		b->missing[at] = b->design->n; /* a column of nothing: values stays NULL */
}

int design_open(struct design *d, const struct encoder *e, const struct table *t, const size_t *rows,
                size_t n, int threads, struct error *err)
{
	*d = (struct design){.encoder = e, .n = n, .rows = rows};
	d->values = xcalloc(e->feature_count + 1, sizeof *d->values);
	d->levels = xcalloc(e->feature_count + 1, sizeof *d->levels);
	d->gaps = xcalloc(e->feature_count + 1, sizeof *d->gaps);
	size_t *counts = xcalloc(3 * e->feature_count + 1, sizeof *counts);
	struct binding b = {d, t, counts, counts + e->feature_count, counts + 2 * e->feature_count};
	int rc = 0;
	parallel_chunks(e->feature_count, threads, bind, &b);
	for (size_t i = 0; i < e->feature_count; i++) {
		d->missing += b.missing[i];
		d->gaps[i] = b.missing[i] > 0;
		d->unseen += b.unseen[i];
		if (b.infinite_at[i] && rc == 0)
			rc = error_set(err, ERR_USAGE, "column \"%s\" is infinite in row %zu: mend it",
			               e->features[i].name, b.infinite_at[i]);
	}
	free(counts);
	if (rc)
		design_release(d);
	return rc;
}

void design_release(struct design *d)
{
	for (size_t i = 0; d->levels && i < d->encoder->feature_count; i++)
		free(d->levels[i]);
	free(d->levels);
	free(d->values);
	free(d->gaps);
	*d = (struct design){0};
}

/* The values that the next block will ask for: so many columns at once are beyond what the machine foresees.
 */
static void foresee(const double *next, size_t left)
{
	for (size_t i = 0; i < DESIGN_ROWS && i < left; i += 8)
		__builtin_prefetch(next + i, 0, 2);
}

/* One feature's values of a block of rows, one after the other. */
static const double *gather(const struct design *d, size_t feature, size_t at, size_t count, double *room)
{
	const double *values = d->values[feature];
	if (values && !d->rows)
		return values + at;
	if (values &&
	    d->rows[at + count - 1] - d->rows[at] == count - 1) { /* rows rise, so these are neighbours */
		foresee(values + d->rows[at] + count, d->n - at - count);
		return values + d->rows[at];
	}
	for (size_t i = 0; i < count; i++)
		room[i] = values ? values[d->rows[at + i]] : (double)NAN;
	return room;
}

static void dense_number(const struct design *d, size_t feature, const double *values, size_t count,
                         double shift, double factor, double *out, size_t stride)
{
	const struct feature *f = &d->encoder->features[feature];
	if (!d->gaps[feature]) {
		for (size_t i = 0; i < count; i++)
			out[i * stride] = (values[i] - shift) * factor;
	} else {
		for (size_t i = 0; i < count; i++)
			out[i * stride] = ((isnan(values[i]) ? f->fill : values[i]) - shift) * factor;
	}
	for (size_t i = 0; i < count && f->indicator; i++)
		out[i * stride + 1] = isnan(values[i]);
}

void design_dense(const struct design *d, size_t at, size_t count, const double *shift, const double *factor,
                  double *out, size_t stride)
{
	const struct encoder *e = d->encoder;
	double room[DESIGN_ROWS];
	for (size_t j = 0; j < e->feature_count; j++) {
		const struct feature *f = &e->features[j];
		if (!f->categorical) {
			dense_number(d, j, gather(d, j, at, count, room), count, shift ? shift[f->first] : 0,
			             factor ? factor[f->first] : 1, out + f->first, stride);
			continue;
		}
		for (size_t i = 0; i < count; i++) {
			double *row = out + i * stride + f->first;
			uint32_t level = d->levels[j][at + i];
			memset(row, 0, f->width * sizeof *row);
			if (level != NO_LEVEL && level >= f->reference)
				row[level - f->reference] = 1;
		}
	}
}

void design_sparse(const struct design *d, size_t **row_start, uint32_t **column, float **value)
{
	const struct encoder *e = d->encoder;
	size_t at = 0, most = size_mul(d->n, e->feature_count);
	*row_start = xreallocarray(NULL, size_add(d->n, 1), sizeof **row_start);
	*column = xreallocarray(NULL, size_add(most, 1), sizeof **column);
	*value = xreallocarray(NULL, size_add(most, 1), sizeof **value);
	for (size_t i = 0; i < d->n; i++) {
		(*row_start)[i] = at;
		size_t row = row_of(d, i);
		for (size_t j = 0; j < e->feature_count; j++) {
			const struct feature *f = &e->features[j];
			double x = f->categorical || !d->values[j] ? (double)NAN : d->values[j][row];
			uint32_t level = f->categorical ? d->levels[j][i] : NO_LEVEL;
			if (isnan(x) && level == NO_LEVEL)
				continue;
			(*column)[at] = (uint32_t)(f->first + (f->categorical ? level : 0));
			(*value)[at++] = f->categorical ? 1.0F : (float)x;
		}
	}
	(*row_start)[d->n] = at;
}
