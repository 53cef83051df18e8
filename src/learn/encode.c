/* Fitting the encoding: which columns become features, and what of them is a column of the design. */
#include <float.h>
#include <math.h>

#include "assay/learn.h"
#include "inside.h"

/* What one column is like on the training rows. */
struct look {
	size_t missing, infinite_at; /* infinite_at: row + 1 */
	double mean, spread, min, max;
	uint64_t *counts; /* of a category, by code */
	size_t used;      /* codes that occur */
};

struct looking {
	const struct table *table;
	const size_t *rows;
	size_t n;
	struct look *looks;
	const char **why; /* by column: why it is no feature, or NULL */
};

static void look_at_numbers(const struct column *c, const struct looking *l, struct look *k)
{
	/* Sums around the first value, in four lanes: these numbers scale and fill, they are not reported. */
	double sums[4] = {0}, squares_of[4] = {0}, min = INFINITY, max = -INFINITY;
	size_t n = 0, first = 0, missing = 0;
	while (first < l->n && isnan(c->values[l->rows[first]]))
		first++;
	double pivot = first < l->n ? c->values[l->rows[first]] : 0;
	for (size_t i = first; i < l->n; i++) {
		double x = c->values[l->rows[i]], d = x - pivot;
		if (!(fabs(x) <= DBL_MAX)) {
			missing += isnan(x) != 0;
			if (isinf(x) && !k->infinite_at)
				k->infinite_at = l->rows[i] + 1;
			continue;
		}
		sums[n & 3] += d;
		squares_of[n++ & 3] += d * d;
		min = x < min ? x : min;
		max = x > max ? x : max;
	}
	k->missing = first + missing;
	k->min = min;
	k->max = max;
	if (n == 0)
		return;
	double sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
	double squares = (squares_of[0] + squares_of[1]) + (squares_of[2] + squares_of[3]);
	double centre = sum / (double)n;
	k->mean = pivot + centre;
	k->spread = sqrt(fmax(0, squares / (double)n - centre * centre) * ((double)n / (double)l->n));
	if (!(k->spread > 0) || !isfinite(k->spread))
		k->spread = k->max > k->min ? (k->max / 2 - k->min / 2) : 1;
}

static void look_at(void *user, size_t at)
{
	const struct looking *l = user;
	const struct column *c = &l->table->columns[at];
	struct look *k = &l->looks[at];
	if (l->why[at])
		return;
	if (c->values) {
		look_at_numbers(c, l, k);
		return;
	}
	k->counts = xcalloc(c->dict->count + 1, sizeof *k->counts);
	for (size_t i = 0; i < l->n; i++) {
		uint32_t code = c->codes[l->rows[i]];
		if (code == CODE_MISSING)
			k->missing++;
		else
			k->used += k->counts[code]++ == 0;
	}
}

/* Why the column cannot be a feature, whatever is in it; NULL if it can. */
static const char *barred(const struct column *c, size_t at, const struct encode_options *o)
{
	if (at == o->label)
		return "the label";
	for (size_t i = 0; i < o->drop_count; i++)
		if (!strcmp(c->name, o->drop[i]))
			return "dropped";
	if (c->roles & ROLE_LABEL)
		return "marked as a label";
	if (c->roles & ROLE_WEIGHT)
		return "the weight";
	if (c->roles & ROLE_ID || c->type == COLUMN_ID)
		return "an identifier";
	if (c->roles & ROLE_TIME || c->type == COLUMN_TIME)
		return "a time";
	return c->type == COLUMN_TEXT ? "free text" : NULL;
}

static const char *useless(const struct column *c, const struct look *k, size_t n)
{
	if (k->missing == n)
		return "all missing in the training part";
	if (c->values ? k->min == k->max : k->used == 1 && !k->missing)
		return "constant in the training part";
	return NULL;
}

static struct level level_of(const struct intern *dict, uint32_t code)
{
	return (struct level){dict->entries[code].bytes, dict->entries[code].len};
}

struct candidate {
	struct level level;
	uint64_t count;
};

/* Most frequent first; ties by bytes, so that the order of rows does not matter. */
static int by_frequency(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	size_t shared = x->level.len < y->level.len ? x->level.len : y->level.len;
	int order = memcmp(x->level.bytes, y->level.bytes, shared);
	return order ? order : (x->level.len > y->level.len) - (x->level.len < y->level.len);
}

