/* Columns that are the same, or nearly, or the same but for their scale or their names of categories. */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "relation.h"

enum { BLOCK = 4096 };

/* A share of 1 in so many may differ. */
enum { NEARLY = 100 };

/* The commonest value of a column, missing among them. */
struct common {
	double value; /* NaN: missing */
	uint32_t code;
	size_t count;
};

struct same_work {
	const struct table *table;
	const size_t *columns;
	size_t count;
	size_t *pair_rows; /* by pair: rows that are alike, or 0 */
	atomic_size_t next;
	struct progress *progress;
};

static bool is_alike(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static void common_number(const struct column *c, size_t n, struct common *out)
{
	double *sorted = xmalloc(size_mul(n + 1, sizeof(*sorted)));
	size_t finite, high = 0, low = 0;

	*out = (struct common){.value = (double)NAN, .count = c->missing};
	column_block(c, 0, n, sorted);
	for (size_t i = 0; i < n; i++) {
		high += sorted[i] == (double)INFINITY;
		low += sorted[i] == -(double)INFINITY;
	}
	finite = stats_finite(sorted, n, sorted);
	if (high > out->count)
		*out = (struct common){.value = (double)INFINITY, .count = high};
	if (low > out->count)
		*out = (struct common){.value = -(double)INFINITY, .count = low};
	stats_sort(sorted, finite);
	for (size_t i = 0, end; i < finite; i = end) {
		for (end = i + 1; end < finite && sorted[end] == sorted[i]; end++)
			;
		if (end - i > out->count)
			*out = (struct common){.value = sorted[i], .count = end - i};
	}
	free(sorted);
}

static void common_code(const struct column *c, size_t n, struct common *out)
{
	uint32_t k = (uint32_t)c->dict->count;
	size_t *counts = xcalloc((size_t)k + 1, sizeof(*counts));

	*out = (struct common){.code = CODE_MISSING, .count = c->missing};
	for (size_t i = 0; i < n; i++)
		if (c->codes[i] != CODE_MISSING)
			counts[c->codes[i]]++;
	for (uint32_t i = 0; i < k; i++)
		if (counts[i] > out->count)
			*out = (struct common){.code = i, .count = counts[i]};
	free(counts);
}

/* Rows that differ; stops where too many do. */
static size_t differing_numbers(const struct column *a, const struct column *b, size_t n, size_t most)
{
	double x[BLOCK], y[BLOCK];
	size_t differ = 0;

	for (size_t from = 0; from < n && differ <= most; from += BLOCK) {
		size_t rows = n - from < BLOCK ? n - from : BLOCK;

		column_block(a, from, rows, x);
		column_block(b, from, rows, y);
		for (size_t i = 0; i < rows; i++)
			differ += !is_alike(x[i], y[i]);
	}
	return differ;
}

static size_t differing_codes(const struct column *a, const struct column *b, size_t n, size_t most)
{
	size_t differ = 0;
	/* Codes of b as those of a, each looked up when it is met first: most pairs end soon. A value that a lacks is like
	 * nothing in it. */
	const uint32_t unknown = INTERN_NONE - 1;
	uint32_t *as = xmalloc(size_mul(b->dict->count + 1, sizeof(*as)));

	for (size_t k = 0; k < b->dict->count; k++)
		as[k] = unknown;
	for (size_t from = 0; from < n && differ <= most; from += BLOCK)
		for (size_t i = from; i < n && i < from + BLOCK; i++) {
			uint32_t code = b->codes[i];

			if (code != CODE_MISSING) {
				const struct intern_entry *e = &b->dict->entries[code];

				if (as[code] == unknown) {
					uint32_t there = intern_find(a->dict, e->bytes, e->len);

					as[code] = there == INTERN_NONE ? (uint32_t)a->dict->count : there;
				}
				code = as[code];
			}
			differ += a->codes[i] != code;
		}
	free(as);
	return differ;
}

/* Rows in which both hold the value that is commonest in a. */
static size_t plain_rows(const struct column *a, const struct column *b, size_t n)
{
	struct common common;
	size_t plain = 0;

	if (!a->codes) {
		common_number(a, n, &common);
		for (size_t i = 0; i < n; i++)
			plain +=
			    is_alike(column_number(a, i), common.value) && is_alike(column_number(b, i), common.value);
		return plain;
	}
	common_code(a, n, &common);
	if (common.code == CODE_MISSING) {
		for (size_t i = 0; i < n; i++)
			plain += a->codes[i] == CODE_MISSING && b->codes[i] == CODE_MISSING;
		return plain;
	}
	const struct intern_entry *e = &a->dict->entries[common.code];
	const uint32_t there = intern_find(b->dict, e->bytes, e->len);

	for (size_t i = 0; i < n && there != INTERN_NONE; i++)
		plain += a->codes[i] == common.code && b->codes[i] == there;
	return plain;
}

static size_t rows_alike(const struct same_work *w, size_t i, size_t j)
{
	const struct column *a = &w->table->columns[w->columns[i]], *b = &w->table->columns[w->columns[j]];
	const size_t n = w->table->row_count, most = n / NEARLY;
	size_t plain, differ;

	/* Columns that are nearly the same have nearly as many values missing. */
	if (!a->codes != !b->codes ||
	    (a->missing > b->missing ? a->missing - b->missing : b->missing - a->missing) > most)
		return 0;
	differ = a->codes ? differing_codes(a, b, n, most) : differing_numbers(a, b, n, most);
	if (differ > most)
		return 0;
	plain = plain_rows(a, b, n);
	/* Two columns that hold one value each are alike in nothing that tells. */
	return plain < n && differ <= (n - plain) / NEARLY ? n - differ : 0;
}

/* One thread: the next column with all behind it. */
static void compare_columns(void *user, size_t thread)
{
	struct same_work *w = user;
	size_t i;

	(void)thread;
	while ((i = atomic_fetch_add(&w->next, 1)) < w->count)
		for (size_t j = i + 1; j < w->count && !progress_stop(w->progress); j++) {
			w->pair_rows[i * w->count + j] = rows_alike(w, i, j);
			progress_add(w->progress, 1);
		}
}

static int by_kind(const void *a, const void *b)
{
	const struct relation_same *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->same != y->same)
		return x->same > y->same ? -1 : 1;
	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	return (x->b > y->b) - (x->b < y->b);
}

static bool is_known(const struct relations *r, size_t a, size_t b)
{
	for (size_t i = 0; i < r->same_count; i++)
		if (r->same[i].a == a && r->same[i].b == b)
			return true;
	return false;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* ---- whether chance would do it ---- */

/* A category or bools as codes, missing being beyond them. What is to be freed, or NULL. */
static uint32_t *codes_of(const struct column *c, size_t n, const uint32_t **codes, size_t *k)
{
	uint32_t *own;

	*codes = c->codes;
	*k = c->codes ? c->dict->count : 2;
	if (c->codes)
		return NULL;
	*codes = own = xmalloc(size_mul(n + 1, sizeof(*own)));
	for (size_t i = 0; i < n; i++) {
		const double value = column_number(c, i);

		own[i] = isnan(value) ? CODE_MISSING : value != 0;
	}
	return own;
}

static double chance_renamed(const struct column *a, const struct column *b, size_t n)
{
	const uint32_t *of_a, *of_b;
	size_t a_codes, b_codes;
	uint32_t *own_a = codes_of(a, n, &of_a, &a_codes), *own_b = codes_of(b, n, &of_b, &b_codes);
	const double chance = stats_association_chance(of_a, a_codes, of_b, b_codes, n);

	free(own_a);
	free(own_b);
	return chance;
}

/* One over how many orders there are of a's values in the rows in which b has one, too: n_1!…n_k! / n!. */
static double one_order(const struct column *a, const struct column *b, size_t n)
{
	double *sorted = xmalloc(size_mul(n + 1, sizeof(*sorted))), orders = 0;
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (!column_is_missing(a, i) && !column_is_missing(b, i))
			sorted[count++] = column_number(a, i);
	stats_sort(sorted, count);
	for (size_t i = 0, same = 0; i < count; i++) {
		same = i && sorted[i] == sorted[i - 1] ? same + 1 : 1;
		orders += log((double)same) - log((double)i + 1);
	}
	free(sorted);
	return exp(orders);
}

/* Where one rises (or falls) with the other throughout, how many orders do; else by Spearman's law, but no less than one
 * order: of columns that are 0 in all but one row, chance has that row be the same one in one of n. */
static double chance_linear(const struct column *a, const struct column *b, size_t n,
                            const struct relation *p)
{
	const double law = stats_rank_p(p->spearman.r * p->spearman.r, p->spearman.n, 1, 1);

	if (fabs(p->spearman.r) >= 1 - 1e-12)
		return 2 * one_order(a, b, n);
	return fmax(law, fmax(one_order(a, b, n), one_order(b, a, n)));
}

/* Every category has one number, and no two the same, in the rows in which both are there; and chance would not have it
 * so. */
static bool is_coded(const struct table *t, const struct relation *p, double most)
{
	const struct column *words = &t->columns[p->a], *numbers = &t->columns[p->b];
	double block[BLOCK], *of;
	uint32_t *both;
	size_t used = 0;
	bool one = true;

	if (!words->codes) {
		words = numbers;
		numbers = &t->columns[p->a];
	}
	if (!words->codes || numbers->codes)
		return false;
	of = xmalloc(size_mul(words->dict->count + 1, sizeof(*of)));
	both = xmalloc(size_mul(t->row_count + 1, sizeof(*both)));
	for (size_t k = 0; k < words->dict->count; k++)
		of[k] = (double)NAN;
	for (size_t from = 0; from < t->row_count && one; from += BLOCK) {
		size_t rows = t->row_count - from < BLOCK ? t->row_count - from : BLOCK;

		column_block(numbers, from, rows, block);
		for (size_t i = 0; i < rows && one; i++) {
			uint32_t code = words->codes[from + i];

			both[from + i] = isnan(block[i]) ? CODE_MISSING : code;
			if (both[from + i] == CODE_MISSING)
				continue;
			one = isnan(of[code]) || of[code] == block[i];
			of[code] = block[i];
		}
	}
	for (size_t k = 0; k < words->dict->count; k++)
		if (!isnan(of[k]))
			of[used++] = of[k];
	qsort(of, used, sizeof(*of), by_value);
	for (size_t k = 1; k < used && one; k++)
		one = of[k] != of[k - 1];
	free(of);
	/* The number says what the category does. */
	one = one && used > 1 &&
	      stats_association_chance(both, words->dict->count, both, words->dict->count, t->row_count) <= most;
	free(both);
	return one;
}

/* What the measures of the pairs say beyond that; of mixed ones it is to be looked at still (is_coded). Where no value is
 * there twice, all go one to one with all. */
static bool may_be_function(const struct relation *p, enum relation_same_kind *kind)
{
	if (p->kind == RELATION_NUMBERS) {
		*kind = SAME_LINEAR;
		return p->n > 2 && p->strength >= RELATION_SAME;
	}
	*kind = SAME_RENAMED;
	if (p->kind == RELATION_MIXED)
		return p->anova.eta2 >= RELATION_SAME && 2 * p->anova.groups <= p->n;
	return p->association.explains_a >= RELATION_SAME && p->association.explains_b >= RELATION_SAME;
}

/* Of a pair that may be one. */
static bool is_function(const struct table *t, const struct relation *p, enum relation_same_kind kind,
                        double most)
{
	const struct column *a = &t->columns[p->a], *b = &t->columns[p->b];

	if (p->kind == RELATION_MIXED)
		return is_coded(t, p, most);
	return (kind == SAME_LINEAR ? chance_linear(a, b, t->row_count, p)
	                            : chance_renamed(a, b, t->row_count)) <= most;
}

static size_t *compared_columns(const struct table *t, size_t most, size_t *count, size_t *all)
{
	size_t *columns = xcalloc(t->column_count + 1, sizeof(*columns));

	*count = *all = 0;
	for (size_t i = 0; i < t->column_count; i++) {
		if (t->columns[i].roles & ROLE_WEIGHT)
			continue;
		if (*count < most)
			columns[(*count)++] = i;
		(*all)++;
	}
	return columns;
}

void relate_same(struct relations *r, const struct table *t, size_t most, int threads,
                 struct progress *progress, struct note_list *notes)
{
	struct same_work w = {.table = t, .progress = progress};
	size_t all, found = 0, *columns = compared_columns(t, most, &w.count, &all);
	enum relation_same_kind kind;
	char a[NUM_TEXT], b[NUM_TEXT];

	if (all > w.count)
		note_add(notes, NOTE_SAME_FIRST "%s of %s", count_people((int64_t)w.count, a),
		         count_people((int64_t)all, b));
	w.columns = columns;
	w.pair_rows = xcalloc(size_mul(w.count, w.count) + 1, sizeof(*w.pair_rows));
	progress_begin(progress, "looking for equal columns", "pairs", w.count * (w.count - (w.count > 0)) / 2);
	atomic_init(&w.next, 0);
	parallel_chunks(w.count, threads, compare_columns, &w);
	for (size_t i = 0; i < w.count * w.count; i++)
		found += w.pair_rows[i] > 0;
	for (size_t i = 0; i < r->pair_count; i++)
		found += may_be_function(&r->pairs[i], &kind);
	r->same = arena_array(r->arena, found + 1, sizeof(*r->same));
	for (size_t i = 0; i < w.count; i++)
		for (size_t j = i + 1; j < w.count; j++) {
			size_t same = w.pair_rows[i * w.count + j];

			if (same)
				r->same[r->same_count++] = (struct relation_same){
				    columns[i], columns[j], same == t->row_count ? SAME_EQUAL : SAME_NEARLY, same};
		}
	for (size_t i = 0; i < r->pair_count; i++) {
		const struct relation *p = &r->pairs[i];

		if (may_be_function(p, &kind) && !is_known(r, p->a, p->b) &&
		    is_function(t, p, kind, RELATION_TELLS_P / (double)r->pair_count))
			r->same[r->same_count++] = (struct relation_same){p->a, p->b, kind, 0};
	}
	qsort(r->same, r->same_count, sizeof(*r->same), by_kind);
	free(w.pair_rows);
	free(columns);
}