static void fit_category(struct feature *f, struct arena *arena, const struct column *c, const struct look *k,
                         const struct encode_options *o)
{
	struct candidate *all = xcalloc(k->used + 1, sizeof *all);
	size_t n = 0;
	for (uint32_t code = 0; code < c->dict->count; code++)
		if (k->counts[code])
			all[n++] = (struct candidate){level_of(c->dict, code), k->counts[code]};
	qsort(all, n, sizeof *all, by_frequency);
	while (f->level_count < n && f->level_count < o->max_levels && all[f->level_count].count >= o->min_count)
		f->level_count++;
	/* One level left over would only be renamed by "(other)"; but it is rare: joined all the same. */
	f->other = f->level_count < n;
	f->missing = k->missing > 0;
	struct level *levels = arena_array(arena, f->level_count + 1, sizeof *levels);
	for (size_t i = 0; i < f->level_count; i++) {
		levels[i].len = all[i].level.len;
		levels[i].bytes = arena_memdup0(arena, all[i].level.bytes, all[i].level.len);
	}
	f->levels = levels;
	f->reference = !o->for_trees;
	free(all);
}

static void fit_feature(struct feature *f, struct arena *arena, const struct column *c, const struct look *k,
                        const struct encode_options *o)
{
	*f = (struct feature){.name = arena_strdup(arena, c->name), .type = c->type, .roles = c->roles};
	if (!c->values) {
		f->categorical = true;
		fit_category(f, arena, c, k, o);
		f->width = feature_levels(f) - f->reference;
		return;
	}
	f->indicator = k->missing && !o->for_trees;
	f->fill = o->for_trees ? (double)NAN : k->mean;
	f->spread = k->spread;
	f->width = 1 + f->indicator;
}

static void leave_out(struct encoder *e, struct arena *arena, const struct column *c, const char *why)
{
	e->left_out[e->left_out_count++] = (struct model_feature){
	    .name = arena_strdup(arena, c->name), .type = c->type, .roles = c->roles, .why = why};
}

static int assemble(struct encoder *e, struct arena *arena, const struct looking *l,
                    const struct encode_options *o, struct error *err)
{
	for (size_t at = 0; at < l->table->column_count; at++) {
		const struct column *c = &l->table->columns[at];
		const struct look *k = &l->looks[at];
		const char *why = l->why[at] ? l->why[at] : useless(c, k, l->n);
		struct feature *f = &e->features[e->feature_count];
		if (!utf8_is_valid(c->name, strlen(c->name)))
			return error_set(err, ERR_USAGE, "the name of column %zu is not UTF-8: rename it (--names)",
			                 at + 1);
		if (why) {
			leave_out(e, arena, c, why);
			continue;
		}
		if (k->infinite_at)
			return error_set(err, ERR_USAGE,
			                 "column \"%s\" is infinite in row %zu: mend it, or drop the column", c->name,
			                 k->infinite_at);
		fit_feature(f, arena, c, k, o);
		if (f->width == 0) { /* all levels rare: one level "(other)" */
			leave_out(e, arena, c, "one level in the training part");
			continue;
		}
		f->first = e->width;
		e->width += f->width;
		e->feature_count++;
	}
	if (!e->feature_count)
		return error_set(err, ERR_USAGE, "no column is left to learn from: %zu left out (first \"%s\": %s)",
		                 e->left_out_count, e->left_out[0].name, e->left_out[0].why);
	return 0;
}

int encoder_fit(struct encoder *e, struct arena *arena, const struct table *t, const size_t *rows, size_t n,
                const struct encode_options *o, struct error *err)
{
	struct looking l = {t, rows, n, xcalloc(t->column_count, sizeof *l.looks),
	                    xcalloc(t->column_count, sizeof *l.why)};
	*e = (struct encoder){.features = arena_array(arena, t->column_count, sizeof *e->features),
	                      .left_out = arena_array(arena, t->column_count, sizeof *e->left_out)};
	for (size_t at = 0; at < t->column_count; at++)
		l.why[at] = barred(&t->columns[at], at, o);
	parallel_chunks(t->column_count, o->threads, look_at, &l);
	int rc = assemble(e, arena, &l, o, err);
	for (size_t at = 0; at < t->column_count; at++)
		free(l.looks[at].counts);
	free(l.looks);
	free(l.why);
	return rc;
}

size_t feature_levels(const struct feature *f)
{
	return f->level_count + f->other + f->missing;
}

struct level feature_level(const struct feature *f, size_t at)
{
	if (at < f->level_count)
		return f->levels[at];
	if (f->other && at == f->level_count)
		return (struct level){"(other)", 7};
	return (struct level){"(missing)", 9};
}

const char *encoder_term(const struct encoder *e, size_t column, struct arena *arena)
{
	for (size_t i = 0; i < e->feature_count; i++) {
		const struct feature *f = &e->features[i];
		if (column >= f->first + f->width)
			continue;
		if (!f->categorical)
			return column == f->first ? f->name : arena_printf(arena, "%s missing", f->name);
		struct level level = feature_level(f, column - f->first + f->reference);
		struct str text;
		str_init(&text);
		str_addf(&text, "%s=", f->name);
		safe_text(&text, level.bytes, level.len, SAFE_LETTERS);
		const char *name = arena_strdup(arena, text.data);
		str_release(&text);
		return name;
	}
	bug("encoder_term: no column %zu", column);
}
